/*
 * neph/kit/ec2.h - what the providers of EC2's Query API share, Amazon's own and the private clouds that speak an older
 * version of it: how nodes, images and locations stand in a reply, what errors mean, the parameters of a new node.
 * Included by providers; linked from libneph-kit.a. Version, signature and endpoint are each provider's.
 *
 * Source: Amazon EC2 API Reference, API versions 2010-08-31 and 2016-11-15. Any thread. Everything here is since 0.2.
 */
#ifndef NEPH_KIT_EC2_H
#define NEPH_KIT_EC2_H

#include <neph/plugin.h>
#include <neph/kit/query.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NEPH_EC2_USER_DATA_MAX 16384 /* bytes, before base64 */

/* ---- replies */

/* What the service calls the states of an instance. One that is shutting down is stopping; it ends as terminated. */
extern const neph_map neph_ec2_node_states[7];

extern const neph_reply neph_ec2_node_list_reply;     /* DescribeInstances */
extern const neph_reply neph_ec2_node_create_reply;   /* RunInstances */
extern const neph_reply neph_ec2_image_list_reply;    /* DescribeImages */
extern const neph_reply neph_ec2_location_list_reply; /* DescribeAvailabilityZones */
extern const neph_reply neph_ec2_done_reply; /* of what returns nothing but that it was done */
extern const neph_reply neph_ec2_error_reply;

/* each and then of an operation that shows one node, image, volume or snapshot: what was not asked for is dropped (not
 * every cloud looks at the id), and none is NEPH_NOT_FOUND. NEPH_EC2_SCRATCH_SHOWN is theirs. */
#define NEPH_EC2_SCRATCH_SHOWN (NEPH_SCRATCH + 30)
int32_t neph_ec2_show_each(neph_call *call, neph_record *record);
int32_t neph_ec2_show_then(neph_call *call);

/* ---- errors */

#define NEPH_EC2_FAULT_COUNT 97
extern const neph_fault neph_ec2_faults[NEPH_EC2_FAULT_COUNT];

/* neph_provider.fault: has the host look at the clock where that may be what is wrong. */
int32_t neph_ec2_fault(neph_call *call);

/* ---- requests */

/* Adds image, size, key and user data (raw or in base64) of a node to create. */
void neph_ec2_node_create(neph_query *query, neph_call *call);

/* Adds user data, not in base64 yet, under this key. NEPH_LIMIT: there are too many bytes. Uses the call's memory. */
void neph_ec2_user_data_add(neph_query *query, neph_call *call, const char *key, const char *data);

#ifdef __cplusplus
}
#endif

#endif /* NEPH_KIT_EC2_H */
