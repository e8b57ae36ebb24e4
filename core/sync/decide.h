/*
 * core/sync/decide.h - are two items the same? By NEPH_COMPARE_…, from what is known of them.
 */
#ifndef NEPHI_SYNC_DECIDE_H
#define NEPHI_SYNC_DECIDE_H

#include "core/sync/item.h"

#include <neph/sync.h>

typedef enum nephi_verdict {
    NEPHI_SAME = 0,
    NEPHI_DIFFERENT,
    NEPHI_ASK, /* more must be known: checksums, or when the files were written */
    NEPHI_OPEN /* inside decide.c alone */
} nephi_verdict;

typedef struct nephi_comparison {
    int32_t compare;     /* NEPH_COMPARE_… */
    int keeps_times;     /* files' times go with objects and come back: worth asking for */
    int is_asked;        /* all that can be known is */
    int is_incomparable; /* set: neither same nor different could be seen, so it is different */
} nephi_comparison;

nephi_verdict nephi_decide(nephi_comparison *how, const nephi_item *from, const nephi_item *to);

#endif
