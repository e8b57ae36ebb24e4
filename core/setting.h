/*
 * core/setting.h - from a provider's declared settings to values: what the program gave, clouds.json, then each
 * declared origin in order, then the fallback. Remembers where each came from; wipes secrets.
 */
#ifndef NEPHI_SETTING_H
#define NEPHI_SETTING_H

#include "core/error.h"
#include "core/provider.h"

typedef struct nephi_setting_slot {
    const neph_setting *setting;
    char *value; /* owned, wiped; NULL: none */
    char *
        origin; /* "given", "clouds.json (prod)", "environment AWS_REGION", "profile default in FILE", "default" */
} nephi_setting_slot;

typedef struct nephi_settings {
    nephi_setting_slot *slots;
    uint32_t count;
    char *provider; /* after clouds.json: the provider's id */
} nephi_settings;

/*
 * name: a cloud of clouds.json or a provider's id. Finds the provider (out), resolves and checks: unknown names, types,
 * choices, required ones, the endpoint being a URL; the program's ask function is the last source of a required secret.
 */
int nephi_settings_resolve(nephi_settings *settings, neph_host *host, const char *name,
                           const neph_setting_value *given, size_t given_count,
                           const nephi_provider **provider, nephi_error *error);
const char *nephi_settings_get(const nephi_settings *settings, const char *name);
void nephi_settings_fini(nephi_settings *settings, const nephi_memory *memory);

#endif
