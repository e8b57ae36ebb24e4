/*
 * core/cli/main.c - the neph command from its first line to its exit status. It is an application like any other: public
 * headers of neph, libneph, and nothing that the library keeps to itself.
 */
#include "core/cli/cli.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* A file that the library opens must never become descriptor 0, 1 or 2. Reading from where nothing was to be read fails,
 * and so does writing results to where nothing was to be written. */
static void hold_descriptors(void)
{
    int fd;

    for (fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)open("/dev/null", fd == 1 ? O_RDONLY : O_WRONLY);
}

static int put_version(nephc *cli)
{
    nephc_output_text(&cli->out, "neph ");
    nephc_output_text(&cli->out, neph_version());
    nephc_output_byte(&cli->out, '\n');
    return NEPHC_DONE;
}

static int run_command(nephc *cli, const nephc_command *command, const char *const *words,
                       size_t count)
{
    const char *gap = command->verb ? " " : "", *verb = command->verb ? command->verb : "";

    if (count < command->words_min)
        return nephc_fail(NEPHC_USAGE, "%s%s%s: %s is missing, see neph %s%s%s --help",
                          command->noun, gap, verb, command->arguments, command->noun, gap, verb);
    if (count > command->words_max)
        return nephc_fail(
            NEPHC_USAGE, "%s%s%s: \"%s\" is one word too many, see neph %s%s%s --help",
            command->noun, gap, verb, words[command->words_max], command->noun, gap, verb);
    return command->run(cli, words, count);
}

static int run_target(nephc *cli)
{
    nephc_target target;
    size_t used = 0;
    int rc = nephc_target_find(cli, &target, &used);

    if (rc == 0)
        rc = nephc_target_check_options(cli, &target);
    if (rc)
        return rc;
    if (target.op)
        return nephc_operation_run(cli, target.op, cli->options.words + used,
                                   cli->options.word_count - used);
    return run_command(cli, target.command, cli->options.words + used,
                       cli->options.word_count - used);
}

/* "neph --help", "neph NOUN --help", "neph NOUN VERB --help" */
static int run_help(nephc *cli)
{
    const nephc_options *options = &cli->options;
    nephc_target target;
    size_t i, used = 0;
    int rc;

    if (options->word_count == 0)
        return nephc_help(cli, NULL, NULL);
    for (i = 0; options->word_count == 1 && nephc_noun_at(i); i++)
        if (strcmp(nephc_noun_at(i), options->words[0]) == 0 &&
            !nephc_noun_is_verb(options->words[0]))
            return nephc_help(cli, NULL, options->words[0]);
    rc = nephc_target_find(cli, &target, &used);
    if (rc == 0 && options->word_count > used && target.command &&
        target.command->run == nephc_extension_call)
        return nephc_extension_help(cli, options->words[used]);
    return rc ? rc : nephc_help(cli, &target, NULL);
}

/* "neph help node" and "neph version", as people try them. */
static void take_aliases(nephc_options *options)
{
    const char *first = options->word_count > 0 ? options->words[0] : "";

    options->version += strcmp(first, "version") == 0;
    if (strcmp(first, "help") != 0)
        return;
    options->help++;
    options->word_count--;
    memmove(options->words, options->words + 1, options->word_count * sizeof *options->words);
}

static int run(nephc *cli, int argc, char **argv)
{
    int rc = nephc_options_parse(&cli->options, argc, argv);

    if (rc)
        return rc;
    take_aliases(&cli->options);
    if (cli->options.version)
        return put_version(cli);
    if (cli->options.generate)
        return nephc_generate(cli);
    if (cli->options.help)
        return run_help(cli);
    if (cli->options.word_count == 0 && cli->options.given_count > 0)
        return nephc_fail(NEPHC_USAGE, "unknown option --%.*s, see neph --help",
                          (int)cli->options.given[0].name_size, cli->options.given[0].name);
    if (cli->options.word_count == 0)
        return nephc_fail(NEPHC_USAGE,
                          "what to do? neph NOUN VERB, or neph ls CLOUD: - see neph --help");
    return run_target(cli);
}

int main(int argc, char **argv)
{
    static char buffer[NEPHC_OUTPUT_SIZE];
    static nephc cli;
    int status, written;

    hold_descriptors();
    (void)signal(SIGPIPE, SIG_IGN); /* a reader that went away is seen where we write */
    (void)signal(SIGXFSZ, SIG_IGN); /* a limit of the file size is an error like a full disk */
    nephc_output_init(&cli.out, 1, buffer, sizeof buffer);
    status = run(&cli, argc, argv);
    written = nephc_check_output(&cli);
    nephc_host_close(&cli);
    nephc_options_free(&cli.options);
    return written && status <= NEPHC_UNSUPPORTED ? written : status;
}
