/*
 * Providers that lie about bodies: what the host tells a program is never theirs to make up.
 */
#include "tests/engine/stand.h"

#define DIGITS "123456789"
#define CRC32C_OF_DIGITS "crc32c:e3069283"

/* What the provider of this thread does. */
typedef enum lie {
    HONEST = 0,
    LIE_EARLY,    /* wants the checksum before the end of the body */
    LIE_UNREAD,   /* reads nothing */
    LIE_HALF,     /* reads some */
    LIE_KIND,     /* has an object in place of a part */
    LIE_CHECKSUM, /* says that the cloud has other bytes */
    LIE_TEXT,     /* has its own idea of what was sent */
    LIE_MORE,     /* writes more than was asked for */
    LIE_TWICE,    /* writes, and fails */
} lie;
static _Thread_local lie told;

static int32_t body_read(neph_call *call)
{
    char data[4];
    int64_t count = 1;
    for (int i = 0; count > 0 && told != LIE_UNREAD && !(told == LIE_HALF && i == 1); i++) {
        count = neph_source_read(call, data, sizeof data);
        if (told == LIE_EARLY && count > 0 && !neph_body_checksum(call))
            return neph_fail(call, NEPH_INVALID, "no checksum");
    }
    return count < 0 ? (int32_t)count : 0;
}

static int32_t upload_part(neph_call *call)
{
    int is_object = told == LIE_KIND;
    neph_record *record;
    int32_t rc = body_read(call);
    if (rc)
        return rc;
    record = neph_record_new(call, is_object ? NEPH_KIND_OBJECT : NEPH_KIND_PART);
    if (!record)
        return neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    if (told == LIE_TEXT)
        rc = neph_record_set(record, NEPH_PART_BODY_CHECKSUM, "crc32c:00000000");
    if (told == LIE_CHECKSUM)
        rc = neph_record_set(record, NEPH_PART_CHECKSUM, "crc32c:00000000");
    else if (!is_object && !rc && neph_body_checksum(call))
        rc = neph_record_set(record, NEPH_PART_CHECKSUM, neph_body_checksum(call));
    return rc ? rc : neph_record_emit(call, record);
}

static int32_t object_get(neph_call *call)
{
    neph_record *record;
    int32_t rc = (int32_t)neph_sink_write(call, DIGITS, 4);
    if (!rc && told == LIE_MORE)
        rc = (int32_t)neph_sink_write(call, DIGITS, 1);
    if (!rc && told == LIE_TWICE)
        rc = neph_fail(call, NEPH_UNAVAILABLE, "not now");
    record = rc ? NULL : neph_record_new(call, NEPH_KIND_OBJECT);
    return record ? neph_record_emit(call, record) : rc;
}

static const int32_t get_takes[] = {NEPH_RANGE_LENGTH};
static const neph_action actions[] = {
    {.op = NEPH_OP_UPLOAD_PART, .perform = upload_part},
    {.op = NEPH_OP_OBJECT_GET, .perform = object_get, NEPH_TAKES(get_takes)},
};
static const neph_provider provider = {
    .size = sizeof(neph_provider), .id = "liar", .title = "Liar", NEPH_ACTIONS(actions)};
static const neph_provider *const providers[] = {&provider};
static const neph_plugin plugin = {{'N', 'E', 'P', 'H', 'P', 'L', 'U', 'G'},
                                   sizeof(neph_plugin),
                                   NEPH_ABI_MAJOR,
                                   NEPH_ABI_MINOR,
                                   NEPH_ABI_MINOR,
                                   "liar",
                                   "1.0",
                                   "neph-tests",
                                   providers,
                                   1,
                                   0};

static void liar_open(stand *s, lie one)
{
    told = one;
    stand_open(s, "mill");
    neph_cloud_close(s->cloud);
    assert_int_equal(neph_host_register(s->host, &plugin), 0);
    assert_int_equal(neph_cloud_open(s->host, "liar", NULL, 0, &s->cloud), 0);
}

static neph_call *part(stand *s, const char *checksum)
{
    neph_source source = NEPH_SOURCE_INIT;
    source.from = NEPH_BODY_MEMORY;
    source.data = DIGITS;
    source.data_size = sizeof DIGITS - 1;
    return neph_upload_part(s->cloud, "b", "k", "u", 1, &source, checksum);
}

static neph_call *get(stand *s, const char *path)
{
    neph_get_options options = NEPH_GET_OPTIONS_INIT;
    neph_sink sink = NEPH_SINK_INIT;
    sink.to = NEPH_BODY_FILE;
    sink.path = path;
    options.length = 4;
    return neph_object_get(s->cloud, "b", "k", &sink, &options);
}

/* ---- about what was sent */

static void test_lies__are_not_told_by_an_honest_provider(void **state)
{
    stand *s = *state;
    const neph_part *sent;
    neph_call *call;
    liar_open(s, HONEST);
    call = part(s, "crc32c");
    assert_int_equal(stand_run(call), 0);
    sent = (const neph_part *)neph_call_result(call);
    assert_string_equal(sent->checksum, CRC32C_OF_DIGITS);
    assert_string_equal(sent->body_checksum, CRC32C_OF_DIGITS);
    neph_call_free(call);
    call = part(s, NULL);
    assert_int_equal(stand_run(call), 0);
    assert_null(((const neph_part *)neph_call_result(call))->checksum);
    neph_call_free(call);
}

static void test_lies__about_the_end_of_a_body_are_found(void **state)
{
    stand *s = *state;
    neph_call *call;
    liar_open(s, LIE_EARLY);
    call = part(s, "crc32c");
    assert_int_equal(stand_run(call), NEPH_PLUGIN);
    assert_non_null(strstr(neph_call_error(call)->message, "before its end"));
    neph_call_free(call);
}

static void test_lies__about_bytes_that_were_not_read_have_no_checksum(void **state)
{
    static const lie lies[] = {LIE_UNREAD, LIE_HALF};
    stand *s = *state;
    liar_open(s, HONEST);
    for (size_t i = 0; i < 2; i++) {
        neph_call *call = part(s, "crc32c");
        told = lies[i];
        assert_int_equal(stand_run(call), 0);
        assert_null(((const neph_part *)neph_call_result(call))->body_checksum);
        neph_call_free(call);
    }
}

static void test_lies__about_the_bytes_that_the_cloud_has_are_found(void **state)
{
    stand *s = *state;
    neph_call *call;
    liar_open(s, LIE_CHECKSUM);
    call = part(s, "crc32c");
    assert_int_equal(stand_run(call), NEPH_INTEGRITY);
    neph_call_free(call);
}

static void test_lies__about_what_was_sent_are_overruled(void **state)
{
    stand *s = *state;
    neph_call *call;
    liar_open(s, LIE_TEXT);
    call = part(s, "crc32c");
    assert_int_equal(stand_run(call), 0);
    assert_string_equal(((const neph_part *)neph_call_result(call))->body_checksum,
                        CRC32C_OF_DIGITS);
    neph_call_free(call);
}

static void test_lies__about_the_kind_do_no_harm(void **state)
{
    stand *s = *state;
    neph_call *call;
    liar_open(s, LIE_KIND);
    call = part(s, "crc32c");
    assert_int_equal(stand_run(call), 0);
    assert_null(neph_next_part(call));
    neph_call_free(call);
}

/* ---- about frames */

static void test_lies__about_frames_are_found_with_a_checksum_too(void **state)
{
    static const mock_reply stored[] = {{.headers = "ETag: \"e1\"\n", .stays = 1}};
    static const int64_t promises[] = {1, -1, -8, INT64_C(1) << 40};
    neph_put_options options = NEPH_PUT_OPTIONS_INIT;
    neph_source source = NEPH_SOURCE_INIT;
    stand *s = *state;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, stored);
    source.from = NEPH_BODY_MEMORY;
    source.data = DIGITS;
    source.data_size = sizeof DIGITS - 1;
    options.checksum = "crc32c";
    mill.is_trailed = 1;
    for (size_t i = 0; i < sizeof promises / sizeof *promises; i++) {
        neph_call *call;
        mill.frame_promise = promises[i];
        call = neph_object_put(s->cloud, "b", "k", &source, &options);
        assert_int_equal(stand_run(call), NEPH_PLUGIN);
        neph_call_free(call);
    }
}

/* ---- about what was received */

static void test_lies__about_the_length_of_a_range_leave_no_file(void **state)
{
    stand *s = *state;
    char path[256];
    neph_call *call;
    liar_open(s, LIE_MORE);
    snprintf(path, sizeof path, "%s", stand_path(s, "out"));
    call = get(s, path);
    assert_int_equal(stand_run(call), NEPH_PROTOCOL);
    neph_call_free(call);
    told = LIE_TWICE;
    call = get(s, path);
    assert_int_equal(stand_run(call), NEPH_UNAVAILABLE);
    neph_call_free(call);
    assert_int_equal(stand_files(s), 0);
    told = HONEST;
    call = get(s, path);
    assert_int_equal(stand_run(call), 0);
    neph_call_free(call);
    assert_int_equal(stand_files(s), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAND_TEST(test_lies__are_not_told_by_an_honest_provider),
        STAND_TEST(test_lies__about_the_end_of_a_body_are_found),
        STAND_TEST(test_lies__about_bytes_that_were_not_read_have_no_checksum),
        STAND_TEST(test_lies__about_the_bytes_that_the_cloud_has_are_found),
        STAND_TEST(test_lies__about_what_was_sent_are_overruled),
        STAND_TEST(test_lies__about_the_kind_do_no_harm),
        STAND_TEST(test_lies__about_frames_are_found_with_a_checksum_too),
        STAND_TEST(test_lies__about_the_length_of_a_range_leave_no_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
