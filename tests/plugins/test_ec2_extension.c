/*
 * test_ec2_extension.c - what the ec2 provider has beyond the portable operations: what each extension asks for, what it makes
 * of the answer, and what it refuses to ask.
 */
#include "tests/plugins/ec2_stand.h"

static neph_call *begin(stand *at, const char *name)
{
    const neph_extension_info *info = neph_cloud_extension(at->cloud, name);
    assert_non_null(info);
    return neph_call_new(at->cloud, info->op);
}

static void set(neph_call *call, const char *name, const char *value)
{
    if (neph_call_set_parameter(call, name, value))
        fail_msg("%s", neph_call_error(call)->message);
}

/* Begins a call whose parameters are set. */
static neph_call *go(neph_call *call)
{
    neph_call_start(call); /* what is wrong is told by the call */
    return call;
}

static const neph_row *next(neph_call *call)
{
    return (const neph_row *)neph_next(call);
}

static const neph_row_value *value_of(const neph_row *row, const char *name)
{
    assert_non_null(row);
    for (size_t i = 0; i < row->value_count; i++)
        if (!strcmp(row->values[i].name, name))
            return &row->values[i];
    fail_msg("there is no column %s", name);
    return NULL;
}

static void assert_text(const neph_row *row, const char *name, const char *text)
{
    assert_string_equal(value_of(row, name)->text, text);
}

static int64_t number_of(const neph_row *row, const char *name)
{
    return value_of(row, name)->number;
}

/* ---- spot_price_history */

static void test_ec2_extension__reads_the_spot_prices_of_a_server(void **state)
{
    stand *at = *state;
    const neph_row *row;
    neph_call *call;
    ec2_open_recorded(at, "spot-prices");
    call = begin(at, "ec2.spot_price_history");
    set(call, "instance_type", "t3.micro");
    go(call);
    row = next(call);
    assert_text(row, "location", "us-east-1a");
    assert_text(row, "instance_type", "t3.micro");
    assert_text(row, "product", "Linux/UNIX (Amazon VPC)");
    assert_int_equal(value_of(row, "price")->type, NEPH_TYPE_DECIMAL);
    assert_true(number_of(row, "price") == 10000);
    assert_true(number_of(row, "time") == INT64_C(1136214245) * NEPH_NANO);
    for (int i = 1; i < 5; i++)
        assert_non_null(next(call));
    assert_null(next(call));
    ec2_done(call);
}

static void test_ec2_extension__asks_for_spot_prices_of_some(void **state)
{
    static const mock_reply replies[] = {{.body = "<R><spotPriceHistorySet/><nextToken/></R>"}};
    stand *at = *state;
    neph_call *call;
    OPEN(at, replies);
    call = begin(at, "spot_price_history");
    set(call, "instance_type", "t3.micro");
    set(call, "instance_type", "m5.large");
    set(call, "product_description", "Linux/UNIX");
    set(call, "location", "us-east-1a");
    set(call, "since", "2026-01-01");
    set(call, "until", "2026-01-01T12:00:00.5+02:00");
    go(call);
    ec2_done(call);
    ec2_assert_form(at, 0,
                    "Action=DescribeSpotPriceHistory" V
                    "&InstanceType.1=t3.micro&InstanceType.2=m5.large"
                    "&ProductDescription.1=Linux%2FUNIX&AvailabilityZone=us-east-1a"
                    "&StartTime=2026-01-01T00%3A00%3A00Z&EndTime=2026-01-01T10%3A00%3A00Z"
                    "&MaxResults=1000");
}

/* A page may be empty, and a token have characters that mean something in a form. */
static void test_ec2_extension__asks_for_every_page_of_spot_prices(void **state)
{
#define PRICE(price)                                                                               \
    "<R><spotPriceHistorySet><item><instanceType>t</instanceType><spotPrice>" price                \
    "</spotPrice></item></spotPriceHistorySet>"
    static const mock_reply replies[] = {
        {.body = PRICE("0.031200") "<nextToken>a+/=</nextToken></R>"},
        {.body = "<R><spotPriceHistorySet/><nextToken>b</nextToken></R>"},
        {.body = PRICE("12.5") "<nextToken></nextToken></R>"},
    };
    stand *at = *state;
    neph_call *call;
    OPEN(at, replies);
    call = begin(at, "spot_price_history");
    go(call);
    assert_true(number_of(next(call), "price") == 31200000);
    assert_true(number_of(next(call), "price") == INT64_C(12500000000));
    assert_null(next(call));
    ec2_done(call);
    ec2_assert_form(at, 0, "Action=DescribeSpotPriceHistory" V "&MaxResults=1000");
    ec2_assert_form(at, 1,
                    "Action=DescribeSpotPriceHistory" V "&MaxResults=1000&NextToken=a%2B%2F%3D");
    ec2_assert_form(at, 2, "Action=DescribeSpotPriceHistory" V "&MaxResults=1000&NextToken=b");
}

/* ---- modify_instance_attribute */

static neph_call *modify(stand *at, const char *attribute, const char *value)
{
    neph_call *call = begin(at, "ec2.modify_instance_attribute");
    set(call, "id", "i-1");
    set(call, "attribute", attribute);
    set(call, "value", value);
    return go(call);
}

static void test_ec2_extension__names_attributes_as_the_service_does(void **state)
{
    static const struct {
        const char *attribute;
        const char *value;
        const char *form;
    } rows[] = {
        {"disable_api_stop", "true", "DisableApiStop.Value=true"},
        {"disable_api_termination", "false", "DisableApiTermination.Value=false"},
        {"ebs_optimized", "true", "EbsOptimized.Value=true"},
        {"instance_type", "m5.large", "InstanceType.Value=m5.large"},
        {"shutdown_behavior", "terminate", "InstanceInitiatedShutdownBehavior.Value=terminate"},
        {"source_dest_check", "false", "SourceDestCheck.Value=false"},
        {"user_data", "#!/bin/sh", "UserData.Value=IyEvYmluL3No"},
    };
    static const mock_reply replies[] = {{.body = "<R><return>true</return></R>", .stays = 1}};
    stand *at = *state;
    OPEN(at, replies);
    for (size_t i = 0; i < NEPH_COUNT(rows); i++) {
        char form[256];
        neph_call *call = modify(at, rows[i].attribute, rows[i].value);
        const neph_row *row = next(call);
        assert_text(row, "id", "i-1");
        assert_text(row, "attribute", rows[i].attribute);
        assert_int_equal(number_of(row, "done"), 1);
        ec2_done(call);
        snprintf(form, sizeof form, "Action=ModifyInstanceAttribute" V "&InstanceId=i-1&%s",
                 rows[i].form);
        ec2_assert_form(at, i, form);
    }
}

static void test_ec2_extension__takes_silence_for_done(void **state)
{
    stand *at = *state;
    const neph_row *row;
    neph_call *call;
    ec2_open_recorded(at, "attribute");
    call = begin(at, "ec2.modify_instance_attribute");
    set(call, "id", "i-e7fbd91091015d868");
    set(call, "attribute", "disable_api_termination");
    set(call, "value", "true");
    go(call);
    row = next(call);
    assert_text(row, "id", "i-e7fbd91091015d868");
    assert_int_equal(number_of(row, "done"), 1);
    ec2_done(call);
}

static void test_ec2_extension__says_that_it_was_not_done(void **state)
{
    static const mock_reply replies[] = {{.body = "<R><return>false</return></R>"}};
    stand *at = *state;
    neph_call *call;
    OPEN(at, replies);
    call = modify(at, "ebs_optimized", "true");
    assert_int_equal(number_of(next(call), "done"), 0);
    ec2_done(call);
}

static void test_ec2_extension__sends_no_value_that_cannot_be(void **state)
{
    char large[NEPH_EC2_USER_DATA_MAX + 2];
    stand *at = *state;
    neph_call *call;
    ec2_open(at, NULL, 0);
    memset(large, 'x', sizeof large - 1);
    large[sizeof large - 1] = '\0';
    ec2_fails(modify(at, "source_dest_check", "yes"), NEPH_INVALID, "must be true or false");
    ec2_fails(modify(at, "shutdown_behavior", "true"), NEPH_INVALID, "must be stop or terminate");
    ec2_fails(modify(at, "user_data", large), NEPH_LIMIT, "16384 are the limit");
    call = begin(at, "ec2.modify_instance_attribute");
    set(call, "id", "i-1");
    go(call);
    ec2_fails(call, NEPH_INVALID, "attribute");
    call = begin(at, "ec2.modify_instance_attribute");
    assert_int_equal(neph_call_set_parameter(call, "attribute", "kernel"), NEPH_INVALID);
    neph_call_free(call);
    assert_int_equal(at->mock.request_count, 0);
}

/* A change that was asked for twice is one change. */
static void test_ec2_extension__asks_again_for_a_change(void **state)
{
    static const mock_reply replies[] = {
        {.status = 503,
         .body = "<Response><Errors><Error><Code>Unavailable</Code></Error></Errors></Response>"},
        {.body = "<R><return>true</return></R>"}};
    stand *at = *state;
    OPEN(at, replies);
    ec2_done(modify(at, "ebs_optimized", "true"));
    assert_int_equal(at->mock.request_count, 2);
}

/* ---- console_output */

static void test_ec2_extension__decodes_the_console_of_a_server(void **state)
{
    stand *at = *state;
    const neph_row *row;
    neph_call *call;
    ec2_open_recorded(at, "console");
    call = begin(at, "ec2.console_output");
    set(call, "id", "i-046ce95c4b8a6e7bb");
    set(call, "latest", "false");
    go(call);
    row = next(call);
    assert_text(row, "id", "i-046ce95c4b8a6e7bb");
    assert_true(number_of(row, "time") == INT64_C(1795635757) * NEPH_NANO);
    assert_int_equal(strncmp(value_of(row, "output")->text, "Linux version 2.6.16-xenU", 25), 0);
    ec2_done(call);
}

static void test_ec2_extension__reads_the_console_as_it_is_now(void **state)
{
    /* "a", NUL, half an "ä"; nothing yet; no base64 */
    static const mock_reply replies[] = {
        {.body = "<R><instanceId>i-1</instanceId><output>YQDD</output></R>"},
        {.body = "<R><instanceId>i-1</instanceId></R>"},
        {.body = "<R><output>YQ</output></R>"}};
    stand *at = *state;
    neph_call *call;
    OPEN(at, replies);
    for (int i = 0; i < 2; i++) {
        const neph_row_value *output;
        call = begin(at, "ec2.console_output");
        set(call, "id", "i-1");
        set(call, "latest", "true");
        go(call);
        output = value_of(next(call), "output");
        assert_true(i ? !output->text : output->text && !strcmp(output->text, "a?"));
        ec2_done(call);
    }
    ec2_assert_form(at, 0, "Action=GetConsoleOutput" V "&InstanceId=i-1&Latest=true");
    call = begin(at, "ec2.console_output");
    set(call, "id", "i-1");
    go(call);
    ec2_fails(call, NEPH_PROTOCOL, "no base64");
    ec2_assert_form(at, 2, "Action=GetConsoleOutput" V "&InstanceId=i-1");
}

/* ---- describe_vpcs, describe_subnets */

static void test_ec2_extension__reads_the_vpcs_of_a_server(void **state)
{
    stand *at = *state;
    const neph_row *row;
    neph_call *call;
    ec2_open_recorded(at, "vpcs");
    call = begin(at, "ec2.describe_vpcs");
    go(call);
    row = next(call);
    assert_text(row, "id", "vpc-fc931fef433fcfbb9");
    assert_text(row, "state", "available");
    assert_text(row, "cidr", "172.31.0.0/16");
    assert_int_equal(number_of(row, "is_default"), 1);
    assert_text(row, "tenancy", "default");
    assert_text(row, "dhcp_options", "default");
    assert_null(next(call));
    ec2_done(call);
}

static void test_ec2_extension__reads_the_subnets_of_a_vpc(void **state)
{
    stand *at = *state;
    const neph_row *row;
    neph_call *call;
    int count = 1;
    ec2_open_recorded(at, "subnets");
    call = begin(at, "ec2.describe_subnets");
    set(call, "vpc", "vpc-fc931fef433fcfbb9");
    go(call);
    row = next(call);
    assert_text(row, "id", "subnet-6d56efd751e325844");
    assert_text(row, "state", "available");
    assert_text(row, "cidr", "172.31.0.0/20");
    assert_text(row, "location", "us-east-1a");
    assert_text(row, "vpc", "vpc-fc931fef433fcfbb9");
    assert_int_equal(number_of(row, "free_addresses"), 4090);
    assert_int_equal(number_of(row, "public_ip_on_launch"), 1);
    while (next(call))
        count++;
    assert_int_equal(count, 6);
    ec2_done(call);
}

/* Ids and MaxResults exclude each other. */
static void test_ec2_extension__asks_for_ids_or_for_pages(void **state)
{
    static const mock_reply replies[] = {
        {.body = "<R><vpcSet><item><vpcId>vpc-1</vpcId><tagSet><item><key>Name</key>"
                 "<value>lab</value></item></tagSet></item></vpcSet></R>"},
        {.body = "<R><subnetSet/></R>"},
        {.body = "<R><vpcSet/><nextToken>n</nextToken></R>"},
        {.body = "<R><vpcSet/></R>"}};
    stand *at = *state;
    const neph_row *row;
    neph_call *call;
    OPEN(at, replies);
    call = begin(at, "ec2.describe_vpcs");
    set(call, "id", "vpc-1");
    set(call, "id", "vpc-2");
    go(call);
    row = next(call);
    assert_null(value_of(row, "state")->text);
    assert_true(number_of(row, "is_default") == NEPH_UNKNOWN);
    assert_string_equal(row->result.extra[0].name, "name");
    assert_string_equal(row->result.extra[0].value, "lab");
    ec2_done(call);
    call = begin(at, "ec2.describe_subnets");
    set(call, "id", "subnet-1");
    set(call, "vpc", "vpc-1");
    go(call);
    ec2_done(call);
    ec2_done(go(begin(at, "ec2.describe_vpcs")));
    ec2_assert_form(at, 0, "Action=DescribeVpcs" V "&VpcId.1=vpc-1&VpcId.2=vpc-2");
    ec2_assert_form(at, 1,
                    "Action=DescribeSubnets" V
                    "&SubnetId.1=subnet-1&Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-1");
    ec2_assert_form(at, 2, "Action=DescribeVpcs" V "&MaxResults=1000");
    ec2_assert_form(at, 3, "Action=DescribeVpcs" V "&MaxResults=1000&NextToken=n");
}

static void test_ec2_extension__knows_the_errors_of_the_service(void **state)
{
    static const mock_reply replies[] = {
        {.status = 400,
         .body = "<Response><Errors><Error><Code>InvalidVpcID.NotFound</Code><Message>none"
                 "</Message></Error></Errors><RequestID>r-1</RequestID></Response>"}};
    stand *at = *state;
    neph_call *call;
    OPEN(at, replies);
    call = begin(at, "ec2.describe_vpcs");
    set(call, "id", "vpc-1");
    go(call);
    ec2_fails(call, NEPH_NOT_FOUND, "none");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAND_TEST(test_ec2_extension__reads_the_spot_prices_of_a_server),
        STAND_TEST(test_ec2_extension__asks_for_spot_prices_of_some),
        STAND_TEST(test_ec2_extension__asks_for_every_page_of_spot_prices),
        STAND_TEST(test_ec2_extension__names_attributes_as_the_service_does),
        STAND_TEST(test_ec2_extension__takes_silence_for_done),
        STAND_TEST(test_ec2_extension__says_that_it_was_not_done),
        STAND_TEST(test_ec2_extension__sends_no_value_that_cannot_be),
        STAND_TEST(test_ec2_extension__asks_again_for_a_change),
        STAND_TEST(test_ec2_extension__decodes_the_console_of_a_server),
        STAND_TEST(test_ec2_extension__reads_the_console_as_it_is_now),
        STAND_TEST(test_ec2_extension__reads_the_vpcs_of_a_server),
        STAND_TEST(test_ec2_extension__reads_the_subnets_of_a_vpc),
        STAND_TEST(test_ec2_extension__asks_for_ids_or_for_pages),
        STAND_TEST(test_ec2_extension__knows_the_errors_of_the_service),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
