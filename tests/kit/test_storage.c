/*
 * test_storage.c - the kit's ranges, conditions, metadata and checksums of object storage.
 */
#include "services.h"

#include <neph/kit/storage.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static fake made;

static int setup(void **state)
{
    (void)state;
    fake_init(&made, "GET", "h", "/", "");
    return 0;
}

static void give(const fake_argument *given, size_t count)
{
    made.given = given;
    made.given_count = count;
}

static void test_storage__says_a_range_as_http_does(void **state)
{
    static const struct {
        int64_t offset;
        int64_t length;
        const char *header; /* NULL: none */
        int32_t status;
    } rows[] = {
        {NEPH_UNKNOWN, NEPH_UNKNOWN, NULL, 0},
        {0, 0, NULL, 0},
        {0, 1, "bytes=0-0", 0},
        {10, NEPH_UNKNOWN, "bytes=10-", 0},
        {10, 5, "bytes=10-14", 0},
        {-7, NEPH_UNKNOWN, "bytes=-7", 0},
        {0, -1, NULL, NEPH_INVALID},
        {-7, 3, NULL, NEPH_INVALID},
        {INT64_MAX, 2, NULL, NEPH_INVALID},
    };
    for (size_t i = 0; i < NEPH_COUNT(rows); i++) {
        const fake_argument given[] = {{NEPH_RANGE_OFFSET, rows[i].offset, NULL},
                                       {NEPH_RANGE_LENGTH, rows[i].length, NULL}};
        const char *header;
        setup(state);
        give(given, NEPH_COUNT(given));
        assert_int_equal(neph_storage_range(fake_call(&made), fake_request(&made), "Range"),
                         rows[i].status);
        header = fake_header_get(&made, "Range");
        if (!header != !rows[i].header || (header && strcmp(header, rows[i].header) != 0))
            fail_msg("row %zu: %s", i, header ? header : "none");
    }
}

static void test_storage__quotes_entity_tags_but_not_the_star(void **state)
{
    static const fake_argument given[] = {{NEPH_IF_MATCH, NEPH_UNKNOWN, "0x8D"},
                                          {NEPH_IF_NONE_MATCH, NEPH_UNKNOWN, "*"}};
    static char tag[256];
    (void)state;
    give(given, NEPH_COUNT(given));
    assert_int_equal(neph_storage_conditions(fake_call(&made), fake_request(&made)), 0);
    assert_string_equal(fake_header_get(&made, "If-Match"), "\"0x8D\"");
    assert_string_equal(fake_header_get(&made, "If-None-Match"), "*");
    memset(tag, 'a', sizeof tag - 1);
    assert_int_equal(neph_storage_condition(fake_request(&made), "If-Match", tag), NEPH_LIMIT);
}

static void test_storage__keeps_metadata_and_the_time_of_the_file(void **state)
{
    static const struct {
        int64_t time_ns;
        const char *text;
    } rows[] = {
        {0, "0"},
        {INT64_C(1700000000) * NEPH_NANO, "1700000000"},
        {INT64_C(1700000000) * NEPH_NANO + 120000000, "1700000000.12"},
        {1, "0.000000001"},
        {-NEPH_NANO / 2, "-0.5"},
        {-NEPH_NANO - NEPH_NANO / 4, "-1.25"},
    };
    static const char *const pairs[] = {"color", "blue", NULL};
    for (size_t i = 0; i < NEPH_COUNT(rows); i++) {
        const fake_argument given[] = {{NEPH_OBJECT_LOCAL_MODIFIED, rows[i].time_ns, NULL}};
        const char *reply[] = {"x-meta-mtime", rows[i].text, NULL};
        setup(state);
        give(given, 1);
        made.arguments = pairs;
        made.reply = reply;
        assert_int_equal(neph_storage_metadata(fake_call(&made), fake_request(&made), "x-meta-"),
                         0);
        assert_string_equal(fake_header_get(&made, "x-meta-color"), "blue");
        assert_string_equal(fake_header_get(&made, "x-meta-mtime"), rows[i].text);
        assert_int_equal(
            neph_storage_modified(fake_call(&made), fake_record(&made), "x-meta-mtime"), 0);
        assert_int_equal(made.number, rows[i].time_ns);
    }
}

static void test_storage__passes_over_a_time_that_another_program_spelt(void **state)
{
    static const char *const texts[] = {
        "",     "2026-01-31T12:00:00Z",      "12x", "1.5.5", "-", "99999999999", "1e9",
        "1. 5", "1234567890123456789012345",
    };
    for (size_t i = 0; i < NEPH_COUNT(texts); i++) {
        setup(state);
        assert_int_equal(neph_storage_mtime(fake_record(&made), texts[i]), 0);
        if (made.number != NEPH_UNKNOWN)
            fail_msg("\"%s\": %lld", texts[i], (long long)made.number);
    }
}

static void test_storage__refuses_a_metadata_name_without_end(void **state)
{
    static char name[300];
    const char *pairs[] = {name, "v", NULL};
    (void)state;
    memset(name, 'n', sizeof name - 1);
    made.arguments = pairs;
    assert_int_equal(neph_storage_metadata(fake_call(&made), fake_request(&made), "x-"),
                     NEPH_LIMIT);
    assert_int_equal(made.header_count, 0);
}

static void test_storage__asks_for_a_short_page_only_where_it_helps(void **state)
{
    static const fake_argument few[] = {{NEPH_LIST_LIMIT, 7, NULL}};
    static const fake_argument many[] = {{NEPH_LIST_LIMIT, 1000, NULL}};
    (void)state;
    give(many, 1);
    assert_int_equal(neph_storage_page(fake_call(&made), fake_request(&made), "max", 1000), 0);
    assert_string_equal(made.query, "");
    give(few, 1);
    assert_int_equal(neph_storage_page(fake_call(&made), fake_request(&made), "max", 1000), 0);
    assert_string_equal(made.query, "max=7");
}

static void test_storage__takes_all_for_a_part_nowhere(void **state)
{
    static const fake_argument given[] = {{NEPH_RANGE_OFFSET, 5, NULL}};
    static const char *const reply[] = {"Content-Range", "bytes 5-9/1234", NULL};
    (void)state;
    give(given, 1);
    made.status = 200;
    assert_int_equal(neph_storage_ranged(fake_call(&made), fake_record(&made)), NEPH_PROTOCOL);
    made.reply = reply;
    assert_int_equal(neph_storage_ranged(fake_call(&made), fake_record(&made)), 0);
    assert_int_equal(made.number, 1234);
    made.number = 0;
    made.status = 206;
    assert_int_equal(neph_storage_ranged(fake_call(&made), fake_record(&made)), 0);
    assert_int_equal(made.number, 1234);
    give(NULL, 0);
    made.status = 200;
    assert_int_equal(neph_storage_ranged(fake_call(&made), fake_record(&made)), 0);
}

static void test_storage__reads_the_size_behind_a_range(void **state)
{
    static const struct {
        const char *text;
        int64_t size;
    } rows[] = {
        {"bytes 0-9/1234", 1234},      {"bytes */0", 0},
        {"bytes 0-9/*", NEPH_UNKNOWN}, {"bytes 0-9/12a", NEPH_UNKNOWN},
        {"bytes 0-9/", NEPH_UNKNOWN},  {"bytes", NEPH_UNKNOWN},
        {NULL, NEPH_UNKNOWN},          {"bytes 0-9/1234567890123456789", NEPH_UNKNOWN},
    };
    (void)state;
    for (size_t i = 0; i < NEPH_COUNT(rows); i++)
        if (neph_storage_total(rows[i].text) != rows[i].size)
            fail_msg("row %zu: %lld", i, (long long)neph_storage_total(rows[i].text));
}

static void test_storage__turns_digests_from_and_into_base64(void **state)
{
    (void)state;
    made.body = "foobar";
    assert_int_equal(neph_storage_digest(fake_request(&made), NEPH_DIGEST_MD5, "Content-MD5"), 0);
    assert_string_equal(fake_header_get(&made, "Content-MD5"), "OFj2IjCsPJFfMAxmQxLGPw==");
    assert_int_equal(neph_storage_checksum(fake_record(&made), NEPH_OBJECT_CHECKSUM, "md5",
                                           "OFj2IjCsPJFfMAxmQxLGPw=="),
                     0);
    assert_string_equal(made.text, "md5:3858f62230ac3c915f300c664312c63f");
    assert_int_equal(
        neph_storage_checksum(fake_record(&made), NEPH_OBJECT_CHECKSUM, "md5", "no base64!"), 0);
    assert_int_equal(neph_storage_checksum(fake_record(&made), NEPH_OBJECT_CHECKSUM, "md5", NULL),
                     0);
    assert_string_equal(made.text, "md5:3858f62230ac3c915f300c664312c63f");
}

static void test_storage__refuses_a_digest_that_is_none(void **state)
{
    static const char *const wrong[] = {"", "3", "385", "3858F6", "38 5", "zz", "3858f62230ac3c91"};
    char out[8];
    (void)state;
    assert_int_equal(neph_storage_base64(out, sizeof out, "3858f6"), 0);
    assert_string_equal(out, "OFj2");
    for (size_t i = 0; i < NEPH_COUNT(wrong); i++)
        if (neph_storage_base64(out, sizeof out, wrong[i]) != NEPH_INVALID)
            fail_msg("\"%s\": %s", wrong[i], out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_storage__says_a_range_as_http_does, setup),
        cmocka_unit_test_setup(test_storage__quotes_entity_tags_but_not_the_star, setup),
        cmocka_unit_test_setup(test_storage__keeps_metadata_and_the_time_of_the_file, setup),
        cmocka_unit_test_setup(test_storage__passes_over_a_time_that_another_program_spelt, setup),
        cmocka_unit_test_setup(test_storage__refuses_a_metadata_name_without_end, setup),
        cmocka_unit_test_setup(test_storage__asks_for_a_short_page_only_where_it_helps, setup),
        cmocka_unit_test_setup(test_storage__takes_all_for_a_part_nowhere, setup),
        cmocka_unit_test_setup(test_storage__reads_the_size_behind_a_range, setup),
        cmocka_unit_test_setup(test_storage__turns_digests_from_and_into_base64, setup),
        cmocka_unit_test_setup(test_storage__refuses_a_digest_that_is_none, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
