/*
 * core/sync/sync.c - the life of a sync as the program sees it: made, waited for, cancelled, freed; and its phases, each of
 * which works in slices from a task of the loop.
 */
#include "core/sync/sync.h"

#include "core/call.h"

#include <stddef.h>
#include <string.h>

#define TEXTS_MAX (1u << 20)

/* What neph_sync_new() returns when there was no memory for one. Never written to. */
static neph_sync no_memory = {
    .is_done = 1,
    .summary = {.size = sizeof(neph_sync_summary)},
    .error = NEPHI_ERROR_NO_MEMORY,
};

static int is_real(const neph_sync *sync)
{
    return sync != &no_memory;
}

/* ---- ended */

/* Nothing of it is under way from now on. */
static void stop(neph_sync *sync)
{
    nephi_erase_stop(sync);
    nephi_jobs_stop(sync);
    nephi_walk_end(sync);
    nephi_task_cancel(&sync->task);
}

static void finish(neph_sync *sync)
{
    stop(sync);
    sync->phase = NEPHI_PHASE_OVER;
    sync->is_done = 1;
    if (sync->is_freed || sync->on_done)
        nephi_task_queue(&sync->host->loop, &sync->notify);
}

static void destroy(neph_sync *sync)
{
    const nephi_memory *memory = &sync->host->memory;
    stop(sync);
    nephi_task_cancel(&sync->notify);
    nephi_run_fini(&sync->erasing.names);
    nephi_nest_fini(&sync->nest);
    for (int side = 0; side < NEPHI_SIDES; side++)
        nephi_folder_fini(&sync->folders[side]);
    nephi_buffer_fini(&sync->shut);
    nephi_arena_fini(&sync->arena, 1);
    *sync->link = sync->next;
    if (sync->next)
        sync->next->link = sync->link;
    nephi_free(memory, sync);
}

/* on_done runs inside dispatch alone, so it is put off to a task; so is the end of what was freed in a callback. */
static void notify_run(nephi_task *task)
{
    neph_sync *sync = task->user;
    if (!sync->is_freed && !sync->is_notified && sync->on_done) {
        sync->is_notified = 1;
        sync->host->callback_depth++;
        sync->on_done(sync, sync->error.status, sync->on_done_user);
        sync->host->callback_depth--;
    }
    if (sync->is_freed && !sync->in_wait)
        destroy(sync);
}

/* ---- its phases */

void nephi_sync_wake(neph_sync *sync)
{
    if (!sync->is_done)
        nephi_task_queue(&sync->host->loop, &sync->task);
}

void nephi_sync_enter(neph_sync *sync)
{
    sync->in_turn++;
}

void nephi_sync_leave(neph_sync *sync)
{
    if (--sync->in_turn == 0 && sync->is_cancelled && !sync->is_done)
        finish(sync);
}

/* Nothing is under way any more: what comes now? */
static void settled(neph_sync *sync)
{
    if (sync->is_anew && !sync->error.status) {
        if (nephi_walk_begin(sync) == 0)
            sync->phase = NEPHI_PHASE_WALK;
        nephi_sync_wake(sync);
        return;
    }
    nephi_walk_end(sync);
    sync->phase = NEPHI_PHASE_ERASE;
    nephi_sync_wake(sync);
}

static void task_run(nephi_task *task)
{
    neph_sync *sync = task->user;
    nephi_sync_enter(sync);
    if (sync->phase == NEPHI_PHASE_WALK)
        nephi_walk(sync);
    if (sync->phase == NEPHI_PHASE_SETTLE && !sync->jobs.busy)
        settled(sync);
    else if (sync->phase == NEPHI_PHASE_ERASE && nephi_erase(sync) && !sync->is_cancelled)
        finish(sync);
    nephi_sync_leave(sync);
}

/* ---- made */

static neph_sync *create(neph_host *host)
{
    neph_sync *sync = nephi_realloc(&host->memory, NULL, sizeof *sync);
    if (!sync)
        return NULL;
    memset(sync, 0, offsetof(neph_sync, error));
    nephi_error_clear(&sync->error);
    sync->host = host;
    sync->summary.size = sizeof sync->summary;
    sync->task = (nephi_task){.fn = task_run, .user = sync};
    sync->notify = (nephi_task){.fn = notify_run, .user = sync};
    nephi_arena_init(&sync->arena, &host->memory, TEXTS_MAX);
    nephi_buffer_init(&sync->shut, &host->memory, (size_t)64 << 10);
    nephi_nest_init(&sync->nest, &host->memory);
    for (int side = 0; side < NEPHI_SIDES; side++)
        nephi_folder_init(&sync->folders[side], &host->memory, NULL);
    sync->next = host->syncs;
    sync->link = &host->syncs;
    if (sync->next)
        sync->next->link = &sync->next;
    host->syncs = sync;
    return sync;
}

neph_sync *neph_sync_new(neph_host *host, const neph_end *from, const neph_end *to,
                         const neph_sync_options *options)
{
    neph_sync *sync = create(host);
    int rc;
    if (!sync)
        return &no_memory;
    rc = nephi_host_check(host, &sync->error);
    if (!rc)
        rc = nephi_sync_take(sync, from, to, options);
    nephi_run_init(&sync->erasing.names, &host->memory, sync->options.temporary_dir);
    if (!rc)
        rc = nephi_walk_begin(sync);
    if (!rc)
        nephi_leftovers_read(sync);
    if (rc)
        finish(sync);
    else
        nephi_sync_wake(sync);
    return sync;
}

void neph_on_sync(neph_sync *sync, neph_sync_fn fn, void *user)
{
    if (!is_real(sync))
        return;
    sync->on_done = fn;
    sync->on_done_user = user;
    if (sync->is_done && !sync->is_notified)
        nephi_task_queue(&sync->host->loop, &sync->notify);
}

/* ---- waited for */

int neph_sync_wait_for(neph_sync *sync, int64_t timeout_ms)
{
    int rc;
    if (!is_real(sync))
        return NEPH_NO_MEMORY;
    if (sync->host->callback_depth)
        return NEPH_BUSY;
    sync->in_wait++;
    rc = nephi_host_run(sync->host, &sync->is_done, timeout_ms);
    if (!rc)
        rc = sync->error.status;
    sync->in_wait--;
    if (sync->is_freed)
        nephi_task_queue(&sync->host->loop, &sync->notify);
    return rc;
}

int neph_sync_wait(neph_sync *sync)
{
    return neph_sync_wait_for(sync, -1);
}

int neph_sync_is_done(const neph_sync *sync)
{
    return sync->is_done;
}

const neph_error *neph_sync_error(const neph_sync *sync)
{
    return is_real(sync) ? nephi_error_view((nephi_error *)&sync->error) : &sync->error.view;
}

const neph_sync_summary *neph_sync_progress(const neph_sync *sync)
{
    return &sync->summary;
}

/* ---- ended from outside */

/* The first failure does not stand against it: what the program did is what it is told. */
void neph_sync_cancel(neph_sync *sync)
{
    if (!is_real(sync) || sync->is_done || sync->is_cancelled)
        return;
    sync->is_cancelled = 1;
    nephi_error_clear(&sync->error);
    nephi_fail(&sync->error, NEPH_CANCELLED, "cancelled");
    if (!sync->in_turn)
        finish(sync);
}

void neph_sync_free(neph_sync *sync)
{
    if (!sync || !is_real(sync) || sync->is_freed)
        return;
    sync->on_done = NULL;
    sync->options.event = NULL;
    neph_sync_cancel(sync);
    if (sync->is_done && !sync->host->callback_depth && !sync->in_wait) {
        destroy(sync);
        return;
    }
    sync->is_freed = 1;
    if (sync->is_done)
        nephi_task_queue(&sync->host->loop, &sync->notify);
}

void nephi_syncs_end(neph_host *host, const neph_cloud *cloud)
{
    for (neph_sync *at = host->syncs; at; at = at->next)
        if (at->ends[NEPHI_FROM].cloud == cloud || at->ends[NEPHI_TO].cloud == cloud)
            neph_sync_cancel(at);
}

void nephi_syncs_free(neph_host *host)
{
    while (host->syncs)
        destroy(host->syncs);
}
