/*
 * compute_library.c - the compute conformance suite through neph.h: what a call is asked for and what it takes, waiting,
 * callbacks, cancelling and freeing, which the command does not show.
 *
 *   compute_library CLOUD IMAGE SIZE [NAME=VALUE]...     settings from the environment too; an empty IMAGE: only what
 *                                                        makes nothing
 *
 * Prints "ok library NAME" or "not ok library NAME: why" for each case and ends with status 1 if one failed.
 */
#include <neph/neph.h>

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SETTINGS_MAX = 16, MANY = 5, IDS_MAX = 32 };

typedef struct fixture {
    neph_host *host;
    neph_cloud *cloud;
    const char *image, *size;
    int requests; /* that the host has sent, by its trace */
    int is_secret_seen;
    char name[64];
    char ids[IDS_MAX][64]; /* of nodes, to be destroyed */
    int id_count;
    char why[512];
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

static void count_request(int32_t what, const char *text, size_t size, void *user)
{
    fixture *f = user;
    size_t i;

    f->requests += what == NEPH_TRACE_REQUEST;
    for (i = 0; i + 11 < size; i++)
        f->is_secret_seen |= memcmp(text + i, "PRIVATE KEY", 11) == 0;
}

static int64_t now_ms(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return (int64_t)at.tv_sec * 1000 + at.tv_nsec / 1000000;
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

static void remember(fixture *f, const char *id)
{
    if (id && f->id_count < IDS_MAX)
        snprintf(f->ids[f->id_count++], sizeof f->ids[0], "%s", id);
}

/* Starts the creation of a node. wait may be NULL. */
static neph_call *create(fixture *f, const neph_wait_options *wait)
{
    static int serial;
    neph_node_options options = NEPH_NODE_OPTIONS_INIT;

    snprintf(f->name, sizeof f->name, "library-%d-%d", (int)getpid(), ++serial);
    options.name = f->name;
    options.image_id = f->image;
    options.size_id = f->size;
    options.wait = wait;
    return neph_node_create(f->cloud, &options);
}

/* A node that runs; its id in `id`. 0 or -1. */
static int create_running(fixture *f, char *id, size_t size)
{
    neph_wait_options wait = NEPH_WAIT_OPTIONS_INIT;
    const neph_node *node;
    neph_call *call;
    int rc;

    wait.wait = 1;
    call = create(f, &wait);
    rc = neph_wait(call);
    node = (const neph_node *)neph_call_result(call);
    if (node && node->result.kind == NEPH_KIND_NODE && node->id)
        snprintf(id, size, "%s", node->id);
    if (rc)
        rc = fails(f, "create: %s", neph_call_error(call)->message);
    else if (!node || !node->id || node->state != NEPH_NODE_RUNNING)
        rc = fails(f, "created with wait, and not running");
    if (node)
        remember(f, node->id);
    neph_call_free(call);
    return rc;
}

/* ---- what a cloud cannot do is told before anything is sent */

static void set_any(neph_call *call, const neph_member_info *argument)
{
    static const neph_pair pair = {"name", "value"};
    static const char *const strings[] = {"text"};

    switch (argument->type) {
    case NEPH_TYPE_INTEGER:
    case NEPH_TYPE_DECIMAL:
    case NEPH_TYPE_BOOLEAN:
    case NEPH_TYPE_ENUM: neph_call_set_integer(call, argument->member, 1); break;
    case NEPH_TYPE_PAIRS: neph_call_set_pairs(call, argument->member, &pair, 1); break;
    case NEPH_TYPE_STRINGS: neph_call_set_strings(call, argument->member, strings, 1); break;
    default: neph_call_set_string(call, argument->member, "text"); break;
    }
}

static int is_storage(const neph_op_info *op)
{
    return op->op >= NEPH_OP_BUCKET_LIST;
}

/* A call with all it needs, and `also` (NULL: nothing). */
static neph_call *call_any(fixture *f, const neph_op_info *op, const neph_member_info *also)
{
    neph_call *call = neph_call_new(f->cloud, op->op);
    uint32_t i;

    for (i = 0; i < op->argument_count; i++)
        if (&op->arguments[i] == also || (op->arguments[i].flags & NEPH_INFO_REQUIRED))
            set_any(call, &op->arguments[i]);
    return call;
}

static int is_unsupported(fixture *f, const neph_op_info *op, const neph_member_info *also)
{
    neph_call *call = call_any(f, op, also);
    int before = f->requests;
    int rc = neph_call_start(call);

    if (rc != NEPH_UNSUPPORTED)
        rc = fails(f, "%s %s: status %d at the start", op->name, also ? also->name : "", rc);
    else if (neph_wait(call) != NEPH_UNSUPPORTED || f->requests != before)
        rc = fails(f, "%s %s: something was sent", op->name, also ? also->name : "");
    else if (neph_call_error(call)->sent || !strstr(neph_call_error(call)->message, op->name))
        rc = fails(f, "%s: \"%s\"", op->name, neph_call_error(call)->message);
    else
        rc = 0;
    neph_call_free(call);
    return rc;
}

static int what_it_cannot_is_told_unasked(fixture *f)
{
    const neph_op_info *op;
    size_t i;

    for (i = 0; (op = neph_op_at(i)); i++)
        if (!is_storage(op) && !neph_cloud_can(f->cloud, op->op) && is_unsupported(f, op, NULL))
            return -1;
    return 0;
}

static int what_it_does_not_take_is_told_unasked(fixture *f)
{
    const neph_op_info *op;
    size_t i;
    uint32_t j;

    for (i = 0; (op = neph_op_at(i)); i++) {
        if (is_storage(op) || !neph_cloud_can(f->cloud, op->op))
            continue;
        for (j = 0; j < op->argument_count; j++)
            if (!neph_cloud_takes(f->cloud, op->op, op->arguments[j].member) &&
                is_unsupported(f, op, &op->arguments[j]))
                return -1;
    }
    return 0;
}

/* The host filters and waits itself, so every cloud that lists takes every filter. */
static int every_list_takes_every_filter(fixture *f)
{
    const neph_op_info *op;
    size_t i;
    uint32_t j;

    for (i = 0; (op = neph_op_at(i)); i++) {
        if (is_storage(op) || strcmp(op->verb, "list") || !neph_cloud_can(f->cloud, op->op))
            continue;
        for (j = 0; j < op->argument_count; j++)
            if (op->arguments[j].member != NEPH_LIST_OWNER &&
                !neph_cloud_takes(f->cloud, op->op, op->arguments[j].member))
                return fails(f, "%s does not take %s", op->name, op->arguments[j].name);
    }
    return 0;
}

static int a_missing_argument_is_invalid(fixture *f)
{
    neph_call *call = neph_node_create(f->cloud, NULL);
    int before = f->requests, rc = neph_wait(call);

    neph_call_free(call);
    if (rc != NEPH_INVALID || f->requests != before)
        return fails(f, "status %d, %d requests", rc, f->requests - before);
    call = neph_node_show(f->cloud, NULL);
    rc = neph_wait(call);
    neph_call_free(call);
    return rc == NEPH_INVALID ? 0 : fails(f, "show without an id: status %d", rc);
}

/* ---- lists */

static int lists_stream(fixture *f)
{
    neph_list_options options = NEPH_LIST_OPTIONS_INIT;
    const neph_size *size;
    neph_call *call = neph_size_list(f->cloud, NULL);
    int count = 0, odd = 0;

    while ((size = neph_next_size(call))) {
        count++;
        odd += !size->id || size->price_nano == 0;
    }
    if (finish(f, "size list", call))
        return -1;
    if (count == 0 || odd)
        return fails(f, "%d sizes, %d of them without an id or with a price of 0", count, odd);
    options.limit = 1;
    call = neph_size_list(f->cloud, &options);
    count = 0;
    while (neph_next_size(call))
        count++;
    if (finish(f, "size list", call))
        return -1;
    return count == 1 ? 0 : fails(f, "%d sizes with limit 1", count);
}

static int kept_results_live_on(fixture *f)
{
    neph_call *call = neph_image_list(f->cloud, NULL);
    const neph_image *first = neph_next_image(call);
    char id[256] = "";
    int rc = 0;

    if (!first || neph_keep(call, (const neph_result *)first))
        rc = fails(f, "there is nothing to keep");
    else
        snprintf(id, sizeof id, "%s", first->id);
    while (!rc && neph_next_image(call))
        continue;
    if (!rc && strcmp(first->id, id))
        rc = fails(f, "the kept one became %s", first->id);
    neph_call_free(call);
    return rc;
}

static int a_list_may_be_left_at_any_moment(fixture *f)
{
    int rounds;

    for (rounds = 0; rounds < 20; rounds++) {
        neph_call *call = neph_image_list(f->cloud, NULL);
        int taken;

        for (taken = 0; taken < rounds % 3; taken++)
            (void)neph_next(call);
        if (rounds % 2)
            neph_call_cancel(call);
        neph_call_free(call);
    }
    return finish(f, "image list", neph_image_list(f->cloud, NULL));
}

/* ---- waiting */

static int a_node_is_waited_for(fixture *f)
{
    neph_wait_options wait = NEPH_WAIT_OPTIONS_INIT;
    const neph_node *node;
    neph_call *call;
    char id[64];
    int rc;

    wait.wait = 1;
    wait.wait_seconds = 60;
    if (create_running(f, id, sizeof id) || finish(f, "stop", neph_node_stop(f->cloud, id, &wait)))
        return -1;
    call = neph_node_show(f->cloud, id);
    rc = neph_wait(call);
    node = (const neph_node *)neph_call_result(call);
    if (rc || !node || node->state != NEPH_NODE_STOPPED)
        rc = fails(f, "stopped with wait, and is %s",
                   node ? neph_node_state_name(node->state) : "not there");
    neph_call_free(call);
    if (rc || finish(f, "start", neph_node_start(f->cloud, id, &wait)))
        return -1;
    return finish(f, "destroy", neph_node_destroy(f->cloud, id, &wait));
}

static void count_done(neph_call *call, int status, void *user)
{
    int *counts = user;

    (void)call;
    counts[status ? 1 : 0]++;
}

static void take_node(neph_call *call, const neph_result *result, void *user)
{
    (void)call;
    if (result->kind == NEPH_KIND_NODE)
        remember(user, ((const neph_node *)result)->id);
}

/* Drives the host with poll() as any event loop would, until all are done; 0 or -1. */
static int drive(fixture *f, const int *counts, int wanted)
{
    int64_t end = now_ms() + 60000;

    while (now_ms() < end && counts[0] + counts[1] < wanted) {
        struct pollfd wait = {neph_host_fd(f->host), POLLIN, 0};
        int64_t timeout = neph_host_timeout_ms(f->host);

        if (wait.fd >= 0)
            poll(&wait, 1, timeout < 0 || timeout > 1000 ? 1000 : (int)timeout);
        neph_host_dispatch(f->host, wait.fd >= 0 ? 0 : 100);
    }
    return counts[0] + counts[1] == wanted ? 0 : -1;
}

/* While several are waited for, the loop of the program sleeps: it does not spin. */
static int many_are_waited_for_in_an_event_loop(fixture *f)
{
    neph_wait_options wait = NEPH_WAIT_OPTIONS_INIT;
    neph_call *calls[MANY];
    int counts[2] = {0, 0}, before = f->id_count, i, rc;
    struct timespec cpu;

    wait.wait = 1;
    for (i = 0; i < MANY; i++) {
        calls[i] = create(f, &wait);
        neph_on_result(calls[i], take_node, f);
        neph_on_done(calls[i], count_done, counts);
    }
    rc = drive(f, counts, MANY);
    for (i = 0; i < MANY; i++)
        neph_call_free(calls[i]);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    if (rc || counts[1])
        return fails(f, "%d done, %d failed of %d", counts[0], counts[1], MANY);
    if (cpu.tv_sec > 20)
        return fails(f, "it took %ld s of CPU", (long)cpu.tv_sec);
    return f->id_count - before == MANY ? 0 : fails(f, "%d nodes told", f->id_count - before);
}

static int a_call_that_waits_can_be_freed(fixture *f)
{
    neph_wait_options wait = NEPH_WAIT_OPTIONS_INIT;
    char names[4][64];
    int i;

    wait.wait = 1;
    for (i = 0; i < 4; i++) {
        neph_call *call = create(f, &wait);
        int64_t end = now_ms() + i * 30;

        snprintf(names[i], sizeof names[i], "%s", f->name);
        do
            neph_host_dispatch(f->host, i ? 5 : 0);
        while (now_ms() < end);
        neph_call_free(call);
    }
    for (i = 0; i < 4; i++) { /* what was made all the same is ended */
        neph_list_options options = NEPH_LIST_OPTIONS_INIT;
        const neph_node *node;
        neph_call *call;

        options.name = names[i];
        call = neph_node_list(f->cloud, &options);
        while ((node = neph_next_node(call)))
            remember(f, node->id);
        if (finish(f, "node list", call))
            return -1;
    }
    return 0;
}

static int a_call_that_waits_can_be_cancelled(fixture *f)
{
    neph_wait_options wait = NEPH_WAIT_OPTIONS_INIT;
    char id[64];
    neph_call *call;
    int64_t began;
    int rc;

    wait.wait = 1;
    if (create_running(f, id, sizeof id))
        return -1;
    call = neph_node_stop(f->cloud, id, &wait);
    neph_host_dispatch(f->host, 0);
    began = now_ms();
    neph_call_cancel(call);
    rc = neph_wait(call);
    neph_call_free(call);
    if (now_ms() - began > 1000)
        return fails(f, "it took %d ms", (int)(now_ms() - began));
    return rc == NEPH_CANCELLED || rc == 0 ? 0 : fails(f, "status %d", rc);
}

/* neph_wait_for() comes back in time while a call waits for a state. */
static int waiting_in_slices(fixture *f)
{
    neph_wait_options wait = NEPH_WAIT_OPTIONS_INIT;
    int rounds = 0, rc;
    neph_call *call;

    wait.wait = 1;
    call = create(f, &wait);
    while ((rc = neph_wait_for(call, 2)) == NEPH_AGAIN && rounds < 30000)
        rounds++;
    if (rc)
        rc = fails(f, "status %d after %d rounds", rc, rounds);
    else if (neph_call_result(call))
        remember(f, ((const neph_node *)neph_call_result(call))->id);
    neph_call_free(call);
    return rc;
}

/* ---- errors, secrets */

static int errors_have_status_and_id(fixture *f)
{
    static const char missing[] = "i-0123456789abcdef0";
    neph_call *call = neph_node_show(f->cloud, missing);
    int rc = neph_wait(call), shown = strstr(neph_call_error(call)->message, missing) != NULL;

    neph_call_free(call);
    if (rc != NEPH_NOT_FOUND || !shown)
        return fails(f, "status %d, the id is %sin the message", rc, shown ? "" : "not ");
    call = neph_volume_detach(f->cloud, "vol-0123456789abcdef0", 0, NULL);
    rc = neph_wait(call);
    neph_call_free(call);
    return rc == NEPH_NOT_FOUND ? 0 : fails(f, "detach: status %d", rc);
}

static int a_private_key_is_told_once(fixture *f)
{
    const neph_key *key;
    neph_call *call;
    char name[64];
    int rc;

    snprintf(name, sizeof name, "library-key-%d", (int)getpid());
    f->is_secret_seen = 0;
    call = neph_key_create(f->cloud, name);
    rc = neph_wait(call);
    key = (const neph_key *)neph_call_result(call);
    if (rc || !key || !key->private_key || strncmp(key->private_key, "-----BEGIN", 10) != 0)
        rc = fails(f, "key create: %s", neph_call_error(call)->message);
    neph_call_free(call);
    if (!rc) {
        call = neph_key_create(f->cloud, name);
        rc = neph_wait(call) == NEPH_EXISTS ? 0 : fails(f, "a second one of that name");
        neph_call_free(call);
    }
    if (!rc) {
        call = neph_key_list(f->cloud, NULL);
        while ((key = neph_next_key(call)))
            rc |= key->private_key ? fails(f, "key list tells a private key") : 0;
        rc |= finish(f, "key list", call);
    }
    rc |= finish(f, "key delete", neph_key_delete(f->cloud, name));
    return rc || !f->is_secret_seen ? rc : fails(f, "the trace shows the private key");
}

static int conflicts_have_their_status(fixture *f)
{
    neph_volume_options options = NEPH_VOLUME_OPTIONS_INIT;
    neph_wait_options wait = NEPH_WAIT_OPTIONS_INIT;
    const neph_volume *volume;
    const neph_node *node;
    neph_call *shown, *made, *call;
    char id[64];
    int rc;

    if (create_running(f, id, sizeof id))
        return -1;
    shown = neph_node_show(f->cloud, id);
    rc = neph_wait(shown);
    node = (const neph_node *)neph_call_result(shown);
    wait.wait = 1;
    options.name = f->name;
    options.size_bytes = (int64_t)1 << 30;
    options.location_id = rc || !node ? NULL : node->location_id;
    options.wait = &wait;
    made = neph_volume_create(f->cloud, &options);
    rc = neph_wait(made);
    volume = (const neph_volume *)neph_call_result(made);
    if (rc || !volume) {
        rc = fails(f, "volume create: %s", neph_call_error(made)->message);
        goto out;
    }
    call = neph_volume_detach(f->cloud, volume->id, 0, NULL);
    rc = neph_wait(call) == NEPH_CONFLICT
             ? 0
             : fails(f, "detach of what is not attached is no conflict");
    neph_call_free(call);
    if (!rc)
        rc = finish(f, "attach", neph_volume_attach(f->cloud, volume->id, id, NULL, &wait));
    if (!rc) {
        call = neph_volume_delete(f->cloud, volume->id, NULL);
        rc = neph_wait(call) == NEPH_CONFLICT
                 ? 0
                 : fails(f, "delete of what is attached is no conflict");
        neph_call_free(call);
        rc |= finish(f, "detach", neph_volume_detach(f->cloud, volume->id, 0, NULL));
    }
    rc |= finish(f, "delete", neph_volume_delete(f->cloud, volume->id, &wait));
out:
    neph_call_free(made);
    neph_call_free(shown);
    return rc;
}

/* The last case that makes something: all of it at once. */
static int everything_is_destroyed(fixture *f)
{
    neph_call *calls[IDS_MAX];
    int counts[2] = {0, 0}, i, rc;

    for (i = 0; i < f->id_count; i++) {
        calls[i] = neph_node_destroy(f->cloud, f->ids[i], NULL);
        neph_on_done(calls[i], count_done, counts);
    }
    rc = drive(f, counts, f->id_count);
    for (i = 0; i < f->id_count; i++) {
        int status = neph_wait(calls[i]);
        if (status && status != NEPH_NOT_FOUND)
            rc = fails(f, "%s: %s", f->ids[i], neph_call_error(calls[i])->message);
        neph_call_free(calls[i]);
    }
    return rc;
}

static const struct {
    const char *name;
    int (*run)(fixture *f);
    int makes; /* something, so it needs a cloud where what is made is there */
} cases[] = {
    {"what_it_cannot_is_told_unasked", what_it_cannot_is_told_unasked, 0},
    {"what_it_does_not_take_is_told_unasked", what_it_does_not_take_is_told_unasked, 0},
    {"every_list_takes_every_filter", every_list_takes_every_filter, 0},
    {"a_missing_argument_is_invalid", a_missing_argument_is_invalid, 0},
    {"lists_stream", lists_stream, 0},
    {"kept_results_live_on", kept_results_live_on, 0},
    {"a_list_may_be_left_at_any_moment", a_list_may_be_left_at_any_moment, 0},
    {"a_node_is_waited_for", a_node_is_waited_for, 1},
    {"many_are_waited_for_in_an_event_loop", many_are_waited_for_in_an_event_loop, 1},
    {"a_call_that_waits_can_be_freed", a_call_that_waits_can_be_freed, 1},
    {"a_call_that_waits_can_be_cancelled", a_call_that_waits_can_be_cancelled, 1},
    {"waiting_in_slices", waiting_in_slices, 1},
    {"errors_have_status_and_id", errors_have_status_and_id, 1},
    {"a_private_key_is_told_once", a_private_key_is_told_once, 1},
    {"conflicts_have_their_status", conflicts_have_their_status, 1},
    {"everything_is_destroyed", everything_is_destroyed, 1},
};

static int open_cloud(fixture *f, int argc, char **argv)
{
    neph_setting_value settings[SETTINGS_MAX];
    neph_host_config config = NEPH_HOST_CONFIG_INIT;
    size_t count = 0;
    int i;

    for (i = 4; i < argc && count < SETTINGS_MAX; i++) {
        char *value = strchr(argv[i], '=');
        if (!value)
            return 2;
        *value = 0;
        settings[count].name = argv[i];
        settings[count++].value = value + 1;
    }
    config.sources = NEPH_SOURCE_ENVIRONMENT;
    config.trace = count_request;
    config.trace_user = f;
    if (neph_host_new(&config, &f->host))
        return 1;
    if (neph_cloud_open(f->host, argv[1], settings, count, &f->cloud)) {
        printf("not ok library: %s\n", neph_host_error(f->host)->message);
        return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    fixture f = {0};
    size_t i;
    int failed = 1;

    if (argc < 4)
        return 2;
    f.image = argv[2];
    f.size = argv[3];
    if (open_cloud(&f, argc, argv))
        goto out;
    failed = 0;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (cases[i].makes && !f.image[0])
            continue;
        if (cases[i].run(&f) == 0) {
            printf("ok library %s\n", cases[i].name);
        } else {
            printf("not ok library %s: %s\n", cases[i].name, f.why);
            failed = 1;
        }
        fflush(stdout);
    }
out:
    neph_cloud_close(f.cloud);
    neph_host_free(f.host);
    return failed;
}
