/*
 * core/cli/trees.c - runs one sync: its items as rows, lines and a total, each failure named, Ctrl-C, and the summary.
 */
#include "core/cli/cells.h"
#include "core/cli/storage.h"
#include "core/cli/text.h"

#include <stdio.h>
#include <string.h>

#define LABEL_SIZE 160
#define NAME_SIZE 4096

enum { I_ACTION, I_NAME, I_SIZE, I_ERROR, I_COUNT };

static const neph_member_info item_members[I_COUNT] = {
    [I_ACTION] =
        NEPHC_MEMBER(STRING, NEPH_INFO_COLUMN, "action", "copy, delete, same, skip or failed"),
    [I_NAME] = NEPHC_MEMBER(STRING, NEPH_INFO_COLUMN, "name", "its name on both sides"),
    [I_SIZE] =
        NEPHC_MEMBER(INTEGER, NEPH_INFO_COLUMN | NEPH_INFO_SIZE, "size_bytes", "size in bytes"),
    [I_ERROR] = NEPHC_MEMBER(STRING, NEPH_INFO_COLUMN, "error", "why it was not done"),
};

const nephc_shape nephc_item_shape = {item_members, I_COUNT, 0, 0, 0};

enum {
    S_ACTION,
    S_SEEN,
    S_COPIED,
    S_BYTES,
    S_SAME,
    S_DELETED,
    S_SKIPPED,
    S_FAILED,
    S_UNVERIFIED,
    S_RESUMED,
    S_COUNT
};

static const neph_member_info summary_members[S_COUNT] = {
    [S_ACTION] = NEPHC_MEMBER(STRING, NEPH_INFO_COLUMN, "action", "summary"),
    [S_SEEN] = NEPHC_MEMBER(INTEGER, NEPH_INFO_COLUMN, "seen", "items of the source"),
    [S_COPIED] = NEPHC_MEMBER(INTEGER, NEPH_INFO_COLUMN, "copied", "items that were copied"),
    [S_BYTES] = NEPHC_MEMBER(INTEGER, NEPH_INFO_COLUMN, "copied_bytes", "their bytes"),
    [S_SAME] = NEPHC_MEMBER(INTEGER, NEPH_INFO_COLUMN, "same", "items that both sides had"),
    [S_DELETED] = NEPHC_MEMBER(INTEGER, NEPH_INFO_COLUMN, "deleted", "items that were deleted"),
    [S_SKIPPED] = NEPHC_MEMBER(INTEGER, NEPH_INFO_COLUMN, "skipped", "items that were left out"),
    [S_FAILED] = NEPHC_MEMBER(INTEGER, NEPH_INFO_COLUMN, "failed", "items that failed"),
    [S_UNVERIFIED] = NEPHC_MEMBER(INTEGER, NEPH_INFO_COLUMN, "unverified",
                                  "copied without a checksum that both ends know"),
    [S_RESUMED] =
        NEPHC_MEMBER(INTEGER, NEPH_INFO_COLUMN, "resumed", "copies that an earlier run had begun"),
};

/* One of them while it runs. */
typedef struct running {
    nephc *cli;
    nephc_tree *tree;
    nephc_progress progress;
    char label[LABEL_SIZE];
    int status;        /* of the first item that failed */
    char failed[1024]; /* what was said of it */
} running;

/* ---- items */

static const char *action_name(const neph_sync_event *event)
{
    static const char *const names[] = {[NEPH_SYNC_COPY] = "copy",
                                        [NEPH_SYNC_DELETE] = "delete",
                                        [NEPH_SYNC_SAME] = "same",
                                        [NEPH_SYNC_SKIP] = "skip"};

    if (event->error && event->action != NEPH_SYNC_SKIP)
        return "failed";
    return event->action > 0 && event->action < (int32_t)(sizeof names / sizeof names[0])
               ? names[event->action]
               : NULL;
}

static void put_row(nephc_rows *rows, const char *action, const char *name, int64_t size_bytes,
                    const char *error)
{
    neph_value cells[I_COUNT];

    cells[I_ACTION] = nephc_text(action);
    cells[I_NAME] = nephc_text(name);
    cells[I_SIZE] = size_bytes < 0 ? nephc_text(NULL) : nephc_number(size_bytes);
    cells[I_ERROR] = nephc_text(error);
    nephc_rows_cells(rows, cells);
}

/* The item as it is called at the end that is touched. */
static void write_name(const running *this, const neph_sync_event *event, char *out)
{
    const nephc_tree *tree = this->tree;
    const char *base = event->action == NEPH_SYNC_DELETE || !tree->from ? tree->to : tree->from;
    size_t length = strlen(base);
    int is_joined = length > 0 && (base[length - 1] == '/' || base[length - 1] == ':');

    (void)snprintf(out, NAME_SIZE, "%s%s%s", base, is_joined ? "" : "/", event->name);
}

void nephc_tree_put(nephc_rows *rows, const char *action, const char *name, int64_t size_bytes)
{
    put_row(rows, action, name, size_bytes, NULL);
}

static void put_item(running *this, const neph_sync_event *event)
{
    char name[NAME_SIZE];

    if (!this->tree->rows)
        return;
    if (this->tree->has_full_names)
        write_name(this, event, name);
    put_row(this->tree->rows, action_name(event), this->tree->has_full_names ? name : event->name,
            event->size_bytes, event->error ? event->error->message : NULL);
}

static void say_failure(running *this, const neph_sync_event *event)
{
    const nephc_tree *tree = this->tree;
    char name[NAME_SIZE], what[NAME_SIZE + 32];
    int status;

    write_name(this, event, name);
    (void)snprintf(what, sizeof what, "%s %s", tree->what, name);
    status =
        nephc_fail_error(what, tree->to_cloud ? tree->to_cloud : tree->from_cloud, event->error);
    if (this->status)
        return;
    this->status = status;
    (void)snprintf(this->failed, sizeof this->failed, "%s", event->error->message);
}

/* What is deleted for good is told only to whoever wants to know. */
static int tells_items(const running *this)
{
    return !this->tree->is_dry && this->progress.mode != NEPHC_PROGRESS_NONE &&
           (this->tree->from || this->cli->options.verbose);
}

static void say_item(running *this, const neph_sync_event *event)
{
    char name[NAME_SIZE], size[NEPHC_NUMBER_SIZE];

    if (event->error && event->error->status == NEPH_CANCELLED)
        return;
    if (event->action == NEPH_SYNC_SKIP) {
        write_name(this, event, name);
        nephc_note(this->cli, "%s %s: left out%s%s", this->tree->what, name,
                   event->error ? ": " : "", event->error ? event->error->message : "");
    } else if (event->error) {
        say_failure(this, event);
    } else if (tells_items(this)) {
        size[nephc_write_bytes(size, event->size_bytes)] = '\0';
        nephc_note(this->cli, "%s %s%s%s%s",
                   event->action == NEPH_SYNC_DELETE ? "deleted" : "copied", event->name,
                   event->size_bytes < 0 ? "" : " (", event->size_bytes < 0 ? "" : size,
                   event->size_bytes < 0 ? "" : ")");
    }
}

static void on_event(neph_sync *sync, const neph_sync_event *event, void *user)
{
    running *this = user;

    if (!event->is_done)
        return;
    nephc_progress_clear(&this->progress);
    say_item(this, event);
    put_item(this, event);
    if (this->cli->out.error)
        neph_sync_cancel(sync);
}

/* ---- the whole */

static void show_progress(running *this, const neph_sync_summary *summary)
{
    nephc_amount amount = {summary->done_bytes, summary->total_bytes, 0};

    (void)snprintf(this->label, sizeof this->label, "%s: %lld files", this->tree->what,
                   (long long)summary->copied_count);
    nephc_progress_show(&this->progress, &amount);
}

static int wait_all(running *this, neph_sync *sync)
{
    int rc;

    for (;;) {
        if (nephc_interrupted())
            neph_sync_cancel(sync);
        rc = neph_sync_wait_for(sync, NEPHC_TURN_MS);
        if (rc != NEPH_AGAIN)
            return rc;
        show_progress(this, neph_sync_progress(sync));
    }
}

/* What no item has said yet. */
static int finish(running *this, const neph_sync *sync)
{
    const nephc_tree *tree = this->tree;
    const neph_error *error = neph_sync_error(sync);
    nephc_run run = {.what = tree->what, .subject = tree->from ? tree->from : tree->to};

    run.cloud = tree->to_cloud ? tree->to_cloud : tree->from_cloud;
    if (this->status && strstr(error->message, this->failed))
        return NEPHC_FAILED;
    return nephc_run_fail(this->cli, error, &run);
}

int nephc_tree_run(nephc *cli, nephc_tree *tree, const neph_end *from, const neph_end *to,
                   nephc_terms *terms)
{
    running this = {.cli = cli, .tree = tree};
    int64_t since_ns = nephc_journal_now_ns();
    neph_sync *sync;
    int rc;

    tree->is_dry = terms->tree.dry_run;
    terms->tree.event = on_event;
    terms->tree.event_user = &this;
    nephc_progress_begin(&this.progress, cli, this.label, tree->rows != NULL);
    sync = neph_sync_new(cli->host, from, to, &terms->tree);
    rc = wait_all(&this, sync);
    nephc_progress_clear(&this.progress);
    tree->summary = *neph_sync_progress(sync);
    rc = rc ? finish(&this, sync) : this.status ? NEPHC_FAILED : NEPHC_DONE;
    neph_sync_free(sync);
    if (tree->summary.unverified_count > 0 && terms->transfer.verify != NEPH_VERIFY_OFF)
        nephc_note(cli, "%s: %lld objects are unverified: their ends have no checksum in common",
                   tree->what, (long long)tree->summary.unverified_count);
    if (nephc_interrupted())
        rc = 128 + nephc_interrupted();
    if (rc)
        nephc_journal_say_kept(cli, terms->journal_dir, since_ns);
    return rc;
}

/* ---- ends that overlap */

static int is_inside(const neph_end *inner, const neph_end *outer)
{
    const char *inside = inner->key ? inner->key : "", *around = outer->key ? outer->key : "";
    size_t length = strlen(around);

    if (length > 0 && around[length - 1] == '/')
        length--;
    return strncmp(inside, around, length) == 0 &&
           (length == 0 || inside[length] == '/' || inside[length] == '\0');
}

int nephc_tree_check(const nephc_tree *tree, const neph_end *from, const neph_end *to, int deletes)
{
    if (!from->cloud || from->cloud != to->cloud || strcmp(from->bucket, to->bucket) != 0)
        return 0;
    if (is_inside(to, from))
        return nephc_fail(NEPHC_USAGE, "%s: \"%s\" lies in \"%s\"", tree->what, tree->to,
                          tree->from);
    if (deletes && is_inside(from, to))
        return nephc_fail(NEPHC_USAGE, "%s: \"%s\" lies in \"%s\", which would lose it", tree->what,
                          tree->from, tree->to);
    return 0;
}

/* ---- the summary */

static void put_summary(nephc_rows *rows, const neph_sync_summary *summary)
{
    neph_value cells[S_COUNT];

    cells[S_ACTION] = nephc_text("summary");
    cells[S_SEEN] = nephc_number(summary->seen_count);
    cells[S_COPIED] = nephc_number(summary->copied_count);
    cells[S_BYTES] = nephc_number(summary->copied_bytes);
    cells[S_SAME] = nephc_number(summary->same_count);
    cells[S_DELETED] = nephc_number(summary->deleted_count);
    cells[S_SKIPPED] = nephc_number(summary->skipped_count);
    cells[S_FAILED] = nephc_number(summary->failed_count);
    cells[S_UNVERIFIED] = nephc_number(summary->unverified_count);
    cells[S_RESUMED] = nephc_number(summary->resumed_count);
    nephc_rows_foreign(rows, summary_members, S_COUNT, cells);
}

void nephc_tree_say(const nephc *cli, const nephc_tree *tree)
{
    const neph_sync_summary *summary = &tree->summary;
    char size[NEPHC_NUMBER_SIZE];

    if (tree->rows)
        put_summary(tree->rows, summary);
    size[nephc_write_bytes(size, summary->copied_bytes)] = '\0';
    nephc_note(cli,
               "%s: %lld %scopied (%s), %lld the same, %lld %sdeleted, %lld left out, %lld failed",
               tree->what, (long long)summary->copied_count, tree->is_dry ? "to be " : "", size,
               (long long)summary->same_count, (long long)summary->deleted_count,
               tree->is_dry ? "to be " : "", (long long)summary->skipped_count,
               (long long)summary->failed_count);
}
