/*
 * test_query.c - the kit's numbered parameters, texts and MD5.
 */
#include "services.h"

#include <neph/kit/md5.h>
#include <neph/kit/query.h>
#include <neph/kit/text.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_query__numbers_from_one(void **state)
{
    static fake request;
    static const char *const ids[] = {"", "i-1", "", "i-2", NULL};
    neph_query query;
    (void)state;
    fake_init(&request, "POST", "h", "/", "");
    request.arguments = ids;
    neph_query_begin(&query, fake_request(&request), NEPH_QUERY_FORM, "DescribeInstances",
                     "2016-11-15");
    neph_query_add_strings(&query, "InstanceId.#", fake_call(&request), NEPH_NODE_ID);
    neph_query_add_at(&query, "Filter.#.Value.#", 1, 2, "running");
    neph_query_add_integer(&query, "MaxResults", 1000);
    neph_query_add_integer(&query, "MinCount", NEPH_UNKNOWN);
    neph_query_add(&query, "NextToken", NULL);
    assert_int_equal(query.status, 0);
    assert_string_equal(request.query,
                        "Action=DescribeInstances&Version=2016-11-15&InstanceId.1=i-1"
                        "&InstanceId.2=i-2&Filter.1.Value.2=running&MaxResults=1000");
}

static void test_query__writes_a_pair_as_two_parameters(void **state)
{
    static fake request;
    static const char *const tags[] = {"Name", "web", "env", "prod", NULL};
    neph_query query;
    (void)state;
    fake_init(&request, "GET", "h", "/", "");
    request.arguments = tags;
    neph_query_begin(&query, fake_request(&request), NEPH_QUERY_URL, NULL, NULL);
    neph_query_add_pairs(&query, "Tag.#.Key", "Tag.#.Value", fake_call(&request), NEPH_EXTRA);
    assert_int_equal(query.status, 0);
    assert_string_equal(request.query,
                        "Tag.1.Key=Name&Tag.1.Value=web&Tag.2.Key=env&Tag.2.Value=prod");
}

static void test_query__refuses_a_key_that_is_too_long(void **state)
{
    static fake request;
    static char pattern[NEPH_QUERY_KEY_MAX + 1];
    neph_query query;
    (void)state;
    memset(pattern, 'a', NEPH_QUERY_KEY_MAX);
    fake_init(&request, "GET", "h", "/", "");
    neph_query_begin(&query, fake_request(&request), NEPH_QUERY_URL, NULL, NULL);
    neph_query_add_at(&query, pattern, 1, 0, "v");
    neph_query_add(&query, "After", "v");
    assert_int_equal(query.status, NEPH_LIMIT);
    assert_string_equal(request.query, "");
}

static void test_text__encodes_and_decodes(void **state)
{
    char out[128];
    neph_text text;
    size_t size;
    (void)state;
    neph_text_init(&text, out, sizeof out);
    neph_text_add_encoded(&text, "a/b ~\n%+\xc3\xa4", 10, "/");
    assert_string_equal(out, "a/b%20~%0A%25%2B%C3%A4");
    size = neph_percent_decode(out, out, text.size);
    assert_int_equal(size, 10);
    assert_memory_equal(out, "a/b ~\n%+\xc3\xa4", 10);
    assert_int_equal(neph_percent_decode(out, "%4", 2), 2);
    assert_memory_equal(out, "%4", 2);
    assert_int_equal(neph_percent_decode(out, "%zz%41", 6), 4);
    assert_memory_equal(out, "%zzA", 4);
}

static void test_text__writes_base64_hex_and_numbers(void **state)
{
    char out[128];
    neph_text text;
    (void)state;
    neph_text_init(&text, out, sizeof out);
    neph_text_add_base64(&text, "foobar", 6);
    neph_text_add_base64(&text, "fooba", 5);
    neph_text_add_base64(&text, "foob", 4);
    neph_text_add_hex(&text, "\x01\xff", 2);
    neph_text_add_integer(&text, INT64_MIN);
    assert_string_equal(out, "Zm9vYmFyZm9vYmE=Zm9vYg==01ff-9223372036854775808");
}

static void test_text__writes_times(void **state)
{
    char out[64];
    neph_text text;
    (void)state;
    neph_text_init(&text, out, sizeof out);
    neph_text_add_time(&text, INT64_C(1440938160) * NEPH_NANO + 999999999);
    neph_text_add_time(&text, -1);
    assert_string_equal(out, "2015-08-30T12:36:00Z1969-12-31T23:59:59Z");
    neph_text_init(&text, out, sizeof out);
    neph_text_add_date(&text, INT64_C(784111777) * NEPH_NANO + 999999999);
    assert_string_equal(out, "Sun, 06 Nov 1994 08:49:37 GMT"); /* RFC 9110, section 5.6.7 */
    neph_text_init(&text, out, sizeof out);
    neph_text_add_date(&text, -1);
    assert_string_equal(out, "Wed, 31 Dec 1969 23:59:59 GMT");
}

static void test_text__makes_text_of_any_bytes(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *text;
    } rows[] = {
        {"", 0, ""},
        {"a\0b\0", 4, "ab"},
        {"\0", 1, ""},
        {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 9, "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
        {"\xa4z\0\xe2\x82", 5, "?z??"},                 /* begins and ends within a character */
        {"\xc0\x80\xe0\x9f\xbf", 5, "?????"},           /* longer than need be */
        {"\xed\xa0\x80\xf4\x90\x80\x80", 7, "???????"}, /* a surrogate, and too large a number */
        {"\xf0\x9f\x98z\xff\xf5", 6, "???z??"},
    };
    (void)state;
    for (size_t i = 0; i < NEPH_COUNT(rows); i++) {
        char data[16];
        size_t size;
        memcpy(data, rows[i].bytes, rows[i].size);
        size = neph_text_clean(data, rows[i].size);
        if (size != strlen(rows[i].text) || memcmp(data, rows[i].text, size) != 0)
            fail_msg("row %zu: \"%.*s\"", i, (int)size, data);
    }
}

static void test_text__knows_what_base64_stands_for(void **state)
{
    static const struct {
        const char *text;
        int64_t size;
    } rows[] = {
        {"", 0},      {"Zm9v", 3},    {"Zm9vYg==", 4}, {"Zm9vYmE=", 5}, {"Zm9v\nYg==\n", 4},
        {"+/+/", 3},  {"Zm9vYg", -1}, {"Zm9vYg=", -1}, {"Z", -1},       {"Zm9v=", -1},
        {"Zm=v", -1}, {"====", -1},   {"Zm9-", -1},    {"Zm9~", -1},    {"Zm\xc3\xa4", -1},
    };
    (void)state;
    for (size_t i = 0; i < NEPH_COUNT(rows); i++)
        if (neph_base64_size(rows[i].text) != rows[i].size)
            fail_msg("\"%s\": %d", rows[i].text, (int)neph_base64_size(rows[i].text));
}

static void test_text__reads_the_base64_that_it_writes(void **state)
{
    unsigned char data[256];
    unsigned char read[256];
    char out[512];
    neph_text text;
    (void)state;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(255 - i);
    for (size_t size = 0; size <= sizeof data; size++) {
        neph_text_init(&text, out, sizeof out);
        neph_text_add_base64(&text, data, size);
        assert_int_equal(neph_base64_size(out), size);
        assert_int_equal(neph_base64_decode(read, out), size);
        assert_memory_equal(read, data, size);
    }
    assert_int_equal(neph_base64_decode(read, "Z m\n9v=="), -1);
    assert_int_equal(neph_base64_decode(read, "Z m\n8=\n"), 2);
    assert_memory_equal(read, "fo", 2);
}

static void test_text__keeps_what_it_has_when_it_is_full(void **state)
{
    char out[8];
    neph_text text;
    (void)state;
    neph_text_init(&text, out, sizeof out);
    neph_text_add(&text, "1234567");
    assert_int_equal(text.status, 0);
    neph_text_add(&text, "8");
    neph_text_add(&text, "");
    assert_int_equal(text.status, NEPH_LIMIT);
    assert_string_equal(out, "1234567");
}

/* RFC 1321, appendix A.5, in pieces of every size. */
static void test_md5__gives_the_published_digests(void **state)
{
    static const char *const cases[][2] = {
        {"", "d41d8cd98f00b204e9800998ecf8427e"},
        {"message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
        {"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
         "57edf4a22be3c955ac49da2e2107b67a"},
    };
    (void)state;
    for (size_t i = 0; i < NEPH_COUNT(cases); i++) {
        for (size_t piece = 1; piece <= 81; piece++) {
            size_t size = strlen(cases[i][0]);
            unsigned char bytes[16];
            char hex[33];
            neph_text text;
            neph_md5 md5;
            neph_md5_init(&md5);
            for (size_t at = 0; at < size; at += piece)
                neph_md5_update(&md5, cases[i][0] + at, size - at < piece ? size - at : piece);
            neph_md5_final(&md5, bytes);
            neph_text_init(&text, hex, sizeof hex);
            neph_text_add_hex(&text, bytes, sizeof bytes);
            assert_string_equal(hex, cases[i][1]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_query__numbers_from_one),
        cmocka_unit_test(test_query__writes_a_pair_as_two_parameters),
        cmocka_unit_test(test_query__refuses_a_key_that_is_too_long),
        cmocka_unit_test(test_text__encodes_and_decodes),
        cmocka_unit_test(test_text__writes_base64_hex_and_numbers),
        cmocka_unit_test(test_text__writes_times),
        cmocka_unit_test(test_text__makes_text_of_any_bytes),
        cmocka_unit_test(test_text__knows_what_base64_stands_for),
        cmocka_unit_test(test_text__reads_the_base64_that_it_writes),
        cmocka_unit_test(test_text__keeps_what_it_has_when_it_is_full),
        cmocka_unit_test(test_md5__gives_the_published_digests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
