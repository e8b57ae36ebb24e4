/*
 * core/sync/ask.c - what the listings did not tell of a pair: objects are asked for it, a file's checksum is taken in slices.
 */
#include "core/checksum.h"
#include "core/sync/job.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/text.h"

#define CHUNK ((size_t)128 << 10)
#define SLICE_CHUNKS 32 /* 4 MiB a turn: some milliseconds */

/* The checksum of a file under way. */
struct nephi_sum {
    nephi_job *job;
    nephi_task task;
    nephi_digest *digest;
    int32_t algorithm;
    int side;
    int fd;
    char data[CHUNK];
};

static void ask_next(nephi_job *job);

/* What is known now takes the place of what was; the buffers change places, because one is made of the other. */
static int item_learn(nephi_job *job, int side, const nephi_item *known)
{
    nephi_buffer *next = &job->names[side];
    nephi_buffer last = job->texts[side];
    nephi_buffer_clear(next);
    if (nephi_buffer_reserve(next, nephi_item_size(known)))
        return NEPH_NO_MEMORY;
    nephi_item_pack(known, next->data);
    nephi_item_unpack(&job->items[side], next->data);
    job->texts[side] = *next;
    *next = last;
    return 0;
}

static void fail(nephi_job *job, int status, const char *what, const char *why)
{
    nephi_error error;
    nephi_error_clear(&error);
    nephi_fail(&error, status, "%s%s%s", what, *why ? ": " : "", why);
    nephi_job_fail(job, nephi_error_view(&error));
}

/* ---- a file's checksum */

static void sum_free(nephi_job *job)
{
    nephi_sum *sum = job->sum;
    const nephi_memory *memory = &job->sync->host->memory;
    job->sum = NULL;
    if (!sum)
        return;
    nephi_task_cancel(&sum->task);
    if (sum->digest)
        job->sync->host->wire->digest->destroy(sum->digest);
    if (sum->fd >= 0)
        close(sum->fd);
    nephi_free(memory, sum);
}

void nephi_job_asked(nephi_job *job)
{
    sum_free(job);
}

/* NEPH_AGAIN: there is more. 0: it is read. */
static int sum_slice(nephi_sum *sum, const nephi_digest_class *class)
{
    for (int i = 0; i < SLICE_CHUNKS; i++) {
        ssize_t count = read(sum->fd, sum->data, CHUNK);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return NEPH_FILE;
        if (count == 0)
            return 0;
        if (class->update(sum->digest, sum->data, (size_t)count))
            return NEPH_NO_MEMORY;
    }
    return NEPH_AGAIN;
}

static int sum_finish(nephi_sum *sum, const nephi_digest_class *class)
{
    nephi_job *job = sum->job;
    unsigned char bytes[NEPH_DIGEST_MAX];
    char text[NEPHI_CHECKSUM_MAX];
    nephi_item known = job->items[sum->side];
    int size = class->finish(sum->digest, bytes);
    if (size < 0)
        return NEPH_NO_MEMORY;
    nephi_checksum_write(text, sum->algorithm, bytes, size);
    known.checksum = text;
    return item_learn(job, sum->side, &known);
}

static void sum_run(nephi_task *task)
{
    nephi_sum *sum = task->user;
    nephi_job *job = sum->job;
    neph_sync *sync = job->sync;
    const nephi_digest_class *class = sync->host->wire->digest;
    int rc = sum_slice(sum, class);
    int reason = errno;
    if (rc == NEPH_AGAIN) {
        nephi_task_queue(&sync->host->loop, task);
        return;
    }
    if (!rc)
        rc = sum_finish(sum, class);
    nephi_sync_enter(sync);
    sum_free(job);
    if (rc)
        fail(job, rc, "its checksum cannot be taken",
             rc == NEPH_FILE ? strerror(reason) : neph_status_name(rc));
    else
        ask_next(job);
    nephi_sync_leave(sync);
}

static int sum_begin(nephi_job *job, int side, int32_t algorithm)
{
    neph_host *host = job->sync->host;
    const char *path = nephi_job_place(job, side);
    nephi_sum *sum = nephi_alloc(&host->memory, sizeof *sum);
    if (!sum || !path) {
        nephi_free(&host->memory, sum);
        return NEPH_NO_MEMORY;
    }
    job->sum = sum;
    sum->job = job;
    sum->task = (nephi_task){.fn = sum_run, .user = sum};
    sum->algorithm = algorithm;
    sum->side = side;
    sum->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK);
    if (sum->fd < 0)
        return NEPH_FILE;
    if (nephi_host_wire(host, &host->error))
        return host->error.status;
    if (host->wire->digest->create(&sum->digest, &host->memory, algorithm))
        return NEPH_NO_MEMORY;
    nephi_task_queue(&host->loop, &sum->task);
    return 0;
}

/* What the file's checksum can be compared with: the other side's, or that of another file. 0: with nothing. */
static int32_t sum_algorithm(const nephi_job *job, int side)
{
    const char *other = job->items[1 - side].checksum;
    if (!other && !job->sync->ends[1 - side].cloud)
        other = NEPHI_CHECKSUM_OF_FILES;
    return other ? nephi_checksum_algorithm(other) : 0;
}

/* The side whose file's checksum is wanted; -1: none is. */
static int sum_side(const nephi_job *job, int32_t *algorithm)
{
    if (job->how.compare != NEPH_COMPARE_CHECKSUM)
        return -1;
    for (int side = 0; side < NEPHI_SIDES; side++) {
        *algorithm = sum_algorithm(job, side);
        if (!job->sync->ends[side].cloud && !job->items[side].checksum && *algorithm)
            return side;
    }
    return -1;
}

/* ---- an object */

static void on_head(neph_call *call, int status, void *user)
{
    nephi_job *job = user;
    neph_sync *sync = job->sync;
    const neph_object *object = (const neph_object *)neph_call_result(call);
    int side = job->asking;
    nephi_sync_enter(sync);
    if (status == NEPH_NOT_FOUND && side == NEPHI_TO) {
        job->how.compare = NEPH_COMPARE_NONE; /* it has gone */
        nephi_job_decide(job);
    } else if (status) {
        nephi_job_fail(job, neph_call_error(call));
    } else {
        nephi_item known = job->items[side];
        if (object && object->size_bytes != NEPH_UNKNOWN)
            known.size_bytes = object->size_bytes;
        if (object && object->etag)
            known.etag = object->etag;
        if (object && object->checksum)
            known.checksum = object->checksum;
        if (object)
            known.local_ns = object->local_modified_ns;
        if (item_learn(job, side, &known))
            fail(job, NEPH_NO_MEMORY, "out of memory", "");
        else
            ask_next(job);
    }
    nephi_sync_leave(sync);
}

static int is_unknown(const nephi_job *job, int side)
{
    const nephi_item *item = &job->items[side];
    if (!job->sync->ends[side].cloud || (job->asked & (1 << side)))
        return 0;
    if (item->size_bytes == NEPH_UNKNOWN)
        return 1;
    return job->how.compare == NEPH_COMPARE_CHECKSUM ? !item->checksum
                                                     : item->local_ns == NEPH_UNKNOWN;
}

/* The items of both sides have the same name. */
static void head_begin(nephi_job *job, int side)
{
    const neph_end *end = &job->sync->ends[side];
    const char *key = nephi_job_place(job, side);
    job->asked |= 1 << side;
    job->asking = side;
    if (key)
        nephi_job_await(job, neph_object_head(end->cloud, end->bucket, key), on_head);
    else
        fail(job, NEPH_NO_MEMORY, "out of memory", "");
}

static void ask_next(nephi_job *job)
{
    int32_t algorithm;
    int rc, side;
    for (side = 0; side < NEPHI_SIDES; side++)
        if (is_unknown(job, side)) {
            head_begin(job, side);
            return;
        }
    side = sum_side(job, &algorithm);
    if (side >= 0) {
        rc = sum_begin(job, side, algorithm);
        if (rc) {
            int reason = errno;
            sum_free(job);
            fail(job, rc, "its checksum cannot be taken",
                 rc == NEPH_FILE ? strerror(reason) : neph_status_name(rc));
        }
        return;
    }
    job->how.is_asked = 1;
    nephi_job_decide(job);
}

void nephi_job_ask(nephi_job *job)
{
    job->asked = 0;
    ask_next(job);
}
