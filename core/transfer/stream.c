/*
 * core/transfer/stream.c - an object to one of another cloud: part by part, what the one call
 * gives is what the other takes, through a ring that makes each wait for the other. The last byte
 * of a part is held back until all of it has come and is verified, so that a broken source never
 * becomes a part.
 */
#include "core/transfer/transfer.h"
#include "core/transfer/ways.h"

#include <string.h>

#define RING_BYTES ((size_t)1 << 20)

static void resume(int *waits, neph_call *call)
{
    if (!*waits)
        return;
    *waits = 0;
    neph_call_resume(call);
}

static int on_bytes(const void *data, size_t size, void *user)
{
    nephi_slot *slot = user;
    size_t end = (slot->begin + slot->used) % RING_BYTES, first;
    if (size > RING_BYTES)
        return NEPH_LIMIT;
    if (RING_BYTES - slot->used < size) {
        slot->feed_waits = 1;
        return NEPH_AGAIN;
    }
    first = RING_BYTES - end < size ? RING_BYTES - end : size;
    memcpy(slot->buffer + end, data, first);
    memcpy(slot->buffer, (const char *)data + first, size - first);
    slot->used += size;
    resume(&slot->call_waits, slot->call);
    return 0;
}

static void on_fed(neph_call *call, int status, void *user)
{
    nephi_slot *slot = user;
    if (!status && nephi_source_took(slot->transfer, slot, call)) {
        nephi_transfer_fail(slot->transfer);
        return;
    }
    slot->is_fed = !status;
    resume(&slot->call_waits, slot->call);
}

static int feed_start(nephi_slot *slot)
{
    neph_call *feed = nephi_source_get(slot->transfer, slot->index);
    neph_sink sink = NEPH_SINK_INIT;
    sink.to = NEPH_BODY_CALLBACK;
    sink.write = on_bytes;
    sink.user = slot;
    (void)neph_call_set_sink(feed, &sink);
    (void)neph_call_start(feed);
    slot->feed = feed;
    if (nephi_call_is_hopeless(feed))
        return NEPH_NO_MEMORY;
    neph_on_done(feed, on_fed, slot);
    return 0;
}

/* The source is asked when the other side is ready for its bytes: who waits for a place there
 * holds none here. */
static int64_t on_room(void *data, size_t size, void *user)
{
    nephi_slot *slot = user;
    size_t ready = slot->is_fed || !slot->used ? slot->used : slot->used - 1, first;
    int status = slot->feed ? 0 : feed_start(slot);
    if (!status && !slot->is_fed)
        status = neph_call_error(slot->feed)->status;
    if (status)
        return status;
    if (!ready && slot->is_fed)
        return 0;
    if (!ready) {
        slot->call_waits = 1;
        return NEPH_AGAIN;
    }
    size = size < ready ? size : ready;
    first = RING_BYTES - slot->begin < size ? RING_BYTES - slot->begin : size;
    memcpy(data, slot->buffer + slot->begin, first);
    memcpy((char *)data + first, slot->buffer, size - first);
    slot->begin = (slot->begin + size) % RING_BYTES;
    slot->used -= size;
    resume(&slot->feed_waits, slot->feed);
    return (int64_t)size;
}

/* What the cloud knows of the object goes along, as far as the other one takes it. */
static void facts_take(neph_transfer *transfer)
{
    neph_transfer_options *options = &transfer->options;
    const nephi_end *from = &transfer->from;
    const neph_cloud *cloud = transfer->to.cloud;
    if (!options->content_type &&
        neph_cloud_takes(cloud, NEPH_OP_OBJECT_PUT, NEPH_OBJECT_CONTENT_TYPE))
        options->content_type = from->content_type;
    if (!options->metadata_count &&
        neph_cloud_takes(cloud, NEPH_OP_OBJECT_PUT, NEPH_OBJECT_METADATA)) {
        options->metadata = from->metadata;
        options->metadata_count = from->metadata_count;
    }
}

static int parts_plan(neph_transfer *transfer)
{
    int64_t size = transfer->from.size_bytes, asked = transfer->options.part_bytes, bytes;
    int is_whole = size <= nephi_plan_single(transfer->limits, asked) ||
                   !neph_cloud_can(transfer->to.cloud, NEPH_OP_UPLOAD_BEGIN) ||
                   !nephi_source_is_guarded(transfer);
    int rc;
    transfer->is_whole = is_whole;
    if (is_whole)
        return nephi_parts_plan(transfer, size, size > 0 ? size : 1);
    rc = nephi_plan(transfer->limits, size, asked, &bytes, &transfer->error);
    return rc ? rc : nephi_parts_plan(transfer, size, bytes);
}

static void stream_begin(neph_transfer *transfer)
{
    int rc;
    if (!transfer->limits) {
        nephi_limits_ask(transfer, transfer->to.cloud);
        return;
    }
    if (!nephi_source_is_told(transfer, 1))
        return;
    facts_take(transfer);
    rc = parts_plan(transfer);
    if (!rc)
        rc = nephi_verify_plan_up(transfer);
    if (!rc)
        rc = nephi_parts_slots(transfer);
    if (rc)
        nephi_transfer_fail(transfer);
    else if (transfer->is_whole)
        nephi_parts_pump(transfer);
    else
        nephi_upload_begin(transfer);
}

static int slot_prepare(neph_transfer *transfer, nephi_slot *slot)
{
    if (!slot->buffer)
        slot->buffer = nephi_realloc(&transfer->host->memory, NULL, RING_BYTES);
    slot->begin = slot->used = 0;
    slot->is_fed = slot->feed_waits = slot->call_waits = 0;
    return slot->buffer ? 0 : nephi_fail_memory(&transfer->error);
}

static int stream_part(neph_transfer *transfer, nephi_slot *slot)
{
    neph_source source = NEPH_SOURCE_INIT;
    int rc = slot_prepare(transfer, slot);
    if (rc)
        return rc;
    source.from = NEPH_BODY_CALLBACK;
    source.read = on_room;
    source.user = slot;
    source.length = transfer->parts.list[slot->index].size_bytes;
    nephi_slot_await(slot, transfer->is_whole ? nephi_upload_whole_call(transfer, &source)
                                              : nephi_upload_part(transfer, slot, &source));
    return 0;
}

static int stream_took(neph_transfer *transfer, nephi_slot *slot, neph_call *call)
{
    return transfer->is_whole ? nephi_upload_learn(transfer, call)
                              : nephi_upload_took(transfer, slot, call);
}

static void stream_end(neph_transfer *transfer)
{
    int rc = transfer->is_whole ? nephi_source_compare(transfer) : 0;
    if (rc && rc != NEPH_AGAIN)
        nephi_transfer_fail(transfer);
    else if (transfer->is_whole)
        nephi_upload_finish(transfer);
    else
        nephi_upload_end(transfer);
}

const nephi_way nephi_way_stream = {
    .begin = stream_begin,
    .part = stream_part,
    .took = stream_took,
    .end = stream_end,
    .undo = nephi_upload_undo,
};
