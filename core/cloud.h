/*
 * core/cloud.h - an opened provider: settings, endpoint set, session, what was learnt (memos, clock), and the calls that
 * wait for a place.
 */
#ifndef NEPHI_CLOUD_H
#define NEPHI_CLOUD_H

#include "core/fresh.h"
#include "core/host.h"
#include "core/setting.h"
#include "core/url.h"

#define NEPHI_MEMO_MAX 4096
#define NEPHI_SECRETS_MAX 16

/* One place where this cloud may be asked, and credentials may go. */
typedef struct nephi_endpoint {
    struct nephi_endpoint *next;
    char *service; /* NULL: the default one */
    nephi_url url;
    int from_login; /* replaced by the next login */
} nephi_endpoint;

typedef struct nephi_memo {
    struct nephi_memo *next;
    char *value; /* behind the name, in the same block */
    char name[];
} nephi_memo;

enum { NEPHI_SESSION_TEXTS = 3 };

typedef struct nephi_session {
    int is_ready;
    int is_needless; /* the settings are enough: the login fetched nothing, and would not the next time */
    uint32_t generation;              /* counts logins */
    char *texts[NEPHI_SESSION_TEXTS]; /* token, key id, secret; see login.c */
    int64_t expires_ns, refresh_ns;
    neph_call *login;   /* under way */
    neph_call *waiting; /* linked by next_waiting */
} nephi_session;

/* Of settings that expire. */
typedef struct nephi_renewal {
    nephi_settings old; /* what was replaced: still scrubbed from what is under way */
    int64_t tried_ns;   /* 0: never */
    int has_failed;     /* then */
} nephi_renewal;

struct neph_cloud {
    const neph_services *services;
    nephi_error *failure;
    neph_host *host;
    neph_cloud *next;
    const nephi_provider *provider;
    char *name; /* as it was opened by */
    nephi_settings settings;
    char *secrets[NEPHI_SECRETS_MAX]; /* what the provider took out of them; scrubbed as they are */
    uint32_t secret_count;
    nephi_renewal renewal;
    nephi_endpoint *endpoints;
    void *memory;
    size_t memory_size;
    nephi_memo *memos; /* most recently used first */
    uint32_t memo_count;
    nephi_session session;
    int64_t clock_offset_ns;
    int clock_is_learnt;
    nephi_fresh fresh; /* made a moment ago */
    uint32_t in_flight;
    neph_call *calls;                    /* all of them */
    neph_call *queue_first, *queue_last; /* waiting for a place */
    struct nephi_storage *storage;       /* what it takes; see transfer/limits.c */
    struct nephi_price_table *prices;    /* of sizes; NULL until a size has no price */
};

/* The endpoint of a service; NULL: none. */
const nephi_endpoint *nephi_cloud_endpoint(const neph_cloud *cloud, const char *service);
int nephi_cloud_add_endpoint(neph_cloud *cloud, const char *service, const char *url,
                             int from_login, nephi_error *error);
void nephi_cloud_forget_login(neph_cloud *cloud);
/* May credentials go to this origin? The endpoint set and the provider's declared hosts. */
int nephi_cloud_trusts(const neph_cloud *cloud, const nephi_url *url);
int nephi_cloud_remember(neph_cloud *cloud, const char *name, const char *value);
const char *nephi_cloud_recall(const neph_cloud *cloud, const char *name);
/* Scrubs this text too until the cloud is closed. */
int nephi_cloud_hide(neph_cloud *cloud, const char *text, nephi_error *error);
/* The server's time as far as it is known. */
int64_t nephi_cloud_now(const neph_cloud *cloud);

/* renewal.c: before a request is signed. Renews settings that are about to expire; NEPH_AUTH if they have expired, and
 * there are no new ones. */
int nephi_renewal_ensure(neph_cloud *cloud, nephi_error *error);
/* Nothing is under way any more that was signed with what was replaced: wipes it. */
void nephi_renewal_end(neph_cloud *cloud);

#endif
