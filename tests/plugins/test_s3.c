/*
 * test_s3.c - the s3 provider over a transport without sockets: where requests go, what they carry, what is learnt from
 * answers. What it has in common with other storage is tested by the conformance suite on real servers.
 */
#include "tests/plugins/s3_stand.h"

#include <neph/kit/sigv4.h>

static void open_with(stand *at, const char *endpoint, const char *region, const char *token)
{
    s3_open_with(at, endpoint, region, token, NULL);
}

/* ---- what must not be made twice */

static void test_s3__a_bucket_whose_reply_was_lost_may_exist(void **state)
{
    static const mock_reply replies[] = {{.fail = MOCK_FAIL_SENT}};
    stand *at = *state;
    neph_call *call;
    MOCK_SCRIPT(&at->mock, replies);
    open_with(at, NULL, EU, NULL);
    call = neph_bucket_create(at->cloud, "photos");
    assert_int_equal(stand_run(call), NEPH_NETWORK);
    assert_string_equal(neph_call_error(call)->message,
                        "bucket \"photos\" may exist since 2026-01-01T00:00:00Z: list the buckets "
                        "before you create it again (reply lost: the mock broke the connection)");
    assert_int_equal(at->mock.request_count, 1);
    neph_call_free(call);
}

/* ---- where requests go */

static void test_s3__puts_the_bucket_before_amazons_host(void **state)
{
    static const mock_reply replies[] = {
        {.stays = 1, .headers = ETAG, .body = "<ListAllMyBucketsResult/>"}};
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    open_with(at, NULL, EU, NULL);
    assert_int_equal(s3_run(neph_object_head(at->cloud, "photos", "a b/c+d//e")), 0);
    assert_int_equal(s3_run(neph_object_head(at->cloud, "photos.example.org", "k")), 0);
    assert_int_equal(s3_run(neph_bucket_delete(at->cloud, "photos")), 0);
    assert_int_equal(s3_run(neph_bucket_list(at->cloud, NULL)), 0);
    assert_string_equal(at->mock.requests[0].url,
                        "https://photos.s3.eu-west-1.amazonaws.com/a%20b/c%2Bd//e");
    assert_string_equal(at->mock.requests[1].url,
                        "https://s3.eu-west-1.amazonaws.com/photos.example.org/k");
    assert_string_equal(at->mock.requests[2].url, "https://photos.s3.eu-west-1.amazonaws.com/");
    assert_string_equal(at->mock.requests[3].url, "https://s3.eu-west-1.amazonaws.com/");
    assert_true(has(mock_header(&at->mock, 0, "Authorization"), "/eu-west-1/s3/aws4_request"));
}

static void test_s3__puts_the_bucket_into_the_path_elsewhere(void **state)
{
    static const mock_reply replies[] = {{.stays = 1}};
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    open_with(at, LOCAL "/base", NULL, NULL);
    assert_int_equal(s3_run(neph_object_delete(at->cloud, "photos", "../x")), 0);
    assert_string_equal(at->mock.requests[0].url, LOCAL "/base/photos/../x");
    assert_string_equal(at->mock.requests[0].method, "DELETE");
}

static void test_s3__refuses_names_that_no_bucket_can_have(void **state)
{
    stand *at = *state;
    open_with(at, LOCAL, NULL, NULL);
    assert_int_equal(s3_run(neph_bucket_create(at->cloud, "a/b")), NEPH_INVALID);
    assert_int_equal(s3_run(neph_bucket_create(at->cloud, "a b")), NEPH_INVALID);
    assert_int_equal(s3_run(neph_bucket_create(at->cloud, "..")), NEPH_INVALID);
    assert_int_equal(at->mock.request_count, 0);
}

static void test_s3__learns_the_region_of_a_bucket_of_amazons(void **state)
{
    static const mock_reply replies[] = {
        {.status = 301, .headers = "x-amz-bucket-region: ap-south-1\n", .match = "eu-west-1"},
        {.stays = 1, .headers = ETAG, .match = "ap-south-1"},
    };
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    open_with(at, NULL, EU, NULL);
    assert_int_equal(s3_run(neph_object_head(at->cloud, "photos", "k")), 0);
    assert_int_equal(s3_run(neph_object_head(at->cloud, "photos", "k")), 0);
    assert_int_equal(at->mock.request_count, 3);
    assert_string_equal(at->mock.requests[2].url, "https://photos.s3.ap-south-1.amazonaws.com/k");
    assert_true(has(mock_header(&at->mock, 2, "Authorization"), "/ap-south-1/s3/aws4_request"));
}

static void test_s3__learns_the_region_of_another_server(void **state)
{
    static const mock_reply replies[] = {
        {.status = 400,
         .body =
             "<Error><Code>AuthorizationHeaderMalformed</Code><Message>m</Message><Region>here</Region></Error>"},
        {.stays = 1, .body = "<ListBucketResult/>"},
    };
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    open_with(at, LOCAL, NULL, NULL);
    assert_int_equal(s3_run(neph_object_list(at->cloud, "photos", NULL)), 0);
    assert_int_equal(s3_run(neph_object_list(at->cloud, "other", NULL)), 0);
    assert_int_equal(at->mock.request_count, 3);
    assert_true(has(mock_header(&at->mock, 0, "Authorization"), "/us-east-1/s3/"));
    assert_true(has(mock_header(&at->mock, 1, "Authorization"), "/here/s3/"));
    assert_true(has(mock_header(&at->mock, 2, "Authorization"), "/here/s3/"));
}

/* A region that is none is not believed: it would become a part of a host name. */
static void test_s3__does_not_believe_every_region(void **state)
{
    static const mock_reply replies[] = {
        {.status = 301, .headers = "x-amz-bucket-region: evil.example.org/\n", .stays = 1},
    };
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    open_with(at, NULL, EU, NULL);
    assert_int_equal(s3_run(neph_object_head(at->cloud, "photos", "k")), NEPH_PROTOCOL);
    assert_int_equal(at->mock.request_count, 1);
}

static void test_s3__follows_amazon_with_the_body_and_a_new_signature(void **state)
{
    static const mock_reply replies[] = {
        {.status = 307,
         .headers = "Location: https://photos.s3-us-west-2.amazonaws.com/k\n",
         .match = "photos.s3.us-east-1"},
        {.match = "s3-us-west-2", .headers = "ETag: \"e\"\n"},
    };
    neph_source source = s3_source("hello");
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    open_with(at, NULL, NULL, NULL);
    assert_int_equal(s3_run(neph_object_put(at->cloud, "photos", "k", &source, NULL)), 0);
    assert_string_equal(at->mock.requests[1].method, "PUT");
    assert_string_equal(at->mock.requests[1].body, "hello");
    assert_string_not_equal(at->mock.requests[0].headers, at->mock.requests[1].headers);
}

static void test_s3__sends_no_credentials_to_strangers(void **state)
{
    static const mock_reply replies[] = {
        {.status = 307, .headers = "Location: https://photos.amazonaws.com.evil.example/k\n"},
    };
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    open_with(at, NULL, NULL, NULL);
    assert_int_equal(s3_run(neph_object_head(at->cloud, "photos", "k")), NEPH_PROTOCOL);
    assert_int_equal(at->mock.request_count, 1);
}

/* ---- what they carry */

static void test_s3__hashes_the_body_unless_tls_protects_it(void **state)
{
    static const mock_reply replies[] = {{.stays = 1, .headers = ETAG}};
    neph_source source = s3_source("hello");
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    open_with(at, LOCAL, NULL, NULL);
    assert_int_equal(s3_run(neph_object_put(at->cloud, "b", "k", &source, NULL)), 0);
    assert_int_equal(s3_run(neph_object_head(at->cloud, "b", "k")), 0);
    assert_string_equal(mock_header(&at->mock, 0, "x-amz-content-sha256"),
                        "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    assert_string_equal(mock_header(&at->mock, 1, "x-amz-content-sha256"), NEPH_SIGV4_EMPTY);
}

static void test_s3__leaves_the_payload_unsigned_over_tls(void **state)
{
    static const mock_reply replies[] = {{.stays = 1, .headers = ETAG}};
    neph_source source = s3_source("hello");
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    open_with(at, NULL, NULL, "the+token");
    assert_int_equal(s3_run(neph_object_put(at->cloud, "b", "k", &source, NULL)), 0);
    assert_string_equal(mock_header(&at->mock, 0, "x-amz-content-sha256"), NEPH_SIGV4_UNSIGNED);
    assert_string_equal(mock_header(&at->mock, 0, "x-amz-security-token"), "the+token");
    assert_true(has(mock_header(&at->mock, 0, "Authorization"), "x-amz-security-token"));
}

static void test_s3__sends_and_reads_metadata(void **state)
{
    static const mock_reply replies[] = {
        {.headers = "ETag: \"0cc175b9\"\n"},
        {.headers =
             "ETag: \"0cc175b9\"\nContent-Length: 1\nx-amz-meta-owner: J\xc3\xb6rg\nX-Amz-Meta-Note: n\n"
             "x-amz-storage-class: GLACIER\nContent-Type: text/plain\n"
             "Last-Modified: Wed, 01 May 2024 12:34:56 GMT\nx-amz-version-id: v1\n"},
    };
    static const neph_pair pairs[] = {{"owner", "J\xc3\xb6rg"}, {"note", "n"}};
    neph_put_options options = NEPH_PUT_OPTIONS_INIT;
    neph_source source = s3_source("a");
    const neph_object *object;
    stand *at = *state;
    neph_call *call;
    options.content_type = "text/plain";
    options.storage_class = "GLACIER";
    options.metadata = pairs;
    options.metadata_count = 2;
    MOCK_SCRIPT(&at->mock, replies);
    open_with(at, LOCAL, NULL, NULL);
    assert_int_equal(s3_run(neph_object_put(at->cloud, "b", "k", &source, &options)), 0);
    assert_string_equal(mock_header(&at->mock, 0, "x-amz-meta-owner"), "J\xc3\xb6rg");
    assert_string_equal(mock_header(&at->mock, 0, "x-amz-storage-class"), "GLACIER");
    assert_string_equal(mock_header(&at->mock, 0, "Content-Type"), "text/plain");
    call = neph_object_head(at->cloud, "b", "k");
    assert_int_equal(stand_run(call), 0);
    object = (const neph_object *)neph_call_result(call);
    assert_string_equal(object->key, "k");
    assert_string_equal(object->etag, "0cc175b9");
    assert_string_equal(object->storage_class, "GLACIER");
    assert_string_equal(object->version, "v1");
    assert_true(object->modified_ns == INT64_C(1714566896) * NEPH_NANO);
    assert_int_equal(object->metadata_count, 2);
    assert_string_equal(object->metadata[0].name, "owner");
    assert_string_equal(object->metadata[0].value, "J\xc3\xb6rg");
    assert_string_equal(object->metadata[1].name, "note");
    neph_call_free(call);
}

static void test_s3__names_the_region_of_a_new_bucket(void **state)
{
    static const mock_reply replies[] = {{.stays = 1}};
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    open_with(at, NULL, EU, NULL);
    assert_int_equal(s3_run(neph_bucket_create(at->cloud, "photos")), 0);
    assert_true(
        has(at->mock.requests[0].body, "<LocationConstraint>eu-west-1</LocationConstraint>"));
    neph_cloud_close(at->cloud);
    neph_host_free(at->host);
    open_with(at, NULL, "us-east-1", NULL);
    assert_int_equal(s3_run(neph_bucket_create(at->cloud, "photos")), 0);
    assert_int_equal(at->mock.requests[1].body_size, 0);
}

static void test_s3__encodes_the_source_of_a_copy(void **state)
{
    static const mock_reply replies[] = {
        {.body = "<CopyObjectResult><ETag>&quot;e&quot;</ETag></CopyObjectResult>"},
    };
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    open_with(at, LOCAL, NULL, NULL);
    assert_int_equal(s3_run(neph_object_copy(at->cloud, "from", "a b/\xc3\xa4+", "to", "k")), 0);
    assert_string_equal(mock_header(&at->mock, 0, "x-amz-copy-source"), "/from/a%20b/%C3%A4%2B");
}

/* ---- ranges */

static neph_call *range_get(stand *at, int64_t offset, int64_t length)
{
    neph_get_options options = NEPH_GET_OPTIONS_INIT;
    neph_sink sink = s3_sink();
    options.offset = offset;
    options.length = length;
    return neph_object_get(at->cloud, "b", "k", &sink, &options);
}

static void test_s3__asks_for_ranges(void **state)
{
    static const mock_reply replies[] = {
        {.status = 206,
         .body = "x",
         .headers = ETAG "Content-Range: bytes 0-0/1234\nContent-Length: 1\n",
         .stays = 1},
    };
    static const struct {
        int64_t offset, length;
        const char *header;
    } rows[] = {
        {10, 5, "bytes=10-14"}, {0, 1, "bytes=0-0"}, {7, 0, "bytes=7-"}, {-9, 0, "bytes=-9"}};
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    open_with(at, LOCAL, NULL, NULL);
    for (size_t i = 0; i < NEPH_COUNT(rows); i++) {
        neph_call *call = range_get(at, rows[i].offset, rows[i].length);
        assert_int_equal(stand_run(call), 0);
        assert_string_equal(mock_header(&at->mock, i, "Range"), rows[i].header);
        assert_int_equal(((const neph_object *)neph_call_result(call))->size_bytes, 1234);
        neph_call_free(call);
    }
    assert_int_equal(s3_run(range_get(at, -9, 3)), NEPH_INVALID);
    assert_int_equal(s3_run(range_get(at, 2, INT64_MAX)), NEPH_INVALID);
    assert_int_equal(at->mock.request_count, NEPH_COUNT(rows));
}

static void test_s3__does_not_take_the_whole_for_a_part(void **state)
{
    static const mock_reply replies[] = {{.headers = ETAG, .body = "0123456789", .stays = 1}};
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    open_with(at, LOCAL, NULL, NULL);
    assert_int_equal(s3_run(range_get(at, 2, 3)), NEPH_PROTOCOL);
    assert_int_equal(s3_run(range_get(at, 0, 0)), 0);
}

static void test_s3__takes_no_web_page_for_an_answer(void **state)
{
    static const mock_reply replies[] = {
        {.headers = "Content-Type: text/html\n", .body = "<html>log in</html>", .stays = 1}};
    neph_source source = s3_source("hello");
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    open_with(at, LOCAL, NULL, NULL);
    assert_int_equal(s3_run(range_get(at, 0, 0)), NEPH_PROTOCOL);
    assert_int_equal(s3_run(neph_object_head(at->cloud, "b", "k")), NEPH_PROTOCOL);
    assert_int_equal(s3_run(neph_object_put(at->cloud, "b", "k", &source, NULL)), NEPH_PROTOCOL);
    assert_int_equal(s3_run(neph_object_delete(at->cloud, "b", "k")), NEPH_PROTOCOL);
    assert_int_equal(s3_run(neph_bucket_create(at->cloud, "b")), NEPH_PROTOCOL);
    assert_int_equal(s3_run(neph_object_list(at->cloud, "b", NULL)), NEPH_PROTOCOL);
}

static void test_s3__takes_nothing_for_no_listing(void **state)
{
    static const mock_reply replies[] = {{.headers = "x-amz-request-id: 1\n", .stays = 1}};
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    open_with(at, LOCAL, NULL, NULL);
    assert_int_equal(s3_run(neph_object_list(at->cloud, "b", NULL)), NEPH_PROTOCOL);
    assert_int_equal(s3_run(neph_bucket_list(at->cloud, NULL)), NEPH_PROTOCOL);
    assert_int_equal(s3_run(neph_object_copy(at->cloud, "b", "k", "b", "l")), NEPH_PROTOCOL);
}

/* ---- listings */

static const char early[] =
    "<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>"
    "<Contents><Key>a+b%2Bc%25.txt</Key><Size>1</Size></Contents>"
    "<CommonPrefixes><Prefix>d+e/</Prefix></CommonPrefixes></ListBucketResult>";
static const char late[] =
    "<ListBucketResult><Contents><Key>a+b%2Bc%25.txt</Key><Size>1</Size></Contents>"
    "<CommonPrefixes><Prefix>d+e/</Prefix></CommonPrefixes>"
    "<EncodingType>url</EncodingType></ListBucketResult>";
static const char never[] =
    "<ListBucketResult><Contents><Key>a b+c%.txt</Key><Size>1</Size></Contents>"
    "<CommonPrefixes><Prefix>d e/</Prefix></CommonPrefixes></ListBucketResult>";

static void test_s3__decodes_keys_if_the_server_encoded_them(void **state)
{
    static const mock_reply replies[] = {{.body = early}, {.body = late}, {.body = never}};
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    open_with(at, LOCAL, NULL, NULL);
    for (size_t i = 0; i < NEPH_COUNT(replies); i++)
        assert_string_equal(stand_list(neph_object_list(at->cloud, "b", NULL)),
                            "a b+c%.txt d e/ .0");
    assert_true(has(at->mock.requests[0].url, "/b?list-type=2&encoding-type=url"));
}

static void test_s3__turns_pages_by_token(void **state)
{
    static const mock_reply replies[] = {
        {.body = "<ListBucketResult><IsTruncated>true</IsTruncated>"
                 "<NextContinuationToken>a+/=</NextContinuationToken></ListBucketResult>"},
        {.match = "continuation-token=a%2B%2F%3D", .body = never},
    };
    neph_list_options options = NEPH_LIST_OPTIONS_INIT;
    stand *at = *state;
    options.prefix = "p&";
    options.delimiter = "/";
    options.start_after = "s";
    options.limit = 7;
    MOCK_SCRIPT(&at->mock, replies);
    open_with(at, LOCAL, NULL, NULL);
    assert_string_equal(stand_list(neph_object_list(at->cloud, "b", &options)),
                        "a b+c%.txt d e/ .0");
    assert_true(has(at->mock.requests[1].url, "&prefix=p%26&delimiter=%2F&max-keys=7"));
}

/* ---- what a server sent: plugins/s3/tests */

static void test_s3__reads_the_listing_of_a_server(void **state)
{
    const neph_object *object;
    neph_call *call;
    stand *at = *state;
    s3_open_recorded(at, "objects");
    call = neph_object_list(at->cloud, "holiday", NULL);
    object = neph_next_object(call);
    assert_string_equal(object->key, "2026/sea.jpg");
    assert_int_equal(object->size_bytes, 6);
    assert_string_equal(object->etag, "b1946ac92492d2347c6235b4d2611184");
    assert_string_equal(object->storage_class, "STANDARD");
    assert_true(object->modified_ns % NEPH_NANO == 136000000);
    assert_string_equal(stand_list(call), "2026/sun.jpg a b+c%d umlaut/\xc3\xbc .0");
}

static void test_s3__reads_the_prefixes_of_a_server(void **state)
{
    neph_list_options options = NEPH_LIST_OPTIONS_INIT;
    stand *at = *state;
    options.delimiter = "/";
    s3_open_recorded(at, "prefixes");
    assert_string_equal(stand_list(neph_object_list(at->cloud, "holiday", &options)),
                        "2026/ umlaut/ a b+c%d .0");
}

static void test_s3__reads_headers_and_copies_of_a_server(void **state)
{
    const neph_object *object;
    neph_call *call;
    stand *at = *state;
    s3_open_recorded(at, "copy");
    call = neph_object_copy(at->cloud, "holiday", "2026/sea.jpg", "holiday", "copy.jpg");
    assert_int_equal(stand_run(call), 0);
    object = (const neph_object *)neph_call_result(call);
    assert_string_equal(object->key, "copy.jpg");
    assert_string_equal(object->etag, "b1946ac92492d2347c6235b4d2611184");
    neph_call_free(call);
    neph_cloud_close(at->cloud);
    neph_host_free(at->host);
    s3_open_recorded(at, "head");
    call = neph_object_head(at->cloud, "holiday", "umlaut/\xc3\xbc");
    assert_int_equal(stand_run(call), 0);
    object = (const neph_object *)neph_call_result(call);
    assert_int_equal(object->size_bytes, 6);
    assert_string_equal(object->metadata[0].name, "owner");
    assert_string_equal(object->content_type, "text/plain");
    neph_call_free(call);
}

static void test_s3__reads_the_error_of_a_server(void **state)
{
    neph_call *call;
    stand *at = *state;
    s3_open_recorded(at, "missing-bucket");
    call = neph_object_list(at->cloud, "no-such-bucket", NULL);
    assert_int_equal(stand_run(call), NEPH_NOT_FOUND);
    assert_string_equal(neph_call_error(call)->code, "NoSuchBucket");
    assert_string_equal(neph_call_error(call)->request_id,
                        "tx00000c433c724b5e297ca-006b050467-100b-default");
    neph_call_free(call);
}

/* ---- errors */

static void test_s3__takes_an_error_inside_a_200_for_one(void **state)
{
    static const mock_reply replies[] = {
        {.body = "<Error><Code>InternalError</Code><Message>try again</Message></Error>"},
        {.body =
             "<Error><Code>NoSuchKey</Code><Message>gone</Message><RequestId>R7</RequestId></Error>"},
    };
    stand *at = *state;
    neph_call *call;
    MOCK_SCRIPT(&at->mock, replies);
    open_with(at, LOCAL, NULL, NULL);
    call = neph_object_copy(at->cloud, "from", "k", "to", "k");
    assert_int_equal(stand_run(call), NEPH_NOT_FOUND);
    assert_int_equal(at->mock.request_count, 2);
    assert_string_equal(neph_call_error(call)->code, "NoSuchKey");
    assert_string_equal(neph_call_error(call)->request_id, "R7");
    neph_call_free(call);
}

static void test_s3__learns_the_servers_time(void **state)
{
    static const mock_reply replies[] = {
        {.status = 403,
         .headers = "Date: Wed, 01 May 2024 12:34:56 GMT\n",
         .body = "<Error><Code>RequestTimeTooSkewed</Code></Error>"},
        {.body = never},
        {.stays = 1, .headers = ETAG},
    };
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    open_with(at, LOCAL, NULL, NULL);
    assert_int_equal(s3_run(neph_object_list(at->cloud, "b", NULL)), 0);
    assert_string_equal(mock_header(&at->mock, 0, "x-amz-date"), "20260101T000000Z");
    assert_string_equal(mock_header(&at->mock, 1, "x-amz-date"), "20240501T123456Z");
    assert_int_equal(s3_run(neph_object_head(at->cloud, "b", "k")), 0);
    assert_string_equal(mock_header(&at->mock, 2, "x-amz-date"), "20240501T123456Z");
}

static void test_s3__gives_errors_their_kind(void **state)
{
    static const struct {
        int32_t http;
        const char *code;
        int status;
    } rows[] = {
        {404, "NoSuchBucket", NEPH_NOT_FOUND},     {403, "AccessDenied", NEPH_PERMISSION},
        {403, "SignatureDoesNotMatch", NEPH_AUTH}, {403, "InvalidAccessKeyId", NEPH_AUTH},
        {400, "ExpiredToken", NEPH_AUTH},          {409, "BucketAlreadyExists", NEPH_EXISTS},
        {409, "BucketNotEmpty", NEPH_CONFLICT},    {400, "InvalidBucketName", NEPH_INVALID},
        {416, "InvalidRange", NEPH_INVALID},       {400, "EntityTooLarge", NEPH_LIMIT},
        {400, "TooManyBuckets", NEPH_QUOTA},       {501, "NotImplemented", NEPH_UNSUPPORTED},
        {400, "SomethingNew", NEPH_INVALID},
    };
    stand *at = *state;
    open_with(at, LOCAL, NULL, NULL);
    for (size_t i = 0; i < NEPH_COUNT(rows); i++) {
        char body[128];
        mock_reply reply = {.status = rows[i].http, .body = body};
        neph_call *call;
        snprintf(body, sizeof body, "<Error><Code>%s</Code></Error>", rows[i].code);
        mock_script(&at->mock, &reply, 1);
        memset(at->mock.used, 0, sizeof at->mock.used);
        call = neph_bucket_delete(at->cloud, "b");
        assert_int_equal(stand_run(call), rows[i].status);
        assert_string_equal(neph_call_error(call)->code, rows[i].code);
        neph_call_free(call);
    }
}

static void test_s3__does_not_create_a_bucket_twice(void **state)
{
    static const mock_reply replies[] = {{.fail = MOCK_FAIL_SENT}};
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    open_with(at, LOCAL, NULL, NULL);
    assert_int_equal(s3_run(neph_bucket_create(at->cloud, "b")), NEPH_NETWORK);
    assert_int_equal(at->mock.request_count, 1);
}

/* ---- presigned URLs */

static void test_s3__presigns_without_a_request(void **state)
{
    stand *at = *state;
    neph_call *call;
    const neph_url *url;
    open_with(at, NULL, EU, "tok/en");
    call = neph_object_presign(at->cloud, "photos", "a b", "PUT", 604800);
    assert_int_equal(stand_run(call), 0);
    url = (const neph_url *)neph_call_result(call);
    assert_true(
        has(url->url,
            "https://photos.s3.eu-west-1.amazonaws.com/a%20b?X-Amz-Algorithm=AWS4-HMAC-SHA256&"));
    assert_true(
        has(url->url,
            "&X-Amz-Date=20260101T000000Z&X-Amz-Expires=604800&X-Amz-Security-Token=tok%2Fen&"));
    assert_true(has(url->url, "&X-Amz-SignedHeaders=host&X-Amz-Signature="));
    assert_string_equal(url->method, "PUT");
    assert_true(url->expires_ns == STAND_NOW + INT64_C(604800) * NEPH_NANO);
    neph_call_free(call);
    assert_int_equal(s3_run(neph_object_presign(at->cloud, "photos", "k", "GET", 604801)),
                     NEPH_INVALID);
    assert_int_equal(s3_run(neph_object_presign(at->cloud, "photos", "k", "POST", 60)),
                     NEPH_INVALID);
    assert_int_equal(at->mock.request_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAND_TEST(test_s3__a_bucket_whose_reply_was_lost_may_exist),
        STAND_TEST(test_s3__puts_the_bucket_before_amazons_host),
        STAND_TEST(test_s3__puts_the_bucket_into_the_path_elsewhere),
        STAND_TEST(test_s3__refuses_names_that_no_bucket_can_have),
        STAND_TEST(test_s3__learns_the_region_of_a_bucket_of_amazons),
        STAND_TEST(test_s3__learns_the_region_of_another_server),
        STAND_TEST(test_s3__does_not_believe_every_region),
        STAND_TEST(test_s3__follows_amazon_with_the_body_and_a_new_signature),
        STAND_TEST(test_s3__sends_no_credentials_to_strangers),
        STAND_TEST(test_s3__hashes_the_body_unless_tls_protects_it),
        STAND_TEST(test_s3__leaves_the_payload_unsigned_over_tls),
        STAND_TEST(test_s3__sends_and_reads_metadata),
        STAND_TEST(test_s3__names_the_region_of_a_new_bucket),
        STAND_TEST(test_s3__encodes_the_source_of_a_copy),
        STAND_TEST(test_s3__asks_for_ranges),
        STAND_TEST(test_s3__does_not_take_the_whole_for_a_part),
        STAND_TEST(test_s3__takes_no_web_page_for_an_answer),
        STAND_TEST(test_s3__takes_nothing_for_no_listing),
        STAND_TEST(test_s3__decodes_keys_if_the_server_encoded_them),
        STAND_TEST(test_s3__turns_pages_by_token),
        STAND_TEST(test_s3__reads_the_listing_of_a_server),
        STAND_TEST(test_s3__reads_the_prefixes_of_a_server),
        STAND_TEST(test_s3__reads_headers_and_copies_of_a_server),
        STAND_TEST(test_s3__reads_the_error_of_a_server),
        STAND_TEST(test_s3__takes_an_error_inside_a_200_for_one),
        STAND_TEST(test_s3__learns_the_servers_time),
        STAND_TEST(test_s3__gives_errors_their_kind),
        STAND_TEST(test_s3__does_not_create_a_bucket_twice),
        STAND_TEST(test_s3__presigns_without_a_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
