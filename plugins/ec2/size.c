/*
 * size.c - instance types of EC2: list. What they cost is no part of this API.
 */
#include "ec2.h"

#define MIB (INT64_C(1) << 20)
#define GB INT64_C(1000000000) /* instance storage is told in these: "InstanceStorageInfo" */

/* ---- list: DescribeInstanceTypes */

static const neph_field size_fields[] = {
    {"instanceType", .member = NEPH_SIZE_ID, .flags = NEPH_FIELD_REQUIRED},
    {"instanceType", .member = NEPH_SIZE_NAME},
    {"vCpuInfo/defaultVCpus", .member = NEPH_SIZE_CPUS},
    {"memoryInfo/sizeInMiB", .member = NEPH_SIZE_RAM_BYTES, .scale = MIB},
    {"instanceStorageInfo/totalSizeInGB", .member = NEPH_SIZE_DISK_BYTES, .scale = GB},
    {"hypervisor", .member = NEPH_EXTRA},
    {"currentGeneration", "current_generation", .member = NEPH_EXTRA},
    {"processorInfo/supportedArchitectures/item", .member = NEPH_SIZE_ARCHITECTURES},
};
static const neph_field page_fields[] = {{"nextToken", .member = NEPH_PAGE_TOKEN}};
static const neph_rule list_rules[] = {
    {.path = "instanceTypeSet/item", NEPH_FIELDS(size_fields), .kind = NEPH_KIND_SIZE},
    {.path = ".", NEPH_FIELDS(page_fields)},
};
static const neph_reply list_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, list_rules);
const neph_reply *const ec2_size_list_replies[1] = {&list_reply};

static const ec2_list list = {
    .action = "DescribeInstanceTypes",
    .id = "instance-type",
    .page_max = 100,
};

int32_t ec2_size_list(neph_call *call, neph_request *request)
{
    return ec2_list_ask(call, request, &list);
}
