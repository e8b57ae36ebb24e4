/*
 * firewall.c - security groups of EC2: list, create, delete; and their rules: list, add, remove.
 */
#include "ec2.h"

/* ---- list: DescribeSecurityGroups */

static const neph_field firewall_fields[] = {
    {"groupId", .member = NEPH_FIREWALL_ID, .flags = NEPH_FIELD_REQUIRED},
    {"groupName", .member = NEPH_FIREWALL_NAME},
    {"groupDescription", .member = NEPH_FIREWALL_DESCRIPTION},
    {"vpcId", .member = NEPH_FIREWALL_NETWORK},
    {"tagSet/item[key]/value", .member = NEPH_FIREWALL_TAGS},
    {"ownerId", "owner_id", .member = NEPH_EXTRA},
};
static const neph_field page_fields[] = {{"nextToken", .member = NEPH_PAGE_TOKEN}};
static const neph_rule list_rules[] = {
    {.path = "securityGroupInfo/item", NEPH_FIELDS(firewall_fields), .kind = NEPH_KIND_FIREWALL},
    {.path = ".", NEPH_FIELDS(page_fields)},
};
static const neph_reply list_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, list_rules);
const neph_reply *const ec2_firewall_list_replies[1] = {&list_reply};

static const ec2_list list = {
    .action = "DescribeSecurityGroups",
    .id = "group-id",
    .name = "group-name",
    .page_max = 1000,
    .has_tags = 1,
};

int32_t ec2_firewall_list(neph_call *call, neph_request *request)
{
    return ec2_list_ask(call, request, &list);
}

/* ---- create: CreateSecurityGroup, which lets nothing in and everything out */

static const neph_field create_fields[] = {
    {"groupId", .member = NEPH_FIREWALL_ID, .flags = NEPH_FIELD_REQUIRED},
};
static const neph_rule create_rules[] = {
    {.path = ".", NEPH_FIELDS(create_fields), .kind = NEPH_KIND_FIREWALL},
};
static const neph_reply create_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, create_rules);
const neph_reply *const ec2_firewall_create_replies[1] = {&create_reply};

/* The service wants a description. */
static const char *description_of(const neph_call *call)
{
    const char *description = neph_argument(call, NEPH_FIREWALL_DESCRIPTION);
    return description ? description : neph_argument(call, NEPH_FIREWALL_NAME);
}

int32_t ec2_firewall_create(neph_call *call, neph_request *request)
{
    neph_query query;
    ec2_begin(&query, request, "CreateSecurityGroup");
    neph_query_add(&query, "GroupName", neph_argument(call, NEPH_FIREWALL_NAME));
    neph_query_add(&query, "GroupDescription", description_of(call));
    neph_query_add(&query, "VpcId", neph_argument(call, NEPH_FIREWALL_NETWORK));
    ec2_tags_add(&query, call, "security-group", 0, NEPH_FIREWALL_TAGS, 1);
    return query.status;
}

/* The reply is the id alone. */
int32_t ec2_firewall_create_each(neph_call *call, neph_record *record)
{
    const char *network = neph_argument(call, NEPH_FIREWALL_NETWORK);
    int32_t rc =
        neph_record_set(record, NEPH_FIREWALL_NAME, neph_argument(call, NEPH_FIREWALL_NAME));
    if (!rc)
        rc = neph_record_set(record, NEPH_FIREWALL_DESCRIPTION, description_of(call));
    return rc || !network ? rc : neph_record_set(record, NEPH_FIREWALL_NETWORK, network);
}

/* ---- delete: DeleteSecurityGroup */

int32_t ec2_firewall_delete(neph_call *call, neph_request *request)
{
    neph_query query;
    ec2_begin(&query, request, "DeleteSecurityGroup");
    neph_query_add(&query, "GroupId", neph_argument(call, NEPH_FIREWALL_ID));
    return query.status;
}

/* ---- rule list: DescribeSecurityGroups tells the permissions of a group, each with all its other ends */

static const neph_map ingress_map[] = {{NULL, NEPH_DIRECTION_INGRESS}};
static const neph_map egress_map[] = {{NULL, NEPH_DIRECTION_EGRESS}};

#define PERMISSION(way)                                                                            \
    {"../../ipProtocol", .member = NEPH_FIREWALL_RULE_DIRECTION, .map = (way)},                    \
        {"../../ipProtocol", .member = NEPH_FIREWALL_RULE_PROTOCOL},                               \
        {"../../fromPort", .member = NEPH_FIREWALL_RULE_PORT_FROM},                                \
        {"../../toPort", .member = NEPH_FIREWALL_RULE_PORT_TO},                                    \
        {"description", .member = NEPH_FIREWALL_RULE_DESCRIPTION},                                 \
        {"cidrIp", .member = NEPH_FIREWALL_RULE_CIDR},                                             \
        {"cidrIpv6", .member = NEPH_FIREWALL_RULE_CIDR},                                           \
        {"groupId", .member = NEPH_FIREWALL_RULE_PEER},                                            \
    {                                                                                              \
        "prefixListId", "prefix_list_id", .member = NEPH_EXTRA                                     \
    }
static const neph_field ingress_fields[] = {PERMISSION(ingress_map)};
static const neph_field egress_fields[] = {PERMISSION(egress_map)};

#define ENDS(set, of, way)                                                                         \
    {                                                                                              \
        .path = "securityGroupInfo/item/" set "/item/" of "/item", NEPH_FIELDS(way##_fields),      \
        .kind = NEPH_KIND_FIREWALL_RULE                                                            \
    }
static const neph_rule rule_list_rules[] = {
    ENDS("ipPermissions", "ipRanges", ingress),
    ENDS("ipPermissions", "ipv6Ranges", ingress),
    ENDS("ipPermissions", "groups", ingress),
    ENDS("ipPermissions", "prefixListIds", ingress),
    ENDS("ipPermissionsEgress", "ipRanges", egress),
    ENDS("ipPermissionsEgress", "ipv6Ranges", egress),
    ENDS("ipPermissionsEgress", "groups", egress),
    ENDS("ipPermissionsEgress", "prefixListIds", egress),
};
static const neph_reply rule_list_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, rule_list_rules);
const neph_reply *const ec2_rule_list_replies[1] = {&rule_list_reply};

int32_t ec2_rule_list(neph_call *call, neph_request *request)
{
    neph_query query;
    ec2_begin(&query, request, "DescribeSecurityGroups");
    neph_query_add(&query, "GroupId.1", neph_argument(call, NEPH_FIREWALL_RULE_FIREWALL));
    return query.status;
}

int32_t ec2_rule_list_each(neph_call *call, neph_record *record)
{
    const char *protocol = neph_record_get(record, NEPH_FIREWALL_RULE_PROTOCOL);
    int32_t rc = neph_record_set(record, NEPH_FIREWALL_RULE_FIREWALL,
                                 neph_argument(call, NEPH_FIREWALL_RULE_FIREWALL));
    if (rc || !protocol || strcmp(protocol, "-1"))
        return rc;
    return neph_record_set(record, NEPH_FIREWALL_RULE_PROTOCOL, "any");
}

/* ---- rule add, remove: Authorize- and RevokeSecurityGroupIngress and -Egress */

#define PORT_MAX 65535

/* How the service calls a protocol, and the ports that stand for all. */
static const struct protocol {
    const char *name;
    const char *value;
    int64_t first, last;
    int32_t has_ports;
} protocols[] = {
    {"tcp", "tcp", 0, PORT_MAX, 1},
    {"6", "tcp", 0, PORT_MAX, 1},
    {"udp", "udp", 0, PORT_MAX, 1},
    {"17", "udp", 0, PORT_MAX, 1},
    {"icmp", "icmp", -1, -1, 1},
    {"1", "icmp", -1, -1, 1},
    {"icmpv6", "icmpv6", -1, -1, 1},
    {"58", "icmpv6", -1, -1, 1},
    {"any", "-1", NEPH_UNKNOWN, NEPH_UNKNOWN, 0},
};

static struct protocol protocol_of(const char *name)
{
    struct protocol other = {name, name, NEPH_UNKNOWN, NEPH_UNKNOWN, 0};
    for (size_t i = 0; i < NEPH_COUNT(protocols); i++)
        if (!strcmp(name, protocols[i].name))
            return protocols[i];
    return other;
}

static int32_t ports_add(neph_query *query, const neph_call *call, const struct protocol *protocol)
{
    int64_t first = neph_argument_integer(call, NEPH_FIREWALL_RULE_PORT_FROM);
    int64_t last = neph_argument_integer(call, NEPH_FIREWALL_RULE_PORT_TO);
    if (first == NEPH_UNKNOWN && last != NEPH_UNKNOWN)
        return neph_fail(call, NEPH_INVALID, "port_to needs port_from");
    if (first != NEPH_UNKNOWN && !protocol->has_ports)
        return neph_fail(call, NEPH_INVALID, "protocol %.20s has no ports", protocol->name);
    if (last == NEPH_UNKNOWN) /* all codes of the ICMP type, or the one port */
        last = protocol->last == -1 ? -1 : first;
    neph_query_add_integer(query, "IpPermissions.1.FromPort",
                           first == NEPH_UNKNOWN ? protocol->first : first);
    neph_query_add_integer(query, "IpPermissions.1.ToPort",
                           first == NEPH_UNKNOWN ? protocol->last : last);
    return query->status;
}

/* What stands at the other end, by the key that the service has for it. */
static const char *peer_add(neph_query *query, const neph_call *call)
{
    const char *cidr = neph_argument(call, NEPH_FIREWALL_RULE_CIDR);
    const char *peer = neph_argument(call, NEPH_FIREWALL_RULE_PEER);
    if (!cidr == !peer)
        return NULL;
    if (peer) {
        neph_query_add(query, "IpPermissions.1.Groups.1.GroupId", peer);
        return "IpPermissions.1.Groups.1.Description";
    }
    if (strchr(cidr, ':')) {
        neph_query_add(query, "IpPermissions.1.Ipv6Ranges.1.CidrIpv6", cidr);
        return "IpPermissions.1.Ipv6Ranges.1.Description";
    }
    neph_query_add(query, "IpPermissions.1.IpRanges.1.CidrIp", cidr);
    return "IpPermissions.1.IpRanges.1.Description";
}

static int32_t rule_ask(neph_call *call, neph_request *request, const char *ingress,
                        const char *egress)
{
    int64_t direction = neph_argument_integer(call, NEPH_FIREWALL_RULE_DIRECTION);
    const char *name = neph_argument(call, NEPH_FIREWALL_RULE_PROTOCOL);
    struct protocol protocol = protocol_of(name ? name : "tcp");
    const char *description_key;
    neph_query query;
    ec2_begin(&query, request, direction == NEPH_DIRECTION_EGRESS ? egress : ingress);
    neph_query_add(&query, "GroupId", neph_argument(call, NEPH_FIREWALL_RULE_FIREWALL));
    neph_query_add(&query, "IpPermissions.1.IpProtocol", protocol.value);
    if (!query.status)
        query.status = ports_add(&query, call, &protocol);
    if (query.status)
        return query.status;
    description_key = peer_add(&query, call);
    if (!description_key)
        return neph_fail(call, NEPH_INVALID, "a rule has one other end: give cidr or peer_id");
    neph_query_add(&query, description_key, neph_argument(call, NEPH_FIREWALL_RULE_DESCRIPTION));
    return query.status;
}

int32_t ec2_rule_add(neph_call *call, neph_request *request)
{
    return rule_ask(call, request, "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress");
}

/* What is not there is no error to the service, but listed in the reply. */
enum { SCRATCH_UNKNOWN = NEPH_SCRATCH + 0 };

static const neph_field remove_fields[] = {
    {"unknownIpPermissionSet/item/ipProtocol", .member = SCRATCH_UNKNOWN},
};
static const neph_rule remove_rules[] = {
    {.path = ".", NEPH_FIELDS(remove_fields)},
};
static const neph_reply remove_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, remove_rules);
const neph_reply *const ec2_rule_remove_replies[1] = {&remove_reply};

int32_t ec2_rule_remove(neph_call *call, neph_request *request)
{
    return rule_ask(call, request, "RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress");
}

int32_t ec2_rule_remove_then(neph_call *call)
{
    return neph_scratch(call, SCRATCH_UNKNOWN)
               ? neph_fail(call, NEPH_NOT_FOUND, "the firewall has no such rule")
               : 0;
}
