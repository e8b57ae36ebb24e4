/*
 * neph/framing.h - bodies that go out in chunks, and digests of them. Included by neph/plugin.h; nobody else needs it. A part
 * of the provider ABI, whose rules stand there.
 */
#ifndef NEPH_FRAMING_H
#define NEPH_FRAMING_H

#include <neph/vocabulary.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One chunk as the host shows it to the provider. */
typedef struct neph_chunk {
    uint32_t size;    /* sizeof(neph_chunk) */
    uint32_t index;   /* from 0 */
    size_t data_size; /* 0: the closing chunk */
    const char *
        digest; /* hex, of this chunk's data, in the algorithm that the framing names; NULL: none asked */
    char *head;           /* the provider writes the bytes before the data here ... */
    size_t head_capacity; /* 512 */
    size_t head_size;     /* ... and their number here */
    char *tail; /* the same for the bytes after it (trailer fields after the closing chunk) */
    size_t tail_capacity;
    size_t tail_size;
    const char *body_digest; /* closing chunk: hex, of the whole body; NULL before */
} neph_chunk;

typedef struct neph_framing {
    uint32_t size;       /* sizeof(neph_framing) */
    uint32_t chunk_size; /* bytes of data in every chunk but the last; 1 KiB to 16 MiB */
    int32_t digest;      /* NEPH_DIGEST_… of each chunk; 0: none */
    int32_t body_digest; /* of the whole body, shown with the closing chunk; 0: none */
    /* The number of bytes that `body_size` bytes of data become; -1: sent with Transfer-Encoding chunked. */
    int64_t (*length)(neph_call *call, int64_t body_size);
    int32_t (*frame)(neph_call *call, neph_request *request, neph_chunk *chunk);
} neph_framing;

enum { NEPH_DIGEST_MD5 = 1, NEPH_DIGEST_SHA1 = 2, NEPH_DIGEST_SHA256 = 3, NEPH_DIGEST_SHA512 = 4 };
/* checksums, as digests of big-endian bytes; not for HMAC. Since 0.3. */
enum { NEPH_DIGEST_CRC32 = 5, NEPH_DIGEST_CRC32C = 6, NEPH_DIGEST_CRC64NVME = 7 };
#define NEPH_DIGEST_MAX 64      /* bytes of the longest digest */
#define NEPH_DIGEST_HEX_MAX 129 /* and of its hex text with NUL */
#define NEPH_CHECKSUM_MAX 160   /* and of "ALGORITHM:HEX" with NUL */

#ifdef __cplusplus
}
#endif

#endif /* NEPH_FRAMING_H */
