/*
 * upload.c - objects in parts. The service knows no uploads: it keeps blocks with a blob, each under an id that its writer
 * chose, until a list names those that the blob is made of; what no list names vanishes a week after the last block. So an
 * upload is a random prefix of such ids, and only who has it tells its blocks from those of others.
 */
#include "azure.h"

#define MIB (INT64_C(1) << 20)
#define PART_COUNT 50000
#define PART_BYTES (4000 * MIB)
#define PUT_BYTES (5000 * MIB)

#define ID_SIZE 32    /* hex digits of an upload's id */
#define NUMBER_SIZE 8 /* decimal digits of a part's number behind it */
#define BLOCK_SIZE (ID_SIZE + NUMBER_SIZE)
#define BLOCK_MAX 88 /* base64 of 64 bytes: of an id that another program chose */

/* All blocks of a key, whoever wrote them: what a listing of uploads can tell. */
#define ANY_ID "*"

/* ---- ids. Base64 itself, of 30 bytes: all of one length, and in order of their numbers. */

int32_t azure_upload_check(const neph_call *call)
{
    const char *id = neph_argument(call, NEPH_UPLOAD_ID);
    if (strlen(id) == ID_SIZE && strspn(id, "0123456789abcdef") == ID_SIZE)
        return 0;
    return neph_fail(call, NEPH_INVALID, "\"%.40s\" is no upload: its id has %d hex digits", id,
                     ID_SIZE);
}

/* Into block, which holds BLOCK_SIZE and a NUL. */
static void block_write(const neph_call *call, int64_t number, char *block)
{
    memcpy(block, neph_argument(call, NEPH_UPLOAD_ID), ID_SIZE);
    for (int i = BLOCK_SIZE; i-- > ID_SIZE; number /= 10)
        block[i] = (char)('0' + number % 10);
    block[BLOCK_SIZE] = '\0';
}

int azure_is_any_upload(const neph_call *call)
{
    return !strcmp(neph_argument(call, NEPH_UPLOAD_ID), ANY_ID);
}

int64_t azure_block_number(const neph_call *call, const char *block)
{
    int64_t number = 0;
    if (strlen(block) != BLOCK_SIZE || memcmp(block, neph_argument(call, NEPH_UPLOAD_ID), ID_SIZE))
        return 0;
    for (block += ID_SIZE; *block >= '0' && *block <= '9'; block++)
        number = number * 10 + (*block - '0');
    return *block || number > PART_COUNT ? 0 : number;
}

/* ---- list: List Blobs with what has blocks alone. Of a key that has an object too nothing is told. */

static const neph_field upload_fields[] = {
    {"Name/@Encoded", .member = AZURE_SCRATCH_ENCODED},
    {"Name", .member = NEPH_UPLOAD_KEY, .flags = NEPH_FIELD_REQUIRED},
    {"Properties/Creation-Time", .member = NEPH_UPLOAD_CREATED},
    {"Properties/Content-Type", .member = AZURE_SCRATCH_TYPE},
    {"Properties/Content-Length", .member = AZURE_SCRATCH_SIZE},
};
static const neph_field page_fields[] = {
    {"NextMarker", .member = NEPH_PAGE_TOKEN},
};
static const neph_rule list_rules[] = {
    {
        .path = "Blobs/Blob",
        NEPH_FIELDS(upload_fields),
        .kind = NEPH_KIND_UPLOAD,
        .root = "EnumerationResults",
    },
    {.path = ".", NEPH_FIELDS(page_fields), .root = "EnumerationResults"},
};
static const neph_reply list_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, list_rules);
const neph_reply *const azure_upload_list_replies[1] = {&list_reply};

int32_t azure_upload_list(neph_call *call, neph_request *request)
{
    int32_t rc =
        azure_list_ask(call, request, neph_argument(call, NEPH_OBJECT_BUCKET), "uncommittedblobs");
    return rc ? rc : neph_storage_query(request, "prefix", neph_argument(call, NEPH_LIST_PREFIX));
}

int azure_is_object(const neph_call *call)
{
    const char *type = neph_scratch(call, AZURE_SCRATCH_TYPE);
    const char *size = neph_scratch(call, AZURE_SCRATCH_SIZE);
    return (type && *type) || (size && strcmp(size, "0") != 0);
}

int32_t azure_upload_list_each(neph_call *call, neph_record *record)
{
    int drop = azure_is_object(call);
    int32_t rc = neph_scratch_set(call, AZURE_SCRATCH_TYPE, NULL);
    if (!rc)
        rc = azure_name_decode(call, record, NEPH_UPLOAD_KEY);
    if (!rc && !drop)
        rc = neph_record_set(record, NEPH_UPLOAD_ID, ANY_ID);
    return rc ? rc : drop ? NEPH_DROP : 0;
}

/* ---- begin: nothing is asked */

int32_t azure_upload_begin(neph_call *call)
{
    unsigned char bytes[ID_SIZE / 2];
    char id[ID_SIZE + 1];
    neph_record *record;
    neph_text text;
    int32_t rc = azure_object_check(call);
    if (!rc)
        rc = neph_random(call, bytes, sizeof bytes);
    if (rc)
        return rc;
    neph_text_init(&text, id, sizeof id);
    neph_text_add_hex(&text, bytes, sizeof bytes);
    record = neph_record_new(call, NEPH_KIND_UPLOAD);
    if (!record)
        return neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    rc = neph_record_set(record, NEPH_UPLOAD_ID, id);
    if (!rc)
        rc = neph_record_set(record, NEPH_UPLOAD_KEY, neph_argument(call, NEPH_OBJECT_KEY));
    if (!rc)
        rc = neph_record_set_integer(record, NEPH_UPLOAD_CREATED, neph_call_now(call));
    if (rc)
        return rc;
    rc = neph_record_emit(call, record);
    return rc == NEPH_AGAIN ? 0 : rc;
}

/* ---- part: Put Block */

static const neph_rule part_rules[] = {
    {.path = ".", .kind = NEPH_KIND_PART, .field_size = sizeof(neph_field)},
};
static const neph_reply part_reply = NEPH_REPLY_OF(NEPH_REPLY_NONE, part_rules);
const neph_reply *const azure_upload_part_replies[1] = {&part_reply};

int32_t azure_upload_part(neph_call *call, neph_request *request)
{
    int64_t number = neph_argument_integer(call, NEPH_PART_NUMBER);
    char block[BLOCK_SIZE + 1];
    int32_t rc = azure_upload_check(call);
    if (!rc && (number < 1 || number > PART_COUNT))
        rc = neph_fail(call, NEPH_INVALID, "parts have numbers from 1 to %d", PART_COUNT);
    if (rc)
        return rc;
    block_write(call, number, block);
    rc = azure_object_ask(call, request, "PUT");
    if (!rc)
        rc = neph_request_query(request, "comp", "block");
    if (!rc)
        rc = neph_request_query(request, "blockid", block);
    if (!rc)
        rc = neph_request_body_source(request);
    if (!rc)
        rc = azure_object_checksum(call, request);
    return rc ? rc : neph_storage_expect(request);
}

int32_t azure_upload_part_each(neph_call *call, neph_record *record)
{
    int64_t number = neph_argument_integer(call, NEPH_PART_NUMBER);
    char block[BLOCK_SIZE + 1];
    int32_t rc = azure_none_then(call);
    block_write(call, number, block);
    if (!rc)
        rc = neph_record_set(record, NEPH_PART_ETAG, block);
    if (!rc)
        rc = neph_record_set_integer(record, NEPH_PART_NUMBER, number);
    return rc ? rc
              : neph_storage_checksum(record, NEPH_PART_CHECKSUM, "md5",
                                      neph_reply_header(call, "Content-MD5"));
}

/* ---- parts: Get Block List, whose order is not told: they are gathered and put in order */

typedef struct parts_state {
    uint32_t is_told;              /* what was gathered is being delivered */
    uint32_t last;                 /* the highest number */
    int64_t sizes[PART_COUNT + 1]; /* by number; plus one, so that 0 is none */
} parts_state;

static parts_state *parts_of(neph_call *call)
{
    return neph_call_memory(call, sizeof(parts_state));
}

static const neph_field block_fields[] = {
    {"Name", .member = NEPH_PART_ETAG, .flags = NEPH_FIELD_REQUIRED},
    {"Size", .member = NEPH_PART_SIZE_BYTES, .flags = NEPH_FIELD_REQUIRED},
};
static const neph_rule block_rules[] = {
    {
        .path = "UncommittedBlocks/Block",
        NEPH_FIELDS(block_fields),
        .kind = NEPH_KIND_PART,
        .root = "BlockList",
    },
};
static const neph_reply blocks_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, block_rules);
const neph_reply *const azure_upload_parts_replies[1] = {&blocks_reply};

int32_t azure_blocks_ask(neph_call *call, neph_request *request)
{
    int32_t rc = azure_object_ask(call, request, "GET");
    if (!rc)
        rc = neph_request_query(request, "comp", "blocklist");
    return rc ? rc : neph_request_query(request, "blocklisttype", "uncommitted");
}

int32_t azure_upload_parts(neph_call *call, neph_request *request)
{
    parts_state *state = parts_of(call);
    int32_t rc = azure_upload_check(call);
    if (!state)
        return neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    memset(state, 0, sizeof *state); /* a reply that broke off is asked for again */
    return rc ? rc : azure_blocks_ask(call, request);
}

int32_t azure_upload_parts_each(neph_call *call, neph_record *record)
{
    parts_state *state = parts_of(call);
    int64_t number;
    if (state->is_told)
        return 0;
    number = azure_block_number(call, neph_record_get(record, NEPH_PART_ETAG));
    if (number)
        state->sizes[number] = neph_record_get_integer(record, NEPH_PART_SIZE_BYTES) + 1;
    if (number > (int64_t)state->last)
        state->last = (uint32_t)number;
    return NEPH_DROP;
}

static int32_t part_tell(neph_call *call, uint32_t number, int64_t size)
{
    neph_record *record = neph_record_new(call, NEPH_KIND_PART);
    char block[BLOCK_SIZE + 1];
    int32_t rc;
    if (!record)
        return neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    block_write(call, number, block);
    rc = neph_record_set_integer(record, NEPH_PART_NUMBER, number);
    if (!rc)
        rc = neph_record_set_integer(record, NEPH_PART_SIZE_BYTES, size);
    if (!rc)
        rc = neph_record_set(record, NEPH_PART_ETAG, block);
    if (rc)
        return rc;
    rc = neph_record_emit(call, record);
    return rc == NEPH_AGAIN ? 0 : rc;
}

int32_t azure_upload_parts_then(neph_call *call)
{
    parts_state *state = parts_of(call);
    int32_t rc = 0;
    state->is_told = 1;
    for (uint32_t number = 1; !rc && number <= state->last; number++)
        if (state->sizes[number])
            rc = part_tell(call, number, state->sizes[number] - 1);
    return rc;
}

/* ---- complete: Put Block List. "Latest" finds a block among those of the blob too, so that it may be asked again. */

static int is_block(const char *text)
{
    size_t size = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=");
    return size && size <= BLOCK_MAX && !text[size];
}

static int32_t list_write(neph_call *call, neph_request *request)
{
    static const char head[] = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<BlockList>\n";
    static const char foot[] = "</BlockList>\n";
    const char *number;
    const char *block;
    char data[BLOCK_MAX + 32];
    neph_text line;
    int32_t rc = neph_request_body(request, "application/xml", head, sizeof head - 1);
    for (uint32_t i = 0; !rc && neph_argument_pair(call, NEPH_UPLOAD_LISTED, i, &number, &block);
         i++) {
        if (i == PART_COUNT)
            return neph_fail(call, NEPH_LIMIT, "an object has %d parts at most", PART_COUNT);
        if (!is_block(block))
            return neph_fail(call, NEPH_INVALID,
                             "part %.20s: \"%.100s\" is no entity tag that upload part returned",
                             number, block);
        neph_text_init(&line, data, sizeof data);
        neph_text_add(&line, "<Latest>");
        neph_text_add(&line, block);
        neph_text_add(&line, "</Latest>\n");
        rc = neph_request_body(request, NULL, line.data, line.size);
    }
    return rc ? rc : neph_request_body(request, NULL, foot, sizeof foot - 1);
}

/* The service keeps it with the blob; it compares nothing. */
static int32_t checksum_keep(neph_call *call, neph_request *request)
{
    const char *checksum = neph_argument(call, NEPH_OBJECT_CHECKSUM);
    char data[64];
    int32_t rc;
    if (!checksum || strncmp(checksum, "md5:", 4) != 0)
        return 0;
    rc = neph_storage_base64(data, sizeof data, checksum + 4);
    return rc ? neph_fail(call, NEPH_INVALID, "\"%.80s\" is no checksum", checksum)
              : neph_request_header(request, "x-ms-blob-content-md5", data);
}

int32_t azure_upload_complete(neph_call *call, neph_request *request)
{
    const char *type = neph_argument(call, NEPH_OBJECT_CONTENT_TYPE);
    int32_t rc = azure_upload_check(call);
    if (!rc)
        rc = azure_object_ask(call, request, "PUT");
    if (!rc)
        rc = neph_request_query(request, "comp", "blocklist");
    if (!rc)
        rc = neph_request_header(request, "x-ms-blob-content-type",
                                 type ? type : "application/octet-stream");
    if (!rc)
        rc = checksum_keep(call, request);
    if (!rc)
        rc = azure_object_facts(call, request);
    if (!rc)
        rc = neph_storage_conditions(call, request);
    return rc ? rc : list_write(call, request);
}

/* ---- limits: "Scalability and performance targets for Blob storage", Azure Storage documentation */

int32_t azure_storage_limits(neph_call *call)
{
    static const struct {
        int32_t member;
        int64_t number;
    } rows[] = {
        {NEPH_LIMITS_OBJECT_BYTES, PART_COUNT * PART_BYTES},
        {NEPH_LIMITS_PUT_BYTES, PUT_BYTES},
        {NEPH_LIMITS_PART_BYTES_MIN, 1},
        {NEPH_LIMITS_PART_BYTES_MAX, PART_BYTES},
        {NEPH_LIMITS_PART_COUNT, PART_COUNT},
        {NEPH_LIMITS_EQUAL_PARTS, 0},
    };
    neph_record *record = neph_record_new(call, NEPH_KIND_LIMITS);
    int32_t rc = 0;
    if (!record)
        return neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    for (size_t i = 0; !rc && i < NEPH_COUNT(rows); i++)
        rc = neph_record_set_integer(record, rows[i].member, rows[i].number);
    if (!rc)
        rc = neph_record_set(record, NEPH_LIMITS_CHECKSUM, "md5");
    if (rc)
        return rc;
    rc = neph_record_emit(call, record);
    return rc == NEPH_AGAIN ? 0 : rc;
}
