/*
 * core/escape.c - reading one escape at a time. Nothing here fails: what is no escape is a character.
 */
#include "core/escape.h"

#include <stdint.h>
#include <string.h>

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Exactly count hex digits, or -1. */
static int32_t hex_read(const char *text, size_t size, size_t count)
{
    int32_t value = 0;
    if (size < count)
        return -1;
    for (size_t i = 0; i < count; i++) {
        int digit = hex_digit(text[i]);
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

static size_t utf8_write(char *out, uint32_t code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | (code >> 6));
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | (code >> 12));
        out[1] = (char)(0x80 | ((code >> 6) & 0x3f));
        out[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | (code >> 18));
    out[1] = (char)(0x80 | ((code >> 12) & 0x3f));
    out[2] = (char)(0x80 | ((code >> 6) & 0x3f));
    out[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

/* A URL inside a URL is encoded twice. */
static size_t percent_read(const char *text, size_t size, char *out, size_t *out_size)
{
    int32_t byte, inner;
    *out_size = 1;
    if (text[0] == '+') {
        *out = ' ';
        return 1;
    }
    byte = text[0] == '%' ? hex_read(text + 1, size - 1, 2) : -1;
    if (byte < 0)
        return 0;
    inner = byte == '%' ? hex_read(text + 3, size - 3, 2) : -1;
    *out = (char)(inner >= 0 ? inner : byte);
    return inner >= 0 ? 5 : 3;
}

static size_t unicode_read(const char *text, size_t size, char *out, size_t *out_size)
{
    int32_t code = hex_read(text + 2, size - 2, 4), low;
    if (code < 0)
        return 0;
    if (code < 0xd800 || code > 0xdbff) {
        *out_size = utf8_write(out, (uint32_t)code);
        return 6;
    }
    if (size < 12 || text[6] != '\\' || text[7] != 'u')
        return 0;
    low = hex_read(text + 8, size - 8, 4);
    if (low < 0xdc00 || low > 0xdfff)
        return 0;
    *out_size =
        utf8_write(out, 0x10000 + (((uint32_t)code - 0xd800) << 10) + ((uint32_t)low - 0xdc00));
    return 12;
}

static size_t json_read(const char *text, size_t size, char *out, size_t *out_size)
{
    static const char escapes[] = "nrtbf\"\\/", meanings[] = "\n\r\t\b\f\"\\/";
    const char *found;
    if (text[0] != '\\' || size < 2 || text[1] == '\0')
        return 0;
    if (text[1] == 'u')
        return unicode_read(text, size, out, out_size);
    found = strchr(escapes, text[1]);
    if (!found)
        return 0;
    *out = meanings[found - escapes];
    *out_size = 1;
    return 2;
}

/* "&#233;" or "&#xe9;": size is that of the whole with its semicolon. */
static size_t reference_read(const char *text, size_t size, char *out, size_t *out_size)
{
    int is_hex = text[2] == 'x' || text[2] == 'X';
    uint32_t code = 0;
    size_t at = is_hex ? 3 : 2;
    if (at + 1 >= size)
        return 0;
    for (; at + 1 < size; at++) {
        int digit = hex_digit(text[at]);
        if (digit < 0 || (!is_hex && digit > 9))
            return 0;
        code = code * (is_hex ? 16 : 10) + (uint32_t)digit;
        if (code > 0x10ffff)
            return 0;
    }
    *out_size = utf8_write(out, code);
    return size;
}

static size_t xml_read(const char *text, size_t size, char *out, size_t *out_size)
{
    static const struct {
        const char *name;
        char meaning;
    } names[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
    const char *end;
    size_t length;
    if (text[0] != '&')
        return 0;
    end = memchr(text, ';', size < 12 ? size : 12);
    if (!end)
        return 0;
    length = (size_t)(end - text) + 1;
    if (length > 3 && text[1] == '#')
        return reference_read(text, length, out, out_size);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strlen(names[i].name) != length || memcmp(names[i].name, text, length) != 0)
            continue;
        *out = names[i].meaning;
        *out_size = 1;
        return length;
    }
    return 0;
}

size_t nephi_escape_read(const char *text, size_t size, int kinds, char *out, size_t *out_size)
{
    size_t length = 0;
    if (size == 0)
        return 0;
    if (kinds & NEPHI_ESCAPE_PERCENT)
        length = percent_read(text, size, out, out_size);
    if (!length && (kinds & NEPHI_ESCAPE_JSON))
        length = json_read(text, size, out, out_size);
    if (!length && (kinds & NEPHI_ESCAPE_XML))
        length = xml_read(text, size, out, out_size);
    return length;
}

int nephi_escape_begins(char c)
{
    return c == '%' || c == '+' || c == '\\' || c == '&';
}
