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
        return sim_conflict(work, volume);
    if (sim_set_number(&work->state, snapshot, NEPH_SNAPSHOT_SIZE_BYTES,
                       sim_get_number(volume, NEPH_VOLUME_SIZE_BYTES)))
        return sim_no_memory(work);
    return sim_begin(work, snapshot, NEPH_SNAPSHOT_PENDING);
}

int32_t sim_snapshot_show(sim_work *work, const sim_thing *snapshot, neph_record *record)
{
    return neph_record_set_integer(record, NEPH_SNAPSHOT_PROGRESS,
                                   sim_life_progress(snapshot, work->now_ns));
}
