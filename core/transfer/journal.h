/*
 * core/transfer/journal.h - what is kept of a transfer for another process.
 */
#ifndef NEPHI_JOURNAL_H
#define NEPHI_JOURNAL_H

#include "core/transfer/transfer.h"

/* Has failed: can it be resumed? */
int nephi_journal_keeps(const neph_transfer *transfer);
/* Lets go of it, as it is. */
void nephi_journal_leave(neph_transfer *transfer);
/* Nothing is unfinished any more. */
void nephi_journal_forget(neph_transfer *transfer);
/* The upload has this id. 0 or NEPH_FILE, as those below. */
int nephi_journal_upload(neph_transfer *transfer);
/* The part is done. */
int nephi_journal_part(neph_transfer *transfer, size_t index);
/* All parts are, and the cloud is asked to make the object of them. */
int nephi_journal_completing(neph_transfer *transfer);

#endif
