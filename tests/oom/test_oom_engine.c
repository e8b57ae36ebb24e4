/*
 * Calls without memory: each allocation of each way through the engine fails, once alone and once with all behind it. A
 * call must then succeed all the same or end with NEPH_NO_MEMORY, and leave nothing behind.
 */
#include "tests/engine/stand.h"

#include "core/host.h"

#define ALLOCATIONS_MAX 20000

/* Makes, runs and frees its calls; returns the status. */
typedef int (*way_fn)(stand *s);

static int end(neph_call *call)
{
    int rc;
    while (neph_next(call))
        ;
    rc = neph_wait(call);
    neph_call_free(call);
    return rc;
}

static int list(stand *s)
{
    static const mock_reply replies[] = {
        {.body = "<R><Buckets><Bucket><Name>a</Name><Created>2026-01-01T00:00:00Z</Created>"
                 "</Bucket><Bucket><Name>b</Name></Bucket></Buckets><NextMarker>m</NextMarker>"
                 "</R>"},
        {.body = "<R><Buckets><Bucket><Name>c</Name></Bucket></Buckets></R>"}};
    MOCK_SCRIPT(&s->mock, replies);
    return end(neph_bucket_list(s->cloud, NULL));
}

static int list_in_order(stand *s)
{
    static const char page[] = "<R><Contents><Key>a</Key></Contents><CommonPrefixes><Prefix>b/"
                               "</Prefix></CommonPrefixes><NextToken>t</NextToken></R>";
    static const mock_reply replies[] = {{.body = page},
                                         {.body = "<R><Contents><Key>c</Key></Contents></R>"}};
    neph_list_options options = NEPH_LIST_OPTIONS_INIT;
    MOCK_SCRIPT(&s->mock, replies);
    options.limit = 10;
    options.prefix = "p";
    return end(neph_object_list(s->cloud, "b", &options));
}

static int get_memory(stand *s)
{
    static const mock_reply replies[] = {{.headers = "ETag: \"e\"\n", .body = "hello, world"}};
    neph_sink sink = NEPH_SINK_INIT;
    MOCK_SCRIPT(&s->mock, replies);
    sink.to = NEPH_BODY_MEMORY;
    s->mock.piece = 4;
    return end(neph_object_get(s->cloud, "b", "k", &sink, NULL));
}

static int get_file(stand *s)
{
    static const mock_reply replies[] = {{.status = 302, .headers = "Location: /b/other\n"},
                                         {.headers = "ETag: \"e\"\n", .body = "hello, world"}};
    neph_sink sink = NEPH_SINK_INIT;
    char path[128];
    int rc;
    MOCK_SCRIPT(&s->mock, replies);
    snprintf(path, sizeof path, "%s", stand_path(s, "out"));
    sink.to = NEPH_BODY_FILE;
    sink.path = path;
    rc = end(neph_object_get(s->cloud, "b", "k", &sink, NULL));
    assert_int_equal(stand_files(s), rc ? 0 : 1);
    return rc;
}

static int put_hashed(stand *s)
{
    static const mock_reply replies[] = {{.headers = "ETag: \"e\"\n"}};
    neph_source source = NEPH_SOURCE_INIT;
    MOCK_SCRIPT(&s->mock, replies);
    mill.is_hashed = 1;
    source.from = NEPH_BODY_MEMORY;
    source.data = "body";
    source.data_size = 4;
    return end(neph_object_put(s->cloud, "b", "k", &source, NULL));
}

static int put_checked(stand *s)
{
    static const mock_reply replies[] = {
        {.status = 302, .headers = "Location: /b/other\n"},
        {.headers = "ETag: \"e\"\nX-Checksum: sha1:02083f4579e08a612425c0c1a17ee47add783b94\n"}};
    neph_put_options options = NEPH_PUT_OPTIONS_INIT;
    neph_source source = NEPH_SOURCE_INIT;
    MOCK_SCRIPT(&s->mock, replies);
    mill.is_trailed = 1;
    source.from = NEPH_BODY_MEMORY;
    source.data = "body";
    source.data_size = 4;
    options.checksum = "sha1";
    return end(neph_object_put(s->cloud, "b", "k", &source, &options));
}

static int get_checked(stand *s)
{
    static const mock_reply replies[] = {
        {.headers = "ETag: \"e\"\nX-Checksum: crc32c:e3069283\n", .body = "123456789"}};
    neph_get_options options = NEPH_GET_OPTIONS_INIT;
    neph_sink sink = NEPH_SINK_INIT;
    MOCK_SCRIPT(&s->mock, replies);
    sink.to = NEPH_BODY_MEMORY;
    options.checksum = "crc32c";
    return end(neph_object_get(s->cloud, "b", "k", &sink, &options));
}

/* So slow that it waits for the timer. */
static int put_slowly(stand *s)
{
    static const mock_reply replies[] = {{.headers = "ETag: \"e\"\n"}};
    neph_source source = NEPH_SOURCE_INIT;
    MOCK_SCRIPT(&s->mock, replies);
    nephi_rate_init(&s->host->rate, 2000, nephi_loop_now_ms());
    nephi_rate_spend(&s->host->rate, 200);
    source.from = NEPH_BODY_MEMORY;
    source.data = "body";
    source.data_size = 4;
    return end(neph_object_put(s->cloud, "b", "k", &source, NULL));
}

static int64_t give(void *data, size_t size, void *user)
{
    int *left = user;
    memset(data, 'x', size);
    return (*left)-- > 0 ? 100 : 0;
}

static int put_spooled(stand *s)
{
    static const mock_reply replies[] = {{.headers = "ETag: \"e\"\n"}};
    neph_source source = NEPH_SOURCE_INIT;
    int left = 3;
    MOCK_SCRIPT(&s->mock, replies);
    source.from = NEPH_BODY_CALLBACK;
    source.read = give;
    source.user = &left;
    return end(neph_object_put(s->cloud, "b", "k", &source, NULL));
}

static int post_digested(stand *s)
{
    static const mock_reply replies[] = {{0}};
    MOCK_SCRIPT(&s->mock, replies);
    return end(neph_object_delete(s->cloud, "b", "k"));
}

static int one_by_one(stand *s)
{
    static const mock_reply replies[] = {
        {.match = "?delete", .status = 404},
        {.match = "?delete", .status = 418},
        {.match = "?delete", .stays = 1},
        {.body = "<R><Contents><Key>a</Key></Contents></R>"},
    };
    static const char *const keys[] = {"a", "b", "c"};
    MOCK_SCRIPT(&s->mock, replies);
    return end(neph_object_delete_many(s->cloud, "b", keys, NEPH_COUNT(keys)));
}

static int presign(stand *s)
{
    return end(neph_object_presign(s->cloud, "b", "k", "PUT", 60));
}

static int perform(stand *s)
{
    mill.node_count = 5;
    return end(neph_node_list(s->cloud, NULL));
}

static int secrets(stand *s)
{
    static const mock_reply replies[] = {
        {.body = "<R><Node><Id>n1</Id><Password>a-password</Password><Key>a-key</Key></Node>"
                 "<Session>a-session</Session></R>"}};
    neph_node_options options = NEPH_NODE_OPTIONS_INIT;
    MOCK_SCRIPT(&s->mock, replies);
    options.name = options.image_id = options.size_id = "n";
    options.password = "another password";
    return end(neph_node_create(s->cloud, &options));
}

static int frames(stand *s)
{
    static const mock_reply replies[] = {{0}};
    MOCK_SCRIPT(&s->mock, replies);
    return end(neph_node_reboot(s->cloud, "node", NULL));
}

/* The expected end is the cloud's error. */
static int refused(stand *s)
{
    static const mock_reply replies[] = {
        {.status = 400, .body = "<Error><Code>Moved</Code><Message>m</Message></Error>"},
        {.status = 404,
         .body = "<Error><Code>NoSuchBucket</Code><Message>no</Message>"
                 "<RequestId>r</RequestId></Error>"}};
    int rc;
    MOCK_SCRIPT(&s->mock, replies);
    rc = end(neph_bucket_create(s->cloud, "b"));
    return rc == NEPH_NOT_FOUND ? 0 : rc;
}

#define CATALOGUE                                                                                  \
    "{\"token\":{\"expires_at\":\"2026-01-02T00:00:00Z\",\"catalog\":[{\"type\":\"compute\","      \
    "\"endpoints\":[{\"url\":\"http://compute.probe.test/v2\",\"interface\":\"public\"}]},"        \
    "{\"endpoints\":[{\"url\":\"http://network.probe.test\"}],\"type\":\"network\"}]}}"

static int login_and_steps(stand *s)
{
    static const mock_reply replies[] = {
        {.match = "/v3", .headers = "X-Subject-Token: tok-1\n", .body = CATALOGUE},
        {.match = "/v3", .headers = "X-Subject-Token: tok-2\n", .body = CATALOGUE},
        {.match = "/ports", .status = 401},
        {.match = "/ports", .body = "{\"ports\":[{\"id\":\"p1\"}]}"},
        {.match = "/servers/s1", .body = "{\"id\":\"s1\",\"status\":\"BUILD\"}"},
        {.match = "/servers/s1",
         .body = "{\"id\":\"s1\",\"status\":\"ACTIVE\",\"addresses\":[{\"addr\":\"1.2.3.4\"}]}"},
        {.match = "/servers", .body = "{\"id\":\"s1\"}"}};
    neph_node_options options = NEPH_NODE_OPTIONS_INIT;
    MOCK_SCRIPT(&s->mock, replies);
    options.name = options.image_id = options.size_id = "n";
    return end(neph_node_create(s->cloud, &options));
}

static int pages_by_url(stand *s)
{
    static const mock_reply replies[] = {
        {.match = "/v3", .headers = "X-Subject-Token: tok-1\n", .body = "{}"},
        {.body = "{\"sizes\":[{\"id\":\"a\"}],\"links\":[{\"rel\":\"next\",\"href\":\"/2\"}]}"},
        {.body = "{\"sizes\":[{\"id\":\"b\"}]}"}};
    MOCK_SCRIPT(&s->mock, replies);
    return end(neph_size_list(s->cloud, NULL));
}

static int many_wait_for_a_login(stand *s)
{
    static const mock_reply replies[] = {
        {.match = "/v3", .headers = "X-Subject-Token: tok-1\n", .body = "{}", .stays = 1},
        {.body = "{\"images\":[]}", .stays = 1}};
    neph_call *calls[3];
    int rc, first = 0;
    MOCK_SCRIPT(&s->mock, replies);
    for (int i = 0; i < 3; i++)
        calls[i] = neph_image_list(s->cloud, NULL);
    for (int i = 0; i < 3; i++) {
        rc = end(calls[i]);
        first = first ? first : rc;
    }
    return first;
}

static int items(stand *s)
{
    static const mock_reply replies[] = {
        {.match = "/v3", .headers = "X-Subject-Token: tok-1\n", .body = "{}"},
        {.body = "{\"failed\":[{\"key\":\"b\",\"code\":\"Gone\",\"message\":\"m\"}]}"}};
    MOCK_SCRIPT(&s->mock, replies);
    return end(neph_object_delete(s->cloud, "b", "k"));
}

static int digest_frames(stand *s)
{
    static const mock_reply replies[] = {
        {.match = "/v3", .headers = "X-Subject-Token: tok-1\n", .body = "{}"}, {0}};
    neph_source source = NEPH_SOURCE_INIT;
    MOCK_SCRIPT(&s->mock, replies);
    source.from = NEPH_BODY_MEMORY;
    source.data = "body";
    source.data_size = 4;
    return end(neph_object_put(s->cloud, "b", "k", &source, NULL));
}

static int filters(stand *s)
{
    static const mock_reply replies[] = {
        {.body = "{\"nodes\":[{\"id\":\"i-1\",\"name\":\"web\",\"state\":\"running\","
                 "\"tags\":{\"web\":\"\"}},{\"id\":\"i-2\"}]}"}};
    static const neph_pair tags[] = {{"web", "*"}};
    static const char *const ids[] = {"i-1"};
    neph_list_options options = NEPH_LIST_OPTIONS_INIT;
    MOCK_SCRIPT(&s->mock, replies);
    options.ids = ids;
    options.id_count = options.tag_count = 1;
    options.name = "w*";
    options.tags = tags;
    options.state = "running";
    return end(neph_node_list(s->cloud, &options));
}

static int wait_and_settle(stand *s)
{
    static const mock_reply replies[] = {
        {.body = "{\"id\":\"i-1\",\"state\":\"pending\",\"password\":\"a-password\"}"},
        {.match = "/nodes/i-1", .status = 404},
        {.match = "/nodes/i-1", .body = "{\"id\":\"i-1\",\"state\":\"running\"}"},
        {.match = "/nodes/i-1", .status = 404},
        {.match = "/nodes/i-1", .body = "{\"id\":\"i-1\",\"state\":\"running\"}"}};
    neph_wait_options wait = NEPH_WAIT_OPTIONS_INIT;
    neph_node_options options = NEPH_NODE_OPTIONS_INIT;
    int rc;
    MOCK_SCRIPT(&s->mock, replies);
    wait.wait = 1;
    options.wait = &wait;
    options.name = options.image_id = options.size_id = "n";
    rc = end(neph_node_create(s->cloud, &options));
    return rc ? rc : end(neph_node_show(s->cloud, "i-1"));
}

static int detach(stand *s)
{
    static const mock_reply replies[] = {
        {0}, {.body = "{\"volumes\":[{\"id\":\"vol-1\",\"state\":\"available\"}]}"}};
    MOCK_SCRIPT(&s->mock, replies);
    return end(neph_volume_detach(s->cloud, "vol-1", 0, NULL));
}

static int find_by_tag(stand *s)
{
    static const mock_reply replies[] = {
        {.body = "{\"nodes\":[]}"},
        {.fail = MOCK_FAIL_SENT},
        {.body = "{\"nodes\":[{\"id\":\"i-1\",\"password\":\"a-password\","
                 "\"tags\":{\"neph-token\":\"t\"}}]}"}};
    neph_node_options options = NEPH_NODE_OPTIONS_INIT;
    MOCK_SCRIPT(&s->mock, replies);
    options.name = options.image_id = options.size_id = "n";
    options.token = "t";
    return end(neph_node_create(s->cloud, &options));
}

static int find_by_name(stand *s)
{
    static const mock_reply replies[] = {{.fail = MOCK_FAIL_SENT},
                                         {.body = "{\"keys\":[{\"name\":\"k\"}]}"}};
    MOCK_SCRIPT(&s->mock, replies);
    return end(neph_key_create(s->cloud, "k"));
}

static int rows_of_an_extension(stand *s)
{
    static const mock_reply replies[] = {
        {.match = "/v3", .headers = "X-Subject-Token: tok-1\n", .body = "{}"},
        {.body =
             "{\"quotes\":[{\"zone\":\"a\",\"price\":1,\"key\":\"an-offer\",\"rack\":\"r\"}]}"}};
    neph_call *call = neph_call_new(s->cloud, neph_cloud_extension(s->cloud, "quotes")->op);
    MOCK_SCRIPT(&s->mock, replies);
    (void)neph_call_set_parameter(call, "kind", "spot");
    (void)neph_call_set_parameter(call, "zone", "a");
    (void)neph_call_set_parameter(call, "zone", "b");
    (void)neph_call_set_parameter(call, "key", "a-market-key");
    (void)neph_call_start(call);
    return end(call);
}

/* ---- each with each allocation failing */

static int try_once(const char *provider, way_fn way, long n, int fails_once)
{
    void *state = NULL;
    stand *s;
    int rc;
    long calls;
    assert_int_equal(stand_setup(&state), 0);
    s = state;
    if (n % 3 == 0) /* not worth doing each time */
        s->config.trace = NULL;
    s->config.max_attempts = 1;
    stand_open(s, provider);
    s->allocator.calls = 0;
    s->allocator.fails_once = fails_once;
    s->allocator.fail_at = n;
    rc = way(s);
    calls = s->allocator.calls;
    s->allocator.fail_at = 0;
    if (rc && rc != NEPH_NO_MEMORY)
        fail_msg("allocation %ld failed, and the call said %d", n, rc);
    if (calls < n)
        assert_int_equal(rc, 0);
    assert_int_equal(stand_teardown(&state), 0);
    return calls < n;
}

static void try_all(const char *provider, way_fn way)
{
    for (int fails_once = 0; fails_once < 2; fails_once++) {
        long n = 1;
        while (n < ALLOCATIONS_MAX && !try_once(provider, way, n, fails_once))
            n++;
        assert_in_range(n, 2, ALLOCATIONS_MAX - 1);
    }
}

#define WAY(provider, way)                                                                         \
    static void test_oom_engine__##way(void **state)                                               \
    {                                                                                              \
        (void)state;                                                                               \
        try_all(provider, way);                                                                    \
    }

WAY("mill", list)
WAY("mill", list_in_order)
WAY("mill", get_memory)
WAY("mill", get_file)
WAY("mill", put_hashed)
WAY("mill", put_spooled)
WAY("mill", put_checked)
WAY("mill", put_slowly)
WAY("mill", get_checked)
WAY("mill", post_digested)
WAY("mill", one_by_one)
WAY("mill", presign)
WAY("mill", perform)
WAY("mill", secrets)
WAY("mill", frames)
WAY("mill", refused)
WAY("probe", login_and_steps)
WAY("probe", pages_by_url)
WAY("probe", many_wait_for_a_login)
WAY("probe", items)
WAY("probe", digest_frames)
WAY("fleet", filters)
WAY("fleet", wait_and_settle)
WAY("fleet", detach)
WAY("fleet", find_by_tag)
WAY("fleet", find_by_name)
WAY("probe", rows_of_an_extension)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_oom_engine__list),
        cmocka_unit_test(test_oom_engine__list_in_order),
        cmocka_unit_test(test_oom_engine__get_memory),
        cmocka_unit_test(test_oom_engine__get_file),
        cmocka_unit_test(test_oom_engine__put_hashed),
        cmocka_unit_test(test_oom_engine__put_spooled),
        cmocka_unit_test(test_oom_engine__put_checked),
        cmocka_unit_test(test_oom_engine__put_slowly),
        cmocka_unit_test(test_oom_engine__get_checked),
        cmocka_unit_test(test_oom_engine__post_digested),
        cmocka_unit_test(test_oom_engine__one_by_one),
        cmocka_unit_test(test_oom_engine__presign),
        cmocka_unit_test(test_oom_engine__perform),
        cmocka_unit_test(test_oom_engine__secrets),
        cmocka_unit_test(test_oom_engine__frames),
        cmocka_unit_test(test_oom_engine__refused),
        cmocka_unit_test(test_oom_engine__login_and_steps),
        cmocka_unit_test(test_oom_engine__pages_by_url),
        cmocka_unit_test(test_oom_engine__many_wait_for_a_login),
        cmocka_unit_test(test_oom_engine__items),
        cmocka_unit_test(test_oom_engine__digest_frames),
        cmocka_unit_test(test_oom_engine__filters),
        cmocka_unit_test(test_oom_engine__wait_and_settle),
        cmocka_unit_test(test_oom_engine__detach),
        cmocka_unit_test(test_oom_engine__find_by_tag),
        cmocka_unit_test(test_oom_engine__find_by_name),
        cmocka_unit_test(test_oom_engine__rows_of_an_extension),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
