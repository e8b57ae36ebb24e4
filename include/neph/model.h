/*
 * neph/model.h - the results that calls return, as structs to be read. Included by neph/neph.h.
 *
 * Who may use it: programs. Providers never see these layouts (they set members by number), so structs may grow at
 * their end in any release: check `result.size` before you read a member newer than the library you require.
 *
 * Rules for every struct: allocated by the library alone; valid until the next result of the same call is taken or
 * the call is freed, unless kept with neph_keep(); strings are borrowed, and NULL where the cloud did not report them;
 * numbers and times are NEPH_UNKNOWN then, enumerations 0. Strings are UTF-8, but for those that the cloud keeps as bytes
 * (NEPH_INFO_RAW): names of buckets, keys, prefixes, entity tags, media types, metadata, and `extra`. Since 0.1.
 */
#ifndef NEPH_MODEL_H
#define NEPH_MODEL_H

#include <neph/vocabulary.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A name and its value. */
typedef struct neph_pair {
    const char *name;
    const char *value;
} neph_pair;

/* Something that an operation of many steps had created before it failed. */
typedef struct neph_created {
    uint32_t kind; /* neph_kind */
    uint32_t reserved;
    const char *id;
} neph_created;

/* Why a call, or one result of a call on many things, failed. */
typedef struct neph_error {
    size_t size;
    int32_t status;      /* neph_status, negative */
    int32_t retry;       /* neph_retry */
    const char *message; /* one line, never NULL, no secret in it, control characters escaped */
    const char *code;    /* the cloud's own code, e.g. "NoSuchBucket"; NULL where there is none */
    const char *request_id; /* the cloud's request id; NULL where there is none */
    int32_t http_status;    /* 0 when no reply came */
    int32_t sent;           /* 1: the request, or a part of it, may have reached the cloud */
    const neph_created *created;
    size_t created_count;
} neph_error;

/* What every result begins with. */
typedef struct neph_result {
    size_t size;   /* of the whole result as this library knows it */
    uint32_t kind; /* neph_kind: says which struct this is */
    uint32_t reserved;
    const neph_error *error; /* this thing failed (operations on many things); NULL: it did not */
    const neph_pair *extra;  /* what the cloud reported and the struct has no member for */
    size_t extra_count;
} neph_result;

typedef struct neph_node {
    neph_result result;
    const char *id;
    const char *name;
    int32_t state; /* neph_node_state */
    int32_t reserved;
    const char *const *public_ips;
    size_t public_ip_count;
    const char *const *private_ips;
    size_t private_ip_count;
    const char *size_id;
    const char *image_id;
    const char *location_id;
    int64_t cpus_nano;
    int64_t ram_bytes;
    int64_t disk_bytes;
    int64_t created_ns;
    const char *password; /* secret: wiped with the result */
    const neph_pair *tags;
    size_t tag_count;
    const char *key_name;
    const char *const *firewall_ids;
    size_t firewall_id_count;
    const char *network_id;
    const char *subnet_id;
} neph_node;

typedef struct neph_image {
    neph_result result;
    const char *id;
    const char *name;
    int64_t is_public;
    int64_t created_ns;
    int32_t state; /* neph_image_state */
    int32_t reserved;
    const char *description;
    const char *architecture; /* "x86_64", "arm64" */
    const char *owner_id;
    const neph_pair *tags;
    size_t tag_count;
} neph_image;

typedef struct neph_size {
    neph_result result;
    const char *id;
    const char *name;
    int64_t cpus_nano;
    int64_t ram_bytes;
    int64_t disk_bytes;
    int64_t price_nano; /* for an hour */
    const char *currency;
    int64_t price_age_days; /* of a price from the price data; unknown if the cloud told it */
    const char *const *architectures; /* of the images it runs; none: unknown */
    size_t architecture_count;
} neph_size;

typedef struct neph_location {
    neph_result result;
    const char *id;
    const char *name;
    const char *country;
} neph_location;

/* An SSH key by which nodes are entered; its name is what other operations know it by. */
typedef struct neph_key {
    neph_result result;
    const char *name;
    const char *id;
    const char *fingerprint;
    const char *public_key;
    const char *private_key; /* secret: told once, by key create; wiped with the result */
} neph_key;

/* A block volume. */
typedef struct neph_volume {
    neph_result result;
    const char *id;
    const char *name;
    int32_t state;            /* neph_volume_state */
    int32_t attachment_state; /* neph_attachment_state */
    int64_t size_bytes;
    const char *node_id;
    const char *device; /* as the cloud calls it; the node may call it otherwise */
    const char *location_id;
    const char *type;
    int64_t iops;
    int64_t is_encrypted;
    const char *snapshot_id;
    int64_t created_ns;
    const neph_pair *tags;
    size_t tag_count;
} neph_volume;

/* What a volume held at one moment. */
typedef struct neph_snapshot {
    neph_result result;
    const char *id;
    const char *name;
    int32_t state; /* neph_snapshot_state */
    int32_t reserved;
    const char *volume_id;
    int64_t size_bytes; /* of the volume */
    int64_t progress_percent;
    const char *description;
    int64_t created_ns;
    const neph_pair *tags;
    size_t tag_count;
} neph_snapshot;

/* A public address that the account holds, whether a node has it or not. */
typedef struct neph_address {
    neph_result result;
    const char *id;
    const char *ip;
    const char *name;
    const char *node_id; /* NULL: it is free, and often billed */
    const char *private_ip;
    const char *association_id;
    const neph_pair *tags;
    size_t tag_count;
} neph_address;

/* A set of rules that nodes stand behind. */
typedef struct neph_firewall {
    neph_result result;
    const char *id;
    const char *name;
    const char *description;
    const char *network_id;
    const neph_pair *tags;
    size_t tag_count;
} neph_firewall;

/* What a firewall lets through. */
typedef struct neph_firewall_rule {
    neph_result result;
    const char *id; /* NULL where rules are known by what they say alone */
    int32_t direction;
    int32_t reserved;
    const char *protocol;
    int64_t port_from;
    int64_t port_to;
    const char *cidr;
    const char *peer_id;
    const char *description;
    const char *firewall_id;
} neph_firewall_rule;

typedef struct neph_network {
    neph_result result;
    const char *id;
    const char *name;
    const char *const *cidrs;
    size_t cidr_count;
    int64_t is_default;
    const neph_pair *tags;
    size_t tag_count;
} neph_network;

typedef struct neph_subnet {
    neph_result result;
    const char *id;
    const char *name;
    const char *cidr;
    const char *network_id;
    const char *location_id;
    int64_t free_addresses;
    const neph_pair *tags;
    size_t tag_count;
} neph_subnet;

/* A name and value that something bears. */
typedef struct neph_tag {
    neph_result result;
    const char *name;
    const char *value;
    const char *resource_id;
} neph_tag;

/* What a node's console shows, or where it is reached. */
typedef struct neph_console {
    neph_result result;
    const char *node_id;
    const char *output;
    const char *url; /* secret: whoever has it may type */
    int64_t updated_ns;
} neph_console;

typedef struct neph_bucket {
    neph_result result;
    const char *name;
    int64_t created_ns;
    const char *region;
} neph_bucket;

typedef struct neph_object {
    neph_result result;
    const char *key; /* raw, as the cloud holds it */
    int64_t size_bytes;
    int64_t modified_ns;
    const char *etag;
    const char *storage_class;
    const char *content_type;
    const neph_pair *metadata;
    size_t metadata_count;
    const char *version;
    const char *
        checksum; /* what the cloud says of the whole object: "ALGORITHM:HEX"; never a guess from an etag */
    const char *body_checksum; /* of the bytes that this call moved, if a checksum was asked for */
    int64_t is_latest;         /* of versions: it is what a plain get brings */
    int64_t is_deleted;        /* of versions: it only says that the object was deleted */
    int64_t local_modified_ns; /* when the file that it was made from was written last */
} neph_object;

/* What a listing with a delimiter returns for all keys that begin alike. */
typedef struct neph_prefix {
    neph_result result;
    const char *name;
} neph_prefix;

/* An object on its way in parts. */
typedef struct neph_upload {
    neph_result result;
    const char *id;
    const char *key; /* of the object that it will be */
    int64_t created_ns;
} neph_upload;

/* One of its parts. */
typedef struct neph_part {
    neph_result result;
    int64_t number; /* from 1, in the order of the object's bytes */
    int64_t size_bytes;
    const char *etag;          /* what neph_upload_complete() wants to hear again */
    const char *checksum;      /* as the cloud says it: "ALGORITHM:HEX" */
    const char *body_checksum; /* of the bytes that this call sent, if a checksum was asked for */
    int64_t modified_ns;
} neph_part;

/* What a cloud's storage takes; NEPH_UNKNOWN: there is no such limit. */
typedef struct neph_limits {
    neph_result result;
    int64_t object_bytes;   /* of an object, however it is sent */
    int64_t put_bytes;      /* of neph_object_put() */
    int64_t part_bytes_min; /* of every part but the last */
    int64_t part_bytes_max;
    int64_t part_count;
    int64_t has_equal_parts; /* all parts but the last must be alike */
    int64_t copy_bytes;      /* of neph_object_copy(); above: neph_upload_copy() */
    int64_t delete_count;    /* keys of neph_object_delete_many() */
    const char *checksum;    /* the algorithm that it checks what it receives by; NULL: none */
} neph_limits;

/* A presigned URL: whoever has it may do what it says until it expires. */
typedef struct neph_url {
    neph_result result;
    const char *url;
    const char *method;
    int64_t expires_ns;
} neph_url;

/* One value of a row. */
typedef struct neph_row_value {
    const char *name; /* of its column */
    uint32_t type;    /* of its column, neph_type: STRING, INTEGER, DECIMAL, TIME or BOOLEAN */
    uint32_t reserved;
    int64_t number;   /* NEPH_UNKNOWN: not reported; of a STRING too */
    const char *text; /* NULL: not reported; of a number too */
} neph_row_value;

/* What an extension returns: a value for each of its columns, in their order. */
typedef struct neph_row {
    neph_result result;
    const neph_row_value *values;
    size_t value_count;
} neph_row;
/* What something costs, as the price data has it; see neph_price_list(). */
typedef struct neph_price {
    neph_result result;
    const char *provider;
    const char *service; /* "compute", "volumes", "storage", "addresses", "balancers" */
    const char *region;  /* NULL: the same everywhere */
    const char *item;    /* id of the size, type of the volume … */
    int64_t price_nano;  /* of one unit; 0: it costs nothing */
    const char *currency;
    const char *unit; /* "hour", "month", "GB-month", "request" */
    int64_t as_of_ns; /* when it was known to be so */
    int64_t age_days; /* since then */
    const char *source;
} neph_price;

#ifdef __cplusplus
}
#endif

#endif /* NEPH_MODEL_H */
