/*
 * core/file.h - a small file of settings read whole: clouds.json, credentials; and files without a name, for what memory
 * shall not hold.
 */
#ifndef NEPHI_FILE_H
#define NEPHI_FILE_H

#include "core/buffer.h"
#include "core/error.h"

#include <sys/stat.h>

/* Appends the file's bytes to out, whose limit is the largest file. *info: of the open file. NEPH_NOT_FOUND (without a
 * message), NEPH_FILE, NEPH_LIMIT, NEPH_NO_MEMORY. */
int nephi_file_read(const char *path, nephi_buffer *out, struct stat *info, nephi_error *error);

/* A file that no name leads to, so that nothing is left of it whatever happens. *fd: the caller's to close. 0 or NEPH_FILE. */
int nephi_file_temporary(const char *dir, int *fd, nephi_error *error);

#endif
