/*
 * core/info.c - providers' tables as public structs, and their comparison with what a manifest says.
 */
#include "core/info.h"

#include "core/buffer.h"
#include "core/extension.h"
#include "core/rule.h"

#include <string.h>

#define ORIGINS_MAX 2048

const char *nephi_origin_word(uint32_t from)
{
    static const char *const words[] = {
        [NEPH_FROM_ENVIRONMENT] = "environment",
        [NEPH_FROM_AWS_PROFILE] = "profile",
        [NEPH_FROM_CLOUDS_YAML] = "clouds.yaml",
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

static const neph_member_info *optional_argument(const neph_op_info *op, int32_t member)
{
    for (uint32_t i = 0; i < op->argument_count; i++)
        if (op->arguments[i].member == member && !(op->arguments[i].flags & NEPH_INFO_REQUIRED))
            return &op->arguments[i];
    return NULL;
}

/* What the action takes and the operation has. */
static int make_takes(neph_takes_info *takes, nephi_arena *arena, const neph_op_info *op,
                      const neph_action *action)
{
    int32_t *members = nephi_arena_alloc(arena, (action->take_count + 1) * sizeof *members);
    if (!members)
        return NEPH_NO_MEMORY;
    takes->members = members;
    takes->member_count = takes->reserved = 0;
    for (uint32_t i = 0; i < action->take_count; i++)
        if (optional_argument(op, action->takes[i]))
            members[takes->member_count++] = action->takes[i];
    return 0;
}

static int make_ops(neph_provider_info *info, nephi_arena *arena, const neph_provider *provider)
{
    neph_takes_info *takes;
    uint32_t *ops;
    int rc = 0;
    if (!provider->action_count)
        return 0;
    ops = nephi_arena_alloc(arena, provider->action_count * sizeof *ops);
    takes = nephi_arena_alloc(arena, provider->action_count * sizeof *takes);
    if (!ops || !takes)
        return NEPH_NO_MEMORY;
    for (uint32_t i = 0; i < provider->action_count && !rc; i++) {
        const neph_action *action = element(provider->actions, i, provider->action_size);
        const neph_op_info *op = neph_op_find(action->op);
        if (!op)
            continue;
        rc = make_takes(&takes[info->op_count], arena, op, action);
        ops[info->op_count++] = action->op;
    }
    info->ops = ops;
    info->takes = takes;
    return rc;
}

int nephi_info_extensions(neph_provider_info *info, nephi_arena *arena,
                          const neph_extension *extensions, uint32_t count)
{
    neph_extension_info *infos;
    int rc = 0;
    if (!count)
        return 0;
    infos = nephi_arena_alloc(arena, count * sizeof *infos);
    if (!infos)
        return NEPH_NO_MEMORY;
    for (uint32_t i = 0; i < count && !rc; i++)
        rc = nephi_extension_info(&infos[i], arena, &extensions[i]);
    info->extensions = infos;
    info->extension_count = count;
    return rc;
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
        if (!rc)
            rc = nephi_info_extensions(&infos[i], arena, provider->extensions,
                                       provider->extension_count);
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

/* NULL: it cannot do this. */
static const neph_takes_info *takes_of(const neph_provider_info *info, uint32_t op)
{
    for (uint32_t i = 0; i < info->op_count; i++)
        if (info->ops[i] == op)
            return &info->takes[i];
    return NULL;
}

static int takes(const neph_takes_info *info, int32_t member)
{
    for (uint32_t i = 0; i < info->member_count; i++)
        if (info->members[i] == member)
            return 1;
    return 0;
}

/* Is everything that one can do and takes also the other's? */
static int compare_ops(const comparison *c, const neph_provider_info *a,
                       const neph_provider_info *b)
{
    for (uint32_t i = 0; i < a->op_count; i++) {
        const neph_op_info *op = neph_op_find(a->ops[i]);
        const neph_takes_info *other = takes_of(b, a->ops[i]);
        if (!other)
            return differs(c, "operation", op->name);
        for (uint32_t j = 0; j < a->takes[i].member_count; j++)
            if (!takes(other, a->takes[i].members[j]))
                return differs(c, "what it takes:", op->name);
    }
    return 0;
}

static int are_same_members(const neph_member_info *a, uint32_t a_count, const neph_member_info *b,
                            uint32_t b_count)
{
    for (uint32_t i = 0; i < a_count && a_count == b_count; i++)
        if (!is_same(a[i].name, b[i].name) || !is_same(a[i].summary, b[i].summary) ||
            a[i].type != b[i].type || a[i].flags != b[i].flags)
            return 0;
    return a_count == b_count;
}

static int is_same_extension(const neph_extension_info *a, const neph_extension_info *b)
{
    if (a->op != b->op || !is_same(a->name, b->name) || !is_same(a->summary, b->summary) ||
        !are_same_members(a->parameters, a->parameter_count, b->parameters, b->parameter_count) ||
        !are_same_members(a->columns, a->column_count, b->columns, b->column_count))
        return 0;
    for (uint32_t i = 0; i < a->parameter_count; i++)
        if (!is_same(a->choices[i], b->choices[i]))
            return 0;
    return 1;
}

static int compare_extensions(const comparison *c, const neph_provider_info *a,
                              const neph_provider_info *b)
{
    if (a->extension_count != b->extension_count)
        return differs(c, "the number of extensions", NULL);
    for (uint32_t i = 0; i < a->extension_count; i++)
        if (!is_same_extension(&a->extensions[i], &b->extensions[i]))
            return differs(c, "extension", b->extensions[i].name);
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
        if (!rc)
            rc = compare_ops(&c, &tables[i], &manifest[i]);
        if (!rc)
            rc = compare_extensions(&c, &manifest[i], &tables[i]);
    }
    return rc;
}
