/*
 * segment.c - what becomes of the segments of large objects: a write looks first whether it replaces one, and removes
 * afterwards what nothing refers to any more; a deletion takes them along; an abort removes those of its upload.
 *
 * Segments are removed only where the manifest names them below KEY/ID/ of its own key in the bucket of segments, so that
 * another program's are never touched. A bucket without a bucket of segments costs nothing but one look.
 */
#include "segment.h"

#define BATCH_MAX 1000    /* segments of one listing */
#define ROUNDS_MAX 64     /* listings of one call */
#define ABSENT_SECONDS 30 /* so long a bucket of segments that was not there is not looked for */
#define MARKERS "neph-uploads/"
#define ENDING "_segments"
#define BUCKET_MAX 256

/* What a call knows on its way. */
typedef struct writing {
    uint32_t is_looked;  /* whether there is something to be replaced */
    uint32_t is_checked; /* or the server does it */
    uint32_t is_sent;    /* the write itself */
    uint32_t rounds;
    uint32_t count, at;         /* of numbers */
    char id[SWIFT_ID_SIZE + 1]; /* of the upload whose segments go; "": none do */
    char reserved[3];
    uint32_t numbers[BATCH_MAX];
} writing;

static writing *memory_of(neph_call *call)
{
    return neph_call_memory(call, sizeof(writing));
}

int swift_is_large(const neph_call *call)
{
    const char *said = neph_reply_header(call, "X-Static-Large-Object");
    return said && (*said == 't' || *said == 'T' || *said == '1');
}

/* ---- names */

int32_t swift_segments_bucket(neph_call *call, char *name)
{
    neph_text text;
    neph_text_init(&text, name, SWIFT_NAME_SIZE);
    neph_text_add(&text, neph_argument(call, NEPH_OBJECT_BUCKET));
    neph_text_add(&text, ENDING);
    if (text.status || text.size > BUCKET_MAX)
        return neph_fail(call, NEPH_LIMIT,
                         "the bucket's name is too long for a bucket of segments beside it: "
                         "its name and \"" ENDING "\" may have %d bytes",
                         BUCKET_MAX);
    return 0;
}

int32_t swift_ask_segments(neph_call *call, neph_request *request, const char *method,
                           const char *name)
{
    char bucket[SWIFT_NAME_SIZE];
    int32_t rc = swift_segments_bucket(call, bucket);
    return rc ? rc : swift_ask(call, request, method, bucket, name);
}

int32_t swift_ask_listing(neph_call *call, neph_request *request, const char *below)
{
    int32_t rc = swift_ask_segments(call, request, "GET", NULL);
    if (!rc)
        rc = neph_request_query(request, "format", "json");
    return rc ? rc : neph_request_query(request, "prefix", below);
}

static int is_id(const char *id)
{
    return strspn(id, "0123456789abcdef") == SWIFT_ID_SIZE && !id[SWIFT_ID_SIZE];
}

static int32_t name_end(neph_call *call, const neph_text *text)
{
    return text->status ? neph_fail(call, NEPH_LIMIT, "the key is too long for an object in parts")
                        : 0;
}

int32_t swift_segment_name(neph_call *call, char *name, const char *id, int64_t number)
{
    neph_text text;
    if (!is_id(id))
        return neph_fail(call, NEPH_NOT_FOUND, "there is no upload \"%.40s\"", id);
    if (number < 0 || number > SWIFT_SEGMENT_MAX)
        return neph_fail(call, NEPH_INVALID, "a part's number is 1 to %d", SWIFT_SEGMENT_MAX);
    neph_text_init(&text, name, SWIFT_NAME_SIZE);
    neph_text_add(&text, neph_argument(call, NEPH_OBJECT_KEY));
    neph_text_add_char(&text, '/');
    neph_text_add(&text, id);
    neph_text_add_char(&text, '/');
    for (int64_t unit = (SWIFT_SEGMENT_MAX + 1) / 10; number && unit; unit /= 10)
        neph_text_add_char(&text, (char)('0' + number / unit % 10));
    return name_end(call, &text);
}

int32_t swift_marker_name(neph_call *call, char *name, const char *id, const char *prefix)
{
    neph_text text;
    if (id && !is_id(id))
        return neph_fail(call, NEPH_NOT_FOUND, "there is no upload \"%.40s\"", id);
    neph_text_init(&text, name, SWIFT_NAME_SIZE);
    neph_text_add(&text, MARKERS);
    neph_text_add(&text, id ? neph_argument(call, NEPH_OBJECT_KEY) : prefix);
    if (id) {
        neph_text_add_char(&text, '/');
        neph_text_add(&text, id);
    }
    return name_end(call, &text);
}

int64_t swift_segment_number(const char *name)
{
    const char *last = name ? strrchr(name, '/') : NULL;
    int64_t number = 0;
    if (!last || strspn(last + 1, "0123456789") != 8 || last[9])
        return 0;
    for (last++; *last; last++)
        number = number * 10 + (*last - '0');
    return number;
}

int64_t swift_part_number(const char *text)
{
    int64_t number = 0;
    for (; text && *text >= '0' && *text <= '9' && number <= SWIFT_SEGMENT_MAX; text++)
        number = number * 10 + (*text - '0');
    return text && !*text && number <= SWIFT_SEGMENT_MAX ? number : 0;
}

/* ---- is there a bucket of segments? */

static const char *memo_name(const neph_call *call, char *name)
{
    neph_text text;
    neph_text_init(&text, name, SWIFT_NAME_SIZE);
    neph_text_add(&text, "segments of ");
    neph_text_add(&text, neph_argument(call, NEPH_OBJECT_BUCKET));
    return name;
}

/* What was noted is the time in seconds until which there is none; "": there is one. */
int swift_segments_known(neph_call *call)
{
    char name[SWIFT_NAME_SIZE];
    const char *noted = neph_recall(neph_cloud_of(call), memo_name(call, name));
    int64_t until = 0;
    if (!noted || !*noted)
        return noted ? 1 : -1;
    for (; *noted; noted++)
        until = until * 10 + (*noted - '0');
    return neph_call_now(call) / NEPH_NANO < until ? 0 : -1;
}

int32_t swift_segments_remember(neph_call *call, int are_there)
{
    char name[SWIFT_NAME_SIZE];
    char data[24];
    neph_text until;
    neph_text_init(&until, data, sizeof data);
    if (!are_there)
        neph_text_add_integer(&until, neph_call_now(call) / NEPH_NANO + ABSENT_SECONDS);
    return neph_remember(neph_cloud_of(call), memo_name(call, name), data);
}

/* ---- replies */

/* Any of them will do. A server may send nothing at all (Ceph). */
static const neph_field manifest_fields[] = {
    {"[]/name", .member = SWIFT_SCRATCH_SEGMENT},
};
static const neph_rule manifest_rules[] = {
    {.path = ".", NEPH_FIELDS(manifest_fields)},
};
static const neph_reply manifest_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, manifest_rules);

static const neph_field listed_fields[] = {
    {"name", .member = SWIFT_SCRATCH_SEGMENT},
};
static const neph_rule listed_rules[] = {
    {.path = "[]", NEPH_FIELDS(listed_fields), .kind = NEPH_KIND_PART},
};
static const neph_reply listed_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, listed_rules);

const neph_reply *const swift_put_replies[SWIFT_STEPS] = {
    [SWIFT_SEND] = &swift_object_put_reply, [SWIFT_BEAT] = &swift_beat_reply,
    [SWIFT_SOURCE] = &swift_none_reply,     [SWIFT_PARTS] = &swift_check_reply,
    [SWIFT_PROBE] = &swift_none_reply,      [SWIFT_LOOK] = &swift_none_reply,
    [SWIFT_MANIFEST] = &manifest_reply,     [SWIFT_PURGE] = &swift_bulk_reply,
    [SWIFT_INFO] = &swift_info_reply,       [SWIFT_LIST] = &listed_reply,
    [SWIFT_DROP] = &swift_bulk_reply,       [SWIFT_END] = &swift_none_reply,
};
const neph_reply *const swift_delete_replies[SWIFT_STEPS] = {
    [SWIFT_SEND] = &swift_none_reply,   [SWIFT_BEAT] = &swift_none_reply,
    [SWIFT_SOURCE] = &swift_none_reply, [SWIFT_PARTS] = &swift_none_reply,
    [SWIFT_PROBE] = &swift_none_reply,  [SWIFT_LOOK] = &swift_none_reply,
    [SWIFT_MANIFEST] = &manifest_reply, [SWIFT_PURGE] = &swift_bulk_reply,
    [SWIFT_INFO] = &swift_info_reply,   [SWIFT_LIST] = &listed_reply,
    [SWIFT_DROP] = &swift_bulk_reply,   [SWIFT_END] = &swift_none_reply,
};

/* Segments of a listing are noted; none is a result. */
int32_t swift_write_each(neph_call *call, neph_record *record)
{
    writing *memory = memory_of(call);
    int64_t number;
    switch (neph_call_step(call)) {
    case SWIFT_SEND: return swift_object_each(call, record);
    case SWIFT_BEAT:
        return neph_record_set(record, NEPH_OBJECT_KEY, neph_argument(call, NEPH_OBJECT_KEY));
    case SWIFT_PARTS: return swift_check_each(call, record);
    default: break;
    }
    number = swift_segment_number(neph_scratch(call, SWIFT_SCRATCH_SEGMENT));
    if (memory && neph_call_step(call) == SWIFT_LIST && number && memory->count < BATCH_MAX)
        memory->numbers[memory->count++] = (uint32_t)number;
    return NEPH_DROP;
}

/* ---- ask */

/* Where the call begins, or goes on once it has looked. */
static uint32_t first_step(neph_call *call, writing *memory)
{
    int known;
    if (neph_call_op(call) == NEPH_OP_UPLOAD_ABORT)
        return swift_bulk_known(call) < 0 ? SWIFT_INFO : SWIFT_LIST;
    if (swift_check_matters(call) && swift_bulk_known(call) < 0)
        return SWIFT_INFO;
    if (!swift_checks(call) && !memory->is_checked && swift_check_step(call) != SWIFT_SEND)
        return swift_check_step(call);
    if (!memory->is_looked && !neph_argument(call, NEPH_IF_NONE_MATCH)) {
        known = swift_segments_known(call);
        if (known)
            return known < 0 ? SWIFT_PROBE : SWIFT_LOOK;
    }
    return neph_call_op(call) == NEPH_OP_UPLOAD_COMPLETE && swift_beats(call) ? SWIFT_BEAT
                                                                              : SWIFT_SEND;
}

static int32_t list_ask(neph_call *call, neph_request *request, writing *memory)
{
    char name[SWIFT_NAME_SIZE];
    int32_t rc = swift_segment_name(call, name, memory->id, 0);
    memory->count = memory->at = 0;
    if (!rc)
        rc = swift_ask_listing(call, request, name);
    return rc ? rc : neph_request_query(request, "limit", "1000");
}

/* All of the listing at once, or one after the other where the server cannot. */
static int32_t drop_ask(neph_call *call, neph_request *request, writing *memory)
{
    int64_t most = swift_bulk_known(call);
    char bucket[SWIFT_NAME_SIZE];
    char name[SWIFT_NAME_SIZE];
    uint32_t end = memory->at + (most > 1 ? (uint32_t)(most < BATCH_MAX ? most : BATCH_MAX) : 1);
    int32_t rc = most > 1 ? swift_bulk_ask(call, request) : 0;
    if (!rc)
        rc = swift_segments_bucket(call, bucket);
    for (uint32_t i = memory->at; !rc && i < end && i < memory->count; i++) {
        rc = swift_segment_name(call, name, memory->id, memory->numbers[i]);
        if (!rc)
            rc = most > 1 ? swift_bulk_add(call, request, bucket, name)
                          : swift_ask(call, request, "DELETE", bucket, name);
    }
    return rc;
}

static int32_t end_ask(neph_call *call, neph_request *request)
{
    char name[SWIFT_NAME_SIZE];
    int32_t rc = swift_marker_name(call, name, neph_argument(call, NEPH_UPLOAD_ID), NULL);
    return rc ? rc : swift_ask_segments(call, request, "DELETE", name);
}

static int32_t manifest_ask(neph_call *call, neph_request *request, const char *method,
                            const char *what)
{
    int32_t rc = swift_ask_object(call, request, method);
    if (!rc)
        rc = neph_request_header(request, "Accept", *what == 'd' ? "application/xml" : "*/*");
    return rc ? rc : neph_request_query(request, "multipart-manifest", what);
}

static int32_t send_ask(neph_call *call, neph_request *request, writing *memory, swift_send_fn send)
{
    uint32_t step = first_step(call, memory);
    int32_t rc;
    if (step == neph_call_step(call))
        return send(call, request);
    rc = neph_again(call, step, 0);
    return rc ? rc : NEPH_AGAIN;
}

int32_t swift_write_ask(neph_call *call, neph_request *request, swift_send_fn send)
{
    writing *memory = memory_of(call);
    if (!memory)
        return neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    if (neph_call_op(call) == NEPH_OP_UPLOAD_ABORT && !memory->id[0]) {
        const char *id = neph_argument(call, NEPH_UPLOAD_ID);
        if (!is_id(id))
            return neph_fail(call, NEPH_NOT_FOUND, "there is no upload \"%.40s\"", id);
        memcpy(memory->id, id, sizeof memory->id);
    }
    switch (neph_call_step(call)) {
    case SWIFT_SOURCE:
    case SWIFT_PARTS: return swift_check_ask(call, request);
    case SWIFT_PROBE: return swift_ask_segments(call, request, "HEAD", NULL);
    case SWIFT_LOOK: return swift_ask_object(call, request, "HEAD");
    case SWIFT_MANIFEST: return manifest_ask(call, request, "GET", "get");
    case SWIFT_PURGE: return manifest_ask(call, request, "DELETE", "delete");
    case SWIFT_INFO: return swift_info_ask(call, request);
    case SWIFT_LIST: return list_ask(call, request, memory);
    case SWIFT_DROP: return drop_ask(call, request, memory);
    case SWIFT_END: return end_ask(call, request);
    default: return send_ask(call, request, memory, send);
    }
}

/* ---- then */

/* The segments of this upload will be needed no more; not if it is the one that is being completed, whose first reply was
 * lost. */
static void owner_set(neph_call *call, writing *memory, const char *id)
{
    const char *own = neph_argument(call, NEPH_UPLOAD_ID);
    if (!own || strncmp(own, id, SWIFT_ID_SIZE) != 0)
        memcpy(memory->id, id, SWIFT_ID_SIZE);
}

/* The upload that made the manifest, if its segments are where ours are. */
static void owner_note(neph_call *call, writing *memory)
{
    const char *name = neph_scratch(call, SWIFT_SCRATCH_SEGMENT);
    char start[2 * SWIFT_NAME_SIZE];
    char bucket[SWIFT_NAME_SIZE];
    neph_text text;
    if (!swift_segment_number(name) || swift_segments_bucket(call, bucket))
        return;
    neph_text_init(&text, start, sizeof start);
    neph_text_add_char(&text, '/');
    neph_text_add(&text, bucket);
    neph_text_add_char(&text, '/');
    neph_text_add(&text, neph_argument(call, NEPH_OBJECT_KEY));
    neph_text_add_char(&text, '/');
    if (text.status || strncmp(name, start, text.size) ||
        strspn(name + text.size, "0123456789abcdef") != SWIFT_ID_SIZE ||
        strlen(name + text.size) != SWIFT_ID_SIZE + 9 || name[text.size + SWIFT_ID_SIZE] != '/')
        return;
    owner_set(call, memory, name + text.size);
}

static int32_t look_then(neph_call *call, writing *memory)
{
    const char *noted = neph_reply_header(call, SWIFT_UPLOAD_NOTE);
    memory->is_looked = 1;
    if (neph_reply_status(call) / 100 != 2 || !swift_is_large(call))
        return neph_again(call, SWIFT_SEND, 0);
    if (neph_call_op(call) == NEPH_OP_OBJECT_DELETE)
        return neph_again(call, SWIFT_PURGE, 0);
    if (!noted || !is_id(noted))
        return neph_again(call, SWIFT_MANIFEST, 0);
    owner_set(call, memory, noted);
    return neph_again(call, SWIFT_SEND, 0);
}

static int32_t probe_then(neph_call *call, writing *memory)
{
    int are_there = neph_reply_status(call) / 100 == 2;
    int32_t rc = swift_segments_remember(call, are_there);
    memory->is_looked = !are_there;
    return rc ? rc : neph_again(call, are_there ? SWIFT_LOOK : SWIFT_SEND, 0);
}

/* The write is done; segments that nothing needs any more go. */
static int32_t clean_then(neph_call *call, writing *memory)
{
    if (!memory->id[0])
        return 0;
    return neph_again(call, swift_bulk_known(call) < 0 ? SWIFT_INFO : SWIFT_LIST, 0);
}

static int32_t list_then(neph_call *call, writing *memory)
{
    if (memory->count && memory->rounds++ < ROUNDS_MAX)
        return neph_again(call, SWIFT_DROP, 0);
    return neph_call_op(call) == NEPH_OP_UPLOAD_ABORT ? neph_again(call, SWIFT_END, 0) : 0;
}

static int32_t drop_then(neph_call *call, writing *memory)
{
    int64_t most = swift_bulk_known(call);
    int32_t rc = most > 1 ? swift_bulk_then(call) : 0;
    memory->at += most > 1 ? (uint32_t)(most < BATCH_MAX ? most : BATCH_MAX) : 1;
    return rc ? rc : neph_again(call, memory->at < memory->count ? SWIFT_DROP : SWIFT_LIST, 0);
}

static int32_t check_then(neph_call *call, writing *memory)
{
    int32_t rc = swift_check_then(call);
    memory->is_checked = 1;
    return rc ? rc : neph_again(call, SWIFT_SEND, 0);
}

/* Asked before the write, or for what comes after it. */
static int32_t info_then(neph_call *call, const writing *memory)
{
    int is_after = memory->is_sent || neph_call_op(call) == NEPH_OP_UPLOAD_ABORT;
    int32_t rc = swift_info_then(call);
    return rc ? rc : neph_again(call, is_after ? SWIFT_LIST : SWIFT_SEND, 0);
}

static int32_t sent_then(neph_call *call, writing *memory)
{
    int32_t rc = neph_call_step(call) == SWIFT_BEAT ? swift_beat_then(call) : 0;
    memory->is_sent = 1;
    if (rc)
        return rc;
    return neph_call_op(call) == NEPH_OP_UPLOAD_COMPLETE ? neph_again(call, SWIFT_END, 0)
                                                         : clean_then(call, memory);
}

int32_t swift_write_then(neph_call *call)
{
    writing *memory = memory_of(call);
    switch (neph_call_step(call)) {
    case SWIFT_SOURCE:
    case SWIFT_PARTS: return check_then(call, memory);
    case SWIFT_PROBE: return probe_then(call, memory);
    case SWIFT_LOOK: return look_then(call, memory);
    case SWIFT_MANIFEST: owner_note(call, memory); return neph_again(call, SWIFT_SEND, 0);
    case SWIFT_PURGE: return swift_bulk_then(call);
    case SWIFT_INFO: return info_then(call, memory);
    case SWIFT_LIST: return list_then(call, memory);
    case SWIFT_DROP: return drop_then(call, memory);
    case SWIFT_END:
        return neph_call_op(call) == NEPH_OP_UPLOAD_ABORT ? 0 : clean_then(call, memory);
    default: return sent_then(call, memory);
    }
}

/* What is not there need not be looked at or removed. */
int32_t swift_write_fault(neph_call *call)
{
    int32_t status = neph_reply_status(call);
    uint32_t step = neph_call_step(call);
    if (step == SWIFT_SEND || step == SWIFT_BEAT || step == SWIFT_PURGE)
        return NEPH_FAULT_DEFAULT;
    if (status == 404 || (step == SWIFT_INFO && status / 100 == 4))
        return NEPH_FAULT_FINE;
    if (step < SWIFT_INFO || status >= 500 || status == 401 || status == 498 || status == 429)
        return NEPH_FAULT_DEFAULT;
    if (neph_call_op(call) == NEPH_OP_UPLOAD_ABORT)
        return NEPH_FAULT_DEFAULT;
    return neph_fail(
        call, NEPH_PERMISSION,
        "the object is written, but segments of what it replaced could not be removed");
}
