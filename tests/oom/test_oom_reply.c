/*
 * Reply tables while allocations fail: each in turn, once or for good, of neph, of yajl (through neph's allocator) and
 * of libxml2 (through its own, replaced here). What comes out is a success with all results or NEPH_NO_MEMORY; nothing
 * is lost, and nothing half-read is taken for the whole.
 */
#include "tests/support/allocator.h"
#include "tests/wire/tape.h"

#include <libxml/parser.h>
#include <libxml/xmlmemory.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ATTEMPTS_MAX 5000

/* ---- libxml2's allocator: the same shape as the test's own */

static test_allocator libxml;

static void *xml_realloc(void *old, size_t size)
{
    neph_allocator functions = test_allocator_functions(&libxml);
    return functions.realloc_fn(old, size, functions.user);
}

static void *xml_malloc(size_t size)
{
    return xml_realloc(NULL, size);
}

static void xml_free(void *block)
{
    neph_allocator functions = test_allocator_functions(&libxml);
    functions.free_fn(block, functions.user);
}

static char *xml_strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = xml_malloc(size);
    if (copy)
        memcpy(copy, text, size);
    return copy;
}

/* What libxml2 would have printed. */
static long printed;

static void count_printed(void *user, const char *format, ...)
{
    (void)user, (void)format;
    printed++;
}

/* ---- what is read */

static const neph_map states[] = {{"running", NEPH_NODE_RUNNING}, {NULL, 0}};
static const neph_field node_fields[] = {
    {"id", .member = NEPH_NODE_ID, .flags = NEPH_FIELD_REQUIRED},
    {"tags/item[key=Name]/value", .member = NEPH_NODE_NAME},
    {"tags/item[key]/value", .member = NEPH_NODE_TAGS},
    {"state", .map = states, .member = NEPH_NODE_STATE},
    {"ips/ip", .member = NEPH_NODE_PUBLIC_IPS},
    {"size/@name", .member = NEPH_NODE_SIZE},
    {"image", .member = NEPH_NODE_IMAGE, .flags = NEPH_FIELD_BASE64},
    {"../owner", .member = NEPH_EXTRA},
    {"fault", .member = NEPH_RESULT_ERROR_CODE},
};
static const neph_field page_fields[] = {
    {"next", .member = NEPH_PAGE_TOKEN},
    {"header:x-request-id", .member = NEPH_ERROR_REQUEST_ID},
};
static const neph_field bucket_fields[] = {
    {"name", .member = NEPH_BUCKET_NAME, .flags = NEPH_FIELD_URL_IF},
};
static const neph_rule rules[] = {
    {"set/node", NEPH_FIELDS(node_fields), .kind = NEPH_KIND_NODE},
    {"bucket", NEPH_FIELDS(bucket_fields), .kind = NEPH_KIND_BUCKET},
    {".", NEPH_FIELDS(page_fields)},
};

#define LONG                                                                                       \
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char xml_document[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><R xmlns=\"urn:x\"><set><node><id>1</id><tags><item><value>n"
    "</value><key>Name</key></item></tags><state>running</state><ips><ip>a</ip><ip>b</ip></ips>"
    "<size name=\"s&amp;" LONG "\"/><image>eA==</image></node><node><id>" LONG
    "&lt;</id><fault>f</fault>"
    "</node><owner>o</owner></set><bucket><name>a%20b</name></bucket><next>t</next></R>";
static const char json_document[] =
    "{\"set\": {\"node\": {\"id\": 1, \"tags\": {\"item\": [{\"value\": \"n\", \"key\": \"Name\"}]}, "
    "\"state\": \"running\", \"image\": \"eA==\"}, \"owner\": \"o\"}, \"bucket\": {\"name\": \"a%20b\"}, "
    "\"next\": \"t\\u00e9" LONG "\"}";

typedef struct attempt {
    test_allocator allocator;
    uint32_t format;
    const char *document;
    char results[2000]; /* of the first that succeeded */
    int successes;
} attempt;

static int document_read(attempt *a, tape *t, nephi_reader *reader, nephi_parser *parser,
                         const nephi_reply *reply)
{
    const nephi_parser_class *class =
        a->format == NEPH_REPLY_XML ? &nephi_xml_class : &nephi_json_class;
    size_t size = strlen(a->document), half = size / 2;
    int rc = nephi_reader_begin(reader, reply, parser, class, &tape_sink, t, &t->error);
    if (!rc)
        rc = nephi_reader_url_decode(reader, -1);
    if (!rc)
        rc = nephi_reader_header(reader, "X-Request-Id", "r");
    if (!rc)
        rc = nephi_reader_feed(reader, a->document, half);
    if (!rc)
        rc = nephi_reader_feed(reader, a->document + half, size - half);
    return rc ? rc : nephi_reader_end(reader);
}

/* Success must be the whole of it. */
static void check(attempt *a, const tape *t, int rc)
{
    if (rc && rc != NEPH_NO_MEMORY)
        fail_msg("%d %s", rc, t->error.message);
    if (rc) {
        assert_int_equal(t->error.status, NEPH_NO_MEMORY);
        return;
    }
    if (!a->successes++)
        snprintf(a->results, sizeof a->results, "%s", tape_text(t));
    assert_string_equal(tape_text(t), a->results);
}

/* Twice with the same reader and parser: the second time after whatever the first one came to. */
static int run(attempt *a)
{
    nephi_memory memory = test_allocator_memory(&a->allocator);
    const neph_reply table = {sizeof table, a->format, rules, NEPH_COUNT(rules), sizeof *rules};
    const nephi_parser_class *class =
        a->format == NEPH_REPLY_XML ? &nephi_xml_class : &nephi_json_class;
    nephi_reply *reply = NULL;
    nephi_reader *reader = NULL;
    nephi_parser *parser = NULL;
    uint32_t dropped;
    tape t;
    int rc;
    tape_init(&t, &memory);
    rc = nephi_reply_compile(&reply, &memory, &table, &dropped, &t.error);
    if (!rc)
        rc = class->create(&parser, &memory);
    if (!rc)
        rc = nephi_reader_create(&reader, &memory);
    if (rc)
        assert_int_equal(rc, NEPH_NO_MEMORY);
    for (int i = 0; reader && parser && i < 2; i++) {
        int last;
        tape_clear(&t);
        last = document_read(a, &t, reader, parser, reply);
        nephi_reader_reset(reader);
        check(a, &t, last);
        assert_int_equal(t.alive, 0);
        rc = last ? last : rc;
    }
    nephi_reader_destroy(reader);
    class->destroy(parser);
    nephi_reply_free(reply);
    tape_fini(&t);
    return rc;
}

/* Fails each allocation that `which` counts. */
static void fail_each(attempt *a, test_allocator *which, int fails_once)
{
    long calls, n, failures = 0;
    test_allocator_init(&a->allocator);
    libxml.calls = 0;
    assert_int_equal(run(a), 0);
    calls = which->calls;
    assert_in_range(calls, 3, ATTEMPTS_MAX);
    assert_non_null(strstr(a->results, "request=r;"));
    assert_non_null(strstr(a->results, "name=a%20b"));
    assert_non_null(strstr(a->results, "extra=[owner:o]"));
    for (n = 1; n <= calls; n++) {
        long before = libxml.live;
        test_allocator_init(&a->allocator);
        libxml.calls = 0;
        which->fail_at = n;
        which->fails_once = fails_once;
        failures += run(a) != 0;
        which->fail_at = 0;
        xmlResetLastError(); /* libxml2 keeps a thread's last words */
        if (a->allocator.live || libxml.live != before)
            fail_msg("allocation %ld of %ld: %ld and %ld lost", n, calls, a->allocator.live,
                     libxml.live - before);
    }
    assert_in_range(failures, calls / 2, calls);
    assert_int_equal(printed, 0);
}

static void test_oom_reply__xml_survives_failures_of_our_own(void **state)
{
    attempt a = {.format = NEPH_REPLY_XML, .document = xml_document};
    (void)state;
    fail_each(&a, &a.allocator, 1);
    fail_each(&a, &a.allocator, 0);
}

static void test_oom_reply__xml_survives_failures_of_libxml2(void **state)
{
    attempt a = {.format = NEPH_REPLY_XML, .document = xml_document};
    (void)state;
    fail_each(&a, &libxml, 1);
    fail_each(&a, &libxml, 0);
}

static void test_oom_reply__json_survives_failures_of_ours_and_of_yajl(void **state)
{
    attempt a = {.format = NEPH_REPLY_JSON, .document = json_document};
    (void)state;
    fail_each(&a, &a.allocator, 1);
    fail_each(&a, &a.allocator, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_oom_reply__xml_survives_failures_of_our_own),
        cmocka_unit_test(test_oom_reply__xml_survives_failures_of_libxml2),
        cmocka_unit_test(test_oom_reply__json_survives_failures_of_ours_and_of_yajl),
    };
    xmlSetGenericErrorFunc(NULL, count_printed);
    if (xmlMemSetup(xml_free, xml_malloc, xml_realloc, xml_strdup) != 0)
        return 1;
    xmlInitParser();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
