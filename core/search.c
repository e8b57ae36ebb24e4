/*
 * core/search.c - the order of plugin directories and the filter of names. Opens nothing.
 */
#include "core/search.h"

#include "core/host.h"
#include "core/place.h"
#include "core/rule.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef NEPHI_PLUGINDIR
#define NEPHI_PLUGINDIR "/usr/lib/neph/plugins"
#endif

static int add(nephi_search *search, neph_host *host, nephi_arena *arena, const char *directory,
               size_t size)
{
    char text[PATH_MAX];
    char *real = NULL;
    const char *copy;
    if (size == 0 || size >= sizeof text || search->count == NEPHI_SEARCH_MAX)
        return 0;
    memcpy(text, directory, size);
    text[size] = '\0';
    /* A relative one is meant from where the program stands now, not from where it may stand later. */
    if (text[0] != '/')
        real = realpath(text, NULL);
    if (text[0] != '/' && !real) {
        int why = errno;
        nephi_log(host, NEPH_LOG_WARNING, NEPHI_RULE_DIRECTORY, "%s is skipped: %s", text,
                  strerror(why));
        return why == ENOMEM ? NEPH_NO_MEMORY : 0;
    }
    copy = nephi_arena_text(arena, real ? real : text, strlen(real ? real : text));
    free(real);
    if (!copy)
        return NEPH_NO_MEMORY;
    search->directories[search->count++] = copy;
    return 0;
}

static int add_list(nephi_search *search, neph_host *host, nephi_arena *arena, const char *list)
{
    int rc = 0;
    while (list && !rc) {
        const char *colon = strchr(list, ':');
        rc = add(search, host, arena, list, colon ? (size_t)(colon - list) : strlen(list));
        list = colon ? colon + 1 : NULL;
    }
    return rc;
}

/* Beside libneph's own file, so that a build tree or a bundle finds its own, unless the build was told a place. */
static int add_system(nephi_search *search, neph_host *host, nephi_arena *arena)
{
    char beside[PATH_MAX];
    const char *directory = NEPHI_PLUGINDIR;
#ifdef NEPHI_OWN_PLUGINDIR
    int is_beside =
        access(directory, F_OK) != 0 && nephi_place_beside(beside, sizeof beside, "neph/plugins");
#else
    int is_beside = nephi_place_beside(beside, sizeof beside, "neph/plugins");
#endif
    if (is_beside)
        directory = beside;
    return add(search, host, arena, directory, strlen(directory));
}

static int add_usual(nephi_search *search, neph_host *host, nephi_arena *arena)
{
    char user[PATH_MAX];
    int rc = 0;
    if (!host->is_privileged && nephi_host_allows(host, NEPH_SOURCE_FILES) &&
        nephi_place_user(host, "XDG_DATA_HOME", ".local/share", "neph/plugins", user, sizeof user))
        rc = add(search, host, arena, user, strlen(user));
    if (!rc) {
        search->admin = (int32_t)search->count;
        rc = add(search, host, arena, NEPHI_ADMIN_DIR, strlen(NEPHI_ADMIN_DIR));
    }
    return rc ? rc : add_system(search, host, arena);
}

/* A variable of ours, unless the process is privileged. */
static const char *variable(neph_host *host, const char *name)
{
    const char *value = nephi_host_environment(host, name);
    if (!value || !host->is_privileged)
        return value;
    nephi_log(host, NEPH_LOG_WARNING, NEPHI_RULE_ENVIRONMENT,
              "%s is not heeded: this process is privileged", name);
    return NULL;
}

int nephi_search_init(nephi_search *search, neph_host *host, nephi_arena *arena)
{
    const char *given = host->config.plugin_path;
    int rc = 0;
    memset(search, 0, sizeof *search);
    search->admin = -1;
    search->filter = variable(host, "NEPH_PLUGINS");
    if (search->filter &&
        !(search->filter = nephi_arena_text(arena, search->filter, strlen(search->filter))))
        return NEPH_NO_MEMORY;
    if (!given)
        given = variable(host, "NEPH_PLUGIN_PATH");
    search->is_given = given != NULL;
    rc = given ? add_list(search, host, arena, given) : add_usual(search, host, arena);
    return rc;
}

/* '*' stands for any number of characters. The pattern's length is given, the name ends with NUL. */
static int matches(const char *pattern, size_t size, const char *name)
{
    const char *star = memchr(pattern, '*', size);
    size_t head = star ? (size_t)(star - pattern) : size;
    if (strncmp(pattern, name, head) != 0 || strlen(name) < head)
        return 0;
    if (!star)
        return name[head] == '\0';
    for (const char *at = name + head;; at++) {
        if (matches(star + 1, size - head - 1, at))
            return 1;
        if (!*at)
            return 0;
    }
}

int nephi_search_allows(const char *filter, const char *name)
{
    int is_allowed = 1, is_named = 0, names_some = 0;
    const char *at = filter;
    while (at && *at) {
        size_t size = strcspn(at, ",");
        int is_negative = *at == '!';
        int is_match = matches(at + is_negative, size - (size_t)is_negative, name);
        names_some |= !is_negative && size > 0;
        is_named |= !is_negative && size > 0 && is_match;
        is_allowed &= !(is_negative && is_match);
        at += size + (at[size] == ',');
    }
    return is_allowed && (is_named || !names_some);
}
