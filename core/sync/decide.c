/*
 * core/sync/decide.c - the rules of comparison, a row for each way to compare: the first rule that knows decides.
 *
 * By time, the source is taken for changed if it was written after the destination was. A file and the object made of it, or
 * the other way, then stay the same: whatever was written second is not older. Where files keep their times (keep_times),
 * what the file and the object say of the file's time goes before that.
 */
#include "core/sync/decide.h"

#include "core/checksum.h"

#include <string.h>

/* Clouds and file systems cut times to whole seconds. */
#define TOLERANCE_NS NEPH_NANO

typedef nephi_verdict (*rule_fn)(nephi_comparison *how, const nephi_item *from,
                                 const nephi_item *to);

static nephi_verdict always_same(nephi_comparison *how, const nephi_item *from,
                                 const nephi_item *to)
{
    (void)how;
    (void)from;
    (void)to;
    return NEPHI_SAME;
}

static nephi_verdict always_different(nephi_comparison *how, const nephi_item *from,
                                      const nephi_item *to)
{
    (void)how;
    (void)from;
    (void)to;
    return NEPHI_DIFFERENT;
}

static nephi_verdict by_size(nephi_comparison *how, const nephi_item *from, const nephi_item *to)
{
    if (from->size_bytes == NEPH_UNKNOWN || to->size_bytes == NEPH_UNKNOWN)
        return how->is_asked ? NEPHI_DIFFERENT : NEPHI_ASK;
    return from->size_bytes == to->size_bytes ? NEPHI_OPEN : NEPHI_DIFFERENT;
}

static nephi_verdict by_checksum(nephi_comparison *how, const nephi_item *from,
                                 const nephi_item *to)
{
    (void)how;
    if (!from->checksum || !to->checksum || !nephi_checksum_is_alike(from->checksum, to->checksum))
        return NEPHI_OPEN;
    return strcmp(from->checksum, to->checksum) == 0 ? NEPHI_SAME : NEPHI_DIFFERENT;
}

static nephi_verdict by_asking(nephi_comparison *how, const nephi_item *from, const nephi_item *to)
{
    (void)from;
    (void)to;
    if (!how->is_asked)
        return NEPHI_ASK;
    how->is_incomparable = 1;
    return NEPHI_DIFFERENT;
}

/* What both say of the file that they are or came from. */
static nephi_verdict by_file_time(nephi_comparison *how, const nephi_item *from,
                                  const nephi_item *to)
{
    int64_t later;
    (void)how;
    if (from->local_ns == NEPH_UNKNOWN || to->local_ns == NEPH_UNKNOWN)
        return NEPHI_OPEN;
    later = from->local_ns - to->local_ns;
    if (later > TOLERANCE_NS)
        return NEPHI_DIFFERENT;
    return later >= -TOLERANCE_NS ? NEPHI_SAME : NEPHI_OPEN;
}

static nephi_verdict by_time(nephi_comparison *how, const nephi_item *from, const nephi_item *to)
{
    if (from->modified_ns != NEPH_UNKNOWN && to->modified_ns != NEPH_UNKNOWN &&
        from->modified_ns - to->modified_ns <= TOLERANCE_NS)
        return NEPHI_SAME;
    if (how->keeps_times && !how->is_asked &&
        (from->local_ns == NEPH_UNKNOWN || to->local_ns == NEPH_UNKNOWN))
        return NEPHI_ASK;
    return NEPHI_DIFFERENT;
}

#define RULES_MAX 4

static const rule_fn rules[][RULES_MAX] = {
    [NEPH_COMPARE_AUTO] = {by_size, by_checksum, by_file_time, by_time},
    [NEPH_COMPARE_SIZE] = {by_size, always_same},
    [NEPH_COMPARE_CHECKSUM] = {by_size, by_checksum, by_asking},
    [NEPH_COMPARE_NONE] = {always_different},
    [NEPH_COMPARE_ABSENT] = {always_same},
};

nephi_verdict nephi_decide(nephi_comparison *how, const nephi_item *from, const nephi_item *to)
{
    nephi_verdict verdict = NEPHI_OPEN;
    for (int i = 0; verdict == NEPHI_OPEN; i++)
        verdict = rules[how->compare][i](how, from, to);
    return verdict;
}
