/*
 * core/cli/unfinished.h - the entries of the journal, one after the other: what transfer list, resume, abort and clean have
 * in common.
 */
#ifndef NEPHC_UNFINISHED_H
#define NEPHC_UNFINISHED_H

#include "core/cli/storage.h"

/* One run of such a command. */
typedef struct nephc_unfinished {
    nephc *cli;
    const char *what;      /* "transfer list" */
    char *dir;             /* NULL: there is no journal */
    neph_journal *journal; /* of which an entry has its turn */
    int is_dry;
    int status; /* of the first that failed */
} nephc_unfinished;

typedef int (*nephc_unfinished_fn)(nephc_unfinished *this, const neph_unfinished *entry);

/* Returns 0 or a status that was explained; ended in either case. */
int nephc_unfinished_begin(nephc_unfinished *this, nephc *cli, const char *what);
/* The status of the run. */
int nephc_unfinished_end(nephc_unfinished *this);
void nephc_unfinished_count(nephc_unfinished *this, int status);
/* *out: NULL where there is none. Returns 0 or a status that was explained. */
int nephc_unfinished_journal(nephc_unfinished *this, neph_journal **out);
void nephc_unfinished_all(nephc_unfinished *this, nephc_unfinished_fn fn);
/* The cloud that an entry goes to, with the settings that it was begun with; the caller closes it. NULL: a file. Returns 0
 * or a status that was explained. */
int nephc_unfinished_open_to(nephc_unfinished *this, const neph_unfinished *entry,
                             neph_cloud **out);
/* Undoes an entry; to NULL: here alone. Returns 0 or a status that was explained. */
int nephc_unfinished_abort(nephc_unfinished *this, const neph_unfinished *entry, neph_cloud *to);

#endif
