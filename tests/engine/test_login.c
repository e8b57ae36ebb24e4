/*
 * The session: one login for all, refreshed in time, once more when the cloud says that it is stale; steps, captures,
 * delays and polls.
 */
#include "tests/engine/stand.h"

#include "core/loop.h"

#define CATALOGUE(expires)                                                                         \
    "{\"token\":{" expires "\"catalog\":[{\"endpoints\":[{\"url\":\"http://inner.probe.test/\","   \
    "\"interface\":\"internal\"},{\"url\":\"http://compute.probe.test/v2\",\"interface\":"         \
    "\"public\"}],\"type\":\"compute\"},{\"type\":\"network\",\"endpoints\":[{\"url\":"            \
    "\"http://network.probe.test\"}]}]}}"
#define LOGIN(token, expires)                                                                      \
    {                                                                                              \
        .match = "/v3/auth/tokens", .headers = "X-Subject-Token: " token "\n",                     \
        .body = CATALOGUE(expires)                                                                 \
    }
#define NO_IMAGES                                                                                  \
    {                                                                                              \
        .match = "/images", .body = "{\"images\":[]}", .stays = 1                                  \
    }

static int logins(const stand *s)
{
    int count = 0;
    for (size_t i = 0; i < s->mock.request_count; i++)
        count += strstr(s->mock.requests[i].url, "/v3/auth/tokens") != NULL;
    return count;
}

static void test_engine__many_calls_share_one_login(void **state)
{
    static const mock_reply replies[] = {LOGIN("tok-1", ""), NO_IMAGES};
    stand *s = *state;
    neph_call *calls[5];
    stand_open(s, "probe");
    MOCK_SCRIPT(&s->mock, replies);
    s->mock.is_slow = 1;
    for (int i = 0; i < 5; i++)
        calls[i] = neph_image_list(s->cloud, NULL);
    for (int i = 0; i < 5; i++)
        assert_int_equal(stand_run(calls[i]), 0);
    assert_int_equal(logins(s), 1);
    assert_string_equal(s->mock.requests[0].method, "POST");
    assert_string_equal(s->mock.requests[0].url, "http://probe.test:8080/v3/auth/tokens");
    assert_string_equal(s->mock.requests[0].body,
                        "{\"user\":\"demo\",\"password\":\"" STAND_PASSWORD "\"}");
    assert_null(mock_header(&s->mock, 0, "X-Auth-Token"));
    assert_string_equal(mock_header(&s->mock, 5, "X-Auth-Token"), "tok-1");
    for (int i = 0; i < 5; i++)
        neph_call_free(calls[i]);
}

static void test_engine__calls_go_on_in_their_order_after_the_login(void **state)
{
    static const mock_reply replies[] = {LOGIN("tok-1", ""),
                                         {.body = "{\"id\":\"x\"}", .stays = 1}};
    stand *s = *state;
    neph_call *calls[3];
    stand_open(s, "probe");
    MOCK_SCRIPT(&s->mock, replies);
    calls[0] = neph_node_show(s->cloud, "n0");
    calls[1] = neph_node_show(s->cloud, "n1");
    calls[2] = neph_node_show(s->cloud, "n2");
    for (int i = 2; i >= 0; i--)
        assert_int_equal(stand_run(calls[i]), 0);
    assert_string_equal(s->mock.requests[1].url, "http://compute.probe.test/v2/servers/n0");
    assert_string_equal(s->mock.requests[2].url, "http://compute.probe.test/v2/servers/n1");
    assert_string_equal(s->mock.requests[3].url, "http://compute.probe.test/v2/servers/n2");
    for (int i = 0; i < 3; i++)
        neph_call_free(calls[i]);
}

static void test_engine__the_public_endpoint_of_the_catalogue_is_asked(void **state)
{
    static const mock_reply replies[] = {LOGIN("tok-1", ""), {.body = "{\"servers\":[]}"}};
    stand *s = *state;
    stand_open(s, "probe");
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(neph_node_list(s->cloud, NULL)), ".0");
    assert_string_equal(s->mock.requests[1].url, "http://compute.probe.test/v2/servers");
}

static void test_engine__a_service_that_the_catalogue_lacks_is_named(void **state)
{
    static const mock_reply replies[] = {
        {.match = "/v3", .headers = "X-Subject-Token: t\n", .body = "{}"}};
    stand *s = *state;
    neph_call *call;
    stand_open(s, "probe");
    MOCK_SCRIPT(&s->mock, replies);
    call = neph_node_list(s->cloud, NULL);
    assert_int_equal(stand_run(call), NEPH_INVALID);
    assert_non_null(strstr(neph_call_error(call)->message, "compute"));
    assert_int_equal(s->mock.request_count, 1);
    neph_call_free(call);
}

static void test_engine__a_session_is_refreshed_before_it_expires(void **state)
{
    static const mock_reply replies[] = {LOGIN("tok-1", "\"expires_at\":\"2026-01-01T01:00:00Z\","),
                                         LOGIN("tok-2", "\"expires_at\":\"2026-01-01T02:00:00Z\","),
                                         NO_IMAGES};
    stand *s = *state;
    stand_open(s, "probe");
    MOCK_SCRIPT(&s->mock, replies);
    stand_list(neph_image_list(s->cloud, NULL));
    s->now_ns += INT64_C(3500) * NEPH_NANO;
    stand_list(neph_image_list(s->cloud, NULL));
    assert_int_equal(logins(s), 1);
    s->now_ns += INT64_C(60) * NEPH_NANO;
    stand_list(neph_image_list(s->cloud, NULL));
    assert_int_equal(logins(s), 2);
    assert_string_equal(mock_header(&s->mock, 4, "X-Auth-Token"), "tok-2");
}

static void test_engine__a_short_session_does_not_log_in_for_ever(void **state)
{
    static const mock_reply replies[] = {LOGIN("tok-1", "\"expires_at\":\"2026-01-01T00:00:20Z\","),
                                         LOGIN("tok-2", "\"expires_at\":\"2026-01-01T00:00:40Z\","),
                                         NO_IMAGES};
    stand *s = *state;
    stand_open(s, "probe");
    MOCK_SCRIPT(&s->mock, replies);
    stand_list(neph_image_list(s->cloud, NULL));
    assert_int_equal(logins(s), 1);
    s->now_ns += INT64_C(11) * NEPH_NANO;
    stand_list(neph_image_list(s->cloud, NULL));
    assert_int_equal(logins(s), 2);
}

static void test_engine__a_session_that_is_over_at_its_beginning_is_used(void **state)
{
    static const mock_reply replies[] = {LOGIN("tok-1", "\"expires_at\":\"2025-12-31T00:00:00Z\","),
                                         NO_IMAGES};
    stand *s = *state;
    stand_open(s, "probe");
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(neph_image_list(s->cloud, NULL)), ".0");
    assert_int_equal(logins(s), 1);
}

static void test_engine__a_401_logs_in_once_more(void **state)
{
    static const mock_reply replies[] = {
        LOGIN("tok-1", ""), LOGIN("tok-2", ""), {.status = 401}, NO_IMAGES};
    stand *s = *state;
    stand_open(s, "probe");
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(neph_image_list(s->cloud, NULL)), ".0");
    assert_int_equal(s->mock.request_count, 4);
    assert_string_equal(mock_header(&s->mock, 1, "X-Auth-Token"), "tok-1");
    assert_string_equal(mock_header(&s->mock, 3, "X-Auth-Token"), "tok-2");
}

static void test_engine__a_401_that_stays_is_an_error(void **state)
{
    static const mock_reply replies[] = {
        LOGIN("tok-1", ""), LOGIN("tok-2", ""), LOGIN("tok-3", ""), {.status = 401, .stays = 1}};
    stand *s = *state;
    stand_open(s, "probe");
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(neph_image_list(s->cloud, NULL)), ".-2");
    assert_int_equal(logins(s), 2);
}

static void test_engine__the_hook_may_say_that_the_session_is_stale(void **state)
{
    static const mock_reply replies[] = {LOGIN("tok-1", ""),
                                         LOGIN("tok-2", ""),
                                         {.status = 400, .body = "{\"code\":\"StaleToken\"}"},
                                         NO_IMAGES};
    stand *s = *state;
    stand_open(s, "probe");
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(neph_image_list(s->cloud, NULL)), ".0");
    assert_int_equal(logins(s), 2);
}

static void test_engine__many_stale_calls_share_the_next_login(void **state)
{
    static const mock_reply replies[] = {LOGIN("tok-1", ""), LOGIN("tok-2", ""), LOGIN("tok-3", ""),
                                         {.status = 401},    {.status = 401},    {.status = 401},
                                         NO_IMAGES};
    stand *s = *state;
    neph_call *calls[3];
    stand_open(s, "probe");
    MOCK_SCRIPT(&s->mock, replies);
    for (int i = 0; i < 3; i++)
        calls[i] = neph_image_list(s->cloud, NULL);
    for (int i = 0; i < 3; i++)
        assert_int_equal(stand_run(calls[i]), 0);
    assert_int_equal(logins(s), 2);
    for (int i = 0; i < 3; i++)
        neph_call_free(calls[i]);
}

static void test_engine__a_401_of_an_older_session_does_not_end_the_new_one(void **state)
{
    static const mock_reply replies[] = {LOGIN("tok-1", ""),
                                         LOGIN("tok-2", ""),
                                         LOGIN("tok-3", ""),
                                         {.match = "/images", .status = 401},
                                         {.match = "/buckets", .status = 401},
                                         {.match = "/images", .body = "{\"images\":[]}"},
                                         {.match = "/buckets", .body = "{\"buckets\":[]}"}};
    stand *s = *state;
    neph_call *quick, *slow;
    stand_open(s, "probe");
    MOCK_SCRIPT(&s->mock, replies);
    slow = neph_bucket_list(s->cloud, NULL);
    quick = neph_image_list(s->cloud, NULL);
    s->mock.held = "/buckets";
    assert_int_equal(stand_run(quick), 0);
    assert_int_equal(logins(s), 2);
    s->mock.held = NULL;
    assert_int_equal(stand_run(slow), 0);
    assert_int_equal(logins(s), 2);
    neph_call_free(quick);
    neph_call_free(slow);
}

static void test_engine__a_login_that_fails_fails_all_who_wait(void **state)
{
    static const mock_reply replies[] = {
        {.match = "/v3",
         .status = 401,
         .headers = "X-Request-Id: r9\n",
         .body = "{\"code\":\"BadPassword\",\"message\":\"no such user\"}"},
        LOGIN("tok-1", ""),
        NO_IMAGES};
    stand *s = *state;
    neph_call *calls[3];
    stand_open(s, "probe");
    MOCK_SCRIPT(&s->mock, replies);
    for (int i = 0; i < 3; i++)
        calls[i] = neph_image_list(s->cloud, NULL);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(stand_run(calls[i]), NEPH_AUTH);
        assert_string_equal(neph_call_error(calls[i])->message, "no such user");
        assert_string_equal(neph_call_error(calls[i])->code, "BadPassword");
        assert_string_equal(neph_call_error(calls[i])->request_id, "r9");
        neph_call_free(calls[i]);
    }
    assert_int_equal(s->mock.request_count, 1);
    assert_string_equal(stand_list(neph_image_list(s->cloud, NULL)), ".0");
}

static void test_engine__a_call_that_leaves_does_not_stop_the_login(void **state)
{
    static const mock_reply replies[] = {LOGIN("tok-1", ""), NO_IMAGES};
    stand *s = *state;
    neph_call *first, *second, *third;
    stand_open(s, "probe");
    MOCK_SCRIPT(&s->mock, replies);
    s->mock.is_slow = 1;
    first = neph_image_list(s->cloud, NULL);
    second = neph_image_list(s->cloud, NULL);
    third = neph_image_list(s->cloud, NULL);
    stand_turn(s, 2);
    neph_call_cancel(second);
    neph_call_free(first);
    assert_int_equal(stand_run(third), 0);
    assert_int_equal(logins(s), 1);
    neph_call_free(second);
    neph_call_free(third);
}

static void test_engine__a_login_is_asked_again_when_the_service_is_busy(void **state)
{
    static const mock_reply replies[] = {
        {.match = "/v3", .status = 503}, LOGIN("tok-1", ""), NO_IMAGES};
    stand *s = *state;
    stand_open(s, "probe");
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(neph_image_list(s->cloud, NULL)), ".0");
    assert_int_equal(logins(s), 2);
}

/* ---- steps */

static void test_engine__steps_hand_on_what_they_captured(void **state)
{
    static const mock_reply replies[] = {
        LOGIN("tok-1", ""),
        {.match = "/ports?name=web", .body = "{\"ports\":[{\"id\":\"p1\"},{\"id\":\"p2\"}]}"},
        {.match = "/v2/servers/s1", .body = "{\"id\":\"s1\",\"status\":\"BUILD\"}"},
        {.match = "/v2/servers/s1", .body = "{\"id\":\"s1\",\"status\":\"BUILD\"}"},
        {.match = "/v2/servers/s1",
         .body =
             "{\"id\":\"s1\",\"name\":\"web\",\"status\":\"ACTIVE\",\"host\":{\"rack\":\"r\"}}"},
        {.match = "/v2/servers", .body = "{\"id\":\"s1\",\"adminPass\":\"adm1n-secret\"}"}};
    stand *s = *state;
    neph_node_options options = NEPH_NODE_OPTIONS_INIT;
    const neph_node *node;
    neph_call *call;
    stand_open(s, "probe");
    MOCK_SCRIPT(&s->mock, replies);
    options.name = "web";
    options.image_id = "i";
    options.size_id = "z";
    call = neph_node_create(s->cloud, &options);
    assert_int_equal(stand_run(call), 0);
    node = (const neph_node *)neph_call_result(call);
    assert_string_equal(node->name, "web");
    assert_int_equal(node->state, NEPH_NODE_RUNNING);
    assert_string_equal(node->result.extra[0].value, "r");
    assert_int_equal(s->mock.request_count, 6);
    assert_string_equal(s->mock.requests[1].url, "http://network.probe.test/ports?name=web");
    assert_string_equal(s->mock.requests[2].method, "POST");
    assert_string_equal(s->mock.requests[2].body, "{\"name\":\"web\",\"port\":\"p2\"}");
    neph_call_free(call);
}

static void test_engine__a_later_step_that_fails_names_what_was_created(void **state)
{
    static const mock_reply replies[] = {
        LOGIN("tok-1", ""),
        {.match = "/ports", .body = "{\"ports\":[{\"id\":\"p1\"}]}"},
        {.match = "/servers/s1", .status = 503},
        {.match = "/servers/s1", .status = 403},
        {.match = "/servers", .body = "{\"id\":\"s1\"}"}};
    stand *s = *state;
    neph_node_options options = NEPH_NODE_OPTIONS_INIT;
    const neph_error *error;
    neph_call *call;
    stand_open(s, "probe");
    MOCK_SCRIPT(&s->mock, replies);
    options.name = options.image_id = options.size_id = "n";
    call = neph_node_create(s->cloud, &options);
    assert_int_equal(stand_run(call), NEPH_PERMISSION);
    assert_int_equal(s->mock.request_count, 5); /* a look that failed is taken again */
    error = neph_call_error(call);
    assert_int_equal(error->created_count, 1);
    assert_int_equal(error->created[0].kind, NEPH_KIND_NODE);
    assert_string_equal(error->created[0].id, "s1");
    neph_call_free(call);
}

static void test_engine__polls_wait_between(void **state)
{
    static const mock_reply replies[] = {
        LOGIN("tok-1", ""),
        {.match = "/ports", .body = "{\"ports\":[{\"id\":\"p1\"}]}"},
        {.match = "/servers/s1", .body = "{\"id\":\"s1\",\"status\":\"BUILD\"}"},
        {.match = "/servers/s1", .body = "{\"id\":\"s1\",\"status\":\"BUILD\"}"},
        {.match = "/servers/s1", .body = "{\"id\":\"s1\",\"status\":\"ACTIVE\"}"},
        {.match = "/servers", .body = "{\"id\":\"s1\"}"}};
    const neph_setting_value settings[] = {
        {"endpoint", "http://probe.test"}, {"password", STAND_PASSWORD}, {"pace_ms", "60"}};
    stand *s = *state;
    neph_node_options options = NEPH_NODE_OPTIONS_INIT;
    neph_call *call;
    int64_t start;
    stand_open(s, "probe");
    neph_cloud_close(s->cloud);
    assert_int_equal(neph_cloud_open(s->host, "probe", settings, 3, &s->cloud), 0);
    MOCK_SCRIPT(&s->mock, replies);
    options.name = options.image_id = options.size_id = "n";
    start = nephi_loop_now_ms();
    call = neph_node_create(s->cloud, &options);
    assert_int_equal(stand_run(call), 0);
    assert_in_range(nephi_loop_now_ms() - start, 118, 3000);
    neph_call_free(call);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAND_TEST(test_engine__many_calls_share_one_login),
        STAND_TEST(test_engine__calls_go_on_in_their_order_after_the_login),
        STAND_TEST(test_engine__the_public_endpoint_of_the_catalogue_is_asked),
        STAND_TEST(test_engine__a_service_that_the_catalogue_lacks_is_named),
        STAND_TEST(test_engine__a_session_is_refreshed_before_it_expires),
        STAND_TEST(test_engine__a_short_session_does_not_log_in_for_ever),
        STAND_TEST(test_engine__a_session_that_is_over_at_its_beginning_is_used),
        STAND_TEST(test_engine__a_401_logs_in_once_more),
        STAND_TEST(test_engine__a_401_that_stays_is_an_error),
        STAND_TEST(test_engine__the_hook_may_say_that_the_session_is_stale),
        STAND_TEST(test_engine__many_stale_calls_share_the_next_login),
        STAND_TEST(test_engine__a_401_of_an_older_session_does_not_end_the_new_one),
        STAND_TEST(test_engine__a_login_that_fails_fails_all_who_wait),
        STAND_TEST(test_engine__a_call_that_leaves_does_not_stop_the_login),
        STAND_TEST(test_engine__a_login_is_asked_again_when_the_service_is_busy),
        STAND_TEST(test_engine__steps_hand_on_what_they_captured),
        STAND_TEST(test_engine__a_later_step_that_fails_names_what_was_created),
        STAND_TEST(test_engine__polls_wait_between),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
