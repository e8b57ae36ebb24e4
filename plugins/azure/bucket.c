/*
 * bucket.c - buckets of Azure, which calls them containers: list, create, delete.
 */
#include "azure.h"

static const neph_reply none_reply = {.size = sizeof(neph_reply), .format = NEPH_REPLY_NONE};
const neph_reply *const azure_none_replies[1] = {&none_reply};

int32_t azure_none_then(neph_call *call)
{
    if (neph_reply_header(call, "x-ms-request-id"))
        return 0;
    return neph_fail(call, NEPH_PROTOCOL,
                     "the reply has no x-ms-request-id, so it is not from Azure: is there a proxy, "
                     "or is the endpoint wrong?");
}

/* A container, not a blob. */
static int32_t bucket_ask(neph_call *call, neph_request *request, const char *method)
{
    int32_t rc = azure_ask(call, request, method, neph_argument(call, NEPH_BUCKET_NAME), NULL);
    return rc ? rc : neph_request_query(request, "restype", "container");
}

/* ---- list: List Containers. When one was created is not told. */

static const neph_field bucket_fields[] = {
    {"Name", .member = NEPH_BUCKET_NAME, .flags = NEPH_FIELD_REQUIRED},
    {"Properties/Last-Modified", "last_modified", .member = NEPH_EXTRA},
};
static const neph_field page_fields[] = {
    {"NextMarker", .member = NEPH_PAGE_TOKEN},
};
static const neph_rule list_rules[] = {
    {
        .path = "Containers/Container",
        NEPH_FIELDS(bucket_fields),
        .kind = NEPH_KIND_BUCKET,
        .root = "EnumerationResults",
    },
    {.path = ".", NEPH_FIELDS(page_fields), .root = "EnumerationResults"},
};
static const neph_reply list_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, list_rules);
const neph_reply *const azure_bucket_list_replies[1] = {&list_reply};

int32_t azure_bucket_list(neph_call *call, neph_request *request)
{
    int32_t rc = azure_ask(call, request, "GET", NULL, NULL);
    return rc ? rc : neph_request_query(request, "comp", "list");
}

/* ---- create: Create Container */

int32_t azure_bucket_create(neph_call *call, neph_request *request)
{
    return bucket_ask(call, request, "PUT");
}

/* ---- delete: Delete Container, which would take all blobs along: a look first. What is put between the look and the
 * deletion goes too; the service has no condition for that. */

enum { STEP_LOOK, STEP_DELETE };

static const neph_field look_fields[] = {
    {"Blobs/Blob/Name", .member = AZURE_SCRATCH_FOUND},
    {"NextMarker", .member = AZURE_SCRATCH_MARKER},
};
static const neph_rule look_rules[] = {
    {.path = ".", NEPH_FIELDS(look_fields), .root = "EnumerationResults"},
};
static const neph_reply look_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, look_rules);
const neph_reply *const azure_bucket_delete_replies[2] = {&look_reply, &none_reply};

int32_t azure_bucket_delete(neph_call *call, neph_request *request)
{
    int32_t rc;
    if (neph_call_step(call) == STEP_DELETE)
        return bucket_ask(call, request, "DELETE");
    rc = azure_list_ask(call, request, neph_argument(call, NEPH_BUCKET_NAME), NULL);
    if (!rc)
        rc = neph_request_query(request, "maxresults", "1");
    if (!rc)
        rc = neph_storage_query(request, "marker", neph_scratch(call, AZURE_SCRATCH_MARKER));
    return rc ? rc : neph_scratch_set(call, AZURE_SCRATCH_MARKER, NULL);
}

/* A page may be empty though it is not the last one. */
int32_t azure_bucket_delete_then(neph_call *call)
{
    const char *marker = neph_scratch(call, AZURE_SCRATCH_MARKER);
    if (neph_call_step(call) == STEP_DELETE)
        return azure_none_then(call);
    if (neph_scratch(call, AZURE_SCRATCH_FOUND))
        return neph_fail(call, NEPH_CONFLICT,
                         "bucket \"%s\" is not empty: delete its objects first",
                         neph_argument(call, NEPH_BUCKET_NAME));
    return neph_again(call, marker && *marker ? STEP_LOOK : STEP_DELETE, 0);
}

/* What was looked into a moment ago is being deleted: by us, or as we want it. */
int azure_bucket_delete_is_over(const neph_call *call)
{
    return neph_call_op(call) == NEPH_OP_BUCKET_DELETE && neph_call_step(call) == STEP_DELETE;
}
