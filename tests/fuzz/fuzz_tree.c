/*
 * JSON documents of our own. Input: a document. The tree must say what the parser for replies says of it, and refuse
 * what that refuses; beyond that it refuses keys that stand twice, half characters and what is over its limits.
 */
#include "core/buffer.h"
#include "core/tree.h"
#include "core/wire/parser.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define WRITTEN_MAX (64u << 20)

static void demand(int is_true)
{
    if (!is_true)
        abort();
}

/* ---- both as one text: sizes before texts, so that no two documents are written alike */

static int write_part(nephi_buffer *out, char mark, const char *text, size_t size)
{
    demand(nephi_buffer_format(out, "%c%zu:", mark, size) == 0);
    demand(nephi_buffer_add(out, text, size) == 0);
    return 0;
}

static int on_open(void *user, const char *name, size_t size)
{
    return write_part(user, '>', name, size);
}

static int on_container(void *user, int what)
{
    return write_part(user, what == NEPHI_ARRAY ? 'a' : 'o', "", 0);
}

static int on_text(void *user, const char *text, size_t size, int type)
{
    static const char marks[] = {[NEPHI_TEXT_STRING] = 's',
                                 [NEPHI_TEXT_NUMBER] = 'n',
                                 [NEPHI_TEXT_BOOLEAN] = 'b',
                                 [NEPHI_TEXT_NULL] = '0'};
    return write_part(user, marks[type], text ? text : "", size);
}

static int on_close(void *user)
{
    return write_part(user, '<', "", 0);
}

static void write_tree(nephi_buffer *out, const nephi_tree *node)
{
    static const char marks[] = {'0', 's', 'n', 'b', 'o', 'a'};
    uint32_t count = 0;
    if (node->type < NEPHI_TREE_OBJECT)
        demand(strlen(node->text) == node->text_size);
    write_part(out, marks[node->type], node->text, node->text_size);
    for (const nephi_tree *at = node->first; at; at = at->next, count++) {
        demand(strlen(at->name) == at->name_size);
        write_part(out, '>', at->name, at->name_size);
        write_tree(out, at);
        write_part(out, '<', "", 0);
        if (node->type == NEPHI_TREE_OBJECT)
            demand(nephi_tree_find(node, at->name) == at);
    }
    demand(count == node->count);
}

/* ---- */

static int read_other(const nephi_memory *memory, nephi_buffer *out, const uint8_t *data,
                      size_t size)
{
    static const nephi_events events = {on_open, NULL, on_container, on_text, on_close};
    nephi_parser *parser = NULL;
    nephi_error error;
    int rc;
    nephi_error_clear(&error);
    demand(nephi_json_class.create(&parser, memory) == 0);
    rc = nephi_json_class.begin(parser, &events, out, &error);
    if (!rc)
        rc = nephi_json_class.feed(parser, data, size);
    if (!rc)
        rc = nephi_json_class.end(parser);
    nephi_json_class.destroy(parser);
    return rc;
}

/* The last two: yajl takes overlong forms, and does not see a string that begins behind the document and never ends. */
static int is_own_reason(const char *message)
{
    static const char *const reasons[] = {"stands twice",    "half a character",
                                          "more than 1,024", "too long",
                                          "no UTF-8",        "follows the document"};
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (strstr(message, reasons[i]))
            return 1;
    return 0;
}

/* yajl takes vertical tabs and form feeds for blanks. */
static int has_odd_blank(const uint8_t *data, size_t size)
{
    return size && (memchr(data, '\v', size) || memchr(data, '\f', size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    nephi_memory memory;
    nephi_arena nodes, texts;
    nephi_buffer own, other;
    nephi_tree *tree = NULL;
    nephi_error error;
    int rc, other_rc;
    nephi_memory_init(&memory, NULL);
    nephi_error_clear(&error);
    nephi_arena_init(&nodes, &memory, 0);
    nephi_arena_init(&texts, &memory, 0);
    nephi_buffer_init(&own, &memory, WRITTEN_MAX);
    nephi_buffer_init(&other, &memory, WRITTEN_MAX);
    rc = nephi_tree_read(&tree, &nodes, &texts, data, size, &error);
    other_rc = read_other(&memory, &other, data, size);
    if (rc) {
        demand(rc == NEPH_INVALID && !tree &&
               strncmp(error.message, "malformed JSON at line ", 23) == 0);
        demand(other_rc != 0 || is_own_reason(error.message) || has_odd_blank(data, size));
    } else {
        demand(other_rc == 0);
        write_tree(&own, tree);
        demand(own.size == other.size && memcmp(own.data, other.data, own.size) == 0);
    }
    nephi_buffer_fini(&own);
    nephi_buffer_fini(&other);
    nephi_arena_fini(&nodes, 0);
    nephi_arena_fini(&texts, 0);
    return 0;
}
