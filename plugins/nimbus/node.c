/*
 * node.c - instances of a Nimbus cloud: list, show, create, destroy, reboot. They have neither names nor tags.
 */
#include "nimbus.h"

static int32_t node_ask(neph_call *call, neph_request *request, const char *action)
{
    neph_query query;
    int32_t rc = nimbus_begin(&query, call, request, action);
    neph_query_add(&query, "InstanceId.1", neph_argument(call, NEPH_NODE_ID));
    return rc ? rc : query.status;
}

/* ---- list, show: DescribeInstances */

const neph_reply *const nimbus_node_list_replies[1] = {&neph_ec2_node_list_reply};

int32_t nimbus_node_list(neph_call *call, neph_request *request)
{
    return node_ask(call, request, "DescribeInstances");
}

int32_t nimbus_node_show(neph_call *call, neph_request *request)
{
    return node_ask(call, request, "DescribeInstances");
}

/* ---- create: RunInstances */

const neph_reply *const nimbus_node_create_replies[1] = {&neph_ec2_node_create_reply};

int32_t nimbus_node_create(neph_call *call, neph_request *request)
{
    neph_query query;
    int32_t rc = nimbus_begin(&query, call, request, "RunInstances");
    if (rc)
        return rc;
    neph_ec2_node_create(&query, call);
    return query.status;
}

/* ---- destroy, reboot */

const neph_reply *const nimbus_node_done_replies[1] = {&neph_ec2_done_reply};

int32_t nimbus_node_destroy(neph_call *call, neph_request *request)
{
    return node_ask(call, request, "TerminateInstances");
}

int32_t nimbus_node_reboot(neph_call *call, neph_request *request)
{
    return node_ask(call, request, "RebootInstances");
}
