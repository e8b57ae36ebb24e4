/*
 * core/wire/digest.c - digests, HMAC and random bytes by OpenSSL; CRCs by crc.c. Algorithms are fetched once for the process; a context
 * of each is kept for the next use, so that a short message costs little more than its compression. Changes nothing in
 * OpenSSL that others can see. Does not know what is signed, nor why.
 *
 * SHA-256 alone, which every signed request needs, is called directly: the first fetch of an algorithm makes OpenSSL list
 * all that it has, a tenth of the time of a short command. Under FIPS it is fetched like the others.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* SHA256_Init() and its like, as long as there are */

#include "core/wire/crc.h"
#include "core/wire/parts.h"

#include <neph/plugin.h>

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define BLOCK_MAX 128 /* of SHA-512 */

typedef struct algorithm {
    const char *name;
    size_t block; /* bytes, for HMAC */
    _Atomic(EVP_MD *) fetched;
    _Atomic(EVP_MD_CTX *) spare; /* has had a message of it before, or NULL */
} algorithm;

/* One message, or several one after the other. */
typedef struct hashing {
    algorithm *kind;
    const nephi_crc *crc; /* NULL: it is none */
    uint64_t sum;         /* so far, of a CRC */
    EVP_MD_CTX *context;  /* NULL: SHA-256, directly, or a CRC */
    SHA256_CTX direct;
} hashing;

struct nephi_digest {
    const nephi_memory *memory;
    hashing hash;
};

static algorithm algorithms[] = {
    [NEPH_DIGEST_MD5] = {"MD5", 64, NULL, NULL},
    [NEPH_DIGEST_SHA1] = {"SHA1", 64, NULL, NULL},
    [NEPH_DIGEST_SHA256] = {"SHA2-256", 64, NULL, NULL},
    [NEPH_DIGEST_SHA512] = {"SHA2-512", 128, NULL, NULL},
};

static pthread_mutex_t fetch_lock = PTHREAD_MUTEX_INITIALIZER;

/* Fetching reads OpenSSL's configuration and takes its locks: once. NULL: not to be had, e.g. MD5 under FIPS. */
static EVP_MD *fetched_get(algorithm *kind)
{
    EVP_MD *type = atomic_load_explicit(&kind->fetched, memory_order_acquire);
    if (type)
        return type;
    pthread_mutex_lock(&fetch_lock);
    type = atomic_load_explicit(&kind->fetched, memory_order_relaxed);
    if (!type) {
        type = EVP_MD_fetch(NULL, kind->name, NULL);
        atomic_store_explicit(&kind->fetched, type, memory_order_release);
    }
    pthread_mutex_unlock(&fetch_lock);
    return type;
}

static algorithm *algorithm_find(int32_t number)
{
    if (number <= 0 || number >= (int32_t)(sizeof algorithms / sizeof *algorithms))
        return NULL;
    return &algorithms[number];
}

/* A context that has had its algorithm. */
static EVP_MD_CTX *context_new(const EVP_MD *type)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context && EVP_DigestInit_ex2(context, type, NULL) == 1)
        return context;
    EVP_MD_CTX_free(context);
    return NULL;
}

static int is_direct(const algorithm *kind)
{
    return kind == &algorithms[NEPH_DIGEST_SHA256] && !EVP_default_properties_is_fips_enabled(NULL);
}

/* hash_begin() makes it ready for a message. Nothing is left to give back after a failure. */
static int hash_take(hashing *hash, int32_t number)
{
    EVP_MD *type;
    hash->kind = algorithm_find(number);
    hash->crc = nephi_crc_find(number);
    hash->context = NULL;
    if (hash->crc)
        return 0;
    if (!hash->kind)
        return NEPH_UNSUPPORTED;
    if (is_direct(hash->kind))
        return 0;
    hash->context = atomic_exchange(&hash->kind->spare, NULL);
    if (hash->context)
        return 0;
    type = fetched_get(hash->kind);
    if (!type)
        return NEPH_UNSUPPORTED;
    hash->context = context_new(type);
    return hash->context ? 0 : NEPH_NO_MEMORY;
}

static void hash_give(hashing *hash)
{
    EVP_MD_CTX *none = NULL;
    nephi_wipe(&hash->direct, sizeof hash->direct);
    if (hash->context && !atomic_compare_exchange_strong(&hash->kind->spare, &none, hash->context))
        EVP_MD_CTX_free(hash->context);
}

/* Anew, with what the context has. */
static int hash_begin(hashing *hash)
{
    int is_fine;
    hash->sum = 0;
    if (hash->crc)
        return 0;
    is_fine =
        hash->context ? EVP_DigestInit_ex2(hash->context, NULL, NULL) : SHA256_Init(&hash->direct);
    return is_fine == 1 ? 0 : NEPH_NO_MEMORY;
}

static int hash_update(hashing *hash, const void *data, size_t size)
{
    int is_fine;
    if (hash->crc) {
        hash->sum = nephi_crc_add(hash->crc, hash->sum, data, size);
        return 0;
    }
    is_fine = hash->context ? EVP_DigestUpdate(hash->context, data, size)
                            : SHA256_Update(&hash->direct, data, size);
    return is_fine == 1 ? 0 : NEPH_INTERNAL;
}

/* out: NEPH_DIGEST_MAX bytes. Returns how many were written. */
static int hash_finish(hashing *hash, unsigned char *out)
{
    unsigned int size = SHA256_DIGEST_LENGTH;
    int is_fine;
    if (hash->crc)
        return nephi_crc_write(hash->crc, hash->sum, out);
    is_fine = hash->context ? EVP_DigestFinal_ex(hash->context, out, &size)
                            : SHA256_Final(out, &hash->direct);
    return is_fine == 1 ? (int)size : NEPH_INTERNAL;
}

/* Digest of pad followed by data. */
static int padded(hashing *hash, const void *pad, size_t block, const void *data, size_t size,
                  unsigned char *out)
{
    int rc = hash_begin(hash);
    if (!rc)
        rc = hash_update(hash, pad, block);
    if (!rc && size)
        rc = hash_update(hash, data, size);
    return rc ? rc : hash_finish(hash, out);
}

static void digest_destroy(nephi_digest *digest)
{
    if (!digest)
        return;
    hash_give(&digest->hash);
    nephi_free(digest->memory, digest);
}

static int digest_create(nephi_digest **out, const nephi_memory *memory, int32_t number)
{
    nephi_digest *digest;
    int rc;
    *out = NULL;
    if (!algorithm_find(number) && !nephi_crc_find(number))
        return NEPH_UNSUPPORTED;
    digest = nephi_alloc(memory, sizeof *digest);
    if (!digest)
        return NEPH_NO_MEMORY;
    digest->memory = memory;
    rc = hash_take(&digest->hash, number);
    if (!rc)
        rc = hash_begin(&digest->hash);
    if (rc) {
        digest_destroy(digest);
        return rc;
    }
    *out = digest;
    return 0;
}

static int digest_update(nephi_digest *digest, const void *data, size_t size)
{
    return hash_update(&digest->hash, data, size);
}

static int digest_finish(nephi_digest *digest, unsigned char *out)
{
    int size = hash_finish(&digest->hash, out);
    int rc = size < 0 ? size : hash_begin(&digest->hash);
    return rc ? rc : size;
}

static int digest_once(int32_t number, const void *data, size_t size, unsigned char *out)
{
    hashing hash;
    int rc = hash_take(&hash, number);
    if (rc)
        return rc;
    rc = padded(&hash, data, size, "", 0, out);
    hash_give(&hash);
    return rc;
}

static void pad_change(unsigned char *pad, size_t block, unsigned char with)
{
    for (size_t i = 0; i < block; i++)
        pad[i] ^= with;
}

/* RFC 2104 over the digest: EVP_MAC would fetch, copy and allocate at each of SigV4's five calls. */
static int digest_hmac(int32_t number, const void *key, size_t key_size, const void *data,
                       size_t size, unsigned char *out)
{
    unsigned char pad[BLOCK_MAX] = {0}, inner[NEPH_DIGEST_MAX];
    hashing hash;
    size_t block;
    int rc = algorithm_find(number) ? hash_take(&hash, number) : NEPH_UNSUPPORTED;
    if (rc)
        return rc;
    block = hash.kind->block;
    if (key_size > block)
        rc = padded(&hash, key, key_size, "", 0, pad);
    else if (key_size > 0)
        memcpy(pad, key, key_size);
    pad_change(pad, block, 0x36);
    if (rc >= 0)
        rc = padded(&hash, pad, block, data, size, inner);
    pad_change(pad, block, 0x36 ^ 0x5c);
    if (rc >= 0)
        rc = padded(&hash, pad, block, inner, (size_t)rc, out);
    hash_give(&hash);
    nephi_wipe(pad, sizeof pad);
    nephi_wipe(inner, sizeof inner);
    return rc;
}

static int digest_combine(int32_t number, unsigned char *a, const unsigned char *b, int64_t size_b)
{
    const nephi_crc *crc = nephi_crc_find(number);
    if (!crc || size_b < 0)
        return NEPH_UNSUPPORTED;
    return nephi_crc_write(
        crc,
        nephi_crc_combine(crc, nephi_crc_read(crc, a), nephi_crc_read(crc, b), (uint64_t)size_b),
        a);
}

static int digest_random(void *out, size_t size)
{
    return size <= INT32_MAX && RAND_bytes(out, (int)size) == 1 ? 0 : NEPH_INTERNAL;
}

const nephi_digest_class nephi_digest_openssl = {
    .create = digest_create,
    .update = digest_update,
    .finish = digest_finish,
    .destroy = digest_destroy,
    .once = digest_once,
    .hmac = digest_hmac,
    .combine = digest_combine,
    .random = digest_random,
};
