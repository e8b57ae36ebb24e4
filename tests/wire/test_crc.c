/*
 * tests/wire/test_crc.c - CRCs against the check values of their catalogue, by table and by the processor's instructions,
 * split and combined at every place.
 */
#include "core/text.h"
#include "core/wire/crc.h"
#include "core/wire/parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define SIZE 1500

static const struct {
    int32_t algorithm;
    const char *text, *hex;
} sums[] = {
    {NEPH_DIGEST_CRC32, "", "00000000"},
    {NEPH_DIGEST_CRC32, "123456789", "cbf43926"},
    {NEPH_DIGEST_CRC32C, "", "00000000"},
    {NEPH_DIGEST_CRC32C, "123456789", "e3069283"},
    {NEPH_DIGEST_CRC64NVME, "", "0000000000000000"},
    {NEPH_DIGEST_CRC64NVME, "123456789", "ae8b14860a799888"},
};

static const int32_t algorithms[] = {NEPH_DIGEST_CRC32, NEPH_DIGEST_CRC32C, NEPH_DIGEST_CRC64NVME};
#define ALGORITHMS (sizeof algorithms / sizeof *algorithms)

static unsigned char pattern[SIZE];

static int pattern_make(void **state)
{
    uint32_t random = 1;
    (void)state;
    for (size_t i = 0; i < sizeof pattern; i++) {
        random = random * 1664525 + 1013904223;
        pattern[i] = (unsigned char)(random >> 24);
    }
    return 0;
}

static uint64_t by_table(const nephi_crc *kind, const unsigned char *data, size_t size)
{
    uint64_t ones = UINT64_MAX >> (64 - kind->bits);
    return nephi_crc_table(kind, ones, data, size) ^ ones;
}

static void test_crc__agrees_with_the_check_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++) {
        unsigned char out[NEPH_DIGEST_MAX];
        char hex[NEPH_DIGEST_HEX_MAX];
        int size =
            nephi_digest_openssl.once(sums[i].algorithm, sums[i].text, strlen(sums[i].text), out);
        assert_true(size > 0);
        nephi_hex(hex, out, (size_t)size);
        assert_string_equal(hex, sums[i].hex);
    }
}

static void test_crc__is_by_instructions_what_it_is_by_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALGORITHMS; i++) {
        const nephi_crc *kind = nephi_crc_find(algorithms[i]);
        for (size_t size = 0; size + 16 <= SIZE; size++) {
            const unsigned char *at = pattern + size % 16;
            if (nephi_crc_add(kind, 0, at, size) != by_table(kind, at, size))
                fail_msg("algorithm %d, %zu bytes", (int)algorithms[i], size);
        }
    }
}

static void test_crc__goes_on_wherever_it_is_split(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALGORITHMS; i++) {
        const nephi_crc *kind = nephi_crc_find(algorithms[i]);
        uint64_t whole = by_table(kind, pattern, SIZE);
        for (size_t at = 0; at <= SIZE; at++) {
            uint64_t sum = nephi_crc_add(kind, 0, pattern, at);
            if (nephi_crc_add(kind, sum, pattern + at, SIZE - at) != whole)
                fail_msg("algorithm %d, split at %zu", (int)algorithms[i], at);
        }
    }
}

static void test_crc__of_a_whole_comes_from_those_of_its_parts(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALGORITHMS; i++) {
        const nephi_crc *kind = nephi_crc_find(algorithms[i]);
        uint64_t whole = by_table(kind, pattern, SIZE);
        for (size_t at = 0; at <= SIZE; at++) {
            uint64_t a = by_table(kind, pattern, at);
            uint64_t b = by_table(kind, pattern + at, SIZE - at);
            if (nephi_crc_combine(kind, a, b, SIZE - at) != whole)
                fail_msg("algorithm %d, split at %zu", (int)algorithms[i], at);
        }
    }
}

/* Two parts of 2^62 bytes, and one of all of them: the count in bits fits no 64. */
static void test_crc__combines_parts_of_any_size(void **state)
{
    const uint64_t size = UINT64_C(1) << 62;
    (void)state;
    for (size_t i = 0; i < ALGORITHMS; i++) {
        const nephi_crc *kind = nephi_crc_find(algorithms[i]);
        uint64_t a = by_table(kind, pattern, 10), b = by_table(kind, pattern, 20);
        uint64_t c = by_table(kind, pattern, 30);
        uint64_t left = nephi_crc_combine(kind, nephi_crc_combine(kind, a, b, size), c, size);
        uint64_t right = nephi_crc_combine(kind, a, nephi_crc_combine(kind, b, c, size), 2 * size);
        assert_true(left == right);
    }
}

static void test_crc__is_combined_by_the_table_of_digests(void **state)
{
    unsigned char a[NEPH_DIGEST_MAX], b[NEPH_DIGEST_MAX], whole[NEPH_DIGEST_MAX];
    (void)state;
    for (size_t i = 0; i < ALGORITHMS; i++) {
        int size = nephi_digest_openssl.once(algorithms[i], pattern, SIZE, whole);
        nephi_digest_openssl.once(algorithms[i], pattern, 1000, a);
        nephi_digest_openssl.once(algorithms[i], pattern + 1000, SIZE - 1000, b);
        assert_int_equal(nephi_digest_openssl.combine(algorithms[i], a, b, SIZE - 1000), size);
        assert_memory_equal(a, whole, (size_t)size);
    }
    assert_int_equal(nephi_digest_openssl.combine(NEPH_DIGEST_MD5, a, b, 1), NEPH_UNSUPPORTED);
    assert_int_equal(nephi_digest_openssl.combine(NEPH_DIGEST_CRC32, a, b, -1), NEPH_UNSUPPORTED);
}

static void test_crc__is_no_hmac(void **state)
{
    unsigned char out[NEPH_DIGEST_MAX];
    (void)state;
    assert_int_equal(nephi_digest_openssl.hmac(NEPH_DIGEST_CRC32, "k", 1, "d", 1, out),
                     NEPH_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crc__agrees_with_the_check_values),
        cmocka_unit_test(test_crc__is_by_instructions_what_it_is_by_table),
        cmocka_unit_test(test_crc__goes_on_wherever_it_is_split),
        cmocka_unit_test(test_crc__of_a_whole_comes_from_those_of_its_parts),
        cmocka_unit_test(test_crc__combines_parts_of_any_size),
        cmocka_unit_test(test_crc__is_combined_by_the_table_of_digests),
        cmocka_unit_test(test_crc__is_no_hmac),
    };
    return cmocka_run_group_tests(tests, pattern_make, NULL);
}
