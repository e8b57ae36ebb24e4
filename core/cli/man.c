/*
 * core/cli/man.c - man pages from the tables that --help uses: neph(1) and one for each noun. "neph --generate man DIR"
 * writes them during the build.
 */
#include "core/cli/help.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifndef NEPHC_PLUGINDIR
#define NEPHC_PLUGINDIR "LIBDIR/neph/plugins"
#endif

const nephc_text_row nephc_variables[] = {
    {"NEPH_CLOUD", "the cloud, where no -c is given"},
    {"NEPH_PLUGIN_PATH",
     "directories to look for plugins in, parted by colons, in place of all others"},
    {"NEPH_PLUGINS", "plugins that may be used, parted by commas: \"s3,local\"; with \"!\" before "
                     "it, one that may not"},
    {"XDG_CONFIG_HOME, HOME", "where clouds.json is looked for"},
    {"XDG_DATA_HOME, HOME", "where plugins and prices of your own are looked for"},
    {"XDG_STATE_HOME, HOME", "where the journal of transfers lies, and ~/.mime.types"},
    {"TMPDIR", "where bodies of unknown length wait, in files without a name"},
    {"https_proxy, http_proxy, no_proxy", "proxies"},
    {"AWS_..., BLUEBOX_... and others",
     "settings of providers; \"neph provider show PROVIDER\" lists each with its origins"},
    {NULL, NULL},
};

const nephc_text_row nephc_files[] = {
    {"~/.config/neph/clouds.json",
     "clouds by name: {\"work\": {\"provider\": \"s3\", \"region\": \"eu-central-1\"}}. It is refused if "
     "it holds secrets and others can read it"},
    {"~/.local/share/neph/prices",
     "your own prices, a file for each provider; neph-price(1) says what stands in it. The file that came with "
     "the plugin, in prices below the plugins, counts where there is none"},
    {"~/.local/state/neph/transfers",
     "the journal: what cp, mv and sync have begun and not finished; neph-transfer(1)"},
    {"~/.mime.types, /etc/mime.types", "media types by extension, for what is uploaded"},
    {"/etc/neph/plugins.d", "manifests that override or mask those of the system's plugins"},
    {NEPHC_PLUGINDIR, "the system's plugins and their manifests; neph-NAME packages install here"},
    {NULL, NULL},
};

/* Text for troff: backslashes, leading dots and quotes, and hyphens that must stay hyphens. */
static void put_roff(nephc_output *out, const char *text)
{
    int is_start = 1;

    for (; *text; text++) {
        if (is_start && (*text == '.' || *text == '\''))
            nephc_output_text(out, "\\&");
        if (*text == '\\')
            nephc_output_text(out, "\\e");
        else if (*text == '-')
            nephc_output_text(out, "\\-");
        else
            nephc_output_byte(out, *text);
        is_start = *text == '\n';
    }
}

static void put_section(nephc_output *out, const char *name)
{
    nephc_output_text(out, ".SH ");
    nephc_output_text(out, name);
    nephc_output_byte(out, '\n');
}

static void put_subsection(nephc_output *out, const char *name)
{
    nephc_output_text(out, ".SS ");
    put_roff(out, name);
    nephc_output_byte(out, '\n');
}

static void put_term(nephc_output *out, const char *term, const char *text)
{
    nephc_output_text(out, ".TP\n.B ");
    put_roff(out, term);
    nephc_output_byte(out, '\n');
    put_roff(out, text);
    nephc_output_byte(out, '\n');
}

static void put_rows(nephc_output *out, const char *name, const nephc_text_row *rows)
{
    put_section(out, name);
    for (; rows->term; rows++)
        put_term(out, rows->term, rows->text);
}

static void put_option(nephc_output *out, const nephc_option *option)
{
    char data[4096];
    nephc_output name;

    nephc_output_init(&name, -1, data, sizeof data);
    nephc_put_option(&name, option);
    nephc_output_byte(&name, '\0');
    put_term(out, data, option->summary);
}

static void put_title(nephc_output *out, const char *page, const char *summary)
{
    nephc_output_text(out, ".\\\" Made by neph --generate man.\n.TH ");
    nephc_put_upper(out, page);
    nephc_output_text(out, " 1 \"\" \"neph ");
    nephc_output_text(out, neph_version());
    nephc_output_text(out, "\" \"neph\"\n.SH NAME\n");
    put_roff(out, page);
    nephc_output_text(out, " \\- ");
    put_roff(out, summary);
    nephc_output_byte(out, '\n');
}

/* ---- neph-NOUN(1) */

static void put_columns(nephc_output *out, const nephc_shape *shape)
{
    size_t i, count = 0;

    nephc_output_text(out, ".PP\nColumns of tsv and tables, in this order:\n");
    for (i = 0; i < shape->member_count; i++)
        if (nephc_is_column(shape, NEPHC_TSV, i))
            put_term(out, shape->members[i].name, shape->members[i].summary);
    for (i = 0; i < shape->member_count; i++) {
        if (nephc_is_column(shape, NEPHC_TSV, i) || !nephc_is_column(shape, NEPHC_JSON, i))
            continue;
        if (count++ == 0)
            nephc_output_text(out, ".PP\njson and jsonl show also:\n");
        put_term(out, shape->members[i].name, shape->members[i].summary);
    }
}

static void put_argument_words(nephc_output *out, const neph_op_info *op)
{
    char word[64];
    uint32_t i;

    for (i = 0; i < op->argument_count; i++) {
        if (!nephc_argument_is_word(&op->arguments[i]))
            continue;
        nephc_argument_word(&op->arguments[i], word, sizeof word);
        put_term(out, word, op->arguments[i].summary);
    }
}

static void put_target(nephc_output *out, const nephc_target *target)
{
    nephc_option option;
    char data[4096];
    nephc_output usage;
    nephc_shape shape;
    size_t i;

    nephc_output_init(&usage, -1, data, sizeof data);
    nephc_output_text(&usage, "neph ");
    nephc_put_usage(&usage, target);
    nephc_output_byte(&usage, '\0');
    put_subsection(out, data);
    put_roff(out, nephc_target_summary(target));
    nephc_output_text(out, ".\n");
    if (target->command && target->command->details) {
        nephc_output_text(out, ".PP\n");
        put_roff(out, target->command->details);
        nephc_output_byte(out, '\n');
    }
    if (target->op)
        put_argument_words(out, target->op);
    for (i = 0; nephc_target_option(target, i, &option); i++)
        if (!nephc_option_is_word(target, i))
            put_option(out, &option);
    if (nephc_target_shape(target, &shape))
        put_columns(out, &shape);
}

static void put_noun_page(nephc_output *out, const char *noun)
{
    char page[64];
    nephc_target target;
    size_t i;

    (void)snprintf(page, sizeof page, "neph-%s", noun);
    put_title(out, page, nephc_noun_summary(noun));
    put_section(out, "SYNOPSIS");
    nephc_output_text(out,
                      nephc_noun_takes_addresses(noun) ? ".B neph " : ".B neph\n[\\-c CLOUD]\n.B ");
    nephc_output_text(out, noun);
    nephc_output_text(out, nephc_noun_is_verb(noun) ? "\nARGUMENTS [OPTIONS]\n"
                                                    : "\nVERB [ARGUMENTS] [OPTIONS]\n");
    put_section(out, "DESCRIPTION");
    for (i = 0; nephc_target_at(i, &target); i++)
        if (strcmp(nephc_target_noun(&target), noun) == 0)
            put_target(out, &target);
    put_section(out, "SEE ALSO");
    nephc_output_text(out, "Options of every command, formats and exit statuses:\n.BR neph (1)\n");
}

/* ---- neph(1) */

static const char *const description[] = {
    "neph drives many clouds through one interface: nodes, images, sizes and locations, buckets and objects. Every kind "
    "of cloud is a plugin, found through its manifest; \"neph provider list\" names them.",
    "CLOUD is a provider's id, with settings from the environment and the provider's own files, or a name from "
    "clouds.json, which wins. Options may stand anywhere; \"--\" ends them. Required arguments are words in the order "
    "shown; each can be given as an option instead.",
    "Where an operation needs one id alone (node stop, volume delete), several may be given: all are acted on at once, each "
    "that fails is named, the rest goes on. The status is then that of all if all failed alike, else 1. Sizes are bytes, or "
    "have a unit: 500MB, 10GiB.",
    NULL,
};

static const nephc_text_row formats[] = {
    {"table",
     "for people. Control characters, what reorders text, and bytes that are no UTF-8 are shown as \\xHH. One "
     "result (show, create, head) is a list of names and values."},
    {"json",
     "one array of objects. Members are called as in the library's model; what is unknown is null; times are "
     "RFC 3339; integers above 2^53 are strings; text that is no UTF-8 stands under NAME_base64. An operation "
     "without results prints []."},
    {"jsonl", "the same objects, one a line."},
    {"tsv",
     "columns parted by tabs as PostgreSQL's COPY reads them: \\N for what is unknown, backslash escapes, no "
     "header. Columns are fixed; new ones are added at the end. Lists are joined by commas. In a listing of "
     "objects a prefix stands in the first column, and the others are \\N."},
    {NULL, NULL},
};

static const char *const secrets[] = {
    "Everybody on a machine can read a command line, so secret settings and arguments are refused in it. --set "
    "NAME=@FILE and --password=@FILE read them from a file, @- from standard input; a value that begins with @ itself is "
    "written with two. Where two clouds of a command have the setting, write --set CLOUD:NAME=VALUE.",
    "Secrets in results (the password of a new node) are shown by json, jsonl and tables, of \"create\" and \"call\" alone, "
    "because no other answer will ever hold them, and never by tsv. They are kept out of traces, logs and recordings.",
    NULL,
};

static void put_paragraphs(nephc_output *out, const char *name, const char *const *paragraphs)
{
    put_section(out, name);
    for (; *paragraphs; paragraphs++) {
        nephc_output_text(out, ".PP\n");
        put_roff(out, *paragraphs);
        nephc_output_byte(out, '\n');
    }
}

static void put_main_page(nephc_output *out)
{
    char page[80];
    const char *noun;
    size_t i;

    put_title(out, "neph", "drive many clouds through one interface");
    put_section(out, "SYNOPSIS");
    nephc_output_text(out, ".B neph\n[\\-c CLOUD] NOUN VERB [ARGUMENTS] [OPTIONS]\n.br\n"
                           ".B neph\nls|cp|mv|cat|rm|sync|url CLOUD:BUCKET/KEY ... [OPTIONS]\n");
    put_paragraphs(out, "DESCRIPTION", description);
    put_section(out, "NOUNS");
    for (i = 0; (noun = nephc_noun_at(i)) != NULL; i++)
        put_term(out, noun, nephc_noun_summary(noun));
    put_section(out, "OPTIONS");
    for (i = 0; nephc_option_at(i); i++)
        put_option(out, nephc_option_at(i));
    put_rows(out, "FORMATS", formats);
    put_paragraphs(out, "SECRETS", secrets);
    put_rows(out, "EXIT STATUS", nephc_statuses);
    put_rows(out, "ENVIRONMENT", nephc_variables);
    put_rows(out, "FILES", nephc_files);
    put_section(out, "SEE ALSO");
    for (i = 0; (noun = nephc_noun_at(i)) != NULL; i++) {
        (void)snprintf(page, sizeof page, ".BR neph\\-%s (1)%s\n", noun,
                       nephc_noun_at(i + 1) ? "," : "");
        nephc_output_text(out, page);
    }
}

/* ---- files */

static int write_page(const char *directory, const char *noun)
{
    static char data[NEPHC_OUTPUT_SIZE];
    char path[4096];
    nephc_output out;
    int fd, error;

    (void)snprintf(path, sizeof path, "%s/neph%s%s.1", directory, noun ? "-" : "",
                   noun ? noun : "");
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return nephc_fail(NEPHC_FAILED, "cannot write %s: %s", path, strerror(errno));
    nephc_output_init(&out, fd, data, sizeof data);
    if (noun)
        put_noun_page(&out, noun);
    else
        put_main_page(&out);
    error = nephc_output_flush(&out);
    if (close(fd) != 0 && !error)
        error = errno;
    return error ? nephc_fail(NEPHC_FAILED, "cannot write %s: %s", path, strerror(error))
                 : NEPHC_DONE;
}

int nephc_generate_man(const char *directory)
{
    const char *noun;
    size_t i;
    int rc = write_page(directory, NULL);

    for (i = 0; rc == NEPHC_DONE && (noun = nephc_noun_at(i)) != NULL; i++)
        rc = write_page(directory, noun);
    return rc;
}
