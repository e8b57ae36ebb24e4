/*
 * core/file.c - reads a regular file into a buffer, never waiting for a FIFO or a device; makes files without a name.
 */
#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As many bytes as the file had when it was examined; what is added meanwhile is not read. */
static int read_all(int fd, const char *path, size_t size, nephi_buffer *out, nephi_error *error)
{
    int rc = nephi_buffer_reserve(out, size);
    while (!rc && size > 0) {
        ssize_t got = read(fd, out->data + out->size, size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return nephi_fail(error, NEPH_FILE, "%s cannot be read: %s", path, strerror(errno));
        if (got == 0)
            break;
        out->size += (size_t)got;
        size -= (size_t)got;
        out->data[out->size] = '\0';
    }
    return rc == NEPH_NO_MEMORY ? nephi_fail_memory(error) : rc;
}

int nephi_file_read(const char *path, nephi_buffer *out, struct stat *info, nephi_error *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    int rc = 0;
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return NEPH_NOT_FOUND;
    if (fd < 0)
        return nephi_fail(error, NEPH_FILE, "%s cannot be opened: %s", path, strerror(errno));
    if (fstat(fd, info) || !S_ISREG(info->st_mode))
        rc = nephi_fail(error, NEPH_FILE, "%s is no regular file", path);
    else if (info->st_size < 0 || (uint64_t)info->st_size > out->limit)
        rc = nephi_fail(error, NEPH_LIMIT, "%s is larger than %zu bytes", path, out->limit);
    if (!rc)
        rc = read_all(fd, path, (size_t)info->st_size, out, error);
    close(fd);
    return rc;
}

int nephi_file_temporary(const char *dir, int *fd, nephi_error *error)
{
    char path[4096];
    *fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (*fd >= 0)
        return 0;
    snprintf(path, sizeof path, "%s/neph-XXXXXX", dir);
    *fd = mkostemp(path, O_CLOEXEC);
    if (*fd < 0)
        return nephi_fail(error, NEPH_FILE, "no temporary file can be made in %s: %s", dir,
                          strerror(errno));
    unlink(path);
    return 0;
}
