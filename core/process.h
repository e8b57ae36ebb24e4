/*
 * core/process.h - runs a command for what it prints. No shell.
 */
#ifndef NEPHI_PROCESS_H
#define NEPHI_PROCESS_H

#include "core/buffer.h"
#include "core/error.h"

/*
 * Runs argv (NULL at its end; argv[0] is looked for along PATH), appends its standard output to out, whose limit is
 * the most it may print. Its standard input and error are /dev/null. It is killed after timeout_ms and always waited
 * for by its own id. 0 if it ended with status 0; NEPH_TIMEOUT, NEPH_LIMIT, NEPH_AUTH (it failed, or is not there),
 * NEPH_NO_MEMORY; messages name argv[0] alone, since arguments may be secret.
 */
int nephi_process_run(char *const argv[], int64_t timeout_ms, nephi_buffer *out,
                      nephi_error *error);

#endif
