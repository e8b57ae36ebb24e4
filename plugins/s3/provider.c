/*
 * provider.c - Amazon S3 and what speaks like it: settings, actions, faults, and what is learnt from
 * them (region, clock). Requests and replies stand in a file for each resource; what a server has of its own, in
 * quirks.c.
 */
#include "s3.h"

/* ---- settings */

static const neph_origin endpoint_origins[] = NEPH_AWS_ENDPOINT_ORIGINS("AWS_ENDPOINT_URL_S3");

static const neph_setting settings[] = {
    NEPH_AWS_KEY_SETTINGS,
    NEPH_AWS_REGION_SETTING("region to sign for and to create buckets in"),
    NEPH_AWS_ENDPOINT_SETTING(endpoint_origins),
    {
        .name = "addressing",
        .summary = "bucket in the path, before the host (virtual), or as the endpoint needs it",
        .fallback = "auto",
        .choices = "auto|path|virtual",
        .type = NEPH_TYPE_STRING,
    },
    {
        .name = "quirks",
        .summary = "what the server differs in: the name of a profile, words with values, or both",
        .fallback = "auto",
        .type = NEPH_TYPE_STRING,
    },
    {
        .name = "checksum",
        .summary = "what the server checks uploads by, or what suits the server",
        .fallback = "auto",
        .choices = "auto|none|md5|crc32|crc32c|crc64nvme|sha1|sha256",
        .type = NEPH_TYPE_STRING,
    },
    {
        .name = "payload",
        .summary =
            "what vouches for a body in the signature: its digest, that of each chunk, nothing",
        .fallback = "auto",
        .choices = "auto|signed|chunked|unsigned",
        .type = NEPH_TYPE_STRING,
    },
    NEPH_AWS_PROFILE_SETTING,
};

/* ---- actions */

static const int32_t list_takes[] = {NEPH_LIST_LIMIT};
static const int32_t upload_list_takes[] = {NEPH_LIST_LIMIT, NEPH_LIST_PREFIX};
static const int32_t object_list_takes[] = {NEPH_LIST_LIMIT, NEPH_LIST_PREFIX, NEPH_LIST_DELIMITER,
                                            NEPH_LIST_START_AFTER};
static const int32_t object_head_takes[] = {NEPH_OBJECT_VERSION, NEPH_IF_MATCH, NEPH_IF_NONE_MATCH};
static const int32_t object_get_takes[] = {NEPH_RANGE_OFFSET,   NEPH_RANGE_LENGTH,
                                           NEPH_OBJECT_VERSION, NEPH_IF_MATCH,
                                           NEPH_IF_NONE_MATCH,  NEPH_CHECKSUM};

#define FACTS                                                                                      \
    NEPH_OBJECT_CONTENT_TYPE, NEPH_OBJECT_CLASS, NEPH_OBJECT_METADATA, NEPH_OBJECT_LOCAL_MODIFIED

static const int32_t object_put_takes[] = {FACTS, NEPH_IF_MATCH, NEPH_IF_NONE_MATCH, NEPH_CHECKSUM};
static const int32_t object_copy_takes[] = {FACTS, NEPH_IF_MATCH, NEPH_IF_NONE_MATCH,
                                            NEPH_COPY_VERSION, NEPH_COPY_IF_MATCH};
static const int32_t object_delete_takes[] = {NEPH_OBJECT_VERSION, NEPH_IF_MATCH};
static const int32_t object_presign_takes[] = {NEPH_PRESIGN_METHOD, NEPH_PRESIGN_SECONDS};
static const int32_t upload_begin_takes[] = {FACTS, NEPH_CHECKSUM};
static const int32_t upload_part_takes[] = {NEPH_CHECKSUM};
static const int32_t upload_copy_takes[] = {NEPH_RANGE_OFFSET, NEPH_RANGE_LENGTH, NEPH_COPY_VERSION,
                                            NEPH_COPY_IF_MATCH};
/* the facts were told when the upload began */
static const int32_t upload_complete_takes[] = {FACTS, NEPH_OBJECT_CHECKSUM, NEPH_UPLOAD_CHECKSUMS,
                                                NEPH_IF_MATCH, NEPH_IF_NONE_MATCH};

static const neph_action actions[] = {
    {
        .op = NEPH_OP_BUCKET_LIST,
        .traits = NEPH_SAFE | NEPH_ORDERED,
        .ask = s3_bucket_list,
        NEPH_REPLIES(s3_bucket_list_replies),
        .page = NEPH_PAGE_BY_QUERY,
        .page_name = "continuation-token",
        NEPH_TAKES(list_takes),
    },
    {
        /* Not asked again after a lost reply: the second answer would be that the bucket exists. */
        .op = NEPH_OP_BUCKET_CREATE,
        .traits = NEPH_FOLLOW,
        .method = "PUT",
        .ask = s3_bucket_create,
        NEPH_REPLIES(s3_none_replies),
        .then = s3_none_then,
    },
    {
        .op = NEPH_OP_BUCKET_DELETE,
        .traits = NEPH_IDEMPOTENT | NEPH_FOLLOW,
        .method = "DELETE",
        .ask = s3_bucket_delete,
        NEPH_REPLIES(s3_none_replies),
        .then = s3_none_then,
    },
    {
        .op = NEPH_OP_OBJECT_LIST,
        .traits = NEPH_SAFE | NEPH_ORDERED | NEPH_FOLLOW,
        .ask = s3_object_list,
        NEPH_REPLIES(s3_object_list_replies),
        .page = NEPH_PAGE_BY_ASK,
        NEPH_TAKES(object_list_takes),
        .then = s3_object_list_then,
        .each = s3_object_list_each,
    },
    {
        .op = NEPH_OP_OBJECT_HEAD,
        .traits = NEPH_SAFE | NEPH_FOLLOW,
        .method = "HEAD",
        .ask = s3_object_head,
        NEPH_REPLIES(s3_object_head_replies),
        NEPH_TAKES(object_head_takes),
        .each = s3_object_each,
    },
    {
        .op = NEPH_OP_OBJECT_GET,
        .traits = NEPH_SAFE | NEPH_FOLLOW,
        .ask = s3_object_get,
        NEPH_REPLIES(s3_object_get_replies),
        NEPH_TAKES(object_get_takes),
        .each = s3_object_each,
    },
    {
        .op = NEPH_OP_OBJECT_PUT,
        .traits = NEPH_IDEMPOTENT | NEPH_FOLLOW,
        .method = "PUT",
        .ask = s3_object_put,
        NEPH_REPLIES(s3_object_put_replies),
        NEPH_TAKES(object_put_takes),
        .each = s3_object_each,
    },
    {
        .op = NEPH_OP_OBJECT_COPY,
        .traits = NEPH_IDEMPOTENT | NEPH_FOLLOW,
        .method = "PUT",
        .ask = s3_object_copy,
        NEPH_REPLIES(s3_object_copy_replies),
        NEPH_TAKES(object_copy_takes),
        .each = s3_object_each,
    },
    {
        .op = NEPH_OP_OBJECT_DELETE,
        .traits = NEPH_IDEMPOTENT | NEPH_FOLLOW,
        .method = "DELETE",
        .ask = s3_object_delete,
        NEPH_REPLIES(s3_none_replies),
        NEPH_TAKES(object_delete_takes),
        .then = s3_none_then,
    },
    {
        .op = NEPH_OP_OBJECT_PRESIGN,
        .traits = NEPH_PRESIGN,
        .ask = s3_object_presign,
        NEPH_TAKES(object_presign_takes),
    },
    {
        .op = NEPH_OP_OBJECT_DELETE_MANY,
        .traits = NEPH_IDEMPOTENT | NEPH_FOLLOW,
        .method = "POST",
        .ask = s3_object_delete_many,
        NEPH_REPLIES(s3_object_delete_many_replies),
        .then = s3_object_delete_many_then,
        .each = s3_object_delete_many_each,
    },
    {
        /* Several versions of one key: what a broken page has delivered cannot be told from what it has not. */
        .op = NEPH_OP_OBJECT_VERSIONS,
        .traits = NEPH_SAFE | NEPH_FOLLOW,
        .ask = s3_object_versions,
        NEPH_REPLIES(s3_object_versions_replies),
        .page = NEPH_PAGE_BY_ASK,
        NEPH_TAKES(object_list_takes),
        .then = s3_marker_keep,
    },
    {
        .op = NEPH_OP_UPLOAD_LIST,
        .traits = NEPH_SAFE | NEPH_FOLLOW,
        .ask = s3_upload_list,
        NEPH_REPLIES(s3_upload_list_replies),
        .page = NEPH_PAGE_BY_ASK,
        NEPH_TAKES(upload_list_takes),
        .then = s3_marker_keep,
    },
    {
        /* Asked again after a lost reply: an upload without parts costs nothing, and is found by upload list. */
        .op = NEPH_OP_UPLOAD_BEGIN,
        .traits = NEPH_IDEMPOTENT | NEPH_FOLLOW,
        .method = "POST",
        .ask = s3_upload_begin,
        NEPH_REPLIES(s3_upload_begin_replies),
        NEPH_TAKES(upload_begin_takes),
        .each = s3_upload_begin_each,
    },
    {
        .op = NEPH_OP_UPLOAD_PART,
        .traits = NEPH_IDEMPOTENT | NEPH_FOLLOW,
        .method = "PUT",
        .ask = s3_upload_part,
        NEPH_REPLIES(s3_upload_part_replies),
        NEPH_TAKES(upload_part_takes),
        .each = s3_upload_part_each,
    },
    {
        .op = NEPH_OP_UPLOAD_COPY,
        .traits = NEPH_IDEMPOTENT | NEPH_FOLLOW,
        .method = "PUT",
        .ask = s3_upload_copy,
        NEPH_REPLIES(s3_upload_copy_replies),
        NEPH_TAKES(upload_copy_takes),
        .each = s3_upload_part_each,
    },
    {
        .op = NEPH_OP_UPLOAD_PARTS,
        .traits = NEPH_SAFE | NEPH_FOLLOW,
        .ask = s3_upload_parts,
        NEPH_REPLIES(s3_upload_parts_replies),
        .page = NEPH_PAGE_BY_QUERY,
        .page_name = "part-number-marker",
        NEPH_TAKES(list_takes),
        .each = s3_upload_parts_each,
    },
    {
        .op = NEPH_OP_UPLOAD_COMPLETE,
        .traits = NEPH_IDEMPOTENT | NEPH_FOLLOW,
        .method = "POST",
        .ask = s3_upload_complete,
        NEPH_REPLIES(s3_upload_complete_replies),
        NEPH_TAKES(upload_complete_takes),
        .then = s3_upload_complete_then,
        .each = s3_upload_complete_each,
    },
    {
        .op = NEPH_OP_UPLOAD_ABORT,
        .traits = NEPH_IDEMPOTENT | NEPH_FOLLOW,
        .method = "DELETE",
        .ask = s3_upload_abort,
        NEPH_REPLIES(s3_upload_abort_replies),
        .then = s3_upload_abort_then,
    },
    {.op = NEPH_OP_STORAGE_LIMITS, .perform = s3_storage_limits},
};

/* ---- errors */

/* "Error Responses", S3 API reference; what Ceph and Swift add. */
static const neph_fault faults[] = {
    {"AccessDenied", 0, NEPH_PERMISSION, NEPH_RETRY_PERMANENT, 0},
    {"AccountProblem", 0, NEPH_PERMISSION, NEPH_RETRY_PERMANENT, 0},
    {"AllAccessDisabled", 0, NEPH_PERMISSION, NEPH_RETRY_PERMANENT, 0},
    {"AuthorizationHeaderMalformed", 0, NEPH_AUTH, NEPH_RETRY_PERMANENT, 0},
    {"ExpiredToken", 0, NEPH_AUTH, NEPH_RETRY_PERMANENT, 0},
    {"InvalidAccessKeyId", 0, NEPH_AUTH, NEPH_RETRY_PERMANENT, 0},
    {"InvalidToken", 0, NEPH_AUTH, NEPH_RETRY_PERMANENT, 0},
    {"RequestTimeTooSkewed", 0, NEPH_AUTH, NEPH_RETRY_PERMANENT, 0},
    {"SignatureDoesNotMatch", 0, NEPH_AUTH, NEPH_RETRY_PERMANENT, 0},
    {"TokenRefreshRequired", 0, NEPH_AUTH, NEPH_RETRY_PERMANENT, 0},
    {"NoSuchBucket", 0, NEPH_NOT_FOUND, NEPH_RETRY_PERMANENT, 0},
    {"NoSuchKey", 0, NEPH_NOT_FOUND, NEPH_RETRY_PERMANENT, 0},
    {"NoSuchUpload", 0, NEPH_NOT_FOUND, NEPH_RETRY_PERMANENT, 0},
    {"NoSuchVersion", 0, NEPH_NOT_FOUND, NEPH_RETRY_PERMANENT, 0},
    {"BucketAlreadyExists", 0, NEPH_EXISTS, NEPH_RETRY_PERMANENT, 0},
    {"BucketAlreadyOwnedByYou", 0, NEPH_EXISTS, NEPH_RETRY_PERMANENT, 0},
    {"BucketNotEmpty", 0, NEPH_CONFLICT, NEPH_RETRY_PERMANENT, 0},
    {"ConditionalRequestConflict", 0, NEPH_CONFLICT, NEPH_RETRY_TRANSIENT, 0},
    {"InvalidObjectState", 0, NEPH_CONFLICT, NEPH_RETRY_PERMANENT, 0},
    {"OperationAborted", 0, NEPH_CONFLICT, NEPH_RETRY_TRANSIENT, 0},
    {"PreconditionFailed", 0, NEPH_CONFLICT, NEPH_RETRY_PERMANENT, 0},
    {"IllegalLocationConstraintException", 0, NEPH_INVALID, NEPH_RETRY_PERMANENT, 0},
    {"InvalidBucketName", 0, NEPH_INVALID, NEPH_RETRY_PERMANENT, 0},
    {"InvalidLocationConstraint", 0, NEPH_INVALID, NEPH_RETRY_PERMANENT, 0},
    {"InvalidRange", 0, NEPH_INVALID, NEPH_RETRY_PERMANENT, 0},
    {"InvalidStorageClass", 0, NEPH_INVALID, NEPH_RETRY_PERMANENT, 0},
    {"PermanentRedirect", 0, NEPH_INVALID, NEPH_RETRY_PERMANENT, 0},
    {"EntityTooSmall", 0, NEPH_INVALID, NEPH_RETRY_PERMANENT, 0},
    {"InvalidPart", 0, NEPH_CONFLICT, NEPH_RETRY_PERMANENT, 0},
    {"InvalidPartOrder", 0, NEPH_INVALID, NEPH_RETRY_PERMANENT, 0},
    {"MalformedXML", 0, NEPH_INVALID, NEPH_RETRY_PERMANENT, 0},
    {"EntityTooLarge", 0, NEPH_LIMIT, NEPH_RETRY_PERMANENT, 0},
    {"KeyTooLongError", 0, NEPH_LIMIT, NEPH_RETRY_PERMANENT, 0},
    {"MetadataTooLarge", 0, NEPH_LIMIT, NEPH_RETRY_PERMANENT, 0},
    {"QuotaExceeded", 0, NEPH_QUOTA, NEPH_RETRY_PERMANENT, 0},
    {"TooManyBuckets", 0, NEPH_QUOTA, NEPH_RETRY_PERMANENT, 0},
    {"BadDigest", 0, NEPH_INTEGRITY, NEPH_RETRY_TRANSIENT, 0},
    {"IncompleteBody", 0, NEPH_INTEGRITY, NEPH_RETRY_TRANSIENT, 0},
    {"XAmzContentSHA256Mismatch", 0, NEPH_INTEGRITY, NEPH_RETRY_TRANSIENT, 0},
    {"RequestLimitExceeded", 0, NEPH_THROTTLED, NEPH_RETRY_TRANSIENT, 0},
    {"SlowDown", 0, NEPH_THROTTLED, NEPH_RETRY_TRANSIENT, 0},
    {"TooManyRequests", 0, NEPH_THROTTLED, NEPH_RETRY_TRANSIENT, 0},
    {"RequestTimeout", 0, NEPH_TIMEOUT, NEPH_RETRY_TRANSIENT, 0},
    {"InternalError", 0, NEPH_UNAVAILABLE, NEPH_RETRY_TRANSIENT, 0},
    {"ServiceUnavailable", 0, NEPH_UNAVAILABLE, NEPH_RETRY_TRANSIENT, 0},
    {"MethodNotAllowed", 0, NEPH_UNSUPPORTED, NEPH_RETRY_PERMANENT, 0},
    {"NotImplemented", 0, NEPH_UNSUPPORTED, NEPH_RETRY_PERMANENT, 0},
    {NULL, 304, NEPH_CONFLICT, NEPH_RETRY_PERMANENT, 0}, /* If-None-Match of what is read */
    {NULL, 412, NEPH_CONFLICT, NEPH_RETRY_PERMANENT, 0},
    {NULL, 416, NEPH_INVALID, NEPH_RETRY_PERMANENT, 0},
    {NULL, 498, NEPH_THROTTLED, NEPH_RETRY_TRANSIENT, 0}, /* Swift's rate limit */
};

const neph_field s3_error_fields[] = {
    {"Code", .member = NEPH_ERROR_CODE},
    {"Message", .member = NEPH_ERROR_MESSAGE},
    {"header:x-amz-request-id", .member = NEPH_ERROR_REQUEST_ID},
    {"RequestId", .member = NEPH_ERROR_REQUEST_ID},
    {"Region", .member = S3_SCRATCH_REGION},
    {"header:x-amz-bucket-region", .member = S3_SCRATCH_REGION_HEADER},
};
_Static_assert(NEPH_COUNT(s3_error_fields) == S3_ERROR_FIELD_COUNT, "s3.h says how many");

static const neph_rule error_rules[] = {
    {
        .path = ".",
        .fields = s3_error_fields,
        .field_count = S3_ERROR_FIELD_COUNT,
        .field_size = sizeof(neph_field),
        .root = "Error",
    },
};
static const neph_reply error_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, error_rules);

/* ---- hooks */

static int32_t s3_open(neph_cloud *cloud)
{
    const char *endpoint = neph_setting_string(cloud, "endpoint");
    const char *host = endpoint ? strstr(endpoint, "://") : NULL;
    s3_cloud *memory = neph_cloud_memory(cloud, sizeof *memory);
    int32_t rc;
    if (!memory)
        return neph_fail(cloud, NEPH_NO_MEMORY, "out of memory");
    memory->is_amazon = !endpoint || neph_aws_is_amazon(endpoint);
    rc = s3_quirks_find(cloud, neph_setting_string(cloud, "quirks"),
                        host ? host + strlen("://") : endpoint, &memory->quirks);
    return rc ? rc : neph_aws_open(cloud, "s3");
}

/* A reply to HEAD has no body that says what is wrong; what could be learnt from one is tried. */
static int32_t s3_fault(neph_call *call)
{
    const char *code = neph_error_code(call);
    int32_t status = neph_reply_status(call);
    switch (neph_call_op(call)) {
    case NEPH_OP_LOGIN: return neph_imds_fault(call);
    case NEPH_OP_UPLOAD_ABORT: /* what there is not need not be given up */
        if (s3_is_no_upload(call))
            return NEPH_FAULT_FINE;
        break;
    case NEPH_OP_OBJECT_DELETE_MANY: {
        int32_t answer = s3_object_delete_many_fault(call);
        if (answer != NEPH_FAULT_DEFAULT)
            return answer;
        break;
    }
    case NEPH_OP_UPLOAD_COMPLETE:
        if (s3_upload_complete_fault(call) == NEPH_FAULT_FINE)
            return NEPH_FAULT_FINE;
        break;
    default: break;
    }
    if (code && !strcmp(code, "InvalidBucketName")) /* most servers say no more */
        return neph_fail(
            call, NEPH_INVALID,
            "the server takes no bucket of this name: 3 to 63 small letters, digits and "
            "dashes, the first and the last no dash, suit all");
    if (code && !strcmp(code, "SignatureDoesNotMatch") && s3_body_doubt(call))
        return NEPH_FAULT_ASK_AGAIN;
    if (code ? !strcmp(code, "RequestTimeTooSkewed")
             : status == 403 && neph_call_op(call) == NEPH_OP_OBJECT_HEAD)
        return NEPH_FAULT_CLOCK;
    if (status != 301 &&
        !(status == 400 && (!code || !strcmp(code, "AuthorizationHeaderMalformed"))))
        return NEPH_FAULT_DEFAULT;
    return s3_region_learn(call) ? NEPH_FAULT_ASK_AGAIN : NEPH_FAULT_DEFAULT;
}

static const neph_provider provider = {
    .size = sizeof(neph_provider),
    .id = "s3",
    .title = "Amazon S3 and compatible storage",
    .hosts = NEPH_AWS_HOSTS,
    NEPH_SETTINGS(settings),
    NEPH_ACTIONS(actions),
    NEPH_FAULTS(faults),
    .error = &error_reply,
    .open = s3_open,
    .login = &neph_imds_login,
    .sign = s3_sign,
    .fault = s3_fault,
};

static const neph_provider *const providers[] = {&provider};
NEPH_PLUGIN(s3, "0.1.0", "neph-plugin-s3", providers);
