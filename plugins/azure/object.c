/*
 * object.c - objects of Azure, which calls them blobs: head, get, put, delete, presign. Listings stand in list.c, copies in
 * copy.c.
 */
#include "azure.h"

#define PRESIGN_SECONDS_MAX 315360000 /* ten years; the service has no limit */

int32_t azure_object_ask(neph_call *call, neph_request *request, const char *method)
{
    return azure_ask(call, request, method, neph_argument(call, NEPH_OBJECT_BUCKET),
                     neph_argument(call, NEPH_OBJECT_KEY));
}

/* A version's id and a snapshot's time look alike, so one of them says what it is. */
const char *azure_object_version(const char **version)
{
    static const char snapshot[] = "snapshot:";
    if (!*version || strncmp(*version, snapshot, sizeof snapshot - 1) != 0)
        return "versionid";
    *version += sizeof snapshot - 1;
    return "snapshot";
}

/* One that exists, in the version and on the conditions that were said. */
static int32_t existing_ask(neph_call *call, neph_request *request, const char *method)
{
    const char *version = neph_argument(call, NEPH_OBJECT_VERSION);
    const char *parameter = azure_object_version(&version);
    int32_t rc = azure_object_ask(call, request, method);
    if (!rc)
        rc = neph_storage_query(request, parameter, version);
    return rc ? rc : neph_storage_conditions(call, request);
}

/* What headers say of an object. */
static const neph_field head_fields[] = {
    {"header:Content-Length", .member = NEPH_OBJECT_SIZE_BYTES},
    {"header:Last-Modified", .member = NEPH_OBJECT_MODIFIED},
    {"header:ETag", .member = NEPH_OBJECT_ETAG, .flags = NEPH_FIELD_UNQUOTE},
    {"header:x-ms-access-tier", .member = NEPH_OBJECT_CLASS},
    {"header:Content-Type", .member = NEPH_OBJECT_CONTENT_TYPE},
    {"header:x-ms-version-id", .member = NEPH_OBJECT_VERSION},
    {"header:x-ms-archive-status", "archive_status", .member = NEPH_EXTRA},
    {"header:x-ms-meta-*", .member = NEPH_OBJECT_METADATA, .flags = NEPH_FIELD_PREFIX},
};
static const neph_rule head_rules[] = {
    {.path = ".", NEPH_FIELDS(head_fields), .kind = NEPH_KIND_OBJECT},
};

/* Of the whole blob, also where the reply holds a part of it. */
static int32_t checksum_set(neph_call *call, neph_record *record)
{
    const char *md5 = neph_reply_header(call, "x-ms-blob-content-md5");
    return neph_storage_checksum(record, NEPH_OBJECT_CHECKSUM, "md5",
                                 md5 ? md5 : neph_reply_header(call, "Content-MD5"));
}

/* Replies on one object do not name it. What has no ETag does not come from Azure: a web page in place of an object must
 * not pass for one. */
int32_t azure_object_each(neph_call *call, neph_record *record)
{
    uint32_t op = neph_call_op(call);
    int32_t rc;
    if (!neph_reply_header(call, "ETag"))
        return neph_fail(call, NEPH_PROTOCOL,
                         "the reply has no ETag, so it is not from Azure: is there a proxy, or is "
                         "the endpoint wrong?");
    if (op == NEPH_OP_OBJECT_GET && !neph_reply_header(call, "x-ms-blob-type"))
        return neph_fail(call, NEPH_PROTOCOL, "the reply is no blob");
    rc = neph_record_set(record, NEPH_OBJECT_KEY, neph_argument(call, NEPH_OBJECT_KEY));
    if (!rc && op != NEPH_OP_UPLOAD_COMPLETE)
        rc = checksum_set(call, record);
    return rc ? rc : neph_storage_modified(call, record, "x-ms-meta-" NEPH_STORAGE_MTIME);
}

/* ---- head: Get Blob Properties */

static const neph_reply head_reply = NEPH_REPLY_OF(NEPH_REPLY_NONE, head_rules);
const neph_reply *const azure_object_head_replies[1] = {&head_reply};

int32_t azure_object_head(neph_call *call, neph_request *request)
{
    return existing_ask(call, request, "HEAD");
}

/* ---- get: Get Blob. The service knows no range from the end: a look at the size comes first. */

enum { STEP_FIRST, STEP_TAIL };

/* What was looked at. */
typedef struct tail_state {
    int64_t size_bytes;
    char etag[128];
} tail_state;

static tail_state *state_of(neph_call *call)
{
    return neph_call_memory(call, sizeof(tail_state));
}

static const neph_reply get_reply = NEPH_REPLY_OF(NEPH_REPLY_BODY, head_rules);
const neph_reply *const azure_object_get_replies[2] = {&get_reply, &get_reply};

static int is_tail(const neph_call *call)
{
    int64_t offset = neph_argument_integer(call, NEPH_RANGE_OFFSET);
    int64_t length = neph_argument_integer(call, NEPH_RANGE_LENGTH);
    return offset != NEPH_UNKNOWN && offset < 0 && (length == NEPH_UNKNOWN || !length);
}

static int is_look(const neph_call *call)
{
    return neph_call_step(call) == STEP_FIRST && is_tail(call);
}

/* From the size that the look told; the same object must still be there. */
static int32_t tail_ask(neph_call *call, neph_request *request, const tail_state *state)
{
    int64_t offset = state->size_bytes + neph_argument_integer(call, NEPH_RANGE_OFFSET);
    char data[64];
    neph_text range;
    int32_t rc = neph_storage_condition(request, "If-Match", state->etag);
    neph_text_init(&range, data, sizeof data);
    neph_text_add(&range, "bytes=");
    neph_text_add_integer(&range, offset > 0 ? offset : 0);
    neph_text_add_char(&range, '-');
    return rc ? rc : neph_request_header(request, "x-ms-range", data);
}

int32_t azure_object_get(neph_call *call, neph_request *request)
{
    const tail_state *state = state_of(call);
    int32_t rc = existing_ask(call, request, is_look(call) ? "HEAD" : "GET");
    if (!state)
        return neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    if (rc || is_look(call))
        return rc;
    if (neph_call_step(call) == STEP_TAIL)
        return tail_ask(call, request, state);
    return neph_storage_range(call, request, "x-ms-range");
}

int32_t azure_object_get_each(neph_call *call, neph_record *record)
{
    tail_state *state = state_of(call);
    neph_text etag;
    int32_t rc = azure_object_each(call, record);
    if (rc || !is_look(call))
        return rc ? rc : neph_storage_ranged(call, record);
    state->size_bytes = neph_record_get_integer(record, NEPH_OBJECT_SIZE_BYTES);
    neph_text_init(&etag, state->etag, sizeof state->etag);
    neph_text_add(&etag, neph_record_get(record, NEPH_OBJECT_ETAG));
    return NEPH_DROP;
}

int32_t azure_object_get_then(neph_call *call)
{
    return is_look(call) ? neph_again(call, STEP_TAIL, 0) : 0;
}

/* ---- put: Put Blob */

static const neph_field put_fields[] = {
    {"header:ETag", .member = NEPH_OBJECT_ETAG, .flags = NEPH_FIELD_UNQUOTE},
    {"header:Last-Modified", .member = NEPH_OBJECT_MODIFIED},
    {"header:x-ms-version-id", .member = NEPH_OBJECT_VERSION},
};
static const neph_rule put_rules[] = {
    {.path = ".", NEPH_FIELDS(put_fields), .kind = NEPH_KIND_OBJECT},
};
static const neph_reply put_reply = NEPH_REPLY_OF(NEPH_REPLY_NONE, put_rules);
const neph_reply *const azure_object_put_replies[1] = {&put_reply};
const neph_reply *const azure_object_copy_replies[3] = {&put_reply, &head_reply, &put_reply};
const neph_reply *const azure_upload_complete_replies[1] = {&put_reply};

/* "Naming and Referencing Containers, Blobs, and Metadata", the same: an identifier of C#. */
static int is_identifier(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    size_t size = strspn(name, letters);
    return size && !name[size] && !(name[0] >= '0' && name[0] <= '9');
}

static int is_ascii(const char *value)
{
    while (*value >= ' ' && *value <= '~')
        value++;
    return !*value;
}

int32_t azure_object_check(neph_call *call)
{
    const char *name;
    const char *value;
    for (uint32_t i = 0; neph_argument_pair(call, NEPH_OBJECT_METADATA, i, &name, &value); i++) {
        if (!is_identifier(name))
            return neph_fail(call, NEPH_INVALID,
                             "\"%.80s\" is no name for metadata in Azure: letters, digits and "
                             "\"_\" are, no digit first",
                             name);
        if (!is_ascii(value))
            return neph_fail(call, NEPH_INVALID,
                             "the metadata \"%.80s\" has characters that Azure does not take: "
                             "ASCII it does",
                             name);
    }
    return 0;
}

int32_t azure_object_facts(neph_call *call, neph_request *request)
{
    int32_t rc = azure_object_check(call);
    if (!rc)
        rc = neph_storage_header(request, "x-ms-access-tier",
                                 neph_argument(call, NEPH_OBJECT_CLASS));
    return rc ? rc : neph_storage_metadata(call, request, "x-ms-meta-");
}

/* The body's checksum, where that is the one that the service compares. */
int32_t azure_object_checksum(neph_call *call, neph_request *request)
{
    const char *algorithm = neph_argument(call, NEPH_CHECKSUM);
    if (!algorithm || strcmp(algorithm, "md5") != 0)
        return 0;
    return neph_storage_digest(request, NEPH_DIGEST_MD5, "Content-MD5");
}

int32_t azure_object_put(neph_call *call, neph_request *request)
{
    const char *type = neph_argument(call, NEPH_OBJECT_CONTENT_TYPE);
    int32_t rc = azure_object_ask(call, request, "PUT");
    if (!rc)
        rc = neph_request_body_source(request);
    if (!rc)
        rc = neph_request_header(request, "x-ms-blob-type", "BlockBlob");
    if (!rc)
        rc = neph_request_header(request, "Content-Type", type ? type : "application/octet-stream");
    if (!rc)
        rc = azure_object_facts(call, request);
    if (!rc)
        rc = neph_storage_conditions(call, request);
    if (!rc)
        rc = azure_object_checksum(call, request);
    return rc ? rc : neph_storage_expect(request);
}

/* ---- delete: Delete Blob */

int32_t azure_object_delete(neph_call *call, neph_request *request)
{
    return existing_ask(call, request, "DELETE");
}

/* ---- presign: see sas.c */

int32_t azure_object_presign(neph_call *call, neph_request *request)
{
    static const char *const methods[] = {"GET", "PUT", "DELETE"};
    const azure_account *account = azure_account_of(neph_cloud_of(call));
    const char *method = neph_argument(call, NEPH_PRESIGN_METHOD);
    int64_t seconds = neph_argument_integer(call, NEPH_PRESIGN_SECONDS);
    if (!account->key_size)
        return neph_fail(call, NEPH_UNSUPPORTED,
                         "a URL is presigned with the account's key, and there is a SAS token in "
                         "its place: set account_key");
    if (seconds != NEPH_UNKNOWN && (seconds < 1 || seconds > PRESIGN_SECONDS_MAX))
        return neph_fail(call, NEPH_INVALID, "a presigned URL is good for 1 to %d seconds",
                         PRESIGN_SECONDS_MAX);
    for (size_t i = 0; i < NEPH_COUNT(methods); i++)
        if (!strcmp(method ? method : "GET", methods[i]))
            return azure_object_ask(call, request, methods[i]);
    return neph_fail(call, NEPH_INVALID, "\"%.40s\" cannot be presigned: GET, PUT and DELETE can",
                     method);
}
