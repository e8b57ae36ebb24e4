/*
 * core/login.c - the session of a cloud: one login for all calls, run like any other action, shared, refreshed before it
 * expires and once when the cloud says that it is stale.
 */
#include "core/call.h"

#include "core/text.h"

#include <string.h>

#define EARLY_NS (INT64_C(60) * NEPH_NANO) /* refreshed so long before it expires */
#define SECONDS_MAX (INT64_C(366) * 86400) /* of a session's life */

static int is_fresh(const neph_cloud *cloud)
{
    const nephi_session *session = &cloud->session;
    if (!session->is_ready)
        return 0;
    return session->refresh_ns == NEPH_UNKNOWN || nephi_cloud_now(cloud) < session->refresh_ns;
}

/* A short life is used for half of it. One that is over at its beginning says that the clocks differ: then the cloud
 * itself must say when the session is stale. */
static void refresh_plan(neph_cloud *cloud)
{
    nephi_session *session = &cloud->session;
    int64_t life;
    session->refresh_ns = NEPH_UNKNOWN;
    if (session->expires_ns == NEPH_UNKNOWN)
        return;
    life = nephi_time_between(nephi_cloud_now(cloud), session->expires_ns);
    if (life > 0)
        session->refresh_ns = session->expires_ns - (life > 2 * EARLY_NS ? EARLY_NS : life / 2);
}

static int login_begin(neph_cloud *cloud, nephi_error *error)
{
    neph_call *login = nephi_call_create(cloud, NEPH_OP_LOGIN);
    if (!login)
        return nephi_fail_memory(error);
    nephi_cloud_forget_login(cloud);
    login->is_login = 1;
    login->action = cloud->provider->login;
    cloud->session.login = login;
    nephi_engine_start(login);
    return 0;
}

int nephi_login_ensure(neph_call *call)
{
    neph_cloud *cloud = call->cloud;
    if (call->is_login || !cloud->provider->login || (call->action->table.traits & NEPH_ANONYMOUS))
        return 1;
    if (is_fresh(cloud)) {
        call->session_used = cloud->session.generation;
        return 1;
    }
    nephi_engine_release_place(call);
    call->state = NEPHI_WAITING;
    call->is_asked = 0; /* the login may move the endpoint that ask chose */
    call->next_waiting = cloud->session.waiting;
    cloud->session.waiting = call;
    if (!cloud->session.login && login_begin(cloud, &call->error))
        nephi_engine_finish(call, call->error.status);
    return 0;
}

void nephi_login_leave(neph_call *call)
{
    neph_call **at;
    if (!call->cloud)
        return;
    for (at = &call->cloud->session.waiting; *at && *at != call; at = &(*at)->next_waiting)
        ;
    if (*at)
        *at = call->next_waiting;
}

/* Only the session that the refused request used is stale: another call may have logged in meanwhile. */
void nephi_login_stale(neph_call *call)
{
    if (call->cloud->session.generation == call->session_used && !call->cloud->session.login)
        call->cloud->session.is_ready = 0;
}

/* What a session consists of besides its end. All of it is scrubbed: a key's id is no secret, but nobody's business. */
static const int32_t text_members[NEPHI_SESSION_TEXTS] = {NEPH_SESSION_TOKEN, NEPH_SESSION_KEY_ID,
                                                          NEPH_SESSION_SECRET};

/* The place of a member among the texts; NULL: it has none. */
static char **text_place(const neph_cloud *cloud, int32_t member)
{
    for (size_t i = 0; i < NEPHI_SESSION_TEXTS; i++)
        if (text_members[i] == member)
            return (char **)&cloud->session.texts[i];
    return NULL;
}

static void text_forget(neph_cloud *cloud, char **text)
{
    if (*text)
        nephi_scrub_remove(cloud->host->scrub, *text);
    nephi_free_secret_string(&cloud->host->memory, *text);
    *text = NULL;
}

const char *nephi_login_text(const neph_cloud *cloud, int32_t member)
{
    char **text = text_place(cloud, member);
    return text ? *text : NULL;
}

void nephi_login_forget(neph_cloud *cloud)
{
    for (size_t i = 0; i < NEPHI_SESSION_TEXTS; i++)
        text_forget(cloud, &cloud->session.texts[i]);
}

/* When, or in how many seconds. */
static int expiry_read(const neph_call *call, const char *text, size_t size, int64_t *expires)
{
    int64_t seconds;
    if (!nephi_read_integer(text, size, &seconds))
        return nephi_read_time(text, size, expires);
    if (seconds < 0 || seconds > SECONDS_MAX)
        return 0;
    *expires = nephi_cloud_now(call->cloud) + seconds * NEPH_NANO;
    return 1;
}

int nephi_login_value(neph_call *call, int32_t member, const char *text, size_t size)
{
    char **place;
    int64_t expires;
    if (!call->is_login)
        return 0;
    if (member == NEPH_SESSION_EXPIRES && expiry_read(call, text, size, &expires))
        call->cloud->session.expires_ns = expires;
    place = text_place(call->cloud, member);
    if (!place)
        return 0;
    text_forget(call->cloud, place);
    *place = nephi_strndup(&call->host->memory, text, size);
    return *place && !nephi_scrub_add(call->host->scrub, *place) ? 0
                                                                 : nephi_fail_memory(&call->error);
}

int nephi_login_endpoint(neph_call *call, neph_record *record)
{
    const char *service = nephi_record_text(record, nephi_member_find(NEPH_ENDPOINT_SERVICE));
    const char *url = nephi_record_text(record, nephi_member_find(NEPH_ENDPOINT_URL));
    int rc = call->action->table.each ? call->action->table.each(call, record) : 0;
    if (rc == NEPH_DROP)
        return 0;
    rc = nephi_engine_hook(call, rc, "failed on an endpoint");
    if (rc || !call->is_login || !url)
        return rc;
    return nephi_cloud_add_endpoint(call->cloud, service, url, 1, &call->error);
}

/* All of them, first come first; the list is last come first. */
static neph_call *waiting_take(neph_cloud *cloud)
{
    neph_call *taken = NULL, *call;
    while ((call = cloud->session.waiting) != NULL) {
        cloud->session.waiting = call->next_waiting;
        call->next_waiting = taken;
        taken = call;
    }
    return taken;
}

/* Those who waited go on, or fail as the login did. */
static void waiting_release(neph_cloud *cloud, const neph_call *login, int status)
{
    neph_call *call = waiting_take(cloud);
    while (call) {
        neph_call *next = call->next_waiting;
        call->state = NEPHI_READY;
        if (status) {
            nephi_error_copy(&call->error, &login->error);
            nephi_engine_finish(call, status);
        } else {
            nephi_task_queue(&call->host->loop, &call->task);
        }
        call = next;
    }
}

void nephi_login_done(neph_call *call, int status)
{
    neph_cloud *cloud = call->cloud;
    cloud->session.login = NULL;
    cloud->session.is_ready = !status;
    cloud->session.generation++;
    refresh_plan(cloud);
    waiting_release(cloud, call, status);
    call->is_freed = 1;
    call->next_dead = call->host->graveyard;
    call->host->graveyard = call;
}
