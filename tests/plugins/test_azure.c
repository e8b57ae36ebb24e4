/*
 * test_azure.c - the azure provider over a transport without sockets: whose account it takes, where requests go, what they
 * carry, what is made of answers that the emulator does not give. What it has in common with other storage is tested by the
 * conformance suite on a real server.
 */
#include "tests/engine/stand.h"

#define KEY "c2VjcmV0LWtleS1vZi1hbi1hY2NvdW50"
#define SAS "sv=2021-12-02&se=2027-01-01&sig=a%2Bb%3D"
#define TAG "ETag: \"0x8D1\"\nx-ms-request-id: 1\n"
#define FINE "x-ms-request-id: 1\n"
#define ID "0123456789abcdef0123456789abcdef"

extern const neph_plugin azure_LTX_neph_plugin_v0;

static int open_given(stand *at, const neph_setting_value *given, size_t count)
{
    int rc;
    mock_use(&at->mock);
    if (!at->host) {
        assert_int_equal(neph_host_new(&at->config, &at->host), 0);
        rc = neph_host_register(at->host, &azure_LTX_neph_plugin_v0);
        assert_true(rc == 0 || rc == NEPH_EXISTS); /* a static libneph brings it along */
    }
    return neph_cloud_open(at->host, "azure", given, count, &at->cloud);
}

static void open_at(stand *at)
{
    static const neph_setting_value given[] = {{"account", "me"}, {"account_key", KEY}};
    if (open_given(at, given, NEPH_COUNT(given)))
        fail_msg("%s", neph_host_error(at->host)->message);
}

static int run_free(neph_call *call)
{
    int rc = stand_run(call);
    neph_call_free(call);
    return rc;
}

static int has(const char *text, const char *part)
{
    return text && strstr(text, part) != NULL;
}

static neph_source memory_source(const char *text)
{
    neph_source source = NEPH_SOURCE_INIT;
    source.from = NEPH_BODY_MEMORY;
    source.data = text;
    source.data_size = strlen(text);
    return source;
}

static neph_sink memory_sink(void)
{
    neph_sink sink = NEPH_SINK_INIT;
    sink.to = NEPH_BODY_MEMORY;
    return sink;
}

/* ---- whose account it is */

static void test_azure__finds_the_account_in_what_is_given(void **state)
{
    static const struct {
        const char *name, *value, *name2, *value2;
        const char *url; /* of a request */
    } rows[] = {
        {"account", "me", "account_key", KEY, "https://me.blob.core.windows.net/?comp=list"},
        {"account", "me-secondary", "account_key", KEY,
         "https://me.blob.core.windows.net/?comp=list"},
        {"account", "me", "sas_token", "?" SAS "\n",
         "https://me.blob.core.windows.net/?comp=list&" SAS},
        {"connection_string", "AccountName=me;AccountKey=" KEY, NULL, NULL,
         "https://me.blob.core.windows.net/?comp=list"},
        {"connection_string",
         "DefaultEndpointsProtocol=http;AccountName=me;AccountKey=" KEY
         ";EndpointSuffix=core.example",
         NULL, NULL, "http://me.blob.core.example/?comp=list"},
        {"connection_string", "AccountName=me;AccountKey=" KEY ";BlobEndpoint=http://h:1/me/",
         "endpoint", "http://proxy:2/me", "http://proxy:2/me/?comp=list"},
        {"connection_string", "BlobEndpoint=http://h:1/me/;SharedAccessSignature=" SAS, "account",
         "me", "http://h:1/me/?comp=list&" SAS},
        {"connection_string", "UseDevelopmentStorage=true", NULL, NULL,
         "http://127.0.0.1:10000/devstoreaccount1/?comp=list"},
    };
    static const mock_reply replies[] = {{.stays = 1, .body = "<EnumerationResults/>"}};
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    for (size_t i = 0; i < NEPH_COUNT(rows); i++) {
        const neph_setting_value given[] = {{rows[i].name, rows[i].value},
                                            {rows[i].name2, rows[i].value2}};
        if (open_given(at, given, rows[i].name2 ? 2 : 1))
            fail_msg("row %zu: %s", i, neph_host_error(at->host)->message);
        assert_int_equal(run_free(neph_bucket_list(at->cloud, NULL)), 0);
        assert_string_equal(at->mock.requests[i].url, rows[i].url);
        neph_cloud_close(at->cloud);
        at->cloud = NULL;
    }
}

static void test_azure__refuses_what_opens_no_account(void **state)
{
    static const struct {
        const char *name, *value, *name2, *value2;
        const char *message; /* a part of it */
    } rows[] = {
        {"endpoint", "http://h", NULL, NULL, "azure needs account with account_key"},
        {"account", "me", NULL, NULL, "azure needs account with account_key"},
        {"account", "me", "account_key", "no base64!", "account_key is no base64"},
        {"account", "me", "account_key", "AAA", "account_key is no base64"},
        {"account", "m e", "account_key", KEY, "account is no name"},
        {"account", "-secondary", "account_key", "", "account_key is no base64"},
        {"account", "me", "sas_token", "sv=1", "sas_token has no signature"},
        {"account", "me", "sas_token", "https://h/?sig=1", "sas_token is no query"},
        {"connection_string", "AccountKey=" KEY, NULL, NULL, "says no AccountName"},
        {"connection_string", "AccountName=me", NULL, NULL, "nothing opens"},
        {"connection_string", "AccountName=me;AccountKey=*", NULL, NULL, "AccountKey is no base64"},
        {"connection_string", "AccountName=you;AccountKey=" KEY, "account", "me",
         "connection_string is another account's"},
        {"connection_string", "AccountName=me;AccountKey=" KEY ";BlobEndpoint=nowhere", NULL, NULL,
         "nowhere"},
    };
    stand *at = *state;
    for (size_t i = 0; i < NEPH_COUNT(rows); i++) {
        const neph_setting_value given[] = {{rows[i].name, rows[i].value},
                                            {rows[i].name2, rows[i].value2}};
        int rc = open_given(at, given, rows[i].name2 ? 2 : 1);
        if (rc != NEPH_INVALID || !has(neph_host_error(at->host)->message, rows[i].message))
            fail_msg("row %zu: %d %s", i, rc, neph_host_error(at->host)->message);
    }
}

/* ---- requests */

static void test_azure__signs_with_the_key_or_not_at_all(void **state)
{
    static const mock_reply replies[] = {{.stays = 1, .headers = TAG}};
    static const neph_setting_value sas[] = {{"account", "me"}, {"sas_token", SAS}};
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    open_at(at);
    assert_int_equal(run_free(neph_object_head(at->cloud, "b", "a b/\xc3\xa4+")), 0);
    assert_string_equal(at->mock.requests[0].url,
                        "https://me.blob.core.windows.net/b/a%20b/%C3%A4%2B");
    assert_string_equal(mock_header(&at->mock, 0, "x-ms-version"), "2021-12-02");
    assert_string_equal(mock_header(&at->mock, 0, "x-ms-date"), "Thu, 01 Jan 2026 00:00:00 GMT");
    assert_true(has(mock_header(&at->mock, 0, "Authorization"), "SharedKey me:"));
    neph_cloud_close(at->cloud);
    assert_int_equal(open_given(at, sas, 2), 0);
    assert_int_equal(run_free(neph_object_head(at->cloud, "b", "k")), 0);
    assert_true(has(at->mock.requests[1].url, "/b/k?" SAS));
    assert_null(mock_header(&at->mock, 1, "Authorization"));
    assert_int_equal(run_free(neph_object_presign(at->cloud, "b", "k", "GET", 60)),
                     NEPH_UNSUPPORTED);
    assert_int_equal(run_free(neph_object_copy(at->cloud, "b", "k", "b", "l")), 0);
    assert_string_equal(mock_header(&at->mock, 2, "x-ms-copy-source"),
                        "https://me.blob.core.windows.net/b/k?" SAS);
}

static void test_azure__puts_what_it_was_told(void **state)
{
    static const mock_reply replies[] = {
        {.status = 201, .headers = TAG "Content-MD5: XUFAKrxLKna5cZ2REBfFkg==\n", .stays = 1}};
    static const neph_pair metadata[] = {{"colour", "blue"}};
    neph_put_options options = NEPH_PUT_OPTIONS_INIT;
    neph_source source = memory_source("hello");
    stand *at = *state;
    neph_call *call;
    MOCK_SCRIPT(&at->mock, replies);
    open_at(at);
    options.content_type = "text/plain";
    options.storage_class = "Cool";
    options.metadata = metadata;
    options.metadata_count = 1;
    options.local_modified_ns = INT64_C(1700000000500000000);
    options.if_none_match = "*";
    options.checksum = "md5";
    call = neph_object_put(at->cloud, "b", "k", &source, &options);
    assert_int_equal(stand_run(call), 0);
    assert_string_equal(((const neph_object *)neph_call_result(call))->checksum,
                        "md5:5d41402abc4b2a76b9719d911017c592");
    neph_call_free(call);
    assert_string_equal(mock_header(&at->mock, 0, "x-ms-blob-type"), "BlockBlob");
    assert_string_equal(mock_header(&at->mock, 0, "Content-Type"), "text/plain");
    assert_string_equal(mock_header(&at->mock, 0, "x-ms-access-tier"), "Cool");
    assert_string_equal(mock_header(&at->mock, 0, "x-ms-meta-colour"), "blue");
    assert_string_equal(mock_header(&at->mock, 0, "x-ms-meta-mtime"), "1700000000.5");
    assert_string_equal(mock_header(&at->mock, 0, "If-None-Match"), "*");
    assert_string_equal(mock_header(&at->mock, 0, "Content-MD5"), "XUFAKrxLKna5cZ2REBfFkg==");
    options = (neph_put_options)NEPH_PUT_OPTIONS_INIT;
    assert_int_equal(run_free(neph_object_put(at->cloud, "b", "k", &source, &options)), 0);
    assert_string_equal(mock_header(&at->mock, 1, "Content-Type"), "application/octet-stream");
}

static void test_azure__refuses_what_the_service_would_change(void **state)
{
    static const neph_pair wrong[] = {{"a-b", "1"}, {"1a", "1"}, {"", "1"}, {"a", "\xc3\xa4"}};
    static const char *const dots[] = {".", "..", "../a", "a/./b", "a/..", "a//.."};
    neph_source source = memory_source("hello");
    neph_put_options options = NEPH_PUT_OPTIONS_INIT;
    stand *at = *state;
    open_at(at);
    options.metadata_count = 1;
    for (size_t i = 0; i < NEPH_COUNT(wrong); i++) {
        options.metadata = &wrong[i];
        assert_int_equal(run_free(neph_object_put(at->cloud, "b", "k", &source, &options)),
                         NEPH_INVALID);
        assert_int_equal(run_free(neph_upload_begin(at->cloud, "b", "k", &options)), NEPH_INVALID);
    }
    assert_int_equal(run_free(neph_object_put(at->cloud, "b", "a\\b", &source, NULL)),
                     NEPH_INVALID);
    for (size_t i = 0; i < NEPH_COUNT(dots); i++)
        assert_int_equal(run_free(neph_object_copy(at->cloud, "b", dots[i], "b", "k")),
                         NEPH_INVALID);
    assert_int_equal(run_free(neph_bucket_create(at->cloud, "a/b")), NEPH_INVALID);
    assert_int_equal(at->mock.request_count, 0);
}

static void test_azure__looks_at_the_size_before_a_range_from_the_end(void **state)
{
    static const mock_reply replies[] = {
        {.headers = TAG "Content-Length: 10\nx-ms-blob-type: BlockBlob\n"},
        {.status = 206,
         .body = "789",
         .headers = TAG "Content-Range: bytes 7-9/10\nx-ms-blob-type: BlockBlob\n"},
    };
    neph_get_options options = NEPH_GET_OPTIONS_INIT;
    neph_sink sink = memory_sink();
    stand *at = *state;
    neph_call *call;
    MOCK_SCRIPT(&at->mock, replies);
    open_at(at);
    options.offset = -3;
    call = neph_object_get(at->cloud, "b", "k", &sink, &options);
    assert_int_equal(stand_run(call), 0);
    assert_int_equal(((const neph_object *)neph_call_result(call))->size_bytes, 10);
    neph_call_free(call);
    assert_string_equal(at->mock.requests[0].method, "HEAD");
    assert_string_equal(at->mock.requests[1].method, "GET");
    assert_string_equal(mock_header(&at->mock, 1, "x-ms-range"), "bytes=7-");
    assert_string_equal(mock_header(&at->mock, 1, "If-Match"), "\"0x8D1\"");
}

/* ---- listings */

static void test_azure__reads_listings_to_their_end(void **state)
{
    static const mock_reply replies[] = {
        {.body = "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults>"
                 "<Blobs/><NextMarker>2!a+/=</NextMarker></EnumerationResults>"},
        {.match = "marker=2%21a%2B%2F%3D",
         .body = "\xef\xbb\xbf<EnumerationResults><Blobs>"
                 "<Blob><Name Encoded=\"true\">a%25%01</Name><Properties>"
                 "<Content-MD5>XUFAKrxLKna5cZ2REBfFkg==</Content-MD5></Properties>"
                 "<Metadata><mtime>1700000000</mtime></Metadata></Blob>"
                 "<Blob><Name>b%25</Name><Properties><Content-MD5/></Properties>"
                 "<Metadata><mtime>2026-01-31T12:00:00Z</mtime></Metadata></Blob>"
                 "<BlobPrefix><Name>c/</Name></BlobPrefix>"
                 "</Blobs><NextMarker /></EnumerationResults>"},
    };
    stand *at = *state;
    const neph_object *object;
    neph_call *call;
    MOCK_SCRIPT(&at->mock, replies);
    open_at(at);
    call = neph_object_list(at->cloud, "b", NULL);
    object = neph_next_object(call);
    assert_string_equal(object->key, "a%\x01");
    assert_string_equal(object->checksum, "md5:5d41402abc4b2a76b9719d911017c592");
    assert_int_equal(object->local_modified_ns, INT64_C(1700000000) * NEPH_NANO);
    object = neph_next_object(call);
    assert_string_equal(object->key, "b%25");
    assert_null(object->checksum);
    assert_int_equal(object->local_modified_ns, NEPH_UNKNOWN);
    assert_string_equal(stand_list(call), "c/ .0");
}

static void test_azure__skips_to_where_a_listing_shall_begin(void **state)
{
    static const mock_reply replies[] = {
        {.body = "<EnumerationResults><Blobs><Blob><Name>a</Name></Blob>"
                 "<BlobPrefix><Name>b/</Name></BlobPrefix>"
                 "<BlobPrefix><Name>c/</Name></BlobPrefix><Blob><Name>c0</Name></Blob>"
                 "<Blob><Name>d</Name></Blob></Blobs></EnumerationResults>"},
    };
    neph_list_options options = NEPH_LIST_OPTIONS_INIT;
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    open_at(at);
    options.delimiter = "/";
    options.start_after = "c/1";
    options.limit = 2;
    assert_string_equal(stand_list(neph_object_list(at->cloud, "b", &options)), "c/ c0 .0");
    assert_false(has(at->mock.requests[0].url, "maxresults"));
}

/* ---- buckets */

static void test_azure__deletes_no_bucket_that_holds_something(void **state)
{
    static const mock_reply replies[] = {
        {.body = "<EnumerationResults><Blobs/><NextMarker>m</NextMarker></EnumerationResults>"},
        {.match = "marker=m",
         .body = "<EnumerationResults><Blobs><Blob><Name>k</Name></Blob></Blobs>"
                 "</EnumerationResults>"},
        {.match = "maxresults=1", .body = "<EnumerationResults><Blobs/></EnumerationResults>"},
        {.status = 202, .headers = FINE},
    };
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    open_at(at);
    assert_int_equal(run_free(neph_bucket_delete(at->cloud, "b")), NEPH_CONFLICT);
    assert_int_equal(at->mock.request_count, 2);
    assert_int_equal(run_free(neph_bucket_delete(at->cloud, "b")), 0);
    assert_string_equal(at->mock.requests[3].method, "DELETE");
    assert_string_equal(at->mock.requests[3].url,
                        "https://me.blob.core.windows.net/b?restype=container");
}

/* More often than a call is tried: only its own time ends it. */
static void test_azure__waits_while_a_bucket_is_being_deleted(void **state)
{
    static const mock_reply busy = {.status = 409,
                                    .headers = "x-ms-error-code: ContainerBeingDeleted\n"};
    mock_reply replies[4];
    stand *at = *state;
    neph_call *call;
    for (size_t i = 0; i < NEPH_COUNT(replies); i++)
        replies[i] = busy;
    replies[3] = (mock_reply){.status = 201, .headers = FINE};
    MOCK_SCRIPT(&at->mock, replies);
    at->config.max_attempts = 2;
    open_at(at);
    call = neph_call_new(at->cloud, NEPH_OP_BUCKET_CREATE);
    neph_call_set_string(call, NEPH_BUCKET_NAME, "b");
    neph_call_set_deadline(call, 60000);
    assert_int_equal(neph_call_start(call), 0);
    assert_int_equal(stand_run(call), 0);
    neph_call_free(call);
    assert_int_equal(at->mock.request_count, 4);
}

static void test_azure__gives_up_on_a_bucket_when_its_time_is_over(void **state)
{
    static const mock_reply replies[] = {
        {.status = 409,
         .headers = "x-ms-error-code: ContainerBeingDeleted\nRetry-After: 100\n",
         .stays = 1}};
    stand *at = *state;
    neph_call *call;
    MOCK_SCRIPT(&at->mock, replies);
    open_at(at);
    call = neph_call_new(at->cloud, NEPH_OP_BUCKET_CREATE);
    neph_call_set_string(call, NEPH_BUCKET_NAME, "b");
    neph_call_set_deadline(call, 60000);
    assert_int_equal(neph_call_start(call), 0);
    assert_int_equal(stand_run(call), NEPH_CONFLICT);
    assert_int_equal(neph_call_error(call)->retry, NEPH_RETRY_PERSISTENT);
    neph_call_free(call);
}

/* ---- errors */

static void test_azure__knows_what_errors_mean(void **state)
{
    static const struct {
        int32_t http;
        const char *code;
        int32_t status;
    } rows[] = {
        {403, "AuthenticationFailed", NEPH_AUTH},
        {403, "AuthorizationPermissionMismatch", NEPH_PERMISSION},
        {404, "ContainerNotFound", NEPH_NOT_FOUND},
        {404, "BlobNotFound", NEPH_NOT_FOUND},
        {409, "PendingCopyOperation", NEPH_CONFLICT},
        {412, "ConditionNotMet", NEPH_CONFLICT},
        {412, "LeaseIdMissing", NEPH_CONFLICT},
        {304, "ConditionNotMet", NEPH_CONFLICT},
        {416, "InvalidRange", NEPH_INVALID},
        {404, "SomethingNew", NEPH_NOT_FOUND},
    };
    stand *at = *state;
    open_at(at);
    for (size_t i = 0; i < NEPH_COUNT(rows); i++) {
        char headers[128];
        mock_reply reply = {.status = rows[i].http, .headers = headers};
        neph_call *call;
        snprintf(headers, sizeof headers, "x-ms-error-code: %s\nx-ms-request-id: r\n",
                 rows[i].code);
        mock_script(&at->mock, &reply, 1);
        memset(at->mock.used, 0, sizeof at->mock.used);
        call = neph_object_head(at->cloud, "b", "k");
        assert_int_equal(stand_run(call), rows[i].status);
        assert_string_equal(neph_call_error(call)->code, rows[i].code);
        assert_string_equal(neph_call_error(call)->request_id, "r");
        neph_call_free(call);
    }
}

static void test_azure__learns_the_clock_from_a_refusal(void **state)
{
    static const mock_reply replies[] = {
        {.status = 403,
         .headers = "x-ms-error-code: AuthenticationFailed\nDate: Thu, 01 Jan 2026 02:00:00 GMT\n"},
        {.headers = TAG},
    };
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    open_at(at);
    assert_int_equal(run_free(neph_object_head(at->cloud, "b", "k")), 0);
    assert_string_equal(mock_header(&at->mock, 1, "x-ms-date"), "Thu, 01 Jan 2026 02:00:00 GMT");
}

static void test_azure__says_that_a_token_has_expired(void **state)
{
    static const mock_reply replies[] = {
        {.status = 403, .headers = "x-ms-error-code: AuthenticationFailed\n"}};
    static const neph_setting_value given[] = {{"account", "me"},
                                               {"sas_token", "se=2025-12-31&sig=x"}};
    stand *at = *state;
    neph_call *call;
    MOCK_SCRIPT(&at->mock, replies);
    assert_int_equal(open_given(at, given, 2), 0);
    call = neph_object_head(at->cloud, "b", "k");
    assert_int_equal(stand_run(call), NEPH_AUTH);
    assert_true(has(neph_call_error(call)->message, "the SAS token has expired"));
    neph_call_free(call);
}

/* What the emulator does not answer. */
static void test_azure__says_what_to_do(void **state)
{
    static const struct {
        int32_t http;
        const char *code;
        int32_t status;
        const char *words;
    } rows[] = {
        {403, "AuthorizationPermissionMismatch", NEPH_PERMISSION,
         "its permissions are \"rl\", and \"w\" is needed"},
        {403, "AuthenticationFailed", NEPH_AUTH, "the SAS token is refused"},
        {403, "AuthorizationProtocolMismatch", NEPH_PERMISSION, "good for https alone"},
        {403, "AuthorizationResourceTypeMismatch", NEPH_PERMISSION, "(srt=c)"},
        {403, "AuthorizationServiceMismatch", NEPH_PERMISSION, "(ss=b)"},
        {403, "AuthorizationSourceIPMismatch", NEPH_PERMISSION, "other addresses"},
        {409, "BlobBeingRehydrated", NEPH_CONFLICT, "try again later"},
        {409, "ContainerBeingDeleted", NEPH_CONFLICT, "the bucket is being deleted"},
        {412, "LeaseIdMissing", NEPH_CONFLICT, "holds a lease"},
        {400, "InvalidResourceName", NEPH_INVALID, "\"B\" is no name for a bucket"},
    };
    static const neph_setting_value given[] = {{"account", "me"},
                                               {"sas_token", "sp=rl&sig=secret"}};
    neph_source source = memory_source("x");
    stand *at = *state;
    assert_int_equal(open_given(at, given, 2), 0);
    for (size_t i = 0; i < NEPH_COUNT(rows); i++) {
        char headers[128];
        mock_reply reply = {.status = rows[i].http, .headers = headers};
        neph_call *call;
        snprintf(headers, sizeof headers, "x-ms-error-code: %s\n", rows[i].code);
        mock_script(&at->mock, &reply, 1);
        memset(at->mock.used, 0, sizeof at->mock.used);
        call = neph_object_put(at->cloud, "B", "k", &source, NULL);
        assert_int_equal(stand_run(call), rows[i].status);
        if (!has(neph_call_error(call)->message, rows[i].words) ||
            has(neph_call_error(call)->message, "secret"))
            fail_msg("%s: %s", rows[i].code, neph_call_error(call)->message);
        neph_call_free(call);
    }
}

static void test_azure__takes_no_web_page_for_an_answer(void **state)
{
    static const mock_reply replies[] = {
        {.headers = "Content-Type: text/html\n", .body = "<html>log in</html>", .stays = 1}};
    neph_source source = memory_source("hello");
    neph_sink sink = memory_sink();
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    open_at(at);
    assert_int_equal(run_free(neph_object_get(at->cloud, "b", "k", &sink, NULL)), NEPH_PROTOCOL);
    assert_int_equal(run_free(neph_object_head(at->cloud, "b", "k")), NEPH_PROTOCOL);
    assert_int_equal(run_free(neph_object_put(at->cloud, "b", "k", &source, NULL)), NEPH_PROTOCOL);
    assert_int_equal(run_free(neph_object_delete(at->cloud, "b", "k")), NEPH_PROTOCOL);
    assert_int_equal(run_free(neph_bucket_create(at->cloud, "b")), NEPH_PROTOCOL);
    assert_int_equal(run_free(neph_object_list(at->cloud, "b", NULL)), NEPH_PROTOCOL);
    assert_int_equal(run_free(neph_upload_part(at->cloud, "b", "k", ID, 1, &source, NULL)),
                     NEPH_PROTOCOL);
}

/* ---- copies that take their time */

#define COPYING(status) TAG "x-ms-copy-id: c1\nx-ms-copy-status: " status "\n"

static void test_azure__waits_for_a_copy(void **state)
{
    static const mock_reply replies[] = {
        {.status = 202, .headers = COPYING("pending")},
        {.headers = COPYING("pending") "Content-Length: 0\n"},
        {.headers = COPYING("success") "Content-Length: 7\n"},
    };
    stand *at = *state;
    neph_call *call;
    MOCK_SCRIPT(&at->mock, replies);
    open_at(at);
    call = neph_object_copy(at->cloud, "from", "...a/.b/..c", "to", "l");
    assert_int_equal(stand_run(call), 0);
    assert_int_equal(((const neph_object *)neph_call_result(call))->size_bytes, 7);
    neph_call_free(call);
    assert_int_equal(at->mock.request_count, 3);
    assert_string_equal(at->mock.requests[2].method, "HEAD");
    assert_string_equal(at->mock.requests[2].url, "https://me.blob.core.windows.net/to/l");
}

static void test_azure__says_what_became_of_a_copy(void **state)
{
    static const struct {
        const char *headers;
        int32_t status;
    } rows[] = {
        {COPYING("failed") "x-ms-copy-status-description: 404\n", NEPH_UNAVAILABLE},
        {COPYING("aborted"), NEPH_UNAVAILABLE},
        {TAG "x-ms-copy-id: c2\nx-ms-copy-status: success\n", NEPH_CONFLICT},
        {TAG, NEPH_CONFLICT},
    };
    stand *at = *state;
    open_at(at);
    for (size_t i = 0; i < NEPH_COUNT(rows); i++) {
        const mock_reply replies[] = {{.status = 202, .headers = COPYING("pending")},
                                      {.headers = rows[i].headers}};
        MOCK_SCRIPT(&at->mock, replies);
        memset(at->mock.used, 0, sizeof at->mock.used);
        assert_int_equal(run_free(neph_object_copy(at->cloud, "from", "k", "to", "l")),
                         rows[i].status);
    }
}

/* A copy with another media type than its source has. */
static neph_call *copy_typed(stand *at)
{
    neph_call *call = neph_call_new(at->cloud, NEPH_OP_OBJECT_COPY);
    neph_call_set_string(call, NEPH_COPY_BUCKET, "from");
    neph_call_set_string(call, NEPH_COPY_KEY, "k");
    neph_call_set_string(call, NEPH_OBJECT_BUCKET, "to");
    neph_call_set_string(call, NEPH_OBJECT_KEY, "l");
    neph_call_set_string(call, NEPH_OBJECT_CONTENT_TYPE, "text/b");
    assert_int_equal(neph_call_start(call), 0);
    return call;
}

static void test_azure__types_a_copy_when_it_is_there(void **state)
{
    static const mock_reply replies[] = {
        {.status = 202, .headers = COPYING("pending")},
        {.headers = COPYING("pending")},
        {.headers = COPYING("success") "Content-Type: text/a\nContent-Encoding: gzip\n"
                                       "Content-MD5: 1B2M2Y8AsgTpgAmY7PhCfg==\n"},
        {.headers = "ETag: \"0x8D2\"\nx-ms-request-id: 1\n"},
    };
    stand *at = *state;
    neph_call *call;
    MOCK_SCRIPT(&at->mock, replies);
    open_at(at);
    call = copy_typed(at);
    assert_int_equal(stand_run(call), 0);
    assert_string_equal(((const neph_object *)neph_call_result(call))->etag, "0x8D2");
    neph_call_free(call);
    assert_int_equal(at->mock.request_count, 4);
    assert_string_equal(at->mock.requests[3].url,
                        "https://me.blob.core.windows.net/to/l?comp=properties");
    assert_string_equal(mock_header(&at->mock, 3, "If-Match"), "\"0x8D1\"");
    assert_string_equal(mock_header(&at->mock, 3, "x-ms-blob-content-type"), "text/b");
    assert_string_equal(mock_header(&at->mock, 3, "x-ms-blob-content-encoding"), "gzip");
    assert_string_equal(mock_header(&at->mock, 3, "x-ms-blob-content-md5"),
                        "1B2M2Y8AsgTpgAmY7PhCfg==");
}

/* What somebody else wrote there meanwhile is not touched. */
static void test_azure__types_nothing_but_its_copy(void **state)
{
    static const struct {
        const char *headers; /* of what is there then */
        int32_t status;
    } rows[] = {
        {TAG "Content-Type: text/b\n", NEPH_OK},
        {TAG "Content-Type: text/c\n", NEPH_CONFLICT},
    };
    stand *at = *state;
    open_at(at);
    for (size_t i = 0; i < NEPH_COUNT(rows); i++) {
        const mock_reply replies[] = {
            {.status = 202, .headers = COPYING("success")},
            {.headers = COPYING("success") "Content-Type: text/a\n"},
            {.status = 412, .headers = "x-ms-error-code: ConditionNotMet\n"},
            {.headers = rows[i].headers},
        };
        MOCK_SCRIPT(&at->mock, replies);
        memset(at->mock.used, 0, sizeof at->mock.used);
        assert_int_equal(run_free(copy_typed(at)), rows[i].status);
    }
    assert_int_equal(at->mock.request_count, 8);
}

/* ---- uploads */

static void test_azure__tells_its_own_parts_in_order(void **state)
{
    static const mock_reply replies[] = {
        {.body = "<BlockList><CommittedBlocks/><UncommittedBlocks>"
                 "<Block><Name>" ID "00000010</Name><Size>0</Size></Block>"
                 "<Block><Name>fedcba98" ID "</Name><Size>5</Size></Block>"
                 "<Block><Name>" ID "00000002</Name><Size>7</Size></Block>"
                 "<Block><Name>" ID "00050001</Name><Size>7</Size></Block>"
                 "<Block><Name>" ID "0000000x</Name><Size>7</Size></Block>"
                 "</UncommittedBlocks></BlockList>"},
    };
    stand *at = *state;
    const neph_part *part;
    neph_call *call;
    MOCK_SCRIPT(&at->mock, replies);
    open_at(at);
    call = neph_upload_parts(at->cloud, "b", "k", ID);
    part = neph_next_part(call);
    assert_int_equal(part->number, 2);
    assert_int_equal(part->size_bytes, 7);
    assert_string_equal(part->etag, ID "00000002");
    part = neph_next_part(call);
    assert_int_equal(part->number, 10);
    assert_int_equal(part->size_bytes, 0);
    assert_null(neph_next_part(call));
    assert_int_equal(run_free(call), 0);
}

static void test_azure__makes_an_object_of_blocks(void **state)
{
    static const mock_reply replies[] = {{.status = 201, .headers = TAG, .stays = 1}};
    static const neph_pair parts[] = {{"1", ID "00000001"}, {"3", ID "00000003"}};
    static const neph_pair wrong[] = {{"1", "</Latest>"}};
    neph_source source = memory_source("hello");
    neph_put_options options = NEPH_PUT_OPTIONS_INIT;
    stand *at = *state;
    MOCK_SCRIPT(&at->mock, replies);
    open_at(at);
    options.content_type = "text/plain";
    assert_int_equal(run_free(neph_upload_part(at->cloud, "b", "k", ID, 3, &source, NULL)), 0);
    assert_int_equal(
        run_free(neph_upload_complete(at->cloud, "b", "k", ID, parts, 2,
                                      "md5:5d41402abc4b2a76b9719d911017c592", &options)),
        0);
    assert_true(has(at->mock.requests[0].url, "/b/k?comp=block&blockid=" ID "00000003"));
    assert_true(has(at->mock.requests[1].url, "/b/k?comp=blocklist"));
    assert_true(has(at->mock.requests[1].body, "<BlockList>\n<Latest>" ID "00000001</Latest>\n"
                                               "<Latest>" ID "00000003</Latest>\n</BlockList>"));
    assert_string_equal(mock_header(&at->mock, 1, "x-ms-blob-content-type"), "text/plain");
    assert_string_equal(mock_header(&at->mock, 1, "x-ms-blob-content-md5"),
                        "XUFAKrxLKna5cZ2REBfFkg==");
    assert_int_equal(run_free(neph_upload_complete(at->cloud, "b", "k", ID, wrong, 1, NULL, NULL)),
                     NEPH_INVALID);
    assert_int_equal(
        run_free(neph_upload_complete(at->cloud, "b", "k", ID, parts, 2, "md5:zz", NULL)),
        NEPH_INVALID);
    assert_int_equal(run_free(neph_upload_part(at->cloud, "b", "k", "*", 1, &source, NULL)),
                     NEPH_INVALID);
    assert_int_equal(run_free(neph_upload_part(at->cloud, "b", "k", ID, 50001, &source, NULL)),
                     NEPH_INVALID);
    assert_int_equal(at->mock.request_count, 2);
}

#define LISTED(name, more)                                                                         \
    "<EnumerationResults><Blobs><Blob><Name>" name "</Name><Properties>" more                      \
    "<Content-Length>0</Content-Length></Properties></Blob></Blobs></EnumerationResults>"
#define BLOCKS(ids) "<BlockList><UncommittedBlocks>" ids "</UncommittedBlocks></BlockList>"
#define BLOCK(id) "<Block><Name>" id "</Name><Size>1</Size></Block>"

static void test_azure__aborts_without_touching_anything_else(void **state)
{
    static const struct {
        mock_reply replies[4];
        size_t count; /* of requests */
    } rows[] = {
        {{{.body = "<EnumerationResults/>"}}, 1},
        {{{.body = LISTED("k2", "")}}, 1},
        {{{.body = LISTED("k", "<Content-Type>a/b</Content-Type>")}}, 1},
        {{{.body = LISTED("k", "")}, {.body = BLOCKS("")}}, 2},
        {{{.body = LISTED("k", "")},
          {.body = BLOCKS(BLOCK(ID "00000001") BLOCK("fedcba9800000001"))}},
         2},
        {{{.body = LISTED("k", "")}, {.status = 404, .headers = "x-ms-error-code: BlobNotFound\n"}},
         2},
        {{{.body = LISTED("k", "")},
          {.body = BLOCKS(BLOCK(ID "00000001"))},
          {.status = 409, .headers = "x-ms-error-code: BlobAlreadyExists\n"}},
         3},
        {{{.body = LISTED("k", "")},
          {.body = BLOCKS(BLOCK(ID "00000001"))},
          {.status = 201, .headers = TAG},
          {.status = 412, .headers = "x-ms-error-code: ConditionNotMet\n"}},
         4},
        {{{.body = LISTED("k", "")},
          {.body = BLOCKS(BLOCK(ID "00000001"))},
          {.status = 201, .headers = TAG},
          {.status = 202, .headers = FINE}},
         4},
    };
    stand *at = *state;
    size_t sum = 0;
    open_at(at);
    for (size_t i = 0; i < NEPH_COUNT(rows); i++) {
        MOCK_SCRIPT(&at->mock, rows[i].replies);
        memset(at->mock.used, 0, sizeof at->mock.used);
        assert_int_equal(run_free(neph_upload_abort(at->cloud, "b", "k", ID)), 0);
        sum += rows[i].count;
        if (at->mock.request_count != sum)
            fail_msg("row %zu: %zu requests", i, at->mock.request_count);
    }
    assert_string_equal(mock_header(&at->mock, sum - 2, "If-None-Match"), "*");
    assert_string_equal(at->mock.requests[sum - 1].method, "DELETE");
    assert_string_equal(mock_header(&at->mock, sum - 1, "If-Match"), "\"0x8D1\"");
}

/* ---- what a server sent: plugins/azure/tests */

static void open_recorded(stand *at, const char *recordings)
{
    static const neph_setting_value given[] = {
        {"account", "any"},
        {"account_key", KEY},
        {"endpoint", "http://localhost/devstoreaccount1"},
    };
    const char *source = getenv("NEPH_SRCDIR");
    static char folder[1024];
    snprintf(folder, sizeof folder, "%s/plugins/azure/tests/%s", source ? source : ".", recordings);
    at->config.transport = NULL;
    at->config.replay_dir = folder;
    assert_int_equal(open_given(at, given, NEPH_COUNT(given)), 0);
}

static void test_azure__reads_the_listing_of_a_server(void **state)
{
    const neph_object *object;
    neph_call *call;
    stand *at = *state;
    open_recorded(at, "objects");
    call = neph_object_list(at->cloud, "holiday", NULL);
    object = neph_next_object(call);
    assert_string_equal(object->key, "2026/sea.jpg");
    assert_int_equal(object->size_bytes, 6);
    assert_string_equal(object->etag, "0x21A96F5A625AEE0");
    assert_string_equal(object->storage_class, "Hot");
    assert_string_equal(object->checksum, "md5:b1946ac92492d2347c6235b4d2611184");
    assert_int_equal(object->modified_ns, INT64_C(1795649672) * NEPH_NANO);
    assert_string_equal(stand_list(call), "2026/sun.jpg a b+c%d umlaut/\xc3\xbc .0");
}

static void test_azure__reads_the_prefixes_of_a_server(void **state)
{
    neph_list_options options = NEPH_LIST_OPTIONS_INIT;
    stand *at = *state;
    options.delimiter = "/";
    open_recorded(at, "prefixes");
    assert_string_equal(stand_list(neph_object_list(at->cloud, "holiday", &options)),
                        "2026/ umlaut/ a b+c%d .0");
}

static void test_azure__reads_what_a_server_says_of_an_object(void **state)
{
    const neph_object *object;
    neph_call *call;
    stand *at = *state;
    open_recorded(at, "head");
    call = neph_object_head(at->cloud, "holiday", "2026/sun.jpg");
    assert_int_equal(stand_run(call), 0);
    object = (const neph_object *)neph_call_result(call);
    assert_int_equal(object->size_bytes, 6);
    assert_string_equal(object->checksum, "md5:b1946ac92492d2347c6235b4d2611184");
    assert_int_equal(object->metadata_count, 1);
    assert_string_equal(object->metadata[0].name, "color");
    assert_string_equal(object->metadata[0].value, "blue");
    neph_call_free(call);
}

static void test_azure__reads_the_refusals_of_a_server(void **state)
{
    stand *at = *state;
    neph_call *call;
    open_recorded(at, "missing-bucket");
    call = neph_object_list(at->cloud, "no-such-holiday", NULL);
    assert_int_equal(stand_run(call), NEPH_NOT_FOUND);
    assert_string_equal(neph_call_error(call)->code, "ContainerNotFound");
    assert_string_equal(neph_call_error(call)->message, "The specified container does not exist.");
    neph_call_free(call);
}

static void test_azure__reads_the_copy_and_the_full_bucket_of_a_server(void **state)
{
    stand *at = *state;
    open_recorded(at, "copy");
    assert_int_equal(
        run_free(neph_object_copy(at->cloud, "holiday", "2026/sun.jpg", "holiday", "copy")), 0);
    neph_cloud_close(at->cloud);
    neph_host_free(at->host);
    at->host = NULL;
    open_recorded(at, "not-empty");
    assert_int_equal(run_free(neph_bucket_delete(at->cloud, "holiday")), NEPH_CONFLICT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAND_TEST(test_azure__finds_the_account_in_what_is_given),
        STAND_TEST(test_azure__refuses_what_opens_no_account),
        STAND_TEST(test_azure__signs_with_the_key_or_not_at_all),
        STAND_TEST(test_azure__puts_what_it_was_told),
        STAND_TEST(test_azure__refuses_what_the_service_would_change),
        STAND_TEST(test_azure__looks_at_the_size_before_a_range_from_the_end),
        STAND_TEST(test_azure__reads_listings_to_their_end),
        STAND_TEST(test_azure__skips_to_where_a_listing_shall_begin),
        STAND_TEST(test_azure__deletes_no_bucket_that_holds_something),
        STAND_TEST(test_azure__waits_while_a_bucket_is_being_deleted),
        STAND_TEST(test_azure__gives_up_on_a_bucket_when_its_time_is_over),
        STAND_TEST(test_azure__knows_what_errors_mean),
        STAND_TEST(test_azure__learns_the_clock_from_a_refusal),
        STAND_TEST(test_azure__says_that_a_token_has_expired),
        STAND_TEST(test_azure__says_what_to_do),
        STAND_TEST(test_azure__takes_no_web_page_for_an_answer),
        STAND_TEST(test_azure__waits_for_a_copy),
        STAND_TEST(test_azure__says_what_became_of_a_copy),
        STAND_TEST(test_azure__types_a_copy_when_it_is_there),
        STAND_TEST(test_azure__types_nothing_but_its_copy),
        STAND_TEST(test_azure__tells_its_own_parts_in_order),
        STAND_TEST(test_azure__makes_an_object_of_blocks),
        STAND_TEST(test_azure__aborts_without_touching_anything_else),
        STAND_TEST(test_azure__reads_the_listing_of_a_server),
        STAND_TEST(test_azure__reads_the_prefixes_of_a_server),
        STAND_TEST(test_azure__reads_what_a_server_says_of_an_object),
        STAND_TEST(test_azure__reads_the_refusals_of_a_server),
        STAND_TEST(test_azure__reads_the_copy_and_the_full_bucket_of_a_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
