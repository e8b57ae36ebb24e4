/*
 * core/cli/help.c - --help at every level, from the tables of nouns, verbs, arguments and options.
 */
#include "core/cli/help.h"

#include <string.h>

#define INDENT 2
#define TERM_WIDTH 26
#define LINE_WIDTH 96

const nephc_text_row nephc_statuses[] = {
    {"0", "done"},
    {"1", "failed, for a reason that none of the others names; standard error says which"},
    {"2", "the command line or a setting is wrong; nothing was sent"},
    {"3", "no such thing: node, bucket, object, provider, plugin"},
    {"4", "the cloud does not know you, or you may not"},
    {"5", "the provider cannot do that; nothing was sent"},
    {"130",
     "interrupted (Ctrl-C); nothing is half-written, and what was begun can be resumed. Other signals: 128 and their number"},
    {"141", "whoever read standard output went away"},
    {NULL, NULL},
};

void nephc_put_upper(nephc_output *out, const char *text)
{
    for (; *text; text++)
        nephc_output_byte(out, (char)(*text >= 'a' && *text <= 'z' ? *text - 'a' + 'A' : *text));
}

void nephc_put_usage(nephc_output *out, const nephc_target *target)
{
    char word[64];
    uint32_t i;

    nephc_output_text(out, nephc_target_noun(target));
    if (nephc_target_verb(target)) {
        nephc_output_byte(out, ' ');
        nephc_output_text(out, nephc_target_verb(target));
    }
    if (target->command && *target->command->arguments) {
        nephc_output_byte(out, ' ');
        nephc_output_text(out, target->command->arguments);
    }
    for (i = 0; target->op && i < target->op->argument_count; i++) {
        const neph_member_info *argument = &target->op->arguments[i];
        int is_optional = argument->type == NEPH_TYPE_SINK;

        if (!nephc_argument_is_word(argument))
            continue;
        nephc_argument_word(argument, word, sizeof word);
        nephc_output_text(out, is_optional ? " [" : " ");
        nephc_output_text(out, word);
        nephc_output_text(out, is_optional ? "]" : "");
        if (nephc_operation_is_of_many(target->op))
            nephc_output_text(out, "...");
    }
}

void nephc_put_option(nephc_output *out, const nephc_option *option)
{
    const char *name;

    if (option->letter) {
        nephc_output_byte(out, '-');
        nephc_output_byte(out, option->letter);
        nephc_output_text(out, ", ");
    }
    nephc_output_text(out, "--");
    for (name = option->name; *name; name++)
        nephc_output_byte(out, (char)(*name == '_' ? '-' : *name));
    if (option->value) {
        nephc_output_byte(out, '=');
        nephc_output_text(out, option->value);
    }
}

int nephc_target_shape(const nephc_target *target, nephc_shape *out)
{
    uint32_t kind = target->op ? target->op->kind : target->command->kind;

    if (target->command && target->command->shape) {
        *out = *target->command->shape;
        return 1;
    }
    *out = nephc_shape_of(kind);
    out->with_secrets = target->op && nephc_operation_tells_secrets(target->op);
    return out->members != NULL;
}

/* ---- columns of help */

static void put_blanks(nephc_output *out, size_t count)
{
    while (count-- > 0)
        nephc_output_byte(out, ' ');
}

/* Text from column `at` on, broken at blanks. */
static void put_wrapped(nephc_output *out, const char *text, size_t at)
{
    size_t column = at;

    while (*text) {
        size_t length = strcspn(text, " ");

        if (column > at && column + 1 + length > LINE_WIDTH) {
            nephc_output_byte(out, '\n');
            put_blanks(out, at);
            column = at;
        } else if (column > at) {
            nephc_output_byte(out, ' ');
            column++;
        }
        nephc_output_write(out, text, length);
        column += length;
        text += length + strspn(text + length, " ");
    }
    nephc_output_byte(out, '\n');
}

/* The term was written to a buffer of its own, so that its width is known. */
static void put_entry(nephc_output *out, const nephc_output *term, const char *text)
{
    put_blanks(out, INDENT);
    nephc_output_write(out, term->data, term->used);
    if (term->used + 2 > TERM_WIDTH) {
        nephc_output_byte(out, '\n');
        put_blanks(out, INDENT + TERM_WIDTH);
    } else {
        put_blanks(out, TERM_WIDTH - term->used);
    }
    put_wrapped(out, text, INDENT + TERM_WIDTH);
}

static void put_term(nephc_output *out, const char *term, const char *text)
{
    char data[4096];
    nephc_output name;

    nephc_output_init(&name, -1, data, sizeof data);
    nephc_output_text(&name, term);
    put_entry(out, &name, text);
}

static void put_option_entry(nephc_output *out, const nephc_option *option)
{
    char data[4096];
    nephc_output name;

    nephc_output_init(&name, -1, data, sizeof data);
    nephc_put_option(&name, option);
    put_entry(out, &name, option->summary);
}

static void put_target_entry(nephc_output *out, const nephc_target *target)
{
    char data[4096];
    nephc_output usage;

    nephc_output_init(&usage, -1, data, sizeof data);
    nephc_put_usage(&usage, target);
    put_entry(out, &usage, nephc_target_summary(target));
}

/* ---- the three levels */

static void put_global_options(nephc_output *out)
{
    size_t i;

    nephc_output_text(out, "\nOptions of every command\n");
    for (i = 0; nephc_option_at(i); i++)
        put_option_entry(out, nephc_option_at(i));
}

static void help_all(nephc_output *out)
{
    const nephc_text_row *status;
    const char *noun;
    size_t i;

    nephc_output_text(out, "usage: neph [-c CLOUD] NOUN VERB [ARGUMENTS] [OPTIONS]\n"
                           "       neph ls|cp|mv|cat|rm|sync|url CLOUD:BUCKET/KEY ... [OPTIONS]\n"
                           "       neph [-c CLOUD] call PROVIDER.NAME [KEY=VALUE]... [OPTIONS]\n"
                           "\nObjects and files\n");
    for (i = 0; (noun = nephc_noun_at(i)) != NULL; i++)
        if (nephc_noun_takes_addresses(noun))
            put_term(out, noun, nephc_noun_summary(noun));
    nephc_output_text(out, "\nNouns (\"neph NOUN --help\" lists the verbs)\n");
    for (i = 0; (noun = nephc_noun_at(i)) != NULL; i++)
        if (!nephc_noun_takes_addresses(noun))
            put_term(out, noun, nephc_noun_summary(noun));
    put_global_options(out);
    nephc_output_text(out, "\nExit status\n");
    for (status = nephc_statuses; status->term; status++)
        put_term(out, status->term, status->text);
}

static void help_noun(nephc_output *out, const char *noun)
{
    nephc_target target;
    size_t i;

    nephc_output_text(out, "usage: neph [-c CLOUD] ");
    nephc_output_text(out, noun);
    nephc_output_text(out, " VERB [ARGUMENTS] [OPTIONS]\n\nVerbs\n");
    for (i = 0; nephc_target_at(i, &target); i++)
        if (strcmp(nephc_target_noun(&target), noun) == 0)
            put_target_entry(out, &target);
    nephc_output_text(out, "\n\"neph ");
    nephc_output_text(out, noun);
    nephc_output_text(
        out, " VERB --help\" tells more, \"neph --help\" lists the options of every command.\n");
}

static void put_arguments(nephc_output *out, const neph_op_info *op)
{
    char word[64];
    uint32_t i;

    for (i = 0; i < op->argument_count; i++) {
        const neph_member_info *argument = &op->arguments[i];

        if (!nephc_argument_is_word(argument))
            continue;
        nephc_argument_word(argument, word, sizeof word);
        put_term(out, word,
                 argument->type == NEPH_TYPE_SINK
                     ? "file for its bytes; - or nothing: standard output"
                 : argument->type == NEPH_TYPE_SOURCE ? "file with its bytes; -: standard input"
                                                      : argument->summary);
    }
}

static void put_target_options(nephc_output *out, const nephc_target *target)
{
    nephc_option option;
    size_t i;
    int has_title = 0;

    for (i = 0; nephc_target_option(target, i, &option); i++) {
        if (nephc_option_is_word(target, i))
            continue;
        if (!has_title)
            nephc_output_text(out, "\nOptions\n");
        has_title = 1;
        put_option_entry(out, &option);
    }
}

/* Members that json alone has, below their title. */
static void put_wide(nephc_output *out, const nephc_shape *shape)
{
    static const char title[] = "\nOther members of json\n";
    int has_title = 0;
    size_t i;

    for (i = 0; i < shape->member_count; i++) {
        if (nephc_is_column(shape, NEPHC_TSV, i) || !nephc_is_column(shape, NEPHC_JSON, i))
            continue;
        nephc_output_text(out, has_title ? "" : title);
        has_title = 1;
        put_term(out, shape->members[i].name, shape->members[i].summary);
    }
    if (!shape->kind)
        return;
    nephc_output_text(out, has_title ? "" : title);
    put_term(out, "extra", "what the cloud reported and no member holds");
}

static void put_columns(nephc_output *out, const nephc_shape *shape)
{
    size_t i;

    nephc_output_text(out, "\nColumns of tsv\n");
    for (i = 0; i < shape->member_count; i++)
        if (nephc_is_column(shape, NEPHC_TSV, i))
            put_term(out, shape->members[i].name, shape->members[i].summary);
    put_wide(out, shape);
}

const char *nephc_parameter_value(const neph_extension_info *info, uint32_t index)
{
    static const char *const words[] = {
        [NEPH_TYPE_STRING] = "TEXT",        [NEPH_TYPE_INTEGER] = "COUNT",
        [NEPH_TYPE_DECIMAL] = "NUMBER",     [NEPH_TYPE_TIME] = "TIME",
        [NEPH_TYPE_BOOLEAN] = "true|false", [NEPH_TYPE_STRINGS] = "TEXT"};
    const neph_member_info *parameter = &info->parameters[index];

    if (info->choices[index])
        return info->choices[index];
    if (parameter->flags & NEPH_INFO_SECRET)
        return "@FILE";
    return parameter->type < sizeof words / sizeof words[0] && words[parameter->type]
               ? words[parameter->type]
               : "VALUE";
}

static void put_parameter(nephc_output *out, const neph_extension_info *info, uint32_t index)
{
    nephc_output_text(out, info->parameters[index].name);
    nephc_output_byte(out, '=');
    nephc_output_text(out, nephc_parameter_value(info, index));
}

static void put_parameter_entry(nephc_output *out, const neph_extension_info *info, uint32_t index)
{
    const neph_member_info *parameter = &info->parameters[index];
    char data[4096], text[4096];
    nephc_output name, about;

    nephc_output_init(&name, -1, data, sizeof data);
    put_parameter(&name, info, index);
    nephc_output_init(&about, -1, text, sizeof text);
    nephc_output_text(&about, parameter->summary);
    if (parameter->type == NEPH_TYPE_STRINGS)
        nephc_output_text(&about, "; may be given again");
    nephc_output_byte(&about, '\0');
    put_entry(out, &name, text);
}

static void put_parameters(nephc_output *out, const neph_extension_info *info)
{
    uint32_t i;

    for (i = 0; i < info->parameter_count; i++) {
        int is_required = (info->parameters[i].flags & NEPH_INFO_REQUIRED) != 0;

        nephc_output_text(out, is_required ? " " : " [");
        put_parameter(out, info, i);
        nephc_output_text(out, is_required ? "" : "]");
        if (info->parameters[i].type == NEPH_TYPE_STRINGS)
            nephc_output_text(out, "...");
    }
}

void nephc_help_extension(nephc_output *out, const char *name, const neph_extension_info *info,
                          const nephc_shape *shape)
{
    uint32_t i;

    nephc_output_text(out, "usage: neph [-c CLOUD] call ");
    nephc_output_text(out, name);
    put_parameters(out, info);
    nephc_output_text(out, " [OPTIONS]\n\n");
    put_wrapped(out, info->summary, 0);
    if (info->parameter_count)
        nephc_output_text(out, "\nParameters\n");
    for (i = 0; i < info->parameter_count; i++)
        put_parameter_entry(out, info, i);
    if (info->column_count)
        put_columns(out, shape);
    nephc_output_text(out, "\n\"neph --help\" lists the options of every command.\n");
}

static void help_target(nephc_output *out, const nephc_target *target)
{
    nephc_shape shape;

    nephc_output_text(out, "usage: neph [-c CLOUD] ");
    nephc_put_usage(out, target);
    nephc_output_text(out, " [OPTIONS]\n\n");
    nephc_output_text(out, nephc_target_summary(target));
    nephc_output_text(out, target->op ? "\n\n" : "\n");
    if (target->op)
        put_arguments(out, target->op);
    if (target->command && target->command->details) {
        nephc_output_byte(out, '\n');
        put_wrapped(out, target->command->details, 0);
    }
    put_target_options(out, target);
    if (nephc_target_shape(target, &shape))
        put_columns(out, &shape);
    nephc_output_text(out, "\n\"neph --help\" lists the options of every command.\n");
}

int nephc_help(nephc *cli, const nephc_target *target, const char *noun)
{
    if (target)
        help_target(&cli->out, target);
    else if (noun)
        help_noun(&cli->out, noun);
    else
        help_all(&cli->out);
    return NEPHC_DONE;
}
