/*
 * core/wire/compare.c - does a request agree with a recorded one? Compared are method, path, the query in any order, all
 * recorded headers but those that differ from run to run, and the body: a form in any order, else byte for byte. The
 * first difference is named, without secrets. Headers that the recording does not have may be there, but for those that
 * ask for a part or under a condition.
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

/* A request: the recorded one or the one that is sent. */
typedef struct side {
    const char *method;
    const char *target; /* "/path?query" */
    const neph_header *headers;
    size_t header_count;
    span body;
    size_t body_size; /* before it was scrubbed */
} side;

typedef struct comparison {
    const char *name;
    int body; /* NEPHI_BODY_…: what is known of the recorded one */
    side recorded, got;
    char what[64]; /* the difference */
    const nephi_memory *memory;
    nephi_error *error; /* NULL: only `what` is wanted */
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

static int differs(comparison *of, const char *what, span recorded, span got)
{
    snprintf(of->what, sizeof of->what, "%s", what);
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

static int parts_compare(comparison *of, const char *what, span recorded, span got, span *parts)
{
    static const span none = {"", 0};
    span *theirs = parts + PARTS_MAX;
    size_t count = parts_split(got, parts), recorded_count = parts_split(recorded, theirs);
    for (size_t i = 0; i < recorded_count; i++)
        if (!part_take(parts, &count, theirs[i]))
            return differs(of, what, theirs[i], part_named(parts, count, theirs[i]));
    return count ? differs(of, what, none, parts[0]) : 0;
}

static int form_compare(comparison *of, const char *what, span recorded, span got)
{
    span *parts = nephi_alloc_array(of->memory, 2 * (size_t)PARTS_MAX, sizeof *parts);
    int rc;
    if (!parts)
        return NEPH_NO_MEMORY;
    rc = parts_compare(of, what, recorded, got, parts);
    nephi_free(of->memory, parts);
    return rc;
}

/* ---- the request */

static int method_compare(comparison *of)
{
    const char *recorded = of->recorded.method, *got = of->got.method;
    return strcmp(recorded, got) == 0 ? 0
                                      : differs(of, "the method", span_of(recorded), span_of(got));
}

/* Behind the '?', if there is one. */
static span query_of(const char *target)
{
    const char *mark = strchr(target, '?');
    return span_of(mark ? mark + 1 : "");
}

static int target_compare(comparison *of)
{
    static const span root = {"/", 1};
    span got = {of->got.target, strcspn(of->got.target, "?")};
    span recorded = {of->recorded.target, strcspn(of->recorded.target, "?")};
    if (!agrees(recorded.size ? recorded : root, got.size ? got : root))
        return differs(of, "the path", recorded, got);
    return form_compare(of, "the query", query_of(of->recorded.target), query_of(of->got.target));
}

static const char *header_find(const side *in, const char *name)
{
    for (size_t i = 0; i < in->header_count; i++)
        if (nephi_same_name(in->headers[i].name, name))
            return in->headers[i].value;
    return NULL;
}

static int is_compared(const char *name)
{
    static const char *const not [] = {
        "Host",       "Date",           "Authorization", "X-Amz-Date", "X-Amz-Content-Sha256",
        "User-Agent", "Content-Length", "X-Ms-Date"};
    for (size_t i = 0; i < sizeof not / sizeof *not ; i++)
        if (nephi_same_name(name, not [i]))
            return 0;
    return 1;
}

/* Headers that another answer belongs to: these must have been recorded. */
static int narrows(const char *name)
{
    static const char *const names[] = {"Range", "If-Match", "If-None-Match", "If-Modified-Since",
                                        "If-Unmodified-Since"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (nephi_same_name(name, names[i]))
            return 1;
    return 0;
}

static int headers_compare(comparison *of)
{
    static const span none = {"", 0};
    for (size_t i = 0; i < of->recorded.header_count; i++) {
        const neph_header *header = &of->recorded.headers[i];
        const char *got;
        if (!is_compared(header->name))
            continue;
        got = header_find(&of->got, header->name);
        if (!got || !agrees(span_of(header->value), span_of(got)))
            return differs(of, header->name, span_of(header->value), span_of(got ? got : ""));
    }
    for (size_t i = 0; i < of->got.header_count; i++) {
        const neph_header *header = &of->got.headers[i];
        if (narrows(header->name) && !header_find(&of->recorded, header->name))
            return differs(of, header->name, none, span_of(header->value));
    }
    return 0;
}

static int body_differs(comparison *of)
{
    span recorded = of->recorded.body, got = of->got.body;
    char what[64];
    size_t same = 0;
    while (same < recorded.size && same < got.size && recorded.text[same] == got.text[same])
        same++;
    snprintf(what, sizeof what, "the body from byte %zu on", same);
    return differs(of, what, behind(recorded, same), behind(got, same));
}

static int body_compare(comparison *of)
{
    const char *type = header_find(&of->got, "Content-Type");
    if (of->body == NEPHI_BODY_UNCHECKED)
        return 0;
    if (of->body == NEPHI_BODY_OMITTED)
        return of->got.body_size == of->recorded.body_size
                   ? 0
                   : nephi_fail(of->error, NEPH_PROTOCOL,
                                "the request is not the one in %s: the body has %zu bytes, "
                                "recorded were %zu",
                                of->name, of->got.body_size, of->recorded.body_size);
    if (type && strncmp(type, "application/x-www-form-urlencoded", 33) == 0)
        return form_compare(of, "the form", of->recorded.body, of->got.body);
    return agrees(of->recorded.body, of->got.body) ? 0 : body_differs(of);
}

static int sides_compare(comparison *of)
{
    int rc = method_compare(of);
    if (!rc)
        rc = target_compare(of);
    if (!rc)
        rc = headers_compare(of);
    return rc ? rc : body_compare(of);
}

/* ---- without secrets */

/* The scrubbed text, what stands behind the first `mark` of it if there is one, in the arena. */
static int text_scrub(nephi_arena *arena, nephi_scrub *scrub, span text, const char *mark,
                      span *out)
{
    nephi_buffer clean;
    const char *at;
    int rc;
    out->text = NULL;
    nephi_buffer_init(&clean, arena->memory, 2 * (size_t)NEPHI_RECORDING_BODY_MAX);
    clean.secret = 1;
    rc = nephi_scrub_write(scrub, &clean, text.text, text.size);
    if (!rc) {
        at = mark ? strstr(nephi_buffer_string(&clean), mark) : NULL;
        at = at ? at + strlen(mark) : nephi_buffer_string(&clean);
        out->size = clean.size - (size_t)(at - nephi_buffer_string(&clean));
        out->text = nephi_arena_text(arena, at, out->size);
    }
    nephi_buffer_fini(&clean);
    return out->text ? 0 : NEPH_NO_MEMORY;
}

/* As the line that it is, since a header may be secret by its name. */
static int header_scrub(nephi_arena *arena, nephi_scrub *scrub, neph_header *header)
{
    nephi_buffer line;
    span clean = {NULL, 0};
    int rc;
    nephi_buffer_init(&line, arena->memory, NEPHI_RECORDING_BODY_MAX);
    line.secret = 1;
    rc = nephi_buffer_format(&line, "%s: %s", header->name, header->value);
    if (!rc)
        rc = text_scrub(arena, scrub, span_of(nephi_buffer_string(&line)), ": ", &clean);
    nephi_buffer_fini(&line);
    header->value = clean.text;
    return rc;
}

static int side_scrub(side *of, nephi_arena *arena, nephi_scrub *scrub)
{
    neph_header *headers = nephi_arena_alloc(arena, (of->header_count + 1) * sizeof *headers);
    span target;
    int rc =
        headers ? text_scrub(arena, scrub, span_of(of->target), NULL, &target) : NEPH_NO_MEMORY;
    for (size_t i = 0; i < of->header_count && !rc; i++) {
        headers[i] = of->headers[i];
        rc = header_scrub(arena, scrub, &headers[i]);
    }
    if (!rc)
        rc = text_scrub(arena, scrub, of->body, NULL, &of->body);
    if (rc)
        return rc;
    of->target = target.text;
    of->headers = headers;
    return 0;
}

/* The message, made of what both sides are once they are scrubbed whole: a piece of a secret is one, too. */
static int difference_say(comparison *of, nephi_scrub *scrub, nephi_error *error)
{
    nephi_arena arena;
    int rc;
    nephi_arena_init(&arena, of->memory, 8 * (size_t)NEPHI_RECORDING_BODY_MAX);
    rc = side_scrub(&of->recorded, &arena, scrub);
    if (!rc)
        rc = side_scrub(&of->got, &arena, scrub);
    of->error = error;
    if (!rc)
        rc = sides_compare(of);
    if (!rc)
        rc = nephi_fail(error, NEPH_PROTOCOL,
                        "the request is not the one in %s: %s differs, and is secret", of->name,
                        of->what);
    nephi_arena_fini(&arena, 1);
    return rc;
}

int nephi_recording_compare(const nephi_recording *recording, const char *name,
                            const neph_exchange *exchange, const nephi_buffer *body,
                            nephi_scrub *scrub, nephi_error *error)
{
    const nephi_recorded_body *recorded = &recording->request_body;
    comparison of = {.name = name, .body = recorded->what, .memory = recording->arena.memory};
    int rc;
    of.recorded =
        (side){recording->method,
               recording->target,
               recording->request_headers,
               recording->request_header_count,
               {recorded->data ? recorded->data : "", recorded->data ? recorded->size : 0},
               recorded->size};
    of.got =
        (side){exchange->method,       nephi_recording_target(exchange->url),   exchange->headers,
               exchange->header_count, {nephi_buffer_string(body), body->size}, body->size};
    rc = sides_compare(&of);
    if (rc == NEPH_PROTOCOL)
        rc = difference_say(&of, scrub, error);
    return rc == NEPH_NO_MEMORY ? nephi_fail_memory(error) : rc;
}
