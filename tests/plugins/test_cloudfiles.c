/*
 * test_cloudfiles.c - the provider cloudfiles: replies that were written after Rackspace's documents, plugins/swift/tests, and
 * where its requests go.
 */
#include "tests/plugins/swift_stand.h"

static void open_cloudfiles(stand *at, const char *recordings, const char *region,
                            const char *service_net)
{
    const neph_setting_value settings[] = {{"user", "jdoe"},
                                           {"api_key", "a86850deb2742ec3cb41518e26aa2d89"},
                                           {"region", region},
                                           {"service_net", service_net}};
    const char *source = getenv("NEPH_SRCDIR");
    static char folder[1024];
    snprintf(folder, sizeof folder, "%s/plugins/swift/tests/%s", source ? source : ".", recordings);
    at->config.transport = NULL;
    at->config.replay_dir = folder;
    OPEN(at, "cloudfiles", settings);
}

static void test_cloudfiles__logs_in_with_an_api_key(void **state)
{
    stand *at = *state;
    open_cloudfiles(at, "cloudfiles-buckets", "DFW", "false");
    assert_string_equal(stand_list(neph_bucket_list(at->cloud, NULL)), "images movies .0");
}

static void test_cloudfiles__takes_the_service_net(void **state)
{
    stand *at = *state;
    open_cloudfiles(at, "cloudfiles-snet", "ORD", "true");
    assert_string_equal(stand_list(neph_bucket_list(at->cloud, NULL)), "backup .0");
}

static void test_cloudfiles__says_which_region_it_has_not(void **state)
{
    stand *at = *state;
    open_cloudfiles(at, "cloudfiles-buckets", "XYZ", "false");
    assert_int_equal(run_free(neph_bucket_list(at->cloud, NULL)), NEPH_NOT_FOUND);
}

/* An extension with its parameters, NAME and VALUE in turn, and a NULL behind them. */
static neph_call *extension(stand *at, const char *name, const char *const *parameters)
{
    neph_call *call = neph_call_new(at->cloud, neph_cloud_extension(at->cloud, name)->op);
    for (; parameters && *parameters; parameters += 2)
        assert_int_equal(neph_call_set_parameter(call, parameters[0], parameters[1]), 0);
    (void)neph_call_start(call);
    return call;
}

/* What one recording holds, each in its turn: list, enable, purge, disable. */
static void test_cloudfiles__rules_the_cdn(void **state)
{
    static const char *const enabled[] = {"bucket", "images", "ttl", "3600", NULL};
    static const char *const purged[] = {"bucket", "images", "key", "sea.jpg", NULL};
    const neph_row *row;
    stand *at = *state;
    neph_call *call;
    open_cloudfiles(at, "cloudfiles-cdn", "DFW", "false");
    call = extension(at, "cdn_list", NULL);
    row = neph_next_row(call);
    assert_non_null(row);
    assert_string_equal(row->values[0].text, "images");
    assert_int_equal(row->values[1].number, 1);
    assert_int_equal(row->values[2].number, 28800);
    assert_true(has(row->values[4].text, "https://"));
    assert_null(neph_next_row(call));
    assert_int_equal(run_free(call), 0);
    call = extension(at, "cdn_enable", enabled);
    row = neph_next_row(call);
    assert_non_null(row);
    assert_string_equal(row->values[0].text, "images");
    assert_int_equal(row->values[1].number, 1);
    assert_int_equal(row->values[2].number, 3600);
    assert_string_equal(row->values[3].text, "http://c0344.r34.cf0.rackcdn.example.test");
    assert_int_equal(run_free(call), 0);
    assert_int_equal(run_free(extension(at, "cdn_purge", purged)), 0);
    call = extension(at, "cdn_disable", (const char *const[]){"bucket", "images", NULL});
    assert_int_equal(run_free(call), 0);
}

static void test_cloudfiles__tells_of_the_account(void **state)
{
    static const char *const key[] = {"key", "a secret of the account", NULL};
    const neph_row *row;
    stand *at = *state;
    neph_call *call;
    open_cloudfiles(at, "cloudfiles-account", "DFW", "false");
    call = extension(at, "account", NULL);
    row = neph_next_row(call);
    assert_non_null(row);
    assert_int_equal(row->values[0].number, 3);
    assert_int_equal(row->values[1].number, 17);
    assert_true(row->values[2].number == INT64_C(5368709120));
    assert_true(row->values[3].number == INT64_C(10737418240));
    assert_int_equal(run_free(call), 0);
    assert_int_equal(run_free(extension(at, "set_temp_url_key", key)), 0);
}

/* Recordings hold no hosts: these go to the CDN's and to the service net's. */
#define RAX_ENDPOINT(region, host)                                                                 \
    "{\"region\":\"" region "\",\"publicURL\":\"https://" host                                     \
    "/v1/M\",\"internalURL\":\"https://snet-" host "/v1/M\"}"
#define RAX_LOGIN                                                                                                                              \
    {                                                                                                                                          \
        .match = "/v2.0/tokens",                                                                                                               \
        .body =                                                                                                                                \
            "{\"access\":{\"token\":{\"id\":\"t\",\"expires\":\"2099-01-01T00:00:00Z\"},"                                                      \
            "\"serviceCatalog\":[{\"name\":\"cloudFiles\",\"endpoints\":[" RAX_ENDPOINT(                                                       \
                "DFW",                                                                                                                         \
                "storage.test") "," RAX_ENDPOINT("ORD",                                                                                        \
                                                 "other.test") "]},"                                                                           \
                                                               "{\"name\":\"cloudFilesCDN\",\"endpoints\":[{\"region\":\"DFW\",\"publicURL\":" \
                                                               "\"https://cdn.test/v1/M\"}]}]}}"                                               \
    }

static void test_cloudfiles__goes_to_the_hosts_of_its_region(void **state)
{
    static const struct {
        const char *service_net, *url;
    } rows[] = {
        {"false", "https://storage.test/v1/M?format=json"},
        {"true", "https://snet-storage.test/v1/M?format=json"},
    };
    stand *at = *state;
    for (size_t i = 0; i < NEPH_COUNT(rows); i++) {
        static const mock_reply replies[] = {RAX_LOGIN, NO_BUCKETS};
        const neph_setting_value settings[] = {{"user", "u"},
                                               {"api_key", "k"},
                                               {"region", "DFW"},
                                               {"service_net", rows[i].service_net}};
        size_t before = at->mock.request_count;
        MOCK_SCRIPT(&at->mock, replies);
        if (at->host)
            assert_int_equal(
                neph_cloud_open(at->host, "cloudfiles", settings, NEPH_COUNT(settings), &at->cloud),
                0);
        else
            OPEN(at, "cloudfiles", settings);
        assert_int_equal(run_free(neph_bucket_list(at->cloud, NULL)), 0);
        assert_string_equal(at->mock.requests[before].url,
                            "https://identity.api.rackspacecloud.com/v2.0/tokens");
        assert_string_equal(at->mock.requests[before + 1].url, rows[i].url);
        assert_string_equal(mock_header(&at->mock, before + 1, "X-Auth-Token"), "t");
        if (i + 1 < NEPH_COUNT(rows))
            neph_cloud_close(at->cloud);
    }
}

static void test_cloudfiles__asks_the_cdn_where_the_cdn_is(void **state)
{
    static const mock_reply replies[] = {RAX_LOGIN, {.status = 204}};
    static const char *const purged[] = {"bucket", "b", "key", "k", NULL};
    const neph_setting_value settings[] = {
        {"user", "u"}, {"api_key", "k"}, {"region", "DFW"}, {"service_net", "true"}};
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    OPEN(at, "cloudfiles", settings);
    assert_int_equal(run_free(extension(at, "cdn_purge", purged)), 0);
    assert_string_equal(at->mock.requests[1].method, "DELETE");
    assert_string_equal(at->mock.requests[1].url, "https://cdn.test/v1/M/b/k");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAND_TEST(test_cloudfiles__logs_in_with_an_api_key),
        STAND_TEST(test_cloudfiles__takes_the_service_net),
        STAND_TEST(test_cloudfiles__says_which_region_it_has_not),
        STAND_TEST(test_cloudfiles__rules_the_cdn),
        STAND_TEST(test_cloudfiles__tells_of_the_account),
        STAND_TEST(test_cloudfiles__goes_to_the_hosts_of_its_region),
        STAND_TEST(test_cloudfiles__asks_the_cdn_where_the_cdn_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
