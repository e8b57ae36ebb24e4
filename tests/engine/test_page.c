/*
 * Listings: one page and many, each way of asking for the next one, and what a server does wrong with tokens.
 */
#include "tests/engine/stand.h"

#define BUCKETS(names, rest) "<R><Buckets>" names "</Buckets>" rest "</R>"
#define BUCKET(name) "<Bucket><Name>" name "</Name></Bucket>"
#define NEXT(token) "<NextMarker>" token "</NextMarker>"

static const mock_reply login_reply = {
    .match = "/v3/auth/tokens",
    .headers = "X-Subject-Token: tok-1\n",
    .body =
        "{\"token\":{\"expires_at\":\"2026-01-02T00:00:00Z\",\"catalog\":[{\"type\":\"compute\","
        "\"endpoints\":[{\"url\":\"http://compute.probe.test:8080/v2\",\"interface\":\"public\"}]}]}}"};

static void test_engine__one_page_is_a_list(void **state)
{
    stand *s = *state;
    const mock_reply replies[] = {login_reply,
                                  {.body = "{\"servers\":[{\"id\":\"a\",\"status\":\"ACTIVE\"},"
                                           "{\"id\":\"b\",\"status\":\"ODD\"}]}"},
                                  {.body = "{\"servers\":[]}"}};
    const neph_node *node;
    neph_call *call;
    stand_open(s, "probe");
    MOCK_SCRIPT(&s->mock, replies);
    call = neph_node_list(s->cloud, NULL);
    node = neph_next_node(call);
    assert_non_null(node);
    assert_string_equal(node->id, "a");
    assert_int_equal(node->state, NEPH_NODE_RUNNING);
    assert_null(node->name);
    assert_true(node->ram_bytes == NEPH_UNKNOWN);
    node = neph_next_node(call);
    assert_string_equal(node->id, "b");
    assert_int_equal(node->state, NEPH_NODE_STATE_UNKNOWN);
    assert_null(neph_next_node(call));
    assert_int_equal(neph_wait(call), 0);
    assert_string_equal(s->mock.requests[1].url, "http://compute.probe.test:8080/v2/servers");
    assert_string_equal(mock_header(&s->mock, 1, "X-Auth-Token"), "tok-1");
    assert_string_equal(mock_header(&s->mock, 1, "User-Agent"), "neph/" PACKAGE_VERSION);
    neph_call_free(call);
}

static void test_engine__asks_on_behind_the_last_result(void **state)
{
    stand *s = *state;
    const mock_reply replies[] = {
        login_reply,
        {.body = "{\"servers\":[{\"id\":\"a\"},{\"id\":\"b\"}]}"},
        {.match = "marker=b", .body = "{\"servers\":[{\"id\":\"c&d\"}]}"},
        {.match = "marker=c%26d", .body = "{\"servers\":[]}"},
    };
    stand_open(s, "probe");
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(neph_node_list(s->cloud, NULL)), "a b c&d .0");
}

static void test_engine__asks_on_with_a_token_in_the_query(void **state)
{
    stand *s = *state;
    const mock_reply replies[] = {{.body = BUCKETS(BUCKET("a"), NEXT("t+1"))},
                                  {.match = "marker=t%2B1", .body = BUCKETS(BUCKET("b"), "")}};
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(neph_bucket_list(s->cloud, NULL)), "a b .0");
}

static void test_engine__asks_on_with_a_token_in_the_form(void **state)
{
    stand *s = *state;
    const mock_reply replies[] = {
        {.body = "<R><regionInfo><item><regionName>a</regionName></item></regionInfo>"
                 "<nextToken>t 1</nextToken></R>",
         .match = "8080/"},
        {.body = "<R><regionInfo><item><regionName>b</regionName></item></regionInfo></R>"}};
    const mock_reply logged_in[] = {login_reply, replies[0], replies[1]};
    stand_open(s, "probe");
    MOCK_SCRIPT(&s->mock, logged_in);
    assert_string_equal(stand_list(neph_location_list(s->cloud, NULL)), "a b .0");
    assert_string_equal(s->mock.requests[1].body, "Action=DescribeRegions");
    assert_string_equal(s->mock.requests[2].body, "Action=DescribeRegions&NextToken=t%201");
    assert_string_equal(mock_header(&s->mock, 2, "Content-Type"),
                        "application/x-www-form-urlencoded");
}

static void test_engine__asks_on_by_offset_of_what_the_server_sent(void **state)
{
    stand *s = *state;
    const mock_reply replies[] = {
        login_reply,
        {.body = "{\"images\":[{\"id\":\"a\"},{\"id\":\"drop1\"},{\"id\":\"b\"}]}"},
        {.match = "offset=3", .body = "{\"images\":[{\"id\":\"drop2\"}]}"},
        {.match = "offset=4", .body = "{\"images\":[{\"id\":\"c\"}]}"},
        {.match = "offset=5", .body = "{\"images\":[]}"},
    };
    stand_open(s, "probe");
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(neph_image_list(s->cloud, NULL)), "a b c .0");
}

static void test_engine__asks_on_at_the_url_of_the_reply(void **state)
{
    stand *s = *state;
    const mock_reply replies[] = {
        login_reply,
        {.body = "{\"sizes\":[{\"id\":\"a\"}],\"links\":[{\"rel\":\"next\",\"href\":"
                 "\"/sizes?page=2&x=%2f\"}]}"},
        {.match = "8080/sizes?page=2&x=%2f",
         .body = "{\"links\":[{\"rel\":\"next\",\"href\":"
                 "\"http://probe.test:8080/more\"}],\"sizes\":[{\"id\":\"b\"}]}"},
        {.match = "8080/more", .body = "{\"sizes\":[{\"id\":\"c\"}]}"},
    };
    stand_open(s, "probe");
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(neph_size_list(s->cloud, NULL)), "a b c .0");
    assert_string_equal(s->mock.requests[3].url, "http://probe.test:8080/more");
}

static void test_engine__asks_no_page_of_a_foreign_host(void **state)
{
    stand *s = *state;
    const mock_reply replies[] = {
        login_reply,
        {.body = "{\"sizes\":[{\"id\":\"a\"}],\"links\":[{\"rel\":\"next\",\"href\":"
                 "\"http://evil.test:8080/sizes\"}]}"},
    };
    neph_call *call;
    stand_open(s, "probe");
    MOCK_SCRIPT(&s->mock, replies);
    call = neph_size_list(s->cloud, NULL);
    assert_int_equal(stand_run(call), NEPH_PROTOCOL);
    assert_non_null(strstr(neph_call_error(call)->message, "evil.test:8080"));
    assert_int_equal(s->mock.request_count, 2);
    neph_call_free(call);
}

static void test_engine__asks_on_with_a_token_in_the_body(void **state)
{
    stand *s = *state;
    const mock_reply replies[] = {login_reply,
                                  {.body = "{\"buckets\":[{\"name\":\"a\"}],\"next\":\"n1\"}"},
                                  {.body = "{\"buckets\":[{\"name\":\"b\"}],\"next\":\"\"}"}};
    stand_open(s, "probe");
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(neph_bucket_list(s->cloud, NULL)), "a b .0");
    assert_string_equal(s->mock.requests[1].body, "{\"token\":\"\"}");
    assert_string_equal(s->mock.requests[2].body, "{\"token\":\"n1\"}");
}

static void test_engine__an_empty_page_with_a_token_goes_on(void **state)
{
    stand *s = *state;
    const mock_reply replies[] = {{.body = BUCKETS("", NEXT("1"))},
                                  {.body = BUCKETS("", NEXT("2"))},
                                  {.body = BUCKETS(BUCKET("a"), "")}};
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(neph_bucket_list(s->cloud, NULL)), "a .0");
}

static void test_engine__a_token_that_repeats_is_an_error(void **state)
{
    stand *s = *state;
    const mock_reply replies[] = {{.body = BUCKETS(BUCKET("a"), NEXT("1")), .stays = 1}};
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    call = neph_bucket_list(s->cloud, NULL);
    assert_int_equal(stand_run(call), NEPH_PROTOCOL);
    assert_int_equal(s->mock.request_count, 2);
    neph_call_free(call);
}

static void test_engine__tokens_that_go_in_a_circle_are_an_error(void **state)
{
    stand *s = *state;
    const mock_reply replies[] = {
        {.match = "marker=A", .body = BUCKETS("", NEXT("B")), .stays = 1},
        {.match = "marker=B", .body = BUCKETS("", NEXT("C")), .stays = 1},
        {.match = "marker=C", .body = BUCKETS("", NEXT("A")), .stays = 1},
        {.body = BUCKETS("", NEXT("A"))},
    };
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    call = neph_bucket_list(s->cloud, NULL);
    assert_int_equal(stand_run(call), NEPH_PROTOCOL);
    assert_in_range(s->mock.request_count, 4, 12);
    neph_call_free(call);
}

static void test_engine__a_page_that_says_it_is_the_last_is(void **state)
{
    stand *s = *state;
    const mock_reply replies[] = {
        {.body = BUCKETS(BUCKET("a"), NEXT("1") "<IsTruncated>false</IsTruncated>")}};
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(neph_bucket_list(s->cloud, NULL)), "a .0");
    assert_int_equal(s->mock.request_count, 1);
}

static void test_engine__more_without_a_token_is_an_error(void **state)
{
    stand *s = *state;
    const mock_reply replies[] = {
        {.body = BUCKETS(BUCKET("a"), "<IsTruncated>true</IsTruncated>")}};
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    call = neph_bucket_list(s->cloud, NULL);
    assert_non_null(neph_next_bucket(call));
    assert_null(neph_next_bucket(call));
    assert_int_equal(stand_run(call), NEPH_PROTOCOL);
    assert_int_equal(neph_call_error(call)->sent, 1);
    assert_int_equal(neph_call_error(call)->http_status, 200);
    neph_call_free(call);
}

static void test_engine__a_limit_ends_a_listing_in_the_middle_of_a_page(void **state)
{
    stand *s = *state;
    const mock_reply replies[] = {{.body = BUCKETS(BUCKET("a") BUCKET("b"), NEXT("1"))},
                                  {.body = BUCKETS(BUCKET("c") BUCKET("d"), NEXT("2"))}};
    neph_list_options options = NEPH_LIST_OPTIONS_INIT;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    options.limit = 3;
    assert_string_equal(stand_list(neph_bucket_list(s->cloud, &options)), "a b c .0");
    assert_int_equal(s->mock.request_count, 2);
}

static void test_engine__a_limit_that_a_page_fills_asks_no_other(void **state)
{
    stand *s = *state;
    const mock_reply replies[] = {{.body = BUCKETS(BUCKET("a") BUCKET("b"), NEXT("1"))}};
    neph_list_options options = NEPH_LIST_OPTIONS_INIT;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    options.limit = 2;
    assert_string_equal(stand_list(neph_bucket_list(s->cloud, &options)), "a b .0");
    assert_int_equal(s->mock.request_count, 1);
}

static void test_engine__a_page_of_several_steps_keeps_its_token(void **state)
{
    stand *s = *state;
    const mock_reply replies[] = {
        {.match = "/prices", .stays = 1},
        {.body = "<R><Size><Id>a</Id></Size><NextMarker>1</NextMarker></R>"},
        {.match = "/sizes?marker=1", .body = "<R><Size><Id>b</Id></Size></R>"},
    };
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(neph_size_list(s->cloud, NULL)), "a b .0");
    assert_int_equal(s->mock.request_count, 4);
    assert_non_null(strstr(s->mock.requests[2].url, "/sizes?marker=1"));
}

static void test_engine__several_kinds_come_in_one_listing(void **state)
{
    stand *s = *state;
    const mock_reply replies[] = {{.body = "<R><Contents><Key>a</Key></Contents><CommonPrefixes>"
                                           "<Prefix>b/</Prefix></CommonPrefixes></R>"}};
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(neph_object_list(s->cloud, "bkt", NULL)), "a b/ .0");
    assert_string_equal(s->mock.requests[0].url, "http://mill.test:8080/bkt");
}

static void test_engine__pieces_of_one_byte_are_a_list_too(void **state)
{
    stand *s = *state;
    const mock_reply replies[] = {{.body = BUCKETS(BUCKET("a") BUCKET("b&amp;c"), NEXT("1"))},
                                  {.body = BUCKETS(BUCKET("d"), "")}};
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    s->mock.piece = 1;
    s->mock.is_slow = 1;
    assert_string_equal(stand_list(neph_bucket_list(s->cloud, NULL)), "a b&c d .0");
}

static void test_engine__a_truncated_reply_is_an_error_and_keeps_what_came(void **state)
{
    stand *s = *state;
    const mock_reply replies[] = {{.body = "<R><Buckets>" BUCKET("a") "<Bucket><Na"}};
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(neph_bucket_list(s->cloud, NULL)), "a .-13");
}

static void test_engine__a_web_page_in_place_of_a_reply_is_an_error(void **state)
{
    stand *s = *state;
    const mock_reply replies[] = {
        {.body = "<!DOCTYPE html><html><body>Please log in</body></html>"}};
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    call = neph_bucket_list(s->cloud, NULL);
    assert_int_equal(stand_run(call), NEPH_PROTOCOL);
    assert_int_equal(s->mock.request_count, 1);
    neph_call_free(call);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAND_TEST(test_engine__one_page_is_a_list),
        STAND_TEST(test_engine__asks_on_behind_the_last_result),
        STAND_TEST(test_engine__asks_on_with_a_token_in_the_query),
        STAND_TEST(test_engine__asks_on_with_a_token_in_the_form),
        STAND_TEST(test_engine__asks_on_by_offset_of_what_the_server_sent),
        STAND_TEST(test_engine__asks_on_at_the_url_of_the_reply),
        STAND_TEST(test_engine__asks_no_page_of_a_foreign_host),
        STAND_TEST(test_engine__asks_on_with_a_token_in_the_body),
        STAND_TEST(test_engine__an_empty_page_with_a_token_goes_on),
        STAND_TEST(test_engine__a_token_that_repeats_is_an_error),
        STAND_TEST(test_engine__tokens_that_go_in_a_circle_are_an_error),
        STAND_TEST(test_engine__a_page_that_says_it_is_the_last_is),
        STAND_TEST(test_engine__more_without_a_token_is_an_error),
        STAND_TEST(test_engine__a_limit_ends_a_listing_in_the_middle_of_a_page),
        STAND_TEST(test_engine__a_limit_that_a_page_fills_asks_no_other),
        STAND_TEST(test_engine__a_page_of_several_steps_keeps_its_token),
        STAND_TEST(test_engine__several_kinds_come_in_one_listing),
        STAND_TEST(test_engine__pieces_of_one_byte_are_a_list_too),
        STAND_TEST(test_engine__a_truncated_reply_is_an_error_and_keeps_what_came),
        STAND_TEST(test_engine__a_web_page_in_place_of_a_reply_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
