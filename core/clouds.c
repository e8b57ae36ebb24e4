/*
 * core/clouds.c - reads clouds.json and says which clouds it names. What their settings mean is setting.c's business.
 */
#include "core/clouds.h"

#include "core/file.h"
#include "core/host.h"
#include "core/manifest.h"
#include "core/place.h"
#include "core/text.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Words of the command that stand where a cloud could stand. */
static const char *const reserved[] = {"cat",   "completion", "cp", "help", "ls",  "plugin",
                                       "price", "provider",   "rm", "sync", "url", "version"};

static int is_reserved(const char *name)
{
    const neph_op_info *info;
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (strcmp(name, reserved[i]) == 0)
            return 1;
    for (size_t i = 0; (info = neph_op_at(i)) != NULL; i++)
        if (strcmp(name, info->noun) == 0)
            return 1;
    return 0;
}

/* Why it cannot be a cloud's name; NULL: it can. */
static const char *name_fault(const char *name)
{
    if (!name[0] || name[0] == '-' || name[0] == '.')
        return "must begin with a letter or digit";
    if (strlen(name) > NEPHI_NAME_LENGTH_MAX)
        return "is too long for a cloud's name";
    for (const char *at = name; *at; at++)
        if ((unsigned char)*at <= ' ' || *at == 0x7f || *at == ':' || *at == '/')
            return "has a blank, ':' or '/' in it, which a cloud's name cannot";
    return is_reserved(name) ? "is a word of the neph command and cannot be a cloud's name" : NULL;
}

static int check_cloud(const nephi_clouds *clouds, const nephi_tree *cloud, nephi_error *error)
{
    const nephi_tree *provider = nephi_tree_find(cloud, "provider");
    const char *fault = name_fault(cloud->name);
    if (fault)
        return nephi_fail(error, NEPH_INVALID, "%s: \"%s\" %s", clouds->path, cloud->name, fault);
    if (cloud->type != NEPHI_TREE_OBJECT)
        return nephi_fail(error, NEPH_INVALID, "%s: \"%s\" is %s, not an object", clouds->path,
                          cloud->name, nephi_tree_type_name(cloud->type));
    if (!provider || provider->type != NEPHI_TREE_STRING || !nephi_is_provider_id(provider->text))
        return nephi_fail(error, NEPH_INVALID, "%s: \"%s\" does not say its \"provider\"",
                          clouds->path, cloud->name);
    for (const nephi_tree *member = cloud->first; member; member = member->next)
        if (member->type == NEPHI_TREE_OBJECT || member->type == NEPHI_TREE_ARRAY ||
            member->type == NEPHI_TREE_NULL)
            return nephi_fail(
                error, NEPH_INVALID,
                "%s: \"%s\": \"%s\" is %s; settings are strings, numbers, true or false",
                clouds->path, cloud->name, member->name, nephi_tree_type_name(member->type));
    return 0;
}

int nephi_clouds_parse(nephi_clouds *clouds, const void *data, size_t size, nephi_error *error)
{
    nephi_parser *parser = NULL;
    nephi_tree *root = NULL;
    nephi_error inner;
    int rc = nephi_json_class.create(&parser, clouds->arena.memory);
    if (rc)
        return nephi_fail_memory(error);
    nephi_error_clear(&inner);
    rc = nephi_tree_read(&root, &clouds->arena, &clouds->arena, parser, data, size, &inner);
    nephi_json_class.destroy(parser);
    if (rc == NEPH_NO_MEMORY)
        return nephi_fail_memory(error);
    if (rc)
        return nephi_fail(error, NEPH_INVALID, "%s: %s", clouds->path, inner.message);
    if (root->type != NEPHI_TREE_OBJECT)
        return nephi_fail(error, NEPH_INVALID, "%s: is %s, not an object of clouds", clouds->path,
                          nephi_tree_type_name(root->type));
    for (const nephi_tree *cloud = root->first; cloud && !rc; cloud = cloud->next)
        rc = check_cloud(clouds, cloud, error);
    if (!rc)
        clouds->root = root;
    return rc;
}

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
        rc = given ? nephi_fail(error, NEPH_FILE, "%s is not there", clouds->path) : 0;
    if (!rc && clouds->root)
        rc = check_permissions(clouds, host, &info, error);
    nephi_buffer_fini(&text);
    return rc;
}

const nephi_tree *nephi_clouds_find(const nephi_clouds *clouds, const char *name)
{
    return nephi_tree_find(clouds->root, name);
}

void nephi_clouds_fini(nephi_clouds *clouds)
{
    clouds->root = NULL;
    nephi_arena_fini(&clouds->arena, 1);
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
