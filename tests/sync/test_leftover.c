/*
 * What an earlier sync left in the journal of items that it made: killed behind the last word of the cloud, or behind the
 * renaming of a file.
 */
#include "core/transfer/journal.h"
#include "tests/sync/yard.h"

#include "core/host.h"

#define LINE(out, word, ...)                                                                       \
    assert_int_equal(nephi_line_write(out, word, (const nephi_line_value[]){__VA_ARGS__},          \
                                      sizeof((const nephi_line_value[]){__VA_ARGS__}) /            \
                                          sizeof(nephi_line_value)),                               \
                     0)
#define T(value) NEPHI_TEXT(value)
#define N(value) NEPHI_NUMBER(value)

typedef struct entry {
    int is_download;
    int is_completing;
    const char *temporary; /* of a download: its half-written file */
} entry;

static void cloud_write(const yard *y, nephi_buffer *out, int is_from)
{
    LINE(out, is_from ? "from-cloud" : "to-cloud", T("local"), T("local"), T(NULL));
    LINE(out, is_from ? "from-setting" : "to-setting", T("root"), T(sandbox_path(y->box, "cloud")));
}

/* The journal of the transfer of src/NAME to local:p/NAME, or back. */
static void entry_write(yard *y, const char *name, const entry *what)
{
    char key[64], path[512], file[128], id[NEPHI_JOURNAL_ID];
    nephi_end object = {.cloud = y->cloud, .bucket = "box", .key = key}, local = {.path = path};
    nephi_buffer lines;
    nephi_buffer_init(&lines, &y->host->memory, 1 << 20);
    snprintf(key, sizeof key, "p/%s", name);
    snprintf(path, sizeof path, "%s/src/%s", y->box->dir, name);
    LINE(&lines, "neph-journal", N(NEPHI_JOURNAL_VERSION));
    LINE(&lines, "begun", N(NEPH_NANO));
    cloud_write(y, &lines, what->is_download);
    LINE(&lines, "from", T(what->is_download ? "box" : NULL), T(what->is_download ? key : path),
         T(NULL));
    LINE(&lines, "to", T(what->is_download ? NULL : "box"), T(what->is_download ? path : key),
         T(NULL));
    LINE(&lines, "plan", N(1), N(1), T(NULL), N(0), N(0));
    LINE(&lines, "facts", T(NULL), T(NULL), T(NULL), T(NULL));
    if (what->is_download)
        LINE(&lines, "temporary", T(what->temporary));
    else
        LINE(&lines, "upload", T("up-00000000000000000000000000000000"));
    if (what->is_completing)
        LINE(&lines, "completing", N(NEPH_NANO), T(NULL));
    assert_int_equal(nephi_journal_id(&y->host->memory, what->is_download ? &object : &local,
                                      what->is_download ? &local : &object, id),
                     0);
    snprintf(file, sizeof file, "journal/%s.journal", id);
    yard_write(y, file, lines.data);
    nephi_buffer_fini(&lines);
}

static int entry_count(const yard *y)
{
    neph_journal *journal;
    int count = 0;
    assert_int_equal(neph_journal_open(y->host, sandbox_path(y->box, "journal"), &journal), 0);
    while (neph_journal_next(journal))
        count++;
    neph_journal_close(journal);
    return count;
}

/* Both sides have "a" and "b". */
static void sides_make(yard *y, neph_transfer_options *transfer)
{
    static char dir[512];
    yard_write(y, "src/a", "1");
    yard_write(y, "src/b", "2");
    yard_sync(y, "src", "local:p");
    snprintf(dir, sizeof dir, "%s", sandbox_path(y->box, "journal"));
    *transfer = (neph_transfer_options)NEPH_TRANSFER_OPTIONS_INIT;
    transfer->journal_dir = dir;
    y->options.transfer = transfer;
    y->options.tells_same = 1;
}

static void test_leftover__of_what_is_the_same_goes(void **state)
{
    yard *y = *state;
    neph_transfer_options transfer;
    sides_make(y, &transfer);
    entry_write(y, "a", &(entry){.is_completing = 1});
    assert_int_equal(entry_count(y), 1);
    y->options.dry_run = 1;
    assert_string_equal(yard_sync(y, "src", "local:p"), "same a, same b");
    assert_int_equal(entry_count(y), 1);
    y->options.dry_run = 0;
    y->options.jobs = 1;
    assert_string_equal(yard_sync(y, "src", "local:p"), "same a, same b");
    assert_int_equal(y->rc, 0);
    assert_int_equal(y->summary.same_count, 2);
    assert_int_equal(entry_count(y), 0);
}

static void test_leftover__of_a_download_goes_with_its_file(void **state)
{
    yard *y = *state;
    neph_transfer_options transfer;
    char half[512];
    sides_make(y, &transfer);
    snprintf(half, sizeof half, "%s/src/.neph-0123456789abcdef", y->box->dir);
    entry_write(y, "b", &(entry){.is_download = 1, .temporary = half});
    yard_write(y, "src/.neph-0123456789abcdef", "half");
    yard_sync(y, "local:p", "src");
    assert_int_equal(entry_count(y), 1); /* there is something to go on with */
    assert_int_equal(unlink(half), 0);
    yard_sync(y, "local:p", "src");
    assert_int_equal(y->summary.same_count, 2);
    assert_int_equal(entry_count(y), 0);
}

static void test_leftover__of_others_stays(void **state)
{
    yard *y = *state;
    neph_transfer_options transfer;
    sides_make(y, &transfer);
    entry_write(y, "a", &(entry){.is_completing = 0});
    entry_write(y, "gone", &(entry){.is_completing = 1});
    assert_int_equal(yard_sync(y, "src", "local:p") ? entry_count(y) : 0, 2);
    entry_write(y, "a", &(entry){.is_completing = 1});
    yard_sync(y, "src", "local:q"); /* other ends */
    assert_int_equal(entry_count(y), 2);
    yard_sync(y, "src", "local:p");
    assert_int_equal(entry_count(y), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        YARD_TEST(test_leftover__of_what_is_the_same_goes),
        YARD_TEST(test_leftover__of_a_download_goes_with_its_file),
        YARD_TEST(test_leftover__of_others_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
