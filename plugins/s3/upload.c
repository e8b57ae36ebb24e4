/*
 * upload.c - objects of S3 that are sent in parts: list, begin, part, copy of a part, list of parts, abort, and what
 * storage takes. What makes the object of its parts stands in complete.c.
 */
#include "s3.h"

#define ABORTS_MAX 5
#define ABORT_DELAY_MS 500

/* Ceph says of an upload that there is not what it says of an object. */
int s3_is_no_upload(const neph_call *call)
{
    const char *code = neph_error_code(call);
    return code && (!strcmp(code, "NoSuchUpload") || !strcmp(code, "NoSuchKey"));
}

/* Begins a request about the call's upload. */
static int32_t upload_ask(neph_call *call, neph_request *request, const char *method)
{
    int32_t rc = s3_object_ask(call, request, method);
    return rc ? rc : neph_request_query(request, "uploadId", neph_argument(call, NEPH_UPLOAD_ID));
}

/* ---- list: ListMultipartUploads */

static const neph_field upload_fields[] = {
    {"Key", .member = NEPH_UPLOAD_KEY, .flags = NEPH_FIELD_URL_IF | NEPH_FIELD_REQUIRED},
    {"UploadId", .member = NEPH_UPLOAD_ID, .flags = NEPH_FIELD_REQUIRED},
    {"Initiated", .member = NEPH_UPLOAD_CREATED},
};
static const neph_field uploads_page_fields[] = {
    {"NextKeyMarker", .member = S3_SCRATCH_KEY_MARKER, .flags = NEPH_FIELD_URL_IF},
    {"NextUploadIdMarker", .member = S3_SCRATCH_ID_MARKER},
    {"IsTruncated", .member = NEPH_PAGE_MORE},
    {"EncodingType", .member = S3_SCRATCH_ENCODING},
};
static const neph_rule list_rules[] = {
    {
        .path = "Upload",
        NEPH_FIELDS(upload_fields),
        .kind = NEPH_KIND_UPLOAD,
        .root = "ListMultipartUploadsResult",
    },
    {.path = ".", NEPH_FIELDS(uploads_page_fields), .root = "ListMultipartUploadsResult"},
    S3_RULE_ERROR,
};
static const neph_reply list_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, list_rules);
const neph_reply *const s3_upload_list_replies[1] = {&list_reply};

int32_t s3_upload_list(neph_call *call, neph_request *request)
{
    int32_t rc = s3_ask(call, request, "GET", neph_argument(call, NEPH_OBJECT_BUCKET), NULL);
    if (!rc)
        rc = neph_request_query(request, "uploads", NULL);
    if (!rc && s3_memory(call)->quirks.is_upload_encoding)
        rc = neph_request_query(request, "encoding-type", "url");
    if (!rc)
        rc = neph_storage_query(request, "prefix", neph_argument(call, NEPH_LIST_PREFIX));
    if (!rc)
        rc = neph_storage_page(call, request, "max-uploads", S3_PAGE_MAX);
    return rc ? rc : s3_marker_add(call, request, "upload-id-marker");
}

/* ---- begin: CreateMultipartUpload */

static const neph_field begin_fields[] = {
    {"UploadId", .member = NEPH_UPLOAD_ID, .flags = NEPH_FIELD_REQUIRED},
};
static const neph_rule begin_rules[] = {
    {
        .path = ".",
        NEPH_FIELDS(begin_fields),
        .kind = NEPH_KIND_UPLOAD,
        .root = "InitiateMultipartUploadResult",
    },
    S3_RULE_ERROR,
};
static const neph_reply begin_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, begin_rules);
const neph_reply *const s3_upload_begin_replies[1] = {&begin_reply};

int32_t s3_upload_begin(neph_call *call, neph_request *request)
{
    int32_t rc = s3_object_ask(call, request, "POST");
    if (!rc)
        rc = neph_request_query(request, "uploads", NULL);
    if (!rc)
        rc = s3_facts_add(call, request);
    return rc ? rc : s3_checksum_begin(call, request);
}

int32_t s3_upload_begin_each(neph_call *call, neph_record *record)
{
    return neph_record_set(record, NEPH_UPLOAD_KEY, neph_argument(call, NEPH_OBJECT_KEY));
}

/* ---- part: UploadPart */

static const neph_field part_fields[] = {
    {"header:ETag", .member = NEPH_PART_ETAG, .flags = NEPH_FIELD_UNQUOTE},
};
static const neph_rule part_rules[] = {
    {.path = ".", NEPH_FIELDS(part_fields), .kind = NEPH_KIND_PART},
};
static const neph_reply part_reply = NEPH_REPLY_OF(NEPH_REPLY_NONE, part_rules);
const neph_reply *const s3_upload_part_replies[1] = {&part_reply};

/* The parameters of a part stand before the upload's: the order does not matter to anybody. */
static int32_t part_ask(neph_call *call, neph_request *request)
{
    int32_t rc = upload_ask(call, request, "PUT");
    return rc ? rc
              : s3_number_add(request, "partNumber", neph_argument_integer(call, NEPH_PART_NUMBER));
}

int32_t s3_upload_part(neph_call *call, neph_request *request)
{
    int32_t rc = part_ask(call, request);
    return rc ? rc : s3_body_add(call, request);
}

int32_t s3_upload_part_each(neph_call *call, neph_record *record)
{
    int32_t rc = neph_record_set_integer(record, NEPH_PART_NUMBER,
                                         neph_argument_integer(call, NEPH_PART_NUMBER));
    if (!rc && !neph_record_get(record, NEPH_PART_ETAG))
        return neph_fail(
            call, NEPH_PROTOCOL,
            "the reply has no ETag, so it is not from S3: is there a proxy, or is the endpoint wrong?");
    return rc ? rc : s3_checksum_take(call, record, NEPH_PART_CHECKSUM);
}

/* ---- copy: UploadPartCopy, which may fail in spite of a 200 */

static const neph_field copy_fields[] = {
    {"ETag", .member = NEPH_PART_ETAG, .flags = NEPH_FIELD_UNQUOTE | NEPH_FIELD_REQUIRED},
    {"LastModified", .member = NEPH_PART_MODIFIED},
};
static const neph_rule copy_rules[] = {
    {
        .path = ".",
        NEPH_FIELDS(copy_fields),
        .kind = NEPH_KIND_PART,
        .root = "CopyPartResult",
    },
    S3_RULE_ERROR,
};
static const neph_reply copy_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, copy_rules);
const neph_reply *const s3_upload_copy_replies[1] = {&copy_reply};

int32_t s3_upload_copy(neph_call *call, neph_request *request)
{
    int64_t offset = neph_argument_integer(call, NEPH_RANGE_OFFSET);
    int64_t length = neph_argument_integer(call, NEPH_RANGE_LENGTH);
    int32_t rc = part_ask(call, request);
    if (!rc && offset != NEPH_UNKNOWN && offset && (length == NEPH_UNKNOWN || !length))
        return neph_fail(call, NEPH_INVALID, "a part of an object needs offset and length");
    if (!rc)
        rc = s3_copy_source_add(call, request);
    return rc ? rc : neph_storage_range(call, request, "x-amz-copy-source-range");
}

/* ---- parts: ListParts */

#define LISTED(element, checksum)                                                                  \
    {                                                                                              \
        element, .member = S3_SCRATCH_CHECKSUM + (checksum)                                        \
    }

static const neph_field parts_fields[] = {
    {"PartNumber", .member = NEPH_PART_NUMBER, .flags = NEPH_FIELD_REQUIRED},
    {"Size", .member = NEPH_PART_SIZE_BYTES},
    {"ETag", .member = NEPH_PART_ETAG, .flags = NEPH_FIELD_UNQUOTE | NEPH_FIELD_REQUIRED},
    {"LastModified", .member = NEPH_PART_MODIFIED},
    LISTED("ChecksumCRC32", S3_CHECKSUM_CRC32),
    LISTED("ChecksumCRC32C", S3_CHECKSUM_CRC32C),
    LISTED("ChecksumCRC64NVME", S3_CHECKSUM_CRC64NVME),
    LISTED("ChecksumSHA1", S3_CHECKSUM_SHA1),
    LISTED("ChecksumSHA256", S3_CHECKSUM_SHA256),
};
static const neph_field parts_page_fields[] = {
    {"NextPartNumberMarker", .member = NEPH_PAGE_TOKEN},
    {"IsTruncated", .member = NEPH_PAGE_MORE},
};
#define PARTS_RULES(name)                                                                          \
    {                                                                                              \
        .path = "Part",                                                                            \
        NEPH_FIELDS(parts_fields),                                                                 \
        .kind = NEPH_KIND_PART,                                                                    \
        .root = (name),                                                                            \
    },                                                                                             \
    {                                                                                              \
        .path = ".", NEPH_FIELDS(parts_page_fields), .root = (name)                                \
    }

/* moto calls the document otherwise */
static const neph_rule parts_rules[] = {
    PARTS_RULES("ListPartsResult"),
    PARTS_RULES("ListPartsResponse"),
    S3_RULE_ERROR,
};
static const neph_reply parts_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, parts_rules);
const neph_reply *const s3_upload_parts_replies[1] = {&parts_reply};

int32_t s3_upload_parts(neph_call *call, neph_request *request)
{
    int32_t rc = upload_ask(call, request, "GET");
    return rc ? rc : neph_storage_page(call, request, "max-parts", S3_PAGE_MAX);
}

/* A listing does not tell what the parts are encrypted with, so their ETags may be no MD5. */
int32_t s3_upload_parts_each(neph_call *call, neph_record *record)
{
    return s3_checksum_take_listed(call, record, NEPH_PART_CHECKSUM);
}

/* ---- abort: AbortMultipartUpload; parts that were on their way meanwhile may have arrived behind it */

static const neph_reply abort_reply = {.size = sizeof(neph_reply), .format = NEPH_REPLY_NONE};
static const neph_field left_fields[] = {{"PartNumber", .member = S3_SCRATCH_PART}};
static const neph_rule left_rules[] = {
    {.path = "Part", NEPH_FIELDS(left_fields), .root = "ListPartsResult"},
    {.path = "Part", NEPH_FIELDS(left_fields), .root = "ListPartsResponse"},
    S3_RULE_ERROR,
};
static const neph_reply left_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, left_rules);
const neph_reply *const s3_upload_abort_replies[2] = {&abort_reply, &left_reply};

/* Even steps abort, odd ones look whether parts are left. */
int32_t s3_upload_abort(neph_call *call, neph_request *request)
{
    int32_t rc = neph_scratch_set(call, S3_SCRATCH_PART, NULL);
    if (!rc && !(neph_call_step(call) & 1))
        return upload_ask(call, request, "DELETE");
    if (!rc)
        rc = upload_ask(call, request, "GET");
    return rc ? rc : neph_request_query(request, "max-parts", "1");
}

int32_t s3_upload_abort_then(neph_call *call)
{
    uint32_t step = neph_call_step(call);
    if (!(step & 1))
        return neph_again(call, step + 1, 0);
    if (!neph_scratch(call, S3_SCRATCH_PART))
        return 0;
    if (step >= 2 * ABORTS_MAX)
        return neph_fail(call, NEPH_CONFLICT,
                         "the upload still has parts: is somebody sending them? Abort it again");
    return neph_again(call, step + 1, ABORT_DELAY_MS);
}

/* ---- limits */

int32_t s3_storage_limits(neph_call *call)
{
    const neph_cloud *cloud = neph_cloud_of(call);
    const s3_quirks *quirks = &s3_memory(call)->quirks;
    const struct {
        int32_t member;
        int64_t value;
    } rows[] = {
        {NEPH_LIMITS_OBJECT_BYTES, quirks->object_bytes},
        {NEPH_LIMITS_PUT_BYTES, quirks->put_bytes},
        {NEPH_LIMITS_PART_BYTES_MIN, quirks->part_bytes_min},
        {NEPH_LIMITS_PART_BYTES_MAX, quirks->part_bytes_max},
        {NEPH_LIMITS_PART_COUNT, quirks->part_count},
        {NEPH_LIMITS_EQUAL_PARTS, quirks->is_equal},
        {NEPH_LIMITS_COPY_BYTES, quirks->copy_bytes},
        {NEPH_LIMITS_DELETE_COUNT, quirks->delete_count},
    };
    neph_record *record = neph_record_new(call, NEPH_KIND_LIMITS);
    int32_t rc = record ? 0 : NEPH_NO_MEMORY;
    for (size_t i = 0; !rc && i < NEPH_COUNT(rows); i++)
        if (rows[i].value != NEPH_UNKNOWN)
            rc = neph_record_set_integer(record, rows[i].member, rows[i].value);
    if (!rc)
        rc = neph_record_set(record, NEPH_LIMITS_CHECKSUM,
                             s3_checksum_name(s3_checksum_default(cloud, quirks)));
    if (!rc)
        rc = neph_record_emit(call, record);
    return rc == NEPH_AGAIN ? 0 : rc;
}
