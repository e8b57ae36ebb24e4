/*
 * keystone.c - OpenStack's Identity API v3 (see neph/kit/keystone.h).
 */
#include <neph/kit/json.h>
#include <neph/kit/keystone.h>
#include <neph/kit/text.h>

#define URL_MAX 2048
#define SEEN_MAX 400 /* of a message */
#define DEFAULT_DOMAIN "default"

/* ---- settings */

#define FROM(array, key, variable)                                                                 \
    const neph_origin array[2] = {NEPH_KEYSTONE_ORIGINS(key, variable)}

FROM(neph_keystone_user_id_origins, "auth.user_id", "OS_USER_ID");
FROM(neph_keystone_credential_id_origins, "auth.application_credential_id",
     "OS_APPLICATION_CREDENTIAL_ID");
FROM(neph_keystone_credential_name_origins, "auth.application_credential_name",
     "OS_APPLICATION_CREDENTIAL_NAME");
FROM(neph_keystone_credential_secret_origins, "auth.application_credential_secret",
     "OS_APPLICATION_CREDENTIAL_SECRET");
FROM(neph_keystone_user_domain_origins, "auth.user_domain_name", "OS_USER_DOMAIN_NAME");
FROM(neph_keystone_user_domain_id_origins, "auth.user_domain_id", "OS_USER_DOMAIN_ID");
FROM(neph_keystone_project_origins, "auth.project_name", "OS_PROJECT_NAME");
FROM(neph_keystone_project_id_origins, "auth.project_id", "OS_PROJECT_ID");
FROM(neph_keystone_project_domain_origins, "auth.project_domain_name", "OS_PROJECT_DOMAIN_NAME");
FROM(neph_keystone_project_domain_id_origins, "auth.project_domain_id", "OS_PROJECT_DOMAIN_ID");
FROM(neph_keystone_auth_type_origins, "auth_type", "OS_AUTH_TYPE");
FROM(neph_keystone_region_origins, "region_name", "OS_REGION_NAME");
const neph_origin neph_keystone_token_origins[3] = {
    NEPH_KEYSTONE_ORIGINS("auth.token", "OS_AUTH_TOKEN"),
    {NEPH_FROM_ENVIRONMENT, 0, "OS_TOKEN"},
};
const neph_origin neph_keystone_interface_origins[3] = {
    NEPH_KEYSTONE_ORIGINS("interface", "OS_INTERFACE"),
    {NEPH_FROM_ENVIRONMENT, 0, "OS_ENDPOINT_TYPE"},
};
const neph_origin neph_keystone_cloud_origins[1] = {{NEPH_FROM_ENVIRONMENT, 0, "OS_CLOUD"}};

/* Empty is as good as not there. */
static const char *setting(const neph_cloud *cloud, const char *name)
{
    const char *value = neph_setting_string(cloud, name);
    return value && *value ? value : NULL;
}

/* ---- open */

/* "public", and "publicURL" as older tools say it. */
static size_t interface_size(const char *text)
{
    static const char *const names[] = {"public", "internal", "admin"};
    for (size_t i = 0; i < NEPH_COUNT(names); i++) {
        size_t size = strlen(names[i]);
        if (!strncmp(text, names[i], size) && (!text[size] || !strcmp(text + size, "URL")))
            return size;
    }
    return 0;
}

/* What says who asks. */
enum { BY_NOTHING = 0, BY_CREDENTIAL, BY_PASSWORD, BY_TOKEN };

/* As keystoneauth calls them. */
static const struct {
    const char *name;
    int way;
} types[] = {
    {"v3applicationcredential", BY_CREDENTIAL},
    {"password", BY_PASSWORD},
    {"v3password", BY_PASSWORD},
    {"token", BY_TOKEN},
    {"v3token", BY_TOKEN},
};

static int has_user(const neph_cloud *cloud)
{
    return setting(cloud, "user") || setting(cloud, "user_id");
}

/* The one that auth_type names, or the strongest that is given. BY_NOTHING: auth_type is another word. */
static int way_of(const neph_cloud *cloud)
{
    const char *type = setting(cloud, "auth_type");
    for (size_t i = 0; type && i < NEPH_COUNT(types); i++)
        if (!strcmp(type, types[i].name))
            return types[i].way;
    if (type && strcmp(type, "auto") != 0)
        return BY_NOTHING;
    if (setting(cloud, "application_credential_secret"))
        return BY_CREDENTIAL;
    return setting(cloud, "password") || !setting(cloud, "token") ? BY_PASSWORD : BY_TOKEN;
}

static int32_t credential_check(const neph_cloud *cloud)
{
    int is_named = setting(cloud, "application_credential_id") ||
                   (setting(cloud, "application_credential_name") && has_user(cloud));
    return is_named && setting(cloud, "application_credential_secret")
               ? 0
               : neph_fail(
                     cloud, NEPH_INVALID,
                     "an application credential is application_credential_secret and "
                     "application_credential_id, or application_credential_name and the user");
}

static int32_t password_check(const neph_cloud *cloud)
{
    if (has_user(cloud) && setting(cloud, "password"))
        return 0;
    return neph_fail(
        cloud, NEPH_INVALID,
        "%s: a login needs user and password (OS_USERNAME, OS_PASSWORD), an application "
        "credential, a token, or an entry of clouds.yaml (OS_CLOUD)",
        has_user(cloud) ? "password is missing" : "nothing says who asks");
}

static int32_t who_check(const neph_cloud *cloud)
{
    switch (way_of(cloud)) {
    case BY_CREDENTIAL: return credential_check(cloud);
    case BY_PASSWORD: return password_check(cloud);
    case BY_TOKEN:
        return setting(cloud, "token") ? 0
                                       : neph_fail(cloud, NEPH_INVALID,
                                                   "auth_type asks for a token, but there is none: "
                                                   "--set token=@FILE or OS_TOKEN");
    default:
        return neph_fail(cloud, NEPH_INVALID,
                         "auth_type is \"%.40s\", but must be password, token, "
                         "v3applicationcredential or auto",
                         setting(cloud, "auth_type"));
    }
}

/* "https://host/identity", "…/v3" and "…/v2.0" are all one: the API is at "…/v3". */
static int32_t identity_add(neph_cloud *cloud, const char *url)
{
    static const char *const versions[] = {"/v3", "/v2.0"};
    char data[URL_MAX];
    neph_text text;
    neph_text_init(&text, data, sizeof data);
    neph_text_add(&text, url);
    while (text.size && data[text.size - 1] == '/')
        neph_text_cut(&text, text.size - 1);
    for (size_t i = 0; i < NEPH_COUNT(versions); i++) {
        size_t size = strlen(versions[i]);
        if (text.size > size && !strcmp(data + text.size - size, versions[i]))
            neph_text_cut(&text, text.size - size);
    }
    neph_text_add(&text, "/v3");
    return text.status ? neph_fail(cloud, NEPH_INVALID, "auth_url is too long")
                       : neph_endpoint(cloud, NEPH_KEYSTONE_IDENTITY, data);
}

int32_t neph_keystone_open(neph_cloud *cloud)
{
    const char *url = setting(cloud, "auth_url");
    const char *interface = setting(cloud, "interface");
    int32_t rc = who_check(cloud);
    if (rc)
        return rc;
    if (!url)
        return neph_fail(
            cloud, NEPH_INVALID,
            "auth_url is missing: --set auth_url=URL, or the variable OS_AUTH_URL, or an "
            "entry of clouds.yaml (OS_CLOUD)");
    if (!interface || !interface_size(interface))
        return neph_fail(cloud, NEPH_INVALID,
                         "interface is \"%.40s\", but must be public, internal or admin",
                         interface ? interface : "");
    return identity_add(cloud, url);
}

/* ---- ask: POST /v3/auth/tokens */

/* {"id":…} or {"name":…,"domain":{…}}, without the closing brace. */
static int32_t named_add(neph_request *request, const char *id, const char *name,
                         const char *domain_id, const char *domain)
{
    int32_t rc = id ? neph_json_add(request, "{\"id\":%", id)
                    : neph_json_add(request, "{\"name\":%,\"domain\":{", name);
    if (rc || id)
        return rc;
    return domain && !domain_id
               ? neph_json_add(request, "\"name\":%}", domain)
               : neph_json_add(request, "\"id\":%}", domain_id ? domain_id : DEFAULT_DOMAIN);
}

static int32_t user_add(neph_request *request, const neph_cloud *cloud)
{
    return named_add(request, setting(cloud, "user_id"), setting(cloud, "user"),
                     setting(cloud, "user_domain_id"), setting(cloud, "user_domain"));
}

static int32_t scope_add(neph_request *request, const neph_cloud *cloud)
{
    const char *id = setting(cloud, "project_id");
    const char *name = setting(cloud, "project");
    int32_t rc;
    if (!id && !name)
        return 0;
    rc = neph_json_add(request, ",\"scope\":{\"project\":");
    if (!rc)
        rc = named_add(request, id, name, setting(cloud, "project_domain_id"),
                       setting(cloud, "project_domain"));
    return rc ? rc : neph_json_add(request, "}}");
}

static int32_t password_add(neph_request *request, const neph_cloud *cloud)
{
    int32_t rc = neph_json_add(request, "{\"methods\":[\"password\"],\"password\":{\"user\":");
    if (!rc)
        rc = user_add(request, cloud);
    return rc ? rc : neph_json_add(request, ",\"password\":%}}}", setting(cloud, "password"));
}

static int32_t credential_add(neph_request *request, const neph_cloud *cloud)
{
    const char *id = setting(cloud, "application_credential_id");
    int32_t rc = neph_json_add(
        request, "{\"methods\":[\"application_credential\"],\"application_credential\":{");
    if (!rc && id)
        rc = neph_json_add(request, "\"id\":%", id);
    if (!rc && !id)
        rc = neph_json_add(request,
                           "\"name\":%,\"user\":", setting(cloud, "application_credential_name"));
    if (!rc && !id)
        rc = user_add(request, cloud);
    if (!rc && !id)
        rc = neph_json_add(request, "}");
    return rc ? rc
              : neph_json_add(request, ",\"secret\":%}}",
                              setting(cloud, "application_credential_secret"));
}

int32_t neph_keystone_ask(neph_call *call, neph_request *request)
{
    const neph_cloud *cloud = neph_cloud_of(call);
    int32_t rc = neph_request_method(request, "POST");
    if (!rc)
        rc = neph_request_endpoint(request, NEPH_KEYSTONE_IDENTITY);
    if (!rc)
        rc = neph_request_path(request, "/auth/tokens");
    if (!rc)
        rc = neph_json_add(request, "{\"auth\":{\"identity\":");
    if (rc)
        return rc;
    switch (way_of(cloud)) {
    case BY_CREDENTIAL: rc = credential_add(request, cloud); break;
    case BY_PASSWORD: rc = password_add(request, cloud); break;
    default:
        rc = neph_json_add(request, "{\"methods\":[\"token\"],\"token\":{\"id\":%}}",
                           setting(cloud, "token"));
    }
    if (!rc && way_of(cloud) != BY_CREDENTIAL) /* that has a scope of its own */
        rc = scope_add(request, cloud);
    return rc ? rc : neph_json_add(request, "}}");
}

/* ---- reply: the token in a header, the catalogue in the body */

static const neph_field session_fields[] = {
    {"header:X-Subject-Token", .member = NEPH_SESSION_TOKEN, .flags = NEPH_FIELD_SECRET},
    {"token/expires_at", .member = NEPH_SESSION_EXPIRES},
};
static const neph_field endpoint_fields[] = {
    {"url", .member = NEPH_ENDPOINT_URL},
    {"region", .member = NEPH_ENDPOINT_REGION},
    {"interface", .member = NEPH_ENDPOINT_INTERFACE},
    {"../../type", .member = NEPH_ENDPOINT_SERVICE},
};
static const neph_rule rules[] = {
    {.path = ".", NEPH_FIELDS(session_fields)},
    {
        .path = "token/catalog[]/endpoints[]",
        NEPH_FIELDS(endpoint_fields),
        .kind = NEPH_KIND_ENDPOINT,
    },
};
const neph_reply neph_keystone_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, rules);

/* "RegionOne public, RegionTwo public": what a message may say. */
static int32_t seen_add(neph_call *call, const char *region, const char *interface)
{
    const char *seen = neph_scratch(call, NEPH_KEYSTONE_SCRATCH_SEEN);
    char data[SEEN_MAX];
    neph_text text;
    neph_text_init(&text, data, sizeof data);
    neph_text_add(&text, seen);
    neph_text_add(&text, seen ? ", " : NULL);
    neph_text_add(&text, region);
    neph_text_add_char(&text, ' ');
    neph_text_add(&text, interface);
    return text.status ? 0 : neph_scratch_set(call, NEPH_KEYSTONE_SCRATCH_SEEN, data);
}

int32_t neph_keystone_each(neph_call *call, neph_record *record, const char *service)
{
    const neph_cloud *cloud = neph_cloud_of(call);
    const char *type = neph_record_get(record, NEPH_ENDPOINT_SERVICE);
    const char *region = neph_record_get(record, NEPH_ENDPOINT_REGION);
    const char *interface = neph_record_get(record, NEPH_ENDPOINT_INTERFACE);
    const char *wanted = setting(cloud, "region");
    const char *found = neph_scratch(call, NEPH_KEYSTONE_SCRATCH_REGION);
    const char *choice = setting(cloud, "interface");
    int32_t rc;
    if (!type || !interface || strcmp(type, service))
        return NEPH_DROP;
    region = region ? region : "";
    rc = seen_add(call, region, interface);
    if (rc)
        return rc;
    if (strncmp(interface, choice, interface_size(choice)) || interface[interface_size(choice)] ||
        (wanted && strcmp(region, wanted)))
        return NEPH_DROP;
    if (found && strcmp(found, region))
        return neph_fail(call, NEPH_INVALID,
                         "%.40s is in more than one region (%.80s, %.80s): say which with --set "
                         "region=NAME or OS_REGION_NAME",
                         service, found, region);
    return found ? NEPH_DROP : neph_scratch_set(call, NEPH_KEYSTONE_SCRATCH_REGION, region);
}

int32_t neph_keystone_then(neph_call *call, const char *service)
{
    const neph_cloud *cloud = neph_cloud_of(call);
    const char *seen = neph_scratch(call, NEPH_KEYSTONE_SCRATCH_SEEN);
    const char *region = setting(cloud, "region");
    if (!neph_reply_header(call, "X-Subject-Token"))
        return neph_fail(call, NEPH_PROTOCOL,
                         "the reply to the login has no X-Subject-Token: is auth_url wrong?");
    if (neph_scratch(call, NEPH_KEYSTONE_SCRATCH_REGION))
        return 0;
    if (!seen)
        return neph_fail(call, NEPH_NOT_FOUND,
                         "the catalogue has no %.40s for this login: is a project given?", service);
    return neph_fail(
        call, NEPH_NOT_FOUND,
        "the catalogue has no %.40s in region %.80s with interface %.20s; it has %.200s", service,
        region ? region : "(any)", setting(cloud, "interface"), seen);
}

int32_t neph_keystone_fault(neph_call *call)
{
    int32_t status = neph_reply_status(call);
    if (status == 401)
        return neph_fail(
            call, NEPH_AUTH,
            "Keystone did not accept who asks: wrong or expired password, credential or "
            "token, wrong domain, or no such project");
    if (status == 404 || status == 300)
        return neph_fail(call, NEPH_INVALID, "there is no Identity API v3 at auth_url");
    return NEPH_FAULT_DEFAULT;
}
