/*
 * work.c - one operation from its first slice to its last, the same way for all: lock and load, count, let fail what shall
 * fail, find or make the thing, change, save, deliver. What an operation changes stands with its resource; which
 * operation is which stands in operation.c.
 */
#include "sim.h"

#define SLICE_RESULTS 256 /* delivered before the host gets its turn */
#define LOCK_POLL_MS 2
#define TOKEN_MAX 255

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

/* ---- arguments of a create */

int32_t sim_check_text(sim_work *work, const sim_member *member, const char *text)
{
    if (!text[0] && (member->flags & SIM_NEEDED))
        return neph_fail(work->call, NEPH_INVALID, "%s is empty", member->name);
    if (strlen(text) > member->limit)
        return neph_fail(work->call, NEPH_INVALID, "%s is longer than %u bytes", member->name,
                         member->limit);
    for (const char *at = text; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 127)
            return neph_fail(work->call, NEPH_INVALID, "%s has a control character in it",
                             member->name);
    return sim_is_utf8(text) ? 0
                             : neph_fail(work->call, NEPH_INVALID, "%s is no UTF-8", member->name);
}

static int32_t value_take(sim_work *work, sim_thing *thing, sim_value *value)
{
    const sim_member *member = value->member;
    const sim_member name = {
        "the name of a tag", member->member, NEPH_TYPE_STRING, SIM_NEEDED, 128, NULL};
    int32_t rc = 0;
    if (value->name)
        rc = sim_check_text(work, &name, value->name);
    if (!rc && value->text)
        rc = sim_check_text(work, member, value->text);
    if (rc)
        return rc;
    if (value->name && !(value->name = sim_text(&work->state, value->name, strlen(value->name))))
        return sim_no_memory(work);
    if (value->text && !(value->text = sim_text(&work->state, value->text, strlen(value->text))))
        return sim_no_memory(work);
    return sim_add(&work->state, thing, value) ? sim_no_memory(work) : 0;
}

static int32_t many_take(sim_work *work, sim_thing *thing, const sim_member *member)
{
    sim_value value = {.member = member, .number = NEPH_UNKNOWN};
    int32_t rc = 0;
    for (uint32_t i = 0; !rc; i++) {
        if (!neph_argument_pair(work->call, member->member, i, &value.name, &value.text))
            return 0;
        if (i >= SIM_TAGS_MAX)
            return neph_fail(work->call, NEPH_LIMIT, "a %s has at most %d of %s", thing->kind->name,
                             SIM_TAGS_MAX, member->name);
        rc = value_take(work, thing, &value);
    }
    return rc;
}

const char *sim_line(sim_work *work, const char *text)
{
    size_t size = strlen(text);
    while (size && (text[size - 1] == '\n' || text[size - 1] == '\r'))
        size--;
    return sim_text(&work->state, text, size);
}

static int32_t text_take(sim_work *work, sim_thing *thing, sim_value *value)
{
    value->text = neph_argument(work->call, value->member->member);
    if (!value->text)
        return 0;
    if (value->member->flags & SIM_LINE)
        value->text = sim_line(work, value->text);
    return value->text ? value_take(work, thing, value) : sim_no_memory(work);
}

static int32_t number_take(sim_work *work, sim_thing *thing, sim_value *value)
{
    const neph_map *word = value->member->words;
    value->number = neph_argument_integer(work->call, value->member->member);
    if (value->number == NEPH_UNKNOWN || (word && !value->number))
        return 0;
    if (value->member->type == NEPH_TYPE_BOOLEAN)
        value->number = value->number != 0;
    while (word && word->text && word->number != value->number)
        word++;
    if (word && !word->text)
        return neph_fail(work->call, NEPH_INVALID, "%s cannot be that", value->member->name);
    return value_take(work, thing, value);
}

static int32_t argument_take(sim_work *work, sim_thing *thing, const sim_member *member)
{
    sim_value value = {.member = member, .number = NEPH_UNKNOWN};
    switch (member->type) {
    case NEPH_TYPE_STRINGS:
    case NEPH_TYPE_PAIRS: return many_take(work, thing, member);
    case NEPH_TYPE_STRING: return text_take(work, thing, &value);
    default: return number_take(work, thing, &value);
    }
}

int32_t sim_thing_take(sim_work *work, sim_thing **out)
{
    const sim_kind *kind = sim_kind_find(work->operation->kind);
    int32_t rc = 0;
    *out = sim_thing_new(&work->state, kind);
    if (!*out)
        return sim_no_memory(work);
    (*out)->is_gone = 1;
    for (uint32_t i = 0; !rc && i < kind->member_count; i++)
        if (kind->members[i].flags & SIM_ARGUMENT)
            rc = argument_take(work, *out, &kind->members[i]);
    return rc;
}

/* FNV-1a: tells one create from another, and is no secret. */
static uint64_t sum_add(uint64_t sum, const void *data, size_t size)
{
    const unsigned char *bytes = data;
    for (size_t i = 0; i < size; i++)
        sum = (sum ^ bytes[i]) * UINT64_C(0x100000001b3);
    return sum;
}

static uint64_t sum_text(uint64_t sum, const char *text)
{
    return text ? sum_add(sum, text, strlen(text) + 1) : sum_add(sum, "\xff", 1);
}

static int64_t request_sum(const sim_thing *thing, const neph_call *call)
{
    uint64_t sum = UINT64_C(0xcbf29ce484222325);
    for (uint32_t i = 0; i < thing->count; i++) {
        const sim_value *value = &thing->values[i];
        sum = sum_text(sum, value->member->name);
        sum = sum_text(sum, value->name);
        sum = sum_text(sum, value->text);
        sum = sum_add(sum, &value->number, sizeof value->number);
    }
    if (thing->kind->kind == NEPH_KIND_NODE) {
        sum = sum_text(sum, neph_argument(call, NEPH_USER_DATA));
        sum = sum_text(sum, neph_argument(call, NEPH_USER_DATA_BASE64));
    }
    return (int64_t)(sum >> 1);
}

/* ---- create */

static int32_t id_give(sim_work *work, sim_thing *thing)
{
    char id[SIM_ID_MAX];
    int is_taken;
    do {
        snprintf(id, sizeof id, "%s%08llx", thing->kind->prefix, (long long)work->state.next);
        is_taken = sim_find(&work->state, thing->kind->kind, thing->kind->id, id) != NULL;
        if (work->state.next++ >= SIM_SERIAL_MAX)
            return neph_fail(work->call, NEPH_LIMIT, "there are no more ids in the state file");
    } while (is_taken);
    return sim_set(&work->state, thing, thing->kind->id, id) ? sim_no_memory(work) : 0;
}

static int32_t quota_check(sim_work *work)
{
    const sim_operation *operation = work->operation;
    int64_t quota =
        operation->quota ? sim_config_of(work->call)->quotas[operation->quota - 1] : NEPH_UNKNOWN;
    const sim_thing *thing;
    int64_t count = 0;
    size_t at = 0;
    if (work->state.count >= SIM_THINGS_MAX)
        return neph_fail(work->call, NEPH_LIMIT, "the simulated cloud holds %d things at most",
                         SIM_THINGS_MAX);
    while ((thing = sim_next(&work->state, operation->kind, &at)) != NULL)
        count += thing->kind->kind != NEPH_KIND_NODE || !sim_node_has_ended(thing);
    if (quota == NEPH_UNKNOWN || count < quota)
        return 0;
    return neph_fail(work->call, NEPH_QUOTA, "the quota of %lld %ss is used up", (long long)quota,
                     sim_kind_find(operation->kind)->name);
}

static int32_t thing_sign(sim_work *work, sim_thing *thing, const char *token, int64_t sum)
{
    int rc = sim_set_number(&work->state, thing, SIM_CREATED, work->now_ns);
    if (!rc)
        rc = sim_set(&work->state, thing, SIM_TOKEN, token);
    if (!rc)
        rc = sim_set_number(&work->state, thing, SIM_REQUEST, sum);
    return rc ? sim_no_memory(work) : id_give(work, thing);
}

/* The same token again brings what it made; with other arguments it is a mistake. */
static int32_t repeat(sim_work *work, sim_thing *earlier, int64_t sum)
{
    work->thing = earlier;
    if (sim_get_number(earlier, SIM_REQUEST) == sum)
        return 0;
    return neph_fail(work->call, NEPH_CONFLICT, "the token has made %s \"%s\" with other arguments",
                     earlier->kind->name, sim_id(earlier));
}

static int32_t create(sim_work *work)
{
    const char *token = neph_call_token(work->call);
    sim_thing *thing, *earlier;
    int64_t sum;
    int32_t rc;
    if (!token)
        return NEPH_INTERNAL; /* the failure is set */
    if (!token[0] || strlen(token) > TOKEN_MAX)
        return neph_fail(work->call, NEPH_INVALID, "token must have 1 to %d bytes", TOKEN_MAX);
    rc = sim_thing_take(work, &thing);
    if (rc)
        return rc;
    sum = request_sum(thing, work->call);
    earlier = sim_find(&work->state, thing->kind->kind, SIM_TOKEN, token);
    if (earlier)
        return repeat(work, earlier, sum);
    rc = quota_check(work);
    if (!rc)
        rc = thing_sign(work, thing, token, sum);
    if (!rc)
        rc = work->operation->change(work, thing);
    thing->is_gone = rc != 0;
    work->thing = thing;
    return rc;
}

/* ---- counters and failures */

/* SplitMix64: the same seed and the same sequence of operations fail in the same places. */
static uint64_t draw(uint64_t seed, uint64_t index)
{
    uint64_t z = seed * UINT64_C(0xd1342543de82ef95) + (index + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* "node.create" before "create" before "any". */
static int64_t failure_rate(const sim_config *config, const char *name)
{
    const char *verb = strchr(name, '.') + 1;
    const char *const names[] = {name, verb, "any"};
    for (size_t i = 0; i < NEPH_COUNT(names); i++)
        for (uint32_t j = 0; j < config->failure_count; j++)
            if (!strcmp(config->failures[j].name, names[i]))
                return config->failures[j].rate;
    return 0;
}

static int is_counting(const sim_work *work)
{
    const sim_config *config = sim_config_of(work->call);
    return config->throttle > 0 || failure_rate(config, work->operation->name) > 0;
}

static int32_t throttle(sim_work *work, int64_t most)
{
    int64_t second = work->now_ns / NEPH_NANO;
    if (work->state.window != second) {
        work->state.window = second;
        work->state.asked = 0;
    }
    if (work->state.asked >= most)
        return neph_fail(work->call, NEPH_THROTTLED,
                         "more than %lld requests in a second: the simulated cloud throttles",
                         (long long)most);
    work->state.asked++;
    work->is_dirty = 1;
    return 0;
}

static int32_t let_fail(sim_work *work)
{
    const sim_config *config = sim_config_of(work->call);
    int64_t rate = failure_rate(config, work->operation->name);
    uint64_t number;
    int32_t rc = config->throttle > 0 ? throttle(work, config->throttle) : 0;
    if (rc || rate <= 0)
        return rc;
    number = draw((uint64_t)config->seed, (uint64_t)work->state.draws++);
    work->is_dirty = 1;
    if ((int64_t)((number >> 11) % (uint64_t)NEPH_NANO) >= rate)
        return 0;
    return neph_fail(work->call, NEPH_UNAVAILABLE, "the simulated cloud fails here, as told");
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
        return create(work);
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
    rc = state_take(work, is_changing || is_counting(work));
    if (!rc)
        rc = let_fail(work);
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
