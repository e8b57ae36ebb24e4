/*
 * core/watch.h - waiting for what an operation has begun: until a state is reached.
 */
#ifndef NEPHI_WATCH_H
#define NEPHI_WATCH_H

#include "core/provider.h"
#include "core/record.h"

typedef struct nephi_goal nephi_goal;

/* Of one call. All zero: it does not wait. */
typedef struct nephi_watch {
    const nephi_goal *goal; /* NULL: done when the action is */
    uint32_t look_op;       /* show, or list with a filter */
    int is_on;              /* the action has succeeded */
    uint32_t looks;
    int64_t wait_ms, since_ms, end_ms; /* how long at most; monotonic: since when, and until when */
    char *id;                          /* of what is looked at */
    const char *seen;                  /* name of the state seen last; NULL: none */
    char trouble[200];                 /* why the last look saw nothing; empty: it did */
    neph_record *held;                 /* what was made, as seen last; not delivered yet */
} nephi_watch;

/* Can calls of this operation wait, on a cloud of this provider? */
int nephi_watch_can(const nephi_provider *provider, uint32_t op);
/* From the arguments, before anything is sent. 0, NEPH_INVALID or NEPH_UNSUPPORTED. */
int nephi_watch_plan(neph_call *call);
/* Is this a result that is not to be delivered yet? */
int nephi_watch_holds(const neph_call *call, const neph_record *record);
/* Takes it over. 0 or NEPH_NO_MEMORY. */
int nephi_watch_hold(neph_call *call, neph_record *record);
/* The action has succeeded. */
void nephi_watch_begin(neph_call *call);
/* Its timer or task ran. */
void nephi_watch_go(neph_call *call);
/* Its time, or the call's, is up: sets the error. Returns NEPH_TIMEOUT. */
int nephi_watch_expire(neph_call *call);
/* The call ends: what is held is delivered, unless it was cancelled. */
void nephi_watch_leave(neph_call *call, int status);

#endif
