/*
 * tag.c - tags of whatever bears them, by its id.
 */
#include "sim.h"

#define NAME_MAX_BYTES 128

/* The thing that the argument names; it must be one that can have tags. */
static int32_t bearer_find(sim_work *work, sim_thing **out)
{
    const char *id = neph_argument(work->call, NEPH_TAG_RESOURCE);
    for (size_t i = 0; i < work->state.count; i++) {
        sim_thing *thing = work->state.things[i];
        if (!thing->is_gone && thing->kind->tags && sim_is(thing, thing->kind->id, id))
            return sim_need(work, thing->kind->kind, id, out);
    }
    return neph_fail(work->call, NEPH_NOT_FOUND,
                     "there is no node, image, volume, snapshot, address or firewall \"%.100s\"",
                     id);
}

static int32_t bearer_find_own(sim_work *work, sim_thing **out)
{
    int32_t rc = bearer_find(work, out);
    if (!rc && (*out)->is_fixed)
        rc = neph_fail(work->call, NEPH_PERMISSION, "%s \"%.100s\" belongs to the cloud",
                       (*out)->kind->name, sim_id(*out));
    return rc;
}

/* The tag's value, and how many tags there are. */
static sim_value *tag_find(const sim_thing *thing, const char *name, uint32_t *count)
{
    sim_value *value, *found = NULL;
    uint32_t at = 0;
    *count = 0;
    while ((value = sim_value_next(thing, thing->kind->tags, &at)) != NULL) {
        ++*count;
        if (!strcmp(value->name, name))
            found = value;
    }
    return found;
}

static int32_t tag_check(sim_work *work, const sim_thing *thing, const char *name, const char *text)
{
    const sim_member rule = {"name",     thing->kind->tags, NEPH_TYPE_STRING,
                             SIM_NEEDED, NAME_MAX_BYTES,    NULL};
    const sim_member *member = sim_kind_member(thing->kind, thing->kind->tags);
    int32_t rc = sim_check_text(work, &rule, name);
    return rc ? rc : sim_check_text(work, member, text);
}

int32_t sim_tag_set(sim_work *work, sim_thing *unused)
{
    const char *name = neph_argument(work->call, NEPH_TAG_NAME);
    const char *text = neph_argument(work->call, NEPH_TAG_VALUE);
    sim_value fresh = {0};
    sim_value *found;
    uint32_t count;
    sim_thing *thing;
    int32_t rc = bearer_find_own(work, &thing);
    (void)unused;
    if (!rc)
        rc = tag_check(work, thing, name, text);
    if (rc)
        return rc;
    found = tag_find(thing, name, &count);
    if (!found && count >= SIM_TAGS_MAX)
        return neph_fail(work->call, NEPH_LIMIT, "%s \"%s\" has %d tags already", thing->kind->name,
                         sim_id(thing), SIM_TAGS_MAX);
    fresh.member = sim_kind_member(thing->kind, thing->kind->tags);
    fresh.name = sim_text(&work->state, name, strlen(name));
    fresh.text = sim_text(&work->state, text, strlen(text));
    if (!fresh.name || !fresh.text)
        return sim_no_memory(work);
    if (found)
        *found = fresh;
    else if (sim_add(&work->state, thing, &fresh))
        return sim_no_memory(work);
    return 0;
}

/* One that is not there is no error. */
int32_t sim_tag_remove(sim_work *work, sim_thing *unused)
{
    sim_value *found;
    uint32_t count;
    sim_thing *thing;
    int32_t rc = bearer_find_own(work, &thing);
    (void)unused;
    if (rc)
        return rc;
    found = tag_find(thing, neph_argument(work->call, NEPH_TAG_NAME), &count);
    if (found)
        sim_remove(thing, found);
    return 0;
}

static int32_t tag_deliver(sim_work *work, const sim_thing *thing, const sim_value *value)
{
    neph_record *record = neph_record_new(work->call, NEPH_KIND_TAG);
    int32_t rc = record ? 0 : sim_no_memory(work);
    if (!rc)
        rc = neph_record_set(record, NEPH_TAG_NAME, value->name);
    if (!rc)
        rc = neph_record_set(record, NEPH_TAG_VALUE, value->text);
    if (!rc)
        rc = neph_record_set(record, NEPH_TAG_RESOURCE, sim_id(thing));
    return rc ? rc : neph_record_emit(work->call, record);
}

int32_t sim_tag_look(sim_work *work, sim_thing *unused)
{
    (void)unused;
    return bearer_find(work, &work->thing);
}

int32_t sim_tag_list(sim_work *work)
{
    const sim_value *value;
    uint32_t at = (uint32_t)work->at;
    int32_t rc = 0;
    while (!rc && (value = sim_value_next(work->thing, work->thing->kind->tags, &at)) != NULL) {
        work->at = at;
        rc = tag_deliver(work, work->thing, value);
    }
    return rc;
}
