/*
 * test_s3_object.c - what the s3 provider knows of objects beside their bytes: conditions, versions, checksums, the time
 * of a file, many at once; and what servers differ in.
 */
#include "tests/plugins/s3_stand.h"

#include <neph/transfer.h>

#define MD5 "0cc175b9c0f1b6a831c399e269772661"

/* ---- conditions */

static void test_s3__quotes_the_tags_of_conditions(void **state)
{
    static const mock_reply replies[] = {{.headers = ETAG, .stays = 1}};
    static const struct {
        const char *quirks;
        const char *tag;
        const char *header;
    } rows[] = {{"generic", "t", "\"t\""}, {"ceph", "t", "t"}, {"generic", "*", "*"}};
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    for (size_t i = 0; i < NEPH_COUNT(rows); i++) {
        neph_put_options options = NEPH_PUT_OPTIONS_INIT;
        neph_source source = s3_source("a");
        options.if_match = rows[i].tag;
        s3_open_with(at, LOCAL, NULL, NULL, rows[i].quirks);
        assert_int_equal(s3_run(neph_object_put(at->cloud, "b", "k", &source, &options)), 0);
        assert_string_equal(mock_header(&at->mock, i, "If-Match"), rows[i].header);
        if (i + 1 == NEPH_COUNT(rows))
            return;
        neph_cloud_close(at->cloud);
        neph_host_free(at->host);
    }
}

static void test_s3__calls_a_condition_that_fails_a_conflict(void **state)
{
    static const mock_reply replies[] = {
        {.status = 304, .headers = ETAG},
        {.status = 412, .body = "<Error><Code>PreconditionFailed</Code></Error>"},
        {.status = 409, .body = "<Error><Code>ConditionalRequestConflict</Code></Error>"},
        {.headers = ETAG},
    };
    neph_get_options get = NEPH_GET_OPTIONS_INIT;
    neph_put_options put = NEPH_PUT_OPTIONS_INIT;
    neph_source source = s3_source("a");
    neph_sink sink = s3_sink();
    stand *at = *state;
    get.if_none_match = MD5;
    put.if_none_match = "*";
    MOCK_SCRIPT(&at->mock, replies);
    s3_open_with(at, LOCAL, NULL, NULL, NULL);
    assert_int_equal(s3_run(neph_object_get(at->cloud, "b", "k", &sink, &get)), NEPH_CONFLICT);
    assert_string_equal(mock_header(&at->mock, 0, "If-None-Match"), "\"" MD5 "\"");
    assert_int_equal(s3_run(neph_object_put(at->cloud, "b", "k", &source, &put)), NEPH_CONFLICT);
    assert_int_equal(s3_run(neph_object_put(at->cloud, "b", "k", &source, &put)), 0);
    assert_int_equal(at->mock.request_count, 4);
}

static void test_s3__refuses_conditions_that_the_server_would_ignore(void **state)
{
    neph_put_options options = NEPH_PUT_OPTIONS_INIT;
    neph_source source = s3_source("a");
    stand *at = *state;
    neph_call *call;
    options.if_none_match = "*";
    s3_open_with(at, LOCAL, NULL, NULL, "swift");
    assert_int_equal(s3_run(neph_object_put(at->cloud, "b", "k", &source, &options)),
                     NEPH_UNSUPPORTED);
    call = neph_call_new(at->cloud, NEPH_OP_OBJECT_DELETE);
    neph_call_set_string(call, NEPH_OBJECT_BUCKET, "b");
    neph_call_set_string(call, NEPH_OBJECT_KEY, "k");
    neph_call_set_string(call, NEPH_IF_MATCH, "t");
    neph_call_start(call);
    assert_int_equal(s3_run(call), NEPH_UNSUPPORTED);
    assert_int_equal(at->mock.request_count, 0);
}

/* ---- copies */

static neph_call *copy(stand *at, int32_t member, const char *value)
{
    neph_call *call = neph_call_new(at->cloud, NEPH_OP_OBJECT_COPY);
    neph_call_set_string(call, NEPH_COPY_BUCKET, "from");
    neph_call_set_string(call, NEPH_COPY_KEY, "a");
    neph_call_set_string(call, NEPH_OBJECT_BUCKET, "to");
    neph_call_set_string(call, NEPH_OBJECT_KEY, "b");
    neph_call_set_string(call, member, value);
    neph_call_start(call);
    return call;
}

static void test_s3__replaces_the_facts_of_a_copy_if_new_ones_are_given(void **state)
{
    static const mock_reply replies[] = {
        {.body = "<CopyObjectResult><ETag>e</ETag></CopyObjectResult>", .stays = 1}};
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    s3_open_with(at, LOCAL, NULL, NULL, "generic,copy-if=cloudflare");
    assert_int_equal(s3_run(copy(at, NEPH_OBJECT_CONTENT_TYPE, "text/plain")), 0);
    assert_string_equal(mock_header(&at->mock, 0, "x-amz-metadata-directive"), "REPLACE");
    assert_int_equal(s3_run(copy(at, NEPH_OBJECT_CLASS, "GLACIER")), 0);
    assert_null(mock_header(&at->mock, 1, "x-amz-metadata-directive"));
    assert_string_equal(mock_header(&at->mock, 1, "x-amz-storage-class"), "GLACIER");
    assert_int_equal(s3_run(copy(at, NEPH_COPY_IF_MATCH, "t")), 0);
    assert_string_equal(mock_header(&at->mock, 2, "x-amz-copy-source-if-match"), "\"t\"");
    assert_string_equal(mock_header(&at->mock, 2, "x-amz-copy-if-match"), "\"t\"");
    assert_int_equal(s3_run(copy(at, NEPH_IF_NONE_MATCH, "*")), 0);
    assert_string_equal(mock_header(&at->mock, 3, "cf-copy-destination-if-none-match"), "*");
}

/* A server that compares the tag of an object in parts with another one would refuse each such copy. */
static void test_s3__asks_for_no_copy_that_the_server_would_refuse(void **state)
{
    static const mock_reply replies[] = {
        {.body = "<CopyObjectResult><ETag>e</ETag></CopyObjectResult>", .stays = 1}};
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    s3_open_with(at, LOCAL, NULL, NULL, "swift");
    assert_int_equal(s3_run(copy(at, NEPH_COPY_IF_MATCH, "t-2")), NEPH_UNSUPPORTED);
    assert_int_equal(at->mock.request_count, 0);
    assert_int_equal(s3_run(copy(at, NEPH_COPY_IF_MATCH, "t")), 0);
    assert_string_equal(mock_header(&at->mock, 0, "x-amz-copy-source-if-match"), "\"t\"");
    assert_null(mock_header(&at->mock, 0, "x-amz-copy-if-match"));
}

/* ---- the time of the file */

static const neph_object *head(stand *at, neph_call **call)
{
    *call = neph_object_head(at->cloud, "b", "k");
    assert_int_equal(stand_run(*call), 0);
    return (const neph_object *)neph_call_result(*call);
}

static void test_s3__keeps_the_time_of_the_file(void **state)
{
    static const mock_reply replies[] = {
        {.headers = ETAG},
        {.headers = ETAG "x-amz-meta-mtime: 1714566896.25\nx-amz-meta-own: x\n"},
        {.headers = ETAG "X-Amz-Meta-Mtime: yesterday\n"},
    };
    neph_put_options options = NEPH_PUT_OPTIONS_INIT;
    neph_source source = s3_source("a");
    stand *at = *state;
    const neph_object *object;
    neph_call *call;
    options.local_modified_ns = INT64_C(1714566896250000000);
    MOCK_SCRIPT(&at->mock, replies);
    s3_open_with(at, LOCAL, NULL, NULL, NULL);
    assert_int_equal(s3_run(neph_object_put(at->cloud, "b", "k", &source, &options)), 0);
    assert_string_equal(mock_header(&at->mock, 0, "x-amz-meta-mtime"), "1714566896.25");
    object = head(at, &call);
    assert_true(object->local_modified_ns == options.local_modified_ns);
    assert_int_equal(object->metadata_count, 1);
    neph_call_free(call);
    object = head(at, &call);
    assert_true(object->local_modified_ns == NEPH_UNKNOWN);
    assert_string_equal(object->metadata[0].value, "yesterday");
    neph_call_free(call);
}

/* ---- checksums of replies */

#define ETAG_IS(value) "ETag: \"" value "\"\n"

static void test_s3__believes_checksums_of_wholes_alone(void **state)
{
    static const struct {
        const char *headers;
        const char *checksum;
    } rows[] = {
        {ETAG_IS(MD5), "md5:" MD5},
        {ETAG_IS(MD5 "-2"), NULL},
        {ETAG_IS("0CC175B9C0F1B6A831C399E269772661"), NULL},
        {ETAG_IS(MD5) "x-amz-server-side-encryption: AES256\n", "md5:" MD5},
        {ETAG_IS(MD5) "x-amz-server-side-encryption: aws:kms\n", NULL},
        {ETAG_IS(MD5) "x-amz-server-side-encryption: aws:kms:dsse\n", NULL},
        {ETAG_IS(MD5) "x-amz-server-side-encryption-customer-algorithm: AES256\n", NULL},
        {ETAG_IS(MD5 "-2") "x-amz-checksum-crc32c: mnG7TA==\nx-amz-checksum-type: FULL_OBJECT\n",
         "crc32c:9a71bb4c"},
        {ETAG_IS(MD5 "-2") "x-amz-checksum-crc32c: mnG7TA==-2\n", NULL},
        {ETAG_IS(MD5 "-2") "x-amz-checksum-crc32c: mnG7TA==\nx-amz-checksum-type: COMPOSITE\n",
         NULL},
        {ETAG_IS(MD5 "-2") "x-amz-checksum-crc32c: (nonsense)\n", NULL},
    };
    stand *at = *state;
    s3_open_with(at, LOCAL, NULL, NULL, NULL);
    for (size_t i = 0; i < NEPH_COUNT(rows); i++) {
        mock_reply reply = {.headers = rows[i].headers};
        const neph_object *object;
        neph_call *call;
        mock_script(&at->mock, &reply, 1);
        memset(at->mock.used, 0, sizeof at->mock.used);
        object = head(at, &call);
        if (rows[i].checksum)
            assert_string_equal(object->checksum, rows[i].checksum);
        else
            assert_null(object->checksum);
        neph_call_free(call);
    }
}

static void test_s3__compares_the_checksum_that_was_asked_for(void **state)
{
    static const mock_reply replies[] = {
        {.headers = ETAG "x-amz-checksum-crc32c: AAAAAA==\n", .body = "a", .stays = 1}};
    neph_get_options options = NEPH_GET_OPTIONS_INIT;
    neph_sink sink = s3_sink();
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    s3_open_with(at, LOCAL, NULL, NULL, "aws,addressing=path");
    options.checksum = "md5";
    assert_int_equal(s3_run(neph_object_get(at->cloud, "b", "k", &sink, &options)), 0);
    assert_string_equal(mock_header(&at->mock, 0, "x-amz-checksum-mode"), "ENABLED");
    options.checksum = "crc32c";
    assert_int_equal(s3_run(neph_object_get(at->cloud, "b", "k", &sink, &options)), NEPH_INTEGRITY);
}

/* What is taken where nobody named it is told only if it was compared. */
static void test_s3__downloads_take_a_checksum_that_can_be_compared(void **state)
{
    static const struct {
        const char *headers;
        const char *asked;
        int is_verified;
        const char *told;
    } rows[] = {
        {ETAG_IS(MD5), NULL, 1, "md5:" MD5},
        {ETAG_IS(MD5 "-2"), NULL, 0, NULL},
        {ETAG_IS(MD5) "x-amz-server-side-encryption: aws:kms\n", NULL, 0, NULL},
        {ETAG_IS(MD5 "-2"), "md5", 0, "md5:" MD5},
    };
    stand *at = *state;
    mock_reply reply = {.body = "a", .stays = 1};
    mock_script(&at->mock, &reply, 1);
    s3_open_with(at, LOCAL, NULL, NULL, NULL);
    for (size_t i = 0; i < NEPH_COUNT(rows); i++) {
        neph_transfer_options options = NEPH_TRANSFER_OPTIONS_INIT;
        neph_end from = NEPH_END_INIT, to = NEPH_END_INIT;
        const neph_transfer_result *result;
        neph_transfer *transfer;
        from.cloud = at->cloud;
        from.bucket = "b";
        from.key = "k";
        from.size_bytes = 1;
        to.path = stand_path(at, "out");
        options.checksum = rows[i].asked;
        reply.headers = rows[i].headers;
        transfer = neph_transfer_new(at->host, &from, &to, &options);
        assert_int_equal(neph_transfer_wait_for(transfer, 5000), 0);
        result = neph_transfer_outcome(transfer);
        assert_int_equal(result->is_verified, rows[i].is_verified);
        if (rows[i].told)
            assert_string_equal(result->checksum, rows[i].told);
        else
            assert_null(result->checksum);
        neph_transfer_free(transfer);
    }
    assert_int_equal(at->mock.request_count, NEPH_COUNT(rows));
}

static int never_written(const void *data, size_t size, void *user)
{
    (void)data, (void)size, (void)user;
    fail_msg("bytes of a web page were handed on");
    return 0;
}

static void test_s3__hands_on_nothing_of_a_web_page(void **state)
{
    static const mock_reply page = {.headers = "Content-Type: text/html\n", .body = "<html>"};
    neph_sink sink = NEPH_SINK_INIT;
    stand *at = *state;
    neph_call *call;
    sink.to = NEPH_BODY_CALLBACK;
    sink.write = never_written;
    mock_script(&at->mock, &page, 1);
    s3_open_with(at, LOCAL, NULL, NULL, NULL);
    call = neph_object_get(at->cloud, "b", "k", &sink, NULL);
    assert_int_equal(stand_run(call), NEPH_PROTOCOL);
    assert_true(has(neph_call_error(call)->message, "is there a proxy"));
    neph_call_free(call);
}

/* ---- versions */

static void test_s3__lists_versions_and_what_deleted_them(void **state)
{
    static const mock_reply replies[] = {
        {.body = "<ListVersionsResult><EncodingType>url</EncodingType>"
                 "<NextKeyMarker>a+b</NextKeyMarker><NextVersionIdMarker>null</NextVersionIdMarker>"
                 "<IsTruncated>true</IsTruncated><DeleteMarker><Key>a+b</Key>"
                 "<VersionId>2</VersionId><IsLatest>true</IsLatest></DeleteMarker><Version>"
                 "<Key>a+b</Key><VersionId>null</VersionId><IsLatest>false</IsLatest>"
                 "<Size>7</Size></Version></ListVersionsResult>"},
        {.body = "<ListVersionsResult><EncodingType>url</EncodingType>"
                 "<NextKeyMarker>c</NextKeyMarker><NextVersionIdMarker>null</NextVersionIdMarker>"
                 "<IsTruncated>true</IsTruncated><Version><Key>c</Key><VersionId>null</VersionId>"
                 "<IsLatest>true</IsLatest></Version></ListVersionsResult>"},
        {.body = "<ListVersionsResult><IsTruncated>false</IsTruncated></ListVersionsResult>"},
    };
    stand *at = *state;
    const neph_object *object;
    neph_call *call;
    MOCK_SCRIPT(&at->mock, replies);
    s3_open_with(at, LOCAL, NULL, NULL, NULL);
    call = neph_object_versions(at->cloud, "b", NULL);
    object = neph_next_object(call);
    assert_string_equal(object->key, "a b");
    assert_string_equal(object->version, "2");
    assert_int_equal(object->is_deleted, 1);
    assert_int_equal(object->is_latest, 1);
    object = neph_next_object(call);
    assert_int_equal(object->is_deleted, 0);
    assert_int_equal(object->is_latest, 0);
    assert_int_equal(object->size_bytes, 7);
    assert_string_equal(neph_next_object(call)->key, "c");
    assert_int_equal(s3_run(call), 0);
    assert_true(has(at->mock.requests[1].url, "&key-marker=a%20b&version-id-marker=null"));
    assert_true(has(at->mock.requests[2].url, "&key-marker=c&version-id-marker=null"));
}

static void test_s3__reads_the_versions_of_a_server(void **state)
{
    neph_list_options options = NEPH_LIST_OPTIONS_INIT;
    const neph_object *object;
    stand *at = *state;
    neph_call *call;
    options.prefix = "note";
    s3_open_recorded(at, "versions");
    call = neph_object_versions(at->cloud, "holiday", &options);
    object = neph_next_object(call);
    assert_int_equal(object->is_deleted, 1);
    assert_int_equal(object->is_latest, 1);
    object = neph_next_object(call);
    assert_int_equal(object->is_deleted, 0);
    assert_string_equal(object->version, "THvTXwt2oupJZ7aYuDb9FnAuPdcp0.q");
    assert_string_equal(neph_next_object(call)->version, "ktxGRdDmctV6plwDELbXFcyYTdU57b6");
    assert_null(neph_next_object(call));
    assert_int_equal(s3_run(call), 0);
}

static void test_s3__reads_what_a_server_could_not_delete(void **state)
{
    static const char *const keys[] = {"gone", "missing"};
    stand *at = *state;
    s3_open_recorded(at, "delete-many");
    assert_string_equal(stand_list(neph_object_delete_many(at->cloud, "holiday", keys, 2)), ".0");
}

static void test_s3__asks_for_one_version(void **state)
{
    static const mock_reply replies[] = {{.headers = ETAG, .body = "a", .stays = 1}};
    neph_get_options options = NEPH_GET_OPTIONS_INIT;
    neph_sink sink = s3_sink();
    stand *at = *state;
    options.version = "v/1";
    MOCK_SCRIPT(&at->mock, replies);
    s3_open_with(at, LOCAL, NULL, NULL, NULL);
    assert_int_equal(s3_run(neph_object_get(at->cloud, "b", "k", &sink, &options)), 0);
    assert_true(has(at->mock.requests[0].url, "/b/k?versionId=v%2F1"));
}

/* ---- the first version of the listing */

static void test_s3__turns_pages_of_the_first_version(void **state)
{
    static const mock_reply replies[] = {
        {.body =
             "<ListBucketResult><IsTruncated>true</IsTruncated><Contents><Key>a</Key></Contents>"
             "<Contents><Key>c</Key></Contents><CommonPrefixes><Prefix>b/</Prefix>"
             "</CommonPrefixes></ListBucketResult>"},
        {.body = "<ListBucketResult><NextMarker>n</NextMarker><IsTruncated>true</IsTruncated>"
                 "<Contents><Key>d</Key></Contents></ListBucketResult>"},
        {.body = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"},
    };
    neph_list_options options = NEPH_LIST_OPTIONS_INIT;
    stand *at = *state;
    options.start_after = "0";
    MOCK_SCRIPT(&at->mock, replies);
    s3_open_with(at, LOCAL, NULL, NULL, "list=1,encoding=no");
    assert_string_equal(stand_list(neph_object_list(at->cloud, "b", &options)), "a c b/ d .0");
    assert_string_equal(at->mock.requests[0].url, LOCAL "/b?marker=0");
    assert_string_equal(at->mock.requests[1].url, LOCAL "/b?marker=c");
    assert_string_equal(at->mock.requests[2].url, LOCAL "/b?marker=n");
}

/* ---- many at once */

static void test_s3__deletes_many_and_names_those_that_are_left(void **state)
{
    static const mock_reply replies[] = {
        {.body = "<DeleteResult><Error><Key>a&amp;</Key><Code>AccessDenied</Code>"
                 "<Message>no</Message></Error><Error><Key>b</Key><Code>NoSuchKey</Code></Error>"
                 "</DeleteResult>"},
        {.status = 204, .match = "/b/c%01"},
        {.status = 403, .body = "<Error><Code>AccessDenied</Code></Error>", .match = "/b/d%FF"},
        {.status = 204, .match = "/b/e%02"},
    };
    static const char *const keys[] = {"a&", "c\x01", "b", "d\xff", "e\x02", "f\r"};
    stand *at = *state;
    const neph_object *object;
    neph_call *call;
    MOCK_SCRIPT(&at->mock, replies);
    s3_open_with(at, LOCAL, NULL, NULL, NULL);
    call = neph_object_delete_many(at->cloud, "b", keys, NEPH_COUNT(keys));
    object = neph_next_object(call);
    assert_string_equal(object->key, "a&");
    assert_string_equal(object->result.error->code, "AccessDenied");
    object = neph_next_object(call);
    if (!object)
        fail_msg("%s", neph_call_error(call)->message);
    assert_string_equal(object->key, "d\xff");
    assert_string_equal(object->result.error->code, "AccessDenied");
    assert_null(neph_next_object(call));
    assert_int_equal(s3_run(call), 0);
    assert_int_equal(at->mock.request_count, 4);
    assert_string_equal(at->mock.requests[0].body,
                        "<Delete><Quiet>true</Quiet><Object><Key>a&amp;</Key></Object>"
                        "<Object><Key>b</Key></Object><Object><Key>f&#13;</Key></Object></Delete>");
    assert_non_null(mock_header(&at->mock, 0, "Content-MD5"));
}

static void test_s3__deletes_one_by_one_where_many_cannot_be(void **state)
{
    static const mock_reply replies[] = {
        {.status = 404, .body = "<Error><Code>NoSuchKey</Code></Error>"},
        {.status = 204},
        {.status = 404, .body = "<Error><Code>NoSuchBucket</Code></Error>"},
    };
    static const char *const keys[] = {"a", "b"};
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    s3_open_with(at, LOCAL, NULL, NULL, "delete-count=1");
    assert_int_equal(s3_run(neph_object_delete_many(at->cloud, "b", keys, 2)), 0);
    assert_string_equal(at->mock.requests[0].method, "DELETE");
    assert_string_equal(at->mock.requests[1].url, LOCAL "/b/b");
    assert_int_equal(s3_run(neph_object_delete_many(at->cloud, "b", keys, 2)), NEPH_NOT_FOUND);
}

static void test_s3__takes_no_more_keys_than_the_server(void **state)
{
    static const char *const keys[] = {"a", "b", "c"};
    stand *at = *state;
    s3_open_with(at, LOCAL, NULL, NULL, "delete-count=2");
    assert_int_equal(s3_run(neph_object_delete_many(at->cloud, "b", keys, 3)), NEPH_LIMIT);
    assert_int_equal(at->mock.request_count, 0);
}

/* ---- quirks */

static void test_s3__knows_servers_by_their_hosts_and_by_words(void **state)
{
    static const struct {
        const char *endpoint;
        const char *quirks;
        int64_t part_bytes_min;
        int64_t has_equal_parts;
        const char *checksum;
    } rows[] = {
        {NULL, NULL, 5 << 20, 0, "crc64nvme"},
        {LOCAL, NULL, 5 << 20, 0, "md5"},
        {"https://id.r2.cloudflarestorage.com", NULL, 5 << 20, 1, "md5"},
        {"https://r2.cloudflarestorage.com:443/x", "auto", 5 << 20, 1, "md5"},
        {"https://notr2.cloudflarestorage.com", NULL, 5 << 20, 0, "md5"},
        {LOCAL, "cloudflare", 5 << 20, 1, "md5"},
        {LOCAL, "minio,part-min=64K,checksum=none", 64 << 10, 0, NULL},
        {LOCAL, "auto,part-min=none", NEPH_UNKNOWN, 0, "md5"},
    };
    stand *at = *state;
    for (size_t i = 0; i < NEPH_COUNT(rows); i++) {
        const neph_limits *limits;
        neph_call *call;
        s3_open_with(at, rows[i].endpoint, NULL, NULL, rows[i].quirks);
        call = neph_storage_limits(at->cloud);
        assert_int_equal(stand_run(call), 0);
        limits = (const neph_limits *)neph_call_result(call);
        assert_true(limits->part_bytes_min == rows[i].part_bytes_min);
        assert_true(limits->has_equal_parts == rows[i].has_equal_parts);
        assert_int_equal(limits->part_count, 10000);
        if (rows[i].checksum)
            assert_string_equal(limits->checksum, rows[i].checksum);
        else
            assert_null(limits->checksum);
        neph_call_free(call);
        if (i + 1 == NEPH_COUNT(rows))
            return;
        neph_cloud_close(at->cloud);
        neph_host_free(at->host);
    }
}

static void test_s3__refuses_words_that_are_no_quirks(void **state)
{
    static const char *const rows[] = {
        "nobody",      "aws,",          "aws,list",       "aws,list=3", "aws,part-min=5X",
        "aws,color=1", "aws,part-min=", "aws,part-min=0", "list=1,aws", "aws,part-min=99999999"};
    stand *at = *state;
    for (size_t i = 0; i < NEPH_COUNT(rows); i++)
        if (i != 1) /* a comma at the end is no word */
            assert_int_equal(s3_open_fails(at, rows[i]), NEPH_INVALID);
    s3_open_with(at, NULL, NULL, NULL, rows[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAND_TEST(test_s3__quotes_the_tags_of_conditions),
        STAND_TEST(test_s3__calls_a_condition_that_fails_a_conflict),
        STAND_TEST(test_s3__refuses_conditions_that_the_server_would_ignore),
        STAND_TEST(test_s3__replaces_the_facts_of_a_copy_if_new_ones_are_given),
        STAND_TEST(test_s3__asks_for_no_copy_that_the_server_would_refuse),
        STAND_TEST(test_s3__keeps_the_time_of_the_file),
        STAND_TEST(test_s3__believes_checksums_of_wholes_alone),
        STAND_TEST(test_s3__compares_the_checksum_that_was_asked_for),
        STAND_TEST(test_s3__downloads_take_a_checksum_that_can_be_compared),
        STAND_TEST(test_s3__hands_on_nothing_of_a_web_page),
        STAND_TEST(test_s3__lists_versions_and_what_deleted_them),
        STAND_TEST(test_s3__reads_the_versions_of_a_server),
        STAND_TEST(test_s3__reads_what_a_server_could_not_delete),
        STAND_TEST(test_s3__asks_for_one_version),
        STAND_TEST(test_s3__turns_pages_of_the_first_version),
        STAND_TEST(test_s3__deletes_many_and_names_those_that_are_left),
        STAND_TEST(test_s3__deletes_one_by_one_where_many_cannot_be),
        STAND_TEST(test_s3__takes_no_more_keys_than_the_server),
        STAND_TEST(test_s3__knows_servers_by_their_hosts_and_by_words),
        STAND_TEST(test_s3__refuses_words_that_are_no_quirks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
