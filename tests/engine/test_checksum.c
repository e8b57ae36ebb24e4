/*
 * Checksums of bodies: taken on the way, told with the result, compared with what the cloud says, combined.
 */
#include "tests/engine/stand.h"

#include "core/call.h"
#include "core/checksum.h"

#define DIGITS "123456789"
#define CRC32C_OF_DIGITS "crc32c:e3069283"

static const mock_reply stored[] = {{.headers = "ETag: \"e1\"\n", .stays = 1}};
static const mock_reply content[] = {{.headers = "ETag: \"e1\"\n", .body = DIGITS, .stays = 1}};

static const struct {
    const char *algorithm, *text;
} sums[] = {
    {"md5", "md5:25f9e794323b453885f5181f1b624d0b"},
    {"sha1", "sha1:f7c3bc1d808e04732adf679965ccc34ca7ae3441"},
    {"sha256", "sha256:15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"},
    {"sha512",
     "sha512:d9e6762dd1c8eaf6d61b3c6192fc408d4d6d5f1176d0c29169bc24e71c3f274ad27fcd5811b31"
     "3d681f7e55ec02d73d499c95455b6b5bb503acf574fba8ffe85"},
    {"crc32", "crc32:cbf43926"},
    {"crc32c", CRC32C_OF_DIGITS},
    {"crc64nvme", "crc64nvme:ae8b14860a799888"},
};
#define SUMS (sizeof sums / sizeof *sums)

static neph_source digits(void)
{
    neph_source source = NEPH_SOURCE_INIT;
    source.from = NEPH_BODY_MEMORY;
    source.data = DIGITS;
    source.data_size = sizeof DIGITS - 1;
    return source;
}

static neph_call *put(stand *s, const neph_source *source, const char *algorithm)
{
    neph_put_options options = NEPH_PUT_OPTIONS_INIT;
    options.checksum = algorithm;
    return neph_object_put(s->cloud, "b", "k", source, &options);
}

static neph_call *get(stand *s, const char *path, const char *algorithm, int64_t length)
{
    neph_get_options options = NEPH_GET_OPTIONS_INIT;
    neph_sink sink = NEPH_SINK_INIT;
    sink.to = path ? NEPH_BODY_FILE : NEPH_BODY_MEMORY;
    sink.path = path;
    options.checksum = algorithm;
    options.length = length;
    return neph_object_get(s->cloud, "b", "k", &sink, &options);
}

/* What the result says of its body, "(none)" if nothing; the call is freed. */
static const char *taken(neph_call *call)
{
    static _Thread_local char text[NEPHI_CHECKSUM_MAX];
    const neph_object *object;
    if (stand_run(call))
        fail_msg("%s", neph_call_error(call)->message);
    object = (const neph_object *)neph_call_result(call);
    assert_non_null(object);
    snprintf(text, sizeof text, "%s", object->body_checksum ? object->body_checksum : "(none)");
    neph_call_free(call);
    return text;
}

static void check_refused(neph_call *call, int status, const char *message)
{
    assert_int_equal(stand_run(call), status);
    if (!strstr(neph_call_error(call)->message, message))
        fail_msg("%s", neph_call_error(call)->message);
    neph_call_free(call);
}

/* ---- taken */

static void test_checksum__of_what_was_sent_is_told(void **state)
{
    stand *s = *state;
    neph_source source = digits();
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, stored);
    s->mock.read_size = 4;
    for (size_t i = 0; i < SUMS; i++)
        assert_string_equal(taken(put(s, &source, sums[i].algorithm)), sums[i].text);
    assert_string_equal(taken(put(s, &source, NULL)), "(none)");
}

static void test_checksum__of_what_was_received_is_told(void **state)
{
    stand *s = *state;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, content);
    s->mock.piece = 2;
    for (size_t i = 0; i < SUMS; i++)
        assert_string_equal(taken(get(s, NULL, sums[i].algorithm, 0)), sums[i].text);
    assert_string_equal(taken(get(s, NULL, "crc32c", sizeof DIGITS - 1)), CRC32C_OF_DIGITS);
    assert_string_equal(taken(get(s, NULL, NULL, 0)), "(none)");
}

static void test_checksum__of_a_part_is_told(void **state)
{
    stand *s = *state;
    neph_source source = digits();
    const neph_part *part;
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, stored);
    call = neph_upload_part(s->cloud, "b", "k", "u", 7, &source, "crc32c");
    assert_int_equal(stand_run(call), 0);
    part = (const neph_part *)neph_call_result(call);
    assert_string_equal(part->body_checksum, CRC32C_OF_DIGITS);
    assert_null(part->checksum);
    neph_call_free(call);
}

static void test_checksum__of_nothing_is_one_too(void **state)
{
    static const mock_reply empty[] = {{.headers = "ETag: \"e1\"\n", .body = "", .stays = 1}};
    stand *s = *state;
    neph_source source = digits();
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, empty);
    source.data_size = 0;
    assert_string_equal(taken(put(s, &source, "crc64nvme")), "crc64nvme:0000000000000000");
    assert_string_equal(taken(get(s, NULL, "md5", 0)), "md5:d41d8cd98f00b204e9800998ecf8427e");
}

static int64_t give(void *data, size_t size, void *user)
{
    size_t *at = user, left = sizeof DIGITS - 1 - *at;
    if (size > left)
        size = left;
    memcpy(data, &DIGITS[*at], size);
    *at += size;
    return (int64_t)size;
}

static void test_checksum__of_a_spooled_and_digested_body_is_taken_once(void **state)
{
    stand *s = *state;
    neph_source source = NEPH_SOURCE_INIT;
    size_t at = 0;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, stored);
    mill.is_hashed = 1;
    source.from = NEPH_BODY_CALLBACK;
    source.read = give;
    source.user = &at;
    assert_string_equal(taken(put(s, &source, "crc32c")), CRC32C_OF_DIGITS);
}

static void test_checksum__begins_anew_with_the_body(void **state)
{
    static const mock_reply refused[] = {{.status = 503}, {.headers = "ETag: \"e1\"\n"}};
    static const mock_reply broken[] = {{.body = "12345", .fail = MOCK_FAIL_BODY, .fail_after = 3},
                                        {.headers = "ETag: \"e1\"\n", .body = DIGITS}};
    stand *s = *state;
    neph_source source = digits();
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, refused);
    s->mock.is_rewinding = 1;
    assert_string_equal(taken(put(s, &source, "crc32c")), CRC32C_OF_DIGITS);
    MOCK_SCRIPT(&s->mock, broken);
    assert_string_equal(taken(get(s, NULL, "crc32c", 0)), CRC32C_OF_DIGITS);
}

static void test_checksum__of_a_body_that_was_not_read_to_its_end_is_not_told(void **state)
{
    static const mock_reply early[] = {
        {.headers = "ETag: \"e1\"\nX-Checksum: crc32c:00000000\n", .is_early = 1}};
    stand *s = *state;
    neph_source source = digits();
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, early);
    assert_string_equal(taken(put(s, &source, "crc32c")), "(none)");
}

static void test_checksum__is_that_of_the_frames_too(void **state)
{
    static const char *const algorithms[] = {NULL, "crc32c", "crc32"};
    static const char *const told[] = {"(none)", CRC32C_OF_DIGITS, "crc32:cbf43926"};
    stand *s = *state;
    neph_source source = digits();
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, stored);
    mill.is_trailed = 1;
    for (size_t i = 0; i < 3; i++) {
        const mock_request *request = &s->mock.requests[i];
        assert_string_equal(taken(put(s, &source, algorithms[i])), told[i]);
        assert_int_equal(request->body_size, sizeof DIGITS - 1 + 8);
        assert_memory_equal(request->body, DIGITS "e3069283", request->body_size);
    }
}

/* ---- compared */

static void test_checksum__that_differs_is_sent_again(void **state)
{
    static const mock_reply once[] = {
        {.headers = "ETag: \"e1\"\nX-Checksum: crc32c:00000000\n"},
        {.headers = "ETag: \"e1\"\nX-Checksum: " CRC32C_OF_DIGITS "\n"}};
    static const mock_reply always[] = {
        {.headers = "ETag: \"e1\"\nX-Checksum: crc32c:00000000\n", .stays = 1}};
    stand *s = *state;
    neph_source source = digits();
    s->config.max_attempts = 2;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, once);
    assert_string_equal(taken(put(s, &source, "crc32c")), CRC32C_OF_DIGITS);
    assert_int_equal(s->mock.request_count, 2);
    MOCK_SCRIPT(&s->mock, always);
    check_refused(put(s, &source, "crc32c"), NEPH_INTEGRITY, "crc32c:00000000");
    assert_int_equal(s->mock.request_count, 4);
    check_refused(neph_upload_part(s->cloud, "b", "k", "u", 1, &source, "crc32c"), NEPH_INTEGRITY,
                  "those sent have " CRC32C_OF_DIGITS);
}

/* By the words of the provider, since the cloud has no code for it. */
static void test_checksum__that_the_cloud_finds_to_differ_is_sent_again(void **state)
{
    static const mock_reply damaged = {.status = 400,
                                       .body = "<Error><Code>Damaged</Code></Error>"};
    static const mock_reply always = {
        .status = 400, .body = "<Error><Code>Damaged</Code></Error>", .stays = 1};
    const mock_reply once[] = {damaged, {.headers = "ETag: \"e1\"\n"}};
    stand *s = *state;
    neph_source source = digits();
    s->config.max_attempts = 2;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, once);
    assert_string_equal(taken(put(s, &source, "crc32c")), CRC32C_OF_DIGITS);
    assert_int_equal(s->mock.request_count, 2);
    mock_script(&s->mock, &always, 1);
    check_refused(put(s, &source, "crc32c"), NEPH_INTEGRITY, "other bytes arrived");
    assert_int_equal(s->mock.request_count, 4);
}

static void test_checksum__that_differs_leaves_no_file(void **state)
{
    static const mock_reply replies[] = {
        {.headers = "ETag: \"e1\"\nX-Checksum: crc32c:00000000\n", .body = DIGITS, .stays = 1}};
    stand *s = *state;
    char path[256];
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    snprintf(path, sizeof path, "%s", stand_path(s, "out"));
    check_refused(get(s, path, "crc32c", 0), NEPH_INTEGRITY, "those received have");
    assert_int_equal(stand_files(s), 0);
    assert_int_equal(s->mock.request_count, 1);
    assert_string_equal(taken(get(s, path, "crc32", 0)), "crc32:cbf43926");
    assert_int_equal(stand_files(s), 1);
}

static void test_checksum__of_a_range_or_of_another_kind_is_not_compared(void **state)
{
    static const char *const said[] = {"crc32:00000000", "crc32c", "other:00", "", ":"};
    stand *s = *state;
    neph_source source = digits();
    mock_reply replies[] = {{.body = DIGITS, .stays = 1}};
    char headers[64];
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    replies[0].headers = headers;
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        snprintf(headers, sizeof headers, "ETag: \"e1\"\nX-Checksum: %s\n", said[i]);
        assert_string_equal(taken(put(s, &source, i == 1 ? "crc32" : "crc32c")),
                            i == 1 ? "crc32:cbf43926" : CRC32C_OF_DIGITS);
    }
    snprintf(headers, sizeof headers, "ETag: \"e1\"\nX-Checksum: crc32c:00000000\n");
    assert_string_equal(taken(get(s, NULL, "crc32c", 9)), CRC32C_OF_DIGITS);
}

typedef struct watcher {
    neph_call *call;
    int is_taken;  /* while bytes come */
    int is_result; /* before all of them have come */
} watcher;

static int on_bytes(const void *data, size_t size, void *user)
{
    watcher *self = user;
    (void)data, (void)size;
    self->is_taken = self->call->checksum.digest != NULL;
    self->is_result |= neph_call_result(self->call) != NULL;
    return 0;
}

/* A get whose checksum is for comparing alone. */
static neph_call *compare(stand *s, watcher *self, int64_t length)
{
    neph_call *call = neph_call_new(s->cloud, NEPH_OP_OBJECT_GET);
    neph_sink sink = NEPH_SINK_INIT;
    sink.to = NEPH_BODY_CALLBACK;
    sink.write = on_bytes;
    sink.user = self;
    (void)neph_call_set_string(call, NEPH_OBJECT_BUCKET, "b");
    (void)neph_call_set_string(call, NEPH_OBJECT_KEY, "k");
    (void)neph_call_set_string(call, NEPH_CHECKSUM, "crc32c");
    if (length)
        (void)neph_call_set_integer(call, NEPH_RANGE_LENGTH, length);
    (void)neph_call_set_sink(call, &sink);
    nephi_checksum_compare_only(call);
    *self = (watcher){.call = call};
    (void)neph_call_start(call);
    return call;
}

static void test_checksum__for_comparing_is_taken_while_there_is_something_to_compare(void **state)
{
    static const struct {
        const char *said;
        int64_t length;
        int is_taken;
    } rows[] = {{CRC32C_OF_DIGITS, 0, 1},
                {"", 0, 0},
                {"crc32:cbf43926", 0, 0},
                {":", 0, 0},
                {CRC32C_OF_DIGITS, sizeof DIGITS - 1, 0}};
    stand *s = *state;
    mock_reply replies[] = {{.body = DIGITS, .stays = 1}};
    char headers[64];
    watcher self;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    replies[0].headers = headers;
    s->mock.piece = 4;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(headers, sizeof headers, "ETag: \"e1\"\nX-Checksum: %s\n", rows[i].said);
        assert_string_equal(taken(compare(s, &self, rows[i].length)),
                            rows[i].is_taken ? CRC32C_OF_DIGITS : "(none)");
        assert_int_equal(self.is_taken, rows[i].is_taken);
        assert_int_equal(self.is_result, 0);
    }
    snprintf(headers, sizeof headers, "ETag: \"e1\"\nX-Checksum: crc32c:00000000\n");
    check_refused(compare(s, &self, 0), NEPH_INTEGRITY, "those received have");
}

static void test_checksum__for_comparing_is_weighed_by_each_reply(void **state)
{
    static const mock_reply replies[] = {
        {.headers = "ETag: \"e1\"\n", .fail = MOCK_FAIL_HEADERS},
        {.headers = "ETag: \"e1\"\nX-Checksum: " CRC32C_OF_DIGITS "\n", .body = DIGITS}};
    stand *s = *state;
    watcher self;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(taken(compare(s, &self, 0)), CRC32C_OF_DIGITS);
    assert_int_equal(s->mock.request_count, 2);
    assert_int_equal(self.is_taken, 1);
}

/* ---- asked for */

static void test_checksum__of_an_unknown_kind_is_refused(void **state)
{
    static const char *const names[] = {"CRC32C", "crc33", "", "md5:", "md5:00"};
    stand *s = *state;
    neph_source source = digits();
    stand_open(s, "mill");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        check_refused(put(s, &source, names[i]), NEPH_INVALID,
                      "must be md5, sha1, sha256, sha512, crc32, crc32c or crc64nvme");
    assert_int_equal(s->mock.request_count, 0);
}

static void test_checksum__is_taken_whatever_the_provider_takes(void **state)
{
    stand *s = *state;
    stand_open(s, "mill");
    assert_int_equal(neph_cloud_takes(s->cloud, NEPH_OP_OBJECT_PUT, NEPH_CHECKSUM), 1);
    assert_int_equal(neph_cloud_takes(s->cloud, NEPH_OP_OBJECT_GET, NEPH_CHECKSUM), 1);
    assert_int_equal(neph_cloud_takes(s->cloud, NEPH_OP_UPLOAD_PART, NEPH_CHECKSUM), 1);
    assert_int_equal(neph_cloud_takes(s->cloud, NEPH_OP_OBJECT_HEAD, NEPH_CHECKSUM), 0);
}

/* ---- combined */

static void test_checksum__of_a_whole_comes_from_those_of_its_parts(void **state)
{
    static const struct {
        const char *a, *b;
        int64_t size;
        int status;
        const char *whole;
    } rows[] = {
        {"crc32:9be3e0a3", "crc32:131da070", 5, 0, "crc32:cbf43926"}, /* 1234, 56789 */
        {"crc32c:00000000", CRC32C_OF_DIGITS, 9, 0, CRC32C_OF_DIGITS},
        {CRC32C_OF_DIGITS, "crc32c:00000000", 0, 0, CRC32C_OF_DIGITS},
        {"crc64nvme:ae8b14860a799888", "crc64nvme:0000000000000000", 0, 0,
         "crc64nvme:ae8b14860a799888"},
        {"crc32:9be3e0a3", CRC32C_OF_DIGITS, 9, NEPH_UNSUPPORTED, NULL},
        {"md5:00", "md5:00", 9, NEPH_UNSUPPORTED, NULL},
        {"other:00", "other:00", 9, NEPH_UNSUPPORTED, NULL},
        {"crc32c:e306928", CRC32C_OF_DIGITS, 9, NEPH_INVALID, NULL},
        {"crc32c:E3069283", CRC32C_OF_DIGITS, 9, NEPH_INVALID, NULL},
        {CRC32C_OF_DIGITS, "crc32c:e306928300", 9, NEPH_INVALID, NULL},
        {CRC32C_OF_DIGITS, "crc32c", 9, NEPH_INVALID, NULL},
    };
    stand *s = *state;
    stand_open(s, "mill");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char whole[NEPHI_CHECKSUM_MAX];
        snprintf(whole, sizeof whole, "%s", rows[i].a);
        assert_int_equal(nephi_checksum_combine(s->host, whole, rows[i].b, rows[i].size),
                         rows[i].status);
        assert_string_equal(whole, rows[i].whole ? rows[i].whole : rows[i].a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAND_TEST(test_checksum__of_what_was_sent_is_told),
        STAND_TEST(test_checksum__of_what_was_received_is_told),
        STAND_TEST(test_checksum__of_a_part_is_told),
        STAND_TEST(test_checksum__of_nothing_is_one_too),
        STAND_TEST(test_checksum__of_a_spooled_and_digested_body_is_taken_once),
        STAND_TEST(test_checksum__begins_anew_with_the_body),
        STAND_TEST(test_checksum__of_a_body_that_was_not_read_to_its_end_is_not_told),
        STAND_TEST(test_checksum__is_that_of_the_frames_too),
        STAND_TEST(test_checksum__that_differs_is_sent_again),
        STAND_TEST(test_checksum__that_the_cloud_finds_to_differ_is_sent_again),
        STAND_TEST(test_checksum__that_differs_leaves_no_file),
        STAND_TEST(test_checksum__of_a_range_or_of_another_kind_is_not_compared),
        STAND_TEST(test_checksum__for_comparing_is_taken_while_there_is_something_to_compare),
        STAND_TEST(test_checksum__for_comparing_is_weighed_by_each_reply),
        STAND_TEST(test_checksum__of_an_unknown_kind_is_refused),
        STAND_TEST(test_checksum__is_taken_whatever_the_provider_takes),
        STAND_TEST(test_checksum__of_a_whole_comes_from_those_of_its_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
