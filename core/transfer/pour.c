/*
 * core/transfer/pour.c - an object to what must be written in order: a pipe, a terminal. A few
 * ranges are got at a time into memory, each only while the object is what it was at first, and
 * written one behind the other. With one at a time, or where ranges cannot be told from those of
 * another object, all of it comes in one request: straight.c.
 */
#include "core/transfer/transfer.h"
#include "core/transfer/ways.h"

#define RANGE_BYTES (4 * NEPHI_MIB)
#define RANGES 4 /* at a time, at most: memory */

static int parts_plan(neph_transfer *transfer)
{
    if (transfer->options.parallel > RANGES)
        transfer->options.parallel = RANGES;
    return nephi_parts_plan(transfer, transfer->from.size_bytes, RANGE_BYTES);
}

/* What the cloud told is what the bytes are compared with. */
static int verify_plan(neph_transfer *transfer)
{
    int rc = nephi_verify_plan_down(transfer);
    if (!rc && !transfer->from.checksum)
        rc = nephi_verify_required(transfer);
    return rc || !transfer->checksum ? rc : nephi_verify_begin(transfer, transfer->checksum);
}

static void straight_begin(neph_transfer *transfer)
{
    transfer->way = &nephi_way_straight;
    transfer->way->begin(transfer);
}

static void ranges_begin(neph_transfer *transfer)
{
    int rc = verify_plan(transfer);
    if (!rc)
        rc = parts_plan(transfer);
    nephi_parts_begin(transfer, rc);
}

static void pour_begin(neph_transfer *transfer)
{
    if (transfer->options.parallel == 1) {
        straight_begin(transfer);
    } else if (nephi_source_is_told(transfer, transfer->options.verify != NEPH_VERIFY_OFF)) {
        if (nephi_source_is_guarded(transfer))
            ranges_begin(transfer);
        else
            straight_begin(transfer);
    }
}

static int pour_part(neph_transfer *transfer, nephi_slot *slot)
{
    neph_call *call = nephi_source_get(transfer, slot->index);
    neph_sink sink = NEPH_SINK_INIT;
    sink.to = NEPH_BODY_MEMORY;
    sink.limit = transfer->parts.list[slot->index].size_bytes + 1;
    (void)neph_call_set_sink(call, &sink);
    (void)neph_call_start(call);
    nephi_slot_await(slot, call);
    return 0;
}

/* The slot that holds the range that is to be written next; NULL: it is not there yet. */
static nephi_slot *slot_of_next(neph_transfer *transfer)
{
    nephi_parts *parts = &transfer->parts;
    for (int32_t i = 0; i < parts->slot_count; i++)
        if (parts->slots[i].is_held && parts->slots[i].index == parts->written)
            return &parts->slots[i];
    return NULL;
}

static int slot_pour(neph_transfer *transfer, nephi_slot *slot)
{
    size_t size;
    const void *data = neph_call_data(slot->call, &size);
    int rc = nephi_verify_add(transfer, data, size);
    if (!rc)
        rc = nephi_destination_write(transfer, data, size);
    neph_call_free(slot->call);
    slot->call = NULL;
    slot->is_held = 0;
    transfer->parts.written++;
    return rc;
}

static int pour_took(neph_transfer *transfer, nephi_slot *slot, neph_call *call)
{
    int rc = nephi_source_took(transfer, slot, call);
    if (rc)
        return rc;
    slot->call = call;
    slot->is_held = 1;
    while (!rc && (slot = slot_of_next(transfer)) != NULL)
        rc = slot_pour(transfer, slot);
    return rc;
}

static void pour_end(neph_transfer *transfer)
{
    if (nephi_verify_end(transfer))
        nephi_transfer_fail(transfer);
    else
        nephi_source_end(transfer);
}

const nephi_way nephi_way_pour = {
    .begin = pour_begin,
    .part = pour_part,
    .took = pour_took,
    .end = pour_end,
};
