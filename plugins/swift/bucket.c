/*
 * bucket.c - buckets of Swift (its "containers"): list, create, delete.
 */
#include "swift.h"

const neph_reply swift_none_reply = {.size = sizeof(neph_reply), .format = NEPH_REPLY_NONE};
const neph_reply *const swift_none_replies[1] = {&swift_none_reply};

/* ---- list: GET account */

static const neph_field bucket_fields[] = {
    {"name", .member = NEPH_BUCKET_NAME, .flags = NEPH_FIELD_REQUIRED},
    {"count", .name = "objects", .member = NEPH_EXTRA},
    {"bytes", .member = NEPH_EXTRA},
    {"last_modified", .member = NEPH_EXTRA},
};
static const neph_rule list_rules[] = {
    {.path = "[]", NEPH_FIELDS(bucket_fields), .kind = NEPH_KIND_BUCKET},
};
static const neph_reply list_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, list_rules);
const neph_reply *const swift_bucket_list_replies[1] = {&list_reply};

int32_t swift_bucket_list(neph_call *call, neph_request *request)
{
    int32_t rc = swift_ask(call, request, "GET", NULL, NULL);
    if (!rc)
        rc = neph_request_query(request, "format", "json");
    return rc ? rc : neph_storage_page(call, request, "limit", SWIFT_PAGE_MAX);
}

/* ---- create: PUT container; 201 new, 202 there already */

int32_t swift_bucket_create(neph_call *call, neph_request *request)
{
    return swift_ask(call, request, "PUT", neph_argument(call, NEPH_BUCKET_NAME), NULL);
}

/* ---- delete: DELETE container */

int32_t swift_bucket_delete(neph_call *call, neph_request *request)
{
    return swift_ask(call, request, "DELETE", neph_argument(call, NEPH_BUCKET_NAME), NULL);
}
