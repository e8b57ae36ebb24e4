/*
 * core/sync/order.c - an external sort. So many runs of a kind are merged into one of the next kind, so that neither
 * descriptors nor buffers grow with the number of items, and each item is written a few times at most.
 */
#include "core/sync/order.h"

#include <stdlib.h>
#include <string.h>

#define STRANDS_MERGED 64 /* at once: a buffer of 32 KiB each */
#define CAPACITY_MIN ((size_t)4 << 10)

/* A sorted run, and its least item while it is merged. */
struct nephi_strand {
    nephi_run run;
    nephi_item item;
    int32_t kind; /* how often it was merged */
    int32_t reserved;
};

void nephi_order_init(nephi_order *order, const nephi_memory *memory, const char *dir, size_t limit)
{
    *order =
        (nephi_order){.memory = memory, .dir = dir, .limit = limit ? limit : 1, .is_sorted = 1};
}

static void strands_drop(nephi_order *order, size_t first)
{
    while (order->strand_count > first)
        nephi_run_fini(&order->strands[--order->strand_count].run);
}

void nephi_order_fini(nephi_order *order)
{
    strands_drop(order, 0);
    nephi_free(order->memory, order->strands);
    nephi_free(order->memory, order->heap);
    nephi_free(order->memory, order->sorted);
    nephi_free(order->memory, order->data);
    nephi_order_init(order, order->memory, order->dir, order->limit);
}

/* ---- merging */

static int is_before(const nephi_strand *a, const nephi_strand *b)
{
    return nephi_item_compare(&a->item, &b->item) < 0;
}

static void heap_sink(nephi_order *order, size_t place)
{
    nephi_strand **heap = order->heap;
    nephi_strand *strand = heap[place];
    size_t child;
    while ((child = 2 * place + 1) < order->heap_size) {
        if (child + 1 < order->heap_size && is_before(heap[child + 1], heap[child]))
            child++;
        if (!is_before(heap[child], strand))
            break;
        heap[place] = heap[child];
        place = child;
    }
    heap[place] = strand;
}

/* Reads the strand's next item. 1, 0: it has no more, or a failure. */
static int strand_step(nephi_strand *strand, nephi_error *error)
{
    return nephi_run_next(&strand->run, &strand->item, error);
}

static int merge_begin(nephi_order *order, size_t first, nephi_error *error)
{
    size_t count = order->strand_count - first;
    nephi_strand **heap = nephi_realloc(order->memory, order->heap, count * sizeof *heap);
    int rc = heap ? 1 : nephi_fail_memory(error);
    if (heap)
        order->heap = heap;
    order->first = first;
    order->heap_size = 0;
    order->is_given = 0;
    for (size_t i = first; rc >= 0 && i < order->strand_count; i++) {
        nephi_strand *strand = &order->strands[i];
        rc = nephi_run_rewind(&strand->run, error);
        if (!rc)
            rc = strand_step(strand, error);
        if (rc > 0)
            order->heap[order->heap_size++] = strand;
    }
    for (size_t i = order->heap_size / 2; i > 0; i--)
        heap_sink(order, i - 1);
    return rc < 0 ? rc : 0;
}

static int merge_next(nephi_order *order, nephi_item *item, nephi_error *error)
{
    int rc = order->is_given ? strand_step(order->heap[0], error) : 1;
    if (rc < 0)
        return rc;
    if (!rc)
        order->heap[0] = order->heap[--order->heap_size];
    if (order->heap_size)
        heap_sink(order, 0);
    order->is_given = order->heap_size > 0;
    if (order->is_given)
        *item = order->heap[0]->item;
    return order->is_given;
}

/* ---- runs */

static int strand_new(nephi_order *order, int32_t kind, nephi_error *error)
{
    nephi_strand *strands =
        nephi_realloc(order->memory, order->strands, (order->strand_count + 1) * sizeof *strands);
    if (!strands)
        return nephi_fail_memory(error);
    order->strands = strands;
    strands[order->strand_count].kind = kind;
    nephi_run_init(&strands[order->strand_count].run, order->memory, order->dir);
    order->strand_count++;
    return 0;
}

/* The strands from first on become one. */
static int strands_merge(nephi_order *order, size_t first, nephi_error *error)
{
    int32_t kind = order->strands[first].kind + 1;
    nephi_item item;
    nephi_run merged;
    int rc = merge_begin(order, first, error);
    nephi_run_init(&merged, order->memory, order->dir);
    while (!rc && (rc = merge_next(order, &item, error)) > 0)
        rc = nephi_run_add(&merged, &item, error);
    if (rc) {
        nephi_run_fini(&merged);
        return rc;
    }
    strands_drop(order, first + 1);
    nephi_run_fini(&order->strands[first].run);
    order->strands[first].run = merged;
    order->strands[first].kind = kind;
    return 0;
}

static int packed_compare(const void *a, const void *b)
{
    nephi_item one, other;
    nephi_item_unpack(&one, *(const char *const *)a);
    nephi_item_unpack(&other, *(const char *const *)b);
    return nephi_item_compare(&one, &other);
}

static int sort(nephi_order *order, nephi_error *error)
{
    size_t at = 0;
    const char **sorted = nephi_realloc(order->memory, order->sorted,
                                        (order->count ? order->count : 1) * sizeof *sorted);
    if (!sorted)
        return nephi_fail_memory(error);
    order->sorted = sorted;
    for (size_t i = 0; i < order->count; i++) {
        sorted[i] = order->data + at;
        at += nephi_item_peek(sorted[i]);
    }
    if (!order->is_sorted)
        qsort(sorted, order->count, sizeof *sorted, packed_compare);
    return 0;
}

static void memory_empty(nephi_order *order)
{
    order->size = order->count = order->last = 0;
    order->is_sorted = 1;
}

static int spill(nephi_order *order, nephi_error *error)
{
    nephi_item item;
    int rc = sort(order, error);
    if (!rc)
        rc = strand_new(order, 0, error);
    for (size_t i = 0; !rc && i < order->count; i++) {
        nephi_item_unpack(&item, order->sorted[i]);
        rc = nephi_run_add(&order->strands[order->strand_count - 1].run, &item, error);
    }
    memory_empty(order);
    while (!rc && order->strand_count >= STRANDS_MERGED) {
        size_t first = order->strand_count - STRANDS_MERGED;
        if (order->strands[first].kind != order->strands[order->strand_count - 1].kind)
            break;
        rc = strands_merge(order, first, error);
    }
    return rc;
}

/* ---- in and out */

static int room_make(nephi_order *order, size_t size, nephi_error *error)
{
    size_t capacity = order->capacity ? order->capacity : CAPACITY_MIN;
    char *data;
    while (capacity < size)
        capacity *= 2;
    if (capacity == order->capacity)
        return 0;
    data = nephi_realloc(order->memory, order->data, capacity);
    if (!data)
        return nephi_fail_memory(error);
    order->data = data;
    order->capacity = capacity;
    return 0;
}

static int is_in_order(const nephi_order *order, const nephi_item *item)
{
    nephi_item last;
    nephi_item_unpack(&last, order->data + order->last);
    return nephi_item_compare(&last, item) <= 0;
}

int nephi_order_add(nephi_order *order, const nephi_item *item, nephi_error *error)
{
    size_t size = nephi_item_size(item);
    int rc = order->count && order->size + size > order->limit ? spill(order, error) : 0;
    if (!rc)
        rc = room_make(order, order->size + size, error);
    if (rc)
        return rc;
    if (order->is_sorted && order->count)
        order->is_sorted = is_in_order(order, item);
    nephi_item_pack(item, order->data + order->size);
    order->last = order->size;
    order->size += size;
    order->count++;
    return 0;
}

int nephi_order_end(nephi_order *order, nephi_error *error)
{
    int rc;
    if (!order->strand_count)
        return sort(order, error);
    rc = order->count ? spill(order, error) : 0;
    nephi_free(order->memory, order->data);
    nephi_free(order->memory, order->sorted);
    order->data = NULL;
    order->sorted = NULL;
    order->capacity = 0;
    return rc ? rc : merge_begin(order, 0, error);
}

int nephi_order_next(nephi_order *order, nephi_item *item, nephi_error *error)
{
    if (order->strand_count)
        return merge_next(order, item, error);
    if (order->at == order->count)
        return 0;
    nephi_item_unpack(item, order->sorted[order->at++]);
    return 1;
}
