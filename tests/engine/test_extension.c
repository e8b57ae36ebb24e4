/*
 * Operations that one provider alone has: found by name, their arguments checked before anything is sent, asked over HTTP
 * and performed, their rows typed by the columns that they declare.
 */
#include "tests/engine/stand.h"

#define KEY "market-k3y+secret"

static const mock_reply login_reply = {.match = "/v3/auth/tokens",
                                       .headers = "X-Subject-Token: tok-1\n",
                                       .body =
                                           "{\"token\":{\"expires_at\":\"2026-01-02T00:00:00Z\"}}"};

static neph_call *begin(stand *s, const char *name)
{
    const neph_extension_info *info = neph_cloud_extension(s->cloud, name);
    assert_non_null(info);
    return neph_call_new(s->cloud, info->op);
}

static void set(neph_call *call, const char *name, const char *value)
{
    assert_int_equal(neph_call_set_parameter(call, name, value), 0);
}

/* ---- found */

static void test_extension__is_told_as_it_was_declared(void **state)
{
    stand *s = *state;
    const neph_extension_info *info;
    stand_open(s, "probe");
    info = neph_extension_find(s->host, "probe.quotes");
    assert_non_null(info);
    assert_int_equal(info->size, sizeof *info);
    assert_string_equal(info->name, "quotes");
    assert_int_equal(info->parameter_count, 5);
    assert_int_equal(info->parameters[0].member, NEPH_PARAMETER);
    assert_int_equal(info->parameters[0].flags, NEPH_INFO_REQUIRED);
    assert_string_equal(info->choices[0], "spot|fixed");
    assert_null(info->choices[1]);
    assert_int_equal(info->parameters[4].flags, NEPH_INFO_SECRET);
    assert_int_equal(info->column_count, 7);
    assert_int_equal(info->columns[6].member, NEPH_ROW_VALUE + 6);
    assert_int_equal(info->columns[0].flags, NEPH_INFO_COLUMN);
    assert_int_equal(info->columns[5].flags, NEPH_INFO_SECRET | NEPH_INFO_WIDE);
    assert_int_equal(info->columns[6].flags, NEPH_INFO_WIDE);
    assert_true(neph_cloud_can(s->cloud, info->op));
    assert_true(neph_cloud_takes(s->cloud, info->op, NEPH_PARAMETER + 4));
    assert_false(neph_cloud_takes(s->cloud, info->op, NEPH_PARAMETER + 5));
    assert_false(neph_cloud_takes(s->cloud, info->op, NEPH_LIST_LIMIT));
}

static void test_extension__is_found_by_its_whole_name_alone(void **state)
{
    static const char *const wrong[] = {"quotes", "prob.quotes", "probes.quotes", "probe.quote",
                                        "probe.", ".quotes",     "mill.quotes",   ""};
    stand *s = *state;
    stand_open(s, "probe");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_null(neph_extension_find(s->host, wrong[i]));
    assert_non_null(neph_cloud_extension(s->cloud, "echo"));
    assert_ptr_equal(neph_cloud_extension(s->cloud, "probe.echo"),
                     neph_cloud_extension(s->cloud, "echo"));
    assert_null(neph_cloud_extension(s->cloud, "mill.echo"));
}

/* ---- asked */

static const char quotes[] =
    "{\"quotes\":[{\"zone\":\"a\",\"price\":0.015,\"seen\":1767225600,\"is_spot\":true,\"count\":3,"
    "\"key\":\"" KEY "\",\"rack\":\"r1\"},{\"zone\":\"hidden\"},{\"count\":0}],\"next\":\"t2\"}";

static void check_first(const neph_row *row)
{
    neph_value value;
    assert_int_equal(row->result.kind, NEPH_KIND_ROW);
    assert_int_equal(row->value_count, 7);
    assert_string_equal(row->values[0].name, "zone");
    assert_string_equal(row->values[0].text, "a");
    assert_int_equal(row->values[1].type, NEPH_TYPE_DECIMAL);
    assert_true(row->values[1].number == 15000000);
    assert_true(row->values[2].number == STAND_NOW);
    assert_int_equal(row->values[3].number, 1);
    assert_int_equal(row->values[4].number, 30);
    assert_null(row->values[6].text);
    assert_int_equal(row->result.extra_count, 1);
    assert_string_equal(row->result.extra[0].name, "rack");
    assert_int_equal(neph_result_get(&row->result, NEPH_ROW_VALUE + 1, &value), 0);
    assert_int_equal(value.type, NEPH_TYPE_DECIMAL);
    assert_true(value.number == 15000000);
    assert_int_equal(neph_result_get(&row->result, NEPH_ROW_VALUE + 6, &value), 0);
    assert_int_equal(value.type, NEPH_TYPE_NONE);
    assert_int_equal(neph_result_get(&row->result, NEPH_ROW_VALUE + 7, &value), NEPH_INVALID);
    assert_int_equal(neph_result_get(&row->result, NEPH_ROW_VALUE - 1, &value), NEPH_INVALID);
    assert_int_equal(neph_result_get(&row->result, NEPH_NODE_ID, &value), NEPH_INVALID);
}

static void check_second(const neph_row *row)
{
    neph_value value;
    assert_null(row->values[0].text);
    assert_true(row->values[1].number == NEPH_UNKNOWN);
    assert_true(row->values[2].number == NEPH_UNKNOWN);
    assert_true(row->values[3].number == NEPH_UNKNOWN);
    assert_int_equal(row->values[4].number, 0);
    assert_string_equal(row->values[6].text, "sold out");
    assert_int_equal(row->result.extra_count, 0);
    assert_int_equal(neph_result_get(&row->result, NEPH_ROW_VALUE + 3, &value), 0);
    assert_int_equal(value.type, NEPH_TYPE_NONE);
}

static void test_extension__rows_have_the_types_of_their_columns(void **state)
{
    stand *s = *state;
    const mock_reply replies[] = {login_reply, {.body = quotes}, {.body = "{\"quotes\":[]}"}};
    const neph_row *row;
    neph_call *call;
    stand_open(s, "probe");
    MOCK_SCRIPT(&s->mock, replies);
    call = begin(s, "quotes");
    set(call, "kind", "spot");
    set(call, "since", "2025-12-01T00:00:00Z");
    set(call, "below", "0.5");
    set(call, "zone", "a");
    set(call, "zone", "b&c");
    set(call, "key", KEY);
    assert_int_equal(neph_call_start(call), 0);
    row = neph_next_row(call);
    assert_non_null(row);
    check_first(row);
    row = neph_next_row(call);
    assert_non_null(row);
    check_second(row);
    assert_null(neph_next_row(call));
    assert_int_equal(neph_wait(call), 0);
    assert_string_equal(s->mock.requests[1].url,
                        "http://probe.test:8080/quotes?kind=spot&since=2025-12-01T00%3A00%3A00Z"
                        "&below=500000000&zone=a&zone=b%26c");
    assert_non_null(strstr(s->mock.requests[2].url, "&next=t2"));
    assert_string_equal(mock_header(&s->mock, 1, "X-Key"), KEY);
    assert_null(strstr(s->seen, KEY));
    neph_call_free(call);
}

static void test_extension__a_value_of_another_type_is_a_protocol_error(void **state)
{
    stand *s = *state;
    const mock_reply replies[] = {login_reply, {.body = "{\"quotes\":[{\"price\":\"dear\"}]}"}};
    neph_call *call;
    stand_open(s, "probe");
    MOCK_SCRIPT(&s->mock, replies);
    call = begin(s, "quotes");
    set(call, "kind", "fixed");
    assert_int_equal(neph_call_start(call), 0);
    assert_int_equal(stand_run(call), NEPH_PROTOCOL);
    assert_non_null(strstr(neph_call_error(call)->message, "dear"));
    neph_call_free(call);
}

static int file_holds(const char *path, const char *text)
{
    static char data[1 << 16];
    FILE *file = fopen(path, "r");
    size_t size = file ? fread(data, 1, sizeof data, file) : 0;
    if (file)
        fclose(file);
    return memmem(data, size, text, strlen(text)) != NULL;
}

static void test_extension__secrets_of_rows_that_are_gone_are_in_no_trace(void **state)
{
    stand *s = *state;
    const mock_reply replies[] = {login_reply,
                                  {.body = "{\"quotes\":[{\"zone\":\"a\",\"key\":\"f1rst-offer\"},"
                                           "{\"zone\":\"b\",\"key\":\"sec0nd-offer\"}],"
                                           "\"words\":\"and some that follow\"}"}};
    neph_call *call;
    int count = 0;
    s->config.record_dir = s->dir;
    stand_open(s, "probe");
    MOCK_SCRIPT(&s->mock, replies);
    s->mock.piece = 8;
    s->mock.is_slow = 1;
    call = begin(s, "quotes");
    set(call, "kind", "spot");
    assert_int_equal(neph_call_start(call), 0);
    while (neph_next_row(call))
        count++;
    assert_int_equal(neph_wait(call), 0);
    assert_int_equal(count, 2);
    neph_call_free(call);
    assert_non_null(strstr(s->seen, "and some that follow"));
    assert_null(strstr(s->seen, "f1rst-offer"));
    assert_null(strstr(s->seen, "sec0nd-offer"));
    assert_true(file_holds(stand_path(s, "0002.http"), "and some that follow"));
    assert_false(file_holds(stand_path(s, "0002.http"), "f1rst-offer"));
    assert_false(file_holds(stand_path(s, "0002.http"), "sec0nd-offer"));
}

/* ---- performed */

static void test_extension__rows_are_made_without_a_server(void **state)
{
    stand *s = *state;
    const neph_row *row;
    neph_call *call;
    int64_t count = 0;
    stand_open(s, "probe");
    call = begin(s, "echo");
    assert_int_equal(neph_call_set_string(call, NEPH_PARAMETER, "hello"), 0);
    assert_int_equal(neph_call_set_integer(call, NEPH_PARAMETER + 1, 3), 0);
    assert_int_equal(neph_call_start(call), 0);
    while ((row = neph_next_row(call)) != NULL) {
        assert_string_equal(row->values[0].text, "hello");
        assert_true(row->values[1].number == (count ? count : NEPH_UNKNOWN));
        assert_int_equal(neph_keep(call, &row->result), 0);
        count++;
    }
    assert_int_equal(count, 3);
    assert_int_equal(neph_wait(call), 0);
    assert_int_equal(s->mock.request_count, 0);
    neph_call_free(call);
}

static void test_extension__a_column_that_is_not_there_is_the_plugins_fault(void **state)
{
    stand *s = *state;
    neph_call *call;
    stand_open(s, "probe");
    call = begin(s, "echo");
    set(call, "text", "x");
    set(call, "is_stray", "true");
    assert_int_equal(neph_call_start(call), 0);
    assert_int_not_equal(stand_run(call), 0);
    assert_non_null(strstr(neph_call_error(call)->message, "could not set member"));
    neph_call_free(call);
}

/* ---- arguments */

static void test_extension__wrong_arguments_are_said_before_anything_is_sent(void **state)
{
    static const struct {
        const char *name, *value, *says;
    } rows[] = {
        {"knd", "spot", "probe.quotes has no parameter \"knd\": did you mean \"kind\"?"},
        {"limit", "1", "probe.quotes has no parameter \"limit\""},
        {"kind", "odd", "kind is \"odd\", but must be one of spot|fixed"},
        {"kind", "", "must be one of"},
        {"kind", "spot|fixed", "must be one of"},
        {"since", "today", "since is \"today\", but must be a time"},
        {"below", "cheap", "below is \"cheap\", but must be a number"},
        {"zone", "a", "probe.quotes needs kind"},
    };
    stand *s = *state;
    stand_open(s, "probe");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        neph_call *call = begin(s, "quotes");
        int is_missing = strcmp(rows[i].name, "zone") == 0;
        assert_int_equal(neph_call_set_parameter(call, rows[i].name, rows[i].value),
                         is_missing ? 0 : NEPH_INVALID);
        assert_int_equal(neph_call_start(call), NEPH_INVALID);
        if (!strstr(neph_call_error(call)->message, rows[i].says))
            fail_msg("%s: %s", rows[i].says, neph_call_error(call)->message);
        assert_null(strchr(neph_call_error(call)->message, '\n'));
        neph_call_free(call);
    }
    assert_int_equal(s->mock.request_count, 0);
}

static void test_extension__arguments_by_number_are_checked_too(void **state)
{
    stand *s = *state;
    neph_call *call;
    stand_open(s, "probe");
    call = begin(s, "quotes");
    assert_int_equal(neph_call_set_string(call, NEPH_PARAMETER + 5, "x"), NEPH_INVALID);
    assert_int_equal(neph_call_start(call), NEPH_INVALID);
    neph_call_free(call);
    call = begin(s, "quotes");
    assert_int_equal(neph_call_set_integer(call, NEPH_PARAMETER, 1), NEPH_INVALID);
    neph_call_free(call);
    call = begin(s, "quotes");
    assert_int_equal(neph_call_set_integer(call, NEPH_LIST_LIMIT, 1), 0);
    assert_int_equal(neph_call_set_string(call, NEPH_PARAMETER, "spot"), 0);
    assert_int_equal(neph_call_start(call), NEPH_INVALID);
    assert_non_null(strstr(neph_call_error(call)->message, "no argument limit"));
    neph_call_free(call);
    call = begin(s, "echo");
    assert_int_equal(neph_call_set_integer(call, NEPH_PARAMETER + 2, 7), NEPH_INVALID);
    neph_call_free(call);
}

static void test_extension__parameters_belong_to_no_other_operation(void **state)
{
    stand *s = *state;
    neph_call *call;
    stand_open(s, "probe");
    call = neph_call_new(s->cloud, NEPH_OP_NODE_LIST);
    assert_int_equal(neph_call_set_string(call, NEPH_PARAMETER, "x"), NEPH_INVALID);
    neph_call_free(call);
    call = neph_call_new(s->cloud, NEPH_OP_EXTENSION + 77);
    assert_int_equal(neph_call_start(call), NEPH_UNSUPPORTED);
    neph_call_free(call);
    neph_cloud_close(s->cloud);
    stand_open(s, "mill");
    call = neph_call_new(s->cloud, NEPH_OP_EXTENSION + 1);
    assert_int_equal(neph_call_set_parameter(call, "kind", "spot"), NEPH_INVALID);
    assert_int_equal(neph_call_start(call), NEPH_INVALID);
    neph_call_free(call);
}

static void test_extension__ordinary_arguments_have_names_too(void **state)
{
    stand *s = *state;
    neph_call *call;
    stand_open(s, "probe");
    call = neph_call_new(s->cloud, NEPH_OP_NODE_LIST);
    assert_int_equal(neph_call_set_parameter(call, "limit", "1"), 0);
    assert_int_equal(neph_call_start(call), 0);
    neph_call_free(call);
    call = neph_call_new(s->cloud, NEPH_OP_NODE_LIST);
    assert_int_equal(neph_call_set_parameter(call, "limit", "x"), NEPH_INVALID);
    neph_call_free(call);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAND_TEST(test_extension__is_told_as_it_was_declared),
        STAND_TEST(test_extension__is_found_by_its_whole_name_alone),
        STAND_TEST(test_extension__rows_have_the_types_of_their_columns),
        STAND_TEST(test_extension__a_value_of_another_type_is_a_protocol_error),
        STAND_TEST(test_extension__secrets_of_rows_that_are_gone_are_in_no_trace),
        STAND_TEST(test_extension__rows_are_made_without_a_server),
        STAND_TEST(test_extension__a_column_that_is_not_there_is_the_plugins_fault),
        STAND_TEST(test_extension__wrong_arguments_are_said_before_anything_is_sent),
        STAND_TEST(test_extension__arguments_by_number_are_checked_too),
        STAND_TEST(test_extension__parameters_belong_to_no_other_operation),
        STAND_TEST(test_extension__ordinary_arguments_have_names_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
