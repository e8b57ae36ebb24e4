/*
 * thing.c - things with their values in memory, and the memory they are in. What they mean stands in the files of the
 * resources.
 */
#include "sim.h"

#include <stdlib.h>

/* ---- memory */

#define CHUNK_SIZE 65536

typedef struct sim_chunk {
    struct sim_chunk *next;
    size_t size;
    size_t used;
    _Alignas(16) unsigned char data[];
} sim_chunk;

void *sim_memory(sim_state *state, size_t size)
{
    sim_chunk *chunk = state->chunks;
    void *place;
    size = (size + 15) / 16 * 16;
    if (!chunk || chunk->size - chunk->used < size) {
        size_t capacity = size > CHUNK_SIZE / 4 ? size : CHUNK_SIZE;
        chunk = calloc(1, sizeof *chunk + capacity);
        if (!chunk)
            return NULL;
        chunk->size = capacity;
        chunk->next = state->chunks;
        state->chunks = chunk;
    }
    place = chunk->data + chunk->used;
    chunk->used += size;
    return place;
}

char *sim_text(sim_state *state, const char *text, size_t size)
{
    char *copy = sim_memory(state, size + 1);
    if (copy)
        memcpy(copy, text, size);
    return copy;
}

void sim_state_free(sim_state *state)
{
    while (state->chunks) {
        sim_chunk *chunk = state->chunks;
        state->chunks = chunk->next;
        explicit_bzero(chunk->data, chunk->used);
        free(chunk);
    }
    free(state->things);
    memset(state, 0, sizeof *state);
}

/* ---- things */

sim_thing *sim_thing_new(sim_state *state, const sim_kind *kind)
{
    sim_thing *thing;
    if (state->count == state->capacity) {
        size_t capacity = state->capacity ? state->capacity * 2 : 64;
        sim_thing **things = realloc(state->things, capacity * sizeof *things);
        if (!things)
            return NULL;
        state->things = things;
        state->capacity = capacity;
    }
    thing = sim_memory(state, sizeof *thing);
    if (thing) {
        thing->kind = kind;
        state->things[state->count++] = thing;
    }
    return thing;
}

sim_thing *sim_next(const sim_state *state, uint32_t kind, size_t *at)
{
    while (*at < state->count) {
        sim_thing *thing = state->things[(*at)++];
        if (thing->kind->kind == kind && !thing->is_gone)
            return thing;
    }
    return NULL;
}

sim_thing *sim_find(const sim_state *state, uint32_t kind, int32_t member, const char *text)
{
    sim_thing *thing;
    size_t at = 0;
    while ((thing = sim_next(state, kind, &at)) != NULL)
        if (sim_is(thing, member, text))
            return thing;
    return NULL;
}

size_t sim_count(const sim_state *state, uint32_t kind)
{
    size_t count = 0, at = 0;
    while (sim_next(state, kind, &at))
        count++;
    return count;
}

/* ---- values */

sim_value *sim_value_next(const sim_thing *thing, int32_t member, uint32_t *at)
{
    while (*at < thing->count) {
        sim_value *value = &thing->values[(*at)++];
        if (value->member->member == member)
            return value;
    }
    return NULL;
}

static sim_value *value_of(const sim_thing *thing, int32_t member)
{
    uint32_t at = 0;
    return sim_value_next(thing, member, &at);
}

const char *sim_get(const sim_thing *thing, int32_t member)
{
    const sim_value *value = value_of(thing, member);
    return value ? value->text : NULL;
}

int64_t sim_get_number(const sim_thing *thing, int32_t member)
{
    const sim_value *value = value_of(thing, member);
    return value ? value->number : NEPH_UNKNOWN;
}

int sim_is(const sim_thing *thing, int32_t member, const char *text)
{
    const char *own = sim_get(thing, member);
    return own && !strcmp(own, text);
}

const char *sim_id(const sim_thing *thing)
{
    const char *id = sim_get(thing, thing->kind->id);
    return id ? id : "";
}

int64_t sim_condition(const sim_thing *thing)
{
    return sim_get_number(thing, thing->kind->state);
}

int sim_add(sim_state *state, sim_thing *thing, const sim_value *value)
{
    if (thing->count == thing->capacity) {
        uint32_t capacity = thing->capacity ? thing->capacity * 2 : 16;
        sim_value *values;
        if (thing->count >= SIM_VALUES_MAX)
            return NEPH_LIMIT;
        values = sim_memory(state, capacity * sizeof *values);
        if (!values)
            return NEPH_NO_MEMORY;
        if (thing->count)
            memcpy(values, thing->values, thing->count * sizeof *values);
        thing->values = values;
        thing->capacity = capacity;
    }
    thing->values[thing->count++] = *value;
    return 0;
}

void sim_remove(sim_thing *thing, const sim_value *value)
{
    size_t at = (size_t)(value - thing->values);
    memmove(&thing->values[at], &thing->values[at + 1],
            (thing->count - at - 1) * sizeof *thing->values);
    thing->count--;
}

int sim_set(sim_state *state, sim_thing *thing, int32_t member, const char *text)
{
    sim_value fresh = {.member = sim_kind_member(thing->kind, member)};
    sim_value *value = value_of(thing, member);
    if (!text) {
        if (value)
            sim_remove(thing, value);
        return 0;
    }
    fresh.text = sim_text(state, text, strlen(text));
    if (!fresh.text)
        return NEPH_NO_MEMORY;
    if (!value)
        return sim_add(state, thing, &fresh);
    value->text = fresh.text;
    return 0;
}

int sim_set_number(sim_state *state, sim_thing *thing, int32_t member, int64_t number)
{
    sim_value fresh = {.member = sim_kind_member(thing->kind, member), .number = number};
    sim_value *value = value_of(thing, member);
    if (!value)
        return sim_add(state, thing, &fresh);
    value->number = number;
    return 0;
}
