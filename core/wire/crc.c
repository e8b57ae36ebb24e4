/*
 * core/wire/crc.c - CRCs by table, eight bytes at a time, and the CRC of a whole from those of its parts. What the processor
 * can do faster is crc_fold.c's.
 *
 * A reflected value holds the coefficient of the highest power in its lowest bit: multiplying by x is a shift to the right.
 */
#include "core/wire/crc.h"

#include <neph/plugin.h>

#include <pthread.h>

static const nephi_crc kinds[] = {
    {NEPH_DIGEST_CRC32, 32, 0xedb88320},
    {NEPH_DIGEST_CRC32C, 32, 0x82f63b78},
    {NEPH_DIGEST_CRC64NVME, 64, UINT64_C(0x9a6c9329ac4bc9b5)},
};
#define KINDS (sizeof kinds / sizeof *kinds)

/* tables[kind][n][byte]: what a byte comes to with n bytes of zero behind it. */
static uint64_t tables[KINDS][8][256];
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

const nephi_crc *nephi_crc_find(int32_t algorithm)
{
    for (size_t i = 0; i < KINDS; i++)
        if (kinds[i].algorithm == algorithm)
            return &kinds[i];
    return NULL;
}

static uint64_t times_x(const nephi_crc *kind, uint64_t value)
{
    return value & 1 ? value >> 1 ^ kind->polynomial : value >> 1;
}

static void tables_make(void)
{
    for (size_t k = 0; k < KINDS; k++) {
        for (uint32_t byte = 0; byte < 256; byte++) {
            uint64_t value = byte;
            for (int bit = 0; bit < 8; bit++)
                value = times_x(&kinds[k], value);
            tables[k][0][byte] = value;
        }
        for (uint32_t byte = 0; byte < 256; byte++)
            for (int n = 1; n < 8; n++) {
                uint64_t before = tables[k][n - 1][byte];
                tables[k][n][byte] = before >> 8 ^ tables[k][0][before & 255];
            }
    }
}

static uint64_t little_endian(const unsigned char *at)
{
    uint64_t value = 0;
    for (int i = 0; i < 8; i++)
        value |= (uint64_t)at[i] << 8 * i;
    return value;
}

uint64_t nephi_crc_table(const nephi_crc *kind, uint64_t state, const unsigned char *at,
                         size_t size)
{
    const uint64_t(*table)[256];
    pthread_once(&tables_once, tables_make);
    table = tables[kind - kinds];
    for (; size >= 8; at += 8, size -= 8) {
        state ^= little_endian(at);
        state = table[7][state & 255] ^ table[6][state >> 8 & 255] ^ table[5][state >> 16 & 255] ^
                table[4][state >> 24 & 255] ^ table[3][state >> 32 & 255] ^
                table[2][state >> 40 & 255] ^ table[1][state >> 48 & 255] ^ table[0][state >> 56];
    }
    for (; size; at++, size--)
        state = state >> 8 ^ table[0][(state ^ *at) & 255];
    return state;
}

static uint64_t all_ones(const nephi_crc *kind)
{
    return UINT64_MAX >> (64 - kind->bits);
}

uint64_t nephi_crc_add(const nephi_crc *kind, uint64_t crc, const void *data, size_t size)
{
    uint64_t state = crc ^ all_ones(kind);
    size_t done = nephi_crc_fold(kind, &state, data, size);
    if (done < size)
        state = nephi_crc_table(kind, state, (const unsigned char *)data + done, size - done);
    return state ^ all_ones(kind);
}

/* ---- combining */

static uint64_t times(const nephi_crc *kind, uint64_t a, uint64_t b)
{
    uint64_t product = 0;
    for (uint64_t bit = UINT64_C(1) << (kind->bits - 1); bit; bit >>= 1) {
        if (a & bit)
            product ^= b;
        b = times_x(kind, b);
    }
    return product;
}

uint64_t nephi_crc_power(const nephi_crc *kind, uint64_t n)
{
    uint64_t power = UINT64_C(1) << (kind->bits - 1); /* 1 */
    uint64_t square = power >> 1;                     /* x */
    for (; n; n >>= 1) {
        if (n & 1)
            power = times(kind, power, square);
        square = times(kind, square, square);
    }
    return power;
}

/* Each byte behind a multiplies it by x^8, and the inversions cancel out. Squared three times: 8 * size_b may overflow. */
uint64_t nephi_crc_combine(const nephi_crc *kind, uint64_t a, uint64_t b, uint64_t size_b)
{
    uint64_t power = nephi_crc_power(kind, size_b);
    for (int i = 0; i < 3; i++)
        power = times(kind, power, power);
    return times(kind, power, a) ^ b;
}

int nephi_crc_write(const nephi_crc *kind, uint64_t crc, unsigned char *out)
{
    for (int i = 0; i < kind->bits / 8; i++)
        out[i] = (unsigned char)(crc >> (kind->bits - 8 - 8 * i));
    return kind->bits / 8;
}

uint64_t nephi_crc_read(const nephi_crc *kind, const unsigned char *bytes)
{
    uint64_t crc = 0;
    for (int i = 0; i < kind->bits / 8; i++)
        crc = crc << 8 | bytes[i];
    return crc;
}
