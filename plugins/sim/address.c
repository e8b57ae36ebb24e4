/*
 * address.c - public addresses: allocate, associate with a node, disassociate, release.
 */
#include "sim.h"

#define RANGE "198.19.0.0/16" /* for tests of networks, RFC 2544: no packet leaves for it */

int32_t sim_address_allocate(sim_work *work, sim_thing *address)
{
    char ip[16];
    if (!sim_ip_pick(&work->state, RANGE, work->state.next, ip))
        return neph_fail(work->call, NEPH_QUOTA, "there is no public address left");
    return sim_set(&work->state, address, NEPH_ADDRESS_IP, ip) ? sim_no_memory(work) : 0;
}

static int32_t join(sim_work *work, sim_thing *address, const sim_thing *node)
{
    char id[SIM_ID_MAX];
    if (work->state.next >= SIM_SERIAL_MAX)
        return neph_fail(work->call, NEPH_LIMIT, "there are no more ids in the state file");
    snprintf(id, sizeof id, "assoc-%08llx", (long long)work->state.next++);
    if (sim_set(&work->state, address, NEPH_ADDRESS_NODE, sim_id(node)) ||
        sim_set(&work->state, address, NEPH_ADDRESS_ASSOCIATION, id))
        return sim_no_memory(work);
    return 0;
}

/* One that leads to the node already is no error. */
int32_t sim_address_associate(sim_work *work, sim_thing *address)
{
    const char *id = neph_argument(work->call, NEPH_ADDRESS_NODE);
    const char *earlier = sim_get(address, NEPH_ADDRESS_NODE);
    sim_thing *node;
    int32_t rc = sim_need(work, NEPH_KIND_NODE, id, &node);
    if (rc || (earlier && !strcmp(earlier, id)))
        return rc;
    if (earlier && neph_argument_integer(work->call, NEPH_REASSOCIATE) != 1)
        return neph_fail(work->call, NEPH_CONFLICT,
                         "address \"%s\" leads to node \"%s\": say reassociate to take it away",
                         sim_id(address), earlier);
    rc = sim_node_check(work, node);
    return rc ? rc : join(work, address, node);
}

/* One that leads nowhere is no error. */
int32_t sim_address_disassociate(sim_work *work, sim_thing *address)
{
    sim_set(&work->state, address, NEPH_ADDRESS_NODE, NULL);
    sim_set(&work->state, address, NEPH_ADDRESS_ASSOCIATION, NULL);
    return 0;
}

int32_t sim_address_release(sim_work *work, sim_thing *address)
{
    const char *node = sim_get(address, NEPH_ADDRESS_NODE);
    if (node)
        return neph_fail(work->call, NEPH_CONFLICT,
                         "address \"%s\" leads to node \"%s\": disassociate it to release it",
                         sim_id(address), node);
    address->is_gone = 1;
    return 0;
}

int32_t sim_address_show(sim_work *work, const sim_thing *address, neph_record *record)
{
    const char *id = sim_get(address, NEPH_ADDRESS_NODE);
    const sim_thing *node = id ? sim_find(&work->state, NEPH_KIND_NODE, NEPH_NODE_ID, id) : NULL;
    return node ? neph_record_set(record, NEPH_ADDRESS_PRIVATE_IP,
                                  sim_get(node, NEPH_NODE_PRIVATE_IPS))
                : 0;
}
