/*
 * core/sync/merge.c - see merge.h. Both sides come in byte order, so that one item of each is all that is held.
 */
#include "core/sync/merge.h"

enum { TAKEN = 0, HELD, OVER };

static int side_fill(nephi_merge *merge, int side)
{
    int rc;
    if (merge->state[side] != TAKEN)
        return 0;
    rc = nephi_side_next(merge->sides[side], &merge->items[side]);
    if (rc != 0 && rc != 1)
        return rc;
    merge->state[side] = rc ? HELD : OVER;
    return 0;
}

/* Below 0: the source's comes first. */
static int order_of(const nephi_merge *merge)
{
    if (merge->state[NEPHI_FROM] == OVER)
        return 1;
    if (merge->state[NEPHI_TO] == OVER)
        return -1;
    return nephi_item_compare(&merge->items[NEPHI_FROM], &merge->items[NEPHI_TO]);
}

int nephi_merge_next(nephi_merge *merge, nephi_pair *pair, int *side)
{
    int order;
    for (*side = 0; *side < NEPHI_SIDES; ++*side) {
        int rc = side_fill(merge, *side);
        if (rc)
            return rc;
    }
    if (merge->state[NEPHI_FROM] == OVER && merge->state[NEPHI_TO] == OVER)
        return 0;
    order = order_of(merge);
    pair->from = order <= 0 ? &merge->items[NEPHI_FROM] : NULL;
    pair->to = order >= 0 ? &merge->items[NEPHI_TO] : NULL;
    if (order <= 0)
        merge->state[NEPHI_FROM] = TAKEN;
    if (order >= 0)
        merge->state[NEPHI_TO] = TAKEN;
    return 1;
}
