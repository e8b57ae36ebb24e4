/*
 * core/wire/recording.c - reading one recorded exchange. What follows is the format; replay.c says in which order files
 * are used, compare.c what of a request must agree.
 *
 * The least that is a recording:
 *
 *     GET /api/blocks.json
 *     ---
 *     200
 *
 *     [{"id": "0f6a", "hostname": "web1"}]
 *
 * In full:
 *
 *     POST /api/blocks.json?region=us     method, path and query as they are sent; a scheme and host before the
 *                                         path are allowed and not compared
 *     Accept: application/json            header lines, as many as matter
 *                                         a blank line: from here on the body is compared too, even an empty one.
 *     hostname=web1&size=s1               Without a blank line before "---" any body will do
 *     ---
 *     HTTP 200                            or "200", or "HTTP/1.1 200 OK". 000: there was no answer
 *     Content-Type: application/json
 *     Neph-Failure: -12 1 message         the exchange then failed: status, 1 if it may have reached the server (plus 2
 *                                         if it would fail again), message
 *
 *     {"id": "0f6a"}                      to the end of the file
 *
 * The line break before "---", and one at the end of the file, do not belong to the body. Lines may end in CR LF, except in
 * bodies, which are taken as they stand. A header Neph-Body in either section says that the body is not there as it
 * is: "base64", "file NAME" (beside the recording) or, as a recorder writes it for what was too long, "omitted SIZE". "[redacted]"
 * and "[any]" stand for any text, in the request's target, headers and body.
 */
#include "core/wire/recording.h"
#include "core/file.h"
#include "core/text.h"

#include <stdio.h>
#include <string.h>

#define HEADERS_MAX 1000

/* What is being read. */
typedef struct reading {
    nephi_recording *recording;
    const nephi_memory *memory;
    const char *dir, *name;
    const char *at, *end;
    size_t line; /* the last one read, from 1 */
    nephi_error *error;
} reading;

static int wrong(const reading *from, const char *what)
{
    return nephi_fail(from->error, NEPH_PROTOCOL, "%s/%s:%zu: %s", from->dir, from->name,
                      from->line ? from->line : 1, what);
}

/* The next line without its end; 0: there is none before `end`. */
static int line_read(reading *from, const char *end, const char **line, size_t *size)
{
    const char *stop;
    if (from->at >= end)
        return 0;
    stop = memchr(from->at, '\n', (size_t)(end - from->at));
    *line = from->at;
    *size = (size_t)((stop ? stop : end) - from->at);
    from->at = stop ? stop + 1 : end;
    from->line++;
    if (*size > 0 && (*line)[*size - 1] == '\r')
        *size -= 1;
    return 1;
}

/* Where the line "---" begins, or NULL. */
static const char *separator_find(const char *at, const char *end)
{
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t size = (size_t)((stop ? stop : end) - at);
        if (size > 0 && at[size - 1] == '\r')
            size--;
        if (size == 3 && memcmp(at, NEPHI_RECORDING_SEPARATOR, 3) == 0)
            return at;
        at = stop ? stop + 1 : end;
    }
    return NULL;
}

static char *text_keep(reading *from, const char *text, size_t size)
{
    char *copy = nephi_arena_text(&from->recording->arena, text, size);
    if (!copy)
        nephi_fail_memory(from->error);
    return copy;
}

/* ---- headers */

static size_t lines_count(const char *at, const char *end)
{
    size_t count = 0;
    while (at < end && count < HEADERS_MAX) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (stop == at || (stop && stop == at + 1 && *at == '\r'))
            break;
        count++;
        at = stop ? stop + 1 : end;
    }
    return count;
}

static int header_read(reading *from, neph_header *header, const char *line, size_t size)
{
    const char *colon = memchr(line, ':', size), *value;
    if (!colon || colon == line)
        return wrong(from, "a header line \"Name: value\" is expected");
    value = colon + 1;
    while (value < line + size && (*value == ' ' || *value == '\t'))
        value++;
    while (size > (size_t)(value - line) && (line[size - 1] == ' ' || line[size - 1] == '\t'))
        size--;
    header->name = text_keep(from, line, (size_t)(colon - line));
    header->value = text_keep(from, value, size - (size_t)(value - line));
    return header->name && header->value ? 0 : NEPH_NO_MEMORY;
}

/* Up to a blank line, which is taken, or `end`. */
static int headers_read(reading *from, const char *end, neph_header **headers, size_t *count,
                        int *has_blank)
{
    size_t capacity = lines_count(from->at, end) + 1, used = 0, size;
    const char *line;
    neph_header *all = nephi_arena_alloc(&from->recording->arena, capacity * sizeof(neph_header));
    *has_blank = 0;
    if (!all)
        return nephi_fail_memory(from->error);
    while (line_read(from, end, &line, &size)) {
        int rc;
        if (size == 0) {
            *has_blank = 1;
            break;
        }
        if (used + 1 >= capacity && used >= HEADERS_MAX)
            return wrong(from, "too many header lines");
        rc = header_read(from, &all[used], line, size);
        if (rc)
            return rc;
        used++;
    }
    *headers = all;
    *count = used;
    return 0;
}

/* Takes the header of that name out; NULL if there is none. */
static const char *header_take(neph_header *headers, size_t *count, const char *name)
{
    for (size_t i = 0; i < *count; i++) {
        const char *value = headers[i].value;
        if (!nephi_same_name(headers[i].name, name))
            continue;
        memmove(&headers[i], &headers[i + 1], (*count - i - 1) * sizeof *headers);
        *count -= 1;
        return value;
    }
    return NULL;
}

/* ---- bodies */

static int base64_read(reading *from, nephi_recorded_body *body, const char *text, size_t size)
{
    char *room = nephi_arena_alloc(&from->recording->arena, size + 1);
    size_t used = 0;
    int64_t length;
    if (!room)
        return nephi_fail_memory(from->error);
    for (size_t i = 0; i < size; i++)
        if (text[i] != '\n' && text[i] != '\r' && text[i] != ' ')
            room[used++] = text[i];
    length = nephi_base64_decode((unsigned char *)room, room, used);
    if (length < 0)
        return wrong(from, "the body behind these headers is no base64");
    body->data = room;
    body->size = (size_t)length;
    return 0;
}

static int beside_read(reading *from, nephi_recorded_body *body, const char *name)
{
    char path[4096];
    struct stat info;
    nephi_buffer text;
    int rc;
    if (strchr(name, '/') || *name == '.' || !*name)
        return wrong(from, "the file of the body must lie beside the recording");
    if (snprintf(path, sizeof path, "%s/%s", from->dir, name) >= (int)sizeof path)
        return wrong(from, "the path of the body is too long");
    nephi_buffer_init(&text, from->memory, NEPHI_RECORDING_BODY_MAX);
    rc = nephi_file_read(path, &text, &info, from->error);
    if (rc == NEPH_NOT_FOUND)
        rc = wrong(from, "the file of the body is not there");
    if (!rc) {
        body->size = text.size;
        body->data = text_keep(from, nephi_buffer_string(&text), text.size);
        rc = body->data ? 0 : NEPH_NO_MEMORY;
    }
    nephi_buffer_fini(&text);
    return rc;
}

static int body_read(reading *from, nephi_recorded_body *body, const char *how, const char *end)
{
    size_t size = (size_t)(end - from->at);
    int64_t omitted;
    body->what = NEPHI_BODY_KNOWN;
    if (how && strcmp(how, "base64") == 0)
        return base64_read(from, body, from->at, size);
    if (how && strncmp(how, "file ", 5) == 0)
        return beside_read(from, body, how + 5);
    if (how && strncmp(how, "omitted ", 8) == 0) {
        body->what = NEPHI_BODY_OMITTED;
        if (!nephi_read_integer(how + 8, strlen(how + 8), &omitted) || omitted < 0)
            return wrong(from, NEPHI_RECORDING_BODY ": omitted SIZE is expected");
        body->size = (size_t)omitted;
        return 0;
    }
    if (how)
        return wrong(from, NEPHI_RECORDING_BODY " is base64, file NAME or omitted SIZE");
    if (size > 0 && end[-1] == '\n')
        size--;
    body->data = text_keep(from, from->at, size);
    body->size = size;
    return body->data ? 0 : NEPH_NO_MEMORY;
}

/* ---- the two sections */

const char *nephi_recording_target(const char *url)
{
    const char *host = strstr(url, "://"), *path;
    if (!host)
        return *url ? url : "/";
    path = host + 3 + strcspn(host + 3, "/?#");
    return *path ? path : "/";
}

static int request_read(reading *from, const char *end)
{
    nephi_recording *recording = from->recording;
    const char *line, *blank, *how, *target;
    size_t size;
    int has_blank, rc;
    if (!line_read(from, end, &line, &size) || !(blank = memchr(line, ' ', size)) || blank == line)
        return wrong(from, "a request line \"METHOD /path\" is expected");
    recording->method = text_keep(from, line, (size_t)(blank - line));
    target = blank + 1;
    size -= (size_t)(target - line);
    if (size > 9 && memcmp(target + size - 9, " HTTP/1.1", 9) == 0)
        size -= 9;
    target = text_keep(from, target, size);
    if (!recording->method || !target)
        return NEPH_NO_MEMORY;
    recording->target = nephi_recording_target(target);
    rc = headers_read(from, end, &recording->request_headers, &recording->request_header_count,
                      &has_blank);
    if (rc)
        return rc;
    how = header_take(recording->request_headers, &recording->request_header_count,
                      NEPHI_RECORDING_BODY);
    if (!has_blank && !how)
        return 0;
    return body_read(from, &recording->request_body, how, end);
}

/* "-12 1 message" */
static int failure_read(reading *from, const char *text)
{
    nephi_recording *recording = from->recording;
    const char *blank = strchr(text, ' ');
    int64_t status = 0;
    if (!blank || blank[1] < '0' || blank[1] > '3' || (blank[2] != ' ' && blank[2]) ||
        !nephi_read_integer(text, (size_t)(blank - text), &status) || status >= 0 ||
        status < NEPH_INTERNAL)
        return wrong(from, NEPHI_RECORDING_FAILURE ": STATUS SENT MESSAGE is expected");
    recording->failure = (int32_t)status;
    recording->sent = (blank[1] - '0') & 1;
    recording->is_permanent = (blank[1] - '0') / NEPHI_RECORDING_PERMANENT;
    recording->message = blank[2] ? blank + 3 : "";
    return 0;
}

static int status_read(reading *from)
{
    const char *line, *digits;
    size_t size;
    int64_t status = -1;
    if (!line_read(from, from->end, &line, &size))
        return wrong(from, "a status line, \"HTTP 200\", is expected");
    digits = line;
    if (size > 5 && memcmp(line, "HTTP", 4) == 0) {
        digits = memchr(line, ' ', size);
        digits = digits ? digits + 1 : line;
    }
    if (size - (size_t)(digits - line) < 3 || !nephi_read_integer(digits, 3, &status) ||
        status < 0 || (status > 0 && status < 200))
        return wrong(from, "a status line, \"HTTP 200\", is expected");
    from->recording->http_status = (int32_t)status;
    return 0;
}

static int reply_read(reading *from)
{
    nephi_recording *recording = from->recording;
    const char *how, *failure;
    int has_blank, rc = status_read(from);
    if (!rc)
        rc = headers_read(from, from->end, &recording->reply_headers,
                          &recording->reply_header_count, &has_blank);
    if (rc)
        return rc;
    how =
        header_take(recording->reply_headers, &recording->reply_header_count, NEPHI_RECORDING_BODY);
    failure = header_take(recording->reply_headers, &recording->reply_header_count,
                          NEPHI_RECORDING_FAILURE);
    if (failure)
        rc = failure_read(from, failure);
    if (!rc)
        rc = body_read(from, &recording->reply_body, how, from->end);
    if (!rc && !recording->http_status && !recording->failure)
        rc = wrong(from, "status 000 without " NEPHI_RECORDING_FAILURE);
    return rc;
}

static int sections_read(reading *from)
{
    const char *separator = separator_find(from->at, from->end);
    int rc;
    if (!separator)
        return wrong(from, "no line \"---\" between request and reply");
    rc = request_read(from, separator);
    if (rc)
        return rc;
    for (const char *at = from->at; at < separator; at++)
        from->line += *at == '\n';
    from->at = separator;
    from->line++;
    from->at = memchr(separator, '\n', (size_t)(from->end - separator));
    from->at = from->at ? from->at + 1 : from->end;
    return reply_read(from);
}

int nephi_recording_read(nephi_recording *recording, const nephi_memory *memory, const char *dir,
                         const char *name, nephi_error *error)
{
    reading from = {
        .recording = recording, .memory = memory, .dir = dir, .name = name, .error = error};
    char path[4096];
    struct stat info;
    nephi_buffer text;
    int rc;
    memset(recording, 0, sizeof *recording);
    nephi_arena_init(&recording->arena, memory, 0);
    if (snprintf(path, sizeof path, "%s/%s", dir, name) >= (int)sizeof path)
        return nephi_fail(error, NEPH_LIMIT, "the path of a recording is too long");
    nephi_buffer_init(&text, memory, NEPHI_RECORDING_FILE_MAX);
    rc = nephi_file_read(path, &text, &info, error);
    if (rc == NEPH_NOT_FOUND)
        rc = nephi_fail(error, NEPH_FILE, "%s is gone", path);
    if (!rc) {
        from.at = nephi_buffer_string(&text);
        from.end = from.at + text.size;
        rc = sections_read(&from);
    }
    nephi_buffer_fini(&text);
    if (rc)
        nephi_recording_fini(recording);
    return rc;
}

void nephi_recording_fini(nephi_recording *recording)
{
    if (recording->arena.memory)
        nephi_arena_fini(&recording->arena, 0);
    memset(recording, 0, sizeof *recording);
}
