/*
 * Secrets planted in settings, arguments, logins, replies and captures: looked for, with their encodings, in everything
 * that is traced, logged, recorded and said in errors.
 */
#include "tests/engine/stand.h"

#include "core/text.h"

#include <dirent.h>

#define ARGUMENT "p@ss w&rd/\"x\"<y>"
#define TOKEN "tok/en+1=very-secret"
#define ADMIN "adm1n+P4ss/w0rd"
#define KEY "pr1vate-k3y+mat/erial"
#define SESSION "sess10n-h4ndle/+="

/* Does the text hold the secret in any spelling that a reader could undo? */
static int holds(const char *text, size_t size, const char *secret)
{
    char forms[4][512];
    size_t length = strlen(secret), raw = 0;
    memcpy(forms[0], secret, length + 1);
    forms[1][nephi_percent_encode(forms[1], secret, length, 0)] = 0;
    nephi_base64_encode(forms[2], (const unsigned char *)secret, length);
    forms[2][length / 3 * 4] = 0; /* what does not depend on what follows */
    nephi_hex(forms[3], (const unsigned char *)secret, length);
    for (; raw < 4; raw++)
        if (memmem(text, size, forms[raw], strlen(forms[raw])))
            return 1;
    return 0;
}

static const char *const planted[] = {MILL_SECRET, STAND_PASSWORD, ARGUMENT, TOKEN, ADMIN,
                                      KEY,         SESSION};

static void check_clean(const char *what, const char *text, size_t size)
{
    for (size_t i = 0; i < sizeof planted / sizeof *planted; i++)
        if (text && holds(text, size, planted[i]))
            fail_msg("%s shows %s", what, planted[i]);
}

static void check_recordings(stand *s, const char *dir_path, int count)
{
    DIR *dir = opendir(dir_path);
    struct dirent *entry;
    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        char path[512];
        static char data[1 << 20];
        FILE *file;
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", dir_path, entry->d_name);
        file = fopen(path, "r");
        assert_non_null(file);
        check_clean(entry->d_name, data, fread(data, 1, sizeof data, file));
        fclose(file);
        remove(path);
        count--;
    }
    closedir(dir);
    assert_int_equal(count, 0);
    assert_int_equal(remove(dir_path), 0);
    (void)s;
}

static void run_mill(stand *s)
{
    static const mock_reply replies[] = {
        {.match = "create", .body = "x"},
        {.body = "<R><Node><Id>n1</Id><Password>" ADMIN "</Password><Key>" KEY
                 "</Key></Node><Session>" SESSION "</Session></R>"},
        {.status = 400,
         .body = "<Error><Code>No." MILL_SECRET "</Code><Message>the key " MILL_SECRET
                 " is wrong</Message><RequestId>" MILL_SECRET ".7</RequestId></Error>"}};
    neph_node_options options = NEPH_NODE_OPTIONS_INIT;
    const neph_node *node;
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    options.name = options.image_id = options.size_id = "web";
    options.password = ARGUMENT;
    call = neph_node_create(s->cloud, &options);
    assert_int_equal(neph_call_error(call)->status, 0);
    assert_int_equal(stand_run(call), 0);
    node = (const neph_node *)neph_call_result(call);
    assert_string_equal(node->password, ADMIN);
    assert_string_equal(node->result.extra[0].value, KEY);
    neph_call_free(call);
    call = neph_bucket_list(s->cloud, NULL);
    assert_int_equal(stand_run(call), NEPH_INVALID);
    assert_string_equal(neph_call_error(call)->message, "the key [redacted] is wrong");
    assert_string_equal(neph_call_error(call)->code, "No.[redacted]");
    assert_string_equal(neph_call_error(call)->request_id, "[redacted].7");
    neph_call_free(call);
}

static void run_probe(stand *s)
{
    static const mock_reply replies[] = {
        {.match = "/v3",
         .headers = "X-Subject-Token: " TOKEN "\nX-Echo: " STAND_PASSWORD "\n",
         .body = "{\"token\":{},\"echo\":\"" TOKEN "\"}"},
        {.status = 401, .body = "{\"code\":\"No\",\"message\":\"not " TOKEN "\"}"},
        {.match = "/v3",
         .status = 400,
         .body = "{\"code\":\"No\",\"message\":\"wrong: " STAND_PASSWORD "\"}"}};
    neph_call *call;
    neph_cloud_close(s->cloud);
    stand_open(s, "probe");
    MOCK_SCRIPT(&s->mock, replies);
    call = neph_image_list(s->cloud, NULL);
    assert_int_equal(stand_run(call), NEPH_INVALID);
    assert_string_equal(neph_call_error(call)->message, "wrong: [redacted]");
    neph_call_free(call);
}

static void test_engine__no_secret_is_traced_or_logged(void **state)
{
    stand *s = *state;
    s->allocator.secret = NULL;
    run_mill(s);
    run_probe(s);
    assert_non_null(strstr(s->seen, "[redacted]"));
    assert_non_null(strstr(s->seen, "POST http://mill.test:8080/"));
    assert_non_null(strstr(s->seen, "name=web"));
    assert_non_null(strstr(s->seen, "<Id>n1</Id>"));
    check_clean("the trace", s->seen, s->seen_size);
}

static void test_engine__no_secret_is_recorded(void **state)
{
    stand *s = *state;
    char path[128];
    snprintf(path, sizeof path, "%s", stand_path(s, "tapes"));
    s->config.record_dir = path;
    s->allocator.secret = NULL;
    run_mill(s);
    run_probe(s);
    neph_cloud_close(s->cloud);
    s->cloud = NULL;
    neph_host_free(s->host);
    s->host = NULL;
    check_recordings(s, path, 5);
}

static void test_engine__half_a_secret_at_the_end_of_a_long_body_is_not_traced(void **state)
{
    stand *s = *state;
    char *body = malloc(70001);
    mock_reply reply = {.body = body};
    assert_non_null(body);
    for (size_t cut = 4; cut < strlen(MILL_SECRET); cut += 5) {
        memset(body, ' ', 70000);
        memcpy(body, "<R>", 3);
        memcpy(body + 65536 - cut, MILL_SECRET, strlen(MILL_SECRET));
        memcpy(body + 69990, "</R>", sizeof "</R>");
        if (!s->host)
            stand_open(s, "mill");
        mock_script(&s->mock, &reply, 1);
        assert_string_equal(stand_list(neph_bucket_list(s->cloud, NULL)), ".0");
        assert_null(strstr(s->seen, "hunt"));
    }
    free(body);
}

static void test_engine__a_secret_that_another_cloud_still_has_stays_secret(void **state)
{
    static const mock_reply replies[] = {{.stays = 1}};
    const neph_setting_value good[] = {{"endpoint", "http://mill.test"},
                                       {"secret_key", MILL_SECRET}};
    const neph_setting_value bad[] = {{"endpoint", "no url"}, {"secret_key", MILL_SECRET}};
    stand *s = *state;
    neph_cloud *second;
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    assert_int_equal(neph_cloud_open(s->host, "mill", good, 2, &second), 0);
    neph_cloud_close(second);
    assert_int_equal(neph_cloud_open(s->host, "mill", bad, 2, &second), NEPH_INVALID);
    call = neph_bucket_create(s->cloud, "b");
    assert_int_equal(stand_run(call), 0);
    neph_call_free(call);
    assert_non_null(strstr(s->seen, "X-Key: [redacted]"));
    check_clean("the trace", s->seen, s->seen_size);
}

static void create_quietly(stand *s)
{
    static const mock_reply replies[] = {{.body = "<R><Node><Id>n1</Id></Node></R>"}};
    neph_node_options options = NEPH_NODE_OPTIONS_INIT;
    neph_call *call;
    stand_open(s, "mill");
    MOCK_SCRIPT(&s->mock, replies);
    options.name = options.image_id = options.size_id = "web";
    options.password = ARGUMENT;
    call = neph_node_create(s->cloud, &options);
    assert_int_equal(stand_run(call), 0);
    neph_call_free(call);
}

static void list_quietly(stand *s)
{
    static const mock_reply replies[] = {
        {.match = "/v3", .headers = "X-Subject-Token: " TOKEN "\n", .body = "{}"},
        {.body = "{\"images\":[]}"}};
    stand_open(s, "probe");
    MOCK_SCRIPT(&s->mock, replies);
    assert_string_equal(stand_list(neph_image_list(s->cloud, NULL)), ".0");
    assert_string_equal(mock_header(&s->mock, 1, "X-Auth-Token"), TOKEN);
}

/* The stand's teardown asserts that no block given back held the secret. */
static void test_engine__secrets_are_wiped_from_memory(void **state)
{
    static const struct {
        const char *secret;
        void (*run)(stand *s);
    } rows[] = {{MILL_SECRET, create_quietly},
                {"p%40ss%20w%26rd", create_quietly},
                {ARGUMENT, create_quietly},
                {STAND_PASSWORD, list_quietly},
                {TOKEN, list_quietly}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (int is_traced = 0; is_traced < 2; is_traced++) {
            stand *s;
            assert_int_equal(stand_setup(state), 0);
            s = *state;
            s->config.trace = is_traced ? s->config.trace : NULL;
            s->allocator.secret = rows[i].secret;
            rows[i].run(s);
            assert_int_equal(stand_teardown(state), 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAND_TEST(test_engine__no_secret_is_traced_or_logged),
        STAND_TEST(test_engine__no_secret_is_recorded),
        STAND_TEST(test_engine__half_a_secret_at_the_end_of_a_long_body_is_not_traced),
        STAND_TEST(test_engine__a_secret_that_another_cloud_still_has_stays_secret),
        cmocka_unit_test(test_engine__secrets_are_wiped_from_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
