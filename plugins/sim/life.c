/*
 * life.c - states that change by themselves: how long each lasts and what follows. Nothing runs meanwhile: what a thing
 * has become is computed from the time at which its state began, whenever somebody looks.
 */
#include "sim.h"

const neph_map sim_node_words[] = {
    {"pending", NEPH_NODE_PENDING},       {"running", NEPH_NODE_RUNNING},
    {"rebooting", NEPH_NODE_REBOOTING},   {"stopping", NEPH_NODE_STOPPING},
    {"stopped", NEPH_NODE_STOPPED},       {"ending", SIM_ENDING},
    {"terminated", NEPH_NODE_TERMINATED}, {NULL, 0},
};

const neph_map sim_image_words[] = {
    {"pending", NEPH_IMAGE_PENDING},
    {"available", NEPH_IMAGE_AVAILABLE},
    {NULL, 0},
};

const neph_map sim_volume_words[] = {
    {"creating", NEPH_VOLUME_CREATING},   {"available", NEPH_VOLUME_AVAILABLE},
    {"attaching", NEPH_VOLUME_ATTACHING}, {"in-use", NEPH_VOLUME_IN_USE},
    {"detaching", NEPH_VOLUME_DETACHING}, {"resizing", NEPH_VOLUME_RESIZING},
    {"deleting", NEPH_VOLUME_DELETING},   {NULL, 0},
};

const neph_map sim_snapshot_words[] = {
    {"pending", NEPH_SNAPSHOT_PENDING},
    {"completed", NEPH_SNAPSHOT_COMPLETED},
    {NULL, 0},
};

#define GONE 0

/* A state that ends: after so many times its pace. */
static const struct passage {
    uint32_t kind;
    int32_t from;
    int32_t to;
    int32_t paces;
} passages[] = {
    {NEPH_KIND_NODE, NEPH_NODE_PENDING, NEPH_NODE_RUNNING, 1},
    {NEPH_KIND_NODE, NEPH_NODE_REBOOTING, NEPH_NODE_RUNNING, 1},
    {NEPH_KIND_NODE, NEPH_NODE_STOPPING, NEPH_NODE_STOPPED, 1},
    {NEPH_KIND_NODE, SIM_ENDING, NEPH_NODE_TERMINATED, 1},
    {NEPH_KIND_NODE, NEPH_NODE_TERMINATED, GONE, 30},
    {NEPH_KIND_IMAGE, NEPH_IMAGE_PENDING, NEPH_IMAGE_AVAILABLE, 2},
    {NEPH_KIND_VOLUME, NEPH_VOLUME_CREATING, NEPH_VOLUME_AVAILABLE, 1},
    {NEPH_KIND_VOLUME, NEPH_VOLUME_ATTACHING, NEPH_VOLUME_IN_USE, 1},
    {NEPH_KIND_VOLUME, NEPH_VOLUME_DETACHING, NEPH_VOLUME_AVAILABLE, 1},
    {NEPH_KIND_VOLUME, NEPH_VOLUME_RESIZING, NEPH_VOLUME_AVAILABLE, 1},
    {NEPH_KIND_VOLUME, NEPH_VOLUME_DELETING, GONE, 1},
    {NEPH_KIND_SNAPSHOT, NEPH_SNAPSHOT_PENDING, NEPH_SNAPSHOT_COMPLETED, 4},
};

static const struct passage *passage_of(const sim_thing *thing)
{
    int64_t condition = sim_condition(thing);
    for (size_t i = 0; i < NEPH_COUNT(passages); i++)
        if (passages[i].kind == thing->kind->kind && passages[i].from == condition)
            return &passages[i];
    return NULL;
}

static int64_t duration_ns(const sim_thing *thing, const struct passage *passage)
{
    int64_t pace_ms = sim_get_number(thing, SIM_PACE);
    pace_ms = pace_ms < 0 ? 0 : pace_ms > SIM_MS_MAX ? SIM_MS_MAX : pace_ms;
    return passage->paces * pace_ms * INT64_C(1000000);
}

/* What no longer holds in the state reached, and a volume that is attached is in use. */
static int arrive(sim_state *state, sim_thing *thing, const struct passage *passage)
{
    int64_t to = passage->to;
    int rc = 0;
    if (passage->kind == NEPH_KIND_VOLUME && passage->from == NEPH_VOLUME_DETACHING) {
        rc = sim_set(state, thing, NEPH_VOLUME_NODE, NULL);
        if (!rc)
            rc = sim_set(state, thing, NEPH_VOLUME_DEVICE, NULL);
    } else if (passage->kind == NEPH_KIND_VOLUME && sim_get(thing, NEPH_VOLUME_NODE))
        to = NEPH_VOLUME_IN_USE;
    thing->is_gone = passage->to == GONE;
    return rc ? rc : sim_set_number(state, thing, thing->kind->state, to);
}

static int settle(sim_state *state, sim_thing *thing, int64_t now_ns)
{
    const struct passage *passage;
    int rc = 0;
    while (!rc && !thing->is_gone && (passage = passage_of(thing)) != NULL) {
        int64_t changed = sim_get_number(thing, SIM_CHANGED);
        int64_t duration = duration_ns(thing, passage);
        if (changed > now_ns || now_ns - changed < duration)
            break;
        rc = sim_set_number(state, thing, SIM_CHANGED, changed + duration);
        if (!rc)
            rc = arrive(state, thing, passage);
    }
    return rc;
}

int sim_life_settle(sim_state *state, int64_t now_ns)
{
    int rc = 0;
    for (size_t i = 0; i < state->count && !rc; i++)
        if (state->things[i]->kind->state && !state->things[i]->is_fixed)
            rc = settle(state, state->things[i], now_ns);
    return rc;
}

int sim_life_begin(sim_state *state, sim_thing *thing, int64_t condition, int64_t now_ns,
                   int64_t pace_ms)
{
    int rc = sim_set_number(state, thing, thing->kind->state, condition);
    if (!rc)
        rc = sim_set_number(state, thing, SIM_CHANGED, now_ns);
    return rc ? rc : sim_set_number(state, thing, SIM_PACE, pace_ms);
}

int64_t sim_life_shown(const sim_thing *thing)
{
    int64_t condition = sim_condition(thing);
    return condition == SIM_ENDING ? NEPH_NODE_STOPPING : condition;
}

int64_t sim_life_progress(const sim_thing *thing, int64_t now_ns)
{
    const struct passage *passage = passage_of(thing);
    int64_t passed = now_ns - sim_get_number(thing, SIM_CHANGED);
    int64_t duration = passage ? duration_ns(thing, passage) : 0;
    if (!duration || passed >= duration)
        return 100;
    return passed < 0 ? 0 : passed / (duration / 100);
}
