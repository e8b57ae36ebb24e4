/*
 * core/sync/job.h - one item under way, as job.c and ask.c see it.
 */
#ifndef NEPHI_SYNC_JOB_H
#define NEPHI_SYNC_JOB_H

#include "core/sync/sync.h"

typedef struct nephi_sum nephi_sum;

struct nephi_job {
    neph_sync *sync;
    nephi_job *next_made, *next_free;
    nephi_item items[NEPHI_SIDES];   /* TO: only while both are compared */
    nephi_buffer texts[NEPHI_SIDES]; /* of items */
    nephi_buffer names[NEPHI_SIDES]; /* keys */
    nephi_comparison how;
    neph_transfer *transfer;
    neph_call *call;
    nephi_sum *sum;   /* of a file; see ask.c */
    int32_t requests; /* that it may have under way */
    int32_t asked;    /* a bit for each side that was */
    int32_t asking;   /* the side that is */
    int64_t done_bytes;
};

/* job.c */
void nephi_job_fail(nephi_job *job, const neph_error *error);
/* All is known that can be. */
void nephi_job_decide(nephi_job *job);
/* The call is the job's; done runs when it has ended. Takes the place of the one before. */
void nephi_job_await(nephi_job *job, neph_call *call, neph_done_fn done);
void nephi_job_release(nephi_job *job);
/* The item's key or path at this side; borrowed until it is asked again. NULL: no memory. */
const char *nephi_job_place(nephi_job *job, int side);

/* ask.c */
/* Asks what the listings did not tell, then nephi_job_decide(). */
void nephi_job_ask(nephi_job *job);
/* Ends that. */
void nephi_job_asked(nephi_job *job);

#endif
