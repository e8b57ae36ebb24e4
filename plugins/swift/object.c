/*
 * object.c - objects of Swift: list, head, get, put, copy, delete. What a write must do about the segments of what it
 * replaces stands in segment.c.
 */
#include "swift.h"

#include "segment.h"

#define TAG_OF_NOTHING "d41d8cd98f00b204e9800998ecf8427e" /* MD5 */
#define COMPARED_NOTED "tags of large objects"            /* what If-Match does not know */

/* ---- list: GET container */

static const neph_field object_fields[] = {
    {"name", .member = NEPH_OBJECT_KEY},
    {"bytes", .member = NEPH_OBJECT_SIZE_BYTES},
    {"last_modified", .member = NEPH_OBJECT_MODIFIED},
    {"hash", .member = SWIFT_SCRATCH_TAG},
    {"slo_etag", .member = NEPH_OBJECT_ETAG, .flags = NEPH_FIELD_UNQUOTE},
    {"content_type", .member = NEPH_OBJECT_CONTENT_TYPE},
};
static const neph_field prefix_fields[] = {
    {".", .member = NEPH_PREFIX_NAME},
};
static const neph_rule list_rules[] = {
    {.path = "[]", NEPH_FIELDS(object_fields), .kind = NEPH_KIND_OBJECT},
    {.path = "[]/subdir", NEPH_FIELDS(prefix_fields), .kind = NEPH_KIND_PREFIX},
};
static const neph_reply list_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, list_rules);
const neph_reply *const swift_object_list_replies[1] = {&list_reply};

/* Of a large object Ceph lists the manifest, which has bytes and the tag of none: its own size and tag only head tells. */
static int32_t listed_tag(neph_call *call, neph_record *record)
{
    const char *tag = neph_scratch(call, SWIFT_SCRATCH_TAG);
    if (!tag || neph_record_get(record, NEPH_OBJECT_ETAG))
        return 0;
    if (!strcmp(tag, TAG_OF_NOTHING) && neph_record_get_integer(record, NEPH_OBJECT_SIZE_BYTES) > 0)
        return neph_record_set_integer(record, NEPH_OBJECT_SIZE_BYTES, NEPH_UNKNOWN);
    return neph_record_set(record, NEPH_OBJECT_ETAG, tag);
}

/* An element is an object or a "subdir". */
int32_t swift_object_listed(neph_call *call, neph_record *record)
{
    if (neph_record_get(record, NEPH_OBJECT_KEY))
        return listed_tag(call, record);
    return neph_record_get(record, NEPH_PREFIX_NAME) ? 0 : NEPH_DROP;
}

/* The page's own marker, added later, stands in place of where the listing starts. */
int32_t swift_object_list(neph_call *call, neph_request *request)
{
    int32_t rc = swift_ask(call, request, "GET", neph_argument(call, NEPH_OBJECT_BUCKET), NULL);
    if (!rc)
        rc = neph_request_query(request, "format", "json");
    if (!rc)
        rc = neph_storage_query(request, "prefix", neph_argument(call, NEPH_LIST_PREFIX));
    if (!rc)
        rc = neph_storage_query(request, "delimiter", neph_argument(call, NEPH_LIST_DELIMITER));
    if (!rc && !neph_page_token(call))
        rc = neph_storage_query(request, "marker", neph_argument(call, NEPH_LIST_START_AFTER));
    return rc ? rc : neph_storage_page(call, request, "limit", SWIFT_PAGE_MAX);
}

/* ---- head: HEAD object */

static const neph_field head_fields[] = {
    {"header:Content-Length", .member = NEPH_OBJECT_SIZE_BYTES},
    {"header:Last-Modified", .member = NEPH_OBJECT_MODIFIED},
    {"header:ETag", .member = NEPH_OBJECT_ETAG, .flags = NEPH_FIELD_UNQUOTE},
    {"header:Content-Type", .member = NEPH_OBJECT_CONTENT_TYPE},
    {"header:X-Object-Version-Id", .member = NEPH_OBJECT_VERSION},
    /* named, and so no part of the metadata: a time and a note of ours, a mark of Ceph's */
    {"header:X-Object-Meta-Mtime", .member = SWIFT_SCRATCH_MTIME},
    {"header:X-Object-Meta-Static-Large-Object", .member = SWIFT_SCRATCH_LARGE},
    {"header:" SWIFT_UPLOAD_NOTE, .member = SWIFT_SCRATCH_UPLOAD},
    {"header:X-Object-Meta-*", .member = NEPH_OBJECT_METADATA, .flags = NEPH_FIELD_PREFIX},
};
static const neph_rule head_rules[] = {
    {.path = ".", NEPH_FIELDS(head_fields), .kind = NEPH_KIND_OBJECT},
};
static const neph_reply head_reply = NEPH_REPLY_OF(NEPH_REPLY_NONE, head_rules);
const neph_reply *const swift_object_head_replies[2] = {&head_reply, &head_reply};

/* The entity tag of one object is its MD5; that of a large one is made of its segments'. A part of an object is not vouched
 * for by what is said of the whole. */
static int32_t checksum_set(neph_call *call, neph_record *record)
{
    const char *tag = neph_record_get(record, NEPH_OBJECT_ETAG);
    char data[64];
    neph_text text;
    if (neph_storage_is_ranged(call) || !tag || strspn(tag, "0123456789abcdef") != 32 || tag[32] ||
        swift_is_large(call) || neph_reply_header(call, "X-Object-Manifest"))
        return 0;
    neph_text_init(&text, data, sizeof data);
    neph_text_add(&text, "md5:");
    neph_text_add(&text, tag);
    return neph_record_set(record, NEPH_OBJECT_CHECKSUM, data);
}

/* Replies on one object do not name it. What has no ETag does not come from Swift: a web page in place of an object must
 * not pass for one. */
int32_t swift_object_each(neph_call *call, neph_record *record)
{
    const char *mtime = neph_scratch(call, SWIFT_SCRATCH_MTIME); /* what is no time is metadata */
    int32_t rc = neph_record_set(record, NEPH_OBJECT_KEY, neph_argument(call, NEPH_OBJECT_KEY));
    if (!rc && !neph_reply_header(call, "ETag"))
        return neph_fail(
            call, NEPH_PROTOCOL,
            "the reply has no ETag, so it is not from Swift: is there a proxy, or is the endpoint wrong?");
    if (!rc)
        rc = checksum_set(call, record);
    if (!rc)
        rc = neph_storage_modified(call, record, "X-Object-Meta-Mtime");
    if (!rc && mtime && neph_record_get_integer(record, NEPH_OBJECT_LOCAL_MODIFIED) == NEPH_UNKNOWN)
        rc = neph_record_add_pair(record, NEPH_OBJECT_METADATA, NEPH_STORAGE_MTIME, mtime);
    return rc ? rc : neph_storage_ranged(call, record);
}

/* ---- conditions: a server may compare them with the tag of the manifest (Ceph), so that none fits a large object. What is
 * refused is asked for without If-Match, and the tag that comes with it is compared here. */

enum { GET_IF = 0, GET_COMPARED };

static int32_t conditions_set(neph_call *call, neph_request *request)
{
    const char *match = neph_argument(call, NEPH_IF_MATCH);
    int is_compared = neph_call_step(call) == GET_COMPARED ||
                      neph_recall(neph_cloud_of(call), COMPARED_NOTED) != NULL;
    int32_t rc =
        neph_storage_condition(request, "If-None-Match", neph_argument(call, NEPH_IF_NONE_MATCH));
    return rc || is_compared ? rc : neph_storage_condition(request, "If-Match", match);
}

int32_t swift_object_got_fault(neph_call *call)
{
    const char *match = neph_argument(call, NEPH_IF_MATCH);
    return neph_reply_status(call) == 412 && neph_call_step(call) == GET_IF && match &&
                   strcmp(match, "*") != 0
               ? NEPH_FAULT_FINE
               : NEPH_FAULT_DEFAULT;
}

int32_t swift_object_got(neph_call *call)
{
    if (neph_reply_status(call) == 412)
        return neph_again(call, GET_COMPARED, 0);
    return neph_call_step(call) == GET_COMPARED && swift_is_large(call)
               ? neph_remember(neph_cloud_of(call), COMPARED_NOTED, "")
               : 0;
}

int32_t swift_object_got_each(neph_call *call, neph_record *record)
{
    const char *match = neph_argument(call, NEPH_IF_MATCH);
    const char *other = neph_argument(call, NEPH_IF_NONE_MATCH);
    int32_t rc = swift_object_each(call, record);
    const char *tag = neph_record_get(record, NEPH_OBJECT_ETAG);
    if (rc || !tag)
        return rc;
    return (match && strcmp(match, "*") != 0 && strcmp(match, tag) != 0) ||
                   (other && (!strcmp(other, "*") || !strcmp(other, tag)))
               ? swift_condition_fail(call)
               : 0;
}

int32_t swift_object_head(neph_call *call, neph_request *request)
{
    int32_t rc = swift_ask_object(call, request, "HEAD");
    return rc ? rc : conditions_set(call, request);
}

/* ---- get: GET object */

static const neph_reply get_reply = NEPH_REPLY_OF(NEPH_REPLY_BODY, head_rules);
const neph_reply *const swift_object_get_replies[2] = {&get_reply, &get_reply};

int32_t swift_object_get(neph_call *call, neph_request *request)
{
    int32_t rc = swift_ask_object(call, request, "GET");
    if (!rc)
        rc = conditions_set(call, request);
    return rc ? rc : neph_storage_range(call, request, "Range");
}

/* ---- put: PUT object */

static const neph_field put_fields[] = {
    {"header:ETag", .member = NEPH_OBJECT_ETAG, .flags = NEPH_FIELD_UNQUOTE},
    {"header:Last-Modified", .member = NEPH_OBJECT_MODIFIED},
};
static const neph_rule put_rules[] = {
    {.path = ".", NEPH_FIELDS(put_fields), .kind = NEPH_KIND_OBJECT},
};
const neph_reply swift_object_put_reply = NEPH_REPLY_OF(NEPH_REPLY_NONE, put_rules);

int32_t swift_object_facts(neph_call *call, neph_request *request)
{
    const char *tag = neph_argument(call, NEPH_IF_NONE_MATCH);
    int32_t rc =
        neph_storage_header(request, "Content-Type", neph_argument(call, NEPH_OBJECT_CONTENT_TYPE));
    if (tag && strcmp(tag, "*"))
        return neph_fail(
            call, NEPH_UNSUPPORTED,
            "Swift writes if there is no such object (\"*\"), not if it is another one");
    if (tag && !swift_checks(call))
        return neph_fail(call, NEPH_UNSUPPORTED,
                         "this server does not honour conditions of a write, and would overwrite");
    if (!rc)
        rc = neph_storage_metadata(call, request, "X-Object-Meta-");
    return rc ? rc : neph_storage_header(request, "If-None-Match", tag);
}

int32_t swift_body_digest(neph_call *call, neph_request *request)
{
    const char *algorithm = neph_argument(call, NEPH_CHECKSUM);
    char hex[NEPH_DIGEST_HEX_MAX];
    neph_request_view view;
    int32_t rc;
    if (!algorithm || strcmp(algorithm, "md5"))
        return 0;
    rc = neph_request_look(request, &view);
    if (rc || view.body_size < 0)
        return rc;
    rc = neph_request_body_digest(request, NEPH_DIGEST_MD5, hex, sizeof hex);
    return rc ? rc : neph_request_header(request, "ETag", hex);
}

static int32_t put_send(neph_call *call, neph_request *request)
{
    int32_t rc = swift_ask_object(call, request, "PUT");
    if (!rc)
        rc = neph_request_body_source(request);
    if (!rc)
        rc = swift_object_facts(call, request);
    if (!rc)
        rc = swift_body_digest(call, request);
    return rc ? rc : neph_storage_expect(request);
}

int32_t swift_object_put(neph_call *call, neph_request *request)
{
    return swift_write_ask(call, request, put_send);
}

/* ---- copy: PUT object with X-Copy-From. A large object becomes one of a piece: no two share segments. */

int32_t swift_copy_from(neph_call *call, neph_request *request)
{
    const char *bucket = neph_argument(call, NEPH_COPY_BUCKET);
    const char *key = neph_argument(call, NEPH_COPY_KEY);
    char data[4096];
    neph_text source;
    neph_text_init(&source, data, sizeof data);
    neph_text_add_char(&source, '/');
    neph_text_add_encoded(&source, bucket, strlen(bucket), NULL);
    neph_text_add_char(&source, '/');
    neph_text_add_encoded(&source, key, strlen(key), "/");
    if (source.status)
        return neph_fail(call, NEPH_LIMIT, "the key to copy from is too long");
    return neph_request_header(request, "X-Copy-From", data);
}

/* Metadata that is given replaces what the source has. */
static int32_t copy_send(neph_call *call, neph_request *request)
{
    const char *name;
    const char *value;
    int32_t rc = swift_ask_object(call, request, "PUT");
    if (!rc)
        rc = swift_copy_from(call, request);
    if (!rc && neph_argument_pair(call, NEPH_OBJECT_METADATA, 0, &name, &value))
        rc = neph_request_header(request, "X-Fresh-Metadata", "true");
    return rc ? rc : swift_object_facts(call, request);
}

int32_t swift_object_copy(neph_call *call, neph_request *request)
{
    return swift_write_ask(call, request, copy_send);
}

/* ---- delete: DELETE object, with its segments if it is a large one */

static int32_t delete_send(neph_call *call, neph_request *request)
{
    return swift_ask_object(call, request, "DELETE");
}

int32_t swift_object_delete(neph_call *call, neph_request *request)
{
    return swift_write_ask(call, request, delete_send);
}
