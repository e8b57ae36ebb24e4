/*
 * What goes in in any order comes out in byte order, whatever fits into memory.
 */
#include "core/sync/order.h"
#include "tests/support/allocator.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MANY 20000

typedef struct fixture {
    test_allocator allocator;
    nephi_memory memory;
    nephi_error error;
    nephi_order order;
} fixture;

static void begin(fixture *f, size_t limit)
{
    test_allocator_init(&f->allocator);
    f->memory = test_allocator_memory(&f->allocator);
    nephi_error_clear(&f->error);
    nephi_order_init(&f->order, &f->memory, "/tmp", limit);
}

static void end(fixture *f)
{
    nephi_order_fini(&f->order);
    assert_int_equal(f->allocator.live, 0);
}

static void add(fixture *f, const char *name)
{
    nephi_item item;
    nephi_item_name(&item, name, strlen(name), NEPHI_ITEM_FILE);
    assert_int_equal(nephi_order_add(&f->order, &item, &f->error), 0);
}

/* All names, joined by blanks. */
static const char *all(fixture *f)
{
    static char text[4096];
    nephi_item item;
    size_t used = 0;
    int rc;
    assert_int_equal(nephi_order_end(&f->order, &f->error), 0);
    text[0] = 0;
    while ((rc = nephi_order_next(&f->order, &item, &f->error)) == 1) {
        assert_int_equal(strlen(item.name), item.name_size);
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "%s%s", used ? " " : "", item.name);
    }
    assert_int_equal(rc, 0);
    return text;
}

static void test_order__sorts_by_bytes(void **state)
{
    static const char *const names[] = {"a0", "b", "a/b", "a.b", "\xc3\xa4", "a", "a-b", "B"};
    static const size_t limits[] = {1, 100, 300, 1 << 20};
    (void)state;
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        fixture f;
        begin(&f, limits[i]);
        for (size_t k = 0; k < sizeof names / sizeof *names; k++)
            add(&f, names[k]);
        assert_string_equal(all(&f), "B a a-b a.b a/b a0 b \xc3\xa4");
        end(&f);
    }
}

static void test_order__of_nothing_is_nothing(void **state)
{
    fixture f;
    (void)state;
    begin(&f, 1);
    assert_string_equal(all(&f), "");
    end(&f);
}

static int descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int count = 0;
    assert_non_null(dir);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

/* With a limit of a few items: more runs than are merged at once, several times over. */
static void test_order__keeps_few_files_however_many_runs_there_are(void **state)
{
    fixture f;
    char name[32], last[32] = "";
    nephi_item item;
    int before = descriptors(), most = 0, count = 0;
    uint32_t random = 1;
    (void)state;
    begin(&f, 200);
    for (int i = 0; i < MANY; i++) {
        random = random * 1664525u + 1013904223u;
        snprintf(name, sizeof name, "%08x-%d", random, i);
        add(&f, name);
        if (i % 500 == 0 && descriptors() - before > most)
            most = descriptors() - before;
    }
    assert_in_range(most, 1, 200);
    assert_int_equal(nephi_order_end(&f.order, &f.error), 0);
    while (nephi_order_next(&f.order, &item, &f.error) == 1) {
        assert_true(strcmp(last, item.name) < 0);
        snprintf(last, sizeof last, "%s", item.name);
        count++;
    }
    assert_int_equal(count, MANY);
    end(&f);
    assert_int_equal(descriptors(), before);
}

static void expect_whole(fixture *f, const char *name)
{
    nephi_item item;
    assert_int_equal(nephi_order_next(&f->order, &item, &f->error), 1);
    assert_string_equal(item.name, name);
    assert_int_equal(item.kind, NEPHI_ITEM_LINK);
    assert_int_equal(item.size_bytes, 12345678901);
    assert_int_equal(item.modified_ns, -5);
    assert_int_equal(item.local_ns, NEPH_UNKNOWN);
    assert_string_equal(item.etag, "tag");
    assert_null(item.checksum);
}

static void test_order__keeps_all_that_is_known_of_an_item(void **state)
{
    (void)state;
    for (size_t limit = 1; limit < 1000; limit += 900) {
        fixture f;
        nephi_item item;
        begin(&f, limit);
        for (int i = 0; i < 2; i++) {
            nephi_item_name(&item, i ? "a" : "b", 1, NEPHI_ITEM_LINK);
            item.size_bytes = 12345678901;
            item.modified_ns = -5;
            item.etag = "tag";
            assert_int_equal(nephi_order_add(&f.order, &item, &f.error), 0);
        }
        assert_int_equal(nephi_order_end(&f.order, &f.error), 0);
        expect_whole(&f, "a");
        expect_whole(&f, "b");
        end(&f);
    }
}

static void test_order__takes_names_larger_than_its_buffers(void **state)
{
    fixture f;
    nephi_item item;
    char *name = malloc(100000);
    (void)state;
    assert_non_null(name);
    memset(name, 'x', 100000);
    begin(&f, 1);
    for (size_t size = 99999; size > 90000; size -= 3000) {
        nephi_item_name(&item, name, size, NEPHI_ITEM_FILE);
        name[size] = 0;
        assert_int_equal(nephi_order_add(&f.order, &item, &f.error), 0);
    }
    assert_int_equal(nephi_order_end(&f.order, &f.error), 0);
    for (size_t size = 90999; size < 100000; size += 3000) {
        assert_int_equal(nephi_order_next(&f.order, &item, &f.error), 1);
        assert_int_equal(item.name_size, size);
    }
    assert_int_equal(nephi_order_next(&f.order, &item, &f.error), 0);
    end(&f);
    free(name);
}

static void test_order__says_where_no_temporary_file_can_be(void **state)
{
    fixture f;
    nephi_item item;
    (void)state;
    begin(&f, 1);
    f.order.dir = "/nonexistent";
    nephi_item_name(&item, "a", 1, NEPHI_ITEM_FILE);
    for (int i = 0; i < 64 && !f.error.status; i++)
        (void)nephi_order_add(&f.order, &item, &f.error);
    /* Runs as small as these are kept in memory until they are merged. */
    for (int i = 0; i < 40000 && !f.error.status; i++)
        (void)nephi_order_add(&f.order, &item, &f.error);
    assert_int_equal(f.error.status, NEPH_FILE);
    assert_non_null(strstr(f.error.message, "/nonexistent"));
    end(&f);
}

static int sort_some(const nephi_memory *memory)
{
    nephi_order order;
    nephi_item item;
    int rc = 0;
    nephi_order_init(&order, memory, "/tmp", 150);
    for (int i = 0; !rc && i < 200; i++) {
        char name[8];
        int size = snprintf(name, sizeof name, "%d", 977 * i % 1000);
        nephi_item_name(&item, name, (size_t)size, NEPHI_ITEM_FILE);
        rc = nephi_order_add(&order, &item, NULL);
    }
    if (!rc)
        rc = nephi_order_end(&order, NULL);
    while (!rc && (rc = nephi_order_next(&order, &item, NULL)) == 1)
        rc = 0;
    nephi_order_fini(&order);
    return rc;
}

static void test_order__leaves_nothing_when_memory_is_out(void **state)
{
    (void)state;
    test_every_allocation_fails(sort_some);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order__sorts_by_bytes),
        cmocka_unit_test(test_order__of_nothing_is_nothing),
        cmocka_unit_test(test_order__keeps_few_files_however_many_runs_there_are),
        cmocka_unit_test(test_order__keeps_all_that_is_known_of_an_item),
        cmocka_unit_test(test_order__takes_names_larger_than_its_buffers),
        cmocka_unit_test(test_order__says_where_no_temporary_file_can_be),
        cmocka_unit_test(test_order__leaves_nothing_when_memory_is_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
