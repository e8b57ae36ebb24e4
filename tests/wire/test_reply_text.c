/*
 * tests/wire/test_reply_text.c - texts that a reply table takes out of a document or its headers:
 * what the flags of a field make of them, which must be UTF-8, how large a result of them may be.
 */
#include "tests/wire/reply_stand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- flags of texts */

static const neph_field coded_fields[] = {
    {"tag", .member = NEPH_OBJECT_ETAG, .flags = NEPH_FIELD_UNQUOTE},
    {"base64", .member = NEPH_OBJECT_KEY, .flags = NEPH_FIELD_BASE64},
    {"url", .member = NEPH_OBJECT_KEY, .flags = NEPH_FIELD_URL},
    {"both", .member = NEPH_OBJECT_KEY, .flags = NEPH_FIELD_URL | NEPH_FIELD_BASE64},
    {"meta", "m", .member = NEPH_OBJECT_METADATA},
};
static const neph_rule coded_rules[] = {
    {"[]", NEPH_FIELDS(coded_fields), .kind = NEPH_KIND_OBJECT}};

static void test_reply_text__decodes_texts(void **state)
{
    static const char *const rows[][2] = {
        {"\"tag\": \"\\\"x\\\"\"", "object{etag=x}"},
        {"\"tag\": \"W/\\\"x\\\"\"", "object{etag=x}"},
        {"\"tag\": \"x\\\"\"", "object{etag=x\"}"},
        {"\"tag\": \"\\\"\"", "object{etag=\"}"},
        {"\"tag\": \"\\\"\\\"\"", "object{etag=}"},
        {"\"base64\": \"YWI=\"", "object{key=ab}"},
        {"\"base64\": \"\"", "object{key=}"},
        {"\"url\": \"a%20b+c%zz\"", "object{key=a b+c%zz}"},
        {"\"both\": \"YWI%3D\"", "object{key=ab}"},
        {"\"meta\": \"v\", \"meta\": \"w\"", "object{metadata=[m:v|m:w]}"},
    };
    char document[100];
    for (size_t i = 0; i < NEPH_COUNT(rows); i++) {
        snprintf(document, sizeof document, "[{%s}]", rows[i][0]);
        expect(*state, JSON(coded_rules), document, rows[i][1]);
    }
    refuse(*state, JSON(coded_rules), "[{\"base64\": \"*\"}]", "",
           "not the base64 that it should be: \"*\" ([]/base64");
    refuse(*state, JSON(coded_rules), "[{\"base64\": \"YQBi\"}]", "", "a NUL in a text");
    refuse(*state, JSON(coded_rules), "[{\"url\": \"a%00\"}]", "", "a NUL in a text");
}

/* What no parser has seen must be UTF-8, unless the member is one that clouds keep as bytes. */
static const neph_field byte_fields[] = {
    {"key", .member = NEPH_OBJECT_KEY, .flags = NEPH_FIELD_URL},
    {"etag", .member = NEPH_OBJECT_ETAG, .flags = NEPH_FIELD_BASE64},
    {"more", .member = NEPH_EXTRA, .flags = NEPH_FIELD_BASE64},
    {"class", .member = NEPH_OBJECT_CLASS, .flags = NEPH_FIELD_URL_IF},
    {"version", .member = NEPH_OBJECT_VERSION, .flags = NEPH_FIELD_BASE64},
    {"on", .member = NEPH_SCRATCH + 2, .flags = NEPH_FIELD_URL},
};
static const neph_rule byte_rules[] = {{".", NEPH_FIELDS(byte_fields), .kind = NEPH_KIND_OBJECT}};

static void test_reply_text__decoded_texts_are_utf8_but_for_those_kept_as_bytes(void **state)
{
    fixture *f = *state;
    f->url_decode = 1;
    expect(f, JSON(byte_rules), "{\"key\": \"a%ff\"}", "object{key=a\xff}");
    expect(f, JSON(byte_rules), "{\"etag\": \"/w==\"}", "object{etag=\xff}");
    expect(f, JSON(byte_rules), "{\"more\": \"/w==\"}", "object{extra=[more:\xff]}");
    expect(f, JSON(byte_rules), "{\"on\": \"%ff\"}", "scratch2=\xff;object{}");
    expect(f, JSON(byte_rules), "{\"class\": \"%c3%a9\"}", "object{storage_class=\xc3\xa9}");
    expect(f, JSON(byte_rules), "{\"version\": \"w6k=\"}", "object{version=\xc3\xa9}");
    refuse(f, JSON(byte_rules), "{\"class\": \"%c3\"}", "", "a text that is no UTF-8 (class");
    refuse(f, JSON(byte_rules), "{\"version\": \"/w==\"}", "", "no UTF-8 (version");
}

/* ---- headers */

static const neph_field header_fields[] = {
    {"header:ETag", .member = NEPH_OBJECT_ETAG, .flags = NEPH_FIELD_UNQUOTE | NEPH_FIELD_REQUIRED},
    {"header:Content-Length", .member = NEPH_OBJECT_SIZE_BYTES},
    {"header:Last-Modified", .member = NEPH_OBJECT_MODIFIED},
    {"header:x-amz-meta-*", .member = NEPH_OBJECT_METADATA, .flags = NEPH_FIELD_PREFIX},
    {"header:X-Other", .member = NEPH_EXTRA},
    {"header:X-Version", .member = NEPH_OBJECT_VERSION},
};
static const neph_field call_header_fields[] = {
    {"header:X-Request-Id", .member = NEPH_ERROR_REQUEST_ID},
};
static const neph_rule header_rules[] = {
    {".", NEPH_FIELDS(header_fields), .kind = NEPH_KIND_OBJECT},
    {".", NEPH_FIELDS(call_header_fields)},
};

static void test_reply_text__reads_headers(void **state)
{
    static const char *const headers[] = {"etag",
                                          "\"x\"",
                                          "CONTENT-LENGTH",
                                          "5",
                                          "X-Amz-Meta-Color",
                                          "red",
                                          "x-amz-meta",
                                          "no",
                                          "x-amz-meta-a",
                                          "",
                                          "last-modified",
                                          "Thu, 01 Jan 1970 00:00:01 GMT",
                                          "x-other",
                                          "o",
                                          "x-request-id",
                                          "r",
                                          "x-else",
                                          "e",
                                          NULL};
    static const char results[] = "request=r;object{size_bytes=5,modified=1000000000,etag=x,"
                                  "metadata=[color:red|a:],extra=[X-Other:o]}";
    fixture *f = *state;
    f->headers = headers;
    expect(f, &(const neph_reply)NEPH_REPLY_OF(NEPH_REPLY_NONE, header_rules), "", results);
    expect(f, &(const neph_reply)NEPH_REPLY_OF(NEPH_REPLY_BODY, header_rules), "bytes", results);
    expect(f, XML(header_rules), "", results);
    expect(f, XML(header_rules), "<a/>", results);
}

static void test_reply_text__headers_are_utf8_but_for_those_kept_as_bytes(void **state)
{
    static const char *const latin[] = {"etag", "\xe9", "x-amz-meta-a", "\xff", NULL};
    static const char *const version[] = {"etag", "e", "X-Version", "caf\xe9", NULL};
    const neph_reply table = NEPH_REPLY_OF(NEPH_REPLY_NONE, header_rules);
    fixture *f = *state;
    nephi_reply *reply = compile(f, &table);
    f->headers = latin;
    expect(f, &table, "", "object{etag=\xe9,metadata=[a:\xff]}");
    f->headers = version;
    assert_int_equal(read_reply(f, reply, "", 0), NEPH_PROTOCOL);
    assert_non_null(strstr(f->tape.error.message, "a text that is no UTF-8 (X-Version"));
    nephi_reply_free(reply);
}

static void test_reply_text__refuses_headers_that_are_missing_or_wrong(void **state)
{
    static const char *const none[] = {NULL};
    static const char *const wrong[] = {"Content-Length", "many", NULL};
    const neph_reply table = NEPH_REPLY_OF(NEPH_REPLY_NONE, header_rules);
    fixture *f = *state;
    nephi_reply *reply = compile(f, &table);
    f->headers = none;
    assert_int_equal(read_reply(f, reply, "", 0), NEPH_PROTOCOL);
    assert_non_null(strstr(f->tape.error.message, "missing"));
    assert_non_null(strstr(f->tape.error.message, "header:ETag"));
    f->headers = wrong;
    assert_int_equal(read_reply(f, reply, "", 0), NEPH_PROTOCOL);
    assert_non_null(strstr(f->tape.error.message, "Content-Length"));
    nephi_reply_free(reply);
}

/* ---- the limit of a result */

static void test_reply_text__limits_a_result(void **state)
{
    fixture *f = *state;
    nephi_reply *reply = compile(f, JSON(coded_rules));
    size_t size = (1 << 20) + 20;
    char *item = malloc(size + 1);
    int rc, count = 0;
    memcpy(item, "\"meta\": \"", 9);
    memset(item + 9, 'x', 1 << 20);
    memcpy(item + 9 + (1 << 20), "\",", 3);
    rc = begin(f, reply);
    if (!rc)
        rc = nephi_reader_feed(f->reader, "[{", 2);
    while (!rc && count++ < 9)
        rc = nephi_reader_feed(f->reader, item, strlen(item));
    assert_int_equal(rc, NEPH_PROTOCOL);
    assert_in_range(count, 2, 5);
    assert_non_null(strstr(f->tape.error.message, "larger than 4 MiB"));
    nephi_reader_reset(f->reader);
    free(item);
    nephi_reply_free(reply);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_reply_text__decodes_texts),
        TEST(test_reply_text__decoded_texts_are_utf8_but_for_those_kept_as_bytes),
        TEST(test_reply_text__reads_headers),
        TEST(test_reply_text__headers_are_utf8_but_for_those_kept_as_bytes),
        TEST(test_reply_text__refuses_headers_that_are_missing_or_wrong),
        TEST(test_reply_text__limits_a_result),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
