/*
 * core/cli/cli.h - what the command's files share: the run (options, host, clouds, output), statuses, and who does what.
 *
 * The way of a command line: option.c splits it into words and options, command.c finds what it asks for, host.c makes
 * the host and opens clouds, operation.c (or a file of the command's own: storage.c, copy.c, plugin.c ...) starts calls,
 * call.c waits for them (carry.c for transfers, trees.c for trees), rows.c and its formatters print, failure.c says what
 * went wrong.
 */
#ifndef NEPHC_CLI_H
#define NEPHC_CLI_H

#include "core/cli/option.h"
#include "core/cli/output.h"
#include "core/cli/rows.h"

#include <neph/neph.h>

/* Exit statuses; documented in neph(1). */
enum {
    NEPHC_DONE = 0,
    NEPHC_FAILED = 1,
    NEPHC_USAGE = 2,
    NEPHC_NOT_FOUND = 3,
    NEPHC_DENIED = 4,
    NEPHC_UNSUPPORTED = 5,
    NEPHC_INTERRUPTED = 130, /* and 128 + signal for others */
    NEPHC_PIPE = 141
};

#define NEPHC_CLOUDS_MAX 8

typedef struct nephc {
    nephc_options options;
    neph_host *host;
    struct {
        char *name;
        neph_cloud *cloud;
    } clouds[NEPHC_CLOUDS_MAX];
    size_t cloud_count;
    nephc_output out; /* stdout */
} nephc;

/* ---- command.c: what there is to say */

/* A command of the command's own; operations of the model need none. */
typedef struct nephc_command {
    const char *noun;
    const char *verb;      /* NULL: the noun is all of it (ls, cp) */
    const char *arguments; /* as the usage shows them */
    const char *summary;
    const char *details; /* for the man page; may be NULL */
    const nephc_option *options;
    size_t option_count;
    size_t words_min;
    size_t words_max;
    int (*run)(nephc *cli, const char *const *words, size_t count);
    const nephc_shape *shape; /* of what it prints; NULL: nothing, or what `kind` says */
    uint32_t kind;
} nephc_command;

/* What a command line asks for: one of the two. */
typedef struct nephc_target {
    const nephc_command *command;
    const neph_op_info *op;
} nephc_target;

const nephc_command *nephc_command_at(size_t index);
/* Every verb of every noun in the order of help: nouns of the model, then the command's own. 0 behind the last. */
int nephc_target_at(size_t index, nephc_target *out);
const char *nephc_target_noun(const nephc_target *target);
const char *nephc_target_verb(const nephc_target *target);
const char *nephc_target_summary(const nephc_target *target);
/* Nouns by index, each once, in the order of help; NULL behind the last. */
const char *nephc_noun_at(size_t index);
const char *nephc_noun_summary(const char *noun);
/* Does noun have no verbs (ls, cp, call)? */
int nephc_noun_is_verb(const char *noun);
/* Is it one of those, and about objects and files by address? */
int nephc_noun_takes_addresses(const char *noun);
/* Finds the target of the words; *used: how many of them named it. Returns 0, or says what is wrong: a status. */
int nephc_target_find(const nephc *cli, nephc_target *out, size_t *used);
/* Options of a target beyond the global ones, as a table of options, by index. 0 behind the last. */
int nephc_target_option(const nephc_target *target, size_t index, nephc_option *out);
/* Is that one usually given as a word? */
int nephc_option_is_word(const nephc_target *target, size_t index);
/* Does any target know an option of this name, and does it take a value? -1: none does. */
int nephc_option_known(const char *name, size_t size);
/* The option of some command that has this letter; NULL: none. They take no values. */
const nephc_option *nephc_option_by_letter(char letter);
/* Are all options given those of the target? Returns 0 or says which is not: a status. */
int nephc_target_check_options(const nephc *cli, const nephc_target *target);

/* ---- option.c: options of one command; names with dashes, as they are written */

/* What was given last with the option; NULL: it was not given. */
const char *nephc_option_value(const nephc *cli, const char *name);
/* A number given with it, and which of the words (NULL behind the last). Both leave *out as it is where the option was
 * not given, and return 0 or a status that was explained. most INT64_MAX: no such bound. */
int nephc_option_count(const nephc *cli, const char *name, int64_t least, int64_t most,
                       int64_t *out);
int nephc_option_choice(const nephc *cli, const char *name, const char *const *words, int *out);

/* ---- nearest.c */

/* The candidate most like word, NULL if none is like it. Feed candidates one by one. */
typedef struct nephc_nearest {
    const char *word;
    const char *best;
    size_t distance;
} nephc_nearest;
void nephc_nearest_begin(nephc_nearest *nearest, const char *word);
void nephc_nearest_try(nephc_nearest *nearest, const char *candidate);

/* ---- failure.c: one line on stderr each, control characters escaped; returns the status */

int nephc_fail(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* " - did you mean "x"?" is added if there is a best candidate. */
int nephc_fail_nearest(int status, const nephc_nearest *nearest, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int nephc_fail_memory(void);
void nephc_note(const nephc *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What the library said about `what`; cloud may be NULL. */
int nephc_fail_error(const char *what, const char *cloud, const neph_error *error);
/* The exit status of a library status. is_remote: a server said it. */
int nephc_status_of(int32_t status, int is_remote);
/* Results could not be written: 0 if they could. */
int nephc_check_output(nephc *cli);

/* ---- interrupt.c */

void nephc_interrupt_begin(neph_host *host);
/* From now on nothing runs that must be cancelled, but much may be waited for (a credential_process, standard input): a
 * signal ends the process at once. Or no longer. */
void nephc_interrupt_idle(int is_on);
/* The signal that came, or 0. */
int nephc_interrupted(void);

/* ---- host.c */

int nephc_host_open(nephc *cli);
void nephc_host_close(nephc *cli);
/* Opens a cloud once; name NULL: the one of -c or NEPH_CLOUD. Returns 0 or a status that was explained. */
int nephc_cloud_open(nephc *cli, const char *name, neph_cloud **out);
/* Opens one more, with these settings too; those of --set win. The caller closes it. */
int nephc_cloud_open_with(nephc *cli, const char *name, const neph_setting_value *settings,
                          size_t count, neph_cloud **out);
/* The name that NULL stands for; NULL: none was given. */
const char *nephc_cloud_default(const nephc *cli);

/* ---- setting.c */

/* What --set says for a cloud; settings has room for all, *count grows. Returns 0 or a status that was explained; what
 * was gathered is freed by the caller in either case. */
int nephc_settings_gather(const nephc *cli, const char *cloud, neph_setting_value *settings,
                          size_t *count);
void nephc_settings_free(neph_setting_value *settings, size_t count);

/* ---- value.c */

/* An option's value: the text itself, or with @FILE and @- what is there, without its last line end. *out: malloc'ed.
 * Returns 0 or a status that was explained. */
int nephc_value_read(const char *name, const char *text, char **out);
/* What of a file is the value. */
typedef enum nephc_value_kind {
    NEPHC_VALUE_LINE = 0, /* without its last line end */
    NEPHC_VALUE_WHOLE,
    NEPHC_VALUE_BASE64 /* without any line end */
} nephc_value_kind;
/* *kind: WHOLE becomes BASE64 where the bytes are no text, and *out is the base64 of them. */
int nephc_value_read_as(const char *name, const char *text, nephc_value_kind *kind, char **out);
/* Wipes and frees. */
void nephc_value_free(char *value);
/* All NAME=VALUE given with an option, in order. *out: malloc'ed. Returns 0 or a status that was explained. */
int nephc_pairs_read(const nephc *cli, const char *option, neph_pair **out, size_t *count);
/* The same of words, as many as there are; name: of what they are, for the message. */
int nephc_pairs_words(const char *name, const char *const *words, size_t count, neph_pair **out);
void nephc_pairs_free(neph_pair *pairs, size_t count);

/* ---- price.c */

/* What makes prices worth a second look. */
typedef struct nephc_doubts {
    size_t old;
    size_t undated;
} nephc_doubts;
/* Counts a result that is a price, or has one from the price data. */
void nephc_doubts_add(nephc_doubts *doubts, const neph_result *result);
/* Notes them below a table. */
void nephc_doubts_say(const nephc *cli, const nephc_doubts *doubts);

/* ---- call.c: running a call */

/* Between two looks at progress and at signals. */
#define NEPHC_TURN_MS 200

typedef struct nephc_run {
    const char *what;    /* for messages: "node show" */
    const char *subject; /* and what it was about; NULL: nothing */
    const char *cloud;
    nephc_rows *rows;     /* gets its results; NULL: none are shown */
    nephc_doubts *doubts; /* about what they cost; NULL: nobody asks */
    int shows_progress;
    int writes_stdout; /* the call itself does */
} nephc_run;

/* Starts the call, waits, prints its results or why it failed. Does not free it. Returns a status. */
int nephc_call_run(nephc *cli, neph_call *call, const nephc_run *run);
/* The same without a word about a failure: 0 or a neph_status; NEPH_CANCELLED after an interrupt. */
int nephc_call_wait(nephc *cli, neph_call *call, const nephc_run *run);
/* Says why a call failed; nothing after an interrupt or when nobody reads. Returns a status. */
int nephc_call_fail(nephc *cli, const neph_call *call, const nephc_run *run);
/* The same of an error that a call did not have. */
int nephc_run_fail(nephc *cli, const neph_error *error, const nephc_run *run);
/* Rows of one kind on stdout, then the call, then what ends the rows. */
int nephc_call_print(nephc *cli, neph_call *call, nephc_run *run, const nephc_shape *shape);
/* One of several calls that run at once. */
typedef struct nephc_one {
    neph_call *call;
    const char *subject;
} nephc_one;
/* Starts all and waits for all. Results go to run->rows, failures are said each with its subject, and with -v what
 * went well too, in the word `done`. Returns 0; the status that all failed with; or 1. */
int nephc_calls_run(nephc *cli, const nephc_run *run, const nephc_one *ones, size_t count,
                    const char *done);
/* The shape of a kind's results; members NULL if it has none. */
nephc_shape nephc_shape_of(uint32_t kind);

/* ---- progress.c: a line on a terminal, or lines of a log */

typedef enum nephc_progress_mode {
    NEPHC_PROGRESS_NONE = 0,
    NEPHC_PROGRESS_LINE, /* on a terminal: one that moves */
    NEPHC_PROGRESS_LOG   /* elsewhere, with -v or --progress */
} nephc_progress_mode;

typedef struct nephc_progress {
    const char *name; /* may be changed on the way */
    int64_t begin_ns;
    int64_t last_ns;
    nephc_progress_mode mode;
    int is_shown;
} nephc_progress;

/* In bytes; -1: not known. */
typedef struct nephc_amount {
    int64_t done;
    int64_t total;
    int64_t kept; /* of done: from an earlier run */
} nephc_amount;

/* writes_stdout: what it is about does. */
void nephc_progress_begin(nephc_progress *progress, const nephc *cli, const char *name,
                          int writes_stdout);
void nephc_progress_show(nephc_progress *progress, const nephc_amount *amount);
/* Takes the line away: at the end, and before another line is written. */
void nephc_progress_clear(nephc_progress *progress);

/* ---- operation.c */

/* Does the operation act on any number of things, which are its words? */
int nephc_operation_is_of_many(const neph_op_info *op);
int nephc_operation_run(nephc *cli, const neph_op_info *op, const char *const *words, size_t count);
/* Should the library's answer to this operation show secrets? */
int nephc_operation_tells_secrets(const neph_op_info *op);
/* How an argument is called on a command line, in capitals: "KEY", "FILE". */
void nephc_argument_word(const neph_member_info *argument, char *out, size_t capacity);
/* Is it given as a word rather than as an option? */
int nephc_argument_is_word(const neph_member_info *argument);

/* ---- address.c */

/* CLOUD:BUCKET/KEY, or a file. */
typedef struct nephc_address {
    const char *text;
    char *cloud;     /* NULL: a file; "": the cloud of -c */
    char *bucket;    /* NULL: none */
    const char *key; /* NULL: no slash behind the bucket; "" and what ends in a slash mean "into" */
} nephc_address;
/* Borrows text. Returns 0 or a status that was explained (no memory). */
int nephc_address_parse(const char *text, nephc_address *out);
void nephc_address_free(nephc_address *address);
/* The cloud of an address, opened. */
int nephc_address_open(nephc *cli, const nephc_address *address, neph_cloud **out);
/* How its cloud is called; NULL: a file, or no cloud was given. */
const char *nephc_address_cloud(const nephc *cli, const nephc_address *address);
/* Refuses files, and addresses without bucket and key. what: the command, for the message. */
int nephc_address_is_object(const char *what, const nephc_address *address);
/* "-": standard input or output. */
int nephc_address_is_standard(const nephc_address *address);
int nephc_path_is_directory(const char *path);
/* -: a descriptor; else a file. */
void nephc_source_of(const char *path, neph_source *out);
void nephc_sink_of(const char *path, neph_sink *out);

/* ---- extension.c */

/* Help for PROVIDER.NAME. Returns a status. */
int nephc_extension_help(nephc *cli, const char *name);

/* ---- commands of their own */

int nephc_ls(nephc *cli, const char *const *words, size_t count);
int nephc_cat(nephc *cli, const char *const *words, size_t count);
int nephc_url(nephc *cli, const char *const *words, size_t count);
int nephc_cp(nephc *cli, const char *const *words, size_t count);
int nephc_mv(nephc *cli, const char *const *words, size_t count);
int nephc_rm(nephc *cli, const char *const *words, size_t count);
int nephc_sync(nephc *cli, const char *const *words, size_t count);
int nephc_transfer_list(nephc *cli, const char *const *words, size_t count);
int nephc_transfer_resume(nephc *cli, const char *const *words, size_t count);
int nephc_transfer_abort(nephc *cli, const char *const *words, size_t count);
int nephc_transfer_clean(nephc *cli, const char *const *words, size_t count);
int nephc_plugin_list(nephc *cli, const char *const *words, size_t count);
int nephc_plugin_info(nephc *cli, const char *const *words, size_t count);
int nephc_plugin_doctor(nephc *cli, const char *const *words, size_t count);
int nephc_extension_call(nephc *cli, const char *const *words, size_t count);
int nephc_price_list(nephc *cli, const char *const *words, size_t count);
int nephc_price_show(nephc *cli, const char *const *words, size_t count);
int nephc_price_import(nephc *cli, const char *const *words, size_t count);
int nephc_provider_list(nephc *cli, const char *const *words, size_t count);
int nephc_provider_show(nephc *cli, const char *const *words, size_t count);
/* What is installed under this id. Returns 0 or a status that was explained. */
int nephc_provider_find(const nephc *cli, const char *id, const neph_provider_info **out);
int nephc_cloud_list(nephc *cli, const char *const *words, size_t count);
int nephc_cloud_show(nephc *cli, const char *const *words, size_t count);
extern const nephc_shape nephc_plugin_shape, nephc_doctor_shape, nephc_provider_shape,
    nephc_setting_shape, nephc_cloud_shape, nephc_origin_shape, nephc_import_shape,
    nephc_copy_shape, nephc_item_shape, nephc_unfinished_shape;

/* ---- generated text: help.c, man.c, completion.c */

int nephc_help(nephc *cli, const nephc_target *target, const char *noun);
int nephc_generate(nephc *cli);
int nephc_generate_man(const char *directory);
int nephc_generate_bash(nephc_output *out);
int nephc_generate_names(nephc *cli);
/* What can be called, or with a name the parameters of that. */
int nephc_generate_extensions(nephc *cli, const char *name);

typedef struct nephc_text_row {
    const char *term;
    const char *text;
} nephc_text_row;
/* Exit statuses, variables and files as documented; NULL term behind the last. */
extern const nephc_text_row nephc_statuses[], nephc_variables[], nephc_files[];

#endif
