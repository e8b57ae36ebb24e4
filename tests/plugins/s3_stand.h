/*
 * s3_stand.h - what the tests of the s3 provider stand on: a cloud over the mock transport, bodies in memory.
 */
#ifndef TESTS_PLUGINS_S3_STAND_H
#define TESTS_PLUGINS_S3_STAND_H

#include "tests/engine/stand.h"

#define EU "eu-west-1"
#define LOCAL "http://store.test:9000"
#define SECURE "https://store.test"
#define ETAG "ETag: \"0cc175b9c0f1b6a831c399e269772661\"\n"

/* NULL: not given. */
void s3_open_with(stand *at, const char *endpoint, const char *region, const char *token,
                  const char *quirks);
/* recordings: a folder of plugins/s3/tests. */
void s3_open_recorded(stand *at, const char *recordings);
/* The status of opening one that is to be refused; nothing is left. */
int s3_open_fails(stand *at, const char *quirks);
/* Runs the call and frees it. */
int s3_run(neph_call *call);
neph_source s3_source(const char *text);
neph_sink s3_sink(void);
int has(const char *text, const char *part);

#endif /* TESTS_PLUGINS_S3_STAND_H */
