/*
 * core/transfer/transfer.h - one transfer, as the files of this folder see it. It is a program
 * like any other: it makes calls and waits for them by callbacks. The way of a transfer:
 *
 *   transfer.c  made, run, ended, waited for, freed; its progress
 *   options.c   what it was told, copied
 *   end.c       where it comes from and goes to, and whether that is still the same
 *   limits.c    what the cloud takes, asked once
 *   plan.c      how large its parts are
 *   part.c      its parts under way, several at a time
 *   verify.c    checksums: of parts, of the whole, of files
 *   upload.c    an object made of parts, wherever they come from: put.c (files), pipe.c, copy.c (the cloud's own
 *               objects), stream.c (another cloud's)
 *   get.c       an object to a file; pour.c to a pipe, straight.c in one request
 *   file.c      a file to another
 *   journal.c   what is kept of it for another process; resume.c takes that up
 *   stray.c     uploads whose beginning had no reply
 */
#ifndef NEPHI_TRANSFER_H
#define NEPHI_TRANSFER_H

#include <neph/transfer.h>

#include "core/buffer.h"
#include "core/checksum.h"
#include "core/error.h"
#include "core/host.h"
#include "core/loop.h"

#include <sys/stat.h>

#define NEPHI_MIB (INT64_C(1) << 20)
#define NEPHI_PARALLEL 8
#define NEPHI_PARALLEL_MAX 1024

/* ---- ends */

enum { NEPHI_END_OBJECT = 1, NEPHI_END_FILE = 2, NEPHI_END_STREAM = 3 };

/* By what a file is known to be the same. */
typedef struct nephi_identity {
    int64_t device, inode, size_bytes, modified_ns;
} nephi_identity;

typedef struct nephi_end {
    int32_t kind;       /* NEPHI_END_… */
    int32_t fd;         /* FILE, STREAM; -1: not open */
    neph_cloud *cloud;  /* OBJECT */
    const char *bucket; /* texts are in the transfer's arena */
    const char *key;
    const char *version; /* NULL: the latest */
    const char *path;    /* NULL: a descriptor of the program's */
    int owns_fd;
    int mode;           /* FILE: permissions of what is read, or replaced; -1: not there */
    int64_t start;      /* FILE: of its bytes in the descriptor */
    int64_t size_bytes; /* NEPH_UNKNOWN: not known */
    const char *etag;   /* OBJECT; NULL: not known */
    const char *checksum;
    const char *content_type;
    const neph_pair *metadata;
    size_t metadata_count;
    int64_t modified_ns;
    int64_t local_modified_ns;
    nephi_identity identity; /* FILE */
} nephi_end;

/* ---- what the cloud takes */

typedef struct nephi_limits {
    int64_t object_bytes, put_bytes, part_bytes_min, part_bytes_max, part_count, copy_bytes;
    int64_t has_equal_parts;
    char checksum[32]; /* "": none */
} nephi_limits;

/* ---- parts */

enum { NEPHI_PART_PENDING = 0, NEPHI_PART_MOVING = 1, NEPHI_PART_DONE = 2 };

typedef struct nephi_part {
    int64_t size_bytes;
    const char *etag;     /* of an upload */
    const char *checksum; /* of its bytes; NULL: not taken */
    int32_t state;        /* NEPHI_PART_… */
    int32_t is_kept;      /* an earlier run had moved it */
} nephi_part;

/* What moves one part. */
typedef struct nephi_slot {
    neph_transfer *transfer;
    neph_call *call; /* NULL: it is free */
    neph_call *feed; /* gives what the call sends, of another cloud */
    size_t index;    /* of the part */
    uint32_t tries;
    char *buffer; /* of pipe.c and file.c; a ring of stream.c */
    size_t capacity, begin, used;
    int is_fed; /* feed has ended well */
    int feed_waits, call_waits;
    int is_held; /* call is done, and what it brought waits for its turn */
} nephi_slot;

typedef struct nephi_parts {
    nephi_part *list;
    size_t count, capacity;
    size_t next; /* all before it are on their way */
    size_t done_count, kept_count;
    int64_t part_bytes, done_bytes, kept_bytes;
    int is_open;         /* there may be more: the size is not known yet */
    size_t written;      /* of pour.c and straight.c: parts that are out, or begun to be */
    nephi_slot *filling; /* of pipe.c: takes the next part */
    nephi_slot *slots;
    int32_t slot_count, busy;
} nephi_parts;

/* ---- the transfer */

/* How something goes from one kind of end to another. */
typedef struct nephi_way {
    /* Both ends are known. */
    void (*begin)(neph_transfer *transfer);
    /* Starts what moves the part of the slot: slot->call. 0, NEPH_AGAIN (there is nothing to move yet), or a failure. */
    int (*part)(neph_transfer *transfer, nephi_slot *slot);
    /* The call of a slot has ended well: notes what it brought. 0 or a failure. */
    int (*took)(neph_transfer *transfer, nephi_slot *slot, neph_call *call);
    /* No part is left, and there may be more: makes one, with nephi_parts_add(), or closes parts.is_open. 0, NEPH_AGAIN
     * (not now), or a failure. NULL: all parts are known from the beginning. */
    int (*more)(neph_transfer *transfer);
    /* All parts have been moved. */
    void (*end)(neph_transfer *transfer);
    /* It failed: takes back what was begun, and calls nephi_transfer_undone(). NULL: there is nothing. */
    void (*undo)(neph_transfer *transfer);
} nephi_way;

typedef struct nephi_journal nephi_journal;
typedef void (*nephi_then_fn)(neph_transfer *transfer, neph_call *call);
typedef void (*nephi_next_fn)(neph_transfer *transfer);

struct neph_transfer {
    neph_host *host;
    neph_transfer *next, **link; /* in host->transfers */
    neph_transfer *next_waiting; /* for the limits of a cloud */
    const nephi_way *way;
    nephi_end from, to;
    neph_transfer_options options; /* its texts are in the arena */
    nephi_arena arena;
    const nephi_limits *limits; /* of the destination, or of the source of a download */
    nephi_parts parts;
    int64_t total_bytes;   /* -1: not known */
    int64_t piped_bytes;   /* so far */
    int64_t planned_bytes; /* of parts, before those of an earlier run were taken up */
    int64_t part_count;    /* for the result: 1 in one request */
    const char *checksum;  /* algorithm; NULL: none is taken */
    int is_checked;        /* the cloud compares what it gets */
    const char *upload;    /* id; NULL: none was begun */
    const char *temporary; /* path; NULL: none */
    nephi_journal *journal;
    int is_whole;   /* in one request */
    int is_told;    /* what the cloud knows of the source was asked for */
    int is_made;    /* the object is there */
    int is_spoilt;  /* what was moved is of no use any more */
    int is_waiting; /* for the limits of a cloud */
    int is_undoing; /* it has failed, and takes back what it began */
    int is_done, is_freed, is_notified;
    int in_wait;     /* a function of the program's waits for it */
    neph_call *call; /* besides those of slots */
    nephi_then_fn then;
    int then_sees_failure;
    neph_transfer_fn on_done;
    void *on_done_user;
    neph_transfer_result result;
    char whole[NEPHI_CHECKSUM_MAX];
    int64_t told_bytes;            /* by the last progress */
    struct nephi_hashing *hashing; /* of a file; see verify.c */
    struct nephi_strays *strays;   /* see stray.c */
    int64_t begun_ms;              /* when the upload was */
    nephi_digest *digest;          /* of what is poured */
    nephi_timer timer;             /* of progress */
    nephi_timer pace;              /* looks at a pipe; waits for the rate; tries again */
    nephi_next_fn paced;
    nephi_task task;   /* copies or hashes the next slice */
    nephi_task notify; /* on_done, or the end of one that was freed */
    nephi_error error; /* last: not zeroed with the rest */
};

extern neph_transfer nephi_transfer_no_memory;

/* transfer.c */
/* Has failed, the error is set. Ends the calls of it and takes back what was begun, or leaves it to be resumed. */
void nephi_transfer_fail(neph_transfer *transfer);
/* The same with the error of a call. */
void nephi_transfer_fail_as(neph_transfer *transfer, const neph_error *error);
/* All is done well. */
void nephi_transfer_finish(neph_transfer *transfer);
/* What was begun is taken back. */
void nephi_transfer_undone(neph_transfer *transfer);
/* The call belongs to the transfer from now on; then runs when it ended well, and a failure is
 * the transfer's. Takes the place of the call before, which is freed when then returns. */
void nephi_transfer_await(neph_transfer *transfer, neph_call *call, nephi_then_fn then);
/* The same, and then sees failures too. */
void nephi_transfer_await_any(neph_transfer *transfer, neph_call *call, nephi_then_fn then);
/* There was no memory for it: its callbacks never run. */
int nephi_call_is_hopeless(const neph_call *call);
/* Copies of the transfer's own; NULL of nothing. NULL of something: no memory, which is the
 * transfer's error. */
const char *nephi_transfer_text(neph_transfer *transfer, const char *text);
const neph_pair *nephi_transfer_pairs(neph_transfer *transfer, const neph_pair *pairs,
                                      size_t count);
/* then runs in a while. 0 or NEPH_NO_MEMORY. */
int nephi_transfer_pace(neph_transfer *transfer, nephi_next_fn then, int64_t delay_ms);
/* The same before another try, after so many: twice as long each time. */
int nephi_transfer_again(neph_transfer *transfer, nephi_next_fn then, uint32_t tries);
/* Could what failed so go well the next time, after so many tries? */
int nephi_transfer_may_pass(const neph_transfer *transfer, const neph_error *error, uint32_t tries);
/* Done, or failed and taking back. */
int nephi_transfer_is_over(const neph_transfer *transfer);
/* One whose ends are not known yet; NULL: no memory. */
neph_transfer *nephi_transfer_create(neph_host *host, const neph_transfer_options *options);
/* They are, and its way: begins, or fails with the error that is set. */
void nephi_transfer_go(neph_transfer *transfer);
/* Of a cloud that is closed, of a host that ends. */
void nephi_transfers_end(neph_host *host, const neph_cloud *cloud);
void nephi_transfers_free(neph_host *host);

/* options.c */
/* Copies in the arena; NULL of nothing. NULL of something: no memory, which is the error. */
const char *nephi_text_keep(nephi_arena *arena, const char *text, nephi_error *error);
const neph_pair *nephi_pairs_keep(nephi_arena *arena, const neph_pair *pairs, size_t count,
                                  nephi_error *error);
/* What was given, or the defaults. 0, or the error. */
int nephi_transfer_options_keep(neph_transfer_options *own, nephi_arena *arena,
                                const neph_transfer_options *given, nephi_error *error);

/* end.c */
int nephi_end_take(neph_transfer *transfer, nephi_end *end, const neph_end *given);
/* Opens a file or pipe that is the source, and notes what it is. */
int nephi_source_begin(neph_transfer *transfer);
/* Is the file that was read still what it was? 0 or NEPH_INTEGRITY. */
int nephi_source_confirm(neph_transfer *transfer);
/* What kind of thing is the destination? A directory is a failure. */
int nephi_destination_begin(neph_transfer *transfer);
/* A temporary file beside the destination, for transfer->to.fd. */
int nephi_destination_create(neph_transfer *transfer);
/* What must be written in order: the next bytes of it. */
int nephi_destination_write(neph_transfer *transfer, const void *data, size_t size);
/* It gets its name. */
int nephi_destination_commit(neph_transfer *transfer);
void nephi_destination_remove(neph_transfer *transfer);
/* Keeps what is known of an object. 0 or NEPH_NO_MEMORY. */
int nephi_end_learn(neph_transfer *transfer, nephi_end *end, const neph_object *object);
neph_call *nephi_end_head(const nephi_end *end);
void nephi_end_close(nephi_end *end);
/* Of permissions those that files get of others. */
#define NEPHI_PERMISSIONS 0777
void nephi_identity_take(nephi_identity *identity, const struct stat *info);
/* In words, for messages. */
const char *nephi_end_name(const nephi_end *end);

/* limits.c */
/* Which checksum an object has that is got in one request is guessed: the one that the cloud checks
 * by. */
int nephi_limits_are_wanted(const neph_transfer *transfer);
/* go runs, at once or later, when transfer->limits are there. */
void nephi_limits_ask(neph_transfer *transfer, neph_cloud *cloud);
void nephi_limits_leave(neph_transfer *transfer);
void nephi_limits_forget(neph_cloud *cloud);

/* plan.c */
/* The size of parts, of which the last may be smaller. 0, NEPH_INVALID (asked is no good) or NEPH_LIMIT. */
int nephi_plan(const nephi_limits *limits, int64_t size_bytes, int64_t asked, int64_t *part_bytes,
               nephi_error *error);
/* What goes in one request. */
int64_t nephi_plan_single(const nephi_limits *limits, int64_t asked);

/* stray.c: then runs in the end. */
/* Uploads that an earlier run began at begun_ns, and whose id it never heard, are ended. */
void nephi_strays_end(neph_transfer *transfer, int64_t begun_ns, nephi_next_fn then);
/* What this run may have begun beside its own upload, because a reply was lost, is told of. */
void nephi_strays_tell(neph_transfer *transfer, nephi_next_fn then);

/* part.c */
int nephi_parts_plan(neph_transfer *transfer, int64_t total, int64_t part_bytes);
int nephi_parts_add(neph_transfer *transfer, int64_t size_bytes);
int nephi_parts_slots(neph_transfer *transfer);
/* They are planned, or rc says why not: begins them, or fails. */
void nephi_parts_begin(neph_transfer *transfer, int rc);
/* Fills the free slots; runs way->end when nothing is left. */
void nephi_parts_pump(neph_transfer *transfer);
/* The part was moved before. */
void nephi_parts_keep(neph_transfer *transfer, size_t index);
void nephi_slot_await(nephi_slot *slot, neph_call *call);
/* A part that is not moving takes the slot; for ways that choose it. NULL: all are busy. */
nephi_slot *nephi_slot_take(neph_transfer *transfer);
int64_t nephi_part_offset(const neph_transfer *transfer, size_t index);
/* Of what is under way too. */
int64_t nephi_parts_moved(const neph_transfer *transfer);
void nephi_parts_stop(neph_transfer *transfer);
void nephi_parts_fini(neph_transfer *transfer);

/* verify.c */
/* Which checksum to take of what is sent; NEPH_UNSUPPORTED if none can be, and one must. */
int nephi_verify_plan_up(neph_transfer *transfer);
int nephi_verify_plan_down(neph_transfer *transfer);
int nephi_verify_plan_file(neph_transfer *transfer);
/* Nothing could be compared: 0, or NEPH_UNSUPPORTED where it must be. */
int nephi_verify_required(neph_transfer *transfer);
/* "ALGORITHM:HEX" of all parts; NULL: it cannot be told from theirs. */
const char *nephi_verify_whole(neph_transfer *transfer);
/* Are these two of the same algorithm? Then *equal says whether they are the same. */
int nephi_verify_compare(const char *one, const char *other, int *equal);
/* Takes the checksum of a file's bytes, by the algorithm that like begins with; then runs when
 * it is in transfer->whole. 0, NEPH_UNSUPPORTED (the algorithm is not known; nothing has
 * happened), or a failure. */
int nephi_verify_file(neph_transfer *transfer, int fd, int64_t offset, int64_t size_bytes,
                      const char *like, void (*then)(neph_transfer *transfer));
void nephi_verify_abandon(neph_transfer *transfer);
/* The same of bytes as they come: of a piece; and of all of them, to transfer->whole. */
int nephi_verify_begin(neph_transfer *transfer, const char *algorithm);
int nephi_verify_add(neph_transfer *transfer, const void *data, size_t size);
int nephi_verify_end(neph_transfer *transfer);

#endif
