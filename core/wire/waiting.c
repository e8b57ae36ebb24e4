/*
 * core/wire/waiting.c - results that are whole but cannot go yet: they wait for a field of an element that they stand
 * in ("../type", which may come last), or for what says whether their texts are encoded. What waits is limited.
 */
#include "core/wire/reader.h"

#include <string.h>

#define PENDING_MAX 10000
#define PENDING_BYTES (4u << 20)

static size_t bytes_of(const neph_record *record)
{
    return record->arena.total - (size_t)(record->arena.end - record->arena.at);
}

static int reserve(nephi_reader *reader, nephi_rule_state *rule)
{
    uint32_t capacity = rule->pending_capacity ? rule->pending_capacity * 2 : 16;
    neph_record **grown;
    if (rule->pending_count < rule->pending_capacity)
        return 0;
    grown = nephi_realloc(reader->memory, rule->pending, capacity * sizeof(neph_record *));
    if (!grown)
        return nephi_fail_memory(reader->error);
    rule->pending = grown;
    rule->pending_capacity = capacity;
    return 0;
}

int nephi_waiting_add(nephi_reader *reader, uint32_t index, neph_record *record)
{
    nephi_rule_state *rule = &reader->rules[index];
    size_t bytes = bytes_of(record);
    if (rule->pending_count >= PENDING_MAX || reader->pending_bytes + bytes > PENDING_BYTES)
        return nephi_reader_fail(reader, NULL,
                                 "too many results wait for a field that stands outside of them");
    if (reserve(reader, rule))
        return NEPH_NO_MEMORY;
    rule->pending[rule->pending_count++] = record;
    rule->pending_bytes += bytes;
    reader->pending_bytes += bytes;
    return 0;
}

static void forget(nephi_reader *reader, nephi_rule_state *rule)
{
    reader->pending_bytes -= rule->pending_bytes;
    rule->pending_bytes = 0;
    rule->pending_count = 0;
    memset(rule->settled, 0, sizeof rule->settled);
}

static int emit_all(nephi_reader *reader, nephi_rule_state *rule)
{
    int rc = 0;
    for (uint32_t i = 0; i < rule->pending_count; i++) {
        if (rc)
            reader->sink->discard(reader->user, rule->pending[i]);
        else
            rc = reader->sink->emit(reader->user, rule->pending[i]);
    }
    forget(reader, rule);
    return rc;
}

void nephi_waiting_drop(nephi_reader *reader)
{
    for (uint32_t i = 0; i < reader->reply->rule_count; i++) {
        nephi_rule_state *rule = &reader->rules[i];
        for (uint32_t k = 0; k < rule->pending_count; k++)
            reader->sink->discard(reader->user, rule->pending[k]);
        forget(reader, rule);
    }
}

/* ---- "../" fields */

/* Each text that is held for the field into each result that waits for it. */
static int held_set(nephi_reader *reader, const nephi_target *target, const nephi_rule_state *rule)
{
    const nephi_buffer *texts = &reader->held[target->climb_index].texts;
    size_t size;
    int rc = 0;
    for (size_t at = 0; at < texts->size && !rc; at += size + 1) {
        size = strlen(texts->data + at);
        for (uint32_t k = rule->settled[target->climb]; k < rule->pending_count && !rc; k++)
            rc = nephi_value_set(reader, target, rule->pending[k], texts->data + at, size);
    }
    return rc;
}

static int settle(nephi_reader *reader, uint32_t index, uint32_t up)
{
    const nephi_rule *table = &reader->reply->rules[index];
    nephi_rule_state *rule = &reader->rules[index];
    int rc = 0;
    for (uint32_t i = 0; i < table->climbing_count && !rc; i++) {
        const nephi_target *target = table->climbing[i];
        nephi_buffer *texts = &reader->held[target->climb_index].texts;
        if (target->climb != up)
            continue;
        if (!texts->size && (target->flags & NEPH_FIELD_REQUIRED) &&
            rule->settled[up] < rule->pending_count)
            return nephi_reader_fail(reader, target->path + strlen("../") * up,
                                     "a required element is missing or empty");
        rc = held_set(reader, target, rule);
        nephi_buffer_clear(texts);
    }
    rule->settled[up] = rule->pending_count;
    return rc || up < table->climb_max ? rc : emit_all(reader, rule);
}

int nephi_waiting_climbed(nephi_reader *reader, const nephi_node *node)
{
    int rc = 0;
    for (uint32_t i = 0; i < reader->reply->rule_count && !rc; i++)
        for (uint32_t up = 1; node->climbs >> i & 1 && up <= NEPHI_CLIMB_MAX && !rc; up++)
            if (reader->reply->rules[i].waits[up] == node)
                rc = settle(reader, i, up);
    return rc;
}

/* ---- texts that may be encoded */

static int decode_again(nephi_reader *reader, const nephi_rule *table, neph_record *record)
{
    int rc = 0;
    for (uint32_t i = 0; i < table->coded_count && !rc; i++) {
        const nephi_target *target = table->coded[i];
        const char *text = nephi_record_text(record, target->member);
        size_t size = text ? strlen(text) : 0;
        if (!size)
            continue;
        rc = nephi_value_url_decode(reader, target, &text, &size);
        if (!rc && text == reader->work.data)
            rc = nephi_value_set(reader, target, record, text, size);
    }
    return rc;
}

int nephi_waiting_coded(nephi_reader *reader)
{
    int rc = 0;
    for (uint32_t i = 0; i < reader->reply->rule_count && !rc; i++) {
        const nephi_rule *table = &reader->reply->rules[i];
        nephi_rule_state *rule = &reader->rules[i];
        for (uint32_t k = 0; reader->is_decoding > 0 && k < rule->pending_count && !rc; k++)
            if (table->coded_count)
                rc = decode_again(reader, table, rule->pending[k]);
        if (!rc && table->coded_count)
            rc = emit_all(reader, rule);
    }
    return rc;
}
