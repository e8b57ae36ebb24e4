/*
 * core/wire/crc_fold.c - CRCs by the processor's own instructions, found at run time: on x86-64 PCLMULQDQ for all three
 * (4 times 128 bits folded at once, what is left given to the caller's tables) and CRC32 of SSE4.2 for what is short; on
 * ARMv8 its CRC32 instructions for the two of 32 bits. Other machines have nothing here, and lose nothing but time.
 */
#include "core/wire/crc.h"

#include <neph/plugin.h>

#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#include <pthread.h>

#define FOLD_MIN 256 /* bytes below which it does not pay */

/* Of each algorithm, by its number: what moves 64 bits on by 64 and by 0 bits, over four lanes and over one. */
static uint64_t constants[NEPH_DIGEST_CRC64NVME + 1][4];
static pthread_once_t constants_once = PTHREAD_ONCE_INIT;

/* The product of two reflected 64-bit values comes out one bit short, hence -1; a CRC of 32 bits stands in the upper half. */
static uint64_t constant(const nephi_crc *kind, uint64_t shift)
{
    return nephi_crc_power(kind, shift - 1) << (64 - kind->bits);
}

static void constants_make(void)
{
    for (int32_t algorithm = NEPH_DIGEST_CRC32; algorithm <= NEPH_DIGEST_CRC64NVME; algorithm++) {
        const nephi_crc *kind = nephi_crc_find(algorithm);
        constants[algorithm][0] = constant(kind, 512 + 64);
        constants[algorithm][1] = constant(kind, 512);
        constants[algorithm][2] = constant(kind, 128 + 64);
        constants[algorithm][3] = constant(kind, 128);
    }
}

__attribute__((target("pclmul,sse4.1"))) static inline __m128i fold(__m128i lane, __m128i by,
                                                                    __m128i next)
{
    __m128i low = _mm_clmulepi64_si128(lane, by, 0x00);
    __m128i high = _mm_clmulepi64_si128(lane, by, 0x11);
    return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

__attribute__((target("pclmul,sse4.1"))) static inline __m128i load(const unsigned char *at)
{
    return _mm_loadu_si128((const __m128i *)(const void *)at);
}

/* Folds whole blocks of 16 bytes into the last one, which has then the same remainder as all of them. size >= 64 */
__attribute__((target("pclmul,sse4.1"))) static size_t blocks_fold(const uint64_t *by,
                                                                   uint64_t state,
                                                                   const unsigned char *data,
                                                                   size_t size, unsigned char *last)
{
    const __m128i four = load((const unsigned char *)by);
    const __m128i one = load((const unsigned char *)(by + 2));
    const unsigned char *at = data + 64, *end = data + size;
    __m128i lane[4];
    for (int i = 0; i < 4; i++)
        lane[i] = load(data + 16 * i);
    lane[0] = _mm_xor_si128(lane[0], _mm_cvtsi64_si128((long long)state));
    for (; end - at >= 64; at += 64)
        for (int i = 0; i < 4; i++)
            lane[i] = fold(lane[i], four, load(at + 16 * i));
    for (int i = 1; i < 4; i++)
        lane[0] = fold(lane[0], one, lane[i]);
    for (; end - at >= 16; at += 16)
        lane[0] = fold(lane[0], one, load(at));
    _mm_storeu_si128((__m128i *)(void *)last, lane[0]);
    return (size_t)(at - data);
}

__attribute__((target("sse4.2"))) static uint64_t words_add(uint64_t state, const unsigned char *at,
                                                            size_t size)
{
    uint64_t word;
    for (; size >= 8; at += 8, size -= 8) {
        memcpy(&word, at, sizeof word);
        state = _mm_crc32_u64(state, word);
    }
    return state;
}

static size_t words_fold(const nephi_crc *kind, uint64_t *state, const unsigned char *data,
                         size_t size)
{
    if (kind->algorithm != NEPH_DIGEST_CRC32C || !__builtin_cpu_supports("sse4.2"))
        return 0;
    *state = words_add(*state, data, size);
    return size & ~(size_t)7;
}

size_t nephi_crc_fold(const nephi_crc *kind, uint64_t *state, const unsigned char *data,
                      size_t size)
{
    unsigned char last[16];
    size_t done;
    if (size < FOLD_MIN || !__builtin_cpu_supports("pclmul") || !__builtin_cpu_supports("sse4.1"))
        return words_fold(kind, state, data, size);
    pthread_once(&constants_once, constants_make);
    done = blocks_fold(constants[kind->algorithm], *state, data, size, last);
    *state = nephi_crc_table(kind, 0, last, sizeof last);
    return done + words_fold(kind, state, data + done, size - done);
}

#elif defined(__aarch64__) && defined(__linux__) && defined(__GNUC__)
#include <sys/auxv.h>

/* Written out: what compilers call them, and when they know them, differs. */
#define ADD(instruction, sum, word)                                                                \
    __asm__(".arch_extension crc\n\t" instruction " %w0, %w0, %x1" : "+r"(sum) : "r"(word))

static uint64_t words_add(const nephi_crc *kind, uint64_t state, const unsigned char *at,
                          size_t size)
{
    uint32_t sum = (uint32_t)state;
    uint64_t word;
    for (; size >= 8; at += 8, size -= 8) {
        memcpy(&word, at, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        word = __builtin_bswap64(word);
#endif
        if (kind->algorithm == NEPH_DIGEST_CRC32C)
            ADD("crc32cx", sum, word);
        else
            ADD("crc32x", sum, word);
    }
    return sum;
}

size_t nephi_crc_fold(const nephi_crc *kind, uint64_t *state, const unsigned char *data,
                      size_t size)
{
    if (kind->bits != 32 || !(getauxval(AT_HWCAP) & HWCAP_CRC32))
        return 0;
    *state = words_add(kind, *state, data, size);
    return size & ~(size_t)7;
}

#else

size_t nephi_crc_fold(const nephi_crc *kind, uint64_t *state, const unsigned char *data,
                      size_t size)
{
    (void)kind;
    (void)state;
    (void)data;
    (void)size;
    return 0;
}
#endif
