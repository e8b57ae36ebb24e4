/*
 * services.c - see services.h. The digests are OpenSSL's, so that the kit is held against another implementation.
 */
#include "services.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <assert.h>
#include <strings.h>

static const EVP_MD *algorithm_of(int32_t algorithm)
{
    switch (algorithm) {
    case NEPH_DIGEST_MD5: return EVP_md5();
    case NEPH_DIGEST_SHA1: return EVP_sha1();
    case NEPH_DIGEST_SHA256: return EVP_sha256();
    default: return EVP_sha512();
    }
}

static int32_t fail(const void *handle, int32_t status, const char *message)
{
    fake *made = (fake *)(uintptr_t)handle;
    snprintf(made->message, sizeof made->message, "%s", message);
    return status;
}

static int32_t digest(const void *handle, int32_t algorithm, const void *data, size_t size,
                      unsigned char *out)
{
    unsigned int count = 0;
    (void)handle;
    if (!EVP_Digest(data, size, out, &count, algorithm_of(algorithm), NULL))
        return NEPH_INTERNAL;
    return (int32_t)count;
}

static int32_t hmac(const void *handle, int32_t algorithm, const void *key, size_t key_size,
                    const void *data, size_t size, unsigned char *out)
{
    unsigned int count = 0;
    ((fake *)(uintptr_t)handle)->hmac_count++;
    if (!HMAC(algorithm_of(algorithm), key, (int)key_size, data, size, out, &count))
        return NEPH_INTERNAL;
    return (int32_t)count;
}

static int32_t view(const neph_request *request, neph_request_view *out)
{
    fake *made = (fake *)(uintptr_t)request;
    memcpy(made->shown, made->query, sizeof made->shown);
    *out = made->view;
    out->query = made->shown;
    return 0;
}

static int32_t pair_add(fake_pair *list, size_t *count, const char *name, const char *value)
{
    size_t at = 0;
    while (at < *count && strcasecmp(list[at].name, name))
        at++;
    assert(at < FAKE_MAX);
    snprintf(list[at].name, sizeof list[at].name, "%s", name);
    snprintf(list[at].value, sizeof list[at].value, "%s", value);
    *count += at == *count;
    return 0;
}

static int32_t header(neph_request *request, const char *name, const char *value)
{
    fake *made = (fake *)(void *)request;
    memset(made->shown, 0, sizeof made->shown);
    return pair_add(made->headers, &made->header_count, name, value);
}

static int32_t query_raw(neph_request *request, const char *text)
{
    fake *made = (fake *)(void *)request;
    size_t size = strlen(made->query);
    snprintf(made->query + size, sizeof made->query - size, "%s%s", size ? "&" : "", text);
    memset(made->shown, 0, sizeof made->shown);
    return 0;
}

static int32_t parameter(neph_request *request, const char *name, const char *value)
{
    fake *made = (fake *)(void *)request;
    char text[8192];
    snprintf(text, sizeof text, "%s=%s", name, value);
    query_raw(request, text);
    return pair_add(made->parameters, &made->parameter_count, name, value);
}

static int32_t argument_pair(const neph_call *call, int32_t member, uint32_t index,
                             const char **name, const char **value)
{
    const fake *made = (const fake *)(const void *)call;
    (void)member;
    for (uint32_t i = 0; i <= index; i++)
        if (!made->arguments || !made->arguments[2 * i])
            return 0;
    *name = made->arguments[2 * index];
    *value = made->arguments[2 * index + 1];
    return 1;
}

static const fake_argument *argument_find(const neph_call *call, int32_t member)
{
    const fake *made = (const fake *)(const void *)call;
    for (size_t i = 0; i < made->given_count; i++)
        if (made->given[i].member == member)
            return &made->given[i];
    return NULL;
}

static const char *argument_string(const neph_call *call, int32_t member)
{
    const fake_argument *found = argument_find(call, member);
    return found ? found->text : NULL;
}

static int64_t argument_integer(const neph_call *call, int32_t member)
{
    const fake_argument *found = argument_find(call, member);
    return found ? found->number : NEPH_UNKNOWN;
}

static int32_t body_digest(neph_request *request, int32_t algorithm, char *hex, size_t capacity)
{
    const fake *made = (const fake *)(void *)request;
    unsigned char out[NEPH_DIGEST_MAX];
    int32_t count = digest(made, algorithm, made->body, strlen(made->body), out);
    for (int32_t i = 0; i < count; i++)
        snprintf(hex + 2 * i, capacity - 2 * (size_t)i, "%02x", out[i]);
    return count < 0 ? count : 0;
}

static int32_t reply_status(const neph_call *call)
{
    return ((const fake *)(const void *)call)->status;
}

static const char *reply_header(const neph_call *call, const char *name)
{
    const char *const *at = ((const fake *)(const void *)call)->reply;
    while (at && *at && strcasecmp(*at, name))
        at += 2;
    return at && *at ? at[1] : NULL;
}

static int32_t record_set_string(neph_record *record, int32_t member, const char *value)
{
    fake *made = (fake *)(void *)record;
    (void)member;
    snprintf(made->text, sizeof made->text, "%s", value);
    return 0;
}

static int32_t record_set_integer(neph_record *record, int32_t member, int64_t value)
{
    (void)member;
    ((fake *)(void *)record)->number = value;
    return 0;
}

static const neph_services services = {
    .size = sizeof(neph_services),
    .fail = fail,
    .digest = digest,
    .hmac = hmac,
    .argument_string = argument_string,
    .argument_integer = argument_integer,
    .argument_pair = argument_pair,
    .reply_status = reply_status,
    .reply_header = reply_header,
    .request_query = parameter,
    .request_query_raw = query_raw,
    .request_header = header,
    .request_form = parameter,
    .request_body_digest = body_digest,
    .request_view = view,
    .record_set_string = record_set_string,
    .record_set_integer = record_set_integer,
};

void fake_init(fake *made, const char *method, const char *host, const char *path,
               const char *query)
{
    memset(made, 0, sizeof *made);
    made->services = &services;
    made->view.size = sizeof made->view;
    made->view.method = method;
    made->view.scheme = "https";
    made->view.host = host;
    made->view.path = path;
    made->view.header_names = made->names;
    made->view.header_values = made->values;
    snprintf(made->query, sizeof made->query, "%s", query);
}

void fake_header(fake *made, const char *name, const char *value)
{
    assert(made->view.header_count < FAKE_MAX);
    made->names[made->view.header_count] = name;
    made->values[made->view.header_count++] = value;
}

neph_request *fake_request(fake *made)
{
    return (neph_request *)(void *)made;
}

neph_call *fake_call(fake *made)
{
    return (neph_call *)(void *)made;
}

neph_record *fake_record(fake *made)
{
    return (neph_record *)(void *)made;
}

static const char *pair_get(const fake_pair *list, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (!strcasecmp(list[i].name, name))
            return list[i].value;
    return NULL;
}

const char *fake_header_get(const fake *made, const char *name)
{
    return pair_get(made->headers, made->header_count, name);
}

const char *fake_parameter_get(const fake *made, const char *name)
{
    return pair_get(made->parameters, made->parameter_count, name);
}
