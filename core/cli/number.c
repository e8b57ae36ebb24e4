/*
 * core/cli/number.c - numbers and times as text and back. Written by hand because a listing has a million of them: no
 * printf, no libc time functions, days counted by arithmetic.
 */
#include "core/cli/text.h"

#include <string.h>

#define SECOND INT64_C(1000000000)
#define DAY INT64_C(86400)

/* "00" to "99" */
static const char pairs[] =
    "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546"
    "4748495051525354555657585960616263646566676869707172737475767778798081828384858687888990919293"
    "949596979899";

static void put_two(char *out, unsigned number)
{
    memcpy(out, pairs + 2 * (size_t)number, 2);
}

static size_t put_unsigned(char *out, uint64_t number)
{
    char digits[24];
    size_t at = sizeof digits, length;

    for (; number >= 100; number /= 100)
        put_two(digits + (at -= 2), (unsigned)(number % 100));
    if (number >= 10)
        put_two(digits + (at -= 2), (unsigned)number);
    else
        digits[--at] = (char)('0' + number);
    length = sizeof digits - at;
    memcpy(out, digits + at, length);
    return length;
}

/* digits of number, at least count of them. */
static void put_padded(char *out, uint64_t number, size_t count)
{
    while (count > 0) {
        out[--count] = (char)('0' + number % 10);
        number /= 10;
    }
}

size_t nephc_write_integer(char *out, int64_t number)
{
    if (number >= 0)
        return put_unsigned(out, (uint64_t)number);
    *out = '-';
    return 1 + put_unsigned(out + 1, (uint64_t)0 - (uint64_t)number);
}

size_t nephc_write_decimal(char *out, int64_t nano)
{
    uint64_t size = nano < 0 ? (uint64_t)0 - (uint64_t)nano : (uint64_t)nano;
    uint64_t fraction = size % (uint64_t)SECOND;
    size_t at = 0, digits = 9;

    if (nano < 0)
        out[at++] = '-';
    at += put_unsigned(out + at, size / (uint64_t)SECOND);
    if (fraction == 0)
        return at;
    for (; fraction % 10 == 0; digits--)
        fraction /= 10;
    out[at++] = '.';
    put_padded(out + at, fraction, digits);
    return at + digits;
}

/* "2026-05-01" of a day counted from 1970-01-01 (the civil calendar by eras of 400 years); year 0-9999 only. */
static void put_date(char *out, int64_t day)
{
    int64_t shifted = day + 719468; /* from 0000-03-01, so that leap days end their year */
    int64_t era = shifted / 146097;
    unsigned of_era = (unsigned)(shifted - era * 146097);
    unsigned year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    unsigned of_year = of_era - (365 * year + year / 4 - year / 100);
    unsigned month = (5 * of_year + 2) / 153;
    unsigned date = of_year - (153 * month + 2) / 5 + 1;

    year += (unsigned)(era * 400);
    if (month >= 10)
        year++;
    month = month < 10 ? month + 3 : month - 9;
    put_two(out, year / 100);
    put_two(out + 2, year % 100);
    out[4] = '-';
    put_two(out + 5, month);
    out[7] = '-';
    put_two(out + 8, date);
}

static size_t put_fraction(char *out, uint64_t ns)
{
    size_t digits = ns % 1000000 == 0 ? 3 : ns % 1000 == 0 ? 6 : 9;

    if (ns == 0)
        return 0;
    out[0] = '.';
    put_padded(out + 1, ns / (digits == 3 ? 1000000 : digits == 6 ? 1000 : 1), digits);
    return digits + 1;
}

size_t nephc_write_time(char *out, int64_t ns)
{
    int64_t seconds = ns / SECOND, rest = ns % SECOND, day;
    unsigned of_day;
    size_t at = 19;

    if (rest < 0) {
        rest += SECOND;
        seconds--;
    }
    day = seconds / DAY;
    if (seconds % DAY < 0)
        day--;
    of_day = (unsigned)(seconds - day * DAY);
    put_date(out, day);
    out[10] = 'T';
    put_two(out + 11, of_day / 3600);
    out[13] = ':';
    put_two(out + 14, of_day / 60 % 60);
    out[16] = ':';
    put_two(out + 17, of_day % 60);
    at += put_fraction(out + at, (uint64_t)rest);
    out[at++] = 'Z';
    return at;
}

size_t nephc_write_bytes(char *out, int64_t bytes)
{
    static const char units[] = "KMGTPE";
    uint64_t size = bytes < 0 ? 0 : (uint64_t)bytes, tenths;
    size_t unit = 0, at;

    if (size < 1024) {
        at = put_unsigned(out, size);
        memcpy(out + at, " B", 2);
        return at + 2;
    }
    while (size >= UINT64_C(1024) * 1024 - 52 &&
           unit < sizeof units - 2) { /* 1023.95 rounds up to the next */
        size = (size + 512) / 1024;
        unit++;
    }
    tenths = (size * 10 + 512) / 1024;
    at = put_unsigned(out, tenths / 10);
    if (tenths % 10) {
        out[at++] = '.';
        out[at++] = (char)('0' + tenths % 10);
    }
    out[at++] = ' ';
    out[at++] = units[unit];
    memcpy(out + at, "iB", 2);
    return at + 2;
}

/* Adds digits to *number and returns where they end; NULL: too many. */
static const char *read_digits(const char *text, uint64_t *number)
{
    for (; *text >= '0' && *text <= '9'; text++) {
        unsigned digit = (unsigned)(*text - '0');

        if (*number > (UINT64_MAX - digit) / 10)
            return NULL;
        *number = *number * 10 + digit;
    }
    return text;
}

int nephc_read_integer(const char *text, int64_t *out)
{
    int is_negative = *text == '-';
    uint64_t number = 0;
    const char *first = text + is_negative, *end = read_digits(first, &number);

    if (!end || end == first || *end || number > (uint64_t)INT64_MAX)
        return 0;
    *out = is_negative ? -(int64_t)number : (int64_t)number;
    return 1;
}

int nephc_read_decimal(const char *text, int64_t *out)
{
    uint64_t whole = 0, fraction = 0;
    const char *end = read_digits(text, &whole);
    size_t digits = 0;

    if (!end || end == text || whole > (uint64_t)(INT64_MAX / SECOND - 1))
        return 0;
    if (*end == '.') {
        const char *first = end + 1;

        end = read_digits(first, &fraction);
        digits = end ? (size_t)(end - first) : 0;
        if (digits == 0 || digits > 9)
            return 0;
    }
    if (*end)
        return 0;
    for (; digits < 9; digits++)
        fraction *= 10;
    *out = (int64_t)(whole * (uint64_t)SECOND + fraction);
    return 1;
}

/* What a unit is in bytes: 1000 or 1024 to the power that its letter stands for. */
static int read_unit(const char *text, uint64_t *out)
{
    static const char letters[] = "KMGTPE";
    const char *letter;
    uint64_t base;
    size_t power;

    *out = 1;
    if (*text == '\0' || strcmp(text, "B") == 0 || strcmp(text, " B") == 0)
        return 1;
    text += *text == ' ';
    letter = *text ? strchr(letters, *text == 'k' ? 'K' : *text) : NULL;
    if (!letter)
        return 0;
    base = strcmp(text + 1, "iB") == 0 ? 1024 : strcmp(text + 1, "B") == 0 ? 1000 : 0;
    if (base == 0 || (*text == 'k' && base == 1024))
        return 0;
    for (power = (size_t)(letter - letters) + 1; power > 0; power--)
        *out *= base; /* 1024 to the sixth is 1 << 60 */
    return 1;
}

int nephc_read_size(const char *text, int64_t *out)
{
    uint64_t whole = 0, fraction = 0, unit, part, scale = 1;
    const char *end = read_digits(text, &whole);
    const char *first = end && *end == '.' ? end + 1 : NULL;

    if (!end || end == text)
        return 0;
    if (first) {
        end = read_digits(first, &fraction);
        if (!end || end == first || end - first > 9)
            return 0;
        for (; first < end; first++)
            scale *= 10;
    }
    if (!read_unit(end, &unit) || __builtin_mul_overflow(whole, unit, &whole))
        return 0;
    /* Both are below 1 << 60: the part is worked out without leaving 64 bits on the way. */
    part = unit / scale * fraction;
    if (unit % scale * fraction % scale != 0)
        return 0; /* no whole number of bytes */
    part += unit % scale * fraction / scale;
    if (__builtin_add_overflow(whole, part, &whole) || whole > (uint64_t)INT64_MAX)
        return 0;
    *out = (int64_t)whole;
    return 1;
}

int nephc_read_rate(const char *text, int64_t *out)
{
    size_t length = strlen(text);
    char full[32];

    if (length == 0 || length + 3 > sizeof full)
        return 0;
    memcpy(full, text, length + 1);
    if (strchr("kKMGT", text[length - 1])) { /* "10M" is as people write it */
        full[length - 1] = (char)(text[length - 1] == 'k' ? 'K' : text[length - 1]);
        memcpy(full + length, "iB", 3);
    }
    return nephc_read_size(full, out) && *out > 0;
}

size_t nephc_write_duration(char *out, int64_t seconds)
{
    uint64_t left = seconds < 0 ? 0 : (uint64_t)seconds;
    size_t at = 0;

    if (left >= 3600) {
        at = put_unsigned(out, left / 3600);
        out[at++] = ':';
    }
    put_padded(out + at, left / 60 % 60, 2);
    out[at + 2] = ':';
    put_padded(out + at + 3, left % 60, 2);
    return at + 5;
}

int nephc_read_age(const char *text, int64_t *out)
{
    static const struct {
        char letter;
        int64_t seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};
    uint64_t number = 0;
    const char *end = read_digits(text, &number);
    size_t i;

    for (i = 0; end && end > text && i < sizeof units / sizeof units[0]; i++)
        if (end[0] == units[i].letter && end[1] == '\0')
            return number <= (uint64_t)(INT64_MAX / SECOND / units[i].seconds) &&
                   (*out = (int64_t)number * units[i].seconds * SECOND, 1);
    return 0;
}
