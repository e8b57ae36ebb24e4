/*
 * The JSON parser: its events, what it refuses and with which words, and that neither pieces nor what was parsed before
 * make a difference.
 */
#include "tests/support/allocator.h"
#include "tests/wire/tape.h"

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
    assert_int_equal(nephi_json_class.create(&f->parser, &f->memory), 0);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    nephi_json_class.destroy(f->parser);
    nephi_json_class.destroy(NULL);
    tape_fini(&f->tape);
    assert_int_equal(f->allocator.live, 0);
    free(f);
    return 0;
}

static int feed(void *user, const void *data, size_t size)
{
    return nephi_json_class.feed(user, data, size);
}

static int parse(fixture *f, const char *data, size_t size, int way)
{
    int rc;
    tape_clear(&f->tape);
    rc = nephi_json_class.begin(f->parser, &tape_events, &f->tape, &f->tape.error);
    if (!rc)
        rc = tape_feed(feed, f->parser, data, size, way);
    return rc ? rc : nephi_json_class.end(f->parser);
}

static void expect(fixture *f, const char *document, const char *events)
{
    for (int way = 0; way < TAPE_WAYS; way++) {
        int rc = parse(f, document, strlen(document), way);
        if (rc)
            fail_msg("%s, way %d: %d %s", document, way, rc, f->tape.error.message);
        assert_string_equal(tape_text(&f->tape), events);
        assert_int_equal(nephi_json_class.offset(f->parser), strlen(document));
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
        assert_int_equal(nephi_json_class.feed(f->parser, "[]", 2), NEPH_PROTOCOL);
        assert_int_equal(nephi_json_class.end(f->parser), NEPH_PROTOCOL);
        assert_in_range(nephi_json_class.offset(f->parser), 0, size);
    }
    assert_int_equal(parse(f, "{\"a\":1}", 7, 0), 0);
    assert_string_equal(tape_text(&f->tape), "{a(n'1')");
}

static void refuse(fixture *f, const char *document, const char *words)
{
    refuse_data(f, document, strlen(document), words);
}

static void test_json__says_members_items_and_values(void **state)
{
    expect(*state, "{\"a\": \"x\", \"b\": [1, -2.50e3], \"c\": {\"d\": null}}",
           "{a(s'x')b([[](n'1')[](n'-2.50e3'))c({d(null))");
    expect(*state, "[true, false, [], {}]", "[[](b'true')[](b'false')[]([)[]({)");
    expect(*state, "{}", "{");
    expect(*state, " \t\r\n[ ] \n", "[");
    expect(*state, "{\"\": \"\"}", "{(s'')");
}

static void test_json__takes_a_value_alone(void **state)
{
    expect(*state, "\"x\"", "s'x'");
    expect(*state, "null ", "null");
    expect(*state, "12 ", "n'12'");
    expect(*state, "12", "n'12'");
}

static void test_json__reads_escapes(void **state)
{
    expect(*state, "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]", "[[](s'\"\\/\b\f\n\r\t')");
    expect(*state, "[\"\\u00e9\\u20AC\\ud83d\\ude00\"]",
           "[[](s'\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80')");
    expect(*state, "{\"\\u0061\": 1}", "{a(n'1')");
}

static void test_json__skips_a_byte_order_mark(void **state)
{
    expect(*state, "\xef\xbb\xbf{\"a\": 1}", "{a(n'1')");
    expect(*state, "\xef\xbb\xbf [1]", "[[](n'1')");
    refuse(*state, "\xef\xbb[1]", "line 1");
    refuse(*state, "\xef{}", "line 1");
    refuse(*state, " \xef\xbb\xbf{}", "line 1");
    refuse(*state, "{\xef\xbb\xbf}", "line 1");
    refuse(*state, "\xef\xbb\xbf<html>", "is HTML or XML, not JSON");
    refuse(*state, "\xef\xbb\xbf", "ends too early");
}

static void test_json__refuses_what_is_malformed_and_says_where(void **state)
{
    refuse(*state, "{\"a\":\n 1,\n  x}", "line 3, column 3 (byte 1");
    refuse(*state, "[1,]", "malformed JSON");
    refuse(*state, "{\"a\" 1}", "malformed JSON");
    refuse(*state, "{a: 1}", "malformed JSON");
    refuse(*state, "[01]", "malformed JSON");
    refuse(*state, "[1.]", "malformed JSON");
    refuse(*state, "['a']", "malformed JSON");
    refuse(*state, "[\"\t\"]", "malformed JSON");
    refuse(*state, "[\"\\x\"]", "malformed JSON");
    refuse(*state, "[\"\xff\"]", "malformed JSON");
    refuse(*state, "[tru]", "malformed JSON");
    refuse(*state, "/* no */ []", "malformed JSON");
    refuse(*state, "[]]", "malformed JSON: trailing garbage");
    refuse(*state, "{} {}", "malformed JSON: trailing garbage");
    refuse(*state, "{}\"", "follows the JSON document");
    refuse(*state, "{} \"x", "follows the JSON document");
    refuse_data(*state, "[1]\0", 4, "malformed JSON");
    refuse_data(*state, "[\"a\0\"]", 6, "malformed JSON");
}

static void test_json__refuses_nul_in_texts_and_names(void **state)
{
    refuse(*state, "[\"a\\u0000b\"]", "a NUL in a text at line 1");
    refuse(*state, "{\"a\\u0000b\": 1}", "a NUL in a name at line 1");
}

static void test_json__refuses_what_ends_too_early(void **state)
{
    static const char document[] = "{\"a\": [1, \"t\\u00e9\", {\"b\": null}],\n\"c\": true}";
    for (size_t size = 1; size < sizeof document - 1; size++)
        refuse_data(*state, document, size, "the JSON ends too early, at line ");
    refuse(*state, "{\n\"a\"", "the JSON ends too early, at line 2, column 3 (byte 5)");
    refuse(*state, "", "ends too early");
    refuse(*state, " \n ", "ends too early");
}

static void test_json__tells_html_and_xml_from_json(void **state)
{
    refuse(*state, "<html><body>Sign in</body></html>", "is HTML or XML, not JSON");
    refuse(*state, "\n <!DOCTYPE html>", "is HTML or XML, not JSON");
    refuse(*state, "<?xml version=\"1.0\"?><Error/>", "is HTML or XML, not JSON");
    refuse(*state, "Bad gateway", "malformed JSON");
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

static void test_json__goes_down_64_levels(void **state)
{
    fixture *f = *state;
    char *document = many("[", 64, "1", "]");
    assert_int_equal(parse(f, document, strlen(document), 0), 0);
    free(document);
    document = many("[", 65, "", "]");
    refuse(f, document, "more than 64 levels at line 1");
    free(document);
    document = many("{\"a\":", 65, "1", "}");
    refuse(f, document, "more than 64 levels at line 1");
    free(document);
}

/* before, count times what, after; whole and in pieces. */
static void expect_long(fixture *f, const char *before, const char *what, size_t count,
                        const char *after, const char *words)
{
    size_t size = strlen(before) + count * strlen(what) + strlen(after);
    char *document = malloc(size + 1), *at = document + strlen(before);
    memcpy(document, before, strlen(before));
    for (size_t i = 0; i < count; i++, at += strlen(what))
        memcpy(at, what, strlen(what));
    memcpy(at, after, strlen(after) + 1);
    for (size_t piece = 16000; piece < 5 * size; piece = piece == 16000 ? size + 16000 : 5 * size) {
        int rc;
        tape_clear(&f->tape);
        rc = nephi_json_class.begin(f->parser, &tape_events, &f->tape, &f->tape.error);
        for (size_t done = 0; !rc && done < size; done += piece)
            rc = nephi_json_class.feed(f->parser, document + done,
                                       size - done < piece ? size - done : piece);
        rc = rc ? rc : nephi_json_class.end(f->parser);
        if (rc != (words ? NEPH_PROTOCOL : 0) || (words && !strstr(f->tape.error.message, words)))
            fail_msg("%.20s: %d %s", document, rc, f->tape.error.message);
    }
    free(document);
}

static void test_json__limits_names_and_texts(void **state)
{
    expect_long(*state, "{\"", "x", 1024, "\": 1}", NULL);
    expect_long(*state, "{\"", "x", 1025, "\": 1}", "a name longer than 1 KiB");
    expect_long(*state, "[\"", "x", 1 << 20, "\"]", NULL);
    expect_long(*state, "[\"", "x", (1 << 20) + 1, "\"]", "a text longer than 1 MiB");
    expect_long(*state, "[\"", "x", 20 << 20, "\"]", "a text longer than 1 MiB");
    expect_long(*state, "[", "1", (1 << 20) + 1, "]", "a text longer than 1 MiB");
    expect_long(*state, "{\"", "x", 20 << 20, "\": 1}", "longer than 1 ");
}

static void test_json__ends_with_what_an_event_returns(void **state)
{
    static const char document[] = "{\"a\": [1, \"x\"], \"b\": null}";
    fixture *f = *state;
    for (int at = 1; at <= 14; at++)
        for (int way = 0; way < TAPE_WAYS; way++) {
            f->tape.stop_at = at;
            f->tape.stop_with = NEPH_LIMIT;
            assert_int_equal(parse(f, document, sizeof document - 1, way),
                             at < 14 ? NEPH_LIMIT : 0);
            assert_int_equal(f->tape.count, at < 14 ? at : 13);
        }
    f->tape.stop_at = 0;
    assert_int_equal(parse(f, document, sizeof document - 1, 0), 0);
}

static void test_json__can_begin_anew_in_the_middle(void **state)
{
    fixture *f = *state;
    for (int i = 0; i < 3; i++) {
        tape_clear(&f->tape);
        assert_int_equal(nephi_json_class.begin(f->parser, &tape_events, &f->tape, &f->tape.error),
                         0);
        assert_int_equal(nephi_json_class.feed(f->parser, "{\"a\": [\"b", 9), 0);
    }
    expect(f, "{\"c\": 1}", "{c(n'1')");
}

static void test_json__wipes_what_it_has_read(void **state)
{
    static const char document[] = "{\"token\": \"OnlyFor\\u0054heTest\"}";
    fixture *f = *state;
    f->allocator.secret = "OnlyForTheTest";
    for (int way = 0; way < TAPE_WAYS; way++)
        assert_int_equal(parse(f, document, sizeof document - 1, way), 0);
    nephi_json_class.destroy(f->parser);
    f->parser = NULL;
    assert_int_equal(f->allocator.leaked, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_json__says_members_items_and_values),
        TEST(test_json__takes_a_value_alone),
        TEST(test_json__reads_escapes),
        TEST(test_json__skips_a_byte_order_mark),
        TEST(test_json__refuses_what_is_malformed_and_says_where),
        TEST(test_json__refuses_nul_in_texts_and_names),
        TEST(test_json__refuses_what_ends_too_early),
        TEST(test_json__tells_html_and_xml_from_json),
        TEST(test_json__goes_down_64_levels),
        TEST(test_json__limits_names_and_texts),
        TEST(test_json__ends_with_what_an_event_returns),
        TEST(test_json__can_begin_anew_in_the_middle),
        TEST(test_json__wipes_what_it_has_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
