/*
 * neph/transfer.h - objects moved as a whole: between files, pipes and clouds, in parts, verified, and taken up again by
 * another process. Included by programs that move objects; built on the calls of neph/neph.h, and on nothing that a program could not use itself.
 *
 * A transfer goes from one end to another. What the ends are decides the way: a file or pipe to an object (parts in
 * parallel, read with pread), an object to a file (ranges guarded by the entity tag, written beside the destination and
 * renamed at the end) or to a pipe, an object to another of the same cloud (the cloud copies) or of another cloud (streamed),
 * a file to another (read back before it is renamed; nothing of it is kept to be resumed). An object of one request whose file
 * is written to meanwhile is NEPH_INTEGRITY when it is there already: the message says so.
 *
 * With a journal directory a transfer of many parts can be resumed: after a crash the same transfer, started anew, asks the
 * cloud what it holds and goes on behind that. neph_journal tells what is unfinished there.
 *
 * Threads, callbacks and freeing: as calls. Since 0.1.
 */
#ifndef NEPH_TRANSFER_H
#define NEPH_TRANSFER_H

#include <neph/neph.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct neph_transfer neph_transfer;

/* One end: an object (cloud, bucket, key), a file (path), or a descriptor (fd: a pipe, a terminal, a file). Strings are
 * copied; the cloud stays open until the transfer is freed. */
typedef struct neph_end {
    size_t size;
    neph_cloud *cloud; /* NULL: path or fd */
    const char *bucket;
    const char *key;
    const char *version; /* of the object to read; NULL: the latest */
    const char *path;    /* NULL: fd */
    int32_t fd;          /* stays the caller's */
    int32_t reserved;
    int64_t size_bytes; /* of the object to read, as a listing told it; saves asking for it */
    const char *etag;   /* the same; NULL: not known */
} neph_end;
#define NEPH_END_INIT                                                                              \
    {                                                                                              \
        sizeof(neph_end), NULL, NULL, NULL, NULL, NULL, -1, 0, NEPH_UNKNOWN, NULL                  \
    }

/*
 * A file that is written over keeps its permissions (of 0777); a new one has those of the file that it is copied from, or 0666,
 * as far as the umask lets. Of owner, access lists and extended attributes nothing is brought over; of times, see keep_times.
 */

/* How bytes are checked from end to end. */
enum {
    NEPH_VERIFY_AUTO = 0, /* by what both ends know; says so where nothing could be checked */
    NEPH_VERIFY_OFF = 1,  /* not at all */
    NEPH_VERIFY_REQUIRED =
        2 /* what cannot be checked fails: NEPH_UNSUPPORTED, before anything is visible */
};

/* What becomes of a transfer so far. */
typedef struct neph_transfer_progress {
    size_t size;
    int64_t done_bytes;  /* moved, or found to be there already */
    int64_t total_bytes; /* -1: not known */
    int64_t kept_bytes;  /* of done_bytes: left by an earlier run */
} neph_transfer_progress;

typedef void (*neph_transfer_fn)(neph_transfer *transfer, int status, void *user);
typedef void (*neph_transfer_progress_fn)(neph_transfer *transfer,
                                          const neph_transfer_progress *progress, void *user);

typedef struct neph_transfer_options {
    size_t size;
    int64_t part_bytes;   /* 0: chosen by size and the cloud's limits */
    int32_t parallel;     /* parts at a time; 0: 8 */
    int32_t verify;       /* NEPH_VERIFY_… */
    const char *checksum; /* algorithm; NULL: what the cloud checks by */
    const char *content_type;
    const char *storage_class;
    const neph_pair *metadata;
    size_t metadata_count;
    const char *if_match;      /* of the object written: only over this entity tag */
    const char *if_none_match; /* "*": only if there is none */
    const char *journal_dir;   /* NULL: nothing is kept, and after a failure all is undone */
    int32_t keep_times;        /* 1: the file's time goes with the object, and comes back with it */
    int32_t reserved;
    neph_transfer_progress_fn progress; /* when something was moved; at most ten times a second */
    void *progress_user;
} neph_transfer_options;
#define NEPH_TRANSFER_OPTIONS_INIT                                                                 \
    {                                                                                              \
        sizeof(neph_transfer_options), 0, 0, 0, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, 0, 0, \
            NULL, NULL                                                                             \
    }

/* What came of it. */
typedef struct neph_transfer_result {
    size_t size;
    int64_t size_bytes;
    int64_t part_count;   /* 1: in one request */
    int64_t kept_count;   /* parts that an earlier run had finished */
    const char *etag;     /* of the object; NULL: not known */
    const char *version;  /* of the object written; NULL: not known */
    const char *checksum; /* "ALGORITHM:HEX" of the bytes; NULL: not taken */
    int32_t is_verified;  /* 1: compared at both ends; 0: nothing could be compared */
    int32_t reserved;
} neph_transfer_result;

/*
 * Starts a transfer; the host runs it. Never NULL: what could not start is a transfer that failed. options: NULL for
 * defaults, copied. Owned by the caller, freed with neph_transfer_free(). An unfinished transfer of the same ends in the
 * journal is gone on with if the source is still the same (a file by device, inode, size and time, an object by its entity
 * tag), else it is aborted and begun anew.
 */
NEPH_API neph_transfer *neph_transfer_new(neph_host *host, const neph_end *from, const neph_end *to,
                                          const neph_transfer_options *options);

/* Runs when it is done; set at once after neph_transfer_new(). */
NEPH_API void neph_on_transfer(neph_transfer *transfer, neph_transfer_fn fn, void *user);

/* Runs the host until it is done. Returns 0 or why it failed: as calls, and NEPH_INTEGRITY (bytes differ, or the source
 * changed meanwhile), NEPH_FILE, NEPH_LIMIT (larger than the cloud takes). NEPH_BUSY inside a callback. */
NEPH_API int neph_transfer_wait(neph_transfer *transfer);
/* The same for at most timeout_ms; NEPH_AGAIN when that is over. */
NEPH_API int neph_transfer_wait_for(neph_transfer *transfer, int64_t timeout_ms);
NEPH_API int neph_transfer_is_done(const neph_transfer *transfer);

/* As neph_call_error(). */
NEPH_API const neph_error *neph_transfer_error(const neph_transfer *transfer);
/* Of one that is done well; else NULL. Lives as long as the transfer. */
NEPH_API const neph_transfer_result *neph_transfer_outcome(const neph_transfer *transfer);

/* Stops it, and it is done with NEPH_CANCELLED: with a journal at once, and it can be resumed; without one when what was
 * begun is undone. */
NEPH_API void neph_transfer_cancel(neph_transfer *transfer);
/* Cancels it if it runs, and frees it (deferred inside callbacks); what is to be undone then is undone as long as the host runs
 * and the cloud is open. NULL is fine. */
NEPH_API void neph_transfer_free(neph_transfer *transfer);

/* ---- the journal: what is unfinished --------------------------------------------------------------------------- */

typedef struct neph_journal neph_journal;

/* A transfer that was begun and neither done nor aborted. */
typedef struct neph_unfinished {
    size_t size;
    const char *id;         /* short, of this entry */
    const char *from_cloud; /* as neph_cloud_open() was told it; NULL: a file */
    const char *from_bucket;
    const char *from; /* key, or absolute path */
    const char *to_cloud;
    const char *to_bucket;
    const char *to;
    const neph_setting_value *from_settings; /* given when from_cloud was opened, without secrets */
    size_t from_setting_count;
    const neph_setting_value *to_settings;
    size_t to_setting_count;
    const char *upload; /* id of the upload at the cloud; NULL: none */
    int64_t total_bytes;
    int64_t done_bytes;
    int64_t begun_ns;
    int64_t touched_ns;
    const char *
        damage; /* why it cannot be resumed: damaged, of another version, source gone; NULL: it can */
    int32_t is_running; /* a process has it */
    int32_t reserved;
} neph_unfinished;

/* Reads the entries of a directory; one that is damaged is listed with its damage, never an error. *out: owned by the
 * caller, NULL on failure. Returns 0, NEPH_FILE, NEPH_NO_MEMORY; neph_host_error() says what. */
NEPH_API int neph_journal_open(neph_host *host, const char *dir, neph_journal **out);
/* The next one, oldest first; NULL behind the last. Borrowed until the next one is taken. */
NEPH_API const neph_unfinished *neph_journal_next(neph_journal *journal);
/* Would neph_transfer_abort() take this cloud for the one that came last? Asks nobody. Returns 0 or NEPH_INVALID; neph_host_error()
 * says why. */
NEPH_API int neph_journal_check(neph_journal *journal, const neph_cloud *to);
NEPH_API void neph_journal_close(neph_journal *journal);

/* Takes up an entry: from and to name the opened clouds of its ends (NULL for a file), opened as they were when it was begun:
 * else NEPH_INVALID. options: progress and parallel are heeded, the rest stands in the entry. As neph_transfer_new(). */
NEPH_API neph_transfer *neph_transfer_resume(neph_host *host, const char *dir, const char *id,
                                             neph_cloud *from, neph_cloud *to,
                                             const neph_transfer_options *options);
/* Undoes an entry: aborts its upload at the cloud, removes its half-written file, and forgets it. As neph_transfer_new().
 * to: opened as it was when the entry was begun, else NEPH_INVALID; NULL: the cloud is not asked, what it holds stays there. An
 * entry with damage is undone as far as it can be read. Where the cloud was asked to complete the object within the last minute
 * and nobody heard what became of that, the object is looked for until then; one that is there stays. */
NEPH_API neph_transfer *neph_transfer_abort(neph_host *host, const char *dir, const char *id,
                                            neph_cloud *to);

#ifdef __cplusplus
}
#endif

#endif /* NEPH_TRANSFER_H */
