/*
 * Bodies that are a slice of a file: read from an offset on, and written at one.
 */
#include "tests/engine/stand.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static const mock_reply stored[] = {{.headers = "ETag: \"e1\"\n", .stays = 1}};
static const mock_reply content[] = {
    {.headers = "ETag: \"e1\"\nContent-Length: 12\n", .body = "hello, world", .stays = 1}};

/* What a call failed with; it is freed. */
static const char *failure(neph_call *call, int status)
{
    static _Thread_local char text[512];
    assert_int_equal(stand_run(call), status);
    snprintf(text, sizeof text, "%s", neph_call_error(call)->message);
    neph_call_free(call);
    return text;
}

static neph_source slice_of(const char *path, int64_t offset, int64_t length)
{
    neph_source source = NEPH_SOURCE_INIT;
    source.from = NEPH_BODY_FILE;
    source.path = path;
    source.offset = offset;
    source.length = length;
    return source;
}

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

static void test_slice__of_a_file_is_sent(void **state)
{
    static const struct {
        int64_t offset, length;
        size_t size;
    } rows[] = {{0, 10, 10},    {1000, 70000, 70000}, {0, -1, 100000},
                {99999, -1, 1}, {100000, -1, 0},      {50000, 0, 0},
                {99999, 1, 1},  {100000, 0, 0},       {0, 100000, 100000}};
    stand *s = *state;
    const char *path = stand_file(s, "in", 100000);
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, stored);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        neph_source source = slice_of(path, rows[i].offset, rows[i].length);
        assert_int_equal(put(s, &source), 0);
        check_body(&s->mock.requests[i], (size_t)rows[i].offset, rows[i].size);
    }
}

static void test_slice__of_a_descriptor_leaves_its_place(void **state)
{
    stand *s = *state;
    neph_source source = NEPH_SOURCE_INIT;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, stored);
    source.from = NEPH_BODY_DESCRIPTOR;
    source.fd = open(stand_file(s, "in", 5000), O_RDONLY);
    assert_int_equal(lseek(source.fd, 123, SEEK_SET), 123);
    source.offset = 1000;
    source.length = 2000;
    assert_int_equal(put(s, &source), 0);
    check_body(&s->mock.requests[0], 1000, 2000);
    assert_int_equal(lseek(source.fd, 0, SEEK_CUR), 123);
    close(source.fd);
}

static void test_slice__that_is_not_in_the_file_is_refused(void **state)
{
    static const int64_t rows[][2] = {{5001, -1}, {5000, 1}, {0, 5001}, {1, INT64_MAX}};
    stand *s = *state;
    const char *path = stand_file(s, "in", 5000);
    neph_source source;
    stand_open(s, "mill");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        source = slice_of(path, rows[i][0], rows[i][1]);
        assert_non_null(strstr(
            failure(neph_object_put(s->cloud, "b", "k", &source, NULL), NEPH_FILE), "5000 bytes"));
    }
    source = slice_of(path, -2, 10);
    assert_non_null(strstr(
        failure(neph_object_put(s->cloud, "b", "k", &source, NULL), NEPH_INVALID), "offset"));
    assert_int_equal(s->mock.request_count, 0);
}

static void test_slice__of_a_pipe_is_refused(void **state)
{
    stand *s = *state;
    neph_source source = NEPH_SOURCE_INIT;
    int fds[2];
    stand_open(s, "mill");
    assert_int_equal(pipe(fds), 0);
    source.from = NEPH_BODY_DESCRIPTOR;
    source.fd = fds[0];
    source.offset = 0;
    assert_non_null(
        strstr(failure(neph_object_put(s->cloud, "b", "k", &source, NULL), NEPH_INVALID),
               "no regular file"));
    close(fds[0]);
    close(fds[1]);
}

static void test_slice__that_vanishes_while_it_is_sent_is_an_error(void **state)
{
    stand *s = *state;
    const char *path = stand_file(s, "in", 400000);
    neph_source source = slice_of(path, 100000, 200000);
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, stored);
    s->mock.is_slow = 1;
    call = neph_object_put(s->cloud, "b", "k", &source, NULL);
    stand_turn(s, 4);
    assert_int_equal(truncate(path, 100010), 0);
    assert_non_null(strstr(failure(call, NEPH_FILE), "shorter"));
}

static void test_slice__is_sent_again_from_its_offset(void **state)
{
    static const mock_reply replies[] = {{.status = 503}, {.headers = "ETag: \"e1\"\n"}};
    stand *s = *state;
    neph_source source = slice_of(stand_file(s, "in", 5000), 1000, 3000);
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    s->mock.is_rewinding = 1;
    assert_int_equal(put(s, &source), 0);
    assert_int_equal(s->mock.request_count, 2);
    check_body(&s->mock.requests[1], 1000, 3000);
}

static void test_slice__is_not_meant_by_an_older_and_smaller_struct(void **state)
{
    stand *s = *state;
    neph_source source = slice_of(stand_file(s, "in", 5000), 1000, 3000);
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, stored);
    source.size = offsetof(neph_source, offset);
    assert_int_equal(put(s, &source), 0);
    check_body(&s->mock.requests[0], 0, 5000);
    source.size--;
    call = neph_call_new(s->cloud, NEPH_OP_OBJECT_PUT);
    assert_int_equal(neph_call_set_source(call, &source), NEPH_INVALID);
    neph_call_free(call);
}

/* ---- sinks */

/* A file of 40 dots, open. */
static neph_sink dots(stand *s, int64_t offset)
{
    neph_sink sink = NEPH_SINK_INIT;
    sink.to = NEPH_BODY_DESCRIPTOR;
    sink.fd = open(stand_path(s, "out"), O_RDWR | O_CREAT | O_TRUNC, 0600);
    sink.offset = offset;
    assert_int_equal(write(sink.fd, "........................................", 40), 40);
    assert_int_equal(lseek(sink.fd, 7, SEEK_SET), 7);
    return sink;
}

/* All that is in it, and where it stands; it is closed. */
static void check_dots(const neph_sink *sink, const char *text, off_t place)
{
    char found[128] = "";
    assert_int_equal(lseek(sink->fd, 0, SEEK_CUR), place);
    assert_int_equal(pread(sink->fd, found, sizeof found - 1, 0), strlen(text));
    assert_string_equal(found, text);
    close(sink->fd);
}

static void test_slice__is_written_where_the_sink_says(void **state)
{
    stand *s = *state;
    neph_sink sink = dots(s, 10);
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, content);
    s->mock.piece = 5;
    call = neph_object_get(s->cloud, "b", "k", &sink, NULL);
    assert_int_equal(stand_run(call), 0);
    neph_call_free(call);
    check_dots(&sink, "..........hello, world..................", 7);
}

static void test_slice__is_written_where_the_descriptor_stands_without_an_offset(void **state)
{
    stand *s = *state;
    neph_sink sink = dots(s, 10);
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, content);
    sink.size = offsetof(neph_sink, offset);
    call = neph_object_get(s->cloud, "b", "k", &sink, NULL);
    assert_int_equal(stand_run(call), 0);
    neph_call_free(call);
    check_dots(&sink, ".......hello, world.....................", 19);
}

static void test_slice__is_written_again_from_the_offset(void **state)
{
    static const mock_reply replies[] = {
        {.body = "hexxo, wo!?!?!?!", .fail = MOCK_FAIL_BODY, .fail_after = 8},
        {.headers = "ETag: \"e1\"\n", .body = "hello, world"}};
    stand *s = *state;
    neph_sink sink = dots(s, 30);
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    call = neph_object_get(s->cloud, "b", "k", &sink, NULL);
    assert_int_equal(stand_run(call), 0);
    neph_call_free(call);
    assert_int_equal(s->mock.request_count, 2);
    check_dots(&sink, "..............................hello, world", 7);
}

static void test_slice__leaves_alone_what_is_behind_it(void **state)
{
    stand *s = *state;
    neph_sink sink = dots(s, 10);
    neph_get_options options = NEPH_GET_OPTIONS_INIT;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, content);
    s->mock.piece = 4;
    options.offset = 3;
    options.length = 8;
    assert_non_null(
        strstr(failure(neph_object_get(s->cloud, "b", "k", &sink, &options), NEPH_PROTOCOL),
               "ignored the range"));
    check_dots(&sink, "..........hello, w......................", 7);
}

static void test_slice__is_not_written_into_a_pipe(void **state)
{
    stand *s = *state;
    neph_sink sink = NEPH_SINK_INIT;
    int fds[2];
    stand_open(s, "mill");
    assert_int_equal(pipe(fds), 0);
    sink.to = NEPH_BODY_DESCRIPTOR;
    sink.fd = fds[1];
    sink.offset = 0;
    assert_non_null(strstr(failure(neph_object_get(s->cloud, "b", "k", &sink, NULL), NEPH_INVALID),
                           "regular file"));
    sink.offset = -7;
    assert_non_null(
        strstr(failure(neph_object_get(s->cloud, "b", "k", &sink, NULL), NEPH_INVALID), "offset"));
    assert_int_equal(s->mock.request_count, 0);
    close(fds[0]);
    close(fds[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAND_TEST(test_slice__of_a_file_is_sent),
        STAND_TEST(test_slice__of_a_descriptor_leaves_its_place),
        STAND_TEST(test_slice__that_is_not_in_the_file_is_refused),
        STAND_TEST(test_slice__of_a_pipe_is_refused),
        STAND_TEST(test_slice__that_vanishes_while_it_is_sent_is_an_error),
        STAND_TEST(test_slice__is_sent_again_from_its_offset),
        STAND_TEST(test_slice__is_not_meant_by_an_older_and_smaller_struct),
        STAND_TEST(test_slice__is_written_where_the_sink_says),
        STAND_TEST(test_slice__is_written_where_the_descriptor_stands_without_an_offset),
        STAND_TEST(test_slice__is_written_again_from_the_offset),
        STAND_TEST(test_slice__leaves_alone_what_is_behind_it),
        STAND_TEST(test_slice__is_not_written_into_a_pipe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
