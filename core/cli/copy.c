/*
 * core/cli/copy.c - cp: which of the four ways a copy goes, and under which name it arrives. Streaming between two clouds
 * is between.c.
 */
#include "core/cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* One run of cp. */
typedef struct copying {
    nephc *cli;
    nephc_address to;
    neph_cloud *to_cloud;
    int is_into;      /* the destination is a place, not a name */
    nephc_rows *rows; /* NULL: nothing is printed */
    neph_pair *metadata;
    size_t metadata_count;
} copying;

static int is_standard(const nephc_address *address)
{
    return !address->cloud && strcmp(address->text, "-") == 0;
}

static int ends_in_slash(const char *text)
{
    size_t length = strlen(text);

    return length > 0 && text[length - 1] == '/';
}

static int is_directory(const char *path)
{
    struct stat facts;

    return stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
}

/* ---- names */

static const char *last_name(const nephc_address *from)
{
    const char *path = from->cloud ? from->key : from->text;
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* What the copy is called at its destination; *out: malloc'ed. */
static int destination_name(const copying *this, const nephc_address *from, char **out)
{
    const char *place = this->to.cloud ? (this->to.key ? this->to.key : "") : this->to.text;
    const char *name = this->is_into ? last_name(from) : "";
    const char *slash = this->is_into && !this->to.cloud && !ends_in_slash(place) ? "/" : "";
    size_t size = strlen(place) + strlen(name) + 2;

    if (this->is_into &&
        (is_standard(from) || !*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0))
        return nephc_fail(NEPHC_USAGE,
                          "cp: \"%s\" ends in no name of a file; write out the destination's",
                          from->text);
    *out = malloc(size);
    if (!*out)
        return nephc_fail_memory();
    (void)snprintf(*out, size, "%s%s%s", place, slash, name);
    return 0;
}

/* ---- the four ways */

static int finish(copying *this, neph_call *call, nephc_run *run)
{
    int rc = nephc_call_run(this->cli, call, run);

    neph_call_free(call);
    return rc;
}

static neph_call *call_on(neph_cloud *cloud, uint32_t op, const char *bucket, const char *key)
{
    neph_call *call = neph_call_new(cloud, op);

    (void)neph_call_set_string(call, NEPH_OBJECT_BUCKET, bucket);
    (void)neph_call_set_string(call, NEPH_OBJECT_KEY, key);
    return call;
}

static void set_option(const copying *this, neph_call *call, const char *option, int32_t member)
{
    const nephc_given *given = nephc_options_find(&this->cli->options, option);

    if (given)
        (void)neph_call_set_string(call, member, given->value);
}

static int upload(copying *this, const nephc_address *from, const char *key, nephc_run *run)
{
    neph_call *call = call_on(this->to_cloud, NEPH_OP_OBJECT_PUT, this->to.bucket, key);
    neph_source source;

    nephc_source_of(from->text, &source);
    (void)neph_call_set_source(call, &source);
    set_option(this, call, "content_type", NEPH_OBJECT_CONTENT_TYPE);
    set_option(this, call, "storage_class", NEPH_OBJECT_CLASS);
    if (this->metadata_count > 0)
        (void)neph_call_set_pairs(call, NEPH_OBJECT_METADATA, this->metadata, this->metadata_count);
    return finish(this, call, run);
}

static int download(copying *this, neph_cloud *cloud, const nephc_address *from, const char *path,
                    nephc_run *run)
{
    neph_call *call = call_on(cloud, NEPH_OP_OBJECT_GET, from->bucket, from->key);
    neph_sink sink;

    nephc_sink_of(path, &sink);
    (void)neph_call_set_sink(call, &sink);
    run->writes_stdout = sink.fd == 1;
    if (run->writes_stdout)
        run->rows = NULL;
    return finish(this, call, run);
}

static int copy_inside(copying *this, const nephc_address *from, const char *key, nephc_run *run)
{
    neph_call *call = call_on(this->to_cloud, NEPH_OP_OBJECT_COPY, this->to.bucket, key);

    (void)neph_call_set_string(call, NEPH_COPY_BUCKET, from->bucket);
    (void)neph_call_set_string(call, NEPH_COPY_KEY, from->key);
    return finish(this, call, run);
}

static int copy_between(copying *this, neph_cloud *cloud, const nephc_address *from,
                        const char *key, nephc_run *run)
{
    nephc_object_name source = {cloud, from->bucket, from->key};
    nephc_object_name target = {this->to_cloud, this->to.bucket, key};

    if (this->to_cloud == cloud && neph_cloud_can(cloud, NEPH_OP_OBJECT_COPY))
        return copy_inside(this, from, key, run);
    return nephc_between(this->cli, &source, &target, run);
}

static int copy_named(copying *this, neph_cloud *cloud, const nephc_address *from, const char *name)
{
    nephc_run run = {.what = "cp", .subject = from->text, .rows = this->rows, .shows_progress = 1};

    run.cloud = this->to.cloud ? this->to.cloud : from->cloud;
    if (this->cli->options.verbose)
        nephc_note(this->cli, "cp %s to %s%s%s%s%s", from->text,
                   this->to.cloud ? this->to.cloud : "", this->to.cloud ? ":" : "",
                   this->to.cloud ? this->to.bucket : "", this->to.cloud ? "/" : "", name);
    if (!from->cloud)
        return upload(this, from, name, &run);
    if (!this->to.cloud)
        return download(this, cloud, from, name, &run);
    return copy_between(this, cloud, from, name, &run);
}

/* with_bytes 0: only looks whether it could be done. */
static int copy_one(copying *this, const char *word, int with_bytes)
{
    nephc_address from;
    neph_cloud *cloud = NULL;
    char *name = NULL;
    int rc = nephc_address_parse(word, &from);

    if (rc)
        return rc;
    if (!from.cloud && !this->to.cloud)
        rc = nephc_fail(NEPHC_USAGE,
                        "cp: \"%s\" and \"%s\" are both files; one must be CLOUD:BUCKET/KEY", word,
                        this->to.text);
    if (rc == 0 && from.cloud)
        rc = nephc_address_is_object("cp", &from);
    if (rc == 0)
        rc = destination_name(this, &from, &name);
    if (rc == 0 && from.cloud)
        rc = nephc_address_open(this->cli, &from, &cloud);
    if (rc == 0 && this->to.cloud && !this->to_cloud)
        rc = nephc_address_open(this->cli, &this->to, &this->to_cloud);
    if (rc == 0 && with_bytes)
        rc = copy_named(this, cloud, &from, name);
    free(name);
    nephc_address_free(&from);
    return rc;
}

/* ---- the command */

static int check_destination(copying *this, size_t sources)
{
    const nephc_address *to = &this->to;

    if (to->cloud && !to->bucket)
        return nephc_fail(NEPHC_USAGE, "cp: \"%s\": the bucket is missing; write CLOUD:BUCKET/KEY",
                          to->text);
    this->is_into = to->cloud ? !to->key || !*to->key || ends_in_slash(to->key)
                              : ends_in_slash(to->text) || is_directory(to->text);
    if (this->is_into && !to->cloud && !is_directory(to->text))
        return nephc_fail(NEPHC_FAILED, "cp: \"%s\" is no directory; make it first", to->text);
    if (sources > 1 && !this->is_into)
        return nephc_fail(
            NEPHC_USAGE, "cp: several files go into a place: end the destination \"%s\" in a slash",
            to->text);
    return 0;
}

static int copy_all(copying *this, const char *const *words, size_t count)
{
    int status = check_destination(this, count);
    size_t i;

    for (i = 0; i < count && status == NEPHC_DONE; i++)
        status = copy_one(this, words[i], 0);
    if (status)
        return status;
    for (i = 0; i < count && !nephc_interrupted() && !this->cli->out.error; i++) {
        int rc = copy_one(this, words[i], 1);

        if (status == NEPHC_DONE)
            status = rc;
    }
    return nephc_interrupted() ? 128 + nephc_interrupted() : status;
}

static int copy_printed(copying *this, const char *const *words, size_t count)
{
    nephc_shape shape = nephc_shape_of(NEPH_KIND_OBJECT);
    nephc_rows rows;
    int status;

    shape.is_single = 1;
    if (this->cli->options.format == NEPHC_TABLE) /* as quiet as cp is */
        return copy_all(this, words, count);
    if (nephc_rows_begin(&rows, &this->cli->out, (nephc_format)this->cli->options.format, &shape) !=
        0)
        return nephc_fail_memory();
    this->rows = &rows;
    status = copy_all(this, words, count);
    if (status == NEPHC_DONE || rows.count > 0)
        nephc_rows_end(&rows);
    else
        nephc_rows_drop(&rows);
    return status;
}

int nephc_cp(nephc *cli, const char *const *words, size_t count)
{
    copying this = {.cli = cli};
    int rc = nephc_address_parse(words[count - 1], &this.to);

    if (rc == 0)
        rc = nephc_pairs_read(cli, "metadata", &this.metadata, &this.metadata_count);
    if (rc == 0)
        rc = copy_printed(&this, words, count - 1);
    nephc_pairs_free(this.metadata, this.metadata_count);
    nephc_address_free(&this.to);
    return rc;
}
