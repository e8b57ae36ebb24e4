/*
 * object.c - objects of S3: list, head, get, put, copy, delete, presign.
 */
#include "s3.h"

#include <neph/kit/storage.h>

#define PRESIGN_SECONDS_MAX 604800 /* a week: "X-Amz-Expires", S3 API reference */
#define PAGE_MAX 1000

static int32_t object_ask(neph_call *call, neph_request *request, const char *method)
{
    return s3_ask(call, request, method, neph_argument(call, NEPH_OBJECT_BUCKET),
                  neph_argument(call, NEPH_OBJECT_KEY));
}

/* What headers say of an object. */
static const neph_field head_fields[] = {
    {"header:Content-Length", .member = NEPH_OBJECT_SIZE_BYTES},
    {"header:Last-Modified", .member = NEPH_OBJECT_MODIFIED},
    {"header:ETag", .member = NEPH_OBJECT_ETAG, .flags = NEPH_FIELD_UNQUOTE},
    {"header:x-amz-storage-class", .member = NEPH_OBJECT_CLASS},
    {"header:Content-Type", .member = NEPH_OBJECT_CONTENT_TYPE},
    {"header:x-amz-version-id", .member = NEPH_OBJECT_VERSION},
    {"header:x-amz-meta-*", .member = NEPH_OBJECT_METADATA, .flags = NEPH_FIELD_PREFIX},
};
static const neph_rule head_rules[] = {
    {.path = ".", NEPH_FIELDS(head_fields), .kind = NEPH_KIND_OBJECT},
};

/* Replies on one object do not name it, and a part of it has the length of the part. What has no ETag does not come
 * from S3: a web page in place of an object must not pass for one. */
int32_t s3_object_each(neph_call *call, neph_record *record)
{
    int32_t rc = neph_record_set(record, NEPH_OBJECT_KEY, neph_argument(call, NEPH_OBJECT_KEY));
    if (!rc && neph_call_op(call) != NEPH_OP_OBJECT_COPY && !neph_reply_header(call, "ETag"))
        return neph_fail(
            call, NEPH_PROTOCOL,
            "the reply has no ETag, so it is not from S3: is there a proxy, or is the endpoint wrong?");
    return rc ? rc : neph_storage_ranged(call, record);
}

/* ---- list: ListObjectsV2 */

static const neph_field object_fields[] = {
    {"Key", .member = NEPH_OBJECT_KEY, .flags = NEPH_FIELD_URL_IF | NEPH_FIELD_REQUIRED},
    {"Size", .member = NEPH_OBJECT_SIZE_BYTES},
    {"LastModified", .member = NEPH_OBJECT_MODIFIED},
    {"ETag", .member = NEPH_OBJECT_ETAG, .flags = NEPH_FIELD_UNQUOTE},
    {"StorageClass", .member = NEPH_OBJECT_CLASS},
};
static const neph_field prefix_fields[] = {
    {"Prefix", .member = NEPH_PREFIX_NAME, .flags = NEPH_FIELD_URL_IF | NEPH_FIELD_REQUIRED},
};
static const neph_field page_fields[] = {
    {"NextContinuationToken", .member = NEPH_PAGE_TOKEN},
    {"IsTruncated", .member = NEPH_PAGE_MORE},
    {"EncodingType", .member = S3_SCRATCH_ENCODING},
};
static const neph_rule list_rules[] = {
    {
        .path = "Contents",
        NEPH_FIELDS(object_fields),
        .kind = NEPH_KIND_OBJECT,
        .root = "ListBucketResult",
    },
    {
        .path = "CommonPrefixes",
        NEPH_FIELDS(prefix_fields),
        .kind = NEPH_KIND_PREFIX,
        .root = "ListBucketResult",
    },
    {.path = ".", NEPH_FIELDS(page_fields), .root = "ListBucketResult"},
    S3_RULE_ERROR,
};
static const neph_reply list_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, list_rules);
const neph_reply *const s3_object_list_replies[1] = {&list_reply};

/* Without encoding-type keys with control characters make the reply no XML. */
int32_t s3_object_list(neph_call *call, neph_request *request)
{
    int32_t rc = s3_ask(call, request, "GET", neph_argument(call, NEPH_OBJECT_BUCKET), NULL);
    if (!rc)
        rc = neph_request_query(request, "list-type", "2");
    if (!rc)
        rc = neph_request_query(request, "encoding-type", "url");
    if (!rc)
        rc = neph_storage_query(request, "prefix", neph_argument(call, NEPH_LIST_PREFIX));
    if (!rc)
        rc = neph_storage_query(request, "delimiter", neph_argument(call, NEPH_LIST_DELIMITER));
    if (!rc)
        rc = neph_storage_query(request, "start-after", neph_argument(call, NEPH_LIST_START_AFTER));
    return rc ? rc : neph_storage_page(call, request, "max-keys", PAGE_MAX);
}

/* ---- head: HeadObject */

static const neph_reply head_reply = NEPH_REPLY_OF(NEPH_REPLY_NONE, head_rules);
const neph_reply *const s3_object_head_replies[1] = {&head_reply};

int32_t s3_object_head(neph_call *call, neph_request *request)
{
    return object_ask(call, request, "HEAD");
}

/* ---- get: GetObject */

static const neph_reply get_reply = NEPH_REPLY_OF(NEPH_REPLY_BODY, head_rules);
const neph_reply *const s3_object_get_replies[1] = {&get_reply};

int32_t s3_object_get(neph_call *call, neph_request *request)
{
    int32_t rc = object_ask(call, request, "GET");
    return rc ? rc : neph_storage_range(call, request, "Range");
}

/* ---- put: PutObject */

static const neph_field put_fields[] = {
    {"header:ETag", .member = NEPH_OBJECT_ETAG, .flags = NEPH_FIELD_UNQUOTE},
    {"header:x-amz-version-id", .member = NEPH_OBJECT_VERSION},
};
static const neph_rule put_rules[] = {
    {.path = ".", NEPH_FIELDS(put_fields), .kind = NEPH_KIND_OBJECT},
};
static const neph_reply put_reply = NEPH_REPLY_OF(NEPH_REPLY_NONE, put_rules);
const neph_reply *const s3_object_put_replies[1] = {&put_reply};

int32_t s3_object_put(neph_call *call, neph_request *request)
{
    int32_t rc = object_ask(call, request, "PUT");
    if (!rc)
        rc = neph_request_body_source(request);
    if (!rc)
        rc = neph_storage_header(request, "Content-Type",
                                 neph_argument(call, NEPH_OBJECT_CONTENT_TYPE));
    if (!rc)
        rc = neph_storage_header(request, "x-amz-storage-class",
                                 neph_argument(call, NEPH_OBJECT_CLASS));
    if (!rc)
        rc = neph_storage_metadata(call, request, "x-amz-meta-");
    return rc ? rc : neph_storage_expect(request);
}

/* ---- copy: CopyObject, which may fail in spite of a 200 */

static const neph_field copy_fields[] = {
    {"ETag", .member = NEPH_OBJECT_ETAG, .flags = NEPH_FIELD_UNQUOTE},
    {"LastModified", .member = NEPH_OBJECT_MODIFIED},
    {"header:x-amz-version-id", .member = NEPH_OBJECT_VERSION},
};
static const neph_rule copy_rules[] = {
    {
        .path = ".",
        NEPH_FIELDS(copy_fields),
        .kind = NEPH_KIND_OBJECT,
        .root = "CopyObjectResult",
    },
    S3_RULE_ERROR,
};
static const neph_reply copy_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, copy_rules);
const neph_reply *const s3_object_copy_replies[1] = {&copy_reply};

int32_t s3_object_copy(neph_call *call, neph_request *request)
{
    const char *bucket = neph_argument(call, NEPH_COPY_BUCKET);
    const char *key = neph_argument(call, NEPH_COPY_KEY);
    int32_t rc = object_ask(call, request, "PUT");
    char data[4096];
    neph_text source;
    neph_text_init(&source, data, sizeof data);
    neph_text_add_char(&source, '/');
    neph_text_add_encoded(&source, bucket, strlen(bucket), NULL);
    neph_text_add_char(&source, '/');
    neph_text_add_encoded(&source, key, strlen(key), "/");
    if (source.status)
        return neph_fail(call, NEPH_LIMIT, "the key to copy from is too long");
    return rc ? rc : neph_request_header(request, "x-amz-copy-source", data);
}

/* ---- delete: DeleteObject */

int32_t s3_object_delete(neph_call *call, neph_request *request)
{
    return object_ask(call, request, "DELETE");
}

/* ---- presign */

int32_t s3_object_presign(neph_call *call, neph_request *request)
{
    static const char *const methods[] = {"GET", "PUT", "DELETE"};
    const char *method = neph_argument(call, NEPH_PRESIGN_METHOD);
    int64_t seconds = neph_argument_integer(call, NEPH_PRESIGN_SECONDS);
    if (seconds != NEPH_UNKNOWN && (seconds < 1 || seconds > PRESIGN_SECONDS_MAX))
        return neph_fail(call, NEPH_INVALID, "a presigned URL is good for 1 to %d seconds",
                         PRESIGN_SECONDS_MAX);
    for (size_t i = 0; i < NEPH_COUNT(methods); i++)
        if (!strcmp(method ? method : "GET", methods[i]))
            return object_ask(call, request, methods[i]);
    return neph_fail(call, NEPH_INVALID, "\"%.40s\" cannot be presigned: GET, PUT and DELETE can",
                     method);
}
