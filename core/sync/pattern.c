/*
 * core/sync/pattern.c - matching without recursion: where it fails, the last "*" takes a byte more, and where that may not,
 * the last "**" does.
 */
#include "core/sync/pattern.h"

#include <string.h>

/* Where a wildcard stands: what is behind it in the pattern, and what it has taken of the name. NULL: none yet. */
typedef struct star {
    const char *pattern;
    const char *name;
} star;

/* The wildcard takes a byte more. 0: there is none, or it may not. */
static int star_grow(star *last, int crosses, const char **pattern, const char **name)
{
    if (!last->pattern || !*last->name || (!crosses && *last->name == '/'))
        return 0;
    last->name++;
    *pattern = last->pattern;
    *name = last->name;
    return 1;
}

/* Behind "**"; "**" with a '/' behind it stands for no directory as well. */
static const char *stars_end(const char *pattern, const char *begin)
{
    const char *end = pattern + strspn(pattern, "*");
    int is_whole = pattern == begin || pattern[-1] == '/';
    return is_whole && *end == '/' ? end + 1 : end;
}

/* The bytes before the last one that "**" with a '/' took must end a directory. */
static int glob(const char *begin, const char *name)
{
    star one = {NULL, NULL}, many = {NULL, NULL};
    int many_is_whole = 0;
    const char *pattern = begin;
    const char *start = name;
    for (;;) {
        if (pattern[0] == '*' && pattern[1] == '*') {
            pattern = stars_end(pattern, begin);
            many_is_whole = pattern[-1] == '/';
            many = (star){pattern, name};
            one.pattern = NULL;
        } else if (*pattern == '*') {
            one = (star){++pattern, name};
        } else if (*pattern == *name && !*name) {
            return 1;
        } else if (*name && (*pattern == *name || (*pattern == '?' && *name != '/'))) {
            pattern++;
            name++;
        } else if (star_grow(&one, 0, &pattern, &name)) {
            continue;
        } else {
            do
                if (!star_grow(&many, 1, &pattern, &name))
                    return 0;
            while (many_is_whole && name > start && name[-1] != '/');
            one.pattern = NULL;
        }
    }
}

/* "NAME/" stands for all that is below. */
static int is_below(const char *pattern, size_t size, const char *name)
{
    char whole[4096];
    if (size + 3 > sizeof whole)
        return 0;
    memcpy(whole, pattern, size);
    memcpy(whole + size, "**", 3);
    return glob(whole, name);
}

int nephi_pattern_matches(const char *pattern, const char *name)
{
    size_t size = strlen(pattern);
    const char *last = strrchr(name, '/');
    if (!strchr(pattern, '/'))
        return glob(pattern, last ? last + 1 : name);
    if (*pattern == '/')
        pattern++, size--;
    if (size && pattern[size - 1] == '/')
        return is_below(pattern, size, name);
    return glob(pattern, name);
}

int nephi_patterns_select(const neph_sync_pattern *patterns, size_t count, const char *name)
{
    int has_include = 0;
    for (size_t i = 0; i < count; i++) {
        if (nephi_pattern_matches(patterns[i].pattern, name))
            return !patterns[i].is_exclude;
        has_include |= !patterns[i].is_exclude;
    }
    return !has_include;
}
