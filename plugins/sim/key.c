/*
 * key.c - keys. One that the cloud makes is no real key pair: it looks like one, opens nothing, and its private half is
 * told once and never stored.
 */
#include "sim.h"

#define TYPE "ssh-ed25519"
#define BLOB_MAX 12288

/* "SHA256:" and the digest of the public key's blob in base64 without padding, as ssh-keygen -l says it. */
static int32_t fingerprint_set(sim_work *work, sim_thing *key, const void *blob, size_t size)
{
    unsigned char digest[NEPH_DIGEST_MAX];
    char buffer[128];
    neph_text text;
    int32_t count = neph_digest(work->call, NEPH_DIGEST_SHA256, blob, size, digest);
    if (count < 0)
        return count;
    neph_text_init(&text, buffer, sizeof buffer);
    neph_text_add(&text, "SHA256:");
    neph_text_add_base64(&text, digest, (size_t)count);
    neph_text_cut(&text, strcspn(buffer, "="));
    return sim_set(&work->state, key, NEPH_KEY_FINGERPRINT, buffer) ? sim_no_memory(work) : 0;
}

/* ---- create */

static int32_t private_set(sim_work *work, sim_thing *key, const unsigned char *seed, size_t size)
{
    char buffer[256];
    neph_text text;
    int rc;
    neph_text_init(&text, buffer, sizeof buffer);
    neph_text_add(&text, "-----BEGIN SIMULATED PRIVATE KEY-----\n");
    neph_text_add_base64(&text, seed, size);
    neph_text_add(&text, "\n-----END SIMULATED PRIVATE KEY-----\n");
    rc = sim_set(&work->state, key, NEPH_KEY_PRIVATE_KEY, buffer);
    explicit_bzero(buffer, sizeof buffer);
    return rc ? sim_no_memory(work) : 0;
}

static int32_t public_set(sim_work *work, sim_thing *key, const unsigned char *half)
{
    unsigned char blob[4 + sizeof TYPE - 1 + 4 + 32] = {0, 0, 0, sizeof TYPE - 1};
    char buffer[512];
    neph_text text;
    memcpy(blob + 4, TYPE, sizeof TYPE - 1);
    blob[sizeof blob - 33] = 32;
    memcpy(blob + sizeof blob - 32, half, 32);
    neph_text_init(&text, buffer, sizeof buffer);
    neph_text_add(&text, TYPE " ");
    neph_text_add_base64(&text, blob, sizeof blob);
    neph_text_add(&text, " ");
    neph_text_add(&text, sim_get(key, NEPH_KEY_NAME));
    if (sim_set(&work->state, key, NEPH_KEY_PUBLIC_KEY, buffer))
        return sim_no_memory(work);
    return fingerprint_set(work, key, blob, sizeof blob);
}

static int32_t pair_make(sim_work *work, sim_thing *key)
{
    unsigned char seed[32];
    unsigned char half[NEPH_DIGEST_MAX];
    int32_t rc = neph_random(work->call, seed, sizeof seed);
    if (!rc)
        rc = private_set(work, key, seed, sizeof seed);
    if (!rc && neph_digest(work->call, NEPH_DIGEST_SHA256, seed, sizeof seed, half) < 0)
        rc = NEPH_INTERNAL;
    explicit_bzero(seed, sizeof seed);
    return rc ? rc : public_set(work, key, half);
}

/* ---- import */

/* The blob begins with its own type: four bytes of length, then the word that the line begins with (RFC 4253, 6.6). */
static int is_blob_of(const unsigned char *blob, int64_t size, const char *type, size_t length)
{
    return size > (int64_t)length + 4 && !blob[0] && !blob[1] &&
           (size_t)(blob[2] << 8 | blob[3]) == length && !memcmp(blob + 4, type, length);
}

static int32_t public_check(sim_work *work, sim_thing *key)
{
    const char *text = sim_get(key, NEPH_KEY_PUBLIC_KEY);
    unsigned char blob[BLOB_MAX];
    char encoded[BLOB_MAX / 3 * 4 + 8];
    size_t length = strcspn(text, " ");
    size_t size = text[length] ? strcspn(text + length + 1, " ") : 0;
    int64_t count = -1;
    if (size && size < sizeof encoded) {
        memcpy(encoded, text + length + 1, size);
        encoded[size] = '\0';
        count = sim_base64_decode(encoded, blob, sizeof blob);
    }
    if (count < 0 || !is_blob_of(blob, count, text, length))
        return neph_fail(work->call, NEPH_INVALID,
                         "public_key is no OpenSSH public key: one line, \"ssh-ed25519 AAAA...\"");
    return fingerprint_set(work, key, blob, (size_t)count);
}

/* ---- operations */

int32_t sim_key_create(sim_work *work, sim_thing *key)
{
    int32_t rc = sim_need_no_other(work, key);
    if (rc)
        return rc;
    return work->operation->op == NEPH_OP_KEY_IMPORT ? public_check(work, key)
                                                     : pair_make(work, key);
}
