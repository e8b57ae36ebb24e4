/*
 * neph/kit/keystone.h - OpenStack's way to log in: settings with the sources that its own tools read, the request for a
 * token to the Identity API v3, and the choice of a service's URL from the catalogue that comes with it. Included by
 * providers; linked from libneph-kit.a.
 *
 * A provider's login calls neph_keystone_ask() in its ask, has neph_keystone_reply among its replies, calls
 * neph_keystone_each() for each endpoint and neph_keystone_then() at the end.
 *
 * Source: "Identity API v3", "Application Credentials" and the configuration of openstacksdk (read November 2026). Any
 * thread. Everything here is since 0.3.
 */
#ifndef NEPH_KIT_KEYSTONE_H
#define NEPH_KIT_KEYSTONE_H

#include <neph/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- settings: rows of a provider's table */

extern const neph_origin neph_keystone_user_id_origins[2];
extern const neph_origin neph_keystone_credential_id_origins[2];
extern const neph_origin neph_keystone_credential_name_origins[2];
extern const neph_origin neph_keystone_credential_secret_origins[2];
extern const neph_origin neph_keystone_token_origins[3];
extern const neph_origin neph_keystone_user_domain_origins[2];
extern const neph_origin neph_keystone_user_domain_id_origins[2];
extern const neph_origin neph_keystone_project_origins[2];
extern const neph_origin neph_keystone_project_id_origins[2];
extern const neph_origin neph_keystone_project_domain_origins[2];
extern const neph_origin neph_keystone_project_domain_id_origins[2];
extern const neph_origin neph_keystone_auth_type_origins[2];
extern const neph_origin neph_keystone_region_origins[2];
extern const neph_origin neph_keystone_interface_origins[3];
extern const neph_origin neph_keystone_cloud_origins[1];

/* The sources of user, password and auth_url; a service may add variables of its own behind them. */
#define NEPH_KEYSTONE_ORIGINS(key, variable)                                                       \
    {NEPH_FROM_CLOUDS_YAML, 0, key},                                                               \
    {                                                                                              \
        NEPH_FROM_ENVIRONMENT, 0, variable                                                         \
    }

#define NEPH_KEYSTONE_TEXT(setting, what, from)                                                    \
    {                                                                                              \
        .name = (setting), .summary = (what), .type = NEPH_TYPE_STRING, NEPH_ORIGINS(from)         \
    }
#define NEPH_KEYSTONE_WHO(setting, what, from, more)                                               \
    {                                                                                              \
        .name = (setting), .summary = (what), .type = NEPH_TYPE_STRING,                            \
        .flags = NEPH_SETTING_GROUP | (more), NEPH_ORIGINS(from)                                   \
    }

/* Who asks: all of it from one place. user_from, password_from: arrays that begin with NEPH_KEYSTONE_ORIGINS(). */
#define NEPH_KEYSTONE_WHO_SETTINGS(user_from, password_from)                                       \
    NEPH_KEYSTONE_WHO("user", "user name", user_from, 0),                                          \
        NEPH_KEYSTONE_WHO("user_id", "id of the user, in place of name and domain",                \
                          neph_keystone_user_id_origins, 0),                                       \
        NEPH_KEYSTONE_WHO("password", "password", password_from, NEPH_SETTING_SECRET),             \
        NEPH_KEYSTONE_WHO("application_credential_id", "id of an application credential",          \
                          neph_keystone_credential_id_origins, 0),                                 \
        NEPH_KEYSTONE_WHO("application_credential_name", "or its name, together with the user",    \
                          neph_keystone_credential_name_origins, 0),                               \
        NEPH_KEYSTONE_WHO("application_credential_secret", "its secret",                           \
                          neph_keystone_credential_secret_origins, NEPH_SETTING_SECRET),           \
        NEPH_KEYSTONE_WHO("token", "a token that was fetched before", neph_keystone_token_origins, \
                          NEPH_SETTING_SECRET)

/* Where, and what for. url_from: as user_from. */
#define NEPH_KEYSTONE_WHERE_SETTINGS(url_from)                                                     \
    {.name = "auth_url",                                                                           \
     .summary = "URL to log in at",                                                                \
     .type = NEPH_TYPE_STRING,                                                                     \
     .flags = NEPH_SETTING_ENDPOINT,                                                               \
     NEPH_ORIGINS(url_from)},                                                                      \
        {.name = "auth_type",                                                                      \
         .summary =                                                                                \
             "what says who asks: password, v3applicationcredential, v3token; auto: as given",     \
         .fallback = "auto",                                                                       \
         .type = NEPH_TYPE_STRING,                                                                 \
         NEPH_ORIGINS(neph_keystone_auth_type_origins)},                                           \
        NEPH_KEYSTONE_TEXT("user_domain", "domain of the user, by name",                           \
                           neph_keystone_user_domain_origins),                                     \
        NEPH_KEYSTONE_TEXT("user_domain_id", "or by id; \"default\" if neither is given",          \
                           neph_keystone_user_domain_id_origins),                                  \
        NEPH_KEYSTONE_TEXT("project", "project, by name", neph_keystone_project_origins),          \
        NEPH_KEYSTONE_TEXT("project_id", "or by id", neph_keystone_project_id_origins),            \
        NEPH_KEYSTONE_TEXT("project_domain", "domain of the project, by name",                     \
                           neph_keystone_project_domain_origins),                                  \
        NEPH_KEYSTONE_TEXT("project_domain_id", "or by id; \"default\" if neither is given",       \
                           neph_keystone_project_domain_id_origins),                               \
        NEPH_KEYSTONE_TEXT("region", "region, where the catalogue has several",                    \
                           neph_keystone_region_origins),                                          \
        {.name = "interface",                                                                      \
         .summary = "which of a service's addresses: public, internal or admin",                   \
         .fallback = "public",                                                                     \
         .type = NEPH_TYPE_STRING,                                                                 \
         NEPH_ORIGINS(neph_keystone_interface_origins)},                                           \
        NEPH_KEYSTONE_TEXT("cloud", "entry of clouds.yaml that the others are read from",          \
                           neph_keystone_cloud_origins)

/* ---- login */

/* Service of the endpoint set where tokens come from. */
#define NEPH_KEYSTONE_IDENTITY "identity"

/* Captures of the login. */
enum {
    NEPH_KEYSTONE_SCRATCH_REGION = NEPH_SCRATCH + 29, /* where the service was found first */
    NEPH_KEYSTONE_SCRATCH_SEEN = NEPH_SCRATCH + 30    /* where the catalogue has the service */
};

/* For open: checks the settings, makes the Identity API an endpoint. Returns 0, NEPH_INVALID or what neph_endpoint()
 * returned; the message is set. */
int32_t neph_keystone_open(neph_cloud *cloud);

/* Asks for a token: with an application credential (never with a scope: it has its own), a token, or a password. */
int32_t neph_keystone_ask(neph_call *call, neph_request *request);

/* Token and catalogue. Needs .each. */
extern const neph_reply neph_keystone_reply;

/* Is this the endpoint of the service (its type, "object-store") in the region and of the interface that the settings
 * name? Returns 0: it is; NEPH_DROP: it is not; else a failure. */
int32_t neph_keystone_each(neph_call *call, neph_record *record, const char *service);

/* Was the service found, in one region? Returns 0 or a failure that says where it is. */
int32_t neph_keystone_then(neph_call *call, const char *service);

/* For fault, of NEPH_OP_LOGIN: what a refusal means. */
int32_t neph_keystone_fault(neph_call *call);

#ifdef __cplusplus
}
#endif

#endif /* NEPH_KIT_KEYSTONE_H */
