/*
 * Syncs without memory: each allocation fails, once alone and once with all behind it. A sync then succeeds all the same or
 * fails, never both; nothing is left behind but what it copied, and nothing is deleted that the source has.
 */
#include "tests/sync/yard.h"
#include "tests/support/allocator.h"

#define ATTEMPTS_MAX 20000

static test_allocator allocator;

static int setup(void **state)
{
    yard *y;
    test_allocator_init(&allocator);
    if (yard_setup_with(state, NULL, &allocator))
        return -1;
    y = *state;
    yard_write(y, "src/a", "1");
    yard_write(y, "src/d/b", "2");
    return 0;
}

static void once(yard *y, const char *from, const char *to, long fail_at, int fails_once)
{
    long live = allocator.live;
    allocator.calls = 0;
    allocator.fails_once = fails_once;
    allocator.fail_at = fail_at;
    yard_sync(y, from, to);
    allocator.fail_at = 0;
    for (int i = 0; i < 4; i++) /* what ends in the background */
        assert_int_equal(neph_host_dispatch(y->host, 0), 0);
    if (y->rc && y->rc != NEPH_NO_MEMORY && y->rc != NEPH_FILE && y->rc != NEPH_NOT_FOUND)
        fail_msg("allocation %ld: %d, %s", fail_at, y->rc, y->message);
    if (allocator.live > live + 64) /* pools of the host fill up */
        fail_msg("allocation %ld: %ld blocks are left", fail_at, allocator.live - live);
}

static void every_allocation(yard *y, const char *from, const char *to)
{
    for (int fails_once = 0; fails_once < 2; fails_once++) {
        long at = 0;
        do {
            once(y, from, to, ++at, fails_once);
            assert_non_null(yard_read(y, "src/d/b"));
        } while (allocator.calls >= at && at < ATTEMPTS_MAX);
        assert_in_range(at, 20, ATTEMPTS_MAX - 1);
        assert_int_equal(y->rc, 0);
    }
}

static void test_sync__up_without_memory(void **state)
{
    yard *y = *state;
    y->options.compare = NEPH_COMPARE_NONE;
    every_allocation(y, "src", "local:p");
    assert_string_equal(yard_read(y, "cloud/box/p/d/b"), "2");
}

static void test_sync__down_without_memory(void **state)
{
    yard *y = *state;
    yard_sync(y, "src", "local:p");
    y->options.compare = NEPH_COMPARE_NONE;
    every_allocation(y, "local:p", "dst");
    assert_string_equal(yard_read(y, "dst/d/b"), "2");
}

static void test_sync__comparing_and_deleting_without_memory(void **state)
{
    yard *y = *state;
    yard_sync(y, "src", "local:p");
    yard_write(y, "cloud/box/p/old", "");
    yard_write(y, "cloud/box/p/older", "");
    y->options.compare = NEPH_COMPARE_CHECKSUM;
    y->options.deletes = 1;
    every_allocation(y, "src", "local:p");
    assert_null(yard_read(y, "cloud/box/p/old"));
    assert_string_equal(yard_read(y, "cloud/box/p/a"), "1");
}

static void test_sync__of_directories_without_memory(void **state)
{
    yard *y = *state;
    yard_write(y, "dst/a", "x");
    yard_write(y, "dst/old", "");
    y->options.compare = NEPH_COMPARE_CHECKSUM;
    y->options.deletes = 1;
    every_allocation(y, "src", "dst");
    assert_null(yard_read(y, "dst/old"));
    assert_string_equal(yard_read(y, "dst/a"), "1");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, yard_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_sync__up_without_memory),
        TEST(test_sync__down_without_memory),
        TEST(test_sync__comparing_and_deleting_without_memory),
        TEST(test_sync__of_directories_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
