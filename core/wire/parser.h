/*
 * core/wire/parser.h - what an XML and a JSON push parser have in common: a class of functions and one stream of
 * events. Who reads events (reply.c, manifest.c, clouds.c) does not know which of the two made them.
 *
 * XML: open/attribute.../text.../close for each element below and including the root; names without prefix.
 * JSON: a member is open(name) ... close, an item of an array open("[]") ... close; the document itself has neither. A
 * scalar is one text call with its type (a null has none: text(NULL, 0, NEPHI_TEXT_NULL)); an object or array begins
 * with container() so that "{}" differs from nothing.
 *
 * Limits, the same for both: depth 64, names 1 KiB, one text 1 MiB, a document as large as its reader allows. DOCTYPE,
 * entities but the five, and NUL in a text are NEPH_PROTOCOL. Messages name the byte offset (JSON: line and column
 * too); reply.c adds the element path.
 */
#ifndef NEPHI_PARSER_H
#define NEPHI_PARSER_H

#include "core/error.h"
#include "core/memory.h"

#define NEPHI_DEPTH_MAX 64
#define NEPHI_NAME_MAX 1024
#define NEPHI_TEXT_MAX (1u << 20)

enum {
    NEPHI_TEXT_XML = 0,
    NEPHI_TEXT_STRING = 1,
    NEPHI_TEXT_NUMBER = 2,
    NEPHI_TEXT_BOOLEAN = 3,
    NEPHI_TEXT_NULL = 4
};
enum { NEPHI_OBJECT = 1, NEPHI_ARRAY = 2 };

/* Each returns 0 or a negative neph_status, which ends the parse and comes out of feed() as it is. */
typedef struct nephi_events {
    int (*open)(void *user, const char *name, size_t size);
    int (*attribute)(void *user, const char *name, const char *value, size_t value_size);
    int (*container)(void *user, int what);
    int (*text)(void *user, const char *text, size_t size, int type);
    int (*close)(void *user);
} nephi_events;

typedef struct nephi_parser nephi_parser;

typedef struct nephi_parser_class {
    int (*create)(nephi_parser **out, const nephi_memory *memory);
    /* Makes a new or used parser ready for a document. */
    int (*begin)(nephi_parser *parser, const nephi_events *events, void *user, nephi_error *error);
    int (*feed)(nephi_parser *parser, const void *data, size_t size);
    int (*end)(nephi_parser *parser);
    void (*destroy)(nephi_parser *parser);
    /* Bytes parsed so far, for messages. */
    int64_t (*offset)(const nephi_parser *parser);
} nephi_parser_class;

extern const nephi_parser_class nephi_json_class;  /* in libneph: json.c */
extern const nephi_parser_class nephi_plain_class; /* in libneph: plain.c */

/* For a reader that finds something wrong in an event of the JSON parser: fails with `what` and the line and column where
 * the parser stands. Returns the status. */
int nephi_json_refuse(nephi_parser *parser, int status, const char *what);

#endif
