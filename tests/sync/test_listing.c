/*
 * Syncs over listings as servers give them: out of order, cut short, with keys that no file can be; and deletions, in batches
 * and one by one. The providers of S3 and of Azure over a transport without sockets.
 */
#include "tests/engine/mock.h"
#include "tests/sync/yard.h"

extern const neph_plugin s3_LTX_neph_plugin_v0, azure_LTX_neph_plugin_v0;

static mock server;

/* Such a cloud is what "local:" stands for from now on. */
static void cloud_open(yard *y, const neph_plugin *plugin, const char *provider,
                       const neph_setting_value *settings, size_t count)
{
    int rc = neph_host_register(y->host, plugin);
    assert_true(rc == 0 || rc == NEPH_EXISTS); /* a static libneph brings it along */
    neph_cloud_close(y->cloud);
    assert_int_equal(neph_cloud_open(y->host, provider, settings, count, &y->cloud), 0);
}

/* Deletes all that is listed, with one job and with more: so many requests are in flight, and no more. */
static void check_jobs(yard *y, int64_t listed)
{
    server.is_slow = 1;
    y->options.deletes = 1;
    for (y->options.jobs = 1; y->options.jobs < 4; y->options.jobs++) {
        server.in_flight_max = 0;
        yard_sync(y, NULL, "local:");
        assert_int_equal(y->rc, 0);
        assert_int_equal(y->summary.deleted_count, listed);
        assert_int_equal(server.in_flight_max, y->options.jobs);
    }
}

static int setup(void **state)
{
    static const neph_setting_value settings[] = {{"endpoint", "http://s3.test"},
                                                  {"addressing", "path"},
                                                  {"region", "r"},
                                                  {"access_key", "AKIDEXAMPLE"},
                                                  {"secret_key", "secretsecretsecret"}};
    yard *y;
    memset(&server, 0, sizeof server);
    mock_use(&server);
    if (yard_setup_with(state, &mock_transport, NULL))
        return -1;
    y = *state;
    cloud_open(y, &s3_LTX_neph_plugin_v0, "s3", settings, NEPH_COUNT(settings));
    y->options.jobs = 1;
    assert_int_equal(mkdir(sandbox_path(y->box, "dir"), 0700), 0);
    return 0;
}

static int teardown(void **state)
{
    int rc = yard_teardown(state);
    mock_fini(&server);
    return rc;
}

#define KEY(key)                                                                                   \
    "<Contents><Key>" key "</Key><LastModified>2030-01-01T00:00:00Z</LastModified>"                \
    "<Size>1</Size></Contents>"
#define LIST(keys) "<ListBucketResult><IsTruncated>false</IsTruncated>" keys "</ListBucketResult>"
#define PAGE(keys)                                                                                 \
    "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t"                    \
    "</NextContinuationToken>" keys "</ListBucketResult>"

static int was_asked(const char *method, const char *part)
{
    int count = 0;
    for (size_t i = 0; i < server.request_count; i++)
        count += strcmp(server.requests[i].method, method) == 0 &&
                 strstr(server.requests[i].url, part) != NULL;
    return count;
}

static void test_listing__that_is_out_of_order_is_sorted(void **state)
{
    static const mock_reply replies[] = {{.body = LIST(KEY("b") KEY("a") KEY("c")), .stays = 1}};
    yard *y = *state;
    MOCK_SCRIPT(&server, replies);
    yard_write(y, "dir/a", "1");
    yard_write(y, "dir/b", "1");
    y->options.deletes = y->options.dry_run = 1;
    y->options.tells_same = 1;
    yard_sync(y, "dir", "local:");
    assert_int_equal(y->rc, 0);
    assert_int_equal(was_asked("GET", "list-type"), 2);
    assert_int_equal(y->summary.same_count, 2);
    assert_int_equal(y->summary.seen_count, 2);
    assert_int_equal(y->summary.deleted_count, 1);
    assert_non_null(strstr(y->told, "same a, same b, delete c"));
    assert_true(sandbox_logged(y->box, 0, "the destination is not listed in byte order"));
}

static void test_listing__that_tells_a_key_twice_is_in_order(void **state)
{
    static const mock_reply replies[] = {{.body = PAGE(KEY("a") KEY("b"))},
                                         {.body = LIST(KEY("b") KEY("c"))}};
    yard *y = *state;
    MOCK_SCRIPT(&server, replies);
    y->options.dry_run = 1;
    assert_string_equal(yard_sync(y, "local:", "dir"), "copy a, copy b, copy c");
    assert_int_equal(y->rc, 0);
}

static void test_listing__that_breaks_deletes_nothing(void **state)
{
    static const mock_reply replies[] = {
        {.body = PAGE(KEY("a") KEY("b"))},
        {.status = 403, .body = "<Error><Code>AccessDenied</Code><Message>no</Message></Error>"}};
    yard *y = *state;
    MOCK_SCRIPT(&server, replies);
    yard_write(y, "dir/z", "1");
    y->options.deletes = 1;
    assert_string_equal(yard_sync(y, "dir", "local:"), "");
    assert_int_equal(y->rc, NEPH_PERMISSION);
    assert_int_equal(server.request_count, 2);
    assert_true(sandbox_logged(y->box, 0, "nothing is deleted"));
}

static void test_listing__of_the_source_that_breaks_deletes_nothing(void **state)
{
    static const mock_reply replies[] = {
        {.body = PAGE(KEY("a"))},
        {.status = 404, .body = "<Error><Code>NoSuchBucket</Code><Message>no</Message></Error>"},
        {.headers = "ETag: \"e\"\n", .body = "1", .match = "/box/a"}};
    yard *y = *state;
    MOCK_SCRIPT(&server, replies);
    yard_write(y, "dir/0", "1");
    yard_write(y, "dir/z", "1");
    y->options.deletes = 1;
    yard_sync(y, "local:", "dir");
    assert_int_equal(y->rc, NEPH_NOT_FOUND);
    assert_int_equal(y->summary.deleted_count, 0);
    assert_non_null(yard_read(y, "dir/0"));
}

static void test_listing__with_a_key_of_another_place_is_refused(void **state)
{
    static const mock_reply replies[] = {{.body = LIST(KEY("other"))}};
    yard *y = *state;
    MOCK_SCRIPT(&server, replies);
    yard_sync(y, "local:p", "dir");
    assert_int_equal(y->rc, NEPH_PROTOCOL);
    assert_non_null(strstr(y->message, "\"other\", which is not below it"));
}

/* What no file can be is named; directory markers are passed over. */
static void test_listing__with_names_that_no_file_can_have(void **state)
{
    static const mock_reply replies[] = {
        {.body = LIST(KEY("../x") KEY("/abs") KEY("a") KEY("a/") KEY("a/..") KEY("a//c") KEY("a/b")
                          KEY("a0") "<Contents><Key>dir/</Key><Size>0</Size></Contents>")}};
    yard *y = *state;
    MOCK_SCRIPT(&server, replies);
    y->options.dry_run = 1;
    yard_sync(y, "local:", "dir");
    assert_int_equal(y->rc, NEPH_INVALID);
    assert_non_null(strstr(y->message, "../x: "));
    assert_int_equal(y->summary.failed_count, 6);
    assert_int_equal(y->summary.copied_count, 2);
    assert_non_null(strstr(y->told, "copy a/b failed (\"a\" is a file: nothing can be below it)"));
}

static void test_listing__brings_markers_to_another_cloud(void **state)
{
    static const mock_reply replies[] = {
        {.body = LIST("<Contents><Key>p/</Key><Size>0</Size></Contents>"
                      "<Contents><Key>p/d/</Key><Size>0</Size></Contents>"),
         .match = "prefix=p"},
        {.body = LIST(""), .match = "prefix=q"}};
    yard *y = *state;
    MOCK_SCRIPT(&server, replies);
    y->options.dry_run = 1;
    assert_string_equal(yard_sync(y, "local:p", "local:q"), "copy d/");
}

static void test_listing__deletes_in_batches(void **state)
{
    static const mock_reply replies[] = {
        {.body = LIST(KEY("a") KEY("b") KEY("c"))},
        {.body = "<DeleteResult><Error><Key>b</Key><Code>AccessDenied</Code><Message>not you"
                 "</Message></Error></DeleteResult>",
         .match = "?delete"}};
    yard *y = *state;
    MOCK_SCRIPT(&server, replies);
    y->options.deletes = 1;
    yard_sync(y, "dir", "local:");
    assert_int_equal(server.request_count, 2);
    assert_int_equal(y->summary.deleted_count, 2);
    assert_int_equal(y->summary.failed_count, 1);
    assert_int_equal(y->rc, NEPH_PERMISSION);
    assert_string_equal(y->begun, "delete a, delete b, delete c");
    assert_non_null(strstr(y->told, "delete b failed (not you)"));
    assert_non_null(strstr(y->told, "delete a, delete c"));
}

static void test_listing__deletes_no_more_batches_at_a_time_than_jobs(void **state)
{
    static const neph_setting_value settings[] = {{"endpoint", "http://s3.test"},
                                                  {"quirks", "generic,delete-count=2"},
                                                  {"access_key", "AKIDEXAMPLE"},
                                                  {"secret_key", "secretsecretsecret"}};
    static const mock_reply replies[] = {
        {.body = LIST(KEY("a") KEY("b") KEY("c") KEY("d") KEY("e") KEY("f")),
         .match = "list-type",
         .stays = 1},
        {.body = "<DeleteResult/>", .match = "?delete", .stays = 1}};
    yard *y = *state;
    MOCK_SCRIPT(&server, replies);
    cloud_open(y, &s3_LTX_neph_plugin_v0, "s3", settings, NEPH_COUNT(settings));
    check_jobs(y, 6);
    assert_int_equal(was_asked("POST", "?delete"), 3 * 3);
}

#define BLOB(name)                                                                                 \
    "<Blob><Name>" name "</Name><Properties><Content-Length>1</Content-Length></Properties></Blob>"
#define BLOBS BLOB("a") BLOB("b") BLOB("c") BLOB("d") BLOB("e") BLOB("f") BLOB("g") BLOB("h")

/* So many at a time as jobs there are, however many the host has in flight. */
static void test_listing__deletes_one_by_one_with_so_many_jobs(void **state)
{
    static const neph_setting_value settings[] = {
        {"account", "me"}, {"account_key", "c2VjcmV0c2VjcmV0"}, {"endpoint", "http://azure.test"}};
    static const mock_reply replies[] = {
        {.body = "<EnumerationResults><Blobs>" BLOBS "</Blobs><NextMarker/></EnumerationResults>",
         .match = "comp=list",
         .stays = 1},
        {.status = 202, .headers = "x-ms-request-id: 1\n", .match = "/box/", .stays = 1}};
    yard *y = *state;
    MOCK_SCRIPT(&server, replies);
    cloud_open(y, &azure_LTX_neph_plugin_v0, "azure", settings, NEPH_COUNT(settings));
    check_jobs(y, 8);
    assert_int_equal(was_asked("DELETE", "/box/"), 3 * 8);
}

/* The file looks newer than the object: which file was it made of? */
static void test_listing__asks_for_the_time_of_the_file(void **state)
{
    static const mock_reply replies[] = {{.body = LIST(KEY("a"))},
                                         {.headers = "ETag: \"e\"\n", .match = "/box/a"}};
    neph_transfer_options transfer = NEPH_TRANSFER_OPTIONS_INIT;
    yard *y = *state;
    MOCK_SCRIPT(&server, replies);
    yard_write(y, "dir/a", "1");
    yard_age(y, "dir/a", 1000000000); /* long behind 2030 */
    transfer.keep_times = 1;
    y->options.transfer = &transfer;
    y->options.dry_run = 1;
    assert_string_equal(yard_sync(y, "dir", "local:"), "copy a");
    assert_int_equal(was_asked("HEAD", "/box/a"), 1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_listing__that_is_out_of_order_is_sorted),
        TEST(test_listing__that_tells_a_key_twice_is_in_order),
        TEST(test_listing__that_breaks_deletes_nothing),
        TEST(test_listing__of_the_source_that_breaks_deletes_nothing),
        TEST(test_listing__with_a_key_of_another_place_is_refused),
        TEST(test_listing__with_names_that_no_file_can_have),
        TEST(test_listing__brings_markers_to_another_cloud),
        TEST(test_listing__deletes_in_batches),
        TEST(test_listing__deletes_no_more_batches_at_a_time_than_jobs),
        TEST(test_listing__deletes_one_by_one_with_so_many_jobs),
        TEST(test_listing__asks_for_the_time_of_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
