/*
 * sigv4.c - AWS Signature Version 4 (see neph/kit/sigv4.h): canonical request, string to sign, signature, and where
 * they go in the request. Does not know which service it signs for; canonical.c spells query, path and time.
 */
#include "canonical.h"

#include <neph/kit/sigv4.h>

static const char algorithm[] = "AWS4-HMAC-SHA256";

/* The headers of one request in canonical order. */
typedef struct headers {
    uint32_t count;
    uint32_t reserved;
    neph_text joined; /* "host;x-amz-date" */
    const char *names[NEPH_SIGV4_HEADERS_MAX];
    const char *values[NEPH_SIGV4_HEADERS_MAX];
} headers;

/* What proxies and libraries add or change on the way, and what this file adds itself. */
static const char *const unsigned_names[] = {
    "accept",
    "accept-encoding",
    "authorization",
    "connection",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
    "x-amz-date",
    "x-amz-security-token",
    "x-amzn-trace-id",
    "x-forwarded-for",
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static int name_compare(const char *a, const char *b)
{
    while (*a && (*a == *b || lower(*a) == lower(*b))) {
        a++;
        b++;
    }
    return (unsigned char)lower(*a) - (unsigned char)lower(*b);
}

static int is_signed(const neph_sigv4 *how, const char *name)
{
    if ((how->flags & NEPH_SIGV4_PAYLOAD_HEADER) && !name_compare(name, "x-amz-content-sha256"))
        return 0;
    for (size_t i = 0; i < NEPH_COUNT(unsigned_names); i++)
        if (lower(name[0]) == unsigned_names[i][0] && !name_compare(name, unsigned_names[i]))
            return 0;
    return 1;
}

/* Keeps the order; equal names stay in the order in which they came. */
static int header_add(headers *all, const char *name, const char *value)
{
    uint32_t at = all->count;
    if (at == NEPH_SIGV4_HEADERS_MAX)
        return NEPH_LIMIT;
    for (; at && name_compare(all->names[at - 1], name) > 0; at--) {
        all->names[at] = all->names[at - 1];
        all->values[at] = all->values[at - 1];
    }
    all->names[at] = name;
    all->values[at] = value;
    all->count++;
    return 0;
}

/* The payload as the canonical request names it. */
static const char *payload_of(const neph_sigv4 *how)
{
    return how->payload ? how->payload : NEPH_SIGV4_EMPTY;
}

static int headers_collect(headers *all, const neph_sigv4 *how, const neph_request_view *view,
                           const neph_sigv4_work *work)
{
    int rc = header_add(all, "host", view->host);
    for (uint32_t i = 0; i < view->header_count && !rc; i++)
        if (is_signed(how, view->header_names[i]))
            rc = header_add(all, view->header_names[i], view->header_values[i]);
    if (rc || view->presign_seconds > 0)
        return rc;
    rc = header_add(all, "x-amz-date", work->date);
    if (!rc && (how->flags & NEPH_SIGV4_PAYLOAD_HEADER))
        rc = header_add(all, "x-amz-content-sha256", payload_of(how));
    if (!rc && how->session_token && !(how->flags & NEPH_SIGV4_TOKEN_UNSIGNED))
        rc = header_add(all, "x-amz-security-token", how->session_token);
    return rc;
}

static int is_blank(char c)
{
    return c <= ' ' && (c == ' ' || c == '\t' || c == '\r' || c == '\n');
}

/* Without blanks around it, and one space for each run of blanks inside. */
static void value_add(neph_text *out, const char *value)
{
    size_t start = out->size;
    while (*value) {
        const char *word = value;
        while (*value && !is_blank(*value))
            value++;
        if (value > word && out->size > start)
            neph_text_add_char(out, ' ');
        neph_text_add_bytes(out, word, (size_t)(value - word));
        while (is_blank(*value))
            value++;
    }
}

static void name_add(neph_text *out, const char *name)
{
    size_t start = out->size;
    neph_text_add(out, name);
    for (char *at = out->data + start; *at; at++)
        *at = lower(*at);
}

static void headers_write(const headers *all, neph_text *out)
{
    for (uint32_t i = 0; i < all->count; i++) {
        int is_again = i && !name_compare(all->names[i - 1], all->names[i]);
        neph_text_add_char(out, is_again ? ',' : '\n');
        if (!is_again) {
            name_add(out, all->names[i]);
            neph_text_add_char(out, ':');
        }
        value_add(out, all->values[i]);
    }
}

/* What presigning adds to the query, but the signature. */
static int32_t query_prepare(const neph_sigv4 *how, const neph_request_view *view,
                             const headers *all, neph_sigv4_work *work)
{
    neph_text out;
    neph_text_init(&out, work->added_query, sizeof work->added_query);
    if (view->presign_seconds <= 0)
        return 0;
    neph_text_add(&out, "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=");
    neph_text_add_encoded(&out, how->access_key, strlen(how->access_key), NULL);
    neph_text_add(&out, "%2F");
    neph_text_add_encoded(&out, work->scope, strlen(work->scope), NULL);
    neph_text_add(&out, "&X-Amz-Date=");
    neph_text_add(&out, work->date);
    neph_text_add(&out, "&X-Amz-Expires=");
    neph_text_add_integer(&out, view->presign_seconds);
    if (how->session_token) {
        neph_text_add(&out, "&X-Amz-Security-Token=");
        neph_text_add_encoded(&out, how->session_token, strlen(how->session_token), NULL);
    }
    neph_text_add(&out, "&X-Amz-SignedHeaders=");
    neph_text_add_encoded(&out, all->joined.data, all->joined.size, NULL);
    return out.status;
}

/* The names of the headers, each once. */
static void headers_join(headers *all)
{
    for (uint32_t i = 0; i < all->count; i++) {
        if (i && !name_compare(all->names[i - 1], all->names[i]))
            continue;
        neph_text_add(&all->joined, i ? ";" : "");
        name_add(&all->joined, all->names[i]);
    }
}

static int32_t canonical_write(const neph_sigv4 *how, const neph_request_view *view, headers *all,
                               neph_sigv4_work *work, neph_text *out)
{
    headers_join(all);
    if (query_prepare(how, view, all, work) || all->joined.status)
        return NEPH_LIMIT;
    neph_text_add(out, view->method);
    neph_text_add_char(out, '\n');
    if (how->flags & NEPH_SIGV4_S3)
        neph_text_add(out, view->path);
    else
        neph_kit_path(out, view->path, !(how->flags & NEPH_SIGV4_NOT_NORMALISED));
    neph_text_add_char(out, '\n');
    neph_kit_query(out, view->query, work->added_query);
    headers_write(all, out);
    neph_text_add(out, "\n\n");
    neph_text_add(out, all->joined.data);
    neph_text_add_char(out, '\n');
    neph_text_add(out, payload_of(how));
    return out->status;
}

/* A digest or an HMAC of 32 bytes, or the failure. */
static int32_t whole(int32_t size)
{
    if (size == 32)
        return 0;
    return size < 0 ? size : NEPH_INTERNAL;
}

static int32_t key_derive(const void *handle, const neph_sigv4 *how, const neph_sigv4_work *work,
                          unsigned char *key)
{
    const char *const parts[] = {how->region, how->service, "aws4_request"};
    unsigned char next[NEPH_DIGEST_MAX];
    char secret[512];
    neph_text text;
    int32_t rc;
    neph_text_init(&text, secret, sizeof secret);
    neph_text_add(&text, "AWS4");
    neph_text_add(&text, how->secret_key);
    rc = text.status;
    if (!rc)
        rc = whole(neph_hmac(handle, NEPH_DIGEST_SHA256, secret, text.size, work->date, 8, key));
    for (size_t i = 0; i < NEPH_COUNT(parts) && !rc; i++) {
        rc =
            whole(neph_hmac(handle, NEPH_DIGEST_SHA256, key, 32, parts[i], strlen(parts[i]), next));
        memcpy(key, next, 32);
    }
    for (volatile char *at = secret; at < secret + sizeof secret; at++)
        *at = 0;
    return rc;
}

/* The signing key of this day, region and service: remembered or derived. */
static int32_t key_get(const void *handle, const neph_sigv4 *how, const neph_sigv4_work *work,
                       unsigned char *key)
{
    neph_sigv4_keys *keys = how->keys;
    char name[sizeof keys->slot[0].scope];
    neph_text text;
    int32_t rc;
    neph_text_init(&text, name, sizeof name);
    neph_text_add(&text, work->scope);
    neph_text_add_char(&text, ' ');
    neph_text_add(&text, how->access_key);
    for (size_t i = 0; keys && !text.status && i < NEPH_COUNT(keys->slot); i++) {
        if (!strcmp(keys->slot[i].scope, name)) {
            memcpy(key, keys->slot[i].key, 32);
            return 0;
        }
    }
    rc = key_derive(handle, how, work, key);
    if (!rc && keys && !text.status) {
        uint32_t at = keys->next++ % NEPH_COUNT(keys->slot);
        memcpy(keys->slot[at].scope, name, sizeof name);
        memcpy(keys->slot[at].key, key, 32);
    }
    return rc;
}

/* From the canonical request to the signature. */
static int32_t signature_make(const void *handle, const neph_sigv4 *how, const neph_text *canonical,
                              neph_sigv4_work *work)
{
    unsigned char bytes[NEPH_DIGEST_MAX];
    unsigned char key[NEPH_DIGEST_MAX];
    neph_text text;
    int32_t rc =
        whole(neph_digest(handle, NEPH_DIGEST_SHA256, canonical->data, canonical->size, bytes));
    if (rc)
        return rc;
    neph_text_init(&text, work->to_sign, sizeof work->to_sign);
    neph_text_add(&text, algorithm);
    neph_text_add_char(&text, '\n');
    neph_text_add(&text, work->date);
    neph_text_add_char(&text, '\n');
    neph_text_add(&text, work->scope);
    neph_text_add_char(&text, '\n');
    neph_text_add_hex(&text, bytes, 32);
    rc = text.status ? text.status : key_get(handle, how, work, key);
    if (!rc)
        rc = whole(neph_hmac(handle, NEPH_DIGEST_SHA256, key, 32, text.data, text.size, bytes));
    if (rc)
        return rc;
    neph_text_init(&text, work->signature, sizeof work->signature);
    neph_text_add_hex(&text, bytes, 32);
    return text.status;
}

static int32_t scope_write(const neph_sigv4 *how, int64_t now_ns, neph_sigv4_work *work)
{
    neph_text scope;
    char date[24];
    neph_kit_time(date, now_ns, 0);
    memcpy(work->date, date, 17);
    neph_text_init(&scope, work->scope, sizeof work->scope);
    neph_text_add_bytes(&scope, work->date, 8);
    neph_text_add_char(&scope, '/');
    neph_text_add(&scope, how->region);
    neph_text_add_char(&scope, '/');
    neph_text_add(&scope, how->service);
    neph_text_add(&scope, "/aws4_request");
    return scope.status;
}

int32_t neph_sigv4_steps(const void *handle, const neph_sigv4 *how, const neph_request_view *view,
                         int64_t now_ns, neph_sigv4_work *work)
{
    headers all;
    neph_text canonical;
    int32_t rc = scope_write(how, now_ns, work);
    all.count = 0;
    neph_text_init(&all.joined, work->signed_headers, sizeof work->signed_headers);
    neph_text_init(&canonical, work->canonical, sizeof work->canonical);
    if (!rc)
        rc = headers_collect(&all, how, view, work);
    if (!rc)
        rc = canonical_write(how, view, &all, work, &canonical);
    if (rc)
        return neph_fail(
            handle, rc,
            "the request is too large to be signed: shorten the key, the metadata or the query");
    return signature_make(handle, how, &canonical, work);
}

/* The signature as query parameters. */
static int32_t query_set(neph_request *request, neph_sigv4_work *work)
{
    neph_text text;
    text.data = work->added_query;
    text.size = strlen(work->added_query);
    text.capacity = sizeof work->added_query;
    text.status = 0;
    neph_text_add(&text, "&X-Amz-Signature=");
    neph_text_add(&text, work->signature);
    if (text.status)
        return neph_fail(request, NEPH_LIMIT, "the session token is too long for a presigned URL");
    return neph_request_query_raw(request, work->added_query);
}

/* The signature as headers. work->canonical has done its duty and lends its memory. */
static int32_t headers_set(neph_request *request, const neph_sigv4 *how, neph_sigv4_work *work)
{
    neph_text text;
    int32_t rc;
    neph_text_init(&text, work->canonical, sizeof work->canonical);
    neph_text_add(&text, algorithm);
    neph_text_add(&text, " Credential=");
    neph_text_add(&text, how->access_key);
    neph_text_add_char(&text, '/');
    neph_text_add(&text, work->scope);
    neph_text_add(&text, ", SignedHeaders=");
    neph_text_add(&text, work->signed_headers);
    neph_text_add(&text, ", Signature=");
    neph_text_add(&text, work->signature);
    rc = neph_request_header(request, "x-amz-date", work->date);
    if (!rc && (how->flags & NEPH_SIGV4_PAYLOAD_HEADER))
        rc = neph_request_header(request, "x-amz-content-sha256", payload_of(how));
    if (!rc && how->session_token)
        rc = neph_request_header(request, "x-amz-security-token", how->session_token);
    if (!rc)
        rc = neph_request_header(request, "Authorization", text.data);
    return rc;
}

int32_t neph_sigv4_sign(neph_request *request, const neph_sigv4 *how, int64_t now_ns)
{
    return neph_sigv4_sign_stream(request, how, now_ns, NULL);
}

/* ---- chunks */

int32_t neph_sigv4_stream_begin(const void *handle, const neph_sigv4 *how,
                                const neph_sigv4_work *work, neph_sigv4_stream *stream)
{
    unsigned char key[NEPH_DIGEST_MAX];
    int32_t rc = key_get(handle, how, work, key);
    memcpy(stream->date, work->date, sizeof stream->date);
    memcpy(stream->scope, work->scope, sizeof stream->scope);
    memcpy(stream->previous, work->signature, sizeof stream->previous);
    memcpy(stream->key, key, sizeof stream->key);
    return rc;
}

int32_t neph_sigv4_sign_stream(neph_request *request, const neph_sigv4 *how, int64_t now_ns,
                               neph_sigv4_stream *stream)
{
    neph_sigv4_work work;
    neph_request_view view;
    int32_t rc = neph_request_look(request, &view);
    if (!rc)
        rc = neph_sigv4_steps(request, how, &view, now_ns, &work);
    if (!rc && stream)
        rc = neph_sigv4_stream_begin(request, how, &work, stream);
    if (rc)
        return rc;
    return view.presign_seconds > 0 ? query_set(request, &work) : headers_set(request, how, &work);
}

/* The next signature over lines that differ by what is signed. */
static int32_t stream_sign(const void *handle, neph_sigv4_stream *stream, const char *what,
                           const char *const *digests)
{
    unsigned char bytes[NEPH_DIGEST_MAX];
    char data[512];
    neph_text text;
    int32_t rc;
    neph_text_init(&text, data, sizeof data);
    neph_text_add(&text, what);
    neph_text_add_char(&text, '\n');
    neph_text_add(&text, stream->date);
    neph_text_add_char(&text, '\n');
    neph_text_add(&text, stream->scope);
    neph_text_add_char(&text, '\n');
    neph_text_add(&text, stream->previous);
    for (; *digests; digests++) {
        neph_text_add_char(&text, '\n');
        neph_text_add(&text, *digests);
    }
    rc = text.status ? text.status
                     : whole(neph_hmac(handle, NEPH_DIGEST_SHA256, stream->key, sizeof stream->key,
                                       data, text.size, bytes));
    if (rc)
        return rc;
    neph_text_init(&text, stream->previous, sizeof stream->previous);
    neph_text_add_hex(&text, bytes, 32);
    return text.status;
}

/* A chunk has no headers: the digest of nothing stands for them. */
int32_t neph_sigv4_stream_chunk(const void *handle, neph_sigv4_stream *stream, const char *digest)
{
    const char *const digests[] = {NEPH_SIGV4_EMPTY, digest, NULL};
    return stream_sign(handle, stream, "AWS4-HMAC-SHA256-PAYLOAD", digests);
}

int32_t neph_sigv4_stream_trailer(const void *handle, neph_sigv4_stream *stream, const char *text,
                                  size_t size)
{
    unsigned char bytes[NEPH_DIGEST_MAX];
    char hex[65];
    const char *const digests[] = {hex, NULL};
    neph_text digest;
    int32_t rc = whole(neph_digest(handle, NEPH_DIGEST_SHA256, text, size, bytes));
    neph_text_init(&digest, hex, sizeof hex);
    if (!rc)
        neph_text_add_hex(&digest, bytes, 32);
    return rc ? rc : stream_sign(handle, stream, "AWS4-HMAC-SHA256-TRAILER", digests);
}
