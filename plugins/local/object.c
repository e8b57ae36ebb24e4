/*
 * object.c - objects as files: head, get, put, copy, delete. list.c lists them.
 */
#include "local.h"

#include <neph/kit/md5.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define PLACE_TRIES 16 /* the directory may be pruned, or made, meanwhile */

/* One call under way. */
typedef struct transfer {
    int32_t is_open;
    local_fd bucket; /* where the object is or will be */
    local_fd hidden;
    local_fd target;   /* the new file, in hidden under the name new_name */
    local_object from; /* the object that is read */
    neph_md5 md5;
    int64_t at;  /* next byte to read of from */
    int64_t end; /* behind the last one */
    size_t held; /* bytes in the buffer that the sink has not taken */
    char new_name[64];
    char path[LOCAL_PATH_MAX];
    char meta[LOCAL_META_MAX];
    char buffer[LOCAL_BUFFER];
} transfer;

static int32_t transfer_get(neph_call *call, transfer **out)
{
    *out = neph_call_memory(call, sizeof **out);
    return *out ? 0 : neph_fail(call, NEPH_NO_MEMORY, "out of memory");
}

void local_object_finish(neph_call *call)
{
    transfer *move = neph_call_memory(call, sizeof *move);
    if (!move)
        return;
    if (move->new_name[0])
        unlinkat(local_fd_get(&move->hidden), move->new_name, 0);
    local_fd_close(&move->target);
    local_fd_close(&move->from.fd);
    local_fd_close(&move->hidden);
    local_fd_close(&move->bucket);
    move->new_name[0] = '\0';
}

static const char *key_of(const neph_call *call)
{
    return neph_argument(call, NEPH_OBJECT_KEY);
}

/* Opens an object for reading and reads what is kept about it. */
static int32_t source_open(neph_call *call, transfer *move, const char *bucket, const char *key)
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
        move->end = move->from.info.st_size;
    }
    local_fd_close(&directory);
    return rc;
}

static int32_t last_emit(neph_call *call, transfer *move, const struct stat *info)
{
    int32_t rc = local_meta_emit(call, key_of(call), info, move->meta, 0);
    return rc == NEPH_AGAIN ? 0 : rc;
}

/* ---- head */

int32_t local_object_head(neph_call *call)
{
    transfer *move;
    int32_t rc = transfer_get(call, &move);
    if (!rc)
        rc = source_open(call, move, neph_argument(call, NEPH_OBJECT_BUCKET), key_of(call));
    return rc ? rc : last_emit(call, move, &move->from.info);
}

/* ---- get */

/* The bytes that the range means, as S3 reads it. */
static int32_t range_set(neph_call *call, transfer *move)
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

/* Fills the buffer from the file. */
static int32_t buffer_fill(neph_call *call, transfer *move)
{
    int64_t left = move->end - move->at;
    size_t size = left < LOCAL_BUFFER ? (size_t)left : LOCAL_BUFFER;
    ssize_t count = pread(local_fd_get(&move->from.fd), move->buffer, size, (off_t)move->at);
    if (count < 0)
        return local_fail(call, errno, "read object", key_of(call));
    if (count == 0)
        return neph_fail(call, NEPH_INTEGRITY,
                         "the object \"%.200s\" became shorter while it was read", key_of(call));
    move->at += count;
    move->held = (size_t)count;
    return 0;
}

int32_t local_object_get(neph_call *call)
{
    transfer *move;
    int32_t rc = transfer_get(call, &move);
    if (!rc && !move->is_open) {
        rc = source_open(call, move, neph_argument(call, NEPH_OBJECT_BUCKET), key_of(call));
        if (!rc)
            rc = range_set(call, move);
        move->is_open = 1;
    }
    for (int done = 0; !rc && (move->held || move->at < move->end); done += LOCAL_BUFFER) {
        if (done >= LOCAL_SLICE)
            return NEPH_AGAIN;
        if (!move->held)
            rc = buffer_fill(call, move);
        if (!rc)
            rc = (int32_t)neph_sink_write(call, move->buffer, move->held);
        if (!rc)
            move->held = 0;
    }
    return rc ? rc : last_emit(call, move, &move->from.info);
}

/* ---- put and copy: a new file, then the old one's place */

static int32_t target_open(neph_call *call, transfer *move)
{
    int error = 0;
    int32_t rc = local_path(call, move->path, key_of(call));
    if (!rc)
        rc = local_bucket_open(call, neph_argument(call, NEPH_OBJECT_BUCKET), &move->bucket);
    if (!rc)
        error = local_hidden_open(local_fd_get(&move->bucket), &move->hidden);
    if (error)
        rc = local_fail(call, error, "write object", key_of(call));
    if (!rc)
        rc = local_temporary_open(call, local_fd_get(&move->hidden), move->new_name, &move->target);
    neph_md5_init(&move->md5);
    move->is_open = !rc;
    return rc;
}

static int32_t target_write(neph_call *call, transfer *move, size_t size)
{
    size_t done = 0;
    neph_md5_update(&move->md5, move->buffer, size);
    while (done < size) {
        ssize_t count = write(local_fd_get(&move->target), move->buffer + done, size - done);
        if (count < 0 && errno != EINTR)
            return local_fail(call, errno, "write object", key_of(call));
        done += count > 0 ? (size_t)count : 0;
    }
    return 0;
}

/* Renames the new file to where the object belongs, in whatever state the directories are. */
static int target_place(transfer *move)
{
    int error = EBUSY;
    size_t leaf = local_leaf(move->path);
    char name[LOCAL_NAME_MAX + 1];
    for (int tries = 0; error && tries < PLACE_TRIES; tries++) {
        local_fd directory = {0};
        error = local_directory_open(local_fd_get(&move->bucket), move->path, leaf ? leaf - 1 : 0,
                                     1, &directory);
        if (error && error != ENOENT)
            return error;
        if (error)
            continue;
        local_object_name(local_fd_get(&directory), move->path + leaf, name);
        if (renameat(local_fd_get(&move->hidden), move->new_name, local_fd_get(&directory), name))
            error = errno;
        else if (fsync(local_fd_get(&directory)))
            error = errno;
        local_fd_close(&directory);
        if (error && error != ENOENT && error != EISDIR && error != ENOTEMPTY && error != EEXIST)
            return error;
    }
    return error;
}

/* rest: what is kept about the object besides its ETag. */
static int32_t target_close(neph_call *call, transfer *move, const char *rest)
{
    int file = local_fd_get(&move->target);
    unsigned char bytes[16];
    char etag[33];
    neph_text hex;
    struct stat info;
    int error;
    int32_t rc;
    neph_md5_final(&move->md5, bytes);
    neph_text_init(&hex, etag, sizeof etag);
    neph_text_add_hex(&hex, bytes, sizeof bytes);
    rc = local_meta_write(call, local_fd_get(&move->bucket), key_of(call), file, etag, rest,
                          move->meta);
    if (rc)
        return rc;
    if (fsync(file) || fstat(file, &info))
        return local_fail(call, errno, "write object", key_of(call));
    error = target_place(move);
    if (error)
        return local_fail(call, error, "write object", key_of(call));
    move->new_name[0] = '\0';
    return last_emit(call, move, &info);
}

int32_t local_object_put(neph_call *call)
{
    transfer *move;
    neph_text text;
    int32_t rc = transfer_get(call, &move);
    if (!rc && !move->is_open)
        rc = target_open(call, move);
    for (int done = 0; !rc; done += LOCAL_BUFFER) {
        int64_t count;
        if (done >= LOCAL_SLICE)
            return NEPH_AGAIN;
        count = neph_source_read(call, move->buffer, sizeof move->buffer);
        if (count == 0)
            break;
        rc = count < 0 ? (int32_t)count : target_write(call, move, (size_t)count);
    }
    if (rc)
        return rc;
    neph_text_init(&text, move->meta, sizeof move->meta);
    rc = local_meta_arguments(call, &text);
    return rc ? rc : target_close(call, move, text.data);
}

/* ---- copy */

static int32_t copy_open(neph_call *call, transfer *move)
{
    int32_t rc = source_open(call, move, neph_argument(call, NEPH_COPY_BUCKET),
                             neph_argument(call, NEPH_COPY_KEY));
    return rc ? rc : target_open(call, move);
}

int32_t local_object_copy(neph_call *call)
{
    transfer *move;
    int32_t rc = transfer_get(call, &move);
    if (!rc && !move->is_open)
        rc = copy_open(call, move);
    for (int done = 0; !rc && move->at < move->end; done += LOCAL_BUFFER) {
        if (done >= LOCAL_SLICE)
            return NEPH_AGAIN;
        rc = buffer_fill(call, move);
        if (!rc)
            rc = target_write(call, move, move->held);
    }
    return rc ? rc : target_close(call, move, local_meta_rest(move->meta));
}

/* ---- delete: of an object that is not there, no failure, as in S3 */

static int object_remove(int bucket, const char *path)
{
    local_fd directory = {0};
    local_object found = {0};
    size_t leaf = local_leaf(path);
    int error = local_directory_open(bucket, path, leaf ? leaf - 1 : 0, 0, &directory);
    if (!error)
        error = local_object_open(local_fd_get(&directory), path + leaf, &found);
    if (!error && unlinkat(local_fd_get(&directory), found.name, 0))
        error = errno;
    if (!error && fsync(local_fd_get(&directory)))
        error = errno;
    local_fd_close(&found.fd);
    local_fd_close(&directory);
    if (error)
        return error == ENOENT || error == ENOTDIR || error == ELOOP ? 0 : error;
    if (leaf)
        local_directory_prune(bucket, path, leaf - 1);
    return 0;
}

int32_t local_object_delete(neph_call *call)
{
    transfer *move;
    int error = 0;
    int32_t rc = transfer_get(call, &move);
    if (!rc)
        rc = local_path(call, move->path, key_of(call));
    if (!rc)
        rc = local_bucket_open(call, neph_argument(call, NEPH_OBJECT_BUCKET), &move->bucket);
    if (!rc)
        error = object_remove(local_fd_get(&move->bucket), move->path);
    if (error)
        rc = local_fail(call, error, "delete object", key_of(call));
    if (!rc)
        local_meta_remove(call, local_fd_get(&move->bucket), key_of(call));
    return rc;
}
