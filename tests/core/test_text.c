/*
 * Numbers, booleans, hex, base64, percent-encoding and UTF-8: a table for each reader, a sentence
 * for each row.
 */
#include "core/text.h"

#include <neph/vocabulary.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define UNTOUCHED 4711
#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

typedef int (*read_fn)(const char *text, size_t size, int64_t *out);

typedef struct number_row {
    const char *sentence, *text;
    int is_read;
    int64_t value;
} number_row;

/* Reads from a copy without NUL, so that a sanitizer sees a step too far. */
static void check_rows(read_fn read, const number_row *rows, size_t count)
{
    size_t i;
    for (i = 0; i < count; i++) {
        size_t size = strlen(rows[i].text);
        char *copy = malloc(size + !size);
        int64_t value = UNTOUCHED;
        memcpy(copy, rows[i].text, size);
        if (read(copy, size, &value) != rows[i].is_read)
            fail_msg("%s: \"%s\" is %s", rows[i].sentence, rows[i].text,
                     rows[i].is_read ? "refused" : "read");
        if (value != (rows[i].is_read ? rows[i].value : UNTOUCHED))
            fail_msg("%s: \"%s\" is %lld", rows[i].sentence, rows[i].text, (long long)value);
        free(copy);
    }
}

static void test_text__reads_integers(void **state)
{
    static const number_row rows[] = {
        {"zero", "0", 1, 0},
        {"one digit", "7", 1, 7},
        {"a size", "21474836480", 1, INT64_C(21474836480)},
        {"negative", "-42", 1, -42},
        {"minus zero", "-0", 1, 0},
        {"leading zeroes", "0000000000000000000000000012", 1, 12},
        {"zeroes alone", "000", 1, 0},
        {"the largest", "9223372036854775807", 1, INT64_MAX},
        {"the smallest", "-9223372036854775807", 1, -INT64_MAX},
        {"the value that means unknown", "-9223372036854775808", 0, 0},
        {"one too large", "9223372036854775808", 0, 0},
        {"nineteen nines", "9999999999999999999", 0, 0},
        {"twenty digits", "10000000000000000000", 0, 0},
        {"2^64, which would wrap to 0", "18446744073709551616", 0, 0},
        {"nothing", "", 0, 0},
        {"a minus alone", "-", 0, 0},
        {"two minuses", "--1", 0, 0},
        {"a plus", "+1", 0, 0},
        {"a blank before", " 1", 0, 0},
        {"a blank behind", "1 ", 0, 0},
        {"a newline behind", "1\n", 0, 0},
        {"a fraction", "1.5", 0, 0},
        {"an exponent", "1e3", 0, 0},
        {"hex", "0x10", 0, 0},
        {"a separator", "1,000", 0, 0},
        {"a word", "many", 0, 0},
        {"a digit of another script", "\331\241", 0, 0},
        {"the character before 0", "1/", 0, 0},
        {"the character behind 9", "1:", 0, 0},
    };
    (void)state;
    check_rows(nephi_read_integer, rows, COUNT(rows));
}

static void test_text__reads_decimals(void **state)
{
    static const number_row rows[] = {
        {"whole", "2", 1, 2 * NEPH_NANO},
        {"a half", "0.5", 1, NEPH_NANO / 2},
        {"a price", "0.15", 1, 150000000},
        {"negative", "-0.25", 1, -250000000},
        {"an exponent", "1e-3", 1, 1000000},
        {"a large exponent", "1.5E+3", 1, 1500 * NEPH_NANO},
        {"nine places", "0.123456789", 1, 123456789},
        {"a tenth place rounds down", "0.1234567894", 1, 123456789},
        {"a tenth place rounds up", "0.1234567895", 1, 123456790},
        {"rounding goes away from zero", "-0.0000000005", 1, -1},
        {"too small to count", "0.00000000049", 1, 0},
        {"far too small to count", "5e-30", 1, 0},
        {"zero with a huge exponent", "0e9999", 1, 0},
        {"more digits than an integer has", "1.00000000000000000000000000001", 1, NEPH_NANO},
        {"zeroes before and behind", "000000000000000000000000002.50000", 1, 2500000000},
        {"as a binary float is printed", "0.30000000000000004", 1, 300000000},
        {"the largest", "9223372036.854775807", 1, INT64_MAX},
        {"one too large", "9223372036.854775808", 0, 0},
        {"many digits", "99999999999999999999", 0, 0},
        {"a huge exponent", "1e9999", 0, 0},
        {"an exponent beyond all numbers", "1e99999999999999999999", 0, 0},
        {"nothing", "", 0, 0},
        {"a point alone", ".", 0, 0},
        {"no digit before the point", ".5", 1, NEPH_NANO / 2},
        {"no digit behind the point", "1.", 0, 0},
        {"a comma", "0,5", 0, 0},
        {"two points", "1.2.3", 0, 0},
        {"an exponent without digits", "1e", 0, 0},
        {"an exponent that is a sign", "1e-", 0, 0},
        {"an exponent with a fraction", "1e1.5", 0, 0},
        {"a unit", "2GB", 0, 0},
        {"not a number", "nan", 0, 0},
        {"infinity", "inf", 0, 0},
        {"a blank", "1 ", 0, 0},
    };
    (void)state;
    check_rows(nephi_read_decimal, rows, COUNT(rows));
}

static void test_text__reads_booleans(void **state)
{
    static const number_row rows[] = {
        {"true", "true", 1, 1},       {"false", "false", 1, 0},      {"one", "1", 1, 1},
        {"zero", "0", 1, 0},          {"yes", "yes", 1, 1},          {"no", "no", 1, 0},
        {"Python", "True", 1, 1},     {"shouted", "FALSE", 1, 0},    {"nothing", "", 0, 0},
        {"a beginning", "tru", 0, 0}, {"too long", "trueish", 0, 0}, {"another number", "2", 0, 0},
        {"a blank", "true ", 0, 0},   {"a word", "on", 0, 0},
    };
    (void)state;
    check_rows(nephi_read_boolean, rows, COUNT(rows));
}

static int read_seconds(const char *text, size_t size, int64_t *out)
{
    return nephi_read_epoch(text, size, 1000000000, out);
}

static int read_milliseconds(const char *text, size_t size, int64_t *out)
{
    return nephi_read_epoch(text, size, 1000000, out);
}

static void test_text__reads_times_since_1970(void **state)
{
    static const number_row seconds[] = {
        {"the beginning", "0", 1, 0},
        {"a second", "1714566896", 1, INT64_C(1714566896000000000)},
        {"with a fraction", "1714566896.789", 1, INT64_C(1714566896789000000)},
        {"as a float is printed", "1.714566896789E9", 1, INT64_C(1714566896789000000)},
        {"before 1970", "-1.5", 1, -1500000000},
        {"the year 2262", "9223372036", 1, INT64_C(9223372036000000000)},
        {"behind the year 2262", "9223372037", 0, 0},
        {"milliseconds taken for seconds", "1714566896789", 0, 0},
        {"a word", "never", 0, 0},
    };
    static const number_row milliseconds[] = {
        {"a millisecond", "1714566896789", 1, INT64_C(1714566896789000000)},
        {"a part of one", "0.5", 1, 500000},
        {"behind the year 2262", "9223372036855", 0, 0},
        {"nothing", "", 0, 0},
    };
    (void)state;
    check_rows(read_seconds, seconds, COUNT(seconds));
    check_rows(read_milliseconds, milliseconds, COUNT(milliseconds));
}

static void test_text__writes_decimals(void **state)
{
    static const struct {
        int64_t value;
        const char *text;
    } rows[] = {
        {0, "0"},
        {NEPH_NANO / 2, "0.5"},
        {2 * NEPH_NANO, "2"},
        {10 * NEPH_NANO, "10"},
        {-NEPH_NANO / 4, "-0.25"},
        {1, "0.000000001"},
        {1230000000, "1.23"},
        {INT64_MAX, "9223372036.854775807"},
        {INT64_MIN, "-9223372036.854775808"},
    };
    char out[24];
    size_t i;
    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        assert_int_equal(nephi_write_decimal(out, sizeof out, rows[i].value), strlen(rows[i].text));
        assert_string_equal(out, rows[i].text);
    }
    assert_int_equal(nephi_write_decimal(out, 3, NEPH_NANO / 2), 0);
    assert_string_equal(out, "");
    assert_int_equal(nephi_write_decimal(out, 4, NEPH_NANO / 2), 3);
}

static void test_text__compares_names_without_case(void **state)
{
    (void)state;
    assert_true(nephi_same_name("ETag", "etag"));
    assert_true(nephi_same_name("", ""));
    assert_false(nephi_same_name("etag", "etags"));
    assert_false(nephi_same_name("etags", "etag"));
    assert_false(nephi_same_name("a[", "a{")); /* differ in the bit of the case alone */
    assert_false(nephi_same_name("\304", "\344"));
}

static void test_text__writes_hex(void **state)
{
    static const unsigned char bytes[] = {0x00, 0x1f, 0xa0, 0xff};
    char out[9];
    (void)state;
    assert_int_equal(nephi_hex(out, bytes, 4), 8);
    assert_string_equal(out, "001fa0ff");
    assert_int_equal(nephi_hex(out, bytes, 0), 0);
    assert_string_equal(out, "");
}

static void test_text__writes_and_reads_base64(void **state)
{
    static const struct {
        const char *bytes, *text;
    } rows[] = {{"", ""},
                {"f", "Zg=="},
                {"fo", "Zm8="},
                {"foo", "Zm9v"},
                {"foob", "Zm9vYg=="},
                {"fooba", "Zm9vYmE="},
                {"foobar", "Zm9vYmFy"}}; /* RFC 4648 section 10 */
    char text[16];
    unsigned char bytes[16];
    size_t i;
    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        size_t size = strlen(rows[i].bytes);
        nephi_base64_encode(text, (const unsigned char *)rows[i].bytes, size);
        assert_string_equal(text, rows[i].text);
        assert_int_equal(nephi_base64_decode(bytes, text, strlen(text)), size);
        assert_memory_equal(bytes, rows[i].bytes, size);
    }
}

static void test_text__reads_back_any_bytes_in_base64(void **state)
{
    unsigned char bytes[256], back[345];
    char text[345];
    size_t i, size, length;
    (void)state;
    for (i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 7 + 3);
    for (size = 0; size <= sizeof bytes; size++) {
        length = nephi_base64_encode(text, bytes, size);
        assert_int_equal(nephi_base64_decode(back, text, length), size);
        assert_memory_equal(back, bytes, size);
    }
}

static void test_text__refuses_what_is_no_base64(void **state)
{
    static const struct {
        const char *sentence, *text;
        int64_t size;
    } rows[] = {
        {"line breaks are fine", "Zm9v\r\nYmFy\n", 6},
        {"one digit", "Z", -1},
        {"no padding", "Zm8", -1},
        {"half of the padding", "Zg=", -1},
        {"too much padding", "Zm8==", -1},
        {"three signs of padding", "Z===", -1},
        {"padding alone", "====", -1},
        {"padding inside", "Zg==Zg==", -1},
        {"another alphabet", "Zm-_", -1},
        {"a control character", "Zm9\001", -1},
        {"bits behind the last byte", "Zh==", -1},
        {"bits behind the last two bytes", "Zm9=", -1},
    };
    unsigned char out[32];
    size_t i;
    (void)state;
    for (i = 0; i < COUNT(rows); i++)
        if (nephi_base64_decode(out, rows[i].text, strlen(rows[i].text)) != rows[i].size)
            fail_msg("%s: \"%s\"", rows[i].sentence, rows[i].text);
}

static void test_text__percent_encodes_all_but_the_unreserved(void **state)
{
    char all[255], out[3 * 255 + 1], back[3 * 255 + 1];
    size_t i, length;
    (void)state;
    nephi_percent_encode(out, "a/b c+~\303\274%", 10, 0);
    assert_string_equal(out, "a%2Fb%20c%2B~%C3%BC%25");
    nephi_percent_encode(out, "/a//b/", 6, NEPHI_KEEP_SLASH);
    assert_string_equal(out, "/a//b/");
    for (i = 0; i < sizeof all; i++)
        all[i] = (char)(i + 1);
    length = nephi_percent_encode(out, all, sizeof all, 0);
    assert_int_equal(length, 66 + 3 * (255 - 66));
    assert_int_equal(nephi_percent_decode(back, out, length), sizeof all);
    assert_memory_equal(back, all, sizeof all);
}

static void test_text__percent_decodes_and_keeps_bad_escapes(void **state)
{
    static const struct {
        const char *text, *decoded;
    } rows[] = {{"a%20b", "a b"}, {"%c3%BC", "\303\274"}, {"a+b", "a+b"},    {"100%", "100%"},
                {"%2", "%2"},     {"%zz%4", "%zz%4"},     {"%%41", "%A"},    {"", ""},
                {"%2541", "%41"}, {"%-1", "%-1"},         {"%4g%41", "%4gA"}};
    size_t i;
    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        char text[16];
        size_t length;
        snprintf(text, sizeof text, "%s", rows[i].text);
        length = nephi_percent_decode(text, text, strlen(text));
        assert_int_equal(length, strlen(rows[i].decoded));
        assert_memory_equal(text, rows[i].decoded, length);
    }
}

static void test_text__knows_utf8(void **state)
{
    static const struct {
        const char *sentence, *text;
        int is_utf8;
    } rows[] = {
        {"nothing", "", 1},
        {"ASCII", "abcdefghijklmnopqrstuvwxyz", 1},
        {"two bytes", "\302\200\337\277", 1},
        {"three bytes", "\340\240\200\357\277\277", 1},
        {"four bytes", "\360\220\200\200\364\217\277\277", 1},
        {"the last character before the surrogates", "\355\237\277", 1},
        {"a surrogate", "\355\240\200", 0},
        {"beyond U+10FFFF", "\364\220\200\200", 0},
        {"far beyond", "\365\200\200\200", 0},
        {"two bytes for one", "\301\277", 0},
        {"three bytes for two", "\340\237\277", 0},
        {"four bytes for three", "\360\217\277\277", 0},
        {"a continuation alone", "\200", 0},
        {"the end is missing", "abcdefgh\342\202", 0},
        {"another character in place of the end", "\342\202x", 0},
        {"Latin 1 behind much ASCII", "abcdefghijklmnop\374", 0},
        {"Latin 1 within eight bytes", "abc\374efgh", 0},
    };
    size_t i;
    (void)state;
    for (i = 0; i < COUNT(rows); i++)
        if (nephi_is_utf8(rows[i].text, strlen(rows[i].text)) != rows[i].is_utf8)
            fail_msg("%s", rows[i].sentence);
    assert_int_equal(nephi_utf8_length("", 0), 0);
    assert_int_equal(nephi_utf8_length("\360\237\230\200x", 5), 4);
}

static void test_text__a_choice_is_one_of_a_few(void **state)
{
    (void)state;
    assert_true(nephi_is_choice("a|bc|d", "a"));
    assert_true(nephi_is_choice("a|bc|d", "bc"));
    assert_true(nephi_is_choice("a|bc|d", "d"));
    assert_false(nephi_is_choice("a|bc|d", "b"));
    assert_false(nephi_is_choice("a|bc|d", "bcd"));
    assert_false(nephi_is_choice("a|bc|d", "a|bc"));
    assert_false(nephi_is_choice("a|bc|d", ""));
    assert_true(nephi_is_choice("|a", ""));
    assert_false(nephi_is_choice(NULL, "a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text__a_choice_is_one_of_a_few),
        cmocka_unit_test(test_text__reads_integers),
        cmocka_unit_test(test_text__reads_decimals),
        cmocka_unit_test(test_text__reads_booleans),
        cmocka_unit_test(test_text__reads_times_since_1970),
        cmocka_unit_test(test_text__writes_decimals),
        cmocka_unit_test(test_text__compares_names_without_case),
        cmocka_unit_test(test_text__writes_hex),
        cmocka_unit_test(test_text__writes_and_reads_base64),
        cmocka_unit_test(test_text__reads_back_any_bytes_in_base64),
        cmocka_unit_test(test_text__refuses_what_is_no_base64),
        cmocka_unit_test(test_text__percent_encodes_all_but_the_unreserved),
        cmocka_unit_test(test_text__percent_decodes_and_keeps_bad_escapes),
        cmocka_unit_test(test_text__knows_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
