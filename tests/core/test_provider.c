/*
 * A provider's tables are held against neph/plugin.h before anything of them is used.
 */
#include "core/provider.h"
#include "core/rule.h"
#include "tests/provider/probe.h"
#include "tests/support/allocator.h"
#include "tests/support/sandbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* ---- a small provider whose tables can be spoilt */

static const neph_field fields[] = {{"id", .member = NEPH_NODE_ID}};
static const neph_rule rules[] = {{.path = "[]", NEPH_FIELDS(fields), .kind = NEPH_KIND_NODE}};
static const neph_reply reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, rules);
static const neph_reply *const replies[] = {&reply};
static const int32_t takes[] = {NEPH_LIST_LIMIT};

typedef struct tables {
    neph_origin origins[1];
    neph_setting settings[2];
    neph_action actions[3];
    neph_parameter parameters[2];
    neph_column columns[2];
    neph_extension extensions[2];
    neph_fault faults[1];
    neph_reply wrong_reply;
    const neph_reply *wrong_replies[1];
    neph_action login;
    neph_provider provider;
} tables;

static int32_t some_perform(neph_call *call)
{
    (void)call;
    return 0;
}

static void some_finish(neph_call *call)
{
    (void)call;
}

static tables *make(void)
{
    static tables t;
    memset(&t, 0, sizeof t);
    t.origins[0] = (neph_origin){NEPH_FROM_ENVIRONMENT, 0, "X"};
    t.settings[0] = (neph_setting){.name = "a", .type = NEPH_TYPE_STRING, NEPH_ORIGINS(t.origins)};
    t.settings[1] = (neph_setting){.name = "b", .type = NEPH_TYPE_INTEGER};
    t.actions[0] = (neph_action){
        .op = NEPH_OP_NODE_LIST, .path = "/n", NEPH_REPLIES(replies), NEPH_TAKES(takes)};
    t.actions[1] = (neph_action){.op = NEPH_OP_BUCKET_LIST, .perform = some_perform};
    t.actions[2] = (neph_action){.op = NEPH_OP_EXTENSION, .perform = some_perform};
    t.parameters[0] = (neph_parameter){"p", "a parameter", "v|w", NEPH_TYPE_STRING, 0};
    t.parameters[1] = (neph_parameter){"q", "another", NULL, NEPH_TYPE_TIME, 0};
    t.columns[0] = (neph_column){"c", "a column", NEPH_TYPE_DECIMAL, 0};
    t.columns[1] = (neph_column){"d", "another", NEPH_TYPE_STRING, 0};
    t.extensions[0] = (neph_extension){.name = "e",
                                       .summary = "an extension",
                                       NEPH_PARAMETERS(t.parameters),
                                       NEPH_COLUMNS(t.columns),
                                       .op = NEPH_OP_EXTENSION};
    t.faults[0] = (neph_fault){"Gone", 0, NEPH_NOT_FOUND, NEPH_RETRY_PERMANENT, 0};
    t.wrong_reply = reply;
    t.wrong_reply.size = 4;
    t.wrong_replies[0] = &t.wrong_reply;
    t.login = (neph_action){.op = NEPH_OP_LOGIN, .path = "/l", NEPH_REPLIES(replies)};
    t.provider = (neph_provider){.size = sizeof(neph_provider),
                                 .id = "x",
                                 .title = "X",
                                 NEPH_SETTINGS(t.settings),
                                 NEPH_ACTIONS(t.actions),
                                 NEPH_FAULTS(t.faults),
                                 .error = &reply,
                                 .login = &t.login,
                                 .extensions = t.extensions,
                                 .extension_count = 1,
                                 .extension_size = sizeof(neph_extension)};
    return &t;
}

/* Rows with a number in the first column and a text in the second. */
static const neph_field row_fields[] = {
    {"c", .member = NEPH_ROW_VALUE + 0, .scale = 2},
    {"d", .member = NEPH_ROW_VALUE + 1},
};
static const neph_rule row_rules[] = {
    {.path = "[]", NEPH_FIELDS(row_fields), .kind = NEPH_KIND_ROW}};
static const neph_reply row_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, row_rules);
static const neph_reply *const row_replies[] = {&row_reply};

/* The extension is asked for, with these replies. */
static void answer(tables *t, const neph_reply *const *answers)
{
    t->actions[2].perform = NULL;
    t->actions[2].path = "/e";
    t->actions[2].replies = answers;
    t->actions[2].reply_count = 1;
}

/* Each spoils one thing. */
#define SPOIL(name, statement)                                                                     \
    static void spoil_##name(tables *t)                                                            \
    {                                                                                              \
        statement;                                                                                 \
    }
SPOIL(size, t->provider.size--)
SPOIL(id, t->provider.id = "X")
SPOIL(no_id, t->provider.id = NULL)
SPOIL(title, t->provider.title = NULL)
SPOIL(flags, t->provider.flags = 1)
SPOIL(settings, t->provider.settings = NULL)
SPOIL(setting_size, t->provider.setting_size += 8)
SPOIL(setting_count, t->provider.setting_count = 100000)
SPOIL(setting_name, t->settings[0].name = "A-b")
SPOIL(setting_twice, t->settings[1].name = "a")
SPOIL(setting_flag, t->settings[0].flags = 1u << 30)
SPOIL(setting_type, t->settings[0].type = NEPH_TYPE_PAIRS)
SPOIL(setting_fallback, t->settings[1].fallback = "x")
SPOIL(setting_choice, t->settings[0].choices = "p|q"; t->settings[0].fallback = "r")
SPOIL(setting_secret, t->settings[0].flags = NEPH_SETTING_SECRET; t->settings[0].fallback = "r")
SPOIL(origin_key, t->origins[0].key = NULL)
SPOIL(origins, t->settings[0].origins = NULL)
SPOIL(origin_size, t->settings[0].origin_size = 4)
SPOIL(actions, t->provider.actions = NULL)
SPOIL(action_size, t->provider.action_size -= 8)
SPOIL(action_twice, t->actions[1].op = NEPH_OP_NODE_LIST)
SPOIL(action_nothing, t->actions[0].path = NULL)
SPOIL(action_both, t->actions[0].perform = some_perform)
SPOIL(action_finish, t->actions[0].finish = some_finish)
SPOIL(action_method, t->actions[0].method = "get")
SPOIL(action_path, t->actions[0].path = "n")
SPOIL(action_dots, t->actions[0].path = "/../n")
SPOIL(action_query, t->actions[0].path = "/n?a=b")
SPOIL(action_reply, t->actions[0].replies = NULL)
SPOIL(action_no_reply, t->actions[0].reply_count = 0)
SPOIL(action_reply_size, t->actions[0].replies = t->wrong_replies)
SPOIL(action_takes, t->actions[0].takes = NULL)
SPOIL(each_of_a_list, t->actions[1].perform = NULL; t->actions[1].traits = NEPH_EACH)
SPOIL(each_and_how, t->actions[1].op = NEPH_OP_OBJECT_DELETE_MANY; t->actions[1].traits = NEPH_EACH)
SPOIL(each_of_none, t->actions[1].op = NEPH_OP_OBJECT_DELETE_MANY; t->actions[1].perform = NULL;
      t->actions[1].traits = NEPH_EACH)
SPOIL(page, t->actions[0].page = 99)
SPOIL(page_name, t->actions[0].page = NEPH_PAGE_BY_QUERY)
SPOIL(page_member, t->actions[0].page = NEPH_PAGE_BY_LAST; t->actions[0].page_name = "after")
SPOIL(page_ask, t->actions[0].page = NEPH_PAGE_BY_ASK)
SPOIL(find, t->actions[0].find = NEPH_FIND_BY_NAME + 1)
SPOIL(find_nothing, t->actions[0].find = NEPH_FIND_BY_NAME)
SPOIL(find_no_list, t->actions[1].op = NEPH_OP_VOLUME_CREATE; t->actions[1].find = NEPH_FIND_BY_TAG)
SPOIL(find_no_kind, t->actions[1].op = NEPH_OP_BUCKET_CREATE;
      t->actions[1].find = NEPH_FIND_BY_NAME)
SPOIL(find_no_tags, t->actions[0].op = NEPH_OP_KEY_LIST; t->actions[1].op = NEPH_OP_KEY_CREATE;
      t->actions[1].find = NEPH_FIND_BY_TAG)
SPOIL(login_op, t->login.op = NEPH_OP_NODE_LIST)
SPOIL(login_reply, t->login.reply_count = 0; t->login.traits = NEPH_PRESIGN)
SPOIL(login_trait, t->login.traits = 1u << 30)
SPOIL(fault_status, t->faults[0].status = 0)
SPOIL(fault_far, t->faults[0].status = -1000)
SPOIL(fault_nothing, t->faults[0].code = NULL)
SPOIL(fault_retry, t->faults[0].retry = 9)
SPOIL(fault_size, t->provider.fault_size = 1)
SPOIL(error_size, t->provider.error = &t->wrong_reply)
SPOIL(extensions, t->provider.extensions = NULL)
SPOIL(extension_size, t->provider.extension_size -= 8)
SPOIL(extension_count, t->provider.extension_count = 100000)
SPOIL(extension_name, t->extensions[0].name = "E")
SPOIL(extension_no_name, t->extensions[0].name = NULL)
SPOIL(extension_summary, t->extensions[0].summary = NULL)
SPOIL(extension_lines, t->extensions[0].summary = "two\nlines")
SPOIL(extension_op, t->extensions[0].op = NEPH_OP_NODE_LIST)
SPOIL(extension_op_far, t->extensions[0].op = t->actions[2].op = 0x10000)
SPOIL(extension_twice, t->extensions[1] = t->extensions[0]; t->extensions[1].op++;
      t->actions[1].op = NEPH_OP_EXTENSION + 1; t->provider.extension_count = 2)
SPOIL(extension_same_op, t->extensions[1] = t->extensions[0]; t->extensions[1].name = "f";
      t->provider.extension_count = 2)
SPOIL(extension_no_action, t->provider.action_count = 2)
SPOIL(extension_undeclared, t->provider.extension_count = 0)
SPOIL(extension_reserved, t->extensions[0].reserved = 1)
SPOIL(parameters, t->extensions[0].parameters = NULL)
SPOIL(parameter_size, t->extensions[0].parameter_size += 8)
SPOIL(parameter_count, t->extensions[0].parameter_count = NEPH_PARAMETER_COUNT + 1)
SPOIL(parameter_name, t->parameters[0].name = "p-q")
SPOIL(parameter_twice, t->parameters[1].name = "p")
SPOIL(parameter_summary, t->parameters[0].summary = "")
SPOIL(parameter_type, t->parameters[0].type = NEPH_TYPE_PAIRS)
SPOIL(parameter_flag, t->parameters[0].flags = 1u << 30)
SPOIL(parameter_secret_number, t->parameters[1].flags = NEPH_PARAMETER_SECRET)
SPOIL(parameter_secret_choice, t->parameters[0].flags = NEPH_PARAMETER_SECRET)
SPOIL(parameter_choices, t->parameters[0].choices = "a||b")
SPOIL(parameter_choices_empty, t->parameters[0].choices = "")
SPOIL(parameter_choices_of_list, t->parameters[0].type = NEPH_TYPE_STRINGS)
SPOIL(columns, t->extensions[0].columns = NULL)
SPOIL(column_size, t->extensions[0].column_size = 1)
SPOIL(column_count, t->extensions[0].column_count = NEPH_ROW_VALUE_COUNT + 1)
SPOIL(column_name, t->columns[0].name = NULL)
SPOIL(column_extra, t->columns[0].name = "extra")
SPOIL(page_column, answer(t, row_replies); t->actions[2].page = NEPH_PAGE_BY_LAST;
      t->actions[2].page_name = "after"; t->actions[2].page_member = NEPH_ROW_VALUE)
SPOIL(page_column_far, answer(t, row_replies); t->actions[2].page = NEPH_PAGE_BY_LAST;
      t->actions[2].page_name = "after"; t->actions[2].page_member = NEPH_ROW_VALUE + 2)
SPOIL(page_column_of_none, t->actions[0].page = NEPH_PAGE_BY_LAST;
      t->actions[0].page_name = "after"; t->actions[0].page_member = NEPH_ROW_VALUE + 1)
SPOIL(column_twice, t->columns[1].name = "c")
SPOIL(column_summary, t->columns[0].summary = NULL)
SPOIL(column_type, t->columns[0].type = NEPH_TYPE_STRINGS)
SPOIL(column_flag, t->columns[0].flags = 1u << 30)
SPOIL(rows_of_none, t->actions[0].replies = row_replies)
SPOIL(rows_without_columns, answer(t, row_replies); t->extensions[0].column_count = 0)
SPOIL(row_column, answer(t, row_replies); t->extensions[0].column_count = 1)
SPOIL(row_type, answer(t, row_replies); t->columns[1].type = NEPH_TYPE_STRING;
      t->columns[0].type = NEPH_TYPE_STRING)

#define ROW(name)                                                                                  \
    {                                                                                              \
#name, spoil_##name                                                                        \
    }
static const struct {
    const char *name;
    void (*spoil)(tables *t);
} spoilt[] = {
    ROW(size),
    ROW(id),
    ROW(no_id),
    ROW(title),
    ROW(flags),
    ROW(settings),
    ROW(setting_size),
    ROW(setting_count),
    ROW(setting_name),
    ROW(setting_twice),
    ROW(setting_flag),
    ROW(setting_type),
    ROW(setting_fallback),
    ROW(setting_choice),
    ROW(setting_secret),
    ROW(origin_key),
    ROW(origins),
    ROW(origin_size),
    ROW(actions),
    ROW(action_size),
    ROW(action_twice),
    ROW(action_nothing),
    ROW(action_both),
    ROW(action_finish),
    ROW(action_method),
    ROW(action_path),
    ROW(action_dots),
    ROW(action_query),
    ROW(action_reply),
    ROW(action_no_reply),
    ROW(action_reply_size),
    ROW(action_takes),
    ROW(each_of_a_list),
    ROW(each_and_how),
    ROW(each_of_none),
    ROW(page),
    ROW(page_name),
    ROW(page_member),
    ROW(page_ask),
    ROW(find),
    ROW(find_nothing),
    ROW(find_no_list),
    ROW(find_no_kind),
    ROW(find_no_tags),
    ROW(login_op),
    ROW(login_reply),
    ROW(login_trait),
    ROW(fault_status),
    ROW(fault_far),
    ROW(fault_nothing),
    ROW(fault_retry),
    ROW(fault_size),
    ROW(error_size),
    ROW(extensions),
    ROW(extension_size),
    ROW(extension_count),
    ROW(extension_name),
    ROW(extension_no_name),
    ROW(extension_summary),
    ROW(extension_lines),
    ROW(extension_op),
    ROW(extension_op_far),
    ROW(extension_twice),
    ROW(extension_same_op),
    ROW(extension_no_action),
    ROW(extension_undeclared),
    ROW(extension_reserved),
    ROW(parameters),
    ROW(parameter_size),
    ROW(parameter_count),
    ROW(parameter_name),
    ROW(parameter_twice),
    ROW(parameter_summary),
    ROW(parameter_type),
    ROW(parameter_flag),
    ROW(parameter_secret_number),
    ROW(parameter_secret_choice),
    ROW(parameter_choices),
    ROW(parameter_choices_empty),
    ROW(parameter_choices_of_list),
    ROW(columns),
    ROW(column_size),
    ROW(column_count),
    ROW(column_name),
    ROW(column_extra),
    ROW(page_column),
    ROW(page_column_far),
    ROW(page_column_of_none),
    ROW(column_twice),
    ROW(column_summary),
    ROW(column_type),
    ROW(column_flag),
    ROW(rows_of_none),
    ROW(rows_without_columns),
    ROW(row_column),
    ROW(row_type),
};

static void test_provider__a_whole_one_is_taken(void **state)
{
    sandbox *box = *state;
    nephi_provider *provider;
    nephi_error error = {0};
    sandbox_host(box, "none");
    box->line_count = 0; /* that the directory is not there */
    assert_int_equal(nephi_provider_new(&provider, box->host, &make()->provider, &error), 0);
    assert_int_equal(provider->setting_count, 2);
    assert_int_equal(provider->action_count, 3);
    assert_int_equal(provider->actions[0].reply_count, 1);
    assert_non_null(provider->error);
    assert_non_null(provider->login);
    assert_non_null(nephi_provider_action(provider, NEPH_OP_NODE_LIST));
    assert_non_null(nephi_provider_action(provider, NEPH_OP_BUCKET_LIST));
    assert_null(nephi_provider_action(provider, NEPH_OP_NODE_CREATE));
    assert_int_equal(box->line_count, 0);
    nephi_provider_free(provider, &box->host->memory);
}

static void test_provider__a_spoilt_one_is_refused(void **state)
{
    sandbox *box = *state;
    sandbox_host(box, "none");
    for (size_t i = 0; i < sizeof spoilt / sizeof *spoilt; i++) {
        tables *t = make();
        nephi_provider *provider;
        nephi_error error = {0};
        spoilt[i].spoil(t);
        if (nephi_provider_new(&provider, box->host, &t->provider, &error) != NEPH_PLUGIN ||
            provider ||
            (error.rule != NEPHI_RULE_PROVIDER_TABLE && error.rule != NEPHI_RULE_SETTING_FLAG))
            fail_msg("%s: %d %s", spoilt[i].name, error.rule, error.message);
    }
}

static void test_provider__looks_for_what_it_made_in_its_own_list(void **state)
{
    sandbox *box = *state;
    nephi_provider *provider;
    nephi_error error = {0};
    tables *t = make();
    sandbox_host(box, "none");
    t->actions[1].op = NEPH_OP_NODE_CREATE;
    t->actions[1].find = NEPH_FIND_BY_TAG;
    assert_int_equal(nephi_provider_new(&provider, box->host, &t->provider, &error), 0);
    assert_int_equal(nephi_provider_action(provider, NEPH_OP_NODE_CREATE)->table.find,
                     NEPH_FIND_BY_TAG);
    nephi_provider_free(provider, &box->host->memory);
}

static void test_provider__an_extension_is_an_operation_with_members(void **state)
{
    sandbox *box = *state;
    nephi_provider *provider;
    const nephi_extension *extension;
    nephi_error error = {0};
    tables *t = make();
    sandbox_host(box, "none");
    answer(t, row_replies);
    t->actions[2].page = NEPH_PAGE_BY_LAST;
    t->actions[2].page_name = "after";
    t->actions[2].page_member = NEPH_ROW_VALUE + 1;
    assert_int_equal(nephi_provider_new(&provider, box->host, &t->provider, &error), 0);
    extension = nephi_provider_extension(provider, NEPH_OP_EXTENSION);
    assert_non_null(extension);
    assert_ptr_equal(nephi_provider_action(provider, NEPH_OP_EXTENSION)->extension, extension);
    assert_string_equal(extension->op.name, "x.e");
    assert_int_equal(extension->op.kind, NEPH_KIND_ROW);
    assert_string_equal(nephi_extension_member(extension, NEPH_PARAMETER + 1)->info.name, "q");
    assert_string_equal(nephi_extension_member(extension, NEPH_ROW_VALUE + 1)->info.name, "d");
    assert_null(nephi_extension_member(extension, NEPH_PARAMETER + 2));
    assert_null(nephi_extension_member(extension, NEPH_PARAMETER - 1));
    assert_null(nephi_extension_member(extension, NEPH_ROW_VALUE + 2));
    assert_string_equal(nephi_extension_choices(extension, NEPH_PARAMETER), "v|w");
    assert_null(nephi_extension_choices(extension, NEPH_PARAMETER + 1));
    assert_null(nephi_extension_choices(extension, NEPH_PARAMETER + 2));
    nephi_provider_free(provider, &box->host->memory);
}

static void test_provider__what_is_newer_is_left_out_and_logged(void **state)
{
    sandbox *box = *state;
    nephi_provider *provider;
    nephi_error error = {0};
    tables *t = make();
    sandbox_host(box, "none");
    t->actions[0].traits = 1u << 30;
    t->actions[1].op = 0x7777;
    t->actions[2].traits = 1u << 30;
    t->origins[0].from = 77;
    assert_int_equal(nephi_provider_new(&provider, box->host, &t->provider, &error), 0);
    assert_int_equal(provider->action_count, 0);
    assert_null(nephi_provider_action(provider, NEPH_OP_NODE_LIST));
    assert_true(sandbox_logged(box, NEPHI_RULE_ACTION_TRAIT, "node.list"));
    assert_true(sandbox_logged(box, NEPHI_RULE_ACTION_TRAIT, "0x7777"));
    assert_true(sandbox_logged(box, NEPHI_RULE_ACTION_TRAIT, "operation e (0x8000)"));
    assert_true(sandbox_logged(box, NEPHI_RULE_ORIGIN, "\"a\""));
    nephi_provider_free(provider, &box->host->memory);
}

static void test_provider__knows_which_arguments_an_action_takes(void **state)
{
    sandbox *box = *state;
    const nephi_provider *provider;
    const nephi_action *show;
    nephi_error error = {0};
    sandbox_host(box, "none");
    assert_int_equal(neph_host_register(box->host, &probe_LTX_neph_plugin_v0), 0);
    assert_int_equal(nephi_registry_provider(box->host->registry, "probe", NULL, &provider, &error),
                     0);
    show = nephi_provider_action(provider, NEPH_OP_NODE_SHOW);
    assert_non_null(show);
    assert_true(nephi_action_takes(show, NEPH_NODE_ID)); /* the operation requires it */
    assert_false(nephi_action_takes(show, NEPH_NODE_NAME));
    for (uint32_t i = 1; i < provider->action_count; i++)
        assert_true(provider->actions[i - 1].table.op < provider->actions[i].table.op);
}

static void test_provider__survives_every_failed_allocation(void **state)
{
    sandbox *box = *state;
    static test_allocator allocator; /* the host outlives this function */
    nephi_provider *provider = NULL;
    int rc = NEPH_NO_MEMORY;
    long n, live;
    test_allocator_init(&allocator);
    box->config.allocator = test_allocator_functions(&allocator);
    sandbox_host(box, "none");
    live = allocator.live;
    for (n = 1; rc == NEPH_NO_MEMORY && n < 1000; n++) {
        nephi_error error = {0};
        allocator.calls = 0;
        allocator.fail_at = n;
        rc = nephi_provider_new(&provider, box->host, &make()->provider, &error);
        if (rc)
            assert_int_equal(allocator.live, live);
    }
    allocator.fail_at = 0;
    assert_int_equal(rc, 0);
    assert_in_range(n, 5, 999);
    nephi_provider_free(provider, &box->host->memory);
    assert_int_equal(allocator.live, live);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, sandbox_setup, sandbox_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_provider__a_whole_one_is_taken),
        TEST(test_provider__a_spoilt_one_is_refused),
        TEST(test_provider__looks_for_what_it_made_in_its_own_list),
        TEST(test_provider__an_extension_is_an_operation_with_members),
        TEST(test_provider__what_is_newer_is_left_out_and_logged),
        TEST(test_provider__knows_which_arguments_an_action_takes),
        TEST(test_provider__survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
