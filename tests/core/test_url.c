/*
 * URLs are taken apart, or refused with a message that shows them without their secrets.
 */
#include "core/url.h"
#include "tests/support/allocator.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

static int setup(void **state)
{
    static nephi_memory memory;
    nephi_memory_init(&memory, NULL);
    *state = &memory;
    return 0;
}

static void test_url__is_taken_apart(void **state)
{
    static const struct {
        const char *url, *scheme, *host, *authority, *path, *query, *text;
        int port, is_secure;
    } rows[] = {
        {"https://s3.example.com", "https", "s3.example.com", "s3.example.com", "", "",
         "https://s3.example.com", 443, 1},
        {"HTTP://S3.Example.COM:8080/Base/", "http", "s3.example.com", "s3.example.com:8080",
         "/Base/", "", "http://s3.example.com:8080/Base/", 8080, 0},
        {"https://h:443/", "https", "h", "h", "/", "", "https://h/", 443, 1},
        {"http://h:443", "http", "h", "h:443", "", "", "http://h:443", 443, 0},
        {"http://h:00080", "http", "h", "h", "", "", "http://h", 80, 0},
        {"http://127.0.0.1:9000?a=b&c", "http", "127.0.0.1", "127.0.0.1:9000", "", "a=b&c",
         "http://127.0.0.1:9000?a=b&c", 9000, 0},
        {"http://[::1]:7480/x", "http", "[::1]", "[::1]:7480", "/x", "", "http://[::1]:7480/x",
         7480, 0},
        {"https://[FE80::A:1.2.3.4]/", "https", "[fe80::a:1.2.3.4]", "[fe80::a:1.2.3.4]", "/", "",
         "https://[fe80::a:1.2.3.4]/", 443, 1},
        {"https://h/a//b/./../%2F%zz/@?x=/?:@", "https", "h", "h", "/a//b/./../%2F%zz/@", "x=/?:@",
         "https://h/a//b/./../%2F%zz/@?x=/?:@", 443, 1},
        {"https://under_score.example.", "https", "under_score.example.", "under_score.example.",
         "", "", "https://under_score.example.", 443, 1},
        {"https://h/p?", "https", "h", "h", "/p", "", "https://h/p", 443, 1},
        {"unix:/run/Cloud.sock", "unix", "localhost", "localhost", "/run/Cloud.sock", "",
         "unix:/run/Cloud.sock", 0, 0},
    };
    size_t i;
    for (i = 0; i < COUNT(rows); i++) {
        nephi_error error;
        nephi_url url;
        nephi_error_clear(&error);
        if (nephi_url_parse(&url, *state, rows[i].url, &error))
            fail_msg("%s", error.message);
        assert_string_equal(url.scheme, rows[i].scheme);
        assert_string_equal(url.host, rows[i].host);
        assert_string_equal(url.authority, rows[i].authority);
        assert_string_equal(url.path, rows[i].path);
        assert_string_equal(url.query, rows[i].query);
        assert_string_equal(url.text, rows[i].text);
        assert_int_equal(url.port, rows[i].port);
        assert_int_equal(url.is_secure, rows[i].is_secure);
        nephi_url_fini(&url, *state);
        assert_null(url.text);
    }
}

static void test_url__is_refused_with_what_is_wrong(void **state)
{
    static const struct {
        const char *url, *word;
    } rows[] = {
        {"", "begin with"},
        {"s3.example.com", "begin with"},
        {"s3.example.com:8080", "begin with"},
        {"localhost:8080/path", "begin with"},
        {"ftp://h/", "begin with"},
        {"file:///etc/passwd", "begin with"},
        {"javascript:alert(1)", "begin with"},
        {"1http://h", "begin with"},
        {"://h", "begin with"},
        {"//h/path", "begin with"},
        {"/path", "begin with"},
        {"https:h", "two slashes"},
        {"https:/h", "two slashes"},
        {"https://", "no host"},
        {"https:///path", "no host"},
        {"https://?q", "no host"},
        {"https://:80/", "valid host"},
        {"https://h:", "port"},
        {"https://h:0/", "port"},
        {"https://h:65536/", "port"},
        {"https://h:999999/", "port"},
        {"https://h:-1/", "port"},
        {"https://h:80a/", "port"},
        {"https://h:80:80/", "port"},
        {"https://a b/", "blank or control"},
        {"https://h/a b", "blank or control"},
        {"https://h/\n", "blank or control"},
        {"https://h/\177", "blank or control"},
        {" https://h/", "blank or control"},
        {"https://h/#top", "fragment"},
        {"https://h?a#", "fragment"},
        {"https://user@h/", "user name"},
        {"https://a..b/", "valid host"},
        {"https://.b/", "valid host"},
        {"https://./", "valid host"},
        {"https://m\303\274nchen.example/", "valid host"},
        {"https://a%2eb/", "valid host"},
        {"https://a\\b/", "valid host"},
        {"https://[::1/", "valid host"},
        {"https://[::1]x/", "valid host"},
        {"https://[]/", "valid host"},
        {"https://[1]/", "valid host"},
        {"https://[::g]/", "valid host"},
        {"https://[fe80::1%25eth0]/", "valid host"},
        {"https://::1/", "port"},
        {"unix:", "names no socket"},
        {"unix:/", "names no socket"},
        {"unix:run/s", "names no socket"},
        {"unix://run/s", "names no socket"},
        {"unix:/run/s?q", "query"},
    };
    size_t i;
    for (i = 0; i < COUNT(rows); i++) {
        nephi_error error;
        nephi_url url;
        nephi_error_clear(&error);
        assert_int_equal(nephi_url_parse(&url, *state, rows[i].url, &error), NEPH_INVALID);
        if (!strstr(error.message, rows[i].word))
            fail_msg("%s: %s", rows[i].url, error.message);
        assert_null(url.text);
    }
}

static void test_url__has_limits(void **state)
{
    static char text[NEPHI_URL_MAX + 2];
    nephi_error error;
    nephi_url url;
    memset(text, 'a', NEPHI_URL_MAX + 1);
    memcpy(text, "http://h/", 9);
    nephi_error_clear(&error);
    assert_int_equal(nephi_url_parse(&url, *state, text, &error), NEPH_LIMIT);
    text[NEPHI_URL_MAX] = '\0';
    nephi_error_clear(&error);
    assert_int_equal(nephi_url_parse(&url, *state, text, &error), 0);
    assert_int_equal(strlen(url.path), NEPHI_URL_MAX - 8);
    nephi_url_fini(&url, *state);
    text[7 + 254] = '\0'; /* one more than a name may have */
    text[8] = 'h';
    assert_int_equal(nephi_url_parse(&url, *state, text, &error), NEPH_INVALID);
    text[7 + 253] = '\0';
    nephi_error_clear(&error);
    assert_int_equal(nephi_url_parse(&url, *state, text, &error), 0);
    nephi_url_fini(&url, *state);
    memset(text, 'a', 120);
    memcpy(text, "unix:/", 6);
    text[5 + 108] = '\0';
    assert_int_equal(nephi_url_parse(&url, *state, text, &error), NEPH_INVALID);
    text[5 + 107] = '\0';
    nephi_error_clear(&error);
    assert_int_equal(nephi_url_parse(&url, *state, text, &error), 0);
    nephi_url_fini(&url, *state);
}

static void test_url__shows_no_secret_in_its_message(void **state)
{
    static const char *const rows[] = {
        "https://me:hunter2@h/path",  "https:/me:hunter2@h",           "me:hunter2@h",
        "https://me:hunter2@h@h/#f",  "https://h/a b?sig=hunter2",     "https://h/?sig=hunter2 ",
        "https://h:x/?token=hunter2", "ftp://me:hunter2@h/?q=hunter2", "https://me:hunter2/x@h/",
    };
    size_t i;
    for (i = 0; i < COUNT(rows); i++) {
        nephi_error error;
        nephi_url url;
        nephi_error_clear(&error);
        assert_int_equal(nephi_url_parse(&url, *state, rows[i], &error), NEPH_INVALID);
        if (strstr(error.message, "hunter2"))
            fail_msg("%s", error.message);
    }
}

static void test_url__knows_its_origin(void **state)
{
    static const struct {
        const char *a, *b;
        int is_same;
    } rows[] = {
        {"https://h/a", "https://H:443/b?c", 1},
        {"https://h", "http://h", 0},
        {"https://h", "http://h:443", 0},
        {"https://h", "https://h:444", 0},
        {"https://h", "https://h.example", 0},
        {"https://ah", "https://h", 0},
        {"http://[::1]", "http://[::1]:80", 1},
        {"unix:/a", "unix:/a", 1},
        {"unix:/a", "unix:/b", 0},
        {"unix:/a", "http://localhost/a", 0},
        {"http://localhost", "http://127.0.0.1", 0},
    };
    size_t i;
    for (i = 0; i < COUNT(rows); i++) {
        nephi_url a, b;
        assert_int_equal(nephi_url_parse(&a, *state, rows[i].a, NULL), 0);
        assert_int_equal(nephi_url_parse(&b, *state, rows[i].b, NULL), 0);
        assert_int_equal(nephi_url_same_origin(&a, &b), rows[i].is_same);
        assert_int_equal(nephi_url_same_origin(&b, &a), rows[i].is_same);
        nephi_url_fini(&a, *state);
        nephi_url_fini(&b, *state);
    }
}

static void test_url__resolves_references(void **state)
{
    static const struct {
        const char *sentence, *base, *reference, *result;
    } rows[] = {
        {"another URL", "https://h/a/b?q", "http://other/x", "http://other/x"},
        {"another host", "https://h/a/b?q", "//other:81/x?y", "https://other:81/x?y"},
        {"a path", "http://h:81/a/b?q", "/x//./../y?z", "http://h:81/x//./../y?z"},
        {"beside the base", "https://h/a/b?q", "c?d", "https://h/a/c?d"},
        {"below the base", "https://h/a/b/", "c", "https://h/a/b/c"},
        {"the base has no path", "https://h", "c", "https://h/c"},
        {"the base has no path, one up", "https://h", "../c", "https://h/c"},
        {"here", "https://h/a/b", "./c", "https://h/a/c"},
        {"one up", "https://h/a/b/c", "../d", "https://h/a/d"},
        {"two up", "https://h/a/b/c", "../../d", "https://h/d"},
        {"above the root", "https://h/a", "../../../d", "https://h/d"},
        {"here and up", "https://h/a/b/c", "./../d", "https://h/a/d"},
        {"dots inside stay", "https://h/a/b", "c/../d", "https://h/a/c/../d"},
        {"a name that begins with dots", "https://h/a/b", "...c", "https://h/a/...c"},
        {"another query", "https://h/a/b?q", "?page=2", "https://h/a/b?page=2"},
        {"nothing is the base", "https://h/a/b?q", "", "https://h/a/b?q"},
        {"a fragment alone is the base", "https://h/a/b?q", "#f", "https://h/a/b?q"},
        {"a fragment is dropped", "https://h/a", "/b?c#d", "https://h/b?c"},
        {"a colon behind a slash is no scheme", "https://h/a", "/b:c", "https://h/b:c"},
        {"a colon in a query is no scheme", "https://h/a", "?b:c", "https://h/a?b:c"},
    };
    size_t i;
    for (i = 0; i < COUNT(rows); i++) {
        nephi_error error;
        nephi_url base, url;
        nephi_error_clear(&error);
        assert_int_equal(nephi_url_parse(&base, *state, rows[i].base, NULL), 0);
        if (nephi_url_resolve(&url, *state, &base, rows[i].reference, &error))
            fail_msg("%s: %s", rows[i].sentence, error.message);
        if (strcmp(url.text, rows[i].result) != 0)
            fail_msg("%s: %s", rows[i].sentence, url.text);
        nephi_url_fini(&url, *state);
        nephi_url_fini(&base, *state);
    }
}

static void test_url__resolves_nothing_that_is_dangerous(void **state)
{
    static const struct {
        const char *base, *reference;
    } rows[] = {
        {"https://h/", "unix:/run/docker.sock"},
        {"https://h/", "UNIX:/run/docker.sock"},
        {"https://h/", "file:///etc/passwd"},
        {"https://h/", "https://me:pw@h/"},
        {"https://h/", "/a b"},
        {"https://h/", "/a\r\nX-Header: 1"},
        {"https://h/", "//"},
        {"https://h/", "///a"},
        {"unix:/run/s", "/a"},
        {"unix:/run/s", "http://h/"},
    };
    size_t i;
    for (i = 0; i < COUNT(rows); i++) {
        nephi_error error;
        nephi_url base, url;
        nephi_error_clear(&error);
        assert_int_equal(nephi_url_parse(&base, *state, rows[i].base, NULL), 0);
        if (nephi_url_resolve(&url, *state, &base, rows[i].reference, &error) != NEPH_INVALID)
            fail_msg("%s", rows[i].reference);
        assert_null(url.text);
        nephi_url_fini(&base, *state);
    }
}

static void test_url__resolves_up_to_a_limit(void **state)
{
    static char text[NEPHI_URL_MAX + 2];
    nephi_url base, url;
    nephi_error error;
    nephi_error_clear(&error);
    memset(text, 'a', NEPHI_URL_MAX + 1);
    assert_int_equal(nephi_url_parse(&base, *state, "https://h", NULL), 0);
    assert_int_equal(nephi_url_resolve(&url, *state, &base, text, &error), NEPH_LIMIT);
    text[NEPHI_URL_MAX] = '\0';
    nephi_error_clear(&error);
    assert_int_equal(nephi_url_resolve(&url, *state, &base, text, &error), NEPH_LIMIT);
    nephi_url_fini(&base, *state);
}

static int parse_and_resolve(const nephi_memory *memory)
{
    nephi_url base = {0}, url = {0};
    nephi_error error;
    int rc;
    nephi_error_clear(&error);
    rc = nephi_url_parse(&base, memory, "https://h/a?b", &error);
    if (!rc)
        rc = nephi_url_resolve(&url, memory, &base, "../c", &error);
    assert_int_equal(rc, error.status);
    nephi_url_fini(&url, memory);
    nephi_url_fini(&base, memory);
    return rc;
}

static void test_url__knows_the_machines_own_link(void **state)
{
    static const struct {
        const char *text;
        int is_local;
    } rows[] = {
        {"http://169.254.169.254/latest", 1},
        {"http://169.254.1.2:80", 1},
        {"http://[fe80::1]", 1},
        {"http://[fd00:ec2::254]", 1},
        {"http://169.254.example.org", 0},
        {"http://10.169.254.1", 0},
        {"http://[fd00::1]", 0},
        {"https://example.org", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        nephi_memory memory;
        nephi_error error;
        nephi_url url;
        nephi_memory_init(&memory, NULL);
        nephi_error_clear(&error);
        assert_int_equal(nephi_url_parse(&url, &memory, rows[i].text, &error), 0);
        assert_int_equal(nephi_url_is_link_local(&url), rows[i].is_local);
        nephi_url_fini(&url, &memory);
    }
}

static void test_url__survives_every_failed_allocation(void **state)
{
    (void)state;
    test_every_allocation_fails(parse_and_resolve);
}

static void test_url__wipes_its_query(void **state)
{
    test_allocator allocator;
    nephi_memory memory = test_allocator_memory(&allocator);
    nephi_url base, url;
    (void)state;
    test_allocator_init(&allocator);
    allocator.secret = "hunter2";
    assert_int_equal(nephi_url_parse(&base, &memory, "https://h/?sig=hunter2", NULL), 0);
    assert_int_equal(nephi_url_resolve(&url, &memory, &base, "?token=hunter2", NULL), 0);
    nephi_url_fini(&url, &memory);
    nephi_url_fini(&base, &memory);
    assert_int_equal(allocator.live, 0);
    assert_int_equal(allocator.leaked, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_url__is_taken_apart),
        cmocka_unit_test(test_url__is_refused_with_what_is_wrong),
        cmocka_unit_test(test_url__has_limits),
        cmocka_unit_test(test_url__shows_no_secret_in_its_message),
        cmocka_unit_test(test_url__knows_its_origin),
        cmocka_unit_test(test_url__resolves_references),
        cmocka_unit_test(test_url__resolves_nothing_that_is_dangerous),
        cmocka_unit_test(test_url__resolves_up_to_a_limit),
        cmocka_unit_test(test_url__knows_the_machines_own_link),
        cmocka_unit_test(test_url__survives_every_failed_allocation),
        cmocka_unit_test(test_url__wipes_its_query),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
