/*
 * core/loader.h - the one way by which code enters the process. Everything that can be known without running the code
 * is checked first. What is loaded stays loaded, for all hosts and for ever.
 *
 * A plugin is loaded through /proc/self/fd where that exists, so that the file that was checked is the file that runs;
 * its $ORIGIN is of no use therefore.
 */
#ifndef NEPHI_LOADER_H
#define NEPHI_LOADER_H

#include "core/error.h"

#include <neph/plugin.h>

/* Loads the plugin in the file `path` (absolute), whose manifest calls it `name`. NEPH_PLUGIN with the broken rule and a
 * message that names the file, what is wrong and what to do. Any thread. */
int nephi_loader_plugin(neph_host *host, const char *path, const char *name,
                        const neph_plugin **out, nephi_error *error);
/* Loads a module of libneph itself: no note is asked for, nor an owner, since it lies where libneph lies. *out: the
 * address of `symbol`. */
int nephi_loader_module(neph_host *host, const char *path, const char *symbol, const void **out,
                        nephi_error *error);
/* Is this a neph_plugin that this host can use? where: begins the message. name NULL: any name. */
int nephi_loader_verify(const neph_plugin *plugin, const char *where, const char *name,
                        nephi_error *error);
/* Rule plugin-abi: may a plugin of this ABI be used? */
int nephi_loader_check_abi(uint32_t major, uint32_t minor, const char *where, const char *package,
                           nephi_error *error);

#endif
