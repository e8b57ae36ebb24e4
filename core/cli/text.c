/*
 * core/cli/text.c - strings of a server made harmless for a terminal, COPY and JSON. The common case, printable ASCII, is
 * found eight bytes at a time and copied; everything else takes the slow path one character at a time.
 */
#include "core/cli/text.h"

#include <string.h>

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* The characters that a format escapes besides what is never written raw. */
typedef struct escapes {
    char also[2]; /* a byte that occurs twice costs nothing */
    void (*put)(nephc_output *out, const char *bytes, size_t size, uint32_t code);
} escapes;

/* Bytes that stand for themselves: printable ASCII without also[0] and also[1]. */
static int is_plain_byte(unsigned char byte, const char also[2])
{
    return byte >= 0x20 && byte < 0x7f && byte != (unsigned char)also[0] &&
           byte != (unsigned char)also[1];
}

/* Bit 7 of some byte is set if a byte of word is < 0x20, 0x7f, > 0x7f, first or second; never otherwise. */
static inline uint64_t harmful_bits(uint64_t word, uint64_t first, uint64_t second)
{
    return (word | (word - EACH(0x20)) | (word + EACH(1)) | ((word ^ first) - EACH(1)) |
            ((word ^ second) - EACH(1))) &
           EACH(0x80);
}

static inline size_t plain_run(const char *text, size_t size, const char also[2])
{
    const uint64_t first = EACH((unsigned char)also[0]), second = EACH((unsigned char)also[1]);
    size_t at = 0;
    uint64_t word;

    for (; size - at >= 8; at += 8) {
        memcpy(&word, text + at, 8);
        if (harmful_bits(word, first, second))
            break;
    }
    if (size - at < 8 &&
        size >= 8) { /* the rest at once: the last eight bytes, some of them again */
        memcpy(&word, text + size - 8, 8);
        if (!harmful_bits(word, first, second))
            return size;
    }
    while (at < size && is_plain_byte((unsigned char)text[at], also))
        at++;
    return at;
}

/* Length of the character at text and its code point; 0: no UTF-8. */
static size_t decode(const char *text, size_t size, uint32_t *code)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *bytes = (const unsigned char *)text;
    size_t length, i;

    if (bytes[0] < 0x80) {
        *code = bytes[0];
        return 1;
    }
    length = bytes[0] >= 0xf0 ? 4 : bytes[0] >= 0xe0 ? 3 : 2;
    if (bytes[0] < 0xc2 || bytes[0] > 0xf4 || length > size)
        return 0;
    *code = bytes[0] & (0x7fu >> length);
    for (i = 1; i < length; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
        *code = *code << 6 | (bytes[i] & 0x3f);
    }
    if (*code < least[length] || *code > 0x10ffff || (*code >= 0xd800 && *code < 0xe000))
        return 0;
    return length;
}

typedef struct code_range {
    uint32_t first;
    uint32_t last;
} code_range;

static int is_in(const code_range *ranges, size_t count, uint32_t code)
{
    size_t i;

    for (i = 0; i < count; i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return 1;
    return 0;
}

/* C0, DEL, C1 (terminals obey it in UTF-8 too), line separators, and what makes text read in another order. */
static int is_harmful(uint32_t code)
{
    static const code_range ranges[] = {{0, 0x1f},         {0x7f, 0x9f},     {0x200e, 0x200f},
                                        {0x2028, 0x202e},  {0x2066, 0x2069}, {0xfeff, 0xfeff},
                                        {0xe0000, 0xe007f}};

    return is_in(ranges, sizeof ranges / sizeof ranges[0], code);
}

static inline void put_escaped(nephc_output *out, const char *text, size_t size, const escapes *how)
{
    while (size > 0) {
        size_t length = plain_run(text, size, how->also);
        uint32_t code = 0;

        nephc_output_write(out, text, length);
        text += length;
        size -= length;
        if (size == 0)
            return;
        length = decode(text, size, &code);
        if (length == 0)
            how->put(out, text, length = 1, UINT32_MAX);
        else if (code < 0x80 || is_harmful(code))
            how->put(out, text, length, code);
        else
            nephc_output_write(out, text, length);
        text += length;
        size -= length;
    }
}

static const char hex_digits[] = "0123456789abcdef";

static void put_hex_bytes(nephc_output *out, const char *bytes, size_t size)
{
    size_t i;

    for (i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        char escape[4] = {'\\', 'x', hex_digits[byte >> 4], hex_digits[byte & 15]};

        nephc_output_write(out, escape, sizeof escape);
    }
}

static void put_copy_escape(nephc_output *out, const char *bytes, size_t size, uint32_t code)
{
    static const char names[] = "\b\f\n\r\t\v\\", letters[] = "bfnrtv\\";
    const char *name = code < 0x80 && code != 0 ? strchr(names, (int)code) : NULL;

    if (!name) {
        put_hex_bytes(out, bytes, size);
        return;
    }
    nephc_output_byte(out, '\\');
    nephc_output_byte(out, letters[name - names]);
}

static void put_plain_escape(nephc_output *out, const char *bytes, size_t size, uint32_t code)
{
    if (code == '\n')
        nephc_output_text(out, "\\n");
    else if (code == '\t')
        nephc_output_text(out, "\\t");
    else
        put_hex_bytes(out, bytes, size);
}

static void put_json_unit(nephc_output *out, uint32_t unit)
{
    char escape[6] = {'\\',
                      'u',
                      hex_digits[unit >> 12 & 15],
                      hex_digits[unit >> 8 & 15],
                      hex_digits[unit >> 4 & 15],
                      hex_digits[unit & 15]};

    nephc_output_write(out, escape, sizeof escape);
}

static void put_json_escape(nephc_output *out, const char *bytes, size_t size, uint32_t code)
{
    static const char names[] = "\b\f\n\r\t\"\\", letters[] = "bfnrt\"\\";
    const char *name = code < 0x80 && code != 0 ? strchr(names, (int)code) : NULL;

    (void)bytes;
    (void)size;
    if (name) {
        nephc_output_byte(out, '\\');
        nephc_output_byte(out, letters[name - names]);
    } else if (code > 0xffff) {
        put_json_unit(out, 0xd800 + ((code - 0x10000) >> 10 & 0x3ff));
        put_json_unit(out, 0xdc00 + ((code - 0x10000) & 0x3ff));
    } else {
        put_json_unit(out, code);
    }
}

void nephc_put_plain(nephc_output *out, const char *text, size_t size)
{
    static const escapes how = {{0x7f, 0x7f}, put_plain_escape};

    put_escaped(out, text, size, &how);
}

void nephc_put_copy(nephc_output *out, const char *text, size_t size)
{
    static const escapes how = {{'\\', '\\'}, put_copy_escape};

    put_escaped(out, text, size, &how);
}

void nephc_put_json(nephc_output *out, const char *text, size_t size)
{
    static const escapes how = {{'"', '\\'}, put_json_escape};

    put_escaped(out, text, size, &how);
}

void nephc_put_base64(nephc_output *out, const char *text, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t at;

    for (at = 0; at < size; at += 3) {
        size_t left = size - at;
        uint32_t group = (uint32_t)(unsigned char)text[at] << 16;
        char four[4];

        group |= left > 1 ? (uint32_t)(unsigned char)text[at + 1] << 8 : 0;
        group |= left > 2 ? (uint32_t)(unsigned char)text[at + 2] : 0;
        four[0] = digits[group >> 18];
        four[1] = digits[group >> 12 & 63];
        four[2] = '=';
        four[3] = '=';
        if (left > 1)
            four[2] = digits[group >> 6 & 63];
        if (left > 2)
            four[3] = digits[group & 63];
        nephc_output_write(out, four, sizeof four);
    }
}

int nephc_is_utf8(const char *text, size_t size)
{
    static const char also[2] = {0x7f, 0x7f};

    while (size > 0) {
        size_t length = plain_run(text, size, also);
        uint32_t code;

        text += length;
        size -= length;
        if (size == 0)
            break;
        length = decode(text, size, &code);
        if (length == 0)
            return 0;
        text += length;
        size -= length;
    }
    return 1;
}

size_t nephc_width(const char *text, size_t size)
{
    static const code_range none[] = {
        {0x300, 0x36f}, {0x200b, 0x200d}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}};
    static const code_range two[] = {{0x1100, 0x115f},   {0x2e80, 0x303e},  {0x3041, 0xa4cf},
                                     {0xac00, 0xd7a3},   {0xf900, 0xfaff},  {0xfe30, 0xfe6f},
                                     {0xff00, 0xff60},   {0xffe0, 0xffe6},  {0x1f300, 0x1f64f},
                                     {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};
    static const char also[2] = {0x7f, 0x7f};
    size_t width = plain_run(text, size, also);

    text += width;
    size -= width;
    while (size > 0) {
        uint32_t code = 0;
        size_t length = decode(text, size, &code);

        if (length == 0)
            length = 1;
        width += is_in(two, sizeof two / sizeof two[0], code)      ? 2
                 : is_in(none, sizeof none / sizeof none[0], code) ? 0
                                                                   : 1;
        text += length;
        size -= length;
    }
    return width;
}
