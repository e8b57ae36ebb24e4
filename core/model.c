/*
 * core/model.c - the model table. Each member of a kind is one row; everything else that must know
 * members (offsets, names, columns, unknown values) is made from the rows. Operations and their
 * arguments are operation.c.
 */
#include "core/model.h"

#include "core/members.h"
#include "core/text.h"

#include <string.h>

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

static const neph_map image_states[] = {
    {"unknown", NEPH_IMAGE_STATE_UNKNOWN}, {"pending", NEPH_IMAGE_PENDING},
    {"available", NEPH_IMAGE_AVAILABLE},   {"deleted", NEPH_IMAGE_DELETED},
    {"failed", NEPH_IMAGE_FAILED},         {NULL, 0},
};

static const neph_map volume_states[] = {
    {"unknown", NEPH_VOLUME_STATE_UNKNOWN},
    {"creating", NEPH_VOLUME_CREATING},
    {"available", NEPH_VOLUME_AVAILABLE},
    {"attaching", NEPH_VOLUME_ATTACHING},
    {"in-use", NEPH_VOLUME_IN_USE},
    {"detaching", NEPH_VOLUME_DETACHING},
    {"resizing", NEPH_VOLUME_RESIZING},
    {"deleting", NEPH_VOLUME_DELETING},
    {"deleted", NEPH_VOLUME_DELETED},
    {"failed", NEPH_VOLUME_FAILED},
    {NULL, 0},
};

static const neph_map attachment_states[] = {
    {"unknown", NEPH_ATTACHMENT_STATE_UNKNOWN},
    {"attaching", NEPH_ATTACHMENT_ATTACHING},
    {"attached", NEPH_ATTACHMENT_ATTACHED},
    {"detaching", NEPH_ATTACHMENT_DETACHING},
    {"detached", NEPH_ATTACHMENT_DETACHED},
    {"busy", NEPH_ATTACHMENT_BUSY},
    {NULL, 0},
};

static const neph_map snapshot_states[] = {
    {"unknown", NEPH_SNAPSHOT_STATE_UNKNOWN}, {"pending", NEPH_SNAPSHOT_PENDING},
    {"completed", NEPH_SNAPSHOT_COMPLETED},   {"deleting", NEPH_SNAPSHOT_DELETING},
    {"failed", NEPH_SNAPSHOT_FAILED},         {NULL, 0},
};

static const neph_map directions[] = {
    {"unknown", NEPH_DIRECTION_UNKNOWN},
    {"ingress", NEPH_DIRECTION_INGRESS},
    {"egress", NEPH_DIRECTION_EGRESS},
    {NULL, 0},
};

#define INDEX(member) ((member)&0xffff)
/* The names of a member's numbers; of members that are no enumeration NULL. */
#define NAMES_OF_ENUM(member) NAMES_OF_##member
#define NAMES_OF_NODE_STATE node_states
#define NAMES_OF_IMAGE_STATE image_states
#define NAMES_OF_VOLUME_STATE volume_states
#define NAMES_OF_VOLUME_ATTACHMENT_STATE attachment_states
#define NAMES_OF_SNAPSHOT_STATE snapshot_states
#define NAMES_OF_FIREWALL_RULE_DIRECTION directions
#define NAMES_OF_STRING(member) NULL
#define NAMES_OF_INTEGER(member) NULL
#define NAMES_OF_DECIMAL(member) NULL
#define NAMES_OF_TIME(member) NULL
#define NAMES_OF_BOOLEAN(member) NULL
#define NAMES_OF_STRINGS(member) NULL
#define NAMES_OF_PAIRS(member) NULL

/* A row as the library sees it and as a program sees it. */
#define INFO(member, type, flags, json, summary)                                                   \
    {                                                                                              \
        sizeof(neph_member_info), NEPH_##member, NEPH_TYPE_##type, flags, 0, json, summary         \
    }
#define MEMBER(of, member, type, flags, json, field, count, summary)                               \
    [INDEX(NEPH_##member)] = {INFO(member, type, flags, json, summary), offsetof(of, field),       \
                              offsetof(of, count), NAMES_OF_##type(member)},
#define PUBLIC(of, member, type, flags, json, field, count, summary)                               \
    INFO(member, type, flags, json, summary),

/* A member that no struct has: an argument, or what belongs to the call. */
#define LOOSE(member, type, flags, json, summary)                                                  \
    [INDEX(NEPH_##member)] = {INFO(member, type, flags, json, summary), NEPHI_NO_OFFSET,           \
                              NEPHI_NO_OFFSET, NULL}

static const nephi_member any_members[] = {
    [INDEX(NEPH_EXTRA)] = {INFO(EXTRA, PAIRS, WIDE | RAW, "extra",
                                "what the cloud reported and no member holds"),
                           offsetof(neph_result, extra), offsetof(neph_result, extra_count), NULL},
    LOOSE(RESULT_ERROR_CODE, STRING, 0, "error_code", "why this one failed: the cloud's code"),
    LOOSE(RESULT_ERROR_MESSAGE, STRING, 0, "error_message", "why this one failed, in words"),
};
static const nephi_member node_members[] = {NODE_MEMBERS(MEMBER)};
static const nephi_member image_members[] = {IMAGE_MEMBERS(MEMBER)};
static const nephi_member size_members[] = {SIZE_MEMBERS(MEMBER)};
static const nephi_member location_members[] = {LOCATION_MEMBERS(MEMBER)};
static const nephi_member key_members[] = {KEY_MEMBERS(MEMBER)};
static const nephi_member volume_members[] = {VOLUME_MEMBERS(MEMBER)};
static const nephi_member snapshot_members[] = {SNAPSHOT_MEMBERS(MEMBER)};
static const nephi_member address_members[] = {ADDRESS_MEMBERS(MEMBER)};
static const nephi_member firewall_members[] = {FIREWALL_MEMBERS(MEMBER)};
static const nephi_member firewall_rule_members[] = {FIREWALL_RULE_MEMBERS(MEMBER)};
static const nephi_member network_members[] = {NETWORK_MEMBERS(MEMBER)};
static const nephi_member subnet_members[] = {SUBNET_MEMBERS(MEMBER)};
static const nephi_member bucket_members[] = {BUCKET_MEMBERS(MEMBER)};
static const nephi_member object_members[] = {
    OBJECT_MEMBERS(MEMBER) /* and one that is an argument alone */
    LOOSE(OBJECT_BUCKET, STRING, RAW, "bucket", "bucket that holds it"),
};
static const nephi_member prefix_members[] = {PREFIX_MEMBERS(MEMBER)};
static const nephi_member url_members[] = {URL_MEMBERS(MEMBER)};
static const nephi_member upload_members[] = {UPLOAD_MEMBERS(MEMBER)};
static const nephi_member part_members[] = {PART_MEMBERS(MEMBER)};
static const nephi_member limits_members[] = {LIMITS_MEMBERS(MEMBER)};
static const nephi_member tag_members[] = {TAG_MEMBERS(MEMBER)};
static const nephi_member console_members[] = {CONSOLE_MEMBERS(MEMBER)};
static const nephi_member price_members[] = {PRICE_MEMBERS(MEMBER)};
static const nephi_member endpoint_members[] = {ENDPOINT_MEMBERS(MEMBER)};

static const nephi_member option_members[] = {
    LOOSE(LIST_LIMIT, INTEGER, 0, "limit", "at most so many results"),
    LOOSE(LIST_PREFIX, STRING, RAW, "prefix", "only keys that begin so"),
    LOOSE(LIST_DELIMITER, STRING, RAW, "delimiter", "keys alike up to here are one prefix"),
    LOOSE(LIST_START_AFTER, STRING, RAW, "start_after", "only keys behind this one"),
    LOOSE(BODY_SOURCE, SOURCE, 0, "source", "where the bytes come from"),
    LOOSE(BODY_SINK, SINK, 0, "sink", "where the bytes go to"),
    LOOSE(RANGE_OFFSET, INTEGER, 0, "offset", "first byte; negative: so many from the end"),
    LOOSE(RANGE_LENGTH, INTEGER, 0, "length", "number of bytes"),
    LOOSE(COPY_BUCKET, STRING, RAW, "from_bucket", "bucket to copy from"),
    LOOSE(COPY_KEY, STRING, RAW, "from_key", "key to copy from"),
    LOOSE(PRESIGN_METHOD, STRING, 0, "method", "GET, PUT or DELETE"),
    LOOSE(PRESIGN_SECONDS, INTEGER, 0, "seconds", "how long the URL is good"),
    LOOSE(LOGIN_KEY, STRING, 0, "public_key", "text of an SSH public key"),
    LOOSE(LOGIN_NAME, STRING, 0, "username", "user to log in as"),
    LOOSE(LIST_ID, STRINGS, 0, "id", "only these"),
    LOOSE(LIST_NAME, STRING, 0, "name", "only those whose name is like this pattern"),
    LOOSE(LIST_TAG, PAIRS, 0, "tag", "only those that bear this tag"),
    LOOSE(LIST_STATE, STRING, 0, "state", "only those in this state"),
    LOOSE(LIST_LOCATION, STRING, 0, "location", "only those in this location"),
    LOOSE(LIST_OWNER, STRING, 0, "owner", "only those of this owner"),
    LOOSE(USER_DATA, STRING, 0, "user_data", "what the node reads at its first start"),
    LOOSE(USER_DATA_BASE64, STRING, 0, "user_data_base64", "the same, in base64"),
    LOOSE(WAIT, BOOLEAN, 0, "wait", "done when the state is reached"),
    LOOSE(WAIT_SECONDS, INTEGER, 0, "wait_seconds", "how long to wait"),
    LOOSE(TOKEN, STRING, 0, "token", "idempotency token"),
    LOOSE(FORCE, BOOLEAN, 0, "force", "even if something is lost"),
    LOOSE(REASSOCIATE, BOOLEAN, 0, "reassociate", "even if it has another node"),
    LOOSE(OBJECT_KEYS, STRINGS, RAW, "keys", "keys of the objects"),
    LOOSE(IF_MATCH, STRING, RAW, "if_match", "only if its entity tag is this"),
    LOOSE(IF_NONE_MATCH, STRING, RAW, "if_none_match", "only if its entity tag is not this"),
    LOOSE(CHECKSUM, STRING, 0, "checksum_algorithm", "checksum to take of the bytes"),
    LOOSE(UPLOAD_LISTED, PAIRS, RAW, "part", "number and entity tag of a part"),
    LOOSE(COPY_VERSION, STRING, 0, "from_version", "version to copy from"),
    LOOSE(COPY_IF_MATCH, STRING, RAW, "from_if_match",
          "only if what is copied has this entity tag"),
    LOOSE(UPLOAD_CHECKSUMS, PAIRS, 0, "part_checksum", "number and checksum of a part"),
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
    LOOSE(SESSION_KEY_ID, STRING, 0, "key_id", "id of the session's key"),
    LOOSE(SESSION_SECRET, STRING, SECRET, "secret", "the session's key"),
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
    .disk_bytes = NEPH_UNKNOWN, .price_nano = NEPH_UNKNOWN, .price_age_days = NEPH_UNKNOWN,
};
static const neph_location unknown_location = {HEAD(neph_location, LOCATION)};
static const neph_key unknown_key = {HEAD(neph_key, KEY)};
static const neph_volume unknown_volume = {
    HEAD(neph_volume, VOLUME),    .size_bytes = NEPH_UNKNOWN, .iops = NEPH_UNKNOWN,
    .is_encrypted = NEPH_UNKNOWN, .created_ns = NEPH_UNKNOWN,
};
static const neph_snapshot unknown_snapshot = {
    HEAD(neph_snapshot, SNAPSHOT),
    .size_bytes = NEPH_UNKNOWN,
    .progress_percent = NEPH_UNKNOWN,
    .created_ns = NEPH_UNKNOWN,
};
static const neph_address unknown_address = {HEAD(neph_address, ADDRESS)};
static const neph_firewall unknown_firewall = {HEAD(neph_firewall, FIREWALL)};
static const neph_firewall_rule unknown_firewall_rule = {
    HEAD(neph_firewall_rule, FIREWALL_RULE),
    .port_from = NEPH_UNKNOWN,
    .port_to = NEPH_UNKNOWN,
};
static const neph_network unknown_network = {
    HEAD(neph_network, NETWORK),
    .is_default = NEPH_UNKNOWN,
};
static const neph_subnet unknown_subnet = {
    HEAD(neph_subnet, SUBNET),
    .free_addresses = NEPH_UNKNOWN,
};
static const neph_bucket unknown_bucket = {
    HEAD(neph_bucket, BUCKET),
    .created_ns = NEPH_UNKNOWN,
};
static const neph_object unknown_object = {
    HEAD(neph_object, OBJECT), .size_bytes = NEPH_UNKNOWN, .modified_ns = NEPH_UNKNOWN,
    .is_latest = NEPH_UNKNOWN, .is_deleted = NEPH_UNKNOWN, .local_modified_ns = NEPH_UNKNOWN,
};
static const neph_upload unknown_upload = {
    HEAD(neph_upload, UPLOAD),
    .created_ns = NEPH_UNKNOWN,
};
static const neph_part unknown_part = {
    HEAD(neph_part, PART),
    .number = NEPH_UNKNOWN,
    .size_bytes = NEPH_UNKNOWN,
    .modified_ns = NEPH_UNKNOWN,
};
static const neph_limits unknown_limits = {
    HEAD(neph_limits, LIMITS),       .object_bytes = NEPH_UNKNOWN,   .put_bytes = NEPH_UNKNOWN,
    .part_bytes_min = NEPH_UNKNOWN,  .part_bytes_max = NEPH_UNKNOWN, .part_count = NEPH_UNKNOWN,
    .has_equal_parts = NEPH_UNKNOWN, .copy_bytes = NEPH_UNKNOWN,     .delete_count = NEPH_UNKNOWN,
};
static const neph_prefix unknown_prefix = {HEAD(neph_prefix, PREFIX)};
static const neph_url unknown_url = {
    HEAD(neph_url, URL),
    .expires_ns = NEPH_UNKNOWN,
};
static const neph_tag unknown_tag = {HEAD(neph_tag, TAG)};
static const neph_console unknown_console = {
    HEAD(neph_console, CONSOLE),
    .updated_ns = NEPH_UNKNOWN,
};
static const neph_row unknown_row = {HEAD(neph_row, ROW)};
static const neph_price unknown_price = {
    HEAD(neph_price, PRICE),
    .price_nano = NEPH_UNKNOWN,
    .as_of_ns = NEPH_UNKNOWN,
    .age_days = NEPH_UNKNOWN,
};
static const nephi_endpoint_result unknown_endpoint = {HEAD(nephi_endpoint_result, ENDPOINT)};

/* Public members in the order of a table's columns. */
static const neph_member_info node_infos[] = {NODE_MEMBERS(PUBLIC)};
static const neph_member_info image_infos[] = {IMAGE_MEMBERS(PUBLIC)};
static const neph_member_info size_infos[] = {SIZE_MEMBERS(PUBLIC)};
static const neph_member_info location_infos[] = {LOCATION_MEMBERS(PUBLIC)};
static const neph_member_info key_infos[] = {KEY_MEMBERS(PUBLIC)};
static const neph_member_info volume_infos[] = {VOLUME_MEMBERS(PUBLIC)};
static const neph_member_info snapshot_infos[] = {SNAPSHOT_MEMBERS(PUBLIC)};
static const neph_member_info address_infos[] = {ADDRESS_MEMBERS(PUBLIC)};
static const neph_member_info firewall_infos[] = {FIREWALL_MEMBERS(PUBLIC)};
static const neph_member_info firewall_rule_infos[] = {FIREWALL_RULE_MEMBERS(PUBLIC)};
static const neph_member_info network_infos[] = {NETWORK_MEMBERS(PUBLIC)};
static const neph_member_info subnet_infos[] = {SUBNET_MEMBERS(PUBLIC)};
static const neph_member_info bucket_infos[] = {BUCKET_MEMBERS(PUBLIC)};
static const neph_member_info object_infos[] = {OBJECT_MEMBERS(PUBLIC)};
static const neph_member_info prefix_infos[] = {PREFIX_MEMBERS(PUBLIC)};
static const neph_member_info url_infos[] = {URL_MEMBERS(PUBLIC)};
static const neph_member_info upload_infos[] = {UPLOAD_MEMBERS(PUBLIC)};
static const neph_member_info part_infos[] = {PART_MEMBERS(PUBLIC)};
static const neph_member_info limits_infos[] = {LIMITS_MEMBERS(PUBLIC)};
static const neph_member_info tag_infos[] = {TAG_MEMBERS(PUBLIC)};
static const neph_member_info console_infos[] = {CONSOLE_MEMBERS(PUBLIC)};
static const neph_member_info price_infos[] = {PRICE_MEMBERS(PUBLIC)};

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
    KIND(KEY, key),
    KIND(VOLUME, volume),
    KIND(SNAPSHOT, snapshot),
    KIND(ADDRESS, address),
    KIND(FIREWALL, firewall),
    KIND(FIREWALL_RULE, firewall_rule),
    KIND(NETWORK, network),
    KIND(SUBNET, subnet),
    KIND(BUCKET, bucket),
    KIND(OBJECT, object),
    KIND(PREFIX, prefix),
    KIND(URL, url),
    KIND(UPLOAD, upload),
    KIND(PART, part),
    KIND(TAG, tag),
    KIND(CONSOLE, console),
    KIND(LIMITS, limits),
    /* its members are an extension's columns: see nephi_record_member() */
    [NEPH_KIND_ROW] = {NULL,
                       0,
                       sizeof unknown_row,
                       &unknown_row,
                       {sizeof(neph_kind_info), NEPH_KIND_ROW, 0, "row", NULL}},
    KIND(PRICE, price),
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

int nephi_member_fits(const nephi_member *member, const char *text, size_t size)
{
    return (member->info.flags & NEPH_INFO_RAW) || nephi_is_utf8(text, size);
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

const nephi_member *nephi_kind_role(uint32_t kind, nephi_role role)
{
    static const struct {
        const char *name;
        uint32_t type;
    } roles[] = {
        [NEPHI_ROLE_ID] = {"id", NEPH_TYPE_STRING},
        [NEPHI_ROLE_NAME] = {"name", NEPH_TYPE_STRING},
        [NEPHI_ROLE_STATE] = {"state", NEPH_TYPE_ENUM},
        [NEPHI_ROLE_LOCATION] = {"location_id", NEPH_TYPE_STRING},
        [NEPHI_ROLE_TAGS] = {"tags", NEPH_TYPE_PAIRS},
        [NEPHI_ROLE_CREATED] = {"created", NEPH_TYPE_TIME},
    };
    const neph_kind_info *info = nephi_kind_info(kind);
    for (uint32_t i = 0; info && i < info->member_count; i++)
        if (info->members[i].type == roles[role].type &&
            strcmp(info->members[i].name, roles[role].name) == 0)
            return nephi_member_find(info->members[i].member);
    return NULL;
}

const char *nephi_enum_name(const nephi_member *member, int64_t number)
{
    const neph_map *row;
    for (row = member->names; row && row->text; row++)
        if (row->number == number)
            return row->text;
    return NULL;
}

int nephi_enum_number(const nephi_member *member, const char *name, int64_t *number)
{
    for (const neph_map *row = member->names; row && row->text; row++)
        if (row->number && strcmp(row->text, name) == 0) {
            *number = row->number;
            return 1;
        }
    return 0;
}
