/*
 * core/cli/output.c - buffered writing to a descriptor. The first failure is kept and ends all writing, so that it is
 * looked at in one place; what the bytes mean is the formatters' business.
 */
#include "core/cli/output.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

void nephc_output_init(nephc_output *out, int fd, char *data, size_t capacity)
{
    out->fd = fd;
    out->error = 0;
    out->used = 0;
    out->capacity = capacity;
    out->data = data;
}

/* Somebody else may have made the descriptor non-blocking: it is shared with them. */
static void wait_writable(int fd)
{
    struct pollfd entry = {.fd = fd, .events = POLLOUT};

    (void)poll(&entry, 1, 1000);
}

static void write_all(nephc_output *out, const char *data, size_t size)
{
    while (size > 0 && !out->error) {
        ssize_t written = write(out->fd, data, size);

        if (written >= 0) {
            data += written;
            size -= (size_t)written;
        } else if (errno == EAGAIN) {
            wait_writable(out->fd);
        } else if (errno != EINTR) {
            out->error = errno;
        }
    }
}

int nephc_output_flush(nephc_output *out)
{
    if (out->fd >= 0) {
        write_all(out, out->data, out->used);
        out->used = 0;
    }
    return out->error;
}

char *nephc_output_reserve(nephc_output *out, size_t size)
{
    if (out->capacity - out->used < size) {
        if (out->fd < 0)
            out->error = ENOBUFS;
        else
            nephc_output_flush(out);
    }
    return out->error ? NULL : out->data + out->used;
}

void nephc_output_write(nephc_output *out, const void *data, size_t size)
{
    if (out->capacity - out->used < size) {
        if (out->fd < 0)
            out->error = ENOBUFS;
        else
            nephc_output_flush(out);
    }
    if (out->error)
        return;
    if (size > out->capacity) {
        write_all(out, data, size);
        return;
    }
    memcpy(out->data + out->used, data, size);
    out->used += size;
}

void nephc_output_text(nephc_output *out, const char *text)
{
    nephc_output_write(out, text, strlen(text));
}

void nephc_output_byte_slow(nephc_output *out, char byte)
{
    nephc_output_write(out, &byte, 1);
}
