/*
 * Transfers that another process goes on with: what is there is not moved again, what is not sure
 * is, and nothing is left behind.
 */
#include "core/host.h"
#include "tests/transfer/ground.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static void begin(ground *g)
{
    vaults[0].checksum = "crc32c";
    g->options.part_bytes = MIB;
    g->options.journal_dir = g->journal;
}

/* Fails when so many parts are there, and does so without a word to the cloud. */
static void put_breaks(ground *g, int parts)
{
    neph_end from = ground_end_file(g, "in"), to = ground_end_object(g->one, "k");
    neph_transfer *transfer;
    begin(g);
    g->options.parallel = 1;
    vaults[0].fault = (vault_fault){NEPH_OP_UPLOAD_PART, parts + 1, NEPH_NETWORK, 99, 0, 0};
    transfer = ground_start(g, &from, &to);
    assert_int_equal(ground_wait(transfer), NEPH_NETWORK);
    neph_transfer_free(transfer);
    assert_int_equal(ground_journal_count(g), 1);
    assert_int_equal(vault_upload_count(&vaults[0]), 1);
    vaults[0].fault.times = 0;
    vault_forget_counts(&vaults[0]);
    ground_restart(g);
}

static void test_resume__finished_parts_are_not_sent_again(void **state)
{
    ground *g = *state;
    neph_transfer_result result;
    ground_file(g, "in", 9 * MIB + 5);
    put_breaks(g, 5);
    assert_int_equal(ground_put(g, "in", "k", &result), 0);
    assert_true(ground_is_object(&vaults[0], "k", 9 * MIB + 5));
    for (int i = 0; i < 10; i++)
        assert_int_equal(vaults[0].part_counts[i], i >= 5);
    assert_int_equal(vault_count(&vaults[0], NEPH_OP_UPLOAD_BEGIN), 0);
    assert_int_equal(result.kept_count, 5);
    assert_int_equal(result.part_count, 10);
    assert_int_equal(result.is_verified, 1);
}

/* The call cannot ask for a page again of which it has delivered a part. */
static void test_resume__a_list_of_parts_that_breaks_is_asked_for_again(void **state)
{
    ground *g = *state;
    ground_file(g, "in", 9 * MIB + 5);
    put_breaks(g, 5);
    vaults[0].fault = (vault_fault){NEPH_OP_UPLOAD_PARTS, 0, NEPH_NETWORK, 1, 1, 0};
    assert_int_equal(ground_put(g, "in", "k", NULL), 0);
    assert_true(ground_is_object(&vaults[0], "k", 9 * MIB + 5));
    assert_int_equal(vault_count(&vaults[0], NEPH_OP_UPLOAD_PARTS), 2);
    for (int i = 0; i < 10; i++)
        assert_int_equal(vaults[0].part_counts[i], i >= 5);
}

static void test_resume__a_list_of_parts_that_always_breaks_ends_it_for_now(void **state)
{
    ground *g = *state;
    ground_file(g, "in", 9 * MIB + 5);
    put_breaks(g, 5);
    vaults[0].fault = (vault_fault){NEPH_OP_UPLOAD_PARTS, 0, NEPH_NETWORK, 99, 1, 0};
    assert_int_equal(ground_put(g, "in", "k", NULL), NEPH_NETWORK);
    assert_in_range(vault_count(&vaults[0], NEPH_OP_UPLOAD_PARTS), 2, 10);
    assert_int_equal(vault_count(&vaults[0], NEPH_OP_UPLOAD_PART), 0);
    vaults[0].fault.times = 0;
    assert_int_equal(ground_put(g, "in", "k", NULL), 0);
    for (int i = 0; i < 10; i++)
        assert_int_equal(vaults[0].part_counts[i], i >= 5);
}

static void test_resume__the_size_of_parts_stays(void **state)
{
    ground *g = *state;
    neph_transfer_result result;
    ground_file(g, "in", 9 * MIB);
    put_breaks(g, 5);
    g->options.part_bytes = 2 * MIB;
    assert_int_equal(ground_put(g, "in", "k", &result), 0);
    assert_true(ground_is_object(&vaults[0], "k", 9 * MIB));
    assert_int_equal(result.kept_count, 5);
}

static void test_resume__what_the_cloud_has_lost_is_sent_again(void **state)
{
    ground *g = *state;
    neph_transfer_result result;
    ground_file(g, "in", 9 * MIB);
    put_breaks(g, 5);
    for (int i = 0; i < VAULT_UPLOADS; i++)
        vaults[0].uploads[i].parts[2].is_there = 0;
    assert_int_equal(ground_put(g, "in", "k", &result), 0);
    assert_true(ground_is_object(&vaults[0], "k", 9 * MIB));
    assert_int_equal(vaults[0].part_counts[2], 1);
    assert_int_equal(result.kept_count, 4);
}

static void test_resume__what_the_cloud_has_otherwise_is_sent_again(void **state)
{
    ground *g = *state;
    ground_file(g, "in", 9 * MIB);
    put_breaks(g, 5);
    for (int i = 0; i < VAULT_UPLOADS; i++)
        if (vaults[0].uploads[i].is_there)
            vaults[0].uploads[i].parts[2].data[7] ^= 1;
    assert_int_equal(ground_put(g, "in", "k", NULL), 0);
    assert_true(ground_is_object(&vaults[0], "k", 9 * MIB));
    assert_int_equal(vaults[0].part_counts[2], 1);
    assert_int_equal(vaults[0].part_counts[1], 0);
}

/* The journal was not told of them any more. */
static void journal_cut(ground *g, int lines)
{
    DIR *dir = opendir(g->journal);
    struct dirent *entry;
    char text[65536], path[400];
    while ((entry = readdir(dir)) != NULL && entry->d_name[0] == '.')
        ;
    assert_non_null(entry);
    snprintf(path, sizeof path, "%s/%s", g->journal, entry->d_name);
    closedir(dir);
    FILE *file = fopen(path, "r");
    size_t size = fread(text, 1, sizeof text, file);
    fclose(file);
    while (lines-- && size) {
        size--;
        while (size && text[size - 1] != '\n')
            size--;
    }
    assert_int_equal(truncate(path, (off_t)size), 0);
}

static void test_resume__a_part_that_the_journal_does_not_know_is_known_by_its_checksum(
    void **state)
{
    ground *g = *state;
    neph_transfer_result result;
    ground_file(g, "in", 9 * MIB);
    put_breaks(g, 5);
    journal_cut(g, 4); /* "synced" and three parts */
    assert_int_equal(ground_put(g, "in", "k", &result), 0);
    assert_true(ground_is_object(&vaults[0], "k", 9 * MIB));
    assert_int_equal(result.kept_count, 5);
    assert_int_equal(result.is_verified, 1);
    assert_int_equal(vaults[0].part_counts[4], 0);
}

static void test_resume__without_checksums_what_is_not_noted_goes_by_its_size(void **state)
{
    ground *g = *state;
    neph_transfer_result result;
    ground_file(g, "in", 9 * MIB);
    vaults[0].is_silent = 1;
    put_breaks(g, 5);
    journal_cut(g, 4);
    assert_int_equal(ground_put(g, "in", "k", &result), 0);
    assert_true(ground_is_object(&vaults[0], "k", 9 * MIB));
    assert_int_equal(result.kept_count, 5);
    assert_int_equal(result.is_verified, 0);
}

static void test_resume__an_upload_that_is_gone_begins_anew(void **state)
{
    ground *g = *state;
    neph_transfer_result result;
    ground_file(g, "in", 9 * MIB);
    put_breaks(g, 5);
    for (int i = 0; i < VAULT_UPLOADS; i++)
        vaults[0].uploads[i].is_there = 0;
    assert_int_equal(ground_put(g, "in", "k", &result), 0);
    assert_true(ground_is_object(&vaults[0], "k", 9 * MIB));
    assert_int_equal(vault_count(&vaults[0], NEPH_OP_UPLOAD_BEGIN), 1);
    assert_int_equal(result.kept_count, 0);
}

static void test_resume__another_source_begins_anew_and_the_old_upload_is_aborted(void **state)
{
    ground *g = *state;
    ground_file(g, "in", 9 * MIB);
    put_breaks(g, 5);
    ground_file(g, "in", 4 * MIB);
    assert_int_equal(ground_put(g, "in", "k", NULL), 0);
    assert_true(ground_is_object(&vaults[0], "k", 4 * MIB));
    assert_int_equal(vault_count(&vaults[0], NEPH_OP_UPLOAD_ABORT), 1);
}

static void test_resume__no_network_keeps_what_there_is(void **state)
{
    ground *g = *state;
    ground_file(g, "in", 9 * MIB);
    put_breaks(g, 5);
    vaults[0].fault = (vault_fault){NEPH_OP_UPLOAD_PARTS, 0, NEPH_NETWORK, 99, 0, 0};
    assert_int_equal(ground_put(g, "in", "k", NULL), NEPH_NETWORK);
    assert_int_equal(ground_journal_count(g), 1);
    vaults[0].fault.times = 0;
    assert_int_equal(ground_put(g, "in", "k", NULL), 0);
    assert_int_equal(vaults[0].part_counts[4], 0);
}

static void test_resume__a_lost_reply_to_complete_is_found_out(void **state)
{
    ground *g = *state;
    neph_transfer_result result;
    begin(g);
    ground_file(g, "in", 4 * MIB);
    vaults[0].fault = (vault_fault){NEPH_OP_UPLOAD_COMPLETE, 0, NEPH_NETWORK, 1, 1, 0};
    assert_int_equal(ground_put(g, "in", "k", NULL), NEPH_NETWORK);
    assert_int_equal(ground_journal_count(g), 1);
    vault_forget_counts(&vaults[0]);
    ground_restart(g);
    assert_int_equal(ground_put(g, "in", "k", &result), 0);
    assert_true(ground_is_object(&vaults[0], "k", 4 * MIB));
    assert_int_equal(vaults[0].sent_bytes, 0);
    assert_int_equal(result.is_verified, 1);
    assert_int_equal(result.kept_count, 4);
}

static void test_resume__a_lost_complete_of_what_is_not_ours_is_sent_again(void **state)
{
    ground *g = *state;
    begin(g);
    ground_file(g, "in", 4 * MIB);
    vaults[0].fault = (vault_fault){NEPH_OP_UPLOAD_COMPLETE, 0, NEPH_NETWORK, 1, 1, 0};
    assert_int_equal(ground_put(g, "in", "k", NULL), NEPH_NETWORK);
    vault_find(&vaults[0], "k")->data[5] ^= 1;
    assert_int_equal(ground_put(g, "in", "k", NULL), 0);
    assert_true(ground_is_object(&vaults[0], "k", 4 * MIB));
}

static void test_resume__a_lost_reply_to_begin_leaves_nothing(void **state)
{
    ground *g = *state;
    begin(g);
    ground_file(g, "in", 4 * MIB);
    vaults[0].fault = (vault_fault){NEPH_OP_UPLOAD_BEGIN, 0, NEPH_NETWORK, 1, 1, 0};
    assert_int_equal(ground_put(g, "in", "k", NULL), NEPH_NETWORK);
    assert_int_equal(vault_upload_count(&vaults[0]), 1);
    ground_restart(g);
    assert_int_equal(ground_put(g, "in", "k", NULL), 0);
    assert_true(ground_is_object(&vaults[0], "k", 4 * MIB));
    assert_int_equal(vault_upload_count(&vaults[0]), 0);
}

/* What was refused before its first part leaves nothing to go on with. */
static void test_resume__a_refused_begin_is_not_listed(void **state)
{
    static const uint32_t ops[] = {NEPH_OP_UPLOAD_BEGIN, NEPH_OP_OBJECT_GET};
    ground *g = *state;
    begin(g);
    ground_file(g, "in", 4 * MIB);
    ground_object(&vaults[0], "there", 20 * MIB);
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        vaults[0].fault = (vault_fault){ops[i], 0, NEPH_PERMISSION, 100, 0, 0};
        assert_int_equal(ops[i] == NEPH_OP_OBJECT_GET ? ground_get(g, "there", "out", NULL)
                                                      : ground_put(g, "in", "k", NULL),
                         NEPH_PERMISSION);
        assert_int_equal(ground_journal_count(g), 0);
    }
    assert_int_equal(ground_count(g), 1);
}

static void test_resume__somebody_elses_upload_stays(void **state)
{
    ground *g = *state;
    vault_upload *other = &vaults[0].uploads[0];
    begin(g);
    ground_file(g, "in", 4 * MIB);
    vaults[0].fault = (vault_fault){NEPH_OP_UPLOAD_BEGIN, 0, NEPH_NETWORK, 1, 0, 0};
    assert_int_equal(ground_put(g, "in", "k", NULL), NEPH_NETWORK);
    other->is_there = 1;
    snprintf(other->id, sizeof other->id, "theirs");
    snprintf(other->key, sizeof other->key, "k");
    other->created_ns = NEPH_NANO;
    assert_int_equal(ground_put(g, "in", "k", NULL), 0);
    assert_int_equal(vault_upload_count(&vaults[0]), 1);
    other->is_there = 0;
}

static void test_resume__only_one_has_it(void **state)
{
    ground *g = *state;
    neph_end from = ground_end_file(g, "in"), to = ground_end_object(g->one, "k");
    neph_transfer *first;
    begin(g);
    ground_file(g, "in", 4 * MIB);
    first = ground_start(g, &from, &to);
    while (!ground_journal_count(g))
        assert_int_equal(neph_host_dispatch(g->host, 10), 0);
    assert_int_equal(ground_put(g, "in", "k", NULL), NEPH_BUSY);
    assert_non_null(strstr(ground_message(), "under way already"));
    assert_int_equal(ground_wait(first), 0);
    neph_transfer_free(first);
    assert_true(ground_is_object(&vaults[0], "k", 4 * MIB));
}

/* ---- downloads */

static void get_breaks(ground *g, int parts)
{
    begin(g);
    g->options.parallel = 1;
    vaults[0].fault = (vault_fault){NEPH_OP_OBJECT_GET, 0, NEPH_NETWORK, 99, 0, parts};
    assert_int_equal(ground_get(g, "k", "out", NULL), NEPH_NETWORK);
    assert_int_equal(ground_journal_count(g), 1);
    assert_int_equal(ground_count(g), 1);
    vaults[0].fault.times = 0;
    vault_forget_counts(&vaults[0]);
    ground_restart(g);
}

static void test_resume__finished_ranges_are_not_got_again(void **state)
{
    ground *g = *state;
    neph_transfer_result result;
    ground_object(&vaults[0], "k", 9 * MIB + 5);
    get_breaks(g, 6);
    assert_int_equal(ground_get(g, "k", "out", &result), 0);
    assert_true(ground_is_file(g, "out", 9 * MIB + 5));
    assert_int_equal(vaults[0].got_bytes, 3 * MIB + 5);
    assert_int_equal(result.kept_count, 6);
    assert_int_equal(result.is_verified, 1);
}

static void test_resume__an_object_that_changed_is_got_anew(void **state)
{
    ground *g = *state;
    ground_object(&vaults[0], "k", 9 * MIB);
    get_breaks(g, 6);
    ground_object(&vaults[0], "k", 5 * MIB);
    assert_int_equal(ground_get(g, "k", "out", NULL), 0);
    assert_true(ground_is_file(g, "out", 5 * MIB));
    assert_int_equal(vaults[0].got_bytes, 5 * MIB);
    assert_int_equal(ground_count(g), 1);
}

static void test_resume__a_half_written_file_that_is_gone_is_got_anew(void **state)
{
    ground *g = *state;
    DIR *dir;
    struct dirent *entry;
    ground_object(&vaults[0], "k", 9 * MIB);
    get_breaks(g, 6);
    dir = opendir(g->dir);
    while ((entry = readdir(dir)) != NULL)
        if (strncmp(entry->d_name, ".neph-", 6) == 0)
            unlinkat(dirfd(dir), entry->d_name, 0);
    closedir(dir);
    assert_int_equal(ground_get(g, "k", "out", NULL), 0);
    assert_true(ground_is_file(g, "out", 9 * MIB));
    assert_int_equal(vaults[0].got_bytes, 9 * MIB);
}

/* ---- copies, pipes */

static void test_resume__a_stream_between_clouds(void **state)
{
    ground *g = *state;
    neph_transfer_result result;
    begin(g);
    vaults[1].checksum = "crc32c";
    g->options.parallel = 1;
    ground_object(&vaults[0], "k", 9 * MIB);
    vaults[1].fault = (vault_fault){NEPH_OP_UPLOAD_PART, 6, NEPH_PERMISSION, 1, 0, 0};
    assert_int_equal(ground_copy(g, g->one, "k", g->two, "c", NULL), NEPH_PERMISSION);
    vault_forget_counts(&vaults[0]);
    ground_restart(g);
    assert_int_equal(ground_copy(g, g->one, "k", g->two, "c", &result), 0);
    assert_true(ground_is_object(&vaults[1], "c", 9 * MIB));
    assert_int_equal(vaults[0].got_bytes, 4 * MIB);
    assert_int_equal(result.kept_count, 5);
    assert_int_equal(result.is_verified, 1);
}

/* ---- the list of what is unfinished */

static const neph_unfinished *first(ground *g, neph_journal **journal)
{
    assert_int_equal(neph_journal_open(g->host, g->journal, journal), 0);
    return neph_journal_next(*journal);
}

static void test_unfinished__is_listed_and_taken_up(void **state)
{
    ground *g = *state;
    const neph_unfinished *told;
    neph_transfer *transfer;
    neph_journal *journal;
    ground_file(g, "in", 9 * MIB);
    put_breaks(g, 5);
    told = first(g, &journal);
    assert_non_null(told);
    assert_null(told->damage);
    assert_null(told->from_cloud);
    assert_string_equal(told->from, ground_path(g, "in"));
    assert_string_equal(told->to_cloud, "vault");
    assert_string_equal(told->to_bucket, "b");
    assert_string_equal(told->to, "k");
    assert_int_equal(told->total_bytes, 9 * MIB);
    assert_int_equal(told->done_bytes, 5 * MIB);
    assert_int_equal(told->is_running, 0);
    assert_non_null(told->upload);
    transfer = neph_transfer_resume(g->host, g->journal, told->id, NULL, g->one, NULL);
    assert_int_equal(ground_wait(transfer), 0);
    assert_int_equal(neph_transfer_outcome(transfer)->kept_count, 5);
    neph_transfer_free(transfer);
    assert_null(neph_journal_next(journal));
    neph_journal_close(journal);
    assert_true(ground_is_object(&vaults[0], "k", 9 * MIB));
}

static void test_unfinished__is_aborted_on_the_server_too(void **state)
{
    ground *g = *state;
    const neph_unfinished *told;
    neph_transfer *transfer;
    neph_journal *journal;
    ground_file(g, "in", 9 * MIB);
    put_breaks(g, 5);
    told = first(g, &journal);
    assert_int_equal(neph_journal_check(journal, g->two), NEPH_INVALID);
    assert_non_null(strstr(neph_host_error(g->host)->message, told->id));
    assert_int_equal(neph_journal_check(journal, g->one), 0);
    assert_int_equal(neph_journal_check(journal, NULL), 0);
    vaults[0].fault = (vault_fault){NEPH_OP_UPLOAD_ABORT, 0, NEPH_PERMISSION, 1, 0, 0};
    transfer = neph_transfer_abort(g->host, g->journal, told->id, g->one);
    assert_int_equal(ground_wait(transfer), NEPH_PERMISSION);
    neph_transfer_free(transfer);
    assert_int_equal(ground_journal_count(g), 1);
    transfer = neph_transfer_abort(g->host, g->journal, told->id, g->one);
    assert_int_equal(ground_wait(transfer), 0);
    neph_transfer_free(transfer);
    assert_int_equal(vault_upload_count(&vaults[0]), 0);
    transfer = neph_transfer_abort(g->host, g->journal, told->id, g->one);
    assert_int_equal(ground_wait(transfer), NEPH_NOT_FOUND);
    neph_transfer_free(transfer);
    transfer = neph_transfer_resume(g->host, g->journal, told->id, NULL, g->one, NULL);
    assert_int_equal(ground_wait(transfer), NEPH_NOT_FOUND);
    neph_transfer_free(transfer);
    neph_journal_close(journal);
}

/* The reply to complete was lost: what it made stays when the transfer is given up; where nothing was made, it may come yet,
 * and that is waited for. */
static void test_unfinished__what_may_be_completed_is_looked_at(void **state)
{
    ground *g = *state;
    for (int is_made = 0; is_made < 2; is_made++) {
        const neph_unfinished *told;
        neph_transfer *transfer;
        neph_journal *journal;
        begin(g);
        ground_file(g, "in", 4 * MIB);
        vaults[0].fault = (vault_fault){NEPH_OP_UPLOAD_COMPLETE, 0, NEPH_NETWORK, 1, is_made, 0};
        assert_int_equal(ground_put(g, "in", "k", NULL), NEPH_NETWORK);
        vault_forget_counts(&vaults[0]);
        told = first(g, &journal);
        g->host->pace_ms = 1; /* so that all looks are over soon */
        transfer = neph_transfer_abort(g->host, g->journal, told->id, g->one);
        assert_int_equal(ground_wait(transfer), 0);
        neph_transfer_free(transfer);
        neph_journal_close(journal);
        assert_int_equal(vault_count(&vaults[0], NEPH_OP_OBJECT_HEAD) > 1, !is_made);
        assert_int_equal(vault_find(&vaults[0], "k") != NULL, is_made);
        assert_int_equal(vault_upload_count(&vaults[0]), 0);
        assert_int_equal(ground_journal_count(g), 0);
    }
}

static void test_unfinished__a_download_is_aborted_with_its_file(void **state)
{
    ground *g = *state;
    neph_transfer *transfer;
    neph_journal *journal;
    const neph_unfinished *told;
    ground_object(&vaults[0], "k", 9 * MIB);
    get_breaks(g, 6);
    told = first(g, &journal);
    assert_string_equal(told->from_cloud, "vault");
    assert_int_equal(told->done_bytes, 6 * MIB);
    transfer = neph_transfer_abort(g->host, g->journal, told->id, NULL);
    assert_int_equal(ground_wait(transfer), 0);
    neph_transfer_free(transfer);
    neph_journal_close(journal);
    assert_int_equal(ground_count(g), 0);
}

static void test_unfinished__a_changed_source_and_a_damaged_journal_say_so(void **state)
{
    ground *g = *state;
    neph_transfer *transfer;
    neph_journal *journal;
    const neph_unfinished *told;
    FILE *file;
    ground_file(g, "in", 9 * MIB);
    put_breaks(g, 5);
    ground_file(g, "in", 8 * MIB);
    file = fopen(ground_path(g, "journal/0123456789abcdef.journal"), "w");
    assert_non_null(file);
    fputs("nonsense\n", file);
    fclose(file);
    told = first(g, &journal);
    assert_string_equal(told->damage, "its source was written to since");
    told = neph_journal_next(journal);
    assert_string_equal(told->id, "0123456789abcdef");
    assert_string_equal(told->damage, "a line is not what was written");
    transfer = neph_transfer_resume(g->host, g->journal, told->id, NULL, g->one, NULL);
    assert_int_equal(ground_wait(transfer), NEPH_FILE);
    neph_transfer_free(transfer);
    transfer = neph_transfer_abort(g->host, g->journal, told->id, g->one);
    assert_int_equal(ground_wait(transfer), 0);
    neph_transfer_free(transfer);
    neph_journal_close(journal);
    assert_int_equal(ground_put(g, "in", "k", NULL), 0);
}

static void test_unfinished__a_journal_holds_no_secret_and_is_the_users_own(void **state)
{
    ground *g = *state;
    const neph_setting_value settings[] = {{"name", "one"}, {"word", "a-very-secret-word"}};
    neph_cloud *plain = g->one;
    struct stat info;
    char text[65536];
    DIR *dir;
    struct dirent *entry;
    assert_int_equal(neph_cloud_open(g->host, "vault", settings, 2, &g->one), 0);
    neph_cloud_close(plain);
    begin(g);
    ground_file(g, "in", 3 * MIB);
    vaults[0].fault = (vault_fault){NEPH_OP_UPLOAD_PART, 2, NEPH_PERMISSION, 1, 0, 0};
    assert_int_equal(ground_put(g, "in", "k", NULL), NEPH_PERMISSION);
    assert_int_equal(stat(g->journal, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    dir = opendir(g->journal);
    while ((entry = readdir(dir)) != NULL && entry->d_name[0] == '.')
        ;
    assert_int_equal(fstatat(dirfd(dir), entry->d_name, &info, 0), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    int fd = openat(dirfd(dir), entry->d_name, O_RDONLY);
    ssize_t size = read(fd, text, sizeof text - 1);
    close(fd);
    closedir(dir);
    text[size > 0 ? size : 0] = '\0';
    assert_non_null(strstr(text, "to-setting name one"));
    assert_null(strstr(text, "secret"));
    assert_int_equal(ground_put(g, "in", "k", NULL), 0);
}

/* ---- another process, killed */

static void test_resume__after_a_cancel(void **state)
{
    ground *g = *state;
    neph_end from = ground_end_file(g, "in"), to = ground_end_object(g->one, "k");
    neph_transfer *transfer;
    begin(g);
    ground_file(g, "in", 30 * MIB);
    transfer = ground_start(g, &from, &to);
    while (!vaults[0].part_counts[3])
        assert_int_equal(neph_host_dispatch(g->host, 10), 0);
    neph_transfer_cancel(transfer);
    assert_int_equal(neph_transfer_is_done(transfer), 1);
    neph_transfer_free(transfer);
    assert_int_equal(vault_upload_count(&vaults[0]), 1);
    ground_restart(g);
    assert_int_equal(ground_put(g, "in", "k", NULL), 0);
    assert_true(ground_is_object(&vaults[0], "k", 30 * MIB));
    for (int i = 0; i < 30; i++)
        assert_int_equal(vaults[0].part_counts[i], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        GROUND_TEST(test_resume__finished_parts_are_not_sent_again),
        GROUND_TEST(test_resume__a_list_of_parts_that_breaks_is_asked_for_again),
        GROUND_TEST(test_resume__a_list_of_parts_that_always_breaks_ends_it_for_now),
        GROUND_TEST(test_resume__the_size_of_parts_stays),
        GROUND_TEST(test_resume__what_the_cloud_has_lost_is_sent_again),
        GROUND_TEST(test_resume__what_the_cloud_has_otherwise_is_sent_again),
        GROUND_TEST(test_resume__a_part_that_the_journal_does_not_know_is_known_by_its_checksum),
        GROUND_TEST(test_resume__without_checksums_what_is_not_noted_goes_by_its_size),
        GROUND_TEST(test_resume__an_upload_that_is_gone_begins_anew),
        GROUND_TEST(test_resume__another_source_begins_anew_and_the_old_upload_is_aborted),
        GROUND_TEST(test_resume__no_network_keeps_what_there_is),
        GROUND_TEST(test_resume__a_lost_reply_to_complete_is_found_out),
        GROUND_TEST(test_resume__a_lost_complete_of_what_is_not_ours_is_sent_again),
        GROUND_TEST(test_resume__a_lost_reply_to_begin_leaves_nothing),
        GROUND_TEST(test_resume__a_refused_begin_is_not_listed),
        GROUND_TEST(test_resume__somebody_elses_upload_stays),
        GROUND_TEST(test_resume__only_one_has_it),
        GROUND_TEST(test_resume__finished_ranges_are_not_got_again),
        GROUND_TEST(test_resume__an_object_that_changed_is_got_anew),
        GROUND_TEST(test_resume__a_half_written_file_that_is_gone_is_got_anew),
        GROUND_TEST(test_resume__a_stream_between_clouds),
        GROUND_TEST(test_unfinished__is_listed_and_taken_up),
        GROUND_TEST(test_unfinished__is_aborted_on_the_server_too),
        GROUND_TEST(test_unfinished__what_may_be_completed_is_looked_at),
        GROUND_TEST(test_unfinished__a_download_is_aborted_with_its_file),
        GROUND_TEST(test_unfinished__a_changed_source_and_a_damaged_journal_say_so),
        GROUND_TEST(test_unfinished__a_journal_holds_no_secret_and_is_the_users_own),
        GROUND_TEST(test_resume__after_a_cancel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
