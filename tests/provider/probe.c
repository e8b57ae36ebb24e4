/*
 * probe.c - a provider for tests: what no real one does yet. Its server is a transport made by the test.
 *
 * Settings: endpoint, user, password (secret), pace_ms (of polls; 1).
 *
 * | operation | asks | answer |
 * |---|---|---|
 * | login | POST /v3/auth/tokens {"user","password"} | X-Subject-Token; {"token": {"expires_at", "catalog": [{"type",
 * |   |   | "endpoints": [{"url", "region", "interface"}]}]}}: endpoints of the types compute and network |
 * | node list | compute GET /servers?marker=LAST ID | {"servers": [{"id", "name", "status"}]} until one is empty |
 * | node show | compute GET /servers/ID | {"id" ...} |
 * | node create | network GET /ports?name=NAME; compute POST /servers {"name", "port"}; compute GET /servers/ID while its
 * |   | status is BUILD | {"ports": [{"id"}]}; {"id", "adminPass"}; as node show |
 * | image list | GET /images?offset=COUNT | {"images": [{"id", "name"}]} until one is empty |
 * | size list | GET /sizes | {"sizes": [{"id"}], "links": [{"rel": "next", "href"}]} |
 * | location list | POST / Action=DescribeRegions&NextToken= | XML: regionInfo/item/regionName, nextToken |
 * | bucket list | POST /buckets {"token"} | {"buckets": [{"name"}], "next"} |
 * | bucket create | nothing: performs in PROBE_SLICES slices | |
 * | object list | GET /BUCKET?token= | XML: bundle/item/key, bundle/name, Prefix/Name, Next; keys in ".hidden" dropped |
 * | object head | HEAD /BUCKET/KEY | headers |
 * | object get | nothing: performs, RANGE_LENGTH bytes of "probe" over and over | |
 * | object put | PUT /BUCKET/KEY, framed: SIZE;digest=SHA256 CRLF data CRLF ..., 0 CRLF, x-digest:SHA256 CRLF CRLF | |
 * | object delete | POST /BUCKET?delete | {"done": [{"key"}], "failed": [{"key", "code", "message"}]} |
 * | probe.quotes | GET /quotes?kind=KIND&since=TIME&below=PRICE&zone=ZONE ... &next=TOKEN, X-Key: KEY |
 * |   | {"quotes": [{"zone", "price", "seen", "is_spot", "count", "key", "note", "rack"}], "next"} |
 * | probe.echo | nothing: performs, COUNT rows with TEXT | |
 *
 * An error is {"code", "message", "region"}: "StaleToken" logs in again, "Skewed" learns the clock, "Elsewhere" is
 * remembered and asked again with the header X-Region.
 */
#include <neph/plugin.h>
#include <neph/kit/text.h>

#define PROBE_SLICES 3
#define PROBE_CHUNK 1024

enum {
    SCRATCH_PORT = NEPH_SCRATCH + 0,
    SCRATCH_ID = NEPH_SCRATCH + 1,
    SCRATCH_STATUS = NEPH_SCRATCH + 2,
    SCRATCH_REGION = NEPH_SCRATCH + 3
};

static const neph_setting settings[] = {
    {.name = "endpoint",
     .summary = "URL of the server",
     .type = NEPH_TYPE_STRING,
     .flags = NEPH_SETTING_REQUIRED | NEPH_SETTING_ENDPOINT},
    {.name = "user", .summary = "user", .fallback = "demo", .type = NEPH_TYPE_STRING},
    {.name = "password",
     .summary = "password",
     .type = NEPH_TYPE_STRING,
     .flags = NEPH_SETTING_REQUIRED | NEPH_SETTING_SECRET},
    {.name = "pace_ms",
     .summary = "time between polls",
     .fallback = "1",
     .type = NEPH_TYPE_INTEGER},
};

/* {"NAME": "VALUE"} or, with a second pair, both. Values have nothing to escape. */
static int32_t json_body(neph_request *request, const char *const *pairs, size_t count)
{
    char data[1024];
    neph_text body;
    neph_text_init(&body, data, sizeof data);
    for (size_t i = 0; i < count; i++) {
        neph_text_add(&body, i ? ",\"" : "{\"");
        neph_text_add(&body, pairs[2 * i]);
        neph_text_add(&body, "\":\"");
        neph_text_add(&body, pairs[2 * i + 1]);
        neph_text_add(&body, "\"");
    }
    neph_text_add(&body, "}");
    if (body.status)
        return neph_fail(request, NEPH_LIMIT, "the probe's body is too long");
    return neph_request_body(request, "application/json", body.data, body.size);
}

/* ---- login */

static const neph_field token_fields[] = {
    {"header:X-Subject-Token", .member = NEPH_SESSION_TOKEN, .flags = NEPH_FIELD_SECRET},
    {"token/expires_at", .member = NEPH_SESSION_EXPIRES},
};
static const neph_field catalogue_fields[] = {
    {"../../type", .member = NEPH_ENDPOINT_SERVICE},
    {"url", .member = NEPH_ENDPOINT_URL},
    {"region", .member = NEPH_ENDPOINT_REGION},
    {"interface", .member = NEPH_ENDPOINT_INTERFACE},
};
static const neph_rule login_rules[] = {
    {.path = ".", NEPH_FIELDS(token_fields)},
    {.path = "token/catalog[]/endpoints[]",
     NEPH_FIELDS(catalogue_fields),
     .kind = NEPH_KIND_ENDPOINT},
};
static const neph_reply login_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, login_rules);
static const neph_reply *const login_replies[] = {&login_reply};

static int32_t login_ask(neph_call *call, neph_request *request)
{
    const neph_cloud *cloud = neph_cloud_of(call);
    const char *const pairs[] = {"user", neph_setting_string(cloud, "user"), "password",
                                 neph_setting_string(cloud, "password")};
    return json_body(request, pairs, 2);
}

/* Only public endpoints count. */
static int32_t login_each(neph_call *call, neph_record *record)
{
    const char *interface = neph_record_get(record, NEPH_ENDPOINT_INTERFACE);
    (void)call;
    return interface && strcmp(interface, "public") ? NEPH_DROP : 0;
}

static const neph_action login = {
    .op = NEPH_OP_LOGIN,
    .traits = NEPH_SAFE | NEPH_ANONYMOUS,
    .method = "POST",
    .path = "/v3/auth/tokens",
    .ask = login_ask,
    NEPH_REPLIES(login_replies),
    .each = login_each,
};

/* ---- node: pages by the last id, captures, polls */

static const neph_map node_states[] = {
    {"BUILD", NEPH_NODE_PENDING},
    {"ACTIVE", NEPH_NODE_RUNNING},
    {NULL, 0},
};
static const neph_field node_fields[] = {
    {"id", .member = NEPH_NODE_ID, .flags = NEPH_FIELD_REQUIRED},
    {"name", .member = NEPH_NODE_NAME},
    {"status", .member = NEPH_NODE_STATE, .map = node_states},
    {"addresses[]/addr", .member = NEPH_NODE_PUBLIC_IPS},
    {"adminPass", .member = NEPH_NODE_PASSWORD, .flags = NEPH_FIELD_SECRET},
    {"host/rack", .member = NEPH_EXTRA},
};
static const neph_rule node_list_rules[] = {
    {.path = "servers[]", NEPH_FIELDS(node_fields), .kind = NEPH_KIND_NODE},
};
static const neph_reply node_list_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, node_list_rules);
static const neph_reply *const node_list_replies[] = {&node_list_reply};

static const neph_field status_fields[] = {{"status", .member = SCRATCH_STATUS}};
static const neph_rule node_rules[] = {
    {.path = ".", NEPH_FIELDS(node_fields), .kind = NEPH_KIND_NODE},
    {.path = ".", NEPH_FIELDS(status_fields)},
};
static const neph_reply node_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, node_rules);
static const neph_reply *const node_show_replies[] = {&node_reply};

static int32_t node_show(neph_call *call, neph_request *request)
{
    return neph_request_path(request, "/servers/{}", neph_argument(call, NEPH_NODE_ID));
}

static const neph_field port_fields[] = {{"id", .member = SCRATCH_PORT}};
static const neph_rule port_rules[] = {{.path = "ports[]", NEPH_FIELDS(port_fields)}};
static const neph_reply port_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, port_rules);
static const neph_field created_fields[] = {{"id", .member = SCRATCH_ID}};
static const neph_rule created_rules[] = {{.path = ".", NEPH_FIELDS(created_fields)}};
static const neph_reply created_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, created_rules);
static const neph_reply *const node_create_replies[] = {&port_reply, &created_reply, &node_reply};

enum { STEP_PORT = 0, STEP_CREATE = 1, STEP_POLL = 2 };

static int32_t node_create(neph_call *call, neph_request *request)
{
    const char *name = neph_argument(call, NEPH_NODE_NAME);
    const char *const pairs[] = {"name", name, "port", neph_scratch(call, SCRATCH_PORT)};
    int32_t rc =
        neph_request_endpoint(request, neph_call_step(call) == STEP_PORT ? "network" : "compute");
    if (rc)
        return rc;
    switch (neph_call_step(call)) {
    case STEP_PORT:
        rc = neph_request_path(request, "/ports");
        return rc ? rc : neph_request_query(request, "name", name);
    case STEP_CREATE:
        rc = neph_request_method(request, "POST");
        if (!rc)
            rc = neph_request_path(request, "/servers");
        return rc ? rc : json_body(request, pairs, 2);
    default: return neph_request_path(request, "/servers/{}", neph_scratch(call, SCRATCH_ID));
    }
}

static int is_building(const neph_call *call)
{
    const char *status = neph_scratch(call, SCRATCH_STATUS);
    return status && !strcmp(status, "BUILD");
}

static int32_t node_create_then(neph_call *call)
{
    int64_t pace_ms = neph_setting_integer(neph_cloud_of(call), "pace_ms");
    if (neph_call_step(call) == STEP_PORT) {
        if (!neph_scratch(call, SCRATCH_PORT))
            return neph_fail(call, NEPH_NOT_FOUND, "there is no port of that name");
        return neph_again(call, STEP_CREATE, 0);
    }
    if (neph_call_step(call) == STEP_CREATE) {
        int32_t rc = neph_created_note(call, NEPH_KIND_NODE, neph_scratch(call, SCRATCH_ID));
        return rc ? rc : neph_again(call, STEP_POLL, 0);
    }
    return is_building(call) ? neph_again(call, STEP_POLL, pace_ms) : 0;
}

/* A node that is not ready is no result yet. */
static int32_t node_create_each(neph_call *call, neph_record *record)
{
    (void)call;
    return neph_record_get_integer(record, NEPH_NODE_STATE) == NEPH_NODE_PENDING ? NEPH_DROP : 0;
}

/* ---- image: pages by offset. size: pages by URL. location: pages by form. */

static const neph_field image_fields[] = {{"id", .member = NEPH_IMAGE_ID},
                                          {"name", .member = NEPH_IMAGE_NAME}};
static const neph_rule image_rules[] = {
    {.path = "images[]", NEPH_FIELDS(image_fields), .kind = NEPH_KIND_IMAGE}};
static const neph_reply image_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, image_rules);
static const neph_reply *const image_replies[] = {&image_reply};

static int32_t image_each(neph_call *call, neph_record *record)
{
    const char *id = neph_record_get(record, NEPH_IMAGE_ID);
    (void)call;
    return id && !strncmp(id, "drop", 4) ? NEPH_DROP : 0;
}

static const neph_field size_fields[] = {
    {"id", .member = NEPH_SIZE_ID},
    {"vcpus", .member = NEPH_SIZE_CPUS},
    {"ram_mib", .member = NEPH_SIZE_RAM_BYTES, .scale = 1 << 20}};
static const neph_field link_fields[] = {{"links[rel=next]/href", .member = NEPH_PAGE_URL}};
static const neph_rule size_rules[] = {
    {.path = "sizes[]", NEPH_FIELDS(size_fields), .kind = NEPH_KIND_SIZE},
    {.path = ".", NEPH_FIELDS(link_fields)},
};
static const neph_reply size_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, size_rules);
static const neph_reply *const size_replies[] = {&size_reply};

static const neph_field location_fields[] = {{"regionName", .member = NEPH_LOCATION_ID}};
static const neph_field location_page_fields[] = {{"nextToken", .member = NEPH_PAGE_TOKEN}};
static const neph_rule location_rules[] = {
    {.path = "regionInfo/item", NEPH_FIELDS(location_fields), .kind = NEPH_KIND_LOCATION},
    {.path = ".", NEPH_FIELDS(location_page_fields)},
};
static const neph_reply location_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, location_rules);
static const neph_reply *const location_replies[] = {&location_reply};

static int32_t location_list(neph_call *call, neph_request *request)
{
    (void)call;
    return neph_request_form(request, "Action", "DescribeRegions");
}

/* ---- bucket: pages by ask, slices without a server */

static const neph_field bucket_fields[] = {{"name", .member = NEPH_BUCKET_NAME}};
static const neph_field bucket_page_fields[] = {{"next", .member = NEPH_PAGE_TOKEN}};
static const neph_rule bucket_rules[] = {
    {.path = "buckets[]", NEPH_FIELDS(bucket_fields), .kind = NEPH_KIND_BUCKET},
    {.path = ".", NEPH_FIELDS(bucket_page_fields)},
};
static const neph_reply bucket_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, bucket_rules);
static const neph_reply *const bucket_replies[] = {&bucket_reply};

static int32_t bucket_list(neph_call *call, neph_request *request)
{
    const char *token = neph_page_token(call);
    const char *const pairs[] = {"token", token ? token : ""};
    return json_body(request, pairs, 1);
}

typedef struct slices {
    uint32_t done;
    uint32_t reserved;
} slices;

static int32_t bucket_create(neph_call *call)
{
    slices *memory = neph_call_memory(call, sizeof *memory);
    if (!memory)
        return neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    return ++memory->done < PROBE_SLICES ? NEPH_AGAIN : 0;
}

/* ---- object: nested rules, dropped results, errors of single items, framing, a body without a server */

static const neph_field object_fields[] = {
    {"key", .member = NEPH_OBJECT_KEY},
    {"../name", .member = NEPH_OBJECT_CLASS},
    {"tags/tag[key=owner]/value", .member = NEPH_EXTRA, .name = "owner"},
    {"@version", .member = NEPH_OBJECT_VERSION},
};
static const neph_field prefix_fields[] = {{"Name", .member = NEPH_PREFIX_NAME}};
static const neph_field object_page_fields[] = {{"Next", .member = NEPH_PAGE_TOKEN}};
static const neph_rule object_list_rules[] = {
    {.path = "bundle/item", NEPH_FIELDS(object_fields), .kind = NEPH_KIND_OBJECT},
    {.path = "Prefix", NEPH_FIELDS(prefix_fields), .kind = NEPH_KIND_PREFIX},
    {.path = ".", NEPH_FIELDS(object_page_fields)},
};
static const neph_reply object_list_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, object_list_rules);
static const neph_reply *const object_list_replies[] = {&object_list_reply};

static int32_t object_list(neph_call *call, neph_request *request)
{
    return neph_request_path(request, "/{}", neph_argument(call, NEPH_OBJECT_BUCKET));
}

static int32_t object_list_each(neph_call *call, neph_record *record)
{
    const char *key = neph_record_get(record, NEPH_OBJECT_KEY);
    (void)call;
    return key && !strncmp(key, ".hidden", 7) ? NEPH_DROP : 0;
}

static const neph_field head_fields[] = {
    {"header:ETag", .member = NEPH_OBJECT_ETAG, .flags = NEPH_FIELD_UNQUOTE},
    {"header:X-Object-Meta-*", .member = NEPH_OBJECT_METADATA, .flags = NEPH_FIELD_PREFIX},
    {"header:X-Timestamp", .member = NEPH_OBJECT_MODIFIED, .flags = NEPH_FIELD_EPOCH},
};
static const neph_rule head_rules[] = {
    {.path = ".", NEPH_FIELDS(head_fields), .kind = NEPH_KIND_OBJECT}};
static const neph_reply head_reply = NEPH_REPLY_OF(NEPH_REPLY_NONE, head_rules);
static const neph_reply *const object_head_replies[] = {&head_reply};

static int32_t object_ask(neph_call *call, neph_request *request)
{
    return neph_request_path(request, "/{}/{*}", neph_argument(call, NEPH_OBJECT_BUCKET),
                             neph_argument(call, NEPH_OBJECT_KEY));
}

typedef struct pattern {
    int64_t done;
} pattern;

/* One piece of at most 5 bytes a slice, so that a test sees many. */
static int32_t object_get(neph_call *call)
{
    pattern *memory = neph_call_memory(call, sizeof *memory);
    int64_t wanted = neph_argument_integer(call, NEPH_RANGE_LENGTH);
    int64_t left = wanted == NEPH_UNKNOWN ? 0 : wanted - (memory ? memory->done : 0);
    int64_t rc;
    if (!memory)
        return neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    if (left <= 0)
        return 0;
    rc = neph_sink_write(call, "probe", left < 5 ? (size_t)left : 5);
    if (rc)
        return (int32_t)rc;
    memory->done += left < 5 ? left : 5;
    return NEPH_AGAIN;
}

static size_t hex_size(int64_t number)
{
    size_t size = 1;
    for (; number >= 16; number /= 16)
        size++;
    return size;
}

/* SIZE;digest=HEX CRLF ... CRLF */
static int64_t chunk_length(int64_t size)
{
    return (int64_t)hex_size(size) + 8 + 64 + 2 + size + 2;
}

static int64_t framing_length(neph_call *call, int64_t body_size)
{
    int64_t rest = body_size % PROBE_CHUNK;
    (void)call;
    if (body_size < 0)
        return -1;
    return body_size / PROBE_CHUNK * chunk_length(PROBE_CHUNK) + (rest ? chunk_length(rest) : 0) +
           3 + 9 + 64 + 4;
}

static int32_t framing_frame(neph_call *call, neph_request *request, neph_chunk *chunk)
{
    int head, tail;
    (void)call;
    (void)request;
    if (chunk->data_size) {
        head = snprintf(chunk->head, chunk->head_capacity, "%zx;digest=%s\r\n", chunk->data_size,
                        chunk->digest);
        tail = snprintf(chunk->tail, chunk->tail_capacity, "\r\n");
    } else {
        head = snprintf(chunk->head, chunk->head_capacity, "0\r\n");
        tail =
            snprintf(chunk->tail, chunk->tail_capacity, "x-digest:%s\r\n\r\n", chunk->body_digest);
    }
    chunk->head_size = (size_t)head;
    chunk->tail_size = (size_t)tail;
    return 0;
}

static const neph_framing framing = {
    .size = sizeof(neph_framing),
    .chunk_size = PROBE_CHUNK,
    .digest = NEPH_DIGEST_SHA256,
    .body_digest = NEPH_DIGEST_SHA256,
    .length = framing_length,
    .frame = framing_frame,
};

static int32_t object_put(neph_call *call, neph_request *request)
{
    int32_t rc = object_ask(call, request);
    if (!rc)
        rc = neph_request_body_source(request);
    return rc ? rc : neph_request_framing(request, &framing);
}

static const neph_field done_fields[] = {{"key", .member = NEPH_OBJECT_KEY}};
static const neph_field failed_fields[] = {
    {"key", .member = NEPH_OBJECT_KEY},
    {"code", .member = NEPH_RESULT_ERROR_CODE},
    {"message", .member = NEPH_RESULT_ERROR_MESSAGE},
};
static const neph_rule delete_rules[] = {
    {.path = "done[]", NEPH_FIELDS(done_fields), .kind = NEPH_KIND_OBJECT},
    {.path = "failed[]", NEPH_FIELDS(failed_fields), .kind = NEPH_KIND_OBJECT},
};
static const neph_reply delete_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, delete_rules);
static const neph_reply *const object_delete_replies[] = {&delete_reply};

static int32_t object_delete(neph_call *call, neph_request *request)
{
    int32_t rc = neph_request_path(request, "/{}", neph_argument(call, NEPH_OBJECT_BUCKET));
    return rc ? rc : neph_request_query(request, "delete", NULL);
}

/* ---- extensions: rows of a reply, and rows made without a server */

enum { OP_QUOTES = NEPH_OP_EXTENSION + 1, OP_ECHO = NEPH_OP_EXTENSION + 2 };

enum { QUOTES_KIND, QUOTES_SINCE, QUOTES_BELOW, QUOTES_ZONE, QUOTES_KEY };
static const neph_parameter quotes_parameters[] = {
    [QUOTES_KIND] = {.name = "kind",
                     .summary = "kind of offer",
                     .choices = "spot|fixed",
                     .type = NEPH_TYPE_STRING,
                     .flags = NEPH_PARAMETER_REQUIRED},
    [QUOTES_SINCE] = {.name = "since", .summary = "none older", .type = NEPH_TYPE_TIME},
    [QUOTES_BELOW] = {.name = "below", .summary = "none dearer", .type = NEPH_TYPE_DECIMAL},
    [QUOTES_ZONE] = {.name = "zone", .summary = "only in these", .type = NEPH_TYPE_STRINGS},
    [QUOTES_KEY] = {.name = "key",
                    .summary = "key of the market",
                    .type = NEPH_TYPE_STRING,
                    .flags = NEPH_PARAMETER_SECRET},
};
static const neph_column quotes_columns[] = {
    {"zone", "where it is", NEPH_TYPE_STRING, 0},
    {"price", "for an hour", NEPH_TYPE_DECIMAL, 0},
    {"seen", "when it was", NEPH_TYPE_TIME, 0},
    {"is_spot", "whether it may end", NEPH_TYPE_BOOLEAN, 0},
    {"count", "how many there are", NEPH_TYPE_INTEGER, 0},
    {"key", "key of the offer", NEPH_TYPE_STRING, NEPH_COLUMN_SECRET},
    {"note", "what else is said", NEPH_TYPE_STRING, NEPH_COLUMN_WIDE},
};
static const neph_field quotes_fields[] = {
    {"zone", .member = NEPH_ROW_VALUE + 0},
    {"price", .member = NEPH_ROW_VALUE + 1},
    {"seen", .member = NEPH_ROW_VALUE + 2, .flags = NEPH_FIELD_EPOCH},
    {"is_spot", .member = NEPH_ROW_VALUE + 3},
    {"count", .member = NEPH_ROW_VALUE + 4, .scale = 10},
    {"key", .member = NEPH_ROW_VALUE + 5, .flags = NEPH_FIELD_SECRET},
    {"note", .member = NEPH_ROW_VALUE + 6},
    {"rack", .member = NEPH_EXTRA},
};
static const neph_field quotes_page_fields[] = {{"next", .member = NEPH_PAGE_TOKEN}};
static const neph_rule quotes_rules[] = {
    {.path = "quotes[]", NEPH_FIELDS(quotes_fields), .kind = NEPH_KIND_ROW},
    {.path = ".", NEPH_FIELDS(quotes_page_fields)},
};
static const neph_reply quotes_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, quotes_rules);
static const neph_reply *const quotes_replies[] = {&quotes_reply};

static int32_t quotes_ask(neph_call *call, neph_request *request)
{
    static const char *const names[] = {[QUOTES_KIND] = "kind", [QUOTES_SINCE] = "since"};
    int64_t below = neph_argument_integer(call, NEPH_PARAMETER + QUOTES_BELOW);
    const char *key = neph_argument(call, NEPH_PARAMETER + QUOTES_KEY), *text;
    char nano[24];
    int32_t rc = 0;
    for (int32_t i = 0; i <= QUOTES_SINCE && !rc; i++)
        if ((text = neph_argument(call, NEPH_PARAMETER + i)) != NULL)
            rc = neph_request_query(request, names[i], text);
    snprintf(nano, sizeof nano, "%lld", (long long)below);
    if (!rc && below != NEPH_UNKNOWN)
        rc = neph_request_query(request, "below", nano);
    for (uint32_t i = 0;
         !rc && neph_argument_pair(call, NEPH_PARAMETER + QUOTES_ZONE, i, NULL, &text); i++)
        rc = neph_request_query(request, "zone", text);
    return rc || !key ? rc : neph_request_header(request, "X-Key", key);
}

static int32_t quotes_each(neph_call *call, neph_record *record)
{
    const char *zone = neph_record_get(record, NEPH_ROW_VALUE + 0);
    (void)call;
    if (zone && !strcmp(zone, "hidden"))
        return NEPH_DROP;
    return neph_record_get_integer(record, NEPH_ROW_VALUE + 4) == 0
               ? neph_record_set(record, NEPH_ROW_VALUE + 6, "sold out")
               : 0;
}

static const neph_parameter echo_parameters[] = {
    {.name = "text",
     .summary = "what to say",
     .type = NEPH_TYPE_STRING,
     .flags = NEPH_PARAMETER_REQUIRED},
    {.name = "count", .summary = "how often", .type = NEPH_TYPE_INTEGER},
    {.name = "is_stray", .summary = "a column that is not there", .type = NEPH_TYPE_BOOLEAN},
};
static const neph_column echo_columns[] = {
    {"text", "what was said", NEPH_TYPE_STRING, 0},
    {"number", "which it is", NEPH_TYPE_INTEGER, 0},
};

/* A row a slice. */
static int32_t echo(neph_call *call)
{
    int64_t count = neph_argument_integer(call, NEPH_PARAMETER + 1);
    slices *memory = neph_call_memory(call, sizeof *memory);
    neph_record *record = neph_record_new(call, NEPH_KIND_ROW);
    int32_t rc;
    if (!memory || !record)
        return neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    rc = neph_record_set(record, NEPH_ROW_VALUE + 0, neph_argument(call, NEPH_PARAMETER + 0));
    if (!rc && neph_argument_integer(call, NEPH_PARAMETER + 2) == 1)
        rc = neph_record_set(record, NEPH_ROW_VALUE + 2, "nowhere");
    if (!rc && memory->done)
        rc = neph_record_set_integer(record, NEPH_ROW_VALUE + 1, memory->done);
    if (!rc)
        rc = neph_record_emit(call, record);
    return rc ? rc : (int64_t)++memory->done < count ? NEPH_AGAIN : 0;
}

static const neph_extension extensions[] = {
    {.name = "quotes",
     .summary = "offers of the market and their prices",
     NEPH_PARAMETERS(quotes_parameters),
     NEPH_COLUMNS(quotes_columns),
     .op = OP_QUOTES},
    {.name = "echo",
     .summary = "say something again",
     NEPH_PARAMETERS(echo_parameters),
     NEPH_COLUMNS(echo_columns),
     .op = OP_ECHO},
};

/* ---- the provider */

static const int32_t list_takes[] = {NEPH_LIST_LIMIT};
static const int32_t get_takes[] = {NEPH_RANGE_LENGTH};

static const neph_action actions[] = {
    {
        .op = NEPH_OP_NODE_LIST,
        .traits = NEPH_SAFE,
        .path = "/servers",
        .endpoint = "compute",
        NEPH_REPLIES(node_list_replies),
        .page = NEPH_PAGE_BY_LAST,
        .page_name = "marker",
        .page_member = NEPH_NODE_ID,
        NEPH_TAKES(list_takes),
    },
    {.op = NEPH_OP_NODE_SHOW,
     .traits = NEPH_SAFE,
     .endpoint = "compute",
     .ask = node_show,
     NEPH_REPLIES(node_show_replies)},
    {
        .op = NEPH_OP_NODE_CREATE,
        .ask = node_create,
        NEPH_REPLIES(node_create_replies),
        .then = node_create_then,
        .each = node_create_each,
    },
    {
        .op = NEPH_OP_IMAGE_LIST,
        .traits = NEPH_SAFE,
        .path = "/images",
        NEPH_REPLIES(image_replies),
        .page = NEPH_PAGE_BY_OFFSET,
        .page_name = "offset",
        .each = image_each,
    },
    {.op = NEPH_OP_SIZE_LIST,
     .traits = NEPH_SAFE,
     .path = "/sizes",
     NEPH_REPLIES(size_replies),
     .page = NEPH_PAGE_BY_URL},
    {
        .op = NEPH_OP_LOCATION_LIST,
        .traits = NEPH_SAFE,
        .method = "POST",
        .path = "/",
        .ask = location_list,
        NEPH_REPLIES(location_replies),
        .page = NEPH_PAGE_BY_FORM,
        .page_name = "NextToken",
    },
    {
        .op = NEPH_OP_BUCKET_LIST,
        .traits = NEPH_SAFE,
        .method = "POST",
        .path = "/buckets",
        .ask = bucket_list,
        NEPH_REPLIES(bucket_replies),
        .page = NEPH_PAGE_BY_ASK,
    },
    {.op = NEPH_OP_BUCKET_CREATE, .perform = bucket_create},
    {
        .op = NEPH_OP_OBJECT_LIST,
        .traits = NEPH_SAFE | NEPH_ORDERED,
        .ask = object_list,
        NEPH_REPLIES(object_list_replies),
        .page = NEPH_PAGE_BY_QUERY,
        .page_name = "token",
        .each = object_list_each,
    },
    {.op = NEPH_OP_OBJECT_HEAD,
     .traits = NEPH_SAFE,
     .method = "HEAD",
     .ask = object_ask,
     NEPH_REPLIES(object_head_replies)},
    {.op = NEPH_OP_OBJECT_GET, .traits = NEPH_SAFE, NEPH_TAKES(get_takes), .perform = object_get},
    {.op = NEPH_OP_OBJECT_PUT,
     .traits = NEPH_IDEMPOTENT,
     .method = "PUT",
     .ask = object_put,
     NEPH_REPLIES(object_head_replies)},
    {.op = NEPH_OP_OBJECT_DELETE,
     .method = "POST",
     .ask = object_delete,
     NEPH_REPLIES(object_delete_replies)},
    {.op = OP_QUOTES,
     .traits = NEPH_SAFE,
     .path = "/quotes",
     .ask = quotes_ask,
     NEPH_REPLIES(quotes_replies),
     .page = NEPH_PAGE_BY_QUERY,
     .page_name = "next",
     .each = quotes_each},
    {.op = OP_ECHO, .perform = echo},
};

static const neph_fault faults[] = {
    {"Busy", 0, NEPH_UNAVAILABLE, NEPH_RETRY_TRANSIENT, 0},
    {"Gone", 0, NEPH_NOT_FOUND, NEPH_RETRY_PERMANENT, 0},
    {NULL, 418, NEPH_LIMIT, NEPH_RETRY_PERMANENT, 0},
};
static const neph_field error_fields[] = {
    {"code", .member = NEPH_ERROR_CODE},
    {"message", .member = NEPH_ERROR_MESSAGE},
    {"region", .member = SCRATCH_REGION},
    {"header:X-Request-Id", .member = NEPH_ERROR_REQUEST_ID},
};
static const neph_rule error_rules[] = {{.path = ".", NEPH_FIELDS(error_fields)}};
static const neph_reply error_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, error_rules);

static int32_t probe_open(neph_cloud *cloud)
{
    return neph_endpoint(cloud, NULL, neph_setting_string(cloud, "endpoint"));
}

static int32_t probe_sign(neph_call *call, neph_request *request, int64_t now_ns)
{
    const char *token = neph_session(call, NEPH_SESSION_TOKEN);
    const char *region = neph_recall(neph_cloud_of(call), "region");
    int32_t rc = token ? neph_request_header(request, "X-Auth-Token", token) : 0;
    char digits[24];
    neph_text text;
    neph_text_init(&text, digits, sizeof digits);
    neph_text_add_integer(&text, now_ns / NEPH_NANO);
    if (!rc)
        rc = neph_request_header(request, "X-Time", digits);
    return rc || !region ? rc : neph_request_header(request, "X-Region", region);
}

static int32_t probe_fault(neph_call *call)
{
    const char *code = neph_error_code(call);
    const char *region = neph_scratch(call, SCRATCH_REGION);
    if (code && !strcmp(code, "StaleToken"))
        return NEPH_FAULT_LOGIN;
    if (code && !strcmp(code, "Skewed"))
        return NEPH_FAULT_CLOCK;
    if (code && region && !strcmp(code, "Elsewhere") &&
        !neph_remember(neph_cloud_of(call), "region", region))
        return NEPH_FAULT_ASK_AGAIN;
    return NEPH_FAULT_DEFAULT;
}

static const neph_provider provider = {
    .size = sizeof(neph_provider),
    .id = "probe",
    .title = "Probe, for tests",
    .hosts = "https://*.probe.test",
    NEPH_SETTINGS(settings),
    NEPH_ACTIONS(actions),
    NEPH_FAULTS(faults),
    NEPH_EXTENSIONS(extensions),
    .error = &error_reply,
    .open = probe_open,
    .login = &login,
    .sign = probe_sign,
    .fault = probe_fault,
};

static const neph_provider *const providers[] = {&provider};
NEPH_PLUGIN(probe, "0.1.0", "neph-tests", providers);
