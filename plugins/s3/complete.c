/*
 * complete.c - CompleteMultipartUpload. It may fail in spite of a 200, and it may have been carried out although its
 * reply was lost: when it is asked again and there is no such upload any more, the object is looked at.
 */
#include "s3.h"

#include <neph/kit/md5.h>

enum { STEP_COMPLETE = 0, STEP_LOOK = 1 };

static const neph_field complete_fields[] = {
    {"ETag", .member = NEPH_OBJECT_ETAG, .flags = NEPH_FIELD_UNQUOTE},
    {"header:x-amz-version-id", .member = NEPH_OBJECT_VERSION},
    {"ChecksumType", .member = S3_SCRATCH_CHECKSUM_TYPE},
    {"ChecksumCRC32", .member = S3_SCRATCH_CHECKSUM + S3_CHECKSUM_CRC32},
    {"ChecksumCRC32C", .member = S3_SCRATCH_CHECKSUM + S3_CHECKSUM_CRC32C},
    {"ChecksumCRC64NVME", .member = S3_SCRATCH_CHECKSUM + S3_CHECKSUM_CRC64NVME},
};
static const neph_rule complete_rules[] = {
    {
        .path = ".",
        NEPH_FIELDS(complete_fields),
        .kind = NEPH_KIND_OBJECT,
        .root = "CompleteMultipartUploadResult",
    },
    S3_RULE_ERROR,
};
static const neph_reply complete_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, complete_rules);

static const neph_field look_fields[] = {
    {"header:ETag", .member = NEPH_OBJECT_ETAG, .flags = NEPH_FIELD_UNQUOTE},
    {"header:x-amz-version-id", .member = NEPH_OBJECT_VERSION},
    {"header:Content-Length", .member = NEPH_OBJECT_SIZE_BYTES},
    {"header:Last-Modified", .member = NEPH_OBJECT_MODIFIED},
};
static const neph_rule look_rules[] = {
    {.path = ".", NEPH_FIELDS(look_fields), .kind = NEPH_KIND_OBJECT},
};
static const neph_reply look_reply = NEPH_REPLY_OF(NEPH_REPLY_NONE, look_rules);
const neph_reply *const s3_upload_complete_replies[2] = {&complete_reply, &look_reply};

/* ---- the request */

/* A number of a part as this program writes it. */
static int is_number(const char *text)
{
    size_t size = strspn(text, "0123456789");
    return size >= 1 && size <= 9 && !text[size];
}

/* The checksum of a part, which servers want to hear again of an upload that began with one; *at: the place of the next
 * among those that are known. */
static int32_t part_checksum_add(neph_call *call, const char *number, uint32_t *at, neph_text *xml)
{
    const char *known;
    const char *checksum;
    if (!neph_argument_pair(call, NEPH_UPLOAD_CHECKSUMS, *at, &known, &checksum) ||
        strcmp(known, number) != 0)
        return 0;
    ++*at;
    return s3_checksum_part(call, checksum, xml);
}

static int32_t parts_add(neph_call *call, neph_request *request)
{
    const char *number;
    const char *etag;
    char data[1024];
    neph_text part;
    uint32_t known = 0;
    int32_t rc = neph_request_body(request, "application/xml", "<CompleteMultipartUpload>", 25);
    if (!neph_argument_pair(call, NEPH_UPLOAD_LISTED, 0, &number, &etag))
        return neph_fail(call, NEPH_INVALID, "an object is made of one part at least");
    for (uint32_t i = 0; !rc && neph_argument_pair(call, NEPH_UPLOAD_LISTED, i, &number, &etag);
         i++) {
        neph_text_init(&part, data, sizeof data);
        neph_text_add(&part, "<Part><PartNumber>");
        neph_text_add(&part, number);
        neph_text_add(&part, "</PartNumber><ETag>&quot;");
        s3_xml_add(&part, etag);
        neph_text_add(&part, "&quot;</ETag>");
        rc = part_checksum_add(call, number, &known, &part);
        neph_text_add(&part, "</Part>");
        if (!rc && (part.status || !is_number(number)))
            return neph_fail(call, NEPH_INVALID, "\"%.20s=%.40s\" is no part of an upload", number,
                             etag);
        if (!rc)
            rc = neph_request_body(request, NULL, data, part.size);
    }
    return rc ? rc : neph_request_body(request, NULL, "</CompleteMultipartUpload>", 26);
}

typedef struct progress {
    uint32_t asked;   /* how often this call has asked to complete */
    uint32_t is_done; /* the server said that it is, but not what it made: Ceph tells no ETag */
} progress;

static progress *progress_of(neph_call *call)
{
    return neph_call_memory(call, sizeof(progress));
}

int32_t s3_upload_complete(neph_call *call, neph_request *request)
{
    int is_look = neph_call_step(call) == STEP_LOOK;
    int32_t rc = s3_object_ask(call, request, is_look ? "HEAD" : "POST");
    progress *at = progress_of(call);
    if (!at)
        return neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    if (rc || is_look)
        return rc;
    at->asked++;
    rc = neph_request_query(request, "uploadId", neph_argument(call, NEPH_UPLOAD_ID));
    if (!rc)
        rc = s3_conditions_add(call, request, s3_memory(call)->quirks.has_whole_if);
    if (!rc)
        rc = s3_checksum_whole(call, request);
    return rc ? rc : parts_add(call, request);
}

/* ---- was it carried out? */

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* 16 bytes of an MD5 in hex. 0: it is none. */
static int md5_read(const char *hex, unsigned char *bytes)
{
    for (size_t i = 0; i < 16; i++) {
        int high = hex_value(hex[2 * i]);
        int low = high < 0 ? -1 : hex_value(hex[2 * i + 1]);
        if (low < 0)
            return 0;
        bytes[i] = (unsigned char)(high * 16 + low);
    }
    return !hex[32];
}

/* "md5-3": of the MD5s of the parts, and their number. 0: one of them is no MD5, and the number stands alone. */
static int composite_write(const neph_call *call, neph_text *text)
{
    unsigned char bytes[16];
    const char *number;
    const char *etag;
    uint32_t count = 0;
    int is_md5 = 1;
    neph_md5 md5;
    neph_md5_init(&md5);
    for (; neph_argument_pair(call, NEPH_UPLOAD_LISTED, count, &number, &etag); count++) {
        is_md5 = is_md5 && md5_read(etag, bytes);
        neph_md5_update(&md5, bytes, is_md5 ? sizeof bytes : 0);
    }
    neph_md5_final(&md5, bytes);
    neph_text_add_hex(text, bytes, is_md5 ? sizeof bytes : 0);
    neph_text_add_char(text, '-');
    neph_text_add_integer(text, count);
    return is_md5;
}

/* Is the object the one that the parts make? Where the parts' ETags are no MD5s, their number is enough if this call
 * itself has asked before: the object's time does not tell, for it is that of the upload's beginning. */
static int is_made(neph_call *call, const char *etag)
{
    const progress *at = progress_of(call);
    const char *dash = etag ? strrchr(etag, '-') : NULL;
    char data[64];
    neph_text composite;
    if (at->is_done)
        return 1;
    neph_text_init(&composite, data, sizeof data);
    if (composite_write(call, &composite))
        return etag && !strcmp(etag, data);
    return dash && at->asked > 1 && !strcmp(dash, data);
}

int32_t s3_upload_complete_each(neph_call *call, neph_record *record)
{
    const char *type = neph_scratch(call, S3_SCRATCH_CHECKSUM_TYPE);
    const char *etag = neph_record_get(record, NEPH_OBJECT_ETAG);
    int32_t rc = neph_record_set(record, NEPH_OBJECT_KEY, neph_argument(call, NEPH_OBJECT_KEY));
    if (rc)
        return rc;
    if (neph_call_step(call) == STEP_LOOK)
        return is_made(call, etag)
                   ? 0
                   : neph_fail(call, NEPH_NOT_FOUND,
                               "there is no such upload, and the object is not made of its parts");
    progress_of(call)->is_done = !etag || !*etag;
    if (progress_of(call)->is_done)
        return NEPH_DROP;
    return type && !strcmp(type, "FULL_OBJECT")
               ? s3_checksum_take_listed(call, record, NEPH_OBJECT_CHECKSUM)
               : 0;
}

int32_t s3_upload_complete_then(neph_call *call)
{
    return neph_call_step(call) == STEP_COMPLETE && progress_of(call)->is_done
               ? neph_again(call, STEP_LOOK, 0)
               : 0;
}

/* What was completed once is no upload any more. */
int32_t s3_upload_complete_fault(neph_call *call)
{
    if (neph_call_step(call) != STEP_COMPLETE || !s3_is_no_upload(call))
        return NEPH_FAULT_DEFAULT;
    neph_again(call, STEP_LOOK, 0);
    return NEPH_FAULT_FINE;
}
