/*
 * core/scan.c - reads the manifests in the plugin directories: one open, fstat, read and close for each. Every program
 * pays for this at its start. Which directories there are is search.c's, what stands in a manifest manifest.c's business.
 */
#include "core/entry.h"
#include "core/loader.h"
#include "core/manifest.h"
#include "core/place.h"
#include "core/rule.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ENTRIES_MAX 4096
#define SCRATCH_SIZE (48u << 10) /* what the tree of an ordinary manifest needs */

/* While directories are read. */
typedef struct scan {
    nephi_registry *registry;
    nephi_arena scratch;
    char *data; /* NEPHI_MANIFEST_MAX + 1 bytes at most */
    size_t capacity;
    const char *directory;
    uint32_t before; /* entries that other directories had */
    int fd;
} scan;

/* ---- one manifest */

static int is_null_link(int directory, const char *file)
{
    struct stat info, null;
    return fstatat(directory, file, &info, 0) == 0 && stat("/dev/null", &null) == 0 &&
           S_ISCHR(info.st_mode) && info.st_rdev == null.st_rdev;
}

static int fail_manifest(nephi_error *error, int32_t rule, const char *why)
{
    return nephi_fail_rule(error, rule, NEPH_PLUGIN, "%s", why);
}

/* Its whole text into the scan's buffer. */
static int manifest_data(scan *s, int fd, size_t *size, nephi_error *error)
{
    const char *fault;
    struct stat info;
    ssize_t got;
    if (fstat(fd, &info) || !S_ISREG(info.st_mode))
        return fail_manifest(error, NEPHI_RULE_MANIFEST_FILE, "is no regular file");
    if (info.st_size > NEPHI_MANIFEST_MAX)
        return fail_manifest(error, NEPHI_RULE_MANIFEST_FILE, "is larger than 256 KiB");
    fault = s->registry->host->is_privileged ? nephi_place_file_fault(&info) : NULL;
    if (fault)
        return fail_manifest(error, NEPHI_RULE_MANIFEST_OWNER, fault);
    if ((size_t)info.st_size > s->capacity) {
        char *bigger = nephi_realloc(s->registry->memory, s->data, (size_t)info.st_size);
        if (!bigger)
            return nephi_fail_memory(error);
        s->data = bigger;
        s->capacity = (size_t)info.st_size;
    }
    got = info.st_size ? read(fd, s->data, (size_t)info.st_size) : 0;
    if (got < 0)
        return fail_manifest(error, NEPHI_RULE_MANIFEST_FILE, strerror(errno));
    *size = (size_t)got;
    return 0;
}

static int manifest_place(scan *s, nephi_entry *made, const nephi_manifest *manifest,
                          nephi_error *error)
{
    int is_absolute = manifest->file[0] == '/';
    if (is_absolute && strncmp(s->directory, "/etc/", 5) != 0)
        return nephi_fail_rule(error, NEPHI_RULE_MANIFEST_PATH, NEPH_PLUGIN,
                               "its file \"%s\" is absolute, which only manifests in /etc may say",
                               manifest->file);
    made->info.file = is_absolute
                          ? manifest->file
                          : nephi_entry_join(&s->registry->arena, s->directory, manifest->file);
    return made->info.file ? 0 : nephi_fail_memory(error);
}

static int entry_fill(scan *s, nephi_entry *made, const nephi_manifest *manifest,
                      nephi_error *error)
{
    neph_plugin_info *info = &made->info;
    int rc;
    info->version = manifest->version ? manifest->version : "";
    info->package = manifest->package;
    info->providers = manifest->providers;
    info->provider_count = manifest->provider_count;
    info->abi_major = manifest->abi_major;
    info->abi_minor = manifest->abi_minor;
    rc = manifest_place(s, made, manifest, error);
    return rc ? rc
              : nephi_loader_check_abi(info->abi_major, info->abi_minor, "it", info->package,
                                       error);
}

static int manifest_read(scan *s, nephi_entry *made, const char *file, nephi_error *error)
{
    nephi_manifest manifest;
    size_t size = 0;
    int fd = openat(s->fd, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    int rc;
    if (fd < 0 && errno == ELOOP && is_null_link(s->fd, file))
        return fail_manifest(error, NEPHI_RULE_MASKED, "masked by this link to /dev/null");
    if (fd < 0)
        return fail_manifest(error, NEPHI_RULE_MANIFEST_FILE,
                             errno == ELOOP ? "is a symbolic link" : strerror(errno));
    rc = manifest_data(s, fd, &size, error);
    close(fd);
    if (rc)
        return rc;
    nephi_arena_reset(&s->scratch, 0);
    rc = nephi_manifest_read(&manifest, &s->registry->arena, &s->scratch, made->info.name, s->data,
                             size, error);
    return rc ? rc : entry_fill(s, made, &manifest, error);
}

/* Why it is not even read; NULL: it is. */
static const char *left_out(scan *s, const char *name, int32_t *rule, char *space, size_t capacity)
{
    const nephi_entry *other = nephi_entry_find_in(s->registry, s->before, name);
    *rule = NEPHI_RULE_MASKED;
    if (other) {
        snprintf(space, capacity, "masked by %s",
                 other->info.manifest ? other->info.manifest : "a built-in plugin");
        return space;
    }
    *rule = NEPHI_RULE_FILTERED;
    return s->registry->search.filter && !nephi_search_allows(s->registry->search.filter, name)
               ? "left out by NEPH_PLUGINS"
               : NULL;
}

static int manifest_add(scan *s, const char *file)
{
    nephi_registry *registry = s->registry;
    char name[NEPHI_NAME_LENGTH_MAX + 1], space[512];
    const char *reason;
    const nephi_entry *other;
    nephi_error error;
    int32_t rule;
    nephi_entry *made;
    int rc = 0;
    memcpy(name, file, strlen(file) - strlen(".json"));
    name[strlen(file) - strlen(".json")] = '\0';
    made = nephi_entry_new(registry, name);
    if (!made || !(made->info.manifest = nephi_entry_join(&registry->arena, s->directory, file)))
        return NEPH_NO_MEMORY;
    other = nephi_entry_find_in(registry, s->before, name);
    if (other && other->info.manifest && strcmp(other->info.manifest, made->info.manifest) == 0)
        return 0; /* a mask that was seen before */
    reason = left_out(s, name, &rule, space, sizeof space);
    nephi_entry_insert(registry, made, registry->count);
    if (reason) {
        nephi_entry_skip(registry, made, NEPH_LOG_INFO, rule, reason);
        return 0;
    }
    nephi_error_clear(&error);
    rc = manifest_read(s, made, file, &error);
    if (rc == NEPH_NO_MEMORY)
        return rc;
    if (rc)
        nephi_entry_skip(registry, made,
                         error.rule == NEPHI_RULE_MASKED ? NEPH_LOG_INFO : NEPH_LOG_WARNING,
                         error.rule, error.message);
    return 0;
}

/* ---- directories */

static int is_manifest(scan *s, const char *file)
{
    size_t size = strlen(file);
    char name[NEPHI_NAME_LENGTH_MAX + 1];
    if (file[0] == '.' || size < 6 || strcmp(file + size - 5, ".json") != 0)
        return 0;
    if (size - 5 <= NEPHI_NAME_LENGTH_MAX) {
        memcpy(name, file, size - 5);
        name[size - 5] = '\0';
        if (nephi_is_plugin_name(name))
            return 1;
    }
    nephi_log(s->registry->host, NEPH_LOG_WARNING, NEPHI_RULE_MANIFEST_NAME,
              "%s/%s is skipped: its name is none for a plugin", s->directory, file);
    return 0;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Manifests' names, as they come. */
typedef struct list {
    char **names;
    uint32_t count, capacity;
} list;

static int list_add(const nephi_memory *memory, list *l, const char *name)
{
    if (l->count == l->capacity) {
        uint32_t capacity = l->capacity ? 2 * l->capacity : 128;
        char **bigger = nephi_realloc(memory, l->names, capacity * sizeof *bigger);
        if (!bigger)
            return NEPH_NO_MEMORY;
        l->names = bigger;
        l->capacity = capacity;
    }
    l->names[l->count] = nephi_strdup(memory, name);
    if (!l->names[l->count])
        return NEPH_NO_MEMORY;
    l->count++;
    return 0;
}

static void list_fini(const nephi_memory *memory, list *l)
{
    while (l->count)
        nephi_free(memory, l->names[--l->count]);
    nephi_free(memory, l->names);
}

static int list_read(scan *s, DIR *stream, list *l)
{
    struct dirent *item;
    int rc = 0;
    while (!rc && l->count < ENTRIES_MAX && (item = readdir(stream)) != NULL)
        if (is_manifest(s, item->d_name))
            rc = list_add(s->registry->memory, l, item->d_name);
    if (l->count)
        qsort(l->names, l->count, sizeof *l->names, compare_texts);
    return rc;
}

static int directory_open(scan *s, DIR **out)
{
    neph_host *host = s->registry->host;
    const char *fault = NULL;
    DIR *stream;
    *out = NULL;
    stream = opendir(s->directory);
    if (!stream) {
        if (s->registry->search.is_given || (errno != ENOENT && errno != ENOTDIR))
            nephi_log(host, NEPH_LOG_WARNING, NEPHI_RULE_DIRECTORY, "%s is skipped: %s",
                      s->directory, strerror(errno));
        return errno == ENOMEM ? NEPH_NO_MEMORY : 0;
    }
    if (host->is_privileged)
        fault = nephi_place_directory_fault(s->directory);
    if (fault) {
        nephi_log(host, NEPH_LOG_WARNING, NEPHI_RULE_DIRECTORY_OWNER,
                  "%s is skipped: it %s, and this process is privileged", s->directory, fault);
        closedir(stream);
        return 0;
    }
    s->fd = dirfd(stream);
    *out = stream;
    return 0;
}

/* masks_only: looks for links to /dev/null alone. */
static int directory_scan(scan *s, const char *directory, int masks_only)
{
    list l = {NULL, 0, 0};
    DIR *stream;
    int rc;
    s->directory = directory;
    s->before = s->registry->count;
    rc = directory_open(s, &stream);
    if (rc || !stream)
        return rc;
    rc = list_read(s, stream, &l);
    for (uint32_t i = 0; i < l.count && !rc; i++)
        if (!masks_only || is_null_link(s->fd, l.names[i]))
            rc = manifest_add(s, l.names[i]);
    list_fini(s->registry->memory, &l);
    closedir(stream);
    return rc;
}

static int scan_all(scan *s)
{
    const nephi_search *search = &s->registry->search;
    int rc = 0;
    if (search->admin > 0)
        rc = directory_scan(s, search->directories[search->admin], 1);
    for (uint32_t i = 0; i < search->count && !rc; i++)
        rc = directory_scan(s, search->directories[i], 0);
    return rc;
}

int nephi_scan_run(nephi_registry *registry)
{
    scan s = {.registry = registry, .fd = -1};
    int rc = nephi_search_init(&registry->search, registry->host, &registry->arena);
    nephi_arena_init(&s.scratch, registry->memory, 8 * NEPHI_MANIFEST_MAX);
    if (!rc && !nephi_arena_alloc(&s.scratch, SCRATCH_SIZE))
        rc = NEPH_NO_MEMORY;
    if (!rc)
        rc = scan_all(&s);
    nephi_arena_fini(&s.scratch, 0);
    nephi_free(registry->memory, s.data);
    return rc;
}
