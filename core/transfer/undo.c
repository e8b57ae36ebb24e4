/*
 * core/transfer/undo.c - what is unfinished, given up: here, and at the cloud.
 */
#include "core/call.h"
#include "core/transfer/journal.h"
#include "core/transfer/transfer.h"
#include "core/transfer/ways.h"

#define NS_A_MS (NEPH_NANO / 1000) /* of a millisecond */
#define LOOKS_MAX 30 /* for an upload that may be completing; whatever the clock says */

static void undo_finish(neph_transfer *transfer)
{
    nephi_destination_remove(transfer);
    nephi_transfer_finish(transfer);
}

static void on_aborted(neph_transfer *transfer, neph_call *call)
{
    int status = neph_call_error(call)->status;
    if (status && status != NEPH_NOT_FOUND)
        nephi_transfer_fail_as(transfer, neph_call_error(call));
    else
        undo_finish(transfer);
}

static void upload_undo(neph_transfer *transfer)
{
    const nephi_end *to = &transfer->to;
    nephi_transfer_await_any(
        transfer, neph_upload_abort(to->cloud, to->bucket, to->key, transfer->upload), on_aborted);
}

/* The cloud was asked to complete it a moment ago, and may be about it still: what the object is
 * made of is not taken from under it. */
static int may_be_completing(const neph_transfer *transfer)
{
    const nephi_journal *journal = transfer->journal;
    int64_t until = journal->old.completing_ns + nephi_settle_ms(transfer->host) * NS_A_MS;
    return journal->old.completing_ns && journal->tries < LOOKS_MAX &&
           nephi_host_now(transfer->host) < until;
}

static void completion_look(neph_transfer *transfer);

static void on_looked(neph_transfer *transfer, neph_call *call)
{
    nephi_journal *journal = transfer->journal;
    int status = neph_call_error(call)->status, is_verified;
    if (status && status != NEPH_NOT_FOUND)
        nephi_transfer_fail_as(transfer, neph_call_error(call));
    else if (nephi_resume_is_made(transfer, call, &is_verified) || !may_be_completing(transfer))
        upload_undo(transfer);
    else if (nephi_transfer_pace(transfer, completion_look,
                                 nephi_settle_pace_ms(transfer->host, journal->tries++)))
        nephi_transfer_fail(transfer);
}

static void completion_look(neph_transfer *transfer)
{
    nephi_transfer_await_any(transfer, nephi_end_head(&transfer->to), on_looked);
}

static void undo_begin(neph_transfer *transfer)
{
    if (transfer->to.kind != NEPHI_END_OBJECT)
        undo_finish(transfer);
    else if (!transfer->upload)
        nephi_strays_end(transfer, transfer->journal->old.begun_ns, undo_finish);
    else if (may_be_completing(transfer))
        completion_look(transfer);
    else
        upload_undo(transfer);
}

static const nephi_way undoing = {.begin = undo_begin};

static int undo_take(neph_transfer *transfer, const char *path, const char *id, neph_cloud *to)
{
    nephi_journal *journal = nephi_alloc(&transfer->host->memory, sizeof *journal);
    const nephi_entry *old;
    const char *why;
    int rc;
    if (!journal)
        return nephi_fail_memory(&transfer->error);
    journal->fd = -1;
    journal->has_old = 1; /* after a failure it stays */
    transfer->journal = journal;
    journal->path = nephi_strdup(&transfer->host->memory, path);
    if (!journal->path)
        return nephi_fail_memory(&transfer->error);
    rc = nephi_journal_lock(path, 0, &journal->fd, &transfer->error);
    if (rc == NEPH_NOT_FOUND)
        return nephi_fail(&transfer->error, rc, "there is no unfinished transfer %s", path);
    if (!rc)
        rc = nephi_journal_read(&transfer->host->memory, path, &journal->old, &why,
                                &transfer->error);
    if (rc) /* a damaged one is removed: what it says is not trusted */
        return rc == NEPH_INVALID ? 0 : rc;
    old = &journal->old;
    if (old->temporary && nephi_is_temporary(old->temporary, old->to.key))
        transfer->temporary = nephi_transfer_text(transfer, old->temporary);
    if (!old->to.cloud || !to)
        return transfer->error.status;
    if (nephi_entry_undo_check(old, id, to, &transfer->error))
        return transfer->error.status;
    transfer->to.kind = NEPHI_END_OBJECT;
    transfer->to.cloud = to;
    transfer->to.bucket = nephi_transfer_text(transfer, old->to.bucket);
    transfer->to.key = nephi_transfer_text(transfer, old->to.key);
    transfer->upload = nephi_transfer_text(transfer, old->upload);
    transfer->total_bytes = old->total_bytes;
    return transfer->error.status;
}

neph_transfer *neph_transfer_abort(neph_host *host, const char *dir, const char *id, neph_cloud *to)
{
    neph_transfer *transfer = nephi_transfer_create(host, NULL);
    char *path;
    if (!transfer)
        return &nephi_transfer_no_memory;
    path = nephi_journal_path(&host->memory, dir, id);
    transfer->way = &undoing;
    transfer->options.journal_dir = nephi_transfer_text(transfer, dir);
    if (!path)
        nephi_fail_memory(&transfer->error);
    else if (!transfer->error.status)
        (void)undo_take(transfer, path, id, to);
    nephi_free(&host->memory, path);
    nephi_transfer_go(transfer);
    return transfer;
}
