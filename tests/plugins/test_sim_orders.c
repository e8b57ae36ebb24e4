/*
 * test_sim_orders.c - what a program can test itself against: tokens, quotas, failures by seed, throttling, consistency
 * that comes late, as they were ordered from the simulated cloud.
 */
#include "simulation.h"

#include <unistd.h>

static void test_sim_orders__makes_nothing_twice_for_one_token(void **state)
{
    const char *id;
    (void)state;
    host.token = "my own";
    assert_done(node_ask("web"));
    id = told(NEPH_NODE_ID);
    assert_done(node_ask("web"));
    assert_string_equal(told(NEPH_NODE_ID), id);
    assert_refused(node_ask("other"), NEPH_CONFLICT, id);
    assert_done(volume_ask(GIB, NULL)); /* tokens are of one kind */
    host.token = "";
    assert_refused(node_ask("web"), NEPH_INVALID, "token");
    host.token = NULL;
    assert_done(node_ask("web"));
    assert_string_not_equal(told(NEPH_NODE_ID), id);
    assert_int_equal(listed(NEPH_OP_NODE_LIST), 2);
}

static void test_sim_orders__has_quotas(void **state)
{
    const char *node;
    (void)state;
    set("quota_nodes", "2");
    set("quota_volumes", "1");
    set("quota_addresses", "0");
    node = node_make("sim-1a");
    host.token = "again";
    assert_done(node_ask("two"));
    assert_done(node_ask("two")); /* nothing new */
    host.token = NULL;
    assert_refused(node_ask("three"), NEPH_QUOTA, "quota of nodes is used up: it is 2");
    set("delay_ms", "1000");
    assert_done(ask(NEPH_OP_NODE_DESTROY, NEPH_NODE_ID, node, 0));
    assert_done(node_ask("three"));
    assert_done(volume_ask(GIB, NULL));
    assert_refused(volume_ask(GIB, NULL), NEPH_QUOTA, "quota of volumes");
    assert_refused(ask(NEPH_OP_ADDRESS_ALLOCATE, 0), NEPH_QUOTA, "quota of addresses");
}

static void failures_record(char *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int32_t rc = node_ask("web");
        assert_true(!rc || rc == NEPH_UNAVAILABLE);
        out[i] = rc ? 'x' : '.';
    }
    out[count] = '\0';
}

static void test_sim_orders__fails_in_the_same_places_for_one_seed(void **state)
{
    char first[25], second[25], other[25];
    size_t failed = 0;
    (void)state;
    set("fail", "create:0.5");
    failures_record(first, 24);
    for (size_t i = 0; i < 24; i++)
        failed += first[i] == 'x';
    assert_in_range(failed, 6, 18);
    assert_int_equal(listed(NEPH_OP_NODE_LIST), 24 - failed); /* a failure changes nothing */
    unlink(state_path);
    failures_record(second, 24);
    assert_string_equal(first, second);
    unlink(state_path);
    set("seed", "2");
    failures_record(other, 24);
    assert_string_not_equal(first, other);
}

static void test_sim_orders__fails_what_it_was_told_most_exactly(void **state)
{
    (void)state;
    set("fail", "any:1,create:0,volume.create:1.0");
    assert_done(node_ask("web"));
    assert_refused(volume_ask(GIB, NULL), NEPH_UNAVAILABLE, "as told");
    assert_refused(ask(NEPH_OP_NODE_LIST, 0), NEPH_UNAVAILABLE, "as told");
}

static void test_sim_orders__refuses_settings_that_mean_nothing(void **state)
{
    static const char *const cases[][2] = {
        {"fail", "crate:0.5"},
        {"fail", "create"},
        {"fail", "create:"},
        {"fail", "create:2"},
        {"fail", "create:1.1"},
        {"fail", "create:-0"},
        {"fail", "create:0."},
        {"fail", "create:0,5"},
        {"fail", ":1"},
        {"fail", "create:0.1,"
                 "any:0,any:0,any:0,any:0,any:0,any:0,any:0,any:0,any:0,any:0,any:0,any:0,any:0,"
                 "any:0,any:0,any:0"},
        {"delay_ms", "-1"},
        {"delay_ms", "86400001"},
        {"consistency_ms", "-1"},
        {"throttle", "-5"},
        {"quota_nodes", "-1"},
        {"seed", "-1"},
        {"state", ""},
    };
    (void)state;
    for (size_t i = 0; i < NEPH_COUNT(cases); i++) {
        stage_set(&host, cases[i][0], cases[i][1]);
        assert_refused(stage_open(&host), NEPH_INVALID, cases[i][0]);
        stage_set(&host, cases[i][0], cases[i][0][0] == 's' ? "1" : NULL);
    }
}

static void test_sim_orders__throttles_by_the_second(void **state)
{
    (void)state;
    set("throttle", "3");
    for (int second = 0; second < 2; second++) {
        for (int i = 0; i < 3; i++)
            assert_done(ask(NEPH_OP_NODE_LIST, 0));
        assert_refused(node_ask("web"), NEPH_THROTTLED, "more than 3");
        assert_refused(ask(NEPH_OP_NODE_LIST, 0), NEPH_THROTTLED, "more than 3");
        wait_ms(1000);
    }
}

static void test_sim_orders__hides_what_was_just_created(void **state)
{
    const char *id;
    (void)state;
    set("consistency_ms", "5000");
    id = node_make("sim-1a");
    assert_refused(ask(NEPH_OP_NODE_SHOW, NEPH_NODE_ID, id, 0), NEPH_NOT_FOUND, id);
    assert_refused(ask(NEPH_OP_TAG_LIST, NEPH_TAG_RESOURCE, id, 0), NEPH_NOT_FOUND, id);
    assert_int_equal(listed(NEPH_OP_NODE_LIST), 0);
    wait_ms(4999);
    assert_int_equal(listed(NEPH_OP_NODE_LIST), 0);
    wait_ms(1);
    assert_int_equal(listed(NEPH_OP_NODE_LIST), 1);
    assert_int_equal(node_state(id), NEPH_NODE_RUNNING);
}

static void test_sim_orders__lists_in_slices_when_the_program_is_behind(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++)
        node_make("sim-1a");
    host.is_behind = 1;
    assert_int_equal(listed(NEPH_OP_NODE_LIST), 5);
    assert_true(host.slices >= 5);
    assert_done(node_ask("web"));
    assert_int_equal(host.record_count, 1);
}

int main(void)
{
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(test_sim_orders__##name, simulation_setup, simulation_teardown)
    const struct CMUnitTest tests[] = {
        TEST(makes_nothing_twice_for_one_token),
        TEST(has_quotas),
        TEST(fails_in_the_same_places_for_one_seed),
        TEST(fails_what_it_was_told_most_exactly),
        TEST(refuses_settings_that_mean_nothing),
        TEST(throttles_by_the_second),
        TEST(hides_what_was_just_created),
        TEST(lists_in_slices_when_the_program_is_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
