/*
 * tests/wire/test_http_failure.c - exchanges of the libcurl transport that come to no answer:
 * failures and their words, cancelling at any moment.
 */
#include "core/loop.h"
#include "tests/wire/http_stand.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <netinet/in.h>

/* ---- failures and their words */

static void test_http_failure__says_that_nobody_listens(void **state)
{
    asked one = {.body_pauses = 0};
    fetch(*state, &one, "GET", "http://127.0.0.1:1/");
    assert_fails(&one, NEPH_NETWORK, 0, "no connection to 127.0.0.1:1: check");
    assert_int_equal(one.exchange.is_permanent, 0);
    asked_fini(&one);
}

static void fetch_by(fixture *f, asked *one, const char *proxy, const char *url)
{
    neph_transport_config config = {.proxy = proxy};
    open_with(f, &config);
    fetch(f, one, "GET", url);
    assert_null(strstr(one->message, "hush"));
}

static void test_http_failure__says_that_the_proxy_may_be_why(void **state)
{
    fixture *f = *state;
    char proxy[64];
    const struct {
        const char *proxy, *url, *words;
        int status;
    } rows[] = {
        {"http://user:hush@127.0.0.1:1", "http://127.0.0.1:2/",
         "no connection to 127.0.0.1:2, or to the proxy on the way", NEPH_NETWORK},
        {"ftp://user:hush@127.0.0.1:1", "http://127.0.0.1:2/", "is of no kind that is known",
         NEPH_INVALID},
        {proxy, "https://refused.invalid/", "the proxy on the way to refused.invalid refused",
         NEPH_NETWORK},
        {proxy, "https://asked.invalid/", "wants a user and a password", NEPH_NETWORK},
    };
    snprintf(proxy, sizeof proxy, "http://user:hush@127.0.0.1:%d", f->server.port);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        asked one = {.body_pauses = 0};
        fetch_by(f, &one, rows[i].proxy, rows[i].url);
        assert_fails(&one, rows[i].status, 0, rows[i].words);
        asked_fini(&one);
    }
}

static void test_http_failure__says_that_a_name_is_unknown(void **state)
{
    asked one = {.body_pauses = 0};
    fetch(*state, &one, "GET", "http://no-such-host.invalid/secret?secret");
    assert_fails(&one, NEPH_NETWORK, 0, "the name of no-such-host.invalid cannot be resolved");
    assert_null(strstr(one.message, "secret"));
    asked_fini(&one);
}

static void test_http_failure__says_that_the_connection_was_lost(void **state)
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

static void test_http_failure__gives_up_when_nothing_moves(void **state)
{
    neph_transport_config config = {.stall_timeout_ms = 200};
    fixture *f = *state;
    asked one = {.body_pauses = 0};
    int64_t begin = nephi_loop_now_ms();
    open_with(f, &config);
    fetch(f, &one, "GET", "/stall");
    assert_fails(&one, NEPH_TIMEOUT, 1, "sent and took nothing for 200 ms");
    assert_true(nephi_loop_now_ms() - begin >= 200 && nephi_loop_now_ms() - begin < 5000);
    assert_int_equal(one.received, 5);
    asked_fini(&one);
}

/* A listener whose queue is full drops what else would connect. */
static void test_http_failure__gives_up_when_it_cannot_connect(void **state)
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

static void test_http_failure__says_that_the_body_was_too_short(void **state)
{
    asked one = {.body_ends_at = 1000, .exchange = {.body_size = 5000}};
    fetch(*state, &one, "PUT", "/any");
    assert_fails(&one, NEPH_INTEGRITY, 1, "ended 4000 bytes too early");
    asked_fini(&one);
}

static const char *const callbacks[] = {"on_status", "on_header", "on_headers_done", "on_body",
                                        "read_body"};

static void test_http_failure__hands_back_the_failure_of_a_callback(void **state)
{
    for (size_t i = 0; i < sizeof callbacks / sizeof *callbacks; i++) {
        asked one = {.body = "body", .fail_in = callbacks[i], .fails = NEPH_FILE};
        fetch(*state, &one, "PUT", "/any");
        assert_int_equal(one.done_status, NEPH_FILE);
        asked_fini(&one);
    }
}

static void test_http_failure__refuses_half_a_config(void **state)
{
    neph_transport_config config = {.size = sizeof config - 1};
    void *transport = NULL;
    (void)state;
    assert_int_equal(http->open(&config, &transport), NEPH_INVALID);
    assert_int_equal(http->open(NULL, &transport), NEPH_INVALID);
    assert_null(transport);
}

/* ---- cancelling */

static void test_http_failure__may_be_cancelled_in_every_callback(void **state)
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

static void test_http_failure__may_be_cancelled_at_every_moment(void **state)
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

static void test_http_failure__may_be_cancelled_while_paused(void **state)
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

static void test_http_failure__is_closed_with_exchanges_under_way(void **state)
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_http_failure__says_that_nobody_listens),
        TEST(test_http_failure__says_that_the_proxy_may_be_why),
        TEST(test_http_failure__says_that_a_name_is_unknown),
        TEST(test_http_failure__says_that_the_connection_was_lost),
        TEST(test_http_failure__gives_up_when_nothing_moves),
        TEST(test_http_failure__gives_up_when_it_cannot_connect),
        TEST(test_http_failure__says_that_the_body_was_too_short),
        TEST(test_http_failure__hands_back_the_failure_of_a_callback),
        TEST(test_http_failure__refuses_half_a_config),
        TEST(test_http_failure__may_be_cancelled_in_every_callback),
        TEST(test_http_failure__may_be_cancelled_at_every_moment),
        TEST(test_http_failure__may_be_cancelled_while_paused),
        TEST(test_http_failure__is_closed_with_exchanges_under_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
