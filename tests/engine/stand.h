/*
 * tests/engine/stand.h - what a test of the call engine stands on: a host with a mock transport, a clock that the test
 * moves, a counting allocator, and the test providers "probe", "mill" and "fleet".
 */
#ifndef TESTS_ENGINE_STAND_H
#define TESTS_ENGINE_STAND_H

#include "tests/engine/fleet.h"
#include "tests/engine/mill.h"
#include "tests/engine/mock.h"
#include "tests/provider/probe.h"
#include "tests/support/allocator.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define STAND_NOW (INT64_C(1767225600) * NEPH_NANO) /* 2026-01-01 */
#define STAND_PASSWORD "s3cret-pass-word"

typedef struct stand {
    mock mock;
    test_allocator allocator;
    neph_host_config config; /* may be changed before stand_open() */
    neph_host *host;
    neph_cloud *cloud;
    int64_t now_ns;
    char *seen; /* everything traced and logged */
    size_t seen_size;
    char dir[64]; /* an empty directory, removed at the end */
} stand;

/* For cmocka: *state is a stand. The teardown checks that nothing is left of it. */
int stand_setup(void **state);
int stand_teardown(void **state);

/* Opens a host and a cloud of this provider, at http://PROVIDER.test:8080. What the host sleeps between looks is a
 * millisecond, and more. */
void stand_open(stand *made, const char *provider);
void stand_open_at(stand *made, const char *provider, const char *endpoint);
/* Runs the call to its end, five seconds at most, and returns what neph_wait() said. */
int stand_run(neph_call *call);
/* One turn of the loop, and some. */
void stand_turn(stand *made, int count);
/* Dispatches until the mock has seen so many requests. */
void stand_until_sent(stand *made, size_t count);
/* The names that neph_next() gives, joined by blanks, then "." and the status. Frees the call. */
const char *stand_list(neph_call *call);
/* The name, key or id of a result. */
const char *stand_name(const neph_result *result);
/* A file in stand.dir with so many bytes of a pattern. Lives until the next one. */
const char *stand_file(stand *made, const char *name, size_t size);
const char *stand_path(stand *made, const char *name);
int stand_exists(stand *made, const char *name);
/* Files in stand.dir. */
int stand_files(stand *made);
char stand_byte(size_t at);

#define STAND_TEST(function) cmocka_unit_test_setup_teardown(function, stand_setup, stand_teardown)

#endif /* TESTS_ENGINE_STAND_H */
