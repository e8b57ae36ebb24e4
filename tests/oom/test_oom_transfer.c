/*
 * Transfers without memory: each allocation fails, once alone and once with all behind it. A
 * transfer must then succeed all the same or end with NEPH_NO_MEMORY, and leave no memory, file or
 * upload behind. What the storage itself cannot allocate is its own affair.
 */
#include "tests/transfer/ground.h"

#include <unistd.h>

#define ALLOCATIONS_MAX 20000

/* Runs its transfers; returns the status. */
typedef int (*way_fn)(ground *g);

static int put_small(ground *g)
{
    ground_file(g, "in", 1000);
    return ground_put(g, "in", "k", NULL);
}

static int put_parts(ground *g)
{
    static const neph_pair metadata[] = {{"a", "b"}};
    g->options.part_bytes = 64 << 10;
    g->options.metadata = metadata;
    ground_file(g, "in", 200 << 10);
    return ground_put(g, "in", "k", NULL);
}

static int put_journaled(ground *g)
{
    g->options.journal_dir = g->journal;
    return put_parts(g);
}

static int get_small(ground *g)
{
    ground_object(&vaults[0], "k", 1000);
    return ground_get(g, "k", "out", NULL);
}

static int get_ranges(ground *g)
{
    g->options.part_bytes = 64 << 10;
    ground_object(&vaults[0], "k", 200 << 10);
    return ground_get(g, "k", "out", NULL);
}

static int get_hashed(ground *g)
{
    vaults[0].checksum = "md5";
    return get_ranges(g);
}

static int get_journaled(ground *g)
{
    g->options.journal_dir = g->journal;
    return get_ranges(g);
}

static int copy(ground *g)
{
    ground_object(&vaults[0], "k", 1000);
    return ground_copy(g, g->one, "k", g->one, "c", NULL);
}

static int stream(ground *g)
{
    vaults[1].checksum = "crc32c";
    g->options.part_bytes = 64 << 10;
    ground_object(&vaults[0], "k", 200 << 10);
    return ground_copy(g, g->one, "k", g->two, "c", NULL);
}

static int from_pipe(ground *g)
{
    neph_end from = NEPH_END_INIT, to = ground_end_object(g->one, "k");
    neph_transfer *transfer;
    char *bytes = ground_bytes(60 << 10);
    int ends[2], rc;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], bytes, 60 << 10), 60 << 10);
    close(ends[1]);
    free(bytes);
    from.fd = ends[0];
    g->options.part_bytes = 16 << 10;
    transfer = ground_start(g, &from, &to);
    rc = ground_wait(transfer);
    neph_transfer_free(transfer);
    close(ends[0]);
    return rc;
}

/* Something is unfinished; what follows goes on with it. */
static int resume(ground *g)
{
    long fail_at = g->allocator.fail_at;
    g->allocator.fail_at = 0;
    g->options.parallel = 1;
    vaults[0].fault = (vault_fault){NEPH_OP_UPLOAD_PART, 3, NEPH_PERMISSION, 1, 0, 0};
    assert_int_equal(put_journaled(g), NEPH_PERMISSION);
    g->allocator.calls = 0;
    g->allocator.fail_at = fail_at;
    return ground_put(g, "in", "k", NULL);
}

static int list(ground *g)
{
    long fail_at = g->allocator.fail_at;
    const neph_unfinished *told;
    neph_journal *journal;
    neph_transfer *transfer;
    char id[32] = "";
    int rc;
    g->allocator.fail_at = 0;
    g->options.parallel = 1;
    vaults[0].fault = (vault_fault){NEPH_OP_UPLOAD_PART, 3, NEPH_PERMISSION, 1, 0, 0};
    assert_int_equal(put_journaled(g), NEPH_PERMISSION);
    g->allocator.calls = 0;
    g->allocator.fail_at = fail_at;
    rc = neph_journal_open(g->host, g->journal, &journal);
    if (rc)
        return rc;
    told = neph_journal_next(journal);
    rc = told && !told->damage ? 0 : NEPH_NO_MEMORY;
    if (told)
        snprintf(id, sizeof id, "%s", told->id);
    neph_journal_close(journal);
    if (rc)
        return rc;
    transfer = neph_transfer_abort(g->host, g->journal, id, g->one);
    rc = ground_wait(transfer);
    neph_transfer_free(transfer);
    return rc;
}

/* ---- each with each allocation failing */

/* Memory is there again: nothing may stand in the way of what was left to be resumed. */
static void clean(ground *g)
{
    neph_journal *journal;
    const neph_unfinished *told;
    assert_int_equal(neph_journal_open(g->host, g->journal, &journal), 0);
    while ((told = neph_journal_next(journal)) != NULL) {
        neph_transfer *transfer = neph_transfer_abort(g->host, g->journal, told->id, g->one);
        assert_int_equal(ground_wait(transfer), 0);
        neph_transfer_free(transfer);
    }
    neph_journal_close(journal);
    for (int i = 0; i < 100; i++)
        (void)neph_host_dispatch(g->host, 0);
}

static int try_once(way_fn way, long n, int fails_once)
{
    void *state = NULL;
    ground *g;
    long calls;
    int rc;
    assert_int_equal(ground_setup(&state), 0);
    g = state;
    vaults[0].checksum = "crc32c";
    g->allocator.calls = 0;
    g->allocator.fails_once = fails_once;
    g->allocator.fail_at = n;
    rc = way(g);
    calls = g->allocator.calls;
    g->allocator.fail_at = 0;
    if (rc && rc != NEPH_NO_MEMORY)
        fail_msg("allocation %ld failed, and the transfer said %d: %s", n, rc, ground_message());
    if (calls < n)
        assert_int_equal(rc, 0);
    clean(g);
    /* without memory an abort cannot be asked for either */
    for (int i = 0; rc && i < VAULT_UPLOADS; i++)
        vaults[0].uploads[i].is_there = vaults[1].uploads[i].is_there = 0;
    assert_int_equal(ground_teardown(&state), 0);
    return calls < n;
}

static void try_all(way_fn way)
{
    for (int fails_once = 0; fails_once < 2; fails_once++) {
        long n = 1;
        while (n < ALLOCATIONS_MAX && !try_once(way, n, fails_once))
            n++;
        assert_in_range(n, 2, ALLOCATIONS_MAX - 1);
    }
}

#define WAY(way)                                                                                   \
    static void test_oom_transfer__##way(void **state)                                             \
    {                                                                                              \
        (void)state;                                                                               \
        try_all(way);                                                                              \
    }

WAY(put_small)
WAY(put_parts)
WAY(put_journaled)
WAY(get_small)
WAY(get_ranges)
WAY(get_hashed)
WAY(get_journaled)
WAY(copy)
WAY(stream)
WAY(from_pipe)
WAY(resume)
WAY(list)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_oom_transfer__put_small),
        cmocka_unit_test(test_oom_transfer__put_parts),
        cmocka_unit_test(test_oom_transfer__put_journaled),
        cmocka_unit_test(test_oom_transfer__get_small),
        cmocka_unit_test(test_oom_transfer__get_ranges),
        cmocka_unit_test(test_oom_transfer__get_hashed),
        cmocka_unit_test(test_oom_transfer__get_journaled),
        cmocka_unit_test(test_oom_transfer__copy),
        cmocka_unit_test(test_oom_transfer__stream),
        cmocka_unit_test(test_oom_transfer__from_pipe),
        cmocka_unit_test(test_oom_transfer__resume),
        cmocka_unit_test(test_oom_transfer__list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
