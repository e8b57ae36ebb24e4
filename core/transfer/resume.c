/*
 * core/transfer/resume.c - goes on behind what an earlier run left, having asked the cloud what it
 * really has. A part counts that both know in the same way; one that the journal does not know
 * counts if the cloud has the checksum of the file's bytes. What is of another source is undone.
 */
#include "core/cloud.h"
#include "core/transfer/journal.h"
#include "core/transfer/transfer.h"
#include "core/transfer/ways.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SKEW_NS (120 * NEPH_NANO) /* clocks that differ, and what a request takes */

/* ---- is it the same transfer? */

static int is_alike(const char *one, const char *other)
{
    return one && other ? strcmp(one, other) == 0 : one == other;
}

static int is_same_source(const neph_transfer *transfer, const nephi_entry *old)
{
    const nephi_end *from = &transfer->from;
    if (from->kind == NEPHI_END_FILE)
        return memcmp(&from->identity, &old->identity, sizeof old->identity) == 0;
    return from->kind == NEPHI_END_OBJECT && from->etag && is_alike(from->etag, old->etag) &&
           from->size_bytes == old->source_bytes;
}

static int is_same_metadata(const neph_transfer_options *options, const nephi_entry *old)
{
    int is_same = options->metadata_count == old->metadata_count;
    for (size_t i = 0; is_same && i < old->metadata_count; i++)
        is_same = is_alike(options->metadata[i].name, old->metadata[i].name) &&
                  is_alike(options->metadata[i].value, old->metadata[i].value);
    return is_same;
}

static int is_same_transfer(const neph_transfer *transfer)
{
    const nephi_entry *old = &transfer->journal->old;
    const neph_transfer_options *options = &transfer->options;
    return is_same_source(transfer, old) && old->total_bytes == transfer->total_bytes &&
           old->part_bytes > 0 && is_alike(options->content_type, old->content_type) &&
           is_alike(options->storage_class, old->storage_class) &&
           is_alike(transfer->checksum, old->checksum) && is_same_metadata(options, old);
}

/* Parts of another size than this run would choose. */
static int parts_replan(neph_transfer *transfer, int64_t part_bytes)
{
    transfer->parts.count = transfer->parts.next = 0;
    return nephi_parts_plan(transfer, transfer->total_bytes, part_bytes);
}

/* What the journal knows of each part, the last word of it. */
static int parts_note(neph_transfer *transfer)
{
    nephi_journal *journal = transfer->journal;
    const nephi_memory *memory = &transfer->host->memory;
    size_t count = transfer->parts.count;
    journal->held = nephi_alloc_array(memory, count, sizeof *journal->held);
    journal->noted = nephi_alloc_array(memory, count, sizeof *journal->noted);
    if (!journal->held || !journal->noted)
        return nephi_fail_memory(&transfer->error);
    for (size_t i = 0; i < journal->old.part_count; i++)
        if ((size_t)journal->old.parts[i].number <= count)
            journal->noted[journal->old.parts[i].number - 1] = journal->old.parts[i];
    return 0;
}

static void part_keep(neph_transfer *transfer, size_t index, const char *etag, const char *checksum)
{
    nephi_part *part = &transfer->parts.list[index];
    part->etag = nephi_transfer_text(transfer, etag);
    part->checksum = nephi_transfer_text(transfer, checksum);
    nephi_parts_keep(transfer, index);
}

/* ---- an upload that is of no use any more */

static void begin_anew(neph_transfer *transfer)
{
    int rc = 0;
    if (transfer->planned_bytes != transfer->parts.part_bytes)
        rc = parts_replan(transfer, transfer->planned_bytes);
    if (rc)
        nephi_transfer_fail(transfer);
    else
        nephi_upload_anew(transfer);
}

static void on_aborted(neph_transfer *transfer, neph_call *call)
{
    int status = call ? neph_call_error(call)->status : 0;
    int is_gone = !status || status == NEPH_NOT_FOUND;
    if (!is_gone && status != NEPH_PERMISSION && status != NEPH_UNSUPPORTED) {
        nephi_transfer_fail_as(transfer, neph_call_error(call));
        return;
    }
    if (!is_gone)
        nephi_log(transfer->host, NEPH_LOG_WARNING, 0,
                  "an earlier upload of %s could not be aborted: %s", transfer->to.key,
                  neph_call_error(call)->message);
    begin_anew(transfer);
}

static void upload_abort(neph_transfer *transfer, const char *upload, nephi_then_fn then)
{
    nephi_transfer_await_any(
        transfer,
        neph_upload_abort(transfer->to.cloud, transfer->to.bucket, transfer->to.key, upload), then);
}

/* ---- the upload is there: which of its parts count */

static void upload_continue(neph_transfer *transfer)
{
    const nephi_journal *journal = transfer->journal;
    int rc = nephi_journal_continue(transfer);
    transfer->upload = nephi_transfer_text(transfer, journal->old.upload);
    for (size_t i = 0; !rc && i < transfer->parts.count; i++)
        if (transfer->parts.list[i].is_kept && !journal->noted[i].number)
            rc = nephi_journal_part(transfer, i);
    if (rc || transfer->error.status)
        nephi_transfer_fail(transfer);
    else
        nephi_parts_pump(transfer);
}

static int is_known(const nephi_entry_part *noted, const nephi_entry_part *held)
{
    int equal;
    if (!noted->number || noted->size_bytes != held->size_bytes)
        return 0;
    if (nephi_verify_compare(noted->checksum, held->checksum, &equal))
        return equal;
    return noted->etag && is_alike(noted->etag, held->etag);
}

static void parts_judge(neph_transfer *transfer);

/* What the part's bytes can be compared with. An entity tag that looks like an MD5 is tried as one: where it is none, nothing
 * equals it, and the part is sent again. NULL: nothing. */
static const char *part_proof(neph_transfer *transfer, const nephi_entry_part *held)
{
    char proof[40];
    if (held->checksum || !held->etag || strlen(held->etag) != 32 ||
        strspn(held->etag, "0123456789abcdef") != 32)
        return held->checksum;
    (void)snprintf(proof, sizeof proof, "md5:%s", held->etag);
    return nephi_transfer_text(transfer, proof);
}

/* The part that is looked at has this checksum in the file. */
static void on_slice(neph_transfer *transfer)
{
    nephi_journal *journal = transfer->journal;
    const nephi_entry_part *held = &journal->held[journal->at];
    int equal;
    if (nephi_verify_compare(transfer->whole, journal->proof, &equal) && equal)
        part_keep(transfer, journal->at, held->etag, held->checksum);
    journal->at++;
    parts_judge(transfer);
}

/* 0: its bytes in the file are being hashed. */
static int slice_look(neph_transfer *transfer)
{
    nephi_journal *journal = transfer->journal;
    const nephi_end *from = &transfer->from;
    journal->proof = part_proof(transfer, &journal->held[journal->at]);
    if (from->kind != NEPHI_END_FILE || !journal->proof)
        return transfer->error.status ? transfer->error.status : NEPH_UNSUPPORTED;
    return nephi_verify_file(
        transfer, from->fd, from->start + nephi_part_offset(transfer, journal->at),
        transfer->parts.list[journal->at].size_bytes, journal->proof, on_slice);
}

/* Only this transfer knows the upload's id, and its file has not changed: what the cloud tells nothing of but the size is a
 * part that was sent and not noted. */
static int is_taken_unproven(const neph_transfer *transfer)
{
    return !transfer->journal->proof && transfer->from.kind == NEPHI_END_FILE &&
           transfer->options.verify != NEPH_VERIFY_REQUIRED;
}

static void parts_judge(neph_transfer *transfer)
{
    nephi_journal *journal = transfer->journal;
    for (; journal->at < transfer->parts.count; journal->at++) {
        const nephi_entry_part *held = &journal->held[journal->at];
        const nephi_entry_part *noted = &journal->noted[journal->at];
        int rc;
        if (held->size_bytes != transfer->parts.list[journal->at].size_bytes || !held->number)
            continue;
        if (is_known(noted, held)) {
            part_keep(transfer, journal->at, held->etag,
                      noted->checksum ? noted->checksum : held->checksum);
            continue;
        }
        rc = slice_look(transfer);
        if (!rc)
            return;
        if (rc != NEPH_UNSUPPORTED) {
            nephi_transfer_fail(transfer);
            return;
        }
        if (is_taken_unproven(transfer)) {
            part_keep(transfer, journal->at, held->etag, NULL);
            transfer->is_checked = 0;
        }
    }
    upload_continue(transfer);
}

static void on_held(neph_call *call, const neph_result *result, void *user)
{
    neph_transfer *transfer = user;
    const neph_part *part = (const neph_part *)(const void *)result;
    (void)call;
    if (result->kind == NEPH_KIND_PART && part->number > 0 &&
        (uint64_t)part->number <= transfer->parts.count)
        transfer->journal->held[part->number - 1] = (nephi_entry_part){
            part->number, part->size_bytes, nephi_transfer_text(transfer, part->etag),
            nephi_transfer_text(transfer, part->checksum)};
}

/* ---- the upload is gone: was it completed? */

static int is_ours(const neph_transfer *transfer, const neph_object *object, int *is_verified)
{
    const nephi_entry *old = &transfer->journal->old;
    *is_verified = 0;
    if (object->size_bytes != transfer->total_bytes)
        return 0;
    if (nephi_verify_compare(old->whole, object->checksum, is_verified))
        return *is_verified;
    return transfer->options.verify != NEPH_VERIFY_REQUIRED && object->modified_ns > 0 &&
           object->modified_ns >= old->completing_ns - SKEW_NS;
}

/* What is left of an upload that was completed, in a cloud that was interrupted too. */
static void on_cleared(neph_transfer *transfer, neph_call *call)
{
    (void)call;
    nephi_transfer_finish(transfer);
}

static void on_made(neph_transfer *transfer, neph_call *call)
{
    const neph_result *told = neph_call_result(call);
    const neph_object *object = (const neph_object *)(const void *)told;
    neph_transfer_result *result = &transfer->result;
    int status = neph_call_error(call)->status;
    if (status && status != NEPH_NOT_FOUND) {
        nephi_transfer_fail_as(transfer, neph_call_error(call));
    } else if (status || !told || told->kind != NEPH_KIND_OBJECT ||
               !is_ours(transfer, object, &result->is_verified)) {
        upload_abort(transfer, transfer->journal->old.upload, on_aborted);
    } else {
        result->size_bytes = transfer->total_bytes;
        result->etag = nephi_transfer_text(transfer, object->etag);
        result->version = nephi_transfer_text(transfer, object->version);
        result->checksum = nephi_transfer_text(transfer, transfer->journal->old.whole);
        for (size_t i = 0; i < transfer->parts.count; i++)
            nephi_parts_keep(transfer, i);
        upload_abort(transfer, transfer->journal->old.upload, on_cleared);
    }
}

static int has_held(const neph_transfer *transfer)
{
    for (size_t i = 0; i < transfer->parts.count; i++)
        if (transfer->journal->held[i].number)
            return 1;
    return 0;
}

static void on_parts(neph_transfer *transfer, neph_call *call);

static void parts_ask(neph_transfer *transfer)
{
    neph_call *call = neph_upload_parts(transfer->to.cloud, transfer->to.bucket, transfer->to.key,
                                        transfer->journal->old.upload);
    neph_on_result(call, on_held, transfer);
    nephi_transfer_await_any(transfer, call, on_parts);
}

/* Its call cannot ask again for a page of which it has delivered something; here a part that comes
 * twice is noted once. 1: they are listed once more. */
static int parts_ask_again(neph_transfer *transfer, const neph_error *error)
{
    uint32_t tries = transfer->journal->tries;
    if (error->retry == NEPH_RETRY_PERSISTENT || !nephi_transfer_may_pass(transfer, error, tries))
        return 0;
    transfer->journal->tries++;
    if (nephi_transfer_again(transfer, parts_ask, tries + 1))
        nephi_transfer_fail(transfer);
    return 1;
}

/* Where an upload is no thing of its own, one that was completed has no parts any more. */
static void on_parts(neph_transfer *transfer, neph_call *call)
{
    int status = neph_call_error(call)->status;
    int is_there = !status && (!transfer->journal->old.completing_ns || has_held(transfer));
    if (!transfer->error.status && parts_ask_again(transfer, neph_call_error(call)))
        return;
    if (transfer->error.status || (status && status != NEPH_NOT_FOUND)) {
        nephi_transfer_fail_as(transfer, neph_call_error(call));
    } else if (is_there) {
        transfer->journal->at = 0;
        parts_judge(transfer);
    } else if (transfer->journal->old.completing_ns) {
        nephi_transfer_await_any(transfer, nephi_end_head(&transfer->to), on_made);
    } else {
        upload_abort(transfer, transfer->journal->old.upload, on_aborted);
    }
}

/* ---- both */

void nephi_resume_upload(neph_transfer *transfer)
{
    const nephi_entry *old = &transfer->journal->old;
    transfer->planned_bytes = transfer->parts.part_bytes;
    if (!old->upload) {
        nephi_strays_end(transfer, old->begun_ns, begin_anew);
        return;
    }
    if (!is_same_transfer(transfer)) {
        upload_abort(transfer, old->upload, on_aborted);
        return;
    }
    if (parts_replan(transfer, old->part_bytes) || parts_note(transfer)) {
        nephi_transfer_fail(transfer);
        return;
    }
    parts_ask(transfer);
}

int nephi_is_temporary(const char *temporary, const char *path)
{
    const char *slash = strrchr(path, '/'), *mine = strrchr(temporary, '/');
    size_t size = slash ? (size_t)(slash - path) : 0;
    return mine && slash && (size_t)(mine - temporary) == size &&
           memcmp(temporary, path, size) == 0 && strncmp(mine + 1, ".neph-", 6) == 0 &&
           !strchr(mine + 1, '/');
}

static int temporary_open(neph_transfer *transfer, struct stat *info)
{
    const nephi_entry *old = &transfer->journal->old;
    int fd = open(old->temporary, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return -1;
    if (fstat(fd, info) || !S_ISREG(info->st_mode) || info->st_uid != geteuid()) {
        close(fd);
        return -1;
    }
    return fd;
}

/* What is in it, as far as it was safe when it was noted. */
static void ranges_keep(neph_transfer *transfer, int64_t size)
{
    const nephi_journal *journal = transfer->journal;
    for (size_t i = 0; i < transfer->parts.count; i++)
        if (journal->noted[i].number &&
            nephi_part_offset(transfer, i) + journal->noted[i].size_bytes <= size)
            part_keep(transfer, i, NULL, journal->noted[i].checksum);
}

int nephi_resume_download(neph_transfer *transfer)
{
    nephi_entry *old = &transfer->journal->old;
    struct stat info;
    char boot[64];
    int rc;
    if (!old->temporary || !nephi_is_temporary(old->temporary, old->to.key))
        return NEPH_AGAIN;
    transfer->to.fd = is_same_transfer(transfer) ? temporary_open(transfer, &info) : -1;
    if (transfer->to.fd < 0) {
        (void)unlink(old->temporary);
        return NEPH_AGAIN;
    }
    transfer->to.owns_fd = 1;
    transfer->temporary = nephi_transfer_text(transfer, old->temporary);
    nephi_boot_id(boot, sizeof boot);
    if (!boot[0] || !is_alike(boot, old->boot))
        old->part_count = old->synced_count;
    rc = transfer->error.status;
    if (!rc)
        rc = parts_replan(transfer, old->part_bytes);
    if (!rc)
        rc = parts_note(transfer);
    if (!rc)
        ranges_keep(transfer, (int64_t)info.st_size);
    return rc ? rc : nephi_journal_continue(transfer);
}
