/*
 * core/cli/remove.c - rm: objects by address, in batches where the cloud takes them, and with -r all that is below a key.
 */
#include "core/cli/storage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT_ONCE 32      /* where each is a request of its own */
#define BATCH_MAX 10000 /* whatever the cloud says */
#define BATCH_USUAL 1000
#define NAME_SIZE 4096

/* One run of rm. */
typedef struct removing {
    nephc *cli;
    nephc_rows *rows; /* NULL: nothing is printed */
    int is_dry;
    int status; /* that of all if all went alike, else 1 */
    int has_status;
} removing;

/* Objects of one bucket: consecutive words. */
typedef struct batch {
    removing *this;
    const nephc_address *addresses;
    size_t count;
    neph_cloud *cloud;
    const char *cloud_name;
    size_t failed;
    int status;
    int differs;
} batch;

static void fold(removing *this, int status)
{
    this->status = this->has_status && this->status != status ? NEPHC_FAILED : status;
    this->has_status = 1;
}

static void put_row(const removing *this, const char *name)
{
    if (this->rows)
        nephc_tree_put(this->rows, "delete", name, -1);
}

/* ---- one by one */

static neph_call *call_on(const batch *part, const nephc_address *address, uint32_t op)
{
    neph_call *call = neph_call_new(part->cloud, op);

    (void)neph_call_set_string(call, NEPH_OBJECT_BUCKET, address->bucket);
    (void)neph_call_set_string(call, NEPH_OBJECT_KEY, address->key);
    return call;
}

static int delete_each(batch *part)
{
    nephc_run run = {.what = "rm", .cloud = part->cloud_name};
    nephc_one ones[AT_ONCE];
    size_t i;
    int rc;

    for (i = 0; i < part->count; i++) {
        ones[i].call = call_on(part, &part->addresses[i], NEPH_OP_OBJECT_DELETE);
        ones[i].subject = part->addresses[i].text;
    }
    rc = nephc_calls_run(part->this->cli, &run, ones, part->count, "deleted");
    for (i = 0; i < part->count; i++) {
        if (neph_call_error(ones[i].call)->status == NEPH_OK)
            put_row(part->this, ones[i].subject);
        neph_call_free(ones[i].call);
    }
    return rc;
}

/* ---- many in one request */

static const char *text_of(const batch *part, const char *key)
{
    size_t i;

    for (i = 0; key && i < part->count; i++)
        if (strcmp(part->addresses[i].key, key) == 0)
            return part->addresses[i].text;
    return key ? key : "an object";
}

static void on_result(neph_call *call, const neph_result *result, void *user)
{
    batch *part = user;
    char what[NAME_SIZE];
    int status;

    (void)call;
    if (!result->error || result->kind != NEPH_KIND_OBJECT)
        return;
    (void)snprintf(what, sizeof what, "rm %s", text_of(part, ((const neph_object *)result)->key));
    status = nephc_fail_error(what, part->cloud_name, result->error);
    part->differs |= part->failed > 0 && part->status != status;
    part->status = status;
    part->failed++;
}

static int delete_together(batch *part)
{
    const nephc_address *first = &part->addresses[0];
    nephc_run run = {.what = "rm", .subject = first->text, .cloud = part->cloud_name};
    neph_call *call = neph_call_new(part->cloud, NEPH_OP_OBJECT_DELETE_MANY);
    const char **keys = calloc(part->count, sizeof *keys);
    size_t i;
    int rc;

    for (i = 0; keys && i < part->count; i++)
        keys[i] = part->addresses[i].key;
    (void)neph_call_set_string(call, NEPH_OBJECT_BUCKET, first->bucket);
    if (keys)
        (void)neph_call_set_strings(call, NEPH_OBJECT_KEYS, keys, part->count);
    neph_on_result(call, on_result, part);
    rc = keys ? nephc_call_run(part->this->cli, call, &run) : nephc_fail_memory();
    if (rc == 0 && part->failed > 0)
        rc = part->failed == part->count && !part->differs ? part->status : NEPHC_FAILED;
    for (i = 0; rc == 0 && i < part->count; i++)
        put_row(part->this, part->addresses[i].text);
    neph_call_free(call);
    free(keys);
    return rc;
}

/* How many the cloud takes in one request; 1: it has no such request. */
static size_t batch_size(const batch *part)
{
    neph_call *call = NULL;
    const neph_limits *limits;
    size_t size = BATCH_USUAL;

    if (!neph_cloud_can(part->cloud, NEPH_OP_OBJECT_DELETE_MANY))
        return 1;
    if (!neph_cloud_can(part->cloud, NEPH_OP_STORAGE_LIMITS))
        return size;
    call = neph_storage_limits(part->cloud);
    if (neph_wait(call) == 0) {
        limits = (const neph_limits *)neph_call_result(call);
        if (limits && limits->result.kind == NEPH_KIND_LIMITS && limits->delete_count > 0)
            size = limits->delete_count < BATCH_MAX ? (size_t)limits->delete_count : BATCH_MAX;
    }
    neph_call_free(call);
    return size;
}

static void delete_all(batch *all)
{
    removing *this = all->this;
    size_t size = all->count > 1 ? batch_size(all) : 1, begin;
    int is_each = size == 1;

    size = is_each ? AT_ONCE : size;
    for (begin = 0; begin < all->count && !nephc_interrupted() && !this->cli->out.error;
         begin += size) {
        batch part = *all;

        part.addresses += begin;
        part.count = all->count - begin < size ? all->count - begin : size;
        fold(this, is_each || part.count == 1 ? delete_each(&part) : delete_together(&part));
    }
}

/* ---- all below a key */

/* The object that is called as the prefix itself. */
static int delete_own(batch *part, int64_t *found)
{
    const nephc_address *address = part->addresses;
    nephc_run run = {.what = "rm", .subject = address->text, .cloud = part->cloud_name};
    neph_call *head;
    int rc;

    if (!address->key || !*address->key || address->key[strlen(address->key) - 1] == '/')
        return 0;
    head = call_on(part, address, NEPH_OP_OBJECT_HEAD);
    rc = nephc_call_wait(part->this->cli, head, &run);
    *found += rc == 0;
    if (rc != 0)
        rc = rc == NEPH_NOT_FOUND ? 0 : nephc_call_fail(part->this->cli, head, &run);
    else if (part->this->is_dry)
        put_row(part->this, address->text);
    else
        rc = delete_each(part);
    neph_call_free(head);
    return rc;
}

static int delete_tree(batch *part, nephc_terms *terms)
{
    const nephc_address *address = part->addresses;
    nephc_tree tree = {.what = "rm", .to = address->text, .to_cloud = part->cloud_name};
    neph_end to = NEPH_END_INIT;
    int64_t found = 0;
    int rc, own;

    to.cloud = part->cloud;
    to.bucket = address->bucket;
    to.key = address->key ? address->key : "";
    tree.rows = part->this->rows;
    tree.has_full_names = 1;
    rc = nephc_tree_run(part->this->cli, &tree, NULL, &to, terms);
    if (nephc_interrupted())
        return rc;
    own = delete_own(part, &found);
    if (rc || own)
        return rc ? rc : own;
    if (found + tree.summary.deleted_count == 0 && *to.key)
        return nephc_fail(NEPHC_NOT_FOUND, "rm %s: no object is called so or lies below it",
                          address->text);
    return NEPHC_DONE;
}

static void delete_trees(batch *all)
{
    nephc_terms terms;
    size_t i;
    int rc = nephc_terms_read(all->this->cli, &terms);

    terms.tree.deletes = 1;
    for (i = 0; i < all->count && rc == 0 && !nephc_interrupted(); i++) {
        batch part = *all;

        part.addresses += i;
        part.count = 1;
        fold(all->this, delete_tree(&part, &terms));
    }
    if (rc)
        fold(all->this, rc);
    nephc_terms_free(&terms);
}

/* ---- the command */

static int check(const nephc_address *address, int is_recursive)
{
    if (is_recursive && address->cloud && address->bucket)
        return 0;
    if (address->cloud && address->bucket && (!address->key || !*address->key))
        return nephc_fail(
            NEPHC_USAGE,
            "rm: \"%s\" names no object; write CLOUD:BUCKET/KEY, or -r for all that is in the bucket",
            address->text);
    return nephc_address_is_object("rm", address);
}

static int is_alike(const nephc_address *a, const nephc_address *b)
{
    return strcmp(a->cloud, b->cloud) == 0 && strcmp(a->bucket, b->bucket) == 0;
}

static void run_batch(removing *this, const nephc_address *addresses, size_t count)
{
    batch all = {.this = this, .addresses = addresses, .count = count};
    int rc = nephc_address_open(this->cli, addresses, &all.cloud);
    size_t i;

    all.cloud_name = nephc_address_cloud(this->cli, addresses);
    if (rc)
        fold(this, rc);
    else if (nephc_options_find(&this->cli->options, "recursive"))
        delete_trees(&all);
    else if (!this->is_dry)
        delete_all(&all);
    else
        for (i = 0; i < count; i++)
            put_row(this, addresses[i].text);
}

static int run_all(removing *this, const nephc_address *addresses, size_t count)
{
    size_t begin, end;
    neph_cloud *cloud;
    int rc = 0;

    for (begin = 0; begin < count && rc == 0; begin++)
        rc = nephc_address_open(this->cli, &addresses[begin], &cloud);
    if (rc)
        return rc;
    for (begin = 0; begin < count && !nephc_interrupted(); begin = end) {
        for (end = begin + 1; end < count && is_alike(&addresses[begin], &addresses[end]); end++)
            ;
        run_batch(this, addresses + begin, end - begin);
    }
    return nephc_interrupted() ? 128 + nephc_interrupted() : this->status;
}

static int run_printed(removing *this, const nephc_address *addresses, size_t count)
{
    nephc_rows rows;
    int rc;

    if (this->cli->options.format == NEPHC_TABLE && !this->is_dry)
        return run_all(this, addresses, count);
    if (nephc_rows_begin(&rows, &this->cli->out, (nephc_format)this->cli->options.format,
                         &nephc_item_shape) != 0)
        return nephc_fail_memory();
    this->rows = &rows;
    rc = run_all(this, addresses, count);
    nephc_rows_end(&rows);
    return rc;
}

int nephc_rm(nephc *cli, const char *const *words, size_t count)
{
    removing this = {.cli = cli};
    nephc_address *addresses = calloc(count, sizeof *addresses);
    int is_recursive = nephc_options_find(&cli->options, "recursive") != NULL;
    int rc = addresses ? 0 : nephc_fail_memory();
    size_t i;

    this.is_dry = nephc_options_find(&cli->options, "dry_run") != NULL;
    for (i = 0; i < count && rc == 0; i++) {
        rc = nephc_address_parse(words[i], &addresses[i]);
        if (rc == 0)
            rc = check(&addresses[i], is_recursive);
    }
    if (rc == 0)
        rc = run_printed(&this, addresses, count);
    for (i = 0; addresses && i < count; i++)
        nephc_address_free(&addresses[i]);
    free(addresses);
    return rc;
}
