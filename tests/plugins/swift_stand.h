/*
 * swift_stand.h - what the tests of the providers swift and cloudfiles stand on: clouds over the mock transport, bodies in
 * memory, and the replies that several of them need.
 */
#ifndef TESTS_PLUGINS_SWIFT_STAND_H
#define TESTS_PLUGINS_SWIFT_STAND_H

#include "tests/engine/stand.h"

#define STORE "http://store.test/v1/AUTH_test"
#define TAG "5d41402abc4b2a76b9719d911017c592"
#define NO_BUCKETS                                                                                 \
    {                                                                                              \
        .match = "format=json", .body = "[]"                                                       \
    }
/* What /info says of a server that only speaks like Swift. */
#define CEPH                                                                                       \
    {                                                                                              \
        .match = "/info",                                                                          \
        .body =                                                                                    \
            "{\"bulk_delete\":{},\"slo\":{\"max_manifest_segments\":1000},\"swift\":{\"max_file_"  \
            "size\":5},\"tempurl\":{\"methods\":[\"GET\",\"PUT\"]}}"                               \
    }

/* Opens a cloud of the provider. */
void swift_open_as(stand *at, const char *provider, const neph_setting_value *settings,
                   size_t count);
#define OPEN(at, provider, settings) swift_open_as(at, provider, settings, NEPH_COUNT(settings))
/* The storage and a token are known: no login. */
void open_direct(stand *at);
/* Runs the call and frees it. */
int run_free(neph_call *call);
int has(const char *text, const char *part);
neph_source memory_source(const char *text);
/* "METHOD URL" of a request, without the store's. */
void asked(stand *at, size_t index, const char *method, const char *path);

#endif /* TESTS_PLUGINS_SWIFT_STAND_H */
