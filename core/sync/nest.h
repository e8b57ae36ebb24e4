/*
 * core/sync/nest.h - keys that cannot all be files: "a" and "a/b". Told as the keys come by, in byte order.
 */
#ifndef NEPHI_SYNC_NEST_H
#define NEPHI_SYNC_NEST_H

#include "core/buffer.h"

/* Keys that the last one begins with, and that one, by their sizes: no others can be directories of those to come. */
typedef struct nephi_nest {
    nephi_buffer last;
    nephi_buffer sizes; /* of size_t */
} nephi_nest;

void nephi_nest_init(nephi_nest *nest, const nephi_memory *memory);
void nephi_nest_fini(nephi_nest *nest);
/* The next key. *size: of the key before it that would have to be a directory; 0: there is none, and it is noted. 0,
 * NEPH_LIMIT or NEPH_NO_MEMORY. */
int nephi_nest_add(nephi_nest *nest, const char *key, size_t *size);

#endif
