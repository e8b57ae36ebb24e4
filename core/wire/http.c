/*
 * core/wire/http.c - the transport over libcurl: one multi handle and one poll set for each state, exchanges started,
 * paused, cancelled and ended. What one exchange tells its easy handle, and hears from it, is job.c. Adds no policy: no
 * retries, no redirects, no login.
 *
 * libcurl refuses to add or remove handles inside its callbacks. What is asked for there waits in a list (starting,
 * dying, resumed) until libcurl has returned.
 */
#include "core/wire/http.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define EVENTS 64
#define IDLE_MAX 64 /* easy handles kept for the next exchange */
#define MAX_CONNECTIONS 1024
#define CONNECT_TIMEOUT_MS 10000
#define STALL_TIMEOUT_MS 60000
#define TIMEOUT_MAX_MS INT32_MAX /* more is no time-out, and libcurl takes no more */

#define JOB_OF(pointer, member) ((nephi_job *)((char *)(pointer)-offsetof(nephi_job, member)))

/* ---- small things */

void nephi_link_init(nephi_link *anchor)
{
    anchor->next = anchor->previous = anchor;
}

void nephi_link_append(nephi_link *anchor, nephi_link *link)
{
    link->next = anchor;
    link->previous = anchor->previous;
    anchor->previous->next = link;
    anchor->previous = link;
}

void nephi_link_remove(nephi_link *link)
{
    link->next->previous = link->previous;
    link->previous->next = link->next;
    nephi_link_init(link);
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* OpenSSL may write to a connection that was closed, and the program's SIGPIPE is its own. */
typedef struct pipe_guard {
    sigset_t before;
    int is_set;
} pipe_guard;

static void pipe_guard_begin(pipe_guard *guard, const nephi_http *http)
{
    sigset_t pipe;
    guard->is_set = 0;
    if (!http->has_tls)
        return;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    if (pthread_sigmask(SIG_BLOCK, &pipe, &guard->before) == 0)
        guard->is_set = !sigismember(&guard->before, SIGPIPE);
}

static void pipe_guard_end(const pipe_guard *guard)
{
    static const struct timespec at_once = {0, 0};
    sigset_t pipe;
    if (!guard->is_set)
        return;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    while (sigtimedwait(&pipe, NULL, &at_once) == SIGPIPE)
        ;
    pthread_sigmask(SIG_SETMASK, &guard->before, NULL);
}

/* ---- what libcurl asks for */

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *unused)
{
    static const int wanted[] = {[CURL_POLL_NONE] = 0,
                                 [CURL_POLL_IN] = NEPHI_READABLE,
                                 [CURL_POLL_OUT] = NEPHI_WRITABLE,
                                 [CURL_POLL_INOUT] = NEPHI_READABLE | NEPHI_WRITABLE,
                                 [CURL_POLL_REMOVE] = 0};
    nephi_http *http = user;
    int rc;
    (void)easy;
    (void)unused;
    if (what < 0 || what > CURL_POLL_REMOVE)
        return 0;
    rc = nephi_sockets_want(&http->sockets, fd, wanted[what]);
    if (rc)
        http->fault = rc;
    return rc ? -1 : 0;
}

static int on_timer(CURLM *multi, long timeout_ms, void *user)
{
    nephi_http *http = user;
    (void)multi;
    http->timer_ms = timeout_ms < 0 ? -1 : now_ms() + timeout_ms;
    return 0;
}

/* ---- jobs in and out of the multi handle */

static nephi_job *job_take(nephi_http *http)
{
    nephi_job *job;
    if (http->idle.previous == &http->idle)
        return nephi_job_new(http);
    job = JOB_OF(http->idle.previous, link);
    nephi_link_remove(&job->link);
    http->idle_count--;
    return job;
}

static void job_give(nephi_job *job)
{
    nephi_http *http = job->http;
    if (http->idle_count >= IDLE_MAX || job->is_spoilt) {
        nephi_job_free(job);
        return;
    }
    nephi_link_append(&http->idle, &job->link);
    http->idle_count++;
}

static int job_add(nephi_job *job)
{
    nephi_http *http = job->http;
    if (curl_multi_add_handle(http->multi, job->easy) != CURLM_OK)
        return NEPH_NO_MEMORY;
    job->is_added = 1;
    nephi_link_remove(&job->link);
    nephi_link_append(&http->live, &job->link);
    return 0;
}

static void resumed_forget(nephi_job *job)
{
    nephi_job **at = &job->http->resumed;
    while (job->is_resumed && *at) {
        if (*at == job) {
            *at = job->next_resumed;
            job->is_resumed = 0;
            return;
        }
        at = &(*at)->next_resumed;
    }
}

/* Not while libcurl is on the stack. The exchange is forgotten, no callback is called. */
static void job_retire(nephi_job *job)
{
    nephi_http *http = job->http;
    if (job->exchange) {
        job->exchange->transport = NULL;
        job->exchange = NULL;
        http->live_count--;
    }
    resumed_forget(job);
    nephi_link_remove(&job->active);
    nephi_link_remove(&job->link);
    if (job->is_added)
        curl_multi_remove_handle(http->multi, job->easy);
    job->is_added = 0;
    job_give(job);
}

static void job_end(nephi_job *job, int32_t status, const char *message)
{
    neph_exchange *exchange = job->exchange;
    int32_t sent = job->sent > 0;
    job_retire(job);
    if (exchange->on_done)
        exchange->on_done(exchange, status, message, sent);
}

static void job_finish(nephi_job *job, CURLcode code)
{
    nephi_failure failure = {0};
    nephi_http *http = job->http;
    http->in_curl++; /* a cancel from its callbacks waits */
    if (job->exchange && !job->failure && code == CURLE_OK)
        job->failure = nephi_job_complete(job);
    http->in_curl--;
    if (!job->exchange) {
        job_retire(job);
        return;
    }
    nephi_failure_explain(&failure, job, code);
    job->exchange->is_permanent = failure.is_permanent;
    job_end(job, failure.status, failure.status ? failure.message : NULL);
}

/* ---- what waited until libcurl had returned */

static void dying_run(nephi_http *http)
{
    while (http->dying.next != &http->dying)
        job_retire(JOB_OF(http->dying.next, link));
}

static void starting_run(nephi_http *http)
{
    while (http->starting.next != &http->starting) {
        nephi_job *job = JOB_OF(http->starting.next, link);
        if (job_add(job))
            job_finish(job, CURLE_OUT_OF_MEMORY);
    }
}

static void job_go_on(nephi_job *job)
{
    nephi_http *http = job->http;
    CURLcode code;
    if (!job->exchange || !job->is_paused)
        return;
    job->is_paused = 0;
    nephi_job_touch(job);
    http->in_curl++;
    code = curl_easy_pause(job->easy, CURLPAUSE_CONT);
    http->in_curl--;
    if (code)
        job_finish(job, code);
}

/* Bounded: an exchange may be resumed again from the callback that its resumption calls. */
static void resumed_run(nephi_http *http)
{
    for (size_t left = http->live_count; left > 0 && http->resumed; left--) {
        nephi_job *job = http->resumed;
        http->resumed = job->next_resumed;
        job->is_resumed = 0;
        job_go_on(job);
    }
}

static void deferred_run(nephi_http *http)
{
    dying_run(http);
    starting_run(http);
    resumed_run(http);
    dying_run(http);
}

/* ---- dispatch */

static void curl_act(nephi_http *http, curl_socket_t fd, int ready)
{
    int running;
    CURLMcode code;
    http->in_curl++;
    code = curl_multi_socket_action(http->multi, fd, ready, &running);
    http->in_curl--;
    if (code == CURLM_OUT_OF_MEMORY || code == CURLM_ABORTED_BY_CALLBACK ||
        code == CURLM_INTERNAL_ERROR)
        http->fault = NEPH_NO_MEMORY;
}

static void sockets_run(nephi_http *http)
{
    nephi_socket_event events[EVENTS];
    int count = nephi_sockets_ready(&http->sockets, events, EVENTS);
    for (int i = 0; i < count; i++) {
        int ready = 0;
        if (events[i].ready & NEPHI_READABLE)
            ready |= CURL_CSELECT_IN;
        if (events[i].ready & NEPHI_WRITABLE)
            ready |= CURL_CSELECT_OUT;
        if (events[i].ready & NEPHI_BROKEN)
            ready |= CURL_CSELECT_ERR;
        curl_act(http, events[i].fd, ready);
    }
}

static void timer_run(nephi_http *http)
{
    if (http->timer_ms < 0 || http->timer_ms > http->now_ms)
        return;
    http->timer_ms = -1;
    curl_act(http, CURL_SOCKET_TIMEOUT, 0);
}

/* Bytes that moved without a callback: a large buffer on its way through a thin line. */
static int has_moved(nephi_job *job)
{
    curl_off_t up = 0, down = 0;
    curl_easy_getinfo(job->easy, CURLINFO_SIZE_UPLOAD_T, &up);
    curl_easy_getinfo(job->easy, CURLINFO_SIZE_DOWNLOAD_T, &down);
    if (up + down == job->moved)
        return 0;
    job->moved = up + down;
    return 1;
}

static void stalled_run(nephi_http *http)
{
    while (http->moving.next != &http->moving) {
        nephi_job *job = JOB_OF(http->moving.next, active);
        if (http->now_ms - job->active_ms < http->stall_timeout_ms)
            return;
        if (has_moved(job)) {
            nephi_job_touch(job);
            continue;
        }
        job->is_stalled = 1;
        job_finish(job, CURLE_OPERATION_TIMEDOUT);
    }
}

static void finished_run(nephi_http *http)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(http->multi, &left)) != NULL) {
        char *job = NULL;
        CURLcode code = message->data.result;
        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &job);
        job_finish((nephi_job *)(void *)job, code);
    }
}

/* Sockets that could not be waited for would never wake anybody: nothing under way can be relied on. */
static void fault_run(nephi_http *http)
{
    size_t left = http->fault ? http->live_count : 0;
    http->fault = 0;
    for (; left > 0 && http->live.next != &http->live; left--)
        job_finish(JOB_OF(http->live.next, link), CURLE_OUT_OF_MEMORY);
}

static int32_t http_dispatch(void *state)
{
    nephi_http *http = state;
    pipe_guard guard;
    if (http->is_dispatching)
        return NEPH_BUSY;
    pipe_guard_begin(&guard, http);
    http->is_dispatching = 1;
    http->now_ms = now_ms();
    deferred_run(http);
    sockets_run(http);
    timer_run(http);
    deferred_run(http);
    finished_run(http);
    stalled_run(http);
    fault_run(http);
    http->is_dispatching = 0;
    pipe_guard_end(&guard);
    return 0;
}

static int64_t http_timeout_ms(void *state)
{
    const nephi_http *http = state;
    int64_t due = http->timer_ms, left;
    if (http->resumed || http->starting.next != &http->starting ||
        http->dying.next != &http->dying || http->fault)
        return 0;
    if (http->moving.next != &http->moving) {
        int64_t stall = JOB_OF(http->moving.next, active)->active_ms + http->stall_timeout_ms;
        if (due < 0 || stall < due)
            due = stall;
    }
    if (due < 0)
        return -1;
    left = due - now_ms();
    return left > 0 ? left : 0;
}

static int32_t http_fd(void *state)
{
    const nephi_http *http = state;
    return http->sockets.poll_fd;
}

/* ---- one exchange */

static int32_t http_start(void *state, neph_exchange *exchange)
{
    nephi_http *http = state;
    nephi_job *job = job_take(http);
    int rc;
    exchange->transport = NULL;
    if (!job)
        return NEPH_NO_MEMORY;
    rc = nephi_job_prepare(job, exchange);
    if (rc) {
        job_give(job);
        return rc;
    }
    http->live_count++;
    exchange->transport = job;
    nephi_link_append(&http->starting, &job->link);
    if (http->in_curl)
        return 0;
    rc = job_add(job);
    if (rc)
        job_retire(job);
    return rc;
}

static void http_cancel(void *state, neph_exchange *exchange)
{
    nephi_http *http = state;
    nephi_job *job = exchange->transport;
    pipe_guard guard;
    if (!job)
        return;
    if (!http->in_curl) {
        pipe_guard_begin(&guard, http);
        job_retire(job);
        pipe_guard_end(&guard);
        return;
    }
    exchange->transport = NULL;
    job->exchange = NULL;
    http->live_count--;
    nephi_link_remove(&job->active);
    nephi_link_remove(&job->link);
    nephi_link_append(&http->dying, &job->link);
}

static void http_resume(void *state, neph_exchange *exchange)
{
    nephi_http *http = state;
    nephi_job *job = exchange->transport;
    if (!job || job->is_resumed)
        return;
    job->is_resumed = 1;
    job->next_resumed = http->resumed;
    http->resumed = job;
}

/* ---- the state */

static pthread_mutex_t global_lock = PTHREAD_MUTEX_INITIALIZER;

static int curl_begin(void)
{
    static int is_done;
    int rc = 0;
    pthread_mutex_lock(&global_lock);
    if (!is_done)
        rc = curl_global_init(CURL_GLOBAL_DEFAULT) ? NEPH_NO_MEMORY : 0;
    is_done = is_done || !rc;
    pthread_mutex_unlock(&global_lock);
    return rc;
}

static int has_proxy_variable(void)
{
    static const char *const names[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
                                        "ALL_PROXY"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return 1;
    }
    return 0;
}

static int string_copy(nephi_http *http, char **out, const char *text)
{
    if (!text || !*text)
        return 0;
    *out = nephi_strdup(&http->memory, text);
    return *out ? 0 : NEPH_NO_MEMORY;
}

static int64_t timeout_ms(int64_t given, int64_t fallback)
{
    if (given <= 0)
        return fallback;
    return given < TIMEOUT_MAX_MS ? given : TIMEOUT_MAX_MS;
}

static int config_copy(nephi_http *http, const neph_transport_config *config)
{
    int rc = string_copy(http, &http->ca_file, config->ca_file);
    if (!rc)
        rc = string_copy(http, &http->client_certificate, config->client_certificate);
    if (!rc)
        rc = string_copy(http, &http->client_key, config->client_key);
    if (!rc)
        rc = string_copy(http, &http->proxy, config->proxy);
    http->has_proxy =
        http->proxy || (!config->proxy && config->use_environment && has_proxy_variable());
    http->is_insecure = config->insecure != 0;
    http->connect_timeout_ms = timeout_ms(config->connect_timeout_ms, CONNECT_TIMEOUT_MS);
    http->stall_timeout_ms = timeout_ms(config->stall_timeout_ms, STALL_TIMEOUT_MS);
    return rc;
}

static int multi_make(nephi_http *http, const neph_transport_config *config)
{
    long connections = config->max_connections > 0 && config->max_connections < INT32_MAX
                           ? (long)config->max_connections
                           : MAX_CONNECTIONS;
    int bad = 0;
    http->multi = curl_multi_init();
    if (!http->multi)
        return NEPH_NO_MEMORY;
    bad |= curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    bad |= curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
    bad |= curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    bad |= curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
    bad |= curl_multi_setopt(http->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, connections);
    bad |= curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, connections);
    return bad ? NEPH_INTERNAL : 0;
}

static void list_free(nephi_link *anchor)
{
    while (anchor->next != anchor)
        nephi_job_free(JOB_OF(anchor->next, link));
}

static void http_close(void *state)
{
    nephi_http *http = state;
    nephi_memory memory;
    pipe_guard guard;
    if (!http)
        return;
    memory = http->memory;
    pipe_guard_begin(&guard, http);
    while (http->live.next != &http->live)
        job_retire(JOB_OF(http->live.next, link));
    while (http->starting.next != &http->starting)
        job_retire(JOB_OF(http->starting.next, link));
    dying_run(http);
    list_free(&http->idle);
    if (http->multi)
        curl_multi_cleanup(http->multi);
    pipe_guard_end(&guard);
    nephi_sockets_fini(&http->sockets);
    nephi_free(&memory, http->ca_file);
    nephi_free(&memory, http->client_certificate);
    nephi_free(&memory, http->client_key);
    nephi_free_secret_string(&memory, http->proxy); /* it may hold a password */
    nephi_free(&memory, http);
}

static int32_t http_open(const neph_transport_config *config, void **state)
{
    nephi_memory memory;
    nephi_http *http;
    int rc;
    *state = NULL;
    if (!config || config->size < sizeof *config)
        return NEPH_INVALID;
    rc = curl_begin();
    if (rc)
        return rc;
    nephi_memory_init(&memory, NULL);
    http = nephi_alloc(&memory, sizeof *http);
    if (!http)
        return NEPH_NO_MEMORY;
    http->memory = memory;
    http->timer_ms = -1;
    nephi_link_init(&http->live);
    nephi_link_init(&http->starting);
    nephi_link_init(&http->dying);
    nephi_link_init(&http->idle);
    nephi_link_init(&http->moving);
    rc = nephi_sockets_init(&http->sockets, &http->memory);
    if (!rc)
        rc = config_copy(http, config);
    if (!rc)
        rc = multi_make(http, config);
    if (rc) {
        http_close(http);
        return rc;
    }
    *state = http;
    return 0;
}

const neph_transport nephi_http_transport = {
    .size = sizeof(neph_transport),
    .name = "libcurl",
    .open = http_open,
    .close = http_close,
    .start = http_start,
    .cancel = http_cancel,
    .resume = http_resume,
    .fd = http_fd,
    .timeout_ms = http_timeout_ms,
    .dispatch = http_dispatch,
};
