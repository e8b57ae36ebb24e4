/*
 * core/cli/output.h - a buffer before a descriptor (results, messages) or alone in memory (a table's cells).
 */
#ifndef NEPHC_OUTPUT_H
#define NEPHC_OUTPUT_H

#include <stddef.h>

#define NEPHC_OUTPUT_SIZE 65536

typedef struct nephc_output {
    int fd;    /* -1: memory alone; what does not fit is ENOBUFS */
    int error; /* errno of the first write that failed; everything after it is dropped */
    size_t used;
    size_t capacity;
    char *data; /* borrowed */
} nephc_output;

/* data: capacity bytes, borrowed, at least 4,096. */
void nephc_output_init(nephc_output *out, int fd, char *data, size_t capacity);
/* Room for size bytes (4,096 at most) to be written at once; advance by raising `used`. NULL: failed before or full. */
char *nephc_output_reserve(nephc_output *out, size_t size);
void nephc_output_write(nephc_output *out, const void *data, size_t size);
void nephc_output_text(nephc_output *out, const char *text);
/* Bytes come by the million: the common case stands here. */
void nephc_output_byte_slow(nephc_output *out, char byte);
static inline void nephc_output_byte(nephc_output *out, char byte)
{
    if (out->used < out->capacity)
        out->data[out->used++] = byte;
    else
        nephc_output_byte_slow(out, byte);
}
/* 0, or the errno of what failed. */
int nephc_output_flush(nephc_output *out);

#endif
