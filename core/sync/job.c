/*
 * core/sync/job.c - the items under way, several at a time: asked about where that is needed (ask.c), copied by a transfer of
 * their own, and deleted from the source if they are moved. A large item counts as the parts it has under way.
 */
#include "core/sync/job.h"

#include <string.h>

#define PART_BYTES (INT64_C(8) << 20) /* about: enough to know which items are large */
#define TEXT_MAX ((size_t)4 << 20)

/* ---- how many there may be */

static int32_t requests_of(const neph_sync *sync, int64_t size_bytes)
{
    int64_t parts = size_bytes > 0 ? size_bytes / PART_BYTES + 1 : 1;
    return parts < sync->transfer.parallel ? (int32_t)parts : sync->transfer.parallel;
}

int nephi_jobs_have_room(const neph_sync *sync)
{
    int32_t jobs = sync->options.jobs, parallel = sync->transfer.parallel;
    return sync->jobs.busy < jobs && sync->jobs.requests < (jobs > parallel ? jobs : parallel);
}

/* ---- taken and given back */

static nephi_job *job_take(neph_sync *sync)
{
    const nephi_memory *memory = &sync->host->memory;
    nephi_job *job = sync->jobs.free;
    if (job) {
        sync->jobs.free = job->next_free;
        return job;
    }
    job = nephi_alloc(memory, sizeof *job);
    if (!job)
        return NULL;
    job->sync = sync;
    for (int side = 0; side < NEPHI_SIDES; side++) {
        nephi_buffer_init(&job->texts[side], memory, TEXT_MAX);
        nephi_buffer_init(&job->names[side], memory, TEXT_MAX);
    }
    job->next_made = sync->jobs.all;
    sync->jobs.all = job;
    return job;
}

static void job_stop(nephi_job *job)
{
    neph_transfer_free(job->transfer);
    neph_call_free(job->call);
    job->transfer = NULL;
    job->call = NULL;
    nephi_job_asked(job);
}

static void job_give(nephi_job *job)
{
    neph_sync *sync = job->sync;
    job_stop(job);
    sync->jobs.busy--;
    sync->jobs.requests -= job->requests;
    job->next_free = sync->jobs.free;
    sync->jobs.free = job;
    nephi_sync_wake(sync);
}

void nephi_jobs_stop(neph_sync *sync)
{
    while (sync->jobs.all) {
        nephi_job *job = sync->jobs.all;
        sync->jobs.all = job->next_made;
        job_stop(job);
        for (int side = 0; side < NEPHI_SIDES; side++) {
            nephi_buffer_fini(&job->texts[side]);
            nephi_buffer_fini(&job->names[side]);
        }
        nephi_free(&sync->host->memory, job);
    }
    sync->jobs = (nephi_jobs){.all = NULL};
}

/* ---- how it ends */

static void moved_bytes(nephi_job *job, int64_t done_bytes)
{
    job->sync->summary.done_bytes += done_bytes - job->done_bytes;
    job->done_bytes = done_bytes;
}

void nephi_job_fail(nephi_job *job, const neph_error *error)
{
    moved_bytes(job, 0);
    nephi_tell_failure(job->sync, NEPH_SYNC_COPY, &job->items[NEPHI_FROM], error);
    job_give(job);
}

static void job_done(nephi_job *job)
{
    nephi_tell(job->sync, NEPH_SYNC_COPY, 1, &job->items[NEPHI_FROM]);
    job_give(job);
}

static void job_fail_memory(nephi_job *job)
{
    nephi_error error;
    nephi_error_clear(&error);
    nephi_fail_memory(&error);
    nephi_job_fail(job, nephi_error_view(&error));
}

/* ---- moved: the source goes when the copy is there */

static void on_removed(neph_call *call, int status, void *user)
{
    nephi_job *job = user;
    neph_sync *sync = job->sync;
    nephi_sync_enter(sync);
    if (status && status != NEPH_NOT_FOUND)
        nephi_job_fail(job, neph_call_error(call));
    else
        job_done(job);
    nephi_sync_leave(sync);
}

static void source_remove(nephi_job *job)
{
    neph_sync *sync = job->sync;
    const neph_end *from = &sync->ends[NEPHI_FROM];
    nephi_error error;
    if (from->cloud) {
        nephi_job_await(job,
                        neph_object_delete(from->cloud, from->bucket, job->names[NEPHI_FROM].data),
                        on_removed);
        return;
    }
    nephi_error_clear(&error);
    if (nephi_folder_remove(&sync->folders[NEPHI_FROM], job->items[NEPHI_FROM].name, &error))
        nephi_job_fail(job, nephi_error_view(&error));
    else
        job_done(job);
}

/* ---- copied */

static void on_progress(neph_transfer *transfer, const neph_transfer_progress *progress, void *user)
{
    nephi_job *job = user;
    const neph_transfer_options *own = &job->sync->transfer;
    moved_bytes(job, progress->done_bytes);
    if (own->progress)
        own->progress(transfer, progress, own->progress_user);
}

static void outcome_note(nephi_job *job)
{
    const neph_transfer_result *result = neph_transfer_outcome(job->transfer);
    neph_sync *sync = job->sync;
    if (!result->is_verified && sync->transfer.verify != NEPH_VERIFY_OFF)
        sync->summary.unverified_count++;
    if (result->kept_count)
        sync->summary.resumed_count++;
    job->items[NEPHI_FROM].size_bytes = result->size_bytes;
    moved_bytes(job, result->size_bytes);
}

static void on_copied(neph_transfer *transfer, int status, void *user)
{
    nephi_job *job = user;
    neph_sync *sync = job->sync;
    nephi_sync_enter(sync);
    if (status) {
        nephi_job_fail(job, neph_transfer_error(transfer));
    } else {
        outcome_note(job);
        if (sync->options.moves)
            source_remove(job);
        else
            job_done(job);
    }
    nephi_sync_leave(sync);
}

const char *nephi_job_place(nephi_job *job, int side)
{
    neph_sync *sync = job->sync;
    const neph_end *end = &sync->ends[side];
    nephi_buffer *name = &job->names[side];
    if (!end->cloud)
        return nephi_folder_path(&sync->folders[side], job->items[NEPHI_FROM].name);
    nephi_buffer_clear(name);
    if (nephi_buffer_text(name, end->key) || nephi_buffer_text(name, job->items[NEPHI_FROM].name))
        return NULL;
    return name->data;
}

static int ends_name(nephi_job *job, neph_end ends[NEPHI_SIDES])
{
    const nephi_item *from = &job->items[NEPHI_FROM];
    for (int side = 0; side < NEPHI_SIDES; side++) {
        const char *place = nephi_job_place(job, side);
        ends[side] = job->sync->ends[side];
        *(ends[side].cloud ? &ends[side].key : &ends[side].path) = place;
        if (!place)
            return NEPH_NO_MEMORY;
    }
    if (ends[NEPHI_FROM].cloud) {
        ends[NEPHI_FROM].size_bytes = from->size_bytes;
        ends[NEPHI_FROM].etag = from->etag;
    }
    return 0;
}

static const char *content_type(const neph_sync *sync, const nephi_item *item)
{
    const neph_sync_options *own = &sync->options;
    const char *type = NULL;
    if (own->content_type && !sync->ends[NEPHI_FROM].cloud) {
        sync->host->callback_depth++;
        type = own->content_type(item->name, own->content_type_user);
        sync->host->callback_depth--;
    }
    return type ? type : sync->transfer.content_type;
}

static int parent_make(nephi_job *job)
{
    neph_sync *sync = job->sync;
    nephi_error error;
    if (sync->ends[NEPHI_TO].cloud)
        return 0;
    nephi_error_clear(&error);
    if (nephi_folder_make(&sync->folders[NEPHI_TO], job->items[NEPHI_FROM].name, &error) == 0)
        return 0;
    nephi_job_fail(job, nephi_error_view(&error));
    return error.status;
}

static void transfer_await(nephi_job *job, neph_transfer *transfer, neph_transfer_fn done)
{
    const neph_error *error = neph_transfer_error(transfer);
    job->transfer = transfer;
    if (neph_transfer_is_done(transfer) && error->status == NEPH_NO_MEMORY)
        nephi_job_fail(job, error); /* it may be the one that calls nobody */
    else
        neph_on_transfer(transfer, done, job);
}

static void copy_begin(nephi_job *job)
{
    neph_sync *sync = job->sync;
    neph_transfer_options options = sync->transfer;
    neph_end ends[NEPHI_SIDES];
    if (job->items[NEPHI_FROM].size_bytes > 0)
        sync->summary.total_bytes += job->items[NEPHI_FROM].size_bytes;
    nephi_tell(sync, NEPH_SYNC_COPY, 0, &job->items[NEPHI_FROM]);
    if (sync->is_cancelled || parent_make(job))
        return;
    if (ends_name(job, ends)) {
        job_fail_memory(job);
        return;
    }
    options.content_type = content_type(sync, &job->items[NEPHI_FROM]);
    options.progress = on_progress;
    options.progress_user = job;
    transfer_await(job, neph_transfer_new(sync->host, &ends[NEPHI_FROM], &ends[NEPHI_TO], &options),
                   on_copied);
}

/* ---- the same: only what an earlier sync left of it goes */

static void same_done(nephi_job *job)
{
    nephi_tell(job->sync, NEPH_SYNC_SAME, 1, &job->items[NEPHI_FROM]);
    job_give(job);
}

/* One that stays is met again, by the next sync or by whoever looks into the journal. */
static void on_leftover(neph_transfer *transfer, int status, void *user)
{
    nephi_job *job = user;
    neph_sync *sync = job->sync;
    nephi_sync_enter(sync);
    if (status)
        nephi_log(sync->host, NEPH_LOG_WARNING, 0, "%s: what an earlier run left of it stays: %s",
                  job->items[NEPHI_FROM].name, neph_transfer_error(transfer)->message);
    same_done(job);
    nephi_sync_leave(sync);
}

static void same_begin(nephi_job *job)
{
    neph_sync *sync = job->sync;
    const char *id = nephi_leftover_find(sync, job->items[NEPHI_FROM].name);
    if (id)
        transfer_await(job,
                       neph_transfer_abort(sync->host, sync->transfer.journal_dir, id,
                                           sync->ends[NEPHI_TO].cloud),
                       on_leftover);
    else
        same_done(job);
}

/* ---- begun */

static void carry_out(nephi_job *job, nephi_verdict verdict)
{
    neph_sync *sync = job->sync;
    if (verdict == NEPHI_SAME) {
        same_begin(job);
    } else if (!sync->options.dry_run) {
        copy_begin(job);
    } else {
        nephi_tell_would_copy(sync, &job->items[NEPHI_FROM]);
        job_give(job);
    }
}

void nephi_job_decide(nephi_job *job)
{
    neph_sync *sync = job->sync;
    const nephi_item *from = &job->items[NEPHI_FROM];
    nephi_verdict verdict = nephi_decide(&job->how, from, &job->items[NEPHI_TO]);
    nephi_job_release(job);
    if (job->how.is_incomparable)
        nephi_log(sync->host, NEPH_LOG_INFO, 0,
                  "%s: both sides know no checksum of the same kind: it is taken for different",
                  from->name);
    carry_out(job, verdict);
}

void nephi_job_await(nephi_job *job, neph_call *call, neph_done_fn done)
{
    nephi_job_release(job);
    job->call = call;
    if (neph_call_is_done(call) && neph_call_error(call)->status == NEPH_NO_MEMORY)
        nephi_job_fail(job, neph_call_error(call)); /* it may be the one that calls nobody */
    else
        neph_on_done(call, done, job);
}

void nephi_job_release(nephi_job *job)
{
    neph_call_free(job->call);
    job->call = NULL;
}

/* What is known of an item is of its listing, which goes on. */
static int item_keep(nephi_job *job, int side, const nephi_item *item)
{
    nephi_buffer *text = &job->texts[side];
    size_t size = nephi_item_size(item);
    nephi_buffer_clear(text);
    if (nephi_buffer_reserve(text, size))
        return NEPH_NO_MEMORY;
    nephi_item_pack(item, text->data);
    nephi_item_unpack(&job->items[side], text->data);
    return 0;
}

int nephi_job_start(neph_sync *sync, const nephi_pair *pair, nephi_verdict verdict,
                    const nephi_comparison *how)
{
    nephi_job *job = job_take(sync);
    int rc = job ? item_keep(job, NEPHI_FROM, pair->from) : NEPH_NO_MEMORY;
    if (!rc && pair->to)
        rc = item_keep(job, NEPHI_TO, pair->to);
    if (!job)
        return rc;
    job->done_bytes = 0;
    job->requests = requests_of(sync, pair->from->size_bytes);
    sync->jobs.busy++;
    sync->jobs.requests += job->requests;
    if (rc) {
        job_give(job);
        return rc;
    }
    job->how = *how;
    if (verdict == NEPHI_ASK)
        nephi_job_ask(job);
    else
        carry_out(job, verdict);
    return 0;
}
