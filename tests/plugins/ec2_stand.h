/*
 * ec2_stand.h - what the tests of the ec2 provider stand on: a cloud over the mock transport or on recorded replies, and
 * what its requests held.
 */
#ifndef TESTS_PLUGINS_EC2_STAND_H
#define TESTS_PLUGINS_EC2_STAND_H

#include "tests/engine/stand.h"

#include <neph/kit/ec2.h>

#define GIB (INT64_C(1) << 30)

/* NULL: not given. */
void ec2_open_with(stand *at, const char *endpoint, const char *region, const char *token);
/* A cloud elsewhere than at Amazon's that answers so. */
void ec2_open(stand *at, const mock_reply *replies, size_t count);
#define OPEN(at, replies) ec2_open(at, replies, NEPH_COUNT(replies))
/* recordings: a folder of plugins/ec2/tests. */
void ec2_open_recorded(stand *at, const char *recordings);

/* Runs the call, which must succeed, and frees it. */
void ec2_done(neph_call *call);
/* Runs the call, which must fail so and say so, and frees it. */
void ec2_fails(neph_call *call, int status, const char *words);

/* The form of request `index` must be this, all of it. */
void ec2_assert_form(const stand *at, size_t index, const char *form);
/* Is this a part of it? */
int ec2_has_form(const stand *at, size_t index, const char *part);

/* A reply to what returns nothing; the parameter that all requests have. */
#define OK "<R><requestId>1</requestId></R>"
#define V "&Version=2016-11-15"

#define NODE(id, inside) "<item><instanceId>" id "</instanceId>" inside "</item>"
#define NODES(inside)                                                                              \
    "<R><reservationSet><item><instancesSet>" inside "</instancesSet></item></reservationSet></R>"

#endif /* TESTS_PLUGINS_EC2_STAND_H */
