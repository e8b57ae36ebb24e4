/*
 * core/transfer/plan.c - how large the parts of an object are: so large that as many as the cloud
 * takes suffice, and no larger than needed, so that little is lost when one fails.
 */
#include "core/transfer/transfer.h"

#define PART_BYTES (8 * NEPHI_MIB)    /* unless the object wants larger ones */
#define SINGLE_BYTES (16 * NEPHI_MIB) /* what is no larger goes in one request */

static int64_t or_most(int64_t limit)
{
    return limit == NEPH_UNKNOWN ? INT64_MAX : limit;
}

static int64_t or_least(int64_t limit)
{
    return limit == NEPH_UNKNOWN ? 1 : limit;
}

static int64_t divide_up(int64_t size, int64_t by)
{
    return size / by + (size % by != 0);
}

int64_t nephi_plan_single(const nephi_limits *limits, int64_t asked)
{
    int64_t most = asked > 0 ? asked : SINGLE_BYTES;
    int64_t put = limits ? or_most(limits->put_bytes) : INT64_MAX;
    return most < put ? most : put;
}

/* What the program wants is taken or refused, never bent. */
static int asked_check(const nephi_limits *limits, int64_t size_bytes, int64_t asked,
                       nephi_error *error)
{
    int64_t count = or_most(limits->part_count);
    if (asked < or_least(limits->part_bytes_min))
        return nephi_fail(error, NEPH_INVALID,
                          "parts of %lld bytes are too small: the cloud takes none below %lld",
                          (long long)asked, (long long)limits->part_bytes_min);
    if (asked > or_most(limits->part_bytes_max))
        return nephi_fail(error, NEPH_INVALID,
                          "parts of %lld bytes are too large: the cloud takes none above %lld",
                          (long long)asked, (long long)limits->part_bytes_max);
    if (divide_up(size_bytes, asked) > count)
        return nephi_fail(
            error, NEPH_INVALID,
            "parts of %lld bytes are too small for %lld bytes: the cloud takes %lld parts at "
            "most, of at least %lld bytes then",
            (long long)asked, (long long)size_bytes, (long long)count,
            (long long)divide_up(size_bytes, count));
    return 0;
}

static int too_large(int64_t size_bytes, int64_t most, nephi_error *error)
{
    return nephi_fail(error, NEPH_LIMIT, "%lld bytes are more than the %lld that the cloud takes",
                      (long long)size_bytes, (long long)most);
}

int nephi_plan(const nephi_limits *limits, int64_t size_bytes, int64_t asked, int64_t *part_bytes,
               nephi_error *error)
{
    int64_t count = or_most(limits->part_count);
    int64_t least = or_least(limits->part_bytes_min), most = or_most(limits->part_bytes_max);
    int64_t size = divide_up(size_bytes, count);
    if (size_bytes > or_most(limits->object_bytes))
        return too_large(size_bytes, limits->object_bytes, error);
    if (asked > 0) {
        *part_bytes = asked;
        return asked_check(limits, size_bytes, asked, error);
    }
    if (size > most)
        return too_large(size_bytes, most * count, error);
    size = size > PART_BYTES ? size : PART_BYTES;
    size = size > least ? size : least;
    if (size <= INT64_MAX - NEPHI_MIB)
        size = divide_up(size, NEPHI_MIB) * NEPHI_MIB;
    *part_bytes = size < most ? size : most;
    return 0;
}
