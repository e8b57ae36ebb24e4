/*
 * core/transfer/straight.c - an object to what must be written in order, in one request: each piece is written as it comes,
 * and nothing is asked before that need not be. What has been written cannot be taken back, so that it is not tried again
 * from there on.
 */
#include "core/transfer/transfer.h"
#include "core/transfer/ways.h"

static int verify_plan(neph_transfer *transfer)
{
    int rc = nephi_verify_plan_down(transfer);
    return rc || transfer->from.checksum ? rc : nephi_verify_required(transfer);
}

static void straight_begin(neph_transfer *transfer)
{
    int64_t size;
    int rc;
    if (transfer->options.verify == NEPH_VERIFY_REQUIRED && !nephi_source_is_told(transfer, 1))
        return;
    if (nephi_limits_are_wanted(transfer)) {
        nephi_limits_ask(transfer, transfer->from.cloud);
        return;
    }
    size = transfer->from.size_bytes;
    rc = verify_plan(transfer);
    if (!rc)
        rc = nephi_parts_plan(transfer, size, size > 0 ? size : 1);
    nephi_parts_begin(transfer, rc);
}

static int on_bytes(const void *data, size_t size, void *user)
{
    neph_transfer *transfer = user;
    transfer->parts.written = 1;
    return nephi_destination_write(transfer, data, size);
}

static int straight_part(neph_transfer *transfer, nephi_slot *slot)
{
    neph_call *call = nephi_source_get(transfer, slot->index);
    neph_sink sink = NEPH_SINK_INIT;
    sink.to = NEPH_BODY_CALLBACK;
    sink.write = on_bytes;
    sink.user = transfer;
    (void)neph_call_set_sink(call, &sink);
    nephi_source_checksum(transfer, call);
    (void)neph_call_start(call);
    nephi_slot_await(slot, call);
    return 0;
}

static void straight_end(neph_transfer *transfer)
{
    transfer->result.checksum = nephi_verify_whole(transfer);
    nephi_source_end(transfer);
}

const nephi_way nephi_way_straight = {
    .begin = straight_begin,
    .part = straight_part,
    .took = nephi_source_took,
    .end = straight_end,
};
