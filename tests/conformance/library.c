/*
 * library.c - the core of the storage conformance suite through neph.h: the ways to give and take bytes, to wait, to
 * be called back and to cancel, which the command does not show.
 *
 *   library CLOUD BUCKET [NAME=VALUE]...     settings from the environment too; makes and deletes BUCKET
 *
 * Prints "ok NAME", "not ok NAME: why" or, where the cloud cannot, "lacking NAME: what" for each case and ends with status 1
 * if one failed.
 */
#include <neph/neph.h>

#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* LACKING is none of what || makes of a failure. */
enum { SETTINGS_MAX = 16, BIG = 6 << 20, MANY = 40, LACKING = 2 };

typedef struct fixture {
    neph_host *host;
    neph_cloud *cloud;
    const char *bucket;
    char why[512];
    unsigned char *big;
} fixture;

/* Says why a case fails; the value of the case. */
__attribute__((format(printf, 2, 3))) static int fails(fixture *f, const char *form, ...)
{
    va_list args;

    va_start(args, form);
    vsnprintf(f->why, sizeof f->why, form, args);
    va_end(args);
    return -1;
}

/* Waits for a call that must succeed, and frees it. */
static int finish(fixture *f, const char *what, neph_call *call)
{
    int rc = neph_wait(call);

    if (rc)
        fails(f, "%s: %s: %s", what, neph_status_name(rc), neph_call_error(call)->message);
    neph_call_free(call);
    return rc ? -1 : 0;
}

static int put(fixture *f, const char *key, const void *data, size_t size)
{
    neph_source source = NEPH_SOURCE_INIT;

    source.from = NEPH_BODY_MEMORY;
    source.data = data;
    source.data_size = size;
    return finish(f, key, neph_object_put(f->cloud, f->bucket, key, &source, NULL));
}

/* Does the object hold these bytes? 0 or -1. */
static int holds(fixture *f, const char *key, const void *data, size_t size)
{
    neph_sink sink = NEPH_SINK_INIT;
    neph_call *call;
    size_t got = 0;
    const void *bytes;
    int rc;

    sink.to = NEPH_BODY_MEMORY;
    call = neph_object_get(f->cloud, f->bucket, key, &sink, NULL);
    rc = neph_wait(call);
    bytes = neph_call_data(call, &got);
    if (rc)
        rc = fails(f, "%s: %s", key, neph_call_error(call)->message);
    else if (got != size || (size && memcmp(bytes, data, size)))
        rc = fails(f, "%s: %zu other bytes", key, got);
    neph_call_free(call);
    return rc;
}

static int memory_to_memory(fixture *f)
{
    if (put(f, "memory", "hello", 5) || holds(f, "memory", "hello", 5))
        return -1;
    if (put(f, "nothing", "", 0) || holds(f, "nothing", "", 0))
        return -1;
    return put(f, "big", f->big, BIG) || holds(f, "big", f->big, BIG);
}

/* What the callbacks give and take. */
typedef struct stream {
    const unsigned char *data;
    size_t size, at;
    int again; /* answers NEPH_AGAIN every other time */
    int asked; /* how often */
    int differs;
} stream;

static int64_t give(void *data, size_t size, void *user)
{
    stream *s = user;

    if (s->again && s->asked++ % 2 == 0)
        return NEPH_AGAIN;
    if (size > s->size - s->at)
        size = s->size - s->at;
    if (size > 100000)
        size = 100000;
    memcpy(data, s->data + s->at, size);
    s->at += size;
    return (int64_t)size;
}

static int take(const void *data, size_t size, void *user)
{
    stream *s = user;

    if (s->again && s->asked++ % 2 == 0)
        return NEPH_AGAIN;
    if (size > s->size - s->at || memcmp(s->data + s->at, data, size)) {
        s->differs = 1;
        return NEPH_INVALID;
    }
    s->at += size;
    return 0;
}

/* Runs a call whose callbacks answer NEPH_AGAIN now and then. */
static int finish_resuming(fixture *f, const char *what, neph_call *call)
{
    int rounds;

    for (rounds = 0; rounds < 100000 && !neph_call_is_done(call); rounds++) {
        neph_host_dispatch(f->host, 5);
        neph_call_resume(call);
    }
    return finish(f, what, call);
}

static int put_stream(fixture *f, const char *key, int64_t length, int again)
{
    stream from = {f->big, BIG, 0, again, 0, 0};
    neph_source source = NEPH_SOURCE_INIT;

    source.from = NEPH_BODY_CALLBACK;
    source.read = give;
    source.user = &from;
    source.length = length;
    if (finish_resuming(f, key, neph_object_put(f->cloud, f->bucket, key, &source, NULL)))
        return -1;
    return holds(f, key, f->big, BIG);
}

static int callbacks_give_bytes(fixture *f)
{
    return put_stream(f, "known", BIG, 0) || put_stream(f, "unknown", -1, 0) ||
           put_stream(f, "paused", BIG, 1);
}

static int callbacks_take_bytes(fixture *f)
{
    int again;

    if (put(f, "taken", f->big, BIG))
        return -1;
    for (again = 0; again < 2; again++) {
        stream to = {f->big, BIG, 0, again, 0, 0};
        neph_sink sink = NEPH_SINK_INIT;

        sink.to = NEPH_BODY_CALLBACK;
        sink.write = take;
        sink.user = &to;
        if (finish_resuming(f, "taken", neph_object_get(f->cloud, f->bucket, "taken", &sink, NULL)))
            return -1;
        if (to.at != BIG || to.differs)
            return fails(f, "took %zu bytes, differing: %d", to.at, to.differs);
    }
    return 0;
}

static int refuse(const void *data, size_t size, void *user)
{
    (void)data;
    (void)size;
    (void)user;
    return NEPH_FILE;
}

static int a_sink_that_fails_ends_the_call(fixture *f)
{
    neph_sink sink = NEPH_SINK_INIT;
    neph_call *call;
    int rc;

    if (put(f, "refused", f->big, BIG))
        return -1;
    sink.to = NEPH_BODY_CALLBACK;
    sink.write = refuse;
    call = neph_object_get(f->cloud, f->bucket, "refused", &sink, NULL);
    rc = neph_wait(call);
    neph_call_free(call);
    return rc == NEPH_FILE ? 0 : fails(f, "status %d, not that of the sink", rc);
}

/* A descriptor of a file without a name; -1 on failure. */
static int scratch(void)
{
    char name[] = "/tmp/neph-library.XXXXXX";
    int fd = mkstemp(name);

    if (fd >= 0)
        unlink(name);
    return fd;
}

static int descriptors(fixture *f)
{
    neph_source source = NEPH_SOURCE_INIT;
    neph_sink sink = NEPH_SINK_INIT;
    int from = scratch(), to = scratch(), rc = -1;
    char got[16] = "";

    if (from < 0 || to < 0 || write(from, "skipped,taken", 13) != 13 ||
        lseek(from, 8, SEEK_SET) != 8) {
        fails(f, "no scratch file");
        goto out;
    }
    source.from = NEPH_BODY_DESCRIPTOR;
    source.fd = from;
    sink.to = NEPH_BODY_DESCRIPTOR;
    sink.fd = to;
    if (finish(f, "put", neph_object_put(f->cloud, f->bucket, "fd", &source, NULL)) ||
        finish(f, "get", neph_object_get(f->cloud, f->bucket, "fd", &sink, NULL)))
        goto out;
    if (pread(to, got, sizeof got - 1, 0) != 5 || strcmp(got, "taken")) {
        fails(f, "the descriptor holds \"%s\"", got);
        goto out;
    }
    rc = fcntl(from, F_GETFD) < 0 || fcntl(to, F_GETFD) < 0 ? fails(f, "a descriptor was closed")
                                                            : 0;
out:
    if (from >= 0)
        close(from);
    if (to >= 0)
        close(to);
    return rc;
}

static int ranges(fixture *f)
{
    static const struct {
        int64_t offset, length;
        const char *wanted;
    } rows[] = {{2, 3, "234"}, {7, 0, "789"}, {-2, 0, "89"}, {0, 1, "0"}, {8, 50, "89"}};
    size_t i;

    if (put(f, "ten", "0123456789", 10))
        return -1;
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        neph_get_options options = NEPH_GET_OPTIONS_INIT;
        neph_sink sink = NEPH_SINK_INIT;
        neph_call *call;
        const char *got;
        size_t size = 0;
        int rc;

        options.offset = rows[i].offset;
        options.length = rows[i].length;
        sink.to = NEPH_BODY_MEMORY;
        call = neph_object_get(f->cloud, f->bucket, "ten", &sink, &options);
        rc = neph_wait(call);
        got = neph_call_data(call, &size);
        if (rc || size != strlen(rows[i].wanted) || memcmp(got, rows[i].wanted, size))
            rc = fails(f, "row %zu: status %d, %zu bytes", i, rc, size);
        neph_call_free(call);
        if (rc)
            return -1;
    }
    return 0;
}

static int range_behind_the_end_is_invalid(fixture *f)
{
    neph_get_options options = NEPH_GET_OPTIONS_INIT;
    neph_sink sink = NEPH_SINK_INIT;
    neph_call *call;
    int rc;

    if (put(f, "ten", "0123456789", 10))
        return -1;
    options.offset = 1000;
    sink.to = NEPH_BODY_MEMORY;
    call = neph_object_get(f->cloud, f->bucket, "ten", &sink, &options);
    rc = neph_wait(call);
    neph_call_free(call);
    return rc == NEPH_INVALID ? 0 : fails(f, "status %d", rc);
}

static int head_tells_what_put_was_told(fixture *f)
{
    static const neph_pair pairs[] = {{"colour", "blue"}};
    neph_put_options options = NEPH_PUT_OPTIONS_INIT;
    neph_source source = NEPH_SOURCE_INIT;
    const neph_object *object;
    neph_call *call;
    int rc = 0;

    options.content_type = "text/x-test";
    options.metadata = pairs;
    options.metadata_count = 1;
    source.from = NEPH_BODY_MEMORY;
    source.data = "data";
    source.data_size = 4;
    if (finish(f, "put", neph_object_put(f->cloud, f->bucket, "told", &source, &options)))
        return -1;
    call = neph_object_head(f->cloud, f->bucket, "told");
    if (neph_wait(call) || !(object = (const neph_object *)neph_call_result(call)))
        rc = fails(f, "head: %s", neph_call_error(call)->message);
    else if (object->size_bytes != 4 || !object->content_type ||
             strcmp(object->content_type, "text/x-test"))
        rc = fails(f, "size %lld, type %s", (long long)object->size_bytes,
                   object->content_type ? object->content_type : "none");
    else if (object->metadata_count != 1 || strcmp(object->metadata[0].value, "blue"))
        rc = fails(f, "%zu pairs of metadata", object->metadata_count);
    neph_call_free(call);
    return rc;
}

static void count_done(neph_call *call, int status, void *user)
{
    int *counts = user;

    (void)call;
    counts[status ? 1 : 0]++;
}

/* Drives the host with poll() as any event loop would, until all are done; 0 or -1. */
static int drive(fixture *f, const int *counts, int wanted)
{
    int rounds;

    for (rounds = 0; rounds < 100000 && counts[0] + counts[1] < wanted; rounds++) {
        struct pollfd wait = {neph_host_fd(f->host), POLLIN, 0};
        int64_t timeout = neph_host_timeout_ms(f->host);

        if (wait.fd >= 0)
            poll(&wait, 1, timeout < 0 || timeout > 1000 ? 1000 : (int)timeout);
        neph_host_dispatch(f->host, wait.fd >= 0 ? 0 : 100);
    }
    return counts[0] + counts[1] == wanted ? 0 : -1;
}

static int many_at_once_in_an_event_loop(fixture *f)
{
    static char keys[MANY][16];
    neph_call *calls[MANY];
    int counts[2] = {0, 0}, i, rc;

    for (i = 0; i < MANY; i++) {
        neph_source source = NEPH_SOURCE_INIT;

        snprintf(keys[i], sizeof keys[i], "many/%03d", i);
        source.from = NEPH_BODY_MEMORY;
        source.data = keys[i];
        source.data_size = strlen(keys[i]);
        calls[i] = neph_object_put(f->cloud, f->bucket, keys[i], &source, NULL);
        neph_on_done(calls[i], count_done, counts);
    }
    rc = drive(f, counts, MANY);
    for (i = 0; i < MANY; i++)
        neph_call_free(calls[i]);
    if (rc || counts[1])
        return fails(f, "%d done, %d failed of %d", counts[0], counts[1], MANY);
    return holds(f, "many/017", "many/017", 8);
}

static int listing_streams_in_order(fixture *f)
{
    neph_list_options options = NEPH_LIST_OPTIONS_INIT;
    const neph_object *object;
    neph_call *call;
    char last[32] = "";
    int count = 0, disordered = 0;

    options.prefix = "many/";
    call = neph_object_list(f->cloud, f->bucket, &options);
    while ((object = neph_next_object(call))) {
        disordered += strcmp(last, object->key) >= 0;
        snprintf(last, sizeof last, "%s", object->key);
        count++;
    }
    if (finish(f, "list", call))
        return -1;
    return count == MANY && !disordered ? 0
                                        : fails(f, "%d keys, %d out of order", count, disordered);
}

static int delimiter_gives_prefixes(fixture *f)
{
    neph_list_options options = NEPH_LIST_OPTIONS_INIT;
    const neph_result *result;
    neph_call *call;
    int prefixes = 0, others = 0;

    options.prefix = "many";
    options.delimiter = "/";
    call = neph_object_list(f->cloud, f->bucket, &options);
    while ((result = neph_next(call))) {
        if (result->kind == NEPH_KIND_PREFIX &&
            !strcmp(((const neph_prefix *)result)->name, "many/"))
            prefixes++;
        else
            others++;
    }
    if (finish(f, "list", call))
        return -1;
    return prefixes == 1 && !others ? 0 : fails(f, "%d prefixes, %d others", prefixes, others);
}

static int kept_results_live_on(fixture *f)
{
    neph_list_options options = NEPH_LIST_OPTIONS_INIT;
    const neph_object *first, *next;
    neph_call *call;
    int rc = 0;

    options.prefix = "many/";
    call = neph_object_list(f->cloud, f->bucket, &options);
    first = neph_next_object(call);
    if (!first || neph_keep(call, (const neph_result *)first))
        rc = fails(f, "there is nothing to keep");
    while (!rc && (next = neph_next_object(call)))
        continue;
    if (!rc && strcmp(first->key, "many/000"))
        rc = fails(f, "the kept key became %s", first->key);
    neph_call_free(call);
    return rc;
}

static int cancelling_leaves_nothing(fixture *f)
{
    char path[] = "/tmp/neph-library-cancel.XXXXXX";
    int fd = mkstemp(path), rc;
    neph_sink sink = NEPH_SINK_INIT;
    neph_call *call;

    if (fd < 0)
        return fails(f, "no temporary file");
    close(fd);
    unlink(path);
    sink.to = NEPH_BODY_FILE;
    sink.path = path;
    call = neph_object_get(f->cloud, f->bucket, "big", &sink, NULL);
    neph_host_dispatch(f->host, 0);
    neph_call_cancel(call);
    rc = neph_wait(call);
    neph_call_free(call);
    /* what is fast enough is done before it can be cancelled */
    if ((unlink(path) == 0) != (rc == 0))
        return fails(f, "status %d, and the file is %s", rc, rc ? "there" : "not there");
    return rc == NEPH_CANCELLED || rc == 0 ? 0 : fails(f, "status %d", rc);
}

static int errors_have_kind_and_code(fixture *f)
{
    neph_call *call = neph_object_head(f->cloud, f->bucket, "not/there");
    int rc = neph_wait(call), shown = neph_call_error(call)->message[0] != 0;

    neph_call_free(call);
    if (rc != NEPH_NOT_FOUND || !shown)
        return fails(f, "missing key: status %d", rc);
    call = neph_bucket_delete(f->cloud, f->bucket);
    rc = neph_wait(call);
    neph_call_free(call);
    if (rc != NEPH_CONFLICT)
        return fails(f, "bucket that is not empty: status %d", rc);
    call = neph_object_list(f->cloud, "no-such-bucket-of-neph-tests", NULL);
    rc = neph_wait(call);
    neph_call_free(call);
    return rc == NEPH_NOT_FOUND ? 0 : fails(f, "missing bucket: status %d", rc);
}

static int copies_and_deletes(fixture *f)
{
    neph_call *call;
    int rc;

    if (put(f, "original", "data", 4) ||
        finish(f, "copy",
               neph_object_copy(f->cloud, f->bucket, "original", f->bucket, "a + copy")) ||
        holds(f, "a + copy", "data", 4) ||
        finish(f, "delete", neph_object_delete(f->cloud, f->bucket, "original")))
        return -1;
    call = neph_object_head(f->cloud, f->bucket, "original");
    rc = neph_wait(call);
    neph_call_free(call);
    return rc == NEPH_NOT_FOUND ? 0 : fails(f, "the original: status %d", rc);
}

/* ---- objects in parts, conditions, checksums, many at once */

static int lacks(fixture *f, uint32_t op, const char *what)
{
    snprintf(f->why, sizeof f->why, "%s%s%s", neph_op_find(op)->name, what ? " with " : "",
             what ? what : "");
    return LACKING;
}

/* What parts are like here: the smallest size but the last, and a checksum that the cloud knows. */
static int parts_plan(fixture *f, size_t *size, char *checksum, size_t capacity)
{
    neph_call *call = neph_storage_limits(f->cloud);
    const neph_limits *limits;

    if (neph_wait(call)) {
        fails(f, "limits: %s", neph_call_error(call)->message);
        neph_call_free(call);
        return -1;
    }
    limits = (const neph_limits *)neph_call_result(call);
    *size = limits->part_bytes_min > 0 ? (size_t)limits->part_bytes_min : 100000;
    snprintf(checksum, capacity, "%s", limits->checksum ? limits->checksum : "md5");
    neph_call_free(call);
    return *size < BIG ? 0 : fails(f, "parts of %zu bytes at least", *size);
}

static int begin(fixture *f, const char *key, const char *checksum, char *id, size_t capacity)
{
    neph_put_options options = NEPH_PUT_OPTIONS_INIT;
    neph_call *call;
    int rc;

    options.checksum = checksum;
    call = neph_upload_begin(f->cloud, f->bucket, key, &options);
    rc = neph_wait(call);
    if (rc)
        fails(f, "begin: %s", neph_call_error(call)->message);
    else
        snprintf(id, capacity, "%s", ((const neph_upload *)neph_call_result(call))->id);
    neph_call_free(call);
    return rc ? -1 : 0;
}

/* What the cloud said of a part. */
typedef struct part_told {
    char etag[256], checksum[160];
} part_told;

static int part(fixture *f, const char *key, const char *id, int64_t number, const void *data,
                size_t size, const char *checksum, part_told *told)
{
    neph_source source = NEPH_SOURCE_INIT;
    const neph_part *sent;
    neph_call *call;
    int rc;

    source.from = NEPH_BODY_MEMORY;
    source.data = data;
    source.data_size = size;
    call = neph_upload_part(f->cloud, f->bucket, key, id, number, &source, checksum);
    rc = neph_wait(call);
    sent = (const neph_part *)neph_call_result(call);
    if (rc)
        fails(f, "part %d: %s", (int)number, neph_call_error(call)->message);
    else if (!sent->body_checksum || strncmp(sent->body_checksum, checksum, strlen(checksum)))
        rc = fails(f, "part %d has no %s", (int)number, checksum);
    else {
        snprintf(told->etag, sizeof told->etag, "%s", sent->etag ? sent->etag : "");
        snprintf(told->checksum, sizeof told->checksum, "%s", sent->body_checksum);
    }
    neph_call_free(call);
    return rc ? -1 : 0;
}

/* With the checksums of the parts, for a cloud that wants to hear them again. */
static neph_call *complete(fixture *f, const char *key, const char *id, const part_told told[2])
{
    const neph_pair listed[2] = {{"1", told[0].etag}, {"2", told[1].etag}};
    const neph_pair checksums[2] = {{"1", told[0].checksum}, {"2", told[1].checksum}};
    neph_call *call;

    if (!neph_cloud_takes(f->cloud, NEPH_OP_UPLOAD_COMPLETE, NEPH_UPLOAD_CHECKSUMS))
        return neph_upload_complete(f->cloud, f->bucket, key, id, listed, 2, NULL, NULL);
    call = neph_call_new(f->cloud, NEPH_OP_UPLOAD_COMPLETE);
    neph_call_set_string(call, NEPH_OBJECT_BUCKET, f->bucket);
    neph_call_set_string(call, NEPH_OBJECT_KEY, key);
    neph_call_set_string(call, NEPH_UPLOAD_ID, id);
    neph_call_set_pairs(call, NEPH_UPLOAD_LISTED, listed, 2);
    neph_call_set_pairs(call, NEPH_UPLOAD_CHECKSUMS, checksums, 2);
    neph_call_start(call);
    return call;
}

/* How many parts the cloud has; -1: it has no such upload, or fails. */
static int parts_count(fixture *f, const char *key, const char *id)
{
    neph_call *call = neph_upload_parts(f->cloud, f->bucket, key, id);
    int count = 0, rc;

    while (neph_next_part(call))
        count++;
    rc = neph_wait(call);
    if (rc)
        fails(f, "parts: %s", neph_call_error(call)->message);
    neph_call_free(call);
    return rc ? -1 : count;
}

static int parts_make_an_object(fixture *f)
{
    char id[1024], checksum[32];
    part_told told[2];
    size_t size;
    int count;

    if (!neph_cloud_can(f->cloud, NEPH_OP_UPLOAD_BEGIN))
        return lacks(f, NEPH_OP_UPLOAD_BEGIN, NULL);
    if (parts_plan(f, &size, checksum, sizeof checksum) ||
        begin(f, "in parts", checksum, id, sizeof id) ||
        part(f, "in parts", id, 2, f->big + size, 1000, checksum, &told[1]) ||
        part(f, "in parts", id, 1, f->big, size, checksum, &told[0]))
        return -1;
    count = parts_count(f, "in parts", id);
    if (count != 2)
        return count < 0 ? -1 : fails(f, "%d parts", count);
    return finish(f, "complete", complete(f, "in parts", id, told)) ||
           holds(f, "in parts", f->big, size + 1000);
}

static int an_upload_that_is_given_up_is_gone(fixture *f)
{
    char id[1024];
    part_told told;
    neph_call *call;
    int rc;

    if (!neph_cloud_can(f->cloud, NEPH_OP_UPLOAD_ABORT))
        return lacks(f, NEPH_OP_UPLOAD_ABORT, NULL);
    if (begin(f, "given up", NULL, id, sizeof id) ||
        part(f, "given up", id, 1, f->big, 1000, "md5", &told) ||
        finish(f, "abort", neph_upload_abort(f->cloud, f->bucket, "given up", id)))
        return -1;
    if (parts_count(f, "given up", id) > 0)
        return fails(f, "its part is there");
    call = neph_object_head(f->cloud, f->bucket, "given up");
    rc = neph_wait(call);
    neph_call_free(call);
    return rc == NEPH_NOT_FOUND ? 0 : fails(f, "an object is there: status %d", rc);
}

static int conditions_guard_an_object(fixture *f)
{
    neph_put_options options = NEPH_PUT_OPTIONS_INIT;
    neph_source source = NEPH_SOURCE_INIT;
    neph_call *call;
    int rc;

    if (!neph_cloud_takes(f->cloud, NEPH_OP_OBJECT_PUT, NEPH_IF_NONE_MATCH))
        return lacks(f, NEPH_OP_OBJECT_PUT, "if_none_match");
    source.from = NEPH_BODY_MEMORY;
    source.data = "first";
    source.data_size = 5;
    options.if_none_match = "*";
    call = neph_object_put(f->cloud, f->bucket, "guarded", &source, &options);
    if (neph_wait(call) == NEPH_UNSUPPORTED) { /* the provider can, this server cannot */
        neph_call_free(call);
        return lacks(f, NEPH_OP_OBJECT_PUT, "if_none_match");
    }
    if (finish(f, "put", call))
        return -1;
    source.data = "other";
    call = neph_object_put(f->cloud, f->bucket, "guarded", &source, &options);
    rc = neph_wait(call);
    neph_call_free(call);
    if (rc != NEPH_CONFLICT)
        return fails(f, "status %d", rc);
    return holds(f, "guarded", "first", 5);
}

static int checksums_are_taken(fixture *f)
{
    neph_get_options options = NEPH_GET_OPTIONS_INIT;
    neph_sink sink = NEPH_SINK_INIT;
    const neph_object *object;
    neph_call *call;
    int rc;

    if (put(f, "digits", "123456789", 9))
        return -1;
    sink.to = NEPH_BODY_MEMORY;
    options.checksum = "crc32c";
    call = neph_object_get(f->cloud, f->bucket, "digits", &sink, &options);
    rc = neph_wait(call);
    object = (const neph_object *)neph_call_result(call);
    if (rc)
        fails(f, "get: %s", neph_call_error(call)->message);
    else if (!object->body_checksum || strcmp(object->body_checksum, "crc32c:e3069283"))
        rc = fails(f, "%s", object->body_checksum ? object->body_checksum : "no checksum");
    neph_call_free(call);
    return rc ? -1 : 0;
}

static int deletes_many(fixture *f)
{
    static const char *const keys[] = {"many 1", "many/2", "many/not there"};
    const neph_object *left;
    neph_call *call;
    int rc = 0;

    if (!neph_cloud_can(f->cloud, NEPH_OP_OBJECT_DELETE_MANY))
        return lacks(f, NEPH_OP_OBJECT_DELETE_MANY, NULL);
    if (put(f, keys[0], "1", 1) || put(f, keys[1], "2", 1))
        return -1;
    call = neph_object_delete_many(f->cloud, f->bucket, keys, 3);
    while ((left = neph_next_object(call)) != NULL)
        rc = fails(f, "%s was not deleted", left->key);
    if (finish(f, "delete many", call) || rc)
        return -1;
    call = neph_object_head(f->cloud, f->bucket, keys[1]);
    rc = neph_wait(call);
    neph_call_free(call);
    return rc == NEPH_NOT_FOUND ? 0 : fails(f, "%s: status %d", keys[1], rc);
}

static int deletes_all(fixture *f)
{
    neph_call *list = neph_object_list(f->cloud, f->bucket, NULL);
    const neph_object *object;
    int rc = 0;

    /* a call inside the reading of another one */
    while (!rc && (object = neph_next_object(list)))
        rc = finish(f, "delete", neph_object_delete(f->cloud, f->bucket, object->key));
    if (finish(f, "list", list) || rc)
        return -1;
    return finish(f, "bucket delete", neph_bucket_delete(f->cloud, f->bucket));
}

static const struct {
    const char *name;
    int (*run)(fixture *f);
} cases[] = {
    {"memory_to_memory", memory_to_memory},
    {"callbacks_give_bytes", callbacks_give_bytes},
    {"callbacks_take_bytes", callbacks_take_bytes},
    {"a_sink_that_fails_ends_the_call", a_sink_that_fails_ends_the_call},
    {"descriptors", descriptors},
    {"ranges", ranges},
    {"range_behind_the_end_is_invalid", range_behind_the_end_is_invalid},
    {"head_tells_what_put_was_told", head_tells_what_put_was_told},
    {"many_at_once_in_an_event_loop", many_at_once_in_an_event_loop},
    {"listing_streams_in_order", listing_streams_in_order},
    {"delimiter_gives_prefixes", delimiter_gives_prefixes},
    {"kept_results_live_on", kept_results_live_on},
    {"cancelling_leaves_nothing", cancelling_leaves_nothing},
    {"errors_have_kind_and_code", errors_have_kind_and_code},
    {"copies_and_deletes", copies_and_deletes},
    {"parts_make_an_object", parts_make_an_object},
    {"an_upload_that_is_given_up_is_gone", an_upload_that_is_given_up_is_gone},
    {"conditions_guard_an_object", conditions_guard_an_object},
    {"checksums_are_taken", checksums_are_taken},
    {"deletes_many", deletes_many},
    {"deletes_all", deletes_all},
};

static int open_cloud(fixture *f, int argc, char **argv)
{
    neph_setting_value settings[SETTINGS_MAX];
    neph_host_config config = NEPH_HOST_CONFIG_INIT;
    size_t count = 0;
    int i;

    for (i = 3; i < argc && count < SETTINGS_MAX; i++) {
        char *value = strchr(argv[i], '=');
        if (!value)
            return 2;
        *value = 0;
        settings[count].name = argv[i];
        settings[count++].value = value + 1;
    }
    config.sources = NEPH_SOURCE_ENVIRONMENT;
    config.ca_file = getenv("AZURITE_CERTIFICATE"); /* of a server that signed its own */
    if (neph_host_new(&config, &f->host))
        return 1;
    if (neph_cloud_open(f->host, argv[1], settings, count, &f->cloud)) {
        printf("not ok library: %s\n", neph_host_error(f->host)->message);
        return 1;
    }
    if (finish(f, "bucket create", neph_bucket_create(f->cloud, f->bucket))) {
        printf("not ok library: %s\n", f->why);
        return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    fixture f = {0};
    size_t i;
    int failed = 1;

    if (argc < 3)
        return 2;
    f.bucket = argv[2];
    if (!(f.big = malloc(BIG)))
        return 1;
    for (i = 0; i < BIG; i++)
        f.big[i] = (unsigned char)(i % 251 + i / 4096);
    if (open_cloud(&f, argc, argv))
        goto out;
    failed = 0;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int rc = cases[i].run(&f);
        if (rc == 0)
            printf("ok library %s\n", cases[i].name);
        else
            printf("%s library %s: %s\n", rc == LACKING ? "lacking" : "not ok", cases[i].name,
                   f.why);
        failed |= rc != 0 && rc != LACKING;
        fflush(stdout);
    }
out:
    neph_cloud_close(f.cloud);
    neph_host_free(f.host);
    free(f.big);
    return failed;
}
