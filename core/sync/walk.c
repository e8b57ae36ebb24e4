/*
 * core/sync/walk.c - both sides side by side, name by name: what becomes of each. Takes no more than the jobs can take, so
 * that nothing waits in memory.
 */
#include "core/sync/sync.h"

#include "core/sync/pattern.h"

#include <string.h>

#define SLICE_PAIRS 4096 /* before the host gets its turn */

static int fails(neph_sync *sync, const nephi_item *item, const nephi_error *error)
{
    nephi_tell_failure(sync, NEPH_SYNC_COPY, item, nephi_error_view((nephi_error *)error));
    return 0;
}

static int is_to_directory(const neph_sync *sync)
{
    return !sync->ends[NEPHI_TO].cloud;
}

static int is_of_program(const neph_sync *sync, const nephi_item *item)
{
    return nephi_patterns_select(sync->options.patterns, sync->options.pattern_count, item->name);
}

/* ---- what cannot be copied */

static void skip(neph_sync *sync, const nephi_item *item)
{
    nephi_error why;
    nephi_error_clear(&why);
    nephi_fail(&why, NEPH_UNSUPPORTED, "%s",
               item->kind == NEPHI_ITEM_LINK ? "a symbolic link is not followed"
                                             : "it is neither a file nor a directory");
    nephi_tell_skip(sync, item, &why);
}

/* Nothing is known of what is below a directory that cannot be read: it is neither written over nor deleted. */
static int shut_note(neph_sync *sync, const nephi_pair *pair)
{
    const nephi_item *to = pair->to;
    sync->is_partial = 1;
    if (pair->from && pair->from->kind == NEPHI_ITEM_BROKEN)
        fails(sync, pair->from, &sync->merge.sides[NEPHI_FROM]->error);
    if (!to || to->kind != NEPHI_ITEM_BROKEN)
        return 0;
    fails(sync, to, &sync->merge.sides[NEPHI_TO]->error);
    nephi_buffer_clear(&sync->shut);
    return nephi_buffer_add(&sync->shut, to->name, to->name_size) ? nephi_fail_memory(&sync->error)
                                                                  : 0;
}

static int is_shut(const neph_sync *sync, const nephi_item *item)
{
    size_t size = sync->shut.size;
    return size && item->name_size >= size && memcmp(item->name, sync->shut.data, size) == 0;
}

/* Of an object that is to be a file. */
static int name_check(neph_sync *sync, const nephi_item *item, nephi_error *why)
{
    size_t size = 0;
    int rc = nephi_folder_check(item->name, why);
    if (rc || !sync->ends[NEPHI_FROM].cloud)
        return rc;
    rc = nephi_nest_add(&sync->nest, item->name, &size);
    if (rc)
        return nephi_fail(why, rc, "%s", neph_status_name(rc));
    return size ? nephi_fail(why, NEPH_INVALID, "\"%.*s\" is a file: nothing can be below it",
                             (int)size, item->name)
                : 0;
}

/* Can the item go where it shall? 0, or why not. */
static int target_check(neph_sync *sync, const nephi_pair *pair, nephi_error *why)
{
    if (is_shut(sync, pair->from))
        return nephi_fail(why, NEPH_FILE,
                          "what is in the directory \"%s\" of the destination cannot be read",
                          sync->shut.data);
    if (pair->to && pair->to->kind != NEPHI_ITEM_FILE)
        return nephi_fail(why, NEPH_FILE,
                          "the destination has something of that name that is no file");
    return is_to_directory(sync) ? name_check(sync, pair->from, why) : 0;
}

/* ---- what can */

static int pair_judge(neph_sync *sync, const nephi_pair *pair)
{
    nephi_comparison how = {.compare = sync->options.compare,
                            .keeps_times = sync->transfer.keep_times};
    nephi_verdict verdict = NEPHI_DIFFERENT;
    if (pair->to)
        verdict = nephi_decide(&how, pair->from, pair->to);
    if (verdict == NEPHI_SAME && !nephi_leftover_find(sync, pair->from->name)) {
        nephi_tell(sync, NEPH_SYNC_SAME, 1, pair->from);
        return 0;
    }
    if (verdict == NEPHI_DIFFERENT && sync->options.dry_run) {
        nephi_tell_would_copy(sync, pair->from);
        return 0;
    }
    return nephi_job_start(sync, pair, verdict, &how) ? nephi_fail_memory(&sync->error) : 0;
}

/* What neither side was looked at for yet. A failure is the item's. */
static int pair_examine(neph_sync *sync, const nephi_pair *pair, nephi_error *why)
{
    nephi_item *items[] = {pair->from, pair->to};
    if (pair->to && sync->options.compare == NEPH_COMPARE_ABSENT)
        return 0;
    for (int side = 0; side < NEPHI_SIDES; side++)
        if (items[side] && nephi_side_examine(sync->merge.sides[side], items[side])) {
            nephi_error_copy(why, &sync->merge.sides[side]->error);
            return why->status;
        }
    return 0;
}

static int item_take(neph_sync *sync, const nephi_pair *pair)
{
    nephi_item *from = pair->from;
    nephi_error why;
    sync->summary.seen_count++;
    if (from->kind != NEPHI_ITEM_FILE) {
        skip(sync, from);
        return 0;
    }
    nephi_error_clear(&why);
    if (target_check(sync, pair, &why) || pair_examine(sync, pair, &why))
        return fails(sync, from, &why);
    if (from->kind != NEPHI_ITEM_FILE) { /* it has become something else */
        skip(sync, from);
        return 0;
    }
    return pair_judge(sync, pair);
}

static int pair_take(neph_sync *sync, const nephi_pair *pair)
{
    const nephi_item *item = pair->from ? pair->from : pair->to;
    if (sync->options.pattern_count && !is_of_program(sync, item))
        return 0;
    if ((pair->from && pair->from->kind == NEPHI_ITEM_BROKEN) ||
        (pair->to && pair->to->kind == NEPHI_ITEM_BROKEN))
        return shut_note(sync, pair);
    if (pair->from)
        return item_take(sync, pair);
    if (sync->options.deletes && item->kind == NEPHI_ITEM_FILE)
        return nephi_erase_note(sync, item);
    return 0;
}

/* ---- the walk */

void nephi_walk_end(neph_sync *sync)
{
    for (int side = 0; side < NEPHI_SIDES; side++) {
        nephi_side_free(sync->merge.sides[side]);
        sync->merge.sides[side] = NULL;
    }
}

static int side_begin(neph_sync *sync, int side)
{
    const neph_sync_options *own = &sync->options;
    int is_other_cloud = sync->ends[1 - side].cloud != NULL;
    const nephi_side_options options = {
        .end = side == NEPHI_FROM && !sync->has_source ? NULL : &sync->ends[side],
        .dir = own->temporary_dir,
        .task = &sync->task,
        .is_target = side == NEPHI_TO,
        .has_markers = is_other_cloud || !sync->has_source,
        .is_unordered = sync->is_unordered[side]};
    return nephi_side_new(&sync->merge.sides[side], sync->host, &options, &sync->error);
}

/* Counts of what was seen begin anew; what was copied stays copied. */
int nephi_walk_begin(neph_sync *sync)
{
    neph_sync_summary *count = &sync->summary;
    int rc;
    nephi_walk_end(sync);
    memset(sync->merge.state, 0, sizeof sync->merge.state);
    nephi_run_fini(&sync->erasing.names);
    nephi_nest_fini(&sync->nest);
    nephi_buffer_clear(&sync->shut);
    count->seen_count = count->same_count = count->skipped_count = 0;
    sync->is_anew = sync->is_partial = 0;
    rc = side_begin(sync, NEPHI_FROM);
    return rc ? rc : side_begin(sync, NEPHI_TO);
}

/* A listing that failed is the failure of the sync; what is under way is let be, and nothing is deleted. */
static void walk_break(neph_sync *sync, int rc, int side)
{
    sync->phase = NEPHI_PHASE_SETTLE;
    if (rc == NEPHI_UNORDERED) {
        nephi_log(sync->host, NEPH_LOG_INFO, 0,
                  "the %s is not listed in byte order: it is listed again and sorted",
                  side == NEPHI_FROM ? "source" : "destination");
        sync->is_unordered[side] = sync->is_anew = 1;
    } else if (rc) {
        sync->is_partial = 1;
        nephi_tell_end(sync, &sync->merge.sides[side]->error);
    }
}

void nephi_walk(neph_sync *sync)
{
    nephi_pair pair;
    int side, rc = 1;
    for (int i = 0; rc == 1 && i < SLICE_PAIRS; i++) {
        if (sync->is_cancelled || !nephi_jobs_have_room(sync))
            return;
        rc = nephi_merge_next(&sync->merge, &pair, &side);
        if (rc == 1 && pair_take(sync, &pair)) {
            sync->is_partial = 1;
            sync->phase = NEPHI_PHASE_SETTLE;
            return;
        }
    }
    if (rc == 1)
        nephi_sync_wake(sync);
    else if (rc != NEPH_AGAIN)
        walk_break(sync, rc, side);
}
