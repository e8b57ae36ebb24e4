/*
 * core/wire/job.c - one exchange on one easy handle: its options, the header lines that go out, and libcurl's callbacks
 * turned into the exchange's. When it runs, and what happens after it ended, is http.c.
 */
#include "core/text.h"
#include "core/wire/http.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEADER_LINE_MAX (256u << 10)

void nephi_job_touch(nephi_job *job)
{
    nephi_http *http = job->http;
    job->active_ms = http->now_ms;
    if (http->moving.previous == &job->active)
        return;
    nephi_link_remove(&job->active);
    nephi_link_append(&http->moving, &job->active);
}

static void pause_begin(nephi_job *job)
{
    job->is_paused = 1;
    nephi_link_remove(&job->active);
}

/* ---- what comes in */

/* One kept header line: name and value with NULs where they end. */
static int header_deliver(nephi_job *job, neph_exchange *exchange)
{
    char *line = job->pending.data, *value;
    size_t size = job->pending.size;
    if (size == 0)
        return 0;
    value = memchr(line, ':', size);
    if (!value) {
        nephi_buffer_clear(&job->pending);
        return 0;
    }
    *value++ = '\0';
    while (*value == ' ' || *value == '\t')
        value++;
    while (line + size > value && (line[size - 1] == ' ' || line[size - 1] == '\t'))
        line[--size] = '\0';
    job->pending.size = 0;
    return exchange->on_header ? exchange->on_header(exchange, line, value) : 0;
}

/* "HTTP/1.1 200 OK" */
static int status_line(nephi_job *job, neph_exchange *exchange, const char *line, size_t size)
{
    const char *at = memchr(line, ' ', size);
    int64_t number = 0;
    if (!at || size - (size_t)(at - line) < 4 || !nephi_read_integer(at + 1, 3, &number))
        return NEPH_PROTOCOL;
    job->http_status = (int32_t)number;
    job->has_refusal = number == 417 && exchange->expect_continue && !job->has_refusal;
    job->is_final = number >= 200 && !job->has_refusal;
    return job->is_final && exchange->on_status ? exchange->on_status(exchange, job->http_status)
                                                : 0;
}

static int headers_end(nephi_job *job, neph_exchange *exchange)
{
    int rc;
    if (!job->is_final)
        return 0;
    rc = header_deliver(job, exchange);
    if (rc || !job->exchange)
        return rc;
    job->is_body = 1;
    return exchange->on_headers_done ? exchange->on_headers_done(exchange) : 0;
}

/* A line is handed on when the next one shows that it is complete. */
static int header_field(nephi_job *job, neph_exchange *exchange, const char *line, size_t size)
{
    int rc;
    if (line[0] == ' ' || line[0] == '\t')
        return nephi_buffer_add(&job->pending, line, size);
    rc = header_deliver(job, exchange);
    return rc || !job->exchange ? rc : nephi_buffer_add(&job->pending, line, size);
}

static int header_line(nephi_job *job, const char *line, size_t size)
{
    neph_exchange *exchange = job->exchange;
    while (size > 0 && (line[size - 1] == '\n' || line[size - 1] == '\r'))
        size--;
    if (job->is_body) /* trailers */
        return 0;
    if (size >= 5 && memcmp(line, "HTTP/", 5) == 0)
        return status_line(job, exchange, line, size);
    if (size == 0)
        return headers_end(job, exchange);
    return job->is_final ? header_field(job, exchange, line, size) : 0;
}

static size_t on_header(char *data, size_t one, size_t size, void *user)
{
    nephi_job *job = user;
    int rc;
    if (!job->exchange || job->failure)
        return 0;
    nephi_job_touch(job);
    rc = header_line(job, data, size * one);
    if (rc)
        job->failure = rc;
    return rc || !job->exchange ? 0 : size * one;
}

static size_t on_body(char *data, size_t one, size_t size, void *user)
{
    nephi_job *job = user;
    neph_exchange *exchange = job->exchange;
    int32_t rc;
    if (!exchange || job->failure)
        return CURL_WRITEFUNC_ERROR;
    nephi_job_touch(job);
    if (job->has_refusal)
        return size * one;
    rc = exchange->on_body ? exchange->on_body(exchange, data, size * one) : 0;
    if (!job->exchange)
        return CURL_WRITEFUNC_ERROR;
    if (rc == NEPH_AGAIN) {
        pause_begin(job);
        return CURL_WRITEFUNC_PAUSE;
    }
    if (rc)
        job->failure = rc;
    return rc ? CURL_WRITEFUNC_ERROR : size * one;
}

/* ---- what goes out */

static size_t body_failed(nephi_job *job, int32_t rc)
{
    job->failure = rc;
    return CURL_READFUNC_ABORT;
}

static size_t on_read(char *data, size_t one, size_t count, void *user)
{
    nephi_job *job = user;
    neph_exchange *exchange = job->exchange;
    size_t size = one * count;
    int64_t got;
    if (!exchange || job->failure)
        return CURL_READFUNC_ABORT;
    nephi_job_touch(job);
    if (job->left >= 0 && size > (uint64_t)job->left)
        size = (size_t)job->left;
    if (size == 0)
        return 0;
    got = exchange->read_body ? exchange->read_body(exchange, data, size) : 0;
    if (!job->exchange)
        return CURL_READFUNC_ABORT;
    if (got == NEPH_AGAIN) {
        pause_begin(job);
        return CURL_READFUNC_PAUSE;
    }
    if (got < 0 || (uint64_t)got > size)
        return body_failed(job, got < 0 ? (int32_t)got : NEPH_INTERNAL);
    job->is_short = job->left >= 0 && got == 0;
    if (job->is_short)
        return body_failed(job, NEPH_INTEGRITY);
    if (job->left >= 0)
        job->left -= got;
    return (size_t)got;
}

static int on_seek(void *user, curl_off_t offset, int origin)
{
    nephi_job *job = user;
    neph_exchange *exchange = job->exchange;
    if (!exchange || job->failure || offset != 0 || origin != SEEK_SET || !exchange->rewind_body)
        return CURL_SEEKFUNC_FAIL;
    if (exchange->rewind_body(exchange) || !job->exchange)
        return CURL_SEEKFUNC_FAIL;
    job->left = exchange->body_size;
    return CURL_SEEKFUNC_OK;
}

/* Connected, nothing sent yet. libcurl asks again by itself when a kept connection turns out to be dead; the first
 * request may have been carried out all the same, so that is not for what must not happen twice. */
static int on_connected(void *user, char *to, char *from, int to_port, int from_port)
{
    nephi_job *job = user;
    (void)to;
    (void)from;
    (void)to_port;
    (void)from_port;
    if (!job->exchange)
        return CURL_PREREQFUNC_ABORT;
    if (job->sent > 0 && !job->is_repeatable && !job->has_refusal)
        return CURL_PREREQFUNC_ABORT;
    job->sent++;
    job->left = job->exchange->body_size;
    nephi_job_touch(job);
    return CURL_PREREQFUNC_OK;
}

/* ---- sockets of our own making: close-on-exec, and known to the poll set */

static curl_socket_t on_socket_open(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
    nephi_http *http = user;
    int fd;
    (void)purpose;
    fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (fd < 0)
        return CURL_SOCKET_BAD;
    nephi_sockets_adopt(&http->sockets, fd);
    return fd;
}

static int on_socket_close(void *user, curl_socket_t fd)
{
    nephi_http *http = user;
    nephi_sockets_forget(&http->sockets, fd);
    return close(fd);
}

/* ---- the easy handle */

typedef struct number_option {
    CURLoption option;
    long value;
} number_option;

static const number_option fixed_numbers[] = {
    {CURLOPT_NOSIGNAL, 1},
    {CURLOPT_QUICK_EXIT, 1},
    {CURLOPT_PATH_AS_IS, 1},
    {CURLOPT_PIPEWAIT, 1},
    {CURLOPT_FOLLOWLOCATION, 0},
    {CURLOPT_NETRC, CURL_NETRC_IGNORED},
    {CURLOPT_DISALLOW_USERNAME_IN_URL, 1},
    {CURLOPT_SUPPRESS_CONNECT_HEADERS, 1},
    {CURLOPT_HTTP_CONTENT_DECODING, 0},
    {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS},
    {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
};

static CURLcode numbers_set(nephi_job *job)
{
    CURLcode code = CURLE_OK;
    for (size_t i = 0; i < sizeof fixed_numbers / sizeof *fixed_numbers && !code; i++)
        code = curl_easy_setopt(job->easy, fixed_numbers[i].option, fixed_numbers[i].value);
    return code;
}

static CURLcode callbacks_set(nephi_job *job)
{
    CURL *easy = job->easy;
    int bad = 0;
    bad |= curl_easy_setopt(easy, CURLOPT_PRIVATE, job);
    bad |= curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, job->error);
    bad |= curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    bad |= curl_easy_setopt(easy, CURLOPT_HEADERDATA, job);
    bad |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    bad |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, job);
    bad |= curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
    bad |= curl_easy_setopt(easy, CURLOPT_READDATA, job);
    bad |= curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_seek);
    bad |= curl_easy_setopt(easy, CURLOPT_SEEKDATA, job);
    bad |= curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_connected);
    bad |= curl_easy_setopt(easy, CURLOPT_PREREQDATA, job);
    bad |= curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_socket_open);
    bad |= curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, job->http);
    bad |= curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_socket_close);
    bad |= curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, job->http);
    return bad ? CURLE_OUT_OF_MEMORY : CURLE_OK;
}

static CURLcode settings_set(nephi_job *job)
{
    const nephi_http *http = job->http;
    CURL *easy = job->easy;
    int bad = 0;
    bad |= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    bad |= curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)http->connect_timeout_ms);
    if (http->ca_file)
        bad |= curl_easy_setopt(easy, CURLOPT_CAINFO, http->ca_file);
    if (http->client_certificate)
        bad |= curl_easy_setopt(easy, CURLOPT_SSLCERT, http->client_certificate);
    if (http->client_key)
        bad |= curl_easy_setopt(easy, CURLOPT_SSLKEY, http->client_key);
    if (http->is_insecure) {
        bad |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
        bad |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    /* Either value keeps libcurl from reading proxy variables at each request. */
    if (!http->has_proxy || http->proxy)
        bad |= curl_easy_setopt(easy, CURLOPT_PROXY, http->proxy ? http->proxy : "");
    if (!http->has_proxy)
        bad |= curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    else if (http->proxy)
        bad |= curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
    return bad ? CURLE_OUT_OF_MEMORY : CURLE_OK;
}

nephi_job *nephi_job_new(nephi_http *http)
{
    nephi_job *job = nephi_alloc(&http->memory, sizeof *job);
    if (!job)
        return NULL;
    job->http = http;
    nephi_link_init(&job->link);
    nephi_link_init(&job->active);
    nephi_buffer_init(&job->pending, &http->memory, HEADER_LINE_MAX);
    job->body_size = -1; /* libcurl's own default */
    job->easy = curl_easy_init();
    if (!job->easy || numbers_set(job) || callbacks_set(job) || settings_set(job)) {
        nephi_job_free(job);
        return NULL;
    }
    return job;
}

void nephi_job_free(nephi_job *job)
{
    if (!job)
        return;
    nephi_link_remove(&job->link);
    nephi_link_remove(&job->active);
    curl_easy_cleanup(job->easy);
    nephi_buffer_fini(&job->pending);
    nephi_free_secret(&job->http->memory, job->lines, job->lines_capacity);
    nephi_free(&job->http->memory, job);
}

/* ---- header lines out */

static int has_header(const neph_exchange *exchange, const char *name)
{
    for (size_t i = 0; i < exchange->header_count; i++)
        if (nephi_same_name(exchange->headers[i].name, name))
            return 1;
    return 0;
}

/* What libcurl would add, and must not: lines that end in ':' take a header away. */
static const char *const without_accept = "Accept:";
static const char *const without_expect = "Expect:";
static const char *const with_expect = "Expect: 100-continue";

enum { OWN_LINES = 2 };

/* A line break in a name or value would begin another header. */
static int is_one_line(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (text[i] == '\r' || text[i] == '\n')
            return 0;
    return 1;
}

static int lines_reserve(nephi_job *job, const neph_exchange *exchange)
{
    size_t needed = (exchange->header_count + OWN_LINES) * sizeof *job->lines;
    struct curl_slist *lines;
    for (size_t i = 0; i < exchange->header_count; i++) {
        size_t name = strlen(exchange->headers[i].name), value = strlen(exchange->headers[i].value);
        if (!is_one_line(exchange->headers[i].name, name) || name == 0 ||
            !is_one_line(exchange->headers[i].value, value))
            return NEPH_INVALID;
        needed += name + value + 3;
    }
    if (needed <= job->lines_capacity)
        return 0;
    needed += needed / 2;
    lines = nephi_realloc(&job->http->memory, NULL, needed);
    if (!lines)
        return NEPH_NO_MEMORY;
    nephi_free_secret(&job->http->memory, job->lines, job->lines_capacity);
    job->lines = lines;
    job->lines_capacity = needed;
    return 0;
}

/* "name: value", or "name;" which libcurl sends as "name:". */
static char *line_write(char *at, const neph_header *header)
{
    size_t name = strlen(header->name), value = strlen(header->value);
    memcpy(at, header->name, name);
    at += name;
    if (value == 0) {
        *at++ = ';';
    } else {
        *at++ = ':';
        *at++ = ' ';
        memcpy(at, header->value, value);
        at += value;
    }
    *at++ = '\0';
    return at;
}

static int lines_make(nephi_job *job, const neph_exchange *exchange)
{
    const char *own[OWN_LINES] = {NULL, NULL};
    struct curl_slist *line;
    char *text;
    int rc = lines_reserve(job, exchange);
    if (rc)
        return rc;
    if (!has_header(exchange, "Accept"))
        own[0] = without_accept;
    if (exchange->body_size != 0)
        own[1] = exchange->expect_continue ? with_expect : without_expect;
    line = job->lines;
    text = (char *)(job->lines + exchange->header_count + OWN_LINES);
    for (size_t i = 0; i < exchange->header_count; i++) {
        line->data = text;
        line->next = line + 1;
        line++;
        text = line_write(text, &exchange->headers[i]);
    }
    for (size_t i = 0; i < OWN_LINES; i++) {
        if (!own[i])
            continue;
        line->data = (char *)own[i]; /* libcurl only reads it */
        line->next = line + 1;
        line++;
    }
    if (line == job->lines)
        return curl_easy_setopt(job->easy, CURLOPT_HTTPHEADER, NULL) ? NEPH_NO_MEMORY : 0;
    line[-1].next = NULL;
    return curl_easy_setopt(job->easy, CURLOPT_HTTPHEADER, job->lines) ? NEPH_NO_MEMORY : 0;
}

/* ---- what this exchange needs else */

/* Methods whose requests have a length even when they have no body. */
static int has_body(const neph_exchange *exchange)
{
    static const char *const methods[] = {"PUT", "POST", "PATCH"};
    if (exchange->body_size != 0)
        return 1;
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (strcmp(exchange->method, methods[i]) == 0)
            return 1;
    return 0;
}

static CURLcode shape_set(nephi_job *job, int shape)
{
    CURLcode code;
    if (job->shape == shape)
        return CURLE_OK;
    if (shape == NEPHI_SHAPE_BODY)
        code = curl_easy_setopt(job->easy, CURLOPT_UPLOAD, 1L);
    else
        code = curl_easy_setopt(job->easy, CURLOPT_HTTPGET, 1L);
    if (!code && shape == NEPHI_SHAPE_HEAD)
        code = curl_easy_setopt(job->easy, CURLOPT_NOBODY, 1L);
    job->shape = code ? NEPHI_SHAPE_NEW : shape;
    return code;
}

static CURLcode method_set(nephi_job *job, const char *method)
{
    static const char *const own_method[] = {
        [NEPHI_SHAPE_GET] = "GET", [NEPHI_SHAPE_HEAD] = "HEAD", [NEPHI_SHAPE_BODY] = "PUT"};
    int is_own = strcmp(method, own_method[job->shape]) == 0;
    CURLcode code;
    if (is_own ? !job->has_method : job->has_method && strcmp(job->method, method) == 0)
        return CURLE_OK;
    code = curl_easy_setopt(job->easy, CURLOPT_CUSTOMREQUEST, is_own ? NULL : method);
    if (code)
        return code;
    job->has_method = !is_own;
    memcpy(job->method, method, strlen(method) + 1);
    return CURLE_OK;
}

static CURLcode request_set(nephi_job *job, const neph_exchange *exchange)
{
    int shape = strcmp(exchange->method, "HEAD") == 0 ? NEPHI_SHAPE_HEAD
                : has_body(exchange)                  ? NEPHI_SHAPE_BODY
                                                      : NEPHI_SHAPE_GET;
    CURLcode code = shape_set(job, shape);
    if (!code)
        code = method_set(job, exchange->method);
    if (!code && shape == NEPHI_SHAPE_BODY && job->body_size != exchange->body_size) {
        code =
            curl_easy_setopt(job->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)exchange->body_size);
        job->body_size = exchange->body_size;
    }
    return code;
}

static CURLcode route_set(nephi_job *job, const neph_exchange *exchange)
{
    CURLcode code = CURLE_OK;
    if (exchange->unix_socket || job->has_socket) {
        code = curl_easy_setopt(job->easy, CURLOPT_UNIX_SOCKET_PATH, exchange->unix_socket);
        job->has_socket = exchange->unix_socket != NULL;
    }
    if (!code && job->http->has_proxy && job->has_no_proxy != exchange->no_proxy) {
        const char *kept = job->http->proxy ? "" : NULL;
        code = curl_easy_setopt(job->easy, CURLOPT_NOPROXY, exchange->no_proxy ? "*" : kept);
        job->has_no_proxy = exchange->no_proxy;
    }
    return code;
}

/* libcurl allocates both for each request: large ones are for few at a time. */
static CURLcode buffers_set(nephi_job *job, const neph_exchange *exchange)
{
    int is_large = job->http->live_count < NEPHI_LARGE_BUFFERS;
    int is_small_body =
        exchange->body_size >= 0 && exchange->body_size <= (int64_t)NEPHI_BUFFER_SMALL;
    long size = is_large ? NEPHI_BUFFER_LARGE : NEPHI_BUFFER_SMALL;
    long upload = is_large && !is_small_body ? NEPHI_BUFFER_LARGE : NEPHI_BUFFER_SMALL;
    CURLcode code = CURLE_OK;
    if (job->buffer_size != size)
        code = curl_easy_setopt(job->easy, CURLOPT_BUFFERSIZE, size);
    job->buffer_size = size;
    if (!code && exchange->body_size != 0 && job->upload_size != upload) {
        code = curl_easy_setopt(job->easy, CURLOPT_UPLOAD_BUFFERSIZE, upload);
        job->upload_size = upload;
    }
    return code;
}

/* By HTTP's own rules: twice is as good as once. */
static int is_repeatable(const char *method)
{
    static const char *const methods[] = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (strcmp(method, methods[i]) == 0)
            return 1;
    return 0;
}

static void counters_reset(nephi_job *job, neph_exchange *exchange)
{
    job->exchange = exchange;
    job->is_paused = job->is_final = job->is_body = job->has_refusal = 0;
    job->is_short = job->is_stalled = 0;
    job->sent = job->http_status = job->failure = 0;
    job->left = exchange->body_size;
    job->moved = 0;
    job->is_repeatable = is_repeatable(exchange->method);
    job->error[0] = '\0';
    job->pending.size = 0;
}

static int exchange_check(const neph_exchange *exchange)
{
    size_t method = exchange->method ? strlen(exchange->method) : 0;
    if (method == 0 || method >= sizeof((nephi_job *)NULL)->method || !exchange->url)
        return NEPH_INVALID;
    if (strncmp(exchange->url, "http://", 7) != 0 && strncmp(exchange->url, "https://", 8) != 0)
        return NEPH_INVALID;
    return exchange->body_size < -1 ? NEPH_INVALID : 0;
}

int nephi_job_prepare(nephi_job *job, neph_exchange *exchange)
{
    CURLcode code;
    int rc = exchange_check(exchange);
    if (!rc)
        rc = lines_make(job, exchange);
    if (rc)
        return rc;
    code = curl_easy_setopt(job->easy, CURLOPT_URL, exchange->url);
    if (!code)
        code = request_set(job, exchange);
    if (!code)
        code = route_set(job, exchange);
    if (!code)
        code = buffers_set(job, exchange);
    if (code)
        return code == CURLE_OUT_OF_MEMORY ? NEPH_NO_MEMORY : NEPH_INVALID;
    counters_reset(job, exchange);
    if (exchange->url[4] == 's' || job->http->has_proxy)
        job->http->has_tls = 1;
    return 0;
}

int nephi_job_complete(nephi_job *job)
{
    neph_exchange *exchange = job->exchange;
    int rc = 0;
    if (job->is_body)
        return 0;
    /* 417, and libcurl did not ask again: then it is the answer after all. */
    if (job->has_refusal && exchange->on_status)
        rc = exchange->on_status(exchange, job->http_status);
    if (!rc && job->exchange && exchange->on_headers_done)
        rc = exchange->on_headers_done(exchange);
    return rc;
}
