/*
 * neph/kit/text.h - texts in memory that the caller has: appending, hex, base64, percent-encoding. Included by
 * providers that build header values, small bodies and file names; no allocation, no locale.
 *
 * A text that does not fit leaves the status NEPH_LIMIT and the text as it was; everything added later is dropped, so
 * one look at the end is enough. Any thread. Everything here is since 0.1.
 */
#ifndef NEPH_KIT_TEXT_H
#define NEPH_KIT_TEXT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A text being built. data[size] is NUL at any time. */
typedef struct neph_text {
    char *data;
    size_t size;
    size_t capacity;
    int32_t status; /* 0 or NEPH_LIMIT */
    int32_t reserved;
} neph_text;

/* Begins an empty text in `data`, which holds capacity bytes (at least 1) and stays the caller's. */
void neph_text_init(neph_text *text, char *data, size_t capacity);

/* Append. string NULL: nothing. */
void neph_text_add(neph_text *text, const char *string);
void neph_text_add_bytes(neph_text *text, const void *data, size_t size);
void neph_text_add_char(neph_text *text, char c);

/* Appends a number in decimal. */
void neph_text_add_integer(neph_text *text, int64_t number);

/* Appends a time (nanoseconds UTC) as "2026-01-31T12:00:00Z"; parts of a second are dropped. Since 0.2. */
void neph_text_add_time(neph_text *text, int64_t time_ns);

/* Appends a time as "Sat, 31 Jan 2026 12:00:00 GMT" (RFC 9110); parts of a second are dropped. Since 0.3. */
void neph_text_add_date(neph_text *text, int64_t time_ns);

/* Appends two lower-case hex digits a byte. */
void neph_text_add_hex(neph_text *text, const void *data, size_t size);

/* Appends base64 with padding (RFC 4648). */
void neph_text_add_base64(neph_text *text, const void *data, size_t size);

/* Appends percent-encoded (RFC 3986): all but letters, digits, "-._~" and the characters in `keep` (NULL: no more)
 * becomes %XX in upper case. */
void neph_text_add_encoded(neph_text *text, const char *data, size_t size, const char *keep);

/* The number of bytes that a base64 text stands for, white space in it left aside; -1: it is no base64. */
int64_t neph_base64_size(const char *text);

/* Decodes base64 into out, which holds neph_base64_size() bytes. Returns as that does. */
int64_t neph_base64_decode(void *out, const char *text);

/* Cuts back to `size` bytes; nothing if it is shorter. */
void neph_text_cut(neph_text *text, size_t size);

/* Makes UTF-8 of any bytes, in place: NULs are left out, a byte that belongs to no character becomes "?". Returns the number
 * of bytes that are left; a NUL is not added. Since 0.2. */
size_t neph_text_clean(char *data, size_t size);

/* Decodes %XX; anything else is kept as it is. Returns the number of bytes written to out (size at most; a NUL is not
 * added), which may be the data itself. */
size_t neph_percent_decode(char *out, const char *data, size_t size);

#ifdef __cplusplus
}
#endif

#endif /* NEPH_KIT_TEXT_H */
