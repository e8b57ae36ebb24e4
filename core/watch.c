/*
 * core/watch.c - the second half of an operation that is done when a state is reached: the host looks, with the show or
 * the list operation of the same noun, until it sees the state, one from which no way leads there, or the end of its time.
 */
#include "core/call.h"

#include <string.h>

#define WAIT_SECONDS 600
#define WAIT_SECONDS_MAX (INT64_C(30) * 86400)
#define HANGING_PACES 10 /* that a look which was under way at the end may still take */
#define STATE(kind, name) (UINT32_C(1) << NEPH_##kind##_##name)

/* What an operation waits for. */
struct nephi_goal {
    uint32_t op;
    uint32_t reached;    /* a bit for each state of the thing that it shall come to */
    uint32_t failed;     /* and for each from which it never will */
    int32_t is_always;   /* without being told to */
    int32_t is_gone;     /* that it is not there is as good */
    int32_t is_attached; /* what joins it to the node counts, where the cloud tells */
    const char *words;   /* what it is then */
};

#define NODE_OVER (STATE(NODE, FAILED) | STATE(NODE, TERMINATED))
#define VOLUME_OVER (STATE(VOLUME, FAILED) | STATE(VOLUME, DELETED) | STATE(VOLUME, DELETING))

/* A restart is not seen on every cloud: a node that runs has restarted, or is about to. */
static const nephi_goal goals[] = {
    {NEPH_OP_NODE_CREATE, STATE(NODE, RUNNING), NODE_OVER, 0, 0, 0, "running"},
    {NEPH_OP_NODE_START, STATE(NODE, RUNNING), NODE_OVER, 0, 0, 0, "running"},
    {NEPH_OP_NODE_REBOOT, STATE(NODE, RUNNING), NODE_OVER, 0, 0, 0, "running"},
    {NEPH_OP_NODE_STOP, STATE(NODE, STOPPED), NODE_OVER, 0, 0, 0, "stopped"},
    {NEPH_OP_NODE_DESTROY, STATE(NODE, TERMINATED), 0, 0, 1, 0, "gone"},
    {NEPH_OP_IMAGE_CREATE, STATE(IMAGE, AVAILABLE), STATE(IMAGE, FAILED) | STATE(IMAGE, DELETED), 0,
     0, 0, "available"},
    {NEPH_OP_VOLUME_CREATE, STATE(VOLUME, AVAILABLE) | STATE(VOLUME, IN_USE), VOLUME_OVER, 0, 0, 0,
     "available"},
    {NEPH_OP_VOLUME_DELETE, STATE(VOLUME, DELETED), 0, 0, 1, 0, "gone"},
    {NEPH_OP_VOLUME_ATTACH, STATE(VOLUME, IN_USE), VOLUME_OVER, 0, 0, 1, "attached"},
    {NEPH_OP_VOLUME_DETACH, STATE(VOLUME, AVAILABLE), VOLUME_OVER, 1, 0, 0, "available"},
    {NEPH_OP_SNAPSHOT_CREATE, STATE(SNAPSHOT, COMPLETED), STATE(SNAPSHOT, FAILED), 0, 0, 0,
     "completed"},
};

static const nephi_goal *goal_of(uint32_t op)
{
    for (size_t i = 0; i < NEPH_COUNT(goals); i++)
        if (goals[i].op == op)
            return &goals[i];
    return NULL;
}

/* ---- before anything is sent */

/* The operation that shows one thing of this noun. NULL: the provider has none. */
static const neph_op_info *look_of(const nephi_provider *provider, const neph_op_info *op)
{
    const neph_op_info *show = nephi_op_sibling(op, "show");
    const neph_op_info *list = nephi_op_sibling(op, "list");
    if (show && nephi_provider_action(provider, show->op))
        return show;
    return list && nephi_provider_action(provider, list->op) ? list : NULL;
}

int nephi_watch_can(const nephi_provider *provider, uint32_t op)
{
    return goal_of(op) && look_of(provider, neph_op_find(op));
}

static int64_t number_of(const neph_call *call, int32_t member, int64_t otherwise)
{
    const nephi_argument *given = nephi_arguments_find(&call->arguments, member);
    return given ? given->number : otherwise;
}

int nephi_watch_plan(neph_call *call)
{
    const nephi_goal *goal = goal_of(call->op);
    const neph_op_info *look;
    int64_t seconds = number_of(call, NEPH_WAIT_SECONDS, 0);
    if (seconds < 0 || seconds > WAIT_SECONDS_MAX)
        return nephi_fail(&call->error, NEPH_INVALID, "wait_seconds must be between 1 and %lld",
                          (long long)WAIT_SECONDS_MAX);
    if (!goal || (!goal->is_always && !number_of(call, NEPH_WAIT, 0)))
        return 0;
    look = look_of(call->cloud->provider, call->info);
    if (!look)
        return nephi_fail(&call->error, NEPH_UNSUPPORTED,
                          "%s of provider %s cannot wait: nothing shows when the %s is %s",
                          call->info->name, call->cloud->provider->table.id, call->info->noun,
                          goal->words);
    call->watch.goal = goal;
    call->watch.look_op = look->op;
    call->watch.wait_ms = (seconds ? seconds : WAIT_SECONDS) * 1000;
    return 0;
}

/* ---- what was made */

int nephi_watch_holds(const neph_call *call, const neph_record *record)
{
    return call->watch.goal && call->is_creating && record->kind == call->info->kind &&
           !record->error;
}

/* A secret is told once: what is seen later does not have it any more. */
static int secret_carry(neph_call *call, neph_record *record, const neph_record *earlier)
{
    const neph_kind_info *kind = nephi_kind_info(record->kind);
    for (uint32_t i = 0; i < kind->member_count; i++) {
        const nephi_member *member = nephi_member_find(kind->members[i].member);
        const char *text;
        int rc;
        if (!(member->info.flags & NEPH_INFO_SECRET) || nephi_record_text(record, member))
            continue;
        text = nephi_record_text(earlier, member);
        if (!text)
            continue;
        rc = nephi_delivery_secret(call, record, member, text);
        if (rc)
            return rc;
    }
    return 0;
}

/* What is seen of it takes the place of what was held. */
int nephi_watch_hold(neph_call *call, neph_record *record)
{
    neph_record *earlier = call->watch.held;
    int rc = earlier ? secret_carry(call, record, earlier) : 0;
    if (rc) {
        nephi_delivery_discard(call, record);
        return rc;
    }
    call->watch.held = record;
    if (earlier)
        nephi_delivery_release(call, earlier);
    return 0;
}

/* ---- looking */

static void look_done(neph_call *call, neph_record *record, const nephi_error *error);

static int look_argument(neph_call *call)
{
    const neph_op_info *look = neph_op_find(call->watch.look_op);
    const char *id = call->watch.id;
    if (strcmp(look->verb, "show") == 0)
        return neph_call_set_string(call->child, look->arguments[0].member, id);
    return neph_call_set_strings(call->child, NEPH_LIST_ID, &id, 1);
}

static void look(neph_call *call)
{
    int rc;
    call->watch.looks++;
    rc = nephi_child_new(call, call->watch.look_op, look_done);
    if (!rc && look_argument(call))
        rc = nephi_fail_memory(&call->error);
    /* one that hangs does not outlive the wait by much */
    if (!rc && nephi_timer_set(&call->host->loop, &call->timer,
                               call->watch.end_ms - nephi_loop_now_ms() +
                                   nephi_settle_pace_ms(call->host, HANGING_PACES)))
        rc = nephi_fail_memory(&call->error);
    if (rc)
        nephi_engine_finish(call, rc);
    else
        nephi_child_start(call);
}

/* The last look is at the very end. */
static void look_later(neph_call *call)
{
    int64_t left = call->watch.end_ms - nephi_loop_now_ms();
    int64_t delay = nephi_settle_pace_ms(call->host, call->watch.looks);
    if (left <= 0)
        nephi_engine_finish(call, nephi_watch_expire(call));
    else
        nephi_engine_delay(call, delay < left ? delay : left);
}

void nephi_watch_go(neph_call *call)
{
    if (call->child)
        nephi_engine_finish(call, nephi_watch_expire(call));
    else
        look(call);
}

int nephi_watch_expire(neph_call *call)
{
    const nephi_watch *watch = &call->watch;
    long long seconds = (long long)(nephi_loop_now_ms() - watch->since_ms + 500) / 1000;
    nephi_error_forget(&call->error);
    nephi_fail(&call->error, NEPH_TIMEOUT, "%s %s is %s after %lld s, not %s%s%s", call->info->noun,
               watch->id, watch->seen ? watch->seen : "in no known state", seconds,
               watch->goal->words, watch->trouble[0] ? "; it could not be looked at last: " : "",
               watch->trouble);
    call->error.retry = NEPH_RETRY_TRANSIENT;
    call->error.sent = 1;
    return NEPH_TIMEOUT;
}

/* ---- what was seen */

enum { SEEN_ON_ITS_WAY, SEEN_REACHED, SEEN_FAILED };

/* What joins a volume to a node, where the cloud tells of it, says more than the volume's own state. */
static int attachment_judge(nephi_watch *watch, const neph_record *record)
{
    const nephi_member *member = nephi_member_find(NEPH_VOLUME_ATTACHMENT_STATE);
    int64_t number = record->kind == NEPH_KIND_VOLUME ? nephi_record_number(record, member) : 0;
    if (number <= NEPH_ATTACHMENT_STATE_UNKNOWN)
        return -1;
    watch->seen = nephi_enum_name(member, number);
    return number == NEPH_ATTACHMENT_ATTACHED ? SEEN_REACHED : SEEN_ON_ITS_WAY;
}

static int judge(neph_call *call, const neph_record *record)
{
    nephi_watch *watch = &call->watch;
    const nephi_member *member = nephi_kind_role(record->kind, NEPHI_ROLE_STATE);
    int64_t number = member ? nephi_record_number(record, member) : 0;
    uint32_t bit = number > 0 && number < 32 ? UINT32_C(1) << number : 0;
    int attached;
    if (!bit)
        return SEEN_ON_ITS_WAY;
    watch->seen = nephi_enum_name(member, number);
    if (bit & watch->goal->failed)
        return SEEN_FAILED;
    attached = watch->goal->is_attached ? attachment_judge(watch, record) : -1;
    if (attached >= 0)
        return attached;
    return bit & watch->goal->reached ? SEEN_REACHED : SEEN_ON_ITS_WAY;
}

static int failed(neph_call *call)
{
    int is_failure = strcmp(call->watch.seen, "failed") == 0;
    call->error.retry = NEPH_RETRY_PERMANENT;
    call->error.sent = 1;
    return nephi_fail(&call->error, is_failure ? NEPH_UNAVAILABLE : NEPH_CONFLICT,
                      "%s %s is %s, not %s", call->info->noun, call->watch.id, call->watch.seen,
                      call->watch.goal->words);
}

static void seen(neph_call *call, int how)
{
    if (how == SEEN_REACHED)
        nephi_engine_finish(call, 0);
    else if (how == SEEN_FAILED)
        nephi_engine_finish(call, failed(call));
    else
        look_later(call);
}

/* Not there: gone, not there yet, or lost. */
static void absent(neph_call *call)
{
    const nephi_watch *watch = &call->watch;
    int64_t now = nephi_loop_now_ms();
    int64_t made = nephi_fresh_since_ms(&call->cloud->fresh, watch->id);
    if (watch->goal->is_gone) {
        nephi_engine_finish(call, 0);
        return;
    }
    if (made >= 0 && now < made + nephi_settle_ms(call->host)) {
        look_later(call);
        return;
    }
    call->error.retry = NEPH_RETRY_PERMANENT;
    call->error.sent = 1;
    nephi_engine_finish(call, nephi_fail(&call->error, NEPH_NOT_FOUND,
                                         "%s %s is not there any more, and was to be %s",
                                         call->info->noun, watch->id, watch->goal->words));
}

/* What may pass does not end a wait of minutes. */
static void look_failed(neph_call *call, const nephi_error *error)
{
    if (error->retry == NEPH_RETRY_TRANSIENT || error->retry == NEPH_RETRY_PERSISTENT) {
        nephi_error_text(call->watch.trouble, sizeof call->watch.trouble, error->message,
                         strlen(error->message));
        look_later(call);
        return;
    }
    nephi_error_copy(&call->error, error);
    call->error.status = 0;
    call->error.sent = 1;
    nephi_engine_finish(call, nephi_fail(&call->error, error->status,
                                         "cannot see whether %s %s is %s: %s", call->info->noun,
                                         call->watch.id, call->watch.goal->words, error->message));
}

static void look_done(neph_call *call, neph_record *record, const nephi_error *error)
{
    int how, rc = 0;
    nephi_timer_clear(&call->host->loop, &call->timer);
    if (error->status && error->status != NEPH_NOT_FOUND) {
        if (record)
            nephi_delivery_release(call, record);
        look_failed(call, error);
        return;
    }
    call->watch.trouble[0] = 0;
    if (!record) {
        absent(call);
        return;
    }
    how = judge(call, record);
    if (nephi_watch_holds(call, record))
        rc = nephi_watch_hold(call, record);
    else
        nephi_delivery_release(call, record);
    if (rc)
        nephi_engine_finish(call, rc);
    else
        seen(call, how);
}

/* ---- begun and ended */

/* The id of what was made, or of what the call is about; NULL: not known. */
static const char *subject(const neph_call *call)
{
    const nephi_argument *given;
    const neph_record *held = call->watch.held;
    if (held)
        return nephi_record_text(held, nephi_kind_role(held->kind, NEPHI_ROLE_ID));
    for (uint32_t i = 0; i < call->error.created_count; i++)
        if (call->error.created[i].kind == call->info->kind)
            return call->error.created[i].id;
    if (call->is_creating)
        return NULL;
    given = nephi_arguments_find(&call->arguments, call->info->arguments[0].member);
    return given ? given->text : NULL;
}

void nephi_watch_begin(neph_call *call)
{
    nephi_watch *watch = &call->watch;
    const char *id = subject(call);
    watch->is_on = 1;
    call->is_blocked = 0;
    nephi_error_forget(&call->error);
    watch->since_ms = nephi_loop_now_ms();
    watch->end_ms = watch->since_ms + watch->wait_ms;
    if (!id) {
        nephi_engine_finish(call, nephi_fail(&call->error, NEPH_PROTOCOL,
                                             "the cloud did not say the id of the %s: it was made, "
                                             "but cannot be waited for",
                                             call->info->noun));
        return;
    }
    watch->id = nephi_strdup(&call->host->memory, id);
    if (!watch->id) {
        nephi_engine_finish(call, nephi_fail_memory(&call->error));
        return;
    }
    if (call->is_creating)
        (void)nephi_error_created(&call->error, call->info->kind, id);
    if (watch->held)
        seen(call, judge(call, watch->held));
    else
        nephi_engine_delay(call, 0);
}

void nephi_watch_leave(neph_call *call, int status)
{
    neph_record *held = call->watch.held;
    call->watch.held = NULL;
    nephi_free(&call->host->memory, call->watch.id);
    call->watch.id = NULL;
    if (!held)
        return;
    if (status == NEPH_CANCELLED)
        nephi_delivery_release(call, held);
    else
        nephi_delivery_queue(call, held);
}
