/*
 * tests/wire/http_stand.h - what a test of the libcurl transport stands on: a server on loopback
 * that answers well and badly, by path, a transport, and exchanges that remember what came of them.
 */
#ifndef TESTS_WIRE_HTTP_STAND_H
#define TESTS_WIRE_HTTP_STAND_H

#include "core/buffer.h"
#include "core/wire/parts.h"
#include "tests/support/server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define BIG (5u * 1024 * 1024 + 1)
#define PATIENCE_MS 20000

extern const neph_transport *const http;

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
    int32_t http_status, done_status, sent;
    int status_calls, headers_done_calls, is_done;
    char headers[2048], message[600];
    uint64_t received;
    nephi_buffer reply; /* the first KiB */
} asked;

/* For cmocka: *state is a fixture, its server of this kind. */
int setup(void **state);
int setup_tls(void **state);
int setup_old_tls(void **state);
int setup_expired(void **state);
int setup_unix(void **state);
int teardown(void **state);
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define TEST_ON(kind, name) cmocka_unit_test_setup_teardown(name, setup_##kind, teardown)

/* Another transport instead of the one that is open. */
void open_with(fixture *f, neph_transport_config *config);

/* path: or a whole URL */
void ask(fixture *f, asked *one, const char *method, const char *path);
/* One turn of a loop: waits until the transport wants to run, at most `most` milliseconds. */
void turn(fixture *f, int64_t most);
/* To the end of this exchange. */
void run(fixture *f, const asked *one);
void run_for(fixture *f, int64_t ms);
/* Asks and waits for the end. */
void fetch(fixture *f, asked *one, const char *method, const char *path);
void asked_fini(asked *one);

/* words: a part of its message, which is one line. */
void assert_fails(const asked *one, int32_t status, int32_t sent, const char *words);

#endif /* TESTS_WIRE_HTTP_STAND_H */
