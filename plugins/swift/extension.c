/*
 * extension.c - what Swift has and the portable operations have not: how much an account holds, and the key that its
 * TempURLs are signed with.
 */
#include "swift.h"

/* ---- account: HEAD account */

static const neph_column account_columns[] = {
    {"buckets", "number of buckets", NEPH_TYPE_INTEGER, 0},
    {"objects", "number of objects", NEPH_TYPE_INTEGER, 0},
    {"bytes", "bytes that they hold", NEPH_TYPE_INTEGER, 0},
    {"quota_bytes", "bytes that they may hold", NEPH_TYPE_INTEGER, 0},
};
static const neph_field account_fields[] = {
    {"header:X-Account-Container-Count", .member = NEPH_ROW_VALUE + 0},
    {"header:X-Account-Object-Count", .member = NEPH_ROW_VALUE + 1},
    {"header:X-Account-Bytes-Used", .member = NEPH_ROW_VALUE + 2},
    {"header:X-Account-Meta-Quota-Bytes", .member = NEPH_ROW_VALUE + 3},
};
static const neph_field secret_fields[] = {
    /* named so that no trace shows it */
    {"header:X-Account-Meta-Temp-Url-Key", .member = SWIFT_SCRATCH_KEY, .flags = NEPH_FIELD_SECRET},
    {"header:X-Account-Meta-Temp-Url-Key-2", .member = SWIFT_SCRATCH_KEY_2,
     .flags = NEPH_FIELD_SECRET},
};
static const neph_rule account_rules[] = {
    {.path = ".", NEPH_FIELDS(account_fields), .kind = NEPH_KIND_ROW},
    {.path = ".", NEPH_FIELDS(secret_fields)},
};
static const neph_reply account_reply = NEPH_REPLY_OF(NEPH_REPLY_NONE, account_rules);
const neph_reply *const swift_account_replies[1] = {&account_reply};

int32_t swift_account(neph_call *call, neph_request *request)
{
    return swift_ask(call, request, "HEAD", NULL, NULL);
}

/* ---- set_temp_url_key: POST account */

static const neph_parameter key_parameters[] = {
    {.name = "key",
     .summary = "what its TempURLs are signed with from now on",
     .type = NEPH_TYPE_STRING,
     .flags = NEPH_PARAMETER_REQUIRED | NEPH_PARAMETER_SECRET},
};

int32_t swift_set_temp_url_key(neph_call *call, neph_request *request)
{
    int32_t rc = swift_ask(call, request, "POST", NULL, NULL);
    return rc ? rc
              : neph_request_header(request, "X-Account-Meta-Temp-URL-Key",
                                    neph_argument(call, NEPH_PARAMETER));
}

/* ---- cloudfiles alone: the CDN; see cloudfiles.c */

static const neph_parameter bucket_parameters[] = {
    {.name = "bucket",
     .summary = "name of the bucket",
     .type = NEPH_TYPE_STRING,
     .flags = NEPH_PARAMETER_REQUIRED},
    {.name = "ttl",
     .summary = "seconds that an object stays in the CDN",
     .type = NEPH_TYPE_INTEGER},
};
static const neph_parameter purge_parameters[] = {
    {.name = "bucket",
     .summary = "name of the bucket",
     .type = NEPH_TYPE_STRING,
     .flags = NEPH_PARAMETER_REQUIRED},
    {.name = "key",
     .summary = "key of the object",
     .type = NEPH_TYPE_STRING,
     .flags = NEPH_PARAMETER_REQUIRED},
};
static const neph_column cdn_columns[] = {
    {"bucket", "name of the bucket", NEPH_TYPE_STRING, 0},
    {"is_enabled", "whether the CDN serves it", NEPH_TYPE_BOOLEAN, 0},
    {"ttl", "seconds that an object stays there", NEPH_TYPE_INTEGER, 0},
    {"uri", "where the CDN serves it", NEPH_TYPE_STRING, 0},
    {"ssl_uri", "and over TLS", NEPH_TYPE_STRING, 0},
    {"streaming_uri", "and as a stream", NEPH_TYPE_STRING, NEPH_COLUMN_WIDE},
};

const neph_extension swift_extensions[SWIFT_EXTENSIONS + SWIFT_CDN_EXTENSIONS] = {
    {.name = "account",
     .summary = "show how much the account holds",
     NEPH_COLUMNS(account_columns),
     .op = SWIFT_OP_ACCOUNT},
    {.name = "set_temp_url_key",
     .summary = "give the account the key that presigned URLs are signed with",
     NEPH_PARAMETERS(key_parameters),
     .op = SWIFT_OP_SET_TEMP_URL_KEY},
    {.name = "cdn_list",
     .summary = "list the buckets that the CDN knows",
     NEPH_COLUMNS(cdn_columns),
     .op = SWIFT_OP_CDN_LIST},
    {.name = "cdn_enable",
     .summary = "have the CDN serve a bucket",
     NEPH_PARAMETERS(bucket_parameters),
     NEPH_COLUMNS(cdn_columns),
     .op = SWIFT_OP_CDN_ENABLE},
    {.name = "cdn_disable",
     .summary = "have the CDN serve a bucket no more",
     .parameters = bucket_parameters,
     .parameter_count = 1,
     .parameter_size = sizeof(neph_parameter),
     .op = SWIFT_OP_CDN_DISABLE},
    {.name = "cdn_purge",
     .summary = "drop an object from the CDN before its time",
     NEPH_PARAMETERS(purge_parameters),
     .op = SWIFT_OP_CDN_PURGE},
};
