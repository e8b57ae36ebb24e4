/*
 * presign.c - TempURLs: a URL that does one thing until a time, signed with a key that the account or the bucket was given
 * (X-Account-Meta-Temp-URL-Key). A URL for GET is good for HEAD, too. What the settings do not say is asked first: the
 * digest in /info, the key in the account's metadata, which only its owner sees.
 */
#include "swift.h"

#define PATH_SIZE 4096

enum { URL_MAKE = 0, URL_INFO, URL_KEY };

static const neph_field key_fields[] = {
    {"header:X-Account-Meta-Temp-Url-Key", .member = SWIFT_SCRATCH_KEY, .flags = NEPH_FIELD_SECRET},
};
static const neph_rule key_rules[] = {
    {.path = ".", NEPH_FIELDS(key_fields)},
};
static const neph_reply key_reply = NEPH_REPLY_OF(NEPH_REPLY_NONE, key_rules);
const neph_reply *const swift_presign_replies[3] = {&swift_none_reply, &swift_digest_reply,
                                                    &key_reply};

static const char *digest_setting(const neph_call *call)
{
    const char *name = neph_setting_string(neph_cloud_of(call), "temp_url_digest");
    return strcmp(name, "auto") != 0 ? name : NULL;
}

/* The setting, or what the account has. */
static const char *key_of(const neph_call *call)
{
    const char *key = neph_setting_string(neph_cloud_of(call), "temp_url_key");
    key = key && *key ? key : neph_scratch(call, SWIFT_SCRATCH_KEY);
    return key && *key ? key : NULL;
}

static int32_t url_ask(neph_call *call, neph_request *request)
{
    static const char *const methods[] = {"GET", "PUT", "DELETE"};
    const char *method = neph_argument(call, NEPH_PRESIGN_METHOD);
    for (size_t i = 0; i < NEPH_COUNT(methods); i++)
        if (!strcmp(method ? method : "GET", methods[i]))
            return swift_ask_object(call, request, methods[i]);
    return neph_fail(call, NEPH_INVALID, "\"%.40s\" cannot be presigned: GET, PUT and DELETE can",
                     method);
}

int32_t swift_object_presign(neph_call *call, neph_request *request)
{
    uint32_t first = !digest_setting(call) && !swift_digest_known(call) ? URL_INFO
                     : !key_of(call)                                    ? URL_KEY
                                                                        : URL_MAKE;
    int32_t rc;
    if (neph_call_step(call) == URL_INFO)
        return swift_info_ask(call, request);
    if (neph_call_step(call) == URL_KEY)
        return swift_ask(call, request, "HEAD", NULL, NULL);
    if (first == URL_MAKE)
        return url_ask(call, request);
    rc = neph_again(call, first, 0);
    return rc ? rc : NEPH_AGAIN;
}

int32_t swift_presign_then(neph_call *call)
{
    int32_t rc = 0;
    if (neph_call_step(call) == URL_INFO)
        rc = swift_digest_then(call);
    else if (!key_of(call))
        return neph_fail(call, NEPH_INVALID,
                         "a URL is signed with the account's Temp-URL-Key, and it has none: "
                         "`swift.set_temp_url_key` gives it one, the setting temp_url_key says "
                         "that of a bucket");
    return rc ? rc : neph_again(call, URL_MAKE, 0);
}

/* Of the digests; the URL itself is left alone. */
int32_t swift_presign_each(neph_call *call, neph_record *record)
{
    return neph_call_step(call) == URL_INFO ? swift_digest_each(call, record) : 0;
}

/* No /info, or none for this user, is an answer, too. */
int32_t swift_presign_fault(neph_call *call)
{
    return neph_call_step(call) == URL_INFO ? swift_limits_fault(call) : NEPH_FAULT_DEFAULT;
}

/* The setting, or what /info was heard to say; SHA-1 is going out of use. */
static int32_t digest_choose(const neph_call *call)
{
    const char *name = digest_setting(call);
    name = name ? name : swift_digest_known(call);
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
    const char *key = key_of(call);
    unsigned char digest[NEPH_DIGEST_MAX];
    char data[PATH_SIZE], hex[NEPH_DIGEST_HEX_MAX], expires[24];
    neph_text text;
    int32_t rc, size;
    if (!key)
        return neph_fail(call, NEPH_INVALID, "there is no key to sign a URL with");
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
