/*
 * tests/sync/yard.h - what a test of syncs stands on: a sandbox with a cloud of the local provider in "cloud", whose bucket
 * "box" is a directory too, and a list of all that a sync told.
 */
#ifndef TESTS_SYNC_YARD_H
#define TESTS_SYNC_YARD_H

#include "tests/support/allocator.h"
#include "tests/support/sandbox.h"

#include <neph/sync.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct yard {
    sandbox *box;
    neph_host *host;
    neph_cloud *cloud;         /* what "local:" stands for */
    neph_sync_options options; /* for the next yard_sync() */
    neph_sync_summary summary; /* of the last one */
    int rc;
    char message[1024];
    char told[8192];  /* "copy a, delete b, skip c (why), copy d failed (why)", as they were done */
    char begun[8192]; /* the same of what began */
    void (*on_event)(struct yard *y, neph_sync *sync, const neph_sync_event *event);
} yard;

int yard_setup(void **state);
/* The same over another transport, and with another allocator. */
int yard_setup_with(void **state, const neph_transport *transport, test_allocator *allocator);
int yard_teardown(void **state);

/* An end: "local:PREFIX" of bucket box, or a directory of the sandbox; lives until the next but one. */
const neph_end *yard_end(yard *y, const char *what);
/* A sync that is not waited for. */
neph_sync *yard_begin(yard *y, const char *from, const char *to);
/* Waits for it, notes what came of it, frees it; returns what it told. */
const char *yard_finish(yard *y, neph_sync *sync);
/* Both. */
const char *yard_sync(yard *y, const char *from, const char *to);
/* What is in a file of the sandbox; NULL: there is none. */
const char *yard_read(const yard *y, const char *name);
void yard_write(const yard *y, const char *name, const char *text);
/* The file was written so many seconds from now. */
void yard_age(const yard *y, const char *name, int seconds);

#define YARD_TEST(function) cmocka_unit_test_setup_teardown(function, yard_setup, yard_teardown)

#endif /* TESTS_SYNC_YARD_H */
