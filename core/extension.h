/*
 * core/extension.h - operations that one provider alone has: a provider's declarations held against neph/plugin.h, and
 * made into what programs are told and into what arguments, replies and results look members up in.
 */
#ifndef NEPHI_EXTENSION_H
#define NEPHI_EXTENSION_H

#include "core/error.h"
#include "core/memory.h"
#include "core/model.h"

#define NEPHI_EXTENSIONS_MAX 256

/* Lives in the arena that it was made in; texts are the plugin's. */
typedef struct nephi_extension {
    neph_extension_info info;
    neph_op_info op; /* the same as an operation, called "ec2.spot_price_history" */
    const nephi_member *parameters;
    const nephi_member *columns;
} nephi_extension;

/* Names, types, flags, counts and numbers, of a plugin's tables or as a manifest tells them. NEPH_PLUGIN with this rule. */
int nephi_extensions_check(const neph_extension *extensions, uint32_t count, const char *provider,
                           int rule, nephi_error *error);
/* The declaration with this op; NULL: none. Of tables that passed. */
const neph_extension *nephi_extension_declared(const neph_provider *provider, uint32_t op);

/* NEPH_NO_MEMORY. */
int nephi_extension_info(neph_extension_info *info, nephi_arena *arena,
                         const neph_extension *table);
int nephi_extension_make(nephi_extension *extension, nephi_arena *arena, const char *provider,
                         const neph_extension *table);

/* The member of a parameter or a column; NULL: it has none of that number. */
const nephi_member *nephi_extension_member(const nephi_extension *extension, int32_t member);
/* What a parameter may be, "a|b"; NULL: anything. */
const char *nephi_extension_choices(const nephi_extension *extension, int32_t member);

#endif
