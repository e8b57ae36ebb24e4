/*
 * core/cli/plugin.c - plugin list, info and doctor. List and info say what the manifests say and load nothing; doctor
 * loads.
 */
#include "core/cli/cells.h"
#include "core/cli/cli.h"

#include <stdio.h>
#include <string.h>

#define NAMES_MAX 64

enum {
    C_NAME,
    C_VERSION,
    C_STATE,
    C_PROVIDERS,
    C_PACKAGE,
    C_ABI,
    C_RULE,
    C_REASON,
    C_MANIFEST,
    C_FILE,
    C_COUNT
};

static const neph_member_info plugin_members[C_COUNT] = {
    [C_NAME] = NEPHC_MEMBER(STRING, NEPH_INFO_COLUMN, "name", "name of the plugin"),
    [C_VERSION] = NEPHC_MEMBER(STRING, NEPH_INFO_COLUMN, "version", "its version"),
    [C_STATE] =
        NEPHC_MEMBER(STRING, NEPH_INFO_COLUMN, "state", "found, loaded, skipped or built-in"),
    [C_PROVIDERS] = NEPHC_MEMBER(STRINGS, NEPH_INFO_COLUMN, "providers", "ids of its providers"),
    [C_PACKAGE] =
        NEPHC_MEMBER(STRING, NEPH_INFO_COLUMN, "package", "package that usually carries it"),
    [C_ABI] =
        NEPHC_MEMBER(STRING, NEPH_INFO_WIDE, "abi", "version of the plugin ABI it was built for"),
    [C_RULE] = NEPHC_MEMBER(INTEGER, NEPH_INFO_WIDE, "rule", "number of the rule it breaks"),
    [C_REASON] = NEPHC_MEMBER(STRING, NEPH_INFO_COLUMN, "reason", "why it was skipped"),
    [C_MANIFEST] = NEPHC_MEMBER(STRING, NEPH_INFO_WIDE, "manifest", "path of its manifest"),
    [C_FILE] = NEPHC_MEMBER(STRING, NEPH_INFO_WIDE, "file", "path of its shared object"),
};

const nephc_shape nephc_plugin_shape = {plugin_members, C_COUNT, 0, 0, 0};

enum { D_NAME, D_IS_FINE, D_RULE, D_REASON, D_FILE, D_COUNT };

static const neph_member_info doctor_members[D_COUNT] = {
    [D_NAME] = NEPHC_MEMBER(STRING, NEPH_INFO_COLUMN, "name", "name of the plugin"),
    [D_IS_FINE] = NEPHC_MEMBER(BOOLEAN, NEPH_INFO_COLUMN, "is_fine",
                               "it loads and does what its manifest says"),
    [D_RULE] = NEPHC_MEMBER(INTEGER, NEPH_INFO_WIDE, "rule", "number of the rule it breaks"),
    [D_REASON] = NEPHC_MEMBER(STRING, NEPH_INFO_COLUMN, "reason", "what is wrong with it"),
    [D_FILE] = NEPHC_MEMBER(STRING, NEPH_INFO_WIDE, "file", "path of its shared object"),
};

const nephc_shape nephc_doctor_shape = {doctor_members, D_COUNT, 0, 0, 0};

static const char *state_name(int32_t state)
{
    switch (state) {
    case NEPH_PLUGIN_FOUND: return "found";
    case NEPH_PLUGIN_LOADED: return "loaded";
    case NEPH_PLUGIN_SKIPPED: return "skipped";
    case NEPH_PLUGIN_BUILT_IN: return "built-in";
    default: return NULL;
    }
}

static void put_plugin(nephc_rows *rows, const neph_plugin_info *plugin)
{
    neph_value cells[C_COUNT];
    const char *ids[NAMES_MAX];
    char abi[32];
    size_t count = 0;
    uint32_t i;

    for (i = 0; i < plugin->provider_count && count < NAMES_MAX; i++)
        ids[count++] = plugin->providers[i].id;
    (void)snprintf(abi, sizeof abi, "%u.%u", plugin->abi_major, plugin->abi_minor);
    cells[C_NAME] = nephc_text(plugin->name);
    cells[C_VERSION] = nephc_text(plugin->version);
    cells[C_STATE] = nephc_text(state_name(plugin->state));
    cells[C_PROVIDERS] = nephc_strings(ids, count);
    cells[C_PACKAGE] = nephc_text(plugin->package);
    cells[C_ABI] = nephc_text(abi);
    cells[C_RULE] = plugin->rule ? nephc_number(plugin->rule) : nephc_text(NULL);
    cells[C_REASON] = nephc_text(plugin->reason);
    cells[C_MANIFEST] = nephc_text(plugin->manifest);
    cells[C_FILE] = nephc_text(plugin->file);
    nephc_rows_cells(rows, cells);
}

static const neph_plugin_info *plugin_find(const nephc *cli, const char *name)
{
    const neph_plugin_info *plugin;
    size_t i;

    for (i = 0; (plugin = neph_plugin_at(cli->host, i)) != NULL; i++)
        if (plugin->name && strcmp(plugin->name, name) == 0)
            return plugin;
    return NULL;
}

static int no_such_plugin(const nephc *cli, const char *name)
{
    const neph_plugin_info *plugin;
    nephc_nearest nearest;
    size_t i;

    nephc_nearest_begin(&nearest, name);
    for (i = 0; (plugin = neph_plugin_at(cli->host, i)) != NULL; i++)
        if (plugin->name)
            nephc_nearest_try(&nearest, plugin->name);
    return nephc_fail_nearest(NEPHC_NOT_FOUND, &nearest,
                              "no plugin \"%s\" is installed, see neph plugin list", name);
}

int nephc_plugin_list(nephc *cli, const char *const *words, size_t count)
{
    const neph_plugin_info *plugin;
    nephc_rows rows;
    size_t i;
    int rc = nephc_host_open(cli);

    (void)words;
    (void)count;
    if (rc)
        return rc;
    if (nephc_rows_begin(&rows, &cli->out, (nephc_format)cli->options.format,
                         &nephc_plugin_shape) != 0)
        return nephc_fail_memory();
    for (i = 0; (plugin = neph_plugin_at(cli->host, i)) != NULL; i++)
        put_plugin(&rows, plugin);
    nephc_rows_end(&rows);
    if (i == 0)
        nephc_note(cli, "no plugin is installed, or none was found; see FILES in man neph");
    return NEPHC_DONE;
}

int nephc_plugin_info(nephc *cli, const char *const *words, size_t count)
{
    nephc_shape shape = nephc_plugin_shape;
    const neph_plugin_info *plugin;
    nephc_rows rows;
    int rc = nephc_host_open(cli);

    (void)count;
    if (rc)
        return rc;
    plugin = plugin_find(cli, words[0]);
    if (!plugin)
        return no_such_plugin(cli, words[0]);
    shape.is_single = 1;
    if (nephc_rows_begin(&rows, &cli->out, (nephc_format)cli->options.format, &shape) != 0)
        return nephc_fail_memory();
    put_plugin(&rows, plugin);
    nephc_rows_end(&rows);
    return NEPHC_DONE;
}

/* ---- doctor */

static int check_one(nephc *cli, nephc_rows *rows, const neph_plugin_info *plugin)
{
    neph_value cells[D_COUNT];
    int is_skipped = plugin->state == NEPH_PLUGIN_SKIPPED;
    int is_fine = !is_skipped && neph_plugin_check(cli->host, plugin->name) == 0;
    const char *reason = is_skipped ? plugin->reason
                         : is_fine  ? NULL
                                    : neph_host_error(cli->host)->message;

    cells[D_NAME] = nephc_text(plugin->name ? plugin->name : plugin->manifest);
    cells[D_IS_FINE] = nephc_boolean(is_fine);
    cells[D_RULE] = plugin->rule ? nephc_number(plugin->rule) : nephc_text(NULL);
    cells[D_REASON] = nephc_text(reason);
    cells[D_FILE] = nephc_text(plugin->file);
    nephc_rows_cells(rows, cells);
    return is_fine ? NEPHC_DONE : NEPHC_FAILED;
}

static int check_all(nephc *cli, nephc_rows *rows)
{
    const neph_plugin_info *plugin;
    int status = NEPHC_DONE;
    size_t i;

    for (i = 0; (plugin = neph_plugin_at(cli->host, i)) != NULL; i++)
        if (check_one(cli, rows, plugin) != NEPHC_DONE)
            status = NEPHC_FAILED;
    return status;
}

int nephc_plugin_doctor(nephc *cli, const char *const *words, size_t count)
{
    nephc_rows rows;
    int status = nephc_host_open(cli);
    size_t i;

    for (i = 0; i < count && status == NEPHC_DONE; i++)
        if (!plugin_find(cli, words[i]))
            status = no_such_plugin(cli, words[i]);
    if (status)
        return status;
    if (nephc_rows_begin(&rows, &cli->out, (nephc_format)cli->options.format,
                         &nephc_doctor_shape) != 0)
        return nephc_fail_memory();
    if (count == 0)
        status = check_all(cli, &rows);
    for (i = 0; i < count; i++)
        if (check_one(cli, &rows, plugin_find(cli, words[i])) != NEPHC_DONE)
            status = NEPHC_FAILED;
    nephc_rows_end(&rows);
    return status;
}
