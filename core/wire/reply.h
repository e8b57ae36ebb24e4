/*
 * core/wire/reply.h - reply tables: compiled once, then matched against the events of a parser at a pointer move per
 * element. Knows records and members; knows neither HTTP nor who asked.
 */
#ifndef NEPHI_REPLY_H
#define NEPHI_REPLY_H

#include "core/record.h"
#include "core/wire/parser.h"

typedef struct nephi_reply nephi_reply; /* a compiled neph_reply; read-only afterwards */

/* NEPH_PLUGIN with a message for a table that is wrong: bad path, unknown member or kind, wrong type for a flag.
 * A field with an unknown flag is dropped and reported through *dropped (count). */
int nephi_reply_compile(nephi_reply **out, const nephi_memory *memory, const neph_reply *table,
                        uint32_t *dropped, nephi_error *error);
/* The same of an extension, whose rows have these columns; they must outlive the reply. */
int nephi_reply_compile_rows(nephi_reply **out, const nephi_memory *memory, const neph_reply *table,
                             const nephi_member *columns, uint32_t column_count, uint32_t *dropped,
                             nephi_error *error);
void nephi_reply_free(nephi_reply *reply);
uint32_t nephi_reply_format(const nephi_reply *reply); /* NEPH_REPLY_… */

/* Where results and call-level values go. Each returns 0 or a negative status that ends the reading. */
typedef struct nephi_reader_sink {
    neph_record *(*make)(void *user, uint32_t kind);
    /* Takes the record over. */
    int (*emit)(void *user, neph_record *record);
    /* NEPH_PAGE_…, NEPH_ERROR_…, NEPH_SESSION_…, NEPH_SCRATCH…: converted text. flags: of the field. */
    int (*value)(void *user, int32_t member, const char *text, size_t size, uint32_t flags);
    /* A NEPH_RULE_ERROR rule matched (called when its element closes, after its values). */
    int (*error_rule)(void *user);
    void (*discard)(void *user, neph_record *record); /* a record that will not be emitted */
} nephi_reader_sink;

typedef struct nephi_reader nephi_reader; /* one reply being read; reusable */

int nephi_reader_create(nephi_reader **out, const nephi_memory *memory);
/* parser: of the reply's format, NULL for NONE and BODY. url_decode: fields with NEPH_FIELD_URL_IF are decoded. */
int nephi_reader_begin(nephi_reader *reader, const nephi_reply *reply, nephi_parser *parser,
                       const nephi_parser_class *parser_class, const nephi_reader_sink *sink,
                       void *user, nephi_error *error);
/* NEPH_FIELD_URL_IF: 1 decoded, 0 not, -1 (after begin): not known, and results with such fields wait until the reply
 * says so or ends. Returns 0 or a failure of what had waited. */
int nephi_reader_url_decode(nephi_reader *reader, int on);
/* Response headers, before the body. */
int nephi_reader_header(nephi_reader *reader, const char *name, const char *value);
int nephi_reader_feed(nephi_reader *reader, const void *data, size_t size);
/* The body is whole: emits what waits; truncated documents are NEPH_PROTOCOL and name path and offset. An empty body
 * (not one byte) is a document in which nothing matched. */
int nephi_reader_end(nephi_reader *reader);
/* Before or after the end: would a body have brought results, but there was none, nor a header that says anything? */
int nephi_reader_is_empty(const nephi_reader *reader);
/* Drops what is half-read; ready for begin. */
void nephi_reader_reset(nephi_reader *reader);
void nephi_reader_destroy(nephi_reader *reader);

#endif
