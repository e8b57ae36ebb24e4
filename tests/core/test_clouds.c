/*
 * clouds.json: what it may look like, where a mistake is, and who may read it.
 */
#include "core/clouds.h"
#include "tests/provider/probe.h"
#include "tests/support/allocator.h"
#include "tests/support/sandbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define FILE_NAME ".config/neph/clouds.json"

static int parse(const nephi_memory *memory, const char *text, nephi_error *error)
{
    static nephi_clouds clouds;
    int rc;
    nephi_error_clear(error);
    snprintf(clouds.path, sizeof clouds.path, "CLOUDS");
    clouds.root = NULL;
    nephi_arena_init(&clouds.arena, memory, 0);
    rc = nephi_clouds_parse(&clouds, text, strlen(text), error);
    assert_int_equal(rc == 0, clouds.root != NULL);
    nephi_clouds_fini(&clouds);
    return rc;
}

static void test_clouds__malformed_ones_are_refused(void **state)
{
    static const struct {
        const char *text, *says; /* says NULL: it is fine */
    } rows[] = {
        {"{}", NULL},
        {"{\"a\": {\"provider\": \"s3\"}}", NULL},
        {"\xef\xbb\xbf{\"a\": {\"provider\": \"s3\"}}", NULL},
        {"\xef\xbb{\"a\": {\"provider\": \"s3\"}}", "line 1, column 1"},
        {"{\"a.b_c-9\": {\"provider\": \"s3\", \"x\": 1, \"y\": false, \"z\": \"\"}}", NULL},
        {"", "CLOUDS: "},
        {"[]", "an array"},
        {"{\"a\": 1}", "\"a\" is a number"},
        {"{\"a\": {}}", "provider"},
        {"{\"a\": {\"provider\": 3}}", "provider"},
        {"{\"a\": {\"provider\": \"S 3\"}}", "provider"},
        {"{\"a\": {\"provider\": \"s3\", \"x\": {}}}", "\"x\" is an object"},
        {"{\"a\": {\"provider\": \"s3\", \"x\": null}}", "\"x\" is null"},
        {"{\"a\": {\"provider\": \"s3\"}, \"a\": {\"provider\": \"s3\"}}", "twice"},
        {"{\"a\": {\"provider\": \"s3\", \"x\": \"1\", \"x\": \"2\"}}", "twice"},
        {"{\"a:b\": {\"provider\": \"s3\"}}", "cloud's name"},
        {"{\"a/b\": {\"provider\": \"s3\"}}", "cloud's name"},
        {"{\"\": {\"provider\": \"s3\"}}", "must begin"},
        {"{\"-a\": {\"provider\": \"s3\"}}", "must begin"},
        {"{\"bucket\": {\"provider\": \"s3\"}}", "word of the neph command"},
        {"{\"cp\": {\"provider\": \"s3\"}}", "word of the neph command"},
        {"{\"a\": {\"provider\": \"s3\",\n  \"x\": oops}}", "line 2"},
        {"{\"a\": {\"provider\": \"s3\",\n  \"x\": oops}}", "column"},
        {"{\"a\": {\"provider\": \"s3\"", "CLOUDS: "},
    };
    nephi_memory memory;
    nephi_error error;
    (void)state;
    nephi_memory_init(&memory, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int rc = parse(&memory, rows[i].text, &error);
        if (rows[i].says ? rc != NEPH_INVALID || !strstr(error.message, rows[i].says) : rc != 0)
            fail_msg("%s: %d %s", rows[i].text, rc, error.message);
    }
}

static int attempt(const nephi_memory *memory)
{
    nephi_error error;
    return parse(memory, "{\"a\": {\"provider\": \"s3\", \"x\": \"y\"}}", &error);
}

static void test_clouds__survives_every_failed_allocation(void **state)
{
    (void)state;
    test_every_allocation_fails(attempt);
}

static void test_clouds__names_come_in_the_files_order(void **state)
{
    sandbox *box = *state;
    sandbox_write(box, FILE_NAME, "{\"z\": {\"provider\": \"s3\"}, \"a\": {\"provider\": \"s3\"}}",
                  0644);
    sandbox_host(box, "none");
    assert_string_equal(neph_cloud_name_at(box->host, 0), "z");
    assert_string_equal(neph_cloud_name_at(box->host, 1), "a");
    assert_null(neph_cloud_name_at(box->host, 2));
    sandbox_write(box, FILE_NAME, "{", 0644);
    assert_null(neph_cloud_name_at(box->host, 0));
    assert_int_equal(box->host->error.status, NEPH_INVALID);
    assert_int_equal(unlink(sandbox_path(box, FILE_NAME)), 0);
    assert_null(neph_cloud_name_at(box->host, 0));
    assert_int_equal(box->host->error.status, 0);
}

static int read_clouds(sandbox *box, nephi_error *error)
{
    nephi_clouds clouds;
    int rc;
    nephi_error_clear(error);
    rc = nephi_clouds_read(&clouds, box->host, error);
    nephi_clouds_fini(&clouds);
    return rc;
}

static void test_clouds__with_secrets_must_be_ones_own(void **state)
{
    static const char open[] = "{\"a\": {\"provider\": \"probe\", \"user\": \"u\"}}";
    static const char secret[] = "{\"a\": {\"provider\": \"probe\", \"password\": \"p\"}}";
    sandbox *box = *state;
    nephi_error error;
    sandbox_host(box, "none");
    assert_int_equal(neph_host_register(box->host, &probe_LTX_neph_plugin_v0), 0);
    sandbox_write(box, FILE_NAME, open, 0644);
    assert_int_equal(read_clouds(box, &error), 0);
    sandbox_write(box, FILE_NAME, open, 0646);
    assert_int_equal(read_clouds(box, &error), NEPH_INVALID);
    sandbox_write(box, FILE_NAME, secret, 0644);
    assert_int_equal(read_clouds(box, &error), NEPH_INVALID);
    assert_non_null(strstr(error.message, "chmod 600"));
    sandbox_write(box, FILE_NAME, secret, 0640);
    assert_int_equal(read_clouds(box, &error), NEPH_INVALID);
    sandbox_write(box, FILE_NAME, secret, 0600);
    assert_int_equal(read_clouds(box, &error), 0);
}

static void test_clouds__a_file_that_was_named_must_be_there(void **state)
{
    sandbox *box = *state;
    nephi_error error;
    box->config.clouds_file = "/nonexistent/clouds.json";
    sandbox_host(box, "none");
    assert_int_equal(read_clouds(box, &error), NEPH_FILE);
    assert_non_null(strstr(error.message, "/nonexistent/clouds.json"));
}

static void test_clouds__files_need_leave(void **state)
{
    sandbox *box = *state;
    nephi_error error;
    box->config.sources = NEPH_SOURCE_ENVIRONMENT;
    sandbox_write(box, FILE_NAME, "{", 0644);
    sandbox_host(box, "none");
    assert_int_equal(read_clouds(box, &error), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, sandbox_setup, sandbox_teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clouds__malformed_ones_are_refused),
        cmocka_unit_test(test_clouds__survives_every_failed_allocation),
        TEST(test_clouds__names_come_in_the_files_order),
        TEST(test_clouds__with_secrets_must_be_ones_own),
        TEST(test_clouds__a_file_that_was_named_must_be_there),
        TEST(test_clouds__files_need_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
