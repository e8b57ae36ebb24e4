/*
 * copy.c - a copy inside the account: Copy Blob, which may be done later. It is looked at until it is. The request takes no
 * media type: where one is given, it is set when the copy is there, with Set Blob Properties.
 */
#include "azure.h"

#define POLL_FIRST_MS 200
#define POLL_MOST_MS 5000

enum { STEP_COPY, STEP_POLL, STEP_TYPE };

/* The copy that was begun. */
typedef struct copy_state {
    int64_t delay_ms;  /* until the next look */
    int64_t was_typed; /* its media type was asked for, and somebody has written to it since */
    char id[128];
} copy_state;

/* Has the path a segment "." or ".."? */
static int has_dots(const char *key)
{
    for (; *key; key += *key == '/') {
        size_t size = strcspn(key, "/");
        if ((size == 1 || size == 2) && strspn(key, ".") >= size)
            return 1;
        key += size;
    }
    return 0;
}

/* With a SAS in place of a key the source needs it too. The service reads it as a URL, whose dots it resolves, encoded or not:
 * it would copy another object. */
static int32_t source_add(neph_call *call, neph_request *request)
{
    const azure_account *account = azure_account_of(neph_cloud_of(call));
    const char *bucket = neph_argument(call, NEPH_COPY_BUCKET);
    const char *key = neph_argument(call, NEPH_COPY_KEY);
    const char *version = neph_argument(call, NEPH_COPY_VERSION);
    char data[AZURE_URL_MAX + AZURE_SAS_MAX + 4096];
    neph_text url;
    if (has_dots(key))
        return neph_fail(call, NEPH_INVALID,
                         "Azure cannot copy from the key \"%.200s\": it would resolve its dots and "
                         "copy another object; get it and put it",
                         key);
    neph_text_init(&url, data, sizeof data);
    neph_text_add(&url, account->url);
    neph_text_add_char(&url, '/');
    neph_text_add_encoded(&url, bucket, strlen(bucket), NULL);
    neph_text_add_char(&url, '/');
    neph_text_add_encoded(&url, key, strlen(key), "/");
    if (version) {
        neph_text_add_char(&url, '?');
        neph_text_add(&url, azure_object_version(&version));
        neph_text_add_char(&url, '=');
        neph_text_add_encoded(&url, version, strlen(version), NULL);
    }
    if (!account->key_size) {
        neph_text_add_char(&url, version ? '&' : '?');
        neph_text_add(&url, account->sas);
    }
    if (url.status)
        return neph_fail(call, NEPH_LIMIT, "the key to copy from is too long");
    return neph_request_header(request, "x-ms-copy-source", data);
}

/* ---- its media type. The request sets all properties of its kind: those that it does not name are gone. */

static const struct {
    const char *told;
    const char *sent;
} kept[] = {
    {"Cache-Control", "x-ms-blob-cache-control"},
    {"Content-Disposition", "x-ms-blob-content-disposition"},
    {"Content-Encoding", "x-ms-blob-content-encoding"},
    {"Content-Language", "x-ms-blob-content-language"},
    {"Content-MD5", "x-ms-blob-content-md5"},
};

static const char *type_of(const neph_call *call)
{
    return neph_argument(call, NEPH_OBJECT_CONTENT_TYPE);
}

/* Does a look at the copy say that nothing is left to do? */
static int is_typed(const neph_call *call)
{
    const char *type = neph_reply_header(call, "Content-Type");
    return !type_of(call) ||
           (neph_call_step(call) == STEP_POLL && type && !strcmp(type, type_of(call)));
}

static int32_t type_plan(neph_call *call)
{
    int32_t rc = neph_scratch_set(call, AZURE_SCRATCH_TAG, neph_reply_header(call, "ETag"));
    for (size_t i = 0; !rc && i < NEPH_COUNT(kept); i++)
        rc = neph_scratch_set(call, AZURE_SCRATCH_KEPT + (int32_t)i,
                              neph_reply_header(call, kept[i].told));
    return rc ? rc : neph_again(call, STEP_TYPE, 0);
}

/* Of what was looked at, and of nothing that was written there since. */
static int32_t type_ask(neph_call *call, neph_request *request)
{
    int32_t rc = azure_object_ask(call, request, "PUT");
    if (!rc)
        rc = neph_request_query(request, "comp", "properties");
    if (!rc)
        rc = neph_request_header(request, "x-ms-blob-content-type", type_of(call));
    for (size_t i = 0; !rc && i < NEPH_COUNT(kept); i++)
        rc = neph_storage_header(request, kept[i].sent,
                                 neph_scratch(call, AZURE_SCRATCH_KEPT + (int32_t)i));
    return rc ? rc
              : neph_storage_header(request, "If-Match", neph_scratch(call, AZURE_SCRATCH_TAG));
}

int azure_object_copy_is_changed(const neph_call *call, const char *code)
{
    return neph_call_op(call) == NEPH_OP_OBJECT_COPY && neph_call_step(call) == STEP_TYPE &&
           !strcmp(code, "ConditionNotMet");
}

/* It may have been ourselves, where the reply to that was lost. */
int32_t azure_object_copy_look(neph_call *call)
{
    copy_state *state = neph_call_memory(call, sizeof *state);
    int32_t rc;
    if (!state)
        return neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    state->was_typed = 1;
    rc = neph_again(call, STEP_POLL, 0);
    return rc ? rc : NEPH_FAULT_FINE;
}

/* ---- the copy */

int32_t azure_object_copy(neph_call *call, neph_request *request)
{
    int32_t rc;
    if (neph_call_step(call) == STEP_POLL)
        return azure_object_ask(call, request, "HEAD");
    if (neph_call_step(call) == STEP_TYPE)
        return type_ask(call, request);
    rc = azure_object_ask(call, request, "PUT");
    if (!rc)
        rc = source_add(call, request);
    if (!rc)
        rc = neph_storage_condition(request, "x-ms-source-if-match",
                                    neph_argument(call, NEPH_COPY_IF_MATCH));
    if (!rc)
        rc = azure_object_facts(call, request);
    return rc ? rc : neph_storage_conditions(call, request);
}

static int32_t copy_fail(neph_call *call, const char *status)
{
    const char *why = neph_reply_header(call, "x-ms-copy-status-description");
    return neph_fail(call, NEPH_UNAVAILABLE, "the copy was %s%s%.200s",
                     strcmp(status, "aborted") ? "not finished" : "aborted", why ? ": " : "",
                     why ? why : "");
}

/* What is still made, or not yet known by what it shall be, is no result. */
int32_t azure_object_copy_each(neph_call *call, neph_record *record)
{
    const char *status = neph_reply_header(call, "x-ms-copy-status");
    int32_t rc = azure_object_each(call, record);
    if (rc || neph_call_step(call) == STEP_TYPE)
        return rc;
    return (status && strcmp(status, "success") != 0) || !is_typed(call) ? NEPH_DROP : 0;
}

/* It is there: now its media type, which needs a look at what else is kept with it. */
static int32_t made(neph_call *call, const copy_state *state)
{
    if (is_typed(call))
        return 0;
    if (state->was_typed)
        return neph_fail(call, NEPH_CONFLICT,
                         "the object was written anew before it got its media type");
    return neph_call_step(call) == STEP_POLL ? type_plan(call) : neph_again(call, STEP_POLL, 0);
}

/* Another copy to the same place, begun meanwhile, has another id; what was written to since the copy ended has none. */
int32_t azure_object_copy_then(neph_call *call)
{
    const char *status = neph_reply_header(call, "x-ms-copy-status");
    const char *id = neph_reply_header(call, "x-ms-copy-id");
    copy_state *state = neph_call_memory(call, sizeof *state);
    neph_text text;
    if (!state)
        return neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    if (neph_call_step(call) == STEP_TYPE)
        return 0;
    if (neph_call_step(call) == STEP_COPY) {
        neph_text_init(&text, state->id, sizeof state->id);
        neph_text_add(&text, id);
        state->delay_ms = POLL_FIRST_MS;
    } else if (!state->was_typed && (!id || strcmp(id, state->id) != 0)) {
        return neph_fail(call, NEPH_CONFLICT, "the object was written anew while it was copied to");
    }
    if (!status || !strcmp(status, "success"))
        return made(call, state);
    if (strcmp(status, "pending") != 0)
        return copy_fail(call, status);
    state->delay_ms = state->delay_ms * 2 < POLL_MOST_MS ? state->delay_ms * 2 : POLL_MOST_MS;
    return neph_again(call, STEP_POLL, state->delay_ms);
}
