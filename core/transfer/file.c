/*
 * core/transfer/file.c - a file to another: read and written in slices beside the destination, read back and compared, and
 * only then given its name, with the permissions of the other as far as the umask lets. Nothing of it is kept for another
 * process: what was interrupted begins anew.
 */
#include "core/transfer/transfer.h"
#include "core/transfer/ways.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK ((size_t)128 << 10)
#define SLICE_CHUNKS 32 /* 4 MiB a turn: some milliseconds */

static int failure(neph_transfer *transfer, const nephi_end *end, const char *what)
{
    return nephi_fail(&transfer->error, NEPH_FILE, "%s cannot be %s: %s", nephi_end_name(end), what,
                      strerror(errno));
}

/* ---- its end: what was written is what was read */

static void file_finish(neph_transfer *transfer)
{
    if (nephi_destination_commit(transfer))
        nephi_transfer_fail(transfer);
    else
        nephi_transfer_finish(transfer);
}

static void on_read_back(neph_transfer *transfer)
{
    int equal;
    if (nephi_verify_compare(transfer->result.checksum, transfer->whole, &equal) && equal) {
        transfer->result.is_verified = 1;
        file_finish(transfer);
        return;
    }
    nephi_fail(&transfer->error, NEPH_INTEGRITY,
               "%s was written as other bytes than were read: %s there, %s here",
               nephi_end_name(&transfer->to), transfer->whole, transfer->result.checksum);
    nephi_transfer_fail(transfer);
}

static void file_end(neph_transfer *transfer)
{
    neph_transfer_result *result = &transfer->result;
    int rc = nephi_source_confirm(transfer);
    result->size_bytes = transfer->total_bytes;
    if (!rc)
        rc = nephi_verify_end(transfer);
    if (!rc && !result->checksum) {
        file_finish(transfer);
        return;
    }
    if (!rc) {
        result->checksum = nephi_transfer_text(transfer, transfer->whole);
        rc = transfer->error.status;
    }
    if (!rc)
        rc = nephi_verify_file(transfer, transfer->to.fd, 0, transfer->total_bytes,
                               result->checksum, on_read_back);
    if (rc)
        nephi_transfer_fail(transfer);
}

/* ---- slices */

static int chunk_write(neph_transfer *transfer, const char *data, size_t size)
{
    int64_t *at = &transfer->parts.done_bytes;
    int rc = nephi_verify_add(transfer, data, size);
    while (!rc && size) {
        ssize_t count = pwrite(transfer->to.fd, data, size, (off_t)*at);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return failure(transfer, &transfer->to, "written");
        data += count;
        size -= (size_t)count;
        *at += count;
    }
    return rc;
}

static int chunk_copy(neph_transfer *transfer, size_t most)
{
    const nephi_end *from = &transfer->from;
    char *buffer = transfer->parts.slots->buffer;
    int64_t at = transfer->parts.done_bytes, left = transfer->total_bytes - at;
    ssize_t count;
    int rc;
    do
        count = pread(from->fd, buffer, left < (int64_t)most ? (size_t)left : most,
                      (off_t)(from->start + at));
    while (count < 0 && errno == EINTR);
    if (count < 0)
        return failure(transfer, from, "read");
    if (count == 0) {
        rc = nephi_source_confirm(transfer);
        return rc ? rc
                  : nephi_fail(&transfer->error, NEPH_INTEGRITY, "%s ends too soon",
                               nephi_end_name(from));
    }
    nephi_rate_spend(&transfer->host->rate, count);
    return chunk_write(transfer, buffer, (size_t)count);
}

/* Bytes that may move in this turn. 0: none, and the slice runs again when some may; or a failure. */
static int64_t slice_grant(neph_transfer *transfer)
{
    nephi_rate *rate = &transfer->host->rate;
    int64_t most = (int64_t)(SLICE_CHUNKS * CHUNK), ready = most;
    if (rate->per_second)
        ready = nephi_rate_ready(rate, nephi_loop_now_ms());
    if (!ready && nephi_timer_set(&transfer->host->loop, &transfer->pace, nephi_rate_wait_ms(rate)))
        return nephi_fail_memory(&transfer->error);
    return ready < most ? ready : most;
}

static void slice_run(neph_transfer *transfer)
{
    const int64_t *done = &transfer->parts.done_bytes;
    int64_t grant = slice_grant(transfer), end = *done + grant;
    int rc = grant < 0 ? (int)grant : 0;
    if (!grant)
        return;
    while (!rc && *done < end && *done < transfer->total_bytes)
        rc = chunk_copy(transfer, end - *done < (int64_t)CHUNK ? (size_t)(end - *done) : CHUNK);
    if (rc)
        nephi_transfer_fail(transfer);
    else if (*done < transfer->total_bytes)
        nephi_task_queue(&transfer->host->loop, &transfer->task);
    else
        file_end(transfer);
}

static void task_run(nephi_task *task)
{
    slice_run(task->user);
}

static void pace_fired(nephi_timer *timer)
{
    slice_run(timer->user);
}

/* ---- begun */

static int is_itself(const neph_transfer *transfer)
{
    struct stat info;
    return stat(transfer->to.path, &info) == 0 &&
           (int64_t)info.st_dev == transfer->from.identity.device &&
           (int64_t)info.st_ino == transfer->from.identity.inode;
}

static int buffer_make(neph_transfer *transfer)
{
    int64_t size = transfer->from.size_bytes;
    int rc = nephi_parts_plan(transfer, size, size > 0 ? size : 1);
    if (!rc)
        rc = nephi_parts_slots(transfer);
    if (rc)
        return rc;
    transfer->parts.slots->buffer = nephi_realloc(&transfer->host->memory, NULL, CHUNK);
    return transfer->parts.slots->buffer ? 0 : nephi_fail_memory(&transfer->error);
}

static void file_begin(neph_transfer *transfer)
{
    int rc = nephi_verify_plan_file(transfer);
    if (!rc && is_itself(transfer))
        rc = nephi_fail(&transfer->error, NEPH_INVALID, "%s is source and destination",
                        nephi_end_name(&transfer->to));
    if (!rc)
        rc = buffer_make(transfer);
    if (!rc)
        rc = nephi_destination_create(transfer);
    if (!rc && transfer->checksum)
        rc = nephi_verify_begin(transfer, transfer->checksum);
    if (rc) {
        nephi_transfer_fail(transfer);
        return;
    }
    transfer->pace = (nephi_timer){.fn = pace_fired, .user = transfer};
    transfer->task = (nephi_task){.fn = task_run, .user = transfer};
    nephi_task_queue(&transfer->host->loop, &transfer->task);
}

const nephi_way nephi_way_file = {.begin = file_begin};
