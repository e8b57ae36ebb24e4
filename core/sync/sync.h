/*
 * core/sync/sync.h - one sync, as the files of this folder see it. It is a program like any other: it makes calls and
 * transfers, and waits for them by callbacks. The way of a sync:
 *
 *   sync.c       made, waited for, ended, freed; its phases
 *   options.c    what it was told, copied; ends that overlap: overlap.c
 *   walk.c       both sides merged (merge.c), name by name: what becomes of each
 *                  sides: side.c, directory.c, listing.c; put in order: order.c, of runs: run.c, of items: item.c
 *                  which take part: pattern.c; which are the same: decide.c; which cannot be files: folder.c, nest.c
 *   job.c        the items under way: asked about (ask.c), copied, deleted from the source; what an earlier sync left of
 *                one that is the same: leftover.c
 *   erase.c      what the source has not, deleted at the end
 *   tell.c       events, counts, and the first failure
 */
#ifndef NEPHI_SYNC_H
#define NEPHI_SYNC_H

#include "core/host.h"
#include "core/sync/decide.h"
#include "core/sync/folder.h"
#include "core/sync/merge.h"
#include "core/sync/nest.h"
#include "core/transfer/journal_file.h"

#include <neph/sync.h>

#define NEPHI_JOBS 16
#define NEPHI_JOBS_MAX 1024

typedef enum nephi_phase {
    NEPHI_PHASE_WALK = 0,
    NEPHI_PHASE_SETTLE, /* nothing new; the items under way are waited for */
    NEPHI_PHASE_ERASE,
    NEPHI_PHASE_OVER
} nephi_phase;

typedef struct nephi_job nephi_job;
typedef struct nephi_batch nephi_batch;

/* What is under way. */
typedef struct nephi_jobs {
    nephi_job *all;  /* linked by next_made */
    nephi_job *free; /* those that have nothing to do, linked by next_free */
    int32_t busy;
    int32_t requests; /* that the busy ones may have under way */
} nephi_jobs;

/* What is to be deleted. */
typedef struct nephi_erasing {
    nephi_run names;
    nephi_batch *batches; /* NULL: not begun */
    int32_t batch_count, busy;
    size_t batch_keys; /* at once; 0: not known yet */
    neph_call *limits; /* being asked for */
    int is_begun;
    int is_read; /* all names were taken */
} nephi_erasing;

/* Of an item that an earlier sync made, the journal of its transfer. */
typedef struct nephi_leftover {
    const char *name;
    char id[NEPHI_JOURNAL_ID];
} nephi_leftover;

typedef struct nephi_leftovers {
    nephi_leftover *list; /* in the arena */
    size_t count;
} nephi_leftovers;

struct neph_sync {
    neph_host *host;
    neph_sync *next, **link;   /* in host->syncs */
    neph_sync_options options; /* these three: the texts are in the arena */
    neph_transfer_options transfer;
    neph_end ends[NEPHI_SIDES];
    int has_source; /* 0: an empty tree */
    nephi_arena arena;
    nephi_phase phase;
    nephi_merge merge;
    int is_unordered[NEPHI_SIDES]; /* its listing is sorted first */
    int is_anew;                   /* to be walked once more, when nothing is under way */
    int is_partial;                /* not all could be listed: nothing is deleted */
    nephi_buffer shut;             /* directory of the destination that cannot be read */
    nephi_nest nest;
    nephi_folder folders[NEPHI_SIDES]; /* those sides that are directories */
    nephi_leftovers leftovers;
    nephi_jobs jobs;
    nephi_erasing erasing;
    neph_sync_summary summary;
    int is_done, is_freed, is_notified, is_cancelled;
    int in_wait; /* a function of the program's waits for it */
    int in_turn; /* its own code is on the stack */
    neph_sync_fn on_done;
    void *on_done_user;
    nephi_task task;   /* goes on */
    nephi_task notify; /* on_done, or the end of one that was freed */
    nephi_error error; /* last: not zeroed with the rest */
};

/* sync.c */
/* Something was done: the sync goes on at the next turn. */
void nephi_sync_wake(neph_sync *sync);
/* Its own code begins and ends: what the program does in callbacks meanwhile is heeded afterwards. */
void nephi_sync_enter(neph_sync *sync);
void nephi_sync_leave(neph_sync *sync);
/* Of a cloud that is closed, of a host that ends. */
void nephi_syncs_end(neph_host *host, const neph_cloud *cloud);
void nephi_syncs_free(neph_host *host);

/* options.c */
/* Takes what the program gave. 0, or sync->error. */
int nephi_sync_take(neph_sync *sync, const neph_end *from, const neph_end *to,
                    const neph_sync_options *options);

/* overlap.c */
/* 0, or sync->error. */
int nephi_overlap_check(neph_sync *sync);

/* walk.c */
/* Begins, also once more. 0, or sync->error. */
int nephi_walk_begin(neph_sync *sync);
/* A slice of it. */
void nephi_walk(neph_sync *sync);
void nephi_walk_end(neph_sync *sync);

/* job.c */
int nephi_jobs_have_room(const neph_sync *sync);
/* The pair is asked about (how), copied, or what an earlier sync left of it is ended, as the verdict says. 0, or there is no
 * memory. */
int nephi_job_start(neph_sync *sync, const nephi_pair *pair, nephi_verdict verdict,
                    const nephi_comparison *how);
void nephi_jobs_stop(neph_sync *sync);

/* erase.c */
/* Notes a name that the source has not. 0, or sync->error. */
int nephi_erase_note(neph_sync *sync, const nephi_item *item);
/* A slice of it; 1: all is deleted. */
int nephi_erase(neph_sync *sync);
void nephi_erase_stop(neph_sync *sync);

/* leftover.c */
/* Looks for what an earlier sync of these ends left in the journal of items that it made. */
void nephi_leftovers_read(neph_sync *sync);
/* The id of that of an item; NULL: there is none. */
const char *nephi_leftover_find(const neph_sync *sync, const char *name);

/* tell.c */
/* An item begins, or is done well. */
void nephi_tell(neph_sync *sync, int32_t action, int is_done, const nephi_item *item);
/* It would be copied, were it not for dry_run. */
void nephi_tell_would_copy(neph_sync *sync, const nephi_item *item);
/* It is left out, or failed, which counts; error: why. */
void nephi_tell_skip(neph_sync *sync, const nephi_item *item, const nephi_error *error);
void nephi_tell_failure(neph_sync *sync, int32_t action, const nephi_item *item,
                        const neph_error *error);
/* The sync itself failed; the first failure is what it ends with. */
void nephi_tell_end(neph_sync *sync, const nephi_error *error);

#endif
