/*
 * core/source.h - where a body comes from: a file, a descriptor, memory or a callback, with one face. What has no known
 * length, or must be read twice and cannot, is spooled to an unlinked temporary file first.
 */
#ifndef NEPHI_SOURCE_H
#define NEPHI_SOURCE_H

#include "core/host.h"

#define NEPHI_SPOOL_MAX (INT64_C(5) << 30)

/* A failure of a source or sink of the program's making: numbers that mean something else become NEPH_INVALID. */
int nephi_program_status(int64_t status);

typedef struct nephi_source {
    neph_host *host;
    neph_source spec;
    int fd; /* of the file, the descriptor, or the spool; -1 */
    int owns_fd;
    int is_stream;  /* can be read once only */
    int64_t start;  /* offset of the first byte in fd */
    int64_t length; /* -1: not known */
    int64_t position;
    int spool_fd; /* being filled; -1 */
    int is_busy;  /* the program's function is on the stack */
    int is_ended; /* and cancelled the call: it is not asked again */
} nephi_source;

/* Copies what the program filled in, of an older and smaller struct too. 0 or NEPH_INVALID. */
int nephi_source_take(neph_source *out, const neph_source *given);
int nephi_source_open(nephi_source *source, neph_host *host, const neph_source *spec,
                      nephi_error *error);
void nephi_source_close(nephi_source *source);
/* Up to size bytes; 0 at the end; NEPH_AGAIN; or a failure with a message. A file that became shorter is NEPH_FILE. */
int64_t nephi_source_read(nephi_source *source, void *data, size_t size, nephi_error *error);
/* Starts over: 0, or NEPH_UNSUPPORTED for a stream that was begun. */
int nephi_source_rewind(nephi_source *source);
/* One slice of spooling: NEPH_AGAIN (more to do now), NEPH_BUSY (nothing to read yet), 0 done, or a failure. */
int nephi_source_spool(nephi_source *source, nephi_error *error);

#endif
