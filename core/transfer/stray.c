/*
 * core/transfer/stray.c - uploads whose beginning had no reply: looked for by their key and time,
 * of no interest once they have parts. What an earlier run left is ended: who could have gone on
 * with it is gone. What this run may have left beside its own upload is only told of: another
 * writer may have begun one of the same key in the same moment, and nothing that a cloud lists says
 * whose it is. An upload without parts costs nothing, so it can wait for someone who knows.
 */
#include "core/cloud.h"
#include "core/transfer/transfer.h"

#include <string.h>

#define STRAYS_MAX 16
#define SKEW_NS (120 * NEPH_NANO) /* clocks that differ, and what a request takes */

typedef struct stray {
    const char *id;
    int64_t created_ns; /* as the cloud says */
} stray;

typedef struct nephi_strays {
    stray list[STRAYS_MAX];
    size_t count, at;
    int64_t from_ns, to_ns; /* when they were begun */
    int64_t elapsed_ns;     /* between the first request and the id of our own */
    int has_parts;          /* the one that is looked at */
    nephi_next_fn then;
} nephi_strays;

static void stray_next(neph_transfer *transfer, neph_call *call);

/* ---- one after another: has it parts? */

static void stray_end(neph_transfer *transfer, const stray *found)
{
    const nephi_end *to = &transfer->to;
    if (transfer->upload) {
        nephi_log(
            transfer->host, NEPH_LOG_WARNING, 0,
            "%s: a reply was lost when its upload began, and of that may be left the upload %s, which has no parts; "
            "it is not ended, since it may be another writer's",
            to->key, found->id);
        stray_next(transfer, NULL);
        return;
    }
    nephi_transfer_await_any(transfer, neph_upload_abort(to->cloud, to->bucket, to->key, found->id),
                             stray_next);
}

static void on_part(neph_call *call, const neph_result *result, void *user)
{
    neph_transfer *transfer = user;
    (void)call;
    (void)result;
    transfer->strays->has_parts = 1;
}

static void on_parts(neph_transfer *transfer, neph_call *call)
{
    nephi_strays *strays = transfer->strays;
    if (neph_call_error(call)->status || strays->has_parts)
        stray_next(transfer, NULL);
    else
        stray_end(transfer, &strays->list[strays->at - 1]);
}

static void stray_next(neph_transfer *transfer, neph_call *call)
{
    nephi_strays *strays = transfer->strays;
    (void)call;
    if (strays->at == strays->count) {
        strays->then(transfer);
        return;
    }
    strays->has_parts = 0;
    call = neph_upload_parts(transfer->to.cloud, transfer->to.bucket, transfer->to.key,
                             strays->list[strays->at++].id);
    neph_on_result(call, on_part, transfer);
    nephi_transfer_await_any(transfer, call, on_parts);
}

/* ---- looked for */

static void on_upload(neph_call *call, const neph_result *result, void *user)
{
    neph_transfer *transfer = user;
    nephi_strays *strays = transfer->strays;
    const neph_upload *upload = (const neph_upload *)(const void *)result;
    const char *id;
    (void)call;
    if (result->kind != NEPH_KIND_UPLOAD || !upload->id || !upload->key ||
        strcmp(upload->key, transfer->to.key) != 0 || strays->count >= STRAYS_MAX ||
        upload->created_ns < strays->from_ns || upload->created_ns > strays->to_ns)
        return;
    id = nephi_transfer_text(transfer, upload->id);
    if (id)
        strays->list[strays->count++] = (stray){id, upload->created_ns};
}

/* By the cloud's own clock: begun before our own upload, and since that was asked for first. */
static void narrow(const neph_transfer *transfer, nephi_strays *strays)
{
    int64_t own_ns = NEPH_UNKNOWN;
    size_t kept = 0;
    for (size_t i = 0; i < strays->count; i++)
        if (strcmp(strays->list[i].id, transfer->upload) == 0)
            own_ns = strays->list[i].created_ns;
    for (size_t i = 0; own_ns != NEPH_UNKNOWN && i < strays->count; i++) {
        const stray *found = &strays->list[i];
        if (strcmp(found->id, transfer->upload) != 0 && found->created_ns <= own_ns &&
            found->created_ns >= own_ns - strays->elapsed_ns - NEPH_NANO)
            strays->list[kept++] = *found;
    }
    strays->count = kept;
}

static void on_listed(neph_transfer *transfer, neph_call *call)
{
    nephi_strays *strays = transfer->strays;
    if (neph_call_error(call)->status)
        strays->count = 0;
    else if (transfer->upload)
        narrow(transfer, strays);
    stray_next(transfer, NULL);
}

static void look(neph_transfer *transfer, const nephi_strays *how)
{
    neph_list_options options = NEPH_LIST_OPTIONS_INIT;
    neph_call *call;
    if (!neph_cloud_can(transfer->to.cloud, NEPH_OP_UPLOAD_LIST)) {
        how->then(transfer);
        return;
    }
    transfer->strays = nephi_arena_alloc(&transfer->arena, sizeof *how);
    if (!transfer->strays) {
        nephi_fail_memory(&transfer->error);
        nephi_transfer_fail(transfer);
        return;
    }
    *transfer->strays = *how;
    options.prefix = transfer->to.key;
    call = neph_upload_list(transfer->to.cloud, transfer->to.bucket, &options);
    neph_on_result(call, on_upload, transfer);
    nephi_transfer_await_any(transfer, call, on_listed);
}

void nephi_strays_end(neph_transfer *transfer, int64_t begun_ns, nephi_next_fn then)
{
    nephi_strays how = {.from_ns = begun_ns - NEPH_NANO, .to_ns = begun_ns + SKEW_NS, .then = then};
    look(transfer, &how);
}

void nephi_strays_tell(neph_transfer *transfer, nephi_next_fn then)
{
    int64_t now_ns = nephi_cloud_now(transfer->to.cloud);
    nephi_strays how = {.then = then};
    how.elapsed_ns = (nephi_loop_now_ms() - transfer->begun_ms) * 1000000;
    how.from_ns = now_ns - how.elapsed_ns - SKEW_NS;
    how.to_ns = now_ns + SKEW_NS;
    look(transfer, &how);
}
