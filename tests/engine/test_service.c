/*
 * What the host does for providers: each service, rightly and wrongly used, by a provider whose hooks the test writes.
 */
#include "tests/engine/stand.h"

#include "core/error.h"

#include <unistd.h>

/* ---- a provider that does what the test says */

static struct {
    int32_t (*open)(neph_cloud *cloud);
    int32_t (*ask)(neph_call *call, neph_request *request);
    int32_t (*sign)(neph_call *call, neph_request *request, int64_t now_ns);
    int32_t (*each)(neph_call *call, neph_record *record);
    int32_t (*then)(neph_call *call);
    int32_t (*perform)(neph_call *call);
    neph_host *host;
    int turns;
} does;

static int32_t do_open(neph_cloud *cloud)
{
    return does.open ? does.open(cloud) : 0;
}

static int32_t do_ask(neph_call *call, neph_request *request)
{
    return does.ask ? does.ask(call, request) : 0;
}

static int32_t do_sign(neph_call *call, neph_request *request, int64_t now_ns)
{
    return does.sign ? does.sign(call, request, now_ns) : 0;
}

static int32_t do_each(neph_call *call, neph_record *record)
{
    return does.each ? does.each(call, record) : 0;
}

static int32_t do_then(neph_call *call)
{
    return does.then ? does.then(call) : 0;
}

static int32_t do_perform(neph_call *call)
{
    return does.perform(call);
}

static const neph_setting settings[] = {
    {.name = "endpoint", .summary = "e", .type = NEPH_TYPE_STRING, .flags = NEPH_SETTING_ENDPOINT},
    {.name = "number", .summary = "n", .type = NEPH_TYPE_INTEGER, .fallback = "42"},
    {.name = "flag", .summary = "f", .type = NEPH_TYPE_BOOLEAN, .fallback = "true"},
    {.name = "nothing", .summary = "x", .type = NEPH_TYPE_INTEGER},
};
static const neph_field fields[] = {
    {"id", .member = NEPH_NODE_ID},
    {"name", .member = NEPH_NODE_NAME},
};
static const neph_field call_fields[] = {{"token", .member = NEPH_PAGE_TOKEN},
                                         {"take", .member = NEPH_SCRATCH + 1}};
static const neph_rule rules[] = {
    {.path = "nodes[]", NEPH_FIELDS(fields), .kind = NEPH_KIND_NODE},
    {.path = ".", NEPH_FIELDS(call_fields)},
};
static const neph_reply reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, rules);
static const neph_reply *const replies_of[] = {&reply};
static const int32_t takes[] = {NEPH_LIST_LIMIT, NEPH_OBJECT_METADATA, NEPH_OBJECT_CONTENT_TYPE,
                                NEPH_RANGE_OFFSET};
static const neph_action actions[] = {
    {.op = NEPH_OP_NODE_LIST,
     .traits = NEPH_SAFE | NEPH_ORDERED,
     .path = "/",
     .ask = do_ask,
     NEPH_REPLIES(replies_of),
     .then = do_then,
     .each = do_each,
     .page = NEPH_PAGE_BY_QUERY,
     .page_name = "token",
     NEPH_TAKES(takes)},
    {.op = NEPH_OP_OBJECT_PUT, .perform = do_perform, NEPH_TAKES(takes)},
    {.op = NEPH_OP_OBJECT_GET, .perform = do_perform, NEPH_TAKES(takes)},
    {.op = NEPH_OP_SIZE_LIST, .perform = do_perform, NEPH_TAKES(takes)},
};
static const neph_provider provider = {
    .size = sizeof(neph_provider),
    .id = "any",
    .title = "Any",
    NEPH_SETTINGS(settings),
    NEPH_ACTIONS(actions),
    .open = do_open,
    .sign = do_sign,
};
static const neph_provider *const providers[] = {&provider};
static const neph_plugin plugin = {{'N', 'E', 'P', 'H', 'P', 'L', 'U', 'G'},
                                   sizeof(neph_plugin),
                                   NEPH_ABI_MAJOR,
                                   NEPH_ABI_MINOR,
                                   NEPH_ABI_MINOR,
                                   "any",
                                   "1",
                                   "neph-tests",
                                   providers,
                                   1,
                                   0};

static int setup(void **state)
{
    stand *s;
    const neph_setting_value given[] = {{"endpoint", "http://any.test/base"}};
    if (stand_setup(state))
        return -1;
    s = *state;
    memset(&does, 0, sizeof does);
    stand_open(s, "mill");
    neph_cloud_close(s->cloud);
    s->cloud = NULL;
    assert_int_equal(neph_host_register(s->host, &plugin), 0);
    assert_int_equal(neph_cloud_open(s->host, "any", given, 1, &s->cloud), 0);
    does.host = s->host;
    return 0;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, stand_teardown)

static const mock_reply empty[] = {{.body = "{}", .stays = 1}};

/* Lists with that ask; returns the status. */
static int ask_with(stand *s, int32_t (*ask)(neph_call *call, neph_request *request))
{
    neph_call *call;
    int rc;
    does.ask = ask;
    MOCK_SCRIPT(&s->mock, empty);
    call = neph_node_list(s->cloud, NULL);
    rc = stand_run(call);
    neph_call_free(call);
    return rc;
}

static int perform_with(stand *s, int32_t (*perform)(neph_call *call))
{
    neph_call *call;
    int rc;
    does.perform = perform;
    call = neph_size_list(s->cloud, NULL);
    rc = stand_run(call);
    neph_call_free(call);
    return rc;
}

/* ---- any handle */

static int32_t uses_handles(neph_call *call)
{
    static const unsigned char abc[] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea};
    static const unsigned char mac[] = {0xf7, 0xbc, 0x83, 0xf4, 0x30, 0x53, 0x84, 0x24};
    unsigned char out[NEPH_DIGEST_MAX], other[16];
    neph_cloud *cloud = neph_cloud_of(call);
    char *block = neph_cloud_memory(cloud, 100), *mine = neph_call_memory(call, 50);
    neph_services_of(call)->log(call, NEPH_LOG_INFO, "a line of the provider");
    assert_int_equal(neph_digest(call, NEPH_DIGEST_SHA256, "abc", 3, out), 32);
    assert_memory_equal(out, abc, sizeof abc);
    assert_int_equal(neph_digest(call, NEPH_DIGEST_MD5, "abc", 3, out), 16);
    assert_int_equal(neph_digest(call, NEPH_DIGEST_SHA1, "abc", 3, out), 20);
    assert_int_equal(neph_digest(call, NEPH_DIGEST_SHA512, "abc", 3, out), 64);
    assert_true(neph_digest(call, 77, "abc", 3, out) < 0);
    assert_int_equal(neph_hmac(cloud, NEPH_DIGEST_SHA256, "key", 3,
                               "The quick brown fox jumps over the lazy dog", 43, out),
                     32);
    assert_memory_equal(out, mac, sizeof mac);
    assert_int_equal(neph_random(call, out, 16), 0);
    assert_int_equal(neph_random(call, other, 16), 0);
    assert_memory_not_equal(out, other, 16);
    assert_string_equal(neph_setting_string(cloud, "number"), "42");
    assert_true(neph_setting_integer(cloud, "number") == 42);
    assert_true(neph_setting_integer(cloud, "flag") == 1);
    assert_true(neph_setting_integer(cloud, "nothing") == NEPH_UNKNOWN);
    assert_null(neph_setting_string(cloud, "unheard"));
    assert_int_equal(neph_call_op(call), NEPH_OP_SIZE_LIST);
    assert_int_equal(neph_call_step(call), 0);
    assert_true(neph_call_now(call) == STAND_NOW);
    assert_int_equal(block[99], 0);
    assert_ptr_equal(neph_cloud_memory(cloud, 100), block);
    assert_ptr_equal(neph_cloud_memory(cloud, 10), block);
    assert_null(neph_cloud_memory(cloud, 101));
    assert_int_equal(mine[49], 0);
    assert_ptr_equal(neph_call_memory(call, 50), mine);
    assert_null(neph_session(call, NEPH_SESSION_TOKEN));
    assert_null(neph_page_token(call));
    assert_null(neph_error_code(call));
    assert_null(neph_reply_header(call, "X"));
    return 0;
}

static void test_service__every_handle_has_its_services(void **state)
{
    stand *s = *state;
    assert_int_equal(perform_with(s, uses_handles), 0);
    assert_non_null(strstr(s->seen, "a line of the provider"));
}

static int32_t uses_scratch(neph_call *call)
{
    assert_null(neph_scratch(call, NEPH_SCRATCH + 31));
    assert_int_equal(neph_scratch_set(call, NEPH_SCRATCH + 31, "a"), 0);
    assert_int_equal(neph_scratch_set(call, NEPH_SCRATCH + 31, "b"), 0);
    assert_string_equal(neph_scratch(call, NEPH_SCRATCH + 31), "b");
    assert_int_equal(neph_scratch_set(call, NEPH_SCRATCH + 31, NULL), 0);
    assert_null(neph_scratch(call, NEPH_SCRATCH + 31));
    assert_null(neph_scratch(call, NEPH_SCRATCH + 32));
    assert_null(neph_scratch(call, NEPH_SCRATCH - 1));
    return neph_scratch_set(call, NEPH_SCRATCH + 32, "x");
}

static void test_service__scratch_has_32_places(void **state)
{
    assert_int_equal(perform_with(*state, uses_scratch), NEPH_PLUGIN);
}

static int32_t uses_memos(neph_call *call)
{
    neph_cloud *cloud = neph_cloud_of(call);
    char name[24];
    assert_null(neph_recall(cloud, "n0"));
    for (int i = 0; i < 4100; i++) {
        snprintf(name, sizeof name, "n%d", i);
        assert_int_equal(neph_remember(cloud, name, name + 1), 0);
    }
    assert_null(neph_recall(cloud, "n0"));
    assert_null(neph_recall(cloud, "n3"));
    assert_string_equal(neph_recall(cloud, "n4"), "4");
    assert_string_equal(neph_recall(cloud, "n4099"), "4099");
    assert_int_equal(neph_remember(cloud, "n4", "again"), 0);
    assert_string_equal(neph_recall(cloud, "n4"), "again");
    return 0;
}

static void test_service__the_oldest_memo_goes_first(void **state)
{
    assert_int_equal(perform_with(*state, uses_memos), 0);
}

static int32_t hides_secrets(neph_call *call)
{
    neph_cloud *cloud = neph_cloud_of(call);
    char text[] = "a-secret-in-another-?";
    for (char c = 'a'; c < 'a' + 16; c++) {
        text[sizeof text - 2] = c;
        assert_int_equal(neph_secret(cloud, text), 0);
        assert_int_equal(neph_secret(cloud, text), 0); /* the same counts once */
    }
    assert_int_equal(neph_secret(cloud, ""), NEPH_LIMIT);
    neph_log(call, NEPH_LOG_ERROR, "is a-secret-in-another-c shown?");
    return 0;
}

static void test_service__hides_what_a_provider_found_in_a_secret(void **state)
{
    stand *s = *state;
    assert_int_equal(perform_with(s, hides_secrets), 0);
    assert_non_null(s->seen);
    assert_non_null(strstr(s->seen, "is [redacted] shown?"));
    assert_null(strstr(s->seen, "a-secret-in-another"));
}

static int32_t quotes_its_cloud(neph_call *call)
{
    neph_record *record = neph_record_new(call, NEPH_KIND_NODE);
    assert_int_equal(neph_secret(neph_cloud_of(call), "a-secret-in-another"), 0);
    assert_int_equal(neph_record_set(record, NEPH_NODE_ID, "n1"), 0);
    assert_int_equal(neph_record_set(record, NEPH_RESULT_ERROR_CODE, "No.a-secret-in-another"), 0);
    assert_int_equal(
        neph_record_set(record, NEPH_RESULT_ERROR_MESSAGE, "a-secret-in-another is wrong"), 0);
    assert_int_equal(neph_record_emit(call, record), 0);
    return neph_fail(call, NEPH_CONFLICT, "the cloud says %s", "a-secret-in-another");
}

static void test_service__no_error_shows_what_a_provider_found_in_a_secret(void **state)
{
    stand *s = *state;
    const neph_error *error;
    neph_call *call;
    does.perform = quotes_its_cloud;
    call = neph_size_list(s->cloud, NULL);
    error = neph_next(call)->error;
    assert_string_equal(error->code, "No.[redacted]");
    assert_string_equal(error->message, "[redacted] is wrong");
    assert_null(neph_next(call));
    assert_string_equal(neph_call_error(call)->message, "the cloud says [redacted]");
    neph_call_free(call);
}

static int32_t notes_many(neph_call *call)
{
    int32_t rc = 0;
    for (int i = 0; !rc && i <= NEPHI_CREATED_MAX; i++) {
        char id[16];
        snprintf(id, sizeof id, "id-%d", i);
        rc = neph_created_note(call, NEPH_KIND_NODE, id);
        assert_int_equal(rc, neph_created_note(call, NEPH_KIND_NODE, id)); /* once is enough */
    }
    assert_int_equal(rc, NEPH_LIMIT);
    return neph_fail(call, NEPH_CONFLICT, "stopped in the middle: %d%%", 50);
}

static void test_service__what_was_created_is_told_up_to_a_limit(void **state)
{
    stand *s = *state;
    neph_call *call;
    does.perform = notes_many;
    call = neph_size_list(s->cloud, NULL);
    assert_int_equal(stand_run(call), NEPH_CONFLICT);
    assert_string_equal(neph_call_error(call)->message, "stopped in the middle: 50%");
    assert_int_equal(neph_call_error(call)->created_count, NEPHI_CREATED_MAX);
    neph_call_free(call);
}

/* ---- arguments */

static int32_t reads_offset(neph_call *call)
{
    const char *name = NULL, *value = NULL;
    assert_string_equal(neph_argument(call, NEPH_RANGE_OFFSET), "-7");
    assert_true(neph_argument_integer(call, NEPH_RANGE_OFFSET) == -7);
    assert_true(neph_argument_integer(call, NEPH_RANGE_LENGTH) == NEPH_UNKNOWN);
    assert_null(neph_argument(call, NEPH_RANGE_LENGTH));
    assert_string_equal(neph_argument(call, NEPH_OBJECT_KEY), "k");
    assert_true(neph_argument_integer(call, NEPH_OBJECT_KEY) == NEPH_UNKNOWN);
    assert_int_equal(neph_argument_pair(call, NEPH_OBJECT_KEY, 0, &name, &value), 0);
    does.turns++;
    return 0;
}

static int32_t reads_pairs(neph_call *call)
{
    const char *name = NULL, *value = NULL;
    assert_int_equal(neph_argument_pair(call, NEPH_OBJECT_METADATA, 1, &name, &value), 1);
    assert_string_equal(name, "n2");
    assert_string_equal(value, "");
    assert_int_equal(neph_argument_pair(call, NEPH_OBJECT_METADATA, 0, NULL, &value), 1);
    assert_string_equal(value, "v1");
    assert_int_equal(neph_argument_pair(call, NEPH_OBJECT_METADATA, 2, &name, &value), 0);
    assert_null(neph_argument(call, NEPH_OBJECT_METADATA));
    does.turns++;
    return 0;
}

static void test_service__arguments_come_as_text_and_number(void **state)
{
    stand *s = *state;
    neph_sink sink = NEPH_SINK_INIT;
    neph_get_options options = NEPH_GET_OPTIONS_INIT;
    neph_call *call;
    does.perform = reads_offset;
    sink.to = NEPH_BODY_MEMORY;
    options.offset = -7;
    call = neph_object_get(s->cloud, "b", "k", &sink, &options);
    assert_int_equal(stand_run(call), 0);
    assert_int_equal(does.turns, 1);
    neph_call_free(call);
}

static void test_service__arguments_come_as_pairs(void **state)
{
    stand *s = *state;
    const neph_pair pairs[] = {{"n1", "v1"}, {"n2", NULL}};
    neph_put_options options = NEPH_PUT_OPTIONS_INIT;
    neph_source source = NEPH_SOURCE_INIT;
    neph_call *call;
    does.perform = reads_pairs;
    source.from = NEPH_BODY_MEMORY;
    options.metadata = pairs;
    options.metadata_count = 2;
    call = neph_object_put(s->cloud, "b", "k", &source, &options);
    assert_int_equal(stand_run(call), 0);
    assert_int_equal(does.turns, 1);
    neph_call_free(call);
}

static void test_service__arguments_of_a_wrong_type_fail_the_start(void **state)
{
    static const char *const texts[] = {"a"};
    const neph_pair pairs[] = {{"n1", "v1"}};
    stand *s = *state;
    neph_call *call = neph_call_new(s->cloud, NEPH_OP_OBJECT_PUT);
    assert_int_equal(neph_call_set_integer(call, NEPH_OBJECT_KEY, 1), NEPH_INVALID);
    assert_int_equal(neph_call_set_pairs(call, NEPH_OBJECT_KEY, pairs, 1), NEPH_INVALID);
    assert_int_equal(neph_call_set_strings(call, NEPH_OBJECT_KEY, texts, 1), NEPH_INVALID);
    assert_int_equal(neph_call_set_string(call, NEPH_OBJECT_METADATA, "x"), NEPH_INVALID);
    assert_int_equal(neph_call_set_string(call, 0x7fff0001, "x"), NEPH_INVALID);
    assert_int_equal(neph_call_start(call), NEPH_INVALID);
    assert_non_null(strstr(neph_call_error(call)->message, "key"));
    neph_call_free(call);
}

/* ---- requests */

static int32_t writes_headers(neph_call *call, neph_request *request)
{
    (void)call;
    assert_int_equal(neph_request_header(request, "X-One", " \t first "), 0);
    assert_int_equal(neph_request_header(request, "x-one", "second\t"), 0);
    assert_int_equal(neph_request_header(request, "X-Empty", ""), 0);
    assert_int_equal(neph_request_header(request, "User-Agent", "mine"), 0);
    return neph_request_expect_continue(request);
}

static void test_service__a_header_set_again_is_replaced(void **state)
{
    stand *s = *state;
    assert_int_equal(ask_with(s, writes_headers), 0);
    assert_string_equal(mock_header(&s->mock, 0, "X-One"), "second");
    assert_string_equal(mock_header(&s->mock, 0, "X-Empty"), "");
    assert_null(strstr(s->mock.requests[0].headers, "first"));
    assert_string_equal(s->mock.requests[0].url, "http://any.test/base/");
}

static int32_t header_bad(neph_call *call, neph_request *request)
{
    static const char *const names[] = {"", "a b", "a:b", "a\nb", "\xc3\xa9"};
    (void)call;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_equal(neph_request_header(request, names[i], "x"), NEPH_INVALID);
    return neph_request_header(request, "X-Evil", "a\r\nHost: evil");
}

static int32_t header_flood(neph_call *call, neph_request *request)
{
    int32_t rc = 0;
    (void)call;
    for (int i = 0; !rc && i < 100; i++) {
        char name[24];
        snprintf(name, sizeof name, "X-%d", i);
        rc = neph_request_header(request, name, "x");
    }
    return rc;
}

static int32_t method_bad(neph_call *call, neph_request *request)
{
    (void)call;
    return neph_request_method(request, "GET / HTTP/1.1\r\n");
}

static int32_t path_bad(neph_call *call, neph_request *request)
{
    (void)call;
    return neph_request_path(request, "/{x", "a");
}

static int32_t path_long(neph_call *call, neph_request *request)
{
    static char text[70000];
    (void)call;
    memset(text, 'a', sizeof text - 1);
    return neph_request_path(request, "/{}", text);
}

static int32_t endpoint_bad(neph_call *call, neph_request *request)
{
    (void)call;
    return neph_request_endpoint(request, "moon");
}

static int32_t label_bad(neph_call *call, neph_request *request)
{
    char text[300];
    (void)call;
    memset(text, 'a', sizeof text);
    text[254] = 0;
    assert_int_equal(neph_request_host_prefix(request, "a/b"), NEPH_INVALID);
    assert_int_equal(neph_request_host_prefix(request, ""), NEPH_INVALID);
    assert_int_equal(neph_request_host_prefix(request, "a@b"), NEPH_INVALID);
    return neph_request_host_prefix(request, text);
}

static int32_t source_none(neph_call *call, neph_request *request)
{
    (void)call;
    return neph_request_body_source(request);
}

static int32_t digest_short(neph_call *call, neph_request *request)
{
    char hex[10];
    (void)call;
    return neph_request_body_digest(request, NEPH_DIGEST_SHA256, hex, sizeof hex);
}

static int32_t digest_unknown(neph_call *call, neph_request *request)
{
    char hex[NEPH_DIGEST_HEX_MAX];
    (void)call;
    return neph_request_body_digest(request, 99, hex, sizeof hex);
}

static int64_t any_length(neph_call *call, int64_t size)
{
    (void)call;
    return size;
}

static int32_t framing_bad(neph_call *call, neph_request *request)
{
    static const neph_framing bad = {.size = sizeof bad, .chunk_size = 10, .length = any_length};
    (void)call;
    return neph_request_framing(request, &bad);
}

static void test_service__what_no_request_can_hold_is_refused(void **state)
{
    static const struct {
        int32_t (*ask)(neph_call *call, neph_request *request);
        int status;
    } rows[] = {
        {header_bad, NEPH_INVALID},  {header_flood, NEPH_LIMIT},
        {method_bad, NEPH_PLUGIN},   {path_bad, NEPH_PLUGIN},
        {path_long, NEPH_LIMIT},     {endpoint_bad, NEPH_INVALID},
        {label_bad, NEPH_INVALID},   {source_none, NEPH_INVALID},
        {digest_short, NEPH_PLUGIN}, {digest_unknown, NEPH_UNSUPPORTED},
        {framing_bad, NEPH_PLUGIN},
    };
    stand *s = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int rc = ask_with(s, rows[i].ask);
        if (rc != rows[i].status)
            fail_msg("row %zu: %d", i, rc);
    }
    assert_int_equal(s->mock.request_count, 0);
}

static int32_t label_good(neph_call *call, neph_request *request)
{
    (void)call;
    assert_int_equal(neph_request_host_prefix(request, "my.bucket-1"), 0);
    assert_int_equal(neph_request_query(request, "a b", "c&d"), 0);
    assert_int_equal(neph_request_query(request, "alone", NULL), 0);
    return neph_request_path(request, "x/{}", "y z");
}

static int32_t looks(neph_call *call, neph_request *request, int64_t now_ns)
{
    neph_request_view view;
    (void)call;
    assert_int_equal(neph_request_look(request, &view), 0);
    assert_string_equal(view.method, "GET");
    assert_string_equal(view.scheme, "http");
    assert_string_equal(view.host, "my.bucket-1.any.test");
    assert_string_equal(view.path, "/base/x/y%20z");
    assert_string_equal(view.query, "a%20b=c%26d&alone");
    assert_int_equal(view.header_count, 1);
    assert_string_equal(view.header_names[0], "User-Agent");
    assert_true(view.body_size == 0);
    assert_true(view.presign_seconds == 0);
    assert_true(now_ns == STAND_NOW);
    does.turns++;
    assert_int_equal(neph_request_query_raw(request, "signature=x%2F"), 0);
    return neph_request_header(request, "Authorization", "me");
}

static void test_service__sign_sees_what_goes_out_each_time_anew(void **state)
{
    static const mock_reply replies[] = {{.status = 503}, {.body = "{}"}};
    stand *s = *state;
    neph_call *call;
    does.ask = label_good;
    does.sign = looks;
    MOCK_SCRIPT(&s->mock, replies);
    call = neph_node_list(s->cloud, NULL);
    assert_int_equal(stand_run(call), 0);
    assert_int_equal(does.turns, 2);
    for (int i = 0; i < 2; i++) {
        assert_string_equal(s->mock.requests[i].url,
                            "http://my.bucket-1.any.test/base/x/y%20z?a%20b=c%26d&alone&"
                            "signature=x%2F");
        assert_string_equal(mock_header(&s->mock, (size_t)i, "Authorization"), "me");
    }
    neph_call_free(call);
}

/* ---- records */

static int32_t sets_members(neph_call *call)
{
    neph_record *record = neph_record_new(call, NEPH_KIND_NODE);
    assert_non_null(record);
    assert_int_equal(neph_record_set(record, NEPH_NODE_ID, "n1"), 0);
    assert_int_equal(neph_record_set(record, NEPH_NODE_NAME, NULL), 0);
    assert_int_equal(neph_record_set_integer(record, NEPH_NODE_STATE, NEPH_NODE_RUNNING), 0);
    assert_int_equal(neph_record_set_integer(record, NEPH_NODE_RAM_BYTES, 1024), 0);
    assert_int_equal(neph_record_add(record, NEPH_NODE_PUBLIC_IPS, "1.2.3.4"), 0);
    assert_int_equal(neph_record_add(record, NEPH_NODE_PUBLIC_IPS, "::1"), 0);
    assert_int_equal(neph_record_add_pair(record, NEPH_EXTRA, "rack", "7"), 0);
    assert_string_equal(neph_record_get(record, NEPH_NODE_ID), "n1");
    assert_null(neph_record_get(record, NEPH_NODE_NAME));
    assert_true(neph_record_get_integer(record, NEPH_NODE_RAM_BYTES) == 1024);
    assert_true(neph_record_get_integer(record, NEPH_NODE_CPUS) == NEPH_UNKNOWN);
    assert_int_equal(neph_record_emit(call, record), 0);
    record = neph_record_new(call, NEPH_KIND_NODE);
    assert_int_equal(neph_record_set(record, NEPH_NODE_ID, "n2"), 0);
    assert_int_equal(neph_record_set(record, NEPH_RESULT_ERROR_CODE, "Gone"), 0);
    assert_int_equal(neph_record_set(record, NEPH_RESULT_ERROR_MESSAGE, "it is gone"), 0);
    return neph_record_emit(call, record);
}

static void test_service__records_are_results(void **state)
{
    stand *s = *state;
    const neph_node *node;
    neph_call *call;
    does.perform = sets_members;
    call = neph_size_list(s->cloud, NULL);
    node = neph_next_node(call);
    assert_non_null(node);
    assert_string_equal(node->id, "n1");
    assert_int_equal(node->state, NEPH_NODE_RUNNING);
    assert_int_equal(node->public_ip_count, 2);
    assert_string_equal(node->public_ips[1], "::1");
    assert_string_equal(node->result.extra[0].name, "rack");
    assert_null(node->result.error);
    node = neph_next_node(call);
    assert_string_equal(node->result.error->message, "it is gone");
    assert_null(neph_next(call));
    assert_int_equal(neph_wait(call), 0);
    neph_call_free(call);
}

static int32_t sets_bytes(neph_call *call)
{
    neph_record *record = neph_record_new(call, NEPH_KIND_NODE);
    assert_int_equal(neph_record_set(record, NEPH_NODE_NAME, "caf\xe9"), NEPH_INVALID);
    assert_int_equal(neph_record_add(record, NEPH_NODE_PUBLIC_IPS, "\xff"), NEPH_INVALID);
    assert_null(neph_record_get(record, NEPH_NODE_NAME));
    assert_int_equal(neph_record_set(record, NEPH_NODE_NAME, "caf\xc3\xa9"), 0);
    assert_int_equal(neph_record_add_pair(record, NEPH_EXTRA, "raw", "\xff"), 0);
    return neph_record_emit(call, record);
}

static void test_service__members_that_are_no_bytes_are_utf8(void **state)
{
    assert_int_equal(perform_with(*state, sets_bytes), 0);
}

static int32_t sets_strangers(neph_call *call)
{
    neph_record *record = neph_record_new(call, NEPH_KIND_SIZE);
    int32_t rc;
    assert_null(neph_record_new(call, 9999));
    assert_true(neph_record_set(record, NEPH_NODE_ID, "x") < 0);
    assert_true(neph_record_set(record, 0x7fff0001, "x") < 0);
    assert_true(neph_record_set_integer(record, NEPH_SIZE_ID, 1) < 0);
    assert_true(neph_record_add(record, NEPH_SIZE_ID, "x") < 0);
    assert_true(neph_record_add_pair(record, NEPH_SIZE_ID, "x", "y") < 0);
    assert_null(neph_record_get(record, NEPH_NODE_ID));
    assert_true(neph_record_get_integer(record, NEPH_NODE_CPUS) == NEPH_UNKNOWN);
    rc = neph_record_emit(call, record);
    return rc;
}

static void test_service__members_that_a_kind_has_not_are_refused(void **state)
{
    assert_int_equal(perform_with(*state, sets_strangers), 0);
}

/* ---- each, then */

static int32_t renames(neph_call *call, neph_record *record)
{
    (void)call;
    if (strcmp(neph_record_get(record, NEPH_NODE_ID), "bad") == 0)
        return neph_fail(record, NEPH_PROTOCOL, "this node is bad");
    if (strcmp(neph_record_get(record, NEPH_NODE_ID), "drop") == 0)
        return NEPH_DROP;
    return neph_record_set(record, NEPH_NODE_ID, "renamed");
}

static void test_service__each_may_change_drop_and_refuse_a_result(void **state)
{
    static const mock_reply replies[] = {
        {.body = "{\"nodes\":[{\"id\":\"a\"},{\"id\":\"drop\"},{\"id\":\"b\"},{\"id\":\"bad\"},"
                 "{\"id\":\"c\"}]}"}};
    stand *s = *state;
    neph_call *call;
    does.each = renames;
    MOCK_SCRIPT(&s->mock, replies);
    call = neph_node_list(s->cloud, NULL);
    assert_string_equal(stand_name(neph_next(call)), "renamed");
    assert_string_equal(stand_name(neph_next(call)), "renamed");
    assert_null(neph_next(call));
    assert_int_equal(neph_wait(call), NEPH_PROTOCOL);
    assert_string_equal(neph_call_error(call)->message, "this node is bad");
    neph_call_free(call);
}

static int32_t sees_reply(neph_call *call)
{
    assert_int_equal(neph_reply_status(call), 202);
    assert_string_equal(neph_reply_header(call, "x-a"), "1");
    assert_null(neph_reply_header(call, "X-B"));
    assert_string_equal(neph_scratch(call, NEPH_SCRATCH + 1), "that");
    does.turns++;
    return does.turns < 4 ? neph_again(call, (uint32_t)does.turns, 0) : 0;
}

static int32_t counts_steps(neph_call *call, neph_request *request)
{
    (void)request;
    assert_int_equal(neph_call_step(call), does.turns);
    return 0;
}

static void test_service__then_sees_the_reply_and_may_ask_again(void **state)
{
    static const mock_reply replies[] = {
        {.status = 202, .headers = "X-A: 1\n", .body = "{\"take\":\"that\"}", .stays = 1}};
    stand *s = *state;
    neph_call *call;
    does.then = sees_reply;
    does.ask = counts_steps;
    MOCK_SCRIPT(&s->mock, replies);
    call = neph_node_list(s->cloud, NULL);
    assert_int_equal(stand_run(call), 0);
    assert_int_equal(s->mock.request_count, 4);
    neph_call_free(call);
}

/* ---- limits on what a server sends */

static void test_service__results_without_a_key_are_not_delivered_twice(void **state)
{
    static const char page[] = "{\"nodes\":[{\"id\":\"a\"},{\"id\":\"b\"},{\"id\":\"c\"}]}";
    static const mock_reply replies[] = {{.body = page, .fail = MOCK_FAIL_BODY, .fail_after = 30},
                                         {.body = page}};
    stand *s = *state;
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(neph_node_list(s->cloud, NULL)), "a .-12");
}

static char *long_text(const char *head, size_t size, const char *tail)
{
    char *text = malloc(strlen(head) + size + strlen(tail) + 1);
    assert_non_null(text);
    memcpy(text, head, strlen(head));
    memset(text + strlen(head), 'x', size);
    memcpy(text + strlen(head) + size, tail, strlen(tail) + 1);
    return text;
}

static void test_service__a_token_without_end_is_an_error(void **state)
{
    stand *s = *state;
    char *body = long_text("{\"token\":\"", 100000, "\"}");
    mock_reply replies[] = {{.body = body}};
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(neph_node_list(s->cloud, NULL)), ".-13");
    free(body);
}

static void test_service__headers_without_end_are_an_error(void **state)
{
    stand *s = *state;
    char *headers = long_text("", 0, "");
    size_t size = 0, room = 500 * 1010;
    mock_reply replies[] = {{0}};
    headers = realloc(headers, room);
    assert_non_null(headers);
    for (int i = 0; i < 300; i++)
        size += (size_t)snprintf(headers + size, room - size, "X-%d: %01000d\n", i, i);
    replies[0].headers = headers;
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(neph_node_list(s->cloud, NULL)), ".-13");
    free(headers);
}

/* ---- bodies of a perform */

static int32_t copies(neph_call *call)
{
    char data[64];
    int64_t *done = neph_call_memory(call, 64), count;
    assert_true(neph_source_size(call) == -1 || neph_source_size(call) == 10);
    count = neph_source_read(call, data, 3);
    if (count <= 0)
        return count == 0 && *done != 10 ? neph_fail(call, NEPH_INTERNAL, "%d", (int)*done)
                                         : (int32_t)count;
    assert_memory_equal(data, &"0123456789"[*done], (size_t)count);
    *done += count;
    return NEPH_AGAIN;
}

static int put_with(stand *s, const neph_source *source)
{
    neph_call *call;
    int rc;
    does.perform = copies;
    call = neph_object_put(s->cloud, "b", "k", source, NULL);
    rc = stand_run(call);
    neph_call_free(call);
    return rc;
}

static void test_service__a_perform_reads_memory_files_and_pipes(void **state)
{
    stand *s = *state;
    neph_source source = NEPH_SOURCE_INIT;
    FILE *file;
    int ends[2];
    source.from = NEPH_BODY_MEMORY;
    source.data = "0123456789";
    source.data_size = 10;
    assert_int_equal(put_with(s, &source), 0);

    source.from = NEPH_BODY_FILE;
    source.path = stand_path(s, "in");
    file = fopen(source.path, "w");
    fputs("0123456789", file);
    fclose(file);
    assert_int_equal(put_with(s, &source), 0);

    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "0123456789", 10), 10);
    close(ends[1]);
    source.from = NEPH_BODY_DESCRIPTOR;
    source.fd = ends[0];
    assert_int_equal(put_with(s, &source), 0);
    close(ends[0]);
}

static void test_service__a_perform_waits_for_a_pipe(void **state)
{
    stand *s = *state;
    neph_source source = NEPH_SOURCE_INIT;
    neph_call *call;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    does.perform = copies;
    source.from = NEPH_BODY_DESCRIPTOR;
    source.fd = ends[0];
    call = neph_object_put(s->cloud, "b", "k", &source, NULL);
    assert_int_equal(neph_wait_for(call, 20), NEPH_AGAIN);
    assert_int_equal(write(ends[1], "01234", 5), 5);
    assert_int_equal(neph_wait_for(call, 30), NEPH_AGAIN);
    assert_int_equal(write(ends[1], "56789", 5), 5);
    close(ends[1]);
    assert_int_equal(stand_run(call), 0);
    neph_call_free(call);
    close(ends[0]);
}

static int32_t reads_none(neph_call *call)
{
    char data[4];
    assert_true(neph_source_size(call) == -1);
    assert_int_equal(neph_sink_write(call, "x", 1), NEPH_INVALID);
    return (int32_t)neph_source_read(call, data, 4);
}

static void test_service__a_perform_without_bodies_has_none(void **state)
{
    assert_int_equal(perform_with(*state, reads_none), NEPH_INVALID);
}

/* ---- opening */

static int32_t opens_badly(neph_cloud *cloud)
{
    assert_true(neph_endpoint(cloud, "other", "ftp://nowhere") < 0);
    return NEPH_INVALID;
}

static void test_service__an_open_that_fails_says_why(void **state)
{
    stand *s = *state;
    const neph_setting_value given[] = {{"endpoint", "http://any.test"}};
    neph_cloud *cloud;
    does.open = opens_badly;
    assert_int_equal(neph_cloud_open(s->host, "any", given, 1, &cloud), NEPH_INVALID);
    assert_null(cloud);
    assert_non_null(strstr(neph_host_error(s->host)->message, "ftp://nowhere"));
}

static void test_service__a_cloud_without_an_endpoint_says_so(void **state)
{
    stand *s = *state;
    neph_call *call;
    neph_cloud_close(s->cloud);
    assert_int_equal(neph_cloud_open(s->host, "any", NULL, 0, &s->cloud), 0);
    call = neph_node_list(s->cloud, NULL);
    assert_int_equal(stand_run(call), NEPH_INVALID);
    assert_non_null(strstr(neph_call_error(call)->message, "set endpoint"));
    neph_call_free(call);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_service__every_handle_has_its_services),
        TEST(test_service__scratch_has_32_places),
        TEST(test_service__the_oldest_memo_goes_first),
        TEST(test_service__hides_what_a_provider_found_in_a_secret),
        TEST(test_service__no_error_shows_what_a_provider_found_in_a_secret),
        TEST(test_service__what_was_created_is_told_up_to_a_limit),
        TEST(test_service__arguments_come_as_text_and_number),
        TEST(test_service__arguments_come_as_pairs),
        TEST(test_service__arguments_of_a_wrong_type_fail_the_start),
        TEST(test_service__a_header_set_again_is_replaced),
        TEST(test_service__what_no_request_can_hold_is_refused),
        TEST(test_service__sign_sees_what_goes_out_each_time_anew),
        TEST(test_service__records_are_results),
        TEST(test_service__members_that_are_no_bytes_are_utf8),
        TEST(test_service__members_that_a_kind_has_not_are_refused),
        TEST(test_service__each_may_change_drop_and_refuse_a_result),
        TEST(test_service__then_sees_the_reply_and_may_ask_again),
        TEST(test_service__results_without_a_key_are_not_delivered_twice),
        TEST(test_service__a_token_without_end_is_an_error),
        TEST(test_service__headers_without_end_are_an_error),
        TEST(test_service__a_perform_reads_memory_files_and_pipes),
        TEST(test_service__a_perform_waits_for_a_pipe),
        TEST(test_service__a_perform_without_bodies_has_none),
        TEST(test_service__an_open_that_fails_says_why),
        TEST(test_service__a_cloud_without_an_endpoint_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
