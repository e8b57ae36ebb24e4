/*
 * core/services.h - the table of functions that every handle given to a provider begins with.
 */
#ifndef NEPHI_SERVICES_H
#define NEPHI_SERVICES_H

#include <neph/plugin.h>

extern const neph_services nephi_services;

/* What a provider may fail with: the host's own signals and numbers that are no status become NEPH_PLUGIN. */
int nephi_hook_status(int32_t status);

#endif
