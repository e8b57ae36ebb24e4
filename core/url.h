/*
 * core/url.h - absolute http, https and unix URLs, taken apart under limits. No normalisation of
 * paths.
 */
#ifndef NEPHI_URL_H
#define NEPHI_URL_H

#include "core/error.h"
#include "core/memory.h"

#define NEPHI_URL_MAX 8192

typedef struct nephi_url {
    char *text; /* owned: the whole URL as it is sent, and behind it the memory of all below */
    const char *scheme; /* "http", "https", "unix" (lower-case) */
    const char
        *host; /* lower-case; the brackets of an IPv6 address stay: "[::1]". unix: "localhost" */
    const char *authority; /* host, with ":port" unless it is the scheme's own */
    const char
        *path; /* "" or begins with "/"; as it came, with its trailing "/". unix: of the socket */
    const char *query; /* without "?"; "" if none */
    int32_t port;      /* of the scheme if none was given; 0 for unix */
    int32_t is_secure;
} nephi_url;

/* Refuses user info, fragments, control characters, blanks, other schemes: NEPH_INVALID with a
 * message that shows it (but neither user info nor query); NEPH_LIMIT if it is too long. On
 * failure url is empty. */
int nephi_url_parse(nephi_url *url, const nephi_memory *memory, const char *text,
                    nephi_error *error);
void nephi_url_fini(nephi_url *url, const nephi_memory *memory);
/* Same scheme, host and port; same socket. */
int nephi_url_same_origin(const nephi_url *a, const nephi_url *b);
/* An address of the machine's own link (RFC 3927, RFC 4291), or the unique local one at which metadata is served where
 * there is IPv6 alone. */
int nephi_url_is_link_local(const nephi_url *url);
/* Location or next link: absolute, "//host/..", "/path" or relative to base. A fragment is
 * dropped, "./" and "../" at the beginning are followed, other dots stay. Never a socket, and
 * nothing relative to one: NEPH_INVALID. */
int nephi_url_resolve(nephi_url *url, const nephi_memory *memory, const nephi_url *base,
                      const char *reference, nephi_error *error);

#endif
