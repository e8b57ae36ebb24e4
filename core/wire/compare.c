/*
 * core/wire/compare.c - does a request agree with a recorded one? Compared are method, path, the query in any order, all
 * recorded headers but those that differ from run to run, and the body: a form in any order, else byte for byte. The
 * first difference is named. Headers that the recording does not have may be there.
 */
#include "core/text.h"
#include "core/wire/recording.h"

#include <stdio.h>
#include <string.h>

#define PARTS_MAX 4096
#define SHOWN 60 /* characters of a difference */

/* A piece of a text that is compared. */
typedef struct span {
    const char *text;
    size_t size;
} span;

typedef struct comparison {
    const char *name;
    nephi_error *error;
} comparison;

/* ---- texts with wildcards */

static const char *const wildcards[] = {"[redacted]", NEPHI_RECORDING_ANY, "%5Bredacted%5D",
                                        "%5Bany%5D"};

static size_t wildcard_size(span pattern)
{
    for (size_t i = 0; i < sizeof wildcards / sizeof *wildcards; i++) {
        size_t size = strlen(wildcards[i]);
        if (pattern.size >= size && memcmp(pattern.text, wildcards[i], size) == 0)
            return size;
    }
    return 0;
}

static span behind(span text, size_t size)
{
    span rest = {text.text + size, text.size - size};
    return rest;
}

/* A wildcard that fails to match goes on from where the last one stood: linear in practice, never worse than the
 * product of both sizes. */
static int agrees(span pattern, span text)
{
    span after_star = {NULL, 0}, retry = {NULL, 0};
    for (;;) {
        size_t star = pattern.size && *pattern.text != '[' && *pattern.text != '%'
                          ? 0
                          : wildcard_size(pattern);
        if (star) {
            pattern = behind(pattern, star);
            after_star = pattern;
            retry = text;
            continue;
        }
        if (pattern.size && text.size && *pattern.text == *text.text) {
            pattern = behind(pattern, 1);
            text = behind(text, 1);
            continue;
        }
        if (!pattern.size && !text.size)
            return 1;
        if (!after_star.text || !retry.size)
            return 0;
        retry = behind(retry, 1);
        pattern = after_star;
        text = retry;
    }
}

static span span_of(const char *text)
{
    span all = {text, strlen(text)};
    return all;
}

static int differs(const comparison *of, const char *what, span recorded, span got)
{
    return nephi_fail(of->error, NEPH_PROTOCOL,
                      "the request is not the one in %s: %s is \"%.*s\"%s, recorded was \"%.*s\"%s",
                      of->name, what, got.size > SHOWN ? SHOWN : (int)got.size, got.text,
                      got.size > SHOWN ? "..." : "",
                      recorded.size > SHOWN ? SHOWN : (int)recorded.size, recorded.text,
                      recorded.size > SHOWN ? "..." : "");
}

/* ---- queries and forms */

/* Parameters of signatures: other ones every time. */
static int is_volatile(span part)
{
    static const char *const names[] = {
        "X-Amz-Signature", "X-Amz-Date", "X-Amz-Credential", "X-Amz-Security-Token",
        "Signature",       "Timestamp",  "SecurityToken",    "AWSAccessKeyId",
        "Expires",         "sig",        "temp_url_sig",     "temp_url_expires"};
    const char *equals = memchr(part.text, '=', part.size);
    size_t size = equals ? (size_t)(equals - part.text) : part.size;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == size && memcmp(names[i], part.text, size) == 0)
            return 1;
    return 0;
}

static size_t parts_split(span text, span *parts)
{
    size_t count = 0;
    while (text.size && count < PARTS_MAX) {
        const char *stop = memchr(text.text, '&', text.size);
        span part = {text.text, stop ? (size_t)(stop - text.text) : text.size};
        if (part.size && !is_volatile(part))
            parts[count++] = part;
        text = behind(text, stop ? part.size + 1 : part.size);
    }
    return count;
}

/* Takes one part of `parts` that agrees away. */
static int part_take(span *parts, size_t *count, span recorded)
{
    for (size_t i = 0; i < *count; i++) {
        if (!agrees(recorded, parts[i]))
            continue;
        parts[i] = parts[--*count];
        return 1;
    }
    return 0;
}

/* The part of the same name, to show what it is instead. */
static span part_named(const span *parts, size_t count, span like)
{
    static const span none = {"", 0};
    const char *equals = memchr(like.text, '=', like.size);
    size_t size = equals ? (size_t)(equals - like.text) + 1 : like.size;
    for (size_t i = 0; i < count; i++)
        if (parts[i].size >= size && memcmp(parts[i].text, like.text, size) == 0)
            return parts[i];
    return none;
}

static int parts_compare(const comparison *of, const char *what, span recorded, span got,
                         span *parts)
{
    static const span none = {"", 0};
    span *theirs = parts + PARTS_MAX;
    size_t count = parts_split(got, parts), recorded_count = parts_split(recorded, theirs);
    for (size_t i = 0; i < recorded_count; i++)
        if (!part_take(parts, &count, theirs[i]))
            return differs(of, what, theirs[i], part_named(parts, count, theirs[i]));
    return count ? differs(of, what, none, parts[0]) : 0;
}

static int form_compare(const comparison *of, const char *what, span recorded, span got,
                        const nephi_memory *memory)
{
    span *parts = nephi_alloc_array(memory, 2 * (size_t)PARTS_MAX, sizeof *parts);
    int rc;
    if (!parts)
        return nephi_fail_memory(of->error);
    rc = parts_compare(of, what, recorded, got, parts);
    nephi_free(memory, parts);
    return rc;
}

/* ---- the request */

static int target_compare(const comparison *of, const nephi_recording *recording, const char *url)
{
    const char *target = nephi_recording_target(url);
    span got = {target, strcspn(target, "?")};
    span recorded = {recording->target, strcspn(recording->target, "?")};
    static const span root = {"/", 1};
    if (!agrees(recorded.size ? recorded : root, got.size ? got : root))
        return differs(of, "the path", recorded, got);
    got = span_of(target + got.size + (target[got.size] == '?'));
    recorded =
        span_of(recording->target + recorded.size + (recording->target[recorded.size] == '?'));
    return form_compare(of, "the query", recorded, got, recording->arena.memory);
}

static const char *header_find(const neph_exchange *exchange, const char *name)
{
    for (size_t i = 0; i < exchange->header_count; i++)
        if (nephi_same_name(exchange->headers[i].name, name))
            return exchange->headers[i].value;
    return NULL;
}

static int is_compared(const char *name)
{
    static const char *const not [] = {
        "Host",       "Date",          "Authorization", "X-Amz-Date", "X-Amz-Content-Sha256",
        "User-Agent", "Content-Length"};
    for (size_t i = 0; i < sizeof not / sizeof *not ; i++)
        if (nephi_same_name(name, not [i]))
            return 0;
    return 1;
}

static int headers_compare(const comparison *of, const nephi_recording *recording,
                           const neph_exchange *exchange)
{
    for (size_t i = 0; i < recording->request_header_count; i++) {
        const neph_header *header = &recording->request_headers[i];
        const char *got;
        if (!is_compared(header->name))
            continue;
        got = header_find(exchange, header->name);
        if (!got || !agrees(span_of(header->value), span_of(got)))
            return differs(of, header->name, span_of(header->value), span_of(got ? got : ""));
    }
    return 0;
}

static int body_differs(const comparison *of, span recorded, span got)
{
    char what[64];
    size_t same = 0;
    while (same < recorded.size && same < got.size && recorded.text[same] == got.text[same])
        same++;
    snprintf(what, sizeof what, "the body from byte %zu on", same);
    return differs(of, what, behind(recorded, same), behind(got, same));
}

static int body_compare(const comparison *of, const nephi_recording *recording,
                        const neph_exchange *exchange, const nephi_buffer *body)
{
    const nephi_recorded_body *recorded = &recording->request_body;
    const char *type = header_find(exchange, "Content-Type");
    span got = {nephi_buffer_string(body), body->size}, theirs = {recorded->data, recorded->size};
    if (recorded->what == NEPHI_BODY_UNCHECKED)
        return 0;
    if (recorded->what == NEPHI_BODY_OMITTED)
        return body->size == recorded->size
                   ? 0
                   : nephi_fail(of->error, NEPH_PROTOCOL,
                                "the request is not the one in %s: the body has %zu bytes, "
                                "recorded were %zu",
                                of->name, body->size, recorded->size);
    if (type && strncmp(type, "application/x-www-form-urlencoded", 33) == 0)
        return form_compare(of, "the form", theirs, got, recording->arena.memory);
    if (agrees(theirs, got))
        return 0;
    return body_differs(of, theirs, got);
}

int nephi_recording_compare(const nephi_recording *recording, const char *name,
                            const neph_exchange *exchange, const nephi_buffer *body,
                            nephi_error *error)
{
    const comparison of = {name, error};
    int rc = 0;
    if (strcmp(recording->method, exchange->method) != 0)
        rc = differs(&of, "the method", span_of(recording->method), span_of(exchange->method));
    if (!rc)
        rc = target_compare(&of, recording, exchange->url);
    if (!rc)
        rc = headers_compare(&of, recording, exchange);
    return rc ? rc : body_compare(&of, recording, exchange, body);
}
