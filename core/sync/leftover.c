/*
 * core/sync/leftover.c - transfers of an earlier sync of the same two ends whose object or file was made, and whose journal
 * was not forgotten any more. Both sides are the same then, so that no transfer would take them up: they are looked for once,
 * at the beginning, and ended when their item turns out to be the same.
 */
#include "core/sync/sync.h"

#include "core/transfer/journal.h"

#include <errno.h>
#include <string.h>

#define LOOKED_MAX 1000 /* entries of the journal; what is unfinished is few */
#define LEFT_MAX 256

static int is_gone(const char *path)
{
    struct stat info;
    return lstat(path, &info) && errno == ENOENT;
}

/* All that was to be done was, or asked for. */
static int is_past(const nephi_entry *entry)
{
    return entry->completing_ns > 0 || (entry->temporary && is_gone(entry->temporary));
}

/* The item's place at a side, as a transfer has it. NULL place: no memory. */
static nephi_end end_of(neph_sync *sync, int side, const char *name, nephi_buffer *key)
{
    const neph_end *end = &sync->ends[side];
    nephi_end out = {.cloud = end->cloud, .bucket = end->bucket};
    if (!end->cloud)
        out.path = nephi_folder_path(&sync->folders[side], name);
    else if (nephi_buffer_text(key, end->key) == 0 && nephi_buffer_text(key, name) == 0)
        out.key = key->data;
    return out;
}

/* Would the item's transfer have the journal of that id? */
static int is_of_item(neph_sync *sync, const char *name, const char *id)
{
    const nephi_memory *memory = &sync->host->memory;
    char own[NEPHI_JOURNAL_ID] = "";
    nephi_buffer keys[NEPHI_SIDES];
    nephi_end ends[NEPHI_SIDES];
    for (int side = 0; side < NEPHI_SIDES; side++) {
        nephi_buffer_init(&keys[side], memory, (size_t)64 << 10);
        ends[side] = end_of(sync, side, name, &keys[side]);
    }
    if ((ends[NEPHI_FROM].key || ends[NEPHI_FROM].path) &&
        (ends[NEPHI_TO].key || ends[NEPHI_TO].path))
        (void)nephi_journal_id(memory, &ends[NEPHI_FROM], &ends[NEPHI_TO], own);
    for (int side = 0; side < NEPHI_SIDES; side++)
        nephi_buffer_fini(&keys[side]);
    return strcmp(own, id) == 0;
}

/* The item that the entry would be of, by the side that is a cloud: there a name follows the prefix. NULL: none. */
static const char *name_of(const neph_sync *sync, const nephi_entry *entry)
{
    int side = sync->ends[NEPHI_TO].cloud ? NEPHI_TO : NEPHI_FROM;
    const char *key = side == NEPHI_TO ? entry->to.key : entry->from.key;
    const char *prefix = sync->ends[side].key;
    size_t size = prefix ? strlen(prefix) : 0;
    return prefix && key && strncmp(key, prefix, size) == 0 && key[size] ? key + size : NULL;
}

/* What cannot be kept is met again by the next sync. */
static void leftover_add(neph_sync *sync, const char *name, const char *id)
{
    nephi_leftovers *left = &sync->leftovers;
    nephi_leftover *new = &left->list[left->count];
    new->name = nephi_arena_text(&sync->arena, name, strlen(name));
    memcpy(new->id, id, sizeof new->id);
    left->count += new->name != NULL;
}

void nephi_leftovers_read(neph_sync *sync)
{
    const neph_unfinished *told;
    const char *dir = sync->transfer.journal_dir, *name;
    nephi_leftovers *left = &sync->leftovers;
    neph_journal *journal;
    if (!dir || sync->options.dry_run || sync->options.compare == NEPH_COMPARE_ABSENT ||
        !sync->has_source || neph_journal_open(sync->host, dir, &journal))
        return;
    for (int i = 0; i < LOOKED_MAX && left->count < LEFT_MAX; i++) {
        const nephi_entry *entry = nephi_journal_entry(journal);
        told = neph_journal_next(journal);
        if (!told)
            break;
        name = told->is_running || !is_past(entry) ? NULL : name_of(sync, entry);
        if (!name || !is_of_item(sync, name, told->id))
            continue;
        if (!left->list)
            left->list = nephi_arena_alloc(&sync->arena, LEFT_MAX * sizeof *left->list);
        if (!left->list)
            break;
        leftover_add(sync, name, told->id);
    }
    neph_journal_close(journal);
}

const char *nephi_leftover_find(const neph_sync *sync, const char *name)
{
    const nephi_leftovers *left = &sync->leftovers;
    for (size_t i = 0; i < left->count; i++)
        if (strcmp(left->list[i].name, name) == 0)
            return left->list[i].id;
    return NULL;
}
