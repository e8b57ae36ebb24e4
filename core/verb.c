/*
 * core/verb.c - the verbs of neph.h: each makes a call, fills in its arguments and starts it. No logic of its own.
 */
#include "core/call.h"

static neph_call *started(neph_call *call)
{
    neph_call_start(call);
    return call;
}

static neph_call *with_id(neph_cloud *cloud, uint32_t op, int32_t member, const char *id)
{
    neph_call *call = neph_call_new(cloud, op);
    neph_call_set_string(call, member, id);
    return call;
}

static neph_call *listing(neph_call *call, const neph_list_options *options)
{
    if (options && options->limit > 0)
        neph_call_set_integer(call, NEPH_LIST_LIMIT, options->limit);
    if (options) {
        neph_call_set_string(call, NEPH_LIST_PREFIX, options->prefix);
        neph_call_set_string(call, NEPH_LIST_DELIMITER, options->delimiter);
        neph_call_set_string(call, NEPH_LIST_START_AFTER, options->start_after);
    }
    return started(call);
}

static neph_call *with_object(neph_cloud *cloud, uint32_t op, const char *bucket, const char *key)
{
    neph_call *call = with_id(cloud, op, NEPH_OBJECT_BUCKET, bucket);
    neph_call_set_string(call, NEPH_OBJECT_KEY, key);
    return call;
}

neph_call *neph_node_list(neph_cloud *cloud, const neph_list_options *options)
{
    return listing(neph_call_new(cloud, NEPH_OP_NODE_LIST), options);
}

neph_call *neph_node_show(neph_cloud *cloud, const char *id)
{
    return started(with_id(cloud, NEPH_OP_NODE_SHOW, NEPH_NODE_ID, id));
}

neph_call *neph_node_create(neph_cloud *cloud, const neph_node_options *options)
{
    neph_call *call = neph_call_new(cloud, NEPH_OP_NODE_CREATE);
    if (options) {
        neph_call_set_string(call, NEPH_NODE_NAME, options->name);
        neph_call_set_string(call, NEPH_NODE_IMAGE, options->image_id);
        neph_call_set_string(call, NEPH_NODE_SIZE, options->size_id);
        neph_call_set_string(call, NEPH_NODE_LOCATION, options->location_id);
        neph_call_set_string(call, NEPH_LOGIN_NAME, options->username);
        neph_call_set_string(call, NEPH_NODE_PASSWORD, options->password);
        neph_call_set_string(call, NEPH_LOGIN_KEY, options->public_key);
    }
    return started(call);
}

neph_call *neph_node_destroy(neph_cloud *cloud, const char *id)
{
    return started(with_id(cloud, NEPH_OP_NODE_DESTROY, NEPH_NODE_ID, id));
}

neph_call *neph_node_reboot(neph_cloud *cloud, const char *id)
{
    return started(with_id(cloud, NEPH_OP_NODE_REBOOT, NEPH_NODE_ID, id));
}

neph_call *neph_image_list(neph_cloud *cloud, const neph_list_options *options)
{
    return listing(neph_call_new(cloud, NEPH_OP_IMAGE_LIST), options);
}

neph_call *neph_size_list(neph_cloud *cloud, const neph_list_options *options)
{
    return listing(neph_call_new(cloud, NEPH_OP_SIZE_LIST), options);
}

neph_call *neph_location_list(neph_cloud *cloud, const neph_list_options *options)
{
    return listing(neph_call_new(cloud, NEPH_OP_LOCATION_LIST), options);
}

neph_call *neph_bucket_list(neph_cloud *cloud, const neph_list_options *options)
{
    return listing(neph_call_new(cloud, NEPH_OP_BUCKET_LIST), options);
}

neph_call *neph_bucket_create(neph_cloud *cloud, const char *bucket)
{
    return started(with_id(cloud, NEPH_OP_BUCKET_CREATE, NEPH_BUCKET_NAME, bucket));
}

neph_call *neph_bucket_delete(neph_cloud *cloud, const char *bucket)
{
    return started(with_id(cloud, NEPH_OP_BUCKET_DELETE, NEPH_BUCKET_NAME, bucket));
}

neph_call *neph_object_list(neph_cloud *cloud, const char *bucket, const neph_list_options *options)
{
    return listing(with_id(cloud, NEPH_OP_OBJECT_LIST, NEPH_OBJECT_BUCKET, bucket), options);
}

neph_call *neph_object_head(neph_cloud *cloud, const char *bucket, const char *key)
{
    return started(with_object(cloud, NEPH_OP_OBJECT_HEAD, bucket, key));
}

neph_call *neph_object_get(neph_cloud *cloud, const char *bucket, const char *key,
                           const neph_sink *sink, const neph_get_options *options)
{
    neph_call *call = with_object(cloud, NEPH_OP_OBJECT_GET, bucket, key);
    neph_call_set_sink(call, sink);
    if (options && options->offset)
        neph_call_set_integer(call, NEPH_RANGE_OFFSET, options->offset);
    if (options && options->length > 0)
        neph_call_set_integer(call, NEPH_RANGE_LENGTH, options->length);
    return started(call);
}

neph_call *neph_object_put(neph_cloud *cloud, const char *bucket, const char *key,
                           const neph_source *source, const neph_put_options *options)
{
    neph_call *call = with_object(cloud, NEPH_OP_OBJECT_PUT, bucket, key);
    neph_call_set_source(call, source);
    if (options) {
        neph_call_set_string(call, NEPH_OBJECT_CONTENT_TYPE, options->content_type);
        neph_call_set_string(call, NEPH_OBJECT_CLASS, options->storage_class);
        if (options->metadata_count)
            neph_call_set_pairs(call, NEPH_OBJECT_METADATA, options->metadata,
                                options->metadata_count);
    }
    return started(call);
}

neph_call *neph_object_copy(neph_cloud *cloud, const char *from_bucket, const char *from_key,
                            const char *bucket, const char *key)
{
    neph_call *call = with_object(cloud, NEPH_OP_OBJECT_COPY, bucket, key);
    neph_call_set_string(call, NEPH_COPY_BUCKET, from_bucket);
    neph_call_set_string(call, NEPH_COPY_KEY, from_key);
    return started(call);
}

neph_call *neph_object_delete(neph_cloud *cloud, const char *bucket, const char *key)
{
    return started(with_object(cloud, NEPH_OP_OBJECT_DELETE, bucket, key));
}

neph_call *neph_object_presign(neph_cloud *cloud, const char *bucket, const char *key,
                               const char *method, int64_t seconds)
{
    neph_call *call = with_object(cloud, NEPH_OP_OBJECT_PRESIGN, bucket, key);
    neph_call_set_string(call, NEPH_PRESIGN_METHOD, method);
    if (seconds > 0)
        neph_call_set_integer(call, NEPH_PRESIGN_SECONDS, seconds);
    return started(call);
}

/* ---- results by kind */

const neph_node *neph_next_node(neph_call *call)
{
    return (const neph_node *)neph_next_kind(call, NEPH_KIND_NODE);
}

const neph_image *neph_next_image(neph_call *call)
{
    return (const neph_image *)neph_next_kind(call, NEPH_KIND_IMAGE);
}

const neph_size *neph_next_size(neph_call *call)
{
    return (const neph_size *)neph_next_kind(call, NEPH_KIND_SIZE);
}

const neph_location *neph_next_location(neph_call *call)
{
    return (const neph_location *)neph_next_kind(call, NEPH_KIND_LOCATION);
}

const neph_bucket *neph_next_bucket(neph_call *call)
{
    return (const neph_bucket *)neph_next_kind(call, NEPH_KIND_BUCKET);
}

const neph_object *neph_next_object(neph_call *call)
{
    return (const neph_object *)neph_next_kind(call, NEPH_KIND_OBJECT);
}
