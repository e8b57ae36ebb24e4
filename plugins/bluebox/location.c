/*
 * location.c - where Blue Box is: one place, which the service has no call for.
 */
#include "bluebox.h"

/* ---- list */

int32_t bluebox_location_list(neph_call *call)
{
    neph_record *record = neph_record_new(call, NEPH_KIND_LOCATION);
    int32_t rc;
    if (!record)
        return neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    rc = neph_record_set(record, NEPH_LOCATION_ID, BLUEBOX_LOCATION_ID);
    if (!rc)
        rc = neph_record_set(record, NEPH_LOCATION_NAME, "Blue Box Seattle US");
    if (!rc)
        rc = neph_record_set(record, NEPH_LOCATION_COUNTRY, "US");
    if (rc)
        return rc;
    rc = neph_record_emit(call, record);
    return rc == NEPH_AGAIN ? 0 : rc;
}
