/*
 * core/wire/digest.c - digests, HMAC and random bytes by OpenSSL's EVP. Algorithms are fetched once for the process; a
 * context of each is kept for the next use, so that a short message costs little more than its compression. Changes
 * nothing in OpenSSL that others can see. Does not know what is signed, nor why.
 */
#include "core/wire/parts.h"

#include <neph/plugin.h>

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define BLOCK_MAX 128 /* of SHA-512 */

struct nephi_digest {
    const nephi_memory *memory;
    EVP_MD_CTX *context;
    int32_t algorithm;
};

typedef struct algorithm {
    const char *name;
    size_t block; /* bytes, for HMAC */
    _Atomic(EVP_MD *) fetched;
    _Atomic(EVP_MD_CTX *) spare; /* has had a message of it before, or NULL */
} algorithm;

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

/* A context that context_begin() makes ready for a message. */
static int context_take(algorithm *kind, EVP_MD_CTX **out)
{
    EVP_MD_CTX *context = atomic_exchange(&kind->spare, NULL);
    EVP_MD *type = context ? NULL : fetched_get(kind);
    if (!context && !type)
        return NEPH_UNSUPPORTED;
    if (!context) {
        context = EVP_MD_CTX_new();
        if (!context || EVP_DigestInit_ex2(context, type, NULL) != 1) {
            EVP_MD_CTX_free(context);
            return NEPH_NO_MEMORY;
        }
    }
    *out = context;
    return 0;
}

/* Anew, with what the context has. */
static int context_begin(EVP_MD_CTX *context)
{
    return EVP_DigestInit_ex2(context, NULL, NULL) == 1 ? 0 : NEPH_NO_MEMORY;
}

static void context_give(algorithm *kind, EVP_MD_CTX *context)
{
    EVP_MD_CTX *none = NULL;
    if (!atomic_compare_exchange_strong(&kind->spare, &none, context))
        EVP_MD_CTX_free(context);
}

/* out: NEPH_DIGEST_MAX bytes. */
static int context_finish(EVP_MD_CTX *context, unsigned char *out)
{
    unsigned int size = 0;
    return EVP_DigestFinal_ex(context, out, &size) == 1 ? (int)size : NEPH_INTERNAL;
}

/* Digest of pad followed by data. */
static int padded(EVP_MD_CTX *context, const void *pad, size_t block, const void *data, size_t size,
                  unsigned char *out)
{
    int rc = context_begin(context);
    if (rc)
        return rc;
    if (EVP_DigestUpdate(context, pad, block) != 1 ||
        (size && EVP_DigestUpdate(context, data, size) != 1))
        return NEPH_INTERNAL;
    return context_finish(context, out);
}

static void digest_destroy(nephi_digest *digest)
{
    if (!digest)
        return;
    if (digest->context)
        context_give(&algorithms[digest->algorithm], digest->context);
    nephi_free(digest->memory, digest);
}

static int digest_create(nephi_digest **out, const nephi_memory *memory, int32_t number)
{
    algorithm *kind = algorithm_find(number);
    nephi_digest *digest;
    int rc;
    *out = NULL;
    if (!kind)
        return NEPH_UNSUPPORTED;
    digest = nephi_alloc(memory, sizeof *digest);
    if (!digest)
        return NEPH_NO_MEMORY;
    digest->memory = memory;
    digest->algorithm = number;
    rc = context_take(kind, &digest->context);
    if (!rc)
        rc = context_begin(digest->context);
    if (rc) {
        digest_destroy(digest);
        return rc;
    }
    *out = digest;
    return 0;
}

static int digest_update(nephi_digest *digest, const void *data, size_t size)
{
    return EVP_DigestUpdate(digest->context, data, size) == 1 ? 0 : NEPH_INTERNAL;
}

static int digest_finish(nephi_digest *digest, unsigned char *out)
{
    int size = context_finish(digest->context, out);
    int rc = size < 0 ? size : context_begin(digest->context);
    return rc ? rc : size;
}

static int digest_once(int32_t number, const void *data, size_t size, unsigned char *out)
{
    algorithm *kind = algorithm_find(number);
    EVP_MD_CTX *context;
    int rc = kind ? context_take(kind, &context) : NEPH_UNSUPPORTED;
    if (rc)
        return rc;
    rc = padded(context, data, size, "", 0, out);
    context_give(kind, context);
    return rc;
}

static void pad_change(unsigned char *pad, size_t block, unsigned char with)
{
    for (size_t i = 0; i < block; i++)
        pad[i] ^= with;
}

/* RFC 2104 over the digest: EVP_MAC would fetch, copy and allocate at each of SigV4's five calls. */
static int hmac_run(algorithm *kind, const void *key, size_t key_size, const void *data,
                    size_t size, unsigned char *out)
{
    unsigned char pad[BLOCK_MAX] = {0}, inner[NEPH_DIGEST_MAX];
    EVP_MD_CTX *context;
    int rc = context_take(kind, &context);
    if (rc)
        return rc;
    if (key_size > kind->block)
        rc = padded(context, key, key_size, "", 0, pad);
    else if (key_size > 0)
        memcpy(pad, key, key_size);
    pad_change(pad, kind->block, 0x36);
    if (rc >= 0)
        rc = padded(context, pad, kind->block, data, size, inner);
    pad_change(pad, kind->block, 0x36 ^ 0x5c);
    if (rc >= 0)
        rc = padded(context, pad, kind->block, inner, (size_t)rc, out);
    context_give(kind, context);
    nephi_wipe(pad, sizeof pad);
    nephi_wipe(inner, sizeof inner);
    return rc;
}

static int digest_hmac(int32_t number, const void *key, size_t key_size, const void *data,
                       size_t size, unsigned char *out)
{
    algorithm *kind = algorithm_find(number);
    return kind ? hmac_run(kind, key, key_size, data, size, out) : NEPH_UNSUPPORTED;
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
    .random = digest_random,
};
