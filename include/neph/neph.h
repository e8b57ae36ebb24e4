/*
 * neph/neph.h - drive many clouds through one interface. Included by programs; includes all that a program needs.
 *
 * The order here is the order of use: a host (registry of plugins, event loop), a cloud (an opened account), a call
 * (one operation in flight and all it returned). Every verb starts a call and returns it at once; what you do with
 * the call decides whether it blocks: neph_wait(), neph_next(), or callbacks with neph_host_fd().
 *
 * Threads: a host, its clouds and its calls belong to one thread at a time; two hosts may run in two threads.
 * neph_host_wakeup() alone may come from anywhere. After fork() a host refuses use in the child (NEPH_INVALID).
 * The library never exits, prints, or changes signals, locale, directory or libcurl's, libxml2's and OpenSSL's globals.
 *
 * What may change: functions and constants are added; structs grow at their end (those you fill begin with their
 * size and have an initialiser). Everything here is since 0.1.
 */
#ifndef NEPH_H
#define NEPH_H

#include <neph/model.h>
#include <neph/transport.h>
#include <neph/vocabulary.h>

#if defined(__GNUC__) && !defined(NEPH_API)
#define NEPH_API __attribute__((visibility("default")))
#elif !defined(NEPH_API)
#define NEPH_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- library ------------------------------------------------------------------------------------------------------ */

/* Version of the running library, "0.1.0". Static storage. Any thread. */
NEPH_API const char *neph_version(void);

/* A status in words, "not found"; never NULL. Static storage. Any thread. */
NEPH_API const char *neph_status_name(int32_t status);

/* A node state as tables and JSON show it, "running"; "unknown" for what it does not know. Static. Any thread. */
NEPH_API const char *neph_node_state_name(int32_t state);

/* The name of a number of an ENUM member, as tables and JSON show it: neph_enum_name(NEPH_VOLUME_STATE, state). NULL: the
 * member is no enumeration, or has no such number. Static storage. Any thread. */
NEPH_API const char *neph_enum_name(int32_t member, int64_t number);

/* ---- the model: what there is to ask for, as data -------------------------------------------------------------- */

enum {
    NEPH_INFO_SECRET = 1,   /* never show it unasked */
    NEPH_INFO_REQUIRED = 2, /* an argument that the operation cannot do without */
    NEPH_INFO_COLUMN = 4,   /* shown in tables and tsv, in this order */
    NEPH_INFO_WIDE = 8,     /* shown in json only */
    NEPH_INFO_SIZE = 16,    /* bytes: tables may show it in KiB, MiB */
    NEPH_INFO_RAW = 32 /* a text of any bytes but NUL, as its owner chose them: not always UTF-8 */
};

/* A member of a kind, or an argument of an operation. */
typedef struct neph_member_info {
    size_t size;
    int32_t member; /* neph_member */
    uint32_t type;  /* neph_type */
    uint32_t flags; /* NEPH_INFO_… */
    uint32_t reserved;
    const char *name;    /* JSON member and option name: "ram_bytes", --ram-bytes */
    const char *summary; /* one line */
} neph_member_info;

/* A kind of result. */
typedef struct neph_kind_info {
    size_t size;
    uint32_t kind;
    uint32_t member_count;
    const char *name; /* "node" */
    const neph_member_info *members;
} neph_kind_info;

/* An operation. */
typedef struct neph_op_info {
    size_t size;
    uint32_t op;
    uint32_t kind;    /* of its results; 0: none */
    const char *name; /* "node.list" */
    const char *noun; /* "node" */
    const char *verb; /* "list" */
    const char *summary;
    const neph_member_info
        *arguments; /* required ones first, in the order in which a command line gives them */
    uint32_t argument_count;
    uint32_t reserved;
} neph_op_info;

/* The operations this library knows, by index from 0; NULL behind the last. Static storage. Any thread. */
NEPH_API const neph_op_info *neph_op_at(size_t index);

/* One operation by number; NULL if unknown. Static storage. Any thread. */
NEPH_API const neph_op_info *neph_op_find(uint32_t op);

/* A kind; NULL if unknown. Static storage. Any thread. */
NEPH_API const neph_kind_info *neph_kind_find(uint32_t kind);

/* A value of any type, as neph_result_get() returns it. What is unknown has type NEPH_TYPE_NONE. */
typedef struct neph_value {
    uint32_t type; /* neph_type */
    uint32_t reserved;
    int64_t number;
    const char *text;           /* STRING; ENUM: its name */
    const char *const *strings; /* STRINGS */
    const neph_pair *pairs;     /* PAIRS */
    size_t count;               /* of strings, pairs */
} neph_value;

/* Reads a member of a result by number. Returns 0, or NEPH_INVALID if that kind has no such member. The value
 * borrows from the result. The result's thread. */
NEPH_API int neph_result_get(const neph_result *result, int32_t member, neph_value *value);

/* ---- host --------------------------------------------------------------------------------------------------------- */

enum { NEPH_LOG_ERROR = 1, NEPH_LOG_WARNING = 2, NEPH_LOG_INFO = 3, NEPH_LOG_DEBUG = 4 };

/* Which sources settings may come from: none for a library user unless asked. */
enum {
    NEPH_SOURCE_ENVIRONMENT = 1, /* variables, NEPH_PLUGIN_PATH among them */
    NEPH_SOURCE_FILES = 2,       /* the providers' own files and clouds.json */
    NEPH_SOURCE_COMMANDS =
        4, /* credential_process: waited for, a minute at most, when a cloud is opened and again
                                  * shortly before the keys that it gave expire */
    NEPH_SOURCE_METADATA = 8, /* reserved: the machine's metadata service */
    NEPH_SOURCE_ALL = 15
};

/* A line about something noticed. rule: the number of the rule of the loader that was broken, or 0. No secret in it. */
typedef void (*neph_log_fn)(int32_t level, int32_t rule, const char *message, void *user);

/* What neph_trace_fn is told; secrets are replaced by "[redacted]". */
enum { NEPH_TRACE_REQUEST = 1, NEPH_TRACE_REPLY = 2, NEPH_TRACE_BODY = 3, NEPH_TRACE_NOTE = 4 };
typedef void (*neph_trace_fn)(int32_t what, const char *text, size_t size, void *user);

/* Memory. realloc_fn(NULL, n) allocates, free_fn(NULL) does nothing. */
typedef struct neph_allocator {
    void *(*realloc_fn)(void *memory, size_t size, void *user);
    void (*free_fn)(void *memory, void *user);
    void *user;
} neph_allocator;

/* Asks the person or program for a secret setting that no source has. Returns 1 and a string that lives until the
 * next call of this function, or 0. */
typedef int (*neph_ask_fn)(const char *cloud, const char *setting, const char **value, void *user);

/* Nanoseconds since 1970 UTC. */
typedef int64_t (*neph_clock_fn)(void *user);

typedef struct neph_host_config {
    size_t size;
    uint32_t sources;                /* NEPH_SOURCE_…; 0: only what neph_cloud_open() is given */
    uint32_t max_requests_per_cloud; /* in flight at once; 0: 64 */
    neph_log_fn log;
    void *log_user;
    neph_trace_fn trace;
    void *trace_user;
    neph_ask_fn ask;
    void *ask_user;
    neph_clock_fn clock;
    void *clock_user;
    neph_allocator allocator; /* all NULL: malloc */
    const char *
        plugin_path; /* directories separated by ':', in place of all others; NULL: the usual ones */
    const char *clouds_file;   /* NULL: $XDG_CONFIG_HOME/neph/clouds.json if files are allowed */
    const char *temporary_dir; /* NULL: $TMPDIR if the environment is allowed, or /tmp */
    const char *ca_file;       /* NULL: the system's */
    const char *client_certificate;
    const char *client_key;
    const char *proxy;
    const char *user_agent;     /* put before neph's own */
    int64_t max_connections;    /* 0: 1,024 */
    int64_t connect_timeout_ms; /* 0: 10,000 */
    int64_t stall_timeout_ms;   /* 0: 60,000 */
    int64_t
        deadline_ms; /* of a call whose own is not set; 0: an hour, a day for a list or a body, and what it waits for */
    int32_t max_attempts;            /* of one request; 0: 5 */
    int32_t insecure;                /* 1: certificates are not verified */
    const neph_transport *transport; /* NULL: libcurl */
    const char *record_dir;          /* exchanges are recorded there, secrets scrubbed; NULL: no */
    const char *replay_dir; /* answers come from recordings there, nothing is sent; NULL: no */
    const char *module_dir; /* where neph-wire and neph-xml lie; NULL: where it was installed */
    int64_t
        max_bytes_per_second; /* of the bodies of all objects sent and received, together; 0: no limit */
} neph_host_config;

#define NEPH_HOST_CONFIG_INIT                                                                      \
    {                                                                                              \
        sizeof(neph_host_config), 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,            \
            {NULL, NULL, NULL}, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, 0, 0, 0, 0,  \
            NULL, NULL, NULL, NULL, 0                                                              \
    }

/*
 * Makes a host and reads the manifests of the installed plugins; loads nothing. A bad manifest is logged and skipped.
 * config: NULL for defaults; strings in it are copied. *out: owned by the caller, NULL on failure.
 * Returns 0, NEPH_NO_MEMORY, or NEPH_INVALID for a config it cannot use.
 */
NEPH_API int neph_host_new(const neph_host_config *config, neph_host **out);

/* Ends and frees all calls, closes all clouds, frees the host. NULL is fine. Not from a callback. Plugins stay loaded. */
NEPH_API void neph_host_free(neph_host *host);

/* The last failure of a function of this host or its clouds that returned a status; never NULL. Borrowed until the
 * next such failure. */
NEPH_API const neph_error *neph_host_error(const neph_host *host);

/* A descriptor to poll for reading; call neph_host_dispatch() when it is. -1: not available. Owned by the host. */
NEPH_API int neph_host_fd(neph_host *host);

/* Milliseconds until neph_host_dispatch() must be called even if the descriptor stays quiet; -1: no such time. */
NEPH_API int64_t neph_host_timeout_ms(neph_host *host);

/* Waits up to timeout_ms (0: not at all, -1: until something happens) and does what is ready; callbacks run here.
 * Returns 0, or NEPH_BUSY inside a callback. */
NEPH_API int neph_host_dispatch(neph_host *host, int64_t timeout_ms);

/* Makes a running or the next dispatch, wait or next of this host return to its loop. Any thread, signal handlers. */
NEPH_API void neph_host_wakeup(neph_host *host);

/* A provider compiled into the program: its neph_plugin, as NEPH_PLUGIN() defines it under NEPH_STATIC_PLUGIN. It
 * wins over manifests of the same name. plugin must outlive the host. Returns 0, NEPH_PLUGIN, NEPH_EXISTS,
 * NEPH_NO_MEMORY. */
NEPH_API int neph_host_register(neph_host *host, const void *plugin);

/* ---- what is installed -------------------------------------------------------------------------------------------- */

enum {
    NEPH_PLUGIN_FOUND = 0, /* by its manifest; not loaded yet */
    NEPH_PLUGIN_LOADED = 1,
    NEPH_PLUGIN_SKIPPED = 2, /* reason and rule say why */
    NEPH_PLUGIN_BUILT_IN = 3
};

typedef struct neph_setting_info {
    size_t size;
    uint32_t type;  /* neph_type */
    uint32_t flags; /* NEPH_INFO_SECRET, NEPH_INFO_REQUIRED */
    const char *name;
    const char *summary;
    const char *fallback; /* NULL: none */
    const char *choices;  /* NULL: any */
    const char *origins;  /* "environment AWS_REGION, profile region"; NULL: none */
} neph_setting_info;

/* An operation that only one provider has. Its results are neph_row. */
typedef struct neph_extension_info {
    size_t size;
    uint32_t op; /* for neph_call_new(); of this provider alone */
    uint32_t reserved;
    const char *name; /* "spot_price_history" */
    const char *summary;
    const neph_member_info *parameters; /* its arguments */
    const char *const *choices;         /* of each of them, "linux|windows"; NULL: any */
    const neph_member_info *columns;    /* of its rows */
    uint32_t parameter_count;
    uint32_t column_count;
} neph_extension_info;

/* Arguments that an operation honours besides those that it requires. */
typedef struct neph_takes_info {
    const int32_t *members;
    uint32_t member_count;
    uint32_t reserved;
} neph_takes_info;

typedef struct neph_provider_info {
    size_t size;
    const char *id;
    const char *title;
    const char *plugin; /* its plugin's name */
    const neph_setting_info *settings;
    const uint32_t *ops;
    uint32_t setting_count;
    uint32_t op_count;
    const neph_takes_info *takes; /* of each of ops */
    const neph_extension_info *extensions;
    uint32_t extension_count;
    uint32_t reserved;
} neph_provider_info;

typedef struct neph_plugin_info {
    size_t size;
    int32_t state; /* NEPH_PLUGIN_… */
    int32_t rule;  /* of the loader's obligations that it broke; 0: none */
    const char *name;
    const char *version;
    const char *package;  /* NULL: not said */
    const char *manifest; /* path; NULL for one compiled in */
    const char *file;     /* path of the .so; NULL for one compiled in */
    const char *reason;   /* why it was skipped; NULL: it was not */
    const neph_provider_info *providers;
    uint32_t provider_count;
    uint32_t abi_major;
    uint32_t abi_minor;
    uint32_t reserved;
} neph_plugin_info;

/* Plugins in order of name, skipped ones too; NULL behind the last. Nothing is loaded. Borrowed from the host. */
NEPH_API const neph_plugin_info *neph_plugin_at(neph_host *host, size_t index);

/* Providers in order of id; NULL behind the last. Nothing is loaded. Borrowed from the host. */
NEPH_API const neph_provider_info *neph_provider_at(neph_host *host, size_t index);

/* An extension by its full name, "ec2.spot_price_history"; NULL: there is none. Nothing is loaded. Borrowed from the
 * host. */
NEPH_API const neph_extension_info *neph_extension_find(neph_host *host, const char *name);

/* Loads a plugin now and compares it with its manifest, as `neph plugin doctor` does. Returns 0 or NEPH_PLUGIN,
 * NEPH_NOT_FOUND, NEPH_NO_MEMORY; neph_host_error() says what. */
NEPH_API int neph_plugin_check(neph_host *host, const char *name);

/* Clouds named in clouds.json, in its order; NULL behind the last, or if it cannot be read. Borrowed from the host. */
NEPH_API const char *neph_cloud_name_at(neph_host *host, size_t index);

/* ---- prices: from files, for each provider one; nothing is read before a price is asked for ---------------------- */

/* Prices of a list; made by neph_price_list(). */
typedef struct neph_prices neph_prices;

/* Which prices; NULL: any. */
typedef struct neph_price_options {
    size_t size;
    const char *service; /* "compute", "volumes", "storage", "addresses", "balancers" */
    const char *item;    /* id of the size, type of the volume */
    const char *region;  /* those that hold there: the region's own, and those of all regions */
} neph_price_options;
#define NEPH_PRICE_OPTIONS_INIT                                                                    \
    {                                                                                              \
        sizeof(neph_price_options), NULL, NULL, NULL                                               \
    }

/*
 * Reads the prices of a provider: the user's own file ($XDG_DATA_HOME/neph/prices/PROVIDER.json, with NEPH_SOURCE_FILES),
 * or the one that came with the plugin. provider: its id, installed or not; NULL: all that have a file, and a bad file is
 * logged and passed over. options: NULL for all. *out: owned by the caller, freed before the host; NULL on failure.
 * Returns 0, NEPH_NOT_FOUND (no file of that provider), NEPH_INVALID (no such service; malformed, with line and column),
 * NEPH_FILE, NEPH_LIMIT, NEPH_NO_MEMORY; neph_host_error() says what. The host's thread.
 */
NEPH_API int neph_price_list(neph_host *host, const char *provider,
                             const neph_price_options *options, neph_prices **out);

/* The next one, by provider, service, item and region; NULL behind the last. It lives until the next one is taken or the
 * list is freed; neph_result_get() reads it too. */
NEPH_API const neph_price *neph_prices_next(neph_prices *prices);

/* NULL is fine. */
NEPH_API void neph_prices_free(neph_prices *prices);

/*
 * One price. service: NULL for "compute". region: its own price comes before that of all regions; NULL: only that of all
 * regions. A price that is not known is NEPH_NOT_FOUND, never 0. *out: borrowed until the next neph_price_find() of this
 * host, NULL on failure. Returns 0 or as neph_price_list() does. The host's thread.
 */
NEPH_API int neph_price_find(neph_host *host, const char *provider, const char *service,
                             const char *item, const char *region, const neph_price **out);

/* What an import shall take, and what came of it. */
typedef struct neph_price_import_options {
    size_t size;
    const char *provider; /* whose prices they are; NULL: see neph_price_import() */
    const neph_pair *
        drivers; /* which of the file's tables, and the region of each; value "": it says them itself */
    size_t driver_count;
    const char *region;   /* of what has none else; NULL: all regions */
    const char *currency; /* NULL: USD */
    const char *as_of;    /* a day, "2011-05-21", or a time; NULL: as the file says */
} neph_price_import_options;
#define NEPH_PRICE_IMPORT_OPTIONS_INIT                                                             \
    {                                                                                              \
        sizeof(neph_price_import_options), NULL, NULL, 0, NULL, NULL, NULL                         \
    }

typedef struct neph_price_import_result {
    size_t size;
    int64_t provider_count; /* files written */
    int64_t price_count;    /* in them */
    int64_t zero_count;     /* left out: 0 in Libcloud's lists is unknown */
    int64_t double_count;   /* left out: another table had a price of the same thing */
    int64_t other_count;    /* texts that are no prices: descriptions, article numbers */
    int64_t as_of_ns;       /* NEPH_UNKNOWN: neither the file nor the options say */
} neph_price_import_result;

/*
 * Reads a price list and writes it as the user's own price files, each of which is replaced at once or not at all; nothing
 * is replaced unless the whole list is read. path: a pricing.json of Apache Libcloud, of the first kind (tables by driver)
 * or the second (compute and storage, "updated"), or a price file of neph's own, which is taken as it is. A table of
 * Libcloud belongs to the provider whose installed price file names its driver; else to one of the driver's name, with '-'
 * for '_'. With options.provider only that provider's tables are taken: options.drivers, or those its price file names, or
 * the one of its own name. Where two tables price the same thing, the one named first wins. options: NULL for none.
 * result: NULL, or where to say what was done; its size is set by the caller.
 * Returns 0, NEPH_INVALID (malformed, with line and column; no price in it; no such date), NEPH_NOT_FOUND (no such file or
 * driver), NEPH_PERMISSION (files are not allowed), NEPH_FILE, NEPH_LIMIT, NEPH_NO_MEMORY; neph_host_error() says what.
 */
NEPH_API int neph_price_import(neph_host *host, const char *path,
                               const neph_price_import_options *options,
                               neph_price_import_result *result);

/* ---- cloud -------------------------------------------------------------------------------------------------------- */

/* A setting by name. */
typedef struct neph_setting_value {
    const char *name;
    const char *value;
} neph_setting_value;

/*
 * Opens a cloud: finds and loads its plugin, gathers settings. No network. name: a provider's id, or with
 * NEPH_SOURCE_FILES a name from clouds.json (which wins). settings: win over all other sources; copied.
 * *out: owned by the caller, NULL on failure.
 * Returns 0, NEPH_NOT_FOUND (no such provider: the message names the package that usually carries it), NEPH_INVALID
 * (setting missing, unknown, ill-typed; file malformed, with line and column), NEPH_PLUGIN, NEPH_FILE, NEPH_NO_MEMORY;
 * neph_host_error() says what.
 */
NEPH_API int neph_cloud_open(neph_host *host, const char *name, const neph_setting_value *settings,
                             size_t count, neph_cloud **out);

/* Cancels its calls (they fail with NEPH_CANCELLED and must still be freed), wipes its secrets. NULL is fine. Not from
 * a body callback of one of its calls. */
NEPH_API void neph_cloud_close(neph_cloud *cloud);

/* Can this cloud do the operation? 1 or 0. No network. */
NEPH_API int neph_cloud_can(const neph_cloud *cloud, uint32_t op);

/* Does the operation honour this argument on this cloud? 1 or 0; what the host does in the cloud's stead (limit and
 * filters of lists, waiting, checksums of bodies) counts. No network. */
NEPH_API int neph_cloud_takes(const neph_cloud *cloud, uint32_t op, int32_t member);

/* Where each setting's value came from; by index, 0 behind the last. name, value and origin ("environment AWS_REGION")
 * are borrowed until the host runs again; value is NULL if it is secret or has none. */
NEPH_API int neph_cloud_setting_at(const neph_cloud *cloud, size_t index, const char **name,
                                   const char **value, const char **origin);

/* The cloud's provider id. Borrowed. */
NEPH_API const char *neph_cloud_provider(const neph_cloud *cloud);

/* An extension of the cloud's provider, by its name alone ("spot_price_history") or its full name; NULL: there is none.
 * Borrowed from the host. */
NEPH_API const neph_extension_info *neph_cloud_extension(const neph_cloud *cloud, const char *name);

/* ---- bodies ------------------------------------------------------------------------------------------------------- */

enum {
    NEPH_BODY_NONE = 0,
    NEPH_BODY_FILE = 1,       /* path */
    NEPH_BODY_DESCRIPTOR = 2, /* fd; stays the caller's, read or written from where it stands */
    NEPH_BODY_MEMORY = 3,  /* source: data, data_size; sink: neph_call_data() has it afterwards */
    NEPH_BODY_CALLBACK = 4 /* read or write */
};

/* Gives up to size bytes: how many, 0 at the end, NEPH_AGAIN (then neph_call_resume()), or a negative neph_status. */
typedef int64_t (*neph_read_fn)(void *data, size_t size, void *user);

/* Takes all bytes: 0, NEPH_AGAIN (none taken; then neph_call_resume()), or a negative neph_status. */
typedef int (*neph_write_fn)(const void *data, size_t size, void *user);

/* Where a body comes from. Everything it points to is borrowed until the call is done. */
typedef struct neph_source {
    size_t size;
    int32_t from; /* NEPH_BODY_… */
    int32_t fd;
    const char *path;
    const void *data;
    size_t data_size;
    neph_read_fn read;
    void *user;
    int64_t
        length; /* of callbacks and pipes, if known; else -1: spooled to an unlinked temporary file; with offset: of the
                 * slice */
    int64_t
        offset; /* FILE, DESCRIPTOR of a regular file: the slice of length bytes from here on, read without moving the
                     * descriptor's place; -1: all of it, from where it stands */
} neph_source;
#define NEPH_SOURCE_INIT                                                                           \
    {                                                                                              \
        sizeof(neph_source), 0, -1, NULL, NULL, 0, NULL, NULL, -1, -1                              \
    }

/* Where a body goes to. A file is written under a temporary name beside it and renamed at the end: after a failure
 * nothing is there, or what was there before. */
typedef struct neph_sink {
    size_t size;
    int32_t to; /* NEPH_BODY_… */
    int32_t fd;
    const char *path;
    neph_write_fn write;
    void *user;
    int64_t limit; /* of MEMORY, in bytes; 0: 64 MiB; more is NEPH_LIMIT */
    int64_t
        offset; /* DESCRIPTOR of a regular file: written there and behind, without moving the descriptor's place, and
                     * written again there if the body is asked for again; -1: where it stands */
} neph_sink;
#define NEPH_SINK_INIT                                                                             \
    {                                                                                              \
        sizeof(neph_sink), 0, -1, NULL, NULL, NULL, 0, -1                                          \
    }

/* ---- calls: any operation ------------------------------------------------------------------------------------------ */

/*
 * A call that has not started. Never NULL: out of memory is one static failed call. Owned by the caller, freed with
 * neph_call_free(). The verbs further down are shorthands for this, the setters and neph_call_start().
 */
NEPH_API neph_call *neph_call_new(neph_cloud *cloud, uint32_t op);

/* Arguments, before the start; copied (bodies: the struct is, what it points to is not). A wrong one makes the call
 * fail when it starts, so the results need not be looked at. Return 0 or NEPH_INVALID, NEPH_NO_MEMORY. */
NEPH_API int neph_call_set_string(neph_call *call, int32_t member, const char *value);
NEPH_API int neph_call_set_integer(neph_call *call, int32_t member, int64_t value);
NEPH_API int neph_call_set_pairs(neph_call *call, int32_t member, const neph_pair *pairs,
                                 size_t count);
NEPH_API int neph_call_set_strings(neph_call *call, int32_t member, const char *const *values,
                                   size_t count);
NEPH_API int neph_call_set_source(neph_call *call, const neph_source *source);
NEPH_API int neph_call_set_sink(neph_call *call, const neph_sink *sink);

/* An argument by its name and as text, which is read by the argument's type; a list gets one more entry. Of extensions
 * above all; as the setters above. */
NEPH_API int neph_call_set_parameter(neph_call *call, const char *name, const char *value);

/* Time until the whole call must be done, in milliseconds; 0: the host's. Before the start. */
NEPH_API int neph_call_set_deadline(neph_call *call, int64_t deadline_ms);

/* Callbacks, before the start or at once after a verb. on_result gets each result instead of neph_next(); on_done
 * runs once. They run only inside dispatch, wait and next; in them any call may be started, cancelled, freed. */
typedef void (*neph_result_fn)(neph_call *call, const neph_result *result, void *user);
typedef void (*neph_done_fn)(neph_call *call, int status, void *user);
NEPH_API void neph_on_result(neph_call *call, neph_result_fn fn, void *user);
NEPH_API void neph_on_done(neph_call *call, neph_done_fn fn, void *user);

/* Starts it: checks arguments and capability; the request goes out when the host runs. Returns what neph_wait() would
 * if the call has failed already, else 0. */
NEPH_API int neph_call_start(neph_call *call);

/* Runs the host until the call is done. Results not taken are dropped, but the last one (neph_call_result()).
 * Returns 0 or why it failed; NEPH_BUSY inside a callback. */
NEPH_API int neph_wait(neph_call *call);

/* The same for at most timeout_ms; NEPH_AGAIN when that is over. */
NEPH_API int neph_wait_for(neph_call *call, int64_t timeout_ms);

/* Runs the host until the next result is there. NULL: there are no more, or the call failed (neph_wait() tells). The
 * result lives until the next one is taken or the call is freed; the socket is read no faster than results are taken. */
NEPH_API const neph_result *neph_next(neph_call *call);

/* The same, skipping results of other kinds. */
NEPH_API const neph_result *neph_next_kind(neph_call *call, uint32_t kind);
NEPH_API const neph_node *neph_next_node(neph_call *call);
NEPH_API const neph_image *neph_next_image(neph_call *call);
NEPH_API const neph_size *neph_next_size(neph_call *call);
NEPH_API const neph_location *neph_next_location(neph_call *call);
NEPH_API const neph_key *neph_next_key(neph_call *call);
NEPH_API const neph_volume *neph_next_volume(neph_call *call);
NEPH_API const neph_snapshot *neph_next_snapshot(neph_call *call);
NEPH_API const neph_address *neph_next_address(neph_call *call);
NEPH_API const neph_firewall *neph_next_firewall(neph_call *call);
NEPH_API const neph_firewall_rule *neph_next_firewall_rule(neph_call *call);
NEPH_API const neph_network *neph_next_network(neph_call *call);
NEPH_API const neph_subnet *neph_next_subnet(neph_call *call);
NEPH_API const neph_tag *neph_next_tag(neph_call *call);
NEPH_API const neph_bucket *neph_next_bucket(neph_call *call);
NEPH_API const neph_object *neph_next_object(neph_call *call);
NEPH_API const neph_upload *neph_next_upload(neph_call *call);
NEPH_API const neph_part *neph_next_part(neph_call *call);
NEPH_API const neph_row *neph_next_row(neph_call *call);

/* Makes a result live as long as its call. Returns 0 or NEPH_INVALID. */
NEPH_API int neph_keep(neph_call *call, const neph_result *result);

/* After neph_wait(): the one result of a call that has one (show, create, head, put, presign); NULL: none. Lives as
 * long as the call. */
NEPH_API const neph_result *neph_call_result(const neph_call *call);

/* What a MEMORY sink got; *size its length. Lives as long as the call. NULL: nothing. */
NEPH_API const void *neph_call_data(const neph_call *call, size_t *size);

/* 1: done, well or not. */
NEPH_API int neph_call_is_done(const neph_call *call);

/* The error of a failed call; of any other one with status 0. Never NULL; lives as long as the call. */
NEPH_API const neph_error *neph_call_error(const neph_call *call);

/* Bytes of body so far and in all (-1: not known), for progress. */
NEPH_API void neph_call_progress(const neph_call *call, int64_t *done_bytes, int64_t *total_bytes);

/* Ends it at any moment: it is done with NEPH_CANCELLED at once, files half-written are removed. */
NEPH_API void neph_call_cancel(neph_call *call);

/* After NEPH_AGAIN from a body callback. */
NEPH_API void neph_call_resume(neph_call *call);

/* Cancels it if it runs, and frees it (deferred inside callbacks). NULL is fine. */
NEPH_API void neph_call_free(neph_call *call);

/* ---- verbs: one for each operation, started. What an option leaves NULL or 0 is not given. ----------------------- */

typedef struct neph_list_options {
    size_t size;
    int64_t limit;           /* 0: all */
    const char *prefix;      /* object list */
    const char *delimiter;   /* object list */
    const char *start_after; /* object list */
    const char *const *ids;  /* only these; what the kind has no member for is NEPH_INVALID */
    size_t id_count;
    const char *name;      /* a pattern with * and ? */
    const neph_pair *tags; /* all of these; value "*": any */
    size_t tag_count;
    const char *state; /* its name, "running" */
    const char *location_id;
    const char *owner; /* image list: "self", an account, an alias */
} neph_list_options;
#define NEPH_LIST_OPTIONS_INIT                                                                     \
    {                                                                                              \
        sizeof(neph_list_options), 0, NULL, NULL, NULL, NULL, 0, NULL, NULL, 0, NULL, NULL, NULL   \
    }

/* Shared by all that makes something or changes its state. */
typedef struct neph_wait_options {
    size_t size;
    int32_t
        wait; /* 1: the call is done when the state is reached, not when the cloud has accepted it */
    int32_t reserved;
    int64_t
        wait_seconds; /* at most; 0: 600. Then NEPH_TIMEOUT, and the message names the state seen last; a
                       * deadline of the call's own counts too */
} neph_wait_options;
#define NEPH_WAIT_OPTIONS_INIT                                                                     \
    {                                                                                              \
        sizeof(neph_wait_options), 0, 0, 0                                                         \
    }

typedef struct neph_node_options {
    size_t size;
    const char *name;
    const char *image_id;
    const char *size_id;
    const char *location_id;
    const char *username;
    const char *password;   /* secret */
    const char *public_key; /* the text of an SSH public key */
    const char *key_name;   /* of a key that the cloud holds */
    const char *const *firewall_ids;
    size_t firewall_id_count;
    const char *network_id;
    const char *subnet_id;
    const char *user_data;        /* raw: what the node reads at its first start */
    const char *user_data_base64; /* the same, for bytes that are no text */
    const neph_pair *tags;
    size_t tag_count;
    const char *token; /* idempotency token; NULL: the call makes one */
    const neph_wait_options *wait;
} neph_node_options;
#define NEPH_NODE_OPTIONS_INIT                                                                     \
    {                                                                                              \
        sizeof(neph_node_options), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL,  \
            NULL, NULL, NULL, NULL, 0, NULL, NULL                                                  \
    }

typedef struct neph_volume_options {
    size_t size;
    const char *name;
    int64_t size_bytes; /* 0: that of the snapshot */
    const char *location_id;
    const char *type;
    int64_t iops;         /* 0: the type's own */
    int32_t is_encrypted; /* 1: yes; 0: as the account has it */
    int32_t reserved;
    const char *snapshot_id;
    const neph_pair *tags;
    size_t tag_count;
    const char *token;
    const neph_wait_options *wait;
} neph_volume_options;
#define NEPH_VOLUME_OPTIONS_INIT                                                                   \
    {                                                                                              \
        sizeof(neph_volume_options), NULL, 0, NULL, NULL, 0, 0, 0, NULL, NULL, 0, NULL, NULL       \
    }

/* Of image, snapshot, address and firewall. */
typedef struct neph_label_options {
    size_t size;
    const char *description;
    const neph_pair *tags;
    size_t tag_count;
    const char *token;             /* snapshot, address */
    const char *network_id;        /* firewall */
    const neph_wait_options *wait; /* image, snapshot */
} neph_label_options;
#define NEPH_LABEL_OPTIONS_INIT                                                                    \
    {                                                                                              \
        sizeof(neph_label_options), NULL, NULL, 0, NULL, NULL, NULL                                \
    }

/* What a firewall lets through. */
typedef struct neph_rule_options {
    size_t size;
    int32_t direction; /* neph_direction; 0: ingress */
    int32_t reserved;
    const char *protocol; /* NULL: tcp */
    int64_t port_from;    /* NEPH_UNKNOWN: all */
    int64_t port_to;      /* NEPH_UNKNOWN: port_from */
    const char *cidr;     /* this, or peer_id */
    const char *peer_id;
    const char *description;
} neph_rule_options;
#define NEPH_RULE_OPTIONS_INIT                                                                     \
    {                                                                                              \
        sizeof(neph_rule_options), 0, 0, NULL, NEPH_UNKNOWN, NEPH_UNKNOWN, NULL, NULL, NULL        \
    }

typedef struct neph_get_options {
    size_t size;
    int64_t offset; /* first byte; negative: so many from the end */
    int64_t length; /* 0: to the end */
    const char *version;
    const char *if_match;      /* entity tag, without quotes */
    const char *if_none_match; /* NEPH_CONFLICT if it still is that */
    const char *checksum;      /* algorithm, "crc32c": see neph_object.body_checksum */
} neph_get_options;
#define NEPH_GET_OPTIONS_INIT                                                                      \
    {                                                                                              \
        sizeof(neph_get_options), 0, 0, NULL, NULL, NULL, NULL                                     \
    }

typedef struct neph_put_options {
    size_t size;
    const char *content_type;
    const char *storage_class;
    const neph_pair *metadata;
    size_t metadata_count;
    const char *if_match;      /* only over the object with this entity tag */
    const char *if_none_match; /* "*": only if there is no such object */
    const char *
        checksum; /* algorithm, "crc32c": taken on the way, sent along where the cloud takes it, and compared
                                * with what it says */
    int64_t local_modified_ns; /* of the file; 0: not kept */
} neph_put_options;
#define NEPH_PUT_OPTIONS_INIT                                                                      \
    {                                                                                              \
        sizeof(neph_put_options), NULL, NULL, NULL, 0, NULL, NULL, NULL, 0                         \
    }

/*
 * What holds for all of them:
 *  - A list brings everything that its filters leave, whatever it takes. What a cloud cannot filter by, the host does:
 *    ids, name, tags, state and location are compared with each result, and the limit counts those that pass. What a
 *    result does not tell passes no filter. A name is like its pattern from end to end, in capitals and small letters. A
 *    state that the kind has not is NEPH_INVALID, and the message lists those it has.
 *  - What a cloud cannot do is NEPH_UNSUPPORTED before anything is sent; so is an option that it does not honour.
 *  - A create carries an idempotency token. When its reply is lost, the call finds out what was made, by the token, a tag
 *    that holds it or a unique name: what is found is the result, what is not is created again, as often as a request is
 *    tried (max_attempts). Where a cloud has none of these, or nothing could be found out, the call fails as the request
 *    did, and the message says what may exist, and since when; so does that of a create which was cancelled or ran into
 *    its deadline when its request was out.
 *  - Two creates with the same token of the program's own, one after the other, make one thing; the second one brings what
 *    the first one made.
 *  - When something was made and a later step failed, ran out of time or was cancelled, neph_error.created names it.
 *  - With neph_wait_options.wait a call is done when the state is reached; without, when the cloud has accepted it. The
 *    host looks every second at first and every ten seconds later. The result of a create is then what was seen last; it
 *    comes once, and also when the wait fails, unless the call was cancelled. A state from which no way leads to the one
 *    waited for fails the call at once: NEPH_UNAVAILABLE for one that the cloud calls a failure, else NEPH_CONFLICT.
 *    Attaching is waited for until the volume is attached, or in use where the cloud tells no more; deleting until it
 *    cannot be found; restarting until the node is seen running, which some clouds say all the time.
 *  - What was just created may not be known everywhere yet: NEPH_NOT_FOUND for what this cloud handle made in the last
 *    minute is asked again until the minute is over.
 */

/* Nodes of the account; results neph_node. options: NULL for all. Never NULL; free with neph_call_free(). */
NEPH_API neph_call *neph_node_list(neph_cloud *cloud, const neph_list_options *options);
/* One node by id; result neph_node; NEPH_NOT_FOUND. */
NEPH_API neph_call *neph_node_show(neph_cloud *cloud, const char *id);
/* A new node; result neph_node, in whatever state it begins, or running with wait. */
NEPH_API neph_call *neph_node_create(neph_cloud *cloud, const neph_node_options *options);
/* Ends a node for good; a node that has ended is NEPH_NOT_FOUND or no error, as the cloud has it. */
NEPH_API neph_call *neph_node_destroy(neph_cloud *cloud, const char *id,
                                      const neph_wait_options *wait);
/* Restarts a node. */
NEPH_API neph_call *neph_node_reboot(neph_cloud *cloud, const char *id,
                                     const neph_wait_options *wait);
/* Starts a stopped node; one that runs is no error. */
NEPH_API neph_call *neph_node_start(neph_cloud *cloud, const char *id,
                                    const neph_wait_options *wait);
/* Stops a node, its disks are kept; one that is stopped is no error. */
NEPH_API neph_call *neph_node_stop(neph_cloud *cloud, const char *id,
                                   const neph_wait_options *wait);
/* Gives a node another name. */
NEPH_API neph_call *neph_node_rename(neph_cloud *cloud, const char *id, const char *name);
/* Gives a node another size; NEPH_CONFLICT where it must be stopped first. */
NEPH_API neph_call *neph_node_resize(neph_cloud *cloud, const char *id, const char *size_id);
/* What a node's console shows; result neph_console. */
NEPH_API neph_call *neph_node_console(neph_cloud *cloud, const char *id);

/* Images to create nodes from; results neph_image. */
NEPH_API neph_call *neph_image_list(neph_cloud *cloud, const neph_list_options *options);
/* One image by id; result neph_image. */
NEPH_API neph_call *neph_image_show(neph_cloud *cloud, const char *id);
/* Makes an image of a node; result neph_image. The node may be restarted for it, as the cloud has it. */
NEPH_API neph_call *neph_image_create(neph_cloud *cloud, const char *node_id, const char *name,
                                      const neph_label_options *options);
/* Deletes an image; nodes made from it stay. */
NEPH_API neph_call *neph_image_delete(neph_cloud *cloud, const char *id);
/* Sizes of nodes; results neph_size. What the cloud does not say of prices is taken from the price data. */
NEPH_API neph_call *neph_size_list(neph_cloud *cloud, const neph_list_options *options);
/* Places where nodes can be; results neph_location. */
NEPH_API neph_call *neph_location_list(neph_cloud *cloud, const neph_list_options *options);

/* Keys that the cloud holds; results neph_key, without private keys. */
NEPH_API neph_call *neph_key_list(neph_cloud *cloud, const neph_list_options *options);
/* Has the cloud make a key; result neph_key with its private key, which is told this once. NEPH_EXISTS. */
NEPH_API neph_call *neph_key_create(neph_cloud *cloud, const char *name);
/* Gives the cloud a public key; result neph_key. NEPH_EXISTS. */
NEPH_API neph_call *neph_key_import(neph_cloud *cloud, const char *name, const char *public_key);
/* Deletes a key by name; nodes that were made with it still know it. */
NEPH_API neph_call *neph_key_delete(neph_cloud *cloud, const char *name);

/* Volumes of the account; results neph_volume. */
NEPH_API neph_call *neph_volume_list(neph_cloud *cloud, const neph_list_options *options);
/* One volume by id; result neph_volume. */
NEPH_API neph_call *neph_volume_show(neph_cloud *cloud, const char *id);
/* A new volume, empty or filled from a snapshot; result neph_volume. */
NEPH_API neph_call *neph_volume_create(neph_cloud *cloud, const neph_volume_options *options);
/* Deletes a volume and what it holds; NEPH_CONFLICT while a node has it. */
NEPH_API neph_call *neph_volume_delete(neph_cloud *cloud, const char *id,
                                       const neph_wait_options *wait);
/* Attaches a volume to a node in the same location. device: NULL for the next free one. NEPH_CONFLICT if a node has it. */
NEPH_API neph_call *neph_volume_attach(neph_cloud *cloud, const char *id, const char *node_id,
                                       const char *device, const neph_wait_options *wait);
/* Detaches a volume and waits until it is available. force: 1 even if the node has not let go of it (data may be lost).
 * wait: its seconds alone count; NULL: 600. NEPH_CONFLICT if no node has it. */
NEPH_API neph_call *neph_volume_detach(neph_cloud *cloud, const char *id, int force,
                                       const neph_wait_options *wait);
/* Makes a volume larger; NEPH_INVALID if it is not larger. What is on it is not told. */
NEPH_API neph_call *neph_volume_resize(neph_cloud *cloud, const char *id, int64_t size_bytes);

/* Snapshots of the account; results neph_snapshot. */
NEPH_API neph_call *neph_snapshot_list(neph_cloud *cloud, const neph_list_options *options);
/* One snapshot by id; result neph_snapshot. */
NEPH_API neph_call *neph_snapshot_show(neph_cloud *cloud, const char *id);
/* Takes a snapshot of a volume; result neph_snapshot. */
NEPH_API neph_call *neph_snapshot_create(neph_cloud *cloud, const char *volume_id, const char *name,
                                         const neph_label_options *options);
/* Deletes a snapshot; volumes filled from it stay. */
NEPH_API neph_call *neph_snapshot_delete(neph_cloud *cloud, const char *id);

/* Public addresses that the account holds; results neph_address. */
NEPH_API neph_call *neph_address_list(neph_cloud *cloud, const neph_list_options *options);
/* Gets a public address; result neph_address. name: NULL for none. */
NEPH_API neph_call *neph_address_allocate(neph_cloud *cloud, const char *name,
                                          const neph_label_options *options);
/* Has an address lead to a node. An address that leads to another node is NEPH_CONFLICT, unless reassociate is 1. */
NEPH_API neph_call *neph_address_associate(neph_cloud *cloud, const char *id, const char *node_id,
                                           int reassociate);
/* Has an address lead nowhere; one that does already is no error. It is kept, and often billed. */
NEPH_API neph_call *neph_address_disassociate(neph_cloud *cloud, const char *id);
/* Gives an address back for good; NEPH_CONFLICT while it leads to a node. */
NEPH_API neph_call *neph_address_release(neph_cloud *cloud, const char *id);

/* Firewalls of the account; results neph_firewall. */
NEPH_API neph_call *neph_firewall_list(neph_cloud *cloud, const neph_list_options *options);
/* A new firewall, which lets nothing in; result neph_firewall. NEPH_EXISTS. */
NEPH_API neph_call *neph_firewall_create(neph_cloud *cloud, const char *name,
                                         const neph_label_options *options);
/* Deletes a firewall; NEPH_CONFLICT while something is behind it. */
NEPH_API neph_call *neph_firewall_delete(neph_cloud *cloud, const char *id);
/* Rules of a firewall; results neph_firewall_rule, one for each other end. */
NEPH_API neph_call *neph_rule_list(neph_cloud *cloud, const char *firewall_id,
                                   const neph_list_options *options);
/* Lets something through; NEPH_EXISTS if that is let through already. */
NEPH_API neph_call *neph_rule_add(neph_cloud *cloud, const char *firewall_id,
                                  const neph_rule_options *rule);
/* Lets it through no more: the same options as when it was added. NEPH_NOT_FOUND. */
NEPH_API neph_call *neph_rule_remove(neph_cloud *cloud, const char *firewall_id,
                                     const neph_rule_options *rule);

/* Networks that nodes can be in; results neph_network. */
NEPH_API neph_call *neph_network_list(neph_cloud *cloud, const neph_list_options *options);
/* Their subnets; results neph_subnet. */
NEPH_API neph_call *neph_subnet_list(neph_cloud *cloud, const neph_list_options *options);

/* Tags that something bears, by its id; results neph_tag. */
NEPH_API neph_call *neph_tag_list(neph_cloud *cloud, const char *resource_id,
                                  const neph_list_options *options);
/* Gives something a tag, or its tag another value. */
NEPH_API neph_call *neph_tag_set(neph_cloud *cloud, const char *resource_id, const char *name,
                                 const char *value);
/* Takes a tag away; one that is not there is no error. */
NEPH_API neph_call *neph_tag_remove(neph_cloud *cloud, const char *resource_id, const char *name);

/* Buckets of the account; results neph_bucket. */
NEPH_API neph_call *neph_bucket_list(neph_cloud *cloud, const neph_list_options *options);
/* A new bucket, in the cloud's region; NEPH_EXISTS if it is somebody's already. */
NEPH_API neph_call *neph_bucket_create(neph_cloud *cloud, const char *bucket);
/* Deletes an empty bucket; NEPH_CONFLICT if it is not empty, NEPH_NOT_FOUND. */
NEPH_API neph_call *neph_bucket_delete(neph_cloud *cloud, const char *bucket);

/* Objects in byte order of their keys; results neph_object, and with a delimiter neph_prefix. */
NEPH_API neph_call *neph_object_list(neph_cloud *cloud, const char *bucket,
                                     const neph_list_options *options);
/* What is known of one object; result neph_object. */
NEPH_API neph_call *neph_object_head(neph_cloud *cloud, const char *bucket, const char *key);
/* An object's bytes to a sink; result neph_object. A range behind the end is NEPH_INVALID. */
NEPH_API neph_call *neph_object_get(neph_cloud *cloud, const char *bucket, const char *key,
                                    const neph_sink *sink, const neph_get_options *options);
/* A source's bytes to an object, in one request (5 GiB at most); result neph_object. */
NEPH_API neph_call *neph_object_put(neph_cloud *cloud, const char *bucket, const char *key,
                                    const neph_source *source, const neph_put_options *options);
/* A copy inside the cloud; result neph_object. */
NEPH_API neph_call *neph_object_copy(neph_cloud *cloud, const char *from_bucket,
                                     const char *from_key, const char *bucket, const char *key);
/* Deletes an object; one that is not there is no error where the cloud says so. */
NEPH_API neph_call *neph_object_delete(neph_cloud *cloud, const char *bucket, const char *key);
/* A URL that does one thing for whoever holds it; method "GET", "PUT" or "DELETE"; seconds it is good for. Result
 * neph_url. No network. */
NEPH_API neph_call *neph_object_presign(neph_cloud *cloud, const char *bucket, const char *key,
                                        const char *method, int64_t seconds);
/* Deletes many objects; results: neph_object for each that could not be, with its error. More keys than the cloud takes at
 * once (neph_limits.delete_count) are NEPH_LIMIT. What is not there is as good as deleted. Where the cloud has no such
 * request, it is one for each key, several at a time. */
NEPH_API neph_call *neph_object_delete_many(neph_cloud *cloud, const char *bucket,
                                            const char *const *keys, size_t count);
/* All versions of objects in order of their keys, the newest of a key first; results neph_object and neph_prefix. */
NEPH_API neph_call *neph_object_versions(neph_cloud *cloud, const char *bucket,
                                         const neph_list_options *options);

/* ---- an object in parts: transfer.h does all of this by itself ---- */

/* Objects on their way in parts; results neph_upload. */
NEPH_API neph_call *neph_upload_list(neph_cloud *cloud, const char *bucket,
                                     const neph_list_options *options);
/* Begins one; result neph_upload. What options says goes to neph_upload_complete() as well: some clouds want it here, some
 * there. Whatever was begun is completed or aborted: its parts are billed. */
NEPH_API neph_call *neph_upload_begin(neph_cloud *cloud, const char *bucket, const char *key,
                                      const neph_put_options *options);
/* Sends a part, in any order and several at once; the same number again replaces it. Result neph_part. checksum: as in
 * neph_put_options; NULL: none. */
NEPH_API neph_call *neph_upload_part(neph_cloud *cloud, const char *bucket, const char *key,
                                     const char *upload, int64_t number, const neph_source *source,
                                     const char *checksum);
/* The parts that the cloud has, by number; results neph_part. NEPH_NOT_FOUND: no such upload (any more). */
NEPH_API neph_call *neph_upload_parts(neph_cloud *cloud, const char *bucket, const char *key,
                                      const char *upload);
/* Makes the object of its parts; names and values of parts are number and entity tag, ascending. checksum: of the whole
 * object, "ALGORITHM:HEX", or NULL. Result neph_object. */
NEPH_API neph_call *neph_upload_complete(neph_cloud *cloud, const char *bucket, const char *key,
                                         const char *upload, const neph_pair *parts, size_t count,
                                         const char *checksum, const neph_put_options *options);
/* Gives it up and drops its parts; one that is not there is no error. */
NEPH_API neph_call *neph_upload_abort(neph_cloud *cloud, const char *bucket, const char *key,
                                      const char *upload);
/* What the cloud's storage takes; result neph_limits. */
NEPH_API neph_call *neph_storage_limits(neph_cloud *cloud);

#ifdef __cplusplus
}
#endif

#endif /* NEPH_H */
