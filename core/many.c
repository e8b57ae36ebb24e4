/*
 * core/many.c - many deletions where the cloud has no request for them: one for each key, several at a time, each a call like
 * any other. What is not there is as good as deleted; that the bucket is there is looked at once, then.
 */
#include "core/many.h"

#include "core/call.h"

#include <string.h>

#define AT_ONCE 32

/* A call of its own; NULL: the place is free. */
typedef struct one {
    neph_call *call;
    neph_call *parent;
    const char *key; /* NULL: it is the look at the bucket */
    int is_done;
} one;

typedef struct many {
    uint32_t next; /* index of the first key that is not begun */
    int is_looked; /* a look was begun */
    one look;
    one deletions[AT_ONCE];
} many;

static many *many_of(neph_call *call)
{
    return neph_call_memory(call, sizeof(many));
}

static const char *key_at(const neph_call *call, uint32_t index)
{
    const char *key;
    return neph_argument_pair(call, NEPH_OBJECT_KEYS, index, NULL, &key) ? key : NULL;
}

/* ---- one */

static void on_result(neph_call *made, const neph_result *result, void *user)
{
    (void)made;
    (void)result;
    (void)user;
}

static void on_done(neph_call *made, int status, void *user)
{
    one *ended = user;
    (void)made;
    (void)status;
    ended->is_done = 1;
    ended->parent->is_blocked = 0;
    nephi_engine_delay(ended->parent, 0);
}

static int begin(neph_call *call, one *place, uint32_t op, const char *key)
{
    neph_call *made = nephi_child_make(call, op);
    if (!made)
        return nephi_fail_memory(&call->error);
    *place = (one){.call = made, .parent = call, .key = key};
    (void)neph_call_set_string(made, NEPH_OBJECT_BUCKET, neph_argument(call, NEPH_OBJECT_BUCKET));
    if (key)
        (void)neph_call_set_string(made, NEPH_OBJECT_KEY, key);
    else
        (void)neph_call_set_integer(made, NEPH_LIST_LIMIT, 1);
    neph_on_result(made, on_result, NULL);
    neph_on_done(made, on_done, place);
    (void)neph_call_start(made);
    return 0;
}

static void give_back(one *place)
{
    neph_call_free(place->call);
    place->call = NULL;
}

/* ---- what came of it */

/* The others would fail alike. */
static int is_all(const nephi_error *error)
{
    static const int statuses[] = {NEPH_AUTH, NEPH_NETWORK, NEPH_NO_MEMORY, NEPH_CANCELLED};
    for (size_t i = 0; i < NEPH_COUNT(statuses); i++)
        if (error->status == statuses[i])
            return 1;
    return 0;
}

static int fail(neph_call *call, const nephi_error *error)
{
    nephi_error_copy(&call->error, error);
    return error->status;
}

static int tell(neph_call *call, const char *key, const nephi_error *error)
{
    neph_record *record = nephi_delivery_make(call, NEPH_KIND_OBJECT);
    if (!record)
        return NEPH_NO_MEMORY;
    if (nephi_record_set_text(record, nephi_member_find(NEPH_OBJECT_KEY), key, strlen(key)) ||
        nephi_record_fail(record, error)) {
        nephi_delivery_discard(call, record);
        return nephi_fail_memory(&call->error);
    }
    nephi_delivery_queue(call, record);
    return 0;
}

static int look_begin(neph_call *call, many *all)
{
    if (all->is_looked || !nephi_provider_action(call->cloud->provider, NEPH_OP_OBJECT_LIST))
        return 0;
    all->is_looked = 1;
    return begin(call, &all->look, NEPH_OP_OBJECT_LIST, NULL);
}

static int judge(neph_call *call, many *all, const one *ended)
{
    const nephi_error *error = &ended->call->error;
    if (!error->status)
        return 0;
    if (!ended->key)
        return error->status == NEPH_NOT_FOUND ? fail(call, error) : 0;
    if (error->status == NEPH_NOT_FOUND)
        return look_begin(call, all);
    return is_all(error) ? fail(call, error) : tell(call, ended->key, error);
}

static int gather(neph_call *call, many *all, one *place)
{
    int rc;
    if (!place->call || !place->is_done)
        return 0;
    rc = judge(call, all, place);
    give_back(place);
    return rc;
}

/* ---- all of them */

int32_t nephi_many_perform(neph_call *call)
{
    many *all = many_of(call);
    const char *key;
    int is_busy, rc;
    if (!all)
        return nephi_fail_memory(&call->error);
    rc = gather(call, all, &all->look);
    is_busy = all->look.call != NULL;
    for (size_t i = 0; i < AT_ONCE && !rc; i++) {
        one *place = &all->deletions[i];
        rc = gather(call, all, place);
        if (!rc && !place->call && (key = key_at(call, all->next)) != NULL) {
            all->next++;
            rc = begin(call, place, NEPH_OP_OBJECT_DELETE, key);
        }
        is_busy |= place->call != NULL;
    }
    if (rc || (!is_busy && !all->look.call))
        return rc;
    call->is_blocked = 1; /* until one of them is done */
    return NEPH_AGAIN;
}

void nephi_many_finish(neph_call *call)
{
    many *all = many_of(call);
    if (!all)
        return;
    give_back(&all->look);
    for (size_t i = 0; i < AT_ONCE; i++)
        give_back(&all->deletions[i]);
}
