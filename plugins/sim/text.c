/*
 * text.c - what the kit has not: base64 read, and whether a text is UTF-8.
 */
#include "sim.h"

static int sextet(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

int64_t sim_base64_decode(const char *text, unsigned char *out, size_t capacity)
{
    size_t length = strlen(text);
    size_t padding = 0;
    size_t size = 0;
    uint32_t bits = 0;
    while (length && padding < 2 && text[length - 1 - padding] == '=' && padding < length - 1)
        padding++;
    if (length % 4 || length / 4 * 3 - padding > capacity)
        return -1;
    for (size_t i = 0; i < length - padding; i++) {
        int value = sextet(text[i]);
        if (value < 0)
            return -1;
        bits = bits << 6 | (uint32_t)value;
        if (i % 4) {
            if (out)
                out[size] = (unsigned char)(bits >> (6 - 2 * (i % 4)));
            size++;
        }
    }
    return (int64_t)size;
}

/* Bytes that follow the first one; -1: no first byte. */
static int bytes_behind(unsigned char first)
{
    if (first < 0x80)
        return 0;
    if (first >= 0xc2 && first < 0xe0)
        return 1;
    if (first >= 0xe0 && first < 0xf0)
        return 2;
    return first >= 0xf0 && first < 0xf5 ? 3 : -1;
}

/* The second byte rules out what is too long, a surrogate or above U+10FFFF (RFC 3629). */
static int is_second(unsigned char first, unsigned char second)
{
    unsigned char low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    unsigned char high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    return second >= low && second <= high;
}

int sim_is_utf8(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    while (*at) {
        int more = bytes_behind(*at);
        if (more < 0 || (more && !is_second(at[0], at[1])))
            return 0;
        for (int i = 2; i <= more; i++)
            if ((at[i] & 0xc0) != 0x80)
                return 0;
        at += more + 1;
    }
    return 1;
}
