/*
 * object.c - objects as files: head, get, put, copy, delete. list.c lists them.
 */
#include "local.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define SLICE_DELETIONS 32 /* before the host gets its turn */

static const char *key_of(const neph_call *call)
{
    return neph_argument(call, NEPH_OBJECT_KEY);
}

/* Opens the object that the call is about, if its conditions hold. */
static int32_t own_open(neph_call *call, local_transfer *move)
{
    int32_t rc =
        local_source_open(call, move, neph_argument(call, NEPH_OBJECT_BUCKET), key_of(call));
    return rc ? rc : local_condition_source(call, move);
}

/* ---- head, get */

int32_t local_object_head(neph_call *call)
{
    local_transfer *move;
    int32_t rc = local_transfer_get(call, &move);
    if (!rc)
        rc = own_open(call, move);
    return rc ? rc : local_object_emit(call, &move->from.info, move->meta);
}

int32_t local_object_get(neph_call *call)
{
    local_transfer *move;
    int32_t rc = local_transfer_get(call, &move);
    if (!rc && !move->is_open) {
        rc = own_open(call, move);
        if (!rc)
            rc = local_source_range(call, move);
        move->is_open = 1;
    }
    for (int done = 0; !rc && (move->held || move->at < move->end); done += LOCAL_BUFFER) {
        if (done >= LOCAL_SLICE)
            return NEPH_AGAIN;
        if (!move->held)
            rc = local_source_read(call, move, key_of(call));
        if (!rc)
            rc = (int32_t)neph_sink_write(call, move->buffer, move->held);
        if (!rc)
            move->held = 0;
    }
    return rc ? rc : local_object_emit(call, &move->from.info, move->meta);
}

/* ---- put and copy: a new file, then the old one's place */

int32_t local_source_write(neph_call *call, local_transfer *move)
{
    int32_t rc = 0;
    for (int done = 0; !rc; done += LOCAL_BUFFER) {
        int64_t count;
        if (done >= LOCAL_SLICE)
            return NEPH_AGAIN;
        count = neph_source_read(call, move->buffer, sizeof move->buffer);
        if (count == 0)
            break;
        rc = count < 0 ? (int32_t)count : local_target_write(call, move, (size_t)count);
    }
    return rc;
}

int32_t local_object_put(neph_call *call)
{
    local_transfer *move;
    int32_t rc = local_transfer_get(call, &move);
    if (!rc && !move->is_open)
        rc = local_target_open(call, move);
    if (!rc && !move->is_whole)
        rc = local_source_write(call, move);
    if (rc)
        return rc;
    move->is_whole = 1;
    if (!move->closing) {
        local_target_digest(move);
        local_sum_set(move, neph_body_checksum(call));
        rc = local_meta_facts(call, "", 0, move->meta);
    }
    return rc ? rc : local_target_close(call, move, move->meta);
}

/* The ETag stays with the bytes, where it is known; else it is taken of them. */
static int32_t copy_open(neph_call *call, local_transfer *move)
{
    char etag[LOCAL_ETAG_MAX];
    int32_t rc = local_source_open(call, move, neph_argument(call, NEPH_COPY_BUCKET),
                                   neph_argument(call, NEPH_COPY_KEY));
    if (!rc)
        rc = local_condition_source(call, move);
    memcpy(etag, move->etag, sizeof etag);
    if (!rc)
        rc = local_target_open(call, move);
    if (rc)
        return rc;
    memcpy(move->etag, etag, sizeof etag);
    return local_meta_facts(call, move->meta, etag[0] != '\0', move->meta);
}

/* Bytes that changed while they were copied have another ETag than that which goes with them. */
static int32_t copy_check(neph_call *call, const local_transfer *move)
{
    struct stat now;
    if (fstat(local_fd_get(&move->from.fd), &now))
        return local_fail(call, errno, "read object", neph_argument(call, NEPH_COPY_KEY));
    if (now.st_size == move->from.info.st_size &&
        now.st_mtim.tv_sec == move->from.info.st_mtim.tv_sec &&
        now.st_mtim.tv_nsec == move->from.info.st_mtim.tv_nsec)
        return 0;
    return neph_fail(call, NEPH_INTEGRITY, "the object \"%.200s\" changed while it was copied",
                     neph_argument(call, NEPH_COPY_KEY));
}

/* One piece of it. */
static int32_t copy_step(neph_call *call, local_transfer *move)
{
    const char *key = neph_argument(call, NEPH_COPY_KEY);
    int32_t rc;
    if (move->etag[0])
        return local_target_copy(call, move, key);
    rc = local_source_read(call, move, key);
    return rc ? rc : local_target_write(call, move, move->held);
}

int32_t local_object_copy(neph_call *call)
{
    local_transfer *move;
    int32_t rc = local_transfer_get(call, &move);
    if (!rc && !move->is_open)
        rc = copy_open(call, move);
    for (int64_t from = rc ? 0 : move->at; !rc && move->at < move->end;) {
        if (move->at - from >= LOCAL_SLICE)
            return NEPH_AGAIN;
        rc = copy_step(call, move);
    }
    if (!rc && !move->is_whole)
        rc = copy_check(call, move);
    if (rc)
        return rc;
    move->is_whole = 1;
    local_target_digest(move);
    return local_target_close(call, move, move->meta);
}

/* ---- delete: of an object that is not there, no failure, as in S3. What power loss brings back can be deleted again, so that
 * nothing is waited for */

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
    local_fd_close(&found.fd);
    local_fd_close(&directory);
    if (error)
        return error == ENOENT || error == ENOTDIR || error == ELOOP ? 0 : error;
    if (leaf)
        local_directory_prune(bucket, path, leaf - 1);
    return 0;
}

/* With conditions: what it is and what becomes of it are one moment for everybody else. */
static int32_t condition_remove(neph_call *call, local_transfer *move, int *error)
{
    int32_t rc;
    local_fd_close(&move->hidden);
    *error = local_hidden_open(local_fd_get(&move->bucket), &move->hidden);
    rc = *error ? 0 : local_lock(call, &move->hidden);
    if (rc || *error)
        return rc;
    rc = local_condition_target(call, local_fd_get(&move->bucket), move->path);
    if (!rc)
        *error = object_remove(local_fd_get(&move->bucket), move->path);
    local_unlock(&move->hidden);
    return rc;
}

int32_t local_object_delete(neph_call *call)
{
    local_transfer *move;
    int error = 0;
    int32_t rc = local_transfer_get(call, &move);
    if (!rc)
        rc = local_path(call, move->path, key_of(call));
    if (!rc && !move->is_open)
        rc = local_bucket_open(call, neph_argument(call, NEPH_OBJECT_BUCKET), &move->bucket);
    if (rc)
        return rc;
    move->is_open = 1;
    if (neph_argument(call, NEPH_IF_MATCH))
        rc = condition_remove(call, move, &error);
    else
        error = object_remove(local_fd_get(&move->bucket), move->path);
    if (error)
        rc = local_fail(call, error, "delete object", key_of(call));
    if (!rc)
        local_meta_remove(call, local_fd_get(&move->bucket), key_of(call));
    return rc;
}

/* ---- delete many: those that could not be are the results */

typedef struct deletion {
    int32_t is_open;
    local_fd bucket;
    uint32_t at;
    char path[LOCAL_PATH_MAX];
} deletion;

void local_object_delete_many_finish(neph_call *call)
{
    deletion *many = neph_call_memory(call, sizeof *many);
    if (many)
        local_fd_close(&many->bucket);
}

static int32_t failure_emit(neph_call *call, const char *key, int error)
{
    neph_record *record = neph_record_new(call, NEPH_KIND_OBJECT);
    int32_t rc;
    if (!record)
        return neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    rc = neph_record_set(record, NEPH_OBJECT_KEY, key);
    if (!rc)
        rc = neph_record_set(record, NEPH_RESULT_ERROR_CODE, local_error_code(error));
    if (!rc)
        rc = neph_record_set(record, NEPH_RESULT_ERROR_MESSAGE, local_error_text(error));
    return rc ? rc : neph_record_emit(call, record);
}

/* 0 or an errno. */
static int one_delete(neph_call *call, deletion *many, const char *key)
{
    size_t size = strlen(key);
    neph_text path;
    int error;
    if (!size || size > LOCAL_KEY_MAX)
        return size ? ENAMETOOLONG : EINVAL;
    neph_text_init(&path, many->path, sizeof many->path);
    local_path_write(&path, key, size);
    error = path.status ? ENAMETOOLONG : object_remove(local_fd_get(&many->bucket), many->path);
    if (!error)
        local_meta_remove(call, local_fd_get(&many->bucket), key);
    return error;
}

static int32_t deletion_open(neph_call *call, deletion *many)
{
    const char *name, *key;
    int32_t rc = local_bucket_open(call, neph_argument(call, NEPH_OBJECT_BUCKET), &many->bucket);
    if (!rc && neph_argument_pair(call, NEPH_OBJECT_KEYS, LOCAL_DELETE_MAX, &name, &key))
        rc = neph_fail(call, NEPH_LIMIT, "delete %d objects at once at most", LOCAL_DELETE_MAX);
    many->is_open = !rc;
    return rc;
}

int32_t local_object_delete_many(neph_call *call)
{
    deletion *many = neph_call_memory(call, sizeof *many);
    const char *name, *key;
    int32_t rc = many ? 0 : neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    if (!rc && !many->is_open)
        rc = deletion_open(call, many);
    for (int i = 0; !rc; i++) {
        int error;
        if (!neph_argument_pair(call, NEPH_OBJECT_KEYS, many->at, &name, &key))
            return 0;
        if (i == SLICE_DELETIONS)
            return NEPH_AGAIN;
        many->at++;
        error = one_delete(call, many, key);
        if (error)
            rc = failure_emit(call, key, error);
    }
    return rc;
}
