/*
 * aws.c - settings, regions and hosts of Amazon's services (see neph/kit/aws.h). Signing itself is sigv4.c.
 */
#include <neph/kit/aws.h>
#include <neph/kit/text.h>

/* ---- settings */

const neph_origin neph_aws_access_key_origins[3] = {
    {NEPH_FROM_ENVIRONMENT, 0, "AWS_ACCESS_KEY_ID"},
    {NEPH_FROM_AWS_PROFILE, 0, "aws_access_key_id"},
    NEPH_IMDS_ORIGIN,
};
const neph_origin neph_aws_secret_key_origins[3] = {
    {NEPH_FROM_ENVIRONMENT, 0, "AWS_SECRET_ACCESS_KEY"},
    {NEPH_FROM_AWS_PROFILE, 0, "aws_secret_access_key"},
    NEPH_IMDS_ORIGIN,
};
const neph_origin neph_aws_session_token_origins[2] = {
    {NEPH_FROM_ENVIRONMENT, 0, "AWS_SESSION_TOKEN"},
    {NEPH_FROM_AWS_PROFILE, 0, "aws_session_token"},
};
const neph_origin neph_aws_region_origins[3] = {
    {NEPH_FROM_ENVIRONMENT, 0, "AWS_REGION"},
    {NEPH_FROM_ENVIRONMENT, 0, "AWS_DEFAULT_REGION"},
    {NEPH_FROM_AWS_PROFILE, 0, "region"},
};
const neph_origin neph_aws_profile_origins[2] = {
    {NEPH_FROM_ENVIRONMENT, 0, "AWS_PROFILE"},
    {NEPH_FROM_ENVIRONMENT, 0, "AWS_DEFAULT_PROFILE"},
};

/* ---- regions and hosts */

int32_t neph_aws_is_region(const char *region)
{
    size_t size =
        strspn(region, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");
    return size > 0 && size < 64 && region[size] == '\0';
}

int32_t neph_aws_is_amazon(const char *url)
{
    const char *host = strstr(url, "://");
    size_t size = strcspn(host ? host + 3 : url, ":/");
    host = host ? host + 3 : url;
    for (uint32_t i = 0; i < 2; i++) {
        const char *end = i ? ".amazonaws.com.cn" : ".amazonaws.com";
        size_t end_size = strlen(end);
        if (size > end_size && !memcmp(host + size - end_size, end, end_size))
            return 1;
    }
    return 0;
}

int32_t neph_aws_endpoint(neph_cloud *cloud, const char *service, const char *host,
                          const char *region)
{
    char data[160];
    neph_text url;
    neph_text_init(&url, data, sizeof data);
    neph_text_add(&url, "https://");
    neph_text_add(&url, host);
    neph_text_add_char(&url, '.');
    neph_text_add(&url, region);
    neph_text_add(&url, strncmp(region, "cn-", 3) ? ".amazonaws.com" : ".amazonaws.com.cn");
    return neph_endpoint(cloud, service, data);
}

int32_t neph_aws_open(neph_cloud *cloud, const char *host)
{
    const char *endpoint = neph_setting_string(cloud, "endpoint");
    const char *region = neph_setting_string(cloud, "region");
    int32_t rc;
    if (!neph_aws_is_region(region))
        return neph_fail(cloud, NEPH_INVALID, "set region: \"%.80s\" is no name of a region",
                         region);
    rc = endpoint ? neph_endpoint(cloud, NULL, endpoint)
                  : neph_aws_endpoint(cloud, NULL, host, region);
    return rc ? rc : neph_imds_open(cloud);
}

void neph_aws_keys(neph_sigv4 *how, const neph_call *call)
{
    const neph_cloud *cloud = neph_cloud_of(call);
    how->access_key = neph_setting_string(cloud, "access_key");
    how->secret_key = neph_setting_string(cloud, "secret_key");
    how->session_token = neph_setting_string(cloud, "session_token");
    neph_imds_keys(how, call);
}
