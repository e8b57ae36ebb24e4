/*
 * stage.h - a host that is only a services table, for actions that perform without a server: arguments in, results and
 * bytes out. For the tests of such providers.
 */
#ifndef TESTS_PLUGINS_STAGE_H
#define TESTS_PLUGINS_STAGE_H

#include <neph/plugin.h>

#define STAGE_TEXTS 32
#define STAGE_PAIRS 8
#define STAGE_SETTINGS 12

/* A result, as far as tests look. */
struct neph_record {
    const neph_services *services; /* first: the ABI */
    struct stage *stage;
    int32_t kind;
    int32_t is_emitted;
    int64_t numbers[STAGE_TEXTS]; /* by member index */
    char *texts[STAGE_TEXTS];
    char *pairs[STAGE_PAIRS][2];
    size_t pair_count;
};

/* Handle of the cloud and of the call at once. */
typedef struct stage {
    const neph_services *services; /* first: the ABI */
    const neph_provider *provider;
    const char *root;
    const char
        *settings[2 * STAGE_SETTINGS]; /* name, value, ...; else root, else the provider's own */
    struct {
        int32_t member;
        int64_t number;
        const char *text;
        const char *const *list; /* PAIRS: name, value, ..., NULL; STRINGS: value, ..., NULL */
        int32_t is_pairs;
    } arguments[16];
    size_t argument_count;
    uint32_t op;
    int64_t now_ns;    /* what the clock says */
    const char *token; /* of the call; NULL: a new one each time */
    char token_made[40];
    void *cloud_memory;
    int64_t delay_ms;            /* that the last slice asked for; -1: none */
    const char *const *metadata; /* name, value, ..., NULL */
    void *memory;
    size_t memory_size;
    const char *source;
    size_t source_size;
    size_t source_at;
    size_t source_piece; /* at most so many bytes at once; 0: all */
    char *sink;
    size_t sink_size;
    int32_t sink_is_stubborn; /* every other write is NEPH_AGAIN */
    int32_t sink_turn;
    int32_t is_behind; /* neph_record_emit() answers NEPH_AGAIN */
    neph_record *records;
    size_t record_count;
    uint32_t slices; /* that the last action took */
    char message[512];
    const char *checksum; /* what the host has taken of the body; NULL: nothing */
} stage;

/* plugin: of a provider that has a setting "root", or others (stage_set()). */
void stage_init(stage *made, const neph_plugin *plugin, const char *root);
void stage_fini(stage *made);
/* A setting; value NULL: not given. Then stage_open(). */
void stage_set(stage *made, const char *name, const char *value);
/* Runs the provider's hook on a cloud without memory. */
int32_t stage_open(stage *made);
/* Forgets arguments, results and bytes. */
void stage_clear(stage *made);
void stage_text(stage *made, int32_t member, const char *text);
void stage_number(stage *made, int32_t member, int64_t number);
void stage_strings(stage *made, int32_t member, const char *const *list);
void stage_pairs(stage *made, int32_t member, const char *const *list);
/* Performs the operation to its end, finish included. Returns what it returned. */
int32_t stage_run(stage *made, uint32_t op);
/* At most `slices` slices, then finish, as a cancelled call does. */
int32_t stage_run_some(stage *made, uint32_t op, uint32_t slices);
/* A member of result `index`; NULL: unknown. Of many strings: all of them, joined by blanks. */
const char *stage_get(const stage *made, size_t index, int32_t member);
int64_t stage_get_number(const stage *made, size_t index, int32_t member);

#endif /* TESTS_PLUGINS_STAGE_H */
