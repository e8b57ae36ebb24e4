/*
 * tests/transfer/ground.h - what a test of transfers stands on: a host with a counting allocator,
 * the two vaults opened as clouds, a directory for files and one for journals.
 */
#ifndef TESTS_TRANSFER_GROUND_H
#define TESTS_TRANSFER_GROUND_H

#include "tests/support/allocator.h"
#include "tests/transfer/vault.h"

#include <neph/transfer.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MIB (INT64_C(1) << 20)

typedef struct ground {
    test_allocator allocator;
    neph_host *host;
    neph_cloud *one, *two;
    char dir[64];     /* files */
    char journal[80]; /* a directory in it */
    char log[4096];
    neph_transfer_options options; /* of the transfers that follow */
} ground;

/* For cmocka: *state is a ground. The teardown checks that no memory, upload or half-written
 * file is left. */
int ground_setup(void **state);
int ground_teardown(void **state);
/* Without the check: a test leaves something on purpose. */
int ground_clear(void **state);
/* As another process: what was under way is gone, without a word to the clouds. */
void ground_restart(ground *g);
void ground_open(ground *g);
void ground_close(ground *g);

/* Lives until the next one. */
const char *ground_path(const ground *g, const char *name);
/* A file with so many bytes of a pattern. */
void ground_file(const ground *g, const char *name, int64_t size);
/* The bytes of the pattern; to be freed. */
char *ground_bytes(int64_t size);
/* Does the file hold the pattern, and nothing else? */
int ground_is_file(const ground *g, const char *name, int64_t size);
int ground_is_object(vault *of, const char *key, int64_t size);
void ground_object(vault *of, const char *key, int64_t size);
/* Files in the directory, but not in those within it. */
int ground_count(const ground *g);
int ground_journal_count(const ground *g);

neph_end ground_end_file(const ground *g, const char *name);
neph_end ground_end_object(neph_cloud *cloud, const char *key);
neph_transfer *ground_start(ground *g, const neph_end *from, const neph_end *to);
/* Waits, a minute at most. */
int ground_wait(neph_transfer *transfer);
/* The usual ones, run to their end: the status; *result (NULL: not wanted) is what came of it,
 * without its texts. */
int ground_put(ground *g, const char *name, const char *key, neph_transfer_result *result);
int ground_get(ground *g, const char *key, const char *name, neph_transfer_result *result);
int ground_copy(ground *g, neph_cloud *from, const char *key, neph_cloud *to, const char *to_key,
                neph_transfer_result *result);
/* Of the last transfer that ended so. */
const char *ground_message(void);

#define GROUND_TEST(function)                                                                      \
    cmocka_unit_test_setup_teardown(function, ground_setup, ground_teardown)

#endif /* TESTS_TRANSFER_GROUND_H */
