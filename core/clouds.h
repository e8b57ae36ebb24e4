/*
 * core/clouds.h - clouds.json: names that people give to a provider with settings.
 *
 *     {"prod": {"provider": "s3", "region": "eu-west-1"}}
 *
 * Members other than "provider" are settings: strings, numbers, true or false.
 */
#ifndef NEPHI_CLOUDS_H
#define NEPHI_CLOUDS_H

#include "core/tree.h"

#define NEPHI_CLOUDS_MAX (1u << 20) /* bytes of the file */

typedef struct nephi_clouds {
    nephi_arena arena;      /* wiped: there may be secrets in it */
    const nephi_tree *root; /* NULL: there is no file */
    char path[4096];
} nephi_clouds;

/* Reads the file if files are allowed and it is there; a file that the program named must be. NEPH_INVALID (malformed:
 * line and column; it holds secrets and others can read it), NEPH_FILE, NEPH_NO_MEMORY. To be given to fini in any case. */
int nephi_clouds_read(nephi_clouds *clouds, neph_host *host, nephi_error *error);
/* The same from memory, without looking at permissions. clouds->path is set, clouds->arena initialised. */
int nephi_clouds_parse(nephi_clouds *clouds, const void *data, size_t size, nephi_error *error);
/* The object of a cloud; NULL: there is none. */
const nephi_tree *nephi_clouds_find(const nephi_clouds *clouds, const char *name);
void nephi_clouds_fini(nephi_clouds *clouds);

/* Their names in the order of the file, in the arena. Failure: none. */
int nephi_clouds_names(neph_host *host, nephi_arena *arena, const char ***names, uint32_t *count,
                       nephi_error *error);

#endif
