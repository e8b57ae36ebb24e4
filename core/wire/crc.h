/*
 * core/wire/crc.h - cyclic redundancy checks: CRC-32 (ISO-HDLC), CRC-32C (Castagnoli) and CRC-64/NVME. All three are
 * reflected, begin with all bits set and end inverted, so one code does for all.
 *   crc.c       by table on any machine, and combining
 *   crc_fold.c  by the instructions that a processor has
 */
#ifndef NEPHI_CRC_H
#define NEPHI_CRC_H

#include <stddef.h>
#include <stdint.h>

typedef struct nephi_crc {
    int32_t algorithm; /* NEPH_DIGEST_CRC… */
    int32_t bits;
    uint64_t polynomial; /* reflected, without its highest term */
} nephi_crc;

/* NULL: the algorithm is no CRC. */
const nephi_crc *nephi_crc_find(int32_t algorithm);
/* The CRC of what crc is of, followed by data; crc of nothing is 0. */
uint64_t nephi_crc_add(const nephi_crc *kind, uint64_t crc, const void *data, size_t size);
/* The CRC of a followed by b, of which b has so many bytes. */
uint64_t nephi_crc_combine(const nephi_crc *kind, uint64_t a, uint64_t b, uint64_t size_b);
/* Big-endian; returns how many bytes: 4 or 8. */
int nephi_crc_write(const nephi_crc *kind, uint64_t crc, unsigned char *out);
uint64_t nephi_crc_read(const nephi_crc *kind, const unsigned char *bytes);

/* x to the power of n, modulo the polynomial. */
uint64_t nephi_crc_power(const nephi_crc *kind, uint64_t n);
/* As nephi_crc_add(), by table alone, and state is not inverted. */
uint64_t nephi_crc_table(const nephi_crc *kind, uint64_t state, const unsigned char *at,
                         size_t size);
/* Takes bytes from the front of data into state, not inverted, as far as the processor has instructions for it. Returns how
 * many; 0: none. */
size_t nephi_crc_fold(const nephi_crc *kind, uint64_t *state, const unsigned char *data,
                      size_t size);

#endif
