/*
 * core/text.h - reading and writing of texts: numbers, times, base64, hex, percent-encoding, UTF-8.
 * No locale, no allocation. Readers take (text, size), need no NUL, and accept the whole text or
 * nothing.
 */
#ifndef NEPHI_TEXT_H
#define NEPHI_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Return 1, or 0 for what is no such thing or out of range. */
int nephi_read_integer(const char *text, size_t size, int64_t *out);
/* "0.15", "1e-3", "2" as units of 1e-9. */
int nephi_read_decimal(const char *text, size_t size, int64_t *out);
int nephi_read_boolean(const char *text, size_t size, int64_t *out); /* true false 1 0 yes no */
/* Is value one of "a|b|c"? */
int nephi_is_choice(const char *choices, const char *value);
/* ISO 8601 / RFC 3339 (T or blank, fraction of any length, Z, +hh:mm, +hhmm, none: UTC; date
 * alone), "2009/04/20 15:46:34 -0700", RFC 1123 and RFC 850 dates, asctime. Nanoseconds since
 * 1970 UTC. */
int nephi_read_time(const char *text, size_t size, int64_t *out);
/* Seconds with decimals (scale 1000000000) or milliseconds (scale 1000000) since 1970. */
int nephi_read_epoch(const char *text, size_t size, int64_t scale, int64_t *out);

/* From one time to the other. Those that come from outside may lie too far apart for a number: then as far as one
 * reaches. */
int64_t nephi_time_between(int64_t from_ns, int64_t to_ns);

/* RFC 3339 with as many digits of fraction as needed (0, 3, 6, 9), "2024-05-01T12:34:56Z".
 * capacity >= 40. Returns the length. */
size_t nephi_write_time(char *out, size_t capacity, int64_t ns);
/* "20240501T123456Z" */
size_t nephi_write_time_basic(char *out, size_t capacity, int64_t ns);
/* "Wed, 01 May 2024 12:34:56 GMT" */
size_t nephi_write_time_http(char *out, size_t capacity, int64_t ns);
/* A decimal in units of 1e-9: "0.5". capacity >= 24. */
size_t nephi_write_decimal(char *out, size_t capacity, int64_t nano);

size_t nephi_hex(char *out, const unsigned char *data,
                 size_t size); /* lower-case; out holds 2*size+1 */
/* out holds size bytes; returns bytes written, or -1 for what is no base64. */
int64_t nephi_base64_decode(unsigned char *out, const char *text, size_t size);
size_t nephi_base64_encode(char *out, const unsigned char *data,
                           size_t size); /* out holds 4*((size+2)/3)+1 */

enum { NEPHI_KEEP_SLASH = 1 };
/* RFC 3986: all but A-Za-z0-9-._~ becomes %XX (upper-case). out holds 3*size+1. Returns the
 * length. */
size_t nephi_percent_encode(char *out, const char *text, size_t size, int flags);
/* In place or not; a bad escape is kept; '+' stays; no NUL is added. Returns the length. */
size_t nephi_percent_decode(char *out, const char *text, size_t size);

int nephi_is_utf8(const char *text, size_t size);
/* Bytes of the well-formed character that text begins with; 0: it begins with none. */
size_t nephi_utf8_length(const char *text, size_t size);
/* ASCII case-insensitive. */
int nephi_same_letters(const char *a, const char *b);

/* The same. Most names that differ do so at once, which is seen here: letters that differ in their case alone differ in
 * one bit. */
static inline int nephi_same_name(const char *a, const char *b)
{
    return ((*a ^ *b) & ~0x20) == 0 && nephi_same_letters(a, b);
}

#endif
