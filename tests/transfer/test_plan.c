/*
 * The size of parts: as many as the cloud takes suffice, whatever the object's size.
 */
#include "core/transfer/transfer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define GIB (1024 * NEPHI_MIB)
#define TIB (1024 * GIB)
#define NONE NEPH_UNKNOWN

typedef struct row {
    const char *what;
    nephi_limits limits; /* object, put, part min, part max, count, copy */
    int64_t size, asked;
    int64_t part; /* 0: fails */
    int status;
} row;

#define S3                                                                                         \
    {                                                                                              \
        5 * TIB, 5 * GIB, 5 * NEPHI_MIB, 5 * GIB, 10000, 5 * GIB, 0, ""                            \
    }
#define BLOBS                                                                                      \
    {                                                                                              \
        50000 * 4000 * NEPHI_MIB, 5000 * NEPHI_MIB, NONE, 4000 * NEPHI_MIB, 50000, NONE, 0, ""     \
    }
#define SEGMENTS                                                                                   \
    {                                                                                              \
        5000 * GIB, 5 * GIB, NONE, 5 * GIB, 1000, NONE, 0, ""                                      \
    }
#define NOTHING                                                                                    \
    {                                                                                              \
        NONE, NONE, NONE, NONE, NONE, NONE, 0, ""                                                  \
    }

static const row rows[] = {
    {"a small object has parts of the usual size", S3, 20 * NEPHI_MIB, 0, 8 * NEPHI_MIB, 0},
    {"so has one that just fits", S3, 80000 * NEPHI_MIB, 0, 8 * NEPHI_MIB, 0},
    {"one byte more makes them larger, by whole MiB", S3, 80000 * NEPHI_MIB + 1, 0, 9 * NEPHI_MIB,
     0},
    {"the largest one fits", S3, 5 * TIB, 0, 525 * NEPHI_MIB, 0},
    {"what is larger is refused", S3, 5 * TIB + 1, 0, 0, NEPH_LIMIT},
    {"1,000 parts suffice", SEGMENTS, 100 * GIB, 0, 103 * NEPHI_MIB, 0},
    {"1,000 parts of the largest size", SEGMENTS, 5000 * GIB, 0, 5 * GIB, 0},
    {"50,000 parts suffice", BLOBS, 50000 * 4000 * NEPHI_MIB, 0, 4000 * NEPHI_MIB, 0},
    {"no limits, the usual size", NOTHING, 7 * TIB, 0, 8 * NEPHI_MIB, 0},
    {"the cloud wants larger parts",
     {NONE, NONE, 100 * NEPHI_MIB, NONE, NONE, NONE, 0, ""},
     GIB,
     0,
     100 * NEPHI_MIB,
     0},
    {"the cloud wants smaller parts",
     {NONE, NONE, NONE, 3 * NEPHI_MIB, NONE, NONE, 0, ""},
     GIB,
     0,
     3 * NEPHI_MIB,
     0},
    {"largest parts times their number is less than the object",
     {NONE, NONE, NONE, NEPHI_MIB, 10, NONE, 0, ""},
     11 * NEPHI_MIB,
     0,
     0,
     NEPH_LIMIT},
    {"what is asked for is taken as it is", S3, GIB, 5 * NEPHI_MIB + 1, 5 * NEPHI_MIB + 1, 0},
    {"asked too small", S3, GIB, NEPHI_MIB, 0, NEPH_INVALID},
    {"asked too large", S3, TIB, 6 * GIB, 0, NEPH_INVALID},
    {"asked so small that there are too many", S3, TIB, 6 * NEPHI_MIB, 0, NEPH_INVALID},
    {"asked as small as may be", S3, 10000 * 6 * NEPHI_MIB, 6 * NEPHI_MIB, 6 * NEPHI_MIB, 0},
    {"asked, of an object that is too large", S3, 6 * TIB, GIB, 0, NEPH_LIMIT},
};

static void test_plan__of_a_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        nephi_error error;
        int64_t part = 0;
        int rc;
        nephi_error_clear(&error);
        rc = nephi_plan(&rows[i].limits, rows[i].size, rows[i].asked, &part, &error);
        if (rc != rows[i].status || (!rc && part != rows[i].part))
            fail_msg("%s: %d, %lld", rows[i].what, rc, (long long)part);
        if (rc)
            assert_true(error.message[0]);
    }
}

static void test_plan__parts_always_suffice(void **state)
{
    const nephi_limits limits = S3;
    nephi_error error;
    int64_t part;
    (void)state;
    nephi_error_clear(&error);
    for (int64_t size = 1; size <= 5 * TIB; size = size * 3 + 7) {
        assert_int_equal(nephi_plan(&limits, size, 0, &part, &error), 0);
        assert_true(part >= 5 * NEPHI_MIB && part <= 5 * GIB);
        assert_true((size + part - 1) / part <= 10000);
    }
}

static void test_plan__what_goes_in_one_request(void **state)
{
    const nephi_limits small = {NONE, NEPHI_MIB, NONE, NONE, NONE, NONE, 0, ""};
    (void)state;
    assert_int_equal(nephi_plan_single(NULL, 0), 16 * NEPHI_MIB);
    assert_int_equal(nephi_plan_single(NULL, 5 * NEPHI_MIB), 5 * NEPHI_MIB);
    assert_int_equal(nephi_plan_single(&small, 0), NEPHI_MIB);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plan__of_a_table),
        cmocka_unit_test(test_plan__parts_always_suffice),
        cmocka_unit_test(test_plan__what_goes_in_one_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
