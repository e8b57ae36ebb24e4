/*
 * Which items are the same.
 */
#include "core/sync/decide.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define S NEPH_NANO
#define U NEPH_UNKNOWN
#define T (INT64_C(1700000000) * NEPH_NANO)
#define SUM "md5:d41d8cd98f00b204e9800998ecf8427e"
#define OTHER "md5:d41d8cd98f00b204e9800998ecf8427f"
#define CRC "crc32c:00000000"

typedef struct row {
    const char *what;
    int32_t compare;
    int keeps_times, is_asked;
    nephi_item from, to;
    nephi_verdict verdict;
} row;

#define ITEM(size, modified, local, sum)                                                           \
    {                                                                                              \
        .size_bytes = (size), .modified_ns = (modified), .local_ns = (local), .checksum = (sum)    \
    }

static const row rows[] = {
    {"another size", NEPH_COMPARE_AUTO, 0, 0, ITEM(1, T, U, SUM), ITEM(2, T, U, SUM),
     NEPHI_DIFFERENT},
    {"the same checksum, whatever the time", NEPH_COMPARE_AUTO, 0, 0, ITEM(1, T + 9 * S, U, SUM),
     ITEM(1, T, U, SUM), NEPHI_SAME},
    {"another checksum, whatever the time", NEPH_COMPARE_AUTO, 0, 0, ITEM(1, T, U, SUM),
     ITEM(1, T + 9 * S, U, OTHER), NEPHI_DIFFERENT},
    {"checksums of two kinds say nothing", NEPH_COMPARE_AUTO, 0, 0, ITEM(1, T, U, SUM),
     ITEM(1, T, U, CRC), NEPHI_SAME},
    {"uploaded later than written", NEPH_COMPARE_AUTO, 0, 0, ITEM(1, T, T, NULL),
     ITEM(1, T + 9 * S, U, NULL), NEPHI_SAME},
    {"uploaded in the same second, whose fraction is cut", NEPH_COMPARE_AUTO, 0, 0,
     ITEM(1, T + S * 9 / 10, T + S * 9 / 10, NULL), ITEM(1, T, U, NULL), NEPHI_SAME},
    {"written after it was uploaded", NEPH_COMPARE_AUTO, 0, 0, ITEM(1, T + 9 * S, T + 9 * S, NULL),
     ITEM(1, T, U, NULL), NEPHI_DIFFERENT},
    {"the same, but the object may say of which file it was made", NEPH_COMPARE_AUTO, 1, 0,
     ITEM(1, T + 9 * S, T + 9 * S, NULL), ITEM(1, T, U, NULL), NEPHI_ASK},
    {"it was made of this one, the clouds clock is late", NEPH_COMPARE_AUTO, 1, 1,
     ITEM(1, T + 9 * S, T + 9 * S, NULL), ITEM(1, T, T + 9 * S, NULL), NEPHI_SAME},
    {"it was made of an older one", NEPH_COMPARE_AUTO, 1, 1, ITEM(1, T + 9 * S, T + 9 * S, NULL),
     ITEM(1, T, T - 9 * S, NULL), NEPHI_DIFFERENT},
    {"it does not say", NEPH_COMPARE_AUTO, 1, 1, ITEM(1, T + 9 * S, T + 9 * S, NULL),
     ITEM(1, T, U, NULL), NEPHI_DIFFERENT},
    {"downloaded later", NEPH_COMPARE_AUTO, 0, 0, ITEM(1, T, U, NULL),
     ITEM(1, T + 9 * S, T + 9 * S, NULL), NEPHI_SAME},
    {"downloaded later, an object that tells of its file", NEPH_COMPARE_AUTO, 0, 0,
     ITEM(1, T, T - 99 * S, NULL), ITEM(1, T + 9 * S, T + 9 * S, NULL), NEPHI_SAME},
    {"the object is newer than the file", NEPH_COMPARE_AUTO, 0, 0, ITEM(1, T + 9 * S, U, NULL),
     ITEM(1, T, T, NULL), NEPHI_DIFFERENT},
    {"the file got the time of the object's file", NEPH_COMPARE_AUTO, 1, 1,
     ITEM(1, T + 9 * S, T - 99 * S, NULL), ITEM(1, T - 99 * S, T - 99 * S, NULL), NEPHI_SAME},
    {"the object was made of an older file than this one came from", NEPH_COMPARE_AUTO, 1, 1,
     ITEM(1, T + 9 * S, T - 99 * S, NULL), ITEM(1, T, T, NULL), NEPHI_DIFFERENT},
    {"a file that is newer than the object's file, though uploaded before", NEPH_COMPARE_AUTO, 0, 0,
     ITEM(1, T, T, NULL), ITEM(1, T + 9 * S, T - 99 * S, NULL), NEPHI_DIFFERENT},
    {"no times are known", NEPH_COMPARE_AUTO, 0, 0, ITEM(1, U, U, NULL), ITEM(1, U, U, NULL),
     NEPHI_DIFFERENT},
    {"no size is known", NEPH_COMPARE_AUTO, 0, 0, ITEM(U, T, U, NULL), ITEM(1, T, U, NULL),
     NEPHI_ASK},
    {"and none can be", NEPH_COMPARE_AUTO, 0, 1, ITEM(U, T, U, NULL), ITEM(1, T, U, NULL),
     NEPHI_DIFFERENT},
    {"by size alone", NEPH_COMPARE_SIZE, 0, 0, ITEM(1, T + 9 * S, U, SUM), ITEM(1, T, U, OTHER),
     NEPHI_SAME},
    {"by size alone, which differs", NEPH_COMPARE_SIZE, 0, 0, ITEM(1, T, U, SUM),
     ITEM(0, T, U, SUM), NEPHI_DIFFERENT},
    {"by checksum", NEPH_COMPARE_CHECKSUM, 0, 0, ITEM(1, T + 9 * S, U, SUM), ITEM(1, T, U, SUM),
     NEPHI_SAME},
    {"by checksum, which differs", NEPH_COMPARE_CHECKSUM, 0, 0, ITEM(1, T, U, SUM),
     ITEM(1, T, U, OTHER), NEPHI_DIFFERENT},
    {"by checksum, of which one is not known yet", NEPH_COMPARE_CHECKSUM, 0, 0, ITEM(1, T, U, NULL),
     ITEM(1, T, U, SUM), NEPHI_ASK},
    {"by checksum, of which none can be had", NEPH_COMPARE_CHECKSUM, 0, 1, ITEM(1, T, U, NULL),
     ITEM(1, T, U, SUM), NEPHI_DIFFERENT},
    {"by checksum, of other sizes: nothing is asked", NEPH_COMPARE_CHECKSUM, 0, 0,
     ITEM(1, T, U, NULL), ITEM(2, T, U, NULL), NEPHI_DIFFERENT},
    {"everything is copied", NEPH_COMPARE_NONE, 0, 0, ITEM(1, T, U, SUM), ITEM(1, T, U, SUM),
     NEPHI_DIFFERENT},
    {"what is there stays", NEPH_COMPARE_ABSENT, 0, 0, ITEM(1, T, U, SUM), ITEM(2, U, U, NULL),
     NEPHI_SAME},
};

static void test_decide__by_what_is_known(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        nephi_comparison how = {.compare = rows[i].compare,
                                .keeps_times = rows[i].keeps_times,
                                .is_asked = rows[i].is_asked};
        if (nephi_decide(&how, &rows[i].from, &rows[i].to) != rows[i].verdict)
            fail_msg("%s", rows[i].what);
    }
}

static void test_decide__says_what_cannot_be_compared(void **state)
{
    const nephi_item one = ITEM(1, T, U, SUM), other = ITEM(1, T, U, CRC);
    nephi_comparison how = {.compare = NEPH_COMPARE_CHECKSUM, .is_asked = 1};
    (void)state;
    assert_int_equal(nephi_decide(&how, &one, &one), NEPHI_SAME);
    assert_int_equal(how.is_incomparable, 0);
    assert_int_equal(nephi_decide(&how, &one, &other), NEPHI_DIFFERENT);
    assert_int_equal(how.is_incomparable, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decide__by_what_is_known),
        cmocka_unit_test(test_decide__says_what_cannot_be_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
