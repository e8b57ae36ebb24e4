/*
 * s3.h - what the files of the s3 provider share: ask functions and reply tables by resource, and how a bucket is
 * addressed.
 */
#ifndef S3_H
#define S3_H

#include <neph/plugin.h>
#include <neph/kit/aws.h>

/* ---- provider.c */

/* Captures of an error reply, and the encoding of a listing (see NEPH_FIELD_URL_IF). */
enum {
    S3_SCRATCH_REGION = NEPH_SCRATCH + 0,        /* <Region> of an error */
    S3_SCRATCH_REGION_HEADER = NEPH_SCRATCH + 1, /* x-amz-bucket-region */
    S3_SCRATCH_ENCODING = NEPH_SCRATCH + 31
};

/* An error document: Code, Message and what came with them. Twelve fields at most. */
extern const neph_field s3_error_fields[];
#define S3_ERROR_FIELD_COUNT 6

/* A rule for replies that may hold an error in spite of a 2xx. */
#define S3_RULE_ERROR                                                                              \
    {                                                                                              \
        .path = ".", .fields = s3_error_fields, .field_count = S3_ERROR_FIELD_COUNT,               \
        .field_size = sizeof(neph_field), .flags = NEPH_RULE_ERROR, .root = "Error"                \
    }

/* Begins every request: method, endpoint and path of the bucket (NULL: the account) and the key (NULL: the bucket). */
int32_t s3_ask(neph_call *call, neph_request *request, const char *method, const char *bucket,
               const char *key);
/* The region where the call's bucket is, as far as it is known. */
const char *s3_region(const neph_call *call);

/* ---- bucket.c */

extern const neph_reply *const s3_bucket_list_replies[1];
extern const neph_reply *const s3_none_replies[1];
int32_t s3_none_then(
    neph_call *call); /* with s3_none_replies: refuses a reply that is not from S3 */
int32_t s3_bucket_list(neph_call *call, neph_request *request);
int32_t s3_bucket_create(neph_call *call, neph_request *request);
int32_t s3_bucket_delete(neph_call *call, neph_request *request);

/* ---- object.c */

extern const neph_reply *const s3_object_list_replies[1];
extern const neph_reply *const s3_object_head_replies[1];
extern const neph_reply *const s3_object_get_replies[1];
extern const neph_reply *const s3_object_put_replies[1];
extern const neph_reply *const s3_object_copy_replies[1];
int32_t s3_object_list(neph_call *call, neph_request *request);
int32_t s3_object_head(neph_call *call, neph_request *request);
int32_t s3_object_get(neph_call *call, neph_request *request);
int32_t s3_object_put(neph_call *call, neph_request *request);
int32_t s3_object_copy(neph_call *call, neph_request *request);
int32_t s3_object_delete(neph_call *call, neph_request *request);
int32_t s3_object_presign(neph_call *call, neph_request *request);
int32_t s3_object_each(neph_call *call, neph_record *record);

#endif /* S3_H */
