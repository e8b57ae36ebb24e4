/*
 * test_swift.c - the provider swift over a transport without sockets: how it logs in, where requests go, TempURLs. What it
 * has in common with other storage is tested on real servers.
 */
#include "tests/plugins/swift_stand.h"

#define AUTH "http://auth.test/auth/v1.0"

static void open_v1(stand *at)
{
    const neph_setting_value settings[] = {
        {"auth_url", AUTH}, {"user", "test:tester"}, {"password", STAND_PASSWORD}};
    OPEN(at, "swift", settings);
}

#define V1(token, more)                                                                            \
    {                                                                                              \
        .match = "/auth/v1.0", .status = 204,                                                      \
        .headers = "X-Storage-Url: " STORE "\nX-Auth-Token: " token "\n" more                      \
    }

/* ---- login */

static void test_swift__logs_in_by_headers(void **state)
{
    static const mock_reply replies[] = {V1("t1", ""), NO_BUCKETS};
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    open_v1(at);
    assert_int_equal(run_free(neph_bucket_list(at->cloud, NULL)), 0);
    assert_string_equal(at->mock.requests[0].url, AUTH);
    assert_string_equal(mock_header(&at->mock, 0, "X-Auth-User"), "test:tester");
    assert_string_equal(mock_header(&at->mock, 0, "X-Auth-Key"), STAND_PASSWORD);
    asked(at, 1, "GET", "?format=json");
    assert_string_equal(mock_header(&at->mock, 1, "X-Auth-Token"), "t1");
}

static void test_swift__logs_in_again_when_the_seconds_are_over(void **state)
{
    static const mock_reply replies[] = {V1("t1", "X-Auth-Token-Expires: 3600\n"), NO_BUCKETS,
                                         NO_BUCKETS, V1("t2", ""), NO_BUCKETS};
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    open_v1(at);
    assert_int_equal(run_free(neph_bucket_list(at->cloud, NULL)), 0);
    at->now_ns += INT64_C(3500) * NEPH_NANO;
    assert_int_equal(run_free(neph_bucket_list(at->cloud, NULL)), 0);
    assert_int_equal(at->mock.request_count, 3);
    at->now_ns += INT64_C(60) * NEPH_NANO;
    assert_int_equal(run_free(neph_bucket_list(at->cloud, NULL)), 0);
    assert_int_equal(at->mock.request_count, 5);
    assert_string_equal(mock_header(&at->mock, 4, "X-Auth-Token"), "t2");
}

static void test_swift__logs_in_once_more_when_refused(void **state)
{
    static const mock_reply replies[] = {V1("t1", ""),
                                         {.match = "format=json", .status = 401},
                                         V1("t2", ""),
                                         {.match = "format=json", .status = 401}};
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    open_v1(at);
    assert_int_equal(run_free(neph_bucket_list(at->cloud, NULL)), NEPH_AUTH);
    assert_int_equal(at->mock.request_count, 4);
    assert_string_equal(mock_header(&at->mock, 3, "X-Auth-Token"), "t2");
}

static void test_swift__sends_no_token_to_http_that_came_over_https(void **state)
{
    static const mock_reply replies[] = {V1("t1", "")};
    const neph_setting_value settings[] = {
        {"auth_url", "https://auth.test/auth/v1.0"}, {"user", "a:b"}, {"password", "c"}};
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    OPEN(at, "swift", settings);
    assert_int_equal(run_free(neph_bucket_list(at->cloud, NULL)), NEPH_PROTOCOL);
    assert_int_equal(at->mock.request_count, 1);
}

#define ENDPOINT(region, interface, url)                                                           \
    "{\"url\":\"" url "\",\"region\":\"" region "\",\"interface\":\"" interface "\"}"
#define CATALOGUE                                                                                                       \
    "{\"token\":{\"catalog\":[{\"endpoints\":[" ENDPOINT(                                                               \
        "One", "public",                                                                                                \
        "http://other.test") "],\"type\":\"compute\"},"                                                                 \
                             "{\"endpoints\":[" ENDPOINT("Two", "public", "http://two.test/v1/AUTH_test") "," ENDPOINT( \
                                 "One", "internal",                                                                     \
                                 "http://inner.test/v1/AUTH_test") "," ENDPOINT("One", "public",                        \
                                                                                STORE) "],\"type\":\"object-store\"}]," \
                                                                                       "\"expires_at\":\"2026-01-02T00:00:00Z\"}}"
#define V3                                                                                         \
    {                                                                                              \
        .match = "/v3/auth/tokens", .status = 201, .headers = "X-Subject-Token: t3\n",             \
        .body = CATALOGUE                                                                          \
    }

static void test_swift__logs_in_at_keystone_with_a_password(void **state)
{
    static const mock_reply replies[] = {V3, NO_BUCKETS};
    const neph_setting_value settings[] = {{"auth_url", "http://keystone.test:5000"},
                                           {"user", "de\"mo"},
                                           {"password", "s"},
                                           {"project", "p"},
                                           {"project_domain", "D"},
                                           {"region", "One"}};
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    OPEN(at, "swift", settings);
    assert_int_equal(run_free(neph_bucket_list(at->cloud, NULL)), 0);
    assert_string_equal(at->mock.requests[0].url, "http://keystone.test:5000/v3/auth/tokens");
    assert_string_equal(
        at->mock.requests[0].body,
        "{\"auth\":{\"identity\":{\"methods\":[\"password\"],\"password\":{\"user\":{\"name\":"
        "\"de\\u0022mo\",\"domain\":{\"id\":\"default\"},\"password\":\"s\"}}},\"scope\":{\"project\":"
        "{\"name\":\"p\",\"domain\":{\"name\":\"D\"}}}}}");
    assert_string_equal(at->mock.requests[1].url, STORE "?format=json");
    assert_string_equal(mock_header(&at->mock, 1, "X-Auth-Token"), "t3");
}

static void test_swift__gives_an_application_credential_no_scope(void **state)
{
    static const mock_reply replies[] = {V3, NO_BUCKETS};
    const neph_setting_value settings[] = {{"auth_url", "http://keystone.test/identity/v3/"},
                                           {"application_credential_id", "i"},
                                           {"application_credential_secret", "s"},
                                           {"project", "p"},
                                           {"region", "One"},
                                           {"interface", "internalURL"}};
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    OPEN(at, "swift", settings);
    assert_int_equal(run_free(neph_bucket_list(at->cloud, NULL)), 0);
    assert_string_equal(at->mock.requests[0].url, "http://keystone.test/identity/v3/auth/tokens");
    assert_string_equal(
        at->mock.requests[0].body,
        "{\"auth\":{\"identity\":{\"methods\":[\"application_credential\"],\"application_credential\":"
        "{\"id\":\"i\",\"secret\":\"s\"}}}}");
    assert_string_equal(at->mock.requests[1].url, "http://inner.test/v1/AUTH_test?format=json");
}

/* All that is given, and which of it is taken. */
static void test_swift__takes_what_auth_type_names(void **state)
{
    static const struct {
        const char *type, *method;
    } rows[] = {
        {"v3applicationcredential", "\"methods\":[\"application_credential\"]"},
        {"v3password", "\"methods\":[\"password\"]"},
        {"token", "\"methods\":[\"token\"]"},
        {"auto", "\"methods\":[\"application_credential\"]"},
    };
    stand *at = *state;
    open_direct(at);
    for (size_t i = 0; i < NEPH_COUNT(rows); i++) {
        static const mock_reply replies[] = {V3, NO_BUCKETS};
        const neph_setting_value settings[] = {{"auth_url", "http://keystone.test"},
                                               {"auth_type", rows[i].type},
                                               {"user", "u"},
                                               {"password", "p"},
                                               {"token", "t"},
                                               {"application_credential_id", "i"},
                                               {"application_credential_secret", "s"},
                                               {"region", "One"}};
        size_t before = at->mock.request_count;
        neph_cloud_close(at->cloud);
        MOCK_SCRIPT(&at->mock, replies);
        assert_int_equal(
            neph_cloud_open(at->host, "swift", settings, NEPH_COUNT(settings), &at->cloud), 0);
        assert_int_equal(run_free(neph_bucket_list(at->cloud, NULL)), 0);
        assert_true(has(at->mock.requests[before].body, rows[i].method));
    }
}

static void test_swift__refuses_an_auth_type_that_it_cannot(void **state)
{
    static const char *const types[] = {"v3kerberos", "v3token"};
    stand *at = *state;
    open_direct(at);
    neph_cloud_close(at->cloud);
    for (size_t i = 0; i < NEPH_COUNT(types); i++) {
        const neph_setting_value settings[] = {{"auth_url", "http://keystone.test"},
                                               {"auth_type", types[i]},
                                               {"user", "u"},
                                               {"password", "p"}};
        assert_int_equal(
            neph_cloud_open(at->host, "swift", settings, NEPH_COUNT(settings), &at->cloud),
            NEPH_INVALID);
        assert_true(has(neph_host_error(at->host)->message, "auth_type"));
    }
    at->cloud = NULL;
}

static void test_swift__asks_which_region_is_meant(void **state)
{
    static const mock_reply replies[] = {V3};
    const neph_setting_value settings[] = {
        {"auth_url", "http://keystone.test/v3"}, {"user", "u"}, {"password", "s"}};
    stand *at = *state;
    neph_call *call;
    MOCK_SCRIPT(&at->mock, replies);
    OPEN(at, "swift", settings);
    call = neph_bucket_list(at->cloud, NULL);
    assert_int_equal(stand_run(call), NEPH_INVALID);
    assert_true(has(neph_call_error(call)->message, "more than one region (Two, One)"));
    neph_call_free(call);
}

/* ---- listings */

static void test_swift__goes_on_behind_the_last_prefix(void **state)
{
    static const mock_reply replies[] = {
        {.body = "[{\"name\":\"a\",\"bytes\":1,\"hash\":\"h\"},{\"subdir\":\"d/\"}]"},
        {.match = "marker=d%2F", .body = "[]"},
    };
    neph_list_options options = NEPH_LIST_OPTIONS_INIT;
    stand *at = *state;
    options.delimiter = "/";
    MOCK_SCRIPT(&at->mock, replies);
    open_direct(at);
    assert_string_equal(stand_list(neph_object_list(at->cloud, "b", &options)), "a d/ .0");
    asked(at, 1, "GET", "/b?format=json&delimiter=%2F&marker=d%2F");
}

static void test_swift__shows_what_a_small_web_page_says(void **state)
{
    static const mock_reply replies[] = {
        {.status = 400,
         .headers = "X-Trans-Id: tx1\n",
         .body = "<html><h1>Bad Request</h1><p>Bad <b>name</b></p></html>"}};
    stand *at = *state;
    neph_call *call;
    MOCK_SCRIPT(&at->mock, replies);
    open_direct(at);
    call = neph_bucket_create(at->cloud, "b");
    assert_int_equal(stand_run(call), NEPH_INVALID);
    assert_string_equal(neph_call_error(call)->message, "Bad Request Bad name");
    assert_string_equal(neph_call_error(call)->request_id, "tx1");
    neph_call_free(call);
}

static void test_swift__reads_metadata_and_the_time_of_a_file(void **state)
{
    static const mock_reply replies[] = {
        {.headers = "Etag: 5d41402abc4b2a76b9719d911017c592\nX-Object-Meta-Owner: me\n"
                    "X-Object-Meta-Mtime: 1700000000.5\nContent-Length: 5\n"},
        {.headers = "Etag: \"5d41402abc4b2a76b9719d911017c592\"\nX-Static-Large-Object: True\n"
                    "X-Object-Meta-Mtime: noon\nX-Object-Meta-Static-Large-Object: True\n"},
    };
    const neph_object *object;
    stand *at = *state;
    neph_call *call;
    MOCK_SCRIPT(&at->mock, replies);
    open_direct(at);
    call = neph_object_head(at->cloud, "b", "k");
    assert_int_equal(stand_run(call), 0);
    object = (const neph_object *)neph_call_result(call);
    assert_int_equal(object->metadata_count, 1);
    assert_string_equal(object->metadata[0].name, "owner");
    assert_true(object->local_modified_ns == INT64_C(17000000005) * (NEPH_NANO / 10));
    assert_string_equal(object->checksum, "md5:5d41402abc4b2a76b9719d911017c592");
    neph_call_free(call);
    call = neph_object_head(at->cloud, "b", "k");
    assert_int_equal(stand_run(call), 0);
    object = (const neph_object *)neph_call_result(call);
    assert_int_equal(object->metadata_count, 1);
    assert_string_equal(object->metadata[0].value, "noon");
    assert_null(object->checksum);
    neph_call_free(call);
}

/* ---- TempURLs that a real server took: tests/vectors/swift */

static void vector_check(stand *at, char *line)
{
    char *words[5], *rest = NULL, key[256], wanted[1024];
    neph_setting_value settings[] = {
        {"endpoint", STORE}, {"temp_url_key", "the-key"}, {"temp_url_digest", NULL}};
    neph_call *call;
    size_t size = 0;
    for (int i = 0; i < 5; i++)
        assert_non_null(words[i] = strtok_r(i ? NULL : line, " \n", &rest));
    for (const char *from = words[3] + strlen("/v1/AUTH_test/photos/"); *from; size++) {
        unsigned hex = 0;
        int is_escape = *from == '%' && sscanf(from + 1, "%2x", &hex) == 1;
        key[size] = is_escape ? (char)hex : *from;
        from += is_escape ? 3 : 1;
    }
    key[size] = '\0';
    settings[2].value = words[0];
    assert_int_equal(neph_cloud_open(at->host, "swift", settings, NEPH_COUNT(settings), &at->cloud),
                     0);
    call = neph_object_presign(at->cloud, "photos", key, words[1],
                               strtoll(words[2], NULL, 10) - STAND_NOW / NEPH_NANO);
    assert_int_equal(stand_run(call), 0);
    snprintf(wanted, sizeof wanted, "http://store.test%s?temp_url_sig=%s&temp_url_expires=%s",
             words[3], words[4], words[2]);
    assert_string_equal(((const neph_url *)neph_call_result(call))->url, wanted);
    neph_call_free(call);
    neph_cloud_close(at->cloud);
}

static void test_swift__signs_urls_as_the_server_takes_them(void **state)
{
    const char *source = getenv("NEPH_SRCDIR");
    stand *at = *state;
    char line[1024];
    int count = 0;
    FILE *in;
    open_direct(at);
    neph_cloud_close(at->cloud);
    snprintf(line, sizeof line, "%s/tests/vectors/swift/tempurl.txt", source ? source : ".");
    assert_non_null(in = fopen(line, "r"));
    while (fgets(line, sizeof line, in)) {
        if (*line == '#')
            continue;
        vector_check(at, line);
        count++;
    }
    fclose(in);
    at->cloud = NULL;
    assert_int_equal(count, 24);
    assert_int_equal(at->mock.request_count, 0);
}

static int presign(stand *at, const char *wanted)
{
    neph_call *call = neph_object_presign(at->cloud, "b", "k", "GET", 60);
    int rc = stand_run(call);
    if (!rc)
        assert_true(has(((const neph_url *)neph_call_result(call))->url, wanted));
    neph_call_free(call);
    return rc;
}

/* The key is the account's; a server that names no digest knows SHA-1, of 40 digits. */
static void test_swift__asks_for_the_key_and_the_digest(void **state)
{
    static const mock_reply replies[] = {
        CEPH,
        {.headers = "X-Account-Meta-Temp-Url-Key: the key of the account\n", .stays = 1},
    };
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    open_direct(at);
    assert_int_equal(presign(at, "/b/k?temp_url_sig="), 0);
    asked(at, 1, "HEAD", "");
    assert_int_equal(presign(at, "&temp_url_expires="), 0);
    assert_int_equal(at->mock.request_count, 3); /* the digest was noted */
    assert_true(at->seen_size > 0);
    assert_null(memmem(at->seen, at->seen_size, "the key of", strlen("the key of")));
}

static void test_swift__tells_of_the_account_and_not_its_keys(void **state)
{
    static const mock_reply replies[] = {{.status = 204,
                                          .headers =
                                              "X-Account-Object-Count: 17\n"
                                              "X-Account-Meta-Temp-Url-Key: the key of one\n"
                                              "X-Account-Meta-Temp-Url-Key-2: the key of two\n"}};
    stand *at = *state;
    neph_call *call;
    MOCK_SCRIPT(&at->mock, replies);
    open_direct(at);
    call = neph_call_new(at->cloud, neph_cloud_extension(at->cloud, "account")->op);
    (void)neph_call_start(call);
    assert_int_equal(run_free(call), 0);
    assert_non_null(memmem(at->seen, at->seen_size, "Object-Count", strlen("Object-Count")));
    assert_null(memmem(at->seen, at->seen_size, "the key of", strlen("the key of")));
}

static void test_swift__says_what_a_presigned_url_needs(void **state)
{
    static const mock_reply replies[] = {{.match = "/info", .status = 404}, {.status = 204}};
    stand *at = *state;
    neph_call *call;
    MOCK_SCRIPT(&at->mock, replies);
    open_direct(at);
    call = neph_object_presign(at->cloud, "b", "k", "GET", 60);
    assert_int_equal(stand_run(call), NEPH_INVALID);
    assert_true(has(neph_call_error(call)->message, "temp_url_key"));
    neph_call_free(call);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAND_TEST(test_swift__logs_in_by_headers),
        STAND_TEST(test_swift__logs_in_again_when_the_seconds_are_over),
        STAND_TEST(test_swift__logs_in_once_more_when_refused),
        STAND_TEST(test_swift__sends_no_token_to_http_that_came_over_https),
        STAND_TEST(test_swift__logs_in_at_keystone_with_a_password),
        STAND_TEST(test_swift__gives_an_application_credential_no_scope),
        STAND_TEST(test_swift__takes_what_auth_type_names),
        STAND_TEST(test_swift__refuses_an_auth_type_that_it_cannot),
        STAND_TEST(test_swift__asks_which_region_is_meant),
        STAND_TEST(test_swift__goes_on_behind_the_last_prefix),
        STAND_TEST(test_swift__shows_what_a_small_web_page_says),
        STAND_TEST(test_swift__reads_metadata_and_the_time_of_a_file),
        STAND_TEST(test_swift__signs_urls_as_the_server_takes_them),
        STAND_TEST(test_swift__asks_for_the_key_and_the_digest),
        STAND_TEST(test_swift__tells_of_the_account_and_not_its_keys),
        STAND_TEST(test_swift__says_what_a_presigned_url_needs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
