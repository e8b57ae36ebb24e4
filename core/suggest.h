/*
 * core/suggest.h - the known name that is closest to a mistyped one, for "did you mean".
 */
#ifndef NEPHI_SUGGEST_H
#define NEPHI_SUGGEST_H

typedef struct nephi_suggest {
    const char *wanted;
    const char *found; /* NULL: nothing is close */
    unsigned distance;
} nephi_suggest;

void nephi_suggest_init(nephi_suggest *suggest, const char *wanted);
/* Remembers a name (borrowed) if it is closer than those before. */
void nephi_suggest_try(nephi_suggest *suggest, const char *name);

#endif
