/*
 * core/settle.c - what a cloud takes a moment for: how long to sleep between looks at it, and which NEPH_NOT_FOUND may only
 * mean that it does not know yet what it has made itself.
 */
#include "core/call.h"

#include <sys/random.h>

#define PACE_MS 1000 /* the first sleep; each is twice the one before */
#define PACE_TIMES 10
#define SETTLE_MS 60000

int64_t nephi_settle_pace_ms(const neph_host *host, uint32_t looks)
{
    int64_t first = host->pace_ms ? host->pace_ms : PACE_MS;
    int64_t delay = first << (looks < 8 ? looks : 8);
    uint32_t random = 0;
    if (delay > first * PACE_TIMES)
        delay = first * PACE_TIMES;
    (void)!getrandom(&random, sizeof random, 0);
    return delay + (int64_t)(random % (uint64_t)(delay / 4 + 1));
}

int64_t nephi_settle_ms(const neph_host *host)
{
    return host->settle_ms ? host->settle_ms : SETTLE_MS;
}

void nephi_settle_note(neph_call *call, const char *id)
{
    if (call->cloud && id)
        nephi_fresh_add(&call->cloud->fresh, id, nephi_loop_now_ms());
}

void nephi_settle_note_record(neph_call *call, const neph_record *record)
{
    /* a key is told by its name */
    nephi_role role = record->kind == NEPH_KIND_KEY ? NEPHI_ROLE_NAME : NEPHI_ROLE_ID;
    const nephi_member *member = nephi_kind_role(record->kind, role);
    if (member)
        nephi_settle_note(call, nephi_record_text(record, member));
}

/* The id of what an operation is about stands in its first argument. */
void nephi_settle_forget(neph_call *call)
{
    const nephi_argument *given;
    if (!call->cloud || !call->info || !nephi_op_ends(call->info))
        return;
    given = nephi_arguments_find(&call->arguments, call->info->arguments[0].member);
    if (given && given->text)
        nephi_fresh_drop(&call->cloud->fresh, given->text);
}

/* The latest moment at which something that the call names or has made was made; -1: none of it is remembered. */
static int64_t newest_ms(const neph_call *call)
{
    const nephi_fresh *fresh = &call->cloud->fresh;
    int64_t newest = -1, since;
    for (uint32_t i = 0; i < call->error.created_count; i++)
        if ((since = nephi_fresh_since_ms(fresh, call->error.created[i].id)) > newest)
            newest = since;
    for (const nephi_argument *at = call->arguments.first; at; at = at->next) {
        if (at->text && (since = nephi_fresh_since_ms(fresh, at->text)) > newest)
            newest = since;
        for (size_t i = 0; i < at->count; i++)
            if ((since = nephi_fresh_since_ms(fresh, at->pairs[i].value)) > newest)
                newest = since;
    }
    return newest;
}

int64_t nephi_settle_delay_ms(neph_call *call)
{
    int64_t delay, now = nephi_loop_now_ms(), newest;
    if (call->error.status != NEPH_NOT_FOUND || call->parent || call->asked_results)
        return -1;
    newest = newest_ms(call);
    if (newest < 0)
        return -1;
    delay = nephi_settle_pace_ms(call->host, call->settles);
    if (now + delay >= newest + nephi_settle_ms(call->host) || now + delay >= call->deadline.due_ms)
        return -1;
    call->settles++;
    return delay;
}
