/*
 * core/wire/yaml.c - the texts of a YAML document with the keys that lead to them, over libyaml's events. Mappings of
 * mappings alone: what stands in a sequence is passed over, an alias is told and not followed, tags mean nothing.
 */
#include "core/wire/parts.h"

#include "core/buffer.h"

#include <string.h>

#include <yaml.h>

#define EVENTS_MAX 200000 /* a file of settings has hundreds */
#define KEY_MAX 256

/* An open mapping or sequence. */
typedef struct level {
    int is_sequence;
    int has_key; /* the next event is the key's value */
    char key[KEY_MAX];
} level;

typedef struct walk {
    yaml_parser_t parser;
    level levels[NEPHI_YAML_DEPTH + 1]; /* levels[0]: the document */
    uint32_t depth;
    uint32_t sequences; /* of those that are open */
    const char *keys[NEPHI_YAML_DEPTH];
    nephi_yaml_fn take;
    void *user;
    nephi_error *error;
} walk;

/* Where and what; never what stands there. */
static int refuse(const walk *w, const yaml_mark_t *mark, const char *what)
{
    return nephi_fail(w->error, NEPH_INVALID, "line %zu, column %zu: %s", mark->line + 1,
                      mark->column + 1, what);
}

static int parser_failed(const walk *w)
{
    const char *problem = w->parser.problem ? w->parser.problem : "no YAML";
    if (w->parser.error == YAML_MEMORY_ERROR)
        return nephi_fail_memory(w->error);
    if (w->parser.error == YAML_READER_ERROR)
        return nephi_fail(w->error, NEPH_INVALID, "byte %zu: %s", w->parser.problem_offset,
                          problem);
    return refuse(w, &w->parser.problem_mark, problem);
}

/* A whole key or value was met: the next event of a mapping is the other. */
static void value_done(walk *w)
{
    w->levels[w->depth].has_key = 0;
}

static int is_key_next(const walk *w)
{
    const level *at = &w->levels[w->depth];
    return w->depth && !at->is_sequence && !at->has_key;
}

static int take_key(walk *w, const yaml_event_t *event)
{
    level *at = &w->levels[w->depth];
    size_t size = event->type == YAML_SCALAR_EVENT ? event->data.scalar.length : KEY_MAX;
    if (size >= KEY_MAX || memchr(event->data.scalar.value, 0, size))
        return refuse(w, &event->start_mark, "a key that is no short text");
    memcpy(at->key, event->data.scalar.value, size);
    at->key[size] = '\0';
    at->has_key = 1;
    return 0;
}

/* What is not there, though its key is. */
static int is_null(const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t size = event->data.scalar.length;
    return event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           (!size || (size == 1 && *text == '~') ||
            (size == 4 &&
             (!memcmp(text, "null", 4) || !memcmp(text, "Null", 4) || !memcmp(text, "NULL", 4))));
}

static int take_value(walk *w, const yaml_event_t *event)
{
    int is_alias = event->type == YAML_ALIAS_EVENT;
    int rc = 0;
    if (!w->depth)
        return refuse(w, &event->start_mark, "a text, where a mapping was to come");
    if (!is_alias && memchr(event->data.scalar.value, 0, event->data.scalar.length))
        return refuse(w, &event->start_mark, "a NUL in a text");
    for (uint32_t i = 0; i < w->depth; i++)
        w->keys[i] = w->levels[i + 1].key;
    if (!w->sequences && (is_alias || !is_null(event)))
        rc = w->take(w->user, w->keys, w->depth,
                     is_alias ? NULL : (const char *)event->data.scalar.value,
                     is_alias ? 0 : event->data.scalar.length, event->start_mark.line + 1);
    value_done(w);
    return rc;
}

static int open_level(walk *w, const yaml_event_t *event, int is_sequence)
{
    if (is_key_next(w))
        return refuse(w, &event->start_mark, "a key that is no short text");
    if (w->depth == NEPHI_YAML_DEPTH)
        return refuse(w, &event->start_mark, "mappings and sequences too deep in each other");
    w->depth++;
    w->sequences += is_sequence != 0;
    memset(&w->levels[w->depth], 0, sizeof w->levels[w->depth]);
    w->levels[w->depth].is_sequence = is_sequence;
    return 0;
}

static int close_level(walk *w)
{
    w->sequences -= w->levels[w->depth].is_sequence != 0;
    w->depth--;
    value_done(w);
    return 0;
}

static int take_event(walk *w, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_MAPPING_START_EVENT: return open_level(w, event, 0);
    case YAML_SEQUENCE_START_EVENT: return open_level(w, event, 1);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT: return close_level(w);
    case YAML_ALIAS_EVENT:
    case YAML_SCALAR_EVENT: return is_key_next(w) ? take_key(w, event) : take_value(w, event);
    default: return 0;
    }
}

static int events_take(walk *w)
{
    int rc = 0, is_end = 0, documents = 0;
    for (uint32_t count = 0; !rc && !is_end; count++) {
        yaml_event_t event;
        if (!yaml_parser_parse(&w->parser, &event))
            return parser_failed(w);
        is_end = event.type == YAML_STREAM_END_EVENT;
        documents += event.type == YAML_DOCUMENT_START_EVENT;
        if (documents > 1 || count > EVENTS_MAX)
            rc = refuse(w, &event.start_mark,
                        documents > 1 ? "a second document" : "more than a file of settings has");
        else
            rc = take_event(w, &event);
        yaml_event_delete(&event);
    }
    return rc;
}

static int yaml_read(const nephi_memory *memory, const char *text, size_t size, nephi_yaml_fn take,
                     void *user, nephi_error *error)
{
    walk *w = nephi_alloc(memory, sizeof *w);
    int rc;
    if (!w)
        return nephi_fail_memory(error);
    w->take = take;
    w->user = user;
    w->error = error;
    if (yaml_parser_initialize(&w->parser)) {
        yaml_parser_set_encoding(&w->parser, YAML_UTF8_ENCODING);
        yaml_parser_set_input_string(&w->parser, (const unsigned char *)text, size);
        rc = events_take(w);
        yaml_parser_delete(&w->parser);
    } else {
        rc = nephi_fail_memory(error);
    }
    nephi_free_secret(memory, w, sizeof *w);
    return rc;
}

NEPHI_EXPORT const nephi_yaml nephi_yaml_table = {
    .module = {.size = sizeof(nephi_yaml), .version = PACKAGE_VERSION},
    .read = yaml_read,
};
