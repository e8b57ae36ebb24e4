/*
 * test_swift_segment.c - large objects of the provider swift: what becomes of their segments, what neph does itself where
 * the server only speaks like Swift, completions that show signs of life.
 */
#include "tests/plugins/swift_stand.h"

#define ID "0123456789abcdef0123456789abcdef"

/* ---- segments */

#define LARGE "X-Static-Large-Object: True\nEtag: \"x\"\n"

static void test_swift__removes_the_segments_of_what_it_replaces(void **state)
{
    static const mock_reply replies[] = {
        {.status = 204},
        {.headers = LARGE},
        {.body = "[{\"name\":\"/b_segments/k/" ID "/00000001\"}]"},
        {.status = 201, .headers = "Etag: 5d41402abc4b2a76b9719d911017c592\n"},
        {.match = "/info", .body = "{\"bulk_delete\":{\"max_deletes_per_request\":1000}}"},
        {.body = "[{\"name\":\"k/" ID "/00000001\"},{\"name\":\"k/" ID "/00000012\"}]"},
        {.match = "bulk-delete",
         .body = "<delete><response_status>200 OK</response_status><errors></errors></delete>"},
        {.body = "[]"},
    };
    neph_source source = memory_source("hello");
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    open_direct(at);
    assert_int_equal(run_free(neph_object_put(at->cloud, "b", "k", &source, NULL)), 0);
    asked(at, 0, "HEAD", "/b_segments");
    asked(at, 1, "HEAD", "/b/k");
    asked(at, 2, "GET", "/b/k?multipart-manifest=get");
    asked(at, 3, "PUT", "/b/k");
    asked(at, 5, "GET", "/b_segments?format=json&prefix=k%2F" ID "%2F&limit=1000");
    asked(at, 6, "POST", "?bulk-delete");
    assert_string_equal(at->mock.requests[6].body, "/b_segments/k/" ID "/00000001\n"
                                                   "/b_segments/k/" ID "/00000012\n");
    assert_int_equal(at->mock.request_count, 8);
}

/* What another program keeps elsewhere, or another key's, is not touched. */
static void test_swift__leaves_segments_that_are_not_its_own(void **state)
{
    static const char *const manifests[] = {
        "[{\"name\":\"/elsewhere/k/" ID "/00000001\"}]",
        "[{\"name\":\"/b_segments/other/" ID "/00000001\"}]",
        "[{\"name\":\"/b_segments/k/1700000000.0/5/00000001\"}]",
        "[]",
        "", /* of Ceph */
    };
    neph_source source = memory_source("hello");
    stand *at = *state;
    open_direct(at);
    for (size_t i = 0; i < NEPH_COUNT(manifests); i++) {
        const mock_reply replies[] = {
            {.match = "multipart-manifest", .body = manifests[i]},
            {.stays = 1, .headers = LARGE},
        };
        size_t before = at->mock.request_count;
        MOCK_SCRIPT(&at->mock, replies);
        assert_int_equal(run_free(neph_object_put(at->cloud, "b", "k", &source, NULL)), 0);
        assert_int_equal(at->mock.request_count - before, i ? 3 : 4);
        asked(at, at->mock.request_count - 1, "PUT", "/b/k");
    }
}

static void test_swift__looks_once_where_there_are_no_segments(void **state)
{
    static const mock_reply replies[] = {
        {.match = "_segments", .status = 404, .stays = 1},
        {.stays = 1, .headers = "Etag: 5d41402abc4b2a76b9719d911017c592\n"},
    };
    neph_source source = memory_source("hello");
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    open_direct(at);
    for (int i = 0; i < 3; i++)
        assert_int_equal(run_free(neph_object_put(at->cloud, "b", "k", &source, NULL)), 0);
    assert_int_equal(at->mock.request_count, 4);
    at->now_ns += INT64_C(31) * NEPH_NANO;
    assert_int_equal(run_free(neph_object_put(at->cloud, "b", "k", &source, NULL)), 0);
    assert_int_equal(at->mock.request_count, 6);
}

static void test_swift__deletes_a_large_object_with_its_segments(void **state)
{
    static const mock_reply replies[] = {
        {.status = 204},
        {.headers = LARGE},
        {.match = "multipart-manifest=delete",
         .body =
             "<delete><response_status>400 Bad Request</response_status><errors><object><name>/b/k"
             "</name><status>409 Conflict</status></object></errors></delete>"},
    };
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    open_direct(at);
    assert_int_equal(run_free(neph_object_delete(at->cloud, "b", "k")), NEPH_CONFLICT);
    asked(at, 2, "DELETE", "/b/k?multipart-manifest=delete");
}

static void test_swift__tells_what_a_bulk_delete_could_not(void **state)
{
    static const char *const keys[] = {"a b", "c"};
    static const mock_reply replies[] = {
        {.match = "_segments", .status = 404},
        {.status = 204},
        {.match = "/info", .body = "{\"bulk_delete\":{\"max_deletes_per_request\":2}}"},
        {.match = "bulk-delete",
         .body = "<delete><response_status>400 Bad Request</response_status><errors><object><name>"
                 "/b/a%20b</name><status>403 Forbidden</status></object></errors></delete>"},
    };
    const neph_object *object;
    stand *at = *state;
    neph_call *call;
    MOCK_SCRIPT(&at->mock, replies);
    open_direct(at);
    call = neph_object_delete_many(at->cloud, "b", keys, 2);
    object = neph_next_object(call);
    assert_non_null(object);
    assert_string_equal(object->key, "a b");
    assert_int_equal(object->result.error->status, NEPH_PERMISSION);
    assert_null(neph_next_object(call));
    assert_int_equal(neph_wait(call), 0);
    assert_string_equal(at->mock.requests[3].body, "/b/a%20b\n/b/c\n");
    neph_call_free(call);
}

/* ---- a server that only speaks like Swift: it says less in /info, and does not check */

static neph_call *copy_of(stand *at)
{
    neph_call *call = neph_call_new(at->cloud, NEPH_OP_OBJECT_COPY);
    (void)neph_call_set_string(call, NEPH_OBJECT_BUCKET, "b");
    (void)neph_call_set_string(call, NEPH_OBJECT_KEY, "k");
    (void)neph_call_set_string(call, NEPH_COPY_BUCKET, "from");
    (void)neph_call_set_string(call, NEPH_COPY_KEY, "x");
    (void)neph_call_start(call);
    return call;
}

static void test_swift__copies_no_manifest(void **state)
{
    static const mock_reply replies[] = {
        CEPH,
        {.match = "/from/x", .headers = LARGE},
        {.match = "/from/x", .headers = "Etag: " TAG "\n"},
        {.match = "_segments", .status = 404},
        {.match = "/b/k", .status = 201, .headers = "Etag: " TAG "\n"},
    };
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    open_direct(at);
    assert_int_equal(run_free(copy_of(at)), NEPH_UNSUPPORTED);
    assert_int_equal(at->mock.request_count, 2);
    asked(at, 1, "HEAD", "/from/x");
    assert_int_equal(run_free(copy_of(at)), 0);
    asked(at, 4, "PUT", "/b/k");
}

/* Completes the upload of one part. */
static int complete_one(stand *at)
{
    static const neph_pair parts[] = {{"1", TAG}};
    neph_call *call;
    open_direct(at);
    call = neph_call_new(at->cloud, NEPH_OP_UPLOAD_COMPLETE);
    (void)neph_call_set_string(call, NEPH_OBJECT_BUCKET, "b");
    (void)neph_call_set_string(call, NEPH_OBJECT_KEY, "k");
    (void)neph_call_set_string(call, NEPH_UPLOAD_ID, ID);
    (void)neph_call_set_pairs(call, NEPH_UPLOAD_LISTED, parts, 1);
    (void)neph_call_start(call);
    return run_free(call);
}

/* The segments of an upload as they are listed, and the manifest that is made of them if they are what was meant. */
static int complete(stand *at, const char *tag)
{
    const char *const row = "[{\"name\":\"k/" ID "/00000001\",\"hash\":\"%s\"}]";
    char body[128];
    const mock_reply replies[] = {
        CEPH,
        {.match = "_segments?format", .body = body},
        {.match = "_segments", .status = 404},
        {.match = "multipart-manifest=put", .status = 201, .headers = "Etag: \"x\"\n"},
        {.match = "neph-uploads", .status = 204},
    };
    snprintf(body, sizeof body, row, tag);
    MOCK_SCRIPT(&at->mock, replies);
    return complete_one(at);
}

static void test_swift__looks_at_the_tags_of_parts_itself(void **state)
{
    stand *at = *state;
    assert_int_equal(complete(at, "0d41402abc4b2a76b9719d911017c592"), NEPH_INTEGRITY);
    assert_int_equal(at->mock.request_count, 2);
}

static void test_swift__notes_the_upload_in_the_object(void **state)
{
    stand *at = *state;
    assert_int_equal(complete(at, TAG), 0);
    asked(at, 3, "PUT", "/b/k?multipart-manifest=put");
    assert_string_equal(mock_header(&at->mock, 3, "X-Object-Meta-Neph-Upload"), ID);
}

static void test_swift__finds_the_segments_by_the_note(void **state)
{
    static const mock_reply replies[] = {
        {.status = 204},
        {.headers = LARGE "X-Object-Meta-Neph-Upload: " ID "\n"},
        {.status = 201, .headers = "Etag: " TAG "\n"},
        CEPH,
        {.body = "[{\"name\":\"k/" ID "/00000001\"}]"},
        {.status = 204},
        {.body = "[]"},
    };
    neph_source source = memory_source("hello");
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    open_direct(at);
    assert_int_equal(run_free(neph_object_put(at->cloud, "b", "k", &source, NULL)), 0);
    asked(at, 2, "PUT", "/b/k");
    asked(at, 5, "DELETE", "/b_segments/k/" ID "/00000001");
    assert_int_equal(at->mock.request_count, 7);
}

static neph_call *abort_of(stand *at)
{
    neph_call *call = neph_call_new(at->cloud, NEPH_OP_UPLOAD_ABORT);
    (void)neph_call_set_string(call, NEPH_OBJECT_BUCKET, "b");
    (void)neph_call_set_string(call, NEPH_OBJECT_KEY, "k");
    (void)neph_call_set_string(call, NEPH_UPLOAD_ID, ID);
    (void)neph_call_start(call);
    return call;
}

/* Its reply was lost, or another process was faster: only the marker goes. By the note, by the manifest, or since nobody
 * says what the object is made of. */
static void test_swift__gives_up_no_upload_that_is_an_object(void **state)
{
    static const struct {
        const char *headers, *manifest;
    } rows[] = {
        {LARGE "X-Object-Meta-Neph-Upload: " ID "\n", NULL},
        {LARGE, "[{\"name\":\"/b_segments/k/" ID "/00000001\"}]"},
        {LARGE, ""},
    };
    stand *at = *state;
    open_direct(at);
    for (size_t i = 0; i < NEPH_COUNT(rows); i++) {
        const mock_reply replies[] = {
            {.match = "neph-uploads", .status = 204},
            {.match = "multipart-manifest=get", .body = rows[i].manifest},
            {.match = "/b/k", .headers = rows[i].headers},
        };
        size_t before = at->mock.request_count;
        MOCK_SCRIPT(&at->mock, replies);
        assert_int_equal(run_free(abort_of(at)), 0);
        asked(at, before, "HEAD", "/b/k");
        asked(at, at->mock.request_count - 1, "DELETE", "/b_segments/neph-uploads/k/" ID);
        assert_int_equal(at->mock.request_count - before, rows[i].manifest ? 3 : 2);
    }
}

static void test_swift__gives_up_an_upload_beside_another_object(void **state)
{
    static const mock_reply replies[] = {
        {.headers = LARGE "X-Object-Meta-Neph-Upload: fedcba9876543210fedcba9876543210\n"},
        CEPH,
        {.body = "[{\"name\":\"k/" ID "/00000001\"}]"},
        {.status = 204},
        {.body = "[]"},
        {.status = 204},
    };
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    open_direct(at);
    assert_int_equal(run_free(abort_of(at)), 0);
    asked(at, 3, "DELETE", "/b_segments/k/" ID "/00000001");
    asked(at, 5, "DELETE", "/b_segments/neph-uploads/k/" ID);
}

static int get_if(stand *at, const char *tag)
{
    neph_call *call = neph_call_new(at->cloud, NEPH_OP_OBJECT_HEAD);
    (void)neph_call_set_string(call, NEPH_OBJECT_BUCKET, "b");
    (void)neph_call_set_string(call, NEPH_OBJECT_KEY, "k");
    (void)neph_call_set_string(call, NEPH_IF_MATCH, tag);
    (void)neph_call_start(call);
    return run_free(call);
}

static void test_swift__compares_the_tag_of_a_large_object_itself(void **state)
{
    static const mock_reply replies[] = {
        {.status = 412},
        {.headers = LARGE, .stays = 1},
    };
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    open_direct(at);
    assert_int_equal(get_if(at, "x"), 0);
    assert_string_equal(mock_header(&at->mock, 0, "If-Match"), "\"x\"");
    assert_null(mock_header(&at->mock, 1, "If-Match"));
    assert_int_equal(get_if(at, "x"), 0); /* it has learned */
    assert_int_equal(at->mock.request_count, 3);
    assert_int_equal(get_if(at, "y"), NEPH_CONFLICT);
}

static void test_swift__writes_under_no_condition_that_is_ignored(void **state)
{
    static const mock_reply replies[] = {CEPH};
    neph_source source = memory_source("hello");
    stand *at = *state;
    neph_call *call;
    MOCK_SCRIPT(&at->mock, replies);
    open_direct(at);
    call = neph_call_new(at->cloud, NEPH_OP_OBJECT_PUT);
    (void)neph_call_set_string(call, NEPH_OBJECT_BUCKET, "b");
    (void)neph_call_set_string(call, NEPH_OBJECT_KEY, "k");
    (void)neph_call_set_string(call, NEPH_IF_NONE_MATCH, "*");
    (void)neph_call_set_source(call, &source);
    (void)neph_call_start(call);
    assert_int_equal(run_free(call), NEPH_UNSUPPORTED);
    assert_int_equal(at->mock.request_count, 1);
}

static void test_swift__does_not_take_a_manifest_for_the_object(void **state)
{
    static const mock_reply replies[] = {
        {.body = "[{\"name\":\"k\",\"bytes\":181,\"hash\":\"d41d8cd98f00b204e9800998ecf8427e\"},"
                 "{\"name\":\"none\",\"bytes\":0,\"hash\":\"d41d8cd98f00b204e9800998ecf8427e\"}]"}};
    const neph_object *object;
    stand *at = *state;
    neph_call *call;
    MOCK_SCRIPT(&at->mock, replies);
    open_direct(at);
    call = neph_object_list(at->cloud, "b", NULL);
    object = neph_next_object(call);
    assert_non_null(object);
    assert_true(object->size_bytes == NEPH_UNKNOWN);
    assert_null(object->etag);
    object = neph_next_object(call);
    assert_non_null(object);
    assert_true(object->size_bytes == 0);
    assert_non_null(object->etag);
    neph_call_free(call);
}

/* ---- a completion with signs of life */

static int beat(stand *at, const char *verdict)
{
    const mock_reply replies[] = {
        {.match = "/info",
         .body = "{\"slo\":{\"yield_frequency\":10},\"swift\":{\"max_meta_count\":90}}"},
        {.match = "_segments", .status = 404},
        {.match = "heartbeat=on", .status = 202, .body = verdict},
        {.match = "neph-uploads", .status = 204},
    };
    MOCK_SCRIPT(&at->mock, replies);
    return complete_one(at);
}

static void test_swift__waits_for_the_verdict_behind_signs_of_life(void **state)
{
    stand *at = *state;
    assert_int_equal(beat(at,
                          "    \r\n\r\n<upload>\n<response_status>201 Created</response_status>\n"
                          "<response_body></response_body>\n<etag>\"x\"</etag>\n<errors>\n"
                          "</errors>\n</upload>\n"),
                     0);
    asked(at, 2, "PUT", "/b/k?multipart-manifest=put&heartbeat=on");
    assert_int_equal(at->mock.request_count, 4);
}

static void test_swift__hears_what_is_wrong_with_a_part(void **state)
{
    stand *at = *state;
    assert_int_equal(
        beat(at, "  \r\n\r\n<upload><response_status>400 Bad Request</response_status><errors>"
                 "<object><name>/b_segments/k</name><status>Etag Mismatch</status></object>"
                 "</errors></upload>"),
        NEPH_INTEGRITY);
    assert_int_equal(at->mock.request_count, 3);
}

static void test_swift__hears_that_a_condition_does_not_hold(void **state)
{
    stand *at = *state;
    assert_int_equal(beat(at, " \r\n\r\n<upload><response_status>412 Precondition Failed"
                              "</response_status><errors></errors></upload>"),
                     NEPH_CONFLICT);
}

static void test_swift__takes_no_silence_for_success(void **state)
{
    stand *at = *state;
    assert_int_equal(beat(at, " \r\n\r\n<upload></upload>"), NEPH_PROTOCOL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAND_TEST(test_swift__removes_the_segments_of_what_it_replaces),
        STAND_TEST(test_swift__leaves_segments_that_are_not_its_own),
        STAND_TEST(test_swift__looks_once_where_there_are_no_segments),
        STAND_TEST(test_swift__deletes_a_large_object_with_its_segments),
        STAND_TEST(test_swift__tells_what_a_bulk_delete_could_not),
        STAND_TEST(test_swift__copies_no_manifest),
        STAND_TEST(test_swift__looks_at_the_tags_of_parts_itself),
        STAND_TEST(test_swift__notes_the_upload_in_the_object),
        STAND_TEST(test_swift__finds_the_segments_by_the_note),
        STAND_TEST(test_swift__gives_up_no_upload_that_is_an_object),
        STAND_TEST(test_swift__gives_up_an_upload_beside_another_object),
        STAND_TEST(test_swift__compares_the_tag_of_a_large_object_itself),
        STAND_TEST(test_swift__writes_under_no_condition_that_is_ignored),
        STAND_TEST(test_swift__does_not_take_a_manifest_for_the_object),
        STAND_TEST(test_swift__waits_for_the_verdict_behind_signs_of_life),
        STAND_TEST(test_swift__hears_what_is_wrong_with_a_part),
        STAND_TEST(test_swift__hears_that_a_condition_does_not_hold),
        STAND_TEST(test_swift__takes_no_silence_for_success),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
