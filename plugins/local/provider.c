/*
 * provider.c - storage in a directory: settings and actions. There is no server: each action performs in slices. The
 * actions stand in bucket.c, object.c, list.c, upload.c, part.c, complete.c and storage.c; how keys become files in path.c, how
 * bytes get there in transfer.c, what is kept about them in meta.c.
 */
#include "local.h"

/* ---- settings */

static const neph_origin root_origins[] = {{NEPH_FROM_ENVIRONMENT, 0, "NEPH_LOCAL_ROOT"}};

static const neph_setting settings[] = {
    {
        .name = "root",
        .summary = "directory whose directories are the buckets",
        .type = NEPH_TYPE_STRING,
        .flags = NEPH_SETTING_REQUIRED,
        NEPH_ORIGINS(root_origins),
    },
};

/* ---- actions */

static const int32_t list_takes[] = {NEPH_LIST_LIMIT};
static const int32_t object_list_takes[] = {NEPH_LIST_LIMIT, NEPH_LIST_PREFIX, NEPH_LIST_DELIMITER,
                                            NEPH_LIST_START_AFTER};
static const int32_t object_head_takes[] = {NEPH_IF_MATCH, NEPH_IF_NONE_MATCH};
static const int32_t object_get_takes[] = {NEPH_RANGE_OFFSET, NEPH_RANGE_LENGTH, NEPH_IF_MATCH,
                                           NEPH_IF_NONE_MATCH};
static const int32_t object_put_takes[] = {NEPH_OBJECT_CONTENT_TYPE, NEPH_OBJECT_METADATA,
                                           NEPH_OBJECT_LOCAL_MODIFIED, NEPH_IF_MATCH,
                                           NEPH_IF_NONE_MATCH};
static const int32_t object_copy_takes[] = {NEPH_OBJECT_CONTENT_TYPE,   NEPH_OBJECT_METADATA,
                                            NEPH_OBJECT_LOCAL_MODIFIED, NEPH_IF_MATCH,
                                            NEPH_IF_NONE_MATCH,         NEPH_COPY_IF_MATCH};
static const int32_t object_delete_takes[] = {NEPH_IF_MATCH};
static const int32_t upload_list_takes[] = {NEPH_LIST_PREFIX};
static const int32_t upload_begin_takes[] = {NEPH_OBJECT_CONTENT_TYPE, NEPH_OBJECT_METADATA,
                                             NEPH_OBJECT_LOCAL_MODIFIED};
static const int32_t upload_copy_takes[] = {NEPH_RANGE_OFFSET, NEPH_RANGE_LENGTH,
                                            NEPH_COPY_IF_MATCH};
static const int32_t upload_complete_takes[] = {
    NEPH_OBJECT_CONTENT_TYPE, NEPH_OBJECT_METADATA, NEPH_OBJECT_LOCAL_MODIFIED,
    NEPH_OBJECT_CHECKSUM,     NEPH_IF_MATCH,        NEPH_IF_NONE_MATCH};

static const neph_action actions[] = {
    {
        .op = NEPH_OP_BUCKET_LIST,
        .traits = NEPH_SAFE,
        NEPH_TAKES(list_takes),
        .perform = local_bucket_list,
        .finish = local_bucket_list_finish,
    },
    {
        .op = NEPH_OP_BUCKET_CREATE,
        .perform = local_bucket_create,
    },
    {
        .op = NEPH_OP_BUCKET_DELETE,
        .traits = NEPH_IDEMPOTENT,
        .perform = local_bucket_delete,
    },
    {
        .op = NEPH_OP_OBJECT_LIST,
        .traits = NEPH_SAFE,
        NEPH_TAKES(object_list_takes),
        .perform = local_object_list,
        .finish = local_object_list_finish,
    },
    {
        .op = NEPH_OP_OBJECT_HEAD,
        .traits = NEPH_SAFE,
        NEPH_TAKES(object_head_takes),
        .perform = local_object_head,
        .finish = local_transfer_finish,
    },
    {
        .op = NEPH_OP_OBJECT_GET,
        .traits = NEPH_SAFE,
        NEPH_TAKES(object_get_takes),
        .perform = local_object_get,
        .finish = local_transfer_finish,
    },
    {
        .op = NEPH_OP_OBJECT_PUT,
        .traits = NEPH_IDEMPOTENT,
        NEPH_TAKES(object_put_takes),
        .perform = local_object_put,
        .finish = local_transfer_finish,
    },
    {
        .op = NEPH_OP_OBJECT_COPY,
        .traits = NEPH_IDEMPOTENT,
        NEPH_TAKES(object_copy_takes),
        .perform = local_object_copy,
        .finish = local_transfer_finish,
    },
    {
        .op = NEPH_OP_OBJECT_DELETE,
        .traits = NEPH_IDEMPOTENT,
        NEPH_TAKES(object_delete_takes),
        .perform = local_object_delete,
        .finish = local_transfer_finish,
    },
    {
        .op = NEPH_OP_OBJECT_DELETE_MANY,
        .traits = NEPH_IDEMPOTENT,
        .perform = local_object_delete_many,
        .finish = local_object_delete_many_finish,
    },
    {
        .op = NEPH_OP_UPLOAD_LIST,
        .traits = NEPH_SAFE,
        NEPH_TAKES(upload_list_takes),
        .perform = local_upload_list,
        .finish = local_upload_list_finish,
    },
    {
        .op = NEPH_OP_UPLOAD_BEGIN,
        NEPH_TAKES(upload_begin_takes),
        .perform = local_upload_begin,
    },
    {
        .op = NEPH_OP_UPLOAD_PART,
        .traits = NEPH_IDEMPOTENT,
        .perform = local_upload_part,
        .finish = local_transfer_finish,
    },
    {
        .op = NEPH_OP_UPLOAD_COPY,
        .traits = NEPH_IDEMPOTENT,
        NEPH_TAKES(upload_copy_takes),
        .perform = local_upload_copy,
        .finish = local_transfer_finish,
    },
    {
        .op = NEPH_OP_UPLOAD_PARTS,
        .traits = NEPH_SAFE,
        .perform = local_upload_parts,
        .finish = local_upload_parts_finish,
    },
    {
        .op = NEPH_OP_UPLOAD_COMPLETE,
        NEPH_TAKES(upload_complete_takes),
        .perform = local_upload_complete,
        .finish = local_upload_complete_finish,
    },
    {
        .op = NEPH_OP_UPLOAD_ABORT,
        .traits = NEPH_IDEMPOTENT,
        .perform = local_upload_abort,
    },
    {
        .op = NEPH_OP_STORAGE_LIMITS,
        .traits = NEPH_SAFE,
        .perform = local_storage_limits,
    },
};

/* What one of many that could not be deleted says. */
static const neph_fault faults[] = {
#define FAULT(error, status, text) {#error, 0, status, NEPH_RETRY_PERMANENT, 0},
    LOCAL_FAILURES(FAULT)
#undef FAULT
};

/* ---- hooks */

static int32_t local_open(neph_cloud *cloud)
{
    if (!neph_setting_string(cloud, "root")[0])
        return neph_fail(cloud, NEPH_INVALID, "set root: the name of the directory is empty");
    return 0;
}

static const neph_provider provider = {
    .size = sizeof(neph_provider),
    .id = "local",
    .title = "Files in a local directory",
    NEPH_SETTINGS(settings),
    NEPH_ACTIONS(actions),
    NEPH_FAULTS(faults),
    .open = local_open,
};

static const neph_provider *const providers[] = {&provider};
NEPH_PLUGIN(local, "0.1.0", "neph-plugin-local", providers);
