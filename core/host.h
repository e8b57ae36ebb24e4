/*
 * core/host.h - the host as core's own files see it: configuration, registry, event loop, transport.
 */
#ifndef NEPHI_HOST_H
#define NEPHI_HOST_H

#include "core/error.h"
#include "core/loop.h"
#include "core/memory.h"
#include "core/rate.h"
#include "core/record.h"
#include "core/registry.h"
#include "core/scrub.h"
#include "core/wire/wire.h"

/* How a file that was made without a name is given one: as far as it was found out. */
typedef enum nephi_naming {
    NEPHI_NAMING_UNKNOWN,
    NEPHI_NAMING_NONE,  /* not at all on this system */
    NEPHI_NAMING_PLAIN, /* by its descriptor; older systems want a privilege for that */
    NEPHI_NAMING_PROC   /* by the name of its descriptor below /proc */
} nephi_naming;

struct neph_host {
    const neph_services *services; /* first, as in every handle that crosses the ABI */
    nephi_error *failure;          /* second: where neph_fail() writes */
    nephi_memory memory;
    neph_host_config config; /* strings in it are copies, freed with the host */
    nephi_error error;       /* of functions that return a status */
    nephi_registry *registry;
    nephi_loop loop;
    nephi_rate rate;
    nephi_scrub *scrub;
    nephi_pool pool;
    const nephi_wire *wire; /* NULL until the first request */
    const nephi_xml *xml;   /* NULL until the first reply in XML */
    const nephi_yaml *yaml; /* NULL until a cloud of clouds.yaml is named */
    const neph_transport *transport;
    void *transport_state;
    struct nephi_lease *leases; /* readers and parsers that no reply uses now */
    uint32_t lease_count;
    struct nephi_price_found *price_found; /* what neph_price_find() returned last; NULL: nothing */
    neph_cloud *clouds;                    /* linked */
    neph_call *graveyard;                  /* calls freed inside callbacks */
    neph_call *orphans;                    /* calls whose cloud was closed */
    struct neph_sync *syncs;               /* linked */
    struct neph_transfer *transfers;       /* all of them */
    int callback_depth;                    /* > 0: inside a callback */
    int64_t pace_ms;   /* of looks at what is waited for: the first one; 0: see settle.c */
    int64_t settle_ms; /* for which what was made may not be known everywhere; 0: the same */
    nephi_naming naming;
    int is_privileged; /* AT_SECURE or euid 0: see registry.h */
    unsigned forks;    /* that were counted when it was made */
};

/* A line to the log callback; secrets scrubbed. */
void nephi_log(neph_host *host, int32_t level, int32_t rule, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Is this source of settings allowed (NEPH_SOURCE_…)? */
int nephi_host_allows(const neph_host *host, uint32_t source);
/* getenv() if the environment is allowed, else NULL. */
const char *nephi_host_environment(const neph_host *host, const char *name);
/* Where temporary files go. */
const char *nephi_host_temporary_dir(const neph_host *host);
/* Nanoseconds since 1970 UTC by the program's clock. */
int64_t nephi_host_now(const neph_host *host);
/* The module with the transport and the digests; loads it once. */
int nephi_host_wire(neph_host *host, nephi_error *error);
/* The module with the XML parser; loads it once. */
int nephi_host_xml(neph_host *host, nephi_error *error);
int nephi_host_yaml(neph_host *host, nephi_error *error);
/* The transport, opened; may be the program's, a recorder or a replay. */
int nephi_host_transport(neph_host *host, nephi_error *error);
/* 0, or NEPH_INVALID in a forked child. */
int nephi_host_check(neph_host *host, nephi_error *error);
/* 0 in a forked child: what is outside the process is the parent's. */
int nephi_host_is_own(const neph_host *host);

/* Dispatches until *is_done, timeout_ms (-1: any time) at most: 0, NEPH_AGAIN when that is over, or why it cannot. */
int nephi_host_run(neph_host *host, const int *is_done, int64_t timeout_ms);

#endif
