/*
 * location.c - availability zones of the region: list.
 */
#include "ec2.h"

/* ---- list: DescribeAvailabilityZones */

const neph_reply *const ec2_location_list_replies[1] = {&neph_ec2_location_list_reply};

static const ec2_list list = {.action = "DescribeAvailabilityZones", .id = "zone-name"};

int32_t ec2_location_list(neph_call *call, neph_request *request)
{
    return ec2_list_ask(call, request, &list);
}
