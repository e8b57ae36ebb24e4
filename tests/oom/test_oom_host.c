/*
 * A host that runs out of memory at each of its allocations: while it is made, reads manifests, takes a built-in plugin,
 * loads one, compares it, and opens clouds. Every function says so or succeeds; nothing is lost, no secret left behind.
 */
#include "core/cloud.h"
#include "core/price/price.h"
#include "tests/provider/probe.h"
#include "tests/support/allocator.h"
#include "tests/support/sandbox.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define ATTEMPTS_MAX 20000
#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)
#define ABI TEXT(NEPH_ABI_MAJOR) "." TEXT(NEPH_ABI_MINOR)
#define SECRET "OnlyForTheTest"

#define PRICES(price)                                                                              \
    "{\"format\": 1, \"provider\": \"probe\", \"drivers\": {\"p\": \"west\"}, \"items\": "         \
    "{\"s\": \"small\"}, \"lists\": [{\"service\": \"compute\", \"unit\": \"hour\", "              \
    "\"currency\": \"USD\", \"prices\": {\"small\": " price "}}]}"

static void install(sandbox *box)
{
    const char *build = getenv("NEPH_BUILDDIR");
    char path[1024];
    static char data[1 << 20];
    ssize_t size;
    int fd;
    snprintf(path, sizeof path, "%s/tests/hostile/good.so", build ? build : ".");
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        fail_msg("%s is not built", path);
    size = read(fd, data, sizeof data);
    close(fd);
    assert_in_range(size, 1000, sizeof data - 1);
    sandbox_write_data(box, "a/good.so", data, (size_t)size, 0755);
    sandbox_write(
        box, "a/good.json",
        "{\"format\": 1, \"name\": \"good\", \"version\": \"1.0\", \"abi\": \"" ABI
        "\", \"file\": \"good.so\",\n"
        " \"providers\": [{\"id\": \"hostile\", \"title\": \"Hostile\", \"settings\": [{\"name\": \"word\", "
        "\"type\": \"string\", \"summary\": \"any\", \"default\": \"x\"}], \"operations\": {\"bucket.list\": "
        "[]}}]}",
        0644);
    sandbox_manifest(box, "a", "broken", "\"format\": 9");
    sandbox_manifest(box, "b", "good", NULL);
    sandbox_write(
        box, "clouds.json",
        "{\"mine\": {\"provider\": \"probe\", \"endpoint\": \"http://127.0.0.1:1\", \"password\": \"" SECRET
        "\"}}",
        0600);
    sandbox_write(box, "a/prices/probe.json", PRICES("0.5"), 0644);
    sandbox_write(box, "libcloud.json", "{\"p\": {\"s\": 1, \"l\": 2}, \"q\": {\"s\": {\"e\": 3}}}",
                  0644);
}

static void expect_success_or_no_memory(int rc, const char *what)
{
    if (rc && rc != NEPH_NO_MEMORY)
        fail_msg("%s: %d", what, rc);
}

static void open_and_close(neph_host *host, const char *name, int *worst)
{
    neph_cloud *cloud = NULL;
    int rc = neph_cloud_open(host, name, NULL, 0, &cloud);
    expect_success_or_no_memory(rc, name);
    *worst = rc ? rc : *worst;
    neph_cloud_close(cloud);
}

/* Prices: found, listed, imported. */
static void ask_prices(neph_host *host, const char *list, int *worst)
{
    neph_price_import_result result = {.size = sizeof result};
    const neph_price *price = NULL;
    neph_prices *prices = NULL;
    int rc = neph_price_find(host, "probe", NULL, "small", NULL, &price);
    if (rc == NEPH_NOT_FOUND) /* an import that succeeded before has it elsewhere */
        rc = neph_price_find(host, "probe", NULL, "small", "west", &price);
    expect_success_or_no_memory(rc, "neph_price_find");
    *worst = rc ? rc : *worst;
    rc = neph_price_list(host, NULL, NULL, &prices);
    expect_success_or_no_memory(rc, "neph_price_list");
    while (!rc && neph_prices_next(prices))
        ;
    neph_prices_free(prices);
    *worst = rc ? rc : *worst;
    rc = neph_price_import(host, list, NULL, &result);
    expect_success_or_no_memory(rc, "neph_price_import");
    *worst = rc ? rc : *worst;
}

/* A size that its cloud tells no price of. */
static void join_price(neph_host *host, int *worst)
{
    neph_record *record = nephi_record_new(&host->pool, NEPH_KIND_SIZE);
    neph_cloud *cloud = NULL;
    int rc = record ? neph_cloud_open(host, "mine", NULL, 0, &cloud) : NEPH_NO_MEMORY;
    if (!rc)
        rc = nephi_record_set_text(record, nephi_member_find(NEPH_SIZE_ID), "small", 5);
    if (!rc)
        rc = nephi_price_join(cloud, record);
    expect_success_or_no_memory(rc, "nephi_price_join");
    *worst = rc ? rc : *worst;
    neph_cloud_close(cloud);
    if (record)
        nephi_record_free(&host->pool, record);
}

/* The whole way; 0 or NEPH_NO_MEMORY, whatever came last. */
static int attempt(const neph_host_config *config, const char *list)
{
    neph_host *host = NULL;
    int worst = 0;
    int rc = neph_host_new(config, &host);
    expect_success_or_no_memory(rc, "neph_host_new");
    if (rc) {
        assert_null(host);
        return rc;
    }
    rc = neph_host_register(host, &probe_LTX_neph_plugin_v0);
    expect_success_or_no_memory(rc, "neph_host_register");
    worst = rc;
    if (rc) {
        neph_host_free(host);
        return rc;
    }
    rc = neph_plugin_check(host, "good");
    expect_success_or_no_memory(rc, "neph_plugin_check");
    worst = rc ? rc : worst;
    open_and_close(host, "hostile", &worst);
    open_and_close(host, "mine", &worst);
    neph_cloud_name_at(host, 0);
    expect_success_or_no_memory(host->error.status, "neph_cloud_name_at");
    worst = host->error.status ? host->error.status : worst;
    ask_prices(host, list, &worst);
    join_price(host, &worst);
    neph_host_free(host);
    return worst;
}

static void fail_each(sandbox *box, int fails_once)
{
    char plugins[600], clouds[600], list[600];
    test_allocator allocator;
    long n, calls;
    install(box);
    snprintf(plugins, sizeof plugins, "%s/a:%s/b", box->dir, box->dir);
    snprintf(clouds, sizeof clouds, "%s/clouds.json", box->dir);
    box->config.plugin_path = plugins;
    box->config.clouds_file = clouds;
    test_allocator_init(&allocator);
    box->config.allocator = test_allocator_functions(&allocator);
    snprintf(list, sizeof list, "%s/libcloud.json", box->dir);
    assert_int_equal(attempt(&box->config, list), 0);
    calls = allocator.calls;
    assert_in_range(calls, 50, ATTEMPTS_MAX);
    for (n = 1; n <= calls; n++) {
        test_allocator_init(&allocator);
        allocator.secret = SECRET;
        allocator.fail_at = n;
        allocator.fails_once = fails_once;
        /* Success is possible: then only a log line was lost. */
        attempt(&box->config, list);
        if (allocator.live || allocator.leaked)
            fail_msg("allocation %ld of %ld: %ld lost, %ld with a secret", n, calls, allocator.live,
                     allocator.leaked);
    }
}

static void test_oom_host__survives_when_one_allocation_fails(void **state)
{
    fail_each(*state, 1);
}

static void test_oom_host__survives_when_all_behind_one_fail(void **state)
{
    fail_each(*state, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, sandbox_setup, sandbox_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_oom_host__survives_when_one_allocation_fails),
        TEST(test_oom_host__survives_when_all_behind_one_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
