/*
 * core/wire/wire.c - the one symbol that neph-wire has: the table of its parts.
 */
#include "core/wire/parts.h"

NEPHI_EXPORT const nephi_wire nephi_wire_table = {
    .module = {.size = sizeof(nephi_wire), .version = PACKAGE_VERSION},
    .transport = &nephi_http_transport,
    .digest = &nephi_digest_openssl,
};
