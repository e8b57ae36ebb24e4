/*
 * core/sync/folder.h - the directory that a sync writes to or deletes from: names become paths below it, and never lead
 * out of it, whatever symbolic links stand in it.
 */
#ifndef NEPHI_SYNC_FOLDER_H
#define NEPHI_SYNC_FOLDER_H

#include "core/buffer.h"
#include "core/error.h"

typedef struct nephi_folder {
    const char *path;   /* of the directory; borrowed */
    const char *like;   /* the directory whose permissions those have that are made; NULL: none */
    int fd;             /* of it; -1: not open */
    nephi_buffer known; /* the directory below it that was made or seen last, with '/' */
    nephi_buffer whole; /* the path that was asked for last */
} nephi_folder;

void nephi_folder_init(nephi_folder *folder, const nephi_memory *memory, const char *path);
void nephi_folder_fini(nephi_folder *folder);
/* Can a file have this name? NEPH_INVALID: why not. */
int nephi_folder_check(const char *name, nephi_error *error);
/* The path of a name; borrowed until the next one. NULL: out of memory. */
const char *nephi_folder_path(nephi_folder *folder, const char *name);
/* Makes the directories that the name stands in, and the folder. NEPH_FILE, NEPH_NO_MEMORY. */
int nephi_folder_make(nephi_folder *folder, const char *name, nephi_error *error);
/* Deletes the file, and the directories that are empty without it. One that is not there is no error. */
int nephi_folder_remove(nephi_folder *folder, const char *name, nephi_error *error);

#endif
