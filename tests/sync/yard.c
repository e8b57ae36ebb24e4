/*
 * tests/sync/yard.c - see yard.h.
 */
#include "tests/sync/yard.h"

#include <fcntl.h>
#include <time.h>

#define PATIENCE_MS 20000

extern const neph_plugin local_LTX_neph_plugin_v0;

int yard_setup(void **state)
{
    return yard_setup_with(state, NULL, NULL);
}

int yard_setup_with(void **state, const neph_transport *transport, test_allocator *allocator)
{
    yard *y = calloc(1, sizeof *y);
    neph_setting_value root = {"root", NULL};
    int rc;
    assert_non_null(y);
    assert_int_equal(sandbox_setup((void **)&y->box), 0);
    y->box->config.transport = transport;
    if (allocator)
        y->box->config.allocator = test_allocator_functions(allocator);
    y->host = sandbox_host(y->box, "none");
    rc = neph_host_register(y->host, &local_LTX_neph_plugin_v0);
    assert_true(rc == 0 || rc == NEPH_EXISTS); /* a static libneph brings it along */
    assert_int_equal(mkdir(sandbox_path(y->box, "cloud"), 0700), 0);
    assert_int_equal(mkdir(sandbox_path(y->box, "cloud/box"), 0700), 0);
    root.value = sandbox_path(y->box, "cloud");
    assert_int_equal(neph_cloud_open(y->host, "local", &root, 1, &y->cloud), 0);
    y->options = (neph_sync_options)NEPH_SYNC_OPTIONS_INIT;
    *state = y;
    return 0;
}

int yard_teardown(void **state)
{
    yard *y = *state;
    void *box = y->box;
    neph_cloud_close(y->cloud);
    free(y);
    return sandbox_teardown(&box);
}

const neph_end *yard_end(yard *y, const char *what)
{
    static neph_end ends[2];
    static char paths[2][512];
    static int turn;
    neph_end *end = &ends[turn ^= 1];
    *end = (neph_end)NEPH_END_INIT;
    snprintf(paths[turn], sizeof paths[turn], "%s/%s", y->box->dir, what);
    if (strncmp(what, "local:", 6) == 0) {
        end->cloud = y->cloud;
        end->bucket = "box";
        end->key = what + 6;
    } else {
        end->path = paths[turn];
    }
    return end;
}

static void note(char *text, size_t size, const neph_sync_event *event)
{
    static const char *const actions[] = {"?", "copy", "delete", "same", "skip"};
    size_t used = strlen(text);
    int is_failure = event->error && event->action != NEPH_SYNC_SKIP;
    snprintf(text + used, size - used, "%s%s %s%s%s%s%s", used ? ", " : "", actions[event->action],
             event->name, is_failure ? " failed" : "", event->error ? " (" : "",
             event->error ? event->error->message : "", event->error ? ")" : "");
}

static void on_event(neph_sync *sync, const neph_sync_event *event, void *user)
{
    yard *y = user;
    if (event->is_done)
        note(y->told, sizeof y->told, event);
    else
        note(y->begun, sizeof y->begun, event);
    if (y->on_event)
        y->on_event(y, sync, event);
}

neph_sync *yard_begin(yard *y, const char *from, const char *to)
{
    y->told[0] = y->begun[0] = 0;
    y->options.event = on_event;
    y->options.event_user = y;
    return neph_sync_new(y->host, from ? yard_end(y, from) : NULL, yard_end(y, to), &y->options);
}

const char *yard_finish(yard *y, neph_sync *sync)
{
    y->rc = neph_sync_wait_for(sync, PATIENCE_MS);
    assert_int_not_equal(y->rc, NEPH_AGAIN);
    y->summary = *neph_sync_progress(sync);
    snprintf(y->message, sizeof y->message, "%s", neph_sync_error(sync)->message);
    assert_int_equal(neph_sync_error(sync)->status, y->rc);
    neph_sync_free(sync);
    return y->told;
}

const char *yard_sync(yard *y, const char *from, const char *to)
{
    return yard_finish(y, yard_begin(y, from, to));
}

const char *yard_read(const yard *y, const char *name)
{
    static char text[4096];
    int fd = open(sandbox_path(y->box, name), O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    text[size > 0 ? size : 0] = 0;
    return size < 0 ? NULL : text;
}

void yard_write(const yard *y, const char *name, const char *text)
{
    sandbox_write(y->box, name, text, 0600);
}

void yard_age(const yard *y, const char *name, int seconds)
{
    struct timespec times[2];
    clock_gettime(CLOCK_REALTIME, &times[1]);
    times[1].tv_sec += seconds;
    times[0] = times[1];
    assert_int_equal(utimensat(AT_FDCWD, sandbox_path(y->box, name), times, 0), 0);
}
