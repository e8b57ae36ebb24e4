/*
 * core/cli/operation.c - "neph NOUN VERB" for every operation of the model: words and options become arguments by the
 * library's own tables, results become rows. A new operation of the library needs nothing here.
 */
#include "core/cli/choose.h"
#include "core/cli/cli.h"
#include "core/cli/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARGUMENTS_MAX 32
#define COUNT_MAX 1000

int nephc_argument_is_word(const neph_member_info *argument)
{
    return (argument->flags & NEPH_INFO_REQUIRED) != 0;
}

/* As a word it takes all that are left. */
static int is_list(const neph_member_info *argument)
{
    return argument->type == NEPH_TYPE_STRINGS || argument->type == NEPH_TYPE_PAIRS;
}

void nephc_argument_word(const neph_member_info *argument, char *out, size_t capacity)
{
    int is_body = argument->type == NEPH_TYPE_SOURCE || argument->type == NEPH_TYPE_SINK;
    const char *name = is_body ? "file" : argument->name;
    const char *more = is_list(argument) ? "..." : "";
    size_t i;

    for (i = 0; name[i] && i + 1 < capacity; i++)
        out[i] = (char)(name[i] >= 'a' && name[i] <= 'z' ? name[i] - 'a' + 'A' : name[i]);
    snprintf(out + i, capacity - i, "%s", more);
}

int nephc_operation_is_of_many(const neph_op_info *op)
{
    int has_one = op->argument_count > 0 && op->arguments[0].type == NEPH_TYPE_STRING &&
                  (op->argument_count == 1 || !nephc_argument_is_word(&op->arguments[1]));

    return has_one && op->kind == NEPH_KIND_NONE && strcmp(op->verb, "create") != 0;
}

int nephc_operation_tells_secrets(const neph_op_info *op)
{
    return strcmp(op->verb, "create") == 0;
}

void nephc_source_of(const char *path, neph_source *out)
{
    int is_stdin = strcmp(path, "-") == 0;

    *out = (neph_source)NEPH_SOURCE_INIT;
    out->from = is_stdin ? NEPH_BODY_DESCRIPTOR : NEPH_BODY_FILE;
    out->fd = is_stdin ? 0 : -1;
    out->path = is_stdin ? NULL : path;
}

void nephc_sink_of(const char *path, neph_sink *out)
{
    int is_stdout = strcmp(path, "-") == 0;

    *out = (neph_sink)NEPH_SINK_INIT;
    out->to = is_stdout ? NEPH_BODY_DESCRIPTOR : NEPH_BODY_FILE;
    out->fd = is_stdout ? 1 : -1;
    out->path = is_stdout ? NULL : path;
}

/* What one command line says about one operation. An argument that the library refuses makes the call fail when it
 * starts, and is reported there. */
typedef struct operation {
    nephc *cli;
    const neph_op_info *op;
    neph_call *call;
    nephc_run run;
    nephc_choice choice;
    char *values[ARGUMENTS_MAX]; /* what was read from files, once for all calls */
    int is_encoded;              /* the user data among them: it was no text */
    char what[64];
} operation;

/* Secrets must stand in a file; keys and what a node reads at its start are long, and in one already. */
static int may_be_file(const neph_member_info *argument, nephc_value_kind *kind)
{
    static const struct {
        int32_t member;
        nephc_value_kind kind;
    } rows[] = {{NEPH_LOGIN_KEY, NEPHC_VALUE_LINE},
                {NEPH_KEY_PUBLIC_KEY, NEPHC_VALUE_LINE},
                {NEPH_USER_DATA, NEPHC_VALUE_WHOLE},
                {NEPH_USER_DATA_BASE64, NEPHC_VALUE_BASE64}};
    size_t i;

    *kind = NEPHC_VALUE_LINE;
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].member == argument->member) {
            *kind = rows[i].kind;
            return 1;
        }
    return (argument->flags & NEPH_INFO_SECRET) != 0;
}

static int set_text(operation *this, const neph_member_info *argument, const char *text)
{
    size_t index = (size_t)(argument - this->op->arguments);
    int is_data = argument->member == NEPH_USER_DATA;
    nephc_value_kind kind;
    int rc = 0;

    if (!may_be_file(argument, &kind) || index >= ARGUMENTS_MAX) {
        (void)neph_call_set_string(this->call, argument->member, text);
        return 0;
    }
    if (!this->values[index]) {
        rc = nephc_value_read_as(argument->name, text, &kind, &this->values[index]);
        this->is_encoded |= is_data && kind == NEPHC_VALUE_BASE64;
    }
    if (rc == 0)
        (void)neph_call_set_string(
            this->call, is_data && this->is_encoded ? NEPH_USER_DATA_BASE64 : argument->member,
            this->values[index]);
    return rc;
}

static int set_number(operation *this, const neph_member_info *argument, const char *text)
{
    int64_t number = 1; /* of a flag */
    int is_size = (argument->flags & NEPH_INFO_SIZE) != 0;
    int is_fine =
        !text || (is_size                               ? nephc_read_size(text, &number)
                  : argument->type == NEPH_TYPE_DECIMAL ? nephc_read_decimal(text, &number)
                                                        : nephc_read_integer(text, &number));

    if (!is_fine && is_size)
        return nephc_fail(NEPHC_USAGE, "%s: %s: \"%s\" is no size, write 10GiB, 500MB or bytes",
                          this->what, argument->name, text);
    if (!is_fine)
        return nephc_fail(NEPHC_USAGE, "%s: %s: \"%s\" is no %snumber", this->what, argument->name,
                          text, argument->type == NEPH_TYPE_DECIMAL ? "" : "whole ");
    (void)neph_call_set_integer(this->call, argument->member, number);
    return 0;
}

static int set_pairs(operation *this, const neph_member_info *argument)
{
    neph_pair *pairs = NULL;
    size_t count = 0;
    int rc = nephc_pairs_read(this->cli, argument->name, &pairs, &count);

    if (rc == 0)
        (void)neph_call_set_pairs(this->call, argument->member, pairs, count);
    nephc_pairs_free(pairs, count);
    return rc;
}

static int set_strings(operation *this, const neph_member_info *argument)
{
    const nephc_options *options = &this->cli->options;
    const char *values[64];
    size_t i, count = 0;

    for (i = 0; i < options->given_count; i++) {
        if (!nephc_option_is(options->given[i].name, options->given[i].name_size, argument->name))
            continue;
        if (count == sizeof values / sizeof values[0])
            return nephc_fail(NEPHC_USAGE, "%s: --%s: more than %zu", this->what, argument->name,
                              count);
        values[count++] = options->given[i].value;
    }
    (void)neph_call_set_strings(this->call, argument->member, values, count);
    return 0;
}

static int set_words(operation *this, const neph_member_info *argument, const char *const *words,
                     size_t count)
{
    neph_pair *pairs = NULL;
    int rc;

    if (argument->type == NEPH_TYPE_STRINGS) {
        (void)neph_call_set_strings(this->call, argument->member, words, count);
        return 0;
    }
    rc = nephc_pairs_words(argument->name, words, count, &pairs);
    if (rc)
        return rc;
    (void)neph_call_set_pairs(this->call, argument->member, pairs, count);
    nephc_pairs_free(pairs, count);
    return 0;
}

static int set_body(operation *this, const neph_member_info *argument, const char *path)
{
    neph_source source;
    neph_sink sink;

    this->run.shows_progress = 1;
    if (argument->type == NEPH_TYPE_SOURCE) {
        nephc_source_of(path, &source);
        (void)neph_call_set_source(this->call, &source);
        return 0;
    }
    nephc_sink_of(path, &sink);
    this->run.writes_stdout = sink.fd == 1;
    (void)neph_call_set_sink(this->call, &sink);
    return 0;
}

static int set_argument(operation *this, const neph_member_info *argument, const char *text)
{
    switch (argument->type) {
    case NEPH_TYPE_INTEGER:
    case NEPH_TYPE_DECIMAL:
    case NEPH_TYPE_BOOLEAN: return set_number(this, argument, text);
    case NEPH_TYPE_PAIRS: return set_pairs(this, argument);
    case NEPH_TYPE_STRINGS: return set_strings(this, argument);
    case NEPH_TYPE_SOURCE:
    case NEPH_TYPE_SINK: return set_body(this, argument, text);
    default: return set_text(this, argument, text);
    }
}

/* ---- what can be said before a cloud is opened */

static int missing_argument(const operation *this, const neph_member_info *argument)
{
    char word[64];

    nephc_argument_word(argument, word, sizeof word);
    return nephc_fail(NEPHC_USAGE, "%s: %s (%s) is missing, see neph %s --help", this->what, word,
                      argument->summary, this->what);
}

static int check_option(const neph_member_info *argument, const nephc_given *given)
{
    if (!(argument->flags & NEPH_INFO_SECRET) || given->value[0] == '@')
        return 0;
    return nephc_fail(
        NEPHC_USAGE,
        "--%s: a secret in the command line can be read by everybody on this machine; write --%s=@FILE, "
        "or =@- for standard input",
        argument->name, argument->name);
}

/* By its constraints rather than by its id. */
static int is_chosen(const operation *this, const neph_member_info *argument)
{
    return this->op->op == NEPH_OP_NODE_CREATE &&
           nephc_choice_option(this->cli, argument->member) != NULL;
}

static int both_given(const operation *this, const neph_member_info *argument)
{
    const char *option = nephc_choice_option(this->cli, argument->member);
    char dashed[32];
    size_t i;

    for (i = 0; option[i] && i + 1 < sizeof dashed; i++)
        dashed[i] = (char)(option[i] == '_' ? '-' : option[i]);
    dashed[i] = '\0';
    return nephc_fail(NEPHC_USAGE,
                      "%s: %s is given, and --%s is to choose it: write one of the two", this->what,
                      argument->name, dashed);
}

static int check_data(const operation *this)
{
    const nephc_options *options = &this->cli->options;

    if (!nephc_options_find(options, "user_data") ||
        !nephc_options_find(options, "user_data_base64"))
        return 0;
    return nephc_fail(NEPHC_USAGE, "%s: write --user-data or --user-data-base64, not both",
                      this->what);
}

/* Required arguments are the words in their order, unless they were given as options. */
static int check_arguments(const operation *this, const char *const *words, size_t count)
{
    size_t used = 0;
    uint32_t i;
    int rc = 0;

    for (i = 0; i < this->op->argument_count && rc == 0; i++) {
        const neph_member_info *argument = &this->op->arguments[i];
        const nephc_given *given = nephc_options_find(&this->cli->options, argument->name);

        if (is_chosen(this, argument)) {
            rc = given ? both_given(this, argument) : 0;
            continue;
        }
        if (given && given->value)
            rc = check_option(argument, given);
        else if (!given && nephc_argument_is_word(argument) && used < count)
            used = is_list(argument) ? count : used + 1;
        else if (!given && nephc_argument_is_word(argument) && argument->type != NEPH_TYPE_SINK)
            rc = missing_argument(this, argument);
    }
    if (used > 0 && nephc_operation_is_of_many(this->op))
        used = count;
    if (rc == 0 && used < count)
        rc = nephc_fail(NEPHC_USAGE, "%s: \"%s\" is one word too many, see neph %s --help",
                        this->what, words[used], this->what);
    return rc;
}

static int set_arguments(operation *this, const char *const *words, size_t count)
{
    size_t used = 0;
    uint32_t i;
    int rc = 0;

    for (i = 0; i < this->op->argument_count && rc == 0; i++) {
        const neph_member_info *argument = &this->op->arguments[i];
        const nephc_given *given = nephc_options_find(&this->cli->options, argument->name);

        if (is_chosen(this, argument))
            rc = set_argument(this, argument,
                              argument->member == NEPH_NODE_SIZE ? this->choice.size_id
                                                                 : this->choice.image_id);
        else if (given)
            rc = set_argument(this, argument, given->value);
        else if (nephc_argument_is_word(argument) && is_list(argument)) {
            rc = set_words(this, argument, words + used, count - used);
            used = count;
        } else if (nephc_argument_is_word(argument))
            rc = set_argument(this, argument, used < count ? words[used++] : "-");
    }
    return rc;
}

/* The image's id, where it stands in the command line; NULL: it does not. */
static const char *image_given(const operation *this, const char *const *words, size_t count)
{
    size_t used = 0;
    uint32_t i;

    for (i = 0; i < this->op->argument_count; i++) {
        const neph_member_info *argument = &this->op->arguments[i];
        const nephc_given *given = nephc_options_find(&this->cli->options, argument->name);
        int is_word = !given && nephc_argument_is_word(argument) && !is_chosen(this, argument);

        if (argument->member == NEPH_NODE_IMAGE)
            return given ? given->value : is_word && used < count ? words[used] : NULL;
        used += is_word;
    }
    return NULL;
}

static int run_and_print(operation *this)
{
    nephc_shape shape = nephc_shape_of(this->op->kind);

    if (this->run.writes_stdout) /* the bytes alone, and they go past our buffer */
        return nephc_call_run(this->cli, this->call, &this->run);
    shape.is_single = strcmp(this->op->verb, "list") != 0;
    shape.with_secrets = nephc_operation_tells_secrets(this->op);
    return nephc_call_print(this->cli, this->call, &this->run, &shape);
}

/* ---- several at once */

/* "destroyed" of "destroy" */
static void past_of(const char *verb, char *out, size_t capacity)
{
    size_t size = strlen(verb);
    const char *ending = strcmp(verb, "stop") == 0 ? "ped" : verb[size - 1] == 'e' ? "d" : "ed";

    (void)snprintf(out, capacity, "%s%s", verb, ending);
}

static int run_all(operation *this, const nephc_one *ones, size_t count)
{
    nephc_shape shape = nephc_shape_of(this->op->kind);
    nephc_rows rows;
    char done[32];
    int status;

    past_of(this->op->verb, done, sizeof done);
    shape.with_secrets = nephc_operation_tells_secrets(this->op);
    if (nephc_rows_begin(&rows, &this->cli->out, (nephc_format)this->cli->options.format, &shape) !=
        0)
        return nephc_fail_memory();
    this->run.rows = &rows;
    status = nephc_calls_run(this->cli, &this->run, ones, count, done);
    if (status == NEPHC_DONE || rows.count > 0)
        nephc_rows_end(&rows);
    else
        nephc_rows_drop(&rows);
    return status;
}

static void free_ones(nephc_one *ones, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++)
        neph_call_free(ones[i].call);
    free(ones);
}

/* One call for each word. */
static int run_each(operation *this, neph_cloud *cloud, const char *const *words, size_t count)
{
    nephc_one *ones = calloc(count, sizeof *ones);
    size_t i;
    int rc = ones ? 0 : nephc_fail_memory();

    for (i = 0; i < count && rc == 0; i++) {
        ones[i].subject = words[i];
        ones[i].call = this->call = neph_call_new(cloud, this->op->op);
        rc = set_arguments(this, &words[i], 1);
    }
    if (rc == 0)
        rc = run_all(this, ones, count);
    free_ones(ones, ones ? count : 0);
    return rc;
}

/* One of them has a name, and if there is one a token, of its own: NAME-3. */
static int number_arguments(operation *this, const char *name, size_t number, char **out)
{
    const nephc_given *token = nephc_options_find(&this->cli->options, "token");
    size_t size = strlen(name) + 24, token_size = token ? strlen(token->value) + 24 : 0;
    char *text = malloc(size + token_size);

    *out = text;
    if (!text)
        return nephc_fail_memory();
    (void)snprintf(text, size, "%s-%zu", name, number);
    (void)neph_call_set_string(this->call, NEPH_NODE_NAME, text);
    if (token) {
        (void)snprintf(text + size, token_size, "%s-%zu", token->value, number);
        (void)neph_call_set_string(this->call, NEPH_TOKEN, text + size);
    }
    return 0;
}

/* NAME-1 to NAME-COUNT. */
static int run_numbered(operation *this, neph_cloud *cloud, const char *const *words, size_t count,
                        size_t wanted)
{
    const nephc_given *named = nephc_options_find(&this->cli->options, "name");
    nephc_one *ones = calloc(wanted, sizeof *ones);
    char **names = calloc(wanted, sizeof *names);
    size_t i;
    int rc = ones && names ? 0 : nephc_fail_memory();

    for (i = 0; i < wanted && rc == 0; i++) {
        ones[i].call = this->call = neph_call_new(cloud, this->op->op);
        rc = set_arguments(this, words, count);
        if (rc == 0)
            rc = number_arguments(this, named ? named->value : words[0], i + 1, &names[i]);
        ones[i].subject = names[i];
    }
    if (rc == 0)
        rc = run_all(this, ones, wanted);
    free_ones(ones, ones ? wanted : 0);
    for (i = 0; names && i < wanted; i++)
        free(names[i]);
    free(names);
    return rc;
}

static int run_one(operation *this, neph_cloud *cloud, const char *const *words, size_t count)
{
    int rc;

    this->run.subject =
        count > 0 ? words[count > 1 && strcmp(this->op->noun, "object") == 0 ? 1 : 0] : NULL;
    this->call = neph_call_new(cloud, this->op->op);
    rc = set_arguments(this, words, count);
    if (rc == 0)
        rc = run_and_print(this);
    neph_call_free(this->call);
    return rc;
}

/* How many --count wants; 0: it was not given. */
static int read_count(const operation *this, int64_t *out)
{
    const nephc_given *given = this->op->op == NEPH_OP_NODE_CREATE
                                   ? nephc_options_find(&this->cli->options, "count")
                                   : NULL;

    *out = 0;
    if (!given || (nephc_read_integer(given->value, out) && *out > 0 && *out <= COUNT_MAX))
        return 0;
    return nephc_fail(NEPHC_USAGE, "%s: --count: \"%s\" is no whole number from 1 to %d",
                      this->what, given->value, COUNT_MAX);
}

static int run_on(operation *this, neph_cloud *cloud, const char *const *words, size_t count,
                  int64_t wanted)
{
    int rc = 0;

    if (this->op->op == NEPH_OP_NODE_CREATE)
        rc = nephc_choice_make(this->cli, cloud, image_given(this, words, count), &this->choice);
    if (rc)
        return rc;
    if (wanted > 0)
        return run_numbered(this, cloud, words, count, (size_t)wanted);
    if (count > 1 && nephc_operation_is_of_many(this->op))
        return run_each(this, cloud, words, count);
    return run_one(this, cloud, words, count);
}

int nephc_operation_run(nephc *cli, const neph_op_info *op, const char *const *words, size_t count)
{
    operation this = {.cli = cli, .op = op};
    nephc_wish wish;
    neph_cloud *cloud = NULL;
    int64_t wanted = 0;
    size_t i;
    int rc;

    (void)snprintf(this.what, sizeof this.what, "%s %s", op->noun, op->verb);
    rc = check_arguments(&this, words, count);
    if (rc == 0)
        rc = check_data(&this);
    if (rc == 0)
        rc = read_count(&this, &wanted);
    if (rc == 0 && op->op == NEPH_OP_NODE_CREATE)
        rc = nephc_wish_read(cli, &wish);
    if (rc == 0)
        rc = nephc_cloud_open(cli, NULL, &cloud);
    if (rc)
        return rc;
    this.run.what = this.what;
    this.run.cloud = nephc_cloud_default(cli);
    rc = run_on(&this, cloud, words, count, wanted);
    nephc_choice_free(&this.choice);
    for (i = 0; i < ARGUMENTS_MAX; i++)
        nephc_value_free(this.values[i]);
    return rc;
}
