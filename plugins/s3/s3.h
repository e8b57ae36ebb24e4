/*
 * s3.h - what the files of the s3 provider share: ask functions and reply tables by resource, how a bucket is addressed,
 * and the pieces that several requests are made of.
 */
#ifndef S3_H
#define S3_H

#include "quirks.h"

#include <neph/kit/aws.h>
#include <neph/kit/storage.h>

/* ---- provider.c */

/* Of an opened cloud; belongs into neph_cloud_memory(). */
typedef struct s3_cloud {
    neph_sigv4_keys keys;
    s3_quirks quirks;
    int64_t is_amazon; /* the endpoint is Amazon's: regions have hosts of their own */
} s3_cloud;

/* Captures of a reply, and the encoding of a listing (see NEPH_FIELD_URL_IF). */
enum {
    S3_SCRATCH_REGION = NEPH_SCRATCH + 0,         /* <Region> of an error */
    S3_SCRATCH_REGION_HEADER = NEPH_SCRATCH + 1,  /* x-amz-bucket-region */
    S3_SCRATCH_KEY_MARKER = NEPH_SCRATCH + 2,     /* the next page begins behind this key … */
    S3_SCRATCH_ID_MARKER = NEPH_SCRATCH + 3,      /* … and this upload or version of it */
    S3_SCRATCH_LAST = NEPH_SCRATCH + 4,           /* the greatest key or prefix of a page */
    S3_SCRATCH_PART = NEPH_SCRATCH + 5,           /* an aborted upload still has this part */
    S3_SCRATCH_CHECKSUM_TYPE = NEPH_SCRATCH + 6,  /* what a checksum is of */
    S3_SCRATCH_LOCAL_MODIFIED = NEPH_SCRATCH + 7, /* x-amz-meta-mtime */
    S3_SCRATCH_CHECKSUM = NEPH_SCRATCH + 8,       /* one for each of s3_checksum */
    S3_SCRATCH_CODE = NEPH_SCRATCH + 16,          /* of the error of one key */
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

/* ---- address.c */

s3_cloud *s3_memory(const neph_call *call);
/* Begins every request: method, endpoint and path of the bucket (NULL: the account) and the key (NULL: the bucket). */
int32_t s3_ask(neph_call *call, neph_request *request, const char *method, const char *bucket,
               const char *key);
/* The same for the object that the call is about. */
int32_t s3_object_ask(neph_call *call, neph_request *request, const char *method);
/* The region where the call's bucket is, as far as it is known. */
const char *s3_region(const neph_call *call);
/* The error says where the bucket is. Returns 1 if that is news. */
int s3_region_learn(neph_call *call);

/* ---- body.c */

/* The body of a put or a part: how it goes out, what is told of it, and whether it waits to be wanted. Last of all that
 * an ask function does. */
int32_t s3_body_add(neph_call *call, neph_request *request);
/* The server calls a signature wrong. Returns 1 if it is to be asked again, with a body that goes out otherwise. */
int s3_body_doubt(neph_call *call);
int32_t s3_sign(neph_call *call, neph_request *request, int64_t now_ns);

/* ---- request.c */

/* Pages have so many results if nothing is said. */
#define S3_PAGE_MAX 1000
/* When the file that an object is made from was written last: where rclone and others keep it, too. */
#define S3_LOCAL_MODIFIED "x-amz-meta-" NEPH_STORAGE_MTIME

/* Adds a query parameter. */
int32_t s3_number_add(neph_request *request, const char *name, int64_t value);
/* Media type, storage class, metadata and the time of the file. */
int32_t s3_facts_add(neph_call *call, neph_request *request);
/* Was a media type, metadata or a time given? */
int s3_has_facts(const neph_call *call);
/* NEPH_IF_MATCH and NEPH_IF_NONE_MATCH; style: S3_PUT_IF_…, how the server honours them. */
int32_t s3_conditions_add(neph_call *call, neph_request *request, int64_t style);
/* What is copied, which version of it, and only if it has a certain entity tag. */
int32_t s3_copy_source_add(neph_call *call, neph_request *request);
/* Appends a text of XML. */
void s3_xml_add(neph_text *text, const char *string);
/* "ID KEY" of the two markers becomes the next page's token, and the other way round. */
int32_t s3_marker_keep(neph_call *call);
int32_t s3_marker_add(neph_call *call, neph_request *request, const char *id_name);

/* ---- checksum.c */

/* In the order of the word "checksum" in quirks.c. */
typedef enum s3_checksum {
    S3_CHECKSUM_NONE = 0,
    S3_CHECKSUM_MD5,
    S3_CHECKSUM_CRC32,
    S3_CHECKSUM_CRC32C,
    S3_CHECKSUM_CRC64NVME,
    S3_CHECKSUM_SHA1,
    S3_CHECKSUM_SHA256,
    S3_CHECKSUM_COUNT
} s3_checksum;

/* "crc32c"; NULL for none. */
const char *s3_checksum_name(s3_checksum checksum);
/* "x-amz-checksum-crc32c"; NULL: it has none. */
const char *s3_checksum_header(s3_checksum checksum);
/* NEPH_DIGEST_…, and its bytes. */
int32_t s3_checksum_digest(s3_checksum checksum);
size_t s3_checksum_size(s3_checksum checksum);
/* What goes along with the call's body; none where nobody wants one or the server does not know it. */
s3_checksum s3_checksum_sent(const neph_call *call);
/* Appends a digest in hex as base64. */
void s3_base64_add(neph_text *text, const char *hex);
/* At the beginning of an upload: how its parts are checked. */
int32_t s3_checksum_begin(neph_call *call, neph_request *request);
/* At its end: the checksum of the whole, NEPH_OBJECT_CHECKSUM. */
int32_t s3_checksum_whole(neph_call *call, neph_request *request);
/* The same of one of its parts, "ALGORITHM:HEX", as an element of the document that completes it. */
int32_t s3_checksum_part(neph_call *call, const char *given, neph_text *xml);
/* What the cloud is asked to check by where the program does not say. */
s3_checksum s3_checksum_default(const neph_cloud *cloud, const s3_quirks *quirks);
/* What the reply says of the whole body becomes `member` of the record. */
int32_t s3_checksum_take(neph_call *call, neph_record *record, int32_t member);
/* The same of S3_SCRATCH_CHECKSUM + …, which is forgotten. */
int32_t s3_checksum_take_listed(neph_call *call, neph_record *record, int32_t member);
/* Asks for checksums in the reply. */
int32_t s3_checksum_want(neph_call *call, neph_request *request);

/* ---- bucket.c */

extern const neph_reply *const s3_bucket_list_replies[1];
extern const neph_reply *const s3_none_replies[1];
int32_t s3_none_then(
    neph_call *call); /* with s3_none_replies: refuses a reply that is not from S3 */
int32_t s3_bucket_list(neph_call *call, neph_request *request);
int32_t s3_bucket_create(neph_call *call, neph_request *request);
int32_t s3_bucket_delete(neph_call *call, neph_request *request);

/* ---- listing.c */

extern const neph_reply *const s3_object_list_replies[1];
extern const neph_reply *const s3_object_versions_replies[1];
int32_t s3_object_list(neph_call *call, neph_request *request);
int32_t s3_object_list_each(neph_call *call, neph_record *record);
int32_t s3_object_list_then(neph_call *call);
int32_t s3_object_versions(neph_call *call, neph_request *request);

/* ---- object.c */

extern const neph_reply *const s3_object_head_replies[1];
extern const neph_reply *const s3_object_get_replies[1];
extern const neph_reply *const s3_object_put_replies[1];
extern const neph_reply *const s3_object_copy_replies[1];
int32_t s3_object_head(neph_call *call, neph_request *request);
int32_t s3_object_get(neph_call *call, neph_request *request);
int32_t s3_object_put(neph_call *call, neph_request *request);
int32_t s3_object_copy(neph_call *call, neph_request *request);
int32_t s3_object_delete(neph_call *call, neph_request *request);
int32_t s3_object_presign(neph_call *call, neph_request *request);
int32_t s3_object_each(neph_call *call, neph_record *record);

/* ---- many.c */

extern const neph_reply *const s3_object_delete_many_replies[2];
int32_t s3_object_delete_many(neph_call *call, neph_request *request);
int32_t s3_object_delete_many_each(neph_call *call, neph_record *record);
int32_t s3_object_delete_many_then(neph_call *call);
int32_t s3_object_delete_many_fault(neph_call *call);

/* ---- upload.c */

extern const neph_reply *const s3_upload_list_replies[1];
extern const neph_reply *const s3_upload_begin_replies[1];
extern const neph_reply *const s3_upload_part_replies[1];
extern const neph_reply *const s3_upload_copy_replies[1];
extern const neph_reply *const s3_upload_parts_replies[1];
extern const neph_reply *const s3_upload_abort_replies[2];
int32_t s3_upload_list(neph_call *call, neph_request *request);
int32_t s3_upload_begin(neph_call *call, neph_request *request);
int32_t s3_upload_begin_each(neph_call *call, neph_record *record);
int32_t s3_upload_part(neph_call *call, neph_request *request);
int32_t s3_upload_copy(neph_call *call, neph_request *request);
int32_t s3_upload_part_each(neph_call *call, neph_record *record);
int32_t s3_upload_parts(neph_call *call, neph_request *request);
int32_t s3_upload_parts_each(neph_call *call, neph_record *record);
int32_t s3_upload_abort(neph_call *call, neph_request *request);
int32_t s3_upload_abort_then(neph_call *call);
int32_t s3_storage_limits(neph_call *call);

/* The error says that there is no such upload (any more). */
int s3_is_no_upload(const neph_call *call);

/* ---- complete.c */

extern const neph_reply *const s3_upload_complete_replies[2];
int32_t s3_upload_complete(neph_call *call, neph_request *request);
int32_t s3_upload_complete_each(neph_call *call, neph_record *record);
int32_t s3_upload_complete_then(neph_call *call);
int32_t s3_upload_complete_fault(neph_call *call);

#endif /* S3_H */
