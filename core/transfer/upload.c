/*
 * core/transfer/upload.c - an object made of parts, wherever they come from: begun, its parts
 * sent, completed; taken back after a failure. What it shall be known by goes with the operation
 * that the cloud wants it with.
 */
#include "core/call.h"
#include "core/transfer/journal.h"
#include "core/transfer/transfer.h"
#include "core/transfer/ways.h"

#include <stdio.h>
#include <string.h>

#define NUMBER_MAX 24

neph_call *nephi_upload_call(const neph_transfer *transfer, uint32_t op)
{
    neph_call *call = neph_call_new(transfer->to.cloud, op);
    (void)neph_call_set_string(call, NEPH_OBJECT_BUCKET, transfer->to.bucket);
    (void)neph_call_set_string(call, NEPH_OBJECT_KEY, transfer->to.key);
    if (transfer->upload && op != NEPH_OP_OBJECT_HEAD)
        (void)neph_call_set_string(call, NEPH_UPLOAD_ID, transfer->upload);
    return call;
}

/* ---- what the object shall be known by */

/* With which operation it goes: where the cloud takes it with the end of an upload alone, not
 * with its beginning. */
static int belongs(const neph_transfer *transfer, uint32_t op, int32_t member)
{
    if (op == NEPH_OP_UPLOAD_COMPLETE)
        return neph_cloud_takes(transfer->to.cloud, op, member);
    return op != NEPH_OP_UPLOAD_BEGIN || neph_cloud_takes(transfer->to.cloud, op, member) ||
           !neph_cloud_takes(transfer->to.cloud, NEPH_OP_UPLOAD_COMPLETE, member);
}

static void text_set(const neph_transfer *transfer, neph_call *call, uint32_t op, int32_t member,
                     const char *text)
{
    if (text && belongs(transfer, op, member))
        (void)neph_call_set_string(call, member, text);
}

/* When the file was written last, if that can be kept. */
static void time_set(const neph_transfer *transfer, neph_call *call, uint32_t op)
{
    int64_t ns = transfer->from.local_modified_ns;
    if (ns == NEPH_UNKNOWN)
        ns = transfer->from.modified_ns;
    if (transfer->options.keep_times && ns != NEPH_UNKNOWN &&
        neph_cloud_takes(transfer->to.cloud, op, NEPH_OBJECT_LOCAL_MODIFIED))
        (void)neph_call_set_integer(call, NEPH_OBJECT_LOCAL_MODIFIED, ns);
}

void nephi_upload_facts(const neph_transfer *transfer, neph_call *call, uint32_t op)
{
    const neph_transfer_options *options = &transfer->options;
    text_set(transfer, call, op, NEPH_OBJECT_CONTENT_TYPE, options->content_type);
    text_set(transfer, call, op, NEPH_OBJECT_CLASS, options->storage_class);
    if (options->metadata_count && belongs(transfer, op, NEPH_OBJECT_METADATA))
        (void)neph_call_set_pairs(call, NEPH_OBJECT_METADATA, options->metadata,
                                  options->metadata_count);
    time_set(transfer, call, op);
}

void nephi_upload_conditions(const neph_transfer *transfer, neph_call *call)
{
    (void)neph_call_set_string(call, NEPH_IF_MATCH, transfer->options.if_match);
    (void)neph_call_set_string(call, NEPH_IF_NONE_MATCH, transfer->options.if_none_match);
}

/* What the end of an upload would not take is refused before anything is sent. */
static int conditions_check(neph_transfer *transfer)
{
    const neph_transfer_options *options = &transfer->options;
    const uint32_t op = NEPH_OP_UPLOAD_COMPLETE;
    if ((options->if_match && !neph_cloud_takes(transfer->to.cloud, op, NEPH_IF_MATCH)) ||
        (options->if_none_match && !neph_cloud_takes(transfer->to.cloud, op, NEPH_IF_NONE_MATCH)))
        return nephi_fail(&transfer->error, NEPH_UNSUPPORTED,
                          "%s goes in parts, and this cloud takes no condition with them",
                          transfer->to.key);
    return 0;
}

/* ---- in one request */

neph_call *nephi_upload_whole_call(const neph_transfer *transfer, const neph_source *source)
{
    neph_call *call = nephi_upload_call(transfer, NEPH_OP_OBJECT_PUT);
    (void)neph_call_set_source(call, source);
    nephi_upload_facts(transfer, call, NEPH_OP_OBJECT_PUT);
    nephi_upload_conditions(transfer, call);
    (void)neph_call_set_string(call, NEPH_CHECKSUM, transfer->checksum);
    (void)neph_call_start(call);
    return call;
}

void nephi_upload_whole(neph_transfer *transfer, const neph_source *source, nephi_then_fn then)
{
    if (nephi_verify_plan_up(transfer))
        nephi_transfer_fail(transfer);
    else
        nephi_transfer_await(transfer, nephi_upload_whole_call(transfer, source), then);
}

/* ---- begun */

static void on_begun(neph_transfer *transfer, neph_call *call)
{
    const neph_result *told = neph_call_result(call);
    const neph_upload *upload = (const neph_upload *)(const void *)told;
    int rc = 0;
    if (!told || told->kind != NEPH_KIND_UPLOAD || !upload->id)
        rc = nephi_fail(&transfer->error, NEPH_PROTOCOL, "the cloud told no id of the upload");
    if (!rc) {
        transfer->upload = nephi_transfer_text(transfer, upload->id);
        rc = transfer->error.status;
    }
    if (!rc)
        rc = nephi_journal_upload(transfer);
    if (rc)
        nephi_transfer_fail(transfer);
    else if (call->attempts > 1)
        nephi_strays_tell(transfer, nephi_parts_pump);
    else
        nephi_parts_pump(transfer);
}

/* What is intended is noted first, so that an upload whose id is lost can be looked for. */
void nephi_upload_anew(neph_transfer *transfer)
{
    neph_call *call;
    if (nephi_journal_begin(transfer)) {
        nephi_transfer_fail(transfer);
        return;
    }
    transfer->begun_ms = nephi_loop_now_ms();
    call = nephi_upload_call(transfer, NEPH_OP_UPLOAD_BEGIN);
    nephi_upload_facts(transfer, call, NEPH_OP_UPLOAD_BEGIN);
    if (transfer->checksum &&
        neph_cloud_takes(transfer->to.cloud, NEPH_OP_UPLOAD_BEGIN, NEPH_CHECKSUM))
        (void)neph_call_set_string(call, NEPH_CHECKSUM, transfer->checksum);
    (void)neph_call_start(call);
    nephi_transfer_await(transfer, call, on_begun);
}

void nephi_upload_begin(neph_transfer *transfer)
{
    int rc = 0;
    if (!neph_cloud_can(transfer->to.cloud, NEPH_OP_UPLOAD_BEGIN))
        rc = nephi_fail(&transfer->error, NEPH_LIMIT,
                        "%s is too large for one request, and this cloud takes no parts",
                        nephi_end_name(&transfer->from));
    if (!rc)
        rc = conditions_check(transfer);
    if (!rc && !transfer->parts.slots)
        rc = nephi_parts_slots(transfer);
    if (!rc)
        rc = nephi_journal_open(transfer);
    if (rc)
        nephi_transfer_fail(transfer);
    else if (transfer->journal && transfer->journal->has_old)
        nephi_resume_upload(transfer);
    else
        nephi_upload_anew(transfer);
}

/* ---- parts */

neph_call *nephi_upload_part(neph_transfer *transfer, const nephi_slot *slot,
                             const neph_source *source)
{
    return neph_upload_part(transfer->to.cloud, transfer->to.bucket, transfer->to.key,
                            transfer->upload, (int64_t)slot->index + 1, source, transfer->checksum);
}

int nephi_upload_took(neph_transfer *transfer, nephi_slot *slot, neph_call *call)
{
    nephi_part *part = &transfer->parts.list[slot->index];
    const neph_result *told = neph_call_result(call);
    const neph_part *made = (const neph_part *)(const void *)told;
    if (!told || told->kind != NEPH_KIND_PART)
        return nephi_fail(&transfer->error, NEPH_PROTOCOL, "the cloud told nothing of the part");
    part->etag = nephi_transfer_text(transfer, made->etag);
    part->checksum =
        nephi_transfer_text(transfer, made->body_checksum ? made->body_checksum : made->checksum);
    return transfer->error.status;
}

/* ---- completed */

/* Compares what both ends say of the whole. */
static int whole_check(neph_transfer *transfer, const char *told)
{
    int equal;
    if (!nephi_verify_compare(transfer->result.checksum, told, &equal))
        return 0;
    transfer->result.is_verified = equal;
    return equal ? 0
                 : nephi_fail(&transfer->error, NEPH_INTEGRITY,
                              "%s arrived as other bytes than were sent: %s there, %s here",
                              transfer->to.key, told, transfer->result.checksum);
}

int nephi_upload_learn(neph_transfer *transfer, neph_call *call)
{
    neph_transfer_result *result = &transfer->result;
    const neph_result *told = neph_call_result(call);
    const neph_object *object = (const neph_object *)(const void *)told;
    transfer->is_made = 1;
    if (!told || told->kind != NEPH_KIND_OBJECT)
        return 0;
    result->etag = nephi_transfer_text(transfer, object->etag);
    result->version = nephi_transfer_text(transfer, object->version);
    if (!result->checksum)
        result->checksum = nephi_transfer_text(transfer, object->body_checksum);
    return transfer->error.status ? transfer->error.status
                                  : whole_check(transfer, object->checksum);
}

static int required_check(neph_transfer *transfer)
{
    if (transfer->error.status)
        return transfer->error.status;
    if (transfer->result.is_verified || transfer->options.verify != NEPH_VERIFY_REQUIRED)
        return 0;
    return nephi_fail(&transfer->error, NEPH_UNSUPPORTED,
                      "%s is there, but the cloud has no checksum of it to compare with",
                      transfer->to.key);
}

static void made_finish(neph_transfer *transfer)
{
    neph_transfer_result *result = &transfer->result;
    result->is_verified = result->is_verified || transfer->is_checked;
    result->size_bytes = transfer->total_bytes;
    if (required_check(transfer))
        nephi_transfer_fail(transfer);
    else
        nephi_transfer_finish(transfer);
}

static void on_head(neph_transfer *transfer, neph_call *call)
{
    const neph_result *told = neph_call_result(call);
    if (told && told->kind == NEPH_KIND_OBJECT)
        (void)whole_check(transfer, ((const neph_object *)(const void *)told)->checksum);
    made_finish(transfer);
}

/* What was sent in parts is looked at if its checksum is known here and the cloud said nothing
 * of it. */
void nephi_upload_finish(neph_transfer *transfer)
{
    const neph_transfer_result *result = &transfer->result;
    neph_call *head;
    if (!result->checksum || result->is_verified || transfer->is_checked || !transfer->upload) {
        made_finish(transfer);
        return;
    }
    head = nephi_upload_call(transfer, NEPH_OP_OBJECT_HEAD);
    (void)neph_call_start(head);
    nephi_transfer_await(transfer, head, on_head);
}

void nephi_upload_made(neph_transfer *transfer, neph_call *call)
{
    if (nephi_upload_learn(transfer, call))
        nephi_transfer_fail(transfer);
    else
        nephi_upload_finish(transfer);
}

/* Numbers of parts, a text of NUMBER_MAX for each. NULL: no memory. */
static char *numbers_write(neph_transfer *transfer)
{
    size_t count = transfer->parts.count;
    char *numbers = nephi_arena_alloc(&transfer->arena, count * NUMBER_MAX);
    for (size_t i = 0; numbers && i < count; i++)
        snprintf(numbers + i * NUMBER_MAX, NUMBER_MAX, "%zu", i + 1);
    return numbers;
}

/* The checksums of those parts that are known by the one that the upload began with. */
static void checksums_set(const neph_transfer *transfer, neph_call *call, neph_pair *pairs,
                          const char *numbers)
{
    size_t count = 0;
    for (size_t i = 0; transfer->checksum && i < transfer->parts.count; i++) {
        const char *checksum = transfer->parts.list[i].checksum;
        if (checksum && nephi_checksum_is_alike(checksum, transfer->checksum))
            pairs[count++] = (neph_pair){numbers + i * NUMBER_MAX, checksum};
    }
    if (count &&
        neph_cloud_takes(transfer->to.cloud, NEPH_OP_UPLOAD_COMPLETE, NEPH_UPLOAD_CHECKSUMS))
        (void)neph_call_set_pairs(call, NEPH_UPLOAD_CHECKSUMS, pairs, count);
}

/* The parts, as complete wants to hear of them. 0 or NEPH_NO_MEMORY. */
static int parts_set(neph_transfer *transfer, neph_call *call)
{
    const nephi_parts *parts = &transfer->parts;
    neph_pair *pairs = nephi_alloc_array(&transfer->host->memory, parts->count, sizeof *pairs);
    const char *numbers = pairs ? numbers_write(transfer) : NULL;
    for (size_t i = 0; numbers && i < parts->count; i++)
        pairs[i] =
            (neph_pair){numbers + i * NUMBER_MAX, parts->list[i].etag ? parts->list[i].etag : ""};
    if (numbers) {
        (void)neph_call_set_pairs(call, NEPH_UPLOAD_LISTED, pairs, parts->count);
        checksums_set(transfer, call, pairs, numbers);
    }
    nephi_free(&transfer->host->memory, pairs);
    return numbers ? 0 : nephi_fail_memory(&transfer->error);
}

static int complete(neph_transfer *transfer)
{
    neph_call *call = nephi_upload_call(transfer, NEPH_OP_UPLOAD_COMPLETE);
    if (parts_set(transfer, call)) {
        neph_call_free(call);
        return transfer->error.status;
    }
    if (transfer->result.checksum &&
        neph_cloud_takes(transfer->to.cloud, NEPH_OP_UPLOAD_COMPLETE, NEPH_OBJECT_CHECKSUM))
        (void)neph_call_set_string(call, NEPH_OBJECT_CHECKSUM, transfer->result.checksum);
    nephi_upload_facts(transfer, call, NEPH_OP_UPLOAD_COMPLETE);
    nephi_upload_conditions(transfer, call);
    (void)neph_call_start(call);
    nephi_transfer_await(transfer, call, nephi_upload_made);
    return 0;
}

/* The whole, as far as it is known, is what its source said it was. */
static int source_check(neph_transfer *transfer)
{
    int equal;
    if (!nephi_verify_compare(transfer->result.checksum, transfer->from.checksum, &equal) || equal)
        return 0;
    transfer->is_spoilt = 1;
    return nephi_fail(&transfer->error, NEPH_INTEGRITY,
                      "%s was read as other bytes than the cloud has: %s there, %s here",
                      nephi_end_name(&transfer->from), transfer->from.checksum,
                      transfer->result.checksum);
}

void nephi_upload_end(neph_transfer *transfer)
{
    int rc = nephi_source_confirm(transfer);
    transfer->result.checksum = nephi_verify_whole(transfer);
    if (!rc)
        rc = source_check(transfer);
    if (!rc)
        rc = nephi_journal_completing(transfer);
    if (!rc)
        rc = complete(transfer);
    if (rc)
        nephi_transfer_fail(transfer);
}

/* ---- taken back */

static void on_aborted(neph_transfer *transfer, neph_call *call)
{
    int status = neph_call_error(call)->status;
    if (status && status != NEPH_NOT_FOUND)
        nephi_log(transfer->host, NEPH_LOG_WARNING, 0,
                  "the upload %s of %s could not be aborted: %s", transfer->upload,
                  transfer->to.key, neph_call_error(call)->message);
    nephi_transfer_undone(transfer);
}

void nephi_upload_undo(neph_transfer *transfer)
{
    neph_call *call;
    if (!transfer->upload || transfer->is_made || !transfer->to.cloud) {
        nephi_transfer_undone(transfer);
        return;
    }
    call = nephi_upload_call(transfer, NEPH_OP_UPLOAD_ABORT);
    (void)neph_call_start(call);
    nephi_transfer_await_any(transfer, call, on_aborted);
}
