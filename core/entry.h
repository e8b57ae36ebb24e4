/*
 * core/entry.h - the plugins that a registry knows, as registry.c and scan.c share them. Nobody else includes it.
 */
#ifndef NEPHI_ENTRY_H
#define NEPHI_ENTRY_H

#include "core/host.h"
#include "core/registry.h"
#include "core/search.h"

typedef struct nephi_entry {
    neph_plugin_info info;     /* strings in the registry's arena */
    const neph_plugin *plugin; /* loaded or built in; NULL: not yet */
    nephi_provider **compiled; /* one for each provider, NULL until it is used */
    uint32_t order;
} nephi_entry;

/* A provider's id and the plugin that has it. */
typedef struct nephi_claim {
    const neph_provider_info *info;
    nephi_entry *owner;
    uint32_t index;
} nephi_claim;

struct nephi_registry {
    neph_host *host;
    const nephi_memory *memory;
    nephi_arena arena;
    nephi_search search;
    nephi_entry **in_order; /* of precedence: built-in ones, then as found */
    nephi_entry **by_name;
    uint32_t count, capacity;
    nephi_claim *claims; /* in order of id */
    uint32_t claim_count, claim_capacity;
    nephi_arena cloud_arena;
    const char **cloud_names;
    uint32_t cloud_count;
};

/* An entry that has a name and stands nowhere yet, though there is room for it. NULL: no memory. */
nephi_entry *nephi_entry_new(nephi_registry *registry, const char *name);
/* Puts a new entry into its place in the order of precedence. by_name is not in order afterwards. */
void nephi_entry_insert(nephi_registry *registry, nephi_entry *made, uint32_t at);
/* The first of that name, among all or the first `count` in order of precedence. */
nephi_entry *nephi_entry_find(const nephi_registry *registry, const char *name);
nephi_entry *nephi_entry_find_in(const nephi_registry *registry, uint32_t count, const char *name);
/* Marks it as skipped and logs why. */
void nephi_entry_skip(nephi_registry *registry, nephi_entry *skipped, int32_t level, int32_t rule,
                      const char *reason);
/* "a/b" in an arena; NULL: no memory. */
const char *nephi_entry_join(nephi_arena *arena, const char *a, const char *b);

/* Reads the manifests of all directories; see scan.c. NEPH_NO_MEMORY. */
int nephi_scan_run(nephi_registry *registry);

#endif
