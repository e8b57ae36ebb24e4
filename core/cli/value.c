/*
 * core/cli/value.c - values that do not stand in the command line, because everybody on the machine can read that: from
 * a file or standard input.
 */
#include "core/cli/cli.h"
#include "core/cli/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VALUE_MAX 65536
#define BASE64_MAX ((VALUE_MAX + 2) / 3 * 4)

static void wipe(char *memory, size_t size)
{
    explicit_bzero(memory, size);
}

void nephc_value_free(char *value)
{
    if (value)
        wipe(value, strlen(value));
    free(value);
}

/* What is in fd, up to VALUE_MAX bytes; -1: errno says why. */
static ssize_t read_value(int fd, char *out)
{
    size_t used = 0;

    while (used <= VALUE_MAX) {
        ssize_t got = read(fd, out + used, VALUE_MAX + 1 - used);

        if (got == 0)
            return (ssize_t)used;
        if (got > 0)
            used += (size_t)got;
        else if (errno != EINTR)
            return -1;
    }
    errno = EFBIG;
    return -1;
}

/* Cuts what is not the value's. */
static size_t trim(char *text, size_t size, nephc_value_kind kind)
{
    size_t i, used = 0;

    if (kind == NEPHC_VALUE_WHOLE)
        return size;
    while (size > 0 && (text[size - 1] == '\n' || text[size - 1] == '\r'))
        size--;
    if (kind != NEPHC_VALUE_BASE64)
        return size;
    for (i = 0; i < size; i++)
        if (text[i] != '\n' && text[i] != '\r')
            text[used++] = text[i];
    return used;
}

/* What it is for people. */
static const char *place_of(const char *path)
{
    return strcmp(path, "-") == 0 ? "standard input" : path;
}

static int read_file(const char *name, const char *path, char *out, size_t *used)
{
    int is_stdin = strcmp(path, "-") == 0;
    ssize_t size;
    int fd, error;

    nephc_interrupt_idle(1); /* a pipe or a person may never say anything */
    fd = is_stdin ? 0 : open(path, O_RDONLY | O_CLOEXEC);
    size = fd < 0 ? -1 : read_value(fd, out);
    error = errno;
    nephc_interrupt_idle(0);
    if (fd > 0)
        (void)close(fd);
    if (size < 0)
        return nephc_fail(NEPHC_FAILED, "%s: cannot read %s: %s", name, place_of(path),
                          strerror(error));
    *used = (size_t)size;
    return 0;
}

static int encode(const char *bytes, size_t size, char **out)
{
    char *value = malloc(BASE64_MAX + 1);
    nephc_output text;

    if (!value)
        return nephc_fail_memory();
    nephc_output_init(&text, -1, value, BASE64_MAX);
    nephc_put_base64(&text, bytes, size);
    value[text.used] = '\0';
    *out = value;
    return 0;
}

/* Bytes that are no text. */
static int is_data(const char *bytes, size_t size)
{
    return memchr(bytes, 0, size) != NULL || !nephc_is_utf8(bytes, size);
}

/* bytes has room for a NUL, and is *out or not needed any more. */
static int make_value(const char *name, const char *path, char *bytes, size_t size,
                      nephc_value_kind *kind, char **out)
{
    if (*kind == NEPHC_VALUE_WHOLE && is_data(bytes, size)) {
        *kind = NEPHC_VALUE_BASE64;
        return encode(bytes, size, out);
    }
    size = trim(bytes, size, *kind);
    bytes[size] = '\0';
    if (strlen(bytes) != size)
        return nephc_fail(NEPHC_USAGE, "%s: a zero byte in %s", name, place_of(path));
    *out = bytes;
    return 0;
}

int nephc_value_read(const char *name, const char *text, char **out)
{
    nephc_value_kind kind = NEPHC_VALUE_LINE;

    return nephc_value_read_as(name, text, &kind, out);
}

int nephc_value_read_as(const char *name, const char *text, nephc_value_kind *kind, char **out)
{
    char *value = NULL;
    size_t size = 0;
    int rc = 0;

    *out = NULL;
    if (text[0] != '@' || text[1] == '@') {
        *out = strdup(text[0] == '@' ? text + 1 : text);
        return *out ? 0 : nephc_fail_memory();
    }
    value = malloc(VALUE_MAX + 2);
    if (!value)
        return nephc_fail_memory();
    memset(value, 0, VALUE_MAX + 2);
    rc = read_file(name, text + 1, value, &size);
    if (rc == 0)
        rc = make_value(name, text + 1, value, size, kind, out);
    if (*out != value) {
        wipe(value, VALUE_MAX + 2);
        free(value);
    }
    return rc;
}

void nephc_pairs_free(neph_pair *pairs, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++)
        free((char *)(uintptr_t)pairs[i].name); /* the value stands behind it */
    free(pairs);
}

static int pair_parse(const char *name, const char *text, neph_pair *out)
{
    const char *equals = strchr(text, '=');
    char *copy = NULL;

    if (!equals || equals == text)
        return nephc_fail(NEPHC_USAGE, "--%s %s: write NAME=VALUE", name, text);
    copy = strdup(text);
    if (!copy)
        return nephc_fail_memory();
    copy[equals - text] = '\0';
    out->name = copy;
    out->value = copy + (equals - text) + 1;
    return 0;
}

int nephc_pairs_words(const char *name, const char *const *words, size_t count, neph_pair **out)
{
    neph_pair *pairs = calloc(count + 1, sizeof *pairs);
    size_t done = 0;
    int rc = pairs ? 0 : nephc_fail_memory();

    *out = NULL;
    while (rc == 0 && done < count) {
        rc = pair_parse(name, words[done], &pairs[done]);
        done += rc == 0;
    }
    if (rc)
        nephc_pairs_free(pairs, done);
    else
        *out = pairs;
    return rc;
}

int nephc_pairs_read(const nephc *cli, const char *option, neph_pair **out, size_t *count)
{
    neph_pair *pairs = calloc(cli->options.given_count + 1, sizeof *pairs);
    size_t i;
    int rc = pairs ? 0 : nephc_fail_memory();

    *count = 0;
    *out = NULL;
    for (i = 0; i < cli->options.given_count && rc == 0; i++) {
        const nephc_given *given = &cli->options.given[i];

        if (!nephc_option_is(given->name, given->name_size, option))
            continue;
        rc = pair_parse(option, given->value, &pairs[*count]);
        *count += rc == 0;
    }
    if (rc) {
        nephc_pairs_free(pairs, *count);
        *count = 0;
        return rc;
    }
    *out = pairs;
    return 0;
}
