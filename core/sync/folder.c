/*
 * core/sync/folder.c - see folder.h. Every step down is an openat() that follows no symbolic link. Names come in byte order,
 * so the directory of the last one is all that need be remembered for each directory to be made once.
 */
#include "core/sync/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_BYTES_MAX ((size_t)NAME_MAX)
#define PATH_BYTES_MAX ((size_t)PATH_MAX - 1)
#define STEP (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

void nephi_folder_init(nephi_folder *folder, const nephi_memory *memory, const char *path)
{
    folder->path = path;
    folder->like = NULL;
    folder->fd = -1;
    nephi_buffer_init(&folder->known, memory, PATH_BYTES_MAX + 1);
    nephi_buffer_init(&folder->whole, memory, 2 * PATH_BYTES_MAX);
}

void nephi_folder_fini(nephi_folder *folder)
{
    if (folder->fd >= 0)
        close(folder->fd);
    folder->fd = -1;
    nephi_buffer_fini(&folder->known);
    nephi_buffer_fini(&folder->whole);
}

int nephi_folder_check(const char *name, nephi_error *error)
{
    const char *at = name;
    if (strlen(name) > PATH_BYTES_MAX)
        return nephi_fail(error, NEPH_INVALID, "no file can have so long a name");
    for (;;) {
        size_t size = strcspn(at, "/");
        if (!size || (size == 1 && at[0] == '.') || (size == 2 && at[0] == '.' && at[1] == '.'))
            return nephi_fail(error, NEPH_INVALID,
                              "no file can have this name: \"%.*s\" between slashes", (int)size,
                              at);
        if (size > NAME_BYTES_MAX)
            return nephi_fail(error, NEPH_INVALID, "no file can have so long a name");
        if (!at[size])
            return 0;
        at += size + 1;
    }
}

const char *nephi_folder_path(nephi_folder *folder, const char *name)
{
    nephi_buffer *whole = &folder->whole;
    size_t size = strlen(folder->path);
    nephi_buffer_clear(whole);
    if (nephi_buffer_add(whole, folder->path, size) ||
        (size && folder->path[size - 1] != '/' && nephi_buffer_char(whole, '/')) ||
        nephi_buffer_text(whole, name))
        return NULL;
    return whole->data;
}

/* ---- made */

/* Of a directory that is made, which is to be written to: what the one that it is made like has besides. */
static mode_t mode_of(const nephi_folder *folder, const char *name, size_t size)
{
    char path[PATH_MAX];
    struct stat info;
    int length = -1;
    if (folder->like)
        length = snprintf(path, sizeof path, "%s/%.*s", folder->like, (int)size, name);
    if (length < 0 || (size_t)length >= sizeof path || stat(path, &info))
        return 0777;
    return (info.st_mode & 0777) | S_IRWXU;
}

/* The directory and those above it. */
static int root_make(nephi_folder *folder, nephi_error *error)
{
    nephi_buffer *path = &folder->whole;
    int reason = 0;
    nephi_buffer_clear(path);
    if (nephi_buffer_text(path, folder->path))
        return nephi_fail_memory(error);
    for (size_t i = 1; !reason && i <= path->size; i++) {
        char kept = path->data[i];
        if (kept != '/' && i < path->size)
            continue;
        path->data[i] = '\0';
        if (mkdir(path->data, i < path->size ? 0777 : mode_of(folder, "", 0)) && errno != EEXIST &&
            errno != EISDIR)
            reason = errno;
        path->data[i] = kept;
    }
    if (!reason)
        folder->fd = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (!reason && folder->fd < 0)
        reason = errno;
    return reason ? nephi_fail(error, NEPH_FILE, "the directory %s cannot be made: %s",
                               folder->path, strerror(reason))
                  : 0;
}

static int root_open(nephi_folder *folder, nephi_error *error)
{
    if (folder->fd < 0)
        folder->fd = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return folder->fd < 0 ? nephi_fail(error, NEPH_FILE, "%s cannot be opened: %s", folder->path,
                                       strerror(errno))
                          : 0;
}

/* One directory below `at`; mode: it is made if it is not there; 0: it is not. -1: errno. */
static int step_down(int at, const char *name, size_t size, mode_t mode)
{
    char text[NAME_MAX + 1];
    int fd;
    if (size > NAME_BYTES_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(text, name, size);
    text[size] = '\0';
    fd = openat(at, text, STEP);
    if (fd >= 0 || errno != ENOENT || !mode)
        return fd;
    if (mkdirat(at, text, mode) && errno != EEXIST)
        return -1;
    return openat(at, text, STEP);
}

/* The directory that the name stands in. The caller closes it. -1: errno, and *size is the part of the name that is to
 * blame. */
static int parent_open(const nephi_folder *folder, const char *name, int makes, size_t *size)
{
    int fd = fcntl(folder->fd, F_DUPFD_CLOEXEC, 3);
    const char *at = name;
    const char *slash;
    while (fd >= 0 && (slash = strchr(at, '/')) != NULL) {
        mode_t mode = makes ? mode_of(folder, name, (size_t)(slash - name)) : 0;
        int next = step_down(fd, at, (size_t)(slash - at), mode);
        int keep = errno;
        close(fd);
        errno = keep;
        fd = next;
        *size = (size_t)(slash - name);
        at = slash + 1;
    }
    return fd;
}

static int blame(int reason, const char *name, size_t size, nephi_error *error)
{
    const char *why = reason == ENOTDIR || reason == ELOOP
                          ? "it is a file or a symbolic link, which is not followed"
                          : strerror(reason);
    return nephi_fail(error, NEPH_FILE, "the directory \"%.*s\" cannot be used: %s", (int)size,
                      name, why);
}

int nephi_folder_make(nephi_folder *folder, const char *name, nephi_error *error)
{
    const char *slash = strrchr(name, '/');
    size_t way = slash ? (size_t)(slash - name) + 1 : 0;
    size_t size = 0;
    int rc = folder->fd < 0 ? root_make(folder, error) : 0;
    int fd;
    if (rc || !way || (way == folder->known.size && memcmp(folder->known.data, name, way) == 0))
        return rc;
    nephi_buffer_clear(&folder->known);
    fd = parent_open(folder, name, 1, &size);
    if (fd < 0)
        return blame(errno, name, size, error);
    close(fd);
    return nephi_buffer_add(&folder->known, name, way) ? nephi_fail_memory(error) : 0;
}

/* ---- removed */

/* The directory the name stands in is empty, perhaps; then those above it. */
static void parents_remove(nephi_folder *folder, char *name)
{
    char *slash;
    while ((slash = strrchr(name, '/')) != NULL) {
        size_t size;
        int fd, rc;
        *slash = '\0';
        fd = parent_open(folder, name, 0, &size);
        if (fd < 0)
            return;
        slash = strrchr(name, '/');
        rc = unlinkat(fd, slash ? slash + 1 : name, AT_REMOVEDIR);
        close(fd);
        if (rc)
            return;
    }
}

int nephi_folder_remove(nephi_folder *folder, const char *name, nephi_error *error)
{
    const char *slash = strrchr(name, '/');
    size_t size = 0;
    int rc = root_open(folder, error);
    int fd, reason;
    if (rc)
        return rc;
    nephi_buffer_clear(&folder->known);
    fd = parent_open(folder, name, 0, &size);
    if (fd < 0)
        return errno == ENOENT ? 0 : blame(errno, name, size, error);
    reason = unlinkat(fd, slash ? slash + 1 : name, 0) ? errno : 0;
    close(fd);
    if (reason && reason != ENOENT)
        return nephi_fail(error, NEPH_FILE, "it cannot be deleted: %s", strerror(reason));
    nephi_buffer_clear(&folder->whole);
    if (slash && nephi_buffer_text(&folder->whole, name) == 0)
        parents_remove(folder, folder->whole.data);
    return 0;
}
