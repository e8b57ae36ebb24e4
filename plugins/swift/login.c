/*
 * login.c - how swift gets its token and the address of its storage: TempAuth's v1 (headers both ways), Keystone's v3, or
 * from the settings themselves.
 */
#include "swift.h"

#include <neph/kit/keystone.h>

enum { WAY_DIRECT = 0, WAY_V1, WAY_V3 };

/* Steps of the login: each way has one. */
enum { STEP_V1 = 0, STEP_V3 };

typedef struct login_cloud {
    uint32_t way;
    uint32_t has_endpoint; /* the settings say where the storage is */
} login_cloud;

static login_cloud *memory_of(neph_cloud *cloud)
{
    return neph_cloud_memory(cloud, sizeof(login_cloud));
}

static const char *setting(const neph_cloud *cloud, const char *name)
{
    const char *value = neph_setting_string(cloud, name);
    return value && *value ? value : NULL;
}

/* ---- which way */

/* "1", "v1.0", "3", "v3", "auto" or "". */
static int32_t version_read(neph_cloud *cloud, uint32_t *way)
{
    const char *text = neph_setting_string(cloud, "auth_version");
    size_t size;
    *way = WAY_DIRECT;
    if (!*text || !strcmp(text, "auto"))
        return 0;
    text += *text == 'v';
    *way = *text == '1' ? WAY_V1 : *text == '3' ? WAY_V3 : WAY_DIRECT;
    size = strspn(text + 1, ".0");
    if (*way == WAY_DIRECT || text[1 + size])
        return neph_fail(cloud, NEPH_INVALID, "auth_version is \"%.40s\", but must be 1, 3 or auto",
                         neph_setting_string(cloud, "auth_version"));
    return 0;
}

/* The type of login says it, or a URL that ends in "/v3" or "/v1.0"; else what only Keystone asks for does, and a port that is usually its own. */
static uint32_t version_guess(const neph_cloud *cloud, const char *url)
{
    static const char *const signs[] = {"project",
                                        "project_id",
                                        "user_id",
                                        "user_domain",
                                        "user_domain_id",
                                        "token",
                                        "application_credential_id",
                                        "application_credential_name"};
    const char *last = strrchr(url, '/');
    const char *user = setting(cloud, "user");
    const char *type = setting(cloud, "auth_type");
    if (type && strcmp(type, "auto") != 0)
        return strcmp(type, "v1password") != 0 ? WAY_V3 : WAY_V1;
    while (last && last > url && !last[1])
        for (last--; last > url && *last != '/'; last--)
            ;
    if (last && (!strncmp(last, "/v3", 3) || !strncmp(last, "/v1", 3)))
        return last[2] == '3' ? WAY_V3 : WAY_V1;
    for (size_t i = 0; i < NEPH_COUNT(signs); i++)
        if (setting(cloud, signs[i]))
            return WAY_V3;
    return user && strchr(user, ':') ? WAY_V1 : WAY_V3;
}

static int32_t v1_check(neph_cloud *cloud)
{
    if (!setting(cloud, "user") || !setting(cloud, "password"))
        return neph_fail(cloud, NEPH_INVALID,
                         "a v1 login needs user (ACCOUNT:USER) and password: --set user=NAME and "
                         "--set password=@FILE, or ST_USER and ST_KEY");
    return neph_endpoint(cloud, NEPH_KEYSTONE_IDENTITY, setting(cloud, "auth_url"));
}

int32_t swift_open(neph_cloud *cloud)
{
    login_cloud *memory = memory_of(cloud);
    const char *url = setting(cloud, "auth_url");
    const char *endpoint = setting(cloud, "endpoint");
    int32_t rc = memory ? version_read(cloud, &memory->way)
                        : neph_fail(cloud, NEPH_NO_MEMORY, "out of memory");
    if (rc)
        return rc;
    memory->has_endpoint = endpoint != NULL;
    if (endpoint)
        rc = swift_storage_at(cloud, endpoint);
    if (rc)
        return rc;
    if (endpoint && (setting(cloud, "token") || !url)) {
        memory->way = WAY_DIRECT;
        return setting(cloud, "token") || setting(cloud, "temp_url_key")
                   ? 0
                   : neph_fail(cloud, NEPH_INVALID,
                               "endpoint needs a token, or auth_url to log in at");
    }
    if (!url)
        return neph_fail(
            cloud, NEPH_INVALID,
            "cloud \"swift\" needs auth_url: --set auth_url=URL, or OS_AUTH_URL, ST_AUTH "
            "or an entry of clouds.yaml (OS_CLOUD)");
    if (memory->way == WAY_DIRECT)
        memory->way = version_guess(cloud, url);
    return memory->way == WAY_V1 ? v1_check(cloud) : neph_keystone_open(cloud);
}

/* ---- login */

static const neph_field place_fields[] = {
    {"header:X-Storage-Url", .member = NEPH_ENDPOINT_URL},
};
static const neph_field session_fields[] = {
    {"header:X-Auth-Token", .member = NEPH_SESSION_TOKEN, .flags = NEPH_FIELD_SECRET},
    {"header:X-Auth-Token-Expires", .member = NEPH_SESSION_EXPIRES},
};
static const neph_rule v1_rules[] = {
    {.path = ".", NEPH_FIELDS(place_fields), .kind = NEPH_KIND_ENDPOINT},
    {.path = ".", NEPH_FIELDS(session_fields)},
};
static const neph_reply v1_reply = NEPH_REPLY_OF(NEPH_REPLY_NONE, v1_rules);
static const neph_reply *const login_replies[] = {&v1_reply, &neph_keystone_reply};

static int32_t v1_ask(neph_call *call, neph_request *request)
{
    const neph_cloud *cloud = neph_cloud_of(call);
    int32_t rc = neph_request_method(request, "GET");
    if (!rc)
        rc = neph_request_endpoint(request, NEPH_KEYSTONE_IDENTITY);
    if (!rc)
        rc = neph_request_header(request, "X-Auth-User", setting(cloud, "user"));
    return rc ? rc : neph_request_header(request, "X-Auth-Key", setting(cloud, "password"));
}

static int32_t login_ask(neph_call *call, neph_request *request)
{
    const login_cloud *memory = memory_of(neph_cloud_of(call));
    int32_t rc;
    if (memory->way == WAY_DIRECT)
        return NEPH_DROP;
    if (neph_call_step(call) == STEP_V3)
        return neph_keystone_ask(call, request);
    if (memory->way == WAY_V1)
        return v1_ask(call, request);
    rc = neph_again(call, STEP_V3, 0);
    return rc ? rc : NEPH_AGAIN;
}

/* A token that came over TLS goes out over TLS. */
static int is_downgrade(const neph_cloud *cloud, const char *url)
{
    return !strncmp(setting(cloud, "auth_url"), "https:", 6) && strncmp(url, "https:", 6) != 0;
}

/* Where the storage is, unless the settings said it. */
static int32_t login_each(neph_call *call, neph_record *record)
{
    neph_cloud *cloud = neph_cloud_of(call);
    const char *url = neph_record_get(record, NEPH_ENDPOINT_URL);
    int32_t rc =
        neph_call_step(call) == STEP_V3 ? neph_keystone_each(call, record, SWIFT_AT_STORAGE) : 0;
    if (rc || memory_of(cloud)->has_endpoint || !url)
        return rc ? rc : NEPH_DROP;
    if (is_downgrade(cloud, url))
        return neph_fail(
            call, NEPH_PROTOCOL,
            "the login is at https, but names a storage at http, where its token would be "
            "seen: --set endpoint=URL says another");
    rc = swift_storage_at(cloud, url);
    return rc ? rc : NEPH_DROP;
}

/* A web page that says 200 is no login. */
static int32_t login_then(neph_call *call)
{
    if (neph_call_step(call) == STEP_V3)
        return memory_of(neph_cloud_of(call))->has_endpoint
                   ? 0
                   : neph_keystone_then(call, SWIFT_AT_STORAGE);
    if (!neph_reply_header(call, "X-Auth-Token"))
        return neph_fail(call, NEPH_PROTOCOL,
                         "the reply to the login has no token: is auth_url wrong?");
    return 0;
}

int32_t swift_login_fault(neph_call *call)
{
    if (neph_call_step(call) == STEP_V3)
        return neph_keystone_fault(call);
    if (neph_reply_status(call) == 401 || neph_reply_status(call) == 403)
        return neph_fail(call, NEPH_AUTH, "the login was refused: wrong user or key");
    return NEPH_FAULT_DEFAULT;
}

const neph_action swift_login = {
    .op = NEPH_OP_LOGIN,
    .traits = NEPH_SAFE,
    .ask = login_ask,
    NEPH_REPLIES(login_replies),
    .then = login_then,
    .each = login_each,
};
