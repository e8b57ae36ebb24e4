/*
 * core/place.h - where things lie on this machine: beside libneph, in the user's directories, and whether a privileged
 * process may trust what lies there. Reads no file.
 */
#ifndef NEPHI_PLACE_H
#define NEPHI_PLACE_H

#include "core/error.h"

#include <sys/stat.h>

/* The path of `name` in the directory of libneph's own file. Returns 1 if it is there, or 0. */
int nephi_place_beside(char *out, size_t capacity, const char *name);
/* "$variable/rest" if the environment is allowed and has it (absolute), else "HOME/fallback/rest"; fallback NULL: the
 * variable alone. 0: no such place. */
int nephi_place_user(const neph_host *host, const char *variable, const char *fallback,
                     const char *rest, char *out, size_t capacity);
/* NULL: root alone can change what stands in this directory; else why not. */
const char *nephi_place_directory_fault(const char *directory);
/* The same of a file that is open. */
const char *nephi_place_file_fault(const struct stat *info);

#endif
