/*
 * tests/support/sandbox.c - see sandbox.h.
 */
#include "tests/support/sandbox.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define VARIABLES_MAX 32

static char variables[VARIABLES_MAX][64];
static size_t variable_count;

void sandbox_setenv(const char *name, const char *value)
{
    assert_true(variable_count < VARIABLES_MAX);
    snprintf(variables[variable_count++], sizeof variables[0], "%s", name);
    if (value)
        setenv(name, value, 1);
    else
        unsetenv(name);
}

static void on_log(int32_t level, int32_t rule, const char *message, void *user)
{
    sandbox *box = user;
    (void)level;
    if (box->line_count == SANDBOX_LINES_MAX)
        return;
    snprintf(box->lines[box->line_count], sizeof box->lines[0], "%s", message);
    box->rules[box->line_count++] = rule;
}

int sandbox_setup(void **state)
{
    static const neph_host_config defaults = NEPH_HOST_CONFIG_INIT;
    static const char *const strangers[] = {"AWS_PROFILE",           "AWS_DEFAULT_PROFILE",
                                            "AWS_CONFIG_FILE",       "AWS_SHARED_CREDENTIALS_FILE",
                                            "AWS_ACCESS_KEY_ID",     "AWS_SESSION_TOKEN",
                                            "AWS_SECRET_ACCESS_KEY", "NEPH_PLUGIN_PATH",
                                            "NEPH_PLUGINS",          "XDG_CONFIG_HOME",
                                            "XDG_DATA_HOME"};
    const char *base = getenv("TMPDIR");
    sandbox *box = calloc(1, sizeof *box);
    assert_non_null(box);
    snprintf(box->dir, sizeof box->dir, "%s/neph-test-XXXXXX", base ? base : "/tmp");
    assert_non_null(mkdtemp(box->dir));
    box->config = defaults;
    box->config.sources = NEPH_SOURCE_ALL;
    box->config.log = on_log;
    box->config.log_user = box;
    variable_count = 0;
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++)
        sandbox_setenv(strangers[i], NULL);
    variable_count = 0;
    sandbox_setenv("HOME", box->dir);
    *state = box;
    return 0;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info, (void)type, (void)walk;
    return remove(path);
}

int sandbox_teardown(void **state)
{
    sandbox *box = *state;
    neph_host_free(box->host);
    while (variable_count)
        unsetenv(variables[--variable_count]);
    nftw(box->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(box);
    return 0;
}

const char *sandbox_path(const sandbox *box, const char *name)
{
    static char path[1024];
    snprintf(path, sizeof path, "%s/%s", box->dir, name);
    return path;
}

static void make_parents(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0755);
        *slash = '/';
    }
}

void sandbox_write_data(const sandbox *box, const char *name, const void *data, size_t size,
                        unsigned mode)
{
    char path[1024];
    int fd;
    snprintf(path, sizeof path, "%s/%s", box->dir, name);
    make_parents(path);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, size), size);
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

void sandbox_write(const sandbox *box, const char *name, const char *text, unsigned mode)
{
    sandbox_write_data(box, name, text, strlen(text), mode);
}

void sandbox_manifest(const sandbox *box, const char *dir, const char *name, const char *edit)
{
    char path[512], text[2048];
    snprintf(path, sizeof path, "%s/%s.json", dir, name);
    snprintf(
        text, sizeof text,
        "{%s, \"name\": \"%s\", \"version\": \"1.0\", \"abi\": \"%d.%d\", \"file\": \"%s.so\",\n"
        " \"package\": \"neph-plugin-%s\", \"providers\": [{\"id\": \"%s\", \"title\": \"%s\",\n"
        " \"settings\": [], \"operations\": {}}]}\n",
        edit ? edit : "\"format\": 1", name, NEPH_ABI_MAJOR, NEPH_ABI_MINOR, name, name, name,
        name);
    sandbox_write(box, path, text, 0644);
}

neph_host *sandbox_host_as(sandbox *box, const char *plugin_path, int is_privileged)
{
    static const char nothing[] = "/nonexistent";
    char path[1024] = "";
    size_t used = 0;
    for (const char *at = plugin_path; at && *at; at += strcspn(at, ":"), at += *at == ':')
        used += (size_t)snprintf(path + used, sizeof path - used, "%s%s/%.*s", used ? ":" : "",
                                 box->dir, (int)strcspn(at, ":"), at);
    /* First without a plugin, since whoever runs this test may be root. */
    box->config.plugin_path = nothing;
    assert_int_equal(neph_host_new(&box->config, &box->host), 0);
    nephi_registry_free(box->host->registry);
    box->host->registry = NULL;
    nephi_free(&box->host->memory, (void *)(uintptr_t)box->host->config.plugin_path);
    box->host->config.plugin_path = plugin_path ? nephi_strdup(&box->host->memory, path) : NULL;
    box->host->is_privileged = is_privileged;
    box->line_count = 0;
    assert_int_equal(nephi_registry_new(&box->host->registry, box->host), 0);
    return box->host;
}

neph_host *sandbox_host(sandbox *box, const char *plugin_path)
{
    return sandbox_host_as(box, plugin_path, 0);
}

int sandbox_logged(const sandbox *box, int32_t rule, const char *text)
{
    for (size_t i = 0; i < box->line_count; i++)
        if (box->rules[i] == rule && strstr(box->lines[i], text))
            return 1;
    return 0;
}

const neph_plugin_info *sandbox_plugin(sandbox *box, const char *name)
{
    const neph_plugin_info *info;
    for (size_t i = 0; (info = neph_plugin_at(box->host, i)) != NULL; i++)
        if (strcmp(info->name, name) == 0)
            return info;
    return NULL;
}
