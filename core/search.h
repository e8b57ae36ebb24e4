/*
 * core/search.h - in which directories plugins are looked for, and which of those found may be used.
 */
#ifndef NEPHI_SEARCH_H
#define NEPHI_SEARCH_H

#include "core/error.h"
#include "core/memory.h"

#define NEPHI_SEARCH_MAX 64 /* directories */
#define NEPHI_ADMIN_DIR "/etc/neph/plugins.d"

typedef struct nephi_search {
    const char *directories[NEPHI_SEARCH_MAX]; /* in the arena; absolute */
    uint32_t count;
    int32_t admin; /* index of NEPHI_ADMIN_DIR, whose masks come before all; -1: not searched */
    int is_given;  /* somebody named the directories: each must be there */
    const char *filter; /* NEPH_PLUGINS; NULL: all */
} nephi_search;

/* NEPH_NO_MEMORY. What of the environment is not heeded is logged. */
int nephi_search_init(nephi_search *search, neph_host *host, nephi_arena *arena);
/* Does the filter let this plugin through? "s3,local" names those that may be used, "!ec2*" those that may not. */
int nephi_search_allows(const char *filter, const char *name);

#endif
