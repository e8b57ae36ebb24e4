/*
 * image.c - images (AMIs) of EC2: list, show, create, delete.
 */
#include "ec2.h"

/* ---- list, show: DescribeImages */

const neph_reply *const ec2_image_list_replies[1] = {&neph_ec2_image_list_reply};

static const ec2_state states[] = {
    {"available", "available"},  {"pending", "pending"}, {"pending", "transient"},
    {"deleted", "deregistered"}, {"failed", "failed"},   {"failed", "invalid"},
    {"failed", "error"},         {NULL, NULL},
};

static const ec2_list list = {
    .action = "DescribeImages",
    .id = "image-id",
    .name = "name",
    .state = "state",
    .states = states,
    .page_max = 1000,
    .has_tags = 1,
};

int32_t ec2_image_list(neph_call *call, neph_request *request)
{
    neph_query query;
    ec2_list_begin(&query, call, request, &list);
    neph_query_add(&query, "Owner.1", neph_argument(call, NEPH_LIST_OWNER));
    return query.status;
}

int32_t ec2_image_show(neph_call *call, neph_request *request)
{
    neph_query query;
    ec2_begin(&query, request, "DescribeImages");
    neph_query_add(&query, "ImageId.1", neph_argument(call, NEPH_IMAGE_ID));
    return query.status;
}

/* ---- create: CreateImage, which restarts the node */

static const neph_field create_fields[] = {
    {"imageId", .member = NEPH_IMAGE_ID, .flags = NEPH_FIELD_REQUIRED},
};
static const neph_rule create_rules[] = {
    {.path = ".", NEPH_FIELDS(create_fields), .kind = NEPH_KIND_IMAGE},
};
static const neph_reply create_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, create_rules);
const neph_reply *const ec2_image_create_replies[1] = {&create_reply};

int32_t ec2_image_create(neph_call *call, neph_request *request)
{
    neph_query query;
    ec2_begin(&query, request, "CreateImage");
    neph_query_add(&query, "InstanceId", neph_argument(call, NEPH_NODE_ID));
    neph_query_add(&query, "Name", neph_argument(call, NEPH_IMAGE_NAME));
    neph_query_add(&query, "Description", neph_argument(call, NEPH_IMAGE_DESCRIPTION));
    ec2_tags_add(&query, call, "image", 0, NEPH_IMAGE_TAGS, 1);
    return query.status;
}

/* The reply is the id alone. */
int32_t ec2_image_create_each(neph_call *call, neph_record *record)
{
    return neph_record_set(record, NEPH_IMAGE_NAME, neph_argument(call, NEPH_IMAGE_NAME));
}

/* ---- delete: DeregisterImage; its snapshots stay */

int32_t ec2_image_delete(neph_call *call, neph_request *request)
{
    neph_query query;
    ec2_begin(&query, request, "DeregisterImage");
    neph_query_add(&query, "ImageId", neph_argument(call, NEPH_IMAGE_ID));
    return query.status;
}
