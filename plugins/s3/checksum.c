/*
 * checksum.c - which checksums there are, and what a reply says of the bytes that the server has. What is told of a
 * whole is believed, what is told of its parts (COMPOSITE, "…-3") never; an ETag alone only where it must be the MD5.
 */
#include "s3.h"

static const struct {
    const char *name;
    const char *header;
    const char *spelling; /* of the header that begins an upload, where a whole has it, too */
    int32_t digest;
    int32_t size;
} checksums[S3_CHECKSUM_COUNT] = {
    [S3_CHECKSUM_MD5] = {"md5", NULL, NULL, NEPH_DIGEST_MD5, 16},
    [S3_CHECKSUM_CRC32] = {"crc32", "x-amz-checksum-crc32", "CRC32", NEPH_DIGEST_CRC32, 4},
    [S3_CHECKSUM_CRC32C] = {"crc32c", "x-amz-checksum-crc32c", "CRC32C", NEPH_DIGEST_CRC32C, 4},
    [S3_CHECKSUM_CRC64NVME] = {"crc64nvme", "x-amz-checksum-crc64nvme", "CRC64NVME",
                               NEPH_DIGEST_CRC64NVME, 8},
    [S3_CHECKSUM_SHA1] = {"sha1", "x-amz-checksum-sha1", NULL, NEPH_DIGEST_SHA1, 20},
    [S3_CHECKSUM_SHA256] = {"sha256", "x-amz-checksum-sha256", NULL, NEPH_DIGEST_SHA256, 32},
};

const char *s3_checksum_name(s3_checksum checksum)
{
    return checksums[checksum].name;
}

const char *s3_checksum_header(s3_checksum checksum)
{
    return checksums[checksum].header;
}

int32_t s3_checksum_digest(s3_checksum checksum)
{
    return checksums[checksum].digest;
}

size_t s3_checksum_size(s3_checksum checksum)
{
    return (size_t)checksums[checksum].size;
}

/* Of "crc32c", and of "crc32c:0123" as well. */
static s3_checksum by_name(const char *name)
{
    size_t size = name ? strcspn(name, ":") : 0;
    for (int i = 1; name && i < S3_CHECKSUM_COUNT; i++)
        if (strlen(checksums[i].name) == size && !memcmp(checksums[i].name, name, size))
            return (s3_checksum)i;
    return S3_CHECKSUM_NONE;
}

s3_checksum s3_checksum_default(const neph_cloud *cloud, const s3_quirks *quirks)
{
    const char *setting = neph_setting_string(cloud, "checksum");
    if (setting && strcmp(setting, "auto") != 0)
        return by_name(setting);
    return (s3_checksum)quirks->checksum;
}

/* ---- what a request says */

static int is_off(const neph_call *call)
{
    const char *setting = neph_setting_string(neph_cloud_of(call), "checksum");
    return setting && !strcmp(setting, "none");
}

/* Is a whole made of parts known by it? */
static int is_of_whole(const neph_call *call, s3_checksum checksum)
{
    return checksums[checksum].spelling && !is_off(call) &&
           s3_memory(call)->quirks.headers == S3_HEADERS_WHOLE;
}

/* Parts have one only if the upload began with it. */
s3_checksum s3_checksum_sent(const neph_call *call)
{
    s3_checksum checksum = by_name(neph_argument(call, NEPH_CHECKSUM));
    int is_known = s3_memory(call)->quirks.headers != S3_HEADERS_NONE;
    if (is_off(call))
        return S3_CHECKSUM_NONE;
    if (neph_call_op(call) == NEPH_OP_UPLOAD_PART && checksum != S3_CHECKSUM_MD5)
        is_known = is_of_whole(call, checksum);
    return is_known || checksum == S3_CHECKSUM_MD5 ? checksum : S3_CHECKSUM_NONE;
}

static unsigned char nibble(char c)
{
    return (unsigned char)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
}

void s3_base64_add(neph_text *text, const char *hex)
{
    unsigned char bytes[NEPH_DIGEST_MAX];
    size_t size = 0;
    for (; size < sizeof bytes && hex[2 * size] && hex[2 * size + 1]; size++)
        bytes[size] = (unsigned char)(nibble(hex[2 * size]) << 4 | nibble(hex[2 * size + 1]));
    neph_text_add_base64(text, bytes, size);
}

int32_t s3_checksum_begin(neph_call *call, neph_request *request)
{
    s3_checksum checksum = by_name(neph_argument(call, NEPH_CHECKSUM));
    int32_t rc;
    if (!is_of_whole(call, checksum))
        return 0;
    rc = neph_request_header(request, "x-amz-checksum-algorithm", checksums[checksum].spelling);
    return rc ? rc : neph_request_header(request, "x-amz-checksum-type", "FULL_OBJECT");
}

/* "crc32c:0123…" in base64; "" of an algorithm that the server does not know of wholes. */
static int32_t given_write(neph_call *call, const char *given, char *data, size_t size)
{
    neph_text value;
    s3_checksum checksum = by_name(given);
    const char *hex = given ? strchr(given, ':') : NULL;
    neph_text_init(&value, data, size);
    if (!hex || !is_of_whole(call, checksum))
        return 0;
    if (strlen(hex + 1) != 2 * s3_checksum_size(checksum) ||
        strspn(hex + 1, "0123456789abcdefABCDEF") != strlen(hex + 1))
        return neph_fail(call, NEPH_INVALID, "\"%.80s\" is no checksum", given);
    s3_base64_add(&value, hex + 1);
    return 0;
}

int32_t s3_checksum_whole(neph_call *call, neph_request *request)
{
    const char *given = neph_argument(call, NEPH_OBJECT_CHECKSUM);
    char data[64];
    int32_t rc = given_write(call, given, data, sizeof data);
    if (rc || !*data)
        return rc;
    rc = neph_request_header(request, checksums[by_name(given)].header, data);
    return rc ? rc : neph_request_header(request, "x-amz-checksum-type", "FULL_OBJECT");
}

int32_t s3_checksum_part(neph_call *call, const char *given, neph_text *xml)
{
    const char *spelling = checksums[by_name(given)].spelling;
    char data[64];
    int32_t rc = given_write(call, given, data, sizeof data);
    if (rc || !*data)
        return rc;
    neph_text_add(xml, "<Checksum");
    neph_text_add(xml, spelling);
    neph_text_add_char(xml, '>');
    neph_text_add(xml, data);
    neph_text_add(xml, "</Checksum");
    neph_text_add(xml, spelling);
    neph_text_add_char(xml, '>');
    return 0;
}

/* ---- what a reply says */

/* "…-3" is of the parts. */
static int32_t value_set(neph_record *record, int32_t member, s3_checksum checksum,
                         const char *base64)
{
    return strchr(base64, '-')
               ? 0
               : neph_storage_checksum(record, member, checksums[checksum].name, base64);
}

/* Is the ETag the MD5 of the bytes? Not of parts, not where a key of its own encrypts them, and not where the server is
 * known to make it otherwise. */
static int is_etag_md5(const neph_call *call, const char *etag)
{
    const char *encryption = neph_reply_header(call, "x-amz-server-side-encryption");
    if (!s3_memory(call)->quirks.is_etag_md5 || !etag || strlen(etag) != 32 ||
        strspn(etag, "0123456789abcdef") != 32)
        return 0;
    return (!encryption || !strcmp(encryption, "AES256")) &&
           !neph_reply_header(call, "x-amz-server-side-encryption-customer-algorithm");
}

static int32_t etag_take(neph_call *call, neph_record *record, int32_t member, int32_t etag_member)
{
    const char *etag = neph_record_get(record, etag_member);
    char data[48];
    neph_text text;
    if (!is_etag_md5(call, etag))
        return 0;
    neph_text_init(&text, data, sizeof data);
    neph_text_add(&text, "md5:");
    neph_text_add(&text, etag);
    return neph_record_set(record, member, data);
}

/* The algorithm that the program asked for first, for that one can be compared; then the longest. */
static s3_checksum order(const neph_call *call, int turn)
{
    static const s3_checksum rest[] = {S3_CHECKSUM_SHA256, S3_CHECKSUM_CRC64NVME,
                                       S3_CHECKSUM_CRC32C, S3_CHECKSUM_SHA1, S3_CHECKSUM_CRC32};
    if (turn == 0)
        return by_name(neph_argument(call, NEPH_CHECKSUM));
    return turn <= (int)NEPH_COUNT(rest) ? rest[turn - 1] : S3_CHECKSUM_NONE;
}
#define TURNS 6

static int32_t etag_of(int32_t member)
{
    return member == NEPH_PART_CHECKSUM ? NEPH_PART_ETAG : NEPH_OBJECT_ETAG;
}

int32_t s3_checksum_take(neph_call *call, neph_record *record, int32_t member)
{
    const char *type = neph_reply_header(call, "x-amz-checksum-type");
    int is_composite = type && strcmp(type, "FULL_OBJECT");
    int32_t rc = 0;
    for (int turn = 0; turn < TURNS && !rc && !neph_record_get(record, member); turn++) {
        s3_checksum checksum = order(call, turn);
        const char *value = checksums[checksum].header && !is_composite
                                ? neph_reply_header(call, checksums[checksum].header)
                                : NULL;
        if (checksum == S3_CHECKSUM_MD5)
            rc = etag_take(call, record, member, etag_of(member));
        else if (value)
            rc = value_set(record, member, checksum, value);
    }
    return rc || neph_record_get(record, member) ? rc
                                                 : etag_take(call, record, member, etag_of(member));
}

int32_t s3_checksum_take_listed(neph_call *call, neph_record *record, int32_t member)
{
    int32_t rc = 0;
    for (int i = 1; !rc && i < S3_CHECKSUM_COUNT; i++) {
        const char *value = neph_scratch(call, S3_SCRATCH_CHECKSUM + i);
        if (value)
            rc = value_set(record, member, (s3_checksum)i, value);
        if (value && !rc)
            rc = neph_scratch_set(call, S3_SCRATCH_CHECKSUM + i, NULL);
    }
    return rc;
}

int32_t s3_checksum_want(neph_call *call, neph_request *request)
{
    return s3_memory(call)->quirks.headers == S3_HEADERS_NONE
               ? 0
               : neph_request_header(request, "x-amz-checksum-mode", "ENABLED");
}
