/*
 * tests/engine/mill.h - a provider for tests of the call engine: XML, signed with its secret in the open so that a leak is
 * seen, hooks that misbehave when the test says so. Its server is a mock.
 */
#ifndef TESTS_ENGINE_MILL_H
#define TESTS_ENGINE_MILL_H

#include <neph/plugin.h>

#define MILL_SECRET "hunter2+very/secret=key"

/* What the hooks of this thread do, and what they saw. */
typedef struct mill_state {
    int performed;       /* slices */
    int finished;        /* finish() ran */
    int refusals;        /* so often node list fails with `answer` before it works */
    int is_endless;      /* perform never ends */
    int slice_delay_ms;  /* after which it wants its next slice */
    int node_count;      /* that node list emits */
    int is_hashed;       /* sign wants the body's SHA-256 */
    int is_trailed;      /* object put goes out in frames, its CRC32C behind it */
    int is_virtual;      /* bucket operations ask for a host prefix first, which may fail */
    int32_t answer;      /* of ask */
    int32_t then_answer; /* of then */
    int faults;          /* fault() ran */
    int64_t signed_ns;   /* the time sign was last told */
    int signs;
    int64_t frame_promise; /* more than the frames are long, to be found out */
} mill_state;

extern _Thread_local mill_state mill;
extern const neph_plugin mill_LTX_neph_plugin_v0;

#endif /* TESTS_ENGINE_MILL_H */
