/*
 * provider.c - the Blue Box Blocks API: settings, actions, Basic authentication. The requests and replies stand in
 * node.c, image.c, size.c and location.c.
 */
#include "bluebox.h"

#include <neph/kit/text.h>

/* ---- settings */

static const neph_origin customer_origins[] = {{NEPH_FROM_ENVIRONMENT, 0, "BLUEBOX_CUSTOMER_ID"}};
static const neph_origin api_key_origins[] = {{NEPH_FROM_ENVIRONMENT, 0, "BLUEBOX_API_KEY"}};

static const neph_setting settings[] = {
    {
        .name = "customer",
        .summary = "customer id",
        .type = NEPH_TYPE_STRING,
        .flags = NEPH_SETTING_REQUIRED | NEPH_SETTING_GROUP,
        NEPH_ORIGINS(customer_origins),
    },
    {
        .name = "api_key",
        .summary = "API key",
        .type = NEPH_TYPE_STRING,
        .flags = NEPH_SETTING_REQUIRED | NEPH_SETTING_SECRET | NEPH_SETTING_GROUP,
        NEPH_ORIGINS(api_key_origins),
    },
    {
        .name = "endpoint",
        .summary = "URL of the server",
        .fallback = "https://boxpanel.bluebox.net",
        .type = NEPH_TYPE_STRING,
        .flags = NEPH_SETTING_ENDPOINT,
    },
};

/* ---- actions */

static const int32_t node_create_takes[] = {NEPH_LOGIN_NAME, NEPH_LOGIN_KEY, NEPH_NODE_PASSWORD};

static const neph_action actions[] = {
    {
        .op = NEPH_OP_NODE_LIST,
        .traits = NEPH_SAFE,
        .path = "/api/blocks.json",
        NEPH_REPLIES(bluebox_node_list_replies),
        .each = bluebox_node_each,
    },
    {
        .op = NEPH_OP_NODE_SHOW,
        .traits = NEPH_SAFE,
        .ask = bluebox_node_show,
        NEPH_REPLIES(bluebox_node_show_replies),
        .each = bluebox_node_each,
    },
    {
        /* No token makes a second create harmless. */
        .op = NEPH_OP_NODE_CREATE,
        .method = "POST",
        .path = "/api/blocks.json",
        .ask = bluebox_node_create,
        NEPH_REPLIES(bluebox_node_show_replies),
        NEPH_TAKES(node_create_takes),
        .each = bluebox_node_each,
    },
    {
        .op = NEPH_OP_NODE_DESTROY,
        .traits = NEPH_IDEMPOTENT,
        .method = "DELETE",
        .ask = bluebox_node_destroy,
        NEPH_REPLIES(bluebox_node_destroy_replies),
    },
    {
        .op = NEPH_OP_NODE_REBOOT,
        .method = "PUT",
        .ask = bluebox_node_reboot,
        NEPH_REPLIES(bluebox_node_reboot_replies),
        .then = bluebox_node_reboot_then,
    },
    {
        .op = NEPH_OP_IMAGE_LIST,
        .traits = NEPH_SAFE,
        .path = "/api/block_templates.json",
        NEPH_REPLIES(bluebox_image_list_replies),
    },
    {
        .op = NEPH_OP_SIZE_LIST,
        .traits = NEPH_SAFE,
        .path = "/api/block_products.json",
        NEPH_REPLIES(bluebox_size_list_replies),
        .each = bluebox_size_each,
    },
    {
        .op = NEPH_OP_LOCATION_LIST,
        .traits = NEPH_SAFE,
        .perform = bluebox_location_list,
    },
};

/* ---- errors */

static const neph_fault faults[] = {
    {NULL, 401, NEPH_AUTH, NEPH_RETRY_PERMANENT, 0},
    {NULL, 404, NEPH_NOT_FOUND, NEPH_RETRY_PERMANENT, 0},
    {NULL, 409, NEPH_CONFLICT, NEPH_RETRY_PERMANENT, 0},
    {NULL, 422, NEPH_INVALID, NEPH_RETRY_PERMANENT, 0},
};

static const neph_field error_fields[] = {
    {"error", .member = NEPH_ERROR_MESSAGE},
    {"text", .member = NEPH_ERROR_MESSAGE},
};
static const neph_rule error_rules[] = {
    {.path = ".", NEPH_FIELDS(error_fields)},
};
static const neph_reply error_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, error_rules);

/* ---- hooks */

static int32_t bluebox_open(neph_cloud *cloud)
{
    if (strchr(neph_setting_string(cloud, "customer"), ':'))
        return neph_fail(cloud, NEPH_INVALID, "set customer: a customer id has no colon");
    return neph_endpoint(cloud, NULL, neph_setting_string(cloud, "endpoint"));
}

/* RFC 7617: base64 of "customer:api_key". */
static int32_t bluebox_sign(neph_call *call, neph_request *request, int64_t now_ns)
{
    const neph_cloud *cloud = neph_cloud_of(call);
    char pair[384];
    char header[640];
    neph_text text;
    neph_text value;
    (void)now_ns;
    neph_text_init(&text, pair, sizeof pair);
    neph_text_add(&text, neph_setting_string(cloud, "customer"));
    neph_text_add_char(&text, ':');
    neph_text_add(&text, neph_setting_string(cloud, "api_key"));
    neph_text_init(&value, header, sizeof header);
    neph_text_add(&value, "Basic ");
    neph_text_add_base64(&value, text.data, text.size);
    if (text.status || value.status)
        return neph_fail(call, NEPH_LIMIT,
                         "set api_key: customer id and API key are too long together");
    return neph_request_header(request, "Authorization", value.data);
}

static const neph_provider provider = {
    .size = sizeof(neph_provider),
    .id = "bluebox",
    .title = "Blue Box Blocks",
    NEPH_SETTINGS(settings),
    NEPH_ACTIONS(actions),
    NEPH_FAULTS(faults),
    .error = &error_reply,
    .open = bluebox_open,
    .sign = bluebox_sign,
};

static const neph_provider *const providers[] = {&provider};
NEPH_PLUGIN(bluebox, "0.1.0", "neph-plugin-bluebox", providers);
