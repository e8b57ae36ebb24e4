/*
 * address.c - Elastic IP addresses of EC2: list, allocate, associate, disassociate, release. They are those of a VPC,
 * known by their allocation.
 */
#include "ec2.h"

static const neph_field address_fields[] = {
    {"allocationId", .member = NEPH_ADDRESS_ID},
    {"publicIp", .member = NEPH_ADDRESS_IP, .flags = NEPH_FIELD_REQUIRED},
    {"tagSet/item[key=Name]/value", .member = NEPH_ADDRESS_NAME},
    {"instanceId", .member = NEPH_ADDRESS_NODE},
    {"privateIpAddress", .member = NEPH_ADDRESS_PRIVATE_IP},
    {"associationId", .member = NEPH_ADDRESS_ASSOCIATION},
    {"tagSet/item[key]/value", .member = NEPH_ADDRESS_TAGS},
    {"networkInterfaceId", "network_interface_id", .member = NEPH_EXTRA},
};

/* ---- list: DescribeAddresses, which has no pages */

static const neph_rule list_rules[] = {
    {.path = "addressesSet/item", NEPH_FIELDS(address_fields), .kind = NEPH_KIND_ADDRESS},
};
static const neph_reply list_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, list_rules);
const neph_reply *const ec2_address_list_replies[1] = {&list_reply};

static const ec2_list list = {
    .action = "DescribeAddresses",
    .id = "allocation-id",
    .name = "tag:Name",
    .has_tags = 1,
};

int32_t ec2_address_list(neph_call *call, neph_request *request)
{
    return ec2_list_ask(call, request, &list);
}

/* A new address comes without its name; one of before there were VPCs has no id but itself. */
int32_t ec2_address_each(neph_call *call, neph_record *record)
{
    const char *name = neph_argument(call, NEPH_ADDRESS_NAME);
    int32_t rc = name ? neph_record_set(record, NEPH_ADDRESS_NAME, name) : 0;
    if (rc || neph_record_get(record, NEPH_ADDRESS_ID))
        return rc;
    return neph_record_set(record, NEPH_ADDRESS_ID, neph_record_get(record, NEPH_ADDRESS_IP));
}

/* ---- allocate: AllocateAddress, which has no ClientToken */

static const neph_rule allocate_rules[] = {
    {.path = ".", NEPH_FIELDS(address_fields), .kind = NEPH_KIND_ADDRESS},
};
static const neph_reply allocate_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, allocate_rules);
const neph_reply *const ec2_address_allocate_replies[1] = {&allocate_reply};

int32_t ec2_address_allocate(neph_call *call, neph_request *request)
{
    neph_query query;
    ec2_begin(&query, request, "AllocateAddress");
    neph_query_add(&query, "Domain", "vpc");
    ec2_tags_add(&query, call, "elastic-ip", NEPH_ADDRESS_NAME, NEPH_ADDRESS_TAGS, 1);
    return query.status;
}

/* ---- associate: AssociateAddress, which takes the address from whoever has it unless told not to */

int32_t ec2_address_associate(neph_call *call, neph_request *request)
{
    neph_query query;
    ec2_begin(&query, request, "AssociateAddress");
    neph_query_add(&query, "AllocationId", neph_argument(call, NEPH_ADDRESS_ID));
    neph_query_add(&query, "InstanceId", neph_argument(call, NEPH_ADDRESS_NODE));
    neph_query_add(&query, "AllowReassociation",
                   neph_argument_integer(call, NEPH_REASSOCIATE) == 1 ? "true" : "false");
    return query.status;
}

/* ---- disassociate: DescribeAddresses says which association there is, DisassociateAddress ends it */

enum { SCRATCH_ASSOCIATION = NEPH_SCRATCH + 0 };

static const neph_field association_fields[] = {
    {"associationId", .member = SCRATCH_ASSOCIATION},
};
static const neph_rule association_rules[] = {
    {.path = "addressesSet/item", NEPH_FIELDS(association_fields)},
};
static const neph_reply association_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, association_rules);
const neph_reply *const ec2_address_disassociate_replies[2] = {&association_reply,
                                                               &neph_ec2_done_reply};

int32_t ec2_address_disassociate(neph_call *call, neph_request *request)
{
    neph_query query;
    if (neph_call_step(call)) {
        ec2_begin(&query, request, "DisassociateAddress");
        neph_query_add(&query, "AssociationId", neph_scratch(call, SCRATCH_ASSOCIATION));
    } else {
        ec2_begin(&query, request, "DescribeAddresses");
        neph_query_add(&query, "AllocationId.1", neph_argument(call, NEPH_ADDRESS_ID));
    }
    return query.status;
}

/* An address that leads nowhere is left as it is. */
int32_t ec2_address_disassociate_then(neph_call *call)
{
    if (neph_call_step(call) || !neph_scratch(call, SCRATCH_ASSOCIATION))
        return 0;
    return neph_again(call, 1, 0);
}

/* ---- release: ReleaseAddress */

int32_t ec2_address_release(neph_call *call, neph_request *request)
{
    neph_query query;
    ec2_begin(&query, request, "ReleaseAddress");
    neph_query_add(&query, "AllocationId", neph_argument(call, NEPH_ADDRESS_ID));
    return query.status;
}
