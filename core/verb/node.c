/*
 * core/verb/node.c - nodes and what they are made from.
 */
#include "core/verb/verb.h"

/* ---- node */

neph_call *neph_node_list(neph_cloud *cloud, const neph_list_options *options)
{
    return nephi_verb_list(neph_call_new(cloud, NEPH_OP_NODE_LIST), options);
}

neph_call *neph_node_show(neph_cloud *cloud, const char *id)
{
    return nephi_verb_start(nephi_verb_about(cloud, NEPH_OP_NODE_SHOW, NEPH_NODE_ID, id));
}

static void set_node(neph_call *call, const neph_node_options *options)
{
    neph_call_set_string(call, NEPH_NODE_NAME, options->name);
    neph_call_set_string(call, NEPH_NODE_IMAGE, options->image_id);
    neph_call_set_string(call, NEPH_NODE_SIZE, options->size_id);
    neph_call_set_string(call, NEPH_NODE_LOCATION, options->location_id);
    neph_call_set_string(call, NEPH_LOGIN_NAME, options->username);
    neph_call_set_string(call, NEPH_NODE_PASSWORD, options->password);
    neph_call_set_string(call, NEPH_LOGIN_KEY, options->public_key);
    neph_call_set_string(call, NEPH_NODE_KEY, options->key_name);
    nephi_verb_strings(call, NEPH_NODE_FIREWALLS, options->firewall_ids,
                       options->firewall_id_count);
    neph_call_set_string(call, NEPH_NODE_NETWORK, options->network_id);
    neph_call_set_string(call, NEPH_NODE_SUBNET, options->subnet_id);
    neph_call_set_string(call, NEPH_USER_DATA, options->user_data);
    neph_call_set_string(call, NEPH_USER_DATA_BASE64, options->user_data_base64);
    nephi_verb_pairs(call, NEPH_NODE_TAGS, options->tags, options->tag_count);
    neph_call_set_string(call, NEPH_TOKEN, options->token);
    nephi_verb_wait(call, options->wait);
}

neph_call *neph_node_create(neph_cloud *cloud, const neph_node_options *options)
{
    neph_call *call = neph_call_new(cloud, NEPH_OP_NODE_CREATE);
    if (options)
        set_node(call, options);
    return nephi_verb_start(call);
}

neph_call *neph_node_destroy(neph_cloud *cloud, const char *id, const neph_wait_options *wait)
{
    return nephi_verb_start_waiting(nephi_verb_about(cloud, NEPH_OP_NODE_DESTROY, NEPH_NODE_ID, id),
                                    wait);
}

neph_call *neph_node_reboot(neph_cloud *cloud, const char *id, const neph_wait_options *wait)
{
    return nephi_verb_start_waiting(nephi_verb_about(cloud, NEPH_OP_NODE_REBOOT, NEPH_NODE_ID, id),
                                    wait);
}

neph_call *neph_node_start(neph_cloud *cloud, const char *id, const neph_wait_options *wait)
{
    return nephi_verb_start_waiting(nephi_verb_about(cloud, NEPH_OP_NODE_START, NEPH_NODE_ID, id),
                                    wait);
}

neph_call *neph_node_stop(neph_cloud *cloud, const char *id, const neph_wait_options *wait)
{
    return nephi_verb_start_waiting(nephi_verb_about(cloud, NEPH_OP_NODE_STOP, NEPH_NODE_ID, id),
                                    wait);
}

neph_call *neph_node_rename(neph_cloud *cloud, const char *id, const char *name)
{
    neph_call *call = nephi_verb_about(cloud, NEPH_OP_NODE_RENAME, NEPH_NODE_ID, id);
    neph_call_set_string(call, NEPH_NODE_NAME, name);
    return nephi_verb_start(call);
}

neph_call *neph_node_resize(neph_cloud *cloud, const char *id, const char *size_id)
{
    neph_call *call = nephi_verb_about(cloud, NEPH_OP_NODE_RESIZE, NEPH_NODE_ID, id);
    neph_call_set_string(call, NEPH_NODE_SIZE, size_id);
    return nephi_verb_start(call);
}

neph_call *neph_node_console(neph_cloud *cloud, const char *id)
{
    return nephi_verb_start(nephi_verb_about(cloud, NEPH_OP_NODE_CONSOLE, NEPH_NODE_ID, id));
}

/* ---- image, size, location */

neph_call *neph_image_list(neph_cloud *cloud, const neph_list_options *options)
{
    return nephi_verb_list(neph_call_new(cloud, NEPH_OP_IMAGE_LIST), options);
}

neph_call *neph_image_show(neph_cloud *cloud, const char *id)
{
    return nephi_verb_start(nephi_verb_about(cloud, NEPH_OP_IMAGE_SHOW, NEPH_IMAGE_ID, id));
}

neph_call *neph_image_create(neph_cloud *cloud, const char *node_id, const char *name,
                             const neph_label_options *options)
{
    neph_call *call = nephi_verb_about(cloud, NEPH_OP_IMAGE_CREATE, NEPH_NODE_ID, node_id);
    neph_call_set_string(call, NEPH_IMAGE_NAME, name);
    nephi_verb_label(call, NEPH_IMAGE_DESCRIPTION, NEPH_IMAGE_TAGS, options);
    return nephi_verb_start(call);
}

neph_call *neph_image_delete(neph_cloud *cloud, const char *id)
{
    return nephi_verb_start(nephi_verb_about(cloud, NEPH_OP_IMAGE_DELETE, NEPH_IMAGE_ID, id));
}

neph_call *neph_size_list(neph_cloud *cloud, const neph_list_options *options)
{
    return nephi_verb_list(neph_call_new(cloud, NEPH_OP_SIZE_LIST), options);
}

neph_call *neph_location_list(neph_cloud *cloud, const neph_list_options *options)
{
    return nephi_verb_list(neph_call_new(cloud, NEPH_OP_LOCATION_LIST), options);
}

/* ---- key */

neph_call *neph_key_list(neph_cloud *cloud, const neph_list_options *options)
{
    return nephi_verb_list(neph_call_new(cloud, NEPH_OP_KEY_LIST), options);
}

neph_call *neph_key_create(neph_cloud *cloud, const char *name)
{
    return nephi_verb_start(nephi_verb_about(cloud, NEPH_OP_KEY_CREATE, NEPH_KEY_NAME, name));
}

neph_call *neph_key_import(neph_cloud *cloud, const char *name, const char *public_key)
{
    neph_call *call = nephi_verb_about(cloud, NEPH_OP_KEY_IMPORT, NEPH_KEY_NAME, name);
    neph_call_set_string(call, NEPH_KEY_PUBLIC_KEY, public_key);
    return nephi_verb_start(call);
}

neph_call *neph_key_delete(neph_cloud *cloud, const char *name)
{
    return nephi_verb_start(nephi_verb_about(cloud, NEPH_OP_KEY_DELETE, NEPH_KEY_NAME, name));
}
