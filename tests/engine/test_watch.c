/*
 * Operations that are done when a state is reached.
 */
#include "tests/engine/stand.h"

#include "core/host.h"
#include "core/loop.h"

#define NODE(state) "{\"id\":\"i-1\",\"name\":\"web\",\"state\":\"" state "\"}"
#define VOLUME(rest) "{\"volumes\":[{\"id\":\"vol-9\"},{\"id\":\"vol-1\"," rest "}]}"

static neph_call *create(stand *s, const char *name, int64_t seconds)
{
    neph_wait_options wait = NEPH_WAIT_OPTIONS_INIT;
    neph_node_options options = NEPH_NODE_OPTIONS_INIT;
    wait.wait = 1;
    wait.wait_seconds = seconds;
    options.name = name;
    options.image_id = options.size_id = "x";
    options.wait = &wait;
    return neph_node_create(s->cloud, &options);
}

static void test_watch__a_create_is_done_when_the_node_runs(void **state)
{
    static const mock_reply replies[] = {
        {.body = "{\"id\":\"i-1\",\"state\":\"pending\",\"password\":\"told once\"}"},
        {.match = "/nodes/i-1", .body = NODE("pending")},
        {.match = "/nodes/i-1", .body = NODE("running")}};
    const neph_node *node;
    neph_call *call;
    stand *s = *state;
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, replies);
    call = create(s, "web", 0);
    node = neph_next_node(call);
    assert_non_null(node);
    assert_int_equal(node->state, NEPH_NODE_RUNNING);
    assert_string_equal(node->name, "web");
    assert_string_equal(node->password, "told once");
    assert_null(neph_next(call));
    assert_int_equal(neph_wait(call), 0);
    assert_int_equal(s->mock.request_count, 3);
    assert_int_equal(neph_call_error(call)->created_count, 0);
    neph_call_free(call);
}

static void count_result(neph_call *call, const neph_result *result, void *user)
{
    int *counts = user;
    (void)call;
    assert_int_equal(((const neph_node *)(const void *)result)->state, NEPH_NODE_RUNNING);
    counts[0]++;
}

static void count_done(neph_call *call, int status, void *user)
{
    int *counts = user;
    assert_int_equal(status, 0);
    assert_int_equal(counts[0], 1);
    counts[1]++;
    neph_call_free(call);
}

static void test_watch__callbacks_see_one_result_and_one_end(void **state)
{
    static const mock_reply replies[] = {{.body = NODE("pending")},
                                         {.match = "/nodes/i-1", .body = NODE("running")}};
    int counts[2] = {0, 0};
    neph_call *call;
    stand *s = *state;
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, replies);
    call = create(s, "web", 0);
    neph_on_result(call, count_result, counts);
    neph_on_done(call, count_done, counts);
    while (!counts[1])
        assert_int_equal(neph_host_dispatch(s->host, 1000), 0);
    stand_turn(s, 3);
    assert_int_equal(counts[1], 1);
}

static void test_watch__one_wait_brings_the_result(void **state)
{
    static const mock_reply replies[] = {{.body = NODE("running")}};
    neph_call *call;
    stand *s = *state;
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, replies);
    call = create(s, "web", 0);
    assert_int_equal(stand_run(call), 0);
    assert_int_equal(s->mock.request_count, 1); /* it runs already */
    assert_string_equal(stand_name(neph_call_result(call)), "i-1");
    neph_call_free(call);
}

static void test_watch__without_wait_a_create_is_done_when_it_is_accepted(void **state)
{
    static const mock_reply replies[] = {{.body = NODE("pending")}};
    neph_node_options options = NEPH_NODE_OPTIONS_INIT;
    stand *s = *state;
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, replies);
    options.name = options.image_id = options.size_id = "x";
    assert_string_equal(stand_list(neph_node_create(s->cloud, &options)), "i-1 .0");
    assert_int_equal(s->mock.request_count, 1);
}

static void test_watch__a_failed_state_fails_and_names_what_there_is(void **state)
{
    static const struct {
        const char *state, *message;
        int status;
    } rows[] = {
        {NODE("failed"), "node i-1 is failed, not running", NEPH_UNAVAILABLE},
        {NODE("terminated"), "node i-1 is terminated, not running", NEPH_CONFLICT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        mock_reply replies[] = {{.body = NODE("pending")}, {.body = rows[i].state}};
        const neph_error *error;
        neph_call *call;
        stand *s;
        assert_int_equal(stand_setup(state), 0);
        s = *state;
        stand_open(s, "fleet");
        MOCK_SCRIPT(&s->mock, replies);
        call = create(s, "web", 0);
        assert_int_equal(stand_run(call), rows[i].status);
        error = neph_call_error(call);
        assert_string_equal(error->message, rows[i].message);
        assert_int_equal(error->sent, 1);
        assert_int_equal(error->created_count, 1);
        assert_string_equal(error->created[0].id, "i-1");
        assert_int_equal(error->created[0].kind, NEPH_KIND_NODE);
        neph_call_free(call);
        assert_int_equal(stand_teardown(state), 0);
    }
}

static void test_watch__time_out_names_the_state_seen_last(void **state)
{
    static const mock_reply replies[] = {{.body = NODE("pending")},
                                         {.body = NODE("stopping"), .stays = 1}};
    const neph_error *error;
    neph_call *call;
    stand *s = *state;
    int64_t start = nephi_loop_now_ms();
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, replies);
    call = create(s, "web", 1);
    /* what was made is told all the same: its password may stand nowhere else */
    assert_string_equal(stand_name(neph_next(call)), "i-1");
    assert_null(neph_next(call));
    assert_int_equal(stand_run(call), NEPH_TIMEOUT);
    assert_in_range(nephi_loop_now_ms() - start, 990, 3000);
    error = neph_call_error(call);
    assert_string_equal(error->message, "node i-1 is stopping after 1 s, not running");
    assert_int_equal(error->retry, NEPH_RETRY_TRANSIENT);
    assert_int_equal(error->created_count, 1);
    neph_call_free(call);
}

static void test_watch__a_look_that_hangs_does_not_outlive_the_wait(void **state)
{
    static const mock_reply replies[] = {{.body = NODE("pending")}, {.fail = MOCK_SILENT}};
    neph_call *call;
    stand *s = *state;
    int64_t start = nephi_loop_now_ms();
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, replies);
    call = create(s, "web", 1);
    assert_int_equal(stand_run(call), NEPH_TIMEOUT);
    assert_in_range(nephi_loop_now_ms() - start, 990, 3000);
    assert_int_equal(s->mock.requests[1].is_cancelled, 1);
    assert_string_equal(neph_call_error(call)->message,
                        "node i-1 is pending after 1 s, not running");
    neph_call_free(call);
}

static void test_watch__the_deadline_of_the_call_ends_the_wait_too(void **state)
{
    static const mock_reply replies[] = {{.body = NODE("pending")},
                                         {.body = NODE("pending"), .stays = 1}};
    neph_call *call;
    stand *s = *state;
    s->config.deadline_ms = 300;
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, replies);
    call = create(s, "web", 0);
    assert_int_equal(stand_run(call), NEPH_TIMEOUT);
    assert_string_equal(neph_call_error(call)->message,
                        "node i-1 is pending after 0 s, not running");
    assert_string_equal(neph_call_error(call)->created[0].id, "i-1");
    neph_call_free(call);
}

/* While a look is under way, while it sleeps between two, and freed in both. */
static void test_watch__it_can_be_cancelled_and_freed_at_any_moment(void **state)
{
    static const mock_reply hanging[] = {{.body = NODE("pending")}, {.fail = MOCK_SILENT}};
    static const mock_reply sleeping[] = {{.body = NODE("pending")}};
    for (int i = 0; i < 4; i++) {
        neph_call *call;
        stand *s;
        assert_int_equal(stand_setup(state), 0);
        s = *state;
        stand_open(s, "fleet");
        if (i & 1)
            s->host->pace_ms = 100000;
        mock_script(&s->mock, i & 1 ? sleeping : hanging, i & 1 ? 1 : 2);
        call = create(s, "web", 0);
        stand_until_sent(s, i & 1 ? 1 : 2);
        stand_turn(s, 5);
        assert_int_equal(neph_call_is_done(call), 0);
        if (i & 2) {
            neph_call_cancel(call);
            assert_int_equal(neph_wait(call), NEPH_CANCELLED);
            assert_string_equal(neph_call_error(call)->created[0].id, "i-1");
            assert_null(neph_next(call));
        }
        neph_call_free(call);
        stand_turn(s, 3);
        assert_int_equal(s->mock.in_flight, 0);
        assert_int_equal(stand_teardown(state), 0);
    }
}

static void test_watch__closing_the_cloud_ends_it(void **state)
{
    static const mock_reply replies[] = {{.body = NODE("pending")}, {.fail = MOCK_SILENT}};
    neph_call *call;
    stand *s = *state;
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, replies);
    call = create(s, "web", 0);
    stand_until_sent(s, 2);
    neph_cloud_close(s->cloud);
    s->cloud = NULL;
    assert_int_equal(neph_wait(call), NEPH_CANCELLED);
    stand_turn(s, 3);
    neph_call_free(call);
}

static void test_watch__not_found_right_after_a_create_is_not_yet(void **state)
{
    static const mock_reply replies[] = {
        {.body = NODE("pending")}, {.status = 404}, {.status = 404}, {.body = NODE("running")}};
    stand *s = *state;
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(create(s, "web", 0)), "i-1 .0");
    assert_int_equal(s->mock.request_count, 4);
}

static void test_watch__not_found_later_is_an_error(void **state)
{
    static const mock_reply replies[] = {{.body = NODE("pending")}, {.status = 404, .stays = 1}};
    neph_call *call;
    stand *s = *state;
    stand_open(s, "fleet");
    s->host->settle_ms = 50;
    MOCK_SCRIPT(&s->mock, replies);
    call = create(s, "web", 0);
    assert_int_equal(stand_run(call), NEPH_NOT_FOUND);
    assert_string_equal(neph_call_error(call)->message,
                        "node i-1 is not there any more, and was to be running");
    neph_call_free(call);
}

static void test_watch__a_look_that_fails_fails_the_call(void **state)
{
    static const mock_reply replies[] = {
        {.body = NODE("pending")}, {.status = 403, .body = "{\"message\":\"you may not look\"}"}};
    neph_call *call;
    stand *s = *state;
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, replies);
    call = create(s, "web", 0);
    assert_int_equal(stand_run(call), NEPH_PERMISSION);
    assert_string_equal(neph_call_error(call)->message,
                        "cannot see whether node i-1 is running: you may not look");
    assert_int_equal(neph_call_error(call)->http_status, 403);
    neph_call_free(call);
}

static void test_watch__a_look_that_may_do_better_later_is_repeated(void **state)
{
    static const mock_reply replies[] = {{.body = NODE("pending")},
                                         {.status = 503},
                                         {.fail = MOCK_FAIL_UNSENT},
                                         {.body = NODE("running")}};
    static const mock_reply broken[] = {{.body = NODE("pending")}, {.status = 503, .stays = 1}};
    neph_call *call;
    stand *s = *state;
    s->config.max_attempts = 1;
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(create(s, "web", 0)), "i-1 .0");
    MOCK_SCRIPT(&s->mock, broken);
    call = create(s, "web", 1);
    assert_int_equal(stand_run(call), NEPH_TIMEOUT);
    assert_string_equal(
        neph_call_error(call)->message,
        "node i-1 is pending after 1 s, not running; it could not be looked at "
        "last: fleet.test:8080 answered HTTP 503 (service unavailable) to node.show");
    neph_call_free(call);
}

/* One row for each operation: what it sees, one after the other, and how it ends. */
static void test_watch__each_operation_waits_for_its_state(void **state)
{
    static const struct {
        uint32_t op;
        const char *looks[3];
        int requests, status;
    } rows[] = {
        {NEPH_OP_NODE_START, {NODE("stopped"), NODE("running")}, 3, 0},
        {NEPH_OP_NODE_REBOOT, {NODE("running")}, 2, 0},
        {NEPH_OP_NODE_STOP, {NODE("running"), NODE("stopping"), NODE("stopped")}, 4, 0},
        {NEPH_OP_NODE_STOP, {NODE("terminated")}, 2, NEPH_CONFLICT},
        {NEPH_OP_NODE_DESTROY, {NODE("failed"), NODE("terminated")}, 3, 0},
        {NEPH_OP_NODE_DESTROY, {NODE("running"), NULL}, 3, 0},
        {NEPH_OP_VOLUME_ATTACH,
         {VOLUME("\"state\":\"available\""), VOLUME("\"state\":\"in-use\"")},
         3,
         0},
        {NEPH_OP_VOLUME_ATTACH,
         {VOLUME("\"state\":\"in-use\",\"attachment\":\"attaching\""),
          VOLUME("\"state\":\"in-use\",\"attachment\":\"attached\"")},
         3,
         0},
        {NEPH_OP_VOLUME_DETACH,
         {VOLUME("\"state\":\"in-use\",\"attachment\":\"busy\""),
          VOLUME("\"state\":\"available\"")},
         3,
         0},
        {NEPH_OP_VOLUME_DETACH, {VOLUME("\"state\":\"failed\"")}, 2, NEPH_UNAVAILABLE},
        {NEPH_OP_VOLUME_DELETE,
         {VOLUME("\"state\":\"available\""), "{\"volumes\":[{\"id\":\"vol-9\"}]}"},
         3,
         0},
        {NEPH_OP_VOLUME_DELETE, {VOLUME("\"state\":\"deleted\"")}, 2, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        mock_reply replies[4] = {{0}};
        int is_node = rows[i].op < NEPH_OP_VOLUME_LIST, rc;
        neph_call *call;
        stand *s;
        for (int j = 0; j < 3; j++)
            replies[j + 1] = rows[i].looks[j] ? (mock_reply){.body = rows[i].looks[j]}
                                              : (mock_reply){.status = 404};
        assert_int_equal(stand_setup(state), 0);
        s = *state;
        s->config.max_requests_per_cloud = 1;
        stand_open(s, "fleet");
        MOCK_SCRIPT(&s->mock, replies);
        call = neph_call_new(s->cloud, rows[i].op);
        neph_call_set_string(call, is_node ? NEPH_NODE_ID : NEPH_VOLUME_ID,
                             is_node ? "i-1" : "vol-1");
        if (rows[i].op == NEPH_OP_VOLUME_ATTACH)
            neph_call_set_string(call, NEPH_VOLUME_NODE, "i-1");
        if (rows[i].op != NEPH_OP_VOLUME_DETACH) /* which always waits */
            neph_call_set_integer(call, NEPH_WAIT, 1);
        assert_int_equal(neph_call_start(call), 0);
        rc = stand_run(call);
        if (rc != rows[i].status || (int)s->mock.request_count != rows[i].requests)
            fail_msg("row %zu: %d (%s) after %zu requests", i, rc, neph_call_error(call)->message,
                     s->mock.request_count);
        assert_null(neph_next(call));
        neph_call_free(call);
        assert_int_equal(stand_teardown(state), 0);
    }
}

static void test_watch__a_volume_that_is_busy_is_named_so(void **state)
{
    static const mock_reply replies[] = {
        {0}, {.body = VOLUME("\"state\":\"in-use\",\"attachment\":\"attaching\""), .stays = 1}};
    neph_wait_options wait = NEPH_WAIT_OPTIONS_INIT;
    neph_call *call;
    stand *s = *state;
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, replies);
    wait.wait = wait.wait_seconds = 1;
    call = neph_volume_attach(s->cloud, "vol-1", "i-1", NULL, &wait);
    assert_int_equal(stand_run(call), NEPH_TIMEOUT);
    assert_string_equal(neph_call_error(call)->message,
                        "volume vol-1 is attaching after 1 s, not attached");
    assert_int_equal(neph_call_error(call)->created_count, 0);
    neph_call_free(call);
}

static void test_watch__what_nothing_shows_cannot_be_waited_for(void **state)
{
    neph_call *call;
    stand *s = *state;
    stand_open(s, "bare");
    call = create(s, "web", 0);
    assert_int_equal(stand_run(call), NEPH_UNSUPPORTED);
    assert_string_equal(neph_call_error(call)->message,
                        "node.create of provider bare does not take wait");
    neph_call_free(call);
    call = neph_volume_detach(s->cloud, "vol-1", 0, NULL);
    assert_int_equal(stand_run(call), NEPH_UNSUPPORTED);
    assert_string_equal(neph_call_error(call)->message,
                        "volume.detach of provider bare cannot wait: nothing shows when the volume "
                        "is available");
    neph_call_free(call);
    assert_int_equal(s->mock.request_count, 0);
}

static void test_watch__a_time_that_is_none_is_invalid(void **state)
{
    static const int64_t seconds[] = {-1, INT64_MAX};
    stand *s = *state;
    stand_open(s, "fleet");
    for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++) {
        neph_call *call = neph_call_new(s->cloud, NEPH_OP_NODE_START);
        neph_call_set_string(call, NEPH_NODE_ID, "i-1");
        neph_call_set_integer(call, NEPH_WAIT, 1);
        neph_call_set_integer(call, NEPH_WAIT_SECONDS, seconds[i]);
        assert_int_equal(neph_call_start(call), NEPH_INVALID);
        neph_call_free(call);
    }
}

static void test_watch__providers_without_a_server_are_waited_for_too(void **state)
{
    neph_wait_options wait = NEPH_WAIT_OPTIONS_INIT;
    neph_label_options options = NEPH_LABEL_OPTIONS_INIT;
    const neph_snapshot *snapshot;
    neph_call *call;
    stand *s = *state;
    stand_open(s, "fleet");
    fleet.missing_looks = 1;
    fleet.pending_looks = 2;
    wait.wait = 1;
    options.wait = &wait;
    call = neph_snapshot_create(s->cloud, "vol-1", "s", &options);
    assert_int_equal(stand_run(call), 0);
    snapshot = (const neph_snapshot *)(const void *)neph_call_result(call);
    assert_int_equal(snapshot->state, NEPH_SNAPSHOT_COMPLETED);
    assert_int_equal(fleet.shown, 4);
    assert_int_equal(fleet.finished, 5);
    neph_call_free(call);
}

/* With one place for all, those who wait and those who look take turns. */
static void test_watch__many_wait_with_one_place(void **state)
{
    static const mock_reply replies[] = {
        {.match = "/nodes/i-1", .body = NODE("pending")},
        {.match = "/nodes/i-1", .body = NODE("pending")},
        {.match = "/nodes/i-1", .body = NODE("pending")},
        {.match = "/nodes/i-1", .body = NODE("running"), .stays = 1},
        {.body = NODE("pending"), .stays = 1}};
    neph_call *calls[8];
    stand *s = *state;
    s->config.max_requests_per_cloud = 1;
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, replies);
    s->mock.is_slow = 1;
    for (int i = 0; i < 8; i++)
        calls[i] = create(s, "web", 0);
    for (int i = 0; i < 8; i++)
        assert_int_equal(stand_run(calls[i]), 0);
    assert_int_equal(s->mock.in_flight_max, 1);
    for (int i = 0; i < 8; i++)
        neph_call_free(calls[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAND_TEST(test_watch__a_create_is_done_when_the_node_runs),
        STAND_TEST(test_watch__callbacks_see_one_result_and_one_end),
        STAND_TEST(test_watch__one_wait_brings_the_result),
        STAND_TEST(test_watch__without_wait_a_create_is_done_when_it_is_accepted),
        cmocka_unit_test(test_watch__a_failed_state_fails_and_names_what_there_is),
        STAND_TEST(test_watch__time_out_names_the_state_seen_last),
        STAND_TEST(test_watch__a_look_that_hangs_does_not_outlive_the_wait),
        STAND_TEST(test_watch__the_deadline_of_the_call_ends_the_wait_too),
        cmocka_unit_test(test_watch__it_can_be_cancelled_and_freed_at_any_moment),
        STAND_TEST(test_watch__closing_the_cloud_ends_it),
        STAND_TEST(test_watch__not_found_right_after_a_create_is_not_yet),
        STAND_TEST(test_watch__not_found_later_is_an_error),
        STAND_TEST(test_watch__a_look_that_fails_fails_the_call),
        STAND_TEST(test_watch__a_look_that_may_do_better_later_is_repeated),
        cmocka_unit_test(test_watch__each_operation_waits_for_its_state),
        STAND_TEST(test_watch__a_volume_that_is_busy_is_named_so),
        STAND_TEST(test_watch__what_nothing_shows_cannot_be_waited_for),
        STAND_TEST(test_watch__a_time_that_is_none_is_invalid),
        STAND_TEST(test_watch__providers_without_a_server_are_waited_for_too),
        STAND_TEST(test_watch__many_wait_with_one_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
