/*
 * core/sync/order.h - items in any order in, in byte order of their names out, in bounded memory: sorted runs go to
 * temporary files, which are merged at the end.
 */
#ifndef NEPHI_SYNC_ORDER_H
#define NEPHI_SYNC_ORDER_H

#include "core/sync/run.h"

typedef struct nephi_strand nephi_strand;

typedef struct nephi_order {
    const nephi_memory *memory;
    const char *dir;
    size_t limit; /* bytes of items in memory */
    char *data;   /* the items of the run to come, packed */
    size_t size, capacity;
    size_t count; /* of them */
    size_t last;  /* where the last one begins */
    int is_sorted;
    const char **sorted; /* after nephi_order_end(), if all are in memory */
    size_t at;
    nephi_strand *strands; /* the runs in files */
    size_t strand_count;
    size_t first;        /* of those that are being merged */
    nephi_strand **heap; /* of them, the least one first */
    size_t heap_size;
    int is_given; /* the least one was: the next one of its run is due */
} nephi_order;

/* limit: bytes of items that are kept in memory. */
void nephi_order_init(nephi_order *order, const nephi_memory *memory, const char *dir,
                      size_t limit);
/* 0, NEPH_FILE, NEPH_LIMIT, NEPH_NO_MEMORY, as the others. */
int nephi_order_add(nephi_order *order, const nephi_item *item, nephi_error *error);
/* All are added: they can be read. */
int nephi_order_end(nephi_order *order, nephi_error *error);
/* 1: an item, good until the next one is taken. 0: there are no more. */
int nephi_order_next(nephi_order *order, nephi_item *item, nephi_error *error);
void nephi_order_fini(nephi_order *order);

#endif
