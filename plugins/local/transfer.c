/*
 * transfer.c - bytes on their way into a bucket or out of it: an object that is read, a new file that is written in the hidden
 * directory, and the moment when it takes the object's place.
 */
#include "local.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#define PLACE_TRIES 16 /* the directory may be pruned, or made, meanwhile */
#define COPY_MAX (8 << 20)
#define LOCKED_MS 2 /* before somebody else's lock is tried again */

int32_t local_transfer_get(neph_call *call, local_transfer **out)
{
    *out = neph_call_memory(call, sizeof **out);
    return *out ? 0 : neph_fail(call, NEPH_NO_MEMORY, "out of memory");
}

void local_transfer_finish(neph_call *call)
{
    local_transfer *move = neph_call_memory(call, sizeof *move);
    if (!move)
        return;
    if (move->new_name[0])
        unlinkat(local_fd_get(&move->hidden), move->new_name, 0);
    local_fd_close(&move->target);
    local_fd_close(&move->place);
    local_fd_close(&move->from.fd);
    local_fd_close(&move->hidden);
    local_fd_close(&move->bucket);
    move->new_name[0] = '\0';
}

/* ---- out of it */

int32_t local_source_open(neph_call *call, local_transfer *move, const char *bucket,
                          const char *key)
{
    local_fd directory = {0};
    int error = 0;
    int32_t rc = local_path(call, move->path, key);
    if (!rc)
        rc = local_bucket_open(call, bucket, &directory);
    if (!rc)
        error = local_object_find(local_fd_get(&directory), move->path, &move->from);
    if (error)
        rc = local_fail(call, error, "open object", key);
    if (!rc) {
        local_meta_read(call, local_fd_get(&directory), key, &move->from, move->meta);
        local_meta_etag(move->meta, &move->from.info, move->etag);
        move->end = move->from.info.st_size;
    }
    local_fd_close(&directory);
    return rc;
}

int32_t local_source_range(neph_call *call, local_transfer *move)
{
    int64_t offset = neph_argument_integer(call, NEPH_RANGE_OFFSET);
    int64_t length = neph_argument_integer(call, NEPH_RANGE_LENGTH);
    int64_t size = move->from.info.st_size;
    offset = offset == NEPH_UNKNOWN ? 0 : offset;
    length = length == NEPH_UNKNOWN ? 0 : length;
    if (!offset && !length)
        return 0;
    if (length < 0 || (offset < 0 && length) || (offset > 0 && length > INT64_MAX - offset))
        return neph_fail(
            call, NEPH_INVALID,
            "no such range: a length is positive, and not together with an offset from the end");
    if (offset >= size || size == 0)
        return neph_fail(call, NEPH_INVALID, "the range begins behind the object's end at %lld",
                         (long long)size);
    move->at = offset >= 0 ? offset : size > -offset ? size + offset : 0;
    if (length && length < size - move->at)
        move->end = move->at + length;
    return 0;
}

static int32_t source_shrunk(neph_call *call, const char *key)
{
    return neph_fail(call, NEPH_INTEGRITY, "the object \"%.200s\" became shorter while it was read",
                     key);
}

int32_t local_source_read(neph_call *call, local_transfer *move, const char *key)
{
    int64_t left = move->end - move->at;
    size_t size = left < LOCAL_BUFFER ? (size_t)left : LOCAL_BUFFER;
    ssize_t count = pread(local_fd_get(&move->from.fd), move->buffer, size, (off_t)move->at);
    if (count < 0)
        return local_fail(call, errno, "read object", key);
    if (count == 0)
        return source_shrunk(call, key);
    move->at += count;
    move->held = (size_t)count;
    return 0;
}

/* ---- into it */

int32_t local_target_open(neph_call *call, local_transfer *move)
{
    const char *key = neph_argument(call, NEPH_OBJECT_KEY);
    int error = 0;
    int32_t rc = local_path(call, move->path, key);
    if (!rc)
        rc = local_bucket_open(call, neph_argument(call, NEPH_OBJECT_BUCKET), &move->bucket);
    if (!rc)
        error = local_hidden_open(local_fd_get(&move->bucket), &move->hidden);
    if (error)
        rc = local_fail(call, error, "write object", key);
    if (!rc)
        rc = local_temporary_open(call, local_fd_get(&move->hidden), move->new_name, &move->target);
    local_target_begin(move);
    return rc;
}

void local_target_begin(local_transfer *move)
{
    neph_md5_init(&move->md5);
    move->etag[0] = '\0';
    move->is_open = 1;
}

int32_t local_target_write(neph_call *call, local_transfer *move, size_t size)
{
    size_t done = 0;
    neph_md5_update(&move->md5, move->buffer, size);
    while (done < size) {
        ssize_t count = write(local_fd_get(&move->target), move->buffer + done, size - done);
        if (count < 0 && errno != EINTR)
            return local_fail(call, errno, "write object", neph_argument(call, NEPH_OBJECT_KEY));
        done += count > 0 ? (size_t)count : 0;
    }
    move->held = 0;
    return 0;
}

void local_target_digest(local_transfer *move)
{
    unsigned char bytes[16];
    neph_text hex;
    if (move->etag[0])
        return;
    neph_md5_final(&move->md5, bytes);
    neph_text_init(&hex, move->etag, sizeof move->etag);
    neph_text_add_hex(&hex, bytes, sizeof bytes);
}

/* Bytes that need not be looked at: the file system may share them. 0: it cannot. */
static int64_t range_copy(local_transfer *move, int64_t size)
{
#ifdef __linux__
    off_t at = (off_t)move->at;
    ssize_t count = copy_file_range(local_fd_get(&move->from.fd), &at, local_fd_get(&move->target),
                                    NULL, (size_t)size, 0);
    if (count >= 0)
        return count;
    if (errno != EXDEV && errno != ENOSYS && errno != EOPNOTSUPP && errno != EINVAL)
        return -1;
#endif
    (void)move;
    (void)size;
    return 0;
}

int32_t local_target_copy(neph_call *call, local_transfer *move, const char *key)
{
    int64_t left = move->end - move->at;
    int64_t count = range_copy(move, left < COPY_MAX ? left : COPY_MAX);
    int32_t rc = 0;
    if (count < 0)
        return local_fail(call, errno, "write object", neph_argument(call, NEPH_OBJECT_KEY));
    move->at += count;
    for (int done = 0; !count && !rc && move->at < move->end && done < LOCAL_SLICE;
         done += LOCAL_BUFFER) {
        rc = local_source_read(call, move, key);
        if (!rc)
            rc = local_target_write(call, move, move->held);
    }
    return rc;
}

/* Renames the new file to where the object belongs, in whatever state the directories are. */
static int target_rename(local_transfer *move, local_fd *directory)
{
    int error = EBUSY;
    size_t leaf = local_leaf(move->path);
    char name[LOCAL_NAME_MAX + 1];
    for (int tries = 0; error && tries < PLACE_TRIES; tries++) {
        local_fd_close(directory);
        error = local_directory_open(local_fd_get(&move->bucket), move->path, leaf ? leaf - 1 : 0,
                                     1, directory);
        if (error && error != ENOENT)
            return error;
        if (error)
            continue;
        local_object_name(local_fd_get(directory), move->path + leaf, name);
        error = renameat(local_fd_get(&move->hidden), move->new_name, local_fd_get(directory), name)
                    ? errno
                    : 0;
        if (error && error != ENOENT && error != EISDIR && error != ENOTEMPTY && error != EEXIST)
            return error;
    }
    return error;
}

int32_t local_lock(neph_call *call, const local_fd *hidden)
{
    if (!flock(local_fd_get(hidden), LOCK_EX | LOCK_NB) || errno != EWOULDBLOCK)
        return 0; /* a file system without locks has none to wait for */
    neph_again(call, 0, LOCKED_MS);
    return NEPH_AGAIN;
}

void local_unlock(const local_fd *hidden)
{
    flock(local_fd_get(hidden), LOCK_UN);
}

/* ---- the end, in steps: between them others get as far, so that one write of the file system's own journal serves many */

static int32_t meta_step(neph_call *call, local_transfer *move, const char *rest)
{
    int32_t rc = local_meta_write(call, move, rest);
#ifdef __linux__
    if (!rc) /* begun here, waited for in the next step; what cannot be begun is done there */
        (void)sync_file_range(local_fd_get(&move->target), 0, 0, SYNC_FILE_RANGE_WRITE);
#endif
    return rc;
}

/* What it is now and what it shall be are one moment for everybody else. */
static int32_t target_place(neph_call *call, local_transfer *move)
{
    int error = 0;
    int32_t rc = local_lock(call, &move->hidden);
    if (rc)
        return rc;
    rc = local_condition_target(call, local_fd_get(&move->bucket), move->path);
    if (!rc)
        error = target_rename(move, &move->place);
    local_unlock(&move->hidden);
    return error ? local_fail(call, error, "write object", neph_argument(call, NEPH_OBJECT_KEY))
                 : rc;
}

static int32_t place_step(neph_call *call, local_transfer *move, const char *rest)
{
    int file = local_fd_get(&move->target);
    int32_t rc;
    (void)rest;
    if (fsync(file) || fstat(file, &move->made))
        return local_fail(call, errno, "write object", neph_argument(call, NEPH_OBJECT_KEY));
    rc = target_place(call, move);
    if (!rc)
        move->new_name[0] = '\0';
    return rc;
}

static int32_t sync_step(neph_call *call, local_transfer *move, const char *rest)
{
    (void)rest;
    if (fsync(local_fd_get(&move->place)))
        return local_fail(call, errno, "write object", neph_argument(call, NEPH_OBJECT_KEY));
    return 0;
}

int32_t local_target_close(neph_call *call, local_transfer *move, const char *rest)
{
    static int32_t (*const steps[])(neph_call *, local_transfer *,
                                    const char *) = {meta_step, place_step, sync_step};
    int32_t rc = steps[move->closing](call, move, rest);
    if (rc)
        return rc;
    if (++move->closing < NEPH_COUNT(steps))
        return NEPH_AGAIN;
    return local_object_emit(call, &move->made, move->meta);
}

int32_t local_object_emit(neph_call *call, const struct stat *info, char *meta)
{
    int32_t rc = local_meta_emit(call, neph_argument(call, NEPH_OBJECT_KEY), info, meta, 0);
    return rc == NEPH_AGAIN ? 0 : rc;
}
