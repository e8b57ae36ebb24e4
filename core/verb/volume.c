/*
 * core/verb/volume.c - volumes and their snapshots.
 */
#include "core/verb/verb.h"

/* ---- volume */

neph_call *neph_volume_list(neph_cloud *cloud, const neph_list_options *options)
{
    return nephi_verb_list(neph_call_new(cloud, NEPH_OP_VOLUME_LIST), options);
}

neph_call *neph_volume_show(neph_cloud *cloud, const char *id)
{
    return nephi_verb_start(nephi_verb_about(cloud, NEPH_OP_VOLUME_SHOW, NEPH_VOLUME_ID, id));
}

neph_call *neph_volume_create(neph_cloud *cloud, const neph_volume_options *options)
{
    neph_call *call = neph_call_new(cloud, NEPH_OP_VOLUME_CREATE);
    if (options) {
        neph_call_set_string(call, NEPH_VOLUME_NAME, options->name);
        nephi_verb_positive(call, NEPH_VOLUME_SIZE_BYTES, options->size_bytes);
        neph_call_set_string(call, NEPH_VOLUME_LOCATION, options->location_id);
        neph_call_set_string(call, NEPH_VOLUME_TYPE, options->type);
        nephi_verb_positive(call, NEPH_VOLUME_IOPS, options->iops);
        nephi_verb_positive(call, NEPH_VOLUME_ENCRYPTED, options->is_encrypted);
        neph_call_set_string(call, NEPH_VOLUME_SNAPSHOT, options->snapshot_id);
        nephi_verb_pairs(call, NEPH_VOLUME_TAGS, options->tags, options->tag_count);
        neph_call_set_string(call, NEPH_TOKEN, options->token);
        nephi_verb_wait(call, options->wait);
    }
    return nephi_verb_start(call);
}

neph_call *neph_volume_delete(neph_cloud *cloud, const char *id, const neph_wait_options *wait)
{
    return nephi_verb_start_waiting(
        nephi_verb_about(cloud, NEPH_OP_VOLUME_DELETE, NEPH_VOLUME_ID, id), wait);
}

neph_call *neph_volume_attach(neph_cloud *cloud, const char *id, const char *node_id,
                              const char *device, const neph_wait_options *wait)
{
    neph_call *call = nephi_verb_about(cloud, NEPH_OP_VOLUME_ATTACH, NEPH_VOLUME_ID, id);
    neph_call_set_string(call, NEPH_VOLUME_NODE, node_id);
    neph_call_set_string(call, NEPH_VOLUME_DEVICE, device);
    return nephi_verb_start_waiting(call, wait);
}

neph_call *neph_volume_detach(neph_cloud *cloud, const char *id, int force,
                              const neph_wait_options *wait)
{
    neph_call *call = nephi_verb_about(cloud, NEPH_OP_VOLUME_DETACH, NEPH_VOLUME_ID, id);
    if (force)
        neph_call_set_integer(call, NEPH_FORCE, 1);
    if (wait)
        nephi_verb_positive(call, NEPH_WAIT_SECONDS, wait->wait_seconds);
    return nephi_verb_start(call);
}

neph_call *neph_volume_resize(neph_cloud *cloud, const char *id, int64_t size_bytes)
{
    neph_call *call = nephi_verb_about(cloud, NEPH_OP_VOLUME_RESIZE, NEPH_VOLUME_ID, id);
    neph_call_set_integer(call, NEPH_VOLUME_SIZE_BYTES, size_bytes);
    return nephi_verb_start(call);
}

/* ---- snapshot */

neph_call *neph_snapshot_list(neph_cloud *cloud, const neph_list_options *options)
{
    return nephi_verb_list(neph_call_new(cloud, NEPH_OP_SNAPSHOT_LIST), options);
}

neph_call *neph_snapshot_show(neph_cloud *cloud, const char *id)
{
    return nephi_verb_start(nephi_verb_about(cloud, NEPH_OP_SNAPSHOT_SHOW, NEPH_SNAPSHOT_ID, id));
}

neph_call *neph_snapshot_create(neph_cloud *cloud, const char *volume_id, const char *name,
                                const neph_label_options *options)
{
    neph_call *call =
        nephi_verb_about(cloud, NEPH_OP_SNAPSHOT_CREATE, NEPH_SNAPSHOT_VOLUME, volume_id);
    neph_call_set_string(call, NEPH_SNAPSHOT_NAME, name);
    nephi_verb_label(call, NEPH_SNAPSHOT_DESCRIPTION, NEPH_SNAPSHOT_TAGS, options);
    return nephi_verb_start(call);
}

neph_call *neph_snapshot_delete(neph_cloud *cloud, const char *id)
{
    return nephi_verb_start(nephi_verb_about(cloud, NEPH_OP_SNAPSHOT_DELETE, NEPH_SNAPSHOT_ID, id));
}
