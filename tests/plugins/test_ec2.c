/*
 * test_ec2.c - the ec2 provider: where it asks and how it signs, nodes, pages, filters, errors. The other resources are
 * test_ec2_resources.c; that it gets along with a server is tested by the conformance suite.
 */
#include "tests/plugins/ec2_stand.h"

#include "core/host.h"

static int ran(neph_call *call)
{
    int rc = stand_run(call);
    neph_call_free(call);
    return rc;
}

/* ---- where requests go, and what they carry */

static void test_ec2__asks_amazon_in_its_region(void **state)
{
    static const mock_reply replies[] = {{.body = "<R/>", .stays = 1}};
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    ec2_open_with(at, NULL, "eu-west-1", "the+token");
    ec2_done(neph_location_list(at->cloud, NULL));
    assert_string_equal(at->mock.requests[0].url, "https://ec2.eu-west-1.amazonaws.com/");
    assert_string_equal(at->mock.requests[0].method, "POST");
    assert_string_equal(mock_header(&at->mock, 0, "Content-Type"),
                        "application/x-www-form-urlencoded");
    assert_string_equal(mock_header(&at->mock, 0, "x-amz-security-token"), "the+token");
    assert_non_null(
        strstr(mock_header(&at->mock, 0, "Authorization"), "/20260101/eu-west-1/ec2/aws4_request"));
    ec2_assert_form(at, 0, "Action=DescribeAvailabilityZones" V);
}

static void test_ec2__has_other_hosts_in_china(void **state)
{
    static const mock_reply replies[] = {{.body = "<R/>"}};
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    ec2_open_with(at, NULL, "cn-north-1", NULL);
    ec2_done(neph_location_list(at->cloud, NULL));
    assert_string_equal(at->mock.requests[0].url, "https://ec2.cn-north-1.amazonaws.com.cn/");
}

static void test_ec2__signs_what_the_form_says(void **state)
{
    static const mock_reply replies[] = {{.body = "<R/>", .stays = 1}};
    char first[512];
    stand *at = *state;
    OPEN(at, replies);
    ec2_done(neph_node_reboot(at->cloud, "i-1", NULL));
    ec2_done(neph_node_reboot(at->cloud, "i-2", NULL));
    snprintf(first, sizeof first, "%s", mock_header(&at->mock, 0, "Authorization"));
    assert_string_not_equal(first, mock_header(&at->mock, 1, "Authorization"));
}

static void test_ec2__refuses_what_is_no_region(void **state)
{
    static const neph_setting_value settings[] = {
        {"access_key", "a"}, {"secret_key", "s"}, {"region", "evil.example.org/"}};
    stand *at = *state;
    ec2_open(at, NULL, 0);
    neph_cloud_close(at->cloud);
    at->cloud = NULL;
    assert_int_equal(neph_cloud_open(at->host, "ec2", settings, 3, &at->cloud), NEPH_INVALID);
}

/* ---- nodes */

static void test_ec2__reads_the_nodes_of_a_server(void **state)
{
    const neph_node *node;
    neph_call *call;
    stand *at = *state;
    ec2_open_recorded(at, "nodes");
    call = neph_node_list(at->cloud, NULL);
    node = neph_next_node(call);
    assert_string_equal(node->id, "i-046ce95c4b8a6e7bb");
    assert_string_equal(node->name, "box");
    assert_int_equal(node->state, NEPH_NODE_RUNNING);
    assert_int_equal(node->public_ip_count, 1);
    assert_string_equal(node->public_ips[0], "54.214.100.100");
    assert_int_equal(node->private_ip_count, 1);
    assert_string_equal(node->private_ips[0], "10.21.143.210");
    assert_string_equal(node->size_id, "t3.micro");
    assert_string_equal(node->image_id, "ami-03cf127a");
    assert_string_equal(node->location_id, "us-east-1b");
    assert_true(node->created_ns != NEPH_UNKNOWN);
    assert_true(node->cpus_nano == NEPH_UNKNOWN);
    assert_null(node->key_name);
    assert_int_equal(node->tag_count, 3);
    assert_string_equal(node->tags[1].name, "env");
    assert_string_equal(node->tags[1].value, "test");
    assert_string_equal(node->tags[2].name, "empty");
    assert_string_equal(node->tags[2].value, "");
    assert_string_equal(neph_next_node(call)->name, "other");
    assert_null(neph_next_node(call));
    ec2_done(call);
}

#define NODE_STATE(name) "<instanceState><code>1</code><name>" name "</name></instanceState>"

static void test_ec2__knows_every_state_of_a_node(void **state)
{
    static const mock_reply replies[] = {
        {.body = NODES(NODE("1", NODE_STATE("pending")) NODE("2", NODE_STATE("running")) NODE(
             "3", NODE_STATE("shutting-down")) NODE("4", NODE_STATE("terminated"))
                           NODE("5", NODE_STATE("stopping")) NODE("6", NODE_STATE("stopped"))
                               NODE("7", NODE_STATE("hovering")) NODE("8", ""))},
    };
    static const int32_t states[] = {
        NEPH_NODE_PENDING,  NEPH_NODE_RUNNING, NEPH_NODE_STOPPING,      NEPH_NODE_TERMINATED,
        NEPH_NODE_STOPPING, NEPH_NODE_STOPPED, NEPH_NODE_STATE_UNKNOWN, NEPH_NODE_STATE_UNKNOWN};
    stand *at = *state;
    neph_call *call;
    OPEN(at, replies);
    call = neph_node_list(at->cloud, NULL);
    for (size_t i = 0; i < NEPH_COUNT(states); i++)
        assert_int_equal(neph_next_node(call)->state, states[i]);
    ec2_done(call);
}

static void test_ec2__leaves_unknown_what_a_node_does_not_say(void **state)
{
    static const mock_reply replies[] = {
        {.body = NODES(NODE("i-1", "<keyName/><tagSet/><ipAddress/>"))}};
    const neph_node *node;
    stand *at = *state;
    neph_call *call;
    OPEN(at, replies);
    call = neph_node_show(at->cloud, "i-1");
    assert_int_equal(stand_run(call), 0);
    node = (const neph_node *)neph_call_result(call);
    assert_null(node->name);
    assert_null(node->key_name);
    assert_null(node->size_id);
    assert_int_equal(node->public_ip_count, 0);
    assert_int_equal(node->tag_count, 0);
    assert_true(node->created_ns == NEPH_UNKNOWN);
    neph_call_free(call);
    ec2_assert_form(at, 0, "Action=DescribeInstances" V "&InstanceId.1=i-1");
}

static void test_ec2__shows_nothing_but_what_was_asked_for(void **state)
{
    static const mock_reply replies[] = {{.body = NODES(NODE("i-1", "") NODE("i-2", ""))},
                                         {.body = "<R/>", .stays = 1}};
    stand *at = *state;
    OPEN(at, replies);
    assert_string_equal(stand_list(neph_node_show(at->cloud, "i-2")), "i-2 .0");
    ec2_fails(neph_node_show(at->cloud, "i-2"), NEPH_NOT_FOUND, "there is no node i-2");
    ec2_fails(neph_image_show(at->cloud, "ami-2"), NEPH_NOT_FOUND, "there is no image ami-2");
    ec2_fails(neph_volume_show(at->cloud, "vol-2"), NEPH_NOT_FOUND, "there is no volume vol-2");
    ec2_fails(neph_snapshot_show(at->cloud, "snap-2"), NEPH_NOT_FOUND, "there is no snapshot snap");
}

static void test_ec2__creates_a_node_as_a_server_takes_it(void **state)
{
    static const neph_pair tags[] = {{"env", "test"}, {"empty", ""}};
    neph_node_options options = NEPH_NODE_OPTIONS_INIT;
    const neph_node *node;
    stand *at = *state;
    neph_call *call;
    options.name = "box";
    options.image_id = "ami-03cf127a";
    options.size_id = "t3.micro";
    options.location_id = "us-east-1b";
    options.user_data = "hello";
    options.tags = tags;
    options.tag_count = 2;
    options.token = "fixed-token";
    ec2_open_recorded(at, "create");
    call = neph_node_create(at->cloud, &options);
    if (stand_run(call))
        fail_msg("%s", neph_call_error(call)->message);
    node = (const neph_node *)neph_call_result(call);
    assert_string_equal(node->id, "i-046ce95c4b8a6e7bb");
    assert_int_equal(node->state, NEPH_NODE_PENDING);
    assert_int_equal(node->tag_count, 3);
    neph_call_free(call);
}

static neph_node_options wanted(void)
{
    neph_node_options options = NEPH_NODE_OPTIONS_INIT;
    options.name = "n";
    options.image_id = "ami-1";
    options.size_id = "t3.micro";
    options.token = "T";
    return options;
}

#define RUN "Action=RunInstances" V "&ImageId=ami-1&InstanceType=t3.micro&MinCount=1&MaxCount=1"
#define NAMED                                                                                      \
    "&TagSpecification.1.Tag.1.Key=Name&TagSpecification.1.Tag.1.Value=n"                          \
    "&TagSpecification.1.Tag.2.Key=neph-token&TagSpecification.1.Tag.2.Value=T"                    \
    "&TagSpecification.1.ResourceType=instance"

static void test_ec2__tells_all_of_a_node_in_the_call_that_creates_it(void **state)
{
    static const mock_reply replies[] = {
        {.body = "<R><instancesSet>" NODE("i-1", "") "</instancesSet></R>", .stays = 1}};
    static const char *const firewalls[] = {"sg-1", "sg-2"};
    neph_node_options options = wanted();
    stand *at = *state;
    OPEN(at, replies);
    ec2_done(neph_node_create(at->cloud, &options));
    assert_true(ec2_has_form(at, 0, "Action=DescribeInstances")); /* the program's own token */
    ec2_assert_form(at, 1, RUN "&ClientToken=T" NAMED);
    options.key_name = "k";
    options.firewall_ids = firewalls;
    options.firewall_id_count = 2;
    options.subnet_id = "subnet-1";
    options.user_data_base64 = "aGVs\nbG8=";
    ec2_done(neph_node_create(at->cloud, &options));
    ec2_assert_form(at, 3,
                    RUN "&KeyName=k&UserData=aGVs%0AbG8%3D&ClientToken=T&SecurityGroupId.1=sg-1"
                        "&SecurityGroupId.2=sg-2&SubnetId=subnet-1" NAMED);
}

static void test_ec2__asks_again_for_the_same_node_when_the_reply_is_lost(void **state)
{
    static const mock_reply replies[] = {
        {.status = 503,
         .body = "<Response><Errors><Error><Code>RequestLimitExceeded</Code></Error></Errors>"
                 "</Response>"},
        {.body = "<R><instancesSet>" NODE("i-1", "") "</instancesSet></R>"},
    };
    neph_node_options options = wanted();
    stand *at = *state;
    options.token = NULL;
    OPEN(at, replies);
    ec2_done(neph_node_create(at->cloud, &options));
    assert_int_equal(at->mock.request_count, 2);
    assert_string_equal(at->mock.requests[0].body, at->mock.requests[1].body);
    assert_true(ec2_has_form(at, 0, "&ClientToken="));
}

static void test_ec2__marks_no_node_of_amazon_itself(void **state)
{
    static const mock_reply replies[] = {
        {.body = "<R><instancesSet>" NODE("i-1", "") "</instancesSet></R>"}};
    neph_node_options options = wanted();
    stand *at = *state;
    mock_script(&at->mock, replies, NEPH_COUNT(replies));
    ec2_open_with(at, NULL, "eu-west-1", NULL);
    options.token = NULL;
    ec2_done(neph_node_create(at->cloud, &options));
    assert_true(ec2_has_form(at, 0, "&ClientToken="));
    assert_false(ec2_has_form(at, 0, "neph-token"));
}

static void test_ec2__looks_for_a_node_before_it_asks_for_it_again(void **state)
{
    static const mock_reply replies[] = {
        {.body = "<R><reservationSet/></R>"}, /* nothing has the program's own token yet */
        {.fail = MOCK_FAIL_SENT},
        {.body = "<R><reservationSet/></R>"},
        {.fail = MOCK_FAIL_SENT},
        {.body = NODES(NODE("i-2", "<tagSet><item><key>neph-token</key><value>T</value></item>"
                                   "</tagSet>"))},
    };
    neph_node_options options = wanted();
    stand *at = *state;
    neph_call *call;
    OPEN(at, replies);
    at->host->pace_ms = 1;
    call = neph_node_create(at->cloud, &options);
    assert_int_equal(stand_run(call), 0);
    assert_string_equal(((const neph_node *)neph_call_result(call))->id, "i-2");
    neph_call_free(call);
    assert_int_equal(at->mock.request_count, 5);
    assert_true(ec2_has_form(at, 2, "Action=DescribeInstances"));
    assert_true(ec2_has_form(at, 2, "Filter.1.Name=tag%3Aneph-token&Filter.1.Value.1=T"));
    assert_string_equal(at->mock.requests[1].body, at->mock.requests[3].body);
}

static void test_ec2__sends_nothing_with_user_data_that_cannot_be(void **state)
{
    static const mock_reply replies[] = {
        {.body = "<R><instancesSet>" NODE("i-1", "") "</instancesSet></R>"}};
    static char data[NEPH_EC2_USER_DATA_MAX + 2];
    static char encoded[4 * (NEPH_EC2_USER_DATA_MAX / 3 + 2)];
    neph_node_options options = wanted();
    stand *at = *state;
    memset(data, 'x', NEPH_EC2_USER_DATA_MAX + 1);
    memset(encoded, 'A', sizeof encoded - 1);
    encoded[sizeof encoded - 1 - (sizeof encoded - 1) % 4] = '\0';
    options.token = NULL;
    OPEN(at, replies);
    options.user_data = data;
    ec2_fails(neph_node_create(at->cloud, &options), NEPH_LIMIT, "16385 bytes");
    options.user_data = NULL;
    options.user_data_base64 = encoded;
    ec2_fails(neph_node_create(at->cloud, &options), NEPH_LIMIT, "16384 are the limit");
    options.user_data_base64 = "no base64!";
    ec2_fails(neph_node_create(at->cloud, &options), NEPH_INVALID, "no base64");
    options.user_data = "x";
    options.user_data_base64 = "eA==";
    ec2_fails(neph_node_create(at->cloud, &options), NEPH_INVALID, "not both");
    assert_int_equal(at->mock.request_count, 0);
    options.user_data_base64 = NULL;
    options.user_data = data;
    data[NEPH_EC2_USER_DATA_MAX] = '\0';
    ec2_done(neph_node_create(at->cloud, &options));
    assert_int_equal(at->mock.request_count, 1);
}

static void test_ec2__sends_no_token_that_the_service_cannot_take(void **state)
{
    static const mock_reply replies[] = {{.body = "<R><reservationSet/></R>"}};
    neph_node_options options = wanted();
    stand *at = *state;
    options.token = "0123456789012345678901234567890123456789012345678901234567890123+";
    OPEN(at, replies);
    ec2_fails(neph_node_create(at->cloud, &options), NEPH_LIMIT, "token");
    assert_int_equal(at->mock.request_count, 1); /* whether something has it */
    assert_true(ec2_has_form(at, 0, "Action=DescribeInstances"));
}

static void test_ec2__changes_nodes(void **state)
{
    static const mock_reply replies[] = {{.body = OK, .stays = 1}};
    stand *at = *state;
    neph_call *call;
    OPEN(at, replies);
    ec2_done(neph_node_destroy(at->cloud, "i-1", NULL));
    ec2_done(neph_node_reboot(at->cloud, "i-1", NULL));
    ec2_done(neph_node_start(at->cloud, "i-1", NULL));
    ec2_done(neph_node_stop(at->cloud, "i-1", NULL));
    ec2_done(neph_node_rename(at->cloud, "i-1", "a&b"));
    ec2_done(neph_node_resize(at->cloud, "i-1", "m5.large"));
    call = neph_call_new(at->cloud, NEPH_OP_NODE_STOP);
    neph_call_set_string(call, NEPH_NODE_ID, "i-1");
    neph_call_set_integer(call, NEPH_FORCE, 1);
    assert_int_equal(neph_call_start(call), 0);
    ec2_done(call);
    ec2_assert_form(at, 0, "Action=TerminateInstances" V "&InstanceId.1=i-1");
    ec2_assert_form(at, 1, "Action=RebootInstances" V "&InstanceId.1=i-1");
    ec2_assert_form(at, 2, "Action=StartInstances" V "&InstanceId.1=i-1");
    ec2_assert_form(at, 3, "Action=StopInstances" V "&InstanceId.1=i-1");
    ec2_assert_form(at, 4,
                    "Action=CreateTags" V "&ResourceId.1=i-1&Tag.1.Key=Name&Tag.1.Value=a%26b");
    ec2_assert_form(
        at, 5, "Action=ModifyInstanceAttribute" V "&InstanceId=i-1&InstanceType.Value=m5.large");
    ec2_assert_form(at, 6, "Action=StopInstances" V "&InstanceId.1=i-1&Force=true");
}

static void test_ec2__decodes_the_console_of_a_server(void **state)
{
    const neph_console *console;
    stand *at = *state;
    neph_call *call;
    ec2_open_recorded(at, "console");
    call = neph_node_console(at->cloud, "i-046ce95c4b8a6e7bb");
    assert_int_equal(stand_run(call), 0);
    console = (const neph_console *)neph_call_result(call);
    assert_string_equal(console->node_id, "i-046ce95c4b8a6e7bb");
    assert_int_equal(strncmp(console->output, "Linux version 2.6.16-xenU", 25), 0);
    assert_true(console->updated_ns != NEPH_UNKNOWN);
    neph_call_free(call);
}

static void test_ec2__leaves_out_what_no_text_can_hold(void **state)
{
    /* "a", NUL, "b"; the end of an "ä", "z" */
    static const mock_reply replies[] = {{.body = "<R><output>YQBi</output></R>"},
                                         {.body = "<R><output>pHo=</output></R>"},
                                         {.body = "<R><output/></R>"},
                                         {.body = "<R><output>YQ</output></R>"}};
    static const char *const outputs[] = {"ab", "?z", NULL};
    stand *at = *state;
    OPEN(at, replies);
    for (size_t i = 0; i < NEPH_COUNT(outputs); i++) {
        neph_call *call = neph_node_console(at->cloud, "i-1");
        const char *output;
        assert_int_equal(stand_run(call), 0);
        output = ((const neph_console *)neph_call_result(call))->output;
        assert_true(outputs[i] ? output && strcmp(output, outputs[i]) == 0 : !output);
        neph_call_free(call);
    }
    ec2_fails(neph_node_console(at->cloud, "i-1"), NEPH_PROTOCOL, "no base64");
}

/* ---- pages and filters */

#define PAGE(inside, token)                                                                        \
    "<R><reservationSet><item><instancesSet>" inside                                               \
    "</instancesSet></item></reservationSet><nextToken>" token "</nextToken></R>"

static void test_ec2__goes_on_while_there_is_a_token(void **state)
{
    static const mock_reply replies[] = {
        {.body = PAGE(NODE("i-1", ""), "a+/=")},
        {.body = PAGE("", "b")},
        {.body = "<R><reservationSet/><nextToken>c</nextToken></R>"},
        {.body = PAGE(NODE("i-2", ""), "")},
    };
    stand *at = *state;
    OPEN(at, replies);
    assert_string_equal(stand_list(neph_node_list(at->cloud, NULL)), "i-1 i-2 .0");
    ec2_assert_form(at, 0, "Action=DescribeInstances" V "&MaxResults=1000");
    ec2_assert_form(at, 1, "Action=DescribeInstances" V "&MaxResults=1000&NextToken=a%2B%2F%3D");
    ec2_assert_form(at, 2, "Action=DescribeInstances" V "&MaxResults=1000&NextToken=b");
    ec2_assert_form(at, 3, "Action=DescribeInstances" V "&MaxResults=1000&NextToken=c");
}

static void test_ec2__does_not_go_in_circles(void **state)
{
    static const mock_reply replies[] = {{.body = PAGE(NODE("i-1", ""), "same"), .stays = 1}};
    stand *at = *state;
    OPEN(at, replies);
    ec2_fails(neph_node_list(at->cloud, NULL), NEPH_PROTOCOL, "came back");
}

static void test_ec2__asks_for_no_more_than_is_wanted(void **state)
{
    static const mock_reply replies[] = {{.body = PAGE("", ""), .stays = 1}};
    static const struct {
        int64_t limit;
        const char *form;
    } rows[] = {{1, "&MaxResults=5"}, {7, "&MaxResults=7"}, {2000, "&MaxResults=1000"}};
    neph_list_options options = NEPH_LIST_OPTIONS_INIT;
    stand *at = *state;
    OPEN(at, replies);
    for (size_t i = 0; i < NEPH_COUNT(rows); i++) {
        options.limit = rows[i].limit;
        ec2_done(neph_node_list(at->cloud, &options));
        assert_true(ec2_has_form(at, i, rows[i].form));
    }
}

static void test_ec2__has_the_service_filter(void **state)
{
    static const mock_reply replies[] = {{.body = "<R/>", .stays = 1}};
    static const char *const ids[] = {"i-1", "i-2"};
    static const neph_pair tags[] = {{"env", "a*b\\"}, {"any", "*"}};
    neph_list_options options = NEPH_LIST_OPTIONS_INIT;
    stand *at = *state;
    options.ids = ids;
    options.id_count = 2;
    options.tags = tags;
    options.tag_count = 2;
    options.state = "stopping";
    options.name = "web-?\\*";
    options.location_id = "us-east-1a";
    options.limit = 3;
    OPEN(at, replies);
    ec2_done(neph_node_list(at->cloud, &options));
    ec2_assert_form(
        at, 0,
        "Action=DescribeInstances" V
        "&Filter.1.Name=instance-id&Filter.1.Value.1=i-1&Filter.1.Value.2=i-2"
        "&Filter.2.Name=tag%3Aenv&Filter.2.Value.1=a%5C%2Ab%5C%5C"
        "&Filter.3.Name=tag%3Aany&Filter.3.Value.1=%2A"
        "&Filter.4.Name=instance-state-name&Filter.4.Value.1=stopping&Filter.4.Value.2=shutting-down"
        "&Filter.5.Name=tag%3AName&Filter.5.Value.1=web-%3F%5C%5C%2A"
        "&Filter.6.Name=availability-zone&Filter.6.Value.1=us-east-1a&MaxResults=1000");
}

static void test_ec2__leaves_to_the_host_what_the_service_cannot_filter(void **state)
{
    static const mock_reply replies[] = {{.body = "<R/>", .stays = 1}};
    static const char *ids[201];
    neph_list_options options = NEPH_LIST_OPTIONS_INIT;
    stand *at = *state;
    OPEN(at, replies);
    options.state = "rebooting";
    ec2_done(neph_node_list(at->cloud, &options));
    ec2_assert_form(at, 0, "Action=DescribeInstances" V "&MaxResults=1000");
    options.state = NULL;
    for (size_t i = 0; i < NEPH_COUNT(ids); i++)
        ids[i] = "i-1";
    options.ids = ids;
    options.id_count = 200;
    ec2_done(neph_node_list(at->cloud, &options));
    assert_true(ec2_has_form(at, 1, "&Filter.1.Value.200=i-1&MaxResults"));
    options.id_count = 201;
    ec2_done(neph_node_list(at->cloud, &options));
    ec2_assert_form(at, 2, "Action=DescribeInstances" V "&MaxResults=1000");
}

static void test_ec2__asks_each_list_in_its_way(void **state)
{
    static const mock_reply replies[] = {{.body = "<R/>", .stays = 1}};
    static const char *const ids[] = {"x"};
    neph_list_options by_id = NEPH_LIST_OPTIONS_INIT, by_name = NEPH_LIST_OPTIONS_INIT;
    neph_list_options owned = NEPH_LIST_OPTIONS_INIT;
    size_t at_request = 0;
    stand *at = *state;
    by_id.ids = ids;
    by_id.id_count = 1;
    by_name.name = "n";
    owned.owner = "self";
    owned.state = "pending";
    OPEN(at, replies);
#define ASKS_WITH(status, call, form)                                                              \
    assert_int_equal(ran(call), status);                                                           \
    ec2_assert_form(at, at_request++, form)
#define ASKS(call, form) ASKS_WITH(0, call, form)
#define ASKS_FOR(call, form) ASKS_WITH(NEPH_NOT_FOUND, call, form)
#define FILTER(name, value) "&Filter.1.Name=" name "&Filter.1.Value.1=" value
    ASKS(neph_image_list(at->cloud, &owned),
         "Action=DescribeImages" V FILTER(
             "state", "pending") "&Filter.1.Value.2=transient&MaxResults=1000&Owner.1=self");
    ASKS(neph_image_list(at->cloud, &by_name),
         "Action=DescribeImages" V FILTER("name", "n") "&MaxResults=1000");
    ASKS_FOR(neph_image_show(at->cloud, "x"), "Action=DescribeImages" V "&ImageId.1=x");
    ASKS(neph_size_list(at->cloud, &by_id),
         "Action=DescribeInstanceTypes" V FILTER("instance-type", "x") "&MaxResults=100");
    ASKS(neph_location_list(at->cloud, &by_id),
         "Action=DescribeAvailabilityZones" V FILTER("zone-name", "x"));
    ASKS(neph_key_list(at->cloud, &by_name),
         "Action=DescribeKeyPairs" V FILTER("key-name", "n") "&IncludePublicKey=true");
    ASKS(neph_volume_list(at->cloud, &by_id),
         "Action=DescribeVolumes" V FILTER("volume-id", "x") "&MaxResults=500");
    ASKS_FOR(neph_volume_show(at->cloud, "x"), "Action=DescribeVolumes" V "&VolumeId.1=x");
    ASKS(neph_snapshot_list(at->cloud, &by_name),
         "Action=DescribeSnapshots" V FILTER("tag%3AName", "n") "&MaxResults=1000&Owner.1=self");
    ASKS_FOR(neph_snapshot_show(at->cloud, "x"), "Action=DescribeSnapshots" V "&SnapshotId.1=x");
    ASKS(neph_address_list(at->cloud, &by_id),
         "Action=DescribeAddresses" V FILTER("allocation-id", "x"));
    ASKS(neph_firewall_list(at->cloud, &by_name),
         "Action=DescribeSecurityGroups" V FILTER("group-name", "n") "&MaxResults=1000");
    ASKS(neph_network_list(at->cloud, &by_id),
         "Action=DescribeVpcs" V FILTER("vpc-id", "x") "&MaxResults=1000");
    ASKS(neph_subnet_list(at->cloud, &by_id),
         "Action=DescribeSubnets" V FILTER("subnet-id", "x") "&MaxResults=1000");
    ASKS(neph_tag_list(at->cloud, "x", NULL),
         "Action=DescribeTags" V FILTER("resource-id", "x") "&MaxResults=1000");
}

/* ---- many */

#define MANY 10000

static char *many_nodes(size_t *size)
{
    static const char one[] =
        "<item><reservationId>r-1</reservationId><instancesSet><item><instanceId>i-%05d</instanceId>"
        "<instanceState><code>16</code><name>running</name></instanceState><instanceType>t3.micro"
        "</instanceType><tagSet><item><key>Name</key><value>node %d</value></item><item><key>env</key>"
        "<value>test</value></item></tagSet></item></instancesSet></item>";
    size_t capacity = MANY * (sizeof one + 16) + 256;
    char *text = malloc(capacity);
    int at;
    assert_non_null(text);
    at = snprintf(text, capacity, "<DescribeInstancesResponse><reservationSet>");
    for (int i = 0; i < MANY; i++)
        at += snprintf(text + at, capacity - (size_t)at, one, i, i);
    at +=
        snprintf(text + at, capacity - (size_t)at, "</reservationSet></DescribeInstancesResponse>");
    *size = (size_t)at;
    return text;
}

static void test_ec2__lists_ten_thousand_nodes_of_one_reply(void **state)
{
    mock_reply reply = {.status = 200};
    const neph_node *node;
    char name[32];
    char *text = many_nodes(&reply.body_size);
    int count = 0;
    stand *at = *state;
    neph_call *call;
    reply.body = text;
    ec2_open(at, &reply, 1);
    call = neph_node_list(at->cloud, NULL);
    while ((node = neph_next_node(call)) != NULL) {
        snprintf(name, sizeof name, "node %d", count++);
        assert_string_equal(node->name, name);
        assert_int_equal(node->tag_count, 2);
    }
    ec2_done(call);
    assert_int_equal(count, MANY);
    free(text);
}

/* ---- errors */

static void test_ec2__reads_the_error_of_a_server(void **state)
{
    neph_call *call;
    stand *at = *state;
    ec2_open_recorded(at, "missing-node");
    call = neph_node_show(at->cloud, "i-00000000000000001");
    assert_int_equal(stand_run(call), NEPH_NOT_FOUND);
    assert_string_equal(neph_call_error(call)->code, "InvalidInstanceID.NotFound");
    assert_string_equal(neph_call_error(call)->request_id, "request-id");
    assert_int_equal(neph_call_error(call)->http_status, 400);
    neph_call_free(call);
}

static void test_ec2__gives_errors_their_kind(void **state)
{
    static const struct {
        int32_t http;
        const char *code;
        int status;
    } rows[] = {
        {401, "AuthFailure", NEPH_AUTH},
        {403, "SignatureDoesNotMatch", NEPH_AUTH},
        {403, "UnauthorizedOperation", NEPH_PERMISSION},
        {400, "InvalidInstanceID.NotFound", NEPH_NOT_FOUND},
        {400, "InvalidInstanceID.Malformed", NEPH_NOT_FOUND},
        {400, "InvalidVolume.NotFound", NEPH_NOT_FOUND},
        {400, "InvalidSnapshot.NotFound", NEPH_NOT_FOUND},
        {400, "InvalidAllocationID.NotFound", NEPH_NOT_FOUND},
        {400, "InvalidAMIID.NotFound", NEPH_NOT_FOUND},
        {400, "InvalidGroup.NotFound", NEPH_NOT_FOUND},
        {400, "InvalidPermission.NotFound", NEPH_NOT_FOUND},
        {400, "InvalidGroup.Duplicate", NEPH_EXISTS},
        {400, "InvalidKeyPair.Duplicate", NEPH_EXISTS},
        {400, "InvalidPermission.Duplicate", NEPH_EXISTS},
        {400, "InvalidAMIName.Duplicate", NEPH_EXISTS},
        {400, "VolumeInUse", NEPH_CONFLICT},
        {400, "IncorrectState", NEPH_CONFLICT},
        {400, "IncorrectInstanceState", NEPH_CONFLICT},
        {400, "Resource.AlreadyAssociated", NEPH_CONFLICT},
        {400, "InvalidIPAddress.InUse", NEPH_CONFLICT},
        {400, "DependencyViolation", NEPH_CONFLICT},
        {400, "IdempotentParameterMismatch", NEPH_CONFLICT},
        {400, "InvalidParameterValue", NEPH_INVALID},
        {400, "InvalidVolume.ZoneMismatch", NEPH_CONFLICT},
        {400, "InstanceLimitExceeded", NEPH_QUOTA},
        {400, "VolumeLimitExceeded", NEPH_QUOTA},
        {400, "AddressLimitExceeded", NEPH_QUOTA},
        {400, "UnsupportedOperation", NEPH_UNSUPPORTED},
        {400, "InvalidAction", NEPH_UNSUPPORTED},
        {500, "InsufficientInstanceCapacity", NEPH_UNAVAILABLE},
        {400, "SomethingNew", NEPH_INVALID},
        {404, "SomethingOld", NEPH_NOT_FOUND},
    };
    stand *at = *state;
    ec2_open(at, NULL, 0);
    for (size_t i = 0; i < NEPH_COUNT(rows); i++) {
        char body[256];
        mock_reply reply = {.status = rows[i].http, .body = body};
        neph_call *call;
        snprintf(body, sizeof body,
                 "<Response><Errors><Error><Code>%s</Code><Message>m</Message></Error></Errors>"
                 "<RequestID>R%zu</RequestID></Response>",
                 rows[i].code, i);
        mock_script(&at->mock, &reply, 1);
        memset(at->mock.used, 0, sizeof at->mock.used);
        call = neph_volume_delete(at->cloud, "vol-1", NULL);
        if (stand_run(call) != rows[i].status)
            fail_msg("%s: %d", rows[i].code, neph_call_error(call)->status);
        assert_string_equal(neph_call_error(call)->code, rows[i].code);
        assert_int_equal(neph_call_error(call)->request_id[0], 'R');
        neph_call_free(call);
    }
}

static void test_ec2__backs_off_when_told_to(void **state)
{
#define SLOW                                                                                       \
    "<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>slower</Message></Error>"  \
    "</Errors><RequestID>R1</RequestID></Response>"
    static const mock_reply once[] = {{.status = 503, .body = SLOW}, {.body = OK}};
    static const mock_reply ever[] = {{.status = 503, .body = SLOW, .stays = 1}};
    neph_call *call;
    stand *at = *state;
    at->config.max_attempts = 2;
    OPEN(at, once);
    ec2_done(neph_node_reboot(at->cloud, "i-1", NULL));
    assert_int_equal(at->mock.request_count, 2);
    MOCK_SCRIPT(&at->mock, ever);
    memset(at->mock.used, 0, sizeof at->mock.used);
    call = neph_node_reboot(at->cloud, "i-1", NULL);
    assert_int_equal(stand_run(call), NEPH_THROTTLED);
    assert_int_equal(neph_call_error(call)->retry, NEPH_RETRY_PERSISTENT);
    assert_string_equal(neph_call_error(call)->request_id, "R1");
    neph_call_free(call);
    assert_int_equal(at->mock.request_count, 4);
}

static void test_ec2__learns_the_servers_time(void **state)
{
    static const char *const codes[] = {"RequestExpired", "AuthFailure", "SignatureDoesNotMatch"};
    stand *at = *state;
    for (size_t i = 0; i < NEPH_COUNT(codes); i++) {
        char body[128];
        mock_reply replies[] = {
            {.status = 400, .headers = "Date: Wed, 01 May 2024 12:34:56 GMT\n", .body = body},
            {.body = OK},
        };
        snprintf(body, sizeof body,
                 "<Response><Errors><Error><Code>%s</Code></Error></Errors></Response>", codes[i]);
        memset(at->mock.used, 0, sizeof at->mock.used);
        OPEN(at, replies);
        ec2_done(neph_node_start(at->cloud, "i-1", NULL));
        assert_string_equal(mock_header(&at->mock, 2 * i, "x-amz-date"), "20260101T000000Z");
        assert_string_equal(mock_header(&at->mock, 2 * i + 1, "x-amz-date"), "20240501T123456Z");
        if (i + 1 == NEPH_COUNT(codes))
            break;
        neph_cloud_close(at->cloud);
        neph_host_free(at->host);
    }
}

static void test_ec2__takes_no_web_page_for_an_answer(void **state)
{
    static const mock_reply replies[] = {{.headers = "Content-Type: text/html\n",
                                          .body = "<html><body>log in</body></html>",
                                          .stays = 1}};
    stand *at = *state;
    OPEN(at, replies);
    assert_int_equal(ran(neph_node_list(at->cloud, NULL)), NEPH_PROTOCOL);
    assert_int_equal(ran(neph_node_destroy(at->cloud, "i-1", NULL)), NEPH_PROTOCOL);
    assert_int_equal(ran(neph_key_create(at->cloud, "k")), NEPH_PROTOCOL);
}

static void test_ec2__does_not_repeat_what_is_not_the_same_twice(void **state)
{
    static const mock_reply replies[] = {{.fail = MOCK_FAIL_SENT, .stays = 1}};
    stand *at = *state;
    OPEN(at, replies);
    assert_int_equal(ran(neph_node_reboot(at->cloud, "i-1", NULL)), NEPH_NETWORK);
    assert_int_equal(ran(neph_key_create(at->cloud, "k")), NEPH_NETWORK);
    assert_int_equal(at->mock.request_count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAND_TEST(test_ec2__asks_amazon_in_its_region),
        STAND_TEST(test_ec2__has_other_hosts_in_china),
        STAND_TEST(test_ec2__signs_what_the_form_says),
        STAND_TEST(test_ec2__refuses_what_is_no_region),
        STAND_TEST(test_ec2__reads_the_nodes_of_a_server),
        STAND_TEST(test_ec2__knows_every_state_of_a_node),
        STAND_TEST(test_ec2__leaves_unknown_what_a_node_does_not_say),
        STAND_TEST(test_ec2__shows_nothing_but_what_was_asked_for),
        STAND_TEST(test_ec2__creates_a_node_as_a_server_takes_it),
        STAND_TEST(test_ec2__tells_all_of_a_node_in_the_call_that_creates_it),
        STAND_TEST(test_ec2__asks_again_for_the_same_node_when_the_reply_is_lost),
        STAND_TEST(test_ec2__marks_no_node_of_amazon_itself),
        STAND_TEST(test_ec2__looks_for_a_node_before_it_asks_for_it_again),
        STAND_TEST(test_ec2__sends_nothing_with_user_data_that_cannot_be),
        STAND_TEST(test_ec2__sends_no_token_that_the_service_cannot_take),
        STAND_TEST(test_ec2__changes_nodes),
        STAND_TEST(test_ec2__decodes_the_console_of_a_server),
        STAND_TEST(test_ec2__leaves_out_what_no_text_can_hold),
        STAND_TEST(test_ec2__goes_on_while_there_is_a_token),
        STAND_TEST(test_ec2__does_not_go_in_circles),
        STAND_TEST(test_ec2__asks_for_no_more_than_is_wanted),
        STAND_TEST(test_ec2__has_the_service_filter),
        STAND_TEST(test_ec2__leaves_to_the_host_what_the_service_cannot_filter),
        STAND_TEST(test_ec2__asks_each_list_in_its_way),
        STAND_TEST(test_ec2__lists_ten_thousand_nodes_of_one_reply),
        STAND_TEST(test_ec2__reads_the_error_of_a_server),
        STAND_TEST(test_ec2__gives_errors_their_kind),
        STAND_TEST(test_ec2__backs_off_when_told_to),
        STAND_TEST(test_ec2__learns_the_servers_time),
        STAND_TEST(test_ec2__takes_no_web_page_for_an_answer),
        STAND_TEST(test_ec2__does_not_repeat_what_is_not_the_same_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
