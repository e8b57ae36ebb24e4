/*
 * The providers compiled into libneph: those of a static build, none in a shared one. The build writes
 * core/preloaded.c; the registry adds what stands here as if neph_host_register() had been called.
 */
#ifndef NEPHI_PRELOADED_H
#define NEPHI_PRELOADED_H

#include <neph/plugin.h>

extern const neph_plugin *const nephi_preloaded[]; /* ends with NULL */

#endif
