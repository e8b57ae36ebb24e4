/*
 * core/sink.c - bodies on their way in.
 */
#include "core/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define MEMORY_LIMIT (64 << 20)
#define STREAM_PATIENCE_MS 2

int nephi_sink_take(neph_sink *out, const neph_sink *given)
{
    if (!given || given->size < offsetof(neph_sink, offset))
        return NEPH_INVALID;
    *out = (neph_sink)NEPH_SINK_INIT;
    memcpy(out, given, given->size < sizeof *out ? given->size : sizeof *out);
    out->size = sizeof *out;
    return 0;
}

/* Written at an offset: there is no other place in the file that it may touch. */
static int is_placed(const nephi_sink *sink)
{
    return sink->spec.to == NEPH_BODY_DESCRIPTOR && sink->spec.offset >= 0;
}

static int place_check(const nephi_sink *sink, nephi_error *error)
{
    struct stat status;
    if (sink->spec.offset < -1)
        return nephi_fail(error, NEPH_INVALID, "a sink's offset is %lld, but must be 0 or more",
                          (long long)sink->spec.offset);
    if (!is_placed(sink) || (fstat(sink->fd, &status) == 0 && S_ISREG(status.st_mode)))
        return 0;
    return nephi_fail(error, NEPH_INVALID,
                      "the output is no regular file: nothing can be written at an offset");
}

int nephi_sink_open(nephi_sink *sink, neph_host *host, const neph_sink *spec, nephi_error *error)
{
    memset(sink, 0, sizeof *sink);
    sink->host = host;
    sink->spec = *spec;
    sink->most = sink->is_stream = -1;
    sink->fd = spec->to == NEPH_BODY_DESCRIPTOR ? spec->fd : -1;
    nephi_buffer_init(&sink->data, &host->memory,
                      spec->limit > 0 ? (size_t)spec->limit : MEMORY_LIMIT);
    if (spec->to == NEPH_BODY_FILE && !(spec->path && *spec->path))
        return nephi_fail(error, NEPH_INVALID, "a sink of kind file has no path");
    if (spec->to == NEPH_BODY_CALLBACK && !spec->write)
        return nephi_fail(error, NEPH_INVALID, "a sink of kind callback has no write function");
    if (spec->to < NEPH_BODY_FILE || spec->to > NEPH_BODY_CALLBACK)
        return nephi_fail(error, NEPH_INVALID,
                          "a sink must be a file, a descriptor, memory or a callback");
    return place_check(sink, error);
}

static int file_failure(const nephi_sink *sink, nephi_error *error)
{
    const char *name = sink->spec.to == NEPH_BODY_FILE ? sink->spec.path : "the output";
    return nephi_fail(error, NEPH_FILE, "%s cannot be written: %s", name, strerror(errno));
}

/* A name beside the destination, so that rename() stays within one file system; the process's umask applies. */
static int temporary_open(nephi_sink *sink, size_t size)
{
    const char *slash = strrchr(sink->spec.path, '/');
    int dir = slash ? (int)(slash + 1 - sink->spec.path) : 0;
    uint64_t random;
    for (int tries = 0; tries < 100; tries++) {
        if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
            return -1;
        snprintf(sink->path, size, "%.*s.neph-%016llx", dir, sink->spec.path,
                 (unsigned long long)random);
        sink->fd = open(sink->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (sink->fd >= 0 || errno != EEXIST)
            return sink->fd;
    }
    return -1;
}

static int file_create(nephi_sink *sink, nephi_error *error)
{
    size_t size = strlen(sink->spec.path) + 32;
    struct stat status;
    if (stat(sink->spec.path, &status) == 0 && !S_ISREG(status.st_mode)) {
        /* a device or pipe is written to, never replaced; a directory is EISDIR */
        sink->fd = open(sink->spec.path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
        return sink->fd < 0 ? file_failure(sink, error) : 0;
    }
    sink->path = nephi_alloc(&sink->host->memory, size);
    if (!sink->path)
        return nephi_fail_memory(error);
    if (temporary_open(sink, size) >= 0)
        return 0;
    nephi_free(&sink->host->memory, sink->path);
    sink->path = NULL;
    return file_failure(sink, error);
}

/* A pipe, a socket, a terminal: the host must not wait for whoever reads there. */
static int is_stream(nephi_sink *sink)
{
    struct stat status;
    if (sink->is_stream < 0)
        sink->is_stream =
            fstat(sink->fd, &status) == 0 &&
            (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode) || isatty(sink->fd));
    return sink->is_stream;
}

/* What is ready takes PIPE_BUF bytes at once, even where the descriptor blocks. */
static ssize_t stream_write(const nephi_sink *sink, const char *data, size_t size, int patience_ms)
{
    struct pollfd ready = {.fd = sink->fd, .events = POLLOUT};
    int count = poll(&ready, 1, patience_ms);
    if (count == 0)
        errno = EAGAIN;
    if (count <= 0)
        return -1;
    return write(sink->fd, data, size < PIPE_BUF ? size : PIPE_BUF);
}

static ssize_t some_write(nephi_sink *sink, const char *data, size_t size, int patience_ms)
{
    if (is_placed(sink))
        return pwrite(sink->fd, data, size, (off_t)(sink->spec.offset + sink->written));
    return is_stream(sink) ? stream_write(sink, data, size, patience_ms)
                           : write(sink->fd, data, size);
}

/* A reader that has just made room will make more: to wait for him that long is quicker than to come back. One that has
 * not is looked at, and no more. */
static int descriptor_write(nephi_sink *sink, const char *data, size_t size, nephi_error *error)
{
    size_t done = sink->taken < size ? sink->taken : size;
    sink->taken -= done;
    while (done < size) {
        ssize_t count =
            some_write(sink, data + done, size - done, sink->is_waiting ? 0 : STREAM_PATIENCE_MS);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && errno == EAGAIN) {
            sink->taken = done;
            sink->is_waiting = 1;
            return NEPH_AGAIN;
        }
        if (count <= 0)
            return file_failure(sink, error);
        done += (size_t)count;
        sink->written += count;
        sink->is_waiting = 0;
    }
    return 0;
}

static int callback_write(nephi_sink *sink, const void *data, size_t size, nephi_error *error)
{
    int rc;
    sink->is_busy = 1;
    sink->host->callback_depth++;
    rc = sink->spec.write(data, size, sink->spec.user);
    sink->host->callback_depth--;
    sink->is_busy = 0;
    if (sink->is_ended)
        return nephi_fail(error, NEPH_CANCELLED, "cancelled");
    if (rc == NEPH_AGAIN)
        return rc;
    if (rc < 0)
        return nephi_fail(error, nephi_program_status(rc), "the program's sink failed: %s",
                          neph_status_name(nephi_program_status(rc)));
    sink->written += (int64_t)size;
    return 0;
}

int nephi_sink_write(nephi_sink *sink, const void *data, size_t size, nephi_error *error)
{
    int rc;
    if (sink->most >= 0 && (int64_t)size > sink->most - sink->written + (int64_t)sink->taken)
        return nephi_fail(error, NEPH_PROTOCOL,
                          "the server ignored the range: more than the %lld bytes asked for came",
                          (long long)sink->most);
    switch (sink->spec.to) {
    case NEPH_BODY_MEMORY:
        rc = nephi_buffer_add(&sink->data, data, size);
        if (rc == NEPH_LIMIT)
            return nephi_fail(error, rc, "the body is larger than the %zu bytes allowed in memory",
                              sink->data.limit);
        sink->written += rc ? 0 : (int64_t)size;
        return rc ? nephi_fail_memory(error) : 0;
    case NEPH_BODY_CALLBACK: return callback_write(sink, data, size, error);
    case NEPH_BODY_FILE:
        if (sink->fd < 0 && (rc = file_create(sink, error)) != 0)
            return rc;
        return descriptor_write(sink, data, size, error);
    default: return descriptor_write(sink, data, size, error);
    }
}

int nephi_sink_is_polled(const nephi_sink *sink)
{
    return sink->spec.to != NEPH_BODY_CALLBACK;
}

int nephi_sink_rewind(nephi_sink *sink)
{
    if (!sink->written)
        return 0;
    if (sink->spec.to == NEPH_BODY_MEMORY)
        nephi_buffer_clear(&sink->data);
    else if (!is_placed(sink) && (sink->spec.to != NEPH_BODY_FILE || ftruncate(sink->fd, 0) != 0 ||
                                  lseek(sink->fd, 0, SEEK_SET) != 0))
        return NEPH_UNSUPPORTED;
    sink->written = 0;
    return 0;
}

int nephi_sink_commit(nephi_sink *sink, nephi_error *error)
{
    int rc = 0;
    if (sink->spec.to != NEPH_BODY_FILE)
        return 0;
    if (sink->fd < 0 && (rc = file_create(sink, error)) != 0)
        return rc;
    if (close(sink->fd) != 0)
        rc = file_failure(sink, error);
    sink->fd = -1;
    if (!rc && sink->path && rename(sink->path, sink->spec.path) != 0)
        rc = file_failure(sink, error);
    if (!rc) {
        nephi_free(&sink->host->memory, sink->path);
        sink->path = NULL;
    }
    return rc;
}

void nephi_sink_close(nephi_sink *sink)
{
    if (!sink->host)
        return;
    if (sink->spec.to == NEPH_BODY_FILE && sink->fd >= 0)
        close(sink->fd);
    if (sink->path) {
        if (nephi_host_is_own(sink->host))
            unlink(sink->path);
        nephi_free(&sink->host->memory, sink->path);
    }
    nephi_buffer_fini(&sink->data);
    sink->path = NULL;
    sink->fd = -1;
    sink->host = NULL;
}
