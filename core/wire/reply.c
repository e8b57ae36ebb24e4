/*
 * core/wire/reply.c - reads one reply by its compiled table: walks the tree of names with the parser's events, makes a
 * record where a rule begins, has it filled where a field ends, and lets it go when it is whole. Knows neither XML nor
 * JSON.
 */
#include "core/wire/reply.h"

#include "core/text.h"
#include "core/wire/reader.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define KEEP_MAX 65536 /* bytes of a buffer that a reader at rest keeps */

/* ---- failures name the path of elements and the offset */

static void path_add(char *out, size_t capacity, size_t *at, const char *name)
{
    int is_joined = *at == 0 || name[0] == '[' || name[0] == '@';
    int size =
        snprintf(out + *at, capacity - *at, "%s%s", is_joined && name[0] != '@' ? "" : "/", name);
    *at += size > 0 ? (size_t)size : 0;
    if (*at > capacity - 1)
        *at = capacity - 1;
}

static void path_write(const nephi_reader *reader, char *out, size_t capacity)
{
    size_t at = 0;
    out[0] = 0;
    if (reader->depth && reader->root[0])
        path_add(out, capacity, &at, reader->root);
    for (uint32_t i = 2; i <= reader->depth; i++)
        path_add(out, capacity, &at, reader->levels[i].node->name);
}

int nephi_reader_fail(nephi_reader *reader, const char *path, const char *what)
{
    char where[256];
    int64_t offset = reader->parser ? reader->class->offset(reader->parser) : 0;
    size_t at;
    path_write(reader, where, sizeof where);
    at = strlen(where);
    if (path)
        path_add(where, sizeof where, &at, path);
    return nephi_fail(reader->error, NEPH_PROTOCOL, "%s (%s, byte %lld of the reply)", what, where,
                      (long long)offset);
}

/* The parser knows bytes, not names: what it said gets the path of where it was. */
static int parser_failed(nephi_reader *reader, int rc)
{
    nephi_error *error = reader->error;
    char where[256];
    size_t size = error ? strlen(error->message) : 0;
    if (rc != NEPH_PROTOCOL || reader->has_failed || !error || error->status != rc)
        return rc;
    path_write(reader, where, sizeof where);
    if (!where[0] || size + sizeof ", in \"\"" >= sizeof error->message)
        return rc;
    memcpy(error->message + size, ", in ", 6);
    nephi_error_text(error->message + size + 5, sizeof error->message - size - 5, where,
                     strlen(where));
    return rc;
}

/* ---- rules: a record begins, and ends */

static int rule_begin(nephi_reader *reader, uint32_t index)
{
    nephi_rule_state *rule = &reader->rules[index];
    uint32_t kind = reader->reply->rules[index].kind;
    rule->is_open = 1;
    rule->seen = 0;
    rule->record = NULL;
    if (!kind || (reader->off >> index & 1))
        return 0;
    rule->record = reader->sink->make(reader->user, kind);
    return rule->record ? 0 : nephi_fail_memory(reader->error);
}

static int missing(nephi_reader *reader, uint32_t index, uint64_t bits)
{
    uint32_t bit = 0;
    while (!(bits >> bit & 1))
        bit++;
    return nephi_reader_fail(reader, reader->reply->rules[index].field_paths[bit],
                             "a required element is missing or empty");
}

static int rule_drop(nephi_reader *reader, uint32_t index)
{
    nephi_rule_state *rule = &reader->rules[index];
    if (rule->record)
        reader->sink->discard(reader->user, rule->record);
    rule->record = NULL;
    rule->is_open = 0;
    return 0;
}

static int must_wait(const nephi_reader *reader, const nephi_rule *table)
{
    return table->climb_max || (table->coded_count && reader->is_decoding < 0);
}

static int rule_end(nephi_reader *reader, uint32_t index)
{
    const nephi_rule *table = &reader->reply->rules[index];
    nephi_rule_state *rule = &reader->rules[index];
    neph_record *record = rule->record;
    uint64_t lacking = table->required & ~rule->seen;
    int rc = 0;
    if (reader->off >> index & 1)
        return rule_drop(reader, index);
    if (lacking)
        return missing(reader, index, lacking);
    rule->is_open = 0;
    if (table->flags & NEPH_RULE_ERROR)
        return reader->sink->error_rule(reader->user);
    if (!record)
        return 0;
    if (must_wait(reader, table)) {
        rc = nephi_waiting_add(reader, index, record);
        if (!rc)
            rule->record = NULL;
        return rc;
    }
    rule->record = NULL;
    return reader->sink->emit(reader->user, record);
}

static int rules_each(nephi_reader *reader, uint64_t rules, int (*fn)(nephi_reader *, uint32_t))
{
    int rc = 0;
    for (uint32_t i = 0; rules && !rc; i++, rules >>= 1)
        if (rules & 1)
            rc = fn(reader, i);
    return rc;
}

/* ---- filters: "item[key=Name]/value", "item[key]/value" */

static void filters_begin(nephi_reader *reader, const nephi_node *node)
{
    for (const nephi_filter *filter = node->filters; filter; filter = filter->next) {
        reader->held[filter->index].is_match = 0;
        nephi_buffer_clear(&reader->held[filter->index].texts);
        nephi_buffer_clear(&reader->held[filter->index].name);
    }
}

static int filter_take(nephi_reader *reader, const nephi_filter *filter, const char *text,
                       size_t size)
{
    return filter->want ? nephi_value_take(reader, filter->target, text, size)
                        : nephi_value_take_pair(reader, filter->target,
                                                &reader->held[filter->index].name, text, size);
}

static int filters_end(nephi_reader *reader, const nephi_node *node)
{
    int rc = 0;
    for (const nephi_filter *filter = node->filters; filter && !rc; filter = filter->next) {
        const nephi_held *held = &reader->held[filter->index];
        size_t size;
        /* a name alone is a pair, too */
        if (!filter->want && held->is_match && !held->texts.size)
            rc = filter_take(reader, filter, "", 0);
        for (size_t at = 0; held->is_match && at < held->texts.size && !rc; at += size + 1) {
            size = strlen(held->texts.data + at);
            rc = filter_take(reader, filter, held->texts.data + at, size);
        }
    }
    return rc;
}

static int key_take(nephi_reader *reader, const nephi_filter *filter, const char *text, size_t size)
{
    nephi_held *held = &reader->held[filter->index];
    if (!filter->want) {
        nephi_buffer_clear(&held->name);
        held->is_match = 1;
        return nephi_buffer_add(&held->name, text, size) ? nephi_fail_memory(reader->error) : 0;
    }
    if (filter->want_size == size && memcmp(filter->want, text, size) == 0)
        held->is_match = 1;
    return 0;
}

static int text_take(nephi_reader *reader, const nephi_node *node, const char *text, size_t size)
{
    int rc = 0;
    for (const nephi_filter *filter = node->keys; filter && !rc; filter = filter->next_key)
        rc = key_take(reader, filter, text, size);
    for (const nephi_target *target = node->targets; target && !rc; target = target->next)
        rc = target->filter ? nephi_value_hold(reader, target->filter->index, target, text, size)
                            : nephi_value_take(reader, target, text, size);
    return rc;
}

/* ---- events */

/* What comes out of an event ends the reading, and is no failure of the parser. */
static int done(nephi_reader *reader, int rc)
{
    if (rc)
        reader->has_failed = 1;
    return rc;
}

static int is_named(const nephi_node *node, const char *name, size_t size)
{
    return node->size == size && *node->name == *name && memcmp(node->name, name, size) == 0;
}

static const nephi_node *child_next(nephi_level *at, const char *name, size_t size)
{
    nephi_node *const *children = at->node->children;
    uint32_t count = at->node->child_count, i;
    if (!size || !(at->node->child_marks & nephi_name_mark(name, size)))
        return NULL;
    for (i = at->hint; i < count; i++)
        if (is_named(children[i], name, size))
            goto found;
    for (i = at->hint; i-- > 0;) /* backwards: in a list it is the same once more */
        if (is_named(children[i], name, size))
            goto found;
    return NULL;
found:
    at->hint = i + 1;
    return children[i];
}

static int node_enter(nephi_reader *reader, const nephi_node *node)
{
    nephi_level *at = &reader->levels[++reader->depth];
    at->node = node;
    at->hint = 0;
    at->is_null = 0;
    reader->wants_text = node->wants_text;
    reader->has_text = 0;
    reader->text.size = 0;
    if (!node->has_end)
        return 0;
    filters_begin(reader, node);
    return node->rules ? done(reader, rules_each(reader, node->rules, rule_begin)) : 0;
}

/* XML's root element: rules that want another one are off. */
__attribute__((noinline)) static int root_enter(nephi_reader *reader, const char *name, size_t size)
{
    for (uint32_t i = 0; i < reader->reply->rule_count; i++) {
        const char *root = reader->reply->rules[i].root;
        if (root && (strlen(root) != size || memcmp(root, name, size) != 0))
            reader->off |= UINT64_C(1) << i;
    }
    nephi_error_text(reader->root, sizeof reader->root, name, size);
    return node_enter(reader, &reader->reply->root);
}

static int on_open(void *user, const char *name, size_t size)
{
    nephi_reader *reader = user;
    const nephi_node *child;
    if (reader->skipping) {
        reader->skipping++;
        return 0;
    }
    if (!reader->depth)
        return root_enter(reader, name, size);
    child = child_next(&reader->levels[reader->depth], name, size);
    if (child)
        return node_enter(reader, child);
    /* an element that has elements has no text of its own */
    reader->wants_text = 0;
    reader->skipping = 1;
    return 0;
}

static int on_attribute(void *user, const char *name, const char *value, size_t size)
{
    nephi_reader *reader = user;
    const nephi_node *at;
    size_t name_size;
    if (reader->skipping || !reader->depth || !size)
        return 0;
    at = reader->levels[reader->depth].node->attributes;
    if (!at)
        return 0;
    name_size = strlen(name);
    for (; at; at = at->next)
        if (at->size == name_size && memcmp(at->name, name, name_size) == 0)
            return done(reader, text_take(reader, at, value, size));
    return 0;
}

/* nephi_buffer_add(), quick where there is room: half of the texts of a listing come in pieces. */
static int text_add(nephi_reader *reader, const char *text, size_t size)
{
    nephi_buffer *buffer = &reader->text;
    if (size >= buffer->capacity - buffer->size)
        return nephi_buffer_add(buffer, text, size);
    memcpy(buffer->data + buffer->size, text, size);
    buffer->size += size;
    return 0;
}

/* An empty element of XML is none that was reported; an empty string of JSON is one. */
static int on_text(void *user, const char *text, size_t size, int type)
{
    nephi_reader *reader = user;
    int rc;
    if (reader->skipping)
        return 0;
    if (type == NEPHI_TEXT_NULL)
        reader->levels[reader->depth].is_null = 1;
    if (!reader->wants_text || type == NEPHI_TEXT_NULL)
        return 0;
    if (type != NEPHI_TEXT_XML || size)
        reader->has_text = 1;
    rc = text_add(reader, text, size);
    return rc ? done(reader, nephi_fail_memory(reader->error)) : 0;
}

static int node_end(nephi_reader *reader, const nephi_node *node, int is_null)
{
    int rc = 0;
    if (node->filters)
        rc = filters_end(reader, node);
    if (!rc && node->rules)
        rc = rules_each(reader, node->rules, is_null ? rule_drop : rule_end);
    if (!rc && node->climbs)
        rc = nephi_waiting_climbed(reader, node);
    return rc;
}

static int level_close(nephi_reader *reader)
{
    const nephi_level *level = &reader->levels[reader->depth];
    int rc = 0;
    if (reader->wants_text && reader->has_text)
        rc = text_take(reader, level->node, reader->text.data ? reader->text.data : "",
                       reader->text.size);
    reader->wants_text = 0;
    if (!rc && level->node->has_end)
        rc = node_end(reader, level->node, level->is_null);
    if (!rc)
        reader->depth--;
    return rc;
}

static int on_close(void *user)
{
    nephi_reader *reader = user;
    if (reader->skipping) {
        reader->skipping--;
        return 0;
    }
    return done(reader, level_close(reader));
}

static const nephi_events events = {
    .open = on_open, .attribute = on_attribute, .text = on_text, .close = on_close};

/* ---- the reader's life */

int nephi_reader_create(nephi_reader **out, const nephi_memory *memory)
{
    nephi_reader *reader = nephi_alloc(memory, sizeof *reader);
    *out = reader;
    if (!reader)
        return NEPH_NO_MEMORY;
    reader->memory = memory;
    nephi_buffer_init(&reader->text, memory, NEPHI_TEXT_MAX);
    nephi_buffer_init(&reader->work, memory, NEPHI_TEXT_MAX);
    reader->text.secret = reader->work.secret = 1;
    return 0;
}

/* A reader at rest keeps neither much nor what it has read. */
static void buffer_rest(nephi_buffer *buffer)
{
    if (buffer->capacity > KEEP_MAX)
        nephi_buffer_fini(buffer);
    else if (buffer->data)
        nephi_wipe(buffer->data, buffer->capacity);
    buffer->size = 0;
}

void nephi_reader_reset(nephi_reader *reader)
{
    if (!reader->reply)
        return;
    for (uint32_t i = 0; i < reader->reply->rule_count; i++)
        rule_drop(reader, i);
    nephi_waiting_drop(reader);
    for (uint32_t i = 0; i < reader->reply->held_count; i++) {
        buffer_rest(&reader->held[i].texts);
        buffer_rest(&reader->held[i].name);
    }
    buffer_rest(&reader->text);
    buffer_rest(&reader->work);
    reader->reply = NULL;
}

void nephi_reader_destroy(nephi_reader *reader)
{
    if (!reader)
        return;
    nephi_reader_reset(reader);
    for (uint32_t i = 0; i < reader->rule_capacity; i++)
        nephi_free(reader->memory, reader->rules[i].pending);
    for (uint32_t i = 0; i < reader->held_capacity; i++) {
        nephi_buffer_fini(&reader->held[i].texts);
        nephi_buffer_fini(&reader->held[i].name);
    }
    nephi_free(reader->memory, reader->rules);
    nephi_free(reader->memory, reader->held);
    nephi_buffer_fini(&reader->text);
    nephi_buffer_fini(&reader->work);
    nephi_free(reader->memory, reader);
}

static int rules_reserve(nephi_reader *reader, uint32_t count)
{
    nephi_rule_state *grown;
    if (count <= reader->rule_capacity)
        return 0;
    grown = nephi_realloc(reader->memory, reader->rules, count * sizeof *grown);
    if (!grown)
        return NEPH_NO_MEMORY;
    memset(grown + reader->rule_capacity, 0, (count - reader->rule_capacity) * sizeof *grown);
    reader->rules = grown;
    reader->rule_capacity = count;
    return 0;
}

static int held_reserve(nephi_reader *reader, uint32_t count)
{
    nephi_held *grown;
    if (count <= reader->held_capacity)
        return 0;
    grown = nephi_realloc(reader->memory, reader->held, count * sizeof *grown);
    if (!grown)
        return NEPH_NO_MEMORY;
    reader->held = grown;
    for (; reader->held_capacity < count; reader->held_capacity++) {
        nephi_held *held = &grown[reader->held_capacity];
        nephi_buffer_init(&held->texts, reader->memory, NEPHI_TEXT_MAX);
        nephi_buffer_init(&held->name, reader->memory, NEPHI_TEXT_MAX);
        held->texts.secret = held->name.secret = 1;
    }
    return 0;
}

static int documents_begin(nephi_reader *reader)
{
    int rc = 0;
    for (uint32_t i = 0; i < reader->reply->rule_count && !rc; i++)
        if (reader->reply->rules[i].is_document)
            rc = rule_begin(reader, i);
    return rc;
}

static void state_clear(nephi_reader *reader)
{
    reader->depth = reader->skipping = 0;
    reader->wants_text = reader->has_text = reader->is_decoding = 0;
    reader->has_body = reader->has_header = reader->has_failed = 0;
    reader->root[0] = 0;
    reader->off = 0;
}

/* The document itself opens no element: it is entered and left here. */
static int is_document(uint32_t format)
{
    return format == NEPH_REPLY_JSON || format == NEPH_REPLY_TEXT;
}

int nephi_reader_begin(nephi_reader *reader, const nephi_reply *reply, nephi_parser *parser,
                       const nephi_parser_class *parser_class, const nephi_reader_sink *sink,
                       void *user, nephi_error *error)
{
    int rc = 0;
    nephi_reader_reset(reader);
    state_clear(reader);
    reader->parser = parser;
    reader->class = parser_class;
    reader->sink = sink;
    reader->user = user;
    reader->error = error;
    if (rules_reserve(reader, reply->rule_count) || held_reserve(reader, reply->held_count))
        return nephi_fail_memory(error);
    reader->reply = reply;
    for (uint32_t i = 0; i < reply->held_count; i++)
        nephi_buffer_clear(&reader->held[i].texts);
    if (parser)
        rc = parser_class->begin(parser, &events, reader, error);
    if (!rc && parser && is_document(reply->format))
        rc = node_enter(reader, &reply->root);
    return rc ? rc : documents_begin(reader);
}

int nephi_reader_url_decode(nephi_reader *reader, int on)
{
    int was_open = reader->is_decoding < 0;
    reader->is_decoding = on;
    return was_open && on >= 0 ? nephi_waiting_coded(reader) : 0;
}

/* Names of headers have no case; HTTP/2 writes them small. */
static int name_lower(nephi_reader *reader, const char *name)
{
    nephi_buffer *work = &reader->work;
    nephi_buffer_clear(work);
    if (nephi_buffer_text(work, name))
        return nephi_fail_memory(reader->error);
    for (size_t i = 0; i < work->size; i++)
        if (work->data[i] >= 'A' && work->data[i] <= 'Z')
            work->data[i] = (char)(work->data[i] + ('a' - 'A'));
    return 0;
}

static int header_prefix(nephi_reader *reader, const nephi_target *target, const char *name,
                         const char *value)
{
    neph_record *record = reader->rules[target->rule].record;
    size_t size = strlen(target->path) - 1;
    size_t value_size = strlen(value);
    int rc;
    if (!record || strncasecmp(target->path, name, size) != 0)
        return 0;
    reader->has_header = 1;
    rc = name_lower(reader, name + size);
    if (rc)
        return rc;
    rc = nephi_record_add_pair(record, target->number, nephi_buffer_string(&reader->work),
                               reader->work.size, value, value_size);
    return rc ? nephi_value_check(reader, target, rc, value, value_size) : 0;
}

/* Does a field name it in full? It is not one of many then. */
static int header_is_named(const nephi_reader *reader, const char *name)
{
    for (const nephi_target *target = reader->reply->headers; target; target = target->next)
        if (!(target->flags & NEPH_FIELD_PREFIX) && nephi_same_name(target->path, name))
            return 1;
    return 0;
}

int nephi_reader_header(nephi_reader *reader, const char *name, const char *value)
{
    int is_named = header_is_named(reader, name);
    int rc = 0;
    for (const nephi_target *target = reader->reply->headers; target && !rc;
         target = target->next) {
        if (target->flags & NEPH_FIELD_PREFIX)
            rc = is_named ? 0 : header_prefix(reader, target, name, value);
        else if (is_named && nephi_same_name(target->path, name)) {
            if (!(reader->reply->rules[target->rule].flags & NEPH_RULE_ERROR))
                reader->has_header = 1;
            rc = nephi_value_take(reader, target, value, strlen(value));
        }
    }
    return rc;
}

int nephi_reader_feed(nephi_reader *reader, const void *data, size_t size)
{
    if (!reader->parser || !size)
        return 0;
    reader->has_body = 1;
    return parser_failed(reader, reader->class->feed(reader->parser, data, size));
}

/* The body is whole. JSON's null is as good as no body. */
static int body_end(nephi_reader *reader)
{
    int rc = parser_failed(reader, reader->class->end(reader->parser));
    if (!rc && is_document(reader->reply->format)) {
        reader->has_body = !reader->levels[1].is_null;
        rc = done(reader, level_close(reader));
    }
    return rc;
}

/* A document of which not one byte came has no results, but what its headers said. */
static int document_end(nephi_reader *reader, uint32_t index)
{
    nephi_rule_state *rule = &reader->rules[index];
    if (reader->parser && !reader->has_body) {
        if (!reader->has_header || (reader->reply->rules[index].flags & NEPH_RULE_ERROR))
            reader->off |= UINT64_C(1) << index;
        rule->seen = reader->reply->rules[index].required;
    }
    return rule_end(reader, index);
}

int nephi_reader_is_empty(const nephi_reader *reader)
{
    if (!reader->parser || reader->has_body || reader->has_header)
        return 0;
    for (uint32_t i = 0; i < reader->reply->rule_count; i++)
        if (reader->reply->rules[i].kind)
            return 1;
    return 0;
}

int nephi_reader_end(nephi_reader *reader)
{
    int rc = 0;
    if (reader->parser && reader->has_body)
        rc = body_end(reader);
    if (!rc && reader->is_decoding < 0)
        rc = nephi_reader_url_decode(reader, 0);
    for (uint32_t i = 0; i < reader->reply->rule_count && !rc; i++)
        if (reader->reply->rules[i].is_document)
            rc = document_end(reader, i);
    return rc;
}
