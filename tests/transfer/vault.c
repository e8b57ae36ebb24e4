/*
 * tests/transfer/vault.c - see vault.h.
 */
#include "tests/transfer/vault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIECE 65536

vault vaults[2];

/* What a call has, until it ends. */
typedef struct work {
    char *data;
    size_t size, capacity, at;
    int is_begun;
} work;

static vault *vault_of(const neph_call *call)
{
    return &vaults[strcmp(neph_setting_string(neph_cloud_of(call), "name"), "two") == 0];
}

static void *must(void *block)
{
    if (!block)
        abort();
    return block;
}

static void bytes_drop(vault_bytes *bytes)
{
    free(bytes->data);
    memset(bytes, 0, sizeof *bytes);
}

vault_bytes *vault_find(vault *of, const char *key)
{
    for (size_t i = 0; i < VAULT_OBJECTS; i++)
        if (of->objects[i].is_there && strcmp(of->objects[i].key, key) == 0)
            return &of->objects[i];
    return NULL;
}

static void bytes_name(vault_bytes *bytes)
{
    static int count;
    snprintf(bytes->etag, sizeof bytes->etag, "tag-%d", ++count);
    bytes->is_there = 1;
}

static void bytes_keep(vault_bytes *bytes, const char *data, size_t size)
{
    bytes->data = must(realloc(bytes->data, size + 1));
    if (size)
        memcpy(bytes->data, data, size);
    bytes->size = size;
    bytes_name(bytes);
}

vault_bytes *vault_put(vault *of, const char *key, const char *data, size_t size)
{
    vault_bytes *found = vault_find(of, key);
    for (size_t i = 0; !found && i < VAULT_OBJECTS; i++)
        found = of->objects[i].is_there ? NULL : &of->objects[i];
    must(found);
    bytes_keep(found, data, size);
    snprintf(found->key, sizeof found->key, "%s", key);
    return found;
}

static vault_upload *upload_find(vault *of, const char *id)
{
    for (size_t i = 0; i < VAULT_UPLOADS; i++)
        if (of->uploads[i].is_there && strcmp(of->uploads[i].id, id) == 0)
            return &of->uploads[i];
    return NULL;
}

static void upload_drop(vault_upload *upload)
{
    for (size_t i = 0; i < VAULT_PARTS; i++)
        bytes_drop(&upload->parts[i]);
    memset(upload, 0, sizeof *upload);
}

int vault_upload_count(const vault *of)
{
    int count = 0;
    for (size_t i = 0; i < VAULT_UPLOADS; i++)
        count += of->uploads[i].is_there;
    return count;
}

int vault_count(const vault *of, uint32_t op)
{
    return of->counts[op - 0x1000];
}

void vault_forget_counts(vault *of)
{
    memset(of->counts, 0, sizeof of->counts);
    memset(of->part_counts, 0, sizeof of->part_counts);
    of->sent_bytes = of->got_bytes = of->summed_bytes = 0;
}

void vaults_clear(void)
{
    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j < VAULT_OBJECTS; j++)
            bytes_drop(&vaults[i].objects[j]);
        for (size_t j = 0; j < VAULT_UPLOADS; j++)
            upload_drop(&vaults[i].uploads[j]);
        memset(&vaults[i], 0, sizeof vaults[i]);
    }
}

/* ---- what goes wrong */

static int is_hit(vault *here, neph_call *call)
{
    vault_fault *fault = &here->fault;
    if (!fault->times || fault->op != neph_call_op(call) ||
        (fault->number && fault->number != neph_argument_integer(call, NEPH_PART_NUMBER)))
        return 0;
    if (fault->skip) {
        fault->skip--;
        return 0;
    }
    return 1;
}

static int32_t hit(vault *here, neph_call *call)
{
    here->fault.times--;
    return neph_fail(call, here->fault.status, "the vault was told to fail");
}

/* Counts it, the first time; it may fail before anything is done. */
static int32_t begin(neph_call *call, work **out)
{
    vault *here = vault_of(call);
    work *made = neph_call_memory(call, sizeof *made);
    const char *key = neph_argument(call, NEPH_OBJECT_KEY);
    *out = made;
    if (!made)
        return neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    if (here->endless && key && strcmp(key, here->endless) == 0) {
        neph_again(call, 0, 5);
        return NEPH_AGAIN;
    }
    if (made->is_begun)
        return 0;
    made->is_begun = 1;
    here->counts[neph_call_op(call) - 0x1000]++;
    if (++here->begun_parallel > here->most_parallel)
        here->most_parallel = here->begun_parallel;
    return !here->fault.is_lost && is_hit(here, call) ? hit(here, call) : 0;
}

static int32_t end(neph_call *call, int32_t rc)
{
    vault *here = vault_of(call);
    return !rc && here->fault.is_lost && is_hit(here, call) ? hit(here, call) : rc;
}

static void finish(neph_call *call)
{
    work *made = neph_call_memory(call, sizeof *made);
    if (!made)
        return;
    if (made->is_begun)
        vault_of(call)->begun_parallel--;
    free(made->data);
    memset(made, 0, sizeof *made);
}

static int32_t missing(neph_call *call, const char *what)
{
    return neph_fail(call, NEPH_NOT_FOUND, "there is no such %s", what);
}

/* ---- results */

/* A result that is being made; the first failure stands. */
typedef struct telling {
    neph_call *call;
    neph_record *record;
    int32_t rc;
} telling;

static telling tell(neph_call *call, int32_t kind)
{
    telling made = {call, neph_record_new(call, kind), 0};
    made.rc = made.record ? 0 : neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    return made;
}

static void tell_text(telling *made, int32_t member, const char *text)
{
    if (!made->rc && text[0])
        made->rc = neph_record_set(made->record, member, text);
}

static void tell_number(telling *made, int32_t member, int64_t number)
{
    if (!made->rc && number)
        made->rc = neph_record_set_integer(made->record, member, number);
}

static void tell_checksum(telling *made, int32_t member, const vault_bytes *bytes)
{
    const vault *here = vault_of(made->call);
    int is_md5 = here->checksum && strcmp(here->checksum, "md5") == 0;
    unsigned char digest[NEPH_DIGEST_MAX];
    char text[NEPH_DIGEST_HEX_MAX + 16];
    size_t at;
    int32_t count;
    if (!here->checksum || here->is_silent || made->rc)
        return;
    count = neph_digest(made->call, is_md5 ? NEPH_DIGEST_MD5 : NEPH_DIGEST_CRC32C, bytes->data,
                        bytes->size, digest);
    made->rc = count < 0 ? count : 0;
    at = (size_t)snprintf(text, sizeof text, "%s:", here->checksum);
    for (int32_t i = 0; i < count; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%02x", digest[i]);
    tell_text(made, member, text);
}

static int32_t told(telling *made)
{
    return made->rc ? made->rc : neph_record_emit(made->call, made->record);
}

static int32_t object_tell(neph_call *call, const vault_bytes *bytes)
{
    telling made = tell(call, NEPH_KIND_OBJECT);
    tell_text(&made, NEPH_OBJECT_KEY, bytes->key);
    tell_text(&made, NEPH_OBJECT_ETAG, vault_of(call)->is_tagless ? "" : bytes->etag);
    if (!made.rc)
        made.rc =
            neph_record_set_integer(made.record, NEPH_OBJECT_SIZE_BYTES, (int64_t)bytes->size);
    tell_number(&made, NEPH_OBJECT_MODIFIED, NEPH_NANO * 86400);
    tell_number(&made, NEPH_OBJECT_LOCAL_MODIFIED, bytes->local_modified_ns);
    tell_text(&made, NEPH_OBJECT_CONTENT_TYPE, bytes->content_type);
    tell_checksum(&made, NEPH_OBJECT_CHECKSUM, bytes);
    return told(&made);
}

static int32_t part_tell(neph_call *call, int64_t number, const vault_bytes *part)
{
    telling made = tell(call, NEPH_KIND_PART);
    tell_number(&made, NEPH_PART_NUMBER, number);
    tell_number(&made, NEPH_PART_SIZE_BYTES, (int64_t)part->size);
    tell_text(&made, NEPH_PART_ETAG, part->etag);
    tell_checksum(&made, NEPH_PART_CHECKSUM, part);
    return told(&made);
}

/* ---- bodies */

/* 0: all of it is there. */
static int32_t source_take(neph_call *call, work *made)
{
    int64_t count;
    if (made->capacity - made->size < PIECE) {
        made->capacity += 4 * PIECE;
        made->data = must(realloc(made->data, made->capacity));
    }
    count = neph_source_read(call, made->data + made->size, PIECE);
    if (count <= 0)
        return (int32_t)count;
    made->size += (size_t)count;
    vault_of(call)->sent_bytes += count;
    return NEPH_AGAIN;
}

static void corrupt(const vault *here, work *made)
{
    if (here->is_corrupt && made->size)
        made->data[made->size / 2] ^= 1;
}

/* ---- objects */

static int32_t conditions(neph_call *call, const vault_bytes *found)
{
    const char *match = neph_argument(call, NEPH_IF_MATCH);
    const char *none = neph_argument(call, NEPH_IF_NONE_MATCH);
    if ((match && (!found || strcmp(match, found->etag) != 0)) || (none && found))
        return neph_fail(call, NEPH_CONFLICT, "the condition does not hold");
    return 0;
}

static void facts_keep(neph_call *call, vault_bytes *bytes)
{
    const char *type = neph_argument(call, NEPH_OBJECT_CONTENT_TYPE);
    int64_t modified = neph_argument_integer(call, NEPH_OBJECT_LOCAL_MODIFIED);
    if (type)
        snprintf(bytes->content_type, sizeof bytes->content_type, "%s", type);
    bytes->local_modified_ns = modified == NEPH_UNKNOWN ? 0 : modified;
}

static int32_t object_put(neph_call *call)
{
    const char *key = neph_argument(call, NEPH_OBJECT_KEY);
    vault *here = vault_of(call);
    work *made;
    int32_t rc = begin(call, &made);
    if (!rc)
        rc = source_take(call, made);
    if (!rc)
        rc = conditions(call, vault_find(here, key));
    if (!rc) {
        vault_bytes *bytes;
        corrupt(here, made);
        bytes = vault_put(here, key, made->data, made->size);
        facts_keep(call, bytes);
        rc = object_tell(call, bytes);
    }
    return end(call, rc);
}

static int32_t object_head(neph_call *call)
{
    work *made;
    vault_bytes *found = vault_find(vault_of(call), neph_argument(call, NEPH_OBJECT_KEY));
    int32_t rc = begin(call, &made);
    if (rc)
        return rc;
    return end(call, found ? object_tell(call, found) : missing(call, "object"));
}

static void change(vault *here, const char *key)
{
    if (!here->changes || strcmp(here->changes, key) != 0 ||
        vault_count(here, NEPH_OP_OBJECT_GET) < 2)
        return;
    bytes_name(must(vault_find(here, key)));
    here->changes = NULL;
}

/* The range that is asked for, kept until it is given. */
static int32_t range_take(neph_call *call, work *made)
{
    const char *key = neph_argument(call, NEPH_OBJECT_KEY);
    int64_t offset = neph_argument_integer(call, NEPH_RANGE_OFFSET);
    int64_t length = neph_argument_integer(call, NEPH_RANGE_LENGTH);
    vault *here = vault_of(call);
    const vault_bytes *found;
    int32_t rc;
    change(here, key);
    found = vault_find(here, key);
    if (!found)
        return missing(call, "object");
    rc = conditions(call, found);
    if (rc)
        return rc;
    offset = offset == NEPH_UNKNOWN ? 0 : offset;
    if (length == NEPH_UNKNOWN || length > (int64_t)found->size - offset)
        length = (int64_t)found->size - offset;
    made->data = must(malloc((size_t)length + 1));
    made->size = (size_t)length;
    memcpy(made->data, found->data + offset, made->size);
    corrupt(here, made);
    return 0;
}

static int32_t object_get(neph_call *call)
{
    vault *here = vault_of(call);
    work *made;
    int32_t rc = begin(call, &made);
    size_t size;
    if (!rc && !made->data)
        rc = range_take(call, made);
    if (rc)
        return rc;
    size = made->size - made->at < PIECE ? made->size - made->at : PIECE;
    if (size && (rc = (int32_t)neph_sink_write(call, made->data + made->at, size)) != 0)
        return rc;
    made->at += size;
    here->got_bytes += (int64_t)size;
    here->summed_bytes += neph_argument(call, NEPH_CHECKSUM) ? (int64_t)size : 0;
    if (made->at < made->size)
        return NEPH_AGAIN;
    return end(call, object_tell(call, vault_find(here, neph_argument(call, NEPH_OBJECT_KEY))));
}

static const vault_bytes *copied(neph_call *call)
{
    return vault_find(vault_of(call), neph_argument(call, NEPH_COPY_KEY));
}

static int32_t copy_check(neph_call *call, const vault_bytes *from)
{
    const char *match = neph_argument(call, NEPH_COPY_IF_MATCH);
    if (!from)
        return missing(call, "object");
    return match && strcmp(match, from->etag) != 0
               ? neph_fail(call, NEPH_CONFLICT, "what is copied is another object")
               : 0;
}

static int32_t object_copy(neph_call *call)
{
    const vault_bytes *from = copied(call);
    work *made;
    int32_t rc = begin(call, &made);
    if (!rc)
        rc = copy_check(call, from);
    if (!rc)
        rc = object_tell(call, vault_put(vault_of(call), neph_argument(call, NEPH_OBJECT_KEY),
                                         from->data, from->size));
    return end(call, rc);
}

/* ---- uploads */

static int32_t upload_tell(neph_call *call, const vault_upload *upload)
{
    telling made = tell(call, NEPH_KIND_UPLOAD);
    tell_text(&made, NEPH_UPLOAD_ID, upload->id);
    tell_text(&made, NEPH_UPLOAD_KEY, upload->key);
    tell_number(&made, NEPH_UPLOAD_CREATED, upload->created_ns);
    return told(&made);
}

static int32_t upload_list(neph_call *call)
{
    const char *prefix = neph_argument(call, NEPH_LIST_PREFIX);
    vault *here = vault_of(call);
    work *made;
    int32_t rc = begin(call, &made);
    for (size_t i = 0; !rc && i < VAULT_UPLOADS; i++)
        if (here->uploads[i].is_there &&
            (!prefix || strncmp(here->uploads[i].key, prefix, strlen(prefix)) == 0))
            rc = upload_tell(call, &here->uploads[i]);
    return end(call, rc);
}

static int32_t upload_begin(neph_call *call)
{
    static int count;
    vault *here = vault_of(call);
    work *made;
    int32_t rc = begin(call, &made);
    for (size_t i = 0; !rc && i < VAULT_UPLOADS; i++) {
        vault_upload *upload = &here->uploads[i];
        if (upload->is_there)
            continue;
        upload->is_there = 1;
        upload->created_ns = neph_call_now(call);
        snprintf(upload->id, sizeof upload->id, "upload-%d", ++count);
        snprintf(upload->key, sizeof upload->key, "%s", neph_argument(call, NEPH_OBJECT_KEY));
        return end(call, upload_tell(call, upload));
    }
    return rc ? rc : neph_fail(call, NEPH_LIMIT, "the vault is full");
}

static vault_bytes *part_of(neph_call *call)
{
    vault_upload *upload = upload_find(vault_of(call), neph_argument(call, NEPH_UPLOAD_ID));
    int64_t number = neph_argument_integer(call, NEPH_PART_NUMBER);
    return upload && number > 0 && number <= VAULT_PARTS ? &upload->parts[number - 1] : NULL;
}

static int32_t upload_part(neph_call *call)
{
    int64_t number = neph_argument_integer(call, NEPH_PART_NUMBER);
    vault_bytes *part = part_of(call);
    vault *here = vault_of(call);
    work *made;
    int32_t rc = begin(call, &made);
    if (!rc && !part)
        rc = missing(call, "upload");
    if (!rc)
        rc = source_take(call, made);
    if (rc)
        return rc;
    corrupt(here, made);
    here->part_counts[number - 1]++;
    bytes_keep(part, made->data, made->size);
    return end(call, part_tell(call, number, part));
}

static int32_t upload_copy(neph_call *call)
{
    int64_t offset = neph_argument_integer(call, NEPH_RANGE_OFFSET);
    int64_t length = neph_argument_integer(call, NEPH_RANGE_LENGTH);
    const vault_bytes *from = copied(call);
    vault_bytes *part = part_of(call);
    work *made;
    int32_t rc = begin(call, &made);
    if (!rc && !part)
        rc = missing(call, "upload");
    if (!rc)
        rc = copy_check(call, from);
    if (rc)
        return rc;
    bytes_keep(part, from->data + offset, (size_t)length);
    return end(call, part_tell(call, neph_argument_integer(call, NEPH_PART_NUMBER), part));
}

static int32_t upload_parts(neph_call *call)
{
    const vault_upload *upload = upload_find(vault_of(call), neph_argument(call, NEPH_UPLOAD_ID));
    work *made;
    int32_t rc = begin(call, &made);
    if (!rc && !upload)
        rc = missing(call, "upload");
    for (size_t i = 0; !rc && i < VAULT_PARTS; i++)
        if (upload->parts[i].is_there)
            rc = part_tell(call, (int64_t)i + 1, &upload->parts[i]);
    return end(call, rc);
}

static int32_t listed_take(neph_call *call, const vault_upload *upload, work *made)
{
    const char *number, *etag;
    for (uint32_t i = 0; neph_argument_pair(call, NEPH_UPLOAD_LISTED, i, &number, &etag); i++) {
        const vault_bytes *part = &upload->parts[strtol(number, NULL, 10) - 1];
        if (!part->is_there || strcmp(part->etag, etag) != 0)
            return neph_fail(call, NEPH_INVALID, "part %s is not %s", number, etag);
        made->data = must(realloc(made->data, made->size + part->size + 1));
        memcpy(made->data + made->size, part->data, part->size);
        made->size += part->size;
    }
    return 0;
}

static int32_t upload_complete(neph_call *call)
{
    vault *here = vault_of(call);
    vault_upload *upload = upload_find(here, neph_argument(call, NEPH_UPLOAD_ID));
    work *made;
    vault_bytes *bytes;
    int32_t rc = begin(call, &made);
    if (!rc && !upload)
        rc = missing(call, "upload");
    if (!rc)
        rc = conditions(call, vault_find(here, upload->key));
    if (!rc)
        rc = listed_take(call, upload, made);
    if (rc)
        return rc;
    bytes = vault_put(here, upload->key, made->data, made->size);
    facts_keep(call, bytes);
    upload_drop(upload);
    return end(call, object_tell(call, bytes));
}

static int32_t upload_abort(neph_call *call)
{
    vault_upload *upload = upload_find(vault_of(call), neph_argument(call, NEPH_UPLOAD_ID));
    work *made;
    int32_t rc = begin(call, &made);
    if (!rc && !upload)
        rc = missing(call, "upload");
    if (!rc)
        upload_drop(upload);
    return end(call, rc);
}

/* ---- limits */

static int32_t storage_limits(neph_call *call)
{
    const vault *here = vault_of(call);
    const struct {
        int32_t member;
        int64_t value;
    } limits[] = {
        {NEPH_LIMITS_OBJECT_BYTES, here->object_bytes},
        {NEPH_LIMITS_PUT_BYTES, here->put_bytes},
        {NEPH_LIMITS_PART_BYTES_MIN, here->part_bytes_min},
        {NEPH_LIMITS_PART_BYTES_MAX, here->part_bytes_max},
        {NEPH_LIMITS_PART_COUNT, here->part_count},
        {NEPH_LIMITS_EQUAL_PARTS, here->has_equal_parts},
        {NEPH_LIMITS_COPY_BYTES, here->copy_bytes},
    };
    telling limit;
    work *made;
    int32_t rc = begin(call, &made);
    if (rc)
        return rc;
    limit = tell(call, NEPH_KIND_LIMITS);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        tell_number(&limit, limits[i].member, limits[i].value);
    tell_text(&limit, NEPH_LIMITS_CHECKSUM, here->checksum ? here->checksum : "");
    return end(call, told(&limit));
}

/* ---- the provider */

static const neph_setting settings[] = {
    {.name = "name", .summary = "which of the two", .type = NEPH_TYPE_STRING, .fallback = "one"},
    {.name = "word", .summary = "a secret", .type = NEPH_TYPE_STRING, .flags = NEPH_SETTING_SECRET},
};

static const int32_t put_takes[] = {NEPH_OBJECT_CONTENT_TYPE, NEPH_OBJECT_LOCAL_MODIFIED,
                                    NEPH_IF_MATCH, NEPH_IF_NONE_MATCH};
static const int32_t get_takes[] = {NEPH_RANGE_OFFSET, NEPH_RANGE_LENGTH, NEPH_IF_MATCH};
static const int32_t copy_takes[] = {NEPH_COPY_IF_MATCH};
static const int32_t part_copy_takes[] = {NEPH_COPY_IF_MATCH, NEPH_RANGE_OFFSET, NEPH_RANGE_LENGTH};
static const int32_t list_takes[] = {NEPH_LIST_PREFIX};

#define ACTION(of, function) .op = NEPH_OP_##of, .perform = function, .finish = finish

static const neph_action actions[] = {
    {ACTION(OBJECT_HEAD, object_head), .traits = NEPH_SAFE},
    {ACTION(OBJECT_GET, object_get), .traits = NEPH_SAFE, NEPH_TAKES(get_takes)},
    {ACTION(OBJECT_PUT, object_put), .traits = NEPH_IDEMPOTENT, NEPH_TAKES(put_takes)},
    {ACTION(OBJECT_COPY, object_copy), .traits = NEPH_IDEMPOTENT, NEPH_TAKES(copy_takes)},
    {ACTION(UPLOAD_LIST, upload_list), .traits = NEPH_SAFE, NEPH_TAKES(list_takes)},
    {ACTION(UPLOAD_BEGIN, upload_begin)},
    {ACTION(UPLOAD_PART, upload_part), .traits = NEPH_IDEMPOTENT},
    {ACTION(UPLOAD_COPY, upload_copy), .traits = NEPH_IDEMPOTENT, NEPH_TAKES(part_copy_takes)},
    {ACTION(UPLOAD_PARTS, upload_parts), .traits = NEPH_SAFE},
    {ACTION(UPLOAD_COMPLETE, upload_complete), NEPH_TAKES(put_takes)},
    {ACTION(UPLOAD_ABORT, upload_abort), .traits = NEPH_IDEMPOTENT},
    {ACTION(STORAGE_LIMITS, storage_limits), .traits = NEPH_SAFE},
};

static const neph_provider provider = {
    .size = sizeof(neph_provider),
    .id = "vault",
    .title = "A storage in memory",
    NEPH_SETTINGS(settings),
    NEPH_ACTIONS(actions),
};

static const neph_provider *const providers[] = {&provider};
NEPH_PLUGIN(vault, "1", NULL, providers);
