/*
 * tests/transfer/vault.h - a storage in memory, as a provider: with limits, checksums and failures
 * as a test wants them, and counts of what it was asked. There are two of them, "one" and "two",
 * and they outlive hosts, as clouds do.
 */
#ifndef TESTS_TRANSFER_VAULT_H
#define TESTS_TRANSFER_VAULT_H

#include <neph/plugin.h>

#define VAULT_OBJECTS 16
#define VAULT_UPLOADS 16
#define VAULT_PARTS 128

typedef struct vault_bytes {
    char *data;
    size_t size;
    int is_there;
    char etag[24];
    char key[64];
    char content_type[64];
    int64_t local_modified_ns;
} vault_bytes;

typedef struct vault_upload {
    int is_there;
    char id[24];
    char key[64];
    int64_t created_ns;
    vault_bytes parts[VAULT_PARTS];
} vault_upload;

/* An operation that fails as often as told: before it does anything, or behind it, when its
 * reply is lost. */
typedef struct vault_fault {
    uint32_t op;
    int64_t number; /* of a part; 0: any */
    int32_t status;
    int times; /* left */
    int is_lost;
    int skip; /* so many go well first */
} vault_fault;

typedef struct vault {
    /* limits; 0: not told */
    int64_t object_bytes, put_bytes, part_bytes_min, part_bytes_max, part_count, copy_bytes;
    int64_t has_equal_parts;
    const char *checksum; /* that it compares by and tells; NULL: none */
    int is_silent;        /* tells none with its replies */
    int is_tagless;       /* objects have no entity tag */
    int is_corrupt;       /* keeps other bytes than it got */
    const char *changes;  /* key of the object that changes at the next get but one */
    vault_fault fault;
    const char *endless; /* operations on this key never end */
    int counts[0x400];   /* by operation - 0x1000 */
    int64_t sent_bytes, got_bytes;
    int64_t summed_bytes;         /* of those got, what a checksum was taken of */
    int part_counts[VAULT_PARTS]; /* how often each was sent */
    int begun_parallel, most_parallel;
    vault_bytes objects[VAULT_OBJECTS];
    vault_upload uploads[VAULT_UPLOADS];
} vault;

extern const neph_plugin vault_LTX_neph_plugin_v0;
extern vault vaults[2];

/* How often it was asked. */
int vault_count(const vault *of, uint32_t op);
vault_bytes *vault_find(vault *of, const char *key);
vault_bytes *vault_put(vault *of, const char *key, const char *data, size_t size);
int vault_upload_count(const vault *of);
void vault_forget_counts(vault *of);
/* Empties both. */
void vaults_clear(void);

#endif /* TESTS_TRANSFER_VAULT_H */
