/*
 * core/cli/progress.c - how far something is: on a terminal one line that goes away at the end, elsewhere, if it is asked
 * for, a plain line every few seconds. Nothing is written for what is done at once.
 */
#include "core/cli/cli.h"
#include "core/cli/text.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LINE_FIRST_NS (NEPH_NANO / 2)
#define LINE_EVERY_NS (NEPH_NANO / 10)
#define LOG_EVERY_NS (5 * NEPH_NANO)
#define NAME_MAX_SHOWN 40
#define BAR_WIDTH 20
#define SECONDS_MAX (100 * 3600) /* what takes longer is not known */

static int64_t now_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * NEPH_NANO + now.tv_nsec;
}

/* A line that moves would mix with what another program makes of our output. */
static int can_move(int writes_stdout)
{
    struct stat facts;

    if (!isatty(2))
        return 0;
    return !writes_stdout || (fstat(1, &facts) == 0 && S_ISREG(facts.st_mode));
}

void nephc_progress_begin(nephc_progress *progress, const nephc *cli, const char *name,
                          int writes_stdout)
{
    int is_wanted = cli->options.verbose > 0 || nephc_options_find(&cli->options, "progress");

    *progress = (nephc_progress){.name = name, .begin_ns = now_ns()};
    progress->last_ns = progress->begin_ns;
    if (cli->options.quiet)
        progress->mode = NEPHC_PROGRESS_NONE;
    else if (can_move(writes_stdout))
        progress->mode = NEPHC_PROGRESS_LINE;
    else
        progress->mode = is_wanted ? NEPHC_PROGRESS_LOG : NEPHC_PROGRESS_NONE;
}

/* ---- what the line says */

static void put_bytes(nephc_output *out, int64_t bytes)
{
    char text[NEPHC_NUMBER_SIZE];

    nephc_output_write(out, text, nephc_write_bytes(text, bytes));
}

static void put_percent(nephc_output *out, int64_t percent, int has_bar)
{
    char text[NEPHC_NUMBER_SIZE];
    int i;

    nephc_output_text(out, has_bar ? " [" : ": ");
    for (i = 0; has_bar && i < BAR_WIDTH; i++)
        nephc_output_byte(out, percent * BAR_WIDTH / 100 > i ? '#' : '.');
    nephc_output_text(out, has_bar ? "] " : "");
    nephc_output_write(out, text, nephc_write_integer(text, percent));
    nephc_output_text(out, " %");
}

/* The end of a long name tells more than its beginning. */
static void put_name(nephc_output *out, const char *name)
{
    size_t length = strlen(name);

    if (length > NAME_MAX_SHOWN) {
        name += length - NAME_MAX_SHOWN;
        nephc_output_text(out, "...");
        while (((unsigned char)*name & 0xc0) == 0x80)
            name++;
    }
    nephc_put_plain(out, name, strlen(name));
}

static void put_amount(nephc_output *out, const nephc_amount *amount)
{
    put_bytes(out, amount->done);
    if (amount->total > 0) {
        nephc_output_text(out, " of ");
        put_bytes(out, amount->total);
    }
    if (amount->kept > 0) {
        nephc_output_text(out, " (");
        put_bytes(out, amount->kept);
        nephc_output_text(out, " kept from before)");
    }
}

/* What was there before was not moved in this time. */
static void put_rate(nephc_output *out, const nephc_amount *amount, int64_t elapsed_ns)
{
    double seconds = (double)(elapsed_ns > 0 ? elapsed_ns : 1) / (double)NEPH_NANO;
    double rate = (double)(amount->done - amount->kept) / seconds;
    double left = rate > 0 ? (double)(amount->total - amount->done) / rate : SECONDS_MAX;
    char text[NEPHC_NUMBER_SIZE];

    nephc_output_text(out, "  ");
    put_bytes(out, (int64_t)rate);
    nephc_output_text(out, "/s");
    if (amount->total <= amount->done || left >= SECONDS_MAX)
        return;
    nephc_output_text(out, "  ");
    nephc_output_write(out, text, nephc_write_duration(text, (int64_t)(left + 0.5)));
    nephc_output_text(out, " left");
}

static void put_line(const nephc_progress *progress, const nephc_amount *amount, int64_t elapsed_ns)
{
    int is_moving = progress->mode == NEPHC_PROGRESS_LINE;
    int64_t percent = amount->done >= amount->total
                          ? 100
                          : (int64_t)((double)amount->done * 100 / (double)amount->total);
    char data[4096];
    nephc_output out;

    nephc_output_init(&out, 2, data, sizeof data);
    nephc_output_text(&out, is_moving ? "\r\033[K" : "neph: ");
    put_name(&out, progress->name);
    if (amount->total > 0)
        put_percent(&out, percent, is_moving);
    nephc_output_text(&out, amount->total > 0 ? is_moving ? "  " : ", " : is_moving ? "  " : ": ");
    put_amount(&out, amount);
    put_rate(&out, amount, elapsed_ns);
    nephc_output_text(&out, is_moving ? "" : "\n");
    (void)nephc_output_flush(&out);
}

/* ---- when */

void nephc_progress_show(nephc_progress *progress, const nephc_amount *amount)
{
    int64_t now = now_ns(), elapsed_ns = now - progress->begin_ns;
    int is_moving = progress->mode == NEPHC_PROGRESS_LINE;

    if (progress->mode == NEPHC_PROGRESS_NONE || amount->done < 0)
        return;
    if (is_moving && elapsed_ns < LINE_FIRST_NS)
        return;
    if (now - progress->last_ns < (is_moving ? LINE_EVERY_NS : LOG_EVERY_NS))
        return;
    progress->last_ns = now;
    progress->is_shown = is_moving;
    put_line(progress, amount, elapsed_ns);
}

void nephc_progress_clear(nephc_progress *progress)
{
    static const char clear[] = "\r\033[K";
    ssize_t written = progress->is_shown ? write(2, clear, sizeof clear - 1) : 0;

    (void)written;
    progress->is_shown = 0;
}
