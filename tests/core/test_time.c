/*
 * Times as clouds spell them, and back; every day that nanoseconds reach.
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
#define S(seconds) (INT64_C(seconds) * NEPH_NANO)
#define MAY_1 1714566896 /* 2024-05-01T12:34:56Z */

typedef struct row {
    const char *sentence, *text;
    int64_t value;
} row;

static int read(const char *text, int64_t *value)
{
    size_t size = strlen(text);
    char *copy = malloc(size + !size); /* a sanitizer sees a step too far */
    int rc;
    memcpy(copy, text, size);
    rc = nephi_read_time(copy, size, value);
    free(copy);
    return rc;
}

static void check_read(const row *rows, size_t count)
{
    size_t i;
    for (i = 0; i < count; i++) {
        int64_t value = UNTOUCHED;
        if (!read(rows[i].text, &value))
            fail_msg("%s: \"%s\" is refused", rows[i].sentence, rows[i].text);
        if (value != rows[i].value)
            fail_msg("%s: \"%s\" is %lld", rows[i].sentence, rows[i].text, (long long)value);
    }
}

static void test_time__reads_iso_8601(void **state)
{
    static const row rows[] = {
        {"as S3 writes it", "2024-05-01T12:34:56.789Z", S(MAY_1) + 789000000},
        {"without fraction", "2024-05-01T12:34:56Z", S(MAY_1)},
        {"nothing in the fraction", "2024-05-01T12:34:56.000Z", S(MAY_1)},
        {"one place", "2024-05-01T12:34:56.5Z", S(MAY_1) + 500000000},
        {"microseconds, as OpenStack", "2024-05-01T12:34:56.123456", S(MAY_1) + 123456000},
        {"nanoseconds, as Go", "2024-05-01T12:34:56.123456789Z", S(MAY_1) + 123456789},
        {"finer than a nanosecond", "2024-05-01T12:34:56.1234567899Z", S(MAY_1) + 123456789},
        {"seven places, as Azure", "2024-05-01T12:34:56.1234567Z", S(MAY_1) + 123456700},
        {"a comma before the fraction", "2024-05-01T12:34:56,5Z", S(MAY_1) + 500000000},
        {"east", "2024-05-01T14:34:56+02:00", S(MAY_1)},
        {"west without colon", "2024-05-01T05:34:56-0700", S(MAY_1)},
        {"hours alone", "2024-05-01T14:34:56+02", S(MAY_1)},
        {"half an hour", "2024-05-01T18:04:56+05:30", S(MAY_1)},
        {"a fraction and an offset", "2024-05-01T14:34:56.5+02:00", S(MAY_1) + 500000000},
        {"an offset of nothing", "2024-05-01T12:34:56-00:00", S(MAY_1)},
        {"no zone is UTC", "2024-05-01T12:34:56", S(MAY_1)},
        {"a blank for T", "2024-05-01 12:34:56", S(MAY_1)},
        {"small letters", "2024-05-01t12:34:56z", S(MAY_1)},
        {"a word for the zone", "2024-05-01 12:34:56 UTC", S(MAY_1)},
        {"no seconds", "2024-05-01T12:34Z", S(MAY_1) - S(56)},
        {"the date alone", "2024-05-01", S(1714521600)},
        {"without separators", "20240501T123456Z", S(MAY_1)},
        {"as Blue Box writes it", "2009/04/20 15:46:34 -0700", S(1240267594)},
        {"a leap day", "2024-02-29T00:00:00.000Z", S(1709164800)},
        {"a leap day of a whole century", "2000-02-29T00:00:00Z", S(951782400)},
        {"a leap second is the second behind it", "2016-12-31T23:59:60Z", S(1483228800)},
        {"the beginning", "1970-01-01T00:00:00.000Z", 0},
        {"a millisecond before it", "1969-12-31T23:59:59.999Z", -1000000},
        {"early", "1677-09-22T00:00:00Z", S(-9223286400)},
        {"the last second", "2262-04-11T23:47:16.854775807Z", INT64_MAX},
    };
    (void)state;
    check_read(rows, COUNT(rows));
}

static void test_time__reads_http_dates(void **state)
{
    static const row rows[] = {
        {"RFC 1123", "Wed, 01 May 2024 12:34:56 GMT", S(MAY_1)},
        {"RFC 1123 with an offset", "Wed, 01 May 2024 14:34:56 +0200", S(MAY_1)},
        {"RFC 1123, UTC", "Wed, 01 May 2024 12:34:56 UTC", S(MAY_1)},
        {"RFC 1123, one digit for the day", "Wed, 1 May 2024 12:34:56 GMT", S(MAY_1)},
        {"RFC 1123, December", "Sun, 31 Dec 2023 23:59:59 GMT", S(1704067199)},
        {"RFC 850", "Wednesday, 01-May-24 12:34:56 GMT", S(MAY_1)},
        {"RFC 850 of the last century", "Sunday, 06-Nov-94 08:49:37 GMT", S(784111777)},
        {"with dashes and four digits", "Sun, 06-Nov-1994 08:49:37 GMT", S(784111777)},
        {"two digits: 69 is in this century", "Tuesday, 01-Jan-69 00:00:00 GMT", S(3124224000)},
        {"two digits: 70 is in the last one", "Thursday, 01-Jan-70 00:00:00 GMT", 0},
        {"asctime", "Sun Nov  6 08:49:37 1994", S(784111777)},
        {"asctime, two digits", "Wed May 01 12:34:56 2024", S(MAY_1)},
    };
    (void)state;
    check_read(rows, COUNT(rows));
}

static void test_time__refuses_what_is_no_time(void **state)
{
    static const struct {
        const char *sentence, *text;
    } rows[] = {
        {"nothing", ""},
        {"a word", "yesterday evening"},
        {"a number", "1714566896"},
        {"a long number", "1714566896789000000000000"},
        {"digits of a date alone", "20240501"},
        {"month 0", "2024-00-01T00:00:00.000Z"},
        {"month 13", "2024-13-01T00:00:00.000Z"},
        {"day 0", "2024-05-00T00:00:00.000Z"},
        {"day 32", "2024-05-32T00:00:00.000Z"},
        {"31 April", "2024-04-31T00:00:00Z"},
        {"29 February without leap", "2023-02-29T00:00:00Z"},
        {"29 February of 1900", "1900-02-29T00:00:00Z"},
        {"hour 24", "2024-05-01T24:00:00.000Z"},
        {"minute 60", "2024-05-01T12:60:00.000Z"},
        {"second 61", "2024-05-01T12:34:61.000Z"},
        {"year 0", "0000-01-01T00:00:00.000Z"},
        {"year 1, as Go's zero time", "0001-01-01T00:00:00Z"},
        {"before nanoseconds begin", "1677-09-20T00:00:00Z"},
        {"the first nanosecond behind", "2262-04-11T23:47:16.854775808Z"},
        {"year 2263", "2263-01-01T00:00:00Z"},
        {"year 9999", "9999-12-31T23:59:59.999Z"},
        {"a letter in the year", "2O24-05-01T12:34:56.000Z"},
        {"a letter in the fraction", "2024-05-01T12:34:56.0x0Z"},
        {"a letter at the fraction's end", "2024-05-01T12:34:56.00xZ"},
        {"no fraction behind its point", "2024-05-01T12:34:56.Z"},
        {"a sign in the year", "+2024-05-01T12:34:56Z"},
        {"one digit for the month", "2024-5-01T12:34:56Z"},
        {"mixed separators", "2024-05/01T12:34:56Z"},
        {"another letter for T", "2024-05-01X12:34:56.000Z"},
        {"another letter for Z", "2024-05-01T12:34:56.000Y"},
        {"no minutes", "2024-05-01T12Z"},
        {"text behind the zone", "2024-05-01T12:34:56Zulu"},
        {"two zones", "2024-05-01T12:34:56Z+01:00"},
        {"a blank behind", "2024-05-01T12:34:56 "},
        {"a blank before", " 2024-05-01T12:34:56Z"},
        {"offset 24:00", "2024-05-01T12:34:56+24:00"},
        {"offset with 60 minutes", "2024-05-01T12:34:56+01:60"},
        {"offset of one digit", "2024-05-01T12:34:56+1"},
        {"offset with three digits", "2024-05-01T12:34:56+010"},
        {"a sign alone", "2024-05-01T12:34:56+"},
        {"an unknown zone", "Wed, 01 May 2024 12:34:56 PST"},
        {"an unknown day of the week", "Wex, 01 May 2024 12:34:56 GMT"},
        {"a day of the week cut short", "Wedn, 01 May 2024 12:34:56 GMT"},
        {"an unknown month", "Wed, 01 Mai 2024 12:34:56 GMT"},
        {"three digits for the year", "Wed, 01 May 024 12:34:56 GMT"},
        {"mixed separators in RFC 850", "Wednesday, 01-May 24 12:34:56 GMT"},
        {"no blank behind the comma", "Wed,01 May 2024 12:34:56 GMT"},
        {"asctime without year", "Sun Nov  6 08:49:37"},
        {"asctime with a zone", "Sun Nov  6 08:49:37 1994 GMT"},
        {"asctime of a bad day", "Sun Nov 31 08:49:37 1994"},
        {"a day of the week alone", "Wednesday,"},
    };
    size_t i;
    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        int64_t value = UNTOUCHED;
        if (read(rows[i].text, &value))
            fail_msg("%s: \"%s\" is %lld", rows[i].sentence, rows[i].text, (long long)value);
        assert_int_equal(value, UNTOUCHED);
    }
}

/* What is left out in each that is read may be left out. */
static void test_time__refuses_a_time_cut_short(void **state)
{
    static const char *const texts[] = {"2024-05-01T12:34:56.789Z", "Wed, 01 May 2024 12:34:56 GMT",
                                        "Sun Nov  6 08:49:37 1994"};
    size_t i, size;
    int64_t value;
    (void)state;
    for (i = 0; i < COUNT(texts); i++) {
        for (size = 0; size < strlen(texts[i]); size++) {
            int is_time = i == 0 && (size == 10 || size == 16 || size == 19 || size > 20);
            if (i == 1 && (size == 22 || size == 25)) /* no seconds, no zone */
                is_time = 1;
            assert_int_equal(nephi_read_time(texts[i], size, &value), is_time);
        }
    }
}

static void test_time__writes_no_more_fraction_than_needed(void **state)
{
    static const struct {
        int64_t ns;
        const char *text;
    } rows[] = {
        {0, "1970-01-01T00:00:00Z"},
        {S(MAY_1), "2024-05-01T12:34:56Z"},
        {S(MAY_1) + 789000000, "2024-05-01T12:34:56.789Z"},
        {S(MAY_1) + 1000, "2024-05-01T12:34:56.000001Z"},
        {S(MAY_1) + 1, "2024-05-01T12:34:56.000000001Z"},
        {-1, "1969-12-31T23:59:59.999999999Z"},
        {S(-1), "1969-12-31T23:59:59Z"},
        {INT64_MAX, "2262-04-11T23:47:16.854775807Z"},
        {-INT64_MAX, "1677-09-21T00:12:43.145224193Z"},
    };
    char out[40];
    size_t i;
    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        assert_int_equal(nephi_write_time(out, sizeof out, rows[i].ns), strlen(rows[i].text));
        assert_string_equal(out, rows[i].text);
    }
}

static void test_time__writes_the_forms_of_signatures_and_http(void **state)
{
    char out[40];
    (void)state;
    assert_int_equal(nephi_write_time_basic(out, sizeof out, S(MAY_1) + 5), 16);
    assert_string_equal(out, "20240501T123456Z");
    assert_int_equal(nephi_write_time_http(out, sizeof out, S(MAY_1) + 5), 29);
    assert_string_equal(out, "Wed, 01 May 2024 12:34:56 GMT");
    nephi_write_time_http(out, sizeof out, S(784111777));
    assert_string_equal(out, "Sun, 06 Nov 1994 08:49:37 GMT");
    nephi_write_time_http(out, sizeof out, -1);
    assert_string_equal(out, "Wed, 31 Dec 1969 23:59:59 GMT");
}

static void test_time__writes_nothing_where_there_is_no_room(void **state)
{
    char out[40] = "old";
    (void)state;
    assert_int_equal(nephi_write_time(out, 30, 1), 0);
    assert_string_equal(out, "");
    assert_int_equal(nephi_write_time_basic(out, 16, 1), 0);
    assert_int_equal(nephi_write_time_basic(out, 17, 1), 16);
    assert_int_equal(nephi_write_time_http(out, 29, 1), 0);
    assert_int_equal(nephi_write_time_http(out, 30, 1), 29);
    assert_int_equal(nephi_write_time(out, 0, 1), 0);
}

/* The calendar is walked by hand beside the arithmetic. */
static void test_time__knows_every_day_from_1678_to_2261(void **state)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t at = S(-9214560000); /* 1678-01-01 */
    int year, month, day;
    (void)state;
    for (year = 1678; year <= 2261; year++) {
        int is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        for (month = 1; month <= 12; month++) {
            int last = days[month - 1] + (month == 2 && is_leap);
            for (day = 1; day <= last; day++, at += S(86400)) {
                char expected[64], written[40];
                int64_t value = UNTOUCHED;
                snprintf(expected, sizeof expected, "%04d-%02d-%02dT00:00:00Z", year, month, day);
                nephi_write_time(written, sizeof written, at);
                assert_string_equal(written, expected);
                assert_true(nephi_read_time(expected, 20, &value));
                assert_int_equal(value, at);
                nephi_write_time(written, sizeof written, at + S(86399));
                assert_memory_equal(written, expected, 10);
            }
        }
    }
    assert_int_equal(at, S(9214646400)); /* 2262-01-01 */
}

/* The fast way and the general one must agree: the same time with one more digit. */
static void test_time__reads_the_common_form_like_all_others(void **state)
{
    int64_t ns = S(-9000000000), fast, slow;
    (void)state;
    for (; ns < S(9000000000); ns += S(86413) * 7 + 123000000) {
        char text[40];
        size_t size = nephi_write_time(text, sizeof text, ns);
        if (size != 24)
            continue;
        assert_true(nephi_read_time(text, 24, &fast));
        memcpy(text + 23, "0Z", 3);
        assert_true(nephi_read_time(text, 25, &slow));
        assert_int_equal(fast, ns);
        assert_int_equal(slow, ns);
    }
}

/* Any byte in any place: what the fast way takes, the general one takes too, and for the same
 * time. */
static void test_time__takes_the_fast_way_with_good_bytes_alone(void **state)
{
    int at, byte;
    (void)state;
    for (at = 0; at < 24; at++) {
        for (byte = 0; byte < 256; byte++) {
            char fast[] = "2024-05-01T12:34:56.789Z", slow[] = "2024-05-01t12:34:56.789Z";
            int64_t of_fast = UNTOUCHED, of_slow = UNTOUCHED;
            if (at == 10) /* that is how the two differ */
                continue;
            fast[at] = slow[at] = (char)byte;
            assert_int_equal(nephi_read_time(fast, 24, &of_fast),
                             nephi_read_time(slow, 24, &of_slow));
            assert_int_equal(of_fast, of_slow);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_time__reads_iso_8601),
        cmocka_unit_test(test_time__reads_http_dates),
        cmocka_unit_test(test_time__refuses_what_is_no_time),
        cmocka_unit_test(test_time__refuses_a_time_cut_short),
        cmocka_unit_test(test_time__writes_no_more_fraction_than_needed),
        cmocka_unit_test(test_time__writes_the_forms_of_signatures_and_http),
        cmocka_unit_test(test_time__writes_nothing_where_there_is_no_room),
        cmocka_unit_test(test_time__knows_every_day_from_1678_to_2261),
        cmocka_unit_test(test_time__reads_the_common_form_like_all_others),
        cmocka_unit_test(test_time__takes_the_fast_way_with_good_bytes_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
