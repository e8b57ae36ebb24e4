/*
 * core/transfer/journal.h - what is kept of a transfer for another process: one file for each,
 * named after its ends, locked while the transfer runs, removed when it is done. journal_file.c
 * has its lines, resume.c goes on behind them.
 *
 * Where data are written here, a part is noted at once, for what survives the process; once in a
 * while they are synced, and that is noted, for what survives the machine.
 */
#ifndef NEPHI_JOURNAL_H
#define NEPHI_JOURNAL_H

#include "core/transfer/journal_file.h"
#include "core/transfer/transfer.h"

struct nephi_journal {
    int fd;
    char *path;
    const char *id;  /* the last part of path, without what follows it */
    nephi_entry old; /* what an earlier run left; has_old */
    int has_old;
    nephi_entry_part *held;  /* of each part: what the cloud has of it; number 0: nothing */
    nephi_entry_part *noted; /* and what an earlier run noted */
    size_t at;               /* the part that is looked at */
    const char *proof;       /* what its bytes are compared with */
    uint32_t tries;          /* so often its parts could not be listed */
    int is_begun;            /* the lines that every journal begins with are there */
    int is_dirty;            /* parts were noted and not synced */
    nephi_timer timer;
};

/* The id of the journal that a transfer from there to there has. 0 or NEPH_NO_MEMORY. */
int nephi_journal_id(const nephi_memory *memory, const nephi_end *from, const nephi_end *to,
                     char id[NEPHI_JOURNAL_ID]);
/* The journal of these ends: its lock, and what is in it. 0 (without a directory for journals,
 * too), NEPH_BUSY (another transfer has it), NEPH_FILE, NEPH_NO_MEMORY. */
int nephi_journal_open(neph_transfer *transfer);
/* The journal begins anew, with all that is known of the transfer by now. 0 or NEPH_FILE, as
 * those below. */
int nephi_journal_begin(neph_transfer *transfer);
/* What is there is of this very transfer: lines are added behind it. */
int nephi_journal_continue(neph_transfer *transfer);
/* The upload has this id. */
int nephi_journal_upload(neph_transfer *transfer);
/* The part is done. */
int nephi_journal_part(neph_transfer *transfer, size_t index);
/* All parts are, and the cloud is asked to make the object of them. */
int nephi_journal_completing(neph_transfer *transfer);
/* Has failed: can it be resumed? */
int nephi_journal_keeps(const neph_transfer *transfer);
/* Lets go of it, as it is. */
void nephi_journal_leave(neph_transfer *transfer);
/* Nothing is unfinished any more. */
void nephi_journal_forget(neph_transfer *transfer);

/* By path; locked: its descriptor. -1 and NEPH_BUSY, NEPH_NOT_FOUND (without a message) or
 * NEPH_FILE. */
int nephi_journal_lock(const char *path, int is_made, int *fd, nephi_error *error);
/* Reads one. 0, NEPH_INVALID (*why) or NEPH_FILE, NEPH_NO_MEMORY. Always to be given to
 * nephi_entry_fini(). */
int nephi_journal_read(const nephi_memory *memory, const char *path, nephi_entry *entry,
                       const char **why, nephi_error *error);
/* DIR/ID.journal. NULL: no memory. */
char *nephi_journal_path(const nephi_memory *memory, const char *dir, const char *id);
#define NEPHI_JOURNAL_SUFFIX ".journal"
/* All that the entry says that was told last; good until the next one is taken. */
const nephi_entry *nephi_journal_entry(const neph_journal *journal);
/* Of the machine since it was started; "" if that cannot be told. */
void nephi_boot_id(char *out, size_t size);

/* resume.c: an earlier run has left something in transfer->journal. */
/* Finds out what the cloud has of the upload, and goes on with it, or undoes it and begins anew. */
void nephi_resume_upload(neph_transfer *transfer);
/* May it be undone at this cloud? NULL: nobody asks one. 0 or NEPH_INVALID. */
int nephi_entry_undo_check(const nephi_entry *entry, const char *id, const neph_cloud *to,
                           nephi_error *error);
/* Is what a look at the destination tells the object that the upload of the journal was to become? */
int nephi_resume_is_made(const neph_transfer *transfer, const neph_call *look, int *is_verified);
/* Takes up the half-written file and what is in it. 0; NEPH_AGAIN (it is of no use, and was
 * removed); or a failure. */
int nephi_resume_download(neph_transfer *transfer);
/* A file that a transfer to this path may have written: nothing else is ever removed. */
int nephi_is_temporary(const char *temporary, const char *path);

#endif
