/*
 * core/clouds.c - reads the text of clouds.json. Which file it is and who may read it is clouds_file.c's, what the settings
 * mean setting.c's business.
 */
#include "core/clouds.h"

#include "core/manifest.h"

#include <string.h>

/* Words of the command that stand where a cloud could stand. */
static const char *const reserved[] = {"call", "cat",    "completion", "cp",       "help",
                                       "ls",   "plugin", "price",      "provider", "rm",
                                       "sync", "url",    "version"};

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
    nephi_tree *root = NULL;
    nephi_error inner;
    int rc;
    nephi_error_clear(&inner);
    rc = nephi_tree_read(&root, &clouds->arena, &clouds->arena, data, size, &inner);
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

const nephi_tree *nephi_clouds_find(const nephi_clouds *clouds, const char *name)
{
    return nephi_tree_find(clouds->root, name);
}

void nephi_clouds_fini(nephi_clouds *clouds)
{
    clouds->root = NULL;
    nephi_arena_fini(&clouds->arena, 1);
}
