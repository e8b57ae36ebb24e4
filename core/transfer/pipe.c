/*
 * core/transfer/pipe.c - what has no size and comes once to an object: read piece by piece into
 * memory, each sent as a part when it is full. What ends within the first one goes in one request.
 * Pieces grow as there are more of them, so that their number suffices for long.
 */
#include "core/transfer/transfer.h"
#include "core/transfer/ways.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define PIECE_BYTES (8 * NEPHI_MIB)
#define PIECE_BYTES_MAX (64 * NEPHI_MIB)
#define MEMORY_BYTES (64 * NEPHI_MIB) /* of all pieces, but for one larger one */
#define READ_BYTES (1 << 20)          /* before others get their turn */
#define PACE_MS 1                     /* between looks at a pipe that has nothing */

/* Twice as large for every eighth of the parts that is used up. */
static int64_t piece_bytes(const neph_transfer *transfer)
{
    const nephi_limits *limits = transfer->limits;
    int64_t bytes = transfer->options.part_bytes, used = (int64_t)transfer->parts.count;
    int64_t eighth = limits->part_count / 8;
    if (bytes > 0)
        return bytes;
    bytes = limits->part_bytes_min > PIECE_BYTES ? limits->part_bytes_min : PIECE_BYTES;
    if (limits->has_equal_parts)
        eighth = 0;
    for (; eighth > 0 && used >= eighth && bytes < PIECE_BYTES_MAX; used -= eighth)
        bytes *= 2;
    return limits->part_bytes_max > 0 && bytes > limits->part_bytes_max ? limits->part_bytes_max
                                                                        : bytes;
}

/* The memory of a slot, unless the others have too much of it now. */
static int slot_prepare(neph_transfer *transfer, nephi_slot *slot, int64_t bytes)
{
    nephi_parts *parts = &transfer->parts;
    size_t others = 0;
    char *buffer;
    for (int32_t i = 0; i < parts->slot_count; i++)
        others += &parts->slots[i] == slot ? 0 : parts->slots[i].capacity;
    if (slot->capacity >= (size_t)bytes)
        return 0;
    if (others + (size_t)bytes > MEMORY_BYTES && parts->busy)
        return NEPH_AGAIN;
    buffer = nephi_realloc(&transfer->host->memory, NULL, (size_t)bytes);
    if (!buffer)
        return nephi_fail_memory(&transfer->error);
    nephi_free(&transfer->host->memory, slot->buffer);
    slot->buffer = buffer;
    slot->capacity = (size_t)bytes;
    return 0;
}

/* How many bytes came; 0: the end; NEPH_AGAIN: none now; or a failure. */
static int64_t pipe_read(neph_transfer *transfer, char *data, size_t size)
{
    struct pollfd ready = {.fd = transfer->from.fd, .events = POLLIN};
    ssize_t count;
    if (poll(&ready, 1, 0) == 0)
        return NEPH_AGAIN;
    do
        count = read(ready.fd, data, size < READ_BYTES ? size : READ_BYTES);
    while (count < 0 && errno == EINTR);
    if (count < 0 && errno == EAGAIN)
        return NEPH_AGAIN;
    if (count < 0)
        return nephi_fail(&transfer->error, NEPH_FILE, "%s cannot be read: %s",
                          nephi_end_name(&transfer->from), strerror(errno));
    return count;
}

/* All that there is fits in one request. */
static int send_whole(neph_transfer *transfer, const nephi_slot *slot)
{
    neph_source source = NEPH_SOURCE_INIT;
    source.from = NEPH_BODY_MEMORY;
    source.data = slot->used ? slot->buffer : "";
    source.data_size = slot->used;
    transfer->parts.filling = NULL;
    nephi_upload_whole(transfer, &source, nephi_upload_made);
    return NEPH_AGAIN;
}

/* What is in the buffer is a part. */
static int piece_add(neph_transfer *transfer, const nephi_slot *slot)
{
    const nephi_limits *limits = transfer->limits;
    nephi_parts *parts = &transfer->parts;
    int rc = 0;
    transfer->piped_bytes += (int64_t)slot->used;
    if (limits->object_bytes > 0 && transfer->piped_bytes > limits->object_bytes)
        rc = nephi_fail(&transfer->error, NEPH_LIMIT,
                        "more bytes came than the %lld that the cloud takes",
                        (long long)limits->object_bytes);
    else if (limits->part_count > 0 && (int64_t)parts->count >= limits->part_count)
        rc = nephi_fail(&transfer->error, NEPH_LIMIT,
                        "more bytes came than fit in the %lld parts that the cloud takes: say a "
                        "larger size of parts",
                        (long long)limits->part_count);
    if (!rc)
        rc = nephi_parts_add(transfer, (int64_t)slot->used);
    if (rc || transfer->upload)
        return rc;
    nephi_upload_begin(transfer);
    return NEPH_AGAIN;
}

static int pipe_ended(neph_transfer *transfer, const nephi_slot *slot)
{
    transfer->parts.is_open = 0;
    transfer->total_bytes = transfer->piped_bytes + (int64_t)slot->used;
    if (!transfer->upload)
        return send_whole(transfer, slot);
    if (slot->used)
        return piece_add(transfer, slot);
    transfer->parts.filling = NULL;
    return NEPH_AGAIN;
}

static int pipe_more(neph_transfer *transfer)
{
    nephi_parts *parts = &transfer->parts;
    nephi_slot *slot = parts->filling ? parts->filling : nephi_slot_take(transfer);
    int64_t bytes = piece_bytes(transfer), count;
    int rc;
    if (transfer->call || !slot)
        return NEPH_AGAIN; /* the upload is being begun, or all have enough to do */
    if (!parts->filling) {
        rc = slot_prepare(transfer, slot, bytes);
        if (rc)
            return rc;
        slot->used = 0;
        parts->filling = slot;
    }
    while (slot->used < (size_t)bytes) {
        count = pipe_read(transfer, slot->buffer + slot->used, (size_t)bytes - slot->used);
        if (count == NEPH_AGAIN)
            return nephi_transfer_pace(transfer, nephi_parts_pump, PACE_MS) ? NEPH_NO_MEMORY
                                                                            : NEPH_AGAIN;
        if (count <= 0)
            return count ? (int)count : pipe_ended(transfer, slot);
        slot->used += (size_t)count;
    }
    return piece_add(transfer, slot);
}

static int pipe_part(neph_transfer *transfer, nephi_slot *slot)
{
    neph_source source = NEPH_SOURCE_INIT;
    source.from = NEPH_BODY_MEMORY;
    source.data = slot->buffer;
    source.data_size = slot->used;
    transfer->parts.filling = NULL;
    nephi_slot_await(slot, nephi_upload_part(transfer, slot, &source));
    return 0;
}

/* A larger pipe is looked at less often. */
static void pipe_widen(int fd)
{
#ifdef F_SETPIPE_SZ
    (void)fcntl(fd, F_SETPIPE_SZ, READ_BYTES);
#endif
    (void)fd;
}

static void pipe_begin(neph_transfer *transfer)
{
    if (!transfer->limits) {
        nephi_limits_ask(transfer, transfer->to.cloud);
        return;
    }
    pipe_widen(transfer->from.fd);
    transfer->parts.is_open = 1;
    nephi_parts_begin(transfer, nephi_verify_plan_up(transfer));
}

const nephi_way nephi_way_pipe = {
    .begin = pipe_begin,
    .part = pipe_part,
    .took = nephi_upload_took,
    .more = pipe_more,
    .end = nephi_upload_end,
    .undo = nephi_upload_undo,
};
