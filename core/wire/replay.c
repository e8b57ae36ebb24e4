/*
 * core/wire/replay.c - a transport that answers from recordings. The files *.http of a directory are used in the order of
 * their names, each once: the first exchange that starts gets the first file, and so on. A request that differs from
 * its recording, or has none, ends with NEPH_PROTOCOL. Format: recording.c; what must agree: compare.c.
 */
#include "core/wire/replay.h"
#include "core/text.h"
#include "core/wire/recording.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECORDINGS_MAX 100000
#define CHUNK 16384

typedef struct replay {
    const nephi_memory *memory;
    nephi_scrub *scrub;
    char *dir;
    char **names;
    size_t count, used;
    struct player *players; /* in order of their start */
    struct player **last;
    int is_dispatching;
} replay;

enum { SENDING, STATUS, HEADERS, BODY, DONE };

/* One exchange under way. */
typedef struct player {
    struct player *next;
    replay *of;
    neph_exchange *exchange; /* NULL: over, or cancelled */
    size_t place;            /* of its recording; of->count: there is none left */
    int phase;
    int is_paused;
    int is_resumed; /* since its callback was called */
    nephi_buffer sent;
    size_t received; /* bytes of the body that were handed on */
    nephi_recording recording;
    int is_loaded;
} player;

/* ---- one exchange, phase by phase; each returns 0, NEPH_AGAIN to wait, or a failure */

static int sending_run(player *at, nephi_error *error)
{
    neph_exchange *exchange = at->exchange;
    char chunk[CHUNK];
    int64_t count = 0;
    if (exchange->body_size != 0 && exchange->read_body)
        count = exchange->read_body(exchange, chunk, sizeof chunk);
    if (!at->exchange || count == NEPH_AGAIN)
        return NEPH_AGAIN;
    if (count < 0)
        return nephi_fail(error, (int)count, "%s", nephi_status_name((int32_t)count));
    if (count > 0) {
        if (nephi_buffer_add(&at->sent, chunk, (size_t)count))
            return nephi_fail_memory(error);
        return 0;
    }
    at->phase = STATUS;
    return 0;
}

static int fail_used_up(const player *at, nephi_error *error)
{
    const replay *of = at->of;
    const char *target = nephi_recording_target(at->exchange->url);
    nephi_buffer clean;
    int rc;
    nephi_buffer_init(&clean, of->memory, NEPHI_RECORDING_BODY_MAX);
    clean.secret = 1;
    rc = nephi_scrub_write(of->scrub, &clean, target, strlen(target));
    rc = rc ? nephi_fail_memory(error)
            : nephi_fail(error, NEPH_PROTOCOL,
                         "no recording is left in %s for %s %s: all %zu were used", of->dir,
                         at->exchange->method, nephi_buffer_string(&clean), of->count);
    nephi_buffer_fini(&clean);
    return rc;
}

static int recording_load(player *at, nephi_error *error)
{
    replay *of = at->of;
    const char *name;
    int rc;
    if (at->place >= of->count)
        return fail_used_up(at, error);
    name = of->names[at->place];
    rc = nephi_recording_read(&at->recording, of->memory, of->dir, name, error);
    at->is_loaded = rc == 0;
    if (!rc)
        rc = nephi_recording_compare(&at->recording, name, at->exchange, &at->sent, of->scrub,
                                     error);
    if (!rc && at->recording.reply_body.what == NEPHI_BODY_OMITTED)
        rc = nephi_fail(error, NEPH_PROTOCOL, "%s/%s cannot be replayed: its body was too long",
                        of->dir, name);
    return rc;
}

static int status_run(player *at, nephi_error *error)
{
    neph_exchange *exchange = at->exchange;
    int rc = recording_load(at, error);
    if (rc)
        return rc;
    at->phase = at->recording.http_status ? HEADERS : DONE;
    if (at->recording.http_status && exchange->on_status)
        return exchange->on_status(exchange, at->recording.http_status);
    return 0;
}

/* A body that was scrubbed, or edited, has another length than the server said. */
static const char *header_value(const player *at, const neph_header *header, char *room,
                                size_t capacity)
{
    int has_body = strcmp(at->recording.method, "HEAD") != 0 && !at->recording.failure;
    if (!has_body || !nephi_same_name(header->name, "Content-Length"))
        return header->value;
    snprintf(room, capacity, "%zu", at->recording.reply_body.size);
    return room;
}

static int headers_run(player *at, nephi_error *error)
{
    neph_exchange *exchange = at->exchange;
    char room[32];
    int rc = 0;
    (void)error;
    for (size_t i = 0; i < at->recording.reply_header_count && !rc && at->exchange; i++) {
        const neph_header *header = &at->recording.reply_headers[i];
        if (exchange->on_header)
            rc = exchange->on_header(exchange, header->name,
                                     header_value(at, header, room, sizeof room));
    }
    if (!rc && at->exchange && exchange->on_headers_done)
        rc = exchange->on_headers_done(exchange);
    at->phase = strcmp(at->recording.method, "HEAD") == 0 ? DONE : BODY;
    return rc;
}

static int body_run(player *at, nephi_error *error)
{
    neph_exchange *exchange = at->exchange;
    const nephi_recorded_body *body = &at->recording.reply_body;
    size_t size = body->size - at->received;
    int rc = 0;
    (void)error;
    if (size > CHUNK)
        size = CHUNK;
    if (size > 0 && exchange->on_body)
        rc = exchange->on_body(exchange, body->data + at->received, size);
    if (rc)
        return rc;
    at->received += size;
    if (at->received == body->size)
        at->phase = DONE;
    return 0;
}

/* ---- the end */

static void player_unlink(player *at)
{
    replay *of = at->of;
    struct player **link = &of->players;
    while (*link != at)
        link = &(*link)->next;
    *link = at->next;
    if (of->last == &at->next)
        of->last = link;
}

static void player_free(player *at)
{
    if (at->is_loaded)
        nephi_recording_fini(&at->recording);
    nephi_buffer_fini(&at->sent);
    nephi_free(at->of->memory, at);
}

static void player_end(player *at, int32_t status, const char *message)
{
    neph_exchange *exchange = at->exchange;
    int32_t sent = at->is_loaded && (!at->recording.failure || at->recording.sent);
    at->exchange = NULL;
    exchange->transport = NULL;
    exchange->on_done(exchange, status, status ? message : NULL, sent);
}

static void player_finish(player *at)
{
    at->exchange->is_permanent = at->recording.is_permanent;
    player_end(at, at->recording.failure, at->recording.message);
}

/* As far as it goes without waiting. */
static void player_run(player *at)
{
    static int (*const phases[])(player *, nephi_error *) = {
        [SENDING] = sending_run, [STATUS] = status_run, [HEADERS] = headers_run, [BODY] = body_run};
    nephi_error error;
    int rc = 0;
    nephi_error_clear(&error);
    while (at->exchange && at->phase != DONE && !rc) {
        at->is_resumed = 0;
        rc = phases[at->phase](at, &error);
    }
    if (!at->exchange)
        return;
    if (rc == NEPH_AGAIN)
        at->is_paused = !at->is_resumed;
    else if (rc)
        player_end(at, rc, error.message[0] ? error.message : nephi_status_name(rc));
    else
        player_finish(at);
}

/* ---- the transport */

static int32_t replay_open(const neph_transport_config *config, void **state)
{
    (void)config;
    (void)state;
    return NEPH_UNSUPPORTED; /* nephi_replay_create() */
}

static void replay_close(void *state)
{
    replay *of = state;
    if (!of)
        return;
    while (of->players) {
        player *at = of->players;
        of->players = at->next;
        if (at->exchange)
            at->exchange->transport = NULL;
        player_free(at);
    }
    for (size_t i = 0; i < of->count; i++)
        nephi_free(of->memory, of->names[i]);
    nephi_free(of->memory, of->names);
    nephi_free(of->memory, of->dir);
    nephi_free(of->memory, of);
}

static int32_t replay_start(void *state, neph_exchange *exchange)
{
    replay *of = state;
    player *at = nephi_alloc(of->memory, sizeof *at);
    exchange->transport = NULL;
    if (!at)
        return NEPH_NO_MEMORY;
    at->of = of;
    at->exchange = exchange;
    at->place = of->used;
    if (of->used < of->count)
        of->used++;
    nephi_buffer_init(&at->sent, of->memory, NEPHI_RECORDING_BODY_MAX);
    at->sent.secret = 1;
    *of->last = at;
    of->last = &at->next;
    exchange->transport = at;
    return 0;
}

static void replay_cancel(void *state, neph_exchange *exchange)
{
    replay *of = state;
    player *at = exchange->transport;
    if (!at)
        return;
    exchange->transport = NULL;
    at->exchange = NULL;
    if (of->is_dispatching)
        return; /* it may be on the stack */
    player_unlink(at);
    player_free(at);
}

static void replay_resume(void *state, neph_exchange *exchange)
{
    player *at = exchange->transport;
    (void)state;
    if (at) {
        at->is_paused = 0;
        at->is_resumed = 1;
    }
}

static int32_t replay_fd(void *state)
{
    (void)state;
    return -1;
}

static int64_t replay_timeout_ms(void *state)
{
    const replay *of = state;
    for (const player *at = of->players; at; at = at->next)
        if (!at->exchange || !at->is_paused)
            return 0;
    return -1;
}

/* Exchanges that start meanwhile are appended, and run at the next dispatch. */
static int32_t replay_dispatch(void *state)
{
    replay *of = state;
    player **end = of->last;
    player *at = of->players;
    if (of->is_dispatching)
        return NEPH_BUSY;
    of->is_dispatching = 1;
    for (int is_last = at == NULL; !is_last; at = at->next) {
        is_last = &at->next == end;
        if (at->exchange && !at->is_paused)
            player_run(at);
    }
    of->is_dispatching = 0;
    for (player *next = of->players; (at = next) != NULL;) {
        next = at->next;
        if (at->exchange)
            continue;
        player_unlink(at);
        player_free(at);
    }
    return 0;
}

const neph_transport nephi_replay_transport = {
    .size = sizeof(neph_transport),
    .name = "replay",
    .open = replay_open,
    .close = replay_close,
    .start = replay_start,
    .cancel = replay_cancel,
    .resume = replay_resume,
    .fd = replay_fd,
    .timeout_ms = replay_timeout_ms,
    .dispatch = replay_dispatch,
};

/* ---- the directory */

static int name_add(replay *of, const char *name, nephi_error *error)
{
    size_t size = strlen(name);
    if (size <= 5 || *name == '.' || strcmp(name + size - 5, ".http") != 0)
        return 0;
    if (of->count >= RECORDINGS_MAX)
        return nephi_fail(error, NEPH_LIMIT, "%s holds more than %d recordings", of->dir,
                          RECORDINGS_MAX);
    if ((of->count & (of->count - 1)) == 0) {
        size_t capacity = of->count ? 2 * of->count : 1;
        char **names = nephi_realloc(of->memory, of->names, capacity * sizeof *names);
        if (!names)
            return nephi_fail_memory(error);
        of->names = names;
    }
    of->names[of->count] = nephi_strdup(of->memory, name);
    if (!of->names[of->count])
        return nephi_fail_memory(error);
    of->count++;
    return 0;
}

static int name_order(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int names_read(replay *of, nephi_error *error)
{
    DIR *dir = opendir(of->dir);
    const struct dirent *entry;
    int rc = 0;
    if (!dir)
        return nephi_fail(error, NEPH_FILE, "the recordings in %s cannot be read: %s", of->dir,
                          strerror(errno));
    while (!rc && (entry = readdir(dir)) != NULL)
        rc = name_add(of, entry->d_name, error);
    closedir(dir);
    if (!rc && of->count == 0)
        rc = nephi_fail(error, NEPH_NOT_FOUND, "%s holds no recordings (*.http)", of->dir);
    if (!rc)
        qsort(of->names, of->count, sizeof *of->names, name_order);
    return rc;
}

int nephi_replay_create(void **state, const char *dir, nephi_scrub *scrub,
                        const nephi_memory *memory, nephi_error *error)
{
    replay *of = nephi_alloc(memory, sizeof *of);
    int rc;
    if (!of)
        return nephi_fail_memory(error);
    of->memory = memory;
    of->scrub = scrub;
    of->last = &of->players;
    of->dir = nephi_strdup(memory, dir);
    rc = of->dir ? names_read(of, error) : nephi_fail_memory(error);
    if (rc) {
        replay_close(of);
        return rc;
    }
    *state = of;
    return 0;
}
