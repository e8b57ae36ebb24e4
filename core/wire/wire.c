/*
 * core/wire/wire.c - the one symbol that the wire module has: the table of its parts.
 */
#include "core/wire/parts.h"

#ifdef NEPHI_STATIC
#define EXPORT
#else
#define EXPORT __attribute__((visibility("default")))
#endif

EXPORT const nephi_wire nephi_wire_table = {
    .size = sizeof(nephi_wire),
    .version = PACKAGE_VERSION,
    .transport = &nephi_http_transport,
    .xml = &nephi_xml_class,
    .digest = &nephi_digest_openssl,
};
