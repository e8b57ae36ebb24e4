/*
 * core/cli/option.c - takes a command line apart. Options may stand anywhere before "--"; those of one command alone are
 * kept for it, and whether they take a value is asked of the tables of all commands, so that the command need not be
 * known yet.
 */
#include "core/cli/option.h"

#include "core/cli/cli.h"
#include "core/cli/text.h"

#include <stdlib.h>
#include <string.h>

typedef enum option_kind { KIND_FLAG, KIND_STRING, KIND_SET } option_kind;

typedef struct global_option {
    nephc_option option;
    option_kind kind;
    size_t offset;
} global_option;

#define FIELD(name) offsetof(nephc_options, name)

/* The hidden ones stand last, behind the one whose summary is NULL. */
static const global_option globals[] = {
    {{'c', "cloud", "CLOUD", "provider or name from clouds.json"}, KIND_STRING, FIELD(cloud)},
    {{'o', "output", "FORMAT", "table, json, jsonl or tsv"}, KIND_STRING, FIELD(format_name)},
    {{0, "set", "NAME=VALUE", "a setting of the cloud; secrets only as NAME=@FILE or NAME=@-"},
     KIND_SET,
     0},
    {{0, "timeout", "SECONDS", "time until each operation must be done"},
     KIND_STRING,
     FIELD(timeout)},
    {{0, "retries", "COUNT", "how often a request is repeated after a passing failure"},
     KIND_STRING,
     FIELD(retries)},
    {{0, "proxy", "URL", "go through this proxy"}, KIND_STRING, FIELD(proxy)},
    {{0, "ca_file", "FILE", "trust the certificates in it, in place of the system's"},
     KIND_STRING,
     FIELD(ca_file)},
    {{0, "insecure", NULL, "do not verify certificates"}, KIND_FLAG, FIELD(insecure)},
    {{0, "clouds_file", "FILE", "read named clouds from it, in place of the usual clouds.json"},
     KIND_STRING,
     FIELD(clouds_file)},
    {{0, "plugin_path", "DIRS", "look for plugins there alone; parted by colons"},
     KIND_STRING,
     FIELD(plugin_path)},
    {{0, "trace", NULL, "requests and replies on stderr, without secrets"},
     KIND_FLAG,
     FIELD(trace)},
    {{0, "record", "DIR", "keep requests and replies there, without secrets"},
     KIND_STRING,
     FIELD(record)},
    {{0, "replay", "DIR", "answer from what was recorded there; nothing is sent"},
     KIND_STRING,
     FIELD(replay)},
    {{'v', "verbose", NULL, "say more on stderr; twice: everything"}, KIND_FLAG, FIELD(verbose)},
    {{'q', "quiet", NULL, "no warnings, notes and progress"}, KIND_FLAG, FIELD(quiet)},
    {{'h', "help", NULL, "help for all, a noun or a verb"}, KIND_FLAG, FIELD(help)},
    {{'V', "version", NULL, "version of the command and the library"}, KIND_FLAG, FIELD(version)},
    {{0, "generate", NULL, NULL}, KIND_FLAG, FIELD(generate)},
};

#define GLOBAL_COUNT (sizeof globals / sizeof globals[0])

const nephc_option *nephc_option_at(size_t index)
{
    return index < GLOBAL_COUNT && globals[index].option.summary ? &globals[index].option : NULL;
}

int nephc_option_is(const char *written, size_t size, const char *name)
{
    size_t i;

    for (i = 0; i < size; i++)
        if (name[i] == '\0' ||
            (written[i] == '_' ? '-' : written[i]) != (name[i] == '_' ? '-' : name[i]))
            return 0;
    return name[size] == '\0';
}

static const global_option *global_find(const char *name, size_t size)
{
    size_t i;

    for (i = 0; i < GLOBAL_COUNT; i++)
        if (nephc_option_is(name, size, globals[i].option.name))
            return &globals[i];
    return NULL;
}

static const global_option *global_by_letter(char letter)
{
    size_t i;

    for (i = 0; i < GLOBAL_COUNT; i++)
        if (globals[i].option.letter == letter)
            return &globals[i];
    return NULL;
}

/* Where the reading of argv stands. */
typedef struct reading {
    nephc_options *options;
    char **argv;
    int argc;
    int at;
} reading;

static int global_set(reading *state, const global_option *option, const char *value)
{
    char *field = (char *)state->options + option->offset;

    if (option->kind == KIND_FLAG)
        ++*(int *)(void *)field;
    else if (option->kind == KIND_STRING)
        *(const char **)(void *)field = value;
    else
        state->options->sets[state->options->set_count++] = value;
    return 0;
}

/* The value of an option that takes one: behind its "=", or the next word. NULL: there is none. */
static const char *value_of(reading *state, const char *inlined)
{
    if (inlined)
        return inlined;
    return state->at + 1 < state->argc ? state->argv[++state->at] : NULL;
}

/* A flag of the whole command gives way, behind a verb, to an option of that name with a value: --version. */
static const global_option *global_of(const reading *state, const char *name, size_t size)
{
    const global_option *global = global_find(name, size);
    int is_behind = state->options->word_count > 1 && global && global->kind == KIND_FLAG;

    return is_behind && nephc_option_known(name, size) > 0 ? NULL : global;
}

static int read_long(reading *state, const char *name)
{
    const char *equals = strchr(name, '=');
    size_t size = equals ? (size_t)(equals - name) : strlen(name);
    const char *value = equals ? equals + 1 : NULL;
    const global_option *global = global_of(state, name, size);
    int takes_value = global ? global->kind != KIND_FLAG : nephc_option_known(name, size);

    if (takes_value > 0) {
        value = value_of(state, value);
        if (!value)
            return nephc_fail(NEPHC_USAGE, "option --%.*s needs a value", (int)size, name);
    }
    if (global && !takes_value && value)
        return nephc_fail(NEPHC_USAGE, "option --%.*s takes no value", (int)size, name);
    if (global)
        return global_set(state, global, value);
    state->options->given[state->options->given_count++] = (nephc_given){name, size, value};
    return 0;
}

/* "-vo json", "-ojson" */
static int read_short(reading *state, const char *letters)
{
    for (; *letters; letters++) {
        const global_option *global = global_by_letter(*letters);
        const nephc_option *other = global ? NULL : nephc_option_by_letter(*letters);
        const char *value = NULL;

        if (!global && !other)
            return nephc_fail(NEPHC_USAGE, "unknown option -%c, see neph --help", *letters);
        if (other) {
            nephc_given *given = &state->options->given[state->options->given_count++];

            *given = (nephc_given){other->name, strlen(other->name), NULL};
            continue;
        }
        if (global->kind == KIND_FLAG) {
            (void)global_set(state, global, NULL);
            continue;
        }
        value = value_of(state, letters[1] ? letters + 1 : NULL);
        if (!value)
            return nephc_fail(NEPHC_USAGE, "option -%c needs a value", *letters);
        return global_set(state, global, value);
    }
    return 0;
}

static int read_all(reading *state)
{
    int are_words = 0, rc = 0;

    for (state->at = 1; state->at < state->argc && rc == 0; state->at++) {
        const char *word = state->argv[state->at];

        if (are_words || word[0] != '-' || word[1] == '\0')
            state->options->words[state->options->word_count++] = word;
        else if (strcmp(word, "--") == 0)
            are_words = 1;
        else
            rc = word[1] == '-' ? read_long(state, word + 2) : read_short(state, word + 1);
    }
    return rc;
}

static int check_format(nephc_options *options)
{
    nephc_nearest nearest;
    int format;

    if (!options->format_name)
        return 0;
    nephc_nearest_begin(&nearest, options->format_name);
    for (format = 0; nephc_format_name(format); format++) {
        if (strcmp(options->format_name, nephc_format_name(format)) == 0) {
            options->format = format;
            return 0;
        }
        nephc_nearest_try(&nearest, nephc_format_name(format));
    }
    return nephc_fail_nearest(NEPHC_USAGE, &nearest,
                              "unknown format \"%s\": table, json, jsonl or tsv",
                              options->format_name);
}

static int check_numbers(nephc_options *options)
{
    int64_t nano = 0;

    options->retries_max = -1;
    if (options->timeout) {
        if (!nephc_read_decimal(options->timeout, &nano) || nano < NEPH_NANO / 1000)
            return nephc_fail(NEPHC_USAGE, "--timeout: \"%s\" is no number of seconds above 0",
                              options->timeout);
        options->timeout_ms = nano / (NEPH_NANO / 1000);
    }
    if (options->retries && (!nephc_read_integer(options->retries, &options->retries_max) ||
                             options->retries_max < 0 || options->retries_max > 100))
        return nephc_fail(NEPHC_USAGE, "--retries: \"%s\" is no whole number from 0 to 100",
                          options->retries);
    return 0;
}

int nephc_options_parse(nephc_options *options, int argc, char **argv)
{
    reading state = {options, argv, argc, 1};
    size_t room = (size_t)argc + 1;
    int rc, i;

    memset(options, 0, sizeof *options);
    options->sets = calloc(room, sizeof *options->sets);
    options->words = calloc(room, sizeof *options->words);
    for (i = 1; i < argc; i++)
        room += strlen(argv[i]); /* letters in one word are an option each */
    options->given = calloc(room, sizeof *options->given);
    if (!options->sets || !options->words || !options->given)
        return nephc_fail_memory();
    rc = read_all(&state);
    if (rc == 0)
        rc = check_format(options);
    return rc ? rc : check_numbers(options);
}

void nephc_options_free(nephc_options *options)
{
    free(options->sets);
    free(options->words);
    free(options->given);
    options->sets = NULL;
    options->words = NULL;
    options->given = NULL;
}

const nephc_given *nephc_options_find(const nephc_options *options, const char *name)
{
    size_t i;

    for (i = options->given_count; i-- > 0;)
        if (nephc_option_is(options->given[i].name, options->given[i].name_size, name))
            return &options->given[i];
    return NULL;
}

const char *nephc_option_value(const nephc *cli, const char *name)
{
    const nephc_given *given = nephc_options_find(&cli->options, name);

    return given ? given->value : NULL;
}

int nephc_option_count(const nephc *cli, const char *name, int64_t least, int64_t most,
                       int64_t *out)
{
    const char *text = nephc_option_value(cli, name);
    int64_t count = 0;

    if (!text)
        return 0;
    if (!nephc_read_integer(text, &count) || count < least || count > most)
        return most == INT64_MAX
                   ? nephc_fail(NEPHC_USAGE, "--%s: \"%s\" is no whole number from %lld on", name,
                                text, (long long)least)
                   : nephc_fail(NEPHC_USAGE, "--%s: \"%s\" is no whole number from %lld to %lld",
                                name, text, (long long)least, (long long)most);
    *out = count;
    return 0;
}

int nephc_option_choice(const nephc *cli, const char *name, const char *const *choices, int *out)
{
    const char *text = nephc_option_value(cli, name);
    nephc_nearest nearest;
    int i;

    if (!text)
        return 0;
    nephc_nearest_begin(&nearest, text);
    for (i = 0; choices[i]; i++) {
        if (strcmp(text, choices[i]) == 0) {
            *out = i;
            return 0;
        }
        nephc_nearest_try(&nearest, choices[i]);
    }
    return nephc_fail_nearest(NEPHC_USAGE, &nearest,
                              "--%s: \"%s\" is none of its words, see --help", name, text);
}
