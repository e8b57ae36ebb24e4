/*
 * core/checksum.h - checksums of bodies, "ALGORITHM:HEX": what a call takes of the bytes on their way (NEPH_CHECKSUM), and how
 * those of parts make that of the whole.
 */
#ifndef NEPHI_CHECKSUM_H
#define NEPHI_CHECKSUM_H

#include "core/host.h"

#include <neph/plugin.h>

#define NEPHI_CHECKSUM_MAX NEPH_CHECKSUM_MAX /* bytes of a text, with NUL */

/* What files are compared with files by. */
#define NEPHI_CHECKSUM_OF_FILES "crc64nvme"

/* Of one call; no algorithm: none is taken. */
typedef struct nephi_checksum {
    int32_t algorithm; /* NEPH_DIGEST_…, 0: none */
    nephi_digest *digest;
    int is_for_comparing;          /* of no use where there is nothing to compare it with */
    char text[NEPHI_CHECKSUM_MAX]; /* "" until it is asked for */
} nephi_checksum;

/* NEPH_DIGEST_… of a name, or of a text that begins with a name and a colon; 0: there is none such. */
int32_t nephi_checksum_algorithm(const char *text);
/* The text of a digest of size bytes; out: NEPHI_CHECKSUM_MAX. */
void nephi_checksum_write(char *out, int32_t algorithm, const unsigned char *bytes, int size);
/* Is what the two say of the same algorithm? */
int nephi_checksum_is_alike(const char *a, const char *b);
/* Does that of a whole come of those of its parts? */
int nephi_checksum_is_combined(const char *text);
/* whole (NEPHI_CHECKSUM_MAX) becomes the checksum of its bytes followed by part_bytes more that have the checksum part. 0;
 * NEPH_UNSUPPORTED if the algorithm is no CRC or they differ in it; NEPH_INVALID for what is no checksum. */
int nephi_checksum_combine(neph_host *host, char *whole, const char *part, int64_t part_bytes);

/* Before the call is started: what it takes is for comparing alone. Nothing is taken, nor told, once the cloud has said
 * nothing to compare it with. */
void nephi_checksum_compare_only(neph_call *call);

/* What the call's arguments ask for. 0 or NEPH_INVALID. */
int nephi_checksum_plan(neph_call *call);
/* The bytes come from the first one on, again or not. */
int nephi_checksum_begin(neph_call *call);
int nephi_checksum_add(neph_call *call, const void *data, size_t size);
/* The text; no bytes come any more. NULL: it could not be taken. */
const char *nephi_checksum_text(neph_call *call);
/* The result is there and its body is not yet: is there anything to take it for? */
void nephi_checksum_weigh(neph_call *call, const neph_record *record);
/* Tells it to the result, and compares it with what the cloud says of the same bytes: NEPH_INTEGRITY. */
int nephi_checksum_settle(neph_call *call, neph_record *record);
void nephi_checksum_end(neph_call *call);

#endif
