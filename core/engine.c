/*
 * core/engine.c - the way of a call from its start to its first byte out, and its end: checks, login, a place, ask,
 * preparing the body, sign, send. Every step can be put off; nephi_engine_go() takes up wherever the call stands.
 */

#include "core/call.h"
#include "core/digest.h"
#include "core/services.h"

#include <stdio.h>
#include <string.h>

#define HOUR_MS INT64_C(3600000)
#define PRESIGN_SECONDS 3600 /* where the program does not say */
#define PRESIGN_SECONDS_MAX                                                                        \
    INT64_C(3155760000) /* a hundred years: nanoseconds reach not much further */
#define POLL_MS 5       /* between looks at a source that has nothing yet */

/* ---- checks before anything is sent */

static int argument_is_given(const neph_call *call, const neph_member_info *info)
{
    if (info->type == NEPH_TYPE_SOURCE)
        return call->source_spec.from != NEPH_BODY_NONE;
    if (info->type == NEPH_TYPE_SINK)
        return call->sink_spec.to != NEPH_BODY_NONE;
    return nephi_arguments_find(&call->arguments, info->member) != NULL;
}

static int required_check(neph_call *call, const neph_op_info *op)
{
    for (uint32_t i = 0; i < op->argument_count; i++) {
        const neph_member_info *info = &op->arguments[i];
        if ((info->flags & NEPH_INFO_REQUIRED) && !argument_is_given(call, info))
            return nephi_fail(&call->error, NEPH_INVALID, "%s needs %s", op->name, info->name);
    }
    return 0;
}

/* A file that nothing would be written to or read from is not touched. */
static int body_check(neph_call *call, const neph_op_info *op)
{
    int is_source = call->source_spec.from != NEPH_BODY_NONE;
    int is_sink = call->sink_spec.to != NEPH_BODY_NONE;
    if ((is_source && !nephi_op_argument(op, NEPH_BODY_SOURCE)) ||
        (is_sink && !nephi_op_argument(op, NEPH_BODY_SINK)))
        return nephi_fail(&call->error, NEPH_INVALID, "%s has no %s", op->name,
                          is_source ? "source" : "sink");
    return 0;
}

static int given_check(neph_call *call, const neph_op_info *op)
{
    for (const nephi_argument *at = call->arguments.first; at; at = at->next) {
        const neph_member_info *info = nephi_op_argument(op, at->member);
        if (!info)
            return nephi_fail(&call->error, NEPH_INVALID, "%s has no argument %s", op->name,
                              nephi_arguments_member(&call->arguments, at->member)->info.name);
        if (!(info->flags & NEPH_INFO_REQUIRED) &&
            !nephi_provider_takes(call->cloud->provider, call->action, at->member))
            return nephi_fail(&call->error, NEPH_UNSUPPORTED, "%s of provider %s does not take %s",
                              op->name, call->cloud->provider->table.id, info->name);
    }
    return 0;
}

static int limit_take(neph_call *call)
{
    const nephi_argument *limit = nephi_arguments_find(&call->arguments, NEPH_LIST_LIMIT);
    call->limit = limit ? limit->number : 0;
    return call->limit >= 0
               ? 0
               : nephi_fail(&call->error, NEPH_INVALID, "limit is %lld, but must be 0 or more",
                            (long long)call->limit);
}

static int arguments_check(neph_call *call)
{
    const neph_op_info *op = call->info;
    int rc;
    if (call->error.status)
        return call->error.status;
    if (!call->action)
        return nephi_fail(&call->error, NEPH_UNSUPPORTED,
                          "provider %s cannot do %s: `neph provider show %s` lists what it can",
                          call->cloud->provider->table.id, op ? op->name : "this",
                          call->cloud->provider->table.id);
    if (!op)
        return 0; /* login */
    rc = required_check(call, op);
    if (!rc)
        rc = body_check(call, op);
    if (!rc)
        rc = given_check(call, op);
    if (!rc)
        rc = limit_take(call);
    if (!rc)
        rc = nephi_checksum_plan(call);
    if (!rc)
        rc = nephi_filter_begin(&call->filter, op->kind, &call->arguments, &call->error);
    if (!rc)
        rc = nephi_reconcile_plan(call);
    return rc ? rc : nephi_watch_plan(call);
}

/* A filter that the provider does not take makes its pages hold less than they seem to. */
static int limit_is_hidden(const neph_call *call)
{
    for (const nephi_argument *at = call->arguments.first; at; at = at->next)
        if (nephi_filter_is_own(at->member) && !nephi_action_takes(call->action, at->member))
            return 1;
    return 0;
}

/* Until the call ends: a trace, a log and a recording show none of them. */
static int secrets_register(neph_call *call)
{
    for (const nephi_argument *at = call->arguments.first; at; at = at->next) {
        if (!at->text ||
            !(nephi_arguments_member(&call->arguments, at->member)->info.flags & NEPH_INFO_SECRET))
            continue;
        if (nephi_scrub_add(call->host->scrub, at->text))
            return nephi_fail_memory(&call->error);
        call->secret_count++;
    }
    return 0;
}

static void secrets_forget(neph_call *call)
{
    for (const nephi_argument *at = call->arguments.first; call->secret_count; at = at->next) {
        if (!at->text ||
            !(nephi_arguments_member(&call->arguments, at->member)->info.flags & NEPH_INFO_SECRET))
            continue;
        nephi_scrub_remove(call->host->scrub, at->text);
        call->secret_count--;
    }
}

/* What a sink gets at most: a server that sends all in place of a range writes over nothing else. */
static void sink_bound(neph_call *call)
{
    const nephi_argument *length = nephi_arguments_find(&call->arguments, NEPH_RANGE_LENGTH);
    if (length && length->number > 0)
        call->sink.most = length->number;
}

static int bodies_open(neph_call *call)
{
    int rc = 0;
    if (call->source_spec.from != NEPH_BODY_NONE)
        rc = nephi_source_open(&call->source, call->host, &call->source_spec, &call->error);
    if (!rc && call->sink_spec.to != NEPH_BODY_NONE)
        rc = nephi_sink_open(&call->sink, call->host, &call->sink_spec, &call->error);
    if (!rc && call->sink.host)
        sink_bound(call);
    return rc;
}

static int deadline_begin(neph_call *call)
{
    int is_long =
        call->source.host || call->sink.host || call->action->table.page != NEPH_PAGE_NONE;
    if (!call->deadline_ms)
        call->deadline_ms = call->host->config.deadline_ms;
    if (call->deadline_ms <= 0)
        call->deadline_ms = (is_long ? 24 * HOUR_MS : HOUR_MS) + call->watch.wait_ms;
    return nephi_timer_set(&call->host->loop, &call->deadline, call->deadline_ms)
               ? nephi_fail_memory(&call->error)
               : 0;
}

void nephi_engine_start(neph_call *call)
{
    int rc = nephi_host_check(call->host, &call->error);
    call->info = nephi_call_operation(call);
    call->is_creating = call->info && nephi_op_creates(call->info);
    if (!rc && !call->cloud)
        rc = nephi_fail(&call->error, NEPH_INVALID, "the cloud was closed");
    if (!rc && !call->is_login)
        call->action = nephi_provider_action(call->cloud->provider, call->op);
    if (!rc)
        rc = arguments_check(call);
    if (!rc)
        rc = secrets_register(call);
    if (!rc)
        rc = bodies_open(call);
    if (!rc)
        rc = deadline_begin(call);
    if (rc) {
        nephi_engine_finish(call, rc);
        return;
    }
    call->hides_limit = limit_is_hidden(call);
    nephi_request_init(&call->request, call);
    call->state = NEPHI_READY;
    nephi_task_queue(&call->host->loop, &call->task);
}

/* ---- a place among the cloud's requests */

static int place_take(neph_call *call)
{
    neph_cloud *cloud = call->cloud;
    if (call->has_place || call->is_login)
        return 1;
    if (cloud->in_flight >= call->host->config.max_requests_per_cloud) {
        call->state = NEPHI_QUEUED;
        call->next_queued = NULL;
        if (cloud->queue_last)
            cloud->queue_last->next_queued = call;
        else
            cloud->queue_first = call;
        cloud->queue_last = call;
        return 0;
    }
    cloud->in_flight++;
    call->has_place = 1;
    return 1;
}

static void queue_leave(neph_call *call)
{
    neph_cloud *cloud = call->cloud;
    neph_call *previous = NULL;
    for (neph_call *at = cloud->queue_first; at && at != call; at = at->next_queued)
        previous = at;
    if (previous)
        previous->next_queued = call->next_queued;
    else
        cloud->queue_first = call->next_queued;
    if (cloud->queue_last == call)
        cloud->queue_last = previous;
}

/* Handed to who waits longest: nobody comes between. */
void nephi_engine_release_place(neph_call *call)
{
    neph_cloud *cloud = call->cloud;
    neph_call *first;
    if (!call->has_place || !cloud)
        return;
    call->has_place = 0;
    first = cloud->queue_first;
    if (!first) {
        if (--cloud->in_flight == 0)
            nephi_renewal_end(cloud);
        return;
    }
    queue_leave(first);
    first->has_place = 1;
    first->state = NEPHI_READY;
    nephi_task_queue(&call->host->loop, &first->task);
}

/* Who sleeps holds no place. */
void nephi_engine_delay(neph_call *call, int64_t delay_ms)
{
    nephi_timer_clear(&call->host->loop, &call->timer);
    call->state = delay_ms > 0 ? NEPHI_DELAYED : NEPHI_READY;
    if (delay_ms <= 0) {
        nephi_task_queue(&call->host->loop, &call->task);
        return;
    }
    nephi_engine_release_place(call);
    if (nephi_timer_set(&call->host->loop, &call->timer, delay_ms))
        nephi_engine_finish(call, nephi_fail_memory(&call->error));
}

/* ---- what hooks leave and answer */

int nephi_engine_scratch(neph_call *call, int32_t slot, char *value, int is_secret)
{
    uint32_t bit = UINT32_C(1) << slot;
    if (call->scratch_secret & bit)
        nephi_scrub_remove(call->host->scrub, call->scratch[slot]);
    call->scratch_secret &= ~bit;
    nephi_free_secret_string(&call->host->memory, call->scratch[slot]);
    call->scratch[slot] = value;
    if (!value || !is_secret)
        return 0;
    if (nephi_scrub_add(call->host->scrub, value))
        return nephi_fail_memory(&call->error);
    call->scratch_secret |= bit;
    return 0;
}

void nephi_engine_enter(neph_call *call)
{
    call->in_hook++;
}

void nephi_engine_leave(neph_call *call)
{
    if (--call->in_hook || !call->is_cancelled)
        return;
    call->is_cancelled = 0;
    neph_call_cancel(call);
}

/* A service that failed, and whose failure the provider made good, leaves nothing behind. */
int nephi_engine_hook(neph_call *call, int32_t answer, const char *what)
{
    if (answer >= 0) {
        if (call->error.status)
            nephi_error_forget(&call->error);
        return 0;
    }
    return nephi_fail(&call->error, nephi_hook_status(answer), "the provider %s: %s", what,
                      neph_status_name(answer));
}

/* ---- ask */

static int page_apply(neph_call *call)
{
    const neph_action *action = &call->action->table;
    if (!call->page.token.size)
        return 0;
    switch (action->page) {
    case NEPH_PAGE_BY_QUERY:
    case NEPH_PAGE_BY_LAST:
    case NEPH_PAGE_BY_OFFSET:
        return nephi_request_add_query(&call->request, action->page_name, call->page.token.data);
    case NEPH_PAGE_BY_FORM:
        return nephi_request_add_form(&call->request, action->page_name, call->page.token.data);
    case NEPH_PAGE_BY_URL:
        return nephi_request_follow(&call->request, call->page.token.data, "the next page is at");
    default: return 0;
    }
}

static int user_agent_add(neph_call *call)
{
    static const char own[] = "neph/" PACKAGE_VERSION;
    char text[256];
    const char *given = call->host->config.user_agent;
    if (!given)
        return nephi_request_set_header(&call->request, "User-Agent", own);
    snprintf(text, sizeof text, "%s %s", given, own);
    return nephi_request_set_header(&call->request, "User-Agent", text);
}

static int presign_begin(neph_call *call)
{
    const nephi_argument *given = nephi_arguments_find(&call->arguments, NEPH_PRESIGN_SECONDS);
    call->request.presign_seconds = given ? given->number : PRESIGN_SECONDS;
    return call->request.presign_seconds > 0 && call->request.presign_seconds <= PRESIGN_SECONDS_MAX
               ? 0
               : nephi_fail(&call->error, NEPH_INVALID, "seconds must be between 1 and %lld",
                            (long long)PRESIGN_SECONDS_MAX);
}

/* It may ask for the body's digest, and is run again when that is there; or choose another step, and is run as that. */
static int ask_hook(neph_call *call)
{
    int32_t answer;
    call->wants_step = 0;
    answer = call->action->table.ask(call, &call->request);
    if (answer == NEPH_AGAIN && call->digest_wanted)
        return NEPH_AGAIN;
    if (answer == NEPH_AGAIN && call->wants_step) {
        call->step = call->next_step;
        call->attempts = call->redirects = call->asks = 0;
        return NEPH_AGAIN;
    }
    if (answer == NEPH_DROP && call->is_login)
        return NEPH_DROP;
    return nephi_engine_hook(call, answer, "could not ask");
}

static int ask(neph_call *call)
{
    const neph_action *action = &call->action->table;
    neph_request *request = &call->request;
    int rc;
    nephi_request_reset(request);
    rc = nephi_request_set_endpoint(request, action->endpoint);
    if (rc == NEPH_INVALID && action->ask && call->action->table.endpoint == NULL) {
        nephi_error_forget(&call->error); /* ask may name another one */
        rc = 0;
    }
    if (!rc && action->method)
        rc = nephi_request_set_method(request, action->method);
    if (!rc && action->path)
        rc = nephi_request_set_path(request, action->path, NULL, 0);
    if (!rc && (action->traits & NEPH_PRESIGN) && !call->step)
        rc = presign_begin(call);
    if (!rc && action->ask)
        rc = ask_hook(call);
    if (!rc && !request->endpoint)
        rc = nephi_request_set_endpoint(request, NULL);
    if (!rc)
        rc = page_apply(call);
    if (!rc && request->is_form)
        rc = nephi_request_set_header(request, "Content-Type", "application/x-www-form-urlencoded");
    if (!rc && !request->presign_seconds)
        rc = user_agent_add(call);
    if (rc)
        return rc;
    nephi_request_mark(request);
    call->is_asked = 1;
    return 0;
}

/* ---- body: spooled or digested in slices */

static int body_prepare(neph_call *call)
{
    int rc = 0;
    int needs_length =
        call->source.length < 0 && !(call->request.framing && nephi_frames_length(call) < 0);
    if (call->request.body_kind == NEPHI_BODY_SOURCE && call->source.is_stream &&
        (needs_length || call->digest_wanted)) {
        rc = nephi_source_spool(&call->source, &call->error);
        return rc == 0 ? NEPH_AGAIN : rc;
    }
    return call->digest_wanted ? nephi_digest_slice(call) : 0;
}

static int sign(neph_call *call)
{
    const neph_provider *provider = &call->cloud->provider->table;
    int rc;
    nephi_request_unsign(&call->request);
    if (!provider->sign || (call->action->table.traits & NEPH_ANONYMOUS))
        return 0;
    rc = provider->sign(call, &call->request, nephi_cloud_now(call->cloud));
    if (rc == NEPH_AGAIN && call->digest_wanted)
        return NEPH_AGAIN;
    return nephi_engine_hook(call, rc, "could not sign");
}

/* The signed request is the result. */
static int presigned(neph_call *call)
{
    neph_record *record = nephi_delivery_make(call, NEPH_KIND_URL);
    const char *url = nephi_request_url(&call->request);
    int64_t expires = nephi_cloud_now(call->cloud) + call->request.presign_seconds * NEPH_NANO;
    int rc;
    if (!record || !url) {
        if (record)
            nephi_delivery_discard(call, record);
        return nephi_fail_memory(&call->error);
    }
    rc = nephi_record_set_text(record, nephi_member_find(NEPH_URL_URL), url, strlen(url));
    if (!rc)
        rc = nephi_record_set_text(record, nephi_member_find(NEPH_URL_METHOD), call->request.method,
                                   strlen(call->request.method));
    if (!rc)
        rc = nephi_record_set_number(record, nephi_member_find(NEPH_URL_EXPIRES), expires);
    if (rc) {
        nephi_delivery_discard(call, record);
        return nephi_fail_memory(&call->error);
    }
    return nephi_delivery_emit(call, record);
}

/* ---- going on */

/* NEPH_AGAIN: at the next turn. NEPH_BUSY: in a while. 0: sent, or waiting for something that will go on. */
static int step(neph_call *call)
{
    int rc;
    if (!nephi_login_ensure(call) || !place_take(call))
        return 0;
    rc = nephi_host_wire(call->host, &call->error);
    if (!rc && !(call->action->table.traits & NEPH_ANONYMOUS))
        rc = nephi_renewal_ensure(call->cloud, &call->error);
    if (!rc && call->digest_wanted)
        rc = body_prepare(call);
    if (!rc && !call->is_asked)
        rc = ask(call);
    if (rc == NEPH_DROP) { /* of a login: there is nothing to fetch */
        call->cloud->session.is_needless = 1;
        nephi_engine_finish(call, 0);
        return 0;
    }
    if (!rc)
        rc = body_prepare(call);
    if (!rc)
        rc = sign(call);
    if (rc)
        return rc;
    if (call->request.presign_seconds) {
        rc = presigned(call);
        if (!rc)
            nephi_engine_finish(call, 0);
        return rc;
    }
    rc = nephi_host_transport(call->host, &call->error);
    return rc ? rc : nephi_attempt_start(call);
}

void nephi_engine_go(neph_call *call)
{
    int rc;
    if (call->state == NEPHI_DONE)
        return;
    if (call->state == NEPHI_SENT) {
        nephi_attempt_resume(call);
        return;
    }
    call->state = NEPHI_READY;
    if (call->watch.is_on) {
        nephi_watch_go(call);
        return;
    }
    if (call->is_searching) {
        nephi_reconcile_go(call);
        return;
    }
    if (call->action->table.perform) {
        nephi_perform(call);
        return;
    }
    nephi_engine_enter(call);
    rc = step(call);
    nephi_engine_leave(call);
    if (call->state == NEPHI_DONE || !rc)
        return;
    if (rc == NEPH_AGAIN)
        nephi_engine_delay(call, 0);
    else if (rc == NEPH_BUSY)
        nephi_engine_delay(call, POLL_MS);
    else
        nephi_engine_finish(call, rc);
}

/* ---- the end */

static void leave(neph_call *call)
{
    nephi_child_end(call);
    nephi_attempt_abort(call);
    if (call->state == NEPHI_WAITING)
        nephi_login_leave(call);
    if (call->state == NEPHI_QUEUED && call->cloud)
        queue_leave(call);
    nephi_engine_release_place(call);
    nephi_rate_leave(call);
    nephi_timer_clear(&call->host->loop, &call->timer);
    nephi_task_cancel(&call->task);
    if (call->has_performed && call->action->table.finish && nephi_host_is_own(call->host))
        call->action->table.finish(call);
    call->has_performed = 0;
    while (call->made) {
        neph_record *next = call->made->next;
        nephi_delivery_discard(call, call->made);
        call->made = next;
    }
}

static void secrets_wipe(neph_call *call)
{
    const nephi_memory *memory = &call->host->memory;
    nephi_frames_free(call);
    nephi_digest_abandon(call);
    nephi_checksum_end(call);
    secrets_forget(call);
    nephi_source_close(&call->source);
    nephi_request_fini(&call->request);
    nephi_free_secret(memory, call->memory, call->memory_size);
    call->memory = NULL;
    for (int32_t i = 0; i < NEPH_SCRATCH_COUNT; i++)
        (void)nephi_engine_scratch(call, i, NULL, 0);
}

/* Whoever failed may not have looked at what the request under way had come to. */
static void request_tell(const neph_call *call, nephi_error *error)
{
    if (call->attempt.is_sent || call->attempt.status)
        error->sent = 1;
    if (!error->http_status)
        error->http_status = call->attempt.status;
}

void nephi_engine_finish(neph_call *call, int status)
{
    if (call->state == NEPHI_DONE)
        return;
    if (status) {
        request_tell(call, &call->error);
        status = nephi_fail(&call->error, status, "%s", neph_status_name(status));
        nephi_reconcile_blame(call);
    }
    leave(call);
    if (!status && call->watch.goal && !call->watch.is_on) {
        nephi_watch_begin(call);
        return;
    }
    nephi_timer_clear(&call->host->loop, &call->deadline);
    nephi_watch_leave(call, status);
    if (!status)
        nephi_settle_forget(call);
    if (!status)
        nephi_error_clear(&call->error);
    if (!status && call->sink.host)
        status = nephi_sink_commit(&call->sink, &call->error);
    if (status || call->sink_spec.to != NEPH_BODY_MEMORY)
        nephi_sink_close(&call->sink);
    call->error.status = status;
    call->state = NEPHI_DONE;
    secrets_wipe(call);
    if (call->is_login)
        nephi_login_done(call, status);
    else if (call->on_done || call->on_result)
        nephi_task_queue(&call->host->loop, &call->notify);
}
