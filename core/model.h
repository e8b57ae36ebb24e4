/*
 * core/model.h - the model table: every kind, member, argument and operation as data. It maps
 * member numbers to types, JSON names and offsets, and drives results, the command and the
 * documentation. Nothing else knows a result's layout.
 */
#ifndef NEPHI_MODEL_H
#define NEPHI_MODEL_H

#include <neph/neph.h>
#include <neph/plugin.h>

#define NEPHI_NO_OFFSET                                                                            \
    UINT32_MAX /* of a member that no struct has: an argument, or the call's own */

typedef struct nephi_member {
    neph_member_info info;
    uint32_t offset;       /* in the kind's struct; NEPHI_NO_OFFSET */
    uint32_t count_offset; /* STRINGS, PAIRS: of the size_t count */
    const neph_map *names; /* ENUM: number -> name for people and JSON */
} nephi_member;

#define NEPHI_OP_LAST 0xffff /* of extensions */

/* Any member of any kind or option, but for what an extension declares; NULL: unknown. Constant time. */
const nephi_member *nephi_member_find(int32_t member);
/* sizeof the struct of a kind; 0: kind unknown or not a result. NEPH_KIND_ENDPOINT has an
 * internal struct. */
size_t nephi_kind_size(uint32_t kind);
/* Sets every member of a fresh struct to its unknown value. Only of a kind that has a size. */
void nephi_kind_clear(neph_result *result, uint32_t kind);

/* What neph_kind_find() returns. */
const neph_kind_info *nephi_kind_info(uint32_t kind);
/* The name of an ENUM member's number; NULL: it has none. */
const char *nephi_enum_name(const nephi_member *member, int64_t number);
/* The other way. Returns 1, or 0: the member has no such name. */
int nephi_enum_number(const nephi_member *member, const char *name, int64_t *number);

/* One entry of a login's catalogue; internal. */
typedef struct nephi_endpoint_result {
    neph_result result;
    const char *service;
    const char *url;
    const char *region;
    const char *interface;
} nephi_endpoint_result;

#endif
