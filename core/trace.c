/*
 * core/trace.c - what neph_host_config.trace is told: requests and replies in words, secrets replaced. Not on any path
 * unless the program asked for it.
 */
#include "core/call.h"

#include <string.h>

#define TRACE_MAX (256u << 10)
#define BODY_MAX 65536u  /* as much as attempt.c keeps of one */
#define SECRET_MAX 4096u /* bytes of a secret and its encodings */

void nephi_trace(neph_host *host, int32_t what, const char *text, size_t size)
{
    nephi_buffer clean;
    if (!host->config.trace)
        return;
    nephi_buffer_init(&clean, &host->memory, 4 * TRACE_MAX);
    if (nephi_scrub_write(host->scrub, &clean, text, size) == 0)
        host->config.trace(what, nephi_buffer_string(&clean), clean.size, host->config.trace_user);
    nephi_buffer_fini(&clean);
}

static void trace_buffer(neph_host *host, int32_t what, nephi_buffer *text, int rc)
{
    if (!rc && text->size)
        nephi_trace(host, what, text->data, text->size);
    nephi_buffer_fini(text);
}

/* Of a long body the beginning; without its last bytes, for they may be half a secret. */
static size_t shown(size_t size)
{
    return size < BODY_MAX ? size : BODY_MAX - SECRET_MAX;
}

void nephi_trace_request(neph_call *call)
{
    neph_request *request = &call->request;
    nephi_buffer text;
    int rc;
    nephi_buffer_init(&text, &call->host->memory, TRACE_MAX);
    text.secret = 1;
    rc = nephi_buffer_format(&text, "%s %s\n", request->method, request->url.data);
    for (uint32_t i = 0; !rc && i < request->header_count; i++)
        rc = nephi_buffer_format(&text, "%s: %s\n", request->headers[i].name,
                                 request->headers[i].value);
    if (!rc && request->body_kind == NEPHI_BODY_TEXT && request->body.size) {
        rc = nephi_buffer_char(&text, '\n');
        if (!rc)
            rc = nephi_buffer_add(&text, request->body.data, shown(request->body.size));
    }
    trace_buffer(call->host, NEPH_TRACE_REQUEST, &text, rc);
}

void nephi_trace_reply(neph_call *call)
{
    nephi_attempt *attempt = &call->attempt;
    const char *at = attempt->headers.data;
    nephi_buffer text;
    int rc;
    if (!attempt->status) {
        nephi_trace(call->host, NEPH_TRACE_NOTE, call->error.message, strlen(call->error.message));
        return;
    }
    nephi_buffer_init(&text, &call->host->memory, TRACE_MAX);
    text.secret = 1;
    rc = nephi_buffer_format(&text, "HTTP %d\n", attempt->status);
    while (!rc && at && at < attempt->headers.data + attempt->headers.size) {
        const char *value = at + strlen(at) + 1;
        rc = nephi_buffer_format(&text, "%s: %s\n", at, value);
        at = value + strlen(value) + 1;
    }
    trace_buffer(call->host, NEPH_TRACE_REPLY, &text, rc);
    if (attempt->text.size)
        nephi_trace(call->host, NEPH_TRACE_BODY, attempt->text.data, shown(attempt->text.size));
}
