/*
 * core/info.h - what a program is told of a provider, made from the provider's own tables. Manifests say the same
 * (manifest.h); comparing the two is how a stale manifest is found.
 */
#ifndef NEPHI_INFO_H
#define NEPHI_INFO_H

#include "core/error.h"
#include "core/memory.h"

#include <neph/plugin.h>

/* Fills infos (plugin->provider_count of them) from tables that nephi_provider_new() accepts. NEPH_NO_MEMORY. */
int nephi_info_make(neph_provider_info *infos, nephi_arena *arena, const neph_plugin *plugin,
                    nephi_error *error);
/* Fills in the extensions of one, of tables that nephi_extensions_check() accepts. NEPH_NO_MEMORY. */
int nephi_info_extensions(neph_provider_info *info, nephi_arena *arena,
                          const neph_extension *extensions, uint32_t count);
/* Does the manifest say what the tables say? Rule plugin-same; where: begins the message. */
int nephi_info_compare(const neph_provider_info *manifest, uint32_t manifest_count,
                       const neph_provider_info *tables, uint32_t count, const char *where,
                       nephi_error *error);
/* The word for an origin in infos and manifests ("environment", "profile"); NULL: the host does not know it. */
const char *nephi_origin_word(uint32_t from);

#endif
