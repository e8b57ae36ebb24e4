/*
 * core/cli/provider.c - provider list and show: what the manifests say of each provider's settings and operations.
 * Nothing is loaded.
 */
#include "core/cli/cells.h"
#include "core/cli/cli.h"
#include "core/cli/text.h"

#include <string.h>

#define OPS_MAX 256

enum { P_ID, P_TITLE, P_PLUGIN, P_OPERATIONS, P_EXTENSIONS, P_COUNT };

static const neph_member_info provider_members[P_COUNT] = {
    [P_ID] = NEPHC_MEMBER(STRING, NEPH_INFO_COLUMN, "id", "id, to be given to -c"),
    [P_TITLE] = NEPHC_MEMBER(STRING, NEPH_INFO_COLUMN, "title", "what it is"),
    [P_PLUGIN] = NEPHC_MEMBER(STRING, NEPH_INFO_COLUMN, "plugin", "name of its plugin"),
    [P_OPERATIONS] =
        NEPHC_MEMBER(STRINGS, NEPH_INFO_WIDE, "operations", "names of the operations it can do"),
    [P_EXTENSIONS] = NEPHC_MEMBER(STRINGS, NEPH_INFO_WIDE, "extensions",
                                  "names of the operations that it alone has, for neph call"),
};

const nephc_shape nephc_provider_shape = {provider_members, P_COUNT, 0, 0, 0};

enum { S_NAME, S_REQUIRED, S_SECRET, S_TYPE, S_FALLBACK, S_CHOICES, S_ORIGINS, S_SUMMARY, S_COUNT };

static const neph_member_info setting_members[S_COUNT] = {
    [S_NAME] = NEPHC_MEMBER(STRING, NEPH_INFO_COLUMN, "name",
                            "name of the setting, for --set and clouds.json"),
    [S_REQUIRED] =
        NEPHC_MEMBER(BOOLEAN, NEPH_INFO_COLUMN, "is_required", "the provider cannot do without it"),
    [S_SECRET] = NEPHC_MEMBER(BOOLEAN, NEPH_INFO_COLUMN, "is_secret",
                              "it is never shown, nor taken from a command line"),
    [S_TYPE] = NEPHC_MEMBER(STRING, NEPH_INFO_WIDE, "type", "string, integer, decimal or boolean"),
    [S_FALLBACK] =
        NEPHC_MEMBER(STRING, NEPH_INFO_COLUMN, "default", "its value if nothing gives one"),
    [S_CHOICES] = NEPHC_MEMBER(STRING, NEPH_INFO_WIDE, "choices", "values it can have"),
    [S_ORIGINS] =
        NEPHC_MEMBER(STRING, NEPH_INFO_COLUMN, "origins", "where it is looked for, in this order"),
    [S_SUMMARY] = NEPHC_MEMBER(STRING, NEPH_INFO_COLUMN, "summary", "what it is for"),
};

const nephc_shape nephc_setting_shape = {setting_members, S_COUNT, 0, 0, 0};

static const char *type_name(uint32_t type)
{
    switch (type) {
    case NEPH_TYPE_INTEGER: return "integer";
    case NEPH_TYPE_DECIMAL: return "decimal";
    case NEPH_TYPE_BOOLEAN: return "boolean";
    default: return "string";
    }
}

static size_t op_names(const neph_provider_info *provider, const char **names)
{
    size_t count = 0;
    uint32_t i;

    for (i = 0; i < provider->op_count && count < OPS_MAX; i++) {
        const neph_op_info *op = neph_op_find(provider->ops[i]);

        if (op)
            names[count++] = op->name;
    }
    return count;
}

static size_t extension_names(const neph_provider_info *provider, const char **names)
{
    uint32_t i;

    for (i = 0; i < provider->extension_count && i < OPS_MAX; i++)
        names[i] = provider->extensions[i].name;
    return i;
}

int nephc_provider_list(nephc *cli, const char *const *words, size_t count)
{
    const neph_provider_info *provider;
    const char *names[OPS_MAX], *extensions[OPS_MAX];
    neph_value cells[P_COUNT];
    nephc_rows rows;
    size_t i;
    int rc = nephc_host_open(cli);

    (void)words;
    (void)count;
    if (rc)
        return rc;
    if (nephc_rows_begin(&rows, &cli->out, (nephc_format)cli->options.format,
                         &nephc_provider_shape) != 0)
        return nephc_fail_memory();
    for (i = 0; (provider = neph_provider_at(cli->host, i)) != NULL; i++) {
        cells[P_ID] = nephc_text(provider->id);
        cells[P_TITLE] = nephc_text(provider->title);
        cells[P_PLUGIN] = nephc_text(provider->plugin);
        cells[P_OPERATIONS] = nephc_strings(names, op_names(provider, names));
        cells[P_EXTENSIONS] = nephc_strings(extensions, extension_names(provider, extensions));
        nephc_rows_cells(&rows, cells);
    }
    nephc_rows_end(&rows);
    return NEPHC_DONE;
}

static int no_such_provider(const nephc *cli, const char *id)
{
    const neph_provider_info *provider;
    nephc_nearest nearest;
    size_t i;

    nephc_nearest_begin(&nearest, id);
    for (i = 0; (provider = neph_provider_at(cli->host, i)) != NULL; i++)
        nephc_nearest_try(&nearest, provider->id);
    return nephc_fail_nearest(NEPHC_NOT_FOUND, &nearest,
                              "no provider \"%s\" is installed, see neph provider list", id);
}

static void put_setting(nephc_rows *rows, const neph_setting_info *setting)
{
    neph_value cells[S_COUNT];

    cells[S_NAME] = nephc_text(setting->name);
    cells[S_REQUIRED] = nephc_boolean(setting->flags & NEPH_INFO_REQUIRED);
    cells[S_SECRET] = nephc_boolean(setting->flags & NEPH_INFO_SECRET);
    cells[S_TYPE] = nephc_text(type_name(setting->type));
    cells[S_FALLBACK] = nephc_text(setting->fallback);
    cells[S_CHOICES] = nephc_text(setting->choices);
    cells[S_ORIGINS] = nephc_text(setting->origins);
    cells[S_SUMMARY] = nephc_text(setting->summary);
    nephc_rows_cells(rows, cells);
}

static void put_line(nephc_output *out, const char *name, const char *text)
{
    nephc_output_text(out, name);
    nephc_put_plain(out, text, strlen(text));
    nephc_output_byte(out, '\n');
}

/* What it alone can do: a line each. */
static void put_extensions(nephc_output *out, const neph_provider_info *provider)
{
    size_t width = 0;
    uint32_t i;

    for (i = 0; i < provider->extension_count; i++)
        if (strlen(provider->extensions[i].name) > width)
            width = strlen(provider->extensions[i].name);
    for (i = 0; i < provider->extension_count; i++) {
        const neph_extension_info *info = &provider->extensions[i];
        size_t at = strlen(info->name);

        nephc_output_text(out, i ? "            " : "call        ");
        nephc_output_text(out, provider->id);
        nephc_output_byte(out, '.');
        nephc_output_text(out, info->name);
        for (; at < width + 2; at++)
            nephc_output_byte(out, ' ');
        nephc_put_plain(out, info->summary, strlen(info->summary));
        nephc_output_byte(out, '\n');
    }
}

/* For people: what it is, what it can do, then the table of settings. */
static void put_about(nephc_output *out, const neph_provider_info *provider)
{
    const char *names[OPS_MAX];
    size_t i, count = op_names(provider, names);

    put_line(out, "provider    ", provider->id);
    put_line(out, "title       ", provider->title ? provider->title : "-");
    put_line(out, "plugin      ", provider->plugin ? provider->plugin : "-");
    nephc_output_text(out, "operations  ");
    for (i = 0; i < count; i++) {
        if (i > 0)
            nephc_output_text(out, i % 6 ? ", " : ",\n            ");
        nephc_output_text(out, names[i]);
    }
    nephc_output_text(out, count ? "\n" : "-\n");
    put_extensions(out, provider);
    nephc_output_byte(out, '\n');
}

int nephc_provider_find(const nephc *cli, const char *id, const neph_provider_info **out)
{
    size_t i;

    for (i = 0; (*out = neph_provider_at(cli->host, i)) != NULL; i++)
        if (strcmp((*out)->id, id) == 0)
            return 0;
    return no_such_provider(cli, id);
}

int nephc_provider_show(nephc *cli, const char *const *words, size_t count)
{
    const neph_provider_info *provider = NULL;
    nephc_rows rows;
    uint32_t j;
    int rc = nephc_host_open(cli);

    (void)count;
    if (rc == 0)
        rc = nephc_provider_find(cli, words[0], &provider);
    if (rc)
        return rc;
    if (cli->options.format == NEPHC_TABLE)
        put_about(&cli->out, provider);
    if (nephc_rows_begin(&rows, &cli->out, (nephc_format)cli->options.format,
                         &nephc_setting_shape) != 0)
        return nephc_fail_memory();
    for (j = 0; j < provider->setting_count; j++)
        put_setting(&rows, &provider->settings[j]);
    nephc_rows_end(&rows);
    return NEPHC_DONE;
}
