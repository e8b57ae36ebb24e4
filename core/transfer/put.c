/*
 * core/transfer/put.c - a file to an object: what is small in one request, as cheap as it would be
 * without a transfer; else in parts, each read straight from its place in the file.
 */
#include "core/transfer/transfer.h"
#include "core/transfer/ways.h"

/* A slice of the file. */
static neph_source slice_of(const neph_transfer *transfer, int64_t offset, int64_t length)
{
    neph_source source = NEPH_SOURCE_INIT;
    source.from = NEPH_BODY_DESCRIPTOR;
    source.fd = transfer->from.fd;
    source.offset = transfer->from.start + offset;
    source.length = length;
    return source;
}

static void on_put(neph_transfer *transfer, neph_call *call)
{
    transfer->is_made = 1; /* of whatever the file was then */
    if (nephi_source_confirm(transfer))
        nephi_transfer_fail(transfer);
    else
        nephi_upload_made(transfer, call);
}

static int is_limits_wanted(const neph_transfer *transfer)
{
    int verify = transfer->options.verify;
    return verify == NEPH_VERIFY_REQUIRED ||
           (verify != NEPH_VERIFY_OFF && !transfer->options.checksum) ||
           transfer->from.size_bytes > nephi_plan_single(NULL, transfer->options.part_bytes);
}

static void put_in_parts(neph_transfer *transfer)
{
    int64_t part_bytes;
    int rc = nephi_plan(transfer->limits, transfer->from.size_bytes, transfer->options.part_bytes,
                        &part_bytes, &transfer->error);
    if (!rc)
        rc = nephi_verify_plan_up(transfer);
    if (!rc)
        rc = nephi_parts_plan(transfer, transfer->from.size_bytes, part_bytes);
    if (rc)
        nephi_transfer_fail(transfer);
    else
        nephi_upload_begin(transfer);
}

static void put_begin(neph_transfer *transfer)
{
    int64_t size = transfer->from.size_bytes;
    neph_source source;
    if (!transfer->limits && is_limits_wanted(transfer)) {
        nephi_limits_ask(transfer, transfer->to.cloud);
        return;
    }
    if (size > nephi_plan_single(transfer->limits, transfer->options.part_bytes)) {
        put_in_parts(transfer);
        return;
    }
    transfer->total_bytes = size;
    source = slice_of(transfer, 0, size);
    nephi_upload_whole(transfer, &source, on_put);
}

static int put_part(neph_transfer *transfer, nephi_slot *slot)
{
    neph_source source = slice_of(transfer, nephi_part_offset(transfer, slot->index),
                                  transfer->parts.list[slot->index].size_bytes);
    nephi_slot_await(slot, nephi_upload_part(transfer, slot, &source));
    return 0;
}

const nephi_way nephi_way_put = {
    .begin = put_begin,
    .part = put_part,
    .took = nephi_upload_took,
    .end = nephi_upload_end,
    .undo = nephi_upload_undo,
};
