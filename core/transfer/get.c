/*
 * core/transfer/get.c - an object to a file: ranges of it, each only while the object is what it
 * was at first, written to their place in a file beside the destination, which gets its name when
 * all of it is there and verified.
 */
#include "core/transfer/journal.h"
#include "core/transfer/transfer.h"
#include "core/transfer/ways.h"

#include <string.h>

#define RANGE_BYTES (8 * NEPHI_MIB)

/* ---- what the cloud tells of the source */

static void on_head(neph_transfer *transfer, neph_call *call)
{
    const neph_result *told = neph_call_result(call);
    transfer->is_told = 1;
    if (!told || told->kind != NEPH_KIND_OBJECT)
        nephi_fail(&transfer->error, NEPH_PROTOCOL, "the cloud told nothing of %s",
                   transfer->from.key);
    else
        (void)nephi_end_learn(transfer, &transfer->from, (const neph_object *)(const void *)told);
    if (!transfer->error.status && transfer->from.size_bytes == NEPH_UNKNOWN)
        nephi_fail(&transfer->error, NEPH_PROTOCOL, "the cloud told no size of %s",
                   transfer->from.key);
    if (transfer->error.status)
        nephi_transfer_fail(transfer);
    else
        transfer->way->begin(transfer);
}

int nephi_source_is_told(neph_transfer *transfer, int is_needed)
{
    if (transfer->is_told || (transfer->from.size_bytes != NEPH_UNKNOWN && !is_needed))
        return 1;
    nephi_transfer_await(transfer, nephi_end_head(&transfer->from), on_head);
    return 0;
}

int nephi_source_is_guarded(const neph_transfer *transfer)
{
    const nephi_end *from = &transfer->from;
    const uint32_t op = NEPH_OP_OBJECT_GET;
    return neph_cloud_takes(from->cloud, op, NEPH_RANGE_OFFSET) &&
           (from->version || (from->etag && neph_cloud_takes(from->cloud, op, NEPH_IF_MATCH)));
}

neph_call *nephi_source_get(neph_transfer *transfer, size_t index)
{
    const nephi_end *from = &transfer->from;
    neph_call *call = neph_call_new(from->cloud, NEPH_OP_OBJECT_GET);
    (void)neph_call_set_string(call, NEPH_OBJECT_BUCKET, from->bucket);
    (void)neph_call_set_string(call, NEPH_OBJECT_KEY, from->key);
    (void)neph_call_set_string(call, NEPH_OBJECT_VERSION, from->version);
    if (transfer->parts.count > 1) {
        (void)neph_call_set_integer(call, NEPH_RANGE_OFFSET, nephi_part_offset(transfer, index));
        (void)neph_call_set_integer(call, NEPH_RANGE_LENGTH,
                                    transfer->parts.list[index].size_bytes);
    }
    if (from->etag && neph_cloud_takes(from->cloud, NEPH_OP_OBJECT_GET, NEPH_IF_MATCH))
        (void)neph_call_set_string(call, NEPH_IF_MATCH, from->etag);
    return call;
}

/* What nobody asked for by name is to be compared, or makes with others what is. */
void nephi_source_checksum(const neph_transfer *transfer, neph_call *call)
{
    int is_whole = transfer->parts.count == 1;
    if (!transfer->checksum || (!is_whole && !nephi_checksum_is_combined(transfer->checksum)))
        return;
    (void)neph_call_set_string(call, NEPH_CHECKSUM, transfer->checksum);
    if (is_whole && !transfer->options.checksum)
        nephi_checksum_compare_only(call);
}

int nephi_source_changed(neph_transfer *transfer)
{
    transfer->is_spoilt = 1;
    return nephi_fail(&transfer->error, NEPH_INTEGRITY,
                      "%s changed while it was read: begin again to get what it is now",
                      transfer->from.key);
}

int nephi_source_took(neph_transfer *transfer, nephi_slot *slot, neph_call *call)
{
    nephi_end *from = &transfer->from;
    nephi_part *part = &transfer->parts.list[slot->index];
    const neph_result *told = neph_call_result(call);
    const neph_object *object = (const neph_object *)(const void *)told;
    int64_t done, total;
    neph_call_progress(call, &done, &total);
    if (part->size_bytes == NEPH_UNKNOWN)
        part->size_bytes = from->size_bytes = done;
    if (done != part->size_bytes)
        return nephi_source_changed(transfer);
    if (!told || told->kind != NEPH_KIND_OBJECT)
        return 0;
    if (from->etag && object->etag && strcmp(from->etag, object->etag) != 0)
        return nephi_source_changed(transfer);
    part->checksum = nephi_transfer_text(transfer, object->body_checksum);
    if (transfer->parts.count == 1 && !transfer->is_told)
        return nephi_end_learn(transfer, from, object);
    return transfer->error.status;
}

int nephi_source_compare(neph_transfer *transfer)
{
    neph_transfer_result *result = &transfer->result;
    int equal;
    if (!nephi_verify_compare(result->checksum, transfer->from.checksum, &equal))
        return NEPH_AGAIN;
    result->is_verified = equal;
    if (equal)
        return 0;
    transfer->is_spoilt = 1;
    return nephi_fail(&transfer->error, NEPH_INTEGRITY,
                      "%s arrived as other bytes than the cloud has: %s there, %s here",
                      transfer->from.key, transfer->from.checksum, result->checksum);
}

static void result_take(neph_transfer *transfer)
{
    transfer->result.size_bytes = transfer->from.size_bytes;
    transfer->result.etag = transfer->from.etag;
    transfer->result.version = transfer->from.version;
}

void nephi_source_end(neph_transfer *transfer)
{
    int rc = nephi_source_compare(transfer);
    result_take(transfer);
    if (rc == NEPH_AGAIN)
        rc = nephi_verify_required(transfer);
    if (rc)
        nephi_transfer_fail(transfer);
    else
        nephi_transfer_finish(transfer);
}

/* ---- begun */

static int is_small(const neph_transfer *transfer)
{
    return transfer->from.size_bytes != NEPH_UNKNOWN &&
           transfer->from.size_bytes <= nephi_plan_single(NULL, transfer->options.part_bytes);
}

/* An object of which little is known, or much is to be got. */
static int is_head_wanted(const neph_transfer *transfer)
{
    return transfer->options.verify == NEPH_VERIFY_REQUIRED ||
           (!is_small(transfer) &&
            (!transfer->from.etag || transfer->options.verify != NEPH_VERIFY_OFF));
}

static int parts_plan(neph_transfer *transfer)
{
    int64_t size = transfer->from.size_bytes;
    int64_t asked = transfer->options.part_bytes;
    int is_whole = is_small(transfer) || !nephi_source_is_guarded(transfer);
    int64_t bytes = asked > 0 ? asked : RANGE_BYTES;
    return nephi_parts_plan(transfer, size, is_whole ? (size > 0 ? size : 1) : bytes);
}

/* What comes in one request is not worth a journal. */
static int destination_begin(neph_transfer *transfer)
{
    int is_journaled = transfer->parts.count > 1;
    int rc = is_journaled ? nephi_journal_open(transfer) : 0;
    if (!rc && transfer->journal && transfer->journal->has_old) {
        rc = nephi_resume_download(transfer);
        if (rc != NEPH_AGAIN)
            return rc;
        rc = 0;
    }
    if (!rc)
        rc = nephi_destination_create(transfer);
    return rc || !is_journaled ? rc : nephi_journal_begin(transfer);
}

static void get_begin(neph_transfer *transfer)
{
    int rc;
    if (!nephi_source_is_told(transfer, is_head_wanted(transfer)))
        return;
    if (nephi_limits_are_wanted(transfer)) {
        nephi_limits_ask(transfer, transfer->from.cloud);
        return;
    }
    rc = nephi_verify_plan_down(transfer);
    if (!rc)
        rc = parts_plan(transfer);
    if (!rc)
        rc = destination_begin(transfer);
    nephi_parts_begin(transfer, rc);
}

/* ---- ranges */

static int get_part(neph_transfer *transfer, nephi_slot *slot)
{
    neph_call *call = nephi_source_get(transfer, slot->index);
    neph_sink sink = NEPH_SINK_INIT;
    sink.to = NEPH_BODY_DESCRIPTOR;
    sink.fd = transfer->to.fd;
    sink.offset = nephi_part_offset(transfer, slot->index);
    (void)neph_call_set_sink(call, &sink);
    nephi_source_checksum(transfer, call);
    (void)neph_call_start(call);
    nephi_slot_await(slot, call);
    return 0;
}

/* ---- the whole */

static void get_finish(neph_transfer *transfer)
{
    result_take(transfer);
    if (nephi_destination_commit(transfer))
        nephi_transfer_fail(transfer);
    else
        nephi_transfer_finish(transfer);
}

static void on_hashed(neph_transfer *transfer)
{
    int rc;
    transfer->result.checksum = transfer->whole;
    rc = nephi_source_compare(transfer);
    if (rc)
        nephi_transfer_fail(transfer);
    else
        get_finish(transfer);
}

/* What the ranges' checksums do not tell is taken of the file itself, which the system still has
 * in memory. */
static void get_end(neph_transfer *transfer)
{
    const nephi_end *from = &transfer->from;
    int rc;
    transfer->result.checksum = nephi_verify_whole(transfer);
    rc = nephi_source_compare(transfer);
    if (rc == NEPH_AGAIN && from->checksum && transfer->options.verify != NEPH_VERIFY_OFF) {
        rc = nephi_verify_file(transfer, transfer->to.fd, 0, from->size_bytes, from->checksum,
                               on_hashed);
        if (!rc)
            return;
    }
    if (rc == NEPH_AGAIN || rc == NEPH_UNSUPPORTED)
        rc = nephi_verify_required(transfer);
    if (rc)
        nephi_transfer_fail(transfer);
    else
        get_finish(transfer);
}

const nephi_way nephi_way_get = {
    .begin = get_begin,
    .part = get_part,
    .took = nephi_source_took,
    .end = get_end,
};
