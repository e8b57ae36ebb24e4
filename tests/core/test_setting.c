/*
 * Where a cloud's settings come from, in which order, what is taken together, and what is said when one is missing.
 */
#include "core/host.h"
#include "core/registry.h"
#include "core/setting.h"
#include "tests/support/allocator.h"
#include "tests/support/sandbox.h"

#include <neph/plugin.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- a provider with settings of every kind */

static const neph_origin key_origins[] = {{NEPH_FROM_ENVIRONMENT, 0, "T_KEY"},
                                          {NEPH_FROM_AWS_PROFILE, 0, "aws_access_key_id"}};
static const neph_origin secret_origins[] = {{NEPH_FROM_ENVIRONMENT, 0, "T_SECRET"},
                                             {NEPH_FROM_AWS_PROFILE, 0, "aws_secret_access_key"}};
static const neph_origin token_origins[] = {{NEPH_FROM_ENVIRONMENT, 0, "T_TOKEN"},
                                            {NEPH_FROM_AWS_PROFILE, 0, "aws_session_token"}};
static const neph_origin region_origins[] = {{99, 0, "from the future"},
                                             {NEPH_FROM_ENVIRONMENT, 0, "T_REGION"},
                                             {NEPH_FROM_ENVIRONMENT, 0, "T_REGION_TOO"},
                                             {NEPH_FROM_AWS_PROFILE, 0, "region"}};
static const neph_origin profile_origins[] = {{NEPH_FROM_ENVIRONMENT, 0, "AWS_PROFILE"}};

static const neph_setting settings[] = {
    {.name = "key",
     .summary = "key",
     .type = NEPH_TYPE_STRING,
     .flags = NEPH_SETTING_REQUIRED | NEPH_SETTING_GROUP,
     NEPH_ORIGINS(key_origins)},
    {.name = "secret",
     .summary = "secret",
     .type = NEPH_TYPE_STRING,
     .flags = NEPH_SETTING_REQUIRED | NEPH_SETTING_SECRET | NEPH_SETTING_GROUP,
     NEPH_ORIGINS(secret_origins)},
    {.name = "token",
     .summary = "token",
     .type = NEPH_TYPE_STRING,
     .flags = NEPH_SETTING_SECRET | NEPH_SETTING_GROUP,
     NEPH_ORIGINS(token_origins)},
    {.name = "region",
     .summary = "region",
     .fallback = "here",
     .type = NEPH_TYPE_STRING,
     NEPH_ORIGINS(region_origins)},
    {.name = "profile",
     .summary = "profile",
     .type = NEPH_TYPE_STRING,
     NEPH_ORIGINS(profile_origins)},
    {.name = "endpoint",
     .summary = "URL",
     .type = NEPH_TYPE_STRING,
     .flags = NEPH_SETTING_ENDPOINT},
    {.name = "style",
     .summary = "style",
     .choices = "auto|path",
     .fallback = "auto",
     .type = NEPH_TYPE_STRING},
    {.name = "count", .summary = "count", .type = NEPH_TYPE_INTEGER},
    {.name = "on", .summary = "on", .type = NEPH_TYPE_BOOLEAN},
};

static const neph_provider provider = {
    .size = sizeof(neph_provider), .id = "cloudy", .title = "Cloudy", NEPH_SETTINGS(settings)};
static const neph_provider *const providers[] = {&provider};
static const neph_plugin plugin = {{'N', 'E', 'P', 'H', 'P', 'L', 'U', 'G'},
                                   sizeof(neph_plugin),
                                   NEPH_ABI_MAJOR,
                                   NEPH_ABI_MINOR,
                                   NEPH_ABI_MINOR,
                                   "cloudy",
                                   "1",
                                   NULL,
                                   providers,
                                   1,
                                   0};

typedef struct outcome {
    nephi_settings settings;
    nephi_error error;
    int rc;
} outcome;

static neph_host *make_host(sandbox *box)
{
    if (!box->host) {
        sandbox_host(box, "none");
        assert_int_equal(neph_host_register(box->host, &plugin), 0);
        box->line_count = 0;
    }
    return box->host;
}

/* Resolves with settings given as name, value, name, value. */
static outcome *resolve(sandbox *box, const char *name, const neph_setting_value *given,
                        size_t count)
{
    static outcome o;
    const nephi_provider *found;
    neph_host *host = make_host(box);
    nephi_error_clear(&o.error);
    o.rc = nephi_settings_resolve(&o.settings, host, name, given, count, &found, &o.error);
    assert_int_equal(o.rc == 0, found != NULL);
    return &o;
}

static void done(sandbox *box, outcome *o)
{
    nephi_settings_fini(&o->settings, &box->host->memory);
}

static const char *origin_of(const outcome *o, const char *name)
{
    for (uint32_t i = 0; i < o->settings.count; i++)
        if (strcmp(o->settings.slots[i].setting->name, name) == 0)
            return o->settings.slots[i].origin;
    return NULL;
}

/* Resolves "cloudy" and expects this value and origin of a setting. */
static void expect(sandbox *box, const neph_setting_value *given, size_t count, const char *name,
                   const char *value, const char *origin)
{
    outcome *o = resolve(box, "cloudy", given, count);
    if (o->rc)
        fail_msg("%s", o->error.message);
    if (!value) {
        assert_null(nephi_settings_get(&o->settings, name));
    } else {
        assert_non_null(nephi_settings_get(&o->settings, name));
        assert_string_equal(nephi_settings_get(&o->settings, name), value);
        if (!strstr(origin_of(o, name), origin))
            fail_msg("%s comes from %s", name, origin_of(o, name));
    }
    done(box, o);
}

static void expect_failure(sandbox *box, const neph_setting_value *given, size_t count, int status,
                           const char *says)
{
    outcome *o = resolve(box, "cloudy", given, count);
    if (o->rc != status || !strstr(o->error.message, says))
        fail_msg("%d %s, not %d %s", o->rc, o->error.message, status, says);
}

#define COUNT(array) (sizeof(array) / sizeof *(array))
static const neph_setting_value keys[] = {{"key", "K"}, {"secret", "S"}};

/* ---- one by one */

static void test_setting__order_of_sources(void **state)
{
    static const neph_setting_value given[] = {{"key", "K"}, {"secret", "S"}, {"region", "mine"}};
    sandbox *box = *state;
    expect(box, keys, 2, "region", "here", "default");
    sandbox_write(box, ".aws/config", "[default]\nregion = filed\n", 0600);
    expect(box, keys, 2, "region", "filed", "profile default in");
    sandbox_setenv("T_REGION_TOO", "second");
    expect(box, keys, 2, "region", "second", "environment T_REGION_TOO");
    sandbox_setenv("T_REGION", "first");
    expect(box, keys, 2, "region", "first", "environment T_REGION");
    expect(box, given, COUNT(given), "region", "mine", "given");
}

static void test_setting__the_last_given_one_counts(void **state)
{
    static const neph_setting_value given[] = {
        {"key", "K"}, {"secret", "S"}, {"region", "a"}, {"region", "b"}};
    expect(*state, given, COUNT(given), "region", "b", "given");
}

static void test_setting__sources_need_leave(void **state)
{
    sandbox *box = *state;
    box->config.sources = 0;
    sandbox_setenv("T_REGION", "first");
    sandbox_setenv("T_KEY", "K");
    sandbox_setenv("T_SECRET", "S");
    expect(box, keys, 2, "region", "here", "default");
    expect_failure(box, NULL, 0, NEPH_INVALID, "--set key=VALUE");
    assert_null(strstr(resolve(box, "cloudy", NULL, 0)->error.message, "T_KEY"));
}

static void test_setting__missing_says_where_it_is_looked_for(void **state)
{
    expect_failure(*state, NULL, 0, NEPH_INVALID,
                   "cloud \"cloudy\" needs key: --set key=VALUE, or set the variable T_KEY, or put "
                   "aws_access_key_id into ~/.aws/credentials");
}

static void test_setting__values_are_checked(void **state)
{
    static const struct {
        const char *name, *value, *says; /* says NULL: it is fine */
    } rows[] = {
        {"count", "12", NULL},
        {"count", "-1", NULL},
        {"count", "x", "is no integer"},
        {"on", "true", NULL},
        {"on", "maybe", "neither true nor false"},
        {"style", "path", NULL},
        {"style", "pat", "none of auto|path"},
        {"style", "auto|path", "none of auto|path"},
        {"endpoint", "http://127.0.0.1:1/x", NULL},
        {"endpoint", "nowhere", "setting \"endpoint\" (given)"},
        {"endpoint", "ftp://h", "endpoint"},
        {"regin", "x", "did you mean \"region\""},
        {"zzz", "x", "no setting \"zzz\""},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        neph_setting_value given[] = {{"key", "K"}, {"secret", "S"}, {rows[i].name, rows[i].value}};
        if (rows[i].says)
            expect_failure(*state, given, COUNT(given), NEPH_INVALID, rows[i].says);
        else
            expect(*state, given, COUNT(given), rows[i].name, rows[i].value, "given");
    }
}

/* ---- the group */

static void test_setting__a_group_comes_from_one_source(void **state)
{
    sandbox *box = *state;
    sandbox_write(
        box, ".aws/credentials",
        "[default]\naws_access_key_id = FK\naws_secret_access_key = FS\naws_session_token = FT\n",
        0600);
    expect(box, NULL, 0, "token", "FT", "profile default in");
    sandbox_setenv("T_KEY", "EK");
    expect_failure(box, NULL, 0, NEPH_INVALID,
                   "\"key\" is there (environment T_KEY) but \"secret\" is not");
    sandbox_setenv("T_SECRET", "ES");
    expect(box, NULL, 0, "key", "EK", "environment T_KEY");
    expect(box, NULL, 0, "secret", "ES", "environment T_SECRET");
    expect(box, NULL, 0, "token", NULL, NULL);
    expect(box, keys, 2, "key", "K", "given");
    expect(box, keys, 2, "token", NULL, NULL);
    expect_failure(box, keys, 1, NEPH_INVALID, "\"key\" is there (given) but \"secret\" is not");
    expect_failure(box, keys + 1, 1, NEPH_INVALID,
                   "\"secret\" is there (given) but \"key\" is not");
}

static void test_setting__a_stray_token_does_not_hide_the_file(void **state)
{
    sandbox *box = *state;
    sandbox_write(box, ".aws/credentials",
                  "[default]\naws_access_key_id = FK\naws_secret_access_key = FS\n", 0600);
    sandbox_setenv("T_TOKEN", "stale");
    expect(box, NULL, 0, "key", "FK", "profile");
    expect(box, NULL, 0, "token", NULL, NULL);
}

static void test_setting__a_profile_that_is_given_beats_the_variables(void **state)
{
    static const neph_setting_value given[] = {{"profile", "dev"}};
    sandbox *box = *state;
    sandbox_write(box, ".aws/credentials",
                  "[dev]\naws_access_key_id = DK\naws_secret_access_key = DS\n"
                  "[default]\naws_access_key_id = FK\naws_secret_access_key = FS\n",
                  0600);
    sandbox_setenv("T_KEY", "EK");
    sandbox_setenv("T_SECRET", "ES");
    expect(box, given, 1, "key", "DK", "profile dev in");
    sandbox_setenv("AWS_PROFILE", "dev");
    expect(box, NULL, 0, "key", "EK", "environment");
    sandbox_setenv("T_KEY", NULL);
    sandbox_setenv("T_SECRET", NULL);
    expect(box, NULL, 0, "key", "DK", "profile dev in");
}

static void test_setting__a_profile_must_exist(void **state)
{
    sandbox *box = *state;
    sandbox_write(box, ".aws/config", "[default]\nregion = x\n", 0600);
    sandbox_setenv("AWS_PROFILE", "missing");
    expect_failure(box, NULL, 0, NEPH_INVALID, "no profile \"missing\"");
}

static void test_setting__files_are_where_the_variables_say(void **state)
{
    sandbox *box = *state;
    sandbox_write(box, "my/creds",
                  "[default]\naws_access_key_id = MK\naws_secret_access_key = MS\n", 0600);
    sandbox_write(box, "my/conf", "[default]\nregion = my\n", 0600);
    sandbox_setenv("AWS_SHARED_CREDENTIALS_FILE", sandbox_path(box, "my/creds"));
    sandbox_setenv("AWS_CONFIG_FILE", "~/my/conf");
    expect(box, NULL, 0, "key", "MK", "my/creds");
    expect(box, NULL, 0, "region", "my", "my/conf");
}

static void test_setting__a_bad_file_is_named(void **state)
{
    sandbox *box = *state;
    sandbox_write(box, ".aws/credentials", "[default]\noops\n", 0600);
    expect_failure(box, NULL, 0, NEPH_INVALID, ".aws/credentials: line 2");
    sandbox_setenv("AWS_SHARED_CREDENTIALS_FILE", box->dir);
    expect_failure(box, NULL, 0, NEPH_FILE, "is no regular file");
}

/* ---- commands */

static void test_setting__credential_process_is_run_once(void **state)
{
    sandbox *box = *state;
    char text[1024];
    outcome *o;
    snprintf(text, sizeof text,
             "#!/bin/sh\necho run >>'%s/runs'\necho '{\"Version\": 1, \"AccessKeyId\": \"PK\", "
             "\"SecretAccessKey\": \"PS\", \"SessionToken\": \"PT\"}'\n",
             box->dir);
    sandbox_write(box, "tool", text, 0755);
    snprintf(text, sizeof text, "[default]\ncredential_process = \"%s/tool\" --x\n", box->dir);
    sandbox_write(box, ".aws/config", text, 0600);
    o = resolve(box, "cloudy", NULL, 0);
    assert_string_equal(o->error.message, "");
    assert_string_equal(nephi_settings_get(&o->settings, "token"), "PT");
    assert_string_equal(origin_of(o, "key"), "credential_process of profile default");
    done(box, o);
    {
        FILE *runs = fopen(sandbox_path(box, "runs"), "r");
        assert_non_null(runs);
        assert_non_null(fgets(text, sizeof text, runs));
        assert_null(fgets(text, sizeof text, runs));
        fclose(runs);
    }
    /* Keys of the credentials file come first. */
    sandbox_write(box, ".aws/credentials",
                  "[default]\naws_access_key_id = FK\naws_secret_access_key = FS\n", 0600);
    expect(box, NULL, 0, "key", "FK", "credentials");
}

static void test_setting__commands_need_leave(void **state)
{
    sandbox *box = *state;
    box->config.sources = NEPH_SOURCE_ENVIRONMENT | NEPH_SOURCE_FILES;
    sandbox_write(box, ".aws/config", "[default]\ncredential_process = echo\n", 0600);
    expect_failure(box, NULL, 0, NEPH_PERMISSION, "allows no commands");
}

/* The line that is to be added must be one that is then understood. */
static void test_setting__what_the_aws_cli_alone_can_is_left_to_it(void **state)
{
    static const struct {
        const char *lines, *profile, *way, *command;
    } rows[] = {
        {"role_arn = arn:x\nsource_profile = y\n", "dev", "role_arn",
         "--profile dev --format process"},
        {"role_arn = arn:x\ncredential_source = Environment\n", "dev", "role_arn",
         "--profile dev "},
        {"role_arn = arn:x\nweb_identity_token_file = /token\n", "dev", "web_identity_token_file",
         "--profile dev "},
        {"sso_session = corp\nsso_account_id = 1\n", "dev", "sso_session", "--profile dev "},
        {"sso_start_url = https://x\n", "my own", "sso_start_url", "--profile \"my own\" --format"},
        {"login_session = arn:x\n", "dev", "login_session", "--profile dev "},
    };
    sandbox *box = *state;
    char text[4500];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const neph_setting_value given[] = {{"profile", rows[i].profile}};
        const char *line;
        outcome *o;
        snprintf(text, sizeof text, "[profile %s]\n%s", rows[i].profile, rows[i].lines);
        sandbox_write(box, ".aws/config", text, 0600);
        o = resolve(box, "cloudy", given, 1);
        assert_int_equal(o->rc, NEPH_UNSUPPORTED);
        snprintf(text, sizeof text,
                 "profile \"%s\" gets its keys by %s, which neph cannot: add to it in %s",
                 rows[i].profile, rows[i].way, sandbox_path(box, ".aws/config"));
        line = strstr(o->error.message, "credential_process = aws configure export-credentials ");
        if (!strstr(o->error.message, text) || !line || !strstr(line, rows[i].command) ||
            strchr(o->error.message, '\n'))
            fail_msg("%zu: %s", i, o->error.message);
        snprintf(text, sizeof text, "[profile %s]\n%s%s\n", rows[i].profile, rows[i].lines, line);
        sandbox_write(box, ".aws/config", text, 0600);
        box->host->config.sources &= ~NEPH_SOURCE_COMMANDS; /* understood, but not run */
        assert_int_equal(resolve(box, "cloudy", given, 1)->rc, NEPH_PERMISSION);
        box->host->config.sources = NEPH_SOURCE_ALL;
    }
}

/* ---- asking */

static int ask(const char *cloud, const char *setting, const char **value, void *user)
{
    *(int *)user += 1;
    *value = strcmp(cloud, "cloudy") == 0 && strcmp(setting, "secret") == 0 ? "asked for" : NULL;
    return *value != NULL;
}

static void test_setting__asks_for_a_secret_that_no_source_has(void **state)
{
    sandbox *box = *state;
    int count = 0;
    box->config.ask = ask;
    box->config.ask_user = &count;
    expect(box, keys, 1, "secret", "asked for", "asked");
    assert_int_equal(count, 1);
    expect(box, keys, 2, "secret", "S", "given");
    assert_int_equal(count, 1);
}

/* ---- clouds.json */

static void test_setting__a_named_cloud_wins_over_a_provider(void **state)
{
    static const neph_setting_value given[] = {{"region", "mine"}};
    sandbox *box = *state;
    outcome *o;
    sandbox_write(
        box, ".config/neph/clouds.json",
        "{\"prod\": {\"provider\": \"cloudy\", \"key\": \"CK\", \"secret\": \"CS\", \"region\": \"eu\",\n"
        " \"count\": 7, \"on\": true},\n"
        " \"cloudy\": {\"provider\": \"missing\"}, \"wrong\": {\"provider\": \"cloudy\", \"regio\": \"x\"}}",
        0600);
    o = resolve(box, "prod", NULL, 0);
    assert_string_equal(o->error.message, "");
    assert_string_equal(o->settings.provider, "cloudy");
    assert_string_equal(nephi_settings_get(&o->settings, "count"), "7");
    assert_string_equal(nephi_settings_get(&o->settings, "on"), "true");
    assert_string_equal(origin_of(o, "region"), "clouds.json (prod)");
    done(box, o);
    o = resolve(box, "prod", given, 1);
    assert_string_equal(nephi_settings_get(&o->settings, "region"), "mine");
    done(box, o);
    assert_int_equal(resolve(box, "cloudy", NULL, 0)->rc, NEPH_NOT_FOUND);
    o = resolve(box, "wrong", NULL, 0);
    assert_int_equal(o->rc, NEPH_INVALID);
    assert_non_null(strstr(o->error.message, "clouds.json"));
    assert_int_equal(resolve(box, "nothing", NULL, 0)->rc, NEPH_NOT_FOUND);
    assert_string_equal(resolve(box, "pod", NULL, 0)->error.message,
                        "no cloud or provider is called \"pod\"; did you mean \"prod\"?");
    assert_string_equal(resolve(box, "clody", NULL, 0)->error.message,
                        "no cloud or provider is called \"clody\"; did you mean \"cloudy\"?");
    assert_int_equal(resolve(box, NULL, NULL, 0)->rc, NEPH_INVALID);
}

/* ---- memory */

static void test_setting__survives_every_failed_allocation(void **state)
{
    sandbox *box = *state;
    static test_allocator allocator; /* the host outlives this function */
    long n, live;
    int rc = NEPH_NO_MEMORY;
    test_allocator_init(&allocator);
    box->config.allocator = test_allocator_functions(&allocator);
    allocator.secret = "TopSecret";
    sandbox_write(box, ".config/neph/clouds.json",
                  "{\"prod\": {\"provider\": \"cloudy\", \"region\": \"eu\"}}", 0600);
    sandbox_write(box, ".aws/credentials",
                  "[default]\naws_access_key_id = FK\naws_secret_access_key = TopSecret\n", 0600);
    make_host(box);
    done(box, resolve(box, "prod", keys, 2)); /* the provider is compiled and stays */
    live = allocator.live;
    for (n = 1; rc == NEPH_NO_MEMORY && n < 1000; n++) {
        outcome *o;
        allocator.calls = 0;
        allocator.fail_at = n;
        o = resolve(box, "prod", NULL, 0);
        rc = o->rc;
        done(box, o);
        assert_int_equal(allocator.live, live);
    }
    allocator.fail_at = 0;
    assert_int_equal(rc, 0);
    assert_in_range(n, 5, 999);
    assert_int_equal(allocator.leaked, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, sandbox_setup, sandbox_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_setting__order_of_sources),
        TEST(test_setting__the_last_given_one_counts),
        TEST(test_setting__sources_need_leave),
        TEST(test_setting__missing_says_where_it_is_looked_for),
        TEST(test_setting__values_are_checked),
        TEST(test_setting__a_group_comes_from_one_source),
        TEST(test_setting__a_stray_token_does_not_hide_the_file),
        TEST(test_setting__a_profile_that_is_given_beats_the_variables),
        TEST(test_setting__a_profile_must_exist),
        TEST(test_setting__files_are_where_the_variables_say),
        TEST(test_setting__a_bad_file_is_named),
        TEST(test_setting__credential_process_is_run_once),
        TEST(test_setting__commands_need_leave),
        TEST(test_setting__what_the_aws_cli_alone_can_is_left_to_it),
        TEST(test_setting__asks_for_a_secret_that_no_source_has),
        TEST(test_setting__a_named_cloud_wins_over_a_provider),
        TEST(test_setting__survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
