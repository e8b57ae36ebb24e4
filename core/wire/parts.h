/*
 * core/wire/parts.h - what the modules' tables are put together from. Nobody outside the modules includes this.
 */
#ifndef NEPHI_PARTS_H
#define NEPHI_PARTS_H

#include "core/wire/wire.h"

#include <neph/plugin.h>

#ifdef NEPHI_STATIC
#define NEPHI_EXPORT
#else
#define NEPHI_EXPORT __attribute__((visibility("default")))
#endif

extern const neph_transport nephi_http_transport;     /* http.c */
extern const nephi_parser_class nephi_xml_class;      /* xml.c */
extern const nephi_digest_class nephi_digest_openssl; /* digest.c */

#endif
