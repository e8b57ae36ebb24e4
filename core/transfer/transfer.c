/*
 * core/transfer/transfer.c - the life of a transfer as the program sees it: made, waited for,
 * cancelled, freed; and how it ends. What it does in between is its way's business.
 */
#include "core/transfer/transfer.h"

#include "core/call.h"
#include "core/transfer/journal.h"
#include "core/transfer/ways.h"

#include <stddef.h>
#include <string.h>

#define TEXTS_MAX (256u << 20) /* entity tags of parts above all */
#define PROGRESS_MS 100
#define AGAIN_MS 50 /* before another try */

/* What neph_transfer_new() returns when there was no memory for one. Never written to. */
neph_transfer nephi_transfer_no_memory = {
    .is_done = 1,
    .error = NEPHI_ERROR_NO_MEMORY,
};

static int is_real(const neph_transfer *transfer)
{
    return transfer != &nephi_transfer_no_memory;
}

/* ---- once more, in a while */

static void pace_fired(nephi_timer *timer)
{
    neph_transfer *transfer = timer->user;
    transfer->paced(transfer);
}

int nephi_transfer_pace(neph_transfer *transfer, nephi_next_fn then, int64_t delay_ms)
{
    transfer->paced = then;
    transfer->pace.fn = pace_fired;
    transfer->pace.user = transfer;
    return nephi_timer_set(&transfer->host->loop, &transfer->pace, delay_ms)
               ? nephi_fail_memory(&transfer->error)
               : 0;
}

int nephi_transfer_again(neph_transfer *transfer, nephi_next_fn then, uint32_t tries)
{
    return nephi_transfer_pace(transfer, then, AGAIN_MS << (tries < 8 ? tries : 8));
}

int nephi_transfer_may_pass(const neph_transfer *transfer, const neph_error *error, uint32_t tries)
{
    static const int32_t passing[] = {NEPH_THROTTLED, NEPH_UNAVAILABLE, NEPH_NETWORK, NEPH_TIMEOUT};
    if (error->retry == NEPH_RETRY_PERMANENT ||
        (int32_t)tries + 1 >= transfer->host->config.max_attempts)
        return 0;
    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++)
        if (error->status == passing[i])
            return 1;
    return 0;
}

/* ---- freed */

static void transfer_unlink(neph_transfer *transfer)
{
    *transfer->link = transfer->next;
    if (transfer->next)
        transfer->next->link = transfer->link;
}

/* Nothing of it is under way from now on. */
static void transfer_stop(neph_transfer *transfer)
{
    nephi_limits_leave(transfer);
    nephi_parts_stop(transfer);
    neph_call_free(transfer->call);
    transfer->call = NULL;
    nephi_verify_abandon(transfer);
    nephi_timer_clear(&transfer->host->loop, &transfer->timer);
    nephi_timer_clear(&transfer->host->loop, &transfer->pace);
    nephi_task_cancel(&transfer->task);
}

static void transfer_destroy(neph_transfer *transfer)
{
    const nephi_memory *memory = &transfer->host->memory;
    transfer_stop(transfer);
    nephi_task_cancel(&transfer->notify);
    nephi_journal_leave(transfer);
    nephi_destination_remove(transfer);
    nephi_end_close(&transfer->from);
    nephi_end_close(&transfer->to);
    nephi_parts_fini(transfer);
    nephi_arena_fini(&transfer->arena, 1);
    transfer_unlink(transfer);
    nephi_free(memory, transfer);
}

/* on_done runs inside dispatch alone, so it is put off to a task; so is the end of what was
 * freed in a callback. */
static void notify_run(nephi_task *task)
{
    neph_transfer *transfer = task->user;
    neph_host *host = transfer->host;
    if (!transfer->is_freed && !transfer->is_notified && transfer->on_done) {
        transfer->is_notified = 1;
        host->callback_depth++;
        transfer->on_done(transfer, transfer->error.status, transfer->on_done_user);
        host->callback_depth--;
    }
    if (transfer->is_freed && !transfer->in_wait)
        transfer_destroy(transfer);
}

static void transfer_done(neph_transfer *transfer)
{
    transfer->is_undoing = 0;
    transfer->is_done = 1;
    nephi_end_close(&transfer->from);
    nephi_end_close(&transfer->to);
    if (transfer->is_freed || transfer->on_done)
        nephi_task_queue(&transfer->host->loop, &transfer->notify);
}

/* ---- how it ends */

int nephi_transfer_is_over(const neph_transfer *transfer)
{
    return transfer->is_done || transfer->is_undoing;
}

static void progress_tell(neph_transfer *transfer, int64_t done_bytes)
{
    neph_transfer_progress progress = {sizeof progress, done_bytes, transfer->total_bytes,
                                       transfer->parts.kept_bytes};
    if (!transfer->options.progress || done_bytes <= transfer->told_bytes)
        return;
    transfer->told_bytes = done_bytes;
    transfer->host->callback_depth++;
    transfer->options.progress(transfer, &progress, transfer->options.progress_user);
    transfer->host->callback_depth--;
}

static void progress_fired(nephi_timer *timer)
{
    neph_transfer *transfer = timer->user;
    progress_tell(transfer, nephi_parts_moved(transfer));
    if (!nephi_transfer_is_over(transfer))
        (void)nephi_timer_set(&transfer->host->loop, timer, PROGRESS_MS);
}

void nephi_transfer_finish(neph_transfer *transfer)
{
    transfer_stop(transfer);
    nephi_journal_forget(transfer);
    transfer->result.part_count = transfer->part_count;
    transfer->result.kept_count = (int64_t)transfer->parts.kept_count;
    if (transfer->total_bytes < 0)
        transfer->total_bytes = transfer->result.size_bytes;
    progress_tell(transfer, transfer->result.size_bytes);
    transfer_done(transfer);
}

void nephi_transfer_undone(neph_transfer *transfer)
{
    nephi_destination_remove(transfer);
    nephi_journal_forget(transfer);
    transfer_done(transfer);
}

void nephi_transfer_fail(neph_transfer *transfer)
{
    if (nephi_transfer_is_over(transfer))
        return;
    transfer_stop(transfer);
    if (nephi_journal_keeps(transfer)) {
        nephi_journal_leave(transfer);
        transfer_done(transfer);
        return;
    }
    transfer->is_undoing = 1;
    if (transfer->way && transfer->way->undo)
        transfer->way->undo(transfer);
    else
        nephi_transfer_undone(transfer);
}

void nephi_transfer_fail_as(neph_transfer *transfer, const neph_error *error)
{
    if (nephi_transfer_is_over(transfer))
        return;
    nephi_error_take(&transfer->error, "", error);
    nephi_transfer_fail(transfer);
}

/* ---- calls */

static void on_call(neph_call *call, int status, void *user)
{
    neph_transfer *transfer = user;
    transfer->call = NULL;
    if (status && !transfer->then_sees_failure)
        nephi_transfer_fail_as(transfer, neph_call_error(call));
    else
        transfer->then(transfer, call);
    neph_call_free(call);
}

static void await(neph_transfer *transfer, neph_call *call, nephi_then_fn then, int sees_failure)
{
    transfer->call = call;
    transfer->then = then;
    transfer->then_sees_failure = sees_failure;
    if (nephi_call_is_hopeless(call))
        on_call(call, NEPH_NO_MEMORY, transfer);
    else
        neph_on_done(call, on_call, transfer);
}

int nephi_call_is_hopeless(const neph_call *call)
{
    return neph_call_is_done(call) && neph_call_error(call)->status == NEPH_NO_MEMORY;
}

void nephi_transfer_await(neph_transfer *transfer, neph_call *call, nephi_then_fn then)
{
    await(transfer, call, then, 0);
}

void nephi_transfer_await_any(neph_transfer *transfer, neph_call *call, nephi_then_fn then)
{
    await(transfer, call, then, 1);
}

/* ---- made */

const char *nephi_transfer_text(neph_transfer *transfer, const char *text)
{
    return nephi_text_keep(&transfer->arena, text, &transfer->error);
}

const neph_pair *nephi_transfer_pairs(neph_transfer *transfer, const neph_pair *pairs, size_t count)
{
    return nephi_pairs_keep(&transfer->arena, pairs, count, &transfer->error);
}

static const nephi_way *way_of(neph_transfer *transfer)
{
    int from_object = transfer->from.kind == NEPHI_END_OBJECT;
    int to_object = transfer->to.kind == NEPHI_END_OBJECT;
    if (from_object && to_object)
        return transfer->from.cloud == transfer->to.cloud ? &nephi_way_copy : &nephi_way_stream;
    if (from_object)
        return transfer->to.kind == NEPHI_END_FILE ? &nephi_way_get : &nephi_way_pour;
    if (to_object)
        return transfer->from.kind == NEPHI_END_FILE ? &nephi_way_put : &nephi_way_pipe;
    if (transfer->from.kind == NEPHI_END_FILE && transfer->to.kind == NEPHI_END_FILE)
        return &nephi_way_file;
    nephi_fail(&transfer->error, NEPH_INVALID,
               "one end must be an object of a cloud, or both must be files");
    return NULL;
}

neph_transfer *nephi_transfer_create(neph_host *host, const neph_transfer_options *options)
{
    neph_transfer *transfer = nephi_realloc(&host->memory, NULL, sizeof *transfer);
    if (!transfer)
        return NULL;
    memset(transfer, 0, offsetof(neph_transfer, error));
    nephi_error_clear(&transfer->error);
    transfer->host = host;
    transfer->from.fd = transfer->to.fd = -1;
    transfer->total_bytes = -1;
    transfer->part_count = 1;
    transfer->result.size = sizeof transfer->result;
    transfer->timer = (nephi_timer){.fn = progress_fired, .user = transfer};
    transfer->notify = (nephi_task){.fn = notify_run, .user = transfer};
    nephi_arena_init(&transfer->arena, &host->memory, TEXTS_MAX);
    transfer->next = host->transfers;
    transfer->link = &host->transfers;
    if (transfer->next)
        transfer->next->link = &transfer->next;
    host->transfers = transfer;
    if (!nephi_host_check(host, &transfer->error))
        (void)nephi_transfer_options_keep(&transfer->options, &transfer->arena, options,
                                          &transfer->error);
    return transfer;
}

void nephi_transfer_go(neph_transfer *transfer)
{
    int rc = transfer->error.status;
    if (!rc && transfer->options.progress)
        rc = nephi_timer_set(&transfer->host->loop, &transfer->timer, PROGRESS_MS)
                 ? nephi_fail_memory(&transfer->error)
                 : 0;
    if (rc)
        nephi_transfer_fail(transfer);
    else
        transfer->way->begin(transfer);
}

neph_transfer *neph_transfer_new(neph_host *host, const neph_end *from, const neph_end *to,
                                 const neph_transfer_options *options)
{
    neph_transfer *transfer = nephi_transfer_create(host, options);
    int rc;
    if (!transfer)
        return &nephi_transfer_no_memory;
    rc = transfer->error.status;
    if (!rc)
        rc = nephi_end_take(transfer, &transfer->from, from);
    if (!rc)
        rc = nephi_end_take(transfer, &transfer->to, to);
    if (!rc && transfer->from.kind != NEPHI_END_OBJECT)
        rc = nephi_source_begin(transfer);
    if (!rc && transfer->to.kind != NEPHI_END_OBJECT)
        rc = nephi_destination_begin(transfer);
    if (!rc)
        transfer->way = way_of(transfer);
    nephi_transfer_go(transfer);
    return transfer;
}

void neph_on_transfer(neph_transfer *transfer, neph_transfer_fn fn, void *user)
{
    if (!is_real(transfer))
        return;
    transfer->on_done = fn;
    transfer->on_done_user = user;
    if (transfer->is_done && !transfer->is_notified)
        nephi_task_queue(&transfer->host->loop, &transfer->notify);
}

/* ---- waited for */

int neph_transfer_wait_for(neph_transfer *transfer, int64_t timeout_ms)
{
    int rc;
    if (!is_real(transfer))
        return NEPH_NO_MEMORY;
    if (transfer->host->callback_depth)
        return NEPH_BUSY;
    transfer->in_wait++;
    rc = nephi_host_run(transfer->host, &transfer->is_done, timeout_ms);
    if (!rc)
        rc = transfer->error.status;
    transfer->in_wait--;
    if (transfer->is_freed && transfer->is_done)
        nephi_task_queue(&transfer->host->loop, &transfer->notify);
    return rc;
}

int neph_transfer_wait(neph_transfer *transfer)
{
    return neph_transfer_wait_for(transfer, -1);
}

int neph_transfer_is_done(const neph_transfer *transfer)
{
    return transfer->is_done;
}

const neph_error *neph_transfer_error(const neph_transfer *transfer)
{
    return is_real(transfer) ? nephi_error_view((nephi_error *)&transfer->error)
                             : &transfer->error.view;
}

const neph_transfer_result *neph_transfer_outcome(const neph_transfer *transfer)
{
    return transfer->is_done && !transfer->error.status ? &transfer->result : NULL;
}

/* ---- ended from outside */

void neph_transfer_cancel(neph_transfer *transfer)
{
    if (!is_real(transfer) || nephi_transfer_is_over(transfer))
        return;
    nephi_error_forget(&transfer->error);
    nephi_fail(&transfer->error, NEPH_CANCELLED, "cancelled");
    nephi_transfer_fail(transfer);
}

void neph_transfer_free(neph_transfer *transfer)
{
    if (!transfer || !is_real(transfer) || transfer->is_freed)
        return;
    transfer->on_done = NULL;
    transfer->options.progress = NULL;
    neph_transfer_cancel(transfer);
    if (transfer->is_done && !transfer->host->callback_depth && !transfer->in_wait) {
        transfer_destroy(transfer);
        return;
    }
    transfer->is_freed = 1;
    if (transfer->is_done)
        nephi_task_queue(&transfer->host->loop, &transfer->notify);
}

/* Its cloud goes: what it began there stays, for the journal or for whoever looks. */
static void transfer_orphan(neph_transfer *transfer, const neph_cloud *cloud)
{
    if (!transfer->is_done) {
        transfer_stop(transfer);
        nephi_fail(&transfer->error, NEPH_CANCELLED, "its cloud was closed");
        if (!nephi_journal_keeps(transfer))
            nephi_destination_remove(transfer);
        nephi_journal_leave(transfer);
        transfer_done(transfer);
    }
    if (transfer->from.cloud == cloud)
        transfer->from.cloud = NULL;
    if (transfer->to.cloud == cloud)
        transfer->to.cloud = NULL;
}

void nephi_transfers_end(neph_host *host, const neph_cloud *cloud)
{
    for (neph_transfer *at = host->transfers; at; at = at->next)
        if (at->from.cloud == cloud || at->to.cloud == cloud)
            transfer_orphan(at, cloud);
}

void nephi_transfers_free(neph_host *host)
{
    while (host->transfers)
        transfer_destroy(host->transfers);
}
