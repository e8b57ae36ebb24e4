/*
 * core/cli/between.c - an object from one cloud to another: what the one call gives is what the other takes, through a
 * buffer that makes each wait for the other. The last byte is held back until the whole source was received and
 * verified, so that a broken source never becomes a whole object.
 */
#include "core/cli/cli.h"

#include <stdlib.h>
#include <string.h>

#define BUFFER_SIZE (4u << 20)

typedef struct pump {
    neph_call *get;
    neph_call *put;
    char *buffer; /* a ring */
    size_t begin;
    size_t used;
    int get_waits;
    int put_waits;
    int is_ended;
    int status; /* of get, once it has ended */
} pump;

static int on_bytes(const void *data, size_t size, void *user)
{
    pump *this = user;
    size_t end = (this->begin + this->used) % BUFFER_SIZE, first;

    if (size > BUFFER_SIZE)
        return NEPH_LIMIT;
    if (BUFFER_SIZE - this->used < size) {
        this->get_waits = 1;
        return NEPH_AGAIN;
    }
    first = BUFFER_SIZE - end < size ? BUFFER_SIZE - end : size;
    memcpy(this->buffer + end, data, first);
    memcpy(this->buffer, (const char *)data + first, size - first);
    this->used += size;
    if (this->put_waits) {
        this->put_waits = 0;
        neph_call_resume(this->put);
    }
    return 0;
}

static int64_t on_room(void *data, size_t size, void *user)
{
    pump *this = user;
    size_t ready = this->is_ended || this->used == 0 ? this->used : this->used - 1, first;

    if (this->is_ended && this->status)
        return this->status;
    if (ready == 0 && this->is_ended)
        return 0;
    if (ready == 0) {
        this->put_waits = 1;
        return NEPH_AGAIN;
    }
    size = size < ready ? size : ready;
    first = BUFFER_SIZE - this->begin < size ? BUFFER_SIZE - this->begin : size;
    memcpy(data, this->buffer + this->begin, first);
    memcpy((char *)data + first, this->buffer, size - first);
    this->begin = (this->begin + size) % BUFFER_SIZE;
    this->used -= size;
    if (this->get_waits) {
        this->get_waits = 0;
        neph_call_resume(this->get);
    }
    return (int64_t)size;
}

static void on_end(neph_call *call, int status, void *user)
{
    pump *this = user;

    (void)call;
    this->is_ended = 1;
    this->status = status;
    if (this->put_waits) {
        this->put_waits = 0;
        neph_call_resume(this->put);
    }
}

static neph_call *call_on(const nephc_object_name *name, uint32_t op)
{
    neph_call *call = neph_call_new(name->cloud, op);

    (void)neph_call_set_string(call, NEPH_OBJECT_BUCKET, name->bucket);
    (void)neph_call_set_string(call, NEPH_OBJECT_KEY, name->key);
    return call;
}

static void set_facts(neph_call *put, const nephc_object_name *to, const neph_object *object)
{
    if (object->content_type &&
        neph_cloud_takes(to->cloud, NEPH_OP_OBJECT_PUT, NEPH_OBJECT_CONTENT_TYPE))
        (void)neph_call_set_string(put, NEPH_OBJECT_CONTENT_TYPE, object->content_type);
    if (object->metadata_count > 0 &&
        neph_cloud_takes(to->cloud, NEPH_OP_OBJECT_PUT, NEPH_OBJECT_METADATA))
        (void)neph_call_set_pairs(put, NEPH_OBJECT_METADATA, object->metadata,
                                  object->metadata_count);
}

static int transfer(nephc *cli, pump *this, const nephc_run *run)
{
    int rc = neph_call_start(this->get), status;

    (void)rc; /* a call that failed at once says so in on_end */
    status = nephc_call_wait(cli, this->put, run);
    if (this->is_ended && this->status && this->status != NEPH_CANCELLED)
        return nephc_call_fail(cli, this->get, run);
    return status == 0 ? NEPHC_DONE : nephc_call_fail(cli, this->put, run);
}

static int pump_object(nephc *cli, const nephc_object_name *from, const nephc_object_name *to,
                       const neph_object *object, nephc_run *run)
{
    pump this = {.buffer = malloc(BUFFER_SIZE)};
    neph_source source = NEPH_SOURCE_INIT;
    neph_sink sink = NEPH_SINK_INIT;
    int rc;

    if (!this.buffer)
        return nephc_fail_memory();
    source.from = NEPH_BODY_CALLBACK;
    source.read = on_room;
    source.user = &this;
    source.length = object->size_bytes == NEPH_UNKNOWN ? -1 : object->size_bytes;
    sink.to = NEPH_BODY_CALLBACK;
    sink.write = on_bytes;
    sink.user = &this;
    this.get = call_on(from, NEPH_OP_OBJECT_GET);
    this.put = call_on(to, NEPH_OP_OBJECT_PUT);
    (void)neph_call_set_sink(this.get, &sink);
    (void)neph_call_set_source(this.put, &source);
    set_facts(this.put, to, object);
    neph_on_done(this.get, on_end, &this);
    rc = transfer(cli, &this, run);
    neph_on_done(this.get, NULL, NULL);
    neph_call_free(this.put);
    neph_call_free(this.get);
    free(this.buffer);
    return rc;
}

int nephc_between(nephc *cli, const nephc_object_name *from, const nephc_object_name *to,
                  nephc_run *run)
{
    nephc_run quiet = {.what = run->what, .subject = run->subject, .cloud = run->cloud};
    neph_call *head = call_on(from, NEPH_OP_OBJECT_HEAD);
    const neph_object *object = NULL;
    int rc = nephc_call_run(cli, head, &quiet);

    if (rc == 0)
        object = (const neph_object *)neph_call_result(head);
    if (rc == 0 && (!object || object->result.kind != NEPH_KIND_OBJECT))
        rc = nephc_fail(NEPHC_FAILED, "%s %s: the cloud told nothing about the object", run->what,
                        run->subject);
    if (rc == 0)
        rc = pump_object(cli, from, to, object, run);
    neph_call_free(head);
    return rc;
}
