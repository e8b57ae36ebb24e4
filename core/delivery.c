/*
 * core/delivery.c - results on their way from a reply or a provider to the program: hooks, limits, the queue, and when
 * the socket must wait. A record is in exactly one place: told, the queue, current, kept, or the pool.
 */
#include "core/call.h"
#include "core/price/price.h"

#include <string.h>

/* A row is one of the call's extension. */
static int columns_set(neph_call *call, neph_record *record)
{
    const nephi_extension *extension = call->action->extension;
    if (!extension || !extension->info.column_count)
        return nephi_fail(&call->error, NEPH_PLUGIN,
                          "the provider made a row, but not for an extension with columns");
    return nephi_record_set_columns(record, extension->columns, extension->info.column_count)
               ? nephi_fail_memory(&call->error)
               : 0;
}

neph_record *nephi_delivery_make(neph_call *call, uint32_t kind)
{
    neph_record *record = nephi_record_new(&call->host->pool, kind);
    if (!record) {
        nephi_fail_memory(&call->error);
        return NULL;
    }
    if (kind == NEPH_KIND_ROW && columns_set(call, record)) {
        nephi_record_free(&call->host->pool, record);
        return NULL;
    }
    record->call = call;
    record->host = call->host;
    record->failure = &call->error;
    return record;
}

void nephi_delivery_discard(neph_call *call, neph_record *record)
{
    nephi_record_free(&call->host->pool, record);
}

/* Member `index` of what the record can hold; NULL: there are no more. */
static const nephi_member *member_at(const neph_record *record, uint32_t index)
{
    const neph_kind_info *kind = nephi_kind_info(record->kind);
    if (record->kind == NEPH_KIND_ROW)
        return index < record->column_count ? &record->columns[index] : NULL;
    return index < kind->member_count ? nephi_member_find(kind->members[index].member) : NULL;
}

/* The next secret of a result, from member *at on; NULL: there is no more. What has no member of its own counts as
 * secret in a result that has a secret: nothing says which of them is. */
static const char *secret_next(const neph_record *record, uint32_t *at)
{
    const neph_result *result = record->result;
    const nephi_member *member;
    uint32_t count = record->kind == NEPH_KIND_ROW ? record->column_count
                                                   : nephi_kind_info(record->kind)->member_count;
    while ((member = member_at(record, *at)) != NULL) {
        const char *text =
            member->info.flags & NEPH_INFO_SECRET ? nephi_record_text(record, member) : NULL;
        (*at)++;
        if (text)
            return text;
    }
    if (*at - count < result->extra_count)
        return result->extra[(*at)++ - count].value;
    return NULL;
}

/* While a result lives, no trace, log or recording shows what is secret in it. */
static int secrets_register(neph_call *call, const neph_record *record)
{
    const char *text;
    uint32_t at = 0;
    while (record->is_secret && (text = secret_next(record, &at)) != NULL)
        if (nephi_scrub_add(call->host->scrub, text))
            return nephi_fail_memory(&call->error);
    return 0;
}

void nephi_delivery_release(neph_call *call, neph_record *record)
{
    const char *text;
    uint32_t at = 0;
    while (record->is_secret && (text = secret_next(record, &at)) != NULL)
        nephi_scrub_remove(call->host->scrub, text);
    nephi_record_free(&call->host->pool, record);
}

int nephi_delivery_secret(neph_call *call, neph_record *record, const nephi_member *member,
                          const char *text)
{
    int was_secret = record->is_secret;
    int rc = nephi_record_set_text(record, member, text, strlen(text));
    if (rc)
        return nephi_fail_memory(&call->error);
    if (!was_secret)
        return secrets_register(call, record);
    return nephi_scrub_add(call->host->scrub, text) ? nephi_fail_memory(&call->error) : 0;
}

int nephi_delivery_is_full(const neph_call *call)
{
    return call->queue_size >= call->queue_most;
}

/* ---- a page that is asked again: what was delivered already is known by its key */

static int resume_slot(const neph_record *record, int32_t *member)
{
    *member = record->kind == NEPH_KIND_PREFIX ? NEPH_PREFIX_NAME : NEPH_OBJECT_KEY;
    return record->kind == NEPH_KIND_OBJECT ? 0 : record->kind == NEPH_KIND_PREFIX ? 1 : -1;
}

static const char *resume_text(const neph_record *record, int *slot)
{
    int32_t member;
    *slot = resume_slot(record, &member);
    return *slot < 0 ? NULL : nephi_record_text(record, nephi_member_find(member));
}

static int was_delivered(const neph_call *call, const neph_record *record)
{
    int slot;
    const char *key = resume_text(record, &slot);
    return key && call->resume_key[slot].size && strcmp(key, call->resume_key[slot].data) <= 0;
}

/* Remembers where a page must resume if it breaks. */
static int resume_note(neph_call *call, const neph_record *record)
{
    int slot;
    const char *key = resume_text(record, &slot);
    if (!key) {
        call->has_unkeyed = 1;
        return 0;
    }
    nephi_buffer_clear(&call->resume_key[slot]);
    return nephi_buffer_text(&call->resume_key[slot], key);
}

/* Listings that go on behind the last key. */
static int last_note(neph_call *call, const neph_record *record)
{
    int32_t number =
        record->kind == NEPH_KIND_PREFIX ? NEPH_PREFIX_NAME : call->action->table.page_member;
    const nephi_member *member = nephi_record_member(record, number);
    const char *text = member ? nephi_record_text(record, member) : NULL;
    if (!text)
        return 0;
    nephi_buffer_clear(&call->page.next);
    return nephi_buffer_text(&call->page.next, text);
}

/* ---- in */

void nephi_delivery_queue(neph_call *call, neph_record *record)
{
    record->next = NULL;
    if (call->queue_last)
        call->queue_last->next = record;
    else
        call->queue_first = record;
    call->queue_last = record;
    call->queue_size++;
    call->delivered++;
    call->asked_results++;
}

/* A failure of one thing may repeat what the cloud was given, as that of a call may. */
static int error_clean(neph_call *call, nephi_error *error)
{
    int rc = nephi_attempt_quote(call, error->code, sizeof error->code, error->code,
                                 strlen(error->code));
    return rc ? rc
              : nephi_attempt_quote(call, error->message, sizeof error->message, error->message,
                                    strlen(error->message));
}

/* 0: it goes to the program. NEPH_DROP: it does not. */
static int record_judge(neph_call *call, neph_record *record)
{
    int rc = 0;
    if (call->action->table.each)
        rc = call->action->table.each(call, record);
    if (rc != NEPH_DROP && (rc = nephi_engine_hook(call, rc, "failed on a result")) != 0)
        return rc;
    if (call->action->table.page == NEPH_PAGE_BY_LAST && last_note(call, record))
        return nephi_fail_memory(&call->error);
    if (record->kind == NEPH_KIND_SIZE && rc != NEPH_DROP && nephi_price_join(call->cloud, record))
        return nephi_fail_memory(&call->error);
    if (rc == NEPH_DROP || (call->is_resuming && was_delivered(call, record)) ||
        !nephi_filter_passes(&call->filter, record))
        return NEPH_DROP;
    if (record->error && (rc = error_clean(call, record->error)) != 0)
        return rc;
    if ((call->action->table.traits & NEPH_ORDERED) && resume_note(call, record))
        return nephi_fail_memory(&call->error);
    return 0;
}

/* Judged, and its secrets are known. */
int nephi_delivery_adopt(neph_call *call, neph_record *record)
{
    if (record->error)
        nephi_outcome_explain(call, record->error);
    else if (call->is_creating)
        nephi_settle_note_record(call, record);
    if (nephi_watch_holds(call, record))
        return nephi_watch_hold(call, record);
    nephi_delivery_queue(call, record);
    return 0;
}

static int record_deliver(neph_call *call, neph_record *record)
{
    int rc = call->checksum.algorithm ? nephi_checksum_settle(call, record) : 0;
    if (!rc)
        rc = secrets_register(call, record);
    if (!rc)
        return nephi_delivery_adopt(call, record);
    nephi_delivery_discard(call, record);
    return rc;
}

/* Until its body is there. */
static int record_hold(neph_call *call, neph_record *record)
{
    neph_record **at = &call->attempt.told;
    while (*at)
        at = &(*at)->next;
    record->next = NULL;
    *at = record;
    nephi_checksum_weigh(call, record);
    return 0;
}

int nephi_delivery_tell(neph_call *call)
{
    neph_record *record;
    int rc = 0;
    while (!rc && (record = call->attempt.told) != NULL) {
        call->attempt.told = record->next;
        rc = record_deliver(call, record);
    }
    return rc;
}

void nephi_delivery_untell(neph_call *call)
{
    neph_record *record;
    while ((record = call->attempt.told) != NULL) {
        call->attempt.told = record->next;
        nephi_delivery_discard(call, record);
    }
}

int nephi_delivery_emit(neph_call *call, neph_record *record)
{
    int rc;
    if (record->kind == NEPH_KIND_ENDPOINT) {
        rc = nephi_login_endpoint(call, record);
        nephi_delivery_discard(call, record);
        return rc;
    }
    call->page.seen++;
    if (call->limit > 0 && call->delivered >= call->limit)
        rc = NEPH_DROP;
    else
        rc = record_judge(call, record);
    if (rc) {
        nephi_delivery_discard(call, record);
        return rc == NEPH_DROP ? 0 : rc;
    }
    return call->attempt.is_told ? record_hold(call, record) : record_deliver(call, record);
}

/* ---- out */

/* Traces and recordings are written when a reply is whole: what is secret in it must be known until then. */
static int must_outlive(const neph_call *call, const neph_record *record)
{
    const neph_host_config *config = &call->host->config;
    return record->is_secret && (config->trace || config->record_dir);
}

static void current_drop(neph_call *call)
{
    neph_record *record = call->current;
    call->current = NULL;
    if (!record)
        return;
    if (!record->is_kept && !must_outlive(call, record)) {
        nephi_delivery_release(call, record);
        return;
    }
    record->next = call->kept;
    call->kept = record;
}

neph_record *nephi_delivery_steal(neph_call *child)
{
    neph_record *record = child->current;
    child->current = NULL;
    record->call = child->parent;
    record->failure = &child->parent->error;
    return record;
}

neph_record *nephi_delivery_take(neph_call *call)
{
    neph_record *record = call->queue_first;
    if (!record)
        return NULL;
    current_drop(call);
    call->queue_first = record->next;
    if (!call->queue_first)
        call->queue_last = NULL;
    call->queue_size--;
    record->next = NULL;
    call->current = record;
    return record;
}

/* A cancelled call brings no more results. */
static int is_over(const neph_call *call)
{
    return call->is_freed || (call->state == NEPHI_DONE && call->error.status == NEPH_CANCELLED);
}

int nephi_delivery_run(neph_call *call)
{
    neph_record *record;
    if (call->on_ready)
        call->on_ready(call->on_ready_user);
    if (!call->on_result && !call->is_sparing && !call->is_login)
        return 0;
    while (!is_over(call) && (record = nephi_delivery_take(call)) != NULL) {
        if (!call->on_result)
            continue;
        call->host->callback_depth++;
        call->on_result(call, record->result, call->on_result_user);
        call->host->callback_depth--;
    }
    return is_over(call) ? NEPH_CANCELLED : 0;
}

static void list_free(neph_call *call, neph_record *record)
{
    while (record) {
        neph_record *next = record->next;
        nephi_delivery_release(call, record);
        record = next;
    }
}

void nephi_delivery_fini(neph_call *call)
{
    if (call->current)
        call->current->is_kept = 0;
    current_drop(call);
    list_free(call, call->queue_first);
    list_free(call, call->kept);
    call->queue_first = call->queue_last = call->kept = NULL;
    call->queue_size = 0;
    nephi_buffer_fini(&call->resume_key[0]);
    nephi_buffer_fini(&call->resume_key[1]);
}
