/*
 * core/services.c - what the host does for providers: each service checks what it is given and hands on to the file that
 * answers for it.
 */
#include "core/services.h"

#include "core/call.h"
#include "core/digest.h"
#include "core/text.h"

#include <stdio.h>
#include <string.h>

#define MEMORY_MAX (64u << 20)  /* of a cloud's or a call's own block */
#define FAILURE_MAX (64u << 10) /* of a provider's message, secrets replaced */

/* Every handle that crosses begins with the table, the place where its failures go, and its host. */
typedef struct handle {
    const neph_services *services;
    nephi_error *failure;
    neph_host *host;
} handle;

int nephi_hook_status(int32_t status)
{
    int is_signal = status == NEPH_AGAIN || status == NEPH_BUSY || status == NEPH_CANCELLED;
    return status >= 0 || status < NEPH_INTERNAL || is_signal ? NEPH_PLUGIN : status;
}

/* The provider may quote its cloud, which may repeat what it was given. */
static int32_t service_fail(const void *any, int32_t status, const char *message)
{
    const handle *of = any;
    nephi_buffer clean;
    int rc;
    status = nephi_hook_status(status);
    if (!of->failure)
        return status;
    nephi_buffer_init(&clean, &of->host->memory, FAILURE_MAX);
    rc = nephi_scrub_write(of->host->scrub, &clean, message, strlen(message));
    status = nephi_fail(of->failure, rc == NEPH_NO_MEMORY ? rc : status, "%s",
                        rc ? neph_status_name(rc) : nephi_buffer_string(&clean));
    nephi_buffer_fini(&clean);
    return status;
}

static void service_log(const void *any, int32_t level, const char *message)
{
    const handle *of = any;
    nephi_log(of->host, level, 0, "%s", message);
}

static int32_t service_digest(const void *any, int32_t algorithm, const void *data, size_t size,
                              unsigned char *out)
{
    const handle *of = any;
    int rc = nephi_host_wire(of->host, of->failure);
    return rc ? rc : of->host->wire->digest->once(algorithm, data, size, out);
}

static int32_t service_hmac(const void *any, int32_t algorithm, const void *key, size_t key_size,
                            const void *data, size_t size, unsigned char *out)
{
    const handle *of = any;
    int rc = nephi_host_wire(of->host, of->failure);
    return rc ? rc : of->host->wire->digest->hmac(algorithm, key, key_size, data, size, out);
}

static int32_t service_random(const void *any, void *out, size_t size)
{
    const handle *of = any;
    int rc = nephi_host_wire(of->host, of->failure);
    return rc ? rc : of->host->wire->digest->random(out, size);
}

/* ---- cloud */

static const char *service_setting(const neph_cloud *cloud, const char *name)
{
    return nephi_settings_get(&cloud->settings, name);
}

static int64_t service_setting_integer(const neph_cloud *cloud, const char *name)
{
    const char *text = nephi_settings_get(&cloud->settings, name);
    int64_t number;
    if (text && (nephi_read_integer(text, strlen(text), &number) ||
                 nephi_read_boolean(text, strlen(text), &number)))
        return number;
    return NEPH_UNKNOWN;
}

static void *block_of(const nephi_memory *memory, void **block, size_t *have, size_t size)
{
    if (!*block && size <= MEMORY_MAX && (*block = nephi_alloc(memory, size)) != NULL)
        *have = size;
    return size <= *have ? *block : NULL;
}

static void *service_cloud_memory(neph_cloud *cloud, size_t size)
{
    return block_of(&cloud->host->memory, &cloud->memory, &cloud->memory_size, size);
}

static int32_t service_endpoint(neph_cloud *cloud, const char *service, const char *url)
{
    return nephi_cloud_add_endpoint(cloud, service, url, 0, cloud->failure);
}

static int32_t service_secret(neph_cloud *cloud, const char *text)
{
    return nephi_cloud_hide(cloud, text, cloud->failure);
}

/* ---- call */

static neph_cloud *service_call_cloud(const neph_call *call)
{
    return call->cloud;
}

static void *service_call_memory(neph_call *call, size_t size)
{
    return block_of(&call->host->memory, &call->memory, &call->memory_size, size);
}

static const char *service_call_token(neph_call *call)
{
    return nephi_call_token(call);
}

static uint32_t service_call_op(const neph_call *call)
{
    return call->op;
}

static uint32_t service_call_step(const neph_call *call)
{
    return call->step;
}

static int64_t service_call_now(const neph_call *call)
{
    return nephi_cloud_now(call->cloud);
}

/* The limit is the host's where the host filters: a page of so many results may hold none that pass. */
static const nephi_argument *argument_of(const neph_call *call, int32_t member)
{
    if (member == NEPH_LIST_LIMIT && call->hides_limit)
        return NULL;
    return nephi_arguments_find(&call->arguments, member);
}

/* A number that was given as such is spelt once, in the arguments' own memory. */
static const char *service_argument_string(const neph_call *call, int32_t member)
{
    nephi_argument *argument = (nephi_argument *)argument_of(call, member);
    char number[24];
    if (!argument || argument->type == NEPH_TYPE_PAIRS || argument->type == NEPH_TYPE_STRINGS)
        return NULL;
    if (!argument->text) {
        int size = snprintf(number, sizeof number, "%lld", (long long)argument->number);
        argument->text =
            nephi_arena_text((nephi_arena *)&call->arguments.arena, number, (size_t)size);
    }
    return argument->text;
}

static int64_t service_argument_integer(const neph_call *call, int32_t member)
{
    const nephi_argument *argument = argument_of(call, member);
    return argument && argument->type != NEPH_TYPE_STRING ? argument->number : NEPH_UNKNOWN;
}

static int32_t service_argument_pair(const neph_call *call, int32_t member, uint32_t index,
                                     const char **name, const char **value)
{
    const nephi_argument *argument = nephi_arguments_find(&call->arguments, member);
    if (!argument || index >= argument->count)
        return 0;
    if (name)
        *name = argument->pairs[index].name;
    *value = argument->pairs[index].value;
    return 1;
}

static const char *service_session_string(const neph_call *call, int32_t member)
{
    return nephi_login_text(call->cloud, member);
}

static char **scratch_of(const neph_call *call, int32_t member)
{
    int32_t slot = member - NEPH_SCRATCH;
    return slot >= 0 && slot < NEPH_SCRATCH_COUNT ? (char **)&call->scratch[slot] : NULL;
}

static const char *service_scratch(const neph_call *call, int32_t member)
{
    char **slot = scratch_of(call, member);
    return slot ? *slot : NULL;
}

static int32_t service_scratch_set(neph_call *call, int32_t member, const char *value)
{
    char *copy = NULL;
    if (member == NEPH_PAGE_TOKEN && value)
        return nephi_attempt_page(call, value, strlen(value));
    if (!scratch_of(call, member))
        return nephi_fail(&call->error, NEPH_PLUGIN,
                          "the provider uses a scratch that there is not");
    if (value && !(copy = nephi_strdup(&call->host->memory, value)))
        return nephi_fail_memory(&call->error);
    return nephi_engine_scratch(call, member - NEPH_SCRATCH, copy, 0);
}

static const char *service_page_token(const neph_call *call)
{
    return call->page.token.size ? call->page.token.data : NULL;
}

static int32_t service_reply_status(const neph_call *call)
{
    return call->attempt.status;
}

static const char *service_error_code(const neph_call *call)
{
    return call->fault.code[0] ? call->fault.code : NULL;
}

static int32_t service_step_next(neph_call *call, uint32_t step, int64_t delay_ms)
{
    call->wants_step = 1;
    call->next_step = step;
    call->step_delay_ms = delay_ms;
    return 0;
}

static int32_t service_created(neph_call *call, int32_t kind, const char *id)
{
    int rc = nephi_error_created(&call->error, (uint32_t)kind, id);
    if (!rc)
        nephi_settle_note(call, id);
    return rc;
}

/* ---- request */

static int32_t service_expect_continue(neph_request *request)
{
    request->expect_continue = 1;
    return 0;
}

/* ---- record */

/* Remembered until it is emitted: a provider that fails in between has no way to give it back. */
static neph_record *service_record_new(neph_call *call, int32_t kind)
{
    neph_record *record = nephi_delivery_make(call, (uint32_t)kind);
    if (record) {
        record->next = call->made;
        call->made = record;
    }
    return record;
}

static void made_forget(neph_call *call, const neph_record *record)
{
    neph_record **at = &call->made;
    while (*at && *at != record)
        at = &(*at)->next;
    if (*at)
        *at = record->next;
}

static int32_t service_record_emit(neph_call *call, neph_record *record)
{
    int rc;
    made_forget(call, record);
    rc = nephi_delivery_emit(call, record);
    return rc ? rc : nephi_delivery_is_full(call) ? NEPH_AGAIN : 0;
}

static int32_t record_failed(neph_record *record, int32_t member, int rc)
{
    if (!rc)
        return 0;
    return nephi_fail(record->failure, rc, "the provider could not set member %d: %s", (int)member,
                      neph_status_name(rc));
}

static int32_t service_record_set_string(neph_record *record, int32_t member, const char *value)
{
    const nephi_member *found = nephi_record_member(record, member);
    int rc = 0;
    if (member == NEPH_RESULT_ERROR_CODE || member == NEPH_RESULT_ERROR_MESSAGE)
        rc = nephi_record_set_error(record, member, value, strlen(value));
    else if (!found)
        rc = NEPH_INVALID;
    else if (value)
        rc = nephi_member_fits(found, value, strlen(value))
                 ? nephi_record_set_text(record, found, value, strlen(value))
                 : NEPH_INVALID;
    return record_failed(record, member, rc);
}

static int32_t service_record_set_integer(neph_record *record, int32_t member, int64_t value)
{
    const nephi_member *found = nephi_record_member(record, member);
    return record_failed(record, member,
                         found ? nephi_record_set_number(record, found, value) : NEPH_INVALID);
}

static int32_t service_record_add_string(neph_record *record, int32_t member, const char *value)
{
    const nephi_member *found = nephi_record_member(record, member);
    int is_fit = found && nephi_member_fits(found, value, strlen(value));
    return record_failed(record, member,
                         is_fit ? nephi_record_add_text(record, found, value, strlen(value))
                                : NEPH_INVALID);
}

static int32_t service_record_add_pair(neph_record *record, int32_t member, const char *name,
                                       const char *value)
{
    return record_failed(record, member,
                         nephi_record_add_pair(record, member, name, strlen(name), value,
                                               value ? strlen(value) : 0));
}

static const char *service_record_string(const neph_record *record, int32_t member)
{
    const nephi_member *found = nephi_record_member(record, member);
    return found ? nephi_record_text(record, found) : NULL;
}

static int64_t service_record_integer(const neph_record *record, int32_t member)
{
    const nephi_member *found = nephi_record_member(record, member);
    return found ? nephi_record_number(record, found) : NEPH_UNKNOWN;
}

/* ---- bodies */

static int64_t service_source_size(const neph_call *call)
{
    return call->source.host ? call->source.length : -1;
}

static int64_t service_source_read(neph_call *call, void *data, size_t size)
{
    int64_t count;
    int rc;
    if (!call->source.host)
        return nephi_fail(&call->error, NEPH_INVALID, "this operation needs a source");
    count = nephi_rate_limit(call, size);
    if (count < 0) {
        call->is_blocked = count == NEPH_AGAIN;
        return count;
    }
    count = nephi_source_read(&call->source, data, (size_t)count, &call->error);
    if (count > 0)
        nephi_rate_spend(&call->host->rate, count);
    if (count > 0 && (rc = nephi_checksum_add(call, data, (size_t)count)) != 0)
        return rc;
    if (count > 0)
        call->progress_bytes += count;
    if (count == NEPH_AGAIN)
        call->is_blocked = call->source.spec.from == NEPH_BODY_CALLBACK ? 1 : NEPHI_BLOCKED_POLL;
    return count;
}

static int64_t service_sink_write(neph_call *call, const void *data, size_t size)
{
    int64_t ready;
    int rc;
    if (!call->sink.host)
        return nephi_fail(&call->error, NEPH_INVALID, "this operation needs a sink");
    ready = nephi_rate_limit(call, size); /* all of it goes: the bucket may owe */
    rc = ready < 0 ? (int)ready : nephi_sink_write(&call->sink, data, size, &call->error);
    if (!rc)
        nephi_rate_spend(&call->host->rate, (int64_t)size);
    if (!rc)
        rc = nephi_checksum_add(call, data, size);
    if (!rc)
        call->progress_bytes += (int64_t)size;
    if (rc == NEPH_AGAIN)
        call->is_blocked = ready > 0 && nephi_sink_is_polled(&call->sink) ? NEPHI_BLOCKED_POLL : 1;
    return rc;
}

/* ---- checksums */

static int32_t service_checksum_combine(const void *any, char *whole, const char *part,
                                        int64_t part_bytes)
{
    const handle *of = any;
    return nephi_checksum_combine(of->host, whole, part, part_bytes);
}

const neph_services nephi_services = {
    .size = sizeof(neph_services),
    .fail = service_fail,
    .log = service_log,
    .digest = service_digest,
    .hmac = service_hmac,
    .random = service_random,
    .setting = service_setting,
    .setting_integer = service_setting_integer,
    .cloud_memory = service_cloud_memory,
    .endpoint = service_endpoint,
    .remember = nephi_cloud_remember,
    .recall = nephi_cloud_recall,
    .call_cloud = service_call_cloud,
    .call_memory = service_call_memory,
    .call_op = service_call_op,
    .call_step = service_call_step,
    .call_now = service_call_now,
    .argument_string = service_argument_string,
    .argument_integer = service_argument_integer,
    .argument_pair = service_argument_pair,
    .session_string = service_session_string,
    .scratch = service_scratch,
    .scratch_set = service_scratch_set,
    .page_token = service_page_token,
    .reply_status = service_reply_status,
    .reply_header = nephi_attempt_header,
    .error_code = service_error_code,
    .step_next = service_step_next,
    .created = service_created,
    .request_method = nephi_request_set_method,
    .request_endpoint = nephi_request_set_endpoint,
    .request_host_prefix = nephi_request_set_host_prefix,
    .request_path = nephi_request_set_path,
    .request_query = nephi_request_add_query,
    .request_query_raw = nephi_request_add_query_raw,
    .request_header = nephi_request_set_header,
    .request_form = nephi_request_add_form,
    .request_body = nephi_request_add_body,
    .request_body_source = nephi_request_use_source,
    .request_body_digest = nephi_digest_body,
    .request_framing = nephi_request_use_framing,
    .request_expect_continue = service_expect_continue,
    .request_view = nephi_request_look_at,
    .record_new = service_record_new,
    .record_emit = service_record_emit,
    .record_set_string = service_record_set_string,
    .record_set_integer = service_record_set_integer,
    .record_add_string = service_record_add_string,
    .record_add_pair = service_record_add_pair,
    .record_string = service_record_string,
    .record_integer = service_record_integer,
    .source_size = service_source_size,
    .source_read = service_source_read,
    .sink_write = service_sink_write,
    .call_token = service_call_token,
    .body_checksum = nephi_checksum_text,
    .checksum_combine = service_checksum_combine,
    .secret = service_secret,
};
