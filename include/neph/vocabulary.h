/*
 * neph/vocabulary.h - the words that programs and providers share: statuses, operation numbers, result kinds,
 * member numbers, value types and enumerations. No struct layout stands here, so nothing here depends on the
 * word size or the compiler. Included by neph/neph.h and neph/plugin.h; rarely alone.
 *
 * What may change: numbers are never reused or renumbered once the ABI is 1.0; new ones are added at the end of
 * their range. Until then (ABI 0) host and plugin must have been built from the same numbers.
 */
#ifndef NEPH_VOCABULARY_H
#define NEPH_VOCABULARY_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Version of the library this header belongs to. Since 0.1. */
#define NEPH_VERSION_MAJOR 0
#define NEPH_VERSION_MINOR 1
#define NEPH_VERSION_PATCH 0

/* The plugin ABI of this header. Major 0 means: host and plugin must match exactly, minor included. */
#define NEPH_ABI_MAJOR 0
#define NEPH_ABI_MINOR 3

/* Opaque handles. A program and a provider see the same call and the same cloud, through different functions. */
typedef struct neph_host neph_host;
typedef struct neph_cloud neph_cloud;
typedef struct neph_call neph_call;
typedef struct neph_request neph_request;

/*
 * What went wrong, the first axis of an error. Functions return 0 or one of these.
 */
typedef enum neph_status {
    NEPH_OK = 0,
    NEPH_INVALID = -1,    /* the caller's argument or setting is wrong; the message says which */
    NEPH_AUTH = -2,       /* who are you: missing, wrong or expired credentials */
    NEPH_PERMISSION = -3, /* you may not */
    NEPH_NOT_FOUND = -4,  /* no such thing, provider, setting or plugin */
    NEPH_EXISTS = -5,     /* is there already */
    NEPH_CONFLICT = -6, /* state forbids it: bucket not empty, volume in use, precondition failed */
    NEPH_LIMIT = -7,    /* larger or more than neph or the service allows */
    NEPH_THROTTLED = -8,    /* too many requests, even after waiting */
    NEPH_QUOTA = -9,        /* the account's quota is used up */
    NEPH_UNAVAILABLE = -10, /* the service answered that it cannot now */
    NEPH_TIMEOUT = -11,     /* deadline, connect or stall time-out */
    NEPH_NETWORK = -12,     /* name, connection or TLS failed, or the connection was lost */
    NEPH_PROTOCOL = -13,    /* the reply cannot be what the service sends */
    NEPH_INTEGRITY = -14,   /* bytes differ from their checksum, or the object changed meanwhile */
    NEPH_UNSUPPORTED =
        -15,           /* this cloud cannot do this operation or option; known before any request */
    NEPH_PLUGIN = -16, /* a plugin or manifest is missing, broken or refused */
    NEPH_CANCELLED = -17, /* neph_call_cancel() */
    NEPH_NO_MEMORY = -18, /* an allocation failed */
    NEPH_FILE = -19,      /* a local file or descriptor: not readable, not writable, disk full */
    NEPH_BUSY = -20,      /* not from inside a callback, or the handle is in use */
    NEPH_AGAIN =
        -21, /* nothing yet: from body callbacks and from neph_wait_for() when its time is up */
    NEPH_INTERNAL = -22 /* a defect of neph */
} neph_status;

/* The second axis of an error: is it worth asking again? */
typedef enum neph_retry {
    NEPH_RETRY_UNKNOWN = 0,
    NEPH_RETRY_PERMANENT = 1, /* the same call will fail again */
    NEPH_RETRY_TRANSIENT = 2, /* may well succeed at once or soon */
    NEPH_RETRY_PERSISTENT = 3 /* was retried as often as allowed, and failed each time */
} neph_retry;

/* The value of a number or time that the cloud did not report. Never 0, never a guess. */
#define NEPH_UNKNOWN INT64_MIN

/* Decimals (CPUs, prices) are int64 in units of 1e-9. */
#define NEPH_NANO INT64_C(1000000000)

/*
 * Operation numbers: a range of 256 for each noun. The ranges of the whole portable core are reserved here; an
 * operation is listed once a provider proves it. Names are "noun.verb".
 */
typedef enum neph_op {
    NEPH_OP_NONE = 0,

    /* 0x0100 node */
    NEPH_OP_NODE_LIST = 0x0100,
    NEPH_OP_NODE_SHOW = 0x0101,
    NEPH_OP_NODE_CREATE = 0x0102,
    NEPH_OP_NODE_DESTROY = 0x0103,
    NEPH_OP_NODE_REBOOT = 0x0104,
    NEPH_OP_NODE_START = 0x0105,
    NEPH_OP_NODE_STOP = 0x0106,
    NEPH_OP_NODE_RENAME = 0x0107,
    NEPH_OP_NODE_RESIZE = 0x0108,
    NEPH_OP_NODE_CONSOLE = 0x0109,
    /* 0x0200 image */
    NEPH_OP_IMAGE_LIST = 0x0200,
    NEPH_OP_IMAGE_SHOW = 0x0201,
    NEPH_OP_IMAGE_CREATE = 0x0202,
    NEPH_OP_IMAGE_DELETE = 0x0203,
    /* 0x0300 size */
    NEPH_OP_SIZE_LIST = 0x0300,
    /* 0x0400 location */
    NEPH_OP_LOCATION_LIST = 0x0400,
    /* 0x0500 key */
    NEPH_OP_KEY_LIST = 0x0500,
    NEPH_OP_KEY_CREATE = 0x0501,
    NEPH_OP_KEY_IMPORT = 0x0502,
    NEPH_OP_KEY_DELETE = 0x0503,
    /* 0x0600 volume */
    NEPH_OP_VOLUME_LIST = 0x0600,
    NEPH_OP_VOLUME_SHOW = 0x0601,
    NEPH_OP_VOLUME_CREATE = 0x0602,
    NEPH_OP_VOLUME_DELETE = 0x0603,
    NEPH_OP_VOLUME_ATTACH = 0x0604,
    NEPH_OP_VOLUME_DETACH = 0x0605,
    NEPH_OP_VOLUME_RESIZE = 0x0606,
    /* 0x0700 snapshot */
    NEPH_OP_SNAPSHOT_LIST = 0x0700,
    NEPH_OP_SNAPSHOT_SHOW = 0x0701,
    NEPH_OP_SNAPSHOT_CREATE = 0x0702,
    NEPH_OP_SNAPSHOT_DELETE = 0x0703,
    /* 0x0800 address */
    NEPH_OP_ADDRESS_LIST = 0x0800,
    NEPH_OP_ADDRESS_ALLOCATE = 0x0801,
    NEPH_OP_ADDRESS_ASSOCIATE = 0x0802,
    NEPH_OP_ADDRESS_DISASSOCIATE = 0x0803,
    NEPH_OP_ADDRESS_RELEASE = 0x0804,
    /* 0x0900 firewall, 0x0980 its rules */
    NEPH_OP_FIREWALL_LIST = 0x0900,
    NEPH_OP_FIREWALL_CREATE = 0x0901,
    NEPH_OP_FIREWALL_DELETE = 0x0902,
    NEPH_OP_RULE_LIST = 0x0980,
    NEPH_OP_RULE_ADD = 0x0981,
    NEPH_OP_RULE_REMOVE = 0x0982,
    /* 0x0a00 network, 0x0a80 subnet */
    NEPH_OP_NETWORK_LIST = 0x0a00,
    NEPH_OP_SUBNET_LIST = 0x0a80,
    /* 0x0b00 tag */
    NEPH_OP_TAG_LIST = 0x0b00,
    NEPH_OP_TAG_SET = 0x0b01,
    NEPH_OP_TAG_REMOVE = 0x0b02,
    /* 0x0c00 balancer, 0x0d00 listener, 0x0e00 member, 0x0f00 health check: reserved */

    /* 0x1000 bucket */
    NEPH_OP_BUCKET_LIST = 0x1000,
    NEPH_OP_BUCKET_CREATE = 0x1001,
    NEPH_OP_BUCKET_DELETE = 0x1002,
    /* 0x1100 object */
    NEPH_OP_OBJECT_LIST = 0x1100,
    NEPH_OP_OBJECT_HEAD = 0x1101,
    NEPH_OP_OBJECT_GET = 0x1102,
    NEPH_OP_OBJECT_PUT = 0x1103,
    NEPH_OP_OBJECT_COPY = 0x1104,
    NEPH_OP_OBJECT_DELETE = 0x1105,
    NEPH_OP_OBJECT_PRESIGN = 0x1106,
    NEPH_OP_OBJECT_DELETE_MANY = 0x1107,
    NEPH_OP_OBJECT_VERSIONS = 0x1108,
    /* 0x1200 upload: an object sent in parts */
    NEPH_OP_UPLOAD_LIST = 0x1200,
    NEPH_OP_UPLOAD_BEGIN = 0x1201,
    NEPH_OP_UPLOAD_PART = 0x1202,
    NEPH_OP_UPLOAD_COPY = 0x1203,
    NEPH_OP_UPLOAD_PARTS = 0x1204,
    NEPH_OP_UPLOAD_COMPLETE = 0x1205,
    NEPH_OP_UPLOAD_ABORT = 0x1206,
    /* 0x1300 storage: what holds for all objects */
    NEPH_OP_STORAGE_LIMITS = 0x1300,
    /* 0x2000 price: reserved */

    /* 0x3000 session: asked by the host alone, never by a program */
    NEPH_OP_LOGIN = 0x3000,

    /* 0x8000-0xffff: extensions, numbered by their provider */
    NEPH_OP_EXTENSION = 0x8000
} neph_op;

/* Kinds of result. Kind numbers are the upper half of member numbers. */
typedef enum neph_kind {
    NEPH_KIND_NONE = 0,
    NEPH_KIND_NODE = 1,
    NEPH_KIND_IMAGE = 2,
    NEPH_KIND_SIZE = 3,
    NEPH_KIND_LOCATION = 4,
    NEPH_KIND_KEY = 5,
    NEPH_KIND_VOLUME = 6,
    NEPH_KIND_SNAPSHOT = 7,
    NEPH_KIND_ADDRESS = 8,
    NEPH_KIND_FIREWALL = 9,
    NEPH_KIND_FIREWALL_RULE = 10,
    NEPH_KIND_NETWORK = 11,
    NEPH_KIND_SUBNET = 12,
    /* 13 balancer, 14 listener, 15 member: reserved */
    NEPH_KIND_BUCKET = 16,
    NEPH_KIND_OBJECT = 17,
    NEPH_KIND_PREFIX = 18,
    NEPH_KIND_URL = 19,
    NEPH_KIND_UPLOAD = 20,
    NEPH_KIND_PART = 21,
    NEPH_KIND_TAG = 22,
    NEPH_KIND_CONSOLE = 23,
    NEPH_KIND_LIMITS = 24,
    NEPH_KIND_PRICE = 32,    /* of the price data; no operation brings it */
    NEPH_KIND_ROW = 64,      /* what an extension returns: named, typed values */
    NEPH_KIND_ENDPOINT = 65, /* one entry of a login's service catalogue; never reaches a program */
    NEPH_KIND_PARAMETER = 125, /* no result: arguments of an extension */
    NEPH_KIND_OPTION = 126,    /* no result: arguments that are no member of one */
    NEPH_KIND_CALL =
        127 /* no result: targets of reply fields that belong to the call or the session */
} neph_kind;

/* Types of values. */
typedef enum neph_type {
    NEPH_TYPE_NONE = 0,
    NEPH_TYPE_STRING =
        1, /* const char *, NUL-terminated, UTF-8 unless NEPH_INFO_RAW; unknown is NULL */
    NEPH_TYPE_INTEGER = 2, /* int64_t; unknown is NEPH_UNKNOWN */
    NEPH_TYPE_DECIMAL = 3, /* int64_t in units of 1e-9; unknown is NEPH_UNKNOWN */
    NEPH_TYPE_TIME =
        4, /* int64_t, nanoseconds since 1970-01-01T00:00:00Z; unknown is NEPH_UNKNOWN */
    NEPH_TYPE_BOOLEAN = 5, /* int64_t, 0 or 1; unknown is NEPH_UNKNOWN */
    NEPH_TYPE_ENUM = 6,    /* int64_t, a constant of the member's enumeration; 0 is unknown */
    NEPH_TYPE_STRINGS = 7, /* const char *const * and a count */
    NEPH_TYPE_PAIRS = 8,   /* name/value pairs and a count */
    NEPH_TYPE_RESULTS = 9, /* nested results: an array of pointers and a count */
    NEPH_TYPE_SOURCE = 10, /* argument only: where a body comes from */
    NEPH_TYPE_SINK = 11    /* argument only: where a body goes to */
} neph_type;

/* State of a node. */
typedef enum neph_node_state {
    NEPH_NODE_STATE_UNKNOWN = 0,
    NEPH_NODE_PENDING = 1,
    NEPH_NODE_RUNNING = 2,
    NEPH_NODE_REBOOTING = 3,
    NEPH_NODE_STOPPING = 4,
    NEPH_NODE_STOPPED = 5,
    NEPH_NODE_TERMINATED = 6,
    NEPH_NODE_FAILED = 7
} neph_node_state;

/* State of a volume. Attaching and detaching are states of the volume too where a cloud says so. */
typedef enum neph_volume_state {
    NEPH_VOLUME_STATE_UNKNOWN = 0,
    NEPH_VOLUME_CREATING = 1,
    NEPH_VOLUME_AVAILABLE = 2,
    NEPH_VOLUME_ATTACHING = 3,
    NEPH_VOLUME_IN_USE = 4,
    NEPH_VOLUME_DETACHING = 5,
    NEPH_VOLUME_RESIZING = 6,
    NEPH_VOLUME_DELETING = 7,
    NEPH_VOLUME_DELETED = 8,
    NEPH_VOLUME_FAILED = 9
} neph_volume_state;

/* State of what joins a volume to a node. */
typedef enum neph_attachment_state {
    NEPH_ATTACHMENT_STATE_UNKNOWN = 0,
    NEPH_ATTACHMENT_ATTACHING = 1,
    NEPH_ATTACHMENT_ATTACHED = 2,
    NEPH_ATTACHMENT_DETACHING = 3,
    NEPH_ATTACHMENT_DETACHED = 4,
    NEPH_ATTACHMENT_BUSY = 5 /* the node does not let go of it */
} neph_attachment_state;

/* State of a snapshot. */
typedef enum neph_snapshot_state {
    NEPH_SNAPSHOT_STATE_UNKNOWN = 0,
    NEPH_SNAPSHOT_PENDING = 1,
    NEPH_SNAPSHOT_COMPLETED = 2,
    NEPH_SNAPSHOT_DELETING = 3,
    NEPH_SNAPSHOT_FAILED = 4
} neph_snapshot_state;

/* State of an image. */
typedef enum neph_image_state {
    NEPH_IMAGE_STATE_UNKNOWN = 0,
    NEPH_IMAGE_PENDING = 1,
    NEPH_IMAGE_AVAILABLE = 2,
    NEPH_IMAGE_DELETED = 3,
    NEPH_IMAGE_FAILED = 4
} neph_image_state;

/* Which way traffic goes, seen from the node behind the firewall. */
typedef enum neph_direction {
    NEPH_DIRECTION_UNKNOWN = 0,
    NEPH_DIRECTION_INGRESS = 1,
    NEPH_DIRECTION_EGRESS = 2
} neph_direction;

#define NEPH_MEMBER(kind, index) ((kind)*0x10000 + (index))

/*
 * Member numbers: the one name by which program, host and provider mean the same member of a result or the same
 * argument. The model (neph_kind_info()) tells each member's type, unit and JSON name.
 */
typedef enum neph_member {
    /* any result */
    NEPH_EXTRA = NEPH_MEMBER(0, 1), /* a name/value pair that the kind has no member for */
    NEPH_RESULT_ERROR_CODE = NEPH_MEMBER(0, 2),    /* this result is a failure: the cloud's code */
    NEPH_RESULT_ERROR_MESSAGE = NEPH_MEMBER(0, 3), /* and its words */

    NEPH_NODE_ID = NEPH_MEMBER(1, 1),
    NEPH_NODE_NAME = NEPH_MEMBER(1, 2),
    NEPH_NODE_STATE = NEPH_MEMBER(1, 3),
    NEPH_NODE_PUBLIC_IPS = NEPH_MEMBER(1, 4),
    NEPH_NODE_PRIVATE_IPS = NEPH_MEMBER(1, 5),
    NEPH_NODE_SIZE = NEPH_MEMBER(1, 6),     /* id of the size */
    NEPH_NODE_IMAGE = NEPH_MEMBER(1, 7),    /* id or name of the image, as the cloud says it */
    NEPH_NODE_LOCATION = NEPH_MEMBER(1, 8), /* id of the location */
    NEPH_NODE_CPUS = NEPH_MEMBER(1, 9),
    NEPH_NODE_RAM_BYTES = NEPH_MEMBER(1, 10),
    NEPH_NODE_DISK_BYTES = NEPH_MEMBER(1, 11),
    NEPH_NODE_CREATED = NEPH_MEMBER(1, 12),
    NEPH_NODE_PASSWORD = NEPH_MEMBER(1, 13), /* secret; in a result only right after create */
    NEPH_NODE_TAGS = NEPH_MEMBER(1, 14),
    NEPH_NODE_KEY = NEPH_MEMBER(1, 15),       /* name of the key that opens it */
    NEPH_NODE_FIREWALLS = NEPH_MEMBER(1, 16), /* ids */
    NEPH_NODE_NETWORK = NEPH_MEMBER(1, 17),   /* id of the network */
    NEPH_NODE_SUBNET = NEPH_MEMBER(1, 18),    /* id of the subnet */

    NEPH_IMAGE_ID = NEPH_MEMBER(2, 1),
    NEPH_IMAGE_NAME = NEPH_MEMBER(2, 2),
    NEPH_IMAGE_PUBLIC = NEPH_MEMBER(2, 3),
    NEPH_IMAGE_CREATED = NEPH_MEMBER(2, 4),
    NEPH_IMAGE_STATE = NEPH_MEMBER(2, 5),
    NEPH_IMAGE_DESCRIPTION = NEPH_MEMBER(2, 6),
    NEPH_IMAGE_ARCHITECTURE = NEPH_MEMBER(2, 7),
    NEPH_IMAGE_OWNER = NEPH_MEMBER(2, 8),
    NEPH_IMAGE_TAGS = NEPH_MEMBER(2, 9),

    NEPH_SIZE_ID = NEPH_MEMBER(3, 1),
    NEPH_SIZE_NAME = NEPH_MEMBER(3, 2),
    NEPH_SIZE_CPUS = NEPH_MEMBER(3, 3),
    NEPH_SIZE_RAM_BYTES = NEPH_MEMBER(3, 4),
    NEPH_SIZE_DISK_BYTES = NEPH_MEMBER(3, 5),
    NEPH_SIZE_PRICE = NEPH_MEMBER(3, 6),    /* for an hour */
    NEPH_SIZE_CURRENCY = NEPH_MEMBER(3, 7), /* ISO 4217 */
    NEPH_SIZE_PRICE_AGE =
        NEPH_MEMBER(3, 8), /* days; of a price from the price data, set by the host */
    NEPH_SIZE_ARCHITECTURES =
        NEPH_MEMBER(3, 9), /* of the images it runs, in the words of NEPH_IMAGE_ARCHITECTURE */

    NEPH_LOCATION_ID = NEPH_MEMBER(4, 1),
    NEPH_LOCATION_NAME = NEPH_MEMBER(4, 2),
    NEPH_LOCATION_COUNTRY = NEPH_MEMBER(4, 3), /* ISO 3166-1, two letters */

    NEPH_KEY_NAME = NEPH_MEMBER(5, 1),
    NEPH_KEY_ID = NEPH_MEMBER(5, 2),
    NEPH_KEY_FINGERPRINT = NEPH_MEMBER(5, 3),
    NEPH_KEY_PUBLIC_KEY = NEPH_MEMBER(5, 4),
    NEPH_KEY_PRIVATE_KEY = NEPH_MEMBER(5, 5), /* secret; in a result only right after create */

    NEPH_VOLUME_ID = NEPH_MEMBER(6, 1),
    NEPH_VOLUME_NAME = NEPH_MEMBER(6, 2),
    NEPH_VOLUME_STATE = NEPH_MEMBER(6, 3),
    NEPH_VOLUME_SIZE_BYTES = NEPH_MEMBER(6, 4),
    NEPH_VOLUME_NODE = NEPH_MEMBER(6, 5), /* id of the node it is attached to */
    NEPH_VOLUME_DEVICE = NEPH_MEMBER(6, 6),
    NEPH_VOLUME_ATTACHMENT_STATE = NEPH_MEMBER(6, 7),
    NEPH_VOLUME_LOCATION = NEPH_MEMBER(6, 8),
    NEPH_VOLUME_TYPE = NEPH_MEMBER(6, 9),
    NEPH_VOLUME_IOPS = NEPH_MEMBER(6, 10),
    NEPH_VOLUME_ENCRYPTED = NEPH_MEMBER(6, 11),
    NEPH_VOLUME_SNAPSHOT = NEPH_MEMBER(6, 12), /* id of the snapshot it was made from */
    NEPH_VOLUME_CREATED = NEPH_MEMBER(6, 13),
    NEPH_VOLUME_TAGS = NEPH_MEMBER(6, 14),

    NEPH_SNAPSHOT_ID = NEPH_MEMBER(7, 1),
    NEPH_SNAPSHOT_NAME = NEPH_MEMBER(7, 2),
    NEPH_SNAPSHOT_STATE = NEPH_MEMBER(7, 3),
    NEPH_SNAPSHOT_VOLUME = NEPH_MEMBER(7, 4),
    NEPH_SNAPSHOT_SIZE_BYTES = NEPH_MEMBER(7, 5), /* of the volume */
    NEPH_SNAPSHOT_PROGRESS = NEPH_MEMBER(7, 6),   /* percent */
    NEPH_SNAPSHOT_DESCRIPTION = NEPH_MEMBER(7, 7),
    NEPH_SNAPSHOT_CREATED = NEPH_MEMBER(7, 8),
    NEPH_SNAPSHOT_TAGS = NEPH_MEMBER(7, 9),

    NEPH_ADDRESS_ID = NEPH_MEMBER(8, 1),
    NEPH_ADDRESS_IP = NEPH_MEMBER(8, 2),
    NEPH_ADDRESS_NAME = NEPH_MEMBER(8, 3),
    NEPH_ADDRESS_NODE = NEPH_MEMBER(8, 4), /* id of the node it leads to */
    NEPH_ADDRESS_PRIVATE_IP = NEPH_MEMBER(8, 5),
    NEPH_ADDRESS_ASSOCIATION = NEPH_MEMBER(8, 6), /* id of what joins it to the node */
    NEPH_ADDRESS_TAGS = NEPH_MEMBER(8, 7),

    NEPH_FIREWALL_ID = NEPH_MEMBER(9, 1),
    NEPH_FIREWALL_NAME = NEPH_MEMBER(9, 2),
    NEPH_FIREWALL_DESCRIPTION = NEPH_MEMBER(9, 3),
    NEPH_FIREWALL_NETWORK = NEPH_MEMBER(9, 4),
    NEPH_FIREWALL_TAGS = NEPH_MEMBER(9, 5),

    NEPH_FIREWALL_RULE_ID = NEPH_MEMBER(10, 1),
    NEPH_FIREWALL_RULE_DIRECTION = NEPH_MEMBER(10, 2),
    NEPH_FIREWALL_RULE_PROTOCOL = NEPH_MEMBER(10, 3),  /* "tcp", "udp", "icmp", a number, "any" */
    NEPH_FIREWALL_RULE_PORT_FROM = NEPH_MEMBER(10, 4), /* ICMP: type; -1: all */
    NEPH_FIREWALL_RULE_PORT_TO = NEPH_MEMBER(10, 5),   /* ICMP: code; -1: all */
    NEPH_FIREWALL_RULE_CIDR = NEPH_MEMBER(10, 6),      /* the other end, IPv4 or IPv6 */
    NEPH_FIREWALL_RULE_PEER = NEPH_MEMBER(10, 7), /* the other end: nodes behind this firewall */
    NEPH_FIREWALL_RULE_DESCRIPTION = NEPH_MEMBER(10, 8),
    NEPH_FIREWALL_RULE_FIREWALL = NEPH_MEMBER(10, 9),

    NEPH_NETWORK_ID = NEPH_MEMBER(11, 1),
    NEPH_NETWORK_NAME = NEPH_MEMBER(11, 2),
    NEPH_NETWORK_CIDRS = NEPH_MEMBER(11, 3),
    NEPH_NETWORK_DEFAULT = NEPH_MEMBER(11, 4),
    NEPH_NETWORK_TAGS = NEPH_MEMBER(11, 5),

    NEPH_SUBNET_ID = NEPH_MEMBER(12, 1),
    NEPH_SUBNET_NAME = NEPH_MEMBER(12, 2),
    NEPH_SUBNET_CIDR = NEPH_MEMBER(12, 3),
    NEPH_SUBNET_NETWORK = NEPH_MEMBER(12, 4),
    NEPH_SUBNET_LOCATION = NEPH_MEMBER(12, 5),
    NEPH_SUBNET_FREE_ADDRESSES = NEPH_MEMBER(12, 6),
    NEPH_SUBNET_TAGS = NEPH_MEMBER(12, 7),

    NEPH_BUCKET_NAME = NEPH_MEMBER(16, 1),
    NEPH_BUCKET_CREATED = NEPH_MEMBER(16, 2),
    NEPH_BUCKET_REGION = NEPH_MEMBER(16, 3),

    NEPH_OBJECT_KEY = NEPH_MEMBER(17, 1),
    NEPH_OBJECT_SIZE_BYTES = NEPH_MEMBER(17, 2),
    NEPH_OBJECT_MODIFIED = NEPH_MEMBER(17, 3),
    NEPH_OBJECT_ETAG = NEPH_MEMBER(17, 4), /* without its quotes */
    NEPH_OBJECT_CLASS = NEPH_MEMBER(17, 5),
    NEPH_OBJECT_CONTENT_TYPE = NEPH_MEMBER(17, 6),
    NEPH_OBJECT_METADATA = NEPH_MEMBER(17, 7),
    NEPH_OBJECT_VERSION = NEPH_MEMBER(17, 8),
    NEPH_OBJECT_BUCKET = NEPH_MEMBER(17, 9),
    NEPH_OBJECT_CHECKSUM = NEPH_MEMBER(
        17, 10), /* what the cloud says of the whole object: "ALGORITHM:HEX", lower case */
    NEPH_OBJECT_BODY_CHECKSUM = NEPH_MEMBER(
        17, 11), /* of the bytes that the call moved; set by the host, see NEPH_CHECKSUM */
    NEPH_OBJECT_LATEST = NEPH_MEMBER(17, 12), /* of versions: it is what a plain get brings */
    NEPH_OBJECT_DELETED =
        NEPH_MEMBER(17, 13), /* of versions: it only says that the object was deleted */
    NEPH_OBJECT_LOCAL_MODIFIED = NEPH_MEMBER(
        17,
        14), /* when the file that it was made from was written last, where its writer said so */

    NEPH_PREFIX_NAME = NEPH_MEMBER(18, 1),

    NEPH_URL_URL = NEPH_MEMBER(19, 1),
    NEPH_URL_METHOD = NEPH_MEMBER(19, 2),
    NEPH_URL_EXPIRES = NEPH_MEMBER(19, 3),

    NEPH_UPLOAD_ID = NEPH_MEMBER(20, 1),
    NEPH_UPLOAD_KEY = NEPH_MEMBER(20, 2), /* of the object that it will be */
    NEPH_UPLOAD_CREATED = NEPH_MEMBER(20, 3),

    NEPH_PART_NUMBER = NEPH_MEMBER(21, 1), /* from 1, in the order of the object's bytes */
    NEPH_PART_SIZE_BYTES = NEPH_MEMBER(21, 2),
    NEPH_PART_ETAG = NEPH_MEMBER(21, 3),     /* what upload complete wants to hear again */
    NEPH_PART_CHECKSUM = NEPH_MEMBER(21, 4), /* as NEPH_OBJECT_CHECKSUM */
    NEPH_PART_BODY_CHECKSUM = NEPH_MEMBER(21, 5),
    NEPH_PART_MODIFIED = NEPH_MEMBER(21, 6),

    NEPH_TAG_NAME = NEPH_MEMBER(22, 1),
    NEPH_TAG_VALUE = NEPH_MEMBER(22, 2),
    NEPH_TAG_RESOURCE = NEPH_MEMBER(22, 3), /* id of what bears it */

    NEPH_CONSOLE_NODE = NEPH_MEMBER(23, 1),
    NEPH_CONSOLE_OUTPUT = NEPH_MEMBER(23, 2), /* what it wrote last */
    NEPH_CONSOLE_URL = NEPH_MEMBER(23, 3),    /* secret: where a browser reaches it */
    NEPH_CONSOLE_UPDATED = NEPH_MEMBER(23, 4),

    /* unknown: there is no such limit */
    NEPH_LIMITS_OBJECT_BYTES = NEPH_MEMBER(24, 1),   /* of an object, however it is sent */
    NEPH_LIMITS_PUT_BYTES = NEPH_MEMBER(24, 2),      /* of object put */
    NEPH_LIMITS_PART_BYTES_MIN = NEPH_MEMBER(24, 3), /* of every part but the last */
    NEPH_LIMITS_PART_BYTES_MAX = NEPH_MEMBER(24, 4),
    NEPH_LIMITS_PART_COUNT = NEPH_MEMBER(24, 5),
    NEPH_LIMITS_EQUAL_PARTS = NEPH_MEMBER(24, 6),  /* all parts but the last must be alike */
    NEPH_LIMITS_COPY_BYTES = NEPH_MEMBER(24, 7),   /* of object copy; above: upload copy */
    NEPH_LIMITS_DELETE_COUNT = NEPH_MEMBER(24, 8), /* keys of object delete-many */
    NEPH_LIMITS_CHECKSUM = NEPH_MEMBER(
        24, 9), /* the algorithm that the cloud checks what it receives by; unknown: none */

    NEPH_PRICE_PROVIDER = NEPH_MEMBER(32, 1),
    NEPH_PRICE_SERVICE = NEPH_MEMBER(32, 2), /* compute, volumes, storage, addresses, balancers */
    NEPH_PRICE_REGION = NEPH_MEMBER(32, 3),  /* unknown: the same everywhere */
    NEPH_PRICE_ITEM = NEPH_MEMBER(32, 4),    /* id of the size, type of the volume ... */
    NEPH_PRICE_PRICE = NEPH_MEMBER(32, 5),
    NEPH_PRICE_CURRENCY = NEPH_MEMBER(32, 6), /* ISO 4217 */
    NEPH_PRICE_UNIT = NEPH_MEMBER(32, 7),     /* hour, month, GB-month, request */
    NEPH_PRICE_AS_OF = NEPH_MEMBER(32, 8),    /* when it was known to be so */
    NEPH_PRICE_AGE = NEPH_MEMBER(32, 9),      /* days since then */
    NEPH_PRICE_SOURCE = NEPH_MEMBER(32, 10),  /* who said so */

    /* 48 columns of an extension's rows: NEPH_ROW_VALUE + 0 is the first one */
    NEPH_ROW_VALUE = NEPH_MEMBER(64, 1),

    NEPH_ENDPOINT_SERVICE =
        NEPH_MEMBER(65, 1), /* the name by which actions choose it, e.g. "object-store" */
    NEPH_ENDPOINT_URL = NEPH_MEMBER(65, 2),
    NEPH_ENDPOINT_REGION = NEPH_MEMBER(65, 3),
    NEPH_ENDPOINT_INTERFACE = NEPH_MEMBER(65, 4),

    /* 48 parameters of an extension: NEPH_PARAMETER + 0 is the first one */
    NEPH_PARAMETER = NEPH_MEMBER(125, 1),

    /* arguments that are no member of a result */
    NEPH_LIST_LIMIT = NEPH_MEMBER(126, 1), /* at most so many results; 0 or unknown: all */
    NEPH_LIST_PREFIX = NEPH_MEMBER(126, 2),
    NEPH_LIST_DELIMITER = NEPH_MEMBER(126, 3),
    NEPH_LIST_START_AFTER = NEPH_MEMBER(126, 4),
    NEPH_BODY_SOURCE = NEPH_MEMBER(126, 5),
    NEPH_BODY_SINK = NEPH_MEMBER(126, 6),
    NEPH_RANGE_OFFSET =
        NEPH_MEMBER(126, 7), /* first byte; negative: that many bytes from the end */
    NEPH_RANGE_LENGTH = NEPH_MEMBER(126, 8),
    NEPH_COPY_BUCKET = NEPH_MEMBER(126, 9), /* where a copy comes from */
    NEPH_COPY_KEY = NEPH_MEMBER(126, 10),
    NEPH_PRESIGN_METHOD = NEPH_MEMBER(126, 11), /* GET, PUT or DELETE */
    NEPH_PRESIGN_SECONDS = NEPH_MEMBER(126, 12),
    NEPH_LOGIN_KEY = NEPH_MEMBER(126, 13), /* an SSH public key, the text itself */
    NEPH_LOGIN_NAME = NEPH_MEMBER(126, 14),
    /* Filters of every list whose kind has such a member. The host applies them to what the provider returned; a
     * provider that takes one may ask for less to begin with. */
    NEPH_LIST_ID = NEPH_MEMBER(126, 15),          /* STRINGS: any of these */
    NEPH_LIST_NAME = NEPH_MEMBER(126, 16),        /* a pattern with * and ? */
    NEPH_LIST_TAG = NEPH_MEMBER(126, 17),         /* PAIRS: all of these; value "*": any */
    NEPH_LIST_STATE = NEPH_MEMBER(126, 18),       /* the name of a state, "running" */
    NEPH_LIST_LOCATION = NEPH_MEMBER(126, 19),    /* id of a location */
    NEPH_LIST_OWNER = NEPH_MEMBER(126, 20),       /* images: "self", an account, an alias */
    NEPH_USER_DATA = NEPH_MEMBER(126, 21),        /* what the node reads at its first start, raw */
    NEPH_USER_DATA_BASE64 = NEPH_MEMBER(126, 22), /* the same, for bytes that are no text */
    NEPH_WAIT = NEPH_MEMBER(126, 23),             /* done when the state is reached */
    NEPH_WAIT_SECONDS = NEPH_MEMBER(126, 24),     /* at most; 600 if it is not given */
    NEPH_TOKEN = NEPH_MEMBER(126, 25),            /* idempotency token of the program's own */
    NEPH_FORCE = NEPH_MEMBER(126, 26),
    NEPH_REASSOCIATE = NEPH_MEMBER(126, 27), /* an address may be taken from another node */
    NEPH_OBJECT_KEYS = NEPH_MEMBER(126, 28), /* STRINGS: keys of object delete-many */
    /* Only if the object's entity tag is this, without quotes ("*": if there is one); else NEPH_CONFLICT. */
    NEPH_IF_MATCH = NEPH_MEMBER(126, 29),
    /* Only if it is not this ("*": if there is none); else NEPH_CONFLICT. */
    NEPH_IF_NONE_MATCH = NEPH_MEMBER(126, 30),
    /* A checksum's name: "md5", "sha1", "sha256", "sha512", "crc32", "crc32c", "crc64nvme". The host takes it of the body on
     * its way and sets …_BODY_CHECKSUM; where the result's …_CHECKSUM has the same algorithm and another value, the call
     * fails with NEPH_INTEGRITY. A provider that takes it sends it along, so that the cloud checks it too. */
    NEPH_CHECKSUM = NEPH_MEMBER(126, 31),
    NEPH_UPLOAD_LISTED =
        NEPH_MEMBER(126, 32), /* PAIRS: number and entity tag of each part, ascending */
    NEPH_COPY_VERSION = NEPH_MEMBER(126, 33), /* of the object to copy from */
    NEPH_COPY_IF_MATCH =
        NEPH_MEMBER(126, 34), /* only if the object to copy from has this entity tag */
    /* PAIRS: number and "ALGORITHM:HEX" of each part whose checksum is known, ascending: some clouds want to hear them once
     * more when an upload is completed that began with NEPH_CHECKSUM. */
    NEPH_UPLOAD_CHECKSUMS = NEPH_MEMBER(126, 35),

    /* targets of reply fields that belong to the call or the session, not to a result */
    NEPH_PAGE_TOKEN = NEPH_MEMBER(127, 1), /* present and not empty: there is a next page */
    NEPH_PAGE_MORE =
        NEPH_MEMBER(127, 2), /* "false" or "0": there is none, whatever the token says */
    NEPH_PAGE_URL = NEPH_MEMBER(127, 3), /* the next page, as a URL (absolute or relative) */
    NEPH_ERROR_CODE = NEPH_MEMBER(127, 4),
    NEPH_ERROR_MESSAGE = NEPH_MEMBER(127, 5),
    NEPH_ERROR_REQUEST_ID = NEPH_MEMBER(127, 6),
    NEPH_SESSION_TOKEN = NEPH_MEMBER(127, 7),   /* secret */
    NEPH_SESSION_EXPIRES = NEPH_MEMBER(127, 8), /* a time, or a number of seconds from now on */
    NEPH_SESSION_KEY_ID = NEPH_MEMBER(127, 9),  /* of a key that was lent to the machine */
    NEPH_SESSION_SECRET = NEPH_MEMBER(127, 10), /* secret: that key */
    NEPH_SCRATCH =
        NEPH_MEMBER(127, 64) /* 32 captures of the call: NEPH_SCRATCH + 0 ... NEPH_SCRATCH + 31 */
} neph_member;

#define NEPH_SCRATCH_COUNT 32
#define NEPH_ROW_VALUE_COUNT 48
#define NEPH_PARAMETER_COUNT 48

#ifdef __cplusplus
}
#endif

#endif /* NEPH_VOCABULARY_H */
