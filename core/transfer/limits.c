/*
 * core/transfer/limits.c - what a cloud's storage takes: asked when a transfer needs to know
 * first, and kept with the cloud.
 */
#include "core/cloud.h"
#include "core/transfer/transfer.h"

#include <stdio.h>
#include <string.h>

/* What the cloud keeps. */
typedef struct nephi_storage {
    neph_cloud *cloud;
    nephi_limits limits;
    int is_known;
    neph_call *call;        /* under way */
    neph_transfer *waiting; /* linked by next_waiting */
} nephi_storage;

static nephi_storage *storage_of(neph_cloud *cloud)
{
    if (!cloud->storage) {
        cloud->storage = nephi_alloc(&cloud->host->memory, sizeof *cloud->storage);
        if (cloud->storage)
            cloud->storage->cloud = cloud;
    }
    return cloud->storage;
}

static void limits_unknown(nephi_limits *limits)
{
    *limits = (nephi_limits){
        NEPH_UNKNOWN, NEPH_UNKNOWN, NEPH_UNKNOWN, NEPH_UNKNOWN, NEPH_UNKNOWN, NEPH_UNKNOWN, 0, ""};
}

/* A limit of nothing, or less, is none. */
static int64_t limit_of(int64_t told)
{
    return told > 0 ? told : NEPH_UNKNOWN;
}

static void limits_take(nephi_limits *limits, const neph_limits *told)
{
    limits->object_bytes = limit_of(told->object_bytes);
    limits->put_bytes = limit_of(told->put_bytes);
    limits->part_bytes_min = limit_of(told->part_bytes_min);
    limits->part_bytes_max = limit_of(told->part_bytes_max);
    limits->part_count = limit_of(told->part_count);
    limits->copy_bytes = limit_of(told->copy_bytes);
    limits->has_equal_parts = told->has_equal_parts > 0;
    if (told->checksum && strlen(told->checksum) < sizeof limits->checksum)
        snprintf(limits->checksum, sizeof limits->checksum, "%s", told->checksum);
}

static void waiting_go(nephi_storage *storage, const neph_error *error)
{
    while (storage->waiting) {
        neph_transfer *transfer = storage->waiting;
        storage->waiting = transfer->next_waiting;
        transfer->is_waiting = 0;
        if (error) {
            nephi_transfer_fail_as(transfer, error);
            continue;
        }
        transfer->limits = &storage->limits;
        transfer->way->begin(transfer);
    }
}

static void on_limits(neph_call *call, int status, void *user)
{
    nephi_storage *storage = user;
    const neph_result *told = neph_call_result(call);
    storage->call = NULL;
    if (!status && told && told->kind == NEPH_KIND_LIMITS)
        limits_take(&storage->limits, (const neph_limits *)(const void *)told);
    storage->is_known = !status;
    waiting_go(storage, status ? neph_call_error(call) : NULL);
    neph_call_free(call);
}

static void call_start(nephi_storage *storage)
{
    neph_call *call = neph_storage_limits(storage->cloud);
    int is_hopeless = neph_call_is_done(call) && neph_call_error(call)->status == NEPH_NO_MEMORY;
    if (is_hopeless) { /* nobody would tell */
        waiting_go(storage, neph_call_error(call));
        neph_call_free(call);
        return;
    }
    storage->call = call;
    neph_on_done(call, on_limits, storage);
}

int nephi_limits_are_wanted(const neph_transfer *transfer)
{
    return !transfer->limits && !transfer->is_told && !transfer->options.checksum &&
           transfer->options.verify != NEPH_VERIFY_OFF;
}

void nephi_limits_ask(neph_transfer *transfer, neph_cloud *cloud)
{
    nephi_storage *storage = storage_of(cloud);
    if (!storage) {
        nephi_fail_memory(&transfer->error);
        nephi_transfer_fail(transfer);
        return;
    }
    if (!storage->is_known && !storage->call) {
        limits_unknown(&storage->limits);
        storage->is_known = !neph_cloud_can(cloud, NEPH_OP_STORAGE_LIMITS);
    }
    if (storage->is_known) {
        transfer->limits = &storage->limits;
        transfer->way->begin(transfer);
        return;
    }
    transfer->next_waiting = storage->waiting;
    storage->waiting = transfer;
    transfer->is_waiting = 1;
    if (!storage->call)
        call_start(storage);
}

static void waiting_remove(nephi_storage *storage, neph_transfer *transfer)
{
    neph_transfer **at = storage ? &storage->waiting : NULL;
    while (at && *at && *at != transfer)
        at = &(*at)->next_waiting;
    if (at && *at)
        *at = transfer->next_waiting;
}

void nephi_limits_leave(neph_transfer *transfer)
{
    if (!transfer->is_waiting)
        return;
    transfer->is_waiting = 0;
    waiting_remove(transfer->from.cloud ? transfer->from.cloud->storage : NULL, transfer);
    waiting_remove(transfer->to.cloud ? transfer->to.cloud->storage : NULL, transfer);
}

void nephi_limits_forget(neph_cloud *cloud)
{
    nephi_storage *storage = cloud->storage;
    if (!storage)
        return;
    neph_call_free(storage->call);
    nephi_free(&cloud->host->memory, storage);
    cloud->storage = NULL;
}
