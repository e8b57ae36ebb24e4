/*
 * core/wire/recorder.c - writes what passes between the host and another transport, one file for each exchange (see
 * recording.c for the format). An exchange is written after its on_done, when secrets that its reply held are known;
 * what is kept until then is scrubbed before on_done too, because the call may take its secrets with it. Never changes what it
 * passes on.
 */
#include "core/wire/recorder.h"
#include "core/text.h"
#include "core/wire/recording.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_BYTES 57 /* 76 characters of base64 */

typedef struct recorder {
    const nephi_memory *memory;
    nephi_scrub *scrub;
    const neph_transport *inner;
    void *inner_state;
    int dir_fd;
    uint32_t count;
    int32_t
        failure; /* a file could not be written: the recordings are incomplete, and nothing more begins */
    struct tape *tapes;
} recorder;

/* A body as far as it is kept. */
typedef struct body {
    nephi_buffer text;
    uint64_t size; /* of all of it */
} body;

/* One exchange under way. */
typedef struct tape {
    struct tape *next, **link;
    recorder *of;
    neph_exchange *outer;
    neph_exchange exchange; /* what the inner transport sees */
    uint32_t number;
    nephi_buffer request, reply; /* first lines and headers */
    body sent, received;
    int32_t status;
    int is_incomplete; /* out of memory: not written */
    int in_callback;
    int is_cancelled; /* inside a callback: ends when that has returned */
} tape;

/* ---- a tape */

static void body_init(body *one, const nephi_memory *memory)
{
    nephi_buffer_init(&one->text, memory, NEPHI_RECORDING_BODY_MAX);
    one->text.secret = 1;
    one->size = 0;
}

static void body_add(tape *at, body *one, const void *data, size_t size)
{
    int is_kept = one->size == one->text.size;
    one->size += size;
    if (!is_kept)
        return;
    if (nephi_buffer_add(&one->text, data, size) == NEPH_NO_MEMORY)
        at->is_incomplete = 1;
}

static void note(tape *at, nephi_buffer *to, const char *name, const char *value)
{
    if (nephi_buffer_text(to, name) || nephi_buffer_text(to, ": ") ||
        nephi_buffer_text(to, value) || nephi_buffer_char(to, '\n'))
        at->is_incomplete = 1;
}

static void tape_free(tape *at)
{
    const nephi_memory *memory = at->of->memory;
    if (at->next)
        at->next->link = at->link;
    *at->link = at->next;
    nephi_buffer_fini(&at->request);
    nephi_buffer_fini(&at->reply);
    nephi_buffer_fini(&at->sent.text);
    nephi_buffer_fini(&at->received.text);
    nephi_free(memory, at);
}

static void request_note(tape *at, const neph_exchange *exchange)
{
    const char *host = strstr(exchange->url, "://");
    size_t host_size;
    host = host ? host + 3 : exchange->url;
    host_size = strcspn(host, "/?#");
    if (nephi_buffer_format(&at->request, "%s %s\n", exchange->method,
                            nephi_recording_target(exchange->url)) ||
        nephi_buffer_text(&at->request, "Host: ") ||
        nephi_buffer_add(&at->request, host, host_size) || nephi_buffer_char(&at->request, '\n'))
        at->is_incomplete = 1;
    for (size_t i = 0; i < exchange->header_count; i++)
        note(at, &at->request, exchange->headers[i].name, exchange->headers[i].value);
}

static tape *tape_new(recorder *of, neph_exchange *outer)
{
    tape *at = nephi_alloc(of->memory, sizeof *at);
    if (!at)
        return NULL;
    at->of = of;
    at->outer = outer;
    at->number = of->count + 1;
    nephi_buffer_init(&at->request, of->memory, NEPHI_RECORDING_BODY_MAX);
    nephi_buffer_init(&at->reply, of->memory, NEPHI_RECORDING_BODY_MAX);
    at->request.secret = at->reply.secret = 1;
    body_init(&at->sent, of->memory);
    body_init(&at->received, of->memory);
    at->next = of->tapes;
    at->link = &of->tapes;
    if (at->next)
        at->next->link = &at->next;
    of->tapes = at;
    request_note(at, outer);
    return at;
}

/* ---- scrubbing and writing */

static int scrubbed(recorder *of, nephi_buffer *text)
{
    nephi_buffer clean;
    int rc;
    nephi_buffer_init(&clean, of->memory, 2 * (size_t)NEPHI_RECORDING_BODY_MAX);
    clean.secret = 1;
    rc = nephi_scrub_write(of->scrub, &clean, nephi_buffer_string(text), text->size);
    if (rc) {
        nephi_buffer_fini(&clean);
        return rc;
    }
    nephi_buffer_fini(text);
    *text = clean;
    return 0;
}

static int body_scrubbed(recorder *of, body *one)
{
    int is_kept = one->size == one->text.size;
    int rc = scrubbed(of, &one->text);
    if (is_kept)
        one->size = one->text.size;
    return rc;
}

static void tape_scrub(tape *at)
{
    recorder *of = at->of;
    if (scrubbed(of, &at->request) || scrubbed(of, &at->reply) || body_scrubbed(of, &at->sent) ||
        body_scrubbed(of, &at->received))
        at->is_incomplete = 1;
}

/* Can it stand in the file as it is? */
static int is_plain(const nephi_buffer *text)
{
    const char *data = nephi_buffer_string(text);
    if (!nephi_is_utf8(data, text->size))
        return 0;
    for (size_t i = 0; i < text->size; i++)
        if (((unsigned char)data[i] < 0x20 && data[i] != '\n' && data[i] != '\t') ||
            data[i] == 0x7f)
            return 0;
    if (text->size >= 3 && memcmp(data, NEPHI_RECORDING_SEPARATOR, 3) == 0)
        return 0;
    return strstr(data, "\n" NEPHI_RECORDING_SEPARATOR) == NULL;
}

static int base64_add(nephi_buffer *out, const nephi_buffer *text)
{
    char line[80];
    int rc = 0;
    for (size_t at = 0; at < text->size && !rc; at += LINE_BYTES) {
        size_t size = text->size - at < LINE_BYTES ? text->size - at : LINE_BYTES;
        nephi_base64_encode(line, (const unsigned char *)text->data + at, size);
        rc = nephi_buffer_format(out, "%s\n", line);
    }
    return rc;
}

/* The last header if one is needed, a blank line, and the body. */
static int body_write(nephi_buffer *out, const body *one)
{
    int rc;
    if (one->size != one->text.size)
        return nephi_buffer_format(out, NEPHI_RECORDING_BODY ": omitted %llu\n\n",
                                   (unsigned long long)one->size);
    if (!is_plain(&one->text)) {
        rc = nephi_buffer_text(out, NEPHI_RECORDING_BODY ": base64\n\n");
        return rc ? rc : base64_add(out, &one->text);
    }
    rc = nephi_buffer_char(out, '\n');
    if (!rc && one->text.size)
        rc = nephi_buffer_add(out, one->text.data, one->text.size);
    if (!rc && one->text.size)
        rc = nephi_buffer_char(out, '\n');
    return rc;
}

static int tape_text(const tape *at, nephi_buffer *out)
{
    int rc = nephi_buffer_add(out, nephi_buffer_string(&at->request), at->request.size);
    if (!rc)
        rc = body_write(out, &at->sent);
    if (!rc)
        rc = nephi_buffer_text(out, NEPHI_RECORDING_SEPARATOR "\n");
    if (!rc)
        rc = nephi_buffer_format(out, "HTTP %03d\n", at->status);
    if (!rc)
        rc = nephi_buffer_add(out, nephi_buffer_string(&at->reply), at->reply.size);
    return rc ? rc : body_write(out, &at->received);
}

static int all_written(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t count = write(fd, data, size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return 0;
        data += count;
        size -= (size_t)count;
    }
    return 1;
}

static int file_write(const recorder *of, uint32_t number, const nephi_buffer *text)
{
    char name[32];
    int fd, is_written;
    snprintf(name, sizeof name, "%04u.http", number);
    fd = openat(of->dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return NEPH_FILE;
    is_written = all_written(fd, nephi_buffer_string(text), text->size);
    if (close(fd) != 0)
        is_written = 0;
    if (!is_written)
        unlinkat(of->dir_fd, name, 0);
    return is_written ? 0 : NEPH_FILE;
}

/* Ends the tape: writes it and frees it. */
static void tape_end(tape *at)
{
    recorder *of = at->of;
    nephi_buffer text;
    int rc = 0;
    nephi_buffer_init(&text, of->memory, NEPHI_RECORDING_FILE_MAX);
    tape_scrub(at);
    if (at->is_incomplete)
        rc = NEPH_NO_MEMORY;
    if (!rc)
        rc = tape_text(at, &text);
    if (!rc)
        rc = file_write(of, at->number, &text);
    if (rc && !of->failure)
        of->failure = rc;
    nephi_buffer_fini(&text);
    tape_free(at);
}

static void failure_note(tape *at, int32_t status, int32_t sent, const char *message)
{
    char text[600];
    if (!status)
        return;
    snprintf(text, sizeof text, "%d %d %s", status, sent, message ? message : "");
    note(at, &at->reply, NEPHI_RECORDING_FAILURE, text);
}

static void tape_cancelled(tape *at)
{
    failure_note(at, NEPH_CANCELLED, 1, "cancelled");
    tape_end(at);
}

/* ---- callbacks of the inner transport: the outer exchange may be cancelled, and gone, in each of them */

static int64_t leave(tape *at, int64_t rc)
{
    at->in_callback--;
    if (!at->is_cancelled)
        return rc;
    tape_cancelled(at);
    return NEPH_CANCELLED;
}

static int64_t on_read(neph_exchange *exchange, void *data, size_t size)
{
    tape *at = exchange->user;
    int64_t count;
    at->in_callback++;
    count = at->outer->read_body(at->outer, data, size);
    if (count > 0 && (uint64_t)count <= size && !at->is_cancelled)
        body_add(at, &at->sent, data, (size_t)count);
    return leave(at, count);
}

static int32_t on_rewind(neph_exchange *exchange)
{
    tape *at = exchange->user;
    nephi_buffer_clear(&at->sent.text);
    at->sent.size = 0;
    at->in_callback++;
    return (int32_t)leave(at, at->outer->rewind_body(at->outer));
}

static int32_t on_status(neph_exchange *exchange, int32_t http_status)
{
    tape *at = exchange->user;
    neph_exchange *outer = at->outer;
    at->status = http_status;
    at->in_callback++;
    return (int32_t)leave(at, outer->on_status ? outer->on_status(outer, http_status) : 0);
}

static int32_t on_header(neph_exchange *exchange, const char *name, const char *value)
{
    tape *at = exchange->user;
    neph_exchange *outer = at->outer;
    note(at, &at->reply, name, value);
    at->in_callback++;
    return (int32_t)leave(at, outer->on_header ? outer->on_header(outer, name, value) : 0);
}

static int32_t on_headers_done(neph_exchange *exchange)
{
    tape *at = exchange->user;
    neph_exchange *outer = at->outer;
    at->in_callback++;
    return (int32_t)leave(at, outer->on_headers_done ? outer->on_headers_done(outer) : 0);
}

/* Noted first: a cancel in there scrubs it. What was not taken is offered again. */
static int32_t on_body(neph_exchange *exchange, const void *data, size_t size)
{
    tape *at = exchange->user;
    neph_exchange *outer = at->outer;
    body *received = &at->received;
    size_t kept = received->text.size;
    int32_t rc;
    at->in_callback++;
    body_add(at, received, data, size);
    rc = outer->on_body ? outer->on_body(outer, data, size) : 0;
    if (rc == NEPH_AGAIN && !at->is_cancelled) {
        received->size -= size;
        received->text.size = kept;
    }
    return (int32_t)leave(at, rc);
}

static void on_done(neph_exchange *exchange, int32_t status, const char *message, int32_t sent)
{
    tape *at = exchange->user;
    neph_exchange *outer = at->outer;
    failure_note(at, status, (sent != 0) + (exchange->is_permanent ? NEPHI_RECORDING_PERMANENT : 0),
                 message);
    tape_scrub(at);
    outer->transport = NULL;
    outer->is_permanent = exchange->is_permanent;
    outer->on_done(outer, status, message, sent);
    tape_end(at);
}

/* ---- the transport */

static int32_t recorder_open(const neph_transport_config *config, void **state)
{
    (void)config;
    (void)state;
    return NEPH_UNSUPPORTED; /* nephi_recorder_create() */
}

static void recorder_close(void *state)
{
    recorder *of = state;
    if (!of)
        return;
    of->inner->close(of->inner_state);
    while (of->tapes)
        tape_free(of->tapes);
    close(of->dir_fd);
    nephi_free(of->memory, of);
}

static int32_t recorder_start(void *state, neph_exchange *outer)
{
    recorder *of = state;
    tape *at;
    int32_t rc;
    outer->transport = NULL;
    if (of->failure)
        return of->failure;
    at = tape_new(of, outer);
    if (!at)
        return NEPH_NO_MEMORY;
    at->exchange = *outer;
    at->exchange.user = at;
    at->exchange.read_body = outer->read_body ? on_read : NULL;
    at->exchange.rewind_body = outer->rewind_body ? on_rewind : NULL;
    at->exchange.on_status = on_status;
    at->exchange.on_header = on_header;
    at->exchange.on_headers_done = on_headers_done;
    at->exchange.on_body = on_body;
    at->exchange.on_done = on_done;
    rc = of->inner->start(of->inner_state, &at->exchange);
    if (rc) {
        tape_free(at);
        return rc;
    }
    of->count++;
    outer->transport = at;
    return 0;
}

static void recorder_cancel(void *state, neph_exchange *outer)
{
    recorder *of = state;
    tape *at = outer->transport;
    if (!at)
        return;
    outer->transport = NULL;
    of->inner->cancel(of->inner_state, &at->exchange);
    tape_scrub(at); /* the call may take its secrets away before the callback returns */
    if (at->in_callback)
        at->is_cancelled = 1;
    else
        tape_cancelled(at);
}

static void recorder_resume(void *state, neph_exchange *outer)
{
    recorder *of = state;
    tape *at = outer->transport;
    if (at)
        of->inner->resume(of->inner_state, &at->exchange);
}

static int32_t recorder_fd(void *state)
{
    recorder *of = state;
    return of->inner->fd(of->inner_state);
}

static int64_t recorder_timeout_ms(void *state)
{
    recorder *of = state;
    return of->inner->timeout_ms(of->inner_state);
}

static int32_t recorder_dispatch(void *state)
{
    recorder *of = state;
    return of->inner->dispatch(of->inner_state);
}

const neph_transport nephi_recorder_transport = {
    .size = sizeof(neph_transport),
    .name = "recorder",
    .open = recorder_open,
    .close = recorder_close,
    .start = recorder_start,
    .cancel = recorder_cancel,
    .resume = recorder_resume,
    .fd = recorder_fd,
    .timeout_ms = recorder_timeout_ms,
    .dispatch = recorder_dispatch,
};

/* ---- the directory */

static int has_recordings(int dir_fd)
{
    int copy = dup(dir_fd), found = 0;
    DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
    const struct dirent *entry;
    if (!dir) {
        if (copy >= 0)
            close(copy);
        return 0;
    }
    while (!found && (entry = readdir(dir)) != NULL) {
        size_t size = strlen(entry->d_name);
        found = size > 5 && strcmp(entry->d_name + size - 5, ".http") == 0;
    }
    closedir(dir);
    return found;
}

static int dir_open(const char *dir, int *dir_fd, nephi_error *error)
{
    if (mkdir(dir, 0700) != 0 && errno != EEXIST)
        return nephi_fail(error, NEPH_FILE, "%s: the directory for recordings cannot be made: %s",
                          dir, strerror(errno));
    *dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*dir_fd < 0)
        return nephi_fail(error, NEPH_FILE, "%s: cannot be opened: %s", dir, strerror(errno));
    if (faccessat(*dir_fd, ".", W_OK | X_OK, AT_EACCESS) != 0)
        return nephi_fail(error, NEPH_FILE, "%s: recordings cannot be written there: %s", dir,
                          strerror(errno));
    if (has_recordings(*dir_fd))
        return nephi_fail(error, NEPH_EXISTS,
                          "%s: holds recordings already; name an empty directory", dir);
    return 0;
}

int nephi_recorder_create(void **state, const neph_transport *inner, void *inner_state,
                          const char *dir, nephi_scrub *scrub, const nephi_memory *memory,
                          nephi_error *error)
{
    recorder *of = nephi_alloc(memory, sizeof *of);
    int rc;
    if (!of)
        return nephi_fail_memory(error);
    of->memory = memory;
    of->scrub = scrub;
    of->inner = inner;
    of->inner_state = inner_state;
    of->dir_fd = -1;
    rc = dir_open(dir, &of->dir_fd, error);
    if (rc) {
        if (of->dir_fd >= 0)
            close(of->dir_fd);
        nephi_free(memory, of);
        return rc;
    }
    *state = of;
    return 0;
}
