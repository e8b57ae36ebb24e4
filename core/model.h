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
/* Is it UTF-8, or a member that need not be? */
int nephi_member_fits(const nephi_member *member, const char *text, size_t size);
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

/* What members of many kinds are alike in, by their JSON names. */
typedef enum nephi_role {
    NEPHI_ROLE_ID,
    NEPHI_ROLE_NAME,
    NEPHI_ROLE_STATE,
    NEPHI_ROLE_LOCATION,
    NEPHI_ROLE_TAGS,
    NEPHI_ROLE_CREATED
} nephi_role;
/* NULL: the kind has no such member. */
const nephi_member *nephi_kind_role(uint32_t kind, nephi_role role);

/* The operation with this verb on the same noun; NULL: there is none. */
const neph_op_info *nephi_op_sibling(const neph_op_info *op, const char *verb);
/* Does it make something, and does it end something, for good? */
int nephi_op_creates(const neph_op_info *op);
int nephi_op_ends(const neph_op_info *op);
/* An argument of it; NULL: it has none. */
const neph_member_info *nephi_op_argument(const neph_op_info *op, int32_t member);

/* One entry of a login's catalogue; internal. */
typedef struct nephi_endpoint_result {
    neph_result result;
    const char *service;
    const char *url;
    const char *region;
    const char *interface;
} nephi_endpoint_result;

#endif
