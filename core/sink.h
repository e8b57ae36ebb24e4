/*
 * core/sink.h - where a body goes to, with one face. A file is written under a temporary name beside it and renamed
 * when the whole body is there; until then, and after a failure, nothing of it can be seen.
 */
#ifndef NEPHI_SINK_H
#define NEPHI_SINK_H

#include "core/buffer.h"
#include "core/source.h"

typedef struct nephi_sink {
    neph_host *host;
    neph_sink spec;
    int fd;
    char *path;        /* of the temporary file; NULL: none is there */
    int is_busy;       /* the program's function is on the stack */
    int is_ended;      /* and cancelled the call: it gets no more */
    int64_t written;   /* since it was opened or rewound */
    size_t taken;      /* bytes of what NEPH_AGAIN was said to */
    int is_waiting;    /* NEPH_AGAIN was said, and nothing written since */
    int is_stream;     /* 1: whoever reads may keep us waiting; -1: not known yet */
    int64_t most;      /* bytes that were asked for: more is NEPH_PROTOCOL; -1: not known */
    nephi_buffer data; /* MEMORY */
} nephi_sink;

/* Copies what the program filled in, of an older and smaller struct too. 0 or NEPH_INVALID. */
int nephi_sink_take(neph_sink *out, const neph_sink *given);
/* Opens lazily: nothing is created before the first byte or the end. */
int nephi_sink_open(nephi_sink *sink, neph_host *host, const neph_sink *spec, nephi_error *error);
/* 0, NEPH_AGAIN (the same bytes must be offered again: see nephi_sink_is_polled()), or a failure. */
int nephi_sink_write(nephi_sink *sink, const void *data, size_t size, nephi_error *error);
/* Does nobody say when a sink that answered NEPH_AGAIN has room? */
int nephi_sink_is_polled(const nephi_sink *sink);
/* Forgets what was written so far; NEPH_UNSUPPORTED if it cannot. */
int nephi_sink_rewind(nephi_sink *sink);
/* The whole body was written: the file gets its name. */
int nephi_sink_commit(nephi_sink *sink, nephi_error *error);
/* Removes what is half-written. Safe at any time; MEMORY stays readable after a commit until this. */
void nephi_sink_close(nephi_sink *sink);

#endif
