/*
 * Transfers that are waited for, cancelled and freed, in callbacks and outside.
 */
#include "tests/transfer/ground.h"

static void end_in_callback(neph_transfer *transfer, int status, void *user)
{
    int *seen = user;
    *seen = status ? status : 1;
    assert_int_equal(neph_transfer_wait(transfer), NEPH_BUSY);
    neph_transfer_free(transfer);
}

static neph_transfer *put_start(ground *g, int64_t size)
{
    neph_end from = ground_end_file(g, "in"), to = ground_end_object(g->one, "k");
    ground_file(g, "in", size);
    g->options.part_bytes = MIB;
    return ground_start(g, &from, &to);
}

static void until(ground *g, const int *seen)
{
    for (int i = 0; i < 10000 && !*seen; i++)
        assert_int_equal(neph_host_dispatch(g->host, 10), 0);
    assert_int_not_equal(*seen, 0);
}

static void test_life__freed_when_it_is_done(void **state)
{
    ground *g = *state;
    int seen = 0;
    neph_on_transfer(put_start(g, 3 * MIB), end_in_callback, &seen);
    until(g, &seen);
    assert_int_equal(seen, 1);
    assert_true(ground_is_object(&vaults[0], "k", 3 * MIB));
}

static void test_life__what_failed_at_once_is_told_later(void **state)
{
    ground *g = *state;
    neph_end end = ground_end_file(g, "in");
    int seen = 0;
    neph_transfer *transfer;
    ground_file(g, "in", 1);
    transfer = ground_start(g, &end, &end);
    assert_int_equal(neph_transfer_is_done(transfer), 1);
    neph_on_transfer(transfer, end_in_callback, &seen);
    until(g, &seen);
    assert_int_equal(seen, NEPH_INVALID);
}

static void free_in_progress(neph_transfer *transfer, const neph_transfer_progress *progress,
                             void *user)
{
    int *seen = user;
    if (progress->done_bytes)
        ++*seen;
    neph_transfer_free(transfer);
}

static void test_life__freed_while_it_runs(void **state)
{
    ground *g = *state;
    int seen = 0;
    g->options.progress = free_in_progress;
    g->options.progress_user = &seen;
    vaults[0].fault = (vault_fault){NEPH_OP_UPLOAD_PART, 9, NEPH_THROTTLED, 1, 0, 0};
    (void)put_start(g, 9 * MIB);
    until(g, &seen);
    for (int i = 0; i < 100; i++)
        (void)neph_host_dispatch(g->host, 0);
    assert_int_equal(vault_upload_count(&vaults[0]), 0);
    assert_null(vault_find(&vaults[0], "k"));
}

static void test_life__cancelled_leaves_nothing(void **state)
{
    ground *g = *state;
    neph_transfer *transfer = put_start(g, 9 * MIB);
    for (int i = 0; i < 20; i++)
        (void)neph_host_dispatch(g->host, 0);
    assert_int_equal(vault_upload_count(&vaults[0]), 1);
    neph_transfer_cancel(transfer);
    assert_int_equal(ground_wait(transfer), NEPH_CANCELLED);
    assert_int_equal(vault_upload_count(&vaults[0]), 0);
    assert_null(neph_transfer_outcome(transfer));
    neph_transfer_free(transfer);
}

static void test_life__its_cloud_is_closed(void **state)
{
    ground *g = *state;
    neph_transfer *transfer;
    neph_end from = ground_end_object(g->one, "k"), to = ground_end_file(g, "out");
    ground_object(&vaults[0], "k", 5 * MIB);
    vaults[0].endless = "k";
    transfer = ground_start(g, &from, &to);
    (void)neph_host_dispatch(g->host, 0);
    neph_cloud_close(g->one);
    g->one = NULL;
    assert_int_equal(ground_wait(transfer), NEPH_CANCELLED);
    neph_transfer_free(transfer);
    transfer = ground_start(g, &to, &from);
    neph_transfer_free(transfer);
}

static void test_life__a_host_ends_with_all_of_them(void **state)
{
    ground *g = *state;
    vaults[0].endless = "k";
    (void)put_start(g, 3 * MIB);
    (void)neph_host_dispatch(g->host, 0);
    ground_restart(g);
    vaults[0].endless = NULL;
}

static void test_life__waits_so_long_and_no_longer(void **state)
{
    ground *g = *state;
    neph_transfer *transfer;
    vaults[0].endless = "k";
    transfer = put_start(g, 3 * MIB);
    assert_int_equal(neph_transfer_wait_for(transfer, 20), NEPH_AGAIN);
    assert_int_equal(neph_transfer_is_done(transfer), 0);
    vaults[0].endless = NULL;
    neph_transfer_free(transfer);
}

static void progress_count(neph_transfer *transfer, const neph_transfer_progress *progress,
                           void *user)
{
    int64_t *last = user;
    (void)transfer;
    assert_true(progress->done_bytes > *last);
    assert_int_equal(progress->total_bytes, 20 * MIB);
    *last = progress->done_bytes;
}

static void test_life__progress_ends_with_all_bytes(void **state)
{
    ground *g = *state;
    int64_t last = 0;
    neph_transfer *transfer;
    g->options.progress = progress_count;
    g->options.progress_user = &last;
    transfer = put_start(g, 20 * MIB);
    assert_int_equal(ground_wait(transfer), 0);
    assert_int_equal(last, 20 * MIB);
    neph_transfer_free(transfer);
}

static void test_life__what_is_wrong_is_told(void **state)
{
    ground *g = *state;
    neph_end from = ground_end_file(g, "in"), to = ground_end_object(g->one, NULL);
    neph_transfer *transfer;
    ground_file(g, "in", 1);
    transfer = ground_start(g, &from, &to);
    assert_int_equal(ground_wait(transfer), NEPH_INVALID);
    neph_transfer_free(transfer);
    g->options.checksum = "crc";
    assert_int_equal(ground_put(g, "in", "k", NULL), NEPH_INVALID);
    g->options.checksum = NULL;
    g->options.parallel = -1;
    assert_int_equal(ground_put(g, "in", "k", NULL), NEPH_INVALID);
    neph_transfer_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        GROUND_TEST(test_life__freed_when_it_is_done),
        GROUND_TEST(test_life__what_failed_at_once_is_told_later),
        GROUND_TEST(test_life__freed_while_it_runs),
        GROUND_TEST(test_life__cancelled_leaves_nothing),
        GROUND_TEST(test_life__its_cloud_is_closed),
        GROUND_TEST(test_life__a_host_ends_with_all_of_them),
        GROUND_TEST(test_life__waits_so_long_and_no_longer),
        GROUND_TEST(test_life__progress_ends_with_all_bytes),
        GROUND_TEST(test_life__what_is_wrong_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
