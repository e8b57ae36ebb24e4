/*
 * Creating operations whose reply was lost, what was created when a later step failed, and what is not known everywhere yet.
 */
#include "tests/engine/stand.h"

#include "core/host.h"

#define TOKEN "0123456789abcdef"
#define TAGGED                                                                                             \
    "{\"nodes\":[{\"id\":\"i-7\",\"name\":\"web\",\"state\":\"pending\",\"tags\":{\"neph-token\":\"" TOKEN \
    "\"}}]}"
#define OTHERS                                                                                     \
    "{\"nodes\":[{\"id\":\"i-8\",\"name\":\"web\",\"tags\":{\"neph-token\":\"another\"}},{\"id\":\"i-9\"}]}"

static neph_call *node_create(stand *s, const char *token)
{
    neph_node_options options = NEPH_NODE_OPTIONS_INIT;
    options.name = "web";
    options.image_id = options.size_id = "x";
    options.token = token;
    return neph_node_create(s->cloud, &options);
}

/* The token in a form. */
static const char *token_of(const mock_request *request)
{
    const char *at = request->body ? strstr(request->body, "token=") : NULL;
    assert_non_null(at);
    return at + 6;
}

static int is_method(const stand *s, size_t index, const char *method)
{
    return strcmp(s->mock.requests[index].method, method) == 0;
}

/* ---- a cloud that knows tokens */

static void test_reconcile__a_cloud_that_knows_the_token_is_asked_again(void **state)
{
    static const mock_reply replies[] = {
        {.fail = MOCK_FAIL_SENT}, {.status = 500}, {.body = "{\"id\":\"vol-1\"}"}};
    neph_volume_options options = NEPH_VOLUME_OPTIONS_INIT;
    stand *s = *state;
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, replies);
    options.name = "data";
    assert_string_equal(stand_list(neph_volume_create(s->cloud, &options)), "vol-1 .0");
    assert_int_equal(s->mock.request_count, 3);
    assert_int_equal(strlen(token_of(&s->mock.requests[0])), 32);
    assert_string_equal(token_of(&s->mock.requests[0]), token_of(&s->mock.requests[1]));
    assert_string_equal(token_of(&s->mock.requests[0]), token_of(&s->mock.requests[2]));
}

static void test_reconcile__two_creates_have_two_tokens_or_the_programs(void **state)
{
    static const mock_reply replies[] = {{.body = "{\"id\":\"vol-1\"}", .stays = 1}};
    neph_volume_options options = NEPH_VOLUME_OPTIONS_INIT;
    stand *s = *state;
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, replies);
    options.name = "data";
    for (int i = 0; i < 4; i++) {
        options.token = i < 2 ? NULL : TOKEN;
        assert_string_equal(stand_list(neph_volume_create(s->cloud, &options)), "vol-1 .0");
    }
    assert_string_not_equal(token_of(&s->mock.requests[0]), token_of(&s->mock.requests[1]));
    assert_string_equal(token_of(&s->mock.requests[2]), TOKEN);
    assert_string_equal(token_of(&s->mock.requests[3]), TOKEN);
}

static void test_reconcile__all_replies_lost_says_what_may_exist(void **state)
{
    static const mock_reply replies[] = {{.fail = MOCK_FAIL_SENT, .stays = 1}};
    neph_volume_options options = NEPH_VOLUME_OPTIONS_INIT;
    neph_call *call;
    stand *s = *state;
    s->config.max_attempts = 2;
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, replies);
    options.name = "data";
    call = neph_volume_create(s->cloud, &options);
    assert_int_equal(stand_run(call), NEPH_NETWORK);
    assert_int_equal(s->mock.request_count, 2);
    assert_string_equal(neph_call_error(call)->message,
                        "volume \"data\" may exist since 2026-01-01T00:00:00Z: list the volumes "
                        "before you create it again (reply lost: the mock broke the connection)");
    neph_call_free(call);
}

/* A cloud that makes nothing twice has said no to all of it. */
static void test_reconcile__a_clear_answer_of_such_a_cloud_stands(void **state)
{
    static const mock_reply replies[] = {
        {.fail = MOCK_FAIL_SENT},
        {.status = 400, .body = "{\"code\":\"NoRoom\",\"message\":\"no room\"}"}};
    neph_volume_options options = NEPH_VOLUME_OPTIONS_INIT;
    neph_call *call;
    stand *s = *state;
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, replies);
    options.name = "data";
    call = neph_volume_create(s->cloud, &options);
    assert_int_equal(stand_run(call), NEPH_QUOTA);
    assert_string_equal(neph_call_error(call)->message, "no room");
    neph_call_free(call);
}

/* ---- found by its tag */

/* The list's reply holds the token of the call, which is known once it was asked. */
static void test_reconcile__what_bears_the_token_is_the_result(void **state)
{
    char body[256];
    mock_reply replies[] = {{.fail = MOCK_FAIL_SENT}, {.body = body}};
    neph_call *call;
    stand *s = *state;
    s->config.max_requests_per_cloud = 1;
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, replies);
    s->host->pace_ms = 50;
    call = node_create(s, NULL);
    stand_until_sent(s, 1);
    stand_turn(s, 1);
    snprintf(
        body, sizeof body,
        "{\"nodes\":[{\"id\":\"i-6\",\"name\":\"web\"},{\"id\":\"i-7\",\"tags\":{\"neph-token\":\"%s\"}}]}",
        token_of(&s->mock.requests[0]));
    assert_string_equal(stand_list(call), "i-7 .0");
    assert_int_equal(s->mock.request_count, 2);
    assert_true(is_method(s, 1, "GET"));
}

static void test_reconcile__what_is_not_found_is_created_again_with_the_same_token(void **state)
{
    static const mock_reply replies[] = {{.status = 502},
                                         {.body = OTHERS},
                                         {.fail = MOCK_FAIL_SENT},
                                         {.body = OTHERS},
                                         {.body = "{\"id\":\"i-1\"}"}};
    stand *s = *state;
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(node_create(s, NULL)), "i-1 .0");
    assert_int_equal(s->mock.request_count, 5);
    assert_true(is_method(s, 1, "GET") && is_method(s, 2, "POST") && is_method(s, 3, "GET"));
    assert_string_equal(token_of(&s->mock.requests[0]), token_of(&s->mock.requests[2]));
    assert_string_equal(token_of(&s->mock.requests[0]), token_of(&s->mock.requests[4]));
}

static void test_reconcile__creating_again_is_bounded(void **state)
{
    static const mock_reply replies[] = {
        {.fail = MOCK_FAIL_SENT}, {.body = OTHERS}, {.fail = MOCK_FAIL_SENT}, {.body = OTHERS}};
    neph_call *call;
    stand *s = *state;
    s->config.max_attempts = 2;
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, replies);
    call = node_create(s, NULL);
    assert_int_equal(stand_run(call), NEPH_NETWORK);
    assert_int_equal(s->mock.request_count, 4);
    assert_string_equal(neph_call_error(call)->message,
                        "node \"web\" may exist since 2026-01-01T00:00:00Z: list the nodes before "
                        "you create it again (reply lost: the mock broke the connection)");
    neph_call_free(call);
}

static void test_reconcile__the_list_is_retried_itself(void **state)
{
    static const mock_reply replies[] = {
        {.fail = MOCK_FAIL_SENT}, {.status = 503}, {.body = OTHERS}, {.body = "{\"id\":\"i-1\"}"}};
    stand *s = *state;
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(node_create(s, NULL)), "i-1 .0");
    assert_int_equal(s->mock.request_count, 4);
}

static void test_reconcile__a_list_that_fails_leaves_the_loss(void **state)
{
    static const mock_reply replies[] = {{.fail = MOCK_FAIL_SENT}, {.status = 403}};
    neph_call *call;
    stand *s = *state;
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, replies);
    call = node_create(s, NULL);
    assert_int_equal(stand_run(call), NEPH_NETWORK);
    assert_int_equal(s->mock.request_count, 2);
    assert_non_null(strstr(neph_call_error(call)->message, "node \"web\" may exist since"));
    neph_call_free(call);
}

static void test_reconcile__what_was_refused_is_not_looked_for(void **state)
{
    static const mock_reply replies[] = {
        {.status = 429},
        {.fail = MOCK_FAIL_UNSENT},
        {.status = 400, .body = "{\"code\":\"NoRoom\",\"message\":\"no room\"}"}};
    neph_call *call;
    stand *s = *state;
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, replies);
    call = node_create(s, NULL);
    assert_int_equal(stand_run(call), NEPH_QUOTA);
    assert_int_equal(s->mock.request_count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_true(is_method(s, i, "POST"));
    assert_string_equal(neph_call_error(call)->message, "no room");
    neph_call_free(call);
}

/* The first one may be what used up the room. */
static void test_reconcile__a_refusal_behind_a_loss_tells_of_both(void **state)
{
    static const mock_reply replies[] = {
        {.fail = MOCK_FAIL_SENT},
        {.body = OTHERS},
        {.status = 400, .body = "{\"code\":\"NoRoom\",\"message\":\"no room\"}"}};
    neph_call *call;
    stand *s = *state;
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, replies);
    call = node_create(s, NULL);
    assert_int_equal(stand_run(call), NEPH_QUOTA);
    assert_string_equal(neph_call_error(call)->message,
                        "node \"web\" may exist since 2026-01-01T00:00:00Z: list the nodes before "
                        "you create it again (no room)");
    neph_call_free(call);
}

static void test_reconcile__a_reply_that_broke_is_lost_too(void **state)
{
    static const mock_reply replies[] = {
        {.body = "{\"id\":", .fail_after = 0}, {.body = OTHERS}, {.body = "{\"id\":\"i-1\"}"}};
    stand *s = *state;
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(node_create(s, NULL)), "i-1 .0");
    assert_int_equal(s->mock.request_count, 3);
}

static void test_reconcile__what_is_found_is_waited_for(void **state)
{
    static const mock_reply replies[] = {
        {.body = OTHERS},
        {.fail = MOCK_FAIL_SENT},
        {.body = TAGGED},
        {.match = "/nodes/i-7", .body = "{\"id\":\"i-7\",\"state\":\"running\"}"}};
    neph_wait_options wait = NEPH_WAIT_OPTIONS_INIT;
    neph_node_options options = NEPH_NODE_OPTIONS_INIT;
    neph_call *call;
    stand *s = *state;
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, replies);
    wait.wait = 1;
    options.name = options.image_id = options.size_id = "web";
    options.token = TOKEN;
    options.wait = &wait;
    call = neph_node_create(s->cloud, &options);
    assert_int_equal(neph_next_node(call)->state, NEPH_NODE_RUNNING);
    assert_int_equal(stand_run(call), 0);
    assert_int_equal(s->mock.request_count, 4);
    neph_call_free(call);
}

/* The cloud knows no tokens: the host looks whether this one has made something already. */
static void test_reconcile__the_same_token_of_the_program_makes_nothing_twice(void **state)
{
    static const mock_reply replies[] = {
        {.body = OTHERS}, {.body = "{\"id\":\"i-7\"}"}, {.body = TAGGED}};
    stand *s = *state;
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(node_create(s, TOKEN)), "i-7 .0");
    assert_true(is_method(s, 0, "GET") && is_method(s, 1, "POST"));
    assert_string_equal(token_of(&s->mock.requests[1]), TOKEN);
    assert_string_equal(stand_list(node_create(s, TOKEN)), "i-7 .0");
    assert_true(is_method(s, 2, "GET"));
    assert_int_equal(s->mock.request_count, 3);
}

/* To a filter a star is any value. */
static void test_reconcile__a_token_is_no_pattern(void **state)
{
    static const mock_reply replies[] = {{.body = OTHERS}, {.body = "{\"id\":\"i-1\"}"}};
    stand *s = *state;
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(node_create(s, "*")), "i-1 .0");
    assert_string_equal(stand_list(node_create(s, "")), ".-1");
    assert_int_equal(s->mock.request_count, 2);
}

/* ---- found by its name */

static void test_reconcile__what_has_the_name_is_the_result(void **state)
{
    static const mock_reply replies[] = {
        {.fail = MOCK_FAIL_SENT},
        {.body = "{\"keys\":[{\"name\":\"k*\"},{\"name\":\"kk\"},{\"name\":\"k?\"}]}"}};
    stand *s = *state;
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(neph_key_create(s->cloud, "k?")), "k? .0");
    assert_int_equal(s->mock.request_count, 2);
}

static void test_reconcile__a_name_that_is_taken_since_is_looked_at_again(void **state)
{
    static const mock_reply replies[] = {
        {.fail = MOCK_FAIL_SENT},
        {.body = "{\"keys\":[]}"},
        {.status = 409, .body = "{\"code\":\"Taken\",\"message\":\"taken\"}"},
        {.body = "{\"keys\":[{\"name\":\"k\",\"fingerprint\":\"f\"}]}"}};
    stand *s = *state;
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(neph_key_create(s->cloud, "k")), "k .0");
    assert_int_equal(s->mock.request_count, 4);
}

static void test_reconcile__a_name_that_is_anothers_exists(void **state)
{
    static const mock_reply replies[] = {
        {.fail = MOCK_FAIL_SENT},
        {.body = "{\"keys\":[]}"},
        {.status = 409, .body = "{\"code\":\"Taken\",\"message\":\"taken\"}"},
        {.body = "{\"keys\":[]}"}};
    stand *s = *state;
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(neph_key_create(s->cloud, "k")), ".-5");
    assert_int_equal(s->mock.request_count, 4);
}

static void test_reconcile__a_name_that_was_taken_before_exists(void **state)
{
    static const mock_reply taken[] = {
        {.status = 409, .body = "{\"code\":\"Taken\",\"message\":\"taken\"}"}};
    static const mock_reply lost[] = {
        {.fail = MOCK_FAIL_SENT},
        {.body =
             "{\"images\":[{\"id\":\"ami-1\",\"name\":\"gold\",\"created\":\"2025-12-31T00:00:00Z\"}]}"}};
    neph_call *call;
    stand *s = *state;
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, taken);
    assert_string_equal(stand_list(neph_key_create(s->cloud, "k")), ".-5");
    MOCK_SCRIPT(&s->mock, lost);
    call = neph_image_create(s->cloud, "i-1", "gold", NULL);
    assert_int_equal(stand_run(call), NEPH_EXISTS);
    assert_string_equal(neph_call_error(call)->message,
                        "image \"gold\" exists already, and was made before this call");
    neph_call_free(call);
}

/* ---- nothing tells */

static void test_reconcile__where_nothing_tells_the_error_says_what_may_exist(void **state)
{
    static const struct {
        mock_reply reply;
        int status;
        const char *message;
    } rows[] = {
        {{.fail = MOCK_FAIL_SENT}, NEPH_NETWORK, "reply lost: the mock broke the connection)"},
        {{.fail = MOCK_FAIL_HEADERS}, NEPH_NETWORK, "reply lost: the mock broke the connection)"},
        {{.fail = MOCK_FAIL_SENT, .failure = NEPH_TIMEOUT}, NEPH_TIMEOUT, "reply lost: "},
        {{.status = 500},
         NEPH_UNAVAILABLE,
         "no clear answer: fleet.test:8080 answered HTTP 500 (service unavailable) to address.allocate)"},
        {{.body = "<html>"}, NEPH_PROTOCOL, "no clear answer: "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        mock_reply replies[] = {rows[i].reply};
        const char *message;
        neph_call *call;
        stand *s;
        assert_int_equal(stand_setup(state), 0);
        s = *state;
        stand_open(s, "fleet");
        MOCK_SCRIPT(&s->mock, replies);
        call = neph_address_allocate(s->cloud, NULL, NULL);
        assert_int_equal(stand_run(call), rows[i].status);
        message = neph_call_error(call)->message;
        if (!strstr(message, rows[i].message) ||
            strncmp(message, "an address may exist since 2026-01-01T00:00:00Z: list the addresses ",
                    68) != 0)
            fail_msg("row %zu: %s", i, message);
        assert_int_equal(s->mock.request_count, 1);
        neph_call_free(call);
        assert_int_equal(stand_teardown(state), 0);
    }
}

static void test_reconcile__a_create_that_is_cut_off_says_so_too(void **state)
{
    static const mock_reply replies[] = {{.fail = MOCK_SILENT, .stays = 1}};
    neph_call *call;
    stand *s = *state;
    s->config.deadline_ms = 100;
    stand_open(s, "bare");
    MOCK_SCRIPT(&s->mock, replies);
    call = node_create(s, NULL);
    assert_int_equal(stand_run(call), NEPH_TIMEOUT);
    assert_non_null(strstr(neph_call_error(call)->message,
                           "node \"web\" may exist since 2026-01-01T00:00:00Z"));
    neph_call_free(call);
    call = node_create(s, NULL);
    stand_until_sent(s, 2);
    neph_call_cancel(call);
    assert_int_equal(stand_run(call), NEPH_CANCELLED);
    assert_string_equal(neph_call_error(call)->message,
                        "node \"web\" may exist since 2026-01-01T00:00:00Z: list the nodes before "
                        "you create it again (cancelled)");
    neph_call_free(call);
    call = node_create(s, NULL); /* nothing is sent of this one */
    neph_call_cancel(call);
    assert_string_equal(neph_call_error(call)->message, "cancelled");
    neph_call_free(call);
}

static void test_reconcile__it_can_be_cancelled_while_it_looks(void **state)
{
    static const mock_reply replies[] = {{.fail = MOCK_FAIL_SENT}, {.fail = MOCK_SILENT}};
    neph_call *call;
    stand *s = *state;
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, replies);
    call = node_create(s, NULL);
    stand_until_sent(s, 2);
    neph_call_cancel(call);
    assert_int_equal(stand_run(call), NEPH_CANCELLED);
    assert_int_equal(s->mock.requests[1].is_cancelled, 1);
    assert_non_null(strstr(neph_call_error(call)->message, "node \"web\" may exist"));
    neph_call_free(call);
}

/* ---- what exists when a later step fails */

static void test_reconcile__an_error_carries_what_was_created(void **state)
{
    static const struct {
        mock_reply reply;
        int status;
    } rows[] = {
        {{.status = 403}, NEPH_PERMISSION},
        {{.fail = MOCK_FAIL_SENT}, NEPH_NETWORK},
        {{.fail = MOCK_SILENT}, NEPH_TIMEOUT},
        {{.fail = MOCK_SILENT}, NEPH_CANCELLED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        mock_reply replies[] = {{.body = "{\"id\":\"ami-1\"}"}, rows[i].reply};
        const neph_error *error;
        neph_call *call;
        stand *s;
        assert_int_equal(stand_setup(state), 0);
        s = *state;
        s->config.deadline_ms = 200;
        stand_open(s, "fleet");
        MOCK_SCRIPT(&s->mock, replies);
        call = neph_image_create(s->cloud, "i-1", "gold", NULL);
        stand_until_sent(s, 2);
        if (rows[i].status == NEPH_CANCELLED)
            neph_call_cancel(call);
        assert_int_equal(stand_run(call), rows[i].status);
        error = neph_call_error(call);
        assert_int_equal(error->created_count, 1);
        assert_string_equal(error->created[0].id, "ami-1");
        assert_int_equal(error->created[0].kind, NEPH_KIND_IMAGE);
        assert_null(strstr(error->message, "may exist")); /* it does */
        neph_call_free(call);
        assert_int_equal(stand_teardown(state), 0);
    }
}

/* ---- what is not known everywhere yet */

static void test_reconcile__what_was_just_made_is_asked_for_again_when_it_is_not_found(void **state)
{
    static const mock_reply replies[] = {
        {.body = "{\"id\":\"i-1\"}"}, {.status = 404}, {.status = 404}, {0}, {.status = 404},
        {.body = "{\"id\":\"i-1\"}"}};
    neph_call *call;
    stand *s = *state;
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(node_create(s, NULL)), "i-1 .0");
    call = neph_node_stop(s->cloud, "i-1", NULL);
    assert_int_equal(stand_run(call), 0);
    neph_call_free(call);
    assert_string_equal(stand_list(neph_node_show(s->cloud, "i-1")), "i-1 .0");
    assert_int_equal(s->mock.request_count, 6);
}

static void test_reconcile__a_later_step_may_come_too_early(void **state)
{
    static const mock_reply replies[] = {
        {.body = "{\"id\":\"ami-1\"}"}, {.status = 404}, {.status = 404}, {0}};
    neph_call *call;
    stand *s = *state;
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, replies);
    call = neph_image_create(s->cloud, "i-1", "gold", NULL);
    assert_int_equal(stand_run(call), 0);
    assert_int_equal(s->mock.request_count, 4);
    neph_call_free(call);
}

static void test_reconcile__what_is_still_not_found_is_not_there(void **state)
{
    static const mock_reply replies[] = {{.body = "{\"id\":\"i-1\"}"}, {.status = 404, .stays = 1}};
    stand *s = *state;
    stand_open(s, "fleet");
    s->host->settle_ms = 100;
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(node_create(s, NULL)), "i-1 .0");
    assert_string_equal(stand_list(neph_node_show(s->cloud, "i-1")), ".-4");
    assert_in_range(s->mock.request_count, 3, 30);
}

static void test_reconcile__what_was_not_made_here_is_not_asked_for_again(void **state)
{
    static const mock_reply replies[] = {{.body = "{\"id\":\"i-1\"}"},
                                         {.match = "/i-2", .status = 404},
                                         {.match = "destroy"},
                                         {.match = "/i-1", .status = 404}};
    neph_call *call;
    stand *s = *state;
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(node_create(s, NULL)), "i-1 .0");
    assert_string_equal(stand_list(neph_node_show(s->cloud, "i-2")), ".-4");
    call = neph_node_destroy(s->cloud, "i-1", NULL);
    assert_int_equal(stand_run(call), 0);
    neph_call_free(call);
    assert_string_equal(stand_list(neph_node_show(s->cloud, "i-1")), ".-4"); /* it is gone */
    assert_int_equal(s->mock.request_count, 4);
}

static void test_reconcile__providers_without_a_server_are_asked_again_too(void **state)
{
    neph_call *call;
    stand *s = *state;
    stand_open(s, "fleet");
    call = neph_snapshot_create(s->cloud, "vol-1", "s", NULL);
    assert_int_equal(stand_run(call), 0);
    neph_call_free(call);
    fleet.missing_looks = 2;
    assert_string_equal(stand_list(neph_snapshot_show(s->cloud, "snap-1")), "snap-1 .0");
    assert_int_equal(fleet.shown, 3);
    assert_int_equal(fleet.finished, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAND_TEST(test_reconcile__a_cloud_that_knows_the_token_is_asked_again),
        STAND_TEST(test_reconcile__two_creates_have_two_tokens_or_the_programs),
        STAND_TEST(test_reconcile__all_replies_lost_says_what_may_exist),
        STAND_TEST(test_reconcile__a_clear_answer_of_such_a_cloud_stands),
        STAND_TEST(test_reconcile__what_bears_the_token_is_the_result),
        STAND_TEST(test_reconcile__what_is_not_found_is_created_again_with_the_same_token),
        STAND_TEST(test_reconcile__creating_again_is_bounded),
        STAND_TEST(test_reconcile__the_list_is_retried_itself),
        STAND_TEST(test_reconcile__a_list_that_fails_leaves_the_loss),
        STAND_TEST(test_reconcile__what_was_refused_is_not_looked_for),
        STAND_TEST(test_reconcile__a_refusal_behind_a_loss_tells_of_both),
        STAND_TEST(test_reconcile__a_reply_that_broke_is_lost_too),
        STAND_TEST(test_reconcile__what_is_found_is_waited_for),
        STAND_TEST(test_reconcile__the_same_token_of_the_program_makes_nothing_twice),
        STAND_TEST(test_reconcile__a_token_is_no_pattern),
        STAND_TEST(test_reconcile__what_has_the_name_is_the_result),
        STAND_TEST(test_reconcile__a_name_that_is_taken_since_is_looked_at_again),
        STAND_TEST(test_reconcile__a_name_that_is_anothers_exists),
        STAND_TEST(test_reconcile__a_name_that_was_taken_before_exists),
        cmocka_unit_test(test_reconcile__where_nothing_tells_the_error_says_what_may_exist),
        STAND_TEST(test_reconcile__a_create_that_is_cut_off_says_so_too),
        STAND_TEST(test_reconcile__it_can_be_cancelled_while_it_looks),
        cmocka_unit_test(test_reconcile__an_error_carries_what_was_created),
        STAND_TEST(test_reconcile__what_was_just_made_is_asked_for_again_when_it_is_not_found),
        STAND_TEST(test_reconcile__a_later_step_may_come_too_early),
        STAND_TEST(test_reconcile__what_is_still_not_found_is_not_there),
        STAND_TEST(test_reconcile__what_was_not_made_here_is_not_asked_for_again),
        STAND_TEST(test_reconcile__providers_without_a_server_are_asked_again_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
