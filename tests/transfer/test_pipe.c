/*
 * What has no size to an object.
 */
#include "tests/transfer/ground.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

typedef struct writer {
    int fd;
    int64_t size;
} writer;

static void *write_all(void *user)
{
    const writer *this = user;
    char *bytes = ground_bytes(this->size);
    for (int64_t at = 0; at < this->size;) {
        ssize_t count = write(this->fd, bytes + at, (size_t)(this->size - at));
        if (count <= 0)
            break;
        at += count;
    }
    free(bytes);
    close(this->fd);
    return NULL;
}

static int from_pipe(ground *g, int64_t size, neph_transfer_result *result)
{
    neph_end from = NEPH_END_INIT, to = ground_end_object(g->one, "k");
    neph_transfer *transfer;
    pthread_t thread;
    writer this;
    int ends[2], rc;
    assert_int_equal(pipe(ends), 0);
    this = (writer){ends[1], size};
    assert_int_equal(pthread_create(&thread, NULL, write_all, &this), 0);
    from.fd = ends[0];
    transfer = ground_start(g, &from, &to);
    rc = ground_wait(transfer);
    close(ends[0]);
    pthread_join(thread, NULL);
    if (!rc)
        *result = *neph_transfer_outcome(transfer);
    neph_transfer_free(transfer);
    return rc;
}

static void test_pipe__what_ends_early_goes_in_one_request(void **state)
{
    ground *g = *state;
    neph_transfer_result result;
    assert_int_equal(from_pipe(g, 0, &result), 0);
    assert_true(ground_is_object(&vaults[0], "k", 0));
    assert_int_equal(from_pipe(g, 5 * MIB, &result), 0);
    assert_true(ground_is_object(&vaults[0], "k", 5 * MIB));
    assert_int_equal(vault_count(&vaults[0], NEPH_OP_OBJECT_PUT), 2);
    assert_int_equal(vault_count(&vaults[0], NEPH_OP_UPLOAD_BEGIN), 0);
    assert_int_equal(result.size_bytes, 5 * MIB);
}

static void test_pipe__what_does_not_goes_in_parts(void **state)
{
    ground *g = *state;
    neph_transfer_result result;
    vaults[0].checksum = "crc32c";
    assert_int_equal(from_pipe(g, 50 * MIB + 1, &result), 0);
    assert_true(ground_is_object(&vaults[0], "k", 50 * MIB + 1));
    assert_int_equal(vault_count(&vaults[0], NEPH_OP_UPLOAD_PART), 7);
    assert_int_equal(result.size_bytes, 50 * MIB + 1);
    assert_int_equal(result.part_count, 7);
    assert_int_equal(result.is_verified, 1);
    assert_int_equal(from_pipe(g, 16 * MIB, &result), 0);
    assert_true(ground_is_object(&vaults[0], "k", 16 * MIB));
}

static void test_pipe__pieces_grow(void **state)
{
    ground *g = *state;
    neph_transfer_result result;
    vaults[0].part_count = 16;
    assert_int_equal(from_pipe(g, 100 * MIB, &result), 0);
    assert_true(ground_is_object(&vaults[0], "k", 100 * MIB));
    assert_int_equal(result.part_count, 6); /* 8, 8, 16, 16, 32 and the rest */
}

static void test_pipe__more_than_the_cloud_takes(void **state)
{
    ground *g = *state;
    neph_transfer_result result;
    vaults[0].object_bytes = 30 * MIB;
    assert_int_equal(from_pipe(g, 40 * MIB, &result), NEPH_LIMIT);
    assert_null(vault_find(&vaults[0], "k"));
    vaults[0].object_bytes = 0;
    vaults[0].part_count = 2;
    ground_restart(g);
    g->options.part_bytes = 4 * MIB;
    assert_int_equal(from_pipe(g, 40 * MIB, &result), NEPH_LIMIT);
    assert_null(vault_find(&vaults[0], "k"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        GROUND_TEST(test_pipe__what_ends_early_goes_in_one_request),
        GROUND_TEST(test_pipe__what_does_not_goes_in_parts),
        GROUND_TEST(test_pipe__pieces_grow),
        GROUND_TEST(test_pipe__more_than_the_cloud_takes),
    };
    (void)signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
