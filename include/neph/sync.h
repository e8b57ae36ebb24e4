/*
 * neph/sync.h - whole trees: a directory or all objects under a prefix made like another. Included by programs that sync; built on
 * the calls of neph/neph.h and on neph/transfer.h.
 *
 * Both sides are listed as streams in byte order and merged, so that memory stays flat for any number of keys; order is
 * checked while reading, and what is not ordered is sorted in runs through temporary files.
 *
 * A failure of one item is told and counted, the rest goes on. Where a listing failed, or a directory could not be read,
 * nothing is deleted, and nothing written below that directory of the destination.
 *
 * Names are bytes, relative to both sides, with '/'. What no file can be is named and counted as failed: empty parts, "." and
 * "..", names too long, and keys below a key that is a file itself. A symbolic link is neither followed nor copied, nor gone
 * through to write or delete; links and special files of the destination are left alone. Objects have no directories: empty
 * ones are not brought over, objects of no bytes whose key ends in '/' are passed over where the other side is a directory, and
 * a directory that loses its last file by a deletion or a move is removed. Files that neph has half written (".neph-" and a
 * number) are passed over. A directory that is made has the permissions of the source's, besides the umask and that its owner
 * may write to it; files: see neph/transfer.h.
 *
 * Threads, callbacks and freeing: as calls. Clouds stay open until the sync is freed. Since 0.1.
 */
#ifndef NEPH_SYNC_H
#define NEPH_SYNC_H

#include <neph/transfer.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct neph_sync neph_sync;

/*
 * By what an item that both sides have is taken for the same. By time, as NEPH_COMPARE_AUTO has it, the source is the same
 * unless it was written after the destination (a second or more: clouds cut fractions off): the file's time or the object's,
 * and the times of what was made of it. So a second sync does nothing, in any direction. Where both tell the time of the file
 * that they are or were made of, that goes first; with keep_times, objects that look newer are asked for it.
 */
enum {
    NEPH_COMPARE_AUTO = 0, /* size, and checksum where both listings tell one alike, else time */
    NEPH_COMPARE_SIZE = 1, /* size alone */
    NEPH_COMPARE_CHECKSUM =
        2, /* size and checksum; one that is not known is taken (files) or asked for (objects); what cannot be
            * compared is different, which is logged */
    NEPH_COMPARE_NONE = 3,  /* nothing is the same: everything is copied */
    NEPH_COMPARE_ABSENT = 4 /* what the destination has is left as it is */
};

/* What happened, or with dry_run would happen, to an item. */
enum {
    NEPH_SYNC_COPY = 1, /* it goes to the destination, or went */
    NEPH_SYNC_DELETE = 2,
    NEPH_SYNC_SAME = 3, /* told only if it is asked for */
    NEPH_SYNC_SKIP =
        4 /* left out, which is no failure: a symbolic link, a special file; see error */
};

typedef struct neph_sync_event {
    size_t size;
    int32_t action;   /* NEPH_SYNC_… */
    int32_t is_done;  /* 0: it begins; 1: it is done, well or not */
    const char *name; /* relative to both sides, with '/' */
    int64_t size_bytes;
    const neph_error *error; /* NULL: well; else why it failed, or was left out */
} neph_sync_event;

typedef void (*neph_sync_event_fn)(neph_sync *sync, const neph_sync_event *event, void *user);
typedef void (*neph_sync_fn)(neph_sync *sync, int status, void *user);

/* One pattern of what takes part; the first that matches decides, what none matches takes part unless an include stands
 * among them. "*" and "?" match within a name, "**" across '/', with a '/' behind it also no directory at all. A pattern
 * without '/' is matched with the last name alone, others with the whole; one that ends in '/' means all that is below. */
typedef struct neph_sync_pattern {
    const char *pattern;
    int32_t is_exclude;
    int32_t reserved;
} neph_sync_pattern;

/* The media type of an item by its name (relative, with '/'); NULL: not known. Borrowed until it is asked again. */
typedef const char *(*neph_content_type_fn)(const char *name, void *user);

typedef struct neph_sync_options {
    size_t size;
    int32_t compare;    /* NEPH_COMPARE_… */
    int32_t deletes;    /* 1: what the source has not is deleted from the destination, at the end */
    int32_t moves;      /* 1: what was copied is deleted from the source, when it is there */
    int32_t dry_run;    /* 1: events alone, nothing is changed */
    int64_t max_delete; /* if more are wanted none is begun: NEPH_LIMIT; -1: any number */
    int32_t jobs;       /* items at a time; 0: 16 */
    int32_t tells_same; /* 1: NEPH_SYNC_SAME events too */
    const neph_sync_pattern *patterns;
    size_t pattern_count;
    const neph_transfer_options *transfer; /* of each item */
    const char *temporary_dir;             /* for sorting; NULL: as the host has it */
    neph_sync_event_fn event;
    void *event_user;
    neph_content_type_fn content_type; /* of files; NULL: as transfer says, for all alike */
    void *content_type_user;
} neph_sync_options;
#define NEPH_SYNC_OPTIONS_INIT                                                                     \
    {                                                                                              \
        sizeof(neph_sync_options), 0, 0, 0, 0, -1, 0, 0, NULL, 0, NULL, NULL, NULL, NULL, NULL,    \
            NULL                                                                                   \
    }

typedef struct neph_sync_summary {
    size_t size;
    int64_t seen_count; /* of the source */
    int64_t copied_count;
    int64_t copied_bytes;
    int64_t total_bytes; /* of what is to be copied, as far as it is known yet */
    int64_t done_bytes;  /* of the items under way too */
    int64_t same_count;
    int64_t deleted_count;
    int64_t skipped_count;
    int64_t failed_count;     /* directories that cannot be read too */
    int64_t unverified_count; /* copied, but nothing could be compared */
    int64_t resumed_count;
} neph_sync_summary;

/*
 * Makes `to` like `from`. An end's key is the prefix of its keys, taken as a directory ("a" means "a/"; "" or NULL: the whole
 * bucket), its path a directory, which is made where it is missing. from NULL: an empty tree, so that with deletes all of
 * `to` goes. Ends that overlap are NEPH_INVALID. Never NULL. options: NULL for defaults,
 * copied; the strings in it too. Owned by the caller, freed with neph_sync_free().
 */
NEPH_API neph_sync *neph_sync_new(neph_host *host, const neph_end *from, const neph_end *to,
                                  const neph_sync_options *options);
NEPH_API void neph_on_sync(neph_sync *sync, neph_sync_fn fn, void *user);
/* 0, or why it failed; where items failed and the rest went on, the status of the first one. */
NEPH_API int neph_sync_wait(neph_sync *sync);
NEPH_API int neph_sync_wait_for(neph_sync *sync, int64_t timeout_ms);
NEPH_API int neph_sync_is_done(const neph_sync *sync);
NEPH_API const neph_error *neph_sync_error(const neph_sync *sync);
/* At any time; never NULL, borrowed. */
NEPH_API const neph_sync_summary *neph_sync_progress(const neph_sync *sync);
NEPH_API void neph_sync_cancel(neph_sync *sync);
NEPH_API void neph_sync_free(neph_sync *sync);

#ifdef __cplusplus
}
#endif

#endif /* NEPH_SYNC_H */
