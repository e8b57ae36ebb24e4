/*
 * core/transfer/copy.c - an object to another of the same cloud: the cloud copies it, in one go
 * or, above what it copies so, in parts. Where it cannot, the bytes are streamed as between two
 * clouds.
 */
#include "core/transfer/transfer.h"
#include "core/transfer/ways.h"

#define RANGE_BYTES (256 * NEPHI_MIB) /* a copy moves nothing over the wire: large ones cost less */

static neph_call *copy_call(const neph_transfer *transfer, uint32_t op)
{
    const nephi_end *from = &transfer->from;
    neph_call *call = nephi_upload_call(transfer, op);
    (void)neph_call_set_string(call, NEPH_COPY_BUCKET, from->bucket);
    (void)neph_call_set_string(call, NEPH_COPY_KEY, from->key);
    (void)neph_call_set_string(call, NEPH_COPY_VERSION, from->version);
    if (from->etag && neph_cloud_takes(from->cloud, op, NEPH_COPY_IF_MATCH))
        (void)neph_call_set_string(call, NEPH_COPY_IF_MATCH, from->etag);
    return call;
}

static void stream_begin(neph_transfer *transfer)
{
    transfer->way = &nephi_way_stream;
    transfer->way->begin(transfer);
}

/* A cloud that copies may yet not copy this object. */
static void on_copied(neph_transfer *transfer, neph_call *call)
{
    const neph_error *error = neph_call_error(call);
    if (!error->status) {
        nephi_upload_made(transfer, call);
    } else if (error->status == NEPH_UNSUPPORTED) {
        transfer->result.checksum = NULL;
        stream_begin(transfer);
    } else {
        nephi_transfer_fail_as(transfer, error);
    }
}

static void copy_whole(neph_transfer *transfer)
{
    neph_call *call = copy_call(transfer, NEPH_OP_OBJECT_COPY);
    transfer->total_bytes = transfer->from.size_bytes;
    transfer->result.checksum = transfer->from.checksum;
    nephi_upload_facts(transfer, call, NEPH_OP_OBJECT_COPY);
    nephi_upload_conditions(transfer, call);
    (void)neph_call_start(call);
    nephi_transfer_await_any(transfer, call, on_copied);
}

static int64_t range_bytes(const neph_transfer *transfer)
{
    int64_t asked = transfer->options.part_bytes, most = transfer->limits->part_bytes_max;
    asked = asked > 0 ? asked : RANGE_BYTES;
    return most > 0 && asked > most ? most : asked;
}

/* Parts of this size, or larger ones if there would be too many. */
static int parts_plan(neph_transfer *transfer)
{
    int64_t size = transfer->from.size_bytes, bytes = range_bytes(transfer), least;
    int rc =
        nephi_plan(transfer->limits, size, transfer->options.part_bytes, &least, &transfer->error);
    return rc ? rc : nephi_parts_plan(transfer, size, bytes > least ? bytes : least);
}

static void copy_in_parts(neph_transfer *transfer)
{
    if (parts_plan(transfer))
        nephi_transfer_fail(transfer);
    else
        nephi_upload_begin(transfer);
}

static int is_whole(const neph_transfer *transfer)
{
    int64_t most = transfer->limits->copy_bytes;
    return most == NEPH_UNKNOWN || transfer->from.size_bytes <= most;
}

static int can_copy(const neph_transfer *transfer)
{
    uint32_t op = is_whole(transfer) ? NEPH_OP_OBJECT_COPY : NEPH_OP_UPLOAD_COPY;
    return neph_cloud_can(transfer->to.cloud, op) &&
           (!transfer->from.version || neph_cloud_takes(transfer->to.cloud, op, NEPH_COPY_VERSION));
}

static void copy_begin(neph_transfer *transfer)
{
    if (!transfer->limits) {
        nephi_limits_ask(transfer, transfer->to.cloud);
        return;
    }
    if (!nephi_source_is_told(transfer, transfer->options.verify == NEPH_VERIFY_REQUIRED))
        return;
    if (!can_copy(transfer)) {
        stream_begin(transfer);
    } else if (is_whole(transfer)) {
        copy_whole(transfer);
    } else if (nephi_source_is_told(transfer, 1)) {
        copy_in_parts(transfer);
    }
}

static int copy_part(neph_transfer *transfer, nephi_slot *slot)
{
    neph_call *call = copy_call(transfer, NEPH_OP_UPLOAD_COPY);
    (void)neph_call_set_integer(call, NEPH_PART_NUMBER, (int64_t)slot->index + 1);
    (void)neph_call_set_integer(call, NEPH_RANGE_OFFSET, nephi_part_offset(transfer, slot->index));
    (void)neph_call_set_integer(call, NEPH_RANGE_LENGTH,
                                transfer->parts.list[slot->index].size_bytes);
    (void)neph_call_start(call);
    nephi_slot_await(slot, call);
    return 0;
}

const nephi_way nephi_way_copy = {
    .begin = copy_begin,
    .part = copy_part,
    .took = nephi_upload_took,
    .end = nephi_upload_end,
    .undo = nephi_upload_undo,
};
