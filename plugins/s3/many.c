/*
 * many.c - DeleteObjects: many keys in one request, whose reply has an error of its own for each. Keys that no XML can
 * carry, and all keys where the server has no such request, are deleted one by one.
 */
#include "s3.h"

/* In the memory of the call: which key a request of one is about. */
typedef struct progress {
    uint32_t index;
    uint32_t reserved;
} progress;

enum { STEP_MANY = 0, STEP_ONE = 1 };

static progress *progress_of(neph_call *call)
{
    return neph_call_memory(call, sizeof(progress));
}

/* ---- replies */

/* With Quiet the reply names what could not be deleted alone. */
static const neph_field error_fields[] = {
    {"Key", .member = NEPH_OBJECT_KEY, .flags = NEPH_FIELD_REQUIRED},
    {"VersionId", .member = NEPH_OBJECT_VERSION},
    {"Code", .member = NEPH_RESULT_ERROR_CODE},
    {"Message", .member = NEPH_RESULT_ERROR_MESSAGE},
    {"Code", .member = S3_SCRATCH_CODE},
};
#define MANY_RULE(name)                                                                            \
    {                                                                                              \
        .path = "Error", NEPH_FIELDS(error_fields), .kind = NEPH_KIND_OBJECT, .root = (name)       \
    }
static const neph_rule many_rules[] = {
    MANY_RULE("DeleteResult"),
    MANY_RULE("DeleteObjectsOutput"), /* what moto calls it */
    S3_RULE_ERROR,
};
static const neph_reply many_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, many_rules);
static const neph_reply one_reply = {.size = sizeof(neph_reply), .format = NEPH_REPLY_NONE};
const neph_reply *const s3_object_delete_many_replies[2] = {&many_reply, &one_reply};

/* ---- keys */

static const char *key_at(const neph_call *call, uint32_t index)
{
    const char *key;
    return neph_argument_pair(call, NEPH_OBJECT_KEYS, index, NULL, &key) ? key : NULL;
}

/* XML 1.0 has no control characters but three, no surrogates and no U+FFFE and U+FFFF, and must be UTF-8. */
static int is_for_xml(const char *key)
{
    char copy[1024 + 1];
    size_t size = strlen(key);
    if (size >= sizeof copy)
        return 0;
    for (const char *at = key; *at; at++)
        if ((unsigned char)*at < 32 && *at != '\t' && *at != '\n' && *at != '\r')
            return 0;
    if (strstr(key, "\xef\xbf\xbe") || strstr(key, "\xef\xbf\xbf"))
        return 0;
    memcpy(copy, key, size + 1); /* what is no UTF-8 is changed by cleaning */
    return neph_text_clean(copy, size) == size && !memcmp(copy, key, size);
}

static int is_alone(const neph_call *call, const char *key)
{
    return s3_memory(call)->quirks.delete_count <= 1 || !is_for_xml(key);
}

/* The first key from index on that is deleted alone, or with others. 0: there is none. */
static int key_find(const neph_call *call, uint32_t *index, int alone)
{
    const char *key;
    for (; (key = key_at(call, *index)) != NULL; ++*index)
        if (is_alone(call, key) == alone)
            return 1;
    return 0;
}

/* ---- requests */

static int32_t key_add(neph_call *call, neph_request *request, const char *key)
{
    char data[32 + 6 * 1024];
    neph_text text;
    neph_text_init(&text, data, sizeof data);
    neph_text_add(&text, "<Object><Key>");
    s3_xml_add(&text, key);
    neph_text_add(&text, "</Key></Object>");
    return text.status ? neph_fail(call, NEPH_LIMIT, "the key \"%.40s…\" is too long", key)
                       : neph_request_body(request, NULL, data, text.size);
}

static int32_t many_ask(neph_call *call, neph_request *request)
{
    static const char head[] = "<Delete><Quiet>true</Quiet>";
    static const char tail[] = "</Delete>";
    int32_t rc = s3_ask(call, request, "POST", neph_argument(call, NEPH_OBJECT_BUCKET), NULL);
    if (!rc)
        rc = neph_request_query(request, "delete", NULL);
    if (!rc)
        rc = neph_request_body(request, "application/xml", head, sizeof head - 1);
    for (uint32_t i = 0; !rc && key_find(call, &i, 0); i++)
        rc = key_add(call, request, key_at(call, i));
    if (!rc)
        rc = neph_request_body(request, NULL, tail, sizeof tail - 1);
    return rc ? rc : neph_storage_digest(request, NEPH_DIGEST_MD5, "Content-MD5");
}

static int32_t count_check(neph_call *call)
{
    int64_t most = s3_memory(call)->quirks.delete_count;
    if (most > 1 && key_at(call, (uint32_t)most))
        return neph_fail(call, NEPH_LIMIT, "the service takes %d keys at a time", (int)most);
    return 0;
}

/* The first step is about those that go together, if there are any. */
int32_t s3_object_delete_many(neph_call *call, neph_request *request)
{
    progress *at = progress_of(call);
    uint32_t first = 0;
    int32_t rc = at ? count_check(call) : neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    if (rc)
        return rc;
    if (neph_call_step(call) == STEP_MANY && key_find(call, &first, 0))
        return many_ask(call, request);
    if (!key_find(call, &at->index, 1))
        return neph_fail(call, NEPH_INVALID, "no key was given");
    return s3_ask(call, request, "DELETE", neph_argument(call, NEPH_OBJECT_BUCKET),
                  key_at(call, at->index));
}

/* ---- what comes next */

/* Is the key that the request under way is about deleted alone? */
static int was_alone(const neph_call *call)
{
    uint32_t first = 0;
    return neph_call_step(call) == STEP_ONE || !key_find(call, &first, 0);
}

int32_t s3_object_delete_many_then(neph_call *call)
{
    progress *at = progress_of(call);
    at->index += (uint32_t)was_alone(call);
    return key_find(call, &at->index, 1) ? neph_again(call, STEP_ONE, 0) : 0;
}

/* What is not there need not be deleted. */
int32_t s3_object_delete_many_each(neph_call *call, neph_record *record)
{
    const char *code = neph_scratch(call, S3_SCRATCH_CODE);
    int is_gone = code && (!strcmp(code, "NoSuchKey") || !strcmp(code, "NoSuchVersion"));
    int32_t rc = neph_scratch_set(call, S3_SCRATCH_CODE, NULL);
    (void)record;
    return rc || !is_gone ? rc : NEPH_DROP;
}

static int32_t failure_emit(neph_call *call, const char *code)
{
    neph_record *record = neph_record_new(call, NEPH_KIND_OBJECT);
    int32_t rc =
        record ? neph_record_set(record, NEPH_OBJECT_KEY, key_at(call, progress_of(call)->index))
               : NEPH_NO_MEMORY;
    if (!rc)
        rc = neph_record_set(record, NEPH_RESULT_ERROR_CODE, code);
    if (!rc)
        rc = neph_record_emit(call, record);
    return rc == NEPH_AGAIN ? 0 : rc;
}

/* One key that may not be deleted does not keep the others from it; a fault of all of them, or one that passes, does. */
int32_t s3_object_delete_many_fault(neph_call *call)
{
    const char *code = neph_error_code(call);
    int32_t status = neph_reply_status(call);
    int32_t rc = 0;
    if (!was_alone(call) || !code || !strcmp(code, "NoSuchBucket") ||
        (status != 403 && status != 404) || !strcmp(code, "SignatureDoesNotMatch") ||
        !strcmp(code, "RequestTimeTooSkewed"))
        return NEPH_FAULT_DEFAULT;
    if (strcmp(code, "NoSuchKey") != 0)
        rc = failure_emit(call, code);
    if (!rc)
        rc = s3_object_delete_many_then(call);
    return rc ? rc : NEPH_FAULT_FINE;
}
