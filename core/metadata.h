/*
 * core/metadata.h - whether keys may come from the machine's metadata service.
 */
#ifndef NEPHI_METADATA_H
#define NEPHI_METADATA_H

#include <neph/plugin.h>

/* Is the machine's maker this one, and does the program allow the metadata service? */
int nephi_metadata_is_there(neph_host *host, const char *maker);

#endif
