/*
 * extension.c - what EC2 has and the portable operations have not: prices of the spot market, attributes of an instance, the
 * console as it is now, VPCs and subnets with all that the service tells of them. One section an operation: parameters,
 * columns, request, reply.
 */
#include "ec2.h"

#define PAGE_MAX 1000

static const neph_field page_fields[] = {{"nextToken", .member = NEPH_PAGE_TOKEN}};

/* ---- spot_price_history: DescribeSpotPriceHistory */

enum { SPOT_INSTANCE_TYPE, SPOT_PRODUCT, SPOT_LOCATION, SPOT_SINCE, SPOT_UNTIL };

static const neph_parameter spot_parameters[] = {
    [SPOT_INSTANCE_TYPE] = {.name = "instance_type",
                            .summary = "of this type; none: of every type",
                            .type = NEPH_TYPE_STRINGS},
    [SPOT_PRODUCT] = {.name = "product_description",
                      .summary = "with this system: Linux/UNIX, Windows ...; none: with any",
                      .type = NEPH_TYPE_STRING},
    [SPOT_LOCATION] = {.name = "location",
                       .summary = "in this availability zone; none: in all of the region",
                       .type = NEPH_TYPE_STRING},
    [SPOT_SINCE] = {.name = "since",
                    .summary = "those that held then and later; none: all that are kept (90 days)",
                    .type = NEPH_TYPE_TIME},
    [SPOT_UNTIL] = {.name = "until",
                    .summary = "none that began later; none: until now",
                    .type = NEPH_TYPE_TIME},
};
static const neph_column spot_columns[] = {
    {"time", "since when it holds", NEPH_TYPE_TIME, 0},
    {"location", "availability zone", NEPH_TYPE_STRING, 0},
    {"instance_type", "type of the instance", NEPH_TYPE_STRING, 0},
    {"product", "system of the instance", NEPH_TYPE_STRING, 0},
    {"price", "of an hour, in US dollars", NEPH_TYPE_DECIMAL, 0},
};
static const neph_field spot_fields[] = {
    {"timestamp", .member = NEPH_ROW_VALUE + 0},
    {"availabilityZone", .member = NEPH_ROW_VALUE + 1},
    {"instanceType", .member = NEPH_ROW_VALUE + 2, .flags = NEPH_FIELD_REQUIRED},
    {"productDescription", .member = NEPH_ROW_VALUE + 3},
    {"spotPrice", .member = NEPH_ROW_VALUE + 4},
};
static const neph_rule spot_rules[] = {
    {.path = "spotPriceHistorySet/item", NEPH_FIELDS(spot_fields), .kind = NEPH_KIND_ROW},
    {.path = ".", NEPH_FIELDS(page_fields)},
};
static const neph_reply spot_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, spot_rules);
const neph_reply *const ec2_spot_replies[1] = {&spot_reply};

static void time_add(neph_query *query, const char *key, int64_t time_ns)
{
    char data[32];
    neph_text text;
    if (time_ns == NEPH_UNKNOWN)
        return;
    neph_text_init(&text, data, sizeof data);
    neph_text_add_time(&text, time_ns);
    neph_query_add(query, key, data);
}

int32_t ec2_spot(neph_call *call, neph_request *request)
{
    neph_query query;
    ec2_begin(&query, request, "DescribeSpotPriceHistory");
    neph_query_add_strings(&query, "InstanceType.#", call, NEPH_PARAMETER + SPOT_INSTANCE_TYPE);
    neph_query_add(&query, "ProductDescription.1",
                   neph_argument(call, NEPH_PARAMETER + SPOT_PRODUCT));
    neph_query_add(&query, "AvailabilityZone", neph_argument(call, NEPH_PARAMETER + SPOT_LOCATION));
    time_add(&query, "StartTime", neph_argument_integer(call, NEPH_PARAMETER + SPOT_SINCE));
    time_add(&query, "EndTime", neph_argument_integer(call, NEPH_PARAMETER + SPOT_UNTIL));
    neph_query_add_integer(&query, "MaxResults", PAGE_MAX);
    return query.status;
}

/* ---- modify_instance_attribute: ModifyInstanceAttribute */

enum { MODIFY_ID, MODIFY_ATTRIBUTE, MODIFY_VALUE };

static const neph_parameter modify_parameters[] = {
    [MODIFY_ID] = {.name = "id",
                   .summary = "id of the instance",
                   .type = NEPH_TYPE_STRING,
                   .flags = NEPH_PARAMETER_REQUIRED},
    [MODIFY_ATTRIBUTE] = {.name = "attribute",
                          .summary = "what to change",
                          .choices = "disable_api_stop|disable_api_termination|ebs_optimized|"
                                     "instance_type|shutdown_behavior|source_dest_check|user_data",
                          .type = NEPH_TYPE_STRING,
                          .flags = NEPH_PARAMETER_REQUIRED},
    [MODIFY_VALUE] = {.name = "value",
                      .summary = "what it shall be: true or false, stop or terminate, a type, data",
                      .type = NEPH_TYPE_STRING,
                      .flags = NEPH_PARAMETER_REQUIRED},
};
static const neph_column modify_columns[] = {
    {"id", "id of the instance", NEPH_TYPE_STRING, 0},
    {"attribute", "what was changed", NEPH_TYPE_STRING, 0},
    {"done", "whether it was", NEPH_TYPE_BOOLEAN, 0},
};
static const neph_field modify_fields[] = {{"return", .member = NEPH_ROW_VALUE + 2}};
static const neph_rule modify_rules[] = {
    {.path = ".", NEPH_FIELDS(modify_fields), .kind = NEPH_KIND_ROW},
};
static const neph_reply modify_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, modify_rules);
const neph_reply *const ec2_modify_replies[1] = {&modify_reply};

/* An attribute, and the only two values that it can have. NULL: it can have any. */
typedef struct attribute {
    const char *name;
    const char *key;
    const char *one;
    const char *other;
} attribute;

static const attribute attributes[] = {
    {"disable_api_stop", "DisableApiStop.Value", "true", "false"},
    {"disable_api_termination", "DisableApiTermination.Value", "true", "false"},
    {"ebs_optimized", "EbsOptimized.Value", "true", "false"},
    {"instance_type", "InstanceType.Value", NULL, NULL},
    {"shutdown_behavior", "InstanceInitiatedShutdownBehavior.Value", "stop", "terminate"},
    {"source_dest_check", "SourceDestCheck.Value", "true", "false"},
    {"user_data", "UserData.Value", NULL, NULL},
};

/* The host lets no other name through. */
static const attribute *attribute_find(const char *name)
{
    size_t i = 0;
    while (i + 1 < NEPH_COUNT(attributes) && strcmp(attributes[i].name, name) != 0)
        i++;
    return &attributes[i];
}

int32_t ec2_modify(neph_call *call, neph_request *request)
{
    const attribute *of = attribute_find(neph_argument(call, NEPH_PARAMETER + MODIFY_ATTRIBUTE));
    const char *value = neph_argument(call, NEPH_PARAMETER + MODIFY_VALUE);
    neph_query query;
    if (of->one && strcmp(value, of->one) != 0 && strcmp(value, of->other) != 0)
        return neph_fail(call, NEPH_INVALID, "value is \"%.80s\", but must be %s or %s for %s",
                         value, of->one, of->other, of->name);
    ec2_begin(&query, request, "ModifyInstanceAttribute");
    neph_query_add(&query, "InstanceId", neph_argument(call, NEPH_PARAMETER + MODIFY_ID));
    if (strcmp(of->name, "user_data") != 0)
        neph_query_add(&query, of->key, value);
    else
        neph_ec2_user_data_add(&query, call, of->key, value);
    return query.status;
}

/* What does not say that it failed was done: moto tells nothing. */
int32_t ec2_modify_each(neph_call *call, neph_record *record)
{
    int32_t rc = neph_record_set(record, NEPH_ROW_VALUE + 0,
                                 neph_argument(call, NEPH_PARAMETER + MODIFY_ID));
    if (!rc)
        rc = neph_record_set(record, NEPH_ROW_VALUE + 1,
                             neph_argument(call, NEPH_PARAMETER + MODIFY_ATTRIBUTE));
    if (!rc && neph_record_get_integer(record, NEPH_ROW_VALUE + 2) == NEPH_UNKNOWN)
        rc = neph_record_set_integer(record, NEPH_ROW_VALUE + 2, 1);
    return rc;
}

/* ---- console_output: GetConsoleOutput */

enum { CONSOLE_ID, CONSOLE_LATEST };
enum { CONSOLE_OUTPUT = NEPH_ROW_VALUE + 2 };

static const neph_parameter console_parameters[] = {
    [CONSOLE_ID] = {.name = "id",
                    .summary = "id of the instance",
                    .type = NEPH_TYPE_STRING,
                    .flags = NEPH_PARAMETER_REQUIRED},
    [CONSOLE_LATEST] = {.name = "latest",
                        .summary =
                            "as it is now, of instances on Nitro; false: after the last start",
                        .type = NEPH_TYPE_BOOLEAN},
};
static const neph_column console_columns[] = {
    {"id", "id of the instance", NEPH_TYPE_STRING, 0},
    {"time", "when it was written", NEPH_TYPE_TIME, 0},
    {"output", "what was written, decoded", NEPH_TYPE_STRING, 0},
};
static const neph_field console_fields[] = {
    {"instanceId", .member = NEPH_ROW_VALUE + 0},
    {"timestamp", .member = NEPH_ROW_VALUE + 1},
    {"output", .member = CONSOLE_OUTPUT},
};
static const neph_rule console_rules[] = {
    {.path = ".", NEPH_FIELDS(console_fields), .kind = NEPH_KIND_ROW},
};
static const neph_reply console_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, console_rules);
const neph_reply *const ec2_console_replies[1] = {&console_reply};

int32_t ec2_console(neph_call *call, neph_request *request)
{
    neph_query query;
    ec2_begin(&query, request, "GetConsoleOutput");
    neph_query_add(&query, "InstanceId", neph_argument(call, NEPH_PARAMETER + CONSOLE_ID));
    if (neph_argument_integer(call, NEPH_PARAMETER + CONSOLE_LATEST) == 1)
        neph_query_add(&query, "Latest", "true");
    return query.status;
}

int32_t ec2_console_each(neph_call *call, neph_record *record)
{
    return ec2_console_decode(call, record, CONSOLE_OUTPUT);
}

/* ---- describe_vpcs: DescribeVpcs; describe_subnets: DescribeSubnets */

enum { DESCRIBE_ID, DESCRIBE_VPC };

/* Ids are asked for without pages: the service takes one of them alone ("Pagination", EC2 API Reference). */
static void describe_begin(neph_query *query, neph_call *call, neph_request *request,
                           const char *action, const char *id_pattern)
{
    const char *id;
    ec2_begin(query, request, action);
    neph_query_add_strings(query, id_pattern, call, NEPH_PARAMETER + DESCRIBE_ID);
    if (!neph_argument_pair(call, NEPH_PARAMETER + DESCRIBE_ID, 0, NULL, &id))
        neph_query_add_integer(query, "MaxResults", PAGE_MAX);
}

static const neph_parameter vpcs_parameters[] = {
    [DESCRIBE_ID] = {.name = "id", .summary = "id of a VPC; none: all", .type = NEPH_TYPE_STRINGS},
};
static const neph_column vpcs_columns[] = {
    {"id", "id of the VPC", NEPH_TYPE_STRING, 0},
    {"state", "pending or available", NEPH_TYPE_STRING, 0},
    {"cidr", "its primary range of addresses", NEPH_TYPE_STRING, 0},
    {"is_default", "whether instances without a subnet go there", NEPH_TYPE_BOOLEAN, 0},
    {"tenancy", "default, dedicated or host", NEPH_TYPE_STRING, 0},
    {"dhcp_options", "id of its DHCP options", NEPH_TYPE_STRING, 0},
};
static const neph_field vpcs_fields[] = {
    {"vpcId", .member = NEPH_ROW_VALUE + 0, .flags = NEPH_FIELD_REQUIRED},
    {"state", .member = NEPH_ROW_VALUE + 1},
    {"cidrBlock", .member = NEPH_ROW_VALUE + 2},
    {"isDefault", .member = NEPH_ROW_VALUE + 3},
    {"instanceTenancy", .member = NEPH_ROW_VALUE + 4},
    {"dhcpOptionsId", .member = NEPH_ROW_VALUE + 5},
    {"tagSet/item[key=Name]/value", "name", .member = NEPH_EXTRA},
    {"ownerId", "owner_id", .member = NEPH_EXTRA},
};
static const neph_rule vpcs_rules[] = {
    {.path = "vpcSet/item", NEPH_FIELDS(vpcs_fields), .kind = NEPH_KIND_ROW},
    {.path = ".", NEPH_FIELDS(page_fields)},
};
static const neph_reply vpcs_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, vpcs_rules);
const neph_reply *const ec2_vpcs_replies[1] = {&vpcs_reply};

int32_t ec2_vpcs(neph_call *call, neph_request *request)
{
    neph_query query;
    describe_begin(&query, call, request, "DescribeVpcs", "VpcId.#");
    return query.status;
}

static const neph_parameter subnets_parameters[] = {
    [DESCRIBE_ID] = {.name = "id",
                     .summary = "id of a subnet; none: all",
                     .type = NEPH_TYPE_STRINGS},
    [DESCRIBE_VPC] = {.name = "vpc",
                      .summary = "id of the VPC that they are in; none: any",
                      .type = NEPH_TYPE_STRING},
};
static const neph_column subnets_columns[] = {
    {"id", "id of the subnet", NEPH_TYPE_STRING, 0},
    {"state", "pending, available, unavailable or failed", NEPH_TYPE_STRING, 0},
    {"cidr", "its range of addresses", NEPH_TYPE_STRING, 0},
    {"location", "availability zone", NEPH_TYPE_STRING, 0},
    {"vpc", "id of the VPC", NEPH_TYPE_STRING, 0},
    {"free_addresses", "addresses that nothing has", NEPH_TYPE_INTEGER, 0},
    {"public_ip_on_launch", "whether instances get a public address", NEPH_TYPE_BOOLEAN, 0},
};
static const neph_field subnets_fields[] = {
    {"subnetId", .member = NEPH_ROW_VALUE + 0, .flags = NEPH_FIELD_REQUIRED},
    {"state", .member = NEPH_ROW_VALUE + 1},
    {"cidrBlock", .member = NEPH_ROW_VALUE + 2},
    {"availabilityZone", .member = NEPH_ROW_VALUE + 3},
    {"vpcId", .member = NEPH_ROW_VALUE + 4},
    {"availableIpAddressCount", .member = NEPH_ROW_VALUE + 5},
    {"mapPublicIpOnLaunch", .member = NEPH_ROW_VALUE + 6},
    {"tagSet/item[key=Name]/value", "name", .member = NEPH_EXTRA},
    {"ownerId", "owner_id", .member = NEPH_EXTRA},
};
static const neph_rule subnets_rules[] = {
    {.path = "subnetSet/item", NEPH_FIELDS(subnets_fields), .kind = NEPH_KIND_ROW},
    {.path = ".", NEPH_FIELDS(page_fields)},
};
static const neph_reply subnets_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, subnets_rules);
const neph_reply *const ec2_subnets_replies[1] = {&subnets_reply};

int32_t ec2_subnets(neph_call *call, neph_request *request)
{
    const char *vpc = neph_argument(call, NEPH_PARAMETER + DESCRIBE_VPC);
    neph_query query;
    describe_begin(&query, call, request, "DescribeSubnets", "SubnetId.#");
    if (vpc) {
        neph_query_add(&query, "Filter.1.Name", "vpc-id");
        neph_query_add(&query, "Filter.1.Value.1", vpc);
    }
    return query.status;
}

/* ---- what the provider says of them */

const neph_extension ec2_extensions[EC2_EXTENSION_COUNT] = {
    {.name = "spot_price_history",
     .summary = "what spot instances cost, now and before",
     NEPH_PARAMETERS(spot_parameters),
     NEPH_COLUMNS(spot_columns),
     .op = EC2_OP_SPOT_PRICE_HISTORY},
    {.name = "modify_instance_attribute",
     .summary = "change one attribute of an instance; some only while it is stopped",
     NEPH_PARAMETERS(modify_parameters),
     NEPH_COLUMNS(modify_columns),
     .op = EC2_OP_MODIFY_INSTANCE_ATTRIBUTE},
    {.name = "console_output",
     .summary = "what an instance wrote to its console",
     NEPH_PARAMETERS(console_parameters),
     NEPH_COLUMNS(console_columns),
     .op = EC2_OP_CONSOLE_OUTPUT},
    {.name = "describe_vpcs",
     .summary = "the VPCs of the region",
     NEPH_PARAMETERS(vpcs_parameters),
     NEPH_COLUMNS(vpcs_columns),
     .op = EC2_OP_DESCRIBE_VPCS},
    {.name = "describe_subnets",
     .summary = "the subnets of the region",
     NEPH_PARAMETERS(subnets_parameters),
     NEPH_COLUMNS(subnets_columns),
     .op = EC2_OP_DESCRIBE_SUBNETS},
};
