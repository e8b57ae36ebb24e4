/*
 * bucket.c - buckets of S3: list, create, delete.
 */
#include "s3.h"

static const neph_reply none_reply = {.size = sizeof(neph_reply), .format = NEPH_REPLY_NONE};
const neph_reply *const s3_none_replies[1] = {&none_reply};

/* S3 has nothing to say to people. A server that sends "text/html" with 204 has no body, and passes. */
int32_t s3_none_then(neph_call *call)
{
    const char *type = neph_reply_header(call, "Content-Type");
    const char *size = neph_reply_header(call, "Content-Length");
    if (neph_reply_status(call) != 200 || !type || strncmp(type, "text/html", 9) ||
        (size && !strcmp(size, "0")))
        return 0;
    return neph_fail(
        call, NEPH_PROTOCOL,
        "the reply is a web page, so it is not from S3: is there a proxy, or is the endpoint wrong?");
}

/* ---- list: ListBuckets */

static const neph_field bucket_fields[] = {
    {"Name", .member = NEPH_BUCKET_NAME, .flags = NEPH_FIELD_REQUIRED},
    {"CreationDate", .member = NEPH_BUCKET_CREATED},
    {"BucketRegion", .member = NEPH_BUCKET_REGION},
};
static const neph_field page_fields[] = {
    {"ContinuationToken", .member = NEPH_PAGE_TOKEN},
};
static const neph_rule list_rules[] = {
    {
        .path = "Buckets/Bucket",
        NEPH_FIELDS(bucket_fields),
        .kind = NEPH_KIND_BUCKET,
        .root = "ListAllMyBucketsResult",
    },
    {.path = ".", NEPH_FIELDS(page_fields), .root = "ListAllMyBucketsResult"},
    S3_RULE_ERROR,
};
static const neph_reply list_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, list_rules);
const neph_reply *const s3_bucket_list_replies[1] = {&list_reply};

int32_t s3_bucket_list(neph_call *call, neph_request *request)
{
    return s3_ask(call, request, "GET", NULL, NULL);
}

/* ---- create: CreateBucket */

/* us-east-1 has no name here ("LocationConstraint", CreateBucket, S3 API reference). */
int32_t s3_bucket_create(neph_call *call, neph_request *request)
{
    const char *region = s3_region(call);
    int32_t rc = s3_ask(call, request, "PUT", neph_argument(call, NEPH_BUCKET_NAME), NULL);
    char data[256];
    neph_text body;
    if (rc || !strcmp(region, "us-east-1"))
        return rc;
    neph_text_init(&body, data, sizeof data);
    neph_text_add(&body,
                  "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                  "<LocationConstraint>");
    neph_text_add(&body, region);
    neph_text_add(&body, "</LocationConstraint></CreateBucketConfiguration>");
    return neph_request_body(request, "application/xml", body.data, body.size);
}

/* ---- delete: DeleteBucket */

int32_t s3_bucket_delete(neph_call *call, neph_request *request)
{
    return s3_ask(call, request, "DELETE", neph_argument(call, NEPH_BUCKET_NAME), NULL);
}
