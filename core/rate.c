/*
 * core/rate.c - the limit on the bytes of bodies. What comes in comes in pieces that are taken whole: the bucket may owe, and
 * nothing moves until that is made up for. Who has waited longest goes first.
 */
#include "core/rate.h"

#include "core/call.h"

#define BURST_MS 100                      /* what the bucket holds at most */
#define PAUSE_MS 25                       /* a pause is worth so much at least */
#define PER_SECOND_MAX (INT64_C(1) << 50) /* above that, milliseconds overflow */

static int64_t in_ms(const nephi_rate *rate, int64_t ms)
{
    int64_t bytes = rate->per_second * ms / 1000;
    return bytes > 0 ? bytes : 1;
}

static void timer_fired(nephi_timer *timer)
{
    nephi_rate *rate = timer->user;
    neph_call *call = rate->first;
    rate->first = rate->last = NULL;
    while (call) {
        neph_call *next = call->next_slowed;
        call->is_slowed = 0;
        nephi_attempt_resume(call);
        call = next;
    }
}

void nephi_rate_init(nephi_rate *rate, int64_t per_second, int64_t now_ms)
{
    *rate = (nephi_rate){.per_second = per_second < PER_SECOND_MAX ? per_second : PER_SECOND_MAX,
                         .at_ms = now_ms,
                         .timer = {.fn = timer_fired, .user = rate}};
    if (rate->per_second > 0)
        rate->ready = in_ms(rate, BURST_MS);
}

int64_t nephi_rate_ready(nephi_rate *rate, int64_t now_ms)
{
    int64_t full = in_ms(rate, BURST_MS), passed = now_ms - rate->at_ms;
    int64_t until_full = (full - rate->ready) / rate->per_second * 1000 + 1000;
    rate->at_ms = now_ms;
    if (passed >= until_full) {
        rate->ready = full;
        rate->rest = 0;
    } else if (passed > 0) {
        rate->rest += passed * rate->per_second;
        rate->ready += rate->rest / 1000;
        rate->rest %= 1000;
    }
    if (rate->ready > full)
        rate->ready = full;
    return rate->ready > 0 ? rate->ready : 0;
}

int64_t nephi_rate_wait_ms(const nephi_rate *rate)
{
    int64_t missing = in_ms(rate, PAUSE_MS) - rate->ready;
    return missing > 0 ? missing / rate->per_second * 1000 +
                             missing % rate->per_second * 1000 / rate->per_second + 1
                       : 0;
}

void nephi_rate_spend(nephi_rate *rate, int64_t bytes)
{
    rate->ready -= bytes;
}

/* ---- calls */

static void wait_begin(nephi_rate *rate, neph_call *call)
{
    if (call->is_slowed)
        return;
    call->is_slowed = 1;
    call->next_slowed = NULL;
    if (rate->last)
        rate->last->next_slowed = call;
    else
        rate->first = call;
    rate->last = call;
}

int64_t nephi_rate_grant(neph_call *call)
{
    nephi_rate *rate = &call->host->rate;
    int64_t ready = nephi_rate_ready(rate, nephi_loop_now_ms());
    if (ready)
        return ready;
    if (!rate->timer.place &&
        nephi_timer_set(&call->host->loop, &rate->timer, nephi_rate_wait_ms(rate)))
        return NEPH_NO_MEMORY;
    wait_begin(rate, call);
    return 0;
}

int64_t nephi_rate_limit(neph_call *call, size_t size)
{
    int64_t ready = call->host->rate.per_second ? nephi_rate_grant(call) : INT64_MAX;
    if (ready < 0)
        return nephi_fail_memory(&call->error);
    if (!ready)
        return NEPH_AGAIN;
    return ready < (int64_t)size ? ready : (int64_t)size;
}

void nephi_rate_leave(neph_call *call)
{
    nephi_rate *rate = &call->host->rate;
    neph_call *previous = NULL;
    if (!call->is_slowed)
        return;
    call->is_slowed = 0;
    for (neph_call *at = rate->first; at && at != call; at = at->next_slowed)
        previous = at;
    if (previous)
        previous->next_slowed = call->next_slowed;
    else
        rate->first = call->next_slowed;
    if (rate->last == call)
        rate->last = previous;
}
