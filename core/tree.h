/*
 * core/tree.h - a JSON document of our own (manifest, clouds.json, a credential process's answer) as a tree in an
 * arena. Strict: no object has a key twice, and everything is limited. Replies of clouds never go through here.
 */
#ifndef NEPHI_TREE_H
#define NEPHI_TREE_H

#include "core/error.h"
#include "core/memory.h"

#define NEPHI_TREE_CHILDREN_MAX 1024

enum {
    NEPHI_TREE_NULL = 0,
    NEPHI_TREE_STRING = 1,
    NEPHI_TREE_NUMBER = 2,
    NEPHI_TREE_BOOLEAN = 3,
    NEPHI_TREE_OBJECT = 4,
    NEPHI_TREE_ARRAY = 5
};

typedef struct nephi_tree {
    struct nephi_tree *next;
    struct nephi_tree *first; /* of an object or array */
    const char *name;         /* "[]" of an item; NULL of the document */
    const char *text;         /* of a scalar, NUL-terminated; "" of a null */
    uint32_t type;            /* NEPHI_TREE_… */
    uint32_t count;           /* of children */
    uint32_t name_size;
    uint32_t text_size;
    uint32_t
        names; /* a bit for each kind of name that a child has: what has none is not looked for */
    uint32_t reserved;
} nephi_tree;

/* Reads a whole document. The nodes and their names come from one arena, the scalars' texts from another (or the same
 * one), so that they can be kept without a copy. NEPH_INVALID with a message that says where (line and column) and never
 * shows what stands there, NEPH_NO_MEMORY. */
int nephi_tree_read(nephi_tree **out, nephi_arena *nodes, nephi_arena *texts, const void *data,
                    size_t size, nephi_error *error);
/* A member of an object; NULL: it has none, or tree is no object. */
const nephi_tree *nephi_tree_find(const nephi_tree *tree, const char *name);
/* "a string", "an object" … for messages. */
const char *nephi_tree_type_name(uint32_t type);

#endif
