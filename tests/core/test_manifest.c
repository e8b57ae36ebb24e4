/*
 * A manifest is read whole or refused with the rule it broke, and says what the tables of its plugin say.
 */
#include "core/info.h"
#include "core/manifest.h"
#include "core/model.h"
#include "core/rule.h"
#include "tests/provider/probe.h"
#include "tests/support/allocator.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MANIFESTGEN_TEST
#include "pkg/manifestgen.c"

#define WHOLE                                                                                      \
    "{\"format\": 1, \"name\": \"x\", \"version\": \"1\", \"abi\": \"0.2\", \"file\": \"x.so\", "  \
    "\"providers\": [{\"id\": \"x\", \"title\": \"X\"}]}"

typedef struct fixture {
    nephi_memory memory;
    nephi_arena keep, scratch;
    nephi_manifest manifest;
    nephi_error error;
} fixture;

static int setup(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    nephi_memory_init(&f->memory, NULL);
    nephi_arena_init(&f->keep, &f->memory, 0);
    nephi_arena_init(&f->scratch, &f->memory, 0);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    nephi_arena_fini(&f->keep, 0);
    nephi_arena_fini(&f->scratch, 0);
    free(f);
    return 0;
}

static int read_text(fixture *f, const char *name, const char *text)
{
    nephi_error_clear(&f->error);
    return nephi_manifest_read(&f->manifest, &f->keep, &f->scratch, name, text, strlen(text),
                               &f->error);
}

/* WHOLE with `old` replaced by `new`. */
static const char *edited(const char *old, const char *new)
{
    static char text[8192];
    const char *at = strstr(WHOLE, old);
    assert_non_null(at);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - WHOLE), WHOLE, new, at + strlen(old));
    return text;
}

static void test_manifest__is_read(void **state)
{
    fixture *f = *state;
    const neph_provider_info *provider;
    assert_int_equal(
        read_text(
            f, "aws-2",
            "{\"format\": 1, \"name\": \"aws-2\", \"version\": \"2.1\", \"abi\": \"0.12\",\n"
            " \"file\": \"aws-2.so\", \"package\": \"neph-aws\", \"isolation\": {\"any\": [1, {}]},\n"
            " \"providers\": [{\"id\": \"s3\", \"title\": \"S \\\"3\\\"\", \"hosts\": [\"https://a\"],\n"
            "   \"settings\": [{\"name\": \"key\", \"type\": \"integer\", \"secret\": true,\n"
            "      \"required\": true, \"summary\": \"a key\", \"choices\": [\"1\", \"2\"],\n"
            "      \"origins\": [\"environment A\", \"profile b\"]},\n"
            "      {\"name\": \"on\", \"type\": \"boolean\", \"default\": \"no\"}],\n"
            "   \"operations\": {\"node.list\": [\"limit\", \"later\", \"tag\"], \"later.thing\": [1], "
            "\"bucket.list\": []},\n"
            "   \"extensions\": [{\"name\": \"spot_price\", \"op\": 32769, \"summary\": \"prices\", "
            "\"later\": 1,\n"
            "      \"parameters\": [{\"name\": \"kind\", \"type\": \"string\", \"summary\": \"k\", "
            "\"required\": true, \"choices\": [\"a\", \"b\"]},\n"
            "        {\"name\": \"zones\", \"type\": \"strings\", \"summary\": \"z\"}],\n"
            "      \"columns\": [{\"name\": \"price\", \"type\": \"decimal\", \"summary\": \"p\", "
            "\"wide\": true}]},\n"
            "     {\"name\": \"nothing\", \"op\": 65535, \"summary\": \"n\"}]},\n"
            "  {\"id\": \"ec2\", \"title\": \"EC2\"}]}"),
        0);
    assert_string_equal(f->manifest.version, "2.1");
    assert_string_equal(f->manifest.file, "aws-2.so");
    assert_string_equal(f->manifest.package, "neph-aws");
    assert_int_equal(f->manifest.abi_major, 0);
    assert_int_equal(f->manifest.abi_minor, 12);
    assert_int_equal(f->manifest.provider_count, 2);
    provider = &f->manifest.providers[0];
    assert_string_equal(provider->title, "S \"3\"");
    assert_string_equal(provider->plugin, "aws-2");
    assert_int_equal(provider->setting_count, 2);
    assert_int_equal(provider->settings[0].type, NEPH_TYPE_INTEGER);
    assert_int_equal(provider->settings[0].flags, NEPH_INFO_SECRET | NEPH_INFO_REQUIRED);
    assert_string_equal(provider->settings[0].choices, "1|2");
    assert_string_equal(provider->settings[0].origins, "environment A, profile b");
    assert_string_equal(provider->settings[1].fallback, "no");
    assert_null(provider->settings[1].origins);
    assert_int_equal(provider->op_count, 2);
    assert_int_equal(provider->ops[0], NEPH_OP_NODE_LIST);
    assert_int_equal(provider->ops[1], NEPH_OP_BUCKET_LIST);
    assert_int_equal(provider->takes[0].member_count, 2);
    assert_int_equal(provider->takes[0].members[0], NEPH_LIST_LIMIT);
    assert_int_equal(provider->takes[0].members[1], NEPH_LIST_TAG);
    assert_int_equal(provider->takes[1].member_count, 0);
    assert_int_equal(provider->extension_count, 2);
    assert_string_equal(provider->extensions[0].name, "spot_price");
    assert_int_equal(provider->extensions[0].op, 32769);
    assert_int_equal(provider->extensions[0].parameters[0].flags, NEPH_INFO_REQUIRED);
    assert_string_equal(provider->extensions[0].choices[0], "a|b");
    assert_int_equal(provider->extensions[0].parameters[1].type, NEPH_TYPE_STRINGS);
    assert_int_equal(provider->extensions[0].columns[0].type, NEPH_TYPE_DECIMAL);
    assert_int_equal(provider->extensions[0].columns[0].flags, NEPH_INFO_WIDE);
    assert_int_equal(provider->extensions[1].parameter_count, 0);
    assert_int_equal(provider->extensions[1].column_count, 0);
    assert_int_equal(f->manifest.providers[1].op_count, 0);
}

static void test_manifest__is_refused_with_its_rule(void **state)
{
    static const struct {
        const char *old, *new;
        int rule;
        const char *says;
    } rows[] = {
        {"{\"format\"", "[\"format\"", NEPHI_RULE_MANIFEST_JSON, ""},
        {"}]}", "}]", NEPHI_RULE_MANIFEST_JSON, ""},
        {"}]}", "}]} x", NEPHI_RULE_MANIFEST_JSON, ""},
        {"\"format\": 1", "\"format\": 1, \"format\": 1", NEPHI_RULE_MANIFEST_JSON, "twice"},
        {"\"format\": 1", "\"format\": 1, \"z\": {\"y\": 1, \"y\": 2}", NEPHI_RULE_MANIFEST_JSON,
         "twice"},
        {"\"format\": 1, ", "", NEPHI_RULE_MANIFEST_FORMAT, "no \"format\""},
        {"\"format\": 1", "\"format\": 2", NEPHI_RULE_MANIFEST_FORMAT, "update neph"},
        {"\"format\": 1", "\"format\": \"1\"", NEPHI_RULE_MANIFEST_FORMAT, ""},
        {"\"name\": \"x\"", "\"name\": \"y\"", NEPHI_RULE_MANIFEST_NAME, "\"y\""},
        {"\"name\": \"x\"", "\"nam\": \"x\"", NEPHI_RULE_MANIFEST_MEMBER, "name"},
        {"\"version\": \"1\"", "\"version\": 1", NEPHI_RULE_MANIFEST_MEMBER, "version"},
        {"\"abi\": \"0.2\"", "\"abi\": \"0\"", NEPHI_RULE_MANIFEST_MEMBER, "abi"},
        {"\"abi\": \"0.2\"", "\"abi\": \"0.-1\"", NEPHI_RULE_MANIFEST_MEMBER, "abi"},
        {"\"abi\": \"0.2\"", "\"abi\": \"0.99999999999\"", NEPHI_RULE_MANIFEST_MEMBER, "abi"},
        {"x.so", "../x.so", NEPHI_RULE_MANIFEST_PATH, "../x.so"},
        {"x.so", "/usr/../x.so", NEPHI_RULE_MANIFEST_PATH, "/usr/../x.so"},
        {"x.so", "", NEPHI_RULE_MANIFEST_PATH, ""},
        {"[{\"id\": \"x\", \"title\": \"X\"}]", "[]", NEPHI_RULE_MANIFEST_MEMBER, "providers"},
        {"[{\"id\": \"x\", \"title\": \"X\"}]", "{}", NEPHI_RULE_MANIFEST_MEMBER, "providers"},
        {"[{\"id\": \"x\", \"title\": \"X\"}]", "[1]", NEPHI_RULE_MANIFEST_MEMBER, "id"},
        {"\"id\": \"x\"", "\"id\": \"X\"", NEPHI_RULE_MANIFEST_MEMBER, "id"},
        {"\"id\": \"x\"", "\"id\": \"a_b\"", NEPHI_RULE_MANIFEST_MEMBER, "id"},
        {"\"title\": \"X\"", "\"t\": \"X\"", NEPHI_RULE_MANIFEST_MEMBER, "title"},
        {"\"title\": \"X\"}", "\"title\": \"X\"}, {\"id\": \"x\", \"title\": \"X\"}",
         NEPHI_RULE_MANIFEST_MEMBER, "twice"},
        {"\"title\": \"X\"", "\"title\": \"X\", \"settings\": {}", NEPHI_RULE_MANIFEST_MEMBER,
         "settings"},
        {"\"title\": \"X\"",
         "\"title\": \"X\", \"settings\": [{\"name\": \"9\", \"type\": \"string\"}]",
         NEPHI_RULE_MANIFEST_MEMBER, "name"},
        {"\"title\": \"X\"",
         "\"title\": \"X\", \"settings\": [{\"name\": \"a\", \"type\": \"float\"}]",
         NEPHI_RULE_MANIFEST_MEMBER, "type"},
        {"\"title\": \"X\"",
         "\"title\": \"X\", \"settings\": [{\"name\": \"a\", \"type\": \"string\", \"secret\": 1}]",
         NEPHI_RULE_MANIFEST_MEMBER, "secret"},
        {"\"title\": \"X\"",
         "\"title\": \"X\", \"settings\": [{\"name\": \"a\", \"type\": \"string\"}, "
         "{\"name\": \"a\", \"type\": \"string\"}]",
         NEPHI_RULE_MANIFEST_MEMBER, "twice"},
        {"\"title\": \"X\"",
         "\"title\": \"X\", \"settings\": [{\"name\": \"a\", \"type\": \"string\", \"choices\": [1]}]",
         NEPHI_RULE_MANIFEST_MEMBER, "choices"},
        {"\"title\": \"X\"", "\"title\": \"X\", \"operations\": []", NEPHI_RULE_MANIFEST_MEMBER,
         "operations"},
        {"\"title\": \"X\"", "\"title\": \"X\", \"operations\": {\"node.list\": 1}",
         NEPHI_RULE_MANIFEST_MEMBER, "node.list"},
        {"\"title\": \"X\"", "\"title\": \"X\", \"extensions\": {}", NEPHI_RULE_MANIFEST_MEMBER,
         "extensions"},
        {"\"title\": \"X\"", "\"title\": \"X\", \"extensions\": [1]", NEPHI_RULE_MANIFEST_MEMBER,
         "name"},
        {"\"title\": \"X\"",
         "\"title\": \"X\", \"extensions\": [{\"op\": 32768, \"summary\": \"s\"}]",
         NEPHI_RULE_MANIFEST_MEMBER, "name"},
        {"\"title\": \"X\"",
         "\"title\": \"X\", \"extensions\": [{\"name\": \"E\", \"op\": 32768, \"summary\": \"s\"}]",
         NEPHI_RULE_MANIFEST_MEMBER, "name of lower-case"},
        {"\"title\": \"X\"", "\"title\": \"X\", \"extensions\": [{\"name\": \"e\", \"op\": 32768}]",
         NEPHI_RULE_MANIFEST_MEMBER, "summary"},
        {"\"title\": \"X\"",
         "\"title\": \"X\", \"extensions\": [{\"name\": \"e\", \"summary\": \"s\"}]",
         NEPHI_RULE_MANIFEST_MEMBER, "op"},
        {"\"title\": \"X\"",
         "\"title\": \"X\", \"extensions\": [{\"name\": \"e\", \"summary\": \"s\", \"op\": -1}]",
         NEPHI_RULE_MANIFEST_MEMBER, "op"},
        {"\"title\": \"X\"",
         "\"title\": \"X\", \"extensions\": [{\"name\": \"e\", \"summary\": \"s\", \"op\": 4294967296}]",
         NEPHI_RULE_MANIFEST_MEMBER, "op"},
        {"\"title\": \"X\"",
         "\"title\": \"X\", \"extensions\": [{\"name\": \"e\", \"summary\": \"s\", \"op\": 256}]",
         NEPHI_RULE_MANIFEST_MEMBER, "number"},
        {"\"title\": \"X\"",
         "\"title\": \"X\", \"extensions\": [{\"name\": \"e\", \"summary\": \"s\", \"op\": 65536}]",
         NEPHI_RULE_MANIFEST_MEMBER, "number"},
        {"\"title\": \"X\"",
         "\"title\": \"X\", \"extensions\": [{\"name\": \"e\", \"summary\": \"s\", \"op\": 32768}, {\"name\": \"e\", \"summary\": \"s\", \"op\": 32769}]",
         NEPHI_RULE_MANIFEST_MEMBER, "twice"},
        {"\"title\": \"X\"",
         "\"title\": \"X\", \"extensions\": [{\"name\": \"e\", \"summary\": \"s\", \"op\": 32768}, {\"name\": \"f\", \"summary\": \"s\", \"op\": 32768}]",
         NEPHI_RULE_MANIFEST_MEMBER, "twice"},
        {"\"title\": \"X\"",
         "\"title\": \"X\", \"extensions\": [{\"name\": \"e\", \"op\": 32768, \"summary\": \"s\", \"parameters\": {}}]",
         NEPHI_RULE_MANIFEST_MEMBER, "parameters"},
        {"\"title\": \"X\"",
         "\"title\": \"X\", \"extensions\": [{\"name\": \"e\", \"op\": 32768, \"summary\": \"s\", \"parameters\": [{\"name\": \"p\", \"summary\": \"s\", \"type\": \"pairs\"}]}]",
         NEPHI_RULE_MANIFEST_MEMBER, "type"},
        {"\"title\": \"X\"",
         "\"title\": \"X\", \"extensions\": [{\"name\": \"e\", \"op\": 32768, \"summary\": \"s\", \"parameters\": [{\"name\": \"p\", \"type\": \"string\"}]}]",
         NEPHI_RULE_MANIFEST_MEMBER, "summary"},
        {"\"title\": \"X\"",
         "\"title\": \"X\", \"extensions\": [{\"name\": \"e\", \"op\": 32768, \"summary\": \"s\", \"parameters\": [{\"name\": \"p-q\", \"summary\": \"s\", \"type\": \"string\"}]}]",
         NEPHI_RULE_MANIFEST_MEMBER, "p-q"},
        {"\"title\": \"X\"",
         "\"title\": \"X\", \"extensions\": [{\"name\": \"e\", \"op\": 32768, \"summary\": \"s\", \"parameters\": [{\"name\": \"p\", \"summary\": \"s\", \"type\": \"integer\", \"secret\": true}]}]",
         NEPHI_RULE_MANIFEST_MEMBER, "secret"},
        {"\"title\": \"X\"",
         "\"title\": \"X\", \"extensions\": [{\"name\": \"e\", \"op\": 32768, \"summary\": \"s\", \"parameters\": [{\"name\": \"p\", \"summary\": \"s\", \"type\": \"string\", \"choices\": \"a\"}]}]",
         NEPHI_RULE_MANIFEST_MEMBER, "choices"},
        {"\"title\": \"X\"",
         "\"title\": \"X\", \"extensions\": [{\"name\": \"e\", \"op\": 32768, \"summary\": \"s\", \"parameters\": [{\"name\": \"p\", \"summary\": \"s\", \"type\": \"string\", \"required\": 1}]}]",
         NEPHI_RULE_MANIFEST_MEMBER, "required"},
        {"\"title\": \"X\"",
         "\"title\": \"X\", \"extensions\": [{\"name\": \"e\", \"op\": 32768, \"summary\": \"s\", \"columns\": [{\"name\": \"c\", \"summary\": \"s\", \"type\": \"strings\"}]}]",
         NEPHI_RULE_MANIFEST_MEMBER, "type"},
        {"\"title\": \"X\"",
         "\"title\": \"X\", \"extensions\": [{\"name\": \"e\", \"op\": 32768, \"summary\": \"s\", \"columns\": [{\"name\": \"c\", \"summary\": \"s\", \"type\": \"time\"}, {\"name\": \"c\", \"summary\": \"s\", \"type\": \"time\"}]}]",
         NEPHI_RULE_MANIFEST_MEMBER, "twice"},
        {"\"title\": \"X\"",
         "\"title\": \"X\", \"extensions\": [{\"name\": \"e\", \"op\": 32768, \"summary\": \"s\", \"columns\": [{\"name\": \"c\", \"summary\": \"s\", \"type\": \"time\", \"wide\": \"yes\"}]}]",
         NEPHI_RULE_MANIFEST_MEMBER, "wide"},
        {"\"title\": \"X\"", "\"title\": \"X\", \"operations\": {\"node.list\": [1]}",
         NEPHI_RULE_MANIFEST_MEMBER, "node.list"},
        {"\"title\": \"X\"", "\"title\": \"X\", \"hosts\": \"h\"", NEPHI_RULE_MANIFEST_MEMBER,
         "hosts"},
    };
    fixture *f = *state;
    assert_int_equal(read_text(f, "x", WHOLE), 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *text = edited(rows[i].old, rows[i].new);
        if (read_text(f, "x", text) != NEPH_PLUGIN || f->error.rule != rows[i].rule ||
            !strstr(f->error.message, rows[i].says))
            fail_msg("row %zu: %s: rule %d: %s", i, text, f->error.rule, f->error.message);
    }
}

static void test_manifest__refuses_names_that_are_none(void **state)
{
    static const char *const good[] = {"a", "s3", "blue-box", "blue_box", "9p"};
    static const char *const bad[] = {"", "-a", "_a", "A", "a.b", "a/b", "a b", "\xc3\xa4"};
    char longest[80];
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(nephi_is_plugin_name(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(nephi_is_plugin_name(bad[i]));
    memset(longest, 'a', sizeof longest);
    longest[NEPHI_NAME_LENGTH_MAX] = '\0';
    assert_true(nephi_is_plugin_name(longest));
    longest[NEPHI_NAME_LENGTH_MAX] = 'a';
    longest[NEPHI_NAME_LENGTH_MAX + 1] = '\0';
    assert_false(nephi_is_plugin_name(longest));
    assert_false(nephi_is_provider_id("a_b"));
    assert_true(nephi_is_setting_name("a_b"));
    assert_false(nephi_is_setting_name("a-b"));
    assert_false(nephi_is_setting_name("9a"));
}

static void test_manifest__counts_are_limited(void **state)
{
    fixture *f = *state;
    static char text[1 << 16];
    size_t used =
        (size_t)snprintf(text, sizeof text, "%.*s", (int)(strstr(WHOLE, "[{") + 1 - WHOLE), WHOLE);
    for (int i = 0; i < 65; i++)
        used += (size_t)snprintf(text + used, sizeof text - used,
                                 "%s{\"id\": \"p%d\", \"title\": \"X\"}", i ? "," : "", i);
    snprintf(text + used, sizeof text - used, "]}");
    assert_int_equal(read_text(f, "x", text), NEPH_PLUGIN);
    assert_int_equal(f->error.rule, NEPHI_RULE_MANIFEST_MEMBER);
}

/* ---- the generator */

static char *generate(const neph_plugin *plugin)
{
    static char text[1 << 16];
    out = fmemopen(text, sizeof text, "w");
    assert_non_null(out);
    assert_true(write_plugin(plugin));
    fclose(out);
    return text;
}

static void test_manifest__generated_says_what_the_tables_say(void **state)
{
    fixture *f = *state;
    const neph_plugin *plugin = &probe_LTX_neph_plugin_v0;
    neph_provider_info infos[8];
    assert_int_equal(read_text(f, plugin->name, generate(plugin)), 0);
    assert_string_equal(f->manifest.version, plugin->version);
    assert_int_equal(nephi_info_make(infos, &f->keep, plugin, &f->error), 0);
    assert_int_equal(nephi_info_compare(f->manifest.providers, f->manifest.provider_count, infos,
                                        plugin->provider_count, "x", &f->error),
                     0);
    infos[0].title = "other";
    assert_int_equal(nephi_info_compare(f->manifest.providers, f->manifest.provider_count, infos,
                                        plugin->provider_count, "x", &f->error),
                     NEPH_PLUGIN);
    assert_int_equal(f->error.rule, NEPHI_RULE_PLUGIN_SAME);
}

static int has_argument(const neph_op_info *info, const name_row *row)
{
    for (uint32_t i = 0; i < info->argument_count; i++)
        if (info->arguments[i].member == row->number &&
            strcmp(info->arguments[i].name, row->name) == 0)
            return 1;
    return 0;
}

/* What a stale manifest may say otherwise of an extension, and of what is taken. */
static void spoil(neph_provider_info *info, int which)
{
    static neph_extension_info extensions[2];
    static neph_member_info parameters[5], columns[7];
    static const char *choices[5];
    static neph_takes_info takes[32];
    static const int32_t other[] = {NEPH_LIST_TAG};
    assert_in_range(info->op_count, 1, 32);
    memcpy(extensions, info->extensions, sizeof extensions);
    memcpy(parameters, extensions[0].parameters, sizeof parameters);
    memcpy(columns, extensions[0].columns, sizeof columns);
    memcpy(choices, extensions[0].choices, sizeof choices);
    memcpy(takes, info->takes, info->op_count * sizeof *takes);
    extensions[0].parameters = parameters;
    extensions[0].columns = columns;
    extensions[0].choices = choices;
    info->extensions = extensions;
    info->takes = takes;
    switch (which) {
    case 0: info->extension_count--; break;
    case 1: extensions[1].name = "other"; break;
    case 2: extensions[1].op++; break;
    case 3: extensions[1].summary = "other"; break;
    case 4: extensions[0].parameter_count--; break;
    case 5: parameters[4].flags = 0; break;
    case 6: parameters[4].type = NEPH_TYPE_TIME; break;
    case 7: choices[0] = "spot"; break;
    case 8: choices[0] = NULL; break;
    case 9: columns[6].name = "other"; break;
    case 10: columns[6].summary = "other"; break;
    case 11: takes[0].member_count = 0; break;
    default: takes[0].members = other; break;
    }
}

static void test_manifest__is_compared_to_the_last_column(void **state)
{
    fixture *f = *state;
    const neph_plugin *plugin = &probe_LTX_neph_plugin_v0;
    neph_provider_info infos[8], spoilt;
    assert_int_equal(nephi_info_make(infos, &f->keep, plugin, &f->error), 0);
    assert_int_equal(infos[0].extension_count, 2);
    assert_int_equal(infos[0].ops[0], NEPH_OP_NODE_LIST);
    assert_int_equal(infos[0].takes[0].member_count, 1);
    for (int i = 0; i <= 12; i++) {
        spoilt = infos[0];
        spoil(&spoilt, i);
        nephi_error_clear(&f->error);
        if (nephi_info_compare(&spoilt, 1, infos, 1, "x", &f->error) != NEPH_PLUGIN ||
            nephi_info_compare(infos, 1, &spoilt, 1, "x", &f->error) != NEPH_PLUGIN)
            fail_msg("%d is the same", i);
        assert_int_equal(f->error.rule, NEPHI_RULE_PLUGIN_SAME);
    }
}

static void test_manifest__generator_knows_all_operations_and_arguments(void **state)
{
    const neph_op_info *info;
    (void)state;
    for (size_t i = 0; (info = neph_op_at(i)) != NULL; i++) {
        assert_non_null(name_of(op_names, (int32_t)info->op));
        assert_string_equal(name_of(op_names, (int32_t)info->op), info->name);
        for (uint32_t j = 0; j < info->argument_count; j++)
            if (!(info->arguments[j].flags & NEPH_INFO_REQUIRED))
                assert_non_null(name_of(argument_names, info->arguments[j].member));
    }
    for (const name_row *row = argument_names; row->name; row++) {
        int found = 0;
        for (size_t i = 0; (info = neph_op_at(i)) != NULL; i++)
            found |= has_argument(info, row);
        assert_true(found);
    }
}

static void test_manifest__rules_are_numbered_in_order(void **state)
{
    const nephi_obligation *rule;
    size_t i;
    (void)state;
    for (i = 0; (rule = nephi_rule_at(i)) != NULL; i++) {
        assert_int_equal(rule->number, i + 1);
        assert_true(strlen(rule->name) > 3 && strlen(rule->sentence) > 20);
        assert_int_equal(rule->sentence[strlen(rule->sentence) - 1], '.');
    }
    assert_int_equal(i, NEPHI_RULE_COUNT);
}

/* ---- memory */

static int attempt(const nephi_memory *memory)
{
    nephi_arena keep, scratch;
    nephi_manifest manifest;
    nephi_error error;
    const char *text = generate(&probe_LTX_neph_plugin_v0);
    int rc;
    nephi_error_clear(&error);
    nephi_arena_init(&keep, memory, 0);
    nephi_arena_init(&scratch, memory, 0);
    rc = nephi_manifest_read(&manifest, &keep, &scratch, "probe", text, strlen(text), &error);
    nephi_arena_fini(&keep, 0);
    nephi_arena_fini(&scratch, 0);
    return rc;
}

static void test_manifest__survives_every_failed_allocation(void **state)
{
    (void)state;
    test_every_allocation_fails(attempt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_manifest__is_read, setup, teardown),
        cmocka_unit_test_setup_teardown(test_manifest__is_refused_with_its_rule, setup, teardown),
        cmocka_unit_test(test_manifest__refuses_names_that_are_none),
        cmocka_unit_test_setup_teardown(test_manifest__counts_are_limited, setup, teardown),
        cmocka_unit_test_setup_teardown(test_manifest__generated_says_what_the_tables_say, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_manifest__is_compared_to_the_last_column, setup,
                                        teardown),
        cmocka_unit_test(test_manifest__generator_knows_all_operations_and_arguments),
        cmocka_unit_test(test_manifest__rules_are_numbered_in_order),
        cmocka_unit_test(test_manifest__survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
