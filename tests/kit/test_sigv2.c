/*
 * test_sigv2.c - the kit's SigV2 against Amazon's published example.
 */
#include "services.h"

#include <neph/kit/sigv2.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

/* 2011-10-03T15:19:30Z */
#define EXAMPLE_TIME (INT64_C(1317655170) * NEPH_NANO)

static const neph_sigv2 example = {
    .access_key = "AKIAIOSFODNN7EXAMPLE",
    .secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};

/* "Signature Version 2 Signing Process", AWS General Reference: DescribeJobFlows. */
static void test_sigv2__gives_the_published_signature(void **state)
{
    static fake request;
    char text[NEPH_SIGV2_TEXT_MAX];
    char signature[NEPH_SIGV2_SIGNATURE_MAX];
    (void)state;
    fake_init(&request, "GET", "ElasticMapReduce.amazonaws.com", "/",
              "Action=DescribeJobFlows&Version=2009-03-31&AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE"
              "&SignatureVersion=2&SignatureMethod=HmacSHA256&Timestamp=2011-10-03T15%3A19%3A30");
    request.view.query = request.query;
    assert_int_equal(neph_sigv2_steps(&request, &example, &request.view, text, signature), 0);
    assert_string_equal(text, "GET\nelasticmapreduce.amazonaws.com\n/\n"
                              "AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Action=DescribeJobFlows"
                              "&SignatureMethod=HmacSHA256&SignatureVersion=2"
                              "&Timestamp=2011-10-03T15%3A19%3A30&Version=2009-03-31");
    assert_string_equal(signature, "i91nKc4PWAt0JJIdXwz9HxZCJDdiy6cf/Mj6vPxyYIs=");
}

static void test_sigv2__adds_what_the_signature_needs(void **state)
{
    static fake request;
    (void)state;
    fake_init(&request, "GET", "h", "/", "Action=DescribeImages");
    assert_int_equal(neph_sigv2_sign(fake_request(&request), &example, EXAMPLE_TIME), 0);
    assert_string_equal(fake_parameter_get(&request, "Timestamp"), "2011-10-03T15:19:30Z");
    assert_string_equal(fake_parameter_get(&request, "AWSAccessKeyId"), "AKIAIOSFODNN7EXAMPLE");
    assert_string_equal(fake_parameter_get(&request, "SignatureMethod"), "HmacSHA256");
    assert_string_equal(fake_parameter_get(&request, "SignatureVersion"), "2");
    assert_int_equal(strlen(fake_parameter_get(&request, "Signature")), 44);
}

static void test_sigv2__leaves_out_the_timestamp_where_expires_stands(void **state)
{
    static fake request;
    neph_sigv2 how = example;
    (void)state;
    how.algorithm = NEPH_DIGEST_SHA1;
    fake_init(&request, "GET", "h", "/", "Action=DescribeImages&Expires=2011-10-03T16%3A00%3A00Z");
    assert_int_equal(neph_sigv2_sign(fake_request(&request), &how, EXAMPLE_TIME), 0);
    assert_null(fake_parameter_get(&request, "Timestamp"));
    assert_string_equal(fake_parameter_get(&request, "SignatureMethod"), "HmacSHA1");
    assert_int_equal(strlen(fake_parameter_get(&request, "Signature")), 28);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sigv2__gives_the_published_signature),
        cmocka_unit_test(test_sigv2__adds_what_the_signature_needs),
        cmocka_unit_test(test_sigv2__leaves_out_the_timestamp_where_expires_stands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
