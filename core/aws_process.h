/*
 * core/aws_process.h - credential_process: a command of the AWS config file that prints credentials.
 */
#ifndef NEPHI_AWS_PROCESS_H
#define NEPHI_AWS_PROCESS_H

#include "core/error.h"
#include "core/memory.h"

#define NEPHI_AWS_PROCESS_TIMEOUT_MS 60000
#define NEPHI_AWS_PROCESS_OUTPUT_MAX (64u << 10)
#define NEPHI_AWS_WORDS_MAX 64

typedef struct nephi_aws_keys {
    char *access_key; /* owned, wiped; NULL: none */
    char *secret_key;
    char *session_token;
    int64_t expires_ns; /* NEPH_UNKNOWN: never */
} nephi_aws_keys;

/* Splits a command line as AWS documents it: blanks separate, '…' and "…" keep together, a backslash keeps the next
 * character; nothing is expanded. words[0]… point into space, which holds at least size + 1 bytes. Returns the number
 * of words, or NEPH_INVALID with a message. */
int nephi_aws_process_split(const char *line, size_t size, char *space, char **words,
                            nephi_error *error);
/* Runs the command and reads its answer. keys are zeroed first; fini in any case. now_ns: keys that are expired then
 * are refused. */
int nephi_aws_process_run(nephi_aws_keys *keys, const nephi_memory *memory, const char *line,
                          size_t size, int64_t now_ns, nephi_error *error);
/* Reads an answer: {"Version": 1, "AccessKeyId": …, "SecretAccessKey": …, "SessionToken": …, "Expiration": …}. */
int nephi_aws_process_parse(nephi_aws_keys *keys, const nephi_memory *memory, const void *data,
                            size_t size, nephi_error *error);
void nephi_aws_keys_fini(nephi_aws_keys *keys, const nephi_memory *memory);

#endif
