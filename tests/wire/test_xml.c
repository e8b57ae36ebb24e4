/*
 * The XML parser: its events, what it refuses and with which words, and that neither pieces nor what was parsed before
 * make a difference.
 */
#include "tests/support/allocator.h"
#include "tests/wire/tape.h"

#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct fixture {
    test_allocator allocator;
    nephi_memory memory;
    tape tape;
    nephi_parser *parser;
} fixture;

static int setup(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    f->memory = test_allocator_memory(&f->allocator);
    tape_init(&f->tape, &f->memory);
    assert_int_equal(nephi_xml_class.create(&f->parser, &f->memory), 0);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    nephi_xml_class.destroy(f->parser);
    nephi_xml_class.destroy(NULL);
    tape_fini(&f->tape);
    assert_int_equal(f->allocator.live, 0);
    free(f);
    return 0;
}

static int feed(void *user, const void *data, size_t size)
{
    return nephi_xml_class.feed(user, data, size);
}

static int parse(fixture *f, const char *data, size_t size, int way)
{
    int rc;
    tape_clear(&f->tape);
    rc = nephi_xml_class.begin(f->parser, &tape_events, &f->tape, &f->tape.error);
    if (!rc)
        rc = tape_feed(feed, f->parser, data, size, way);
    return rc ? rc : nephi_xml_class.end(f->parser);
}

static void expect(fixture *f, const char *document, const char *events)
{
    for (int way = 0; way < TAPE_WAYS; way++) {
        int rc = parse(f, document, strlen(document), way);
        if (rc)
            fail_msg("%s, way %d: %d %s", document, way, rc, f->tape.error.message);
        assert_string_equal(tape_text(&f->tape), events);
        assert_int_equal(nephi_xml_class.offset(f->parser), strlen(document));
    }
}

/* What is refused is refused however it comes, and the parser is as good as new afterwards. */
static void refuse_data(fixture *f, const char *data, size_t size, const char *words)
{
    for (int way = 0; way < TAPE_WAYS; way++) {
        int rc = parse(f, data, size, way);
        if (rc != NEPH_PROTOCOL || !strstr(f->tape.error.message, words))
            fail_msg("%.60s, way %d: %d \"%s\", not \"%s\"", data, way, rc, f->tape.error.message,
                     words);
        assert_int_equal(nephi_xml_class.feed(f->parser, "<a/>", 4), NEPH_PROTOCOL);
        assert_int_equal(nephi_xml_class.end(f->parser), NEPH_PROTOCOL);
        assert_in_range(nephi_xml_class.offset(f->parser), 0, size);
    }
    assert_int_equal(parse(f, "<a>x</a>", 8, 0), 0);
    assert_string_equal(tape_text(&f->tape), "a('x')");
}

static void refuse(fixture *f, const char *document, const char *words)
{
    refuse_data(f, document, strlen(document), words);
}

static void test_xml__says_elements_attributes_and_texts(void **state)
{
    expect(*state, "<a/>", "a()");
    expect(*state,
           "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a b='1' c=\"x &amp; y\">t<d/>u</a>\n",
           "a(@b=1;@c=x & y;'t'd()'u')");
    expect(*state, "<a><!-- no --><?pi no?><b>1<!-- no -->2</b></a>", "a(b('12'))");
    expect(*state, "<a><![CDATA[<x>&amp;]]>]]&gt;</a>", "a('<x>&amp;]]>')");
    expect(*state, "<a b=''></a>", "a(@b=;)");
}

static void test_xml__knows_the_five_entities_and_numbers(void **state)
{
    expect(*state, "<a>&lt;&gt;&amp;&quot;&apos;</a>", "a('<>&\"'')");
    expect(*state, "<a>&#65;&#x20AC;</a>", "a('A\xe2\x82\xac')");
    expect(*state, "<a b='&#10;&lt;'/>", "a(@b=\n<;)");
}

static void test_xml__drops_prefixes_and_declarations_of_namespaces(void **state)
{
    expect(*state, "<n:a xmlns:n='urn:n' xmlns='urn:m' n:b='1'><n:c>x</n:c></n:a>",
           "a(@b=1;c('x'))");
    expect(*state, "<a xmlns='relative' xmlnsx='1'/>", "a(@xmlnsx=1;)");
}

static void test_xml__skips_white_space_and_a_mark_before_the_document(void **state)
{
    expect(*state, "\n\n \t\r\n<?xml version=\"1.0\"?><a>x</a>", "a('x')");
    expect(*state, "   <a/>", "a()");
    expect(*state, "\xef\xbb\xbf<?xml version=\"1.0\"?><a>x</a>", "a('x')");
    expect(*state, "\xef\xbb\xbf<a>x</a>  ", "a('x')");
}

static void test_xml__reads_other_encodings_that_the_document_names(void **state)
{
    fixture *f = *state;
    static const char latin[] = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\xe9</a>";
    for (int way = 0; way < TAPE_WAYS; way++) {
        assert_int_equal(parse(f, latin, sizeof latin - 1, way), 0);
        assert_string_equal(tape_text(&f->tape), "a('\xc3\xa9')");
    }
}

static void test_xml__refuses_what_is_malformed_and_says_where(void **state)
{
    refuse(*state, "<a><b>1</c></a>", "mismatch");
    refuse(*state, "<a><b>1</c></a>", " at byte 1");
    refuse(*state, "<a b=1/>", "malformed XML");
    refuse(*state, "<a b='1' b='2'/>", "redefined");
    refuse(*state, "<a>&nbsp;</a>", "nbsp");
    refuse(*state, "<a b='&nbsp;'/>", "nbsp");
    refuse(*state, "<a>&#0;</a>", "malformed XML");
    refuse(*state, "<a>\xff\xfe</a>", "malformed XML");
    refuse(*state, "<a/>trailing", "malformed XML");
    refuse(*state, "<a/><b/>", "malformed XML");
    refuse_data(*state, "<a>x\0y</a>", 10, "byte");
    refuse_data(*state, "<a/>\0", 5, "malformed XML");
}

static void test_xml__refuses_what_ends_too_early(void **state)
{
    static const char document[] =
        "<?xml version=\"1.0\"?><a b='1'><c>text &amp; more</c><!-- c --></a>";
    for (size_t size = 1; size < sizeof document - 1; size++)
        refuse_data(*state, document, size, "byte");
    refuse(*state, "<a><b>", "the reply ends too early, at byte 6 of the reply");
    refuse(*state, " <a><b>text", "the reply ends too early, at byte 11 of the reply");
    /* libxml2 has forgotten the place by the time that it says no */
    refuse(*state, "  <a>< /a>", "at byte 6 of the reply");
    refuse(*state, "\xef\xbbx", "the reply is not XML");
    refuse(*state, "\xef\xbb<a/>", "malformed XML");
    refuse(*state, " \n ", "nothing but white space");
    refuse(*state, "", "nothing but white space");
}

static void test_xml__refuses_document_types(void **state)
{
    refuse(*state, "<!DOCTYPE a><a/>", "a DOCTYPE, which no cloud sends,");
    refuse(*state, "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
           "a DOCTYPE");
    refuse(*state, "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>", "a DOCTYPE");
}

static void test_xml__tells_html_from_xml(void **state)
{
    refuse(*state, "<html><body>Sign in</body></html>", "is HTML, not XML");
    refuse(*state, "<HTML lang='en'/>", "is HTML, not XML");
    refuse(*state, "<!DOCTYPE html><html></html>", "is HTML, not XML");
    refuse(*state, "\n<!doctype html><p>x", "is HTML, not XML");
    refuse(*state, "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN\"><HTML>",
           "is HTML, not XML");
    refuse(*state, "{\"error\": 1}", "is not XML: is there a proxy");
    refuse(*state, "Bad gateway", "is not XML: is there a proxy");
}

static char *many(const char *open, int count, const char *inside, const char *close)
{
    size_t size = strlen(inside) + (size_t)count * (strlen(open) + strlen(close)) + 1;
    char *document = malloc(size), *at = document;
    for (int i = 0; i < count; i++)
        at += snprintf(at, size - (size_t)(at - document), "%s", open);
    at += snprintf(at, size - (size_t)(at - document), "%s", inside);
    for (int i = 0; i < count; i++)
        at += snprintf(at, size - (size_t)(at - document), "%s", close);
    return document;
}

static void test_xml__goes_down_64_levels(void **state)
{
    fixture *f = *state;
    char *document = many("<a>", 64, "x", "</a>");
    assert_int_equal(parse(f, document, strlen(document), 0), 0);
    free(document);
    document = many("<a>", 65, "", "</a>");
    refuse(f, document, "more than 64 levels at byte 19");
    free(document);
}

static char *filled(const char *before, size_t count, const char *after)
{
    char *document = malloc(strlen(before) + count + strlen(after) + 1);
    size_t size = strlen(before);
    memcpy(document, before, size);
    memset(document + size, 'x', count);
    memcpy(document + size + count, after, strlen(after) + 1);
    return document;
}

/* Long documents: whole and in the pieces that a network gives. */
static int parse_long(fixture *f, const char *document, int is_whole)
{
    size_t size = strlen(document), at = 0;
    int rc;
    if (is_whole)
        return parse(f, document, size, 0);
    tape_clear(&f->tape);
    rc = nephi_xml_class.begin(f->parser, &tape_events, &f->tape, &f->tape.error);
    for (; !rc && at < size; at += 16000)
        rc = nephi_xml_class.feed(f->parser, document + at, size - at < 16000 ? size - at : 16000);
    return rc ? rc : nephi_xml_class.end(f->parser);
}

static void expect_long(fixture *f, char *document, const char *words)
{
    for (int is_whole = 0; is_whole < 2; is_whole++) {
        int rc = parse_long(f, document, is_whole);
        if (rc != (words ? NEPH_PROTOCOL : 0) || (words && !strstr(f->tape.error.message, words)))
            fail_msg("%.20s: %d %s", document, rc, f->tape.error.message);
    }
    free(document);
}

static void test_xml__limits_names_and_texts(void **state)
{
    expect_long(*state, filled("<", 1024, "/>"), NULL);
    expect_long(*state, filled("<", 1025, "/>"), "a name longer than 1 KiB");
    expect_long(*state, filled("<a ", 1024, "='1'/>"), NULL);
    expect_long(*state, filled("<a ", 1025, "='1'/>"), "a name longer than 1 KiB");
    expect_long(*state, filled("<a>", 1 << 20, "</a>"), NULL);
    expect_long(*state, filled("<a>", (1 << 20) + 1, "</a>"), "a text longer than 1 MiB");
    expect_long(*state, filled("<a><![CDATA[", (1 << 20) + 1, "]]></a>"),
                "a text longer than 1 MiB");
    expect_long(*state, filled("<a b='", 1 << 20, "'/>"), NULL);
    expect_long(*state, filled("<a b='", (1 << 20) + 1, "'/>"), "1 MiB");
    expect_long(*state, filled("<a><!--", 3 << 20, "--></a>"), "1 MiB");
    expect_long(*state, filled("<a b='", 12 << 20, "'/>"), "1 MiB");
}

static void test_xml__ends_with_what_an_event_returns(void **state)
{
    static const char document[] = "<a b='1'>t<c>u</c><d/></a>";
    fixture *f = *state;
    for (int at = 1; at <= 10; at++)
        for (int way = 0; way < TAPE_WAYS; way++) {
            f->tape.stop_at = at;
            f->tape.stop_with = NEPH_LIMIT;
            assert_int_equal(parse(f, document, sizeof document - 1, way),
                             at < 10 ? NEPH_LIMIT : 0);
            assert_int_equal(f->tape.count, at < 10 ? at : 9);
        }
    f->tape.stop_at = 0;
    assert_int_equal(parse(f, document, sizeof document - 1, 0), 0);
}

static void test_xml__can_begin_anew_in_the_middle(void **state)
{
    fixture *f = *state;
    for (int i = 0; i < 3; i++) {
        tape_clear(&f->tape);
        assert_int_equal(nephi_xml_class.begin(f->parser, &tape_events, &f->tape, &f->tape.error),
                         0);
        assert_int_equal(nephi_xml_class.feed(f->parser, "<a><b>x", 7), 0);
    }
    expect(f, "<c>y</c>", "c('y')");
}

/* Bytes that libxml2 holds. */
static _Atomic size_t held;

static void *held_malloc(size_t size)
{
    size_t *block = malloc(size + 16);
    if (!block)
        return NULL;
    *block = size;
    held += size;
    return block + 16 / sizeof *block;
}

static void held_free(void *memory)
{
    size_t *block = memory ? (size_t *)memory - 16 / sizeof *block : NULL;
    if (block)
        held -= *block;
    free(block);
}

static void *held_realloc(void *memory, size_t size)
{
    void *grown = held_malloc(size);
    size_t old = memory ? *((size_t *)memory - 16 / sizeof old) : 0;
    if (grown && memory) {
        memcpy(grown, memory, old < size ? old : size);
        held_free(memory);
    }
    return grown;
}

static char *held_strdup(const char *text)
{
    char *copy = held_malloc(strlen(text) + 1);
    return copy ? memcpy(copy, text, strlen(text) + 1) : NULL;
}

/* libxml2 keeps every name: a parser that is used for long must not. */
static void test_xml__forgets_names_of_earlier_documents(void **state)
{
    fixture *f = *state;
    char rest[901] = "", document[1000];
    size_t most = 0;
    memset(rest, 'n', sizeof rest - 1);
    for (int i = 0; i < 3000; i++) {
        int size = snprintf(document, sizeof document, "<a><n%d%s/></a>", i, rest);
        assert_int_equal(parse(f, document, (size_t)size, 0), 0);
        most = held > most ? held : most;
    }
    assert_in_range(most, 100 << 10, 1 << 20);
    expect(f, "<c>y</c>", "c('y')");
}

static long heard;

static void hear(void *user, const char *format, ...)
{
    (void)user, (void)format;
    heard++;
}

static void hear_structured(void *user, xmlErrorPtr found)
{
    (void)user, (void)found;
    heard++;
}

/* A program that uses libxml2 itself hears nothing of ours, and nothing is printed. */
static void test_xml__keeps_its_errors_to_itself(void **state)
{
    static const char *const broken[] = {"<a>&x;<b></a>", "<?xml version='7'?><a",
                                         "<?xml encoding='none'?><a/>", "nothing", "<a b='&y;'/>"};
    for (int is_structured = 0; is_structured < 2; is_structured++) {
        if (is_structured)
            xmlSetStructuredErrorFunc(&heard, hear_structured);
        else
            xmlSetGenericErrorFunc(&heard, hear);
        for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
            refuse(*state, broken[i], "");
        assert_int_equal(heard, 0);
        assert_true(xmlStructuredError == (is_structured ? hear_structured : NULL));
        assert_true(!is_structured || xmlStructuredErrorContext == &heard);
        assert_null(xmlReadMemory("<x", 2, NULL, NULL, 0));
        assert_true(heard > 0);
        heard = 0;
        xmlSetStructuredErrorFunc(NULL, NULL);
        xmlSetGenericErrorFunc(NULL, NULL);
    }
}

static void *parse_many(void *failure)
{
    void *state = NULL;
    setup(&state);
    for (int i = 0; i < 500; i++)
        if (parse(state, "<a><b>x</b></a>", 15, i % 5) != 0 ||
            strcmp(tape_text(&((fixture *)state)->tape), "a(b('x'))") != 0)
            *(int *)failure = 1;
    teardown(&state);
    return NULL;
}

static void test_xml__runs_in_two_threads_at_once(void **state)
{
    pthread_t threads[2];
    int failures[2] = {0, 0};
    (void)state;
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, parse_many, &failures[i]), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(failures[i], 0);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_xml__says_elements_attributes_and_texts),
        TEST(test_xml__knows_the_five_entities_and_numbers),
        TEST(test_xml__drops_prefixes_and_declarations_of_namespaces),
        TEST(test_xml__skips_white_space_and_a_mark_before_the_document),
        TEST(test_xml__reads_other_encodings_that_the_document_names),
        TEST(test_xml__refuses_what_is_malformed_and_says_where),
        TEST(test_xml__refuses_what_ends_too_early),
        TEST(test_xml__refuses_document_types),
        TEST(test_xml__tells_html_from_xml),
        TEST(test_xml__goes_down_64_levels),
        TEST(test_xml__limits_names_and_texts),
        TEST(test_xml__ends_with_what_an_event_returns),
        TEST(test_xml__can_begin_anew_in_the_middle),
        TEST(test_xml__forgets_names_of_earlier_documents),
        TEST(test_xml__keeps_its_errors_to_itself),
        TEST(test_xml__runs_in_two_threads_at_once),
    };
    if (xmlMemSetup(held_free, held_malloc, held_realloc, held_strdup) != 0)
        return 1;
    xmlInitParser();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
