/*
 * provider.c - a simulated cloud in a file: settings and actions. There is no server: every action performs by the same
 * frame (work.c), and what it does stands in a row of operation.c and with its resource.
 */
#include "sim.h"

/* ---- settings */

static const neph_origin state_origins[] = {{NEPH_FROM_ENVIRONMENT, 0, "NEPH_SIM_STATE"}};

#define NUMBER(n, text, value)                                                                     \
    {                                                                                              \
        .name = (n), .summary = (text), .fallback = (value), .type = NEPH_TYPE_INTEGER             \
    }

static const neph_setting settings[] = {
    {
        .name = "state",
        .summary = "file that holds the cloud; made by the first change",
        .fallback = "neph-sim.state",
        .type = NEPH_TYPE_STRING,
        NEPH_ORIGINS(state_origins),
    },
    NUMBER("delay_ms", "milliseconds that a change of state takes; 0: none", "2000"),
    NUMBER("seed", "which of the sequences of failures it is", "1"),
    {
        .name = "fail",
        .summary = "what fails how often, as in create:0.1,node.stop:0.5,any:0.01",
        .type = NEPH_TYPE_STRING,
    },
    NUMBER("throttle", "requests in a second that are answered; 0: all", "0"),
    NUMBER("consistency_ms", "milliseconds before what was created can be seen", "0"),
    NUMBER("quota_nodes", "nodes that there can be at most", NULL),
    NUMBER("quota_volumes", "volumes that there can be at most", NULL),
    NUMBER("quota_addresses", "addresses that there can be at most", NULL),
};

/* Where a number stands in what is kept of them, and how large it can be. */
static const struct number {
    const char *name;
    size_t offset;
    int64_t most;
} numbers[] = {
    {"delay_ms", offsetof(sim_config, delay_ms), SIM_MS_MAX},
    {"consistency_ms", offsetof(sim_config, consistency_ms), SIM_MS_MAX},
    {"seed", offsetof(sim_config, seed), INT64_MAX},
    {"throttle", offsetof(sim_config, throttle), 1000000},
    {"quota_nodes", offsetof(sim_config, quotas[SIM_QUOTA_NODES]), SIM_THINGS_MAX},
    {"quota_volumes", offsetof(sim_config, quotas[SIM_QUOTA_VOLUMES]), SIM_THINGS_MAX},
    {"quota_addresses", offsetof(sim_config, quotas[SIM_QUOTA_ADDRESSES]), SIM_THINGS_MAX},
};

static int32_t numbers_read(neph_cloud *cloud, sim_config *config)
{
    for (size_t i = 0; i < NEPH_COUNT(numbers); i++) {
        int64_t number = neph_setting_integer(cloud, numbers[i].name);
        if (number != NEPH_UNKNOWN && (number < 0 || number > numbers[i].most))
            return neph_fail(cloud, NEPH_INVALID, "%s must be 0 to %lld", numbers[i].name,
                             (long long)numbers[i].most);
        memcpy((char *)config + numbers[i].offset, &number, sizeof number);
    }
    return 0;
}

/* ---- settings: failures */

/* "0", "1", "0.25": of 1e9. */
static int rate_read(const char *text, size_t size, int64_t *out)
{
    int64_t unit = NEPH_NANO;
    *out = 0;
    if (!size || (text[0] != '0' && text[0] != '1'))
        return 0;
    *out = (text[0] - '0') * NEPH_NANO;
    for (size_t i = 1; i < size; i++) {
        if (i == 1) {
            if (text[i] != '.' || size == 2)
                return 0;
            continue;
        }
        if (text[i] < '0' || text[i] > '9')
            return 0;
        unit /= 10;
        *out += (text[i] - '0') * unit;
    }
    return *out <= NEPH_NANO;
}

static int is_failure_name(const char *name)
{
    for (uint32_t i = 0; i < sim_operation_count; i++)
        if (!strcmp(sim_operations[i].name, name) ||
            !strcmp(strchr(sim_operations[i].name, '.') + 1, name))
            return 1;
    return !strcmp(name, "any");
}

static int32_t failure_read(neph_cloud *cloud, sim_config *config, const char *text, size_t size)
{
    const char *mark = memchr(text, ':', size);
    size_t length = mark ? (size_t)(mark - text) : 0;
    char *name;
    if (config->failure_count == SIM_FAILURES_MAX)
        return neph_fail(cloud, NEPH_INVALID, "fail has more than %d parts", SIM_FAILURES_MAX);
    name = config->failures[config->failure_count].name;
    if (!length || length >= sizeof config->failures[0].name ||
        !rate_read(mark + 1, size - length - 1, &config->failures[config->failure_count].rate))
        return neph_fail(cloud, NEPH_INVALID,
                         "\"%.*s\" in fail must be a name and a rate of 0 to 1, as in create:0.1",
                         (int)(size < 60 ? size : 60), text);
    memcpy(name, text, length);
    name[length] = '\0';
    if (!is_failure_name(name))
        return neph_fail(cloud, NEPH_INVALID,
                         "\"%s\" in fail is no verb, no noun.verb and not \"any\"", name);
    config->failure_count++;
    return 0;
}

static int32_t failures_read(neph_cloud *cloud, sim_config *config)
{
    const char *at = neph_setting_string(cloud, "fail");
    int32_t rc = 0;
    while (!rc && at && *at) {
        size_t size = strcspn(at, ",");
        rc = failure_read(cloud, config, at, size);
        at += size + (at[size] == ',');
    }
    return rc;
}

/* ---- actions */

#define TAKES(name, ...) static const int32_t name##_takes[] = {__VA_ARGS__}
TAKES(node_create, NEPH_NODE_LOCATION, NEPH_NODE_KEY, NEPH_NODE_FIREWALLS, NEPH_NODE_NETWORK,
      NEPH_NODE_SUBNET, NEPH_USER_DATA, NEPH_USER_DATA_BASE64, NEPH_NODE_TAGS, NEPH_LOGIN_NAME,
      NEPH_NODE_PASSWORD, NEPH_LOGIN_KEY, NEPH_TOKEN);
TAKES(node_stop, NEPH_FORCE);
TAKES(image_list, NEPH_LIST_OWNER);
TAKES(image_create, NEPH_IMAGE_DESCRIPTION, NEPH_IMAGE_TAGS);
TAKES(volume_create, NEPH_VOLUME_SIZE_BYTES, NEPH_VOLUME_LOCATION, NEPH_VOLUME_TYPE,
      NEPH_VOLUME_IOPS, NEPH_VOLUME_ENCRYPTED, NEPH_VOLUME_SNAPSHOT, NEPH_VOLUME_TAGS, NEPH_TOKEN);
TAKES(volume_attach, NEPH_VOLUME_DEVICE);
TAKES(volume_detach, NEPH_VOLUME_NODE, NEPH_FORCE);
TAKES(snapshot_create, NEPH_SNAPSHOT_DESCRIPTION, NEPH_SNAPSHOT_TAGS, NEPH_TOKEN);
TAKES(address_allocate, NEPH_ADDRESS_NAME, NEPH_ADDRESS_TAGS, NEPH_TOKEN);
TAKES(address_associate, NEPH_REASSOCIATE);
TAKES(firewall_create, NEPH_FIREWALL_DESCRIPTION, NEPH_FIREWALL_NETWORK, NEPH_FIREWALL_TAGS);
TAKES(rule, NEPH_FIREWALL_RULE_DIRECTION, NEPH_FIREWALL_RULE_PROTOCOL, NEPH_FIREWALL_RULE_PORT_FROM,
      NEPH_FIREWALL_RULE_PORT_TO, NEPH_FIREWALL_RULE_CIDR, NEPH_FIREWALL_RULE_PEER,
      NEPH_FIREWALL_RULE_DESCRIPTION);

#define ACTION(number, trait)                                                                      \
    {                                                                                              \
        .op = NEPH_OP_##number, .traits = (trait), .perform = sim_perform, .finish = sim_finish    \
    }
#define TAKING(number, trait, name)                                                                \
    {                                                                                              \
        .op = NEPH_OP_##number, .traits = (trait), .perform = sim_perform, .finish = sim_finish,   \
        NEPH_TAKES(name##_takes)                                                                   \
    }

static const neph_action actions[] = {
    ACTION(NODE_LIST, NEPH_SAFE),
    ACTION(NODE_SHOW, NEPH_SAFE),
    TAKING(NODE_CREATE, NEPH_ONCE, node_create),
    ACTION(NODE_DESTROY, NEPH_IDEMPOTENT),
    ACTION(NODE_REBOOT, 0),
    ACTION(NODE_START, NEPH_IDEMPOTENT),
    TAKING(NODE_STOP, NEPH_IDEMPOTENT, node_stop),
    ACTION(NODE_RENAME, NEPH_IDEMPOTENT),
    ACTION(NODE_RESIZE, NEPH_IDEMPOTENT),
    ACTION(NODE_CONSOLE, NEPH_SAFE),
    TAKING(IMAGE_LIST, NEPH_SAFE, image_list),
    ACTION(IMAGE_SHOW, NEPH_SAFE),
    TAKING(IMAGE_CREATE, NEPH_ONCE, image_create),
    ACTION(IMAGE_DELETE, NEPH_IDEMPOTENT),
    ACTION(SIZE_LIST, NEPH_SAFE),
    ACTION(LOCATION_LIST, NEPH_SAFE),
    ACTION(KEY_LIST, NEPH_SAFE),
    ACTION(KEY_CREATE, 0), /* its private key is told once */
    ACTION(KEY_IMPORT, NEPH_ONCE),
    ACTION(KEY_DELETE, NEPH_IDEMPOTENT),
    ACTION(VOLUME_LIST, NEPH_SAFE),
    ACTION(VOLUME_SHOW, NEPH_SAFE),
    TAKING(VOLUME_CREATE, NEPH_ONCE, volume_create),
    ACTION(VOLUME_DELETE, NEPH_IDEMPOTENT),
    TAKING(VOLUME_ATTACH, 0, volume_attach),
    TAKING(VOLUME_DETACH, NEPH_IDEMPOTENT, volume_detach),
    ACTION(VOLUME_RESIZE, 0),
    ACTION(SNAPSHOT_LIST, NEPH_SAFE),
    ACTION(SNAPSHOT_SHOW, NEPH_SAFE),
    TAKING(SNAPSHOT_CREATE, NEPH_ONCE, snapshot_create),
    ACTION(SNAPSHOT_DELETE, NEPH_IDEMPOTENT),
    ACTION(ADDRESS_LIST, NEPH_SAFE),
    TAKING(ADDRESS_ALLOCATE, NEPH_ONCE, address_allocate),
    TAKING(ADDRESS_ASSOCIATE, NEPH_IDEMPOTENT, address_associate),
    ACTION(ADDRESS_DISASSOCIATE, NEPH_IDEMPOTENT),
    ACTION(ADDRESS_RELEASE, NEPH_IDEMPOTENT),
    ACTION(FIREWALL_LIST, NEPH_SAFE),
    TAKING(FIREWALL_CREATE, NEPH_ONCE, firewall_create),
    ACTION(FIREWALL_DELETE, NEPH_IDEMPOTENT),
    ACTION(RULE_LIST, NEPH_SAFE),
    TAKING(RULE_ADD, NEPH_ONCE, rule),
    TAKING(RULE_REMOVE, NEPH_IDEMPOTENT, rule),
    ACTION(NETWORK_LIST, NEPH_SAFE),
    ACTION(SUBNET_LIST, NEPH_SAFE),
    ACTION(TAG_LIST, NEPH_SAFE),
    ACTION(TAG_SET, NEPH_IDEMPOTENT),
    ACTION(TAG_REMOVE, NEPH_IDEMPOTENT),
};

/* ---- hooks */

const sim_config *sim_config_of(const neph_call *call)
{
    return neph_cloud_memory(neph_cloud_of(call), sizeof(sim_config));
}

static int32_t sim_open(neph_cloud *cloud)
{
    sim_config *config = neph_cloud_memory(cloud, sizeof *config);
    int32_t rc;
    if (!config)
        return neph_fail(cloud, NEPH_NO_MEMORY, "out of memory");
    if (!neph_setting_string(cloud, "state")[0])
        return neph_fail(cloud, NEPH_INVALID, "set state: the name of the file is empty");
    rc = numbers_read(cloud, config);
    return rc ? rc : failures_read(cloud, config);
}

static const neph_provider provider = {
    .size = sizeof(neph_provider),
    .id = "sim",
    .title = "Simulated cloud in a file",
    NEPH_SETTINGS(settings),
    NEPH_ACTIONS(actions),
    .open = sim_open,
};

static const neph_provider *const providers[] = {&provider};
NEPH_PLUGIN(sim, "0.1.0", "neph-plugin-sim", providers);
