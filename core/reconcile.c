/*
 * core/reconcile.c - what became of a creating operation whose reply was lost. Where the action says how, the host looks for
 * it, by the tag that holds the call's token or by its name: what is found is the result, what is not is asked for again.
 * Where it does not say, the error tells what may exist.
 */
#include "core/call.h"

#include "core/text.h"

#include <stdio.h>
#include <string.h>

#define CLOCK_SLACK_NS                                                                             \
    (60 * NEPH_NANO) /* between the cloud's clock and the one that dates what it made */

/* ---- lost replies */

/* No answer, or one that does not say whether it was done. */
static int is_unclear(const neph_call *call)
{
    const nephi_error *error = &call->error;
    if (!error->sent)
        return 0;
    if (error->status == NEPH_PROTOCOL)
        return call->attempt.status / 100 == 2;
    if (error->retry != NEPH_RETRY_TRANSIENT && error->retry != NEPH_RETRY_PERSISTENT)
        return 0;
    return error->status == NEPH_NETWORK || error->status == NEPH_TIMEOUT ||
           error->status == NEPH_UNAVAILABLE;
}

static int may_have_made(const neph_call *call)
{
    return call->is_creating && !call->error.created_count;
}

int nephi_reconcile_is_lost(neph_call *call)
{
    if (!may_have_made(call) || !is_unclear(call))
        return 0;
    if (!call->lost_ns)
        call->lost_ns = call->asked_ns;
    return 1;
}

/* The argument that names what it makes; NULL: none was given. */
static const char *name_of(const neph_call *call)
{
    for (uint32_t i = 0; i < call->info->argument_count; i++)
        if (strcmp(call->info->arguments[i].name, "name") == 0) {
            const nephi_argument *given =
                nephi_arguments_find(&call->arguments, call->info->arguments[i].member);
            return given ? given->text : NULL;
        }
    return NULL;
}

/* A clear answer in the end, of a cloud that makes nothing twice, holds for all that was asked. */
static int is_open(const neph_call *call)
{
    if (!may_have_made(call))
        return 0;
    if (!call->lost_ns)
        return call->attempt.is_sent && call->attempt.status / 100 != 4 &&
               !nephi_outcome_is_poll(call);
    return is_unclear(call) || !call->error.http_status || !nephi_outcome_is_harmless(call);
}

static const char *why(int status)
{
    switch (status) {
    case NEPH_NETWORK:
    case NEPH_TIMEOUT: return "reply lost: ";
    case NEPH_UNAVAILABLE:
    case NEPH_PROTOCOL: return "no clear answer: ";
    default: return "";
    }
}

void nephi_reconcile_blame(neph_call *call)
{
    const char *noun, *name, *plural;
    char time[40], what[200], cause[sizeof call->error.message];
    int status;
    if (!is_open(call))
        return;
    noun = call->info->noun;
    name = name_of(call);
    plural = noun[strlen(noun) - 1] == 's' ? "es" : "s";
    if (!call->lost_ns)
        call->lost_ns = call->asked_ns;
    nephi_write_time(time, sizeof time, call->lost_ns - call->lost_ns % NEPH_NANO);
    memcpy(cause, call->error.message, sizeof cause);
    if (name)
        snprintf(what, sizeof what, "%s \"%.150s\"", noun, name);
    else
        snprintf(what, sizeof what, "%s %s", strchr("aeiou", noun[0]) ? "an" : "a", noun);
    status = call->error.status;
    call->error.status = 0;
    nephi_fail(&call->error, status,
               "%s may exist since %s: list the %s%s before you create it again (%s%.240s)", what,
               time, noun, plural, why(status), cause);
}

/* ---- looking for it */

/* What is over keeps its name for a while on some clouds. */
static int is_over(const neph_record *record)
{
    static const struct {
        uint32_t kind;
        int64_t state;
    } rows[] = {
        {NEPH_KIND_NODE, NEPH_NODE_TERMINATED},
        {NEPH_KIND_VOLUME, NEPH_VOLUME_DELETED},
        {NEPH_KIND_IMAGE, NEPH_IMAGE_DELETED},
    };
    const nephi_member *member = nephi_kind_role(record->kind, NEPHI_ROLE_STATE);
    for (size_t i = 0; i < NEPH_COUNT(rows); i++)
        if (rows[i].kind == record->kind && nephi_record_number(record, member) == rows[i].state)
            return 1;
    return 0;
}

/* The pattern may say more than the name that it is made of. */
static int is_named(const neph_call *call, const neph_record *record)
{
    const char *name = name_of(call);
    const char *other = nephi_record_text(record, nephi_kind_role(record->kind, NEPHI_ROLE_NAME));
    return name && other && strcmp(name, other) == 0 && !is_over(record);
}

/* The filter leaves more: to it a token that is a star is any. */
static int is_tagged(neph_call *call, const neph_record *record)
{
    const char *token = nephi_call_token(call);
    neph_value tags;
    if (!token ||
        neph_result_get(record->result, nephi_kind_role(record->kind, NEPHI_ROLE_TAGS)->info.member,
                        &tags))
        return 0;
    for (size_t i = 0; i < tags.count; i++)
        if (strcmp(tags.pairs[i].name, NEPH_TOKEN_TAG) == 0)
            return strcmp(tags.pairs[i].value, token) == 0;
    return 0;
}

static int is_it(neph_call *call, const neph_record *record)
{
    if (record->kind != call->info->kind || record->error)
        return 0;
    return call->action->table.find == NEPH_FIND_BY_TAG ? is_tagged(call, record)
                                                        : is_named(call, record);
}

/* Was it there before the call? Only a name can be another's. */
static int is_older(const neph_call *call, const neph_record *record)
{
    const nephi_member *member = nephi_kind_role(record->kind, NEPHI_ROLE_CREATED);
    int64_t created = member ? nephi_record_number(record, member) : NEPH_UNKNOWN;
    return call->action->table.find == NEPH_FIND_BY_NAME && created != NEPH_UNKNOWN &&
           created < call->lost_ns - CLOCK_SLACK_NS;
}

/* Nothing was seen of it: it is asked for (again). A name that is taken all the same is another's. */
static void not_found(neph_call *call)
{
    if (!call->lost_ns)
        nephi_engine_delay(call, 0);
    else if (call->error.status == NEPH_EXISTS)
        nephi_outcome_give_up(call);
    else
        nephi_outcome_again(call);
}

static void found(neph_call *call, neph_record *record)
{
    nephi_error_forget(&call->error);
    if (is_older(call, record)) {
        call->error.retry = NEPH_RETRY_PERMANENT;
        call->error.sent = 1;
        call->lost_ns = 0;
        nephi_delivery_release(call, record);
        nephi_engine_finish(call,
                            nephi_fail(&call->error, NEPH_EXISTS,
                                       "%s \"%s\" exists already, and was made before this call",
                                       call->info->noun, name_of(call)));
        return;
    }
    nephi_engine_finish(call, nephi_delivery_adopt(call, record));
}

static void looked(neph_call *call, neph_record *record, const nephi_error *error)
{
    call->is_searching = 0;
    if (record) {
        found(call, record);
    } else if (!error->status) {
        not_found(call);
    } else if (call->lost_ns && error->status != NEPH_NO_MEMORY) {
        nephi_log(call->host, NEPH_LOG_WARNING, 0, "%s: what it made cannot be looked for: %s",
                  call->info->name, error->message);
        nephi_outcome_give_up(call);
    } else {
        nephi_error_copy(&call->error, error);
        nephi_engine_finish(call, error->status);
    }
}

/* The list's filter: the tag, or (where it has one) the name. */
static int search_argument(neph_call *call, const neph_op_info *list)
{
    const char *name = name_of(call);
    neph_pair tag = {NEPH_TOKEN_TAG, nephi_call_token(call)};
    if (call->action->table.find == NEPH_FIND_BY_TAG)
        return tag.value ? neph_call_set_pairs(call->child, NEPH_LIST_TAG, &tag, 1)
                         : call->error.status;
    if (!name || !nephi_op_argument(list, NEPH_LIST_NAME))
        return 0;
    return neph_call_set_string(call->child, NEPH_LIST_NAME, name);
}

void nephi_reconcile_go(neph_call *call)
{
    const neph_op_info *list = nephi_op_sibling(call->info, "list");
    nephi_error kept = call->error;
    int rc;
    if (call->child)
        return;
    call->error.status = 0;
    rc = nephi_child_new(call, list->op, looked);
    if (!rc && search_argument(call, list))
        rc = nephi_fail_memory(&call->error);
    if (rc) {
        call->error.sent = kept.sent;
        nephi_engine_finish(call, rc);
        return;
    }
    nephi_error_copy(&call->error, &kept);
    call->on_looked_at = is_it;
    nephi_child_start(call);
}

int nephi_reconcile_begin(neph_call *call)
{
    if (call->action->table.find == NEPH_FIND_NONE)
        return 0;
    call->is_searching = 1;
    nephi_engine_delay(call, nephi_settle_pace_ms(call->host, 0));
    return 1;
}

int nephi_reconcile_plan(neph_call *call)
{
    const nephi_argument *given = nephi_arguments_find(&call->arguments, NEPH_TOKEN);
    if (given && !given->text[0])
        return nephi_fail(&call->error, NEPH_INVALID, "the token is empty");
    call->is_searching = given && call->action->table.find == NEPH_FIND_BY_TAG;
    return 0;
}
