/*
 * key.c - key pairs of EC2: list, create, import, delete.
 */
#include "ec2.h"

#define PUBLIC_KEY_MAX 16384 /* bytes; RSA of 4096 bits has 750 */

/* ---- list: DescribeKeyPairs, which has no pages */

static const neph_field key_fields[] = {
    {"keyName", .member = NEPH_KEY_NAME, .flags = NEPH_FIELD_REQUIRED},
    {"keyPairId", .member = NEPH_KEY_ID},
    {"keyFingerprint", .member = NEPH_KEY_FINGERPRINT},
    {"publicKey", .member = NEPH_KEY_PUBLIC_KEY},
    {"keyType", "type", .member = NEPH_EXTRA},
    {"createTime", "created", .member = NEPH_EXTRA},
};
static const neph_rule list_rules[] = {
    {.path = "keySet/item", NEPH_FIELDS(key_fields), .kind = NEPH_KIND_KEY},
};
static const neph_reply list_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, list_rules);
const neph_reply *const ec2_key_list_replies[1] = {&list_reply};

static const ec2_list list = {.action = "DescribeKeyPairs", .name = "key-name"};

int32_t ec2_key_list(neph_call *call, neph_request *request)
{
    neph_query query;
    ec2_list_begin(&query, call, request, &list);
    neph_query_add(&query, "IncludePublicKey", "true");
    return query.status;
}

/* ---- create: CreateKeyPair; import: ImportKeyPair */

static const neph_field create_fields[] = {
    {"keyName", .member = NEPH_KEY_NAME, .flags = NEPH_FIELD_REQUIRED},
    {"keyPairId", .member = NEPH_KEY_ID},
    {"keyFingerprint", .member = NEPH_KEY_FINGERPRINT},
    {"keyMaterial", .member = NEPH_KEY_PRIVATE_KEY, .flags = NEPH_FIELD_SECRET},
};
static const neph_rule create_rules[] = {
    {.path = ".", NEPH_FIELDS(create_fields), .kind = NEPH_KIND_KEY},
};
static const neph_reply create_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, create_rules);
const neph_reply *const ec2_key_create_replies[1] = {&create_reply};

int32_t ec2_key_create(neph_call *call, neph_request *request)
{
    neph_query query;
    ec2_begin(&query, request, "CreateKeyPair");
    neph_query_add(&query, "KeyName", neph_argument(call, NEPH_KEY_NAME));
    return query.status;
}

int32_t ec2_key_import(neph_call *call, neph_request *request)
{
    const char *public_key = neph_argument(call, NEPH_KEY_PUBLIC_KEY);
    char data[(PUBLIC_KEY_MAX + 2) / 3 * 4 + 1];
    neph_query query;
    neph_text text;
    neph_text_init(&text, data, sizeof data);
    neph_text_add_base64(&text, public_key, strlen(public_key));
    if (text.status)
        return neph_fail(call, NEPH_LIMIT, "the public key has more than %d bytes", PUBLIC_KEY_MAX);
    ec2_begin(&query, request, "ImportKeyPair");
    neph_query_add(&query, "KeyName", neph_argument(call, NEPH_KEY_NAME));
    neph_query_add(&query, "PublicKeyMaterial", data);
    return query.status;
}

/* ---- delete: DeleteKeyPair; a key that is not there is no error */

int32_t ec2_key_delete(neph_call *call, neph_request *request)
{
    neph_query query;
    ec2_begin(&query, request, "DeleteKeyPair");
    neph_query_add(&query, "KeyName", neph_argument(call, NEPH_KEY_NAME));
    return query.status;
}
