/*
 * firewall.c - firewalls and their rules. A rule is told by all that it says but its description.
 */
#include "sim.h"

/* ---- firewalls */

int32_t sim_firewall_create(sim_work *work, sim_thing *firewall)
{
    const char *network = sim_get(firewall, NEPH_FIREWALL_NETWORK);
    sim_thing *found;
    int32_t rc = sim_need_no_other(work, firewall);
    return rc || !network ? rc : sim_need(work, NEPH_KIND_NETWORK, network, &found);
}

static int32_t use_check(sim_work *work, const char *id)
{
    const sim_thing *thing;
    size_t at = 0;
    while ((thing = sim_next(&work->state, NEPH_KIND_NODE, &at)) != NULL) {
        const sim_value *value;
        uint32_t i = 0;
        while ((value = sim_value_next(thing, NEPH_NODE_FIREWALLS, &i)) != NULL)
            if (!strcmp(value->text, id) && !sim_node_has_ended(thing))
                return neph_fail(work->call, NEPH_CONFLICT, "node \"%s\" is behind firewall \"%s\"",
                                 sim_id(thing), id);
    }
    at = 0;
    while ((thing = sim_next(&work->state, NEPH_KIND_FIREWALL_RULE, &at)) != NULL)
        if (sim_is(thing, NEPH_FIREWALL_RULE_PEER, id) &&
            !sim_is(thing, NEPH_FIREWALL_RULE_FIREWALL, id))
            return neph_fail(work->call, NEPH_CONFLICT,
                             "a rule of firewall \"%s\" lets firewall \"%s\" through",
                             sim_get(thing, NEPH_FIREWALL_RULE_FIREWALL), id);
    return 0;
}

/* Its rules go with it. */
int32_t sim_firewall_delete(sim_work *work, sim_thing *firewall)
{
    sim_thing *rule;
    size_t at = 0;
    int32_t rc = use_check(work, sim_id(firewall));
    if (rc)
        return rc;
    while ((rule = sim_next(&work->state, NEPH_KIND_FIREWALL_RULE, &at)) != NULL)
        if (sim_is(rule, NEPH_FIREWALL_RULE_FIREWALL, sim_id(firewall)))
            rule->is_gone = 1;
    firewall->is_gone = 1;
    return 0;
}

/* ---- rules */

/* What a protocol's ports can be; one that is not here has none. */
static const struct protocol {
    const char *name;
    int64_t least;
    int64_t most;
} protocols[] = {{"tcp", 0, 65535}, {"udp", 0, 65535}, {"icmp", -1, 255}};

static int is_number(const char *text)
{
    size_t size = strlen(text);
    int number = 0;
    if (!size || size > 3 || strspn(text, "0123456789") != size)
        return 0;
    for (size_t i = 0; i < size; i++)
        number = number * 10 + (text[i] - '0');
    return number <= 255;
}

static int32_t protocol_check(sim_work *work, const char *name, const struct protocol **out)
{
    *out = NULL;
    for (size_t i = 0; i < NEPH_COUNT(protocols); i++)
        if (!strcmp(protocols[i].name, name))
            *out = &protocols[i];
    return *out || !strcmp(name, "any") || is_number(name)
               ? 0
               : neph_fail(work->call, NEPH_INVALID,
                           "\"%.40s\" is no protocol: tcp, udp, icmp, any or a number up to 255",
                           name);
}

/* Ports are there both or not at all. */
static int32_t ports_take(sim_work *work, sim_thing *rule, const struct protocol *protocol)
{
    int64_t from = sim_get_number(rule, NEPH_FIREWALL_RULE_PORT_FROM);
    int64_t to = sim_get_number(rule, NEPH_FIREWALL_RULE_PORT_TO);
    if (from == NEPH_UNKNOWN && to == NEPH_UNKNOWN)
        return 0;
    if (!protocol)
        return neph_fail(work->call, NEPH_INVALID, "only tcp, udp and icmp have ports");
    if (from == NEPH_UNKNOWN)
        return neph_fail(work->call, NEPH_INVALID, "port_to needs port_from");
    if (to == NEPH_UNKNOWN)
        to = protocol->least < 0 ? -1 : from;
    if (from < protocol->least || from > protocol->most || to < protocol->least ||
        to > protocol->most || (protocol->least == 0 && to < from))
        return neph_fail(work->call, NEPH_INVALID,
                         "ports of %s are %lld to %lld, the first one first", protocol->name,
                         (long long)protocol->least, (long long)protocol->most);
    return sim_set_number(&work->state, rule, NEPH_FIREWALL_RULE_PORT_TO, to) ? sim_no_memory(work)
                                                                              : 0;
}

static int32_t other_end_check(sim_work *work, const sim_thing *rule)
{
    const char *cidr = sim_get(rule, NEPH_FIREWALL_RULE_CIDR);
    const char *peer = sim_get(rule, NEPH_FIREWALL_RULE_PEER);
    sim_thing *firewall;
    if (!cidr == !peer)
        return neph_fail(work->call, NEPH_INVALID, "a rule needs its other end: cidr or peer_id");
    if (peer)
        return sim_need(work, NEPH_KIND_FIREWALL, peer, &firewall);
    return sim_cidr_is(cidr)
               ? 0
               : neph_fail(work->call, NEPH_INVALID,
                           "\"%.60s\" is no cidr: an address and its bits, as in 192.0.2.0/24",
                           cidr);
}

/* Makes a rule whole: what was not said has its default. */
static int32_t rule_complete(sim_work *work, sim_thing *rule)
{
    const struct protocol *protocol;
    sim_thing *firewall;
    int failed = 0;
    int32_t rc =
        sim_need(work, NEPH_KIND_FIREWALL, sim_get(rule, NEPH_FIREWALL_RULE_FIREWALL), &firewall);
    if (rc)
        return rc;
    if (sim_get_number(rule, NEPH_FIREWALL_RULE_DIRECTION) <= 0)
        failed |= sim_set_number(&work->state, rule, NEPH_FIREWALL_RULE_DIRECTION,
                                 NEPH_DIRECTION_INGRESS);
    if (!sim_get(rule, NEPH_FIREWALL_RULE_PROTOCOL))
        failed |= sim_set(&work->state, rule, NEPH_FIREWALL_RULE_PROTOCOL, "tcp");
    if (failed)
        return sim_no_memory(work);
    rc = protocol_check(work, sim_get(rule, NEPH_FIREWALL_RULE_PROTOCOL), &protocol);
    if (!rc)
        rc = ports_take(work, rule, protocol);
    return rc ? rc : other_end_check(work, rule);
}

static int is_same_text(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : a == b;
}

static sim_thing *rule_like(const sim_work *work, const sim_thing *wanted)
{
    static const int32_t members[] = {NEPH_FIREWALL_RULE_FIREWALL, NEPH_FIREWALL_RULE_DIRECTION,
                                      NEPH_FIREWALL_RULE_PROTOCOL, NEPH_FIREWALL_RULE_PORT_FROM,
                                      NEPH_FIREWALL_RULE_PORT_TO,  NEPH_FIREWALL_RULE_CIDR,
                                      NEPH_FIREWALL_RULE_PEER};
    sim_thing *rule;
    size_t at = 0;
    while ((rule = sim_next(&work->state, NEPH_KIND_FIREWALL_RULE, &at)) != NULL) {
        int is_same = rule != wanted;
        for (size_t i = 0; i < NEPH_COUNT(members); i++)
            is_same &= is_same_text(sim_get(rule, members[i]), sim_get(wanted, members[i])) &&
                       (sim_get(rule, members[i]) ||
                        sim_get_number(rule, members[i]) == sim_get_number(wanted, members[i]));
        if (is_same)
            return rule;
    }
    return NULL;
}

int32_t sim_rule_add(sim_work *work, sim_thing *rule)
{
    int32_t rc = rule_complete(work, rule);
    if (!rc && rule_like(work, rule))
        rc = neph_fail(work->call, NEPH_EXISTS, "firewall \"%s\" has this rule already",
                       sim_get(rule, NEPH_FIREWALL_RULE_FIREWALL));
    return rc;
}

int32_t sim_rule_remove(sim_work *work, sim_thing *unused)
{
    sim_thing *wanted;
    sim_thing *found = NULL;
    int32_t rc = sim_thing_take(work, &wanted);
    (void)unused;
    if (!rc)
        rc = rule_complete(work, wanted);
    if (rc)
        return rc;
    found = rule_like(work, wanted);
    if (!found)
        return neph_fail(work->call, NEPH_NOT_FOUND, "firewall \"%s\" has no such rule",
                         sim_get(wanted, NEPH_FIREWALL_RULE_FIREWALL));
    found->is_gone = 1;
    return 0;
}

int32_t sim_rule_look(sim_work *work, sim_thing *unused)
{
    const char *id = neph_argument(work->call, NEPH_FIREWALL_RULE_FIREWALL);
    (void)unused;
    return sim_need(work, NEPH_KIND_FIREWALL, id, &work->thing);
}
