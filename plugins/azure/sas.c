/*
 * sas.c - a service SAS for one blob: a URL that does one thing for whoever holds it ("Create a service SAS", Azure Storage
 * Services REST API reference, version 2020-12-06 and later).
 */
#include "azure.h"

#define TEXT_MAX 4096

static const struct {
    const char *method;
    const char *permissions; /* create and write: over what is there, too */
} grants[] = {{"GET", "r"}, {"PUT", "cw"}, {"DELETE", "d"}};

/* Names stand in it as they are, not encoded. Sixteen fields: start, identifier, addresses, snapshot, encryption scope and
 * the five headers of a reply are left empty. */
void azure_sas_text(neph_text *text, const azure_account *account, const char *bucket,
                    const char *key, const char *permissions, const char *expires,
                    const char *protocol)
{
    neph_text_add(text, permissions);
    neph_text_add(text, "\n\n");
    neph_text_add(text, expires);
    neph_text_add(text, "\n/blob/");
    neph_text_add(text, account->name);
    neph_text_add_char(text, '/');
    neph_text_add(text, bucket);
    neph_text_add_char(text, '/');
    neph_text_add(text, key);
    neph_text_add(text, "\n\n\n");
    neph_text_add(text, protocol);
    neph_text_add(text, "\n" AZURE_VERSION "\nb\n\n\n\n\n\n\n");
}

static const char *permissions_of(const char *method)
{
    for (size_t i = 0; i < NEPH_COUNT(grants); i++)
        if (!strcmp(method, grants[i].method))
            return grants[i].permissions;
    return "";
}

static void parameter_add(neph_text *query, const char *name, const char *value)
{
    if (!*value)
        return;
    if (query->size)
        neph_text_add_char(query, '&');
    neph_text_add(query, name);
    neph_text_add_char(query, '=');
    neph_text_add_encoded(query, value, strlen(value), NULL);
}

/* A URL of https shall not be used without the s. No start is said: clocks differ. */
int32_t azure_sas_sign(neph_call *call, neph_request *request, int64_t now_ns)
{
    const azure_account *account = azure_account_of(neph_cloud_of(call));
    char data[TEXT_MAX];
    char signature[64];
    char expires[32];
    const char *permissions;
    const char *protocol;
    neph_request_view view;
    neph_text text;
    neph_text hash;
    int32_t rc = neph_request_look(request, &view);
    if (rc)
        return rc;
    permissions = permissions_of(view.method);
    protocol = strcmp(view.scheme, "https") ? "" : "https";
    neph_text_init(&text, expires, sizeof expires);
    neph_text_add_time(&text, now_ns + view.presign_seconds * NEPH_NANO);
    neph_text_init(&text, data, sizeof data);
    azure_sas_text(&text, account, neph_argument(call, NEPH_OBJECT_BUCKET),
                   neph_argument(call, NEPH_OBJECT_KEY), permissions, expires, protocol);
    if (text.status)
        return neph_fail(call, NEPH_LIMIT, "the key is too long to be presigned");
    neph_text_init(&hash, signature, sizeof signature);
    rc = azure_sign_hash(call, account, &text, &hash);
    neph_text_init(&text, data, sizeof data);
    parameter_add(&text, "sv", AZURE_VERSION);
    parameter_add(&text, "sr", "b");
    parameter_add(&text, "sp", permissions);
    parameter_add(&text, "se", expires);
    parameter_add(&text, "spr", protocol);
    parameter_add(&text, "sig", signature);
    return rc ? rc : neph_request_query_raw(request, data);
}
