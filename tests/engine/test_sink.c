/*
 * Bodies into pipes and sockets: whoever reads there may be slow, or stop, and nothing but that call waits for him.
 */
#include "tests/engine/stand.h"

#include <sys/socket.h>
#include <unistd.h>

#define BODY_SIZE 300000u /* more than a pipe or a socket holds */
#define OK_LIST "<R><Buckets><Bucket><Name>a</Name></Bucket></Buckets></R>"

static char body[BODY_SIZE + 1];

static void script(stand *s)
{
    static mock_reply replies[] = {{.match = "/b/k", .body = body, .body_size = BODY_SIZE},
                                   {.body = OK_LIST, .stays = 1}};
    for (size_t i = 0; i < BODY_SIZE; i++)
        body[i] = (char)(i % 251);
    MOCK_SCRIPT(&s->mock, replies);
    s->mock.piece = 70000;
}

static void ends_open(int ends[2], int is_socket)
{
    assert_int_equal(is_socket ? socketpair(AF_UNIX, SOCK_STREAM, 0, ends) : pipe(ends), 0);
}

static neph_call *get_to(stand *s, int fd, int64_t deadline_ms)
{
    neph_sink sink = NEPH_SINK_INIT;
    neph_call *call = neph_call_new(s->cloud, NEPH_OP_OBJECT_GET);
    sink.to = NEPH_BODY_DESCRIPTOR;
    sink.fd = fd;
    neph_call_set_string(call, NEPH_OBJECT_BUCKET, "b");
    neph_call_set_string(call, NEPH_OBJECT_KEY, "k");
    neph_call_set_sink(call, &sink);
    neph_call_set_deadline(call, deadline_ms);
    assert_int_equal(neph_call_start(call), 0);
    return call;
}

static void test_sink__a_reader_that_stops_keeps_no_other_call_waiting(void **state)
{
    for (int is_socket = 0; is_socket < 2; is_socket++) {
        neph_call *call;
        int ends[2];
        stand *s;
        assert_int_equal(stand_setup(state), 0);
        s = *state;
        stand_open(s, "mill");
        script(s);
        ends_open(ends, is_socket);
        call = get_to(s, ends[1], 0);
        stand_until_sent(s, 1);
        stand_turn(s, 3);
        assert_string_equal(stand_list(neph_bucket_list(s->cloud, NULL)), "a .0");
        assert_int_equal(neph_call_is_done(call), 0);
        neph_call_cancel(call);
        assert_int_equal(neph_wait(call), NEPH_CANCELLED);
        neph_call_free(call);
        close(ends[0]);
        close(ends[1]);
        assert_int_equal(stand_teardown(state), 0);
    }
}

static void test_sink__a_reader_that_stops_does_not_stop_the_clock(void **state)
{
    stand *s = *state;
    neph_call *call;
    int ends[2];
    stand_open(s, "mill");
    script(s);
    ends_open(ends, 0);
    call = get_to(s, ends[1], 60);
    assert_int_equal(stand_run(call), NEPH_TIMEOUT);
    neph_call_free(call);
    close(ends[0]);
    close(ends[1]);
}

/* Reads what is there, between turns, until the call is done and nothing is left. */
static size_t drain(neph_call *call, stand *s, int fd, char *out)
{
    size_t size = 0;
    for (;;) {
        ssize_t count = recv(fd, out + size, BODY_SIZE - size, MSG_DONTWAIT);
        if (count > 0)
            size += (size_t)count;
        else if (neph_call_is_done(call))
            return size;
        neph_host_dispatch(s->host, 20);
    }
}

static void test_sink__a_slow_reader_gets_every_byte_once(void **state)
{
    stand *s = *state;
    char *got = malloc(BODY_SIZE);
    neph_call *call;
    int ends[2];
    stand_open(s, "mill");
    script(s);
    ends_open(ends, 1);
    call = get_to(s, ends[1], 0);
    assert_int_equal(drain(call, s, ends[0], got), BODY_SIZE);
    assert_memory_equal(got, body, BODY_SIZE);
    assert_int_equal(stand_run(call), 0);
    assert_true(s->mock.again_count > 0);
    neph_call_free(call);
    close(ends[0]);
    close(ends[1]);
    free(got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sink__a_reader_that_stops_keeps_no_other_call_waiting),
        STAND_TEST(test_sink__a_reader_that_stops_does_not_stop_the_clock),
        STAND_TEST(test_sink__a_slow_reader_gets_every_byte_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
