/*
 * core/clouds_file.c - finds clouds.json, looks at who can read and write it, and has clouds.c read it.
 */
#include "core/clouds.h"

#include "core/file.h"
#include "core/host.h"
#include "core/place.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- permissions */

static int is_secret(const neph_provider_info *info, const char *name)
{
    for (uint32_t i = 0; info && i < info->setting_count; i++)
        if (strcmp(info->settings[i].name, name) == 0)
            return (info->settings[i].flags & NEPH_INFO_SECRET) != 0;
    return 0;
}

/* The name of a secret setting in the file; NULL: there is none. */
static const nephi_tree *find_secret(const nephi_clouds *clouds, const neph_host *host)
{
    for (const nephi_tree *cloud = clouds->root->first; cloud; cloud = cloud->next) {
        const nephi_tree *provider = nephi_tree_find(cloud, "provider");
        const neph_provider_info *info = nephi_registry_info(host->registry, provider->text);
        for (const nephi_tree *member = cloud->first; member; member = member->next)
            if (is_secret(info, member->name))
                return member;
    }
    return NULL;
}

static int check_permissions(const nephi_clouds *clouds, const neph_host *host,
                             const struct stat *info, nephi_error *error)
{
    const nephi_tree *secret;
    if (info->st_uid != geteuid() && info->st_uid != 0)
        return nephi_fail(error, NEPH_INVALID, "%s belongs to another user and is not used",
                          clouds->path);
    if (info->st_mode & S_IWOTH)
        return nephi_fail(error, NEPH_INVALID,
                          "%s can be written by everybody and is not used: chmod 600 it",
                          clouds->path);
    secret = info->st_mode & (S_IRWXG | S_IRWXO) ? find_secret(clouds, host) : NULL;
    if (!secret)
        return 0;
    return nephi_fail(error, NEPH_INVALID,
                      "%s holds the secret setting \"%s\" and others can read it: chmod 600 it",
                      clouds->path, secret->name);
}

/* ---- the file */

int nephi_clouds_read(nephi_clouds *clouds, neph_host *host, nephi_error *error)
{
    const char *given = host->config.clouds_file;
    nephi_buffer text;
    struct stat info;
    int rc;
    clouds->root = NULL;
    nephi_arena_init(&clouds->arena, &host->memory, 32 * NEPHI_CLOUDS_MAX);
    if (!given && (!nephi_host_allows(host, NEPH_SOURCE_FILES) ||
                   !nephi_place_user(host, "XDG_CONFIG_HOME", ".config", "neph/clouds.json",
                                     clouds->path, sizeof clouds->path)))
        return 0;
    if (given &&
        (size_t)snprintf(clouds->path, sizeof clouds->path, "%s", given) >= sizeof clouds->path)
        return nephi_fail(error, NEPH_INVALID, "the path of the clouds file is too long");
    nephi_buffer_init(&text, &host->memory, NEPHI_CLOUDS_MAX);
    text.secret = 1;
    rc = nephi_file_read(clouds->path, &text, &info, error);
    if (!rc)
        rc = nephi_clouds_parse(clouds, nephi_buffer_string(&text), text.size, error);
    else if (rc == NEPH_NOT_FOUND)
        rc = given ? nephi_fail(error, NEPH_FILE, "\"%s\" is not there", clouds->path) : 0;
    if (!rc && clouds->root)
        rc = check_permissions(clouds, host, &info, error);
    nephi_buffer_fini(&text);
    return rc;
}

static int copy_names(const nephi_clouds *clouds, nephi_arena *arena, const char **names,
                      uint32_t *count)
{
    for (const nephi_tree *cloud = clouds->root->first; cloud; cloud = cloud->next) {
        names[*count] = nephi_arena_text(arena, cloud->name, strlen(cloud->name));
        if (!names[*count])
            return NEPH_NO_MEMORY;
        (*count)++;
    }
    return 0;
}

int nephi_clouds_names(neph_host *host, nephi_arena *arena, const char ***names, uint32_t *count,
                       nephi_error *error)
{
    nephi_clouds clouds;
    int rc = nephi_clouds_read(&clouds, host, error);
    *names = NULL;
    *count = 0;
    if (!rc && clouds.root && clouds.root->count) {
        *names = nephi_arena_alloc(arena, clouds.root->count * sizeof **names);
        if (!*names || copy_names(&clouds, arena, *names, count))
            rc = nephi_fail_memory(error);
    }
    if (rc)
        *count = 0;
    nephi_clouds_fini(&clouds);
    return rc;
}
