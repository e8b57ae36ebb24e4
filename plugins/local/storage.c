/*
 * storage.c - what this storage takes: there is little that it does not.
 */
#include "local.h"

int32_t local_storage_limits(neph_call *call)
{
    static const struct {
        int32_t member;
        int64_t value;
    } limits[] = {
        {NEPH_LIMITS_PART_COUNT, LOCAL_PART_MAX},
        {NEPH_LIMITS_EQUAL_PARTS, 0},
        {NEPH_LIMITS_DELETE_COUNT, LOCAL_DELETE_MAX},
    };
    neph_record *record = neph_record_new(call, NEPH_KIND_LIMITS);
    int32_t rc;
    if (!record)
        return neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    rc = neph_record_set(record, NEPH_LIMITS_CHECKSUM, "crc64nvme");
    for (size_t i = 0; !rc && i < NEPH_COUNT(limits); i++)
        rc = neph_record_set_integer(record, limits[i].member, limits[i].value);
    rc = rc ? rc : neph_record_emit(call, record);
    return rc == NEPH_AGAIN ? 0 : rc;
}
