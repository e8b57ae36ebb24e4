/*
 * canonical.h - the canonical forms that SigV2 and SigV4 share. Inside the kit alone; not installed.
 */
#ifndef NEPH_KIT_CANONICAL_H
#define NEPH_KIT_CANONICAL_H

#include <neph/plugin.h>
#include <neph/kit/text.h>

#define NEPH_KIT_PARAMETERS_MAX 256

/*
 * Appends the parameters of `query` and `more` (either may be ""), each name and value encoded once whatever it was
 * before, in byte order of the encoded name, then of the value, joined by "&". "name" alone becomes "name=".
 * NEPH_LIMIT through out->status.
 */
void neph_kit_query(neph_text *out, const char *query, const char *more);

/* Appends the path encoded once more; normalise: without ".", ".." and empty segments. */
void neph_kit_path(neph_text *out, const char *path, int normalise);

/* The time as "20150830T123600Z" (extended: "2015-08-30T12:36:00Z") into out, 24 bytes. */
void neph_kit_time(char *out, int64_t ns, int is_extended);

/* The time as "Sun, 30 Aug 2015 12:36:00 GMT" (RFC 9110, section 5.6.7) into out, 32 bytes. */
void neph_kit_date(char *out, int64_t ns);

#endif /* NEPH_KIT_CANONICAL_H */
