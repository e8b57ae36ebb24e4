/*
 * probe.h - the test provider, for tests that link it: neph_host_register(host, &probe_LTX_neph_plugin_v0). What its
 * server must answer stands in probe.c.
 */
#ifndef TESTS_PROVIDER_PROBE_H
#define TESTS_PROVIDER_PROBE_H

#include <neph/plugin.h>

extern const neph_plugin probe_LTX_neph_plugin_v0;

#endif /* TESTS_PROVIDER_PROBE_H */
