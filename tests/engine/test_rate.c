/*
 * How fast bodies move: the bucket by a clock of the test's own, and calls that share it.
 */
#include "tests/engine/stand.h"

#include "core/host.h"
#include "core/loop.h"

/* ---- the bucket */

static void test_rate__lets_a_tenth_of_a_second_pass_at_once(void **state)
{
    nephi_rate rate;
    (void)state;
    nephi_rate_init(&rate, 1000, 5000);
    assert_int_equal(nephi_rate_ready(&rate, 5000), 100);
    assert_int_equal(nephi_rate_ready(&rate, 5000000), 100);
    nephi_rate_spend(&rate, 100);
    assert_int_equal(nephi_rate_ready(&rate, 5000000), 0);
    assert_int_equal(nephi_rate_ready(&rate, 5000050), 50);
}

static void test_rate__counts_what_moved_too_early(void **state)
{
    nephi_rate rate;
    (void)state;
    nephi_rate_init(&rate, 1000, 0);
    nephi_rate_spend(&rate, 5100);
    assert_int_equal(nephi_rate_ready(&rate, 4000), 0);
    assert_int_equal(nephi_rate_ready(&rate, 5000), 0);
    assert_int_equal(nephi_rate_ready(&rate, 5010), 10);
}

static void test_rate__is_kept_over_any_time(void **state)
{
    static const int64_t rates[] = {1, 7, 999, 1000, 123457, INT64_C(10000000000), INT64_MAX};
    (void)state;
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        nephi_rate rate;
        int64_t now = 0, moved = 0, per_second;
        nephi_rate_init(&rate, rates[i], now);
        per_second = rate.per_second;
        moved -= nephi_rate_ready(&rate, now); /* the first burst is no part of it */
        while (now < 20000) {
            int64_t wait, ready = nephi_rate_ready(&rate, now);
            nephi_rate_spend(&rate, ready);
            moved += ready;
            wait = nephi_rate_wait_ms(&rate);
            assert_in_range(wait, 1, per_second < 40 ? 1001 : 26);
            now += wait;
        }
        assert_true(moved <= per_second * 20 + per_second);
        assert_true(moved >= per_second * 20 - per_second - 1);
    }
}

static void test_rate__stands_a_clock_that_goes_back(void **state)
{
    nephi_rate rate;
    (void)state;
    nephi_rate_init(&rate, 1000, 10000);
    nephi_rate_spend(&rate, 100);
    assert_int_equal(nephi_rate_ready(&rate, 9000), 0);
    assert_int_equal(nephi_rate_ready(&rate, 9020), 20);
}

/* ---- calls */

#define SIZE 30000
static char body[SIZE + 1];
static const mock_reply replies[] = {
    {.headers = "ETag: \"e1\"\n", .body = body, .body_size = SIZE, .stays = 1}};

static int body_make(void **state)
{
    (void)state;
    for (size_t i = 0; i < SIZE; i++)
        body[i] = stand_byte(i);
    return 0;
}

static neph_call *put(stand *s)
{
    neph_source source = NEPH_SOURCE_INIT;
    source.from = NEPH_BODY_MEMORY;
    source.data = body;
    source.data_size = SIZE;
    return neph_object_put(s->cloud, "b", "k", &source, NULL);
}

static neph_call *get(stand *s)
{
    neph_sink sink = NEPH_SINK_INIT;
    sink.to = NEPH_BODY_MEMORY;
    return neph_object_get(s->cloud, "b", "k", &sink, NULL);
}

static void limited(stand *s, int64_t per_second)
{
    s->config.max_bytes_per_second = per_second;
    s->mock.piece = s->mock.read_size = 1000;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
}

/* 60,000 bytes at 200,000 a second, of which 20,000 may go at once: 200 ms. */
static void test_rate__is_shared_by_both_directions(void **state)
{
    stand *s = *state;
    int64_t begin_ms = nephi_loop_now_ms(), passed;
    neph_call *sent, *received;
    size_t size;
    limited(s, 200000);
    sent = put(s);
    received = get(s);
    assert_int_equal(stand_run(sent), 0);
    assert_int_equal(stand_run(received), 0);
    passed = nephi_loop_now_ms() - begin_ms;
    assert_true(passed >= 190);
    assert_memory_equal(neph_call_data(received, &size), body, SIZE);
    assert_int_equal(size, SIZE);
    assert_int_equal(s->mock.requests[0].body_size, SIZE);
    assert_memory_equal(s->mock.requests[0].body, body, SIZE);
    neph_call_free(sent);
    neph_call_free(received);
}

static void test_rate__lets_go_of_calls_that_end(void **state)
{
    stand *s = *state;
    neph_call *calls[4];
    limited(s, 1000);
    for (int i = 0; i < 4; i++)
        calls[i] = i % 2 ? put(s) : get(s);
    stand_until_sent(s, 4);
    stand_turn(s, 20);
    assert_non_null(s->host->rate.first);
    neph_call_free(calls[1]);
    neph_call_cancel(calls[3]);
    stand_turn(s, 2);
    neph_call_free(calls[0]);
    neph_call_free(calls[2]);
    neph_call_free(calls[3]);
    assert_null(s->host->rate.first);
    assert_null(s->host->rate.last);
}

static void test_rate__is_not_looked_at_without_a_limit(void **state)
{
    stand *s = *state;
    neph_call *call;
    limited(s, 0);
    call = put(s);
    assert_int_equal(stand_run(call), 0);
    assert_int_equal(s->mock.read_again_count, 0);
    neph_call_free(call);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rate__lets_a_tenth_of_a_second_pass_at_once),
        cmocka_unit_test(test_rate__counts_what_moved_too_early),
        cmocka_unit_test(test_rate__is_kept_over_any_time),
        cmocka_unit_test(test_rate__stands_a_clock_that_goes_back),
        STAND_TEST(test_rate__is_shared_by_both_directions),
        STAND_TEST(test_rate__lets_go_of_calls_that_end),
        STAND_TEST(test_rate__is_not_looked_at_without_a_limit),
    };
    return cmocka_run_group_tests(tests, body_make, NULL);
}
