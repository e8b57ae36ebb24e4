/*
 * core/wire/http.h - what the files of the libcurl transport share:
 *   http.c      the table: start, cancel, resume, dispatch; what runs when
 *   job.c       one exchange on one easy handle: options of all exchanges, callbacks
 *   prepare.c   what this one asks for: header lines, method, length, route
 *   failure.c   what a CURLcode means, in one line
 * Nobody else includes <curl/curl.h>.
 */
#ifndef NEPHI_HTTP_H
#define NEPHI_HTTP_H

#include "core/buffer.h"
#include "core/wire/parts.h"
#include "core/wire/sockets.h"

#include <curl/curl.h>

/* Up to so many exchanges at once have large buffers. */
#define NEPHI_LARGE_BUFFERS 8
#define NEPHI_BUFFER_LARGE 65536L
#define NEPHI_BUFFER_SMALL 16384L

typedef struct nephi_http nephi_http;
typedef struct nephi_job nephi_job;

/* Doubly linked ring through its anchor. */
typedef struct nephi_link {
    struct nephi_link *next, *previous;
} nephi_link;

enum { NEPHI_SHAPE_NEW = 0, NEPHI_SHAPE_GET, NEPHI_SHAPE_HEAD, NEPHI_SHAPE_BODY };

/* One exchange on its easy handle, kept for the next exchange afterwards. */
struct nephi_job {
    nephi_link link;   /* in http->live, ->starting, ->dying or ->idle */
    nephi_link active; /* in http->moving while a byte must come or go within the stall time-out */
    nephi_job *next_resumed;
    nephi_http *http;
    CURL *easy;
    neph_exchange *exchange; /* NULL: cancelled */
    int is_added;            /* the multi handle has it */
    int is_resumed;          /* in http->resumed */
    int is_paused;
    int is_final;    /* the header lines under way are those of the final answer */
    int is_body;     /* its last header line was read */
    int has_refusal; /* 417: libcurl asks again without Expect */
    int is_spoilt;   /* libcurl remembers the 417 for ever: the handle is not used again */
    int is_repeatable;
    int is_short; /* read_body ended before body_size */
    int is_stalled;
    int32_t sent; /* how often the request went out, or began to */
    int32_t http_status;
    int32_t failure;          /* that a callback returned */
    int64_t left;             /* of the body to send; -1: not known */
    int64_t active_ms, moved; /* when a byte was last seen to move, and how many had */

    /* what the easy handle was last told, so that it is not told again */
    int shape;
    int has_method, has_socket, has_no_proxy;
    char method[24];
    long buffer_size, upload_size;
    int64_t body_size;

    struct curl_slist *lines;  /* an array, and behind it the text */
    struct curl_slist *expect; /* the line among them that asks for "100 Continue", or NULL */
    size_t lines_capacity;
    /* A header line that came in and is not handed on yet: the next one may continue it. */
    nephi_buffer pending;
    char error[CURL_ERROR_SIZE];
};

struct nephi_http {
    nephi_memory memory;
    CURLM *multi;
    nephi_sockets sockets;
    char *ca_file, *client_certificate, *client_key, *proxy;
    int has_proxy; /* one is configured, or the environment's are looked at */
    int is_insecure;
    int64_t connect_timeout_ms, stall_timeout_ms;
    int64_t timer_ms; /* libcurl's; -1: none */
    int64_t now_ms;
    int is_dispatching;
    int in_curl; /* its callbacks may be on the stack: nothing may be added or removed */
    int has_tls; /* an https exchange was begun: OpenSSL may raise SIGPIPE */
    int fault;   /* of the socket callback */
    nephi_link live, starting, dying, idle;
    nephi_link moving;  /* least recently active first */
    nephi_job *resumed; /* stack */
    size_t live_count, idle_count;
};

void nephi_link_init(nephi_link *anchor);
void nephi_link_append(nephi_link *anchor, nephi_link *link);
void nephi_link_remove(nephi_link *link);

/* job.c */
nephi_job *nephi_job_new(nephi_http *http);
void nephi_job_free(nephi_job *job);
/* Hands on what was held back, after libcurl has said that all went well. 0 or a failure. */
int nephi_job_complete(nephi_job *job);
/* The job's time without a byte begins anew. */
void nephi_job_touch(nephi_job *job);

/* prepare.c: tells the easy handle what to do; 0 or a failure */
int nephi_job_prepare(nephi_job *job, neph_exchange *exchange);
extern const char *const nephi_without_expect; /* the line that keeps libcurl from adding one */

/* failure.c */
typedef struct nephi_failure {
    int32_t status, is_permanent;
    char message[512];
} nephi_failure;

/* How the job ended: by a callback's failure, by itself, or as code says. Status 0: well. */
void nephi_failure_explain(nephi_failure *failure, const nephi_job *job, CURLcode code);

#endif
