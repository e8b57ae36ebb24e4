/*
 * core/transfer/part.c - the parts of a transfer, several under way at a time. How one is moved is
 * the way's business.
 */
#include "core/transfer/transfer.h"

#include "core/transfer/journal.h"
#include "core/transfer/ways.h"

#include <string.h>

#define PARTS_MAX 1000000

/* ---- the table */

static int parts_reserve(neph_transfer *transfer, size_t count)
{
    nephi_parts *parts = &transfer->parts;
    size_t capacity = parts->capacity ? parts->capacity : 16;
    nephi_part *list;
    if (count <= parts->capacity)
        return 0;
    if (count > PARTS_MAX)
        return nephi_fail(&transfer->error, NEPH_LIMIT, "more than %d parts", PARTS_MAX);
    while (capacity < count)
        capacity *= 2;
    list = nephi_realloc(&transfer->host->memory, parts->list, capacity * sizeof *list);
    if (!list)
        return nephi_fail_memory(&transfer->error);
    parts->list = list;
    parts->capacity = capacity;
    return 0;
}

int nephi_parts_add(neph_transfer *transfer, int64_t size_bytes)
{
    nephi_parts *parts = &transfer->parts;
    int rc = parts_reserve(transfer, parts->count + 1);
    if (rc)
        return rc;
    memset(&parts->list[parts->count], 0, sizeof *parts->list);
    parts->list[parts->count++].size_bytes = size_bytes;
    transfer->part_count = (int64_t)parts->count;
    return 0;
}

int nephi_parts_plan(neph_transfer *transfer, int64_t total, int64_t part_bytes)
{
    int rc = 0;
    transfer->total_bytes = total;
    transfer->parts.part_bytes = part_bytes;
    for (int64_t at = 0; !rc && (at < total || at == 0); at += part_bytes)
        rc = nephi_parts_add(transfer, total - at < part_bytes ? total - at : part_bytes);
    return rc;
}

int64_t nephi_part_offset(const neph_transfer *transfer, size_t index)
{
    return (int64_t)index * transfer->parts.part_bytes;
}

void nephi_parts_keep(neph_transfer *transfer, size_t index)
{
    nephi_parts *parts = &transfer->parts;
    nephi_part *part = &parts->list[index];
    part->state = NEPHI_PART_DONE;
    part->is_kept = 1;
    parts->done_count++;
    parts->kept_count++;
    parts->done_bytes += part->size_bytes;
    parts->kept_bytes += part->size_bytes;
}

/* ---- slots */

int nephi_parts_slots(neph_transfer *transfer)
{
    nephi_parts *parts = &transfer->parts;
    int32_t count = transfer->options.parallel;
    if (!parts->is_open && (size_t)count > parts->count)
        count = (int32_t)parts->count;
    parts->slots = nephi_alloc_array(&transfer->host->memory, (size_t)count, sizeof *parts->slots);
    if (!parts->slots)
        return nephi_fail_memory(&transfer->error);
    parts->slot_count = count;
    for (int32_t i = 0; i < count; i++)
        parts->slots[i].transfer = transfer;
    return 0;
}

static void slot_free(nephi_slot *slot)
{
    neph_call_free(slot->call);
    neph_call_free(slot->feed);
    slot->call = slot->feed = NULL;
}

void nephi_parts_stop(neph_transfer *transfer)
{
    nephi_parts *parts = &transfer->parts;
    for (int32_t i = 0; i < parts->slot_count; i++)
        slot_free(&parts->slots[i]);
    parts->busy = 0;
}

void nephi_parts_fini(neph_transfer *transfer)
{
    nephi_parts *parts = &transfer->parts;
    const nephi_memory *memory = &transfer->host->memory;
    nephi_parts_stop(transfer);
    for (int32_t i = 0; i < parts->slot_count; i++)
        nephi_free(memory, parts->slots[i].buffer);
    nephi_free(memory, parts->slots);
    nephi_free(memory, parts->list);
    parts->slots = NULL;
    parts->list = NULL;
    parts->slot_count = 0;
}

static int part_took(neph_transfer *transfer, nephi_slot *slot, neph_call *call)
{
    nephi_parts *parts = &transfer->parts;
    nephi_part *part = &parts->list[slot->index];
    size_t index = slot->index;
    int rc = transfer->way->took(transfer, slot, call);
    if (rc)
        return rc;
    part->state = NEPHI_PART_DONE;
    parts->done_count++;
    parts->done_bytes += part->size_bytes;
    parts->busy--;
    slot->tries = 0;
    return nephi_journal_part(transfer, index);
}

/* What feeds it failed first. */
static const neph_error *slot_error(const nephi_slot *slot, const neph_call *call)
{
    const neph_call *feed = slot->feed;
    int has_failed = feed && neph_call_is_done(feed) && neph_call_error(feed)->status;
    return neph_call_error(has_failed ? feed : call);
}

/* What its call could not try again by itself: both ends begin anew, unless some of it is written where nothing can be taken
 * back. */
static int is_tried_again(const nephi_slot *slot, const neph_error *error)
{
    int is_out = slot->index < slot->transfer->parts.written;
    int has_tried = error->retry == NEPH_RETRY_PERSISTENT && !slot->feed;
    return !has_tried && !is_out && nephi_transfer_may_pass(slot->transfer, error, slot->tries);
}

static void slot_again(nephi_slot *slot)
{
    neph_transfer *transfer = slot->transfer;
    nephi_parts *parts = &transfer->parts;
    slot->tries++;
    parts->busy--;
    parts->list[slot->index].state = NEPHI_PART_PENDING;
    if (parts->next > slot->index)
        parts->next = slot->index;
    if (nephi_transfer_again(transfer, nephi_parts_pump, slot->tries))
        nephi_transfer_fail(transfer);
}

/* The condition to read what it was did not hold. With 409 a service says that something else stands in the way. */
static int is_changed(const nephi_end *from, const neph_error *error)
{
    return from->kind == NEPHI_END_OBJECT && from->etag && error->status == NEPH_CONFLICT &&
           error->http_status != 409;
}

static void slot_fail(nephi_slot *slot, const neph_error *error)
{
    if (is_changed(&slot->transfer->from, error) && !slot->transfer->is_made)
        (void)nephi_source_changed(slot->transfer);
    else if (error->status == NEPH_FILE)
        (void)nephi_source_confirm(slot->transfer);
    nephi_transfer_fail_as(slot->transfer, error);
}

static void on_part(neph_call *call, int status, void *user)
{
    nephi_slot *slot = user;
    neph_transfer *transfer = slot->transfer;
    const neph_error *error = slot_error(slot, call);
    int is_again = status && is_tried_again(slot, error);
    slot->call = NULL;
    if (!status && part_took(transfer, slot, call))
        nephi_transfer_fail(transfer);
    else if (status && !is_again)
        slot_fail(slot, error);
    neph_call_free(slot->feed);
    slot->feed = NULL;
    if (slot->call != call)
        neph_call_free(call);
    if (is_again)
        slot_again(slot);
    else
        nephi_parts_pump(transfer);
}

void nephi_slot_await(nephi_slot *slot, neph_call *call)
{
    slot->call = call;
    if (nephi_call_is_hopeless(call))
        on_part(call, NEPH_NO_MEMORY, slot);
    else
        neph_on_done(call, on_part, slot);
}

/* ---- under way */

nephi_slot *nephi_slot_take(neph_transfer *transfer)
{
    nephi_parts *parts = &transfer->parts;
    for (int32_t i = 0; i < parts->slot_count; i++)
        if (!parts->slots[i].call)
            return &parts->slots[i];
    return NULL;
}

/* The part that is to be moved next. 0, NEPH_AGAIN (there is none now), or a failure. */
static int part_find(neph_transfer *transfer)
{
    nephi_parts *parts = &transfer->parts;
    while (parts->next < parts->count && parts->list[parts->next].state != NEPHI_PART_PENDING)
        parts->next++;
    if (parts->next < parts->count)
        return 0;
    return parts->is_open && transfer->way->more ? transfer->way->more(transfer) : NEPH_AGAIN;
}

static int part_begin(neph_transfer *transfer)
{
    nephi_parts *parts = &transfer->parts;
    nephi_slot *slot = parts->filling ? parts->filling : nephi_slot_take(transfer);
    int rc = slot ? part_find(transfer) : NEPH_AGAIN;
    if (rc || parts->next >= parts->count)
        return rc;
    if (parts->filling)
        slot = parts->filling;
    slot->index = parts->next++;
    parts->list[slot->index].state = NEPHI_PART_MOVING;
    parts->busy++;
    return transfer->way->part(transfer, slot);
}

void nephi_parts_pump(neph_transfer *transfer)
{
    nephi_parts *parts = &transfer->parts;
    int rc = 0;
    while (!rc && !nephi_transfer_is_over(transfer))
        rc = part_begin(transfer);
    if (nephi_transfer_is_over(transfer))
        return;
    if (rc != NEPH_AGAIN)
        nephi_transfer_fail(transfer);
    else if (!parts->busy && !parts->is_open && parts->count && parts->done_count == parts->count)
        transfer->way->end(transfer);
}

void nephi_parts_begin(neph_transfer *transfer, int rc)
{
    if (!rc)
        rc = nephi_parts_slots(transfer);
    if (rc)
        nephi_transfer_fail(transfer);
    else
        nephi_parts_pump(transfer);
}

static int64_t call_bytes(const neph_call *call)
{
    int64_t done = 0, total;
    if (call)
        neph_call_progress(call, &done, &total);
    return done;
}

int64_t nephi_parts_moved(const neph_transfer *transfer)
{
    const nephi_parts *parts = &transfer->parts;
    int64_t moved = parts->done_bytes;
    if (!parts->count)
        return call_bytes(transfer->call);
    for (int32_t i = 0; i < parts->slot_count; i++)
        moved += parts->slots[i].is_held ? 0 : call_bytes(parts->slots[i].call);
    return moved;
}
