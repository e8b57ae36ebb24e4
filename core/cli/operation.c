/*
 * core/cli/operation.c - "neph NOUN VERB" for every operation of the model: words and options become arguments by the
 * library's own tables, results become rows. A new operation of the library needs nothing here.
 */
#include "core/cli/cli.h"
#include "core/cli/text.h"

#include <stdio.h>
#include <string.h>

int nephc_argument_is_word(const neph_member_info *argument)
{
    return (argument->flags & NEPH_INFO_REQUIRED) != 0;
}

void nephc_argument_word(const neph_member_info *argument, char *out, size_t capacity)
{
    int is_body = argument->type == NEPH_TYPE_SOURCE || argument->type == NEPH_TYPE_SINK;
    const char *name = is_body ? "file" : argument->name;
    size_t i;

    for (i = 0; name[i] && i + 1 < capacity; i++)
        out[i] = (char)(name[i] >= 'a' && name[i] <= 'z' ? name[i] - 'a' + 'A' : name[i]);
    out[i] = '\0';
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
    char what[64];
} operation;

static int set_text(operation *this, const neph_member_info *argument, const char *text)
{
    /* The text of a key is long and in a file already; secrets must be. */
    int may_be_file = (argument->flags & NEPH_INFO_SECRET) || argument->member == NEPH_LOGIN_KEY;
    char *value = NULL;
    int rc;

    if (!may_be_file) {
        (void)neph_call_set_string(this->call, argument->member, text);
        return 0;
    }
    rc = nephc_value_read(argument->name, text, &value);
    if (rc == 0)
        (void)neph_call_set_string(this->call, argument->member, value);
    nephc_value_free(value);
    return rc;
}

static int set_number(operation *this, const neph_member_info *argument, const char *text)
{
    int64_t number = 1; /* of a flag */
    int is_fine =
        !text || (argument->type == NEPH_TYPE_DECIMAL ? nephc_read_decimal(text, &number)
                                                      : nephc_read_integer(text, &number));

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

/* Required arguments are the words in their order, unless they were given as options. */
static int check_arguments(const operation *this, const char *const *words, size_t count)
{
    size_t used = 0;
    uint32_t i;
    int rc = 0;

    for (i = 0; i < this->op->argument_count && rc == 0; i++) {
        const neph_member_info *argument = &this->op->arguments[i];
        const nephc_given *given = nephc_options_find(&this->cli->options, argument->name);

        if (given && given->value)
            rc = check_option(argument, given);
        else if (!given && nephc_argument_is_word(argument) && used < count)
            used++;
        else if (!given && nephc_argument_is_word(argument) && argument->type != NEPH_TYPE_SINK)
            rc = missing_argument(this, argument);
    }
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

        if (given)
            rc = set_argument(this, argument, given->value);
        else if (nephc_argument_is_word(argument))
            rc = set_argument(this, argument, used < count ? words[used++] : "-");
    }
    return rc;
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

int nephc_operation_run(nephc *cli, const neph_op_info *op, const char *const *words, size_t count)
{
    operation this = {.cli = cli, .op = op};
    neph_cloud *cloud = NULL;
    int rc;

    (void)snprintf(this.what, sizeof this.what, "%s %s", op->noun, op->verb);
    rc = check_arguments(&this, words, count);
    if (rc == 0)
        rc = nephc_cloud_open(cli, NULL, &cloud);
    if (rc)
        return rc;
    this.run.what = this.what;
    this.run.subject =
        count > 0 ? words[count > 1 && strcmp(op->noun, "object") == 0 ? 1 : 0] : NULL;
    this.run.cloud = nephc_cloud_default(cli);
    this.call = neph_call_new(cloud, op->op);
    rc = set_arguments(&this, words, count);
    if (rc == 0)
        rc = run_and_print(&this);
    neph_call_free(this.call);
    return rc;
}
