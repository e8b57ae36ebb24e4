/*
 * core/text.c - numbers, hex, base64, percent-encoding and UTF-8, without locale and allocation.
 * Times are time.c.
 */
#include "core/text.h"

#include <limits.h>
#include <string.h>

static unsigned digit_of(char c)
{
    return (unsigned)(unsigned char)c - '0';
}

int nephi_read_integer(const char *text, size_t size, int64_t *out)
{
    const char *at = text, *end = text + size;
    int is_negative = size > 0 && *at == '-';
    uint64_t value = 0;
    if (is_negative)
        at++;
    while (at < end && *at == '0' && at + 1 < end)
        at++;
    if (at == end || end - at > 19)
        return 0;
    for (; at < end; at++) {
        unsigned digit = digit_of(*at);
        if (digit > 9)
            return 0;
        value = value * 10 + digit; /* 19 nines fit */
    }
    if (value > INT64_MAX) /* INT64_MIN means "unknown" and is no number */
        return 0;
    *out = is_negative ? -(int64_t)value : (int64_t)value;
    return 1;
}

/* ---- decimals */

typedef struct decimal {
    uint64_t digits; /* up to 19 */
    int count;       /* of digits, without leading zeroes */
    int exponent;    /* value = digits * 10 ^ exponent */
    int is_negative;
} decimal;

/* Reads digits; those that do not fit only move the exponent. Returns how many there were. */
static size_t read_digits(const char **at, const char *end, int step, decimal *d)
{
    const char *start = *at;
    for (; *at < end && digit_of(**at) <= 9; (*at)++) {
        if (d->count < 19) {
            d->digits = d->digits * 10 + digit_of(**at);
            d->count += d->digits != 0;
            d->exponent -= step;
        } else {
            d->exponent += 1 - step;
        }
    }
    return (size_t)(*at - start);
}

static int read_exponent(const char **at, const char *end, int *out)
{
    int is_negative = 0, value = 0;
    if (*at < end && (**at == '-' || **at == '+'))
        is_negative = *(*at)++ == '-';
    if (*at == end)
        return 0;
    for (; *at < end; (*at)++) {
        if (digit_of(**at) > 9 || value > 9999)
            return 0;
        value = value * 10 + (int)digit_of(**at);
    }
    *out += is_negative ? -value : value;
    return 1;
}

static int decimal_read(const char *text, size_t size, decimal *d)
{
    const char *at = text, *end = text + size;
    size_t whole, fraction = 0;
    if (size > INT_MAX / 4)
        return 0;
    d->is_negative = size > 0 && *at == '-';
    if (d->is_negative)
        at++;
    whole = read_digits(&at, end, 0, d);
    if (at < end && *at == '.') {
        at++;
        fraction = read_digits(&at, end, 1, d);
        if (fraction == 0)
            return 0;
    }
    if (whole + fraction == 0)
        return 0;
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        return read_exponent(&at, end, &d->exponent);
    }
    return at == end;
}

/* digits * 10 ^ exponent as an integer, rounded half away from zero. */
static int decimal_value(const decimal *d, int64_t *out)
{
    uint64_t value = d->digits;
    int exponent = d->exponent, rest = 0;
    for (; exponent < 0 && value != 0; exponent++) {
        rest = (int)(value % 10);
        value /= 10;
    }
    if (exponent == 0 && rest >= 5)
        value++;
    for (; exponent > 0 && value != 0; exponent--)
        if (__builtin_mul_overflow(value, 10u, &value))
            return 0;
    if (value > INT64_MAX)
        return 0;
    *out = d->is_negative ? -(int64_t)value : (int64_t)value;
    return 1;
}

static int read_scaled(const char *text, size_t size, int power, int64_t *out)
{
    decimal d = {0, 0, 0, 0};
    if (!decimal_read(text, size, &d))
        return 0;
    d.exponent += power;
    return decimal_value(&d, out);
}

int nephi_read_decimal(const char *text, size_t size, int64_t *out)
{
    return read_scaled(text, size, 9, out);
}

int nephi_read_epoch(const char *text, size_t size, int64_t scale, int64_t *out)
{
    int power = 0;
    for (; scale >= 10; scale /= 10)
        power++;
    return read_scaled(text, size, power, out);
}

size_t nephi_write_decimal(char *out, size_t capacity, int64_t nano)
{
    uint64_t value = nano < 0 ? 0 - (uint64_t)nano : (uint64_t)nano;
    uint64_t whole = value / 1000000000u;
    uint32_t fraction = (uint32_t)(value % 1000000000u);
    char digits[32];
    char *end = digits + sizeof digits, *at = end;
    size_t size;
    int places;
    for (places = 9; places > 0; places--, fraction /= 10)
        if (at < end || fraction % 10 != 0)
            *--at = (char)('0' + fraction % 10);
    if (at < end)
        *--at = '.';
    do {
        *--at = (char)('0' + whole % 10);
        whole /= 10;
    } while (whole);
    if (nano < 0)
        *--at = '-';
    size = (size_t)(end - at);
    if (size >= capacity)
        size = 0;
    memcpy(out, at, size);
    if (capacity > 0)
        out[size] = '\0';
    return size;
}

/* ---- words */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

int nephi_same_letters(const char *a, const char *b)
{
    while (*a && (*a == *b || lower(*a) == lower(*b))) {
        a++;
        b++;
    }
    return lower(*a) == lower(*b);
}

int nephi_read_boolean(const char *text, size_t size, int64_t *out)
{
    static const struct {
        const char *word;
        size_t size;
        int64_t value;
    } words[] = {{"true", 4, 1}, {"false", 5, 0}, {"1", 1, 1},
                 {"0", 1, 0},    {"yes", 3, 1},   {"no", 2, 0}};
    size_t i, at;
    for (i = 0; i < sizeof words / sizeof *words; i++) {
        for (at = 0; at < size && at < words[i].size; at++)
            if (lower(text[at]) != words[i].word[at])
                break;
        if (at == size && at == words[i].size) {
            *out = words[i].value;
            return 1;
        }
    }
    return 0;
}

/* ---- hex and base64 */

size_t nephi_hex(char *out, const unsigned char *data, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    size_t i;
    for (i = 0; i < size; i++) {
        out[2 * i] = digits[data[i] >> 4];
        out[2 * i + 1] = digits[data[i] & 15];
    }
    out[2 * size] = '\0';
    return 2 * size;
}

static int hex_value(char c)
{
    if (digit_of(c) <= 9)
        return (int)digit_of(c);
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t nephi_base64_encode(char *out, const unsigned char *data, size_t size)
{
    char *start = out;
    size_t at;
    for (at = 0; at < size; at += 3) {
        size_t left = size - at;
        uint32_t bits = (uint32_t)data[at] << 16;
        bits |= left > 1 ? (uint32_t)data[at + 1] << 8 : 0;
        bits |= left > 2 ? data[at + 2] : 0;
        *out++ = base64_digits[bits >> 18];
        *out++ = base64_digits[bits >> 12 & 63];
        *out++ = left > 1 ? base64_digits[bits >> 6 & 63] : '=';
        *out++ = left > 2 ? base64_digits[bits & 63] : '=';
    }
    *out = '\0';
    return (size_t)(out - start);
}

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (digit_of(c) <= 9)
        return (int)digit_of(c) + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static int is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

int64_t nephi_base64_decode(unsigned char *out, const char *text, size_t size)
{
    uint32_t bits = 0;
    size_t i, digits = 0, padding = 0;
    int64_t written = 0;
    for (i = 0; i < size; i++) {
        int value = base64_value(text[i]);
        if (is_blank(text[i])) /* clouds break lines */
            continue;
        if (text[i] == '=' && ++padding <= 2)
            continue;
        if (value < 0 || padding > 0)
            return -1;
        bits = (bits << 6 | (uint32_t)value) & 0xffffff;
        if (++digits % 4 != 1)
            out[written++] = (unsigned char)(bits >> (6 - 2 * ((digits - 1) % 4)));
    }
    if ((digits + padding) % 4 != 0 || digits % 4 == 1)
        return -1;
    /* The bits that no byte holds are zero, or two texts would mean the same bytes. */
    if ((digits % 4 == 2 && (bits & 15)) || (digits % 4 == 3 && (bits & 3)))
        return -1;
    return written;
}

/* ---- percent-encoding, RFC 3986 section 2 */

static int is_unreserved(char c)
{
    char small = lower(c);
    return (small >= 'a' && small <= 'z') || digit_of(c) <= 9 || c == '-' || c == '.' || c == '_' ||
           c == '~';
}

size_t nephi_percent_encode(char *out, const char *text, size_t size, int flags)
{
    static const char digits[] = "0123456789ABCDEF";
    char *start = out;
    size_t i;
    for (i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (is_unreserved(text[i]) || (text[i] == '/' && (flags & NEPHI_KEEP_SLASH))) {
            *out++ = text[i];
            continue;
        }
        *out++ = '%';
        *out++ = digits[byte >> 4];
        *out++ = digits[byte & 15];
    }
    *out = '\0';
    return (size_t)(out - start);
}

size_t nephi_percent_decode(char *out, const char *text, size_t size)
{
    char *start = out;
    size_t i;
    for (i = 0; i < size; i++) {
        int high = -1, low = -1;
        if (text[i] == '%' && size - i > 2) {
            high = hex_value(text[i + 1]);
            low = hex_value(text[i + 2]);
        }
        if (high >= 0 && low >= 0) {
            *out++ = (char)(high << 4 | low);
            i += 2;
        } else {
            *out++ = text[i];
        }
    }
    return (size_t)(out - start);
}

/* ---- UTF-8, RFC 3629 */

/* Bytes of a sequence by its first byte, and the range of its second one; the later ones are
 * 80..BF. */
static size_t sequence(unsigned char first, unsigned char *low, unsigned char *high)
{
    *low = 0x80;
    *high = 0xbf;
    if (first < 0x80)
        return 1;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    if (first < 0xe0)
        return 2;
    if (first == 0xe0 || first == 0xf0) /* longer than needed */
        *low = first == 0xe0 ? 0xa0 : 0x90;
    if (first == 0xed || first == 0xf4) /* surrogates; beyond U+10FFFF */
        *high = first == 0xed ? 0x9f : 0x8f;
    return first < 0xf0 ? 3 : 4;
}

size_t nephi_utf8_length(const char *text, size_t size)
{
    const unsigned char *bytes = (const unsigned char *)text;
    unsigned char low, high;
    size_t length, i;
    if (size == 0)
        return 0;
    length = sequence(bytes[0], &low, &high);
    if (length > size)
        return 0;
    if (length > 1 && (bytes[1] < low || bytes[1] > high))
        return 0;
    for (i = 2; i < length; i++)
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
    return length;
}

/* Most texts are ASCII alone: eight bytes at a time. */
static size_t ascii_run(const char *text, size_t size)
{
    size_t at = 0;
    uint64_t word;
    for (; size - at >= sizeof word; at += sizeof word) {
        memcpy(&word, text + at, sizeof word);
        if (word & UINT64_C(0x8080808080808080))
            break;
    }
    while (at < size && !(text[at] & 0x80))
        at++;
    return at;
}

int nephi_is_utf8(const char *text, size_t size)
{
    size_t at = ascii_run(text, size);
    while (at < size) {
        size_t length = nephi_utf8_length(text + at, size - at);
        if (length == 0)
            return 0;
        at += length;
        at += ascii_run(text + at, size - at);
    }
    return 1;
}

int nephi_is_choice(const char *choices, const char *value)
{
    size_t size = strlen(value);
    for (const char *at = choices; at;) {
        size_t length = strcspn(at, "|");
        if (length == size && memcmp(at, value, size) == 0)
            return 1;
        at = at[length] ? at + length + 1 : NULL;
    }
    return 0;
}
