/*
 * provider.c - Amazon EC2 and what speaks like it: settings, actions, signing, clock. The requests and replies stand in one
 * file a resource; what an older EC2 has, too, is the kit's (neph/kit/ec2.h).
 */
#include "ec2.h"

#include <neph/kit/aws.h>

/* ---- settings */

static const neph_origin endpoint_origins[] = NEPH_AWS_ENDPOINT_ORIGINS("AWS_ENDPOINT_URL_EC2");

static const neph_setting settings[] = {
    NEPH_AWS_KEY_SETTINGS,
    NEPH_AWS_REGION_SETTING("region to ask and to sign for"),
    NEPH_AWS_ENDPOINT_SETTING(endpoint_origins),
    NEPH_AWS_PROFILE_SETTING,
};

/* ---- actions */

/* Every request is a form; a list goes on while there is a token, however short a page is. */
#define POST .method = "POST", .path = "/"
#define PAGES .page = NEPH_PAGE_BY_FORM, .page_name = "NextToken"

static const int32_t tagged_takes[] = {NEPH_LIST_ID, NEPH_LIST_NAME, NEPH_LIST_TAG,
                                       NEPH_LIST_LIMIT};
static const int32_t stated_takes[] = {NEPH_LIST_ID, NEPH_LIST_NAME, NEPH_LIST_TAG, NEPH_LIST_STATE,
                                       NEPH_LIST_LIMIT};
static const int32_t placed_takes[] = {NEPH_LIST_ID, NEPH_LIST_NAME, NEPH_LIST_TAG,
                                       NEPH_LIST_LOCATION, NEPH_LIST_LIMIT};
static const int32_t full_takes[] = {NEPH_LIST_ID,    NEPH_LIST_NAME,     NEPH_LIST_TAG,
                                     NEPH_LIST_STATE, NEPH_LIST_LOCATION, NEPH_LIST_LIMIT};
static const int32_t identified_takes[] = {NEPH_LIST_ID, NEPH_LIST_LIMIT};
static const int32_t named_takes[] = {NEPH_LIST_NAME, NEPH_LIST_LIMIT};
static const int32_t limited_takes[] = {NEPH_LIST_LIMIT};
static const int32_t image_takes[] = {NEPH_LIST_ID,    NEPH_LIST_NAME,  NEPH_LIST_TAG,
                                      NEPH_LIST_STATE, NEPH_LIST_OWNER, NEPH_LIST_LIMIT};
static const int32_t node_create_takes[] = {
    NEPH_NODE_LOCATION, NEPH_NODE_KEY,         NEPH_NODE_FIREWALLS, NEPH_NODE_SUBNET,
    NEPH_USER_DATA,     NEPH_USER_DATA_BASE64, NEPH_NODE_TAGS,      NEPH_TOKEN};
static const int32_t node_stop_takes[] = {NEPH_FORCE};
static const int32_t image_create_takes[] = {NEPH_IMAGE_DESCRIPTION, NEPH_IMAGE_TAGS};
static const int32_t volume_create_takes[] = {
    NEPH_VOLUME_SIZE_BYTES, NEPH_VOLUME_LOCATION, NEPH_VOLUME_TYPE, NEPH_VOLUME_IOPS,
    NEPH_VOLUME_ENCRYPTED,  NEPH_VOLUME_SNAPSHOT, NEPH_VOLUME_TAGS, NEPH_TOKEN};
static const int32_t volume_attach_takes[] = {NEPH_VOLUME_DEVICE};
static const int32_t volume_detach_takes[] = {NEPH_VOLUME_NODE, NEPH_FORCE};
static const int32_t snapshot_create_takes[] = {NEPH_SNAPSHOT_DESCRIPTION, NEPH_SNAPSHOT_TAGS,
                                                NEPH_TOKEN};
static const int32_t address_allocate_takes[] = {NEPH_ADDRESS_NAME, NEPH_ADDRESS_TAGS, NEPH_TOKEN};
static const int32_t address_associate_takes[] = {NEPH_REASSOCIATE};
static const int32_t firewall_create_takes[] = {NEPH_FIREWALL_DESCRIPTION, NEPH_FIREWALL_NETWORK,
                                                NEPH_FIREWALL_TAGS};
static const int32_t rule_takes[] = {NEPH_FIREWALL_RULE_DIRECTION,  NEPH_FIREWALL_RULE_PROTOCOL,
                                     NEPH_FIREWALL_RULE_PORT_FROM,  NEPH_FIREWALL_RULE_PORT_TO,
                                     NEPH_FIREWALL_RULE_CIDR,       NEPH_FIREWALL_RULE_PEER,
                                     NEPH_FIREWALL_RULE_DESCRIPTION};

static const neph_action actions[] = {
    {
        .op = NEPH_OP_NODE_LIST,
        .traits = NEPH_SAFE,
        POST,
        .ask = ec2_node_list,
        NEPH_REPLIES(ec2_node_list_replies),
        PAGES,
        NEPH_TAKES(full_takes),
    },
    {
        .op = NEPH_OP_NODE_SHOW,
        .traits = NEPH_SAFE,
        POST,
        .ask = ec2_node_show,
        NEPH_REPLIES(ec2_node_list_replies),
        .then = neph_ec2_show_then,
        .each = neph_ec2_show_each,
    },
    {
        .op = NEPH_OP_NODE_CREATE,
        .traits = NEPH_ONCE,
        POST,
        .ask = ec2_node_create,
        NEPH_REPLIES(ec2_node_create_replies),
        NEPH_TAKES(node_create_takes),
        .find = NEPH_FIND_BY_TAG,
    },
    {
        .op = NEPH_OP_NODE_DESTROY,
        .traits = NEPH_IDEMPOTENT,
        POST,
        .ask = ec2_node_destroy,
        NEPH_REPLIES(ec2_done_replies),
    },
    {
        .op = NEPH_OP_NODE_REBOOT,
        POST,
        .ask = ec2_node_reboot,
        NEPH_REPLIES(ec2_done_replies),
    },
    {
        .op = NEPH_OP_NODE_START,
        .traits = NEPH_IDEMPOTENT,
        POST,
        .ask = ec2_node_start,
        NEPH_REPLIES(ec2_done_replies),
    },
    {
        .op = NEPH_OP_NODE_STOP,
        .traits = NEPH_IDEMPOTENT,
        POST,
        .ask = ec2_node_stop,
        NEPH_REPLIES(ec2_done_replies),
        NEPH_TAKES(node_stop_takes),
    },
    {
        .op = NEPH_OP_NODE_RENAME,
        .traits = NEPH_IDEMPOTENT,
        POST,
        .ask = ec2_node_rename,
        NEPH_REPLIES(ec2_done_replies),
    },
    {
        .op = NEPH_OP_NODE_RESIZE,
        .traits = NEPH_IDEMPOTENT,
        POST,
        .ask = ec2_node_resize,
        NEPH_REPLIES(ec2_done_replies),
    },
    {
        .op = NEPH_OP_NODE_CONSOLE,
        .traits = NEPH_SAFE,
        POST,
        .ask = ec2_node_console,
        NEPH_REPLIES(ec2_node_console_replies),
        .each = ec2_node_console_each,
    },
    {
        .op = NEPH_OP_IMAGE_LIST,
        .traits = NEPH_SAFE,
        POST,
        .ask = ec2_image_list,
        NEPH_REPLIES(ec2_image_list_replies),
        PAGES,
        NEPH_TAKES(image_takes),
    },
    {
        .op = NEPH_OP_IMAGE_SHOW,
        .traits = NEPH_SAFE,
        POST,
        .ask = ec2_image_show,
        NEPH_REPLIES(ec2_image_list_replies),
        .then = neph_ec2_show_then,
        .each = neph_ec2_show_each,
    },
    {
        .op = NEPH_OP_IMAGE_CREATE,
        POST,
        .ask = ec2_image_create,
        NEPH_REPLIES(ec2_image_create_replies),
        NEPH_TAKES(image_create_takes),
        .each = ec2_image_create_each,
        .find = NEPH_FIND_BY_TAG,
    },
    {
        .op = NEPH_OP_IMAGE_DELETE,
        .traits = NEPH_IDEMPOTENT,
        POST,
        .ask = ec2_image_delete,
        NEPH_REPLIES(ec2_done_replies),
    },
    {
        .op = NEPH_OP_SIZE_LIST,
        .traits = NEPH_SAFE,
        POST,
        .ask = ec2_size_list,
        NEPH_REPLIES(ec2_size_list_replies),
        PAGES,
        NEPH_TAKES(identified_takes),
    },
    {
        .op = NEPH_OP_LOCATION_LIST,
        .traits = NEPH_SAFE,
        POST,
        .ask = ec2_location_list,
        NEPH_REPLIES(ec2_location_list_replies),
        NEPH_TAKES(identified_takes),
    },
    {
        .op = NEPH_OP_KEY_LIST,
        .traits = NEPH_SAFE,
        POST,
        .ask = ec2_key_list,
        NEPH_REPLIES(ec2_key_list_replies),
        NEPH_TAKES(named_takes),
    },
    {
        /* What a lost reply told cannot be had again, so it is not looked for. */
        .op = NEPH_OP_KEY_CREATE,
        POST,
        .ask = ec2_key_create,
        NEPH_REPLIES(ec2_key_create_replies),
    },
    {
        .op = NEPH_OP_KEY_IMPORT,
        POST,
        .ask = ec2_key_import,
        NEPH_REPLIES(ec2_key_create_replies),
        .find = NEPH_FIND_BY_NAME,
    },
    {
        .op = NEPH_OP_KEY_DELETE,
        .traits = NEPH_IDEMPOTENT,
        POST,
        .ask = ec2_key_delete,
        NEPH_REPLIES(ec2_done_replies),
    },
    {
        .op = NEPH_OP_VOLUME_LIST,
        .traits = NEPH_SAFE,
        POST,
        .ask = ec2_volume_list,
        NEPH_REPLIES(ec2_volume_list_replies),
        PAGES,
        NEPH_TAKES(full_takes),
    },
    {
        .op = NEPH_OP_VOLUME_SHOW,
        .traits = NEPH_SAFE,
        POST,
        .ask = ec2_volume_show,
        NEPH_REPLIES(ec2_volume_list_replies),
        .then = neph_ec2_show_then,
        .each = neph_ec2_show_each,
    },
    {
        .op = NEPH_OP_VOLUME_CREATE,
        .traits = NEPH_ONCE,
        POST,
        .ask = ec2_volume_create,
        NEPH_REPLIES(ec2_volume_create_replies),
        NEPH_TAKES(volume_create_takes),
        .find = NEPH_FIND_BY_TAG,
    },
    {
        .op = NEPH_OP_VOLUME_DELETE,
        .traits = NEPH_IDEMPOTENT,
        POST,
        .ask = ec2_volume_delete,
        NEPH_REPLIES(ec2_done_replies),
    },
    {
        .op = NEPH_OP_VOLUME_ATTACH,
        POST,
        .ask = ec2_volume_attach,
        NEPH_REPLIES(ec2_volume_attach_replies),
        NEPH_TAKES(volume_attach_takes),
        .then = ec2_volume_attach_then,
        .each = ec2_volume_attach_each,
    },
    {
        .op = NEPH_OP_VOLUME_DETACH,
        POST,
        .ask = ec2_volume_detach,
        NEPH_REPLIES(ec2_volume_change_replies),
        NEPH_TAKES(volume_detach_takes),
        .then = ec2_volume_change_then,
        .each = ec2_volume_detach_each,
    },
    {
        .op = NEPH_OP_VOLUME_RESIZE,
        POST,
        .ask = ec2_volume_resize,
        NEPH_REPLIES(ec2_volume_change_replies),
        .then = ec2_volume_change_then,
        .each = ec2_volume_resize_each,
    },
    {
        .op = NEPH_OP_SNAPSHOT_LIST,
        .traits = NEPH_SAFE,
        POST,
        .ask = ec2_snapshot_list,
        NEPH_REPLIES(ec2_snapshot_list_replies),
        PAGES,
        NEPH_TAKES(stated_takes),
    },
    {
        .op = NEPH_OP_SNAPSHOT_SHOW,
        .traits = NEPH_SAFE,
        POST,
        .ask = ec2_snapshot_show,
        NEPH_REPLIES(ec2_snapshot_list_replies),
        .then = neph_ec2_show_then,
        .each = neph_ec2_show_each,
    },
    {
        .op = NEPH_OP_SNAPSHOT_CREATE,
        POST,
        .ask = ec2_snapshot_create,
        NEPH_REPLIES(ec2_snapshot_create_replies),
        NEPH_TAKES(snapshot_create_takes),
        .find = NEPH_FIND_BY_TAG,
    },
    {
        .op = NEPH_OP_SNAPSHOT_DELETE,
        .traits = NEPH_IDEMPOTENT,
        POST,
        .ask = ec2_snapshot_delete,
        NEPH_REPLIES(ec2_done_replies),
    },
    {
        .op = NEPH_OP_ADDRESS_LIST,
        .traits = NEPH_SAFE,
        POST,
        .ask = ec2_address_list,
        NEPH_REPLIES(ec2_address_list_replies),
        NEPH_TAKES(tagged_takes),
        .each = ec2_address_each,
    },
    {
        .op = NEPH_OP_ADDRESS_ALLOCATE,
        POST,
        .ask = ec2_address_allocate,
        NEPH_REPLIES(ec2_address_allocate_replies),
        NEPH_TAKES(address_allocate_takes),
        .each = ec2_address_each,
        .find = NEPH_FIND_BY_TAG,
    },
    {
        .op = NEPH_OP_ADDRESS_ASSOCIATE,
        .traits = NEPH_IDEMPOTENT,
        POST,
        .ask = ec2_address_associate,
        NEPH_REPLIES(ec2_done_replies),
        NEPH_TAKES(address_associate_takes),
    },
    {
        .op = NEPH_OP_ADDRESS_DISASSOCIATE,
        .traits = NEPH_IDEMPOTENT,
        POST,
        .ask = ec2_address_disassociate,
        NEPH_REPLIES(ec2_address_leads_replies),
        .then = ec2_address_disassociate_then,
    },
    {
        .op = NEPH_OP_ADDRESS_RELEASE,
        .traits = NEPH_IDEMPOTENT,
        POST,
        .ask = ec2_address_release,
        NEPH_REPLIES(ec2_address_leads_replies),
        .then = ec2_address_release_then,
    },
    {
        .op = NEPH_OP_FIREWALL_LIST,
        .traits = NEPH_SAFE,
        POST,
        .ask = ec2_firewall_list,
        NEPH_REPLIES(ec2_firewall_list_replies),
        PAGES,
        NEPH_TAKES(tagged_takes),
    },
    {
        /* A name is unique in its network alone, and may have been somebody else's before. */
        .op = NEPH_OP_FIREWALL_CREATE,
        POST,
        .ask = ec2_firewall_create,
        NEPH_REPLIES(ec2_firewall_create_replies),
        NEPH_TAKES(firewall_create_takes),
        .each = ec2_firewall_create_each,
        .find = NEPH_FIND_BY_TAG,
    },
    {
        .op = NEPH_OP_FIREWALL_DELETE,
        .traits = NEPH_IDEMPOTENT,
        POST,
        .ask = ec2_firewall_delete,
        NEPH_REPLIES(ec2_done_replies),
    },
    {
        .op = NEPH_OP_RULE_LIST,
        .traits = NEPH_SAFE,
        POST,
        .ask = ec2_rule_list,
        NEPH_REPLIES(ec2_rule_list_replies),
        .each = ec2_rule_list_each,
    },
    {
        .op = NEPH_OP_RULE_ADD,
        POST,
        .ask = ec2_rule_add,
        NEPH_REPLIES(ec2_done_replies),
        NEPH_TAKES(rule_takes),
    },
    {
        .op = NEPH_OP_RULE_REMOVE,
        POST,
        .ask = ec2_rule_remove,
        NEPH_REPLIES(ec2_rule_remove_replies),
        NEPH_TAKES(rule_takes),
        .then = ec2_rule_remove_then,
    },
    {
        .op = NEPH_OP_NETWORK_LIST,
        .traits = NEPH_SAFE,
        POST,
        .ask = ec2_network_list,
        NEPH_REPLIES(ec2_network_list_replies),
        PAGES,
        NEPH_TAKES(tagged_takes),
    },
    {
        .op = NEPH_OP_SUBNET_LIST,
        .traits = NEPH_SAFE,
        POST,
        .ask = ec2_subnet_list,
        NEPH_REPLIES(ec2_subnet_list_replies),
        PAGES,
        NEPH_TAKES(placed_takes),
    },
    {
        .op = NEPH_OP_TAG_LIST,
        .traits = NEPH_SAFE,
        POST,
        .ask = ec2_tag_list,
        NEPH_REPLIES(ec2_tag_list_replies),
        PAGES,
        NEPH_TAKES(limited_takes),
        .each = ec2_tag_list_each,
    },
    {
        .op = NEPH_OP_TAG_SET,
        .traits = NEPH_IDEMPOTENT,
        POST,
        .ask = ec2_tag_set,
        NEPH_REPLIES(ec2_done_replies),
    },
    {
        .op = NEPH_OP_TAG_REMOVE,
        .traits = NEPH_IDEMPOTENT,
        POST,
        .ask = ec2_tag_remove,
        NEPH_REPLIES(ec2_done_replies),
    },
    {
        .op = EC2_OP_SPOT_PRICE_HISTORY,
        .traits = NEPH_SAFE,
        POST,
        .ask = ec2_spot,
        NEPH_REPLIES(ec2_spot_replies),
        PAGES,
    },
    {
        .op = EC2_OP_MODIFY_INSTANCE_ATTRIBUTE,
        .traits = NEPH_IDEMPOTENT,
        POST,
        .ask = ec2_modify,
        NEPH_REPLIES(ec2_modify_replies),
        .each = ec2_modify_each,
    },
    {
        .op = EC2_OP_CONSOLE_OUTPUT,
        .traits = NEPH_SAFE,
        POST,
        .ask = ec2_console,
        NEPH_REPLIES(ec2_console_replies),
        .each = ec2_console_each,
    },
    {
        .op = EC2_OP_DESCRIBE_VPCS,
        .traits = NEPH_SAFE,
        POST,
        .ask = ec2_vpcs,
        NEPH_REPLIES(ec2_vpcs_replies),
        PAGES,
    },
    {
        .op = EC2_OP_DESCRIBE_SUBNETS,
        .traits = NEPH_SAFE,
        POST,
        .ask = ec2_subnets,
        NEPH_REPLIES(ec2_subnets_replies),
        PAGES,
    },
};

/* ---- hooks */

static neph_sigv4_keys *keys_of(neph_cloud *cloud)
{
    return neph_cloud_memory(cloud, sizeof(neph_sigv4_keys));
}

static int32_t ec2_open(neph_cloud *cloud)
{
    return neph_aws_open(cloud, "ec2");
}

static int32_t ec2_sign(neph_call *call, neph_request *request, int64_t now_ns)
{
    neph_cloud *cloud = neph_cloud_of(call);
    char hex[NEPH_DIGEST_HEX_MAX];
    neph_sigv4 how = {
        .service = "ec2",
        .region = neph_setting_string(cloud, "region"),
        .payload = hex,
        .keys = keys_of(cloud),
    };
    int32_t rc = neph_request_body_digest(request, NEPH_DIGEST_SHA256, hex, sizeof hex);
    neph_aws_keys(&how, call);
    return rc ? rc : neph_sigv4_sign(request, &how, now_ns);
}

static const neph_provider provider = {
    .size = sizeof(neph_provider),
    .id = "ec2",
    .title = "Amazon EC2 and compatible clouds",
    .hosts = NEPH_AWS_HOSTS,
    NEPH_SETTINGS(settings),
    NEPH_ACTIONS(actions),
    NEPH_FAULTS(neph_ec2_faults),
    NEPH_EXTENSIONS(ec2_extensions),
    .error = &neph_ec2_error_reply,
    .open = ec2_open,
    .login = &neph_imds_login,
    .sign = ec2_sign,
    .fault = neph_ec2_fault,
};

static const neph_provider *const providers[] = {&provider};
NEPH_PLUGIN(ec2, "0.1.0", "neph-plugin-ec2", providers);
