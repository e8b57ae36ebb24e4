/*
 * core/loader.c - opens, checks and loads shared objects. libltdl has process-wide state and no locks, so one lock
 * stands around all of it. Which file is to be loaded is registry.c's business.
 */
#include "core/loader.h"

#include "core/elf.h"
#include "core/host.h"
#include "core/manifest.h"
#include "core/place.h"
#include "core/rule.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <ltdl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROVIDERS_MAX 64

/* What is in the process already. It outlives every host and so every host's allocator. */
typedef struct loaded {
    struct loaded *next;
    dev_t device;
    ino_t inode;
    struct timespec changed;
    off_t size;
    lt_dlhandle handle;
} loaded;

typedef struct opened {
    const char *path;
    int fd;
    int binding; /* RTLD_NOW or RTLD_LAZY */
    struct stat info;
} opened;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static loaded *all_loaded;
static uint32_t serial;
static int is_ready;

/* ---- the file */

static int fail_open(const char *path, int why, nephi_error *error)
{
    if (why == ENOENT || why == ENOTDIR)
        return nephi_fail_rule(error, NEPHI_RULE_PLUGIN_FILE, NEPH_PLUGIN,
                               "%s is not there, though its manifest is: install its package again",
                               path);
    if (why == ELOOP)
        return nephi_fail_rule(error, NEPHI_RULE_PLUGIN_FILE, NEPH_PLUGIN,
                               "%s is a symbolic link: put the file itself there", path);
    return nephi_fail_rule(error, NEPHI_RULE_PLUGIN_FILE, NEPH_PLUGIN, "%s cannot be opened: %s",
                           path, strerror(why));
}

static int file_open(opened *file, const char *path, nephi_error *error)
{
    file->path = path;
    /* O_NONBLOCK: a FIFO must not hold the host up. */
    file->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (file->fd < 0)
        return fail_open(path, errno, error);
    if (fstat(file->fd, &file->info))
        return fail_open(path, errno, error);
    if (!S_ISREG(file->info.st_mode))
        return nephi_fail_rule(error, NEPHI_RULE_PLUGIN_FILE, NEPH_PLUGIN, "%s is no regular file",
                               path);
    return 0;
}

static void file_close(opened *file)
{
    if (file->fd >= 0)
        close(file->fd);
}

static int check_owner(const neph_host *host, const opened *file, nephi_error *error)
{
    const char *fault = host->is_privileged ? nephi_place_file_fault(&file->info) : NULL;
    const char *slash = strrchr(file->path, '/');
    if (host->is_privileged && !fault && slash) {
        char directory[4096];
        int size =
            snprintf(directory, sizeof directory, "%.*s/", (int)(slash - file->path), file->path);
        fault = size < (int)sizeof directory ? nephi_place_directory_fault(directory)
                                             : "has too long a path";
    }
    if (!fault)
        return 0;
    return nephi_fail_rule(error, NEPHI_RULE_PLUGIN_OWNER, NEPH_PLUGIN,
                           "%s %s, and this process is privileged: chown root and chmod go-w it",
                           file->path, fault);
}

/* ---- the ABI */

int nephi_loader_check_abi(uint32_t major, uint32_t minor, const char *where, const char *package,
                           nephi_error *error)
{
    /* Before 1.0 a minor is as good as a major. */
    int is_usable = major == NEPH_ABI_MAJOR &&
                    (NEPH_ABI_MAJOR ? minor <= NEPH_ABI_MINOR : minor == NEPH_ABI_MINOR);
    int is_newer = major > NEPH_ABI_MAJOR || (major == NEPH_ABI_MAJOR && minor > NEPH_ABI_MINOR);
    if (is_usable)
        return 0;
    if (is_newer)
        return nephi_fail_rule(
            error, NEPHI_RULE_PLUGIN_ABI, NEPH_PLUGIN,
            "%s needs plugin ABI %u.%u, this neph %d.%d.%d has %d.%d: update neph", where, major,
            minor, NEPH_VERSION_MAJOR, NEPH_VERSION_MINOR, NEPH_VERSION_PATCH, NEPH_ABI_MAJOR,
            NEPH_ABI_MINOR);
    return nephi_fail_rule(error, NEPHI_RULE_PLUGIN_ABI, NEPH_PLUGIN,
                           "%s is for plugin ABI %u.%u, this neph %d.%d.%d has %d.%d: update %s",
                           where, major, minor, NEPH_VERSION_MAJOR, NEPH_VERSION_MINOR,
                           NEPH_VERSION_PATCH, NEPH_ABI_MAJOR, NEPH_ABI_MINOR,
                           package ? package : "the plugin");
}

static int check_note(const nephi_elf_note *note, const char *path, nephi_error *error)
{
    if (note->is_there)
        return nephi_loader_check_abi(note->abi_major, note->abi_minor, path, NULL, error);
    if (!nephi_elf_has_notes())
        return 0;
    return nephi_fail_rule(
        error, NEPHI_RULE_PLUGIN_NOTE, NEPH_PLUGIN,
        "%s has no neph ABI note, so it is no neph plugin or was stripped of it: build it with NEPH_PLUGIN()",
        path);
}

/* ---- loading, under the lock */

static loaded *loaded_find(const struct stat *info)
{
    for (loaded *at = all_loaded; at; at = at->next)
        if (at->device == info->st_dev && at->inode == info->st_ino)
            return at;
    return NULL;
}

static int is_unchanged(const loaded *module, const struct stat *info)
{
    return module->size == info->st_size && module->changed.tv_sec == info->st_mtim.tv_sec &&
           module->changed.tv_nsec == info->st_mtim.tv_nsec;
}

/*
 * A path to the open file that nobody used before: the dynamic linker and libltdl take two files for one if their
 * paths are spelt alike, and descriptor numbers come again. The serial number's bits choose the spelling.
 */
static void descriptor_path(char *out, size_t capacity, int fd, uint32_t number)
{
    size_t used = (size_t)snprintf(out, capacity, "/proc/self/fd");
    for (; number; number >>= 1)
        used += (size_t)snprintf(out + used, capacity - used, "%s", number & 1 ? "/." : "/../fd");
    snprintf(out + used, capacity - used, "/%d", fd);
}

static const char *loading_path(const opened *file, char *space, size_t capacity)
{
    struct stat seen;
    descriptor_path(space, capacity, file->fd, serial++);
    if (stat(space, &seen) == 0 && seen.st_dev == file->info.st_dev &&
        seen.st_ino == file->info.st_ino)
        return space;
    return file->path;
}

static int fail_link(const char *path, const char *used_path, const char *why, nephi_error *error)
{
    size_t prefix = strlen(used_path);
    if (!why)
        why = "the dynamic linker does not say why";
    if (strncmp(why, used_path, prefix) == 0 && why[prefix] == ':')
        why += prefix + 1 + (why[prefix + 1] == ' ');
    return nephi_fail_rule(error, NEPHI_RULE_PLUGIN_LINK, NEPH_PLUGIN, "%s cannot be loaded: %s",
                           path, why);
}

static int library_ready(nephi_error *error)
{
    if (!is_ready && lt_dlinit() != 0)
        return nephi_fail(error, NEPH_PLUGIN, "libltdl cannot be used: %s", lt_dlerror());
    is_ready = 1;
    return 0;
}

/* libltdl binds lazily and says "file not found" for everything; the dynamic linker, asked first, does neither. */
static int module_open(loaded *module, const opened *file, nephi_error *error)
{
    char space[256];
    const char *path = loading_path(file, space, sizeof space);
    lt_dladvise advise = NULL;
    void *direct = dlopen(path, file->binding | RTLD_LOCAL);
    int rc = 0;
    if (!direct)
        return fail_link(file->path, path, dlerror(), error);
    if (lt_dladvise_init(&advise) || lt_dladvise_local(&advise) || lt_dladvise_resident(&advise))
        rc = nephi_fail_memory(error);
    if (!rc && !(module->handle = lt_dlopenadvise(path, advise)))
        rc = fail_link(file->path, path, lt_dlerror(), error);
    if (advise)
        lt_dladvise_destroy(&advise);
    return rc;
}

static int module_load(const opened *file, loaded **out, nephi_error *error)
{
    loaded *module = loaded_find(&file->info);
    int rc = library_ready(error);
    if (rc)
        return rc;
    if (module && !is_unchanged(module, &file->info))
        return nephi_fail_rule(
            error, NEPHI_RULE_PLUGIN_FILE, NEPH_PLUGIN,
            "%s was overwritten while this program had it loaded: start the program again",
            file->path);
    if (!module) {
        module = calloc(1, sizeof *module);
        if (!module)
            return nephi_fail_memory(error);
        module->device = file->info.st_dev;
        module->inode = file->info.st_ino;
        module->changed = file->info.st_mtim;
        module->size = file->info.st_size;
        rc = module_open(module, file, error);
        if (rc) {
            free(module);
            return rc;
        }
        module->next = all_loaded;
        all_loaded = module;
    }
    *out = module;
    return 0;
}

/* Bytes that the file says the symbol has; 0: it cannot be known. */
static size_t symbol_size(const void *address)
{
#ifdef __GLIBC__
    const ElfW(Sym) *entry = NULL;
    Dl_info info;
    if (dladdr1(address, &info, (void **)&entry, RTLD_DL_SYMENT) && entry &&
        info.dli_saddr == address)
        return entry->st_size;
#else
    (void)address;
#endif
    return 0;
}

static int symbol_find(const opened *file, const char *symbol, size_t least, const void **out,
                       nephi_error *error)
{
    loaded *module = NULL;
    int rc;
    pthread_mutex_lock(&lock);
    rc = module_load(file, &module, error);
    if (!rc && !(*out = lt_dlsym(module->handle, symbol)))
        rc = nephi_fail_rule(error, NEPHI_RULE_PLUGIN_SYMBOL, NEPH_PLUGIN, "%s does not export %s",
                             file->path, symbol);
    pthread_mutex_unlock(&lock);
    if (!rc && symbol_size(*out) && symbol_size(*out) < least)
        rc = nephi_fail_rule(error, NEPHI_RULE_PLUGIN_SYMBOL, NEPH_PLUGIN,
                             "%s: %s is too small to be what it is called", file->path, symbol);
    return rc;
}

/* ---- what is exported */

static int refuse(const char *where, nephi_error *error, const char *why)
{
    return nephi_fail_rule(error, NEPHI_RULE_PLUGIN_MAGIC, NEPH_PLUGIN, "%s %s", where, why);
}

static int check_providers(const neph_plugin *plugin, const char *where, nephi_error *error)
{
    if (!plugin->providers || plugin->provider_count == 0 || plugin->provider_count > PROVIDERS_MAX)
        return refuse(where, error, "lists no providers, or too many");
    for (uint32_t i = 0; i < plugin->provider_count; i++)
        if (!plugin->providers[i] || !plugin->providers[i]->id)
            return refuse(where, error, "lists a provider that is not there");
    return 0;
}

int nephi_loader_verify(const neph_plugin *plugin, const char *where, const char *name,
                        nephi_error *error)
{
    int rc;
    if (memcmp(plugin->magic, NEPH_PLUGIN_MAGIC, sizeof plugin->magic) != 0)
        return refuse(where, error,
                      "exports " NEPH_PLUGIN_SYMBOL " but that has not the magic of a neph plugin");
    rc = nephi_loader_check_abi(plugin->abi_major,
                                plugin->abi_major == NEPH_ABI_MAJOR ? plugin->abi_minor_needed : 0,
                                where, NULL, error);
    if (rc)
        return rc;
    if (plugin->size != sizeof *plugin)
        return refuse(where, error,
                      "has a neph_plugin of another size: build it with this neph's headers");
    if (!plugin->name || !plugin->version || !nephi_is_plugin_name(plugin->name))
        return refuse(where, error, "has no usable name or version");
    if (name && strcmp(plugin->name, name) != 0)
        return nephi_fail_rule(
            error, NEPHI_RULE_PLUGIN_NAME, NEPH_PLUGIN,
            "%s is the plugin \"%s\", its manifest says \"%s\": install the package again", where,
            plugin->name, name);
    return check_providers(plugin, where, error);
}

/* ---- public */

static int file_load(neph_host *host, const char *path, const char *symbol, int is_plugin,
                     const void **out, nephi_error *error)
{
    /* A module of our own was linked to bind at once; the 30 libraries behind it would take milliseconds. */
    opened file = {.fd = -1, .binding = is_plugin ? RTLD_NOW : RTLD_LAZY};
    nephi_elf_note note;
    int rc = file_open(&file, path, error);
    if (!rc && is_plugin)
        rc = check_owner(host, &file, error);
    if (!rc)
        rc = nephi_elf_read(file.fd, file.info.st_size, path, &note, error);
    if (!rc && is_plugin)
        rc = check_note(&note, path, error);
    if (!rc)
        rc = symbol_find(&file, symbol, is_plugin ? sizeof(neph_plugin) : 1, out, error);
    file_close(&file);
    return rc;
}

int nephi_loader_plugin(neph_host *host, const char *path, const char *name,
                        const neph_plugin **out, nephi_error *error)
{
    const void *symbol = NULL;
    int rc;
    *out = NULL;
    rc = file_load(host, path, NEPH_PLUGIN_SYMBOL, 1, &symbol, error);
    if (!rc)
        rc = nephi_loader_verify(symbol, path, name, error);
    if (!rc)
        *out = symbol;
    return rc;
}

int nephi_loader_module(neph_host *host, const char *path, const char *symbol, const void **out,
                        nephi_error *error)
{
    *out = NULL;
    return file_load(host, path, symbol, 0, out, error);
}
