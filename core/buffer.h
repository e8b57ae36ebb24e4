/*
 * core/buffer.h - a byte buffer that grows up to a limit and is always NUL-terminated.
 */
#ifndef NEPHI_BUFFER_H
#define NEPHI_BUFFER_H

#include "core/memory.h"

typedef struct nephi_buffer {
    const nephi_memory *memory;
    char *data; /* NULL while nothing was added; then data[size] == 0 */
    size_t size;
    size_t capacity;
    size_t limit; /* adding more is NEPH_LIMIT */
    int secret;   /* 1: old memory is wiped when it grows or goes */
} nephi_buffer;

void nephi_buffer_init(nephi_buffer *buffer, const nephi_memory *memory, size_t limit);
void nephi_buffer_fini(nephi_buffer *buffer);
/* Empties it, keeps the memory. */
void nephi_buffer_clear(nephi_buffer *buffer);
/* All return 0, NEPH_NO_MEMORY or NEPH_LIMIT; on failure the buffer is as it was. */
int nephi_buffer_add(nephi_buffer *buffer, const void *data, size_t size);
int nephi_buffer_text(nephi_buffer *buffer, const char *text);
int nephi_buffer_char(nephi_buffer *buffer, char c);
int nephi_buffer_format(nephi_buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
int nephi_buffer_reserve(nephi_buffer *buffer, size_t more);
/* "" instead of NULL. */
const char *nephi_buffer_string(const nephi_buffer *buffer);
/* The caller owns the string now; the buffer is empty. "" is allocated too. NULL: no memory. */
char *nephi_buffer_take(nephi_buffer *buffer);

#endif
