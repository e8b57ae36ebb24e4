/*
 * core/cli/storage.c - ls, cat and url: operations on objects by address.
 */
#include "core/cli/storage.h"
#include "core/cli/text.h"

#include <string.h>

/* ---- ls */

static void set_listing(const nephc *cli, neph_call *call, const nephc_address *address)
{
    int is_recursive = nephc_options_find(&cli->options, "recursive") != NULL;
    const char *delimiter = nephc_option_value(cli, "delimiter");

    if (!delimiter)
        delimiter = is_recursive ? "" : "/";
    (void)neph_call_set_string(call, NEPH_OBJECT_BUCKET, address->bucket);
    if (address->key && *address->key)
        (void)neph_call_set_string(call, NEPH_LIST_PREFIX, address->key);
    if (*delimiter)
        (void)neph_call_set_string(call, NEPH_LIST_DELIMITER, delimiter);
}

static int list(nephc *cli, neph_cloud *cloud, const nephc_address *address, int64_t limit)
{
    int is_objects = address->bucket != NULL;
    nephc_shape shape = nephc_shape_of(is_objects ? NEPH_KIND_OBJECT : NEPH_KIND_BUCKET);
    nephc_run run = {.what = "ls", .subject = address->text};
    neph_call *call = neph_call_new(cloud, is_objects ? NEPH_OP_OBJECT_LIST : NEPH_OP_BUCKET_LIST);
    int rc;

    run.cloud = nephc_address_cloud(cli, address);
    if (is_objects)
        set_listing(cli, call, address);
    if (limit > 0)
        (void)neph_call_set_integer(call, NEPH_LIST_LIMIT, limit);
    rc = nephc_call_print(cli, call, &run, &shape);
    neph_call_free(call);
    return rc;
}

int nephc_ls(nephc *cli, const char *const *words, size_t count)
{
    nephc_address address;
    neph_cloud *cloud = NULL;
    int64_t limit = 0;
    int rc = nephc_address_parse(count ? words[0] : ":", &address);

    if (rc)
        return rc;
    if (!address.cloud)
        rc = nephc_fail(NEPHC_USAGE, "ls: \"%s\" is a file; write CLOUD:BUCKET/PREFIX", words[0]);
    else if (!address.bucket && address.key)
        rc = nephc_fail(NEPHC_USAGE, "ls: \"%s\": the bucket is missing; write CLOUD:BUCKET/PREFIX",
                        words[0]);
    if (!count)
        address.text = NULL;
    if (rc == 0)
        rc = nephc_option_count(cli, "limit", 1, INT64_MAX, &limit);
    if (rc == 0)
        rc = nephc_address_open(cli, &address, &cloud);
    if (rc == 0)
        rc = list(cli, cloud, &address, limit);
    nephc_address_free(&address);
    return rc;
}

/* ---- commands on one object after the other */

typedef int (*object_fn)(nephc *cli, neph_cloud *cloud, const nephc_address *address);

static int on_object(nephc *cli, const char *what, const char *word, object_fn fn)
{
    nephc_address address;
    neph_cloud *cloud = NULL;
    int rc = nephc_address_parse(word, &address);

    if (rc)
        return rc;
    rc = nephc_address_is_object(what, &address);
    if (rc == 0)
        rc = nephc_address_open(cli, &address, &cloud);
    if (rc == 0 && fn)
        rc = fn(cli, cloud, &address);
    nephc_address_free(&address);
    return rc;
}

/* All are looked at before the first is touched; then one that fails does not keep the others from it. */
static int on_each(nephc *cli, const char *what, const char *const *words, size_t count,
                   object_fn fn)
{
    int status = NEPHC_DONE;
    size_t i;

    for (i = 0; i < count && status == NEPHC_DONE; i++)
        status = on_object(cli, what, words[i], NULL);
    if (status)
        return status;
    for (i = 0; i < count && !nephc_interrupted() && !cli->out.error; i++) {
        int rc = on_object(cli, what, words[i], fn);

        if (status == NEPHC_DONE)
            status = rc;
    }
    return nephc_interrupted() ? 128 + nephc_interrupted() : status;
}

static neph_call *object_call(neph_cloud *cloud, uint32_t op, const nephc_address *address)
{
    neph_call *call = neph_call_new(cloud, op);

    (void)neph_call_set_string(call, NEPH_OBJECT_BUCKET, address->bucket);
    (void)neph_call_set_string(call, NEPH_OBJECT_KEY, address->key);
    return call;
}

static int cat_one(nephc *cli, neph_cloud *cloud, const nephc_address *address)
{
    nephc_run run = {.what = "cat",
                     .subject = address->text,
                     .cloud = nephc_address_cloud(cli, address),
                     .writes_stdout = 1};
    neph_transfer_options options = NEPH_TRANSFER_OPTIONS_INIT;
    neph_end from = NEPH_END_INIT, to = NEPH_END_INIT;
    neph_transfer *transfer;
    int rc;

    from.cloud = cloud;
    from.bucket = address->bucket;
    from.key = address->key;
    to.fd = 1;
    options.parallel = 1; /* in one request */
    rc = nephc_carry_run(cli, &run, &from, &to, &options, &transfer);
    neph_transfer_free(transfer);
    return rc;
}

int nephc_cat(nephc *cli, const char *const *words, size_t count)
{
    return on_each(cli, "cat", words, count, cat_one);
}

/* ---- url */

static int url_print(nephc *cli, neph_call *call, nephc_run *run)
{
    nephc_shape shape = nephc_shape_of(NEPH_KIND_URL);
    const neph_url *result;
    int rc;

    shape.is_single = 1;
    if (cli->options.format != NEPHC_TABLE)
        return nephc_call_print(cli, call, run, &shape);
    rc = nephc_call_run(cli, call, run);
    result = (const neph_url *)(rc == 0 ? neph_call_result(call) : NULL);
    if (!result || result->result.kind != NEPH_KIND_URL || !result->url)
        return rc;
    nephc_put_plain(&cli->out, result->url, strlen(result->url));
    nephc_output_byte(&cli->out, '\n');
    return rc;
}

static int url_one(nephc *cli, neph_cloud *cloud, const nephc_address *address)
{
    nephc_run run = {
        .what = "url", .subject = address->text, .cloud = nephc_address_cloud(cli, address)};
    neph_call *call = NULL;
    const char *method = nephc_option_value(cli, "method");
    int64_t seconds = 3600;
    int rc = nephc_option_count(cli, "seconds", 1, INT64_MAX, &seconds);

    if (rc)
        return rc;
    call = object_call(cloud, NEPH_OP_OBJECT_PRESIGN, address);
    (void)neph_call_set_string(call, NEPH_PRESIGN_METHOD, method ? method : "GET");
    (void)neph_call_set_integer(call, NEPH_PRESIGN_SECONDS, seconds);
    rc = url_print(cli, call, &run);
    neph_call_free(call);
    return rc;
}

int nephc_url(nephc *cli, const char *const *words, size_t count)
{
    return on_each(cli, "url", words, count, url_one);
}
