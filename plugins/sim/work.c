/*
 * work.c - one operation from its first slice to its last, the same way for all: lock and load, let fail what shall fail,
 * find or make the thing, change, save, deliver. What an operation changes stands with its resource; which operation is
 * which stands in operation.c.
 */
#include "sim.h"

#define SLICE_RESULTS 256 /* delivered before the host gets its turn */
#define LOCK_POLL_MS 2

int32_t sim_no_memory(sim_work *work)
{
    return neph_fail(work->call, NEPH_NO_MEMORY, "out of memory");
}

/* ---- looking things up */

/* What was just created is not known everywhere yet. */
static int is_visible(const sim_work *work, const sim_thing *thing)
{
    int64_t hidden_ns = sim_config_of(work->call)->consistency_ms * INT64_C(1000000);
    int64_t created = thing->is_fixed ? NEPH_UNKNOWN : sim_get_number(thing, SIM_CREATED);
    return created == NEPH_UNKNOWN || !hidden_ns || work->now_ns - created >= hidden_ns;
}

int32_t sim_need_by(sim_work *work, uint32_t kind, int32_t member, const char *text,
                    sim_thing **out)
{
    *out = sim_find(&work->state, kind, member, text);
    if (*out && is_visible(work, *out))
        return 0;
    return neph_fail(work->call, NEPH_NOT_FOUND, "there is no %s \"%.100s\"",
                     sim_kind_find(kind)->name, text);
}

int32_t sim_need(sim_work *work, uint32_t kind, const char *id, sim_thing **out)
{
    return sim_need_by(work, kind, sim_kind_find(kind)->id, id, out);
}

int32_t sim_need_no_other(sim_work *work, const sim_thing *thing)
{
    const char *name = sim_get(thing, thing->kind->label);
    const sim_thing *other;
    size_t at = 0;
    while ((other = sim_next(&work->state, thing->kind->kind, &at)) != NULL)
        if (other != thing && name && sim_is(other, thing->kind->label, name))
            return neph_fail(work->call, NEPH_EXISTS, "there is a %s \"%.100s\" already",
                             thing->kind->name, name);
    return 0;
}

int32_t sim_begin(sim_work *work, sim_thing *thing, int64_t condition)
{
    int64_t pace_ms = sim_config_of(work->call)->delay_ms;
    return sim_life_begin(&work->state, thing, condition, work->now_ns, pace_ms)
               ? sim_no_memory(work)
               : 0;
}

const char *sim_condition_name(const sim_thing *thing)
{
    const sim_member *member = sim_kind_member(thing->kind, thing->kind->state);
    int64_t condition = sim_life_shown(thing);
    const neph_map *word = member->words;
    while (word->text && word->number != condition)
        word++;
    return word->text ? word->text : "unknown";
}

int32_t sim_conflict(sim_work *work, const sim_thing *thing)
{
    return neph_fail(work->call, NEPH_CONFLICT, "%s \"%s\" is %s", thing->kind->name, sim_id(thing),
                     sim_condition_name(thing));
}

int32_t sim_delete(sim_work *work, sim_thing *thing)
{
    (void)work;
    thing->is_gone = 1;
    return 0;
}

/* ---- the operation */

static int32_t thing_find(sim_work *work)
{
    const sim_operation *operation = work->operation;
    int32_t member = operation->id ? operation->id : sim_kind_find(operation->kind)->id;
    const char *text = neph_argument(work->call, member);
    int32_t rc = sim_need_by(work, operation->kind, member, text, &work->thing);
    if (!rc && (operation->does & SIM_OWN) && work->thing->is_fixed)
        rc = neph_fail(work->call, NEPH_PERMISSION, "%s \"%.100s\" belongs to the cloud",
                       work->thing->kind->name, text);
    return rc;
}

static int32_t operate(sim_work *work)
{
    const sim_operation *operation = work->operation;
    uint32_t what = operation->does & SIM_WHAT;
    int32_t rc = 0;
    if (what == SIM_CREATE)
        return sim_create(work);
    if (what != SIM_LIST && !(operation->does & SIM_ALONE))
        rc = thing_find(work);
    return rc || !operation->change ? rc : operation->change(work, work->thing);
}

static int32_t state_take(sim_work *work, int is_writing)
{
    int32_t rc = is_writing ? sim_lock_take(work->call, &work->lock) : 0;
    if (rc == NEPH_AGAIN)
        neph_again(work->call, 0, LOCK_POLL_MS);
    if (!rc)
        rc = sim_load(work->call, &work->state);
    if (!rc && sim_life_settle(&work->state, work->now_ns))
        rc = sim_no_memory(work);
    return rc;
}

/* Of what failed the counters alone are kept. */
static int32_t counters_save(sim_work *work)
{
    const sim_state counted = work->state;
    int32_t rc;
    work->state = (sim_state){0};
    rc = sim_load(work->call, &work->state);
    work->state.draws = counted.draws;
    work->state.window = counted.window;
    work->state.asked = counted.asked;
    if (!rc)
        rc = sim_save(work->call, &work->state);
    sim_state_free(&work->state);
    work->state = counted;
    return rc;
}

static int32_t work_fail(sim_work *work, int32_t status)
{
    if (work->is_dirty && work->lock.plus_one) {
        int32_t rc = counters_save(work);
        status = rc ? rc : status;
    }
    sim_lock_drop(&work->lock);
    return status;
}

static int32_t work_begin(sim_work *work)
{
    int is_changing = (work->operation->does & SIM_WHAT) >= SIM_CREATE;
    int32_t rc;
    work->now_ns = neph_call_now(work->call);
    rc = state_take(work, is_changing || sim_failure_is_told(work));
    if (!rc)
        rc = sim_failure_draw(work);
    if (!rc)
        rc = operate(work);
    if (rc)
        return work_fail(work, rc);
    if (work->is_dirty || is_changing)
        rc = sim_save(work->call, &work->state);
    sim_lock_drop(&work->lock);
    if (!rc && sim_life_settle(&work->state, work->now_ns)) /* delay_ms 0: at once */
        rc = sim_no_memory(work);
    work->is_ready = !rc;
    return rc;
}

/* ---- results */

static int32_t value_show(neph_record *record, const sim_value *value)
{
    switch (value->member->type) {
    case NEPH_TYPE_STRING: return neph_record_set(record, value->member->member, value->text);
    case NEPH_TYPE_STRINGS: return neph_record_add(record, value->member->member, value->text);
    case NEPH_TYPE_PAIRS:
        return neph_record_add_pair(record, value->member->member, value->name, value->text);
    default: return neph_record_set_integer(record, value->member->member, value->number);
    }
}

static int32_t values_show(const sim_thing *thing, neph_record *record)
{
    int32_t rc = 0;
    for (uint32_t i = 0; !rc && i < thing->count; i++)
        if (thing->values[i].member->member / 0x10000 == (int32_t)thing->kind->kind)
            rc = value_show(record, &thing->values[i]);
    if (!rc && thing->kind->state)
        rc = neph_record_set_integer(record, thing->kind->state, sim_life_shown(thing));
    if (!rc && thing->kind->created)
        rc = neph_record_set_integer(record, thing->kind->created,
                                     sim_get_number(thing, SIM_CREATED));
    return rc;
}

/* What results show besides the values. */
static const struct {
    uint32_t kind;
    int32_t (*show)(sim_work *work, const sim_thing *thing, neph_record *record);
} shows[] = {
    {NEPH_KIND_NODE, sim_node_show},         {NEPH_KIND_VOLUME, sim_volume_show},
    {NEPH_KIND_SNAPSHOT, sim_snapshot_show}, {NEPH_KIND_ADDRESS, sim_address_show},
    {NEPH_KIND_SUBNET, sim_subnet_show},
};

int32_t sim_deliver_thing(sim_work *work, const sim_thing *thing)
{
    neph_record *record = neph_record_new(work->call, (int32_t)thing->kind->kind);
    int32_t rc = record ? values_show(thing, record) : sim_no_memory(work);
    for (size_t i = 0; !rc && i < NEPH_COUNT(shows); i++)
        if (shows[i].kind == thing->kind->kind)
            rc = shows[i].show(work, thing, record);
    return rc ? rc : neph_record_emit(work->call, record);
}

static int is_listed(const sim_work *work, const sim_thing *thing)
{
    const sim_operation *operation = work->operation;
    const char *text = operation->filter ? neph_argument(work->call, operation->filter) : NULL;
    return is_visible(work, thing) && (!text || sim_is(thing, operation->filtered, text));
}

static int32_t list_deliver(sim_work *work)
{
    int32_t rc = 0;
    for (int i = 0; !rc && i < SLICE_RESULTS; i++) {
        const sim_thing *thing = sim_next(&work->state, work->operation->kind, &work->at);
        if (!thing)
            return 0;
        if (is_listed(work, thing))
            rc = sim_deliver_thing(work, thing);
    }
    return rc ? rc : NEPH_AGAIN;
}

static int32_t deliver(sim_work *work)
{
    const sim_operation *operation = work->operation;
    if (operation->deliver)
        return operation->deliver(work);
    switch (operation->does & SIM_WHAT) {
    case SIM_LIST: return list_deliver(work);
    case SIM_SHOW:
    case SIM_CREATE: return work->at++ ? 0 : sim_deliver_thing(work, work->thing);
    default: return 0;
    }
}

int32_t sim_deliver_nothing(sim_work *work)
{
    (void)work;
    return 0;
}

int32_t sim_perform(neph_call *call)
{
    sim_work *work = neph_call_memory(call, sizeof *work);
    int32_t rc = 0;
    if (!work)
        return neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    work->call = call;
    if (!work->is_ready) {
        work->operation = sim_operations;
        while (work->operation->op != neph_call_op(call))
            work->operation++;
        rc = work_begin(work);
    }
    return rc ? rc : deliver(work);
}

void sim_finish(neph_call *call)
{
    sim_work *work = neph_call_memory(call, sizeof *work);
    if (!work)
        return;
    sim_lock_drop(&work->lock);
    sim_state_free(&work->state);
}
