/*
 * tests/engine/fleet.c - see fleet.h.
 *
 * | operation | asks | answer |
 * |---|---|---|
 * | node list | GET /nodes?limit=, ?id= for one id, ?page= | {"nodes": [NODE], "next"} |
 * | node show | GET /nodes/ID | NODE |
 * | node create | POST /nodes name=, token=; found by its tag | NODE |
 * | node destroy, start, stop, reboot | POST /nodes/ID/VERB | nothing |
 * | image list | GET /images | {"images": [{"id", "name", "created"}]} |
 * | image create | POST /images, then POST /images/ID/tags; found by its name | {"id"}; nothing |
 * | key list | GET /keys | {"keys": [{"name"}]} |
 * | key create | POST /keys name=; found by its name | {"name"} |
 * | volume list | GET /volumes; there is no show | {"volumes": [{"id", "name", "state", "attachment"}]} |
 * | volume create | POST /volumes name=, token=; the cloud knows the token | {"id", "state"} |
 * | volume attach, detach, delete | POST /volumes/ID/VERB | nothing |
 * | snapshot create, show | nothing: perform | |
 * | address allocate | POST /addresses; nothing tells what became of it | {"id"} |
 *
 * The provider "bare" has node create and volume detach alone.
 *
 * NODE is {"id", "name", "state", "zone", "tags": [{"name", "value"}], "password"}. An error is {"code", "message"}.
 */
#include "tests/engine/fleet.h"

_Thread_local fleet_state fleet;

static const neph_setting settings[] = {
    {.name = "endpoint",
     .summary = "URL",
     .type = NEPH_TYPE_STRING,
     .flags = NEPH_SETTING_REQUIRED | NEPH_SETTING_ENDPOINT},
};

static const neph_reply nothing = {
    .size = sizeof(neph_reply), .format = NEPH_REPLY_NONE, .rule_size = sizeof(neph_rule)};
static const neph_reply *const no_replies[] = {&nothing};

static const char *verb_of(const neph_call *call)
{
    switch (neph_call_op(call)) {
    case NEPH_OP_NODE_DESTROY: return "destroy";
    case NEPH_OP_NODE_START: return "start";
    case NEPH_OP_NODE_STOP: return "stop";
    case NEPH_OP_NODE_REBOOT: return "reboot";
    case NEPH_OP_VOLUME_ATTACH: return "attach";
    case NEPH_OP_VOLUME_DETACH: return "detach";
    default: return "delete";
    }
}

/* ---- node */

static const neph_map node_states[] = {
    {"pending", NEPH_NODE_PENDING},
    {"running", NEPH_NODE_RUNNING},
    {"stopping", NEPH_NODE_STOPPING},
    {"stopped", NEPH_NODE_STOPPED},
    {"terminated", NEPH_NODE_TERMINATED},
    {"failed", NEPH_NODE_FAILED},
    {NULL, 0},
};
static const neph_field node_fields[] = {
    {"id", .member = NEPH_NODE_ID},
    {"name", .member = NEPH_NODE_NAME},
    {"state", .member = NEPH_NODE_STATE, .map = node_states},
    {"zone", .member = NEPH_NODE_LOCATION},
    {"tags/web", .member = NEPH_NODE_TAGS, .name = "web"},
    {"tags/env", .member = NEPH_NODE_TAGS, .name = "env"},
    {"tags/neph-token", .member = NEPH_NODE_TAGS, .name = NEPH_TOKEN_TAG},
    {"password", .member = NEPH_NODE_PASSWORD, .flags = NEPH_FIELD_SECRET},
};
static const neph_field page_fields[] = {{"next", .member = NEPH_PAGE_TOKEN}};
static const neph_rule node_list_rules[] = {
    {.path = "nodes[]", NEPH_FIELDS(node_fields), .kind = NEPH_KIND_NODE},
    {.path = ".", NEPH_FIELDS(page_fields)},
};
static const neph_reply node_list_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, node_list_rules);
static const neph_reply *const node_list_replies[] = {&node_list_reply};
static const neph_rule node_rules[] = {
    {.path = ".", NEPH_FIELDS(node_fields), .kind = NEPH_KIND_NODE}};
static const neph_reply node_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, node_rules);
static const neph_reply *const node_replies[] = {&node_reply};

static int32_t node_list(neph_call *call, neph_request *request)
{
    const char *limit = neph_argument(call, NEPH_LIST_LIMIT), *id;
    int32_t rc = neph_request_path(request, "/nodes");
    if (!rc && limit)
        rc = neph_request_query(request, "limit", limit);
    if (!rc && neph_argument_pair(call, NEPH_LIST_ID, 0, NULL, &id))
        rc = neph_request_query(request, "id", id);
    return rc;
}

static int32_t node_show(neph_call *call, neph_request *request)
{
    return neph_request_path(request, "/nodes/{}", neph_argument(call, NEPH_NODE_ID));
}

static int32_t node_act(neph_call *call, neph_request *request)
{
    return neph_request_path(request, "/nodes/{}/{}", neph_argument(call, NEPH_NODE_ID),
                             verb_of(call));
}

static int32_t named(neph_call *call, neph_request *request, int32_t name)
{
    const char *text = neph_argument(call, name);
    return text ? neph_request_form(request, "name", text) : 0;
}

static int32_t tokened(neph_call *call, neph_request *request)
{
    const char *token = neph_call_token(call);
    return token ? neph_request_form(request, "token", token) : NEPH_NO_MEMORY;
}

static int32_t node_create(neph_call *call, neph_request *request)
{
    int32_t rc = named(call, request, NEPH_NODE_NAME);
    return rc ? rc : tokened(call, request);
}

/* ---- image: two steps */

static const neph_field image_list_fields[] = {
    {"id", .member = NEPH_IMAGE_ID},
    {"name", .member = NEPH_IMAGE_NAME},
    {"created", .member = NEPH_IMAGE_CREATED},
};
static const neph_rule image_list_rules[] = {
    {.path = "images[]", NEPH_FIELDS(image_list_fields), .kind = NEPH_KIND_IMAGE}};
static const neph_reply image_list_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, image_list_rules);
static const neph_reply *const image_list_replies[] = {&image_list_reply};
static const neph_field image_fields[] = {{"id", .member = NEPH_SCRATCH}};
static const neph_rule image_rules[] = {{.path = ".", NEPH_FIELDS(image_fields)}};
static const neph_reply image_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, image_rules);
static const neph_reply *const image_replies[] = {&image_reply, &nothing};

static int32_t image_create(neph_call *call, neph_request *request)
{
    if (!neph_call_step(call))
        return neph_request_path(request, "/images");
    return neph_request_path(request, "/images/{}/tags", neph_scratch(call, NEPH_SCRATCH));
}

static int32_t image_then(neph_call *call)
{
    int32_t rc;
    if (neph_call_step(call))
        return 0;
    rc = neph_created_note(call, NEPH_KIND_IMAGE, neph_scratch(call, NEPH_SCRATCH));
    return rc ? rc : neph_again(call, 1, 0);
}

/* ---- key */

static const neph_field key_fields[] = {
    {"name", .member = NEPH_KEY_NAME},
    {"fingerprint", .member = NEPH_KEY_FINGERPRINT},
};
static const neph_rule key_list_rules[] = {
    {.path = "keys[]", NEPH_FIELDS(key_fields), .kind = NEPH_KIND_KEY}};
static const neph_reply key_list_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, key_list_rules);
static const neph_reply *const key_list_replies[] = {&key_list_reply};
static const neph_rule key_rules[] = {
    {.path = ".", NEPH_FIELDS(key_fields), .kind = NEPH_KIND_KEY}};
static const neph_reply key_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, key_rules);
static const neph_reply *const key_replies[] = {&key_reply};

static int32_t key_create(neph_call *call, neph_request *request)
{
    return named(call, request, NEPH_KEY_NAME);
}

/* ---- volume */

static const neph_map volume_states[] = {
    {"creating", NEPH_VOLUME_CREATING}, {"available", NEPH_VOLUME_AVAILABLE},
    {"in-use", NEPH_VOLUME_IN_USE},     {"deleted", NEPH_VOLUME_DELETED},
    {"failed", NEPH_VOLUME_FAILED},     {NULL, 0},
};
static const neph_map attachment_states[] = {
    {"attaching", NEPH_ATTACHMENT_ATTACHING},
    {"attached", NEPH_ATTACHMENT_ATTACHED},
    {"busy", NEPH_ATTACHMENT_BUSY},
    {NULL, 0},
};
static const neph_field volume_fields[] = {
    {"id", .member = NEPH_VOLUME_ID},
    {"name", .member = NEPH_VOLUME_NAME},
    {"state", .member = NEPH_VOLUME_STATE, .map = volume_states},
    {"attachment", .member = NEPH_VOLUME_ATTACHMENT_STATE, .map = attachment_states},
    {"created", .member = NEPH_VOLUME_CREATED},
};
static const neph_rule volume_list_rules[] = {
    {.path = "volumes[]", NEPH_FIELDS(volume_fields), .kind = NEPH_KIND_VOLUME}};
static const neph_reply volume_list_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, volume_list_rules);
static const neph_reply *const volume_list_replies[] = {&volume_list_reply};
static const neph_rule volume_rules[] = {
    {.path = ".", NEPH_FIELDS(volume_fields), .kind = NEPH_KIND_VOLUME}};
static const neph_reply volume_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, volume_rules);
static const neph_reply *const volume_replies[] = {&volume_reply};

static int32_t volume_create(neph_call *call, neph_request *request)
{
    int32_t rc = named(call, request, NEPH_VOLUME_NAME);
    return rc ? rc : tokened(call, request);
}

static int32_t volume_act(neph_call *call, neph_request *request)
{
    return neph_request_path(request, "/volumes/{}/{}", neph_argument(call, NEPH_VOLUME_ID),
                             verb_of(call));
}

/* ---- snapshot: no server */

static int32_t snapshot_emit(neph_call *call, int32_t state)
{
    neph_record *record = neph_record_new(call, NEPH_KIND_SNAPSHOT);
    int32_t rc = record ? neph_record_set(record, NEPH_SNAPSHOT_ID, "snap-1") : NEPH_NO_MEMORY;
    if (!rc)
        rc = neph_record_set_integer(record, NEPH_SNAPSHOT_STATE, state);
    if (!rc)
        rc = neph_record_emit(call, record);
    return rc == NEPH_AGAIN ? 0 : rc;
}

static int32_t snapshot_create(neph_call *call)
{
    return snapshot_emit(call, NEPH_SNAPSHOT_PENDING);
}

static int32_t snapshot_show(neph_call *call)
{
    fleet.shown++;
    if (fleet.missing_looks-- > 0)
        return neph_fail(call, NEPH_NOT_FOUND, "there is no such snapshot");
    return snapshot_emit(call, fleet.pending_looks-- > 0 ? NEPH_SNAPSHOT_PENDING
                                                         : NEPH_SNAPSHOT_COMPLETED);
}

static void snapshot_finish(neph_call *call)
{
    (void)call;
    fleet.finished++;
}

/* ---- address */

static const neph_field address_fields[] = {{"id", .member = NEPH_ADDRESS_ID}};
static const neph_rule address_rules[] = {
    {.path = ".", NEPH_FIELDS(address_fields), .kind = NEPH_KIND_ADDRESS}};
static const neph_reply address_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, address_rules);
static const neph_reply *const address_replies[] = {&address_reply};

/* ---- the provider */

static const int32_t node_list_takes[] = {NEPH_LIST_LIMIT, NEPH_LIST_ID};

#define ACT(operation, function)                                                                   \
    {                                                                                              \
        .op = operation, .method = "POST", .ask = function, NEPH_REPLIES(no_replies)               \
    }

static const neph_action actions[] = {
    {.op = NEPH_OP_NODE_LIST,
     .traits = NEPH_SAFE,
     .ask = node_list,
     NEPH_REPLIES(node_list_replies),
     NEPH_TAKES(node_list_takes),
     .page = NEPH_PAGE_BY_QUERY,
     .page_name = "page"},
    {.op = NEPH_OP_NODE_SHOW, .traits = NEPH_SAFE, .ask = node_show, NEPH_REPLIES(node_replies)},
    {.op = NEPH_OP_NODE_CREATE,
     .method = "POST",
     .path = "/nodes",
     .ask = node_create,
     NEPH_REPLIES(node_replies),
     .find = NEPH_FIND_BY_TAG},
    ACT(NEPH_OP_NODE_DESTROY, node_act),
    ACT(NEPH_OP_NODE_START, node_act),
    ACT(NEPH_OP_NODE_STOP, node_act),
    ACT(NEPH_OP_NODE_REBOOT, node_act),
    {.op = NEPH_OP_IMAGE_LIST,
     .traits = NEPH_SAFE,
     .path = "/images",
     NEPH_REPLIES(image_list_replies)},
    {.op = NEPH_OP_IMAGE_CREATE,
     .method = "POST",
     .ask = image_create,
     NEPH_REPLIES(image_replies),
     .then = image_then,
     .find = NEPH_FIND_BY_NAME},
    {.op = NEPH_OP_KEY_LIST, .traits = NEPH_SAFE, .path = "/keys", NEPH_REPLIES(key_list_replies)},
    {.op = NEPH_OP_KEY_CREATE,
     .method = "POST",
     .path = "/keys",
     .ask = key_create,
     NEPH_REPLIES(key_replies),
     .find = NEPH_FIND_BY_NAME},
    {.op = NEPH_OP_VOLUME_LIST,
     .traits = NEPH_SAFE,
     .path = "/volumes",
     NEPH_REPLIES(volume_list_replies)},
    {.op = NEPH_OP_VOLUME_CREATE,
     .traits = NEPH_ONCE,
     .method = "POST",
     .path = "/volumes",
     .ask = volume_create,
     NEPH_REPLIES(volume_replies)},
    ACT(NEPH_OP_VOLUME_ATTACH, volume_act),
    ACT(NEPH_OP_VOLUME_DETACH, volume_act),
    ACT(NEPH_OP_VOLUME_DELETE, volume_act),
    {.op = NEPH_OP_SNAPSHOT_CREATE, .perform = snapshot_create, .finish = snapshot_finish},
    {.op = NEPH_OP_SNAPSHOT_SHOW, .perform = snapshot_show, .finish = snapshot_finish},
    {.op = NEPH_OP_ADDRESS_ALLOCATE,
     .method = "POST",
     .path = "/addresses",
     NEPH_REPLIES(address_replies)},
};

static const neph_fault faults[] = {
    {"Taken", 0, NEPH_EXISTS, NEPH_RETRY_PERMANENT, 0},
    {"NoRoom", 0, NEPH_QUOTA, NEPH_RETRY_PERMANENT, 0},
};
static const neph_field error_fields[] = {
    {"code", .member = NEPH_ERROR_CODE},
    {"message", .member = NEPH_ERROR_MESSAGE},
};
static const neph_rule error_rules[] = {{.path = ".", NEPH_FIELDS(error_fields)}};
static const neph_reply error_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, error_rules);

static const neph_provider provider = {
    .size = sizeof(neph_provider),
    .id = "fleet",
    .title = "Fleet, for tests",
    NEPH_SETTINGS(settings),
    NEPH_ACTIONS(actions),
    NEPH_FAULTS(faults),
    .error = &error_reply,
};

static const neph_action bare_actions[] = {
    {.op = NEPH_OP_NODE_CREATE,
     .method = "POST",
     .path = "/nodes",
     .ask = node_create,
     NEPH_REPLIES(node_replies)},
    ACT(NEPH_OP_VOLUME_DETACH, volume_act),
};

static const neph_provider bare = {
    .size = sizeof(neph_provider),
    .id = "bare",
    .title = "Bare, for tests",
    NEPH_SETTINGS(settings),
    .actions = bare_actions,
    .action_count = NEPH_COUNT(bare_actions),
    .action_size = sizeof(neph_action),
    NEPH_FAULTS(faults),
    .error = &error_reply,
};

static const neph_provider *const providers[] = {&provider, &bare};
NEPH_PLUGIN(fleet, "0.1.0", "neph-tests", providers);
