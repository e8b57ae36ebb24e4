/*
 * tests/support/sandbox.h - a directory of its own for a test of the host: files, manifests, variables, and the lines that
 * were logged. As root the host would take itself for privileged; sandbox_host() makes one that does not.
 */
#ifndef TEST_SANDBOX_H
#define TEST_SANDBOX_H

#include "core/host.h"

#define SANDBOX_LINES_MAX 64

typedef struct sandbox {
    char dir[256];
    neph_host_config config; /* sources: all; clouds_file NULL; HOME is dir */
    neph_host *host;         /* NULL until sandbox_host() */
    char lines[SANDBOX_LINES_MAX][1024];
    int32_t rules[SANDBOX_LINES_MAX];
    size_t line_count;
} sandbox;

/* cmocka's setup and teardown; *state is the sandbox. */
int sandbox_setup(void **state);
int sandbox_teardown(void **state);

/* The path of a name in the sandbox; a buffer that later calls reuse. */
const char *sandbox_path(const sandbox *box, const char *name);
/* Makes a file (and directories above it) with this text and mode. */
void sandbox_write(const sandbox *box, const char *name, const char *text, unsigned mode);
void sandbox_write_data(const sandbox *box, const char *name, const void *data, size_t size,
                        unsigned mode);
/* A manifest "DIR/NAME.json" with one provider of the same name; edit NULL, or text in place of `"format": 1`. */
void sandbox_manifest(const sandbox *box, const char *dir, const char *name, const char *edit);
/* A variable for this test, unset in teardown; value NULL unsets it now. */
void sandbox_setenv(const char *name, const char *value);
/* Makes the host from box->config, plugin_path: these directories of the sandbox, separated by ':'. */
neph_host *sandbox_host(sandbox *box, const char *plugin_path);
/* The same as a process that is privileged, or is not. */
neph_host *sandbox_host_as(sandbox *box, const char *plugin_path, int is_privileged);
/* Was a line with this rule logged that contains this text? */
int sandbox_logged(const sandbox *box, int32_t rule, const char *text);
const neph_plugin_info *sandbox_plugin(sandbox *box, const char *name);

#endif
