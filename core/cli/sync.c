/*
 * core/cli/sync.c - sync: a directory or what is below a key made like another, with a summary.
 */
#include "core/cli/storage.h"

#include <string.h>
#include <sys/stat.h>

/* One run of sync. */
typedef struct syncing {
    nephc_address from;
    nephc_address to;
    neph_end ends[2]; /* source, destination */
    nephc_terms terms;
    nephc_tree tree;
} syncing;

static int check_ends(const nephc *cli, const syncing *this)
{
    const nephc_address *both[] = {&this->from, &this->to};
    struct stat facts;
    size_t i;

    for (i = 0; i < 2; i++)
        if (both[i]->cloud && !both[i]->bucket)
            return nephc_fail(NEPHC_USAGE,
                              "sync: \"%s\": the bucket is missing; write CLOUD:BUCKET/PREFIX",
                              both[i]->text);
    if (!this->from.cloud && !nephc_path_is_directory(this->from.text))
        return nephc_fail(NEPHC_FAILED, "sync: \"%s\" is no directory%s", this->from.text,
                          stat(this->from.text, &facts) == 0 ? "; write cp for a file" : "");
    if (!this->to.cloud && stat(this->to.text, &facts) == 0 && !S_ISDIR(facts.st_mode))
        return nephc_fail(NEPHC_FAILED, "sync: \"%s\" is no directory", this->to.text);
    return nephc_terms_check(cli, "sync", &this->to);
}

static int set_end(nephc *cli, const nephc_address *address, neph_end *out)
{
    *out = (neph_end)NEPH_END_INIT;
    if (!address->cloud) {
        out->path = address->text;
        return 0;
    }
    out->bucket = address->bucket;
    out->key = address->key ? address->key : "";
    return nephc_address_open(cli, address, &out->cloud);
}

static void set_tree(const nephc *cli, syncing *this)
{
    this->tree.what = "sync";
    this->tree.from = this->from.text;
    this->tree.from_cloud = nephc_address_cloud(cli, &this->from);
    this->tree.to = this->to.text;
    this->tree.to_cloud = nephc_address_cloud(cli, &this->to);
}

static int run(nephc *cli, syncing *this)
{
    int rc;

    if (!this->from.cloud)
        nephc_terms_set_types(&this->terms, this->ends[1].cloud);
    rc = nephc_tree_run(cli, &this->tree, &this->ends[0], &this->ends[1], &this->terms);
    nephc_tree_say(cli, &this->tree);
    return rc;
}

/* What would be done is shown in any format, what was done to programs alone. */
static int run_printed(nephc *cli, syncing *this)
{
    nephc_rows rows;
    int rc;

    if (cli->options.format == NEPHC_TABLE && !this->terms.tree.dry_run)
        return run(cli, this);
    if (nephc_rows_begin(&rows, &cli->out, (nephc_format)cli->options.format, &nephc_item_shape) !=
        0)
        return nephc_fail_memory();
    this->tree.rows = &rows;
    rc = run(cli, this);
    nephc_rows_end(&rows);
    return rc;
}

int nephc_sync(nephc *cli, const char *const *words, size_t count)
{
    syncing this;
    int rc;

    (void)count;
    memset(&this, 0, sizeof this);
    rc = nephc_terms_read(cli, &this.terms);
    if (rc == 0)
        rc = nephc_address_parse(words[0], &this.from);
    if (rc == 0)
        rc = nephc_address_parse(words[1], &this.to);
    if (rc == 0)
        rc = check_ends(cli, &this);
    if (rc == 0)
        rc = nephc_host_open(cli);
    if (rc == 0)
        rc = set_end(cli, &this.from, &this.ends[0]);
    if (rc == 0)
        rc = set_end(cli, &this.to, &this.ends[1]);
    set_tree(cli, &this);
    if (rc == 0)
        rc = nephc_tree_check(&this.tree, &this.ends[0], &this.ends[1], this.terms.tree.deletes);
    if (rc == 0)
        rc = run_printed(cli, &this);
    nephc_address_free(&this.from);
    nephc_address_free(&this.to);
    nephc_terms_free(&this.terms);
    return rc;
}
