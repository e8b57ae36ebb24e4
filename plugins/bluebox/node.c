/*
 * node.c - blocks of Blue Box: list, show, create, destroy, reboot. Replies are JSON, requests forms.
 */
#include "bluebox.h"

/* What the service calls the states; anything else is unknown. */
static const neph_map node_states[] = {
    {"queued", NEPH_NODE_PENDING},
    {"building", NEPH_NODE_PENDING},
    {"running", NEPH_NODE_RUNNING},
    {"error", NEPH_NODE_TERMINATED},
    {NULL, 0},
};

static const neph_field node_fields[] = {
    {"id", .member = NEPH_NODE_ID, .flags = NEPH_FIELD_REQUIRED},
    {"hostname", .member = NEPH_NODE_NAME},
    {"status", .member = NEPH_NODE_STATE, .map = node_states},
    {"ips[]/address", .member = NEPH_NODE_PUBLIC_IPS},
    {"cpu", .member = NEPH_NODE_CPUS},
    {"memory", .member = NEPH_NODE_RAM_BYTES},
    {"storage", .member = NEPH_NODE_DISK_BYTES},
    {"template", .member = NEPH_NODE_IMAGE},
    {"product/id", .member = NEPH_NODE_SIZE},
    {"description", .member = NEPH_EXTRA},
};

/* Every block is in the one place that there is. */
int32_t bluebox_node_each(neph_call *call, neph_record *record)
{
    (void)call;
    return neph_record_set(record, NEPH_NODE_LOCATION, BLUEBOX_LOCATION_ID);
}

/* ---- list */

static const neph_rule list_rules[] = {
    {.path = "[]", NEPH_FIELDS(node_fields), .kind = NEPH_KIND_NODE},
};
static const neph_reply list_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, list_rules);
const neph_reply *const bluebox_node_list_replies[1] = {&list_reply};

/* ---- show */

static const neph_rule show_rules[] = {
    {.path = ".", NEPH_FIELDS(node_fields), .kind = NEPH_KIND_NODE},
};
static const neph_reply show_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, show_rules);
const neph_reply *const bluebox_node_show_replies[1] = {&show_reply};

int32_t bluebox_node_show(neph_call *call, neph_request *request)
{
    return neph_request_path(request, "/api/blocks/{}.json", neph_argument(call, NEPH_NODE_ID));
}

/* ---- create */

static int32_t form_add(neph_request *request, const char *name, const char *value)
{
    return value && *value ? neph_request_form(request, name, value) : 0;
}

/* The service would make a block that nobody can enter. */
int32_t bluebox_node_create(neph_call *call, neph_request *request)
{
    const char *password = neph_argument(call, NEPH_NODE_PASSWORD);
    const char *public_key = neph_argument(call, NEPH_LOGIN_KEY);
    int32_t rc;
    if ((!password || !*password) && (!public_key || !*public_key))
        return neph_fail(call, NEPH_INVALID,
                         "a node needs a password or a public_key to be entered with");
    rc = neph_request_form(request, "hostname", neph_argument(call, NEPH_NODE_NAME));
    if (!rc)
        rc = neph_request_form(request, "product", neph_argument(call, NEPH_NODE_SIZE));
    if (!rc)
        rc = neph_request_form(request, "template", neph_argument(call, NEPH_NODE_IMAGE));
    if (!rc)
        rc = form_add(request, "username", neph_argument(call, NEPH_LOGIN_NAME));
    if (!rc)
        rc = form_add(request, "password", password);
    return rc ? rc : form_add(request, "ssh_public_key", public_key);
}

/* ---- destroy */

static const neph_reply none_reply = {.size = sizeof(neph_reply), .format = NEPH_REPLY_NONE};
const neph_reply *const bluebox_node_destroy_replies[1] = {&none_reply};

int32_t bluebox_node_destroy(neph_call *call, neph_request *request)
{
    return neph_request_path(request, "/api/blocks/{}.json", neph_argument(call, NEPH_NODE_ID));
}

/* ---- reboot: {"status": "ok", "text": "Reboot initiated."} */

enum { SCRATCH_STATUS = NEPH_SCRATCH + 0, SCRATCH_TEXT = NEPH_SCRATCH + 1 };

static const neph_field reboot_fields[] = {
    {"status", .member = SCRATCH_STATUS},
    {"text", .member = SCRATCH_TEXT},
};
static const neph_rule reboot_rules[] = {
    {.path = ".", NEPH_FIELDS(reboot_fields)},
};
static const neph_reply reboot_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, reboot_rules);
const neph_reply *const bluebox_node_reboot_replies[1] = {&reboot_reply};

int32_t bluebox_node_reboot(neph_call *call, neph_request *request)
{
    return neph_request_path(request, "/api/blocks/{}/reboot.json",
                             neph_argument(call, NEPH_NODE_ID));
}

int32_t bluebox_node_reboot_then(neph_call *call)
{
    const char *status = neph_scratch(call, SCRATCH_STATUS);
    const char *text = neph_scratch(call, SCRATCH_TEXT);
    if (!status || !strcmp(status, "ok"))
        return 0;
    return neph_fail(call, NEPH_UNAVAILABLE, "the node was not rebooted: %s", text ? text : status);
}
