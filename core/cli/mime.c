/*
 * core/cli/mime.c - which media type a file has, by its extension. The tables are the system's and the user's own: a line
 * has a type and the extensions that mean it, "#" begins a comment.
 */
#include "core/cli/mime.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX (1u << 20)
#define ENTRIES_MAX 20000
#define TYPE_MAX 127
#define EXTENSION_MAX 32

static const char blanks[] = " \t\r\v\f";

/* ---- one line of a table */

static char lower(char letter)
{
    return (char)(letter >= 'A' && letter <= 'Z' ? letter - 'A' + 'a' : letter);
}

/* TYPE/SUBTYPE of what a header field may hold (RFC 6838). */
static int is_type(const char *word)
{
    static const char fine[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$&-^_.+";
    size_t before = strspn(word, fine), behind;

    if (before == 0 || word[before] != '/')
        return 0;
    behind = strspn(word + before + 1, fine);
    return behind > 0 && word[before + 1 + behind] == '\0' && before + 1 + behind <= TYPE_MAX;
}

/* Returns 0 where there is no room. */
static int add(nephc_mime *mime, const char *type, char *extension)
{
    nephc_mime_entry *grown;
    size_t capacity = mime->capacity ? 2 * mime->capacity : 1024;
    char *letter;

    if (mime->count == ENTRIES_MAX)
        return 0;
    if (mime->count == mime->capacity) {
        grown = realloc(mime->entries, capacity * sizeof *grown);
        if (!grown)
            return 0;
        mime->entries = grown;
        mime->capacity = capacity;
    }
    for (letter = extension; *letter; letter++)
        *letter = lower(*letter);
    mime->entries[mime->count] = (nephc_mime_entry){extension, type, mime->count};
    mime->count++;
    return 1;
}

static int read_line(nephc_mime *mime, char *line)
{
    char *rest = NULL, *type, *extension;
    int has_room = 1;

    line[strcspn(line, "#")] = '\0';
    type = strtok_r(line, blanks, &rest);
    if (!type || !is_type(type))
        return 1;
    while (has_room && (extension = strtok_r(NULL, blanks, &rest)) != NULL)
        if (strlen(extension) <= EXTENSION_MAX)
            has_room = add(mime, type, extension);
    return has_room;
}

/* ---- files */

static int compare(const void *left, const void *right)
{
    const nephc_mime_entry *a = left, *b = right;
    int order = strcmp(a->extension, b->extension);

    return order ? order : (a->rank > b->rank) - (a->rank < b->rank);
}

/* The text of a file; NULL: there is none, or it is larger than any such table. */
static char *read_text(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char *text = fd < 0 ? NULL : malloc(FILE_MAX + 1);
    size_t used = 0;
    ssize_t got = text ? 1 : -1;

    while (got > 0 && used <= FILE_MAX) {
        got = read(fd, text + used, FILE_MAX + 1 - used);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got > 0)
            used += (size_t)got;
    }
    if (fd >= 0)
        (void)close(fd);
    if (got < 0 || used > FILE_MAX) {
        free(text);
        return NULL;
    }
    text[used] = '\0';
    return text;
}

void nephc_mime_read(nephc_mime *mime, const char *path)
{
    char *rest = NULL, *line, *text;
    int has_room = 1;

    if (mime->text_count == sizeof mime->texts / sizeof mime->texts[0])
        return;
    text = read_text(path);
    if (!text)
        return;
    mime->texts[mime->text_count++] = text;
    line = strtok_r(text, "\n", &rest);
    for (; line && has_room; line = strtok_r(NULL, "\n", &rest))
        has_room = read_line(mime, line);
    if (mime->count > 0)
        qsort(mime->entries, mime->count, sizeof *mime->entries, compare);
}

void nephc_mime_read_usual(nephc_mime *mime)
{
    const char *home = getenv("HOME");
    char path[4096];
    int length = home ? snprintf(path, sizeof path, "%s/.mime.types", home) : 0;

    if (home && *home == '/' && length > 0 && (size_t)length < sizeof path)
        nephc_mime_read(mime, path);
    nephc_mime_read(mime, "/etc/mime.types");
}

/* ---- names */

/* What stands behind the last dot, in small letters; 0: nothing. ".profile" has no extension. */
static int extension_of(const char *name, char *out)
{
    const char *slash = strrchr(name, '/');
    const char *first = slash ? slash + 1 : name, *dot = strrchr(first, '.');
    size_t length = dot && dot > first ? strlen(dot + 1) : 0, i;

    if (length == 0 || length > EXTENSION_MAX)
        return 0;
    for (i = 0; i <= length; i++)
        out[i] = lower(dot[1 + i]);
    return 1;
}

const char *nephc_mime_find(const nephc_mime *mime, const char *name)
{
    char extension[EXTENSION_MAX + 1];
    size_t low = 0, high = mime->count;

    if (!extension_of(name, extension))
        return NULL;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(mime->entries[middle].extension, extension) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < mime->count && strcmp(mime->entries[low].extension, extension) == 0
               ? mime->entries[low].type
               : NULL;
}

void nephc_mime_free(nephc_mime *mime)
{
    while (mime->text_count > 0)
        free(mime->texts[--mime->text_count]);
    free(mime->entries);
    *mime = (nephc_mime){NULL, 0, 0, {NULL, NULL}, 0};
}
