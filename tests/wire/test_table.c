/*
 * tests/wire/test_table.c - compiling reply tables: what is wrong with a table and how it is said,
 * what is dropped, structs longer than this library's.
 */
#include "tests/wire/reply_stand.h"

#include <string.h>

static const neph_map states[] = {{"stopped", NEPH_NODE_STOPPED}, {NULL, 0}};

static void wrong(fixture *f, const neph_reply *table, const char *words)
{
    nephi_reply *reply = (nephi_reply *)f;
    uint32_t dropped;
    int rc;
    nephi_error_clear(&f->tape.error);
    rc = nephi_reply_compile(&reply, &f->memory, table, &dropped, &f->tape.error);
    if (rc != NEPH_PLUGIN || !strstr(f->tape.error.message, words))
        fail_msg("%d \"%s\", not \"%s\"", rc, f->tape.error.message, words);
    assert_null(reply);
}

/* A table of one rule with one field. */
static void wrong_field(fixture *f, uint32_t format, neph_rule rule, neph_field field,
                        const char *words)
{
    neph_reply table = {sizeof table, format, &rule, 1, sizeof rule};
    if (!rule.path)
        rule.path = "a";
    if (!rule.kind && !rule.flags)
        rule.kind = NEPH_KIND_NODE;
    rule.fields = &field;
    rule.field_count = 1;
    rule.field_size = sizeof field;
    if (!field.path)
        field.path = "p";
    if (!field.member)
        field.member = NEPH_NODE_ID;
    wrong(f, &table, words);
    assert_non_null(strstr(f->tape.error.message, rule.path));
}

static void test_table__refuses_fields_that_are_wrong_and_names_them(void **state)
{
    static const struct {
        neph_field field;
        const char *words;
    } rows[] = {
        {{.path = "a//b"}, "\"a//b\": is no path"},
        {{.path = "/a"}, "is no path"},
        {{.path = "a/"}, "is no path"},
        {{.path = "a[b"}, "is no path"},
        {{.path = "a[b]"}, "only pairs of the result itself are named"},
        {{"a[b]c", .member = NEPH_EXTRA}, "is no path"},
        {{"../a[b]/c", .member = NEPH_EXTRA}, "only pairs of the result itself are named"},
        {{.path = "a[=b]"}, "is no path"},
        {{.path = "a[b=]"}, "is no path"},
        {{.path = "a[b=c]d"}, "is no path"},
        {{.path = "a[]"}, "is no path"},
        {{.path = "@"}, "is no path"},
        {{.path = "@a/b"}, "is no path"},
        {{.path = "./a"}, "is no path"},
        {{.path = "a/.."}, "is no path"},
        {{.path = "a[b=c]/d[e=f]/g"}, "can have one [name=value]"},
        {{.path = "../../a"}, "climbs out of the document"},
        {{"../a", .member = NEPH_PAGE_TOKEN}, "only a member of a result can stand outside"},
        {{.path = "header:A"}, "header fields belong to a rule at \".\""},
        {{"p", .member = NEPH_OBJECT_KEY}, "its member is none of the rule's kind"},
        {{"p", .member = 0x7fffffff}, "its member is none"},
        {{"p", .member = -1}, "its member is none"},
        {{"p", .member = NEPH_BODY_SINK}, "its member is none"},
        {{"p", .member = NEPH_NODE_STATE}, "an enumeration needs a map"},
        {{"p", .map = states}, "a map makes numbers"},
        {{"p", .flags = NEPH_FIELD_EPOCH}, "an epoch makes a time"},
        {{"p", .member = NEPH_NODE_CREATED, .flags = NEPH_FIELD_EPOCH | NEPH_FIELD_EPOCH_MS},
         "of seconds or of milliseconds"},
        {{"p", .scale = 2}, "only numbers have a scale"},
        {{"p", .flags = NEPH_FIELD_PERCENT}, "a percentage makes a number"},
        {{"p", .member = NEPH_EXTRA, .flags = NEPH_FIELD_PREFIX}, "a header's prefix fills pairs"},
        {{"p", .flags = NEPH_FIELD_URL_IF | NEPH_FIELD_URL}, "URL_IF stands alone"},
        {{"p", .member = NEPH_NODE_PUBLIC_IPS, .flags = NEPH_FIELD_URL_IF}, "can be URL_IF"},
    };
    for (size_t i = 0; i < NEPH_COUNT(rows); i++)
        wrong_field(*state, NEPH_REPLY_XML, (neph_rule){.path = "a"}, rows[i].field, rows[i].words);
}

static void test_table__refuses_rules_that_are_wrong_and_names_them(void **state)
{
    static const neph_rule rows[] = {
        {.path = "a//b"},
        {.path = "a[b=c]"},
        {.path = "@a"},
        {.path = "a[]"},
        {.path = "a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q"},
    };
    static const neph_field empty = {.path = NULL};
    static const neph_field coded[] = {{"p", .member = NEPH_NODE_ID, .flags = NEPH_FIELD_URL_IF},
                                       {"../q", .member = NEPH_NODE_NAME}};
    const neph_field none = {.path = NULL};
    neph_rule rule = {.path = NULL};
    neph_reply table = {sizeof table, NEPH_REPLY_XML, &rule, 1, sizeof rule};
    for (size_t i = 0; i < NEPH_COUNT(rows); i++)
        wrong_field(*state, NEPH_REPLY_XML, rows[i], none, "its path is none");
    wrong_field(*state, NEPH_REPLY_XML, (neph_rule){.path = "a", .kind = 99}, none, "unknown kind");
    wrong_field(*state, NEPH_REPLY_XML, (neph_rule){.path = "a", .flags = 2}, none,
                "flags that this version");
    wrong_field(*state, NEPH_REPLY_XML,
                (neph_rule){.path = "a", .kind = NEPH_KIND_NODE, .flags = 1}, none,
                "an error is no result");
    wrong_field(*state, NEPH_REPLY_XML, (neph_rule){.path = "a", .flags = NEPH_RULE_ERROR}, none,
                "a rule without a kind fills no result");
    wrong_field(*state, NEPH_REPLY_JSON, (neph_rule){.path = "a", .root = "R"}, none,
                "only XML has a root");
    wrong_field(*state, NEPH_REPLY_NONE, (neph_rule){.path = "a"}, none, "rules at \".\" alone");
    wrong_field(*state, NEPH_REPLY_BODY, (neph_rule){.path = "."}, none, "has header fields alone");
    wrong_field(*state, NEPH_REPLY_NONE, (neph_rule){.path = "."}, (neph_field){.path = "header:"},
                "a header's name");
    wrong_field(*state, NEPH_REPLY_NONE, (neph_rule){.path = "."},
                (neph_field){.path = "header:a*"}, "a header's name");
    wrong(*state, &table, "rule 0 has no path");
    rule.path = "";
    wrong(*state, &table, "rule 0 has no path");
    rule.path = "a";
    rule.field_count = 1;
    wrong(*state, &table, "not 0 to 64 fields");
    rule.fields = &empty;
    rule.field_count = 65;
    wrong(*state, &table, "not 0 to 64 fields");
    rule.field_count = 1;
    rule.field_size = sizeof empty;
    wrong(*state, &table, "has no path");
    rule = (neph_rule){"a/b", NEPH_FIELDS(coded), .kind = NEPH_KIND_NODE};
    wrong(*state, &table, "both URL_IF and \"../\"");
    table.format = NEPH_REPLY_TEXT + 1;
    wrong(*state, &table, "unknown format");
    table.format = NEPH_REPLY_XML;
    table.rule_count = 33;
    wrong(*state, &table, "more than 32 rules");
    table.rule_count = 1;
    table.rules = NULL;
    wrong(*state, &table, "unknown format, or");
}

static void test_table__drops_fields_with_flags_that_it_does_not_know(void **state)
{
    static const neph_field fields[] = {
        {"id", .member = NEPH_IMAGE_ID, .flags = 1u << 30},
        {"id", .member = NEPH_IMAGE_NAME},
    };
    static const neph_rule rules[] = {{"[]", NEPH_FIELDS(fields), .kind = NEPH_KIND_IMAGE}};
    fixture *f = *state;
    nephi_reply *reply = NULL;
    uint32_t dropped = 99;
    assert_int_equal(nephi_reply_compile(&reply, &f->memory, JSON(rules), &dropped, &f->tape.error),
                     0);
    assert_int_equal(dropped, 1);
    assert_int_equal(read_reply(f, reply, "[{\"id\": 1}]", 0), 0);
    assert_string_equal(tape_text(&f->tape), "image{name=1}");
    nephi_reply_free(reply);
    nephi_reply_free(NULL);
}

/* A plugin built with longer structs than this library's. */
static void test_table__steps_by_the_sizes_that_the_table_says(void **state)
{
    static const struct {
        neph_field field;
        int64_t more;
    } fields[] = {{{"id", .member = NEPH_IMAGE_ID}, 1}, {{"name", .member = NEPH_IMAGE_NAME}, 2}};
    static const struct {
        neph_rule rule;
        int64_t more;
    } rules[] = {{{"a[]", &fields[0].field, 2, sizeof fields[0], .kind = NEPH_KIND_IMAGE}, 1},
                 {{"b[]", &fields[0].field, 1, sizeof fields[0], .kind = NEPH_KIND_IMAGE}, 2}};
    const neph_reply table = {sizeof table, NEPH_REPLY_JSON, &rules[0].rule, 2, sizeof rules[0]};
    expect(*state, &table, "{\"a\": [{\"id\": 1, \"name\": 2}], \"b\": [{\"name\": 3, \"id\": 4}]}",
           "image{id=1,name=2}image{id=4}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_table__refuses_fields_that_are_wrong_and_names_them),
        TEST(test_table__refuses_rules_that_are_wrong_and_names_them),
        TEST(test_table__drops_fields_with_flags_that_it_does_not_know),
        TEST(test_table__steps_by_the_sizes_that_the_table_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
