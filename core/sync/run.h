/*
 * core/sync/run.h - a list of items of any length: written once, read from its beginning as often as wanted. What is more
 * than a little goes to a temporary file without a name.
 */
#ifndef NEPHI_SYNC_RUN_H
#define NEPHI_SYNC_RUN_H

#include "core/error.h"
#include "core/sync/item.h"

typedef struct nephi_run {
    const nephi_memory *memory;
    const char *dir; /* for its file; borrowed */
    int fd;          /* -1: all of it is in data */
    char *data;
    size_t capacity;
    size_t begin, end; /* of data: written and not in the file yet, or read and not taken yet */
    int64_t count;     /* items */
    int64_t written;   /* bytes of the file */
    int64_t at;        /* of the file: read so far */
} nephi_run;

void nephi_run_init(nephi_run *run, const nephi_memory *memory, const char *dir);
/* 0, NEPH_FILE, NEPH_LIMIT, NEPH_NO_MEMORY. Not after it was rewound. */
int nephi_run_add(nephi_run *run, const nephi_item *item, nephi_error *error);
/* To its beginning, to be read. */
int nephi_run_rewind(nephi_run *run, nephi_error *error);
/* 1: an item, good until the next one is taken. 0: there are no more. Else as above. */
int nephi_run_next(nephi_run *run, nephi_item *item, nephi_error *error);
void nephi_run_fini(nephi_run *run);

#endif
