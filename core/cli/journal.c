/*
 * core/cli/journal.c - where the journals of transfers lie, and the word about what is kept there of what did not end.
 */
#include "core/cli/storage.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define PATH_SIZE 4096

/* $XDG_STATE_HOME counts only where it is absolute, as its specification says. Returns 0 where neither is known. */
static int usual_dir(char *out)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    int is_state = state && *state == '/';
    int length = is_state ? snprintf(out, PATH_SIZE, "%s/neph/transfers", state)
                 : home && *home == '/'
                     ? snprintf(out, PATH_SIZE, "%s/.local/state/neph/transfers", home)
                     : 0;

    return length > 0 && length < PATH_SIZE;
}

/* With all that is missing above it; nobody else may look into what is made. Returns 0 or an errno. */
static int make_dirs(char *path)
{
    char *slash = path;

    while ((slash = strchr(slash + 1, '/')) != NULL) {
        *slash = '\0';
        (void)mkdir(path, 0700); /* the last one tells whether that went well */
        *slash = '/';
    }
    return mkdir(path, 0700) == 0 || errno == EEXIST ? 0 : errno;
}

int nephc_journal_dir(const nephc *cli, char **out)
{
    char path[PATH_SIZE];
    int error;

    *out = NULL;
    if (!usual_dir(path))
        return 0;
    error = make_dirs(path);
    if (error) {
        if (cli->options.verbose)
            nephc_note(cli, "%s: %s; what is interrupted begins anew", path, strerror(error));
        return 0;
    }
    *out = strdup(path);
    return *out ? 0 : nephc_fail_memory();
}

int64_t nephc_journal_now_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * NEPH_NANO + now.tv_nsec;
}

void nephc_journal_say_kept(nephc *cli, const char *dir, int64_t since_ns)
{
    neph_journal *journal = NULL;
    const neph_unfinished *entry;
    char id[64] = "";
    int count = 0;

    if (!dir || neph_journal_open(cli->host, dir, &journal) != 0)
        return;
    while ((entry = neph_journal_next(journal)) != NULL) {
        if (entry->damage || entry->is_running || entry->done_bytes <= 0 ||
            entry->touched_ns < since_ns)
            continue;
        (void)snprintf(id, sizeof id, "%s", entry->id);
        count++;
    }
    neph_journal_close(journal);
    if (count == 1)
        nephc_note(
            cli,
            "what was moved is kept: the same command or \"neph transfer resume %s\" goes on "
            "there, \"neph transfer abort %s\" drops it",
            id, id);
    else if (count > 1)
        nephc_note(
            cli,
            "what was moved of %d objects is kept: the same command or \"neph transfer resume\" "
            "goes on there, \"neph transfer list\" shows it",
            count);
}
