/*
 * core/request.c - building a request: encoding of paths, queries and forms, checks of headers, the authority line.
 */
#include "core/request.h"

#include "core/call.h"
#include "core/text.h"

#include <stddef.h>
#include <string.h>

#define PATH_MAX_SIZE (64u << 10)

void nephi_request_init(neph_request *request, neph_call *call)
{
    const nephi_memory *memory = &call->host->memory;
    memset(request, 0, offsetof(neph_request, headers));
    request->services = call->services;
    request->failure = &call->error;
    request->host = call->host;
    request->call = call;
    nephi_buffer_init(&request->path, memory, PATH_MAX_SIZE);
    nephi_buffer_init(&request->query, memory, PATH_MAX_SIZE);
    nephi_buffer_init(&request->body, memory, NEPHI_BODY_MAX);
    nephi_buffer_init(&request->authority, memory, 1024);
    nephi_buffer_init(&request->url, memory, 2 * PATH_MAX_SIZE);
    nephi_arena_init(&request->arena, memory, 1u << 20);
    request->query.secret = request->body.secret = request->url.secret = 1;
}

static void redirect_drop(neph_request *request)
{
    if (!request->redirect)
        return;
    nephi_url_fini(request->redirect, &request->call->host->memory);
    nephi_free(&request->call->host->memory, request->redirect);
    request->redirect = NULL;
}

void nephi_request_fini(neph_request *request)
{
    if (!request->call)
        return;
    redirect_drop(request);
    nephi_buffer_fini(&request->path);
    nephi_buffer_fini(&request->query);
    nephi_buffer_fini(&request->body);
    nephi_buffer_fini(&request->authority);
    nephi_buffer_fini(&request->url);
    nephi_arena_fini(&request->arena, 1);
    request->call = NULL;
}

void nephi_request_reset(neph_request *request)
{
    redirect_drop(request);
    request->url_base = 0;
    nephi_buffer_clear(&request->path);
    nephi_buffer_clear(&request->query);
    nephi_buffer_clear(&request->body);
    nephi_buffer_clear(&request->authority);
    nephi_arena_reset(&request->arena, 1);
    request->method = "GET";
    request->endpoint = NULL;
    request->header_count = request->asked_headers = 0;
    request->body_kind = NEPHI_BODY_NOTHING;
    request->is_form = request->expect_continue = 0;
    request->framing = NULL;
    request->presign_seconds = 0;
}

void nephi_request_mark(neph_request *request)
{
    request->asked_headers = request->header_count;
    request->asked_query = request->query.size;
}

void nephi_request_unsign(neph_request *request)
{
    request->header_count = request->asked_headers;
    if (request->query.data && request->query.size > request->asked_query) {
        request->query.size = request->asked_query;
        request->query.data[request->query.size] = 0;
    }
}

static int32_t no_memory(neph_request *request, int rc)
{
    if (rc == NEPH_LIMIT)
        return nephi_fail(request->failure, NEPH_LIMIT,
                          "the request's path, query or body is too long");
    return rc ? nephi_fail_memory(request->failure) : 0;
}

int32_t nephi_request_set_method(neph_request *request, const char *method)
{
    static const char *const known[] = {"GET",  "PUT",   "POST", "DELETE",
                                        "HEAD", "PATCH", "COPY", "OPTIONS"};
    for (size_t i = 0; method && i < sizeof known / sizeof *known; i++) {
        if (strcmp(known[i], method) != 0)
            continue;
        request->method = known[i];
        return 0;
    }
    return nephi_fail(request->failure, NEPH_PLUGIN,
                      "the provider asks with the unknown method \"%s\"", method ? method : "");
}

int32_t nephi_request_set_endpoint(neph_request *request, const char *service)
{
    request->endpoint = nephi_cloud_endpoint(request->call->cloud, service);
    request->url_base = 0;
    nephi_buffer_clear(&request->authority);
    if (!request->endpoint)
        return nephi_fail(request->failure, NEPH_INVALID,
                          "this cloud has no endpoint%s%s: set endpoint", service ? " for " : "",
                          service ? service : "");
    return no_memory(request,
                     nephi_buffer_text(&request->authority, request->endpoint->url.authority));
}

static int is_label_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.';
}

int32_t nephi_request_set_host_prefix(neph_request *request, const char *label)
{
    size_t size = strlen(label);
    int rc;
    for (size_t i = 0; i < size; i++)
        if (!is_label_character(label[i]))
            return nephi_fail(request->failure, NEPH_INVALID, "\"%s\" cannot stand in a host name",
                              label);
    if (!size || size > 253)
        return nephi_fail(request->failure, NEPH_INVALID, "\"%s\" cannot stand in a host name",
                          label);
    if (!request->endpoint)
        return nephi_fail(request->failure, NEPH_INVALID, "set endpoint: this cloud has none");
    request->url_base = 0;
    nephi_buffer_clear(&request->authority);
    rc = nephi_buffer_text(&request->authority, label);
    if (!rc)
        rc = nephi_buffer_char(&request->authority, '.');
    if (!rc)
        rc = nephi_buffer_text(&request->authority, request->endpoint->url.authority);
    return no_memory(request, rc);
}

static int encode_into(nephi_buffer *buffer, const char *text, int flags)
{
    size_t size = strlen(text);
    int rc = nephi_buffer_reserve(buffer, size * 3 + 1);
    if (rc)
        return rc;
    buffer->size += nephi_percent_encode(buffer->data + buffer->size, text, size, flags);
    buffer->data[buffer->size] = 0;
    return 0;
}

/* One {} or {*} of a template. */
static int32_t path_value(neph_request *request, int is_key, const char *value)
{
    if (!value || !*value)
        return nephi_fail(request->failure, NEPH_INVALID,
                          "a name that belongs in the request's path is empty");
    if (!is_key && (strcmp(value, ".") == 0 || strcmp(value, "..") == 0))
        return nephi_fail(request->failure, NEPH_INVALID,
                          "\"%s\" is no name that a request's path can hold", value);
    return no_memory(request, encode_into(&request->path, value, is_key ? NEPHI_KEEP_SLASH : 0));
}

int32_t nephi_request_set_path(neph_request *request, const char *template_text,
                               const char *const *values, size_t count)
{
    const char *at = template_text;
    size_t used = 0;
    int32_t rc = 0;
    request->url_base = 0;
    nephi_buffer_clear(&request->path);
    while (!rc && *at) {
        size_t plain = strcspn(at, "{");
        rc = no_memory(request, nephi_buffer_add(&request->path, at, plain));
        at += plain;
        if (rc || !*at)
            break;
        if (used >= count || !strchr(at, '}'))
            return nephi_fail(request->failure, NEPH_PLUGIN,
                              "the provider's path template \"%s\" is malformed", template_text);
        rc = path_value(request, at[1] == '*', values[used++]);
        at = strchr(at, '}') + 1;
    }
    return rc;
}

int32_t nephi_request_add_query_raw(neph_request *request, const char *text)
{
    int rc = request->query.size ? nephi_buffer_char(&request->query, '&') : 0;
    return no_memory(request, rc ? rc : nephi_buffer_text(&request->query, text));
}

static int pair_add(nephi_buffer *buffer, const char *name, const char *value)
{
    int rc = buffer->size ? nephi_buffer_char(buffer, '&') : 0;
    if (!rc)
        rc = encode_into(buffer, name, 0);
    if (!rc && value)
        rc = nephi_buffer_char(buffer, '=');
    if (!rc && value)
        rc = encode_into(buffer, value, 0);
    return rc;
}

int32_t nephi_request_add_query(neph_request *request, const char *name, const char *value)
{
    return no_memory(request, pair_add(&request->query, name, value));
}

int32_t nephi_request_add_form(neph_request *request, const char *name, const char *value)
{
    request->is_form = 1;
    request->body_kind = NEPHI_BODY_TEXT;
    return no_memory(request, pair_add(&request->body, name, value ? value : ""));
}

/* RFC 9110 section 5.6.2: letters, digits and some marks. */
static int is_token_character(char c)
{
    return is_label_character(c) || (c && strchr("!#$%&'*+^_`|~", c));
}

static int is_header_name(const char *name)
{
    const char *at = name;
    while (is_token_character(*at))
        at++;
    return at > name && !*at;
}

static uint32_t header_place(const neph_request *request, const char *name)
{
    uint32_t place = 0;
    while (place < request->header_count && !nephi_same_name(request->headers[place].name, name))
        place++;
    return place;
}

int32_t nephi_request_set_header(neph_request *request, const char *name, const char *value)
{
    uint32_t place;
    size_t size = strlen(value);
    char *name_copy, *value_copy;
    if (!is_header_name(name) || memchr(value, '\r', size) || memchr(value, '\n', size))
        return nephi_fail(request->failure, NEPH_INVALID,
                          "the header %s cannot hold this value: it has a line break", name);
    place = header_place(request, name);
    if (place == NEPHI_HEADER_MAX)
        return nephi_fail(request->failure, NEPH_LIMIT,
                          "a request cannot have more than %d headers", NEPHI_HEADER_MAX);
    while (size && (value[size - 1] == ' ' || value[size - 1] == '\t'))
        size--;
    while (size && (*value == ' ' || *value == '\t'))
        value++, size--;
    name_copy = nephi_arena_text(&request->arena, name, strlen(name));
    value_copy = nephi_arena_text(&request->arena, value, size);
    if (!name_copy || !value_copy)
        return nephi_fail_memory(request->failure);
    request->headers[place] = (neph_header){.name = name_copy, .value = value_copy};
    if (place == request->header_count)
        request->header_count++;
    return 0;
}

int32_t nephi_request_add_body(neph_request *request, const char *content_type, const void *data,
                               size_t size)
{
    request->body_kind = NEPHI_BODY_TEXT;
    if (content_type && nephi_request_set_header(request, "Content-Type", content_type))
        return request->failure->status;
    return no_memory(request, nephi_buffer_add(&request->body, data, size));
}

int32_t nephi_request_use_source(neph_request *request)
{
    if (!request->call->source.host)
        return nephi_fail(
            request->failure, NEPH_INVALID,
            "this operation needs a source: a file, a descriptor, memory or a callback");
    request->body_kind = NEPHI_BODY_SOURCE;
    return 0;
}

int32_t nephi_request_use_framing(neph_request *request, const neph_framing *framing)
{
    if (framing->size < sizeof *framing || framing->chunk_size < 1024 ||
        framing->chunk_size > (16u << 20) || !framing->frame || !framing->length)
        return nephi_fail(request->failure, NEPH_PLUGIN, "the provider's framing is malformed");
    request->framing = framing;
    return 0;
}

/* Takes url over. */
static int redirect_to(neph_request *request, nephi_url *url)
{
    nephi_url *copy = nephi_alloc(&request->call->host->memory, sizeof *copy);
    if (!copy) {
        nephi_url_fini(url, &request->call->host->memory);
        return nephi_fail_memory(request->failure);
    }
    *copy = *url;
    redirect_drop(request);
    request->redirect = copy;
    request->url_base = 0;
    nephi_buffer_clear(&request->query);
    return *copy->query ? nephi_request_add_query_raw(request, copy->query) : 0;
}

static int redirect_check(neph_request *request, const nephi_url *base, const nephi_url *url,
                          const char *what)
{
    if (nephi_cloud_trusts(request->call->cloud, url) && (url->is_secure || !base->is_secure))
        return 0;
    return nephi_fail(request->failure, NEPH_PROTOCOL,
                      "%s %s://%s, which is no endpoint of this cloud: credentials stay here", what,
                      url->scheme, url->authority);
}

int nephi_request_follow(neph_request *request, const char *reference, const char *what)
{
    const nephi_memory *memory = &request->host->memory;
    nephi_url base = {0}, url = {0};
    const char *text = nephi_request_url(request);
    int rc = text ? nephi_url_parse(&base, memory, text, request->failure)
                  : nephi_fail_memory(request->failure);
    if (!rc)
        rc = nephi_url_resolve(&url, memory, &base, reference, request->failure);
    if (rc == NEPH_INVALID || rc == NEPH_LIMIT) /* it is the server that is wrong */
        rc = request->failure->status = NEPH_PROTOCOL;
    if (!rc) {
        rc = redirect_check(request, &base, &url, what);
        if (rc)
            nephi_url_fini(&url, memory);
    }
    nephi_url_fini(&base, memory);
    return rc ? rc : redirect_to(request, &url);
}

static const nephi_url *request_target(const neph_request *request)
{
    return request->redirect ? request->redirect : &request->endpoint->url;
}

int nephi_request_is_link_local(const neph_request *request)
{
    return nephi_url_is_link_local(request_target(request));
}

/* The base of the endpoint goes before the path, or is all of it; a redirect says the whole of it. */
static int url_write(neph_request *request)
{
    const nephi_url *target = request_target(request);
    nephi_buffer *url = &request->url;
    size_t base = target->port ? strlen(target->path) : 0; /* a socket's path is where to connect */
    const char *path = nephi_buffer_string(&request->path);
    int rc;
    nephi_buffer_clear(url);
    rc = nephi_buffer_text(url, target->is_secure ? "https://" : "http://");
    if (!rc)
        rc = nephi_buffer_text(url, request->redirect ? target->authority
                                                      : nephi_buffer_string(&request->authority));
    if (request->redirect)
        return rc ? rc : nephi_buffer_text(url, base ? target->path : "/");
    while (base && target->path[base - 1] == '/')
        base--;
    if (!rc)
        rc = nephi_buffer_add(url, target->path, base);
    if (!rc && *path != '/' && (*path || !base))
        rc = nephi_buffer_char(url, '/');
    return rc ? rc : nephi_buffer_text(url, path);
}

/* The URL without its query. Whoever signs looks at it more than once. */
static int url_build(neph_request *request)
{
    nephi_buffer *url = &request->url;
    int rc = request->url_base ? 0 : url_write(request);
    if (rc)
        return rc;
    if (!request->url_base)
        request->url_base = url->size;
    url->size = request->url_base;
    url->data[url->size] = 0;
    return 0;
}

const char *nephi_request_url(neph_request *request)
{
    int rc = url_build(request);
    if (!rc && request->query.size) {
        rc = nephi_buffer_char(&request->url, '?');
        if (!rc)
            rc = nephi_buffer_add(&request->url, request->query.data, request->query.size);
    }
    return rc ? NULL : request->url.data;
}

static int view_headers(neph_request *request, neph_request_view *view)
{
    uint32_t count = request->header_count;
    const char **texts = nephi_arena_alloc(&request->arena, 2 * sizeof *texts * count);
    if (!texts)
        return NEPH_NO_MEMORY;
    for (uint32_t i = 0; i < count; i++) {
        texts[i] = request->headers[i].name;
        texts[count + i] = request->headers[i].value;
    }
    view->header_count = count;
    view->header_names = texts;
    view->header_values = texts + count;
    return 0;
}

int32_t nephi_request_look_at(const neph_request *request, neph_request_view *view)
{
    neph_request *writable = (neph_request *)request;
    const nephi_url *target = request_target(request);
    const char *after_scheme;
    if (url_build(writable) || view_headers(writable, view))
        return nephi_fail_memory(request->failure);
    after_scheme = strstr(request->url.data, "://") + 3;
    view->method = request->method;
    view->scheme = target->is_secure ? "https" : "http";
    view->host = request->redirect ? target->authority : nephi_buffer_string(&request->authority);
    view->path = after_scheme + strlen(view->host);
    view->query = nephi_buffer_string(&request->query);
    view->body_size = nephi_call_body_size(request->call);
    view->presign_seconds = request->presign_seconds;
    return 0;
}
