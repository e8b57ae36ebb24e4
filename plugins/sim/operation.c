/*
 * operation.c - what each operation does, a row each: find a thing, make one, change it, show it. The way through is
 * work.c's.
 */
#include "sim.h"

#define OPERATION(number, what, k, text, ...)                                                      \
    {                                                                                              \
        .op = NEPH_OP_##number, .does = (what), .kind = NEPH_KIND_##k, .name = text, __VA_ARGS__   \
    }
#define LIST(number, k, text) OPERATION(number, SIM_LIST, k, text, .change = NULL)
#define SHOW(number, k, text) OPERATION(number, SIM_SHOW, k, text, .change = NULL)
#define CREATE(number, k, text, fn) OPERATION(number, SIM_CREATE, k, text, .change = (fn))
#define CHANGE(number, k, text, fn) OPERATION(number, SIM_CHANGE, k, text, .change = (fn))
#define QUOTA(which) .quota = SIM_QUOTA_##which + 1

const sim_operation sim_operations[] = {
    LIST(NODE_LIST, NODE, "node.list"),
    SHOW(NODE_SHOW, NODE, "node.show"),
    OPERATION(NODE_CREATE, SIM_CREATE, NODE, "node.create", .change = sim_node_create,
              QUOTA(NODES)),
    CHANGE(NODE_DESTROY, NODE, "node.destroy", sim_node_destroy),
    CHANGE(NODE_REBOOT, NODE, "node.reboot", sim_node_turn),
    CHANGE(NODE_START, NODE, "node.start", sim_node_turn),
    CHANGE(NODE_STOP, NODE, "node.stop", sim_node_turn),
    CHANGE(NODE_RENAME, NODE, "node.rename", sim_node_rename),
    CHANGE(NODE_RESIZE, NODE, "node.resize", sim_node_resize),
    OPERATION(NODE_CONSOLE, SIM_SHOW, NODE, "node.console", .deliver = sim_node_console),
    OPERATION(IMAGE_LIST, SIM_LIST, IMAGE, "image.list", .filter = NEPH_LIST_OWNER,
              .filtered = NEPH_IMAGE_OWNER),
    SHOW(IMAGE_SHOW, IMAGE, "image.show"),
    CREATE(IMAGE_CREATE, IMAGE, "image.create", sim_image_create),
    OPERATION(IMAGE_DELETE, SIM_CHANGE | SIM_OWN, IMAGE, "image.delete", .change = sim_delete),
    LIST(SIZE_LIST, SIZE, "size.list"),
    LIST(LOCATION_LIST, LOCATION, "location.list"),
    LIST(KEY_LIST, KEY, "key.list"),
    CREATE(KEY_CREATE, KEY, "key.create", sim_key_create),
    CREATE(KEY_IMPORT, KEY, "key.import", sim_key_create),
    OPERATION(KEY_DELETE, SIM_CHANGE, KEY, "key.delete", .change = sim_delete, .id = NEPH_KEY_NAME),
    LIST(VOLUME_LIST, VOLUME, "volume.list"),
    SHOW(VOLUME_SHOW, VOLUME, "volume.show"),
    OPERATION(VOLUME_CREATE, SIM_CREATE, VOLUME, "volume.create", .change = sim_volume_create,
              QUOTA(VOLUMES)),
    CHANGE(VOLUME_DELETE, VOLUME, "volume.delete", sim_volume_delete),
    CHANGE(VOLUME_ATTACH, VOLUME, "volume.attach", sim_volume_attach),
    CHANGE(VOLUME_DETACH, VOLUME, "volume.detach", sim_volume_detach),
    CHANGE(VOLUME_RESIZE, VOLUME, "volume.resize", sim_volume_resize),
    LIST(SNAPSHOT_LIST, SNAPSHOT, "snapshot.list"),
    SHOW(SNAPSHOT_SHOW, SNAPSHOT, "snapshot.show"),
    CREATE(SNAPSHOT_CREATE, SNAPSHOT, "snapshot.create", sim_snapshot_create),
    CHANGE(SNAPSHOT_DELETE, SNAPSHOT, "snapshot.delete", sim_delete),
    LIST(ADDRESS_LIST, ADDRESS, "address.list"),
    OPERATION(ADDRESS_ALLOCATE, SIM_CREATE, ADDRESS, "address.allocate",
              .change = sim_address_allocate, QUOTA(ADDRESSES)),
    CHANGE(ADDRESS_ASSOCIATE, ADDRESS, "address.associate", sim_address_associate),
    CHANGE(ADDRESS_DISASSOCIATE, ADDRESS, "address.disassociate", sim_address_disassociate),
    CHANGE(ADDRESS_RELEASE, ADDRESS, "address.release", sim_address_release),
    LIST(FIREWALL_LIST, FIREWALL, "firewall.list"),
    CREATE(FIREWALL_CREATE, FIREWALL, "firewall.create", sim_firewall_create),
    CHANGE(FIREWALL_DELETE, FIREWALL, "firewall.delete", sim_firewall_delete),
    OPERATION(RULE_LIST, SIM_LIST, FIREWALL_RULE, "rule.list", .change = sim_rule_look,
              .filter = NEPH_FIREWALL_RULE_FIREWALL, .filtered = NEPH_FIREWALL_RULE_FIREWALL),
    OPERATION(RULE_ADD, SIM_CREATE, FIREWALL_RULE, "rule.add", .change = sim_rule_add,
              .deliver = sim_deliver_nothing),
    OPERATION(RULE_REMOVE, SIM_CHANGE | SIM_ALONE, FIREWALL_RULE, "rule.remove",
              .change = sim_rule_remove),
    LIST(NETWORK_LIST, NETWORK, "network.list"),
    LIST(SUBNET_LIST, SUBNET, "subnet.list"),
    OPERATION(TAG_LIST, SIM_LIST, TAG, "tag.list", .change = sim_tag_look, .deliver = sim_tag_list),
    OPERATION(TAG_SET, SIM_CHANGE | SIM_ALONE, TAG, "tag.set", .change = sim_tag_set),
    OPERATION(TAG_REMOVE, SIM_CHANGE | SIM_ALONE, TAG, "tag.remove", .change = sim_tag_remove),
};

const uint32_t sim_operation_count = NEPH_COUNT(sim_operations);
