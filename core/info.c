/*
 * core/info.c - providers' tables as public structs, and their comparison with what a manifest says.
 */
#include "core/info.h"

#include "core/buffer.h"
#include "core/rule.h"

#include <string.h>

#define ORIGINS_MAX 2048

const char *nephi_origin_word(uint32_t from)
{
    static const char *const words[] = {
        [NEPH_FROM_ENVIRONMENT] = "environment",
        [NEPH_FROM_AWS_PROFILE] = "profile",
        [NEPH_FROM_METADATA] = "metadata",
    };
    return from < sizeof words / sizeof *words ? words[from] : NULL;
}

/* Element `index` of an array whose elements the plugin knows as `size` bytes. */
static const void *element(const void *array, uint32_t index, uint32_t size)
{
    return (const char *)array + (size_t)index * size;
}

static int make_origins(neph_setting_info *info, nephi_arena *arena, const neph_setting *setting)
{
    nephi_buffer text;
    int rc = 0;
    nephi_buffer_init(&text, arena->memory, ORIGINS_MAX);
    for (uint32_t i = 0; i < setting->origin_count && !rc; i++) {
        const neph_origin *origin = element(setting->origins, i, setting->origin_size);
        const char *word = nephi_origin_word(origin->from);
        if (word)
            rc = nephi_buffer_format(&text, "%s%s %s", text.size ? ", " : "", word, origin->key);
    }
    if (rc != NEPH_NO_MEMORY && text.size)
        rc = (info->origins = nephi_arena_text(arena, text.data, text.size)) ? 0 : NEPH_NO_MEMORY;
    nephi_buffer_fini(&text);
    return rc;
}

static int make_settings(neph_provider_info *info, nephi_arena *arena,
                         const neph_provider *provider)
{
    neph_setting_info *settings;
    int rc = 0;
    if (!provider->setting_count)
        return 0;
    settings = nephi_arena_alloc(arena, provider->setting_count * sizeof *settings);
    if (!settings)
        return NEPH_NO_MEMORY;
    memset(settings, 0, provider->setting_count * sizeof *settings);
    for (uint32_t i = 0; i < provider->setting_count && !rc; i++) {
        const neph_setting *setting = element(provider->settings, i, provider->setting_size);
        settings[i].size = sizeof *settings;
        settings[i].name = setting->name;
        settings[i].type = setting->type;
        settings[i].summary = setting->summary ? setting->summary : "";
        settings[i].fallback = setting->fallback;
        settings[i].choices = setting->choices;
        settings[i].flags = (setting->flags & NEPH_SETTING_SECRET ? NEPH_INFO_SECRET : 0u) |
                            (setting->flags & NEPH_SETTING_REQUIRED ? NEPH_INFO_REQUIRED : 0u);
        rc = make_origins(&settings[i], arena, setting);
    }
    info->settings = settings;
    info->setting_count = provider->setting_count;
    return rc;
}

static int make_ops(neph_provider_info *info, nephi_arena *arena, const neph_provider *provider)
{
    uint32_t *ops;
    if (!provider->action_count)
        return 0;
    ops = nephi_arena_alloc(arena, provider->action_count * sizeof *ops);
    if (!ops)
        return NEPH_NO_MEMORY;
    for (uint32_t i = 0; i < provider->action_count; i++) {
        const neph_action *action = element(provider->actions, i, provider->action_size);
        if (neph_op_find(action->op))
            ops[info->op_count++] = action->op;
    }
    info->ops = ops;
    return 0;
}

int nephi_info_make(neph_provider_info *infos, nephi_arena *arena, const neph_plugin *plugin,
                    nephi_error *error)
{
    int rc = 0;
    memset(infos, 0, plugin->provider_count * sizeof *infos);
    for (uint32_t i = 0; i < plugin->provider_count && !rc; i++) {
        const neph_provider *provider = plugin->providers[i];
        infos[i].size = sizeof *infos;
        infos[i].id = provider->id;
        infos[i].title = provider->title;
        infos[i].plugin = plugin->name;
        rc = make_settings(&infos[i], arena, provider);
        if (!rc)
            rc = make_ops(&infos[i], arena, provider);
    }
    return rc ? nephi_fail_memory(error) : 0;
}

/* ---- comparing */

typedef struct comparison {
    const char *where;
    const char *id;
    nephi_error *error;
} comparison;

static int differs(const comparison *c, const char *what, const char *which)
{
    return nephi_fail_rule(
        c->error, NEPHI_RULE_PLUGIN_SAME, NEPH_PLUGIN,
        "%s: provider \"%s\": manifest and plugin differ in %s%s%s: install the package again",
        c->where, c->id, what, which ? " " : "", which ? which : "");
}

static int is_same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static int compare_settings(const comparison *c, const neph_provider_info *a,
                            const neph_provider_info *b)
{
    if (a->setting_count != b->setting_count)
        return differs(c, "the number of settings", NULL);
    for (uint32_t i = 0; i < a->setting_count; i++) {
        const neph_setting_info *x = &a->settings[i], *y = &b->settings[i];
        if (!is_same(x->name, y->name) || x->type != y->type || x->flags != y->flags ||
            !is_same(x->fallback, y->fallback) || !is_same(x->choices, y->choices) ||
            !is_same(x->origins, y->origins) || !is_same(x->summary, y->summary))
            return differs(c, "setting", y->name);
    }
    return 0;
}

static int has_op(const neph_provider_info *info, uint32_t op)
{
    for (uint32_t i = 0; i < info->op_count; i++)
        if (info->ops[i] == op)
            return 1;
    return 0;
}

static int compare_ops(const comparison *c, const neph_provider_info *a,
                       const neph_provider_info *b)
{
    for (uint32_t i = 0; i < a->op_count; i++)
        if (!has_op(b, a->ops[i]))
            return differs(c, "operation", neph_op_find(a->ops[i])->name);
    for (uint32_t i = 0; i < b->op_count; i++)
        if (!has_op(a, b->ops[i]))
            return differs(c, "operation", neph_op_find(b->ops[i])->name);
    return 0;
}

int nephi_info_compare(const neph_provider_info *manifest, uint32_t manifest_count,
                       const neph_provider_info *tables, uint32_t count, const char *where,
                       nephi_error *error)
{
    comparison c = {where, "", error};
    int rc = 0;
    if (manifest_count != count)
        return differs(&c, "the number of providers", NULL);
    for (uint32_t i = 0; i < count && !rc; i++) {
        c.id = tables[i].id;
        if (!is_same(manifest[i].id, tables[i].id))
            return differs(&c, "id", NULL);
        if (!is_same(manifest[i].title, tables[i].title))
            return differs(&c, "title", NULL);
        rc = compare_settings(&c, &manifest[i], &tables[i]);
        if (!rc)
            rc = compare_ops(&c, &manifest[i], &tables[i]);
    }
    return rc;
}
