/*
 * swift.h - what the files of the swift plugin share: ask functions and reply tables by resource, how a bucket is
 * addressed, and the two providers' common parts.
 */
#ifndef SWIFT_H
#define SWIFT_H

#include <neph/plugin.h>
#include <neph/kit/storage.h>
#include <neph/kit/text.h>

#define SWIFT_PAGE_MAX 10000 /* of a listing: "container_listing_limit" */
#define SWIFT_ID_SIZE 32     /* hex digits of an upload's id */

/* Services of the endpoint set. */
#define SWIFT_AT_STORAGE "object-store"
#define SWIFT_AT_INFO "info"

/* Captures. */
enum {
    SWIFT_SCRATCH_SEGMENT = NEPH_SCRATCH + 0,  /* the name of a segment in a manifest */
    SWIFT_SCRATCH_DELETES = NEPH_SCRATCH + 1,  /* of /info: keys of a bulk delete */
    SWIFT_SCRATCH_SEGMENTS = NEPH_SCRATCH + 2, /* of /info: segments of a manifest */
    SWIFT_SCRATCH_VERDICT = NEPH_SCRATCH + 3,  /* of a bulk delete: its own status */
    SWIFT_SCRATCH_WORDS = NEPH_SCRATCH + 4,    /* and what it says */
    SWIFT_SCRATCH_ERROR = NEPH_SCRATCH + 5,    /* what the server says is wrong */
    SWIFT_SCRATCH_TOKEN = NEPH_SCRATCH + 6,    /* of a login whose token is in its body */
    SWIFT_SCRATCH_MTIME = NEPH_SCRATCH + 7,    /* metadata that has a meaning */
    SWIFT_SCRATCH_LARGE = NEPH_SCRATCH + 8,    /* the same of Ceph's */
    SWIFT_SCRATCH_UPLOAD = NEPH_SCRATCH + 9,   /* and of ours: the upload that made it */
    SWIFT_SCRATCH_CHECKS = NEPH_SCRATCH + 10,  /* of /info: whether it checks, see swift_checks() */
    SWIFT_SCRATCH_BEATS = NEPH_SCRATCH + 11,   /* of /info: seconds between signs of life */
    SWIFT_SCRATCH_METHODS = NEPH_SCRATCH + 12, /* of /info: of a TempURL */
    SWIFT_SCRATCH_KEY = NEPH_SCRATCH + 13,     /* that TempURLs are signed with */
    SWIFT_SCRATCH_KEY_2 = NEPH_SCRATCH + 14,   /* the other one */
    SWIFT_SCRATCH_TAG = NEPH_SCRATCH + 15      /* of a listed object, or of its manifest */
};

/* ---- provider.c */

/* Rows of the tables that both providers have; those of the CDN, cloudfiles's alone, come last. */
enum { SWIFT_ACTIONS = 21, SWIFT_EXTENSIONS = 2, SWIFT_CDN_EXTENSIONS = 4, SWIFT_FAULTS = 13 };

extern const neph_action swift_actions[SWIFT_ACTIONS + SWIFT_CDN_EXTENSIONS];
extern const neph_fault swift_faults[SWIFT_FAULTS];
extern const neph_reply swift_error_reply;

/* How presigned URLs are signed. */
#define SWIFT_TEMP_URL_SETTINGS                                                                    \
    {.name = "temp_url_key",                                                                       \
     .summary = "the account's Temp-URL-Key, which presigned URLs are signed with",                \
     .type = NEPH_TYPE_STRING,                                                                     \
     .flags = NEPH_SETTING_SECRET},                                                                \
    {                                                                                              \
        .name = "temp_url_digest",                                                                 \
        .summary =                                                                                 \
            "digest of presigned URLs; auto: SHA-256, unless storage limits told otherwise",       \
        .fallback = "auto", .choices = "auto|sha1|sha256|sha512", .type = NEPH_TYPE_STRING,        \
    }

int32_t swift_sign(neph_call *call, neph_request *request, int64_t now_ns);
int32_t swift_fault(neph_call *call);

/* Begins every request: method and path of the bucket (NULL: the account) and the key (NULL: the bucket). */
int32_t swift_ask(neph_call *call, neph_request *request, const char *method, const char *bucket,
                  const char *key);
/* The same of the object that the call is about. */
int32_t swift_ask_object(neph_call *call, neph_request *request, const char *method);
/* Fails: the object is not as a condition asks. */
int32_t swift_condition_fail(neph_call *call);
/* Makes the storage URL known, and where its /info is. */
int32_t swift_storage_at(neph_cloud *cloud, const char *url);

/* ---- login.c */

extern const neph_action swift_login;
int32_t swift_open(neph_cloud *cloud);
int32_t swift_login_fault(neph_call *call);

/* ---- bucket.c */

extern const neph_reply swift_none_reply;
extern const neph_reply *const swift_none_replies[1];
extern const neph_reply *const swift_bucket_list_replies[1];
int32_t swift_bucket_list(neph_call *call, neph_request *request);
int32_t swift_bucket_create(neph_call *call, neph_request *request);
int32_t swift_bucket_delete(neph_call *call, neph_request *request);

/* ---- object.c */

extern const neph_reply *const swift_object_list_replies[1];
extern const neph_reply *const swift_object_head_replies[2];
extern const neph_reply *const swift_object_get_replies[2];
extern const neph_reply swift_object_put_reply;
int32_t swift_object_list(neph_call *call, neph_request *request);
int32_t swift_object_head(neph_call *call, neph_request *request);
int32_t swift_object_get(neph_call *call, neph_request *request);
int32_t swift_object_put(neph_call *call, neph_request *request);
int32_t swift_object_copy(neph_call *call, neph_request *request);
int32_t swift_object_delete(neph_call *call, neph_request *request);
int32_t swift_object_listed(neph_call *call, neph_record *record); /* each of list */
int32_t swift_object_each(neph_call *call, neph_record *record);
/* then, each and fault of head and get */
int32_t swift_object_got(neph_call *call);
int32_t swift_object_got_each(neph_call *call, neph_record *record);
int32_t swift_object_got_fault(neph_call *call);
/* Sets the headers of what is said of a new object. */
int32_t swift_object_facts(neph_call *call, neph_request *request);
/* Sets a copy's source. */
int32_t swift_copy_from(neph_call *call, neph_request *request);
/* Sends the body's MD5 along, if that was asked for, so that the server refuses another body. */
int32_t swift_body_digest(neph_call *call, neph_request *request);

/* ---- bulk.c: many deletions in one request, whose 200 may hold errors */

extern const neph_reply swift_bulk_reply;
extern const neph_reply *const swift_delete_many_replies[7];
/* Begins the request; adds an object to it. */
int32_t swift_bulk_ask(neph_call *call, neph_request *request);
int32_t swift_bulk_add(neph_call *call, neph_request *request, const char *bucket, const char *key);
/* Fails if the server says so in its reply. */
int32_t swift_bulk_then(neph_call *call);
int32_t swift_delete_many(neph_call *call, neph_request *request);
int32_t swift_delete_many_then(neph_call *call);
int32_t swift_delete_many_each(neph_call *call, neph_record *record);
int32_t swift_delete_many_fault(neph_call *call);

/* ---- upload.c: objects in parts */

extern const neph_reply *const swift_upload_list_replies[2];
extern const neph_reply *const swift_upload_begin_replies[3];
extern const neph_reply *const swift_upload_part_replies[3];
extern const neph_reply *const swift_upload_parts_replies[2];
int32_t swift_upload_list(neph_call *call, neph_request *request);
int32_t swift_upload_list_then(neph_call *call);
int32_t swift_upload_listed(neph_call *call, neph_record *record);
int32_t swift_upload_begin(neph_call *call, neph_request *request);
int32_t swift_upload_begin_then(neph_call *call);
int32_t swift_upload_part(neph_call *call, neph_request *request);
int32_t swift_upload_copy(neph_call *call, neph_request *request);
int32_t swift_upload_part_then(neph_call *call);
int32_t swift_upload_part_each(neph_call *call, neph_record *record);
int32_t swift_upload_parts(neph_call *call, neph_request *request);
int32_t swift_upload_parts_then(neph_call *call);
int32_t swift_upload_parts_each(neph_call *call, neph_record *record);
int32_t swift_upload_complete(neph_call *call, neph_request *request);
int32_t swift_upload_abort(neph_call *call, neph_request *request);
int32_t swift_upload_fault(neph_call *call);

/* ---- presign.c: TempURLs */

extern const neph_reply *const swift_presign_replies[3];
int32_t swift_object_presign(neph_call *call, neph_request *request);
int32_t swift_presign_then(neph_call *call);
int32_t swift_presign_each(neph_call *call, neph_record *record);
int32_t swift_presign_fault(neph_call *call);
int32_t swift_presign_sign(neph_call *call, neph_request *request, const neph_request_view *view,
                           int64_t now_ns);

/* ---- extension.c, and cloudfiles.c for the CDN */

enum {
    SWIFT_OP_ACCOUNT = NEPH_OP_EXTENSION,
    SWIFT_OP_SET_TEMP_URL_KEY,
    SWIFT_OP_CDN_LIST,
    SWIFT_OP_CDN_ENABLE,
    SWIFT_OP_CDN_DISABLE,
    SWIFT_OP_CDN_PURGE
};
extern const neph_extension swift_extensions[SWIFT_EXTENSIONS + SWIFT_CDN_EXTENSIONS];
extern const neph_reply *const swift_account_replies[1];
extern const neph_reply *const swift_cdn_list_replies[1];
extern const neph_reply *const swift_cdn_enable_replies[1];
int32_t swift_account(neph_call *call, neph_request *request);
int32_t swift_set_temp_url_key(neph_call *call, neph_request *request);
int32_t swift_cdn_list(neph_call *call, neph_request *request);
int32_t swift_cdn_enable(neph_call *call, neph_request *request);
int32_t swift_cdn_enabled(neph_call *call, neph_record *record); /* each of enable */
int32_t swift_cdn_disable(neph_call *call, neph_request *request);
int32_t swift_cdn_purge(neph_call *call, neph_request *request);

extern const neph_provider cloudfiles_provider;

/* ---- limits.c: what /info says */

extern const neph_reply swift_info_reply;
extern const neph_reply *const swift_limits_replies[1];
extern const neph_reply swift_digest_reply;
int32_t swift_info_ask(neph_call *call, neph_request *request);
/* Notes what it said, or that it says nothing. */
int32_t swift_info_then(neph_call *call);
/* Keys of a bulk delete, segments of a manifest; 0: the server has none, -1: nobody looked. */
int64_t swift_bulk_known(const neph_call *call);
int64_t swift_segments_most(const neph_call *call);
/* 0: conditions of a write, tags of segments and ranges of copies are taken and ignored. */
int swift_checks(const neph_call *call);
/* Whether it shows signs of life while it makes a large object. */
int swift_beats(const neph_call *call);
int32_t swift_limits_then(neph_call *call);
int32_t swift_limits_fault(neph_call *call);
int32_t swift_limits_each(neph_call *call, neph_record *record);
/* The best digest for a TempURL that the server is known to take; NULL: nobody looked. Noted by each and then. */
int32_t swift_digest_each(neph_call *call, neph_record *record);
int32_t swift_digest_then(neph_call *call);
const char *swift_digest_known(const neph_call *call);

#endif /* SWIFT_H */
