/*
 * tests/engine/stand.c - see stand.h.
 */
#include "tests/engine/stand.h"

#include "core/host.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATIENCE_MS 5000

static int64_t clock_now(void *user)
{
    return ((stand *)user)->now_ns;
}

static void see(stand *made, const char *text, size_t size)
{
    made->seen = realloc(made->seen, made->seen_size + size + 2);
    assert_non_null(made->seen);
    memcpy(made->seen + made->seen_size, text, size);
    made->seen_size += size;
    made->seen[made->seen_size++] = '\n';
    made->seen[made->seen_size] = 0;
}

static void log_line(int32_t level, int32_t rule, const char *message, void *user)
{
    (void)level;
    (void)rule;
    see(user, message, strlen(message));
}

static void trace(int32_t what, const char *text, size_t size, void *user)
{
    (void)what;
    see(user, text, size);
}

int stand_setup(void **state)
{
    static const neph_host_config initial = NEPH_HOST_CONFIG_INIT;
    stand *made = calloc(1, sizeof *made);
    assert_non_null(made);
    memset(&mill, 0, sizeof mill);
    memset(&fleet, 0, sizeof fleet);
    test_allocator_init(&made->allocator);
    made->now_ns = STAND_NOW;
    made->config = initial;
    made->config.transport = &mock_transport;
    made->config.plugin_path = "/nonexistent";
    made->config.clock = clock_now;
    made->config.clock_user = made;
    made->config.log = log_line;
    made->config.log_user = made;
    made->config.trace = trace;
    made->config.trace_user = made;
    made->config.allocator = test_allocator_functions(&made->allocator);
    made->config.deadline_ms = PATIENCE_MS;
    made->allocator.secret = MILL_SECRET;
    snprintf(made->dir, sizeof made->dir, "%s", "/tmp/neph-engine-XXXXXX");
    assert_non_null(mkdtemp(made->dir));
    made->config.temporary_dir = made->dir;
    *state = made;
    return 0;
}

static void dir_empty(stand *made)
{
    DIR *dir = opendir(made->dir);
    struct dirent *entry;
    while (dir && (entry = readdir(dir)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            (void)unlinkat(dirfd(dir), entry->d_name, entry->d_type == DT_DIR ? AT_REMOVEDIR : 0);
    if (dir)
        closedir(dir);
    rmdir(made->dir);
}

int stand_teardown(void **state)
{
    stand *made = *state;
    neph_cloud_close(made->cloud);
    neph_host_free(made->host);
    dir_empty(made);
    assert_int_equal(made->allocator.live, 0);
    assert_int_equal(made->allocator.leaked, 0);
    assert_int_equal(made->mock.in_flight, 0);
    mock_fini(&made->mock);
    free(made->seen);
    free(made);
    return 0;
}

void stand_open_at(stand *made, const char *provider, const char *endpoint)
{
    const neph_setting_value probe[] = {{"endpoint", endpoint}, {"password", STAND_PASSWORD}};
    const neph_setting_value milled[] = {{"endpoint", endpoint}, {"secret_key", MILL_SECRET}};
    size_t count = strcmp(provider, "fleet") == 0 || strcmp(provider, "bare") == 0 ? 1 : 2;
    int is_probe = strcmp(provider, "probe") == 0;
    if (!made->host) {
        mock_use(&made->mock);
        assert_int_equal(neph_host_new(&made->config, &made->host), 0);
        if (neph_host_register(made->host, &probe_LTX_neph_plugin_v0) ||
            neph_host_register(made->host, &mill_LTX_neph_plugin_v0) ||
            neph_host_register(made->host, &fleet_LTX_neph_plugin_v0))
            fail_msg("%s", neph_host_error(made->host)->message);
        made->host->pace_ms = 1;
    }
    if (neph_cloud_open(made->host, provider, is_probe ? probe : milled, count, &made->cloud))
        fail_msg("%s", neph_host_error(made->host)->message);
}

void stand_open(stand *made, const char *provider)
{
    char endpoint[64];
    snprintf(endpoint, sizeof endpoint, "http://%s.test:8080", provider);
    stand_open_at(made, provider, endpoint);
}

int stand_run(neph_call *call)
{
    int rc = neph_wait_for(call, PATIENCE_MS);
    assert_int_not_equal(rc, NEPH_AGAIN);
    return rc;
}

void stand_turn(stand *made, int count)
{
    while (count--)
        assert_int_equal(neph_host_dispatch(made->host, 0), 0);
}

void stand_until_sent(stand *made, size_t count)
{
    int64_t end_ms = nephi_loop_now_ms() + PATIENCE_MS;
    while (made->mock.request_count < count) {
        assert_true(nephi_loop_now_ms() < end_ms);
        assert_int_equal(neph_host_dispatch(made->host, 20), 0);
    }
}

const char *stand_name(const neph_result *result)
{
    static const int32_t names[] = {
        [NEPH_KIND_NODE] = NEPH_NODE_ID,         [NEPH_KIND_IMAGE] = NEPH_IMAGE_ID,
        [NEPH_KIND_SIZE] = NEPH_SIZE_ID,         [NEPH_KIND_LOCATION] = NEPH_LOCATION_ID,
        [NEPH_KIND_BUCKET] = NEPH_BUCKET_NAME,   [NEPH_KIND_OBJECT] = NEPH_OBJECT_KEY,
        [NEPH_KIND_PREFIX] = NEPH_PREFIX_NAME,   [NEPH_KIND_URL] = NEPH_URL_URL,
        [NEPH_KIND_VOLUME] = NEPH_VOLUME_ID,     [NEPH_KIND_KEY] = NEPH_KEY_NAME,
        [NEPH_KIND_SNAPSHOT] = NEPH_SNAPSHOT_ID, [NEPH_KIND_ADDRESS] = NEPH_ADDRESS_ID,
    };
    neph_value value;
    assert_int_equal(neph_result_get(result, names[result->kind], &value), 0);
    return value.text ? value.text : "(none)";
}

const char *stand_list(neph_call *call)
{
    static _Thread_local char text[4096];
    const neph_result *result;
    size_t size = 0;
    while ((result = neph_next(call)) != NULL)
        size += (size_t)snprintf(text + size, sizeof text - size, "%s ", stand_name(result));
    snprintf(text + size, sizeof text - size, ".%d", neph_wait(call));
    neph_call_free(call);
    return text;
}

char stand_byte(size_t at)
{
    return (char)('a' + (at + at / 26 + at / 7919) % 26);
}

const char *stand_path(stand *made, const char *name)
{
    static _Thread_local char path[256];
    snprintf(path, sizeof path, "%s/%s", made->dir, name);
    return path;
}

const char *stand_file(stand *made, const char *name, size_t size)
{
    const char *path = stand_path(made, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (size_t i = 0; i < size; i++)
        putc(stand_byte(i), file);
    assert_int_equal(fclose(file), 0);
    return path;
}

int stand_exists(stand *made, const char *name)
{
    return access(stand_path(made, name), F_OK) == 0;
}

int stand_files(stand *made)
{
    DIR *dir = opendir(made->dir);
    int count = -2;
    assert_non_null(dir);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}
