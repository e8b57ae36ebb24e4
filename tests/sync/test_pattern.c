/*
 * Which names take part.
 */
#include "core/sync/pattern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_pattern__matches(void **state)
{
    static const struct {
        const char *pattern, *name;
        int matches;
    } rows[] = {
        {"a", "a", 1},
        {"a", "b", 0},
        {"a", "dir/a", 1}, /* without '/': the last name alone */
        {"a", "a/b", 0},
        {"*.o", "x.o", 1},
        {"*.o", "deep/down/x.o", 1},
        {"*.o", "x.o/y", 0},
        {"*", "", 1},
        {"*", "a", 1},
        {"?", "a", 1},
        {"?", "", 0},
        {"?", "ab", 0},
        {"a?c", "abc", 1},
        {"a*c", "ac", 1},
        {"a*c", "abcbc", 1},
        {"a*c", "abcb", 0},
        {"*a*b*", "xxaxxbxx", 1},
        {"*a*b*", "xxbxxaxx", 0},
        {"d/*", "d/a", 1}, /* with '/': the whole name */
        {"d/*", "d/a/b", 0},
        {"d/*", "x/d/a", 0},
        {"/a", "a", 1},
        {"/a", "d/a", 0},
        {"d/?", "d//", 0},
        {"d/**", "d/a/b", 1},
        {"d/**", "d/", 1},
        {"d/**", "d", 0},
        {"d/**", "de/a", 0},
        {"d/", "d/a/b", 1}, /* all below */
        {"d/", "d/", 1},
        {"d/", "x/d/a", 0},
        {"**/x", "x", 1},
        {"**/x", "a/b/x", 1},
        {"**/x", "a/bx", 0},
        {"a/**/b", "a/b", 1},
        {"a/**/b", "a/x/y/b", 1},
        {"a/**/b", "a/xb", 0},
        {"a/**b", "a/x/yb", 1},
        {"**.o/c", "a/b.o/c", 1},
        {"a/*/c/**/*.o", "a/b/c/d/e.o", 1},
        {"a/*/c/**/*.o", "a/b/c/e.o", 1},
        {"a/*/c/**/*.o", "a/b/x/e.o", 0},
        {"**/a*b/**/c", "1/axb/2/3/c", 1},
        {"**/a*b/**/c", "1/ax/b/2/3/c", 0},
        {"\xff*", "\xff\xfe", 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (nephi_pattern_matches(rows[i].pattern, rows[i].name) != rows[i].matches)
            fail_msg("\"%s\" and \"%s\"", rows[i].pattern, rows[i].name);
}

/* What backs off at each "*" takes for ever. */
static void test_pattern__is_done_soon(void **state)
{
    char pattern[129], name[2001];
    (void)state;
    for (size_t i = 0; i < 128; i += 2) {
        pattern[i] = '*';
        pattern[i + 1] = 'a';
    }
    pattern[128] = 0;
    for (size_t i = 0; i < 2000; i++)
        name[i] = i % 100 == 99 ? '/' : 'a';
    name[2000] = 0;
    assert_int_equal(nephi_pattern_matches(pattern, name), 0);
    pattern[1] = '*';
    pattern[2] = '/';
    assert_int_equal(nephi_pattern_matches(pattern, name), 0);
}

static void test_pattern__the_first_that_matches_decides(void **state)
{
    static const neph_sync_pattern both[] = {{"*.tmp", 1, 0}, {"d/**", 0, 0}};
    static const neph_sync_pattern excludes[] = {{"keep.tmp", 0, 0}, {"*.tmp", 1, 0}};
    (void)state;
    assert_int_equal(nephi_patterns_select(both, 2, "d/a.tmp"), 0);
    assert_int_equal(nephi_patterns_select(both, 2, "d/a"), 1);
    assert_int_equal(nephi_patterns_select(both, 2, "a"), 0); /* there is an include */
    assert_int_equal(nephi_patterns_select(both, 1, "a"), 1);
    assert_int_equal(nephi_patterns_select(excludes, 2, "keep.tmp"), 1);
    assert_int_equal(nephi_patterns_select(excludes, 2, "a.tmp"), 0);
    assert_int_equal(nephi_patterns_select(NULL, 0, "a"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pattern__matches),
        cmocka_unit_test(test_pattern__is_done_soon),
        cmocka_unit_test(test_pattern__the_first_that_matches_decides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
