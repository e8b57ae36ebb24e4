/*
 * request.c - what several requests are made of: what an object is known by, conditions, what is copied, markers of pages.
 * What other storage does alike stands in the kit.
 */
#include "s3.h"

#define MARKER_MAX 4096

int32_t s3_number_add(neph_request *request, const char *name, int64_t value)
{
    char digits[24];
    neph_text text;
    neph_text_init(&text, digits, sizeof digits);
    neph_text_add_integer(&text, value);
    return neph_request_query(request, name, digits);
}

/* ---- what an object is known by */

int32_t s3_facts_add(neph_call *call, neph_request *request)
{
    int32_t rc =
        neph_storage_header(request, "Content-Type", neph_argument(call, NEPH_OBJECT_CONTENT_TYPE));
    if (!rc)
        rc = neph_storage_header(request, "x-amz-storage-class",
                                 neph_argument(call, NEPH_OBJECT_CLASS));
    return rc ? rc : neph_storage_metadata(call, request, "x-amz-meta-");
}

int s3_has_facts(const neph_call *call)
{
    const char *name;
    const char *value;
    return neph_argument(call, NEPH_OBJECT_CONTENT_TYPE) ||
           neph_argument_pair(call, NEPH_OBJECT_METADATA, 0, &name, &value) ||
           neph_argument_integer(call, NEPH_OBJECT_LOCAL_MODIFIED) != NEPH_UNKNOWN;
}

/* ---- conditions */

/* A server that does not know them would do what it was only to do if. */
int32_t s3_conditions_add(neph_call *call, neph_request *request, int64_t style)
{
    const char *match = neph_argument(call, NEPH_IF_MATCH);
    const char *none_match = neph_argument(call, NEPH_IF_NONE_MATCH);
    int32_t rc;
    if (style == S3_PUT_IF_NONE && (match || none_match))
        return neph_fail(call, NEPH_UNSUPPORTED,
                         "this server does not honour conditions on this operation (see the "
                         "setting quirks)");
    if (style != S3_PUT_IF_BARE)
        return neph_storage_conditions(call, request);
    rc = neph_storage_header(request, "If-Match", match);
    return rc ? rc : neph_storage_header(request, "If-None-Match", none_match);
}

/* ---- copies */

/* Only if what is copied has this tag. That of an object in parts ends with their number. */
static int32_t source_condition_add(neph_call *call, neph_request *request, const char *tag)
{
    int64_t style = s3_memory(call)->quirks.source_if;
    int32_t rc = 0;
    if (style == S3_SOURCE_IF_WHOLE && tag && strchr(tag, '-'))
        return neph_fail(call, NEPH_UNSUPPORTED,
                         "this server copies no object in parts under a condition (see the setting "
                         "quirks)");
    if (style == S3_SOURCE_IF_BOTH)
        rc = neph_storage_condition(request, "x-amz-copy-if-match", tag);
    return rc ? rc : neph_storage_condition(request, "x-amz-copy-source-if-match", tag);
}

int32_t s3_copy_source_add(neph_call *call, neph_request *request)
{
    const char *bucket = neph_argument(call, NEPH_COPY_BUCKET);
    const char *key = neph_argument(call, NEPH_COPY_KEY);
    const char *version = neph_argument(call, NEPH_COPY_VERSION);
    const char *tag = neph_argument(call, NEPH_COPY_IF_MATCH);
    char data[4096];
    neph_text source;
    int32_t rc;
    neph_text_init(&source, data, sizeof data);
    neph_text_add_char(&source, '/');
    neph_text_add_encoded(&source, bucket, strlen(bucket), NULL);
    neph_text_add_char(&source, '/');
    neph_text_add_encoded(&source, key, strlen(key), "/");
    if (version) {
        neph_text_add(&source, "?versionId=");
        neph_text_add_encoded(&source, version, strlen(version), NULL);
    }
    if (source.status)
        return neph_fail(call, NEPH_LIMIT, "the key to copy from is too long");
    rc = neph_request_header(request, "x-amz-copy-source", data);
    return rc ? rc : source_condition_add(call, request, tag);
}

/* ---- bodies */

void s3_xml_add(neph_text *text, const char *string)
{
    static const char special[] = "&<>\"\r";
    static const char *const spelt[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#13;"};
    while (*string) {
        size_t plain = strcspn(string, special);
        neph_text_add_bytes(text, string, plain);
        string += plain;
        if (*string)
            neph_text_add(text, spelt[strchr(special, *string++) - special]);
    }
}

/* ---- pages that begin behind a key and an upload or version of it */

/* Neither of the two alone is another one on each page. An id has no blank. */
int32_t s3_marker_keep(neph_call *call)
{
    const char *key = neph_scratch(call, S3_SCRATCH_KEY_MARKER);
    const char *id = neph_scratch(call, S3_SCRATCH_ID_MARKER);
    char data[MARKER_MAX];
    neph_text token;
    int32_t rc;
    if (!key)
        return 0;
    neph_text_init(&token, data, sizeof data);
    neph_text_add(&token, id);
    neph_text_add_char(&token, ' ');
    neph_text_add(&token, key);
    if (token.status)
        return neph_fail(call, NEPH_PROTOCOL, "the next page begins behind a key that is too long");
    rc = neph_scratch_set(call, NEPH_PAGE_TOKEN, *key ? data : NULL);
    if (!rc)
        rc = neph_scratch_set(call, S3_SCRATCH_KEY_MARKER, NULL);
    return rc ? rc : neph_scratch_set(call, S3_SCRATCH_ID_MARKER, NULL);
}

int32_t s3_marker_add(neph_call *call, neph_request *request, const char *id_name)
{
    const char *token = neph_page_token(call);
    const char *blank = token ? strchr(token, ' ') : NULL;
    char data[MARKER_MAX];
    neph_text id;
    int32_t rc;
    if (!blank)
        return 0;
    neph_text_init(&id, data, sizeof data);
    neph_text_add_bytes(&id, token, (size_t)(blank - token));
    rc = neph_storage_query(request, "key-marker", blank + 1);
    return rc ? rc : neph_storage_query(request, id_name, data);
}
