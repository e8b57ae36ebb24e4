/*
 * tests/wire/tape.h - what a parser or a reply table said, as one line of text that a test can compare; and documents
 * fed whole, byte by byte and in pieces of random sizes, which must come to the same.
 */
#ifndef TEST_TAPE_H
#define TEST_TAPE_H

#include "core/wire/parts.h"
#include "core/wire/reply.h"

typedef struct tape {
    char *text;
    size_t size, capacity;
    int is_open;   /* a text of XML is being written: it may come in pieces */
    int stop_at;   /* the event that fails; 0: none */
    int stop_with; /* its status */
    int count;     /* events so far */
    nephi_error error;
    nephi_pool pool;
    long alive; /* records made and neither emitted nor discarded */
    nephi_reader
        *reader; /* a tape of results: to be told when NEPH_SCRATCH + 31 comes; NULL: not */
} tape;

void tape_init(tape *t, const nephi_memory *memory);
void tape_fini(tape *t);
/* Empties it: text, error and counts. */
void tape_clear(tape *t);
/* "" instead of NULL. */
const char *tape_text(const tape *t);

/* Events of a parser: "name(@attribute=value;'text')"; JSON: s'…' n'…' b'…' null, "{" and "[" for containers. */
extern const nephi_events tape_events;
/* Results: "object{key=k,size_bytes=5}"; "token=…" and the like for what belongs to the call; "error!" for a rule that
 * is one. Times and decimals are nanos. */
extern const nephi_reader_sink tape_sink;

/* How a document is fed. 0: whole. 1: byte by byte. More: at random, but the same for the same number. */
#define TAPE_WAYS 24
typedef int (*tape_feed_fn)(void *user, const void *data, size_t size);
int tape_feed(tape_feed_fn feed, void *user, const char *data, size_t size, int way);

#endif
