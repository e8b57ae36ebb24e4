/*
 * core/cli/copy.c - cp, and what mv has of it: each source goes to its destination by a transfer, a tree by a sync that
 * takes nothing for the same.
 */
#include "core/cli/storage.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* One run of cp or mv. */
typedef struct copying {
    const char *what;
    int is_move;
    nephc_terms terms;
    nephc_rows *rows; /* NULL: nothing is printed */
    int is_of_items;  /* they are those of trees */
    int is_dry;       /* they are all that is done */
} copying;

/* ---- one object */

static void say_begin(const nephc *cli, const copying *this, const nephc_route *route,
                      const char *target)
{
    if (cli->options.verbose)
        nephc_note(cli, "%s %s to %s", this->what, route->from.text, target);
}

static void put_row(const copying *this, const nephc_route *route, const char *target,
                    const neph_transfer_result *result)
{
    if (this->is_of_items)
        nephc_tree_put(this->rows, "copy", route->from.text, result->size_bytes);
    else
        nephc_carry_put(this->rows, route->from.text, target, result);
}

static int carry(nephc *cli, copying *this, const nephc_route *route, const char *target)
{
    nephc_run run = {.what = this->what, .subject = route->from.text};
    neph_transfer *transfer;
    neph_end from, to;
    int rc;

    nephc_route_ends(route, &from, &to);
    run.cloud = nephc_address_cloud(cli, route->to.cloud ? &route->to : &route->from);
    run.writes_stdout = !route->to.cloud && to.fd == 1;
    if (!route->from.cloud)
        nephc_terms_set_type(&this->terms, route->to_cloud, route->name);
    rc = nephc_carry_run(cli, &run, &from, &to, &this->terms.transfer, &transfer);
    if (rc == 0 && this->rows)
        put_row(this, route, target, neph_transfer_outcome(transfer));
    neph_transfer_free(transfer);
    return rc;
}

/* What would be copied, as far as looking at it tells. */
static int look(nephc *cli, const copying *this, const nephc_route *route)
{
    nephc_source_state state = {.size_bytes = -1};
    struct stat facts;
    int rc = 0;

    if (this->is_move)
        rc = nephc_move_look(cli, route, &state);
    else if (route->from.cloud)
        rc = nephc_look_at_object(cli, this->what, route, &state);
    else if (nephc_address_is_standard(&route->from))
        ;
    else if (stat(route->from.text, &facts) != 0)
        rc = nephc_fail(NEPHC_FAILED, "%s %s: %s", this->what, route->from.text, strerror(errno));
    else if (S_ISREG(facts.st_mode))
        state.size_bytes = facts.st_size;
    if (rc == 0 && this->rows)
        nephc_tree_put(this->rows, "copy", route->from.text, state.size_bytes);
    return rc;
}

static int copy_object(nephc *cli, copying *this, const nephc_route *route, const char *target)
{
    nephc_source_state state;
    int rc;

    if (this->is_dry)
        return look(cli, this, route);
    rc = this->is_move ? nephc_move_look(cli, route, &state) : 0;
    if (rc == 0)
        rc = carry(cli, this, route, target);
    if (rc == 0 && this->is_move)
        rc = nephc_move_finish(cli, route, &state);
    return rc;
}

/* ---- a tree */

static int copy_tree(nephc *cli, copying *this, const nephc_route *route, const char *target,
                     int64_t *seen)
{
    nephc_tree tree = {.what = this->what, .from = route->from.text, .to = target};
    neph_end from, to;
    int rc;

    nephc_route_ends(route, &from, &to);
    tree.from_cloud = nephc_address_cloud(cli, &route->from);
    tree.to_cloud = nephc_address_cloud(cli, &route->to);
    tree.rows = this->rows;
    this->terms.tree.compare = NEPH_COMPARE_NONE;
    this->terms.tree.moves = this->is_move;
    if (!route->from.cloud)
        nephc_terms_set_types(&this->terms, route->to_cloud);
    rc = nephc_tree_check(&tree, &from, &to, this->is_move);
    if (rc == 0)
        rc = nephc_tree_run(cli, &tree, &from, &to, &this->terms);
    *seen = tree.summary.seen_count;
    if (rc == 0 && this->is_move && !this->is_dry && !route->from.cloud)
        nephc_move_finish_tree(route);
    return rc;
}

/* With -r a key may be that of an object as well: it is one if nothing is below it. */
static int may_be_object(const nephc_route *route)
{
    const char *key = route->from.key;

    return route->from.cloud && key && *key && key[strlen(key) - 1] != '/';
}

static int copy_one(nephc *cli, const nephc_route *route, void *user)
{
    copying *this = user;
    char *target = nephc_route_target(route);
    int64_t seen = 0;
    int rc;

    if (!target)
        return nephc_fail_memory();
    say_begin(cli, this, route, target);
    rc = route->is_tree ? copy_tree(cli, this, route, target, &seen)
                        : copy_object(cli, this, route, target);
    if (route->is_tree && rc == 0 && seen == 0 && may_be_object(route))
        rc = copy_object(cli, this, route, target);
    free(target);
    return rc;
}

/* ---- the command */

static int copy_printed(nephc *cli, copying *this, const char *const *words, size_t count)
{
    nephc_rows rows;
    int status;

    /* Tables are left out because cp is as quiet as that, the others where bytes go to standard output. */
    if (!this->is_dry && (cli->options.format == NEPHC_TABLE || strcmp(words[count - 1], "-") == 0))
        return nephc_routes_run(cli, this->what, words, count, copy_one, this);
    if (nephc_rows_begin(&rows, &cli->out, (nephc_format)cli->options.format,
                         this->is_of_items ? &nephc_item_shape : &nephc_copy_shape) != 0)
        return nephc_fail_memory();
    this->rows = &rows;
    status = nephc_routes_run(cli, this->what, words, count, copy_one, this);
    if (status == NEPHC_DONE || rows.count > 0)
        nephc_rows_end(&rows);
    else
        nephc_rows_drop(&rows);
    return status;
}

int nephc_copy(nephc *cli, const char *what, const char *const *words, size_t count, int is_move)
{
    copying this = {.what = what, .is_move = is_move};
    int rc = nephc_terms_read(cli, &this.terms);

    this.is_dry = nephc_options_find(&cli->options, "dry_run") != NULL;
    this.is_of_items = this.is_dry || nephc_options_find(&cli->options, "recursive") != NULL;
    if (rc == 0)
        rc = copy_printed(cli, &this, words, count);
    nephc_terms_free(&this.terms);
    return rc;
}

int nephc_cp(nephc *cli, const char *const *words, size_t count)
{
    return nephc_copy(cli, "cp", words, count, 0);
}
