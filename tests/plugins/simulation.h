/*
 * simulation.h - the simulated cloud on a stage, in a directory of its own, with a clock that stands until a test moves it
 * on. For the tests of the provider sim.
 */
#ifndef TESTS_PLUGINS_SIMULATION_H
#define TESTS_PLUGINS_SIMULATION_H

#include "stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define GIB (INT64_C(1) << 30)

extern char state_path[300];
extern stage host;

int simulation_setup(void **state);
int simulation_teardown(void **state);

/* A setting of the cloud; it is opened anew. */
void set(const char *name, const char *value);
void wait_ms(int64_t ms);

/* ask(op, member, text, ..., 0): runs it with these arguments. */
int32_t ask(uint32_t op, ...);
#define assert_done(call) assert_int_equal(call, 0)
#define assert_refused(call, status, words)                                                        \
    do {                                                                                           \
        assert_int_equal(call, status);                                                            \
        if (!strstr(host.message, words))                                                          \
            fail_msg("\"%s\" does not say \"%s\"", host.message, words);                           \
    } while (0)

/* A text of the first result that outlives the next calls. */
const char *told(int32_t member);
int64_t told_number(int32_t member);
/* How many results a list has. */
size_t listed(uint32_t op);

int32_t node_ask(const char *name);
/* The id of a new node. */
const char *node_make(const char *location);
int64_t node_state(const char *id);
/* size 0, location NULL: not given. */
int32_t volume_ask(int64_t size, const char *location);

#endif /* TESTS_PLUGINS_SIMULATION_H */
