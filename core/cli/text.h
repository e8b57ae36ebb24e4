/*
 * core/cli/text.h - how values become text: numbers, times, and strings that a server chose, made harmless for each
 * format. No locale, no allocation.
 */
#ifndef NEPHC_TEXT_H
#define NEPHC_TEXT_H

#include "core/cli/output.h"

#include <stddef.h>
#include <stdint.h>

/* out holds NEPHC_NUMBER_SIZE bytes; not NUL-terminated. All return the length. */
#define NEPHC_NUMBER_SIZE 40
size_t nephc_write_integer(char *out, int64_t number);
/* Units of 1e-9: "0.15". */
size_t nephc_write_decimal(char *out, int64_t nano);
/* RFC 3339, UTC, with 0, 3, 6 or 9 digits of fraction as needed: "2026-05-01T12:34:56Z". */
size_t nephc_write_time(char *out, int64_t ns);
/* "512 B", "4.9 MiB" */
size_t nephc_write_bytes(char *out, int64_t bytes);
/* "00:09", "100:00:00" */
size_t nephc_write_duration(char *out, int64_t seconds);

/* Decimal digits with a sign; 0 for what is no int64. */
int nephc_read_integer(const char *text, int64_t *out);
/* "0.15" in units of 1e-9. */
int nephc_read_decimal(const char *text, int64_t *out);
/* "10GiB", "500 MB", "1.5TiB", plain bytes; 0 for what is none, or no whole number of bytes, or no int64. */
int nephc_read_size(const char *text, int64_t *out);
/* The same, and "10M" for MiB, "1G" ...: bytes in a second. 0 for nothing, too. */
int nephc_read_rate(const char *text, int64_t *out);
/* "90s", "30m", "12h", "7d", "2w" in nanoseconds. */
int nephc_read_age(const char *text, int64_t *out);

int nephc_is_utf8(const char *text, size_t size);
/* Columns of a terminal that the text takes. */
size_t nephc_width(const char *text, size_t size);

/* For people: control characters, what reorders text, and bytes that are no UTF-8 become \xHH. */
void nephc_put_plain(nephc_output *out, const char *text, size_t size);
/* PostgreSQL's COPY text: the same, and backslashes are doubled; \b \f \n \r \t \v. */
void nephc_put_copy(nephc_output *out, const char *text, size_t size);
/* What stands between the quotes of a JSON string; text is UTF-8. */
void nephc_put_json(nephc_output *out, const char *text, size_t size);
void nephc_put_base64(nephc_output *out, const char *text, size_t size);

#endif
