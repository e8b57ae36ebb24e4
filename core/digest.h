/*
 * core/digest.h - the digest of a call's whole body, taken in slices so that a large file does not stop the loop.
 */
#ifndef NEPHI_DIGEST_H
#define NEPHI_DIGEST_H

#include "core/call.h"

/* For the provider's sign: hex of the body, or NEPH_AGAIN after noting that it is wanted. */
int32_t nephi_digest_body(neph_request *request, int32_t algorithm, char *hex, size_t capacity);
/* One slice: NEPH_AGAIN (more to do), 0 (it is there), or a failure. */
int nephi_digest_slice(neph_call *call);
void nephi_digest_abandon(neph_call *call);

#endif
