/*
 * Keys that expire: their command is run again in time, what it gave before is wiped but not shown meanwhile, and what
 * happens when it fails.
 */
#include "tests/engine/stand.h"

#include "core/text.h"

#include <sys/stat.h>

#define SECOND NEPH_NANO
#define MINUTE (60 * SECOND)
#define OLD_SECRET "old-secret-of-the-process"
#define NEW_SECRET "new-secret-of-the-process"

/* ---- a provider that shows its keys */

static const neph_origin key_origins[] = {{NEPH_FROM_AWS_PROFILE, 0, "aws_access_key_id"}};
static const neph_origin secret_origins[] = {{NEPH_FROM_AWS_PROFILE, 0, "aws_secret_access_key"}};
static const neph_origin token_origins[] = {{NEPH_FROM_AWS_PROFILE, 0, "aws_session_token"}};

static const neph_setting settings[] = {
    {.name = "key",
     .summary = "key",
     .type = NEPH_TYPE_STRING,
     .flags = NEPH_SETTING_REQUIRED | NEPH_SETTING_GROUP,
     NEPH_ORIGINS(key_origins)},
    {.name = "secret",
     .summary = "secret",
     .type = NEPH_TYPE_STRING,
     .flags = NEPH_SETTING_REQUIRED | NEPH_SETTING_SECRET | NEPH_SETTING_GROUP,
     NEPH_ORIGINS(secret_origins)},
    {.name = "token",
     .summary = "token",
     .type = NEPH_TYPE_STRING,
     .flags = NEPH_SETTING_SECRET | NEPH_SETTING_GROUP,
     NEPH_ORIGINS(token_origins)},
    {.name = "profile", .summary = "profile", .type = NEPH_TYPE_STRING},
    {.name = "endpoint",
     .summary = "URL",
     .type = NEPH_TYPE_STRING,
     .flags = NEPH_SETTING_ENDPOINT},
};

static int32_t keyed_sign(neph_call *call, neph_request *request, int64_t now_ns)
{
    const neph_cloud *cloud = neph_cloud_of(call);
    const char *token = neph_setting_string(cloud, "token");
    char text[200];
    (void)now_ns;
    snprintf(text, sizeof text, "%s/%s/%s", neph_setting_string(cloud, "key"),
             neph_setting_string(cloud, "secret"), token ? token : "");
    return neph_request_header(request, "X-Keys", text);
}

static const neph_field bucket_fields[] = {{"Name", .member = NEPH_BUCKET_NAME}};
static const neph_rule bucket_rules[] = {
    {.path = "Bucket", NEPH_FIELDS(bucket_fields), .kind = NEPH_KIND_BUCKET}};
static const neph_reply bucket_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, bucket_rules);
static const neph_reply *const bucket_replies[] = {&bucket_reply};
static const neph_action actions[] = {
    {.op = NEPH_OP_BUCKET_LIST, .traits = NEPH_SAFE, .path = "/", NEPH_REPLIES(bucket_replies)}};
static const neph_provider provider = {.size = sizeof(neph_provider),
                                       .id = "keyed",
                                       .title = "Keyed, for tests",
                                       NEPH_SETTINGS(settings),
                                       NEPH_ACTIONS(actions),
                                       .sign = keyed_sign};
static const neph_provider *const providers[] = {&provider};
static const neph_plugin plugin = {{'N', 'E', 'P', 'H', 'P', 'L', 'U', 'G'},
                                   sizeof(neph_plugin),
                                   NEPH_ABI_MAJOR,
                                   NEPH_ABI_MINOR,
                                   NEPH_ABI_MINOR,
                                   "keyed",
                                   "1",
                                   NULL,
                                   providers,
                                   1,
                                   0};

/* ---- its command: prints the file "answer", if it can, and counts */

static void file_write(stand *s, const char *name, const char *text, mode_t mode)
{
    FILE *file = fopen(stand_path(s, name), "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(stand_path(s, name), mode), 0);
}

/* What the command will say; life_ns: 0: nothing of when they expire. */
static void answer(stand *s, const char *secret, const char *token, int64_t life_ns)
{
    char text[400], until[40] = "", expiration[80] = "";
    if (life_ns) {
        nephi_write_time(until, sizeof until, s->now_ns + life_ns);
        snprintf(expiration, sizeof expiration, ", \"Expiration\": \"%s\"", until);
    }
    snprintf(text, sizeof text,
             "{\"Version\": 1, \"AccessKeyId\": \"K\", \"SecretAccessKey\": \"%s\"%s%s%s%s}",
             secret, token ? ", \"SessionToken\": \"" : "", token ? token : "", token ? "\"" : "",
             expiration);
    file_write(s, "answer", text, 0600);
}

static int runs(stand *s)
{
    struct stat info;
    return stat(stand_path(s, "runs"), &info) ? 0 : (int)info.st_size;
}

static void keyed_open(stand *s)
{
    const neph_setting_value given[] = {{"endpoint", "http://keyed.test"}};
    char text[400];
    s->config.sources = NEPH_SOURCE_ENVIRONMENT | NEPH_SOURCE_FILES | NEPH_SOURCE_COMMANDS;
    s->allocator.secret = OLD_SECRET;
    snprintf(text, sizeof text, "#!/bin/sh\nprintf x >>'%s/runs'\ncat '%s/answer'\n", s->dir,
             s->dir);
    file_write(s, "tool", text, 0700);
    snprintf(text, sizeof text, "[default]\ncredential_process = %s/tool\n", s->dir);
    file_write(s, "config", text, 0600);
    setenv("AWS_CONFIG_FILE", stand_path(s, "config"), 1);
    setenv("AWS_SHARED_CREDENTIALS_FILE", stand_path(s, "none"), 1);
    mock_use(&s->mock);
    assert_int_equal(neph_host_new(&s->config, &s->host), 0);
    assert_int_equal(neph_host_register(s->host, &plugin), 0);
    if (neph_cloud_open(s->host, "keyed", given, 1, &s->cloud))
        fail_msg("%s", neph_host_error(s->host)->message);
}

/* One request; what it was signed with, or why there was none. */
static const char *keys_seen(stand *s)
{
    static const mock_reply replies[] = {{.body = "<R/>", .stays = 1}};
    static char text[512];
    neph_call *call = neph_bucket_list(s->cloud, NULL);
    size_t count = s->mock.request_count;
    MOCK_SCRIPT(&s->mock, replies);
    if (stand_run(call))
        snprintf(text, sizeof text, "%d %s", neph_call_error(call)->status,
                 neph_call_error(call)->message);
    else
        snprintf(text, sizeof text, "%s", mock_header(&s->mock, count, "X-Keys"));
    neph_call_free(call);
    return text;
}

/* ---- tests */

static void test_renewal__keys_are_renewed_five_minutes_before_they_expire(void **state)
{
    stand *s = *state;
    answer(s, OLD_SECRET, "token-1", 60 * MINUTE);
    keyed_open(s);
    answer(s, NEW_SECRET, NULL, 120 * MINUTE);
    assert_string_equal(keys_seen(s), "K/" OLD_SECRET "/token-1");
    s->now_ns += 55 * MINUTE - SECOND;
    assert_string_equal(keys_seen(s), "K/" OLD_SECRET "/token-1");
    assert_int_equal(runs(s), 1);
    s->now_ns += SECOND;
    assert_string_equal(keys_seen(s), "K/" NEW_SECRET "/");
    assert_string_equal(keys_seen(s), "K/" NEW_SECRET "/");
    assert_int_equal(runs(s), 2);
    assert_int_equal(s->allocator.leaked, 0);
    assert_non_null(strstr(s->seen, "keyed: credential_process of profile default: renewed, good "
                                    "until 2026-01-01T02:00:00Z"));
    assert_null(strstr(s->seen, OLD_SECRET));
    assert_null(strstr(s->seen, NEW_SECRET));
}

static void test_renewal__keys_that_do_not_expire_are_left_alone(void **state)
{
    stand *s = *state;
    answer(s, OLD_SECRET, NULL, 0);
    keyed_open(s);
    s->now_ns += 1000000 * MINUTE;
    assert_string_equal(keys_seen(s), "K/" OLD_SECRET "/");
    assert_int_equal(runs(s), 1);
}

static void test_renewal__a_failure_is_logged_while_the_keys_are_good(void **state)
{
    stand *s = *state;
    answer(s, OLD_SECRET, NULL, 60 * MINUTE);
    keyed_open(s);
    file_write(s, "answer", "no JSON " OLD_SECRET, 0600);
    s->now_ns += 58 * MINUTE;
    assert_string_equal(keys_seen(s), "K/" OLD_SECRET "/");
    assert_non_null(strstr(s->seen, "could not be renewed, and expires in 120 s: the answer of "
                                    "credential_process is no JSON"));
    assert_string_equal(keys_seen(s), "K/" OLD_SECRET "/");
    assert_int_equal(runs(s), 2); /* not at each request */
    s->now_ns += 10 * SECOND;
    assert_string_equal(keys_seen(s), "K/" OLD_SECRET "/");
    assert_int_equal(runs(s), 3);
    answer(s, NEW_SECRET, NULL, 60 * MINUTE);
    s->now_ns += 10 * SECOND;
    assert_string_equal(keys_seen(s), "K/" NEW_SECRET "/");
    assert_null(strstr(s->seen, OLD_SECRET));
}

static void test_renewal__keys_that_have_expired_are_not_used(void **state)
{
    stand *s = *state;
    answer(s, OLD_SECRET, NULL, 60 * MINUTE);
    keyed_open(s);
    s->now_ns += 60 * MINUTE;
    assert_string_equal(
        keys_seen(s), "-2 the keys from credential_process of profile default have expired, and "
                      "it gave no new ones: credential_process gave credentials that have expired");
    assert_string_equal(keys_seen(s),
                        "-2 the keys from credential_process of profile default have expired, and "
                        "it gave no new ones: it was asked a moment ago");
    assert_int_equal(s->mock.request_count, 0);
    assert_int_equal(runs(s), 2);
    answer(s, NEW_SECRET, NULL, 60 * MINUTE);
    s->now_ns += 10 * SECOND;
    assert_string_equal(keys_seen(s), "K/" NEW_SECRET "/");
}

static void test_renewal__short_lives_do_not_run_the_command_each_time(void **state)
{
    stand *s = *state;
    answer(s, OLD_SECRET, NULL, 3 * MINUTE);
    keyed_open(s);
    for (int i = 0; i < 5; i++)
        assert_string_equal(keys_seen(s), "K/" OLD_SECRET "/");
    assert_int_equal(runs(s), 2);
}

/* What is under way may still show the old keys: they are scrubbed until it ends. */
static void test_renewal__old_keys_stay_secret_while_they_are_under_way(void **state)
{
    static const mock_reply replies[] = {
        {.match = "/",
         .status = 400,
         .body = "<Error><Message>" OLD_SECRET " is old</Message></Error>"},
        {.body = "<R/>", .stays = 1}};
    stand *s = *state;
    neph_call *first, *second;
    answer(s, OLD_SECRET, NULL, 60 * MINUTE);
    keyed_open(s);
    answer(s, NEW_SECRET, NULL, 120 * MINUTE);
    MOCK_SCRIPT(&s->mock, replies);
    s->mock.held = "keyed";
    first = neph_bucket_list(s->cloud, NULL);
    stand_until_sent(s, 1);
    s->now_ns += 56 * MINUTE;
    second = neph_bucket_list(s->cloud, NULL);
    stand_until_sent(s, 2);
    assert_string_equal(mock_header(&s->mock, 1, "X-Keys"), "K/" NEW_SECRET "/");
    s->mock.held = NULL;
    assert_int_equal(stand_run(first), NEPH_INVALID);
    assert_int_equal(stand_run(second), 0);
    neph_call_free(first);
    neph_call_free(second);
    assert_non_null(strstr(s->seen, "[redacted] is old"));
    assert_null(strstr(s->seen, OLD_SECRET));
    assert_int_equal(s->allocator.leaked, 0);
}

static void test_renewal__survives_every_failed_allocation(void **state)
{
    stand *s = *state;
    int n, is_new = 0;
    answer(s, OLD_SECRET, "token-1", 60 * MINUTE);
    keyed_open(s);
    assert_string_equal(keys_seen(s), "K/" OLD_SECRET "/token-1");
    answer(s, NEW_SECRET, "token-2", 120 * MINUTE);
    s->now_ns += 56 * MINUTE;
    for (n = 1; !is_new && n < 2000; n++) {
        const char *seen;
        s->now_ns += 10 * SECOND;
        if (s->now_ns > STAND_NOW + 59 * MINUTE)
            s->now_ns = STAND_NOW + 56 * MINUTE;
        s->allocator.calls = 0;
        s->allocator.fail_at = n;
        seen = keys_seen(s);
        s->allocator.fail_at = 0;
        is_new = strcmp(seen, "K/" NEW_SECRET "/token-2") == 0;
        if (!is_new && strcmp(seen, "K/" OLD_SECRET "/token-1") != 0 &&
            !strstr(seen, "out of memory"))
            fail_msg("allocation %d: %s", n, seen);
    }
    assert_true(is_new);
    assert_in_range(n, 10, 1999);
    assert_int_equal(s->allocator.leaked, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAND_TEST(test_renewal__keys_are_renewed_five_minutes_before_they_expire),
        STAND_TEST(test_renewal__keys_that_do_not_expire_are_left_alone),
        STAND_TEST(test_renewal__a_failure_is_logged_while_the_keys_are_good),
        STAND_TEST(test_renewal__keys_that_have_expired_are_not_used),
        STAND_TEST(test_renewal__short_lives_do_not_run_the_command_each_time),
        STAND_TEST(test_renewal__old_keys_stay_secret_while_they_are_under_way),
        STAND_TEST(test_renewal__survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
