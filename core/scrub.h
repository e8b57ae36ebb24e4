/*
 * core/scrub.h - the secrets of a host, and texts without them: what a log, a trace or a recording shows goes through
 * here. Adding a secret only copies it; its encodings are worked out when the first text is written.
 */
#ifndef NEPHI_SCRUB_H
#define NEPHI_SCRUB_H

#include "core/buffer.h"

#define NEPHI_REDACTED "[redacted]"

typedef struct nephi_scrub nephi_scrub;

int nephi_scrub_new(nephi_scrub **out, const nephi_memory *memory);
/* Wipes. NULL is fine. */
void nephi_scrub_free(nephi_scrub *scrub);
/* One owner more of this secret; "" is none. 0 or NEPH_NO_MEMORY. */
int nephi_scrub_add(nephi_scrub *scrub, const char *secret);
/* One owner less; the last one's leaving wipes it. What was never added is ignored. */
void nephi_scrub_remove(nephi_scrub *scrub, const char *secret);
/* Values of this name are secret wherever they stand as name=value, "name": "value" or <name>value</name>. */
int nephi_scrub_declare(nephi_scrub *scrub, const char *name);
/*
 * Appends text with every secret replaced by "[redacted]": as it is, percent-encoded, escaped for JSON or XML, in
 * base64 (at any offset, so inside "user:secret" too), base64url and hex; and the values of header lines and query
 * parameters that are secret by their name (Authorization, X-Amz-Signature ...). A secret of less than 4 bytes only
 * where it is a whole value. 0, NEPH_NO_MEMORY or NEPH_LIMIT; on failure out is as it was.
 */
int nephi_scrub_write(nephi_scrub *scrub, nephi_buffer *out, const char *text, size_t size);

#endif
