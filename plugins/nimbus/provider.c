/*
 * provider.c - Nimbus, a private cloud that speaks EC2's Query API of 2010: settings, actions, where it is, signing. The
 * requests stand in node.c, image.c, size.c and location.c; the replies are EC2's (neph/kit/ec2.h).
 */
#include "nimbus.h"

#include <neph/kit/sigv2.h>
#include <neph/kit/text.h>

#define API_VERSION "2010-08-31"

/* ---- settings */

static const neph_origin host_origins[] = {{NEPH_FROM_ENVIRONMENT, 0, "NIMBUS_HOST"}};
static const neph_origin port_origins[] = {{NEPH_FROM_ENVIRONMENT, 0, "NIMBUS_PORT"}};
static const neph_origin access_key_origins[] = {{NEPH_FROM_ENVIRONMENT, 0, "NIMBUS_ACCESS_KEY"}};
static const neph_origin secret_key_origins[] = {{NEPH_FROM_ENVIRONMENT, 0, "NIMBUS_SECRET_KEY"}};

static const neph_setting settings[] = {
    {
        .name = "host",
        .summary = "name or address of the cloud's server",
        .type = NEPH_TYPE_STRING,
        .flags = NEPH_SETTING_REQUIRED,
        NEPH_ORIGINS(host_origins),
    },
    {
        .name = "port",
        .summary = "its port",
        .fallback = "8444",
        .type = NEPH_TYPE_INTEGER,
        NEPH_ORIGINS(port_origins),
    },
    {
        .name = "path",
        .summary = "path of the Query interface",
        .fallback = "/",
        .type = NEPH_TYPE_STRING,
    },
    {
        .name = "secure",
        .summary = "HTTPS; false: HTTP",
        .fallback = "true",
        .type = NEPH_TYPE_BOOLEAN,
    },
    {
        .name = "access_key",
        .summary = "access key id",
        .type = NEPH_TYPE_STRING,
        .flags = NEPH_SETTING_REQUIRED | NEPH_SETTING_GROUP,
        NEPH_ORIGINS(access_key_origins),
    },
    {
        .name = "secret_key",
        .summary = "secret key",
        .type = NEPH_TYPE_STRING,
        .flags = NEPH_SETTING_REQUIRED | NEPH_SETTING_SECRET | NEPH_SETTING_GROUP,
        NEPH_ORIGINS(secret_key_origins),
    },
};

/* ---- actions */

static const int32_t node_create_takes[] = {NEPH_NODE_KEY, NEPH_USER_DATA, NEPH_USER_DATA_BASE64};

static const neph_action actions[] = {
    {
        .op = NEPH_OP_NODE_LIST,
        .traits = NEPH_SAFE,
        .ask = nimbus_node_list,
        NEPH_REPLIES(nimbus_node_list_replies),
    },
    {
        .op = NEPH_OP_NODE_SHOW,
        .traits = NEPH_SAFE,
        .ask = nimbus_node_show,
        NEPH_REPLIES(nimbus_node_list_replies),
        .then = neph_ec2_show_then,
        .each = neph_ec2_show_each,
    },
    {
        /* Neither a token nor a tag nor a name would tell a second node from the first. */
        .op = NEPH_OP_NODE_CREATE,
        .ask = nimbus_node_create,
        NEPH_REPLIES(nimbus_node_create_replies),
        NEPH_TAKES(node_create_takes),
    },
    {
        .op = NEPH_OP_NODE_DESTROY,
        .traits = NEPH_IDEMPOTENT,
        .ask = nimbus_node_destroy,
        NEPH_REPLIES(nimbus_node_done_replies),
    },
    {
        .op = NEPH_OP_NODE_REBOOT,
        .ask = nimbus_node_reboot,
        NEPH_REPLIES(nimbus_node_done_replies),
    },
    {
        .op = NEPH_OP_IMAGE_LIST,
        .traits = NEPH_SAFE,
        .ask = nimbus_image_list,
        NEPH_REPLIES(nimbus_image_list_replies),
        .each = nimbus_image_each,
    },
    {
        .op = NEPH_OP_SIZE_LIST,
        .traits = NEPH_SAFE,
        .perform = nimbus_size_list,
    },
    {
        .op = NEPH_OP_LOCATION_LIST,
        .traits = NEPH_SAFE,
        .ask = nimbus_location_list,
        NEPH_REPLIES(nimbus_location_list_replies),
    },
};

int32_t nimbus_begin(neph_query *query, neph_call *call, neph_request *request, const char *action)
{
    const char *path = neph_setting_string(neph_cloud_of(call), "path");
    int32_t rc;
    path += strspn(path, "/");
    rc = *path ? neph_request_path(request, "/{*}", path) : neph_request_path(request, "/");
    neph_query_begin(query, request, NEPH_QUERY_URL, action, API_VERSION);
    return rc;
}

/* ---- hooks */

/* A name or an address; of IPv6 in brackets. */
static int is_host(const char *host)
{
    return *host && !host[strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "0123456789.-_[]:")];
}

static int32_t nimbus_open(neph_cloud *cloud)
{
    const char *host = neph_setting_string(cloud, "host");
    int64_t port = neph_setting_integer(cloud, "port");
    char data[320];
    neph_text url;
    if (!is_host(host) || (host[0] != '[' && strchr(host, ':')))
        return neph_fail(cloud, NEPH_INVALID, "set host: \"%.80s\" is no name of a server", host);
    if (port < 1 || port > 65535)
        return neph_fail(cloud, NEPH_INVALID, "set port: a port is 1 to 65535");
    neph_text_init(&url, data, sizeof data);
    neph_text_add(&url, neph_setting_integer(cloud, "secure") == 0 ? "http://" : "https://");
    neph_text_add(&url, host);
    neph_text_add_char(&url, ':');
    neph_text_add_integer(&url, port);
    if (url.status)
        return neph_fail(cloud, NEPH_LIMIT, "set host: the name is too long");
    return neph_endpoint(cloud, NULL, data);
}

static int32_t nimbus_sign(neph_call *call, neph_request *request, int64_t now_ns)
{
    const neph_cloud *cloud = neph_cloud_of(call);
    neph_sigv2 how = {
        .access_key = neph_setting_string(cloud, "access_key"),
        .secret_key = neph_setting_string(cloud, "secret_key"),
    };
    return neph_sigv2_sign(request, &how, now_ns);
}

static const neph_provider provider = {
    .size = sizeof(neph_provider),
    .id = "nimbus",
    .title = "Nimbus private cloud",
    NEPH_SETTINGS(settings),
    NEPH_ACTIONS(actions),
    NEPH_FAULTS(neph_ec2_faults),
    .error = &neph_ec2_error_reply,
    .open = nimbus_open,
    .sign = nimbus_sign,
    .fault = neph_ec2_fault,
};

static const neph_provider *const providers[] = {&provider};
NEPH_PLUGIN(nimbus, "0.1.0", "neph-plugin-nimbus", providers);
