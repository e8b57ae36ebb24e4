/*
 * core/outcome.c - what a reply means for its call: again now, again later, elsewhere, the next page, the next step,
 * failed, or done. The only place that decides what may be asked twice.
 */
#include "core/call.h"

#include "core/services.h"
#include "core/text.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define BACKOFF_BASE_MS 200
#define BACKOFF_MAX_MS 20000
#define DAY_MS 86400000
#define REDIRECTS_MAX 5
#define ASKS_MAX 5
#define CLOCK_AGREES_NS (60 * NEPH_NANO) /* no server asks for less */

/* What an HTTP status means where the provider's table has no row for it. */
static const struct meaning {
    int32_t http_status, status, retry;
} meanings[] = {
    {400, NEPH_INVALID, NEPH_RETRY_PERMANENT},     {401, NEPH_AUTH, NEPH_RETRY_PERMANENT},
    {403, NEPH_PERMISSION, NEPH_RETRY_PERMANENT},  {404, NEPH_NOT_FOUND, NEPH_RETRY_PERMANENT},
    {405, NEPH_UNSUPPORTED, NEPH_RETRY_PERMANENT}, {407, NEPH_NETWORK, NEPH_RETRY_PERMANENT},
    {408, NEPH_TIMEOUT, NEPH_RETRY_TRANSIENT},     {409, NEPH_CONFLICT, NEPH_RETRY_PERMANENT},
    {410, NEPH_NOT_FOUND, NEPH_RETRY_PERMANENT},   {412, NEPH_CONFLICT, NEPH_RETRY_PERMANENT},
    {413, NEPH_LIMIT, NEPH_RETRY_PERMANENT},       {416, NEPH_INVALID, NEPH_RETRY_PERMANENT},
    {422, NEPH_INVALID, NEPH_RETRY_PERMANENT},     {429, NEPH_THROTTLED, NEPH_RETRY_TRANSIENT},
    {498, NEPH_THROTTLED, NEPH_RETRY_TRANSIENT},   {500, NEPH_UNAVAILABLE, NEPH_RETRY_TRANSIENT},
    {501, NEPH_UNSUPPORTED, NEPH_RETRY_PERMANENT}, {502, NEPH_UNAVAILABLE, NEPH_RETRY_TRANSIENT},
    {503, NEPH_UNAVAILABLE, NEPH_RETRY_TRANSIENT}, {504, NEPH_UNAVAILABLE, NEPH_RETRY_TRANSIENT},
};

/* The provider's row for a code, or (code NULL) for the HTTP status alone. */
static const neph_fault *row_find(const nephi_provider *provider, const char *code, int32_t http)
{
    for (uint32_t i = 0; i < provider->fault_count; i++) {
        const neph_fault *row = &provider->faults[i];
        int is_code = code && row->code && strcmp(row->code, code) == 0;
        if (is_code ? !row->http_status || row->http_status == http
                    : !code && !row->code && row->http_status == http)
            return row;
    }
    return NULL;
}

static struct meaning meaning_of(const neph_call *call, const char *code)
{
    const nephi_provider *provider = call->cloud->provider;
    int32_t http = call->attempt.status;
    const neph_fault *row = *code ? row_find(provider, code, http) : NULL;
    if (!row)
        row = row_find(provider, NULL, http);
    if (row)
        return (struct meaning){http, row->status, row->retry};
    if (http / 100 == 2) /* an error inside a success, and nothing is known of its code */
        return (struct meaning){http, NEPH_UNAVAILABLE, NEPH_RETRY_PERMANENT};
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (meanings[i].http_status == http)
            return meanings[i];
    if (http >= 500)
        return (struct meaning){http, NEPH_UNAVAILABLE, NEPH_RETRY_TRANSIENT};
    return (struct meaning){http, http >= 400 ? NEPH_INVALID : NEPH_PROTOCOL, NEPH_RETRY_PERMANENT};
}

void nephi_outcome_explain(const neph_call *call, nephi_error *error)
{
    struct meaning meaning = meaning_of(call, error->code);
    error->status = meaning.status;
    error->retry = meaning.retry ? meaning.retry : NEPH_RETRY_PERMANENT;
    nephi_error_view(error);
}

/* ---- asking again */

/* What the action says, or the step: a look at how far things are is no second try at them. */
int nephi_outcome_is_poll(const neph_call *call)
{
    return call->step > 0 &&
           (strcmp(call->request.method, "GET") == 0 || strcmp(call->request.method, "HEAD") == 0);
}

int nephi_outcome_is_harmless(const neph_call *call)
{
    return nephi_outcome_is_poll(call) ||
           (call->action->table.traits & (NEPH_SAFE | NEPH_IDEMPOTENT | NEPH_ONCE));
}

/* Would asking again be as good as asking once? */
static int is_repeatable(neph_call *call)
{
    uint32_t traits = call->action->table.traits;
    int was_refused = call->error.status == NEPH_THROTTLED || !call->error.sent;
    if (!was_refused && !nephi_outcome_is_harmless(call))
        return 0;
    if (call->asked_results > 0 && (!(traits & NEPH_ORDERED) || call->has_unkeyed))
        return 0;
    if (call->request.body_kind == NEPHI_BODY_SOURCE && nephi_source_rewind(&call->source))
        return 0;
    return !call->sink.host || nephi_sink_rewind(&call->sink) == 0;
}

static int body_is_rewound(neph_call *call)
{
    return call->request.body_kind != NEPHI_BODY_SOURCE || nephi_source_rewind(&call->source) == 0;
}

/* Seconds or a date, RFC 9110 section 10.2.3; -1: the server did not say. */
static int64_t retry_after_ms(const neph_call *call)
{
    const char *text = call->attempt.status ? nephi_attempt_header(call, "Retry-After") : NULL;
    int64_t value;
    if (!text)
        return -1;
    if (*text && !text[strspn(text, "0123456789")])
        return nephi_read_integer(text, strlen(text), &value) && value < DAY_MS / 1000
                   ? value * 1000
                   : DAY_MS;
    if (!nephi_read_time(text, strlen(text), &value))
        return -1;
    value = nephi_time_between(nephi_cloud_now(call->cloud), value) / 1000000;
    return value > 0 ? value : 0;
}

/* Full jitter: anywhere between now and the cap, which doubles. */
static int64_t backoff_ms(const neph_call *call)
{
    uint32_t tries = call->attempts < 8 ? call->attempts : 8;
    int64_t cap = (int64_t)BACKOFF_BASE_MS << tries;
    int64_t after = retry_after_ms(call);
    uint32_t random = 0;
    int64_t delay;
    (void)!getrandom(&random, sizeof random, 0);
    delay = (int64_t)(random % (uint64_t)(cap > BACKOFF_MAX_MS ? BACKOFF_MAX_MS : cap));
    return after > delay ? after : delay;
}

static int is_in_time(const neph_call *call, int64_t delay_ms)
{
    return nephi_loop_now_ms() + delay_ms < call->deadline.due_ms;
}

/* The request is built and signed anew; what this page delivered already will be dropped. */
static void ask_again(neph_call *call, int64_t delay_ms)
{
    call->is_resuming = call->asked_results > 0;
    call->page.seen = call->page.seen_asked;
    call->is_asked = 0;
    call->progress_bytes = 0;
    nephi_error_forget(&call->error);
    nephi_engine_delay(call, delay_ms);
}

void nephi_outcome_give_up(neph_call *call)
{
    if (call->error.retry == NEPH_RETRY_TRANSIENT &&
        (int32_t)call->attempts >= call->host->config.max_attempts)
        call->error.retry = NEPH_RETRY_PERSISTENT;
    nephi_engine_finish(call, call->error.status);
}

void nephi_outcome_again(neph_call *call)
{
    int64_t delay = backoff_ms(call);
    if ((int32_t)call->attempts >= call->host->config.max_attempts || !is_in_time(call, delay)) {
        nephi_outcome_give_up(call);
        return;
    }
    nephi_log(call->host, NEPH_LOG_INFO, 0, "%s: %s: asking again in %lld ms (attempt %u of %d)",
              call->cloud->provider->table.id, call->error.message, (long long)delay,
              call->attempts + 1, call->host->config.max_attempts);
    ask_again(call, delay);
}

/* A reply that was lost, of something that can be looked for, or a name that is taken since. */
static int is_to_be_looked_for(neph_call *call)
{
    if (nephi_reconcile_is_lost(call))
        return 1;
    return call->error.status == NEPH_EXISTS && call->lost_ns &&
           call->action->table.find == NEPH_FIND_BY_NAME;
}

/* What was not found may not be known everywhere yet. 1: it is asked for again. */
static int settle(neph_call *call)
{
    int64_t delay = nephi_settle_delay_ms(call);
    if (delay < 0 || !body_is_rewound(call))
        return 0;
    nephi_log(call->host, NEPH_LOG_INFO, 0, "%s: %s: made a moment ago, asking again in %lld ms",
              call->cloud->provider->table.id, call->error.message, (long long)delay);
    call->attempts = 0;
    ask_again(call, delay);
    return 1;
}

/* call->error holds the failure. */
static void again_or_fail(neph_call *call)
{
    if (is_to_be_looked_for(call) && nephi_reconcile_begin(call))
        return;
    if (settle(call))
        return;
    if (call->error.retry != NEPH_RETRY_TRANSIENT ||
        (int32_t)call->attempts >= call->host->config.max_attempts || !is_repeatable(call))
        nephi_outcome_give_up(call);
    else
        nephi_outcome_again(call);
}

/* ---- failures */

static const char *operation_name(const neph_call *call)
{
    const neph_op_info *op = nephi_call_operation(call);
    return op ? op->name : call->is_login ? "login" : "the operation";
}

/* What may go well the next time. Bytes that were changed on their way can be sent once more. */
static int is_transient(const neph_call *call)
{
    static const int32_t transient[] = {NEPH_NETWORK, NEPH_TIMEOUT, NEPH_UNAVAILABLE};
    if (call->attempt.exchange.is_permanent)
        return 0;
    for (size_t i = 0; i < sizeof transient / sizeof *transient; i++)
        if (call->error.status == transient[i])
            return 1;
    return call->error.status == NEPH_INTEGRITY && call->checksum.algorithm && call->source.host;
}

/* Transport, parser, sink or hook failed. */
static void failure(neph_call *call, int status)
{
    char cause[512];
    nephi_fail(&call->error, status, "%s", neph_status_name(status));
    call->error.http_status = call->attempt.status;
    if (call->attempt.status)
        call->error.sent = 1;
    call->error.retry = is_transient(call) ? NEPH_RETRY_TRANSIENT : NEPH_RETRY_PERMANENT;
    if (call->error.status == NEPH_NETWORK && call->error.sent && !call->attempt.status &&
        !nephi_outcome_is_harmless(call) && !nephi_reconcile_is_lost(call)) {
        memcpy(cause, call->error.message, sizeof cause);
        snprintf(call->error.message, sizeof call->error.message,
                 "%.400s; %s was sent and may have been carried out", cause, operation_name(call));
    }
    again_or_fail(call);
}

/* What sends the same request elsewhere, RFC 9110 section 15.4: 303 means a GET, 304 and 305 no other place. */
static int is_redirect(const neph_call *call)
{
    switch (call->attempt.status) {
    case 301:
    case 302:
    case 307:
    case 308: return 1;
    case 303:
        return strcmp(call->request.method, "GET") == 0 ||
               strcmp(call->request.method, "HEAD") == 0;
    default: return 0;
    }
}

/* A redirect inside the endpoint set keeps method and body; credentials go nowhere else. 1: the request goes there. */
static int redirect(neph_call *call)
{
    const char *location = nephi_attempt_header(call, "Location");
    int rc;
    if (!is_redirect(call) || !location || !(call->action->table.traits & NEPH_FOLLOW))
        return 0;
    if (++call->redirects > REDIRECTS_MAX)
        return nephi_fail(&call->error, NEPH_PROTOCOL, "redirected more than %d times",
                          REDIRECTS_MAX);
    rc = nephi_request_follow(&call->request, location, "redirected to");
    call->request.asked_query = call->request.query.size;
    return rc ? rc : 1;
}

/* The error as the program will see it, from the cloud's reply. */
static void fault_describe(neph_call *call)
{
    struct meaning meaning = meaning_of(call, call->fault.code);
    nephi_error *error = &call->error;
    const char *where = nephi_buffer_string(&call->request.authority);
    const char *text = nephi_buffer_string(&call->attempt.text);
    int is_html = strstr(text, "<html") || strstr(text, "<HTML");
    nephi_error_forget(error);
    if (call->attempt.status == 407) /* no cloud says that */
        nephi_fail(error, meaning.status,
                   "the proxy on the way to %s wants a user and a password: put them into proxy or "
                   "the proxy variables",
                   where);
    else if (call->fault.message[0])
        nephi_fail(error, meaning.status, "%s", call->fault.message);
    else if (call->fault.code[0])
        nephi_fail(error, meaning.status, "%s answered %s to %s", where, call->fault.code,
                   operation_name(call));
    else
        nephi_fail(error, meaning.status, "%s answered HTTP %d (%s) to %s%s", where,
                   call->attempt.status, neph_status_name(meaning.status), operation_name(call),
                   is_html ? " with a web page: is there a proxy, or is the endpoint wrong?" : "");
    memcpy(error->code, call->fault.code, sizeof error->code);
    memcpy(error->request_id, call->fault.request_id, sizeof error->request_id);
    error->http_status = call->attempt.status;
    error->sent = 1;
    error->retry = meaning.retry ? meaning.retry : NEPH_RETRY_PERMANENT;
}

/* The offset between the server's clock and ours, from Date; learnt once. A refusal while the clocks agree has another
 * reason. */
static int clock_learn(neph_call *call)
{
    const char *date = nephi_attempt_header(call, "Date");
    int64_t server, news;
    if (call->was_clocked || !date || !nephi_read_time(date, strlen(date), &server))
        return 0;
    news = nephi_time_between(nephi_cloud_now(call->cloud), server);
    if (news > -CLOCK_AGREES_NS && news < CLOCK_AGREES_NS)
        return 0;
    call->was_clocked = 1;
    call->cloud->clock_offset_ns = nephi_time_between(nephi_host_now(call->host), server);
    call->cloud->clock_is_learnt = 1;
    nephi_log(call->host, NEPH_LOG_WARNING, 0,
              "the clocks differ by %lld s: requests are signed with the server's time",
              (long long)(call->cloud->clock_offset_ns / NEPH_NANO));
    return 1;
}

static int login_again(neph_call *call)
{
    if (!call->cloud->provider->login || call->was_relogged || call->is_login ||
        call->cloud->session.is_needless || (call->action->table.traits & NEPH_ANONYMOUS))
        return 0;
    call->was_relogged = 1;
    nephi_login_stale(call);
    return 1;
}

/* What the provider's hook makes of it: 1: ask again; NEPH_FAULT_FINE: it is none; NEPH_FAULT_LATER. */
static int fault_hook(neph_call *call)
{
    const neph_provider *provider = &call->cloud->provider->table;
    nephi_error kept = call->error;
    int answer;
    call->wants_step = 0;
    nephi_error_forget(&call->error);
    answer = provider->fault ? provider->fault(call) : NEPH_FAULT_DEFAULT;
    if (answer < 0) { /* the hook's own message; the rest stands */
        nephi_fail(&call->error, nephi_hook_status(answer), "%s", kept.message);
        kept.status = call->error.status;
        memcpy(kept.message, call->error.message, sizeof kept.message);
        kept.retry = kept.status == NEPH_INTEGRITY && is_transient(call) ? NEPH_RETRY_TRANSIENT
                                                                         : NEPH_RETRY_PERMANENT;
    }
    if (answer == NEPH_FAULT_FINE) {
        nephi_error_forget(&call->error);
        return answer;
    }
    nephi_error_copy(&call->error, &kept);
    if (answer == NEPH_FAULT_LATER)
        return NEPH_FAULT_LATER;
    if (answer == NEPH_FAULT_ASK_AGAIN)
        return ++call->asks <= ASKS_MAX;
    if (answer == NEPH_FAULT_CLOCK)
        return clock_learn(call);
    if (answer == NEPH_FAULT_LOGIN || call->attempt.status == 401)
        return login_again(call);
    return 0;
}

/* What stands in the way goes by itself: only the call's own time bounds the waiting. */
static void wait_out(neph_call *call)
{
    int64_t delay = backoff_ms(call);
    if (!is_in_time(call, delay)) {
        call->error.retry = NEPH_RETRY_PERSISTENT;
        nephi_engine_finish(call, call->error.status);
        return;
    }
    nephi_log(call->host, NEPH_LOG_INFO, 0, "%s: %s: asking again in %lld ms",
              call->cloud->provider->table.id, call->error.message, (long long)delay);
    ask_again(call, delay);
}

/* ---- success: what comes next */

/* The token of the next page, or none. */
static int page_next(neph_call *call)
{
    nephi_page *page = &call->page;
    char offset[24];
    if (call->action->table.page == NEPH_PAGE_NONE || page->has_more == 0)
        return 0;
    if (call->action->table.page == NEPH_PAGE_BY_OFFSET && page->seen) {
        snprintf(offset, sizeof offset, "%lld", (long long)(page->before + page->seen));
        nephi_buffer_clear(&page->next);
        return nephi_buffer_text(&page->next, offset) ? nephi_fail_memory(&call->error) : 1;
    }
    if (page->next.size)
        return 1;
    if (page->has_more == 1) /* better no listing than one that is cut short unseen */
        return nephi_fail(&call->error, NEPH_PROTOCOL,
                          "page %u is not the last one, but does not say where the next begins",
                          page->number + 1);
    return 0;
}

static int is_circle(const nephi_page *page)
{
    return (page->token.size == page->next.size &&
            memcmp(page->token.data, page->next.data, page->next.size) == 0) ||
           (page->check.size == page->next.size &&
            memcmp(page->check.data, page->next.data, page->next.size) == 0);
}

/* A checkpoint that moves at powers of two finds a circle of any length. */
static int page_turn(neph_call *call)
{
    nephi_page *page = &call->page;
    nephi_buffer swap = page->token;
    if (page->number && is_circle(page))
        return nephi_fail(&call->error, NEPH_PROTOCOL,
                          "the token of page %u came back: the listing would never end",
                          page->number + 1);
    if (page->number >= page->check_at) {
        nephi_buffer_clear(&page->check);
        if (nephi_buffer_add(&page->check, page->token.data, page->token.size))
            return nephi_fail_memory(&call->error);
        page->check_at = page->check_at ? page->check_at * 2 : 1;
    }
    page->token = page->next;
    page->next = swap;
    nephi_buffer_clear(&page->next);
    page->number++;
    page->before += page->seen;
    page->seen = 0;
    call->step = 0;
    return 0;
}

static void next_request(neph_call *call, int is_step, int64_t delay_ms)
{
    call->is_asked = call->is_resuming = call->has_unkeyed = 0;
    call->attempts = call->redirects = call->asks = 0;
    call->was_relogged = 0;
    call->asked_results = 0;
    call->page.is_stepping = is_step;
    call->page.seen_asked = call->page.seen;
    nephi_engine_delay(call, delay_ms);
}

/* A step that was asked for comes before a page. 1: it does. */
static int step_turn(neph_call *call)
{
    if (!call->wants_step)
        return 0;
    call->step = call->next_step;
    next_request(call, 1, call->step_delay_ms);
    return 1;
}

static void success(neph_call *call)
{
    int rc = 0;
    call->wants_step = 0;
    if (call->action->table.then)
        rc = nephi_engine_hook(call, call->action->table.then(call), "failed on a reply");
    if (rc) {
        if (!nephi_outcome_is_harmless(call) || !settle(call))
            nephi_engine_finish(call, rc);
        return;
    }
    if (step_turn(call))
        return;
    if (call->limit > 0 && call->delivered >= call->limit) {
        nephi_engine_finish(call, 0);
        return;
    }
    rc = page_next(call);
    if (rc > 0)
        rc = page_turn(call);
    else {
        nephi_engine_finish(call, rc);
        return;
    }
    if (rc)
        nephi_engine_finish(call, rc);
    else
        next_request(call, 0, 0);
}

/* ---- an error reply */

static void fault(neph_call *call)
{
    int rc;
    call->fault.status = 0;
    rc = redirect(call);
    if (rc < 0) {
        nephi_outcome_give_up(call);
        return;
    }
    if (rc > 0 && body_is_rewound(call)) {
        nephi_engine_delay(call, 0);
        return;
    }
    fault_describe(call);
    rc = fault_hook(call);
    if (rc == NEPH_FAULT_FINE) {
        if (!step_turn(call))
            nephi_engine_finish(call, 0);
    } else if (!rc || !body_is_rewound(call))
        again_or_fail(call);
    else if (rc == NEPH_FAULT_LATER)
        wait_out(call);
    else
        ask_again(call, 0);
}

void nephi_outcome(neph_call *call, int status)
{
    if (call->state == NEPHI_DONE)
        return;
    if (status)
        failure(call, status);
    else if (call->attempt.status / 100 != 2 || call->attempt.has_error_rule)
        fault(call);
    else
        success(call);
}
