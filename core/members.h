/*
 * core/members.h - the members of every kind, a row each, from which model.c makes its tables: ROW(struct, member, type,
 * flags, JSON name, its field, the field of its count or its field again, summary). The order is that of a table's
 * columns. Included by model.c alone.
 */
#ifndef NEPHI_MEMBERS_H
#define NEPHI_MEMBERS_H

#define COLUMN NEPH_INFO_COLUMN
#define WIDE NEPH_INFO_WIDE
#define BYTES NEPH_INFO_SIZE
#define SECRET NEPH_INFO_SECRET
#define RAW NEPH_INFO_RAW

#define NODE_MEMBERS(ROW)                                                                          \
    ROW(neph_node, NODE_ID, STRING, COLUMN, "id", id, id, "id that the cloud gave it")             \
    ROW(neph_node, NODE_NAME, STRING, COLUMN, "name", name, name, "name")                          \
    ROW(neph_node, NODE_STATE, ENUM, COLUMN, "state", state, state,                                \
        "pending, running, rebooting, stopping, stopped, terminated or failed")                    \
    ROW(neph_node, NODE_PUBLIC_IPS, STRINGS, COLUMN, "public_ips", public_ips, public_ip_count,    \
        "addresses that are reached from anywhere")                                                \
    ROW(neph_node, NODE_PRIVATE_IPS, STRINGS, COLUMN, "private_ips", private_ips,                  \
        private_ip_count, "addresses inside the cloud")                                            \
    ROW(neph_node, NODE_SIZE, STRING, COLUMN, "size_id", size_id, size_id, "id of its size")       \
    ROW(neph_node, NODE_IMAGE, STRING, WIDE, "image_id", image_id, image_id,                       \
        "id or name of the image it was made from")                                                \
    ROW(neph_node, NODE_LOCATION, STRING, WIDE, "location_id", location_id, location_id,           \
        "id of the location it is in")                                                             \
    ROW(neph_node, NODE_CPUS, DECIMAL, WIDE, "cpus", cpus_nano, cpus_nano, "processors")           \
    ROW(neph_node, NODE_RAM_BYTES, INTEGER, WIDE | BYTES, "ram_bytes", ram_bytes, ram_bytes,       \
        "memory in bytes")                                                                         \
    ROW(neph_node, NODE_DISK_BYTES, INTEGER, WIDE | BYTES, "disk_bytes", disk_bytes, disk_bytes,   \
        "local disk in bytes")                                                                     \
    ROW(neph_node, NODE_CREATED, TIME, WIDE, "created", created_ns, created_ns,                    \
        "when it was created")                                                                     \
    ROW(neph_node, NODE_PASSWORD, STRING, WIDE | SECRET, "password", password, password,           \
        "password, told once right after its creation")                                            \
    ROW(neph_node, NODE_TAGS, PAIRS, WIDE, "tags", tags, tag_count,                                \
        "names and values that its owner gave it")                                                 \
    ROW(neph_node, NODE_KEY, STRING, WIDE, "key_name", key_name, key_name,                         \
        "name of the key that opens it")                                                           \
    ROW(neph_node, NODE_FIREWALLS, STRINGS, WIDE, "firewall_ids", firewall_ids, firewall_id_count, \
        "ids of the firewalls it is behind")                                                       \
    ROW(neph_node, NODE_NETWORK, STRING, WIDE, "network_id", network_id, network_id,               \
        "id of the network it is in")                                                              \
    ROW(neph_node, NODE_SUBNET, STRING, WIDE, "subnet_id", subnet_id, subnet_id,                   \
        "id of the subnet it is in")

#define IMAGE_MEMBERS(ROW)                                                                         \
    ROW(neph_image, IMAGE_ID, STRING, COLUMN, "id", id, id, "id that the cloud gave it")           \
    ROW(neph_image, IMAGE_NAME, STRING, COLUMN, "name", name, name, "name")                        \
    ROW(neph_image, IMAGE_PUBLIC, BOOLEAN, COLUMN, "is_public", is_public, is_public,              \
        "whether everybody may use it")                                                            \
    ROW(neph_image, IMAGE_CREATED, TIME, COLUMN, "created", created_ns, created_ns,                \
        "when it was created")                                                                     \
    ROW(neph_image, IMAGE_STATE, ENUM, WIDE, "state", state, state,                                \
        "pending, available, deleted or failed")                                                   \
    ROW(neph_image, IMAGE_DESCRIPTION, STRING, WIDE, "description", description, description,      \
        "description")                                                                             \
    ROW(neph_image, IMAGE_ARCHITECTURE, STRING, WIDE, "architecture", architecture, architecture,  \
        "processor it runs on, as in x86_64")                                                      \
    ROW(neph_image, IMAGE_OWNER, STRING, WIDE, "owner_id", owner_id, owner_id,                     \
        "account that owns it")                                                                    \
    ROW(neph_image, IMAGE_TAGS, PAIRS, WIDE, "tags", tags, tag_count,                              \
        "names and values that its owner gave it")

#define SIZE_MEMBERS(ROW)                                                                          \
    ROW(neph_size, SIZE_ID, STRING, COLUMN, "id", id, id, "id to create nodes with")               \
    ROW(neph_size, SIZE_NAME, STRING, COLUMN, "name", name, name, "name")                          \
    ROW(neph_size, SIZE_CPUS, DECIMAL, COLUMN, "cpus", cpus_nano, cpus_nano, "processors")         \
    ROW(neph_size, SIZE_RAM_BYTES, INTEGER, COLUMN | BYTES, "ram_bytes", ram_bytes, ram_bytes,     \
        "memory in bytes")                                                                         \
    ROW(neph_size, SIZE_DISK_BYTES, INTEGER, COLUMN | BYTES, "disk_bytes", disk_bytes, disk_bytes, \
        "local disk in bytes")                                                                     \
    ROW(neph_size, SIZE_PRICE, DECIMAL, COLUMN, "price", price_nano, price_nano,                   \
        "price of an hour")                                                                        \
    ROW(neph_size, SIZE_CURRENCY, STRING, COLUMN, "currency", currency, currency,                  \
        "currency of the price, as in ISO 4217")                                                   \
    ROW(neph_size, SIZE_PRICE_AGE, INTEGER, COLUMN, "price_age_days", price_age_days,              \
        price_age_days,                                                                            \
        "age in days of a price from the price data; unknown if the cloud told it")                \
    ROW(neph_size, SIZE_ARCHITECTURES, STRINGS, WIDE, "architectures", architectures,              \
        architecture_count, "processors whose images it runs, as in x86_64")

#define LOCATION_MEMBERS(ROW)                                                                      \
    ROW(neph_location, LOCATION_ID, STRING, COLUMN, "id", id, id, "id to create things with")      \
    ROW(neph_location, LOCATION_NAME, STRING, COLUMN, "name", name, name, "name")                  \
    ROW(neph_location, LOCATION_COUNTRY, STRING, COLUMN, "country", country, country,              \
        "country, as in ISO 3166-1")

#define KEY_MEMBERS(ROW)                                                                           \
    ROW(neph_key, KEY_NAME, STRING, COLUMN, "name", name, name, "name, by which it is known")      \
    ROW(neph_key, KEY_ID, STRING, WIDE, "id", id, id, "id that the cloud gave it")                 \
    ROW(neph_key, KEY_FINGERPRINT, STRING, COLUMN, "fingerprint", fingerprint, fingerprint,        \
        "fingerprint, as the cloud computes it")                                                   \
    ROW(neph_key, KEY_PUBLIC_KEY, STRING, WIDE, "public_key", public_key, public_key,              \
        "text of the public key")                                                                  \
    ROW(neph_key, KEY_PRIVATE_KEY, STRING, WIDE | SECRET, "private_key", private_key, private_key, \
        "private key, told once right after its creation")

#define VOLUME_MEMBERS(ROW)                                                                         \
    ROW(neph_volume, VOLUME_ID, STRING, COLUMN, "id", id, id, "id that the cloud gave it")          \
    ROW(neph_volume, VOLUME_NAME, STRING, COLUMN, "name", name, name, "name")                       \
    ROW(neph_volume, VOLUME_STATE, ENUM, COLUMN, "state", state, state,                             \
        "creating, available, attaching, in-use, detaching, resizing, deleting, deleted or failed") \
    ROW(neph_volume, VOLUME_SIZE_BYTES, INTEGER, COLUMN | BYTES, "size_bytes", size_bytes,          \
        size_bytes, "size in bytes")                                                                \
    ROW(neph_volume, VOLUME_NODE, STRING, COLUMN, "node_id", node_id, node_id,                      \
        "id of the node it is attached to")                                                         \
    ROW(neph_volume, VOLUME_DEVICE, STRING, COLUMN, "device", device, device,                       \
        "device there, as the cloud calls it")                                                      \
    ROW(neph_volume, VOLUME_ATTACHMENT_STATE, ENUM, WIDE, "attachment_state", attachment_state,     \
        attachment_state, "attaching, attached, detaching, detached or busy")                       \
    ROW(neph_volume, VOLUME_LOCATION, STRING, COLUMN, "location_id", location_id, location_id,      \
        "id of the location it is in")                                                              \
    ROW(neph_volume, VOLUME_TYPE, STRING, WIDE, "type", type, type, "type of its storage")          \
    ROW(neph_volume, VOLUME_IOPS, INTEGER, WIDE, "iops", iops, iops,                                \
        "operations a second that it is provisioned for")                                           \
    ROW(neph_volume, VOLUME_ENCRYPTED, BOOLEAN, WIDE, "is_encrypted", is_encrypted, is_encrypted,   \
        "whether the cloud encrypts it")                                                            \
    ROW(neph_volume, VOLUME_SNAPSHOT, STRING, WIDE, "snapshot_id", snapshot_id, snapshot_id,        \
        "id of the snapshot it was made from")                                                      \
    ROW(neph_volume, VOLUME_CREATED, TIME, WIDE, "created", created_ns, created_ns,                 \
        "when it was created")                                                                      \
    ROW(neph_volume, VOLUME_TAGS, PAIRS, WIDE, "tags", tags, tag_count,                             \
        "names and values that its owner gave it")

#define SNAPSHOT_MEMBERS(ROW)                                                                      \
    ROW(neph_snapshot, SNAPSHOT_ID, STRING, COLUMN, "id", id, id, "id that the cloud gave it")     \
    ROW(neph_snapshot, SNAPSHOT_NAME, STRING, COLUMN, "name", name, name, "name")                  \
    ROW(neph_snapshot, SNAPSHOT_STATE, ENUM, COLUMN, "state", state, state,                        \
        "pending, completed, deleting or failed")                                                  \
    ROW(neph_snapshot, SNAPSHOT_VOLUME, STRING, COLUMN, "volume_id", volume_id, volume_id,         \
        "id of the volume it was taken of")                                                        \
    ROW(neph_snapshot, SNAPSHOT_SIZE_BYTES, INTEGER, COLUMN | BYTES, "size_bytes", size_bytes,     \
        size_bytes, "size of that volume in bytes")                                                \
    ROW(neph_snapshot, SNAPSHOT_PROGRESS, INTEGER, COLUMN, "progress_percent", progress_percent,   \
        progress_percent, "how far it is, in percent")                                             \
    ROW(neph_snapshot, SNAPSHOT_DESCRIPTION, STRING, WIDE, "description", description,             \
        description, "description")                                                                \
    ROW(neph_snapshot, SNAPSHOT_CREATED, TIME, COLUMN, "created", created_ns, created_ns,          \
        "when it was created")                                                                     \
    ROW(neph_snapshot, SNAPSHOT_TAGS, PAIRS, WIDE, "tags", tags, tag_count,                        \
        "names and values that its owner gave it")

#define ADDRESS_MEMBERS(ROW)                                                                       \
    ROW(neph_address, ADDRESS_ID, STRING, COLUMN, "id", id, id, "id that the cloud gave it")       \
    ROW(neph_address, ADDRESS_IP, STRING, COLUMN, "ip", ip, ip, "the address itself")              \
    ROW(neph_address, ADDRESS_NAME, STRING, COLUMN, "name", name, name, "name")                    \
    ROW(neph_address, ADDRESS_NODE, STRING, COLUMN, "node_id", node_id, node_id,                   \
        "id of the node it leads to")                                                              \
    ROW(neph_address, ADDRESS_PRIVATE_IP, STRING, WIDE, "private_ip", private_ip, private_ip,      \
        "the node's address inside the cloud")                                                     \
    ROW(neph_address, ADDRESS_ASSOCIATION, STRING, WIDE, "association_id", association_id,         \
        association_id, "id of what joins it to the node")                                         \
    ROW(neph_address, ADDRESS_TAGS, PAIRS, WIDE, "tags", tags, tag_count,                          \
        "names and values that its owner gave it")

#define FIREWALL_MEMBERS(ROW)                                                                      \
    ROW(neph_firewall, FIREWALL_ID, STRING, COLUMN, "id", id, id, "id that the cloud gave it")     \
    ROW(neph_firewall, FIREWALL_NAME, STRING, COLUMN, "name", name, name, "name")                  \
    ROW(neph_firewall, FIREWALL_DESCRIPTION, STRING, COLUMN, "description", description,           \
        description, "description")                                                                \
    ROW(neph_firewall, FIREWALL_NETWORK, STRING, COLUMN, "network_id", network_id, network_id,     \
        "id of the network it is for")                                                             \
    ROW(neph_firewall, FIREWALL_TAGS, PAIRS, WIDE, "tags", tags, tag_count,                        \
        "names and values that its owner gave it")

#define FIREWALL_RULE_MEMBERS(ROW)                                                                 \
    ROW(neph_firewall_rule, FIREWALL_RULE_ID, STRING, COLUMN, "id", id, id,                        \
        "id that the cloud gave it")                                                               \
    ROW(neph_firewall_rule, FIREWALL_RULE_DIRECTION, ENUM, COLUMN, "direction", direction,         \
        direction, "ingress or egress, seen from the node")                                        \
    ROW(neph_firewall_rule, FIREWALL_RULE_PROTOCOL, STRING, COLUMN, "protocol", protocol,          \
        protocol, "tcp, udp, icmp, a protocol's number or any")                                    \
    ROW(neph_firewall_rule, FIREWALL_RULE_PORT_FROM, INTEGER, COLUMN, "port_from", port_from,      \
        port_from, "first port; of icmp the type")                                                 \
    ROW(neph_firewall_rule, FIREWALL_RULE_PORT_TO, INTEGER, COLUMN, "port_to", port_to, port_to,   \
        "last port; of icmp the code")                                                             \
    ROW(neph_firewall_rule, FIREWALL_RULE_CIDR, STRING, COLUMN, "cidr", cidr, cidr,                \
        "the other end, as in 192.0.2.0/24")                                                       \
    ROW(neph_firewall_rule, FIREWALL_RULE_PEER, STRING, COLUMN, "peer_id", peer_id, peer_id,       \
        "the other end: nodes behind this firewall")                                               \
    ROW(neph_firewall_rule, FIREWALL_RULE_DESCRIPTION, STRING, WIDE, "description", description,   \
        description, "description")                                                                \
    ROW(neph_firewall_rule, FIREWALL_RULE_FIREWALL, STRING, WIDE, "firewall_id", firewall_id,      \
        firewall_id, "id of its firewall")

#define NETWORK_MEMBERS(ROW)                                                                       \
    ROW(neph_network, NETWORK_ID, STRING, COLUMN, "id", id, id, "id that the cloud gave it")       \
    ROW(neph_network, NETWORK_NAME, STRING, COLUMN, "name", name, name, "name")                    \
    ROW(neph_network, NETWORK_CIDRS, STRINGS, COLUMN, "cidrs", cidrs, cidr_count,                  \
        "its addresses, as in 192.0.2.0/24")                                                       \
    ROW(neph_network, NETWORK_DEFAULT, BOOLEAN, COLUMN, "is_default", is_default, is_default,      \
        "whether nodes are put here unless another is named")                                      \
    ROW(neph_network, NETWORK_TAGS, PAIRS, WIDE, "tags", tags, tag_count,                          \
        "names and values that its owner gave it")

#define SUBNET_MEMBERS(ROW)                                                                        \
    ROW(neph_subnet, SUBNET_ID, STRING, COLUMN, "id", id, id, "id that the cloud gave it")         \
    ROW(neph_subnet, SUBNET_NAME, STRING, COLUMN, "name", name, name, "name")                      \
    ROW(neph_subnet, SUBNET_CIDR, STRING, COLUMN, "cidr", cidr, cidr,                              \
        "its addresses, as in 192.0.2.0/24")                                                       \
    ROW(neph_subnet, SUBNET_NETWORK, STRING, COLUMN, "network_id", network_id, network_id,         \
        "id of its network")                                                                       \
    ROW(neph_subnet, SUBNET_LOCATION, STRING, COLUMN, "location_id", location_id, location_id,     \
        "id of the location it is in")                                                             \
    ROW(neph_subnet, SUBNET_FREE_ADDRESSES, INTEGER, WIDE, "free_addresses", free_addresses,       \
        free_addresses, "addresses that nothing has yet")                                          \
    ROW(neph_subnet, SUBNET_TAGS, PAIRS, WIDE, "tags", tags, tag_count,                            \
        "names and values that its owner gave it")

#define BUCKET_MEMBERS(ROW)                                                                        \
    ROW(neph_bucket, BUCKET_NAME, STRING, COLUMN | RAW, "name", name, name, "name of the bucket")  \
    ROW(neph_bucket, BUCKET_CREATED, TIME, COLUMN, "created", created_ns, created_ns,              \
        "when it was created")                                                                     \
    ROW(neph_bucket, BUCKET_REGION, STRING, COLUMN, "region", region, region, "region it lies in")

#define OBJECT_MEMBERS(ROW)                                                                        \
    ROW(neph_object, OBJECT_KEY, STRING, COLUMN | RAW, "key", key, key,                            \
        "key, as the cloud holds it")                                                              \
    ROW(neph_object, OBJECT_SIZE_BYTES, INTEGER, COLUMN | BYTES, "size_bytes", size_bytes,         \
        size_bytes, "size in bytes")                                                               \
    ROW(neph_object, OBJECT_MODIFIED, TIME, COLUMN, "modified", modified_ns, modified_ns,          \
        "when it was written last")                                                                \
    ROW(neph_object, OBJECT_ETAG, STRING, COLUMN | RAW, "etag", etag, etag,                        \
        "entity tag, without its quotes")                                                          \
    ROW(neph_object, OBJECT_CLASS, STRING, COLUMN, "storage_class", storage_class, storage_class,  \
        "storage class")                                                                           \
    ROW(neph_object, OBJECT_CONTENT_TYPE, STRING, WIDE | RAW, "content_type", content_type,        \
        content_type, "media type")                                                                \
    ROW(neph_object, OBJECT_METADATA, PAIRS, WIDE | RAW, "metadata", metadata, metadata_count,     \
        "names and values that its writer gave it")                                                \
    ROW(neph_object, OBJECT_VERSION, STRING, WIDE, "version", version, version,                    \
        "id of this version")                                                                      \
    ROW(neph_object, OBJECT_CHECKSUM, STRING, WIDE, "checksum", checksum, checksum,                \
        "checksum of the whole object as the cloud says it, ALGORITHM:HEX")                        \
    ROW(neph_object, OBJECT_BODY_CHECKSUM, STRING, WIDE, "body_checksum", body_checksum,           \
        body_checksum, "checksum of the bytes that were moved")                                    \
    ROW(neph_object, OBJECT_LATEST, BOOLEAN, WIDE, "is_latest", is_latest, is_latest,              \
        "whether this version is what a plain get brings")                                         \
    ROW(neph_object, OBJECT_DELETED, BOOLEAN, WIDE, "is_deleted", is_deleted, is_deleted,          \
        "whether this version says that the object was deleted")                                   \
    ROW(neph_object, OBJECT_LOCAL_MODIFIED, TIME, WIDE, "local_modified", local_modified_ns,       \
        local_modified_ns, "when the file that it was made from was written last")

#define UPLOAD_MEMBERS(ROW)                                                                        \
    ROW(neph_upload, UPLOAD_ID, STRING, COLUMN | RAW, "id", id, id, "id that the cloud gave it")   \
    ROW(neph_upload, UPLOAD_KEY, STRING, COLUMN | RAW, "key", key, key,                            \
        "key of the object that it will be")                                                       \
    ROW(neph_upload, UPLOAD_CREATED, TIME, COLUMN, "created", created_ns, created_ns,              \
        "when it was begun")

#define PART_MEMBERS(ROW)                                                                          \
    ROW(neph_part, PART_NUMBER, INTEGER, COLUMN, "number", number, number,                         \
        "place among the parts, from 1")                                                           \
    ROW(neph_part, PART_SIZE_BYTES, INTEGER, COLUMN | BYTES, "size_bytes", size_bytes, size_bytes, \
        "size in bytes")                                                                           \
    ROW(neph_part, PART_ETAG, STRING, COLUMN | RAW, "etag", etag, etag,                            \
        "entity tag, without its quotes")                                                          \
    ROW(neph_part, PART_MODIFIED, TIME, COLUMN, "modified", modified_ns, modified_ns,              \
        "when it was written")                                                                     \
    ROW(neph_part, PART_CHECKSUM, STRING, WIDE, "checksum", checksum, checksum,                    \
        "checksum as the cloud says it, ALGORITHM:HEX")                                            \
    ROW(neph_part, PART_BODY_CHECKSUM, STRING, WIDE, "body_checksum", body_checksum,               \
        body_checksum, "checksum of the bytes that were sent")

#define LIMITS_MEMBERS(ROW)                                                                        \
    ROW(neph_limits, LIMITS_OBJECT_BYTES, INTEGER, COLUMN | BYTES, "object_bytes", object_bytes,   \
        object_bytes, "largest object")                                                            \
    ROW(neph_limits, LIMITS_PUT_BYTES, INTEGER, COLUMN | BYTES, "put_bytes", put_bytes, put_bytes, \
        "largest object in one request")                                                           \
    ROW(neph_limits, LIMITS_PART_BYTES_MIN, INTEGER, COLUMN | BYTES, "part_bytes_min",             \
        part_bytes_min, part_bytes_min, "smallest part, but the last one")                         \
    ROW(neph_limits, LIMITS_PART_BYTES_MAX, INTEGER, COLUMN | BYTES, "part_bytes_max",             \
        part_bytes_max, part_bytes_max, "largest part")                                            \
    ROW(neph_limits, LIMITS_PART_COUNT, INTEGER, COLUMN, "part_count", part_count, part_count,     \
        "parts of an object at most")                                                              \
    ROW(neph_limits, LIMITS_EQUAL_PARTS, BOOLEAN, WIDE, "has_equal_parts", has_equal_parts,        \
        has_equal_parts, "whether all parts but the last must be alike")                           \
    ROW(neph_limits, LIMITS_COPY_BYTES, INTEGER, COLUMN | BYTES, "copy_bytes", copy_bytes,         \
        copy_bytes, "largest object that is copied in one request")                                \
    ROW(neph_limits, LIMITS_DELETE_COUNT, INTEGER, COLUMN, "delete_count", delete_count,           \
        delete_count, "keys that are deleted in one request")                                      \
    ROW(neph_limits, LIMITS_CHECKSUM, STRING, COLUMN, "checksum", checksum, checksum,              \
        "algorithm that what it receives is checked by")

#define PREFIX_MEMBERS(ROW)                                                                        \
    ROW(neph_prefix, PREFIX_NAME, STRING, COLUMN | RAW, "name", name, name,                        \
        "what all keys behind it begin with")

#define URL_MEMBERS(ROW)                                                                           \
    ROW(neph_url, URL_URL, STRING, COLUMN, "url", url, url, "URL that does one thing")             \
    ROW(neph_url, URL_METHOD, STRING, COLUMN, "method", method, method, "method to use it with")   \
    ROW(neph_url, URL_EXPIRES, TIME, COLUMN, "expires", expires_ns, expires_ns,                    \
        "until when it is good")

#define TAG_MEMBERS(ROW)                                                                           \
    ROW(neph_tag, TAG_NAME, STRING, COLUMN, "name", name, name, "name")                            \
    ROW(neph_tag, TAG_VALUE, STRING, COLUMN, "value", value, value, "value")                       \
    ROW(neph_tag, TAG_RESOURCE, STRING, WIDE, "resource_id", resource_id, resource_id,             \
        "id of what bears it")

#define CONSOLE_MEMBERS(ROW)                                                                       \
    ROW(neph_console, CONSOLE_NODE, STRING, COLUMN, "node_id", node_id, node_id, "id of the node") \
    ROW(neph_console, CONSOLE_UPDATED, TIME, COLUMN, "updated", updated_ns, updated_ns,            \
        "when the output was taken")                                                               \
    ROW(neph_console, CONSOLE_OUTPUT, STRING, COLUMN, "output", output, output,                    \
        "what the console showed last")                                                            \
    ROW(neph_console, CONSOLE_URL, STRING, WIDE | SECRET, "url", url, url,                         \
        "where a browser reaches it")

#define PRICE_MEMBERS(ROW)                                                                         \
    ROW(neph_price, PRICE_PROVIDER, STRING, COLUMN, "provider", provider, provider,                \
        "id of the provider")                                                                      \
    ROW(neph_price, PRICE_SERVICE, STRING, COLUMN, "service", service, service,                    \
        "compute, volumes, storage, addresses or balancers")                                       \
    ROW(neph_price, PRICE_REGION, STRING, COLUMN, "region", region, region,                        \
        "region it holds for; unknown: all")                                                       \
    ROW(neph_price, PRICE_ITEM, STRING, COLUMN, "item", item, item,                                \
        "what is paid for: id of the size, type of the volume")                                    \
    ROW(neph_price, PRICE_PRICE, DECIMAL, COLUMN, "price", price_nano, price_nano,                 \
        "price of one unit")                                                                       \
    ROW(neph_price, PRICE_CURRENCY, STRING, COLUMN, "currency", currency, currency,                \
        "currency of the price, as in ISO 4217")                                                   \
    ROW(neph_price, PRICE_UNIT, STRING, COLUMN, "unit", unit, unit,                                \
        "hour, month, GB-month or request")                                                        \
    ROW(neph_price, PRICE_AS_OF, TIME, COLUMN, "as_of", as_of_ns, as_of_ns,                        \
        "when it was known to be so")                                                              \
    ROW(neph_price, PRICE_AGE, INTEGER, COLUMN, "age_days", age_days, age_days, "days since then") \
    ROW(neph_price, PRICE_SOURCE, STRING, WIDE, "source", source, source, "who said so")

#define ENDPOINT_MEMBERS(ROW)                                                                      \
    ROW(nephi_endpoint_result, ENDPOINT_SERVICE, STRING, 0, "service", service, service,           \
        "service")                                                                                 \
    ROW(nephi_endpoint_result, ENDPOINT_URL, STRING, 0, "url", url, url, "URL")                    \
    ROW(nephi_endpoint_result, ENDPOINT_REGION, STRING, 0, "region", region, region, "region")     \
    ROW(nephi_endpoint_result, ENDPOINT_INTERFACE, STRING, 0, "interface", interface, interface,   \
        "interface: public, internal or admin")

#endif
