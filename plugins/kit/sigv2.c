/*
 * sigv2.c - AWS Signature Version 2 of query interfaces (see neph/kit/sigv2.h). Not S3's.
 */
#include "canonical.h"

#include <neph/kit/sigv2.h>

static int32_t algorithm_of(const neph_sigv2 *how)
{
    return how->algorithm ? how->algorithm : NEPH_DIGEST_SHA256;
}

/* host in lower case, as the string to sign wants it. */
static void host_add(neph_text *out, const char *host)
{
    for (; *host; host++)
        neph_text_add_char(out, *host >= 'A' && *host <= 'Z' ? (char)(*host + ('a' - 'A')) : *host);
}

int32_t neph_sigv2_steps(const void *handle, const neph_sigv2 *how, const neph_request_view *view,
                         char *text, char *signature)
{
    unsigned char bytes[NEPH_DIGEST_MAX];
    neph_text out;
    int32_t size;
    neph_text_init(&out, text, NEPH_SIGV2_TEXT_MAX);
    neph_text_add(&out, view->method);
    neph_text_add_char(&out, '\n');
    host_add(&out, view->host);
    neph_text_add_char(&out, '\n');
    neph_text_add(&out, view->path);
    neph_text_add_char(&out, '\n');
    neph_kit_query(&out, view->query, "");
    if (out.status)
        return neph_fail(handle, NEPH_LIMIT,
                         "the request has too many or too long parameters to be signed");
    size = neph_hmac(handle, algorithm_of(how), how->secret_key, strlen(how->secret_key), out.data,
                     out.size, bytes);
    if (size < 0)
        return size;
    neph_text_init(&out, signature, NEPH_SIGV2_SIGNATURE_MAX);
    neph_text_add_base64(&out, bytes, (size_t)size);
    return out.status;
}

/* Does the query have the parameter? */
static int query_has(const char *query, const char *name)
{
    size_t size = strlen(name);
    while (query) {
        if (!strncmp(query, name, size) && query[size] == '=')
            return 1;
        query = strchr(query, '&');
        if (query)
            query++;
    }
    return 0;
}

/* query: gone as soon as a parameter is added. */
static int32_t parameters_add(neph_request *request, const neph_sigv2 *how, const char *query,
                              int64_t now_ns)
{
    char time[24];
    int is_timed = query_has(query, "Timestamp") || query_has(query, "Expires");
    int32_t rc = neph_request_query(request, "AWSAccessKeyId", how->access_key);
    neph_kit_time(time, now_ns, 1);
    if (!rc)
        rc = neph_request_query(request, "SignatureMethod",
                                algorithm_of(how) == NEPH_DIGEST_SHA1 ? "HmacSHA1" : "HmacSHA256");
    if (!rc)
        rc = neph_request_query(request, "SignatureVersion", "2");
    if (!rc && !is_timed)
        rc = neph_request_query(request, "Timestamp", time);
    return rc;
}

int32_t neph_sigv2_sign(neph_request *request, const neph_sigv2 *how, int64_t now_ns)
{
    char text[NEPH_SIGV2_TEXT_MAX];
    char signature[NEPH_SIGV2_SIGNATURE_MAX];
    neph_request_view view;
    int32_t rc = neph_request_look(request, &view);
    if (!rc)
        rc = parameters_add(request, how, view.query, now_ns);
    if (!rc)
        rc = neph_request_look(request, &view);
    if (!rc)
        rc = neph_sigv2_steps(request, how, &view, text, signature);
    return rc ? rc : neph_request_query(request, "Signature", signature);
}
