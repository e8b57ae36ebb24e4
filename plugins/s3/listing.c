/*
 * listing.c - what is in a bucket: objects, in both versions of the listing, and all versions of them.
 */
#include "s3.h"

/* ---- list: ListObjectsV2, and ListObjects where a server has no other */

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
    {"NextMarker", .member = S3_SCRATCH_KEY_MARKER, .flags = NEPH_FIELD_URL_IF},
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

static int is_first_version(const neph_call *call)
{
    return s3_memory(call)->quirks.list == S3_LIST_V1;
}

/* The names under which the two versions take the place to begin behind. */
static int32_t place_add(neph_call *call, neph_request *request)
{
    const char *token = neph_page_token(call);
    const char *after = neph_argument(call, NEPH_LIST_START_AFTER);
    int32_t rc;
    if (is_first_version(call))
        return neph_storage_query(request, "marker", token ? token : after);
    rc = neph_request_query(request, "list-type", "2");
    if (!rc)
        rc = neph_storage_query(request, "start-after", after);
    return rc ? rc : neph_storage_query(request, "continuation-token", token);
}

/* Without encoding-type keys with control characters make the reply no XML. */
static int32_t encoding_add(neph_call *call, neph_request *request)
{
    return s3_memory(call)->quirks.is_encoding ? neph_request_query(request, "encoding-type", "url")
                                               : 0;
}

int32_t s3_object_list(neph_call *call, neph_request *request)
{
    int32_t rc = s3_ask(call, request, "GET", neph_argument(call, NEPH_OBJECT_BUCKET), NULL);
    if (!rc)
        rc = place_add(call, request);
    if (!rc)
        rc = encoding_add(call, request);
    if (!rc)
        rc = neph_storage_query(request, "prefix", neph_argument(call, NEPH_LIST_PREFIX));
    if (!rc)
        rc = neph_storage_query(request, "delimiter", neph_argument(call, NEPH_LIST_DELIMITER));
    return rc ? rc : neph_storage_page(call, request, "max-keys", S3_PAGE_MAX);
}

/* Where the first version does not say where the next page begins, it begins behind the last key or prefix. */
int32_t s3_object_list_each(neph_call *call, neph_record *record)
{
    const char *last = neph_scratch(call, S3_SCRATCH_LAST);
    const char *name;
    if (!is_first_version(call))
        return 0;
    name = neph_record_get(record, NEPH_OBJECT_KEY);
    if (!name)
        name = neph_record_get(record, NEPH_PREFIX_NAME);
    return name && (!last || strcmp(name, last) > 0) ? neph_scratch_set(call, S3_SCRATCH_LAST, name)
                                                     : 0;
}

int32_t s3_object_list_then(neph_call *call)
{
    const char *marker = neph_scratch(call, S3_SCRATCH_KEY_MARKER);
    int32_t rc;
    if (!is_first_version(call))
        return 0;
    if (!marker || !*marker)
        marker = neph_scratch(call, S3_SCRATCH_LAST);
    rc = marker ? neph_scratch_set(call, NEPH_PAGE_TOKEN, marker) : 0;
    return rc ? rc : neph_scratch_set(call, S3_SCRATCH_KEY_MARKER, NULL);
}

/* ---- versions: ListObjectVersions */

static const neph_map version_map[] = {{NULL, 0}};
static const neph_map marker_map[] = {{NULL, 1}};

#define VERSION_FIELDS(map_of_kind)                                                                \
    {"Key", .member = NEPH_OBJECT_KEY, .flags = NEPH_FIELD_URL_IF | NEPH_FIELD_REQUIRED},          \
        {"VersionId", .member = NEPH_OBJECT_VERSION},                                              \
        {"LastModified", .member = NEPH_OBJECT_MODIFIED},                                          \
        {"IsLatest", .member = NEPH_OBJECT_LATEST},                                                \
    {                                                                                              \
        "IsLatest", .member = NEPH_OBJECT_DELETED, .map = (map_of_kind)                            \
    }

static const neph_field version_fields[] = {
    VERSION_FIELDS(version_map),
    {"Size", .member = NEPH_OBJECT_SIZE_BYTES},
    {"ETag", .member = NEPH_OBJECT_ETAG, .flags = NEPH_FIELD_UNQUOTE},
    {"StorageClass", .member = NEPH_OBJECT_CLASS},
};
static const neph_field marker_fields[] = {VERSION_FIELDS(marker_map)};
static const neph_field versions_page_fields[] = {
    {"NextKeyMarker", .member = S3_SCRATCH_KEY_MARKER, .flags = NEPH_FIELD_URL_IF},
    {"NextVersionIdMarker", .member = S3_SCRATCH_ID_MARKER},
    {"IsTruncated", .member = NEPH_PAGE_MORE},
    {"EncodingType", .member = S3_SCRATCH_ENCODING},
};
static const neph_rule versions_rules[] = {
    {
        .path = "Version",
        NEPH_FIELDS(version_fields),
        .kind = NEPH_KIND_OBJECT,
        .root = "ListVersionsResult",
    },
    {
        .path = "DeleteMarker",
        NEPH_FIELDS(marker_fields),
        .kind = NEPH_KIND_OBJECT,
        .root = "ListVersionsResult",
    },
    {
        .path = "CommonPrefixes",
        NEPH_FIELDS(prefix_fields),
        .kind = NEPH_KIND_PREFIX,
        .root = "ListVersionsResult",
    },
    {.path = ".", NEPH_FIELDS(versions_page_fields), .root = "ListVersionsResult"},
    S3_RULE_ERROR,
};
static const neph_reply versions_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, versions_rules);
const neph_reply *const s3_object_versions_replies[1] = {&versions_reply};

int32_t s3_object_versions(neph_call *call, neph_request *request)
{
    int32_t rc = s3_ask(call, request, "GET", neph_argument(call, NEPH_OBJECT_BUCKET), NULL);
    if (!rc)
        rc = neph_request_query(request, "versions", NULL);
    if (!rc)
        rc = encoding_add(call, request);
    if (!rc)
        rc = neph_storage_query(request, "prefix", neph_argument(call, NEPH_LIST_PREFIX));
    if (!rc)
        rc = neph_storage_query(request, "delimiter", neph_argument(call, NEPH_LIST_DELIMITER));
    if (!rc)
        rc = neph_storage_page(call, request, "max-keys", S3_PAGE_MAX);
    if (!rc && !neph_page_token(call))
        return neph_storage_query(request, "key-marker",
                                  neph_argument(call, NEPH_LIST_START_AFTER));
    return rc ? rc : s3_marker_add(call, request, "version-id-marker");
}
