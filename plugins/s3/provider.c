/*
 * provider.c - Amazon S3 and what speaks like it: settings, actions, how a bucket is addressed, signing, and what is
 * learnt from errors (region, clock). The requests and replies stand in bucket.c and object.c.
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
    NEPH_AWS_PROFILE_SETTING,
};

/* ---- actions */

static const int32_t list_takes[] = {NEPH_LIST_LIMIT};
static const int32_t object_list_takes[] = {NEPH_LIST_LIMIT, NEPH_LIST_PREFIX, NEPH_LIST_DELIMITER,
                                            NEPH_LIST_START_AFTER};
static const int32_t object_get_takes[] = {NEPH_RANGE_OFFSET, NEPH_RANGE_LENGTH};
static const int32_t object_put_takes[] = {NEPH_OBJECT_CONTENT_TYPE, NEPH_OBJECT_CLASS,
                                           NEPH_OBJECT_METADATA};
static const int32_t object_presign_takes[] = {NEPH_PRESIGN_METHOD, NEPH_PRESIGN_SECONDS};

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
        .page = NEPH_PAGE_BY_QUERY,
        .page_name = "continuation-token",
        NEPH_TAKES(object_list_takes),
    },
    {
        .op = NEPH_OP_OBJECT_HEAD,
        .traits = NEPH_SAFE | NEPH_FOLLOW,
        .method = "HEAD",
        .ask = s3_object_head,
        NEPH_REPLIES(s3_object_head_replies),
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
        .each = s3_object_each,
    },
    {
        .op = NEPH_OP_OBJECT_DELETE,
        .traits = NEPH_IDEMPOTENT | NEPH_FOLLOW,
        .method = "DELETE",
        .ask = s3_object_delete,
        NEPH_REPLIES(s3_none_replies),
        .then = s3_none_then,
    },
    {
        .op = NEPH_OP_OBJECT_PRESIGN,
        .traits = NEPH_PRESIGN,
        .ask = s3_object_presign,
        NEPH_TAKES(object_presign_takes),
    },
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

/* ---- where a bucket is */

typedef struct s3_cloud {
    neph_sigv4_keys keys;
    uint32_t is_amazon; /* the endpoint is Amazon's: regions have hosts of their own */
    uint32_t reserved;
} s3_cloud;

static s3_cloud *memory_of(neph_cloud *cloud)
{
    return neph_cloud_memory(cloud, sizeof(s3_cloud));
}

static const char *bucket_of(const neph_call *call)
{
    const char *bucket = neph_argument(call, NEPH_OBJECT_BUCKET);
    bucket = bucket ? bucket : neph_argument(call, NEPH_BUCKET_NAME);
    return bucket ? bucket : "";
}

/* The name under which a bucket's region is remembered; "" is the whole endpoint's. */
static const char *region_name(neph_text *name, char *data, size_t capacity, const char *bucket)
{
    neph_text_init(name, data, capacity);
    neph_text_add(name, "region of ");
    neph_text_add(name, bucket);
    return data;
}

const char *s3_region(const neph_call *call)
{
    const neph_cloud *cloud = neph_cloud_of(call);
    const char *region;
    neph_text name;
    char data[320];
    region = neph_recall(cloud, region_name(&name, data, sizeof data, bucket_of(call)));
    if (!region)
        region = neph_recall(cloud, region_name(&name, data, sizeof data, ""));
    return region ? region : neph_setting_string(cloud, "region");
}

/* Lower-case letters, digits and dashes, 3 to 63: one label of a host name, that a wildcard certificate covers. */
static int is_label(const char *bucket)
{
    size_t size = strspn(bucket, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return size >= 3 && size <= 63 && bucket[size] == '\0' && bucket[0] != '-' &&
           bucket[size - 1] != '-';
}

static int is_virtual(const neph_cloud *cloud, const s3_cloud *memory, const char *bucket)
{
    const char *addressing = neph_setting_string(cloud, "addressing");
    if (addressing && addressing[0] != 'a')
        return addressing[0] == 'v';
    return memory->is_amazon && is_label(bucket);
}

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

int32_t s3_ask(neph_call *call, neph_request *request, const char *method, const char *bucket,
               const char *key)
{
    neph_cloud *cloud = neph_cloud_of(call);
    const s3_cloud *memory = memory_of(cloud);
    const char *region = s3_region(call);
    int32_t rc = neph_request_method(request, method);
    if (rc || !memory)
        return rc ? rc : neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    if (bucket && !is_bucket(bucket))
        return neph_fail(call, NEPH_INVALID,
                         "\"%.80s\" is no name for a bucket: letters, digits, dots and dashes are",
                         bucket);
    if (memory->is_amazon && strcmp(region, neph_setting_string(cloud, "region")))
        rc = neph_request_endpoint(request, region);
    if (rc || !bucket)
        return rc ? rc : neph_request_path(request, "/");
    if (!is_virtual(cloud, memory, bucket))
        return key ? neph_request_path(request, "/{}/{*}", bucket, key)
                   : neph_request_path(request, "/{}", bucket);
    rc = neph_request_host_prefix(request, bucket);
    if (rc)
        return rc;
    return key ? neph_request_path(request, "/{*}", key) : neph_request_path(request, "/");
}

/* ---- hooks */

static int32_t s3_open(neph_cloud *cloud)
{
    const char *endpoint = neph_setting_string(cloud, "endpoint");
    s3_cloud *memory = memory_of(cloud);
    if (!memory)
        return neph_fail(cloud, NEPH_NO_MEMORY, "out of memory");
    memory->is_amazon = !endpoint || neph_aws_is_amazon(endpoint);
    return neph_aws_open(cloud, "s3");
}

/* What stands for the body in the signature. Over TLS the connection vouches for it. */
static int32_t payload_choose(neph_request *request, const neph_request_view *view, char *hex,
                              const char **payload)
{
    if (view->presign_seconds > 0 || (view->body_size != 0 && !strcmp(view->scheme, "https"))) {
        *payload = NEPH_SIGV4_UNSIGNED;
        return 0;
    }
    if (view->body_size == 0) {
        *payload = NEPH_SIGV4_EMPTY;
        return 0;
    }
    *payload = hex;
    return neph_request_body_digest(request, NEPH_DIGEST_SHA256, hex, NEPH_DIGEST_HEX_MAX);
}

static int32_t s3_sign(neph_call *call, neph_request *request, int64_t now_ns)
{
    neph_cloud *cloud = neph_cloud_of(call);
    s3_cloud *memory = memory_of(cloud);
    char hex[NEPH_DIGEST_HEX_MAX];
    neph_request_view view;
    neph_sigv4 how = {
        .service = "s3",
        .region = s3_region(call),
        .keys = memory ? &memory->keys : NULL,
        .flags = NEPH_SIGV4_S3 | NEPH_SIGV4_PAYLOAD_HEADER,
    };
    int32_t rc = neph_request_look(request, &view);
    neph_aws_keys(&how, call);
    if (!rc)
        rc = payload_choose(request, &view, hex, &how.payload);
    return rc ? rc : neph_sigv4_sign(request, &how, now_ns);
}

/* The error says where the bucket is. Returns 1 if that is news. */
static int region_learn(neph_call *call)
{
    neph_cloud *cloud = neph_cloud_of(call);
    const s3_cloud *memory = memory_of(cloud);
    const char *region = neph_scratch(call, S3_SCRATCH_REGION_HEADER);
    neph_text name;
    char data[320];
    if (!region)
        region = neph_scratch(call, S3_SCRATCH_REGION);
    if (!memory || !region || !neph_aws_is_region(region) || !strcmp(region, s3_region(call)))
        return 0;
    if (memory->is_amazon && neph_aws_endpoint(cloud, region, "s3", region))
        return 0;
    /* One server that is not Amazon's has one region. */
    region_name(&name, data, sizeof data, memory->is_amazon ? bucket_of(call) : "");
    return !name.status && !neph_remember(cloud, data, region);
}

/* A reply to HEAD has no body that says what is wrong; what could be learnt from one is tried. */
static int32_t s3_fault(neph_call *call)
{
    const char *code = neph_error_code(call);
    int32_t status = neph_reply_status(call);
    if (neph_call_op(call) == NEPH_OP_LOGIN)
        return neph_imds_fault(call);
    if (code ? !strcmp(code, "RequestTimeTooSkewed")
             : status == 403 && neph_call_op(call) == NEPH_OP_OBJECT_HEAD)
        return NEPH_FAULT_CLOCK;
    if (status != 301 &&
        !(status == 400 && (!code || !strcmp(code, "AuthorizationHeaderMalformed"))))
        return NEPH_FAULT_DEFAULT;
    return region_learn(call) ? NEPH_FAULT_ASK_AGAIN : NEPH_FAULT_DEFAULT;
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
