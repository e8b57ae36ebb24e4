/*
 * core/wire/json.c - nephi_parser_class over yajl's callbacks. The only user of yajl, and its keeper: yajl goes on with
 * NULL when an allocation fails, so that its allocator jumps out instead and all its blocks are freed together; it
 * buffers a text that never ends, so that the bytes since the last event are counted.
 */
#include "core/wire/parser.h"

#include <setjmp.h>
#include <string.h>
#include <strings.h>
#include <yajl/yajl_parse.h>

#define PIECE 65536

/* Before each of yajl's blocks. */
typedef struct block {
    struct block *next, *previous;
    size_t size;
    size_t reserved;
} block;

struct nephi_parser {
    const nephi_memory *memory;
    yajl_handle yajl;
    block blocks; /* ring */
    jmp_buf no_memory;
    const nephi_events *events;
    void *user;
    nephi_error *error;
    int status; /* first failure */
    int depth;
    unsigned char is_array[NEPHI_DEPTH_MAX + 1];
    int has_begun, has_ended;
    int64_t offset, last_event;
    int64_t line, line_start; /* of what was fed */
};

/* ---- yajl's memory */

static void block_link(nephi_parser *parser, block *b)
{
    b->next = parser->blocks.next;
    b->previous = &parser->blocks;
    b->next->previous = b;
    parser->blocks.next = b;
}

static void *yajl_allocate(void *context, size_t size)
{
    nephi_parser *parser = context;
    block *b = nephi_realloc(parser->memory, NULL, sizeof *b + size);
    if (!b)
        longjmp(parser->no_memory, 1);
    b->size = size;
    block_link(parser, b);
    return b + 1;
}

static void yajl_release(void *context, void *memory)
{
    nephi_parser *parser = context;
    block *b = memory ? (block *)memory - 1 : NULL;
    if (!b)
        return;
    b->next->previous = b->previous;
    b->previous->next = b->next;
    nephi_free_secret(parser->memory, b, sizeof *b + b->size);
}

static void *yajl_reallocate(void *context, void *memory, size_t size)
{
    void *fresh = yajl_allocate(context, size);
    if (memory) {
        size_t old = ((block *)memory - 1)->size;
        memcpy(fresh, memory, old < size ? old : size);
        yajl_release(context, memory);
    }
    return fresh;
}

static void blocks_free(nephi_parser *parser)
{
    while (parser->blocks.next != &parser->blocks)
        yajl_release(parser, parser->blocks.next + 1);
    parser->yajl = NULL;
}

/* ---- callbacks; each returns 1 to go on */

static int event(nephi_parser *parser, int rc)
{
    parser->last_event = parser->offset;
    if (rc && !parser->status)
        parser->status = rc;
    return !parser->status;
}

static int refuse(nephi_parser *parser, const char *what)
{
    return event(parser, nephi_fail(parser->error, NEPH_PROTOCOL, "%s at byte %lld", what,
                                    (long long)parser->offset));
}

static int value_open(nephi_parser *parser)
{
    if (!parser->depth || !parser->is_array[parser->depth])
        return 0;
    return parser->events->open(parser->user, "[]", 2);
}

static int value_close(nephi_parser *parser)
{
    if (!parser->depth) {
        parser->has_ended = 1;
        return 0;
    }
    return parser->events->close(parser->user);
}

static int scalar(nephi_parser *parser, const char *text, size_t size, int type)
{
    int rc;
    if (size > NEPHI_TEXT_MAX)
        return refuse(parser, "a text longer than 1 MiB");
    if (type == NEPHI_TEXT_STRING && size && memchr(text, 0, size))
        return refuse(parser, "a NUL in a text");
    rc = value_open(parser);
    if (!rc)
        rc = parser->events->text(parser->user, text, size, type);
    return event(parser, rc ? rc : value_close(parser));
}

static int on_null(void *user)
{
    return scalar(user, NULL, 0, NEPHI_TEXT_NULL);
}

static int on_boolean(void *user, int value)
{
    return scalar(user, value ? "true" : "false", value ? 4 : 5, NEPHI_TEXT_BOOLEAN);
}

static int on_number(void *user, const char *text, size_t size)
{
    return scalar(user, text, size, NEPHI_TEXT_NUMBER);
}

static int on_string(void *user, const unsigned char *text, size_t size)
{
    return scalar(user, (const char *)text, size, NEPHI_TEXT_STRING);
}

static int on_key(void *user, const unsigned char *name, size_t size)
{
    nephi_parser *parser = user;
    if (size > NEPHI_NAME_MAX)
        return refuse(parser, "a name longer than 1 KiB");
    if (size && memchr(name, 0, size))
        return refuse(parser, "a NUL in a name");
    return event(parser, parser->events->open(parser->user, (const char *)name, size));
}

static int container(nephi_parser *parser, int what)
{
    int rc;
    if (parser->depth >= NEPHI_DEPTH_MAX)
        return refuse(parser, "more than 64 levels");
    rc = value_open(parser);
    if (!rc && parser->events->container)
        rc = parser->events->container(parser->user, what);
    parser->is_array[++parser->depth] = what == NEPHI_ARRAY;
    return event(parser, rc);
}

static int container_end(void *user)
{
    nephi_parser *parser = user;
    parser->depth--;
    return event(parser, value_close(parser));
}

static int on_map(void *user)
{
    return container(user, NEPHI_OBJECT);
}

static int on_array(void *user)
{
    return container(user, NEPHI_ARRAY);
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_boolean,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_start_map = on_map,
    .yajl_map_key = on_key,
    .yajl_end_map = container_end,
    .yajl_start_array = on_array,
    .yajl_end_array = container_end,
};

/* ---- the class */

static int json_create(nephi_parser **out, const nephi_memory *memory)
{
    nephi_parser *parser = nephi_alloc(memory, sizeof *parser);
    *out = parser;
    if (!parser)
        return NEPH_NO_MEMORY;
    parser->memory = memory;
    parser->blocks.next = parser->blocks.previous = &parser->blocks;
    return 0;
}

static int json_begin(nephi_parser *parser, const nephi_events *events, void *user,
                      nephi_error *error)
{
    yajl_alloc_funcs funcs = {yajl_allocate, yajl_reallocate, yajl_release, parser};
    blocks_free(parser);
    parser->events = events;
    parser->user = user;
    parser->error = error;
    parser->status = parser->depth = parser->has_begun = parser->has_ended = 0;
    parser->offset = parser->last_event = parser->line_start = 0;
    parser->line = 1;
    if (setjmp(parser->no_memory)) {
        blocks_free(parser);
        return parser->status = nephi_fail_memory(error);
    }
    parser->yajl = yajl_alloc(&callbacks, &funcs, parser);
    return 0;
}

static void lines_count(nephi_parser *parser, const char *data, size_t size)
{
    const char *at = data;
    while ((at = memchr(at, '\n', size - (size_t)(at - data))) != NULL) {
        at++;
        parser->line++;
        parser->line_start = parser->offset + (at - data);
    }
}

static int malformed(nephi_parser *parser, const char *data, size_t size)
{
    size_t used = yajl_get_bytes_consumed(parser->yajl);
    int64_t column;
    if (used > size)
        used = size;
    lines_count(parser, data, used);
    parser->offset += (int64_t)used;
    column = parser->offset - parser->line_start;
    return parser->status = nephi_fail(
               parser->error, NEPH_PROTOCOL, "malformed JSON at line %lld, column %lld (byte %lld)",
               (long long)parser->line, (long long)(column > 0 ? column : 1),
               (long long)parser->offset);
}

static int piece_feed(nephi_parser *parser, const char *data, size_t size)
{
    yajl_status status;
    if (setjmp(parser->no_memory)) {
        blocks_free(parser);
        return parser->status = nephi_fail_memory(parser->error);
    }
    status = yajl_parse(parser->yajl, (const unsigned char *)data, size);
    if (parser->status)
        return parser->status;
    if (status != yajl_status_ok)
        return malformed(parser, data, size);
    lines_count(parser, data, size);
    parser->offset += (int64_t)size;
    if (parser->offset - parser->last_event > (int64_t)NEPHI_TEXT_MAX + PIECE)
        refuse(parser, "a text longer than 1 MiB");
    return parser->status;
}

static int is_html(const char *data, size_t size)
{
    while (size && strchr(" \t\r\n", *data) && *data)
        data++, size--;
    return size && *data == '<';
}

static int json_feed(nephi_parser *parser, const void *data, size_t size)
{
    const char *bytes = data;
    if (!parser->has_begun && size && !parser->status) {
        parser->has_begun = 1;
        if (is_html(bytes, size))
            return parser->status = nephi_fail(
                       parser->error, NEPH_PROTOCOL,
                       "the reply is HTML or XML, not JSON: is there a proxy, or is the endpoint wrong?");
    }
    while (size && !parser->status) {
        size_t piece = size > PIECE ? PIECE : size;
        piece_feed(parser, bytes, piece);
        bytes += piece;
        size -= piece;
    }
    return parser->status;
}

static int json_end(nephi_parser *parser)
{
    yajl_status status;
    if (parser->status)
        return parser->status;
    if (setjmp(parser->no_memory)) {
        blocks_free(parser);
        return parser->status = nephi_fail_memory(parser->error);
    }
    status = yajl_complete_parse(parser->yajl);
    if (parser->status)
        return parser->status;
    if (status == yajl_status_ok && parser->has_ended)
        return 0;
    return parser->status =
               nephi_fail(parser->error, NEPH_PROTOCOL,
                          "the JSON ends too early, at line %lld, column %lld (byte %lld)",
                          (long long)parser->line, (long long)(parser->offset - parser->line_start),
                          (long long)parser->offset);
}

static void json_destroy(nephi_parser *parser)
{
    if (!parser)
        return;
    blocks_free(parser);
    nephi_free(parser->memory, parser);
}

static int64_t json_offset(const nephi_parser *parser)
{
    return parser->offset;
}

const nephi_parser_class nephi_json_class = {.create = json_create,
                                             .begin = json_begin,
                                             .feed = json_feed,
                                             .end = json_end,
                                             .destroy = json_destroy,
                                             .offset = json_offset};
