/*
 * neph/kit/md5.h - MD5 (RFC 1321) of bytes that come piece by piece, for providers that must keep an ETag while they
 * write. Included by providers; linked from libneph-kit.a. Not for anything that must resist an attacker; whole bytes
 * in memory are better given to neph_digest(). Any thread. Everything here is since 0.1.
 */
#ifndef NEPH_KIT_MD5_H
#define NEPH_KIT_MD5_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A digest under way; belongs to the caller. */
typedef struct neph_md5 {
    uint32_t state[4];
    uint64_t size; /* bytes so far */
    unsigned char block[64];
} neph_md5;

void neph_md5_init(neph_md5 *md5);
void neph_md5_update(neph_md5 *md5, const void *data, size_t size);
/* Ends it: 16 bytes. */
void neph_md5_final(neph_md5 *md5, unsigned char *out);

#ifdef __cplusplus
}
#endif

#endif /* NEPH_KIT_MD5_H */
