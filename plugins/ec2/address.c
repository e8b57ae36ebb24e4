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

/* ---- disassociate, release: DescribeAddresses says where the address leads first */

enum { SCRATCH_ASSOCIATION = NEPH_SCRATCH + 0, SCRATCH_NODE = NEPH_SCRATCH + 1 };

static const neph_field leads_fields[] = {
    {"associationId", .member = SCRATCH_ASSOCIATION},
    {"instanceId", .member = SCRATCH_NODE},
};
static const neph_rule leads_rules[] = {
    {.path = "addressesSet/item", NEPH_FIELDS(leads_fields)},
};
static const neph_reply leads_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, leads_rules);
const neph_reply *const ec2_address_leads_replies[2] = {&leads_reply, &neph_ec2_done_reply};

static int32_t leads_ask(neph_call *call, neph_request *request)
{
    neph_query query;
    ec2_begin(&query, request, "DescribeAddresses");
    neph_query_add(&query, "AllocationId.1", neph_argument(call, NEPH_ADDRESS_ID));
    return query.status;
}

int32_t ec2_address_disassociate(neph_call *call, neph_request *request)
{
    neph_query query;
    if (!neph_call_step(call))
        return leads_ask(call, request);
    ec2_begin(&query, request, "DisassociateAddress");
    neph_query_add(&query, "AssociationId", neph_scratch(call, SCRATCH_ASSOCIATION));
    return query.status;
}

/* An address that leads nowhere is left as it is. */
int32_t ec2_address_disassociate_then(neph_call *call)
{
    if (neph_call_step(call) || !neph_scratch(call, SCRATCH_ASSOCIATION))
        return 0;
    return neph_again(call, 1, 0);
}

int32_t ec2_address_release(neph_call *call, neph_request *request)
{
    neph_query query;
    if (!neph_call_step(call))
        return leads_ask(call, request);
    ec2_begin(&query, request, "ReleaseAddress");
    neph_query_add(&query, "AllocationId", neph_argument(call, NEPH_ADDRESS_ID));
    return query.status;
}

/* EC2 refuses it by itself; not every cloud that speaks like it does. */
int32_t ec2_address_release_then(neph_call *call)
{
    const char *node = neph_scratch(call, SCRATCH_NODE);
    if (neph_call_step(call))
        return 0;
    if (neph_scratch(call, SCRATCH_ASSOCIATION))
        return neph_fail(call, NEPH_CONFLICT, "the address leads to %s: disassociate it first",
                         node ? node : "a network interface");
    return neph_again(call, 1, 0);
}
