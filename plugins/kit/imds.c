/*
 * imds.c - the instance metadata service, version 2 (see neph/kit/imds.h): a token, the name of the machine's role, the
 * role's keys. The host runs the steps, keeps the keys and fetches them again before they end.
 */
#include <neph/kit/imds.h>
#include <neph/kit/text.h>

#define SERVICE "metadata"
#define ROLES "/latest/meta-data/iam/security-credentials/"

enum { STEP_TOKEN = 0, STEP_ROLE = 1, STEP_KEYS = 2 };
enum { SCRATCH_TOKEN = NEPH_SCRATCH + 0, SCRATCH_ROLE = NEPH_SCRATCH + 1 };

const neph_origin neph_imds_endpoint_origins[1] = {
    {NEPH_FROM_ENVIRONMENT, 0, "AWS_EC2_METADATA_SERVICE_ENDPOINT"},
};

static const neph_field token_fields[] = {
    {".", .member = SCRATCH_TOKEN, .flags = NEPH_FIELD_SECRET | NEPH_FIELD_REQUIRED},
};
static const neph_rule token_rules[] = {{.path = ".", NEPH_FIELDS(token_fields)}};
static const neph_reply token_reply = NEPH_REPLY_OF(NEPH_REPLY_TEXT, token_rules);

static const neph_field role_fields[] = {
    {".", .member = SCRATCH_ROLE, .flags = NEPH_FIELD_REQUIRED},
};
static const neph_rule role_rules[] = {{.path = ".", NEPH_FIELDS(role_fields)}};
static const neph_reply role_reply = NEPH_REPLY_OF(NEPH_REPLY_TEXT, role_rules);

static const neph_field key_fields[] = {
    {"AccessKeyId", .member = NEPH_SESSION_KEY_ID, .flags = NEPH_FIELD_REQUIRED},
    {"SecretAccessKey", .member = NEPH_SESSION_SECRET,
     .flags = NEPH_FIELD_SECRET | NEPH_FIELD_REQUIRED},
    {"Token", .member = NEPH_SESSION_TOKEN, .flags = NEPH_FIELD_SECRET},
    {"Expiration", .member = NEPH_SESSION_EXPIRES},
};
static const neph_rule key_rules[] = {{.path = ".", NEPH_FIELDS(key_fields)}};
static const neph_reply key_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, key_rules);

static const neph_reply *const replies[] = {&token_reply, &role_reply, &key_reply};

static int32_t token_ask(neph_request *request)
{
    int32_t rc = neph_request_method(request, "PUT");
    if (!rc)
        rc = neph_request_path(request, "/latest/api/token");
    return rc ? rc : neph_request_header(request, "X-aws-ec2-metadata-token-ttl-seconds", "21600");
}

/* A machine has one role; of several lines the first counts. */
static int32_t role_path(neph_call *call, neph_request *request)
{
    const char *role = neph_scratch(call, SCRATCH_ROLE);
    char line[256];
    neph_text text;
    neph_text_init(&text, line, sizeof line);
    neph_text_add_bytes(&text, role, strcspn(role, "\r\n"));
    if (text.status)
        return neph_fail(call, NEPH_PROTOCOL, "the metadata service names no role");
    return neph_request_path(request, ROLES "{}", line);
}

static int32_t login_ask(neph_call *call, neph_request *request)
{
    uint32_t step = neph_call_step(call);
    int32_t rc;
    if (neph_setting_string(neph_cloud_of(call), "access_key"))
        return NEPH_DROP;
    if (step == STEP_TOKEN)
        return token_ask(request);
    rc = step == STEP_ROLE ? neph_request_path(request, ROLES) : role_path(call, request);
    return rc ? rc
              : neph_request_header(request, "X-aws-ec2-metadata-token",
                                    neph_scratch(call, SCRATCH_TOKEN));
}

static int32_t login_then(neph_call *call)
{
    uint32_t step = neph_call_step(call);
    return step < STEP_KEYS ? neph_again(call, step + 1, 0) : 0;
}

const neph_action neph_imds_login = {
    .op = NEPH_OP_LOGIN,
    .traits = NEPH_SAFE | NEPH_ANONYMOUS,
    .endpoint = SERVICE,
    .ask = login_ask,
    NEPH_REPLIES(replies),
    .then = login_then,
};

int32_t neph_imds_open(neph_cloud *cloud)
{
    const char *endpoint = neph_setting_string(cloud, "metadata_endpoint");
    return neph_endpoint(cloud, SERVICE, endpoint ? endpoint : "http://169.254.169.254");
}

void neph_imds_keys(neph_sigv4 *how, const neph_call *call)
{
    const char *key = neph_session(call, NEPH_SESSION_KEY_ID);
    if (!key)
        return;
    how->access_key = key;
    how->secret_key = neph_session(call, NEPH_SESSION_SECRET);
    how->session_token = neph_session(call, NEPH_SESSION_TOKEN);
}

int32_t neph_imds_fault(neph_call *call)
{
    int32_t status = neph_reply_status(call);
    if (status / 100 != 4)
        return NEPH_FAULT_DEFAULT;
    if (status == 404)
        return neph_fail(call, NEPH_AUTH,
                         "no role is attached to this machine that could lend it keys: attach one, "
                         "or set access_key and secret_key");
    return neph_fail(
        call, NEPH_AUTH,
        "the machine's metadata service lends no keys (HTTP status %d): set access_key "
        "and secret_key",
        (int)status);
}
