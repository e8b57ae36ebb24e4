/*
 * core/entry.c - keeps a registry's entries in order. What they say comes from scan.c and registry.c.
 */
#include "core/entry.h"

#include <string.h>

static int reserve(nephi_registry *registry)
{
    uint32_t capacity = registry->capacity ? 2 * registry->capacity : 64;
    nephi_entry **bigger;
    if (registry->count < registry->capacity)
        return 0;
    bigger = nephi_realloc(registry->memory, registry->in_order, capacity * sizeof *bigger);
    if (!bigger)
        return NEPH_NO_MEMORY;
    registry->in_order = bigger;
    bigger = nephi_realloc(registry->memory, registry->by_name, capacity * sizeof *bigger);
    if (!bigger)
        return NEPH_NO_MEMORY;
    registry->by_name = bigger;
    registry->capacity = capacity;
    return 0;
}

nephi_entry *nephi_entry_new(nephi_registry *registry, const char *name)
{
    nephi_entry *made;
    if (reserve(registry) || !(made = nephi_arena_alloc(&registry->arena, sizeof *made)))
        return NULL;
    memset(made, 0, sizeof *made);
    made->info.size = sizeof made->info;
    made->info.version = "";
    made->info.name = nephi_arena_text(&registry->arena, name, strlen(name));
    return made->info.name ? made : NULL;
}

void nephi_entry_insert(nephi_registry *registry, nephi_entry *made, uint32_t at)
{
    memmove(registry->in_order + at + 1, registry->in_order + at,
            (registry->count - at) * sizeof(nephi_entry *));
    registry->in_order[at] = made;
    registry->by_name[registry->count++] = made;
    for (uint32_t i = at; i < registry->count; i++)
        registry->in_order[i]->order = i;
}

nephi_entry *nephi_entry_find_in(const nephi_registry *registry, uint32_t count, const char *name)
{
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(registry->in_order[i]->info.name, name) == 0)
            return registry->in_order[i];
    return NULL;
}

nephi_entry *nephi_entry_find(const nephi_registry *registry, const char *name)
{
    return nephi_entry_find_in(registry, registry->count, name);
}

void nephi_entry_skip(nephi_registry *registry, nephi_entry *skipped, int32_t level, int32_t rule,
                      const char *reason)
{
    neph_plugin_info *info = &skipped->info;
    info->state = NEPH_PLUGIN_SKIPPED;
    info->rule = rule;
    info->reason = nephi_arena_text(&registry->arena, reason, strlen(reason));
    if (!info->reason)
        info->reason = "out of memory"; /* there is none to say more in */
    nephi_log(registry->host, level, rule, "plugin \"%s\" is skipped: %s%s%s", info->name,
              info->manifest ? info->manifest : "", info->manifest ? ": " : "", reason);
}

const char *nephi_entry_join(nephi_arena *arena, const char *a, const char *b)
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
