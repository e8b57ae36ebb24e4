/*
 * tests/wire/test_http.c - the libcurl transport against a server on loopback: what goes out, what
 * comes in, connections and proxies, 100-continue, backpressure, many at once.
 */
#include "core/loop.h"
#include "tests/wire/http_stand.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <netinet/in.h>

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
                                        "/echo/~a'(b)!*,;:@$", "/echo/a+b%20c?a=b?c/../d"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        asked one = {.body_pauses = 0};
        char line[512];
        fetch(*state, &one, "GET", paths[i]);
        snprintf(line, sizeof line, "GET %s HTTP/1.1\r\n", paths[i]);
        assert_int_equal(strncmp(one.reply.data, line, strlen(line)), 0);
        asked_fini(&one);
    }
}

static void test_http__sends_an_empty_query_or_none(void **state)
{
    static const char with[] = "GET /echo? HTTP/1.1\r\n", without[] = "GET /echo HTTP/1.1\r\n";
    asked one = {.body_pauses = 0};
    fetch(*state, &one, "GET", "/echo?");
    assert_true(!strncmp(one.reply.data, with, sizeof with - 1) ||
                !strncmp(one.reply.data, without, sizeof without - 1)); /* as libcurl 8.14 has it */
    asked_fini(&one);
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

static void test_http__a_time_out_that_never_comes_hides_no_other(void **state)
{
    neph_transport_config config = {.stall_timeout_ms = INT64_MAX, .connect_timeout_ms = INT64_MAX};
    fixture *f = *state;
    asked silent = {0}, one = {0};
    open_with(f, &config);
    ask(f, &silent, "GET", "/stall");
    run_for(f, 50);
    assert_in_range(http->timeout_ms(f->state), 1, INT32_MAX);
    ask(f, &one, "GET", "/");
    assert_int_equal(http->timeout_ms(f->state), 0);
    run(f, &one);
    assert_int_equal(one.done_status, 0);
    asked_fini(&one);
    asked_fini(&silent);
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
    int64_t end = nephi_loop_now_ms() + PATIENCE_MS;
    ask(f, &one, "GET", "/big?1000000");
    for (int i = 0; !one.is_done && nephi_loop_now_ms() < end; i++) {
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_http__gets_status_headers_and_body),
        TEST(test_http__asks_for_a_head_alone),
        TEST(test_http__sends_exactly_the_headers_it_was_given),
        TEST(test_http__sends_what_it_would_suppress_if_it_is_given),
        TEST(test_http__sends_the_url_as_it_is),
        TEST(test_http__sends_an_empty_query_or_none),
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
        TEST(test_http__a_time_out_that_never_comes_hides_no_other),
        TEST(test_http__takes_a_resume_from_inside_the_callback),
        TEST(test_http__pauses_again_and_again),
        TEST(test_http__waits_for_a_body_that_is_not_there_yet),
        TEST(test_http__carries_a_thousand_at_once),
        TEST(test_http__opens_no_more_connections_than_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
