/*
 * Objects to files: in one request or in ranges, never a mixture, nothing half-written; and to
 * pipes.
 */
#include "core/host.h"
#include "tests/transfer/ground.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

static void test_get__a_small_object_comes_in_one_request(void **state)
{
    ground *g = *state;
    neph_transfer_result result;
    ground_object(&vaults[0], "k", 5000);
    vaults[0].checksum = "crc32c";
    assert_int_equal(ground_get(g, "k", "out", &result), 0);
    assert_true(ground_is_file(g, "out", 5000));
    assert_int_equal(ground_count(g), 1);
    assert_int_equal(vault_count(&vaults[0], NEPH_OP_OBJECT_GET), 1);
    assert_int_equal(result.is_verified, 1);
    assert_int_equal(result.size_bytes, 5000);
}

/* Whichever way this system gives a name to a file, over a file that is there too. */
static void test_get__a_file_gets_its_name_on_every_system(void **state)
{
    ground *g = *state;
    neph_transfer_result result;
    ground_object(&vaults[0], "k", 5000);
    for (int naming = NEPHI_NAMING_UNKNOWN; naming <= NEPHI_NAMING_PROC; naming++) {
        for (int again = 0; again < 2; again++) {
            g->host->naming = (nephi_naming)naming;
            assert_int_equal(ground_get(g, "k", "out", &result), 0);
            assert_true(ground_is_file(g, "out", 5000));
            assert_int_equal(ground_count(g), 1);
        }
        assert_int_equal(remove(ground_path(g, "out")), 0);
    }
}

/* Nobody reads more of what it becomes than could read what it was, while it comes either. */
static void test_get__over_a_file_keeps_its_permissions(void **state)
{
    ground *g = *state;
    struct stat info;
    ground_object(&vaults[0], "k", 5 * MIB);
    ground_file(g, "out", 1);
    assert_int_equal(chmod(ground_path(g, "out"), 0600), 0);
    for (int64_t part_bytes = 0; part_bytes <= MIB; part_bytes += MIB) { /* and by a journal */
        g->options.part_bytes = part_bytes;
        assert_int_equal(ground_get(g, "k", "out", NULL), 0);
        assert_true(ground_is_file(g, "out", 5 * MIB));
        assert_int_equal(stat(ground_path(g, "out"), &info), 0);
        assert_int_equal(info.st_mode & 07777, 0600);
    }
}

static void test_get__what_a_listing_told_is_not_asked_again(void **state)
{
    ground *g = *state;
    neph_end from = ground_end_object(g->one, "k"), to = ground_end_file(g, "out");
    neph_transfer *transfer;
    ground_object(&vaults[0], "k", 5000);
    vaults[0].checksum = "crc32c";
    from.size_bytes = 5000;
    from.etag = vault_find(&vaults[0], "k")->etag;
    transfer = ground_start(g, &from, &to);
    assert_int_equal(ground_wait(transfer), 0);
    assert_int_equal(neph_transfer_outcome(transfer)->is_verified, 1);
    neph_transfer_free(transfer);
    assert_int_equal(vault_count(&vaults[0], NEPH_OP_OBJECT_HEAD), 0);
    assert_int_equal(vault_count(&vaults[0], NEPH_OP_OBJECT_GET), 1);
    from.etag = "another";
    transfer = ground_start(g, &from, &to);
    assert_int_equal(ground_wait(transfer), NEPH_INTEGRITY);
    neph_transfer_free(transfer);
    assert_true(ground_is_file(g, "out", 5000));
}

static void test_get__a_large_object_comes_in_ranges(void **state)
{
    ground *g = *state;
    neph_transfer_result result;
    ground_object(&vaults[0], "k", 10 * MIB + 1);
    vaults[0].checksum = "crc32c";
    g->options.part_bytes = MIB;
    assert_int_equal(ground_get(g, "k", "out", &result), 0);
    assert_true(ground_is_file(g, "out", 10 * MIB + 1));
    assert_int_equal(vault_count(&vaults[0], NEPH_OP_OBJECT_GET), 11);
    assert_int_equal(vaults[0].most_parallel, 8);
    assert_int_equal(vaults[0].got_bytes, 10 * MIB + 1);
    assert_int_equal(vaults[0].summed_bytes, 10 * MIB + 1);
    assert_int_equal(result.is_verified, 1);
    assert_int_equal(result.part_count, 11);
}

static void test_get__a_checksum_that_ranges_do_not_tell_is_taken_of_the_file(void **state)
{
    ground *g = *state;
    neph_transfer_result result;
    ground_object(&vaults[0], "k", 5 * MIB);
    vaults[0].checksum = "md5";
    g->options.part_bytes = MIB;
    assert_int_equal(ground_get(g, "k", "out", &result), 0);
    assert_int_equal(result.is_verified, 1);
    assert_int_equal(vaults[0].summed_bytes, 0);
    vaults[0].is_corrupt = 1;
    assert_int_equal(ground_get(g, "k", "out", NULL), NEPH_INTEGRITY);
    assert_true(ground_is_file(g, "out", 5 * MIB));
}

static void test_get__corrupted_bytes_get_no_name(void **state)
{
    ground *g = *state;
    ground_object(&vaults[0], "k", 5 * MIB);
    vaults[0].checksum = "crc32c";
    vaults[0].is_corrupt = 1;
    g->options.part_bytes = MIB;
    assert_int_equal(ground_get(g, "k", "out", NULL), NEPH_INTEGRITY);
    assert_int_equal(ground_count(g), 0);
    g->options.part_bytes = 0;
    assert_int_equal(ground_get(g, "k", "out", NULL), NEPH_INTEGRITY);
    assert_int_equal(ground_count(g), 0);
}

static void test_get__what_cannot_be_verified_says_so(void **state)
{
    ground *g = *state;
    neph_transfer_result result;
    ground_object(&vaults[0], "k", 5 * MIB);
    assert_int_equal(ground_get(g, "k", "out", &result), 0);
    assert_int_equal(result.is_verified, 0);
    g->options.verify = NEPH_VERIFY_REQUIRED;
    assert_int_equal(ground_get(g, "k", "out2", NULL), NEPH_UNSUPPORTED);
    assert_int_equal(ground_count(g), 1);
}

static void test_get__an_object_that_changes_is_no_mixture(void **state)
{
    ground *g = *state;
    ground_object(&vaults[0], "k", 5 * MIB);
    vaults[0].changes = "k";
    g->options.part_bytes = MIB;
    assert_int_equal(ground_get(g, "k", "out", NULL), NEPH_INTEGRITY);
    assert_non_null(strstr(ground_message(), "k changed while it was read"));
    assert_int_equal(ground_count(g), 0);
}

static void test_get__a_directory_or_no_directory(void **state)
{
    ground *g = *state;
    ground_object(&vaults[0], "k", 10);
    assert_int_equal(mkdir(ground_path(g, "journal"), 0700), 0);
    assert_int_equal(ground_get(g, "k", "journal", NULL), NEPH_FILE);
    assert_non_null(strstr(ground_message(), "is a directory"));
    assert_int_equal(ground_get(g, "k", "no/such", NULL), NEPH_FILE);
    assert_non_null(strstr(ground_message(), "no/such cannot be written: No such file"));
}

static void test_get__a_full_disk_leaves_nothing(void **state)
{
    ground *g = *state;
    neph_end from = ground_end_object(g->one, "k"), to = NEPH_END_INIT;
    neph_transfer *transfer;
    ground_object(&vaults[0], "k", 10);
    to.path = "/dev/full";
    transfer = ground_start(g, &from, &to);
    assert_int_equal(ground_wait(transfer), NEPH_FILE);
    assert_non_null(strstr(ground_message(), "No space left"));
    neph_transfer_free(transfer);
}

static void test_get__times_come_back(void **state)
{
    ground *g = *state;
    struct stat info;
    ground_object(&vaults[0], "k", 10);
    vault_find(&vaults[0], "k")->local_modified_ns = 1000000000 * NEPH_NANO + 7;
    g->options.keep_times = 1;
    assert_int_equal(ground_get(g, "k", "out", NULL), 0);
    assert_int_equal(stat(ground_path(g, "out"), &info), 0);
    assert_int_equal(info.st_mtim.tv_sec, 1000000000);
    assert_int_equal(info.st_mtim.tv_nsec, 7);
    vault_find(&vaults[0], "k")->local_modified_ns = 0;
    assert_int_equal(ground_get(g, "k", "out", NULL), 0);
    assert_int_equal(stat(ground_path(g, "out"), &info), 0);
    assert_int_equal(info.st_mtim.tv_sec, 86400);
}

static void test_get__no_such_object(void **state)
{
    ground *g = *state;
    assert_int_equal(ground_get(g, "k", "out", NULL), NEPH_NOT_FOUND);
    assert_int_equal(ground_count(g), 0);
}

/* ---- pipes */

typedef struct reader {
    int fd;
    char *data;
    size_t size;
} reader;

static void *read_all(void *user)
{
    reader *this = user;
    ssize_t count;
    while ((count = read(this->fd, this->data + this->size, 1 << 16)) > 0)
        this->size += (size_t)count;
    return NULL;
}

static int pour(ground *g, int64_t size, int *verified)
{
    reader this = {.data = malloc((size_t)size + (1 << 17))};
    char *bytes = ground_bytes(size);
    neph_end from = ground_end_object(g->one, "k"), to = NEPH_END_INIT;
    neph_transfer *transfer;
    pthread_t thread;
    int ends[2], rc;
    assert_int_equal(pipe(ends), 0);
    this.fd = ends[0];
    assert_int_equal(pthread_create(&thread, NULL, read_all, &this), 0);
    to.fd = ends[1];
    transfer = ground_start(g, &from, &to);
    rc = ground_wait(transfer);
    close(ends[1]);
    pthread_join(thread, NULL);
    close(ends[0]);
    *verified = !rc && neph_transfer_outcome(transfer)->is_verified;
    neph_transfer_free(transfer);
    if (!rc)
        assert_true(this.size == (size_t)size && memcmp(this.data, bytes, this.size) == 0);
    free(bytes);
    free(this.data);
    return rc;
}

static void test_get__to_a_pipe_in_order(void **state)
{
    ground *g = *state;
    int verified;
    ground_object(&vaults[0], "k", 33 * MIB + 3);
    vaults[0].checksum = "md5";
    assert_int_equal(pour(g, 33 * MIB + 3, &verified), 0);
    assert_int_equal(verified, 1);
    assert_in_range(vaults[0].most_parallel, 2, 4);
    ground_object(&vaults[0], "k", 0);
    assert_int_equal(pour(g, 0, &verified), 0);
    vaults[0].is_corrupt = 1;
    ground_object(&vaults[0], "k", 5 * MIB);
    assert_int_equal(pour(g, 5 * MIB, &verified), NEPH_INTEGRITY);
}

static void test_get__to_a_pipe_in_one_request(void **state)
{
    ground *g = *state;
    int verified;
    vaults[0].checksum = "crc32c";
    g->options.parallel = 1;
    for (int64_t size = 0; size < 10 * MIB; size = 9 * size + 5) {
        vault_forget_counts(&vaults[0]);
        ground_object(&vaults[0], "k", size);
        assert_int_equal(pour(g, size, &verified), 0);
        assert_int_equal(verified, 1);
        assert_int_equal(vault_count(&vaults[0], NEPH_OP_OBJECT_HEAD), 0);
        assert_int_equal(vault_count(&vaults[0], NEPH_OP_OBJECT_GET), 1);
    }
    ground_object(&vaults[0], "k", 1000);
    vaults[0].fault = (vault_fault){NEPH_OP_OBJECT_GET, 0, NEPH_NETWORK, 1, 1, 0};
    assert_int_equal(pour(g, 1000, &verified), NEPH_NETWORK); /* what is out cannot be taken back */
    vaults[0].fault.times = 0;
    vaults[0].is_corrupt = 1;
    assert_int_equal(pour(g, 1000, &verified), NEPH_INTEGRITY);
    g->options.verify = NEPH_VERIFY_REQUIRED;
    vaults[0].is_corrupt = 0;
    ground_object(&vaults[0], "k", 9 * MIB);
    vault_forget_counts(&vaults[0]);
    assert_int_equal(pour(g, 9 * MIB, &verified), 0);
    assert_int_equal(verified, 1);
    assert_int_equal(vault_count(&vaults[0], NEPH_OP_OBJECT_GET), 1);
    vaults[0].checksum = NULL;
    assert_int_equal(pour(g, 9 * MIB, &verified), NEPH_UNSUPPORTED);
    assert_int_equal(vault_count(&vaults[0], NEPH_OP_OBJECT_GET), 1);
}

/* Its ranges could be of another object of that name. */
static void test_get__to_a_pipe_in_one_request_where_ranges_have_no_guard(void **state)
{
    ground *g = *state;
    int verified;
    vaults[0].checksum = "md5";
    vaults[0].is_tagless = 1;
    ground_object(&vaults[0], "k", 9 * MIB);
    assert_int_equal(pour(g, 9 * MIB, &verified), 0);
    assert_int_equal(verified, 1);
    assert_int_equal(vault_count(&vaults[0], NEPH_OP_OBJECT_GET), 1);
    g->options.verify = NEPH_VERIFY_REQUIRED;
    assert_int_equal(pour(g, 9 * MIB, &verified), 0);
    assert_int_equal(verified, 1);
    vaults[0].is_corrupt = 1;
    assert_int_equal(pour(g, 9 * MIB, &verified), NEPH_INTEGRITY);
    vaults[0].is_corrupt = 0;
    g->options.verify = NEPH_VERIFY_OFF;
    assert_int_equal(pour(g, 9 * MIB, &verified), 0);
    assert_int_equal(verified, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        GROUND_TEST(test_get__a_small_object_comes_in_one_request),
        GROUND_TEST(test_get__a_file_gets_its_name_on_every_system),
        GROUND_TEST(test_get__over_a_file_keeps_its_permissions),
        GROUND_TEST(test_get__what_a_listing_told_is_not_asked_again),
        GROUND_TEST(test_get__a_large_object_comes_in_ranges),
        GROUND_TEST(test_get__a_checksum_that_ranges_do_not_tell_is_taken_of_the_file),
        GROUND_TEST(test_get__corrupted_bytes_get_no_name),
        GROUND_TEST(test_get__what_cannot_be_verified_says_so),
        GROUND_TEST(test_get__an_object_that_changes_is_no_mixture),
        GROUND_TEST(test_get__a_directory_or_no_directory),
        GROUND_TEST(test_get__a_full_disk_leaves_nothing),
        GROUND_TEST(test_get__times_come_back),
        GROUND_TEST(test_get__no_such_object),
        GROUND_TEST(test_get__to_a_pipe_in_order),
        GROUND_TEST(test_get__to_a_pipe_in_one_request),
        GROUND_TEST(test_get__to_a_pipe_in_one_request_where_ranges_have_no_guard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
