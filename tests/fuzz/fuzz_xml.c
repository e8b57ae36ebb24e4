/*
 * The XML parser. Input: a byte that says how the rest is cut into pieces, and a document. In pieces it must come to the
 * same as whole; a failure has words of one line and an offset inside the document.
 */
#include "tests/wire/tape.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int is_true)
{
    if (!is_true)
        abort();
}

static int feed(void *user, const void *data, size_t size)
{
    return nephi_xml_class.feed(user, data, size);
}

static int parse(nephi_parser *parser, tape *t, const char *text, size_t size, int way)
{
    int rc;
    tape_clear(t);
    rc = nephi_xml_class.begin(parser, &tape_events, t, &t->error);
    demand(rc == 0);
    rc = tape_feed(feed, parser, text, size, way);
    if (!rc)
        rc = nephi_xml_class.end(parser);
    demand(rc == 0 || rc == NEPH_PROTOCOL);
    demand(rc == t->error.status && (t->error.message[0] != 0) == (rc != 0));
    for (const char *at = t->error.message; *at; at++)
        demand((unsigned char)*at >= ' ');
    demand(nephi_xml_class.offset(parser) >= 0);
    demand(nephi_xml_class.offset(parser) <= (int64_t)size);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    nephi_memory memory;
    nephi_parser *parser = NULL;
    const char *text = (const char *)data + 1;
    tape whole, pieces;
    int way = size ? 1 + data[0] : 0, rc;
    if (!size)
        return 0;
    nephi_memory_init(&memory, NULL);
    tape_init(&whole, &memory);
    tape_init(&pieces, &memory);
    demand(nephi_xml_class.create(&parser, &memory) == 0);
    rc = parse(parser, &whole, text, size - 1, 0);
    demand(parse(parser, &pieces, text, size - 1, way) == rc);
    if (!rc)
        demand(strcmp(tape_text(&whole), tape_text(&pieces)) == 0);
    nephi_xml_class.destroy(parser);
    tape_fini(&whole);
    tape_fini(&pieces);
    return 0;
}
