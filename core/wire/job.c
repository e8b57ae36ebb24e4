/*
 * core/wire/job.c - one exchange on one easy handle: what all exchanges have in common is set when the handle is made,
 * libcurl's callbacks are turned into the exchange's. What this one exchange asks for is prepare.c; when it runs, and
 * what happens after it ended, http.c.
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
    job->is_spoilt |= job->has_refusal;
    if (job->has_refusal && job->expect)
        job->expect->data = (char *)nephi_without_expect; /* libcurl asks again with these lines */
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

/* A directory of certificates keeps libcurl from reading the file of them only once for all connections (25 ms each), and
 * would be trusted beside a ca_file. */
static CURLcode authorities_set(nephi_job *job)
{
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
    const char *file = job->http->ca_file;
    if (file)
        return curl_easy_setopt(job->easy, CURLOPT_CAINFO, file) ||
                       curl_easy_setopt(job->easy, CURLOPT_CAPATH, NULL)
                   ? CURLE_OUT_OF_MEMORY
                   : CURLE_OK;
    if (!info->cainfo || access(info->cainfo, R_OK) != 0)
        return CURLE_OK;
    return curl_easy_setopt(job->easy, CURLOPT_CAPATH, NULL);
}

static CURLcode settings_set(nephi_job *job)
{
    const nephi_http *http = job->http;
    CURL *easy = job->easy;
    int bad = 0;
    bad |= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    bad |= curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)http->connect_timeout_ms);
    bad |= authorities_set(job);
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
