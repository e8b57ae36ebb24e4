/*
 * A buffer grows up to its limit, stays terminated, and is as it was after a failure.
 */
#include "core/buffer.h"
#include "tests/support/allocator.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

typedef struct fixture {
    test_allocator allocator;
    nephi_memory memory;
    nephi_buffer buffer;
} fixture;

static void begin(fixture *f, size_t limit)
{
    test_allocator_init(&f->allocator);
    f->memory = test_allocator_memory(&f->allocator);
    nephi_buffer_init(&f->buffer, &f->memory, limit);
}

static void end(fixture *f)
{
    nephi_buffer_fini(&f->buffer);
    assert_int_equal(f->allocator.live, 0);
}

static void test_buffer__is_an_empty_string_at_first(void **state)
{
    fixture f;
    (void)state;
    begin(&f, 10);
    assert_string_equal(nephi_buffer_string(&f.buffer), "");
    nephi_buffer_clear(&f.buffer);
    assert_int_equal(f.allocator.calls, 0);
    end(&f);
}

static void test_buffer__puts_pieces_together(void **state)
{
    fixture f;
    (void)state;
    begin(&f, 1000);
    assert_int_equal(nephi_buffer_text(&f.buffer, "GET "), 0);
    assert_int_equal(nephi_buffer_char(&f.buffer, '/'), 0);
    assert_int_equal(nephi_buffer_add(&f.buffer, "a\0b", 3), 0);
    assert_int_equal(nephi_buffer_add(&f.buffer, NULL, 0), 0);
    assert_int_equal(nephi_buffer_format(&f.buffer, "?%s=%d", "n", 42), 0);
    assert_int_equal(f.buffer.size, 13);
    assert_memory_equal(f.buffer.data, "GET /a\0b?n=42", 14);
    nephi_buffer_clear(&f.buffer);
    assert_string_equal(nephi_buffer_string(&f.buffer), "");
    end(&f);
}

static void test_buffer__grows_over_many_additions(void **state)
{
    fixture f;
    int i;
    (void)state;
    begin(&f, SIZE_MAX);
    for (i = 0; i < 100000; i++)
        assert_int_equal(nephi_buffer_char(&f.buffer, (char)('a' + i % 26)), 0);
    for (i = 0; i < 100000; i++)
        assert_int_equal(f.buffer.data[i], 'a' + i % 26);
    assert_true(f.allocator.calls < 20);
    assert_int_equal(nephi_buffer_reserve(&f.buffer, SIZE_MAX - 200000), NEPH_NO_MEMORY);
    end(&f);
}

static void test_buffer__takes_its_limit_and_not_a_byte_more(void **state)
{
    fixture f;
    (void)state;
    begin(&f, 100);
    assert_int_equal(nephi_buffer_format(&f.buffer, "%099d", 7), 0);
    assert_int_equal(nephi_buffer_text(&f.buffer, "ab"), NEPH_LIMIT);
    assert_int_equal(nephi_buffer_format(&f.buffer, "%d", 10), NEPH_LIMIT);
    assert_int_equal(f.buffer.size, 99);
    assert_int_equal(nephi_buffer_char(&f.buffer, 'a'), 0);
    assert_int_equal(nephi_buffer_char(&f.buffer, 'b'), NEPH_LIMIT);
    assert_int_equal(strlen(f.buffer.data), 100);
    assert_true(f.buffer.capacity <= 101);
    end(&f);
}

static void test_buffer__is_as_it_was_when_memory_ends(void **state)
{
    fixture f;
    (void)state;
    begin(&f, 100000);
    assert_int_equal(nephi_buffer_text(&f.buffer, "kept"), 0);
    f.allocator.fail_at = 2;
    assert_int_equal(nephi_buffer_format(&f.buffer, "%0200d", 1), NEPH_NO_MEMORY);
    assert_int_equal(nephi_buffer_reserve(&f.buffer, 200), NEPH_NO_MEMORY);
    assert_string_equal(nephi_buffer_string(&f.buffer), "kept");
    end(&f);
}

static void test_buffer__gives_its_string_away(void **state)
{
    fixture f;
    char *text;
    (void)state;
    begin(&f, 100);
    nephi_buffer_text(&f.buffer, "mine");
    text = nephi_buffer_take(&f.buffer);
    assert_string_equal(text, "mine");
    nephi_free(&f.memory, text);
    text = nephi_buffer_take(&f.buffer);
    assert_string_equal(text, "");
    nephi_free(&f.memory, text);
    f.allocator.fail_at = f.allocator.calls + 1;
    assert_null(nephi_buffer_take(&f.buffer));
    end(&f);
}

static void test_buffer__leaves_no_secret_behind(void **state)
{
    fixture f;
    int i;
    (void)state;
    begin(&f, 10000);
    f.buffer.secret = 1;
    f.allocator.secret = "hunter2";
    for (i = 0; i < 100; i++)
        assert_int_equal(nephi_buffer_text(&f.buffer, "hunter2 "), 0);
    assert_int_equal(strlen(f.buffer.data), 800);
    nephi_buffer_clear(&f.buffer);
    assert_null(memmem(f.buffer.data, f.buffer.capacity, "hunter2", 7));
    nephi_buffer_text(&f.buffer, "hunter2");
    end(&f);
    assert_int_equal(f.allocator.leaked, 0);
}

static int use_all(const nephi_memory *memory)
{
    nephi_buffer buffer;
    char *text;
    int rc;
    nephi_buffer_init(&buffer, memory, 100000);
    rc = nephi_buffer_text(&buffer, "text");
    if (!rc)
        rc = nephi_buffer_format(&buffer, "%0100d", 1);
    buffer.secret = 1;
    if (!rc)
        rc = nephi_buffer_reserve(&buffer, 1000);
    nephi_buffer_fini(&buffer);
    if (rc)
        return rc;
    text = nephi_buffer_take(&buffer);
    rc = text ? 0 : NEPH_NO_MEMORY;
    nephi_free(memory, text);
    return rc;
}

static void test_buffer__survives_every_failed_allocation(void **state)
{
    (void)state;
    test_every_allocation_fails(use_all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_buffer__is_an_empty_string_at_first),
        cmocka_unit_test(test_buffer__puts_pieces_together),
        cmocka_unit_test(test_buffer__grows_over_many_additions),
        cmocka_unit_test(test_buffer__takes_its_limit_and_not_a_byte_more),
        cmocka_unit_test(test_buffer__is_as_it_was_when_memory_ends),
        cmocka_unit_test(test_buffer__gives_its_string_away),
        cmocka_unit_test(test_buffer__leaves_no_secret_behind),
        cmocka_unit_test(test_buffer__survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
