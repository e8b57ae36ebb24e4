/*
 * core/wire/reply.c - reads one reply by its compiled table: walks the tree of names with the parser's events, makes a
 * record where a rule begins, fills it where a field ends, and lets it go when it is whole. Knows neither XML nor JSON.
 */
#include "core/wire/reply.h"

#include "core/buffer.h"
#include "core/text.h"
#include "core/wire/table.h"

#include <string.h>
#include <strings.h>

#define PENDING_MAX 10000 /* records that wait for a "../" field */
#define PENDING_BYTES (4u << 20)

/* An element that is open and known to the tree. */
typedef struct level {
    const nephi_node *node;
    uint32_t hint; /* the child that came last: the next one is likely to follow it */
} level;

typedef struct rule_state {
    neph_record *record; /* being filled; NULL: none, or of kind 0 */
    int is_open;
    uint64_t seen;
    neph_record **pending; /* wait for a "../" field */
    uint32_t pending_count, pending_capacity;
    uint32_t settled[8]; /* pending[0 .. settled[n]) have their fields of n levels up */
} rule_state;

typedef struct filter_state {
    int is_match, has_text;
    nephi_buffer text;
} filter_state;

struct nephi_reader {
    const nephi_memory *memory;
    const nephi_reply *reply;
    nephi_parser *parser;
    const nephi_parser_class *class;
    const nephi_reader_sink *sink;
    void *user;
    nephi_error *error;
    level levels[NEPHI_DEPTH_MAX + 2];
    uint32_t depth;    /* of levels; 0: outside the document */
    uint32_t skipping; /* elements open below the last known one */
    int wants_text, has_text, is_null;
    int is_decoding; /* NEPH_FIELD_URL_IF: 1, 0, -1: not said yet */
    int has_body, has_header;
    nephi_buffer text;
    nephi_buffer work; /* a text being decoded */
    rule_state *rules;
    uint32_t rule_capacity;
    filter_state *filters;
    uint32_t filter_count, filter_capacity;
    nephi_buffer *climbed; /* by rule * 64 + bit: values of "../" fields */
    uint32_t climbed_count;
    uint64_t *climbed_has;
    uint64_t off; /* rules whose root condition failed */
    size_t pending_bytes;
};

/* ---- failures name the path of elements and the offset */

static void path_write(const nephi_reader *reader, char *out, size_t capacity)
{
    size_t at = 0;
    for (uint32_t i = 2; i <= reader->depth && at + 1 < capacity; i++) {
        const nephi_node *node = reader->levels[i].node;
        size_t size = node->size < capacity - at - 2 ? node->size : capacity - at - 2;
        out[at++] = '/';
        memcpy(out + at, node->name, size);
        at += size;
    }
    out[at] = 0;
}

static int fail_at(nephi_reader *reader, const char *path, const char *what)
{
    char where[256];
    int64_t offset = reader->parser ? reader->class->offset(reader->parser) : 0;
    path_write(reader, where, sizeof where);
    return nephi_fail(reader->error, NEPH_PROTOCOL, "%s (%s%s%s, before byte %lld of the reply)",
                      what, where, *where && path ? " " : "", path ? path : "", (long long)offset);
}

/* ---- one value: what its field's flags make of the text, and where it goes */

static int work_text(nephi_reader *reader, const char **text, size_t *size)
{
    nephi_buffer_clear(&reader->work);
    if (nephi_buffer_add(&reader->work, *text, *size))
        return nephi_fail_memory(reader->error);
    *text = reader->work.data;
    return 0;
}

static void unquote(const char **text, size_t *size)
{
    if (*size > 2 && memcmp(*text, "W/", 2) == 0)
        *text += 2, *size -= 2;
    if (*size >= 2 && **text == '"' && (*text)[*size - 1] == '"')
        *text += 1, *size -= 2;
}

/* Listings are encoded like forms: S3 writes "a b+c" as "a+b%2Bc". */
static void plus_decode(char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (text[i] == '+')
            text[i] = ' ';
}

static int decode(nephi_reader *reader, const nephi_target *target, const char **text, size_t *size)
{
    uint32_t flags = target->flags;
    int64_t decoded;
    if (flags & NEPH_FIELD_UNQUOTE)
        unquote(text, size);
    if ((flags & NEPH_FIELD_URL) || ((flags & NEPH_FIELD_URL_IF) && reader->is_decoding > 0)) {
        int has_plus = (flags & NEPH_FIELD_URL_IF) && memchr(*text, '+', *size);
        if (!has_plus && memchr(*text, '%', *size) == NULL)
            return 0;
        if (work_text(reader, text, size))
            return NEPH_NO_MEMORY;
        if (has_plus)
            plus_decode(reader->work.data, *size);
        *size = nephi_percent_decode(reader->work.data, *text, *size);
    }
    if (flags & NEPH_FIELD_BASE64) {
        if (work_text(reader, text, size))
            return NEPH_NO_MEMORY;
        decoded = nephi_base64_decode((unsigned char *)reader->work.data, *text, *size);
        if (decoded < 0)
            return fail_at(reader, target->path, "a text that should be base64 is not");
        *size = (size_t)decoded;
    }
    if ((flags & (NEPH_FIELD_URL | NEPH_FIELD_URL_IF | NEPH_FIELD_BASE64)) && *size &&
        memchr(*text, 0, *size))
        return fail_at(reader, target->path, "a NUL in a text");
    return 0;
}

static int64_t map_find(const neph_map *map, const char *text, size_t size)
{
    for (; map->text; map++)
        if (strlen(map->text) == size && memcmp(map->text, text, size) == 0)
            return map->number;
    return 0;
}

/* Whole numbers and decimals times the field's scale. */
static int scaled(const nephi_target *target, const char *text, size_t size, int64_t *out)
{
    int is_decimal = target->member->info.type == NEPH_TYPE_DECIMAL;
    __int128 product;
    int64_t number;
    if (nephi_read_integer(text, size, &number))
        product = (__int128)number * target->scale * (is_decimal ? NEPH_NANO : 1);
    else if (nephi_read_decimal(text, size, &number))
        product = (__int128)number * target->scale / (is_decimal ? 1 : NEPH_NANO);
    else
        return 0;
    *out = (int64_t)product;
    return product == *out && *out != NEPH_UNKNOWN;
}

static int number_of(const nephi_target *target, const char *text, size_t size, int64_t *out)
{
    if (target->map) {
        *out = map_find(target->map, text, size);
        return 1;
    }
    if (target->flags & NEPH_FIELD_EPOCH)
        return nephi_read_epoch(text, size, NEPH_NANO, out);
    if (target->flags & NEPH_FIELD_EPOCH_MS)
        return nephi_read_epoch(text, size, 1000000, out);
    return scaled(target, text, size, out);
}

static int is_plain(const nephi_target *target)
{
    return !target->map && target->scale == 1 &&
           !(target->flags & (NEPH_FIELD_EPOCH | NEPH_FIELD_EPOCH_MS));
}

static int member_set(nephi_reader *reader, const nephi_target *target, neph_record *record,
                      const char *text, size_t size)
{
    uint32_t type = target->member->info.type;
    int64_t number;
    if (type == NEPH_TYPE_STRINGS)
        return nephi_record_add_text(record, target->member, text, size);
    if (type == NEPH_TYPE_PAIRS)
        return nephi_record_add_pair(record, target->number, target->name, strlen(target->name),
                                     text, size);
    if (type != NEPH_TYPE_STRING && size == 0)
        return 0; /* not reported */
    if (type == NEPH_TYPE_STRING || is_plain(target))
        return nephi_record_set_text(record, target->member, text, size);
    if (!number_of(target, text, size, &number))
        return NEPH_INVALID;
    (void)reader;
    return nephi_record_set_number(record, target->member, number);
}

static int record_set(nephi_reader *reader, const nephi_target *target, neph_record *record,
                      const char *text, size_t size)
{
    int rc;
    if (target->number == NEPH_EXTRA)
        rc = nephi_record_add_pair(record, NEPH_EXTRA, target->name, strlen(target->name), text,
                                   size);
    else if (!target->member)
        rc = nephi_record_set_error(record, target->number, text, size);
    else
        rc = member_set(reader, target, record, text, size);
    if (target->flags & NEPH_FIELD_SECRET)
        record->is_secret = 1;
    if (rc == NEPH_INVALID)
        return fail_at(reader, target->path,
                       "a text is not the number, time or truth value that it should be");
    if (rc == NEPH_LIMIT)
        return fail_at(reader, target->path, "one result is larger than 4 MiB");
    return rc ? nephi_fail_memory(reader->error) : 0;
}

static int climbed_keep(nephi_reader *reader, const nephi_target *target, const char *text,
                        size_t size)
{
    nephi_buffer *slot = &reader->climbed[target->rule * NEPHI_FIELDS_MAX + target->bit];
    nephi_buffer_clear(slot);
    reader->climbed_has[target->rule] |= UINT64_C(1) << target->bit;
    return nephi_buffer_add(slot, text, size) ? nephi_fail_memory(reader->error) : 0;
}

static int value_apply(nephi_reader *reader, const nephi_target *target, const char *text,
                       size_t size)
{
    rule_state *rule = &reader->rules[target->rule];
    int rc;
    if ((!rule->is_open && !target->climb) || (reader->off >> target->rule & 1))
        return 0;
    rc = decode(reader, target, &text, &size);
    if (rc)
        return rc;
    if (target->climb)
        return climbed_keep(reader, target, text, size);
    rule->seen |= UINT64_C(1) << target->bit;
    if (target->number / 0x10000 == NEPH_KIND_CALL)
        return reader->sink->value(reader->user, target->number, text, size, target->flags);
    return rule->record ? record_set(reader, target, rule->record, text, size) : 0;
}

/* ---- rules: a record begins, waits, goes */

static int rule_begin(nephi_reader *reader, uint32_t index)
{
    rule_state *rule = &reader->rules[index];
    uint32_t kind = reader->reply->rules[index].kind;
    rule->is_open = 1;
    rule->seen = 0;
    rule->record = NULL;
    if (!kind || (reader->off >> index & 1))
        return 0;
    rule->record = reader->sink->make(reader->user, kind);
    return rule->record ? 0 : nephi_fail_memory(reader->error);
}

static int pending_add(nephi_reader *reader, rule_state *rule, neph_record *record)
{
    neph_record **grown;
    reader->pending_bytes += record->arena.total;
    if (rule->pending_count >= PENDING_MAX || reader->pending_bytes > PENDING_BYTES)
        return fail_at(reader, NULL, "too many results wait for a field of what they stand in");
    if (rule->pending_count == rule->pending_capacity) {
        uint32_t capacity = rule->pending_capacity ? rule->pending_capacity * 2 : 16;
        grown = nephi_realloc(reader->memory, rule->pending, capacity * sizeof(neph_record *));
        if (!grown)
            return nephi_fail_memory(reader->error);
        rule->pending = grown;
        rule->pending_capacity = capacity;
    }
    rule->pending[rule->pending_count++] = record;
    return 0;
}

static int missing(nephi_reader *reader, uint32_t index, uint64_t bits)
{
    uint32_t bit = 0;
    while (!(bits >> bit & 1))
        bit++;
    return fail_at(reader, reader->reply->rules[index].field_paths[bit],
                   "a required element is missing");
}

static int rule_end(nephi_reader *reader, uint32_t index)
{
    const nephi_rule *table = &reader->reply->rules[index];
    rule_state *rule = &reader->rules[index];
    neph_record *record = rule->record;
    uint64_t lacking = table->required & ~rule->seen;
    int rc = 0;
    rule->is_open = 0;
    rule->record = NULL;
    if (reader->off >> index & 1)
        rc = 0;
    else if (lacking && !table->climb_max)
        rc = missing(reader, index, lacking);
    else if (table->flags & NEPH_RULE_ERROR)
        rc = reader->sink->error_rule(reader->user);
    else if (record && !table->climb_max && !(table->coded_count && reader->is_decoding < 0))
        return reader->sink->emit(reader->user, record);
    else if (record) {
        rc = pending_add(reader, rule, record);
        if (!rc)
            return 0;
    }
    if (record)
        reader->sink->discard(reader->user, record);
    return rc;
}

/* They have waited enough. */
static int pending_emit(nephi_reader *reader, rule_state *rule)
{
    int rc = 0;
    for (uint32_t k = 0; k < rule->pending_count; k++) {
        neph_record *record = rule->pending[k];
        rule->pending[k] = NULL;
        if (rc)
            reader->sink->discard(reader->user, record);
        else
            rc = reader->sink->emit(reader->user, record);
    }
    rule->pending_count = 0;
    reader->pending_bytes = 0;
    memset(rule->settled, 0, sizeof rule->settled);
    return rc;
}

/* What was read before it was said that it is encoded. */
static int coded_decode(nephi_reader *reader, const nephi_rule *table, neph_record *record)
{
    int rc = 0;
    for (uint32_t i = 0; i < table->coded_count && !rc; i++) {
        const nephi_target *target = table->coded[i];
        const char *text = nephi_record_text(record, target->member);
        size_t size = text ? strlen(text) : 0;
        if (!text)
            continue;
        rc = decode(reader, target, &text, &size);
        if (!rc)
            rc = record_set(reader, target, record, text, size);
    }
    return rc;
}

/* It is known now whether texts are encoded: the results that waited for that go. */
static int coded_settle(nephi_reader *reader)
{
    int rc = 0;
    for (uint32_t i = 0; i < reader->reply->rule_count && !rc; i++) {
        const nephi_rule *table = &reader->reply->rules[i];
        rule_state *rule = &reader->rules[i];
        for (uint32_t k = 0; reader->is_decoding > 0 && k < rule->pending_count && !rc; k++)
            rc = coded_decode(reader, table, rule->pending[k]);
        if (!rc && table->coded_count && !table->climb_max)
            rc = pending_emit(reader, rule);
    }
    return rc;
}

/* The element `level` levels above rule `index` closes: its fields are known now. */
static int climb_settle(nephi_reader *reader, uint32_t index, uint32_t up)
{
    const nephi_rule *table = &reader->reply->rules[index];
    rule_state *rule = &reader->rules[index];
    int rc = 0;
    for (uint32_t i = 0; i < table->climbing_count && !rc; i++) {
        const nephi_target *target = table->climbing[i];
        nephi_buffer *slot = &reader->climbed[index * NEPHI_FIELDS_MAX + target->bit];
        if (target->climb != up || !(reader->climbed_has[index] >> target->bit & 1))
            continue;
        reader->climbed_has[index] &= ~(UINT64_C(1) << target->bit);
        for (uint32_t k = rule->settled[up]; k < rule->pending_count && !rc; k++)
            rc =
                record_set(reader, target, rule->pending[k], nephi_buffer_string(slot), slot->size);
    }
    rule->settled[up] = rule->pending_count;
    return rc || up < table->climb_max ? rc : pending_emit(reader, rule);
}

static int climbs_settle(nephi_reader *reader, const nephi_node *node)
{
    int rc = 0;
    for (uint32_t i = 0; i < reader->reply->rule_count && !rc; i++)
        for (uint32_t up = 1; node->climbs >> i & 1 && up < 8 && !rc; up++)
            if (reader->reply->rules[i].waits[up] == node)
                rc = climb_settle(reader, i, up);
    return rc;
}

static int rules_each(nephi_reader *reader, uint64_t rules, int (*fn)(nephi_reader *, uint32_t))
{
    int rc = 0;
    for (uint32_t i = 0; rules && !rc; i++, rules >>= 1)
        if (rules & 1)
            rc = fn(reader, i);
    return rc;
}

/* ---- filters: "item[key=Name]/value" */

static int filter_keep(nephi_reader *reader, const nephi_filter *filter, const char *text,
                       size_t size)
{
    filter_state *state = &reader->filters[filter->index];
    nephi_buffer_clear(&state->text);
    state->has_text = 1;
    return nephi_buffer_add(&state->text, text, size) ? nephi_fail_memory(reader->error) : 0;
}

static void filters_begin(nephi_reader *reader, const nephi_node *node)
{
    for (const nephi_filter *filter = node->filters; filter; filter = filter->next)
        reader->filters[filter->index].is_match = reader->filters[filter->index].has_text = 0;
}

static int filters_end(nephi_reader *reader, const nephi_node *node)
{
    int rc = 0;
    for (const nephi_filter *filter = node->filters; filter && !rc; filter = filter->next) {
        filter_state *state = &reader->filters[filter->index];
        if (state->is_match && state->has_text)
            rc = value_apply(reader, filter->target, nephi_buffer_string(&state->text),
                             state->text.size);
    }
    return rc;
}

static int text_apply(nephi_reader *reader, const nephi_node *node, const char *text, size_t size)
{
    int rc = 0;
    for (const nephi_filter *filter = node->keys; filter; filter = filter->next_key)
        if (filter->want_size == size && memcmp(filter->want, text, size) == 0)
            reader->filters[filter->index].is_match = 1;
    for (const nephi_target *target = node->targets; target && !rc; target = target->next)
        rc = target->filter ? filter_keep(reader, target->filter, text, size)
                            : value_apply(reader, target, text, size);
    return rc;
}

/* ---- events */

static const nephi_node *child_next(level *at, const char *name, size_t size)
{
    const nephi_node *node = at->node;
    uint32_t i = at->hint;
    for (uint32_t tries = node->child_count; tries; tries--) {
        const nephi_node *child;
        if (i >= node->child_count)
            i = 0;
        child = node->children[i++];
        if (child->size != size || memcmp(child->name, name, size) != 0)
            continue;
        at->hint = i;
        return child;
    }
    return NULL;
}

static int node_enter(nephi_reader *reader, const nephi_node *node)
{
    level *at = &reader->levels[++reader->depth];
    int rc = 0;
    at->node = node;
    at->hint = 0;
    reader->wants_text = node->wants_text;
    reader->has_text = reader->is_null = 0;
    reader->text.size = 0;
    if (node->filters)
        filters_begin(reader, node);
    if (node->rules)
        rc = rules_each(reader, node->rules, rule_begin);
    return rc;
}

/* XML's root element: rules that want another one are off. */
static int root_enter(nephi_reader *reader, const char *name, size_t size)
{
    for (uint32_t i = 0; i < reader->reply->rule_count; i++) {
        const char *root = reader->reply->rules[i].root;
        if (root && (strlen(root) != size || memcmp(root, name, size) != 0))
            reader->off |= UINT64_C(1) << i;
    }
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
    reader->skipping = 1;
    return 0;
}

static int on_attribute(void *user, const char *name, const char *value, size_t size)
{
    nephi_reader *reader = user;
    const nephi_node *at;
    size_t name_size;
    if (reader->skipping || !reader->depth)
        return 0;
    at = reader->levels[reader->depth].node->attributes;
    if (!at)
        return 0;
    name_size = strlen(name);
    for (; at; at = at->next)
        if (at->size == name_size && memcmp(at->name, name, name_size) == 0)
            return text_apply(reader, at, value, size);
    return 0;
}

static int on_text(void *user, const char *text, size_t size, int type)
{
    nephi_reader *reader = user;
    if (reader->skipping || !reader->wants_text)
        return 0;
    if (type == NEPHI_TEXT_NULL)
        return 0;
    if (type != NEPHI_TEXT_XML || size)
        reader->has_text = 1;
    return nephi_buffer_add(&reader->text, text, size) ? nephi_fail_memory(reader->error) : 0;
}

static int on_container(void *user, int what)
{
    (void)user, (void)what;
    return 0;
}

static int on_close(void *user)
{
    nephi_reader *reader = user;
    const nephi_node *node;
    int rc = 0;
    if (reader->skipping) {
        reader->skipping--;
        return 0;
    }
    node = reader->levels[reader->depth].node;
    if (reader->wants_text && reader->has_text)
        rc = text_apply(reader, node, nephi_buffer_string(&reader->text), reader->text.size);
    reader->wants_text = 0;
    if (!rc && node->filters)
        rc = filters_end(reader, node);
    if (!rc && node->rules)
        rc = rules_each(reader, node->rules, rule_end);
    if (!rc && node->climbs)
        rc = climbs_settle(reader, node);
    reader->depth--;
    return rc;
}

static const nephi_events events = {.open = on_open,
                                    .attribute = on_attribute,
                                    .container = on_container,
                                    .text = on_text,
                                    .close = on_close};

/* ---- the reader's life */

int nephi_reader_create(nephi_reader **out, const nephi_memory *memory)
{
    nephi_reader *reader = nephi_alloc(memory, sizeof *reader);
    *out = reader;
    if (!reader)
        return NEPH_NO_MEMORY;
    reader->memory = memory;
    nephi_buffer_init(&reader->text, memory, NEPHI_TEXT_MAX + 1);
    nephi_buffer_init(&reader->work, memory, NEPHI_TEXT_MAX + 1);
    reader->text.secret = reader->work.secret = 1;
    return 0;
}

void nephi_reader_reset(nephi_reader *reader)
{
    for (uint32_t i = 0; reader->reply && i < reader->reply->rule_count; i++) {
        rule_state *rule = &reader->rules[i];
        if (rule->record)
            reader->sink->discard(reader->user, rule->record);
        for (uint32_t k = 0; k < rule->pending_count; k++)
            if (rule->pending[k])
                reader->sink->discard(reader->user, rule->pending[k]);
        rule->record = NULL;
        rule->pending_count = 0;
    }
    reader->reply = NULL;
}

void nephi_reader_destroy(nephi_reader *reader)
{
    if (!reader)
        return;
    nephi_reader_reset(reader);
    for (uint32_t i = 0; i < reader->rule_capacity; i++)
        nephi_free(reader->memory, reader->rules[i].pending);
    for (uint32_t i = 0; i < reader->filter_capacity; i++)
        nephi_buffer_fini(&reader->filters[i].text);
    for (uint32_t i = 0; i < reader->climbed_count; i++)
        nephi_buffer_fini(&reader->climbed[i]);
    nephi_free(reader->memory, reader->rules);
    nephi_free(reader->memory, reader->filters);
    nephi_free(reader->memory, reader->climbed);
    nephi_free(reader->memory, reader->climbed_has);
    nephi_buffer_fini(&reader->text);
    nephi_buffer_fini(&reader->work);
    nephi_free(reader->memory, reader);
}

static int rules_reserve(nephi_reader *reader, uint32_t count)
{
    rule_state *grown;
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

static int filters_reserve(nephi_reader *reader, uint32_t count)
{
    filter_state *grown;
    if (count <= reader->filter_capacity)
        return 0;
    grown = nephi_realloc(reader->memory, reader->filters, count * sizeof *grown);
    if (!grown)
        return NEPH_NO_MEMORY;
    reader->filters = grown;
    for (; reader->filter_capacity < count; reader->filter_capacity++) {
        memset(&grown[reader->filter_capacity], 0, sizeof *grown);
        nephi_buffer_init(&grown[reader->filter_capacity].text, reader->memory, NEPHI_TEXT_MAX);
    }
    return 0;
}

static int has_climbs(const nephi_reply *reply)
{
    for (uint32_t i = 0; i < reply->rule_count; i++)
        if (reply->rules[i].climb_max)
            return 1;
    return 0;
}

/* Room for the values of "../" fields: only for tables that have some. */
static int climbs_reserve(nephi_reader *reader)
{
    uint32_t count = NEPHI_RULES_MAX * NEPHI_FIELDS_MAX;
    if (!has_climbs(reader->reply))
        return 0;
    if (!reader->climbed_has && !(reader->climbed_has = nephi_alloc_array(
                                      reader->memory, NEPHI_RULES_MAX, sizeof(uint64_t))))
        return NEPH_NO_MEMORY;
    memset(reader->climbed_has, 0, NEPHI_RULES_MAX * sizeof(uint64_t));
    if (reader->climbed)
        return 0;
    reader->climbed = nephi_alloc_array(reader->memory, count, sizeof(nephi_buffer));
    if (!reader->climbed)
        return NEPH_NO_MEMORY;
    for (; reader->climbed_count < count; reader->climbed_count++)
        nephi_buffer_init(&reader->climbed[reader->climbed_count], reader->memory, NEPHI_TEXT_MAX);
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

int nephi_reader_begin(nephi_reader *reader, const nephi_reply *reply, nephi_parser *parser,
                       const nephi_parser_class *parser_class, const nephi_reader_sink *sink,
                       void *user, nephi_error *error)
{
    int rc;
    reader->parser = parser;
    reader->class = parser_class;
    reader->sink = sink;
    reader->user = user;
    reader->error = error;
    reader->reply = NULL;
    reader->depth = reader->skipping = 0;
    reader->wants_text = reader->has_text = reader->is_decoding = reader->has_body =
        reader->has_header = 0;
    reader->off = 0;
    reader->pending_bytes = 0;
    rc = rules_reserve(reader, reply->rule_count);
    if (!rc)
        rc = filters_reserve(reader, reply->filter_count);
    if (rc)
        return nephi_fail_memory(error);
    for (uint32_t i = 0; i < reply->rule_count; i++) {
        reader->rules[i].record = NULL;
        reader->rules[i].is_open = 0;
        reader->rules[i].pending_count = 0;
        memset(reader->rules[i].settled, 0, sizeof reader->rules[i].settled);
    }
    reader->reply = reply;
    if (climbs_reserve(reader))
        return nephi_fail_memory(error);
    if (parser)
        rc = parser_class->begin(parser, &events, reader, error);
    if (!rc && parser && reply->format == NEPH_REPLY_JSON)
        rc = node_enter(reader, &reply->root);
    return rc ? rc : documents_begin(reader);
}

int nephi_reader_url_decode(nephi_reader *reader, int on)
{
    int was_open = reader->is_decoding < 0;
    reader->is_decoding = on;
    return was_open && on >= 0 ? coded_settle(reader) : 0;
}

static int header_prefix(nephi_reader *reader, const nephi_target *target, const char *name,
                         const char *value)
{
    neph_record *record = reader->rules[target->rule].record;
    size_t size = strcspn(target->path, "*");
    int rc;
    if (strncasecmp(target->path, name, size) != 0 || !record)
        return 0;
    rc = nephi_record_add_pair(record, target->number, name + size, strlen(name + size), value,
                               strlen(value));
    return rc == NEPH_LIMIT ? fail_at(reader, target->path, "one result is larger than 4 MiB")
           : rc             ? nephi_fail_memory(reader->error)
                            : 0;
}

int nephi_reader_header(nephi_reader *reader, const char *name, const char *value)
{
    int rc = 0;
    for (const nephi_target *target = reader->reply->headers; target && !rc;
         target = target->next) {
        if (target->flags & NEPH_FIELD_PREFIX)
            rc = header_prefix(reader, target, name, value);
        else if (nephi_same_name(target->path, name)) {
            if (!(reader->reply->rules[target->rule].flags & NEPH_RULE_ERROR))
                reader->has_header = 1;
            rc = value_apply(reader, target, value, strlen(value));
        }
    }
    return rc;
}

int nephi_reader_feed(nephi_reader *reader, const void *data, size_t size)
{
    if (!reader->parser || !size)
        return 0;
    reader->has_body = 1;
    return reader->class->feed(reader->parser, data, size);
}

/* A document of which not one byte came has no results, but what its headers said. */
static int document_end(nephi_reader *reader, uint32_t index)
{
    rule_state *rule = &reader->rules[index];
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
    if (reader->parser && reader->has_body) {
        rc = reader->class->end(reader->parser);
        if (!rc && reader->reply->format == NEPH_REPLY_JSON)
            rc = on_close(reader);
    }
    if (!rc && reader->is_decoding < 0)
        rc = nephi_reader_url_decode(reader, 0);
    for (uint32_t i = 0; i < reader->reply->rule_count && !rc; i++)
        if (reader->reply->rules[i].is_document)
            rc = document_end(reader, i);
    return rc;
}
