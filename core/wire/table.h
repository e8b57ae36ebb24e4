/*
 * core/wire/table.h - a reply table after compilation: one tree of names; what ends at a node hangs from it. Made by
 * table.c, walked by the reader (reader.h), seen by nobody else.
 */
#ifndef NEPHI_TABLE_H
#define NEPHI_TABLE_H

#include "core/wire/reply.h"

#include <neph/plugin.h>

#define NEPHI_RULES_MAX 32
#define NEPHI_FIELDS_MAX 64 /* of one rule: a bit each */
#define NEPHI_CLIMB_MAX 7   /* "../" of one field */

typedef struct nephi_target nephi_target;
typedef struct nephi_filter nephi_filter;
typedef struct nephi_node nephi_node;

/* A field of a rule: where its text goes. */
struct nephi_target {
    nephi_target *next;         /* at the same node */
    const nephi_member *member; /* NULL: NEPH_EXTRA, errors, and what belongs to the call */
    const char *path;           /* for messages */
    const char *name;           /* NEPH_EXTRA: of the pair */
    size_t name_size;
    const neph_map *map;
    int64_t scale;
    int32_t number; /* neph_member */
    uint32_t flags;
    uint32_t rule, bit;   /* bit: of the rule's seen mask */
    uint32_t climb;       /* "../": how many levels; 0: none */
    uint32_t climb_index; /* where the reader holds its texts */
    int is_of_call;       /* no member of a result */
    int is_coded;         /* has flags that change its text */
    int is_bytes;         /* no parser has seen that its text is UTF-8: a header's, or decoded */
    nephi_filter *filter; /* NULL, or taken only if its sibling says so */
};

/* "item[key=Name]": the element, its key and what is wanted. "item[key]": its key names the pair. The reader holds its
 * texts by index. */
struct nephi_filter {
    nephi_filter *next;
    nephi_filter *next_key; /* at the key's node */
    const char *want;       /* NULL: whatever it is, it is the name */
    size_t want_size;
    uint32_t index;
    nephi_target *target;
};

struct nephi_node {
    const char *name; /* NULL: the document */
    size_t size;
    nephi_node **children; /* elements */
    uint32_t child_count;
    uint64_t
        child_marks; /* nephi_name_mark() of each: most names that are not known have another */
    nephi_node *attributes, *next; /* list */
    nephi_target *targets;         /* the node's own text */
    nephi_filter *filters;         /* begin here */
    nephi_filter *keys;            /* this is their key */
    uint64_t rules;                /* begin here: a bit each */
    uint64_t climbs;               /* rules whose "../" fields are settled when this closes */
    int wants_text;
    int has_end; /* there is something to do when it closes: filters, rules or climbs */
};

/* A bit that depends on a name, which is not empty. */
static inline uint64_t nephi_name_mark(const char *name, size_t size)
{
    return UINT64_C(1) << (((unsigned char)*name + size) & 63);
}

typedef struct nephi_rule {
    uint32_t kind, flags;
    uint64_t required; /* bits; without "../" fields */
    const char *root;
    int is_document;         /* path "." */
    uint32_t climb_max;      /* 0: emitted when it closes */
    nephi_target **climbing; /* fields with "../" */
    uint32_t climbing_count;
    nephi_node *waits[NEPHI_CLIMB_MAX + 1]; /* waits[n]: the node n levels up */
    nephi_target **coded;                   /* fields with NEPH_FIELD_URL_IF */
    uint32_t coded_count;
    const char *path;
    const char **field_paths;
} nephi_rule;

struct nephi_reply {
    const nephi_memory *memory;
    nephi_arena arena;
    uint32_t format;
    nephi_node root; /* the document: of XML the root element */
    nephi_rule *rules;
    uint32_t rule_count;
    nephi_target *headers; /* "header:" fields, path without the prefix */
    uint32_t held_count;   /* filters and "../" fields */
};

#endif
