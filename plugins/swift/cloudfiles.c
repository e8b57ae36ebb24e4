/*
 * cloudfiles.c - the provider cloudfiles, Rackspace Cloud Files: Swift behind Rackspace's Identity v2.0 with an API key,
 * regions, the service net, and a CDN with requests of its own. All else is Swift's.
 */
#include "swift.h"

#include <neph/kit/json.h>

#define IDENTITY "identity"
#define CDN "cdn"

/* ---- settings */

static const neph_origin user_origins[] = {{NEPH_FROM_ENVIRONMENT, 0, "RS_USERNAME"}};
static const neph_origin key_origins[] = {{NEPH_FROM_ENVIRONMENT, 0, "RS_API_KEY"}};
static const neph_origin region_origins[] = {{NEPH_FROM_ENVIRONMENT, 0, "RS_REGION_NAME"}};
static const neph_origin url_origins[] = {{NEPH_FROM_ENVIRONMENT, 0, "RS_AUTH_URL"}};

static const neph_setting settings[] = {
    {
        .name = "user",
        .summary = "user name",
        .type = NEPH_TYPE_STRING,
        .flags = NEPH_SETTING_REQUIRED | NEPH_SETTING_GROUP,
        NEPH_ORIGINS(user_origins),
    },
    {
        .name = "api_key",
        .summary = "API key",
        .type = NEPH_TYPE_STRING,
        .flags = NEPH_SETTING_REQUIRED | NEPH_SETTING_GROUP | NEPH_SETTING_SECRET,
        NEPH_ORIGINS(key_origins),
    },
    {
        .name = "region",
        .summary = "region: DFW, IAD, ORD, LON, SYD, HKG",
        .type = NEPH_TYPE_STRING,
        .flags = NEPH_SETTING_REQUIRED,
        NEPH_ORIGINS(region_origins),
    },
    {
        .name = "auth_url",
        .summary = "URL to log in at",
        .fallback = "https://identity.api.rackspacecloud.com/v2.0",
        .type = NEPH_TYPE_STRING,
        .flags = NEPH_SETTING_ENDPOINT,
        NEPH_ORIGINS(url_origins),
    },
    {
        .name = "service_net",
        .summary = "over the network inside Rackspace, which is not billed",
        .fallback = "false",
        .type = NEPH_TYPE_BOOLEAN,
    },
    SWIFT_TEMP_URL_SETTINGS,
};

/* ---- login: POST /v2.0/tokens */

static const neph_field session_fields[] = {
    {"access/token/id", .member = NEPH_SESSION_TOKEN, .flags = NEPH_FIELD_SECRET},
    {"access/token/id", .member = SWIFT_SCRATCH_TOKEN, .flags = NEPH_FIELD_SECRET},
    {"access/token/expires", .member = NEPH_SESSION_EXPIRES},
};
/* Rackspace's v2.0 has both URLs in one endpoint: that of the service net stands for the interface. */
static const neph_field endpoint_fields[] = {
    {"publicURL", .member = NEPH_ENDPOINT_URL},
    {"internalURL", .member = NEPH_ENDPOINT_INTERFACE},
    {"region", .member = NEPH_ENDPOINT_REGION},
    {"../../name", .member = NEPH_ENDPOINT_SERVICE},
};
static const neph_rule login_rules[] = {
    {.path = ".", NEPH_FIELDS(session_fields)},
    {.path = "access/serviceCatalog[]/endpoints[]",
     NEPH_FIELDS(endpoint_fields),
     .kind = NEPH_KIND_ENDPOINT},
};
static const neph_reply login_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, login_rules);
static const neph_reply *const login_replies[] = {&login_reply};

static int32_t login_ask(neph_call *call, neph_request *request)
{
    const neph_cloud *cloud = neph_cloud_of(call);
    int32_t rc = neph_request_method(request, "POST");
    if (!rc)
        rc = neph_request_endpoint(request, IDENTITY);
    if (!rc)
        rc = neph_request_path(request, "/tokens");
    return rc ? rc
              : neph_json_add(request,
                              "{\"auth\":{\"RAX-KSKEY:apiKeyCredentials\":{\"username\":%,"
                              "\"apiKey\":%}}}",
                              neph_setting_string(cloud, "user"),
                              neph_setting_string(cloud, "api_key"));
}

/* The storage of the region, over the service net if that was asked for. */
static int32_t storage_take(neph_call *call, const char *url, const char *inner, const char *region)
{
    neph_cloud *cloud = neph_cloud_of(call);
    int is_inner = neph_setting_integer(cloud, "service_net") == 1;
    int32_t rc;
    if (is_inner && !inner)
        return neph_fail(call, NEPH_NOT_FOUND, "region \"%.40s\" has no service net", region);
    rc = swift_storage_at(cloud, is_inner ? inner : url);
    return rc ? rc : neph_scratch_set(call, SWIFT_SCRATCH_SEGMENT, region);
}

/* Storage and CDN of the region; the rest of the catalogue is not ours. The CDN is outside the service net. */
static int32_t login_each(neph_call *call, neph_record *record)
{
    neph_cloud *cloud = neph_cloud_of(call);
    const char *service = neph_record_get(record, NEPH_ENDPOINT_SERVICE);
    const char *region = neph_record_get(record, NEPH_ENDPOINT_REGION);
    const char *url = neph_record_get(record, NEPH_ENDPOINT_URL);
    int32_t rc = 0;
    if (!service || !region || !url || strcmp(region, neph_setting_string(cloud, "region")))
        return NEPH_DROP;
    if (!strcmp(service, "cloudFilesCDN"))
        rc = neph_endpoint(cloud, CDN, url);
    else if (!strcmp(service, "cloudFiles"))
        rc = storage_take(call, url, neph_record_get(record, NEPH_ENDPOINT_INTERFACE), region);
    return rc ? rc : NEPH_DROP;
}

static int32_t login_then(neph_call *call)
{
    if (!neph_scratch(call, SWIFT_SCRATCH_TOKEN))
        return neph_fail(call, NEPH_PROTOCOL,
                         "the reply to the login has no token: is auth_url wrong?");
    if (neph_scratch(call, SWIFT_SCRATCH_SEGMENT))
        return 0;
    return neph_fail(call, NEPH_NOT_FOUND,
                     "the account has no Cloud Files in region \"%.40s\": names of regions are in "
                     "upper case, as in DFW",
                     neph_setting_string(neph_cloud_of(call), "region"));
}

static const neph_action login = {
    .op = NEPH_OP_LOGIN,
    .traits = NEPH_SAFE,
    .ask = login_ask,
    NEPH_REPLIES(login_replies),
    .then = login_then,
    .each = login_each,
};

static int32_t cloudfiles_open(neph_cloud *cloud)
{
    return neph_endpoint(cloud, IDENTITY, neph_setting_string(cloud, "auth_url"));
}

static int32_t cloudfiles_fault(neph_call *call)
{
    if (neph_call_op(call) == NEPH_OP_LOGIN && neph_reply_status(call) == 401)
        return neph_fail(call, NEPH_AUTH, "the login was refused: wrong user or API key");
    return swift_fault(call);
}

/* ---- CDN */

static const neph_field listed_fields[] = {
    {"name", .member = NEPH_ROW_VALUE + 0, .flags = NEPH_FIELD_REQUIRED},
    {"cdn_enabled", .member = NEPH_ROW_VALUE + 1},
    {"ttl", .member = NEPH_ROW_VALUE + 2},
    {"cdn_uri", .member = NEPH_ROW_VALUE + 3},
    {"cdn_ssl_uri", .member = NEPH_ROW_VALUE + 4},
    {"cdn_streaming_uri", .member = NEPH_ROW_VALUE + 5},
};
static const neph_rule listed_rules[] = {
    {.path = "[]", NEPH_FIELDS(listed_fields), .kind = NEPH_KIND_ROW},
};
static const neph_reply listed_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, listed_rules);
const neph_reply *const swift_cdn_list_replies[1] = {&listed_reply};

static const neph_field enabled_fields[] = {
    {"header:X-Cdn-Enabled", .member = NEPH_ROW_VALUE + 1},
    {"header:X-TTL", .member = NEPH_ROW_VALUE + 2},
    {"header:X-Cdn-Uri", .member = NEPH_ROW_VALUE + 3},
    {"header:X-Cdn-Ssl-Uri", .member = NEPH_ROW_VALUE + 4},
    {"header:X-Cdn-Streaming-Uri", .member = NEPH_ROW_VALUE + 5},
};
static const neph_rule enabled_rules[] = {
    {.path = ".", NEPH_FIELDS(enabled_fields), .kind = NEPH_KIND_ROW},
};
static const neph_reply enabled_reply = NEPH_REPLY_OF(NEPH_REPLY_NONE, enabled_rules);
const neph_reply *const swift_cdn_enable_replies[1] = {&enabled_reply};

/* Not all regions have one: then nobody said where it is. */
static int32_t cdn_ask(neph_call *call, neph_request *request, const char *method,
                       const char *bucket, const char *key)
{
    int32_t rc = neph_request_endpoint(request, CDN);
    return rc ? rc : swift_ask(call, request, method, bucket, key);
}

int32_t swift_cdn_list(neph_call *call, neph_request *request)
{
    int32_t rc = cdn_ask(call, request, "GET", NULL, NULL);
    return rc ? rc : neph_request_query(request, "format", "json");
}

int32_t swift_cdn_enable(neph_call *call, neph_request *request)
{
    int64_t ttl = neph_argument_integer(call, NEPH_PARAMETER + 1);
    char digits[24];
    neph_text text;
    int32_t rc = cdn_ask(call, request, "PUT", neph_argument(call, NEPH_PARAMETER), NULL);
    if (!rc)
        rc = neph_request_header(request, "X-Cdn-Enabled", "True");
    if (rc || ttl == NEPH_UNKNOWN)
        return rc;
    neph_text_init(&text, digits, sizeof digits);
    neph_text_add_integer(&text, ttl);
    return neph_request_header(request, "X-Ttl", digits);
}

int32_t swift_cdn_enabled(neph_call *call, neph_record *record)
{
    return neph_record_set(record, NEPH_ROW_VALUE, neph_argument(call, NEPH_PARAMETER));
}

int32_t swift_cdn_disable(neph_call *call, neph_request *request)
{
    int32_t rc = cdn_ask(call, request, "PUT", neph_argument(call, NEPH_PARAMETER), NULL);
    return rc ? rc : neph_request_header(request, "X-Cdn-Enabled", "False");
}

int32_t swift_cdn_purge(neph_call *call, neph_request *request)
{
    return cdn_ask(call, request, "DELETE", neph_argument(call, NEPH_PARAMETER),
                   neph_argument(call, NEPH_PARAMETER + 1));
}

const neph_provider cloudfiles_provider = {
    .size = sizeof(neph_provider),
    .id = "cloudfiles",
    .title = "Rackspace Cloud Files",
    NEPH_SETTINGS(settings),
    .actions = swift_actions,
    .action_count = SWIFT_ACTIONS + SWIFT_CDN_EXTENSIONS,
    .action_size = sizeof(neph_action),
    .faults = swift_faults,
    .fault_count = SWIFT_FAULTS,
    .fault_size = sizeof(neph_fault),
    .error = &swift_error_reply,
    .open = cloudfiles_open,
    .login = &login,
    .sign = swift_sign,
    .fault = cloudfiles_fault,
    .extensions = swift_extensions,
    .extension_count = SWIFT_EXTENSIONS + SWIFT_CDN_EXTENSIONS,
    .extension_size = sizeof(neph_extension),
};
