/*
 * core/tree.c - builds the tree of a strict JSON document from the events of the JSON parser. What a document must
 * contain is its readers' business (manifest.c, clouds.c, aws_process.c).
 */
#include "core/tree.h"

#include <string.h>

typedef struct builder {
    nephi_arena *nodes;
    nephi_arena *texts;
    nephi_error *error;
    uint32_t depth;
    nephi_tree *open[NEPHI_DEPTH_MAX + 2]; /* open[0] is the document */
    nephi_tree *last[NEPHI_DEPTH_MAX + 2]; /* newest child of each */
} builder;

static nephi_tree *node_new(builder *b, const char *name, size_t size)
{
    nephi_tree *node = nephi_arena_alloc(b->nodes, sizeof *node);
    if (!node)
        return NULL;
    *node = (nephi_tree){.text = "", .name_size = (uint32_t)size};
    if (name && !(node->name = nephi_arena_text(b->nodes, name, size)))
        return NULL;
    return node;
}

/* One of 32 kinds, by which most names differ. */
static uint32_t kind_of(const char *name, size_t size)
{
    return 1u << ((size +
                   (size ? (unsigned char)name[0] * 3u + (unsigned char)name[size - 1] : 0)) &
                  31);
}

/* This runs for every pair of members of every object. */
static const nephi_tree *find(const nephi_tree *parent, const char *name, size_t size,
                              uint32_t kind)
{
    if (!(parent->names & kind))
        return NULL;
    for (const nephi_tree *at = parent->first; at; at = at->next)
        if (at->name_size == size && memcmp(at->name, name, size) == 0)
            return at;
    return NULL;
}

static int on_open(void *user, const char *name, size_t size)
{
    builder *b = user;
    nephi_tree *parent = b->open[b->depth];
    uint32_t kind = kind_of(name, size);
    nephi_tree *node;
    if (parent->type == NEPHI_TREE_OBJECT && find(parent, name, size, kind))
        return nephi_fail(b->error, NEPH_INVALID,
                          "the key \"%.*s\" stands twice in the same object", (int)size, name);
    if (parent->count == NEPHI_TREE_CHILDREN_MAX)
        return nephi_fail(b->error, NEPH_INVALID, "an object or array has more than %d members",
                          NEPHI_TREE_CHILDREN_MAX);
    if (b->depth > NEPHI_DEPTH_MAX)
        return nephi_fail(b->error, NEPH_INVALID, "more than %d levels deep", NEPHI_DEPTH_MAX);
    node = node_new(b, name, size);
    if (!node)
        return nephi_fail_memory(b->error);
    if (b->last[b->depth])
        b->last[b->depth]->next = node;
    else
        parent->first = node;
    parent->count++;
    parent->names |= kind;
    b->last[b->depth] = node;
    b->open[++b->depth] = node;
    b->last[b->depth] = NULL;
    return 0;
}

static int on_container(void *user, int what)
{
    builder *b = user;
    b->open[b->depth]->type = what == NEPHI_ARRAY ? NEPHI_TREE_ARRAY : NEPHI_TREE_OBJECT;
    return 0;
}

static int on_text(void *user, const char *text, size_t size, int type)
{
    static const uint8_t types[] = {[NEPHI_TEXT_STRING] = NEPHI_TREE_STRING,
                                    [NEPHI_TEXT_NUMBER] = NEPHI_TREE_NUMBER,
                                    [NEPHI_TEXT_BOOLEAN] = NEPHI_TREE_BOOLEAN,
                                    [NEPHI_TEXT_NULL] = NEPHI_TREE_NULL};
    builder *b = user;
    nephi_tree *node = b->open[b->depth];
    node->type = types[type];
    node->text_size = (uint32_t)size;
    if (size > 0 && !(node->text = nephi_arena_text(b->texts, text, size)))
        return nephi_fail_memory(b->error);
    return 0;
}

static int on_close(void *user)
{
    builder *b = user;
    b->depth--;
    return 0;
}

static const nephi_events builder_events = {on_open, NULL, on_container, on_text, on_close};

int nephi_tree_read(nephi_tree **out, nephi_arena *nodes, nephi_arena *texts, nephi_parser *parser,
                    const void *data, size_t size, nephi_error *error)
{
    builder b;
    int rc;
    *out = NULL;
    b.nodes = nodes;
    b.texts = texts;
    b.error = error;
    b.depth = 0;
    b.last[0] = NULL;
    b.open[0] = node_new(&b, NULL, 0);
    if (!b.open[0])
        return nephi_fail_memory(error);
    rc = nephi_json_class.begin(parser, &builder_events, &b, error);
    if (!rc)
        rc = nephi_json_class.feed(parser, data, size);
    if (!rc)
        rc = nephi_json_class.end(parser);
    if (rc == NEPH_PROTOCOL || rc == NEPH_LIMIT) {
        /* A file of our own is no reply: what the parser found is the file's fault. */
        rc = NEPH_INVALID;
        error->status = rc;
    }
    if (rc)
        return nephi_fail(error, rc, "cannot be read as JSON");
    *out = b.open[0];
    return 0;
}

const nephi_tree *nephi_tree_find(const nephi_tree *tree, const char *name)
{
    size_t size = strlen(name);
    if (!tree || tree->type != NEPHI_TREE_OBJECT)
        return NULL;
    return find(tree, name, size, kind_of(name, size));
}

const char *nephi_tree_type_name(uint32_t type)
{
    static const char *const names[] = {"null",          "a string",  "a number",
                                        "true or false", "an object", "an array"};
    return type < sizeof names / sizeof *names ? names[type] : "nothing";
}
