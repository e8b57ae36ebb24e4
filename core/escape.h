/*
 * core/escape.h - one character of an escaped text (percent, JSON, XML) turned back into its bytes. For the scrubber,
 * which must find a secret however it was written; parsers have their own.
 */
#ifndef NEPHI_ESCAPE_H
#define NEPHI_ESCAPE_H

#include <stddef.h>

enum {
    NEPHI_ESCAPE_PERCENT = 1, /* %41, %2541, + */
    NEPHI_ESCAPE_JSON = 2,    /* \n \" \/ \u00e9 and pairs of surrogates */
    NEPHI_ESCAPE_XML = 4,     /* &amp; &#233; &#xe9; */
    NEPHI_ESCAPE_ALL = 7
};

/* If text begins with an escape of one of the kinds: its bytes to out (4 at most), their number to out_size, and returns how
 * long the escape is. Else 0. */
size_t nephi_escape_read(const char *text, size_t size, int kinds, char *out, size_t *out_size);
/* Can an escape of any kind begin with this byte? */
int nephi_escape_begins(char c);

#endif
