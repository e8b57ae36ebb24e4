/*
 * core/attempt.c - one HTTP exchange of a call: its body goes out, its reply comes in, by table into results or as bytes
 * into the sink. Decides nothing: outcome.c does, from what stands in call->attempt afterwards.
 */
#include "core/call.h"

#include "core/text.h"

#include <string.h>

#define LEASES_KEPT 64
#define HEADERS_USUAL 500        /* bytes of a reply's headers: most need no more */
#define STREAM_POLL_MS 5         /* between looks at a pipe that has nothing, or no room, yet */
#define FAULT_TEXT 4096          /* bytes of a cloud's message that are looked at */
#define FAULT_MAX (64u << 10)    /* and of what becomes of them */
#define ERROR_BODY_MAX (1 << 20) /* of an error reply: the rest is not read by table */
#define URL_SLOT 31              /* see NEPH_FIELD_URL_IF */

/* ---- leases: readers and parsers, made when a reply begins and used over and over */

/* NULL: no parser reads the body. */
static const nephi_parser_class *class_of(const neph_host *host, uint32_t format)
{
    switch (format) {
    case NEPH_REPLY_XML: return host->xml->parser;
    case NEPH_REPLY_JSON: return &nephi_json_class;
    case NEPH_REPLY_TEXT: return &nephi_plain_class;
    default: return NULL;
    }
}

static void lease_free(nephi_lease *lease, const neph_host *host)
{
    if (!lease)
        return;
    if (lease->reader)
        nephi_reader_destroy(lease->reader);
    for (uint32_t format = 0; format < NEPHI_FORMATS; format++)
        if (lease->parsers[format])
            class_of(host, format)->destroy(lease->parsers[format]);
    nephi_free(&host->memory, lease);
}

void nephi_leases_free(neph_host *host)
{
    while (host->leases) {
        nephi_lease *next = host->leases->next;
        lease_free(host->leases, host);
        host->leases = next;
    }
}

static int lease_take(neph_call *call)
{
    neph_host *host = call->host;
    nephi_lease *lease = host->leases;
    if (lease) {
        host->leases = lease->next;
        host->lease_count--;
    } else {
        lease = nephi_alloc(&host->memory, sizeof *lease);
        if (!lease || nephi_reader_create(&lease->reader, &host->memory)) {
            lease_free(lease, host);
            return nephi_fail_memory(&call->error);
        }
    }
    call->attempt.lease = lease;
    return 0;
}

static void lease_return(neph_call *call)
{
    neph_host *host = call->host;
    nephi_lease *lease = call->attempt.lease;
    call->attempt.lease = NULL;
    call->attempt.is_reading = call->attempt.is_told = 0;
    nephi_delivery_untell(call);
    if (!lease)
        return;
    nephi_reader_reset(lease->reader);
    if (host->lease_count >= LEASES_KEPT) {
        lease_free(lease, host);
        return;
    }
    lease->next = host->leases;
    host->leases = lease;
    host->lease_count++;
}

static int parser_of(neph_call *call, uint32_t format, nephi_parser **parser,
                     const nephi_parser_class **class)
{
    nephi_lease *lease = call->attempt.lease;
    int rc = format == NEPH_REPLY_XML ? nephi_host_xml(call->host, &call->error) : 0;
    *parser = NULL;
    *class = NULL;
    if (rc)
        return rc;
    *class = class_of(call->host, format);
    if (*class && !lease->parsers[format] &&
        (*class)->create(&lease->parsers[format], &call->host->memory))
        return nephi_fail_memory(&call->error);
    *parser = *class ? lease->parsers[format] : NULL;
    return 0;
}

/* ---- the reader's sink: results and call-level values */

static neph_record *reader_make(void *user, uint32_t kind)
{
    return nephi_delivery_make(user, kind);
}

static int reader_emit(void *user, neph_record *record)
{
    return nephi_delivery_emit(user, record);
}

static void reader_discard(void *user, neph_record *record)
{
    nephi_delivery_discard(user, record);
}

static int reader_error_rule(void *user)
{
    neph_call *call = user;
    call->attempt.has_error_rule = 1;
    return 0;
}

static int scratch_keep(neph_call *call, int32_t slot, const char *text, size_t size,
                        uint32_t flags)
{
    char *copy = nephi_strndup(&call->host->memory, text, size);
    if (!copy)
        return nephi_fail_memory(&call->error);
    if (nephi_engine_scratch(call, slot, copy, (flags & NEPH_FIELD_SECRET) != 0))
        return call->error.status;
    if (slot != URL_SLOT || !call->attempt.lease)
        return 0;
    return nephi_reader_url_decode(call->attempt.lease->reader, strcmp(copy, "url") == 0);
}

/* What a server sends must fit; `what` is said to be too long. */
static int reply_limit(neph_call *call, int rc, const char *what, size_t limit)
{
    if (rc == NEPH_LIMIT)
        return nephi_fail(&call->error, NEPH_PROTOCOL, "%s longer than %zu bytes", what, limit);
    return rc ? nephi_fail_memory(&call->error) : 0;
}

int nephi_attempt_page(neph_call *call, const char *text, size_t size)
{
    nephi_buffer *next = &call->page.next;
    nephi_buffer_clear(next);
    return reply_limit(call, nephi_buffer_add(next, text, size), "the next page's token is",
                       next->limit);
}

static int page_more(neph_call *call, const char *text, size_t size)
{
    int64_t more = 1;
    if (nephi_read_boolean(text, size, &more))
        call->page.has_more = more != 0;
    return 0;
}

/* The first line: below it some clouds write the request's id and the time. */
static void lines_drop(nephi_buffer *text)
{
    const char *end = memchr(text->data, '\n', text->size);
    text->size = end ? (size_t)(end - text->data) : text->size;
    text->data[text->size] = '\0';
}

/* Of a small web page what a reader sees. */
static void tags_drop(nephi_buffer *page)
{
    size_t kept = 0;
    int is_tag = 0;
    for (size_t i = 0; i < page->size; i++) {
        char c = page->data[i];
        is_tag |= c == '<';
        if (is_tag ? c == '>' && kept && page->data[kept - 1] != ' ' : 1)
            page->data[kept++] = is_tag ? ' ' : c;
        is_tag &= c != '>';
    }
    while (kept && page->data[kept - 1] == ' ')
        kept--;
    page->size = kept;
    page->data[kept] = '\0';
}

/* What the cloud says of an error may repeat what it was given: `clean` holds it without secrets. */
static int fault_clean(neph_call *call, nephi_buffer *clean, const char *text, size_t size)
{
    nephi_buffer_init(clean, &call->host->memory, FAULT_MAX);
    return nephi_scrub_write(call->host->scrub, clean, text, size < FAULT_TEXT ? size : FAULT_TEXT);
}

static int fault_keep(neph_call *call, nephi_buffer *clean, int rc, char *field, size_t capacity)
{
    if (!rc)
        nephi_error_text(field, capacity, nephi_buffer_string(clean), clean->size);
    nephi_buffer_fini(clean);
    return rc == NEPH_NO_MEMORY ? nephi_fail_memory(&call->error) : 0;
}

int nephi_attempt_quote(neph_call *call, char *field, size_t capacity, const char *text,
                        size_t size)
{
    nephi_buffer clean;
    int rc = fault_clean(call, &clean, text, size);
    return fault_keep(call, &clean, rc, field, capacity);
}

static int fault_message(neph_call *call, const char *text, size_t size)
{
    nephi_buffer clean;
    int rc = fault_clean(call, &clean, text, size);
    if (!rc && clean.size && clean.data[0] == '<')
        tags_drop(&clean);
    else if (!rc && clean.size)
        lines_drop(&clean);
    return fault_keep(call, &clean, rc, call->fault.message, sizeof call->fault.message);
}

static int reader_value(void *user, int32_t member, const char *text, size_t size, uint32_t flags)
{
    neph_call *call = user;
    if (member >= NEPH_SCRATCH && member < NEPH_SCRATCH + NEPH_SCRATCH_COUNT)
        return scratch_keep(call, member - NEPH_SCRATCH, text, size, flags);
    switch (member) {
    case NEPH_PAGE_TOKEN:
    case NEPH_PAGE_URL: return nephi_attempt_page(call, text, size);
    case NEPH_PAGE_MORE: return page_more(call, text, size);
    case NEPH_ERROR_CODE:
        return nephi_attempt_quote(call, call->fault.code, sizeof call->fault.code, text, size);
    case NEPH_ERROR_MESSAGE: return fault_message(call, text, size);
    case NEPH_ERROR_REQUEST_ID:
        return nephi_attempt_quote(call, call->fault.request_id, sizeof call->fault.request_id,
                                   text, size);
    default: return nephi_login_value(call, member, text, size);
    }
}

static const nephi_reader_sink reader_sink = {.make = reader_make,
                                              .emit = reader_emit,
                                              .value = reader_value,
                                              .error_rule = reader_error_rule,
                                              .discard = reader_discard};

/* ---- the reply */

static const nephi_reply *reply_of(const neph_call *call)
{
    const nephi_action *action = call->action;
    if (call->attempt.is_error_reply)
        return call->cloud->provider->error;
    if (!action->reply_count)
        return NULL;
    return action->replies[call->step < action->reply_count ? call->step : action->reply_count - 1];
}

static int is_to_sink(const neph_call *call)
{
    const nephi_reply *reply = call->attempt.is_error_reply ? NULL : reply_of(call);
    return reply && nephi_reply_format(reply) == NEPH_REPLY_BODY && call->sink.host;
}

/* Whether the results of a reply are encoded: what the page before said, or this one must. */
static int url_state(const neph_call *call)
{
    const char *said = call->scratch[URL_SLOT];
    return said ? strcmp(said, "url") == 0 : -1;
}

static int reader_start(neph_call *call)
{
    nephi_attempt *attempt = &call->attempt;
    const nephi_reply *reply = reply_of(call);
    const nephi_parser_class *class;
    nephi_parser *parser;
    uint32_t format;
    int rc;
    if (!reply)
        return 0;
    rc = lease_take(call);
    format = nephi_reply_format(reply);
    if (!rc)
        rc = parser_of(call, strcmp(call->request.method, "HEAD") == 0 ? NEPH_REPLY_NONE : format,
                       &parser, &class);
    if (!rc)
        rc = nephi_reader_begin(attempt->lease->reader, reply, parser, class, &reader_sink, call,
                                attempt->is_error_reply ? &call->fault : &call->error);
    if (rc)
        return rc;
    rc = nephi_reader_url_decode(attempt->lease->reader, url_state(call));
    attempt->is_reading = 1;
    return rc;
}

static int32_t on_status(neph_exchange *exchange, int32_t http_status)
{
    neph_call *call = exchange->user;
    nephi_attempt *attempt = &call->attempt;
    attempt->status = http_status;
    attempt->is_error_reply = http_status / 100 != 2;
    nephi_buffer_clear(&attempt->headers);
    nephi_buffer_clear(&attempt->text);
    attempt->received = 0;
    lease_return(call);
    if (nephi_buffer_reserve(&attempt->headers, HEADERS_USUAL))
        return nephi_fail_memory(&call->error);
    return reader_start(call);
}

static int reader_end(neph_call *call)
{
    nephi_attempt *attempt = &call->attempt;
    int rc = nephi_reader_end(attempt->lease->reader);
    attempt->is_reading = 0;
    if (!rc && attempt->status == 200 && nephi_reader_is_empty(attempt->lease->reader))
        rc = nephi_fail(&call->error, NEPH_PROTOCOL,
                        "the reply is empty, where a document was to come: was it cut short?");
    return rc;
}

/* What goes to the sink is read by nobody else: all that is known of it is known before its first byte. */
static int32_t on_headers_done(neph_exchange *exchange)
{
    neph_call *call = exchange->user;
    int rc;
    if (!call->attempt.is_reading || !is_to_sink(call))
        return 0;
    call->attempt.is_told = 1;
    nephi_engine_enter(call);
    rc = reader_end(call);
    nephi_engine_leave(call);
    return rc;
}

static int32_t on_header(neph_exchange *exchange, const char *name, const char *value)
{
    neph_call *call = exchange->user;
    nephi_buffer *headers = &call->attempt.headers;
    int rc = nephi_buffer_add(headers, name, strlen(name) + 1);
    if (!rc)
        rc = nephi_buffer_add(headers, value, strlen(value) + 1);
    if (rc)
        return reply_limit(call, rc, "the reply's headers are", headers->limit);
    if (call->attempt.is_reading)
        return nephi_reader_header(call->attempt.lease->reader, name, value);
    return 0;
}

const char *nephi_attempt_header(const neph_call *call, const char *name)
{
    const nephi_buffer *headers = &call->attempt.headers;
    const char *at = headers->data;
    while (at && at < headers->data + headers->size) {
        const char *value = at + strlen(at) + 1;
        if (nephi_same_name(at, name))
            return value;
        at = value + strlen(value) + 1;
    }
    return NULL;
}

/* The beginning of a body, for messages, traces and error replies of another format. */
static void text_keep(neph_call *call, const void *data, size_t size)
{
    nephi_buffer *text = &call->attempt.text;
    size_t room = text->limit - text->size;
    if (call->attempt.is_error_reply || call->host->config.trace)
        (void)nephi_buffer_add(text, data, size < room ? size : room);
}

static int64_t rate_limit(neph_call *call, size_t size)
{
    int64_t count = nephi_rate_limit(call, size);
    if (count == NEPH_AGAIN)
        call->is_paused = 1;
    return count;
}

static int sink_take(neph_call *call, const void *data, size_t size)
{
    int64_t ready = rate_limit(call, size);
    int rc = ready < 0 ? (int)ready : nephi_sink_write(&call->sink, data, size, &call->error);
    if (!rc)
        nephi_rate_spend(&call->host->rate, (int64_t)size);
    if (!rc && call->checksum.digest)
        rc = nephi_checksum_add(call, data, size);
    if (rc == NEPH_AGAIN)
        call->is_paused = 1;
    if (rc == NEPH_AGAIN && ready > 0 && nephi_sink_is_polled(&call->sink) &&
        nephi_timer_set(&call->host->loop, &call->timer, STREAM_POLL_MS))
        return nephi_fail_memory(&call->error);
    if (!rc)
        call->progress_bytes += (int64_t)size;
    return rc;
}

/* No error document of this cloud: the status, and what was read so far, must do. rc: why it cannot be read. */
static int fault_unreadable(neph_call *call, int rc)
{
    if (call->fault.status)
        call->fault.message[0] = 0;
    call->fault.status = 0;
    lease_return(call);
    return rc == NEPH_NO_MEMORY ? nephi_fail_memory(&call->error) : 0;
}

static int reader_take(neph_call *call, const void *data, size_t size)
{
    nephi_attempt *attempt = &call->attempt;
    int rc;
    if (!attempt->is_reading || !attempt->lease)
        return 0;
    if (!attempt->is_error_reply && nephi_delivery_is_full(call)) {
        call->is_paused = 1;
        return NEPH_AGAIN;
    }
    rc = nephi_reader_feed(attempt->lease->reader, data, size);
    if (!attempt->is_error_reply)
        return rc ? rc : nephi_delivery_run(call);
    return rc || attempt->received > ERROR_BODY_MAX ? fault_unreadable(call, rc) : 0;
}

static int32_t on_body(neph_exchange *exchange, const void *data, size_t size)
{
    neph_call *call = exchange->user;
    int rc;
    nephi_engine_enter(call);
    rc = is_to_sink(call) ? sink_take(call, data, size) : reader_take(call, data, size);
    if (!rc && call->state == NEPHI_SENT) {
        call->attempt.received += (int64_t)size;
        text_keep(call, data, size);
    }
    nephi_engine_leave(call);
    return rc;
}

static int reader_finish(neph_call *call, int status)
{
    nephi_attempt *attempt = &call->attempt;
    int rc = status;
    if (!status && attempt->is_reading)
        rc = reader_end(call);
    if (!rc && attempt->is_told)
        rc = nephi_delivery_tell(call);
    if (attempt->is_error_reply && rc != status)
        rc = fault_unreadable(call, rc);
    lease_return(call);
    return rc;
}

static void on_done(neph_exchange *exchange, int32_t status, const char *message, int32_t sent)
{
    neph_call *call = exchange->user;
    int rc;
    call->attempt.is_sent = 0;
    nephi_engine_enter(call);
    if (status)
        nephi_fail(&call->error, status, "%s",
                   message && *message ? message : neph_status_name(status));
    if (status)
        call->error.sent = sent;
    rc = reader_finish(call, status);
    if (call->host->config.trace)
        nephi_trace_reply(call);
    if (!rc && nephi_delivery_run(call))
        rc = NEPH_CANCELLED;
    if (call->state != NEPHI_DONE)
        nephi_outcome(call, rc);
    nephi_engine_leave(call);
}

/* ---- the body on its way out */

static int64_t text_read(neph_call *call, void *data, size_t size)
{
    size_t left = call->request.body.size - call->attempt.body_at;
    if (size > left)
        size = left;
    if (size)
        memcpy(data, call->request.body.data + call->attempt.body_at, size);
    call->attempt.body_at += size;
    return (int64_t)size;
}

static int64_t source_read(neph_call *call, void *data, size_t size)
{
    int64_t count = nephi_source_read(&call->source, data, size, &call->error);
    int rc = count > 0 && call->checksum.digest ? nephi_checksum_add(call, data, (size_t)count) : 0;
    return rc ? rc : count;
}

static int64_t body_read(neph_call *call, void *data, size_t size)
{
    int64_t count;
    if (call->attempt.frames)
        count = nephi_frames_read(call, data, size);
    else if (call->request.body_kind == NEPHI_BODY_TEXT)
        count = text_read(call, data, size);
    else
        count = source_read(call, data, size);
    if (count > 0 && call->source.host)
        call->progress_bytes = call->source.position;
    if (count != NEPH_AGAIN)
        return count;
    call->is_paused = 1;
    if (call->source.spec.from != NEPH_BODY_CALLBACK)
        (void)nephi_timer_set(&call->host->loop, &call->timer, STREAM_POLL_MS);
    return count;
}

static int64_t read_body(neph_exchange *exchange, void *data, size_t size)
{
    neph_call *call = exchange->user;
    int64_t count = rate_limit(call, size);
    if (count < 0)
        return count;
    nephi_engine_enter(call);
    count = body_read(call, data, (size_t)count);
    nephi_engine_leave(call);
    if (count > 0)
        nephi_rate_spend(&call->host->rate, count);
    return count;
}

static int body_rewind(neph_call *call)
{
    int is_source = call->request.body_kind == NEPHI_BODY_SOURCE, rc = 0;
    call->attempt.body_at = 0;
    nephi_frames_free(call);
    if (is_source && nephi_source_rewind(&call->source))
        return NEPH_UNSUPPORTED;
    if (is_source && call->checksum.algorithm)
        rc = nephi_checksum_begin(call);
    return !rc && call->request.framing ? nephi_frames_begin(call) : rc;
}

static int32_t rewind_body(neph_exchange *exchange)
{
    return body_rewind(exchange->user);
}

/* ---- begun and ended */

int nephi_attempt_start(neph_call *call)
{
    nephi_attempt *attempt = &call->attempt;
    neph_exchange *exchange = &attempt->exchange;
    neph_request *request = &call->request;
    int rc = body_rewind(call);
    if (!rc && call->checksum.algorithm && call->sink.host && !call->sink.written)
        rc = nephi_checksum_begin(call);
    if (!rc && !nephi_request_url(request))
        rc = NEPH_NO_MEMORY;
    if (rc)
        return nephi_fail(&call->error, rc, "the body cannot be sent: %s", neph_status_name(rc));
    *exchange = (neph_exchange){
        .size = sizeof *exchange,
        .method = request->method,
        .url = request->url.data,
        .unix_socket = request->endpoint->url.port ? NULL : request->endpoint->url.path,
        .headers = request->headers,
        .header_count = request->header_count,
        .body_size = nephi_call_body_size(call),
        .expect_continue = request->expect_continue,
        .no_proxy = nephi_request_is_link_local(request),
        .read_body = read_body,
        .rewind_body = rewind_body,
        .on_status = on_status,
        .on_header = on_header,
        .on_headers_done = on_headers_done,
        .on_body = on_body,
        .on_done = on_done,
        .user = call};
    attempt->status = 0;
    attempt->has_error_rule = attempt->is_error_reply = 0;
    nephi_error_clear(&call->fault);
    call->attempts++;
    call->asked_ns = nephi_cloud_now(call->cloud);
    call->is_paused = 0;
    if (!call->page.is_stepping) {
        nephi_buffer_clear(&call->page.next);
        call->page.has_more = -1;
    }
    if (call->host->config.trace)
        nephi_trace_request(call);
    rc = call->host->transport->start(call->host->transport_state, exchange);
    if (rc)
        return nephi_fail(&call->error, rc, "the request cannot be started: %s",
                          neph_status_name(rc));
    attempt->is_sent = 1;
    call->state = NEPHI_SENT;
    return 0;
}

void nephi_attempt_abort(neph_call *call)
{
    if (call->attempt.is_sent && nephi_host_is_own(call->host))
        call->host->transport->cancel(call->host->transport_state, &call->attempt.exchange);
    call->attempt.is_sent = 0;
    lease_return(call);
}

void nephi_attempt_resume(neph_call *call)
{
    if (call->state == NEPHI_DONE)
        return;
    if (call->is_blocked && !nephi_delivery_is_full(call)) {
        call->is_blocked = 0;
        nephi_engine_delay(call, 0);
        return;
    }
    if (!call->is_paused || !call->attempt.is_sent || call->queue_size > call->queue_most / 2)
        return;
    call->is_paused = 0;
    call->host->transport->resume(call->host->transport_state, &call->attempt.exchange);
}
