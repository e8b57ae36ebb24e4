/*
 * text.c - bounded texts (see neph/kit/text.h): appending and the encodings that providers need. Knows no protocol.
 */
#include "canonical.h"

#include <neph/plugin.h>
#include <neph/kit/text.h>

void neph_text_init(neph_text *text, char *data, size_t capacity)
{
    text->data = data;
    text->size = 0;
    text->capacity = capacity;
    text->status = 0;
    text->reserved = 0;
    data[0] = '\0';
}

/* Room for `size` more bytes and the NUL, or NULL. */
static char *room(neph_text *text, size_t size)
{
    if (text->status || size >= text->capacity - text->size) {
        text->status = NEPH_LIMIT;
        return NULL;
    }
    return text->data + text->size;
}

static void grown(neph_text *text, size_t size)
{
    text->size += size;
    text->data[text->size] = '\0';
}

void neph_text_add_bytes(neph_text *text, const void *data, size_t size)
{
    char *at = room(text, size);
    if (at) {
        memcpy(at, data, size);
        grown(text, size);
    }
}

void neph_text_add(neph_text *text, const char *string)
{
    if (string)
        neph_text_add_bytes(text, string, strlen(string));
}

void neph_text_add_char(neph_text *text, char c)
{
    char *at = room(text, 1);
    if (at) {
        *at = c;
        grown(text, 1);
    }
}

void neph_text_add_integer(neph_text *text, int64_t number)
{
    char digits[24];
    char *at = digits + sizeof digits;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (number < 0)
        *--at = '-';
    neph_text_add_bytes(text, at, (size_t)(digits + sizeof digits - at));
}

void neph_text_add_time(neph_text *text, int64_t time_ns)
{
    char time[24];
    neph_kit_time(time, time_ns, 1);
    neph_text_add(text, time);
}

void neph_text_add_date(neph_text *text, int64_t time_ns)
{
    char date[32];
    neph_kit_date(date, time_ns);
    neph_text_add(text, date);
}

void neph_text_add_hex(neph_text *text, const void *data, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *from = data;
    char *at = size < SIZE_MAX / 2 ? room(text, size * 2) : NULL;
    if (!at)
        return;
    for (size_t i = 0; i < size; i++) {
        *at++ = digits[from[i] >> 4];
        *at++ = digits[from[i] & 15];
    }
    grown(text, size * 2);
}

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void neph_text_add_base64(neph_text *text, const void *data, size_t size)
{
    const unsigned char *from = data;
    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        uint32_t word = (uint32_t)from[i] << 16;
        char four[4];
        word |= left > 1 ? (uint32_t)from[i + 1] << 8 : 0;
        word |= left > 2 ? (uint32_t)from[i + 2] : 0;
        four[0] = base64_digits[word >> 18];
        four[1] = base64_digits[(word >> 12) & 63];
        four[2] = left > 1 ? base64_digits[(word >> 6) & 63] : '=';
        four[3] = left > 2 ? base64_digits[word & 63] : '=';
        neph_text_add_bytes(text, four, 4);
    }
}

static int is_unreserved(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

static void add_escape(neph_text *text, unsigned char c)
{
    static const char digits[] = "0123456789ABCDEF";
    char three[3] = {'%', digits[c >> 4], digits[c & 15]};
    neph_text_add_bytes(text, three, 3);
}

void neph_text_add_encoded(neph_text *text, const char *data, size_t size, const char *keep)
{
    size_t from = 0;
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)data[i];
        if (is_unreserved(c) || (keep && c && strchr(keep, c)))
            continue;
        neph_text_add_bytes(text, data + from, i - from);
        add_escape(text, c);
        from = i + 1;
    }
    neph_text_add_bytes(text, data + from, size - from);
}

/* -1: no digit. */
static int base64_value(char c)
{
    const char *at = c ? strchr(base64_digits, c) : NULL;
    return at ? (int)(at - base64_digits) : -1;
}

int64_t neph_base64_size(const char *text)
{
    int64_t digits = 0;
    int64_t padding = 0;
    for (; *text; text++) {
        if (strchr(" \t\r\n", *text))
            continue;
        if (*text == '=')
            padding++;
        else if (base64_value(*text) < 0 || padding)
            return -1;
        else
            digits++;
    }
    return padding <= 2 && (digits + padding) % 4 == 0 ? digits * 3 / 4 : -1;
}

int64_t neph_base64_decode(void *out, const char *text)
{
    unsigned char *to = out;
    uint32_t bits = 0;
    uint32_t digits = 0;
    if (neph_base64_size(text) < 0)
        return -1;
    for (; *text; text++) {
        int value = base64_value(*text);
        if (value < 0)
            continue;
        bits = bits << 6 | (uint32_t)value;
        if (digits % 4)
            *to++ = (unsigned char)(bits >> (6 - 2 * (digits % 4)));
        digits++;
    }
    return to - (unsigned char *)out;
}

void neph_text_cut(neph_text *text, size_t size)
{
    if (size < text->size) {
        text->size = size;
        text->data[size] = '\0';
    }
}

/* Bytes of the character that begins here (RFC 3629); 0: none does. */
static size_t character_size(const unsigned char *at, size_t left)
{
    size_t size = *at < 0x80 ? 1 : *at < 0xc2 ? 0 : *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : 4;
    unsigned char low = *at == 0xe0 ? 0xa0 : *at == 0xf0 ? 0x90 : 0x80;
    unsigned char high = *at == 0xed ? 0x9f : *at == 0xf4 ? 0x8f : 0xbf;
    if (*at > 0xf4 || size > left)
        return 0;
    if (size > 1 && (at[1] < low || at[1] > high))
        return 0;
    for (size_t i = 2; i < size; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    return size;
}

size_t neph_text_clean(char *data, size_t size)
{
    size_t kept = 0;
    for (size_t i = 0, count; i < size; i += count) {
        count = character_size((const unsigned char *)data + i, size - i);
        if (!count) {
            data[i] = '?';
            count = 1;
        }
        if (!data[i])
            continue;
        memmove(data + kept, data + i, count);
        kept += count;
    }
    return kept;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

size_t neph_percent_decode(char *out, const char *data, size_t size)
{
    size_t count = 0;
    for (size_t i = 0; i < size; i++) {
        int high = data[i] == '%' && size - i > 2 ? hex_value(data[i + 1]) : -1;
        int low = high >= 0 ? hex_value(data[i + 2]) : -1;
        if (low >= 0) {
            out[count++] = (char)(high * 16 + low);
            i += 2;
        } else {
            out[count++] = data[i];
        }
    }
    return count;
}
