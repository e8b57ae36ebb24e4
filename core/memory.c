/*
 * core/memory.c - allocation through the program's allocator, wiping, and arenas. Knows nothing of
 * what lies in the memory; results and their pool are record.c.
 */
#include "core/memory.h"

#include <stdlib.h>
#include <string.h>

#define ARENA_CHUNK_MIN 1024u
#define ARENA_CHUNK_MAX (64u << 10)

static void *system_realloc(void *memory, size_t size, void *user)
{
    (void)user;
    return realloc(memory, size);
}

static void system_free(void *memory, void *user)
{
    (void)user;
    free(memory);
}

void nephi_memory_init(nephi_memory *memory, const neph_allocator *allocator)
{
    static const neph_allocator of_system = {system_realloc, system_free, NULL};
    int is_given = allocator && allocator->realloc_fn && allocator->free_fn;
    memory->allocator = is_given ? *allocator : of_system;
}

void *nephi_realloc(const nephi_memory *memory, void *old, size_t size)
{
    if (size == 0 || size > PTRDIFF_MAX)
        return NULL;
    return memory->allocator.realloc_fn(old, size, memory->allocator.user);
}

void *nephi_alloc(const nephi_memory *memory, size_t size)
{
    void *block = nephi_realloc(memory, NULL, size);
    if (block)
        memset(block, 0, size);
    return block;
}

void *nephi_alloc_array(const nephi_memory *memory, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        return NULL;
    return nephi_alloc(memory, bytes);
}

void nephi_free(const nephi_memory *memory, void *block)
{
    if (block)
        memory->allocator.free_fn(block, memory->allocator.user);
}

void nephi_free_secret(const nephi_memory *memory, void *block, size_t size)
{
    if (block)
        nephi_wipe(block, size);
    nephi_free(memory, block);
}

char *nephi_strdup(const nephi_memory *memory, const char *text)
{
    return nephi_strndup(memory, text, strlen(text));
}

char *nephi_strndup(const nephi_memory *memory, const char *text, size_t size)
{
    char *copy = size < PTRDIFF_MAX ? nephi_realloc(memory, NULL, size + 1) : NULL;
    if (!copy)
        return NULL;
    if (size > 0)
        memcpy(copy, text, size);
    copy[size] = '\0';
    return copy;
}

void nephi_free_secret_string(const nephi_memory *memory, char *text)
{
    nephi_free_secret(memory, text, text ? strlen(text) : 0);
}

void nephi_wipe(void *block, size_t size)
{
    if (size == 0)
        return;
    memset(block, 0, size);
    /* The compiler must assume that somebody reads the zeroes. */
    __asm__ __volatile__("" : : "r"(block) : "memory");
}

/* ---- arenas */

static char *chunk_start(nephi_arena_chunk *chunk)
{
    return (char *)(chunk + 1);
}

static void arena_use(nephi_arena *arena, nephi_arena_chunk *chunk)
{
    arena->at = chunk_start(chunk);
    arena->end = arena->at + chunk->capacity;
}

/* How large the chunk for a block of so many bytes is; 0: the limit forbids it. */
static size_t chunk_size(const nephi_arena *arena, size_t size)
{
    size_t wanted = arena->total;
    if (arena->limit && (arena->total > arena->limit || size > arena->limit - arena->total))
        return 0;
    if (wanted < ARENA_CHUNK_MIN)
        wanted = ARENA_CHUNK_MIN;
    if (wanted > ARENA_CHUNK_MAX)
        wanted = ARENA_CHUNK_MAX;
    wanted -= sizeof(nephi_arena_chunk);
    if (arena->limit && wanted > arena->limit - arena->total)
        wanted = arena->limit - arena->total;
    return wanted > size ? wanted : size;
}

static void *arena_grow(nephi_arena *arena, size_t size)
{
    size_t capacity = chunk_size(arena, size);
    nephi_arena_chunk *chunk;
    void *block;
    if (capacity == 0 || capacity > PTRDIFF_MAX - sizeof *chunk)
        return NULL;
    chunk = nephi_realloc(arena->memory, NULL, sizeof *chunk + capacity);
    if (!chunk)
        return NULL;
    chunk->next = arena->chunks;
    chunk->capacity = capacity;
    arena->chunks = chunk;
    arena->total += capacity;
    arena_use(arena, chunk);
    block = arena->at;
    arena->at += size;
    return block;
}

void nephi_arena_init(nephi_arena *arena, const nephi_memory *memory, size_t limit)
{
    memset(arena, 0, sizeof *arena);
    arena->memory = memory;
    arena->limit = limit;
}

void *nephi_arena_alloc(nephi_arena *arena, size_t size)
{
    size_t skip = (size_t)(-(uintptr_t)arena->at & 7);
    size_t left = (size_t)(arena->end - arena->at);
    char *block;
    if (left < skip || left - skip < size || !arena->at)
        return arena_grow(arena, size ? size : 1);
    block = arena->at + skip;
    arena->at = block + size;
    return block;
}

char *nephi_arena_text(nephi_arena *arena, const char *text, size_t size)
{
    char *copy = arena->at;
    if (size >= PTRDIFF_MAX)
        return NULL;
    if ((size_t)(arena->end - arena->at) > size)
        arena->at += size + 1;
    else
        copy = arena_grow(arena, size + 1);
    if (!copy)
        return NULL;
    if (size > 0)
        memcpy(copy, text, size);
    copy[size] = '\0';
    return copy;
}

/* The current chunk was used up to arena->at, the others are full. */
static void chunk_wipe(const nephi_arena *arena, nephi_arena_chunk *chunk)
{
    char *start = chunk_start(chunk);
    int is_current = arena->at >= start && arena->at <= start + chunk->capacity;
    nephi_wipe(start, is_current ? (size_t)(arena->at - start) : chunk->capacity);
}

static void chunk_free(nephi_arena *arena, nephi_arena_chunk *chunk, int wipe)
{
    if (wipe)
        chunk_wipe(arena, chunk);
    nephi_free(arena->memory, chunk);
}

void nephi_arena_reset(nephi_arena *arena, int wipe)
{
    nephi_arena_chunk *chunk = arena->chunks;
    if (!chunk)
        return;
    /* The oldest one stays: record.c relies on it, its first chunk is a part of the record. */
    while (chunk->next) {
        nephi_arena_chunk *next = chunk->next;
        chunk_free(arena, chunk, wipe);
        chunk = next;
    }
    if (wipe)
        chunk_wipe(arena, chunk);
    arena->chunks = chunk;
    arena->total = chunk->capacity;
    arena_use(arena, chunk);
}

void nephi_arena_fini(nephi_arena *arena, int wipe)
{
    nephi_arena_chunk *chunk = arena->chunks;
    while (chunk) {
        nephi_arena_chunk *next = chunk->next;
        chunk_free(arena, chunk, wipe);
        chunk = next;
    }
    arena->chunks = NULL;
    arena->at = arena->end = NULL;
    arena->total = 0;
}
