/*
 * bluebox.h - what the files of the bluebox provider share: ask functions and reply tables by resource.
 */
#ifndef BLUEBOX_H
#define BLUEBOX_H

#include <neph/plugin.h>

/* ---- node.c */

extern const neph_reply *const bluebox_node_list_replies[1];
extern const neph_reply *const bluebox_node_show_replies[1];
extern const neph_reply *const bluebox_node_destroy_replies[1];
extern const neph_reply *const bluebox_node_reboot_replies[1];
int32_t bluebox_node_show(neph_call *call, neph_request *request);
int32_t bluebox_node_create(neph_call *call, neph_request *request);
int32_t bluebox_node_destroy(neph_call *call, neph_request *request);
int32_t bluebox_node_reboot(neph_call *call, neph_request *request);
int32_t bluebox_node_reboot_then(neph_call *call);
int32_t bluebox_node_each(neph_call *call, neph_record *record);

/* ---- image.c */

extern const neph_reply *const bluebox_image_list_replies[1];

/* ---- size.c */

extern const neph_reply *const bluebox_size_list_replies[1];
int32_t bluebox_size_each(neph_call *call, neph_record *record);

/* ---- location.c */

#define BLUEBOX_LOCATION_ID "0" /* the only one */
int32_t bluebox_location_list(neph_call *call);

#endif /* BLUEBOX_H */
