/*
 * list.c - objects of a bucket in order of their keys: List Blobs.
 */
#include "azure.h"

#define PAGE_MAX 5000

/* The checksum is as the service writes it until azure_object_list_each() has seen it. */
static const neph_field object_fields[] = {
    {"Name/@Encoded", .member = AZURE_SCRATCH_ENCODED},
    {"Name", .member = NEPH_OBJECT_KEY, .flags = NEPH_FIELD_REQUIRED},
    {"VersionId", .member = NEPH_OBJECT_VERSION},
    {"Properties/Content-Length", .member = NEPH_OBJECT_SIZE_BYTES},
    {"Properties/Last-Modified", .member = NEPH_OBJECT_MODIFIED},
    {"Properties/Etag", .member = NEPH_OBJECT_ETAG, .flags = NEPH_FIELD_UNQUOTE},
    {"Properties/AccessTier", .member = NEPH_OBJECT_CLASS},
    {"Properties/Content-Type", .member = NEPH_OBJECT_CONTENT_TYPE},
    {"Properties/Content-MD5", .member = NEPH_OBJECT_CHECKSUM},
    {"Metadata/" NEPH_STORAGE_MTIME, .member = AZURE_SCRATCH_MTIME},
};
static const neph_field prefix_fields[] = {
    {"Name/@Encoded", .member = AZURE_SCRATCH_ENCODED},
    {"Name", .member = NEPH_PREFIX_NAME, .flags = NEPH_FIELD_REQUIRED},
};
static const neph_field page_fields[] = {
    {"NextMarker", .member = NEPH_PAGE_TOKEN},
};
static const neph_rule list_rules[] = {
    {
        .path = "Blobs/Blob",
        NEPH_FIELDS(object_fields),
        .kind = NEPH_KIND_OBJECT,
        .root = "EnumerationResults",
    },
    {
        .path = "Blobs/BlobPrefix",
        NEPH_FIELDS(prefix_fields),
        .kind = NEPH_KIND_PREFIX,
        .root = "EnumerationResults",
    },
    {.path = ".", NEPH_FIELDS(page_fields), .root = "EnumerationResults"},
};
static const neph_reply list_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, list_rules);
const neph_reply *const azure_object_list_replies[1] = {&list_reply};

int32_t azure_list_ask(neph_call *call, neph_request *request, const char *bucket,
                       const char *include)
{
    int32_t rc = azure_ask(call, request, "GET", bucket, NULL);
    if (!rc)
        rc = neph_request_query(request, "restype", "container");
    if (!rc)
        rc = neph_request_query(request, "comp", "list");
    return rc ? rc : neph_storage_query(request, "include", include);
}

/* The metadata is asked for because the file's time stands in it. What is dropped behind start_after is not counted by the
 * service, so that it gets no short pages then. */
int32_t azure_object_list(neph_call *call, neph_request *request)
{
    int32_t rc = azure_list_ask(call, request, neph_argument(call, NEPH_OBJECT_BUCKET), "metadata");
    if (!rc)
        rc = neph_storage_query(request, "prefix", neph_argument(call, NEPH_LIST_PREFIX));
    if (!rc)
        rc = neph_storage_query(request, "delimiter", neph_argument(call, NEPH_LIST_DELIMITER));
    if (rc || neph_argument(call, NEPH_LIST_START_AFTER))
        return rc;
    return neph_storage_page(call, request, "maxresults", PAGE_MAX);
}

/* A name that XML cannot hold is percent-encoded, since version 2021-02-12. */
int32_t azure_name_decode(neph_call *call, neph_record *record, int32_t member)
{
    const char *encoded = neph_scratch(call, AZURE_SCRATCH_ENCODED);
    const char *name = neph_record_get(record, member);
    char data[4096];
    size_t size = name ? strlen(name) : 0;
    int32_t rc;
    if (!encoded || strcmp(encoded, "true") != 0 || !size)
        return 0;
    if (size >= sizeof data)
        return neph_fail(call, NEPH_PROTOCOL, "a name in the listing is too long");
    size = neph_percent_decode(data, name, size);
    data[size] = '\0';
    if (strlen(data) != size)
        return neph_fail(call, NEPH_PROTOCOL, "a NUL in a name of the listing");
    rc = neph_record_set(record, member, data);
    return rc ? rc : neph_scratch_set(call, AZURE_SCRATCH_ENCODED, NULL);
}

int azure_name_is(const neph_call *call, const char *name)
{
    const char *found = neph_scratch(call, AZURE_SCRATCH_FOUND);
    const char *encoded = neph_scratch(call, AZURE_SCRATCH_ENCODED);
    char data[4096];
    size_t size = found ? strlen(found) : 0;
    if (!size || size >= sizeof data)
        return 0;
    memcpy(data, found, size);
    if (encoded && !strcmp(encoded, "true"))
        size = neph_percent_decode(data, data, size);
    return size == strlen(name) && !memcmp(data, name, size);
}

/* The service has no such parameter, so all is read and what stands before is dropped: of the prefixes, those that no key
 * behind it can begin with. */
static int is_skipped(const neph_call *call, const char *name, int is_prefix)
{
    const char *start = neph_argument(call, NEPH_LIST_START_AFTER);
    if (!start || strcmp(name, start) > 0)
        return 0;
    return !is_prefix || strncmp(name, start, strlen(name)) != 0;
}

int32_t azure_object_list_each(neph_call *call, neph_record *record)
{
    const char *key = neph_record_get(record, NEPH_OBJECT_KEY);
    int32_t member = key ? NEPH_OBJECT_KEY : NEPH_PREFIX_NAME;
    char md5[64];
    neph_text text;
    int32_t rc = azure_name_decode(call, record, member);
    if (rc || is_skipped(call, neph_record_get(record, member), !key))
        return rc ? rc : NEPH_DROP;
    if (!key)
        return 0;
    neph_text_init(&text, md5, sizeof md5);
    neph_text_add(&text, neph_record_get(record, NEPH_OBJECT_CHECKSUM));
    rc = neph_record_set(record, NEPH_OBJECT_CHECKSUM, NULL);
    if (!rc)
        rc = neph_storage_checksum(record, NEPH_OBJECT_CHECKSUM, "md5", md5);
    if (!rc)
        rc = neph_storage_mtime(record, neph_scratch(call, AZURE_SCRATCH_MTIME));
    return rc ? rc : neph_scratch_set(call, AZURE_SCRATCH_MTIME, NULL);
}
