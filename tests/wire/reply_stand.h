/*
 * tests/wire/reply_stand.h - what a test of reply tables stands on: a reader with both parsers, a
 * tape of what it said, a counting allocator; and documents fed whole, byte by byte and in pieces.
 */
#ifndef TESTS_WIRE_REPLY_STAND_H
#define TESTS_WIRE_REPLY_STAND_H

#include "tests/support/allocator.h"
#include "tests/wire/tape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

typedef struct fixture {
    test_allocator allocator;
    nephi_memory memory;
    tape tape;
    nephi_parser *xml, *json;
    nephi_reader *reader;
    const char *const *headers; /* name, value, … NULL; given before the body */
    int url_decode;             /* said after begin */
} fixture;

/* For cmocka: *state is a fixture. The teardown checks that nothing is left of it. */
int setup(void **state);
int teardown(void **state);
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#define XML(rules) &(const neph_reply)NEPH_REPLY_OF(NEPH_REPLY_XML, rules)
#define JSON(rules) &(const neph_reply)NEPH_REPLY_OF(NEPH_REPLY_JSON, rules)

/* Of a table that is right: nothing of it is dropped. */
nephi_reply *compile(fixture *f, const neph_reply *table);
/* Clears the tape, gives url_decode and the headers. */
int begin(fixture *f, const nephi_reply *reply);
/* From begin to end; way: of tape_feed(). */
int read_reply(fixture *f, const nephi_reply *reply, const char *document, int way);

/* Every way of feeding the document comes to these results. */
void expect(fixture *f, const neph_reply *table, const char *document, const char *results);
/* What was emitted stays; the same reader, parsers and table read on afterwards. */
void refuse(fixture *f, const neph_reply *table, const char *document, const char *results,
            const char *words);

#endif /* TESTS_WIRE_REPLY_STAND_H */
