/*
 * core/verb/next.c - results by kind.
 */
#include "core/verb/verb.h"

const neph_node *neph_next_node(neph_call *call)
{
    return (const neph_node *)neph_next_kind(call, NEPH_KIND_NODE);
}

const neph_image *neph_next_image(neph_call *call)
{
    return (const neph_image *)neph_next_kind(call, NEPH_KIND_IMAGE);
}

const neph_size *neph_next_size(neph_call *call)
{
    return (const neph_size *)neph_next_kind(call, NEPH_KIND_SIZE);
}

const neph_location *neph_next_location(neph_call *call)
{
    return (const neph_location *)neph_next_kind(call, NEPH_KIND_LOCATION);
}

const neph_bucket *neph_next_bucket(neph_call *call)
{
    return (const neph_bucket *)neph_next_kind(call, NEPH_KIND_BUCKET);
}

const neph_object *neph_next_object(neph_call *call)
{
    return (const neph_object *)neph_next_kind(call, NEPH_KIND_OBJECT);
}

const neph_key *neph_next_key(neph_call *call)
{
    return (const neph_key *)neph_next_kind(call, NEPH_KIND_KEY);
}

const neph_volume *neph_next_volume(neph_call *call)
{
    return (const neph_volume *)neph_next_kind(call, NEPH_KIND_VOLUME);
}

const neph_snapshot *neph_next_snapshot(neph_call *call)
{
    return (const neph_snapshot *)neph_next_kind(call, NEPH_KIND_SNAPSHOT);
}

const neph_address *neph_next_address(neph_call *call)
{
    return (const neph_address *)neph_next_kind(call, NEPH_KIND_ADDRESS);
}

const neph_firewall *neph_next_firewall(neph_call *call)
{
    return (const neph_firewall *)neph_next_kind(call, NEPH_KIND_FIREWALL);
}

const neph_firewall_rule *neph_next_firewall_rule(neph_call *call)
{
    return (const neph_firewall_rule *)neph_next_kind(call, NEPH_KIND_FIREWALL_RULE);
}

const neph_network *neph_next_network(neph_call *call)
{
    return (const neph_network *)neph_next_kind(call, NEPH_KIND_NETWORK);
}

const neph_subnet *neph_next_subnet(neph_call *call)
{
    return (const neph_subnet *)neph_next_kind(call, NEPH_KIND_SUBNET);
}

const neph_tag *neph_next_tag(neph_call *call)
{
    return (const neph_tag *)neph_next_kind(call, NEPH_KIND_TAG);
}

const neph_upload *neph_next_upload(neph_call *call)
{
    return (const neph_upload *)neph_next_kind(call, NEPH_KIND_UPLOAD);
}

const neph_part *neph_next_part(neph_call *call)
{
    return (const neph_part *)neph_next_kind(call, NEPH_KIND_PART);
}

const neph_row *neph_next_row(neph_call *call)
{
    return (const neph_row *)neph_next_kind(call, NEPH_KIND_ROW);
}
