/*
 * volume.c - volumes (EBS) of EC2: list, show, create, delete, attach, detach, resize.
 */
#include "ec2.h"

static const neph_map volume_states[] = {
    {"creating", NEPH_VOLUME_CREATING},
    {"available", NEPH_VOLUME_AVAILABLE},
    {"in-use", NEPH_VOLUME_IN_USE},
    {"deleting", NEPH_VOLUME_DELETING},
    {"deleted", NEPH_VOLUME_DELETED},
    {"error", NEPH_VOLUME_FAILED},
    {NULL, 0},
};
static const neph_map attachment_states[] = {
    {"attaching", NEPH_ATTACHMENT_ATTACHING}, {"attached", NEPH_ATTACHMENT_ATTACHED},
    {"detaching", NEPH_ATTACHMENT_DETACHING}, {"detached", NEPH_ATTACHMENT_DETACHED},
    {"busy", NEPH_ATTACHMENT_BUSY},           {NULL, 0},
};

/* Of a volume that several nodes have, the last one is told. */
static const neph_field volume_fields[] = {
    {"volumeId", .member = NEPH_VOLUME_ID, .flags = NEPH_FIELD_REQUIRED},
    {"tagSet/item[key=Name]/value", .member = NEPH_VOLUME_NAME},
    {"status", .member = NEPH_VOLUME_STATE, .map = volume_states},
    {"size", .member = NEPH_VOLUME_SIZE_BYTES, .scale = EC2_GIB},
    {"attachmentSet/item/instanceId", .member = NEPH_VOLUME_NODE},
    {"attachmentSet/item/device", .member = NEPH_VOLUME_DEVICE},
    {"attachmentSet/item/status", .member = NEPH_VOLUME_ATTACHMENT_STATE, .map = attachment_states},
    {"availabilityZone", .member = NEPH_VOLUME_LOCATION},
    {"volumeType", .member = NEPH_VOLUME_TYPE},
    {"iops", .member = NEPH_VOLUME_IOPS},
    {"encrypted", .member = NEPH_VOLUME_ENCRYPTED},
    {"snapshotId", .member = NEPH_VOLUME_SNAPSHOT},
    {"createTime", .member = NEPH_VOLUME_CREATED},
    {"tagSet/item[key]/value", .member = NEPH_VOLUME_TAGS},
    {"throughput", "throughput_mib_s", .member = NEPH_EXTRA},
    {"attachmentSet/item/deleteOnTermination", "delete_on_termination", .member = NEPH_EXTRA},
};
static const neph_field page_fields[] = {{"nextToken", .member = NEPH_PAGE_TOKEN}};

/* Begins a request on the volume of the call. */
static void volume_begin(neph_query *query, neph_call *call, neph_request *request,
                         const char *action)
{
    ec2_begin(query, request, action);
    neph_query_add(query, "VolumeId", neph_argument(call, NEPH_VOLUME_ID));
}

/* Sizes are whole GiB; never less than what was asked for. */
static int64_t gib_of(int64_t bytes)
{
    return bytes / EC2_GIB + (bytes % EC2_GIB != 0);
}

/* ---- list, show: DescribeVolumes */

static const neph_rule list_rules[] = {
    {.path = "volumeSet/item", NEPH_FIELDS(volume_fields), .kind = NEPH_KIND_VOLUME},
    {.path = ".", NEPH_FIELDS(page_fields)},
};
static const neph_reply list_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, list_rules);
const neph_reply *const ec2_volume_list_replies[1] = {&list_reply};

static const ec2_state states[] = {
    {"creating", "creating"},
    {"available", "available"},
    {"in-use", "in-use"},
    {"deleting", "deleting"},
    {"deleted", "deleted"},
    {"failed", "error"},
    {NULL, NULL},
};

static const ec2_list list = {
    .action = "DescribeVolumes",
    .id = "volume-id",
    .name = "tag:Name",
    .state = "status",
    .states = states,
    .location = "availability-zone",
    .page_max = 500,
    .has_tags = 1,
};

int32_t ec2_volume_list(neph_call *call, neph_request *request)
{
    return ec2_list_ask(call, request, &list);
}

int32_t ec2_volume_show(neph_call *call, neph_request *request)
{
    neph_query query;
    ec2_begin(&query, request, "DescribeVolumes");
    neph_query_add(&query, "VolumeId.1", neph_argument(call, NEPH_VOLUME_ID));
    return query.status;
}

/* ---- create: CreateVolume */

static const neph_rule create_rules[] = {
    {.path = ".", NEPH_FIELDS(volume_fields), .kind = NEPH_KIND_VOLUME},
};
static const neph_reply create_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, create_rules);
const neph_reply *const ec2_volume_create_replies[1] = {&create_reply};

static int32_t create_check(const neph_call *call)
{
    int64_t size = neph_argument_integer(call, NEPH_VOLUME_SIZE_BYTES);
    if (!neph_argument(call, NEPH_VOLUME_LOCATION))
        return neph_fail(call, NEPH_INVALID,
                         "a volume needs a location_id: the one of the node it is for");
    if (size == NEPH_UNKNOWN && !neph_argument(call, NEPH_VOLUME_SNAPSHOT))
        return neph_fail(call, NEPH_INVALID, "a volume needs size_bytes or a snapshot_id");
    if (size != NEPH_UNKNOWN && size <= 0)
        return neph_fail(call, NEPH_INVALID, "size_bytes must be positive");
    return 0;
}

int32_t ec2_volume_create(neph_call *call, neph_request *request)
{
    int64_t size = neph_argument_integer(call, NEPH_VOLUME_SIZE_BYTES);
    neph_query query;
    int32_t rc = create_check(call);
    if (rc)
        return rc;
    ec2_begin(&query, request, "CreateVolume");
    ec2_token_add(&query, call);
    if (size != NEPH_UNKNOWN)
        neph_query_add_integer(&query, "Size", gib_of(size));
    neph_query_add(&query, "AvailabilityZone", neph_argument(call, NEPH_VOLUME_LOCATION));
    neph_query_add(&query, "SnapshotId", neph_argument(call, NEPH_VOLUME_SNAPSHOT));
    neph_query_add(&query, "VolumeType", neph_argument(call, NEPH_VOLUME_TYPE));
    neph_query_add_integer(&query, "Iops", neph_argument_integer(call, NEPH_VOLUME_IOPS));
    if (neph_argument_integer(call, NEPH_VOLUME_ENCRYPTED) == 1)
        neph_query_add(&query, "Encrypted", "true");
    ec2_tags_add(&query, call, "volume", NEPH_VOLUME_NAME, NEPH_VOLUME_TAGS, 0);
    return query.status;
}

/* ---- delete: DeleteVolume */

int32_t ec2_volume_delete(neph_call *call, neph_request *request)
{
    neph_query query;
    volume_begin(&query, call, request, "DeleteVolume");
    return query.status;
}

/* ---- attach: AttachVolume, which must be told a device; without one the node's are looked at first */

#define DEVICE_FIRST                                                                               \
    'f' /* "Device names on Linux instances", EC2 User Guide: sdf to sdp are for volumes */
#define DEVICE_LAST 'p'

enum { SCRATCH_DEVICE = NEPH_SCRATCH + 0 };

/* Each device in use is for a moment a volume. */
static const neph_field device_fields[] = {{"deviceName", .member = NEPH_VOLUME_DEVICE}};
static const neph_rule device_rules[] = {
    {
        .path = "reservationSet/item/instancesSet/item/blockDeviceMapping/item",
        NEPH_FIELDS(device_fields),
        .kind = NEPH_KIND_VOLUME,
    },
};
static const neph_reply device_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, device_rules);
const neph_reply *const ec2_volume_attach_replies[2] = {&device_reply, &neph_ec2_done_reply};

static const char *device_of(const neph_call *call)
{
    const char *device = neph_argument(call, NEPH_VOLUME_DEVICE);
    return device ? device : neph_scratch(call, SCRATCH_DEVICE);
}

int32_t ec2_volume_attach(neph_call *call, neph_request *request)
{
    const char *device = device_of(call);
    neph_query query;
    if (!device) {
        ec2_begin(&query, request, "DescribeInstances");
        neph_query_add(&query, "InstanceId.1", neph_argument(call, NEPH_VOLUME_NODE));
        return query.status;
    }
    volume_begin(&query, call, request, "AttachVolume");
    neph_query_add(&query, "InstanceId", neph_argument(call, NEPH_VOLUME_NODE));
    neph_query_add(&query, "Device", device);
    return query.status;
}

/* Letters that are taken, a bit each: /dev/sdf is the same device as /dev/xvdf. */
int32_t ec2_volume_attach_each(neph_call *call, neph_record *record)
{
    const char *device = neph_record_get(record, NEPH_VOLUME_DEVICE);
    uint32_t *taken = neph_call_memory(call, sizeof *taken);
    if (!taken)
        return neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    if (device && !strncmp(device, "/dev/", 5))
        device += 5;
    if (device && (!strncmp(device, "sd", 2) || !strncmp(device, "xvd", 3)))
        device += device[0] == 's' ? 2 : 3;
    else
        device = NULL;
    if (device && *device >= 'a' && *device <= 'z')
        *taken |= UINT32_C(1) << (*device - 'a');
    return NEPH_DROP;
}

/* A race for the device that is lost is a conflict: nothing is attached. */
int32_t ec2_volume_attach_then(neph_call *call)
{
    uint32_t *taken;
    char device[] = "/dev/sd?";
    char letter = DEVICE_FIRST;
    int32_t rc;
    if (device_of(call))
        return 0;
    taken = neph_call_memory(call, sizeof *taken);
    if (!taken)
        return neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    while (letter <= DEVICE_LAST && *taken >> (letter - 'a') & 1)
        letter++;
    if (letter > DEVICE_LAST)
        return neph_fail(call, NEPH_LIMIT,
                         "the node has no device left between /dev/sd%c and /dev/sd%c: say which",
                         DEVICE_FIRST, DEVICE_LAST);
    device[sizeof device - 2] = letter;
    rc = neph_scratch_set(call, SCRATCH_DEVICE, device);
    return rc ? rc : neph_again(call, 1, 0);
}

/* ---- detach, resize: DescribeVolumes shows the volume first */

const neph_reply *const ec2_volume_change_replies[2] = {&list_reply, &neph_ec2_done_reply};

int32_t ec2_volume_change_then(neph_call *call)
{
    return neph_call_step(call) ? 0 : neph_again(call, 1, 0);
}

/* ---- detach: DetachVolume */

enum { SCRATCH_NODE = NEPH_SCRATCH + 1 };

int32_t ec2_volume_detach(neph_call *call, neph_request *request)
{
    neph_query query;
    if (!neph_call_step(call))
        return ec2_volume_show(call, request);
    volume_begin(&query, call, request, "DetachVolume");
    neph_query_add(&query, "InstanceId", neph_scratch(call, SCRATCH_NODE));
    if (neph_argument_integer(call, NEPH_FORCE) == 1)
        neph_query_add(&query, "Force", "true");
    return query.status;
}

/* Some clouds that speak like EC2 must be told the node. */
int32_t ec2_volume_detach_each(neph_call *call, neph_record *record)
{
    const char *wanted = neph_argument(call, NEPH_VOLUME_NODE);
    const char *node = neph_record_get(record, NEPH_VOLUME_NODE);
    int32_t rc;
    if (!node)
        return neph_fail(call, NEPH_CONFLICT, "no node has the volume");
    rc = neph_scratch_set(call, SCRATCH_NODE, wanted ? wanted : node);
    return rc ? rc : NEPH_DROP;
}

/* ---- resize: ModifyVolume */

int32_t ec2_volume_resize(neph_call *call, neph_request *request)
{
    neph_query query;
    if (!neph_call_step(call))
        return ec2_volume_show(call, request);
    volume_begin(&query, call, request, "ModifyVolume");
    neph_query_add_integer(&query, "Size",
                           gib_of(neph_argument_integer(call, NEPH_VOLUME_SIZE_BYTES)));
    return query.status;
}

int32_t ec2_volume_resize_each(neph_call *call, neph_record *record)
{
    int64_t size = neph_record_get_integer(record, NEPH_VOLUME_SIZE_BYTES) / EC2_GIB;
    if (gib_of(neph_argument_integer(call, NEPH_VOLUME_SIZE_BYTES)) <= size)
        return neph_fail(call, NEPH_INVALID, "the volume has %lld GiB, and can only grow",
                         (long long)size);
    return NEPH_DROP;
}
