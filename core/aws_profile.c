/*
 * core/aws_profile.c - the INI dialect of the AWS files, as the AWS SDKs' reference guide ("Shared config and
 * credentials files", 2026) describes it. Which file, profile and key is wanted is origin.c's business.
 */
#include "core/aws_profile.h"

#include "core/text.h"

#include <string.h>

#define LINE_MAX_SIZE 16384u
#define NAME_SIZE 256

enum { LINE_BLANK, LINE_SECTION, LINE_KEY, LINE_NESTED, LINE_BAD };

/* A text that is walked line by line. */
typedef struct scanner {
    const char *at, *end;
    unsigned line;
    int kind;
    nephi_aws_value name; /* section or key */
    nephi_aws_value value;
    nephi_aws_value parent; /* last key without a value: nested ones may follow */
} scanner;

static int is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static nephi_aws_value trim(const char *text, size_t size)
{
    while (size > 0 && is_blank(text[size - 1]))
        size--;
    while (size > 0 && is_blank(*text)) {
        text++;
        size--;
    }
    return (nephi_aws_value){text, size};
}

/* A comment begins with '#' or ';' behind a blank. */
static nephi_aws_value without_comment(nephi_aws_value value)
{
    for (size_t i = 1; i < value.size; i++)
        if ((value.text[i] == '#' || value.text[i] == ';') && is_blank(value.text[i - 1]))
            return trim(value.text, i);
    return value;
}

static int read_section(scanner *s, nephi_aws_value line)
{
    const char *close = memchr(line.text, ']', line.size);
    size_t rest;
    if (!close)
        return LINE_BAD;
    rest = line.size - (size_t)(close + 1 - line.text);
    if (rest && !is_blank(close[1]) && close[1] != '#' && close[1] != ';')
        return LINE_BAD;
    s->name = trim(line.text + 1, (size_t)(close - line.text) - 1);
    s->parent.size = 0;
    return s->name.size ? LINE_SECTION : LINE_BAD;
}

static int read_key(scanner *s, nephi_aws_value line, int is_nested)
{
    const char *equals = memchr(line.text, '=', line.size);
    if (!equals)
        return is_nested
                   ? LINE_BLANK
                   : LINE_BAD; /* a value that goes on in the next line: none that is looked for */
    s->name = trim(line.text, (size_t)(equals - line.text));
    s->value = trim(equals + 1, line.size - (size_t)(equals + 1 - line.text));
    if (s->value.size && (*s->value.text == '#' || *s->value.text == ';') &&
        equals + 1 < s->value.text)
        s->value.size = 0;
    s->value = without_comment(s->value);
    if (!s->name.size)
        return LINE_BAD;
    if (is_nested)
        return s->parent.size ? LINE_NESTED : LINE_BLANK;
    s->parent = s->value.size ? (nephi_aws_value){NULL, 0} : s->name;
    return LINE_KEY;
}

static int classify(scanner *s, const char *text, size_t size)
{
    nephi_aws_value line;
    if (size > 0 && text[size - 1] == '\r')
        size--;
    if (size > LINE_MAX_SIZE || memchr(text, '\0', size))
        return LINE_BAD;
    line = trim(text, size);
    if (!line.size || *line.text == '#' || *line.text == ';')
        return LINE_BLANK;
    if (*line.text == '[' && !is_blank(*text))
        return read_section(s, line);
    return read_key(s, line, is_blank(*text));
}

static void scanner_init(scanner *s, const char *text, size_t size)
{
    static const char mark[] = "\xef\xbb\xbf";
    memset(s, 0, sizeof *s);
    s->at = text;
    s->end = text + size;
    if (size >= 3 && memcmp(text, mark, 3) == 0)
        s->at += 3;
}

/* The next line; 0: there is none. */
static int scanner_next(scanner *s)
{
    const char *newline;
    size_t size;
    if (s->at >= s->end)
        return 0;
    newline = memchr(s->at, '\n', (size_t)(s->end - s->at));
    size = (size_t)((newline ? newline : s->end) - s->at);
    s->line++;
    s->kind = classify(s, s->at, size);
    s->at = newline ? newline + 1 : s->end;
    return 1;
}

int nephi_aws_profile_check(const char *text, size_t size, const char *path, nephi_error *error)
{
    int in_section = 0;
    scanner s;
    scanner_init(&s, text, size);
    while (scanner_next(&s)) {
        if (s.kind == LINE_BAD)
            return nephi_fail(error, NEPH_INVALID,
                              "%s: line %u is neither [section] nor key = value", path, s.line);
        in_section |= s.kind == LINE_SECTION;
        if (s.kind == LINE_KEY && !in_section)
            return nephi_fail(error, NEPH_INVALID, "%s: line %u stands before the first [section]",
                              path, s.line);
    }
    return 0;
}

/* ---- finding */

static int is_text(nephi_aws_value value, const char *text)
{
    return value.size == strlen(text) && memcmp(value.text, text, value.size) == 0;
}

/* Keys are compared without regard to case. */
static int is_key(nephi_aws_value value, const char *key, size_t size)
{
    char a[NAME_SIZE], b[NAME_SIZE];
    if (value.size != size || size >= NAME_SIZE)
        return 0;
    memcpy(a, value.text, size);
    memcpy(b, key, size);
    a[size] = b[size] = '\0';
    return nephi_same_name(a, b);
}

static nephi_aws_value unquoted(nephi_aws_value value)
{
    int is_quoted = value.size >= 2 && (*value.text == '"' || *value.text == '\'') &&
                    value.text[value.size - 1] == *value.text;
    return is_quoted ? (nephi_aws_value){value.text + 1, value.size - 2} : value;
}

/* "[profile NAME]": the name; size 0: it is another kind of section. */
static nephi_aws_value prefixed_name(nephi_aws_value section)
{
    static const char prefix[] = "profile";
    size_t size = sizeof prefix - 1;
    if (section.size <= size || memcmp(section.text, prefix, size) != 0 ||
        !is_blank(section.text[size]))
        return (nephi_aws_value){section.text, 0};
    return unquoted(trim(section.text + size, section.size - size));
}

/* How well a section fits: 0 not, 1 "[default]" of a config file, 2 the profile's own name. */
static int section_rank(nephi_aws_value section, int which, const char *profile)
{
    if (which == NEPHI_AWS_CREDENTIALS)
        return is_text(unquoted(section), profile) ? 2 : 0;
    if (is_text(prefixed_name(section), profile))
        return 2;
    return strcmp(profile, "default") == 0 && is_text(section, "default");
}

static int best_rank(const char *text, size_t size, int which, const char *profile)
{
    int best = 0;
    scanner s;
    scanner_init(&s, text, size);
    while (scanner_next(&s)) {
        int rank = s.kind == LINE_SECTION ? section_rank(s.name, which, profile) : 0;
        best = rank > best ? rank : best;
    }
    return best;
}

/* Is the line that the scanner stands at the wanted key? */
static int is_wanted(const scanner *s, const char *key)
{
    const char *dot = strchr(key, '.');
    if (s->kind == LINE_KEY)
        return is_key(s->name, key, strlen(key));
    return dot && s->kind == LINE_NESTED && is_key(s->parent, key, (size_t)(dot - key)) &&
           is_key(s->name, dot + 1, strlen(dot + 1));
}

int nephi_aws_profile_find(const char *text, size_t size, int which, const char *profile,
                           const char *key, nephi_aws_value *value)
{
    int best = best_rank(text, size, which, profile);
    int found = best ? NEPHI_AWS_NO_KEY : NEPHI_AWS_NO_PROFILE;
    int is_inside = 0;
    scanner s;
    scanner_init(&s, text, size);
    while (best && scanner_next(&s)) {
        if (s.kind == LINE_SECTION)
            is_inside = section_rank(s.name, which, profile) == best;
        if (is_inside && s.value.size && is_wanted(&s, key)) {
            *value = s.value;
            found = NEPHI_AWS_FOUND;
        }
    }
    return found;
}
