/*
 * condition.c - only if the entity tag is, or is not: of an object that is read, and of what a new one takes the place of.
 */
#include "local.h"

#include <errno.h>

/* Does a wanted tag speak of the object? "*": of any. etag "": it is not known. */
static int is_meant(const char *wanted, const char *etag)
{
    return !strcmp(wanted, "*") || (etag[0] && !strcmp(wanted, etag));
}

/* etag NULL: there is no object. */
static int32_t check(neph_call *call, const char *key, const char *etag, const char *match,
                     const char *none_match)
{
    if (match && !etag)
        return neph_fail(call, NEPH_CONFLICT, "there is no object \"%.200s\", and there should be",
                         key);
    if (match && !is_meant(match, etag))
        return neph_fail(call, NEPH_CONFLICT, "the object \"%.200s\" has %s%.80s, not %.80s", key,
                         etag[0] ? "the entity tag " : "no entity tag that is known", etag, match);
    if (none_match && etag && is_meant(none_match, etag))
        return neph_fail(call, NEPH_CONFLICT,
                         "there is an object \"%.200s\" with the entity tag %s", key,
                         etag[0] ? etag : "that is not known");
    return 0;
}

int32_t local_condition_source(neph_call *call, const local_transfer *move)
{
    int is_copy = neph_argument(call, NEPH_COPY_KEY) != NULL;
    const char *key = neph_argument(call, is_copy ? NEPH_COPY_KEY : NEPH_OBJECT_KEY);
    return check(call, key, move->etag,
                 neph_argument(call, is_copy ? NEPH_COPY_IF_MATCH : NEPH_IF_MATCH),
                 is_copy ? NULL : neph_argument(call, NEPH_IF_NONE_MATCH));
}

int32_t local_condition_target(neph_call *call, int bucket, const char *path)
{
    const char *key = neph_argument(call, NEPH_OBJECT_KEY);
    const char *match = neph_argument(call, NEPH_IF_MATCH);
    const char *none_match = neph_argument(call, NEPH_IF_NONE_MATCH);
    char meta[LOCAL_META_MAX], etag[LOCAL_ETAG_MAX];
    local_object found = {0};
    int error;
    if (!match && !none_match)
        return 0;
    error = local_object_find(bucket, path, &found);
    if (error && error != ENOENT)
        return local_fail(call, error, "open object", key);
    if (error)
        return check(call, key, NULL, match, none_match);
    local_meta_read(call, bucket, key, &found, meta);
    local_meta_etag(meta, &found.info, etag);
    local_fd_close(&found.fd);
    return check(call, key, etag, match, none_match);
}
