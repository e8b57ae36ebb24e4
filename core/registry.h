/*
 * core/registry.h - which plugins there are, from manifests alone, and the way from a provider's id to its tables. The
 * only caller of loader.c.
 *
 * Search order: config.plugin_path or (environment allowed) NEPH_PLUGIN_PATH replaces all; else the user's directory
 * ($XDG_DATA_HOME/neph/plugins, only if files are allowed), /etc/neph/plugins.d, the system directory. With a
 * privileged process (AT_SECURE or euid 0) environment and user directory are ignored and files and their parents must
 * be root's and writable by no one else.
 */
#ifndef NEPHI_REGISTRY_H
#define NEPHI_REGISTRY_H

#include "core/error.h"
#include "core/provider.h"
#include "core/tree.h"

typedef struct nephi_registry nephi_registry;

/* Reads the manifests. A bad one is logged and remembered as skipped; only lack of memory fails. */
int nephi_registry_new(nephi_registry **out, neph_host *host);
void nephi_registry_free(nephi_registry *registry);
/* Compiled in; see neph_host_register(). */
int nephi_registry_add(nephi_registry *registry, const neph_plugin *plugin, nephi_error *error);
/* Finds, loads, checks and compiles on first use. NEPH_NOT_FOUND names what was probably meant, of the providers and of
 * the clouds (the object of clouds.json; NULL: none), or else the package that usually carries it. */
int nephi_registry_provider(nephi_registry *registry, const char *id, const nephi_tree *clouds,
                            const nephi_provider **out, nephi_error *error);
/* The directories that plugins are looked for in, in order; NULL behind the last. */
const char *nephi_registry_directory(const nephi_registry *registry, uint32_t index);
/* What a program is told of a provider, without loading it; NULL: there is none. */
const neph_provider_info *nephi_registry_info(const nephi_registry *registry, const char *id);

#endif
