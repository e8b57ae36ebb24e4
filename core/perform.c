/*
 * core/perform.c - actions that speak to no server: the provider works in slices on the host's thread, and waits when
 * the program is behind.
 */
#include "core/call.h"

/* Nothing was taken from the program or given to it: the work may begin anew. */
static int is_untouched(const neph_call *call)
{
    return !call->source.host && !call->sink.host && !call->delivered;
}

static void work_forget(neph_call *call)
{
    if (call->action->table.finish)
        call->action->table.finish(call);
    call->has_performed = 0;
    nephi_free_secret(&call->host->memory, call->memory, call->memory_size);
    call->memory = NULL;
    call->memory_size = 0;
}

/* What was not found may not be known yet. 1: the work begins anew. */
static int settle(neph_call *call)
{
    int64_t delay = nephi_settle_delay_ms(call);
    if (delay < 0 || !is_untouched(call))
        return 0;
    work_forget(call);
    nephi_error_forget(&call->error);
    nephi_engine_delay(call, delay);
    return 1;
}

/* What a server's 429 and 503 are to others. 1: the work begins anew in a while, or was given up. */
static int again(neph_call *call, int status)
{
    if (status != NEPH_THROTTLED && status != NEPH_UNAVAILABLE)
        return 0;
    if (!is_untouched(call) || (status == NEPH_UNAVAILABLE && !nephi_outcome_is_harmless(call)))
        return 0;
    work_forget(call);
    call->error.retry = NEPH_RETRY_TRANSIENT;
    nephi_outcome_again(call);
    return 1;
}

void nephi_perform(neph_call *call)
{
    int rc;
    if (nephi_delivery_is_full(call)) {
        call->is_blocked = 1;
        return;
    }
    rc = nephi_host_wire(call->host, &call->error); /* digests */
    if (rc) {
        nephi_engine_finish(call, rc);
        return;
    }
    if (!call->has_performed && call->checksum.algorithm &&
        (rc = nephi_checksum_begin(call)) != 0) {
        nephi_engine_finish(call, rc);
        return;
    }
    if (!call->has_performed)
        call->attempts++;
    call->has_performed = 1;
    call->is_blocked = 0;
    call->wants_step = 0;
    nephi_engine_enter(call);
    rc = call->action->table.perform(call);
    nephi_engine_leave(call);
    if (call->state == NEPHI_DONE || nephi_delivery_run(call) || call->state == NEPHI_DONE)
        return;
    if (rc != NEPH_AGAIN)
        rc = nephi_engine_hook(call, rc, "failed");
    if (rc == NEPH_AGAIN && call->limit > 0 && call->delivered >= call->limit)
        rc = 0;
    if ((rc == NEPH_NOT_FOUND && settle(call)) || again(call, rc))
        return;
    if (rc != NEPH_AGAIN) {
        call->error.sent = 1; /* what it says, it says of what it found */
        nephi_engine_finish(call, rc);
    } else if (call->wants_step)
        nephi_engine_delay(call, call->step_delay_ms);
    else if (!call->is_blocked && !nephi_delivery_is_full(call))
        nephi_engine_delay(call, 0);
    else if (call->is_blocked == NEPHI_BLOCKED_POLL)
        nephi_engine_delay(call, 5);
    else
        call->is_blocked = 1;
}
