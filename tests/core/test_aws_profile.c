/*
 * The AWS files: sections, keys, comments, nested keys; the words of a credential_process, its answer and its failures.
 */
#include "core/aws_process.h"
#include "core/aws_profile.h"
#include "core/loop.h"
#include "core/process.h"
#include "tests/support/allocator.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- files */

static const char config[] = "\xef\xbb\xbf# comment\n"
                             "[default]\n"
                             "region = first\n"
                             "[profile dev]\r\n"
                             "region=eu-west-1 # here\r\n"
                             "Output = json\n"
                             "s3 =\n"
                             "  addressing_style = path\n"
                             "  max = 3\n"
                             "empty =\n"
                             "url = http://h/#frag;x\n"
                             "credential_process = \"/opt/a b\" x=1\n"
                             "   continued line\n"
                             "[ profile  \"two words\" ] ; comment\n"
                             "region = quoted\n"
                             "[services dev]\n"
                             "region = wrong\n"
                             "[profile dev]\n"
                             "late = yes\n"
                             "[dev]\n"
                             "region = also wrong\n";

static const char credentials[] =
    "[default]\naws_access_key_id = AK\naws_secret_access_key = a/b+c=\n"
    "[profile dev]\nregion = no\n[dev]\nregion = yes\nREGION = twice";

static void test_aws_profile__finds_keys(void **state)
{
    static const struct {
        int which;
        const char *profile, *key, *value; /* value NULL: there is none */
        int found;
    } rows[] = {
        {NEPHI_AWS_CONFIG, "default", "region", "first", NEPHI_AWS_FOUND},
        {NEPHI_AWS_CONFIG, "dev", "region", "eu-west-1", NEPHI_AWS_FOUND},
        {NEPHI_AWS_CONFIG, "dev", "output", "json", NEPHI_AWS_FOUND},
        {NEPHI_AWS_CONFIG, "dev", "s3.addressing_style", "path", NEPHI_AWS_FOUND},
        {NEPHI_AWS_CONFIG, "dev", "s3.max", "3", NEPHI_AWS_FOUND},
        {NEPHI_AWS_CONFIG, "dev", "max", NULL, NEPHI_AWS_NO_KEY},
        {NEPHI_AWS_CONFIG, "dev", "s3", NULL, NEPHI_AWS_NO_KEY},
        {NEPHI_AWS_CONFIG, "dev", "empty", NULL, NEPHI_AWS_NO_KEY},
        {NEPHI_AWS_CONFIG, "dev", "url", "http://h/#frag;x", NEPHI_AWS_FOUND},
        {NEPHI_AWS_CONFIG, "dev", "credential_process", "\"/opt/a b\" x=1", NEPHI_AWS_FOUND},
        {NEPHI_AWS_CONFIG, "dev", "late", "yes", NEPHI_AWS_FOUND},
        {NEPHI_AWS_CONFIG, "two words", "region", "quoted", NEPHI_AWS_FOUND},
        {NEPHI_AWS_CONFIG, "services dev", "region", NULL, NEPHI_AWS_NO_PROFILE},
        {NEPHI_AWS_CONFIG, "none", "region", NULL, NEPHI_AWS_NO_PROFILE},
        {NEPHI_AWS_CREDENTIALS, "default", "aws_secret_access_key", "a/b+c=", NEPHI_AWS_FOUND},
        {NEPHI_AWS_CREDENTIALS, "dev", "region", "twice", NEPHI_AWS_FOUND},
        {NEPHI_AWS_CREDENTIALS, "dev", "aws_access_key_id", NULL, NEPHI_AWS_NO_KEY},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *text = rows[i].which == NEPHI_AWS_CONFIG ? config : credentials;
        nephi_aws_value value = {NULL, 0};
        int found = nephi_aws_profile_find(text, strlen(text), rows[i].which, rows[i].profile,
                                           rows[i].key, &value);
        if (found != rows[i].found ||
            (rows[i].value && (value.size != strlen(rows[i].value) ||
                               memcmp(value.text, rows[i].value, value.size) != 0)))
            fail_msg("%s %s: %d \"%.*s\"", rows[i].profile, rows[i].key, found, (int)value.size,
                     value.text ? value.text : "");
    }
}

static void test_aws_profile__named_default_wins(void **state)
{
    static const char text[] = "[profile default]\nregion = a\n[default]\nregion = b\noutput = c\n";
    nephi_aws_value value;
    (void)state;
    assert_int_equal(
        nephi_aws_profile_find(text, strlen(text), NEPHI_AWS_CONFIG, "default", "region", &value),
        NEPHI_AWS_FOUND);
    assert_memory_equal(value.text, "a", 1);
    assert_int_equal(
        nephi_aws_profile_find(text, strlen(text), NEPHI_AWS_CONFIG, "default", "output", &value),
        NEPHI_AWS_NO_KEY);
}

static void test_aws_profile__names_the_line_that_is_wrong(void **state)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"[a]\nb = c\nsecretsecret\n", "line 3"},
        {"[a\n", "line 1"},
        {"a = b\n[c]\n", "line 1"},
        {"[a]\n= b\n", "line 2"},
        {"[]\n", "line 1"},
        {"[a] b\n", NULL},
        {"[a]b\n", "line 1"},
        {"[a]\n  nested\n", NULL},
        {"", NULL},
        {"[a]\n\xff = 1\n", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        nephi_error error;
        int rc;
        nephi_error_clear(&error);
        rc = nephi_aws_profile_check(rows[i].text, strlen(rows[i].text), "FILE", &error);
        if (rows[i].says ? rc != NEPH_INVALID || !strstr(error.message, rows[i].says) : rc != 0)
            fail_msg("row %zu: %s", i, error.message);
        assert_null(strstr(error.message, "secretsecret"));
    }
}

static void test_aws_profile__refuses_nul_and_long_lines(void **state)
{
    static char text[20000];
    nephi_error error;
    (void)state;
    nephi_error_clear(&error);
    memcpy(text, "[a]\nb=", 6);
    memset(text + 6, 'x', sizeof text - 6);
    assert_int_equal(nephi_aws_profile_check(text, sizeof text, "FILE", &error), NEPH_INVALID);
    nephi_error_clear(&error);
    assert_int_equal(nephi_aws_profile_check("[a]\nb=\0c", 8, "FILE", &error), NEPH_INVALID);
}

/* ---- the command's words */

static void test_aws_process__splits_without_a_shell(void **state)
{
    static const struct {
        const char *line;
        int count; /* negative: refused */
        const char *words[5];
    } rows[] = {
        {"/bin/a b  c", 3, {"/bin/a", "b", "c"}},
        {" \"C d\" 'e f'g ", 2, {"C d", "e fg"}},
        {"a\\ b \\\"c", 2, {"a b", "\"c"}},
        {"\"a\\\"b\" \"c\\d\" '\\'", 3, {"a\"b", "c\\d", "\\"}},
        {"a \"\" ''", 3, {"a", "", ""}},
        {"a $HOME `id` ; b", 5, {"a", "$HOME", "`id`", ";", "b"}},
        {"a 'b", -1, {NULL}},
        {"a \"b", -1, {NULL}},
        {"a \\", -1, {NULL}},
        {"", -1, {NULL}},
        {"  ", -1, {NULL}},
        {"'' a", -1, {NULL}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char space[256];
        char *words[NEPHI_AWS_WORDS_MAX + 1];
        nephi_error error;
        int count;
        nephi_error_clear(&error);
        count = nephi_aws_process_split(rows[i].line, strlen(rows[i].line), space, words, &error);
        if (rows[i].count < 0 ? count != NEPH_INVALID : count != rows[i].count)
            fail_msg("\"%s\": %d words", rows[i].line, count);
        for (int j = 0; j < rows[i].count; j++)
            assert_string_equal(words[j], rows[i].words[j]);
    }
}

static void test_aws_process__words_are_counted(void **state)
{
    char line[2 * NEPHI_AWS_WORDS_MAX + 3], space[4 * NEPHI_AWS_WORDS_MAX + 8];
    char *words[NEPHI_AWS_WORDS_MAX + 1];
    nephi_error error;
    (void)state;
    nephi_error_clear(&error);
    for (size_t i = 0; i < sizeof line; i++)
        line[i] = i % 2 ? ' ' : 'a';
    assert_int_equal(nephi_aws_process_split(line, 2 * NEPHI_AWS_WORDS_MAX, space, words, &error),
                     NEPHI_AWS_WORDS_MAX);
    assert_int_equal(nephi_aws_process_split(line, sizeof line, space, words, &error),
                     NEPH_INVALID);
}

/* ---- its answer */

#define ANSWER "{\"Version\": 1, \"AccessKeyId\": \"AK\", \"SecretAccessKey\": \"SK\"}"

static int setup(void **state)
{
    static nephi_memory memory;
    nephi_memory_init(&memory, NULL);
    *state = &memory;
    return 0;
}

static void test_aws_process__reads_the_answer(void **state)
{
    static const struct {
        const char *answer;
        int status;
        const char *token;
        int64_t expires_ns;
    } rows[] = {
        {ANSWER, 0, NULL, NEPH_UNKNOWN},
        {"{\"Version\": 1, \"AccessKeyId\": \"AK\", \"SecretAccessKey\": \"SK\", \"SessionToken\": \"T\","
         " \"Expiration\": \"1970-01-01T00:00:07Z\", \"Other\": [1]}",
         0, "T", 7 * NEPH_NANO},
        {"{\"Version\": 2, \"AccessKeyId\": \"AK\", \"SecretAccessKey\": \"SK\"}", NEPH_INVALID,
         NULL, 0},
        {"{\"AccessKeyId\": \"AK\", \"SecretAccessKey\": \"SK\"}", NEPH_INVALID, NULL, 0},
        {"{\"Version\": 1, \"AccessKeyId\": \"AK\"}", NEPH_INVALID, NULL, 0},
        {"{\"Version\": 1, \"AccessKeyId\": \"\", \"SecretAccessKey\": \"SK\"}", NEPH_INVALID, NULL,
         0},
        {"{\"Version\": 1, \"AccessKeyId\": 5, \"SecretAccessKey\": \"SK\"}", NEPH_INVALID, NULL,
         0},
        {"{\"Version\": 1, \"AccessKeyId\": \"AK\", \"SecretAccessKey\": \"SK\", \"Expiration\": \"soon\"}",
         NEPH_INVALID, NULL, 0},
        {"[]", NEPH_INVALID, NULL, 0},
        {"", NEPH_INVALID, NULL, 0},
        {"Error: secretsecret", NEPH_INVALID, NULL, 0},
    };
    const nephi_memory *memory = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        nephi_aws_keys keys;
        nephi_error error;
        int rc;
        nephi_error_clear(&error);
        rc = nephi_aws_process_parse(&keys, memory, rows[i].answer, strlen(rows[i].answer), &error);
        if (rc != rows[i].status)
            fail_msg("%s: %d %s", rows[i].answer, rc, error.message);
        assert_null(strstr(error.message, "secretsecret"));
        if (!rc) {
            assert_string_equal(keys.access_key, "AK");
            assert_string_equal(keys.secret_key, "SK");
            assert_int_equal(keys.expires_ns, rows[i].expires_ns);
            assert_int_equal(keys.session_token != NULL, rows[i].token != NULL);
        }
        nephi_aws_keys_fini(&keys, memory);
    }
}

static int run_line(const nephi_memory *memory, const char *line, int64_t now_ns,
                    nephi_error *error)
{
    nephi_aws_keys keys;
    int rc;
    nephi_error_clear(error);
    rc = nephi_aws_process_run(&keys, memory, line, strlen(line), now_ns, error);
    nephi_aws_keys_fini(&keys, memory);
    return rc;
}

static void test_aws_process__runs_the_command(void **state)
{
    nephi_error error;
    assert_int_equal(run_line(*state, "echo '" ANSWER "'", 0, &error), 0);
    assert_int_equal(run_line(*state, "false", 0, &error), NEPH_AUTH);
    assert_int_equal(run_line(*state, "/nonexistent/tool", 0, &error), NEPH_AUTH);
    assert_non_null(strstr(error.message, "/nonexistent/tool"));
    assert_int_equal(
        run_line(*state,
                 "echo '{\"Version\": 1, \"AccessKeyId\": \"AK\", \"SecretAccessKey\": \"SK\", "
                 "\"Expiration\": \"2001-01-01T00:00:00Z\"}'",
                 INT64_C(2000000000) * NEPH_NANO, &error),
        NEPH_AUTH);
    assert_int_equal(run_line(*state, "sh -c 'kill -9 $$'", 0, &error), NEPH_AUTH);
}

/* ---- processes */

static int run_words(const nephi_memory *memory, const char *const argv[], int64_t timeout_ms,
                     size_t limit, nephi_error *error)
{
    nephi_buffer text;
    int rc;
    nephi_error_clear(error);
    nephi_buffer_init(&text, memory, limit);
    rc = nephi_process_run((char *const *)(uintptr_t)argv, timeout_ms, &text, error);
    nephi_buffer_fini(&text);
    return rc;
}

static void test_process__is_bounded_in_time_and_output(void **state)
{
    const char *sleeping[] = {"sleep", "30", NULL};
    const char *closing[] = {"sh", "-c", "exec >&-; exec sleep 30", NULL};
    const char *talking[] = {"yes", NULL};
    nephi_error error;
    int64_t begin = nephi_loop_now_ms();
    assert_int_equal(run_words(*state, sleeping, 100, 100, &error), NEPH_TIMEOUT);
    assert_int_equal(run_words(*state, closing, 100, 100, &error), NEPH_TIMEOUT);
    assert_int_equal(run_words(*state, talking, 10000, 1000, &error), NEPH_LIMIT);
    assert_in_range(nephi_loop_now_ms() - begin, 200, 8000);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nothing is left behind */
}

static void test_process__works_where_children_are_ignored(void **state)
{
    const char *argv[] = {"echo", "x", NULL};
    nephi_error error;
    signal(SIGCHLD, SIG_IGN);
    assert_int_equal(run_words(*state, argv, 5000, 100, &error), 0);
    signal(SIGCHLD, SIG_DFL);
}

static int attempt(const nephi_memory *memory)
{
    nephi_aws_keys keys;
    nephi_error error;
    int rc;
    nephi_error_clear(&error);
    rc = nephi_aws_process_run(&keys, memory, "echo '" ANSWER "'", strlen("echo '" ANSWER "'"), 0,
                               &error);
    nephi_aws_keys_fini(&keys, memory);
    return rc;
}

static void test_aws_process__survives_every_failed_allocation(void **state)
{
    (void)state;
    test_every_allocation_fails(attempt);
}

static void test_aws_process__wipes_what_it_read(void **state)
{
    test_allocator allocator;
    nephi_memory memory = test_allocator_memory(&allocator);
    nephi_error error;
    (void)state;
    test_allocator_init(&allocator);
    allocator.secret = "TopSecretKey";
    assert_int_equal(
        run_line(
            &memory,
            "echo '{\"Version\": 1, \"AccessKeyId\": \"AK\", \"SecretAccessKey\": \"TopSecretKey\"}'",
            0, &error),
        0);
    assert_int_equal(allocator.live, 0);
    assert_int_equal(allocator.leaked, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_aws_profile__finds_keys),
        cmocka_unit_test(test_aws_profile__named_default_wins),
        cmocka_unit_test(test_aws_profile__names_the_line_that_is_wrong),
        cmocka_unit_test(test_aws_profile__refuses_nul_and_long_lines),
        cmocka_unit_test(test_aws_process__splits_without_a_shell),
        cmocka_unit_test(test_aws_process__words_are_counted),
        cmocka_unit_test_setup(test_aws_process__reads_the_answer, setup),
        cmocka_unit_test_setup(test_aws_process__runs_the_command, setup),
        cmocka_unit_test_setup(test_process__is_bounded_in_time_and_output, setup),
        cmocka_unit_test_setup(test_process__works_where_children_are_ignored, setup),
        cmocka_unit_test(test_aws_process__survives_every_failed_allocation),
        cmocka_unit_test(test_aws_process__wipes_what_it_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
