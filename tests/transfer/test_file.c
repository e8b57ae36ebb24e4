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

static int mode_of(ground *g, const char *name)
{
    struct stat info;
    assert_int_equal(stat(ground_path(g, name), &info), 0);
    return (int)(info.st_mode & 07777);
}

/* As cp does: a new file has what the other has and the umask lets, an old one what it had. */
static void test_file__has_permissions_of_the_other_or_keeps_its_own(void **state)
{
    static const struct {
        mode_t from, umask;
        int to, becomes; /* to: -1: it is not there */
    } rows[] = {{0755, 022, -1, 0755},   {0600, 022, -1, 0600},  {0777, 027, -1, 0750},
                {0444, 022, -1, 0444},   {06755, 022, -1, 0755}, {0755, 022, 0600, 0600},
                {0600, 077, 0664, 0664}, {0644, 022, 0444, 0444}};
    ground *g = *state;
    mode_t own = umask(022);
    ground_file(g, "in", 100);
    for (int naming = NEPHI_NAMING_PLAIN; naming <= NEPHI_NAMING_PROC; naming++) {
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            g->host->naming = (nephi_naming)naming;
            (void)remove(ground_path(g, "out"));
            if (rows[i].to >= 0) {
                ground_file(g, "out", 1);
                assert_int_equal(chmod(ground_path(g, "out"), (mode_t)rows[i].to), 0);
            }
            assert_int_equal(chmod(ground_path(g, "in"), rows[i].from), 0);
            umask(rows[i].umask);
            assert_int_equal(copy(g, "in", "out", NULL), 0);
            umask(022);
            assert_int_equal(mode_of(g, "out"), rows[i].becomes);
            assert_true(ground_is_file(g, "out", 100));
        }
    }
    umask(own);
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
        GROUND_TEST(test_file__has_permissions_of_the_other_or_keeps_its_own),
        GROUND_TEST(test_file__is_never_copied_onto_itself),
        GROUND_TEST(test_file__that_changes_meanwhile_is_no_copy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
