/*
 * bucket.c - buckets as directories below the root: list, create, delete.
 */
#include "local.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define SLICE_NAMES 256   /* results delivered before the host gets its turn */
#define SLICE_REMOVALS 64 /* empty directories removed before the host gets its turn */

/* ---- list */

typedef struct bucket_list {
    char **names; /* sorted */
    size_t count;
    size_t capacity;
    size_t at;
    int is_read;
    local_fd root;
} bucket_list;

static int name_compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int name_keep(bucket_list *list, const char *name)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 64;
        char **names = realloc(list->names, capacity * sizeof *names);
        if (!names)
            return ENOMEM;
        list->names = names;
        list->capacity = capacity;
    }
    list->names[list->count] = strdup(name);
    return list->names[list->count] ? (list->count++, 0) : ENOMEM;
}

static int is_directory(int root, const char *name)
{
    struct stat info;
    return name[0] != '.' && !fstatat(root, name, &info, AT_SYMLINK_NOFOLLOW) &&
           S_ISDIR(info.st_mode);
}

static int names_read(bucket_list *list)
{
    int root = local_fd_get(&list->root);
    int fd = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    int error = directory ? 0 : errno;
    while (!error && (errno = 0, entry = readdir(directory)) != NULL)
        if (is_directory(root, entry->d_name))
            error = name_keep(list, entry->d_name);
    error = error ? error : directory ? errno : error;
    if (directory)
        closedir(directory);
    else if (fd >= 0)
        close(fd);
    if (list->count)
        qsort(list->names, list->count, sizeof *list->names, name_compare);
    list->is_read = 1;
    return error;
}

/* When a directory was made is known only where the file system keeps it. */
static int64_t created_ns(int root, const char *name)
{
#ifdef STATX_BTIME
    struct statx info;
    if (!statx(root, name, AT_SYMLINK_NOFOLLOW, STATX_BTIME, &info) &&
        (info.stx_mask & STATX_BTIME))
        return info.stx_btime.tv_sec * NEPH_NANO + info.stx_btime.tv_nsec;
#endif
    (void)root;
    (void)name;
    return NEPH_UNKNOWN;
}

static int32_t bucket_emit(neph_call *call, int root, const char *name)
{
    neph_record *record = neph_record_new(call, NEPH_KIND_BUCKET);
    int32_t rc;
    if (!record)
        return neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    rc = neph_record_set(record, NEPH_BUCKET_NAME, name);
    if (!rc)
        rc = neph_record_set_integer(record, NEPH_BUCKET_CREATED, created_ns(root, name));
    return rc ? rc : neph_record_emit(call, record);
}

int32_t local_bucket_list(neph_call *call)
{
    bucket_list *list = neph_call_memory(call, sizeof *list);
    int32_t rc = list ? 0 : neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    int error = 0;
    if (!rc && !list->is_read) {
        rc = local_root_open(call, 1, &list->root);
        error = rc ? 0 : names_read(list);
    }
    if (error)
        return local_fail(call, error, "read", neph_setting_string(neph_cloud_of(call), "root"));
    for (size_t i = 0; !rc && i < SLICE_NAMES && list->at < list->count; i++)
        rc = bucket_emit(call, local_fd_get(&list->root), list->names[list->at++]);
    return rc ? rc : list->at < list->count ? NEPH_AGAIN : 0;
}

void local_bucket_list_finish(neph_call *call)
{
    bucket_list *list = neph_call_memory(call, sizeof *list);
    if (!list)
        return;
    for (size_t i = 0; i < list->count; i++)
        free(list->names[i]);
    free(list->names);
    local_fd_close(&list->root);
    memset(list, 0, sizeof *list);
}

/* ---- create */

int32_t local_bucket_create(neph_call *call)
{
    const char *bucket = neph_argument(call, NEPH_BUCKET_NAME);
    local_fd root = {0};
    int32_t rc = local_bucket_check(call, bucket);
    if (!rc)
        rc = local_root_open(call, 0, &root);
    if (!rc && (mkdirat(local_fd_get(&root), bucket, 0777) || fsync(local_fd_get(&root))))
        rc = local_fail(call, errno, "create bucket", bucket);
    local_fd_close(&root);
    return rc;
}

/* ---- delete */

/* What stands in a directory: a subdirectory (its name in `name`), something else (EEXIST), or nothing (name empty). */
static int directory_look(int directory, char *name)
{
    int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    struct stat info;
    int error = 0;
    name[0] = '\0';
    if (!stream) {
        error = errno;
        if (fd >= 0)
            close(fd);
        return error;
    }
    while (!error && !name[0] && (entry = readdir(stream)) != NULL) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") ||
            !strcmp(entry->d_name, LOCAL_HIDDEN))
            continue;
        if (fstatat(directory, entry->d_name, &info, AT_SYMLINK_NOFOLLOW))
            error = errno == ENOENT ? 0 : errno;
        else if (!S_ISDIR(info.st_mode))
            error = ENOTEMPTY;
        else
            snprintf(name, LOCAL_NAME_MAX + 1, "%s", entry->d_name);
    }
    closedir(stream);
    return error;
}

/* Goes down to a directory without directories and removes it. *is_done: the bucket itself has none. */
static int empty_remove(int bucket, int *is_done)
{
    char name[LOCAL_NAME_MAX + 1];
    char child[LOCAL_NAME_MAX + 1];
    int at = openat(bucket, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = at < 0 ? errno : directory_look(at, name);
    *is_done = !error && !name[0];
    while (!error && !*is_done) {
        int next = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        error = next < 0 ? errno : directory_look(next, child);
        if (!error && !child[0]) {
            error = unlinkat(at, name, AT_REMOVEDIR) ? errno : 0;
            close(next);
            break;
        }
        close(at);
        at = next;
        memcpy(name, child, sizeof name);
    }
    if (at >= 0)
        close(at);
    return error;
}

/* Removes an entry of the hidden directory. 0, EAGAIN: there is more of it, or why not. */
static int hidden_entry_remove(int hidden, const char *name)
{
    if (!strncmp(name, LOCAL_UPLOAD, strlen(LOCAL_UPLOAD)))
        return local_upload_remove(hidden, name);
    return unlinkat(hidden, name, 0) ? errno : 0;
}

/* Unfinished uploads and side files go with the bucket. EAGAIN: not all of them yet. */
static int hidden_remove(int bucket)
{
    int fd = openat(bucket, LOCAL_HIDDEN, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *stream = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    int error = 0, count = 0;
    while (stream && error != EAGAIN && (entry = readdir(stream)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        error = hidden_entry_remove(fd, entry->d_name);
        if (!error && ++count == SLICE_REMOVALS)
            error = EAGAIN;
    }
    if (stream)
        closedir(stream);
    else if (fd >= 0)
        close(fd);
    if (error != EAGAIN)
        unlinkat(bucket, LOCAL_HIDDEN, AT_REMOVEDIR);
    return error == EAGAIN ? EAGAIN : 0;
}

static int32_t bucket_remove(neph_call *call, const char *bucket)
{
    local_fd root = {0};
    int32_t rc = local_root_open(call, 1, &root);
    if (!rc && (unlinkat(local_fd_get(&root), bucket, AT_REMOVEDIR) || fsync(local_fd_get(&root))))
        rc = local_fail(call, errno == EEXIST ? ENOTEMPTY : errno, "delete bucket", bucket);
    local_fd_close(&root);
    return rc;
}

/* Empty directories are no objects: they do not keep a bucket. */
int32_t local_bucket_delete(neph_call *call)
{
    const char *bucket = neph_argument(call, NEPH_BUCKET_NAME);
    local_fd fd = {0};
    int is_done = 0;
    int error = 0;
    int32_t rc = local_bucket_open(call, bucket, &fd);
    for (int i = 0; !rc && !error && !is_done && i < SLICE_REMOVALS; i++)
        error = empty_remove(local_fd_get(&fd), &is_done);
    if (error)
        rc = local_fail(call, error, "delete bucket", bucket);
    if (!rc && is_done && hidden_remove(local_fd_get(&fd)) == EAGAIN)
        is_done = 0;
    if (!rc && is_done)
        rc = bucket_remove(call, bucket);
    local_fd_close(&fd);
    return rc ? rc : is_done ? 0 : NEPH_AGAIN;
}
