/*
 * core/cli/carry.c - runs one transfer: progress, Ctrl-C, why it failed, what is kept of it, and a word if nothing could be
 * verified. As call.c does for calls.
 */
#include "core/cli/cells.h"
#include "core/cli/storage.h"

enum { C_FROM, C_TO, C_SIZE, C_ETAG, C_VERSION, C_CHECKSUM, C_VERIFIED, C_PARTS, C_KEPT, C_COUNT };

static const neph_member_info copy_members[C_COUNT] = {
    [C_FROM] = NEPHC_MEMBER(STRING, NEPH_INFO_COLUMN, "from", "what was copied"),
    [C_TO] = NEPHC_MEMBER(STRING, NEPH_INFO_COLUMN, "to", "where it is now"),
    [C_SIZE] =
        NEPHC_MEMBER(INTEGER, NEPH_INFO_COLUMN | NEPH_INFO_SIZE, "size_bytes", "size in bytes"),
    [C_ETAG] = NEPHC_MEMBER(STRING, NEPH_INFO_COLUMN, "etag", "entity tag of the object"),
    [C_VERSION] =
        NEPHC_MEMBER(STRING, NEPH_INFO_WIDE, "version", "id of the version that was written"),
    [C_CHECKSUM] = NEPHC_MEMBER(STRING, NEPH_INFO_WIDE, "checksum",
                                "checksum that was taken of the bytes, ALGORITHM:HEX"),
    [C_VERIFIED] =
        NEPHC_MEMBER(BOOLEAN, NEPH_INFO_COLUMN, "is_verified", "whether both ends were compared"),
    [C_PARTS] = NEPHC_MEMBER(INTEGER, NEPH_INFO_WIDE, "parts", "parts that it was moved in"),
    [C_KEPT] =
        NEPHC_MEMBER(INTEGER, NEPH_INFO_WIDE, "kept_parts", "of them: done by an earlier run"),
};

const nephc_shape nephc_copy_shape = {copy_members, C_COUNT, 0, 0, 0};

void nephc_carry_put(nephc_rows *rows, const char *from, const char *to,
                     const neph_transfer_result *result)
{
    neph_value cells[C_COUNT];

    cells[C_FROM] = nephc_text(from);
    cells[C_TO] = nephc_text(to);
    cells[C_SIZE] = nephc_number(result->size_bytes);
    cells[C_ETAG] = nephc_text(result->etag);
    cells[C_VERSION] = nephc_text(result->version);
    cells[C_CHECKSUM] = nephc_text(result->checksum);
    cells[C_VERIFIED] = nephc_boolean(result->is_verified);
    cells[C_PARTS] = nephc_number(result->part_count);
    cells[C_KEPT] = nephc_number(result->kept_count);
    nephc_rows_cells(rows, cells);
}

static void on_progress(neph_transfer *transfer, const neph_transfer_progress *progress, void *user)
{
    nephc_carrying *this = user;

    (void)transfer;
    this->amount.done = progress->done_bytes;
    this->amount.total = progress->total_bytes;
    this->amount.kept = progress->kept_bytes;
}

void nephc_carry_begin(nephc_carrying *carrying, nephc *cli, const nephc_run *run,
                       neph_transfer_options *options)
{
    *carrying = (nephc_carrying){.cli = cli, .run = run, .amount = {-1, -1, 0}};
    carrying->journal_dir = options->journal_dir;
    carrying->is_verifying = options->verify != NEPH_VERIFY_OFF;
    carrying->since_ns = nephc_journal_now_ns();
    options->progress = on_progress;
    options->progress_user = carrying;
    nephc_progress_begin(&carrying->progress, cli, run->subject, run->writes_stdout);
}

static int wait_all(nephc_carrying *this, neph_transfer *transfer)
{
    int rc;

    for (;;) {
        if (nephc_interrupted() || this->cli->out.error)
            neph_transfer_cancel(transfer);
        rc = neph_transfer_wait_for(transfer, NEPHC_TURN_MS);
        if (rc != NEPH_AGAIN)
            return rc;
        nephc_progress_show(&this->progress, &this->amount);
    }
}

static void say_done(const nephc_carrying *this, const neph_transfer_result *result)
{
    const nephc_run *run = this->run;

    if (!result)
        return;
    if (!result->is_verified && this->is_verifying)
        nephc_note(this->cli, "%s %s: unverified: the ends have no checksum in common", run->what,
                   run->subject);
    if (result->kept_count > 0)
        nephc_note(this->cli, "%s %s: %lld of %lld parts were kept from an earlier run", run->what,
                   run->subject, (long long)result->kept_count, (long long)result->part_count);
}

int nephc_carry_run(nephc *cli, const nephc_run *run, const neph_end *from, const neph_end *to,
                    neph_transfer_options *options, neph_transfer **out)
{
    nephc_carrying carrying;

    nephc_carry_begin(&carrying, cli, run, options);
    *out = neph_transfer_new(cli->host, from, to, options);
    return nephc_carry_end(&carrying, *out);
}

int nephc_carry_end(nephc_carrying *carrying, neph_transfer *transfer)
{
    int rc = wait_all(carrying, transfer), status;

    nephc_progress_clear(&carrying->progress);
    if (rc == 0) {
        say_done(carrying, neph_transfer_outcome(transfer));
        return NEPHC_DONE;
    }
    status = nephc_run_fail(carrying->cli, neph_transfer_error(transfer), carrying->run);
    nephc_journal_say_kept(carrying->cli, carrying->journal_dir, carrying->since_ns);
    return status;
}
