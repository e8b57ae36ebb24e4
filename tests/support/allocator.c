/*
 * tests/support/allocator.c - see allocator.h. Each block has its size before it.
 */
#include "tests/support/allocator.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEAD 16
#define ATTEMPTS_MAX 10000

static size_t size_of(const char *block)
{
    size_t size;
    memcpy(&size, block - HEAD, sizeof size);
    return size;
}

static void look(test_allocator *allocator, const char *block)
{
    size_t size = size_of(block);
    if (allocator->secret && memmem(block, size, allocator->secret, strlen(allocator->secret)))
        allocator->leaked++;
}

static void give_back(void *block, void *user)
{
    test_allocator *allocator = user;
    if (!block)
        return;
    look(allocator, block);
    allocator->live--;
    free((char *)block - HEAD);
}

/* Always moves, so that whoever keeps an old pointer is found out. */
static void *get(void *old, size_t size, void *user)
{
    test_allocator *allocator = user;
    char *block;
    allocator->calls++;
    if (allocator->fail_at && allocator->calls >= allocator->fail_at &&
        (!allocator->fails_once || allocator->calls == allocator->fail_at))
        return NULL;
    block = malloc(HEAD + size);
    if (!block)
        return NULL;
    memcpy(block, &size, sizeof size);
    block += HEAD;
    memset(block, 0xa5, size);
    allocator->live++;
    if (old) {
        memcpy(block, old, size_of(old) < size ? size_of(old) : size);
        give_back(old, user);
    }
    return block;
}

void test_allocator_init(test_allocator *allocator)
{
    memset(allocator, 0, sizeof *allocator);
}

neph_allocator test_allocator_functions(test_allocator *allocator)
{
    return (neph_allocator){get, give_back, allocator};
}

nephi_memory test_allocator_memory(test_allocator *allocator)
{
    neph_allocator functions = test_allocator_functions(allocator);
    nephi_memory memory;
    nephi_memory_init(&memory, &functions);
    return memory;
}

void test_every_allocation_fails(test_attempt_fn attempt)
{
    test_allocator allocator;
    nephi_memory memory = test_allocator_memory(&allocator);
    long n;
    for (n = 1; n < ATTEMPTS_MAX; n++) {
        int rc;
        test_allocator_init(&allocator);
        allocator.fail_at = n;
        rc = attempt(&memory);
        assert_int_equal(allocator.live, 0);
        if (rc == 0)
            break;
        assert_int_equal(rc, NEPH_NO_MEMORY);
    }
    assert_in_range(n, 2, ATTEMPTS_MAX - 1);
}
