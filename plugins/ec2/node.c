/*
 * node.c - instances of EC2: list, show, create, destroy, reboot, start, stop, rename, resize, console.
 */
#include "ec2.h"

/* Begins a request on the node of the call; key: what the action calls its id. */
static void node_begin(neph_query *query, neph_call *call, neph_request *request,
                       const char *action, const char *key)
{
    ec2_begin(query, request, action);
    neph_query_add(query, key, neph_argument(call, NEPH_NODE_ID));
}

static int32_t nodes_ask(neph_call *call, neph_request *request, const char *action)
{
    neph_query query;
    node_begin(&query, call, request, action, "InstanceId.1");
    return query.status;
}

/* ---- list, show: DescribeInstances */

const neph_reply *const ec2_node_list_replies[1] = {&neph_ec2_node_list_reply};

static const ec2_state states[] = {
    {"pending", "pending"},
    {"running", "running"},
    {"stopping", "stopping"},
    {"stopping", "shutting-down"},
    {"stopped", "stopped"},
    {"terminated", "terminated"},
    {NULL, NULL},
};

static const ec2_list list = {
    .action = "DescribeInstances",
    .id = "instance-id",
    .name = "tag:Name",
    .state = "instance-state-name",
    .states = states,
    .location = "availability-zone",
    .page_max = 1000,
    .has_tags = 1,
};

int32_t ec2_node_list(neph_call *call, neph_request *request)
{
    return ec2_list_ask(call, request, &list);
}

int32_t ec2_node_show(neph_call *call, neph_request *request)
{
    return nodes_ask(call, request, "DescribeInstances");
}

/* ---- create: RunInstances */

const neph_reply *const ec2_node_create_replies[1] = {&neph_ec2_node_create_reply};

int32_t ec2_node_create(neph_call *call, neph_request *request)
{
    neph_query query;
    ec2_begin(&query, request, "RunInstances");
    neph_ec2_node_create(&query, call);
    ec2_token_add(&query, call);
    neph_query_add_strings(&query, "SecurityGroupId.#", call, NEPH_NODE_FIREWALLS);
    neph_query_add(&query, "SubnetId", neph_argument(call, NEPH_NODE_SUBNET));
    neph_query_add(&query, "Placement.AvailabilityZone", neph_argument(call, NEPH_NODE_LOCATION));
    ec2_tags_add(&query, call, "instance", NEPH_NODE_NAME, NEPH_NODE_TAGS, ec2_is_foreign(call));
    return query.status;
}

/* ---- destroy, reboot, start, stop */

int32_t ec2_node_destroy(neph_call *call, neph_request *request)
{
    return nodes_ask(call, request, "TerminateInstances");
}

int32_t ec2_node_reboot(neph_call *call, neph_request *request)
{
    return nodes_ask(call, request, "RebootInstances");
}

int32_t ec2_node_start(neph_call *call, neph_request *request)
{
    return nodes_ask(call, request, "StartInstances");
}

int32_t ec2_node_stop(neph_call *call, neph_request *request)
{
    neph_query query;
    node_begin(&query, call, request, "StopInstances", "InstanceId.1");
    if (neph_argument_integer(call, NEPH_FORCE) == 1)
        neph_query_add(&query, "Force", "true");
    return query.status;
}

/* ---- rename: a name is a tag; resize: ModifyInstanceAttribute */

int32_t ec2_node_rename(neph_call *call, neph_request *request)
{
    neph_query query;
    node_begin(&query, call, request, "CreateTags", "ResourceId.1");
    neph_query_add(&query, "Tag.1.Key", "Name");
    neph_query_add(&query, "Tag.1.Value", neph_argument(call, NEPH_NODE_NAME));
    return query.status;
}

int32_t ec2_node_resize(neph_call *call, neph_request *request)
{
    neph_query query;
    node_begin(&query, call, request, "ModifyInstanceAttribute", "InstanceId");
    neph_query_add(&query, "InstanceType.Value", neph_argument(call, NEPH_NODE_SIZE));
    return query.status;
}

/* ---- console: GetConsoleOutput */

static const neph_field console_fields[] = {
    {"instanceId", .member = NEPH_CONSOLE_NODE},
    {"output", .member = NEPH_CONSOLE_OUTPUT},
    {"timestamp", .member = NEPH_CONSOLE_UPDATED},
};
static const neph_rule console_rules[] = {
    {.path = ".", NEPH_FIELDS(console_fields), .kind = NEPH_KIND_CONSOLE},
};
static const neph_reply console_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, console_rules);
const neph_reply *const ec2_node_console_replies[1] = {&console_reply};

/* Consoles write NULs, and what is kept of them may begin within a character: no text can hold that. */
int32_t ec2_console_decode(neph_call *call, neph_record *record, int32_t member)
{
    const char *output = neph_record_get(record, member);
    int64_t size = output ? neph_base64_size(output) : 0;
    char *text;
    if (!output)
        return 0;
    if (size < 0)
        return neph_fail(call, NEPH_PROTOCOL, "what the console shows is no base64");
    text = neph_call_memory(call, (size_t)size + 1);
    if (!text)
        return neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    neph_base64_decode(text, output);
    text[neph_text_clean(text, (size_t)size)] = '\0';
    return neph_record_set(record, member, text);
}

int32_t ec2_node_console_each(neph_call *call, neph_record *record)
{
    return ec2_console_decode(call, record, NEPH_CONSOLE_OUTPUT);
}

int32_t ec2_node_console(neph_call *call, neph_request *request)
{
    neph_query query;
    node_begin(&query, call, request, "GetConsoleOutput", "InstanceId");
    return query.status;
}
