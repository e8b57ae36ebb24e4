/*
 * core/cli/mime.h - media types by the extension of a name, from files like /etc/mime.types.
 */
#ifndef NEPHC_MIME_H
#define NEPHC_MIME_H

#include <stddef.h>

typedef struct nephc_mime_entry {
    const char *extension;
    const char *type;
    size_t rank; /* of several with this extension the first read counts */
} nephc_mime_entry;

/* All zero: knows nothing yet. */
typedef struct nephc_mime {
    nephc_mime_entry *entries; /* in order of extension and rank */
    size_t count;
    size_t capacity;
    char *texts[2]; /* the files, which the entries point into */
    size_t text_count;
} nephc_mime;

/* Reads one more file. What cannot be read, is too large or no table of types is passed over: a media type is never worth
 * a failure. */
void nephc_mime_read(nephc_mime *mime, const char *path);
/* Reads ~/.mime.types, then the system's. */
void nephc_mime_read_usual(nephc_mime *mime);
/* The type of a path or key by what stands behind the last dot of its last name; NULL: not known. */
const char *nephc_mime_find(const nephc_mime *mime, const char *name);
void nephc_mime_free(nephc_mime *mime);

#endif
