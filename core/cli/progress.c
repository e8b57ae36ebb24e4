/*
 * core/cli/progress.c - how far a transfer is, on one line of a terminal that goes away at the end. Nothing is written
 * where stderr is no terminal, or for what is done within half a second.
 */
#include "core/cli/cli.h"
#include "core/cli/text.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#define FIRST_NS (NEPH_NANO / 2)
#define NAME_MAX_SHOWN 40
#define BAR_WIDTH 20

static int64_t now_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * NEPH_NANO + now.tv_nsec;
}

void nephc_progress_begin(nephc_progress *progress, const char *name)
{
    progress->name = name;
    progress->begin_ns = now_ns();
    progress->last_ns = progress->begin_ns;
    progress->is_shown = 0;
}

static void put_bytes(nephc_output *out, int64_t bytes)
{
    char text[NEPHC_NUMBER_SIZE];

    nephc_output_write(out, text, nephc_write_bytes(text, bytes));
}

static void put_bar(nephc_output *out, int64_t percent)
{
    char text[NEPHC_NUMBER_SIZE];
    int i;

    nephc_output_text(out, " [");
    for (i = 0; i < BAR_WIDTH; i++)
        nephc_output_byte(out, percent * BAR_WIDTH / 100 > i ? '#' : '.');
    nephc_output_text(out, "] ");
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

void nephc_progress_show(nephc_progress *progress, int64_t done, int64_t total)
{
    int64_t now = now_ns(), elapsed_ms = (now - progress->begin_ns) / 1000000;
    char data[4096];
    nephc_output out;

    if (now - progress->begin_ns < FIRST_NS || now - progress->last_ns < NEPH_NANO / 10 || done < 0)
        return;
    progress->last_ns = now;
    progress->is_shown = 1;
    nephc_output_init(&out, 2, data, sizeof data);
    nephc_output_text(&out, "\r\033[K");
    put_name(&out, progress->name);
    if (total > 0)
        put_bar(&out, done >= total ? 100 : (int64_t)((double)done * 100 / (double)total));
    nephc_output_text(&out, "  ");
    put_bytes(&out, done);
    if (total > 0) {
        nephc_output_text(&out, " of ");
        put_bytes(&out, total);
    }
    nephc_output_text(&out, "  ");
    put_bytes(&out, (int64_t)((double)done * 1000 / (double)(elapsed_ms ? elapsed_ms : 1)));
    nephc_output_text(&out, "/s");
    (void)nephc_output_flush(&out);
}

void nephc_progress_end(nephc_progress *progress)
{
    static const char clear[] = "\r\033[K";
    ssize_t written = progress->is_shown ? write(2, clear, sizeof clear - 1) : 0;

    (void)written;
    progress->is_shown = 0;
}
