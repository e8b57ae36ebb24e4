/*
 * core/transfer/ways.h - the ways from one kind of end to another, and what they share. See
 * transfer.h.
 */
#ifndef NEPHI_WAYS_H
#define NEPHI_WAYS_H

#include "core/transfer/transfer.h"

extern const nephi_way nephi_way_put;      /* a file to an object */
extern const nephi_way nephi_way_pipe;     /* what has no size to an object */
extern const nephi_way nephi_way_get;      /* an object to a file */
extern const nephi_way nephi_way_pour;     /* an object to what cannot be written out of order */
extern const nephi_way nephi_way_straight; /* the same in one request */
extern const nephi_way nephi_way_file;     /* a file to another */
extern const nephi_way nephi_way_copy;     /* an object to another of the same cloud */
extern const nephi_way nephi_way_stream;   /* an object to one of another cloud */

/* upload.c: what the four ways to an object in parts have in common. */
/* The size of the parts is planned, or parts come one by one: begins an upload, or goes on with one, and pumps. */
void nephi_upload_begin(neph_transfer *transfer);
/* Begins one, whatever was there. */
void nephi_upload_anew(neph_transfer *transfer);
/* Sends a part. */
neph_call *nephi_upload_part(neph_transfer *transfer, const nephi_slot *slot,
                             const neph_source *source);
int nephi_upload_took(neph_transfer *transfer, nephi_slot *slot, neph_call *call);
/* All parts are there: makes the object. */
void nephi_upload_end(neph_transfer *transfer);
void nephi_upload_undo(neph_transfer *transfer);
/* All in one request. */
void nephi_upload_whole(neph_transfer *transfer, const neph_source *source, nephi_then_fn then);
neph_call *nephi_upload_whole_call(const neph_transfer *transfer, const neph_source *source);
/* The object is made, in whatever way: what the call says of it becomes the result. 0 or
 * NEPH_INTEGRITY. */
int nephi_upload_learn(neph_transfer *transfer, neph_call *call);
/* That was all; looks at the object once more if that tells more. */
void nephi_upload_finish(neph_transfer *transfer);
/* Both. */
void nephi_upload_made(neph_transfer *transfer, neph_call *call);
/* A call to the destination: an operation on the object. */
neph_call *nephi_upload_call(const neph_transfer *transfer, uint32_t op);
/* What the object shall be known by goes to the call, as far as the cloud takes it. */
void nephi_upload_facts(const neph_transfer *transfer, neph_call *call, uint32_t op);
void nephi_upload_conditions(const neph_transfer *transfer, neph_call *call);

/* get.c: what the ways from an object have in common. */
/* Has the cloud told enough of the source? Else asks, and begins again when it has. */
int nephi_source_is_told(neph_transfer *transfer, int is_needed);
/* A range of it, only while it is what it was; to be given a sink, and started. */
neph_call *nephi_source_get(neph_transfer *transfer, size_t index);
/* Its call takes a checksum, if that can be of use: see nephi_source_took(). */
void nephi_source_checksum(const neph_transfer *transfer, neph_call *call);
/* Fails with NEPH_INTEGRITY: it is not what it was. */
int nephi_source_changed(neph_transfer *transfer);
/* It brought what it should have. 0 or NEPH_INTEGRITY. */
int nephi_source_took(neph_transfer *transfer, nephi_slot *slot, neph_call *call);
/* Can ranges be told from ranges of another object of that name? */
int nephi_source_is_guarded(const neph_transfer *transfer);
/* transfer->result.checksum is compared with what the cloud says. 0, NEPH_AGAIN (there is
 * nothing to compare with), or a failure. */
int nephi_source_compare(neph_transfer *transfer);
/* All of it is written where it has no name to get: compares it, and that was all. */
void nephi_source_end(neph_transfer *transfer);

#endif
