/*
 * core/cli/storage.h - what the commands that move objects share: cat, cp, mv, sync, rm and transfer. On which terms bytes are
 * moved (terms.c), from where to where (route.c), the running of one transfer (carry.c) and of a whole tree (trees.c), and
 * what is kept of what did not end (journal.c).
 */
#ifndef NEPHC_STORAGE_H
#define NEPHC_STORAGE_H

#include "core/cli/cli.h"
#include "core/cli/mime.h"

#include <neph/sync.h>

/* ---- journal.c: what of a transfer is kept when it does not end */

/* The directory, made if need be; malloc'ed, NULL: there is no place for one. Returns 0 or a status that was explained (no
 * memory). */
int nephc_journal_dir(const nephc *cli, char **out);
/* Says how to go on with what was begun since then (as time() has it) and is not finished. */
void nephc_journal_say_kept(nephc *cli, const char *dir, int64_t since_ns);
int64_t nephc_journal_now_ns(void);

/* ---- terms.c: how bytes are to be moved, as the options of cp, mv and sync say it */

typedef struct nephc_terms {
    neph_transfer_options transfer;
    neph_sync_options tree; /* with transfer in it */
    neph_pair *metadata;
    neph_sync_pattern *patterns;
    char *journal_dir;
    nephc_mime mime;
    int has_mime;
    int is_typed; /* the media type was given */
} nephc_terms;

/* Returns 0 or a status that was explained; freed in either case. The struct stays where it is. */
int nephc_terms_read(nephc *cli, nephc_terms *out);
void nephc_terms_free(nephc_terms *terms);
/* Refuses options that hold for what goes to a cloud, where it goes to a file. */
int nephc_terms_check(const nephc *cli, const char *what, const nephc_address *to);
/* Where none was given and the cloud takes one: the media type of a file that goes there under this name, or, with a tree,
 * of each. */
void nephc_terms_set_type(nephc_terms *terms, const neph_cloud *to, const char *name);
void nephc_terms_set_types(nephc_terms *terms, const neph_cloud *to);

/* ---- route.c: SOURCE... DESTINATION */

/* From one source to where it goes. */
typedef struct nephc_route {
    nephc_address from;
    neph_cloud *from_cloud; /* NULL: a file */
    nephc_address to;       /* as given */
    neph_cloud *to_cloud;
    char *name;  /* what it is called there: a key or a path */
    int is_tree; /* a directory, or with -r what is below a key */
} nephc_route;

typedef int (*nephc_route_fn)(nephc *cli, const nephc_route *route, void *user);

/* All are looked at before the first is touched; then one that fails does not keep the others from it. Returns a status:
 * the first that was not 0. */
int nephc_routes_run(nephc *cli, const char *what, const char *const *words, size_t count,
                     nephc_route_fn fn, void *user);
/* Borrowed from the route. */
void nephc_route_ends(const nephc_route *route, neph_end *from, neph_end *to);
/* Where it goes, as an address or a path; malloc'ed. */
char *nephc_route_target(const nephc_route *route);

/* ---- carry.c: running a transfer */

typedef struct nephc_carrying {
    nephc *cli;
    const nephc_run *run;
    nephc_progress progress;
    nephc_amount amount;
    const char *journal_dir;
    int64_t since_ns;
    int is_verifying;
} nephc_carrying;

/* Before the transfer is made: it tells its progress to this. run and options are borrowed. */
void nephc_carry_begin(nephc_carrying *carrying, nephc *cli, const nephc_run *run,
                       neph_transfer_options *options);
/* Waits, and says why it failed, what is kept of it, and if nothing could be verified. Does not free it. Returns a
 * status. */
int nephc_carry_end(nephc_carrying *carrying, neph_transfer *transfer);
/* Both, of a new transfer; *out is the caller's to free. */
int nephc_carry_run(nephc *cli, const nephc_run *run, const neph_end *from, const neph_end *to,
                    neph_transfer_options *options, neph_transfer **out);
/* The row of what was carried. */
void nephc_carry_put(nephc_rows *rows, const char *from, const char *to,
                     const neph_transfer_result *result);

/* ---- trees.c: running a sync */

typedef struct nephc_tree {
    const char *what;
    const char *from; /* as it is called in messages, and its cloud; NULL: none */
    const char *from_cloud;
    const char *to;
    const char *to_cloud;
    nephc_rows *rows;          /* gets its items; NULL: none are shown */
    int has_full_names;        /* rows name items as messages do */
    int is_dry;                /* set by the run, as is */
    neph_sync_summary summary; /* what came of it */
} nephc_tree;

/* from NULL: nothing; `to` is emptied. terms->tree says how. Returns a status. */
int nephc_tree_run(nephc *cli, nephc_tree *tree, const neph_end *from, const neph_end *to,
                   nephc_terms *terms);
/* Would one lie in the other, so that it would be changed while it is read? Returns 0 or a status that was explained. */
int nephc_tree_check(const nephc_tree *tree, const neph_end *from, const neph_end *to, int deletes);
/* A row among items, of what was done by itself. */
void nephc_tree_put(nephc_rows *rows, const char *action, const char *name, int64_t size_bytes);
/* The summary: as a note, and as the last row of JSON. */
void nephc_tree_say(const nephc *cli, const nephc_tree *tree);

/* ---- copy.c, move.c */

/* cp, and with is_move mv. */
int nephc_copy(nephc *cli, const char *what, const char *const *words, size_t count, int is_move);
/* What the source was when it was looked at. */
typedef struct nephc_source_state {
    int64_t size_bytes;
    int64_t modified_ns;
    uint64_t place[2]; /* device and inode */
    char etag[256];
} nephc_source_state;
/* Asks the cloud of it; what: the command, for messages. */
int nephc_look_at_object(nephc *cli, const char *what, const nephc_route *route,
                         nephc_source_state *out);
int nephc_move_look(nephc *cli, const nephc_route *route, nephc_source_state *out);
/* Deletes the source, if it still is what it was. */
int nephc_move_finish(nephc *cli, const nephc_route *route, const nephc_source_state *state);
/* Removes what is left of a directory: its empty directories. */
void nephc_move_finish_tree(const nephc_route *route);

#endif
