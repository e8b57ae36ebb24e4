/*
 * snapshot.c - snapshots (EBS) of EC2: list, show, create, delete.
 */
#include "ec2.h"

static const neph_map snapshot_states[] = {
    {"pending", NEPH_SNAPSHOT_PENDING},     {"recovering", NEPH_SNAPSHOT_PENDING},
    {"completed", NEPH_SNAPSHOT_COMPLETED}, {"recoverable", NEPH_SNAPSHOT_DELETING},
    {"error", NEPH_SNAPSHOT_FAILED},        {NULL, 0},
};

static const neph_field snapshot_fields[] = {
    {"snapshotId", .member = NEPH_SNAPSHOT_ID, .flags = NEPH_FIELD_REQUIRED},
    {"tagSet/item[key=Name]/value", .member = NEPH_SNAPSHOT_NAME},
    {"status", .member = NEPH_SNAPSHOT_STATE, .map = snapshot_states},
    {"volumeId", .member = NEPH_SNAPSHOT_VOLUME},
    {"volumeSize", .member = NEPH_SNAPSHOT_SIZE_BYTES, .scale = EC2_GIB},
    {"progress", .member = NEPH_SNAPSHOT_PROGRESS, .flags = NEPH_FIELD_PERCENT},
    {"description", .member = NEPH_SNAPSHOT_DESCRIPTION},
    {"startTime", .member = NEPH_SNAPSHOT_CREATED},
    {"tagSet/item[key]/value", .member = NEPH_SNAPSHOT_TAGS},
    {"ownerId", "owner_id", .member = NEPH_EXTRA},
    {"encrypted", "is_encrypted", .member = NEPH_EXTRA},
    {"statusMessage", "state_reason", .member = NEPH_EXTRA},
};
static const neph_field page_fields[] = {{"nextToken", .member = NEPH_PAGE_TOKEN}};

/* ---- list, show: DescribeSnapshots */

static const neph_rule list_rules[] = {
    {.path = "snapshotSet/item", NEPH_FIELDS(snapshot_fields), .kind = NEPH_KIND_SNAPSHOT},
    {.path = ".", NEPH_FIELDS(page_fields)},
};
static const neph_reply list_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, list_rules);
const neph_reply *const ec2_snapshot_list_replies[1] = {&list_reply};

static const ec2_state states[] = {
    {"pending", "pending"},      {"pending", "recovering"}, {"completed", "completed"},
    {"deleting", "recoverable"}, {"failed", "error"},       {NULL, NULL},
};

static const ec2_list list = {
    .action = "DescribeSnapshots",
    .id = "snapshot-id",
    .name = "tag:Name",
    .state = "status",
    .states = states,
    .page_max = 1000,
    .has_tags = 1,
};

/* Else all public ones of the region come, too. */
int32_t ec2_snapshot_list(neph_call *call, neph_request *request)
{
    neph_query query;
    ec2_list_begin(&query, call, request, &list);
    neph_query_add(&query, "Owner.1", "self");
    return query.status;
}

int32_t ec2_snapshot_show(neph_call *call, neph_request *request)
{
    neph_query query;
    ec2_begin(&query, request, "DescribeSnapshots");
    neph_query_add(&query, "SnapshotId.1", neph_argument(call, NEPH_SNAPSHOT_ID));
    return query.status;
}

/* ---- create: CreateSnapshot, which has no ClientToken */

static const neph_rule create_rules[] = {
    {.path = ".", NEPH_FIELDS(snapshot_fields), .kind = NEPH_KIND_SNAPSHOT},
};
static const neph_reply create_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, create_rules);
const neph_reply *const ec2_snapshot_create_replies[1] = {&create_reply};

int32_t ec2_snapshot_create(neph_call *call, neph_request *request)
{
    neph_query query;
    ec2_begin(&query, request, "CreateSnapshot");
    neph_query_add(&query, "VolumeId", neph_argument(call, NEPH_SNAPSHOT_VOLUME));
    neph_query_add(&query, "Description", neph_argument(call, NEPH_SNAPSHOT_DESCRIPTION));
    ec2_tags_add(&query, call, "snapshot", NEPH_SNAPSHOT_NAME, NEPH_SNAPSHOT_TAGS, 1);
    return query.status;
}

/* ---- delete: DeleteSnapshot */

int32_t ec2_snapshot_delete(neph_call *call, neph_request *request)
{
    neph_query query;
    ec2_begin(&query, request, "DeleteSnapshot");
    neph_query_add(&query, "SnapshotId", neph_argument(call, NEPH_SNAPSHOT_ID));
    return query.status;
}
