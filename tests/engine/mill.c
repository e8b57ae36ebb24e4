/*
 * tests/engine/mill.c - see mill.h.
 *
 * | operation | asks | answer |
 * |---|---|---|
 * | bucket list | GET /?marker= | Buckets/Bucket/Name, NextMarker, IsTruncated |
 * | bucket create | PUT /NAME, follows redirects | nothing |
 * | bucket delete | POST /NAME?delete, never asked twice | nothing |
 * | object list | GET /BUCKET?token=, in order | Contents/Key, CommonPrefixes/Prefix, NextToken |
 * | object head, get, put | /BUCKET/KEY | headers, and the body of get |
 * | upload part | PUT /BUCKET/KEY?part=, the body as it is | headers |
 * | object copy | PUT /BUCKET/KEY | Result/ETag, or Error under 200 |
 * | object delete | POST /BUCKET?delete, the MD5 of its body in a header that ask writes | |
 * | object presign | nothing | |
 * | node list | nothing: performs, emits mill.node_count nodes | |
 * | node show | nothing: performs, endless if mill.is_endless | |
 * | node create | POST / name=, password= | Node/Id, Node/Password, Node/Key (secret), Session (secret capture) |
 * | node reboot | POST /, framed with a length that may be a lie | |
 * | size list | GET /sizes?marker=, then GET /prices for each page | Size/Id, NextMarker |
 * | location list | GET /locations of an endpoint that there is not | |
 *
 * An error is Error/Code, Message, RequestId.
 */
#include "tests/engine/mill.h"

_Thread_local mill_state mill;

static const neph_setting settings[] = {
    {.name = "endpoint",
     .summary = "URL",
     .type = NEPH_TYPE_STRING,
     .flags = NEPH_SETTING_REQUIRED | NEPH_SETTING_ENDPOINT},
    {.name = "secret_key",
     .summary = "key",
     .type = NEPH_TYPE_STRING,
     .flags = NEPH_SETTING_SECRET},
};

static const neph_reply nothing = {
    .size = sizeof(neph_reply), .format = NEPH_REPLY_NONE, .rule_size = sizeof(neph_rule)};
static const neph_reply *const no_replies[] = {&nothing};

/* ---- buckets */

static const neph_field bucket_fields[] = {{"Name", .member = NEPH_BUCKET_NAME},
                                           {"Created", .member = NEPH_BUCKET_CREATED}};
static const neph_field bucket_page_fields[] = {{"NextMarker", .member = NEPH_PAGE_TOKEN},
                                                {"IsTruncated", .member = NEPH_PAGE_MORE}};
static const neph_rule bucket_rules[] = {
    {.path = "Buckets/Bucket", NEPH_FIELDS(bucket_fields), .kind = NEPH_KIND_BUCKET},
    {.path = ".", NEPH_FIELDS(bucket_page_fields)},
};
static const neph_reply bucket_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, bucket_rules);
static const neph_reply *const bucket_replies[] = {&bucket_reply};

static int32_t bucket_list(neph_call *call, neph_request *request)
{
    (void)call;
    if (mill.is_virtual)
        (void)neph_request_host_prefix(request, "no label");
    return mill.answer;
}

static int32_t bucket_list_then(neph_call *call)
{
    (void)call;
    return mill.then_answer;
}

static int32_t bucket_create(neph_call *call, neph_request *request)
{
    return neph_request_path(request, "/{}", neph_argument(call, NEPH_BUCKET_NAME));
}

static int32_t bucket_delete(neph_call *call, neph_request *request)
{
    int32_t rc = bucket_create(call, request);
    return rc ? rc : neph_request_query(request, "delete", NULL);
}

/* ---- objects */

static const neph_field object_fields[] = {{"Key", .member = NEPH_OBJECT_KEY}};
static const neph_field prefix_fields[] = {{"Prefix", .member = NEPH_PREFIX_NAME}};
static const neph_field object_page_fields[] = {{"NextToken", .member = NEPH_PAGE_TOKEN}};
static const neph_rule object_list_rules[] = {
    {.path = "Contents", NEPH_FIELDS(object_fields), .kind = NEPH_KIND_OBJECT},
    {.path = "CommonPrefixes", NEPH_FIELDS(prefix_fields), .kind = NEPH_KIND_PREFIX},
    {.path = ".", NEPH_FIELDS(object_page_fields)},
};
static const neph_reply object_list_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, object_list_rules);
static const neph_reply *const object_list_replies[] = {&object_list_reply};

static int32_t object_list(neph_call *call, neph_request *request)
{
    return neph_request_path(request, "/{}", neph_argument(call, NEPH_OBJECT_BUCKET));
}

static int32_t object_ask(neph_call *call, neph_request *request)
{
    return neph_request_path(request, "/{}/{*}", neph_argument(call, NEPH_OBJECT_BUCKET),
                             neph_argument(call, NEPH_OBJECT_KEY));
}

/* The bytes as they are, and their CRC32C in hex behind them. */
static int64_t trailer_length(neph_call *call, int64_t body_size)
{
    (void)call;
    return body_size + 8 + mill.frame_promise;
}

static int32_t trailer_frame(neph_call *call, neph_request *request, neph_chunk *chunk)
{
    (void)call;
    (void)request;
    if (chunk->data_size)
        return 0;
    memcpy(chunk->tail, chunk->body_digest, 8);
    chunk->tail_size = 8;
    return 0;
}

static const neph_framing trailer = {.size = sizeof(neph_framing),
                                     .chunk_size = 1024,
                                     .body_digest = NEPH_DIGEST_CRC32C,
                                     .length = trailer_length,
                                     .frame = trailer_frame};

static int32_t object_put(neph_call *call, neph_request *request)
{
    int32_t rc = object_ask(call, request);
    if (!rc)
        rc = neph_request_body_source(request);
    return rc || !mill.is_trailed ? rc : neph_request_framing(request, &trailer);
}

static const neph_field head_fields[] = {
    {"header:ETag", .member = NEPH_OBJECT_ETAG, .flags = NEPH_FIELD_UNQUOTE},
    {"header:X-Checksum", .member = NEPH_OBJECT_CHECKSUM}};
static const neph_rule head_rules[] = {
    {.path = ".", NEPH_FIELDS(head_fields), .kind = NEPH_KIND_OBJECT}};
static const neph_reply head_reply = NEPH_REPLY_OF(NEPH_REPLY_NONE, head_rules);
static const neph_reply *const head_replies[] = {&head_reply};
static const neph_reply body_reply = NEPH_REPLY_OF(NEPH_REPLY_BODY, head_rules);
static const neph_reply *const body_replies[] = {&body_reply};

static int32_t upload_part(neph_call *call, neph_request *request)
{
    int32_t rc = object_ask(call, request);
    if (!rc)
        rc = neph_request_query(request, "part", neph_argument(call, NEPH_PART_NUMBER));
    return rc ? rc : neph_request_body_source(request);
}

static const neph_field part_fields[] = {
    {"header:ETag", .member = NEPH_PART_ETAG, .flags = NEPH_FIELD_UNQUOTE},
    {"header:X-Checksum", .member = NEPH_PART_CHECKSUM}};
static const neph_rule part_rules[] = {
    {.path = ".", NEPH_FIELDS(part_fields), .kind = NEPH_KIND_PART}};
static const neph_reply part_reply = NEPH_REPLY_OF(NEPH_REPLY_NONE, part_rules);
static const neph_reply *const part_replies[] = {&part_reply};

static const neph_field copy_fields[] = {{"ETag", .member = NEPH_OBJECT_ETAG}};
static const neph_field error_fields[] = {
    {"Code", .member = NEPH_ERROR_CODE},
    {"Message", .member = NEPH_ERROR_MESSAGE},
    {"RequestId", .member = NEPH_ERROR_REQUEST_ID},
};
static const neph_rule copy_rules[] = {
    {.path = ".", NEPH_FIELDS(copy_fields), .kind = NEPH_KIND_OBJECT, .root = "Result"},
    {.path = ".", NEPH_FIELDS(error_fields), .flags = NEPH_RULE_ERROR, .root = "Error"},
};
static const neph_reply copy_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, copy_rules);
static const neph_reply *const copy_replies[] = {&copy_reply};

static int32_t object_delete(neph_call *call, neph_request *request)
{
    char hex[NEPH_DIGEST_HEX_MAX];
    const char *key = neph_argument(call, NEPH_OBJECT_KEY);
    int32_t rc = object_list(call, request);
    if (!rc)
        rc = neph_request_query(request, "delete", NULL);
    if (!rc)
        rc = neph_request_body(request, "text/plain", key, strlen(key));
    if (!rc)
        rc = neph_request_body_digest(request, NEPH_DIGEST_MD5, hex, sizeof hex);
    return rc ? rc : neph_request_header(request, "X-MD5", hex);
}

static int32_t object_presign(neph_call *call, neph_request *request)
{
    const char *method = neph_argument(call, NEPH_PRESIGN_METHOD);
    int32_t rc = object_ask(call, request);
    return rc ? rc : neph_request_method(request, method ? method : "GET");
}

/* ---- nodes: without a server */

static int32_t node_emit(neph_call *call, int number)
{
    neph_record *record = neph_record_new(call, NEPH_KIND_NODE);
    char id[24];
    snprintf(id, sizeof id, "n%d", number);
    if (!record || neph_record_set(record, NEPH_NODE_ID, id))
        return neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    return neph_record_emit(call, record);
}

typedef struct counter {
    int64_t done;
} counter;

static int32_t node_list(neph_call *call)
{
    counter *memory = neph_call_memory(call, sizeof *memory);
    int32_t rc = 0;
    mill.performed++;
    if (!memory)
        return neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    if (mill.refusals > 0 && mill.refusals--)
        return neph_fail(call, mill.answer, "not now");
    while (!rc && memory->done < mill.node_count)
        rc = node_emit(call, (int)++memory->done);
    return rc;
}

static int32_t node_show(neph_call *call)
{
    int32_t rc = node_emit(call, 1);
    mill.performed++;
    if (!rc && mill.slice_delay_ms)
        neph_again(call, 0, mill.slice_delay_ms);
    if (rc)
        return rc;
    return mill.is_endless ? NEPH_AGAIN : mill.answer;
}

static void node_finish(neph_call *call)
{
    (void)call;
    mill.finished++;
}

static const neph_field node_fields[] = {
    {"Id", .member = NEPH_NODE_ID},
    {"Password", .member = NEPH_NODE_PASSWORD, .flags = NEPH_FIELD_SECRET},
    {"Key", .member = NEPH_EXTRA, .flags = NEPH_FIELD_SECRET},
};
static const neph_field capture_fields[] = {
    {"Session", .member = NEPH_SCRATCH + 3, .flags = NEPH_FIELD_SECRET}};
static const neph_rule node_rules[] = {
    {.path = "Node", NEPH_FIELDS(node_fields), .kind = NEPH_KIND_NODE},
    {.path = ".", NEPH_FIELDS(capture_fields)},
};
static const neph_reply node_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, node_rules);
static const neph_reply *const node_replies[] = {&node_reply};

static int32_t node_create(neph_call *call, neph_request *request)
{
    int32_t rc = neph_request_form(request, "name", neph_argument(call, NEPH_NODE_NAME));
    const char *password = neph_argument(call, NEPH_NODE_PASSWORD);
    return rc || !password ? rc : neph_request_form(request, "password", password);
}

/* "0[" bytes "]" for each chunk, counted, and "1." behind the last. */
static int64_t frames_length(neph_call *call, int64_t body_size)
{
    (void)call;
    return body_size < 0 ? -1 : (body_size + 1023) / 1024 * 3 + body_size + 2 + mill.frame_promise;
}

static int32_t frame(neph_call *call, neph_request *request, neph_chunk *chunk)
{
    (void)call;
    (void)request;
    chunk->head[0] = (char)('0' + chunk->index);
    chunk->head[1] = chunk->data_size ? '[' : '.';
    chunk->head_size = 2;
    chunk->tail[0] = ']';
    chunk->tail_size = chunk->data_size ? 1 : 0;
    return 0;
}

static const neph_framing framing = {
    .size = sizeof(neph_framing), .chunk_size = 1024, .length = frames_length, .frame = frame};

static int32_t node_reboot(neph_call *call, neph_request *request)
{
    const char *id = neph_argument(call, NEPH_NODE_ID);
    int32_t rc = neph_request_body(request, "text/plain", id, strlen(id));
    return rc ? rc : neph_request_framing(request, &framing);
}

/* ---- sizes: two requests for a page */

static const neph_field size_fields[] = {{"Id", .member = NEPH_SIZE_ID}};
static const neph_field size_page_fields[] = {{"NextMarker", .member = NEPH_PAGE_TOKEN}};
static const neph_rule size_rules[] = {
    {.path = "Size", NEPH_FIELDS(size_fields), .kind = NEPH_KIND_SIZE},
    {.path = ".", NEPH_FIELDS(size_page_fields)},
};
static const neph_reply size_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, size_rules);
static const neph_reply *const size_replies[] = {&size_reply, &nothing};

static int32_t size_list(neph_call *call, neph_request *request)
{
    return neph_request_path(request, neph_call_step(call) ? "/prices" : "/sizes");
}

static int32_t size_then(neph_call *call)
{
    return neph_call_step(call) ? 0 : neph_again(call, 1, 0);
}

/* ---- the provider */

static const int32_t list_takes[] = {NEPH_LIST_LIMIT, NEPH_LIST_PREFIX};
static const int32_t get_takes[] = {NEPH_RANGE_OFFSET, NEPH_RANGE_LENGTH};
static const int32_t create_takes[] = {NEPH_NODE_PASSWORD};
static const int32_t presign_takes[] = {NEPH_PRESIGN_METHOD, NEPH_PRESIGN_SECONDS};

static const neph_action actions[] = {
    {.op = NEPH_OP_BUCKET_LIST,
     .traits = NEPH_SAFE,
     .path = "/",
     .ask = bucket_list,
     NEPH_REPLIES(bucket_replies),
     .then = bucket_list_then,
     .page = NEPH_PAGE_BY_QUERY,
     .page_name = "marker"},
    {.op = NEPH_OP_BUCKET_CREATE,
     .traits = NEPH_IDEMPOTENT | NEPH_FOLLOW,
     .method = "PUT",
     .ask = bucket_create,
     NEPH_REPLIES(no_replies)},
    {.op = NEPH_OP_BUCKET_DELETE, .method = "POST", .ask = bucket_delete, NEPH_REPLIES(no_replies)},
    {.op = NEPH_OP_OBJECT_LIST,
     .traits = NEPH_SAFE | NEPH_ORDERED,
     .ask = object_list,
     NEPH_REPLIES(object_list_replies),
     NEPH_TAKES(list_takes),
     .page = NEPH_PAGE_BY_QUERY,
     .page_name = "token"},
    {.op = NEPH_OP_OBJECT_HEAD,
     .traits = NEPH_SAFE,
     .method = "HEAD",
     .ask = object_ask,
     NEPH_REPLIES(head_replies)},
    {.op = NEPH_OP_OBJECT_GET,
     .traits = NEPH_SAFE | NEPH_FOLLOW,
     .ask = object_ask,
     NEPH_REPLIES(body_replies),
     NEPH_TAKES(get_takes)},
    {.op = NEPH_OP_OBJECT_PUT,
     .traits = NEPH_IDEMPOTENT | NEPH_FOLLOW,
     .method = "PUT",
     .ask = object_put,
     NEPH_REPLIES(head_replies)},
    {.op = NEPH_OP_UPLOAD_PART,
     .traits = NEPH_IDEMPOTENT,
     .method = "PUT",
     .ask = upload_part,
     NEPH_REPLIES(part_replies)},
    {.op = NEPH_OP_OBJECT_COPY,
     .traits = NEPH_IDEMPOTENT,
     .method = "PUT",
     .ask = object_ask,
     NEPH_REPLIES(copy_replies)},
    {.op = NEPH_OP_OBJECT_DELETE, .method = "POST", .ask = object_delete, NEPH_REPLIES(no_replies)},
    {.op = NEPH_OP_OBJECT_DELETE_MANY, .traits = NEPH_EACH},
    {.op = NEPH_OP_OBJECT_PRESIGN,
     .traits = NEPH_PRESIGN,
     .ask = object_presign,
     NEPH_TAKES(presign_takes)},
    {.op = NEPH_OP_NODE_LIST, .perform = node_list, .finish = node_finish},
    {.op = NEPH_OP_NODE_SHOW, .perform = node_show, .finish = node_finish},
    {.op = NEPH_OP_NODE_CREATE,
     .method = "POST",
     .path = "/",
     .ask = node_create,
     NEPH_REPLIES(node_replies),
     NEPH_TAKES(create_takes)},
    {.op = NEPH_OP_NODE_REBOOT,
     .method = "POST",
     .path = "/",
     .ask = node_reboot,
     NEPH_REPLIES(no_replies)},
    {.op = NEPH_OP_SIZE_LIST,
     .traits = NEPH_SAFE,
     .ask = size_list,
     NEPH_REPLIES(size_replies),
     .then = size_then,
     .page = NEPH_PAGE_BY_QUERY,
     .page_name = "marker"},
    {.op = NEPH_OP_LOCATION_LIST,
     .traits = NEPH_SAFE,
     .path = "/locations",
     .endpoint = "places",
     NEPH_REPLIES(bucket_replies)},
};

/* The row for a status stands first on purpose: codes go before statuses wherever they stand. */
static const neph_fault faults[] = {
    {NULL, 409, NEPH_CONFLICT, NEPH_RETRY_PERMANENT, 0},
    {"BucketAlreadyExists", 409, NEPH_EXISTS, NEPH_RETRY_PERMANENT, 0},
    {"SlowDown", 0, NEPH_THROTTLED, NEPH_RETRY_TRANSIENT, 0},
    {"NoSuchBucket", 0, NEPH_NOT_FOUND, NEPH_RETRY_PERMANENT, 0},
    {NULL, 418, NEPH_LIMIT, NEPH_RETRY_PERMANENT, 0},
};
static const neph_rule error_rules[] = {{.path = ".", NEPH_FIELDS(error_fields), .root = "Error"}};
static const neph_reply error_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, error_rules);

static int32_t mill_sign(neph_call *call, neph_request *request, int64_t now_ns)
{
    const char *secret = neph_setting_string(neph_cloud_of(call), "secret_key");
    char text[NEPH_DIGEST_HEX_MAX] = "";
    neph_request_view view = {0};
    int32_t rc = neph_request_look(request, &view);
    mill.signed_ns = now_ns;
    mill.signs++;
    if (!rc && view.presign_seconds) {
        snprintf(text, sizeof text, "expires=%d", (int)view.presign_seconds);
        return neph_request_query_raw(request, text);
    }
    if (!rc && mill.is_hashed)
        rc = neph_request_body_digest(request, NEPH_DIGEST_SHA256, text, sizeof text);
    if (!rc && mill.is_hashed)
        rc = neph_request_header(request, "X-Digest", text);
    return rc || !secret ? rc : neph_request_header(request, "X-Key", secret);
}

static int32_t mill_fault(neph_call *call)
{
    const char *code = neph_error_code(call);
    mill.faults++;
    if (code && !strcmp(code, "Moved"))
        return NEPH_FAULT_ASK_AGAIN;
    if (code && !strcmp(code, "Skewed"))
        return NEPH_FAULT_CLOCK;
    if (code && !strcmp(code, "OwnWords"))
        return neph_fail(call, NEPH_QUOTA, "the quota of this account is used up");
    if (code && !strcmp(code, "Damaged"))
        return neph_fail(call, NEPH_INTEGRITY, "other bytes arrived");
    return NEPH_FAULT_DEFAULT;
}

static const neph_provider provider = {
    .size = sizeof(neph_provider),
    .id = "mill",
    .title = "Mill, for tests",
    .hosts = "https://mill.test https://*.mill.test http://both.test https://both.test",
    NEPH_SETTINGS(settings),
    NEPH_ACTIONS(actions),
    NEPH_FAULTS(faults),
    .error = &error_reply,
    .sign = mill_sign,
    .fault = mill_fault,
};

static const neph_provider *const providers[] = {&provider};
NEPH_PLUGIN(mill, "0.1.0", "neph-tests", providers);
