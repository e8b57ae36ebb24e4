/*
 * core/wire/prepare.c - what one exchange tells its easy handle: the header lines, the method, the length of the body, the
 * route, the buffers. A handle is used again and again; what it was told before is not said again.
 */
#include "core/text.h"
#include "core/wire/http.h"

#include <string.h>

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
const char *const nephi_without_expect = "Expect:";
static const char *const with_expect = "Expect: 100-continue";

enum { OWN_LINES = 2 };

/* A line break in a name or value would begin another header. */
static int is_one_line(const char *text, size_t size)
{
    return !memchr(text, '\r', size) && !memchr(text, '\n', size);
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
        own[1] = exchange->expect_continue ? with_expect : nephi_without_expect;
    job->expect = NULL;
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
        if (own[i] == with_expect)
            job->expect = line;
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

/* A handle whose last exchange shared its connection with others still has its buffer, and refuses another size: then
 * it keeps that one. */
static CURLcode size_set(CURL *easy, CURLoption option, long size, long *set)
{
    CURLcode code = *set == size ? CURLE_OK : curl_easy_setopt(easy, option, size);
    if (code == CURLE_BAD_FUNCTION_ARGUMENT)
        return CURLE_OK;
    *set = size;
    return code;
}

/* libcurl allocates its buffers for each request: large ones spare system calls where few exchanges are under way, and
 * cost page faults where many are. The largest is for who has never had two at once. */
static long buffer_size(const nephi_http *http)
{
    if (http->live_count + http->idle_count == 0)
        return 2 * NEPHI_BUFFER_LARGE;
    return http->live_count < NEPHI_LARGE_BUFFERS ? NEPHI_BUFFER_LARGE : NEPHI_BUFFER_SMALL;
}

static CURLcode buffers_set(nephi_job *job, const neph_exchange *exchange)
{
    int is_small_body =
        exchange->body_size >= 0 && exchange->body_size <= (int64_t)NEPHI_BUFFER_SMALL;
    long size = buffer_size(job->http);
    long upload = is_small_body ? NEPHI_BUFFER_SMALL : size;
    CURLcode code = size_set(job->easy, CURLOPT_BUFFERSIZE, size, &job->buffer_size);
    if (!code && exchange->body_size != 0)
        code = size_set(job->easy, CURLOPT_UPLOAD_BUFFERSIZE, upload, &job->upload_size);
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
    /* Over TLS the first handshake tells whether one connection can carry all; in the clear it would be the first
     * reply, and the others would wait for it. */
    if (!code)
        code = curl_easy_setopt(job->easy, CURLOPT_PIPEWAIT,
                                strncmp(exchange->url, "https:", 6) == 0 ? 1L : 0L);
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
