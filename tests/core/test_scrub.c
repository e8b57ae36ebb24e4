/*
 * tests/core/test_scrub.c - plants secrets in every encoding that a trace, a log or a recording may show them in, and
 * looks for them in what comes out.
 */
#include "core/scrub.h"
#include "core/text.h"
#include "tests/support/allocator.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SECRET "wJalr/XUtn+FEMI&K7\"MD<ENG é"

typedef struct fixture {
    nephi_memory memory;
    nephi_scrub *scrub;
    nephi_buffer out;
} fixture;

static int setup(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    nephi_memory_init(&f->memory, NULL);
    if (nephi_scrub_new(&f->scrub, &f->memory))
        return -1;
    nephi_buffer_init(&f->out, &f->memory, 1u << 20);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    nephi_buffer_fini(&f->out);
    nephi_scrub_free(f->scrub);
    free(f);
    return 0;
}

static const char *scrubbed(fixture *f, const char *text)
{
    nephi_buffer_clear(&f->out);
    assert_int_equal(nephi_scrub_write(f->scrub, &f->out, text, strlen(text)), 0);
    return nephi_buffer_string(&f->out);
}

static void test_scrub__leaves_other_texts_alone(void **state)
{
    static const char *const texts[] = {"",
                                        "GET /bucket/key?prefix=a%20b&max=3\nHost: h\n\n{\"a\":1}",
                                        "wJalr/XUtn", "50% of a & b \\ c + d"};
    fixture *f = *state;
    assert_int_equal(nephi_scrub_add(f->scrub, SECRET), 0);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_string_equal(scrubbed(f, texts[i]), texts[i]);
}

static void test_scrub__finds_a_secret_however_it_is_escaped(void **state)
{
    static const char *const texts[] = {
        "<wJalr/XUtn+FEMI&K7\"MD<ENG é>",
        "<wJalr%2FXUtn%2BFEMI%26K7%22MD%3CENG%20%C3%A9>",
        "<wJalr%2fXUtn%2bFEMI%26K7%22MD%3cENG%20%c3%a9>",
        "<wJalr/XUtn%2BFEMI%26K7%22MD%3CENG%20%C3%A9>",
        "<wJalr%2FXUtn%2BFEMI%26K7%22MD%3CENG+%C3%A9>",
        "<%77Jalr%2FXUtn%2BFEMI%26K7%22MD%3CENG+%C3%A9>",
        "<wJalr%252FXUtn%252BFEMI%2526K7%2522MD%253CENG%2520%25C3%25A9>",
        "<wJalr/XUtn+FEMI&K7\\\"MD<ENG é>",
        "<wJalr\\/XUtn+FEMI&K7\\\"MD\\u003CENG \\u00e9>",
        "<wJalr/XUtn+FEMI\\u0026K7\\\"MD<ENG \\u00E9>",
        "<wJalr/XUtn+FEMI&amp;K7&quot;MD&lt;ENG é>",
        "<wJalr/XUtn+FEMI&#38;K7&#34;MD&#60;ENG &#233;>",
        "<wJalr/XUtn+FEMI&#x26;K7&#x22;MD&#x3C;ENG &#xe9;>",
        "<774a616c722f5855746e2b46454d49264b37224d443c454e4720c3a9>",
        "<774A616C722F5855746E2B46454D49264B37224D443C454E4720C3A9>",
    };
    fixture *f = *state;
    assert_int_equal(nephi_scrub_add(f->scrub, SECRET), 0);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_string_equal(scrubbed(f, texts[i]), "<[redacted]>");
}

/* What is left is not longer than what stood around it. */
static void test_scrub__finds_base64_at_every_offset(void **state)
{
    fixture *f = *state;
    assert_int_equal(nephi_scrub_add(f->scrub, SECRET), 0);
    for (size_t before = 0; before < 9; before++) {
        for (size_t after = 0; after < 4; after++) {
            char plain[128], text[256], url[256];
            snprintf(plain, sizeof plain, "%.*s%s%.*s", (int)before, "user1234:", SECRET,
                     (int)after, "tail");
            nephi_base64_encode(text, (const unsigned char *)plain, strlen(plain));
            assert_non_null(strstr(scrubbed(f, text), "[redacted]"));
            assert_true(f->out.size < 10 + (before * 4 + 2) / 3 + (after * 4 + 2) / 3 + 4);
            for (size_t i = 0; i <= strlen(text); i++)
                url[i] = (char)(text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i]);
            assert_non_null(strstr(scrubbed(f, url), "[redacted]"));
            assert_true(f->out.size < 10 + (before * 4 + 2) / 3 + (after * 4 + 2) / 3 + 4);
        }
    }
}

static void test_scrub__finds_base64_that_was_percent_encoded(void **state)
{
    fixture *f = *state;
    assert_int_equal(nephi_scrub_add(f->scrub, "\xfb\xff\xbf>>>???aaaa"), 0);
    assert_string_equal(scrubbed(f, "?token=%2B%2F%2B%2FPj4%2BPz8%2FYWFhYQ%3D%3D&x=1"),
                        "?token=[redacted]%3D%3D&x=1");
}

static void test_scrub__knows_headers_and_parameters_by_name(void **state)
{
    static const struct {
        const char *text, *clean;
    } rows[] = {
        {"Authorization: Basic dTpw\r\nHost: h\r\n", "Authorization: [redacted]\r\nHost: h\r\n"},
        {"authorization:AWS4-HMAC-SHA256 Credential=A\n", "authorization:[redacted]\n"},
        {"Proxy-Authorization: x\n", "Proxy-Authorization: [redacted]\n"},
        {"X-Auth-Token: t\nX-Auth-Key: k", "X-Auth-Token: [redacted]\nX-Auth-Key: [redacted]"},
        {"X-Subject-Token: abc", "X-Subject-Token: [redacted]"},
        {"x-amz-security-token: abc", "x-amz-security-token: [redacted]"},
        {"Set-Cookie: a=b; Path=/\nCookie: a=b", "Set-Cookie: [redacted]\nCookie: [redacted]"},
        {"/k?X-Amz-Date=1&X-Amz-Signature=0f1e&x=1",
         "/k?X-Amz-Date=1&X-Amz-Signature=[redacted]&x=1"},
        {"?X-Amz-Security-Token=abc%2F HTTP", "?X-Amz-Security-Token=[redacted] HTTP"},
        {"?sv=1&sig=a%2Bb%3D", "?sv=1&sig=[redacted]"},
        {"?Signature=abc=&AWSAccessKeyId=x", "?Signature=[redacted]&AWSAccessKeyId=x"},
        {"?temp_url_sig=00ff&temp_url_expires=1", "?temp_url_sig=[redacted]&temp_url_expires=1"},
        {"next=%2Fk%3Fa%3Db%26X-Amz-Signature%3D0f1e%26b%3Dc",
         "next=%2Fk%3Fa%3Db%26X-Amz-Signature%3D[redacted]%26b%3Dc"},
        {"{\"u\":\"/k?a=b\\u0026sig=0f1e\"}", "{\"u\":\"/k?a=b\\u0026sig=[redacted]\"}"},
        {"{\"X-Auth-Token\": \"a\\\"b\", \"n\": 1}",
         "{\"X-Auth-Token\": \"[redacted]\", \"n\": 1}"},
        {"X-Design: sig\nDesignsig=1", "X-Design: sig\nDesignsig=1"},
        {"Authorization: \n", "Authorization: \n"},
    };
    fixture *f = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(scrubbed(f, rows[i].text), rows[i].clean);
}

static void test_scrub__knows_declared_names(void **state)
{
    fixture *f = *state;
    assert_int_equal(nephi_scrub_declare(f->scrub, "adminPass"), 0);
    assert_string_equal(scrubbed(f, "hostname=a&adminPass=x%20y&b=1"),
                        "hostname=a&adminPass=[redacted]&b=1");
    assert_string_equal(scrubbed(f, "{\"adminPass\" : \"q\",\"b\":\"q\"}"),
                        "{\"adminPass\" : \"[redacted]\",\"b\":\"q\"}");
    assert_string_equal(scrubbed(f, "<a><adminPass>q</adminPass><b>q</b></a>"),
                        "<a><adminPass>[redacted]</adminPass><b>q</b></a>");
}

static void test_scrub__replaces_a_short_secret_only_as_a_whole_value(void **state)
{
    fixture *f = *state;
    assert_int_equal(nephi_scrub_add(f->scrub, "ab1"), 0);
    assert_string_equal(scrubbed(f, "pin=ab1&x=cab1&y=ab12 {\"p\":\"ab1\"} ab1"),
                        "pin=[redacted]&x=cab1&y=ab12 {\"p\":\"[redacted]\"} [redacted]");
}

static void test_scrub__prefers_the_longest_secret(void **state)
{
    fixture *f = *state;
    assert_int_equal(nephi_scrub_add(f->scrub, "token"), 0);
    assert_int_equal(nephi_scrub_add(f->scrub, "token-and-more"), 0);
    assert_string_equal(scrubbed(f, "a token-and-more token b"), "a [redacted] [redacted] b");
}

static void test_scrub__forgets_a_secret_with_its_last_owner(void **state)
{
    fixture *f = *state;
    assert_int_equal(nephi_scrub_add(f->scrub, "hunter22"), 0);
    assert_int_equal(nephi_scrub_add(f->scrub, "hunter22"), 0);
    nephi_scrub_remove(f->scrub, "hunter22");
    assert_string_equal(scrubbed(f, "x hunter22"), "x [redacted]");
    nephi_scrub_remove(f->scrub, "hunter22");
    assert_string_equal(scrubbed(f, "x hunter22"), "x hunter22");
    nephi_scrub_remove(f->scrub, "hunter22");
}

static void test_scrub__takes_what_it_wrote_for_clean(void **state)
{
    static const char text[] = "Authorization: x\nhunter22 ?sig=1";
    fixture *f = *state;
    char once[256];
    assert_int_equal(nephi_scrub_add(f->scrub, "hunter22"), 0);
    snprintf(once, sizeof once, "%s", scrubbed(f, text));
    assert_string_equal(scrubbed(f, once), once);
}

static void test_scrub__writes_nothing_over_the_limit(void **state)
{
    fixture *f = *state;
    nephi_buffer small;
    nephi_buffer_init(&small, &f->memory, 12);
    assert_int_equal(nephi_buffer_text(&small, "ab"), 0);
    assert_int_equal(nephi_scrub_add(f->scrub, "hunter22"), 0);
    assert_int_equal(nephi_scrub_write(f->scrub, &small, "0123 hunter22", 13), NEPH_LIMIT);
    assert_string_equal(nephi_buffer_string(&small), "ab");
    nephi_buffer_fini(&small);
}

static int attempt(const nephi_memory *memory)
{
    static const char text[] = "a hunter22 b";
    nephi_scrub *scrub;
    nephi_buffer out;
    int rc = nephi_scrub_new(&scrub, memory);
    if (rc)
        return rc;
    nephi_buffer_init(&out, memory, 100);
    rc = nephi_scrub_add(scrub, "hunter22");
    if (!rc)
        rc = nephi_scrub_declare(scrub, "pin");
    if (!rc)
        rc = nephi_scrub_write(scrub, &out, text, sizeof text - 1);
    assert_true(rc || strcmp(nephi_buffer_string(&out), "a [redacted] b") == 0);
    assert_true(!rc || out.size == 0);
    nephi_buffer_fini(&out);
    nephi_scrub_free(scrub);
    return rc;
}

static void test_scrub__writes_nothing_when_there_is_no_memory(void **state)
{
    (void)state;
    test_every_allocation_fails(attempt);
}

static void test_scrub__wipes_the_secrets(void **state)
{
    test_allocator allocator;
    nephi_memory memory;
    (void)state;
    test_allocator_init(&allocator);
    allocator.secret = "hunter22";
    memory = test_allocator_memory(&allocator);
    assert_int_equal(attempt(&memory), 0);
    assert_int_equal(allocator.live, 0);
    assert_int_equal(allocator.leaked, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_scrub__leaves_other_texts_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_scrub__finds_a_secret_however_it_is_escaped, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_scrub__finds_base64_at_every_offset, setup, teardown),
        cmocka_unit_test_setup_teardown(test_scrub__finds_base64_that_was_percent_encoded, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_scrub__knows_headers_and_parameters_by_name, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_scrub__knows_declared_names, setup, teardown),
        cmocka_unit_test_setup_teardown(test_scrub__replaces_a_short_secret_only_as_a_whole_value,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_scrub__prefers_the_longest_secret, setup, teardown),
        cmocka_unit_test_setup_teardown(test_scrub__forgets_a_secret_with_its_last_owner, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_scrub__takes_what_it_wrote_for_clean, setup, teardown),
        cmocka_unit_test_setup_teardown(test_scrub__writes_nothing_over_the_limit, setup, teardown),
        cmocka_unit_test(test_scrub__writes_nothing_when_there_is_no_memory),
        cmocka_unit_test(test_scrub__wipes_the_secrets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
