/*
 * md5.c - MD5 after RFC 1321, in pieces. See neph/kit/md5.h for what it is for and what not.
 */
#include <neph/kit/md5.h>

#include <string.h>

/* floor(2^32 * |sin(i + 1)|), RFC 1321 section 3.4. */
static const uint32_t sines[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};

static uint32_t word_at(const unsigned char *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void word_put(unsigned char *at, uint32_t word)
{
    for (int i = 0; i < 4; i++)
        at[i] = (unsigned char)(word >> (8 * i));
}

static uint32_t turn(uint32_t word, int by)
{
    return word << by | word >> (32 - by);
}

#define STEP(mix, a, b, c, d, index, by, i)                                                        \
    a = b + turn(a + (mix(b, c, d)) + word[index] + sines[i], by)
#define F(x, y, z) ((z) ^ ((x) & ((y) ^ (z))))
#define G(x, y, z) ((y) ^ ((z) & ((x) ^ (y))))
#define H(x, y, z) ((x) ^ (y) ^ (z))
#define I(x, y, z) ((y) ^ ((x) | ~(z)))
#define ROUND(mix, start, stride, by0, by1, by2, by3, base)                                        \
    for (uint32_t i = 0; i < 16; i += 4) {                                                         \
        STEP(mix, a, b, c, d, ((start) + (stride)*i) & 15, by0, (base) + i);                       \
        STEP(mix, d, a, b, c, ((start) + (stride) * (i + 1)) & 15, by1, (base) + i + 1);           \
        STEP(mix, c, d, a, b, ((start) + (stride) * (i + 2)) & 15, by2, (base) + i + 2);           \
        STEP(mix, b, c, d, a, ((start) + (stride) * (i + 3)) & 15, by3, (base) + i + 3);           \
    }

static void block_add(uint32_t *state, const unsigned char *block)
{
    uint32_t word[16];
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    for (size_t i = 0; i < 16; i++)
        word[i] = word_at(block + 4 * i);
    ROUND(F, 0, 1, 7, 12, 17, 22, 0)
    ROUND(G, 1, 5, 5, 9, 14, 20, 16)
    ROUND(H, 5, 3, 4, 11, 16, 23, 32)
    ROUND(I, 0, 7, 6, 10, 15, 21, 48)
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
}

void neph_md5_init(neph_md5 *md5)
{
    static const uint32_t start[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    memset(md5, 0, sizeof *md5);
    memcpy(md5->state, start, sizeof start);
}

void neph_md5_update(neph_md5 *md5, const void *data, size_t size)
{
    const unsigned char *from = data;
    size_t held = (size_t)(md5->size % 64);
    md5->size += size;
    if (held) {
        size_t part = 64 - held < size ? 64 - held : size;
        memcpy(md5->block + held, from, part);
        from += part;
        size -= part;
        if (held + part < 64)
            return;
        block_add(md5->state, md5->block);
    }
    for (; size >= 64; from += 64, size -= 64)
        block_add(md5->state, from);
    if (size)
        memcpy(md5->block, from, size);
}

void neph_md5_final(neph_md5 *md5, unsigned char *out)
{
    static const unsigned char padding[64] = {0x80};
    uint64_t bits = md5->size * 8;
    unsigned char length[8];
    size_t held = (size_t)(md5->size % 64);
    word_put(length, (uint32_t)bits);
    word_put(length + 4, (uint32_t)(bits >> 32));
    neph_md5_update(md5, padding, held < 56 ? 56 - held : 120 - held);
    neph_md5_update(md5, length, sizeof length);
    for (size_t i = 0; i < 4; i++)
        word_put(out + 4 * i, md5->state[i]);
}
