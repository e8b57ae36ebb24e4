/*
 * Many deletions by the host, where the provider leaves them to it: one for each key, several at a time.
 */
#include "tests/engine/stand.h"

#define KEYS 100
#define AT_ONCE 32
#define NO_KEY                                                                                     \
    {                                                                                              \
        .status = 404, .match = "?delete"                                                          \
    }
#define GONE                                                                                       \
    {                                                                                              \
        .match = "?delete", .stays = 1                                                             \
    }

static char names[KEYS][8];
static const char *keys[KEYS];

/* Begins to delete k0, k1, ...; the first replies in their order are for the first keys in theirs. */
static neph_call *delete_keys(stand *s, const mock_reply *replies, size_t count)
{
    for (size_t i = 0; i < KEYS; i++) {
        snprintf(names[i], sizeof names[i], "k%zu", i);
        keys[i] = names[i];
    }
    stand_open(s, "mill");
    mock_script(&s->mock, replies, count);
    return neph_object_delete_many(s->cloud, "b", keys, KEYS);
}

static void test_many__is_one_for_each_key(void **state)
{
    static const mock_reply replies[] = {GONE};
    int seen[KEYS] = {0};
    stand *s = *state;
    neph_call *call = delete_keys(s, replies, 1);
    assert_string_equal(stand_list(call), ".0");
    assert_int_equal(s->mock.request_count, KEYS);
    for (size_t i = 0; i < KEYS; i++) {
        const mock_request *request = &s->mock.requests[i];
        size_t key = (size_t)strtol(request->body + 1, NULL, 10);
        assert_true(key < KEYS);
        assert_string_equal(request->url, "http://mill.test:8080/b?delete");
        assert_int_equal(seen[key]++, 0);
    }
}

static void test_many__tells_of_those_that_could_not_be(void **state)
{
    static const mock_reply replies[] = {
        {.match = "?delete"},
        {.status = 418, .match = "?delete"},
        {.status = 409,
         .match = "?delete",
         .body = "<Error><Code>Held</Code><Message>it is held</Message></Error>"},
        GONE,
    };
    static const struct {
        const char *key, *code;
        int status, http;
    } rows[] = {{"k1", "", NEPH_LIMIT, 418}, {"k2", "Held", NEPH_CONFLICT, 409}};
    stand *s = *state;
    neph_call *call = delete_keys(s, replies, NEPH_COUNT(replies));
    for (size_t i = 0; i < NEPH_COUNT(rows); i++) {
        const neph_object *object = neph_next_object(call);
        assert_non_null(object);
        assert_string_equal(object->key, rows[i].key);
        assert_int_equal(object->result.error->status, rows[i].status);
        assert_int_equal(object->result.error->http_status, rows[i].http);
        if (*rows[i].code)
            assert_string_equal(object->result.error->code, rows[i].code);
    }
    assert_null(neph_next_object(call));
    assert_int_equal(neph_wait(call), 0);
    assert_int_equal(s->mock.request_count, KEYS);
    neph_call_free(call);
}

static void test_many__looks_at_the_bucket_when_a_key_is_not_there(void **state)
{
    static const mock_reply replies[] = {
        NO_KEY, NO_KEY, GONE, {.body = "<ListBucketResult/>", .match = "/b"}};
    stand *s = *state;
    assert_string_equal(stand_list(delete_keys(s, replies, NEPH_COUNT(replies))), ".0");
    assert_int_equal(s->mock.request_count, KEYS + 1);
}

static void test_many__fails_if_there_is_no_bucket(void **state)
{
    static const mock_reply replies[] = {
        {.status = 404, .match = "?delete", .stays = 1},
        {.status = 404,
         .match = "/b",
         .body = "<Error><Code>NoSuchBucket</Code><Message>no bucket b</Message></Error>"},
    };
    stand *s = *state;
    neph_call *call = delete_keys(s, replies, NEPH_COUNT(replies));
    assert_int_equal(stand_run(call), NEPH_NOT_FOUND);
    assert_string_equal(neph_call_error(call)->message, "no bucket b");
    assert_string_equal(neph_call_error(call)->code, "NoSuchBucket");
    neph_call_free(call);
}

static void test_many__ends_where_all_would_fail_alike(void **state)
{
    static const mock_reply replies[] = {{.fail = MOCK_FAIL_SENT, .stays = 1}};
    stand *s = *state;
    neph_call *call = delete_keys(s, replies, 1);
    assert_int_equal(stand_run(call), NEPH_NETWORK);
    assert_true(s->mock.request_count <= 2 * AT_ONCE);
    neph_call_free(call);
    assert_int_equal(s->mock.in_flight, 0);
}

static void test_many__ends_with_all_that_it_began(void **state)
{
    static const mock_reply replies[] = {GONE};
    stand *s = *state;
    neph_call *call = delete_keys(s, replies, 1);
    s->mock.held = "/b";
    stand_until_sent(s, AT_ONCE);
    neph_call_cancel(call);
    assert_int_equal(s->mock.in_flight, 0);
    assert_int_equal(neph_wait(call), NEPH_CANCELLED);
    neph_call_free(call);
    assert_int_equal(s->mock.request_count, AT_ONCE);
}

static void test_many__lets_a_program_be_slow(void **state)
{
    static const mock_reply replies[] = {{.status = 418, .match = "?delete", .stays = 1}};
    stand *s = *state;
    neph_call *call = delete_keys(s, replies, 1);
    int count = 0;
    while (neph_next_object(call))
        count++;
    assert_int_equal(count, KEYS);
    assert_int_equal(neph_wait(call), 0);
    neph_call_free(call);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAND_TEST(test_many__is_one_for_each_key),
        STAND_TEST(test_many__tells_of_those_that_could_not_be),
        STAND_TEST(test_many__looks_at_the_bucket_when_a_key_is_not_there),
        STAND_TEST(test_many__fails_if_there_is_no_bucket),
        STAND_TEST(test_many__ends_where_all_would_fail_alike),
        STAND_TEST(test_many__ends_with_all_that_it_began),
        STAND_TEST(test_many__lets_a_program_be_slow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
