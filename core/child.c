/*
 * core/child.c - a call that another call makes for itself, to look at what became of its own, or in its stead (many.c). It
 * is a call like any other, with a place of its own among the cloud's requests; the program never sees it.
 */
#include "core/call.h"

/* The first result stays with the parent. */
static void on_result(neph_call *child, const neph_result *result, void *user)
{
    neph_call *call = user;
    (void)result;
    if (!call->looked && (!call->on_looked_at || call->on_looked_at(call, child->current)))
        call->looked = nephi_delivery_steal(child);
}

static void on_done(neph_call *child, int status, void *user)
{
    neph_call *call = user;
    neph_record *record = call->looked;
    nephi_error error = child->error;
    (void)status;
    call->looked = NULL;
    nephi_child_end(call);
    call->on_looked(call, record, &error);
}

neph_call *nephi_child_make(neph_call *call, uint32_t op)
{
    int64_t left = call->deadline.due_ms - nephi_loop_now_ms();
    neph_call *child = nephi_call_create(call->cloud, op);
    if (!child)
        return NULL;
    child->parent = call;
    /* the parent's own deadline comes first */
    child->deadline_ms = (left > 0 ? left : 0) + 1000;
    return child;
}

int nephi_child_new(neph_call *call, uint32_t op, nephi_looked_fn looked)
{
    neph_call *child = nephi_child_make(call, op);
    if (!child)
        return nephi_fail_memory(&call->error);
    call->child = child;
    call->on_looked = looked;
    call->on_looked_at = NULL;
    return 0;
}

void nephi_child_start(neph_call *call)
{
    neph_call *child = call->child;
    call->state = NEPHI_LOOKING;
    neph_on_result(child, on_result, call);
    neph_on_done(child, on_done, call);
    (void)neph_call_start(child);
}

void nephi_child_end(neph_call *call)
{
    neph_call *child = call->child;
    call->child = NULL;
    if (call->looked)
        nephi_delivery_release(call, call->looked);
    call->looked = NULL;
    neph_call_free(child);
}
