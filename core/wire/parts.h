/*
 * core/wire/parts.h - what the wire module's table is put together from. Nobody outside the module includes this.
 */
#ifndef NEPHI_PARTS_H
#define NEPHI_PARTS_H

#include "core/wire/wire.h"

#include <neph/plugin.h>

extern const neph_transport nephi_http_transport;     /* http.c */
extern const nephi_parser_class nephi_xml_class;      /* xml.c */
extern const nephi_digest_class nephi_digest_openssl; /* digest.c */

#endif
