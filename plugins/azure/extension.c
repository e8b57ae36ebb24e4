/*
 * extension.c - what Azure's blobs have and the portable operations have not: snapshots and tiers. One section an operation:
 * parameters, columns, request, reply. A snapshot is read as a version: its column "version" says which.
 */
#include "azure.h"

enum { BUCKET, KEY, THIRD }; /* the third is the snapshot, or the tier */

#define OF_BUCKET                                                                                  \
    [BUCKET] = {.name = "bucket",                                                                  \
                .summary = "bucket of the object",                                                 \
                .type = NEPH_TYPE_STRING,                                                          \
                .flags = NEPH_PARAMETER_REQUIRED}
#define OF_KEY                                                                                     \
    [KEY] = {.name = "key",                                                                        \
             .summary = "key of the object",                                                       \
             .type = NEPH_TYPE_STRING,                                                             \
             .flags = NEPH_PARAMETER_REQUIRED}

static const char *given(const neph_call *call, int32_t parameter)
{
    return neph_argument(call, NEPH_PARAMETER + parameter);
}

static int32_t blob_ask(neph_call *call, neph_request *request, const char *method)
{
    return azure_ask(call, request, method, given(call, BUCKET), given(call, KEY));
}

static const neph_parameter blob_parameters[] = {OF_BUCKET, OF_KEY};

static const neph_column snapshot_columns[] = {
    {"version", "what reads it, as a version of the object: snapshot:TIME", NEPH_TYPE_STRING, 0},
    {"modified", "when what it holds was written", NEPH_TYPE_TIME, 0},
    {"size_bytes", "size in bytes", NEPH_TYPE_INTEGER, 0},
};

/* "snapshot:TIME" of the time that the service named it by. */
static int32_t version_set(neph_call *call, neph_record *record)
{
    char data[96];
    neph_text text;
    neph_text_init(&text, data, sizeof data);
    neph_text_add(&text, "snapshot:");
    neph_text_add(&text, neph_record_get(record, NEPH_ROW_VALUE));
    if (text.status)
        return neph_fail(call, NEPH_PROTOCOL, "the snapshot's name is too long");
    return neph_record_set(record, NEPH_ROW_VALUE, data);
}

/* ---- snapshot_create: Snapshot Blob */

static const neph_field create_fields[] = {
    {"header:x-ms-snapshot", .member = NEPH_ROW_VALUE + 0, .flags = NEPH_FIELD_REQUIRED},
    {"header:Last-Modified", .member = NEPH_ROW_VALUE + 1},
};
static const neph_rule create_rules[] = {
    {.path = ".", NEPH_FIELDS(create_fields), .kind = NEPH_KIND_ROW},
};
static const neph_reply create_reply = NEPH_REPLY_OF(NEPH_REPLY_NONE, create_rules);
const neph_reply *const azure_snapshot_create_replies[1] = {&create_reply};

int32_t azure_snapshot_create(neph_call *call, neph_request *request)
{
    int32_t rc = blob_ask(call, request, "PUT");
    return rc ? rc : neph_request_query(request, "comp", "snapshot");
}

/* ---- snapshot_list: List Blobs with their snapshots */

static const neph_field list_fields[] = {
    {"Name/@Encoded", .member = AZURE_SCRATCH_ENCODED},
    {"Name", .member = AZURE_SCRATCH_FOUND},
    {"Snapshot", .member = NEPH_ROW_VALUE + 0},
    {"Properties/Last-Modified", .member = NEPH_ROW_VALUE + 1},
    {"Properties/Content-Length", .member = NEPH_ROW_VALUE + 2},
};
static const neph_field page_fields[] = {
    {"NextMarker", .member = NEPH_PAGE_TOKEN},
};
static const neph_rule list_rules[] = {
    {
        .path = "Blobs/Blob",
        NEPH_FIELDS(list_fields),
        .kind = NEPH_KIND_ROW,
        .root = "EnumerationResults",
    },
    {.path = ".", NEPH_FIELDS(page_fields), .root = "EnumerationResults"},
};
static const neph_reply list_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, list_rules);
const neph_reply *const azure_snapshot_list_replies[1] = {&list_reply};

int32_t azure_snapshot_list(neph_call *call, neph_request *request)
{
    int32_t rc = azure_list_ask(call, request, given(call, BUCKET), "snapshots");
    return rc ? rc : neph_request_query(request, "prefix", given(call, KEY));
}

/* The object itself is listed too, and all whose keys go on. */
int32_t azure_snapshot_each(neph_call *call, neph_record *record)
{
    const char *snapshot = neph_record_get(record, NEPH_ROW_VALUE);
    int is_other =
        neph_call_op(call) == AZURE_OP_SNAPSHOT_LIST && !azure_name_is(call, given(call, KEY));
    int32_t rc = neph_scratch_set(call, AZURE_SCRATCH_ENCODED, NULL);
    if (rc)
        return rc;
    return is_other || !snapshot || !*snapshot ? NEPH_DROP : version_set(call, record);
}

/* ---- snapshot_delete: Delete Blob */

static const neph_parameter delete_parameters[] = {
    OF_BUCKET,
    OF_KEY,
    [THIRD] = {.name = "version",
               .summary = "the snapshot, as snapshot_list tells it: snapshot:TIME",
               .type = NEPH_TYPE_STRING,
               .flags = NEPH_PARAMETER_REQUIRED},
};

/* Without its snapshot the request would delete the object. */
int32_t azure_snapshot_delete(neph_call *call, neph_request *request)
{
    const char *version = given(call, THIRD);
    int32_t rc = blob_ask(call, request, "DELETE");
    if (strcmp(azure_object_version(&version), "snapshot") != 0 || !*version)
        return neph_fail(call, NEPH_INVALID, "\"%.80s\" is no snapshot: snapshot:TIME is",
                         given(call, THIRD));
    return rc ? rc : neph_request_query(request, "snapshot", version);
}

/* ---- tier_set: Set Blob Tier. Out of the archive it takes hours, and 202 says that they began. */

enum { PRIORITY = THIRD + 1 };

static const neph_parameter tier_parameters[] = {
    OF_BUCKET,
    OF_KEY,
    [THIRD] = {.name = "tier",
               .summary = "what it shall cost to keep and to read",
               .choices = "Hot|Cool|Cold|Archive",
               .type = NEPH_TYPE_STRING,
               .flags = NEPH_PARAMETER_REQUIRED},
    [PRIORITY] = {.name = "priority",
                  .summary = "how soon it comes out of the archive",
                  .choices = "Standard|High",
                  .type = NEPH_TYPE_STRING},
};

static const neph_column tier_columns[] = {
    {"key", "key of the object", NEPH_TYPE_STRING, 0},
    {"tier", "the tier that was asked for", NEPH_TYPE_STRING, 0},
    {"done", "false: it comes out of the archive, which takes hours; object head tells of it",
     NEPH_TYPE_BOOLEAN, 0},
};

static const neph_rule tier_rules[] = {
    {.path = ".", .kind = NEPH_KIND_ROW, .field_size = sizeof(neph_field)},
};
static const neph_reply tier_reply = NEPH_REPLY_OF(NEPH_REPLY_NONE, tier_rules);
const neph_reply *const azure_tier_set_replies[1] = {&tier_reply};

int32_t azure_tier_set(neph_call *call, neph_request *request)
{
    int32_t rc = blob_ask(call, request, "PUT");
    if (!rc)
        rc = neph_request_query(request, "comp", "tier");
    if (!rc)
        rc = neph_storage_header(request, "x-ms-rehydrate-priority", given(call, PRIORITY));
    return rc ? rc : neph_request_header(request, "x-ms-access-tier", given(call, THIRD));
}

int32_t azure_tier_set_each(neph_call *call, neph_record *record)
{
    int32_t rc = azure_none_then(call);
    if (!rc)
        rc = neph_record_set(record, NEPH_ROW_VALUE + 0, given(call, KEY));
    if (!rc)
        rc = neph_record_set(record, NEPH_ROW_VALUE + 1, given(call, THIRD));
    return rc ? rc
              : neph_record_set_integer(record, NEPH_ROW_VALUE + 2, neph_reply_status(call) != 202);
}

const neph_extension azure_extensions[4] = {
    {
        .name = "snapshot_create",
        .summary = "keep an object as it is now",
        NEPH_PARAMETERS(blob_parameters),
        NEPH_COLUMNS(snapshot_columns),
        .op = AZURE_OP_SNAPSHOT_CREATE,
    },
    {
        .name = "snapshot_list",
        .summary = "what an object was when it was kept",
        NEPH_PARAMETERS(blob_parameters),
        NEPH_COLUMNS(snapshot_columns),
        .op = AZURE_OP_SNAPSHOT_LIST,
    },
    {
        .name = "snapshot_delete",
        .summary = "delete a snapshot; the object stays",
        NEPH_PARAMETERS(delete_parameters),
        .op = AZURE_OP_SNAPSHOT_DELETE,
    },
    {
        .name = "tier_set",
        .summary = "move an object to another tier",
        NEPH_PARAMETERS(tier_parameters),
        NEPH_COLUMNS(tier_columns),
        .op = AZURE_OP_TIER_SET,
    },
};
