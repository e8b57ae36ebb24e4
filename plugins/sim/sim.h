/*
 * sim.h - what the files of the simulated cloud share: things and their members, the state file, and the operations by
 * resource.
 *
 * A thing (a node, a volume, a size ...) is its kind and a list of values; the kind's table says which members there can
 * be, how they stand in the file, and which come from the arguments of a create. Functions that are told work return 0 or
 * a negative neph_status with its message set.
 */
#ifndef SIM_H
#define SIM_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <neph/plugin.h>
#include <neph/kit/text.h>

#define SIM_FILE_MAX (16u << 20)  /* bytes of a state file */
#define SIM_LINE_MAX (128u << 10) /* bytes of one of its lines */
#define SIM_THINGS_MAX 50000      /* things that a cloud can have */
#define SIM_VALUES_MAX 256        /* values that a thing can have */
#define SIM_TAGS_MAX 50           /* tags that a thing can have */
#define SIM_USER_DATA_MAX 16384   /* bytes of user data, before base64 */
#define SIM_MS_MAX 86400000       /* a day: the longest delay */
#define SIM_ID_MAX 64             /* bytes of an id */
#define SIM_SERIAL_MAX INT64_C(0xffffffffff)

#define GIB (INT64_C(1) << 30)

/* ---- kind.c, thing.c: kinds, things, values */

/* Members that nobody but this provider sees. */
enum {
    SIM_CREATED = NEPH_MEMBER(0, 256), /* when it was created */
    SIM_CHANGED,                       /* when its state began */
    SIM_PACE,                          /* milliseconds that a change of state takes it */
    SIM_TOKEN,                         /* idempotency token it was created with */
    SIM_REQUEST,                       /* sum of the arguments it was created with */
    SIM_PUBLIC_IP,                     /* of a node, as long as it runs */
    SIM_USER_DATA,                     /* in base64 */
    SIM_USER_NAME,
    SIM_USER_KEY
};

enum {
    SIM_ARGUMENT = 1, /* an argument of the create of its kind */
    SIM_FLEETING = 2, /* never written to the file */
    SIM_NEEDED = 4,   /* a thing without it is refused */
    SIM_LINE = 8      /* an argument that may come with the end of its line */
};

typedef struct sim_member {
    const char *name; /* in the file, and in messages */
    int32_t member;
    uint32_t type;         /* neph_type */
    uint32_t flags;        /* SIM_… */
    uint32_t limit;        /* bytes of a text at most */
    const neph_map *words; /* ENUM */
} sim_member;

typedef struct sim_kind {
    uint32_t kind;      /* neph_kind */
    const char *name;   /* in the file, and in messages */
    const char *prefix; /* of ids */
    int32_t id;         /* by which operations name it */
    int32_t label;      /* its name; 0: it has none */
    int32_t state;      /* 0: it has none */
    int32_t created;    /* 0: results do not say */
    int32_t tags;       /* 0: it has none */
    const sim_member *members;
    uint32_t member_count;
} sim_kind;

typedef struct sim_value {
    const sim_member *member;
    int64_t number;   /* of what is no text */
    const char *name; /* PAIRS */
    const char *text; /* STRING, STRINGS, PAIRS */
} sim_value;

typedef struct sim_thing {
    const sim_kind *kind;
    sim_value *values; /* many of a member stand in the order in which they were given */
    uint32_t count;
    uint32_t capacity;
    int is_fixed; /* of the catalogue: never changed or saved */
    int is_gone;
} sim_thing;

/* All that a cloud has. Zeroed at first; freed by sim_state_free(). */
typedef struct sim_state {
    sim_thing **things;
    size_t count;
    size_t capacity;
    int64_t next;   /* number of the thing that is created next; 0 before anything is read */
    int64_t draws;  /* from the sequence of random numbers, so far */
    int64_t window; /* second in which `asked` was counted */
    int64_t asked;
    struct sim_chunk *chunks; /* memory of things and texts */
} sim_state;

/* Zeroed memory that lives as long as the state. NULL: out of memory. */
void *sim_memory(sim_state *state, size_t size);
char *sim_text(sim_state *state, const char *text, size_t size);
/* Wipes it: it may hold user data. */
void sim_state_free(sim_state *state);

const sim_kind *sim_kind_find(uint32_t kind);
const sim_kind *sim_kind_named(const char *name);
const sim_member *sim_kind_member(const sim_kind *kind, int32_t member);
const sim_member *sim_kind_member_named(const sim_kind *kind, const char *name);

/* A new thing without values. NULL: out of memory. */
sim_thing *sim_thing_new(sim_state *state, const sim_kind *kind);
/* A thing by id or by name, whatever can be seen of it; NULL: there is none. */
sim_thing *sim_find(const sim_state *state, uint32_t kind, int32_t member, const char *text);
/* Next thing of a kind behind `at`, which begins at 0. NULL: no more. */
sim_thing *sim_next(const sim_state *state, uint32_t kind, size_t *at);
size_t sim_count(const sim_state *state, uint32_t kind);

/* NULL and NEPH_UNKNOWN: it has no such value. */
const char *sim_get(const sim_thing *thing, int32_t member);
int64_t sim_get_number(const sim_thing *thing, int32_t member);
int sim_is(const sim_thing *thing, int32_t member, const char *text);
/* Next value of a member behind `at`, which begins at 0. NULL: no more. */
sim_value *sim_value_next(const sim_thing *thing, int32_t member, uint32_t *at);
const char *sim_id(const sim_thing *thing);
int64_t sim_condition(const sim_thing *thing); /* its state, SIM_ENDING included */

/* Set: in place of what was there. Texts are copied; NULL: unset. Return 0 or NEPH_NO_MEMORY. */
int sim_set(sim_state *state, sim_thing *thing, int32_t member, const char *text);
int sim_set_number(sim_state *state, sim_thing *thing, int32_t member, int64_t number);
/* Appends. The value is the state's own, or of static life. NEPH_LIMIT: it has SIM_VALUES_MAX. */
int sim_add(sim_state *state, sim_thing *thing, const sim_value *value);
void sim_remove(sim_thing *thing, const sim_value *value);

/* ---- life.c: states that change by themselves */

/* A node on its way down: shown as stopping. */
#define SIM_ENDING 100

extern const neph_map sim_node_words[];
extern const neph_map sim_image_words[];
extern const neph_map sim_volume_words[];
extern const neph_map sim_snapshot_words[];

/* Puts a thing into a state now. */
int sim_life_begin(sim_state *state, sim_thing *thing, int64_t condition, int64_t now_ns,
                   int64_t pace_ms);
/* Everything as it is now. */
int sim_life_settle(sim_state *state, int64_t now_ns);
/* The state as results show it. */
int64_t sim_life_shown(const sim_thing *thing);
/* How far it is in its state, in percent. */
int64_t sim_life_progress(const sim_thing *thing, int64_t now_ns);

/* ---- format.c: the state as a text */

/* What is wrong with a text. */
typedef struct sim_fault {
    int32_t status; /* NEPH_FILE or NEPH_NO_MEMORY */
    uint32_t line;  /* from 1 */
    char message[160];
} sim_fault;

/* Adds what stands in the text, which the state keeps and changes: `size` bytes and room for one more. Things are marked
 * fixed if is_fixed. Returns 0 or a status, said in *fault. */
int sim_format_read(sim_state *state, char *text, size_t size, int is_fixed, sim_fault *fault);
/* Writes all but what is fixed, gone or fleeting. Errors are the stream's. */
void sim_format_write(const sim_state *state, FILE *out);

/* ---- catalogue.c: what every simulated cloud has, in the same format */

extern const char sim_catalogue[];

/* ---- file.c: the state on disk */

/* Zeroed at first. */
typedef struct sim_lock {
    int plus_one; /* the descriptor plus one */
} sim_lock;

/* Takes the lock beside the file. NEPH_AGAIN: another one has it. */
int32_t sim_lock_take(neph_call *call, sim_lock *lock);
void sim_lock_drop(sim_lock *lock);
/* Reads catalogue and file; a file that is not there is a cloud with nothing in it. */
int32_t sim_load(neph_call *call, sim_state *state);
/* Replaces the file whole; the lock is held. */
int32_t sim_save(neph_call *call, const sim_state *state);

/* ---- provider.c: settings, read once */

enum { SIM_QUOTA_NODES, SIM_QUOTA_VOLUMES, SIM_QUOTA_ADDRESSES, SIM_QUOTAS };

#define SIM_FAILURES_MAX 16

typedef struct sim_config {
    int64_t delay_ms;
    int64_t consistency_ms;
    int64_t seed;
    int64_t throttle;           /* 0: none */
    int64_t quotas[SIM_QUOTAS]; /* NEPH_UNKNOWN: none */
    uint32_t failure_count;
    struct {
        char name[32]; /* "any", a verb, or "noun.verb" */
        int64_t rate;  /* of 1e9 */
    } failures[SIM_FAILURES_MAX];
} sim_config;

/* As it was read in open. */
const sim_config *sim_config_of(const neph_call *call);

/* ---- work.c: one operation from its first slice to its last */

/* Memory of the call. */
typedef struct sim_work {
    neph_call *call;
    const struct sim_operation *operation;
    sim_state state;
    sim_lock lock;
    int64_t now_ns;
    sim_thing *thing; /* that the operation is about */
    size_t at;        /* delivered so far */
    int is_ready;
    int is_dirty; /* counters have changed */
} sim_work;

enum {
    SIM_LIST = 1,
    SIM_SHOW = 2,
    SIM_CREATE = 3,
    SIM_CHANGE = 4,
    SIM_WHAT = 7,  /* which of them */
    SIM_OWN = 8,   /* what is the catalogue's is refused */
    SIM_ALONE = 16 /* the thing is not looked for: change gets NULL */
};

/* A row for each operation. */
typedef struct sim_operation {
    uint32_t op;
    uint32_t does;
    uint32_t kind;
    int32_t id;       /* argument that names the thing; 0: that of its kind */
    int32_t quota;    /* SIM_QUOTA_… plus one; 0: none */
    int32_t filter;   /* argument that leaves of a list what has its text ... */
    int32_t filtered; /* ... here; 0: none */
    const char *name; /* "node.create" */
    /* Checks everything, then changes: a failure leaves the state as it was. NULL: nothing to do. */
    int32_t (*change)(sim_work *work, sim_thing *thing);
    /* Next slice of results. NULL: the thing, or everything of the kind; nothing of a change. */
    int32_t (*deliver)(sim_work *work);
} sim_operation;

extern const sim_operation sim_operations[];
extern const uint32_t sim_operation_count;

/* create.c: makes work->thing of the arguments, or finds what the token has made. */
int32_t sim_create(sim_work *work);
/* failure.c: must the counters be saved, whatever the operation does? */
int sim_failure_is_told(const sim_work *work);
int32_t sim_failure_draw(sim_work *work);

int32_t sim_perform(neph_call *call);
void sim_finish(neph_call *call);
/* Delivers a thing as a result of its kind. As neph_record_emit(). */
int32_t sim_deliver_thing(sim_work *work, const sim_thing *thing);
/* A thing that an argument or another thing names and that can be seen. NEPH_NOT_FOUND, with a message. */
int32_t sim_need(sim_work *work, uint32_t kind, const char *id, sim_thing **out);
/* The same by another member. */
int32_t sim_need_by(sim_work *work, uint32_t kind, int32_t member, const char *text,
                    sim_thing **out);
/* A thing of the kind whose `label` is that: NEPH_EXISTS. */
int32_t sim_need_no_other(sim_work *work, const sim_thing *thing);
/* The text is fit for the member: not empty if it is needed, not too long, no control character. */
int32_t sim_check_text(sim_work *work, const sim_member *member, const char *text);
int32_t sim_no_memory(sim_work *work);
/* A new thing of the operation's kind, marked gone, with what the arguments say. */
int32_t sim_thing_take(sim_work *work, sim_thing **out);
/* The text without the end of its line, in the state's memory. NULL: out of memory. */
const char *sim_line(sim_work *work, const char *text);
int32_t sim_deliver_nothing(sim_work *work);
/* Puts a thing into a state now, at the pace of the settings. */
int32_t sim_begin(sim_work *work, sim_thing *thing, int64_t condition);
/* NEPH_CONFLICT: the thing is in the state that it is in. */
int32_t sim_conflict(sim_work *work, const sim_thing *thing);
/* The thing is gone at once; what was made with it stays. */
int32_t sim_delete(sim_work *work, sim_thing *thing);
/* The state's name; "unknown". */
const char *sim_condition_name(const sim_thing *thing);

/* ---- by resource: what changes, and what results show besides the values */

int32_t sim_node_create(sim_work *work, sim_thing *node);
int32_t sim_node_destroy(sim_work *work, sim_thing *node);
int32_t sim_node_turn(sim_work *work, sim_thing *node); /* start, stop, reboot */
int32_t sim_node_rename(sim_work *work, sim_thing *node);
int32_t sim_node_resize(sim_work *work, sim_thing *node);
int32_t sim_node_console(sim_work *work);
int32_t sim_node_show(sim_work *work, const sim_thing *node, neph_record *record);
int sim_node_has_ended(const sim_thing *node);
/* Can something be attached to it? NEPH_CONFLICT, with a message. */
int32_t sim_node_check(sim_work *work, const sim_thing *node);

int32_t sim_image_create(sim_work *work, sim_thing *image);

int32_t sim_key_create(sim_work *work, sim_thing *key);

int32_t sim_volume_create(sim_work *work, sim_thing *volume);
int32_t sim_volume_delete(sim_work *work, sim_thing *volume);
int32_t sim_volume_attach(sim_work *work, sim_thing *volume);
int32_t sim_volume_detach(sim_work *work, sim_thing *volume);
int32_t sim_volume_resize(sim_work *work, sim_thing *volume);
int32_t sim_volume_show(sim_work *work, const sim_thing *volume, neph_record *record);

int32_t sim_snapshot_create(sim_work *work, sim_thing *snapshot);
int32_t sim_snapshot_show(sim_work *work, const sim_thing *snapshot, neph_record *record);

int32_t sim_address_allocate(sim_work *work, sim_thing *address);
int32_t sim_address_associate(sim_work *work, sim_thing *address);
int32_t sim_address_disassociate(sim_work *work, sim_thing *address);
int32_t sim_address_release(sim_work *work, sim_thing *address);
int32_t sim_address_show(sim_work *work, const sim_thing *address, neph_record *record);

int32_t sim_firewall_create(sim_work *work, sim_thing *firewall);
int32_t sim_firewall_delete(sim_work *work, sim_thing *firewall);
int32_t sim_rule_add(sim_work *work, sim_thing *rule);
int32_t sim_rule_remove(sim_work *work, sim_thing *unused);
int32_t sim_rule_look(sim_work *work, sim_thing *unused); /* is there such a firewall? */

int32_t sim_subnet_show(sim_work *work, const sim_thing *subnet, neph_record *record);

int32_t sim_tag_look(sim_work *work, sim_thing *unused); /* finds what bears them */
int32_t sim_tag_list(sim_work *work);
int32_t sim_tag_set(sim_work *work, sim_thing *thing);
int32_t sim_tag_remove(sim_work *work, sim_thing *thing);

/* ---- network.c: addresses */

/* Is the text "ADDRESS/BITS"? *base and *bits are of IPv4. */
int sim_cidr_read(const char *text, uint32_t *base, uint32_t *bits);
int sim_cidr_is(const char *text);
/* An address of the range that nothing has; out holds 16 bytes. 0: there is none left. */
int sim_ip_pick(const sim_state *state, const char *cidr, int64_t serial, char *out);

/* ---- text.c */

/* Bytes that base64 stands for, written to out (NULL: only counted); -1: it is none, or more than capacity. */
int64_t sim_base64_decode(const char *text, unsigned char *out, size_t capacity);
int sim_is_utf8(const char *text);

#endif /* SIM_H */
