/*
 * ec2.c - replies, errors and parameters that all clouds with EC2's Query API have in common (see neph/kit/ec2.h). Neither
 * asks nor signs.
 */
#include <neph/kit/imds.h>
#include <neph/kit/ec2.h>
#include <neph/kit/text.h>

/* ---- nodes */

const neph_map neph_ec2_node_states[7] = {
    {"pending", NEPH_NODE_PENDING},        {"running", NEPH_NODE_RUNNING},
    {"shutting-down", NEPH_NODE_STOPPING}, {"stopping", NEPH_NODE_STOPPING},
    {"stopped", NEPH_NODE_STOPPED},        {"terminated", NEPH_NODE_TERMINATED},
    {NULL, NEPH_NODE_STATE_UNKNOWN},
};

static const neph_field node_fields[] = {
    {"instanceId", .member = NEPH_NODE_ID, .flags = NEPH_FIELD_REQUIRED},
    {"tagSet/item[key=Name]/value", .member = NEPH_NODE_NAME},
    {"instanceState/name", .member = NEPH_NODE_STATE, .map = neph_ec2_node_states},
    {"ipAddress", .member = NEPH_NODE_PUBLIC_IPS},
    {"ipv6Address", .member = NEPH_NODE_PUBLIC_IPS},
    {"privateIpAddress", .member = NEPH_NODE_PRIVATE_IPS},
    {"instanceType", .member = NEPH_NODE_SIZE},
    {"imageId", .member = NEPH_NODE_IMAGE},
    {"placement/availabilityZone", .member = NEPH_NODE_LOCATION},
    {"launchTime", .member = NEPH_NODE_CREATED},
    {"keyName", .member = NEPH_NODE_KEY},
    {"groupSet/item/groupId", .member = NEPH_NODE_FIREWALLS},
    {"vpcId", .member = NEPH_NODE_NETWORK},
    {"subnetId", .member = NEPH_NODE_SUBNET},
    {"tagSet/item[key]/value", .member = NEPH_NODE_TAGS},
    {"dnsName", "dns_name", .member = NEPH_EXTRA},
    {"privateDnsName", "private_dns_name", .member = NEPH_EXTRA},
    {"architecture", .member = NEPH_EXTRA},
    {"stateReason/message", "state_reason", .member = NEPH_EXTRA},
};

static const neph_field page_fields[] = {{"nextToken", .member = NEPH_PAGE_TOKEN}};

static const neph_rule node_list_rules[] = {
    {
        .path = "reservationSet/item/instancesSet/item",
        NEPH_FIELDS(node_fields),
        .kind = NEPH_KIND_NODE,
    },
    {.path = ".", NEPH_FIELDS(page_fields)},
};
const neph_reply neph_ec2_node_list_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, node_list_rules);

static const neph_rule node_create_rules[] = {
    {.path = "instancesSet/item", NEPH_FIELDS(node_fields), .kind = NEPH_KIND_NODE},
};
const neph_reply neph_ec2_node_create_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, node_create_rules);

/* ---- images */

static const neph_map image_states[] = {
    {"available", NEPH_IMAGE_AVAILABLE}, {"pending", NEPH_IMAGE_PENDING},
    {"transient", NEPH_IMAGE_PENDING},   {"deregistered", NEPH_IMAGE_DELETED},
    {"invalid", NEPH_IMAGE_FAILED},      {"failed", NEPH_IMAGE_FAILED},
    {"error", NEPH_IMAGE_FAILED},        {NULL, 0},
};

static const neph_field image_fields[] = {
    {"imageId", .member = NEPH_IMAGE_ID, .flags = NEPH_FIELD_REQUIRED},
    {"name", .member = NEPH_IMAGE_NAME},
    {"isPublic", .member = NEPH_IMAGE_PUBLIC},
    {"creationDate", .member = NEPH_IMAGE_CREATED},
    {"imageState", .member = NEPH_IMAGE_STATE, .map = image_states},
    {"description", .member = NEPH_IMAGE_DESCRIPTION},
    {"architecture", .member = NEPH_IMAGE_ARCHITECTURE},
    {"imageOwnerId", .member = NEPH_IMAGE_OWNER},
    {"tagSet/item[key]/value", .member = NEPH_IMAGE_TAGS},
    {"imageLocation", "source", .member = NEPH_EXTRA},
    {"imageOwnerAlias", "owner_alias", .member = NEPH_EXTRA},
    {"platform", .member = NEPH_EXTRA},
    {"rootDeviceType", "root_device_type", .member = NEPH_EXTRA},
    {"virtualizationType", "virtualization_type", .member = NEPH_EXTRA},
};
static const neph_rule image_list_rules[] = {
    {.path = "imagesSet/item", NEPH_FIELDS(image_fields), .kind = NEPH_KIND_IMAGE},
    {.path = ".", NEPH_FIELDS(page_fields)},
};
const neph_reply neph_ec2_image_list_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, image_list_rules);

/* ---- locations */

static const neph_field location_fields[] = {
    {"zoneName", .member = NEPH_LOCATION_ID, .flags = NEPH_FIELD_REQUIRED},
    {"zoneName", .member = NEPH_LOCATION_NAME},
    {"zoneState", "state", .member = NEPH_EXTRA},
    {"zoneId", "zone_id", .member = NEPH_EXTRA},
    {"regionName", "region", .member = NEPH_EXTRA},
};
static const neph_rule location_list_rules[] = {
    {
        .path = "availabilityZoneInfo/item",
        NEPH_FIELDS(location_fields),
        .kind = NEPH_KIND_LOCATION,
    },
};
const neph_reply neph_ec2_location_list_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, location_list_rules);

/* ---- one by its id */

static const struct shown {
    uint32_t op;
    int32_t member; /* of the result, and of the call */
    const char *noun;
} shows[] = {
    {NEPH_OP_NODE_SHOW, NEPH_NODE_ID, "node"},
    {NEPH_OP_IMAGE_SHOW, NEPH_IMAGE_ID, "image"},
    {NEPH_OP_VOLUME_SHOW, NEPH_VOLUME_ID, "volume"},
    {NEPH_OP_SNAPSHOT_SHOW, NEPH_SNAPSHOT_ID, "snapshot"},
};

static const struct shown *shown_of(const neph_call *call)
{
    size_t i = 0;
    while (i + 1 < NEPH_COUNT(shows) && shows[i].op != neph_call_op(call))
        i++;
    return &shows[i];
}

int32_t neph_ec2_show_each(neph_call *call, neph_record *record)
{
    int32_t member = shown_of(call)->member;
    const char *id = neph_record_get(record, member);
    if (!id || strcmp(id, neph_argument(call, member)) != 0)
        return NEPH_DROP;
    return neph_scratch_set(call, NEPH_EC2_SCRATCH_SHOWN, "yes");
}

int32_t neph_ec2_show_then(neph_call *call)
{
    const struct shown *shown = shown_of(call);
    return neph_scratch(call, NEPH_EC2_SCRATCH_SHOWN)
               ? 0
               : neph_fail(call, NEPH_NOT_FOUND, "there is no %s %.80s", shown->noun,
                           neph_argument(call, shown->member));
}

/* ---- what returns nothing */

const neph_reply neph_ec2_done_reply = {.size = sizeof(neph_reply), .format = NEPH_REPLY_XML};

/* ---- errors: <Response><Errors><Error><Code/><Message/></Error></Errors><RequestID/></Response> */

static const neph_field error_fields[] = {
    {"Errors/Error/Code", .member = NEPH_ERROR_CODE},
    {"Errors/Error/Message", .member = NEPH_ERROR_MESSAGE},
    {"RequestID", .member = NEPH_ERROR_REQUEST_ID},
};
static const neph_rule error_rules[] = {
    {.path = ".", NEPH_FIELDS(error_fields)},
};
const neph_reply neph_ec2_error_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, error_rules);

/* "Error codes", EC2 API Reference. An id that is malformed is one that nothing has: not found, too. */
/* clang-format off */
#define FAULT(status, retry, code) {code, 0, NEPH_##status, NEPH_RETRY_##retry, 0}

const neph_fault neph_ec2_faults[NEPH_EC2_FAULT_COUNT] = {
    FAULT(AUTH, PERMANENT, "AuthFailure"),
    FAULT(AUTH, PERMANENT, "ExpiredToken"),
    FAULT(AUTH, PERMANENT, "IncompleteSignature"),
    FAULT(AUTH, PERMANENT, "InvalidClientTokenId"),
    FAULT(AUTH, PERMANENT, "MissingAuthenticationToken"),
    FAULT(AUTH, PERMANENT, "RequestExpired"),
    FAULT(AUTH, PERMANENT, "SignatureDoesNotMatch"),
    FAULT(PERMISSION, PERMANENT, "Blocked"),
    FAULT(PERMISSION, PERMANENT, "OperationNotPermitted"),
    FAULT(PERMISSION, PERMANENT, "OptInRequired"),
    FAULT(PERMISSION, PERMANENT, "PendingVerification"),
    FAULT(PERMISSION, PERMANENT, "UnauthorizedOperation"),
    FAULT(NOT_FOUND, PERMANENT, "InvalidAddress.NotFound"),
    FAULT(NOT_FOUND, PERMANENT, "InvalidAddressID.NotFound"),
    FAULT(NOT_FOUND, PERMANENT, "InvalidAllocationID.NotFound"),
    FAULT(NOT_FOUND, PERMANENT, "InvalidAMIID.Malformed"),
    FAULT(NOT_FOUND, PERMANENT, "InvalidAMIID.NotFound"),
    FAULT(NOT_FOUND, PERMANENT, "InvalidAMIID.Unavailable"),
    FAULT(NOT_FOUND, PERMANENT, "InvalidAssociationID.NotFound"),
    FAULT(NOT_FOUND, PERMANENT, "InvalidAttachment.NotFound"),
    FAULT(NOT_FOUND, PERMANENT, "InvalidGroup.NotFound"),
    FAULT(NOT_FOUND, PERMANENT, "InvalidGroupId.Malformed"),
    FAULT(NOT_FOUND, PERMANENT, "InvalidID"),
    FAULT(NOT_FOUND, PERMANENT, "InvalidInstanceID"),
    FAULT(NOT_FOUND, PERMANENT, "InvalidInstanceID.Malformed"),
    FAULT(NOT_FOUND, PERMANENT, "InvalidInstanceID.NotFound"),
    FAULT(NOT_FOUND, PERMANENT, "InvalidKeyPair.NotFound"),
    FAULT(NOT_FOUND, PERMANENT, "InvalidPermission.NotFound"),
    FAULT(NOT_FOUND, PERMANENT, "InvalidSecurityGroupID.NotFound"),
    FAULT(NOT_FOUND, PERMANENT, "InvalidSnapshot.NotFound"),
    FAULT(NOT_FOUND, PERMANENT, "InvalidSnapshotID.Malformed"),
    FAULT(NOT_FOUND, PERMANENT, "InvalidSubnetID.NotFound"),
    FAULT(NOT_FOUND, PERMANENT, "InvalidVolume.Malformed"),
    FAULT(NOT_FOUND, PERMANENT, "InvalidVolume.NotFound"),
    FAULT(NOT_FOUND, PERMANENT, "InvalidVolumeID.Malformed"),
    FAULT(NOT_FOUND, PERMANENT, "InvalidVpcID.NotFound"),
    FAULT(EXISTS, PERMANENT, "InvalidAMIName.Duplicate"),
    FAULT(EXISTS, PERMANENT, "InvalidGroup.Duplicate"),
    FAULT(EXISTS, PERMANENT, "InvalidKeyPair.Duplicate"),
    FAULT(EXISTS, PERMANENT, "InvalidPermission.Duplicate"),
    FAULT(CONFLICT, PERMANENT, "DependencyViolation"),
    FAULT(CONFLICT, PERMANENT, "IdempotentParameterMismatch"),
    FAULT(CONFLICT, PERMANENT, "IncorrectInstanceState"),
    FAULT(CONFLICT, PERMANENT, "IncorrectModificationState"),
    FAULT(CONFLICT, PERMANENT, "IncorrectState"),
    FAULT(CONFLICT, PERMANENT, "InvalidDevice.InUse"),
    FAULT(CONFLICT, PERMANENT, "InvalidGroup.InUse"),
    FAULT(CONFLICT, PERMANENT, "InvalidGroup.Reserved"),
    FAULT(CONFLICT, PERMANENT, "InvalidInstance.NotInVPC"),
    FAULT(CONFLICT, PERMANENT, "InvalidIPAddress.InUse"),
    FAULT(CONFLICT, PERMANENT, "InvalidSnapshot.InUse"),
    FAULT(CONFLICT, PERMANENT, "InvalidVolume.ZoneMismatch"),
    FAULT(CONFLICT, PERMANENT, "Resource.AlreadyAssigned"),
    FAULT(CONFLICT, PERMANENT, "Resource.AlreadyAssociated"),
    FAULT(CONFLICT, PERMANENT, "ResourceInUse"),
    FAULT(CONFLICT, PERMANENT, "VolumeInUse"),
    FAULT(INVALID, PERMANENT, "InvalidAMIName.Malformed"),
    FAULT(INVALID, PERMANENT, "InvalidBlockDeviceMapping"),
    FAULT(INVALID, PERMANENT, "InvalidFilter"),
    FAULT(INVALID, PERMANENT, "InvalidInstanceType"),
    FAULT(INVALID, PERMANENT, "InvalidKey.Format"),
    FAULT(INVALID, PERMANENT, "InvalidParameter"),
    FAULT(INVALID, PERMANENT, "InvalidParameterCombination"),
    FAULT(INVALID, PERMANENT, "InvalidParameterDependency"),
    FAULT(INVALID, PERMANENT, "InvalidParameterValue"),
    FAULT(INVALID, PERMANENT, "InvalidPermission.Malformed"),
    FAULT(INVALID, PERMANENT, "InvalidSnapshot.Format"),
    FAULT(INVALID, PERMANENT, "InvalidUserData.Malformed"),
    FAULT(INVALID, PERMANENT, "InvalidZone.NotFound"),
    FAULT(INVALID, PERMANENT, "MissingParameter"),
    FAULT(INVALID, PERMANENT, "UnknownParameter"),
    FAULT(INVALID, PERMANENT, "UnknownVolumeType.InvalidVolumeType"),
    FAULT(LIMIT, PERMANENT, "AttachmentLimitExceeded"),
    FAULT(LIMIT, PERMANENT, "TagLimitExceeded"),
    FAULT(QUOTA, PERMANENT, "AddressLimitExceeded"),
    FAULT(QUOTA, PERMANENT, "InstanceLimitExceeded"),
    FAULT(QUOTA, PERMANENT, "MaxIOPSLimitExceeded"),
    FAULT(QUOTA, PERMANENT, "MaxSpotInstanceCountExceeded"),
    FAULT(QUOTA, PERMANENT, "ResourceLimitExceeded"),
    FAULT(QUOTA, PERMANENT, "RulesPerSecurityGroupLimitExceeded"),
    FAULT(QUOTA, PERMANENT, "SecurityGroupLimitExceeded"),
    FAULT(QUOTA, PERMANENT, "SecurityGroupsPerInstanceLimitExceeded"),
    FAULT(QUOTA, PERMANENT, "SnapshotLimitExceeded"),
    FAULT(QUOTA, PERMANENT, "VcpuLimitExceeded"),
    FAULT(QUOTA, PERMANENT, "VolumeLimitExceeded"),
    FAULT(THROTTLED, TRANSIENT, "RequestLimitExceeded"),
    FAULT(THROTTLED, TRANSIENT, "SnapshotCreationPerVolumeRateExceeded"),
    FAULT(THROTTLED, TRANSIENT, "Throttling"),
    FAULT(UNAVAILABLE, PERMANENT, "InsufficientAddressCapacity"),
    FAULT(UNAVAILABLE, PERMANENT, "InsufficientInstanceCapacity"),
    FAULT(UNAVAILABLE, PERMANENT, "InsufficientVolumeCapacity"),
    FAULT(UNAVAILABLE, TRANSIENT, "InternalError"),
    FAULT(UNAVAILABLE, TRANSIENT, "InternalFailure"),
    FAULT(UNAVAILABLE, TRANSIENT, "Unavailable"),
    FAULT(UNSUPPORTED, PERMANENT, "InvalidAction"),
    FAULT(UNSUPPORTED, PERMANENT, "Unsupported"),
    FAULT(UNSUPPORTED, PERMANENT, "UnsupportedOperation"),
};
/* clang-format on */

/* Any of these may mean that the clock is wrong; the host compares it with the reply's Date. */
int32_t neph_ec2_fault(neph_call *call)
{
    static const char *const codes[] = {"AuthFailure", "RequestExpired", "SignatureDoesNotMatch"};
    const char *code = neph_error_code(call);
    if (neph_call_op(call) == NEPH_OP_LOGIN)
        return neph_imds_fault(call);
    for (size_t i = 0; code && i < NEPH_COUNT(codes); i++)
        if (!strcmp(code, codes[i]))
            return NEPH_FAULT_CLOCK;
    return NEPH_FAULT_DEFAULT;
}

/* ---- requests */

static int32_t user_data_limit(neph_call *call, size_t size)
{
    return neph_fail(call, NEPH_LIMIT, "the user data has %zu bytes, %d are the limit", size,
                     NEPH_EC2_USER_DATA_MAX);
}

static int32_t user_data_encode(neph_query *query, neph_call *call, const char *key,
                                const char *data)
{
    size_t size = strlen(data);
    size_t capacity = (NEPH_EC2_USER_DATA_MAX + 2) / 3 * 4 + 1;
    neph_text text;
    char *encoded;
    if (size > NEPH_EC2_USER_DATA_MAX)
        return user_data_limit(call, size);
    encoded = neph_call_memory(call, capacity);
    if (!encoded)
        return neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    neph_text_init(&text, encoded, capacity);
    neph_text_add_base64(&text, data, size);
    neph_query_add(query, key, encoded);
    return query->status;
}

void neph_ec2_user_data_add(neph_query *query, neph_call *call, const char *key, const char *data)
{
    if (!query->status)
        query->status = user_data_encode(query, call, key, data);
}

static int32_t user_data_base64(neph_query *query, neph_call *call, const char *data)
{
    int64_t size = neph_base64_size(data);
    if (size < 0)
        return neph_fail(call, NEPH_INVALID, "user_data_base64 is no base64");
    if (size > NEPH_EC2_USER_DATA_MAX)
        return user_data_limit(call, (size_t)size);
    neph_query_add(query, "UserData", data);
    return query->status;
}

static int32_t user_data_add(neph_query *query, neph_call *call)
{
    const char *raw = neph_argument(call, NEPH_USER_DATA);
    const char *base64 = neph_argument(call, NEPH_USER_DATA_BASE64);
    if (raw && base64)
        return neph_fail(call, NEPH_INVALID,
                         "give user_data or user_data_base64, not both of them");
    if (base64)
        return user_data_base64(query, call, base64);
    return raw ? user_data_encode(query, call, "UserData", raw) : 0;
}

void neph_ec2_node_create(neph_query *query, neph_call *call)
{
    neph_query_add(query, "ImageId", neph_argument(call, NEPH_NODE_IMAGE));
    neph_query_add(query, "InstanceType", neph_argument(call, NEPH_NODE_SIZE));
    neph_query_add(query, "MinCount", "1");
    neph_query_add(query, "MaxCount", "1");
    neph_query_add(query, "KeyName", neph_argument(call, NEPH_NODE_KEY));
    if (!query->status)
        query->status = user_data_add(query, call);
}
