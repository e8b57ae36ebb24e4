/*
 * core/memory.h - the one way to memory: the program's allocator, wiping, and arenas. Not for
 * results (record.h).
 */
#ifndef NEPHI_MEMORY_H
#define NEPHI_MEMORY_H

#include <neph/neph.h>

typedef struct nephi_memory {
    neph_allocator allocator; /* realloc_fn is never NULL after nephi_memory_init() */
} nephi_memory;

/* allocator NULL or empty: malloc's. */
void nephi_memory_init(nephi_memory *memory, const neph_allocator *allocator);

/* Zeroed; NULL when there is none, or size is 0. */
void *nephi_alloc(const nephi_memory *memory, size_t size);
/* count * size, overflow checked; zeroed. */
void *nephi_alloc_array(const nephi_memory *memory, size_t count, size_t size);
/* What was added is not zeroed. */
void *nephi_realloc(const nephi_memory *memory, void *old, size_t size);
void nephi_free(const nephi_memory *memory, void *block);
/* Wipes size bytes, then frees; NULL is fine. */
void nephi_free_secret(const nephi_memory *memory, void *block, size_t size);
char *nephi_strdup(const nephi_memory *memory, const char *text);
char *nephi_strndup(const nephi_memory *memory, const char *text, size_t size);
/* strdup whose release wipes. */
void nephi_free_secret_string(const nephi_memory *memory, char *text);
/* Overwrites in a way no compiler removes. */
void nephi_wipe(void *block, size_t size);

/* Many small blocks that are freed together. Zero-initialised plus memory set is a valid empty
 * arena. */
typedef struct nephi_arena_chunk {
    struct nephi_arena_chunk *next;
    size_t capacity;
} nephi_arena_chunk;

typedef struct nephi_arena {
    const nephi_memory *memory;
    nephi_arena_chunk *chunks; /* the current one first */
    char *at, *end;
    size_t total, limit; /* limit 0: none */
} nephi_arena;

void nephi_arena_init(nephi_arena *arena, const nephi_memory *memory, size_t limit);
/* Aligned to 8, not zeroed; NULL: no memory or over the limit. */
void *nephi_arena_alloc(nephi_arena *arena, size_t size);
/* NUL-terminated copy, unaligned. */
char *nephi_arena_text(nephi_arena *arena, const char *text, size_t size);
/* Forgets all blocks, keeps one chunk. wipe: overwrites first. */
void nephi_arena_reset(nephi_arena *arena, int wipe);
void nephi_arena_fini(nephi_arena *arena, int wipe);

#endif
