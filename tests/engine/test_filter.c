/*
 * The filters of a list as the host applies them, whatever the provider does of it.
 */
#include "tests/engine/stand.h"

#include "core/filter.h"

#define NODES                                                                                      \
    "{\"id\":\"i-1\",\"name\":\"web-1\",\"state\":\"running\",\"zone\":\"a\","                     \
    "\"tags\":{\"web\":\"\",\"env\":\"live\"}},"                                                   \
    "{\"id\":\"i-2\",\"name\":\"web-2\",\"state\":\"stopped\",\"zone\":\"b\","                     \
    "\"tags\":{\"web\":\"x\",\"env\":\"test\"}},"                                                  \
    "{\"id\":\"i-3\",\"name\":\"db\",\"state\":\"running\",\"zone\":\"b\","                        \
    "\"tags\":{\"env\":\"live\"}},"                                                                \
    "{\"id\":\"i-4\"}"

static const mock_reply nodes[] = {{.body = "{\"nodes\":[" NODES "]}", .stays = 1}};

static const char *const two_ids[] = {"i-4", "i-2"};
static const neph_pair any_web[] = {{"web", "*"}};
static const neph_pair live[] = {{"env", "live"}};
static const neph_pair both[] = {{"web", "*"}, {"env", "live"}};

static void test_filter__each_member_is_looked_at(void **state)
{
    static const struct {
        neph_list_options options;
        const char *left;
    } rows[] = {
        {{.ids = two_ids, .id_count = 2}, "i-2 i-4 .0"},
        {{.name = "web-*"}, "i-1 i-2 .0"},
        {{.name = "*"}, "i-1 i-2 i-3 .0"},
        {{.name = "d?"}, "i-3 .0"},
        {{.name = "none"}, ".0"},
        {{.tags = any_web, .tag_count = 1}, "i-1 i-2 .0"},
        {{.tags = live, .tag_count = 1}, "i-1 i-3 .0"},
        {{.tags = both, .tag_count = 2}, "i-1 .0"},
        {{.state = "running"}, "i-1 i-3 .0"},
        {{.state = "terminated"}, ".0"},
        {{.location_id = "b"}, "i-2 i-3 .0"},
        {{.location_id = "b", .state = "running", .tags = live, .tag_count = 1}, "i-3 .0"},
    };
    stand *s = *state;
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, nodes);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        neph_list_options options = rows[i].options;
        const char *left;
        options.size = sizeof options;
        left = stand_list(neph_node_list(s->cloud, &options));
        if (strcmp(left, rows[i].left) != 0)
            fail_msg("row %zu: %s instead of %s", i, left, rows[i].left);
    }
}

static void test_filter__a_pattern_is_stars_and_question_marks(void **state)
{
    static const struct {
        const char *text, *pattern;
        int is_like;
    } rows[] = {
        {"", "", 1},
        {"", "*", 1},
        {"", "?", 0},
        {"a", "", 0},
        {"web", "web", 1},
        {"web", "WEB", 0},
        {"web-1", "web-?", 1},
        {"web-10", "web-?", 0},
        {"a.b.c", "*.c", 1},
        {"a.b.c", "*.b", 0},
        {"abcabd", "*abd", 1},
        {"abcabd", "a*b*d", 1},
        {"abcabd", "a**d*", 1},
        {"abc", "*b", 0},
        {"na\xc3\xafve", "na?ve", 1},
        {"na\xc3\xafve", "na??ve", 0},
        {"a\xff"
         "b",
         "a?b", 1},
        {"[a]", "[a]", 1},
        {"a*b", "a*b", 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (nephi_filter_is_like(rows[i].text, rows[i].pattern) != rows[i].is_like)
            fail_msg("\"%s\" and \"%s\"", rows[i].text, rows[i].pattern);
}

/* With backtracking to every star this takes longer than the sun will shine. */
static void test_filter__no_pattern_takes_for_ever(void **state)
{
    char text[4096], pattern[128];
    (void)state;
    memset(text, 'a', sizeof text);
    text[sizeof text - 1] = 0;
    for (size_t i = 0; i + 2 < sizeof pattern; i += 2)
        memcpy(pattern + i, "*a", 3);
    memcpy(pattern + 120, "*b", 3);
    assert_int_equal(nephi_filter_is_like(text, pattern), 0);
}

static void test_filter__the_limit_counts_what_passes(void **state)
{
    static const mock_reply pages[] = {{.match = "/nodes?page=2",
                                        .body =
                                            "{\"nodes\":[{\"id\":\"i-5\",\"state\":\"running\"},"
                                            "{\"id\":\"i-6\",\"state\":\"running\"}]}"},
                                       {.body = "{\"nodes\":[" NODES "],\"next\":\"2\"}"}};
    neph_list_options options = NEPH_LIST_OPTIONS_INIT;
    stand *s = *state;
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, pages);
    options.state = "running";
    options.limit = 3;
    assert_string_equal(stand_list(neph_node_list(s->cloud, &options)), "i-1 i-3 i-5 .0");
    assert_int_equal(s->mock.request_count, 2);
}

/* A page of so many nodes may hold none that pass. */
static void test_filter__the_provider_sees_no_limit_beside_a_filter_that_it_does_not_take(
    void **state)
{
    neph_list_options options = NEPH_LIST_OPTIONS_INIT;
    stand *s = *state;
    stand_open(s, "fleet");
    MOCK_SCRIPT(&s->mock, nodes);
    options.limit = 1;
    assert_string_equal(stand_list(neph_node_list(s->cloud, &options)), "i-1 .0");
    assert_non_null(strstr(s->mock.requests[0].url, "limit=1"));
    options.name = "d*";
    assert_string_equal(stand_list(neph_node_list(s->cloud, &options)), "i-3 .0");
    assert_null(strstr(s->mock.requests[1].url, "limit"));
    options.name = NULL;
    options.ids = two_ids;
    options.id_count = 1;
    assert_string_equal(stand_list(neph_node_list(s->cloud, &options)), "i-4 .0");
    assert_non_null(strstr(s->mock.requests[2].url, "limit=1&id=i-4"));
}

static void test_filter__a_state_that_there_is_not_is_invalid_before_anything_is_sent(void **state)
{
    static const char *const names[] = {"runing", "unknown", "available", ""};
    stand *s = *state;
    stand_open(s, "fleet");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        neph_list_options options = NEPH_LIST_OPTIONS_INIT;
        neph_call *call;
        options.state = names[i];
        call = neph_node_list(s->cloud, &options);
        assert_int_equal(stand_run(call), NEPH_INVALID);
        assert_non_null(
            strstr(neph_call_error(call)->message,
                   "pending, running, rebooting, stopping, stopped, terminated, failed"));
        neph_call_free(call);
    }
    assert_int_equal(s->mock.request_count, 0);
}

static void test_filter__performing_lists_are_filtered_too(void **state)
{
    static const char *const ids[] = {"n1", "n3"};
    neph_list_options options = NEPH_LIST_OPTIONS_INIT;
    stand *s = *state;
    stand_open(s, "mill");
    mill.node_count = 5;
    options.ids = ids;
    options.id_count = 2;
    options.limit = 1;
    assert_string_equal(stand_list(neph_node_list(s->cloud, &options)), "n1 .0");
}

static void test_filter__what_the_host_makes_every_list_takes(void **state)
{
    static const struct {
        uint32_t op;
        int32_t member;
        int takes;
    } rows[] = {
        {NEPH_OP_NODE_LIST, NEPH_LIST_ID, 1},     {NEPH_OP_NODE_LIST, NEPH_LIST_NAME, 1},
        {NEPH_OP_NODE_LIST, NEPH_LIST_TAG, 1},    {NEPH_OP_NODE_LIST, NEPH_LIST_STATE, 1},
        {NEPH_OP_NODE_LIST, NEPH_LIST_LIMIT, 1},  {NEPH_OP_NODE_LIST, NEPH_LIST_LOCATION, 1},
        {NEPH_OP_IMAGE_LIST, NEPH_LIST_OWNER, 0}, {NEPH_OP_KEY_LIST, NEPH_LIST_TAG, 0},
        {NEPH_OP_NODE_CREATE, NEPH_WAIT, 1},      {NEPH_OP_NODE_CREATE, NEPH_TOKEN, 1},
        {NEPH_OP_VOLUME_CREATE, NEPH_TOKEN, 1},   {NEPH_OP_ADDRESS_ALLOCATE, NEPH_TOKEN, 0},
        {NEPH_OP_VOLUME_DETACH, NEPH_WAIT, 0},    {NEPH_OP_VOLUME_DETACH, NEPH_WAIT_SECONDS, 1},
        {NEPH_OP_SIZE_LIST, NEPH_LIST_LIMIT, 0},
    };
    stand *s = *state;
    stand_open(s, "fleet");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (neph_cloud_takes(s->cloud, rows[i].op, rows[i].member) != rows[i].takes)
            fail_msg("row %zu", i);
}

static void test_filter__the_owner_is_the_providers_to_filter(void **state)
{
    neph_list_options options = NEPH_LIST_OPTIONS_INIT;
    stand *s = *state;
    stand_open(s, "fleet");
    options.owner = "self";
    assert_string_equal(stand_list(neph_image_list(s->cloud, &options)), ".-15");
    assert_int_equal(s->mock.request_count, 0);
}

/* Each list that has a filter has a member to filter by. */
static void test_filter__the_model_has_a_member_for_each_filter(void **state)
{
    static const struct {
        int32_t argument;
        nephi_role role;
    } rows[] = {
        {NEPH_LIST_ID, NEPHI_ROLE_ID},
        {NEPH_LIST_NAME, NEPHI_ROLE_NAME},
        {NEPH_LIST_TAG, NEPHI_ROLE_TAGS},
        {NEPH_LIST_STATE, NEPHI_ROLE_STATE},
        {NEPH_LIST_LOCATION, NEPHI_ROLE_LOCATION},
    };
    const neph_op_info *op;
    int count = 0;
    (void)state;
    for (size_t i = 0; (op = neph_op_at(i)) != NULL; i++)
        for (size_t j = 0; j < sizeof rows / sizeof *rows; j++) {
            if (!nephi_op_argument(op, rows[j].argument))
                continue;
            count++;
            if (!nephi_kind_role(op->kind, rows[j].role))
                fail_msg("%s has filter %zu, and %s no such member", op->name, j, op->noun);
        }
    assert_in_range(count, 20, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAND_TEST(test_filter__each_member_is_looked_at),
        cmocka_unit_test(test_filter__a_pattern_is_stars_and_question_marks),
        cmocka_unit_test(test_filter__no_pattern_takes_for_ever),
        STAND_TEST(test_filter__the_limit_counts_what_passes),
        STAND_TEST(test_filter__the_provider_sees_no_limit_beside_a_filter_that_it_does_not_take),
        STAND_TEST(test_filter__a_state_that_there_is_not_is_invalid_before_anything_is_sent),
        STAND_TEST(test_filter__performing_lists_are_filtered_too),
        STAND_TEST(test_filter__what_the_host_makes_every_list_takes),
        STAND_TEST(test_filter__the_owner_is_the_providers_to_filter),
        cmocka_unit_test(test_filter__the_model_has_a_member_for_each_filter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
