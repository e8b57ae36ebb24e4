/*
 * The one way to memory: overflow, failure, wiping, arenas.
 */
#include "core/memory.h"
#include "tests/support/allocator.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_memory__uses_malloc_when_nothing_is_given(void **state)
{
    neph_allocator half = {NULL, NULL, NULL};
    nephi_memory memory;
    void *block;
    (void)state;
    nephi_memory_init(&memory, NULL);
    block = nephi_alloc(&memory, 10);
    assert_non_null(block);
    nephi_free(&memory, block);
    nephi_memory_init(&memory, &half);
    assert_non_null(memory.allocator.realloc_fn);
    assert_non_null(memory.allocator.free_fn);
}

static void test_memory__zeroes_what_it_allocates(void **state)
{
    test_allocator allocator;
    nephi_memory memory = test_allocator_memory(&allocator);
    static const char zeroes[100];
    char *block;
    (void)state;
    test_allocator_init(&allocator);
    block = nephi_alloc_array(&memory, 10, 10);
    assert_memory_equal(block, zeroes, 100);
    nephi_free(&memory, block);
    nephi_free(&memory, NULL);
    assert_int_equal(allocator.live, 0);
}

static void test_memory__refuses_sizes_that_overflow(void **state)
{
    test_allocator allocator;
    nephi_memory memory = test_allocator_memory(&allocator);
    (void)state;
    test_allocator_init(&allocator);
    assert_null(nephi_alloc(&memory, 0));
    assert_null(nephi_alloc(&memory, SIZE_MAX));
    assert_null(nephi_alloc_array(&memory, SIZE_MAX / 2 + 2, 2));
    assert_null(nephi_strndup(&memory, "", SIZE_MAX));
    assert_int_equal(allocator.calls, 0);
}

static void test_memory__leaves_the_old_block_when_realloc_fails(void **state)
{
    test_allocator allocator;
    nephi_memory memory = test_allocator_memory(&allocator);
    char *block;
    (void)state;
    test_allocator_init(&allocator);
    block = nephi_strdup(&memory, "kept");
    allocator.fail_at = 2;
    assert_null(nephi_realloc(&memory, block, 100));
    assert_string_equal(block, "kept");
    nephi_free(&memory, block);
    assert_int_equal(allocator.live, 0);
}

static void test_memory__copies_strings(void **state)
{
    test_allocator allocator;
    nephi_memory memory = test_allocator_memory(&allocator);
    char *whole, *part;
    (void)state;
    test_allocator_init(&allocator);
    whole = nephi_strdup(&memory, "bucket");
    part = nephi_strndup(&memory, "bucket", 3);
    assert_string_equal(whole, "bucket");
    assert_string_equal(part, "buc");
    nephi_free(&memory, whole);
    nephi_free(&memory, part);
    allocator.fail_at = allocator.calls + 1;
    assert_null(nephi_strdup(&memory, "bucket"));
    assert_int_equal(allocator.live, 0);
}

static void test_memory__wipes_secrets_before_it_frees_them(void **state)
{
    test_allocator allocator;
    nephi_memory memory = test_allocator_memory(&allocator);
    (void)state;
    test_allocator_init(&allocator);
    allocator.secret = "hunter2";
    nephi_free(&memory, nephi_strdup(&memory, "hunter2"));
    assert_int_equal(allocator.leaked, 1); /* the allocator notices */
    nephi_free_secret_string(&memory, nephi_strdup(&memory, "hunter2"));
    nephi_free_secret(&memory, nephi_strdup(&memory, "xhunter2"), 9);
    nephi_free_secret_string(&memory, NULL);
    nephi_free_secret(&memory, NULL, 5);
    assert_int_equal(allocator.leaked, 1);
}

static void test_arena__aligns_blocks_and_keeps_them_apart(void **state)
{
    test_allocator allocator;
    nephi_memory memory = test_allocator_memory(&allocator);
    nephi_arena arena;
    uint64_t *numbers[2000];
    size_t i;
    (void)state;
    test_allocator_init(&allocator);
    nephi_arena_init(&arena, &memory, 0);
    for (i = 0; i < 2000; i++) {
        char *text = nephi_arena_text(&arena, "abcdefgh", i % 9);
        numbers[i] = nephi_arena_alloc(&arena, sizeof(uint64_t));
        assert_int_equal((uintptr_t)numbers[i] % 8, 0);
        assert_int_equal(strlen(text), i % 9);
        *numbers[i] = i;
    }
    for (i = 0; i < 2000; i++)
        assert_int_equal(*numbers[i], i);
    assert_true(allocator.calls < 20);
    nephi_arena_fini(&arena, 0);
    assert_int_equal(allocator.live, 0);
}

static void test_arena__takes_blocks_larger_than_a_chunk(void **state)
{
    test_allocator allocator;
    nephi_memory memory = test_allocator_memory(&allocator);
    nephi_arena arena;
    char *large;
    (void)state;
    test_allocator_init(&allocator);
    nephi_arena_init(&arena, &memory, 0);
    assert_non_null(nephi_arena_alloc(&arena, 10));
    large = nephi_arena_alloc(&arena, 1000000);
    memset(large, 1, 1000000);
    assert_non_null(nephi_arena_alloc(&arena, 0));
    nephi_arena_fini(&arena, 0);
    assert_int_equal(allocator.live, 0);
}

static void test_arena__stops_at_its_limit(void **state)
{
    test_allocator allocator;
    nephi_memory memory = test_allocator_memory(&allocator);
    nephi_arena arena;
    size_t bytes = 0;
    (void)state;
    test_allocator_init(&allocator);
    nephi_arena_init(&arena, &memory, 10000);
    assert_null(nephi_arena_alloc(&arena, 10001));
    assert_null(nephi_arena_text(&arena, "", SIZE_MAX));
    while (nephi_arena_alloc(&arena, 100))
        bytes += 100;
    assert_in_range(bytes, 9000, 10000);
    nephi_arena_fini(&arena, 0);
    assert_int_equal(allocator.live, 0);
}

static void test_arena__is_used_again_after_a_reset(void **state)
{
    test_allocator allocator;
    nephi_memory memory = test_allocator_memory(&allocator);
    nephi_arena arena;
    void *first;
    int i;
    (void)state;
    test_allocator_init(&allocator);
    nephi_arena_init(&arena, &memory, 0);
    nephi_arena_reset(&arena, 0);
    first = nephi_arena_alloc(&arena, 100);
    for (i = 0; i < 200; i++)
        nephi_arena_alloc(&arena, 100);
    assert_true(allocator.live > 1);
    nephi_arena_reset(&arena, 0);
    assert_int_equal(allocator.live, 1);
    assert_ptr_equal(nephi_arena_alloc(&arena, 100), first);
    nephi_arena_fini(&arena, 0);
    assert_int_equal(allocator.live, 0);
}

static void test_arena__wipes_when_asked(void **state)
{
    test_allocator allocator;
    nephi_memory memory = test_allocator_memory(&allocator);
    nephi_arena arena;
    char *text;
    int i;
    (void)state;
    test_allocator_init(&allocator);
    allocator.secret = "hunter2";
    nephi_arena_init(&arena, &memory, 0);
    text = nephi_arena_text(&arena, "hunter2", 7);
    for (i = 0; i < 2000; i++)
        nephi_arena_text(&arena, "hunter2", 7);
    nephi_arena_reset(&arena, 1);
    assert_int_equal(text[0], 0);
    nephi_arena_text(&arena, "hunter2", 7);
    nephi_arena_fini(&arena, 1);
    assert_int_equal(allocator.leaked, 0);
    assert_int_equal(allocator.live, 0);
}

static int fill_arena(const nephi_memory *memory)
{
    nephi_arena arena;
    int i, rc = 0;
    nephi_arena_init(&arena, memory, 0);
    for (i = 0; i < 3 && rc == 0; i++)
        if (!nephi_arena_alloc(&arena, 5000) || !nephi_arena_text(&arena, "text", 4))
            rc = NEPH_NO_MEMORY;
    nephi_arena_fini(&arena, 0);
    return rc;
}

static void test_arena__survives_every_failed_allocation(void **state)
{
    (void)state;
    test_every_allocation_fails(fill_arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory__uses_malloc_when_nothing_is_given),
        cmocka_unit_test(test_memory__zeroes_what_it_allocates),
        cmocka_unit_test(test_memory__refuses_sizes_that_overflow),
        cmocka_unit_test(test_memory__leaves_the_old_block_when_realloc_fails),
        cmocka_unit_test(test_memory__copies_strings),
        cmocka_unit_test(test_memory__wipes_secrets_before_it_frees_them),
        cmocka_unit_test(test_arena__aligns_blocks_and_keeps_them_apart),
        cmocka_unit_test(test_arena__takes_blocks_larger_than_a_chunk),
        cmocka_unit_test(test_arena__stops_at_its_limit),
        cmocka_unit_test(test_arena__is_used_again_after_a_reset),
        cmocka_unit_test(test_arena__wipes_when_asked),
        cmocka_unit_test(test_arena__survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
