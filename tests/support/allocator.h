/*
 * tests/support/allocator.h - an allocator for tests: fails when told to, counts what is alive, and
 * looks into what is given back for a secret that should have been wiped.
 */
#ifndef TEST_ALLOCATOR_H
#define TEST_ALLOCATOR_H

#include "core/memory.h"

typedef struct test_allocator {
    long calls;         /* of realloc_fn so far */
    long fail_at;       /* this call fails, and all behind it; 0: none */
    int fails_once;     /* 1: only that one */
    long live;          /* blocks not given back */
    const char *secret; /* what no block given back may hold; NULL: anything */
    long leaked;        /* blocks that held it */
} test_allocator;

/* Starts over: nothing alive, nothing fails. */
void test_allocator_init(test_allocator *allocator);
/* For neph_host_config. */
neph_allocator test_allocator_functions(test_allocator *allocator);
/* For what takes core/memory.h. */
nephi_memory test_allocator_memory(test_allocator *allocator);

/*
 * Runs attempt() with its first allocation failing, then with its second, and so on until it
 * succeeds. Each time it must return NEPH_NO_MEMORY and leave nothing behind. It must allocate at
 * least once.
 */
typedef int (*test_attempt_fn)(const nephi_memory *memory);
void test_every_allocation_fails(test_attempt_fn attempt);

#endif
