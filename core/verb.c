/*
 * core/verb.c - the verbs of neph.h: each makes a call, fills in its arguments and starts it. No logic of its own.
 */
#include "core/call.h"

static neph_call *started(neph_call *call)
{
    neph_call_start(call);
    return call;
}

static neph_call *with_id(neph_cloud *cloud, uint32_t op, int32_t member, const char *id)
{
    neph_call *call = neph_call_new(cloud, op);
    neph_call_set_string(call, member, id);
    return call;
}

/* A list that is empty is not given. */
static void set_strings(neph_call *call, int32_t member, const char *const *values, size_t count)
{
    if (count)
        neph_call_set_strings(call, member, values, count);
}

static void set_pairs(neph_call *call, int32_t member, const neph_pair *pairs, size_t count)
{
    if (count)
        neph_call_set_pairs(call, member, pairs, count);
}

static void set_positive(neph_call *call, int32_t member, int64_t number)
{
    if (number > 0)
        neph_call_set_integer(call, member, number);
}

static neph_call *listing(neph_call *call, const neph_list_options *options)
{
    if (options) {
        set_positive(call, NEPH_LIST_LIMIT, options->limit);
        neph_call_set_string(call, NEPH_LIST_PREFIX, options->prefix);
        neph_call_set_string(call, NEPH_LIST_DELIMITER, options->delimiter);
        neph_call_set_string(call, NEPH_LIST_START_AFTER, options->start_after);
        set_strings(call, NEPH_LIST_ID, options->ids, options->id_count);
        neph_call_set_string(call, NEPH_LIST_NAME, options->name);
        set_pairs(call, NEPH_LIST_TAG, options->tags, options->tag_count);
        neph_call_set_string(call, NEPH_LIST_STATE, options->state);
        neph_call_set_string(call, NEPH_LIST_LOCATION, options->location_id);
        neph_call_set_string(call, NEPH_LIST_OWNER, options->owner);
    }
    return started(call);
}

static void set_wait(neph_call *call, const neph_wait_options *wait)
{
    if (!wait)
        return;
    if (wait->wait)
        neph_call_set_integer(call, NEPH_WAIT, 1);
    set_positive(call, NEPH_WAIT_SECONDS, wait->wait_seconds);
}

static neph_call *waiting(neph_call *call, const neph_wait_options *wait)
{
    set_wait(call, wait);
    return started(call);
}

static neph_call *with_object(neph_cloud *cloud, uint32_t op, const char *bucket, const char *key)
{
    neph_call *call = with_id(cloud, op, NEPH_OBJECT_BUCKET, bucket);
    neph_call_set_string(call, NEPH_OBJECT_KEY, key);
    return call;
}

/* ---- node */

neph_call *neph_node_list(neph_cloud *cloud, const neph_list_options *options)
{
    return listing(neph_call_new(cloud, NEPH_OP_NODE_LIST), options);
}

neph_call *neph_node_show(neph_cloud *cloud, const char *id)
{
    return started(with_id(cloud, NEPH_OP_NODE_SHOW, NEPH_NODE_ID, id));
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
    set_strings(call, NEPH_NODE_FIREWALLS, options->firewall_ids, options->firewall_id_count);
    neph_call_set_string(call, NEPH_NODE_NETWORK, options->network_id);
    neph_call_set_string(call, NEPH_NODE_SUBNET, options->subnet_id);
    neph_call_set_string(call, NEPH_USER_DATA, options->user_data);
    neph_call_set_string(call, NEPH_USER_DATA_BASE64, options->user_data_base64);
    set_pairs(call, NEPH_NODE_TAGS, options->tags, options->tag_count);
    neph_call_set_string(call, NEPH_TOKEN, options->token);
    set_wait(call, options->wait);
}

neph_call *neph_node_create(neph_cloud *cloud, const neph_node_options *options)
{
    neph_call *call = neph_call_new(cloud, NEPH_OP_NODE_CREATE);
    if (options)
        set_node(call, options);
    return started(call);
}

neph_call *neph_node_destroy(neph_cloud *cloud, const char *id, const neph_wait_options *wait)
{
    return waiting(with_id(cloud, NEPH_OP_NODE_DESTROY, NEPH_NODE_ID, id), wait);
}

neph_call *neph_node_reboot(neph_cloud *cloud, const char *id, const neph_wait_options *wait)
{
    return waiting(with_id(cloud, NEPH_OP_NODE_REBOOT, NEPH_NODE_ID, id), wait);
}

neph_call *neph_node_start(neph_cloud *cloud, const char *id, const neph_wait_options *wait)
{
    return waiting(with_id(cloud, NEPH_OP_NODE_START, NEPH_NODE_ID, id), wait);
}

neph_call *neph_node_stop(neph_cloud *cloud, const char *id, const neph_wait_options *wait)
{
    return waiting(with_id(cloud, NEPH_OP_NODE_STOP, NEPH_NODE_ID, id), wait);
}

neph_call *neph_node_rename(neph_cloud *cloud, const char *id, const char *name)
{
    neph_call *call = with_id(cloud, NEPH_OP_NODE_RENAME, NEPH_NODE_ID, id);
    neph_call_set_string(call, NEPH_NODE_NAME, name);
    return started(call);
}

neph_call *neph_node_resize(neph_cloud *cloud, const char *id, const char *size_id)
{
    neph_call *call = with_id(cloud, NEPH_OP_NODE_RESIZE, NEPH_NODE_ID, id);
    neph_call_set_string(call, NEPH_NODE_SIZE, size_id);
    return started(call);
}

neph_call *neph_node_console(neph_cloud *cloud, const char *id)
{
    return started(with_id(cloud, NEPH_OP_NODE_CONSOLE, NEPH_NODE_ID, id));
}

/* ---- image, size, location */

neph_call *neph_image_list(neph_cloud *cloud, const neph_list_options *options)
{
    return listing(neph_call_new(cloud, NEPH_OP_IMAGE_LIST), options);
}

neph_call *neph_image_show(neph_cloud *cloud, const char *id)
{
    return started(with_id(cloud, NEPH_OP_IMAGE_SHOW, NEPH_IMAGE_ID, id));
}

/* What image, snapshot, address and firewall have in common; description and tags are members of the kind. */
static void set_label(neph_call *call, int32_t description, int32_t tags,
                      const neph_label_options *options)
{
    if (!options)
        return;
    if (description)
        neph_call_set_string(call, description, options->description);
    set_pairs(call, tags, options->tags, options->tag_count);
    neph_call_set_string(call, NEPH_TOKEN, options->token);
    neph_call_set_string(call, NEPH_FIREWALL_NETWORK, options->network_id);
    set_wait(call, options->wait);
}

neph_call *neph_image_create(neph_cloud *cloud, const char *node_id, const char *name,
                             const neph_label_options *options)
{
    neph_call *call = with_id(cloud, NEPH_OP_IMAGE_CREATE, NEPH_NODE_ID, node_id);
    neph_call_set_string(call, NEPH_IMAGE_NAME, name);
    set_label(call, NEPH_IMAGE_DESCRIPTION, NEPH_IMAGE_TAGS, options);
    return started(call);
}

neph_call *neph_image_delete(neph_cloud *cloud, const char *id)
{
    return started(with_id(cloud, NEPH_OP_IMAGE_DELETE, NEPH_IMAGE_ID, id));
}

neph_call *neph_size_list(neph_cloud *cloud, const neph_list_options *options)
{
    return listing(neph_call_new(cloud, NEPH_OP_SIZE_LIST), options);
}

neph_call *neph_location_list(neph_cloud *cloud, const neph_list_options *options)
{
    return listing(neph_call_new(cloud, NEPH_OP_LOCATION_LIST), options);
}

/* ---- key */

neph_call *neph_key_list(neph_cloud *cloud, const neph_list_options *options)
{
    return listing(neph_call_new(cloud, NEPH_OP_KEY_LIST), options);
}

neph_call *neph_key_create(neph_cloud *cloud, const char *name)
{
    return started(with_id(cloud, NEPH_OP_KEY_CREATE, NEPH_KEY_NAME, name));
}

neph_call *neph_key_import(neph_cloud *cloud, const char *name, const char *public_key)
{
    neph_call *call = with_id(cloud, NEPH_OP_KEY_IMPORT, NEPH_KEY_NAME, name);
    neph_call_set_string(call, NEPH_KEY_PUBLIC_KEY, public_key);
    return started(call);
}

neph_call *neph_key_delete(neph_cloud *cloud, const char *name)
{
    return started(with_id(cloud, NEPH_OP_KEY_DELETE, NEPH_KEY_NAME, name));
}

/* ---- volume */

neph_call *neph_volume_list(neph_cloud *cloud, const neph_list_options *options)
{
    return listing(neph_call_new(cloud, NEPH_OP_VOLUME_LIST), options);
}

neph_call *neph_volume_show(neph_cloud *cloud, const char *id)
{
    return started(with_id(cloud, NEPH_OP_VOLUME_SHOW, NEPH_VOLUME_ID, id));
}

neph_call *neph_volume_create(neph_cloud *cloud, const neph_volume_options *options)
{
    neph_call *call = neph_call_new(cloud, NEPH_OP_VOLUME_CREATE);
    if (options) {
        neph_call_set_string(call, NEPH_VOLUME_NAME, options->name);
        set_positive(call, NEPH_VOLUME_SIZE_BYTES, options->size_bytes);
        neph_call_set_string(call, NEPH_VOLUME_LOCATION, options->location_id);
        neph_call_set_string(call, NEPH_VOLUME_TYPE, options->type);
        set_positive(call, NEPH_VOLUME_IOPS, options->iops);
        set_positive(call, NEPH_VOLUME_ENCRYPTED, options->is_encrypted);
        neph_call_set_string(call, NEPH_VOLUME_SNAPSHOT, options->snapshot_id);
        set_pairs(call, NEPH_VOLUME_TAGS, options->tags, options->tag_count);
        neph_call_set_string(call, NEPH_TOKEN, options->token);
        set_wait(call, options->wait);
    }
    return started(call);
}

neph_call *neph_volume_delete(neph_cloud *cloud, const char *id, const neph_wait_options *wait)
{
    return waiting(with_id(cloud, NEPH_OP_VOLUME_DELETE, NEPH_VOLUME_ID, id), wait);
}

neph_call *neph_volume_attach(neph_cloud *cloud, const char *id, const char *node_id,
                              const char *device, const neph_wait_options *wait)
{
    neph_call *call = with_id(cloud, NEPH_OP_VOLUME_ATTACH, NEPH_VOLUME_ID, id);
    neph_call_set_string(call, NEPH_VOLUME_NODE, node_id);
    neph_call_set_string(call, NEPH_VOLUME_DEVICE, device);
    return waiting(call, wait);
}

neph_call *neph_volume_detach(neph_cloud *cloud, const char *id, int force,
                              const neph_wait_options *wait)
{
    neph_call *call = with_id(cloud, NEPH_OP_VOLUME_DETACH, NEPH_VOLUME_ID, id);
    if (force)
        neph_call_set_integer(call, NEPH_FORCE, 1);
    if (wait)
        set_positive(call, NEPH_WAIT_SECONDS, wait->wait_seconds);
    return started(call);
}

neph_call *neph_volume_resize(neph_cloud *cloud, const char *id, int64_t size_bytes)
{
    neph_call *call = with_id(cloud, NEPH_OP_VOLUME_RESIZE, NEPH_VOLUME_ID, id);
    neph_call_set_integer(call, NEPH_VOLUME_SIZE_BYTES, size_bytes);
    return started(call);
}

/* ---- snapshot */

neph_call *neph_snapshot_list(neph_cloud *cloud, const neph_list_options *options)
{
    return listing(neph_call_new(cloud, NEPH_OP_SNAPSHOT_LIST), options);
}

neph_call *neph_snapshot_show(neph_cloud *cloud, const char *id)
{
    return started(with_id(cloud, NEPH_OP_SNAPSHOT_SHOW, NEPH_SNAPSHOT_ID, id));
}

neph_call *neph_snapshot_create(neph_cloud *cloud, const char *volume_id, const char *name,
                                const neph_label_options *options)
{
    neph_call *call = with_id(cloud, NEPH_OP_SNAPSHOT_CREATE, NEPH_SNAPSHOT_VOLUME, volume_id);
    neph_call_set_string(call, NEPH_SNAPSHOT_NAME, name);
    set_label(call, NEPH_SNAPSHOT_DESCRIPTION, NEPH_SNAPSHOT_TAGS, options);
    return started(call);
}

neph_call *neph_snapshot_delete(neph_cloud *cloud, const char *id)
{
    return started(with_id(cloud, NEPH_OP_SNAPSHOT_DELETE, NEPH_SNAPSHOT_ID, id));
}

/* ---- address */

neph_call *neph_address_list(neph_cloud *cloud, const neph_list_options *options)
{
    return listing(neph_call_new(cloud, NEPH_OP_ADDRESS_LIST), options);
}

neph_call *neph_address_allocate(neph_cloud *cloud, const char *name,
                                 const neph_label_options *options)
{
    neph_call *call = with_id(cloud, NEPH_OP_ADDRESS_ALLOCATE, NEPH_ADDRESS_NAME, name);
    set_label(call, 0, NEPH_ADDRESS_TAGS, options);
    return started(call);
}

neph_call *neph_address_associate(neph_cloud *cloud, const char *id, const char *node_id,
                                  int reassociate)
{
    neph_call *call = with_id(cloud, NEPH_OP_ADDRESS_ASSOCIATE, NEPH_ADDRESS_ID, id);
    neph_call_set_string(call, NEPH_ADDRESS_NODE, node_id);
    if (reassociate)
        neph_call_set_integer(call, NEPH_REASSOCIATE, 1);
    return started(call);
}

neph_call *neph_address_disassociate(neph_cloud *cloud, const char *id)
{
    return started(with_id(cloud, NEPH_OP_ADDRESS_DISASSOCIATE, NEPH_ADDRESS_ID, id));
}

neph_call *neph_address_release(neph_cloud *cloud, const char *id)
{
    return started(with_id(cloud, NEPH_OP_ADDRESS_RELEASE, NEPH_ADDRESS_ID, id));
}

/* ---- firewall and rule */

neph_call *neph_firewall_list(neph_cloud *cloud, const neph_list_options *options)
{
    return listing(neph_call_new(cloud, NEPH_OP_FIREWALL_LIST), options);
}

neph_call *neph_firewall_create(neph_cloud *cloud, const char *name,
                                const neph_label_options *options)
{
    neph_call *call = with_id(cloud, NEPH_OP_FIREWALL_CREATE, NEPH_FIREWALL_NAME, name);
    set_label(call, NEPH_FIREWALL_DESCRIPTION, NEPH_FIREWALL_TAGS, options);
    return started(call);
}

neph_call *neph_firewall_delete(neph_cloud *cloud, const char *id)
{
    return started(with_id(cloud, NEPH_OP_FIREWALL_DELETE, NEPH_FIREWALL_ID, id));
}

neph_call *neph_rule_list(neph_cloud *cloud, const char *firewall_id,
                          const neph_list_options *options)
{
    return listing(with_id(cloud, NEPH_OP_RULE_LIST, NEPH_FIREWALL_RULE_FIREWALL, firewall_id),
                   options);
}

static neph_call *with_rule(neph_cloud *cloud, uint32_t op, const char *firewall_id,
                            const neph_rule_options *rule)
{
    neph_call *call = with_id(cloud, op, NEPH_FIREWALL_RULE_FIREWALL, firewall_id);
    if (rule) {
        set_positive(call, NEPH_FIREWALL_RULE_DIRECTION, rule->direction);
        neph_call_set_string(call, NEPH_FIREWALL_RULE_PROTOCOL, rule->protocol);
        neph_call_set_integer(call, NEPH_FIREWALL_RULE_PORT_FROM, rule->port_from);
        neph_call_set_integer(call, NEPH_FIREWALL_RULE_PORT_TO, rule->port_to);
        neph_call_set_string(call, NEPH_FIREWALL_RULE_CIDR, rule->cidr);
        neph_call_set_string(call, NEPH_FIREWALL_RULE_PEER, rule->peer_id);
        neph_call_set_string(call, NEPH_FIREWALL_RULE_DESCRIPTION, rule->description);
    }
    return started(call);
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
    return listing(neph_call_new(cloud, NEPH_OP_NETWORK_LIST), options);
}

neph_call *neph_subnet_list(neph_cloud *cloud, const neph_list_options *options)
{
    return listing(neph_call_new(cloud, NEPH_OP_SUBNET_LIST), options);
}

neph_call *neph_tag_list(neph_cloud *cloud, const char *resource_id,
                         const neph_list_options *options)
{
    return listing(with_id(cloud, NEPH_OP_TAG_LIST, NEPH_TAG_RESOURCE, resource_id), options);
}

neph_call *neph_tag_set(neph_cloud *cloud, const char *resource_id, const char *name,
                        const char *value)
{
    neph_call *call = with_id(cloud, NEPH_OP_TAG_SET, NEPH_TAG_RESOURCE, resource_id);
    neph_call_set_string(call, NEPH_TAG_NAME, name);
    neph_call_set_string(call, NEPH_TAG_VALUE, value);
    return started(call);
}

neph_call *neph_tag_remove(neph_cloud *cloud, const char *resource_id, const char *name)
{
    neph_call *call = with_id(cloud, NEPH_OP_TAG_REMOVE, NEPH_TAG_RESOURCE, resource_id);
    neph_call_set_string(call, NEPH_TAG_NAME, name);
    return started(call);
}

/* ---- bucket and object */

neph_call *neph_bucket_list(neph_cloud *cloud, const neph_list_options *options)
{
    return listing(neph_call_new(cloud, NEPH_OP_BUCKET_LIST), options);
}

neph_call *neph_bucket_create(neph_cloud *cloud, const char *bucket)
{
    return started(with_id(cloud, NEPH_OP_BUCKET_CREATE, NEPH_BUCKET_NAME, bucket));
}

neph_call *neph_bucket_delete(neph_cloud *cloud, const char *bucket)
{
    return started(with_id(cloud, NEPH_OP_BUCKET_DELETE, NEPH_BUCKET_NAME, bucket));
}

neph_call *neph_object_list(neph_cloud *cloud, const char *bucket, const neph_list_options *options)
{
    return listing(with_id(cloud, NEPH_OP_OBJECT_LIST, NEPH_OBJECT_BUCKET, bucket), options);
}

neph_call *neph_object_head(neph_cloud *cloud, const char *bucket, const char *key)
{
    return started(with_object(cloud, NEPH_OP_OBJECT_HEAD, bucket, key));
}

neph_call *neph_object_get(neph_cloud *cloud, const char *bucket, const char *key,
                           const neph_sink *sink, const neph_get_options *options)
{
    neph_call *call = with_object(cloud, NEPH_OP_OBJECT_GET, bucket, key);
    neph_call_set_sink(call, sink);
    if (options && options->offset)
        neph_call_set_integer(call, NEPH_RANGE_OFFSET, options->offset);
    if (options) {
        set_positive(call, NEPH_RANGE_LENGTH, options->length);
        neph_call_set_string(call, NEPH_OBJECT_VERSION, options->version);
        neph_call_set_string(call, NEPH_IF_MATCH, options->if_match);
        neph_call_set_string(call, NEPH_IF_NONE_MATCH, options->if_none_match);
        neph_call_set_string(call, NEPH_CHECKSUM, options->checksum);
    }
    return started(call);
}

/* What an object shall be known by. */
static void set_facts(neph_call *call, const neph_put_options *options)
{
    if (!options)
        return;
    neph_call_set_string(call, NEPH_OBJECT_CONTENT_TYPE, options->content_type);
    neph_call_set_string(call, NEPH_OBJECT_CLASS, options->storage_class);
    set_pairs(call, NEPH_OBJECT_METADATA, options->metadata, options->metadata_count);
    set_positive(call, NEPH_OBJECT_LOCAL_MODIFIED, options->local_modified_ns);
}

static void set_conditions(neph_call *call, const neph_put_options *options)
{
    if (!options)
        return;
    neph_call_set_string(call, NEPH_IF_MATCH, options->if_match);
    neph_call_set_string(call, NEPH_IF_NONE_MATCH, options->if_none_match);
}

neph_call *neph_object_put(neph_cloud *cloud, const char *bucket, const char *key,
                           const neph_source *source, const neph_put_options *options)
{
    neph_call *call = with_object(cloud, NEPH_OP_OBJECT_PUT, bucket, key);
    neph_call_set_source(call, source);
    set_facts(call, options);
    set_conditions(call, options);
    if (options)
        neph_call_set_string(call, NEPH_CHECKSUM, options->checksum);
    return started(call);
}

neph_call *neph_object_copy(neph_cloud *cloud, const char *from_bucket, const char *from_key,
                            const char *bucket, const char *key)
{
    neph_call *call = with_object(cloud, NEPH_OP_OBJECT_COPY, bucket, key);
    neph_call_set_string(call, NEPH_COPY_BUCKET, from_bucket);
    neph_call_set_string(call, NEPH_COPY_KEY, from_key);
    return started(call);
}

neph_call *neph_object_delete(neph_cloud *cloud, const char *bucket, const char *key)
{
    return started(with_object(cloud, NEPH_OP_OBJECT_DELETE, bucket, key));
}

neph_call *neph_object_presign(neph_cloud *cloud, const char *bucket, const char *key,
                               const char *method, int64_t seconds)
{
    neph_call *call = with_object(cloud, NEPH_OP_OBJECT_PRESIGN, bucket, key);
    neph_call_set_string(call, NEPH_PRESIGN_METHOD, method);
    set_positive(call, NEPH_PRESIGN_SECONDS, seconds);
    return started(call);
}

neph_call *neph_object_delete_many(neph_cloud *cloud, const char *bucket, const char *const *keys,
                                   size_t count)
{
    neph_call *call = with_id(cloud, NEPH_OP_OBJECT_DELETE_MANY, NEPH_OBJECT_BUCKET, bucket);
    neph_call_set_strings(call, NEPH_OBJECT_KEYS, keys, count);
    return started(call);
}

neph_call *neph_object_versions(neph_cloud *cloud, const char *bucket,
                                const neph_list_options *options)
{
    return listing(with_id(cloud, NEPH_OP_OBJECT_VERSIONS, NEPH_OBJECT_BUCKET, bucket), options);
}

/* ---- upload, storage */

static neph_call *with_upload(neph_cloud *cloud, uint32_t op, const char *bucket, const char *key,
                              const char *upload)
{
    neph_call *call = with_object(cloud, op, bucket, key);
    neph_call_set_string(call, NEPH_UPLOAD_ID, upload);
    return call;
}

neph_call *neph_upload_list(neph_cloud *cloud, const char *bucket, const neph_list_options *options)
{
    return listing(with_id(cloud, NEPH_OP_UPLOAD_LIST, NEPH_OBJECT_BUCKET, bucket), options);
}

neph_call *neph_upload_begin(neph_cloud *cloud, const char *bucket, const char *key,
                             const neph_put_options *options)
{
    neph_call *call = with_object(cloud, NEPH_OP_UPLOAD_BEGIN, bucket, key);
    set_facts(call, options);
    if (options)
        neph_call_set_string(call, NEPH_CHECKSUM, options->checksum);
    return started(call);
}

neph_call *neph_upload_part(neph_cloud *cloud, const char *bucket, const char *key,
                            const char *upload, int64_t number, const neph_source *source,
                            const char *checksum)
{
    neph_call *call = with_upload(cloud, NEPH_OP_UPLOAD_PART, bucket, key, upload);
    neph_call_set_integer(call, NEPH_PART_NUMBER, number);
    neph_call_set_source(call, source);
    neph_call_set_string(call, NEPH_CHECKSUM, checksum);
    return started(call);
}

neph_call *neph_upload_parts(neph_cloud *cloud, const char *bucket, const char *key,
                             const char *upload)
{
    return started(with_upload(cloud, NEPH_OP_UPLOAD_PARTS, bucket, key, upload));
}

neph_call *neph_upload_complete(neph_cloud *cloud, const char *bucket, const char *key,
                                const char *upload, const neph_pair *parts, size_t count,
                                const char *checksum, const neph_put_options *options)
{
    neph_call *call = with_upload(cloud, NEPH_OP_UPLOAD_COMPLETE, bucket, key, upload);
    neph_call_set_pairs(call, NEPH_UPLOAD_LISTED, parts, count);
    neph_call_set_string(call, NEPH_OBJECT_CHECKSUM, checksum);
    set_facts(call, options);
    set_conditions(call, options);
    return started(call);
}

neph_call *neph_upload_abort(neph_cloud *cloud, const char *bucket, const char *key,
                             const char *upload)
{
    return started(with_upload(cloud, NEPH_OP_UPLOAD_ABORT, bucket, key, upload));
}

neph_call *neph_storage_limits(neph_cloud *cloud)
{
    return started(neph_call_new(cloud, NEPH_OP_STORAGE_LIMITS));
}

/* ---- results by kind */

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
