/*
 * upload.c - objects in parts: segments in the bucket of segments as KEY/ID/NUMBER, made one object by a manifest (SLO).
 * An upload under way is noted there by an empty object, neph-uploads/KEY/ID, so that it can be found and given up.
 */
#include "segment.h"

#include <neph/kit/json.h>

/* ---- list: markers in the bucket of segments */

enum { LIST_MARKERS = 0, LIST_BUCKET };

/* The name is the token of the page behind it, too. */
static const neph_field marker_fields[] = {
    {"name", .member = SWIFT_SCRATCH_SEGMENT},
    {"last_modified", .member = NEPH_UPLOAD_CREATED},
};
static const neph_field page_fields[] = {
    {"[]/name", .member = NEPH_PAGE_TOKEN},
};
static const neph_rule marker_rules[] = {
    {.path = "[]", NEPH_FIELDS(marker_fields), .kind = NEPH_KIND_UPLOAD},
    {.path = ".", NEPH_FIELDS(page_fields)},
};
static const neph_reply marker_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, marker_rules);
const neph_reply *const swift_upload_list_replies[2] = {&marker_reply, &swift_none_reply};

int32_t swift_upload_list(neph_call *call, neph_request *request)
{
    char name[SWIFT_NAME_SIZE];
    int32_t rc;
    if (neph_call_step(call) == LIST_BUCKET)
        return swift_ask(call, request, "HEAD", neph_argument(call, NEPH_OBJECT_BUCKET), NULL);
    rc = swift_marker_name(call, name, NULL, neph_argument(call, NEPH_LIST_PREFIX));
    return rc ? rc : swift_ask_listing(call, request, name);
}

/* No bucket of segments: no upload, if there is a bucket at all. */
int32_t swift_upload_list_then(neph_call *call)
{
    if (neph_call_step(call) == LIST_MARKERS && neph_reply_status(call) == 404)
        return neph_again(call, LIST_BUCKET, 0);
    return 0;
}

/* Segments of keys that begin like a marker are none. */
int32_t swift_upload_listed(neph_call *call, neph_record *record)
{
    const char *name = neph_scratch(call, SWIFT_SCRATCH_SEGMENT);
    const char *key = name ? strchr(name, '/') : NULL;
    const char *id = name ? strrchr(name, '/') : NULL;
    char data[SWIFT_NAME_SIZE];
    neph_text text;
    int32_t rc;
    if (!key || id <= key || strspn(id + 1, "0123456789abcdef") != SWIFT_ID_SIZE ||
        id[SWIFT_ID_SIZE + 1])
        return NEPH_DROP;
    neph_text_init(&text, data, sizeof data);
    neph_text_add_bytes(&text, key + 1, (size_t)(id - key - 1));
    rc = text.status ? NEPH_DROP : neph_record_set(record, NEPH_UPLOAD_KEY, data);
    return rc ? rc : neph_record_set(record, NEPH_UPLOAD_ID, id + 1);
}

/* ---- begin: bucket of segments, marker */

enum { BEGIN_BUCKET = 0, BEGIN_SEGMENTS, BEGIN_MARKER };

const neph_reply *const swift_upload_begin_replies[3] = {&swift_none_reply, &swift_none_reply,
                                                         &swift_none_reply};

typedef struct upload {
    char id[SWIFT_ID_SIZE + 1];
} upload;

/* Made once, so that an attempt that is asked again makes no second one. */
static int32_t id_make(neph_call *call, upload *memory)
{
    unsigned char bytes[SWIFT_ID_SIZE / 2];
    neph_text text;
    int32_t rc = memory->id[0] ? 0 : neph_random(call, bytes, sizeof bytes);
    if (rc || memory->id[0])
        return rc;
    neph_text_init(&text, memory->id, sizeof memory->id);
    neph_text_add_hex(&text, bytes, sizeof bytes);
    return 0;
}

static int32_t marker_ask(neph_call *call, neph_request *request)
{
    upload *memory = neph_call_memory(call, sizeof(upload));
    char name[SWIFT_NAME_SIZE];
    char segment[SWIFT_NAME_SIZE];
    int32_t rc = memory ? id_make(call, memory) : neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    if (!rc)
        rc = swift_marker_name(call, name, memory->id, NULL);
    if (!rc)
        rc = swift_segment_name(call, segment, memory->id, SWIFT_SEGMENT_MAX);
    return rc ? rc : swift_ask_segments(call, request, "PUT", name);
}

int32_t swift_upload_begin(neph_call *call, neph_request *request)
{
    int32_t rc;
    if (swift_segments_most(call) == 0)
        return neph_fail(call, NEPH_UNSUPPORTED, "this server has no large objects (SLO)");
    switch (neph_call_step(call)) {
    case BEGIN_SEGMENTS: return swift_ask_segments(call, request, "PUT", NULL);
    case BEGIN_MARKER: return marker_ask(call, request);
    default: break;
    }
    if (swift_segments_known(call) != 1)
        return swift_ask(call, request, "HEAD", neph_argument(call, NEPH_OBJECT_BUCKET), NULL);
    rc = neph_again(call, BEGIN_MARKER, 0);
    return rc ? rc : NEPH_AGAIN;
}

static int32_t begun(neph_call *call)
{
    const upload *memory = neph_call_memory(call, sizeof(upload));
    neph_record *record = neph_record_new(call, NEPH_KIND_UPLOAD);
    int32_t rc = record && memory ? neph_record_set(record, NEPH_UPLOAD_ID, memory->id)
                                  : neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    if (!rc)
        rc = neph_record_set(record, NEPH_UPLOAD_KEY, neph_argument(call, NEPH_OBJECT_KEY));
    if (!rc)
        rc = neph_record_set_integer(record, NEPH_UPLOAD_CREATED, neph_call_now(call));
    if (!rc)
        rc = neph_remember(neph_cloud_of(call), memory->id, "");
    if (!rc)
        rc = neph_record_emit(call, record);
    return rc == NEPH_AGAIN ? 0 : rc;
}

int32_t swift_upload_begin_then(neph_call *call)
{
    int32_t rc = 0;
    if (neph_call_step(call) == BEGIN_MARKER)
        return begun(call);
    if (neph_call_step(call) == BEGIN_SEGMENTS)
        rc = swift_segments_remember(call, 1);
    return rc ? rc : neph_again(call, neph_call_step(call) + 1, 0);
}

/* ---- part: a segment, sent or copied */

static const neph_field part_fields[] = {
    {"header:ETag", .member = NEPH_PART_ETAG, .flags = NEPH_FIELD_UNQUOTE | NEPH_FIELD_REQUIRED},
    {"header:Last-Modified", .member = NEPH_PART_MODIFIED},
};
static const neph_rule part_rules[] = {
    {.path = ".", NEPH_FIELDS(part_fields), .kind = NEPH_KIND_PART},
};
static const neph_reply part_reply = NEPH_REPLY_OF(NEPH_REPLY_NONE, part_rules);
const neph_reply *const swift_upload_part_replies[3] = {&part_reply, &swift_none_reply,
                                                        &swift_info_reply};

enum { PART_SEND = 0, PART_MARKER, PART_INFO };

/* The entity tag of a segment is its MD5. */
static int32_t part_checksum(neph_record *record)
{
    char data[64];
    neph_text text;
    neph_text_init(&text, data, sizeof data);
    neph_text_add(&text, "md5:");
    neph_text_add(&text, neph_record_get(record, NEPH_PART_ETAG));
    return text.size == 36 ? neph_record_set(record, NEPH_PART_CHECKSUM, data) : 0;
}

int32_t swift_upload_part_each(neph_call *call, neph_record *record)
{
    int32_t rc = neph_record_set_integer(record, NEPH_PART_NUMBER,
                                         neph_argument_integer(call, NEPH_PART_NUMBER));
    return rc ? rc : part_checksum(record);
}

static int32_t part_ask(neph_call *call, neph_request *request)
{
    int64_t number = neph_argument_integer(call, NEPH_PART_NUMBER);
    char name[SWIFT_NAME_SIZE];
    int32_t rc = swift_segment_name(call, name, neph_argument(call, NEPH_UPLOAD_ID), number);
    if (!rc && number < 1)
        rc = neph_fail(call, NEPH_INVALID, "a part's number is 1 to %d", SWIFT_SEGMENT_MAX);
    return rc ? rc : swift_ask_segments(call, request, "PUT", name);
}

static int32_t part_send(neph_call *call, neph_request *request)
{
    int32_t rc = part_ask(call, request);
    if (!rc)
        rc = neph_request_body_source(request);
    if (!rc)
        rc = swift_body_digest(call, request);
    return rc ? rc : neph_storage_expect(request);
}

static int32_t part_copy(neph_call *call, neph_request *request)
{
    int32_t rc = part_ask(call, request);
    if (!rc)
        rc = swift_copy_from(call, request);
    return rc ? rc : neph_storage_range(call, request, "Range");
}

/* A segment of an upload that is not there would lie about for ever: the marker is looked at before the first one. */
static int32_t part_first(neph_call *call, neph_request *request, swift_send_fn send)
{
    const char *id = neph_argument(call, NEPH_UPLOAD_ID);
    char name[SWIFT_NAME_SIZE];
    int32_t rc = swift_marker_name(call, name, id, NULL);
    if (rc)
        return rc;
    if (neph_call_step(call) == PART_MARKER)
        return swift_ask_segments(call, request, "HEAD", name);
    if (neph_recall(neph_cloud_of(call), id))
        return send(call, request);
    rc = neph_again(call, PART_MARKER, 0);
    return rc ? rc : NEPH_AGAIN;
}

int32_t swift_upload_part(neph_call *call, neph_request *request)
{
    return part_first(call, request, part_send);
}

/* A range that is ignored, or a segment that is a manifest, would make another object. */
int32_t swift_upload_copy(neph_call *call, neph_request *request)
{
    int32_t rc;
    if (neph_call_step(call) == PART_INFO)
        return swift_info_ask(call, request);
    if (!swift_checks(call))
        return neph_fail(call, NEPH_UNSUPPORTED, "this server copies no part of an object");
    if (swift_bulk_known(call) >= 0)
        return part_first(call, request, part_copy);
    rc = neph_again(call, PART_INFO, 0);
    return rc ? rc : NEPH_AGAIN;
}

int32_t swift_upload_part_then(neph_call *call)
{
    int32_t rc;
    if (neph_call_step(call) == PART_SEND)
        return 0;
    rc = neph_call_step(call) == PART_INFO
             ? swift_info_then(call)
             : neph_remember(neph_cloud_of(call), neph_argument(call, NEPH_UPLOAD_ID), "");
    return rc ? rc : neph_again(call, PART_SEND, 0);
}

/* ---- parts: the segments that are there */

enum { PARTS_MARKER = 0, PARTS_LIST };

static const neph_field listed_fields[] = {
    {"name", .member = SWIFT_SCRATCH_SEGMENT},
    {"bytes", .member = NEPH_PART_SIZE_BYTES},
    {"hash", .member = NEPH_PART_ETAG, .flags = NEPH_FIELD_REQUIRED},
    {"last_modified", .member = NEPH_PART_MODIFIED},
};
static const neph_rule listed_rules[] = {
    {.path = "[]", NEPH_FIELDS(listed_fields), .kind = NEPH_KIND_PART},
    {.path = ".", NEPH_FIELDS(page_fields)},
};
static const neph_reply listed_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, listed_rules);
const neph_reply *const swift_upload_parts_replies[2] = {&swift_none_reply, &listed_reply};

int32_t swift_upload_parts(neph_call *call, neph_request *request)
{
    const char *id = neph_argument(call, NEPH_UPLOAD_ID);
    char name[SWIFT_NAME_SIZE];
    int32_t rc;
    if (neph_call_step(call) == PARTS_LIST) {
        rc = swift_segment_name(call, name, id, 0);
        return rc ? rc : swift_ask_listing(call, request, name);
    }
    if (neph_page_token(call)) {
        rc = neph_again(call, PARTS_LIST, 0);
        return rc ? rc : NEPH_AGAIN;
    }
    rc = swift_marker_name(call, name, id, NULL);
    return rc ? rc : swift_ask_segments(call, request, "HEAD", name);
}

int32_t swift_upload_parts_then(neph_call *call)
{
    return neph_call_step(call) == PARTS_MARKER ? neph_again(call, PARTS_LIST, 0) : 0;
}

int32_t swift_upload_parts_each(neph_call *call, neph_record *record)
{
    int64_t number = swift_segment_number(neph_scratch(call, SWIFT_SCRATCH_SEGMENT));
    int32_t rc = number ? neph_record_set_integer(record, NEPH_PART_NUMBER, number) : NEPH_DROP;
    return rc ? rc : part_checksum(record);
}

/* ---- complete: PUT object?multipart-manifest=put */

static int32_t segment_add(neph_call *call, neph_request *request, const char *bucket,
                           const char *number, const char *tag)
{
    char path[2 * SWIFT_NAME_SIZE];
    char name[SWIFT_NAME_SIZE];
    neph_text text;
    int64_t place = swift_part_number(number);
    int32_t rc = swift_segment_name(call, name, neph_argument(call, NEPH_UPLOAD_ID), place);
    if (rc || !place)
        return rc ? rc : neph_fail(call, NEPH_INVALID, "\"%.40s\" is no part's number", number);
    neph_text_init(&text, path, sizeof path);
    neph_text_add_char(&text, '/');
    neph_text_add(&text, bucket);
    neph_text_add_char(&text, '/');
    neph_text_add(&text, name);
    return neph_json_add(request, "{\"path\":%,\"etag\":%}", path, tag);
}

static int32_t complete_send(neph_call *call, neph_request *request)
{
    char bucket[SWIFT_NAME_SIZE];
    const char *number;
    const char *tag;
    int32_t rc = swift_segments_bucket(call, bucket);
    if (!rc)
        rc = swift_ask_object(call, request, "PUT");
    if (!rc)
        rc = neph_request_query(request, "multipart-manifest", "put");
    for (uint32_t i = 0; !rc && neph_argument_pair(call, NEPH_UPLOAD_LISTED, i, &number, &tag);
         i++) {
        rc = neph_json_add(request, i ? "," : "[");
        if (!rc)
            rc = segment_add(call, request, bucket, number, tag);
    }
    if (!rc)
        rc = neph_json_add(request, "]");
    if (!rc) /* the manifest's is not the object's */
        rc = neph_request_header(request, "Content-Type", "application/octet-stream");
    if (!rc)
        rc = neph_request_header(request, SWIFT_UPLOAD_NOTE, neph_argument(call, NEPH_UPLOAD_ID));
    if (!rc && neph_call_step(call) == SWIFT_BEAT)
        rc = neph_request_query(request, "heartbeat", "on");
    if (!rc && neph_call_step(call) == SWIFT_BEAT)
        rc = neph_request_header(request, "Accept", "application/xml");
    return rc ? rc : swift_object_facts(call, request);
}

/* 202 at once, blanks while it works, and the verdict at the end. */
static const neph_field beat_fields[] = {
    {"response_status", .member = SWIFT_SCRATCH_VERDICT},
    {"response_body", .member = SWIFT_SCRATCH_WORDS},
};
static const neph_field made_fields[] = {
    {"etag", .member = NEPH_OBJECT_ETAG, .flags = NEPH_FIELD_UNQUOTE},
    {"last_modified", .member = NEPH_OBJECT_MODIFIED},
};
static const neph_field wrong_fields[] = {
    {"name", .member = NEPH_ERROR_MESSAGE},
    {"status", .member = NEPH_ERROR_CODE},
};
static const neph_rule beat_rules[] = {
    {.path = ".", NEPH_FIELDS(made_fields), .kind = NEPH_KIND_OBJECT},
    {.path = ".", NEPH_FIELDS(beat_fields)},
    {.path = "errors/object", NEPH_FIELDS(wrong_fields), .flags = NEPH_RULE_ERROR},
};
const neph_reply swift_beat_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, beat_rules);

int32_t swift_beat_then(neph_call *call)
{
    const char *verdict = neph_scratch(call, SWIFT_SCRATCH_VERDICT);
    const char *words = neph_scratch(call, SWIFT_SCRATCH_WORDS);
    if (!verdict)
        return neph_fail(call, NEPH_PROTOCOL, "the reply ends without saying what became of it");
    if (*verdict == '2')
        return 0;
    if (!strncmp(verdict, "412", 3))
        return swift_condition_fail(call);
    return neph_fail(call, *verdict == '4' ? NEPH_INVALID : NEPH_UNAVAILABLE,
                     "the parts were not made an object: %.40s %.200s", verdict,
                     words ? words : "");
}

int32_t swift_upload_complete(neph_call *call, neph_request *request)
{
    return swift_write_ask(call, request, complete_send);
}

/* ---- abort */

int32_t swift_upload_abort(neph_call *call, neph_request *request)
{
    return swift_write_ask(call, request, NULL);
}

/* ---- errors */

int32_t swift_upload_fault(neph_call *call)
{
    int is_gone = neph_reply_status(call) == 404;
    uint32_t op = neph_call_op(call);
    if (op == NEPH_OP_UPLOAD_COPY && neph_call_step(call) == PART_INFO)
        return swift_limits_fault(call);
    if (is_gone && op == NEPH_OP_UPLOAD_LIST && neph_call_step(call) == LIST_MARKERS)
        return NEPH_FAULT_FINE;
    if (is_gone && (op == NEPH_OP_UPLOAD_PARTS || op == NEPH_OP_UPLOAD_PART ||
                    (op == NEPH_OP_UPLOAD_COPY && neph_call_step(call) == PART_MARKER)))
        return neph_fail(call, NEPH_NOT_FOUND, "there is no upload \"%.40s\" of \"%.200s\"",
                         neph_argument(call, NEPH_UPLOAD_ID), neph_argument(call, NEPH_OBJECT_KEY));
    return NEPH_FAULT_DEFAULT;
}
