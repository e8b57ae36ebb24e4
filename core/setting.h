/*
 * core/setting.h - from a provider's declared settings to values: what the program gave, clouds.json, then each
 * declared origin in order, then the fallback. Remembers where each came from; wipes secrets.
 */
#ifndef NEPHI_SETTING_H
#define NEPHI_SETTING_H

#include "core/error.h"
#include "core/provider.h"
#include "core/scrub.h"

typedef struct nephi_setting_slot {
    const neph_setting *setting;
    char *value;     /* owned, wiped; NULL: none */
    int is_scrubbed; /* the host's scrubber knows it */
    char *
        origin; /* "given", "clouds.json (prod)", "environment AWS_REGION", "profile default in FILE", "default" */
} nephi_setting_slot;

typedef struct nephi_settings {
    nephi_setting_slot *slots;
    uint32_t count;
    char *provider; /* after clouds.json: the provider's id */
    /* until when the group is good, NEPH_UNKNOWN: for ever; and the source that may have more then */
    int64_t expires_ns;
    uint32_t from, index;
} nephi_settings;

/*
 * name: a cloud of clouds.json or a provider's id. Finds the provider (out), resolves and checks: unknown names, types,
 * choices, required ones, the endpoint being a URL; the program's ask function is the last source of a required secret.
 */
int nephi_settings_resolve(nephi_settings *settings, neph_host *host, const char *name,
                           const neph_setting_value *given, size_t given_count,
                           const nephi_provider **provider, nephi_error *error);
/*
 * Asks the source of a group that expires again. fresh: the group alone, to be given to fini; empty on failure.
 * Commands are waited for, within their time limit.
 */
int nephi_settings_renew(nephi_settings *fresh, const nephi_settings *settings, neph_host *host,
                         const nephi_provider *provider, nephi_error *error);
/* The group's values change places; nothing can fail. */
void nephi_settings_swap(nephi_settings *settings, nephi_settings *fresh);
/* Secrets are known to the scrubber from now on, or no longer. NEPH_NO_MEMORY: some are. */
int nephi_settings_hide(nephi_settings *settings, nephi_scrub *scrub);
void nephi_settings_unhide(nephi_settings *settings, nephi_scrub *scrub);
const char *nephi_settings_get(const nephi_settings *settings, const char *name);
void nephi_settings_fini(nephi_settings *settings, const nephi_memory *memory);

#endif
