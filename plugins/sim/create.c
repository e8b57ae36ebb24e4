/*
 * create.c - a thing that is created: its arguments taken and checked, its token looked for, the quota, its id. What it
 * becomes by its kind stands with the resource.
 */
#include "sim.h"

#define TOKEN_MAX 255
#define TAG_NAME_MAX 128

/* ---- arguments */

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
    const sim_member name = {"the name of a tag", member->member, NEPH_TYPE_STRING,
                             SIM_NEEDED,          TAG_NAME_MAX,   NULL};
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

static int is_there(const sim_thing *thing, const sim_value *pair)
{
    const sim_value *value;
    uint32_t at = 0;
    while ((value = sim_value_next(thing, pair->member->member, &at)) != NULL)
        if (!strcmp(value->name, pair->name))
            return 1;
    return 0;
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
        if (value.name && is_there(thing, &value))
            return neph_fail(work->call, NEPH_INVALID, "%s \"%.60s\" is given twice", member->name,
                             value.name);
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
    static const char *const names[] = {"nodes", "volumes", "addresses"};
    int32_t which = work->operation->quota - 1;
    int64_t quota = which < 0 ? NEPH_UNKNOWN : sim_config_of(work->call)->quotas[which];
    const sim_thing *thing;
    int64_t count = 0;
    size_t at = 0;
    if (work->state.count >= SIM_THINGS_MAX)
        return neph_fail(work->call, NEPH_LIMIT, "the simulated cloud holds %d things at most",
                         SIM_THINGS_MAX);
    while ((thing = sim_next(&work->state, work->operation->kind, &at)) != NULL)
        count += thing->kind->kind != NEPH_KIND_NODE || !sim_node_has_ended(thing);
    if (quota == NEPH_UNKNOWN || count < quota)
        return 0;
    return neph_fail(work->call, NEPH_QUOTA, "the quota of %s is used up: it is %lld", names[which],
                     (long long)quota);
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

int32_t sim_create(sim_work *work)
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
