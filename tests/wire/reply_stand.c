/*
 * tests/wire/reply_stand.c - the reader that a test of reply tables reads with, and what it must
 * come to whichever way a document is fed.
 */
#include "tests/wire/reply_stand.h"

#include <stdlib.h>
#include <string.h>

int setup(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    f->memory = test_allocator_memory(&f->allocator);
    tape_init(&f->tape, &f->memory);
    assert_int_equal(nephi_xml_class.create(&f->xml, &f->memory), 0);
    assert_int_equal(nephi_json_class.create(&f->json, &f->memory), 0);
    assert_int_equal(nephi_reader_create(&f->reader, &f->memory), 0);
    f->tape.reader = f->reader;
    *state = f;
    return 0;
}

int teardown(void **state)
{
    fixture *f = *state;
    nephi_reader_destroy(f->reader);
    nephi_reader_destroy(NULL);
    nephi_xml_class.destroy(f->xml);
    nephi_json_class.destroy(f->json);
    tape_fini(&f->tape);
    assert_int_equal(f->allocator.live, 0);
    free(f);
    return 0;
}

static int feed(void *user, const void *data, size_t size)
{
    return nephi_reader_feed(user, data, size);
}

int begin(fixture *f, const nephi_reply *reply)
{
    uint32_t format = nephi_reply_format(reply);
    nephi_parser *parser = format == NEPH_REPLY_XML    ? f->xml
                           : format == NEPH_REPLY_JSON ? f->json
                                                       : NULL;
    const nephi_parser_class *class =
        format == NEPH_REPLY_XML ? &nephi_xml_class : &nephi_json_class;
    int rc;
    tape_clear(&f->tape);
    rc = nephi_reader_begin(f->reader, reply, parser, class, &tape_sink, &f->tape, &f->tape.error);
    if (!rc)
        rc = nephi_reader_url_decode(f->reader, f->url_decode);
    for (const char *const *at = f->headers; at && *at && !rc; at += 2)
        rc = nephi_reader_header(f->reader, at[0], at[1]);
    return rc;
}

int read_reply(fixture *f, const nephi_reply *reply, const char *document, int way)
{
    int rc = begin(f, reply);
    if (!rc)
        rc = tape_feed(feed, f->reader, document, strlen(document), way);
    if (!rc)
        rc = nephi_reader_end(f->reader);
    nephi_reader_reset(f->reader);
    assert_int_equal(f->tape.alive, 0);
    return rc;
}

nephi_reply *compile(fixture *f, const neph_reply *table)
{
    nephi_reply *reply = NULL;
    uint32_t dropped = 99;
    int rc;
    nephi_error_clear(&f->tape.error);
    rc = nephi_reply_compile(&reply, &f->memory, table, &dropped, &f->tape.error);
    if (rc || dropped)
        fail_msg("%d %s, %u dropped", rc, f->tape.error.message, (unsigned)dropped);
    return reply;
}

void expect(fixture *f, const neph_reply *table, const char *document, const char *results)
{
    nephi_reply *reply = compile(f, table);
    for (int way = 0; way < TAPE_WAYS; way++) {
        int rc = read_reply(f, reply, document, way);
        if (rc)
            fail_msg("%s, way %d: %d %s", document, way, rc, f->tape.error.message);
        assert_string_equal(tape_text(&f->tape), results);
    }
    nephi_reply_free(reply);
}

void refuse(fixture *f, const neph_reply *table, const char *document, const char *results,
            const char *words)
{
    nephi_reply *reply = compile(f, table);
    for (int way = 0; way < TAPE_WAYS; way++) {
        int rc = read_reply(f, reply, document, way);
        if (rc != NEPH_PROTOCOL || !strstr(f->tape.error.message, words))
            fail_msg("%s, way %d: %d \"%s\", not \"%s\"", document, way, rc, f->tape.error.message,
                     words);
        assert_string_equal(tape_text(&f->tape), results);
    }
    assert_int_equal(read_reply(f, reply, "", 0), 0);
    nephi_reply_free(reply);
}
