/*
 * core/sync/erase.c - what the source has not is deleted from the destination, after all is copied: in batches where the
 * cloud has such, else one by one, several at a time.
 */
#include "core/sync/sync.h"

#include "core/call.h"

#include <stdlib.h>
#include <string.h>

#define BATCHES 4 /* at a time, at most */
#define BATCH_KEYS ((size_t)1000)
#define BATCH_BYTES ((size_t)16 << 20)
#define SLICE_NAMES 64 /* before the host gets its turn */

/* Keys that one call deletes. */
struct nephi_batch {
    neph_sync *sync;
    neph_call *call;   /* NULL: it has nothing to do */
    nephi_buffer text; /* the keys, each with its NUL */
    const char **keys; /* in byte order */
    char *is_told;     /* of each: it failed, and that was said */
    size_t count;
};

int nephi_erase_note(neph_sync *sync, const nephi_item *item)
{
    nephi_item name;
    nephi_item_name(&name, item->name, item->name_size, item->kind);
    name.size_bytes = item->size_bytes;
    return nephi_run_add(&sync->erasing.names, &name, &sync->error);
}

static void end(neph_sync *sync, int rc, const nephi_error *error)
{
    if (rc)
        nephi_tell_end(sync, error);
    sync->erasing.is_read = 1;
}

/* The next name. 0: there are no more, or there is a failure. */
static int name_take(neph_sync *sync, nephi_item *item)
{
    nephi_error error;
    int rc;
    if (sync->erasing.is_read)
        return 0;
    nephi_error_clear(&error);
    rc = nephi_run_next(&sync->erasing.names, item, &error);
    if (rc != 1)
        end(sync, rc, &error);
    return rc == 1;
}

/* ---- files, and what would be deleted */

static void file_erase(neph_sync *sync, const nephi_item *item)
{
    nephi_error error;
    nephi_tell(sync, NEPH_SYNC_DELETE, 0, item);
    nephi_error_clear(&error);
    if (sync->is_cancelled)
        return;
    if (sync->options.dry_run || !nephi_folder_remove(&sync->folders[NEPHI_TO], item->name, &error))
        nephi_tell(sync, NEPH_SYNC_DELETE, 1, item);
    else
        nephi_tell_failure(sync, NEPH_SYNC_DELETE, item, nephi_error_view(&error));
}

static int files_erase(neph_sync *sync)
{
    nephi_item item;
    for (int i = 0; i < SLICE_NAMES && !sync->is_cancelled && name_take(sync, &item); i++)
        file_erase(sync, &item);
    nephi_sync_wake(sync);
    return sync->erasing.is_read;
}

/* ---- objects: a batch */

static void key_item(const neph_sync *sync, const char *key, nephi_item *item)
{
    const char *name = key + strlen(sync->ends[NEPHI_TO].key);
    nephi_item_name(item, name, strlen(name), NEPHI_ITEM_FILE);
}

static void batch_give(nephi_batch *batch)
{
    neph_call_free(batch->call);
    batch->call = NULL;
    batch->sync->erasing.busy--;
    nephi_sync_wake(batch->sync);
}

static void batch_end(nephi_batch *batch, const neph_error *error)
{
    neph_sync *sync = batch->sync;
    int is_gone = !error->status || error->status == NEPH_NOT_FOUND;
    nephi_sync_enter(sync);
    for (size_t i = 0; i < batch->count; i++) {
        nephi_item item;
        key_item(sync, batch->keys[i], &item);
        if (batch->is_told[i])
            continue;
        if (is_gone)
            nephi_tell(sync, NEPH_SYNC_DELETE, 1, &item);
        else
            nephi_tell_failure(sync, NEPH_SYNC_DELETE, &item, error);
    }
    batch_give(batch);
    nephi_sync_leave(sync);
}

static void on_batch(neph_call *call, int status, void *user)
{
    (void)status;
    batch_end(user, neph_call_error(call));
}

static int key_compare(const void *key, const void *place)
{
    return strcmp(key, *(const char *const *)place);
}

/* One of the batch could not be deleted. */
static void on_failure(neph_call *call, const neph_result *result, void *user)
{
    nephi_batch *batch = user;
    const neph_object *object = (const neph_object *)result;
    const char **place;
    nephi_item item;
    (void)call;
    if (result->kind != NEPH_KIND_OBJECT || !result->error || !object->key ||
        result->error->status == NEPH_NOT_FOUND)
        return;
    place = bsearch(object->key, batch->keys, batch->count, sizeof *batch->keys, key_compare);
    if (!place || batch->is_told[place - batch->keys])
        return;
    batch->is_told[place - batch->keys] = 1;
    key_item(batch->sync, *place, &item);
    nephi_sync_enter(batch->sync);
    nephi_tell_failure(batch->sync, NEPH_SYNC_DELETE, &item, result->error);
    nephi_sync_leave(batch->sync);
}

static int key_add(nephi_batch *batch, const nephi_item *item)
{
    const char *prefix = batch->sync->ends[NEPHI_TO].key;
    int rc = nephi_buffer_text(&batch->text, prefix);
    return rc ? rc : nephi_buffer_add(&batch->text, item->name, item->name_size + 1);
}

/* Takes names until the batch is full. 0 or NEPH_NO_MEMORY. */
static int batch_fill(nephi_batch *batch)
{
    neph_sync *sync = batch->sync;
    const char *at;
    nephi_item item;
    int rc = 0;
    batch->count = 0;
    nephi_buffer_clear(&batch->text);
    while (!rc && batch->count < sync->erasing.batch_keys && name_take(sync, &item)) {
        rc = key_add(batch, &item);
        batch->count++;
        nephi_tell(sync, NEPH_SYNC_DELETE, 0, &item);
    }
    at = nephi_buffer_string(&batch->text);
    for (size_t i = 0; !rc && i < batch->count; i++, at += strlen(at) + 1) {
        batch->keys[i] = at;
        batch->is_told[i] = 0;
    }
    return rc;
}

static void batch_start(nephi_batch *batch)
{
    neph_sync *sync = batch->sync;
    const neph_end *to = &sync->ends[NEPHI_TO];
    sync->erasing.busy++;
    batch->call = sync->erasing.batch_keys > 1
                      ? neph_object_delete_many(to->cloud, to->bucket, batch->keys, batch->count)
                      : neph_object_delete(to->cloud, to->bucket, batch->keys[0]);
    if (batch->call == &nephi_call_no_memory) {
        batch_end(batch, neph_call_error(batch->call));
        return;
    }
    neph_on_result(batch->call, on_failure, batch);
    neph_on_done(batch->call, on_batch, batch);
}

static int batches_run(neph_sync *sync)
{
    nephi_erasing *erasing = &sync->erasing;
    for (int32_t i = 0; i < erasing->batch_count && !sync->is_cancelled; i++) {
        nephi_batch *batch = &erasing->batches[i];
        nephi_error error;
        if (batch->call)
            continue;
        if (batch_fill(batch)) {
            nephi_error_clear(&error);
            end(sync, nephi_fail_memory(&error), &error);
            break;
        }
        if (!batch->count || sync->is_cancelled)
            break;
        batch_start(batch);
    }
    return erasing->is_read && !erasing->busy;
}

/* ---- objects: begun */

static int batch_init(neph_sync *sync, nephi_batch *batch)
{
    const nephi_memory *memory = &sync->host->memory;
    size_t count = sync->erasing.batch_keys;
    batch->sync = sync;
    nephi_buffer_init(&batch->text, memory, BATCH_BYTES);
    batch->keys = nephi_alloc_array(memory, count, sizeof *batch->keys);
    batch->is_told = nephi_alloc(memory, count);
    return batch->keys && batch->is_told ? 0 : NEPH_NO_MEMORY;
}

static int batches_make(neph_sync *sync, size_t keys)
{
    nephi_erasing *erasing = &sync->erasing;
    int32_t count = sync->options.jobs;
    int rc = 0;
    if (keys > 1 && count > BATCHES)
        count = BATCHES;
    erasing->batch_keys = keys;
    erasing->batches =
        nephi_alloc_array(&sync->host->memory, (size_t)count, sizeof *erasing->batches);
    if (!erasing->batches)
        return NEPH_NO_MEMORY;
    erasing->batch_count = count;
    for (int32_t i = 0; !rc && i < count; i++)
        rc = batch_init(sync, &erasing->batches[i]);
    return rc;
}

static void keys_known(neph_sync *sync, size_t keys)
{
    nephi_error error;
    nephi_error_clear(&error);
    if (batches_make(sync, keys))
        end(sync, nephi_fail_memory(&error), &error);
    nephi_sync_wake(sync);
}

static void on_limits(neph_call *call, int status, void *user)
{
    neph_sync *sync = user;
    const neph_limits *limits = (const neph_limits *)neph_call_result(call);
    size_t keys = BATCH_KEYS;
    sync->erasing.limits = NULL;
    if (!status && limits && limits->delete_count > 0 && limits->delete_count < (int64_t)keys)
        keys = (size_t)limits->delete_count;
    keys_known(sync, keys);
    neph_call_free(call);
}

/* Where the host itself would delete them one by one, it knows nothing of how many at a time are asked for. */
static int has_batches(const neph_cloud *cloud)
{
    const nephi_action *action = nephi_provider_action(cloud->provider, NEPH_OP_OBJECT_DELETE_MANY);
    return action && !(action->table.traits & NEPH_EACH);
}

static void keys_ask(neph_sync *sync)
{
    neph_cloud *cloud = sync->ends[NEPHI_TO].cloud;
    neph_call *call;
    if (!has_batches(cloud)) {
        keys_known(sync, 1);
        return;
    }
    call = neph_storage_limits(cloud);
    if (call == &nephi_call_no_memory) {
        keys_known(sync, 1);
        return;
    }
    sync->erasing.limits = call;
    neph_on_done(call, on_limits, sync);
}

/* ---- all of it */

/* Is there something to delete, and may it be? */
static int may_begin(neph_sync *sync)
{
    int64_t count = sync->erasing.names.count;
    nephi_error error;
    nephi_error_clear(&error);
    if (count && sync->is_partial) {
        nephi_log(sync->host, NEPH_LOG_WARNING, 0,
                  "nothing is deleted, because not all could be listed");
        return 0;
    }
    if (sync->options.max_delete >= 0 && count > sync->options.max_delete) {
        nephi_fail(&error, NEPH_LIMIT,
                   "%lld deletions are wanted, more than the %lld allowed: none was begun",
                   (long long)count, (long long)sync->options.max_delete);
        nephi_tell_end(sync, &error);
        return 0;
    }
    if (count && nephi_run_rewind(&sync->erasing.names, &error)) {
        nephi_tell_end(sync, &error);
        return 0;
    }
    return count > 0;
}

int nephi_erase(neph_sync *sync)
{
    nephi_erasing *erasing = &sync->erasing;
    if (!erasing->is_begun) {
        erasing->is_begun = 1;
        erasing->is_read = !may_begin(sync);
    }
    if (erasing->is_read && !erasing->busy)
        return 1;
    if (sync->options.dry_run || !sync->ends[NEPHI_TO].cloud)
        return files_erase(sync);
    if (!erasing->batches && !erasing->limits)
        keys_ask(sync);
    return erasing->batches ? batches_run(sync) : erasing->is_read;
}

void nephi_erase_stop(neph_sync *sync)
{
    nephi_erasing *erasing = &sync->erasing;
    const nephi_memory *memory = &sync->host->memory;
    neph_call_free(erasing->limits);
    erasing->limits = NULL;
    for (int32_t i = 0; i < erasing->batch_count; i++) {
        nephi_batch *batch = &erasing->batches[i];
        neph_call_free(batch->call);
        nephi_buffer_fini(&batch->text);
        nephi_free(memory, batch->keys);
        nephi_free(memory, batch->is_told);
    }
    nephi_free(memory, erasing->batches);
    erasing->batches = NULL;
    erasing->batch_count = erasing->busy = 0;
}
