/*
 * address.c - where requests go: the region of a bucket, learnt from errors, and its place in host or path.
 */
#include "s3.h"

s3_cloud *s3_memory(const neph_call *call)
{
    return neph_cloud_memory(neph_cloud_of(call), sizeof(s3_cloud));
}

static const char *bucket_of(const neph_call *call)
{
    const char *bucket = neph_argument(call, NEPH_OBJECT_BUCKET);
    bucket = bucket ? bucket : neph_argument(call, NEPH_BUCKET_NAME);
    return bucket ? bucket : "";
}

/* The name under which a bucket's region is remembered; "" is the whole endpoint's. */
static const char *region_name(neph_text *name, char *data, size_t capacity, const char *bucket)
{
    neph_text_init(name, data, capacity);
    neph_text_add(name, "region of ");
    neph_text_add(name, bucket);
    return data;
}

const char *s3_region(const neph_call *call)
{
    const neph_cloud *cloud = neph_cloud_of(call);
    const char *region;
    neph_text name;
    char data[320];
    region = neph_recall(cloud, region_name(&name, data, sizeof data, bucket_of(call)));
    if (!region)
        region = neph_recall(cloud, region_name(&name, data, sizeof data, ""));
    return region ? region : neph_setting_string(cloud, "region");
}

/* Lower-case letters, digits and dashes, 3 to 63: one label of a host name, that a wildcard certificate covers. */
static int is_label(const char *bucket)
{
    size_t size = strspn(bucket, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return size >= 3 && size <= 63 && bucket[size] == '\0' && bucket[0] != '-' &&
           bucket[size - 1] != '-';
}

static int is_virtual(const neph_cloud *cloud, const s3_cloud *memory, const char *bucket)
{
    const char *addressing = neph_setting_string(cloud, "addressing");
    if (addressing && addressing[0] != 'a')
        return addressing[0] == 'v';
    return memory->quirks.addressing == S3_VIRTUAL && is_label(bucket);
}

/* A slash would be taken for the end of the name, encoded or not, and dots for a path's; the rest is for the server to
 * judge. */
static int is_bucket(const char *bucket)
{
    if (!*bucket || !strcmp(bucket, ".") || !strcmp(bucket, ".."))
        return 0;
    while ((unsigned char)*bucket > ' ' && *bucket != 127 && *bucket != '/')
        bucket++;
    return *bucket == '\0';
}

int32_t s3_ask(neph_call *call, neph_request *request, const char *method, const char *bucket,
               const char *key)
{
    neph_cloud *cloud = neph_cloud_of(call);
    const s3_cloud *memory = s3_memory(call);
    const char *region = s3_region(call);
    int32_t rc = neph_request_method(request, method);
    if (rc || !memory)
        return rc ? rc : neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    if (bucket && !is_bucket(bucket))
        return neph_fail(call, NEPH_INVALID,
                         "\"%.80s\" is no name for a bucket: letters, digits, dots and dashes are",
                         bucket);
    if (memory->is_amazon && strcmp(region, neph_setting_string(cloud, "region")))
        rc = neph_request_endpoint(request, region);
    if (rc || !bucket)
        return rc ? rc : neph_request_path(request, "/");
    if (!is_virtual(cloud, memory, bucket))
        return key ? neph_request_path(request, "/{}/{*}", bucket, key)
                   : neph_request_path(request, "/{}", bucket);
    rc = neph_request_host_prefix(request, bucket);
    if (rc)
        return rc;
    return key ? neph_request_path(request, "/{*}", key) : neph_request_path(request, "/");
}

int32_t s3_object_ask(neph_call *call, neph_request *request, const char *method)
{
    return s3_ask(call, request, method, neph_argument(call, NEPH_OBJECT_BUCKET),
                  neph_argument(call, NEPH_OBJECT_KEY));
}

int s3_region_learn(neph_call *call)
{
    neph_cloud *cloud = neph_cloud_of(call);
    const s3_cloud *memory = s3_memory(call);
    const char *region = neph_scratch(call, S3_SCRATCH_REGION_HEADER);
    neph_text name;
    char data[320];
    if (!region)
        region = neph_scratch(call, S3_SCRATCH_REGION);
    if (!memory || !region || !neph_aws_is_region(region) || !strcmp(region, s3_region(call)))
        return 0;
    if (memory->is_amazon && neph_aws_endpoint(cloud, region, "s3", region))
        return 0;
    /* One server that is not Amazon's has one region. */
    region_name(&name, data, sizeof data, memory->is_amazon ? bucket_of(call) : "");
    return !name.status && !neph_remember(cloud, data, region);
}
