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

/* ---- chunks: the example of 65 KiB of "a" in chunks of 64 KiB, with and without a trailer */

static void stream_begin(neph_sigv4_stream *stream, const char *payload, int has_trailer)
{
    static fake request;
    static neph_sigv4_work work;
    neph_request_view view;
    neph_sigv4 how = example;
    how.payload = payload;
    fake_init(&request, "PUT", "s3.amazonaws.com", "/examplebucket/chunkObject.txt", "");
    fake_header(&request, "x-amz-storage-class", "REDUCED_REDUNDANCY");
    fake_header(&request, "Content-Encoding", "aws-chunked");
    fake_header(&request, "x-amz-decoded-content-length", "66560");
    if (has_trailer)
        fake_header(&request, "x-amz-trailer", "x-amz-checksum-crc32c");
    else
        fake_header(&request, "Content-Length", "66824");
    assert_int_equal(neph_request_look(fake_request(&request), &view), 0);
    assert_int_equal(neph_sigv4_steps(&request, &how, &view, EXAMPLE_TIME, &work), 0);
    assert_int_equal(neph_sigv4_stream_begin(&request, &how, &work, stream), 0);
}

/* The signature of the next chunk, of `size` times "a". */
static const char *chunk_sign(neph_sigv4_stream *stream, size_t size)
{
    static fake handle;
    static char data[65536];
    static const char digits[] = "0123456789abcdef";
    unsigned char digest[NEPH_DIGEST_MAX];
    char hex[65] = "";
    fake_init(&handle, "PUT", "h", "/", "");
    memset(data, 'a', sizeof data);
    assert_int_equal(neph_digest(&handle, NEPH_DIGEST_SHA256, data, size, digest), 32);
    for (size_t i = 0; i < 32; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
    assert_int_equal(neph_sigv4_stream_chunk(&handle, stream, hex), 0);
    return stream->previous;
}

static void test_sigv4__signs_the_chunks_of_the_example(void **state)
{
    neph_sigv4_stream stream;
    (void)state;
    stream_begin(&stream, NEPH_SIGV4_CHUNKS, 0);
    assert_string_equal(stream.previous,
                        "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9");
    assert_string_equal(chunk_sign(&stream, 65536),
                        "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648");
    assert_string_equal(chunk_sign(&stream, 1024),
                        "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497");
    assert_string_equal(chunk_sign(&stream, 0),
                        "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9");
}

static void test_sigv4__signs_the_trailer_of_the_example(void **state)
{
    static const char trailer[] = "x-amz-checksum-crc32c:sOO8/Q==\n";
    static fake handle;
    neph_sigv4_stream stream;
    (void)state;
    fake_init(&handle, "PUT", "h", "/", "");
    stream_begin(&stream, NEPH_SIGV4_CHUNKS_TRAILER, 1);
    assert_string_equal(stream.previous,
                        "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e");
    assert_string_equal(chunk_sign(&stream, 65536),
                        "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2");
    assert_string_equal(chunk_sign(&stream, 1024),
                        "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7");
    assert_string_equal(chunk_sign(&stream, 0),
                        "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992");
    assert_int_equal(neph_sigv4_stream_trailer(&handle, &stream, trailer, strlen(trailer)), 0);
    assert_string_equal(stream.previous,
                        "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435");
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
        cmocka_unit_test(test_sigv4__signs_the_chunks_of_the_example),
        cmocka_unit_test(test_sigv4__signs_the_trailer_of_the_example),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
