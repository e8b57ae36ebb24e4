/*
 * neph/model.h - the results that calls return, as structs to be read. Included by neph/neph.h.
 *
 * Who may use it: programs. Providers never see these layouts (they set members by number), so structs may grow at
 * their end in any release: check `result.size` before you read a member newer than the library you require.
 *
 * Rules for every struct: allocated by the library alone; valid until the next result of the same call is taken or
 * the call is freed, unless kept with neph_keep(); strings are UTF-8, borrowed, and NULL where the cloud did not
 * report them; numbers and times are NEPH_UNKNOWN then, enumerations 0. Since 0.1.
 */
#ifndef NEPH_MODEL_H
#define NEPH_MODEL_H

#include <neph/vocabulary.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A name and its value. */
typedef struct neph_pair {
    const char *name;
    const char *value;
} neph_pair;

/* Something that an operation of many steps had created before it failed. */
typedef struct neph_created {
    uint32_t kind; /* neph_kind */
    uint32_t reserved;
    const char *id;
} neph_created;

/* Why a call, or one result of a call on many things, failed. */
typedef struct neph_error {
    size_t size;
    int32_t status;      /* neph_status, negative */
    int32_t retry;       /* neph_retry */
    const char *message; /* one line, never NULL, no secret in it, control characters escaped */
    const char *code;    /* the cloud's own code, e.g. "NoSuchBucket"; NULL where there is none */
    const char *request_id; /* the cloud's request id; NULL where there is none */
    int32_t http_status;    /* 0 when no reply came */
    int32_t sent;           /* 1: the request, or a part of it, may have reached the cloud */
    const neph_created *created;
    size_t created_count;
} neph_error;

/* What every result begins with. */
typedef struct neph_result {
    size_t size;   /* of the whole result as this library knows it */
    uint32_t kind; /* neph_kind: says which struct this is */
    uint32_t reserved;
    const neph_error *error; /* this thing failed (operations on many things); NULL: it did not */
    const neph_pair *extra;  /* what the cloud reported and the struct has no member for */
    size_t extra_count;
} neph_result;

typedef struct neph_node {
    neph_result result;
    const char *id;
    const char *name;
    int32_t state; /* neph_node_state */
    int32_t reserved;
    const char *const *public_ips;
    size_t public_ip_count;
    const char *const *private_ips;
    size_t private_ip_count;
    const char *size_id;
    const char *image_id;
    const char *location_id;
    int64_t cpus_nano;
    int64_t ram_bytes;
    int64_t disk_bytes;
    int64_t created_ns;
    const char *password; /* secret: wiped with the result */
} neph_node;

typedef struct neph_image {
    neph_result result;
    const char *id;
    const char *name;
    int64_t is_public;
    int64_t created_ns;
} neph_image;

typedef struct neph_size {
    neph_result result;
    const char *id;
    const char *name;
    int64_t cpus_nano;
    int64_t ram_bytes;
    int64_t disk_bytes;
    int64_t price_nano; /* for an hour */
    const char *currency;
} neph_size;

typedef struct neph_location {
    neph_result result;
    const char *id;
    const char *name;
    const char *country;
} neph_location;

typedef struct neph_bucket {
    neph_result result;
    const char *name;
    int64_t created_ns;
    const char *region;
} neph_bucket;

typedef struct neph_object {
    neph_result result;
    const char *key; /* raw, as the cloud holds it */
    int64_t size_bytes;
    int64_t modified_ns;
    const char *etag;
    const char *storage_class;
    const char *content_type;
    const neph_pair *metadata;
    size_t metadata_count;
    const char *version;
} neph_object;

/* What a listing with a delimiter returns for all keys that begin alike. */
typedef struct neph_prefix {
    neph_result result;
    const char *name;
} neph_prefix;

/* A presigned URL: whoever has it may do what it says until it expires. */
typedef struct neph_url {
    neph_result result;
    const char *url;
    const char *method;
    int64_t expires_ns;
} neph_url;

#ifdef __cplusplus
}
#endif

#endif /* NEPH_MODEL_H */
