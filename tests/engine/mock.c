/*
 * tests/engine/mock.c - see mock.h.
 */
#include "tests/engine/mock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define BODY_MAX (64u << 20)

enum { PHASE_REQUEST = 0, PHASE_REPLY = 1, PHASE_BODY = 2, PHASE_END = 3 };

struct mock_job {
    mock_job *next;
    neph_exchange *exchange; /* NULL: over */
    mock_request *request;
    mock_reply reply;
    int phase, is_paused, is_rewound, is_silent;
    size_t at; /* of the reply's body */
};

static _Thread_local mock *next_mock;

void mock_use(mock *next)
{
    next_mock = next;
}

void mock_script(mock *to, const mock_reply *replies, size_t count)
{
    to->replies = replies;
    to->reply_count = count;
    memset(to->used, 0, sizeof to->used);
}

static void *must(void *block)
{
    if (!block)
        abort();
    return block;
}

static int32_t mock_open(const neph_transport_config *config, void **state)
{
    mock *self = next_mock;
    if (!self || config->size != sizeof *config)
        return NEPH_INTERNAL;
    self->event_fd = self->has_fd ? eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) : -1;
    *state = self;
    return 0;
}

static void mock_close(void *state)
{
    mock *self = state;
    self->close_count++;
    while (self->jobs) {
        mock_job *next = self->jobs->next;
        free(self->jobs);
        self->jobs = next;
    }
    if (self->has_fd)
        close(self->event_fd);
}

static void ring(mock *self)
{
    uint64_t one = 1;
    if (self->has_fd && write(self->event_fd, &one, sizeof one) != sizeof one)
        abort();
}

static mock_reply reply_take(mock *self, const char *url)
{
    for (size_t i = 0; i < self->reply_count; i++) {
        const mock_reply *reply = &self->replies[i];
        if ((self->used[i] && !reply->stays) || (reply->match && !strstr(url, reply->match)))
            continue;
        self->used[i] = 1;
        return *reply;
    }
    return (mock_reply){.status = 599, .body = "the test has no reply for this"};
}

static char *headers_text(const neph_exchange *exchange)
{
    size_t size = 1, at = 0;
    char *text;
    for (size_t i = 0; i < exchange->header_count; i++)
        size += strlen(exchange->headers[i].name) + strlen(exchange->headers[i].value) + 3;
    text = must(malloc(size));
    for (size_t i = 0; i < exchange->header_count; i++)
        at += (size_t)snprintf(text + at, size - at, "%s: %s\n", exchange->headers[i].name,
                               exchange->headers[i].value);
    text[at] = 0;
    return text;
}

static int32_t mock_start(void *state, neph_exchange *exchange)
{
    mock *self = state;
    mock_reply reply = reply_take(self, exchange->url);
    mock_request *request = &self->requests[self->request_count];
    mock_job *job, **end = &self->jobs;
    if (reply.fail == MOCK_FAIL_START)
        return reply.failure ? reply.failure : NEPH_NETWORK;
    if (self->request_count + 1 == MOCK_REQUESTS)
        abort();
    self->request_count++;
    *request = (mock_request){.method = must(strdup(exchange->method)),
                              .url = must(strdup(exchange->url)),
                              .headers = headers_text(exchange),
                              .promised = exchange->body_size};
    request->no_proxy = exchange->no_proxy;
    if (exchange->unix_socket)
        request->unix_socket = must(strdup(exchange->unix_socket));
    job = must(calloc(1, sizeof *job));
    *job = (mock_job){.exchange = exchange, .request = request, .reply = reply};
    exchange->transport = job;
    while (*end)
        end = &(*end)->next;
    *end = job;
    if (++self->in_flight > self->in_flight_max)
        self->in_flight_max = self->in_flight;
    ring(self);
    return 0;
}

static void mock_cancel(void *state, neph_exchange *exchange)
{
    mock *self = state;
    mock_job *job = exchange->transport;
    self->cancel_count++;
    self->in_flight--;
    job->request->is_cancelled = 1;
    job->exchange = NULL;
}

static void mock_resume(void *state, neph_exchange *exchange)
{
    mock *self = state;
    mock_job *job = exchange->transport;
    self->resume_count++;
    job->is_paused = 0;
    ring(self);
}

static void job_end(mock *self, mock_job *job, int32_t status, const char *message, int32_t sent)
{
    neph_exchange *exchange = job->exchange;
    job->exchange = NULL;
    self->done_count++;
    self->in_flight--;
    exchange->on_done(exchange, status, message, sent);
}

static void job_fail(mock *self, mock_job *job, int32_t sent)
{
    int32_t failure = job->reply.failure ? job->reply.failure : NEPH_NETWORK;
    job->exchange->is_permanent = job->reply.is_permanent;
    job_end(self, job, failure, "the mock broke the connection", sent);
}

static void body_keep(mock_request *request, const char *data, size_t size)
{
    if (request->body_size + size > BODY_MAX)
        abort();
    request->body = must(realloc(request->body, request->body_size + size + 1));
    memcpy(request->body + request->body_size, data, size);
    request->body_size += size;
    request->body[request->body_size] = 0;
}

static void body_rewind(mock *self, mock_job *job)
{
    int32_t rc;
    job->is_rewound = 1;
    job->request->body_size = 0;
    rc = job->exchange->rewind_body(job->exchange);
    if (rc)
        job_end(self, job, rc, "the body could not be rewound", 1);
}

static void request_turn(mock *self, mock_job *job)
{
    char data[65536];
    size_t size = self->read_size && self->read_size < sizeof data ? self->read_size : 16384;
    int64_t left = job->exchange->body_size - (int64_t)job->request->body_size;
    int64_t count;
    if (job->exchange->body_size == 0 || job->reply.is_early ||
        (job->exchange->body_size > 0 && left <= 0)) {
        job->phase = PHASE_REPLY;
        return;
    }
    count = job->exchange->read_body(job->exchange, data, size);
    if (!job->exchange)
        return;
    if (count == NEPH_AGAIN) {
        self->read_again_count++;
        job->is_paused = 1;
    } else if (count < 0) {
        job_end(self, job, (int32_t)count, NULL, 1);
    } else if (count > 0) {
        body_keep(job->request, data, (size_t)count);
        if (self->is_rewinding && !job->is_rewound)
            body_rewind(self, job);
    } else if (job->exchange->body_size > 0) {
        job_end(self, job, NEPH_INTERNAL, "the body is shorter than was said", 1);
    } else {
        job->phase = PHASE_REPLY;
    }
}

/* "Name: value" lines, one by one. */
static int32_t headers_send(neph_exchange *exchange, const mock_job *job, const char *at)
{
    char name[256], value[4096];
    int32_t rc = 0;
    while (!rc && job->exchange && at && *at) {
        size_t size = strcspn(at, "\n");
        const char *colon = memchr(at, ':', size);
        if (!colon || size > sizeof value)
            abort();
        snprintf(name, sizeof name, "%.*s", (int)(colon - at), at);
        colon += 1 + strspn(colon + 1, " ");
        snprintf(value, sizeof value, "%.*s", (int)(at + size - colon), colon);
        rc = exchange->on_header(exchange, name, value);
        at += size + (at[size] == '\n');
    }
    return rc;
}

static void reply_turn(mock *self, mock_job *job)
{
    neph_exchange *exchange = job->exchange;
    int32_t rc;
    if (job->reply.fail == MOCK_SILENT) {
        job->is_silent = 1;
        return;
    }
    if (job->reply.fail == MOCK_FAIL_UNSENT || job->reply.fail == MOCK_FAIL_SENT) {
        job_fail(self, job, job->reply.fail == MOCK_FAIL_SENT);
        return;
    }
    rc = exchange->on_status(exchange, job->reply.status ? job->reply.status : 200);
    if (!rc && job->exchange)
        rc = headers_send(exchange, job, job->reply.headers);
    if (!rc && job->exchange)
        rc = exchange->on_headers_done(exchange);
    if (!job->exchange)
        return;
    job->phase = PHASE_BODY;
    if (rc)
        job_end(self, job, rc, NULL, 1);
    else if (job->reply.fail == MOCK_FAIL_HEADERS)
        job_fail(self, job, 1);
}

static void body_turn(mock *self, mock_job *job)
{
    const char *body = job->reply.body ? job->reply.body : "";
    int is_cut = job->reply.fail == MOCK_FAIL_BODY || job->reply.fail == MOCK_SILENT_BODY;
    size_t size = job->reply.body_size ? job->reply.body_size : strlen(body);
    size_t piece;
    int32_t rc;
    if (is_cut && job->reply.fail_after < size)
        size = job->reply.fail_after;
    piece = size - job->at;
    if (self->piece && piece > self->piece)
        piece = self->piece;
    if (!piece) {
        if (job->reply.fail == MOCK_FAIL_BODY)
            job_fail(self, job, 1);
        else if (job->reply.fail == MOCK_SILENT_BODY)
            job->is_silent = 1;
        else
            job_end(self, job, 0, NULL, 1);
        return;
    }
    rc = job->exchange->on_body(job->exchange, body + job->at, piece);
    if (!job->exchange)
        return;
    if (rc == NEPH_AGAIN) {
        self->again_count++;
        job->is_paused = 1;
    } else if (rc) {
        job_end(self, job, rc, NULL, 1);
    } else {
        job->at += piece;
    }
}

static int can_go(const mock *self, const mock_job *job)
{
    return job->exchange && !job->is_paused && !job->is_silent &&
           !(self->held && strstr(job->request->url, self->held));
}

static void job_turn(mock *self, mock_job *job)
{
    static void (*const turns[])(mock *, mock_job *) = {request_turn, reply_turn, body_turn};
    do
        turns[job->phase](self, job);
    while (can_go(self, job) && !self->is_slow);
}

static void jobs_sweep(mock *self)
{
    mock_job **at = &self->jobs;
    while (*at) {
        mock_job *job = *at;
        if (job->exchange) {
            at = &job->next;
            continue;
        }
        *at = job->next;
        free(job);
    }
}

static int has_work(const mock *self)
{
    for (const mock_job *job = self->jobs; job; job = job->next)
        if (can_go(self, job))
            return 1;
    return 0;
}

static int32_t mock_dispatch(void *state)
{
    mock *self = state;
    uint64_t count;
    if (self->is_dispatching++)
        abort();
    if (self->has_fd)
        (void)!read(self->event_fd, &count, sizeof count);
    for (mock_job *job = self->jobs; job; job = job->next)
        if (can_go(self, job))
            job_turn(self, job);
    jobs_sweep(self);
    if (has_work(self))
        ring(self);
    self->is_dispatching--;
    return 0;
}

static int32_t mock_fd(void *state)
{
    return ((mock *)state)->event_fd;
}

static int64_t mock_timeout_ms(void *state)
{
    mock *self = state;
    return !self->has_fd && has_work(self) ? 0 : -1;
}

const neph_transport mock_transport = {.size = sizeof(neph_transport),
                                       .name = "mock",
                                       .open = mock_open,
                                       .close = mock_close,
                                       .start = mock_start,
                                       .cancel = mock_cancel,
                                       .resume = mock_resume,
                                       .fd = mock_fd,
                                       .timeout_ms = mock_timeout_ms,
                                       .dispatch = mock_dispatch};

void mock_fini(mock *used)
{
    for (size_t i = 0; i < used->request_count; i++) {
        mock_request *request = &used->requests[i];
        free(request->method);
        free(request->url);
        free(request->headers);
        free(request->body);
        free(request->unix_socket);
    }
    memset(used, 0, sizeof *used);
}

const char *mock_header(const mock *from, size_t index, const char *name)
{
    static _Thread_local char value[4096];
    const char *at = from->requests[index].headers;
    size_t name_size = strlen(name);
    while (at && *at) {
        size_t size = strcspn(at, "\n");
        if (size > name_size && at[name_size] == ':' && strncasecmp(at, name, name_size) == 0) {
            snprintf(value, sizeof value, "%.*s", (int)(size - name_size - 2), at + name_size + 2);
            return value;
        }
        at += size + (at[size] == '\n');
    }
    return NULL;
}
