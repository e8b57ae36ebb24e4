/*
 * core/source.c - bodies on their way out. Reads files with pread, so that a descriptor's own position is not touched.
 */
#include "core/source.h"

#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SLICE (256u << 10)

int nephi_program_status(int64_t status)
{
    return status < NEPH_INTERNAL || status == NEPH_BUSY || status == NEPH_AGAIN ? NEPH_INVALID
                                                                                 : (int)status;
}

static const char *source_name(const nephi_source *source)
{
    return source->spec.from == NEPH_BODY_FILE ? source->spec.path : "the input";
}

static int file_failure(const nephi_source *source, const char *what, nephi_error *error)
{
    return nephi_fail(error, NEPH_FILE, "%s cannot be %s: %s", source_name(source), what,
                      strerror(errno));
}

/* The part of a file of size bytes that was asked for. */
static int slice_measure(nephi_source *source, int64_t size, nephi_error *error)
{
    int64_t offset = source->spec.offset, length = source->spec.length;
    int64_t left = size - offset; /* neither is negative */
    if (length < 0)
        length = left;
    if (left < 0 || length > left)
        return nephi_fail(error, NEPH_FILE,
                          "%s has %lld bytes: there are no %lld bytes from %lld on",
                          source_name(source), (long long)size,
                          (long long)(length > 0 ? length : 0), (long long)offset);
    source->start = offset;
    source->length = length;
    return 0;
}

/* A regular file knows its length and can be read again; anything else is a stream. */
static int descriptor_measure(nephi_source *source, nephi_error *error)
{
    struct stat status;
    if (fstat(source->fd, &status) != 0)
        return file_failure(source, "read", error);
    if (S_ISDIR(status.st_mode))
        return nephi_fail(error, NEPH_FILE, "%s is a directory, not a file", source_name(source));
    if (source->spec.offset >= 0 && !S_ISREG(status.st_mode))
        return nephi_fail(error, NEPH_INVALID, "%s is no regular file: it has no part at an offset",
                          source_name(source));
    if (source->spec.offset >= 0)
        return slice_measure(source, status.st_size, error);
    if (!S_ISREG(status.st_mode)) {
        source->is_stream = 1;
        source->length = source->spec.length;
        return 0;
    }
    if (source->spec.from == NEPH_BODY_DESCRIPTOR) {
        off_t at = lseek(source->fd, 0, SEEK_CUR);
        source->start = at > 0 ? at : 0;
    }
    source->length = status.st_size > source->start ? status.st_size - source->start : 0;
    return 0;
}

int nephi_source_take(neph_source *out, const neph_source *given)
{
    if (!given || given->size < offsetof(neph_source, offset))
        return NEPH_INVALID;
    *out = (neph_source)NEPH_SOURCE_INIT;
    memcpy(out, given, given->size < sizeof *out ? given->size : sizeof *out);
    out->size = sizeof *out;
    return 0;
}

int nephi_source_open(nephi_source *source, neph_host *host, const neph_source *spec,
                      nephi_error *error)
{
    memset(source, 0, sizeof *source);
    source->host = host;
    source->spec = *spec;
    source->fd = source->spool_fd = -1;
    source->length = -1;
    if (spec->offset < -1)
        return nephi_fail(error, NEPH_INVALID, "a source's offset is %lld, but must be 0 or more",
                          (long long)spec->offset);
    switch (spec->from) {
    case NEPH_BODY_FILE:
        source->fd = spec->path ? open(spec->path, O_RDONLY | O_CLOEXEC | O_NOCTTY) : -1;
        if (source->fd < 0)
            return file_failure(source, "opened", error);
        source->owns_fd = 1;
        return descriptor_measure(source, error);
    case NEPH_BODY_DESCRIPTOR: source->fd = spec->fd; return descriptor_measure(source, error);
    case NEPH_BODY_MEMORY: source->length = (int64_t)spec->data_size; return 0;
    case NEPH_BODY_CALLBACK:
        source->is_stream = 1;
        source->length = spec->length;
        return spec->read ? 0
                          : nephi_fail(error, NEPH_INVALID,
                                       "a source of kind callback has no read function");
    default:
        return nephi_fail(error, NEPH_INVALID,
                          "a source must be a file, a descriptor, memory or a callback");
    }
}

void nephi_source_close(nephi_source *source)
{
    if (!source->host)
        return;
    if (source->owns_fd && source->fd >= 0)
        close(source->fd);
    if (source->spool_fd >= 0)
        close(source->spool_fd);
    source->fd = source->spool_fd = -1;
    source->host = NULL;
}

static int64_t memory_read(nephi_source *source, void *data, size_t size)
{
    size_t left = source->spec.data_size - (size_t)source->position;
    if (size > left)
        size = left;
    if (size)
        memcpy(data, (const char *)source->spec.data + source->position, size);
    return (int64_t)size;
}

static int64_t file_read(nephi_source *source, void *data, size_t size, nephi_error *error)
{
    int64_t left = source->length - source->position;
    ssize_t count;
    if ((int64_t)size > left)
        size = (size_t)left;
    if (!size)
        return 0;
    do
        count = pread(source->fd, data, size, (off_t)(source->start + source->position));
    while (count < 0 && errno == EINTR);
    if (count < 0)
        return file_failure(source, "read", error);
    if (count == 0)
        return nephi_fail(error, NEPH_FILE, "%s became shorter while it was read",
                          source_name(source));
    return count;
}

/* A pipe or terminal: never blocks the loop; who gets NEPH_AGAIN asks again in a few milliseconds. */
static int64_t stream_read(nephi_source *source, void *data, size_t size, nephi_error *error)
{
    struct pollfd ready = {.fd = source->spec.fd, .events = POLLIN};
    ssize_t count;
    if (source->spec.from == NEPH_BODY_FILE)
        ready.fd = source->fd;
    if (poll(&ready, 1, 0) == 0)
        return NEPH_AGAIN;
    do
        count = read(ready.fd, data, size);
    while (count < 0 && errno == EINTR);
    if (count < 0 && errno == EAGAIN)
        return NEPH_AGAIN;
    return count < 0 ? file_failure(source, "read", error) : count;
}

static int64_t callback_read(nephi_source *source, void *data, size_t size, nephi_error *error)
{
    int64_t count;
    source->is_busy = 1;
    source->host->callback_depth++;
    count = source->spec.read(data, size, source->spec.user);
    source->host->callback_depth--;
    source->is_busy = 0;
    if (source->is_ended)
        return nephi_fail(error, NEPH_CANCELLED, "cancelled");
    if (count < 0 && count != NEPH_AGAIN)
        return nephi_fail(error, nephi_program_status(count), "the program's source failed: %s",
                          neph_status_name(nephi_program_status(count)));
    if (count > (int64_t)size)
        return nephi_fail(error, NEPH_INVALID,
                          "the program's source gave more bytes than asked for");
    return count;
}

int64_t nephi_source_read(nephi_source *source, void *data, size_t size, nephi_error *error)
{
    int64_t count;
    if (source->length >= 0 && source->position >= source->length)
        return 0;
    if (source->length >= 0 && (int64_t)size > source->length - source->position)
        size = (size_t)(source->length - source->position);
    if (!source->is_stream)
        count = source->spec.from == NEPH_BODY_MEMORY ? memory_read(source, data, size)
                                                      : file_read(source, data, size, error);
    else if (source->spec.from == NEPH_BODY_CALLBACK)
        count = callback_read(source, data, size, error);
    else
        count = stream_read(source, data, size, error);
    if (count > 0)
        source->position += count;
    if (count == 0 && source->length >= 0)
        return nephi_fail(error, NEPH_FILE, "%s ended after %lld of %lld bytes",
                          source_name(source), (long long)source->position,
                          (long long)source->length);
    return count;
}

int nephi_source_rewind(nephi_source *source)
{
    if (source->is_stream && source->position > 0)
        return NEPH_UNSUPPORTED;
    source->position = 0;
    return 0;
}

static int spool_create(nephi_source *source, nephi_error *error)
{
    return nephi_file_temporary(nephi_host_temporary_dir(source->host), &source->spool_fd, error);
}

static int spool_write(nephi_source *source, const char *data, size_t size, nephi_error *error)
{
    while (size) {
        ssize_t count = write(source->spool_fd, data, size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return nephi_fail(error, NEPH_FILE, "the temporary file cannot be written: %s",
                              strerror(errno));
        data += count;
        size -= (size_t)count;
    }
    return 0;
}

/* The spool takes the stream's place: a file of known length. */
static void spool_finish(nephi_source *source)
{
    if (source->owns_fd && source->fd >= 0)
        close(source->fd);
    source->fd = source->spool_fd;
    source->owns_fd = 1;
    source->spool_fd = -1;
    source->is_stream = 0;
    source->spec.from = NEPH_BODY_DESCRIPTOR;
    source->start = 0;
    source->length = source->position;
    source->position = 0;
}

int nephi_source_spool(nephi_source *source, nephi_error *error)
{
    char *data;
    int64_t count;
    int rc = source->spool_fd < 0 ? spool_create(source, error) : 0;
    if (rc)
        return rc;
    data = nephi_alloc(&source->host->memory, SLICE);
    if (!data)
        return nephi_fail_memory(error);
    count = nephi_source_read(source, data, SLICE, error);
    if (count > 0 && source->position > NEPHI_SPOOL_MAX)
        rc = nephi_fail(error, NEPH_LIMIT,
                        "%s is larger than 5 GiB, the most that one request can carry",
                        source_name(source));
    else if (count > 0)
        rc = spool_write(source, data, (size_t)count, error);
    nephi_free_secret(&source->host->memory, data, SLICE);
    if (rc || (count < 0 && count != NEPH_AGAIN))
        return rc ? rc : (int)count;
    if (count == NEPH_AGAIN)
        return NEPH_BUSY;
    if (count > 0)
        return NEPH_AGAIN;
    spool_finish(source);
    return 0;
}
