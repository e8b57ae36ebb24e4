/*
 * core/sync/overlap.c - ends that are one, or lie one inside the other: what is written would be read again, or what is read
 * deleted.
 */
#include "core/sync/sync.h"

#include "core/cloud.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

static int refuse(neph_sync *sync, int is_same)
{
    return nephi_fail(&sync->error, NEPH_INVALID,
                      is_same ? "source and destination are the same"
                              : "one of source and destination lies inside the other");
}

/* ---- of clouds */

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

static int keys_check(neph_sync *sync)
{
    const neph_end *from = &sync->ends[NEPHI_FROM], *to = &sync->ends[NEPHI_TO];
    size_t sizes[2] = {strlen(from->key), strlen(to->key)};
    if (strcmp(from->bucket, to->bucket) != 0 || !is_same_cloud(from->cloud, to->cloud) ||
        memcmp(from->key, to->key, sizes[0] < sizes[1] ? sizes[0] : sizes[1]) != 0)
        return 0;
    return refuse(sync, sizes[0] == sizes[1]);
}

/* ---- of directories: by what they are, because names may lead there by links */

static int is_same_place(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* 0, or an errno. */
static int place_find(const nephi_buffer *path, struct stat *place)
{
    return stat(path->data, place) ? errno : 0;
}

/* The name of the last directory goes. */
static int path_cut(nephi_buffer *path)
{
    const char *slash = strrchr(path->data, '/');
    const char *root = slash ? "/" : ".";
    path->size = slash ? (size_t)(slash - path->data) : 0;
    path->data[path->size] = '\0';
    return path->size ? 0 : nephi_buffer_text(path, root);
}

/* Is the place in the path, or above it? 0 as well where that cannot be told. */
static int lies_below(nephi_buffer *path, struct stat at, const struct stat *place)
{
    struct stat above;
    while (!is_same_place(&at, place)) {
        if (nephi_buffer_text(path, "/..") || stat(path->data, &above) ||
            is_same_place(&above, &at))
            return 0;
        at = above;
    }
    return 1;
}

/* 0, or the error is set. */
static int directories_look(neph_sync *sync, nephi_buffer *from, nephi_buffer *to)
{
    struct stat source, place;
    int is_there, reason;
    if (place_find(from, &source))
        return 0; /* who lists it says why */
    reason = place_find(to, &place);
    is_there = !reason;
    while (reason == ENOENT) { /* what is missing will be made below the nearest that is there */
        if (path_cut(to))
            return nephi_fail_memory(&sync->error);
        reason = place_find(to, &place);
    }
    if (reason)
        return 0;
    if (is_there && is_same_place(&source, &place))
        return refuse(sync, 1);
    if (lies_below(to, place, &source) || (is_there && lies_below(from, source, &place)))
        return refuse(sync, 0);
    return 0;
}

static int directories_check(neph_sync *sync)
{
    nephi_buffer paths[NEPHI_SIDES];
    int rc = 0;
    for (int side = 0; side < NEPHI_SIDES; side++) {
        nephi_buffer_init(&paths[side], &sync->host->memory, (size_t)2 * PATH_MAX);
        if (!rc && nephi_buffer_text(&paths[side], sync->ends[side].path))
            rc = nephi_fail_memory(&sync->error);
    }
    if (!rc)
        rc = directories_look(sync, &paths[NEPHI_FROM], &paths[NEPHI_TO]);
    for (int side = 0; side < NEPHI_SIDES; side++)
        nephi_buffer_fini(&paths[side]);
    return rc;
}

int nephi_overlap_check(neph_sync *sync)
{
    const neph_cloud *from = sync->ends[NEPHI_FROM].cloud, *to = sync->ends[NEPHI_TO].cloud;
    if (!sync->has_source || !from != !to)
        return 0;
    return from ? keys_check(sync) : directories_check(sync);
}
