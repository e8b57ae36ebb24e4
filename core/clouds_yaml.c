/*
 * core/clouds_yaml.c - which files OpenStack's clients read and in which order ("Configuring OpenStack SDK Applications",
 * 2026), who may have written them, and what of them is the cloud's. Not the current directory: who is there need not be
 * who may say where passwords go.
 */
#include "core/clouds_yaml.h"

#include "core/file.h"
#include "core/host.h"
#include "core/place.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define VALUES_MAX (1u << 20)
#define KEYS_MAX 4 /* below clouds and its name */

void nephi_clouds_yaml_init(nephi_clouds_yaml *clouds, neph_host *host)
{
    memset(clouds, 0, sizeof *clouds);
    clouds->host = host;
    for (int which = 0; which < NEPHI_YAML_FILES; which++) {
        nephi_buffer_init(&clouds->values[which], &host->memory, VALUES_MAX);
        clouds->values[which].secret = 1;
    }
}

void nephi_clouds_yaml_fini(nephi_clouds_yaml *clouds)
{
    for (int which = 0; which < NEPHI_YAML_FILES; which++)
        nephi_buffer_fini(&clouds->values[which]);
}

/* ---- the entry of one cloud */

typedef struct taking {
    nephi_clouds_yaml *clouds;
    nephi_buffer *values;
    nephi_error *error;
} taking;

static int values_add(const taking *t, const char *text, size_t size)
{
    int rc = nephi_buffer_add(t->values, text, size);
    if (rc == NEPH_LIMIT)
        return nephi_fail(t->error, NEPH_LIMIT, "the cloud's entry is longer than %u bytes",
                          VALUES_MAX);
    return rc ? nephi_fail_memory(t->error) : 0;
}

static int entry_take(void *user, const char *const *keys, uint32_t count, const char *text,
                      size_t size)
{
    const taking *t = user;
    int rc = 0;
    if (count < 3 || strcmp(keys[0], "clouds") != 0 || strcmp(keys[1], t->clouds->name) != 0)
        return 0;
    t->clouds->is_found = 1;
    if (count - 2 > KEYS_MAX)
        return 0;
    for (uint32_t i = 2; i < count && !rc; i++) {
        rc = values_add(t, keys[i], strlen(keys[i]));
        if (!rc)
            rc = values_add(t, i + 1 < count ? "." : "", 1);
    }
    if (!rc)
        rc = values_add(t, text, size);
    return rc ? rc : values_add(t, "", 1);
}

int nephi_clouds_yaml_take(nephi_clouds_yaml *clouds, int which, const char *text, size_t size,
                           nephi_error *error)
{
    taking t = {clouds, &clouds->values[which], error};
    int rc = nephi_host_yaml(clouds->host, error);
    return rc ? rc
              : clouds->host->yaml->read(&clouds->host->memory, text, size, entry_take, &t, error);
}

/* ---- files */

static int is_there(const char *path)
{
    return path[0] && access(path, F_OK) == 0;
}

/* The first that is there. A file that a variable names must be. */
static void path_choose(nephi_clouds_yaml *clouds, int which)
{
    static const char *const variables[] = {"OS_CLIENT_CONFIG_FILE", "OS_CLIENT_SECURE_FILE"};
    static const char *const names[] = {"openstack/clouds.yaml", "openstack/secure.yaml"};
    const char *given = nephi_host_environment(clouds->host, variables[which]);
    char *path = clouds->paths[which];
    size_t capacity = sizeof clouds->paths[which];
    if (given) {
        snprintf(path, capacity, "%s", given);
        return;
    }
    if (nephi_place_user(clouds->host, "XDG_CONFIG_HOME", ".config", names[which], path,
                         capacity) &&
        is_there(path))
        return;
    snprintf(path, capacity, "/etc/%s", names[which]);
    if (!is_there(path))
        path[0] = '\0';
}

static int writers_check(const char *path, const struct stat *info, nephi_error *error)
{
    if (info->st_uid != geteuid() && info->st_uid != 0)
        return nephi_fail(error, NEPH_INVALID, "%s belongs to another user and is not used", path);
    if (info->st_mode & S_IWOTH)
        return nephi_fail(error, NEPH_INVALID,
                          "%s can be written by anybody and is not used: chmod o-w it", path);
    return 0;
}

static int file_take(nephi_clouds_yaml *clouds, int which, nephi_error *error)
{
    const char *path = clouds->paths[which];
    nephi_error inner;
    nephi_buffer text;
    struct stat info;
    int rc;
    nephi_error_clear(&inner);
    nephi_buffer_init(&text, &clouds->host->memory, NEPHI_CLOUDS_YAML_FILE_MAX);
    text.secret = 1;
    rc = nephi_file_read(path, &text, &info, error);
    if (rc == NEPH_NOT_FOUND)
        rc = nephi_fail(error, NEPH_FILE, "%s is not there", path);
    if (!rc)
        rc = writers_check(path, &info, error);
    if (!rc) {
        rc = nephi_clouds_yaml_take(clouds, which, nephi_buffer_string(&text), text.size, &inner);
        if (rc == NEPH_NO_MEMORY)
            nephi_fail_memory(error);
        else if (rc)
            nephi_fail(error, rc, "%s: %s", path, inner.message);
    }
    nephi_buffer_fini(&text);
    return rc;
}

static int files_read(nephi_clouds_yaml *clouds, nephi_error *error)
{
    int rc = 0;
    for (int which = 0; which < NEPHI_YAML_FILES && !rc; which++) {
        path_choose(clouds, which);
        if (clouds->paths[which][0])
            rc = file_take(clouds, which, error);
    }
    if (rc)
        return rc;
    clouds->is_read = 1;
    if (clouds->is_found)
        return 0;
    if (!clouds->paths[NEPHI_YAML_CLOUDS][0])
        return nephi_fail(
            error, NEPH_INVALID,
            "cloud \"%s\" is to be read from clouds.yaml, but there is none in "
            "~/.config/openstack or /etc/openstack (OS_CLIENT_CONFIG_FILE says another)",
            clouds->name);
    return nephi_fail(error, NEPH_INVALID, "there is no cloud \"%s\" in %s", clouds->name,
                      clouds->paths[NEPHI_YAML_CLOUDS]);
}

/* The last one counts. */
static const char *value_of(const nephi_buffer *values, const char *key)
{
    const char *found = NULL;
    const char *at = values->data;
    while (at && at < values->data + values->size) {
        const char *value = at + strlen(at) + 1;
        if (strcmp(at, key) == 0)
            found = value;
        at = value + strlen(value) + 1;
    }
    return found;
}

int nephi_clouds_yaml_find(nephi_clouds_yaml *clouds, const char *key, const char **value,
                           const char **path, nephi_error *error)
{
    int rc = clouds->is_read ? 0 : files_read(clouds, error);
    if (rc)
        return rc;
    for (int which = NEPHI_YAML_FILES - 1; which >= 0; which--) {
        *value = value_of(&clouds->values[which], key);
        if (path)
            *path = clouds->paths[which];
        if (*value)
            return 1;
    }
    return 0;
}
