/*
 * What failures mean and what is asked again: retries, error tables, hooks, redirects, clocks.
 */
#include "tests/engine/stand.h"

#include "core/loop.h"

#define OK_LIST "<R><Buckets><Bucket><Name>a</Name></Bucket></Buckets></R>"
#define ERROR_BODY(code, message)                                                                  \
    "<?xml version=\"1.0\"?><Error><Code>" code "</Code><Message>" message                         \
    "</Message><RequestId>req-7</RequestId></Error>"

/* ---- retries */

static void test_engine__a_service_that_is_unavailable_is_asked_again(void **state)
{
    static const mock_reply replies[] = {
        {.status = 503}, {.status = 500, .body = "<html>"}, {.body = OK_LIST}};
    stand *s = *state;
    int64_t start = nephi_loop_now_ms();
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(neph_bucket_list(s->cloud, NULL)), "a .0");
    assert_int_equal(s->mock.request_count, 3);
    assert_true(nephi_loop_now_ms() - start < 400 + 800 + 500);
    assert_int_equal(mill.signs, 3);
}

static void test_engine__retry_after_is_obeyed(void **state)
{
    static const mock_reply replies[] = {{.status = 503, .headers = "retry-after: 1\n"},
                                         {.body = OK_LIST}};
    stand *s = *state;
    int64_t start = nephi_loop_now_ms();
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(neph_bucket_list(s->cloud, NULL)), "a .0");
    assert_in_range(nephi_loop_now_ms() - start, 990, 4000);
}

static void test_engine__retry_after_may_be_a_date(void **state)
{
    static const mock_reply replies[] = {
        {.status = 503, .headers = "Retry-After: Thu, 01 Jan 2026 00:00:01 GMT\n"},
        {.body = OK_LIST}};
    stand *s = *state;
    int64_t start = nephi_loop_now_ms();
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(neph_bucket_list(s->cloud, NULL)), "a .0");
    assert_in_range(nephi_loop_now_ms() - start, 990, 4000);
}

/* Is what was refused with this not asked again, for it would be too late? */
static int is_out_of_time(const char *retry_after)
{
    char line[64];
    const mock_reply replies[] = {{.status = 503, .headers = line}, {.body = OK_LIST}};
    neph_call *call;
    void *state;
    stand *s;
    int rc;
    assert_int_equal(stand_setup(&state), 0);
    s = state;
    snprintf(line, sizeof line, "Retry-After: %s\n", retry_after);
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    call = neph_bucket_list(s->cloud, NULL);
    rc = stand_run(call);
    assert_int_equal(s->mock.request_count, rc ? 1 : 2);
    neph_call_free(call);
    assert_int_equal(stand_teardown(&state), 0);
    return rc == NEPH_UNAVAILABLE;
}

static void test_engine__retry_after_that_says_nothing_is_none(void **state)
{
    static const char *const texts[] = {"-5",
                                        "soon",
                                        "",
                                        "0.5",
                                        "1, 2",
                                        "0",
                                        "Thu, 01 Jan 1970 00:00:00 GMT",
                                        "Fri, 01 Jan 1700 00:00:00 GMT"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (is_out_of_time(texts[i]))
            fail_msg("%s", texts[i]);
}

static void test_engine__retry_after_beyond_the_deadline_is_waited_for_by_nobody(void **state)
{
    static const char *const texts[] = {"86400", "99999999999999999999",
                                        "Fri, 01 Jan 2250 00:00:00 GMT"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (!is_out_of_time(texts[i]))
            fail_msg("%s", texts[i]);
}

static void test_engine__attempts_end(void **state)
{
    static const mock_reply replies[] = {{.status = 503, .stays = 1}};
    stand *s = *state;
    neph_call *call;
    s->config.max_attempts = 3;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    call = neph_bucket_list(s->cloud, NULL);
    assert_int_equal(stand_run(call), NEPH_UNAVAILABLE);
    assert_int_equal(s->mock.request_count, 3);
    assert_int_equal(neph_call_error(call)->retry, NEPH_RETRY_PERSISTENT);
    assert_int_equal(neph_call_error(call)->http_status, 503);
    assert_int_equal(neph_call_error(call)->sent, 1);
    neph_call_free(call);
}

/* What an action that must not be repeated meets. */
static void test_engine__what_may_have_been_done_is_not_asked_twice(void **state)
{
    static const struct {
        const char *what;
        mock_reply reply;
        int status, requests;
    } rows[] = {
        {"no reply after it was sent", {.fail = MOCK_FAIL_SENT}, NEPH_NETWORK, 1},
        {"a reply that broke", {.fail = MOCK_FAIL_HEADERS}, NEPH_NETWORK, 1},
        {"a server error", {.status = 500}, NEPH_UNAVAILABLE, 1},
        {"no connection", {.fail = MOCK_FAIL_UNSENT}, 0, 2},
        {"too many requests", {.status = 429}, 0, 2},
        {"told to slow down", {.status = 503, .body = ERROR_BODY("SlowDown", "s")}, 0, 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        mock_reply replies[] = {rows[i].reply, {0}};
        neph_call *call;
        stand *s;
        assert_int_equal(stand_setup(state), 0);
        s = *state;
        stand_open(s, "mill");
        MOCK_SCRIPT(&s->mock, replies);
        call = neph_bucket_delete(s->cloud, "b");
        if (stand_run(call) != rows[i].status || (int)s->mock.request_count != rows[i].requests)
            fail_msg("%s: %d after %zu requests", rows[i].what, neph_call_error(call)->status,
                     s->mock.request_count);
        neph_call_free(call);
        assert_int_equal(stand_teardown(state), 0);
    }
}

static void test_engine__a_lost_reply_says_that_it_may_have_been_done(void **state)
{
    static const mock_reply replies[] = {{.fail = MOCK_FAIL_SENT}};
    stand *s = *state;
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    call = neph_bucket_delete(s->cloud, "b");
    assert_int_equal(stand_run(call), NEPH_NETWORK);
    assert_int_equal(neph_call_error(call)->sent, 1);
    assert_non_null(strstr(neph_call_error(call)->message, "may have been carried out"));
    neph_call_free(call);
}

static void test_engine__what_is_idempotent_is_asked_again_after_a_lost_reply(void **state)
{
    static const mock_reply replies[] = {{.fail = MOCK_FAIL_SENT}, {0}};
    stand *s = *state;
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    call = neph_bucket_create(s->cloud, "b");
    assert_int_equal(stand_run(call), 0);
    assert_int_equal(s->mock.request_count, 2);
    neph_call_free(call);
}

static void test_engine__what_would_fail_again_is_not_asked_again(void **state)
{
    static const mock_reply replies[] = {{.fail = MOCK_FAIL_UNSENT, .is_permanent = 1}, {0}};
    stand *s = *state;
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    call = neph_bucket_list(s->cloud, NULL);
    assert_int_equal(stand_run(call), NEPH_NETWORK);
    assert_int_equal(s->mock.request_count, 1);
    assert_int_equal(neph_call_error(call)->retry, NEPH_RETRY_PERMANENT);
    neph_call_free(call);
}

static void test_engine__a_broken_page_in_order_goes_on_without_doubles(void **state)
{
    static const char page[] = "<R><Contents><Key>a</Key></Contents><CommonPrefixes><Prefix>b/"
                               "</Prefix></CommonPrefixes><Contents><Key>c</Key></Contents>"
                               "<Contents><Key>d</Key></Contents><NextToken>t</NextToken></R>";
    static const mock_reply replies[] = {
        {.body = page, .fail = MOCK_FAIL_BODY, .fail_after = 120},
        {.body = page},
        {.match = "token=t", .body = "<R><Contents><Key>e</Key></Contents></R>"}};
    stand *s = *state;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    s->mock.piece = 10;
    assert_string_equal(stand_list(neph_object_list(s->cloud, "b", NULL)), "a b/ c d e .0");
    assert_int_equal(s->mock.request_count, 3);
}

static void test_engine__a_broken_page_without_order_fails(void **state)
{
    static const mock_reply replies[] = {
        {.body = OK_LIST, .fail = MOCK_FAIL_BODY, .fail_after = sizeof OK_LIST - 6},
        {.body = OK_LIST}};
    stand *s = *state;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(neph_bucket_list(s->cloud, NULL)), "a .-12");
    assert_int_equal(s->mock.request_count, 1);
}

static void test_engine__a_page_that_broke_before_its_first_result_is_asked_again(void **state)
{
    static const mock_reply replies[] = {
        {.body = OK_LIST, .fail = MOCK_FAIL_BODY, .fail_after = 10}, {.body = OK_LIST}};
    stand *s = *state;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(neph_bucket_list(s->cloud, NULL)), "a .0");
}

/* ---- what errors mean */

static void test_engine__errors_mean_what_the_table_says(void **state)
{
    static const struct {
        int32_t http;
        const char *body;
        int status;
        const char *code, *message;
    } rows[] = {
        {404, ERROR_BODY("NoSuchBucket", "it is not there"), NEPH_NOT_FOUND, "NoSuchBucket",
         "it is not there"},
        {409, ERROR_BODY("BucketAlreadyExists", "x"), NEPH_EXISTS, "BucketAlreadyExists", "x"},
        {409, ERROR_BODY("SomethingElse", "x"), NEPH_CONFLICT, "SomethingElse", "x"},
        {418, ERROR_BODY("Teapot", "x"), NEPH_LIMIT, "Teapot", "x"},
        {400, ERROR_BODY("What", "a\tb"), NEPH_INVALID, "What", "a\\x09b"},
        {400, ERROR_BODY("What", "a\nRequestId:b"), NEPH_INVALID, "What", "a"},
        {401, "", NEPH_AUTH, NULL, NULL},
        {403, "{\"not\":\"xml\"}", NEPH_PERMISSION, NULL, NULL},
        {404, ERROR_BODY("OddCode", ""), NEPH_NOT_FOUND, "OddCode", NULL},
        {405, "", NEPH_UNSUPPORTED, NULL, NULL},
        {407, "<html>who?</html>", NEPH_NETWORK, NULL,
         "the proxy on the way to mill.test:8080 wants a user and a password: put them into proxy or "
         "the proxy variables"},
        {412, "", NEPH_CONFLICT, NULL, NULL},
        {413, "", NEPH_LIMIT, NULL, NULL},
        {301, "", NEPH_PROTOCOL, NULL, NULL},
        {499, "", NEPH_INVALID, NULL, NULL},
        {501, "", NEPH_UNSUPPORTED, NULL, NULL},
        {404, "<Error><Code>NoSuch", NEPH_NOT_FOUND, NULL, NULL},
        {400, ERROR_BODY("OwnWords", "the cloud's"), NEPH_QUOTA, "OwnWords",
         "the quota of this account is used up"},
    };
    stand *s = *state;
    stand_open(s, "mill");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        mock_reply reply = {.status = rows[i].http, .body = rows[i].body};
        neph_call *call = neph_bucket_list(s->cloud, NULL);
        const neph_error *error = neph_call_error(call);
        mock_script(&s->mock, &reply, 1);
        if (stand_run(call) != rows[i].status)
            fail_msg("row %zu: %d %s", i, neph_call_error(call)->status, error->message);
        error = neph_call_error(call);
        assert_int_equal(error->http_status, rows[i].http);
        assert_int_equal(error->retry, NEPH_RETRY_PERMANENT);
        if (rows[i].code)
            assert_string_equal(error->code, rows[i].code);
        else
            assert_null(error->code);
        if (rows[i].message)
            assert_string_equal(error->message, rows[i].message);
        else
            assert_non_null(strstr(error->message, "mill.test:8080 answered"));
        if (rows[i].code)
            assert_string_equal(error->request_id, "req-7");
        neph_call_free(call);
    }
}

static void test_engine__a_web_page_as_an_error_is_pointed_out(void **state)
{
    static const mock_reply replies[] = {
        {.status = 403, .body = "<HTML><HEAD><TITLE>Proxy</TITLE></HEAD></HTML>"}};
    stand *s = *state;
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    call = neph_bucket_list(s->cloud, NULL);
    assert_int_equal(stand_run(call), NEPH_PERMISSION);
    assert_non_null(strstr(neph_call_error(call)->message, "web page"));
    neph_call_free(call);
}

static void test_engine__an_endless_error_reply_is_not_read_to_the_end_of_memory(void **state)
{
    stand *s = *state;
    size_t size = 4u << 20;
    char *body = malloc(size);
    mock_reply reply = {.status = 404, .body = body, .body_size = size};
    neph_call *call;
    assert_non_null(body);
    memset(body, 'x', size);
    memcpy(body, "<Error><Code>", 13);
    stand_open(s, "mill");
    mock_script(&s->mock, &reply, 1);
    s->mock.piece = 16384;
    call = neph_bucket_list(s->cloud, NULL);
    assert_int_equal(stand_run(call), NEPH_NOT_FOUND);
    neph_call_free(call);
    free(body);
}

static void test_engine__an_error_inside_a_success_fails_the_call(void **state)
{
    static const mock_reply replies[] = {
        {.body = ERROR_BODY("NoSuchBucket", "copied from nowhere")},
        {.body = ERROR_BODY("Riddle", "what")},
        {.body = "<Result><ETag>e1</ETag></Result>"}};
    stand *s = *state;
    neph_call *call;
    const neph_object *object;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    call = neph_object_copy(s->cloud, "a", "b", "c", "d");
    assert_int_equal(stand_run(call), NEPH_NOT_FOUND);
    assert_string_equal(neph_call_error(call)->message, "copied from nowhere");
    assert_int_equal(neph_call_error(call)->http_status, 200);
    assert_null(neph_call_result(call));
    neph_call_free(call);
    call = neph_object_copy(s->cloud, "a", "b", "c", "d");
    assert_int_equal(stand_run(call), NEPH_UNAVAILABLE);
    neph_call_free(call);
    call = neph_object_copy(s->cloud, "a", "b", "c", "d");
    assert_int_equal(stand_run(call), 0);
    object = (const neph_object *)neph_call_result(call);
    assert_string_equal(object->etag, "e1");
    neph_call_free(call);
}

static void test_engine__an_error_inside_a_success_is_asked_again_if_it_may_pass(void **state)
{
    static const mock_reply replies[] = {{.body = ERROR_BODY("SlowDown", "slow")},
                                         {.body = "<Result><ETag>e1</ETag></Result>"}};
    stand *s = *state;
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    call = neph_object_copy(s->cloud, "a", "b", "c", "d");
    assert_int_equal(stand_run(call), 0);
    assert_int_equal(s->mock.request_count, 2);
    neph_call_free(call);
}

static void test_engine__one_thing_of_many_fails_alone(void **state)
{
    static const mock_reply replies[] = {
        {.match = "/v3", .headers = "X-Subject-Token: t\n", .body = "{}"},
        {.body = "{\"done\":[{\"key\":\"a\"}],\"failed\":[{\"key\":\"b\",\"code\":\"Gone\","
                 "\"message\":\"no b\"},{\"key\":\"c\",\"code\":\"Busy\",\"message\":\"m\"}]}"}};
    stand *s = *state;
    const neph_object *object;
    neph_call *call;
    stand_open(s, "probe");
    MOCK_SCRIPT(&s->mock, replies);
    call = neph_object_delete(s->cloud, "b", "k");
    object = neph_next_object(call);
    assert_null(object->result.error);
    object = neph_next_object(call);
    assert_string_equal(object->key, "b");
    assert_int_equal(object->result.error->status, NEPH_NOT_FOUND);
    assert_int_equal(object->result.error->retry, NEPH_RETRY_PERMANENT);
    assert_string_equal(object->result.error->code, "Gone");
    assert_string_equal(object->result.error->message, "no b");
    object = neph_next_object(call);
    assert_int_equal(object->result.error->status, NEPH_UNAVAILABLE);
    assert_int_equal(object->result.error->retry, NEPH_RETRY_TRANSIENT);
    assert_null(neph_next(call));
    assert_int_equal(neph_wait(call), 0);
    neph_call_free(call);
}

/* ---- the fault hook */

static void test_engine__asking_again_for_the_hook_is_bounded(void **state)
{
    static const mock_reply replies[] = {
        {.status = 400, .body = ERROR_BODY("Moved", "elsewhere"), .stays = 1}};
    stand *s = *state;
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    call = neph_bucket_list(s->cloud, NULL);
    assert_int_equal(stand_run(call), NEPH_INVALID);
    assert_string_equal(neph_call_error(call)->message, "elsewhere");
    assert_in_range(s->mock.request_count, 2, 8);
    assert_int_equal(mill.faults, s->mock.request_count);
    neph_call_free(call);
}

static void test_engine__what_the_hook_learnt_is_in_the_next_request(void **state)
{
    static const mock_reply replies[] = {
        {.match = "/v3", .headers = "X-Subject-Token: t\n", .body = "{}"},
        {.status = 400, .body = "{\"code\":\"Elsewhere\",\"region\":\"north\"}"},
        {.body = "{\"images\":[]}", .stays = 1}};
    stand *s = *state;
    stand_open(s, "probe");
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(neph_image_list(s->cloud, NULL)), ".0");
    assert_null(mock_header(&s->mock, 1, "X-Region"));
    assert_string_equal(mock_header(&s->mock, 2, "X-Region"), "north");
    assert_string_equal(stand_list(neph_image_list(s->cloud, NULL)), ".0");
    assert_string_equal(mock_header(&s->mock, 3, "X-Region"), "north");
}

static void test_engine__the_servers_clock_is_learnt_once(void **state)
{
    static const mock_reply replies[] = {{.status = 403,
                                          .headers = "Date: Thu, 01 Jan 2026 01:00:00 GMT\n",
                                          .body = ERROR_BODY("Skewed", "your clock")},
                                         {.status = 403,
                                          .headers = "Date: Thu, 01 Jan 2026 05:00:00 GMT\n",
                                          .body = ERROR_BODY("Skewed", "your clock"),
                                          .stays = 1}};
    stand *s = *state;
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    call = neph_bucket_list(s->cloud, NULL);
    assert_int_equal(stand_run(call), NEPH_PERMISSION);
    assert_int_equal(s->mock.request_count, 2);
    assert_true(mill.signed_ns == STAND_NOW + INT64_C(3600) * NEPH_NANO);
    neph_call_free(call);
}

static void test_engine__a_clock_as_far_off_as_can_be_is_learnt(void **state)
{
    static const mock_reply replies[] = {{.status = 403,
                                          .headers = "Date: Fri, 01 Jan 1700 00:00:00 GMT\n",
                                          .body = ERROR_BODY("Skewed", "your clock")},
                                         {.body = OK_LIST}};
    stand *s = *state;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(neph_bucket_list(s->cloud, NULL)), "a .0");
    assert_true(mill.signed_ns < 0);
}

/* ---- redirects */

static void test_engine__a_redirect_inside_the_cloud_keeps_method_and_body(void **state)
{
    static const mock_reply replies[] = {
        {.match = "8080/b/k?", .headers = "ETag: \"e\"\n"},
        {.status = 307, .headers = "Location: http://mill.test:8080/b/k?there=1\n"}};
    stand *s = *state;
    neph_source source = NEPH_SOURCE_INIT;
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    source.from = NEPH_BODY_MEMORY;
    source.data = "body";
    source.data_size = 4;
    call = neph_object_put(s->cloud, "b", "k", &source, NULL);
    assert_int_equal(stand_run(call), 0);
    assert_int_equal(s->mock.request_count, 2);
    assert_string_equal(s->mock.requests[1].url, "http://mill.test:8080/b/k?there=1");
    assert_string_equal(s->mock.requests[1].method, "PUT");
    assert_string_equal(s->mock.requests[1].body, "body");
    assert_string_equal(mock_header(&s->mock, 1, "X-Key"), MILL_SECRET);
    assert_int_equal(mill.signs, 2);
    neph_call_free(call);
}

static void test_engine__redirects_to_other_places_are_refused(void **state)
{
    static const struct {
        const char *endpoint, *location;
    } rows[] = {
        {"http://mill.test:8080", "http://evil.test:8080/b"},
        {"http://mill.test:8080", "http://mill.test:8081/b"},
        {"http://mill.test:8080", "http://mill.test.evil.test/b"},
        {"http://mill.test:8080", "//evil.test/b"},
        {"https://mill.test", "http://mill.test/b"},
        {"https://both.test", "http://both.test/b"},
        {"http://mill.test:8080", "ftp://mill.test/b"},
        {"http://mill.test:8080", "unix:/tmp/socket"},
        {"http://mill.test:8080", "http://user:pass@mill.test:8080/b"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char location[128];
        mock_reply reply = {.status = 302, .headers = location, .stays = 1};
        neph_call *call;
        int rc;
        stand *s;
        assert_int_equal(stand_setup(state), 0);
        s = *state;
        snprintf(location, sizeof location, "Location: %s\n", rows[i].location);
        stand_open_at(s, "mill", rows[i].endpoint);
        mock_script(&s->mock, &reply, 1);
        call = neph_bucket_create(s->cloud, "b");
        rc = stand_run(call);
        if (rc != NEPH_PROTOCOL || s->mock.request_count != 1)
            fail_msg("%s: %d, %zu requests", rows[i].location, rc, s->mock.request_count);
        assert_int_equal(neph_call_error(call)->sent, 1);
        assert_int_equal(neph_call_error(call)->http_status, 302);
        neph_call_free(call);
        assert_int_equal(stand_teardown(state), 0);
    }
}

static void test_engine__a_redirect_from_plain_to_tls_is_followed(void **state)
{
    static const mock_reply replies[] = {
        {.match = "http:", .status = 301, .headers = "Location: https://mill.test/b\n"}, {0}};
    stand *s = *state;
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    call = neph_bucket_create(s->cloud, "b");
    assert_int_equal(stand_run(call), 0);
    assert_string_equal(s->mock.requests[1].url, "https://mill.test/b");
    neph_call_free(call);
}

static void test_engine__redirects_in_a_circle_end(void **state)
{
    static const mock_reply replies[] = {{.status = 302, .headers = "Location: /b\n", .stays = 1}};
    stand *s = *state;
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    call = neph_bucket_create(s->cloud, "b");
    assert_int_equal(stand_run(call), NEPH_PROTOCOL);
    assert_in_range(s->mock.request_count, 2, 7);
    neph_call_free(call);
}

static void test_engine__a_redirect_is_no_way_for_an_action_that_does_not_follow(void **state)
{
    static const mock_reply replies[] = {{.status = 302, .headers = "Location: /b\n", .stays = 1}};
    stand *s = *state;
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    call = neph_bucket_delete(s->cloud, "b");
    assert_int_equal(stand_run(call), NEPH_PROTOCOL);
    assert_int_equal(s->mock.request_count, 1);
    neph_call_free(call);
}

static void test_engine__only_what_sends_the_same_request_elsewhere_is_a_redirect(void **state)
{
    static const struct {
        int32_t status;
        int is_read, is_followed;
    } rows[] = {
        {301, 0, 1}, {302, 0, 1}, {303, 0, 0}, {304, 0, 0}, {305, 0, 0}, {306, 0, 0},
        {307, 0, 1}, {308, 0, 1}, {303, 1, 1}, {304, 1, 0}, {305, 1, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const mock_reply replies[] = {
            {.status = rows[i].status, .headers = "Location: /elsewhere\n"}, {0}};
        neph_sink sink = NEPH_SINK_INIT;
        neph_call *call;
        stand *s;
        assert_int_equal(stand_setup(state), 0);
        s = *state;
        stand_open(s, "mill");
        MOCK_SCRIPT(&s->mock, replies);
        sink.to = NEPH_BODY_MEMORY;
        call = rows[i].is_read ? neph_object_get(s->cloud, "b", "k", &sink, NULL)
                               : neph_bucket_create(s->cloud, "b");
        stand_run(call);
        if (s->mock.request_count != (rows[i].is_followed ? 2u : 1u))
            fail_msg("%d of row %zu: %zu requests", (int)rows[i].status, i, s->mock.request_count);
        neph_call_free(call);
        assert_int_equal(stand_teardown(state), 0);
    }
}

/* ---- what hooks do wrong */

static void test_engine__a_service_that_failed_and_was_made_good_leaves_nothing(void **state)
{
    static const mock_reply replies[] = {{.fail = MOCK_FAIL_SENT, .stays = 1}};
    stand *s = *state;
    neph_call *call;
    s->config.max_attempts = 1;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    mill.is_virtual = 1;
    call = neph_bucket_list(s->cloud, NULL);
    assert_int_equal(stand_run(call), NEPH_NETWORK);
    assert_non_null(strstr(neph_call_error(call)->message, "the mock broke"));
    neph_call_free(call);
}

static void test_engine__what_a_hook_answers_wrongly_is_the_plugins_failure(void **state)
{
    static const int32_t answers[] = {NEPH_AGAIN, NEPH_BUSY, NEPH_CANCELLED, -1000};
    static const mock_reply replies[] = {{.body = OK_LIST, .stays = 1}};
    stand *s = *state;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        neph_call *call;
        mill.answer = answers[i];
        mill.then_answer = 0;
        call = neph_bucket_list(s->cloud, NULL);
        assert_int_equal(stand_run(call), NEPH_PLUGIN);
        neph_call_free(call);
        mill.answer = 0;
        mill.then_answer = answers[i];
        call = neph_bucket_list(s->cloud, NULL);
        assert_int_equal(stand_run(call), NEPH_PLUGIN);
        neph_call_free(call);
    }
}

/* ---- a place among the requests */

static void test_engine__no_more_requests_than_allowed_are_in_flight(void **state)
{
    static const mock_reply replies[] = {{.body = OK_LIST, .stays = 1}};
    stand *s = *state;
    neph_call *calls[10];
    s->config.max_requests_per_cloud = 3;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    s->mock.is_slow = 1;
    for (int i = 0; i < 10; i++) {
        char name[24];
        snprintf(name, sizeof name, "b%d", i);
        calls[i] = neph_bucket_create(s->cloud, name);
    }
    for (int i = 9; i >= 0; i--)
        assert_int_equal(stand_run(calls[i]), 0);
    assert_int_equal(s->mock.in_flight_max, 3);
    for (int i = 0; i < 10; i++) {
        char name[24];
        snprintf(name, sizeof name, "/b%d", i);
        assert_non_null(strstr(s->mock.requests[i].url, name));
        neph_call_free(calls[i]);
    }
}

typedef struct starter {
    neph_cloud *cloud;
    neph_call *call;
} starter;

static void start_another(neph_call *call, const neph_result *result, void *user)
{
    starter *one = user;
    (void)call;
    (void)result;
    one->call = neph_bucket_create(one->cloud, "third");
}

static void test_engine__who_waits_longest_gets_the_place(void **state)
{
    static const mock_reply replies[] = {{.body = OK_LIST}, {.stays = 1}};
    stand *s = *state;
    neph_call *first, *second;
    starter third = {0};
    s->config.max_requests_per_cloud = 1;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    third.cloud = s->cloud;
    first = neph_bucket_list(s->cloud, NULL);
    second = neph_bucket_create(s->cloud, "second");
    neph_on_result(first, start_another, &third);
    assert_int_equal(stand_run(first), 0);
    assert_int_equal(stand_run(third.call), 0);
    assert_int_equal(stand_run(second), 0);
    assert_non_null(strstr(s->mock.requests[1].url, "/second"));
    assert_non_null(strstr(s->mock.requests[2].url, "/third"));
    neph_call_free(first);
    neph_call_free(second);
    neph_call_free(third.call);
}

static void test_engine__a_call_that_sleeps_holds_no_place(void **state)
{
    static const mock_reply replies[] = {
        {.match = "/slow", .status = 503, .headers = "Retry-After: 3\n"}, {.stays = 1}};
    stand *s = *state;
    neph_call *slow, *call;
    int64_t start = nephi_loop_now_ms();
    s->config.max_requests_per_cloud = 1;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    slow = neph_bucket_create(s->cloud, "slow");
    call = neph_bucket_create(s->cloud, "fast");
    assert_int_equal(stand_run(call), 0);
    assert_true(nephi_loop_now_ms() - start < 2000);
    neph_call_free(slow);
    neph_call_free(call);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAND_TEST(test_engine__a_service_that_is_unavailable_is_asked_again),
        STAND_TEST(test_engine__retry_after_is_obeyed),
        STAND_TEST(test_engine__retry_after_may_be_a_date),
        cmocka_unit_test(test_engine__retry_after_that_says_nothing_is_none),
        cmocka_unit_test(test_engine__retry_after_beyond_the_deadline_is_waited_for_by_nobody),
        STAND_TEST(test_engine__attempts_end),
        cmocka_unit_test(test_engine__what_may_have_been_done_is_not_asked_twice),
        STAND_TEST(test_engine__a_lost_reply_says_that_it_may_have_been_done),
        STAND_TEST(test_engine__what_is_idempotent_is_asked_again_after_a_lost_reply),
        STAND_TEST(test_engine__what_would_fail_again_is_not_asked_again),
        STAND_TEST(test_engine__a_broken_page_in_order_goes_on_without_doubles),
        STAND_TEST(test_engine__a_broken_page_without_order_fails),
        STAND_TEST(test_engine__a_page_that_broke_before_its_first_result_is_asked_again),
        STAND_TEST(test_engine__errors_mean_what_the_table_says),
        STAND_TEST(test_engine__a_web_page_as_an_error_is_pointed_out),
        STAND_TEST(test_engine__an_endless_error_reply_is_not_read_to_the_end_of_memory),
        STAND_TEST(test_engine__an_error_inside_a_success_fails_the_call),
        STAND_TEST(test_engine__an_error_inside_a_success_is_asked_again_if_it_may_pass),
        STAND_TEST(test_engine__one_thing_of_many_fails_alone),
        STAND_TEST(test_engine__asking_again_for_the_hook_is_bounded),
        STAND_TEST(test_engine__what_the_hook_learnt_is_in_the_next_request),
        STAND_TEST(test_engine__the_servers_clock_is_learnt_once),
        STAND_TEST(test_engine__a_clock_as_far_off_as_can_be_is_learnt),
        STAND_TEST(test_engine__a_redirect_inside_the_cloud_keeps_method_and_body),
        cmocka_unit_test(test_engine__redirects_to_other_places_are_refused),
        STAND_TEST(test_engine__a_redirect_from_plain_to_tls_is_followed),
        STAND_TEST(test_engine__redirects_in_a_circle_end),
        STAND_TEST(test_engine__a_redirect_is_no_way_for_an_action_that_does_not_follow),
        cmocka_unit_test(test_engine__only_what_sends_the_same_request_elsewhere_is_a_redirect),
        STAND_TEST(test_engine__a_service_that_failed_and_was_made_good_leaves_nothing),
        STAND_TEST(test_engine__what_a_hook_answers_wrongly_is_the_plugins_failure),
        STAND_TEST(test_engine__no_more_requests_than_allowed_are_in_flight),
        STAND_TEST(test_engine__who_waits_longest_gets_the_place),
        STAND_TEST(test_engine__a_call_that_sleeps_holds_no_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
