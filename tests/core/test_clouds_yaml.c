/*
 * OpenStack's clouds.yaml: what of it is a cloud's, what is refused and where, which file is read, and who may write it.
 */
#include "core/clouds_yaml.h"
#include "core/host.h"
#include "tests/support/allocator.h"
#include "tests/support/sandbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define CLOUDS ".config/openstack/clouds.yaml"
#define SECURE ".config/openstack/secure.yaml"

#define ENTRY(rest) "clouds:\n  dev:\n" rest

/* What the entry "dev" of a text says; NULL: nothing, or it is refused. */
static const char *value_in(const nephi_memory *memory, const char *text, const char *key, int *rc,
                            nephi_error *error)
{
    static char value[256];
    static neph_host host;
    nephi_clouds_yaml clouds;
    const char *found = NULL;
    memset(&host, 0, sizeof host);
    host.memory = *memory;
    nephi_error_clear(error);
    nephi_clouds_yaml_init(&clouds, &host);
    clouds.name = "dev";
    *rc = nephi_clouds_yaml_take(&clouds, NEPHI_YAML_CLOUDS, text, strlen(text), error);
    clouds.is_read = 1;
    if (!*rc && nephi_clouds_yaml_find(&clouds, key, &found, NULL, error) == 1)
        snprintf(value, sizeof value, "%s", found);
    nephi_clouds_yaml_fini(&clouds);
    return found ? value : NULL;
}

static void test_clouds_yaml__an_entry_is_its_keys_and_texts(void **state)
{
    static const struct {
        const char *text, *key, *value;
    } rows[] = {
        {ENTRY("    region_name: One\n"), "region_name", "One"},
        {ENTRY("    auth:\n      username: 'a: b'\n"), "auth.username", "a: b"},
        {ENTRY("    auth: {password: \"x\\ty\", user_id: 7}\n"), "auth.password", "x\ty"},
        {ENTRY("    auth: {password: \"x\", user_id: 7}\n"), "auth.user_id", "7"},
        {ENTRY("    auth:\n      password: |\n        two\n        lines\n"), "auth.password",
         "two\nlines\n"},
        {ENTRY("    x: 1\n    x: 2\n"), "x", "2"},
        {ENTRY("    x: null\n"), "x", NULL},
        {ENTRY("    x: ~\n"), "x", NULL},
        {ENTRY("    x:\n"), "x", NULL},
        {ENTRY("    x: ''\n"), "x", ""},
        {ENTRY("    x: 'null'\n"), "x", "null"},
        {ENTRY("    x: [a, {y: b}]\n    z: c\n"), "x.y", NULL},
        {ENTRY("    x: [a, {y: b}]\n    z: c\n"), "z", "c"},
        {ENTRY("    a: {b: {c: {d: 1}}}\n"), "a.b.c.d", "1"},
        {ENTRY("    a: {b: {c: {d: {e: 1}}}}\n"), "a.b.c.d.e", NULL},
        {"clouds: {other: {x: 1}}\n", "x", NULL},
        {"dev: {x: 1}\n", "x", NULL},
        {"a: &a 1\nclouds: {other: {y: *a}, dev: {x: 1}}\n", "x", "1"},
        {"", "x", NULL},
        /* aliases, and what is merged: it gives way to what its mapping says, whole values to whole values */
        {"p: &p secret\n" ENTRY("    auth: {password: *p}\n"), "auth.password", "secret"},
        {"p: &p 1\nq: &p 2\n" ENTRY("    x: *p\n"), "x", "2"},
        {"a: &a {auth: {username: u}, x: 1}\nclouds: {dev: *a}\n", "auth.username", "u"},
        {"a: &a {x: 1, y: 2}\n" ENTRY("    <<: *a\n    y: 3\n"), "x", "1"},
        {"a: &a {x: 1, y: 2}\n" ENTRY("    <<: *a\n    y: 3\n"), "y", "3"},
        {"a: &a {x: 1, y: 2}\n" ENTRY("    y: 3\n    <<: *a\n"), "y", "3"},
        {"a: &a {auth: {username: u}}\n" ENTRY("    <<: *a\n    auth: {password: p}\n"),
         "auth.username", NULL},
        {"a: &a {username: u}\n" ENTRY("    auth: {<<: *a, password: p}\n"), "auth.username", "u"},
        {"a: &a {x: 1}\nb: &b {x: 2, y: 2}\n" ENTRY("    <<: [*a, *b]\n"), "x", "1"},
        {"a: &a {x: 1}\nb: &b {x: 2, y: 2}\n" ENTRY("    <<: [*a, *b]\n"), "y", "2"},
        {"a: &a {x: 1}\nb: &b {<<: *a, y: 2}\n" ENTRY("    <<: *b\n"), "x", "1"},
        {ENTRY("    <<: {x: 1}\n"), "x", "1"},
        {ENTRY("    '<<': {x: 1}\n"), "x", NULL},
        {"a: &a [1, 2]\n" ENTRY("    y: *a\n    x: 1\n"), "x", "1"},
    };
    nephi_memory memory;
    nephi_error error;
    int rc;
    (void)state;
    nephi_memory_init(&memory, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *value = value_in(&memory, rows[i].text, rows[i].key, &rc, &error);
        if (rc || !value != !rows[i].value || (value && strcmp(value, rows[i].value) != 0))
            fail_msg("%s: %d %s", rows[i].text, rc, value ? value : error.message);
    }
}

static void test_clouds_yaml__what_is_wrong_is_said_with_its_place(void **state)
{
    static const struct {
        const char *text, *says;
        int rc;
    } rows[] = {
        {"clouds:\n  dev: [\n", "line 3, column 1", NEPH_INVALID},
        {"clouds:\n\tdev: s3cret\n", "line 2", NEPH_INVALID},
        {"s3cret\n", "line 1, column 1: a text", NEPH_INVALID},
        {"? [a]\n: s3cret\n", "a key that is no short text", NEPH_INVALID},
        {"? {a: b}\n: s3cret\n", "a key that is no short text", NEPH_INVALID},
        {"a: 1\n---\nb: 2\n", "a second document", NEPH_INVALID},
        {"a: \"s3cret\\0\"\n", "a NUL", NEPH_INVALID},
        {"a: \xff\n", "byte 3", NEPH_INVALID},
        {"a: [[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]\n", "too deep", NEPH_INVALID},
        {ENTRY("    password: *p\n"), "line 3, column 15: an alias of nothing", NEPH_INVALID},
        {"a: &a {s3cret: *a}\n", "an alias inside what it stands for", NEPH_INVALID},
        {"p: &p s3cret\n" ENTRY("    <<: *p\n"), "line 4, column 9: \"<<\" with", NEPH_INVALID},
        {"p: &p s3cret\n*p : 1\n", "a key that is no short text", NEPH_INVALID},
    };
    nephi_memory memory;
    nephi_error error;
    int rc;
    (void)state;
    nephi_memory_init(&memory, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        (void)value_in(&memory, rows[i].text, "x", &rc, &error);
        if (rc != rows[i].rc || !strstr(error.message, rows[i].says) ||
            strstr(error.message, "s3cret"))
            fail_msg("%s: %d %s", rows[i].text, rc, error.message);
    }
}

/* Nine mappings, each with nine times the one before: what is walked has a limit. */
static void test_clouds_yaml__aliases_of_aliases_have_an_end(void **state)
{
    char text[4096] = "a0: &a0 {x: 1}\n";
    nephi_memory memory;
    nephi_error error;
    int rc;
    (void)state;
    for (int i = 1; i < 9; i++) {
        size_t size = strlen(text);
        size += (size_t)snprintf(text + size, sizeof text - size, "a%d: &a%d {", i, i);
        for (int k = 0; k < 9; k++)
            size += (size_t)snprintf(text + size, sizeof text - size, "k%d: *a%d, ", k, i - 1);
        snprintf(text + size, sizeof text - size, "}\n");
    }
    nephi_memory_init(&memory, NULL);
    (void)value_in(&memory, text, "x", &rc, &error);
    assert_int_equal(rc, NEPH_INVALID);
    assert_non_null(strstr(error.message, "more than a file of settings has"));
}

static int attempt(const nephi_memory *memory)
{
    nephi_error error;
    int rc;
    (void)value_in(memory, "a: &a {y: z}\n" ENTRY("    auth: {<<: *a, password: x}\n"),
                   "auth.password", &rc, &error);
    return rc;
}

static void test_clouds_yaml__survives_every_failed_allocation(void **state)
{
    (void)state;
    test_every_allocation_fails(attempt);
}

/* ---- files */

static int find(sandbox *box, const char *name, const char *key, char *value, nephi_error *error)
{
    nephi_clouds_yaml clouds;
    const char *found = "";
    int rc;
    nephi_error_clear(error);
    nephi_clouds_yaml_init(&clouds, box->host);
    clouds.name = name;
    rc = nephi_clouds_yaml_find(&clouds, key, &found, NULL, error);
    snprintf(value, 64, "%s", rc == 1 ? found : "");
    nephi_clouds_yaml_fini(&clouds);
    return rc;
}

static void test_clouds_yaml__secrets_may_stand_in_a_file_of_their_own(void **state)
{
    sandbox *box = *state;
    nephi_error error;
    char value[64];
    sandbox_setenv("XDG_CONFIG_HOME", NULL);
    sandbox_write(box, CLOUDS, ENTRY("    auth: {username: u, password: old}\n"), 0644);
    sandbox_write(box, SECURE, ENTRY("    auth: {password: p}\n"), 0600);
    sandbox_host(box, "none");
    assert_int_equal(find(box, "dev", "auth.username", value, &error), 1);
    assert_string_equal(value, "u");
    assert_int_equal(find(box, "dev", "auth.password", value, &error), 1);
    assert_string_equal(value, "p");
    assert_int_equal(find(box, "dev", "region_name", value, &error), 0);
}

static void test_clouds_yaml__a_cloud_that_is_named_must_be_there(void **state)
{
    sandbox *box = *state;
    nephi_error error;
    char value[64];
    sandbox_setenv("XDG_CONFIG_HOME", NULL);
    sandbox_host(box, "none");
    sandbox_setenv("OS_CLIENT_CONFIG_FILE", "/nonexistent/clouds.yaml");
    assert_int_equal(find(box, "dev", "x", value, &error), NEPH_FILE);
    assert_non_null(strstr(error.message, "/nonexistent/clouds.yaml"));
    sandbox_write(box, "named.yaml", ENTRY("    x: 1\n"), 0644);
    sandbox_setenv("OS_CLIENT_CONFIG_FILE", sandbox_path(box, "named.yaml"));
    assert_int_equal(find(box, "dev", "x", value, &error), 1);
    assert_int_equal(find(box, "prod", "x", value, &error), NEPH_INVALID);
    assert_non_null(strstr(error.message, "there is no cloud \"prod\" in "));
}

static void test_clouds_yaml__what_anybody_may_write_is_not_used(void **state)
{
    sandbox *box = *state;
    nephi_error error;
    char value[64];
    sandbox_setenv("XDG_CONFIG_HOME", NULL);
    sandbox_write(box, CLOUDS, ENTRY("    x: 1\n"), 0646);
    sandbox_host(box, "none");
    assert_int_equal(find(box, "dev", "x", value, &error), NEPH_INVALID);
    assert_non_null(strstr(error.message, "chmod o-w"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, sandbox_setup, sandbox_teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clouds_yaml__an_entry_is_its_keys_and_texts),
        cmocka_unit_test(test_clouds_yaml__what_is_wrong_is_said_with_its_place),
        cmocka_unit_test(test_clouds_yaml__survives_every_failed_allocation),
        cmocka_unit_test(test_clouds_yaml__aliases_of_aliases_have_an_end),
        TEST(test_clouds_yaml__secrets_may_stand_in_a_file_of_their_own),
        TEST(test_clouds_yaml__a_cloud_that_is_named_must_be_there),
        TEST(test_clouds_yaml__what_anybody_may_write_is_not_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
