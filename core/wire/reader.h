/*
 * core/wire/reader.h - one reply being read: what reply.c (events), waiting.c (results that wait) and value.c (texts
 * into members) share. Nobody else includes it.
 */
#ifndef NEPHI_READER_H
#define NEPHI_READER_H

#include "core/buffer.h"
#include "core/wire/table.h"

/* An element that is open and known to the tree. */
typedef struct nephi_level {
    const nephi_node *node;
    uint32_t hint; /* behind the child that came last: the next one is likely to follow it */
    int is_null;   /* JSON's null: as if it were not there */
} nephi_level;

typedef struct nephi_rule_state {
    neph_record *record; /* being filled; NULL: none, or of kind 0 */
    int is_open;
    uint64_t seen;
    neph_record **pending; /* wait for a "../" field, or for what says whether they are encoded */
    uint32_t pending_count, pending_capacity;
    size_t pending_bytes;
    uint32_t settled[NEPHI_CLIMB_MAX +
                     1]; /* pending[0 .. settled[n]) have their fields of n levels up */
} nephi_rule_state;

/* Texts of a field that cannot be used yet, each with its NUL: whether a filter matches, or which results a "../"
 * field is for, is known when an element closes. */
typedef struct nephi_held {
    nephi_buffer texts;
    nephi_buffer name; /* of the pair, where the filter names one */
    int is_match;
} nephi_held;

struct nephi_reader {
    const nephi_memory *memory;
    const nephi_reply *reply;
    nephi_parser *parser;
    const nephi_parser_class *class;
    const nephi_reader_sink *sink;
    void *user;
    nephi_error *error;
    nephi_level levels[NEPHI_DEPTH_MAX + 2];
    uint32_t depth;    /* of levels; 0: outside the document */
    uint32_t skipping; /* elements open below the last known one */
    int wants_text, has_text;
    int is_decoding; /* NEPH_FIELD_URL_IF: 1, 0, -1: not said yet */
    int has_body, has_header, has_failed;
    char root[64];     /* name of XML's root element, for messages */
    nephi_buffer text; /* of the element that is open */
    nephi_buffer work; /* a text being decoded */
    nephi_rule_state *rules;
    uint32_t rule_capacity;
    nephi_held *held; /* by index of nephi_target */
    uint32_t held_capacity;
    uint64_t off; /* rules whose root condition failed */
    size_t pending_bytes;
};

/* ---- reply.c */

/* NEPH_PROTOCOL with `what`, the path of the open element, and the offset. path: what to name behind it; NULL:
 * nothing. */
int nephi_reader_fail(nephi_reader *reader, const char *path, const char *what);

/* ---- value.c */

/* Takes one text of a field as it stands in the reply: decodes it, and sets it, hands it to the call, or holds it. */
int nephi_value_take(nephi_reader *reader, const nephi_target *target, const char *text,
                     size_t size);
/* The same of a text whose pair has this name. */
int nephi_value_take_pair(nephi_reader *reader, const nephi_target *target,
                          const nephi_buffer *name, const char *text, size_t size);
/* Sets a member of a record from a text that is decoded. */
int nephi_value_set(nephi_reader *reader, const nephi_target *target, neph_record *record,
                    const char *text, size_t size);
/* NEPH_FIELD_URL and _URL_IF alone. *text: maybe in reader->work afterwards. */
int nephi_value_url_decode(nephi_reader *reader, const nephi_target *target, const char **text,
                           size_t *size);
/* Adds to the held texts with this index. */
int nephi_value_hold(nephi_reader *reader, uint32_t index, const nephi_target *target,
                     const char *text, size_t size);
/* The status of a function of record.h, with the message for it. */
int nephi_value_check(nephi_reader *reader, const nephi_target *target, int rc, const char *text,
                      size_t size);

/* ---- waiting.c */

/* The rule's result is whole but must wait. Takes it over only if it returns 0. */
int nephi_waiting_add(nephi_reader *reader, uint32_t rule, neph_record *record);
/* An element closes to which "../" fields climb: what waits for them gets them, and goes if it waits for nothing more. */
int nephi_waiting_climbed(nephi_reader *reader, const nephi_node *node);
/* It is known now whether texts are encoded. */
int nephi_waiting_coded(nephi_reader *reader);
/* Drops all that waits. */
void nephi_waiting_drop(nephi_reader *reader);

#endif
