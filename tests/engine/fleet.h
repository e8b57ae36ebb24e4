/*
 * tests/engine/fleet.h - a provider for tests of what the host does in every provider's stead: filters, waiting, looking for
 * what a lost reply left. JSON, no login. Its server is a mock.
 */
#ifndef TESTS_ENGINE_FLEET_H
#define TESTS_ENGINE_FLEET_H

#include <neph/plugin.h>

/* What its performing actions do in this thread. */
typedef struct fleet_state {
    int pending_looks; /* so often a new snapshot is still pending when it is shown */
    int missing_looks; /* and so often before that it is not there */
    int shown;         /* snapshot show ran */
    int finished;      /* finish() ran */
} fleet_state;

extern _Thread_local fleet_state fleet;
extern const neph_plugin fleet_LTX_neph_plugin_v0;

#endif /* TESTS_ENGINE_FLEET_H */
