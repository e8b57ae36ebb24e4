/*
 * Names become paths below a directory and never lead out of it; and which keys cannot all be files.
 */
#include "core/sync/folder.h"
#include "core/sync/nest.h"
#include "tests/support/sandbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static nephi_memory memory;
static nephi_error error;
static nephi_folder folder;
static char place[512];

static void begin(const sandbox *box, const char *name)
{
    nephi_memory_init(&memory, NULL);
    nephi_error_clear(&error);
    snprintf(place, sizeof place, "%s", sandbox_path(box, name));
    nephi_folder_init(&folder, &memory, place);
}

static int exists(const sandbox *box, const char *name)
{
    struct stat info;
    return !lstat(sandbox_path(box, name), &info);
}

static void test_folder__checks_names(void **state)
{
    static const struct {
        const char *name;
        int rc;
    } rows[] = {
        {"a", 0},
        {"a/b/c", 0},
        {"...", 0},
        {"a/.b", 0},
        {"\xff\xfe\n", 0},
        {"", NEPH_INVALID},
        {".", NEPH_INVALID},
        {"..", NEPH_INVALID},
        {"a/..", NEPH_INVALID},
        {"../a", NEPH_INVALID},
        {"a/./b", NEPH_INVALID},
        {"a//b", NEPH_INVALID},
        {"/a", NEPH_INVALID},
        {"a/", NEPH_INVALID},
    };
    char name[300];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        nephi_error_clear(&error);
        if (nephi_folder_check(rows[i].name, &error) != rows[i].rc)
            fail_msg("\"%s\"", rows[i].name);
    }
    memset(name, 'x', sizeof name);
    name[255] = 0;
    nephi_error_clear(&error);
    assert_int_equal(nephi_folder_check(name, &error), 0);
    name[255] = 'x';
    name[256] = 0;
    assert_int_equal(nephi_folder_check(name, &error), NEPH_INVALID);
}

static void test_folder__makes_what_a_name_stands_in(void **state)
{
    sandbox *box = *state;
    begin(box, "new/deep");
    assert_int_equal(nephi_folder_make(&folder, "a/b/c", &error), 0);
    assert_int_equal(nephi_folder_make(&folder, "a/b/d", &error), 0);
    assert_int_equal(nephi_folder_make(&folder, "x", &error), 0);
    assert_true(exists(box, "new/deep/a/b"));
    assert_false(exists(box, "new/deep/a/b/c"));
    assert_string_equal(nephi_folder_path(&folder, "a/b/c") + strlen(box->dir), "/new/deep/a/b/c");
    nephi_folder_fini(&folder);
}

static void test_folder__follows_no_symbolic_link(void **state)
{
    sandbox *box = *state;
    sandbox_write(box, "outside/secret", "s", 0600);
    sandbox_write(box, "in/file", "f", 0600);
    begin(box, "in");
    assert_int_equal(symlink("../outside", sandbox_path(box, "in/link")), 0);
    assert_int_equal(nephi_folder_make(&folder, "link/x/y", &error), NEPH_FILE);
    assert_non_null(strstr(error.message, "\"link\""));
    assert_non_null(strstr(error.message, "symbolic link"));
    assert_false(exists(box, "outside/x"));
    nephi_error_clear(&error);
    assert_int_equal(nephi_folder_make(&folder, "link/y", &error), NEPH_FILE);
    nephi_error_clear(&error);
    assert_int_equal(nephi_folder_remove(&folder, "link/secret", &error), NEPH_FILE);
    assert_true(exists(box, "outside/secret"));
    nephi_error_clear(&error);
    assert_int_equal(nephi_folder_make(&folder, "file/y", &error), NEPH_FILE);
    nephi_folder_fini(&folder);
}

static void test_folder__removes_directories_that_have_become_empty(void **state)
{
    sandbox *box = *state;
    sandbox_write(box, "in/a/b/c", "", 0600);
    sandbox_write(box, "in/a/d", "", 0600);
    sandbox_write(box, "in/e/f", "", 0600);
    begin(box, "in");
    assert_int_equal(nephi_folder_remove(&folder, "a/b/c", &error), 0);
    assert_false(exists(box, "in/a/b"));
    assert_true(exists(box, "in/a/d"));
    assert_int_equal(nephi_folder_remove(&folder, "e/f", &error), 0);
    assert_false(exists(box, "in/e"));
    assert_int_equal(nephi_folder_remove(&folder, "e/f", &error), 0); /* it is gone already */
    assert_int_equal(nephi_folder_remove(&folder, "a/d", &error), 0);
    assert_true(exists(box, "in"));
    assert_int_equal(mkdir(sandbox_path(box, "in/dir"), 0700), 0);
    assert_int_equal(nephi_folder_remove(&folder, "dir", &error), NEPH_FILE);
    nephi_folder_fini(&folder);
}

static void test_nest__finds_keys_below_a_file(void **state)
{
    static const struct {
        const char *key;
        size_t size;
    } rows[] = {{"a", 0},     {"a-b", 0}, {"a-b/c", 3}, {"a.b", 0},   {"a/b", 1},
                {"a/b/c", 1}, {"a0", 0},  {"b/c", 0},   {"b/c/d", 3}, {"b/c/d/e", 3},
                {"b/cd", 0},  {"b/d", 0}, {"b/d!", 0},  {"b/d/", 3}};
    nephi_nest nest;
    size_t size;
    (void)state;
    nephi_memory_init(&memory, NULL);
    nephi_nest_init(&nest, &memory);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(nephi_nest_add(&nest, rows[i].key, &size), 0);
        if (size != rows[i].size)
            fail_msg("\"%s\": %zu", rows[i].key, size);
    }
    nephi_nest_fini(&nest);
}

#define SANDBOX_TEST(function)                                                                     \
    cmocka_unit_test_setup_teardown(function, sandbox_setup, sandbox_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_folder__checks_names),
        SANDBOX_TEST(test_folder__makes_what_a_name_stands_in),
        SANDBOX_TEST(test_folder__follows_no_symbolic_link),
        SANDBOX_TEST(test_folder__removes_directories_that_have_become_empty),
        cmocka_unit_test(test_nest__finds_keys_below_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
