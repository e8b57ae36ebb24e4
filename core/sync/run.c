/*
 * core/sync/run.c - see run.h. The file is ours alone: what is read from it is what was written.
 */
#include "core/sync/run.h"

#include "core/file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define RUN_BYTES ((size_t)32 << 10) /* in memory; more only for an item that is larger */
#define ITEM_BYTES_MAX ((size_t)1 << 20)

void nephi_run_init(nephi_run *run, const nephi_memory *memory, const char *dir)
{
    *run = (nephi_run){.memory = memory, .dir = dir, .fd = -1};
}

void nephi_run_fini(nephi_run *run)
{
    if (run->fd >= 0)
        close(run->fd);
    nephi_free(run->memory, run->data);
    nephi_run_init(run, run->memory, run->dir);
}

static int room_make(nephi_run *run, size_t size, nephi_error *error)
{
    char *data;
    if (size <= run->capacity)
        return 0;
    if (size > ITEM_BYTES_MAX)
        return nephi_fail(error, NEPH_LIMIT, "a name of the listing is longer than %zu bytes",
                          ITEM_BYTES_MAX);
    size = size < RUN_BYTES ? RUN_BYTES : size;
    data = nephi_realloc(run->memory, run->data, size);
    if (!data)
        return nephi_fail_memory(error);
    run->data = data;
    run->capacity = size;
    return 0;
}

static int flush(nephi_run *run, nephi_error *error)
{
    int rc = run->fd < 0 ? nephi_file_temporary(run->dir, &run->fd, error) : 0;
    while (!rc && run->begin < run->end) {
        ssize_t count =
            pwrite(run->fd, run->data + run->begin, run->end - run->begin, (off_t)run->written);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return nephi_fail(error, NEPH_FILE, "a temporary file in %s cannot be written: %s",
                              run->dir, strerror(errno));
        run->begin += (size_t)count;
        run->written += count;
    }
    run->begin = run->end = 0;
    return rc;
}

int nephi_run_add(nephi_run *run, const nephi_item *item, nephi_error *error)
{
    size_t size = nephi_item_size(item);
    int rc = 0;
    if (run->end && run->end + size > run->capacity)
        rc = flush(run, error);
    if (!rc)
        rc = room_make(run, size, error);
    if (rc)
        return rc;
    nephi_item_pack(item, run->data + run->end);
    run->end += size;
    run->count++;
    return 0;
}

int nephi_run_rewind(nephi_run *run, nephi_error *error)
{
    int rc = 0;
    if (run->fd >= 0 && !run->at)
        rc = flush(run, error);
    if (run->fd >= 0)
        run->end = 0;
    run->begin = 0;
    run->at = 0;
    return rc;
}

/* Has size bytes of the item that begins at run->begin in data. */
static int fill(nephi_run *run, size_t size, nephi_error *error)
{
    int rc;
    if (run->end - run->begin >= size)
        return 0;
    memmove(run->data, run->data + run->begin, run->end - run->begin);
    run->end -= run->begin;
    run->begin = 0;
    rc = room_make(run, size, error);
    while (!rc && run->end < size) {
        ssize_t count =
            pread(run->fd, run->data + run->end, run->capacity - run->end, (off_t)run->at);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return nephi_fail(error, NEPH_FILE, "a temporary file in %s cannot be read: %s",
                              run->dir, count ? strerror(errno) : "it has become shorter");
        run->end += (size_t)count;
        run->at += count;
    }
    return rc;
}

int nephi_run_next(nephi_run *run, nephi_item *item, nephi_error *error)
{
    int rc;
    if (run->begin == run->end && (run->fd < 0 || run->at == run->written))
        return 0;
    rc = fill(run, NEPHI_ITEM_PEEK, error);
    if (!rc)
        rc = fill(run, nephi_item_peek(run->data + run->begin), error);
    if (rc)
        return rc;
    run->begin += nephi_item_unpack(item, run->data + run->begin);
    return 1;
}
