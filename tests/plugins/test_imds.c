/*
 * Keys that the instance metadata service lends to ec2: version 2 of its protocol, and what it says when it lends none.
 */
#include "tests/plugins/ec2_stand.h"

#include <neph/kit/imds.h>

#define METADATA "http://169.254.169.254"
#define ROLES METADATA "/latest/meta-data/iam/security-credentials/"

extern const neph_plugin ec2_LTX_neph_plugin_v0;

static int lent_open(stand *at, const char *metadata)
{
    const neph_setting_value settings[] = {{"endpoint", "http://127.0.0.1:1"},
                                           {"region", "eu-west-1"},
                                           {"metadata_endpoint", metadata}};
    int rc;
    at->config.sources = NEPH_SOURCE_METADATA;
    mock_use(&at->mock);
    assert_int_equal(neph_host_new(&at->config, &at->host), 0);
    rc = neph_host_register(at->host, &ec2_LTX_neph_plugin_v0);
    assert_true(rc == 0 || rc == NEPH_EXISTS); /* a static libneph brings it along */
    return neph_cloud_open(at->host, "ec2", settings, metadata ? 3 : 2, &at->cloud);
}

static void test_imds__signs_with_the_keys_of_the_machines_role(void **state)
{
    static const mock_reply replies[] = {
        {.match = "/latest/api/token", .body = "AQAEA-token=="},
        {.match = "credentials/builder",
         .body = "{\"Code\":\"Success\",\"Type\":\"AWS-HMAC\",\"AccessKeyId\":\"ASIALENT\","
                 "\"SecretAccessKey\":\"lent-secret-key\",\"Token\":\"lent-session-token\","
                 "\"Expiration\":\"2026-01-01T06:00:00Z\"}"},
        {.match = "security-credentials/", .body = "builder\nother"},
        {.match = "127.0.0.1:1", .body = "<R><keySet/></R>", .stays = 1},
    };
    stand *at = *state;
    assert_int_equal(lent_open(at, METADATA), 0);
    MOCK_SCRIPT(&at->mock, replies);
    ec2_done(neph_key_list(at->cloud, NULL));
    assert_int_equal(at->mock.request_count, 4);
    assert_string_equal(at->mock.requests[0].method, "PUT");
    assert_string_equal(mock_header(&at->mock, 0, "X-aws-ec2-metadata-token-ttl-seconds"), "21600");
    assert_true(at->mock.requests[0].no_proxy);
    assert_string_equal(at->mock.requests[1].url, ROLES);
    assert_string_equal(mock_header(&at->mock, 1, "X-aws-ec2-metadata-token"), "AQAEA-token==");
    assert_string_equal(at->mock.requests[2].url, ROLES "builder");
    assert_null(mock_header(&at->mock, 2, "Authorization"));
    assert_non_null(strstr(mock_header(&at->mock, 3, "Authorization"), "Credential=ASIALENT/"));
    assert_string_equal(mock_header(&at->mock, 3, "x-amz-security-token"), "lent-session-token");
    assert_null(strstr(at->seen, "lent-secret-key"));
    assert_null(strstr(at->seen, "lent-session-token"));
    assert_null(strstr(at->seen, "AQAEA-token=="));
}

static void test_imds__says_that_no_role_is_attached(void **state)
{
    static const mock_reply replies[] = {
        {.match = "/latest/api/token", .body = "t"},
        {.match = "security-credentials/", .status = 404, .body = "<html>no</html>"},
    };
    stand *at = *state;
    assert_int_equal(lent_open(at, METADATA), 0);
    MOCK_SCRIPT(&at->mock, replies);
    ec2_fails(neph_key_list(at->cloud, NULL), NEPH_AUTH, "no role is attached");
}

static void test_imds__says_that_the_service_refuses(void **state)
{
    static const mock_reply replies[] = {{.match = "/latest/api/token", .status = 403}};
    stand *at = *state;
    assert_int_equal(lent_open(at, METADATA), 0);
    MOCK_SCRIPT(&at->mock, replies);
    ec2_fails(neph_key_list(at->cloud, NULL), NEPH_AUTH, "lends no keys (HTTP status 403)");
}

static void test_imds__refuses_keys_that_are_not_whole(void **state)
{
    static const mock_reply replies[] = {
        {.match = "/latest/api/token", .body = "t"},
        {.match = "credentials/r", .body = "{\"AccessKeyId\":\"A\"}"},
        {.match = "security-credentials/", .body = "r"},
    };
    stand *at = *state;
    assert_int_equal(lent_open(at, METADATA), 0);
    MOCK_SCRIPT(&at->mock, replies);
    ec2_fails(neph_key_list(at->cloud, NULL), NEPH_PROTOCOL, "SecretAccessKey");
}

static void test_imds__is_not_asked_where_it_is_not(void **state)
{
    stand *at = *state;
    assert_int_equal(lent_open(at, NULL), NEPH_INVALID);
    assert_non_null(strstr(neph_host_error(at->host)->message, "access_key"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAND_TEST(test_imds__signs_with_the_keys_of_the_machines_role),
        STAND_TEST(test_imds__says_that_no_role_is_attached),
        STAND_TEST(test_imds__says_that_the_service_refuses),
        STAND_TEST(test_imds__refuses_keys_that_are_not_whole),
        STAND_TEST(test_imds__is_not_asked_where_it_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
