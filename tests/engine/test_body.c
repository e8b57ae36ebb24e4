/*
 * Bodies: each kind of source and sink, digests on demand, frames.
 */
#include "tests/engine/stand.h"

#include "core/loop.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHA256_OF_BODY "230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5"
#define MD5_OF_KEY "3c6e0b8a9c15224a8228b9a98ca1531d"

static const mock_reply stored[] = {{.headers = "ETag: \"e1\"\n", .stays = 1}};
static const mock_reply content[] = {
    {.headers = "ETag: W/\"e1\"\nContent-Length: 12\n", .body = "hello, world", .stays = 1}};

static neph_source source_of(int32_t from)
{
    neph_source source = NEPH_SOURCE_INIT;
    source.from = from;
    return source;
}

static neph_sink sink_of(int32_t to)
{
    neph_sink sink = NEPH_SINK_INIT;
    sink.to = to;
    return sink;
}

static neph_source text_source(const char *text)
{
    neph_source source = source_of(NEPH_BODY_MEMORY);
    source.data = text;
    source.data_size = strlen(text);
    return source;
}

/* Puts it, and returns the status. */
static int put(stand *s, const neph_source *source)
{
    neph_call *call = neph_object_put(s->cloud, "b", "k", source, NULL);
    int rc = stand_run(call);
    neph_call_free(call);
    return rc;
}

static void check_body(const mock_request *request, size_t offset, size_t size)
{
    assert_int_equal(request->body_size, size);
    assert_int_equal(request->promised, size);
    for (size_t i = 0; i < size; i++)
        if (request->body[i] != stand_byte(offset + i))
            fail_msg("byte %zu differs", i);
}

/* ---- sources */

static void test_engine__a_file_is_sent(void **state)
{
    stand *s = *state;
    neph_source source = source_of(NEPH_BODY_FILE);
    const neph_object *object;
    neph_call *call;
    int64_t done, total;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, stored);
    source.path = stand_file(s, "in", 100001);
    call = neph_object_put(s->cloud, "b", "a b/c", &source, NULL);
    neph_call_progress(call, &done, &total);
    assert_int_equal(done, 0);
    assert_int_equal(total, 100001);
    assert_int_equal(stand_run(call), 0);
    check_body(&s->mock.requests[0], 0, 100001);
    neph_call_progress(call, &done, &total);
    assert_int_equal(done, 100001);
    assert_int_equal(total, 100001);
    object = (const neph_object *)neph_call_result(call);
    assert_string_equal(object->etag, "e1");
    assert_string_equal(s->mock.requests[0].url, "http://mill.test:8080/b/a%20b/c");
    neph_call_free(call);
}

static void test_engine__an_empty_file_is_sent(void **state)
{
    stand *s = *state;
    neph_source source = source_of(NEPH_BODY_FILE);
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, stored);
    source.path = stand_file(s, "in", 0);
    assert_int_equal(put(s, &source), 0);
    assert_int_equal(s->mock.requests[0].promised, 0);
}

static void test_engine__a_descriptor_is_sent_from_where_it_stands(void **state)
{
    stand *s = *state;
    neph_source source = source_of(NEPH_BODY_DESCRIPTOR);
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, stored);
    source.fd = open(stand_file(s, "in", 5000), O_RDONLY);
    assert_int_equal(lseek(source.fd, 1000, SEEK_SET), 1000);
    assert_int_equal(put(s, &source), 0);
    check_body(&s->mock.requests[0], 1000, 4000);
    assert_int_equal(fcntl(source.fd, F_GETFD) >= 0, 1);
    close(source.fd);
}

static void test_engine__a_missing_file_fails_before_anything_is_sent(void **state)
{
    stand *s = *state;
    neph_source source = source_of(NEPH_BODY_FILE);
    neph_call *call;
    stand_open(s, "mill");
    source.path = "/nonexistent/file";
    call = neph_object_put(s->cloud, "b", "k", &source, NULL);
    assert_int_equal(neph_wait(call), NEPH_FILE);
    assert_non_null(strstr(neph_call_error(call)->message, "/nonexistent/file"));
    neph_call_free(call);
    source.path = s->dir;
    call = neph_object_put(s->cloud, "b", "k", &source, NULL);
    assert_int_equal(neph_wait(call), NEPH_FILE);
    assert_non_null(strstr(neph_call_error(call)->message, "directory"));
    neph_call_free(call);
    assert_int_equal(s->mock.request_count, 0);
}

static void test_engine__a_file_that_shrinks_is_an_error(void **state)
{
    stand *s = *state;
    neph_source source = source_of(NEPH_BODY_FILE);
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, stored);
    source.path = stand_file(s, "in", 200000);
    s->mock.is_slow = 1;
    call = neph_object_put(s->cloud, "b", "k", &source, NULL);
    stand_turn(s, 4);
    assert_int_equal(truncate(source.path, 10), 0);
    assert_int_equal(stand_run(call), NEPH_FILE);
    assert_non_null(strstr(neph_call_error(call)->message, "shorter"));
    assert_int_equal(s->mock.request_count, 1);
    neph_call_free(call);
}

static void test_engine__a_file_that_shrinks_while_it_is_digested_is_an_error(void **state)
{
    stand *s = *state;
    neph_source source = source_of(NEPH_BODY_FILE);
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, stored);
    mill.is_hashed = 1;
    source.path = stand_file(s, "in", 20 << 20);
    call = neph_object_put(s->cloud, "b", "k", &source, NULL);
    stand_turn(s, 2);
    assert_int_equal(truncate(source.path, 10), 0);
    assert_int_equal(stand_run(call), NEPH_FILE);
    assert_int_equal(s->mock.request_count, 0);
    neph_call_free(call);
}

typedef struct giver {
    size_t at, size, piece;
    int again; /* every so many calls: nothing yet */
    int calls;
    int64_t answer; /* in place of bytes, in the end */
    neph_call *call;
    int what; /* 1: cancel, 2: free, 3: wait in the function */
} giver;

static int64_t give(void *data, size_t size, void *user)
{
    giver *g = user;
    char *out = data;
    size_t left = g->size - g->at;
    g->calls++;
    if (g->what == 1)
        neph_call_cancel(g->call);
    if (g->what == 2)
        neph_call_free(g->call);
    if (g->what == 3)
        assert_int_equal(neph_wait(g->call), NEPH_BUSY);
    if (g->again && g->calls % g->again == 0)
        return NEPH_AGAIN;
    if (!left)
        return g->answer;
    if (size > left)
        size = left;
    if (g->piece && size > g->piece)
        size = g->piece;
    for (size_t i = 0; i < size; i++)
        out[i] = stand_byte(g->at + i);
    g->at += size;
    return (int64_t)size;
}

static neph_source giver_source(giver *g, int64_t length)
{
    neph_source source = source_of(NEPH_BODY_CALLBACK);
    source.read = give;
    source.user = g;
    source.length = length;
    return source;
}

static void test_engine__a_callback_of_known_length_streams(void **state)
{
    stand *s = *state;
    giver g = {.size = 50000, .piece = 999};
    neph_source source = giver_source(&g, 50000);
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, stored);
    assert_int_equal(put(s, &source), 0);
    check_body(&s->mock.requests[0], 0, 50000);
    assert_int_equal(stand_files(s), 0);
}

static void test_engine__a_callback_of_unknown_length_is_spooled(void **state)
{
    stand *s = *state;
    giver g = {.size = 600000, .again = 3};
    neph_source source = giver_source(&g, -1);
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, stored);
    assert_int_equal(put(s, &source), 0);
    check_body(&s->mock.requests[0], 0, 600000);
    assert_int_equal(stand_files(s), 0);
}

static void test_engine__a_callback_with_nothing_yet_is_resumed(void **state)
{
    stand *s = *state;
    giver g = {.size = 1000, .again = 2, .piece = 300};
    neph_source source = giver_source(&g, 1000);
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, stored);
    call = neph_object_put(s->cloud, "b", "k", &source, NULL);
    stand_turn(s, 10);
    assert_int_equal(g.calls, 2);
    assert_int_equal(neph_wait_for(call, 20), NEPH_AGAIN);
    for (int i = 0; i < 20 && !neph_call_is_done(call); i++) {
        neph_call_resume(call);
        stand_turn(s, 3);
    }
    assert_int_equal(neph_wait(call), 0);
    check_body(&s->mock.requests[0], 0, 1000);
    neph_call_free(call);
}

static void test_engine__a_callback_that_ends_early_or_fails_is_an_error(void **state)
{
    static const struct {
        int64_t answer;
        int status;
    } rows[] = {{0, NEPH_FILE},
                {NEPH_NETWORK, NEPH_NETWORK},
                {NEPH_BUSY, NEPH_INVALID},
                {INT64_MIN, NEPH_INVALID},
                {1 << 30, NEPH_INVALID}};
    stand *s = *state;
    s->config.max_attempts = 1;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, stored);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        giver g = {.size = 10, .answer = rows[i].answer};
        neph_source source = giver_source(&g, 20);
        assert_int_equal(put(s, &source), rows[i].status);
    }
}

static void test_engine__a_stream_that_has_begun_is_not_sent_again(void **state)
{
    static const mock_reply replies[] = {{.fail = MOCK_FAIL_SENT}, {0}};
    stand *s = *state;
    giver g = {.size = 50};
    neph_source source = giver_source(&g, 50);
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    assert_int_equal(put(s, &source), NEPH_NETWORK);
    assert_int_equal(s->mock.request_count, 1);
}

static void test_engine__a_file_is_sent_again_after_a_failure(void **state)
{
    static const mock_reply replies[] = {{.status = 503, .is_early = 1}, {0}};
    stand *s = *state;
    neph_source source = source_of(NEPH_BODY_FILE);
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    source.path = stand_file(s, "in", 30000);
    assert_int_equal(put(s, &source), 0);
    check_body(&s->mock.requests[1], 0, 30000);
}

static void test_engine__a_transport_may_start_the_body_over(void **state)
{
    stand *s = *state;
    neph_source source = source_of(NEPH_BODY_FILE);
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, stored);
    s->mock.is_rewinding = 1;
    source.path = stand_file(s, "in", 40000);
    assert_int_equal(put(s, &source), 0);
    check_body(&s->mock.requests[0], 0, 40000);
}

static void *pipe_fill(void *user)
{
    int fd = *(int *)user;
    char data[7919];
    size_t at = 0;
    for (int turn = 0; turn < 60; turn++) {
        for (size_t i = 0; i < sizeof data; i++)
            data[i] = stand_byte(at + i);
        at += sizeof data;
        if (write(fd, data, sizeof data) != sizeof data)
            break;
        usleep(500);
    }
    close(fd);
    return NULL;
}

static void test_engine__a_pipe_is_spooled_and_can_then_be_digested(void **state)
{
    for (int is_hashed = 0; is_hashed < 2; is_hashed++) {
        neph_source source = source_of(NEPH_BODY_DESCRIPTOR);
        pthread_t thread;
        int ends[2];
        stand *s;
        assert_int_equal(stand_setup(state), 0);
        s = *state;
        stand_open(s, "mill");
        MOCK_SCRIPT(&s->mock, stored);
        mill.is_hashed = is_hashed;
        assert_int_equal(pipe(ends), 0);
        assert_int_equal(pthread_create(&thread, NULL, pipe_fill, &ends[1]), 0);
        source.fd = ends[0];
        assert_int_equal(put(s, &source), 0);
        pthread_join(thread, NULL);
        check_body(&s->mock.requests[0], 0, 60 * 7919);
        assert_int_equal(mock_header(&s->mock, 0, "X-Digest") != NULL, is_hashed);
        assert_int_equal(stand_files(s), 0);
        close(ends[0]);
        assert_int_equal(stand_teardown(state), 0);
    }
}

static void test_engine__a_spool_that_cannot_be_made_is_an_error(void **state)
{
    stand *s = *state;
    giver g = {.size = 10};
    neph_source source = giver_source(&g, -1);
    s->config.temporary_dir = "/nonexistent";
    stand_open(s, "mill");
    assert_int_equal(put(s, &source), NEPH_FILE);
}

static void test_engine__a_source_may_cancel_or_free_its_call(void **state)
{
    static const int64_t lengths[] = {5000, -1};
    for (int turn = 0; turn < 12; turn++) {
        giver g = {.size = 5000, .piece = 100, .what = 1 + turn % 3};
        neph_source source = giver_source(&g, lengths[turn / 3 % 2]);
        stand *s;
        assert_int_equal(stand_setup(state), 0);
        s = *state;
        stand_open(s, turn < 6 ? "mill" : "probe");
        if (turn < 6)
            MOCK_SCRIPT(&s->mock, stored);
        else {
            static const mock_reply replies[] = {
                {.match = "/v3", .headers = "X-Subject-Token: t\n", .body = "{}"}, {0}};
            MOCK_SCRIPT(&s->mock, replies);
        }
        g.call = neph_object_put(s->cloud, "b", "k", &source, NULL);
        if (g.what == 2) {
            stand_turn(s, 12);
            assert_int_equal(g.calls, 1);
        } else {
            assert_int_equal(stand_run(g.call), g.what == 1 ? NEPH_CANCELLED : 0);
            neph_call_free(g.call);
        }
        assert_int_equal(stand_teardown(state), 0);
    }
}

/* ---- sinks */

static int get(stand *s, const neph_sink *sink)
{
    neph_call *call = neph_object_get(s->cloud, "b", "k", sink, NULL);
    int rc = stand_run(call);
    neph_call_free(call);
    return rc;
}

static void check_file(stand *s, const char *name, const char *text)
{
    char data[256];
    FILE *file = fopen(stand_path(s, name), "r");
    size_t size;
    assert_non_null(file);
    size = fread(data, 1, sizeof data - 1, file);
    fclose(file);
    data[size] = 0;
    assert_string_equal(data, text);
}

static void test_engine__a_body_goes_to_memory(void **state)
{
    stand *s = *state;
    neph_sink sink = sink_of(NEPH_BODY_MEMORY);
    const neph_object *object;
    neph_call *call;
    const void *data;
    size_t size;
    int64_t done, total;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, content);
    s->mock.piece = 5;
    call = neph_object_get(s->cloud, "b", "k", &sink, NULL);
    assert_int_equal(stand_run(call), 0);
    data = neph_call_data(call, &size);
    assert_int_equal(size, 12);
    assert_memory_equal(data, "hello, world", 12);
    object = (const neph_object *)neph_call_result(call);
    assert_string_equal(object->etag, "e1");
    neph_call_progress(call, &done, &total);
    assert_int_equal(done, 12);
    assert_int_equal(total, 12);
    neph_call_free(call);
}

static void test_engine__memory_has_a_limit(void **state)
{
    stand *s = *state;
    neph_sink sink = sink_of(NEPH_BODY_MEMORY);
    neph_call *call;
    size_t size = 1;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, content);
    sink.limit = 11;
    call = neph_object_get(s->cloud, "b", "k", &sink, NULL);
    assert_int_equal(stand_run(call), NEPH_LIMIT);
    assert_null(neph_call_data(call, &size));
    assert_int_equal(size, 0);
    assert_int_equal(s->mock.request_count, 1);
    neph_call_free(call);
    sink.limit = 12;
    assert_int_equal(get(s, &sink), 0);
}

static void test_engine__a_file_gets_its_name_at_the_end(void **state)
{
    stand *s = *state;
    neph_sink sink = sink_of(NEPH_BODY_FILE);
    char path[128];
    neph_call *call;
    mode_t mask = umask(027);
    struct stat status;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, content);
    snprintf(path, sizeof path, "%s", stand_path(s, "out"));
    sink.path = path;
    s->mock.piece = 5;
    s->mock.is_slow = 1;
    call = neph_object_get(s->cloud, "b", "k", &sink, NULL);
    stand_turn(s, 4);
    assert_int_equal(stand_exists(s, "out"), 0);
    assert_int_equal(stand_files(s), 1);
    assert_int_equal(stand_run(call), 0);
    check_file(s, "out", "hello, world");
    assert_int_equal(stand_files(s), 1);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0640);
    umask(mask);
    neph_call_free(call);
}

static void test_engine__an_empty_body_makes_an_empty_file(void **state)
{
    static const mock_reply replies[] = {{.body = ""}};
    stand *s = *state;
    neph_sink sink = sink_of(NEPH_BODY_FILE);
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    sink.path = stand_path(s, "out");
    assert_int_equal(get(s, &sink), 0);
    check_file(s, "out", "");
}

static void test_engine__nothing_is_at_the_destination_after_a_failure(void **state)
{
    static const mock_reply rows[] = {
        {.status = 404, .body = "<Error><Code>NoSuchBucket</Code></Error>"},
        {.body = "hello, world", .fail = MOCK_FAIL_BODY, .fail_after = 7},
        {.fail = MOCK_FAIL_UNSENT},
        {.fail = MOCK_FAIL_HEADERS},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (int is_there = 0; is_there < 2; is_there++) {
            neph_sink sink = sink_of(NEPH_BODY_FILE);
            char path[128];
            stand *s;
            assert_int_equal(stand_setup(state), 0);
            s = *state;
            s->config.max_attempts = 1;
            stand_open(s, "mill");
            mock_script(&s->mock, &rows[i], 1);
            s->mock.piece = 3;
            if (is_there)
                stand_file(s, "out", 3);
            snprintf(path, sizeof path, "%s", stand_path(s, "out"));
            sink.path = path;
            assert_true(get(s, &sink) < 0);
            assert_int_equal(stand_files(s), is_there);
            if (is_there)
                check_file(s, "out", "abc");
            assert_int_equal(stand_teardown(state), 0);
        }
    }
}

static void test_engine__nothing_is_at_the_destination_after_a_cancel(void **state)
{
    stand *s = *state;
    neph_sink sink = sink_of(NEPH_BODY_FILE);
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, content);
    s->mock.piece = 5;
    s->mock.is_slow = 1;
    sink.path = stand_path(s, "out");
    call = neph_object_get(s->cloud, "b", "k", &sink, NULL);
    stand_turn(s, 4);
    assert_int_equal(stand_files(s), 1);
    neph_call_cancel(call);
    assert_int_equal(stand_files(s), 0);
    neph_call_free(call);
}

static void test_engine__a_download_that_broke_starts_over(void **state)
{
    static const mock_reply replies[] = {
        {.body = "hello, world", .fail = MOCK_FAIL_BODY, .fail_after = 7},
        {.body = "hello, world"}};
    static const int32_t kinds[] = {NEPH_BODY_FILE, NEPH_BODY_MEMORY};
    for (int i = 0; i < 2; i++) {
        neph_sink sink = sink_of(kinds[i]);
        neph_call *call;
        char path[128];
        size_t size;
        stand *s;
        assert_int_equal(stand_setup(state), 0);
        s = *state;
        stand_open(s, "mill");
        MOCK_SCRIPT(&s->mock, replies);
        snprintf(path, sizeof path, "%s", stand_path(s, "out"));
        sink.path = path;
        call = neph_object_get(s->cloud, "b", "k", &sink, NULL);
        assert_int_equal(stand_run(call), 0);
        if (kinds[i] == NEPH_BODY_FILE)
            check_file(s, "out", "hello, world");
        else
            assert_memory_equal(neph_call_data(call, &size), "hello, world", 12);
        neph_call_free(call);
        assert_int_equal(stand_teardown(state), 0);
    }
}

static void test_engine__a_directory_is_no_destination(void **state)
{
    stand *s = *state;
    neph_sink sink = sink_of(NEPH_BODY_FILE);
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, content);
    sink.path = s->dir;
    call = neph_object_get(s->cloud, "b", "k", &sink, NULL);
    assert_int_equal(stand_run(call), NEPH_FILE);
    assert_non_null(strstr(neph_call_error(call)->message, s->dir));
    neph_call_free(call);
    sink.path = "/nonexistent/dir/file";
    assert_int_equal(get(s, &sink), NEPH_FILE);
}

static void test_engine__a_device_is_written_not_replaced(void **state)
{
    stand *s = *state;
    neph_sink sink = sink_of(NEPH_BODY_FILE);
    struct stat status;
    char path[128], data[32];
    int fd;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, content);
    snprintf(path, sizeof path, "%s", stand_path(s, "fifo"));
    assert_int_equal(mkfifo(path, 0600), 0);
    fd = open(path, O_RDONLY | O_NONBLOCK);
    sink.path = path;
    assert_int_equal(get(s, &sink), 0);
    assert_int_equal(read(fd, data, sizeof data), 12);
    close(fd);
    assert_int_equal(stat(path, &status), 0);
    assert_true(S_ISFIFO(status.st_mode));
}

static void test_engine__a_full_disk_is_an_error(void **state)
{
    stand *s = *state;
    neph_sink sink = sink_of(NEPH_BODY_FILE);
    struct rlimit old, few = {.rlim_cur = 5};
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, content);
    sink.path = stand_path(s, "out");
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    few.rlim_max = old.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &few), 0);
    assert_int_equal(get(s, &sink), NEPH_FILE);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(stand_files(s), 0);
    signal(SIGXFSZ, handler);
}

static void test_engine__a_descriptor_gets_the_bytes_and_stays_open(void **state)
{
    stand *s = *state;
    neph_sink sink = sink_of(NEPH_BODY_DESCRIPTOR);
    char data[32];
    int ends[2];
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, content);
    assert_int_equal(pipe(ends), 0);
    sink.fd = ends[1];
    assert_int_equal(get(s, &sink), 0);
    assert_int_equal(read(ends[0], data, sizeof data), 12);
    assert_memory_equal(data, "hello, world", 12);
    assert_int_equal(write(ends[1], "x", 1), 1);
    close(ends[0]);
    close(ends[1]);
}

typedef struct taker {
    char data[64];
    size_t size;
    int again, calls;
    int answer, what;
    neph_call *call;
} taker;

static int take(const void *data, size_t size, void *user)
{
    taker *t = user;
    t->calls++;
    if (t->what == 1)
        neph_call_cancel(t->call);
    if (t->what == 2)
        neph_call_free(t->call);
    if (t->what == 3)
        assert_int_equal(neph_wait(t->call), NEPH_BUSY);
    if (t->again && t->calls % t->again == 0)
        return NEPH_AGAIN;
    if (t->answer)
        return t->answer;
    assert_true(t->size + size <= sizeof t->data);
    memcpy(t->data + t->size, data, size);
    t->size += size;
    return 0;
}

static neph_sink taker_sink(taker *t)
{
    neph_sink sink = sink_of(NEPH_BODY_CALLBACK);
    sink.write = take;
    sink.user = t;
    return sink;
}

static void test_engine__a_callback_that_is_full_is_resumed(void **state)
{
    stand *s = *state;
    taker t = {.again = 2};
    neph_sink sink = taker_sink(&t);
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, content);
    s->mock.piece = 4;
    call = neph_object_get(s->cloud, "b", "k", &sink, NULL);
    stand_turn(s, 8);
    assert_int_equal(t.calls, 2);
    for (int i = 0; i < 20 && !neph_call_is_done(call); i++) {
        neph_call_resume(call);
        stand_turn(s, 2);
    }
    assert_int_equal(neph_wait(call), 0);
    assert_int_equal(t.size, 12);
    assert_memory_equal(t.data, "hello, world", 12);
    neph_call_free(call);
}

static void test_engine__a_sink_that_fails_ends_the_call(void **state)
{
    static const int rows[][2] = {{NEPH_FILE, NEPH_FILE}, {NEPH_BUSY, NEPH_INVALID}};
    stand *s = *state;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, content);
    for (int i = 0; i < 2; i++) {
        taker t = {.answer = rows[i][0]};
        neph_sink sink = taker_sink(&t);
        assert_int_equal(get(s, &sink), rows[i][1]);
        assert_int_equal(t.calls, 1);
    }
}

static void test_engine__what_a_sink_of_the_program_took_is_not_sent_twice(void **state)
{
    static const mock_reply replies[] = {
        {.body = "hello, world", .fail = MOCK_FAIL_BODY, .fail_after = 7},
        {.body = "hello, world"}};
    stand *s = *state;
    taker t = {0};
    neph_sink sink = taker_sink(&t);
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    assert_int_equal(get(s, &sink), NEPH_NETWORK);
    assert_int_equal(t.size, 7);
}

static void test_engine__a_sink_may_cancel_or_free_its_call(void **state)
{
    for (int turn = 0; turn < 6; turn++) {
        taker t = {.what = 1 + turn % 3};
        neph_sink sink = taker_sink(&t);
        neph_get_options options = NEPH_GET_OPTIONS_INIT;
        stand *s;
        assert_int_equal(stand_setup(state), 0);
        s = *state;
        stand_open(s, turn < 3 ? "mill" : "probe"); /* a transport's body; a perform's */
        MOCK_SCRIPT(&s->mock, content);
        s->mock.piece = 4;
        options.length = 12;
        t.call = neph_object_get(s->cloud, "b", "k", &sink, turn < 3 ? NULL : &options);
        if (t.what == 2) {
            stand_turn(s, 8);
            assert_int_equal(t.calls, 1);
        } else {
            assert_int_equal(stand_run(t.call), t.what == 1 ? NEPH_CANCELLED : 0);
            neph_call_free(t.call);
        }
        assert_int_equal(stand_teardown(state), 0);
    }
}

static void test_engine__a_perform_writes_to_sinks_that_wait(void **state)
{
    stand *s = *state;
    taker t = {.again = 2};
    neph_sink sink = taker_sink(&t);
    neph_get_options options = NEPH_GET_OPTIONS_INIT;
    neph_call *call;
    stand_open(s, "probe");
    options.length = 12;
    call = neph_object_get(s->cloud, "b", "k", &sink, &options);
    for (int i = 0; i < 20 && !neph_call_is_done(call); i++) {
        stand_turn(s, 4);
        neph_call_resume(call);
    }
    assert_int_equal(neph_wait(call), 0);
    assert_memory_equal(t.data, "probeprobepr", 12);
    neph_call_free(call);
}

/* ---- digests */

static void test_engine__the_digest_of_a_body_is_there_on_demand(void **state)
{
    stand *s = *state;
    neph_source source = text_source("body");
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, stored);
    mill.is_hashed = 1;
    assert_int_equal(put(s, &source), 0);
    assert_string_equal(mock_header(&s->mock, 0, "X-Digest"), SHA256_OF_BODY);
    assert_int_equal(s->mock.requests[0].body_size, 4);
    assert_int_equal(mill.signs, 2);
}

static void test_engine__an_action_may_want_the_digest_when_it_asks(void **state)
{
    stand *s = *state;
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, stored);
    call = neph_object_delete(s->cloud, "b", "key");
    assert_int_equal(stand_run(call), 0);
    assert_string_equal(mock_header(&s->mock, 0, "X-MD5"), MD5_OF_KEY);
    assert_string_equal(s->mock.requests[0].body, "key");
    neph_call_free(call);
}

static void test_engine__a_large_file_is_digested_in_slices(void **state)
{
    stand *s = *state;
    neph_source source = source_of(NEPH_BODY_FILE);
    neph_source small = text_source("body");
    neph_call *large, *other;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, stored);
    s->mock.read_size = 65536;
    mill.is_hashed = 1;
    source.path = stand_file(s, "in", 20 << 20);
    large = neph_object_put(s->cloud, "b", "large", &source, NULL);
    other = neph_object_put(s->cloud, "b", "small", &small, NULL);
    assert_int_equal(stand_run(other), 0);
    assert_int_equal(neph_call_is_done(large), 0);
    assert_int_equal(stand_run(large), 0);
    check_body(&s->mock.requests[1], 0, 20 << 20);
    assert_int_equal(strlen(mock_header(&s->mock, 1, "X-Digest")), 64);
    neph_call_free(large);
    neph_call_free(other);
}

/* ---- frames */

static void test_engine__frames_go_out_byte_for_byte(void **state)
{
    static const char ends[] = "0\r\nx-digest:"
                               "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
                               "\r\n\r\n";
    static const mock_reply replies[] = {
        {.match = "/v3", .headers = "X-Subject-Token: t\n", .body = "{}"}, {.stays = 1}};
    stand *s = *state;
    neph_source source = text_source("");
    const mock_request *sent;
    stand_open(s, "probe");
    MOCK_SCRIPT(&s->mock, replies);
    assert_int_equal(put(s, &source), 0);
    sent = &s->mock.requests[1];
    assert_int_equal(sent->promised, sizeof ends - 1);
    assert_string_equal(sent->body, ends);
    source = text_source("body");
    assert_int_equal(put(s, &source), 0);
    sent = &s->mock.requests[2];
    assert_string_equal(sent->body, "4;digest=" SHA256_OF_BODY
                                    "\r\nbody\r\n0\r\nx-digest:" SHA256_OF_BODY "\r\n\r\n");
    assert_int_equal(sent->promised, sent->body_size);
}

static void test_engine__frames_of_many_chunks_are_as_long_as_said(void **state)
{
    static const size_t sizes[] = {1023, 1024, 1025, 2048, 100000};
    static const mock_reply replies[] = {
        {.match = "/v3", .headers = "X-Subject-Token: t\n", .body = "{}"}, {.stays = 1}};
    stand *s = *state;
    stand_open(s, "probe");
    MOCK_SCRIPT(&s->mock, replies);
    s->mock.read_size = 777;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        giver g = {.size = sizes[i], .piece = 300};
        neph_source source = giver_source(&g, (int64_t)sizes[i]);
        const mock_request *sent = &s->mock.requests[1 + i];
        assert_int_equal(put(s, &source), 0);
        assert_int_equal(sent->promised, sent->body_size);
        assert_memory_equal(sent->body + sent->body_size - 4, "\r\n\r\n", 4);
    }
}

static void test_engine__a_framed_body_starts_over_whole(void **state)
{
    static const mock_reply replies[] = {
        {.match = "/v3", .headers = "X-Subject-Token: t\n", .body = "{}"},
        {.fail = MOCK_FAIL_SENT},
        {0}};
    stand *s = *state;
    neph_source source = source_of(NEPH_BODY_FILE);
    stand_open(s, "probe");
    MOCK_SCRIPT(&s->mock, replies);
    source.path = stand_file(s, "in", 5000);
    assert_int_equal(put(s, &source), 0);
    assert_int_equal(s->mock.requests[1].body_size, s->mock.requests[2].body_size);
    assert_memory_equal(s->mock.requests[1].body, s->mock.requests[2].body,
                        s->mock.requests[2].body_size);
}

static void test_engine__frames_that_are_not_as_long_as_said_are_refused(void **state)
{
    stand *s = *state;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, stored);
    for (int lie = -2; lie <= 2; lie++) {
        neph_call *call;
        mill.frame_promise = lie;
        call = neph_node_reboot(s->cloud, "node", NULL);
        assert_int_equal(stand_run(call), lie ? NEPH_PLUGIN : 0);
        neph_call_free(call);
    }
    assert_string_equal(s->mock.requests[2].body, "0[node]1.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAND_TEST(test_engine__a_file_is_sent),
        STAND_TEST(test_engine__an_empty_file_is_sent),
        STAND_TEST(test_engine__a_descriptor_is_sent_from_where_it_stands),
        STAND_TEST(test_engine__a_missing_file_fails_before_anything_is_sent),
        STAND_TEST(test_engine__a_file_that_shrinks_is_an_error),
        STAND_TEST(test_engine__a_file_that_shrinks_while_it_is_digested_is_an_error),
        STAND_TEST(test_engine__a_callback_of_known_length_streams),
        STAND_TEST(test_engine__a_callback_of_unknown_length_is_spooled),
        STAND_TEST(test_engine__a_callback_with_nothing_yet_is_resumed),
        STAND_TEST(test_engine__a_callback_that_ends_early_or_fails_is_an_error),
        STAND_TEST(test_engine__a_stream_that_has_begun_is_not_sent_again),
        STAND_TEST(test_engine__a_file_is_sent_again_after_a_failure),
        STAND_TEST(test_engine__a_transport_may_start_the_body_over),
        cmocka_unit_test(test_engine__a_pipe_is_spooled_and_can_then_be_digested),
        STAND_TEST(test_engine__a_spool_that_cannot_be_made_is_an_error),
        cmocka_unit_test(test_engine__a_source_may_cancel_or_free_its_call),
        STAND_TEST(test_engine__a_body_goes_to_memory),
        STAND_TEST(test_engine__memory_has_a_limit),
        STAND_TEST(test_engine__a_file_gets_its_name_at_the_end),
        STAND_TEST(test_engine__an_empty_body_makes_an_empty_file),
        cmocka_unit_test(test_engine__nothing_is_at_the_destination_after_a_failure),
        STAND_TEST(test_engine__nothing_is_at_the_destination_after_a_cancel),
        cmocka_unit_test(test_engine__a_download_that_broke_starts_over),
        STAND_TEST(test_engine__a_directory_is_no_destination),
        STAND_TEST(test_engine__a_device_is_written_not_replaced),
        STAND_TEST(test_engine__a_full_disk_is_an_error),
        STAND_TEST(test_engine__a_descriptor_gets_the_bytes_and_stays_open),
        STAND_TEST(test_engine__a_callback_that_is_full_is_resumed),
        STAND_TEST(test_engine__a_sink_that_fails_ends_the_call),
        STAND_TEST(test_engine__what_a_sink_of_the_program_took_is_not_sent_twice),
        cmocka_unit_test(test_engine__a_sink_may_cancel_or_free_its_call),
        STAND_TEST(test_engine__a_perform_writes_to_sinks_that_wait),
        STAND_TEST(test_engine__the_digest_of_a_body_is_there_on_demand),
        STAND_TEST(test_engine__an_action_may_want_the_digest_when_it_asks),
        STAND_TEST(test_engine__a_large_file_is_digested_in_slices),
        STAND_TEST(test_engine__frames_go_out_byte_for_byte),
        STAND_TEST(test_engine__frames_of_many_chunks_are_as_long_as_said),
        STAND_TEST(test_engine__a_framed_body_starts_over_whole),
        STAND_TEST(test_engine__frames_that_are_not_as_long_as_said_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
