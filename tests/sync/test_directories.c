/*
 * Two directories made alike: with all that a sync can be told, and without a cloud.
 */
#include "tests/sync/yard.h"

#include <time.h>

static void tree_write(const yard *y)
{
    yard_write(y, "src/a", "1");
    yard_write(y, "src/d/b", "22");
    yard_write(y, "src/d/e/c", "333");
    yard_write(y, "src/empty", "");
}

static void test_directories__are_made_alike(void **state)
{
    yard *y = *state;
    tree_write(y);
    y->options.jobs = 1;
    assert_string_equal(yard_sync(y, "src", "new/dst"), "copy a, copy d/b, copy d/e/c, copy empty");
    assert_int_equal(y->rc, 0);
    assert_string_equal(yard_read(y, "new/dst/d/e/c"), "333");
    assert_string_equal(yard_read(y, "new/dst/empty"), "");
    assert_int_equal(y->summary.copied_bytes, 6);
    assert_int_equal(y->summary.unverified_count, 0);
    assert_string_equal(yard_sync(y, "src", "new/dst"), "");
    assert_int_equal(y->summary.same_count, 4);
}

static int mode_of(const yard *y, const char *name)
{
    struct stat info;
    assert_int_equal(stat(sandbox_path(y->box, name), &info), 0);
    return (int)(info.st_mode & 07777);
}

static void test_directories__that_are_made_have_the_permissions_of_the_other(void **state)
{
    yard *y = *state;
    mode_t own = umask(022);
    tree_write(y);
    assert_int_equal(chmod(sandbox_path(y->box, "src"), 0750), 0);
    assert_int_equal(chmod(sandbox_path(y->box, "src/d"), 0700), 0);
    assert_int_equal(chmod(sandbox_path(y->box, "src/d/e"), 0577), 0);
    assert_int_equal(chmod(sandbox_path(y->box, "src/d/b"), 0711), 0);
    assert_int_equal(mkdir(sandbox_path(y->box, "old"), 0711), 0);
    yard_sync(y, "src", "new/dst");
    yard_sync(y, "src", "old");
    umask(own);
    assert_int_equal(mode_of(y, "new"), 0755);
    assert_int_equal(mode_of(y, "new/dst"), 0750);
    assert_int_equal(mode_of(y, "new/dst/d"), 0700);
    assert_int_equal(mode_of(y, "new/dst/d/e"), 0755); /* it was to be written to */
    assert_int_equal(mode_of(y, "new/dst/d/b"), 0711);
    assert_int_equal(mode_of(y, "old"), 0711);
}

static void test_directories__differ_by_size_and_time(void **state)
{
    yard *y = *state;
    tree_write(y);
    yard_sync(y, "src", "dst");
    yard_write(y, "src/a", "another size");
    yard_age(y, "src/a", -1000);
    yard_write(y, "src/d/b", "xx");
    yard_age(y, "src/d/b", 10);
    y->options.jobs = 1;
    assert_string_equal(yard_sync(y, "src", "dst"), "copy a, copy d/b");
    assert_string_equal(yard_read(y, "dst/d/b"), "xx");
}

static void test_directories__differ_by_checksum(void **state)
{
    yard *y = *state;
    tree_write(y);
    yard_sync(y, "src", "dst");
    yard_write(y, "src/d/b", "xx");
    yard_age(y, "src/d/b", -1000);
    assert_string_equal(yard_sync(y, "src", "dst"), "");
    y->options.compare = NEPH_COMPARE_CHECKSUM;
    assert_string_equal(yard_sync(y, "src", "dst"), "copy d/b");
    assert_string_equal(yard_sync(y, "src", "dst"), "");
    assert_string_equal(yard_read(y, "dst/d/b"), "xx");
}

static void test_directories__lose_what_the_source_has_not(void **state)
{
    yard *y = *state;
    tree_write(y);
    yard_write(y, "dst/d/old/x", "");
    yard_write(y, "dst/z", "");
    y->options.deletes = y->options.dry_run = 1;
    y->options.jobs = 1;
    assert_string_equal(yard_sync(y, "src", "dst"),
                        "copy a, copy d/b, copy d/e/c, copy empty, delete d/old/x, delete z");
    assert_null(yard_read(y, "dst/a"));
    y->options.dry_run = 0;
    y->options.max_delete = 1;
    yard_sync(y, "src", "dst");
    assert_int_equal(y->rc, NEPH_LIMIT);
    assert_non_null(yard_read(y, "dst/z"));
    y->options.max_delete = 2;
    assert_string_equal(yard_sync(y, "src", "dst"), "delete d/old/x, delete z");
    assert_int_equal(access(sandbox_path(y->box, "dst/d/old"), F_OK), -1);
}

static void test_directories__heed_patterns(void **state)
{
    static const neph_sync_pattern patterns[] = {{"d/**", 1, 0}};
    yard *y = *state;
    tree_write(y);
    y->options.patterns = patterns;
    y->options.pattern_count = 1;
    y->options.jobs = 1;
    assert_string_equal(yard_sync(y, "src", "dst"), "copy a, copy empty");
}

static void test_directories__are_moved(void **state)
{
    yard *y = *state;
    tree_write(y);
    y->options.moves = 1;
    yard_sync(y, "src", "dst");
    assert_int_equal(y->rc, 0);
    assert_null(yard_read(y, "src/a"));
    assert_int_equal(access(sandbox_path(y->box, "src/d"), F_OK), -1);
    assert_string_equal(yard_read(y, "dst/d/e/c"), "333");
}

static void test_directories__keep_times_if_told_to(void **state)
{
    neph_transfer_options transfer = NEPH_TRANSFER_OPTIONS_INIT;
    yard *y = *state;
    struct stat here, there;
    yard_write(y, "src/a", "1");
    yard_age(y, "src/a", -5000);
    transfer.keep_times = 1;
    y->options.transfer = &transfer;
    yard_sync(y, "src", "dst");
    assert_int_equal(stat(sandbox_path(y->box, "src/a"), &here), 0);
    assert_int_equal(stat(sandbox_path(y->box, "dst/a"), &there), 0);
    assert_int_equal(here.st_mtim.tv_sec, there.st_mtim.tv_sec);
}

static void test_directories__that_overlap_are_refused(void **state)
{
    static const struct {
        const char *from, *to, *message;
    } rows[] = {
        {"src", "src", "are the same"},          {"src", "src/../src/", "are the same"},
        {"src", "link", "are the same"},         {"src", "src/new/below", "inside the other"},
        {"src", "link/d", "inside the other"},   {"src/d", "src", "inside the other"},
        {"link/d/e", "src", "inside the other"},
    };
    yard *y = *state;
    tree_write(y);
    assert_int_equal(symlink("src", sandbox_path(y->box, "link")), 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        yard_sync(y, rows[i].from, rows[i].to);
        if (y->rc != NEPH_INVALID || !strstr(y->message, rows[i].message))
            fail_msg("%s to %s: %d, %s", rows[i].from, rows[i].to, y->rc, y->message);
    }
    assert_int_equal(access(sandbox_path(y->box, "src/new"), F_OK), -1);
    yard_sync(y, "src/d", "src/d2");
    assert_int_equal(y->rc, 0);
    assert_string_equal(yard_read(y, "src/d2/e/c"), "333");
}

static void test_directories__name_what_cannot_be_copied(void **state)
{
    yard *y = *state;
    tree_write(y);
    yard_write(y, "dst/a/in the way", "");
    yard_write(y, "dst/d", "");
    y->options.jobs = 1;
    yard_sync(y, "src", "dst");
    assert_int_equal(y->rc, NEPH_FILE);
    assert_int_equal(y->summary.failed_count, 3);
    assert_int_equal(y->summary.copied_count, 1);
    assert_non_null(strstr(y->told, "copy a failed"));
    assert_non_null(strstr(y->told, "copy d/b failed"));
    assert_non_null(yard_read(y, "dst/empty"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        YARD_TEST(test_directories__are_made_alike),
        YARD_TEST(test_directories__that_are_made_have_the_permissions_of_the_other),
        YARD_TEST(test_directories__differ_by_size_and_time),
        YARD_TEST(test_directories__differ_by_checksum),
        YARD_TEST(test_directories__lose_what_the_source_has_not),
        YARD_TEST(test_directories__heed_patterns),
        YARD_TEST(test_directories__are_moved),
        YARD_TEST(test_directories__keep_times_if_told_to),
        YARD_TEST(test_directories__that_overlap_are_refused),
        YARD_TEST(test_directories__name_what_cannot_be_copied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
