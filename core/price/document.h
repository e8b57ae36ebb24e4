/*
 * core/price/document.h - a price list on its way through the JSON parser: read in pieces, never whole, with failures that
 * name file, line and column. What stands in it is its readers' business (reader.c, libcloud.c).
 */
#ifndef NEPHI_PRICE_DOCUMENT_H
#define NEPHI_PRICE_DOCUMENT_H

#include "core/wire/parser.h"

#define NEPHI_PRICE_FILE_MAX (64u << 20) /* bytes */

typedef struct nephi_price_document {
    const nephi_memory *memory;
    const nephi_events *events;
    void *user;
    int (*ended)(void *user); /* once the document is whole; NULL: nothing is left to check */
    nephi_parser *parser;     /* while it is read */
    nephi_error error;        /* of the parser: without the path */
} nephi_price_document;

/* Reads the file open as fd to its end. path: for messages. NEPH_INVALID, NEPH_FILE, NEPH_LIMIT, NEPH_NO_MEMORY, or what an
 * event returned. */
int nephi_price_document_file(nephi_price_document *document, int fd, const char *path,
                              nephi_error *error);
/* The same from memory. */
int nephi_price_document_memory(nephi_price_document *document, const void *data, size_t size,
                                const char *path, nephi_error *error);
/* In an event or ended(): what is wrong here. Returns NEPH_INVALID. */
int nephi_price_refuse(nephi_price_document *document, const char *what);

#endif
