/*
 * core/cli/setting.c - --set: which cloud a setting is for, and whether it may stand in the command line. Secret ones may
 * not; where they come from instead is value.c's business.
 */
#include "core/cli/cli.h"

#include <stdlib.h>
#include <string.h>

/* "CLOUD:NAME=VALUE" or "NAME=VALUE" */
typedef struct set_option {
    const char *cloud;
    size_t cloud_size; /* 0: every cloud */
    const char *name;
    size_t name_size;
    const char *value;
} set_option;

static int set_parse(const char *text, set_option *out)
{
    const char *equals = strchr(text, '=');
    const char *colon = equals ? memchr(text, ':', (size_t)(equals - text)) : NULL;

    if (!equals || equals == text || (colon && (colon == text || colon + 1 == equals)))
        return nephc_fail(NEPHC_USAGE, "--set %s: write --set NAME=VALUE", text);
    out->cloud = text;
    out->cloud_size = colon ? (size_t)(colon - text) : 0;
    out->name = colon ? colon + 1 : text;
    out->name_size = (size_t)(equals - out->name);
    out->value = equals + 1;
    return 0;
}

static int is_text(const char *text, const char *bytes, size_t size)
{
    return strlen(text) == size && memcmp(text, bytes, size) == 0;
}

/* Is a cloud of this name in play at all? A mistyped one must not go unnoticed. */
static int is_mentioned(const nephc *cli, const set_option *set)
{
    const char *standard = nephc_cloud_default(cli);
    size_t i;

    for (i = 0; i < cli->options.word_count; i++) {
        const char *word = cli->options.words[i];

        if (strncmp(word, set->cloud, set->cloud_size) == 0 &&
            (word[set->cloud_size] == ':' || word[set->cloud_size] == '\0'))
            return 1;
    }
    return standard && is_text(standard, set->cloud, set->cloud_size);
}

static int provider_has(const neph_provider_info *provider, const set_option *set, uint32_t flags)
{
    uint32_t i;

    for (i = 0; i < provider->setting_count; i++)
        if ((provider->settings[i].flags & flags) == flags &&
            is_text(provider->settings[i].name, set->name, set->name_size))
            return 1;
    return 0;
}

static int is_named_cloud(const nephc *cli, const char *name)
{
    const char *named;
    size_t i;

    for (i = 0; (named = neph_cloud_name_at(cli->host, i)) != NULL; i++)
        if (strcmp(named, name) == 0)
            return 1;
    return 0;
}

/* Has the cloud this setting, with these flags? Of a name from clouds.json the provider is not known here: then it has
 * what any provider has. */
static int cloud_has(const nephc *cli, const char *cloud, const set_option *set, uint32_t flags)
{
    const neph_provider_info *provider;
    int is_any = is_named_cloud(cli, cloud);
    size_t i;

    for (i = 0; (provider = neph_provider_at(cli->host, i)) != NULL; i++)
        if ((is_any || strcmp(provider->id, cloud) == 0) && provider_has(provider, set, flags))
            return 1;
    return 0;
}

/* Is there another cloud in the command line that has it? */
static int another_has(const nephc *cli, const char *cloud, const set_option *set)
{
    size_t i;

    for (i = 0; i < cli->options.word_count; i++) {
        nephc_address address;
        int has_it;

        if (nephc_address_parse(cli->options.words[i], &address) != 0)
            continue;
        has_it = address.cloud && *address.cloud && strcmp(address.cloud, cloud) != 0 &&
                 cloud_has(cli, address.cloud, set, 0);
        nephc_address_free(&address);
        if (has_it)
            return 1;
    }
    return 0;
}

static int set_check(const nephc *cli, const char *cloud, const set_option *set)
{
    if (set->cloud_size > 0 && !is_mentioned(cli, set))
        return nephc_fail(NEPHC_USAGE, "--set %.*s:%.*s: no cloud \"%.*s\" is used here",
                          (int)set->cloud_size, set->cloud, (int)set->name_size, set->name,
                          (int)set->cloud_size, set->cloud);
    if (set->cloud_size == 0 && cloud_has(cli, cloud, set, 0) && another_has(cli, cloud, set))
        return nephc_fail(NEPHC_USAGE, "--set %.*s: of which cloud? write --set CLOUD:%.*s=VALUE",
                          (int)set->name_size, set->name, (int)set->name_size, set->name);
    if (set->value[0] != '@' && cloud_has(cli, cloud, set, NEPH_INFO_SECRET))
        return nephc_fail(
            NEPHC_USAGE,
            "--set %.*s: a secret in the command line can be read by everybody on this machine; write "
            "--set %.*s=@FILE, or =@- for standard input",
            (int)set->name_size, set->name, (int)set->name_size, set->name);
    return 0;
}

/* What no cloud has goes to all, so that the library says so. */
static int set_applies(const nephc *cli, const char *cloud, const set_option *set)
{
    if (set->cloud_size > 0)
        return is_text(cloud, set->cloud, set->cloud_size);
    return cloud_has(cli, cloud, set, 0) || !another_has(cli, cloud, set);
}

void nephc_settings_free(neph_setting_value *settings, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        free((char *)(uintptr_t)settings[i].name);
        nephc_value_free((char *)(uintptr_t)settings[i].value);
    }
    free(settings);
}

int nephc_settings_gather(const nephc *cli, const char *cloud, neph_setting_value *settings,
                          size_t *count)
{
    size_t i;

    for (i = 0; i < cli->options.set_count; i++) {
        set_option set = {0};
        char *value = NULL;
        int rc = set_parse(cli->options.sets[i], &set);

        if (rc == 0)
            rc = set_check(cli, cloud, &set);
        if (rc)
            return rc;
        if (!set_applies(cli, cloud, &set))
            continue;
        settings[*count].name = strndup(set.name, set.name_size);
        if (!settings[*count].name)
            return nephc_fail_memory();
        rc = nephc_value_read(settings[*count].name, set.value, &value);
        settings[(*count)++].value = value;
        if (rc)
            return rc;
    }
    return 0;
}
