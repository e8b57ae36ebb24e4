/*
 * volume.c - volumes: create (empty or of a snapshot), delete, attach, detach, resize.
 */
#include "sim.h"

#define LEAST (1 * GIB)
#define MOST (16384 * GIB)
#define DEVICES 25 /* "b" to "z" */

/* ---- create */

static int32_t size_check(sim_work *work, int64_t size)
{
    if (size >= LEAST && size <= MOST && size % GIB == 0)
        return 0;
    return neph_fail(work->call, NEPH_INVALID,
                     "the size of a volume is a whole number of GiB, 1 GiB to 16384 GiB");
}

/* Types of storage, the default one first; iops 0: they cannot be chosen. */
static const struct type {
    const char *name;
    int64_t iops;
} types[] = {{"standard", 0}, {"fast", 3000}};

static int32_t type_check(sim_work *work, sim_thing *volume)
{
    const char *name = sim_get(volume, NEPH_VOLUME_TYPE);
    int64_t iops = sim_get_number(volume, NEPH_VOLUME_IOPS);
    const struct type *type = types;
    int failed = 0;
    while (name && type < types + NEPH_COUNT(types) && strcmp(type->name, name) != 0)
        type++;
    if (type == types + NEPH_COUNT(types))
        return neph_fail(work->call, NEPH_INVALID, "\"%.40s\" is no type: it is standard or fast",
                         name);
    if (iops != NEPH_UNKNOWN && !type->iops)
        return neph_fail(work->call, NEPH_INVALID, "iops are for volumes of type fast");
    if (iops != NEPH_UNKNOWN && (iops < 100 || iops > 64000))
        return neph_fail(work->call, NEPH_INVALID, "iops must be 100 to 64000");
    failed |= sim_set(&work->state, volume, NEPH_VOLUME_TYPE, type->name);
    if (type->iops && iops == NEPH_UNKNOWN)
        failed |= sim_set_number(&work->state, volume, NEPH_VOLUME_IOPS, type->iops);
    return failed ? sim_no_memory(work) : 0;
}

/* Of a snapshot it has the size of the volume that was, or more. */
static int32_t snapshot_take(sim_work *work, sim_thing *volume)
{
    const char *id = sim_get(volume, NEPH_VOLUME_SNAPSHOT);
    int64_t size = sim_get_number(volume, NEPH_VOLUME_SIZE_BYTES);
    sim_thing *snapshot;
    int64_t least;
    int32_t rc;
    if (!id)
        return size == NEPH_UNKNOWN ? neph_fail(work->call, NEPH_INVALID,
                                                "a volume needs a size, or a snapshot to fill it")
                                    : 0;
    rc = sim_need(work, NEPH_KIND_SNAPSHOT, id, &snapshot);
    if (rc)
        return rc;
    if (sim_condition(snapshot) != NEPH_SNAPSHOT_COMPLETED)
        return sim_conflict(work, snapshot);
    least = sim_get_number(snapshot, NEPH_SNAPSHOT_SIZE_BYTES);
    if (size != NEPH_UNKNOWN && size < least)
        return neph_fail(work->call, NEPH_INVALID, "snapshot \"%s\" needs %lld GiB", id,
                         (long long)(least / GIB));
    if (size == NEPH_UNKNOWN && sim_set_number(&work->state, volume, NEPH_VOLUME_SIZE_BYTES, least))
        return sim_no_memory(work);
    return 0;
}

static int32_t location_take(sim_work *work, sim_thing *volume)
{
    const char *id = sim_get(volume, NEPH_VOLUME_LOCATION);
    sim_thing *location;
    size_t at = 0;
    if (id)
        return sim_need(work, NEPH_KIND_LOCATION, id, &location);
    location = sim_next(&work->state, NEPH_KIND_LOCATION, &at);
    return sim_set(&work->state, volume, NEPH_VOLUME_LOCATION, sim_id(location))
               ? sim_no_memory(work)
               : 0;
}

int32_t sim_volume_create(sim_work *work, sim_thing *volume)
{
    int32_t rc = snapshot_take(work, volume);
    if (!rc)
        rc = size_check(work, sim_get_number(volume, NEPH_VOLUME_SIZE_BYTES));
    if (!rc)
        rc = type_check(work, volume);
    if (!rc)
        rc = location_take(work, volume);
    return rc ? rc : sim_begin(work, volume, NEPH_VOLUME_CREATING);
}

/* ---- states */

static int32_t conflict(sim_work *work, const sim_thing *volume)
{
    const char *node = sim_get(volume, NEPH_VOLUME_NODE);
    if (node)
        return neph_fail(work->call, NEPH_CONFLICT, "volume \"%s\" is %s: node \"%s\" has it",
                         sim_id(volume), sim_condition_name(volume), node);
    return sim_conflict(work, volume);
}

/* One that is being deleted is no error. */
int32_t sim_volume_delete(sim_work *work, sim_thing *volume)
{
    if (sim_condition(volume) == NEPH_VOLUME_DELETING)
        return 0;
    if (sim_condition(volume) != NEPH_VOLUME_AVAILABLE)
        return conflict(work, volume);
    return sim_begin(work, volume, NEPH_VOLUME_DELETING);
}

int32_t sim_volume_resize(sim_work *work, sim_thing *volume)
{
    int64_t size = neph_argument_integer(work->call, NEPH_VOLUME_SIZE_BYTES);
    int64_t own = sim_get_number(volume, NEPH_VOLUME_SIZE_BYTES);
    int64_t condition = sim_condition(volume);
    int32_t rc = size_check(work, size);
    if (rc)
        return rc;
    if (size <= own)
        return neph_fail(work->call, NEPH_INVALID,
                         "volume \"%s\" has %lld GiB: it can only be made larger", sim_id(volume),
                         (long long)(own / GIB));
    if (condition != NEPH_VOLUME_AVAILABLE && condition != NEPH_VOLUME_IN_USE)
        return conflict(work, volume);
    if (sim_set_number(&work->state, volume, NEPH_VOLUME_SIZE_BYTES, size))
        return sim_no_memory(work);
    return sim_begin(work, volume, NEPH_VOLUME_RESIZING);
}

/* ---- attach and detach */

static int is_device_taken(const sim_work *work, const sim_thing *node, const char *device)
{
    const sim_thing *other;
    size_t at = 0;
    while ((other = sim_next(&work->state, NEPH_KIND_VOLUME, &at)) != NULL)
        if (sim_is(other, NEPH_VOLUME_NODE, sim_id(node)) &&
            sim_is(other, NEPH_VOLUME_DEVICE, device))
            return 1;
    return 0;
}

static int32_t device_choose(sim_work *work, const sim_thing *node, char *out, size_t capacity)
{
    for (int i = 0; i < DEVICES; i++) {
        snprintf(out, capacity, "/dev/vd%c", 'b' + i);
        if (!is_device_taken(work, node, out))
            return 0;
    }
    return neph_fail(work->call, NEPH_LIMIT, "node \"%s\" has no device left: it can have %d",
                     sim_id(node), DEVICES);
}

static int32_t device_check(sim_work *work, const sim_thing *volume, const sim_thing *node,
                            const char *device)
{
    int32_t rc = sim_check_text(work, sim_kind_member(volume->kind, NEPH_VOLUME_DEVICE), device);
    if (rc)
        return rc;
    if (strncmp(device, "/dev/", 5) != 0 || !device[5])
        return neph_fail(work->call, NEPH_INVALID, "a device is called as in /dev/vdb");
    if (is_device_taken(work, node, device))
        return neph_fail(work->call, NEPH_CONFLICT, "node \"%s\" has something at %s already",
                         sim_id(node), device);
    return 0;
}

static int32_t pair_check(sim_work *work, const sim_thing *volume, const sim_thing *node)
{
    const char *here = sim_get(volume, NEPH_VOLUME_LOCATION);
    if (!sim_is(node, NEPH_NODE_LOCATION, here))
        return neph_fail(
            work->call, NEPH_INVALID,
            "volume \"%s\" is in location %s and node \"%s\" in %s: they must be in one",
            sim_id(volume), here, sim_id(node), sim_get(node, NEPH_NODE_LOCATION));
    if (sim_condition(volume) != NEPH_VOLUME_AVAILABLE)
        return conflict(work, volume);
    return sim_node_check(work, node);
}

int32_t sim_volume_attach(sim_work *work, sim_thing *volume)
{
    const char *device = neph_argument(work->call, NEPH_VOLUME_DEVICE);
    char chosen[16];
    sim_thing *node;
    int32_t rc = sim_need(work, NEPH_KIND_NODE, neph_argument(work->call, NEPH_VOLUME_NODE), &node);
    if (!rc)
        rc = pair_check(work, volume, node);
    if (!rc && device)
        rc = device_check(work, volume, node, device);
    else if (!rc)
        rc = device_choose(work, node, chosen, sizeof chosen);
    if (rc)
        return rc;
    if (sim_set(&work->state, volume, NEPH_VOLUME_NODE, sim_id(node)) ||
        sim_set(&work->state, volume, NEPH_VOLUME_DEVICE, device ? device : chosen))
        return sim_no_memory(work);
    return sim_begin(work, volume, NEPH_VOLUME_ATTACHING);
}

/* One that is on its way off is no error. */
int32_t sim_volume_detach(sim_work *work, sim_thing *volume)
{
    const char *from = neph_argument(work->call, NEPH_VOLUME_NODE);
    int64_t condition = sim_condition(volume);
    int is_forced = neph_argument_integer(work->call, NEPH_FORCE) == 1;
    if (!sim_get(volume, NEPH_VOLUME_NODE))
        return neph_fail(work->call, NEPH_CONFLICT, "volume \"%s\" is %s: no node has it",
                         sim_id(volume), sim_condition_name(volume));
    if (from && !sim_is(volume, NEPH_VOLUME_NODE, from))
        return neph_fail(work->call, NEPH_CONFLICT, "volume \"%s\" is attached to node \"%s\"",
                         sim_id(volume), sim_get(volume, NEPH_VOLUME_NODE));
    if (condition == NEPH_VOLUME_DETACHING)
        return 0;
    if (condition != NEPH_VOLUME_IN_USE && !is_forced)
        return conflict(work, volume);
    return sim_begin(work, volume, NEPH_VOLUME_DETACHING);
}

/* ---- results */

int32_t sim_volume_show(sim_work *work, const sim_thing *volume, neph_record *record)
{
    static const struct {
        int32_t volume;
        int32_t attachment;
    } states[] = {
        {NEPH_VOLUME_ATTACHING, NEPH_ATTACHMENT_ATTACHING},
        {NEPH_VOLUME_IN_USE, NEPH_ATTACHMENT_ATTACHED},
        {NEPH_VOLUME_RESIZING, NEPH_ATTACHMENT_ATTACHED},
        {NEPH_VOLUME_DETACHING, NEPH_ATTACHMENT_DETACHING},
    };
    (void)work;
    if (!sim_get(volume, NEPH_VOLUME_NODE))
        return 0;
    for (size_t i = 0; i < NEPH_COUNT(states); i++)
        if (states[i].volume == sim_condition(volume))
            return neph_record_set_integer(record, NEPH_VOLUME_ATTACHMENT_STATE,
                                           states[i].attachment);
    return 0;
}
