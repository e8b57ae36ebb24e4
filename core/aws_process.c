/*
 * core/aws_process.c - runs a credential_process without a shell and reads what it prints, as the AWS CLI's user guide
 * ("Sourcing credentials with an external process", 2026) describes it.
 */
#include "core/aws_process.h"

#include "core/process.h"
#include "core/text.h"
#include "core/tree.h"

#include <string.h>

/* ---- words */

static int is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Copies one word. Returns what follows it, or NULL if a quote or backslash is left open. */
static const char *copy_word(const char *at, const char *end, char **out)
{
    char quote = 0;
    while (at < end && (quote || !is_blank(*at))) {
        char c = *at++;
        int is_escape =
            c == '\\' && (!quote || (quote == '"' && at < end && (*at == '"' || *at == '\\')));
        if (is_escape && at == end)
            return NULL;
        if (is_escape)
            *(*out)++ = *at++;
        else if (quote ? c == quote : c == '"' || c == '\'')
            quote = quote ? 0 : c;
        else
            *(*out)++ = c;
    }
    *(*out)++ = '\0';
    return quote ? NULL : at;
}

int nephi_aws_process_split(const char *line, size_t size, char *space, char **words,
                            nephi_error *error)
{
    const char *at = line, *end = line + size;
    int count = 0;
    for (;;) {
        while (at < end && is_blank(*at))
            at++;
        if (at == end)
            break;
        if (count == NEPHI_AWS_WORDS_MAX)
            return nephi_fail(error, NEPH_INVALID, "credential_process has more than %d words",
                              NEPHI_AWS_WORDS_MAX);
        words[count++] = space;
        at = copy_word(at, end, &space);
        if (!at)
            return nephi_fail(error, NEPH_INVALID,
                              "credential_process ends inside quotes or after a backslash");
    }
    words[count] = NULL;
    return count && words[0][0]
               ? count
               : nephi_fail(error, NEPH_INVALID, "credential_process names no command");
}

/* ---- the answer */

typedef struct member {
    const char *name;
    size_t offset;
    int is_required;
} member;

static const member members[] = {
    {"AccessKeyId", offsetof(nephi_aws_keys, access_key), 1},
    {"SecretAccessKey", offsetof(nephi_aws_keys, secret_key), 1},
    {"SessionToken", offsetof(nephi_aws_keys, session_token), 0},
};

static int read_member(nephi_aws_keys *keys, const nephi_memory *memory, const nephi_tree *root,
                       const member *wanted, nephi_error *error)
{
    const nephi_tree *found = nephi_tree_find(root, wanted->name);
    char *copy;
    if ((!found || found->type == NEPHI_TREE_NULL) && !wanted->is_required)
        return 0;
    if (!found || found->type != NEPHI_TREE_STRING || !found->text[0])
        return nephi_fail(error, NEPH_INVALID, "the answer of credential_process has no \"%s\"",
                          wanted->name);
    copy = nephi_strdup(memory, found->text);
    if (!copy)
        return nephi_fail_memory(error);
    *(char **)((char *)keys + wanted->offset) = copy;
    return 0;
}

static int read_answer(nephi_aws_keys *keys, const nephi_memory *memory, const nephi_tree *root,
                       nephi_error *error)
{
    const nephi_tree *version = nephi_tree_find(root, "Version");
    const nephi_tree *expires = nephi_tree_find(root, "Expiration");
    int rc = 0;
    if (!version || version->type != NEPHI_TREE_NUMBER || strcmp(version->text, "1") != 0)
        return nephi_fail(error, NEPH_INVALID,
                          "the answer of credential_process has no \"Version\": 1");
    for (size_t i = 0; i < sizeof members / sizeof *members && !rc; i++)
        rc = read_member(keys, memory, root, &members[i], error);
    if (!rc && expires && expires->type != NEPHI_TREE_NULL &&
        (expires->type != NEPHI_TREE_STRING ||
         !nephi_read_time(expires->text, strlen(expires->text), &keys->expires_ns)))
        rc = nephi_fail(error, NEPH_INVALID,
                        "the answer of credential_process has an \"Expiration\" that is no time");
    return rc;
}

int nephi_aws_process_parse(nephi_aws_keys *keys, const nephi_memory *memory, const void *data,
                            size_t size, nephi_error *error)
{
    nephi_tree *root = NULL;
    nephi_error inner;
    nephi_arena arena;
    int rc;
    memset(keys, 0, sizeof *keys);
    keys->expires_ns = NEPH_UNKNOWN;
    nephi_arena_init(&arena, memory, 32 * NEPHI_AWS_PROCESS_OUTPUT_MAX);
    nephi_error_clear(&inner);
    rc = nephi_tree_read(&root, &arena, &arena, data, size, &inner);
    if (rc == NEPH_NO_MEMORY)
        nephi_fail_memory(error);
    else if (rc)
        rc = nephi_fail(error, NEPH_INVALID, "the answer of credential_process is no JSON: %s",
                        inner.message);
    else
        rc = read_answer(keys, memory, root, error);
    nephi_arena_fini(&arena, 1);
    return rc;
}

int nephi_aws_process_run(nephi_aws_keys *keys, const nephi_memory *memory, const char *line,
                          size_t size, int64_t now_ns, nephi_error *error)
{
    char *words[NEPHI_AWS_WORDS_MAX + 1];
    nephi_buffer answer;
    char *space;
    int rc;
    memset(keys, 0, sizeof *keys);
    space = nephi_alloc(memory, 2 * size + 2);
    if (!space)
        return nephi_fail_memory(error);
    nephi_buffer_init(&answer, memory, NEPHI_AWS_PROCESS_OUTPUT_MAX);
    answer.secret = 1;
    rc = nephi_aws_process_split(line, size, space, words, error);
    if (rc > 0)
        rc = nephi_process_run(words, NEPHI_AWS_PROCESS_TIMEOUT_MS, &answer, error);
    if (!rc)
        rc =
            nephi_aws_process_parse(keys, memory, nephi_buffer_string(&answer), answer.size, error);
    if (!rc && keys->expires_ns != NEPH_UNKNOWN && keys->expires_ns <= now_ns)
        rc = nephi_fail(error, NEPH_AUTH, "credential_process gave credentials that have expired");
    nephi_buffer_fini(&answer);
    nephi_free_secret(memory, space, 2 * size + 2);
    return rc;
}

void nephi_aws_keys_fini(nephi_aws_keys *keys, const nephi_memory *memory)
{
    nephi_free_secret_string(memory, keys->access_key);
    nephi_free_secret_string(memory, keys->secret_key);
    nephi_free_secret_string(memory, keys->session_token);
    memset(keys, 0, sizeof *keys);
}
