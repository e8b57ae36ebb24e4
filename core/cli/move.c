/*
 * core/cli/move.c - mv: a copy, then the source is deleted, if it is still what was copied. In doubt it stays.
 */
#include "core/cli/storage.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DESCRIPTORS_MAX 32

static neph_call *call_on(const nephc_route *route, uint32_t op)
{
    neph_call *call = neph_call_new(route->from_cloud, op);

    (void)neph_call_set_string(call, NEPH_OBJECT_BUCKET, route->from.bucket);
    (void)neph_call_set_string(call, NEPH_OBJECT_KEY, route->from.key);
    return call;
}

/* ---- what the source is */

int nephc_look_at_object(nephc *cli, const char *what, const nephc_route *route,
                         nephc_source_state *out)
{
    nephc_run run = {.what = what, .subject = route->from.text};
    neph_call *head = call_on(route, NEPH_OP_OBJECT_HEAD);
    const neph_object *object = NULL;
    int rc;

    run.cloud = nephc_address_cloud(cli, &route->from);
    rc = nephc_call_run(cli, head, &run);
    if (rc == 0)
        object = (const neph_object *)neph_call_result(head);
    if (rc == 0 && (!object || object->result.kind != NEPH_KIND_OBJECT))
        rc = nephc_fail(NEPHC_FAILED, "%s %s: the cloud told nothing about the object", what,
                        route->from.text);
    if (rc == 0) {
        out->size_bytes = object->size_bytes;
        out->modified_ns = object->modified_ns;
        (void)snprintf(out->etag, sizeof out->etag, "%s", object->etag ? object->etag : "");
    }
    neph_call_free(head);
    return rc;
}

static int look_at_file(const nephc_route *route, nephc_source_state *out)
{
    struct stat facts;

    if (lstat(route->from.text, &facts) != 0)
        return nephc_fail(NEPHC_FAILED, "mv %s: %s", route->from.text, strerror(errno));
    if (!S_ISREG(facts.st_mode))
        return nephc_fail(NEPHC_USAGE, "mv: \"%s\" is no regular file; cp copies what it gives",
                          route->from.text);
    out->size_bytes = facts.st_size;
    out->modified_ns = (int64_t)facts.st_mtim.tv_sec * NEPH_NANO + facts.st_mtim.tv_nsec;
    out->place[0] = facts.st_dev;
    out->place[1] = facts.st_ino;
    return 0;
}

static int is_same_object(const nephc_route *route)
{
    return route->to.cloud && route->from_cloud == route->to_cloud &&
           strcmp(route->from.bucket, route->to.bucket) == 0 &&
           strcmp(route->from.key, route->name) == 0;
}

int nephc_move_look(nephc *cli, const nephc_route *route, nephc_source_state *out)
{
    memset(out, 0, sizeof *out);
    if (nephc_address_is_standard(&route->from) ||
        (!route->to.cloud && nephc_address_is_standard(&route->to)))
        return nephc_fail(NEPHC_USAGE, "mv: standard input and output cannot be moved; write cp");
    if (!route->from.cloud)
        return look_at_file(route, out);
    if (is_same_object(route))
        return nephc_fail(NEPHC_USAGE, "mv: source and destination are the same object");
    return nephc_look_at_object(cli, "mv", route, out);
}

/* ---- deleting it */

/* Where the server knows no such condition, that it was looked at just now must do. */
static int delete_object(nephc *cli, const nephc_route *route, const nephc_source_state *state)
{
    nephc_run run = {.what = "mv", .subject = route->from.text};
    int has_condition =
        state->etag[0] && neph_cloud_takes(route->from_cloud, NEPH_OP_OBJECT_DELETE, NEPH_IF_MATCH);
    neph_call *call = call_on(route, NEPH_OP_OBJECT_DELETE);
    int rc;

    run.cloud = nephc_address_cloud(cli, &route->from);
    if (has_condition)
        (void)neph_call_set_string(call, NEPH_IF_MATCH, state->etag);
    rc = nephc_call_wait(cli, call, &run);
    if (rc == NEPH_UNSUPPORTED && has_condition) {
        neph_call_free(call);
        call = call_on(route, NEPH_OP_OBJECT_DELETE);
        rc = nephc_call_wait(cli, call, &run);
    }
    if (rc)
        rc = nephc_call_fail(cli, call, &run);
    neph_call_free(call);
    return rc;
}

static int delete_file(const nephc_route *route)
{
    if (unlink(route->from.text) == 0)
        return NEPHC_DONE;
    return nephc_fail(NEPHC_FAILED, "mv %s: it was copied, but cannot be removed: %s",
                      route->from.text, strerror(errno));
}

int nephc_move_finish(nephc *cli, const nephc_route *route, const nephc_source_state *state)
{
    nephc_source_state now;
    int rc = nephc_move_look(cli, route, &now);

    if (rc)
        return rc;
    if (memcmp(&now, state, sizeof now) != 0)
        return nephc_fail(NEPHC_FAILED, "mv %s: it was copied, but has changed since and is kept",
                          route->from.text);
    return route->from.cloud ? delete_object(cli, route, state) : delete_file(route);
}

/* One that holds something, or may not be removed, stays. */
static int remove_if_empty(const char *path, const struct stat *facts, int flag, struct FTW *place)
{
    (void)facts;
    (void)place;
    if (flag == FTW_DP)
        (void)rmdir(path);
    return 0;
}

void nephc_move_finish_tree(const nephc_route *route)
{
    (void)nftw(route->from.text, remove_if_empty, DESCRIPTORS_MAX, FTW_DEPTH | FTW_PHYS);
}

int nephc_mv(nephc *cli, const char *const *words, size_t count)
{
    return nephc_copy(cli, "mv", words, count, 1);
}
