/*
 * tests/wire/test_http_tls.c - the libcurl transport over TLS: which certificates it takes,
 * which it refuses and in which words.
 */
#include "tests/wire/http_stand.h"

#include <signal.h>
#include <stdio.h>

static void test_http_tls__refuses_a_certificate_that_nobody_signed(void **state)
{
    fixture *f = *state;
    test_server
        stranger; /* the only one trusted, so that it is not up to this machine's certificates */
    asked one = {.body_pauses = 0};
    assert_int_equal(test_server_start(&stranger, TEST_SERVER_TLS, NULL), 0);
    open_with(f, &(neph_transport_config){.ca_file = stranger.ca_file});
    fetch(f, &one, "GET", "/hello");
    assert_fails(&one, NEPH_NETWORK, 0, "is not trusted; set ca_file");
    assert_int_equal(one.exchange.is_permanent, 1);
    assert_int_equal(f->server.requests, 0);
    test_server_stop(&stranger);
    asked_fini(&one);
}

static void test_http_tls__trusts_the_ca_file(void **state)
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

static void test_http_tls__refuses_a_name_the_certificate_does_not_have(void **state)
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

static void test_http_tls__refuses_a_certificate_that_has_expired(void **state)
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

static void test_http_tls__verifies_nothing_if_told_so(void **state)
{
    neph_transport_config config = {.insecure = 1};
    asked one = {.body_pauses = 0};
    open_with(*state, &config);
    fetch(*state, &one, "GET", "/hello");
    assert_string_equal(one.reply.data, "hello");
    asked_fini(&one);
}

static void test_http_tls__says_that_the_ca_file_cannot_be_read(void **state)
{
    neph_transport_config config = {.ca_file = "/no/such/file.pem"};
    asked one = {.body_pauses = 0};
    open_with(*state, &config);
    fetch(*state, &one, "GET", "/hello");
    assert_fails(&one, NEPH_NETWORK, 0, "or check that ca_file is there");
    assert_int_equal(one.exchange.is_permanent, 1);
    asked_fini(&one);
}

static void serve_words(test_connection *c)
{
    test_write_text(c, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    test_has_input(c, 1000);
}

static void test_http_tls__says_that_the_port_does_not_speak_tls(void **state)
{
    neph_transport_config config = {.insecure = 1}; /* no need of this machine's certificates */
    test_server other;
    asked one = {.body_pauses = 0};
    char url[64];
    open_with(*state, &config);
    assert_int_equal(test_server_start(&other, TEST_SERVER_TCP, serve_words), 0);
    snprintf(url, sizeof url, "https://127.0.0.1:%d/", other.port);
    fetch(*state, &one, "GET", url);
    assert_fails(&one, NEPH_NETWORK, 0, "TLS with 127.0.0.1:");
    test_server_stop(&other);
    asked_fini(&one);
}

static void test_http_tls__refuses_tls_before_1_2(void **state)
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
static void test_http_tls__raises_no_sigpipe(void **state)
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_ON(tls, test_http_tls__refuses_a_certificate_that_nobody_signed),
        TEST_ON(tls, test_http_tls__trusts_the_ca_file),
        TEST_ON(tls, test_http_tls__refuses_a_name_the_certificate_does_not_have),
        TEST_ON(expired, test_http_tls__refuses_a_certificate_that_has_expired),
        TEST_ON(tls, test_http_tls__verifies_nothing_if_told_so),
        TEST_ON(tls, test_http_tls__says_that_the_ca_file_cannot_be_read),
        TEST(test_http_tls__says_that_the_port_does_not_speak_tls),
        TEST_ON(old_tls, test_http_tls__refuses_tls_before_1_2),
        TEST_ON(tls, test_http_tls__raises_no_sigpipe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
