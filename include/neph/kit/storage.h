/*
 * neph/kit/storage.h - what the interfaces of object storage have in common because they speak HTTP: ranges, conditions,
 * metadata in headers, checksums in base64. Included by providers; linked from libneph-kit.a.
 *
 * Arguments are read from the call by their members, headers are set in the request. All return 0 or a negative
 * neph_status with its message. Everything here is since 0.3.
 */
#ifndef NEPH_KIT_STORAGE_H
#define NEPH_KIT_STORAGE_H

#include <neph/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The metadata that holds when the file was written last: seconds since 1970, with decimals. */
#define NEPH_STORAGE_MTIME "mtime"

/* ---- in ask */

/* Sets a header, or adds a query parameter; value NULL (in the query: or ""): none. */
int32_t neph_storage_header(neph_request *request, const char *name, const char *value);
int32_t neph_storage_query(neph_request *request, const char *name, const char *value);

/* Adds NEPH_LIST_LIMIT as query parameter `name`, where it is less than the page of `most` results that comes anyway. */
int32_t neph_storage_page(neph_call *call, neph_request *request, const char *name, int64_t most);

/* Sets header `name` ("Range") to what NEPH_RANGE_OFFSET and NEPH_RANGE_LENGTH say (RFC 9110, section 14.1.2); nothing if
 * that is all of it. NEPH_INVALID: there is no such range. */
int32_t neph_storage_range(neph_call *call, neph_request *request, const char *name);

/* Sets header `name` to an entity tag, quoted but for "*"; tag NULL: none. */
int32_t neph_storage_condition(neph_request *request, const char *name, const char *tag);

/* Sets If-Match and If-None-Match to NEPH_IF_MATCH and NEPH_IF_NONE_MATCH. */
int32_t neph_storage_conditions(neph_call *call, neph_request *request);

/* Sets a header `prefix`NAME for each pair of NEPH_OBJECT_METADATA, and `prefix`mtime for NEPH_OBJECT_LOCAL_MODIFIED. */
int32_t neph_storage_metadata(neph_call *call, neph_request *request, const char *prefix);

/* A redirect or a refusal of a large body is waited for before the body goes out. After the body is set. */
int32_t neph_storage_expect(neph_request *request);

/* Writes to out, which holds capacity bytes, the base64 of a digest in lower-case hex: of "md5:HEX" what stands behind the
 * colon. NEPH_INVALID: it is no such digest. */
int32_t neph_storage_base64(char *out, size_t capacity, const char *hex);

/* ---- in sign */

/* Sets header `name` ("Content-MD5") to the body's digest in base64. NEPH_AGAIN: as neph_request_body_digest(). */
int32_t neph_storage_digest(neph_request *request, int32_t algorithm, const char *name);

/* ---- in each */

/* Was only a part asked for? */
int neph_storage_is_ranged(const neph_call *call);

/* The size of the whole object in a Content-Range, "bytes 0-9/1234"; NEPH_UNKNOWN: it does not say, or is NULL. */
int64_t neph_storage_total(const char *content_range);

/* Of the reply to a range: NEPH_OBJECT_SIZE_BYTES is the whole object's, and all of it in place of a part is
 * NEPH_PROTOCOL. A 200 that has a Content-Range is a part: emulators send such. */
int32_t neph_storage_ranged(neph_call *call, neph_record *record);

/* Sets NEPH_OBJECT_LOCAL_MODIFIED to what that metadata says; what is no number of seconds is another program's affair. text
 * NULL: nothing. */
int32_t neph_storage_mtime(neph_record *record, const char *text);

/* The same of the reply's header `name` ("x-amz-meta-mtime"). */
int32_t neph_storage_modified(neph_call *call, neph_record *record, const char *name);

/* Sets member (NEPH_OBJECT_CHECKSUM or NEPH_PART_CHECKSUM) to "ALGORITHM:HEX" of a digest in base64; base64 NULL or none:
 * nothing. */
int32_t neph_storage_checksum(neph_record *record, int32_t member, const char *algorithm,
                              const char *base64);

#ifdef __cplusplus
}
#endif

#endif /* NEPH_KIT_STORAGE_H */
