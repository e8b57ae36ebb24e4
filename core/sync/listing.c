/*
 * core/sync/listing.c - the objects under a prefix: a listing call whose results are taken as they are wanted, so that the
 * socket is read no faster than both sides are merged.
 */
#include "core/call.h"
#include "core/sync/side.h"

#include <string.h>

/* A listing waits for what its items become: hours, if it must. */
#define DEADLINE_MS (INT64_C(1000) * 60 * 60 * 24 * 365)

/* Few results wait, or those of two listings are no longer in the processor's cache, nor in the pool, when they are taken. */
#define QUEUE_MOST 32

typedef struct listing {
    nephi_side side;
    neph_call *call;
    nephi_buffer prefix;
    int has_markers;
} listing;

static void is_ready(void *user)
{
    listing *list = user;
    nephi_task_queue(&list->side.host->loop, list->side.task);
}

static void is_done(neph_call *call, int status, void *user)
{
    (void)call;
    (void)status;
    is_ready(user);
}

static int is_marker(const neph_object *object, size_t size)
{
    return !size || (object->key[size - 1] == '/' && object->size_bytes == 0);
}

/* 1: it is an item. 0: it is none. Else a failure. */
static int item_take(listing *list, const neph_object *object, nephi_item *item)
{
    size_t size = object->key ? strlen(object->key) : 0;
    size_t prefix = list->prefix.size;
    if (size < prefix || (prefix && memcmp(object->key, list->prefix.data, prefix) != 0))
        return nephi_fail(&list->side.error, NEPH_PROTOCOL,
                          "the listing of \"%s\" brought \"%s\", which is not below it",
                          nephi_buffer_string(&list->prefix), object->key ? object->key : "");
    if (size == prefix || (!list->has_markers && is_marker(object, size)))
        return 0;
    *item = (nephi_item){.name = object->key + prefix,
                         .name_size = size - prefix,
                         .kind = NEPHI_ITEM_FILE,
                         .size_bytes = object->size_bytes,
                         .modified_ns = object->modified_ns,
                         .local_ns = object->local_modified_ns,
                         .etag = object->etag,
                         .checksum = object->checksum};
    return 1;
}

static int failure_take(listing *list)
{
    const nephi_error *error = &list->call->error;
    nephi_error_clear(&list->side.error);
    nephi_error_copy(&list->side.error, error);
    return error->status;
}

static int listing_next(nephi_side *side, nephi_item *item)
{
    listing *list = (listing *)side;
    neph_call *call = list->call;
    int rc = 0;
    while (!rc) {
        const neph_record *record = nephi_delivery_take(call);
        if (call->is_paused || call->is_blocked)
            nephi_attempt_resume(call);
        if (!record && !neph_call_is_done(call))
            return NEPH_AGAIN;
        if (!record)
            return call->error.status ? failure_take(list) : 0;
        if (record->kind == NEPH_KIND_OBJECT)
            rc = item_take(list, (const neph_object *)record->result, item);
    }
    return rc;
}

static void listing_free(nephi_side *side)
{
    listing *list = (listing *)side;
    neph_call_free(list->call);
    nephi_buffer_fini(&list->prefix);
    nephi_free(&side->host->memory, list);
}

/* "a" is the directory "a/". */
static int prefix_set(nephi_buffer *prefix, const char *key)
{
    size_t size = key ? strlen(key) : 0;
    int rc = size ? nephi_buffer_add(prefix, key, size) : 0;
    return rc || !size || key[size - 1] == '/' ? rc : nephi_buffer_char(prefix, '/');
}

/* What is wrong with an argument is told when the call starts, and met by listing_next(). */
static int call_start(listing *list, const neph_end *end)
{
    neph_call *call = neph_call_new(end->cloud, NEPH_OP_OBJECT_LIST);
    if (call == &nephi_call_no_memory)
        return NEPH_NO_MEMORY;
    list->call = call;
    (void)neph_call_set_string(call, NEPH_OBJECT_BUCKET, end->bucket);
    if (list->prefix.size)
        (void)neph_call_set_string(call, NEPH_LIST_PREFIX, list->prefix.data);
    (void)neph_call_set_deadline(call, DEADLINE_MS);
    call->queue_most = QUEUE_MOST;
    call->on_ready = is_ready;
    call->on_ready_user = list;
    neph_on_done(call, is_done, list);
    (void)neph_call_start(call);
    return 0;
}

int nephi_listing_new(nephi_side **out, neph_host *host, const nephi_side_options *options,
                      nephi_error *error)
{
    static const nephi_side_class class = {.next = listing_next, .free = listing_free};
    listing *list = nephi_alloc(&host->memory, sizeof *list);
    int rc;
    if (!list)
        return nephi_fail_memory(error);
    list->side.class = &class;
    list->side.host = host;
    list->side.is_checked = 1;
    list->side.task = options->task;
    list->has_markers = options->has_markers;
    nephi_buffer_init(&list->prefix, &host->memory, (size_t)64 << 10);
    rc = prefix_set(&list->prefix, options->end->key);
    if (!rc)
        rc = call_start(list, options->end);
    if (rc) {
        listing_free(&list->side);
        return nephi_fail(error, rc, "the objects cannot be listed: %s", neph_status_name(rc));
    }
    *out = &list->side;
    return 0;
}
