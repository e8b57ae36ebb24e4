/*
 * core/sync/merge.h - two trees side by side: each name once, with what either has by it.
 */
#ifndef NEPHI_SYNC_MERGE_H
#define NEPHI_SYNC_MERGE_H

#include "core/sync/side.h"

enum { NEPHI_FROM = 0, NEPHI_TO = 1, NEPHI_SIDES = 2 };

typedef struct nephi_merge {
    nephi_side *sides[NEPHI_SIDES];
    nephi_item items[NEPHI_SIDES];
    int state[NEPHI_SIDES]; /* of each, see merge.c */
} nephi_merge;

/* A name: NULL for the side that has it not. Good until the next one is taken. */
typedef struct nephi_pair {
    nephi_item *from;
    nephi_item *to;
} nephi_pair;

/* 1: a pair. 0: there are no more. NEPH_AGAIN: later. NEPHI_UNORDERED or a failure: of sides[*side]. */
int nephi_merge_next(nephi_merge *merge, nephi_pair *pair, int *side);

#endif
