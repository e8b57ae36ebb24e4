/*
 * provider.c - OpenStack Swift, and what all who speak like it share: settings, actions, how a bucket is addressed, the
 * token in each request, errors. Requests and replies stand in the files of their resources, logins in login.c, the
 * provider cloudfiles in cloudfiles.c.
 */
#include "segment.h"

#include <neph/kit/keystone.h>

/* ---- settings */

static const neph_origin auth_url_origins[] = {
    NEPH_KEYSTONE_ORIGINS("auth.auth_url", "OS_AUTH_URL"),
    {NEPH_FROM_ENVIRONMENT, 0, "ST_AUTH"},
};
static const neph_origin user_origins[] = {
    NEPH_KEYSTONE_ORIGINS("auth.username", "OS_USERNAME"),
    {NEPH_FROM_ENVIRONMENT, 0, "ST_USER"},
};
static const neph_origin password_origins[] = {
    NEPH_KEYSTONE_ORIGINS("auth.password", "OS_PASSWORD"),
    {NEPH_FROM_ENVIRONMENT, 0, "ST_KEY"},
};
static const neph_origin auth_version_origins[] = {
    NEPH_KEYSTONE_ORIGINS("identity_api_version", "OS_IDENTITY_API_VERSION"),
    {NEPH_FROM_ENVIRONMENT, 0, "OS_AUTH_VERSION"},
    {NEPH_FROM_ENVIRONMENT, 0, "ST_AUTH_VERSION"},
};
static const neph_origin endpoint_origins[] = {
    NEPH_KEYSTONE_ORIGINS("object_store_endpoint_override", "OS_STORAGE_URL"),
};

static const neph_setting settings[] = {
    NEPH_KEYSTONE_WHO_SETTINGS(user_origins, password_origins),
    NEPH_KEYSTONE_WHERE_SETTINGS(auth_url_origins),
    {
        .name = "auth_version",
        .summary = "1 (TempAuth) or 3 (Keystone); auto: as the URL and what is given say",
        .fallback = "auto",
        .type = NEPH_TYPE_STRING,
        NEPH_ORIGINS(auth_version_origins),
    },
    {
        .name = "endpoint",
        .summary = "URL of the account's storage, in place of what the login says",
        .type = NEPH_TYPE_STRING,
        .flags = NEPH_SETTING_ENDPOINT,
        NEPH_ORIGINS(endpoint_origins),
    },
    SWIFT_TEMP_URL_SETTINGS,
};

/* ---- actions */

static const int32_t list_takes[] = {NEPH_LIST_LIMIT};
static const int32_t object_list_takes[] = {NEPH_LIST_LIMIT, NEPH_LIST_PREFIX, NEPH_LIST_DELIMITER,
                                            NEPH_LIST_START_AFTER};
static const int32_t object_head_takes[] = {NEPH_IF_MATCH, NEPH_IF_NONE_MATCH};
static const int32_t object_get_takes[] = {NEPH_RANGE_OFFSET, NEPH_RANGE_LENGTH, NEPH_IF_MATCH,
                                           NEPH_IF_NONE_MATCH, NEPH_CHECKSUM};
static const int32_t object_put_takes[] = {NEPH_OBJECT_CONTENT_TYPE, NEPH_OBJECT_METADATA,
                                           NEPH_OBJECT_LOCAL_MODIFIED, NEPH_IF_NONE_MATCH,
                                           NEPH_CHECKSUM};
static const int32_t object_copy_takes[] = {NEPH_OBJECT_CONTENT_TYPE, NEPH_OBJECT_METADATA,
                                            NEPH_OBJECT_LOCAL_MODIFIED, NEPH_IF_NONE_MATCH};
static const int32_t object_presign_takes[] = {NEPH_PRESIGN_METHOD, NEPH_PRESIGN_SECONDS};
static const int32_t upload_list_takes[] = {NEPH_LIST_LIMIT, NEPH_LIST_PREFIX};
static const int32_t upload_begin_takes[] = {NEPH_OBJECT_CONTENT_TYPE, NEPH_OBJECT_METADATA,
                                             NEPH_OBJECT_LOCAL_MODIFIED, NEPH_CHECKSUM};
static const int32_t upload_part_takes[] = {NEPH_CHECKSUM};
static const int32_t upload_copy_takes[] = {NEPH_RANGE_OFFSET, NEPH_RANGE_LENGTH};

const neph_action swift_actions[SWIFT_ACTIONS + SWIFT_CDN_EXTENSIONS] = {
    {
        .op = NEPH_OP_BUCKET_LIST,
        .traits = NEPH_SAFE,
        .endpoint = SWIFT_AT_STORAGE,
        .ask = swift_bucket_list,
        NEPH_REPLIES(swift_bucket_list_replies),
        .page = NEPH_PAGE_BY_LAST,
        .page_name = "marker",
        .page_member = NEPH_BUCKET_NAME,
        NEPH_TAKES(list_takes),
    },
    {
        .op = NEPH_OP_BUCKET_CREATE,
        .traits = NEPH_IDEMPOTENT,
        .endpoint = SWIFT_AT_STORAGE,
        .ask = swift_bucket_create,
        NEPH_REPLIES(swift_none_replies),
    },
    {
        .op = NEPH_OP_BUCKET_DELETE,
        .traits = NEPH_IDEMPOTENT,
        .endpoint = SWIFT_AT_STORAGE,
        .ask = swift_bucket_delete,
        NEPH_REPLIES(swift_none_replies),
    },
    {
        .op = NEPH_OP_OBJECT_LIST,
        .traits = NEPH_SAFE | NEPH_ORDERED,
        .endpoint = SWIFT_AT_STORAGE,
        .ask = swift_object_list,
        NEPH_REPLIES(swift_object_list_replies),
        .page = NEPH_PAGE_BY_LAST,
        .page_name = "marker",
        .page_member = NEPH_OBJECT_KEY,
        NEPH_TAKES(object_list_takes),
        .each = swift_object_listed,
    },
    {
        .op = NEPH_OP_OBJECT_HEAD,
        .traits = NEPH_SAFE,
        .endpoint = SWIFT_AT_STORAGE,
        .ask = swift_object_head,
        NEPH_REPLIES(swift_object_head_replies),
        NEPH_TAKES(object_head_takes),
        .then = swift_object_got,
        .each = swift_object_got_each,
    },
    {
        .op = NEPH_OP_OBJECT_GET,
        .traits = NEPH_SAFE,
        .endpoint = SWIFT_AT_STORAGE,
        .ask = swift_object_get,
        NEPH_REPLIES(swift_object_get_replies),
        NEPH_TAKES(object_get_takes),
        .then = swift_object_got,
        .each = swift_object_got_each,
    },
    {
        .op = NEPH_OP_OBJECT_PUT,
        .traits = NEPH_IDEMPOTENT,
        .endpoint = SWIFT_AT_STORAGE,
        .ask = swift_object_put,
        NEPH_REPLIES(swift_put_replies),
        NEPH_TAKES(object_put_takes),
        .then = swift_write_then,
        .each = swift_write_each,
    },
    {
        .op = NEPH_OP_OBJECT_COPY,
        .traits = NEPH_IDEMPOTENT,
        .endpoint = SWIFT_AT_STORAGE,
        .ask = swift_object_copy,
        NEPH_REPLIES(swift_put_replies),
        NEPH_TAKES(object_copy_takes),
        .then = swift_write_then,
        .each = swift_write_each,
    },
    {
        .op = NEPH_OP_OBJECT_DELETE,
        .traits = NEPH_IDEMPOTENT,
        .endpoint = SWIFT_AT_STORAGE,
        .ask = swift_object_delete,
        NEPH_REPLIES(swift_delete_replies),
        .then = swift_write_then,
        .each = swift_write_each,
    },
    {
        .op = NEPH_OP_OBJECT_PRESIGN,
        .traits = NEPH_PRESIGN | NEPH_SAFE,
        .endpoint = SWIFT_AT_STORAGE,
        .ask = swift_object_presign,
        NEPH_REPLIES(swift_presign_replies),
        NEPH_TAKES(object_presign_takes),
        .then = swift_presign_then,
        .each = swift_presign_each,
    },
    {
        .op = NEPH_OP_OBJECT_DELETE_MANY,
        .traits = NEPH_IDEMPOTENT,
        .endpoint = SWIFT_AT_STORAGE,
        .ask = swift_delete_many,
        NEPH_REPLIES(swift_delete_many_replies),
        .then = swift_delete_many_then,
        .each = swift_delete_many_each,
    },
    {
        .op = NEPH_OP_UPLOAD_LIST,
        .traits = NEPH_SAFE,
        .endpoint = SWIFT_AT_STORAGE,
        .ask = swift_upload_list,
        NEPH_REPLIES(swift_upload_list_replies),
        .page = NEPH_PAGE_BY_QUERY,
        .page_name = "marker",
        NEPH_TAKES(upload_list_takes),
        .then = swift_upload_list_then,
        .each = swift_upload_listed,
    },
    {
        .op = NEPH_OP_UPLOAD_BEGIN,
        .traits = NEPH_IDEMPOTENT,
        .endpoint = SWIFT_AT_STORAGE,
        .ask = swift_upload_begin,
        NEPH_REPLIES(swift_upload_begin_replies),
        NEPH_TAKES(upload_begin_takes),
        .then = swift_upload_begin_then,
    },
    {
        .op = NEPH_OP_UPLOAD_PART,
        .traits = NEPH_IDEMPOTENT,
        .endpoint = SWIFT_AT_STORAGE,
        .ask = swift_upload_part,
        NEPH_REPLIES(swift_upload_part_replies),
        NEPH_TAKES(upload_part_takes),
        .then = swift_upload_part_then,
        .each = swift_upload_part_each,
    },
    {
        .op = NEPH_OP_UPLOAD_COPY,
        .traits = NEPH_IDEMPOTENT,
        .endpoint = SWIFT_AT_STORAGE,
        .ask = swift_upload_copy,
        NEPH_REPLIES(swift_upload_part_replies),
        NEPH_TAKES(upload_copy_takes),
        .then = swift_upload_part_then,
        .each = swift_upload_part_each,
    },
    {
        .op = NEPH_OP_UPLOAD_PARTS,
        .traits = NEPH_SAFE,
        .endpoint = SWIFT_AT_STORAGE,
        .ask = swift_upload_parts,
        NEPH_REPLIES(swift_upload_parts_replies),
        .page = NEPH_PAGE_BY_QUERY,
        .page_name = "marker",
        NEPH_TAKES(list_takes),
        .then = swift_upload_parts_then,
        .each = swift_upload_parts_each,
    },
    {
        .op = NEPH_OP_UPLOAD_COMPLETE,
        .traits = NEPH_IDEMPOTENT,
        .endpoint = SWIFT_AT_STORAGE,
        .ask = swift_upload_complete,
        NEPH_REPLIES(swift_put_replies),
        NEPH_TAKES(object_copy_takes),
        .then = swift_write_then,
        .each = swift_write_each,
    },
    {
        .op = NEPH_OP_UPLOAD_ABORT,
        .traits = NEPH_IDEMPOTENT,
        .endpoint = SWIFT_AT_STORAGE,
        .ask = swift_upload_abort,
        NEPH_REPLIES(swift_delete_replies),
        .then = swift_write_then,
        .each = swift_write_each,
    },
    {
        .op = NEPH_OP_STORAGE_LIMITS,
        .traits = NEPH_SAFE,
        .endpoint = SWIFT_AT_INFO,
        .ask = swift_info_ask,
        NEPH_REPLIES(swift_limits_replies),
        .then = swift_limits_then,
        .each = swift_limits_each,
    },
    {
        .op = SWIFT_OP_ACCOUNT,
        .traits = NEPH_SAFE,
        .endpoint = SWIFT_AT_STORAGE,
        .ask = swift_account,
        NEPH_REPLIES(swift_account_replies),
    },
    {
        .op = SWIFT_OP_SET_TEMP_URL_KEY,
        .traits = NEPH_IDEMPOTENT,
        .endpoint = SWIFT_AT_STORAGE,
        .ask = swift_set_temp_url_key,
        NEPH_REPLIES(swift_none_replies),
    },
    {
        .op = SWIFT_OP_CDN_LIST,
        .traits = NEPH_SAFE,
        .ask = swift_cdn_list,
        NEPH_REPLIES(swift_cdn_list_replies),
    },
    {
        .op = SWIFT_OP_CDN_ENABLE,
        .traits = NEPH_IDEMPOTENT,
        .ask = swift_cdn_enable,
        NEPH_REPLIES(swift_cdn_enable_replies),
        .each = swift_cdn_enabled,
    },
    {
        .op = SWIFT_OP_CDN_DISABLE,
        .traits = NEPH_IDEMPOTENT,
        .ask = swift_cdn_disable,
        NEPH_REPLIES(swift_none_replies),
    },
    {
        .op = SWIFT_OP_CDN_PURGE,
        .traits = NEPH_IDEMPOTENT,
        .ask = swift_cdn_purge,
        NEPH_REPLIES(swift_none_replies),
    },
};

/* ---- errors */

const neph_fault swift_faults[SWIFT_FAULTS] = {
    {"404 Not Found", 0, NEPH_NOT_FOUND, NEPH_RETRY_PERMANENT,
     0}, /* of a segment, an object in bulk */
    {"409 Conflict", 0, NEPH_CONFLICT, NEPH_RETRY_PERMANENT, 0},
    {"401 Unauthorized", 0, NEPH_PERMISSION, NEPH_RETRY_PERMANENT, 0},
    {"403 Forbidden", 0, NEPH_PERMISSION, NEPH_RETRY_PERMANENT, 0},
    {"Etag Mismatch", 0, NEPH_INTEGRITY, NEPH_RETRY_PERMANENT, 0},
    {"Size Mismatch", 0, NEPH_INTEGRITY, NEPH_RETRY_PERMANENT, 0},
    {"Not an SLO manifest", 0, NEPH_CONFLICT, NEPH_RETRY_PERMANENT, 0},
    {NULL, 304, NEPH_CONFLICT, NEPH_RETRY_PERMANENT, 0},
    {NULL, 411, NEPH_INVALID, NEPH_RETRY_PERMANENT, 0},
    {NULL, 422, NEPH_INTEGRITY, NEPH_RETRY_TRANSIENT, 0}, /* another MD5 than the ETag sent along */
    {NULL, 429, NEPH_THROTTLED, NEPH_RETRY_TRANSIENT, 0},
    {NULL, 498, NEPH_THROTTLED, NEPH_RETRY_TRANSIENT, 0},
    {NULL, 507, NEPH_UNAVAILABLE, NEPH_RETRY_TRANSIENT, 0},
};

/* A text or a small web page. */
static const neph_field error_fields[] = {
    {".", .member = NEPH_ERROR_MESSAGE},
    {".", .member = SWIFT_SCRATCH_ERROR},
    {"header:X-Trans-Id", .member = NEPH_ERROR_REQUEST_ID},
};
static const neph_rule error_rules[] = {
    {.path = ".", NEPH_FIELDS(error_fields)},
};
const neph_reply swift_error_reply = NEPH_REPLY_OF(NEPH_REPLY_TEXT, error_rules);

/* Pages say "The resource could not be found.": here is which. */
static int32_t missing_fail(neph_call *call)
{
    const char *bucket = neph_argument(call, NEPH_OBJECT_BUCKET);
    const char *key = neph_argument(call, NEPH_OBJECT_KEY);
    uint32_t op = neph_call_op(call);
    if (!bucket)
        bucket = neph_argument(call, NEPH_BUCKET_NAME);
    if (!bucket)
        return NEPH_FAULT_DEFAULT;
    if (op == NEPH_OP_OBJECT_COPY)
        return neph_fail(call, NEPH_NOT_FOUND,
                         "there is no bucket \"%.100s\", or no object \"%.200s\" in \"%.100s\"",
                         bucket, neph_argument(call, NEPH_COPY_KEY),
                         neph_argument(call, NEPH_COPY_BUCKET));
    if (!key || op == NEPH_OP_OBJECT_PUT)
        return neph_fail(call, NEPH_NOT_FOUND, "there is no bucket \"%.256s\"", bucket);
    return neph_fail(call, NEPH_NOT_FOUND,
                     "there is no object \"%.200s\" in bucket \"%.100s\", or no such bucket", key,
                     bucket);
}

/* What is wrong with the segments of a manifest stands in a text, one a line. */
static int32_t manifest_fail(neph_call *call)
{
    const char *words = neph_scratch(call, SWIFT_SCRATCH_ERROR);
    if (words && strstr(words, "Mismatch"))
        return neph_fail(call, NEPH_INTEGRITY, "a part is not what it should be: %.300s", words);
    if (words && strstr(words, "404 Not Found"))
        return neph_fail(call, NEPH_NOT_FOUND, "a part is not there: %.300s", words);
    return NEPH_FAULT_DEFAULT;
}

int32_t swift_condition_fail(neph_call *call)
{
    return neph_fail(call, NEPH_CONFLICT, "\"%.200s\" is not as the condition asks",
                     neph_argument(call, NEPH_OBJECT_KEY));
}

static int32_t plain_fault(neph_call *call)
{
    int32_t status = neph_reply_status(call);
    uint32_t op = neph_call_op(call);
    if (op == NEPH_OP_LOGIN)
        return swift_login_fault(call);
    if (status == 404)
        return missing_fail(call);
    if (status == 400 && op == NEPH_OP_UPLOAD_COMPLETE)
        return manifest_fail(call);
    if ((status == 412 || status == 304) && neph_argument(call, NEPH_OBJECT_KEY))
        return swift_condition_fail(call);
    if (status == 409 && op == NEPH_OP_BUCKET_DELETE)
        return neph_fail(call, NEPH_CONFLICT, "the bucket \"%.256s\" is not empty",
                         neph_argument(call, NEPH_BUCKET_NAME));
    return NEPH_FAULT_DEFAULT;
}

/* Who judges the errors of an operation, and what comes after one that is none. */
static const struct judge {
    uint32_t op;
    int32_t (*fault)(neph_call *call);
    int32_t (*then)(neph_call *call);
} judges[] = {
    {NEPH_OP_OBJECT_HEAD, swift_object_got_fault, swift_object_got},
    {NEPH_OP_OBJECT_GET, swift_object_got_fault, swift_object_got},
    {NEPH_OP_OBJECT_PRESIGN, swift_presign_fault, swift_presign_then},
    {NEPH_OP_OBJECT_PUT, swift_write_fault, swift_write_then},
    {NEPH_OP_OBJECT_COPY, swift_write_fault, swift_write_then},
    {NEPH_OP_OBJECT_DELETE, swift_write_fault, swift_write_then},
    {NEPH_OP_OBJECT_DELETE_MANY, swift_delete_many_fault, swift_delete_many_then},
    {NEPH_OP_UPLOAD_LIST, swift_upload_fault, swift_upload_list_then},
    {NEPH_OP_UPLOAD_PART, swift_upload_fault, swift_upload_part_then},
    {NEPH_OP_UPLOAD_COPY, swift_upload_fault, swift_upload_part_then},
    {NEPH_OP_UPLOAD_PARTS, swift_upload_fault, swift_upload_parts_then},
    {NEPH_OP_UPLOAD_COMPLETE, swift_write_fault, swift_write_then},
    {NEPH_OP_UPLOAD_ABORT, swift_write_fault, swift_write_then},
    {NEPH_OP_STORAGE_LIMITS, swift_limits_fault, swift_limits_then},
};

int32_t swift_fault(neph_call *call)
{
    for (size_t i = 0; i < NEPH_COUNT(judges); i++) {
        int32_t answer;
        if (judges[i].op != neph_call_op(call))
            continue;
        answer = judges[i].fault(call);
        if (answer == NEPH_FAULT_FINE)
            answer = judges[i].then(call);
        else if (answer == NEPH_FAULT_DEFAULT)
            return plain_fault(call);
        return answer ? answer : NEPH_FAULT_FINE;
    }
    return plain_fault(call);
}

/* ---- where a bucket is */

/* A slash would be taken for the end of the name, encoded or not, and dots for a path's; the rest is for the server to
 * judge. */
static int is_bucket(const char *bucket)
{
    return *bucket && strcmp(bucket, ".") && strcmp(bucket, "..") && !strchr(bucket, '/');
}

int32_t swift_ask(neph_call *call, neph_request *request, const char *method, const char *bucket,
                  const char *key)
{
    int32_t rc = neph_request_method(request, method);
    if (rc || !bucket)
        return rc;
    if (!is_bucket(bucket))
        return neph_fail(
            call, NEPH_INVALID,
            "\"%.80s\" is no name for a bucket: it has no \"/\" in it, and is more than dots",
            bucket);
    return key ? neph_request_path(request, "/{}/{*}", bucket, key)
               : neph_request_path(request, "/{}", bucket);
}

int32_t swift_ask_object(neph_call *call, neph_request *request, const char *method)
{
    return swift_ask(call, request, method, neph_argument(call, NEPH_OBJECT_BUCKET),
                     neph_argument(call, NEPH_OBJECT_KEY));
}

/* "https://host/v1/AUTH_x" has its /info at "https://host/info". */
int32_t swift_storage_at(neph_cloud *cloud, const char *url)
{
    const char *host = strstr(url, "://");
    const char *version = host ? strstr(host + 3, "/v1") : NULL;
    char data[2048];
    neph_text text;
    int32_t rc = neph_endpoint(cloud, SWIFT_AT_STORAGE, url);
    if (rc)
        return rc;
    neph_text_init(&text, data, sizeof data);
    host = host ? host + 3 + strcspn(host + 3, "/") : url;
    neph_text_add_bytes(&text, url, (size_t)((version ? version : host) - url));
    neph_text_add(&text, "/info");
    return text.status ? neph_fail(cloud, NEPH_INVALID, "the storage's URL is too long")
                       : neph_endpoint(cloud, SWIFT_AT_INFO, data);
}

/* ---- hooks */

int32_t swift_sign(neph_call *call, neph_request *request, int64_t now_ns)
{
    const char *token = neph_session(call, NEPH_SESSION_TOKEN);
    neph_request_view view;
    int32_t rc = neph_request_look(request, &view);
    if (rc || neph_call_op(call) == NEPH_OP_LOGIN)
        return rc;
    if (view.presign_seconds > 0)
        return swift_presign_sign(call, request, &view, now_ns);
    return neph_request_header(request, "X-Auth-Token",
                               token ? token : neph_setting_string(neph_cloud_of(call), "token"));
}

static const neph_provider provider = {
    .size = sizeof(neph_provider),
    .id = "swift",
    .title = "OpenStack Swift",
    NEPH_SETTINGS(settings),
    .actions = swift_actions,
    .action_count = SWIFT_ACTIONS,
    .action_size = sizeof(neph_action),
    NEPH_FAULTS(swift_faults),
    .error = &swift_error_reply,
    .open = swift_open,
    .login = &swift_login,
    .sign = swift_sign,
    .fault = swift_fault,
    .extensions = swift_extensions,
    .extension_count = SWIFT_EXTENSIONS,
    .extension_size = sizeof(neph_extension),
};

static const neph_provider *const providers[] = {&provider, &cloudfiles_provider};
NEPH_PLUGIN(swift, "0.1.0", "neph-plugin-swift", providers);
