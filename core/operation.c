/*
 * core/operation.c - the operations that the library knows and their arguments, in the order in
 * which a command line gives them. What an argument is besides (type, secrecy) stands in the model
 * as well; a test compares the two.
 */
#include "core/model.h"

#include <string.h>

#define REQUIRED NEPH_INFO_REQUIRED
#define SECRET NEPH_INFO_SECRET

#define ARGUMENT(member, type, flags, json, summary)                                               \
    {                                                                                              \
        sizeof(neph_member_info), NEPH_##member, NEPH_TYPE_##type, flags, 0, json, summary         \
    }
#define LIMIT ARGUMENT(LIST_LIMIT, INTEGER, 0, "limit", "at most so many; 0: all")
#define BUCKET ARGUMENT(OBJECT_BUCKET, STRING, REQUIRED, "bucket", "name of the bucket")
#define KEY ARGUMENT(OBJECT_KEY, STRING, REQUIRED, "key", "key of the object")

/* ---- what many operations have */

#define FILTER_ID ARGUMENT(LIST_ID, STRINGS, 0, "id", "only these; may be given again")
#define FILTER_NAME                                                                                \
    ARGUMENT(LIST_NAME, STRING, 0, "name", "only those whose name is like this, with * and ?")
#define FILTER_TAG                                                                                 \
    ARGUMENT(LIST_TAG, PAIRS, 0, "tag",                                                            \
             "only those that bear this tag, value * for any; may be given again")
#define FILTER_STATE ARGUMENT(LIST_STATE, STRING, 0, "state", "only those in this state")
#define FILTER_LOCATION                                                                            \
    ARGUMENT(LIST_LOCATION, STRING, 0, "location", "only those in this location")
#define TAGS(member)                                                                               \
    ARGUMENT(member, PAIRS, 0, "tags", "a name and value to give it; may be given again")
#define WAIT(what)                                                                                 \
    ARGUMENT(WAIT, BOOLEAN, 0, "wait", what),                                                      \
        ARGUMENT(WAIT_SECONDS, INTEGER, 0, "wait_seconds", "how long to wait at most; 600")
#define TOKEN                                                                                      \
    ARGUMENT(TOKEN, STRING, 0, "token",                                                            \
             "idempotency token of your own: the same one makes nothing twice")
#define NAME(member, of) ARGUMENT(member, STRING, REQUIRED, "name", "name for the " of)
#define ID(member, of) ARGUMENT(member, STRING, REQUIRED, "id", "id of the " of)

static const neph_member_info list_arguments[] = {LIMIT};
static const neph_member_info named_list_arguments[] = {FILTER_ID, FILTER_NAME, LIMIT};
static const neph_member_info tagged_list_arguments[] = {FILTER_ID, FILTER_NAME, FILTER_TAG, LIMIT};
static const neph_member_info placed_list_arguments[] = {FILTER_ID, FILTER_NAME, FILTER_TAG,
                                                         FILTER_LOCATION, LIMIT};
static const neph_member_info stated_list_arguments[] = {FILTER_ID, FILTER_NAME, FILTER_TAG,
                                                         FILTER_STATE, LIMIT};
static const neph_member_info full_list_arguments[] = {FILTER_ID,    FILTER_NAME,     FILTER_TAG,
                                                       FILTER_STATE, FILTER_LOCATION, LIMIT};

/* ---- node */

static const neph_member_info node_arguments[] = {ID(NODE_ID, "node")};

static const neph_member_info node_create_arguments[] = {
    NAME(NODE_NAME, "node"),
    ARGUMENT(NODE_IMAGE, STRING, REQUIRED, "image_id", "id of the image to start from"),
    ARGUMENT(NODE_SIZE, STRING, REQUIRED, "size_id", "id of the size"),
    ARGUMENT(NODE_LOCATION, STRING, 0, "location_id", "id of the location to put it in"),
    ARGUMENT(NODE_KEY, STRING, 0, "key_name", "name of the key that opens it"),
    ARGUMENT(NODE_FIREWALLS, STRINGS, 0, "firewall_ids",
             "id of a firewall to put it behind; may be given again"),
    ARGUMENT(NODE_NETWORK, STRING, 0, "network_id", "id of the network to put it in"),
    ARGUMENT(NODE_SUBNET, STRING, 0, "subnet_id", "id of the subnet to put it in"),
    ARGUMENT(USER_DATA, STRING, 0, "user_data",
             "what it reads at its first start, raw: text, or @FILE of any bytes"),
    ARGUMENT(USER_DATA_BASE64, STRING, 0, "user_data_base64",
             "the same in base64, for bytes that are no text"),
    TAGS(NODE_TAGS),
    ARGUMENT(LOGIN_NAME, STRING, 0, "username", "user to make on it"),
    ARGUMENT(NODE_PASSWORD, STRING, SECRET, "password", "password of that user"),
    ARGUMENT(LOGIN_KEY, STRING, 0, "public_key", "text of an SSH public key of that user"),
    TOKEN,
    WAIT("done when it is running"),
};

static const neph_member_info node_destroy_arguments[] = {
    ID(NODE_ID, "node"),
    WAIT("done when it is gone"),
};
static const neph_member_info node_start_arguments[] = {
    ID(NODE_ID, "node"),
    WAIT("done when it is running"),
};
static const neph_member_info node_stop_arguments[] = {
    ID(NODE_ID, "node"),
    ARGUMENT(FORCE, BOOLEAN, 0, "force", "as if its power was cut"),
    WAIT("done when it is stopped"),
};
static const neph_member_info node_rename_arguments[] = {
    ID(NODE_ID, "node"),
    NAME(NODE_NAME, "node"),
};
static const neph_member_info node_resize_arguments[] = {
    ID(NODE_ID, "node"),
    ARGUMENT(NODE_SIZE, STRING, REQUIRED, "size_id", "id of the size"),
};

/* ---- image */

static const neph_member_info image_list_arguments[] = {
    FILTER_ID,
    FILTER_NAME,
    FILTER_TAG,
    FILTER_STATE,
    ARGUMENT(LIST_OWNER, STRING, 0, "owner", "only those of this owner; self: your own"),
    LIMIT,
};
static const neph_member_info image_arguments[] = {ID(IMAGE_ID, "image")};
static const neph_member_info image_create_arguments[] = {
    ARGUMENT(NODE_ID, STRING, REQUIRED, "id", "id of the node to make it of"),
    NAME(IMAGE_NAME, "image"),
    ARGUMENT(IMAGE_DESCRIPTION, STRING, 0, "description", "description"),
    TAGS(IMAGE_TAGS),
    WAIT("done when it is available"),
};

/* ---- key */

static const neph_member_info key_list_arguments[] = {FILTER_NAME, LIMIT};
static const neph_member_info key_create_arguments[] = {NAME(KEY_NAME, "key")};
static const neph_member_info key_import_arguments[] = {
    NAME(KEY_NAME, "key"),
    ARGUMENT(KEY_PUBLIC_KEY, STRING, REQUIRED, "public_key", "text of the public key, or @FILE"),
};
static const neph_member_info key_arguments[] = {
    ARGUMENT(KEY_NAME, STRING, REQUIRED, "name", "name of the key"),
};

/* ---- volume */

static const neph_member_info volume_arguments[] = {ID(VOLUME_ID, "volume")};
static const neph_member_info volume_create_arguments[] = {
    NAME(VOLUME_NAME, "volume"),
    ARGUMENT(VOLUME_SIZE_BYTES, INTEGER, NEPH_INFO_SIZE, "size_bytes",
             "its size, as in 10GiB; not needed with a snapshot"),
    ARGUMENT(VOLUME_LOCATION, STRING, 0, "location_id",
             "id of the location to put it in: that of the node it is for"),
    ARGUMENT(VOLUME_TYPE, STRING, 0, "type", "type of its storage"),
    ARGUMENT(VOLUME_IOPS, INTEGER, 0, "iops", "operations a second to provision for"),
    ARGUMENT(VOLUME_ENCRYPTED, BOOLEAN, 0, "is_encrypted", "have the cloud encrypt it"),
    ARGUMENT(VOLUME_SNAPSHOT, STRING, 0, "snapshot_id", "id of a snapshot to fill it from"),
    TAGS(VOLUME_TAGS),
    TOKEN,
    WAIT("done when it is available"),
};
static const neph_member_info volume_delete_arguments[] = {
    ID(VOLUME_ID, "volume"),
    WAIT("done when it is gone"),
};
static const neph_member_info volume_attach_arguments[] = {
    ID(VOLUME_ID, "volume"),
    ARGUMENT(VOLUME_NODE, STRING, REQUIRED, "node_id", "id of the node to attach it to"),
    ARGUMENT(VOLUME_DEVICE, STRING, 0, "device", "device it shall be there"),
    WAIT("done when it is attached"),
};
static const neph_member_info volume_detach_arguments[] = {
    ID(VOLUME_ID, "volume"),
    ARGUMENT(VOLUME_NODE, STRING, 0, "node_id", "id of the node to detach it from"),
    ARGUMENT(FORCE, BOOLEAN, 0, "force", "even if the node has not let go of it: data may be lost"),
    ARGUMENT(WAIT_SECONDS, INTEGER, 0, "wait_seconds",
             "how long to wait at most until it is available; 600"),
};
static const neph_member_info volume_resize_arguments[] = {
    ID(VOLUME_ID, "volume"),
    ARGUMENT(VOLUME_SIZE_BYTES, INTEGER, REQUIRED | NEPH_INFO_SIZE, "size_bytes",
             "its new size, as in 20GiB"),
};

/* ---- snapshot */

static const neph_member_info snapshot_arguments[] = {ID(SNAPSHOT_ID, "snapshot")};
static const neph_member_info snapshot_create_arguments[] = {
    ARGUMENT(SNAPSHOT_VOLUME, STRING, REQUIRED, "volume_id", "id of the volume"),
    NAME(SNAPSHOT_NAME, "snapshot"),
    ARGUMENT(SNAPSHOT_DESCRIPTION, STRING, 0, "description", "description"),
    TAGS(SNAPSHOT_TAGS),
    TOKEN,
    WAIT("done when it is completed"),
};

/* ---- address */

static const neph_member_info address_arguments[] = {ID(ADDRESS_ID, "address")};
static const neph_member_info address_allocate_arguments[] = {
    ARGUMENT(ADDRESS_NAME, STRING, 0, "name", "name for the address"),
    TAGS(ADDRESS_TAGS),
    TOKEN,
};
static const neph_member_info address_associate_arguments[] = {
    ID(ADDRESS_ID, "address"),
    ARGUMENT(ADDRESS_NODE, STRING, REQUIRED, "node_id", "id of the node it shall lead to"),
    ARGUMENT(REASSOCIATE, BOOLEAN, 0, "reassociate",
             "take it from the node it leads to; without this, that is a conflict"),
};

/* ---- firewall and rule */

static const neph_member_info firewall_arguments[] = {ID(FIREWALL_ID, "firewall")};
static const neph_member_info firewall_create_arguments[] = {
    NAME(FIREWALL_NAME, "firewall"),
    ARGUMENT(FIREWALL_DESCRIPTION, STRING, 0, "description", "description"),
    ARGUMENT(FIREWALL_NETWORK, STRING, 0, "network_id", "id of the network it is for"),
    TAGS(FIREWALL_TAGS),
};
#define OF_FIREWALL                                                                                \
    ARGUMENT(FIREWALL_RULE_FIREWALL, STRING, REQUIRED, "firewall_id", "id of the firewall")
static const neph_member_info rule_list_arguments[] = {OF_FIREWALL, LIMIT};
/* A rule is told by all that it says: the same words add it and remove it. */
static const neph_member_info rule_arguments[] = {
    OF_FIREWALL,
    ARGUMENT(FIREWALL_RULE_DIRECTION, ENUM, 0, "direction", "ingress (the default) or egress"),
    ARGUMENT(FIREWALL_RULE_PROTOCOL, STRING, 0, "protocol",
             "tcp (the default), udp, icmp, a protocol's number or any"),
    ARGUMENT(FIREWALL_RULE_PORT_FROM, INTEGER, 0, "port_from", "first port; of icmp the type"),
    ARGUMENT(FIREWALL_RULE_PORT_TO, INTEGER, 0, "port_to",
             "last port; of icmp the code; the first one if it is not given"),
    ARGUMENT(FIREWALL_RULE_CIDR, STRING, 0, "cidr", "the other end, as in 192.0.2.0/24"),
    ARGUMENT(FIREWALL_RULE_PEER, STRING, 0, "peer_id",
             "the other end: nodes behind the firewall with this id"),
    ARGUMENT(FIREWALL_RULE_DESCRIPTION, STRING, 0, "description", "description"),
};

/* ---- tag */

#define OF_RESOURCE                                                                                \
    ARGUMENT(TAG_RESOURCE, STRING, REQUIRED, "resource_id",                                        \
             "id of what bears it: node, volume, snapshot, address ...")
static const neph_member_info tag_list_arguments[] = {OF_RESOURCE, LIMIT};
static const neph_member_info tag_set_arguments[] = {
    OF_RESOURCE,
    ARGUMENT(TAG_NAME, STRING, REQUIRED, "name", "name of the tag"),
    ARGUMENT(TAG_VALUE, STRING, REQUIRED, "value", "its value"),
};
static const neph_member_info tag_remove_arguments[] = {
    OF_RESOURCE,
    ARGUMENT(TAG_NAME, STRING, REQUIRED, "name", "name of the tag"),
};

/* ---- bucket and object */

static const neph_member_info bucket_arguments[] = {
    ARGUMENT(BUCKET_NAME, STRING, REQUIRED, "name", "name of the bucket"),
};

static const neph_member_info object_list_arguments[] = {
    BUCKET,
    ARGUMENT(LIST_PREFIX, STRING, 0, "prefix", "only keys that begin so"),
    ARGUMENT(LIST_DELIMITER, STRING, 0, "delimiter",
             "keys that are alike up to the next one become one prefix, as in \"/\""),
    ARGUMENT(LIST_START_AFTER, STRING, 0, "start_after", "only keys behind this one"),
    LIMIT,
};

#define OF_VERSION ARGUMENT(OBJECT_VERSION, STRING, 0, "version", "this version of it")
#define IF_TAG ARGUMENT(IF_MATCH, STRING, 0, "if_match", "only if its entity tag is this")
#define IF_NO_TAG                                                                                  \
    ARGUMENT(IF_NONE_MATCH, STRING, 0, "if_none_match",                                            \
             "only if its entity tag is not this; \"*\": only if there is no such object")
#define CHECK                                                                                      \
    ARGUMENT(CHECKSUM, STRING, 0, "checksum_algorithm",                                            \
             "checksum to take of the bytes: md5, sha256, crc32c, crc64nvme ...")
#define FACTS                                                                                      \
    ARGUMENT(OBJECT_CONTENT_TYPE, STRING, 0, "content_type", "its media type"),                    \
        ARGUMENT(OBJECT_CLASS, STRING, 0, "storage_class", "its storage class"),                   \
        ARGUMENT(OBJECT_METADATA, PAIRS, 0, "metadata", "a name and value to keep with it"),       \
        ARGUMENT(OBJECT_LOCAL_MODIFIED, TIME, 0, "local_modified",                                 \
                 "when the file that it is made from was written last")

static const neph_member_info object_arguments[] = {BUCKET, KEY, OF_VERSION, IF_TAG, IF_NO_TAG};

static const neph_member_info object_delete_arguments[] = {BUCKET, KEY, OF_VERSION, IF_TAG};

static const neph_member_info object_delete_many_arguments[] = {
    BUCKET,
    ARGUMENT(OBJECT_KEYS, STRINGS, REQUIRED, "keys", "keys of the objects"),
};

static const neph_member_info object_get_arguments[] = {
    BUCKET,
    KEY,
    ARGUMENT(BODY_SINK, SINK, REQUIRED, "sink", "where its bytes go to"),
    ARGUMENT(RANGE_OFFSET, INTEGER, 0, "offset", "first byte; negative: so many from the end"),
    ARGUMENT(RANGE_LENGTH, INTEGER, 0, "length", "number of bytes; 0: to the end"),
    OF_VERSION,
    IF_TAG,
    IF_NO_TAG,
    CHECK,
};

static const neph_member_info object_put_arguments[] = {
    BUCKET, KEY,    ARGUMENT(BODY_SOURCE, SOURCE, REQUIRED, "source", "where its bytes come from"),
    FACTS,  IF_TAG, IF_NO_TAG,
    CHECK,
};

static const neph_member_info object_copy_arguments[] = {
    ARGUMENT(COPY_BUCKET, STRING, REQUIRED, "from_bucket", "bucket to copy from"),
    ARGUMENT(COPY_KEY, STRING, REQUIRED, "from_key", "key to copy from"),
    ARGUMENT(OBJECT_BUCKET, STRING, REQUIRED, "bucket", "bucket to copy to"),
    ARGUMENT(OBJECT_KEY, STRING, REQUIRED, "key", "key to copy to"),
    ARGUMENT(COPY_VERSION, STRING, 0, "from_version", "version to copy from"),
    ARGUMENT(COPY_IF_MATCH, STRING, 0, "from_if_match",
             "only if what is copied has this entity tag"),
    FACTS,
    IF_TAG,
    IF_NO_TAG,
};

static const neph_member_info object_presign_arguments[] = {
    BUCKET,
    KEY,
    ARGUMENT(PRESIGN_METHOD, STRING, 0, "method", "what the URL is for: GET, PUT or DELETE"),
    ARGUMENT(PRESIGN_SECONDS, INTEGER, 0, "seconds", "how long it is good"),
};

/* ---- upload: an object sent in parts */

#define OF_UPLOAD ARGUMENT(UPLOAD_ID, STRING, REQUIRED, "id", "id of the upload")
#define NUMBER ARGUMENT(PART_NUMBER, INTEGER, REQUIRED, "number", "place of the part, from 1")

static const neph_member_info upload_list_arguments[] = {
    BUCKET,
    ARGUMENT(LIST_PREFIX, STRING, 0, "prefix", "only keys that begin so"),
    LIMIT,
};
static const neph_member_info upload_begin_arguments[] = {BUCKET, KEY, FACTS, CHECK};
static const neph_member_info upload_part_arguments[] = {
    BUCKET,
    KEY,
    OF_UPLOAD,
    NUMBER,
    ARGUMENT(BODY_SOURCE, SOURCE, REQUIRED, "source", "where its bytes come from"),
    CHECK,
};
static const neph_member_info upload_copy_arguments[] = {
    ARGUMENT(COPY_BUCKET, STRING, REQUIRED, "from_bucket", "bucket to copy from"),
    ARGUMENT(COPY_KEY, STRING, REQUIRED, "from_key", "key to copy from"),
    BUCKET,
    KEY,
    OF_UPLOAD,
    NUMBER,
    ARGUMENT(RANGE_OFFSET, INTEGER, 0, "offset", "first byte"),
    ARGUMENT(RANGE_LENGTH, INTEGER, 0, "length", "number of bytes; 0: to the end"),
    ARGUMENT(COPY_VERSION, STRING, 0, "from_version", "version to copy from"),
    ARGUMENT(COPY_IF_MATCH, STRING, 0, "from_if_match",
             "only if what is copied has this entity tag"),
};
static const neph_member_info upload_parts_arguments[] = {BUCKET, KEY, OF_UPLOAD, LIMIT};
static const neph_member_info upload_complete_arguments[] = {
    BUCKET,
    KEY,
    OF_UPLOAD,
    ARGUMENT(UPLOAD_LISTED, PAIRS, REQUIRED, "part", "NUMBER=ETAG of each part, ascending"),
    FACTS,
    ARGUMENT(OBJECT_CHECKSUM, STRING, 0, "checksum", "ALGORITHM:HEX of the whole object"),
    ARGUMENT(UPLOAD_CHECKSUMS, PAIRS, 0, "part_checksum",
             "NUMBER=ALGORITHM:HEX of each part, ascending"),
    IF_TAG,
    IF_NO_TAG,
};
static const neph_member_info upload_arguments[] = {BUCKET, KEY, OF_UPLOAD};

#define OPERATION(number, result, noun, verb, summary, array)                                      \
    {                                                                                              \
        sizeof(neph_op_info), NEPH_OP_##number, NEPH_KIND_##result, noun "." verb, noun, verb,     \
            summary, array, NEPH_COUNT(array), 0                                                   \
    }

/* In order of number. */
static const neph_op_info operations[] = {
    OPERATION(NODE_LIST, NODE, "node", "list", "list the nodes of the account",
              full_list_arguments),
    OPERATION(NODE_SHOW, NODE, "node", "show", "show one node", node_arguments),
    OPERATION(NODE_CREATE, NODE, "node", "create", "create a node", node_create_arguments),
    OPERATION(NODE_DESTROY, NONE, "node", "destroy", "end a node for good", node_destroy_arguments),
    OPERATION(NODE_REBOOT, NONE, "node", "reboot", "restart a node", node_start_arguments),
    OPERATION(NODE_START, NONE, "node", "start", "start a stopped node", node_start_arguments),
    OPERATION(NODE_STOP, NONE, "node", "stop", "stop a node; its disks are kept",
              node_stop_arguments),
    OPERATION(NODE_RENAME, NONE, "node", "rename", "give a node another name",
              node_rename_arguments),
    OPERATION(NODE_RESIZE, NONE, "node", "resize", "give a node another size",
              node_resize_arguments),
    OPERATION(NODE_CONSOLE, CONSOLE, "node", "console", "show what a node's console shows",
              node_arguments),
    OPERATION(IMAGE_LIST, IMAGE, "image", "list", "list images to create nodes from",
              image_list_arguments),
    OPERATION(IMAGE_SHOW, IMAGE, "image", "show", "show one image", image_arguments),
    OPERATION(IMAGE_CREATE, IMAGE, "image", "create", "make an image of a node",
              image_create_arguments),
    OPERATION(IMAGE_DELETE, NONE, "image", "delete", "delete an image", image_arguments),
    OPERATION(SIZE_LIST, SIZE, "size", "list", "list sizes that nodes can have",
              named_list_arguments),
    OPERATION(LOCATION_LIST, LOCATION, "location", "list", "list places where nodes can be",
              named_list_arguments),
    OPERATION(KEY_LIST, KEY, "key", "list", "list the keys of the account", key_list_arguments),
    OPERATION(KEY_CREATE, KEY, "key", "create", "have the cloud make a key and tell it once",
              key_create_arguments),
    OPERATION(KEY_IMPORT, KEY, "key", "import", "give the cloud a public key",
              key_import_arguments),
    OPERATION(KEY_DELETE, NONE, "key", "delete", "delete a key", key_arguments),
    OPERATION(VOLUME_LIST, VOLUME, "volume", "list", "list the volumes of the account",
              full_list_arguments),
    OPERATION(VOLUME_SHOW, VOLUME, "volume", "show", "show one volume", volume_arguments),
    OPERATION(VOLUME_CREATE, VOLUME, "volume", "create", "create a volume",
              volume_create_arguments),
    OPERATION(VOLUME_DELETE, NONE, "volume", "delete", "delete a volume and what it holds",
              volume_delete_arguments),
    OPERATION(VOLUME_ATTACH, NONE, "volume", "attach", "attach a volume to a node",
              volume_attach_arguments),
    OPERATION(VOLUME_DETACH, NONE, "volume", "detach",
              "detach a volume from its node; done when it is available", volume_detach_arguments),
    OPERATION(VOLUME_RESIZE, NONE, "volume", "resize", "make a volume larger",
              volume_resize_arguments),
    OPERATION(SNAPSHOT_LIST, SNAPSHOT, "snapshot", "list", "list the snapshots of the account",
              stated_list_arguments),
    OPERATION(SNAPSHOT_SHOW, SNAPSHOT, "snapshot", "show", "show one snapshot", snapshot_arguments),
    OPERATION(SNAPSHOT_CREATE, SNAPSHOT, "snapshot", "create", "take a snapshot of a volume",
              snapshot_create_arguments),
    OPERATION(SNAPSHOT_DELETE, NONE, "snapshot", "delete", "delete a snapshot", snapshot_arguments),
    OPERATION(ADDRESS_LIST, ADDRESS, "address", "list", "list the addresses of the account",
              tagged_list_arguments),
    OPERATION(ADDRESS_ALLOCATE, ADDRESS, "address", "allocate", "get a public address",
              address_allocate_arguments),
    OPERATION(ADDRESS_ASSOCIATE, NONE, "address", "associate", "have an address lead to a node",
              address_associate_arguments),
    OPERATION(ADDRESS_DISASSOCIATE, NONE, "address", "disassociate",
              "have an address lead nowhere; it is kept, and often billed", address_arguments),
    OPERATION(ADDRESS_RELEASE, NONE, "address", "release", "give an address back for good",
              address_arguments),
    OPERATION(FIREWALL_LIST, FIREWALL, "firewall", "list", "list the firewalls of the account",
              tagged_list_arguments),
    OPERATION(FIREWALL_CREATE, FIREWALL, "firewall", "create", "create a firewall",
              firewall_create_arguments),
    OPERATION(FIREWALL_DELETE, NONE, "firewall", "delete", "delete a firewall that nothing uses",
              firewall_arguments),
    OPERATION(RULE_LIST, FIREWALL_RULE, "rule", "list", "list the rules of a firewall",
              rule_list_arguments),
    OPERATION(RULE_ADD, NONE, "rule", "add", "have a firewall let something through",
              rule_arguments),
    OPERATION(RULE_REMOVE, NONE, "rule", "remove", "have a firewall let something through no more",
              rule_arguments),
    OPERATION(NETWORK_LIST, NETWORK, "network", "list", "list networks that nodes can be in",
              tagged_list_arguments),
    OPERATION(SUBNET_LIST, SUBNET, "subnet", "list", "list subnets of the networks",
              placed_list_arguments),
    OPERATION(TAG_LIST, TAG, "tag", "list", "list the tags that something bears",
              tag_list_arguments),
    OPERATION(TAG_SET, NONE, "tag", "set", "give something a tag, or its tag another value",
              tag_set_arguments),
    OPERATION(TAG_REMOVE, NONE, "tag", "remove", "take a tag away", tag_remove_arguments),
    OPERATION(BUCKET_LIST, BUCKET, "bucket", "list", "list the buckets of the account",
              list_arguments),
    OPERATION(BUCKET_CREATE, NONE, "bucket", "create", "create a bucket", bucket_arguments),
    OPERATION(BUCKET_DELETE, NONE, "bucket", "delete", "delete an empty bucket", bucket_arguments),
    OPERATION(OBJECT_LIST, OBJECT, "object", "list", "list the objects of a bucket by key",
              object_list_arguments),
    OPERATION(OBJECT_HEAD, OBJECT, "object", "head", "show what is known of an object",
              object_arguments),
    OPERATION(OBJECT_GET, OBJECT, "object", "get", "download an object", object_get_arguments),
    OPERATION(OBJECT_PUT, OBJECT, "object", "put", "upload an object", object_put_arguments),
    OPERATION(OBJECT_COPY, OBJECT, "object", "copy", "copy an object inside the cloud",
              object_copy_arguments),
    OPERATION(OBJECT_DELETE, NONE, "object", "delete", "delete an object", object_delete_arguments),
    OPERATION(OBJECT_PRESIGN, URL, "object", "presign",
              "make a URL that does one thing for whoever holds it", object_presign_arguments),
    OPERATION(OBJECT_DELETE_MANY, OBJECT, "object", "delete-many",
              "delete many objects; lists those that could not be", object_delete_many_arguments),
    OPERATION(OBJECT_VERSIONS, OBJECT, "object", "versions", "list all versions of objects by key",
              object_list_arguments),
    OPERATION(UPLOAD_LIST, UPLOAD, "upload", "list", "list objects on their way in parts",
              upload_list_arguments),
    OPERATION(UPLOAD_BEGIN, UPLOAD, "upload", "begin", "begin to send an object in parts",
              upload_begin_arguments),
    OPERATION(UPLOAD_PART, PART, "upload", "part", "send a part", upload_part_arguments),
    OPERATION(UPLOAD_COPY, PART, "upload", "copy", "make a part of another object's bytes",
              upload_copy_arguments),
    OPERATION(UPLOAD_PARTS, PART, "upload", "parts", "list the parts that the cloud has",
              upload_parts_arguments),
    OPERATION(UPLOAD_COMPLETE, OBJECT, "upload", "complete", "make the object of its parts",
              upload_complete_arguments),
    OPERATION(UPLOAD_ABORT, NONE, "upload", "abort", "give up an upload and drop its parts",
              upload_arguments),
    {sizeof(neph_op_info), NEPH_OP_STORAGE_LIMITS, NEPH_KIND_LIMITS, "storage.limits", "storage",
     "limits", "show what the cloud's storage takes", NULL, 0, 0},
};

const neph_op_info *neph_op_at(size_t index)
{
    return index < NEPH_COUNT(operations) ? &operations[index] : NULL;
}

const neph_op_info *neph_op_find(uint32_t op)
{
    size_t low = 0, high = NEPH_COUNT(operations);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (operations[middle].op == op)
            return &operations[middle];
        if (operations[middle].op < op)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const neph_op_info *nephi_op_sibling(const neph_op_info *op, const char *verb)
{
    for (size_t i = 0; i < NEPH_COUNT(operations); i++)
        if (strcmp(operations[i].noun, op->noun) == 0 && strcmp(operations[i].verb, verb) == 0)
            return &operations[i];
    return NULL;
}

static int is_verb(const neph_op_info *op, const char *const *verbs)
{
    for (; *verbs; verbs++)
        if (strcmp(op->verb, *verbs) == 0)
            return 1;
    return 0;
}

int nephi_op_creates(const neph_op_info *op)
{
    static const char *const verbs[] = {"create", "allocate", "import", NULL};
    return is_verb(op, verbs);
}

int nephi_op_ends(const neph_op_info *op)
{
    static const char *const verbs[] = {"destroy", "delete", "release", NULL};
    return is_verb(op, verbs);
}

const neph_member_info *nephi_op_argument(const neph_op_info *op, int32_t member)
{
    for (uint32_t i = 0; i < op->argument_count; i++)
        if (op->arguments[i].member == member)
            return &op->arguments[i];
    return NULL;
}
