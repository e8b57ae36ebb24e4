/*
 * test_nimbus.c - the nimbus provider on the replies of plugins/nimbus/tests: what it asks, what becomes of the answers. That
 * its signatures are right is tested by the conformance suite, on a strict server.
 */
#include "tests/engine/stand.h"

#define RUNNING "i-4c1a2b30"

extern const neph_plugin nimbus_LTX_neph_plugin_v0;

static void open_with(stand *at, const neph_setting_value *more, size_t count)
{
    neph_setting_value settings[8] = {{"host", "cloud.test"},
                                      {"access_key", "AKIAIOSFODNN7EXAMPLE"},
                                      {"secret_key", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}};
    int rc;
    assert_true(count <= 5);
    for (size_t i = 0; i < count; i++)
        settings[3 + i] = more[i];
    mock_use(&at->mock);
    assert_int_equal(neph_host_new(&at->config, &at->host), 0);
    rc = neph_host_register(at->host, &nimbus_LTX_neph_plugin_v0);
    assert_true(rc == 0 || rc == NEPH_EXISTS); /* a static libneph brings it along */
    if (neph_cloud_open(at->host, "nimbus", settings, 3 + count, &at->cloud))
        fail_msg("%s", neph_host_error(at->host)->message);
}

/* Every request is answered by this file of plugins/nimbus/tests. */
static void open_on(stand *at, const char *name)
{
    static _Thread_local char text[16384];
    static _Thread_local mock_reply reply;
    const char *source = getenv("NEPH_SRCDIR");
    char path[1024];
    FILE *file;
    snprintf(path, sizeof path, "%s/plugins/nimbus/tests/%s.xml", source ? source : ".", name);
    file = fopen(path, "rb");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    reply = (mock_reply){.body = text, .stays = 1};
    mock_script(&at->mock, &reply, 1);
    open_with(at, NULL, 0);
}

static void done(neph_call *call)
{
    int rc = stand_run(call);
    if (rc)
        fail_msg("%s", neph_call_error(call)->message);
    neph_call_free(call);
}

static void assert_asks(const stand *at, size_t index, const char *parameters)
{
    const char *url = index < at->mock.request_count ? at->mock.requests[index].url : "";
    char wanted[2048];
    snprintf(wanted, sizeof wanted,
             "https://cloud.test:8444/?Action=%s&AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE"
             "&SignatureMethod=HmacSHA256&SignatureVersion=2&Timestamp=2026-01-01T00%%3A00%%3A00Z"
             "&Signature=",
             parameters);
    if (strncmp(url, wanted, strlen(wanted)) != 0)
        fail_msg("%s\nis not\n%s", url, wanted);
    assert_string_equal(at->mock.requests[index].method, "GET");
    assert_int_equal(at->mock.requests[index].body_size, 0);
}
#define V "&Version=2010-08-31"

static void test_nimbus__lists_nodes_without_names(void **state)
{
    const neph_node *node;
    stand *at = *state;
    neph_call *call;
    open_on(at, "DescribeInstances");
    call = neph_node_list(at->cloud, NULL);
    node = neph_next_node(call);
    assert_string_equal(node->id, RUNNING);
    assert_null(node->name);
    assert_int_equal(node->tag_count, 0);
    assert_int_equal(node->state, NEPH_NODE_RUNNING);
    assert_string_equal(node->public_ips[0], "192.0.2.103");
    assert_string_equal(node->size_id, "m1.small");
    assert_string_equal(node->image_id, "base-cluster-01.gz");
    assert_string_equal(node->key_name, "default");
    assert_true(node->created_ns == INT64_C(1304500407) * NEPH_NANO);
    node = neph_next_node(call);
    assert_int_equal(node->state, NEPH_NODE_PENDING);
    assert_int_equal(node->public_ip_count, 0);
    assert_null(neph_next_node(call));
    done(call);
    assert_asks(at, 0, "DescribeInstances" V);
}

static void test_nimbus__shows_the_one_that_was_asked_for(void **state)
{
    stand *at = *state;
    neph_call *call;
    open_on(at, "DescribeInstances");
    assert_string_equal(stand_list(neph_node_show(at->cloud, RUNNING)), RUNNING " .0");
    assert_asks(at, 0, "DescribeInstances" V "&InstanceId.1=" RUNNING);
    call = neph_node_show(at->cloud, "i-00000000");
    assert_int_equal(stand_run(call), NEPH_NOT_FOUND);
    assert_non_null(strstr(neph_call_error(call)->message, "i-00000000"));
    neph_call_free(call);
}

static neph_node_options wanted(void)
{
    neph_node_options options = NEPH_NODE_OPTIONS_INIT;
    options.name = "unused";
    options.image_id = "hello cloud";
    options.size_id = "m1.small";
    return options;
}

static void test_nimbus__creates_a_node(void **state)
{
    neph_node_options options = wanted();
    const neph_node *node;
    stand *at = *state;
    neph_call *call;
    options.key_name = "me";
    options.user_data = "hello";
    open_on(at, "RunInstances");
    call = neph_node_create(at->cloud, &options);
    assert_int_equal(stand_run(call), 0);
    node = (const neph_node *)neph_call_result(call);
    assert_string_equal(node->id, "i-4c1a2b32");
    assert_null(node->name);
    neph_call_free(call);
    assert_asks(at, 0,
                "RunInstances" V
                "&ImageId=hello%20cloud&InstanceType=m1.small&MinCount=1&MaxCount=1"
                "&KeyName=me&UserData=aGVsbG8%3D");
}

static void test_nimbus__does_not_create_a_node_twice(void **state)
{
    static const mock_reply replies[] = {{.fail = MOCK_FAIL_SENT}};
    neph_node_options options = wanted();
    stand *at = *state;
    neph_call *call;
    MOCK_SCRIPT(&at->mock, replies);
    open_with(at, NULL, 0);
    call = neph_node_create(at->cloud, &options);
    assert_int_equal(stand_run(call), NEPH_NETWORK);
    neph_call_free(call);
    assert_int_equal(at->mock.request_count, 1);
}

static void test_nimbus__sends_no_more_user_data_than_it_can_sign(void **state)
{
    static char data[16384];
    neph_node_options options = wanted();
    stand *at = *state;
    neph_call *call;
    memset(data, 'x', sizeof data - 1);
    open_with(at, NULL, 0);
    options.user_data = data;
    call = neph_node_create(at->cloud, &options);
    assert_int_equal(stand_run(call), NEPH_LIMIT);
    neph_call_free(call);
    assert_int_equal(at->mock.request_count, 0);
}

static void test_nimbus__destroys_and_reboots(void **state)
{
    stand *at = *state;
    open_on(at, "TerminateInstances");
    done(neph_node_destroy(at->cloud, RUNNING, NULL));
    done(neph_node_reboot(at->cloud, RUNNING, NULL));
    assert_asks(at, 0, "TerminateInstances" V "&InstanceId.1=" RUNNING);
    assert_asks(at, 1, "RebootInstances" V "&InstanceId.1=" RUNNING);
}

static void test_nimbus__names_images_by_their_files(void **state)
{
    const neph_image *image;
    stand *at = *state;
    neph_call *call;
    open_on(at, "DescribeImages");
    call = neph_image_list(at->cloud, NULL);
    image = neph_next_image(call);
    assert_string_equal(image->id, "base-cluster-01.gz");
    assert_string_equal(image->name, "base-cluster-01.gz");
    assert_int_equal(image->is_public, 1);
    assert_int_equal(image->state, NEPH_IMAGE_AVAILABLE);
    assert_string_equal(neph_next_image(call)->name, "hello cloud & more");
    done(call);
}

static void test_nimbus__has_three_sizes_and_knows_no_more_of_them(void **state)
{
    static const char *const ids[] = {"m1.small", "m1.large", "m1.xlarge"};
    stand *at = *state;
    neph_call *call;
    open_with(at, NULL, 0);
    call = neph_size_list(at->cloud, NULL);
    for (size_t i = 0; i < NEPH_COUNT(ids); i++) {
        const neph_size *size = neph_next_size(call);
        assert_string_equal(size->id, ids[i]);
        assert_true(size->cpus_nano == NEPH_UNKNOWN);
        assert_true(size->ram_bytes == NEPH_UNKNOWN);
        assert_true(size->disk_bytes == NEPH_UNKNOWN);
        assert_true(size->price_nano == NEPH_UNKNOWN);
        assert_null(size->currency);
    }
    assert_null(neph_next_size(call));
    done(call);
    assert_int_equal(at->mock.request_count, 0);
}

static void test_nimbus__lists_its_zone(void **state)
{
    stand *at = *state;
    open_on(at, "DescribeAvailabilityZones");
    assert_string_equal(stand_list(neph_location_list(at->cloud, NULL)), "nimbus .0");
}

static void test_nimbus__is_where_the_settings_say(void **state)
{
    static const neph_setting_value settings[] = {
        {"port", "8773"}, {"path", "/services/Cloud"}, {"secure", "false"}};
    static const mock_reply replies[] = {{.body = "<R/>"}};
    static const char url[] = "http://cloud.test:8773/services/Cloud?Action=DescribeImages&";
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    open_with(at, settings, NEPH_COUNT(settings));
    done(neph_image_list(at->cloud, NULL));
    assert_int_equal(strncmp(at->mock.requests[0].url, url, sizeof url - 1), 0);
}

static void test_nimbus__refuses_settings_that_cannot_be(void **state)
{
    static const neph_setting_value rows[] = {
        {"host", "a/b"}, {"host", ""},      {"host", "user@host"}, {"host", "cloud.test:80"},
        {"port", "0"},   {"port", "65536"}, {"port", "many"},      {"secure", "perhaps"}};
    stand *at = *state;
    open_with(at, NULL, 0);
    for (size_t i = 0; i < NEPH_COUNT(rows); i++) {
        neph_setting_value settings[] = {
            {"access_key", "a"}, {"secret_key", "s"}, {"host", "cloud.test"}, rows[i]};
        size_t host = strcmp(rows[i].name, "host") == 0;
        neph_cloud *cloud = NULL;
        if (host)
            settings[2] = rows[i];
        if (neph_cloud_open(at->host, "nimbus", settings, 4 - host, &cloud) != NEPH_INVALID)
            fail_msg("%s=%s", rows[i].name, rows[i].value);
    }
}

static void test_nimbus__cannot_do_the_rest(void **state)
{
    static const uint32_t ops[] = {NEPH_OP_NODE_STOP,    NEPH_OP_NODE_RENAME, NEPH_OP_VOLUME_LIST,
                                   NEPH_OP_ADDRESS_LIST, NEPH_OP_KEY_LIST,    NEPH_OP_FIREWALL_LIST,
                                   NEPH_OP_TAG_LIST,     NEPH_OP_IMAGE_SHOW};
    stand *at = *state;
    open_with(at, NULL, 0);
    for (size_t i = 0; i < NEPH_COUNT(ops); i++)
        assert_int_equal(neph_cloud_can(at->cloud, ops[i]), 0);
    assert_int_equal(neph_cloud_takes(at->cloud, NEPH_OP_NODE_CREATE, NEPH_NODE_TAGS), 0);
}

static void test_nimbus__passes_on_what_was_wrong(void **state)
{
    static const mock_reply replies[] = {
        {.status = 400,
         .body = "<Response><Errors><Error><Code>InvalidInstanceID.NotFound</Code><Message>no such "
                 "instance</Message></Error></Errors><RequestID>R9</RequestID></Response>"}};
    stand *at = *state;
    neph_call *call;
    MOCK_SCRIPT(&at->mock, replies);
    open_with(at, NULL, 0);
    call = neph_node_destroy(at->cloud, "i-0", NULL);
    assert_int_equal(stand_run(call), NEPH_NOT_FOUND);
    assert_string_equal(neph_call_error(call)->code, "InvalidInstanceID.NotFound");
    assert_string_equal(neph_call_error(call)->request_id, "R9");
    neph_call_free(call);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAND_TEST(test_nimbus__lists_nodes_without_names),
        STAND_TEST(test_nimbus__shows_the_one_that_was_asked_for),
        STAND_TEST(test_nimbus__creates_a_node),
        STAND_TEST(test_nimbus__does_not_create_a_node_twice),
        STAND_TEST(test_nimbus__sends_no_more_user_data_than_it_can_sign),
        STAND_TEST(test_nimbus__destroys_and_reboots),
        STAND_TEST(test_nimbus__names_images_by_their_files),
        STAND_TEST(test_nimbus__has_three_sizes_and_knows_no_more_of_them),
        STAND_TEST(test_nimbus__lists_its_zone),
        STAND_TEST(test_nimbus__is_where_the_settings_say),
        STAND_TEST(test_nimbus__refuses_settings_that_cannot_be),
        STAND_TEST(test_nimbus__cannot_do_the_rest),
        STAND_TEST(test_nimbus__passes_on_what_was_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
