/*
 * Rows in the four formats: from cells of a table of our own, and from what a server chose to send.
 */
#include "core/cli/cells.h"
#include "core/cli/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { NAME, BYTES, PRICE, WHEN, IS_FINE, LIST, SECRET, WIDE, COUNT };

static const neph_member_info members[COUNT] = {
    [NAME] = NEPHC_MEMBER(STRING, NEPH_INFO_COLUMN, "name", "s"),
    [BYTES] = NEPHC_MEMBER(INTEGER, NEPH_INFO_COLUMN | NEPH_INFO_SIZE, "bytes", "s"),
    [PRICE] = NEPHC_MEMBER(DECIMAL, NEPH_INFO_COLUMN, "price", "s"),
    [WHEN] = NEPHC_MEMBER(TIME, NEPH_INFO_COLUMN, "when", "s"),
    [IS_FINE] = NEPHC_MEMBER(BOOLEAN, NEPH_INFO_COLUMN, "is_fine", "s"),
    [LIST] = NEPHC_MEMBER(STRINGS, NEPH_INFO_COLUMN, "list", "s"),
    [SECRET] = NEPHC_MEMBER(STRING, NEPH_INFO_SECRET, "secret", "s"),
    [WIDE] = NEPHC_MEMBER(STRING, NEPH_INFO_WIDE, "wide", "s"),
};

static char data[1u << 20];
static neph_value cells[COUNT];
static nephc_shape shape;
static nephc_output out;
static nephc_rows rows;

static int setup(void **state)
{
    static const char *const list[] = {"a", "b,c"};

    (void)state;
    shape = (nephc_shape){members, COUNT, 0, 0, 0};
    nephc_output_init(&out, -1, data, sizeof data - 1);
    cells[NAME] = nephc_text("web");
    cells[BYTES] = nephc_number(1536);
    cells[PRICE] = nephc_number(150000000);
    cells[PRICE].type = NEPH_TYPE_DECIMAL;
    cells[WHEN] = nephc_number(1700000000123000000);
    cells[WHEN].type = NEPH_TYPE_TIME;
    cells[IS_FINE] = nephc_boolean(1);
    cells[LIST] = nephc_strings(list, 2);
    cells[SECRET] = nephc_text("hush");
    cells[WIDE] = nephc_text("w");
    return 0;
}

static void expect(nephc_format format, size_t count, const char *expected)
{
    assert_int_equal(nephc_rows_begin(&rows, &out, format, &shape), 0);
    while (count-- > 0)
        nephc_rows_cells(&rows, cells);
    nephc_rows_end(&rows);
    assert_int_equal(out.error, 0);
    data[out.used] = '\0';
    assert_string_equal(data, expected);
}

static void test_rows__json_is_one_array(void **state)
{
    (void)state;
    expect(
        NEPHC_JSON, 2,
        "[{\"name\":\"web\",\"bytes\":1536,\"price\":0.15,\"when\":\"2023-11-14T22:13:20.123Z\",\"is_fine\":true,"
        "\"list\":[\"a\",\"b,c\"],\"wide\":\"w\"},\n "
        "{\"name\":\"web\",\"bytes\":1536,\"price\":0.15,\"when\":\"2023-11-14T22:13:20.123Z\",\"is_fine\":true,"
        "\"list\":[\"a\",\"b,c\"],\"wide\":\"w\"}]\n");
}

static void test_rows__json_of_nothing_is_an_empty_array(void **state)
{
    (void)state;
    expect(NEPHC_JSON, 0, "[]\n");
}

static void test_rows__unknown_is_null_in_json(void **state)
{
    (void)state;
    memset(cells, 0, sizeof cells);
    expect(
        NEPHC_JSONL, 1,
        "{\"name\":null,\"bytes\":null,\"price\":null,\"when\":null,\"is_fine\":null,\"list\":null,\"wide\":null}\n");
}

static void test_rows__integers_that_a_double_cannot_hold_are_strings(void **state)
{
    (void)state;
    shape.member_count = BYTES + 1;
    cells[BYTES].number = INT64_C(9007199254740992);
    expect(NEPHC_JSONL, 1, "{\"name\":\"web\",\"bytes\":9007199254740992}\n");
    out.used = 0;
    cells[BYTES].number = INT64_C(9007199254740993);
    expect(NEPHC_JSONL, 1, "{\"name\":\"web\",\"bytes\":\"9007199254740993\"}\n");
    out.used = 0;
    cells[BYTES].number = INT64_C(-9007199254740993);
    expect(NEPHC_JSONL, 1, "{\"name\":\"web\",\"bytes\":\"-9007199254740993\"}\n");
}

static void test_rows__what_is_no_utf8_is_base64_in_json(void **state)
{
    static const char *const list[] = {"fine", "\xff"};

    (void)state;
    shape.member_count = 1;
    cells[NAME] = nephc_text("bad\xff key");
    expect(NEPHC_JSONL, 1, "{\"name_base64\":\"YmFk/yBrZXk=\"}\n");
    out.used = 0;
    cells[NAME] = nephc_strings(list, 2);
    expect(NEPHC_JSONL, 1, "{\"name\":[\"fine\",{\"base64\":\"/w==\"}]}\n");
}

static void test_rows__tsv_is_what_copy_reads(void **state)
{
    (void)state;
    expect(NEPHC_TSV, 1, "web\t1536\t0.15\t2023-11-14T22:13:20.123Z\ttrue\ta,b,c\n");
    out.used = 0;
    memset(cells, 0, sizeof cells);
    cells[NAME] = nephc_text("a\tb\\N\n");
    expect(NEPHC_TSV, 1, "a\\tb\\\\N\\n\t\\N\t\\N\t\\N\t\\N\t\\N\n");
}

static void test_rows__tables_align(void **state)
{
    (void)state;
    expect(NEPHC_TABLE, 1,
           "NAME    BYTES  PRICE  WHEN                  IS_FINE  LIST\n"
           "web   1.5 KiB   0.15  2023-11-14 22:13:20Z  yes      a, b,c\n");
}

static void test_rows__unknown_is_a_dash_in_tables(void **state)
{
    (void)state;
    memset(cells, 0, sizeof cells);
    expect(NEPHC_TABLE, 1,
           "NAME  BYTES  PRICE  WHEN  IS_FINE  LIST\n-         -      -  -     -        -\n");
}

static void test_rows__a_table_of_nothing_is_nothing(void **state)
{
    (void)state;
    expect(NEPHC_TABLE, 0, "");
}

static void test_rows__long_tables_keep_every_row(void **state)
{
    char name[32], *line;
    int i, count = 0;

    (void)state;
    shape.member_count = 1;
    assert_int_equal(nephc_rows_begin(&rows, &out, NEPHC_TABLE, &shape), 0);
    for (i = 0; i < 5000; i++) {
        (void)snprintf(name, sizeof name, "row-%d", i);
        cells[NAME] = nephc_text(name);
        nephc_rows_cells(&rows, cells);
    }
    nephc_rows_end(&rows);
    data[out.used] = '\0';
    line = strchr(data, '\n') + 1;
    for (; *line; line = strchr(line, '\n') + 1)
        assert_int_equal(strtol(line + 4, NULL, 10), count++);
    assert_int_equal(count, 5000);
}

static void test_rows__a_cell_has_a_limit(void **state)
{
    static char long_text[100000];

    (void)state;
    memset(long_text, '\x1b', sizeof long_text - 1);
    shape.member_count = 1;
    cells[NAME] = nephc_text(long_text);
    assert_int_equal(nephc_rows_begin(&rows, &out, NEPHC_TABLE, &shape), 0);
    nephc_rows_cells(&rows, cells);
    nephc_rows_end(&rows);
    assert_true(out.used < 10000);
    assert_memory_equal(data + out.used - 4, "...\n", 4);
}

static void test_rows__a_single_table_lists_what_is_known(void **state)
{
    (void)state;
    shape.is_single = 1;
    cells[PRICE].type = NEPH_TYPE_NONE;
    expect(
        NEPHC_TABLE, 1,
        "name     web\nbytes    1.5 KiB\nwhen     2023-11-14 22:13:20Z\nis_fine  yes\nlist     a, b,c\nwide     w\n");
}

static void test_rows__an_extensions_rows_have_its_columns(void **state)
{
    static const neph_member_info columns[] = {
        {sizeof(neph_member_info), NEPH_ROW_VALUE, NEPH_TYPE_STRING, NEPH_INFO_COLUMN, 0, "zone",
         "s"},
        {sizeof(neph_member_info), NEPH_ROW_VALUE + 1, NEPH_TYPE_STRING,
         NEPH_INFO_WIDE | NEPH_INFO_SECRET, 0, "key", "s"},
        {sizeof(neph_member_info), NEPH_ROW_VALUE + 2, NEPH_TYPE_DECIMAL, NEPH_INFO_COLUMN, 0,
         "price", "s"},
        {sizeof(neph_member_info), NEPH_ROW_VALUE + 3, NEPH_TYPE_TIME, NEPH_INFO_WIDE, 0, "seen",
         "s"},
    };
    static const neph_row_value values[] = {
        {"zone", NEPH_TYPE_STRING, 0, NEPH_UNKNOWN, NULL},
        {"key", NEPH_TYPE_STRING, 0, NEPH_UNKNOWN, "hush"},
        {"price", NEPH_TYPE_DECIMAL, 0, 15000000, NULL},
        {"seen", NEPH_TYPE_TIME, 0, 0, NULL},
    };
    static const neph_pair extra[] = {{"rack", "r1"}};
    static const struct {
        nephc_format format;
        const char *text;
    } expected[] = {
        {NEPHC_TSV, "\\N\t0.015\n"},
        {NEPHC_TABLE, "ZONE  KEY   PRICE\n-     hush  0.015\n"},
        {NEPHC_JSONL, "{\"zone\":null,\"key\":\"hush\",\"price\":0.015,"
                      "\"seen\":\"1970-01-01T00:00:00Z\",\"extra\":{\"rack\":\"r1\"}}\n"},
    };
    neph_row row = {{sizeof row, NEPH_KIND_ROW, 0, NULL, extra, 1}, values, 4};
    size_t i;

    (void)state;
    shape = (nephc_shape){columns, 4, NEPH_KIND_ROW, 0, 1};
    for (i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        out.used = 0;
        assert_int_equal(nephc_rows_begin(&rows, &out, expected[i].format, &shape), 0);
        nephc_rows_result(&rows, &row.result);
        nephc_rows_end(&rows);
        data[out.used] = '\0';
        assert_string_equal(data, expected[i].text);
    }
}

static void test_rows__secrets_are_shown_where_they_are_asked_for(void **state)
{
    (void)state;
    shape.is_single = 1;
    shape.with_secrets = 1;
    assert_true(nephc_is_column(&shape, NEPHC_JSON, SECRET));
    assert_true(nephc_is_column(&shape, NEPHC_TABLE, SECRET));
    assert_false(nephc_is_column(&shape, NEPHC_TSV, SECRET));
    shape.with_secrets = 0;
    assert_false(nephc_is_column(&shape, NEPHC_JSON, SECRET));
    assert_false(nephc_is_column(&shape, NEPHC_TABLE, SECRET));
}

#define TEST(name) cmocka_unit_test_setup(test_rows__##name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(json_is_one_array),
        TEST(json_of_nothing_is_an_empty_array),
        TEST(unknown_is_null_in_json),
        TEST(integers_that_a_double_cannot_hold_are_strings),
        TEST(what_is_no_utf8_is_base64_in_json),
        TEST(tsv_is_what_copy_reads),
        TEST(tables_align),
        TEST(unknown_is_a_dash_in_tables),
        TEST(a_table_of_nothing_is_nothing),
        TEST(long_tables_keep_every_row),
        TEST(a_cell_has_a_limit),
        TEST(a_single_table_lists_what_is_known),
        TEST(an_extensions_rows_have_its_columns),
        TEST(secrets_are_shown_where_they_are_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
