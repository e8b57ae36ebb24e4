/*
 * A directory as a stream of names in byte order, however it is read and however little memory there is.
 */
#include "core/sync/side.h"
#include "tests/support/sandbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static nephi_error error;

static void ignore(nephi_task *task)
{
    (void)task;
}

static nephi_task task = {.fn = ignore};

static nephi_side *begin(sandbox *box, const char *path, size_t limit)
{
    neph_end end = NEPH_END_INIT;
    nephi_side_options options = {.end = &end, .dir = "/tmp", .task = &task, .sort_limit = limit};
    nephi_side *side = NULL;
    if (!box->host)
        sandbox_host(box, "none");
    end.path = path;
    nephi_error_clear(&error);
    (void)nephi_side_new(&side, box->host, &options, &error);
    return side;
}

static int next(nephi_side *side, nephi_item *item)
{
    int rc;
    while ((rc = nephi_side_next(side, item)) == NEPH_AGAIN)
        nephi_task_cancel(&task);
    return rc;
}

/* All names, joined by blanks; kinds that are no file in front. */
static const char *all(sandbox *box, const char *name, size_t limit)
{
    static const char kinds[] = {'-', 'd', 'l', 's', '!'};
    static char text[4096];
    nephi_side *side = begin(box, sandbox_path(box, name), limit);
    nephi_item item;
    size_t used = 0;
    int rc;
    assert_non_null(side);
    text[0] = 0;
    while ((rc = next(side, &item)) == 1)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%.*s%s", used ? " " : "",
                                 item.kind != NEPHI_ITEM_FILE, &kinds[item.kind], item.name);
    assert_int_equal(rc, 0);
    nephi_side_free(side);
    return text;
}

static void test_directory__comes_in_byte_order_of_whole_names(void **state)
{
    static const char *const names[] = {"t/a/b",   "t/a-b",   "t/a.b",  "t/a0", "t/a/b.c", "t/a/b-",
                                        "t/b/c/d", "t/b/c.d", "t/b/c-", "t/B",  "t/\xff"};
    sandbox *box = *state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        sandbox_write(box, names[i], "", 0600);
    assert_int_equal(mkdir(sandbox_path(box, "t/empty"), 0700), 0);
    for (size_t limit = 1; limit < 2000; limit += 333)
        assert_string_equal(all(box, "t", limit),
                            "B a-b a.b a/b a/b- a/b.c a0 b/c- b/c.d b/c/d \xff");
}

static void test_directory__tells_links_and_special_files(void **state)
{
    sandbox *box = *state;
    sandbox_write(box, "t/a", "", 0600);
    sandbox_write(box, "t/.neph-0123456789abcdef", "half written", 0600);
    assert_int_equal(symlink("a", sandbox_path(box, "t/b")), 0);
    assert_int_equal(mkfifo(sandbox_path(box, "t/c"), 0600), 0);
    assert_int_equal(symlink("..", sandbox_path(box, "t/d")), 0);
    assert_string_equal(all(box, "t", 0), "a lb sc ld");
}

static void test_directory__goes_on_behind_one_that_cannot_be_read(void **state)
{
    sandbox *box = *state;
    if (geteuid() == 0)
        skip();
    sandbox_write(box, "t/a/x", "", 0600);
    sandbox_write(box, "t/b", "", 0600);
    assert_int_equal(chmod(sandbox_path(box, "t/a"), 0), 0);
    assert_string_equal(all(box, "t", 0), "!a/ b");
    assert_int_equal(chmod(sandbox_path(box, "t/a"), 0700), 0);
}

static void test_directory__looks_at_a_file_when_it_is_asked_to(void **state)
{
    sandbox *box = *state;
    nephi_item item;
    nephi_side *side;
    sandbox_write(box, "t/d/a", "12345", 0600);
    side = begin(box, sandbox_path(box, "t"), 0);
    assert_int_equal(next(side, &item), 1);
    assert_int_equal(item.size_bytes, NEPH_UNKNOWN);
    assert_int_equal(nephi_side_examine(side, &item), 0);
    assert_int_equal(item.size_bytes, 5);
    assert_true(item.modified_ns > 0 && item.modified_ns == item.local_ns);
    assert_int_equal(unlink(sandbox_path(box, "t/d/a")), 0);
    nephi_item_name(&item, "d/a", 3, NEPHI_ITEM_FILE);
    assert_int_equal(nephi_side_examine(side, &item), NEPH_FILE);
    nephi_side_free(side);
}

static void test_directory__that_is_none_is_named(void **state)
{
    sandbox *box = *state;
    sandbox_write(box, "file", "", 0600);
    assert_null(begin(box, sandbox_path(box, "none"), 0));
    assert_int_equal(error.status, NEPH_NOT_FOUND);
    assert_null(begin(box, sandbox_path(box, "file"), 0));
    assert_int_equal(error.status, NEPH_FILE);
    assert_non_null(strstr(error.message, "no directory"));
}

/* 10,000 names in 20 KiB. */
static void test_directory__that_is_large_is_sorted_in_little_memory(void **state)
{
    sandbox *box = *state;
    nephi_side *side;
    nephi_item item;
    char name[64], last[64] = "";
    int count = 0;
    for (int i = 0; i < 10000; i++) {
        snprintf(name, sizeof name, "t/%d", i * 7919 % 10007);
        sandbox_write(box, name, "", 0600);
    }
    side = begin(box, sandbox_path(box, "t"), 20 << 10);
    while (next(side, &item) == 1) {
        assert_true(strcmp(last, item.name) < 0);
        snprintf(last, sizeof last, "%s", item.name);
        count++;
    }
    assert_int_equal(count, 10000);
    nephi_side_free(side);
}

#define SANDBOX_TEST(function)                                                                     \
    cmocka_unit_test_setup_teardown(function, sandbox_setup, sandbox_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SANDBOX_TEST(test_directory__comes_in_byte_order_of_whole_names),
        SANDBOX_TEST(test_directory__tells_links_and_special_files),
        SANDBOX_TEST(test_directory__goes_on_behind_one_that_cannot_be_read),
        SANDBOX_TEST(test_directory__looks_at_a_file_when_it_is_asked_to),
        SANDBOX_TEST(test_directory__that_is_none_is_named),
        SANDBOX_TEST(test_directory__that_is_large_is_sorted_in_little_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
