/*
 * presign.c - TempURLs: a URL that does one thing until a time, signed with a key that the account or the bucket was given
 * (X-Account-Meta-Temp-URL-Key). A URL for GET is good for HEAD, too.
 */
#include "swift.h"

#define PATH_SIZE 4096

int32_t swift_object_presign(neph_call *call, neph_request *request)
{
    static const char *const methods[] = {"GET", "PUT", "DELETE"};
    const char *method = neph_argument(call, NEPH_PRESIGN_METHOD);
    for (size_t i = 0; i < NEPH_COUNT(methods); i++)
        if (!strcmp(method ? method : "GET", methods[i]))
            return swift_ask_object(call, request, methods[i]);
    return neph_fail(call, NEPH_INVALID, "\"%.40s\" cannot be presigned: GET, PUT and DELETE can",
                     method);
}

/* The setting, or what /info was heard to say; SHA-1 is going out of use. */
static int32_t digest_choose(const neph_call *call)
{
    const char *name = neph_setting_string(neph_cloud_of(call), "temp_url_digest");
    if (!strcmp(name, "auto"))
        name = swift_digest_known(call);
    if (name && !strcmp(name, "sha1"))
        return NEPH_DIGEST_SHA1;
    return name && !strcmp(name, "sha512") ? NEPH_DIGEST_SHA512 : NEPH_DIGEST_SHA256;
}

/* METHOD, the time and the path as it was before it was encoded, each in a line. */
static int32_t text_make(neph_call *call, neph_text *text, const neph_request_view *view,
                         const char *expires)
{
    neph_text_add(text, view->method);
    neph_text_add_char(text, '\n');
    neph_text_add(text, expires);
    neph_text_add_char(text, '\n');
    neph_text_add(text, view->path);
    if (text->status)
        return neph_fail(call, NEPH_LIMIT, "the key is too long for a TempURL");
    text->size -= strlen(view->path);
    text->size += neph_percent_decode(text->data + text->size, view->path, strlen(view->path));
    return 0;
}

int32_t swift_presign_sign(neph_call *call, neph_request *request, const neph_request_view *view,
                           int64_t now_ns)
{
    const char *key = neph_setting_string(neph_cloud_of(call), "temp_url_key");
    unsigned char digest[NEPH_DIGEST_MAX];
    char data[PATH_SIZE], hex[NEPH_DIGEST_HEX_MAX], expires[24];
    neph_text text;
    int32_t rc, size;
    if (!key || !*key)
        return neph_fail(call, NEPH_INVALID,
                         "a URL is signed with the account's Temp-URL-Key: say it with the setting "
                         "temp_url_key; `swift.set_temp_url_key` gives the account one");
    neph_text_init(&text, expires, sizeof expires);
    neph_text_add_integer(&text, now_ns / NEPH_NANO + view->presign_seconds);
    neph_text_init(&text, data, sizeof data);
    rc = text_make(call, &text, view, expires);
    if (rc)
        return rc;
    size = neph_hmac(call, digest_choose(call), key, strlen(key), text.data, text.size, digest);
    if (size < 0)
        return size;
    neph_text_init(&text, hex, sizeof hex);
    neph_text_add_hex(&text, digest, (size_t)size);
    rc = neph_request_query(request, "temp_url_sig", hex);
    return rc ? rc : neph_request_query(request, "temp_url_expires", expires);
}
