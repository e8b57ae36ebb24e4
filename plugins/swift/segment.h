/*
 * segment.h - the segments of large objects, as the operations on objects and uploads see them. A large object is a
 * manifest (SLO) over segments that lie in a bucket of their own, BUCKET_segments, as KEY/ID/NUMBER.
 */
#ifndef SWIFT_SEGMENT_H
#define SWIFT_SEGMENT_H

#include "swift.h"

#define SWIFT_NAME_SIZE 1280 /* of a segment, and of a bucket with its ending */
#define SWIFT_SEGMENT_MAX 99999999

/* Steps of what writes or removes an object, in the order of its replies. SEND is the operation itself. */
enum {
    SWIFT_SEND = 0,
    SWIFT_BEAT,     /* the same, with signs of life until it is done */
    SWIFT_SOURCE,   /* is what is copied a large object? */
    SWIFT_PARTS,    /* are the segments those that the call names? */
    SWIFT_PROBE,    /* is there a bucket of segments? */
    SWIFT_LOOK,     /* is what will be replaced a large object? */
    SWIFT_MANIFEST, /* whose segments are they? */
    SWIFT_PURGE,    /* deletes it with all its segments */
    SWIFT_INFO,     /* what can the server do? */
    SWIFT_LIST,     /* segments that nothing needs any more */
    SWIFT_DROP,     /* and they go */
    SWIFT_END,      /* of an upload: its marker goes */
    SWIFT_STEPS
};

extern const neph_reply *const swift_put_replies[SWIFT_STEPS];
extern const neph_reply *const swift_delete_replies[SWIFT_STEPS];

typedef int32_t (*swift_send_fn)(neph_call *call, neph_request *request);

/* The ask, then, each and fault of every such operation. send asks for the operation itself. */
int32_t swift_write_ask(neph_call *call, neph_request *request, swift_send_fn send);
int32_t swift_write_then(neph_call *call);
int32_t swift_write_each(neph_call *call, neph_record *record);
int32_t swift_write_fault(neph_call *call);

/* Notes in the object which upload made it: not every server tells what a large object is made of. */
#define SWIFT_UPLOAD_NOTE "X-Object-Meta-Neph-Upload"

/* Does the reply speak of a large object? */
int swift_is_large(const neph_call *call);

/* Does the cloud know that this bucket has a bucket of segments? 1, 0 (it has none), -1 (nobody looked). */
int swift_segments_known(neph_call *call);
int32_t swift_segments_remember(neph_call *call, int are_there);

/* The name of the bucket of segments; name holds SWIFT_NAME_SIZE. */
int32_t swift_segments_bucket(neph_call *call, char *name);
/* Begins a request on it (name NULL) or on what it holds. */
int32_t swift_ask_segments(neph_call *call, neph_request *request, const char *method,
                           const char *name);
/* Begins a listing of what it holds below a name. */
int32_t swift_ask_listing(neph_call *call, neph_request *request, const char *below);
/* KEY/ID/ of the call's key, and KEY/ID/NUMBER if number is not 0. NEPH_NOT_FOUND: that is no upload's id. */
int32_t swift_segment_name(neph_call *call, char *name, const char *id, int64_t number);
/* Where an upload that is under way is noted: of the call's key, or (id NULL) of all keys that begin with prefix. */
int32_t swift_marker_name(neph_call *call, char *name, const char *id, const char *prefix);
/* The last part of a name: the number of a segment, 0: it is none. */
int64_t swift_segment_number(const char *name);
/* A part's number as the program gave it; 0: it is none. */
int64_t swift_part_number(const char *text);

/* ---- upload.c: a completion that shows signs of life */

extern const neph_reply swift_beat_reply;
/* Fails if its reply, which is a success from the start, tells of a failure at its end. */
int32_t swift_beat_then(neph_call *call);

/* ---- check.c: what is looked at before a write, where the server does not check it */

extern const neph_reply swift_check_reply;
/* SWIFT_SOURCE, SWIFT_PARTS, or SWIFT_SEND: nothing is. */
uint32_t swift_check_step(const neph_call *call);
/* Whether anything depends on what the server checks. */
int swift_check_matters(const neph_call *call);
int32_t swift_check_ask(neph_call *call, neph_request *request);
int32_t swift_check_each(neph_call *call, neph_record *record);
int32_t swift_check_then(neph_call *call);

#endif /* SWIFT_SEGMENT_H */
