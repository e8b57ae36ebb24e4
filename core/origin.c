/*
 * core/origin.c - one row for each kind of source, and what reads it. Which setting wants which source, and which source
 * wins, is setting.c's business.
 */
#include "core/origin.h"

#include "core/aws_profile.h"
#include "core/file.h"
#include "core/host.h"
#include "core/place.h"

#include <stdio.h>
#include <string.h>

typedef struct source {
    uint32_t needs; /* NEPH_SOURCE_… */
    uint32_t places;
    int (*find)(nephi_origins *origins, const char *key, uint32_t place, nephi_found *found,
                nephi_error *error);
    void (*hint)(const nephi_origins *origins, const char *key, char *out, size_t capacity);
} source;

static int found_text(nephi_found *found, const char *text, size_t size)
{
    found->expires_ns = NEPH_UNKNOWN;
    found->text = text;
    found->size = size;
    return 1;
}

/* ---- variables */

static int environment_find(nephi_origins *origins, const char *key, uint32_t place,
                            nephi_found *found, nephi_error *error)
{
    const char *value = nephi_host_environment(origins->host, key);
    (void)place, (void)error;
    if (!value)
        return 0;
    snprintf(found->origin, sizeof found->origin, "environment %s", key);
    return found_text(found, value, strlen(value));
}

static void environment_hint(const nephi_origins *origins, const char *key, char *out,
                             size_t capacity)
{
    (void)origins;
    snprintf(out, capacity, "set the variable %s", key);
}

/* ---- AWS files */

enum { PLACE_CREDENTIALS = 0, PLACE_PROCESS = 1, PLACE_CONFIG = 2, AWS_PLACES = 3 };

static const char *profile_name(const nephi_origins *origins)
{
    return origins->profile ? origins->profile : "default";
}

static int file_path(nephi_origins *origins, int which)
{
    static const char *const variables[] = {"AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"};
    static const char *const names[] = {"credentials", "config"};
    const char *given = nephi_host_environment(origins->host, variables[which]);
    char *path = origins->paths[which];
    size_t capacity = sizeof origins->paths[which];
    if (given && given[0] == '~' && given[1] == '/')
        return nephi_place_user(origins->host, NULL, "", given + 2, path, capacity);
    if (given)
        return (size_t)snprintf(path, capacity, "%s", given) < capacity;
    return nephi_place_user(origins->host, NULL, ".aws", names[which], path, capacity);
}

static int file_read(nephi_origins *origins, int which, nephi_error *error)
{
    nephi_buffer *text = &origins->files[which];
    struct stat info;
    int rc;
    if (!file_path(origins, which))
        return 0;
    rc = nephi_file_read(origins->paths[which], text, &info, error);
    if (rc == NEPH_NOT_FOUND)
        return 0;
    return rc ? rc
              : nephi_aws_profile_check(nephi_buffer_string(text), text->size,
                                        origins->paths[which], error);
}

static int lookup(nephi_origins *origins, int which, const char *key, nephi_aws_value *value)
{
    const nephi_buffer *text = &origins->files[which];
    return nephi_aws_profile_find(nephi_buffer_string(text), text->size, which,
                                  profile_name(origins), key, value);
}

static int files_read(nephi_origins *origins, nephi_error *error)
{
    nephi_aws_value unused;
    int rc = 0;
    if (origins->are_files_read)
        return 0;
    for (int which = 0; which < 2 && !rc; which++)
        rc = file_read(origins, which, error);
    if (rc)
        return rc;
    origins->are_files_read = 1;
    origins->is_profile_found =
        lookup(origins, NEPHI_AWS_CREDENTIALS, "", &unused) != NEPHI_AWS_NO_PROFILE ||
        lookup(origins, NEPHI_AWS_CONFIG, "", &unused) != NEPHI_AWS_NO_PROFILE;
    if (origins->is_profile_asked && !origins->is_profile_found)
        return nephi_fail(error, NEPH_INVALID, "there is no profile \"%s\" in %s or %s",
                          profile_name(origins), origins->paths[NEPHI_AWS_CREDENTIALS],
                          origins->paths[NEPHI_AWS_CONFIG]);
    return 0;
}

/* The AWS CLI knows all ways, and prints what they lead to. */
static int fail_unsupported(const nephi_origins *origins, const char *way, nephi_error *error)
{
    const char *profile = profile_name(origins), *quote = strpbrk(profile, " \t") ? "\"" : "";
    return nephi_fail(
        error, NEPH_UNSUPPORTED,
        "profile \"%s\" gets its keys by %s, which neph cannot: add to it in %s the line: "
        "credential_process = aws configure export-credentials --profile %s%s%s --format process",
        profile, way, origins->paths[NEPHI_AWS_CONFIG], quote, profile, quote);
}

/* A profile that gets its keys in a way that neph does not have must not look like one without keys. */
static int check_supported(nephi_origins *origins, nephi_error *error)
{
    static const char *const others[] = {"web_identity_token_file", "role_arn", "sso_session",
                                         "sso_start_url", "login_session"};
    nephi_aws_value value;
    for (int which = 0; which < 2; which++)
        for (size_t i = 0; i < sizeof others / sizeof *others; i++)
            if (lookup(origins, which, others[i], &value) == NEPHI_AWS_FOUND)
                return fail_unsupported(origins, others[i], error);
    return 0;
}

static int process_run(nephi_origins *origins, nephi_error *error)
{
    nephi_aws_value line = {NULL, 0};
    if (origins->is_process_run)
        return 0;
    if (lookup(origins, NEPHI_AWS_CREDENTIALS, "credential_process", &line) != NEPHI_AWS_FOUND &&
        lookup(origins, NEPHI_AWS_CONFIG, "credential_process", &line) != NEPHI_AWS_FOUND)
        return 0;
    if (!nephi_host_allows(origins->host, NEPH_SOURCE_COMMANDS))
        return nephi_fail(
            error, NEPH_PERMISSION,
            "profile \"%s\" has a credential_process, but this program allows no commands",
            profile_name(origins));
    origins->is_process_run = 1;
    return nephi_aws_process_run(&origins->keys, &origins->host->memory, line.text, line.size,
                                 nephi_host_now(origins->host), error);
}

static int process_find(nephi_origins *origins, const char *key, nephi_found *found,
                        nephi_error *error)
{
    const struct {
        const char *key;
        size_t offset;
    } keys[] = {{"aws_access_key_id", offsetof(nephi_aws_keys, access_key)},
                {"aws_secret_access_key", offsetof(nephi_aws_keys, secret_key)},
                {"aws_session_token", offsetof(nephi_aws_keys, session_token)}};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *value;
        int rc;
        if (strcmp(key, keys[i].key) != 0)
            continue;
        rc = process_run(origins, error);
        value = *(char **)((char *)&origins->keys + keys[i].offset);
        if (rc || !value)
            return rc;
        snprintf(found->origin, sizeof found->origin, "credential_process of profile %s",
                 profile_name(origins));
        found_text(found, value, strlen(value));
        found->expires_ns = origins->keys.expires_ns;
        return 1;
    }
    return 0;
}

static int profile_find(nephi_origins *origins, const char *key, uint32_t place, nephi_found *found,
                        nephi_error *error)
{
    int which = place == PLACE_CREDENTIALS ? NEPHI_AWS_CREDENTIALS : NEPHI_AWS_CONFIG;
    nephi_aws_value value;
    int rc = files_read(origins, error);
    if (rc)
        return rc;
    if (place == PLACE_PROCESS)
        return process_find(origins, key, found, error);
    if (lookup(origins, which, key, &value) == NEPHI_AWS_FOUND) {
        snprintf(found->origin, sizeof found->origin, "profile %s in %s", profile_name(origins),
                 origins->paths[which]);
        return found_text(found, value.text, value.size);
    }
    /* The last place: there are no keys. */
    return place == PLACE_CONFIG && strcmp(key, "aws_access_key_id") == 0
               ? check_supported(origins, error)
               : 0;
}

static void profile_hint(const nephi_origins *origins, const char *key, char *out, size_t capacity)
{
    int is_key = strncmp(key, "aws_", 4) == 0;
    snprintf(out, capacity, "put %s into ~/.aws/%s (profile %s)", key,
             is_key ? "credentials" : "config", profile_name(origins));
}

/* ---- clouds.yaml */

static int yaml_find(nephi_origins *origins, const char *key, uint32_t place, nephi_found *found,
                     nephi_error *error)
{
    const char *value, *path;
    int rc =
        origins->yaml.name ? nephi_clouds_yaml_find(&origins->yaml, key, &value, &path, error) : 0;
    (void)place;
    if (rc <= 0)
        return rc;
    snprintf(found->origin, sizeof found->origin, "cloud %s in %s", origins->yaml.name, path);
    return found_text(found, value, strlen(value));
}

static void yaml_hint(const nephi_origins *origins, const char *key, char *out, size_t capacity)
{
    snprintf(out, capacity, "put %s into clouds.yaml%s%s", key,
             origins->yaml.name ? " for cloud " : "", origins->yaml.name ? origins->yaml.name : "");
}

/* ---- the table */

static const source sources[] = {
    [NEPH_FROM_ENVIRONMENT] = {NEPH_SOURCE_ENVIRONMENT, 1, environment_find, environment_hint},
    [NEPH_FROM_AWS_PROFILE] = {NEPH_SOURCE_FILES, AWS_PLACES, profile_find, profile_hint},
    [NEPH_FROM_CLOUDS_YAML] = {NEPH_SOURCE_FILES, 1, yaml_find, yaml_hint},
};

static const source *source_find(const nephi_origins *origins, uint32_t from)
{
    const source *found = from < sizeof sources / sizeof *sources ? &sources[from] : NULL;
    return found && found->find && nephi_host_allows(origins->host, found->needs) ? found : NULL;
}

void nephi_origins_init(nephi_origins *origins, neph_host *host)
{
    memset(origins, 0, sizeof *origins);
    origins->host = host;
    for (int which = 0; which < 2; which++) {
        nephi_buffer_init(&origins->files[which], &host->memory, NEPHI_AWS_FILE_MAX);
        origins->files[which].secret = 1;
    }
    nephi_clouds_yaml_init(&origins->yaml, host);
}

void nephi_origins_fini(nephi_origins *origins)
{
    for (int which = 0; which < 2; which++)
        nephi_buffer_fini(&origins->files[which]);
    nephi_clouds_yaml_fini(&origins->yaml);
    nephi_aws_keys_fini(&origins->keys, &origins->host->memory);
}

uint32_t nephi_origin_places(const nephi_origins *origins, uint32_t from)
{
    const source *found = source_find(origins, from);
    return found ? found->places : 0;
}

int nephi_origin_find(nephi_origins *origins, const neph_origin *origin, uint32_t place,
                      nephi_found *found, nephi_error *error)
{
    const source *from = source_find(origins, origin->from);
    return from && place < from->places ? from->find(origins, origin->key, place, found, error) : 0;
}

int nephi_origin_hint(const nephi_origins *origins, const neph_origin *origin, char *out,
                      size_t capacity)
{
    const source *from = source_find(origins, origin->from);
    if (from)
        from->hint(origins, origin->key, out, capacity);
    return from != NULL;
}
