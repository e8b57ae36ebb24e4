/*
 * core/price/file.h - where price files lie, and who may be trusted with them. A provider's prices are PROVIDER.json in
 * the user's own directory ($XDG_DATA_HOME/neph/prices, if files are allowed), which wins, or in "prices" below each
 * directory of plugins, in their order.
 */
#ifndef NEPHI_PRICE_FILE_H
#define NEPHI_PRICE_FILE_H

#include "core/host.h"

#include <sys/stat.h>

typedef struct nephi_price_file {
    int fd; /* -1: not open */
    char path[4096];
} nephi_price_file;

enum { NEPHI_PRICE_PACKAGED_ONLY = 1 }; /* as if the user had none */

/* Opens the file that counts. NEPH_NOT_FOUND without a message: there is none. NEPH_INVALID, NEPH_FILE, NEPH_LIMIT. */
int nephi_price_file_open(nephi_price_file *file, neph_host *host, const char *provider, int flags,
                          nephi_error *error);
/* The same of a file by its path. */
int nephi_price_file_open_path(nephi_price_file *file, const char *path, struct stat *info,
                               nephi_error *error);
void nephi_price_file_close(nephi_price_file *file);

/* The providers that have a price file, in order, in the arena. NEPH_NO_MEMORY. */
int nephi_price_file_names(neph_host *host, nephi_arena *arena, const char ***names, size_t *count);

/* Where the user's own copies lie. 0: nowhere. */
int nephi_price_file_user(neph_host *host, char *out, size_t capacity);
/* Puts data in place of PROVIDER.json in a directory, which is made if it is not there: what stood there, or the whole of the
 * new one, is there at any moment, even after a power cut. NEPH_FILE, NEPH_LIMIT. */
int nephi_price_file_replace(const char *directory, const char *provider, const char *data,
                             size_t size, nephi_error *error);

#endif
