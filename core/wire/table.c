/*
 * core/wire/table.c - from a provider's reply table to a tree of names. Everything that can be wrong with a table is
 * found here, when the plugin is loaded, and said with the rule's and field's path.
 */
#include "core/wire/table.h"

#include "core/text.h"

#include <string.h>

#define TABLE_LIMIT (1u << 20)
#define PARTS_MAX 16

typedef struct compiler {
    nephi_reply *reply;
    const neph_rule *rule; /* the one being compiled */
    uint32_t index;
    nephi_node *at[PARTS_MAX + 1]; /* the rule's own way down: at[0] is the root */
    uint32_t depth;
    const nephi_member *columns; /* of rows */
    uint32_t column_count;
    uint32_t *dropped;
    nephi_error *error;
} compiler;

/* path NULL: it is the rule itself. */
static int wrong(compiler *c, const char *path, const char *what)
{
    if (!path)
        return nephi_fail(c->error, NEPH_PLUGIN, "the reply table's rule %u, \"%s\": %s", c->index,
                          c->rule->path, what);
    return nephi_fail(c->error, NEPH_PLUGIN, "the reply table's rule %u, \"%s\", field \"%s\": %s",
                      c->index, c->rule->path, path, what);
}

static void *make(compiler *c, size_t size)
{
    void *block = nephi_arena_alloc(&c->reply->arena, size);
    if (block)
        memset(block, 0, size);
    else
        nephi_fail_memory(c->error);
    return block;
}

/* ---- the tree */

static nephi_node *child_find(const nephi_node *node, const char *name, size_t size)
{
    for (uint32_t i = 0; i < node->child_count; i++)
        if (node->children[i]->size == size && memcmp(node->children[i]->name, name, size) == 0)
            return node->children[i];
    return NULL;
}

static nephi_node *node_make(compiler *c, const char *name, size_t size)
{
    nephi_node *node = make(c, sizeof *node);
    if (node && !(node->name = nephi_arena_text(&c->reply->arena, name, size))) {
        nephi_fail_memory(c->error);
        return NULL;
    }
    if (node)
        node->size = size;
    return node;
}

static nephi_node *child_get(compiler *c, nephi_node *node, const char *name, size_t size)
{
    nephi_node *child = child_find(node, name, size);
    nephi_node **children;
    if (child)
        return child;
    child = node_make(c, name, size);
    children = make(c, (node->child_count + 1) * sizeof *children);
    if (!child || !children)
        return NULL;
    if (node->child_count)
        memcpy(children, node->children, node->child_count * sizeof *children);
    children[node->child_count++] = child;
    node->child_marks |= nephi_name_mark(name, size);
    node->children = children;
    return child;
}

static nephi_node *attribute_get(compiler *c, nephi_node *node, const char *name, size_t size)
{
    nephi_node *at = node->attributes;
    while (at && (at->size != size || memcmp(at->name, name, size) != 0))
        at = at->next;
    if (at)
        return at;
    at = node_make(c, name, size);
    if (!at)
        return NULL;
    at->next = node->attributes;
    node->attributes = at;
    return at;
}

/* ---- paths */

/* One part of a path: "name", "name[]", "[]", "name[key=value]", "name[key]", "@name". */
typedef struct part {
    const char *name;
    size_t size;
    int is_list;
    int is_attribute;
    const char *key, *want;
    size_t key_size, want_size;
} part;

static int is_xml(const compiler *c)
{
    return c->reply->format == NEPH_REPLY_XML;
}

static int part_brackets(const char *from, size_t size, part *out)
{
    const char *equals = memchr(from, '=', size);
    if (size == 0) {
        out->is_list = 1;
        return 0;
    }
    out->key = from;
    out->key_size = size;
    if (!equals)
        return 0;
    if (equals == from || equals + 1 == from + size)
        return -1;
    out->key_size = (size_t)(equals - from);
    out->want = equals + 1;
    out->want_size = size - out->key_size - 1;
    return 0;
}

static int is_dots(const part *p)
{
    return (p->size == 1 || p->size == 2) && p->name[0] == '.' && p->name[p->size - 1] == '.';
}

/* Only XML has attributes, only JSON has items without a name. */
static int is_possible(const compiler *c, const part *p)
{
    if (!p->size && !p->is_list)
        return 0;
    if (is_xml(c) && (p->is_list || !p->size))
        return 0;
    return !is_dots(p) && p->size <= NEPHI_NAME_MAX &&
           !(p->is_attribute && (p->size == 1 || p->key));
}

/* Takes one part off the path; returns what is left, NULL for a path that cannot be. */
static const char *part_take(const compiler *c, const char *path, part *out)
{
    size_t size = strcspn(path, "/[");
    const char *end = path + size;
    memset(out, 0, sizeof *out);
    out->name = path;
    out->size = size;
    out->is_attribute = is_xml(c) && *path == '@';
    if (*end == '[') {
        const char *close = strchr(end, ']');
        if (!close || part_brackets(end + 1, (size_t)(close - end - 1), out))
            return NULL;
        end = close + 1;
    }
    if (!is_possible(c, out))
        return NULL;
    if (*end == '/')
        return end[1] && !out->is_attribute ? end + 1 : NULL;
    return *end ? NULL : end;
}

static nephi_node *step_down(compiler *c, nephi_node *node, const part *p)
{
    if (p->is_attribute)
        return attribute_get(c, node, p->name + 1, p->size - 1);
    if (p->size)
        node = child_get(c, node, p->name, p->size);
    /* "links[rel=next]" of JSON means the items of that array */
    return node && (p->is_list || (p->key && !is_xml(c))) ? child_get(c, node, "[]", 2) : node;
}

/* ---- fields */

static int is_of_pairs(const nephi_target *target)
{
    return target->number == NEPH_EXTRA ||
           (target->member && target->member->info.type == NEPH_TYPE_PAIRS);
}

static int filter_add(compiler *c, nephi_node *node, const part *p, nephi_target *target)
{
    nephi_filter *filter = make(c, sizeof *filter);
    part of_key = {.name = p->key, .size = p->key_size};
    nephi_node *key;
    of_key.is_attribute = is_xml(c) && *p->key == '@';
    if (!is_possible(c, &of_key) || target->filter)
        return wrong(c, target->path,
                     target->filter ? "a path can have one [name=value]" : "is no path");
    if (!p->want && (!is_of_pairs(target) || target->climb))
        return wrong(c, target->path, "only pairs of the result itself are named by a [name]");
    key = filter ? step_down(c, node, &of_key) : NULL;
    if (!key)
        return NEPH_NO_MEMORY;
    if (p->want && !(filter->want = nephi_arena_text(&c->reply->arena, p->want, p->want_size)))
        return nephi_fail_memory(c->error);
    filter->want_size = p->want_size;
    filter->index = c->reply->held_count++;
    filter->target = target;
    filter->next = node->filters;
    node->filters = filter;
    node->has_end = 1;
    filter->next_key = key->keys;
    key->keys = filter;
    key->wants_text = 1;
    target->filter = filter;
    return 0;
}

static int header_add(compiler *c, nephi_target *target)
{
    const char *star = strchr(target->path, '*');
    int is_prefix = (target->flags & NEPH_FIELD_PREFIX) != 0;
    if (!c->reply->rules[c->index].is_document)
        return wrong(c, target->path, "header fields belong to a rule at \".\"");
    target->path += strlen("header:");
    target->is_bytes = 1;
    if (!*target->path || is_prefix != (star && !star[1]) || star == target->path)
        return wrong(c, target->path,
                     "a header's name, or (with the flag PREFIX) its beginning and *");
    target->next = c->reply->headers;
    c->reply->headers = target;
    return 0;
}

/* "../" climbs from the rule's own element; the rule waits for what it climbed to. */
static int climb(compiler *c, nephi_target *target, const char **path, nephi_node **node)
{
    nephi_rule *rule = &c->reply->rules[c->index];
    while (strncmp(*path, "../", 3) == 0) {
        *path += 3;
        target->climb++;
    }
    if (target->climb > c->depth || target->climb > NEPHI_CLIMB_MAX)
        return wrong(c, target->path, "climbs out of the document");
    *node = c->at[c->depth - target->climb];
    if (!target->climb)
        return 0;
    if (target->is_of_call || !rule->kind)
        return wrong(c, target->path, "only a member of a result can stand outside of it");
    target->climb_index = c->reply->held_count++;
    if (target->climb > rule->climb_max)
        rule->climb_max = target->climb;
    rule->waits[target->climb] = *node;
    (*node)->climbs |= UINT64_C(1) << c->index;
    (*node)->has_end = 1;
    rule->climbing[rule->climbing_count++] = target;
    return 0;
}

/* Is the body of such a reply read by a parser? */
static int has_parser(const compiler *c)
{
    static const unsigned char formats[] = {
        [NEPH_REPLY_XML] = 1, [NEPH_REPLY_JSON] = 1, [NEPH_REPLY_TEXT] = 1};
    return formats[c->reply->format];
}

static int target_place(compiler *c, nephi_target *target)
{
    const char *path = target->path;
    nephi_node *node = NULL;
    part p;
    int rc;
    if (strncmp(path, "header:", 7) == 0)
        return header_add(c, target);
    if (!has_parser(c))
        return wrong(c, path, "a reply whose body is not read has header fields alone");
    rc = climb(c, target, &path, &node);
    if (rc)
        return rc;
    if (strcmp(path, ".") == 0)
        path += 1;
    while (*path) {
        path = part_take(c, path, &p);
        if (!path)
            return wrong(c, target->path, "is no path");
        node = step_down(c, node, &p);
        if (!node || (p.key && (rc = filter_add(c, node, &p, target)) != 0))
            return rc ? rc : nephi_fail_memory(c->error);
    }
    target->next = node->targets;
    node->targets = target;
    node->wants_text = 1;
    return 0;
}

static const char *last_name(compiler *c, const neph_field *field)
{
    const char *name = field->name;
    size_t size;
    if (!name) {
        name = strrchr(field->path, '/');
        name = name                                      ? name + 1
               : strncmp(field->path, "header:", 7) == 0 ? field->path + 7
                                                         : field->path;
        name += is_xml(c) && *name == '@';
    }
    size = strcspn(name, "[");
    return nephi_arena_text(&c->reply->arena, name, size);
}

static int is_whole(uint32_t type)
{
    return type == NEPH_TYPE_INTEGER || type == NEPH_TYPE_DECIMAL || type == NEPH_TYPE_TIME ||
           type == NEPH_TYPE_BOOLEAN || type == NEPH_TYPE_ENUM;
}

/* What flags, map and scale ask of the type of the member that they are for. */
static const char *type_fault(const neph_field *field, uint32_t type)
{
    uint32_t epoch = field->flags & (NEPH_FIELD_EPOCH | NEPH_FIELD_EPOCH_MS);
    if (type == NEPH_TYPE_ENUM && !field->map)
        return "an enumeration needs a map";
    if (field->map && !is_whole(type))
        return "a map makes numbers, its member is none";
    if (epoch && (type != NEPH_TYPE_TIME || field->map))
        return "an epoch makes a time, its member is none";
    if (epoch == (NEPH_FIELD_EPOCH | NEPH_FIELD_EPOCH_MS))
        return "an epoch is of seconds or of milliseconds";
    if (field->scale && (field->map || (type != NEPH_TYPE_INTEGER && type != NEPH_TYPE_DECIMAL)))
        return "only numbers have a scale";
    if ((field->flags & NEPH_FIELD_PERCENT) && (type != NEPH_TYPE_INTEGER || field->map))
        return "a percentage makes a number, its member is none";
    if ((field->flags & NEPH_FIELD_PREFIX) &&
        (type != NEPH_TYPE_PAIRS || strncmp(field->path, "header:", 7) != 0))
        return "a header's prefix fills pairs";
    if ((field->flags & NEPH_FIELD_URL_IF) && (field->flags & (NEPH_FIELD_URL | NEPH_FIELD_BASE64)))
        return "URL_IF stands alone";
    return NULL;
}

static const nephi_member *member_of(const compiler *c, int32_t number)
{
    uint32_t column = (uint32_t)number - (uint32_t)NEPH_ROW_VALUE;
    return column < c->column_count ? &c->columns[column] : nephi_member_find(number);
}

/* Sets target->member; what belongs to the call is a text to it. */
static const char *member_fault(compiler *c, const neph_field *field, nephi_target *target)
{
    uint32_t kind = (uint32_t)field->member / 0x10000;
    uint32_t type = NEPH_TYPE_STRING;
    target->is_of_call = kind == NEPH_KIND_CALL;
    if (!target->is_of_call && !c->rule->kind)
        return "a rule without a kind fills no result";
    if (field->member == NEPH_EXTRA)
        type = NEPH_TYPE_PAIRS;
    else if (field->member != NEPH_RESULT_ERROR_CODE &&
             field->member != NEPH_RESULT_ERROR_MESSAGE) {
        target->member = member_of(c, field->member);
        if (!target->member || (!target->is_of_call && kind != c->rule->kind))
            return "its member is none of the rule's kind";
        if (!target->is_of_call && target->member->offset == NEPHI_NO_OFFSET)
            return "its member is an argument, which no result has";
        type = target->member->info.type;
    }
    if (target->is_of_call &&
        (field->map || field->flags & (NEPH_FIELD_EPOCH | NEPH_FIELD_EPOCH_MS)))
        type = field->map ? NEPH_TYPE_INTEGER : NEPH_TYPE_TIME;
    return type_fault(field, type);
}

/* Whether it is encoded may be said behind it: it can be told from other fields then. */
static int coded_add(compiler *c, nephi_target *target)
{
    nephi_rule *rule = &c->reply->rules[c->index];
    if (!target->member || target->member->info.type != NEPH_TYPE_STRING)
        return wrong(c, target->path, "only a text of the result itself can be URL_IF");
    rule->coded[rule->coded_count++] = target;
    return 0;
}

/* Fields that the whole rule must agree on. */
static int rule_check(compiler *c)
{
    const nephi_rule *rule = &c->reply->rules[c->index];
    if (rule->coded_count && rule->climb_max)
        return wrong(c, NULL, "has both URL_IF and \"../\" fields");
    if (rule->kind && (rule->flags & NEPH_RULE_ERROR))
        return wrong(c, NULL, "an error is no result");
    return 0;
}

#define DECODED (NEPH_FIELD_BASE64 | NEPH_FIELD_URL | NEPH_FIELD_URL_IF)
#define CODED (DECODED | NEPH_FIELD_UNQUOTE)

static nephi_target *target_make(compiler *c, const neph_field *field, uint32_t bit)
{
    nephi_target *target = make(c, sizeof *target);
    if (!target)
        return NULL;
    target->path = nephi_arena_text(&c->reply->arena, field->path, strlen(field->path));
    target->name = last_name(c, field);
    if (!target->path || !target->name) {
        nephi_fail_memory(c->error);
        return NULL;
    }
    target->name_size = strlen(target->name);
    target->map = field->map;
    target->scale = field->scale ? field->scale : 1;
    target->number = field->member;
    target->flags = field->flags;
    target->is_coded = (field->flags & CODED) != 0;
    target->is_bytes = (field->flags & DECODED) != 0;
    target->rule = c->index;
    target->bit = bit;
    return target;
}

static int field_compile(compiler *c, const neph_field *field, uint32_t bit)
{
    nephi_rule *rule = &c->reply->rules[c->index];
    nephi_target *target;
    const char *fault;
    int rc;
    if (!field->path || !*field->path)
        return wrong(c, "", "has no path");
    if (field->flags & ~(uint32_t)NEPH_FIELD_ALL) {
        (*c->dropped)++;
        return 0;
    }
    target = target_make(c, field, bit);
    if (!target)
        return NEPH_NO_MEMORY;
    fault = member_fault(c, field, target);
    if (fault)
        return wrong(c, target->path, fault);
    rule->field_paths[bit] = target->path;
    rc = target_place(c, target);
    if (!rc && (field->flags & NEPH_FIELD_REQUIRED) && !target->climb)
        rule->required |= UINT64_C(1) << bit;
    if (!rc && (field->flags & NEPH_FIELD_URL_IF) && !target->is_of_call)
        rc = coded_add(c, target);
    return rc;
}

/* ---- rules */

static int rule_place(compiler *c)
{
    const char *path = c->rule->path;
    nephi_node *node = &c->reply->root;
    part p;
    c->depth = 0;
    c->at[0] = node;
    if (strcmp(path, ".") == 0) {
        c->reply->rules[c->index].is_document = 1;
        return 0;
    }
    if (!has_parser(c))
        return wrong(c, NULL, "a reply whose body is not read has rules at \".\" alone");
    while (*path) {
        path = part_take(c, path, &p);
        if (!path || p.key || p.is_attribute || c->depth + 2 > PARTS_MAX)
            return wrong(c, NULL, "its path is none");
        if (p.size && (c->at[++c->depth] = node = child_get(c, node, p.name, p.size)) == NULL)
            return NEPH_NO_MEMORY;
        if (p.is_list && (c->at[++c->depth] = node = child_get(c, node, "[]", 2)) == NULL)
            return NEPH_NO_MEMORY;
    }
    node->rules |= UINT64_C(1) << c->index;
    node->has_end = 1;
    return 0;
}

static int rule_compile(compiler *c)
{
    nephi_rule *rule = &c->reply->rules[c->index];
    neph_field field;
    int rc;
    if (!c->rule->path || !*c->rule->path || (c->rule->field_count && !c->rule->fields) ||
        c->rule->field_count > NEPHI_FIELDS_MAX)
        return nephi_fail(c->error, NEPH_PLUGIN,
                          "the reply table's rule %u has no path, or not 0 to %d fields", c->index,
                          NEPHI_FIELDS_MAX);
    if (c->rule->kind && !nephi_kind_size(c->rule->kind))
        return wrong(c, NULL, "makes results of an unknown kind");
    if (c->rule->kind == NEPH_KIND_ROW && !c->column_count)
        return wrong(c, NULL, "makes rows, but not of an extension with columns");
    if (c->rule->flags & ~(uint32_t)NEPH_RULE_ALL)
        return wrong(c, NULL, "has flags that this version does not know");
    if (c->rule->root && !is_xml(c))
        return wrong(c, NULL, "only XML has a root element");
    rule->kind = c->rule->kind;
    rule->flags = c->rule->flags;
    rule->root = c->rule->root;
    rule->path = c->rule->path;
    rule->climbing = make(c, (c->rule->field_count + 1) * sizeof(nephi_target *));
    rule->coded = make(c, (c->rule->field_count + 1) * sizeof(nephi_target *));
    rule->field_paths = make(c, (c->rule->field_count + 1) * sizeof(char *));
    if (!rule->climbing || !rule->coded || !rule->field_paths)
        return NEPH_NO_MEMORY;
    rc = rule_place(c);
    for (uint32_t i = 0; !rc && i < c->rule->field_count; i++) {
        const char *at = (const char *)c->rule->fields + (size_t)i * c->rule->field_size;
        memset(&field, 0, sizeof field);
        memcpy(&field, at, c->rule->field_size < sizeof field ? c->rule->field_size : sizeof field);
        rc = field_compile(c, &field, i);
    }
    return rc ? rc : rule_check(c);
}

int nephi_reply_compile(nephi_reply **out, const nephi_memory *memory, const neph_reply *table,
                        uint32_t *dropped, nephi_error *error)
{
    return nephi_reply_compile_rows(out, memory, table, NULL, 0, dropped, error);
}

int nephi_reply_compile_rows(nephi_reply **out, const nephi_memory *memory, const neph_reply *table,
                             const nephi_member *columns, uint32_t column_count, uint32_t *dropped,
                             nephi_error *error)
{
    compiler c = {
        .columns = columns, .column_count = column_count, .dropped = dropped, .error = error};
    neph_rule rule;
    int rc = 0;
    *out = NULL;
    *dropped = 0;
    if (table->format > NEPH_REPLY_TEXT || table->rule_count > NEPHI_RULES_MAX ||
        (table->rule_count && !table->rules))
        return nephi_fail(error, NEPH_PLUGIN,
                          "a reply table has an unknown format, or more than %d rules",
                          NEPHI_RULES_MAX);
    c.reply = nephi_alloc(memory, sizeof *c.reply);
    if (!c.reply)
        return nephi_fail_memory(error);
    c.reply->memory = memory;
    nephi_arena_init(&c.reply->arena, memory, TABLE_LIMIT);
    c.reply->format = table->format;
    c.reply->rule_count = table->rule_count;
    c.reply->rules = make(&c, (table->rule_count + 1) * sizeof *c.reply->rules);
    if (!c.reply->rules)
        rc = NEPH_NO_MEMORY;
    for (; !rc && c.index < table->rule_count; c.index++) {
        const char *at = (const char *)table->rules + (size_t)c.index * table->rule_size;
        memset(&rule, 0, sizeof rule);
        memcpy(&rule, at, table->rule_size < sizeof rule ? table->rule_size : sizeof rule);
        c.rule = &rule;
        rc = rule_compile(&c);
    }
    if (rc)
        nephi_reply_free(c.reply);
    else
        *out = c.reply;
    return rc == NEPH_NO_MEMORY ? nephi_fail_memory(error) : rc;
}

void nephi_reply_free(nephi_reply *reply)
{
    if (!reply)
        return;
    nephi_arena_fini(&reply->arena, 0);
    nephi_free(reply->memory, reply);
}

uint32_t nephi_reply_format(const nephi_reply *reply)
{
    return reply->format;
}
