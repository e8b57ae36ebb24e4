/*
 * upload.c - objects on their way in parts: list, begin, abort. An upload is a directory "up-ID" in the bucket's hidden one.
 * It holds a file "about" with the key and what will be kept about the object, and the parts (part.c).
 */
#include "local.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define ABOUT "about"
#define ID_BYTES 16
#define SLICE_FILES 256 /* removed before the host gets its turn */
#define SLICE_ABOUTS 64 /* read before the host gets its turn */

/* ---- names */

static int is_id(const char *text)
{
    return strlen(text) == (size_t)2 * ID_BYTES && strspn(text, "0123456789abcdef") == strlen(text);
}

static int is_upload(const char *name)
{
    return !strncmp(name, LOCAL_UPLOAD, strlen(LOCAL_UPLOAD)) && is_id(name + strlen(LOCAL_UPLOAD));
}

static int32_t gone(neph_call *call)
{
    return neph_fail(call, NEPH_NOT_FOUND, "there is no upload \"%.80s\" of \"%.200s\" (any more)",
                     neph_argument(call, NEPH_UPLOAD_ID), neph_argument(call, NEPH_OBJECT_KEY));
}

int32_t local_upload_name(neph_call *call, char *out)
{
    const char *id = neph_argument(call, NEPH_UPLOAD_ID);
    neph_text text;
    if (!is_id(id))
        return gone(call);
    neph_text_init(&text, out, LOCAL_UPLOAD_NAME);
    neph_text_add(&text, LOCAL_UPLOAD);
    neph_text_add(&text, id);
    return 0;
}

/* ---- the file about it */

/* The text of an upload, and when it was begun. 0 or an errno. */
static int about_read(int directory, char *out, int64_t *created_ns)
{
    int fd = openat(directory, ABOUT, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    ssize_t size = fd < 0 ? -1 : read(fd, out, LOCAL_META_MAX - 1);
    struct stat info;
    int error = size < 0 || fstat(fd, &info) ? errno : 0;
    if (fd >= 0)
        close(fd);
    out[size > 0 ? size : 0] = '\0';
    if (!error && strncmp(out, "key ", 4))
        error = ENOENT;
    if (!error)
        *created_ns = (int64_t)info.st_mtim.tv_sec * NEPH_NANO + info.st_mtim.tv_nsec;
    return error;
}

/* The key stands in its first line; out holds LOCAL_KEY_MAX + 1. */
static void key_read(const char *about, char *out)
{
    size_t size = strcspn(about + 4, "\n");
    char key[3 * LOCAL_KEY_MAX + 1];
    if (size >= sizeof key)
        size = 0;
    size = neph_percent_decode(key, about + 4, size);
    if (size > LOCAL_KEY_MAX)
        size = 0;
    memcpy(out, key, size);
    out[size] = '\0';
}

int32_t local_upload_open(neph_call *call, const local_fd *hidden, local_fd *out, char *about)
{
    char name[LOCAL_UPLOAD_NAME], key[LOCAL_KEY_MAX + 1];
    int64_t created_ns;
    int fd;
    int32_t rc = local_upload_name(call, name);
    if (rc)
        return rc;
    fd = openat(local_fd_get(hidden), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? gone(call) : local_fail(call, errno, "open upload", name);
    local_fd_set(out, fd);
    if (about_read(fd, about, &created_ns))
        return gone(call);
    key_read(about, key);
    return strcmp(key, neph_argument(call, NEPH_OBJECT_KEY)) ? gone(call) : 0;
}

/* ---- begin */

static int32_t about_write(neph_call *call, int directory, const char *key)
{
    char facts[LOCAL_META_MAX], data[LOCAL_META_MAX];
    neph_text text;
    int fd, error = 0;
    int32_t rc = local_meta_facts(call, "", 0, facts);
    if (rc)
        return rc;
    neph_text_init(&text, data, sizeof data);
    neph_text_add(&text, "key ");
    neph_text_add_encoded(&text, key, strlen(key), "/");
    neph_text_add_char(&text, '\n');
    neph_text_add(&text, facts);
    if (text.status)
        return neph_fail(call, NEPH_LIMIT, "the object's metadata is too large");
    fd = openat(directory, ABOUT, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0 || write(fd, text.data, text.size) != (ssize_t)text.size || fsync(fd) ||
        fsync(directory))
        error = errno ? errno : ENOSPC;
    if (fd >= 0)
        close(fd);
    return error ? local_fail(call, error, "begin upload of", key) : 0;
}

static int32_t upload_emit(neph_call *call, const char *id, const char *key, int64_t created_ns)
{
    neph_record *record = neph_record_new(call, NEPH_KIND_UPLOAD);
    int32_t rc;
    if (!record)
        return neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    rc = neph_record_set(record, NEPH_UPLOAD_ID, id);
    if (!rc)
        rc = neph_record_set(record, NEPH_UPLOAD_KEY, key);
    if (!rc)
        rc = neph_record_set_integer(record, NEPH_UPLOAD_CREATED, created_ns);
    return rc ? rc : neph_record_emit(call, record);
}

/* Makes the directory, in it what is known of the upload, and tells of it. */
static int32_t upload_make(neph_call *call, int hidden, const char *name)
{
    const char *key = neph_argument(call, NEPH_OBJECT_KEY);
    char about[LOCAL_META_MAX];
    int64_t created_ns = NEPH_UNKNOWN;
    int32_t rc;
    int fd = mkdirat(hidden, name, 0777)
                 ? -1
                 : openat(hidden, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return local_fail(call, errno, "begin upload of", key);
    rc = about_write(call, fd, key);
    if (!rc && (fsync(hidden) || about_read(fd, about, &created_ns)))
        rc = local_fail(call, errno, "begin upload of", key);
    close(fd);
    if (rc) {
        (void)local_upload_remove(hidden, name);
        return rc;
    }
    rc = upload_emit(call, name + strlen(LOCAL_UPLOAD), key, created_ns);
    return rc == NEPH_AGAIN ? 0 : rc;
}

int32_t local_upload_begin(neph_call *call)
{
    const char *key = neph_argument(call, NEPH_OBJECT_KEY);
    local_fd bucket = {0}, hidden = {0};
    unsigned char bytes[ID_BYTES];
    char name[LOCAL_UPLOAD_NAME], path[LOCAL_PATH_MAX];
    neph_text text;
    int error = 0;
    int32_t rc = local_path(call, path, key);
    if (!rc)
        rc = neph_random(call, bytes, sizeof bytes);
    if (!rc)
        rc = local_bucket_open(call, neph_argument(call, NEPH_OBJECT_BUCKET), &bucket);
    if (!rc)
        error = local_hidden_open(local_fd_get(&bucket), &hidden);
    if (error)
        rc = local_fail(call, error, "begin upload of", key);
    neph_text_init(&text, name, sizeof name);
    neph_text_add(&text, LOCAL_UPLOAD);
    neph_text_add_hex(&text, bytes, sizeof bytes);
    if (!rc)
        rc = upload_make(call, local_fd_get(&hidden), name);
    local_fd_close(&hidden);
    local_fd_close(&bucket);
    return rc;
}

/* ---- abort */

/* Takes its name away first, so that a part that comes late finds nothing. */
static int upload_empty(DIR *stream)
{
    const struct dirent *entry;
    int count = 0;
    unlinkat(dirfd(stream), ABOUT, 0);
    while ((entry = readdir(stream)) != NULL) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        if (unlinkat(dirfd(stream), entry->d_name, 0) && errno != ENOENT)
            return errno;
        if (++count == SLICE_FILES)
            return EAGAIN;
    }
    return 0;
}

int local_upload_remove(int hidden, const char *name)
{
    int fd = openat(hidden, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *stream = fd < 0 ? NULL : fdopendir(fd);
    int error = stream ? upload_empty(stream) : errno;
    if (stream)
        closedir(stream);
    else if (fd >= 0)
        close(fd);
    if (!error && unlinkat(hidden, name, AT_REMOVEDIR))
        error = errno == ENOTEMPTY || errno == EEXIST ? EAGAIN : errno;
    return error == ENOENT ? 0 : error;
}

/* Of another key, or not there: no error, but nothing is removed either. */
int32_t local_upload_abort(neph_call *call)
{
    const char *id = neph_argument(call, NEPH_UPLOAD_ID);
    local_fd bucket = {0};
    char name[LOCAL_UPLOAD_NAME];
    int hidden = -1, error = 0;
    int32_t rc = local_bucket_open(call, neph_argument(call, NEPH_OBJECT_BUCKET), &bucket);
    if (!rc && is_id(id) && !local_upload_name(call, name))
        hidden = openat(local_fd_get(&bucket), LOCAL_HIDDEN,
                        O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (hidden >= 0) {
        error = local_upload_remove(hidden, name);
        close(hidden);
    }
    local_fd_close(&bucket);
    if (error == EAGAIN)
        return NEPH_AGAIN;
    return error ? local_fail(call, error, "abort upload of", neph_argument(call, NEPH_OBJECT_KEY))
                 : rc;
}

/* ---- list: by key, then by time */

typedef struct upload {
    char id[2 * ID_BYTES + 1];
    char *key; /* NULL: not read yet */
    int64_t created_ns;
} upload;

typedef struct upload_list {
    int32_t is_open;
    int32_t is_sorted;
    local_fd hidden;
    upload *uploads;
    size_t count, capacity, at;
} upload_list;

void local_upload_list_finish(neph_call *call)
{
    upload_list *list = neph_call_memory(call, sizeof *list);
    if (!list)
        return;
    for (size_t i = 0; i < list->count; i++)
        free(list->uploads[i].key);
    free(list->uploads);
    local_fd_close(&list->hidden);
    memset(list, 0, sizeof *list);
}

static int upload_keep(upload_list *list, const char *name)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 64;
        upload *uploads = realloc(list->uploads, capacity * sizeof *uploads);
        if (!uploads)
            return ENOMEM;
        list->uploads = uploads;
        list->capacity = capacity;
    }
    memset(&list->uploads[list->count], 0, sizeof *list->uploads);
    memcpy(list->uploads[list->count].id, name + strlen(LOCAL_UPLOAD), (size_t)2 * ID_BYTES);
    list->count++;
    return 0;
}

static int names_read(upload_list *list)
{
    int fd = openat(local_fd_get(&list->hidden), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    int error = stream ? 0 : errno;
    while (!error && (errno = 0, entry = readdir(stream)) != NULL)
        if (is_upload(entry->d_name))
            error = upload_keep(list, entry->d_name);
    error = error ? error : stream ? errno : error;
    if (stream)
        closedir(stream);
    else if (fd >= 0)
        close(fd);
    return error;
}

/* One whose text cannot be read is gone, or was never begun to its end: it has no key. */
static int key_keep(upload_list *list, upload *one)
{
    char path[LOCAL_UPLOAD_NAME], about[LOCAL_META_MAX], key[LOCAL_KEY_MAX + 1] = "";
    neph_text name;
    int fd;
    neph_text_init(&name, path, sizeof path);
    neph_text_add(&name, LOCAL_UPLOAD);
    neph_text_add(&name, one->id);
    fd = openat(local_fd_get(&list->hidden), path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0) {
        if (!about_read(fd, about, &one->created_ns))
            key_read(about, key);
        close(fd);
    }
    one->key = strdup(key);
    return one->key ? 0 : ENOMEM;
}

static int upload_compare(const void *a, const void *b)
{
    const upload *one = a, *other = b;
    int order = strcmp(one->key, other->key);
    return order ? order
                 : (one->created_ns > other->created_ns) - (one->created_ns < other->created_ns);
}

static int32_t list_open(neph_call *call, upload_list *list)
{
    const char *name = neph_argument(call, NEPH_OBJECT_BUCKET);
    local_fd bucket = {0};
    int error = 0, fd;
    int32_t rc = local_bucket_open(call, name, &bucket);
    if (rc)
        return rc;
    fd = openat(local_fd_get(&bucket), LOCAL_HIDDEN,
                O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0) {
        local_fd_set(&list->hidden, fd);
        error = names_read(list);
    } else if (errno != ENOENT)
        error = errno;
    local_fd_close(&bucket);
    list->is_open = 1;
    return error ? local_fail(call, error, "list uploads of bucket", name) : 0;
}

static int32_t list_sort(neph_call *call, upload_list *list)
{
    for (int i = 0; list->at < list->count; i++) {
        if (i == SLICE_ABOUTS)
            return NEPH_AGAIN;
        if (key_keep(list, &list->uploads[list->at++]))
            return neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    }
    if (list->count)
        qsort(list->uploads, list->count, sizeof *list->uploads, upload_compare);
    list->is_sorted = 1;
    list->at = 0;
    return 0;
}

int32_t local_upload_list(neph_call *call)
{
    upload_list *list = neph_call_memory(call, sizeof *list);
    const char *prefix = neph_argument(call, NEPH_LIST_PREFIX);
    int32_t rc = list ? 0 : neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    if (!rc && !list->is_open)
        rc = list_open(call, list);
    if (!rc && !list->is_sorted)
        rc = list_sort(call, list);
    for (int i = 0; !rc && list->at < list->count; i++) {
        const upload *one = &list->uploads[list->at];
        if (i == SLICE_FILES)
            return NEPH_AGAIN;
        list->at++;
        if (one->key[0] && (!prefix || !strncmp(one->key, prefix, strlen(prefix))))
            rc = upload_emit(call, one->id, one->key, one->created_ns);
    }
    return rc;
}
