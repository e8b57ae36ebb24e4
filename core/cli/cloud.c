/*
 * core/cli/cloud.c - cloud list and show: the clouds of clouds.json, and where each setting of a cloud came from. Secret
 * values are never shown.
 */
#include "core/cli/cells.h"
#include "core/cli/cli.h"

#include <string.h>

static const neph_member_info cloud_members[] = {
    NEPHC_MEMBER(STRING, NEPH_INFO_COLUMN, "name", "name, to be given to -c"),
};

const nephc_shape nephc_cloud_shape = {cloud_members, 1, 0, 0, 0};

enum { O_NAME, O_VALUE, O_ORIGIN, O_SECRET, O_COUNT };

static const neph_member_info origin_members[O_COUNT] = {
    [O_NAME] = NEPHC_MEMBER(STRING, NEPH_INFO_COLUMN, "name", "name of the setting"),
    [O_VALUE] = NEPHC_MEMBER(STRING, NEPH_INFO_COLUMN, "value",
                             "its value; unknown if it is secret or has none"),
    [O_ORIGIN] = NEPHC_MEMBER(STRING, NEPH_INFO_COLUMN, "origin",
                              "where the value came from; unknown if it has none"),
    [O_SECRET] =
        NEPHC_MEMBER(BOOLEAN, NEPH_INFO_COLUMN, "is_secret", "whether the value is never shown"),
};

const nephc_shape nephc_origin_shape = {origin_members, O_COUNT, 0, 0, 0};

int nephc_cloud_list(nephc *cli, const char *const *words, size_t count)
{
    const neph_error *error;
    nephc_rows rows;
    neph_value cell;
    const char *name;
    size_t i;
    int rc = nephc_host_open(cli);

    (void)words;
    (void)count;
    if (rc)
        return rc;
    name = neph_cloud_name_at(cli->host, 0);
    error = neph_host_error(cli->host);
    if (!name && error->status)
        return nephc_fail_error("cloud list", NULL, error);
    if (nephc_rows_begin(&rows, &cli->out, (nephc_format)cli->options.format, &nephc_cloud_shape) !=
        0)
        return nephc_fail_memory();
    for (i = 0; (name = neph_cloud_name_at(cli->host, i)) != NULL; i++) {
        cell = nephc_text(name);
        nephc_rows_cells(&rows, &cell);
    }
    nephc_rows_end(&rows);
    return NEPHC_DONE;
}

static int setting_is_secret(const nephc *cli, const char *provider_id, const char *name)
{
    const neph_provider_info *provider;
    uint32_t j;
    size_t i;

    for (i = 0; (provider = neph_provider_at(cli->host, i)) != NULL; i++)
        for (j = 0; strcmp(provider->id, provider_id) == 0 && j < provider->setting_count; j++)
            if (strcmp(provider->settings[j].name, name) == 0)
                return (provider->settings[j].flags & NEPH_INFO_SECRET) != 0;
    return 0;
}

int nephc_cloud_show(nephc *cli, const char *const *words, size_t count)
{
    const char *name = NULL, *value = NULL, *origin = NULL;
    neph_cloud *cloud = NULL;
    neph_value cells[O_COUNT];
    nephc_rows rows;
    size_t i;
    int rc = nephc_cloud_open(cli, count ? words[0] : NULL, &cloud);

    if (rc)
        return rc;
    if (nephc_rows_begin(&rows, &cli->out, (nephc_format)cli->options.format,
                         &nephc_origin_shape) != 0)
        return nephc_fail_memory();
    for (i = 0; neph_cloud_setting_at(cloud, i, &name, &value, &origin); i++) {
        int is_secret = setting_is_secret(cli, neph_cloud_provider(cloud), name);

        cells[O_NAME] = nephc_text(name);
        cells[O_VALUE] = nephc_text(is_secret ? NULL : value);
        cells[O_ORIGIN] = nephc_text(origin);
        cells[O_SECRET] = nephc_boolean(is_secret);
        nephc_rows_cells(&rows, cells);
    }
    nephc_rows_end(&rows);
    return NEPHC_DONE;
}
