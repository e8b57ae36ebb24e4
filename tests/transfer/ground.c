/*
 * tests/transfer/ground.c - see ground.h.
 */
#include "tests/transfer/ground.h"

#include "core/host.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATIENCE_MS 60000

static char last_message[512];

static void log_line(int32_t level, int32_t rule, const char *message, void *user)
{
    ground *g = user;
    size_t at = strlen(g->log);
    (void)level;
    (void)rule;
    snprintf(g->log + at, sizeof g->log - at, "%s\n", message);
}

void ground_open(ground *g)
{
    neph_host_config config = NEPH_HOST_CONFIG_INIT;
    const neph_setting_value two = {"name", "two"};
    config.plugin_path = "/nonexistent";
    config.allocator = test_allocator_functions(&g->allocator);
    config.log = log_line;
    config.log_user = g;
    config.temporary_dir = g->dir;
    assert_int_equal(neph_host_new(&config, &g->host), 0);
    g->host->pace_ms = 1;
    if (neph_host_register(g->host, &vault_LTX_neph_plugin_v0) ||
        neph_cloud_open(g->host, "vault", NULL, 0, &g->one) ||
        neph_cloud_open(g->host, "vault", &two, 1, &g->two))
        fail_msg("%s", neph_host_error(g->host)->message);
}

void ground_close(ground *g)
{
    neph_host_free(g->host);
    g->host = NULL;
}

void ground_restart(ground *g)
{
    ground_close(g);
    ground_open(g);
}

int ground_setup(void **state)
{
    static const neph_transfer_options initial = NEPH_TRANSFER_OPTIONS_INIT;
    ground *g = calloc(1, sizeof *g);
    assert_non_null(g);
    vaults_clear();
    test_allocator_init(&g->allocator);
    g->options = initial;
    snprintf(g->dir, sizeof g->dir, "/tmp/neph-transfer-XXXXXX");
    assert_non_null(mkdtemp(g->dir));
    snprintf(g->journal, sizeof g->journal, "%s/journal", g->dir);
    ground_open(g);
    *state = g;
    return 0;
}

static int dir_count(const char *path, int is_emptied)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    int count = 0;
    while (dir && (entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (is_emptied)
            (void)unlinkat(dirfd(dir), entry->d_name, 0);
        count += entry->d_type != DT_DIR;
    }
    if (dir)
        closedir(dir);
    return count;
}

int ground_count(const ground *g)
{
    return dir_count(g->dir, 0);
}

int ground_journal_count(const ground *g)
{
    return dir_count(g->journal, 0);
}

int ground_clear(void **state)
{
    ground *g = *state;
    ground_close(g);
    (void)dir_count(g->journal, 1);
    rmdir(g->journal);
    (void)dir_count(g->dir, 1);
    rmdir(g->dir);
    assert_int_equal(g->allocator.live, 0);
    vaults_clear();
    free(g);
    return 0;
}

static int half_written(const ground *g)
{
    DIR *dir = opendir(g->dir);
    struct dirent *entry;
    int count = 0;
    while ((entry = readdir(dir)) != NULL)
        count += strncmp(entry->d_name, ".neph-", 6) == 0;
    closedir(dir);
    return count;
}

int ground_teardown(void **state)
{
    ground *g = *state;
    assert_int_equal(vault_upload_count(&vaults[0]), 0);
    assert_int_equal(vault_upload_count(&vaults[1]), 0);
    assert_int_equal(half_written(g), 0);
    assert_int_equal(ground_journal_count(g), 0);
    return ground_clear(state);
}

const char *ground_path(const ground *g, const char *name)
{
    static char path[2][256];
    static int turn;
    turn = !turn;
    snprintf(path[turn], sizeof path[turn], "%s/%s", g->dir, name);
    return path[turn];
}

char *ground_bytes(int64_t size)
{
    char *bytes = malloc((size_t)size + 1);
    uint64_t state = 88172645463325252u;
    assert_non_null(bytes);
    for (int64_t i = 0; i < size; i += 8) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        memcpy(bytes + i, &state, size - i < 8 ? (size_t)(size - i) : 8);
    }
    return bytes;
}

void ground_file(const ground *g, const char *name, int64_t size)
{
    char *bytes = ground_bytes(size);
    FILE *file = fopen(ground_path(g, name), "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, (size_t)size, file), size);
    assert_int_equal(fclose(file), 0);
    free(bytes);
}

int ground_is_file(const ground *g, const char *name, int64_t size)
{
    char *bytes = ground_bytes(size), *there = malloc((size_t)size + 1);
    FILE *file = fopen(ground_path(g, name), "r");
    int is_it;
    assert_non_null(there);
    is_it = file && fread(there, 1, (size_t)size + 1, file) == (size_t)size &&
            memcmp(bytes, there, (size_t)size) == 0;
    if (file)
        fclose(file);
    free(bytes);
    free(there);
    return is_it;
}

int ground_is_object(vault *of, const char *key, int64_t size)
{
    const vault_bytes *found = vault_find(of, key);
    char *bytes = ground_bytes(size);
    int is_it =
        found && found->size == (size_t)size && memcmp(found->data, bytes, (size_t)size) == 0;
    free(bytes);
    return is_it;
}

void ground_object(vault *of, const char *key, int64_t size)
{
    char *bytes = ground_bytes(size);
    vault_put(of, key, bytes, (size_t)size);
    free(bytes);
}

neph_end ground_end_file(const ground *g, const char *name)
{
    neph_end end = NEPH_END_INIT;
    end.path = ground_path(g, name);
    return end;
}

neph_end ground_end_object(neph_cloud *cloud, const char *key)
{
    neph_end end = NEPH_END_INIT;
    end.cloud = cloud;
    end.bucket = "b";
    end.key = key;
    return end;
}

neph_transfer *ground_start(ground *g, const neph_end *from, const neph_end *to)
{
    return neph_transfer_new(g->host, from, to, &g->options);
}

int ground_wait(neph_transfer *transfer)
{
    int rc = neph_transfer_wait_for(transfer, PATIENCE_MS);
    assert_int_not_equal(rc, NEPH_AGAIN);
    snprintf(last_message, sizeof last_message, "%s", neph_transfer_error(transfer)->message);
    return rc;
}

const char *ground_message(void)
{
    return last_message;
}

static int run(ground *g, const neph_end *from, const neph_end *to, neph_transfer_result *result)
{
    neph_transfer *transfer = ground_start(g, from, to);
    int rc = ground_wait(transfer);
    assert_int_equal(neph_transfer_outcome(transfer) != NULL, rc == 0);
    if (result && !rc)
        *result = *neph_transfer_outcome(transfer);
    neph_transfer_free(transfer);
    return rc;
}

int ground_put(ground *g, const char *name, const char *key, neph_transfer_result *result)
{
    neph_end from = ground_end_file(g, name), to = ground_end_object(g->one, key);
    return run(g, &from, &to, result);
}

int ground_get(ground *g, const char *key, const char *name, neph_transfer_result *result)
{
    neph_end from = ground_end_object(g->one, key), to = ground_end_file(g, name);
    return run(g, &from, &to, result);
}

int ground_copy(ground *g, neph_cloud *from_cloud, const char *key, neph_cloud *to_cloud,
                const char *to_key, neph_transfer_result *result)
{
    neph_end from = ground_end_object(from_cloud, key), to = ground_end_object(to_cloud, to_key);
    return run(g, &from, &to, result);
}
