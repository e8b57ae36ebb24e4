/*
 * network.c - VPCs of EC2 and their subnets: list.
 */
#include "ec2.h"

static const neph_field page_fields[] = {{"nextToken", .member = NEPH_PAGE_TOKEN}};

/* ---- network list: DescribeVpcs */

static const neph_field network_fields[] = {
    {"vpcId", .member = NEPH_NETWORK_ID, .flags = NEPH_FIELD_REQUIRED},
    {"tagSet/item[key=Name]/value", .member = NEPH_NETWORK_NAME},
    {"cidrBlockAssociationSet/item/cidrBlock", .member = NEPH_NETWORK_CIDRS},
    {"ipv6CidrBlockAssociationSet/item/ipv6CidrBlock", .member = NEPH_NETWORK_CIDRS},
    {"isDefault", .member = NEPH_NETWORK_DEFAULT},
    {"tagSet/item[key]/value", .member = NEPH_NETWORK_TAGS},
    {"state", .member = NEPH_EXTRA},
    {"cidrBlock", "primary_cidr", .member = NEPH_EXTRA},
};
static const neph_rule network_rules[] = {
    {.path = "vpcSet/item", NEPH_FIELDS(network_fields), .kind = NEPH_KIND_NETWORK},
    {.path = ".", NEPH_FIELDS(page_fields)},
};
static const neph_reply network_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, network_rules);
const neph_reply *const ec2_network_list_replies[1] = {&network_reply};

static const ec2_list networks = {
    .action = "DescribeVpcs",
    .id = "vpc-id",
    .name = "tag:Name",
    .page_max = 1000,
    .has_tags = 1,
};

int32_t ec2_network_list(neph_call *call, neph_request *request)
{
    return ec2_list_ask(call, request, &networks);
}

/* ---- subnet list: DescribeSubnets */

static const neph_field subnet_fields[] = {
    {"subnetId", .member = NEPH_SUBNET_ID, .flags = NEPH_FIELD_REQUIRED},
    {"tagSet/item[key=Name]/value", .member = NEPH_SUBNET_NAME},
    {"cidrBlock", .member = NEPH_SUBNET_CIDR},
    {"vpcId", .member = NEPH_SUBNET_NETWORK},
    {"availabilityZone", .member = NEPH_SUBNET_LOCATION},
    {"availableIpAddressCount", .member = NEPH_SUBNET_FREE_ADDRESSES},
    {"tagSet/item[key]/value", .member = NEPH_SUBNET_TAGS},
    {"state", .member = NEPH_EXTRA},
    {"defaultForAz", "is_default", .member = NEPH_EXTRA},
};
static const neph_rule subnet_rules[] = {
    {.path = "subnetSet/item", NEPH_FIELDS(subnet_fields), .kind = NEPH_KIND_SUBNET},
    {.path = ".", NEPH_FIELDS(page_fields)},
};
static const neph_reply subnet_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, subnet_rules);
const neph_reply *const ec2_subnet_list_replies[1] = {&subnet_reply};

static const ec2_list subnets = {
    .action = "DescribeSubnets",
    .id = "subnet-id",
    .name = "tag:Name",
    .location = "availability-zone",
    .page_max = 1000,
    .has_tags = 1,
};

int32_t ec2_subnet_list(neph_call *call, neph_request *request)
{
    return ec2_list_ask(call, request, &subnets);
}
