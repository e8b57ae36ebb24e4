/*
 * test_bluebox.c - the bluebox provider on the recorded replies of plugins/bluebox/tests. That what it sends is what the
 * service knew is tested by the conformance suite too, on a strict server.
 */
#include "tests/engine/stand.h"

#define ID "99df878c-6e5c-4945-a635-d94da9fd3146"
#define SMALL "94fd37a7-2606-47f7-84d5-9000deda52ae"
#define CENTOS "c66b8145-f768-45ef-9878-395bf8b1b7ff"

extern const neph_plugin bluebox_LTX_neph_plugin_v0;

/* recordings: a folder of plugins/bluebox/tests; NULL: whatever is asked fails the test. */
static void open_at(stand *at, const char *recordings)
{
    static const neph_setting_value settings[] = {{"customer", "recorded"},
                                                  {"api_key", "recorded"}};
    const char *source = getenv("NEPH_SRCDIR");
    char folder[1024];
    int rc;
    snprintf(folder, sizeof folder, "%s/plugins/bluebox/tests/%s", source ? source : ".",
             recordings ? recordings : "");
    mock_use(&at->mock);
    if (recordings) {
        at->config.transport = NULL;
        at->config.replay_dir = folder;
    }
    assert_int_equal(neph_host_new(&at->config, &at->host), 0);
    rc = neph_host_register(at->host, &bluebox_LTX_neph_plugin_v0);
    assert_true(rc == 0 || rc == NEPH_EXISTS); /* a static libneph brings it along */
    if (neph_cloud_open(at->host, "bluebox", settings, 2, &at->cloud))
        fail_msg("%s", neph_host_error(at->host)->message);
}

static void done(neph_call *call)
{
    int rc = stand_run(call);
    if (rc)
        fail_msg("%s", neph_call_error(call)->message);
    neph_call_free(call);
}

static void test_bluebox__lists_nodes(void **state)
{
    const neph_node *node;
    neph_call *call;
    stand *at = *state;
    open_at(at, "nodes");
    call = neph_node_list(at->cloud, NULL);
    node = neph_next_node(call);
    assert_non_null(node);
    assert_string_equal(node->id, ID);
    assert_string_equal(node->name, "foo.apitest.blueboxgrid.com");
    assert_int_equal(node->state, NEPH_NODE_RUNNING);
    assert_int_equal(node->public_ip_count, 1);
    assert_string_equal(node->public_ips[0], "67.214.214.212");
    assert_int_equal(node->private_ip_count, 0);
    assert_true(node->cpus_nano == NEPH_NANO / 2);
    assert_true(node->ram_bytes == INT64_C(1) << 30);
    assert_true(node->disk_bytes == INT64_C(21474836480));
    assert_string_equal(node->location_id, "0");
    assert_null(node->size_id);
    assert_true(node->created_ns == NEPH_UNKNOWN);
    assert_null(neph_next_node(call));
    done(call);
}

static void test_bluebox__shows_image_and_size_of_one_node(void **state)
{
    const neph_node *node;
    neph_call *call;
    stand *at = *state;
    open_at(at, "node");
    call = neph_node_show(at->cloud, ID);
    assert_int_equal(stand_run(call), 0);
    node = (const neph_node *)neph_call_result(call);
    assert_string_equal(node->size_id, SMALL);
    assert_string_equal(node->image_id, "centos");
    neph_call_free(call);
}

static void test_bluebox__does_not_know_every_state(void **state)
{
    neph_call *call;
    stand *at = *state;
    open_at(at, "made-state");
    call = neph_node_list(at->cloud, NULL);
    assert_int_equal(neph_next_node(call)->state, NEPH_NODE_STATE_UNKNOWN);
    assert_int_equal(neph_next_node(call)->state, NEPH_NODE_TERMINATED);
    assert_int_equal(neph_next_node(call)->state, NEPH_NODE_PENDING);
    done(call);
}

static neph_node_options wanted(void)
{
    neph_node_options options = NEPH_NODE_OPTIONS_INIT;
    options.name = "foo";
    options.size_id = SMALL;
    options.image_id = CENTOS;
    return options;
}

static void test_bluebox__creates_a_node_with_a_form(void **state)
{
    neph_node_options options = wanted();
    neph_call *call;
    stand *at = *state;
    options.username = "deploy";
    options.password = "a b&c";
    open_at(at, "create");
    call = neph_node_create(at->cloud, &options);
    if (stand_run(call))
        fail_msg("%s", neph_call_error(call)->message);
    assert_int_equal(((const neph_node *)neph_call_result(call))->state, NEPH_NODE_PENDING);
    neph_call_free(call);
}

static void test_bluebox__creates_a_node_with_a_key(void **state)
{
    neph_node_options options = wanted();
    stand *at = *state;
    options.public_key = "ssh-rsa AAAA+/= me@home";
    open_at(at, "create-key");
    done(neph_node_create(at->cloud, &options));
}

static void test_bluebox__sends_nothing_for_a_node_nobody_could_enter(void **state)
{
    neph_node_options options = wanted();
    neph_call *call;
    stand *at = *state;
    open_at(at, NULL);
    call = neph_node_create(at->cloud, &options);
    assert_int_equal(stand_run(call), NEPH_INVALID);
    assert_non_null(strstr(neph_call_error(call)->message, "public_key"));
    assert_int_equal(neph_call_error(call)->sent, 0);
    neph_call_free(call);
    assert_int_equal(at->mock.request_count, 0);
}

static void test_bluebox__reboots(void **state)
{
    stand *at = *state;
    open_at(at, "reboot");
    done(neph_node_reboot(at->cloud, ID, NULL));
}

static void test_bluebox__says_why_it_was_not_rebooted(void **state)
{
    neph_call *call;
    stand *at = *state;
    open_at(at, "made-reboot-refused");
    call = neph_node_reboot(at->cloud, ID, NULL);
    assert_int_equal(stand_run(call), NEPH_UNAVAILABLE);
    assert_non_null(strstr(neph_call_error(call)->message, "Block is being built."));
    neph_call_free(call);
}

static void test_bluebox__destroys(void **state)
{
    stand *at = *state;
    open_at(at, "destroy");
    done(neph_node_destroy(at->cloud, ID, NULL));
}

static void test_bluebox__lists_images(void **state)
{
    const neph_image *image;
    neph_call *call;
    size_t count = 1;
    stand *at = *state;
    open_at(at, "images");
    call = neph_image_list(at->cloud, NULL);
    image = neph_next_image(call);
    assert_string_equal(image->id, CENTOS);
    assert_string_equal(image->name, "CentOS 5 (Latest Release)");
    assert_int_equal(image->is_public, 1);
    assert_true(image->created_ns == INT64_C(1240267594) * NEPH_NANO);
    while (neph_next_image(call))
        count++;
    assert_int_equal(count, 10);
    done(call);
}

static void test_bluebox__joins_sizes_with_what_is_known_of_them(void **state)
{
    static const struct {
        const char *id;
        int64_t ram_mib, disk_gib, cpus_nano, price_nano;
    } rows[] = {
        {SMALL, 1024, 20, NEPH_NANO / 2, 150000000},
        {"b412f354-5056-4bf0-a42f-6ddd998aa092", 2048, 25, NEPH_NANO, 250000000},
        {"0cd183d3-0287-4b1a-8288-b3ea8302ed58", 4096, 50, 2 * NEPH_NANO, 350000000},
        {"b9b87a5b-2885-4a2e-b434-44a163ca6251", 8192, 100, 4 * NEPH_NANO, 450000000},
    };
    neph_call *call;
    stand *at = *state;
    open_at(at, "sizes");
    call = neph_size_list(at->cloud, NULL);
    for (size_t i = 0; i < NEPH_COUNT(rows); i++) {
        const neph_size *size = neph_next_size(call);
        assert_non_null(size);
        assert_string_equal(size->id, rows[i].id);
        assert_true(size->ram_bytes == rows[i].ram_mib << 20);
        assert_true(size->disk_bytes == rows[i].disk_gib << 30);
        assert_true(size->cpus_nano == rows[i].cpus_nano);
        assert_true(size->price_nano == rows[i].price_nano);
        assert_string_equal(size->currency, "USD");
    }
    done(call);
}

static void test_bluebox__leaves_unknown_what_it_does_not_know_of_a_size(void **state)
{
    const neph_size *size;
    neph_call *call;
    stand *at = *state;
    open_at(at, "made-product");
    call = neph_size_list(at->cloud, NULL);
    size = neph_next_size(call);
    assert_true(size->ram_bytes == NEPH_UNKNOWN);
    assert_string_equal(size->currency, "USD");
    size = neph_next_size(call);
    assert_true(size->price_nano == NEPH_UNKNOWN);
    assert_null(size->currency);
    done(call);
}

static void test_bluebox__lists_its_one_location_without_a_request(void **state)
{
    const neph_location *location;
    neph_call *call;
    stand *at = *state;
    open_at(at, NULL);
    call = neph_location_list(at->cloud, NULL);
    location = (const neph_location *)neph_next_kind(call, NEPH_KIND_LOCATION);
    assert_string_equal(location->id, "0");
    assert_string_equal(location->name, "Blue Box Seattle US");
    assert_string_equal(location->country, "US");
    assert_null(neph_next(call));
    done(call);
    assert_int_equal(at->mock.request_count, 0);
}

static void test_bluebox__passes_on_why_it_was_refused(void **state)
{
    neph_call *call;
    stand *at = *state;
    open_at(at, "made-401");
    call = neph_node_list(at->cloud, NULL);
    assert_int_equal(stand_run(call), NEPH_AUTH);
    assert_non_null(strstr(neph_call_error(call)->message, "Unauthorized."));
    assert_int_equal(neph_call_error(call)->http_status, 401);
    neph_call_free(call);
}

/* RFC 7617: "recorded:recorded". */
static void test_bluebox__authenticates_with_customer_and_key(void **state)
{
    static const mock_reply replies[] = {{.body = "[]"}};
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    open_at(at, NULL);
    done(neph_node_list(at->cloud, NULL));
    assert_string_equal(mock_header(&at->mock, 0, "Authorization"),
                        "Basic cmVjb3JkZWQ6cmVjb3JkZWQ=");
    assert_string_equal(at->mock.requests[0].url, "https://boxpanel.bluebox.net/api/blocks.json");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAND_TEST(test_bluebox__lists_nodes),
        STAND_TEST(test_bluebox__shows_image_and_size_of_one_node),
        STAND_TEST(test_bluebox__does_not_know_every_state),
        STAND_TEST(test_bluebox__creates_a_node_with_a_form),
        STAND_TEST(test_bluebox__creates_a_node_with_a_key),
        STAND_TEST(test_bluebox__sends_nothing_for_a_node_nobody_could_enter),
        STAND_TEST(test_bluebox__reboots),
        STAND_TEST(test_bluebox__says_why_it_was_not_rebooted),
        STAND_TEST(test_bluebox__destroys),
        STAND_TEST(test_bluebox__lists_images),
        STAND_TEST(test_bluebox__joins_sizes_with_what_is_known_of_them),
        STAND_TEST(test_bluebox__leaves_unknown_what_it_does_not_know_of_a_size),
        STAND_TEST(test_bluebox__lists_its_one_location_without_a_request),
        STAND_TEST(test_bluebox__passes_on_why_it_was_refused),
        STAND_TEST(test_bluebox__authenticates_with_customer_and_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
