/*
 * object.c - one object of S3: head, get, put, copy, delete, presign.
 */
#include "s3.h"

#define PRESIGN_SECONDS_MAX 604800 /* a week: "X-Amz-Expires", S3 API reference */

/* What headers say of an object. */
static const neph_field head_fields[] = {
    {"header:Content-Length", .member = NEPH_OBJECT_SIZE_BYTES},
    {"header:Last-Modified", .member = NEPH_OBJECT_MODIFIED},
    {"header:ETag", .member = NEPH_OBJECT_ETAG, .flags = NEPH_FIELD_UNQUOTE},
    {"header:x-amz-storage-class", .member = NEPH_OBJECT_CLASS},
    {"header:Content-Type", .member = NEPH_OBJECT_CONTENT_TYPE},
    {"header:x-amz-version-id", .member = NEPH_OBJECT_VERSION},
    /* named, and so no part of the metadata: see local_modified_take() */
    {"header:" S3_LOCAL_MODIFIED, .member = S3_SCRATCH_LOCAL_MODIFIED},
    {"header:x-amz-meta-*", .member = NEPH_OBJECT_METADATA, .flags = NEPH_FIELD_PREFIX},
};
static const neph_rule head_rules[] = {
    {.path = ".", NEPH_FIELDS(head_fields), .kind = NEPH_KIND_OBJECT},
};

/* What is no time is somebody's metadata. */
static int32_t local_modified_take(neph_call *call, neph_record *record)
{
    const char *text = neph_reply_header(call, S3_LOCAL_MODIFIED);
    int32_t rc = neph_storage_modified(call, record, S3_LOCAL_MODIFIED);
    if (rc || !text || neph_record_get_integer(record, NEPH_OBJECT_LOCAL_MODIFIED) != NEPH_UNKNOWN)
        return rc;
    return neph_record_add_pair(record, NEPH_OBJECT_METADATA, NEPH_STORAGE_MTIME, text);
}

/* What is read of head and get alone: a part of an object is not vouched for by what is said of the whole. */
static int32_t facts_take(neph_call *call, neph_record *record)
{
    uint32_t op = neph_call_op(call);
    int32_t rc = 0;
    if (op == NEPH_OP_OBJECT_HEAD || op == NEPH_OP_OBJECT_GET)
        rc = local_modified_take(call, record);
    if (rc || op == NEPH_OP_OBJECT_COPY || neph_reply_status(call) == 206)
        return rc;
    return s3_checksum_take(call, record, NEPH_OBJECT_CHECKSUM);
}

/* Replies on one object do not name it, and a part of it has the length of the part. What has no ETag does not come
 * from S3: a web page in place of an object must not pass for one. */
int32_t s3_object_each(neph_call *call, neph_record *record)
{
    int32_t rc = neph_record_set(record, NEPH_OBJECT_KEY, neph_argument(call, NEPH_OBJECT_KEY));
    if (!rc && neph_call_op(call) != NEPH_OP_OBJECT_COPY && !neph_reply_header(call, "ETag"))
        return neph_fail(
            call, NEPH_PROTOCOL,
            "the reply has no ETag, so it is not from S3: is there a proxy, or is the endpoint wrong?");
    if (!rc)
        rc = facts_take(call, record);
    return rc ? rc : neph_storage_ranged(call, record);
}

/* ---- head: HeadObject */

static const neph_reply head_reply = NEPH_REPLY_OF(NEPH_REPLY_NONE, head_rules);
const neph_reply *const s3_object_head_replies[1] = {&head_reply};

/* What is looked at, which version of it, and under which conditions. */
static int32_t look_ask(neph_call *call, neph_request *request, const char *method)
{
    int32_t rc = s3_object_ask(call, request, method);
    if (!rc)
        rc = neph_storage_query(request, "versionId", neph_argument(call, NEPH_OBJECT_VERSION));
    if (!rc)
        rc = s3_checksum_want(call, request);
    return rc ? rc : s3_conditions_add(call, request, S3_PUT_IF_QUOTED);
}

int32_t s3_object_head(neph_call *call, neph_request *request)
{
    return look_ask(call, request, "HEAD");
}

/* ---- get: GetObject */

static const neph_reply get_reply = NEPH_REPLY_OF(NEPH_REPLY_BODY, head_rules);
const neph_reply *const s3_object_get_replies[1] = {&get_reply};

int32_t s3_object_get(neph_call *call, neph_request *request)
{
    int32_t rc = look_ask(call, request, "GET");
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
    int32_t rc = s3_object_ask(call, request, "PUT");
    if (!rc)
        rc = s3_facts_add(call, request);
    if (!rc)
        rc = s3_conditions_add(call, request, s3_memory(call)->quirks.put_if);
    return rc ? rc : s3_body_add(call, request);
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

/* Conditions on what is copied to, as the server spells them. */
static int32_t copy_conditions_add(neph_call *call, neph_request *request)
{
    int64_t style = s3_memory(call)->quirks.copy_if;
    int32_t rc;
    if (style != S3_COPY_IF_CLOUDFLARE)
        return s3_conditions_add(call, request, style == S3_COPY_IF_HEADER);
    rc = neph_storage_condition(request, "cf-copy-destination-if-match",
                                neph_argument(call, NEPH_IF_MATCH));
    return rc ? rc
              : neph_storage_condition(request, "cf-copy-destination-if-none-match",
                                       neph_argument(call, NEPH_IF_NONE_MATCH));
}

/* A copy has the facts of what it is made from, or the new ones alone. */
int32_t s3_object_copy(neph_call *call, neph_request *request)
{
    int32_t rc = s3_object_ask(call, request, "PUT");
    if (!rc)
        rc = s3_copy_source_add(call, request);
    if (!rc && s3_has_facts(call))
        rc = neph_request_header(request, "x-amz-metadata-directive", "REPLACE");
    if (!rc)
        rc = s3_facts_add(call, request);
    return rc ? rc : copy_conditions_add(call, request);
}

/* ---- delete: DeleteObject */

int32_t s3_object_delete(neph_call *call, neph_request *request)
{
    int32_t rc = s3_object_ask(call, request, "DELETE");
    if (!rc)
        rc = neph_storage_query(request, "versionId", neph_argument(call, NEPH_OBJECT_VERSION));
    return rc ? rc : s3_conditions_add(call, request, s3_memory(call)->quirks.has_delete_if);
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
            return s3_object_ask(call, request, methods[i]);
    return neph_fail(call, NEPH_INVALID, "\"%.40s\" cannot be presigned: GET, PUT and DELETE can",
                     method);
}
