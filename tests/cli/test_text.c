/*
 * Strings of a server made harmless for a terminal, COPY and JSON.
 */
#include "core/cli/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

typedef void (*put_fn)(nephc_output *out, const char *text, size_t size);

static void expect(put_fn put, const char *text, const char *expected)
{
    char data[4096];
    nephc_output out;

    nephc_output_init(&out, -1, data, sizeof data);
    put(&out, text, strlen(text));
    nephc_output_byte(&out, '\0');
    assert_string_equal(data, expected);
}

static void test_text__plain_ascii_stands_for_itself(void **state)
{
    static const char text[] = "photos/2026/a \"quoted\" \\ name~.jpeg";

    (void)state;
    expect(nephc_put_plain, text, text);
    expect(nephc_put_plain, "", "");
}

/* The fast path looks at eight bytes at a time: every place within and behind such a word. */
static void test_text__a_control_character_is_found_at_every_place(void **state)
{
    char text[32], expected[64];
    size_t size, at;

    (void)state;
    for (size = 1; size < 27; size++) {
        for (at = 0; at < size; at++) {
            memset(text, 'x', sizeof text);
            text[size] = '\0';
            text[at] = '\x1b';
            memset(expected, 'x', sizeof expected);
            memcpy(expected + at, "\\x1b", 4);
            expected[size + 3] = '\0';
            expect(nephc_put_plain, text, expected);
            expect(nephc_put_copy, text, expected);
        }
    }
}

static void test_text__terminals_get_no_control_character(void **state)
{
    (void)state;
    expect(nephc_put_plain, "a\033[31mb", "a\\x1b[31mb");
    expect(nephc_put_plain, "two\nlines\tand\r", "two\\nlines\\tand\\x0d");
    expect(nephc_put_plain, "\x7f", "\\x7f");
    expect(nephc_put_plain,
           "\xc2\x9b"
           "31m",
           "\\xc2\\x9b31m"); /* CSI as one character */
    expect(nephc_put_plain,
           "\xe2\x80\xae"
           "gpj",
           "\\xe2\\x80\\xaegpj"); /* right to left */
}

static void test_text__what_is_no_utf8_becomes_hexadecimal(void **state)
{
    (void)state;
    expect(nephc_put_plain, "bad\xff key", "bad\\xff key");
    expect(nephc_put_plain, "\xc0\xaf", "\\xc0\\xaf");          /* overlong */
    expect(nephc_put_plain, "\xed\xa0\x80", "\\xed\\xa0\\x80"); /* surrogate */
    expect(nephc_put_plain, "cut\xe6\x97", "cut\\xe6\\x97");
    expect(nephc_put_plain, "\xe6\x97\xa5\xc3\xa9\xf0\x9f\x8d\x8e",
           "\xe6\x97\xa5\xc3\xa9\xf0\x9f\x8d\x8e");
}

static void test_text__copy_escapes_are_those_of_postgresql(void **state)
{
    (void)state;
    expect(nephc_put_copy, "a\\N\tb\nc\rd\be\ff\vg", "a\\\\N\\tb\\nc\\rd\\be\\ff\\vg");
    expect(nephc_put_copy, "\x01\xff", "\\x01\\xff");
    expect(nephc_put_copy, "\"quoted\"", "\"quoted\"");
}

static void test_text__json_escapes_quotes_and_controls(void **state)
{
    (void)state;
    expect(nephc_put_json, "a\"b\\c\nd\x01", "a\\\"b\\\\c\\nd\\u0001");
    expect(nephc_put_json, "\x7f\xc2\x9b\xe2\x80\xae", "\\u007f\\u009b\\u202e");
    expect(nephc_put_json, "\xf3\xa0\x80\x81", "\\udb40\\udc01"); /* U+E0001 */
    expect(nephc_put_json, "\xe6\x97\xa5", "\xe6\x97\xa5");
}

static void test_text__base64_pads(void **state)
{
    (void)state;
    expect(nephc_put_base64, "", "");
    expect(nephc_put_base64, "a", "YQ==");
    expect(nephc_put_base64, "ab", "YWI=");
    expect(nephc_put_base64, "abc", "YWJj");
    expect(nephc_put_base64, "bad\xff key", "YmFk/yBrZXk=");
}

static void test_text__width_counts_columns(void **state)
{
    (void)state;
    assert_int_equal(nephc_width("", 0), 0);
    assert_int_equal(nephc_width("abcdefghijk", 11), 11);
    assert_int_equal(nephc_width("\xe6\x97\xa5\xe6\x9c\xac", 6), 4);
    assert_int_equal(nephc_width("e\xcc\x81", 3), 1);
    assert_int_equal(nephc_width("\xc3\xa9", 2), 1);
}

static void test_text__memory_that_is_full_is_an_error(void **state)
{
    char data[4];
    nephc_output out;

    (void)state;
    nephc_output_init(&out, -1, data, sizeof data);
    nephc_output_text(&out, "abc");
    nephc_output_byte(&out, 'd');
    assert_int_equal(out.error, 0);
    nephc_output_byte(&out, 'e');
    assert_int_not_equal(out.error, 0);
    assert_memory_equal(data, "abcd", 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text__plain_ascii_stands_for_itself),
        cmocka_unit_test(test_text__a_control_character_is_found_at_every_place),
        cmocka_unit_test(test_text__terminals_get_no_control_character),
        cmocka_unit_test(test_text__what_is_no_utf8_becomes_hexadecimal),
        cmocka_unit_test(test_text__copy_escapes_are_those_of_postgresql),
        cmocka_unit_test(test_text__json_escapes_quotes_and_controls),
        cmocka_unit_test(test_text__base64_pads),
        cmocka_unit_test(test_text__width_counts_columns),
        cmocka_unit_test(test_text__memory_that_is_full_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
