/*
 * node.c - nodes: create and destroy, start, stop and reboot, rename, resize, console.
 */
#include "sim.h"

/* ---- create */

static int32_t image_check(sim_work *work, const sim_thing *node)
{
    sim_thing *image;
    int32_t rc = sim_need(work, NEPH_KIND_IMAGE, sim_get(node, NEPH_NODE_IMAGE), &image);
    if (!rc && sim_condition(image) != NEPH_IMAGE_AVAILABLE)
        rc = sim_conflict(work, image);
    return rc;
}

static int32_t key_check(sim_work *work, const sim_thing *node)
{
    const char *name = sim_get(node, NEPH_NODE_KEY);
    sim_thing *key;
    return name ? sim_need_by(work, NEPH_KIND_KEY, NEPH_KEY_NAME, name, &key) : 0;
}

static int32_t firewalls_check(sim_work *work, const sim_thing *node)
{
    const sim_value *value;
    sim_thing *firewall;
    uint32_t at = 0;
    int32_t rc = 0;
    while (!rc && (value = sim_value_next(node, NEPH_NODE_FIREWALLS, &at)) != NULL)
        rc = sim_need(work, NEPH_KIND_FIREWALL, value->text, &firewall);
    return rc;
}

static int is_given(const sim_thing *node, int32_t member, const sim_thing *subnet, int32_t its)
{
    const char *text = sim_get(node, member);
    return !text || sim_is(subnet, its, text);
}

/* The subnet that was asked for, or the first one that fits the rest: the default network's, the first location's. */
static int32_t subnet_find(sim_work *work, const sim_thing *node, sim_thing **out)
{
    const char *id = sim_get(node, NEPH_NODE_SUBNET);
    sim_thing *unused;
    const char *location = sim_get(node, NEPH_NODE_LOCATION);
    const char *network = sim_get(node, NEPH_NODE_NETWORK);
    size_t at = 0;
    int32_t rc = location ? sim_need(work, NEPH_KIND_LOCATION, location, &unused) : 0;
    if (!rc && network)
        rc = sim_need(work, NEPH_KIND_NETWORK, network, &unused);
    if (!rc && id)
        rc = sim_need(work, NEPH_KIND_SUBNET, id, out);
    if (rc)
        return rc;
    if (!id)
        while ((*out = sim_next(&work->state, NEPH_KIND_SUBNET, &at)) != NULL)
            if (is_given(node, NEPH_NODE_LOCATION, *out, NEPH_SUBNET_LOCATION) &&
                is_given(node, NEPH_NODE_NETWORK, *out, NEPH_SUBNET_NETWORK))
                return 0;
    if (*out && is_given(node, NEPH_NODE_LOCATION, *out, NEPH_SUBNET_LOCATION) &&
        is_given(node, NEPH_NODE_NETWORK, *out, NEPH_SUBNET_NETWORK))
        return 0;
    return neph_fail(work->call, NEPH_INVALID,
                     "subnet \"%.60s\" is not in that location and network", id ? id : "");
}

static int32_t place_give(sim_work *work, sim_thing *node)
{
    char ip[16];
    sim_thing *subnet;
    int32_t rc = subnet_find(work, node, &subnet);
    int failed = 0;
    if (rc)
        return rc;
    if (!sim_ip_pick(&work->state, sim_get(subnet, NEPH_SUBNET_CIDR), 0, ip))
        return neph_fail(work->call, NEPH_QUOTA, "subnet \"%s\" has no address left",
                         sim_id(subnet));
    failed |= sim_set(&work->state, node, NEPH_NODE_SUBNET, sim_id(subnet));
    failed |= sim_set(&work->state, node, NEPH_NODE_NETWORK, sim_get(subnet, NEPH_SUBNET_NETWORK));
    failed |=
        sim_set(&work->state, node, NEPH_NODE_LOCATION, sim_get(subnet, NEPH_SUBNET_LOCATION));
    failed |= sim_set(&work->state, node, NEPH_NODE_PRIVATE_IPS, ip);
    if (!sim_ip_pick(&work->state, "198.18.0.0/16", work->state.next, ip))
        return neph_fail(work->call, NEPH_QUOTA, "there is no public address left");
    failed |= sim_set(&work->state, node, SIM_PUBLIC_IP, ip);
    return failed ? sim_no_memory(work) : 0;
}

/* User data is kept in base64, whichever way it came. */
static int32_t user_data_take(sim_work *work, sim_thing *node)
{
    const char *raw = neph_argument(work->call, NEPH_USER_DATA);
    const char *encoded = neph_argument(work->call, NEPH_USER_DATA_BASE64);
    char buffer[SIM_USER_DATA_MAX / 3 * 4 + 8];
    neph_text text;
    if (raw && encoded)
        return neph_fail(work->call, NEPH_INVALID, "give user_data or user_data_base64, not both");
    if (encoded && sim_base64_decode(encoded, NULL, SIZE_MAX) < 0)
        return neph_fail(work->call, NEPH_INVALID, "user_data_base64 is no base64");
    if ((raw && strlen(raw) > SIM_USER_DATA_MAX) ||
        (encoded && sim_base64_decode(encoded, NULL, SIM_USER_DATA_MAX) < 0))
        return neph_fail(work->call, NEPH_LIMIT, "user data has at most %d bytes",
                         SIM_USER_DATA_MAX);
    if (!raw && !encoded)
        return 0;
    neph_text_init(&text, buffer, sizeof buffer);
    if (raw)
        neph_text_add_base64(&text, raw, strlen(raw));
    else
        neph_text_add(&text, encoded);
    return sim_set(&work->state, node, SIM_USER_DATA, buffer) ? sim_no_memory(work) : 0;
}

/* The user's name and public key are kept, a password never is. */
static int32_t login_take(sim_work *work, sim_thing *node)
{
    static const struct {
        int32_t argument;
        int32_t member;
    } kept[] = {{NEPH_LOGIN_NAME, SIM_USER_NAME}, {NEPH_LOGIN_KEY, SIM_USER_KEY}};
    int32_t rc = 0;
    for (size_t i = 0; !rc && i < NEPH_COUNT(kept); i++) {
        const char *text = neph_argument(work->call, kept[i].argument);
        if (!text)
            continue;
        text = sim_line(work, text);
        if (!text)
            return sim_no_memory(work);
        rc = sim_check_text(work, sim_kind_member(node->kind, kept[i].member), text);
        if (!rc && sim_set(&work->state, node, kept[i].member, text))
            rc = sim_no_memory(work);
    }
    return rc;
}

int32_t sim_node_create(sim_work *work, sim_thing *node)
{
    sim_thing *size;
    int32_t rc = image_check(work, node);
    if (!rc)
        rc = sim_need(work, NEPH_KIND_SIZE, sim_get(node, NEPH_NODE_SIZE), &size);
    if (!rc)
        rc = key_check(work, node);
    if (!rc)
        rc = firewalls_check(work, node);
    if (!rc)
        rc = user_data_take(work, node);
    if (!rc)
        rc = login_take(work, node);
    if (!rc)
        rc = place_give(work, node);
    return rc ? rc : sim_begin(work, node, NEPH_NODE_PENDING);
}

/* ---- states */

int sim_node_has_ended(const sim_thing *node)
{
    return sim_condition(node) == SIM_ENDING || sim_condition(node) == NEPH_NODE_TERMINATED;
}

int32_t sim_node_check(sim_work *work, const sim_thing *node)
{
    int64_t condition = sim_condition(node);
    return condition == NEPH_NODE_RUNNING || condition == NEPH_NODE_STOPPED
               ? 0
               : sim_conflict(work, node);
}

#define BIT(condition) (UINT32_C(1) << (condition))

/* What an operation does in which states; in the others it is a conflict. */
static const struct turn {
    uint32_t op;
    uint32_t from;    /* states in which it does something */
    uint32_t is_done; /* in which there is nothing to do */
    int32_t to;
} turns[] = {
    {NEPH_OP_NODE_START, BIT(NEPH_NODE_STOPPED), BIT(NEPH_NODE_RUNNING) | BIT(NEPH_NODE_PENDING),
     NEPH_NODE_PENDING},
    {NEPH_OP_NODE_STOP, BIT(NEPH_NODE_RUNNING) | BIT(NEPH_NODE_REBOOTING),
     BIT(NEPH_NODE_STOPPING) | BIT(NEPH_NODE_STOPPED), NEPH_NODE_STOPPING},
    {NEPH_OP_NODE_REBOOT, BIT(NEPH_NODE_RUNNING), BIT(NEPH_NODE_REBOOTING), NEPH_NODE_REBOOTING},
};

int32_t sim_node_turn(sim_work *work, sim_thing *node)
{
    const struct turn *turn = turns;
    int64_t condition = sim_condition(node);
    int is_forced = work->operation->op == NEPH_OP_NODE_STOP &&
                    neph_argument_integer(work->call, NEPH_FORCE) == 1;
    while (turn->op != work->operation->op)
        turn++;
    if (sim_node_has_ended(node))
        return sim_conflict(work, node);
    if (is_forced && condition != NEPH_NODE_STOPPED) /* as if its power was cut */
        return sim_begin(work, node, NEPH_NODE_STOPPED);
    if (turn->is_done & BIT(condition))
        return 0;
    return turn->from & BIT(condition) ? sim_begin(work, node, turn->to) : sim_conflict(work, node);
}

/* Its volumes are let go of, its addresses lead nowhere. */
static int32_t things_release(sim_work *work, const sim_thing *node)
{
    sim_thing *thing;
    size_t at = 0;
    int32_t rc = 0;
    while (!rc && (thing = sim_next(&work->state, NEPH_KIND_VOLUME, &at)) != NULL)
        if (sim_is(thing, NEPH_VOLUME_NODE, sim_id(node)))
            rc = sim_begin(work, thing, NEPH_VOLUME_DETACHING);
    at = 0;
    while (!rc && (thing = sim_next(&work->state, NEPH_KIND_ADDRESS, &at)) != NULL)
        if (sim_is(thing, NEPH_ADDRESS_NODE, sim_id(node)))
            rc = sim_address_disassociate(work, thing);
    return rc;
}

/* One that has ended is no error. */
int32_t sim_node_destroy(sim_work *work, sim_thing *node)
{
    int32_t rc = 0;
    if (sim_node_has_ended(node))
        return 0;
    rc = things_release(work, node);
    sim_set(&work->state, node, SIM_PUBLIC_IP, NULL);
    sim_set(&work->state, node, NEPH_NODE_PRIVATE_IPS, NULL);
    return rc ? rc : sim_begin(work, node, SIM_ENDING);
}

/* ---- rename, resize */

int32_t sim_node_rename(sim_work *work, sim_thing *node)
{
    const char *name = neph_argument(work->call, NEPH_NODE_NAME);
    int32_t rc = sim_node_has_ended(node) ? sim_conflict(work, node) : 0;
    if (!rc)
        rc = sim_check_text(work, sim_kind_member(node->kind, NEPH_NODE_NAME), name);
    if (!rc && sim_set(&work->state, node, NEPH_NODE_NAME, name))
        rc = sim_no_memory(work);
    return rc;
}

int32_t sim_node_resize(sim_work *work, sim_thing *node)
{
    const char *id = neph_argument(work->call, NEPH_NODE_SIZE);
    sim_thing *size;
    int32_t rc = sim_need(work, NEPH_KIND_SIZE, id, &size);
    if (!rc && sim_condition(node) != NEPH_NODE_STOPPED)
        rc = neph_fail(work->call, NEPH_CONFLICT, "node \"%s\" is %s: stop it to resize it",
                       sim_id(node), sim_condition_name(node));
    if (!rc && sim_set(&work->state, node, NEPH_NODE_SIZE, id))
        rc = sim_no_memory(work);
    return rc;
}

/* ---- results */

/* What leads to it now: its addresses, else the one it has as long as it runs. */
static int32_t public_ips_show(sim_work *work, const sim_thing *node, neph_record *record)
{
    const sim_thing *address;
    const char *own = sim_get(node, SIM_PUBLIC_IP);
    int64_t condition = sim_condition(node);
    size_t at = 0, count = 0;
    int32_t rc = 0;
    while (!rc && (address = sim_next(&work->state, NEPH_KIND_ADDRESS, &at)) != NULL)
        if (sim_is(address, NEPH_ADDRESS_NODE, sim_id(node))) {
            rc = neph_record_add(record, NEPH_NODE_PUBLIC_IPS, sim_get(address, NEPH_ADDRESS_IP));
            count++;
        }
    if (!rc && !count && own &&
        (condition == NEPH_NODE_RUNNING || condition == NEPH_NODE_REBOOTING))
        rc = neph_record_add(record, NEPH_NODE_PUBLIC_IPS, own);
    return rc;
}

int32_t sim_node_show(sim_work *work, const sim_thing *node, neph_record *record)
{
    static const struct {
        int32_t of_node;
        int32_t of_size;
    } members[] = {
        {NEPH_NODE_CPUS, NEPH_SIZE_CPUS},
        {NEPH_NODE_RAM_BYTES, NEPH_SIZE_RAM_BYTES},
        {NEPH_NODE_DISK_BYTES, NEPH_SIZE_DISK_BYTES},
    };
    const sim_thing *size =
        sim_find(&work->state, NEPH_KIND_SIZE, NEPH_SIZE_ID, sim_get(node, NEPH_NODE_SIZE));
    int32_t rc = public_ips_show(work, node, record);
    for (size_t i = 0; !rc && size && i < NEPH_COUNT(members); i++)
        rc = neph_record_set_integer(record, members[i].of_node,
                                     sim_get_number(size, members[i].of_size));
    return rc;
}

/* ---- console */

static void console_write(const sim_thing *node, char *out, size_t capacity)
{
    const char *data = sim_get(node, SIM_USER_DATA);
    const char *user = sim_get(node, SIM_USER_NAME);
    neph_text text;
    neph_text_init(&text, out, capacity);
    neph_text_add(&text, "booting ");
    neph_text_add(&text, sim_get(node, NEPH_NODE_IMAGE));
    neph_text_add(&text, " on ");
    neph_text_add(&text, sim_get(node, NEPH_NODE_SIZE));
    if (data) {
        neph_text_add(&text, "\nuser data: ");
        neph_text_add_integer(&text, sim_base64_decode(data, NULL, SIZE_MAX));
        neph_text_add(&text, " bytes");
    }
    if (user) {
        neph_text_add(&text, "\nuser ");
        neph_text_add(&text, user);
    }
    if (sim_condition(node) == NEPH_NODE_RUNNING) {
        neph_text_add(&text, "\n");
        neph_text_add(&text, sim_get(node, NEPH_NODE_NAME));
        neph_text_add(&text, " login: ");
    }
}

int32_t sim_node_console(sim_work *work)
{
    char output[2048];
    neph_record *record;
    int32_t rc;
    if (work->at++)
        return 0;
    record = neph_record_new(work->call, NEPH_KIND_CONSOLE);
    if (!record)
        return sim_no_memory(work);
    console_write(work->thing, output, sizeof output);
    rc = neph_record_set(record, NEPH_CONSOLE_NODE, sim_id(work->thing));
    if (!rc)
        rc = neph_record_set(record, NEPH_CONSOLE_OUTPUT, output);
    if (!rc)
        rc = neph_record_set_integer(record, NEPH_CONSOLE_UPDATED,
                                     sim_get_number(work->thing, SIM_CHANGED));
    return rc ? rc : neph_record_emit(work->call, record);
}
