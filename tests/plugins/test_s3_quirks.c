/*
 * test_s3_quirks.c - what requests look like for each of the servers that quirks.c knows: one row a profile, and a server
 * over TLS that answers each of them alike.
 */
#include "tests/plugins/s3_stand.h"

#define HERE SECURE "/bucket"
#define BEFORE "https://bucket.store.test"
#define TRAILER "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
#define UNSIGNED "UNSIGNED-PAYLOAD"
#define NO NEPH_UNSUPPORTED

typedef struct profile {
    const char *name;
    const char *bucket;                   /* where one is */
    const char *payload, *header, *value; /* of "a" with the checksum that the server likes */
    const char *algorithm;                /* of an upload that begins with it; NULL: none */
    int put_if, complete_if;              /* status of one with a condition */
    const char *copy_if;                  /* the header of one; NULL: it is refused */
    int64_t part_count, has_equal_parts, object_gib;
    int has_encoded_uploads;
} profile;

#define MD5 UNSIGNED, "Content-MD5", "DMF1ucDxtqgxw5niaXcmYQ==", NULL
#define CRC32C TRAILER, "x-amz-trailer", "x-amz-checksum-crc32c", "CRC32C"
#define CRC64 TRAILER, "x-amz-trailer", "x-amz-checksum-crc64nvme", "CRC64NVME"
#define IF_NONE_MATCH "If-None-Match"
#define IF_NONE_THERE "cf-copy-destination-if-none-match"

static const profile profiles[] = {
    {"generic", HERE, MD5, 0, NO, NULL, 10000, 0, 5120, 0},
    {"aws", BEFORE, CRC64, 0, 0, IF_NONE_MATCH, 10000, 0, 50000, 1},
    {"backblaze", HERE, MD5, NO, NO, NULL, 10000, 0, 9313, 0},
    {"ceph", HERE, MD5, 0, NO, NULL, 10000, 0, 5120, 0},
    {"cloudflare", HERE, MD5, 0, 0, IF_NONE_THERE, 10000, 1, 5120, 0},
    {"digitalocean", BEFORE, MD5, 0, NO, NULL, 10000, 0, 5120, 0},
    {"google", HERE, MD5, NO, NO, NULL, 10000, 0, 5120, 0},
    {"minio", HERE, CRC32C, 0, 0, NULL, 10000, 0, 51200, 0},
    {"swift", HERE, MD5, NO, NO, NULL, 1000, 0, 5120, 0},
    {"versity", HERE, CRC64, 0, 0, IF_NONE_MATCH, 10000, 0, 5120, 0},
    {"wasabi", HERE, MD5, NO, NO, NULL, 10000, 0, 5120, 0},
};

/* Answers whatever is asked. */
static const mock_reply replies[] = {
    {.match = "uploadId=",
     .body = "<CompleteMultipartUploadResult><ETag>e-1</ETag></CompleteMultipartUploadResult>",
     .stays = 1},
    {.match = "k?uploads",
     .body =
         "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>",
     .stays = 1},
    {.match = "?uploads",
     .body = "<ListMultipartUploadsResult><EncodingType>url</EncodingType>"
             "<IsTruncated>false</IsTruncated></ListMultipartUploadsResult>",
     .stays = 1},
    {.match = "list-type=2",
     .body = "<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>"
             "</ListBucketResult>",
     .stays = 1},
    {.match = "?delete", .body = "<DeleteResult></DeleteResult>", .stays = 1},
    {.match = "/copy", .body = "<CopyObjectResult><ETag>e</ETag></CopyObjectResult>", .stays = 1},
    {.headers = ETAG, .stays = 1},
};

/* The request that went out last. */
static const char *sent(stand *at, const char *header)
{
    return mock_header(&at->mock, at->mock.request_count - 1, header);
}

static const char *url(const stand *at)
{
    return at->mock.requests[at->mock.request_count - 1].url;
}

static void check_limits(stand *at, const profile *of, char *checksum, size_t capacity)
{
    neph_call *call = neph_storage_limits(at->cloud);
    const neph_limits *limits;
    assert_int_equal(stand_run(call), 0);
    limits = (const neph_limits *)neph_call_result(call);
    assert_int_equal(limits->part_count, of->part_count);
    assert_int_equal(limits->has_equal_parts, of->has_equal_parts);
    assert_true(limits->object_bytes == of->object_gib << 30);
    assert_int_equal(limits->part_bytes_min, 5 << 20);
    assert_int_equal(limits->delete_count, 1000);
    snprintf(checksum, capacity, "%s", limits->checksum);
    neph_call_free(call);
}

static void check_put(stand *at, const profile *of, const char *checksum)
{
    neph_put_options options = NEPH_PUT_OPTIONS_INIT;
    neph_source source = s3_source("a");
    char wanted[64];
    options.checksum = checksum;
    assert_int_equal(s3_run(neph_object_put(at->cloud, "bucket", "k", &source, &options)), 0);
    snprintf(wanted, sizeof wanted, "%s/k", of->bucket);
    assert_string_equal(url(at), wanted);
    assert_string_equal(sent(at, "x-amz-content-sha256"), of->payload);
    assert_string_equal(sent(at, of->header), of->value);
    options.if_none_match = "*";
    assert_int_equal(s3_run(neph_object_put(at->cloud, "bucket", "k", &source, &options)),
                     of->put_if);
}

static void check_upload(stand *at, const profile *of, const char *checksum)
{
    static const neph_pair part = {"1", "e"};
    neph_put_options options = NEPH_PUT_OPTIONS_INIT;
    const char *algorithm;
    options.checksum = checksum;
    assert_int_equal(s3_run(neph_upload_begin(at->cloud, "bucket", "k", &options)), 0);
    algorithm = sent(at, "x-amz-checksum-algorithm");
    if (of->algorithm)
        assert_string_equal(algorithm, of->algorithm);
    else
        assert_null(algorithm);
    options.if_none_match = "*";
    assert_int_equal(
        s3_run(neph_upload_complete(at->cloud, "bucket", "k", "u", &part, 1, NULL, &options)),
        of->complete_if);
    assert_int_equal(s3_run(neph_upload_list(at->cloud, "bucket", NULL)), 0);
    assert_int_equal(has(url(at), "encoding-type=url"), of->has_encoded_uploads);
}

static void check_copy(stand *at, const profile *of)
{
    neph_call *call = neph_call_new(at->cloud, NEPH_OP_OBJECT_COPY);
    neph_call_set_string(call, NEPH_COPY_BUCKET, "from");
    neph_call_set_string(call, NEPH_COPY_KEY, "a b");
    neph_call_set_string(call, NEPH_OBJECT_BUCKET, "bucket");
    neph_call_set_string(call, NEPH_OBJECT_KEY, "copy");
    neph_call_set_string(call, NEPH_IF_NONE_MATCH, "*");
    neph_call_start(call);
    assert_int_equal(s3_run(call), of->copy_if ? 0 : NO);
    if (!of->copy_if)
        return;
    assert_string_equal(sent(at, "x-amz-copy-source"), "/from/a%20b");
    assert_string_equal(sent(at, of->copy_if), "*");
}

static void check_list(stand *at, const profile *of)
{
    static const char *const keys[] = {"a", "b"};
    assert_string_equal(stand_list(neph_object_list(at->cloud, "bucket", NULL)), ".0");
    assert_int_equal(strncmp(url(at), of->bucket, strlen(of->bucket)), 0);
    assert_true(has(url(at), "list-type=2") && has(url(at), "encoding-type=url"));
    assert_int_equal(s3_run(neph_object_delete_many(at->cloud, "bucket", keys, 2)), 0);
    assert_string_equal(at->mock.requests[at->mock.request_count - 1].method, "POST");
}

static void test_s3__speaks_to_each_server_in_its_way(void **state)
{
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    for (size_t i = 0; i < NEPH_COUNT(profiles); i++) {
        char checksum[32];
        s3_open_with(at, SECURE, NULL, NULL, profiles[i].name);
        check_limits(at, &profiles[i], checksum, sizeof checksum);
        check_put(at, &profiles[i], checksum);
        check_upload(at, &profiles[i], checksum);
        check_copy(at, &profiles[i]);
        check_list(at, &profiles[i]);
        if (i + 1 == NEPH_COUNT(profiles))
            return;
        neph_cloud_close(at->cloud);
        neph_host_free(at->host);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {STAND_TEST(test_s3__speaks_to_each_server_in_its_way)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
