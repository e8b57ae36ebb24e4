/*
 * The AWS credentials and config files, the words of a credential_process and its answer. Input: a profile's name, a
 * newline, a key, a newline, the text. A value that is found must be found again in a file that has nothing else. For
 * the profile "run" a command prints the text, which must come to the same as the text itself.
 */
#include "core/aws_process.h"
#include "core/aws_profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RUN_MAX 400
#define RUN_NOW (INT64_C(1767225600) * NEPH_NANO) /* 2026-01-01 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int is_true)
{
    if (!is_true)
        abort();
}

static void check_words(nephi_aws_value line)
{
    char *words[NEPHI_AWS_WORDS_MAX + 1];
    char *space = malloc(2 * line.size + 2);
    size_t total = 0;
    int count;
    demand(space != NULL);
    count = nephi_aws_process_split(line.text, line.size, space, words, NULL);
    demand(count == NEPH_INVALID ||
           (count > 0 && count <= NEPHI_AWS_WORDS_MAX && words[count] == NULL));
    for (int i = 0; i < count; i++)
        total += strlen(words[i]);
    demand(total <= line.size);
    free(space);
}

/* The value alone under its profile and key, nested or not. */
static void check_again(const char *profile, const char *key, nephi_aws_value value)
{
    const char *dot = strchr(key, '.');
    size_t capacity = strlen(profile) + strlen(key) + value.size + 64;
    char *text = malloc(capacity);
    nephi_aws_value again;
    int size;
    demand(text != NULL);
    if (dot)
        size = snprintf(text, capacity, "[%s]\n%.*s =\n  %s = %.*s\n", profile, (int)(dot - key),
                        key, dot + 1, (int)value.size, value.text);
    else
        size = snprintf(text, capacity, "[%s]\n%s = %.*s\n", profile, key, (int)value.size,
                        value.text);
    if (nephi_aws_profile_find(text, (size_t)size, NEPHI_AWS_CREDENTIALS, profile, key, &again) ==
        NEPHI_AWS_FOUND)
        demand(again.size == value.size && memcmp(again.text, value.text, again.size) == 0);
    free(text);
}

static void check_file(const char *text, size_t size, int which, const char *profile,
                       const char *key)
{
    nephi_aws_value value = {NULL, 0};
    int found = nephi_aws_profile_find(text, size, which, profile, key, &value);
    if (found != NEPHI_AWS_FOUND)
        return;
    demand(value.size > 0 && value.text >= text && value.text + value.size <= text + size);
    demand(!memchr(value.text, '\n', value.size) && !memchr(value.text, '\0', value.size));
    demand(value.text[0] != ' ' && value.text[value.size - 1] != ' ' &&
           value.text[value.size - 1] != '\t');
    if (value.size < 16000 && !memchr(value.text, '\r', value.size))
        check_again(profile, key, value);
    check_words(value);
}

static void check_answer(const char *text, size_t size)
{
    nephi_memory memory;
    nephi_aws_keys keys;
    nephi_error error;
    int rc;
    nephi_memory_init(&memory, NULL);
    nephi_error_clear(&error);
    rc = nephi_aws_process_parse(&keys, &memory, text, size, &error);
    demand(rc == 0 ? keys.access_key && keys.access_key[0] && keys.secret_key && keys.secret_key[0]
                   : rc == NEPH_INVALID && error.message[0]);
    nephi_aws_keys_fini(&keys, &memory);
}

static int same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* The one command that is ever run, and its quoted argument. */
static void check_run(const char *text, size_t size)
{
    static const char command[] = "printf %s '";
    nephi_memory memory;
    nephi_aws_keys parsed, printed;
    nephi_error error;
    char line[RUN_MAX + sizeof command + 1];
    int rc, wanted;
    if (size > RUN_MAX || memchr(text, '\'', size) || memchr(text, '\0', size))
        return;
    memcpy(line, command, sizeof command - 1);
    memcpy(line + sizeof command - 1, text, size);
    line[sizeof command - 1 + size] = '\'';
    nephi_memory_init(&memory, NULL);
    nephi_error_clear(&error);
    wanted = nephi_aws_process_parse(&parsed, &memory, text, size, NULL);
    if (!wanted && parsed.expires_ns != NEPH_UNKNOWN && parsed.expires_ns <= RUN_NOW)
        wanted = NEPH_AUTH;
    rc = nephi_aws_process_run(&printed, &memory, line, size + sizeof command, RUN_NOW, &error);
    demand(rc == wanted && (rc != 0) == (error.message[0] != 0));
    demand(rc == NEPH_INVALID || (same_text(parsed.access_key, printed.access_key) &&
                                  same_text(parsed.secret_key, printed.secret_key) &&
                                  same_text(parsed.session_token, printed.session_token) &&
                                  parsed.expires_ns == printed.expires_ns));
    nephi_aws_keys_fini(&parsed, &memory);
    nephi_aws_keys_fini(&printed, &memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *input = (const char *)data;
    const char *first = size ? memchr(input, '\n', size) : NULL;
    const char *second = first ? memchr(first + 1, '\n', size - (size_t)(first + 1 - input)) : NULL;
    char profile[64], key[64];
    nephi_error error;
    size_t rest;
    int rc;
    if (!second || first - input >= 64 || second - first > 64)
        return 0;
    snprintf(profile, sizeof profile, "%.*s", (int)(first - input), input);
    snprintf(key, sizeof key, "%.*s", (int)(second - first - 1), first + 1);
    second++;
    rest = size - (size_t)(second - input);
    nephi_error_clear(&error);
    rc = nephi_aws_profile_check(second, rest, "FILE", &error);
    demand(rc == 0 || (rc == NEPH_INVALID && strncmp(error.message, "FILE: line ", 11) == 0));
    check_file(second, rest, NEPHI_AWS_CREDENTIALS, profile, key);
    check_file(second, rest, NEPHI_AWS_CONFIG, profile, key);
    check_words((nephi_aws_value){second, rest});
    check_answer(second, rest);
    if (strcmp(profile, "run") == 0)
        check_run(second, rest);
    return 0;
}
