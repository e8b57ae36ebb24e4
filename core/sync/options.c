/*
 * core/sync/options.c - what the program gave, copied, and held against what can be.
 */
#include "core/sync/sync.h"

#include "core/transfer/transfer.h"

#include <stddef.h>
#include <string.h>

static const char *text_keep(neph_sync *sync, const char *text)
{
    return nephi_text_keep(&sync->arena, text, &sync->error);
}

/* ---- options */

static void patterns_take(neph_sync *sync)
{
    neph_sync_options *own = &sync->options;
    size_t count = own->pattern_count;
    neph_sync_pattern *patterns = NULL;
    if (count && count <= SIZE_MAX / sizeof *patterns)
        patterns = nephi_arena_alloc(&sync->arena, count * sizeof *patterns);
    if (count && !patterns)
        nephi_fail_memory(&sync->error);
    for (size_t i = 0; patterns && i < count; i++) {
        patterns[i] = own->patterns[i];
        patterns[i].pattern = text_keep(sync, own->patterns[i].pattern);
    }
    own->patterns = patterns;
}

static int options_take(neph_sync *sync, const neph_sync_options *given)
{
    neph_sync_options *own = &sync->options;
    *own = (neph_sync_options)NEPH_SYNC_OPTIONS_INIT;
    if (given && given->size < offsetof(neph_sync_options, compare) + sizeof given->compare)
        return nephi_fail(&sync->error, NEPH_INVALID, "the options' size is not set");
    if (given)
        memcpy(own, given, given->size < sizeof *own ? given->size : sizeof *own);
    own->size = sizeof *own;
    if (own->compare < NEPH_COMPARE_AUTO || own->compare > NEPH_COMPARE_ABSENT)
        return nephi_fail(&sync->error, NEPH_INVALID, "there is no way %d to compare",
                          (int)own->compare);
    if (own->jobs < 0 || own->jobs > NEPHI_JOBS_MAX)
        return nephi_fail(&sync->error, NEPH_INVALID,
                          "%d items at a time are asked for: 1 to %d can be", (int)own->jobs,
                          NEPHI_JOBS_MAX);
    if (!own->jobs)
        own->jobs = NEPHI_JOBS;
    own->temporary_dir = own->temporary_dir ? text_keep(sync, own->temporary_dir)
                                            : nephi_host_temporary_dir(sync->host);
    patterns_take(sync);
    return sync->error.status ? sync->error.status
                              : nephi_transfer_options_keep(&sync->transfer, &sync->arena,
                                                            own->transfer, &sync->error);
}

/* ---- ends */

/* "a" is the directory "a/". */
static const char *key_take(neph_sync *sync, const char *key)
{
    size_t size = key ? strlen(key) : 0;
    char *own = nephi_arena_alloc(&sync->arena, size + 2);
    if (!own) {
        nephi_fail_memory(&sync->error);
        return NULL;
    }
    if (size)
        memcpy(own, key, size);
    if (size && key[size - 1] != '/')
        own[size++] = '/';
    own[size] = '\0';
    return own;
}

static int end_take(neph_sync *sync, int side, const neph_end *given)
{
    neph_end *own = &sync->ends[side];
    *own = (neph_end)NEPH_END_INIT;
    if (!given)
        return 0;
    if (given->size < offsetof(neph_end, fd))
        return nephi_fail(&sync->error, NEPH_INVALID, "the size of an end is not set");
    own->cloud = given->cloud;
    if (given->cloud) {
        own->bucket = text_keep(sync, given->bucket);
        own->key = key_take(sync, given->key);
    } else {
        own->path = text_keep(sync, given->path);
    }
    if (sync->error.status)
        return sync->error.status;
    if (own->cloud ? !own->bucket || !*own->bucket : !own->path || !*own->path)
        return nephi_fail(&sync->error, NEPH_INVALID,
                          "an end of a sync is a bucket of a cloud, or a directory");
    return 0;
}

int nephi_sync_take(neph_sync *sync, const neph_end *from, const neph_end *to,
                    const neph_sync_options *options)
{
    int rc = options_take(sync, options);
    if (!rc && !to)
        rc = nephi_fail(&sync->error, NEPH_INVALID, "a sync needs a destination");
    if (!rc)
        rc = end_take(sync, NEPHI_FROM, from);
    if (!rc)
        rc = end_take(sync, NEPHI_TO, to);
    if (rc)
        return rc;
    sync->has_source = from != NULL;
    for (int side = 0; side < NEPHI_SIDES; side++)
        sync->folders[side].path = sync->ends[side].path;
    sync->folders[NEPHI_TO].like = sync->folders[NEPHI_FROM].path;
    return nephi_overlap_check(sync);
}
