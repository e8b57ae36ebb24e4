/*
 * core/verb/network.c - addresses, firewalls and their rules, networks, subnets; tags of anything.
 */
#include "core/verb/verb.h"

/* ---- address */

neph_call *neph_address_list(neph_cloud *cloud, const neph_list_options *options)
{
    return nephi_verb_list(neph_call_new(cloud, NEPH_OP_ADDRESS_LIST), options);
}

neph_call *neph_address_allocate(neph_cloud *cloud, const char *name,
                                 const neph_label_options *options)
{
    neph_call *call = nephi_verb_about(cloud, NEPH_OP_ADDRESS_ALLOCATE, NEPH_ADDRESS_NAME, name);
    nephi_verb_label(call, 0, NEPH_ADDRESS_TAGS, options);
    return nephi_verb_start(call);
}

neph_call *neph_address_associate(neph_cloud *cloud, const char *id, const char *node_id,
                                  int reassociate)
{
    neph_call *call = nephi_verb_about(cloud, NEPH_OP_ADDRESS_ASSOCIATE, NEPH_ADDRESS_ID, id);
    neph_call_set_string(call, NEPH_ADDRESS_NODE, node_id);
    if (reassociate)
        neph_call_set_integer(call, NEPH_REASSOCIATE, 1);
    return nephi_verb_start(call);
}

neph_call *neph_address_disassociate(neph_cloud *cloud, const char *id)
{
    return nephi_verb_start(
        nephi_verb_about(cloud, NEPH_OP_ADDRESS_DISASSOCIATE, NEPH_ADDRESS_ID, id));
}

neph_call *neph_address_release(neph_cloud *cloud, const char *id)
{
    return nephi_verb_start(nephi_verb_about(cloud, NEPH_OP_ADDRESS_RELEASE, NEPH_ADDRESS_ID, id));
}

/* ---- firewall and rule */

neph_call *neph_firewall_list(neph_cloud *cloud, const neph_list_options *options)
{
    return nephi_verb_list(neph_call_new(cloud, NEPH_OP_FIREWALL_LIST), options);
}

neph_call *neph_firewall_create(neph_cloud *cloud, const char *name,
                                const neph_label_options *options)
{
    neph_call *call = nephi_verb_about(cloud, NEPH_OP_FIREWALL_CREATE, NEPH_FIREWALL_NAME, name);
    nephi_verb_label(call, NEPH_FIREWALL_DESCRIPTION, NEPH_FIREWALL_TAGS, options);
    return nephi_verb_start(call);
}

neph_call *neph_firewall_delete(neph_cloud *cloud, const char *id)
{
    return nephi_verb_start(nephi_verb_about(cloud, NEPH_OP_FIREWALL_DELETE, NEPH_FIREWALL_ID, id));
}

neph_call *neph_rule_list(neph_cloud *cloud, const char *firewall_id,
                          const neph_list_options *options)
{
    return nephi_verb_list(
        nephi_verb_about(cloud, NEPH_OP_RULE_LIST, NEPH_FIREWALL_RULE_FIREWALL, firewall_id),
        options);
}

static neph_call *with_rule(neph_cloud *cloud, uint32_t op, const char *firewall_id,
                            const neph_rule_options *rule)
{
    neph_call *call = nephi_verb_about(cloud, op, NEPH_FIREWALL_RULE_FIREWALL, firewall_id);
    if (rule) {
        nephi_verb_positive(call, NEPH_FIREWALL_RULE_DIRECTION, rule->direction);
        neph_call_set_string(call, NEPH_FIREWALL_RULE_PROTOCOL, rule->protocol);
        neph_call_set_integer(call, NEPH_FIREWALL_RULE_PORT_FROM, rule->port_from);
        neph_call_set_integer(call, NEPH_FIREWALL_RULE_PORT_TO, rule->port_to);
        neph_call_set_string(call, NEPH_FIREWALL_RULE_CIDR, rule->cidr);
        neph_call_set_string(call, NEPH_FIREWALL_RULE_PEER, rule->peer_id);
        neph_call_set_string(call, NEPH_FIREWALL_RULE_DESCRIPTION, rule->description);
    }
    return nephi_verb_start(call);
}

neph_call *neph_rule_add(neph_cloud *cloud, const char *firewall_id, const neph_rule_options *rule)
{
    return with_rule(cloud, NEPH_OP_RULE_ADD, firewall_id, rule);
}

neph_call *neph_rule_remove(neph_cloud *cloud, const char *firewall_id,
                            const neph_rule_options *rule)
{
    return with_rule(cloud, NEPH_OP_RULE_REMOVE, firewall_id, rule);
}

/* ---- network, subnet, tag */

neph_call *neph_network_list(neph_cloud *cloud, const neph_list_options *options)
{
    return nephi_verb_list(neph_call_new(cloud, NEPH_OP_NETWORK_LIST), options);
}

neph_call *neph_subnet_list(neph_cloud *cloud, const neph_list_options *options)
{
    return nephi_verb_list(neph_call_new(cloud, NEPH_OP_SUBNET_LIST), options);
}

neph_call *neph_tag_list(neph_cloud *cloud, const char *resource_id,
                         const neph_list_options *options)
{
    return nephi_verb_list(
        nephi_verb_about(cloud, NEPH_OP_TAG_LIST, NEPH_TAG_RESOURCE, resource_id), options);
}

neph_call *neph_tag_set(neph_cloud *cloud, const char *resource_id, const char *name,
                        const char *value)
{
    neph_call *call = nephi_verb_about(cloud, NEPH_OP_TAG_SET, NEPH_TAG_RESOURCE, resource_id);
    neph_call_set_string(call, NEPH_TAG_NAME, name);
    neph_call_set_string(call, NEPH_TAG_VALUE, value);
    return nephi_verb_start(call);
}

neph_call *neph_tag_remove(neph_cloud *cloud, const char *resource_id, const char *name)
{
    neph_call *call = nephi_verb_about(cloud, NEPH_OP_TAG_REMOVE, NEPH_TAG_RESOURCE, resource_id);
    neph_call_set_string(call, NEPH_TAG_NAME, name);
    return nephi_verb_start(call);
}
