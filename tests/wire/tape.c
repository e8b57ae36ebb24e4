/*
 * tests/wire/tape.c - see tape.h.
 */
#include "tests/wire/tape.h"

#include "core/model.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void tape_init(tape *t, const nephi_memory *memory)
{
    memset(t, 0, sizeof *t);
    nephi_error_clear(&t->error);
    nephi_pool_init(&t->pool, memory, NULL);
}

void tape_fini(tape *t)
{
    nephi_pool_fini(&t->pool);
    free(t->text);
    t->text = NULL;
}

void tape_clear(tape *t)
{
    t->size = 0;
    t->is_open = t->count = 0;
    nephi_error_clear(&t->error);
}

const char *tape_text(const tape *t)
{
    return t->size ? t->text : "";
}

static void add(tape *t, const char *text, size_t size)
{
    if (t->size + size + 1 > t->capacity) {
        t->capacity = (t->size + size + 1) * 2;
        t->text = realloc(t->text, t->capacity);
        if (!t->text)
            abort();
    }
    if (size)
        memcpy(t->text + t->size, text, size);
    t->size += size;
    t->text[t->size] = 0;
}

static void say(tape *t, const char *text)
{
    add(t, text, strlen(text));
}

/* An event: ends an open text of XML, and fails if it is the one that should. */
static int step(tape *t)
{
    if (t->is_open)
        say(t, "'");
    t->is_open = 0;
    if (++t->count == t->stop_at)
        return nephi_fail(&t->error, t->stop_with, "stopped");
    return 0;
}

/* ---- events of a parser */

static int event_open(void *user, const char *name, size_t size)
{
    tape *t = user;
    int rc = step(t);
    add(t, name, size);
    say(t, "(");
    return rc;
}

static int event_attribute(void *user, const char *name, const char *value, size_t size)
{
    tape *t = user;
    int rc = step(t);
    say(t, "@");
    say(t, name);
    say(t, "=");
    add(t, value, size);
    say(t, ";");
    return rc;
}

static int event_container(void *user, int what)
{
    tape *t = user;
    int rc = step(t);
    say(t, what == NEPHI_OBJECT ? "{" : "[");
    return rc;
}

static int event_text(void *user, const char *text, size_t size, int type)
{
    static const char *const marks[] = {"'", "s'", "n'", "b'", "null"};
    tape *t = user;
    int rc;
    if (type == NEPHI_TEXT_XML && t->is_open) {
        add(t, text, size);
        return 0;
    }
    rc = step(t);
    say(t, marks[type]);
    add(t, text, size);
    t->is_open = type == NEPHI_TEXT_XML;
    if (type != NEPHI_TEXT_XML && type != NEPHI_TEXT_NULL)
        say(t, "'");
    return rc;
}

static int event_close(void *user)
{
    tape *t = user;
    int rc = step(t);
    say(t, ")");
    return rc;
}

const nephi_events tape_events = {.open = event_open,
                                  .attribute = event_attribute,
                                  .container = event_container,
                                  .text = event_text,
                                  .close = event_close};

/* ---- results */

static void say_number(tape *t, int64_t number)
{
    char text[32];
    snprintf(text, sizeof text, "%" PRId64, number);
    say(t, text);
}

static void say_strings(tape *t, const neph_value *value)
{
    say(t, "[");
    for (size_t i = 0; i < value->count; i++) {
        say(t, i ? "|" : "");
        say(t, value->strings[i]);
    }
    say(t, "]");
}

static void say_pairs(tape *t, const neph_value *value)
{
    say(t, "[");
    for (size_t i = 0; i < value->count; i++) {
        say(t, i ? "|" : "");
        say(t, value->pairs[i].name);
        say(t, ":");
        say(t, value->pairs[i].value);
    }
    say(t, "]");
}

static void say_value(tape *t, const neph_value *value)
{
    switch (value->type) {
    case NEPH_TYPE_STRING:
    case NEPH_TYPE_ENUM: say(t, value->text ? value->text : "?"); break;
    case NEPH_TYPE_STRINGS: say_strings(t, value); break;
    case NEPH_TYPE_PAIRS: say_pairs(t, value); break;
    default: say_number(t, value->number); break;
    }
}

static void say_member(tape *t, const neph_result *result, int32_t member, const char *name,
                       int *count)
{
    neph_value value = {.type = NEPH_TYPE_NONE};
    if (neph_result_get(result, member, &value) != 0 || value.type == NEPH_TYPE_NONE)
        return;
    if ((value.type == NEPH_TYPE_STRINGS || value.type == NEPH_TYPE_PAIRS) && !value.count)
        return;
    say(t, (*count)++ ? "," : "");
    say(t, name);
    say(t, "=");
    say_value(t, &value);
}

static void say_record(tape *t, const neph_record *record)
{
    const neph_kind_info *kind = nephi_kind_info(record->kind);
    int count = 0;
    say(t, kind ? kind->name : "?");
    say(t, "{");
    for (uint32_t i = 0; kind && i < kind->member_count; i++)
        if (kind->members[i].member != NEPH_EXTRA)
            say_member(t, record->result, kind->members[i].member, kind->members[i].name, &count);
    say_member(t, record->result, NEPH_EXTRA, "extra", &count);
    if (record->error) {
        say(t, count ? ",error=" : "error=");
        say(t, record->error->code);
        say(t, ":");
        say(t, record->error->message);
    }
    say(t, "}");
}

static neph_record *sink_make(void *user, uint32_t kind)
{
    tape *t = user;
    neph_record *record = nephi_record_new(&t->pool, kind);
    t->alive += record != NULL;
    return record;
}

static void sink_discard(void *user, neph_record *record)
{
    tape *t = user;
    t->alive--;
    nephi_record_free(&t->pool, record);
}

static int sink_emit(void *user, neph_record *record)
{
    tape *t = user;
    int rc = step(t);
    if (!rc)
        say_record(t, record);
    sink_discard(user, record);
    return rc;
}

static void say_target(tape *t, int32_t member)
{
    static const struct {
        int32_t member;
        const char *name;
    } names[] = {{NEPH_PAGE_TOKEN, "token"},      {NEPH_PAGE_MORE, "more"},
                 {NEPH_PAGE_URL, "next"},         {NEPH_ERROR_CODE, "code"},
                 {NEPH_ERROR_MESSAGE, "message"}, {NEPH_ERROR_REQUEST_ID, "request"},
                 {NEPH_SESSION_TOKEN, "session"}, {NEPH_SESSION_EXPIRES, "expires"}};
    for (size_t i = 0; i < NEPH_COUNT(names); i++)
        if (names[i].member == member) {
            say(t, names[i].name);
            return;
        }
    say(t, "scratch");
    say_number(t, member - NEPH_SCRATCH);
}

static int sink_value(void *user, int32_t member, const char *text, size_t size, uint32_t flags)
{
    tape *t = user;
    int rc = step(t);
    say_target(t, member);
    say(t, flags & NEPH_FIELD_SECRET ? "=(secret)" : "=");
    add(t, text, size);
    say(t, ";");
    if (!rc && t->reader && member == NEPH_SCRATCH + 31)
        rc = nephi_reader_url_decode(t->reader, size == 3 && memcmp(text, "url", 3) == 0);
    return rc;
}

static int sink_error_rule(void *user)
{
    tape *t = user;
    int rc = step(t);
    say(t, "error!");
    return rc;
}

const nephi_reader_sink tape_sink = {.make = sink_make,
                                     .emit = sink_emit,
                                     .value = sink_value,
                                     .error_rule = sink_error_rule,
                                     .discard = sink_discard};

/* ---- feeding */

static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* Each piece in a block of its own size, so that a sanitizer sees who reads behind it or keeps it. */
static int piece_feed(tape_feed_fn feed, void *user, const char *data, size_t size)
{
    char *copy = malloc(size ? size : 1);
    int rc;
    if (!copy)
        abort();
    if (size)
        memcpy(copy, data, size);
    rc = feed(user, copy, size);
    free(copy);
    return rc;
}

int tape_feed(tape_feed_fn feed, void *user, const char *data, size_t size, int way)
{
    uint32_t state = 2463534242u + (uint32_t)way * 7919u;
    uint32_t most = way % 3 == 0 ? 5 : way % 3 == 1 ? 40 : 1000;
    size_t at = 0;
    int rc = 0;
    if (way == 0)
        return piece_feed(feed, user, data, size);
    while (at < size && !rc) {
        size_t piece = way == 1 ? 1 : next_random(&state) % most;
        if (piece > size - at)
            piece = size - at;
        rc = piece_feed(feed, user, data + at, piece);
        at += piece;
    }
    return rc;
}
