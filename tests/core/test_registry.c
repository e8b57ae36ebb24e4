/*
 * What is installed: order of directories, masks, filters, one log line for each that is skipped, and who has a provider.
 */
#include "core/preloaded.h"
#include "core/rule.h"
#include "core/search.h"
#include "core/suggest.h"
#include "tests/provider/probe.h"
#include "tests/support/allocator.h"
#include "tests/support/sandbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- finding */

static void test_registry__lists_plugins_and_providers_in_order(void **state)
{
    sandbox *box = *state;
    sandbox_manifest(box, "a", "zeta", NULL);
    sandbox_manifest(box, "a", "beta", NULL);
    sandbox_manifest(box, "b", "alpha", NULL);
    sandbox_host(box, "a:b");
    assert_string_equal(neph_plugin_at(box->host, 0)->name, "alpha");
    assert_string_equal(neph_plugin_at(box->host, 1)->name, "beta");
    assert_string_equal(neph_plugin_at(box->host, 2)->name, "zeta");
    assert_null(neph_plugin_at(box->host, 3));
    assert_string_equal(neph_provider_at(box->host, 0)->id, "alpha");
    assert_string_equal(neph_provider_at(box->host, 2)->id, "zeta");
    assert_null(neph_provider_at(box->host, 3));
    assert_int_equal(neph_plugin_at(box->host, 0)->state, NEPH_PLUGIN_FOUND);
    assert_string_equal(neph_plugin_at(box->host, 0)->file, sandbox_path(box, "b/alpha.so"));
    assert_string_equal(neph_plugin_at(box->host, 0)->manifest, sandbox_path(box, "b/alpha.json"));
    assert_int_equal(box->line_count, 0);
}

static void test_registry__first_directory_wins(void **state)
{
    sandbox *box = *state;
    const neph_plugin_info *info;
    sandbox_manifest(box, "a", "one", NULL);
    sandbox_manifest(box, "b", "one", NULL);
    sandbox_host(box, "b:a");
    info = neph_plugin_at(box->host, 0);
    assert_string_equal(info->manifest, sandbox_path(box, "b/one.json"));
    assert_int_equal(info->state, NEPH_PLUGIN_FOUND);
    info = neph_plugin_at(box->host, 1);
    assert_int_equal(info->state, NEPH_PLUGIN_SKIPPED);
    assert_int_equal(info->rule, NEPHI_RULE_MASKED);
    assert_true(sandbox_logged(box, NEPHI_RULE_MASKED, "b/one.json"));
    assert_int_equal(box->line_count, 1);
}

static void test_registry__a_bad_manifest_still_masks(void **state)
{
    sandbox *box = *state;
    sandbox_manifest(box, "a", "one", "\"format\": 7");
    sandbox_manifest(box, "b", "one", NULL);
    sandbox_host(box, "a:b");
    assert_int_equal(neph_plugin_at(box->host, 0)->rule, NEPHI_RULE_MANIFEST_FORMAT);
    assert_int_equal(neph_plugin_at(box->host, 1)->rule, NEPHI_RULE_MASKED);
    assert_null(neph_provider_at(box->host, 0));
}

static void test_registry__a_link_to_null_masks(void **state)
{
    sandbox *box = *state;
    const nephi_provider *provider;
    nephi_error error = {0};
    sandbox_manifest(box, "b", "one", NULL);
    sandbox_write(box, "a/other.txt", "", 0644);
    assert_int_equal(symlink("/dev/null", sandbox_path(box, "a/one.json")), 0);
    sandbox_host(box, "a:b");
    assert_null(neph_provider_at(box->host, 0));
    assert_true(sandbox_logged(box, NEPHI_RULE_MASKED, "/dev/null"));
    assert_int_equal(nephi_registry_provider(box->host->registry, "one", NULL, &provider, &error),
                     NEPH_NOT_FOUND);
    assert_non_null(strstr(error.message, "masked by"));
}

static void test_registry__skips_what_is_no_manifest(void **state)
{
    static const struct {
        const char *file, *text;
        unsigned mode;
        int rule;
    } rows[] = {
        {"text.json", "hello", 0644, NEPHI_RULE_MANIFEST_JSON},
        {"empty.json", "", 0644, NEPHI_RULE_MANIFEST_JSON},
        {"Upper.json", "{}", 0644, NEPHI_RULE_MANIFEST_NAME},
        {"list.json", "[]", 0644, NEPHI_RULE_MANIFEST_JSON},
    };
    sandbox *box = *state;
    static char huge[NEPHI_RULE_COUNT + (300 << 10)];
    memset(huge, ' ', sizeof huge);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char name[64];
        snprintf(name, sizeof name, "a/%s", rows[i].file);
        sandbox_write(box, name, rows[i].text, rows[i].mode);
    }
    sandbox_write_data(box, "a/huge.json", huge, sizeof huge, 0644);
    sandbox_write(box, "a/.hidden.json", "x", 0644);
    sandbox_write(box, "a/notes.txt", "x", 0644);
    assert_int_equal(mkfifo(sandbox_path(box, "a/fifo.json"), 0644), 0);
    assert_int_equal(mkdir(sandbox_path(box, "a/dir.json"), 0755), 0);
    assert_int_equal(symlink("text.json", sandbox_path(box, "a/link.json")), 0);
    sandbox_manifest(box, "a", "good", NULL);
    sandbox_host(box, "a");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_true(sandbox_logged(box, rows[i].rule, rows[i].file));
    assert_true(sandbox_logged(box, NEPHI_RULE_MANIFEST_FILE, "huge.json"));
    assert_true(sandbox_logged(box, NEPHI_RULE_MANIFEST_FILE, "fifo.json"));
    assert_true(sandbox_logged(box, NEPHI_RULE_MANIFEST_FILE, "dir.json"));
    assert_true(sandbox_logged(box, NEPHI_RULE_MANIFEST_FILE, "link.json"));
    assert_int_equal(box->line_count, 8);
    assert_string_equal(neph_provider_at(box->host, 0)->id, "good");
    assert_null(neph_provider_at(box->host, 1));
}

static void test_registry__absolute_files_only_in_etc(void **state)
{
    sandbox *box = *state;
    sandbox_write(
        box, "a/one.json",
        "{\"format\": 1, \"name\": \"one\", \"version\": \"1\", \"abi\": \"0.2\", \"file\": \"/tmp/one.so\","
        " \"providers\": [{\"id\": \"one\", \"title\": \"One\"}]}",
        0644);
    sandbox_host(box, "a");
    assert_true(sandbox_logged(box, NEPHI_RULE_MANIFEST_PATH, "/tmp/one.so"));
}

static void test_registry__another_abi_is_known_without_loading(void **state)
{
    sandbox *box = *state;
    nephi_error error = {0};
    const nephi_provider *provider;
    sandbox_write(
        box, "a/one.json",
        "{\"format\": 1, \"name\": \"one\", \"version\": \"1\", \"abi\": \"7.3\", \"file\": \"one.so\","
        " \"package\": \"cloudy\", \"providers\": [{\"id\": \"cloud-one\", \"title\": \"One\"}]}",
        0644);
    sandbox_host(box, "a");
    assert_true(sandbox_logged(box, NEPHI_RULE_PLUGIN_ABI, "7.3"));
    assert_int_equal(
        nephi_registry_provider(box->host->registry, "cloud-one", NULL, &provider, &error),
        NEPH_NOT_FOUND);
    assert_non_null(strstr(error.message, "package cloudy"));
    assert_non_null(strstr(error.message, "update neph"));
}

static void test_registry__a_provider_belongs_to_the_first(void **state)
{
    static const char text[] =
        "{\"format\": 1, \"name\": \"%s\", \"version\": \"1\", \"abi\": \"%d.%d\", \"file\": \"x.so\","
        " \"providers\": [{\"id\": \"same\", \"title\": \"X\"}]}";
    sandbox *box = *state;
    char buffer[512];
    snprintf(buffer, sizeof buffer, text, "one", NEPH_ABI_MAJOR, NEPH_ABI_MINOR);
    sandbox_write(box, "b/one.json", buffer, 0644);
    snprintf(buffer, sizeof buffer, text, "two", NEPH_ABI_MAJOR, NEPH_ABI_MINOR);
    sandbox_write(box, "a/two.json", buffer, 0644);
    sandbox_host(box, "a:b");
    assert_string_equal(neph_provider_at(box->host, 0)->plugin, "two");
    assert_null(neph_provider_at(box->host, 1));
    assert_true(sandbox_logged(box, NEPHI_RULE_PROVIDER_TAKEN, "same"));
}

/* ---- where to look */

static void test_registry__the_variable_replaces_all_directories(void **state)
{
    sandbox *box = *state;
    sandbox_manifest(box, "a", "one", NULL);
    sandbox_setenv("NEPH_PLUGIN_PATH", sandbox_path(box, "a"));
    sandbox_host(box, NULL);
    assert_string_equal(neph_plugin_at(box->host, 0)->name, "one");
    assert_null(neph_plugin_at(box->host, 1));
}

static void test_registry__directories_that_were_named_must_be_there(void **state)
{
    sandbox *box = *state;
    char path[1024];
    sandbox_manifest(box, "a", "one", NULL);
    snprintf(path, sizeof path, "no/such/relative:%s/nowhere:%s/a", box->dir, box->dir);
    sandbox_setenv("NEPH_PLUGIN_PATH", path);
    sandbox_host(box, NULL);
    assert_string_equal(neph_plugin_at(box->host, 0)->name, "one");
    assert_true(sandbox_logged(box, NEPHI_RULE_DIRECTORY, "no/such/relative is skipped"));
    assert_true(sandbox_logged(box, NEPHI_RULE_DIRECTORY, "/nowhere is skipped"));
    assert_int_equal(box->line_count, 2);
}

static void test_registry__the_variable_needs_leave(void **state)
{
    sandbox *box = *state;
    sandbox_manifest(box, "a", "one", NULL);
    sandbox_setenv("NEPH_PLUGIN_PATH", sandbox_path(box, "a"));
    box->config.sources = NEPH_SOURCE_FILES;
    sandbox_host(box, NULL);
    assert_null(sandbox_plugin(box, "one"));
}

static void test_registry__a_privileged_process_takes_no_variable(void **state)
{
    sandbox *box = *state;
    sandbox_manifest(box, "a", "one", NULL);
    sandbox_setenv("NEPH_PLUGIN_PATH", sandbox_path(box, "a"));
    sandbox_host_as(box, NULL, 1);
    assert_null(sandbox_plugin(box, "one"));
    assert_true(sandbox_logged(box, NEPHI_RULE_ENVIRONMENT, "NEPH_PLUGIN_PATH"));
}

static void test_registry__finds_the_users_directory(void **state)
{
    sandbox *box = *state;
    sandbox_manifest(box, ".local/share/neph/plugins", "mine", NULL);
    sandbox_manifest(box, "data/neph/plugins", "yours", NULL);
    sandbox_host(box, NULL);
    assert_non_null(sandbox_plugin(box, "mine"));
    neph_host_free(box->host);
    sandbox_setenv("XDG_DATA_HOME", sandbox_path(box, "data"));
    sandbox_host(box, NULL);
    assert_null(sandbox_plugin(box, "mine"));
    assert_non_null(sandbox_plugin(box, "yours"));
    neph_host_free(box->host);
    sandbox_host_as(box, NULL, 1);
    assert_null(sandbox_plugin(box, "yours"));
}

static void test_registry__a_privileged_process_reads_what_is_roots(void **state)
{
    sandbox *box = *state;
    if (geteuid() != 0)
        skip();
    sandbox_manifest(box, "good", "one", NULL);
    sandbox_manifest(box, "open", "two", NULL);
    sandbox_manifest(box, "good", "three", NULL);
    assert_int_equal(chmod(sandbox_path(box, "open"), 0777), 0);
    assert_int_equal(chmod(sandbox_path(box, "good/three.json"), 0664), 0);
    sandbox_manifest(box, "other/in", "four", NULL);
    assert_int_equal(chown(sandbox_path(box, "other"), 1, 1), 0);
    sandbox_manifest(box, "good", "five", NULL);
    assert_int_equal(chown(sandbox_path(box, "good/five.json"), 1, 0), 0);
    sandbox_host_as(box, "good:open:other/in", 1);
    assert_int_equal(sandbox_plugin(box, "one")->state, NEPH_PLUGIN_FOUND);
    assert_null(sandbox_plugin(box, "two"));
    assert_null(sandbox_plugin(box, "four"));
    assert_true(sandbox_logged(box, NEPHI_RULE_DIRECTORY_OWNER, "open"));
    assert_true(sandbox_logged(box, NEPHI_RULE_DIRECTORY_OWNER, "other/in"));
    assert_int_equal(sandbox_plugin(box, "three")->rule, NEPHI_RULE_MANIFEST_OWNER);
    assert_int_equal(sandbox_plugin(box, "five")->rule, NEPHI_RULE_MANIFEST_OWNER);
}

static void test_registry__filter_names_what_may_be_used(void **state)
{
    static const struct {
        const char *filter, *name;
        int is_allowed;
    } rows[] = {
        {"s3,local", "s3", 1}, {"s3,local", "local", 1}, {"s3,local", "bluebox", 0},
        {"!s3", "s3", 0},      {"!s3", "local", 1},      {"s*", "s3", 1},
        {"s*", "local", 0},    {"*,!s3", "s3", 0},       {"*,!s3", "local", 1},
        {"", "s3", 1},         {",", "s3", 1},           {"*3", "s3", 1},
        {"*a*b*", "xaxbx", 1}, {"*a*b*", "xbxax", 0},    {"s3", "s33", 0},
        {"s33", "s3", 0},      {"!*", "s3", 0},          {"a,b*c,d", "bxc", 1},
        {"!ec2*", "ec2-x", 0}, {"!ec2*", "ec", 1},
    };
    sandbox *box = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (nephi_search_allows(rows[i].filter, rows[i].name) != rows[i].is_allowed)
            fail_msg("\"%s\" and %s", rows[i].filter, rows[i].name);
    sandbox_manifest(box, "a", "one", NULL);
    sandbox_manifest(box, "a", "two", NULL);
    sandbox_setenv("NEPH_PLUGINS", "one");
    sandbox_host(box, "a");
    assert_int_equal(sandbox_plugin(box, "one")->state, NEPH_PLUGIN_FOUND);
    assert_int_equal(sandbox_plugin(box, "two")->rule, NEPHI_RULE_FILTERED);
}

/* ---- providers that are not there */

static void test_registry__names_what_was_meant_or_else_its_package(void **state)
{
    static const struct {
        const char *id, *says;
    } rows[] = {
        {"ec2",
         "no cloud or provider is called \"ec2\": it may come with the package neph-plugin-ec2"},
        {"bluebx", "no cloud or provider is called \"bluebx\"; did you mean \"bluebox\"?"},
        {"Blue/Box", "no cloud or provider is called \"Blue/Box\""},
        {"x\x1b[2J", "no cloud or provider is called \"x\\x1b[2J\""},
    };
    sandbox *box = *state;
    const nephi_provider *provider;
    sandbox_manifest(box, "a", "bluebox", NULL);
    sandbox_host(box, "a");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        nephi_error error = {0};
        assert_int_equal(
            nephi_registry_provider(box->host->registry, rows[i].id, NULL, &provider, &error),
            NEPH_NOT_FOUND);
        assert_string_equal(error.message, rows[i].says);
    }
}

static void test_registry__a_missing_file_is_said_once_and_remembered(void **state)
{
    sandbox *box = *state;
    const nephi_provider *provider;
    nephi_error error = {0}, again = {0};
    sandbox_manifest(box, "a", "one", NULL);
    sandbox_host(box, "a");
    assert_int_equal(nephi_registry_provider(box->host->registry, "one", NULL, &provider, &error),
                     NEPH_PLUGIN);
    assert_int_equal(error.rule, NEPHI_RULE_PLUGIN_FILE);
    assert_non_null(strstr(error.message, "a/one.so is not there"));
    assert_int_equal(nephi_registry_provider(box->host->registry, "one", NULL, &provider, &again),
                     NEPH_PLUGIN);
    assert_int_equal(again.rule, NEPHI_RULE_PLUGIN_FILE);
    assert_int_equal(box->line_count, 1);
    assert_int_equal(sandbox_plugin(box, "one")->state, NEPH_PLUGIN_SKIPPED);
    assert_int_equal(neph_plugin_check(box->host, "one"), NEPH_PLUGIN);
    assert_int_equal(neph_plugin_check(box->host, "two"), NEPH_NOT_FOUND);
}

static void test_registry__suggests_what_is_close(void **state)
{
    static const struct {
        const char *wanted, *name, *found;
    } rows[] = {
        {"s4", "s3", "s3"},
        {"lokal", "local", "local"},
        {"blubox", "bluebox", "bluebox"},
        {"x", "y", NULL},
        {"swift", "s3", NULL},
        {"", "s3", NULL},
        {"bluebxo", "bluebox", "bluebox"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        nephi_suggest best;
        nephi_suggest_init(&best, rows[i].wanted);
        nephi_suggest_try(&best, rows[i].name);
        if (rows[i].found ? !best.found : best.found != NULL)
            fail_msg("%s and %s", rows[i].wanted, rows[i].name);
    }
}

/* ---- built in */

static void test_registry__a_built_in_plugin_wins(void **state)
{
    sandbox *box = *state;
    const nephi_provider *provider;
    nephi_error error = {0};
    sandbox_manifest(box, "a", "probe", NULL);
    sandbox_manifest(box, "a", "other", NULL);
    sandbox_host(box, "a");
    assert_int_equal(neph_host_register(box->host, &probe_LTX_neph_plugin_v0), 0);
    assert_int_equal(neph_host_register(box->host, &probe_LTX_neph_plugin_v0), NEPH_EXISTS);
    assert_int_equal(neph_plugin_at(box->host, 1)->state, NEPH_PLUGIN_BUILT_IN);
    assert_int_equal(neph_plugin_at(box->host, 2)->rule, NEPHI_RULE_MASKED);
    assert_int_equal(nephi_registry_provider(box->host->registry, "probe", NULL, &provider, &error),
                     0);
    assert_string_equal(provider->plugin, "probe");
    assert_int_equal(neph_plugin_check(box->host, "probe"), 0);
    assert_string_equal(neph_provider_at(box->host, 1)->id, "probe");
    assert_true(neph_provider_at(box->host, 1)->setting_count > 3);
    assert_true(neph_provider_at(box->host, 1)->op_count > 5);
}

static void test_registry__refuses_a_built_in_plugin_that_is_none(void **state)
{
    sandbox *box = *state;
    static neph_provider wrong;
    static const neph_provider *const wrongs[] = {&wrong};
    neph_plugin plugin = probe_LTX_neph_plugin_v0;
    sandbox_host(box, "a");
    plugin.magic[0] = 'X';
    assert_int_equal(neph_host_register(box->host, &plugin), NEPH_PLUGIN);
    plugin = probe_LTX_neph_plugin_v0;
    plugin.abi_major = 9;
    assert_int_equal(neph_host_register(box->host, &plugin), NEPH_PLUGIN);
    plugin = probe_LTX_neph_plugin_v0;
    plugin.name = "No Name";
    assert_int_equal(neph_host_register(box->host, &plugin), NEPH_PLUGIN);
    plugin = probe_LTX_neph_plugin_v0;
    plugin.provider_count = 0;
    assert_int_equal(neph_host_register(box->host, &plugin), NEPH_PLUGIN);
    wrong = *probe_LTX_neph_plugin_v0.providers[0];
    wrong.size = 8;
    plugin.provider_count = 1;
    plugin.providers = wrongs;
    assert_int_equal(neph_host_register(box->host, &plugin), NEPH_PLUGIN);
    assert_int_equal(neph_host_register(box->host, NULL), NEPH_PLUGIN);
    assert_null(neph_plugin_at(box->host, 0));
}

/* ---- the plugins of this build */

static void test_registry__manifests_of_this_build_say_what_its_plugins_say(void **state)
{
    sandbox *box = *state;
    const char *build = getenv("NEPH_BUILDDIR");
    const neph_plugin_info *info;
    char path[1024];
    size_t i;
    snprintf(path, sizeof path, "%s/core/.libs/neph/plugins", build ? build : ".");
    if (access(path, F_OK) != 0)
        skip(); /* a static build has them inside */
    box->config.plugin_path = path;
    assert_int_equal(neph_host_new(&box->config, &box->host), 0);
    for (i = 0; (info = neph_plugin_at(box->host, i)) != NULL; i++)
        if (neph_plugin_check(box->host, info->name))
            fail_msg("%s: %s", info->name, neph_host_error(box->host)->message);
    assert_int_equal(box->line_count, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, sandbox_setup, sandbox_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_registry__lists_plugins_and_providers_in_order),
        TEST(test_registry__first_directory_wins),
        TEST(test_registry__a_bad_manifest_still_masks),
        TEST(test_registry__a_link_to_null_masks),
        TEST(test_registry__skips_what_is_no_manifest),
        TEST(test_registry__absolute_files_only_in_etc),
        TEST(test_registry__another_abi_is_known_without_loading),
        TEST(test_registry__a_provider_belongs_to_the_first),
        TEST(test_registry__the_variable_replaces_all_directories),
        TEST(test_registry__directories_that_were_named_must_be_there),
        TEST(test_registry__the_variable_needs_leave),
        TEST(test_registry__a_privileged_process_takes_no_variable),
        TEST(test_registry__finds_the_users_directory),
        TEST(test_registry__a_privileged_process_reads_what_is_roots),
        TEST(test_registry__filter_names_what_may_be_used),
        TEST(test_registry__names_what_was_meant_or_else_its_package),
        TEST(test_registry__a_missing_file_is_said_once_and_remembered),
        cmocka_unit_test(test_registry__suggests_what_is_close),
        TEST(test_registry__a_built_in_plugin_wins),
        TEST(test_registry__refuses_a_built_in_plugin_that_is_none),
        TEST(test_registry__manifests_of_this_build_say_what_its_plugins_say),
    };
    if (nephi_preloaded[0]) { /* a static build: its own providers stand before every directory */
        puts("skipped: the providers are compiled in");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
