/*
 * core/verb/storage.c - buckets, objects, objects in parts.
 */
#include "core/verb/verb.h"

static neph_call *with_object(neph_cloud *cloud, uint32_t op, const char *bucket, const char *key)
{
    neph_call *call = nephi_verb_about(cloud, op, NEPH_OBJECT_BUCKET, bucket);
    neph_call_set_string(call, NEPH_OBJECT_KEY, key);
    return call;
}

/* ---- bucket and object */

neph_call *neph_bucket_list(neph_cloud *cloud, const neph_list_options *options)
{
    return nephi_verb_list(neph_call_new(cloud, NEPH_OP_BUCKET_LIST), options);
}

neph_call *neph_bucket_create(neph_cloud *cloud, const char *bucket)
{
    return nephi_verb_start(
        nephi_verb_about(cloud, NEPH_OP_BUCKET_CREATE, NEPH_BUCKET_NAME, bucket));
}

neph_call *neph_bucket_delete(neph_cloud *cloud, const char *bucket)
{
    return nephi_verb_start(
        nephi_verb_about(cloud, NEPH_OP_BUCKET_DELETE, NEPH_BUCKET_NAME, bucket));
}

neph_call *neph_object_list(neph_cloud *cloud, const char *bucket, const neph_list_options *options)
{
    return nephi_verb_list(nephi_verb_about(cloud, NEPH_OP_OBJECT_LIST, NEPH_OBJECT_BUCKET, bucket),
                           options);
}

neph_call *neph_object_head(neph_cloud *cloud, const char *bucket, const char *key)
{
    return nephi_verb_start(with_object(cloud, NEPH_OP_OBJECT_HEAD, bucket, key));
}

neph_call *neph_object_get(neph_cloud *cloud, const char *bucket, const char *key,
                           const neph_sink *sink, const neph_get_options *options)
{
    neph_call *call = with_object(cloud, NEPH_OP_OBJECT_GET, bucket, key);
    neph_call_set_sink(call, sink);
    if (options && options->offset)
        neph_call_set_integer(call, NEPH_RANGE_OFFSET, options->offset);
    if (options) {
        nephi_verb_positive(call, NEPH_RANGE_LENGTH, options->length);
        neph_call_set_string(call, NEPH_OBJECT_VERSION, options->version);
        neph_call_set_string(call, NEPH_IF_MATCH, options->if_match);
        neph_call_set_string(call, NEPH_IF_NONE_MATCH, options->if_none_match);
        neph_call_set_string(call, NEPH_CHECKSUM, options->checksum);
    }
    return nephi_verb_start(call);
}

/* What an object shall be known by. */
static void set_facts(neph_call *call, const neph_put_options *options)
{
    if (!options)
        return;
    neph_call_set_string(call, NEPH_OBJECT_CONTENT_TYPE, options->content_type);
    neph_call_set_string(call, NEPH_OBJECT_CLASS, options->storage_class);
    nephi_verb_pairs(call, NEPH_OBJECT_METADATA, options->metadata, options->metadata_count);
    nephi_verb_positive(call, NEPH_OBJECT_LOCAL_MODIFIED, options->local_modified_ns);
}

static void set_conditions(neph_call *call, const neph_put_options *options)
{
    if (!options)
        return;
    neph_call_set_string(call, NEPH_IF_MATCH, options->if_match);
    neph_call_set_string(call, NEPH_IF_NONE_MATCH, options->if_none_match);
}

neph_call *neph_object_put(neph_cloud *cloud, const char *bucket, const char *key,
                           const neph_source *source, const neph_put_options *options)
{
    neph_call *call = with_object(cloud, NEPH_OP_OBJECT_PUT, bucket, key);
    neph_call_set_source(call, source);
    set_facts(call, options);
    set_conditions(call, options);
    if (options)
        neph_call_set_string(call, NEPH_CHECKSUM, options->checksum);
    return nephi_verb_start(call);
}

neph_call *neph_object_copy(neph_cloud *cloud, const char *from_bucket, const char *from_key,
                            const char *bucket, const char *key)
{
    neph_call *call = with_object(cloud, NEPH_OP_OBJECT_COPY, bucket, key);
    neph_call_set_string(call, NEPH_COPY_BUCKET, from_bucket);
    neph_call_set_string(call, NEPH_COPY_KEY, from_key);
    return nephi_verb_start(call);
}

neph_call *neph_object_delete(neph_cloud *cloud, const char *bucket, const char *key)
{
    return nephi_verb_start(with_object(cloud, NEPH_OP_OBJECT_DELETE, bucket, key));
}

neph_call *neph_object_presign(neph_cloud *cloud, const char *bucket, const char *key,
                               const char *method, int64_t seconds)
{
    neph_call *call = with_object(cloud, NEPH_OP_OBJECT_PRESIGN, bucket, key);
    neph_call_set_string(call, NEPH_PRESIGN_METHOD, method);
    nephi_verb_positive(call, NEPH_PRESIGN_SECONDS, seconds);
    return nephi_verb_start(call);
}

neph_call *neph_object_delete_many(neph_cloud *cloud, const char *bucket, const char *const *keys,
                                   size_t count)
{
    neph_call *call =
        nephi_verb_about(cloud, NEPH_OP_OBJECT_DELETE_MANY, NEPH_OBJECT_BUCKET, bucket);
    neph_call_set_strings(call, NEPH_OBJECT_KEYS, keys, count);
    return nephi_verb_start(call);
}

neph_call *neph_object_versions(neph_cloud *cloud, const char *bucket,
                                const neph_list_options *options)
{
    return nephi_verb_list(
        nephi_verb_about(cloud, NEPH_OP_OBJECT_VERSIONS, NEPH_OBJECT_BUCKET, bucket), options);
}

/* ---- upload, storage */

static neph_call *with_upload(neph_cloud *cloud, uint32_t op, const char *bucket, const char *key,
                              const char *upload)
{
    neph_call *call = with_object(cloud, op, bucket, key);
    neph_call_set_string(call, NEPH_UPLOAD_ID, upload);
    return call;
}

neph_call *neph_upload_list(neph_cloud *cloud, const char *bucket, const neph_list_options *options)
{
    return nephi_verb_list(nephi_verb_about(cloud, NEPH_OP_UPLOAD_LIST, NEPH_OBJECT_BUCKET, bucket),
                           options);
}

neph_call *neph_upload_begin(neph_cloud *cloud, const char *bucket, const char *key,
                             const neph_put_options *options)
{
    neph_call *call = with_object(cloud, NEPH_OP_UPLOAD_BEGIN, bucket, key);
    set_facts(call, options);
    if (options)
        neph_call_set_string(call, NEPH_CHECKSUM, options->checksum);
    return nephi_verb_start(call);
}

neph_call *neph_upload_part(neph_cloud *cloud, const char *bucket, const char *key,
                            const char *upload, int64_t number, const neph_source *source,
                            const char *checksum)
{
    neph_call *call = with_upload(cloud, NEPH_OP_UPLOAD_PART, bucket, key, upload);
    neph_call_set_integer(call, NEPH_PART_NUMBER, number);
    neph_call_set_source(call, source);
    neph_call_set_string(call, NEPH_CHECKSUM, checksum);
    return nephi_verb_start(call);
}

neph_call *neph_upload_parts(neph_cloud *cloud, const char *bucket, const char *key,
                             const char *upload)
{
    return nephi_verb_start(with_upload(cloud, NEPH_OP_UPLOAD_PARTS, bucket, key, upload));
}

neph_call *neph_upload_complete(neph_cloud *cloud, const char *bucket, const char *key,
                                const char *upload, const neph_pair *parts, size_t count,
                                const char *checksum, const neph_put_options *options)
{
    neph_call *call = with_upload(cloud, NEPH_OP_UPLOAD_COMPLETE, bucket, key, upload);
    neph_call_set_pairs(call, NEPH_UPLOAD_LISTED, parts, count);
    neph_call_set_string(call, NEPH_OBJECT_CHECKSUM, checksum);
    set_facts(call, options);
    set_conditions(call, options);
    return nephi_verb_start(call);
}

neph_call *neph_upload_abort(neph_cloud *cloud, const char *bucket, const char *key,
                             const char *upload)
{
    return nephi_verb_start(with_upload(cloud, NEPH_OP_UPLOAD_ABORT, bucket, key, upload));
}

neph_call *neph_storage_limits(neph_cloud *cloud)
{
    return nephi_verb_start(neph_call_new(cloud, NEPH_OP_STORAGE_LIMITS));
}
