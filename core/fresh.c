/*
 * core/fresh.c - the ring of ids that a cloud made a moment ago. What it is good for, outcome.c and perform.c know.
 */
#include "core/fresh.h"

#include <string.h>

static int place_find(const nephi_fresh *fresh, const char *id)
{
    for (int i = 0; i < NEPHI_FRESH_MAX; i++)
        if (fresh->ids[i].id[0] && strcmp(fresh->ids[i].id, id) == 0)
            return i;
    return -1;
}

void nephi_fresh_add(nephi_fresh *fresh, const char *id, int64_t now_ms)
{
    size_t size = strlen(id) + 1;
    if (size == 1 || size > NEPHI_FRESH_SIZE || place_find(fresh, id) >= 0)
        return;
    memcpy(fresh->ids[fresh->next].id, id, size);
    fresh->ids[fresh->next].since_ms = now_ms;
    fresh->next = (fresh->next + 1) % NEPHI_FRESH_MAX;
}

void nephi_fresh_drop(nephi_fresh *fresh, const char *id)
{
    int place = place_find(fresh, id);
    if (place >= 0)
        fresh->ids[place].id[0] = 0;
}

int64_t nephi_fresh_since_ms(const nephi_fresh *fresh, const char *id)
{
    int place = place_find(fresh, id);
    return place < 0 ? -1 : fresh->ids[place].since_ms;
}
