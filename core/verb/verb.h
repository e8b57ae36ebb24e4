/*
 * core/verb/verb.h - what the verbs of neph.h are made of: each makes a call, fills in its arguments and starts it. No logic of
 * their own. By noun:
 *   node.c      node, image, size, location, key
 *   volume.c    volume, snapshot
 *   network.c   address, firewall, rule, network, subnet, tag
 *   storage.c   bucket, object, upload, storage
 *   next.c      results by kind
 */
#ifndef NEPHI_VERB_H
#define NEPHI_VERB_H

#include "core/call.h"

/* Starts it, and returns it. */
neph_call *nephi_verb_start(neph_call *call);
/* The same, with what is said of waiting. */
neph_call *nephi_verb_start_waiting(neph_call *call, const neph_wait_options *wait);
/* The same of a list. */
neph_call *nephi_verb_list(neph_call *call, const neph_list_options *options);
/* A call with its first argument. */
neph_call *nephi_verb_about(neph_cloud *cloud, uint32_t op, int32_t member, const char *id);
/* What is empty, or not positive, is not given. */
void nephi_verb_strings(neph_call *call, int32_t member, const char *const *values, size_t count);
void nephi_verb_pairs(neph_call *call, int32_t member, const neph_pair *pairs, size_t count);
void nephi_verb_positive(neph_call *call, int32_t member, int64_t number);
void nephi_verb_wait(neph_call *call, const neph_wait_options *wait);
void nephi_verb_label(neph_call *call, int32_t description, int32_t tags,
                      const neph_label_options *options);

#endif
