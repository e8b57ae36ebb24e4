/*
 * core/call.c - the life of a call as the program sees it: made, given arguments, started, waited for, read, freed. What
 * it does in between is engine.c's.
 */
#include "core/call.h"

#include "core/services.h"
#include "core/suggest.h"
#include "core/text.h"

#include <stddef.h>
#include <string.h>

/* What a verb returns when there was no memory for a call. Never written to. */
neph_call nephi_call_no_memory = {
    .services = &nephi_services,
    .state = NEPHI_DONE,
    .error = NEPHI_ERROR_NO_MEMORY,
};

static int is_real(const neph_call *call)
{
    return call != &nephi_call_no_memory;
}

/* ---- made and freed */

static void timer_fired(nephi_timer *timer)
{
    nephi_engine_go(timer->user);
}

static void deadline_fired(nephi_timer *timer)
{
    neph_call *call = timer->user;
    int sent = call->state == NEPHI_SENT;
    nephi_error_forget(&call->error);
    if (call->watch.is_on)
        sent = nephi_watch_expire(call) != 0;
    nephi_fail(&call->error, NEPH_TIMEOUT,
               "not done within %lld ms: set a longer deadline, or ask later",
               (long long)call->deadline_ms);
    call->error.retry = NEPH_RETRY_TRANSIENT;
    call->error.sent = sent;
    nephi_engine_finish(call, NEPH_TIMEOUT);
}

static void task_run(nephi_task *task)
{
    nephi_engine_go(task->user);
}

/* on_done runs inside dispatch alone, so it is put off to a task. */
static void notify_run(nephi_task *task)
{
    neph_call *call = task->user;
    nephi_delivery_run(call);
    if (call->is_freed || call->is_notified || !call->on_done)
        return;
    call->is_notified = 1;
    call->host->callback_depth++;
    call->on_done(call, call->error.status, call->on_done_user);
    call->host->callback_depth--;
}

static void call_link(neph_call *call, neph_call **list)
{
    call->next = *list;
    call->link = list;
    if (call->next)
        call->next->link = &call->next;
    *list = call;
}

static void call_unlink(neph_call *call)
{
    if (!call->link)
        return;
    *call->link = call->next;
    if (call->next)
        call->next->link = call->link;
    call->link = NULL;
}

neph_call *nephi_call_create(neph_cloud *cloud, uint32_t op)
{
    neph_host *host = cloud->host;
    neph_call *call = nephi_realloc(&host->memory, NULL, sizeof *call);
    if (!call)
        return NULL;
    memset(call, 0, offsetof(neph_call, error));
    nephi_error_clear(&call->error);
    nephi_error_clear(&call->fault);
    call->request.call = NULL; /* not begun */
    call->services = &nephi_services;
    call->failure = &call->error;
    call->host = host;
    call->cloud = cloud;
    call->op = op;
    call->page.has_more = -1;
    call->queue_most = NEPHI_QUEUE_MAX;
    call->timer = (nephi_timer){.fn = timer_fired, .user = call};
    call->deadline = (nephi_timer){.fn = deadline_fired, .user = call};
    call->task = (nephi_task){.fn = task_run, .user = call};
    call->notify = (nephi_task){.fn = notify_run, .user = call};
    nephi_arguments_init(&call->arguments, &host->memory);
    nephi_buffer_init(&call->page.token, &host->memory, 64u << 10);
    nephi_buffer_init(&call->page.next, &host->memory, 64u << 10);
    nephi_buffer_init(&call->page.check, &host->memory, 64u << 10);
    nephi_buffer_init(&call->attempt.headers, &host->memory, 256u << 10);
    nephi_buffer_init(&call->attempt.text, &host->memory, 64u << 10);
    call->attempt.headers.secret = call->attempt.text.secret = 1;
    nephi_buffer_init(&call->resume_key[0], &host->memory, 64u << 10);
    nephi_buffer_init(&call->resume_key[1], &host->memory, 64u << 10);
    call_link(call, &cloud->calls);
    return call;
}

const neph_op_info *nephi_call_operation(const neph_call *call)
{
    const nephi_extension *extension = call->arguments.extension;
    return extension ? &extension->op : neph_op_find(call->op);
}

neph_call *neph_call_new(neph_cloud *cloud, uint32_t op)
{
    neph_call *call = nephi_call_create(cloud, op);
    if (call)
        call->arguments.extension = nephi_provider_extension(cloud->provider, op);
    return call ? call : &nephi_call_no_memory;
}

void nephi_call_destroy(neph_call *call)
{
    const nephi_memory *memory = &call->host->memory;
    nephi_timer_clear(&call->host->loop, &call->timer);
    nephi_timer_clear(&call->host->loop, &call->deadline);
    nephi_task_cancel(&call->task);
    nephi_task_cancel(&call->notify);
    nephi_delivery_fini(call);
    nephi_sink_close(&call->sink);
    nephi_arguments_fini(&call->arguments);
    nephi_buffer_fini(&call->page.token);
    nephi_buffer_fini(&call->page.next);
    nephi_buffer_fini(&call->page.check);
    nephi_buffer_fini(&call->attempt.headers);
    nephi_buffer_fini(&call->attempt.text);
    call_unlink(call);
    nephi_free(memory, call);
}

/* The cloud goes: its calls end, and stay readable until they or the host are freed. */
void nephi_calls_orphan(neph_cloud *cloud)
{
    while (cloud->calls) {
        neph_call *call = cloud->calls;
        if (call->state != NEPHI_DONE)
            neph_call_cancel(call);
        call_unlink(call);
        call_link(call, &cloud->host->orphans);
        call->cloud = NULL;
    }
}

void neph_call_free(neph_call *call)
{
    if (!call || !is_real(call) || call->is_freed)
        return;
    call->on_result = NULL;
    call->on_done = NULL;
    if (call->state != NEPHI_DONE)
        neph_call_cancel(call);
    if (!call->host->callback_depth && !call->in_hook) {
        nephi_call_destroy(call);
        return;
    }
    call->is_freed = 1;
    call->next_dead = call->host->graveyard;
    call->host->graveyard = call;
}

const char *nephi_call_token(neph_call *call)
{
    static const char digits[] = "0123456789abcdef";
    const nephi_argument *given = nephi_arguments_find(&call->arguments, NEPH_TOKEN);
    unsigned char bytes[(sizeof call->token - 1) / 2];
    if (given)
        return given->text;
    if (call->token[0])
        return call->token;
    if (nephi_host_wire(call->host, &call->error) ||
        call->host->wire->digest->random(bytes, sizeof bytes))
        return NULL;
    for (size_t i = 0; i < sizeof bytes; i++) {
        call->token[2 * i] = digits[bytes[i] >> 4];
        call->token[2 * i + 1] = digits[bytes[i] & 15];
    }
    return call->token;
}

/* ---- arguments: a wrong one is remembered and fails the start */

static int is_settable(neph_call *call)
{
    return is_real(call) && call->state == NEPHI_NEW;
}

int neph_call_set_string(neph_call *call, int32_t member, const char *value)
{
    return is_settable(call)
               ? nephi_arguments_set_text(&call->arguments, member, value, &call->error)
               : NEPH_INVALID;
}

int neph_call_set_integer(neph_call *call, int32_t member, int64_t value)
{
    return is_settable(call)
               ? nephi_arguments_set_number(&call->arguments, member, value, &call->error)
               : NEPH_INVALID;
}

int neph_call_set_pairs(neph_call *call, int32_t member, const neph_pair *pairs, size_t count)
{
    return is_settable(call)
               ? nephi_arguments_set_pairs(&call->arguments, member, pairs, count, &call->error)
               : NEPH_INVALID;
}

int neph_call_set_strings(neph_call *call, int32_t member, const char *const *values, size_t count)
{
    return is_settable(call)
               ? nephi_arguments_set_strings(&call->arguments, member, values, count, &call->error)
               : NEPH_INVALID;
}

/* What a name stands for in the call's operation. */
static int argument_by_name(neph_call *call, const char *name, const neph_member_info **out)
{
    const neph_op_info *op = nephi_call_operation(call);
    nephi_suggest close;
    nephi_suggest_init(&close, name);
    for (uint32_t i = 0; op && i < op->argument_count; i++) {
        if (strcmp(op->arguments[i].name, name) == 0) {
            *out = &op->arguments[i];
            return 0;
        }
        nephi_suggest_try(&close, op->arguments[i].name);
    }
    return nephi_fail(&call->error, NEPH_INVALID, "%s has no parameter \"%s\"%s%s%s",
                      op ? op->name : "the operation", name, close.found ? ": did you mean \"" : "",
                      close.found ? close.found : "", close.found ? "\"?" : "");
}

int neph_call_set_parameter(neph_call *call, const char *name, const char *value)
{
    const neph_member_info *argument = NULL;
    int rc;
    if (!is_settable(call) || !name || !value)
        return NEPH_INVALID;
    rc = argument_by_name(call, name, &argument);
    if (rc)
        return rc;
    if (argument->type == NEPH_TYPE_STRINGS)
        return nephi_arguments_add_text(&call->arguments, argument->member, value, &call->error);
    return nephi_arguments_set_text(&call->arguments, argument->member, value, &call->error);
}

int neph_call_set_source(neph_call *call, const neph_source *source)
{
    return is_settable(call) ? nephi_source_take(&call->source_spec, source) : NEPH_INVALID;
}

int neph_call_set_sink(neph_call *call, const neph_sink *sink)
{
    return is_settable(call) ? nephi_sink_take(&call->sink_spec, sink) : NEPH_INVALID;
}

int neph_call_set_deadline(neph_call *call, int64_t deadline_ms)
{
    if (!is_settable(call) || deadline_ms < 0)
        return NEPH_INVALID;
    call->deadline_ms = deadline_ms;
    return 0;
}

/* A verb may have failed before its callbacks were set. */
static void notify_late(neph_call *call)
{
    if (call->state == NEPHI_DONE && !call->is_notified)
        nephi_task_queue(&call->host->loop, &call->notify);
}

void neph_on_result(neph_call *call, neph_result_fn fn, void *user)
{
    if (!is_real(call))
        return;
    call->on_result = fn;
    call->on_result_user = user;
    notify_late(call);
}

void neph_on_done(neph_call *call, neph_done_fn fn, void *user)
{
    if (!is_real(call))
        return;
    call->on_done = fn;
    call->on_done_user = user;
    notify_late(call);
}

int neph_call_start(neph_call *call)
{
    if (!is_real(call))
        return NEPH_NO_MEMORY;
    if (call->state != NEPHI_NEW)
        return NEPH_INVALID;
    nephi_engine_start(call);
    return call->state == NEPHI_DONE ? call->error.status : 0;
}

/* ---- waiting and reading */

static int64_t time_left(int64_t end_ms)
{
    int64_t left;
    if (end_ms < 0)
        return -1;
    left = end_ms - nephi_loop_now_ms();
    return left > 0 ? left : 0;
}

/* While a function of the program's waits for it, a call that a callback frees stays in the graveyard. */
static int wait_turns(neph_call *call, int64_t end_ms)
{
    int rc = 0;
    call->in_wait++;
    while (call->state != NEPHI_DONE && !rc) {
        rc = neph_host_dispatch(call->host, time_left(end_ms));
        if (!rc && call->state != NEPHI_DONE && end_ms >= 0 && !time_left(end_ms))
            rc = NEPH_AGAIN;
    }
    if (!rc)
        rc = call->error.status;
    call->in_wait--;
    return rc;
}

int neph_wait_for(neph_call *call, int64_t timeout_ms)
{
    int rc;
    if (!is_real(call))
        return NEPH_NO_MEMORY;
    if (call->state == NEPHI_NEW)
        return NEPH_INVALID;
    if (call->host->callback_depth)
        return NEPH_BUSY;
    call->is_sparing = 1;
    nephi_delivery_run(call);
    nephi_attempt_resume(call);
    rc = wait_turns(call, timeout_ms < 0 ? -1 : nephi_loop_then_ms(timeout_ms));
    if (call->is_freed)
        return rc;
    if (call->state == NEPHI_DONE)
        nephi_delivery_run(call);
    else
        call->is_sparing = 0;
    return rc;
}

int neph_wait(neph_call *call)
{
    return neph_wait_for(call, -1);
}

const neph_result *neph_next(neph_call *call)
{
    neph_record *record;
    int rc = 0;
    if (!is_real(call) || call->state == NEPHI_NEW || call->host->callback_depth)
        return NULL;
    call->in_wait++;
    while (!rc && (record = nephi_delivery_take(call)) == NULL && call->state != NEPHI_DONE)
        rc = neph_host_dispatch(call->host, -1);
    call->in_wait--;
    if (rc || call->is_freed)
        return NULL;
    if (call->is_paused || call->is_blocked)
        nephi_attempt_resume(call);
    return record ? record->result : NULL;
}

const neph_result *neph_next_kind(neph_call *call, uint32_t kind)
{
    const neph_result *result;
    while ((result = neph_next(call)) != NULL && result->kind != kind)
        ;
    return result;
}

int neph_keep(neph_call *call, const neph_result *result)
{
    neph_record *record = result ? nephi_record_of(result) : NULL;
    if (!is_real(call) || !record || record->call != call)
        return NEPH_INVALID;
    record->is_kept = 1;
    return 0;
}

const neph_result *neph_call_result(const neph_call *call)
{
    if (call->state != NEPHI_DONE || call->error.status)
        return NULL;
    if (call->queue_last)
        return call->queue_last->result;
    return call->current ? call->current->result : NULL;
}

const void *neph_call_data(const neph_call *call, size_t *size)
{
    *size = call->sink.data.size;
    return call->sink.host ? call->sink.data.data : NULL;
}

int neph_call_is_done(const neph_call *call)
{
    return call->state == NEPHI_DONE;
}

const neph_error *neph_call_error(const neph_call *call)
{
    return is_real(call) ? nephi_error_view((nephi_error *)&call->error) : &call->error.view;
}

static int64_t length_read(const char *text)
{
    int64_t length;
    return nephi_read_integer(text, strlen(text), &length) && length >= 0 ? length : -1;
}

void neph_call_progress(const neph_call *call, int64_t *done_bytes, int64_t *total_bytes)
{
    const char *length;
    *done_bytes = call->progress_bytes;
    *total_bytes = -1;
    if (!is_real(call))
        return;
    if (call->source_spec.from != NEPH_BODY_NONE) {
        *total_bytes = call->source.length;
        return;
    }
    length = nephi_attempt_header(call, "Content-Length");
    if (length && call->attempt.status / 100 == 2)
        *total_bytes = length_read(length);
}

void neph_call_cancel(neph_call *call)
{
    if (!is_real(call) || call->state == NEPHI_DONE)
        return;
    if (call->source.is_busy ||
        call->sink.is_busy) { /* what it would take away is in use below us */
        call->is_cancelled = call->source.is_ended = call->sink.is_ended = 1;
        return;
    }
    nephi_error_forget(&call->error);
    nephi_fail(&call->error, NEPH_CANCELLED, "cancelled");
    nephi_engine_finish(call, NEPH_CANCELLED);
}

void neph_call_resume(neph_call *call)
{
    if (is_real(call))
        nephi_attempt_resume(call);
}

int64_t nephi_call_body_size(const neph_call *call)
{
    if (call->request.framing && call->request.body_kind != NEPHI_BODY_NOTHING)
        return nephi_frames_length(call);
    if (call->request.body_kind == NEPHI_BODY_SOURCE)
        return call->source.length;
    return call->request.body_kind == NEPHI_BODY_TEXT ? (int64_t)call->request.body.size : 0;
}
