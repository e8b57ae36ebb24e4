/*
 * core/cli/call.c - runs one call: results go to the rows as they come, Ctrl-C cancels, a terminal sees progress. Every
 * command of neph waits here and nowhere else.
 */
#include "core/cli/cli.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

typedef struct running {
    nephc *cli;
    const nephc_run *run;
    nephc_progress progress;
    int item_status; /* of the first result that was a failure itself */
} running;

/* What a result is called: its first member, an id or a key. */
static const char *name_of(const neph_result *result)
{
    const neph_kind_info *kind = neph_kind_find(result->kind);
    neph_value value = {0};

    if (kind && kind->member_count > 0)
        (void)neph_result_get(result, kind->members[0].member, &value);
    return value.type == NEPH_TYPE_STRING ? value.text : NULL;
}

static int fail_item(const nephc_run *run, const neph_result *result)
{
    const char *name = name_of(result);
    char what[4096];

    (void)snprintf(what, sizeof what, "%s%s%s", run->what, name ? " " : "", name ? name : "");
    return nephc_fail_error(what, run->cloud, result->error);
}

static int run_failed_item(running *state, const neph_result *result)
{
    int status = fail_item(state->run, result);

    if (state->item_status == NEPHC_DONE)
        state->item_status = status;
    return status;
}

static void on_result(neph_call *call, const neph_result *result, void *user)
{
    running *state = user;

    if (result->error) {
        (void)run_failed_item(state, result);
    } else {
        nephc_rows_result(state->run->rows, result);
        if (state->run->doubts)
            nephc_doubts_add(state->run->doubts, result);
    }
    if (state->cli->out.error)
        neph_call_cancel(call); /* nobody reads, or the disk is full */
}

static void show_progress(running *state, const neph_call *call)
{
    nephc_amount amount = {-1, -1, 0};

    if (!state->run->shows_progress)
        return;
    neph_call_progress(call, &amount.done, &amount.total);
    nephc_progress_show(&state->progress, &amount);
}

static int wait_all(running *state, neph_call *call)
{
    int rc = neph_call_start(call);

    if (rc && neph_call_is_done(call))
        return rc;
    for (;;) {
        if (nephc_interrupted())
            neph_call_cancel(call);
        rc = neph_wait_for(call, NEPHC_TURN_MS);
        if (rc != NEPH_AGAIN)
            return rc;
        show_progress(state, call);
    }
}

static int wait_with(running *state, neph_call *call)
{
    const nephc_run *run = state->run;
    int rc;

    if (run->rows) /* what came before a failure is shown: nobody may tell it again */
        neph_on_result(call, on_result, state);
    nephc_progress_begin(&state->progress, state->cli, run->subject ? run->subject : run->what,
                         run->writes_stdout);
    rc = wait_all(state, call);
    nephc_progress_clear(&state->progress);
    return rc;
}

int nephc_call_wait(nephc *cli, neph_call *call, const nephc_run *run)
{
    running state = {.cli = cli, .run = run};

    return wait_with(&state, call);
}

/* The library wrote to standard output by itself, and nobody reads it any more. */
static int is_pipe_broken(void)
{
    struct pollfd entry = {.fd = 1, .events = POLLOUT};

    return poll(&entry, 1, 0) > 0 && (entry.revents & POLLERR) != 0;
}

/* Whoever pressed Ctrl-C knows that it was cancelled, but not what there is now. */
static int tells_news(const neph_error *error)
{
    return error->created_count > 0 ||
           strcmp(error->message, neph_status_name(NEPH_CANCELLED)) != 0;
}

int nephc_run_fail(nephc *cli, const neph_error *error, const nephc_run *run)
{
    int is_interrupted = nephc_interrupted() && error->status == NEPH_CANCELLED;
    int status;
    char what[1024];

    if (is_interrupted && !tells_news(error))
        return 128 + nephc_interrupted();
    if (run->writes_stdout && error->status == NEPH_FILE && is_pipe_broken())
        cli->out.error = EPIPE;
    if (cli->out.error)
        return NEPHC_FAILED; /* what is wrong with the output is said at the end */
    (void)snprintf(what, sizeof what, "%s%s%s", run->what, run->subject ? " " : "",
                   run->subject ? run->subject : "");
    status = nephc_fail_error(what, run->cloud, error);
    return is_interrupted ? 128 + nephc_interrupted() : status;
}

int nephc_call_fail(nephc *cli, const neph_call *call, const nephc_run *run)
{
    return nephc_run_fail(cli, neph_call_error(call), run);
}

int nephc_call_run(nephc *cli, neph_call *call, const nephc_run *run)
{
    running state = {.cli = cli, .run = run};
    int rc = wait_with(&state, call);

    return rc == 0 ? state.item_status : nephc_call_fail(cli, call, run);
}

/* ---- several at once */

typedef struct running_all {
    nephc *cli;
    const nephc_run *run;
    const nephc_one *ones;
    const char *done;
    size_t count;
    size_t left;
    size_t failed;
    size_t items; /* results that were failures themselves */
    int status;   /* of those that failed */
    int differs;  /* they failed in different ways */
} running_all;

static const nephc_one *one_of(const running_all *state, const neph_call *call)
{
    const nephc_one *one = state->ones;

    while (one->call != call)
        one++;
    return one;
}

static void count_failure(running_all *state, int status)
{
    state->differs |= state->failed > 0 && state->status != status;
    state->status = status;
    state->failed++;
}

static void on_one_result(neph_call *call, const neph_result *result, void *user)
{
    running_all *state = user;

    (void)call;
    if (result->error) {
        (void)fail_item(state->run, result);
        state->items++;
    } else if (state->run->rows)
        nephc_rows_result(state->run->rows, result);
}

static void on_one_done(neph_call *call, int status, void *user)
{
    running_all *state = user;
    nephc_run run = *state->run;

    run.subject = one_of(state, call)->subject;
    state->left--;
    if (status)
        count_failure(state, nephc_call_fail(state->cli, call, &run));
    else if (state->cli->options.verbose)
        nephc_note(state->cli, "%s %s", state->done, run.subject);
}

static void cancel_all(const running_all *state)
{
    size_t i;

    for (i = 0; i < state->count; i++)
        neph_call_cancel(state->ones[i].call);
}

int nephc_calls_run(nephc *cli, const nephc_run *run, const nephc_one *ones, size_t count,
                    const char *done)
{
    running_all state = {
        .cli = cli, .run = run, .ones = ones, .done = done, .count = count, .left = count};
    size_t i;

    for (i = 0; i < count; i++) {
        neph_on_result(ones[i].call, on_one_result, &state);
        neph_on_done(ones[i].call, on_one_done, &state);
        if (neph_call_is_done(ones[i].call)) /* there was no memory for it */
            on_one_done(ones[i].call, NEPH_NO_MEMORY, &state);
        else
            (void)neph_call_start(ones[i].call);
    }
    while (state.left > 0) {
        if (nephc_interrupted())
            cancel_all(&state);
        if (neph_host_dispatch(cli->host, NEPHC_TURN_MS) != 0)
            return NEPHC_FAILED;
    }
    if (nephc_interrupted() && state.failed)
        return 128 + nephc_interrupted();
    if (state.failed == count && !state.differs)
        return state.status;
    return state.failed || state.items ? NEPHC_FAILED : NEPHC_DONE;
}

nephc_shape nephc_shape_of(uint32_t kind)
{
    const neph_kind_info *info = neph_kind_find(kind);
    nephc_shape shape = {NULL, 0, kind, 0, 0};

    if (info) {
        shape.members = info->members;
        shape.member_count = info->member_count;
    }
    return shape;
}

int nephc_call_print(nephc *cli, neph_call *call, nephc_run *run, const nephc_shape *shape)
{
    nephc_doubts doubts = {0, 0};
    nephc_rows rows;
    int status;

    if (nephc_rows_begin(&rows, &cli->out, (nephc_format)cli->options.format, shape) != 0)
        return nephc_fail_memory();
    run->rows = &rows;
    run->doubts = &doubts;
    status = nephc_call_run(cli, call, run);
    /* A failure before the first row leaves stdout empty; behind one, what was printed stays well-formed. */
    if (status == NEPHC_DONE || rows.count > 0)
        nephc_rows_end(&rows);
    else
        nephc_rows_drop(&rows);
    nephc_doubts_say(cli, &doubts);
    run->rows = NULL;
    run->doubts = NULL;
    return status;
}
