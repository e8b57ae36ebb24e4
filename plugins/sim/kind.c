/*
 * kind.c - kinds of things: which members there are, how they stand in the file, which of them a create is given.
 */
#include "sim.h"

#define NAME_MAX_BYTES 255
#define WORDS_MAX_BYTES 1024
#define TAG_MAX_BYTES 256
#define KEY_MAX_BYTES 16384

/* ---- members */

#define TEXT(n, m, f, bytes)                                                                       \
    {                                                                                              \
        n, m, NEPH_TYPE_STRING, f, bytes, NULL                                                     \
    }
#define NUMBER(n, m, t, f)                                                                         \
    {                                                                                              \
        n, m, NEPH_TYPE_##t, f, 0, NULL                                                            \
    }
#define WORD(n, m, f, w)                                                                           \
    {                                                                                              \
        n, m, NEPH_TYPE_ENUM, f, 0, w                                                              \
    }
#define MANY(n, m, f, bytes)                                                                       \
    {                                                                                              \
        n, m, NEPH_TYPE_STRINGS, f, bytes, NULL                                                    \
    }
#define TAGS(m)                                                                                    \
    {                                                                                              \
        "tag", m, NEPH_TYPE_PAIRS, SIM_ARGUMENT, TAG_MAX_BYTES, NULL                               \
    }
#define ID(m) TEXT("id", m, SIM_NEEDED, SIM_ID_MAX)
#define LABEL(m) TEXT("name", m, SIM_ARGUMENT | SIM_NEEDED, NAME_MAX_BYTES)
#define REFERENCE(n, m, f) TEXT(n, m, f, SIM_ID_MAX)
#define DESCRIPTION(m) TEXT("description", m, SIM_ARGUMENT, WORDS_MAX_BYTES)
/* What everything that was created has. */
#define CREATED                                                                                    \
    NUMBER("created", SIM_CREATED, TIME, 0), TEXT("token", SIM_TOKEN, 0, NAME_MAX_BYTES),          \
        NUMBER("request", SIM_REQUEST, INTEGER, 0)
/* What everything with a state has. */
#define STATE(m, w)                                                                                \
    WORD("state", m, SIM_NEEDED, w), NUMBER("changed", SIM_CHANGED, TIME, SIM_NEEDED),             \
        NUMBER("pace", SIM_PACE, INTEGER, SIM_NEEDED)

static const neph_map directions[] = {
    {"ingress", NEPH_DIRECTION_INGRESS},
    {"egress", NEPH_DIRECTION_EGRESS},
    {NULL, 0},
};

static const sim_member node_members[] = {
    ID(NEPH_NODE_ID),
    LABEL(NEPH_NODE_NAME),
    STATE(NEPH_NODE_STATE, sim_node_words),
    REFERENCE("image", NEPH_NODE_IMAGE, SIM_ARGUMENT | SIM_NEEDED),
    REFERENCE("size", NEPH_NODE_SIZE, SIM_ARGUMENT | SIM_NEEDED),
    REFERENCE("location", NEPH_NODE_LOCATION, SIM_ARGUMENT | SIM_NEEDED),
    REFERENCE("network", NEPH_NODE_NETWORK, SIM_ARGUMENT),
    REFERENCE("subnet", NEPH_NODE_SUBNET, SIM_ARGUMENT),
    MANY("private_ip", NEPH_NODE_PRIVATE_IPS, 0, SIM_ID_MAX),
    TEXT("public_ip", SIM_PUBLIC_IP, 0, SIM_ID_MAX),
    TEXT("key", NEPH_NODE_KEY, SIM_ARGUMENT, NAME_MAX_BYTES),
    MANY("firewall", NEPH_NODE_FIREWALLS, SIM_ARGUMENT, SIM_ID_MAX),
    TEXT("user_data", SIM_USER_DATA, 0, SIM_USER_DATA_MAX / 3 * 4 + 8),
    TEXT("user_name", SIM_USER_NAME, 0, NAME_MAX_BYTES),
    TEXT("user_key", SIM_USER_KEY, 0, KEY_MAX_BYTES),
    TAGS(NEPH_NODE_TAGS),
    CREATED,
};

static const sim_member image_members[] = {
    ID(NEPH_IMAGE_ID),
    LABEL(NEPH_IMAGE_NAME),
    STATE(NEPH_IMAGE_STATE, sim_image_words),
    NUMBER("public", NEPH_IMAGE_PUBLIC, BOOLEAN, 0),
    TEXT("architecture", NEPH_IMAGE_ARCHITECTURE, 0, SIM_ID_MAX),
    TEXT("owner", NEPH_IMAGE_OWNER, 0, SIM_ID_MAX),
    DESCRIPTION(NEPH_IMAGE_DESCRIPTION),
    TAGS(NEPH_IMAGE_TAGS),
    CREATED,
};

static const sim_member size_members[] = {
    ID(NEPH_SIZE_ID),
    LABEL(NEPH_SIZE_NAME),
    NUMBER("cpus", NEPH_SIZE_CPUS, DECIMAL, 0),
    NUMBER("ram", NEPH_SIZE_RAM_BYTES, INTEGER, 0),
    NUMBER("disk", NEPH_SIZE_DISK_BYTES, INTEGER, 0),
    NUMBER("price", NEPH_SIZE_PRICE, DECIMAL, 0),
    TEXT("currency", NEPH_SIZE_CURRENCY, 0, 3),
    MANY("architecture", NEPH_SIZE_ARCHITECTURES, 0, SIM_ID_MAX),
};

static const sim_member location_members[] = {
    ID(NEPH_LOCATION_ID),
    LABEL(NEPH_LOCATION_NAME),
    TEXT("country", NEPH_LOCATION_COUNTRY, 0, 2),
};

static const sim_member key_members[] = {
    LABEL(NEPH_KEY_NAME),
    ID(NEPH_KEY_ID),
    TEXT("fingerprint", NEPH_KEY_FINGERPRINT, SIM_NEEDED, NAME_MAX_BYTES),
    TEXT("public_key", NEPH_KEY_PUBLIC_KEY, SIM_ARGUMENT | SIM_NEEDED | SIM_LINE, KEY_MAX_BYTES),
    TEXT("private_key", NEPH_KEY_PRIVATE_KEY, SIM_FLEETING, WORDS_MAX_BYTES),
    CREATED,
};

static const sim_member volume_members[] = {
    ID(NEPH_VOLUME_ID),
    LABEL(NEPH_VOLUME_NAME),
    STATE(NEPH_VOLUME_STATE, sim_volume_words),
    NUMBER("size", NEPH_VOLUME_SIZE_BYTES, INTEGER, SIM_ARGUMENT | SIM_NEEDED),
    REFERENCE("location", NEPH_VOLUME_LOCATION, SIM_ARGUMENT | SIM_NEEDED),
    REFERENCE("node", NEPH_VOLUME_NODE, 0),
    TEXT("device", NEPH_VOLUME_DEVICE, 0, SIM_ID_MAX),
    TEXT("type", NEPH_VOLUME_TYPE, SIM_ARGUMENT, SIM_ID_MAX),
    NUMBER("iops", NEPH_VOLUME_IOPS, INTEGER, SIM_ARGUMENT),
    NUMBER("encrypted", NEPH_VOLUME_ENCRYPTED, BOOLEAN, SIM_ARGUMENT),
    REFERENCE("snapshot", NEPH_VOLUME_SNAPSHOT, SIM_ARGUMENT),
    TAGS(NEPH_VOLUME_TAGS),
    CREATED,
};

static const sim_member snapshot_members[] = {
    ID(NEPH_SNAPSHOT_ID),
    LABEL(NEPH_SNAPSHOT_NAME),
    STATE(NEPH_SNAPSHOT_STATE, sim_snapshot_words),
    REFERENCE("volume", NEPH_SNAPSHOT_VOLUME, SIM_ARGUMENT | SIM_NEEDED),
    NUMBER("size", NEPH_SNAPSHOT_SIZE_BYTES, INTEGER, SIM_NEEDED),
    DESCRIPTION(NEPH_SNAPSHOT_DESCRIPTION),
    TAGS(NEPH_SNAPSHOT_TAGS),
    CREATED,
};

static const sim_member address_members[] = {
    ID(NEPH_ADDRESS_ID),
    TEXT("name", NEPH_ADDRESS_NAME, SIM_ARGUMENT, NAME_MAX_BYTES),
    TEXT("ip", NEPH_ADDRESS_IP, SIM_NEEDED, SIM_ID_MAX),
    REFERENCE("node", NEPH_ADDRESS_NODE, 0),
    TEXT("association", NEPH_ADDRESS_ASSOCIATION, 0, SIM_ID_MAX),
    TAGS(NEPH_ADDRESS_TAGS),
    CREATED,
};

static const sim_member firewall_members[] = {
    ID(NEPH_FIREWALL_ID),
    LABEL(NEPH_FIREWALL_NAME),
    DESCRIPTION(NEPH_FIREWALL_DESCRIPTION),
    REFERENCE("network", NEPH_FIREWALL_NETWORK, SIM_ARGUMENT),
    TAGS(NEPH_FIREWALL_TAGS),
    CREATED,
};

static const sim_member rule_members[] = {
    ID(NEPH_FIREWALL_RULE_ID),
    REFERENCE("firewall", NEPH_FIREWALL_RULE_FIREWALL, SIM_ARGUMENT | SIM_NEEDED),
    WORD("direction", NEPH_FIREWALL_RULE_DIRECTION, SIM_ARGUMENT | SIM_NEEDED, directions),
    TEXT("protocol", NEPH_FIREWALL_RULE_PROTOCOL, SIM_ARGUMENT | SIM_NEEDED, SIM_ID_MAX),
    NUMBER("port_from", NEPH_FIREWALL_RULE_PORT_FROM, INTEGER, SIM_ARGUMENT),
    NUMBER("port_to", NEPH_FIREWALL_RULE_PORT_TO, INTEGER, SIM_ARGUMENT),
    TEXT("cidr", NEPH_FIREWALL_RULE_CIDR, SIM_ARGUMENT, SIM_ID_MAX),
    REFERENCE("peer", NEPH_FIREWALL_RULE_PEER, SIM_ARGUMENT),
    DESCRIPTION(NEPH_FIREWALL_RULE_DESCRIPTION),
    CREATED,
};

static const sim_member network_members[] = {
    ID(NEPH_NETWORK_ID),
    LABEL(NEPH_NETWORK_NAME),
    MANY("cidr", NEPH_NETWORK_CIDRS, 0, SIM_ID_MAX),
    NUMBER("default", NEPH_NETWORK_DEFAULT, BOOLEAN, 0),
};

static const sim_member subnet_members[] = {
    ID(NEPH_SUBNET_ID),
    LABEL(NEPH_SUBNET_NAME),
    TEXT("cidr", NEPH_SUBNET_CIDR, SIM_NEEDED, SIM_ID_MAX),
    REFERENCE("network", NEPH_SUBNET_NETWORK, SIM_NEEDED),
    REFERENCE("location", NEPH_SUBNET_LOCATION, SIM_NEEDED),
};

/* ---- kinds */

#define MEMBERS(lower) .members = lower##_members, .member_count = NEPH_COUNT(lower##_members)

static const sim_kind kinds[] = {
    {
        .kind = NEPH_KIND_NODE,
        .name = "node",
        .prefix = "node-",
        .id = NEPH_NODE_ID,
        .label = NEPH_NODE_NAME,
        .state = NEPH_NODE_STATE,
        .created = NEPH_NODE_CREATED,
        .tags = NEPH_NODE_TAGS,
        MEMBERS(node),
    },
    {
        .kind = NEPH_KIND_IMAGE,
        .name = "image",
        .prefix = "image-",
        .id = NEPH_IMAGE_ID,
        .label = NEPH_IMAGE_NAME,
        .state = NEPH_IMAGE_STATE,
        .created = NEPH_IMAGE_CREATED,
        .tags = NEPH_IMAGE_TAGS,
        MEMBERS(image),
    },
    {
        .kind = NEPH_KIND_SIZE,
        .name = "size",
        .id = NEPH_SIZE_ID,
        .label = NEPH_SIZE_NAME,
        MEMBERS(size),
    },
    {
        .kind = NEPH_KIND_LOCATION,
        .name = "location",
        .id = NEPH_LOCATION_ID,
        .label = NEPH_LOCATION_NAME,
        MEMBERS(location),
    },
    {
        .kind = NEPH_KIND_KEY,
        .name = "key",
        .prefix = "key-",
        .id = NEPH_KEY_ID,
        .label = NEPH_KEY_NAME,
        MEMBERS(key),
    },
    {
        .kind = NEPH_KIND_VOLUME,
        .name = "volume",
        .prefix = "vol-",
        .id = NEPH_VOLUME_ID,
        .label = NEPH_VOLUME_NAME,
        .state = NEPH_VOLUME_STATE,
        .created = NEPH_VOLUME_CREATED,
        .tags = NEPH_VOLUME_TAGS,
        MEMBERS(volume),
    },
    {
        .kind = NEPH_KIND_SNAPSHOT,
        .name = "snapshot",
        .prefix = "snap-",
        .id = NEPH_SNAPSHOT_ID,
        .label = NEPH_SNAPSHOT_NAME,
        .state = NEPH_SNAPSHOT_STATE,
        .created = NEPH_SNAPSHOT_CREATED,
        .tags = NEPH_SNAPSHOT_TAGS,
        MEMBERS(snapshot),
    },
    {
        .kind = NEPH_KIND_ADDRESS,
        .name = "address",
        .prefix = "addr-",
        .id = NEPH_ADDRESS_ID,
        .label = NEPH_ADDRESS_NAME,
        .tags = NEPH_ADDRESS_TAGS,
        MEMBERS(address),
    },
    {
        .kind = NEPH_KIND_FIREWALL,
        .name = "firewall",
        .prefix = "fw-",
        .id = NEPH_FIREWALL_ID,
        .label = NEPH_FIREWALL_NAME,
        .tags = NEPH_FIREWALL_TAGS,
        MEMBERS(firewall),
    },
    {
        .kind = NEPH_KIND_FIREWALL_RULE,
        .name = "rule",
        .prefix = "rule-",
        .id = NEPH_FIREWALL_RULE_ID,
        MEMBERS(rule),
    },
    {
        .kind = NEPH_KIND_NETWORK,
        .name = "network",
        .id = NEPH_NETWORK_ID,
        .label = NEPH_NETWORK_NAME,
        MEMBERS(network),
    },
    {
        .kind = NEPH_KIND_SUBNET,
        .name = "subnet",
        .id = NEPH_SUBNET_ID,
        .label = NEPH_SUBNET_NAME,
        MEMBERS(subnet),
    },
};

const sim_kind *sim_kind_find(uint32_t kind)
{
    for (size_t i = 0; i < NEPH_COUNT(kinds); i++)
        if (kinds[i].kind == kind)
            return &kinds[i];
    return NULL;
}

const sim_kind *sim_kind_named(const char *name)
{
    for (size_t i = 0; i < NEPH_COUNT(kinds); i++)
        if (!strcmp(kinds[i].name, name))
            return &kinds[i];
    return NULL;
}

const sim_member *sim_kind_member(const sim_kind *kind, int32_t member)
{
    for (uint32_t i = 0; i < kind->member_count; i++)
        if (kind->members[i].member == member)
            return &kind->members[i];
    return NULL;
}

const sim_member *sim_kind_member_named(const sim_kind *kind, const char *name)
{
    for (uint32_t i = 0; i < kind->member_count; i++)
        if (!strcmp(kind->members[i].name, name))
            return &kind->members[i];
    return NULL;
}
