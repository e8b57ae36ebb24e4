/*
 * core/sync/pattern.h - which names take part: see neph_sync_pattern.
 */
#ifndef NEPHI_SYNC_PATTERN_H
#define NEPHI_SYNC_PATTERN_H

#include <neph/sync.h>

/* Does the name, relative and with '/', match? */
int nephi_pattern_matches(const char *pattern, const char *name);
int nephi_patterns_select(const neph_sync_pattern *patterns, size_t count, const char *name);

#endif
