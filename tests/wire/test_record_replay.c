/*
 * tests/wire/test_record_replay.c - recordings made by hand are replayed, strictly; what a recorder writes around that
 * replay is replayed again, and holds no secret.
 */
#include "core/scrub.h"
#include "core/text.h"
#include "core/wire/recorder.h"
#include "core/wire/recording.h"
#include "core/wire/replay.h"
#include "tests/support/allocator.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct fixture {
    char dir[64], copy[80];
    nephi_memory memory;
    nephi_scrub *scrub;
    nephi_error error;
} fixture;

/* A request, what it is answered, and what its callbacks are to do. */
typedef struct asked {
    neph_exchange exchange;
    const neph_transport *transport;
    void *state;
    const char *body;
    size_t body_at;
    int32_t http_status, done_status, sent;
    int is_done;
    char headers[1024], message[600];
    nephi_buffer reply;
    int pauses;            /* so often on_body answers NEPH_AGAIN */
    const char *cancel_in; /* the callback that cancels */
    nephi_scrub *learns;   /* the reply is a secret */
    nephi_scrub *forgets;  /* ... until on_done */
    const char *secret;
} asked;

static int maybe_cancel(asked *one, const char *where)
{
    if (!one->cancel_in || strcmp(one->cancel_in, where) != 0)
        return 0;
    one->transport->cancel(one->state, &one->exchange);
    return 1;
}

static int64_t read_body(neph_exchange *exchange, void *data, size_t size)
{
    asked *one = exchange->user;
    size_t left = strlen(one->body) - one->body_at;
    maybe_cancel(one, "read_body");
    if (size > left)
        size = left;
    if (size > 3)
        size = 3;
    memcpy(data, one->body + one->body_at, size);
    one->body_at += size;
    return (int64_t)size;
}

static int32_t on_status(neph_exchange *exchange, int32_t http_status)
{
    asked *one = exchange->user;
    one->http_status = http_status;
    maybe_cancel(one, "on_status");
    return 0;
}

static int32_t on_header(neph_exchange *exchange, const char *name, const char *value)
{
    asked *one = exchange->user;
    size_t used = strlen(one->headers);
    snprintf(one->headers + used, sizeof one->headers - used, "%s=%s;", name, value);
    maybe_cancel(one, "on_header");
    return 0;
}

static int32_t on_headers_done(neph_exchange *exchange)
{
    maybe_cancel(exchange->user, "on_headers_done");
    return 0;
}

static int32_t on_body(neph_exchange *exchange, const void *data, size_t size)
{
    asked *one = exchange->user;
    if (one->pauses > 0) {
        one->pauses--;
        return NEPH_AGAIN;
    }
    nephi_buffer_add(&one->reply, data, size);
    if (one->learns)
        nephi_scrub_add(one->learns, nephi_buffer_string(&one->reply));
    maybe_cancel(one, "on_body");
    return 0;
}

static void on_done(neph_exchange *exchange, int32_t status, const char *message, int32_t sent)
{
    asked *one = exchange->user;
    one->is_done = 1;
    one->done_status = status;
    one->sent = sent;
    snprintf(one->message, sizeof one->message, "%s", message ? message : "");
    if (one->forgets)
        nephi_scrub_remove(one->forgets, one->secret);
}

static void ask(asked *one, const neph_transport *transport, void *state, const char *method,
                const char *url)
{
    static nephi_memory memory;
    nephi_memory_init(&memory, NULL);
    one->transport = transport;
    one->state = state;
    if (!one->reply.memory)
        nephi_buffer_init(&one->reply, &memory, 1u << 20);
    one->exchange.size = sizeof one->exchange;
    one->exchange.method = method;
    one->exchange.url = url;
    one->exchange.body_size = one->body ? (int64_t)strlen(one->body) : 0;
    one->exchange.read_body = one->body ? read_body : NULL;
    one->exchange.on_status = on_status;
    one->exchange.on_header = on_header;
    one->exchange.on_headers_done = on_headers_done;
    one->exchange.on_body = on_body;
    one->exchange.on_done = on_done;
    one->exchange.user = one;
    assert_int_equal(transport->start(state, &one->exchange), 0);
    for (int i = 0; i < 1000 && !one->is_done && transport->timeout_ms(state) == 0; i++)
        transport->dispatch(state);
}

static void asked_fini(asked *one)
{
    nephi_buffer_fini(&one->reply);
}

/* ---- files */

static void file_write(const char *dir, const char *name, const char *text)
{
    char path[256];
    FILE *file;
    snprintf(path, sizeof path, "%s/%s", dir, name);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static char *file_read(const char *dir, const char *name)
{
    static char text[160000];
    char path[256];
    FILE *file;
    size_t size;
    snprintf(path, sizeof path, "%s/%s", dir, name);
    file = fopen(path, "r");
    if (!file)
        return NULL;
    size = fread(text, 1, sizeof text - 1, file);
    text[size] = '\0';
    fclose(file);
    return text;
}

static void dir_remove(const char *path)
{
    DIR *dir = opendir(path);
    const struct dirent *entry;
    while (dir && (entry = readdir(dir)) != NULL)
        if (entry->d_name[0] != '.')
            unlinkat(dirfd(dir), entry->d_name, 0);
    if (dir)
        closedir(dir);
    rmdir(path);
}

static int setup(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    snprintf(f->dir, sizeof f->dir, "/tmp/neph-replay-XXXXXX");
    if (!mkdtemp(f->dir))
        return -1;
    snprintf(f->copy, sizeof f->copy, "%s-copy", f->dir);
    nephi_memory_init(&f->memory, NULL);
    if (nephi_scrub_new(&f->scrub, &f->memory))
        return -1;
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    dir_remove(f->dir);
    dir_remove(f->copy);
    nephi_scrub_free(f->scrub);
    free(f);
    return 0;
}

static void *replay_of(fixture *f, const char *dir)
{
    void *state = NULL;
    assert_int_equal(nephi_replay_create(&state, dir, f->scrub, &f->memory, &f->error), 0);
    return state;
}

/* Asks once and keeps nothing but the outcome in *one. */
static void ask_replay(fixture *f, asked *one, const char *method, const char *url)
{
    void *state = replay_of(f, f->dir);
    ask(one, &nephi_replay_transport, state, method, url);
    nephi_replay_transport.close(state);
}

/* ---- replay */

static void test_replay__answers_from_the_least_recording(void **state)
{
    fixture *f = *state;
    asked one = {.pauses = 0};
    file_write(f->dir, "blocks.http", "GET /api/blocks.json\n---\n200\n\n[{\"id\": \"a\"}]\n");
    ask_replay(f, &one, "GET", "https://panel.example/api/blocks.json");
    assert_int_equal(one.done_status, 0);
    assert_int_equal(one.http_status, 200);
    assert_string_equal(one.reply.data, "[{\"id\": \"a\"}]");
    assert_int_equal(one.sent, 1);
    asked_fini(&one);
}

static void test_replay__hands_on_headers_and_corrects_the_length(void **state)
{
    fixture *f = *state;
    asked one = {.pauses = 0};
    file_write(f->dir, "1.http",
               "GET http://h/a HTTP/1.1\r\nHost: h\r\n\r\n---\r\nHTTP/1.1 404 Not Found\r\n"
               "ETag: \"x\" \r\nContent-Length: 99\r\n\r\nabc");
    ask_replay(f, &one, "GET", "http://other/a");
    assert_int_equal(one.http_status, 404);
    assert_string_equal(one.headers, "ETag=\"x\";Content-Length=3;");
    assert_string_equal(one.reply.data, "abc");
    asked_fini(&one);
}

static void test_replay__uses_recordings_in_order_and_once(void **state)
{
    fixture *f = *state;
    asked first = {.pauses = 0}, second = {.pauses = 0}, third = {.pauses = 0};
    void *replay;
    file_write(f->dir, "0001.http", "GET /a\n---\n200\n\n1\n");
    file_write(f->dir, "0002.http", "GET /a\n---\n200\n\n2\n");
    file_write(f->dir, "notes.txt", "not a recording");
    replay = replay_of(f, f->dir);
    ask(&first, &nephi_replay_transport, replay, "GET", "http://h/a");
    ask(&second, &nephi_replay_transport, replay, "GET", "http://h/a");
    ask(&third, &nephi_replay_transport, replay, "GET", "http://h/a?b=c");
    nephi_replay_transport.close(replay);
    assert_string_equal(first.reply.data, "1");
    assert_string_equal(second.reply.data, "2");
    assert_int_equal(third.done_status, NEPH_PROTOCOL);
    assert_int_equal(third.sent, 0);
    assert_non_null(strstr(third.message, "no recording is left"));
    assert_non_null(strstr(third.message, "GET /a?b=c"));
    asked_fini(&first);
    asked_fini(&second);
}

static void test_replay__shows_no_secret_in_a_message(void **state)
{
    static const struct {
        const char *recorded, *url, *body, *name, *value, *says;
    } secrets[] = {
        {"PUT /a", "http://h/b/hunter22", NULL, "A", "b", "the path is \"/b/[redacted]\""},
        {"PUT /a", "http://h/a?p=hunter22&q=1", NULL, "A", "b", "the query is \"p=[redacted]\""},
        {"PUT /a?p=hunter2", "http://h/a?p=hunter%322", NULL, "A", "b",
         "the query is \"p=[redacted]\", recorded was \"p=hunter2\""},
        {"PUT /a?p=hunter22&q=1", "http://h/a?q=1", NULL, "A", "b",
         "recorded was \"p=[redacted]\""},
        {"PUT /a?t=hunter22", "http://h/a?t=hunter23", NULL, "A", "b",
         "the query differs, and is secret"},
        {"PUT /a\nA: x", "http://h/a", NULL, "A", "aHVudGVyMjI=", "A is \"[redacted]"},
        {"PUT /a\nX-Auth-Token: x", "http://h/a", NULL, "X-Auth-Token", "never-declared",
         "X-Auth-Token differs, and is secret"},
        {"PUT /a\n\nx=hunter20", "http://h/a", "x=hunter22", "A", "b",
         "the body from byte 2 on is \"[redacted]\", recorded was \"hunter20\""},
        {"PUT /a\n\nx=hunter22", "http://h/a", "x=hunter23", "A", "b",
         "the body from byte 9 on differs, and is secret"},
        {"PUT /a\n\n-", "http://h/a",
         "0123456789012345678901234567890123456789012345678901234hunter22", "A", "b",
         "01234[reda\"..."},
        {"PUT /a\n\np=1", "http://h/a", "p=hunter22", "Content-Type",
         "application/x-www-form-urlencoded", "the form is \"p=[redacted]\""},
    };
    fixture *f = *state;
    char text[512];
    assert_int_equal(nephi_scrub_add(f->scrub, "hunter22"), 0);
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
        neph_header header = {secrets[i].name, secrets[i].value};
        asked one = {.body = secrets[i].body, .exchange = {.headers = &header, .header_count = 1}};
        snprintf(text, sizeof text, "%s\n---\n200\n\n", secrets[i].recorded);
        file_write(f->dir, "it.http", text);
        ask_replay(f, &one, "PUT", secrets[i].url);
        assert_int_equal(one.done_status, NEPH_PROTOCOL);
        if (!strstr(one.message, secrets[i].says) || strstr(one.message, "er22"))
            fail_msg("%zu: %s", i, one.message);
        asked_fini(&one);
    }
}

static void test_replay__shows_no_secret_when_nothing_is_left(void **state)
{
    fixture *f = *state;
    asked one = {.pauses = 0}, two = {.pauses = 0};
    void *replay;
    assert_int_equal(nephi_scrub_add(f->scrub, "hunter22"), 0);
    file_write(f->dir, "it.http", "GET /a\n---\n200\n");
    replay = replay_of(f, f->dir);
    ask(&one, &nephi_replay_transport, replay, "GET", "http://h/a");
    ask(&two, &nephi_replay_transport, replay, "GET", "http://h/hunter22?X-Amz-Signature=ab");
    nephi_replay_transport.close(replay);
    assert_non_null(strstr(two.message, "GET /[redacted]?X-Amz-Signature=[redacted]: all 1"));
    asked_fini(&one);
    asked_fini(&two);
}

typedef struct row {
    const char *recorded;
    const char *method, *url, *body, *header; /* header: the value of X-Thing */
    const char *difference;                   /* in the message; NULL: they agree */
} row;

static const row rows[] = {
    {"GET /a", "GET", "http://h/a", NULL, NULL, NULL},
    {"GET /", "GET", "http://h", NULL, NULL, NULL},
    {"GET /a", "HEAD", "http://h/a", NULL, NULL, "the method is \"HEAD\", recorded was \"GET\""},
    {"GET /a", "GET", "http://h/b", NULL, NULL, "the path is \"/b\", recorded was \"/a\""},
    {"GET /a%20b", "GET", "http://h/a+b", NULL, NULL, "the path"},
    {"GET /a?x=1&y=2&y=2", "GET", "http://h/a?y=2&x=1&y=2", NULL, NULL, NULL},
    {"GET /a?x=1&y=2", "GET", "http://h/a?y=2&x=1&y=2", NULL, NULL,
     "the query is \"y=2\", recorded was \"\""},
    {"GET /a?x=1&y=2", "GET", "http://h/a?y=3&x=1", NULL, NULL,
     "the query is \"y=3\", recorded was \"y=2\""},
    {"GET /a?X-Amz-Signature=1&x=1", "GET", "http://h/a?x=1&X-Amz-Signature=2&X-Amz-Date=3", NULL,
     NULL, NULL},
    {"GET /a?token=[redacted]", "GET", "http://h/a?token=abc", NULL, NULL, NULL},
    {"GET /a/[any]/c", "GET", "http://h/a/b/b/c", NULL, NULL, NULL},
    {"GET /a/[any]/c", "GET", "http://h/a/b/b/d", NULL, NULL, "the path"},
    {"GET /a\nX-Thing: 1", "GET", "http://h/a", NULL, "1", NULL},
    {"GET /a\nx-thing: 1", "GET", "http://h/a", NULL, "2", "x-thing is \"2\", recorded was \"1\""},
    {"GET /a\nX-Thing: 1", "GET", "http://h/a", NULL, NULL, "X-Thing is \"\", recorded was \"1\""},
    {"GET /a\nX-Thing: [redacted]", "GET", "http://h/a", NULL, "tok", NULL},
    {"GET /a\nDate: x\nAuthorization: y\nUser-Agent: z\nHost: q\nX-Amz-Content-Sha256: 00", "GET",
     "http://h/a", NULL, NULL, NULL},
    {"GET /a", "GET", "http://h/a", NULL, "not recorded", NULL},
    {"PUT /a", "PUT", "http://h/a", "any body", NULL, NULL},
    {"PUT /a\n\nabcdef", "PUT", "http://h/a", "abcdef", NULL, NULL},
    {"PUT /a\n\nabcdef", "PUT", "http://h/a", "abcdxf", NULL,
     "the body from byte 4 on is \"xf\", recorded was \"ef\""},
    {"PUT /a\n\nabcdef", "PUT", "http://h/a", NULL, NULL, "the body from byte 0 on is \"\""},
    {"PUT /a\n", "PUT", "http://h/a", "x", NULL, "the body from byte 0 on is \"x\""},
    {"PUT /a\nNeph-Body: base64\n\nYWJj\nZGVm", "PUT", "http://h/a", "abcdef", NULL, NULL},
    {"PUT /a\nNeph-Body: omitted 3", "PUT", "http://h/a", "abc", NULL, NULL},
    {"PUT /a\nNeph-Body: omitted 4", "PUT", "http://h/a", "abc", NULL, "has 3 bytes"},
    {"POST /a\nContent-Type: application/x-www-form-urlencoded\n\na=1&b=2", "POST", "http://h/a",
     "b=2&a=1&Timestamp=9", "form", NULL},
    {"POST /a\nContent-Type: application/x-www-form-urlencoded\n\na=1&b=2", "POST", "http://h/a",
     "b=3&a=1", "form", "the form is \"b=3\", recorded was \"b=2\""},
};

static void test_replay__compares_the_request(void **state)
{
    fixture *f = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        asked one = {.body = rows[i].body};
        neph_header header = {"X-Thing", rows[i].header};
        char text[512];
        snprintf(text, sizeof text, "%s\n---\n200\n\n", rows[i].recorded);
        file_write(f->dir, "it.http", text);
        if (rows[i].header && strcmp(rows[i].header, "form") == 0) {
            header.name = "Content-Type";
            header.value = "application/x-www-form-urlencoded";
        }
        one.exchange.headers = &header;
        one.exchange.header_count = rows[i].header != NULL;
        ask_replay(f, &one, rows[i].method, rows[i].url);
        if (rows[i].difference) {
            assert_int_equal(one.done_status, NEPH_PROTOCOL);
            if (!strstr(one.message, rows[i].difference) || !strstr(one.message, "it.http"))
                fail_msg("%s: %s", rows[i].recorded, one.message);
        } else if (one.done_status) {
            fail_msg("%s: %s", rows[i].recorded, one.message);
        }
        asked_fini(&one);
    }
}

static void test_replay__gives_no_answer_of_all_to_a_part_or_a_condition(void **state)
{
    static const char *const names[] = {"Range", "If-Match", "If-None-Match", "if-modified-since",
                                        "If-Unmodified-Since"};
    fixture *f = *state;
    file_write(f->dir, "it.http", "GET /a\n---\n200\n\nwhole");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        neph_header header = {names[i], "v"};
        asked one = {.exchange = {.headers = &header, .header_count = 1}};
        ask_replay(f, &one, "GET", "http://h/a");
        assert_int_equal(one.done_status, NEPH_PROTOCOL);
        assert_non_null(strstr(one.message, names[i]));
        assert_non_null(strstr(one.message, "is \"v\", recorded was \"\""));
        asked_fini(&one);
    }
}

static void test_replay__names_the_line_of_what_is_no_recording(void **state)
{
    static const struct {
        const char *text, *message;
    } bad[] = {
        {"GET /a\n", "it.http:1: no line \"---\""},
        {"---\n200\n", "it.http:1: a request line"},
        {"GET\n---\n200\n", "a request line"},
        {"GET /a\nno header\n---\n200\n", "it.http:2: a header line"},
        {"GET /a\n---\n", "a status line"},
        {"GET /a\n---\nOK\n", "a status line"},
        {"GET /a\n---\n100\n", "a status line"},
        {"GET /a\n---\nHTTP 000\n", "status 000 without"},
        {"GET /a\n---\n200\nNeph-Failure: -12\n", "STATUS SENT MESSAGE"},
        {"GET /a\n---\n200\nNeph-Failure: 12 1 x\n", "STATUS SENT MESSAGE"},
        {"GET /a\n---\n200\nNeph-Failure: -12 4 x\n", "STATUS SENT MESSAGE"},
        {"GET /a\n---\n200\nNeph-Body: base64\n\n****\n", "no base64"},
        {"GET /a\n---\n200\nNeph-Body: file ../etc\n", "beside the recording"},
        {"GET /a\n---\n200\nNeph-Body: file nowhere\n", "not there"},
        {"GET /a\n---\n200\nNeph-Body: gzip\n", "base64, file NAME or omitted SIZE"},
        {"GET /a\n---\n200\nNeph-Body: omitted 5\n", "cannot be replayed"},
    };
    fixture *f = *state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        asked one = {.pauses = 0};
        file_write(f->dir, "it.http", bad[i].text);
        ask_replay(f, &one, "GET", "http://h/a");
        assert_int_equal(one.done_status, NEPH_PROTOCOL);
        if (!strstr(one.message, bad[i].message))
            fail_msg("%s: %s", bad[i].text, one.message);
        asked_fini(&one);
    }
}

static void test_replay__reads_a_body_from_a_file_beside(void **state)
{
    fixture *f = *state;
    asked one = {.pauses = 0};
    file_write(f->dir, "blocks.json", "[1]\n");
    file_write(f->dir, "it.http", "GET /a\n---\n200\nNeph-Body: file blocks.json\n");
    ask_replay(f, &one, "GET", "http://h/a");
    assert_string_equal(one.reply.data, "[1]\n");
    asked_fini(&one);
}

static void test_replay__repeats_a_failure(void **state)
{
    fixture *f = *state;
    asked one = {.pauses = 0}, two = {.pauses = 0};
    file_write(f->dir, "it.http", "GET /a\n---\nHTTP 000\nNeph-Failure: -12 0 no connection\n");
    ask_replay(f, &one, "GET", "http://h/a");
    assert_int_equal(one.done_status, NEPH_NETWORK);
    assert_int_equal(one.sent, 0);
    assert_int_equal(one.http_status, 0);
    assert_string_equal(one.message, "no connection");
    file_write(f->dir, "it.http", "GET /a\n---\n200\nNeph-Failure: -12 1 lost\n\nhalf\n");
    ask_replay(f, &two, "GET", "http://h/a");
    assert_int_equal(two.done_status, NEPH_NETWORK);
    assert_int_equal(two.sent, 1);
    assert_string_equal(two.reply.data, "half");
    asked_fini(&one);
    asked_fini(&two);
}

static void test_replay__waits_for_resume_and_offers_the_bytes_again(void **state)
{
    fixture *f = *state;
    asked one = {.pauses = 2};
    void *replay;
    file_write(f->dir, "it.http", "GET /a\n---\n200\n\nabc\n");
    replay = replay_of(f, f->dir);
    ask(&one, &nephi_replay_transport, replay, "GET", "http://h/a");
    assert_false(one.is_done);
    assert_int_equal(nephi_replay_transport.timeout_ms(replay), -1);
    nephi_replay_transport.dispatch(replay);
    assert_int_equal(one.pauses, 1);
    for (int i = 0; i < 2; i++) {
        nephi_replay_transport.resume(replay, &one.exchange);
        assert_int_equal(nephi_replay_transport.timeout_ms(replay), 0);
        nephi_replay_transport.dispatch(replay);
    }
    assert_true(one.is_done);
    assert_string_equal(one.reply.data, "abc");
    nephi_replay_transport.close(replay);
    asked_fini(&one);
}

static const char *const callbacks[] = {"read_body", "on_status", "on_header", "on_headers_done",
                                        "on_body"};

static void test_replay__may_be_cancelled_in_every_callback(void **state)
{
    fixture *f = *state;
    file_write(f->dir, "it.http", "PUT /a\n\nbody\n---\n200\nA: b\nC: d\n\nabc\n");
    for (size_t i = 0; i < sizeof callbacks / sizeof *callbacks; i++) {
        asked one = {.body = "body", .cancel_in = callbacks[i]};
        ask_replay(f, &one, "PUT", "http://h/a");
        assert_false(one.is_done);
        assert_null(one.exchange.transport);
        asked_fini(&one);
    }
}

static void test_replay__refuses_a_directory_without_recordings(void **state)
{
    fixture *f = *state;
    void *replay = NULL;
    assert_int_equal(nephi_replay_create(&replay, f->dir, f->scrub, &f->memory, &f->error),
                     NEPH_NOT_FOUND);
    assert_null(replay);
    nephi_error_clear(&f->error);
    assert_int_equal(
        nephi_replay_create(&replay, "/nowhere/at/all", f->scrub, &f->memory, &f->error),
        NEPH_FILE);
    assert_non_null(strstr(f->error.message, "/nowhere/at/all"));
}

static char attempt_dir[64];

static int attempt_read(const nephi_memory *memory)
{
    nephi_recording recording;
    int rc = nephi_recording_read(&recording, memory, attempt_dir, "it.http", NULL);
    if (!rc)
        nephi_recording_fini(&recording);
    return rc;
}

static void test_replay__reads_a_recording_or_says_that_memory_is_out(void **state)
{
    fixture *f = *state;
    snprintf(attempt_dir, sizeof attempt_dir, "%s", f->dir);
    file_write(f->dir, "it.http", "PUT /a\nA: b\n\nbody\n---\n200\nNeph-Body: base64\n\nYWJj\n");
    test_every_allocation_fails(attempt_read);
}

static int attempt_compare(const nephi_memory *memory)
{
    neph_header header = {"A", "hunter22"};
    const neph_exchange exchange = {
        .method = "PUT", .url = "http://h/a?b=hunter22", .headers = &header, .header_count = 1};
    nephi_recording recording;
    nephi_scrub *scrub = NULL;
    nephi_buffer body;
    nephi_error error;
    int rc = nephi_recording_read(&recording, memory, attempt_dir, "it.http", NULL);
    if (rc)
        return rc;
    nephi_error_clear(&error);
    nephi_buffer_init(&body, memory, 100);
    rc = nephi_buffer_text(&body, "bodx");
    if (!rc)
        rc = nephi_scrub_new(&scrub, memory);
    if (!rc)
        rc = nephi_scrub_add(scrub, "hunter22");
    if (!rc) {
        rc = nephi_recording_compare(&recording, "it.http", &exchange, &body, scrub, &error);
        assert_int_equal(rc, error.status);
        assert_non_null(strstr(error.message, rc == NEPH_PROTOCOL ? "the body" : "memory"));
    }
    nephi_scrub_free(scrub);
    nephi_buffer_fini(&body);
    nephi_recording_fini(&recording);
    return rc == NEPH_PROTOCOL ? 0 : rc;
}

static void test_replay__names_a_difference_or_says_that_memory_is_out(void **state)
{
    fixture *f = *state;
    snprintf(attempt_dir, sizeof attempt_dir, "%s", f->dir);
    file_write(f->dir, "it.http", "PUT /a?b=[redacted]\nA: [any]\n\nbody\n---\n200\n");
    test_every_allocation_fails(attempt_compare);
}

/* ---- the recorder, around a replay */

/* A recorder in f->copy around a replay of f->dir. */
static void *recorder_of(fixture *f)
{
    void *inner = replay_of(f, f->dir), *state = NULL;
    assert_int_equal(nephi_recorder_create(&state, &nephi_replay_transport, inner, f->copy,
                                           f->scrub, &f->memory, &f->error),
                     0);
    return state;
}

static void record(fixture *f, asked *one, const char *method, const char *url)
{
    void *state = recorder_of(f);
    ask(one, &nephi_recorder_transport, state, method, url);
    nephi_recorder_transport.close(state);
}

static void test_recorder__writes_what_can_be_read(void **state)
{
    fixture *f = *state;
    neph_header headers[] = {{"Accept", "*/*"}, {"X-Empty", ""}};
    asked one = {.body = "a=1", .exchange = {.headers = headers, .header_count = 2}};
    struct stat info;
    char path[128];
    file_write(f->dir, "it.http", "POST /a?b=c\n---\n201\nETag: \"x\"\n\n{\"n\": 1}\n\n");
    record(f, &one, "POST", "https://h:8443/a?b=c");
    assert_int_equal(one.done_status, 0);
    assert_string_equal(file_read(f->copy, "0001.http"),
                        "POST /a?b=c\nHost: h:8443\nAccept: */*\nX-Empty: \n\na=1\n---\nHTTP 201\n"
                        "ETag: \"x\"\n\n{\"n\": 1}\n\n");
    snprintf(path, sizeof path, "%s/0001.http", f->copy);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    asked_fini(&one);
}

/* Bodies that a text file could spoil. */
static const char *const bodies[] = {"",
                                     "\n",
                                     "a\n",
                                     "a\n\n",
                                     "no end",
                                     "---",
                                     "x\n---\ny\n",
                                     "\r\n",
                                     "a\r\nb",
                                     "\xff\xfe",
                                     "\x01",
                                     "Neph-Body: base64\n\n",
                                     "ünïcödé\n\ttabs"};

static void body_round(fixture *f, const char *text)
{
    asked first = {.body = text}, again = {.body = text};
    char base64[128], recording[512];
    void *replay;
    nephi_base64_encode(base64, (const unsigned char *)text, strlen(text));
    snprintf(recording, sizeof recording, "PUT /a\n---\n200\nNeph-Body: base64\n\n%s\n", base64);
    file_write(f->dir, "it.http", recording);
    record(f, &first, "PUT", "http://h/a");
    replay = replay_of(f, f->copy);
    ask(&again, &nephi_replay_transport, replay, "PUT", "http://h/a");
    nephi_replay_transport.close(replay);
    if (again.done_status)
        fail_msg("%s: %s", text, again.message);
    assert_string_equal(nephi_buffer_string(&again.reply), text);
    asked_fini(&first);
    asked_fini(&again);
    dir_remove(f->copy);
}

static void test_recorder__keeps_every_body_to_the_byte(void **state)
{
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        body_round(*state, bodies[i]);
}

static void test_recorder__holds_no_secret(void **state)
{
    fixture *f = *state;
    neph_header headers[] = {{"Authorization", "Basic Y3VzdG9tZXI6aHVudGVyMjI="},
                             {"X-Custom", "hunter22"},
                             {"X-Auth-Token", "not-even-declared"}};
    asked one = {.body = "user=a&password=hunter22&b=aHVudGVyMjI%3D",
                 .exchange = {.headers = headers, .header_count = 3}};
    file_write(f->dir, "it.http",
               "POST /hunter22\n---\n200\nX-Subject-Token: fresh-token\nSet-Cookie: a=b\n\n"
               "{\"echo\": \"hunter\\u00322\", \"more\": \"68756e7465723232\"}");
    assert_int_equal(nephi_scrub_add(f->scrub, "hunter22"), 0);
    record(f, &one, "POST", "http://h/hunter22?X-Amz-Signature=abcd");
    assert_int_equal(one.done_status, 0);
    assert_string_equal(
        file_read(f->copy, "0001.http"),
        "POST /[redacted]?X-Amz-Signature=[redacted]\nHost: h\n"
        "Authorization: [redacted]\nX-Custom: [redacted]\nX-Auth-Token: [redacted]\n\n"
        "user=a&password=[redacted]&b=[redacted]%3D\n---\nHTTP 200\n"
        "X-Subject-Token: [redacted]\nSet-Cookie: [redacted]\n\n"
        "{\"echo\": \"[redacted]\", \"more\": \"[redacted]\"}\n");
    asked_fini(&one);
}

static void test_recorder__scrubs_what_was_learnt_from_the_reply(void **state)
{
    fixture *f = *state;
    asked one = {.learns = f->scrub};
    file_write(f->dir, "it.http", "GET /a\n---\n200\n\nfresh-token\n");
    record(f, &one, "GET", "http://h/a");
    assert_null(strstr(file_read(f->copy, "0001.http"), "fresh"));
    asked_fini(&one);
}

static void test_recorder__scrubs_what_is_forgotten_when_the_call_ends(void **state)
{
    fixture *f = *state;
    asked one = {.body = "p=hunter22", .forgets = f->scrub, .secret = "hunter22"};
    assert_int_equal(nephi_scrub_add(f->scrub, "hunter22"), 0);
    file_write(f->dir, "it.http", "POST /a\n---\n200\n\nhunter22\n");
    record(f, &one, "POST", "http://h/a");
    assert_non_null(strstr(file_read(f->copy, "0001.http"), "p=[redacted]"));
    assert_null(strstr(file_read(f->copy, "0001.http"), "hunter22"));
    asked_fini(&one);
}

static void test_recorder__writes_cancelled_exchanges_too(void **state)
{
    fixture *f = *state;
    file_write(f->dir, "it.http", "PUT /a\n\nbody\n---\n200\nA: b\n\nabc\n");
    for (size_t i = 0; i < sizeof callbacks / sizeof *callbacks; i++) {
        asked one = {.body = "body", .cancel_in = callbacks[i]};
        record(f, &one, "PUT", "http://h/a");
        assert_false(one.is_done);
        assert_non_null(strstr(file_read(f->copy, "0001.http"), "Neph-Failure: -17 1 cancelled"));
        asked_fini(&one);
        dir_remove(f->copy);
    }
    assert_true(sizeof callbacks / sizeof *callbacks > 0);
}

static void test_recorder__keeps_that_a_failure_is_permanent(void **state)
{
    static const struct {
        const char *recorded;
        int sent, is_permanent;
    } failures[] = {{"-12 0 lost", 0, 0},
                    {"-12 1 lost", 1, 0},
                    {"-12 2 no trust", 0, 1},
                    {"-12 3 no trust", 1, 1}};
    fixture *f = *state;
    char text[96];
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
        asked one = {.pauses = 0};
        snprintf(text, sizeof text, "GET /a\n---\nHTTP 000\nNeph-Failure: %s\n",
                 failures[i].recorded);
        file_write(f->dir, "it.http", text);
        record(f, &one, "GET", "http://h/a");
        assert_int_equal(one.done_status, NEPH_NETWORK);
        assert_int_equal(one.sent, failures[i].sent);
        assert_int_equal(one.exchange.is_permanent, failures[i].is_permanent);
        assert_non_null(strstr(file_read(f->copy, "0001.http"), failures[i].recorded));
        asked_fini(&one);
        dir_remove(f->copy);
    }
}

static void test_recorder__passes_backpressure_on(void **state)
{
    fixture *f = *state;
    asked one = {.pauses = 1};
    void *recorder;
    file_write(f->dir, "it.http", "GET /a\n---\n200\n\nabc\n");
    recorder = recorder_of(f);
    ask(&one, &nephi_recorder_transport, recorder, "GET", "http://h/a");
    assert_false(one.is_done);
    nephi_recorder_transport.resume(recorder, &one.exchange);
    nephi_recorder_transport.dispatch(recorder);
    assert_true(one.is_done);
    nephi_recorder_transport.close(recorder);
    assert_non_null(strstr(file_read(f->copy, "0001.http"), "\n\nabc\n"));
    asked_fini(&one);
}

static void test_recorder__refuses_a_directory_with_recordings(void **state)
{
    fixture *f = *state;
    void *outer = NULL;
    file_write(f->dir, "it.http", "GET /a\n---\n200\n");
    assert_int_equal(nephi_recorder_create(&outer, &nephi_replay_transport, NULL, f->dir, f->scrub,
                                           &f->memory, &f->error),
                     NEPH_EXISTS);
    nephi_error_clear(&f->error);
    assert_int_equal(nephi_recorder_create(&outer, &nephi_replay_transport, NULL, "/nowhere/at/all",
                                           f->scrub, &f->memory, &f->error),
                     NEPH_FILE);
    assert_null(outer);
}

static void test_recorder__begins_nothing_after_a_recording_was_lost(void **state)
{
    fixture *f = *state;
    asked one = {.pauses = 0}, two = {.pauses = 0};
    void *recorder;
    file_write(f->dir, "1.http", "GET /a\n---\n200\n");
    file_write(f->dir, "2.http", "GET /a\n---\n200\n");
    recorder = recorder_of(f);
    file_write(f->copy, "0001.http", "somebody else's");
    ask(&one, &nephi_recorder_transport, recorder, "GET", "http://h/a");
    assert_int_equal(one.done_status, 0);
    assert_int_equal(nephi_recorder_transport.start(recorder, &two.exchange), NEPH_FILE);
    nephi_recorder_transport.close(recorder);
    assert_string_equal(file_read(f->copy, "0001.http"), "somebody else's");
    asked_fini(&one);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_replay__answers_from_the_least_recording),
        TEST(test_replay__hands_on_headers_and_corrects_the_length),
        TEST(test_replay__uses_recordings_in_order_and_once),
        TEST(test_replay__compares_the_request),
        TEST(test_replay__shows_no_secret_in_a_message),
        TEST(test_replay__shows_no_secret_when_nothing_is_left),
        TEST(test_replay__gives_no_answer_of_all_to_a_part_or_a_condition),
        TEST(test_replay__names_the_line_of_what_is_no_recording),
        TEST(test_replay__reads_a_body_from_a_file_beside),
        TEST(test_replay__repeats_a_failure),
        TEST(test_replay__waits_for_resume_and_offers_the_bytes_again),
        TEST(test_replay__may_be_cancelled_in_every_callback),
        TEST(test_replay__refuses_a_directory_without_recordings),
        TEST(test_replay__reads_a_recording_or_says_that_memory_is_out),
        TEST(test_replay__names_a_difference_or_says_that_memory_is_out),
        TEST(test_recorder__writes_what_can_be_read),
        TEST(test_recorder__keeps_every_body_to_the_byte),
        TEST(test_recorder__holds_no_secret),
        TEST(test_recorder__scrubs_what_was_learnt_from_the_reply),
        TEST(test_recorder__scrubs_what_is_forgotten_when_the_call_ends),
        TEST(test_recorder__writes_cancelled_exchanges_too),
        TEST(test_recorder__keeps_that_a_failure_is_permanent),
        TEST(test_recorder__passes_backpressure_on),
        TEST(test_recorder__refuses_a_directory_with_recordings),
        TEST(test_recorder__begins_nothing_after_a_recording_was_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
