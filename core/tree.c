/*
 * core/tree.c - reads a strict JSON document from memory into a tree. It does not go through the parser for replies
 * (wire/json.c): every program reads all manifests at its start, these documents are small and whole, and read directly
 * they cost a third. A fuzzer holds the two against each other. What a document must contain is its readers' business
 * (manifest.c, clouds.c, aws_process.c).
 */
#include "core/tree.h"

#include "core/text.h"
#include "core/wire/parser.h"

#include <string.h>

typedef struct reading {
    const char *begin, *at, *end;
    nephi_arena *nodes, *texts;
    nephi_error *error;
} reading;

static int read_value(reading *r, nephi_tree *node, unsigned depth);

/* ---- failures */

static int fail_at(const reading *r, const char *at, const char *what)
{
    const char *start = r->begin;
    unsigned line = 1;
    for (const char *c = r->begin; c < at; c++)
        if (*c == '\n') {
            line++;
            start = c + 1;
        }
    return nephi_fail(r->error, NEPH_INVALID, "malformed JSON at line %u, column %u: %s", line,
                      (unsigned)(at - start) + 1, what);
}

static int fail_here(const reading *r, const char *what)
{
    return fail_at(r, r->at, r->at < r->end ? what : "it ends too early");
}

/* ---- characters */

static void skip_blanks(reading *r)
{
    const char *at = r->at, *end = r->end;
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r'))
        at++;
    r->at = at;
}

/* Behind blanks: is the next character this one? Then it is behind us. */
static int take(reading *r, char wanted)
{
    skip_blanks(r);
    if (r->at == r->end || *r->at != wanted)
        return 0;
    r->at++;
    return 1;
}

/* ---- strings */

/* Four hexadecimal digits. Returns the number, or -1. */
static int32_t read_hex(const char *at, const char *end)
{
    int32_t number = 0;
    if (end - at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            return -1;
        number = number * 16 + digit;
    }
    return number;
}

static size_t write_utf8(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 63));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 63));
        out[2] = (char)(0x80 | (c & 63));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 63));
    out[2] = (char)(0x80 | (c >> 6 & 63));
    out[3] = (char)(0x80 | (c & 63));
    return 4;
}

/* The character of \uXXXX or of a pair of them; *at stands behind "\u" and then behind the digits. -1: none. */
static int32_t read_unicode(const char **at, const char *end)
{
    int32_t c = read_hex(*at, end), low;
    if (c <= 0 || (c >= 0xdc00 && c <= 0xdfff))
        return -1;
    *at += 4;
    if (c < 0xd800 || c > 0xdbff)
        return c;
    if (end - *at < 6 || (*at)[0] != '\\' || (*at)[1] != 'u')
        return -1;
    low = read_hex(*at + 2, end);
    if (low < 0xdc00 || low > 0xdfff)
        return -1;
    *at += 6;
    return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
}

/* What follows a backslash. Returns the bytes written, 0: it is no escape. */
static size_t read_escape(const char **at, const char *end, char *out)
{
    static const char escapes[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
    char c = *at < end ? *(*at)++ : 0;
    int32_t character;
    if (c == 'u') {
        character = read_unicode(at, end);
        return character < 0 ? 0 : write_utf8(out, (uint32_t)character);
    }
    for (size_t i = 0; c && escapes[i]; i += 2)
        if (escapes[i] == c) {
            out[0] = escapes[i + 1];
            return 1;
        }
    return 0;
}

/* A string with escapes, of `size` bytes as it stands there. It only becomes shorter. */
static int read_escaped(reading *r, nephi_arena *arena, size_t size, const char **out,
                        uint32_t *out_size)
{
    const char *at = r->at, *end = at + size;
    char *text = nephi_arena_alloc(arena, size + 1);
    size_t used = 0;
    if (!text)
        return nephi_fail_memory(r->error);
    while (at < end) {
        const char *start = at;
        size_t written = 1;
        if (*at == '\\') {
            at++;
            written = read_escape(&at, end, text + used);
        } else {
            text[used] = *at++;
        }
        if (!written)
            return fail_at(r, start, "no such escape, or half a character");
        used += written;
    }
    text[used] = '\0';
    *out = text;
    *out_size = (uint32_t)used;
    return 0;
}

static int is_plain(char c)
{
    return (unsigned char)c >= 0x20 && (unsigned char)c < 0x80 && c != '"' && c != '\\';
}

/* In each byte of eight the same. */
#define EIGHT(byte) (UINT64_C(0x0101010101010101) * (byte))

/* The first byte is the lowest. */
static uint64_t read_eight(const char *at)
{
    uint64_t eight;
    memcpy(&eight, at, sizeof eight);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    eight = __builtin_bswap64(eight);
#endif
    return eight;
}

/* Sets the high bit of each of eight bytes that is not plain. A borrow may set that of a byte behind it too, so only the
 * first counts. */
static uint64_t not_plain(uint64_t eight)
{
    uint64_t below_space = eight - EIGHT(0x20);
    uint64_t quote = (eight ^ EIGHT('"')) - EIGHT(1), backslash = (eight ^ EIGHT('\\')) - EIGHT(1);
    return (eight | below_space | quote | backslash) & EIGHT(0x80);
}

/* The first byte that is not plain, or the end. */
static const char *skip_plain(const char *at, const char *end)
{
    for (; end - at >= 8; at += 8) {
        uint64_t found = not_plain(read_eight(at));
        if (found)
            return at + __builtin_ctzll(found) / 8;
    }
    while (at < end && is_plain(*at))
        at++;
    return at;
}

/* How many bytes stand before the closing quote, and whether some are escapes, or more than ASCII. */
static int scan_string(reading *r, size_t max, size_t *size, int *has_escapes, int *has_more)
{
    const char *at = skip_plain(r->at, r->end);
    *has_escapes = *has_more = 0;
    while (at < r->end && *at != '"') {
        unsigned char c = (unsigned char)*at;
        if (c < 0x20)
            return fail_at(r, at, "a control character in a string");
        *has_more |= c >= 0x80;
        *has_escapes |= c == '\\';
        at = skip_plain(at + (c == '\\' && at + 1 < r->end ? 2 : 1), r->end);
    }
    *size = (size_t)(at - r->at);
    if (at >= r->end)
        return fail_at(r, r->end, "it ends too early");
    if (*size > max)
        return fail_here(r, "a string that is too long");
    return 0;
}

/* Behind the opening quote. */
static int read_string(reading *r, nephi_arena *arena, size_t max, const char **out,
                       uint32_t *out_size)
{
    int has_escapes, has_more;
    size_t size = 0;
    int rc = scan_string(r, max, &size, &has_escapes, &has_more);
    if (rc)
        return rc;
    if (has_more && !nephi_is_utf8(r->at, size))
        return fail_here(r, "a string that is no UTF-8");
    if (has_escapes) {
        rc = read_escaped(r, arena, size, out, out_size);
    } else {
        *out = nephi_arena_text(arena, r->at, size);
        *out_size = (uint32_t)size;
        rc = *out ? 0 : nephi_fail_memory(r->error);
    }
    r->at += size + 1;
    return rc;
}

/* ---- numbers and words */

static const char *skip_digits(const char *at, const char *end)
{
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    return at;
}

/* Where the number at `at` ends; NULL: it is none. */
static const char *number_end(const char *at, const char *end)
{
    const char *digits;
    at += at < end && *at == '-';
    digits = at;
    at = skip_digits(at, end);
    if (at == digits || (*digits == '0' && at - digits > 1))
        return NULL;
    if (at < end && *at == '.') {
        digits = ++at;
        at = skip_digits(at, end);
        if (at == digits)
            return NULL;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        at += at < end && (*at == '+' || *at == '-');
        digits = at;
        at = skip_digits(at, end);
        if (at == digits)
            return NULL;
    }
    return at;
}

static int read_number(reading *r, nephi_tree *node)
{
    const char *end = number_end(r->at, r->end);
    if (!end)
        return fail_here(r, "a value is expected here");
    node->type = NEPHI_TREE_NUMBER;
    node->text_size = (uint32_t)(end - r->at);
    node->text = nephi_arena_text(r->texts, r->at, node->text_size);
    r->at = end;
    return node->text ? 0 : nephi_fail_memory(r->error);
}

static int read_word(reading *r, nephi_tree *node)
{
    static const struct {
        const char *word, *text;
        size_t size;
        uint32_t type;
    } words[] = {{"true", "true", 4, NEPHI_TREE_BOOLEAN},
                 {"false", "false", 5, NEPHI_TREE_BOOLEAN},
                 {"null", "", 4, NEPHI_TREE_NULL}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if ((size_t)(r->end - r->at) >= words[i].size &&
            memcmp(r->at, words[i].word, words[i].size) == 0) {
            node->type = words[i].type;
            node->text = words[i].text;
            node->text_size = (uint32_t)strlen(words[i].text);
            r->at += words[i].size;
            return 0;
        }
    return read_number(r, node);
}

/* ---- objects and arrays */

/* One of 32 kinds, by which most names differ. */
static uint32_t kind_of(const char *name, size_t size)
{
    size_t sum = size;
    if (size)
        sum += (unsigned char)name[0] * 3u + (unsigned char)name[size - 1];
    return 1u << (sum & 31);
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

static int read_name(reading *r, nephi_tree *parent, nephi_tree *node)
{
    const char *start;
    uint32_t kind;
    int rc;
    if (!take(r, '"'))
        return fail_here(r, "a key in quotes is expected here");
    start = r->at - 1;
    rc = read_string(r, r->nodes, NEPHI_NAME_MAX, &node->name, &node->name_size);
    if (rc)
        return rc;
    kind = kind_of(node->name, node->name_size);
    if (find(parent, node->name, node->name_size, kind))
        return fail_at(r, start, "this key stands twice in the same object");
    parent->names |= kind;
    return take(r, ':') ? 0 : fail_here(r, "':' is expected here");
}

static int read_child(reading *r, nephi_tree *parent, nephi_tree **last, unsigned depth)
{
    nephi_tree *node = nephi_arena_alloc(r->nodes, sizeof *node);
    int rc = 0;
    if (!node)
        return nephi_fail_memory(r->error);
    *node = (nephi_tree){.text = "", .name = "[]", .name_size = 2};
    if (parent->count == NEPHI_TREE_CHILDREN_MAX)
        return fail_here(r, "an object or array with more than 1,024 members");
    if (parent->type == NEPHI_TREE_OBJECT)
        rc = read_name(r, parent, node);
    if (rc)
        return rc;
    if (*last)
        (*last)->next = node;
    else
        parent->first = node;
    *last = node;
    parent->count++;
    return read_value(r, node, depth);
}

/* Behind the opening bracket. */
static int read_children(reading *r, nephi_tree *parent, unsigned depth)
{
    char close = parent->type == NEPHI_TREE_OBJECT ? '}' : ']';
    nephi_tree *last = NULL;
    int rc;
    if (depth > NEPHI_DEPTH_MAX)
        return fail_here(r, "more than 64 levels");
    if (take(r, close))
        return 0;
    do
        rc = read_child(r, parent, &last, depth);
    while (!rc && take(r, ','));
    if (!rc && !take(r, close))
        rc = fail_here(r, "',' or the end of the object or array is expected here");
    return rc;
}

static int read_value(reading *r, nephi_tree *node, unsigned depth)
{
    skip_blanks(r);
    switch (r->at < r->end ? *r->at : '\0') {
    case '"':
        r->at++;
        node->type = NEPHI_TREE_STRING;
        return read_string(r, r->texts, NEPHI_TEXT_MAX, &node->text, &node->text_size);
    case '{':
    case '[':
        node->type = *r->at++ == '{' ? NEPHI_TREE_OBJECT : NEPHI_TREE_ARRAY;
        return read_children(r, node, depth + 1);
    default: return read_word(r, node);
    }
}

/* Editors put one before a document; the parser for replies skips it too. */
static size_t byte_order_mark_size(const char *text, size_t size)
{
    static const char mark[] = {'\xef', '\xbb', '\xbf'};
    return size >= sizeof mark && memcmp(text, mark, sizeof mark) == 0 ? sizeof mark : 0;
}

int nephi_tree_read(nephi_tree **out, nephi_arena *nodes, nephi_arena *texts, const void *data,
                    size_t size, nephi_error *error)
{
    const char *text = size ? data : "", *end = text + size;
    const char *begin = text + byte_order_mark_size(text, size);
    reading r = {begin, begin, end, nodes, texts, error};
    nephi_tree *root = nephi_arena_alloc(nodes, sizeof *root);
    int rc;
    *out = NULL;
    if (!root)
        return nephi_fail_memory(error);
    *root = (nephi_tree){.text = ""};
    rc = read_value(&r, root, 0);
    skip_blanks(&r);
    if (!rc && r.at < r.end)
        rc = fail_here(&r, "something follows the document");
    if (!rc)
        *out = root;
    return rc;
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
