/*
 * core/wire/plain.c - nephi_parser_class for a body that is one text and nothing else: a token, a name. As JSON's string
 * would be, without blanks around it.
 */
#include "core/wire/parser.h"

#include "core/buffer.h"
#include "core/text.h"

#include <string.h>

#define PLAIN_MAX (64u << 10)

struct nephi_parser {
    const nephi_memory *memory;
    const nephi_events *events;
    void *user;
    nephi_error *error;
    nephi_buffer text;
};

static int plain_create(nephi_parser **out, const nephi_memory *memory)
{
    nephi_parser *parser = nephi_alloc(memory, sizeof *parser);
    *out = parser;
    if (!parser)
        return NEPH_NO_MEMORY;
    parser->memory = memory;
    nephi_buffer_init(&parser->text, memory, PLAIN_MAX);
    parser->text.secret = 1;
    return 0;
}

static int plain_begin(nephi_parser *parser, const nephi_events *events, void *user,
                       nephi_error *error)
{
    parser->events = events;
    parser->user = user;
    parser->error = error;
    nephi_buffer_clear(&parser->text);
    return 0;
}

static int plain_feed(nephi_parser *parser, const void *data, size_t size)
{
    int rc = nephi_buffer_add(&parser->text, data, size);
    if (rc == NEPH_LIMIT)
        return nephi_fail(parser->error, NEPH_PROTOCOL,
                          "the reply is longer than 64 KiB, where one text was to come");
    return rc ? nephi_fail_memory(parser->error) : 0;
}

static int is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int plain_end(nephi_parser *parser)
{
    const char *text = nephi_buffer_string(&parser->text);
    size_t size = parser->text.size;
    while (size && is_blank(text[size - 1]))
        size--;
    while (size && is_blank(*text))
        text++, size--;
    if (memchr(text, '\0', size) || !nephi_is_utf8(text, size))
        return nephi_fail(parser->error, NEPH_PROTOCOL, "the reply is no text");
    return parser->events->text(parser->user, text, size, NEPHI_TEXT_STRING);
}

static void plain_destroy(nephi_parser *parser)
{
    if (!parser)
        return;
    nephi_buffer_fini(&parser->text);
    nephi_free(parser->memory, parser);
}

static int64_t plain_offset(const nephi_parser *parser)
{
    return (int64_t)parser->text.size;
}

const nephi_parser_class nephi_plain_class = {.create = plain_create,
                                              .begin = plain_begin,
                                              .feed = plain_feed,
                                              .end = plain_end,
                                              .destroy = plain_destroy,
                                              .offset = plain_offset};
