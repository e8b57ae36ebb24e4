/*
 * A file to another.
 */
#include "core/host.h"
#include "core/loop.h"
#include "tests/transfer/ground.h"

#include <sys/stat.h>
#include <unistd.h>

static int copy(ground *g, const char *from, const char *to, neph_transfer_result *result)
{
    neph_end ends[2] = {ground_end_file(g, from), ground_end_file(g, to)};
    neph_transfer *transfer = ground_start(g, &ends[0], &ends[1]);
    int rc = ground_wait(transfer);
    if (rc == 0 && result)
        *result = *neph_transfer_outcome(transfer);
    neph_transfer_free(transfer);
    return rc;
}

static void test_file__is_copied_and_read_back(void **state)
{
    static const int64_t sizes[] = {0, 1, 9 * MIB + 5};
    ground *g = *state;
    neph_transfer_result result;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        ground_file(g, "in", sizes[i]);
        assert_int_equal(copy(g, "in", "out", &result), 0);
        assert_true(ground_is_file(g, "out", sizes[i]));
        assert_int_equal(result.size_bytes, sizes[i]);
        assert_int_equal(result.is_verified, 1);
    }
    assert_int_equal(ground_count(g), 2);
    g->options.verify = NEPH_VERIFY_OFF;
    assert_int_equal(copy(g, "in", "out2", &result), 0);
    assert_true(ground_is_file(g, "out2", 9 * MIB + 5));
    assert_int_equal(result.is_verified, 0);
}

static void test_file__is_never_copied_onto_itself(void **state)
{
    ground *g = *state;
    char link_path[128];
    ground_file(g, "in", 100);
    snprintf(link_path, sizeof link_path, "%s", ground_path(g, "link"));
    assert_int_equal(symlink("in", link_path), 0);
    assert_int_equal(copy(g, "in", "in", NULL), NEPH_INVALID);
    assert_int_equal(copy(g, "in", "link", NULL), NEPH_INVALID);
    assert_true(ground_is_file(g, "in", 100));
    assert_int_equal(unlink(link_path), 0);
}

static void meddle(neph_transfer *transfer, const neph_transfer_progress *progress, void *user)
{
    (void)transfer;
    if (progress->done_bytes && truncate(ground_path(user, "in"), 5 * MIB))
        fail_msg("the file cannot be changed");
}

/* A limit gives time for that, and is kept to. */
static void test_file__that_changes_meanwhile_is_no_copy(void **state)
{
    ground *g = *state;
    int64_t begun = nephi_loop_now_ms();
    nephi_rate_init(&g->host->rate, 8 * MIB, begun);
    ground_file(g, "out", 7);
    ground_file(g, "in", 4 * MIB);
    assert_int_equal(copy(g, "in", "slow", NULL), 0);
    assert_true(nephi_loop_now_ms() - begun > 300);
    g->options.progress = meddle;
    g->options.progress_user = g;
    assert_int_equal(copy(g, "in", "out", NULL), NEPH_INTEGRITY);
    assert_non_null(strstr(ground_message(), "it was written to while"));
    assert_true(ground_is_file(g, "out", 7));
    assert_int_equal(ground_count(g), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        GROUND_TEST(test_file__is_copied_and_read_back),
        GROUND_TEST(test_file__is_never_copied_onto_itself),
        GROUND_TEST(test_file__that_changes_meanwhile_is_no_copy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
