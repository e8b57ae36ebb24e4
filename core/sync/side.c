/*
 * core/sync/side.c - what all sides have in common: an order that is checked, and one that is made where there is none.
 */
#include "core/sync/side.h"

#include <string.h>

#define SORT_BYTES ((size_t)8 << 20)
#define SLICE_ITEMS 4096 /* sorted in before the host gets its turn */

/* ---- nothing at all */

static int empty_next(nephi_side *side, nephi_item *item)
{
    (void)side;
    (void)item;
    return 0;
}

static void empty_free(nephi_side *side)
{
    nephi_free(&side->host->memory, side);
}

static int empty_new(nephi_side **out, neph_host *host, nephi_error *error)
{
    static const nephi_side_class class = {.next = empty_next, .free = empty_free};
    nephi_side *side = nephi_alloc(&host->memory, sizeof *side);
    if (!side)
        return nephi_fail_memory(error);
    side->class = &class;
    side->host = host;
    *out = side;
    return 0;
}

/* ---- all of them */

static int kind_new(nephi_side **out, neph_host *host, const nephi_side_options *options,
                    nephi_error *error)
{
    if (!options->end)
        return empty_new(out, host, error);
    if (options->end->cloud)
        return nephi_listing_new(out, host, options, error);
    return nephi_directory_new(out, host, options, error);
}

int nephi_side_new(nephi_side **out, neph_host *host, const nephi_side_options *options,
                   nephi_error *error)
{
    nephi_side *side = NULL;
    int rc;
    *out = NULL;
    rc = kind_new(&side, host, options, error);
    if (rc == NEPH_NOT_FOUND && options->is_target && !options->end->cloud) {
        nephi_error_clear(error);
        rc = empty_new(&side, host, error);
    }
    if (rc)
        return rc;
    side->dir = options->dir;
    side->task = options->task;
    side->is_sorting = options->is_unordered;
    nephi_buffer_init(&side->last, &host->memory, (size_t)1 << 20);
    nephi_order_init(&side->order, &host->memory, options->dir,
                     options->sort_limit ? options->sort_limit : SORT_BYTES);
    *out = side;
    return 0;
}

void nephi_side_free(nephi_side *side)
{
    if (!side)
        return;
    nephi_order_fini(&side->order);
    nephi_buffer_fini(&side->last);
    side->class->free(side);
}

static int sorted_next(nephi_side *side, nephi_item *item)
{
    int rc = side->is_sorted ? 0 : 1;
    for (int i = 0; rc == 1; i++) {
        rc = side->class->next(side, item);
        if (rc == 1 && nephi_order_add(&side->order, item, &side->error))
            return side->error.status;
        if (rc == 1 && i == SLICE_ITEMS) {
            nephi_task_queue(&side->host->loop, side->task);
            return NEPH_AGAIN;
        }
    }
    if (rc)
        return rc;
    if (!side->is_sorted && nephi_order_end(&side->order, &side->error))
        return side->error.status;
    side->is_sorted = 1;
    return nephi_order_next(&side->order, item, &side->error);
}

/* Below 0: it belongs before the last one; 0: it is that. */
static int place_check(const nephi_side *side, const nephi_item *item)
{
    const nephi_item last = {.name = nephi_buffer_string(&side->last),
                             .name_size = side->last.size};
    return side->last.size ? nephi_item_compare(item, &last) : 1;
}

/* What a listing tells twice is told once. */
int nephi_side_next(nephi_side *side, nephi_item *item)
{
    int rc, place;
    do {
        rc = side->is_sorting ? sorted_next(side, item) : side->class->next(side, item);
        if (rc != 1 || !side->is_checked)
            return rc;
        place = place_check(side, item);
        if (place < 0)
            return NEPHI_UNORDERED;
    } while (!place);
    nephi_buffer_clear(&side->last);
    if (nephi_buffer_add(&side->last, item->name, item->name_size))
        return nephi_fail_memory(&side->error);
    return 1;
}

int nephi_side_examine(nephi_side *side, nephi_item *item)
{
    return side->class->examine ? side->class->examine(side, item) : 0;
}
