/*
 * core/rate.h - how fast the bodies of all exchanges of a host may move together: a bucket that fills with time, bytes taken
 * from it in either direction, and the calls that wait for it.
 */
#ifndef NEPHI_RATE_H
#define NEPHI_RATE_H

#include "core/loop.h"

#include <neph/vocabulary.h>

typedef struct nephi_rate {
    int64_t per_second; /* bytes; 0: there is no limit, and nothing else counts */
    int64_t ready;      /* bytes that may move now; negative: so many moved too early */
    int64_t rest;       /* thousandths of a byte besides */
    int64_t at_ms;      /* when ready was right */
    nephi_timer timer;
    neph_call *first, *last; /* that wait, longest first: see neph_call.next_slowed */
} nephi_rate;

void nephi_rate_init(nephi_rate *rate, int64_t per_second, int64_t now_ms);
/* Bytes that may move now; 0: none. */
int64_t nephi_rate_ready(nephi_rate *rate, int64_t now_ms);
/* Milliseconds until it is worth while to ask again. */
int64_t nephi_rate_wait_ms(const nephi_rate *rate);
void nephi_rate_spend(nephi_rate *rate, int64_t bytes);

/* Of a call of a host with a limit: how many bytes it may move now; 0: none, it will be resumed; or NEPH_NO_MEMORY. */
int64_t nephi_rate_grant(neph_call *call);
/* How many of so many bytes a call may move now, with a limit or without. NEPH_AGAIN: none, it will be resumed; or its
 * error. */
int64_t nephi_rate_limit(neph_call *call, size_t size);
/* It waits no more. */
void nephi_rate_leave(neph_call *call);

#endif
