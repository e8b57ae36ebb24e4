/*
 * tests/wire/test_http.c - the libcurl transport against a server on loopback that answers well and badly: what goes out,
 * what comes in, backpressure, cancelling at any moment, failures and their words.
 */
#include "core/buffer.h"
#include "core/wire/parts.h"
#include "tests/support/server.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <netinet/in.h>

#include <cmocka.h>

#define BIG (5u * 1024 * 1024 + 1)
#define PATIENCE_MS 20000

static const neph_transport *const http = &nephi_http_transport;

/* ---- the server's answers, by path */

static void serve_big(test_connection *c)
{
    static const char piece[16384] = {'b'};
    char head[128];
    unsigned long left = strtoul(strchr(c->head, '?') + 1, NULL, 10);
    snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %lu\r\n\r\n", left);
    test_write_text(c, head);
    while (left > 0) {
        size_t size = left < sizeof piece ? left : sizeof piece;
        if (!test_write(c, piece, size))
            return;
        left -= size;
    }
}

/* The body must not come before "100 Continue". */
static void serve_continue(test_connection *c)
{
    int came_early = test_has_input(c, 200);
    test_write_text(c, "HTTP/1.1 100 Continue\r\n\r\n");
    test_read_body(c);
    test_answer(c, came_early ? "400 Early" : "200 OK", c->body);
}

static void serve_echo(test_connection *c)
{
    char *text;
    test_read_body(c);
    text = malloc(strlen(c->head) + c->body_size + 1);
    sprintf(text, "%s%s", c->head, c->body);
    test_answer(c, "200 OK", text);
    free(text);
}

typedef struct route {
    const char *path, *answer; /* as it goes out */
    int is_last;               /* the connection ends then */
} route;

static const route routes[] = {
    {" /hello",
     "HTTP/1.1 200 OK\r\nX-A: 1 \r\nX-B:\t2\r\nX-Empty:\r\nContent-Length: 5\r\n\r\nhello", 0},
    {" /redirect", "HTTP/1.1 302 Found\r\nLocation: /hello\r\nContent-Length: 2\r\n\r\nno", 0},
    {" /none", "HTTP/1.1 204 No Content\r\n\r\n", 0},
    {" /early",
     "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nok",
     0},
    {" /folded", "HTTP/1.1 200 OK\r\nX-A: 1\r\n 2\r\n\t3\r\nX-B: 4\r\nContent-Length: 2\r\n\r\nok",
     0},
    {" /chunked",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n2\r\nok\r\n0\r\nX-T: t\r\n\r\n",
     0},
    {" /gzip", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8bxy",
     0},
    {" /until-close", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end", 1},
    {" /short", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789", 1},
    {" /cut-chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nabc", 1},
    {" /garbage", "this is no HTTP\r\n\r\n", 1},
    {" /nothing", "", 1},
    {" /refuse", "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno", 1},
};

static const route *route_find(const test_connection *c)
{
    const char *path = strchr(c->head, ' ');
    for (size_t i = 0; path && i < sizeof routes / sizeof *routes; i++)
        if (strncmp(path, routes[i].path, strlen(routes[i].path)) == 0)
            return &routes[i];
    return NULL;
}

static int has_path(const test_connection *c, const char *path)
{
    const char *at = strchr(c->head, ' ');
    return at && strncmp(at + 1, path, strlen(path)) == 0;
}

/* Returns 0 when the connection is over. */
static int serve_strangely(test_connection *c)
{
    if (has_path(c, "/reset")) {
        test_write_text(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n01234");
        usleep(50000);
        test_reset(c);
        return 0;
    }
    if (has_path(c, "/stall")) {
        test_write_text(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n01234");
        test_has_input(c, PATIENCE_MS);
        return 0;
    }
    if (has_path(c, "/once") && c->requests > 1)
        return 0; /* the second request on a connection finds it dead */
    if (has_path(c, "/delay"))
        usleep(200000);
    if (has_path(c, "/417") && strstr(c->head, "\r\nExpect:"))
        return test_answer(c, "417 Expectation Failed", "");
    test_read_body(c);
    return test_answer(c, "200 OK\r\nX-A: 1", c->body_size ? c->body : "fine");
}

static int serve_one(test_connection *c)
{
    const route *found = route_find(c);
    if (found) {
        if (!found->is_last)
            test_read_body(c);
        test_write(c, found->answer, strlen(found->answer));
        return !found->is_last;
    }
    if (has_path(c, "/big"))
        serve_big(c);
    else if (has_path(c, "/echo") || has_path(c, "http://"))
        serve_echo(c);
    else if (has_path(c, "/continue"))
        serve_continue(c);
    else if (has_path(c, "/head"))
        return test_write_text(c, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nX-A: 1\r\n\r\n");
    else
        return serve_strangely(c);
    return 1;
}

static void serve(test_connection *c)
{
    while (test_read_head(c) && serve_one(c))
        ;
}

/* ---- the client */

typedef struct fixture {
    test_server server;
    void *state;
    nephi_memory memory;
} fixture;

/* One exchange and what came of it. */
typedef struct asked {
    neph_exchange exchange;
    void *state;
    char url[512];
    const char *body; /* to send; NULL with body_size: that many 'u' */
    uint64_t body_sent;
    uint64_t body_ends_at;        /* read_body says that it is over there; 0: where it is */
    int read_pauses, body_pauses; /* so many times NEPH_AGAIN, once each */
    int rewinds, resumes_at_once;
    int32_t fails; /* what fail_in returns */
    const char *fail_in, *cancel_in;
    struct asked *starts; /* when this one is done */
    const char *starts_url;
    int32_t http_status, done_status, sent;
    int status_calls, headers_done_calls, is_done;
    char headers[2048], message[600];
    uint64_t received;
    nephi_buffer reply; /* the first KiB */
} asked;

static int32_t at_callback(asked *one, const char *where)
{
    if (one->cancel_in && strcmp(one->cancel_in, where) == 0)
        http->cancel(one->state, &one->exchange);
    return one->fail_in && strcmp(one->fail_in, where) == 0 ? one->fails : 0;
}

static int64_t read_body(neph_exchange *exchange, void *data, size_t size)
{
    asked *one = exchange->user;
    int32_t rc = at_callback(one, "read_body");
    uint64_t total = one->body ? strlen(one->body) : (uint64_t)exchange->body_size, left;
    if (rc)
        return rc;
    if (one->read_pauses > 0) {
        one->read_pauses--;
        return NEPH_AGAIN;
    }
    if (one->body_ends_at && one->body_ends_at < total)
        total = one->body_ends_at;
    left = total - one->body_sent;
    if (size > left)
        size = (size_t)left;
    if (one->body)
        memcpy(data, one->body + one->body_sent, size);
    else
        memset(data, 'u', size);
    one->body_sent += size;
    return (int64_t)size;
}

static int32_t rewind_body(neph_exchange *exchange)
{
    asked *one = exchange->user;
    one->rewinds++;
    one->body_sent = 0;
    return 0;
}

static int32_t on_status(neph_exchange *exchange, int32_t http_status)
{
    asked *one = exchange->user;
    one->http_status = http_status;
    one->status_calls++;
    return at_callback(one, "on_status");
}

static int32_t on_header(neph_exchange *exchange, const char *name, const char *value)
{
    asked *one = exchange->user;
    size_t used = strlen(one->headers);
    snprintf(one->headers + used, sizeof one->headers - used, "%s=%s;", name, value);
    return at_callback(one, "on_header");
}

static int32_t on_headers_done(neph_exchange *exchange)
{
    asked *one = exchange->user;
    one->headers_done_calls++;
    return at_callback(one, "on_headers_done");
}

static int32_t on_body(neph_exchange *exchange, const void *data, size_t size)
{
    asked *one = exchange->user;
    int32_t rc = at_callback(one, "on_body");
    if (rc)
        return rc;
    if (one->body_pauses > 0) {
        one->body_pauses--;
        if (one->resumes_at_once)
            http->resume(one->state, exchange);
        return NEPH_AGAIN;
    }
    one->received += size;
    nephi_buffer_add(&one->reply, data, size);
    return 0;
}

static void ask(fixture *f, asked *one, const char *method, const char *path);

static void on_done(neph_exchange *exchange, int32_t status, const char *message, int32_t sent)
{
    asked *one = exchange->user;
    one->is_done++;
    one->done_status = status;
    one->sent = sent;
    snprintf(one->message, sizeof one->message, "%s", message ? message : "");
}

/* path: or a whole URL */
static void ask(fixture *f, asked *one, const char *method, const char *path)
{
    snprintf(one->url, sizeof one->url, "http%s://127.0.0.1:%d%s", f->server.tls ? "s" : "",
             f->server.port, path);
    if (strstr(path, "://"))
        snprintf(one->url, sizeof one->url, "%s", path);
    one->state = f->state;
    if (!one->reply.memory)
        nephi_buffer_init(&one->reply, &f->memory, BIG + 1024);
    one->exchange.size = sizeof one->exchange;
    one->exchange.method = method;
    one->exchange.url = one->url;
    if (one->body && !one->exchange.body_size)
        one->exchange.body_size = (int64_t)strlen(one->body);
    one->exchange.read_body = read_body;
    one->exchange.rewind_body = rewind_body;
    one->exchange.on_status = on_status;
    one->exchange.on_header = on_header;
    one->exchange.on_headers_done = on_headers_done;
    one->exchange.on_body = on_body;
    one->exchange.on_done = on_done;
    one->exchange.user = one;
    assert_int_equal(http->start(f->state, &one->exchange), 0);
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* One turn of a loop: waits until the transport wants to run, at most `most` milliseconds. */
static void turn(fixture *f, int64_t most)
{
    struct pollfd ready = {http->fd(f->state), POLLIN, 0};
    int64_t wait = http->timeout_ms(f->state);
    if (wait < 0 || wait > most)
        wait = most;
    poll(&ready, 1, (int)wait);
    assert_int_equal(http->dispatch(f->state), 0);
}

static void run(fixture *f, const asked *one)
{
    int64_t end = now_ms() + PATIENCE_MS;
    while (!one->is_done && now_ms() < end)
        turn(f, 100);
    assert_int_equal(one->is_done, 1);
}

static void run_for(fixture *f, int64_t ms)
{
    int64_t end = now_ms() + ms;
    while (now_ms() < end)
        turn(f, 10);
}

/* Asks and waits for the end. */
static void fetch(fixture *f, asked *one, const char *method, const char *path)
{
    ask(f, one, method, path);
    run(f, one);
}

static void asked_fini(asked *one)
{
    nephi_buffer_fini(&one->reply);
}

static void open_with(fixture *f, neph_transport_config *config)
{
    config->size = sizeof *config;
    if (f->state)
        http->close(f->state);
    f->state = NULL;
    assert_int_equal(http->open(config, &f->state), 0);
}

static int setup_kind(void **state, int kind)
{
    neph_transport_config config = {.stall_timeout_ms = PATIENCE_MS};
    fixture *f = calloc(1, sizeof *f);
    if (test_server_start(&f->server, kind, serve))
        return -1;
    nephi_memory_init(&f->memory, NULL);
    open_with(f, &config);
    *state = f;
    return 0;
}

static int setup(void **state)
{
    return setup_kind(state, TEST_SERVER_TCP);
}

static int setup_tls(void **state)
{
    return setup_kind(state, TEST_SERVER_TLS);
}

static int setup_old_tls(void **state)
{
    return setup_kind(state, TEST_SERVER_OLD_TLS);
}

static int setup_expired(void **state)
{
    return setup_kind(state, TEST_SERVER_EXPIRED);
}

static int setup_unix(void **state)
{
    return setup_kind(state, TEST_SERVER_UNIX);
}

static int teardown(void **state)
{
    fixture *f = *state;
    http->close(f->state);
    test_server_stop(&f->server);
    free(f);
    return 0;
}

/* ---- what goes out and what comes in */

static void test_http__gets_status_headers_and_body(void **state)
{
    asked one = {.body_pauses = 0};
    fetch(*state, &one, "GET", "/hello");
    assert_int_equal(one.done_status, 0);
    assert_int_equal(one.http_status, 200);
    assert_int_equal(one.status_calls, 1);
    assert_int_equal(one.headers_done_calls, 1);
    assert_string_equal(one.headers, "X-A=1;X-B=2;X-Empty=;Content-Length=5;");
    assert_string_equal(one.reply.data, "hello");
    assert_int_equal(one.sent, 1);
    assert_null(one.exchange.transport);
    asked_fini(&one);
}

static void test_http__asks_for_a_head_alone(void **state)
{
    asked one = {.body_pauses = 0}, two = {.body_pauses = 0};
    fetch(*state, &one, "HEAD", "/head");
    assert_int_equal(one.done_status, 0);
    assert_string_equal(one.headers, "Content-Length=1000;X-A=1;");
    assert_int_equal(one.received, 0);
    fetch(*state, &two, "GET", "/hello"); /* the same handle can do the other again */
    assert_string_equal(two.reply.data, "hello");
    asked_fini(&one);
    asked_fini(&two);
}

static const char *host_line(const fixture *f)
{
    static char line[64];
    snprintf(line, sizeof line, "Host: 127.0.0.1:%d\r\n", f->server.port);
    return line;
}

/* Not one header more than was given. */
static void test_http__sends_exactly_the_headers_it_was_given(void **state)
{
    static const struct {
        const char *method, *body, *headers;
    } rows[] = {
        {"GET", NULL, "X-One: 1\r\nX-Empty:\r\n"},
        {"DELETE", NULL, "X-One: 1\r\nX-Empty:\r\n"},
        {"POST", "a=1", "X-One: 1\r\nX-Empty:\r\nContent-Length: 3\r\n"},
        {"PUT", "a=1", "X-One: 1\r\nX-Empty:\r\nContent-Length: 3\r\n"},
        {"PATCH", "a=1", "X-One: 1\r\nX-Empty:\r\nContent-Length: 3\r\n"},
        {"DELETE", "a=1", "X-One: 1\r\nX-Empty:\r\nContent-Length: 3\r\n"},
        {"GET", "a=1", "X-One: 1\r\nX-Empty:\r\nContent-Length: 3\r\n"},
        {"POST", NULL, "X-One: 1\r\nX-Empty:\r\nContent-Length: 0\r\n"},
        {"PUT", NULL, "X-One: 1\r\nX-Empty:\r\nContent-Length: 0\r\n"},
        {"GET", NULL, "X-One: 1\r\nX-Empty:\r\n"},
    };
    fixture *f = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        neph_header headers[] = {{"X-One", "1"}, {"X-Empty", ""}};
        asked one = {.body = rows[i].body, .exchange = {.headers = headers, .header_count = 2}};
        char expected[512];
        snprintf(expected, sizeof expected, "%s /echo HTTP/1.1\r\n%s%s\r\n%s", rows[i].method,
                 host_line(f), rows[i].headers, rows[i].body ? rows[i].body : "");
        fetch(f, &one, rows[i].method, "/echo");
        assert_string_equal(one.reply.data, expected);
        asked_fini(&one);
    }
}

static void test_http__sends_what_it_would_suppress_if_it_is_given(void **state)
{
    neph_header headers[] = {{"Accept", "text/x"},
                             {"User-Agent", "neph/0"},
                             {"content-type", "a/b"},
                             {"Host", "elsewhere"}};
    asked one = {.body = "x", .exchange = {.headers = headers, .header_count = 4}};
    fetch(*state, &one, "POST", "/echo");
    assert_non_null(strstr(one.reply.data, "\r\nAccept: text/x\r\n"));
    assert_non_null(strstr(one.reply.data, "\r\nUser-Agent: neph/0\r\n"));
    assert_non_null(strstr(one.reply.data, "\r\ncontent-type: a/b\r\n"));
    assert_non_null(strstr(one.reply.data, "\r\nHost: elsewhere\r\n"));
    assert_null(strstr(one.reply.data, "127.0.0.1"));
    asked_fini(&one);
}

static void test_http__sends_the_url_as_it_is(void **state)
{
    static const char *const paths[] = {"/echo/../a/./b//c%2Fd%2f?x=%7e&y=+&z",
                                        "/echo/~a'(b)!*,;:@$", "/echo?",
                                        "/echo/a+b%20c?a=b?c/../d"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        asked one = {.body_pauses = 0};
        char line[512];
        fetch(*state, &one, "GET", paths[i]);
        snprintf(line, sizeof line, "GET %s HTTP/1.1\r\n", paths[i]);
        assert_int_equal(strncmp(one.reply.data, line, strlen(line)), 0);
        asked_fini(&one);
    }
}

static void test_http__sends_a_body_of_unknown_length_in_chunks(void **state)
{
    asked one = {.body = "unknown", .exchange = {.body_size = -1}};
    fetch(*state, &one, "PUT", "/echo");
    assert_int_equal(one.http_status, 200);
    assert_non_null(strstr(one.reply.data, "\r\nTransfer-Encoding: chunked\r\n"));
    assert_null(strstr(one.reply.data, "Content-Length"));
    assert_non_null(strstr(one.reply.data, "\r\n\r\nunknown"));
    asked_fini(&one);
}

static void test_http__moves_large_bodies_both_ways(void **state)
{
    asked down = {.body_pauses = 0}, up = {.exchange = {.body_size = BIG}};
    char path[64];
    snprintf(path, sizeof path, "/big?%u", BIG);
    fetch(*state, &down, "GET", path);
    assert_int_equal(down.done_status, 0);
    assert_int_equal(down.received, BIG);
    fetch(*state, &up, "PUT", "/any");
    assert_int_equal(up.done_status, 0);
    assert_int_equal(up.received, BIG);
    assert_int_equal(up.reply.data[BIG - 1], 'u');
    asked_fini(&down);
    asked_fini(&up);
}

static void test_http__refuses_what_would_be_two_headers(void **state)
{
    static const neph_header bad[] = {
        {"X", "a\r\nY: b"}, {"X", "a\nb"}, {"X\r\nY", "a"}, {"", "a"}};
    fixture *f = *state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        asked one = {.exchange = {.size = sizeof one.exchange,
                                  .method = "GET",
                                  .url = "http://127.0.0.1:1/",
                                  .headers = &bad[i],
                                  .header_count = 1}};
        assert_int_equal(http->start(f->state, &one.exchange), NEPH_INVALID);
    }
}

static void test_http__refuses_other_schemes(void **state)
{
    static const char *const urls[] = {"ftp://127.0.0.1/", "file:///etc/passwd", "127.0.0.1", ""};
    fixture *f = *state;
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        neph_exchange exchange = {.size = sizeof exchange, .method = "GET", .url = urls[i]};
        assert_int_equal(http->start(f->state, &exchange), NEPH_INVALID);
    }
}

static void test_http__follows_no_redirect(void **state)
{
    fixture *f = *state;
    asked one = {.body_pauses = 0};
    fetch(f, &one, "GET", "/redirect");
    assert_int_equal(one.http_status, 302);
    assert_string_equal(one.reply.data, "no");
    assert_int_equal(f->server.requests, 1);
    asked_fini(&one);
}

static void test_http__reads_unusual_answers(void **state)
{
    static const struct {
        const char *path, *headers, *body;
        int status;
    } rows[] = {
        {"/none", "", "", 204},
        {"/early", "X-A=1;Content-Length=2;", "ok", 200},
        {"/folded", "X-A=1 2\t3;X-B=4;Content-Length=2;", "ok", 200},
        {"/chunked", "Transfer-Encoding=chunked;Trailer=X-T;", "ok", 200},
        {"/gzip", "Content-Encoding=gzip;Content-Length=4;", "\x1f\x8bxy", 200},
        {"/until-close", "Connection=close;", "to the end", 200},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        asked one = {.body_pauses = 0};
        fetch(*state, &one, "GET", rows[i].path);
        assert_int_equal(one.done_status, 0);
        assert_int_equal(one.status_calls, 1);
        assert_int_equal(one.http_status, rows[i].status);
        assert_string_equal(one.headers, rows[i].headers);
        assert_string_equal(nephi_buffer_string(&one.reply), rows[i].body);
        asked_fini(&one);
    }
}

/* ---- connections */

static void test_http__keeps_a_connection_for_the_next_request(void **state)
{
    fixture *f = *state;
    for (int i = 0; i < 4; i++) {
        asked one = {.body = i % 2 ? "body" : NULL};
        fetch(f, &one, i % 2 ? "PUT" : "GET", "/any");
        assert_int_equal(one.done_status, 0);
        asked_fini(&one);
    }
    assert_int_equal(f->server.connections, 1);
    assert_int_equal(f->server.requests, 4);
}

static void test_http__its_sockets_are_closed_on_exec(void **state)
{
    asked one = {.body_pauses = 0};
    int seen = 0;
    fetch(*state, &one, "GET", "/hello");
    for (int fd = 3; fd < 200; fd++) {
        struct sockaddr_in address;
        socklen_t size = sizeof address;
        if (getpeername(fd, (struct sockaddr *)&address, &size) || address.sin_family != AF_INET ||
            ntohs(address.sin_port) != ((fixture *)*state)->server.port)
            continue;
        seen++;
        assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    }
    assert_int_equal(seen, 1);
    asked_fini(&one);
}

static void test_http__repeats_on_a_dead_connection_what_may_be_repeated(void **state)
{
    fixture *f = *state;
    asked first = {.body_pauses = 0}, second = {.body_pauses = 0}, put = {.body = "again"};
    fetch(f, &first, "GET", "/once");
    fetch(f, &second, "GET", "/once");
    assert_int_equal(second.done_status, 0);
    assert_int_equal(second.http_status, 200);
    fetch(f, &put, "PUT", "/once");
    assert_int_equal(put.done_status, 0);
    assert_string_equal(put.reply.data, "again");
    assert_int_equal(f->server.connections, 3);
    asked_fini(&first);
    asked_fini(&second);
    asked_fini(&put);
}

static void test_http__does_not_repeat_a_post(void **state)
{
    fixture *f = *state;
    static const char *const body[] = {NULL, "body"};
    for (int i = 0; i < 2; i++) {
        asked first = {.body_pauses = 0}, post = {.body = body[i]};
        fetch(f, &first, "GET", "/hello");
        fetch(f, &post, "POST", "/once");
        assert_int_equal(post.done_status, NEPH_NETWORK);
        assert_int_equal(post.sent, 1);
        asked_fini(&first);
        asked_fini(&post);
    }
}

static void test_http__talks_through_a_unix_socket(void **state)
{
    fixture *f = *state;
    asked one = {.exchange = {.unix_socket = f->server.path}};
    fetch(f, &one, "GET", "http://localhost/echo");
    assert_int_equal(one.done_status, 0);
    assert_non_null(strstr(one.reply.data, "\r\nHost: localhost\r\n"));
    asked_fini(&one);
}

static void test_http__names_the_socket_that_is_not_there(void **state)
{
    asked one = {.exchange = {.unix_socket = "/tmp/no/such/socket"}};
    fetch(*state, &one, "GET", "http://localhost/echo");
    assert_int_equal(one.done_status, NEPH_NETWORK);
    assert_non_null(strstr(one.message, "/tmp/no/such/socket"));
    asked_fini(&one);
}

/* ---- proxies */

static void proxy_name(const fixture *f, char *out, size_t capacity)
{
    snprintf(out, capacity, "http://127.0.0.1:%d", f->server.port);
}

static void test_http__goes_through_the_proxy_it_is_given(void **state)
{
    fixture *f = *state;
    char proxy[64];
    neph_transport_config config = {.proxy = proxy};
    asked through = {.body_pauses = 0}, around = {.exchange = {.no_proxy = 1}},
          again = {.body_pauses = 0};
    proxy_name(f, proxy, sizeof proxy);
    setenv("no_proxy", "*", 1); /* of the environment: does not count */
    open_with(f, &config);
    fetch(f, &through, "GET", "http://no-such-host.invalid/echo");
    assert_int_equal(through.done_status, 0);
    assert_non_null(strstr(through.reply.data, "GET http://no-such-host.invalid/echo HTTP/1.1"));
    fetch(f, &around, "GET", "/echo");
    assert_non_null(strstr(around.reply.data, "GET /echo HTTP/1.1"));
    fetch(f, &again, "GET", "/echo");
    assert_non_null(strstr(again.reply.data, "GET http://127.0.0.1"));
    unsetenv("no_proxy");
    asked_fini(&through);
    asked_fini(&around);
    asked_fini(&again);
}

static void test_http__looks_at_proxy_variables_only_if_it_may(void **state)
{
    fixture *f = *state;
    neph_transport_config may_not = {.use_environment = 0}, may = {.use_environment = 1};
    asked one = {.body_pauses = 0}, two = {.body_pauses = 0};
    char proxy[64];
    proxy_name(f, proxy, sizeof proxy);
    setenv("http_proxy", proxy, 1);
    open_with(f, &may_not);
    fetch(f, &one, "GET", "/echo");
    assert_non_null(strstr(one.reply.data, "GET /echo HTTP/1.1"));
    open_with(f, &may);
    fetch(f, &two, "GET", "/echo");
    assert_non_null(strstr(two.reply.data, "GET http://127.0.0.1"));
    unsetenv("http_proxy");
    asked_fini(&one);
    asked_fini(&two);
}

/* ---- 100-continue */

static void test_http__waits_for_100_continue_if_asked_to(void **state)
{
    asked one = {.body = "body", .exchange = {.expect_continue = 1}};
    fetch(*state, &one, "PUT", "/continue");
    assert_int_equal(one.http_status, 200);
    assert_string_equal(one.reply.data, "body");
    asked_fini(&one);
}

static void test_http__sends_no_body_after_a_refusal(void **state)
{
    asked one = {.exchange = {.expect_continue = 1, .body_size = BIG}};
    fetch(*state, &one, "PUT", "/refuse");
    assert_int_equal(one.done_status, 0);
    assert_int_equal(one.http_status, 403);
    assert_int_equal(one.body_sent, 0);
    assert_string_equal(one.reply.data, "no");
    asked_fini(&one);
}

static void test_http__asks_again_without_expect_after_417(void **state)
{
    static const char *const methods[] = {"PUT", "POST"};
    for (int i = 0; i < 2; i++) {
        asked one = {.body = "body", .exchange = {.expect_continue = 1}};
        fetch(*state, &one, methods[i], "/417");
        assert_int_equal(one.done_status, 0);
        assert_int_equal(one.status_calls, 1);
        assert_int_equal(one.http_status, 200);
        assert_string_equal(one.reply.data, "body");
        asked_fini(&one);
    }
}

/* ---- backpressure */

static void test_http__stops_reading_until_resume(void **state)
{
    neph_transport_config config = {.stall_timeout_ms = 150};
    fixture *f = *state;
    asked one = {.body_pauses = 1};
    char path[64];
    open_with(f, &config);
    snprintf(path, sizeof path, "/big?%u", BIG);
    ask(f, &one, "GET", path);
    for (int i = 0; i < 20; i++) { /* paused for longer than a stall may last */
        run_for(f, 20);
        assert_int_equal(one.received, 0);
        assert_false(one.is_done);
    }
    http->resume(f->state, &one.exchange);
    assert_int_equal(one.received, 0); /* not before dispatch() */
    run(f, &one);
    assert_int_equal(one.done_status, 0);
    assert_int_equal(one.received, BIG);
    asked_fini(&one);
}

static void test_http__takes_a_resume_from_inside_the_callback(void **state)
{
    asked one = {.body_pauses = 20, .resumes_at_once = 1};
    fetch(*state, &one, "GET", "/big?100000");
    assert_int_equal(one.body_pauses, 0);
    assert_int_equal(one.received, 100000);
    asked_fini(&one);
}

static void test_http__pauses_again_and_again(void **state)
{
    fixture *f = *state;
    asked one = {.body_pauses = 0};
    int64_t end = now_ms() + PATIENCE_MS;
    ask(f, &one, "GET", "/big?1000000");
    for (int i = 0; !one.is_done && now_ms() < end; i++) {
        one.body_pauses = i % 2;
        http->resume(f->state, &one.exchange);
        turn(f, 5);
    }
    assert_int_equal(one.is_done, 1);
    assert_int_equal(one.received, 1000000);
    asked_fini(&one);
}

static void test_http__waits_for_a_body_that_is_not_there_yet(void **state)
{
    fixture *f = *state;
    for (int size = -1; size < 5; size += 5) {
        asked one = {.body = "late", .read_pauses = 1, .exchange = {.body_size = size}};
        ask(f, &one, "PUT", "/any");
        run_for(f, 100);
        assert_false(one.is_done);
        http->resume(f->state, &one.exchange);
        run(f, &one);
        assert_string_equal(one.reply.data, "late");
        asked_fini(&one);
    }
}

/* ---- failures and their words */

static void assert_fails(const asked *one, int32_t status, int32_t sent, const char *words)
{
    assert_int_equal(one->done_status, status);
    assert_int_equal(one->sent, sent);
    if (!strstr(one->message, words) || strchr(one->message, '\n'))
        fail_msg("\"%s\" is not in: %s", words, one->message);
}

static void test_http__says_that_nobody_listens(void **state)
{
    asked one = {.body_pauses = 0};
    fetch(*state, &one, "GET", "http://127.0.0.1:1/");
    assert_fails(&one, NEPH_NETWORK, 0, "no connection to 127.0.0.1:1: check");
    assert_int_equal(one.exchange.is_permanent, 0);
    asked_fini(&one);
}

static void test_http__says_that_a_name_is_unknown(void **state)
{
    asked one = {.body_pauses = 0};
    fetch(*state, &one, "GET", "http://no-such-host.invalid/secret?secret");
    assert_fails(&one, NEPH_NETWORK, 0, "the name of no-such-host.invalid cannot be resolved");
    assert_null(strstr(one.message, "secret"));
    asked_fini(&one);
}

static void test_http__says_that_the_connection_was_lost(void **state)
{
    static const struct {
        const char *path, *words;
        int status;
    } rows[] = {
        {"/reset", "the connection to 127.0.0.1:", NEPH_NETWORK},
        {"/short", "lost in the middle of the body", NEPH_NETWORK},
        {"/cut-chunk", "lost in the middle of the body", NEPH_NETWORK},
        {"/nothing", "closed the connection without an answer", NEPH_NETWORK},
        {"/garbage", "does not answer in HTTP", NEPH_PROTOCOL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        asked one = {.body_pauses = 0};
        fetch(*state, &one, "GET", rows[i].path);
        assert_fails(&one, rows[i].status, 1, rows[i].words);
        asked_fini(&one);
    }
}

static void test_http__gives_up_when_nothing_moves(void **state)
{
    neph_transport_config config = {.stall_timeout_ms = 200};
    fixture *f = *state;
    asked one = {.body_pauses = 0};
    int64_t begin = now_ms();
    open_with(f, &config);
    fetch(f, &one, "GET", "/stall");
    assert_fails(&one, NEPH_TIMEOUT, 1, "sent and took nothing for 200 ms");
    assert_true(now_ms() - begin >= 200 && now_ms() - begin < 5000);
    assert_int_equal(one.received, 5);
    asked_fini(&one);
}

/* A listener whose queue is full drops what else would connect. */
static void test_http__gives_up_when_it_cannot_connect(void **state)
{
    neph_transport_config config = {.connect_timeout_ms = 200};
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    fixture *f = *state;
    asked one = {.body_pauses = 0};
    char url[64];
    int fds[6];
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    fds[0] = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fds[0], (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(fds[0], 0), 0);
    assert_int_equal(getsockname(fds[0], (struct sockaddr *)&address, &size), 0);
    for (int i = 1; i < 6; i++) {
        fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        connect(fds[i], (struct sockaddr *)&address, size);
    }
    snprintf(url, sizeof url, "http://127.0.0.1:%d/", ntohs(address.sin_port));
    open_with(f, &config);
    fetch(f, &one, "GET", url);
    assert_fails(&one, NEPH_TIMEOUT, 0, "within 200 ms");
    for (int i = 0; i < 6; i++)
        close(fds[i]);
    asked_fini(&one);
}

static void test_http__says_that_the_body_was_too_short(void **state)
{
    asked one = {.body_ends_at = 1000, .exchange = {.body_size = 5000}};
    fetch(*state, &one, "PUT", "/any");
    assert_fails(&one, NEPH_INTEGRITY, 1, "ended 4000 bytes too early");
    asked_fini(&one);
}

static const char *const callbacks[] = {"on_status", "on_header", "on_headers_done", "on_body",
                                        "read_body"};

static void test_http__hands_back_the_failure_of_a_callback(void **state)
{
    for (size_t i = 0; i < sizeof callbacks / sizeof *callbacks; i++) {
        asked one = {.body = "body", .fail_in = callbacks[i], .fails = NEPH_FILE};
        fetch(*state, &one, "PUT", "/any");
        assert_int_equal(one.done_status, NEPH_FILE);
        asked_fini(&one);
    }
}

static void test_http__refuses_half_a_config(void **state)
{
    neph_transport_config config = {.size = sizeof config - 1};
    void *transport = NULL;
    (void)state;
    assert_int_equal(http->open(&config, &transport), NEPH_INVALID);
    assert_int_equal(http->open(NULL, &transport), NEPH_INVALID);
    assert_null(transport);
}

/* ---- cancelling */

static void test_http__may_be_cancelled_in_every_callback(void **state)
{
    fixture *f = *state;
    for (size_t i = 0; i < sizeof callbacks / sizeof *callbacks; i++) {
        asked one = {.body = "body", .cancel_in = callbacks[i]}, two = {.body_pauses = 0};
        ask(f, &one, "PUT", "/any");
        fetch(f, &two, "GET", "/delay");
        assert_false(one.is_done);
        assert_null(one.exchange.transport);
        assert_int_equal(two.http_status, 200);
        asked_fini(&one);
        asked_fini(&two);
    }
}

static void test_http__may_be_cancelled_at_every_moment(void **state)
{
    fixture *f = *state;
    int was_done = 0;
    for (int turns = 0; turns < 60 && !was_done; turns++) {
        asked one = {.body = "body", .exchange = {.body_size = -1}};
        ask(f, &one, "PUT", "/any");
        for (int i = 0; i < turns && !one.is_done; i++)
            turn(f, 2);
        was_done = one.is_done;
        http->cancel(f->state, &one.exchange);
        run_for(f, 5);
        assert_int_equal(one.is_done, was_done);
        asked_fini(&one);
    }
    assert_true(was_done);
}

static void test_http__may_be_cancelled_while_paused(void **state)
{
    fixture *f = *state;
    asked one = {.body_pauses = 1};
    ask(f, &one, "GET", "/hello");
    run_for(f, 50);
    http->resume(f->state, &one.exchange);
    http->cancel(f->state, &one.exchange);
    http->resume(f->state, &one.exchange);
    http->cancel(f->state, &one.exchange);
    run_for(f, 20);
    assert_false(one.is_done);
    asked_fini(&one);
}

static void test_http__is_closed_with_exchanges_under_way(void **state)
{
    neph_transport_config config = {.stall_timeout_ms = 1000};
    fixture *f = *state;
    asked one = {.body_pauses = 0}, two = {.body_pauses = 0};
    ask(f, &one, "GET", "/stall");
    run_for(f, 50);
    ask(f, &two, "GET", "/hello");
    open_with(f, &config);
    assert_false(one.is_done || two.is_done);
    asked_fini(&one);
    asked_fini(&two);
}

/* ---- many at once */

static void test_http__carries_a_thousand_at_once(void **state)
{
    enum { MANY = 1000 };
    fixture *f = *state;
    struct rlimit files;
    asked *all = calloc(MANY, sizeof *all);
    int many = MANY;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max < 4096 ? files.rlim_max : 4096;
    setrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_cur < 2 * MANY + 100)
        many = (int)(files.rlim_cur - 100) / 2;
    for (int i = 0; i < many; i++)
        ask(f, &all[i], "GET", "/delay");
    for (int i = 0; i < many; i++)
        run(f, &all[i]);
    for (int i = 0; i < many; i++) {
        assert_int_equal(all[i].done_status, 0);
        assert_string_equal(all[i].reply.data, "fine");
        asked_fini(&all[i]);
    }
    assert_int_equal(f->server.requests, many);
    free(all);
}

static void test_http__opens_no_more_connections_than_allowed(void **state)
{
    neph_transport_config config = {.max_connections = 3};
    fixture *f = *state;
    asked all[20];
    memset(all, 0, sizeof all);
    open_with(f, &config);
    for (int i = 0; i < 20; i++)
        ask(f, &all[i], "GET", "/any");
    for (int i = 0; i < 20; i++) {
        run(f, &all[i]);
        assert_int_equal(all[i].done_status, 0);
        asked_fini(&all[i]);
    }
    assert_true(f->server.connections <= 3);
}

/* ---- TLS */

static void test_http__refuses_a_certificate_that_nobody_signed(void **state)
{
    fixture *f = *state;
    asked one = {.body_pauses = 0};
    fetch(f, &one, "GET", "/hello");
    assert_fails(&one, NEPH_NETWORK, 0, "is not trusted; set ca_file");
    assert_int_equal(one.exchange.is_permanent, 1);
    assert_int_equal(f->server.requests, 0);
    asked_fini(&one);
}

static void test_http__trusts_the_ca_file(void **state)
{
    fixture *f = *state;
    neph_transport_config config = {.ca_file = f->server.ca_file};
    asked one = {.body_pauses = 0}, two = {.body = "body"};
    open_with(f, &config);
    fetch(f, &one, "GET", "/hello");
    assert_int_equal(one.done_status, 0);
    assert_string_equal(one.reply.data, "hello");
    fetch(f, &two, "PUT", "/any");
    assert_string_equal(two.reply.data, "body");
    assert_int_equal(f->server.connections, 1);
    asked_fini(&one);
    asked_fini(&two);
}

static void test_http__refuses_a_name_the_certificate_does_not_have(void **state)
{
    fixture *f = *state;
    neph_transport_config config = {.ca_file = f->server.ca_file};
    asked one = {.body_pauses = 0};
    char url[64];
    open_with(f, &config);
    snprintf(url, sizeof url, "https://localhost:%d/hello", f->server.port);
    fetch(f, &one, "GET", url);
    assert_fails(&one, NEPH_NETWORK, 0, "is for another name: check the endpoint's spelling");
    assert_int_equal(one.exchange.is_permanent, 1);
    asked_fini(&one);
}

static void test_http__refuses_a_certificate_that_has_expired(void **state)
{
    fixture *f = *state;
    neph_transport_config config = {.ca_file = f->server.ca_file};
    asked one = {.body_pauses = 0};
    open_with(f, &config);
    fetch(f, &one, "GET", "/hello");
    assert_fails(&one, NEPH_NETWORK, 0, "has expired: its owner must renew it");
    assert_int_equal(one.exchange.is_permanent, 1);
    asked_fini(&one);
}

static void test_http__verifies_nothing_if_told_so(void **state)
{
    neph_transport_config config = {.insecure = 1};
    asked one = {.body_pauses = 0};
    open_with(*state, &config);
    fetch(*state, &one, "GET", "/hello");
    assert_string_equal(one.reply.data, "hello");
    asked_fini(&one);
}

static void test_http__says_that_the_ca_file_cannot_be_read(void **state)
{
    neph_transport_config config = {.ca_file = "/no/such/file.pem"};
    asked one = {.body_pauses = 0};
    open_with(*state, &config);
    fetch(*state, &one, "GET", "/hello");
    assert_fails(&one, NEPH_NETWORK, 0, "ca_file cannot be read");
    assert_int_equal(one.exchange.is_permanent, 1);
    asked_fini(&one);
}

static void serve_words(test_connection *c)
{
    test_write_text(c, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    test_has_input(c, 1000);
}

static void test_http__says_that_the_port_does_not_speak_tls(void **state)
{
    test_server other;
    asked one = {.body_pauses = 0};
    char url[64];
    assert_int_equal(test_server_start(&other, TEST_SERVER_TCP, serve_words), 0);
    snprintf(url, sizeof url, "https://127.0.0.1:%d/", other.port);
    fetch(*state, &one, "GET", url);
    assert_fails(&one, NEPH_NETWORK, 0, "TLS with 127.0.0.1:");
    test_server_stop(&other);
    asked_fini(&one);
}

static void test_http__refuses_tls_before_1_2(void **state)
{
    neph_transport_config config = {.insecure = 1};
    fixture *f = *state;
    asked one = {.body_pauses = 0};
    open_with(f, &config);
    fetch(f, &one, "GET", "/hello");
    assert_fails(&one, NEPH_NETWORK, 0, "TLS with 127.0.0.1:");
    assert_int_equal(f->server.requests, 0);
    asked_fini(&one);
}

/* SIGPIPE would end this program. */
static void test_http__raises_no_sigpipe(void **state)
{
    fixture *f = *state;
    neph_transport_config config = {.ca_file = f->server.ca_file};
    sigset_t before, after;
    asked one = {.exchange = {.body_size = BIG}};
    signal(SIGPIPE, SIG_DFL);
    pthread_sigmask(SIG_BLOCK, NULL, &before);
    open_with(f, &config);
    fetch(f, &one, "PUT", "/nothing"); /* closed while there is much to send */
    assert_int_not_equal(one.done_status, 0);
    pthread_sigmask(SIG_BLOCK, NULL, &after);
    assert_int_equal(sigismember(&before, SIGPIPE), sigismember(&after, SIGPIPE));
    sigpending(&after);
    assert_int_equal(sigismember(&after, SIGPIPE), 0);
    asked_fini(&one);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define TEST_ON(kind, name) cmocka_unit_test_setup_teardown(name, setup_##kind, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_http__gets_status_headers_and_body),
        TEST(test_http__asks_for_a_head_alone),
        TEST(test_http__sends_exactly_the_headers_it_was_given),
        TEST(test_http__sends_what_it_would_suppress_if_it_is_given),
        TEST(test_http__sends_the_url_as_it_is),
        TEST(test_http__sends_a_body_of_unknown_length_in_chunks),
        TEST(test_http__moves_large_bodies_both_ways),
        TEST(test_http__refuses_what_would_be_two_headers),
        TEST(test_http__refuses_other_schemes),
        TEST(test_http__follows_no_redirect),
        TEST(test_http__reads_unusual_answers),
        TEST(test_http__keeps_a_connection_for_the_next_request),
        TEST(test_http__its_sockets_are_closed_on_exec),
        TEST(test_http__repeats_on_a_dead_connection_what_may_be_repeated),
        TEST(test_http__does_not_repeat_a_post),
        TEST_ON(unix, test_http__talks_through_a_unix_socket),
        TEST(test_http__names_the_socket_that_is_not_there),
        TEST(test_http__goes_through_the_proxy_it_is_given),
        TEST(test_http__looks_at_proxy_variables_only_if_it_may),
        TEST(test_http__waits_for_100_continue_if_asked_to),
        TEST(test_http__sends_no_body_after_a_refusal),
        TEST(test_http__asks_again_without_expect_after_417),
        TEST(test_http__stops_reading_until_resume),
        TEST(test_http__takes_a_resume_from_inside_the_callback),
        TEST(test_http__pauses_again_and_again),
        TEST(test_http__waits_for_a_body_that_is_not_there_yet),
        TEST(test_http__says_that_nobody_listens),
        TEST(test_http__says_that_a_name_is_unknown),
        TEST(test_http__says_that_the_connection_was_lost),
        TEST(test_http__gives_up_when_nothing_moves),
        TEST(test_http__gives_up_when_it_cannot_connect),
        TEST(test_http__says_that_the_body_was_too_short),
        TEST(test_http__hands_back_the_failure_of_a_callback),
        TEST(test_http__refuses_half_a_config),
        TEST(test_http__may_be_cancelled_in_every_callback),
        TEST(test_http__may_be_cancelled_at_every_moment),
        TEST(test_http__may_be_cancelled_while_paused),
        TEST(test_http__is_closed_with_exchanges_under_way),
        TEST(test_http__carries_a_thousand_at_once),
        TEST(test_http__opens_no_more_connections_than_allowed),
        TEST_ON(tls, test_http__refuses_a_certificate_that_nobody_signed),
        TEST_ON(tls, test_http__trusts_the_ca_file),
        TEST_ON(tls, test_http__refuses_a_name_the_certificate_does_not_have),
        TEST_ON(expired, test_http__refuses_a_certificate_that_has_expired),
        TEST_ON(tls, test_http__verifies_nothing_if_told_so),
        TEST_ON(tls, test_http__says_that_the_ca_file_cannot_be_read),
        TEST(test_http__says_that_the_port_does_not_speak_tls),
        TEST_ON(old_tls, test_http__refuses_tls_before_1_2),
        TEST_ON(tls, test_http__raises_no_sigpipe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
