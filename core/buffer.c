/*
 * core/buffer.c - a byte buffer with a limit. Strings that live as long as a result are in its
 * arena, not here.
 */
#include "core/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define CAPACITY_MIN 64u

void nephi_buffer_init(nephi_buffer *buffer, const nephi_memory *memory, size_t limit)
{
    memset(buffer, 0, sizeof *buffer);
    buffer->memory = memory;
    buffer->limit = limit;
}

static void release(nephi_buffer *buffer)
{
    if (buffer->secret)
        nephi_free_secret(buffer->memory, buffer->data, buffer->capacity);
    else
        nephi_free(buffer->memory, buffer->data);
}

void nephi_buffer_fini(nephi_buffer *buffer)
{
    release(buffer);
    buffer->data = NULL;
    buffer->size = 0;
    buffer->capacity = 0;
}

void nephi_buffer_clear(nephi_buffer *buffer)
{
    if (!buffer->data)
        return;
    if (buffer->secret)
        nephi_wipe(buffer->data, buffer->size);
    buffer->size = 0;
    buffer->data[0] = '\0';
}

/* A secret never goes through realloc, which would leave a copy behind. */
static char *move(nephi_buffer *buffer, size_t capacity)
{
    char *data;
    if (!buffer->secret)
        return nephi_realloc(buffer->memory, buffer->data, capacity);
    data = nephi_realloc(buffer->memory, NULL, capacity);
    if (!data)
        return NULL;
    if (buffer->data)
        memcpy(data, buffer->data, buffer->size + 1);
    release(buffer);
    return data;
}

int nephi_buffer_reserve(nephi_buffer *buffer, size_t more)
{
    size_t needed, capacity;
    char *data;
    if (more < buffer->capacity - buffer->size) /* the capacity never exceeds the limit */
        return 0;
    if (buffer->size > buffer->limit || more > buffer->limit - buffer->size)
        return NEPH_LIMIT;
    if (more >= PTRDIFF_MAX - buffer->size)
        return NEPH_NO_MEMORY;
    needed = buffer->size + more + 1;
    if (needed <= buffer->capacity)
        return 0;
    capacity = buffer->capacity < CAPACITY_MIN / 2 ? CAPACITY_MIN : buffer->capacity * 2;
    if (capacity < needed)
        capacity = needed;
    if (capacity - 1 > buffer->limit)
        capacity = buffer->limit + 1;
    data = move(buffer, capacity);
    if (!data)
        return NEPH_NO_MEMORY;
    buffer->data = data;
    buffer->capacity = capacity;
    data[buffer->size] = '\0';
    return 0;
}

int nephi_buffer_add(nephi_buffer *buffer, const void *data, size_t size)
{
    int rc = nephi_buffer_reserve(buffer, size);
    if (rc)
        return rc;
    if (size > 0)
        memcpy(buffer->data + buffer->size, data, size);
    buffer->size += size;
    buffer->data[buffer->size] = '\0';
    return 0;
}

int nephi_buffer_text(nephi_buffer *buffer, const char *text)
{
    return nephi_buffer_add(buffer, text, strlen(text));
}

int nephi_buffer_char(nephi_buffer *buffer, char c)
{
    return nephi_buffer_add(buffer, &c, 1);
}

int nephi_buffer_format(nephi_buffer *buffer, const char *format, ...)
{
    va_list list;
    int size, rc;
    va_start(list, format);
    size = vsnprintf(NULL, 0, format, list);
    va_end(list);
    if (size < 0)
        return NEPH_NO_MEMORY;
    rc = nephi_buffer_reserve(buffer, (size_t)size);
    if (rc)
        return rc;
    va_start(list, format);
    vsnprintf(buffer->data + buffer->size, (size_t)size + 1, format, list);
    va_end(list);
    buffer->size += (size_t)size;
    return 0;
}

const char *nephi_buffer_string(const nephi_buffer *buffer)
{
    return buffer->data ? buffer->data : "";
}

char *nephi_buffer_take(nephi_buffer *buffer)
{
    char *data = buffer->data ? buffer->data : nephi_alloc(buffer->memory, 1);
    if (!data)
        return NULL;
    buffer->data = NULL;
    buffer->size = 0;
    buffer->capacity = 0;
    return data;
}
