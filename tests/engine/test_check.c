/*
 * Before anything is sent: presigned URLs, arguments that are missing or not taken, names in paths, endpoints.
 */
#include "tests/engine/stand.h"

static const mock_reply stored[] = {{.stays = 1}};

/* ---- presigned URLs */

static void test_engine__a_presigned_url_is_a_result_and_nothing_is_sent(void **state)
{
    stand *s = *state;
    const neph_url *url;
    neph_call *call;
    stand_open(s, "mill");
    call = neph_object_presign(s->cloud, "b", "a b", "PUT", 60);
    assert_int_equal(stand_run(call), 0);
    url = (const neph_url *)neph_call_result(call);
    assert_string_equal(url->url, "http://mill.test:8080/b/a%20b?expires=60");
    assert_string_equal(url->method, "PUT");
    assert_true(url->expires_ns == STAND_NOW + 60 * NEPH_NANO);
    assert_int_equal(s->mock.request_count, 0);
    neph_call_free(call);
}

static void test_engine__a_url_for_no_time_is_refused_and_not_sent(void **state)
{
    static const int64_t seconds[] = {-1, 0, INT64_C(3155760001), INT64_MAX};
    stand *s = *state;
    stand_open(s, "mill");
    for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++) {
        neph_call *call = neph_call_new(s->cloud, NEPH_OP_OBJECT_PRESIGN);
        neph_call_set_string(call, NEPH_OBJECT_BUCKET, "b");
        neph_call_set_string(call, NEPH_OBJECT_KEY, "k");
        neph_call_set_integer(call, NEPH_PRESIGN_SECONDS, seconds[i]);
        neph_call_start(call);
        assert_int_equal(stand_run(call), NEPH_INVALID);
        neph_call_free(call);
    }
    assert_int_equal(s->mock.request_count, 0);
}

/* ---- checks before anything is sent */

static void test_engine__a_config_too_short_for_its_allocator_is_refused(void **state)
{
    neph_host_config config = NEPH_HOST_CONFIG_INIT;
    neph_host *host = NULL;
    (void)state;
    for (config.size = 0; config.size < offsetof(neph_host_config, plugin_path); config.size++)
        assert_int_equal(neph_host_new(&config, &host), NEPH_INVALID);
    config.plugin_path = config.replay_dir = "behind the end";
    assert_int_equal(neph_host_new(&config, &host), 0);
    neph_host_free(host);
}

static void test_engine__what_is_missing_or_not_taken_is_said_at_once(void **state)
{
    stand *s = *state;
    neph_list_options options = NEPH_LIST_OPTIONS_INIT;
    neph_call *call;
    stand_open(s, "mill");

    call = neph_image_list(s->cloud, NULL);
    assert_int_equal(neph_call_error(call)->status, NEPH_UNSUPPORTED);
    assert_non_null(strstr(neph_call_error(call)->message, "image.list"));
    neph_call_free(call);

    options.prefix = "p";
    call = neph_object_list(s->cloud, "b", &options);
    assert_int_equal(neph_call_is_done(call), 0);
    neph_call_free(call);
    options.prefix = NULL;
    options.delimiter = "/";
    call = neph_object_list(s->cloud, "b", &options);
    assert_int_equal(neph_call_error(call)->status, NEPH_UNSUPPORTED);
    assert_non_null(strstr(neph_call_error(call)->message, "delimiter"));
    neph_call_free(call);

    call = neph_object_list(s->cloud, NULL, NULL);
    assert_int_equal(neph_wait(call), NEPH_INVALID);
    assert_non_null(strstr(neph_call_error(call)->message, "bucket"));
    neph_call_free(call);

    call = neph_bucket_create(s->cloud, "");
    assert_int_equal(stand_run(call), NEPH_INVALID);
    neph_call_free(call);

    call = neph_call_new(s->cloud, NEPH_OP_BUCKET_LIST);
    assert_int_equal(neph_call_set_string(call, NEPH_NODE_ID, "x"), 0);
    assert_int_equal(neph_call_start(call), NEPH_INVALID);
    assert_int_equal(neph_call_start(call), NEPH_INVALID);
    neph_call_free(call);

    call = neph_call_new(s->cloud, NEPH_OP_BUCKET_LIST);
    assert_int_equal(neph_call_set_string(call, NEPH_LIST_LIMIT, "many"), NEPH_INVALID);
    assert_int_equal(neph_call_start(call), NEPH_INVALID);
    assert_non_null(strstr(neph_call_error(call)->message, "many"));
    neph_call_free(call);

    call = neph_call_new(s->cloud, NEPH_OP_LOGIN);
    assert_int_equal(neph_call_start(call), NEPH_UNSUPPORTED);
    neph_call_free(call);
    assert_int_equal(s->mock.request_count, 0);
}

static void test_engine__a_limit_below_0_is_refused_and_0_is_none(void **state)
{
    stand *s = *state;
    neph_call *call;
    stand_open(s, "mill");

    call = neph_call_new(s->cloud, NEPH_OP_BUCKET_LIST);
    assert_int_equal(neph_call_set_integer(call, NEPH_LIST_LIMIT, -1), 0);
    assert_int_equal(neph_call_start(call), NEPH_INVALID);
    assert_string_equal(neph_call_error(call)->message, "limit is -1, but must be 0 or more");
    neph_call_free(call);

    call = neph_call_new(s->cloud, NEPH_OP_BUCKET_LIST);
    assert_int_equal(neph_call_set_integer(call, NEPH_LIST_LIMIT, NEPH_UNKNOWN), 0);
    assert_int_equal(neph_call_set_integer(call, NEPH_LIST_LIMIT, 0), 0);
    assert_int_equal(neph_call_start(call), 0);
    neph_call_free(call);
    assert_int_equal(s->mock.request_count, 0);
}

static void test_engine__a_body_that_the_operation_has_not_is_refused(void **state)
{
    stand *s = *state;
    neph_sink sink = NEPH_SINK_INIT;
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, stored);
    sink.to = NEPH_BODY_FILE;
    sink.path = stand_path(s, "out");
    call = neph_call_new(s->cloud, NEPH_OP_BUCKET_LIST);
    assert_int_equal(neph_call_set_sink(call, &sink), 0);
    assert_int_equal(neph_call_start(call), NEPH_INVALID);
    neph_call_free(call);
    assert_int_equal(stand_files(s), 0);
}

static void test_engine__names_in_paths_cannot_leave_them(void **state)
{
    static const char *const rows[][2] = {
        {"a/b", "http://mill.test:8080/a%2Fb"},
        {"a?b#c", "http://mill.test:8080/a%3Fb%23c"},
        {"...", "http://mill.test:8080/..."},
        {"\xc3\xa9", "http://mill.test:8080/%C3%A9"},
    };
    static const char *const refused[] = {".", "..", ""};
    stand *s = *state;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, stored);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        neph_call *call = neph_bucket_create(s->cloud, rows[i][0]);
        assert_int_equal(stand_run(call), 0);
        assert_string_equal(s->mock.requests[i].url, rows[i][1]);
        neph_call_free(call);
    }
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        neph_call *call = neph_bucket_create(s->cloud, refused[i]);
        assert_int_equal(stand_run(call), NEPH_INVALID);
        neph_call_free(call);
    }
}

static void test_engine__keys_go_out_as_they_are(void **state)
{
    static const char *const rows[][2] = {
        {"a//b", "/b/a//b"},     {"./x", "/b/./x"},           {"../x", "/b/../x"},
        {"a/../b", "/b/a/../b"}, {"a+b %", "/b/a%2Bb%20%25"}, {"/lead", "/b//lead"},
    };
    stand *s = *state;
    neph_source source = NEPH_SOURCE_INIT;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, stored);
    source.from = NEPH_BODY_MEMORY;
    source.data = "x";
    source.data_size = 1;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        neph_call *call = neph_object_put(s->cloud, "b", rows[i][0], &source, NULL);
        assert_int_equal(stand_run(call), 0);
        assert_string_equal(s->mock.requests[i].url + strlen("http://mill.test:8080"), rows[i][1]);
        neph_call_free(call);
    }
}

static void test_engine__a_socket_is_an_endpoint(void **state)
{
    stand *s = *state;
    neph_call *call;
    stand_open_at(s, "mill", "unix:/run/mill.sock");
    MOCK_SCRIPT(&s->mock, stored);
    call = neph_bucket_create(s->cloud, "b");
    assert_int_equal(stand_run(call), 0);
    assert_string_equal(s->mock.requests[0].url, "http://localhost/b");
    assert_string_equal(s->mock.requests[0].unix_socket, "/run/mill.sock");
    neph_call_free(call);
}

static void test_engine__a_base_path_stands_before_every_path(void **state)
{
    stand *s = *state;
    neph_call *call;
    stand_open_at(s, "mill", "http://mill.test/base/");
    MOCK_SCRIPT(&s->mock, stored);
    call = neph_bucket_create(s->cloud, "b");
    assert_int_equal(stand_run(call), 0);
    assert_string_equal(s->mock.requests[0].url, "http://mill.test/base/b");
    assert_null(s->mock.requests[0].unix_socket);
    neph_call_free(call);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAND_TEST(test_engine__a_presigned_url_is_a_result_and_nothing_is_sent),
        STAND_TEST(test_engine__a_url_for_no_time_is_refused_and_not_sent),
        cmocka_unit_test(test_engine__a_config_too_short_for_its_allocator_is_refused),
        STAND_TEST(test_engine__what_is_missing_or_not_taken_is_said_at_once),
        STAND_TEST(test_engine__a_limit_below_0_is_refused_and_0_is_none),
        STAND_TEST(test_engine__a_body_that_the_operation_has_not_is_refused),
        STAND_TEST(test_engine__names_in_paths_cannot_leave_them),
        STAND_TEST(test_engine__keys_go_out_as_they_are),
        STAND_TEST(test_engine__a_socket_is_an_endpoint),
        STAND_TEST(test_engine__a_base_path_stands_before_every_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
