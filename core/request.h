/*
 * core/request.h - a request while a provider writes it, and as it goes out. Encodes, checks and remembers; sends
 * nothing.
 */
#ifndef NEPHI_REQUEST_H
#define NEPHI_REQUEST_H

#include "core/buffer.h"
#include "core/cloud.h"

#include <neph/plugin.h>

#define NEPHI_HEADER_MAX 64
#define NEPHI_BODY_MAX (16u << 20) /* of a body made in memory */

enum { NEPHI_BODY_NOTHING = 0, NEPHI_BODY_TEXT = 1, NEPHI_BODY_SOURCE = 2 };

struct neph_request {
    const neph_services *services;
    nephi_error *failure;
    neph_host *host;
    neph_call *call;
    const char *method;
    const nephi_endpoint *endpoint;
    nephi_url *redirect; /* in place of endpoint, path and query */
    nephi_buffer path;   /* with the endpoint's base, encoded */
    nephi_buffer query;  /* encoded */
    nephi_buffer body;   /* a form or a text */
    nephi_buffer authority;
    nephi_buffer url;
    size_t url_base;   /* bytes of url before its query; 0: to be written anew */
    nephi_arena arena; /* header texts, and what views point to */
    uint32_t header_count;
    int body_kind;
    int is_form;
    int expect_continue;
    const neph_framing *framing;
    /* what ask had written, so that sign can start over on the next attempt */
    uint32_t asked_headers;
    size_t asked_query;
    int64_t presign_seconds;
    neph_header headers[NEPHI_HEADER_MAX];
};

void nephi_request_init(neph_request *request, neph_call *call);
void nephi_request_fini(neph_request *request);
/* Empty, for the next ask; keeps memory. */
void nephi_request_reset(neph_request *request);
/* After ask: what was written is what sign starts from. */
void nephi_request_mark(neph_request *request);
void nephi_request_unsign(neph_request *request);
/* The URL as it goes out. NULL: no memory. */
/* Does it go to this machine's own link, where metadata services are? */
int nephi_request_is_link_local(const neph_request *request);
const char *nephi_request_url(neph_request *request);
/* Takes host, path and query from a URL that the server sent, absolute or relative; only inside the endpoint set, and never
 * from TLS to plain text: NEPH_PROTOCOL. what: begins the message, "redirected to". */
int nephi_request_follow(neph_request *request, const char *reference, const char *what);

int32_t nephi_request_set_method(neph_request *request, const char *method);
int32_t nephi_request_set_endpoint(neph_request *request, const char *service);
int32_t nephi_request_set_host_prefix(neph_request *request, const char *label);
int32_t nephi_request_set_path(neph_request *request, const char *template_text,
                               const char *const *values, size_t count);
int32_t nephi_request_add_query(neph_request *request, const char *name, const char *value);
int32_t nephi_request_add_query_raw(neph_request *request, const char *text);
int32_t nephi_request_set_header(neph_request *request, const char *name, const char *value);
int32_t nephi_request_add_form(neph_request *request, const char *name, const char *value);
int32_t nephi_request_add_body(neph_request *request, const char *content_type, const void *data,
                               size_t size);
int32_t nephi_request_use_source(neph_request *request);
int32_t nephi_request_use_framing(neph_request *request, const neph_framing *framing);
int32_t nephi_request_look_at(const neph_request *request, neph_request_view *view);

#endif
