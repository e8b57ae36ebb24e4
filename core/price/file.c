/*
 * core/price/file.c - finds, opens and replaces price files. What stands in them is reader.c's business.
 */
#include "core/price/file.h"

#include "core/manifest.h"
#include "core/place.h"
#include "core/price/document.h"
#include "core/rule.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".json"
#define NAMES_MAX 4096u

/* ---- opening */

int nephi_price_file_open_path(nephi_price_file *file, const char *path, struct stat *info,
                               nephi_error *error)
{
    int rc = 0;
    file->fd = -1;
    if ((size_t)snprintf(file->path, sizeof file->path, "%s", path) >= sizeof file->path)
        return nephi_fail(error, NEPH_INVALID, "the path of a price file is too long");
    file->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file->fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return NEPH_NOT_FOUND;
    if (file->fd < 0)
        return nephi_fail(error, NEPH_FILE, "%s cannot be opened: %s", path, strerror(errno));
    if (fstat(file->fd, info) || !S_ISREG(info->st_mode))
        rc = nephi_fail(error, NEPH_FILE, "%s is no regular file", path);
    else if (info->st_size > (off_t)NEPHI_PRICE_FILE_MAX)
        rc = nephi_fail(error, NEPH_LIMIT, "%s is larger than 64 MiB", path);
    if (rc)
        nephi_price_file_close(file);
    return rc;
}

void nephi_price_file_close(nephi_price_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

/* Writes "a/b.json". 0: too long. */
static int join(char *out, size_t capacity, const char *directory, const char *provider)
{
    return (size_t)snprintf(out, capacity, "%s/%s" SUFFIX, directory, provider) < capacity;
}

static int open_user(nephi_price_file *file, neph_host *host, const char *provider,
                     nephi_error *error)
{
    char directory[4096], path[4096];
    struct stat info;
    int rc;
    if (!nephi_price_file_user(host, directory, sizeof directory) ||
        !join(path, sizeof path, directory, provider))
        return NEPH_NOT_FOUND;
    rc = nephi_price_file_open_path(file, path, &info, error);
    if (!rc && info.st_uid != geteuid() && info.st_uid != 0)
        rc = nephi_fail(error, NEPH_INVALID, "%s belongs to another user and is not used", path);
    if (!rc && (info.st_mode & S_IWOTH))
        rc = nephi_fail(error, NEPH_INVALID,
                        "%s can be written by everybody and is not used: chmod 644 it", path);
    if (rc)
        nephi_price_file_close(file);
    return rc;
}

/* Below a directory of plugins, which a privileged process trusts as far as its plugins. */
static int open_packaged(nephi_price_file *file, neph_host *host, const char *plugins,
                         const char *provider, nephi_error *error)
{
    char directory[4096], path[4096];
    const char *fault = NULL;
    struct stat info;
    int rc;
    if ((size_t)snprintf(directory, sizeof directory, "%s/prices", plugins) >= sizeof directory ||
        !join(path, sizeof path, directory, provider))
        return NEPH_NOT_FOUND;
    rc = nephi_price_file_open_path(file, path, &info, error);
    if (rc || !host->is_privileged)
        return rc;
    fault = nephi_place_file_fault(&info);
    if (!fault)
        fault = nephi_place_directory_fault(directory);
    if (!fault)
        return 0;
    nephi_log(host, NEPH_LOG_WARNING, NEPHI_RULE_DIRECTORY_OWNER,
              "%s is skipped: it %s, and this process is privileged", path, fault);
    nephi_price_file_close(file);
    return NEPH_NOT_FOUND;
}

int nephi_price_file_open(nephi_price_file *file, neph_host *host, const char *provider, int flags,
                          nephi_error *error)
{
    const char *directory;
    int rc = NEPH_NOT_FOUND;
    file->fd = -1;
    if (!nephi_is_provider_id(provider))
        return NEPH_NOT_FOUND;
    if (!(flags & NEPHI_PRICE_PACKAGED_ONLY))
        rc = open_user(file, host, provider, error);
    for (uint32_t i = 0; rc == NEPH_NOT_FOUND; i++) {
        directory = nephi_registry_directory(host->registry, i);
        if (!directory)
            break;
        rc = open_packaged(file, host, directory, provider, error);
    }
    return rc;
}

int nephi_price_file_user(neph_host *host, char *out, size_t capacity)
{
    return nephi_host_allows(host, NEPH_SOURCE_FILES) &&
           nephi_place_user(host, "XDG_DATA_HOME", ".local/share", "neph/prices", out, capacity);
}

/* ---- which there are */

/* Is it PROVIDER.json? */
static int is_price_file(const char *name, char *provider, size_t capacity)
{
    size_t size = strlen(name), suffix = strlen(SUFFIX);
    if (size <= suffix || size - suffix >= capacity || strcmp(name + size - suffix, SUFFIX) != 0)
        return 0;
    memcpy(provider, name, size - suffix);
    provider[size - suffix] = '\0';
    return nephi_is_provider_id(provider);
}

static int names_add(nephi_arena *arena, const char **names, size_t *count, const char *name)
{
    for (size_t i = 0; i < *count; i++)
        if (strcmp(names[i], name) == 0)
            return 0;
    if (*count == NAMES_MAX)
        return 0;
    names[*count] = nephi_arena_text(arena, name, strlen(name));
    if (!names[*count])
        return NEPH_NO_MEMORY;
    ++*count;
    return 0;
}

static int names_in(nephi_arena *arena, const char *directory, const char **names, size_t *count)
{
    char provider[NEPHI_NAME_LENGTH_MAX + 1];
    DIR *stream = opendir(directory);
    struct dirent *item;
    int rc = 0;
    if (!stream)
        return errno == ENOMEM ? NEPH_NO_MEMORY : 0;
    while (!rc && (item = readdir(stream)) != NULL)
        if (is_price_file(item->d_name, provider, sizeof provider))
            rc = names_add(arena, names, count, provider);
    closedir(stream);
    return rc;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int nephi_price_file_names(neph_host *host, nephi_arena *arena, const char ***names, size_t *count)
{
    char path[4096];
    const char *directory;
    int rc = 0;
    *count = 0;
    *names = nephi_arena_alloc(arena, NAMES_MAX * sizeof **names);
    if (!*names)
        return NEPH_NO_MEMORY;
    if (nephi_price_file_user(host, path, sizeof path))
        rc = names_in(arena, path, *names, count);
    for (uint32_t i = 0; !rc; i++) {
        directory = nephi_registry_directory(host->registry, i);
        if (!directory)
            break;
        if ((size_t)snprintf(path, sizeof path, "%s/prices", directory) < sizeof path)
            rc = names_in(arena, path, *names, count);
    }
    if (*count)
        qsort(*names, *count, sizeof **names, compare_names);
    return rc;
}

/* ---- replacing */

static int file_failure(const char *path, const char *what, nephi_error *error)
{
    return nephi_fail(error, NEPH_FILE, "%s cannot be %s: %s", path, what, strerror(errno));
}

/* The directory and those above it. */
static int directory_make(const char *directory, nephi_error *error)
{
    char path[4096];
    if ((size_t)snprintf(path, sizeof path, "%s", directory) >= sizeof path)
        return nephi_fail(error, NEPH_FILE, "the path of the price files is too long");
    for (char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/')) {
        if (slash)
            *slash = '\0';
        if (mkdir(path, 0777) != 0 && errno != EEXIST)
            return file_failure(path, "made", error);
        if (!slash)
            return 0;
        *slash = '/';
    }
}

static int write_all(int fd, const char *data, size_t size)
{
    while (size) {
        ssize_t count = write(fd, data, size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return -1;
        data += count;
        size -= (size_t)count;
    }
    return fsync(fd);
}

/* So that the new name outlives a power cut too; what cannot be synced, as on some file systems, is left to them. */
static void directory_sync(const char *directory)
{
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)fsync(fd);
    close(fd);
}

int nephi_price_file_replace(const char *directory, const char *provider, const char *data,
                             size_t size, nephi_error *error)
{
    char path[4096], temporary[4096 + 32];
    uint64_t random = 0;
    int fd, rc = directory_make(directory, error);
    if (rc)
        return rc;
    if (!join(path, sizeof path, directory, provider) ||
        getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
        return nephi_fail(error, NEPH_FILE, "no temporary file can be made in %s", directory);
    snprintf(temporary, sizeof temporary, "%s/.neph-%016llx", directory,
             (unsigned long long)random);
    fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0)
        return file_failure(path, "written", error);
    if (write_all(fd, data, size) != 0)
        rc = file_failure(path, "written", error);
    if (close(fd) != 0 && !rc)
        rc = file_failure(path, "written", error);
    if (!rc && rename(temporary, path) != 0)
        rc = file_failure(path, "replaced", error);
    if (rc)
        unlink(temporary);
    else
        directory_sync(directory);
    return rc;
}
