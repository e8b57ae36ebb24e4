/*
 * Files to objects: in one request or in parts, checked, undone after a failure.
 */
#include "core/host.h"
#include "core/loop.h"
#include "tests/transfer/ground.h"

#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void small_parts(ground *g)
{
    vaults[0].part_bytes_min = 64 << 10;
    vaults[0].checksum = "crc32c";
    g->options.part_bytes = MIB;
}

static void test_put__a_small_file_goes_in_one_request(void **state)
{
    ground *g = *state;
    neph_transfer_result result;
    ground_file(g, "in", 5000);
    assert_int_equal(ground_put(g, "in", "k", &result), 0);
    assert_true(ground_is_object(&vaults[0], "k", 5000));
    assert_int_equal(vault_count(&vaults[0], NEPH_OP_OBJECT_PUT), 1);
    assert_int_equal(vault_count(&vaults[0], NEPH_OP_UPLOAD_BEGIN), 0);
    assert_int_equal(vault_count(&vaults[0], NEPH_OP_OBJECT_HEAD), 0);
    assert_int_equal(result.size_bytes, 5000);
    assert_int_equal(result.part_count, 1);
    assert_int_equal(result.is_verified, 0);
}

static void test_put__limits_are_asked_once_for_all(void **state)
{
    ground *g = *state;
    neph_transfer *transfers[4];
    vaults[0].checksum = "crc32c";
    ground_file(g, "in", 100);
    for (int i = 0; i < 4; i++) {
        char key[8];
        neph_end from = ground_end_file(g, "in"), to;
        snprintf(key, sizeof key, "k%d", i);
        to = ground_end_object(g->one, key);
        transfers[i] = ground_start(g, &from, &to);
    }
    for (int i = 0; i < 4; i++) {
        assert_int_equal(ground_wait(transfers[i]), 0);
        assert_int_equal(neph_transfer_outcome(transfers[i])->is_verified, 1);
        neph_transfer_free(transfers[i]);
    }
    assert_int_equal(vault_count(&vaults[0], NEPH_OP_STORAGE_LIMITS), 1);
    assert_int_equal(vault_count(&vaults[0], NEPH_OP_OBJECT_PUT), 4);
}

static void test_put__without_verification_nothing_else_is_asked(void **state)
{
    ground *g = *state;
    g->options.verify = NEPH_VERIFY_OFF;
    ground_file(g, "in", 0);
    assert_int_equal(ground_put(g, "in", "k", NULL), 0);
    assert_true(ground_is_object(&vaults[0], "k", 0));
    assert_int_equal(vault_count(&vaults[0], NEPH_OP_STORAGE_LIMITS), 0);
}

static void test_put__a_large_file_goes_in_parts(void **state)
{
    ground *g = *state;
    neph_transfer_result result;
    small_parts(g);
    ground_file(g, "in", 10 * MIB + 1);
    assert_int_equal(ground_put(g, "in", "k", &result), 0);
    assert_true(ground_is_object(&vaults[0], "k", 10 * MIB + 1));
    assert_int_equal(vault_count(&vaults[0], NEPH_OP_UPLOAD_PART), 11);
    assert_int_equal(vault_count(&vaults[0], NEPH_OP_UPLOAD_COMPLETE), 1);
    assert_int_equal(vault_count(&vaults[0], NEPH_OP_OBJECT_HEAD), 0);
    assert_int_equal(vaults[0].most_parallel, 8);
    assert_int_equal(result.part_count, 11);
    assert_int_equal(result.is_verified, 1);
}

static void test_put__a_failed_part_is_sent_again_alone(void **state)
{
    ground *g = *state;
    small_parts(g);
    vaults[0].fault = (vault_fault){NEPH_OP_UPLOAD_PART, 3, NEPH_THROTTLED, 1, 0, 0};
    ground_file(g, "in", 6 * MIB);
    assert_int_equal(ground_put(g, "in", "k", NULL), 0);
    assert_true(ground_is_object(&vaults[0], "k", 6 * MIB));
    assert_int_equal(vault_count(&vaults[0], NEPH_OP_UPLOAD_PART), 7);
    assert_int_equal(vaults[0].part_counts[2], 1);
}

static void test_put__a_part_that_fails_for_good_undoes_all(void **state)
{
    ground *g = *state;
    small_parts(g);
    vaults[0].fault = (vault_fault){NEPH_OP_UPLOAD_PART, 3, NEPH_PERMISSION, 1, 0, 0};
    ground_file(g, "in", 6 * MIB);
    assert_int_equal(ground_put(g, "in", "k", NULL), NEPH_PERMISSION);
    assert_string_equal(ground_message(), "the vault was told to fail");
    assert_int_equal(vault_count(&vaults[0], NEPH_OP_UPLOAD_ABORT), 1);
    assert_null(vault_find(&vaults[0], "k"));
}

static void test_put__what_arrives_as_other_bytes_is_an_integrity_error(void **state)
{
    ground *g = *state;
    small_parts(g);
    vaults[0].is_corrupt = 1;
    ground_file(g, "in", 6 * MIB);
    assert_int_equal(ground_put(g, "in", "k", NULL), NEPH_INTEGRITY);
    assert_null(vault_find(&vaults[0], "k"));
}

static void test_put__too_large_is_refused_before_anything_is_sent(void **state)
{
    ground *g = *state;
    small_parts(g);
    vaults[0].object_bytes = 5 * MIB;
    ground_file(g, "in", 6 * MIB);
    assert_int_equal(ground_put(g, "in", "k", NULL), NEPH_LIMIT);
    assert_int_equal(vault_count(&vaults[0], NEPH_OP_UPLOAD_BEGIN), 0);
    assert_non_null(strstr(ground_message(), "6291456"));
}

static void test_put__verification_that_must_be_and_cannot_fails_first(void **state)
{
    ground *g = *state;
    g->options.verify = NEPH_VERIFY_REQUIRED;
    ground_file(g, "in", 100);
    assert_int_equal(ground_put(g, "in", "k", NULL), NEPH_UNSUPPORTED);
    assert_int_equal(vault_count(&vaults[0], NEPH_OP_OBJECT_PUT), 0);
    vaults[0].checksum = "crc32c";
    ground_restart(g);
    assert_int_equal(ground_put(g, "in", "k", NULL), 0);
}

static void test_put__conditions_hold_for_parts_too(void **state)
{
    ground *g = *state;
    small_parts(g);
    ground_object(&vaults[0], "k", 10);
    g->options.if_none_match = "*";
    ground_file(g, "in", 3 * MIB);
    assert_int_equal(ground_put(g, "in", "k", NULL), NEPH_CONFLICT);
    assert_true(ground_is_object(&vaults[0], "k", 10));
    g->options.part_bytes = 0;
    assert_int_equal(ground_put(g, "in", "k", NULL), NEPH_CONFLICT);
    assert_int_equal(ground_put(g, "in", "other", NULL), 0);
}

static void test_put__facts_go_with_the_object(void **state)
{
    ground *g = *state;
    struct timespec times[2] = {{0, 0}, {1000000000, 5}};
    small_parts(g);
    g->options.content_type = "text/plain";
    g->options.keep_times = 1;
    ground_file(g, "in", 3 * MIB);
    assert_int_equal(utimensat(-1, ground_path(g, "in"), times, 0), 0);
    assert_int_equal(ground_put(g, "in", "k", NULL), 0);
    assert_string_equal(vault_find(&vaults[0], "k")->content_type, "text/plain");
    assert_int_equal(vault_find(&vaults[0], "k")->local_modified_ns, 1000000000 * NEPH_NANO + 5);
}

/* When something was sent, the file is given another length. */
typedef struct meddler {
    ground *g;
    int64_t size;
} meddler;

static void meddle(neph_transfer *transfer, const neph_transfer_progress *progress, void *user)
{
    const meddler *how = user;
    (void)transfer;
    if (progress->done_bytes && truncate(ground_path(how->g, "in"), how->size))
        fail_msg("the file cannot be changed");
}

static void changes_meanwhile(ground *g, int64_t size)
{
    meddler how = {g, size};
    small_parts(g);
    g->options.progress = meddle;
    g->options.progress_user = &how;
    g->options.parallel = 1;
    vaults[0].fault = (vault_fault){NEPH_OP_UPLOAD_PART, 4, NEPH_THROTTLED, 2, 0, 0};
    ground_file(g, "in", 6 * MIB);
    assert_in_range(-ground_put(g, "in", "k", NULL), -NEPH_INTEGRITY, -NEPH_FILE);
    assert_null(vault_find(&vaults[0], "k"));
}

static void test_put__a_file_that_shrinks_never_becomes_an_object(void **state)
{
    changes_meanwhile(*state, 100);
    assert_non_null(strstr(ground_message(), "in"));
}

static void test_put__a_file_that_grows_never_becomes_an_object(void **state)
{
    changes_meanwhile(*state, 7 * MIB);
    assert_non_null(strstr(ground_message(), "had 6291456 bytes and has 7340032 now"));
}

/* In one request it is there before that can be seen. A limit gives time for it, and is kept to. */
static void test_put__a_small_file_that_grows_says_what_to_do(void **state)
{
    ground *g = *state;
    meddler how = {g, 5 * MIB};
    int64_t begun = nephi_loop_now_ms();
    nephi_rate_init(&g->host->rate, 8 * MIB, begun);
    g->options.progress = meddle;
    g->options.progress_user = &how;
    ground_file(g, "in", 4 * MIB);
    assert_int_equal(ground_put(g, "in", "k", NULL), NEPH_INTEGRITY);
    assert_true(nephi_loop_now_ms() - begun > 300);
    assert_non_null(strstr(ground_message(), "its object may be of both: send it again"));
    assert_int_equal(vault_count(&vaults[0], NEPH_OP_UPLOAD_BEGIN), 0);
    g->options.progress = NULL;
    assert_int_equal(ground_put(g, "in", "k", NULL), 0);
}

static void test_put__no_such_file(void **state)
{
    ground *g = *state;
    assert_int_equal(ground_put(g, "nothing", "k", NULL), NEPH_FILE);
    assert_non_null(strstr(ground_message(), "nothing cannot be opened"));
    assert_int_equal(mkdir(ground_path(g, "journal"), 0700), 0);
    assert_int_equal(ground_put(g, "journal", "k", NULL), NEPH_FILE);
    assert_non_null(strstr(ground_message(), "is a directory"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        GROUND_TEST(test_put__a_small_file_goes_in_one_request),
        GROUND_TEST(test_put__limits_are_asked_once_for_all),
        GROUND_TEST(test_put__without_verification_nothing_else_is_asked),
        GROUND_TEST(test_put__a_large_file_goes_in_parts),
        GROUND_TEST(test_put__a_failed_part_is_sent_again_alone),
        GROUND_TEST(test_put__a_part_that_fails_for_good_undoes_all),
        GROUND_TEST(test_put__what_arrives_as_other_bytes_is_an_integrity_error),
        GROUND_TEST(test_put__too_large_is_refused_before_anything_is_sent),
        GROUND_TEST(test_put__verification_that_must_be_and_cannot_fails_first),
        GROUND_TEST(test_put__conditions_hold_for_parts_too),
        GROUND_TEST(test_put__facts_go_with_the_object),
        GROUND_TEST(test_put__a_file_that_shrinks_never_becomes_an_object),
        GROUND_TEST(test_put__a_file_that_grows_never_becomes_an_object),
        GROUND_TEST(test_put__a_small_file_that_grows_says_what_to_do),
        GROUND_TEST(test_put__no_such_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
