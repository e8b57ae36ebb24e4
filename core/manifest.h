/*
 * core/manifest.h - one manifest: what a plugin says of itself without being loaded.
 */
#ifndef NEPHI_MANIFEST_H
#define NEPHI_MANIFEST_H

#include "core/tree.h"

#define NEPHI_MANIFEST_FORMAT 1
#define NEPHI_MANIFEST_MAX (256u << 10)
#define NEPHI_MANIFEST_TEXT_MAX 2048 /* of one text */
#define NEPHI_NAME_LENGTH_MAX 63     /* of plugins, providers and settings */

/* All strings and arrays lie in the arena that it was read into. */
typedef struct nephi_manifest {
    const char *name;
    const char *version;
    const char *file;    /* a bare name or an absolute path */
    const char *package; /* NULL: not said */
    const neph_provider_info *providers;
    uint32_t provider_count;
    uint32_t abi_major;
    uint32_t abi_minor;
} nephi_manifest;

/*
 * Reads one manifest. scratch is only used meanwhile (the caller resets it), keep holds what
 * the manifest points to. name: what the file is called, without ".json". What could be read is in *manifest even if
 * NEPH_PLUGIN is returned; error->rule says which rule was broken. NEPH_NO_MEMORY.
 */
int nephi_manifest_read(nephi_manifest *manifest, nephi_arena *keep, nephi_arena *scratch,
                        const char *name, const void *data, size_t size, nephi_error *error);

/* Lower-case letters, digits, '-' and '_', beginning with a letter or digit, NEPHI_NAME_LENGTH_MAX at most. */
int nephi_is_plugin_name(const char *name);
/* The same without '_'. */
int nephi_is_provider_id(const char *id);
/* The same without '-', beginning with a letter. */
int nephi_is_setting_name(const char *name);

#endif
