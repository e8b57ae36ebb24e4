/*
 * The host's loop: somebody else's poll, wake-ups, two hosts in two threads, fork, a call for which there is no memory.
 */
#include "tests/engine/stand.h"

#include "core/loop.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static const mock_reply listed[] = {{.body = "<R><Buckets><Bucket><Name>a</Name></Bucket>"
                                             "</Buckets></R>",
                                     .stays = 1}};
static const mock_reply silence[] = {{.fail = MOCK_SILENT, .stays = 1}};

/* ---- somebody else's loop */

static void count_result(neph_call *call, const neph_result *result, void *user)
{
    (void)call;
    (void)result;
    ++*(int *)user;
}

static void test_engine__a_foreign_loop_drives_calls(void **state)
{
    static const mock_reply replies[] = {
        {.status = 503}, {.body = "<R><Buckets><Bucket><Name>a</Name></Bucket></Buckets></R>"}};
    stand *s = *state;
    int64_t end_ms = nephi_loop_now_ms() + 5000;
    neph_call *call;
    int results = 0, turns = 0;
    s->mock.has_fd = 1;
    s->mock.is_slow = 1;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    call = neph_bucket_list(s->cloud, NULL);
    neph_on_result(call, count_result, &results);
    while (!neph_call_is_done(call) && nephi_loop_now_ms() < end_ms) {
        struct pollfd ready = {.fd = neph_host_fd(s->host), .events = POLLIN};
        assert_true(ready.fd >= 0);
        assert_true(poll(&ready, 1, (int)neph_host_timeout_ms(s->host)) >= 0);
        assert_int_equal(neph_host_dispatch(s->host, 0), 0);
        turns++;
    }
    assert_int_equal(results, 1);
    assert_int_equal(neph_call_error(call)->status, 0);
    assert_in_range(turns, 4, 60); /* it slept between: no busy loop */
    neph_call_free(call);
}

static void test_engine__an_idle_host_has_no_time_and_a_quiet_descriptor(void **state)
{
    stand *s = *state;
    struct pollfd ready = {.events = POLLIN};
    stand_open(s, "mill");
    ready.fd = neph_host_fd(s->host);
    assert_int_equal(neph_host_timeout_ms(s->host), -1);
    assert_int_equal(poll(&ready, 1, 0), 0);
    neph_call_free(neph_bucket_list(s->cloud, NULL));
    assert_int_equal(neph_host_timeout_ms(s->host), -1);
}

static void test_engine__dispatch_waits_no_longer_than_it_is_told(void **state)
{
    stand *s = *state;
    neph_call *call;
    int64_t start;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, silence);
    call = neph_bucket_list(s->cloud, NULL);
    stand_turn(s, 4);
    start = nephi_loop_now_ms();
    assert_int_equal(neph_host_dispatch(s->host, 30), 0);
    assert_in_range(nephi_loop_now_ms() - start, 25, 2000);
    neph_call_free(call);
}

/* ---- wake-ups */

static void *wake_later(void *user)
{
    usleep(30000);
    neph_host_wakeup(user);
    return NULL;
}

static void test_engine__a_wakeup_from_another_thread_ends_a_dispatch(void **state)
{
    stand *s = *state;
    pthread_t thread;
    int64_t start = nephi_loop_now_ms();
    stand_open(s, "mill");
    assert_int_equal(pthread_create(&thread, NULL, wake_later, s->host), 0);
    assert_int_equal(neph_host_dispatch(s->host, 4000), 0);
    assert_true(nephi_loop_now_ms() - start < 3000);
    pthread_join(thread, NULL);
}

static void test_engine__a_wakeup_before_a_dispatch_is_not_lost(void **state)
{
    stand *s = *state;
    int64_t start;
    stand_open(s, "mill");
    neph_host_wakeup(s->host);
    neph_host_wakeup(s->host);
    start = nephi_loop_now_ms();
    assert_int_equal(neph_host_dispatch(s->host, 4000), 0);
    assert_true(nephi_loop_now_ms() - start < 3000);
    start = nephi_loop_now_ms();
    assert_int_equal(neph_host_dispatch(s->host, 20), 0);
    assert_true(nephi_loop_now_ms() - start >= 15);
}

static neph_host *signalled;

static void wake_in_handler(int number)
{
    (void)number;
    neph_host_wakeup(signalled);
}

static void test_engine__a_signal_handler_may_wake_the_host(void **state)
{
    stand *s = *state;
    struct sigaction action = {.sa_handler = wake_in_handler}, old;
    int64_t start = nephi_loop_now_ms();
    stand_open(s, "mill");
    signalled = s->host;
    sigaction(SIGUSR1, &action, &old);
    raise(SIGUSR1);
    assert_int_equal(neph_host_dispatch(s->host, 4000), 0);
    assert_true(nephi_loop_now_ms() - start < 3000);
    sigaction(SIGUSR1, &old, NULL);
}

/* ---- threads */

static void *run_lists(void *user)
{
    static char failed;
    void *state = NULL;
    stand *s;
    (void)user;
    if (stand_setup(&state))
        return &failed;
    s = state;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, listed);
    for (int i = 0; i < 200; i++)
        if (strcmp(stand_list(neph_bucket_list(s->cloud, NULL)), "a .0") != 0)
            return &failed;
    return stand_teardown(&state) ? &failed : NULL;
}

static void test_engine__two_hosts_run_in_two_threads(void **state)
{
    pthread_t threads[2];
    (void)state;
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run_lists, NULL), 0);
    for (int i = 0; i < 2; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
}

static void test_engine__two_hosts_of_one_thread_do_not_meet(void **state)
{
    stand *s = *state;
    void *other_state;
    stand *other;
    neph_call *call;
    assert_int_equal(stand_setup(&other_state), 0);
    other = other_state;
    stand_open(s, "mill");
    stand_open(other, "mill");
    MOCK_SCRIPT(&s->mock, silence);
    MOCK_SCRIPT(&other->mock, listed);
    call = neph_bucket_list(s->cloud, NULL);
    assert_string_equal(stand_list(neph_bucket_list(other->cloud, NULL)), "a .0");
    assert_int_equal(neph_call_is_done(call), 0);
    assert_int_equal(s->mock.request_count, 0);
    neph_call_free(call);
    assert_int_equal(stand_teardown(&other_state), 0);
}

/* ---- fork */

static int child_checks(stand *s, neph_call *call, const char *part)
{
    neph_cloud *cloud = NULL;
    neph_call *other;
    const neph_setting_value settings[] = {{"endpoint", "http://mill.test"}};
    if (neph_host_dispatch(s->host, 0) != NEPH_INVALID)
        return 1;
    if (neph_wait_for(call, 100) != NEPH_INVALID)
        return 2;
    other = neph_bucket_list(s->cloud, NULL);
    if (neph_call_error(other)->status != NEPH_INVALID)
        return 3;
    neph_call_free(other);
    if (neph_cloud_open(s->host, "mill", settings, 1, &cloud) != NEPH_INVALID || cloud)
        return 4;
    neph_call_free(call);
    neph_cloud_close(s->cloud);
    neph_host_free(s->host);
    if (s->mock.cancel_count || s->mock.close_count)
        return 5;
    return access(part, F_OK) == 0 ? 0 : 6;
}

static void test_engine__a_forked_child_is_refused_and_touches_nothing(void **state)
{
    static const mock_reply replies[] = {
        {.body = "hello, world", .fail = MOCK_SILENT_BODY, .fail_after = 5}};
    stand *s = *state;
    neph_sink sink = NEPH_SINK_INIT;
    neph_call *call;
    char path[128];
    int status = 0;
    pid_t child;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    snprintf(path, sizeof path, "%s", stand_path(s, "out"));
    sink.to = NEPH_BODY_FILE;
    sink.path = path;
    call = neph_object_get(s->cloud, "b", "k", &sink, NULL);
    stand_turn(s, 4);
    assert_int_equal(stand_files(s), 1);
    child = fork();
    if (child == 0) {
        int failed;
        assert_true(stand_files(s) == 1);
        failed = child_checks(s, call, s->dir);
        _exit(failed ? failed : stand_files(s) == 1 ? 0 : 7);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(stand_files(s), 1);
    neph_call_cancel(call);
    assert_int_equal(stand_files(s), 0);
    neph_call_free(call);
}

/* ---- no memory for a call */

static void check_static(neph_call *call)
{
    neph_sink sink = NEPH_SINK_INIT;
    neph_source source = NEPH_SOURCE_INIT;
    int64_t done, total;
    size_t size = 1;
    assert_non_null(call);
    assert_int_equal(neph_call_is_done(call), 1);
    assert_int_equal(neph_call_set_string(call, NEPH_NODE_ID, "x"), NEPH_INVALID);
    assert_int_equal(neph_call_set_integer(call, NEPH_LIST_LIMIT, 1), NEPH_INVALID);
    assert_int_equal(neph_call_set_pairs(call, NEPH_OBJECT_METADATA, NULL, 0), NEPH_INVALID);
    assert_int_equal(neph_call_set_strings(call, NEPH_NODE_PUBLIC_IPS, NULL, 0), NEPH_INVALID);
    assert_int_equal(neph_call_set_source(call, &source), NEPH_INVALID);
    assert_int_equal(neph_call_set_sink(call, &sink), NEPH_INVALID);
    assert_int_equal(neph_call_set_deadline(call, 1), NEPH_INVALID);
    assert_int_equal(neph_call_start(call), NEPH_NO_MEMORY);
    assert_int_equal(neph_wait(call), NEPH_NO_MEMORY);
    assert_int_equal(neph_wait_for(call, 1), NEPH_NO_MEMORY);
    assert_null(neph_next(call));
    assert_null(neph_call_result(call));
    assert_null(neph_call_data(call, &size));
    assert_int_equal(size, 0);
    assert_int_equal(neph_call_error(call)->status, NEPH_NO_MEMORY);
    assert_string_equal(neph_call_error(call)->message, "out of memory");
    neph_on_result(call, count_result, NULL);
    neph_on_done(call, NULL, NULL);
    neph_call_progress(call, &done, &total);
    neph_call_cancel(call);
    neph_call_resume(call);
    neph_call_free(call);
    neph_call_free(call);
}

static void test_engine__a_call_without_memory_is_a_failed_call(void **state)
{
    stand *s = *state;
    neph_sink sink = NEPH_SINK_INIT;
    neph_source source = NEPH_SOURCE_INIT;
    neph_node_options options = NEPH_NODE_OPTIONS_INIT;
    stand_open(s, "mill");
    s->allocator.fail_at = 1;
    check_static(neph_call_new(s->cloud, NEPH_OP_BUCKET_LIST));
    check_static(neph_bucket_list(s->cloud, NULL));
    check_static(neph_object_get(s->cloud, "b", "k", &sink, NULL));
    check_static(neph_object_put(s->cloud, "b", "k", &source, NULL));
    check_static(neph_node_create(s->cloud, &options));
    check_static(neph_object_presign(s->cloud, "b", "k", "GET", 1));
    s->allocator.fail_at = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAND_TEST(test_engine__a_foreign_loop_drives_calls),
        STAND_TEST(test_engine__an_idle_host_has_no_time_and_a_quiet_descriptor),
        STAND_TEST(test_engine__dispatch_waits_no_longer_than_it_is_told),
        STAND_TEST(test_engine__a_wakeup_from_another_thread_ends_a_dispatch),
        STAND_TEST(test_engine__a_wakeup_before_a_dispatch_is_not_lost),
        STAND_TEST(test_engine__a_signal_handler_may_wake_the_host),
        cmocka_unit_test(test_engine__two_hosts_run_in_two_threads),
        STAND_TEST(test_engine__two_hosts_of_one_thread_do_not_meet),
        STAND_TEST(test_engine__a_forked_child_is_refused_and_touches_nothing),
        STAND_TEST(test_engine__a_call_without_memory_is_a_failed_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
