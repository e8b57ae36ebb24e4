/*
 * core/transfer/pour.c - an object to what must be written in order: a pipe, a terminal. A few
 * ranges are got at a time into memory, each only while the object is what it was at first, and
 * written one behind the other; or, with one at a time, all of it in one request, without asking
 * what it is before.
 */
#include "core/transfer/transfer.h"
#include "core/transfer/ways.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define RANGE_BYTES (4 * NEPHI_MIB)
#define RANGES 4 /* at a time, at most: memory */

static int is_single(const neph_transfer *transfer)
{
    return transfer->options.parallel == 1 && transfer->options.verify != NEPH_VERIFY_REQUIRED;
}

static int is_straight(const neph_transfer *transfer)
{
    return is_single(transfer) || !nephi_source_is_guarded(transfer);
}

static int parts_plan(neph_transfer *transfer)
{
    int64_t size = transfer->from.size_bytes;
    if (transfer->options.parallel > RANGES)
        transfer->options.parallel = RANGES;
    return nephi_parts_plan(transfer, size, is_straight(transfer) && size > 0 ? size : RANGE_BYTES);
}

/* What the cloud told is what the bytes are compared with. */
static int verify_plan(neph_transfer *transfer)
{
    int rc = nephi_verify_plan_down(transfer);
    if (is_single(transfer))
        return rc;
    if (!rc && !transfer->from.checksum)
        rc = nephi_verify_required(transfer);
    return rc || !transfer->checksum ? rc : nephi_verify_begin(transfer, transfer->checksum);
}

static void pour_begin(neph_transfer *transfer)
{
    int rc;
    if (!is_single(transfer) &&
        !nephi_source_is_told(transfer, transfer->options.verify != NEPH_VERIFY_OFF))
        return;
    if (is_single(transfer) && nephi_limits_are_wanted(transfer)) {
        nephi_limits_ask(transfer, transfer->from.cloud);
        return;
    }
    rc = verify_plan(transfer);
    if (!rc)
        rc = parts_plan(transfer);
    if (!rc)
        rc = nephi_parts_slots(transfer);
    if (rc)
        nephi_transfer_fail(transfer);
    else
        nephi_parts_pump(transfer);
}

static int write_all(neph_transfer *transfer, const char *data, size_t size)
{
    struct pollfd ready = {.fd = transfer->to.fd, .events = POLLOUT};
    while (size) {
        ssize_t count = write(ready.fd, data, size);
        if (count < 0 && (errno == EINTR || (errno == EAGAIN && poll(&ready, 1, -1) >= 0)))
            continue;
        if (count <= 0)
            return nephi_fail(&transfer->error, NEPH_FILE, "the output cannot be written: %s",
                              strerror(errno));
        data += count;
        size -= (size_t)count;
    }
    return 0;
}

static int poured(neph_transfer *transfer, const void *data, size_t size)
{
    int rc = nephi_verify_add(transfer, data, size);
    return rc ? rc : write_all(transfer, data, size);
}

static int on_bytes(const void *data, size_t size, void *user)
{
    neph_transfer *transfer = user;
    transfer->parts.written = 1;
    return poured(transfer, data, size);
}

static int pour_part(neph_transfer *transfer, nephi_slot *slot)
{
    neph_call *call = nephi_source_get(transfer, slot->index);
    neph_sink sink = NEPH_SINK_INIT;
    sink.to = is_straight(transfer) ? NEPH_BODY_CALLBACK : NEPH_BODY_MEMORY;
    sink.write = on_bytes;
    sink.user = transfer;
    sink.limit = transfer->parts.list[slot->index].size_bytes + 1;
    (void)neph_call_set_sink(call, &sink);
    if (is_single(transfer))
        nephi_source_checksum(transfer, call);
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

static int pour_took(neph_transfer *transfer, nephi_slot *slot, neph_call *call)
{
    int rc = nephi_source_took(transfer, slot->index, call);
    if (rc || is_straight(transfer))
        return rc;
    slot->call = call;
    slot->is_held = 1;
    while (!rc && (slot = slot_of_next(transfer)) != NULL) {
        size_t size;
        const void *data = neph_call_data(slot->call, &size);
        rc = poured(transfer, data, size);
        neph_call_free(slot->call);
        slot->call = NULL;
        slot->is_held = 0;
        transfer->parts.written++;
    }
    return rc;
}

static void pour_end(neph_transfer *transfer)
{
    neph_transfer_result *result = &transfer->result;
    int rc = 0;
    if (is_single(transfer))
        result->checksum = nephi_verify_whole(transfer);
    else
        rc = nephi_verify_end(transfer);
    result->size_bytes = transfer->from.size_bytes;
    result->etag = transfer->from.etag;
    result->version = transfer->from.version;
    if (!rc)
        rc = nephi_source_compare(transfer);
    if (rc == NEPH_AGAIN)
        rc = nephi_verify_required(transfer);
    if (rc)
        nephi_transfer_fail(transfer);
    else
        nephi_transfer_finish(transfer);
}

const nephi_way nephi_way_pour = {
    .begin = pour_begin,
    .part = pour_part,
    .took = pour_took,
    .end = pour_end,
};
