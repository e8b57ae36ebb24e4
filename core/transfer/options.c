/*
 * core/transfer/options.c - what the program gave for a transfer, copied for whoever keeps it: one transfer, or a sync for
 * all of its own.
 */
#include "core/transfer/transfer.h"

#include <stddef.h>
#include <string.h>

const char *nephi_text_keep(nephi_arena *arena, const char *text, nephi_error *error)
{
    const char *copy = text ? nephi_arena_text(arena, text, strlen(text)) : NULL;
    if (text && !copy)
        nephi_fail_memory(error);
    return copy;
}

const neph_pair *nephi_pairs_keep(nephi_arena *arena, const neph_pair *pairs, size_t count,
                                  nephi_error *error)
{
    neph_pair *copy = NULL;
    if (count && count <= SIZE_MAX / sizeof *copy)
        copy = nephi_arena_alloc(arena, count * sizeof *copy);
    if (count && !copy)
        nephi_fail_memory(error);
    for (size_t i = 0; copy && i < count; i++) {
        copy[i].name = nephi_text_keep(arena, pairs[i].name, error);
        copy[i].value = nephi_text_keep(arena, pairs[i].value, error);
    }
    return copy;
}

static const size_t texts[] = {
    offsetof(neph_transfer_options, checksum),      offsetof(neph_transfer_options, content_type),
    offsetof(neph_transfer_options, storage_class), offsetof(neph_transfer_options, if_match),
    offsetof(neph_transfer_options, if_none_match), offsetof(neph_transfer_options, journal_dir),
};

int nephi_transfer_options_keep(neph_transfer_options *own, nephi_arena *arena,
                                const neph_transfer_options *given, nephi_error *error)
{
    *own = (neph_transfer_options)NEPH_TRANSFER_OPTIONS_INIT;
    if (given && given->size < offsetof(neph_transfer_options, part_bytes) + sizeof own->part_bytes)
        return nephi_fail(error, NEPH_INVALID, "the options' size is not set");
    if (given)
        memcpy(own, given, given->size < sizeof *own ? given->size : sizeof *own);
    own->size = sizeof *own;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char **text = (const char **)((char *)own + texts[i]);
        *text = nephi_text_keep(arena, *text, error);
    }
    own->metadata = nephi_pairs_keep(arena, own->metadata, own->metadata_count, error);
    if (own->part_bytes < 0 || own->parallel < 0 || own->parallel > NEPHI_PARALLEL_MAX)
        return nephi_fail(
            error, NEPH_INVALID, "%s is negative or too large: at most %d parts at a time",
            own->part_bytes < 0 ? "the size of parts" : "the number of parts at a time",
            NEPHI_PARALLEL_MAX);
    if (!own->parallel)
        own->parallel = NEPHI_PARALLEL;
    return error->status;
}
