/*
 * core/transfer/end.c - where a transfer comes from and goes to: files are opened, known again,
 * written beside their name and renamed; what is known of objects is kept. Moves nothing.
 */
#include "core/transfer/transfer.h"

#include "core/text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

const char *nephi_end_name(const nephi_end *end)
{
    if (end->kind == NEPHI_END_OBJECT)
        return end->key;
    return end->path ? end->path : "the descriptor";
}

static int object_take(neph_transfer *transfer, nephi_end *end, const neph_end *given)
{
    if (!given->bucket || !*given->bucket || !given->key || !*given->key)
        return nephi_fail(&transfer->error, NEPH_INVALID, "an object needs a bucket and a key");
    end->kind = NEPHI_END_OBJECT;
    end->cloud = given->cloud;
    end->bucket = nephi_transfer_text(transfer, given->bucket);
    end->key = nephi_transfer_text(transfer, given->key);
    end->version = nephi_transfer_text(transfer, given->version);
    end->etag = nephi_transfer_text(transfer, given->etag);
    end->size_bytes = given->size_bytes < 0 ? NEPH_UNKNOWN : given->size_bytes;
    return transfer->error.status;
}

int nephi_end_take(neph_transfer *transfer, nephi_end *end, const neph_end *given)
{
    if (given->size < sizeof *given)
        return nephi_fail(&transfer->error, NEPH_INVALID, "an end's size is not set");
    end->size_bytes = end->modified_ns = end->local_modified_ns = NEPH_UNKNOWN;
    if (given->cloud)
        return object_take(transfer, end, given);
    end->mode = -1;
    end->kind = NEPHI_END_STREAM; /* until it was looked at */
    end->path = nephi_transfer_text(transfer, given->path);
    end->fd = given->path ? -1 : given->fd;
    if (!given->path && given->fd < 0)
        return nephi_fail(&transfer->error, NEPH_INVALID,
                          "an end needs a cloud, a path or a descriptor");
    return transfer->error.status;
}

void nephi_end_close(nephi_end *end)
{
    if (end->owns_fd && end->fd >= 0)
        close(end->fd);
    if (end->owns_fd)
        end->fd = -1;
    end->owns_fd = 0;
}

static int file_failure(neph_transfer *transfer, const nephi_end *end, const char *what)
{
    return nephi_fail(&transfer->error, NEPH_FILE, "%s cannot be %s: %s", nephi_end_name(end), what,
                      strerror(errno));
}

static int is_a_directory(neph_transfer *transfer, const nephi_end *end)
{
    return nephi_fail(&transfer->error, NEPH_FILE, "%s is a directory, not a file",
                      nephi_end_name(end));
}

/* ---- a file that is read */

static int64_t nanoseconds(const struct timespec *time)
{
    return (int64_t)time->tv_sec * NEPH_NANO + time->tv_nsec;
}

void nephi_identity_take(nephi_identity *identity, const struct stat *info)
{
    identity->device = (int64_t)info->st_dev;
    identity->inode = (int64_t)info->st_ino;
    identity->size_bytes = (int64_t)info->st_size;
    identity->modified_ns = nanoseconds(&info->st_mtim);
}

int nephi_source_begin(neph_transfer *transfer)
{
    nephi_end *from = &transfer->from;
    struct stat info;
    off_t place = 0;
    if (from->path) {
        from->fd = open(from->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        from->owns_fd = from->fd >= 0;
    }
    if (from->fd < 0)
        return file_failure(transfer, from, "opened");
    if (fstat(from->fd, &info))
        return file_failure(transfer, from, "read");
    if (S_ISDIR(info.st_mode))
        return is_a_directory(transfer, from);
    if (!S_ISREG(info.st_mode))
        return 0;
    if (!from->path && (place = lseek(from->fd, 0, SEEK_CUR)) < 0)
        return file_failure(transfer, from, "read");
    nephi_identity_take(&from->identity, &info);
    from->kind = NEPHI_END_FILE;
    from->mode = info.st_mode & NEPHI_PERMISSIONS;
    from->start = (int64_t)place;
    from->size_bytes = info.st_size > place ? (int64_t)info.st_size - (int64_t)place : 0;
    from->modified_ns = from->identity.modified_ns;
    return 0;
}

/* What went in one request is there already. */
static const char *source_advice(const neph_transfer *transfer)
{
    return transfer->is_made ? "; its object may be of both: send it again" : "";
}

int nephi_source_confirm(neph_transfer *transfer)
{
    const nephi_end *from = &transfer->from;
    nephi_identity now;
    struct stat info;
    if (from->kind != NEPHI_END_FILE)
        return 0;
    if (fstat(from->fd, &info))
        return file_failure(transfer, from, "read");
    nephi_identity_take(&now, &info);
    if (memcmp(&now, &from->identity, sizeof now) == 0)
        return 0;
    transfer->is_spoilt = 1;
    if (now.size_bytes != from->identity.size_bytes)
        return nephi_fail(
            &transfer->error, NEPH_INTEGRITY,
            "%s had %lld bytes and has %lld now: it was written to while it was sent%s",
            nephi_end_name(from), (long long)from->identity.size_bytes, (long long)now.size_bytes,
            source_advice(transfer));
    return nephi_fail(&transfer->error, NEPH_INTEGRITY, "%s was written to while it was sent%s",
                      nephi_end_name(from), source_advice(transfer));
}

/* ---- a file that is written */

int nephi_destination_begin(neph_transfer *transfer)
{
    nephi_end *to = &transfer->to;
    struct stat info;
    if (!to->path)
        return 0;
    if (stat(to->path, &info)) {
        to->kind = NEPHI_END_FILE; /* what is wrong with it is told when it is made */
        return 0;
    }
    if (S_ISDIR(info.st_mode))
        return is_a_directory(transfer, to);
    if (S_ISREG(info.st_mode)) {
        to->kind = NEPHI_END_FILE;
        to->mode = info.st_mode & NEPHI_PERMISSIONS;
        return 0;
    }
    to->fd = open(to->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    to->owns_fd = to->fd >= 0;
    return to->fd < 0 ? file_failure(transfer, to, "written") : 0;
}

/* A name beside the destination, so that rename() stays within one file system. NULL: no memory,
 * or no random bytes. */
static char *name_make(neph_transfer *transfer)
{
    const char *path = transfer->to.path, *slash = strrchr(path, '/');
    int directory = slash ? (int)(slash + 1 - path) : 0;
    size_t size = (size_t)directory + 32;
    char *name = nephi_arena_alloc(&transfer->arena, size);
    uint64_t random;
    if (!name || getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
        return NULL;
    snprintf(name, size, "%.*s.neph-%016llx", directory, path, (unsigned long long)random);
    return name;
}

/* What the file that is written begins with: never more than it will have, but that it can be taken up again. */
static mode_t first_mode(const neph_transfer *transfer)
{
    if (transfer->to.mode >= 0)
        return (mode_t)transfer->to.mode | S_IRUSR | S_IWUSR;
    return transfer->from.kind == NEPHI_END_FILE ? (mode_t)transfer->from.mode : 0666;
}

/* A file that has no name until it is whole: whatever ends this process, nothing is left of it.
 * -1: not on this system. */
static int nameless_open(const neph_transfer *transfer)
{
#ifdef O_TMPFILE
    nephi_naming *naming = &transfer->host->naming;
    const char *path = transfer->to.path, *slash = strrchr(path, '/');
    char directory[4096] = ".";
    if (slash && (size_t)(slash - path) + 2 > sizeof directory)
        return -1;
    if (slash)
        snprintf(directory, sizeof directory, "%.*s", (int)(slash - path) + 1, path);
    if (*naming == NEPHI_NAMING_UNKNOWN)
        *naming = access("/proc/self/fd", X_OK) == 0 ? NEPHI_NAMING_PLAIN : NEPHI_NAMING_NONE;
    if (*naming != NEPHI_NAMING_NONE)
        return open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, first_mode(transfer));
#endif
    (void)transfer;
    return -1;
}

/* The process's umask applies. What a journal tells of needs a name. */
int nephi_destination_create(neph_transfer *transfer)
{
    nephi_end *to = &transfer->to;
    char *name = NULL;
    if (!transfer->journal)
        to->fd = nameless_open(transfer);
    for (int tries = 0; to->fd < 0 && tries < 100; tries++) {
        name = name_make(transfer);
        if (!name)
            return nephi_fail_memory(&transfer->error);
        to->fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, first_mode(transfer));
        if (to->fd < 0 && errno != EEXIST)
            break;
    }
    if (to->fd < 0)
        return file_failure(transfer, to, "written");
    to->owns_fd = 1;
    transfer->temporary = name;
    return 0;
}

static int name_link(const neph_transfer *transfer, const char *name)
{
    int fd = (int)transfer->to.fd;
    char link[32];
#ifdef AT_EMPTY_PATH
    if (transfer->host->naming == NEPHI_NAMING_PLAIN) {
        int rc = linkat(fd, "", AT_FDCWD, name, AT_EMPTY_PATH);
        if (rc == 0 || errno == EEXIST)
            return rc;
    }
#endif
    transfer->host->naming = NEPHI_NAMING_PROC;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    return linkat(AT_FDCWD, link, AT_FDCWD, name, AT_SYMLINK_FOLLOW);
}

/* What had no name gets the destination's, or where that is taken one beside it. */
static int name_give(neph_transfer *transfer)
{
    char *name;
    if (name_link(transfer, transfer->to.path) == 0)
        return 0;
    if (errno != EEXIST)
        return file_failure(transfer, &transfer->to, "written");
    name = name_make(transfer);
    if (!name)
        return nephi_fail_memory(&transfer->error);
    if (name_link(transfer, name))
        return file_failure(transfer, &transfer->to, "written");
    transfer->temporary = name;
    return 0;
}

int nephi_destination_write(neph_transfer *transfer, const void *data, size_t size)
{
    struct pollfd ready = {.fd = transfer->to.fd, .events = POLLOUT};
    const char *at = data;
    while (size) {
        ssize_t count = write(ready.fd, at, size);
        if (count < 0 && (errno == EINTR || (errno == EAGAIN && poll(&ready, 1, -1) >= 0)))
            continue;
        if (count <= 0)
            return nephi_fail(&transfer->error, NEPH_FILE, "the output cannot be written: %s",
                              strerror(errno));
        at += count;
        size -= (size_t)count;
    }
    return 0;
}

/* The file it was made from, if the cloud kept its time; else the object's own. */
static int time_set(neph_transfer *transfer)
{
    int64_t ns = transfer->from.local_modified_ns;
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}};
    if (ns == NEPH_UNKNOWN)
        ns = transfer->from.modified_ns;
    if (!transfer->options.keep_times || ns == NEPH_UNKNOWN)
        return 0;
    times[1].tv_sec = (time_t)(ns / NEPH_NANO - (ns % NEPH_NANO < 0));
    times[1].tv_nsec = (long)(((ns % NEPH_NANO) + NEPH_NANO) % NEPH_NANO);
    return futimens(transfer->to.fd, times);
}

/* Those of the file that is replaced, whatever the umask. */
static int mode_set(const neph_transfer *transfer)
{
    const nephi_end *to = &transfer->to;
    struct stat info;
    if (to->mode < 0)
        return 0;
    if (fstat(to->fd, &info))
        return -1;
    return (int)(info.st_mode & NEPHI_PERMISSIONS) == to->mode ? 0
                                                               : fchmod(to->fd, (mode_t)to->mode);
}

int nephi_destination_commit(neph_transfer *transfer)
{
    nephi_end *to = &transfer->to;
    int is_closed;
    if (mode_set(transfer))
        return file_failure(transfer, to, "given its permissions");
    if (time_set(transfer))
        return file_failure(transfer, to, "given its time");
    if (transfer->journal && fdatasync(to->fd))
        return file_failure(transfer, to, "written");
    if (!transfer->temporary && name_give(transfer))
        return transfer->error.status;
    is_closed = close(to->fd) == 0;
    to->fd = -1;
    to->owns_fd = 0;
    if (!is_closed || (transfer->temporary && rename(transfer->temporary, to->path)))
        return file_failure(transfer, to, "written");
    transfer->temporary = NULL;
    return 0;
}

void nephi_destination_remove(neph_transfer *transfer)
{
    if (transfer->temporary && nephi_host_is_own(transfer->host))
        unlink(transfer->temporary);
    transfer->temporary = NULL;
}

/* ---- objects */

neph_call *nephi_end_head(const nephi_end *end)
{
    neph_call *call = neph_call_new(end->cloud, NEPH_OP_OBJECT_HEAD);
    (void)neph_call_set_string(call, NEPH_OBJECT_BUCKET, end->bucket);
    (void)neph_call_set_string(call, NEPH_OBJECT_KEY, end->key);
    (void)neph_call_set_string(call, NEPH_OBJECT_VERSION, end->version);
    (void)neph_call_start(call); /* a failure is the call's */
    return call;
}

int nephi_end_learn(neph_transfer *transfer, nephi_end *end, const neph_object *object)
{
    if (object->size_bytes >= 0)
        end->size_bytes = object->size_bytes;
    end->modified_ns = object->modified_ns;
    end->local_modified_ns = object->local_modified_ns;
    end->etag = nephi_transfer_text(transfer, object->etag);
    end->checksum = nephi_transfer_text(transfer, object->checksum);
    end->content_type = nephi_transfer_text(transfer, object->content_type);
    end->metadata = nephi_transfer_pairs(transfer, object->metadata, object->metadata_count);
    end->metadata_count = end->metadata ? object->metadata_count : 0;
    return transfer->error.status;
}
