/*
 * core/wire/wire.h - the boundary of the modules that are loaded when they are needed: neph-wire at the first request,
 * with libcurl and OpenSSL behind it; neph-xml at the first reply in XML, with libxml2; neph-yaml when a cloud of clouds.yaml
 * is named, with libyaml. Static builds link the same tables in.
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
    /* The digest of a message whose beginning has digest a, and whose last size_b bytes have b: in place of a. Of CRCs alone:
     * bytes written, or NEPH_UNSUPPORTED. */
    int (*combine)(int32_t algorithm, unsigned char *a, const unsigned char *b, int64_t size_b);
    int (*random)(void *out, size_t size);
} nephi_digest_class;

/* What a module's table begins with. */
typedef struct nephi_module {
    uint32_t size; /* of the table */
    uint32_t reserved;
    const char *version; /* PACKAGE_VERSION: libneph takes no other module */
} nephi_module;

typedef struct nephi_wire {
    nephi_module module;
    const neph_transport *transport;
    const nephi_digest_class *digest;
} nephi_wire;

typedef struct nephi_xml {
    nephi_module module;
    const nephi_parser_class *parser;
} nephi_xml;

#define NEPHI_YAML_DEPTH 16 /* mappings and sequences in each other */

/* A text, and the keys that lead to it; of two with the same keys the later one counts. Returns 0 or a failure that ends the
 * reading. */
typedef int (*nephi_yaml_fn)(void *user, const char *const *keys, uint32_t count, const char *text,
                             size_t size);

typedef struct nephi_yaml {
    nephi_module module;
    /* Gives take every text of the document. NEPH_INVALID names line and column, and shows nothing of the text. */
    int (*read)(const nephi_memory *memory, const char *text, size_t size, nephi_yaml_fn take,
                void *user, nephi_error *error);
} nephi_yaml;

/* The modules export them under these names. */
extern const nephi_wire nephi_wire_table; /* wire.c */
extern const nephi_xml nephi_xml_table;   /* xml.c */
extern const nephi_yaml nephi_yaml_table; /* yaml.c */

#endif
