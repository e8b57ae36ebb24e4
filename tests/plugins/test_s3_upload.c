/*
 * test_s3_upload.c - objects in parts of the s3 provider over a transport without sockets: pages, completing although
 * replies lie or are lost, aborting, and how bodies go out.
 */
#include "tests/plugins/s3_stand.h"

/* MD5 of "a" and of "b", and of the two digests behind each other. */
#define A "0cc175b9c0f1b6a831c399e269772661"
#define B "92eb5ffee6ae2fec3ad71c777531578f"
#define AB "96e024ba2074fe77e8e965ba43a704be"

static const neph_pair parts[] = {{"1", A}, {"2", B}};

static neph_call *complete(stand *at, const neph_put_options *options)
{
    return neph_upload_complete(at->cloud, "b", "k", "u", parts, NEPH_COUNT(parts), NULL, options);
}

/* ---- lists */

/* Two uploads of one key: the key's marker is the same on both pages, and no circle. */
static void test_s3__turns_pages_of_uploads_by_both_markers(void **state)
{
    static const mock_reply replies[] = {
        {.body = "<ListMultipartUploadsResult><EncodingType>url</EncodingType>"
                 "<NextKeyMarker>a%2Bb</NextKeyMarker><NextUploadIdMarker>u1</NextUploadIdMarker>"
                 "<IsTruncated>true</IsTruncated><Upload><Key>a%2Bb</Key><UploadId>u1</UploadId>"
                 "</Upload></ListMultipartUploadsResult>"},
        {.body = "<ListMultipartUploadsResult><EncodingType>url</EncodingType>"
                 "<NextKeyMarker>a%2Bb</NextKeyMarker><NextUploadIdMarker>u2</NextUploadIdMarker>"
                 "<IsTruncated>true</IsTruncated><Upload><Key>a%2Bb</Key><UploadId>u2</UploadId>"
                 "</Upload></ListMultipartUploadsResult>"},
        {.body = "<ListMultipartUploadsResult><EncodingType>url</EncodingType>"
                 "<IsTruncated>false</IsTruncated></ListMultipartUploadsResult>"},
    };
    stand *at = *state;
    neph_call *call;
    const neph_upload *upload;
    MOCK_SCRIPT(&at->mock, replies);
    s3_open_with(at, LOCAL, NULL, NULL, "aws,addressing=path");
    call = neph_upload_list(at->cloud, "b", NULL);
    upload = neph_next_upload(call);
    assert_string_equal(upload->key, "a+b");
    assert_string_equal(upload->id, "u1");
    assert_string_equal(neph_next_upload(call)->id, "u2");
    assert_null(neph_next_upload(call));
    assert_int_equal(s3_run(call), 0);
    assert_true(has(at->mock.requests[0].url, "/b?uploads&encoding-type=url"));
    assert_true(has(at->mock.requests[1].url, "&key-marker=a%2Bb&upload-id-marker=u1"));
    assert_true(has(at->mock.requests[2].url, "&key-marker=a%2Bb&upload-id-marker=u2"));
}

static void test_s3__turns_pages_of_parts_by_number(void **state)
{
    static const mock_reply replies[] = {
        {.body = "<ListPartsResult><NextPartNumberMarker>1000</NextPartNumberMarker>"
                 "<IsTruncated>true</IsTruncated><Part><PartNumber>1000</PartNumber><Size>5</Size>"
                 "<ETag>&quot;" A "&quot;</ETag><ChecksumCRC32C>mnG7TA==</ChecksumCRC32C></Part>"
                 "</ListPartsResult>"},
        {.body = "<ListPartsResult><NextPartNumberMarker>1001</NextPartNumberMarker>"
                 "<IsTruncated>false</IsTruncated><Part><PartNumber>1001</PartNumber><Size>3</Size>"
                 "<ETag>&quot;" B "&quot;</ETag></Part></ListPartsResult>"},
    };
    stand *at = *state;
    neph_call *call;
    const neph_part *part;
    MOCK_SCRIPT(&at->mock, replies);
    s3_open_with(at, LOCAL, NULL, NULL, NULL);
    call = neph_upload_parts(at->cloud, "b", "k", "u");
    part = neph_next_part(call);
    assert_int_equal(part->number, 1000);
    assert_string_equal(part->etag, A);
    assert_string_equal(part->checksum, "crc32c:9a71bb4c");
    part = neph_next_part(call);
    assert_int_equal(part->number, 1001);
    assert_int_equal(part->size_bytes, 3);
    assert_null(part->checksum); /* neither the one before it, nor its ETag */
    assert_null(neph_next_part(call));
    assert_int_equal(s3_run(call), 0);
    assert_true(has(at->mock.requests[1].url, "/b/k?uploadId=u&part-number-marker=1000"));
}

/* ---- complete */

#define COMPLETED(etag)                                                                            \
    "\n \n<CompleteMultipartUploadResult><ETag>&quot;" etag                                        \
    "&quot;</ETag></CompleteMultipartUploadResult>"

static void test_s3__waits_for_blanks_and_asks_again_after_an_error_in_a_200(void **state)
{
    static const mock_reply replies[] = {
        {.body = "   \n\n<Error><Code>InternalError</Code></Error>"},
        {.body = "<?xml version=\"1.0\"?>\n   \n<Error><Code>SlowDown</Code></Error>"},
        {.body = COMPLETED(AB "-2")},
    };
    stand *at = *state;
    neph_call *call;
    MOCK_SCRIPT(&at->mock, replies);
    s3_open_with(at, LOCAL, NULL, NULL, NULL);
    call = complete(at, NULL);
    assert_int_equal(stand_run(call), 0);
    assert_string_equal(((const neph_object *)neph_call_result(call))->etag, AB "-2");
    assert_string_equal(((const neph_object *)neph_call_result(call))->key, "k");
    assert_int_equal(at->mock.request_count, 3);
    assert_string_equal(at->mock.requests[2].body,
                        "<CompleteMultipartUpload>"
                        "<Part><PartNumber>1</PartNumber><ETag>&quot;" A "&quot;</ETag></Part>"
                        "<Part><PartNumber>2</PartNumber><ETag>&quot;" B "&quot;</ETag></Part>"
                        "</CompleteMultipartUpload>");
    neph_call_free(call);
}

static void test_s3__believes_the_object_when_the_reply_of_complete_was_lost(void **state)
{
    static const mock_reply replies[] = {
        {.fail = MOCK_FAIL_SENT},
        {.status = 404, .body = "<Error><Code>NoSuchUpload</Code></Error>"},
        {.headers = "ETag: \"" AB "-2\"\nContent-Length: 2\n"},
    };
    stand *at = *state;
    neph_call *call;
    MOCK_SCRIPT(&at->mock, replies);
    s3_open_with(at, LOCAL, NULL, NULL, NULL);
    call = complete(at, NULL);
    if (stand_run(call))
        fail_msg("%s", neph_call_error(call)->message);
    assert_string_equal(at->mock.requests[2].method, "HEAD");
    assert_string_equal(at->mock.requests[2].url, LOCAL "/b/k");
    assert_string_equal(((const neph_object *)neph_call_result(call))->etag, AB "-2");
    neph_call_free(call);
}

static void test_s3__does_not_believe_another_object_of_that_key(void **state)
{
    static const mock_reply replies[] = {
        {.status = 404, .body = "<Error><Code>NoSuchUpload</Code></Error>"},
        {.headers = "ETag: \"" A "-2\"\n"},
        {.status = 404, .body = "<Error><Code>NoSuchUpload</Code></Error>"},
        {.status = 404},
    };
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    s3_open_with(at, LOCAL, NULL, NULL, NULL);
    assert_int_equal(s3_run(complete(at, NULL)), NEPH_NOT_FOUND);
    assert_int_equal(s3_run(complete(at, NULL)), NEPH_NOT_FOUND);
    assert_int_equal(at->mock.request_count, 4);
}

/* Where ETags are no MD5s, the number of parts is believed only after a reply of this call was lost. */
static void test_s3__counts_the_parts_that_are_encrypted(void **state)
{
    static const mock_reply replies[] = {
        {.status = 404, .body = "<Error><Code>NoSuchUpload</Code></Error>"},
        {.headers = "ETag: \"whatever-1\"\n"},
        {.fail = MOCK_FAIL_SENT},
        {.status = 404, .body = "<Error><Code>NoSuchUpload</Code></Error>"},
        {.headers = "ETag: \"whatever-1\"\n"},
    };
    static const neph_pair sealed[] = {{"1", "no-md5"}};
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    s3_open_with(at, LOCAL, NULL, NULL, NULL);
    for (int i = 0; i < 2; i++)
        assert_int_equal(
            s3_run(neph_upload_complete(at->cloud, "b", "k", "u", sealed, 1, NULL, NULL)),
            i ? 0 : NEPH_NOT_FOUND);
}

/* Ceph tells no ETag. */
static void test_s3__looks_at_what_was_made_where_complete_does_not_tell(void **state)
{
    static const mock_reply replies[] = {
        {.body = "<CompleteMultipartUploadResult><ETag></ETag></CompleteMultipartUploadResult>"},
        {.headers = "ETag: \"e-2\"\nContent-Length: 7\n"},
    };
    stand *at = *state;
    neph_call *call;
    MOCK_SCRIPT(&at->mock, replies);
    s3_open_with(at, LOCAL, NULL, NULL, NULL);
    call = complete(at, NULL);
    assert_int_equal(stand_run(call), 0);
    assert_string_equal(((const neph_object *)neph_call_result(call))->etag, "e-2");
    assert_int_equal(((const neph_object *)neph_call_result(call))->size_bytes, 7);
    neph_call_free(call);
}

static void test_s3__completes_ten_thousand_parts(void **state)
{
    static const mock_reply replies[] = {{.body = COMPLETED("e-10000")}};
    static char numbers[10000][8];
    static neph_pair many[10000];
    stand *at = *state;
    for (size_t i = 0; i < NEPH_COUNT(many); i++) {
        snprintf(numbers[i], sizeof numbers[i], "%zu", i + 1);
        many[i] = (neph_pair){numbers[i], A};
    }
    MOCK_SCRIPT(&at->mock, replies);
    s3_open_with(at, LOCAL, NULL, NULL, NULL);
    assert_int_equal(
        s3_run(neph_upload_complete(at->cloud, "b", "k", "u", many, NEPH_COUNT(many), NULL, NULL)),
        0);
    assert_true(has(at->mock.requests[0].body + at->mock.requests[0].body_size - 128,
                    "<PartNumber>10000</PartNumber>"));
}

static void test_s3__refuses_a_condition_that_complete_would_ignore(void **state)
{
    static const mock_reply replies[] = {{.body = COMPLETED("e-2"), .stays = 1}};
    neph_put_options options = NEPH_PUT_OPTIONS_INIT;
    stand *at = *state;
    options.if_none_match = "*";
    MOCK_SCRIPT(&at->mock, replies);
    s3_open_with(at, LOCAL, NULL, NULL, NULL);
    assert_int_equal(s3_run(complete(at, &options)), NEPH_UNSUPPORTED);
    assert_int_equal(at->mock.request_count, 0);
    neph_cloud_close(at->cloud);
    neph_host_free(at->host);
    s3_open_with(at, NULL, NULL, NULL, NULL);
    assert_int_equal(s3_run(complete(at, &options)), 0);
    assert_string_equal(mock_header(&at->mock, 0, "If-None-Match"), "*");
}

/* crc32c:9a71bb4c is the whole's. */
static neph_call *completed_with(stand *at, const neph_pair *checksums, size_t count)
{
    neph_call *call = neph_call_new(at->cloud, NEPH_OP_UPLOAD_COMPLETE);
    neph_call_set_string(call, NEPH_OBJECT_BUCKET, "b");
    neph_call_set_string(call, NEPH_OBJECT_KEY, "k");
    neph_call_set_string(call, NEPH_UPLOAD_ID, "u");
    neph_call_set_pairs(call, NEPH_UPLOAD_LISTED, parts, NEPH_COUNT(parts));
    neph_call_set_string(call, NEPH_OBJECT_CHECKSUM, "crc32c:9a71bb4c");
    neph_call_set_pairs(call, NEPH_UPLOAD_CHECKSUMS, checksums, count);
    neph_call_start(call);
    return call;
}

static void test_s3__begins_and_completes_with_a_checksum_of_the_whole(void **state)
{
    static const neph_pair checksums[] = {{"1", "crc32c:9a71bb4c"}};
    static const neph_pair no_checksum = {"1", "crc32c:zz"};
    static const mock_reply replies[] = {
        {.body = "<InitiateMultipartUploadResult><UploadId>u</UploadId>"
                 "</InitiateMultipartUploadResult>"},
        {.body = "<CompleteMultipartUploadResult><ETag>e-2</ETag>"
                 "<ChecksumCRC32C>mnG7TA==</ChecksumCRC32C><ChecksumType>FULL_OBJECT</ChecksumType>"
                 "</CompleteMultipartUploadResult>"},
    };
    neph_put_options options = NEPH_PUT_OPTIONS_INIT;
    stand *at = *state;
    neph_call *call;
    options.checksum = "crc32c";
    MOCK_SCRIPT(&at->mock, replies);
    s3_open_with(at, NULL, NULL, NULL, NULL);
    assert_int_equal(s3_run(neph_upload_begin(at->cloud, "b", "k", &options)), 0);
    assert_string_equal(mock_header(&at->mock, 0, "x-amz-checksum-algorithm"), "CRC32C");
    assert_string_equal(mock_header(&at->mock, 0, "x-amz-checksum-type"), "FULL_OBJECT");
    call = completed_with(at, checksums, NEPH_COUNT(checksums));
    assert_int_equal(stand_run(call), 0);
    assert_true(has(at->mock.requests[1].body,
                    "</ETag><ChecksumCRC32C>mnG7TA==</ChecksumCRC32C></Part><Part>"
                    "<PartNumber>2</PartNumber><ETag>&quot;" B "&quot;</ETag></Part>"));
    assert_string_equal(mock_header(&at->mock, 1, "x-amz-checksum-crc32c"), "mnG7TA==");
    assert_string_equal(((const neph_object *)neph_call_result(call))->checksum, "crc32c:9a71bb4c");
    neph_call_free(call);
    assert_int_equal(
        s3_run(neph_upload_complete(at->cloud, "b", "k", "u", parts, 2, "crc32c:zz", NULL)),
        NEPH_INVALID);
    assert_int_equal(s3_run(completed_with(at, &no_checksum, 1)), NEPH_INVALID);
}

/* ---- abort */

static void test_s3__aborts_again_while_parts_arrive(void **state)
{
    static const mock_reply replies[] = {
        {.status = 204},
        {.body = "<ListPartsResult><Part><PartNumber>3</PartNumber></Part></ListPartsResult>"},
        {.status = 204},
        {.status = 404, .body = "<Error><Code>NoSuchUpload</Code></Error>"},
        {.status = 404, .body = "<Error><Code>NoSuchUpload</Code></Error>"},
        {.status = 404, .body = "<Error><Code>NoSuchBucket</Code></Error>"},
    };
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    s3_open_with(at, LOCAL, NULL, NULL, NULL);
    assert_int_equal(s3_run(neph_upload_abort(at->cloud, "b", "k", "u")), 0);
    assert_int_equal(at->mock.request_count, 4);
    assert_string_equal(at->mock.requests[2].method, "DELETE");
    assert_int_equal(s3_run(neph_upload_abort(at->cloud, "b", "k", "u")), 0);
    assert_int_equal(s3_run(neph_upload_abort(at->cloud, "b", "k", "u")), NEPH_NOT_FOUND);
}

static void test_s3__gives_up_an_abort_whose_parts_never_end(void **state)
{
    static const mock_reply replies[] = {
        {.match = "max-parts",
         .body = "<ListPartsResult><Part><PartNumber>3</PartNumber></Part></ListPartsResult>",
         .stays = 1},
        {.status = 204, .stays = 1},
    };
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    s3_open_with(at, LOCAL, NULL, NULL, NULL);
    assert_int_equal(s3_run(neph_upload_abort(at->cloud, "b", "k", "u")), NEPH_CONFLICT);
}

/* ---- bodies */

static neph_call *part_put(stand *at, const char *text, const char *checksum)
{
    neph_source source = s3_source(text);
    return neph_upload_part(at->cloud, "b", "k", "u", 7, &source, checksum);
}

/* Over TLS in chunks without signatures. */
static void test_s3__sends_the_checksum_behind_the_body(void **state)
{
    static const mock_reply replies[] = {{.headers = ETAG, .stays = 1}};
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    at->mock.is_rewinding = 1;
    s3_open_with(at, NULL, NULL, NULL, NULL);
    assert_int_equal(s3_run(part_put(at, "hello", "crc32c")), 0);
    assert_string_equal(at->mock.requests[0].body,
                        "5\r\nhello\r\n0\r\nx-amz-checksum-crc32c:mnG7TA==\r\n\r\n");
    assert_int_equal(at->mock.requests[0].promised, at->mock.requests[0].body_size);
    assert_string_equal(mock_header(&at->mock, 0, "x-amz-content-sha256"),
                        "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
    assert_string_equal(mock_header(&at->mock, 0, "x-amz-decoded-content-length"), "5");
    assert_string_equal(mock_header(&at->mock, 0, "x-amz-trailer"), "x-amz-checksum-crc32c");
    assert_true(has(at->mock.requests[0].url, "/k?uploadId=u&partNumber=7"));
}

/* Over plain HTTP each chunk is signed; the second attempt begins anew. */
static void test_s3__signs_chunks_and_their_checksum(void **state)
{
    static const mock_reply replies[] = {{.fail = MOCK_FAIL_SENT}, {.headers = ETAG, .stays = 1}};
    static char big[300000];
    stand *at = *state;
    memset(big, 'x', sizeof big - 1);
    MOCK_SCRIPT(&at->mock, replies);
    s3_open_with(at, LOCAL, NULL, NULL, "aws,addressing=path");
    assert_int_equal(s3_run(part_put(at, big, "crc64nvme")), 0);
    assert_int_equal(at->mock.request_count, 2);
    assert_int_equal(at->mock.requests[1].promised, at->mock.requests[1].body_size);
    assert_true(has(at->mock.requests[1].body, "20000;chunk-signature="));
    assert_true(has(at->mock.requests[1].body, "\r\n0;chunk-signature="));
    assert_true(has(at->mock.requests[1].body, "\r\nx-amz-checksum-crc64nvme:"));
    assert_true(has(at->mock.requests[1].body, "\r\nx-amz-trailer-signature:"));
    assert_string_equal(mock_header(&at->mock, 1, "x-amz-content-sha256"),
                        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER");
}

/* What is told of a body in each combination of server and algorithm. */
static void test_s3__tells_what_the_server_understands(void **state)
{
    static const struct {
        const char *quirks;
        const char *endpoint;
        const char *checksum;
        const char *header; /* NULL: none of them */
        const char *value;
    } rows[] = {
        {"generic", SECURE, "md5", "Content-MD5", "XUFAKrxLKna5cZ2REBfFkg=="},
        {"generic", LOCAL, "md5", NULL, NULL}, /* the signature has the SHA-256 */
        {"generic", SECURE, "crc32c", NULL, NULL},
        {"generic", SECURE, "sha256", "x-amz-content-sha256",
         "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"},
        {"generic,checksum-headers=whole", SECURE, "crc32c", "x-amz-checksum-crc32c", "mnG7TA=="},
        {"generic,checksum-headers=known", SECURE, "crc32c", NULL, NULL}, /* a part's alone */
        {"ceph", LOCAL, NULL, "x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"},
        {"generic", SECURE, NULL, "x-amz-content-sha256", "UNSIGNED-PAYLOAD"},
    };
    static const char *const told[] = {"Content-MD5", "x-amz-checksum-crc32c", "x-amz-trailer"};
    static const mock_reply reply = {.headers = "ETag: \"5d41402abc4b2a76b9719d911017c592\"\n",
                                     .stays = 1};
    stand *at = *state;
    mock_script(&at->mock, &reply, 1);
    for (size_t i = 0; i < NEPH_COUNT(rows); i++) {
        s3_open_with(at, rows[i].endpoint, NULL, NULL, rows[i].quirks);
        assert_int_equal(s3_run(part_put(at, "hello", rows[i].checksum)), 0);
        if (rows[i].header)
            assert_string_equal(mock_header(&at->mock, i, rows[i].header), rows[i].value);
        for (size_t j = 0; !rows[i].header && j < NEPH_COUNT(told); j++)
            assert_null(mock_header(&at->mock, i, told[j]));
        if (i + 1 == NEPH_COUNT(rows))
            return;
        neph_cloud_close(at->cloud);
        neph_host_free(at->host);
    }
}

static void test_s3__notices_a_part_that_arrived_otherwise(void **state)
{
    static const mock_reply replies[] = {{.headers = ETAG, .stays = 1}};
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    s3_open_with(at, LOCAL, NULL, NULL, NULL);
    assert_int_equal(s3_run(part_put(at, "b", "md5")), NEPH_INTEGRITY);
    assert_int_equal(s3_run(part_put(at, "a", "md5")), 0);
}

/* Signed as a whole the second time: then the server says whether the key or the body is wrong. */
static void test_s3__tells_a_spoilt_chunk_from_a_wrong_key(void **state)
{
    static const mock_reply wrong = {.status = 403,
                                     .body = "<Error><Code>SignatureDoesNotMatch</Code></Error>"};
    static const struct {
        mock_reply second;
        int status;
    } rows[] = {
        {{.headers = ETAG}, 0},
        {{.status = 400,
          .body = "<Error><Code>XAmzContentSHA256Mismatch</Code></Error>",
          .stays = 1},
         NEPH_INTEGRITY},
        {{.status = 403, .body = "<Error><Code>SignatureDoesNotMatch</Code></Error>", .stays = 1},
         NEPH_AUTH},
    };
    stand *at = *state;
    at->config.max_attempts = 3;
    s3_open_with(at, LOCAL, NULL, NULL, "aws,addressing=path");
    for (size_t i = 0; i < NEPH_COUNT(rows); i++) {
        const mock_reply replies[] = {wrong, rows[i].second};
        size_t before = at->mock.request_count;
        MOCK_SCRIPT(&at->mock, replies);
        memset(at->mock.used, 0, sizeof at->mock.used);
        assert_int_equal(s3_run(part_put(at, "a", "crc32c")), rows[i].status);
        assert_int_equal(at->mock.request_count - before, rows[i].status == NEPH_INTEGRITY ? 3 : 2);
        assert_string_equal(mock_header(&at->mock, before, "x-amz-content-sha256"),
                            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER");
        assert_string_equal(mock_header(&at->mock, before + 1, "x-amz-content-sha256"),
                            "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb");
        assert_string_equal(mock_header(&at->mock, before + 1, "x-amz-checksum-crc32c"),
                            "wdBDMA==");
    }
}

/* ---- copies of parts */

static void test_s3__copies_a_part_of_an_object(void **state)
{
    static const mock_reply replies[] = {
        {.body = "<Error><Code>InternalError</Code></Error>"},
        {.body = "<CopyPartResult><ETag>&quot;e&quot;</ETag></CopyPartResult>"},
    };
    stand *at = *state;
    neph_call *call;
    MOCK_SCRIPT(&at->mock, replies);
    s3_open_with(at, NULL, NULL, NULL, NULL);
    call = neph_call_new(at->cloud, NEPH_OP_UPLOAD_COPY);
    neph_call_set_string(call, NEPH_COPY_BUCKET, "from");
    neph_call_set_string(call, NEPH_COPY_KEY, "a b");
    neph_call_set_string(call, NEPH_COPY_VERSION, "v+1");
    neph_call_set_string(call, NEPH_COPY_IF_MATCH, "tag");
    neph_call_set_string(call, NEPH_OBJECT_BUCKET, "b");
    neph_call_set_string(call, NEPH_OBJECT_KEY, "k");
    neph_call_set_string(call, NEPH_UPLOAD_ID, "u");
    neph_call_set_integer(call, NEPH_PART_NUMBER, 3);
    neph_call_set_integer(call, NEPH_RANGE_OFFSET, 10);
    neph_call_set_integer(call, NEPH_RANGE_LENGTH, 5);
    neph_call_start(call);
    assert_int_equal(stand_run(call), 0);
    assert_string_equal(((const neph_part *)neph_call_result(call))->etag, "e");
    assert_int_equal(((const neph_part *)neph_call_result(call))->number, 3);
    assert_string_equal(mock_header(&at->mock, 1, "x-amz-copy-source"),
                        "/from/a%20b?versionId=v%2B1");
    assert_string_equal(mock_header(&at->mock, 1, "x-amz-copy-source-range"), "bytes=10-14");
    assert_string_equal(mock_header(&at->mock, 1, "x-amz-copy-source-if-match"), "\"tag\"");
    neph_call_free(call);
}

/* ---- what a server sent: plugins/s3/tests */

#define FILM "2026/film.mp4"
#define UPLOADED "2~X1r3jIXih2QN0P3uOEmMkUCYSVnbTgd"

static void test_s3__reads_the_uploads_of_a_server(void **state)
{
    const neph_upload *upload;
    stand *at = *state;
    neph_call *call;
    s3_open_recorded(at, "uploads");
    call = neph_upload_list(at->cloud, "holiday", NULL);
    upload = neph_next_upload(call);
    assert_string_equal(upload->id, "2~5KTXRSKB2z7Aes1biAdGJ5p3Pgq4YUP");
    assert_string_equal(upload->key, FILM);
    assert_true(upload->created_ns % NEPH_NANO == 510000000);
    assert_null(neph_next_upload(call));
    assert_int_equal(s3_run(call), 0);
}

static void test_s3__reads_the_parts_of_a_server(void **state)
{
    const neph_part *part;
    stand *at = *state;
    neph_call *call;
    s3_open_recorded(at, "parts");
    call = neph_upload_parts(at->cloud, "holiday", FILM, "2~5KTXRSKB2z7Aes1biAdGJ5p3Pgq4YUP");
    part = neph_next_part(call);
    assert_int_equal(part->number, 1);
    assert_int_equal(part->size_bytes, 6);
    assert_string_equal(part->etag, "b1946ac92492d2347c6235b4d2611184");
    assert_int_equal(neph_next_part(call)->number, 3);
    assert_null(neph_next_part(call));
    assert_int_equal(s3_run(call), 0);
}

static void test_s3__completes_and_aborts_at_a_server(void **state)
{
    static const neph_pair part = {"1", "b1946ac92492d2347c6235b4d2611184"};
    stand *at = *state;
    neph_call *call;
    s3_open_recorded(at, "complete");
    call = neph_upload_complete(at->cloud, "holiday", FILM, UPLOADED, &part, 1, NULL, NULL);
    assert_int_equal(stand_run(call), 0);
    assert_string_equal(((const neph_object *)neph_call_result(call))->etag,
                        "6a6d8d4533507d490ab007dfe8314ab7-1");
    neph_call_free(call);
    neph_cloud_close(at->cloud);
    neph_host_free(at->host);
    s3_open_recorded(at, "abort");
    assert_int_equal(s3_run(neph_upload_abort(at->cloud, "holiday", FILM, UPLOADED)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAND_TEST(test_s3__turns_pages_of_uploads_by_both_markers),
        STAND_TEST(test_s3__turns_pages_of_parts_by_number),
        STAND_TEST(test_s3__waits_for_blanks_and_asks_again_after_an_error_in_a_200),
        STAND_TEST(test_s3__believes_the_object_when_the_reply_of_complete_was_lost),
        STAND_TEST(test_s3__does_not_believe_another_object_of_that_key),
        STAND_TEST(test_s3__counts_the_parts_that_are_encrypted),
        STAND_TEST(test_s3__looks_at_what_was_made_where_complete_does_not_tell),
        STAND_TEST(test_s3__completes_ten_thousand_parts),
        STAND_TEST(test_s3__refuses_a_condition_that_complete_would_ignore),
        STAND_TEST(test_s3__begins_and_completes_with_a_checksum_of_the_whole),
        STAND_TEST(test_s3__aborts_again_while_parts_arrive),
        STAND_TEST(test_s3__gives_up_an_abort_whose_parts_never_end),
        STAND_TEST(test_s3__sends_the_checksum_behind_the_body),
        STAND_TEST(test_s3__signs_chunks_and_their_checksum),
        STAND_TEST(test_s3__tells_what_the_server_understands),
        STAND_TEST(test_s3__notices_a_part_that_arrived_otherwise),
        STAND_TEST(test_s3__tells_a_spoilt_chunk_from_a_wrong_key),
        STAND_TEST(test_s3__copies_a_part_of_an_object),
        STAND_TEST(test_s3__reads_the_uploads_of_a_server),
        STAND_TEST(test_s3__reads_the_parts_of_a_server),
        STAND_TEST(test_s3__completes_and_aborts_at_a_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
