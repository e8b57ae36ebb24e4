/*
 * core/sync/options.c - what the program gave, copied, and held against what can be.
 */
#include "core/sync/sync.h"

#include "core/cloud.h"

#include <stddef.h>
#include <string.h>

static const char *text_copy(neph_sync *sync, const char *text)
{
    const char *copy = text ? nephi_arena_text(&sync->arena, text, strlen(text)) : NULL;
    if (text && !copy)
        nephi_fail_memory(&sync->error);
    return copy;
}

static void *array_new(neph_sync *sync, size_t count, size_t size)
{
    void *array =
        count && count <= SIZE_MAX / size ? nephi_arena_alloc(&sync->arena, count * size) : NULL;
    if (count && !array)
        nephi_fail_memory(&sync->error);
    return array;
}

/* ---- options */

static const size_t transfer_texts[] = {
    offsetof(neph_transfer_options, checksum),      offsetof(neph_transfer_options, content_type),
    offsetof(neph_transfer_options, storage_class), offsetof(neph_transfer_options, if_match),
    offsetof(neph_transfer_options, if_none_match), offsetof(neph_transfer_options, journal_dir),
};

static void transfer_take(neph_sync *sync, const neph_transfer_options *given)
{
    neph_transfer_options *own = &sync->transfer;
    neph_pair *metadata;
    *own = (neph_transfer_options)NEPH_TRANSFER_OPTIONS_INIT;
    if (!given)
        return;
    memcpy(own, given, given->size < sizeof *own ? given->size : sizeof *own);
    own->size = sizeof *own;
    for (size_t i = 0; i < sizeof transfer_texts / sizeof *transfer_texts; i++) {
        const char **text = (const char **)((char *)own + transfer_texts[i]);
        *text = text_copy(sync, *text);
    }
    metadata = array_new(sync, own->metadata_count, sizeof *metadata);
    for (size_t i = 0; metadata && i < own->metadata_count; i++) {
        metadata[i].name = text_copy(sync, own->metadata[i].name);
        metadata[i].value = text_copy(sync, own->metadata[i].value);
    }
    own->metadata = metadata;
}

static void patterns_take(neph_sync *sync)
{
    neph_sync_options *own = &sync->options;
    neph_sync_pattern *patterns = array_new(sync, own->pattern_count, sizeof *patterns);
    for (size_t i = 0; patterns && i < own->pattern_count; i++) {
        patterns[i] = own->patterns[i];
        patterns[i].pattern = text_copy(sync, own->patterns[i].pattern);
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
    own->temporary_dir = own->temporary_dir ? text_copy(sync, own->temporary_dir)
                                            : nephi_host_temporary_dir(sync->host);
    patterns_take(sync);
    transfer_take(sync, own->transfer);
    return sync->error.status;
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
        own->bucket = text_copy(sync, given->bucket);
        own->key = key_take(sync, given->key);
    } else {
        own->path = text_copy(sync, given->path);
    }
    if (sync->error.status)
        return sync->error.status;
    if (own->cloud ? !own->bucket || !*own->bucket : !own->path || !*own->path)
        return nephi_fail(&sync->error, NEPH_INVALID,
                          "an end of a sync is a bucket of a cloud, or a directory");
    return 0;
}

/* The same account may be opened twice: what is told of its settings is the same then. */
static int is_same_cloud(const neph_cloud *a, const neph_cloud *b)
{
    const char *names[2], *values[2], *origins[2];
    size_t i = 0;
    if (a == b || strcmp(neph_cloud_provider(a), neph_cloud_provider(b)) != 0)
        return a == b;
    while (neph_cloud_setting_at(a, i, &names[0], &values[0], &origins[0]) &&
           neph_cloud_setting_at(b, i, &names[1], &values[1], &origins[1])) {
        if (!values[0] != !values[1] || (values[0] && strcmp(values[0], values[1]) != 0))
            return 0;
        i++;
    }
    return 1;
}

/* What is written would be read again, or what is read deleted. */
static int overlap_check(neph_sync *sync)
{
    const neph_end *from = &sync->ends[NEPHI_FROM], *to = &sync->ends[NEPHI_TO];
    size_t sizes[2] = {strlen(from->key), strlen(to->key)};
    if (strcmp(from->bucket, to->bucket) != 0 || !is_same_cloud(from->cloud, to->cloud) ||
        memcmp(from->key, to->key, sizes[0] < sizes[1] ? sizes[0] : sizes[1]) != 0)
        return 0;
    return nephi_fail(&sync->error, NEPH_INVALID,
                      sizes[0] == sizes[1] ? "source and destination are the same"
                                           : "one of source and destination lies inside the other");
}

int nephi_sync_take(neph_sync *sync, const neph_end *from, const neph_end *to,
                    const neph_sync_options *options)
{
    const neph_end *ends = sync->ends;
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
    sync->folder.path = ends[NEPHI_TO].cloud ? ends[NEPHI_FROM].path : ends[NEPHI_TO].path;
    if (!from)
        return 0;
    if (!ends[NEPHI_FROM].cloud && !ends[NEPHI_TO].cloud)
        return nephi_fail(&sync->error, NEPH_UNSUPPORTED,
                          "both are directories: one side of a sync is a cloud");
    return ends[NEPHI_FROM].cloud && ends[NEPHI_TO].cloud ? overlap_check(sync) : 0;
}
