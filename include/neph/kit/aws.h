/*
 * neph/kit/aws.h - what the providers of Amazon's services share: the settings with the sources that Amazon's own tools
 * read, regions and their hosts. Included by providers; linked from libneph-kit.a.
 *
 * Source: "Environment variables" and "Configuration and credential file settings" of the AWS CLI User Guide, "AWS service
 * endpoints" of the AWS General Reference. Any thread. Everything here is since 0.2.
 */
#ifndef NEPH_KIT_AWS_H
#define NEPH_KIT_AWS_H

#include <neph/plugin.h>
#include <neph/kit/imds.h>
#include <neph/kit/sigv4.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- settings: rows of a provider's table */

extern const neph_origin neph_aws_access_key_origins[3];
extern const neph_origin neph_aws_secret_key_origins[3];
extern const neph_origin neph_aws_session_token_origins[2];
extern const neph_origin neph_aws_region_origins[3];
extern const neph_origin neph_aws_profile_origins[2];

/* access_key, secret_key and session_token, from one place together; and where they are lent. The provider's login is
 * neph_imds_login, its fault hook begins with neph_imds_fault(). */
#define NEPH_AWS_KEY_SETTINGS                                                                      \
    {.name = "access_key",                                                                         \
     .summary = "access key id",                                                                   \
     .type = NEPH_TYPE_STRING,                                                                     \
     .flags = NEPH_SETTING_REQUIRED | NEPH_SETTING_GROUP,                                          \
     NEPH_ORIGINS(neph_aws_access_key_origins)},                                                   \
        {.name = "secret_key",                                                                     \
         .summary = "secret access key",                                                           \
         .type = NEPH_TYPE_STRING,                                                                 \
         .flags = NEPH_SETTING_REQUIRED | NEPH_SETTING_SECRET | NEPH_SETTING_GROUP,                \
         NEPH_ORIGINS(neph_aws_secret_key_origins)},                                               \
        {.name = "session_token",                                                                  \
         .summary = "session token, with temporary keys",                                          \
         .type = NEPH_TYPE_STRING,                                                                 \
         .flags = NEPH_SETTING_SECRET | NEPH_SETTING_GROUP,                                        \
         NEPH_ORIGINS(neph_aws_session_token_origins)},                                            \
        NEPH_IMDS_SETTING

/* region; what: its summary. */
#define NEPH_AWS_REGION_SETTING(what)                                                              \
    {                                                                                              \
        .name = "region", .summary = (what), .fallback = "us-east-1", .type = NEPH_TYPE_STRING,    \
        NEPH_ORIGINS(neph_aws_region_origins)                                                      \
    }

/* The sources of endpoint: a service has a variable of its own, "AWS_ENDPOINT_URL_S3". */
#define NEPH_AWS_ENDPOINT_ORIGINS(variable)                                                        \
    {                                                                                              \
        {NEPH_FROM_ENVIRONMENT, 0, variable}, {NEPH_FROM_ENVIRONMENT, 0, "AWS_ENDPOINT_URL"},      \
            {NEPH_FROM_AWS_PROFILE, 0, "endpoint_url"},                                            \
    }

/* endpoint; from: an array of NEPH_AWS_ENDPOINT_ORIGINS(). */
#define NEPH_AWS_ENDPOINT_SETTING(from)                                                            \
    {                                                                                              \
        .name = "endpoint", .summary = "URL of the server, where it is not Amazon's",              \
        .type = NEPH_TYPE_STRING, .flags = NEPH_SETTING_ENDPOINT, NEPH_ORIGINS(from)               \
    }

/* profile: the section that all others are read from. */
#define NEPH_AWS_PROFILE_SETTING                                                                   \
    {                                                                                              \
        .name = "profile", .summary = "section of the AWS credentials and config files",           \
        .type = NEPH_TYPE_STRING, NEPH_ORIGINS(neph_aws_profile_origins)                           \
    }

/* ---- regions and hosts */

/* neph_provider.hosts: where Amazon's servers may send a request on to. */
#define NEPH_AWS_HOSTS "https://*.amazonaws.com https://*.amazonaws.com.cn"

/* 1: letters, digits and dashes, so that it may become a part of a host name and of a document. */
int32_t neph_aws_is_region(const char *region);

/* 1: the host of the URL is Amazon's. */
int32_t neph_aws_is_amazon(const char *url);

/* Adds to the endpoint set the URL of Amazon's `host` ("s3") in a region; service: as of neph_endpoint(). */
int32_t neph_aws_endpoint(neph_cloud *cloud, const char *service, const char *host,
                          const char *region);

/* For open: checks region; the default endpoint is that of the setting, or Amazon's `host` in the region. Returns 0,
 * NEPH_INVALID or what neph_endpoint() returned; the message is set. */
int32_t neph_aws_open(neph_cloud *cloud, const char *host);

/* For sign: fills in the keys and the token that the settings hold, or that were lent to the machine. */
void neph_aws_keys(neph_sigv4 *how, const neph_call *call);

#ifdef __cplusplus
}
#endif

#endif /* NEPH_KIT_AWS_H */
