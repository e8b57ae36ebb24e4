/*
 * Keys that a metadata service lends: a login of several steps to another host, whose token and role are plain text, and
 * which is not run where the settings have keys.
 */
#include "tests/engine/stand.h"

#define METADATA "http://169.254.169.254"

enum { SCRATCH_TOKEN = NEPH_SCRATCH + 0, SCRATCH_ROLE = NEPH_SCRATCH + 1 };

static const neph_origin key_origins[] = {{NEPH_FROM_METADATA, 0, "No Maker Of Machines"}};
static const neph_setting settings[] = {
    {.name = "key",
     .type = NEPH_TYPE_STRING,
     .flags = NEPH_SETTING_REQUIRED | NEPH_SETTING_GROUP,
     NEPH_ORIGINS(key_origins)},
    {.name = "secret",
     .type = NEPH_TYPE_STRING,
     .flags = NEPH_SETTING_REQUIRED | NEPH_SETTING_SECRET | NEPH_SETTING_GROUP,
     NEPH_ORIGINS(key_origins)},
    {.name = "metadata_endpoint", .type = NEPH_TYPE_STRING, .flags = NEPH_SETTING_ENDPOINT},
};

static const neph_field token_fields[] = {
    {".", .member = SCRATCH_TOKEN, .flags = NEPH_FIELD_SECRET | NEPH_FIELD_REQUIRED}};
static const neph_rule token_rules[] = {{.path = ".", NEPH_FIELDS(token_fields)}};
static const neph_reply token_reply = NEPH_REPLY_OF(NEPH_REPLY_TEXT, token_rules);
static const neph_field role_fields[] = {{".", .member = SCRATCH_ROLE}};
static const neph_rule role_rules[] = {{.path = ".", NEPH_FIELDS(role_fields)}};
static const neph_reply role_reply = NEPH_REPLY_OF(NEPH_REPLY_TEXT, role_rules);
static const neph_field key_fields[] = {
    {"AccessKeyId", .member = NEPH_SESSION_KEY_ID},
    {"SecretAccessKey", .member = NEPH_SESSION_SECRET, .flags = NEPH_FIELD_SECRET},
    {"Token", .member = NEPH_SESSION_TOKEN, .flags = NEPH_FIELD_SECRET},
    {"Expiration", .member = NEPH_SESSION_EXPIRES},
};
static const neph_rule key_rules[] = {{.path = ".", NEPH_FIELDS(key_fields)}};
static const neph_reply key_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, key_rules);
static const neph_reply *const login_replies[] = {&token_reply, &role_reply, &key_reply};

static int32_t login_ask(neph_call *call, neph_request *request)
{
    uint32_t step = neph_call_step(call);
    int32_t rc;
    if (neph_setting_string(neph_cloud_of(call), "key"))
        return NEPH_DROP;
    rc = neph_request_method(request, step ? "GET" : "PUT");
    if (!rc && step)
        rc = neph_request_header(request, "Token", neph_scratch(call, SCRATCH_TOKEN));
    if (rc)
        return rc;
    return step == 2 ? neph_request_path(request, "/role/{}", neph_scratch(call, SCRATCH_ROLE))
                     : neph_request_path(request, step ? "/role" : "/token");
}

static int32_t login_then(neph_call *call)
{
    uint32_t step = neph_call_step(call);
    return step < 2 ? neph_again(call, step + 1, 0) : 0;
}

static const neph_action login = {
    .op = NEPH_OP_LOGIN,
    .traits = NEPH_SAFE | NEPH_ANONYMOUS,
    .endpoint = "metadata",
    .ask = login_ask,
    NEPH_REPLIES(login_replies),
    .then = login_then,
};

static const neph_rule node_rules[] = {{.path = "[]", .kind = NEPH_KIND_NODE}};
static const neph_reply node_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, node_rules);
static const neph_reply *const node_replies[] = {&node_reply};
static const neph_action actions[] = {
    {.op = NEPH_OP_NODE_LIST, .traits = NEPH_SAFE, .path = "/nodes", NEPH_REPLIES(node_replies)},
};

static int32_t lent_open(neph_cloud *cloud)
{
    int32_t rc = neph_endpoint(cloud, NULL, "http://lent.test");
    return rc ? rc : neph_endpoint(cloud, "metadata", METADATA);
}

static const char *value_of(const neph_call *call, int32_t member, const char *setting)
{
    const char *lent = neph_session(call, member);
    const char *own = neph_setting_string(neph_cloud_of(call), setting);
    return lent ? lent : own ? own : "none";
}

static int32_t lent_sign(neph_call *call, neph_request *request, int64_t now_ns)
{
    const char *token = neph_session(call, NEPH_SESSION_TOKEN);
    int32_t rc = neph_request_header(request, "Key", value_of(call, NEPH_SESSION_KEY_ID, "key"));
    (void)now_ns;
    if (!rc)
        rc = neph_request_header(request, "Secret", value_of(call, NEPH_SESSION_SECRET, "secret"));
    return rc || !token ? rc : neph_request_header(request, "Session", token);
}

static const neph_provider provider = {
    .size = sizeof(neph_provider),
    .id = "lent",
    .title = "Lent keys",
    NEPH_SETTINGS(settings),
    NEPH_ACTIONS(actions),
    .open = lent_open,
    .login = &login,
    .sign = lent_sign,
};
static const neph_provider *const providers[] = {&provider};
NEPH_PLUGIN(lent, "1", "neph-tests", providers);

static int lent_open_with(stand *s, const neph_setting_value *values, size_t count)
{
    mock_use(&s->mock);
    assert_int_equal(neph_host_new(&s->config, &s->host), 0);
    assert_int_equal(neph_host_register(s->host, &lent_LTX_neph_plugin_v0), 0);
    return neph_cloud_open(s->host, "lent", values, count, &s->cloud);
}

static const neph_setting_value at_metadata[] = {{"metadata_endpoint", METADATA}};

static void test_lent__keys_come_from_the_service_in_three_steps(void **state)
{
    static const mock_reply replies[] = {
        {.match = "/token", .body = "t0ken-of-the-machine\n"},
        {.match = "/role/",
         .body = "{\"AccessKeyId\":\"LENT\",\"SecretAccessKey\":\"lent-secret\","
                 "\"Token\":\"lent-token\",\"Expiration\":"
                 "\"2026-01-01T06:00:00Z\"}"},
        {.match = "/role", .body = " builder \n"},
        {.match = "/nodes", .body = "[]", .stays = 1}};
    stand *s = *state;
    s->config.sources = NEPH_SOURCE_METADATA;
    assert_int_equal(lent_open_with(s, at_metadata, 1), 0);
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(neph_node_list(s->cloud, NULL)), ".0");
    assert_int_equal(s->mock.request_count, 4);
    assert_string_equal(s->mock.requests[0].method, "PUT");
    assert_string_equal(s->mock.requests[0].url, METADATA "/token");
    assert_true(s->mock.requests[0].no_proxy);
    assert_null(mock_header(&s->mock, 0, "Key"));
    assert_string_equal(mock_header(&s->mock, 1, "Token"), "t0ken-of-the-machine");
    assert_string_equal(s->mock.requests[2].url, METADATA "/role/builder");
    assert_string_equal(s->mock.requests[3].url, "http://lent.test/nodes");
    assert_false(s->mock.requests[3].no_proxy);
    assert_string_equal(mock_header(&s->mock, 3, "Key"), "LENT");
    assert_string_equal(mock_header(&s->mock, 3, "Secret"), "lent-secret");
    assert_string_equal(mock_header(&s->mock, 3, "Session"), "lent-token");
    assert_null(strstr(s->seen, "lent-secret"));
    assert_null(strstr(s->seen, "lent-token"));
    assert_null(strstr(s->seen, "t0ken-of-the-machine"));
    assert_string_equal(stand_list(neph_node_list(s->cloud, NULL)), ".0");
    assert_int_equal(s->mock.request_count, 5);
}

static void test_lent__keys_are_fetched_again_before_they_end(void **state)
{
    static const mock_reply replies[] = {
        {.match = "/token", .body = "t", .stays = 1},
        {.match = "/role/",
         .body = "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"first-secret\","
                 "\"Expiration\":\"2026-01-01T01:00:00Z\"}"},
        {.match = "/role/",
         .body = "{\"AccessKeyId\":\"B\",\"SecretAccessKey\":\"other-secret\","
                 "\"Expiration\":\"2026-01-01T02:00:00Z\"}"},
        {.match = "/role", .body = "r", .stays = 1},
        {.match = "/nodes", .body = "[]", .stays = 1}};
    stand *s = *state;
    s->config.sources = NEPH_SOURCE_METADATA;
    assert_int_equal(lent_open_with(s, at_metadata, 1), 0);
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(neph_node_list(s->cloud, NULL)), ".0");
    s->now_ns += 3590 * NEPH_NANO;
    assert_string_equal(stand_list(neph_node_list(s->cloud, NULL)), ".0");
    assert_int_equal(s->mock.request_count, 8);
    assert_string_equal(mock_header(&s->mock, 3, "Key"), "A");
    assert_string_equal(mock_header(&s->mock, 7, "Key"), "B");
}

static void test_lent__nothing_is_fetched_where_settings_have_keys(void **state)
{
    static const neph_setting_value values[] = {
        {"key", "OWN"}, {"secret", "own-secret"}, {"metadata_endpoint", METADATA}};
    static const mock_reply replies[] = {{.match = "/nodes", .body = "[]"}};
    stand *s = *state;
    s->config.sources = NEPH_SOURCE_METADATA;
    assert_int_equal(lent_open_with(s, values, 3), 0);
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(neph_node_list(s->cloud, NULL)), ".0");
    assert_int_equal(s->mock.request_count, 1);
    assert_string_equal(mock_header(&s->mock, 0, "Key"), "OWN");
}

static void test_lent__own_keys_that_are_refused_are_not_tried_twice(void **state)
{
    static const neph_setting_value values[] = {{"key", "OWN"}, {"secret", "own-secret"}};
    static const mock_reply replies[] = {{.match = "/nodes", .status = 401, .stays = 1}};
    stand *s = *state;
    assert_int_equal(lent_open_with(s, values, 2), 0);
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(neph_node_list(s->cloud, NULL)), ".-2");
    assert_int_equal(s->mock.request_count, 1);
}

static void test_lent__keys_are_missing_where_the_program_allows_no_service(void **state)
{
    stand *s = *state;
    assert_int_equal(lent_open_with(s, at_metadata, 1), NEPH_INVALID);
    assert_non_null(strstr(neph_host_error(s->host)->message, "needs key"));
}

static void test_lent__keys_are_missing_on_a_machine_without_a_service(void **state)
{
    stand *s = *state;
    s->config.sources = NEPH_SOURCE_ALL & ~NEPH_SOURCE_FILES;
    assert_int_equal(lent_open_with(s, NULL, 0), NEPH_INVALID);
    assert_non_null(strstr(neph_host_error(s->host)->message, "needs key"));
}

static void test_lent__a_service_that_answers_with_no_text_is_refused(void **state)
{
    static const mock_reply replies[] = {
        {.match = "/token", .body = "a\0b", .body_size = 3, .stays = 1}};
    stand *s = *state;
    s->config.sources = NEPH_SOURCE_METADATA;
    assert_int_equal(lent_open_with(s, at_metadata, 1), 0);
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(neph_node_list(s->cloud, NULL)), ".-13");
}

static void test_lent__a_text_that_does_not_end_is_refused(void **state)
{
    static char endless[70000];
    const mock_reply replies[] = {
        {.match = "/token", .body = endless, .body_size = sizeof endless, .stays = 1}};
    stand *s = *state;
    memset(endless, 'x', sizeof endless);
    s->config.sources = NEPH_SOURCE_METADATA;
    assert_int_equal(lent_open_with(s, at_metadata, 1), 0);
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(neph_node_list(s->cloud, NULL)), ".-13");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAND_TEST(test_lent__keys_come_from_the_service_in_three_steps),
        STAND_TEST(test_lent__keys_are_fetched_again_before_they_end),
        STAND_TEST(test_lent__nothing_is_fetched_where_settings_have_keys),
        STAND_TEST(test_lent__own_keys_that_are_refused_are_not_tried_twice),
        STAND_TEST(test_lent__keys_are_missing_where_the_program_allows_no_service),
        STAND_TEST(test_lent__keys_are_missing_on_a_machine_without_a_service),
        STAND_TEST(test_lent__a_service_that_answers_with_no_text_is_refused),
        STAND_TEST(test_lent__a_text_that_does_not_end_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
