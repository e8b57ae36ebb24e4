/*
 * size.c - the three sizes that a Nimbus cloud has. What they are made of is up to whoever runs the cloud, and told to
 * nobody; so is what they cost.
 */
#include "nimbus.h"

static const struct {
    const char *id;
    const char *name;
} sizes[] = {
    {"m1.small", "Small Instance"},
    {"m1.large", "Large Instance"},
    {"m1.xlarge", "Extra Large Instance"},
};

/* ---- list */

static int32_t size_emit(neph_call *call, size_t index)
{
    neph_record *record = neph_record_new(call, NEPH_KIND_SIZE);
    int32_t rc;
    if (!record)
        return neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    rc = neph_record_set(record, NEPH_SIZE_ID, sizes[index].id);
    if (!rc)
        rc = neph_record_set(record, NEPH_SIZE_NAME, sizes[index].name);
    if (rc)
        return rc;
    rc = neph_record_emit(call, record);
    return rc == NEPH_AGAIN ? 0 : rc;
}

int32_t nimbus_size_list(neph_call *call)
{
    int32_t rc = 0;
    for (size_t i = 0; !rc && i < NEPH_COUNT(sizes); i++)
        rc = size_emit(call, i);
    return rc;
}
