/*
 * ec2.h - what the files of the ec2 provider share: ask functions and reply tables by resource, how lists and tags are
 * asked for.
 */
#ifndef EC2_H
#define EC2_H

#include <neph/plugin.h>
#include <neph/kit/ec2.h>
#include <neph/kit/text.h>

#define EC2_GIB (INT64_C(1) << 30)

/* ---- list.c */

/* A state by the portable name and by the one that the service filters by. */
typedef struct ec2_state {
    const char *name; /* NULL behind the last */
    const char *value;
} ec2_state;

/* A Describe action: which of its filters do what the portable ones do. NULL: none, the host does it. */
typedef struct ec2_list {
    const char *action;
    const char *id;
    const char *name;
    const char *state;
    const ec2_state *states;
    const char *location;
    int64_t page_max; /* results of one page; 0: the action has no pages */
    int32_t has_tags;
    int32_t reserved;
} ec2_list;

/* Begins a request of the API version that all of this provider's have. */
void ec2_begin(neph_query *query, neph_request *request, const char *action);
/* Begins a list: action, page size and filters. */
void ec2_list_begin(neph_query *query, neph_call *call, neph_request *request,
                    const ec2_list *list);
/* The same, where no more is to be said. */
int32_t ec2_list_ask(neph_call *call, neph_request *request, const ec2_list *list);

/* ---- tag.c */

/* Adds the tags of something to create: type as the service calls it ("volume"), its name (member 0: none), its tags, and
 * is_marked: the call's token. */
void ec2_tags_add(neph_query *query, neph_call *call, const char *type, int32_t name_member,
                  int32_t tags_member, int32_t is_marked);
/* Adds the call's token as what the service calls ClientToken. */
void ec2_token_add(neph_query *query, neph_call *call);
/* 1: another cloud than Amazon's, which may not know what a ClientToken is for: what it makes is marked too. */
int32_t ec2_is_foreign(const neph_call *call);

extern const neph_reply *const ec2_tag_list_replies[1];
extern const neph_reply *const ec2_done_replies[1]; /* of what returns nothing */
int32_t ec2_tag_list(neph_call *call, neph_request *request);
int32_t ec2_tag_list_each(neph_call *call, neph_record *record);
int32_t ec2_tag_set(neph_call *call, neph_request *request);
int32_t ec2_tag_remove(neph_call *call, neph_request *request);

/* ---- node.c */

extern const neph_reply *const ec2_node_list_replies[1];
extern const neph_reply *const ec2_node_create_replies[1];
extern const neph_reply *const ec2_node_console_replies[1];
int32_t ec2_node_list(neph_call *call, neph_request *request);
int32_t ec2_node_show(neph_call *call, neph_request *request);
int32_t ec2_node_create(neph_call *call, neph_request *request);
int32_t ec2_node_destroy(neph_call *call, neph_request *request);
int32_t ec2_node_reboot(neph_call *call, neph_request *request);
int32_t ec2_node_start(neph_call *call, neph_request *request);
int32_t ec2_node_stop(neph_call *call, neph_request *request);
int32_t ec2_node_rename(neph_call *call, neph_request *request);
int32_t ec2_node_resize(neph_call *call, neph_request *request);
int32_t ec2_node_console(neph_call *call, neph_request *request);
int32_t ec2_node_console_each(neph_call *call, neph_record *record);
/* Decodes what stands in this member of a result as GetConsoleOutput wrote it. */
int32_t ec2_console_decode(neph_call *call, neph_record *record, int32_t member);

/* ---- image.c */

extern const neph_reply *const ec2_image_list_replies[1];
extern const neph_reply *const ec2_image_create_replies[1];
int32_t ec2_image_list(neph_call *call, neph_request *request);
int32_t ec2_image_show(neph_call *call, neph_request *request);
int32_t ec2_image_create(neph_call *call, neph_request *request);
int32_t ec2_image_create_each(neph_call *call, neph_record *record);
int32_t ec2_image_delete(neph_call *call, neph_request *request);

/* ---- size.c, location.c */

extern const neph_reply *const ec2_size_list_replies[1];
int32_t ec2_size_list(neph_call *call, neph_request *request);
extern const neph_reply *const ec2_location_list_replies[1];
int32_t ec2_location_list(neph_call *call, neph_request *request);

/* ---- key.c */

extern const neph_reply *const ec2_key_list_replies[1];
extern const neph_reply *const ec2_key_create_replies[1];
int32_t ec2_key_list(neph_call *call, neph_request *request);
int32_t ec2_key_create(neph_call *call, neph_request *request);
int32_t ec2_key_import(neph_call *call, neph_request *request);
int32_t ec2_key_delete(neph_call *call, neph_request *request);

/* ---- volume.c */

extern const neph_reply *const ec2_volume_list_replies[1];
extern const neph_reply *const ec2_volume_create_replies[1];
extern const neph_reply *const ec2_volume_attach_replies[2];
extern const neph_reply *const ec2_volume_change_replies[2]; /* of detach and resize */
int32_t ec2_volume_list(neph_call *call, neph_request *request);
int32_t ec2_volume_show(neph_call *call, neph_request *request);
int32_t ec2_volume_create(neph_call *call, neph_request *request);
int32_t ec2_volume_delete(neph_call *call, neph_request *request);
int32_t ec2_volume_attach(neph_call *call, neph_request *request);
int32_t ec2_volume_attach_each(neph_call *call, neph_record *record);
int32_t ec2_volume_attach_then(neph_call *call);
int32_t ec2_volume_change_then(neph_call *call);
int32_t ec2_volume_detach(neph_call *call, neph_request *request);
int32_t ec2_volume_detach_each(neph_call *call, neph_record *record);
int32_t ec2_volume_resize(neph_call *call, neph_request *request);
int32_t ec2_volume_resize_each(neph_call *call, neph_record *record);

/* ---- snapshot.c */

extern const neph_reply *const ec2_snapshot_list_replies[1];
extern const neph_reply *const ec2_snapshot_create_replies[1];
int32_t ec2_snapshot_list(neph_call *call, neph_request *request);
int32_t ec2_snapshot_show(neph_call *call, neph_request *request);
int32_t ec2_snapshot_create(neph_call *call, neph_request *request);
int32_t ec2_snapshot_delete(neph_call *call, neph_request *request);

/* ---- address.c */

extern const neph_reply *const ec2_address_list_replies[1];
extern const neph_reply *const ec2_address_allocate_replies[1];
extern const neph_reply *const ec2_address_leads_replies[2]; /* of disassociate and release */
int32_t ec2_address_list(neph_call *call, neph_request *request);
int32_t ec2_address_each(neph_call *call, neph_record *record);
int32_t ec2_address_allocate(neph_call *call, neph_request *request);
int32_t ec2_address_associate(neph_call *call, neph_request *request);
int32_t ec2_address_disassociate(neph_call *call, neph_request *request);
int32_t ec2_address_disassociate_then(neph_call *call);
int32_t ec2_address_release(neph_call *call, neph_request *request);
int32_t ec2_address_release_then(neph_call *call);

/* ---- firewall.c */

extern const neph_reply *const ec2_firewall_list_replies[1];
extern const neph_reply *const ec2_firewall_create_replies[1];
extern const neph_reply *const ec2_rule_list_replies[1];
extern const neph_reply *const ec2_rule_remove_replies[1];
int32_t ec2_firewall_list(neph_call *call, neph_request *request);
int32_t ec2_firewall_create(neph_call *call, neph_request *request);
int32_t ec2_firewall_create_each(neph_call *call, neph_record *record);
int32_t ec2_firewall_delete(neph_call *call, neph_request *request);
int32_t ec2_rule_list(neph_call *call, neph_request *request);
int32_t ec2_rule_list_each(neph_call *call, neph_record *record);
int32_t ec2_rule_add(neph_call *call, neph_request *request);
int32_t ec2_rule_remove(neph_call *call, neph_request *request);
int32_t ec2_rule_remove_then(neph_call *call);

/* ---- network.c */

extern const neph_reply *const ec2_network_list_replies[1];
extern const neph_reply *const ec2_subnet_list_replies[1];
int32_t ec2_network_list(neph_call *call, neph_request *request);
int32_t ec2_subnet_list(neph_call *call, neph_request *request);

/* ---- extension.c */

enum {
    EC2_OP_SPOT_PRICE_HISTORY = NEPH_OP_EXTENSION + 1,
    EC2_OP_MODIFY_INSTANCE_ATTRIBUTE = NEPH_OP_EXTENSION + 2,
    EC2_OP_CONSOLE_OUTPUT = NEPH_OP_EXTENSION + 3,
    EC2_OP_DESCRIBE_VPCS = NEPH_OP_EXTENSION + 4,
    EC2_OP_DESCRIBE_SUBNETS = NEPH_OP_EXTENSION + 5
};

#define EC2_EXTENSION_COUNT 5
extern const neph_extension ec2_extensions[EC2_EXTENSION_COUNT];

extern const neph_reply *const ec2_spot_replies[1];
extern const neph_reply *const ec2_modify_replies[1];
extern const neph_reply *const ec2_console_replies[1];
extern const neph_reply *const ec2_vpcs_replies[1];
extern const neph_reply *const ec2_subnets_replies[1];
int32_t ec2_spot(neph_call *call, neph_request *request);
int32_t ec2_modify(neph_call *call, neph_request *request);
int32_t ec2_modify_each(neph_call *call, neph_record *record);
int32_t ec2_console(neph_call *call, neph_request *request);
int32_t ec2_console_each(neph_call *call, neph_record *record);
int32_t ec2_vpcs(neph_call *call, neph_request *request);
int32_t ec2_subnets(neph_call *call, neph_request *request);

#endif /* EC2_H */
