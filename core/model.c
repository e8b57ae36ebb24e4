/*
 * core/model.c - the model table. Each member of a kind is one row; everything else that must know
 * members (offsets, names, columns, unknown values) is made from the rows. Operations and their
 * arguments are operation.c.
 */
#include "core/model.h"

#define COLUMN NEPH_INFO_COLUMN
#define WIDE NEPH_INFO_WIDE
#define BYTES NEPH_INFO_SIZE
#define SECRET NEPH_INFO_SECRET

/* ROW(struct, member, type, flags, JSON name, its field, the field of its count or its field
 * again, summary) */
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
        "password, told once right after its creation")

#define IMAGE_MEMBERS(ROW)                                                                         \
    ROW(neph_image, IMAGE_ID, STRING, COLUMN, "id", id, id, "id that the cloud gave it")           \
    ROW(neph_image, IMAGE_NAME, STRING, COLUMN, "name", name, name, "name")                        \
    ROW(neph_image, IMAGE_PUBLIC, BOOLEAN, COLUMN, "is_public", is_public, is_public,              \
        "whether everybody may use it")                                                            \
    ROW(neph_image, IMAGE_CREATED, TIME, COLUMN, "created", created_ns, created_ns,                \
        "when it was created")

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
        "currency of the price, as in ISO 4217")

#define LOCATION_MEMBERS(ROW)                                                                      \
    ROW(neph_location, LOCATION_ID, STRING, COLUMN, "id", id, id, "id to create things with")      \
    ROW(neph_location, LOCATION_NAME, STRING, COLUMN, "name", name, name, "name")                  \
    ROW(neph_location, LOCATION_COUNTRY, STRING, COLUMN, "country", country, country,              \
        "country, as in ISO 3166-1")

#define BUCKET_MEMBERS(ROW)                                                                        \
    ROW(neph_bucket, BUCKET_NAME, STRING, COLUMN, "name", name, name, "name of the bucket")        \
    ROW(neph_bucket, BUCKET_CREATED, TIME, COLUMN, "created", created_ns, created_ns,              \
        "when it was created")                                                                     \
    ROW(neph_bucket, BUCKET_REGION, STRING, COLUMN, "region", region, region, "region it lies in")

#define OBJECT_MEMBERS(ROW)                                                                        \
    ROW(neph_object, OBJECT_KEY, STRING, COLUMN, "key", key, key, "key, as the cloud holds it")    \
    ROW(neph_object, OBJECT_SIZE_BYTES, INTEGER, COLUMN | BYTES, "size_bytes", size_bytes,         \
        size_bytes, "size in bytes")                                                               \
    ROW(neph_object, OBJECT_MODIFIED, TIME, COLUMN, "modified", modified_ns, modified_ns,          \
        "when it was written last")                                                                \
    ROW(neph_object, OBJECT_ETAG, STRING, COLUMN, "etag", etag, etag,                              \
        "entity tag, without its quotes")                                                          \
    ROW(neph_object, OBJECT_CLASS, STRING, COLUMN, "storage_class", storage_class, storage_class,  \
        "storage class")                                                                           \
    ROW(neph_object, OBJECT_CONTENT_TYPE, STRING, WIDE, "content_type", content_type,              \
        content_type, "media type")                                                                \
    ROW(neph_object, OBJECT_METADATA, PAIRS, WIDE, "metadata", metadata, metadata_count,           \
        "names and values that its writer gave it")                                                \
    ROW(neph_object, OBJECT_VERSION, STRING, WIDE, "version", version, version,                    \
        "id of this version")

#define PREFIX_MEMBERS(ROW)                                                                        \
    ROW(neph_prefix, PREFIX_NAME, STRING, COLUMN, "name", name, name,                              \
        "what all keys behind it begin with")

#define URL_MEMBERS(ROW)                                                                           \
    ROW(neph_url, URL_URL, STRING, COLUMN, "url", url, url, "URL that does one thing")             \
    ROW(neph_url, URL_METHOD, STRING, COLUMN, "method", method, method, "method to use it with")   \
    ROW(neph_url, URL_EXPIRES, TIME, COLUMN, "expires", expires_ns, expires_ns,                    \
        "until when it is good")

#define ENDPOINT_MEMBERS(ROW)                                                                      \
    ROW(nephi_endpoint_result, ENDPOINT_SERVICE, STRING, 0, "service", service, service,           \
        "service")                                                                                 \
    ROW(nephi_endpoint_result, ENDPOINT_URL, STRING, 0, "url", url, url, "URL")                    \
    ROW(nephi_endpoint_result, ENDPOINT_REGION, STRING, 0, "region", region, region, "region")     \
    ROW(nephi_endpoint_result, ENDPOINT_INTERFACE, STRING, 0, "interface", interface, interface,   \
        "interface: public, internal or admin")

static const neph_map node_states[] = {
    {"unknown", NEPH_NODE_STATE_UNKNOWN},
    {"pending", NEPH_NODE_PENDING},
    {"running", NEPH_NODE_RUNNING},
    {"rebooting", NEPH_NODE_REBOOTING},
    {"stopping", NEPH_NODE_STOPPING},
    {"stopped", NEPH_NODE_STOPPED},
    {"terminated", NEPH_NODE_TERMINATED},
    {"failed", NEPH_NODE_FAILED},
    {NULL, 0},
};

#define INDEX(member) ((member)&0xffff)
#define NAMES_OF_ENUM node_states /* the only enumeration so far */
#define NAMES_OF_STRING NULL
#define NAMES_OF_INTEGER NULL
#define NAMES_OF_DECIMAL NULL
#define NAMES_OF_TIME NULL
#define NAMES_OF_BOOLEAN NULL
#define NAMES_OF_STRINGS NULL
#define NAMES_OF_PAIRS NULL

/* A row as the library sees it and as a program sees it. */
#define INFO(member, type, flags, json, summary)                                                   \
    {                                                                                              \
        sizeof(neph_member_info), NEPH_##member, NEPH_TYPE_##type, flags, 0, json, summary         \
    }
#define MEMBER(of, member, type, flags, json, field, count, summary)                               \
    [INDEX(NEPH_##member)] = {INFO(member, type, flags, json, summary), offsetof(of, field),       \
                              offsetof(of, count), NAMES_OF_##type},
#define PUBLIC(of, member, type, flags, json, field, count, summary)                               \
    INFO(member, type, flags, json, summary),

/* A member that no struct has: an argument, or what belongs to the call. */
#define LOOSE(member, type, flags, json, summary)                                                  \
    [INDEX(NEPH_##member)] = {INFO(member, type, flags, json, summary), NEPHI_NO_OFFSET,           \
                              NEPHI_NO_OFFSET, NULL}

static const nephi_member any_members[] = {
    [INDEX(NEPH_EXTRA)] = {INFO(EXTRA, PAIRS, WIDE, "extra",
                                "what the cloud reported and no member holds"),
                           offsetof(neph_result, extra), offsetof(neph_result, extra_count), NULL},
    LOOSE(RESULT_ERROR_CODE, STRING, 0, "error_code", "why this one failed: the cloud's code"),
    LOOSE(RESULT_ERROR_MESSAGE, STRING, 0, "error_message", "why this one failed, in words"),
};
static const nephi_member node_members[] = {NODE_MEMBERS(MEMBER)};
static const nephi_member image_members[] = {IMAGE_MEMBERS(MEMBER)};
static const nephi_member size_members[] = {SIZE_MEMBERS(MEMBER)};
static const nephi_member location_members[] = {LOCATION_MEMBERS(MEMBER)};
static const nephi_member bucket_members[] = {BUCKET_MEMBERS(MEMBER)};
static const nephi_member object_members[] = {
    OBJECT_MEMBERS(MEMBER) /* and one that is an argument alone */
    LOOSE(OBJECT_BUCKET, STRING, 0, "bucket", "bucket that holds it"),
};
static const nephi_member prefix_members[] = {PREFIX_MEMBERS(MEMBER)};
static const nephi_member url_members[] = {URL_MEMBERS(MEMBER)};
static const nephi_member endpoint_members[] = {ENDPOINT_MEMBERS(MEMBER)};

static const nephi_member option_members[] = {
    LOOSE(LIST_LIMIT, INTEGER, 0, "limit", "at most so many results"),
    LOOSE(LIST_PREFIX, STRING, 0, "prefix", "only keys that begin so"),
    LOOSE(LIST_DELIMITER, STRING, 0, "delimiter", "keys alike up to here are one prefix"),
    LOOSE(LIST_START_AFTER, STRING, 0, "start_after", "only keys behind this one"),
    LOOSE(BODY_SOURCE, SOURCE, 0, "source", "where the bytes come from"),
    LOOSE(BODY_SINK, SINK, 0, "sink", "where the bytes go to"),
    LOOSE(RANGE_OFFSET, INTEGER, 0, "offset", "first byte; negative: so many from the end"),
    LOOSE(RANGE_LENGTH, INTEGER, 0, "length", "number of bytes"),
    LOOSE(COPY_BUCKET, STRING, 0, "from_bucket", "bucket to copy from"),
    LOOSE(COPY_KEY, STRING, 0, "from_key", "key to copy from"),
    LOOSE(PRESIGN_METHOD, STRING, 0, "method", "GET, PUT or DELETE"),
    LOOSE(PRESIGN_SECONDS, INTEGER, 0, "seconds", "how long the URL is good"),
    LOOSE(LOGIN_KEY, STRING, 0, "public_key", "text of an SSH public key"),
    LOOSE(LOGIN_NAME, STRING, 0, "username", "user to log in as"),
};

#define SCRATCH(n)                                                                                 \
    [INDEX(NEPH_SCRATCH) + (n)] = {{sizeof(neph_member_info), NEPH_SCRATCH + (n),                  \
                                    NEPH_TYPE_STRING, 0, 0, "scratch", "capture of the call"},     \
                                   NEPHI_NO_OFFSET,                                                \
                                   NEPHI_NO_OFFSET,                                                \
                                   NULL}
#define SCRATCH_4(n) SCRATCH(n), SCRATCH(n + 1), SCRATCH(n + 2), SCRATCH(n + 3)
#define SCRATCH_16(n) SCRATCH_4(n), SCRATCH_4(n + 4), SCRATCH_4(n + 8), SCRATCH_4(n + 12)

static const nephi_member call_members[] = {
    LOOSE(PAGE_TOKEN, STRING, 0, "page_token", "token of the next page"),
    LOOSE(PAGE_MORE, BOOLEAN, 0, "page_more", "whether there is a next page"),
    LOOSE(PAGE_URL, STRING, 0, "page_url", "URL of the next page"),
    LOOSE(ERROR_CODE, STRING, 0, "code", "the cloud's code of the failure"),
    LOOSE(ERROR_MESSAGE, STRING, 0, "message", "the cloud's words for the failure"),
    LOOSE(ERROR_REQUEST_ID, STRING, 0, "request_id", "the cloud's id of the request"),
    LOOSE(SESSION_TOKEN, STRING, SECRET, "token", "token of the session"),
    LOOSE(SESSION_EXPIRES, TIME, 0, "expires", "when the session ends"),
    SCRATCH_16(0),
    SCRATCH_16(16),
};
_Static_assert(NEPH_SCRATCH_COUNT == 32, "as many rows as captures");

/* What a fresh struct holds: pointers NULL, enumerations 0, numbers and times unknown. */
#define HEAD(of, k) .result = {.size = sizeof(of), .kind = NEPH_KIND_##k}
static const neph_node unknown_node = {
    HEAD(neph_node, NODE),      .cpus_nano = NEPH_UNKNOWN,  .ram_bytes = NEPH_UNKNOWN,
    .disk_bytes = NEPH_UNKNOWN, .created_ns = NEPH_UNKNOWN,
};
static const neph_image unknown_image = {
    HEAD(neph_image, IMAGE),
    .is_public = NEPH_UNKNOWN,
    .created_ns = NEPH_UNKNOWN,
};
static const neph_size unknown_size = {
    HEAD(neph_size, SIZE),      .cpus_nano = NEPH_UNKNOWN,  .ram_bytes = NEPH_UNKNOWN,
    .disk_bytes = NEPH_UNKNOWN, .price_nano = NEPH_UNKNOWN,
};
static const neph_location unknown_location = {HEAD(neph_location, LOCATION)};
static const neph_bucket unknown_bucket = {
    HEAD(neph_bucket, BUCKET),
    .created_ns = NEPH_UNKNOWN,
};
static const neph_object unknown_object = {
    HEAD(neph_object, OBJECT),
    .size_bytes = NEPH_UNKNOWN,
    .modified_ns = NEPH_UNKNOWN,
};
static const neph_prefix unknown_prefix = {HEAD(neph_prefix, PREFIX)};
static const neph_url unknown_url = {
    HEAD(neph_url, URL),
    .expires_ns = NEPH_UNKNOWN,
};
static const nephi_endpoint_result unknown_endpoint = {HEAD(nephi_endpoint_result, ENDPOINT)};

/* Public members in the order of a table's columns. */
static const neph_member_info node_infos[] = {NODE_MEMBERS(PUBLIC)};
static const neph_member_info image_infos[] = {IMAGE_MEMBERS(PUBLIC)};
static const neph_member_info size_infos[] = {SIZE_MEMBERS(PUBLIC)};
static const neph_member_info location_infos[] = {LOCATION_MEMBERS(PUBLIC)};
static const neph_member_info bucket_infos[] = {BUCKET_MEMBERS(PUBLIC)};
static const neph_member_info object_infos[] = {OBJECT_MEMBERS(PUBLIC)};
static const neph_member_info prefix_infos[] = {PREFIX_MEMBERS(PUBLIC)};
static const neph_member_info url_infos[] = {URL_MEMBERS(PUBLIC)};

typedef struct kind_entry {
    const nephi_member *members; /* by the lower half of the member number */
    uint32_t count;
    uint32_t size;       /* of the struct; 0: there is none */
    const void *unknown; /* a fresh struct */
    neph_kind_info info; /* of kinds that reach programs */
} kind_entry;

#define KIND_INFO(k, json, array)                                                                  \
    {                                                                                              \
        sizeof(neph_kind_info), NEPH_KIND_##k, NEPH_COUNT(array), json, array                      \
    }
#define KIND(k, lower)                                                                             \
    [NEPH_KIND_##k] = {lower##_members, NEPH_COUNT(lower##_members), sizeof unknown_##lower,       \
                       &unknown_##lower, KIND_INFO(k, #lower, lower##_infos)}
#define NO_INFO                                                                                    \
    {                                                                                              \
        0, 0, 0, NULL, NULL                                                                        \
    }

static const kind_entry kinds[NEPH_KIND_CALL + 1] = {
    [NEPH_KIND_NONE] = {any_members, NEPH_COUNT(any_members), 0, NULL, NO_INFO},
    KIND(NODE, node),
    KIND(IMAGE, image),
    KIND(SIZE, size),
    KIND(LOCATION, location),
    KIND(BUCKET, bucket),
    KIND(OBJECT, object),
    KIND(PREFIX, prefix),
    KIND(URL, url),
    [NEPH_KIND_ENDPOINT] = {endpoint_members, NEPH_COUNT(endpoint_members), sizeof unknown_endpoint,
                            &unknown_endpoint, NO_INFO},
    [NEPH_KIND_OPTION] = {option_members, NEPH_COUNT(option_members), 0, NULL, NO_INFO},
    [NEPH_KIND_CALL] = {call_members, NEPH_COUNT(call_members), 0, NULL, NO_INFO},
};

const nephi_member *nephi_member_find(int32_t member)
{
    uint32_t kind = (uint32_t)member >> 16;
    uint32_t index = (uint32_t)member & 0xffff;
    const nephi_member *found;
    if (kind > NEPH_KIND_CALL || index >= kinds[kind].count)
        return NULL;
    found = &kinds[kind].members[index];
    return found->info.member ? found : NULL;
}

size_t nephi_kind_size(uint32_t kind)
{
    return kind <= NEPH_KIND_CALL ? kinds[kind].size : 0;
}

void nephi_kind_clear(neph_result *result, uint32_t kind)
{
    memcpy(result, kinds[kind].unknown, kinds[kind].size);
}

const neph_kind_info *nephi_kind_info(uint32_t kind)
{
    if (kind > NEPH_KIND_CALL || !kinds[kind].info.size)
        return NULL;
    return &kinds[kind].info;
}

const char *nephi_enum_name(const nephi_member *member, int64_t number)
{
    const neph_map *row;
    for (row = member->names; row && row->text; row++)
        if (row->number == number)
            return row->text;
    return NULL;
}
