/*
 * core/sync/tell.c - what becomes of each item, told and counted; the first failure is what the sync ends with, the others
 * do not stop it.
 */
#include "core/sync/sync.h"

#include <string.h>

static void event_send(neph_sync *sync, int32_t action, int is_done, const nephi_item *item,
                       const neph_error *error)
{
    const neph_sync_event event = {.size = sizeof event,
                                   .action = action,
                                   .is_done = is_done,
                                   .name = item->name,
                                   .size_bytes = item->size_bytes,
                                   .error = error};
    if (!sync->options.event || sync->is_cancelled)
        return;
    nephi_sync_enter(sync);
    sync->host->callback_depth++;
    sync->options.event(sync, &event, sync->options.event_user);
    sync->host->callback_depth--;
    nephi_sync_leave(sync);
}

void nephi_tell(neph_sync *sync, int32_t action, int is_done, const nephi_item *item)
{
    neph_sync_summary *count = &sync->summary;
    if (is_done && action == NEPH_SYNC_COPY) {
        count->copied_count++;
        if (item->size_bytes > 0)
            count->copied_bytes += item->size_bytes;
    }
    if (is_done && action == NEPH_SYNC_DELETE)
        count->deleted_count++;
    if (action == NEPH_SYNC_SAME)
        count->same_count++;
    if (action != NEPH_SYNC_SAME || sync->options.tells_same)
        event_send(sync, action, is_done, item, NULL);
}

void nephi_tell_would_copy(neph_sync *sync, const nephi_item *item)
{
    if (item->size_bytes > 0)
        sync->summary.total_bytes += item->size_bytes;
    nephi_tell(sync, NEPH_SYNC_COPY, 0, item);
    nephi_tell(sync, NEPH_SYNC_COPY, 1, item);
}

void nephi_tell_skip(neph_sync *sync, const nephi_item *item, const nephi_error *error)
{
    sync->summary.skipped_count++;
    event_send(sync, NEPH_SYNC_SKIP, 1, item, nephi_error_view((nephi_error *)error));
}

static void first_note(neph_sync *sync, const neph_error *error, const char *name)
{
    if (!sync->error.status)
        nephi_error_take(&sync->error, name, error);
}

void nephi_tell_failure(neph_sync *sync, int32_t action, const nephi_item *item,
                        const neph_error *error)
{
    sync->summary.failed_count++;
    first_note(sync, error, item->name);
    event_send(sync, action, 1, item, error);
}

void nephi_tell_end(neph_sync *sync, const nephi_error *error)
{
    first_note(sync, nephi_error_view((nephi_error *)error), "");
}
