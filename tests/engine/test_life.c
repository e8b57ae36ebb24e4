/*
 * The life of a call: waited for, taken result by result, by callbacks; cancelled and freed at each stage; its deadline.
 */
#include "tests/engine/stand.h"

#include "core/loop.h"

#define LOGIN                                                                                      \
    {                                                                                              \
        .match = "/v3/auth/tokens", .headers = "X-Subject-Token: tok-1\n",                         \
        .body = "{\"token\":{\"catalog\":[{\"type\":\"compute\",\"endpoints\":[{\"url\":"          \
                "\"http://compute.probe.test/\"}]},{\"type\":\"network\",\"endpoints\":[{"         \
                "\"url\":\"http://network.probe.test/\"}]}]}}"                                     \
    }

static const mock_reply three[] = {{.body = "<R><Buckets><Bucket><Name>a</Name></Bucket><Bucket>"
                                            "<Name>b</Name></Bucket><Bucket><Name>c</Name>"
                                            "</Bucket></Buckets></R>",
                                    .stays = 1}};
static const mock_reply silence[] = {{.fail = MOCK_SILENT, .stays = 1}};

/* A listing of so many objects. */
static char *listing(int count)
{
    size_t room = (size_t)count * 48 + 64, size;
    char *text = malloc(room);
    assert_non_null(text);
    size = (size_t)snprintf(text, room, "<R>");
    for (int i = 0; i < count; i++)
        size +=
            (size_t)snprintf(text + size, room - size, "<Contents><Key>%08d</Key></Contents>", i);
    snprintf(text + size, room - size, "</R>");
    return text;
}

/* ---- results */

static void test_engine__results_wait_for_the_program_not_in_memory(void **state)
{
    stand *s = *state;
    char *body = listing(5000);
    const mock_reply replies[] = {{.body = body}};
    neph_call *call;
    int64_t live, count = 1;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    s->mock.piece = 4096;
    call = neph_object_list(s->cloud, "b", NULL);
    assert_string_equal(stand_name(neph_next(call)), "00000000");
    stand_turn(s, 20);
    assert_int_equal(s->mock.again_count, 1);
    live = s->allocator.live;
    assert_in_range(live, 1, 1500);
    while (neph_next(call))
        count++;
    assert_int_equal(count, 5000);
    assert_in_range(s->mock.again_count, 5, 60);
    assert_int_equal(s->mock.again_count, s->mock.resume_count);
    assert_int_equal(neph_wait(call), 0);
    neph_call_free(call);
    free(body);
}

static void test_engine__wait_keeps_the_last_result_alone(void **state)
{
    stand *s = *state;
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, three);
    call = neph_bucket_list(s->cloud, NULL);
    assert_null(neph_call_result(call));
    assert_int_equal(stand_run(call), 0);
    assert_string_equal(stand_name(neph_call_result(call)), "c");
    assert_null(neph_next(call));
    assert_string_equal(stand_name(neph_call_result(call)), "c");
    neph_call_free(call);
}

static void test_engine__wait_reads_a_long_listing_without_stopping(void **state)
{
    stand *s = *state;
    char *body = listing(5000);
    const mock_reply replies[] = {{.body = body}};
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    s->mock.piece = 1000;
    call = neph_object_list(s->cloud, "b", NULL);
    assert_non_null(neph_next(call));
    assert_int_equal(stand_run(call), 0);
    assert_string_equal(stand_name(neph_call_result(call)), "00004999");
    neph_call_free(call);
    free(body);
}

static void test_engine__wait_for_gives_up_and_can_be_asked_again(void **state)
{
    stand *s = *state;
    neph_call *call;
    int64_t start;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, silence);
    call = neph_bucket_list(s->cloud, NULL);
    start = nephi_loop_now_ms();
    assert_int_equal(neph_wait_for(call, 30), NEPH_AGAIN);
    assert_in_range(nephi_loop_now_ms() - start, 25, 2000);
    assert_int_equal(neph_call_is_done(call), 0);
    assert_int_equal(neph_wait_for(call, 0), NEPH_AGAIN);
    neph_call_free(call);
}

static void test_engine__what_is_kept_lives_as_long_as_the_call(void **state)
{
    stand *s = *state;
    const neph_result *first, *second;
    neph_call *call, *other;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, three);
    call = neph_bucket_list(s->cloud, NULL);
    other = neph_bucket_list(s->cloud, NULL);
    first = neph_next(call);
    assert_int_equal(neph_keep(other, first), NEPH_INVALID);
    assert_int_equal(neph_keep(call, NULL), NEPH_INVALID);
    assert_int_equal(neph_keep(call, first), 0);
    second = neph_next(call);
    assert_int_equal(neph_keep(call, second), 0);
    while (neph_next(call))
        ;
    assert_string_equal(stand_name(first), "a");
    assert_string_equal(stand_name(second), "b");
    neph_call_free(call);
    neph_call_free(other);
}

/* ---- callbacks */

typedef struct watcher {
    stand *s;
    neph_call *call, *other;
    int results, done, status;
    int cancel_at, free_at; /* result number */
    int free_other;
    int starts;
    int busy_checked;
    int free_in_done;
    char names[64];
} watcher;

static void watch_result(neph_call *call, const neph_result *result, void *user)
{
    watcher *w = user;
    w->results++;
    assert_true(strlen(w->names) + strlen(stand_name(result)) < sizeof w->names);
    snprintf(w->names + strlen(w->names), sizeof w->names - strlen(w->names), "%s",
             stand_name(result));
    if (w->busy_checked) {
        assert_int_equal(neph_wait(call), NEPH_BUSY);
        assert_int_equal(neph_wait_for(call, 1), NEPH_BUSY);
        assert_null(neph_next(call));
        assert_int_equal(neph_host_dispatch(w->s->host, 0), NEPH_BUSY);
    }
    if (w->starts && w->results == 1)
        w->other = neph_bucket_list(w->s->cloud, NULL);
    if (w->results == w->cancel_at)
        neph_call_cancel(call);
    if (w->free_other) {
        neph_call_free(w->other);
        w->other = NULL;
    }
    if (w->results == w->free_at)
        neph_call_free(call);
}

static void watch_done(neph_call *call, int status, void *user)
{
    watcher *w = user;
    w->done++;
    w->status = status;
    assert_int_equal(neph_call_is_done(call), 1);
    assert_int_equal(neph_call_error(call)->status, status);
    if (w->free_in_done)
        neph_call_free(call);
}

static void watch(watcher *w, stand *s, neph_call *call)
{
    w->s = s;
    w->call = call;
    neph_on_result(call, watch_result, w);
    neph_on_done(call, watch_done, w);
}

static void test_engine__callbacks_get_each_result_and_the_end_once(void **state)
{
    stand *s = *state;
    watcher w = {.busy_checked = 1};
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, three);
    call = neph_bucket_list(s->cloud, NULL);
    watch(&w, s, call);
    assert_int_equal(w.results, 0);
    assert_int_equal(stand_run(call), 0);
    stand_turn(s, 3);
    assert_string_equal(w.names, "abc");
    assert_int_equal(w.done, 1);
    assert_int_equal(w.status, 0);
    neph_call_free(call);
}

static void test_engine__callbacks_bring_what_performs_emit(void **state)
{
    stand *s = *state;
    watcher w = {0};
    neph_call *call;
    stand_open(s, "mill");
    mill.node_count = 3;
    call = neph_node_list(s->cloud, NULL);
    watch(&w, s, call);
    stand_turn(s, 5);
    assert_string_equal(w.names, "n1n2n3");
    assert_int_equal(w.done, 1);
    neph_call_free(call);
}

static void test_engine__a_result_callback_may_cancel_its_call(void **state)
{
    stand *s = *state;
    watcher w = {.cancel_at = 2};
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, three);
    call = neph_bucket_list(s->cloud, NULL);
    watch(&w, s, call);
    assert_int_equal(stand_run(call), NEPH_CANCELLED);
    stand_turn(s, 3);
    assert_string_equal(w.names, "ab");
    assert_int_equal(w.done, 1);
    assert_int_equal(w.status, NEPH_CANCELLED);
    neph_call_free(call);
}

static void test_engine__a_result_callback_may_free_its_call(void **state)
{
    stand *s = *state;
    for (int piece = 0; piece < 40; piece += 13) {
        watcher w = {.free_at = 2};
        MOCK_SCRIPT(&s->mock, three);
        s->mock.piece = (size_t)piece;
        if (!s->host)
            stand_open(s, "mill");
        watch(&w, s, neph_bucket_list(s->cloud, NULL));
        stand_turn(s, 8);
        assert_string_equal(w.names, "ab");
        assert_int_equal(w.done, 0);
    }
}

static void test_engine__a_call_freed_while_it_is_waited_for_ends_the_wait(void **state)
{
    stand *s = *state;
    watcher w = {.free_at = 1};
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, three);
    call = neph_bucket_list(s->cloud, NULL);
    watch(&w, s, call);
    assert_int_equal(neph_wait(call), NEPH_CANCELLED);
    assert_int_equal(w.results, 1);
}

static void test_engine__a_result_callback_may_free_another_call(void **state)
{
    stand *s = *state;
    watcher w = {.free_other = 1};
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, three);
    s->mock.is_slow = 1;
    call = neph_bucket_list(s->cloud, NULL);
    w.other = neph_bucket_list(s->cloud, NULL);
    watch(&w, s, call);
    assert_int_equal(stand_run(call), 0);
    assert_int_equal(w.results, 3);
    assert_int_equal(s->mock.cancel_count, 1);
    neph_call_free(call);
}

static void test_engine__a_result_callback_may_start_a_call(void **state)
{
    stand *s = *state;
    watcher w = {.starts = 1};
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, three);
    call = neph_bucket_list(s->cloud, NULL);
    watch(&w, s, call);
    assert_int_equal(stand_run(call), 0);
    assert_int_equal(stand_run(w.other), 0);
    assert_string_equal(stand_name(neph_call_result(w.other)), "c");
    neph_call_free(call);
    neph_call_free(w.other);
}

static void test_engine__the_end_callback_may_free_its_call(void **state)
{
    stand *s = *state;
    watcher w = {.free_in_done = 1};
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, three);
    watch(&w, s, neph_bucket_list(s->cloud, NULL));
    stand_turn(s, 6);
    assert_int_equal(w.done, 1);
}

static void test_engine__a_verb_that_failed_at_once_still_calls_back(void **state)
{
    stand *s = *state;
    watcher w = {0};
    neph_call *call;
    stand_open(s, "mill");
    call = neph_image_list(s->cloud, NULL);
    assert_int_equal(neph_call_is_done(call), 1);
    watch(&w, s, call);
    assert_int_equal(w.done, 0);
    stand_turn(s, 3);
    assert_int_equal(w.done, 1);
    assert_int_equal(w.status, NEPH_UNSUPPORTED);
    neph_call_free(call);
}

static void test_engine__a_cancelled_call_brings_no_more_results(void **state)
{
    stand *s = *state;
    watcher w = {0};
    neph_call *call;
    stand_open(s, "mill");
    mill.node_count = 2000;
    call = neph_node_list(s->cloud, NULL);
    assert_non_null(neph_next(call));
    neph_call_cancel(call);
    watch(&w, s, call);
    stand_turn(s, 3);
    assert_int_equal(w.results, 0);
    assert_int_equal(w.done, 1);
    neph_call_free(call);
}

/* ---- cancelled and freed, stage by stage */

enum stage {
    STAGE_NEW,
    STAGE_READY,
    STAGE_QUEUED,
    STAGE_LOGIN,
    STAGE_SENT,
    STAGE_HEADERS,
    STAGE_BODY,
    STAGE_DELAYED,
    STAGE_POLLING,
    STAGE_PAUSED,
    STAGE_BLOCKED,
    STAGE_UPLOAD,
    STAGE_DONE,
    STAGE_COUNT
};

static int64_t source_again(void *data, size_t size, void *user)
{
    (void)data;
    (void)size;
    (void)user;
    return NEPH_AGAIN;
}

static neph_call *paused(stand *s, char *body)
{
    const mock_reply replies[] = {{.body = body}};
    neph_call *call = neph_object_list(s->cloud, "b", NULL);
    MOCK_SCRIPT(&s->mock, replies);
    s->mock.piece = 4096;
    stand_turn(s, 30);
    assert_int_equal(s->mock.again_count, 1);
    return call;
}

static neph_call *polling(stand *s)
{
    static const mock_reply replies[] = {
        LOGIN,
        {.match = "/ports", .body = "{\"ports\":[{\"id\":\"p1\"}]}"},
        {.match = "/servers/", .body = "{\"id\":\"x\",\"status\":\"BUILD\"}", .stays = 1},
        {.match = "/servers", .body = "{\"id\":\"x\"}"}};
    const neph_setting_value settings[] = {
        {"endpoint", "http://probe.test"}, {"password", STAND_PASSWORD}, {"pace_ms", "60000"}};
    neph_node_options options = NEPH_NODE_OPTIONS_INIT;
    neph_call *call;
    neph_cloud_close(s->cloud);
    assert_int_equal(neph_cloud_open(s->host, "probe", settings, 3, &s->cloud), 0);
    MOCK_SCRIPT(&s->mock, replies);
    options.name = options.image_id = options.size_id = "n";
    call = neph_node_create(s->cloud, &options);
    stand_until_sent(s, s->mock.request_count + 4);
    stand_turn(s, 4);
    return call;
}

/* A call in that stage; *extra: one that is in its way. */
static neph_call *bring_to(stand *s, int stage, neph_call **extra)
{
    static const mock_reply busy[] = {{.status = 503, .headers = "Retry-After: 4\n"}};
    static const mock_reply login[] = {{.match = "/v3", .fail = MOCK_SILENT}};
    static const mock_reply headers[] = {{.fail = MOCK_SILENT_BODY, .body = ""}};
    static const mock_reply body[] = {{.fail = MOCK_SILENT_BODY,
                                       .body = "<R><Buckets><Bucket><Name>a</Name></Bucket><Buck",
                                       .fail_after = 50}};
    neph_source source = NEPH_SOURCE_INIT;
    neph_call *call;
    char *long_body;
    *extra = NULL;
    switch (stage) {
    case STAGE_NEW: return neph_call_new(s->cloud, NEPH_OP_BUCKET_LIST);
    case STAGE_READY: MOCK_SCRIPT(&s->mock, silence); return neph_bucket_list(s->cloud, NULL);
    case STAGE_QUEUED:
        MOCK_SCRIPT(&s->mock, silence);
        *extra = neph_bucket_list(s->cloud, NULL);
        call = neph_bucket_list(s->cloud, NULL);
        stand_turn(s, 3);
        assert_int_equal(s->mock.in_flight, 1);
        return call;
    case STAGE_LOGIN:
        MOCK_SCRIPT(&s->mock, login);
        neph_cloud_close(s->cloud);
        stand_open(s, "probe");
        call = neph_node_list(s->cloud, NULL);
        stand_turn(s, 3);
        return call;
    case STAGE_SENT: MOCK_SCRIPT(&s->mock, silence); break;
    case STAGE_HEADERS: MOCK_SCRIPT(&s->mock, headers); break;
    case STAGE_BODY: MOCK_SCRIPT(&s->mock, body); break;
    case STAGE_DELAYED: MOCK_SCRIPT(&s->mock, busy); break;
    case STAGE_POLLING: return polling(s);
    case STAGE_PAUSED:
        long_body = listing(2000);
        call = paused(s, long_body);
        *extra = (neph_call *)long_body;
        return call;
    case STAGE_BLOCKED:
        mill.node_count = 2000;
        call = neph_node_list(s->cloud, NULL);
        stand_turn(s, 3);
        return call;
    case STAGE_UPLOAD:
        source.from = NEPH_BODY_CALLBACK;
        source.read = source_again;
        source.length = 10;
        MOCK_SCRIPT(&s->mock, three);
        call = neph_object_put(s->cloud, "b", "k", &source, NULL);
        stand_turn(s, 3);
        assert_int_equal(s->mock.read_again_count, 1);
        return call;
    default: MOCK_SCRIPT(&s->mock, three); break;
    }
    call = neph_bucket_list(s->cloud, NULL);
    stand_turn(s, 3);
    return call;
}

static void extra_free(int stage, neph_call *extra)
{
    if (stage == STAGE_PAUSED)
        free(extra);
    else
        neph_call_free(extra);
}

/* neph_error.sent of a call that ends there. */
static int may_have_arrived(int stage)
{
    switch (stage) {
    case STAGE_NEW:
    case STAGE_READY:
    case STAGE_QUEUED:
    case STAGE_LOGIN:
    case STAGE_BLOCKED:
    case STAGE_DONE: return 0;
    default: return 1;
    }
}

/* neph_error.http_status of it. */
static int reply_begun(int stage)
{
    switch (stage) {
    case STAGE_HEADERS:
    case STAGE_BODY:
    case STAGE_POLLING:
    case STAGE_PAUSED: return 200;
    case STAGE_DELAYED: return 503;
    default: return 0;
    }
}

static void test_engine__cancel_ends_a_call_at_every_stage(void **state)
{
    for (int stage = 0; stage < STAGE_COUNT; stage++) {
        neph_call *call, *extra;
        watcher w = {0};
        stand *s;
        assert_int_equal(stand_setup(state), 0);
        s = *state;
        s->config.max_requests_per_cloud = 1;
        stand_open(s, "mill");
        call = bring_to(s, stage, &extra);
        assert_int_equal(neph_call_is_done(call), stage == STAGE_DONE);
        neph_call_cancel(call);
        neph_call_cancel(call);
        assert_int_equal(neph_call_is_done(call), 1);
        assert_int_equal(neph_call_error(call)->status, stage == STAGE_DONE ? 0 : NEPH_CANCELLED);
        assert_int_equal(neph_call_error(call)->sent, may_have_arrived(stage));
        assert_int_equal(neph_call_error(call)->http_status, reply_begun(stage));
        watch(&w, s, call);
        stand_turn(s, 3);
        assert_int_equal(w.done, 1);
        if (stage == STAGE_QUEUED)
            assert_int_equal(neph_call_is_done(extra), 0);
        assert_int_equal(s->mock.in_flight, stage == STAGE_QUEUED || stage == STAGE_LOGIN);
        assert_int_equal(mill.finished, stage == STAGE_BLOCKED);
        if (stage == STAGE_POLLING) {
            assert_int_equal(neph_call_error(call)->created_count, 1);
            assert_string_equal(neph_call_error(call)->created[0].id, "x");
        }
        neph_call_free(call);
        extra_free(stage, extra);
        assert_int_equal(stand_teardown(state), 0);
    }
}

static void test_engine__free_ends_a_call_at_every_stage(void **state)
{
    for (int stage = 0; stage < STAGE_COUNT; stage++) {
        neph_call *call, *extra;
        stand *s;
        assert_int_equal(stand_setup(state), 0);
        s = *state;
        s->config.max_requests_per_cloud = 1;
        stand_open(s, "mill");
        call = bring_to(s, stage, &extra);
        neph_call_free(call);
        stand_turn(s, 3);
        assert_int_equal(s->mock.in_flight, stage == STAGE_QUEUED || stage == STAGE_LOGIN);
        extra_free(stage, extra);
        assert_int_equal(stand_teardown(state), 0);
    }
}

static void test_engine__closing_the_cloud_ends_its_calls_at_every_stage(void **state)
{
    for (int stage = 0; stage < STAGE_COUNT; stage++) {
        neph_call *call, *extra;
        stand *s;
        assert_int_equal(stand_setup(state), 0);
        s = *state;
        s->config.max_requests_per_cloud = 1;
        stand_open(s, "mill");
        call = bring_to(s, stage, &extra);
        neph_cloud_close(s->cloud);
        s->cloud = NULL;
        assert_int_equal(neph_call_is_done(call), 1);
        stand_turn(s, 3);
        assert_int_equal(neph_wait(call), stage == STAGE_DONE ? 0 : NEPH_CANCELLED);
        assert_int_equal(s->mock.in_flight, 0);
        neph_call_free(call);
        extra_free(stage, extra);
        assert_int_equal(stand_teardown(state), 0);
    }
}

static void test_engine__freeing_the_host_frees_forgotten_calls_at_every_stage(void **state)
{
    for (int stage = 0; stage < STAGE_COUNT; stage++) {
        neph_call *extra;
        stand *s;
        assert_int_equal(stand_setup(state), 0);
        s = *state;
        s->config.max_requests_per_cloud = 1;
        stand_open(s, "mill");
        (void)bring_to(s, stage, &extra);
        neph_host_free(s->host);
        s->host = NULL;
        s->cloud = NULL;
        if (stage == STAGE_PAUSED)
            free(extra);
        assert_int_equal(stand_teardown(state), 0);
    }
}

/* ---- the deadline */

static void test_engine__a_deadline_ends_a_call(void **state)
{
    stand *s = *state;
    neph_call *call;
    int64_t start = nephi_loop_now_ms();
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, silence);
    call = neph_call_new(s->cloud, NEPH_OP_BUCKET_LIST);
    assert_int_equal(neph_call_set_deadline(call, 40), 0);
    assert_int_equal(neph_call_start(call), 0);
    assert_int_equal(neph_call_set_deadline(call, 50), NEPH_INVALID);
    assert_int_equal(stand_run(call), NEPH_TIMEOUT);
    assert_in_range(nephi_loop_now_ms() - start, 35, 3000);
    assert_int_equal(neph_call_error(call)->sent, 1);
    assert_int_equal(neph_call_error(call)->retry, NEPH_RETRY_TRANSIENT);
    assert_int_equal(s->mock.cancel_count, 1);
    neph_call_free(call);
}

static void test_engine__the_longest_time_is_no_end_in_the_past(void **state)
{
    stand *s = *state;
    neph_call *call;
    s->config.deadline_ms = INT64_MAX;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, three);
    call = neph_bucket_list(s->cloud, NULL);
    assert_int_equal(neph_wait_for(call, INT64_MAX), 0);
    neph_call_free(call);
    MOCK_SCRIPT(&s->mock, three);
    call = neph_call_new(s->cloud, NEPH_OP_BUCKET_LIST);
    assert_int_equal(neph_call_set_deadline(call, INT64_MAX), 0);
    assert_int_equal(neph_call_start(call), 0);
    assert_int_equal(neph_wait(call), 0);
    neph_call_free(call);
}

static void test_engine__a_deadline_ends_a_call_that_waits_for_a_place(void **state)
{
    stand *s = *state;
    neph_call *first, *call;
    s->config.max_requests_per_cloud = 1;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, silence);
    first = neph_bucket_list(s->cloud, NULL);
    call = neph_call_new(s->cloud, NEPH_OP_BUCKET_LIST);
    neph_call_set_deadline(call, 20);
    neph_call_start(call);
    assert_int_equal(stand_run(call), NEPH_TIMEOUT);
    assert_int_equal(neph_call_error(call)->sent, 0);
    assert_int_equal(neph_call_is_done(first), 0);
    neph_call_free(call);
    neph_call_free(first);
}

static void test_engine__no_retry_goes_beyond_the_deadline(void **state)
{
    static const mock_reply busy[] = {{.status = 503, .headers = "Retry-After: 60\n"}};
    stand *s = *state;
    neph_call *call;
    int64_t start = nephi_loop_now_ms();
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, busy);
    call = neph_bucket_list(s->cloud, NULL);
    assert_int_equal(stand_run(call), NEPH_UNAVAILABLE);
    assert_true(nephi_loop_now_ms() - start < 2000);
    assert_int_equal(neph_call_error(call)->retry, NEPH_RETRY_TRANSIENT);
    neph_call_free(call);
}

/* ---- a perform */

static void test_engine__a_perform_waits_for_the_program(void **state)
{
    stand *s = *state;
    neph_call *call;
    int count = 0;
    stand_open(s, "mill");
    mill.node_count = 3000;
    call = neph_node_list(s->cloud, NULL);
    stand_turn(s, 20);
    assert_int_equal(mill.performed, 1);
    while (neph_next(call))
        count++;
    assert_int_equal(count, 3000);
    assert_int_equal(neph_wait(call), 0);
    assert_int_equal(mill.finished, 1);
    assert_in_range(mill.performed, 2, 3000 / 250 + 2);
    neph_call_free(call);
}

static void test_engine__a_perform_stops_at_the_limit(void **state)
{
    stand *s = *state;
    neph_call *call;
    stand_open(s, "mill");
    mill.node_count = 3000;
    call = neph_call_new(s->cloud, NEPH_OP_NODE_LIST);
    neph_call_set_integer(call, NEPH_LIST_LIMIT, 600);
    neph_call_start(call);
    assert_int_equal(stand_run(call), 0);
    assert_string_equal(stand_name(neph_call_result(call)), "n600");
    assert_int_equal(mill.finished, 1);
    neph_call_free(call);
}

static void test_engine__an_endless_perform_leaves_room_for_others(void **state)
{
    stand *s = *state;
    neph_call *call, *other;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, three);
    mill.is_endless = 1;
    call = neph_node_show(s->cloud, "n");
    other = neph_bucket_list(s->cloud, NULL);
    assert_int_equal(stand_run(other), 0);
    assert_true(mill.performed > 0);
    neph_call_cancel(call);
    assert_int_equal(mill.finished, 1);
    neph_call_free(call);
    neph_call_free(other);
}

static void test_engine__a_perform_has_its_next_slice_when_it_wants(void **state)
{
    stand *s = *state;
    int64_t start = nephi_loop_now_ms();
    neph_call *call;
    stand_open(s, "mill");
    mill.is_endless = 1;
    mill.slice_delay_ms = 40;
    call = neph_node_show(s->cloud, "n");
    assert_int_equal(neph_wait_for(call, 100), NEPH_AGAIN);
    assert_in_range(mill.performed, 1, (nephi_loop_now_ms() - start) / mill.slice_delay_ms + 1);
    neph_call_free(call);
}

static void test_engine__a_perform_that_is_throttled_begins_anew(void **state)
{
    stand *s = *state;
    stand_open(s, "mill");
    mill.node_count = 2;
    mill.refusals = 1;
    mill.answer = NEPH_THROTTLED;
    assert_string_equal(stand_list(neph_node_list(s->cloud, NULL)), "n1 n2 .0");
    assert_int_equal(mill.performed, 2);
    assert_int_equal(mill.finished, 2);
}

static void test_engine__a_perform_gives_up_in_the_end(void **state)
{
    stand *s = *state;
    neph_call *call;
    s->config.max_attempts = 2;
    stand_open(s, "mill");
    mill.refusals = 100;
    mill.answer = NEPH_THROTTLED;
    call = neph_node_list(s->cloud, NULL);
    assert_int_equal(stand_run(call), NEPH_THROTTLED);
    assert_int_equal(neph_call_error(call)->retry, NEPH_RETRY_PERSISTENT);
    assert_int_equal(mill.performed, 2);
    neph_call_free(call);
    mill.answer = NEPH_UNAVAILABLE; /* nothing says that it may be done twice */
    call = neph_node_list(s->cloud, NULL);
    assert_int_equal(stand_run(call), NEPH_UNAVAILABLE);
    assert_int_equal(mill.performed, 3);
    neph_call_free(call);
}

static void test_engine__what_a_perform_answers_wrongly_is_the_plugins_failure(void **state)
{
    static const int32_t answers[] = {NEPH_BUSY, NEPH_CANCELLED, -1000, NEPH_INTERNAL - 1};
    stand *s = *state;
    stand_open(s, "mill");
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        neph_call *call;
        mill.answer = answers[i];
        mill.finished = 0;
        call = neph_node_show(s->cloud, "n");
        assert_int_equal(stand_run(call), NEPH_PLUGIN);
        assert_int_equal(mill.finished, 1);
        neph_call_free(call);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAND_TEST(test_engine__results_wait_for_the_program_not_in_memory),
        STAND_TEST(test_engine__wait_keeps_the_last_result_alone),
        STAND_TEST(test_engine__wait_reads_a_long_listing_without_stopping),
        STAND_TEST(test_engine__wait_for_gives_up_and_can_be_asked_again),
        STAND_TEST(test_engine__what_is_kept_lives_as_long_as_the_call),
        STAND_TEST(test_engine__callbacks_get_each_result_and_the_end_once),
        STAND_TEST(test_engine__callbacks_bring_what_performs_emit),
        STAND_TEST(test_engine__a_result_callback_may_cancel_its_call),
        STAND_TEST(test_engine__a_result_callback_may_free_its_call),
        STAND_TEST(test_engine__a_call_freed_while_it_is_waited_for_ends_the_wait),
        STAND_TEST(test_engine__a_result_callback_may_free_another_call),
        STAND_TEST(test_engine__a_result_callback_may_start_a_call),
        STAND_TEST(test_engine__the_end_callback_may_free_its_call),
        STAND_TEST(test_engine__a_verb_that_failed_at_once_still_calls_back),
        STAND_TEST(test_engine__a_cancelled_call_brings_no_more_results),
        cmocka_unit_test(test_engine__cancel_ends_a_call_at_every_stage),
        cmocka_unit_test(test_engine__free_ends_a_call_at_every_stage),
        cmocka_unit_test(test_engine__closing_the_cloud_ends_its_calls_at_every_stage),
        cmocka_unit_test(test_engine__freeing_the_host_frees_forgotten_calls_at_every_stage),
        STAND_TEST(test_engine__a_deadline_ends_a_call),
        STAND_TEST(test_engine__the_longest_time_is_no_end_in_the_past),
        STAND_TEST(test_engine__a_deadline_ends_a_call_that_waits_for_a_place),
        STAND_TEST(test_engine__no_retry_goes_beyond_the_deadline),
        STAND_TEST(test_engine__a_perform_waits_for_the_program),
        STAND_TEST(test_engine__a_perform_stops_at_the_limit),
        STAND_TEST(test_engine__an_endless_perform_leaves_room_for_others),
        STAND_TEST(test_engine__a_perform_has_its_next_slice_when_it_wants),
        STAND_TEST(test_engine__a_perform_that_is_throttled_begins_anew),
        STAND_TEST(test_engine__a_perform_gives_up_in_the_end),
        STAND_TEST(test_engine__what_a_perform_answers_wrongly_is_the_plugins_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
