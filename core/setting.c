/*
 * core/setting.c - gathers a cloud's settings. Order for each: the program, clouds.json, the declared origins, the
 * program's ask function (secrets), the fallback. Settings marked NEPH_SETTING_GROUP are taken together: the first
 * source that has the group's first setting (where that is not required: any of them) must have all required ones of the group, and no other
 * source is asked.
 */
#include "core/setting.h"

#include "core/clouds.h"
#include "core/host.h"
#include "core/metadata.h"
#include "core/origin.h"
#include "core/suggest.h"
#include "core/text.h"
#include "core/url.h"

#include <stdio.h>
#include <string.h>

#define VALUE_MAX (64u << 10)

typedef struct gathering {
    nephi_settings *settings;
    neph_host *host;
    const nephi_provider *provider;
    const char *name; /* as the program said it */
    const neph_setting_value *given;
    size_t given_count;
    nephi_clouds clouds;
    const nephi_tree *cloud; /* NULL: the name is a provider's */
    nephi_origins origins;
    nephi_error *error;
} gathering;

/* Where a group may come from. */
typedef struct place {
    enum { PLACE_GIVEN, PLACE_CLOUD, PLACE_ORIGIN } kind;
    uint32_t from, index;
} place;

/* ---- slots */

static int slot_set(const gathering *g, nephi_setting_slot *slot, const char *text, size_t size,
                    const char *origin)
{
    const nephi_memory *memory = &g->host->memory;
    if (size > VALUE_MAX)
        return nephi_fail(g->error, NEPH_INVALID, "setting \"%s\" (%s) is longer than %u bytes",
                          slot->setting->name, origin, VALUE_MAX);
    slot->value = nephi_strndup(memory, text, size);
    slot->origin = nephi_strdup(memory, origin);
    return slot->value && slot->origin ? 0 : nephi_fail_memory(g->error);
}

static nephi_setting_slot *slot_find(const gathering *g, const char *name)
{
    for (uint32_t i = 0; i < g->settings->count; i++)
        if (strcmp(g->settings->slots[i].setting->name, name) == 0)
            return &g->settings->slots[i];
    return NULL;
}

static int is_group(const nephi_setting_slot *slot)
{
    return (slot->setting->flags & NEPH_SETTING_GROUP) != 0;
}

static int is_required(const nephi_setting_slot *slot)
{
    return (slot->setting->flags & NEPH_SETTING_REQUIRED) != 0;
}

static int is_secret(const nephi_setting_slot *slot)
{
    return (slot->setting->flags & NEPH_SETTING_SECRET) != 0;
}

/* ---- one place */

static int find_given(const gathering *g, const nephi_setting_slot *slot, nephi_found *found)
{
    /* The last one counts, as it does on a command line. */
    for (size_t i = g->given_count; i-- > 0;)
        if (strcmp(g->given[i].name, slot->setting->name) == 0 && g->given[i].value) {
            found->text = g->given[i].value;
            found->size = strlen(found->text);
            found->expires_ns = NEPH_UNKNOWN;
            snprintf(found->origin, sizeof found->origin, "given");
            return 1;
        }
    return 0;
}

static int find_cloud(const gathering *g, const nephi_setting_slot *slot, nephi_found *found)
{
    const nephi_tree *member = nephi_tree_find(g->cloud, slot->setting->name);
    if (!member)
        return 0;
    found->text = member->text;
    found->size = strlen(member->text);
    found->expires_ns = NEPH_UNKNOWN;
    snprintf(found->origin, sizeof found->origin, "clouds.json (%s)", g->name);
    return 1;
}

/* A profile that the program named is meant, or an entry of clouds.yaml: keys that happen to be in the environment are
 * not. */
static int is_overruled(const gathering *g, const nephi_setting_slot *slot, uint32_t from)
{
    return is_group(slot) && from == NEPH_FROM_ENVIRONMENT &&
           (g->origins.is_profile_asked == 2 || g->origins.yaml.name);
}

/* The first origin of a kind that has it. */
static int find_origin(gathering *g, const nephi_setting_slot *slot, uint32_t from, uint32_t index,
                       nephi_found *found)
{
    int rc = 0;
    for (uint32_t i = 0; i < slot->setting->origin_count && rc == 0; i++) {
        const neph_origin *origin = &slot->setting->origins[i];
        if (origin->from == from && !is_overruled(g, slot, from))
            rc = nephi_origin_find(&g->origins, origin, index, found, g->error);
    }
    return rc;
}

static int find_at(gathering *g, const nephi_setting_slot *slot, const place *at,
                   nephi_found *found)
{
    if (at->kind == PLACE_GIVEN)
        return find_given(g, slot, found);
    if (at->kind == PLACE_CLOUD)
        return find_cloud(g, slot, found);
    return find_origin(g, slot, at->from, at->index, found);
}

/* ---- a setting by itself */

/* 1 and the value, 0, or a failure. */
static int find_anywhere(gathering *g, const nephi_setting_slot *slot, nephi_found *found)
{
    int rc = find_given(g, slot, found);
    if (!rc)
        rc = find_cloud(g, slot, found);
    for (uint32_t i = 0; i < slot->setting->origin_count && rc == 0; i++) {
        const neph_origin *origin = &slot->setting->origins[i];
        uint32_t places = nephi_origin_places(&g->origins, origin->from);
        for (uint32_t index = 0; index < places && rc == 0; index++)
            rc = nephi_origin_find(&g->origins, origin, index, found, g->error);
    }
    return rc;
}

static int gather_one(gathering *g, nephi_setting_slot *slot)
{
    nephi_found found;
    int rc;
    if (is_group(slot) || slot->value)
        return 0;
    rc = find_anywhere(g, slot, &found);
    return rc > 0 ? slot_set(g, slot, found.text, found.size, found.origin) : rc;
}

/* The AWS files are read for one profile, so that is settled first. */
static int gather_profile(gathering *g)
{
    nephi_setting_slot *slot = slot_find(g, "profile");
    const char *variable;
    int rc = 0;
    if (!slot) {
        variable = nephi_host_environment(g->host, "AWS_PROFILE");
        g->origins.profile = variable;
        g->origins.is_profile_asked = variable != NULL;
        return 0;
    }
    rc = gather_one(g, slot);
    if (!rc && slot->value) {
        g->origins.profile = slot->value;
        g->origins.is_profile_asked = strncmp(slot->origin, "environment", 11) == 0 ? 1 : 2;
    }
    return rc;
}

/* And clouds.yaml for one of its clouds. */
static int gather_cloud(gathering *g)
{
    nephi_setting_slot *slot = slot_find(g, "cloud");
    int rc = slot ? gather_one(g, slot) : 0;
    if (!rc && slot && slot->value && slot->value[0])
        g->origins.yaml.name = slot->value;
    return rc;
}

/* ---- the group */

typedef struct census {
    const nephi_setting_slot *first;   /* of the group that is there */
    const nephi_setting_slot *missing; /* required, and not there */
    const nephi_setting_slot *leader;  /* the group's first setting */
    int has_leader;
    char origin[NEPHI_ORIGIN_TEXT_MAX]; /* of first */
} census;

static int group_count(gathering *g, const place *at, census *counted)
{
    nephi_found found;
    memset(counted, 0, sizeof *counted);
    for (uint32_t i = 0; i < g->settings->count; i++) {
        const nephi_setting_slot *slot = &g->settings->slots[i];
        int rc = is_group(slot) ? find_at(g, slot, at, &found) : 0;
        if (rc < 0)
            return rc;
        if (!is_group(slot))
            continue;
        if (!counted->leader) {
            counted->leader = slot;
            counted->has_leader = rc;
        }
        if (rc && !counted->first) {
            counted->first = slot;
            memcpy(counted->origin, found.origin, sizeof counted->origin);
        }
        if (!rc && is_required(slot) && !counted->missing)
            counted->missing = slot;
    }
    return 0;
}

static int group_fail(const gathering *g, const census *counted, const nephi_setting_slot *missing)
{
    return nephi_fail(
        g->error, NEPH_INVALID,
        "cloud \"%s\": \"%s\" is there (%s) but \"%s\" is not: they are taken from one source or not at all",
        g->name, counted->first->setting->name, counted->origin, missing->setting->name);
}

static int group_take(gathering *g, const place *at)
{
    nephi_found found;
    int rc = 0;
    for (uint32_t i = 0; i < g->settings->count && rc >= 0; i++) {
        nephi_setting_slot *slot = &g->settings->slots[i];
        rc = is_group(slot) ? find_at(g, slot, at, &found) : 0;
        if (rc <= 0)
            continue;
        g->settings->expires_ns = found.expires_ns;
        g->settings->from = at->from;
        g->settings->index = at->index;
        rc = slot_set(g, slot, found.text, found.size, found.origin);
    }
    return rc;
}

/* Returns 1 if the group was taken from there. */
static int group_try(gathering *g, const place *at)
{
    census counted;
    int is_askable, rc = group_count(g, at, &counted);
    if (rc || !counted.first)
        return rc;
    if (!counted.has_leader && is_required(counted.leader))
        return at->kind == PLACE_ORIGIN ? 0 : group_fail(g, &counted, counted.leader);
    is_askable = counted.missing && is_secret(counted.missing) && g->host->config.ask;
    if (counted.missing && !is_askable)
        return group_fail(g, &counted, counted.missing);
    rc = group_take(g, at);
    return rc ? rc : 1;
}

static int group_try_origins(gathering *g, const neph_setting *setting)
{
    int rc = 0;
    for (uint32_t i = 0; i < setting->origin_count && rc == 0; i++) {
        uint32_t from = setting->origins[i].from;
        uint32_t places = nephi_origin_places(&g->origins, from);
        for (uint32_t index = 0; index < places && rc == 0; index++) {
            place at = {PLACE_ORIGIN, from, index};
            rc = group_try(g, &at);
        }
    }
    return rc;
}

static int gather_group(gathering *g)
{
    const place given = {PLACE_GIVEN, 0, 0}, cloud = {PLACE_CLOUD, 0, 0};
    const nephi_setting_slot *leader = NULL;
    int rc;
    for (uint32_t i = 0; i < g->settings->count && !leader; i++)
        if (is_group(&g->settings->slots[i]))
            leader = &g->settings->slots[i];
    if (!leader)
        return 0;
    rc = group_try(g, &given);
    if (!rc)
        rc = group_try(g, &cloud);
    if (!rc)
        rc = group_try_origins(g, leader->setting);
    return rc < 0 ? rc : 0;
}

/* ---- what is still missing */

static int slot_ask(gathering *g, nephi_setting_slot *slot)
{
    const neph_host_config *config = &g->host->config;
    const char *value = NULL;
    if (!config->ask || !is_secret(slot) || !is_required(slot))
        return 0;
    if (config->ask(g->name, slot->setting->name, &value, config->ask_user) != 1 || !value)
        return 0;
    return slot_set(g, slot, value, strlen(value), "asked");
}

static int fail_missing(const gathering *g, const nephi_setting_slot *slot)
{
    const neph_setting *setting = slot->setting;
    char ways[400];
    size_t used = (size_t)snprintf(ways, sizeof ways, "--set %s=%s", setting->name,
                                   is_secret(slot) ? "@FILE" : "VALUE");
    for (uint32_t i = 0; i < setting->origin_count; i++) {
        char hint[128];
        int size;
        if (!nephi_origin_hint(&g->origins, &setting->origins[i], hint, sizeof hint))
            continue;
        size = snprintf(ways + used, sizeof ways - used, ", or %s", hint);
        if (size < 0 || (size_t)size >= sizeof ways - used)
            break;
        used += (size_t)size;
    }
    ways[used] = '\0';
    return nephi_fail(g->error, NEPH_INVALID, "cloud \"%s\" needs %s: %s", g->name, setting->name,
                      ways);
}

/* Will the provider's login fetch it from the machine's metadata service? */
static int is_lent(const gathering *g, const nephi_setting_slot *slot)
{
    const char *endpoint = nephi_settings_get(g->settings, "metadata_endpoint");
    for (uint32_t i = 0; i < slot->setting->origin_count; i++) {
        const neph_origin *origin = &slot->setting->origins[i];
        if (origin->from != NEPH_FROM_METADATA)
            continue;
        if (endpoint && *endpoint && nephi_host_allows(g->host, NEPH_SOURCE_METADATA))
            return 1;
        if (nephi_metadata_is_there(g->host, origin->key))
            return 1;
    }
    return 0;
}

static int slot_lend(const gathering *g, nephi_setting_slot *slot)
{
    nephi_free(&g->host->memory, slot->origin);
    slot->origin = nephi_strdup(&g->host->memory, "metadata service");
    return slot->origin ? 0 : nephi_fail_memory(g->error);
}

static int slot_complete(gathering *g, nephi_setting_slot *slot)
{
    const char *fallback = slot->setting->fallback;
    int rc;
    if (!slot->value && is_lent(g, slot))
        return slot_lend(g, slot);
    rc = slot->value ? 0 : slot_ask(g, slot);
    if (!rc && !slot->value && fallback)
        rc = slot_set(g, slot, fallback, strlen(fallback), "default");
    if (!rc && is_required(slot) && (!slot->value || !slot->value[0]))
        rc = fail_missing(g, slot);
    return rc;
}

/* ---- checking */

static const char *value_fault(const neph_setting *setting, const char *value)
{
    size_t size = strlen(value);
    int64_t number;
    if (setting->type == NEPH_TYPE_INTEGER && !nephi_read_integer(value, size, &number))
        return "is no integer";
    if (setting->type == NEPH_TYPE_BOOLEAN && !nephi_read_boolean(value, size, &number))
        return "is neither true nor false";
    if (setting->choices && !nephi_is_choice(setting->choices, value))
        return setting->choices;
    return NULL;
}

/* "setting "x" (origin): " and, unless it is secret, the value. */
static int fail_value(const gathering *g, const nephi_setting_slot *slot, const char *fault)
{
    int is_shown = !is_secret(slot);
    int is_choices = fault == slot->setting->choices;
    return nephi_fail(g->error, NEPH_INVALID, "setting \"%s\" (%s): %s%.200s%s %s%s",
                      slot->setting->name, slot->origin, is_shown ? "\"" : "",
                      is_shown ? slot->value : "the value", is_shown ? "\"" : "",
                      is_choices ? "is none of " : "", fault);
}

static int check_endpoint(const gathering *g, const nephi_setting_slot *slot)
{
    nephi_error inner;
    nephi_url url;
    int rc;
    nephi_error_clear(&inner);
    memset(&url, 0, sizeof url);
    rc = nephi_url_parse(&url, &g->host->memory, slot->value, &inner);
    if (!rc && url.query[0])
        rc = nephi_fail(&inner, NEPH_INVALID,
                        "an endpoint has no query: leave out what follows \"?\"");
    nephi_url_fini(&url, &g->host->memory);
    if (rc == NEPH_NO_MEMORY)
        return nephi_fail_memory(g->error);
    if (rc)
        return nephi_fail(g->error, NEPH_INVALID, "setting \"%s\" (%s): %s", slot->setting->name,
                          slot->origin, inner.message);
    return 0;
}

static int slot_check(const gathering *g, const nephi_setting_slot *slot)
{
    const char *fault =
        slot->value && slot->value[0] ? value_fault(slot->setting, slot->value) : NULL;
    if (fault)
        return fail_value(g, slot, fault);
    if (slot->value && slot->value[0] && (slot->setting->flags & NEPH_SETTING_ENDPOINT))
        return check_endpoint(g, slot);
    return 0;
}

static int fail_unknown(const gathering *g, const char *name, const char *where)
{
    nephi_suggest best;
    nephi_suggest_init(&best, name);
    for (uint32_t i = 0; i < g->settings->count; i++)
        nephi_suggest_try(&best, g->settings->slots[i].setting->name);
    return nephi_fail(g->error, NEPH_INVALID, "provider \"%s\" has no setting \"%s\"%s%s%s%s",
                      g->provider->table.id, name, where, best.found ? "; did you mean \"" : "",
                      best.found ? best.found : "", best.found ? "\"?" : "");
}

static int check_names(const gathering *g)
{
    for (size_t i = 0; i < g->given_count; i++)
        if (!g->given[i].name || !slot_find(g, g->given[i].name))
            return fail_unknown(g, g->given[i].name ? g->given[i].name : "", "");
    for (const nephi_tree *member = g->cloud ? g->cloud->first : NULL; member;
         member = member->next)
        if (strcmp(member->name, "provider") != 0 && !slot_find(g, member->name))
            return fail_unknown(g, member->name, ", which clouds.json gives");
    return 0;
}

/* ---- all */

static int settings_make(gathering *g, const char *id)
{
    nephi_settings *settings = g->settings;
    memset(settings, 0, sizeof *settings);
    settings->expires_ns = NEPH_UNKNOWN;
    settings->provider = nephi_strdup(&g->host->memory, id);
    if (!settings->provider)
        return nephi_fail_memory(g->error);
    if (!g->provider->setting_count)
        return 0;
    settings->slots =
        nephi_alloc_array(&g->host->memory, g->provider->setting_count, sizeof *settings->slots);
    if (!settings->slots)
        return nephi_fail_memory(g->error);
    settings->count = g->provider->setting_count;
    for (uint32_t i = 0; i < settings->count; i++)
        settings->slots[i].setting = &g->provider->settings[i];
    return 0;
}

static int gather(gathering *g)
{
    nephi_settings *settings = g->settings;
    int rc = check_names(g);
    if (!rc)
        rc = gather_profile(g);
    if (!rc)
        rc = gather_cloud(g);
    if (!rc)
        rc = gather_group(g);
    for (uint32_t i = 0; i < settings->count && !rc; i++)
        rc = gather_one(g, &settings->slots[i]);
    for (uint32_t i = 0; i < settings->count && !rc; i++)
        rc = slot_complete(g, &settings->slots[i]);
    for (uint32_t i = 0; i < settings->count && !rc; i++)
        rc = slot_check(g, &settings->slots[i]);
    return rc;
}

int nephi_settings_resolve(nephi_settings *settings, neph_host *host, const char *name,
                           const neph_setting_value *given, size_t given_count,
                           const nephi_provider **provider, nephi_error *error)
{
    gathering g = {.settings = settings,
                   .host = host,
                   .name = name,
                   .given = given,
                   .given_count = given_count,
                   .error = error};
    const nephi_tree *id;
    int rc;
    memset(settings, 0, sizeof *settings);
    *provider = NULL;
    if (!name)
        return nephi_fail(error, NEPH_INVALID, "no cloud is named");
    nephi_origins_init(&g.origins, host);
    rc = nephi_clouds_read(&g.clouds, host, error);
    if (rc)
        goto out;
    g.cloud = nephi_clouds_find(&g.clouds, name);
    id = nephi_tree_find(g.cloud, "provider");
    rc = nephi_registry_provider(host->registry, id ? id->text : name, id ? NULL : g.clouds.root,
                                 &g.provider, error);
    if (!rc)
        rc = settings_make(&g, g.provider->table.id);
    if (!rc)
        rc = gather(&g);
    if (!rc)
        *provider = g.provider;
out:
    nephi_clouds_fini(&g.clouds);
    nephi_origins_fini(&g.origins);
    if (rc)
        nephi_settings_fini(settings, &host->memory);
    return rc;
}

/* ---- a group that expires */

static void profile_recall(gathering *g, const nephi_settings *settings)
{
    const char *profile = nephi_settings_get(settings, "profile");
    g->origins.profile = profile || slot_find(g, "profile")
                             ? profile
                             : nephi_host_environment(g->host, "AWS_PROFILE");
    g->origins.is_profile_asked = g->origins.profile != NULL;
}

int nephi_settings_renew(nephi_settings *fresh, const nephi_settings *settings, neph_host *host,
                         const nephi_provider *provider, nephi_error *error)
{
    const place at = {PLACE_ORIGIN, settings->from, settings->index};
    gathering g = {.settings = fresh,
                   .host = host,
                   .provider = provider,
                   .name = settings->provider,
                   .error = error};
    census counted;
    int rc = settings_make(&g, settings->provider);
    nephi_origins_init(&g.origins, host);
    profile_recall(&g, settings);
    if (!rc)
        rc = group_count(&g, &at, &counted);
    if (!rc && !counted.has_leader)
        rc = nephi_fail(error, NEPH_AUTH, "they are no longer there");
    if (!rc && counted.missing)
        rc = group_fail(&g, &counted, counted.missing);
    if (!rc)
        rc = group_take(&g, &at);
    nephi_origins_fini(&g.origins);
    if (rc)
        nephi_settings_fini(fresh, &host->memory);
    return rc;
}

void nephi_settings_swap(nephi_settings *settings, nephi_settings *fresh)
{
    int64_t expires_ns = settings->expires_ns;
    for (uint32_t i = 0; i < settings->count; i++) {
        nephi_setting_slot kept = settings->slots[i];
        if (!is_group(&kept))
            continue;
        settings->slots[i] = fresh->slots[i];
        fresh->slots[i] = kept;
    }
    settings->expires_ns = fresh->expires_ns;
    fresh->expires_ns = expires_ns;
}

int nephi_settings_hide(nephi_settings *settings, nephi_scrub *scrub)
{
    for (uint32_t i = 0; i < settings->count; i++) {
        nephi_setting_slot *slot = &settings->slots[i];
        if (!slot->value || !is_secret(slot))
            continue;
        if (nephi_scrub_add(scrub, slot->value))
            return NEPH_NO_MEMORY;
        slot->is_scrubbed = 1;
    }
    return 0;
}

void nephi_settings_unhide(nephi_settings *settings, nephi_scrub *scrub)
{
    for (uint32_t i = 0; i < settings->count; i++) {
        nephi_setting_slot *slot = &settings->slots[i];
        if (slot->is_scrubbed)
            nephi_scrub_remove(scrub, slot->value);
        slot->is_scrubbed = 0;
    }
}

const char *nephi_settings_get(const nephi_settings *settings, const char *name)
{
    for (uint32_t i = 0; i < settings->count; i++)
        if (strcmp(settings->slots[i].setting->name, name) == 0)
            return settings->slots[i].value;
    return NULL;
}

void nephi_settings_fini(nephi_settings *settings, const nephi_memory *memory)
{
    for (uint32_t i = 0; i < settings->count; i++) {
        nephi_free_secret_string(memory, settings->slots[i].value);
        nephi_free(memory, settings->slots[i].origin);
    }
    nephi_free(memory, settings->slots);
    nephi_free(memory, settings->provider);
    memset(settings, 0, sizeof *settings);
}
