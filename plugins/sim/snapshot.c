/*
 * snapshot.c - snapshots of volumes.
 */
#include "sim.h"

int32_t sim_snapshot_create(sim_work *work, sim_thing *snapshot)
{
    sim_thing *volume;
    int64_t condition;
    int32_t rc = sim_need(work, NEPH_KIND_VOLUME, sim_get(snapshot, NEPH_SNAPSHOT_VOLUME), &volume);
    if (rc)
        return rc;
    condition = sim_condition(volume);
    if (condition == NEPH_VOLUME_CREATING || condition == NEPH_VOLUME_DELETING)
        return neph_fail(work->call, NEPH_CONFLICT, "volume \"%s\" is %s", sim_id(volume),
                         sim_condition_name(volume));
    if (sim_set_number(&work->state, snapshot, NEPH_SNAPSHOT_SIZE_BYTES,
                       sim_get_number(volume, NEPH_VOLUME_SIZE_BYTES)))
        return sim_no_memory(work);
    return sim_begin(work, snapshot, NEPH_SNAPSHOT_PENDING);
}

/* Volumes filled from it stay. */
int32_t sim_snapshot_delete(sim_work *work, sim_thing *snapshot)
{
    (void)work;
    snapshot->is_gone = 1;
    return 0;
}

int32_t sim_snapshot_show(sim_work *work, const sim_thing *snapshot, neph_record *record)
{
    return neph_record_set_integer(record, NEPH_SNAPSHOT_PROGRESS,
                                   sim_life_progress(snapshot, work->now_ns));
}
