/*
 * Numbers and times as text, and back.
 */
#include "core/cli/text.h"

#include <neph/neph.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

typedef size_t (*write_fn)(char *out, int64_t number);

typedef struct written {
    int64_t number;
    const char *text;
} written;

static void expect_all(write_fn write, const written *rows, size_t count)
{
    char text[NEPHC_NUMBER_SIZE + 1];
    size_t i;

    for (i = 0; i < count; i++) {
        text[write(text, rows[i].number)] = '\0';
        assert_string_equal(text, rows[i].text);
    }
}

#define EXPECT_ALL(write, rows) expect_all(write, rows, sizeof(rows) / sizeof((rows)[0]))

static void test_number__integers_have_all_their_digits(void **state)
{
    static const written rows[] = {
        {0, "0"},
        {7, "7"},
        {10, "10"},
        {99, "99"},
        {100, "100"},
        {12345, "12345"},
        {-1, "-1"},
        {INT64_MAX, "9223372036854775807"},
        {1000000, "1000000"},
        {INT64_MIN, "-9223372036854775808"},
    };

    (void)state;
    EXPECT_ALL(nephc_write_integer, rows);
}

static void test_number__decimals_end_at_their_last_digit(void **state)
{
    static const written rows[] = {
        {0, "0"},
        {NEPH_NANO / 2, "0.5"},
        {150000000, "0.15"},
        {NEPH_NANO, "1"},
        {-1500000000, "-1.5"},
        {1, "0.000000001"},
        {1050000000, "1.05"},
        {INT64_MAX, "9223372036.854775807"},
    };

    (void)state;
    EXPECT_ALL(nephc_write_decimal, rows);
}

static void test_number__times_are_rfc3339(void **state)
{
    static const written rows[] = {
        {0, "1970-01-01T00:00:00Z"},
        {INT64_C(951782400) * NEPH_NANO, "2000-02-29T00:00:00Z"},
        {INT64_C(1709251199) * NEPH_NANO, "2024-02-29T23:59:59Z"},
        {INT64_C(4107542400) * NEPH_NANO, "2100-03-01T00:00:00Z"},
        {-1, "1969-12-31T23:59:59.999999999Z"},
        {-86400 * NEPH_NANO, "1969-12-31T00:00:00Z"},
        {1700000000123000000, "2023-11-14T22:13:20.123Z"},
        {1700000000000001000, "2023-11-14T22:13:20.000001Z"},
        {1700000000000000001, "2023-11-14T22:13:20.000000001Z"},
        {INT64_MAX, "2262-04-11T23:47:16.854775807Z"},
    };

    (void)state;
    EXPECT_ALL(nephc_write_time, rows);
}

static void test_number__every_day_of_four_centuries_is_the_calendars(void **state)
{
    char text[NEPHC_NUMBER_SIZE + 1], expected[32];
    int64_t day;

    (void)state;
    for (day = -100000; day <= 106000; day++) {
        time_t seconds = (time_t)(day * 86400 + 3661);
        struct tm facts;

        assert_int_equal(seconds, day * 86400 + 3661);
        gmtime_r(&seconds, &facts);
        strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%SZ", &facts);
        text[nephc_write_time(text, (day * 86400 + 3661) * NEPH_NANO)] = '\0';
        assert_string_equal(text, expected);
    }
}

static void test_number__bytes_have_one_digit_behind_the_point(void **state)
{
    static const written rows[] = {
        {0, "0 B"},
        {1023, "1023 B"},
        {1024, "1 KiB"},
        {1536, "1.5 KiB"},
        {123456, "120.6 KiB"},
        {1048575, "1 MiB"},
        {INT64_C(1) << 30, "1 GiB"},
        {5242881, "5 MiB"},
        {INT64_MAX, "8 EiB"},
    };

    (void)state;
    EXPECT_ALL(nephc_write_bytes, rows);
}

static void test_number__reading_takes_the_whole_text_or_nothing(void **state)
{
    static const char *const wrong[] = {
        "", "-", "x", "1x", " 1", "1 ", "+1", "1.5", "9223372036854775808", "99999999999999999999"};
    int64_t number = 0;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(nephc_read_integer(wrong[i], &number));
    assert_true(nephc_read_integer("-42", &number));
    assert_int_equal(number, -42);
    assert_true(nephc_read_integer("9223372036854775807", &number));
    assert_true(number == INT64_MAX);
}

static void test_number__decimals_are_read_exactly(void **state)
{
    static const char *const wrong[] = {"", ".5", "1.", "1.x", "1.0000000001", "-1", "99999999999"};
    int64_t number = 0;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(nephc_read_decimal(wrong[i], &number));
    assert_true(nephc_read_decimal("0.15", &number));
    assert_int_equal(number, 150000000);
    assert_true(nephc_read_decimal("30", &number));
    assert_true(number == 30 * NEPH_NANO);
}

static void test_number__sizes_are_read_exactly(void **state)
{
    static const struct {
        const char *text;
        int64_t bytes;
    } rows[] = {
        {"0", 0},
        {"512", 512},
        {"512B", 512},
        {"512 B", 512},
        {"1kB", 1000},
        {"1KB", 1000},
        {"1KiB", 1024},
        {"500MB", 500000000},
        {"10GiB", INT64_C(10) << 30},
        {"10 GiB", INT64_C(10) << 30},
        {"1.5TiB", INT64_C(3) << 39},
        {"0.5KiB", 512},
        {"1.000000001GB", 1000000001},
        {"2PB", INT64_C(2000000000000000)},
        {"7EiB", INT64_C(7) << 60},
        {"9.2EB", INT64_C(9200000000000000000)},
        {"9223372036854775807", INT64_MAX},
    };
    static const char *const wrong[] = {"",
                                        "-1",
                                        "GiB",
                                        "10G",
                                        "10g",
                                        "10gib",
                                        "10GIB",
                                        "10 ",
                                        "10  B",
                                        " 10B",
                                        "10GiB ",
                                        "7.999EiB",
                                        "10kiB",
                                        "1.5",
                                        "0.3KiB",
                                        "1.B",
                                        ".5GiB",
                                        "8EiB",
                                        "9.3EB",
                                        "16EiB",
                                        "20EB",
                                        "9223372036854775808",
                                        "1e3",
                                        "10iB",
                                        "10BB",
                                        "10.5B",
                                        "1,5GiB",
                                        "1.0000000001GiB",
                                        "10YiB",
                                        "0x10",
                                        "99999999999999999999"};
    int64_t bytes;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bytes = -1;
        if (!nephc_read_size(rows[i].text, &bytes) || bytes != rows[i].bytes)
            fail_msg("%s: %lld", rows[i].text, (long long)bytes);
    }
    for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (nephc_read_size(wrong[i], &bytes))
            fail_msg("\"%s\": %lld", wrong[i], (long long)bytes);
}

typedef int (*read_fn)(const char *text, int64_t *out);

typedef struct readable {
    const char *text;
    int64_t number;
} readable;

static void expect_read(read_fn read, const readable *rows, size_t count, const char *const *wrong,
                        size_t wrong_count)
{
    int64_t number;
    size_t i;

    for (i = 0; i < count; i++) {
        number = -1;
        if (!read(rows[i].text, &number) || number != rows[i].number)
            fail_msg("%s: %lld", rows[i].text, (long long)number);
    }
    for (i = 0; i < wrong_count; i++)
        if (read(wrong[i], &number))
            fail_msg("\"%s\": %lld", wrong[i], (long long)number);
}

static void test_number__rates_may_leave_out_bytes(void **state)
{
    static const readable rows[] = {
        {"1", 1},
        {"1000", 1000},
        {"500k", 512000},
        {"500K", 512000},
        {"10M", INT64_C(10) << 20},
        {"1G", INT64_C(1) << 30},
        {"1.5T", INT64_C(3) << 39},
        {"10MB", 10000000},
        {"10MiB", INT64_C(10) << 20},
    };
    static const char *const wrong[] = {"",
                                        "0",
                                        "0M",
                                        "M",
                                        "-1M",
                                        "10m",
                                        "10P",
                                        "M10",
                                        "10M/s",
                                        "1 M x",
                                        "99999999999999999999999999999999G"};

    (void)state;
    expect_read(nephc_read_rate, rows, sizeof rows / sizeof rows[0], wrong,
                sizeof wrong / sizeof wrong[0]);
}

static void test_number__ages_have_a_unit(void **state)
{
    static const readable rows[] = {
        {"0s", 0},
        {"90s", 90 * NEPH_NANO},
        {"30m", 1800 * NEPH_NANO},
        {"12h", 43200 * NEPH_NANO},
        {"7d", 604800 * NEPH_NANO},
        {"2w", 1209600 * NEPH_NANO},
        {"9223372036s", INT64_C(9223372036) * NEPH_NANO},
    };
    static const char *const wrong[] = {"",     "7",           "d",       "-7d",
                                        "7D",   "7days",       "1y",      "7 d",
                                        "1.5d", "9223372037s", "106752d", "99999999999999999999d"};

    (void)state;
    expect_read(nephc_read_age, rows, sizeof rows / sizeof rows[0], wrong,
                sizeof wrong / sizeof wrong[0]);
}

static void test_number__durations_show_minutes(void **state)
{
    static const written rows[] = {
        {-1, "00:00"},   {0, "00:00"},      {9, "00:09"},        {75, "01:15"},
        {3599, "59:59"}, {3600, "1:00:00"}, {86399, "23:59:59"}, {360000, "100:00:00"},
    };

    (void)state;
    EXPECT_ALL(nephc_write_duration, rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_number__integers_have_all_their_digits),
        cmocka_unit_test(test_number__rates_may_leave_out_bytes),
        cmocka_unit_test(test_number__ages_have_a_unit),
        cmocka_unit_test(test_number__durations_show_minutes),
        cmocka_unit_test(test_number__decimals_end_at_their_last_digit),
        cmocka_unit_test(test_number__times_are_rfc3339),
        cmocka_unit_test(test_number__every_day_of_four_centuries_is_the_calendars),
        cmocka_unit_test(test_number__bytes_have_one_digit_behind_the_point),
        cmocka_unit_test(test_number__reading_takes_the_whole_text_or_nothing),
        cmocka_unit_test(test_number__decimals_are_read_exactly),
        cmocka_unit_test(test_number__sizes_are_read_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
