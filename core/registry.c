/*
 * core/registry.c - what is installed: says who has which provider, takes built-in plugins, and loads a plugin when one of
 * its providers is first used. How manifests are found is scan.c's, how to load loader.c's business.
 */
#include "core/registry.h"

#include "core/clouds.h"
#include "core/entry.h"
#include "core/info.h"
#include "core/loader.h"
#include "core/manifest.h"
#include "core/preloaded.h"
#include "core/rule.h"
#include "core/suggest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_MAX (64u << 20)

/* ---- who has which provider */

static int compare_claims(const void *a, const void *b)
{
    const nephi_claim *x = a, *y = b;
    int by_id = strcmp(x->info->id, y->info->id);
    return by_id ? by_id
                 : (x->owner->order > y->owner->order) - (x->owner->order < y->owner->order);
}

static int claims_reserve(nephi_registry *registry, uint32_t wanted)
{
    nephi_claim *bigger;
    if (wanted <= registry->claim_capacity)
        return 0;
    bigger = nephi_realloc(registry->memory, registry->claims, wanted * sizeof *bigger);
    if (!bigger)
        return NEPH_NO_MEMORY;
    registry->claims = bigger;
    registry->claim_capacity = wanted;
    return 0;
}

/* Keeps the first of each id. */
static void claims_settle(nephi_registry *registry)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < registry->claim_count; i++) {
        const nephi_claim *at = &registry->claims[i];
        const nephi_claim *first = kept ? &registry->claims[kept - 1] : NULL;
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
        nephi_entry *owner = registry->in_order[i];
        for (uint32_t j = 0; j < owner->info.provider_count; j++)
            if (owner->info.state != NEPH_PLUGIN_SKIPPED)
                registry->claims[registry->claim_count++] =
                    (nephi_claim){&owner->info.providers[j], owner, j};
    }
    if (registry->claim_count)
        qsort(registry->claims, registry->claim_count, sizeof(nephi_claim), compare_claims);
    claims_settle(registry);
    return 0;
}

static const nephi_claim *claim_find(const nephi_registry *registry, const char *id)
{
    for (uint32_t i = 0; i < registry->claim_count; i++)
        if (strcmp(registry->claims[i].info->id, id) == 0)
            return &registry->claims[i];
    return NULL;
}

static int compare_names(const void *a, const void *b)
{
    const nephi_entry *x = *(nephi_entry *const *)a, *y = *(nephi_entry *const *)b;
    int by_name = strcmp(x->info.name, y->info.name);
    return by_name ? by_name : (x->order > y->order) - (x->order < y->order);
}

static void sort_names(nephi_registry *registry)
{
    if (registry->count)
        qsort(registry->by_name, registry->count, sizeof(nephi_entry *), compare_names);
}

/* ---- built-in plugins */

static int builtin_check(const nephi_registry *registry, const neph_plugin *plugin,
                         nephi_error *error)
{
    const nephi_entry *other;
    int rc;
    if (!plugin)
        return nephi_fail(error, NEPH_PLUGIN, "no plugin was given");
    rc = nephi_loader_verify(plugin, "the built-in plugin", NULL, error);
    for (uint32_t i = 0; !rc && i < plugin->provider_count; i++)
        rc = nephi_provider_check(plugin->providers[i], error);
    if (rc)
        return rc;
    other = nephi_entry_find(registry, plugin->name);
    if (other && other->plugin)
        return nephi_fail(error, NEPH_EXISTS, "the plugin \"%s\" is there and in use already",
                          plugin->name);
    return 0;
}

static int builtin_make(nephi_registry *registry, const neph_plugin *plugin, nephi_entry **out,
                        nephi_error *error)
{
    nephi_arena *arena = &registry->arena;
    neph_provider_info *infos = nephi_arena_alloc(arena, plugin->provider_count * sizeof *infos);
    nephi_entry *made = infos ? nephi_entry_new(registry, plugin->name) : NULL;
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
    nephi_entry *made = NULL, *masked;
    int rc = builtin_check(registry, plugin, error);
    if (!rc)
        rc = builtin_make(registry, plugin, &made, error);
    if (!rc && claims_reserve(registry, registry->claim_count + plugin->provider_count))
        rc = nephi_fail_memory(error);
    if (rc)
        return rc;
    masked = nephi_entry_find(registry, plugin->name);
    nephi_entry_insert(registry, made, builtin_count(registry));
    if (masked && masked->info.state != NEPH_PLUGIN_SKIPPED)
        nephi_entry_skip(registry, masked, NEPH_LOG_INFO, NEPHI_RULE_MASKED,
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
        rc = nephi_scan_run(registry);
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

static void entry_fini(nephi_registry *registry, nephi_entry *gone)
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
    const nephi_claim *found = claim_find(registry, id);
    return found ? found->info : NULL;
}

const char *nephi_registry_directory(const nephi_registry *registry, uint32_t index)
{
    return index < registry->search.count ? registry->search.directories[index] : NULL;
}

/* ---- loading */

static int entry_load(nephi_registry *registry, nephi_entry *loading, nephi_error *error)
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
        nephi_entry_skip(registry, loading, NEPH_LOG_ERROR, error->rule, error->message);
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

static const nephi_entry *skipped_with(const nephi_registry *registry, const char *id)
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

static int fail_missing(const nephi_registry *registry, const char *id, const nephi_tree *clouds,
                        nephi_error *error)
{
    const nephi_entry *skipped = skipped_with(registry, id);
    nephi_suggest best;
    if (skipped)
        return fail_skipped(&skipped->info, id, error);
    nephi_suggest_init(&best, id);
    for (const nephi_tree *cloud = clouds ? clouds->first : NULL; cloud; cloud = cloud->next)
        nephi_suggest_try(&best, cloud->name);
    for (uint32_t i = 0; i < registry->claim_count; i++)
        nephi_suggest_try(&best, registry->claims[i].info->id);
    if (best.found)
        return nephi_fail(error, NEPH_NOT_FOUND,
                          "no cloud or provider is called \"%s\"; did you mean \"%s\"?", id,
                          best.found);
    if (!nephi_is_provider_id(id))
        return nephi_fail(error, NEPH_NOT_FOUND, "no cloud or provider is called \"%s\"", id);
    return nephi_fail(
        error, NEPH_NOT_FOUND,
        "no cloud or provider is called \"%s\": it may come with the package neph-plugin-%s", id,
        id);
}

int nephi_registry_provider(nephi_registry *registry, const char *id, const nephi_tree *clouds,
                            const nephi_provider **out, nephi_error *error)
{
    const nephi_claim *found = claim_find(registry, id);
    const neph_provider *table;
    nephi_provider *made = NULL;
    nephi_entry *owner;
    int rc;
    *out = NULL;
    if (!found)
        return fail_missing(registry, id, clouds, error);
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

static int manifest_compare(nephi_registry *registry, const nephi_entry *checked,
                            nephi_error *error)
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
    nephi_entry *checked;
    int rc;
    nephi_error_clear(error);
    rc = nephi_host_check(host, error);
    if (rc)
        return rc;
    checked = name ? nephi_entry_find(registry, name) : NULL;
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

const neph_extension_info *neph_extension_find(neph_host *host, const char *name)
{
    const char *dot = strchr(name, '.');
    for (uint32_t i = 0; dot && i < host->registry->claim_count; i++) {
        const neph_provider_info *provider = host->registry->claims[i].info;
        if (strncmp(provider->id, name, (size_t)(dot - name)) != 0 || provider->id[dot - name])
            continue;
        for (uint32_t j = 0; j < provider->extension_count; j++)
            if (strcmp(provider->extensions[j].name, dot + 1) == 0)
                return &provider->extensions[j];
    }
    return NULL;
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
