/*
 * location.c - availability zones of a Nimbus cloud: list.
 */
#include "nimbus.h"

/* ---- list: DescribeAvailabilityZones */

const neph_reply *const nimbus_location_list_replies[1] = {&neph_ec2_location_list_reply};

int32_t nimbus_location_list(neph_call *call, neph_request *request)
{
    neph_query query;
    int32_t rc = nimbus_begin(&query, call, request, "DescribeAvailabilityZones");
    return rc ? rc : query.status;
}
