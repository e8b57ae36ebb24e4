/*
 * Trees made alike: a directory and a cloud, both ways, and two places of a cloud.
 */
#include "tests/sync/yard.h"

static void tree_write(const yard *y, const char *where)
{
    static const char *const names[] = {"a", "a-b", "a.b", "d/a", "d/e/f", "d0"};
    char path[256];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", where, names[i]);
        yard_write(y, path, names[i]);
    }
}

#define TREE_COPIED "copy a, copy a-b, copy a.b, copy d/a, copy d/e/f, copy d0"

static void test_sync__brings_a_directory_to_a_cloud(void **state)
{
    yard *y = *state;
    tree_write(y, "src");
    y->options.jobs = 1;
    assert_string_equal(yard_sync(y, "src", "local:p"), TREE_COPIED);
    assert_int_equal(y->rc, 0);
    assert_string_equal(y->begun, TREE_COPIED);
    assert_string_equal(yard_read(y, "cloud/box/p/d/e/f"), "d/e/f");
    assert_int_equal(y->summary.seen_count, 6);
    assert_int_equal(y->summary.copied_count, 6);
    assert_int_equal(y->summary.copied_bytes, 17);
    assert_int_equal(y->summary.done_bytes, 17);
    assert_int_equal(y->summary.total_bytes, 17);
    assert_string_equal(yard_sync(y, "src", "local:p/"), "");
    assert_int_equal(y->summary.same_count, 6);
}

static void test_sync__brings_a_cloud_to_a_directory(void **state)
{
    yard *y = *state;
    tree_write(y, "cloud/box/p");
    yard_write(y, "cloud/box/other", "o");
    y->options.jobs = 1;
    assert_string_equal(yard_sync(y, "local:p", "new/dst"), TREE_COPIED);
    assert_int_equal(y->rc, 0);
    assert_string_equal(yard_read(y, "new/dst/d/e/f"), "d/e/f");
    assert_string_equal(yard_read(y, "new/dst/d0"), "d0");
    assert_null(yard_read(y, "new/dst/other"));
    assert_string_equal(yard_sync(y, "local:p", "new/dst"), "");
    assert_int_equal(y->summary.same_count, 6);
}

static void test_sync__copies_inside_a_cloud(void **state)
{
    yard *y = *state;
    tree_write(y, "cloud/box/p");
    assert_non_null(strstr(yard_sync(y, "local:p", "local:q"), "copy d/e/f"));
    assert_int_equal(y->rc, 0);
    assert_string_equal(yard_read(y, "cloud/box/q/d/e/f"), "d/e/f");
    assert_string_equal(yard_sync(y, "local:p", "local:q"), "");
    assert_int_equal(y->summary.same_count, 6);
}

static void test_sync__copies_what_has_changed(void **state)
{
    yard *y = *state;
    tree_write(y, "src");
    yard_sync(y, "src", "local:");
    yard_write(y, "src/a", "another size");
    yard_age(y, "src/a", -1000);
    yard_write(y, "src/d/a", "x/y"); /* the same size, newer */
    yard_age(y, "src/d/a", 10);
    yard_write(y, "src/d0", "0d"); /* the same size, older: by time it has not changed */
    yard_age(y, "src/d0", -10);
    y->options.jobs = 1;
    y->options.tells_same = 1;
    assert_string_equal(yard_sync(y, "src", "local:"),
                        "copy a, same a-b, same a.b, copy d/a, same d/e/f, same d0");
    assert_string_equal(yard_read(y, "cloud/box/d/a"), "x/y");
}

static void test_sync__compares_checksums_if_told_to(void **state)
{
    yard *y = *state;
    yard_write(y, "src/a", "one");
    yard_write(y, "src/b", "two");
    yard_sync(y, "src", "local:");
    yard_write(y, "src/b", "TWO");
    yard_age(y, "src/b", -100);
    y->options.compare = NEPH_COMPARE_CHECKSUM;
    y->options.jobs = 1;
    y->options.tells_same = 1;
    assert_string_equal(yard_sync(y, "src", "local:"), "same a, copy b");
    assert_string_equal(yard_read(y, "cloud/box/b"), "TWO");
}

static void test_sync__leaves_what_is_there_if_told_to(void **state)
{
    yard *y = *state;
    yard_write(y, "src/a", "new");
    yard_write(y, "src/b", "new");
    yard_write(y, "cloud/box/a", "old one");
    y->options.compare = NEPH_COMPARE_ABSENT;
    assert_string_equal(yard_sync(y, "src", "local:"), "copy b");
    assert_string_equal(yard_read(y, "cloud/box/a"), "old one");
    y->options.compare = NEPH_COMPARE_NONE;
    y->options.jobs = 1;
    assert_string_equal(yard_sync(y, "src", "local:"), "copy a, copy b");
}

static void test_sync__deletes_what_the_source_has_not(void **state)
{
    yard *y = *state;
    yard_write(y, "src/b", "");
    yard_write(y, "cloud/box/p/a", "");
    yard_write(y, "cloud/box/p/b", "");
    yard_write(y, "cloud/box/p/c/d", "");
    yard_write(y, "cloud/box/pq", "");
    assert_string_equal(yard_sync(y, "src", "local:p"), "");
    y->options.deletes = 1;
    assert_string_equal(yard_sync(y, "src", "local:p"), "delete a, delete c/d");
    assert_int_equal(y->summary.deleted_count, 2);
    assert_null(yard_read(y, "cloud/box/p/a"));
    assert_non_null(yard_read(y, "cloud/box/p/b"));
    assert_non_null(yard_read(y, "cloud/box/pq"));
    yard_write(y, "src/x/y/z", "");
    yard_write(y, "src/k", "");
    y->options.jobs = 1;
    assert_string_equal(yard_sync(y, "local:p", "src"), "delete k, delete x/y/z");
    assert_null(yard_read(y, "src/x/y/z"));
    assert_int_equal(access(sandbox_path(y->box, "src/x"), F_OK), -1);
}

static void test_sync__deletes_no_more_than_allowed(void **state)
{
    yard *y = *state;
    assert_int_equal(mkdir(sandbox_path(y->box, "src"), 0700), 0);
    yard_write(y, "src/new", "");
    yard_write(y, "cloud/box/a", "");
    yard_write(y, "cloud/box/b", "");
    y->options.deletes = 1;
    y->options.max_delete = 1;
    assert_string_equal(yard_sync(y, "src", "local:"), "copy new");
    assert_int_equal(y->rc, NEPH_LIMIT);
    assert_string_equal(y->message,
                        "2 deletions are wanted, more than the 1 allowed: none was begun");
    assert_non_null(yard_read(y, "cloud/box/a"));
    y->options.max_delete = 2;
    assert_string_equal(yard_sync(y, "src", "local:"), "delete a, delete b");
    assert_int_equal(y->rc, 0);
}

static void test_sync__of_nothing_empties_a_tree(void **state)
{
    yard *y = *state;
    tree_write(y, "cloud/box/p");
    yard_write(y, "cloud/box/q", "");
    y->options.deletes = 1;
    yard_sync(y, NULL, "local:p");
    assert_int_equal(y->rc, 0);
    assert_int_equal(y->summary.deleted_count, 6);
    assert_null(yard_read(y, "cloud/box/p/d/e/f"));
    assert_non_null(yard_read(y, "cloud/box/q"));
}

static void test_sync__tells_and_does_nothing_if_told_to(void **state)
{
    yard *y = *state;
    yard_write(y, "src/a", "12");
    yard_write(y, "cloud/box/b", "");
    y->options.deletes = y->options.dry_run = 1;
    assert_string_equal(yard_sync(y, "src", "local:"), "copy a, delete b");
    assert_string_equal(y->begun, "copy a, delete b");
    assert_int_equal(y->summary.total_bytes, 2);
    assert_null(yard_read(y, "cloud/box/a"));
    assert_non_null(yard_read(y, "cloud/box/b"));
    assert_string_equal(yard_sync(y, "local:", "new"), "copy b");
    assert_int_equal(access(sandbox_path(y->box, "new"), F_OK), -1);
}

static void test_sync__moves(void **state)
{
    yard *y = *state;
    tree_write(y, "src");
    y->options.moves = 1;
    yard_sync(y, "src", "local:p");
    assert_int_equal(y->rc, 0);
    assert_null(yard_read(y, "src/d/e/f"));
    assert_int_equal(access(sandbox_path(y->box, "src/d"), F_OK), -1);
    assert_string_equal(yard_read(y, "cloud/box/p/d/e/f"), "d/e/f");
    yard_sync(y, "local:p", "dst");
    assert_int_equal(y->rc, 0);
    assert_null(yard_read(y, "cloud/box/p/a"));
    assert_string_equal(yard_read(y, "dst/a"), "a");
}

static void test_sync__takes_what_the_patterns_select(void **state)
{
    static const neph_sync_pattern patterns[] = {{"d/**", 1, 0}, {"*.b", 1, 0}};
    yard *y = *state;
    tree_write(y, "src");
    yard_write(y, "cloud/box/d/old", "");
    yard_write(y, "cloud/box/old", "");
    y->options.patterns = patterns;
    y->options.pattern_count = 2;
    y->options.deletes = 1;
    y->options.jobs = 1;
    assert_string_equal(yard_sync(y, "src", "local:"), "copy a, copy a-b, copy d0, delete old");
    assert_non_null(yard_read(y, "cloud/box/d/old"));
}

static void test_sync__names_what_it_leaves_out(void **state)
{
    yard *y = *state;
    yard_write(y, "src/a", "");
    assert_int_equal(symlink("a", sandbox_path(y->box, "src/link")), 0);
    assert_int_equal(mkfifo(sandbox_path(y->box, "src/pipe"), 0600), 0);
    yard_write(y, "cloud/box/link", "stays, for the source has something of that name");
    y->options.deletes = 1;
    y->options.jobs = 1;
    assert_string_equal(yard_sync(y, "src", "local:"),
                        "copy a, skip link (a symbolic link is not followed), "
                        "skip pipe (it is neither a file nor a directory)");
    assert_int_equal(y->rc, 0);
    assert_int_equal(y->summary.skipped_count, 2);
    assert_non_null(yard_read(y, "cloud/box/link"));
}

/* Keys that no file can have are named, and the others go on. */
static void test_sync__never_leaves_the_directory(void **state)
{
    yard *y = *state;
    yard_write(y, "outside/x", "x");
    yard_write(y, "cloud/box/p/link/x", "y");
    yard_write(y, "cloud/box/p/good", "z");
    yard_write(y, "dst/keep", "");
    assert_int_equal(symlink("../outside", sandbox_path(y->box, "dst/link")), 0);
    yard_sync(y, "local:p", "dst");
    assert_int_equal(y->rc, NEPH_FILE);
    assert_int_equal(y->summary.failed_count, 1);
    assert_non_null(strstr(y->told, "copy link/x failed (the directory \"link\" cannot be used"));
    assert_string_equal(yard_read(y, "outside/x"), "x");
    assert_string_equal(yard_read(y, "dst/good"), "z");
    y->options.deletes = 1;
    yard_write(y, "outside/gone", "x");
    yard_sync(y, "local:p", "dst");
    assert_non_null(yard_read(y, "outside/gone"));
    assert_null(yard_read(y, "dst/keep"));
}

static void test_sync__goes_on_behind_a_failure_and_ends_with_it(void **state)
{
    yard *y = *state;
    if (geteuid() == 0)
        skip();
    tree_write(y, "src");
    sandbox_write(y->box, "src/a-b", "x", 0);
    y->options.jobs = 1;
    yard_sync(y, "src", "local:");
    assert_int_equal(y->summary.failed_count, 1);
    assert_int_equal(y->summary.copied_count, 5);
    assert_true(y->rc == NEPH_FILE || y->rc == NEPH_PERMISSION);
    assert_non_null(strstr(y->message, "a-b: "));
}

static void test_sync__deletes_nothing_when_a_directory_cannot_be_read(void **state)
{
    yard *y = *state;
    if (geteuid() == 0)
        skip();
    tree_write(y, "src");
    yard_write(y, "cloud/box/d/a", "of the source, which cannot be read");
    yard_write(y, "cloud/box/old", "");
    assert_int_equal(chmod(sandbox_path(y->box, "src/d"), 0), 0);
    y->options.deletes = 1;
    yard_sync(y, "src", "local:");
    assert_int_equal(chmod(sandbox_path(y->box, "src/d"), 0700), 0);
    assert_int_equal(y->rc, NEPH_FILE);
    assert_int_equal(y->summary.deleted_count, 0);
    assert_int_equal(y->summary.copied_count, 4);
    assert_non_null(yard_read(y, "cloud/box/d/a"));
    assert_non_null(yard_read(y, "cloud/box/old"));
}

/* What is there cannot be seen: it is not written over. */
static void test_sync__writes_nothing_where_it_cannot_read(void **state)
{
    yard *y = *state;
    if (geteuid() == 0)
        skip();
    tree_write(y, "cloud/box");
    yard_write(y, "dst/d/a", "mine");
    assert_int_equal(chmod(sandbox_path(y->box, "dst/d"), 0300), 0);
    y->options.compare = NEPH_COMPARE_ABSENT;
    yard_sync(y, "local:", "dst");
    assert_int_equal(chmod(sandbox_path(y->box, "dst/d"), 0700), 0);
    assert_int_equal(y->rc, NEPH_FILE);
    assert_string_equal(yard_read(y, "dst/d/a"), "mine");
    assert_int_equal(y->summary.failed_count, 3);
    assert_int_equal(y->summary.copied_count, 4);
}

static void test_sync__refuses_what_cannot_be(void **state)
{
    static const struct {
        const char *from, *to;
        int status;
        const char *message;
    } rows[] = {
        {"local:p", "local:p/", NEPH_INVALID, "are the same"},
        {"local:", "local:backup", NEPH_INVALID, "inside the other"},
        {"local:a/b/c", "local:a/b", NEPH_INVALID, "inside the other"},
        {"none", "local:", NEPH_NOT_FOUND, "no such directory"},
        {"src/a", "local:", NEPH_FILE, "no directory"},
        {"local:", "src/a", NEPH_FILE, "no directory"},
    };
    yard *y = *state;
    yard_write(y, "src/a", "");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        yard_sync(y, rows[i].from, rows[i].to);
        if (y->rc != rows[i].status || !strstr(y->message, rows[i].message))
            fail_msg("%s to %s: %d, %s", rows[i].from, rows[i].to, y->rc, y->message);
    }
    assert_string_equal(yard_sync(y, "src", "local:src"), "copy a");
}

static void cancel_at_b(yard *y, neph_sync *sync, const neph_sync_event *event)
{
    (void)y;
    if (strcmp(event->name, "b") == 0)
        neph_sync_cancel(sync);
}

static void test_sync__can_be_cancelled_from_its_events(void **state)
{
    yard *y = *state;
    yard_write(y, "src/a", "");
    yard_write(y, "src/b", "");
    yard_write(y, "src/c", "");
    y->options.jobs = 1;
    y->on_event = cancel_at_b;
    yard_sync(y, "src", "local:");
    assert_int_equal(y->rc, NEPH_CANCELLED);
    assert_non_null(yard_read(y, "cloud/box/a"));
    assert_null(yard_read(y, "cloud/box/c"));
}

static void free_at_b(yard *y, neph_sync *sync, const neph_sync_event *event)
{
    (void)y;
    if (strcmp(event->name, "b") == 0)
        neph_sync_free(sync);
}

static void test_sync__can_be_freed_at_any_moment(void **state)
{
    yard *y = *state;
    tree_write(y, "src");
    yard_write(y, "src/b", "");
    y->on_event = free_at_b;
    yard_begin(y, "src", "local:");
    for (int i = 0; i < 100; i++)
        assert_int_equal(neph_host_dispatch(y->host, 0), 0);
    y->on_event = NULL;
    for (int turns = 0; turns < 40; turns++) {
        neph_sync *sync = yard_begin(y, "src", "local:p");
        for (int i = 0; i < turns; i++)
            assert_int_equal(neph_host_dispatch(y->host, 0), 0);
        neph_sync_free(sync);
    }
    yard_begin(y, "src", "local:q"); /* the host's end is its own */
    assert_int_equal(neph_host_dispatch(y->host, 0), 0);
}

static void test_sync__of_a_closed_cloud_is_cancelled(void **state)
{
    yard *y = *state;
    neph_sync *sync;
    tree_write(y, "src");
    sync = yard_begin(y, "src", "local:");
    neph_cloud_close(y->cloud);
    y->cloud = NULL;
    yard_finish(y, sync);
    assert_int_equal(y->rc, NEPH_CANCELLED);
}

static void count_done(neph_sync *sync, int status, void *user)
{
    (void)sync;
    *(int *)user += status == 0 ? 1 : 100;
}

static void test_sync__tells_its_end_once(void **state)
{
    yard *y = *state;
    neph_sync *sync;
    int count = 0;
    tree_write(y, "src");
    sync = yard_begin(y, "src", "local:");
    neph_on_sync(sync, count_done, &count);
    while (!count)
        assert_int_equal(neph_host_dispatch(y->host, 100), 0);
    assert_int_equal(neph_sync_is_done(sync), 1);
    yard_finish(y, sync);
    assert_int_equal(count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        YARD_TEST(test_sync__brings_a_directory_to_a_cloud),
        YARD_TEST(test_sync__brings_a_cloud_to_a_directory),
        YARD_TEST(test_sync__copies_inside_a_cloud),
        YARD_TEST(test_sync__copies_what_has_changed),
        YARD_TEST(test_sync__compares_checksums_if_told_to),
        YARD_TEST(test_sync__leaves_what_is_there_if_told_to),
        YARD_TEST(test_sync__deletes_what_the_source_has_not),
        YARD_TEST(test_sync__deletes_no_more_than_allowed),
        YARD_TEST(test_sync__of_nothing_empties_a_tree),
        YARD_TEST(test_sync__tells_and_does_nothing_if_told_to),
        YARD_TEST(test_sync__moves),
        YARD_TEST(test_sync__takes_what_the_patterns_select),
        YARD_TEST(test_sync__names_what_it_leaves_out),
        YARD_TEST(test_sync__never_leaves_the_directory),
        YARD_TEST(test_sync__goes_on_behind_a_failure_and_ends_with_it),
        YARD_TEST(test_sync__deletes_nothing_when_a_directory_cannot_be_read),
        YARD_TEST(test_sync__writes_nothing_where_it_cannot_read),
        YARD_TEST(test_sync__refuses_what_cannot_be),
        YARD_TEST(test_sync__can_be_cancelled_from_its_events),
        YARD_TEST(test_sync__can_be_freed_at_any_moment),
        YARD_TEST(test_sync__of_a_closed_cloud_is_cancelled),
        YARD_TEST(test_sync__tells_its_end_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
