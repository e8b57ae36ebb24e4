/*
 * path.c - keys as files below a bucket's directory, and the way there without leaving it: every step is an openat()
 * that follows no symbolic link.
 *
 * A key's segments between slashes are directories, the last one is a file, and names are the segments themselves,
 * except that
 *   - "%" is written "%25"; the segments "", ".", ".." and ".neph" are "%00", "%2E", "%2E%2E" and "%2Eneph";
 *   - a segment whose name would be longer than 250 bytes goes on in a directory: 250 bytes (or less, not to cut an
 *     escape), "%~", and below it the rest;
 *   - an object whose name is that of a directory as well ("a" beside "a/b") has "%" behind its name.
 * So every key of up to 1,024 bytes has one file, and no file has two keys. Files with names that no key has, such as
 * "100%", are not seen.
 */
#include "local.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define NAME_PART 250
#define MORE "%~"
#define ASIDE "%"

/* ---- descriptors and failures */

int local_fd_get(const local_fd *fd)
{
    return fd->plus_one - 1;
}

void local_fd_set(local_fd *fd, int number)
{
    fd->plus_one = number + 1;
}

void local_fd_close(local_fd *fd)
{
    if (fd->plus_one)
        close(fd->plus_one - 1);
    fd->plus_one = 0;
}

static const struct {
    int error;
    int32_t status;
    const char *code, *text;
} failures[] = {
#define FAILURE(error, status, text) {error, status, #error, text},
    LOCAL_FAILURES(FAILURE)
#undef FAILURE
};

/* Its row; behind the last one: there is none. */
static size_t failure_find(int error)
{
    size_t at = 0;
    while (at < NEPH_COUNT(failures) && failures[at].error != error)
        at++;
    return at;
}

const char *local_error_code(int error)
{
    size_t at = failure_find(error);
    return at < NEPH_COUNT(failures) ? failures[at].code : "EIO";
}

const char *local_error_text(int error)
{
    size_t at = failure_find(error);
    return at < NEPH_COUNT(failures) ? failures[at].text : "system error";
}

int32_t local_fail(const void *handle, int error, const char *doing, const char *name)
{
    size_t at = failure_find(error);
    if (at < NEPH_COUNT(failures))
        return neph_fail(handle, failures[at].status, "cannot %s \"%.300s\": %s", doing, name,
                         failures[at].text);
    return neph_fail(handle, NEPH_FILE, "cannot %s \"%.300s\": system error %d", doing, name,
                     error);
}

/* ---- names */

/* The end of the longest part of an encoded segment that is a name. */
static size_t part_size(const char *text, size_t size)
{
    size_t cut = NAME_PART;
    if (size <= NAME_PART)
        return size;
    for (size_t back = 1; back <= 2; back++)
        if (text[NAME_PART - back] == '%')
            cut = NAME_PART - back;
    return cut;
}

static int segment_is(const char *segment, size_t size, const char *name)
{
    return size == strlen(name) && !memcmp(segment, name, size);
}

/* One segment encoded, in one piece. */
static void segment_encode(neph_text *out, const char *segment, size_t size)
{
    size_t dots = segment_is(segment, size, ".") ? 1 : segment_is(segment, size, "..") ? 2 : 0;
    if (segment_is(segment, size, LOCAL_HIDDEN))
        dots = 1;
    if (!size)
        neph_text_add(out, "%00");
    for (size_t i = 0; i < size; i++) {
        if (i < dots)
            neph_text_add(out, "%2E");
        else if (segment[i] == '%')
            neph_text_add(out, "%25");
        else
            neph_text_add_char(out, segment[i]);
    }
}

static int is_special(const char *name, size_t size)
{
    return segment_is(name, size, ".") || segment_is(name, size, "..") ||
           segment_is(name, size, LOCAL_HIDDEN);
}

/* What a long segment goes on with may look like a special one, and must not be taken for it. */
static void part_add(neph_text *out, const char *part, size_t size)
{
    if (is_special(part, size))
        segment_encode(out, part, size);
    else
        neph_text_add_bytes(out, part, size);
}

static void segment_write(neph_text *out, const char *segment, size_t size)
{
    char data[3 * LOCAL_KEY_MAX + 4];
    neph_text whole;
    size_t at = 0;
    neph_text_init(&whole, data, sizeof data);
    segment_encode(&whole, segment, size);
    while (at < whole.size) {
        size_t part = part_size(data + at, whole.size - at);
        part_add(out, data + at, part);
        at += part;
        neph_text_add(out, at < whole.size ? MORE "/" : "");
    }
}

void local_path_write(neph_text *out, const char *key, size_t size)
{
    for (;;) {
        const char *slash = memchr(key, '/', size);
        size_t segment = slash ? (size_t)(slash - key) : size;
        segment_write(out, key, segment);
        if (!slash)
            return;
        neph_text_add_char(out, '/');
        key += segment + 1;
        size -= segment + 1;
    }
}

int32_t local_path(neph_call *call, char *out, const char *key)
{
    size_t size = strlen(key);
    neph_text text;
    if (!size)
        return neph_fail(call, NEPH_INVALID, "a key has at least one byte");
    if (size > LOCAL_KEY_MAX)
        return neph_fail(call, NEPH_LIMIT, "a key has %d bytes at most", LOCAL_KEY_MAX);
    neph_text_init(&text, out, LOCAL_PATH_MAX);
    local_path_write(&text, key, size);
    return text.status ? neph_fail(call, NEPH_LIMIT, "the key \"%.40s…\" is too long", key) : 0;
}

/* What is read back must be written the same way, or it is no name of ours. */
int local_name_read(const char *name, char *out, int *is_more)
{
    char again[LOCAL_NAME_MAX + 8];
    size_t size = strlen(name);
    neph_text text;
    int count;
    *is_more = size > 2 && !strcmp(name + size - 2, MORE);
    size -= *is_more ? 2 : size && name[size - 1] == '%';
    if (size > LOCAL_NAME_MAX)
        return -1;
    count = (int)neph_percent_decode(out, name, size);
    if (segment_is(name, size, "%00"))
        count = 0;
    out[count] = '\0';
    neph_text_init(&text, again, sizeof again);
    segment_encode(&text, out, (size_t)count);
    return text.status || text.size != size || memcmp(again, name, size) ? -1 : count;
}

size_t local_leaf(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

/* ---- buckets */

int32_t local_root_open(neph_call *call, int is_needed, local_fd *out)
{
    const char *root = neph_setting_string(neph_cloud_of(call), "root");
    int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT && !is_needed && !mkdir(root, 0777))
        fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 && errno == ENOTDIR)
        return neph_fail(call, NEPH_INVALID, "set root to a directory: \"%.300s\" is none", root);
    if (fd < 0)
        return local_fail(call, errno, "open the root directory", root);
    local_fd_set(out, fd);
    return 0;
}

int32_t local_bucket_check(neph_call *call, const char *bucket)
{
    size_t size = strlen(bucket);
    int is_good = size > 0 && size <= LOCAL_NAME_MAX && bucket[0] != '.';
    for (size_t i = 0; i < size; i++)
        is_good &= bucket[i] != '/' && (unsigned char)bucket[i] >= ' ' && bucket[i] != 127;
    if (is_good)
        return 0;
    return neph_fail(
        call, NEPH_INVALID,
        "\"%.80s\" is no name for a bucket: 1 to 255 bytes, no slash, no control character, no dot first",
        bucket);
}

int32_t local_bucket_open(neph_call *call, const char *bucket, local_fd *out)
{
    local_fd root = {0};
    int fd;
    int32_t rc = local_bucket_check(call, bucket);
    if (!rc)
        rc = local_root_open(call, 1, &root);
    if (rc)
        return rc;
    fd = openat(local_fd_get(&root), bucket, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        rc = local_fail(call, errno == ENOTDIR || errno == ELOOP ? ENOENT : errno, "open bucket",
                        bucket);
    else
        local_fd_set(out, fd);
    local_fd_close(&root);
    return rc;
}

/* ---- directories */

static void name_aside(char *out, const char *leaf)
{
    neph_text text;
    neph_text_init(&text, out, LOCAL_NAME_MAX + 1);
    neph_text_add(&text, leaf);
    neph_text_add(&text, ASIDE);
}

/* An object stands where a directory is needed: it gives way. */
static int object_move(int directory, const char *name)
{
    char aside[LOCAL_NAME_MAX + 1];
    struct stat info;
    if (fstatat(directory, name, &info, AT_SYMLINK_NOFOLLOW))
        return errno == ENOENT ? 0 : errno;
    if (S_ISDIR(info.st_mode))
        return 0;
    if (!S_ISREG(info.st_mode))
        return ENOTDIR;
    name_aside(aside, name);
    return renameat(directory, name, directory, aside) && errno != ENOENT ? errno : 0;
}

/* One step down. A directory that was made is written to the disk with its parent. */
static int directory_step(int from, const char *name, int is_new, int *out)
{
    int error;
    for (int tries = 0; tries < 8; tries++) {
        *out = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (*out >= 0 || !is_new)
            return *out >= 0 ? 0 : errno;
        error = errno;
        if (error == ENOTDIR || error == ELOOP)
            error = object_move(from, name);
        else if (error == ENOENT)
            error = mkdirat(from, name, 0777) && errno != EEXIST ? errno : 0;
        if (error)
            return error;
        fsync(from);
    }
    return EBUSY;
}

int local_directory_open(int bucket, const char *path, size_t size, int is_new, local_fd *out)
{
    int at = openat(bucket, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = at < 0 ? errno : 0;
    size_t from = 0;
    while (!error && from < size) {
        char name[LOCAL_NAME_MAX + 1];
        const char *slash = memchr(path + from, '/', size - from);
        size_t count = slash ? (size_t)(slash - path) - from : size - from;
        int next = -1;
        if (count > LOCAL_NAME_MAX) {
            error = ENAMETOOLONG;
            break;
        }
        memcpy(name, path + from, count);
        name[count] = '\0';
        error = directory_step(at, name, is_new, &next);
        close(at);
        at = next;
        from += count + 1;
    }
    if (!error)
        local_fd_set(out, at);
    else if (at >= 0)
        close(at);
    return error;
}

void local_directory_prune(int bucket, const char *path, size_t size)
{
    char name[LOCAL_NAME_MAX + 1];
    int is_gone = 1;
    while (size && is_gone) {
        local_fd parent = {0};
        size_t start = size;
        while (start && path[start - 1] != '/')
            start--;
        if (size - start > LOCAL_NAME_MAX ||
            local_directory_open(bucket, path, start ? start - 1 : 0, 0, &parent))
            return;
        memcpy(name, path + start, size - start);
        name[size - start] = '\0';
        is_gone = !unlinkat(local_fd_get(&parent), name, AT_REMOVEDIR);
        local_fd_close(&parent);
        size = start ? start - 1 : 0;
    }
}

/* ---- objects */

static int file_open(int directory, const char *name, local_object *out)
{
    int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    int error = 0;
    if (fd < 0)
        return errno;
    if (fstat(fd, &out->info))
        error = errno;
    else if (!S_ISREG(out->info.st_mode))
        error = ENOENT;
    if (error) {
        close(fd);
        return error;
    }
    local_fd_set(&out->fd, fd);
    memcpy(out->name, name, strlen(name) + 1);
    return 0;
}

int local_object_open(int directory, const char *leaf, local_object *out)
{
    char aside[LOCAL_NAME_MAX + 1];
    int error = file_open(directory, leaf, out);
    if (error == ENOENT || error == ELOOP || error == ENXIO) {
        name_aside(aside, leaf);
        error = file_open(directory, aside, out);
    }
    return error == ELOOP || error == ENXIO || error == ENOTDIR ? ENOENT : error;
}

int local_object_find(int bucket, const char *path, local_object *out)
{
    local_fd directory = {0};
    size_t leaf = local_leaf(path);
    int error = local_directory_open(bucket, path, leaf ? leaf - 1 : 0, 0, &directory);
    if (error)
        return error == ENOTDIR || error == ELOOP ? ENOENT : error;
    error = local_object_open(local_fd_get(&directory), path + leaf, out);
    local_fd_close(&directory);
    return error;
}

void local_object_name(int directory, const char *leaf, char *name)
{
    struct stat info;
    int is_there = !fstatat(directory, leaf, &info, AT_SYMLINK_NOFOLLOW);
    name_aside(name, leaf);
    if (is_there && S_ISDIR(info.st_mode))
        return;
    if (is_there || fstatat(directory, name, &info, AT_SYMLINK_NOFOLLOW) || !S_ISREG(info.st_mode))
        memcpy(name, leaf, strlen(leaf) + 1);
}

/* ---- hidden files */

int local_hidden_open(int bucket, local_fd *out)
{
    int fd = -1;
    int error;
    if (mkdirat(bucket, LOCAL_HIDDEN, 0777) && errno != EEXIST)
        return errno;
    error = directory_step(bucket, LOCAL_HIDDEN, 0, &fd);
    if (!error)
        local_fd_set(out, fd);
    return error;
}

int32_t local_temporary_open(neph_call *call, int hidden, char *name, local_fd *out)
{
    unsigned char bytes[16];
    neph_text text;
    int fd;
    int32_t rc = neph_random(call, bytes, sizeof bytes);
    if (rc)
        return rc;
    neph_text_init(&text, name, 64);
    neph_text_add(&text, "new-");
    neph_text_add_hex(&text, bytes, sizeof bytes);
    fd = openat(hidden, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0) {
        name[0] = '\0';
        return local_fail(call, errno, "write into bucket",
                          neph_argument(call, NEPH_OBJECT_BUCKET));
    }
    local_fd_set(out, fd);
    return 0;
}
