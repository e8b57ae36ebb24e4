/*
 * core/provider.h - a provider's tables after they were checked: actions by operation, replies compiled. Read-only, but
 * belongs to one host.
 */
#ifndef NEPHI_PROVIDER_H
#define NEPHI_PROVIDER_H

#include "core/error.h"
#include "core/extension.h"
#include "core/memory.h"
#include "core/wire/reply.h"

#include <neph/plugin.h>

typedef struct nephi_action {
    neph_action table;                /* a copy, whatever element size the plugin was built with */
    const nephi_extension *extension; /* NULL: it is an operation that all know */
    nephi_reply **replies;
    uint32_t reply_count;
} nephi_action;

typedef struct nephi_provider {
    neph_provider table;    /* a copy of what this host knows of it */
    neph_setting *settings; /* copies */
    uint32_t setting_count;
    nephi_action *actions; /* sorted by op */
    uint32_t action_count;
    nephi_action *login; /* NULL: none */
    nephi_reply *error;  /* NULL: none */
    neph_fault *faults;
    uint32_t fault_count;
    nephi_extension *extensions; /* in the order of the table */
    uint32_t extension_count;
    nephi_arena arena;  /* what they point to */
    const char *plugin; /* name */
} nephi_provider;

/* The checks of nephi_provider_new() alone: nothing is compiled, allocated or logged. */
int nephi_provider_check(const neph_provider *table, nephi_error *error);
/* Checks every table: NULLs, counts, element sizes, ids, ops, traits, types, paths, duplicate ops. An action with an
 * unknown trait is dropped (unsupported), a setting with an unknown flag refuses the provider; both are logged with a
 * rule number. NEPH_PLUGIN, NEPH_NO_MEMORY. */
int nephi_provider_new(nephi_provider **out, neph_host *host, const neph_provider *table,
                       nephi_error *error);
void nephi_provider_free(nephi_provider *provider, const nephi_memory *memory);
/* NULL: it cannot. */
const nephi_action *nephi_provider_action(const nephi_provider *provider, uint32_t op);
/* NULL: the op is none of an extension of the provider's. */
const nephi_extension *nephi_provider_extension(const nephi_provider *provider, uint32_t op);
/* Does the action honour the argument? Required arguments of the operation always, and an extension's all. */
int nephi_action_takes(const nephi_action *action, int32_t member);
/* Does the action, or the host in its stead? */
int nephi_provider_takes(const nephi_provider *provider, const nephi_action *action,
                         int32_t member);

#endif
