/*
 * core/sync/side.h - one side of a sync as a stream of items in byte order of their names, whatever it is: a directory
 * (directory.c), the objects under a prefix (listing.c), or nothing at all.
 */
#ifndef NEPHI_SYNC_SIDE_H
#define NEPHI_SYNC_SIDE_H

#include "core/host.h"
#include "core/sync/order.h"

#include <neph/transfer.h>

typedef struct nephi_side nephi_side;

/* A kind of side. */
typedef struct nephi_side_class {
    /* 1: an item, good until the next one is taken. 0: there are no more. NEPH_AGAIN: later; side->task is queued when it
     * may be. Else the listing failed, and side->error says why. */
    int (*next)(nephi_side *side, nephi_item *item);
    /* Fills in what next() did not look at. 0, or it cannot be: side->error. NULL: there is nothing more to be known. */
    int (*examine)(nephi_side *side, nephi_item *item);
    void (*free)(nephi_side *side);
} nephi_side_class;

struct nephi_side {
    const nephi_side_class *class;
    neph_host *host;
    const char *dir; /* for temporary files */
    nephi_task *task;
    nephi_error error; /* of the listing; of a BROKEN item until the next one is taken */
    int is_checked;    /* next() promises no order: it is checked here */
    int is_sorting;    /* by order below */
    int is_sorted;     /* all is in it */
    nephi_buffer last; /* name */
    nephi_order order;
};

/* What nephi_side_next() answers when an item comes that belongs before the last one: the listing is of no use as a stream,
 * and must be begun anew, to be sorted. */
#define NEPHI_UNORDERED 2

typedef struct nephi_side_options {
    const neph_end *end; /* NULL: an empty tree */
    const char *dir;     /* for temporary files */
    nephi_task *task;    /* see nephi_side_class.next */
    int is_target;       /* a directory that is not there is empty */
    int has_markers;     /* objects of no bytes whose key ends in '/' are items too */
    int is_unordered;    /* what comes is sorted first */
    size_t sort_limit;   /* bytes of memory for that; 0: the usual */
} nephi_side_options;

/* 0, or why it cannot be. */
int nephi_side_new(nephi_side **out, neph_host *host, const nephi_side_options *options,
                   nephi_error *error);
/* As nephi_side_class.next, or NEPHI_UNORDERED. */
int nephi_side_next(nephi_side *side, nephi_item *item);
int nephi_side_examine(nephi_side *side, nephi_item *item);
void nephi_side_free(nephi_side *side);

/* The kinds. */
int nephi_directory_new(nephi_side **out, neph_host *host, const nephi_side_options *options,
                        nephi_error *error);
int nephi_listing_new(nephi_side **out, neph_host *host, const nephi_side_options *options,
                      nephi_error *error);

#endif
