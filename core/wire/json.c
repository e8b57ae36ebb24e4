/*
 * core/wire/json.c - nephi_parser_class over yajl's callbacks. The only user of yajl, and its keeper: yajl goes on with
 * NULL when an allocation fails, so that its allocator jumps out instead and all its blocks are freed together; it
 * buffers a text that never ends, so that the bytes since the last event are counted.
 */
#include "core/wire/parser.h"

#include <setjmp.h>
#include <stddef.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#define PIECE 65536
#define POOL_SIZE 6144 /* yajl's blocks for a document without long texts */

/* Before each of yajl's blocks. */
typedef struct block {
    struct block *next, *previous; /* NULL: lies in the pool */
    size_t size;
    size_t reserved;
} block;

struct nephi_parser {
    const nephi_memory *memory;
    yajl_handle yajl;
    block blocks; /* ring */
    size_t pool_used;
    jmp_buf no_memory;
    const nephi_events *events;
    void *user;
    nephi_error *error;
    int status; /* first failure */
    int depth;
    unsigned char is_array[NEPHI_DEPTH_MAX + 1];
    size_t document_end; /* where it ended in the piece being fed */
    int has_begun, has_ended;
    int mark_size;              /* bytes of a byte order mark so far */
    int64_t offset, last_event; /* offset: of the piece under way */
    int64_t stopped_at;
    int64_t line, line_start; /* where the piece begins; line_start: offset of that line */
    const char *piece;
    size_t piece_size;
    max_align_t pool[POOL_SIZE / sizeof(max_align_t)];
};

/* ---- yajl's memory: a pool for the small and the heap for the rest */

static void block_link(nephi_parser *parser, block *b)
{
    b->next = parser->blocks.next;
    b->previous = &parser->blocks;
    b->next->previous = b;
    parser->blocks.next = b;
}

static block *pool_take(nephi_parser *parser, size_t size)
{
    block *b = (block *)((char *)parser->pool + parser->pool_used);
    size = (size + sizeof(max_align_t) - 1) & ~(sizeof(max_align_t) - 1);
    if (size > sizeof parser->pool - parser->pool_used)
        return NULL;
    parser->pool_used += size;
    memset(b, 0, sizeof *b);
    return b;
}

static void *yajl_allocate(void *context, size_t size)
{
    nephi_parser *parser = context;
    block *b = NULL;
    if (size < sizeof parser->pool)
        b = pool_take(parser, sizeof *b + size);
    if (!b && size < PTRDIFF_MAX) {
        b = nephi_realloc(parser->memory, NULL, sizeof *b + size);
        if (b)
            block_link(parser, b);
    }
    if (!b)
        longjmp(parser->no_memory, 1);
    b->size = size;
    return b + 1;
}

static void yajl_release(void *context, void *memory)
{
    nephi_parser *parser = context;
    block *b = memory ? (block *)memory - 1 : NULL;
    if (!b || !b->next)
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
    nephi_wipe(parser->pool, parser->pool_used);
    parser->pool_used = 0;
    parser->yajl = NULL;
}

/* ---- failures */

static int64_t json_offset(const nephi_parser *parser)
{
    size_t used;
    if (parser->status)
        return parser->stopped_at;
    if (!parser->piece)
        return parser->offset;
    used = yajl_get_bytes_consumed(parser->yajl);
    return parser->offset + (int64_t)(used < parser->piece_size ? used : parser->piece_size);
}

static int no_memory(nephi_parser *parser)
{
    blocks_free(parser);
    return parser->status = nephi_fail_memory(parser->error);
}

/* Counts the lines up to `used` bytes of the piece; returns the column there. */
static int64_t lines_count(nephi_parser *parser, size_t used)
{
    const char *at = parser->piece;
    while (used && (at = memchr(at, '\n', used - (size_t)(at - parser->piece))) != NULL) {
        at++;
        parser->line++;
        parser->line_start = parser->offset + (at - parser->piece);
    }
    return parser->offset + (int64_t)used - parser->line_start;
}

int nephi_json_refuse(nephi_parser *parser, int status, const char *what)
{
    int64_t offset, column;
    if (parser->status)
        return parser->status;
    offset = json_offset(parser);
    column = lines_count(parser, (size_t)(offset - parser->offset));
    parser->stopped_at = offset;
    return parser->status = nephi_fail(
               parser->error, status, "%s at line %lld, column %lld (byte %lld)", what,
               (long long)parser->line, (long long)(column > 0 ? column : 1), (long long)offset);
}

static int refuse(nephi_parser *parser, const char *what)
{
    return nephi_json_refuse(parser, NEPH_PROTOCOL, what);
}

/* ---- callbacks; each returns 1 to go on */

static inline int event(nephi_parser *parser, int rc)
{
    parser->last_event = parser->offset;
    if (rc && !parser->status) {
        parser->stopped_at = json_offset(parser);
        parser->status = rc;
    }
    return !parser->status;
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
        parser->document_end = yajl_get_bytes_consumed(parser->yajl);
        return 0;
    }
    return parser->events->close(parser->user);
}

/* What stands in the piece itself has no NUL: yajl takes raw control characters for malformed. What it has decoded, or joined
 * from two pieces, may have. */
static int has_nul(const nephi_parser *parser, const char *text, size_t size)
{
    int is_raw = (uintptr_t)text - (uintptr_t)parser->piece < parser->piece_size;
    return !is_raw && size && memchr(text, 0, size);
}

static int scalar(nephi_parser *parser, const char *text, size_t size, int type)
{
    int rc;
    if (size > NEPHI_TEXT_MAX)
        return event(parser, refuse(parser, "a text longer than 1 MiB"));
    if (type == NEPHI_TEXT_STRING && has_nul(parser, text, size))
        return event(parser, refuse(parser, "a NUL in a text"));
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
        return event(parser, refuse(parser, "a name longer than 1 KiB"));
    if (has_nul(parser, (const char *)name, size))
        return event(parser, refuse(parser, "a NUL in a name"));
    return event(parser, parser->events->open(parser->user, (const char *)name, size));
}

static int container(nephi_parser *parser, int what)
{
    int rc;
    if (parser->depth >= NEPHI_DEPTH_MAX)
        return event(parser, refuse(parser, "more than 64 levels"));
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
    parser->mark_size = 0;
    parser->offset = parser->last_event = parser->line_start = parser->stopped_at = 0;
    parser->line = 1;
    parser->piece = NULL;
    if (setjmp(parser->no_memory))
        return no_memory(parser);
    parser->yajl = yajl_alloc(&callbacks, &funcs, parser);
    return 0;
}

/* "parse error: trailing garbage\n" and the like; yajl's first word says too much or too little. */
static int malformed(nephi_parser *parser)
{
    unsigned char *said = yajl_get_error(parser->yajl, 0, NULL, 0);
    const char *why = said ? strstr((const char *)said, ": ") : NULL;
    char what[160] = "malformed JSON";
    size_t length = why ? strcspn(why, "\n") : 0, at = strlen(what);
    if (length > 2 && length < sizeof what - at) {
        memcpy(what + at, why, length);
        what[at + length] = 0;
    }
    return refuse(parser, what);
}

/* yajl takes a token that is begun behind the document, and never ended, for nothing. */
static int is_blank_from(const char *data, size_t from, size_t size)
{
    while (from < size &&
           (data[from] == ' ' || data[from] == '\t' || data[from] == '\r' || data[from] == '\n'))
        from++;
    return from >= size;
}

static int piece_feed(nephi_parser *parser, const char *data, size_t size)
{
    yajl_status status;
    parser->piece = data;
    parser->piece_size = size;
    if (setjmp(parser->no_memory))
        return no_memory(parser);
    status = yajl_parse(parser->yajl, (const unsigned char *)data, size);
    if (parser->status)
        return parser->status;
    if (status != yajl_status_ok)
        return malformed(parser);
    if (parser->has_ended && !is_blank_from(data, parser->document_end, size))
        return parser->status =
                   nephi_fail(parser->error, NEPH_PROTOCOL,
                              "something follows the JSON document, after byte %lld",
                              (long long)(parser->offset + (int64_t)parser->document_end));
    parser->document_end = 0;
    lines_count(parser, size);
    parser->offset += (int64_t)size;
    parser->piece = NULL;
    if (parser->offset - parser->last_event > (int64_t)NEPHI_TEXT_MAX + PIECE)
        refuse(parser, "a text longer than 1 MiB");
    return parser->status;
}

/* yajl knows no byte order mark. Returns how much of one, or of what is left of one, the data begins with. */
static size_t mark_skip(nephi_parser *parser, const char *data, size_t size)
{
    static const char mark[] = "\xef\xbb\xbf";
    size_t at = 0;
    while (at < size && parser->offset == parser->mark_size && parser->mark_size < 3 &&
           data[at] == mark[parser->mark_size]) {
        parser->offset = ++parser->mark_size;
        at++;
    }
    if (at < size && parser->mark_size % 3)
        refuse(parser, "malformed JSON: half a byte order mark");
    return at;
}

/* The first byte that is no white space tells JSON from what proxies send. */
static int begins(nephi_parser *parser, const char *data, size_t size)
{
    while (size && *data && strchr(" \t\r\n", *data))
        data++, size--;
    if (!size || parser->status)
        return 0;
    parser->has_begun = 1;
    if (*data != '<')
        return 0;
    return parser->status = nephi_fail(
               parser->error, NEPH_PROTOCOL,
               "the reply is HTML or XML, not JSON: is there a proxy, or is the endpoint wrong?");
}

static int json_feed(nephi_parser *parser, const void *data, size_t size)
{
    const char *at = data, *end = at + size;
    if (!parser->has_begun && !parser->status) {
        at += mark_skip(parser, at, size);
        begins(parser, at, (size_t)(end - at));
    }
    while (at < end && !parser->status) {
        size_t piece = (size_t)(end - at) > PIECE ? PIECE : (size_t)(end - at);
        piece_feed(parser, at, piece);
        at += piece;
    }
    return parser->status;
}

static int json_end(nephi_parser *parser)
{
    yajl_status status;
    if (parser->status)
        return parser->status;
    if (setjmp(parser->no_memory))
        return no_memory(parser);
    status = yajl_complete_parse(parser->yajl);
    if (parser->status)
        return parser->status;
    if (status == yajl_status_ok && parser->has_ended)
        return 0;
    return refuse(parser, "the JSON ends too early,");
}

static void json_destroy(nephi_parser *parser)
{
    if (!parser)
        return;
    blocks_free(parser);
    nephi_free(parser->memory, parser);
}

const nephi_parser_class nephi_json_class = {.create = json_create,
                                             .begin = json_begin,
                                             .feed = json_feed,
                                             .end = json_end,
                                             .destroy = json_destroy,
                                             .offset = json_offset};
