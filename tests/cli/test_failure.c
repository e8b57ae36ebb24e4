/*
 * What the command says of an error.
 */
#include "core/cli/cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* What nephc_fail_error() writes; lives until the next call. */
static const char *said(const char *what, const neph_error *error)
{
    static char text[4096];
    int ends[2], kept = dup(2);
    ssize_t size;

    assert_int_equal(pipe(ends), 0);
    assert_int_equal(dup2(ends[1], 2), 2);
    (void)nephc_fail_error(what, NULL, error);
    assert_int_equal(dup2(kept, 2), 2);
    close(kept);
    close(ends[1]);
    size = read(ends[0], text, sizeof text - 1);
    close(ends[0]);
    assert_true(size > 0);
    text[size] = '\0';
    return text;
}

static void test_failure__names_what_was_created(void **state)
{
    static const neph_created created[] = {{NEPH_KIND_VOLUME, 0, "vol-1"},
                                           {NEPH_KIND_NODE, 0, "i\033-1"}};
    const neph_error error = {.size = sizeof error,
                              .status = NEPH_TIMEOUT,
                              .message = "volume vol-1 is creating after 600 s, not available",
                              .created = created,
                              .created_count = 2};

    (void)state;
    assert_string_equal(said("volume create", &error),
                        "neph: volume create: volume vol-1 is creating after 600 s, not available\n"
                        "neph: volume create: created: volume vol-1\n"
                        "neph: volume create: created: node i\\x1b-1\n");
}

static void test_failure__is_one_line_where_nothing_was(void **state)
{
    const neph_error error = {
        .size = sizeof error, .status = NEPH_CONFLICT, .message = "no", .code = "Conflict"};

    (void)state;
    assert_string_equal(said("volume delete", &error), "neph: volume delete: no (Conflict)\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_failure__names_what_was_created),
        cmocka_unit_test(test_failure__is_one_line_where_nothing_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
