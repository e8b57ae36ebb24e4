/*
 * core/manifest.c - reads the members of a manifest (format 1) from its JSON tree into public structs. Files and
 * directories are registry.c's business.
 */
#include "core/manifest.h"

#include "core/extension.h"
#include "core/info.h"
#include "core/rule.h"
#include "core/text.h"

#include <string.h>

#define PROVIDERS_MAX 64
#define SETTINGS_MAX 256

typedef struct reading {
    nephi_arena *keep;
    nephi_error *error;
} reading;

/* ---- names */

static int is_name(const char *text, int takes_dash, int takes_underscore)
{
    size_t i;
    for (i = 0; text[i]; i++) {
        char c = text[i];
        int is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        int is_joint = i > 0 && ((c == '-' && takes_dash) || (c == '_' && takes_underscore));
        if ((!is_plain && !is_joint) || i == NEPHI_NAME_LENGTH_MAX)
            return 0;
    }
    return i > 0;
}

int nephi_is_plugin_name(const char *name)
{
    return is_name(name, 1, 1);
}

int nephi_is_provider_id(const char *id)
{
    return is_name(id, 1, 0);
}

int nephi_is_setting_name(const char *name)
{
    return is_name(name, 0, 1) && name[0] >= 'a';
}

/* ---- members */

static int fail_member(reading *r, const char *where, const char *name, const char *what)
{
    return nephi_fail_rule(r->error, NEPHI_RULE_MANIFEST_MEMBER, NEPH_PLUGIN, "%s: \"%s\" %s",
                           where, name, what);
}

/* A string member, in the arena that is kept. Not there: *out is NULL, which is a failure if it is required. */
static int read_string(reading *r, const nephi_tree *from, const char *where, const char *name,
                       int is_required, const char **out)
{
    const nephi_tree *member = nephi_tree_find(from, name);
    *out = NULL;
    if (!member || member->type == NEPHI_TREE_NULL)
        return is_required ? fail_member(r, where, name, "is missing") : 0;
    if (member->type != NEPHI_TREE_STRING)
        return fail_member(r, where, name, "is no string");
    if (member->text_size > NEPHI_MANIFEST_TEXT_MAX)
        return fail_member(r, where, name, "is too long");
    *out = member->text;
    return 0;
}

static int read_flag(reading *r, const nephi_tree *from, const char *where, const char *name,
                     uint32_t bit, uint32_t *flags)
{
    const nephi_tree *member = nephi_tree_find(from, name);
    if (!member)
        return 0;
    if (member->type != NEPHI_TREE_BOOLEAN)
        return fail_member(r, where, name, "is neither true nor false");
    if (member->text[0] == 't')
        *flags |= bit;
    return 0;
}

/* The items of an array, which are strings, as one text with a separator between them; NULL if there are none. */
static int read_joined(reading *r, const nephi_tree *from, const char *where, const char *name,
                       const char *separator, const char **out)
{
    const nephi_tree *array = nephi_tree_find(from, name);
    char text[NEPHI_MANIFEST_TEXT_MAX];
    size_t used = 0;
    *out = NULL;
    if (!array)
        return 0;
    if (array->type != NEPHI_TREE_ARRAY)
        return fail_member(r, where, name, "is no array");
    for (const nephi_tree *item = array->first; item; item = item->next) {
        size_t gap = used ? strlen(separator) : 0, size = item->text_size;
        if (item->type != NEPHI_TREE_STRING)
            return fail_member(r, where, name, "has an item that is no string");
        if (size >= sizeof text - used - gap)
            return fail_member(r, where, name, "is too long");
        memcpy(text + used, separator, gap);
        memcpy(text + used + gap, item->text, size);
        used += gap + size;
    }
    if (used == 0)
        return 0;
    *out = nephi_arena_text(r->keep, text, used);
    return *out ? 0 : nephi_fail_memory(r->error);
}

/* ---- a provider's settings and operations */

/* Settings have the first three types, columns five, parameters all of them. */
enum { SETTING_TYPES = 3, COLUMN_TYPES = 5, PARAMETER_TYPES = 6 };

static int read_type(reading *r, const nephi_tree *from, const char *where, size_t count,
                     uint32_t *type)
{
    static const struct {
        const char *name;
        uint32_t type;
    } types[] = {{"string", NEPH_TYPE_STRING},   {"integer", NEPH_TYPE_INTEGER},
                 {"boolean", NEPH_TYPE_BOOLEAN}, {"decimal", NEPH_TYPE_DECIMAL},
                 {"time", NEPH_TYPE_TIME},       {"strings", NEPH_TYPE_STRINGS}};
    const nephi_tree *member = nephi_tree_find(from, "type");
    for (size_t i = 0; member && i < count; i++)
        if (member->type == NEPHI_TREE_STRING && strcmp(member->text, types[i].name) == 0) {
            *type = types[i].type;
            return 0;
        }
    return fail_member(r, where, "type",
                       count == SETTING_TYPES ? "is not string, integer or boolean"
                                              : "is none that it can have");
}

static int read_setting(reading *r, const nephi_tree *from, neph_setting_info *setting)
{
    const char *where = "setting";
    int rc = read_string(r, from, where, "name", 1, &setting->name);
    setting->size = sizeof *setting;
    if (!rc && !nephi_is_setting_name(setting->name))
        rc = fail_member(r, where, "name",
                         "is no name of a setting (lower-case letters, digits, '_')");
    if (rc)
        return rc;
    where = setting->name;
    if (!(rc = read_type(r, from, where, SETTING_TYPES, &setting->type)) &&
        !(rc = read_flag(r, from, where, "secret", NEPH_INFO_SECRET, &setting->flags)) &&
        !(rc = read_flag(r, from, where, "required", NEPH_INFO_REQUIRED, &setting->flags)) &&
        !(rc = read_string(r, from, where, "summary", 0, &setting->summary)) &&
        !(rc = read_string(r, from, where, "default", 0, &setting->fallback)) &&
        !(rc = read_joined(r, from, where, "choices", "|", &setting->choices)))
        rc = read_joined(r, from, where, "origins", ", ", &setting->origins);
    if (!rc && !setting->summary)
        setting->summary = "";
    return rc;
}

/* An array of objects (or an object) of at most `max` children; count and children come out. */
static int read_list(reading *r, const nephi_tree *from, const char *where, const char *name,
                     uint32_t type, uint32_t max, const nephi_tree **out)
{
    const nephi_tree *list = nephi_tree_find(from, name);
    *out = list;
    if (list && list->type != type)
        return fail_member(r, where, name,
                           type == NEPHI_TREE_ARRAY ? "is no array" : "is no object");
    if (list && list->count > max)
        return fail_member(r, where, name, "has too many members");
    return 0;
}

static int read_settings(reading *r, const nephi_tree *from, neph_provider_info *provider)
{
    const nephi_tree *list;
    neph_setting_info *settings;
    int rc = read_list(r, from, provider->id, "settings", NEPHI_TREE_ARRAY, SETTINGS_MAX, &list);
    if (rc || !list || !list->count)
        return rc;
    settings = nephi_arena_alloc(r->keep, list->count * sizeof *settings);
    if (!settings)
        return nephi_fail_memory(r->error);
    memset(settings, 0, list->count * sizeof *settings);
    for (const nephi_tree *item = list->first; item && !rc; item = item->next) {
        neph_setting_info *setting = &settings[provider->setting_count];
        rc = read_setting(r, item, setting);
        for (uint32_t i = 0; !rc && i < provider->setting_count; i++)
            if (strcmp(settings[i].name, setting->name) == 0)
                rc = fail_member(r, provider->id, setting->name, "is declared twice");
        provider->setting_count++;
    }
    provider->settings = settings;
    return rc;
}

/* Most names differ in their first letters; this runs for each operation of each manifest, many times. */
static int is_same(const char *a, const char *b)
{
    return a[0] == b[0] && strcmp(a, b) == 0;
}

/* Names this host does not know come from a newer plugin: its ABI decides, not they. Manifests list operations in the
 * order of the table, so that the search goes on behind the last one found. */
static uint32_t op_by_name(const char *name, size_t *at)
{
    const neph_op_info *info;
    for (int round = 0; round < 2; round++, *at = 0)
        while ((info = neph_op_at((*at)++)) != NULL)
            if (is_same(info->name, name))
                return info->op;
    return NEPH_OP_NONE;
}

/* Argument names that this host does not know come from a newer plugin too. */
static int read_takes(reading *r, const nephi_tree *list, const char *provider, uint32_t op,
                      neph_takes_info *takes)
{
    const neph_op_info *info = neph_op_find(op);
    int32_t *members;
    memset(takes, 0, sizeof *takes);
    if (!list->count)
        return 0;
    members = nephi_arena_alloc(r->keep, list->count * sizeof *members);
    if (!members)
        return nephi_fail_memory(r->error);
    takes->members = members;
    for (const nephi_tree *item = list->first; item; item = item->next) {
        if (item->type != NEPHI_TREE_STRING)
            return fail_member(r, provider, info->name, "has an item that is no string");
        for (uint32_t i = 0; i < info->argument_count; i++)
            if (!(info->arguments[i].flags & NEPH_INFO_REQUIRED) &&
                is_same(info->arguments[i].name, item->text))
                members[takes->member_count++] = info->arguments[i].member;
    }
    return 0;
}

static int read_operations(reading *r, const nephi_tree *from, neph_provider_info *provider)
{
    const nephi_tree *list;
    neph_takes_info *takes;
    size_t at = 0;
    uint32_t *ops;
    int rc = read_list(r, from, provider->id, "operations", NEPHI_TREE_OBJECT,
                       NEPHI_TREE_CHILDREN_MAX, &list);
    if (rc || !list || !list->count)
        return rc;
    ops = nephi_arena_alloc(r->keep, list->count * sizeof *ops);
    takes = nephi_arena_alloc(r->keep, list->count * sizeof *takes);
    if (!ops || !takes)
        return nephi_fail_memory(r->error);
    for (const nephi_tree *item = list->first; item; item = item->next) {
        uint32_t op = op_by_name(item->name, &at);
        if (item->type != NEPHI_TREE_ARRAY)
            return fail_member(r, provider->id, item->name, "is no array");
        if (!op)
            continue;
        rc = read_takes(r, item, provider->id, op, &takes[provider->op_count]);
        if (rc)
            return rc;
        ops[provider->op_count++] = op;
    }
    provider->ops = ops;
    provider->takes = takes;
    return 0;
}

/* ---- a provider's extensions: read into tables like the plugin's own, which are then checked and told like those */

/* An array of objects, and room for as many elements; *elements is NULL if there are none. */
static int read_elements(reading *r, const nephi_tree *from, const char *where, const char *name,
                         uint32_t max, size_t size, const nephi_tree **list, void **elements)
{
    int rc = read_list(r, from, where, name, NEPHI_TREE_ARRAY, max, list);
    *elements = NULL;
    if (rc || !*list || !(*list)->count)
        return rc;
    *elements = nephi_arena_alloc(r->keep, (*list)->count * size);
    if (!*elements)
        return nephi_fail_memory(r->error);
    memset(*elements, 0, (*list)->count * size);
    return 0;
}

static int read_parameters(reading *r, const nephi_tree *from, neph_extension *extension)
{
    const nephi_tree *list;
    neph_parameter *at;
    void *elements;
    int rc = read_elements(r, from, extension->name, "parameters", NEPH_PARAMETER_COUNT, sizeof *at,
                           &list, &elements);
    extension->parameters = at = elements;
    extension->parameter_size = sizeof *at;
    for (const nephi_tree *item = at && !rc ? list->first : NULL; item && !rc;
         item = item->next, at++) {
        extension->parameter_count++;
        if (!(rc = read_string(r, item, extension->name, "name", 1, &at->name)) &&
            !(rc = read_string(r, item, at->name, "summary", 1, &at->summary)) &&
            !(rc = read_type(r, item, at->name, PARAMETER_TYPES, &at->type)) &&
            !(rc = read_joined(r, item, at->name, "choices", "|", &at->choices)) &&
            !(rc = read_flag(r, item, at->name, "required", NEPH_PARAMETER_REQUIRED, &at->flags)))
            rc = read_flag(r, item, at->name, "secret", NEPH_PARAMETER_SECRET, &at->flags);
    }
    return rc;
}

static int read_columns(reading *r, const nephi_tree *from, neph_extension *extension)
{
    const nephi_tree *list;
    neph_column *at;
    void *elements;
    int rc = read_elements(r, from, extension->name, "columns", NEPH_ROW_VALUE_COUNT, sizeof *at,
                           &list, &elements);
    extension->columns = at = elements;
    extension->column_size = sizeof *at;
    for (const nephi_tree *item = at && !rc ? list->first : NULL; item && !rc;
         item = item->next, at++) {
        extension->column_count++;
        if (!(rc = read_string(r, item, extension->name, "name", 1, &at->name)) &&
            !(rc = read_string(r, item, at->name, "summary", 1, &at->summary)) &&
            !(rc = read_type(r, item, at->name, COLUMN_TYPES, &at->type)) &&
            !(rc = read_flag(r, item, at->name, "wide", NEPH_COLUMN_WIDE, &at->flags)))
            rc = read_flag(r, item, at->name, "secret", NEPH_COLUMN_SECRET, &at->flags);
    }
    return rc;
}

static int read_op_number(reading *r, const nephi_tree *from, const char *where, uint32_t *op)
{
    const nephi_tree *member = nephi_tree_find(from, "op");
    int64_t number;
    if (!member || member->type != NEPHI_TREE_NUMBER ||
        !nephi_read_integer(member->text, member->text_size, &number) || number < 0 ||
        number > UINT32_MAX)
        return fail_member(r, where, "op", "is no number");
    *op = (uint32_t)number;
    return 0;
}

static int read_extensions(reading *r, const nephi_tree *from, neph_provider_info *provider)
{
    const nephi_tree *list;
    neph_extension *extensions, *at;
    void *elements;
    int rc = read_elements(r, from, provider->id, "extensions", NEPHI_EXTENSIONS_MAX, sizeof *at,
                           &list, &elements);
    extensions = at = elements;
    for (const nephi_tree *item = at && !rc ? list->first : NULL; item && !rc;
         item = item->next, at++)
        if (!(rc = read_string(r, item, provider->id, "name", 1, &at->name)) &&
            !(rc = read_string(r, item, at->name, "summary", 1, &at->summary)) &&
            !(rc = read_op_number(r, item, at->name, &at->op)) &&
            !(rc = read_parameters(r, item, at)))
            rc = read_columns(r, item, at);
    if (rc || !extensions)
        return rc;
    rc = nephi_extensions_check(extensions, list->count, provider->id, NEPHI_RULE_MANIFEST_MEMBER,
                                r->error);
    if (!rc && nephi_info_extensions(provider, r->keep, extensions, list->count))
        rc = nephi_fail_memory(r->error);
    return rc;
}

static int read_provider(reading *r, const nephi_tree *from, neph_provider_info *provider)
{
    const char *hosts;
    int rc = read_string(r, from, "provider", "id", 1, &provider->id);
    provider->size = sizeof *provider;
    if (!rc && !nephi_is_provider_id(provider->id))
        rc = fail_member(r, "provider", "id", "is no id (lower-case letters, digits, '-')");
    if (!rc)
        rc = read_string(r, from, provider->id, "title", 1, &provider->title);
    if (!rc)
        rc = read_joined(r, from, provider->id, "hosts", " ", &hosts);
    if (!rc)
        rc = read_settings(r, from, provider);
    if (!rc)
        rc = read_operations(r, from, provider);
    if (!rc)
        rc = read_extensions(r, from, provider);
    return rc;
}

static int read_providers(reading *r, const nephi_tree *root, nephi_manifest *manifest)
{
    const nephi_tree *list;
    neph_provider_info *providers;
    int rc = read_list(r, root, "manifest", "providers", NEPHI_TREE_ARRAY, PROVIDERS_MAX, &list);
    if (!rc && (!list || !list->count))
        rc = fail_member(r, "manifest", "providers", "is missing or empty");
    if (rc)
        return rc;
    providers = nephi_arena_alloc(r->keep, list->count * sizeof *providers);
    if (!providers)
        return nephi_fail_memory(r->error);
    memset(providers, 0, list->count * sizeof *providers);
    manifest->providers = providers;
    for (const nephi_tree *item = list->first; item; item = item->next) {
        neph_provider_info *provider = &providers[manifest->provider_count];
        rc = read_provider(r, item, provider);
        if (rc)
            return rc;
        provider->plugin = manifest->name;
        for (uint32_t i = 0; i < manifest->provider_count; i++)
            if (strcmp(providers[i].id, provider->id) == 0)
                return fail_member(r, "manifest", provider->id, "is declared twice");
        manifest->provider_count++;
    }
    return 0;
}

/* ---- the manifest's own members */

static int read_format(reading *r, const nephi_tree *root)
{
    const nephi_tree *format = nephi_tree_find(root, "format");
    if (root->type != NEPHI_TREE_OBJECT)
        return nephi_fail_rule(r->error, NEPHI_RULE_MANIFEST_JSON, NEPH_PLUGIN,
                               "is %s, not an object", nephi_tree_type_name(root->type));
    if (!format)
        return nephi_fail_rule(r->error, NEPHI_RULE_MANIFEST_FORMAT, NEPH_PLUGIN,
                               "has no \"format\"");
    if (format->type != NEPHI_TREE_NUMBER || strcmp(format->text, "1") != 0)
        return nephi_fail_rule(r->error, NEPHI_RULE_MANIFEST_FORMAT, NEPH_PLUGIN,
                               "has format %s; this neph reads format %d: update neph",
                               format->text, NEPHI_MANIFEST_FORMAT);
    return 0;
}

/* "0.1" */
static int read_abi(reading *r, const nephi_tree *root, nephi_manifest *manifest)
{
    const nephi_tree *abi = nephi_tree_find(root, "abi");
    const char *dot = abi && abi->type == NEPHI_TREE_STRING ? strchr(abi->text, '.') : NULL;
    int64_t major, minor;
    if (!dot || !nephi_read_integer(abi->text, (size_t)(dot - abi->text), &major) ||
        !nephi_read_integer(dot + 1, strlen(dot + 1), &minor) || major < 0 || minor < 0 ||
        major > INT32_MAX || minor > INT32_MAX)
        return fail_member(r, "manifest", "abi", "is no version like \"0.1\"");
    manifest->abi_major = (uint32_t)major;
    manifest->abi_minor = (uint32_t)minor;
    return 0;
}

static int check_name(reading *r, const nephi_manifest *manifest, const char *name)
{
    if (strcmp(manifest->name, name) == 0 && nephi_is_plugin_name(name))
        return 0;
    return nephi_fail_rule(r->error, NEPHI_RULE_MANIFEST_NAME, NEPH_PLUGIN,
                           "says its name is \"%s\", its file is \"%s.json\"", manifest->name,
                           name);
}

static int check_file(reading *r, const nephi_manifest *manifest)
{
    const char *file = manifest->file;
    int is_bare = file[0] && file[0] != '.' && !strchr(file, '/');
    if (is_bare || (file[0] == '/' && !strstr(file, "/../")))
        return 0;
    return nephi_fail_rule(r->error, NEPHI_RULE_MANIFEST_PATH, NEPH_PLUGIN,
                           "its file \"%s\" is no bare name", file);
}

static int read_members(reading *r, const nephi_tree *root, nephi_manifest *manifest,
                        const char *name)
{
    const char *where = "manifest";
    int rc;
    if (!(rc = read_format(r, root)) &&
        !(rc = read_string(r, root, where, "name", 1, &manifest->name)) &&
        !(rc = check_name(r, manifest, name)) &&
        !(rc = read_string(r, root, where, "version", 1, &manifest->version)) &&
        !(rc = read_string(r, root, where, "package", 0, &manifest->package)) &&
        !(rc = read_string(r, root, where, "file", 1, &manifest->file)) &&
        !(rc = check_file(r, manifest)) && !(rc = read_abi(r, root, manifest)))
        rc = read_providers(r, root, manifest);
    return rc;
}

int nephi_manifest_read(nephi_manifest *manifest, nephi_arena *keep, nephi_arena *scratch,
                        const char *name, const void *data, size_t size, nephi_error *error)
{
    reading r = {keep, error};
    nephi_tree *root;
    int rc;
    memset(manifest, 0, sizeof *manifest);
    rc = nephi_tree_read(&root, scratch, keep, data, size, error);
    if (rc == NEPH_NO_MEMORY)
        return rc;
    if (rc) {
        error->rule = NEPHI_RULE_MANIFEST_JSON;
        error->status = NEPH_PLUGIN;
        return NEPH_PLUGIN;
    }
    return read_members(&r, root, manifest, name);
}
