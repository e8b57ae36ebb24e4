/*
 * provider.c - Azure's Blob service: settings, actions, how a blob is addressed, and what errors mean; fault.c has what is done about
 * them. Whose account it is stands in account.c, signing in sign.c and sas.c, requests and replies in the files of their resources.
 */
#include "azure.h"

/* ---- settings */

static const neph_origin account_origins[] = {
    {NEPH_FROM_ENVIRONMENT, 0, "AZURE_STORAGE_ACCOUNT"},
    {NEPH_FROM_ENVIRONMENT, 0, "AZURE_STORAGE_ACCOUNT_NAME"},
};
static const neph_origin key_origins[] = {
    {NEPH_FROM_ENVIRONMENT, 0, "AZURE_STORAGE_KEY"},
    {NEPH_FROM_ENVIRONMENT, 0, "AZURE_STORAGE_ACCOUNT_KEY"},
};
static const neph_origin sas_origins[] = {
    {NEPH_FROM_ENVIRONMENT, 0, "AZURE_STORAGE_SAS_TOKEN"},
};
static const neph_origin connection_origins[] = {
    {NEPH_FROM_ENVIRONMENT, 0, "AZURE_STORAGE_CONNECTION_STRING"},
};
static const neph_origin endpoint_origins[] = {
    {NEPH_FROM_ENVIRONMENT, 0, "AZURE_STORAGE_SERVICE_ENDPOINT"},
};

static const neph_setting settings[] = {
    {
        .name = "account",
        .summary = "name of the storage account",
        .type = NEPH_TYPE_STRING,
        .flags = NEPH_SETTING_GROUP,
        NEPH_ORIGINS(account_origins),
    },
    {
        .name = "account_key",
        .summary = "one of its two keys, in base64",
        .type = NEPH_TYPE_STRING,
        .flags = NEPH_SETTING_SECRET | NEPH_SETTING_GROUP,
        NEPH_ORIGINS(key_origins),
    },
    {
        .name = "sas_token",
        .summary = "shared access signature, in place of a key",
        .type = NEPH_TYPE_STRING,
        .flags = NEPH_SETTING_SECRET | NEPH_SETTING_GROUP,
        NEPH_ORIGINS(sas_origins),
    },
    {
        .name = "connection_string",
        .summary = "all of these in one, where account and key are not given",
        .type = NEPH_TYPE_STRING,
        .flags = NEPH_SETTING_SECRET,
        NEPH_ORIGINS(connection_origins),
    },
    {
        .name = "endpoint",
        .summary = "URL of the Blob service, where it is not ACCOUNT.blob.core.windows.net",
        .type = NEPH_TYPE_STRING,
        .flags = NEPH_SETTING_ENDPOINT,
        NEPH_ORIGINS(endpoint_origins),
    },
};

/* ---- actions */

#define ON_CONDITION NEPH_IF_MATCH, NEPH_IF_NONE_MATCH
#define FACTS NEPH_OBJECT_CLASS, NEPH_OBJECT_METADATA, NEPH_OBJECT_LOCAL_MODIFIED

static const int32_t object_list_takes[] = {NEPH_LIST_LIMIT, NEPH_LIST_PREFIX, NEPH_LIST_DELIMITER,
                                            NEPH_LIST_START_AFTER};
static const int32_t object_head_takes[] = {NEPH_OBJECT_VERSION, ON_CONDITION};
static const int32_t object_get_takes[] = {NEPH_RANGE_OFFSET, NEPH_RANGE_LENGTH,
                                           NEPH_OBJECT_VERSION, ON_CONDITION, NEPH_CHECKSUM};
static const int32_t object_put_takes[] = {NEPH_OBJECT_CONTENT_TYPE, FACTS, ON_CONDITION,
                                           NEPH_CHECKSUM};
static const int32_t object_copy_takes[] = {NEPH_COPY_VERSION,        NEPH_COPY_IF_MATCH,
                                            NEPH_OBJECT_CONTENT_TYPE, NEPH_OBJECT_CLASS,
                                            NEPH_OBJECT_METADATA,     ON_CONDITION};
static const int32_t object_delete_takes[] = {NEPH_OBJECT_VERSION, NEPH_IF_MATCH};
static const int32_t object_presign_takes[] = {NEPH_PRESIGN_METHOD, NEPH_PRESIGN_SECONDS};
static const int32_t upload_list_takes[] = {NEPH_LIST_PREFIX};
static const int32_t upload_begin_takes[] = {NEPH_OBJECT_CONTENT_TYPE, FACTS, NEPH_CHECKSUM};
static const int32_t upload_part_takes[] = {NEPH_CHECKSUM};
static const int32_t upload_complete_takes[] = {NEPH_OBJECT_CONTENT_TYPE, FACTS,
                                                NEPH_OBJECT_CHECKSUM, ON_CONDITION};

static const neph_action actions[] = {
    {
        .op = NEPH_OP_BUCKET_LIST,
        .traits = NEPH_SAFE,
        .ask = azure_bucket_list,
        NEPH_REPLIES(azure_bucket_list_replies),
        .page = NEPH_PAGE_BY_QUERY,
        .page_name = "marker",
    },
    {
        /* Not asked again after a lost reply: the second answer would be that the bucket exists. */
        .op = NEPH_OP_BUCKET_CREATE,
        .method = "PUT",
        .ask = azure_bucket_create,
        NEPH_REPLIES(azure_none_replies),
        .then = azure_none_then,
    },
    {
        .op = NEPH_OP_BUCKET_DELETE,
        .traits = NEPH_IDEMPOTENT,
        .method = "DELETE",
        .ask = azure_bucket_delete,
        NEPH_REPLIES(azure_bucket_delete_replies),
        .then = azure_bucket_delete_then,
    },
    {
        .op = NEPH_OP_OBJECT_LIST,
        .traits = NEPH_SAFE | NEPH_ORDERED,
        .ask = azure_object_list,
        NEPH_REPLIES(azure_object_list_replies),
        .page = NEPH_PAGE_BY_QUERY,
        .page_name = "marker",
        NEPH_TAKES(object_list_takes),
        .each = azure_object_list_each,
    },
    {
        .op = NEPH_OP_OBJECT_HEAD,
        .traits = NEPH_SAFE,
        .method = "HEAD",
        .ask = azure_object_head,
        NEPH_REPLIES(azure_object_head_replies),
        NEPH_TAKES(object_head_takes),
        .each = azure_object_each,
    },
    {
        .op = NEPH_OP_OBJECT_GET,
        .traits = NEPH_SAFE,
        .ask = azure_object_get,
        NEPH_REPLIES(azure_object_get_replies),
        NEPH_TAKES(object_get_takes),
        .then = azure_object_get_then,
        .each = azure_object_get_each,
    },
    {
        .op = NEPH_OP_OBJECT_PUT,
        .traits = NEPH_IDEMPOTENT,
        .method = "PUT",
        .ask = azure_object_put,
        NEPH_REPLIES(azure_object_put_replies),
        NEPH_TAKES(object_put_takes),
        .each = azure_object_each,
    },
    {
        .op = NEPH_OP_OBJECT_COPY,
        .traits = NEPH_IDEMPOTENT,
        .method = "PUT",
        .ask = azure_object_copy,
        NEPH_REPLIES(azure_object_copy_replies),
        NEPH_TAKES(object_copy_takes),
        .then = azure_object_copy_then,
        .each = azure_object_copy_each,
    },
    {
        .op = NEPH_OP_OBJECT_DELETE,
        .traits = NEPH_IDEMPOTENT,
        .method = "DELETE",
        .ask = azure_object_delete,
        NEPH_REPLIES(azure_none_replies),
        NEPH_TAKES(object_delete_takes),
        .then = azure_none_then,
    },
    /* The service's own batch answers in MIME parts, which no table reads. */
    {.op = NEPH_OP_OBJECT_DELETE_MANY, .traits = NEPH_EACH},
    {
        .op = NEPH_OP_OBJECT_PRESIGN,
        .traits = NEPH_PRESIGN,
        .ask = azure_object_presign,
        NEPH_TAKES(object_presign_takes),
    },
    {
        .op = NEPH_OP_UPLOAD_LIST,
        .traits = NEPH_SAFE,
        .ask = azure_upload_list,
        NEPH_REPLIES(azure_upload_list_replies),
        .page = NEPH_PAGE_BY_QUERY,
        .page_name = "marker",
        NEPH_TAKES(upload_list_takes),
        .each = azure_upload_list_each,
    },
    {
        .op = NEPH_OP_UPLOAD_BEGIN,
        NEPH_TAKES(upload_begin_takes),
        .perform = azure_upload_begin,
    },
    {
        .op = NEPH_OP_UPLOAD_PART,
        .traits = NEPH_IDEMPOTENT,
        .method = "PUT",
        .ask = azure_upload_part,
        NEPH_REPLIES(azure_upload_part_replies),
        NEPH_TAKES(upload_part_takes),
        .each = azure_upload_part_each,
    },
    {
        .op = NEPH_OP_UPLOAD_PARTS,
        .traits = NEPH_SAFE,
        .ask = azure_upload_parts,
        NEPH_REPLIES(azure_upload_parts_replies),
        .then = azure_upload_parts_then,
        .each = azure_upload_parts_each,
    },
    {
        .op = NEPH_OP_UPLOAD_COMPLETE,
        .traits = NEPH_IDEMPOTENT,
        .method = "PUT",
        .ask = azure_upload_complete,
        NEPH_REPLIES(azure_upload_complete_replies),
        NEPH_TAKES(upload_complete_takes),
        .each = azure_object_each,
    },
    {
        .op = NEPH_OP_UPLOAD_ABORT,
        .traits = NEPH_IDEMPOTENT,
        .ask = azure_upload_abort,
        NEPH_REPLIES(azure_upload_abort_replies),
        .then = azure_upload_abort_then,
        .each = azure_upload_abort_each,
    },
    {.op = NEPH_OP_STORAGE_LIMITS, .perform = azure_storage_limits},
    {
        /* Not asked again after a lost reply: there would be two. */
        .op = AZURE_OP_SNAPSHOT_CREATE,
        .method = "PUT",
        .ask = azure_snapshot_create,
        NEPH_REPLIES(azure_snapshot_create_replies),
        .each = azure_snapshot_each,
    },
    {
        .op = AZURE_OP_SNAPSHOT_LIST,
        .traits = NEPH_SAFE,
        .ask = azure_snapshot_list,
        NEPH_REPLIES(azure_snapshot_list_replies),
        .page = NEPH_PAGE_BY_QUERY,
        .page_name = "marker",
        .each = azure_snapshot_each,
    },
    {
        .op = AZURE_OP_SNAPSHOT_DELETE,
        .traits = NEPH_IDEMPOTENT,
        .method = "DELETE",
        .ask = azure_snapshot_delete,
        NEPH_REPLIES(azure_none_replies),
        .then = azure_none_then,
    },
    {
        .op = AZURE_OP_TIER_SET,
        .traits = NEPH_IDEMPOTENT,
        .method = "PUT",
        .ask = azure_tier_set,
        NEPH_REPLIES(azure_tier_set_replies),
        .each = azure_tier_set_each,
    },
};

/* ---- errors */

/* "Blob Storage error codes" and "Common REST API error codes", Azure Storage Services REST API reference. */
static const neph_fault faults[] = {
    {"AuthenticationFailed", 0, NEPH_AUTH, NEPH_RETRY_PERMANENT, 0},
    {"InvalidAuthenticationInfo", 0, NEPH_AUTH, NEPH_RETRY_PERMANENT, 0},
    {"NoAuthenticationInformation", 0, NEPH_AUTH, NEPH_RETRY_PERMANENT, 0},
    {"AccountIsDisabled", 0, NEPH_PERMISSION, NEPH_RETRY_PERMANENT, 0},
    {"AuthorizationFailure", 0, NEPH_PERMISSION, NEPH_RETRY_PERMANENT, 0},
    {"AuthorizationPermissionMismatch", 0, NEPH_PERMISSION, NEPH_RETRY_PERMANENT, 0},
    {"AuthorizationProtocolMismatch", 0, NEPH_PERMISSION, NEPH_RETRY_PERMANENT, 0},
    {"AuthorizationResourceTypeMismatch", 0, NEPH_PERMISSION, NEPH_RETRY_PERMANENT, 0},
    {"AuthorizationServiceMismatch", 0, NEPH_PERMISSION, NEPH_RETRY_PERMANENT, 0},
    {"AuthorizationSourceIPMismatch", 0, NEPH_PERMISSION, NEPH_RETRY_PERMANENT, 0},
    {"CannotVerifyCopySource", 403, NEPH_PERMISSION, NEPH_RETRY_PERMANENT, 0},
    {"InsufficientAccountPermissions", 0, NEPH_PERMISSION, NEPH_RETRY_PERMANENT, 0},
    {"PublicAccessNotPermitted", 0, NEPH_PERMISSION, NEPH_RETRY_PERMANENT, 0},
    {"BlobNotFound", 0, NEPH_NOT_FOUND, NEPH_RETRY_PERMANENT, 0},
    {"CannotVerifyCopySource", 404, NEPH_NOT_FOUND, NEPH_RETRY_PERMANENT, 0},
    {"ContainerNotFound", 0, NEPH_NOT_FOUND, NEPH_RETRY_PERMANENT, 0},
    {"InvalidBlockList", 0, NEPH_NOT_FOUND, NEPH_RETRY_PERMANENT, 0}, /* the upload's blocks are */
    {"ResourceNotFound", 0, NEPH_NOT_FOUND, NEPH_RETRY_PERMANENT, 0},
    {"ContainerAlreadyExists", 0, NEPH_EXISTS, NEPH_RETRY_PERMANENT, 0},
    {"BlobAlreadyExists", 0, NEPH_CONFLICT, NEPH_RETRY_PERMANENT, 0}, /* If-None-Match: * */
    {"BlobArchived", 0, NEPH_CONFLICT, NEPH_RETRY_PERMANENT, 0},
    {"BlobBeingRehydrated", 0, NEPH_CONFLICT, NEPH_RETRY_PERMANENT, 0},
    {"BlobImmutableDueToPolicy", 0, NEPH_CONFLICT, NEPH_RETRY_PERMANENT, 0},
    {"BlobTierInadequateForContentLength", 0, NEPH_CONFLICT, NEPH_RETRY_PERMANENT, 0},
    {"ConditionNotMet", 0, NEPH_CONFLICT, NEPH_RETRY_PERMANENT, 0},
    {"ContainerBeingDeleted", 0, NEPH_CONFLICT, NEPH_RETRY_TRANSIENT, 0},
    {"InvalidBlobOrBlock", 0, NEPH_CONFLICT, NEPH_RETRY_PERMANENT, 0},
    {"InvalidBlobType", 0, NEPH_CONFLICT, NEPH_RETRY_PERMANENT, 0},
    {"LeaseIdMissing", 0, NEPH_CONFLICT, NEPH_RETRY_PERMANENT, 0},
    {"PendingCopyOperation", 0, NEPH_CONFLICT, NEPH_RETRY_PERMANENT, 0},
    {"SnapshotsPresent", 0, NEPH_CONFLICT, NEPH_RETRY_PERMANENT, 0},
    {"SourceConditionNotMet", 0, NEPH_CONFLICT, NEPH_RETRY_PERMANENT, 0},
    {"TargetConditionNotMet", 0, NEPH_CONFLICT, NEPH_RETRY_PERMANENT, 0},
    {"InvalidRange", 0, NEPH_INVALID, NEPH_RETRY_PERMANENT, 0},
    {"InvalidResourceName", 0, NEPH_INVALID, NEPH_RETRY_PERMANENT, 0},
    {"OutOfRangeInput", 0, NEPH_INVALID, NEPH_RETRY_PERMANENT, 0},
    {"BlockCountExceedsLimit", 0, NEPH_LIMIT, NEPH_RETRY_PERMANENT, 0},
    {"BlockListTooLong", 0, NEPH_LIMIT, NEPH_RETRY_PERMANENT, 0},
    {"MetadataTooLarge", 0, NEPH_LIMIT, NEPH_RETRY_PERMANENT, 0},
    {"RequestBodyTooLarge", 0, NEPH_LIMIT, NEPH_RETRY_PERMANENT, 0},
    {"SnapshotCountExceeded", 0, NEPH_LIMIT, NEPH_RETRY_PERMANENT, 0},
    {"ContainerQuotaDownloadLimit", 0, NEPH_QUOTA, NEPH_RETRY_PERMANENT, 0},
    {"Md5Mismatch", 0, NEPH_INTEGRITY, NEPH_RETRY_TRANSIENT, 0},
    {"ServerBusy", 0, NEPH_THROTTLED, NEPH_RETRY_TRANSIENT, 0},
    {"SnapshotOperationRateExceeded", 0, NEPH_THROTTLED, NEPH_RETRY_TRANSIENT, 0},
    {"OperationTimedOut", 0, NEPH_TIMEOUT, NEPH_RETRY_TRANSIENT, 0},
    {"InternalError", 0, NEPH_UNAVAILABLE, NEPH_RETRY_TRANSIENT, 0},
    {"FeatureNotSupportedForAccount", 0, NEPH_UNSUPPORTED, NEPH_RETRY_PERMANENT, 0},
    {"UnsupportedHttpVerb", 0, NEPH_UNSUPPORTED, NEPH_RETRY_PERMANENT, 0},
    {NULL, 304, NEPH_CONFLICT, NEPH_RETRY_PERMANENT, 0}, /* If-None-Match of a GET */
    {NULL, 412, NEPH_CONFLICT, NEPH_RETRY_PERMANENT, 0},
    {NULL, 416, NEPH_INVALID, NEPH_RETRY_PERMANENT, 0},
};

/* A reply to HEAD has the code in a header alone. */
static const neph_field error_fields[] = {
    {"header:x-ms-error-code", .member = NEPH_ERROR_CODE},
    {"header:x-ms-request-id", .member = NEPH_ERROR_REQUEST_ID},
    {"Code", .member = NEPH_ERROR_CODE},
    {"Message", .member = NEPH_ERROR_MESSAGE},
};
static const neph_rule error_rules[] = {
    {.path = ".", NEPH_FIELDS(error_fields), .root = "Error"},
};
static const neph_reply error_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, error_rules);

/* ---- requests */

/* A slash would be taken for the end of the name, encoded or not, and dots for a path's; the rest is for the server to
 * judge. */
static int is_bucket(const char *bucket)
{
    if (!*bucket || !strcmp(bucket, ".") || !strcmp(bucket, ".."))
        return 0;
    while ((unsigned char)*bucket > ' ' && *bucket != 127 && *bucket != '/')
        bucket++;
    return *bucket == '\0';
}

int32_t azure_ask(neph_call *call, neph_request *request, const char *method, const char *bucket,
                  const char *key)
{
    int32_t rc = neph_request_method(request, method);
    if (!rc)
        rc = neph_request_header(request, "x-ms-version", AZURE_VERSION);
    if (rc)
        return rc;
    if (bucket && !is_bucket(bucket))
        return azure_bucket_refuse(call, bucket);
    if (key && strchr(key, '\\'))
        return neph_fail(call, NEPH_INVALID,
                         "the key \"%.200s\" has a backslash, which Azure takes for a slash: it "
                         "would be another object",
                         key);
    if (!bucket)
        return neph_request_path(request, "/");
    return key ? neph_request_path(request, "/{}/{*}", bucket, key)
               : neph_request_path(request, "/{}", bucket);
}

static const neph_provider provider = {
    .size = sizeof(neph_provider),
    .id = "azure",
    .title = "Azure Blob Storage",
    NEPH_SETTINGS(settings),
    NEPH_ACTIONS(actions),
    NEPH_FAULTS(faults),
    .error = &error_reply,
    .open = azure_account_open,
    .sign = azure_sign,
    .fault = azure_fault,
    .extensions = azure_extensions,
    .extension_count = NEPH_COUNT(azure_extensions),
    .extension_size = sizeof(neph_extension),
};

static const neph_provider *const providers[] = {&provider};
NEPH_PLUGIN(azure, "0.1.0", "neph-plugin-azure", providers);
