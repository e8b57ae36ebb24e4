/*
 * Values from files: what of a file is the value, and what cannot be one.
 */
#include "core/cli/cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* What is read of a file with these bytes; NULL: it is refused. Freed by the caller. */
static char *value_of(nephc_value_kind kind, const char *bytes, size_t size)
{
    char path[] = "/tmp/neph-value-XXXXXX", text[64], *value = NULL;
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, size), size);
    assert_int_equal(close(fd), 0);
    (void)snprintf(text, sizeof text, "@%s", path);
    if (nephc_value_read_as("it", text, kind, &value) != 0)
        assert_null(value);
    assert_int_equal(unlink(path), 0);
    return value;
}

static void test_value__a_file_is_cut_as_its_kind_wants(void **state)
{
    static const struct {
        nephc_value_kind kind;
        const char *bytes, *value;
    } rows[] = {
        {NEPHC_VALUE_LINE, "a", "a"},
        {NEPHC_VALUE_LINE, "a\n", "a"},
        {NEPHC_VALUE_LINE, "a\nb\r\n", "a\nb"},
        {NEPHC_VALUE_LINE, "", ""},
        {NEPHC_VALUE_WHOLE, "#!/bin/sh\necho\n", "#!/bin/sh\necho\n"},
        {NEPHC_VALUE_WHOLE, "\n", "\n"},
        {NEPHC_VALUE_BASE64, "YWJj\nZGVm\n", "YWJjZGVm"},
        {NEPHC_VALUE_BASE64, "YWJj\r\nZGVm", "YWJjZGVm"},
        {NEPHC_VALUE_BASE64, "\n\n", ""},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *value = value_of(rows[i].kind, rows[i].bytes, strlen(rows[i].bytes));

        assert_non_null(value);
        assert_string_equal(value, rows[i].value);
        nephc_value_free(value);
    }
}

static void test_value__zero_bytes_and_huge_files_are_refused(void **state)
{
    char *huge = malloc(65537);

    (void)state;
    assert_non_null(huge);
    memset(huge, 'x', 65537);
    assert_null(value_of(NEPHC_VALUE_WHOLE, "a\0b", 3));
    assert_null(value_of(NEPHC_VALUE_BASE64, "a\0", 2));
    assert_null(value_of(NEPHC_VALUE_WHOLE, huge, 65537));
    free(huge);
}

static void test_value__a_text_is_itself(void **state)
{
    char *value;

    (void)state;
    assert_int_equal(nephc_value_read("it", "text\n", &value), 0);
    assert_string_equal(value, "text\n");
    nephc_value_free(value);
    assert_int_equal(nephc_value_read_as("it", "@@x", NEPHC_VALUE_WHOLE, &value), 0);
    assert_string_equal(value, "@x");
    nephc_value_free(value);
    assert_int_not_equal(nephc_value_read("it", "@/nonexistent/file", &value), 0);
    assert_null(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_value__a_file_is_cut_as_its_kind_wants),
        cmocka_unit_test(test_value__zero_bytes_and_huge_files_are_refused),
        cmocka_unit_test(test_value__a_text_is_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
