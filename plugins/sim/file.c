/*
 * file.c - the state on disk: one file, replaced whole under a lock, so that whoever reads sees the state before a change
 * or after it, and a process that is killed at any moment leaves one of the two.
 */
#include "sim.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK ".lock"
#define NEW ".new"

static const struct {
    int error;
    int32_t status;
    const char *text;
} failures[] = {
    {ENOENT, NEPH_FILE, "its directory does not exist"},
    {ENOTDIR, NEPH_FILE, "something on the way to it is no directory"},
    {EACCES, NEPH_FILE, "permission denied"},
    {EPERM, NEPH_FILE, "permission denied"},
    {EISDIR, NEPH_INVALID, "it is a directory: set state to the name of a file"},
    {ELOOP, NEPH_FILE, "a symbolic link stands in the way"},
    {ENAMETOOLONG, NEPH_INVALID, "the name is too long"},
    {EINVAL, NEPH_INVALID, "it is no regular file"},
    {EFBIG, NEPH_LIMIT, "it would be larger than 16 MiB: destroy something"},
    {EDQUOT, NEPH_FILE, "the disk quota is used up"},
    {ENOSPC, NEPH_FILE, "no space left on the device"},
    {EROFS, NEPH_FILE, "the file system is read-only"},
    {EMFILE, NEPH_FILE, "too many open files"},
    {ENFILE, NEPH_FILE, "too many open files"},
    {EIO, NEPH_FILE, "input/output error"},
    {ENOMEM, NEPH_NO_MEMORY, "out of memory"},
};

static const char *path_of(const neph_call *call)
{
    return neph_setting_string(neph_cloud_of(call), "state");
}

static int32_t fail(neph_call *call, int error, const char *doing)
{
    for (size_t i = 0; i < NEPH_COUNT(failures); i++)
        if (failures[i].error == error)
            return neph_fail(call, failures[i].status, "cannot %s the state file \"%.300s\": %s",
                             doing, path_of(call), failures[i].text);
    return neph_fail(call, NEPH_FILE, "cannot %s the state file \"%.300s\": system error %d", doing,
                     path_of(call), error);
}

static int path_beside(const neph_call *call, const char *ending, char *out)
{
    neph_text text;
    neph_text_init(&text, out, PATH_MAX);
    neph_text_add(&text, path_of(call));
    neph_text_add(&text, ending);
    return text.status ? ENAMETOOLONG : 0;
}

/* ---- lock */

int32_t sim_lock_take(neph_call *call, sim_lock *lock)
{
    char path[PATH_MAX];
    int error = path_beside(call, LOCK, path);
    int fd = error ? -1 : open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
    if (!error && fd < 0)
        error = errno;
    if (!error && flock(fd, LOCK_EX | LOCK_NB))
        error = errno;
    if (!error) {
        lock->plus_one = fd + 1;
        return 0;
    }
    if (fd >= 0)
        close(fd);
    return error == EWOULDBLOCK || error == EINTR ? NEPH_AGAIN : fail(call, error, "lock");
}

void sim_lock_drop(sim_lock *lock)
{
    if (lock->plus_one)
        close(lock->plus_one - 1);
    lock->plus_one = 0;
}

/* ---- load */

static int bytes_read(int fd, char *out, size_t size, size_t *count)
{
    *count = 0;
    while (*count < size) {
        ssize_t got = read(fd, out + *count, size - *count);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? errno : 0;
        *count += (size_t)got;
    }
    return 0;
}

/* The file's bytes in the state's memory; *out NULL: there is no file. */
static int file_read(sim_state *state, int fd, char **out, size_t *size)
{
    struct stat info;
    if (fstat(fd, &info))
        return errno;
    if (S_ISDIR(info.st_mode))
        return EISDIR;
    if (!S_ISREG(info.st_mode))
        return EINVAL;
    if (info.st_size > (off_t)SIM_FILE_MAX)
        return EFBIG;
    *out = sim_memory(state, (size_t)info.st_size + 1);
    return *out ? bytes_read(fd, *out, (size_t)info.st_size, size) : ENOMEM;
}

static int32_t text_load(neph_call *call, sim_state *state, char *text, size_t size, int is_fixed)
{
    sim_fault fault = {0};
    if (!sim_format_read(state, text, size, is_fixed, &fault))
        return 0;
    if (fault.status == NEPH_NO_MEMORY)
        return neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    return neph_fail(call, fault.status,
                     "state file \"%.200s\", line %u: %.150s; mend it, or delete it to begin anew",
                     path_of(call), fault.line, fault.message);
}

int32_t sim_load(neph_call *call, sim_state *state)
{
    char *text = sim_text(state, sim_catalogue, strlen(sim_catalogue));
    size_t size = 0;
    int fd, error = 0;
    int32_t rc;
    if (!text)
        return neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    rc = text_load(call, state, text, strlen(text), 1);
    if (rc)
        return rc;
    fd = open(path_of(call), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return errno == ENOENT ? 0 : fail(call, errno, "read");
    error = file_read(state, fd, &text, &size);
    close(fd);
    if (error == EFBIG)
        return neph_fail(call, NEPH_LIMIT, "state file \"%.300s\" is larger than 16 MiB",
                         path_of(call));
    return error ? fail(call, error, "read") : text_load(call, state, text, size, 0);
}

/* ---- save */

static int stream_write(const sim_state *state, FILE *out)
{
    int error;
    sim_format_write(state, out);
    errno = EIO;
    error = ferror(out) || fflush(out) ? errno : 0;
    if (!error && ftello(out) > (off_t)SIM_FILE_MAX)
        error = EFBIG;
    return !error && fsync(fileno(out)) ? errno : error;
}

/* The rename itself reaches the disk with the directory. */
static int directory_sync(const char *path)
{
    char directory[PATH_MAX];
    const char *slash = strrchr(path, '/');
    neph_text text;
    int fd, error;
    neph_text_init(&text, directory, sizeof directory);
    neph_text_add_bytes(&text, path, slash ? (size_t)(slash - path) + 1 : 0);
    neph_text_add(&text, ".");
    fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    error = fsync(fd) && errno != EINVAL ? errno : 0;
    close(fd);
    return error;
}

int32_t sim_save(neph_call *call, const sim_state *state)
{
    char path[PATH_MAX];
    FILE *out = NULL;
    int fd = -1;
    int error = path_beside(call, NEW, path);
    if (!error && unlink(path) && errno != ENOENT) /* left by who was killed */
        error = errno;
    if (!error && (fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)) < 0)
        error = errno;
    if (!error && !(out = fdopen(fd, "w")))
        error = errno;
    if (!error)
        error = stream_write(state, out);
    if (out)
        fclose(out);
    else if (fd >= 0)
        close(fd);
    if (!error && rename(path, path_of(call)))
        error = errno;
    if (error && fd >= 0)
        unlink(path);
    if (!error)
        error = directory_sync(path_of(call));
    return error ? fail(call, error, "write") : 0;
}
