/*
 * core/cli/host.c - makes the library's host from the options and opens clouds in it. Which settings of the command line
 * they get is setting.c's business.
 */
#include "core/cli/cli.h"
#include "core/cli/text.h"

#include <stdlib.h>
#include <string.h>

static void on_log(int32_t level, int32_t rule, const char *message, void *user)
{
    const nephc *cli = user;
    int wanted = cli->options.quiet ? NEPH_LOG_ERROR : NEPH_LOG_WARNING + cli->options.verbose;

    if (level > wanted)
        return;
    if (rule)
        (void)nephc_fail(0, "rule %d: %s", (int)rule, message);
    else
        (void)nephc_fail(0, "%s", message);
}

static const char *trace_mark(int32_t what)
{
    switch (what) {
    case NEPH_TRACE_REQUEST: return "> ";
    case NEPH_TRACE_REPLY: return "< ";
    case NEPH_TRACE_NOTE: return "* ";
    default: return "| ";
    }
}

/* Line by line, so that each has its mark and no control character reaches the terminal. */
static void on_trace(int32_t what, const char *text, size_t size, void *user)
{
    char data[8192];
    nephc_output out;

    (void)user;
    nephc_output_init(&out, 2, data, sizeof data);
    while (size > 0) {
        const char *end = memchr(text, '\n', size);
        size_t length = end ? (size_t)(end - text) : size;
        size_t shown = length > 0 && end && text[length - 1] == '\r' ? length - 1 : length;

        nephc_output_text(&out, trace_mark(what));
        nephc_put_plain(&out, text, shown);
        nephc_output_byte(&out, '\n');
        length += end != NULL;
        text += length;
        size -= length;
    }
    (void)nephc_output_flush(&out);
}

static int read_bandwidth(const nephc *cli, int64_t *out)
{
    const char *text = nephc_option_value(cli, "bandwidth");

    if (!text || nephc_read_rate(text, out))
        return 0;
    return nephc_fail(NEPHC_USAGE, "--bandwidth: \"%s\" is no rate, as in 500K or 10M", text);
}

int nephc_host_open(nephc *cli)
{
    neph_host_config config = NEPH_HOST_CONFIG_INIT;
    int rc;

    if (cli->host)
        return 0;
    rc = read_bandwidth(cli, &config.max_bytes_per_second);
    if (rc)
        return rc;
    config.sources = NEPH_SOURCE_ALL;
    config.log = on_log;
    config.log_user = cli;
    config.trace = cli->options.trace ? on_trace : NULL;
    config.plugin_path = cli->options.plugin_path;
    config.clouds_file = cli->options.clouds_file;
    config.ca_file = cli->options.ca_file;
    config.proxy = cli->options.proxy;
    config.record_dir = cli->options.record;
    config.replay_dir = cli->options.replay;
    config.deadline_ms = cli->options.timeout_ms;
    config.max_attempts = (int32_t)(cli->options.retries_max + 1);
    config.insecure = cli->options.insecure != 0;
    rc = neph_host_new(&config, &cli->host);
    if (rc)
        return nephc_fail(nephc_status_of(rc, 0), "cannot start: %s", neph_status_name(rc));
    nephc_interrupt_begin(cli->host);
    return 0;
}

void nephc_host_close(nephc *cli)
{
    size_t i;

    nephc_interrupt_begin(NULL);
    neph_host_free(cli->host); /* with its clouds */
    cli->host = NULL;
    for (i = 0; i < cli->cloud_count; i++)
        free(cli->clouds[i].name);
    cli->cloud_count = 0;
}

const char *nephc_cloud_default(const nephc *cli)
{
    const char *name = cli->options.cloud ? cli->options.cloud : getenv("NEPH_CLOUD");

    return name && *name ? name : NULL;
}

static int fail_open(const nephc *cli, const char *name)
{
    const neph_error *error = neph_host_error(cli->host);
    int is_named = strstr(error->message, name) != NULL;

    return nephc_fail(nephc_status_of(error->status, 0), "%s%s%s", is_named ? "" : name,
                      is_named ? "" : ": ", error->message);
}

/* Is the setting among those that were gathered? */
static int has_setting(const neph_setting_value *settings, size_t count, const char *name)
{
    while (count > 0)
        if (strcmp(settings[--count].name, name) == 0)
            return 1;
    return 0;
}

/* A credential_process may take a minute. */
static int open_idle(nephc *cli, const char *name, const neph_setting_value *settings, size_t count,
                     neph_cloud **out)
{
    int rc;

    nephc_interrupt_idle(1);
    rc = neph_cloud_open(cli->host, name, settings, count, out);
    nephc_interrupt_idle(0);
    return rc ? fail_open(cli, name) : 0;
}

int nephc_cloud_open_with(nephc *cli, const char *name, const neph_setting_value *settings,
                          size_t count, neph_cloud **out)
{
    neph_setting_value *all = calloc(cli->options.set_count + count + 1, sizeof *all);
    size_t gathered = 0, used, i;
    int rc;

    (void)nephc_output_flush(
        &cli->out); /* a signal may end us here; an error is kept for the end */
    rc = all ? nephc_settings_gather(cli, name, all, &gathered) : nephc_fail_memory();
    used = gathered;
    for (i = 0; i < count && rc == 0; i++)
        if (!has_setting(all, gathered, settings[i].name))
            all[used++] = settings[i];
    if (rc == 0)
        rc = open_idle(cli, name, all, used, out);
    if (all)
        nephc_settings_free(all, gathered);
    return rc;
}

int nephc_cloud_open(nephc *cli, const char *name, neph_cloud **out)
{
    char *copy = NULL;
    size_t i;
    int rc = nephc_host_open(cli);

    *out = NULL;
    if (rc)
        return rc;
    if (!name)
        name = nephc_cloud_default(cli);
    if (!name)
        return nephc_fail(
            NEPHC_USAGE,
            "which cloud? add -c CLOUD or set NEPH_CLOUD; \"neph provider list\" shows them");
    for (i = 0; i < cli->cloud_count; i++) {
        *out = cli->clouds[i].cloud;
        if (strcmp(cli->clouds[i].name, name) == 0)
            return 0;
    }
    *out = NULL;
    if (cli->cloud_count == NEPHC_CLOUDS_MAX)
        return nephc_fail(NEPHC_USAGE, "more than %d clouds in one command", NEPHC_CLOUDS_MAX);
    copy = strdup(name);
    rc = copy ? nephc_cloud_open_with(cli, name, NULL, 0, out) : nephc_fail_memory();
    if (rc) {
        free(copy);
        return rc;
    }
    cli->clouds[cli->cloud_count].name = copy;
    cli->clouds[cli->cloud_count++].cloud = *out;
    return 0;
}
