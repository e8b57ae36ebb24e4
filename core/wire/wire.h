/*
 * core/wire/wire.h - the boundary of the module that is loaded at the first request: libcurl, libxml2 and OpenSSL stay
 * behind it. Static builds link the same table in.
 */
#ifndef NEPHI_WIRE_H
#define NEPHI_WIRE_H

#include "core/wire/parser.h"

/* One digest under way. */
typedef struct nephi_digest nephi_digest;

typedef struct nephi_digest_class {
    /* 0, NEPH_UNSUPPORTED, NEPH_NO_MEMORY. */
    int (*create)(nephi_digest **out, const nephi_memory *memory, int32_t algorithm);
    int (*update)(nephi_digest *digest, const void *data, size_t size);
    /* Bytes written to out (NEPH_DIGEST_MAX), or a failure; ready for the next message afterwards. */
    int (*finish)(nephi_digest *digest, unsigned char *out);
    void (*destroy)(nephi_digest *digest);
    /* In one go; bytes written or a failure. Fast: algorithms are fetched once. */
    int (*once)(int32_t algorithm, const void *data, size_t size, unsigned char *out);
    int (*hmac)(int32_t algorithm, const void *key, size_t key_size, const void *data, size_t size,
                unsigned char *out);
    int (*random)(void *out, size_t size);
} nephi_digest_class;

typedef struct nephi_wire {
    uint32_t size;
    uint32_t reserved;
    const char *version; /* PACKAGE_VERSION: libneph takes no other module */
    const neph_transport *transport;
    const nephi_parser_class *xml;
    const nephi_digest_class *digest;
} nephi_wire;

extern const nephi_wire nephi_wire_table; /* wire.c; the module exports it as "nephi_wire_table" */

#endif
