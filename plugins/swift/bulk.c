/*
 * bulk.c - many deletions in one request (POST ?bulk-delete), which answers 200 whatever becomes of them: what failed
 * stands in its body. In a bucket with large objects, whose segments a bulk delete would leave behind, the keys are
 * deleted one after the other.
 */
#include "segment.h"

/* ---- one request */

static const neph_field verdict_fields[] = {
    {"response_status", .member = SWIFT_SCRATCH_VERDICT},
    {"response_body", .member = SWIFT_SCRATCH_WORDS},
};
static const neph_field failed_fields[] = {
    {"name", .member = NEPH_ERROR_MESSAGE, .flags = NEPH_FIELD_URL},
    {"status", .member = NEPH_ERROR_CODE},
};
static const neph_rule bulk_rules[] = {
    {.path = ".", NEPH_FIELDS(verdict_fields)},
    {.path = "errors/object", NEPH_FIELDS(failed_fields), .flags = NEPH_RULE_ERROR},
};
const neph_reply swift_bulk_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, bulk_rules);

int32_t swift_bulk_ask(neph_call *call, neph_request *request)
{
    int32_t rc = swift_ask(call, request, "POST", NULL, NULL);
    if (!rc)
        rc = neph_request_query(request, "bulk-delete", NULL);
    return rc ? rc : neph_request_header(request, "Accept", "application/xml");
}

/* A line, percent-encoded. */
int32_t swift_bulk_add(neph_call *call, neph_request *request, const char *bucket, const char *key)
{
    char data[3 * SWIFT_NAME_SIZE];
    neph_text line;
    neph_text_init(&line, data, sizeof data);
    neph_text_add_char(&line, '/');
    neph_text_add_encoded(&line, bucket, strlen(bucket), NULL);
    neph_text_add_char(&line, '/');
    neph_text_add_encoded(&line, key, strlen(key), "/");
    neph_text_add_char(&line, '\n');
    if (line.status)
        return neph_fail(call, NEPH_LIMIT, "the key \"%.40s…\" is too long", key);
    return neph_request_body(request, "text/plain", line.data, line.size);
}

int32_t swift_bulk_then(neph_call *call)
{
    const char *verdict = neph_scratch(call, SWIFT_SCRATCH_VERDICT);
    const char *words = neph_scratch(call, SWIFT_SCRATCH_WORDS);
    if (!verdict)
        return neph_fail(call, NEPH_PROTOCOL, "the reply to a bulk delete says nothing");
    if (*verdict == '2')
        return 0;
    return neph_fail(call, NEPH_UNAVAILABLE, "the bulk delete failed: %.40s %.200s", verdict,
                     words ? words : "");
}

/* ---- delete many */

enum {
    MANY_BULK = 0,
    MANY_INFO,
    MANY_PROBE,  /* is there a bucket of segments? */
    MANY_BUCKET, /* or even the bucket? A bulk delete would not say */
    MANY_LOOK,
    MANY_DELETE,
    MANY_PURGE,
    MANY_STEPS
};

/* What the call is at, where keys go one by one. */
typedef struct many {
    uint32_t at;
    uint32_t has_failed; /* some did */
} many;

static const neph_field item_fields[] = {
    {"name", .member = NEPH_OBJECT_KEY, .flags = NEPH_FIELD_URL | NEPH_FIELD_REQUIRED},
    {"status", .member = NEPH_RESULT_ERROR_CODE},
    {"status", .member = NEPH_RESULT_ERROR_MESSAGE},
};
static const neph_rule many_rules[] = {
    {.path = ".", NEPH_FIELDS(verdict_fields)},
    {.path = "errors/object", NEPH_FIELDS(item_fields), .kind = NEPH_KIND_OBJECT},
};
static const neph_reply many_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, many_rules);
const neph_reply *const swift_delete_many_replies[MANY_STEPS] = {
    [MANY_BULK] = &many_reply,        [MANY_INFO] = &swift_info_reply,
    [MANY_PROBE] = &swift_none_reply, [MANY_BUCKET] = &swift_none_reply,
    [MANY_LOOK] = &swift_none_reply,  [MANY_DELETE] = &swift_none_reply,
    [MANY_PURGE] = &many_reply,
};

/* The key at hand; NULL: there is none left. */
static const char *key_at(const neph_call *call, uint32_t index)
{
    const char *name;
    const char *key;
    return neph_argument_pair(call, NEPH_OBJECT_KEYS, index, &name, &key) ? key : NULL;
}

static uint32_t many_first(neph_call *call)
{
    int are_there = swift_segments_known(call);
    if (are_there < 0)
        return MANY_PROBE;
    if (swift_bulk_known(call) < 0)
        return MANY_INFO;
    if (are_there)
        return MANY_LOOK;
    return swift_bulk_known(call) > 0 ? MANY_BULK : MANY_DELETE;
}

static int32_t many_bulk_ask(neph_call *call, neph_request *request)
{
    const char *bucket = neph_argument(call, NEPH_OBJECT_BUCKET);
    const char *key;
    int64_t most = swift_bulk_known(call);
    int32_t rc = swift_bulk_ask(call, request);
    for (uint32_t i = 0; !rc && (key = key_at(call, i)) != NULL; i++)
        rc = i < most
                 ? swift_bulk_add(call, request, bucket, key)
                 : neph_fail(call, NEPH_LIMIT, "the server deletes %lld objects at once, no more",
                             (long long)most);
    return rc;
}

static int32_t one_ask(neph_call *call, neph_request *request, const many *memory)
{
    uint32_t step = neph_call_step(call);
    const char *key = key_at(call, memory->at);
    int32_t rc = swift_ask(call, request, step == MANY_LOOK ? "HEAD" : "DELETE",
                           neph_argument(call, NEPH_OBJECT_BUCKET), key);
    if (rc || step != MANY_PURGE)
        return rc;
    rc = neph_request_header(request, "Accept", "application/xml");
    return rc ? rc : neph_request_query(request, "multipart-manifest", "delete");
}

int32_t swift_delete_many(neph_call *call, neph_request *request)
{
    const many *memory = neph_call_memory(call, sizeof(many));
    uint32_t first;
    int32_t rc;
    if (!memory)
        return neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    switch (neph_call_step(call)) {
    case MANY_INFO: return swift_info_ask(call, request);
    case MANY_PROBE: return swift_ask_segments(call, request, "HEAD", NULL);
    case MANY_BUCKET:
        return swift_ask(call, request, "HEAD", neph_argument(call, NEPH_OBJECT_BUCKET), NULL);
    case MANY_BULK: break;
    default: return one_ask(call, request, memory);
    }
    first = many_first(call);
    if (first == MANY_BULK)
        return many_bulk_ask(call, request);
    rc = neph_again(call, first, 0);
    return rc ? rc : NEPH_AGAIN;
}

/* What could not be deleted is a result, and the rest goes on. */
static int32_t failure_emit(neph_call *call, const char *key)
{
    neph_record *record = neph_record_new(call, NEPH_KIND_OBJECT);
    char data[32];
    neph_text text;
    int32_t rc = record ? neph_record_set(record, NEPH_OBJECT_KEY, key)
                        : neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    neph_text_init(&text, data, sizeof data);
    neph_text_add(&text, "HTTP ");
    neph_text_add_integer(&text, neph_reply_status(call));
    if (!rc)
        rc = neph_record_set(record, NEPH_RESULT_ERROR_CODE, data);
    if (!rc)
        rc = neph_record_set(record, NEPH_RESULT_ERROR_MESSAGE, "the server refused to delete it");
    if (!rc)
        rc = neph_record_emit(call, record);
    return rc == NEPH_AGAIN ? 0 : rc;
}

static int32_t one_then(neph_call *call, many *memory)
{
    int32_t status = neph_reply_status(call);
    int32_t rc = 0;
    if (status / 100 != 2 && status != 404)
        rc = failure_emit(call, key_at(call, memory->at));
    memory->at++;
    if (rc || !key_at(call, memory->at))
        return rc;
    return neph_again(call, swift_segments_known(call) ? MANY_LOOK : MANY_DELETE, 0);
}

/* Only a verdict with no error beside it says more than the results do. */
static int32_t bulk_then(neph_call *call, const many *memory)
{
    return memory->has_failed ? 0 : swift_bulk_then(call);
}

int32_t swift_delete_many_then(neph_call *call)
{
    many *memory = neph_call_memory(call, sizeof(many));
    int32_t rc = 0;
    switch (neph_call_step(call)) {
    case MANY_BULK: return bulk_then(call, memory);
    case MANY_INFO: rc = swift_info_then(call); break;
    case MANY_PROBE:
        rc = swift_segments_remember(call, neph_reply_status(call) / 100 == 2);
        return rc ? rc : neph_again(call, MANY_BUCKET, 0);
    case MANY_BUCKET: break;
    case MANY_LOOK: return neph_again(call, swift_is_large(call) ? MANY_PURGE : MANY_DELETE, 0);
    case MANY_PURGE: rc = bulk_then(call, memory); return rc ? rc : one_then(call, memory);
    default: return one_then(call, memory);
    }
    return rc ? rc : neph_again(call, many_first(call), 0);
}

/* The reply names "/bucket/key"; of a large object, whatever of it could not be deleted. */
int32_t swift_delete_many_each(neph_call *call, neph_record *record)
{
    many *memory = neph_call_memory(call, sizeof(many));
    const char *bucket = neph_argument(call, NEPH_OBJECT_BUCKET);
    const char *name = neph_record_get(record, NEPH_OBJECT_KEY);
    size_t size = strlen(bucket);
    memory->has_failed = 1;
    if (neph_call_step(call) == MANY_PURGE)
        return neph_record_set(record, NEPH_OBJECT_KEY, key_at(call, memory->at));
    if (*name == '/' && !strncmp(name + 1, bucket, size) && name[size + 1] == '/')
        return neph_record_set(record, NEPH_OBJECT_KEY, name + size + 2);
    return 0;
}

int32_t swift_delete_many_fault(neph_call *call)
{
    int32_t status = neph_reply_status(call);
    uint32_t step = neph_call_step(call);
    if (step == MANY_BULK || step == MANY_BUCKET || status >= 500 || status == 401 ||
        status == 498 || status == 429)
        return NEPH_FAULT_DEFAULT;
    return NEPH_FAULT_FINE;
}
