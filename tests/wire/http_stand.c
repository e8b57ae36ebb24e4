/*
 * tests/wire/http_stand.c - the server's answers, by path, and the exchanges that a test of the
 * transport makes with it.
 */
#include "tests/wire/http_stand.h"

#include "core/loop.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const neph_transport *const http = &nephi_http_transport;

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
    size_t size;
    char *text;
    test_read_body(c);
    size = strlen(c->head) + c->body_size + 1;
    text = malloc(size);
    snprintf(text, size, "%s%s", c->head, c->body);
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
    {" refused.invalid:443", "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", 1},
    {" asked.invalid:443", "HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n", 1},
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

static void on_done(neph_exchange *exchange, int32_t status, const char *message, int32_t sent)
{
    asked *one = exchange->user;
    one->is_done++;
    one->done_status = status;
    one->sent = sent;
    snprintf(one->message, sizeof one->message, "%s", message ? message : "");
}

void ask(fixture *f, asked *one, const char *method, const char *path)
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

void turn(fixture *f, int64_t most)
{
    struct pollfd ready = {http->fd(f->state), POLLIN, 0};
    int64_t wait = http->timeout_ms(f->state);
    if (wait < 0 || wait > most)
        wait = most;
    poll(&ready, 1, (int)wait);
    assert_int_equal(http->dispatch(f->state), 0);
}

void run(fixture *f, const asked *one)
{
    int64_t end = nephi_loop_now_ms() + PATIENCE_MS;
    while (!one->is_done && nephi_loop_now_ms() < end)
        turn(f, 100);
    assert_int_equal(one->is_done, 1);
}

void run_for(fixture *f, int64_t ms)
{
    int64_t end = nephi_loop_now_ms() + ms;
    while (nephi_loop_now_ms() < end)
        turn(f, 10);
}

void fetch(fixture *f, asked *one, const char *method, const char *path)
{
    ask(f, one, method, path);
    run(f, one);
}

void asked_fini(asked *one)
{
    nephi_buffer_fini(&one->reply);
}

void open_with(fixture *f, neph_transport_config *config)
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

int setup(void **state)
{
    return setup_kind(state, TEST_SERVER_TCP);
}

int setup_tls(void **state)
{
    return setup_kind(state, TEST_SERVER_TLS);
}

int setup_old_tls(void **state)
{
    return setup_kind(state, TEST_SERVER_OLD_TLS);
}

int setup_expired(void **state)
{
    return setup_kind(state, TEST_SERVER_EXPIRED);
}

int setup_unix(void **state)
{
    return setup_kind(state, TEST_SERVER_UNIX);
}

int teardown(void **state)
{
    fixture *f = *state;
    http->close(f->state);
    test_server_stop(&f->server);
    free(f);
    return 0;
}

void assert_fails(const asked *one, int32_t status, int32_t sent, const char *words)
{
    assert_int_equal(one->done_status, status);
    assert_int_equal(one->sent, sent);
    if (!strstr(one->message, words) || strchr(one->message, '\n'))
        fail_msg("\"%s\" is not in: %s", words, one->message);
}
