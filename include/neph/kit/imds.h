/*
 * neph/kit/imds.h - keys that the instance metadata service of Amazon's machines lends, as a provider's login. Included by
 * providers; linked from libneph-kit.a.
 *
 * Source: "Use the Instance Metadata Service", "Retrieve security credentials from instance metadata" of the EC2 User
 * Guide; version 2 alone. Any thread. Everything here is since 0.2.
 */
#ifndef NEPH_KIT_IMDS_H
#define NEPH_KIT_IMDS_H

#include <neph/plugin.h>
#include <neph/kit/sigv4.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The origin of settings that the service can lend: access_key, secret_key, session_token. */
#define NEPH_IMDS_ORIGIN                                                                           \
    {                                                                                              \
        NEPH_FROM_METADATA, 0, "Amazon EC2"                                                        \
    }

/* A row of a provider's settings: where the service is, if it is not where it always is. */
extern const neph_origin neph_imds_endpoint_origins[1];
#define NEPH_IMDS_SETTING                                                                          \
    {                                                                                              \
        .name = "metadata_endpoint",                                                               \
        .summary = "URL of the metadata service that lends keys to this machine",                  \
        .type = NEPH_TYPE_STRING, .flags = NEPH_SETTING_ENDPOINT,                                  \
        NEPH_ORIGINS(neph_imds_endpoint_origins)                                                   \
    }

/* neph_provider.login: fetches keys unless the settings have some. */
extern const neph_action neph_imds_login;

/* For open: makes the service an endpoint. Returns 0 or what neph_endpoint() returned. */
int32_t neph_imds_open(neph_cloud *cloud);

/* For sign: puts the lent keys into how, if there are some. */
void neph_imds_keys(neph_sigv4 *how, const neph_call *call);

/* For fault, of NEPH_OP_LOGIN: the failure of a login that the service refused. */
int32_t neph_imds_fault(neph_call *call);

#ifdef __cplusplus
}
#endif

#endif /* NEPH_KIT_IMDS_H */
