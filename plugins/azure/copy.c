/*
 * copy.c - a copy inside the account: Copy Blob, which may be done later. It is looked at until it is.
 */
#include "azure.h"

#define POLL_FIRST_MS 200
#define POLL_MOST_MS 5000

enum { STEP_COPY, STEP_POLL };

/* The copy that was begun. */
typedef struct copy_state {
    int64_t delay_ms; /* until the next look */
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

int32_t azure_object_copy(neph_call *call, neph_request *request)
{
    int32_t rc;
    if (neph_call_step(call) == STEP_POLL)
        return azure_object_ask(call, request, "HEAD");
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

/* Another copy to the same place, begun meanwhile, has another id. */
int32_t azure_object_copy_then(neph_call *call)
{
    const char *status = neph_reply_header(call, "x-ms-copy-status");
    const char *id = neph_reply_header(call, "x-ms-copy-id");
    copy_state *state = neph_call_memory(call, sizeof *state);
    neph_text text;
    if (!state)
        return neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    if (neph_call_step(call) == STEP_COPY) {
        neph_text_init(&text, state->id, sizeof state->id);
        neph_text_add(&text, id);
        state->delay_ms = POLL_FIRST_MS;
    } else if (!id || strcmp(id, state->id) != 0) {
        return neph_fail(call, NEPH_CONFLICT, "the object was written anew while it was copied to");
    }
    if (!status || !strcmp(status, "success"))
        return 0;
    if (strcmp(status, "pending") != 0)
        return copy_fail(call, status);
    state->delay_ms = state->delay_ms * 2 < POLL_MOST_MS ? state->delay_ms * 2 : POLL_MOST_MS;
    return neph_again(call, STEP_POLL, state->delay_ms);
}
