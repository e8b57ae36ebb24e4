/*
 * azure.h - what the files of the azure provider share: the account and how it signs, how a blob is addressed, ask
 * functions and reply tables by resource.
 */
#ifndef AZURE_H
#define AZURE_H

#include <neph/plugin.h>
#include <neph/kit/storage.h>
#include <neph/kit/text.h>

/* The service's own version of 2021-12-02: blocks of 4000 MiB, and SAS as sas.c writes it. */
#define AZURE_VERSION "2021-12-02"

#define AZURE_ACCOUNT_MAX 64
#define AZURE_KEY_MAX 256
#define AZURE_SAS_MAX 4096
#define AZURE_URL_MAX 512

/* ---- connection.c: the parts of a connection string */

/* A piece of the string, without a NUL; text NULL: it is not there. */
typedef struct azure_piece {
    const char *text;
    size_t size;
} azure_piece;

typedef struct azure_connection {
    azure_piece account;
    azure_piece key;
    azure_piece sas;
    azure_piece endpoint;
    azure_piece suffix;
    azure_piece protocol;
    azure_piece development; /* "true": the emulator on this machine */
} azure_connection;

/* Takes text apart. Returns NULL, or what is wrong with it, in words that quote none of it. */
const char *azure_connection_read(azure_connection *out, const char *text);

/* ---- account.c: whose account it is, and what opens it */

/* In the cloud's memory. Either a key or a SAS token. */
typedef struct azure_account {
    char name[AZURE_ACCOUNT_MAX]; /* without "-secondary" */
    unsigned char key[AZURE_KEY_MAX];
    uint32_t key_size; /* 0: there is none */
    uint32_t reserved;
    char sas[AZURE_SAS_MAX]; /* encoded, without "?" */
    char url[AZURE_URL_MAX]; /* the endpoint, without a slash at its end */
} azure_account;

int32_t azure_account_open(neph_cloud *cloud);
const azure_account *azure_account_of(neph_cloud *cloud);

/* What its SAS token says of this ("sp": permissions), decoded. Returns 0 and "" if that is nothing, or too long. */
int azure_account_parameter(const azure_account *account, const char *name, char *out,
                            size_t capacity);
/* Had it its time, or is that still to come? */
int azure_account_is_expired(const azure_account *account, int64_t now_ns);
int azure_account_is_early(const azure_account *account, int64_t now_ns);

/* ---- sign.c: SharedKey */

/* Adds to the text what is signed of a request with this x-ms-date among its headers. NEPH_LIMIT through text->status. */
void azure_sign_text(neph_text *text, const azure_account *account, const neph_request_view *view);

/* HMAC of a text under the account's key, in base64. */
int32_t azure_sign_hash(const void *handle, const azure_account *account, const neph_text *text,
                        neph_text *signature);

int32_t azure_sign(neph_call *call, neph_request *request, int64_t now_ns);

/* ---- sas.c: a shared access signature for one blob */

/* What is signed; permissions "r", "cw", "d". */
void azure_sas_text(neph_text *text, const azure_account *account, const char *bucket,
                    const char *key, const char *permissions, const char *expires,
                    const char *protocol);
int32_t azure_sas_sign(neph_call *call, neph_request *request, int64_t now_ns);

/* ---- provider.c */

/* Captures of a reply. */
enum {
    AZURE_SCRATCH_ENCODED = NEPH_SCRATCH + 0, /* the name just read is percent-encoded */
    AZURE_SCRATCH_MTIME = NEPH_SCRATCH + 1,   /* the metadata of that name */
    AZURE_SCRATCH_TYPE = NEPH_SCRATCH + 2,    /* its media type */
    AZURE_SCRATCH_SIZE = NEPH_SCRATCH + 5,    /* its size */
    AZURE_SCRATCH_TAG = NEPH_SCRATCH + 6,     /* the entity tag of what abort is to delete */
    AZURE_SCRATCH_FOUND = NEPH_SCRATCH + 3,   /* a name that a look into a bucket brought */
    AZURE_SCRATCH_MARKER = NEPH_SCRATCH + 4,  /* where that look goes on */
    AZURE_SCRATCH_KEPT = NEPH_SCRATCH + 7     /* and on: what a copy is known by, see copy.c */
};

/* Begins every request: method, and path of the bucket (NULL: the account) and the key (NULL: the bucket). */
int32_t azure_ask(neph_call *call, neph_request *request, const char *method, const char *bucket,
                  const char *key);

/* ---- fault.c */

int32_t azure_fault(neph_call *call);
/* NEPH_INVALID: that is no name for one. */
int32_t azure_bucket_refuse(neph_call *call, const char *bucket);

/* ---- bucket.c */

extern const neph_reply *const azure_bucket_list_replies[1];
extern const neph_reply *const azure_none_replies[1];
extern const neph_reply *const azure_bucket_delete_replies[2];
int32_t azure_none_then(
    neph_call *call); /* with azure_none_replies: refuses a reply that is not from Azure */
int32_t azure_bucket_list(neph_call *call, neph_request *request);
int32_t azure_bucket_create(neph_call *call, neph_request *request);
int32_t azure_bucket_delete(neph_call *call, neph_request *request);
int32_t azure_bucket_delete_then(neph_call *call);
/* Is the bucket known to be on its way out? */
int azure_bucket_delete_is_over(const neph_call *call);

/* ---- object.c */

extern const neph_reply *const azure_object_head_replies[1];
extern const neph_reply *const azure_object_get_replies[2];
extern const neph_reply *const azure_object_put_replies[1];
int32_t azure_object_head(neph_call *call, neph_request *request);
int32_t azure_object_get(neph_call *call, neph_request *request);
int32_t azure_object_get_each(neph_call *call, neph_record *record);
int32_t azure_object_get_then(neph_call *call);
int32_t azure_object_put(neph_call *call, neph_request *request);
int32_t azure_object_delete(neph_call *call, neph_request *request);
int32_t azure_object_presign(neph_call *call, neph_request *request);
int32_t azure_object_each(neph_call *call, neph_record *record);
/* azure_ask() of the object that the call is about. */
int32_t azure_object_ask(neph_call *call, neph_request *request, const char *method);
/* What an object shall be known by: can the service keep it? And the headers for it. */
int32_t azure_object_check(neph_call *call);
int32_t azure_object_facts(neph_call *call, neph_request *request);
/* Content-MD5 of the body, if NEPH_CHECKSUM asks for it. */
int32_t azure_object_checksum(neph_call *call, neph_request *request);
/* The query parameter for this version: of "snapshot:TIME" its time is left, and it is "snapshot". */
const char *azure_object_version(const char **version);

/* ---- list.c */

extern const neph_reply *const azure_object_list_replies[1];
int32_t azure_object_list(neph_call *call, neph_request *request);
int32_t azure_object_list_each(neph_call *call, neph_record *record);
/* Begins the listing of a bucket, with what more is wanted in it: "metadata". */
int32_t azure_list_ask(neph_call *call, neph_request *request, const char *bucket,
                       const char *include);
/* Percent-decodes `member`, the name that the listing just gave, if it says so. */
int32_t azure_name_decode(neph_call *call, neph_record *record, int32_t member);
/* Is the name that a look found this one? */
int azure_name_is(const neph_call *call, const char *name);

/* ---- copy.c */

extern const neph_reply *const azure_object_copy_replies[3];
int32_t azure_object_copy(neph_call *call, neph_request *request);
int32_t azure_object_copy_each(neph_call *call, neph_record *record);
int32_t azure_object_copy_then(neph_call *call);
/* Was the copy written to before it got its media type? Then a look at it says what it is now. */
int azure_object_copy_is_changed(const neph_call *call, const char *code);
int32_t azure_object_copy_look(neph_call *call);

/* ---- upload.c */

extern const neph_reply *const azure_upload_list_replies[1];
extern const neph_reply *const azure_upload_part_replies[1];
extern const neph_reply *const azure_upload_parts_replies[1];
extern const neph_reply *const azure_upload_complete_replies[1];
int32_t azure_upload_list(neph_call *call, neph_request *request);
int32_t azure_upload_list_each(neph_call *call, neph_record *record);
int32_t azure_upload_begin(neph_call *call);
int32_t azure_upload_part(neph_call *call, neph_request *request);
int32_t azure_upload_part_each(neph_call *call, neph_record *record);
int32_t azure_upload_parts(neph_call *call, neph_request *request);
int32_t azure_upload_parts_each(neph_call *call, neph_record *record);
int32_t azure_upload_parts_then(neph_call *call);
int32_t azure_upload_complete(neph_call *call, neph_request *request);
int32_t azure_storage_limits(neph_call *call);
/* Is the upload's id one that azure_upload_begin() makes? */
int32_t azure_upload_check(const neph_call *call);
/* Is it "*", all blocks of a key whoever wrote them, as a listing tells of them? */
int azure_is_any_upload(const neph_call *call);
/* The number of the part that has this block; 0: it is not of this upload. */
int64_t azure_block_number(const neph_call *call, const char *block);
/* Is what the listing just gave an object, and not blocks alone? An object has a media type, if only the service's own. */
int azure_is_object(const neph_call *call);
/* Get Block List: those that no list names. */
int32_t azure_blocks_ask(neph_call *call, neph_request *request);

/* ---- abort.c */

extern const neph_reply *const azure_upload_abort_replies[4];
int32_t azure_upload_abort(neph_call *call, neph_request *request);
int32_t azure_upload_abort_each(neph_call *call, neph_record *record);
int32_t azure_upload_abort_then(neph_call *call);
int azure_upload_abort_is_over(const neph_call *call, const char *code); /* for the fault hook */

/* ---- extension.c: snapshots and tiers. Read one with NEPH_OBJECT_VERSION "snapshot:TIME". */

extern const neph_extension azure_extensions[4];
extern const neph_reply *const azure_snapshot_create_replies[1];
extern const neph_reply *const azure_snapshot_list_replies[1];
extern const neph_reply *const azure_tier_set_replies[1];
int32_t azure_snapshot_create(neph_call *call, neph_request *request);
int32_t azure_snapshot_list(neph_call *call, neph_request *request);
int32_t azure_snapshot_each(neph_call *call, neph_record *record);
int32_t azure_snapshot_delete(neph_call *call, neph_request *request);
int32_t azure_tier_set(neph_call *call, neph_request *request);
int32_t azure_tier_set_each(neph_call *call, neph_record *record);
enum {
    AZURE_OP_SNAPSHOT_CREATE = NEPH_OP_EXTENSION,
    AZURE_OP_SNAPSHOT_LIST,
    AZURE_OP_SNAPSHOT_DELETE,
    AZURE_OP_TIER_SET
};

#endif /* AZURE_H */
