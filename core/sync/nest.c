/*
 * core/sync/nest.c - see nest.h. All keys that begin with a key follow it without others in between, so a stack is enough.
 */
#include "core/sync/nest.h"

#include <string.h>

#define KEY_MAX ((size_t)64 << 10)

void nephi_nest_init(nephi_nest *nest, const nephi_memory *memory)
{
    nephi_buffer_init(&nest->last, memory, KEY_MAX);
    nephi_buffer_init(&nest->sizes, memory, KEY_MAX * sizeof(size_t));
}

void nephi_nest_fini(nephi_nest *nest)
{
    nephi_buffer_fini(&nest->last);
    nephi_buffer_fini(&nest->sizes);
}

static size_t common_size(const char *a, const char *b)
{
    size_t size = 0;
    while (a[size] && a[size] == b[size])
        size++;
    return size;
}

static size_t size_at(const nephi_nest *nest, size_t end)
{
    size_t size;
    memcpy(&size, nest->sizes.data + end - sizeof size, sizeof size);
    return size;
}

int nephi_nest_add(nephi_nest *nest, const char *key, size_t *size)
{
    size_t common = common_size(nephi_buffer_string(&nest->last), key);
    size_t own = strlen(key);
    int rc;
    *size = 0;
    while (nest->sizes.size && size_at(nest, nest->sizes.size) > common)
        nest->sizes.size -= sizeof own;
    for (size_t end = nest->sizes.size; end; end -= sizeof own)
        if (key[size_at(nest, end)] == '/') {
            *size = size_at(nest, end);
            return 0;
        }
    nephi_buffer_clear(&nest->last);
    rc = nephi_buffer_add(&nest->last, key, own);
    return rc ? rc : nephi_buffer_add(&nest->sizes, &own, sizeof own);
}
