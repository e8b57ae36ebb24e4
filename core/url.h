/*
 * core/url.h - absolute http, https and unix URLs, taken apart under limits. No normalisation of paths.
 */
#ifndef NEPHI_URL_H
#define NEPHI_URL_H

#include "core/error.h"
#include "core/memory.h"

#define NEPHI_URL_MAX 8192

typedef struct nephi_url {
    char *text;         /* owned: the memory of all below */
    const char *scheme; /* "http", "https", "unix" (lower-case) */
    const char *host;   /* lower-case, no brackets off an IPv6 literal are removed: "[::1]" stays */
    const char *authority; /* host, with ":port" unless it is the scheme's own */
    const char *path;      /* "" or begins with "/"; encoded as it came; trailing "/" kept */
    const char *query;     /* without "?"; "" if none */
    int32_t port;          /* of the scheme if none was given; 0 for unix */
    int32_t is_secure;
} nephi_url;

/* Refuses user info, fragments, control characters, blanks, other schemes: NEPH_INVALID with a message that shows it. */
int nephi_url_parse(nephi_url *url, const nephi_memory *memory, const char *text,
                    nephi_error *error);
void nephi_url_fini(nephi_url *url, const nephi_memory *memory);
/* Same scheme, host and port. */
int nephi_url_same_origin(const nephi_url *a, const nephi_url *b);
/* Location or next link: absolute, "//host/..", "/path" or relative to base. */
int nephi_url_resolve(nephi_url *url, const nephi_memory *memory, const nephi_url *base,
                      const char *reference, nephi_error *error);

#endif
