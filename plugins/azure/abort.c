/*
 * abort.c - giving up an upload. The service has no request for it: blocks go when the blob is written anew, or a week after
 * the last one. Where the key has no object yet and no other upload, an empty one is written, only if there still is
 * none, and deleted again, and the blocks are gone with it. An object that is there is never touched, nor are blocks
 * that another upload may need; then ours are left to time.
 */
#include "azure.h"

enum { STEP_LOOK, STEP_BLOCKS, STEP_WRITE, STEP_DELETE };

/* What the look at the blocks found. */
typedef struct abort_state {
    uint32_t own_count;
    uint32_t other_count;
} abort_state;

static abort_state *state_of(neph_call *call)
{
    return neph_call_memory(call, sizeof(abort_state));
}

static const neph_field look_fields[] = {
    {"Blobs/Blob/Name", .member = AZURE_SCRATCH_FOUND},
    {"Blobs/Blob/Name/@Encoded", .member = AZURE_SCRATCH_ENCODED},
    {"Blobs/Blob/Properties/Content-Type", .member = AZURE_SCRATCH_TYPE},
    {"Blobs/Blob/Properties/Content-Length", .member = AZURE_SCRATCH_SIZE},
    {"NextMarker", .member = AZURE_SCRATCH_MARKER},
};
static const neph_rule look_rules[] = {
    {.path = ".", NEPH_FIELDS(look_fields), .root = "EnumerationResults"},
};
static const neph_field block_fields[] = {
    {"Name", .member = NEPH_PART_ETAG, .flags = NEPH_FIELD_REQUIRED},
};
static const neph_rule block_rules[] = {
    {
        .path = "UncommittedBlocks/Block",
        NEPH_FIELDS(block_fields),
        .kind = NEPH_KIND_PART,
        .root = "BlockList",
    },
};
static const neph_field write_fields[] = {
    {"header:ETag", .member = AZURE_SCRATCH_TAG, .flags = NEPH_FIELD_UNQUOTE},
};
static const neph_rule write_rules[] = {
    {.path = ".", NEPH_FIELDS(write_fields)},
};
static const neph_reply look_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, look_rules);
static const neph_reply blocks_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, block_rules);
static const neph_reply write_reply = NEPH_REPLY_OF(NEPH_REPLY_NONE, write_rules);
static const neph_reply delete_reply = {.size = sizeof(neph_reply), .format = NEPH_REPLY_NONE};
const neph_reply *const azure_upload_abort_replies[4] = {&look_reply, &blocks_reply, &write_reply,
                                                         &delete_reply};

/* The key itself is the first of all that begin with it. */
static int32_t look_ask(neph_call *call, neph_request *request)
{
    int32_t rc =
        azure_list_ask(call, request, neph_argument(call, NEPH_OBJECT_BUCKET), "uncommittedblobs");
    if (!rc)
        rc = neph_request_query(request, "prefix", neph_argument(call, NEPH_OBJECT_KEY));
    if (!rc)
        rc = neph_request_query(request, "maxresults", "1");
    if (!rc)
        rc = neph_storage_query(request, "marker", neph_scratch(call, AZURE_SCRATCH_MARKER));
    return rc ? rc : neph_scratch_set(call, AZURE_SCRATCH_MARKER, NULL);
}

static int32_t blocks_ask(neph_call *call, neph_request *request)
{
    abort_state *state = state_of(call);
    if (!state)
        return neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    memset(state, 0, sizeof *state); /* a reply that broke off is asked for again */
    return azure_blocks_ask(call, request);
}

/* A list of no blocks makes an empty blob of them. */
static int32_t write_ask(neph_call *call, neph_request *request)
{
    static const char body[] =
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<BlockList></BlockList>\n";
    int32_t rc = azure_object_ask(call, request, "PUT");
    if (!rc)
        rc = neph_request_query(request, "comp", "blocklist");
    if (!rc)
        rc = neph_request_header(request, "If-None-Match", "*");
    return rc ? rc : neph_request_body(request, "application/xml", body, sizeof body - 1);
}

/* Nothing without the condition: what stands there by now may be an object. */
static int32_t delete_ask(neph_call *call, neph_request *request)
{
    const char *tag = neph_scratch(call, AZURE_SCRATCH_TAG);
    int32_t rc = azure_object_ask(call, request, "DELETE");
    if (!tag || !*tag)
        return neph_fail(call, NEPH_PROTOCOL, "the reply has no ETag, so it is not from Azure");
    return rc ? rc : neph_storage_condition(request, "If-Match", tag);
}

int32_t azure_upload_abort(neph_call *call, neph_request *request)
{
    int32_t rc = azure_is_any_upload(call) ? 0 : azure_upload_check(call);
    if (rc)
        return rc;
    switch (neph_call_step(call)) {
    case STEP_LOOK: return look_ask(call, request);
    case STEP_BLOCKS: return blocks_ask(call, request);
    case STEP_WRITE: return write_ask(call, request);
    default: return delete_ask(call, request);
    }
}

int32_t azure_upload_abort_each(neph_call *call, neph_record *record)
{
    abort_state *state = state_of(call);
    const char *block = neph_record_get(record, NEPH_PART_ETAG);
    if (azure_is_any_upload(call) || azure_block_number(call, block))
        state->own_count++;
    else
        state->other_count++;
    return NEPH_DROP;
}

/* Has the key blocks and no object? 0 too where there is nothing at all. */
static int is_unfinished(const neph_call *call)
{
    return azure_name_is(call, neph_argument(call, NEPH_OBJECT_KEY)) && !azure_is_object(call);
}

int32_t azure_upload_abort_then(neph_call *call)
{
    const char *marker = neph_scratch(call, AZURE_SCRATCH_MARKER);
    const abort_state *state;
    switch (neph_call_step(call)) {
    case STEP_LOOK:
        if (!neph_scratch(call, AZURE_SCRATCH_FOUND) && marker && *marker)
            return neph_again(call, STEP_LOOK, 0);
        return is_unfinished(call) ? neph_again(call, STEP_BLOCKS, 0) : 0;
    case STEP_BLOCKS:
        state = state_of(call);
        return state->own_count && !state->other_count ? neph_again(call, STEP_WRITE, 0) : 0;
    case STEP_WRITE: return neph_again(call, STEP_DELETE, 0);
    default: return azure_none_then(call);
    }
}

/* What vanished meanwhile, or became an object that is not ours, leaves nothing to do. */
int azure_upload_abort_is_over(const neph_call *call, const char *code)
{
    static const char *const codes[] = {"BlobNotFound", "BlobAlreadyExists", "ConditionNotMet"};
    for (size_t i = 0; neph_call_op(call) == NEPH_OP_UPLOAD_ABORT && i < NEPH_COUNT(codes); i++)
        if (!strcmp(code, codes[i]))
            return 1;
    return 0;
}
