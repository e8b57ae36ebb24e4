/*
 * core/cli/transfer.c - transfer list, resume and abort: what was begun and is not finished, by the journal. clean is
 * clean.c.
 */
#include "core/cli/cells.h"
#include "core/cli/unfinished.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLACE_SIZE 8192

enum {
    U_ID,
    U_FROM,
    U_TO,
    U_DONE,
    U_TOTAL,
    U_TOUCHED,
    U_BEGUN,
    U_RUNNING,
    U_DAMAGE,
    U_UPLOAD,
    U_COUNT
};

static const neph_member_info unfinished_members[U_COUNT] = {
    [U_ID] = NEPHC_MEMBER(STRING, NEPH_INFO_COLUMN, "id", "what it is called here"),
    [U_FROM] = NEPHC_MEMBER(STRING, NEPH_INFO_COLUMN, "from", "what is being copied"),
    [U_TO] = NEPHC_MEMBER(STRING, NEPH_INFO_COLUMN, "to", "where it goes"),
    [U_DONE] = NEPHC_MEMBER(INTEGER, NEPH_INFO_COLUMN | NEPH_INFO_SIZE, "done_bytes",
                            "bytes that were moved"),
    [U_TOTAL] = NEPHC_MEMBER(INTEGER, NEPH_INFO_COLUMN | NEPH_INFO_SIZE, "total_bytes",
                             "bytes that there are"),
    [U_TOUCHED] = NEPHC_MEMBER(TIME, NEPH_INFO_COLUMN, "touched", "when it went on last"),
    [U_BEGUN] = NEPHC_MEMBER(TIME, NEPH_INFO_WIDE, "begun", "when it was begun"),
    [U_RUNNING] =
        NEPHC_MEMBER(BOOLEAN, NEPH_INFO_COLUMN, "is_running", "whether a process is at it now"),
    [U_DAMAGE] = NEPHC_MEMBER(STRING, NEPH_INFO_COLUMN, "damage", "why it cannot be resumed"),
    [U_UPLOAD] = NEPHC_MEMBER(STRING, NEPH_INFO_WIDE, "upload", "id of its upload at the cloud"),
};

const nephc_shape nephc_unfinished_shape = {unfinished_members, U_COUNT, 0, 0, 0};

/* ---- entries */

static void write_place(char *out, const char *cloud, const char *bucket, const char *name)
{
    if (cloud)
        (void)snprintf(out, PLACE_SIZE, "%s:%s/%s", cloud, bucket ? bucket : "", name ? name : "");
    else
        (void)snprintf(out, PLACE_SIZE, "%s", name ? name : "");
}

static neph_value time_cell(int64_t ns)
{
    neph_value value = nephc_number(ns);

    value.type = ns == NEPH_UNKNOWN || ns == 0 ? NEPH_TYPE_NONE : NEPH_TYPE_TIME;
    return value;
}

static neph_value count_cell(int64_t count)
{
    return count < 0 ? nephc_text(NULL) : nephc_number(count);
}

static void put_entry(nephc_rows *rows, const neph_unfinished *entry)
{
    char from[PLACE_SIZE], to[PLACE_SIZE];
    neph_value cells[U_COUNT];

    write_place(from, entry->from_cloud, entry->from_bucket, entry->from);
    write_place(to, entry->to_cloud, entry->to_bucket, entry->to);
    cells[U_ID] = nephc_text(entry->id);
    cells[U_FROM] = entry->from ? nephc_text(from) : nephc_text(NULL);
    cells[U_TO] = entry->to ? nephc_text(to) : nephc_text(NULL);
    cells[U_DONE] = count_cell(entry->done_bytes);
    cells[U_TOTAL] = count_cell(entry->total_bytes);
    cells[U_TOUCHED] = time_cell(entry->touched_ns);
    cells[U_BEGUN] = time_cell(entry->begun_ns);
    cells[U_RUNNING] = nephc_boolean(entry->is_running);
    cells[U_DAMAGE] = nephc_text(entry->damage);
    cells[U_UPLOAD] = nephc_text(entry->upload);
    nephc_rows_cells(rows, cells);
}

int nephc_unfinished_journal(nephc_unfinished *this, neph_journal **out)
{
    const neph_error *error;

    *out = NULL;
    if (!this->dir || neph_journal_open(this->cli->host, this->dir, out) == 0)
        return 0;
    error = neph_host_error(this->cli->host);
    return nephc_fail(nephc_status_of(error->status, 0), "%s: %s", this->what, error->message);
}

int nephc_unfinished_begin(nephc_unfinished *this, nephc *cli, const char *what)
{
    int rc = nephc_host_open(cli);

    *this = (nephc_unfinished){.cli = cli, .what = what};
    this->is_dry = nephc_options_find(&cli->options, "dry_run") != NULL;
    return rc ? rc : nephc_journal_dir(cli, &this->dir);
}

void nephc_unfinished_count(nephc_unfinished *this, int status)
{
    if (this->status == NEPHC_DONE)
        this->status = status;
}

/* ---- list */

int nephc_transfer_list(nephc *cli, const char *const *words, size_t count)
{
    const neph_unfinished *entry;
    neph_journal *journal = NULL;
    nephc_unfinished this;
    nephc_rows rows;
    int rc = nephc_unfinished_begin(&this, cli, "transfer list");

    (void)words;
    (void)count;
    if (rc == 0)
        rc = nephc_unfinished_journal(&this, &journal);
    free(this.dir);
    if (rc)
        return rc;
    if (nephc_rows_begin(&rows, &cli->out, (nephc_format)cli->options.format,
                         &nephc_unfinished_shape) != 0)
        rc = nephc_fail_memory();
    while (rc == 0 && journal && (entry = neph_journal_next(journal)) != NULL)
        put_entry(&rows, entry);
    if (rc == 0)
        nephc_rows_end(&rows);
    neph_journal_close(journal);
    return rc;
}

/* ---- some of them, or all: an entry is looked up again when its turn comes, because others may be at work */

static int on_entry(nephc_unfinished *this, const char *id, nephc_unfinished_fn fn)
{
    const neph_unfinished *entry = NULL;
    neph_journal *journal = NULL;
    int rc = nephc_unfinished_journal(this, &journal);

    while (journal && (entry = neph_journal_next(journal)) != NULL && strcmp(entry->id, id) != 0)
        ;
    if (rc == 0 && !entry)
        rc = nephc_fail(NEPHC_NOT_FOUND,
                        "%s: nothing unfinished is called \"%s\", see neph transfer list",
                        this->what, id);
    this->journal = journal;
    if (rc == 0)
        rc = fn(this, entry);
    this->journal = NULL;
    neph_journal_close(journal);
    return rc;
}

static void free_ids(char **ids, size_t count)
{
    while (count > 0)
        free(ids[--count]);
    free(ids);
}

/* The ids of all; *out: malloc'ed, as each is. */
static int all_ids(nephc_unfinished *this, char ***out, size_t *count)
{
    const neph_unfinished *entry;
    neph_journal *journal = NULL;
    char **ids = NULL;
    int rc = nephc_unfinished_journal(this, &journal);

    *count = 0;
    while (rc == 0 && journal && (entry = neph_journal_next(journal)) != NULL) {
        char **grown = realloc(ids, (*count + 1) * sizeof *ids);

        if (grown)
            ids = grown;
        if (!grown || !(ids[*count] = strdup(entry->id)))
            rc = nephc_fail_memory();
        else
            ++*count;
    }
    neph_journal_close(journal);
    *out = ids;
    return rc;
}

static void on_words(nephc_unfinished *this, const char *const *words, size_t count,
                     nephc_unfinished_fn fn)
{
    size_t i;

    for (i = 0; i < count && !nephc_interrupted(); i++)
        nephc_unfinished_count(this, on_entry(this, words[i], fn));
}

void nephc_unfinished_all(nephc_unfinished *this, nephc_unfinished_fn fn)
{
    char **ids = NULL;
    size_t count = 0;

    nephc_unfinished_count(this, all_ids(this, &ids, &count));
    if (this->status == NEPHC_DONE)
        on_words(this, (const char *const *)ids, count, fn);
    free_ids(ids, count);
}

int nephc_unfinished_end(nephc_unfinished *this)
{
    free(this->dir);
    return nephc_interrupted() ? 128 + nephc_interrupted() : this->status;
}

static int open_from(nephc_unfinished *this, const neph_unfinished *entry, neph_cloud **out)
{
    *out = NULL;
    return entry->from_cloud
               ? nephc_cloud_open_with(this->cli, entry->from_cloud, entry->from_settings,
                                       entry->from_setting_count, out)
               : 0;
}

int nephc_unfinished_open_to(nephc_unfinished *this, const neph_unfinished *entry, neph_cloud **out)
{
    *out = NULL;
    return entry->to_cloud ? nephc_cloud_open_with(this->cli, entry->to_cloud, entry->to_settings,
                                                   entry->to_setting_count, out)
                           : 0;
}

/* ---- resume */

static int run_resumed(nephc_unfinished *this, const neph_unfinished *entry, neph_cloud *from,
                       neph_cloud *to)
{
    neph_transfer_options options = NEPH_TRANSFER_OPTIONS_INIT;
    nephc_run run = {.what = this->what};
    nephc_carrying carrying;
    neph_transfer *transfer;
    char target[PLACE_SIZE];
    int64_t parallel = 0;
    int rc = nephc_option_count(this->cli, "parallel", 1, 1000, &parallel);

    if (rc)
        return rc;
    write_place(target, entry->to_cloud, entry->to_bucket, entry->to);
    run.subject = target;
    run.cloud = entry->to_cloud ? entry->to_cloud : entry->from_cloud;
    options.parallel = (int32_t)parallel;
    options.journal_dir = this->dir;
    nephc_carry_begin(&carrying, this->cli, &run, &options);
    transfer = neph_transfer_resume(this->cli->host, this->dir, entry->id, from, to, &options);
    rc = nephc_carry_end(&carrying, transfer);
    neph_transfer_free(transfer);
    return rc;
}

static int resume(nephc_unfinished *this, const neph_unfinished *entry)
{
    neph_cloud *from = NULL, *to = NULL;
    int rc;

    if (entry->damage)
        return nephc_fail(NEPHC_FAILED,
                          "%s %s: %s; \"neph transfer clean\" forgets it, the copy begins anew",
                          this->what, entry->id, entry->damage);
    if (entry->is_running)
        return nephc_fail(NEPHC_FAILED, "%s %s: another process is at it", this->what, entry->id);
    rc = open_from(this, entry, &from);
    if (rc == 0)
        rc = nephc_unfinished_open_to(this, entry, &to);
    if (rc == 0)
        rc = run_resumed(this, entry, from, to);
    neph_cloud_close(from);
    neph_cloud_close(to);
    return rc;
}

int nephc_transfer_resume(nephc *cli, const char *const *words, size_t count)
{
    nephc_unfinished this;

    this.status = nephc_unfinished_begin(&this, cli, "transfer resume");
    if (this.status == NEPHC_DONE && count > 0)
        on_words(&this, words, count, resume);
    else if (this.status == NEPHC_DONE)
        nephc_unfinished_all(&this, resume);
    return nephc_unfinished_end(&this);
}

/* ---- abort */

int nephc_unfinished_abort(nephc_unfinished *this, const neph_unfinished *entry, neph_cloud *to)
{
    neph_transfer_options options = NEPH_TRANSFER_OPTIONS_INIT;
    nephc_run run = {.what = this->what, .subject = entry->id, .cloud = entry->to_cloud};
    nephc_carrying carrying;
    neph_transfer *transfer;
    int rc;

    options.verify = NEPH_VERIFY_OFF; /* nothing is moved */
    nephc_carry_begin(&carrying, this->cli, &run, &options);
    transfer = neph_transfer_abort(this->cli->host, this->dir, entry->id, to);
    rc = nephc_carry_end(&carrying, transfer);
    neph_transfer_free(transfer);
    return rc;
}

static int abort_entry(nephc_unfinished *this, const neph_unfinished *entry)
{
    int is_asked = !nephc_options_find(&this->cli->options, "forget");
    neph_cloud *to = NULL;
    int rc = is_asked ? nephc_unfinished_open_to(this, entry, &to) : 0;

    if (rc == 0)
        rc = nephc_unfinished_abort(this, entry, to);
    neph_cloud_close(to);
    return rc;
}

int nephc_transfer_abort(nephc *cli, const char *const *words, size_t count)
{
    nephc_unfinished this;

    this.status = nephc_unfinished_begin(&this, cli, "transfer abort");
    if (this.status == NEPHC_DONE)
        on_words(&this, words, count, abort_entry);
    return nephc_unfinished_end(&this);
}
