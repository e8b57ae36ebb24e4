/*
 * test_sigv4.c - the kit's SigV4 against the published cases (tests/vectors/sigv4) and Amazon's own examples.
 */
#include "services.h"

#include <neph/kit/sigv4.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include <glob.h>
#include <stdio.h>

/* 2015-08-30T12:36:00Z, the time of all published cases. */
#define SUITE_TIME (INT64_C(1440938160) * NEPH_NANO)
/* 2013-05-24T00:00:00Z, the time of the examples in the S3 API reference. */
#define EXAMPLE_TIME (INT64_C(1369353600) * NEPH_NANO)

static const neph_sigv4 example = {
    .service = "s3",
    .region = "us-east-1",
    .access_key = "AKIAIOSFODNN7EXAMPLE",
    .secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    .flags = NEPH_SIGV4_S3 | NEPH_SIGV4_PAYLOAD_HEADER,
};

/* A file of a case without line breaks at its end. */
static char *file_read(const char *folder, const char *name)
{
    char path[1024];
    char *text = calloc(1, 65536);
    FILE *file;
    size_t size;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "rb");
    assert_non_null(file);
    size = fread(text, 1, 65535, file);
    fclose(file);
    while (size && text[size - 1] == '\n')
        text[--size] = '\0';
    return text;
}

/* The string that a JSON member has; NULL: it has none. Enough for context.json. */
static char *member_get(const char *json, const char *name)
{
    char pattern[64];
    const char *at;
    snprintf(pattern, sizeof pattern, "\"%s\": \"", name);
    at = strstr(json, pattern);
    if (!at)
        return NULL;
    at += strlen(pattern);
    return strndup(at, strcspn(at, "\""));
}

/* Takes "Name:value" lines apart; a line that begins with a blank belongs to the value before it. */
static void headers_read(fake *request, char *line)
{
    while (line && *line) {
        char *colon = strchr(line, ':');
        char *end = colon;
        assert_non_null(colon);
        *colon = '\0';
        do
            end = strchr(end + 1, '\n');
        while (end && end[1] == ' ');
        if (end)
            *end = '\0';
        if (!strcmp(line, "Host"))
            request->view.host = colon + 1;
        else
            fake_header(request, line, colon + 1);
        line = end ? end + 1 : NULL;
    }
}

/* A request file as a view; it is cut to pieces. Returns the body. */
static char *request_read(fake *request, char *text)
{
    char *body = strstr(text, "\n\n");
    char *line = strchr(text, '\n');
    char *method_end = strchr(text, ' ');
    char *path_end;
    char *query;
    if (body) {
        *body = '\0';
        body += 2;
    }
    *method_end = '\0';
    *line = '\0';
    path_end = strrchr(method_end + 1, ' ');
    *path_end = '\0';
    query = strchr(method_end + 1, '?');
    if (query)
        *query++ = '\0';
    fake_init(request, text, "", method_end + 1, query ? query : "");
    headers_read(request, line + 1);
    return body;
}

/* The value of a header of a request file; it is cut to pieces. */
static const char *header_cut(char *text, const char *name)
{
    char *at = strstr(text, name);
    assert_non_null(at);
    at += strlen(name);
    at[strcspn(at, "\n")] = '\0';
    return at;
}

static void case_check(const char *folder)
{
    static fake request;
    static neph_sigv4_work work;
    char hex[65];
    char *context = file_read(folder, "context.json");
    char *text = file_read(folder, "request.txt");
    char *canonical = file_read(folder, "header-canonical-request.txt");
    char *to_sign = file_read(folder, "header-string-to-sign.txt");
    char *signature = file_read(folder, "header-signature.txt");
    char *signed_request = file_read(folder, "header-signed-request.txt");
    char *body = request_read(&request, text);
    neph_sigv4 how = {.service = "service", .region = "us-east-1"};
    how.access_key = member_get(context, "access_key_id");
    how.secret_key = member_get(context, "secret_access_key");
    how.session_token = member_get(context, "token");
    if (strstr(context, "\"normalize\": false"))
        how.flags |= NEPH_SIGV4_NOT_NORMALISED;
    if (strstr(context, "\"omit_session_token\": true"))
        how.flags |= NEPH_SIGV4_TOKEN_UNSIGNED;
    if (strstr(context, "\"sign_body\": true")) {
        unsigned char bytes[NEPH_DIGEST_MAX];
        neph_text out;
        neph_digest(&request, NEPH_DIGEST_SHA256, body, strlen(body), bytes);
        neph_text_init(&out, hex, sizeof hex);
        neph_text_add_hex(&out, bytes, 32);
        how.payload = hex;
        how.flags |= NEPH_SIGV4_PAYLOAD_HEADER;
    }
    request.view.query = request.query;
    assert_int_equal(neph_sigv4_steps(&request, &how, &request.view, SUITE_TIME, &work), 0);
    assert_string_equal(work.canonical, canonical);
    assert_string_equal(work.to_sign, to_sign);
    assert_string_equal(work.signature, signature);
    assert_int_equal(neph_sigv4_sign(fake_request(&request), &how, SUITE_TIME), 0);
    assert_string_equal(fake_header_get(&request, "Authorization"),
                        header_cut(signed_request, "\nAuthorization:"));
    free((char *)(uintptr_t)how.access_key);
    free((char *)(uintptr_t)how.secret_key);
    free((char *)(uintptr_t)how.session_token);
    free(context);
    free(text);
    free(canonical);
    free(to_sign);
    free(signature);
    free(signed_request);
}

static void test_sigv4__gives_every_published_case_byte_for_byte(void **state)
{
    const char *source = getenv("NEPH_SRCDIR");
    char pattern[1024];
    glob_t found;
    (void)state;
    snprintf(pattern, sizeof pattern, "%s/tests/vectors/sigv4/*", source ? source : ".");
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    assert_int_equal(found.gl_pathc, 38);
    for (size_t i = 0; i < found.gl_pathc; i++)
        case_check(found.gl_pathv[i]);
    globfree(&found);
}

/* "Authenticating Requests: Using the Authorization Header", S3 API reference. */
static void test_sigv4__signs_the_s3_get_example(void **state)
{
    static fake request;
    (void)state;
    fake_init(&request, "GET", "examplebucket.s3.amazonaws.com", "/test.txt", "");
    fake_header(&request, "Range", "bytes=0-9");
    assert_int_equal(neph_sigv4_sign(fake_request(&request), &example, EXAMPLE_TIME), 0);
    assert_string_equal(
        fake_header_get(&request, "Authorization"),
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
        "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
        "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    assert_string_equal(fake_header_get(&request, "x-amz-date"), "20130524T000000Z");
    assert_string_equal(fake_header_get(&request, "x-amz-content-sha256"), NEPH_SIGV4_EMPTY);
}

/* "Authenticating Requests: Using Query Parameters", S3 API reference. */
static void test_sigv4__presigns_the_s3_example(void **state)
{
    static fake request;
    neph_sigv4 how = example;
    (void)state;
    how.payload = NEPH_SIGV4_UNSIGNED;
    fake_init(&request, "GET", "examplebucket.s3.amazonaws.com", "/test.txt", "");
    request.view.presign_seconds = 86400;
    assert_int_equal(neph_sigv4_sign(fake_request(&request), &how, EXAMPLE_TIME), 0);
    assert_string_equal(
        request.query,
        "X-Amz-Algorithm=AWS4-HMAC-SHA256"
        "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
        "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
        "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
    assert_int_equal(request.header_count, 0);
}

/* The list example of the same page. */
static void test_sigv4__signs_the_s3_list_example(void **state)
{
    static fake request;
    (void)state;
    fake_init(&request, "GET", "examplebucket.s3.amazonaws.com", "/", "prefix=J&max-keys=2");
    assert_int_equal(neph_sigv4_sign(fake_request(&request), &example, EXAMPLE_TIME), 0);
    assert_non_null(
        strstr(fake_header_get(&request, "Authorization"),
               "Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"));
}

static void test_sigv4__derives_a_key_once_for_a_day_and_region(void **state)
{
    static fake request;
    neph_sigv4_keys keys = {0};
    neph_sigv4 how = example;
    (void)state;
    how.keys = &keys;
    fake_init(&request, "GET", "h", "/", "");
    assert_int_equal(neph_sigv4_sign(fake_request(&request), &how, EXAMPLE_TIME), 0);
    assert_int_equal(request.hmac_count, 5);
    assert_int_equal(neph_sigv4_sign(fake_request(&request), &how, EXAMPLE_TIME + NEPH_NANO), 0);
    assert_int_equal(request.hmac_count, 6);
    how.region = "eu-west-1";
    assert_int_equal(neph_sigv4_sign(fake_request(&request), &how, EXAMPLE_TIME), 0);
    assert_int_equal(request.hmac_count, 11);
    how.region = "us-east-1";
    assert_int_equal(neph_sigv4_sign(fake_request(&request), &how, EXAMPLE_TIME), 0);
    assert_int_equal(request.hmac_count, 12);
}

static void test_sigv4__signs_a_second_attempt_as_if_it_were_the_first(void **state)
{
    static fake request;
    neph_sigv4 how = example;
    char first[1024];
    (void)state;
    fake_init(&request, "GET", "h", "/", "");
    assert_int_equal(neph_sigv4_sign(fake_request(&request), &how, EXAMPLE_TIME), 0);
    snprintf(first, sizeof first, "%s", fake_header_get(&request, "Authorization"));
    fake_header(&request, "Authorization", "old");
    fake_header(&request, "X-Amz-Date", "19700101T000000Z");
    fake_header(&request, "x-amz-content-sha256", "old");
    fake_header(&request, "User-Agent", "changed by a proxy");
    assert_int_equal(neph_sigv4_sign(fake_request(&request), &how, EXAMPLE_TIME), 0);
    assert_string_equal(fake_header_get(&request, "Authorization"), first);
}

static void test_sigv4__refuses_what_does_not_fit(void **state)
{
    static fake request;
    static char path[NEPH_SIGV4_TEXT_MAX + 16];
    (void)state;
    memset(path, 'a', sizeof path - 1);
    path[0] = '/';
    fake_init(&request, "GET", "h", path, "");
    assert_int_equal(neph_sigv4_sign(fake_request(&request), &example, EXAMPLE_TIME), NEPH_LIMIT);
    assert_non_null(strstr(request.message, "too large"));
    fake_init(&request, "GET", "h", "/", "");
    for (size_t i = 0; i < FAKE_MAX; i++)
        fake_header(&request, "x-amz-meta-a-name-that-repeats-until-it-is-too-much-for-the-list",
                    "v");
    assert_int_equal(neph_sigv4_sign(fake_request(&request), &example, EXAMPLE_TIME), 0);
}

static void test_sigv4__sorts_parameters_by_name_before_value(void **state)
{
    static fake request;
    static neph_sigv4_work work;
    (void)state;
    fake_init(&request, "GET", "h", "/", "a-b=1&a=2&a=1&uploads&%7e=%2b&A=z%2fy");
    request.view.query = request.query;
    assert_int_equal(neph_sigv4_steps(&request, &example, &request.view, EXAMPLE_TIME, &work), 0);
    assert_non_null(strstr(work.canonical, "\nA=z%2Fy&a=1&a=2&a-b=1&uploads=&~=%2B\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sigv4__gives_every_published_case_byte_for_byte),
        cmocka_unit_test(test_sigv4__signs_the_s3_get_example),
        cmocka_unit_test(test_sigv4__presigns_the_s3_example),
        cmocka_unit_test(test_sigv4__signs_the_s3_list_example),
        cmocka_unit_test(test_sigv4__derives_a_key_once_for_a_day_and_region),
        cmocka_unit_test(test_sigv4__signs_a_second_attempt_as_if_it_were_the_first),
        cmocka_unit_test(test_sigv4__refuses_what_does_not_fit),
        cmocka_unit_test(test_sigv4__sorts_parameters_by_name_before_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
