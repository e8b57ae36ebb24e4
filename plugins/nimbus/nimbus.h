/*
 * nimbus.h - what the files of the nimbus provider share: ask functions and reply tables by resource.
 */
#ifndef NIMBUS_H
#define NIMBUS_H

#include <neph/plugin.h>
#include <neph/kit/ec2.h>

/* ---- provider.c */

/* Begins every request: path, action and version. */
int32_t nimbus_begin(neph_query *query, neph_call *call, neph_request *request, const char *action);

/* ---- node.c */

extern const neph_reply *const nimbus_node_list_replies[1];
extern const neph_reply *const nimbus_node_create_replies[1];
extern const neph_reply *const nimbus_node_done_replies[1];
int32_t nimbus_node_list(neph_call *call, neph_request *request);
int32_t nimbus_node_show(neph_call *call, neph_request *request);
int32_t nimbus_node_create(neph_call *call, neph_request *request);
int32_t nimbus_node_destroy(neph_call *call, neph_request *request);
int32_t nimbus_node_reboot(neph_call *call, neph_request *request);

/* ---- image.c, size.c, location.c */

extern const neph_reply *const nimbus_image_list_replies[1];
int32_t nimbus_image_list(neph_call *call, neph_request *request);
int32_t nimbus_image_each(neph_call *call, neph_record *record);
int32_t nimbus_size_list(neph_call *call);
extern const neph_reply *const nimbus_location_list_replies[1];
int32_t nimbus_location_list(neph_call *call, neph_request *request);

#endif /* NIMBUS_H */
