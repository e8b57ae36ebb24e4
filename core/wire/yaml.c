/*
 * core/wire/yaml.c - the texts of a YAML document with the keys that lead to them, over libyaml's events: first a tree, so
 * that aliases can be followed and what "<<" brings along can give way to what stands beside it, then a walk through it.
 * What stands in a sequence is passed over, tags mean nothing.
 */
#include "core/wire/parts.h"

#include "core/buffer.h"

#include <string.h>

#include <yaml.h>

#define NODES_MAX 200000   /* a file of settings has hundreds */
#define VISITS_MAX 4000000 /* aliases stand for the same thing again and again */
#define TEXTS_MAX ((size_t)4 << 20)
#define KEY_MAX 256
#define MERGE "<<"
#define NESTING_MAX (2 * NEPHI_YAML_DEPTH) /* of the walk */
#define NONE UINT32_MAX

enum { SCALAR, MAPPING, SEQUENCE, ALIAS };

/* Children of a mapping are a key, its value, the next key. */
typedef struct node {
    uint32_t kind;
    uint32_t first, next; /* child, sibling; NONE */
    uint32_t target;      /* of an alias */
    uint32_t is_open;     /* its end has not come */
    uint32_t is_plain;    /* without quotes */
    size_t text, size;    /* of a scalar: its place among the texts */
    size_t anchor;        /* place of its name; 0: it has none */
    size_t line, column;
} node;

/* What is open: its last child, and how many it has. */
typedef struct level {
    uint32_t node, last, count;
} level;

typedef struct tree {
    nephi_error *error;
    yaml_parser_t parser;
    nephi_buffer nodes, texts;
    level levels[NEPHI_YAML_DEPTH + 1]; /* levels[0]: the document */
    uint32_t depth, documents;
    uint32_t visits, nesting; /* of the walk */
    const char *keys[NEPHI_YAML_DEPTH];
    nephi_yaml_fn take;
    void *user;
} tree;

/* Mappings whose keys a merged one does not bring along. */
typedef struct hiding {
    const struct hiding *outer;
    const node *mapping;
} hiding;

static node *node_at(const tree *t, uint32_t index)
{
    return index == NONE ? NULL : (node *)(void *)t->nodes.data + index;
}

static uint32_t node_count(const tree *t)
{
    return (uint32_t)(t->nodes.size / sizeof(node));
}

static const char *text_at(const tree *t, size_t place)
{
    return t->texts.data + place;
}

/* Where and what; never what stands there. */
static int refuse_at(const tree *t, size_t line, size_t column, const char *what)
{
    return nephi_fail(t->error, NEPH_INVALID, "line %zu, column %zu: %s", line, column, what);
}

static int refuse(const tree *t, const node *at, const char *what)
{
    return refuse_at(t, at->line, at->column, what);
}

static int refuse_event(const tree *t, const yaml_event_t *event, const char *what)
{
    return refuse_at(t, event->start_mark.line + 1, event->start_mark.column + 1, what);
}

static int parser_failed(const tree *t)
{
    const yaml_parser_t *parser = &t->parser;
    const char *problem = parser->problem ? parser->problem : "no YAML";
    if (parser->error == YAML_MEMORY_ERROR)
        return nephi_fail_memory(t->error);
    if (parser->error == YAML_READER_ERROR)
        return nephi_fail(t->error, NEPH_INVALID, "byte %zu: %s", parser->problem_offset, problem);
    return refuse_at(t, parser->problem_mark.line + 1, parser->problem_mark.column + 1, problem);
}

/* ---- the tree */

/* A copy with a NUL behind it. Place 0 stands for none. */
static int text_keep(tree *t, const void *text, size_t size, size_t *place)
{
    int rc = t->texts.size ? 0 : nephi_buffer_char(&t->texts, '\0');
    *place = t->texts.size;
    if (!rc)
        rc = nephi_buffer_add(&t->texts, text, size);
    if (!rc)
        rc = nephi_buffer_char(&t->texts, '\0');
    return rc == NEPH_LIMIT ? nephi_fail(t->error, NEPH_LIMIT, "more text than settings have")
           : rc             ? nephi_fail_memory(t->error)
                            : 0;
}

static int anchor_keep(tree *t, const yaml_char_t *name, node *at)
{
    const char *text = (const char *)name;
    return text ? text_keep(t, text, strlen(text), &at->anchor) : 0;
}

/* The latest of that name counts; what it stands in is not there yet. */
static int alias_resolve(tree *t, const yaml_event_t *event, node *at)
{
    const char *name = (const char *)event->data.alias.anchor;
    for (uint32_t i = node_count(t); i-- > 0;) {
        const node *other = node_at(t, i);
        if (!other->anchor || strcmp(text_at(t, other->anchor), name) != 0)
            continue;
        at->target = i;
        return other->is_open ? refuse_event(t, event, "an alias inside what it stands for") : 0;
    }
    return refuse_event(t, event, "an alias of nothing");
}

static int scalar_read(tree *t, const yaml_event_t *event, node *at)
{
    const char *text = (const char *)event->data.scalar.value;
    int rc;
    at->size = event->data.scalar.length;
    at->is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (memchr(text, 0, at->size))
        return refuse_event(t, event, "a NUL in a text");
    rc = text_keep(t, text, at->size, &at->text);
    return rc ? rc : anchor_keep(t, event->data.scalar.anchor, at);
}

static int is_key_next(const tree *t)
{
    const level *open = &t->levels[t->depth];
    return t->depth && node_at(t, open->node)->kind == MAPPING && open->count % 2 == 0;
}

static int node_check(const tree *t, const yaml_event_t *event, const node *at)
{
    if (is_key_next(t) && (at->kind != SCALAR || at->size >= KEY_MAX))
        return refuse_event(t, event, "a key that is no short text");
    if (!t->depth && at->kind != MAPPING && at->kind != SEQUENCE)
        return refuse_event(t, event, "a text, where a mapping was to come");
    if (at->is_open && t->depth == NEPHI_YAML_DEPTH)
        return refuse_event(t, event, "mappings and sequences too deep in each other");
    return 0;
}

/* Behind the last child of what is open; opened itself, if it is to have children. */
static int node_add(tree *t, const node *made)
{
    level *open = &t->levels[t->depth];
    uint32_t index = node_count(t);
    if (nephi_buffer_add(&t->nodes, made, sizeof *made))
        return nephi_fail_memory(t->error);
    if (open->last != NONE)
        node_at(t, open->last)->next = index;
    else if (t->depth)
        node_at(t, open->node)->first = index;
    open->last = index;
    open->count++;
    if (made->is_open)
        t->levels[++t->depth] = (level){index, NONE, 0};
    return 0;
}

static int node_read(tree *t, const yaml_event_t *event, uint32_t kind)
{
    node made = {.kind = kind, .first = NONE, .next = NONE, .target = NONE};
    int rc;
    made.is_open = kind == MAPPING || kind == SEQUENCE;
    made.line = event->start_mark.line + 1;
    made.column = event->start_mark.column + 1;
    if (kind == SCALAR)
        rc = scalar_read(t, event, &made);
    else if (kind == ALIAS)
        rc = alias_resolve(t, event, &made);
    else
        rc = anchor_keep(t,
                         kind == MAPPING ? event->data.mapping_start.anchor
                                         : event->data.sequence_start.anchor,
                         &made);
    if (!rc)
        rc = node_check(t, event, &made);
    return rc ? rc : node_add(t, &made);
}

static int event_take(tree *t, const yaml_event_t *event)
{
    if (node_count(t) > NODES_MAX)
        return refuse_event(t, event, "more than a file of settings has");
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return t->documents++ ? refuse_event(t, event, "a second document") : 0;
    case YAML_SCALAR_EVENT: return node_read(t, event, SCALAR);
    case YAML_ALIAS_EVENT: return node_read(t, event, ALIAS);
    case YAML_MAPPING_START_EVENT: return node_read(t, event, MAPPING);
    case YAML_SEQUENCE_START_EVENT: return node_read(t, event, SEQUENCE);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT: node_at(t, t->levels[t->depth--].node)->is_open = 0; return 0;
    default: return 0;
    }
}

static int events_take(tree *t)
{
    int rc = 0, is_end = 0;
    while (!rc && !is_end) {
        yaml_event_t event;
        if (!yaml_parser_parse(&t->parser, &event))
            return parser_failed(t);
        is_end = event.type == YAML_STREAM_END_EVENT;
        rc = event_take(t, &event);
        yaml_event_delete(&event);
    }
    return rc;
}

/* ---- the walk */

static const node *resolved(const tree *t, const node *at)
{
    return at->kind == ALIAS ? node_at(t, at->target) : at;
}

/* What is not there, though its key is. */
static int is_null(const tree *t, const node *at)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};
    for (size_t i = 0; at->is_plain && i < sizeof words / sizeof *words; i++)
        if (!strcmp(text_at(t, at->text), words[i]))
            return 1;
    return 0;
}

static int is_merge(const tree *t, const node *key)
{
    return key->is_plain && !strcmp(text_at(t, key->text), MERGE);
}

static int visit(tree *t, const node *at)
{
    return ++t->visits > VISITS_MAX ? refuse(t, at, "more than a file of settings has") : 0;
}

/* Whether one of the mappings has the key itself. */
static int is_hidden(tree *t, const hiding *hidden, const node *key)
{
    for (; hidden; hidden = hidden->outer) {
        const node *other = node_at(t, hidden->mapping->first);
        for (; other; other = node_at(t, node_at(t, other->next)->next)) {
            t->visits++;
            if (!strcmp(text_at(t, other->text), text_at(t, key->text)))
                return 1;
        }
    }
    return 0;
}

static int mapping_walk(tree *t, const node *mapping, uint32_t depth, const hiding *hidden);

static int value_walk(tree *t, const node *key, const node *value, uint32_t depth)
{
    if (depth == NEPHI_YAML_DEPTH)
        return refuse(t, key, "mappings and sequences too deep in each other");
    t->keys[depth] = text_at(t, key->text);
    if (value->kind == MAPPING)
        return mapping_walk(t, value, depth + 1, NULL);
    if (value->kind == SEQUENCE || is_null(t, value))
        return 0;
    return t->take(t->user, t->keys, depth + 1, text_at(t, value->text), value->size);
}

static int merge_one(tree *t, const node *from, uint32_t depth, const hiding *hidden)
{
    const node *mapping = resolved(t, from);
    return mapping->kind == MAPPING ? mapping_walk(t, mapping, depth, hidden)
                                    : refuse(t, from, "\"<<\" with something that is no mapping");
}

/* Of several the first to have a key counts. */
static int merge_several(tree *t, const node *from, uint32_t depth, const hiding *hidden)
{
    const hiding inner = {hidden, resolved(t, from)};
    int rc = ++t->nesting > NESTING_MAX ? refuse(t, from, "too many mappings to merge")
                                        : merge_one(t, from, depth, hidden);
    if (!rc && from->next != NONE)
        rc = merge_several(t, node_at(t, from->next), depth, &inner);
    t->nesting--;
    return rc;
}

static int merge_walk(tree *t, const node *from, uint32_t depth, const hiding *hidden)
{
    const node *whole = resolved(t, from);
    if (whole->kind != SEQUENCE)
        return merge_one(t, from, depth, hidden);
    return whole->first == NONE ? 0 : merge_several(t, node_at(t, whole->first), depth, hidden);
}

/* What is merged comes first, so that what comes later counts. */
static int mapping_walk(tree *t, const node *mapping, uint32_t depth, const hiding *hidden)
{
    const hiding inner = {hidden, mapping};
    const node *key;
    const node *value;
    int rc = ++t->nesting > NESTING_MAX
                 ? refuse(t, mapping, "mappings and sequences too deep in each other")
                 : 0;
    for (int is_merged = 1; is_merged >= 0; is_merged--)
        for (key = node_at(t, mapping->first); !rc && key; key = node_at(t, value->next)) {
            value = node_at(t, key->next);
            rc = visit(t, key);
            if (rc || is_merge(t, key) != is_merged || (!is_merged && is_hidden(t, hidden, key)))
                continue;
            rc = is_merged ? merge_walk(t, value, depth, &inner)
                           : value_walk(t, key, resolved(t, value), depth);
        }
    t->nesting--;
    return rc;
}

static int yaml_read(const nephi_memory *memory, const char *text, size_t size, nephi_yaml_fn take,
                     void *user, nephi_error *error)
{
    tree *t = nephi_alloc(memory, sizeof *t);
    int rc;
    if (!t)
        return nephi_fail_memory(error);
    t->take = take;
    t->user = user;
    t->error = error;
    t->levels[0] = (level){NONE, NONE, 0};
    nephi_buffer_init(&t->nodes, memory, (NODES_MAX + 2) * sizeof(node));
    nephi_buffer_init(&t->texts, memory, TEXTS_MAX);
    t->texts.secret = 1;
    if (yaml_parser_initialize(&t->parser)) {
        yaml_parser_set_encoding(&t->parser, YAML_UTF8_ENCODING);
        yaml_parser_set_input_string(&t->parser, (const unsigned char *)text, size);
        rc = events_take(t);
        yaml_parser_delete(&t->parser);
    } else {
        rc = nephi_fail_memory(error);
    }
    if (!rc && t->documents && node_count(t) && node_at(t, 0)->kind == MAPPING)
        rc = mapping_walk(t, node_at(t, 0), 0, NULL);
    nephi_buffer_fini(&t->nodes);
    nephi_buffer_fini(&t->texts);
    nephi_free_secret(memory, t, sizeof *t);
    return rc;
}

NEPHI_EXPORT const nephi_yaml nephi_yaml_table = {
    .module = {.size = sizeof(nephi_yaml), .version = PACKAGE_VERSION},
    .read = yaml_read,
};
