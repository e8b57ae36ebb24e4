/*
 * neph/plugin.h - the provider ABI. Included by authors of providers, and by nobody else. A provider needs this
 * header and no library: not libneph, not libcurl.
 *
 * A provider does no input or output. For each operation it writes an *ask* (fill in an HTTP request) and a *reply*
 * (a static table: which element of the answer is which member of which result). The host does the rest. A provider
 * that speaks to no server (a directory, a simulation) has *perform* in place of both.
 *
 * Shape: one const neph_plugin, made by NEPH_PLUGIN(), lists providers; a provider lists settings and actions and has
 * a few hooks; an action belongs to one operation and lists its replies; a reply has rules; a rule has fields.
 *
 * Rules of the ABI
 *  1. While NEPH_ABI_MAJOR is 0, host and plugin must be built from the same major and minor; anything may change.
 *  2. From 1.0 on: numbers are never reused; structs and the services table only grow at the end; a struct begins with
 *     its size, an array carries its element size, none ends in padding (reserved members are zero); what the host does
 *     not know is refused or dropped with a log line, never misread. Two majors are supported at a time, minors for ever.
 *  3. Only int32_t, uint32_t, int64_t, pointers, and size_t for lengths in memory cross. Never enum, bool, long, off_t,
 *     time_t, FILE, va_list, bit-fields or structs by value. Times are int64 nanoseconds UTC. Strings are
 *     NUL-terminated, and borrowed: what a service returns lives until the hook that asked for it returns, what a
 *     provider passes is copied before the service returns. Strings are UTF-8, with three exceptions, where any byte
 *     but NUL may stand: arguments and settings are as the program gave them; captures and page tokens from a header or
 *     a decoded field (BASE64, URL, URL_IF) are as the server meant them; and so are members that clouds keep as bytes
 *     (names of buckets, keys, prefixes, entity tags, media types, metadata, NEPH_EXTRA). For every other member of a
 *     result the host refuses what is no UTF-8: from a reply as NEPH_PROTOCOL, from a provider as NEPH_INVALID.
 *  4. A plugin has no constructor, no atexit, no writable data (two hosts in two threads share it) and exports one symbol.
 *     Everything a hook needs to keep is in neph_cloud_memory(), neph_call_memory() or the scratch of the call.
 *  5. Hooks return 0 or a negative neph_status made by neph_fail(); they never block, wait, or touch a descriptor,
 *     perform and finish excepted, which do one bounded slice of local work at a time.
 *  6. Every hook of one host runs on that host's thread; hooks of two hosts may run at once.
 *
 * History
 *  2026-11-24  0.1  first version: settings, actions, replies, pages, login, sign, fault, then, each, perform, framing.
 *  2026-11-25  0.2  compute: idempotency tokens (NEPH_ONCE, neph_call_token()), what a lost reply left is looked for (find);
 *                   NEPH_REPLY_TEXT; keys lent by a metadata service (NEPH_FROM_METADATA, NEPH_SESSION_KEY_ID).
 *                   Rule 3 says which strings are UTF-8; a member that is not one of the exceptions must be.
 *                   Extensions: operations of one provider alone, with typed parameters and columns (neph_extension).
 *                   neph_again() in perform says when the next slice is.
 *                   Prices: kind 32 and the age of a size's price, which the host alone sets.
 *                   Pairs that are named by a sibling ("tagSet/item[key]/value"), NEPH_FIELD_PERCENT, a number for every
 *                   other text (last row of neph_map).
 *                   NEPH_SIZE_ARCHITECTURES: which images a size runs.
 *  2026-11-25  0.3  objects in parts (upload), delete-many, versions, storage limits; conditions; checksums (NEPH_CHECKSUM,
 *                   NEPH_OBJECT_CHECKSUM, NEPH_DIGEST_CRC…, neph_body_checksum(), neph_checksum_combine()). Secrets inside
 *                   secrets (neph_secret()).
 *  2026-11-26       Delete-many by the host (NEPH_EACH). What a URL is signed with may be asked for first (NEPH_PRESIGN).
 *                   `each` runs before the first byte of a body that goes to a sink.
 */
#ifndef NEPH_PLUGIN_H
#define NEPH_PLUGIN_H

#include <neph/framing.h>
#include <neph/vocabulary.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One result while a provider may still change it. */
typedef struct neph_record neph_record;

/* A count of the elements of a static array. */
#define NEPH_COUNT(array) ((uint32_t)(sizeof(array) / sizeof(*(array))))

/* ---- settings: what a provider can be told --------------------------------------------------------------------- */

/* Where the host looks for a value that the program did not give. The first source that has one wins. A provider
 * names a source, never a file or a command: the program decides which sources may be used at all. */
enum {
    NEPH_FROM_ENVIRONMENT = 1, /* key: the variable's name */
    NEPH_FROM_AWS_PROFILE =
        2, /* key: a key of the AWS credentials and config files, of the profile that the
                                * setting named "profile" says; credential_process included */
    NEPH_FROM_CLOUDS_YAML =
        3, /* key: that of OpenStack's clouds.yaml and secure.yaml, "auth.username", in the entry
                                * that the setting named "cloud" names; nothing if that has no value. Since 0.3 */
    NEPH_FROM_METADATA =
        4 /* nothing is read: the provider's login fetches it from the machine's metadata service. key:
                                * what the machine's maker calls itself where there is one; everywhere if the
                                * setting named "metadata_endpoint" has a value */
};

typedef struct neph_origin {
    uint32_t from;
    uint32_t reserved;
    const char *key;
} neph_origin;

enum {
    NEPH_SETTING_SECRET = 1,   /* never shown, logged or traced; wiped */
    NEPH_SETTING_REQUIRED = 2, /* neph_cloud_open() fails without it */
    NEPH_SETTING_ENDPOINT = 4, /* a URL; its origin joins the cloud's endpoint set */
    NEPH_SETTING_GROUP =
        8 /* taken together with the others so marked: all from one source or none, so that a key
                                * from the environment never meets a secret from a file */
};

typedef struct neph_setting {
    const char *name;
    const char *summary;  /* one line for --help and the manifest */
    const char *fallback; /* the default, as text; NULL: none */
    const char *choices;  /* "auto|path|virtual": the only values allowed; NULL: any */
    const neph_origin *origins;
    uint32_t origin_count;
    uint32_t origin_size; /* sizeof(neph_origin) */
    uint32_t type;        /* STRING, INTEGER or BOOLEAN */
    uint32_t flags;
} neph_setting;

#define NEPH_ORIGINS(array)                                                                        \
    .origins = (array), .origin_count = NEPH_COUNT(array), .origin_size = sizeof(neph_origin)

/* ---- replies: how an answer is read ---------------------------------------------------------------------------- */

/* A text and the number it stands for. The last row has no text and stands for every other one: its number is 0
 * (…_UNKNOWN), or what holds wherever the field is there at all. */
typedef struct neph_map {
    const char *text;
    int64_t number;
} neph_map;

enum {
    NEPH_FIELD_SECRET = 1,    /* scrubbed from traces and recordings, wiped with its owner */
    NEPH_FIELD_UNQUOTE = 2,   /* an ETag: surrounding quotes (and W/) removed */
    NEPH_FIELD_BASE64 = 4,    /* decoded */
    NEPH_FIELD_URL = 8,       /* percent-decoded */
    NEPH_FIELD_URL_IF = 16,   /* form-decoded ("+" too) if the call's NEPH_SCRATCH+31 is "url" */
    NEPH_FIELD_REQUIRED = 32, /* absent: a protocol error, not an unknown */
    NEPH_FIELD_PREFIX =
        64, /* headers: path is "header:x-amz-meta-*", each match that no other field names is one pair of a
             * PAIRS member, its name in lower case */
    NEPH_FIELD_EPOCH = 128,    /* a number of seconds (decimals allowed) since 1970 */
    NEPH_FIELD_EPOCH_MS = 256, /* a number of milliseconds since 1970 */
    NEPH_FIELD_PERCENT = 512,  /* a number with a % behind it, or without */
    NEPH_FIELD_ALL = ((512 << 1) - 1)
};

/*
 * One member of a result, and where it stands, relative to the rule's path:
 *   "instanceId"  "placement/availabilityZone"     elements or JSON members
 *   "ips[]/address"  "groupSet/item/groupId"        every one, into a STRINGS member
 *   "tagSet/item[key=Name]/value"                   by the value of a sibling
 *   "tagSet/item[key]/value"                        every one, into a PAIRS member, named by that sibling
 *   "@type"  "status/@code"                         XML attributes
 *   "../type"                                       of the enclosing element, whichever of the two comes first
 *                                                   (an array and its item are two: "../../type")
 *   "."                                             the element's own text
 *   "header:ETag"  "header:x-amz-meta-*"            response headers (the part after the prefix names the pair)
 * Namespaces are ignored, unknown elements skipped.
 */
typedef struct neph_field {
    const char *path;
    const char *name;    /* NEPH_EXTRA, ROW members: the name; NULL: the last part of the path */
    const neph_map *map; /* ENUM, or any number spelt as text */
    int64_t scale;       /* numbers are multiplied by this (GiB: 1 << 30); 0: by 1 */
    int32_t member;      /* neph_member */
    uint32_t flags;
} neph_field;

/*
 * One rule: each element at `path` ("Contents", "reservationSet/item/instancesSet/item", "[]", "." for the whole
 * document) makes one result of `kind`, emitted when it closes (later if a "../" field is still to come). Kind 0
 * makes no result: its fields go to the call (pages, errors, captures, session).
 * Paths of XML start below the root element, paths of JSON at the document.
 */
typedef struct neph_rule {
    const char *path;
    const neph_field *fields;
    uint32_t field_count;
    uint32_t field_size; /* sizeof(neph_field) */
    uint32_t kind;
    uint32_t flags;
    const char *root; /* XML: only if the root element is this; NULL: any */
} neph_rule;

enum {
    NEPH_RULE_ERROR =
        1, /* matching it fails the call, whatever the HTTP status (200 with an error inside) */
    NEPH_RULE_ALL = 1
};

enum {
    NEPH_REPLY_NONE = 0, /* the body is dropped; "header:" fields of rules at "." are read */
    NEPH_REPLY_XML = 1,
    NEPH_REPLY_JSON = 2,
    NEPH_REPLY_BODY =
        3, /* the body goes to the call's sink (NEPH_BODY_SINK); header fields as with NONE */
    NEPH_REPLY_TEXT =
        4 /* the body is one text, at most 64 KiB: field "." of a rule at ".", without blanks around it */
};

typedef struct neph_reply {
    uint32_t size; /* sizeof(neph_reply) */
    uint32_t format;
    const neph_rule *rules;
    uint32_t rule_count;
    uint32_t rule_size; /* sizeof(neph_rule) */
} neph_reply;

#define NEPH_FIELDS(array)                                                                         \
    .fields = (array), .field_count = NEPH_COUNT(array), .field_size = sizeof(neph_field)
#define NEPH_REPLY_OF(fmt, array)                                                                  \
    {                                                                                              \
        .size = sizeof(neph_reply), .format = (fmt), .rules = (array),                             \
        .rule_count = NEPH_COUNT(array), .rule_size = sizeof(neph_rule)                            \
    }

/* How the next page is asked for, once a reply said that there is one. */
enum {
    NEPH_PAGE_NONE = 0,
    NEPH_PAGE_BY_QUERY = 1, /* the token (NEPH_PAGE_TOKEN) as query parameter `name` */
    NEPH_PAGE_BY_FORM = 2,  /* the token as form parameter `name` */
    NEPH_PAGE_BY_LAST =
        3, /* the last result's member `member` (a prefix's name) as query parameter `name`, while
                             * pages are not empty or NEPH_PAGE_MORE is true */
    NEPH_PAGE_BY_OFFSET =
        4, /* the number of results so far as query parameter `name`, while pages are not empty */
    NEPH_PAGE_BY_URL =
        5, /* NEPH_PAGE_URL in place of path and query; its origin must be in the endpoint set */
    NEPH_PAGE_BY_ASK = 6 /* `ask` runs again and reads neph_page_token() itself */
};

/* ---- actions: what a provider can do ----------------------------------------------------------------------------- */

enum {
    NEPH_SAFE =
        1, /* asking twice is as good as once (GET, HEAD): any lost reply may be asked again */
    NEPH_IDEMPOTENT =
        2, /* the same end state (PUT, DELETE): may be asked again while the body can be rewound */
    NEPH_PRESIGN =
        4, /* the request of step 0 is signed in its query and becomes a NEPH_KIND_URL result; it is not sent */
    NEPH_ANONYMOUS = 8, /* neither login nor sign */
    NEPH_ORDERED =
        16, /* pages are in a stable order and resume at a key: a broken page may be asked again */
    NEPH_FOLLOW =
        32, /* 301, 302, 307, 308, and 303 of what is read, are followed inside the endpoint set with the
             * same method and body */
    NEPH_ONCE =
        64, /* the request carries neph_call_token() and the cloud makes nothing twice for it: a lost
                                * reply may be asked again */
    NEPH_EACH =
        128, /* of object delete-many, and nothing else is said of it: the host deletes one by one, several
                      * at a time */
    NEPH_TRAITS_ALL = 255
};

/*
 * How the host looks for what a creating action may have made when its reply was lost: with the list operation of the
 * same noun, which the provider must have, and before it asks again, with NEPH_ONCE too. Lost is no answer once the request was out, a 5xx or a fault that is
 * NEPH_RETRY_TRANSIENT (but NEPH_THROTTLED, which refuses), and a 2xx that cannot be read; any other fault is an answer.
 * What is found is the call's result, and no later step is asked; what is not is asked for again from the same step.
 * Nothing is looked for once neph_created_note() was called. NONE, and no NEPH_ONCE: the call fails and says what may
 * exist.
 */
enum {
    NEPH_FIND_NONE = 0,
    NEPH_FIND_BY_TAG =
        1, /* its tag NEPH_TOKEN_TAG, that the request gave it, is neph_call_token(); a token of the
            * program's own is looked for before anything is asked, too */
    NEPH_FIND_BY_NAME = 2 /* its name, which the cloud keeps unique; what was made a minute before
                           * the request or earlier is another's: NEPH_EXISTS */
};

/* The tag that NEPH_FIND_BY_TAG looks for. */
#define NEPH_TOKEN_TAG "neph-token"

typedef struct neph_action {
    uint32_t op;
    uint32_t traits;
    const char *method;   /* NULL: GET */
    const char *path;     /* a fixed path; NULL: ask says it */
    const char *endpoint; /* the service of the endpoint set; NULL: the default one */
    /* Fills in what method and path do not say. Arguments were checked: required ones are there, others are in
     * `takes`. Runs once for each step and page. */
    int32_t (*ask)(neph_call *call, neph_request *request);
    const neph_reply *const *replies; /* step N reads replies[N], or the last one */
    uint32_t reply_count;
    uint32_t page; /* NEPH_PAGE_BY_… */
    const char *page_name;
    int32_t page_member;
    uint32_t take_count;
    /* Members that this action honours besides what the operation requires. Limit and filters (NEPH_LIST_ID, _NAME, _TAG,
     * _STATE, _LOCATION), NEPH_WAIT, NEPH_WAIT_SECONDS and NEPH_CHECKSUM need not be listed: the host sees to them. A list
     * that lists a filter may ask the cloud for less; it never drops a result that the filter would leave. A list sees
     * NEPH_LIST_LIMIT only while it takes all filters that were given, and may use it for the size of a page. NEPH_TOKEN goes
     * with NEPH_ONCE and NEPH_FIND_BY_TAG. */
    const int32_t *takes;
    /* After a whole 2xx reply: may ask for another step. NULL: done. */
    int32_t (*then)(neph_call *call);
    /* For each result before it is filtered and delivered: may change it, drop it (NEPH_DROP) or fail. Of a body that goes to
     * the program's sink when the headers are there, before the first byte. */
    int32_t (*each)(neph_call *call, neph_record *record);
    /* In place of ask and replies: one slice of local work. Returns 0 done, NEPH_AGAIN more to do, or a failure. After
     * NEPH_NOT_FOUND for what was just made it is finished and begun anew, with fresh call memory. */
    int32_t (*perform)(neph_call *call);
    /* After perform's last slice, and after cancellation: give back what the call memory holds. */
    void (*finish)(neph_call *call);
    uint32_t find; /* NEPH_FIND_… */
    uint32_t reserved;
} neph_action;

/* What `each` returns to have the result dropped. */
#define NEPH_DROP 1

#define NEPH_REPLIES(array) .replies = (array), .reply_count = NEPH_COUNT(array)
#define NEPH_TAKES(array) .takes = (array), .take_count = NEPH_COUNT(array)

/* ---- faults: what an error reply means --------------------------------------------------------------------------- */

/* A row: the cloud's code, or (code NULL) an HTTP status, and what it means. The first match wins; codes before
 * statuses. What no row names is decided by the host from the HTTP status. */
typedef struct neph_fault {
    const char *code;
    int32_t http_status; /* 0: any */
    int32_t status;      /* neph_status */
    int32_t retry;       /* neph_retry */
    int32_t reserved;
} neph_fault;

/* What the fault hook may answer. */
enum {
    NEPH_FAULT_DEFAULT = 0, /* by the table */
    NEPH_FAULT_ASK_AGAIN =
        1, /* something was learnt (neph_remember()): ask again at once; bounded by the host */
    NEPH_FAULT_CLOCK =
        2, /* the clock is wrong: the host learns the offset from Date and asks again once */
    NEPH_FAULT_LOGIN = 3, /* the session is stale: log in and ask again once */
    NEPH_FAULT_FINE =
        4, /* no failure: goes on with the step that neph_again() asked for, or is done. Since 0.3 */
    NEPH_FAULT_LATER =
        5 /* nothing was done, and what stands in the way goes by itself: asked again, more and more slowly, until the
           * call's time is over. Since 0.3 */
};

/* ---- extensions: operations that only this provider has ----------------------------------------------------------- */

enum {
    NEPH_PARAMETER_REQUIRED = 1,
    NEPH_PARAMETER_SECRET = 2, /* a STRING: never shown, logged or traced; wiped */
    NEPH_PARAMETER_ALL = 3
};

/* An argument of an extension. Parameter i is read with neph_argument(call, NEPH_PARAMETER + i), or what fits its type. */
typedef struct neph_parameter {
    const char *name;    /* lower-case letters, digits, '_', beginning with a letter */
    const char *summary; /* one line */
    const char *choices; /* "linux|windows": the only values allowed; NULL: any */
    uint32_t type; /* STRING, INTEGER, DECIMAL, TIME, BOOLEAN, or STRINGS (may be given again) */
    uint32_t flags;
} neph_parameter;

enum {
    NEPH_COLUMN_SECRET = 1, /* scrubbed from traces and recordings; tsv does not show it */
    NEPH_COLUMN_WIDE = 2,   /* shown by json alone */
    NEPH_COLUMN_ALL = 3
};

/* A value of each row that an extension returns. Rows are results of NEPH_KIND_ROW; column i is NEPH_ROW_VALUE + i in reply
 * tables and in neph_record_set() and its like. */
typedef struct neph_column {
    const char *name;    /* as that of a parameter */
    const char *summary; /* one line */
    uint32_t type;       /* STRING, INTEGER, DECIMAL, TIME or BOOLEAN */
    uint32_t flags;
} neph_column;

/* What does it stands in the table of actions under the same op. */
typedef struct neph_extension {
    const char *name;    /* as that of a parameter; people call it PROVIDER.NAME */
    const char *summary; /* one line */
    const neph_parameter *parameters;
    uint32_t parameter_count; /* NEPH_PARAMETER_COUNT at most */
    uint32_t parameter_size;  /* sizeof(neph_parameter) */
    const neph_column *columns;
    uint32_t column_count; /* NEPH_ROW_VALUE_COUNT at most */
    uint32_t column_size;  /* sizeof(neph_column) */
    uint32_t op;           /* NEPH_OP_EXTENSION or above, the provider's own number */
    uint32_t reserved;
} neph_extension;

#define NEPH_PARAMETERS(array)                                                                     \
    .parameters = (array), .parameter_count = NEPH_COUNT(array),                                   \
    .parameter_size = sizeof(neph_parameter)
#define NEPH_COLUMNS(array)                                                                        \
    .columns = (array), .column_count = NEPH_COUNT(array), .column_size = sizeof(neph_column)

/* ---- provider and plugin ----------------------------------------------------------------------------------------- */

typedef struct neph_provider {
    uint32_t size; /* sizeof(neph_provider) */
    uint32_t flags;
    const char *id;    /* lower-case letters, digits, dash: "s3" */
    const char *title; /* "Amazon S3 and compatible" */
    const char *
        hosts; /* origins that belong to the endpoint set without being a setting, separated by blanks */
    const neph_setting *settings;
    uint32_t setting_count;
    uint32_t setting_size;
    const neph_action *actions;
    uint32_t action_count;
    uint32_t action_size;
    const neph_fault *faults;
    uint32_t fault_count;
    uint32_t fault_size;
    const neph_reply *error; /* reads the body and headers of an error reply; fields NEPH_ERROR_… */
    /* Checks settings and derives endpoints; no input or output. */
    int32_t (*open)(neph_cloud *cloud);
    /* Fetches a token; op NEPH_OP_LOGIN, steps and captures like any other. The host runs it once for all calls, again
     * before NEPH_SESSION_EXPIRES and once on 401. Its first ask returns NEPH_DROP where the settings are enough and
     * nothing need be fetched. NULL: there is no login. */
    const neph_action *login;
    /* Last touch on every attempt: sees the final request, adds headers (or query parameters, when presigning). Pure. */
    int32_t (*sign)(neph_call *call, neph_request *request, int64_t now_ns);
    /* After an error reply was read: neph_reply_status(), neph_reply_header(), neph_error_code() and captures tell. */
    int32_t (*fault)(neph_call *call);
    const neph_extension *extensions;
    uint32_t extension_count;
    uint32_t extension_size;
} neph_provider;

#define NEPH_SETTINGS(array)                                                                       \
    .settings = (array), .setting_count = NEPH_COUNT(array), .setting_size = sizeof(neph_setting)
#define NEPH_ACTIONS(array)                                                                        \
    .actions = (array), .action_count = NEPH_COUNT(array), .action_size = sizeof(neph_action)
#define NEPH_FAULTS(array)                                                                         \
    .faults = (array), .fault_count = NEPH_COUNT(array), .fault_size = sizeof(neph_fault)
#define NEPH_EXTENSIONS(array)                                                                     \
    .extensions = (array), .extension_count = NEPH_COUNT(array),                                   \
    .extension_size = sizeof(neph_extension)

/* What a plugin exports. The first 16 bytes never change. */
typedef struct neph_plugin {
    char magic[8]; /* "NEPHPLUG" without a NUL */
    uint32_t size; /* sizeof(neph_plugin) */
    uint32_t abi_major;
    uint32_t abi_minor_built;
    uint32_t abi_minor_needed;
    const char *name;    /* of the file without its ending, and of the manifest */
    const char *version; /* the plugin's own */
    const char *package; /* what distributions call the package that carries it */
    const neph_provider *const *providers;
    uint32_t provider_count;
    uint32_t reserved;
} neph_plugin;

#define NEPH_PLUGIN_MAGIC "NEPHPLUG"
#define NEPH_NOTE_OWNER "neph"
#define NEPH_NOTE_TYPE 1
#define NEPH_PLUGIN_SYMBOL "neph_plugin_v0"

#ifdef NEPH_STATIC_PLUGIN
#define NEPH_PLUGIN_SYMBOL_OF(id) id##_LTX_neph_plugin_v0
#else
#define NEPH_PLUGIN_SYMBOL_OF(id) neph_plugin_v0
#endif

/* The ELF note by which a host knows the ABI before any code of the plugin runs: owner "neph", type 1, two words. */
#if defined(__ELF__) && !defined(NEPH_STATIC_PLUGIN)
#define NEPH_PLUGIN_NOTE                                                                           \
    __attribute__((section(".note.neph"), used, aligned(4))) static const struct {                 \
        uint32_t owner_size, words_size, type;                                                     \
        char owner[8];                                                                             \
        uint32_t abi_major, abi_minor;                                                             \
    } neph_plugin_note = {5, 8, NEPH_NOTE_TYPE, NEPH_NOTE_OWNER, NEPH_ABI_MAJOR, NEPH_ABI_MINOR};
#else
#define NEPH_PLUGIN_NOTE
#endif

#ifdef __cplusplus
#define NEPH_EXPORT extern "C" __attribute__((visibility("default")))
#else
#define NEPH_EXPORT extern __attribute__((visibility("default")))
#endif

/*
 * Defines what the plugin exports. `id` is the plugin's name as a C identifier, `list` an array of neph_provider
 * pointers. One use in one file of a plugin. Since 0.1.
 */
#define NEPH_PLUGIN(id, version_text, package_text, list)                                          \
    NEPH_PLUGIN_NOTE                                                                               \
    NEPH_EXPORT const neph_plugin NEPH_PLUGIN_SYMBOL_OF(id);                                       \
    const neph_plugin NEPH_PLUGIN_SYMBOL_OF(id) = {{'N', 'E', 'P', 'H', 'P', 'L', 'U', 'G'},       \
                                                   sizeof(neph_plugin),                            \
                                                   NEPH_ABI_MAJOR,                                 \
                                                   NEPH_ABI_MINOR,                                 \
                                                   NEPH_ABI_MINOR,                                 \
                                                   #id,                                            \
                                                   version_text,                                   \
                                                   package_text,                                   \
                                                   list,                                           \
                                                   NEPH_COUNT(list),                               \
                                                   0}

/* ---- services: what the host does for a provider --------------------------------------------------------------- */

/* A request as `sign` sees it: exactly what goes out. */
typedef struct neph_request_view {
    uint32_t size;
    uint32_t header_count;
    const char *method;
    const char *scheme;
    const char *host;  /* as in the Host header: with the port unless it is the scheme's own */
    const char *path;  /* encoded as it goes out, "/" at least */
    const char *query; /* encoded, without "?"; "" if none */
    const char *const *header_names; /* as given; Host is not among them */
    const char *const *header_values;
    int64_t body_size;       /* -1: not known */
    int64_t presign_seconds; /* 0: sign in headers; else sign in the query for so long */
} neph_request_view;

/*
 * The one table of functions that crosses from host to provider. Every handle begins with a pointer to it, so the
 * inline functions below need no state. Providers call those, not the table.
 */
typedef struct neph_services {
    uint32_t size;
    uint32_t reserved;

    int32_t (*fail)(const void *handle, int32_t status, const char *message);
    void (*log)(const void *handle, int32_t level, const char *message);
    int32_t (*digest)(const void *handle, int32_t algorithm, const void *data, size_t size,
                      unsigned char *out);
    int32_t (*hmac)(const void *handle, int32_t algorithm, const void *key, size_t key_size,
                    const void *data, size_t size, unsigned char *out);
    int32_t (*random)(const void *handle, void *out, size_t size);

    const char *(*setting)(const neph_cloud *cloud, const char *name);
    int64_t (*setting_integer)(const neph_cloud *cloud, const char *name);
    void *(*cloud_memory)(neph_cloud *cloud, size_t size);
    int32_t (*endpoint)(neph_cloud *cloud, const char *service, const char *url);
    int32_t (*remember)(neph_cloud *cloud, const char *name, const char *value);
    const char *(*recall)(const neph_cloud *cloud, const char *name);

    neph_cloud *(*call_cloud)(const neph_call *call);
    void *(*call_memory)(neph_call *call, size_t size);
    uint32_t (*call_op)(const neph_call *call);
    uint32_t (*call_step)(const neph_call *call);
    int64_t (*call_now)(const neph_call *call);
    const char *(*argument_string)(const neph_call *call, int32_t member);
    int64_t (*argument_integer)(const neph_call *call, int32_t member);
    int32_t (*argument_pair)(const neph_call *call, int32_t member, uint32_t index,
                             const char **name, const char **value);
    const char *(*session_string)(const neph_call *call, int32_t member);
    const char *(*scratch)(const neph_call *call, int32_t member);
    int32_t (*scratch_set)(neph_call *call, int32_t member, const char *value);
    const char *(*page_token)(const neph_call *call);
    int32_t (*reply_status)(const neph_call *call);
    const char *(*reply_header)(const neph_call *call, const char *name);
    const char *(*error_code)(const neph_call *call);
    int32_t (*step_next)(neph_call *call, uint32_t step, int64_t delay_ms);
    int32_t (*created)(neph_call *call, int32_t kind, const char *id);

    int32_t (*request_method)(neph_request *request, const char *method);
    int32_t (*request_endpoint)(neph_request *request, const char *service);
    int32_t (*request_host_prefix)(neph_request *request, const char *label);
    int32_t (*request_path)(neph_request *request, const char *template_text,
                            const char *const *values, size_t count);
    int32_t (*request_query)(neph_request *request, const char *name, const char *value);
    int32_t (*request_query_raw)(neph_request *request, const char *text);
    int32_t (*request_header)(neph_request *request, const char *name, const char *value);
    int32_t (*request_form)(neph_request *request, const char *name, const char *value);
    int32_t (*request_body)(neph_request *request, const char *content_type, const void *data,
                            size_t size);
    int32_t (*request_body_source)(neph_request *request);
    int32_t (*request_body_digest)(neph_request *request, int32_t algorithm, char *hex,
                                   size_t capacity);
    int32_t (*request_framing)(neph_request *request, const neph_framing *framing);
    int32_t (*request_expect_continue)(neph_request *request);
    int32_t (*request_view)(const neph_request *request, neph_request_view *view);

    neph_record *(*record_new)(neph_call *call, int32_t kind);
    int32_t (*record_emit)(neph_call *call, neph_record *record);
    int32_t (*record_set_string)(neph_record *record, int32_t member, const char *value);
    int32_t (*record_set_integer)(neph_record *record, int32_t member, int64_t value);
    int32_t (*record_add_string)(neph_record *record, int32_t member, const char *value);
    int32_t (*record_add_pair)(neph_record *record, int32_t member, const char *name,
                               const char *value);
    const char *(*record_string)(const neph_record *record, int32_t member);
    int64_t (*record_integer)(const neph_record *record, int32_t member);

    int64_t (*source_size)(const neph_call *call);
    int64_t (*source_read)(neph_call *call, void *data, size_t size);
    int64_t (*sink_write)(neph_call *call, const void *data, size_t size);

    const char *(*call_token)(neph_call *call);

    const char *(*body_checksum)(neph_call *call);
    int32_t (*checksum_combine)(const void *handle, char *whole, const char *part,
                                int64_t part_bytes);

    int32_t (*secret)(neph_cloud *cloud, const char *text);
} neph_services;

/* The services of whatever handle a hook was given. */
static inline const neph_services *neph_services_of(const void *handle)
{
    return *(const neph_services *const *)handle;
}

/*
 * Fails the hook: `return neph_fail(call, NEPH_INVALID, "bucket \"%s\" …", name);`. The message is one line (at most
 * 500 bytes are kept), says what is wrong and what to do, and holds no secret. Handle: cloud, call, request or record.
 * Returns status.
 */
__attribute__((format(printf, 3, 4))) static inline int32_t neph_fail(const void *handle,
                                                                      int32_t status,
                                                                      const char *format, ...)
{
    char message[512];
    va_list list;
    va_start(list, format);
    vsnprintf(message, sizeof message, format, list);
    va_end(list);
    return neph_services_of(handle)->fail(handle, status, message);
}

/* A line for the program's log; level 1 error, 2 warning, 3 info, 4 debug. No secret in it. Handle: any. */
static inline void neph_log(const void *handle, int32_t level, const char *message)
{
    neph_services_of(handle)->log(handle, level, message);
}

/* Digest of data. out: NEPH_DIGEST_MAX bytes at most. Returns the number of bytes, or a negative neph_status. */
static inline int32_t neph_digest(const void *handle, int32_t algorithm, const void *data,
                                  size_t size, unsigned char *out)
{
    return neph_services_of(handle)->digest(handle, algorithm, data, size, out);
}

/* HMAC of data under key. As neph_digest(). */
static inline int32_t neph_hmac(const void *handle, int32_t algorithm, const void *key,
                                size_t key_size, const void *data, size_t size, unsigned char *out)
{
    return neph_services_of(handle)->hmac(handle, algorithm, key, key_size, data, size, out);
}

/* Random bytes fit for keys and tokens. Returns 0 or a negative neph_status. */
static inline int32_t neph_random(const void *handle, void *out, size_t size)
{
    return neph_services_of(handle)->random(handle, out, size);
}

/* ---- cloud: in open(), and through neph_cloud_of() everywhere */

/* The setting's value as text, after all sources and the fallback; NULL if it has none. */
static inline const char *neph_setting_string(const neph_cloud *cloud, const char *name)
{
    return neph_services_of(cloud)->setting(cloud, name);
}

/* The same of an INTEGER or BOOLEAN; NEPH_UNKNOWN if it has none. */
static inline int64_t neph_setting_integer(const neph_cloud *cloud, const char *name)
{
    return neph_services_of(cloud)->setting_integer(cloud, name);
}

/* Memory of the cloud: zeroed at first, always the same block, wiped at close. The first call says its size.
 * NULL: out of memory. */
static inline void *neph_cloud_memory(neph_cloud *cloud, size_t size)
{
    return neph_services_of(cloud)->cloud_memory(cloud, size);
}

/* Adds to the endpoint set: service NULL is the default endpoint; url "https://host[:port][/base]" or
 * "unix:/path". NEPH_INVALID: no such URL, with a message. */
static inline int32_t neph_endpoint(neph_cloud *cloud, const char *service, const char *url)
{
    return neph_services_of(cloud)->endpoint(cloud, service, url);
}

/* Remembers a value for the cloud's life (bucket → region); at most 4,096 of them, the oldest goes first. */
static inline int32_t neph_remember(neph_cloud *cloud, const char *name, const char *value)
{
    return neph_services_of(cloud)->remember(cloud, name, value);
}

/* What was remembered; NULL: nothing. */
static inline const char *neph_recall(const neph_cloud *cloud, const char *name)
{
    return neph_services_of(cloud)->recall(cloud, name);
}

/* Says that this text, which the provider took out of another (a key in a connection string), is a secret as well: no
 * log, trace or recording shows it while the cloud is open. NEPH_LIMIT: sixteen are there already. Since 0.3. */
static inline int32_t neph_secret(neph_cloud *cloud, const char *text)
{
    return neph_services_of(cloud)->secret(cloud, text);
}

/* ---- call: in ask, then, each, fault, sign, perform, finish */

static inline neph_cloud *neph_cloud_of(const neph_call *call)
{
    return neph_services_of(call)->call_cloud(call);
}

/* Memory of the call: zeroed at first, the same block in every hook and step, wiped when the call ends. */
static inline void *neph_call_memory(neph_call *call, size_t size)
{
    return neph_services_of(call)->call_memory(call, size);
}

/* The operation, neph_op. */
static inline uint32_t neph_call_op(const neph_call *call)
{
    return neph_services_of(call)->call_op(call);
}

/* The step, from 0; see neph_again(). */
static inline uint32_t neph_call_step(const neph_call *call)
{
    return neph_services_of(call)->call_step(call);
}

/* The time now, corrected by what was learnt of the server's clock. */
static inline int64_t neph_call_now(const neph_call *call)
{
    return neph_services_of(call)->call_now(call);
}

/* The call's idempotency token: the program's own, or 32 hex digits that stay the same in all attempts and steps. NULL:
 * it could not be made, the failure is set. Since 0.2. */
static inline const char *neph_call_token(neph_call *call)
{
    return neph_services_of(call)->call_token(call);
}

/* A string (or the text of any other) argument; NULL: not given. */
static inline const char *neph_argument(const neph_call *call, int32_t member)
{
    return neph_services_of(call)->argument_string(call, member);
}

/* A number, time, boolean or enumeration argument; NEPH_UNKNOWN: not given. */
static inline int64_t neph_argument_integer(const neph_call *call, int32_t member)
{
    return neph_services_of(call)->argument_integer(call, member);
}

/* Entry `index` of a PAIRS or (name NULL) STRINGS argument. Returns 1, or 0 behind the last one. */
static inline int32_t neph_argument_pair(const neph_call *call, int32_t member, uint32_t index,
                                         const char **name, const char **value)
{
    return neph_services_of(call)->argument_pair(call, member, index, name, value);
}

/* What the login filled in: NEPH_SESSION_TOKEN, _KEY_ID or _SECRET; NULL: nothing. */
static inline const char *neph_session(const neph_call *call, int32_t member)
{
    return neph_services_of(call)->session_string(call, member);
}

/* A capture (NEPH_SCRATCH + n) of this call; NULL: nothing. */
static inline const char *neph_scratch(const neph_call *call, int32_t member)
{
    return neph_services_of(call)->scratch(call, member);
}

/* Sets a capture. From then, NEPH_PAGE_TOKEN is the token of the next page, for NEPH_PAGE_BY_ASK where several parts of a
 * reply make it up (since 0.3). */
static inline int32_t neph_scratch_set(neph_call *call, int32_t member, const char *value)
{
    return neph_services_of(call)->scratch_set(call, member, value);
}

/* The token of the page to be asked for; NULL on the first. For NEPH_PAGE_BY_ASK. */
static inline const char *neph_page_token(const neph_call *call)
{
    return neph_services_of(call)->page_token(call);
}

/* HTTP status of the reply just read. */
static inline int32_t neph_reply_status(const neph_call *call)
{
    return neph_services_of(call)->reply_status(call);
}

/* A header of the reply just read, by name in any case; NULL: not there. */
static inline const char *neph_reply_header(const neph_call *call, const char *name)
{
    return neph_services_of(call)->reply_header(call, name);
}

/* The cloud's error code as the error reply's table read it; NULL: none. For fault. */
static inline const char *neph_error_code(const neph_call *call)
{
    return neph_services_of(call)->error_code(call);
}

/* From then, and from fault with NEPH_FAULT_FINE: ask again as `step`, after delay_ms (0: at once). Polls are bounded by the
 * call's deadline. A later step that is a GET or HEAD counts as NEPH_SAFE. From ask, which returns NEPH_AGAIN: nothing is asked
 * as this step, but as that one (since 0.3). From perform, which returns NEPH_AGAIN: its next slice comes after delay_ms. */
static inline int32_t neph_again(neph_call *call, uint32_t step, int64_t delay_ms)
{
    return neph_services_of(call)->step_next(call, step, delay_ms);
}

/* Notes that this call has created something, so that an error in a later step can name it. The same thing counts once;
 * NEPH_LIMIT: eight are noted already. */
static inline int32_t neph_created_note(neph_call *call, int32_t kind, const char *id)
{
    return neph_services_of(call)->created(call, kind, id);
}

/* ---- request: in ask; headers and query also in sign */

static inline int32_t neph_request_method(neph_request *request, const char *method)
{
    return neph_services_of(request)->request_method(request, method);
}

/* Sends it to this service's endpoint instead of the default one. */
static inline int32_t neph_request_endpoint(neph_request *request, const char *service)
{
    return neph_services_of(request)->request_endpoint(request, service);
}

/* Puts a label before the endpoint's host: virtual-host style. NEPH_INVALID if it is no DNS label (dots allowed). */
static inline int32_t neph_request_host_prefix(neph_request *request, const char *label)
{
    return neph_services_of(request)->request_host_prefix(request, label);
}

/*
 * The path below the endpoint's base: "/api/blocks/{}.json". Each {} takes the next value as one encoded segment ("",
 * "." and ".." are refused); {*} takes an object key: encoded, slashes kept, never normalised. As many values as
 * braces, all const char *.
 */
static inline int32_t neph_request_path(neph_request *request, const char *template_text, ...)
{
    const char *values[16];
    const char *at = template_text;
    size_t count = 0;
    va_list list;
    va_start(list, template_text);
    while ((at = strchr(at, '{')) != NULL && count < 16) {
        values[count++] = va_arg(list, const char *);
        at++;
    }
    va_end(list);
    return neph_services_of(request)->request_path(request, template_text, values, count);
}

/* Adds a query parameter; the host encodes both. value NULL: the name alone. */
static inline int32_t neph_request_query(neph_request *request, const char *name, const char *value)
{
    return neph_services_of(request)->request_query(request, name, value);
}

/* Adds to the query text that is encoded already (a signature made in sign). */
static inline int32_t neph_request_query_raw(neph_request *request, const char *text)
{
    return neph_services_of(request)->request_query_raw(request, text);
}

/* Sets a header; the same name again replaces it. CR, LF or NUL in it: NEPH_INVALID. */
static inline int32_t neph_request_header(neph_request *request, const char *name,
                                          const char *value)
{
    return neph_services_of(request)->request_header(request, name, value);
}

/* Adds a parameter to an application/x-www-form-urlencoded body. */
static inline int32_t neph_request_form(neph_request *request, const char *name, const char *value)
{
    return neph_services_of(request)->request_form(request, name, value);
}

/* Appends to a body made in memory; content_type NULL: leave it as it is. */
static inline int32_t neph_request_body(neph_request *request, const char *content_type,
                                        const void *data, size_t size)
{
    return neph_services_of(request)->request_body(request, content_type, data, size);
}

/* The body is the call's NEPH_BODY_SOURCE. */
static inline int32_t neph_request_body_source(neph_request *request)
{
    return neph_services_of(request)->request_body_source(request);
}

/* Hex digest of the whole body, read in advance (a body that cannot be read twice is spooled). hex holds
 * NEPH_DIGEST_HEX_MAX. NEPH_AGAIN: a large body is read in slices first: the hook (sign) returns NEPH_AGAIN and is called
 * again. */
static inline int32_t neph_request_body_digest(neph_request *request, int32_t algorithm, char *hex,
                                               size_t capacity)
{
    return neph_services_of(request)->request_body_digest(request, algorithm, hex, capacity);
}

/* The body goes out in frames. The table must outlive the call. */
static inline int32_t neph_request_framing(neph_request *request, const neph_framing *framing)
{
    return neph_services_of(request)->request_framing(request, framing);
}

/* The body waits for "100 Continue" (a second at most). */
static inline int32_t neph_request_expect_continue(neph_request *request)
{
    return neph_services_of(request)->request_expect_continue(request);
}

/* What goes out. view->size is set by the caller. Valid until the request is changed. */
static inline int32_t neph_request_look(const neph_request *request, neph_request_view *view)
{
    view->size = (uint32_t)sizeof *view;
    return neph_services_of(request)->request_view(request, view);
}

/* ---- record: in each; new ones in perform and then */

/* A new result; NULL: out of memory. */
static inline neph_record *neph_record_new(neph_call *call, int32_t kind)
{
    return neph_services_of(call)->record_new(call, kind);
}

/* Delivers it; the record is gone afterwards. NEPH_AGAIN: delivered, but the program is behind: return NEPH_AGAIN. */
static inline int32_t neph_record_emit(neph_call *call, neph_record *record)
{
    return neph_services_of(call)->record_emit(call, record);
}

static inline int32_t neph_record_set(neph_record *record, int32_t member, const char *value)
{
    return neph_services_of(record)->record_set_string(record, member, value);
}

static inline int32_t neph_record_set_integer(neph_record *record, int32_t member, int64_t value)
{
    return neph_services_of(record)->record_set_integer(record, member, value);
}

/* Appends to a STRINGS member. */
static inline int32_t neph_record_add(neph_record *record, int32_t member, const char *value)
{
    return neph_services_of(record)->record_add_string(record, member, value);
}

/* Appends to a PAIRS member or to NEPH_EXTRA. */
static inline int32_t neph_record_add_pair(neph_record *record, int32_t member, const char *name,
                                           const char *value)
{
    return neph_services_of(record)->record_add_pair(record, member, name, value);
}

static inline const char *neph_record_get(const neph_record *record, int32_t member)
{
    return neph_services_of(record)->record_string(record, member);
}

static inline int64_t neph_record_get_integer(const neph_record *record, int32_t member)
{
    return neph_services_of(record)->record_integer(record, member);
}

/* ---- bodies: in perform */

/* Bytes that the source will give; -1: not known. */
static inline int64_t neph_source_size(const neph_call *call)
{
    return neph_services_of(call)->source_size(call);
}

/* Reads up to size bytes. 0: the end. NEPH_AGAIN: none now, return NEPH_AGAIN. Else a failure. */
static inline int64_t neph_source_read(neph_call *call, void *data, size_t size)
{
    return neph_services_of(call)->source_read(call, data, size);
}

/* Writes all of it, or NEPH_AGAIN: return NEPH_AGAIN and offer the same bytes again. Else a failure. */
static inline int64_t neph_sink_write(neph_call *call, const void *data, size_t size)
{
    return neph_services_of(call)->sink_write(call, data, size);
}

/* Where the program asked for a checksum (NEPH_CHECKSUM): that of all bytes that came from the source or went to the sink,
 * "ALGORITHM:HEX"; no more may follow. NULL: none was asked for. Since 0.3. */
static inline const char *neph_body_checksum(neph_call *call)
{
    return neph_services_of(call)->body_checksum(call);
}

/* Makes of whole (it holds NEPH_CHECKSUM_MAX), a checksum, that of the same bytes followed by part_bytes more, of which part
 * is the checksum. Any handle. Returns 0, NEPH_UNSUPPORTED (no CRCs, or different ones), or NEPH_INVALID. Since 0.3. */
static inline int32_t neph_checksum_combine(const void *handle, char *whole, const char *part,
                                            int64_t part_bytes)
{
    return neph_services_of(handle)->checksum_combine(handle, whole, part, part_bytes);
}

#ifdef __cplusplus
}
#endif

#endif /* NEPH_PLUGIN_H */
