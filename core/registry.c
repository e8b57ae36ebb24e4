/*
 * core/registry.c - what is installed: reads the manifests, keeps plugins in order, says who has which provider, and
 * loads a plugin when one of its providers is first used. Where to look is search.c's, how to load loader.c's business.
 */
#include "core/registry.h"

#include "core/clouds.h"
#include "core/host.h"
#include "core/info.h"
#include "core/loader.h"
#include "core/manifest.h"
#include "core/place.h"
#include "core/preloaded.h"
#include "core/rule.h"
#include "core/search.h"
#include "core/suggest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ENTRIES_MAX 4096
#define ARENA_MAX (64u << 20)
#define SCRATCH_SIZE (48u << 10) /* what the tree of an ordinary manifest needs */

typedef struct entry {
    neph_plugin_info info;     /* strings in the registry's arena */
    const neph_plugin *plugin; /* loaded or built in; NULL: not yet */
    nephi_provider **compiled; /* one for each provider, NULL until it is used */
    uint32_t order;
} entry;

/* A provider's id and the plugin that has it. */
typedef struct claim {
    const neph_provider_info *info;
    entry *owner;
    uint32_t index;
} claim;

struct nephi_registry {
    neph_host *host;
    const nephi_memory *memory;
    nephi_arena arena;
    entry **in_order; /* of precedence: built-in ones, then as found */
    entry **by_name;
    uint32_t count, capacity;
    claim *claims; /* in order of id */
    uint32_t claim_count, claim_capacity;
    nephi_arena cloud_arena;
    const char **cloud_names;
    uint32_t cloud_count;
};

/* While directories are read. */
typedef struct scan {
    nephi_registry *registry;
    nephi_search search;
    nephi_arena scratch;
    char *data; /* NEPHI_MANIFEST_MAX + 1 bytes at most */
    size_t capacity;
    const char *directory;
    uint32_t before; /* entries that other directories had */
    int fd;
} scan;

/* ---- entries */

static int grow(const nephi_memory *memory, void *array, uint32_t capacity, size_t size)
{
    void *bigger = nephi_realloc(memory, *(void **)array, capacity * size);
    if (!bigger)
        return NEPH_NO_MEMORY;
    *(void **)array = bigger;
    return 0;
}

static int reserve(nephi_registry *registry)
{
    uint32_t capacity = registry->capacity ? 2 * registry->capacity : 64;
    if (registry->count < registry->capacity)
        return 0;
    if (grow(registry->memory, &registry->in_order, capacity, sizeof(entry *)) ||
        grow(registry->memory, &registry->by_name, capacity, sizeof(entry *)))
        return NEPH_NO_MEMORY;
    registry->capacity = capacity;
    return 0;
}

static entry *entry_new(nephi_registry *registry, const char *name)
{
    entry *made;
    if (reserve(registry) || !(made = nephi_arena_alloc(&registry->arena, sizeof *made)))
        return NULL;
    memset(made, 0, sizeof *made);
    made->info.size = sizeof made->info;
    made->info.version = "";
    made->info.name = nephi_arena_text(&registry->arena, name, strlen(name));
    return made->info.name ? made : NULL;
}

static int compare_names(const void *a, const void *b)
{
    const entry *x = *(entry *const *)a, *y = *(entry *const *)b;
    int by_name = strcmp(x->info.name, y->info.name);
    return by_name ? by_name : (x->order > y->order) - (x->order < y->order);
}

/* Puts an entry into its place; there is room. at: its place in the order of precedence. */
static void entry_insert(nephi_registry *registry, entry *made, uint32_t at)
{
    memmove(registry->in_order + at + 1, registry->in_order + at,
            (registry->count - at) * sizeof(entry *));
    registry->in_order[at] = made;
    registry->by_name[registry->count++] = made;
    for (uint32_t i = at; i < registry->count; i++)
        registry->in_order[i]->order = i;
}

/* Among the first `count` in the order of precedence. */
static entry *entry_find_in(const nephi_registry *registry, uint32_t count, const char *name)
{
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(registry->in_order[i]->info.name, name) == 0)
            return registry->in_order[i];
    return NULL;
}

static entry *entry_find(const nephi_registry *registry, const char *name)
{
    return entry_find_in(registry, registry->count, name);
}

/* Marks and logs; without memory for the reason a shorter one stands. */
static void entry_skip(nephi_registry *registry, entry *skipped, int32_t level, int32_t rule,
                       const char *reason)
{
    neph_plugin_info *info = &skipped->info;
    info->state = NEPH_PLUGIN_SKIPPED;
    info->rule = rule;
    info->reason = nephi_arena_text(&registry->arena, reason, strlen(reason));
    if (!info->reason)
        info->reason = "out of memory";
    nephi_log(registry->host, level, rule, "plugin \"%s\" is skipped: %s%s%s", info->name,
              info->manifest ? info->manifest : "", info->manifest ? ": " : "", reason);
}

static const char *arena_join(nephi_arena *arena, const char *a, const char *b)
{
    size_t x = strlen(a), y = strlen(b);
    char *text = nephi_arena_alloc(arena, x + y + 2);
    if (!text)
        return NULL;
    memcpy(text, a, x);
    text[x] = '/';
    memcpy(text + x + 1, b, y + 1);
    return text;
}

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
        if (grow(s->registry->memory, &s->data, (uint32_t)info.st_size, 1))
            return nephi_fail_memory(error);
        s->capacity = (size_t)info.st_size;
    }
    got = info.st_size ? read(fd, s->data, (size_t)info.st_size) : 0;
    if (got < 0)
        return fail_manifest(error, NEPHI_RULE_MANIFEST_FILE, strerror(errno));
    *size = (size_t)got;
    return 0;
}

static int manifest_place(scan *s, entry *made, const nephi_manifest *manifest, nephi_error *error)
{
    int is_absolute = manifest->file[0] == '/';
    if (is_absolute && strncmp(s->directory, "/etc/", 5) != 0)
        return nephi_fail_rule(error, NEPHI_RULE_MANIFEST_PATH, NEPH_PLUGIN,
                               "its file \"%s\" is absolute, which only manifests in /etc may say",
                               manifest->file);
    made->info.file = is_absolute ? manifest->file
                                  : arena_join(&s->registry->arena, s->directory, manifest->file);
    return made->info.file ? 0 : nephi_fail_memory(error);
}

static int entry_fill(scan *s, entry *made, const nephi_manifest *manifest, nephi_error *error)
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

static int manifest_read(scan *s, entry *made, const char *file, nephi_error *error)
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
    const entry *other = entry_find_in(s->registry, s->before, name);
    *rule = NEPHI_RULE_MASKED;
    if (other) {
        snprintf(space, capacity, "masked by %s",
                 other->info.manifest ? other->info.manifest : "a built-in plugin");
        return space;
    }
    *rule = NEPHI_RULE_FILTERED;
    return s->search.filter && !nephi_search_allows(s->search.filter, name)
               ? "left out by NEPH_PLUGINS"
               : NULL;
}

static int manifest_add(scan *s, const char *file)
{
    nephi_registry *registry = s->registry;
    char name[NEPHI_NAME_LENGTH_MAX + 1], space[512];
    const char *reason;
    const entry *other;
    nephi_error error;
    int32_t rule;
    entry *made;
    int rc = 0;
    memcpy(name, file, strlen(file) - strlen(".json"));
    name[strlen(file) - strlen(".json")] = '\0';
    made = entry_new(registry, name);
    if (!made || !(made->info.manifest = arena_join(&registry->arena, s->directory, file)))
        return NEPH_NO_MEMORY;
    other = entry_find_in(registry, s->before, name);
    if (other && other->info.manifest && strcmp(other->info.manifest, made->info.manifest) == 0)
        return 0; /* a mask that was seen before */
    reason = left_out(s, name, &rule, space, sizeof space);
    entry_insert(registry, made, registry->count);
    if (reason) {
        entry_skip(registry, made, NEPH_LOG_INFO, rule, reason);
        return 0;
    }
    nephi_error_clear(&error);
    rc = manifest_read(s, made, file, &error);
    if (rc == NEPH_NO_MEMORY)
        return rc;
    if (rc)
        entry_skip(registry, made,
                   error.rule == NEPHI_RULE_MASKED ? NEPH_LOG_INFO : NEPH_LOG_WARNING, error.rule,
                   error.message);
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

/* The manifests' names in order, in the scratch arena. */
static int list_read(scan *s, DIR *stream, char ***out, uint32_t *count)
{
    char **names = NULL;
    uint32_t capacity = 0;
    struct dirent *item;
    int rc = 0;
    *count = 0;
    while (!rc && *count < ENTRIES_MAX && (item = readdir(stream)) != NULL) {
        if (!is_manifest(s, item->d_name))
            continue;
        if (*count == capacity) {
            capacity = capacity ? 2 * capacity : 128;
            rc = grow(s->registry->memory, &names, capacity, sizeof *names);
        }
        if (!rc && !(names[*count] = nephi_strdup(s->registry->memory, item->d_name)))
            rc = NEPH_NO_MEMORY;
        *count += !rc;
    }
    if (*count)
        qsort(names, *count, sizeof *names, compare_texts);
    *out = names;
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
        if (errno != ENOENT && errno != ENOTDIR)
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
    char **names = NULL;
    uint32_t count = 0;
    DIR *stream;
    int rc;
    s->directory = directory;
    s->before = s->registry->count;
    rc = directory_open(s, &stream);
    if (rc || !stream)
        return rc;
    rc = list_read(s, stream, &names, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (!rc && (!masks_only || is_null_link(s->fd, names[i])))
            rc = manifest_add(s, names[i]);
        nephi_free(s->registry->memory, names[i]);
    }
    nephi_free(s->registry->memory, names);
    closedir(stream);
    return rc;
}

static int scan_all(scan *s)
{
    const nephi_search *search = &s->search;
    int rc = 0;
    if (search->admin > 0)
        rc = directory_scan(s, search->directories[search->admin], 1);
    for (uint32_t i = 0; i < search->count && !rc; i++)
        rc = directory_scan(s, search->directories[i], 0);
    return rc;
}

static int scan_run(nephi_registry *registry)
{
    scan s = {.registry = registry, .fd = -1};
    int rc = nephi_search_init(&s.search, registry->host, &registry->arena);
    nephi_arena_init(&s.scratch, registry->memory, 8 * NEPHI_MANIFEST_MAX);
    if (!rc && !nephi_arena_alloc(&s.scratch, SCRATCH_SIZE))
        rc = NEPH_NO_MEMORY;
    if (!rc)
        rc = scan_all(&s);
    nephi_arena_fini(&s.scratch, 0);
    nephi_free(registry->memory, s.data);
    return rc;
}

/* ---- who has which provider */

static int compare_claims(const void *a, const void *b)
{
    const claim *x = a, *y = b;
    int by_id = strcmp(x->info->id, y->info->id);
    return by_id ? by_id
                 : (x->owner->order > y->owner->order) - (x->owner->order < y->owner->order);
}

static int claims_reserve(nephi_registry *registry, uint32_t wanted)
{
    if (wanted <= registry->claim_capacity)
        return 0;
    if (grow(registry->memory, &registry->claims, wanted, sizeof(claim)))
        return NEPH_NO_MEMORY;
    registry->claim_capacity = wanted;
    return 0;
}

/* Keeps the first of each id. */
static void claims_settle(nephi_registry *registry)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < registry->claim_count; i++) {
        const claim *at = &registry->claims[i];
        const claim *first = kept ? &registry->claims[kept - 1] : NULL;
        if (first && strcmp(first->info->id, at->info->id) == 0)
            nephi_log(registry->host, NEPH_LOG_WARNING, NEPHI_RULE_PROVIDER_TAKEN,
                      "provider \"%s\" of plugin \"%s\" is skipped: plugin \"%s\" has it already",
                      at->info->id, at->owner->info.name, first->owner->info.name);
        else
            registry->claims[kept++] = *at;
    }
    registry->claim_count = kept;
}

static int claims_make(nephi_registry *registry)
{
    uint32_t wanted = 0;
    for (uint32_t i = 0; i < registry->count; i++)
        wanted += registry->in_order[i]->info.provider_count;
    if (wanted && claims_reserve(registry, wanted))
        return NEPH_NO_MEMORY;
    registry->claim_count = 0;
    for (uint32_t i = 0; i < registry->count; i++) {
        entry *owner = registry->in_order[i];
        for (uint32_t j = 0; j < owner->info.provider_count; j++)
            if (owner->info.state != NEPH_PLUGIN_SKIPPED)
                registry->claims[registry->claim_count++] =
                    (claim){&owner->info.providers[j], owner, j};
    }
    if (registry->claim_count)
        qsort(registry->claims, registry->claim_count, sizeof(claim), compare_claims);
    claims_settle(registry);
    return 0;
}

static const claim *claim_find(const nephi_registry *registry, const char *id)
{
    for (uint32_t i = 0; i < registry->claim_count; i++)
        if (strcmp(registry->claims[i].info->id, id) == 0)
            return &registry->claims[i];
    return NULL;
}

static void sort_names(nephi_registry *registry)
{
    if (registry->count)
        qsort(registry->by_name, registry->count, sizeof(entry *), compare_names);
}

/* ---- built-in plugins */

static int builtin_check(const nephi_registry *registry, const neph_plugin *plugin,
                         nephi_error *error)
{
    const entry *other;
    int rc;
    if (!plugin)
        return nephi_fail(error, NEPH_PLUGIN, "no plugin was given");
    rc = nephi_loader_verify(plugin, "the built-in plugin", NULL, error);
    for (uint32_t i = 0; !rc && i < plugin->provider_count; i++)
        rc = nephi_provider_check(plugin->providers[i], error);
    if (rc)
        return rc;
    other = entry_find(registry, plugin->name);
    if (other && other->plugin)
        return nephi_fail(error, NEPH_EXISTS, "the plugin \"%s\" is there and in use already",
                          plugin->name);
    return 0;
}

static int builtin_make(nephi_registry *registry, const neph_plugin *plugin, entry **out,
                        nephi_error *error)
{
    nephi_arena *arena = &registry->arena;
    neph_provider_info *infos = nephi_arena_alloc(arena, plugin->provider_count * sizeof *infos);
    entry *made = infos ? entry_new(registry, plugin->name) : NULL;
    if (!made)
        return nephi_fail_memory(error);
    made->plugin = plugin;
    made->info.state = NEPH_PLUGIN_BUILT_IN;
    made->info.version = plugin->version;
    made->info.package = plugin->package;
    made->info.providers = infos;
    made->info.provider_count = plugin->provider_count;
    made->info.abi_major = plugin->abi_major;
    made->info.abi_minor = plugin->abi_minor_built;
    *out = made;
    return nephi_info_make(infos, arena, plugin, error);
}

static uint32_t builtin_count(const nephi_registry *registry)
{
    uint32_t count = 0;
    while (count < registry->count && registry->in_order[count]->info.state == NEPH_PLUGIN_BUILT_IN)
        count++;
    return count;
}

int nephi_registry_add(nephi_registry *registry, const neph_plugin *plugin, nephi_error *error)
{
    entry *made = NULL, *masked;
    int rc = builtin_check(registry, plugin, error);
    if (!rc)
        rc = builtin_make(registry, plugin, &made, error);
    if (!rc && claims_reserve(registry, registry->claim_count + plugin->provider_count))
        rc = nephi_fail_memory(error);
    if (rc)
        return rc;
    masked = entry_find(registry, plugin->name);
    entry_insert(registry, made, builtin_count(registry));
    if (masked && masked->info.state != NEPH_PLUGIN_SKIPPED)
        entry_skip(registry, masked, NEPH_LOG_INFO, NEPHI_RULE_MASKED,
                   "masked by a built-in plugin");
    sort_names(registry);
    return claims_make(registry) ? nephi_fail_memory(error) : 0;
}

static int preloaded_add(nephi_registry *registry)
{
    nephi_error error;
    int rc = 0;
    for (size_t i = 0; nephi_preloaded[i] && rc != NEPH_NO_MEMORY; i++) {
        nephi_error_clear(&error);
        rc = nephi_registry_add(registry, nephi_preloaded[i], &error);
        if (rc && rc != NEPH_NO_MEMORY)
            nephi_log(registry->host, NEPH_LOG_ERROR, error.rule, "%s", error.message);
    }
    return rc == NEPH_NO_MEMORY ? rc : 0;
}

/* ---- the registry */

int nephi_registry_new(nephi_registry **out, neph_host *host)
{
    nephi_registry *registry = nephi_alloc(&host->memory, sizeof *registry);
    int rc;
    *out = NULL;
    if (!registry)
        return NEPH_NO_MEMORY;
    registry->host = host;
    registry->memory = &host->memory;
    nephi_arena_init(&registry->arena, registry->memory, ARENA_MAX);
    nephi_arena_init(&registry->cloud_arena, registry->memory, ARENA_MAX);
    rc = preloaded_add(registry);
    if (!rc)
        rc = scan_run(registry);
    if (!rc)
        rc = claims_make(registry);
    if (rc) {
        nephi_registry_free(registry);
        return rc;
    }
    sort_names(registry);
    *out = registry;
    return 0;
}

static void entry_fini(nephi_registry *registry, entry *gone)
{
    for (uint32_t i = 0; gone->compiled && i < gone->info.provider_count; i++)
        nephi_provider_free(gone->compiled[i], registry->memory);
    nephi_free(registry->memory, gone->compiled);
}

void nephi_registry_free(nephi_registry *registry)
{
    const nephi_memory *memory;
    if (!registry)
        return;
    memory = registry->memory;
    for (uint32_t i = 0; i < registry->count; i++)
        entry_fini(registry, registry->in_order[i]);
    nephi_free(memory, registry->claims);
    nephi_free(memory, registry->in_order);
    nephi_free(memory, registry->by_name);
    nephi_arena_fini(&registry->cloud_arena, 0);
    nephi_arena_fini(&registry->arena, 0);
    nephi_free(memory, registry);
}

const neph_provider_info *nephi_registry_info(const nephi_registry *registry, const char *id)
{
    const claim *found = claim_find(registry, id);
    return found ? found->info : NULL;
}

/* ---- loading */

static int entry_load(nephi_registry *registry, entry *loading, nephi_error *error)
{
    int rc;
    if (loading->info.state == NEPH_PLUGIN_SKIPPED)
        return nephi_fail_rule(error, loading->info.rule, NEPH_PLUGIN,
                               "plugin \"%s\" cannot be used: %s", loading->info.name,
                               loading->info.reason);
    if (!loading->compiled) {
        loading->compiled = nephi_alloc_array(registry->memory, loading->info.provider_count,
                                              sizeof(nephi_provider *));
        if (!loading->compiled)
            return nephi_fail_memory(error);
    }
    if (loading->plugin)
        return 0;
    rc = nephi_loader_plugin(registry->host, loading->info.file, loading->info.name,
                             &loading->plugin, error);
    if (rc == NEPH_PLUGIN && error)
        entry_skip(registry, loading, NEPH_LOG_ERROR, error->rule, error->message);
    if (!rc)
        loading->info.state = NEPH_PLUGIN_LOADED;
    return rc;
}

static const neph_provider *table_find(const neph_plugin *plugin, const char *id)
{
    for (uint32_t i = 0; i < plugin->provider_count; i++)
        if (strcmp(plugin->providers[i]->id, id) == 0)
            return plugin->providers[i];
    return NULL;
}

/* ---- a provider that is not there */

static const entry *skipped_with(const nephi_registry *registry, const char *id)
{
    for (uint32_t i = 0; i < registry->count; i++) {
        const neph_plugin_info *info = &registry->in_order[i]->info;
        int has = strcmp(info->name, id) == 0;
        for (uint32_t j = 0; j < info->provider_count && !has; j++)
            has = strcmp(info->providers[j].id, id) == 0;
        if (has && info->state == NEPH_PLUGIN_SKIPPED)
            return registry->in_order[i];
    }
    return NULL;
}

static int fail_skipped(const neph_plugin_info *info, const char *id, nephi_error *error)
{
    char package[NEPHI_NAME_LENGTH_MAX + 16];
    snprintf(package, sizeof package, "neph-plugin-%s", info->name);
    return nephi_fail_rule(
        error, info->rule, NEPH_NOT_FOUND,
        "the plugin \"%s\", which has provider \"%s\" and comes with package %s, is skipped: %s",
        info->name, id, info->package ? info->package : package, info->reason);
}

static int fail_missing(const nephi_registry *registry, const char *id, nephi_error *error)
{
    const entry *skipped = skipped_with(registry, id);
    const char *close = NULL;
    nephi_suggest best;
    if (skipped)
        return fail_skipped(&skipped->info, id, error);
    nephi_suggest_init(&best, id);
    for (uint32_t i = 0; i < registry->claim_count; i++)
        nephi_suggest_try(&best, registry->claims[i].info->id);
    close = best.found;
    if (!nephi_is_provider_id(id))
        return nephi_fail(error, NEPH_NOT_FOUND, "no cloud or provider is called \"%s\"%s%s%s", id,
                          close ? "; did you mean \"" : "", close ? close : "", close ? "\"?" : "");
    return nephi_fail(
        error, NEPH_NOT_FOUND,
        "no cloud or provider is called \"%s\"%s%s%s: install the package neph-plugin-%s", id,
        close ? " (did you mean \"" : "", close ? close : "", close ? "\"?)" : "", id);
}

int nephi_registry_provider(nephi_registry *registry, const char *id, const nephi_provider **out,
                            nephi_error *error)
{
    const claim *found = claim_find(registry, id);
    const neph_provider *table;
    nephi_provider *made = NULL;
    entry *owner;
    int rc;
    *out = NULL;
    if (!found)
        return fail_missing(registry, id, error);
    owner = found->owner;
    rc = entry_load(registry, owner, error);
    if (rc)
        return rc;
    if ((*out = owner->compiled[found->index]) != NULL)
        return 0;
    table = table_find(owner->plugin, id);
    if (!table)
        return nephi_fail_rule(
            error, NEPHI_RULE_PLUGIN_SAME, NEPH_PLUGIN,
            "%s has no provider \"%s\", though its manifest says so: install its package again",
            owner->info.file, id);
    rc = nephi_provider_new(&made, registry->host, table, error);
    if (rc)
        return rc;
    made->plugin = owner->info.name;
    *out = owner->compiled[found->index] = made;
    return 0;
}

/* ---- comparing a plugin with its manifest */

static int tables_check(nephi_registry *registry, const neph_plugin *plugin, nephi_error *error)
{
    int rc = 0;
    for (uint32_t i = 0; i < plugin->provider_count && !rc; i++) {
        nephi_provider *made = NULL;
        rc = nephi_provider_new(&made, registry->host, plugin->providers[i], error);
        nephi_provider_free(made, registry->memory);
    }
    return rc;
}

static int is_same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static int manifest_compare(nephi_registry *registry, const entry *checked, nephi_error *error)
{
    const neph_plugin *plugin = checked->plugin;
    const neph_plugin_info *info = &checked->info;
    neph_provider_info *infos;
    nephi_arena arena;
    int rc;
    if (!is_same_text(info->version, plugin->version) ||
        !is_same_text(info->package, plugin->package))
        return nephi_fail_rule(
            error, NEPHI_RULE_PLUGIN_SAME, NEPH_PLUGIN,
            "%s: manifest and plugin differ in version or package: install the package again",
            info->file);
    nephi_arena_init(&arena, registry->memory, ARENA_MAX);
    infos = nephi_arena_alloc(&arena, plugin->provider_count * sizeof *infos);
    rc = infos ? nephi_info_make(infos, &arena, plugin, error) : nephi_fail_memory(error);
    if (!rc)
        rc = nephi_info_compare(info->providers, info->provider_count, infos,
                                plugin->provider_count, info->file, error);
    nephi_arena_fini(&arena, 0);
    return rc;
}

int neph_plugin_check(neph_host *host, const char *name)
{
    nephi_registry *registry = host->registry;
    nephi_error *error = &host->error;
    entry *checked;
    int rc;
    nephi_error_clear(error);
    rc = nephi_host_check(host, error);
    if (rc)
        return rc;
    checked = name ? entry_find(registry, name) : NULL;
    if (!checked)
        return nephi_fail(error, NEPH_NOT_FOUND, "no plugin is called \"%s\"", name ? name : "");
    rc = entry_load(registry, checked, error);
    if (!rc)
        rc = tables_check(registry, checked->plugin, error);
    if (!rc && checked->info.manifest)
        rc = manifest_compare(registry, checked, error);
    return rc;
}

/* ---- what programs ask */

int neph_host_register(neph_host *host, const void *plugin)
{
    int rc;
    nephi_error_clear(&host->error);
    rc = nephi_host_check(host, &host->error);
    return rc ? rc : nephi_registry_add(host->registry, plugin, &host->error);
}

const neph_plugin_info *neph_plugin_at(neph_host *host, size_t index)
{
    return index < host->registry->count ? &host->registry->by_name[index]->info : NULL;
}

const neph_provider_info *neph_provider_at(neph_host *host, size_t index)
{
    return index < host->registry->claim_count ? host->registry->claims[index].info : NULL;
}

const char *neph_cloud_name_at(neph_host *host, size_t index)
{
    nephi_registry *registry = host->registry;
    if (index == 0) {
        nephi_error_clear(&host->error);
        nephi_arena_reset(&registry->cloud_arena, 0);
        registry->cloud_count = 0;
        nephi_clouds_names(host, &registry->cloud_arena, &registry->cloud_names,
                           &registry->cloud_count, &host->error);
    }
    return index < registry->cloud_count ? registry->cloud_names[index] : NULL;
}
