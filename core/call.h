/*
 * core/call.h - one operation in flight, as core's own files see it. The way of a call:
 *
 *   call.c      made, given arguments, started, waited for, freed
 *   engine.c    checked, logged in (login.c), given a place, asked, signed, sent
 *   attempt.c   one HTTP exchange: its body goes out, its reply is read by table (reply.c) or into the sink
 *   outcome.c   what the reply means: again, later, next page, next step, failed, done
 *   rate.c      how fast bodies move
 *   delivery.c  results on their way to the program, with backpressure
 *   perform.c   the other way, for providers that speak to no server
 *   many.c      and for what is done with calls of its own, one for each key
 *   watch.c     after the action: waiting for a state, with calls of its own (child.c)
 *   reconcile.c after a lost reply: what was made
 *   settle.c    what is not known everywhere yet
 */
#ifndef NEPHI_CALL_H
#define NEPHI_CALL_H

#include "core/argument.h"
#include "core/checksum.h"
#include "core/cloud.h"
#include "core/filter.h"
#include "core/request.h"
#include "core/sink.h"
#include "core/source.h"
#include "core/watch.h"

/* More results than this wait for the program (call->queue_most): the socket is not read. */
#define NEPHI_QUEUE_MAX 512
#define NEPHI_BLOCKED_POLL 2
#define NEPHI_FORMATS (NEPH_REPLY_TEXT + 1)

typedef enum nephi_state {
    NEPHI_NEW = 0,
    NEPHI_WAITING, /* for a login */
    NEPHI_QUEUED,  /* for a place among the cloud's requests */
    NEPHI_READY,   /* a task of it will run: ask, spool, digest, perform */
    NEPHI_DELAYED, /* until its timer */
    NEPHI_SENT,    /* the transport has it */
    NEPHI_LOOKING, /* for a call of its own: see child.c */
    NEPHI_DONE
} nephi_state;

/* What a child brought: its first result (taken over; NULL: none) and its error. */
typedef void (*nephi_looked_fn)(neph_call *call, neph_record *record, const nephi_error *error);

/* The next page, as far as the reply has told. */
typedef struct nephi_page {
    nephi_buffer token; /* of the page under way: what it was asked with */
    nephi_buffer next;  /* what the reply gave */
    nephi_buffer check; /* an earlier token: one that comes back is a circle */
    uint32_t number, check_at;
    int64_t seen;       /* results in its replies, those that a hook dropped too */
    int64_t seen_asked; /* of them before the request under way */
    int64_t before;     /* results of the pages before it */
    int has_more;       /* -1: not said */
    int is_stepping;    /* the request under way is not its first: what the first one told stays */
} nephi_page;

/* A reader with its parsers: lent to a reply while it is read, pooled by the host. */
typedef struct nephi_lease {
    struct nephi_lease *next;
    nephi_reader *reader;
    nephi_parser *parsers[NEPHI_FORMATS]; /* by NEPH_REPLY_…, made when one is needed first */
} nephi_lease;

/* One HTTP exchange and what was read of its reply. */
typedef struct nephi_attempt {
    neph_exchange exchange;
    int is_sent; /* the transport has it */
    int status;  /* HTTP; 0: none yet */
    int is_error_reply;
    int is_reading;    /* the reader was begun, and has not ended */
    int is_told;       /* the headers were all that it reads: what they say waits for the body */
    neph_record *told; /* linked by next */
    int64_t received;
    int has_error_rule; /* a rule said that this 2xx is a failure */
    nephi_lease *lease;
    nephi_buffer headers; /* name NUL value NUL … */
    nephi_buffer text;    /* the beginning of an error reply, or all of it for a trace */
    size_t body_at;       /* of a TEXT body */
    struct nephi_frames *frames;
} nephi_attempt;

struct neph_call {
    const neph_services *services;
    nephi_error *failure; /* &error */
    neph_host *host;
    neph_cloud *cloud;       /* NULL: it was closed */
    neph_call *next, **link; /* in cloud->calls */
    neph_call *next_waiting, *next_queued, *next_dead, *next_slowed;
    uint32_t op;
    const neph_op_info *info; /* of op; NULL: a login */
    const nephi_action *action;
    int is_creating; /* it makes something: see nephi_op_creates() */
    nephi_state state;
    int is_login;
    int is_sparing;        /* neph_wait(): results are dropped but the last */
    int is_freed;          /* in the graveyard */
    int is_notified;       /* on_done ran */
    int is_cancelled;      /* by its own source or sink: ends when that returns */
    int has_place;         /* counts in cloud->in_flight */
    int is_slowed;         /* waits for host->rate */
    int in_hook;           /* transport or provider code of this call is on the stack */
    int in_wait;           /* a function of the program's waits for it */
    uint32_t secret_count; /* of its arguments that are scrubbed */
    nephi_arguments arguments;
    nephi_filter filter;
    int hides_limit; /* from the provider: the host has filters that it knows nothing of */
    nephi_watch watch;
    neph_call *parent, *child; /* see child.c */
    nephi_looked_fn on_looked;
    int (*on_looked_at)(neph_call *call, const neph_record *record); /* NULL: any will do */
    neph_record *looked;                                             /* the child's result */
    int64_t asked_ns; /* when the request under way was asked */
    int64_t lost_ns;  /* and the first one whose reply was lost; 0: none */
    int is_searching; /* for what a request whose reply was lost has made */
    uint32_t settles; /* asked again for what is not known everywhere yet */
    neph_source source_spec;
    neph_sink sink_spec;
    nephi_source source;
    nephi_sink sink;
    nephi_checksum checksum; /* of the source or the sink */
    int64_t deadline_ms, limit;
    neph_result_fn on_result;
    void *on_result_user;
    neph_done_fn on_done;
    void *on_done_user;
    void (*on_ready)(void *user); /* results are queued, for who takes them himself; NULL */
    void *on_ready_user;

    char token[33]; /* for idempotency, made at its first use */
    void *memory;   /* the provider's */
    size_t memory_size;
    char *scratch[NEPH_SCRATCH_COUNT];
    uint32_t scratch_secret; /* a bit for each that is scrubbed */
    uint32_t step, next_step;
    int wants_step;
    int64_t step_delay_ms;

    int is_asked;
    int has_performed; /* perform ran: finish must */
    nephi_attempt attempt;
    uint32_t attempts, redirects, asks; /* of the request under way */
    int was_relogged, was_clocked;
    uint32_t session_used; /* generation */
    int32_t digest_wanted; /* algorithm that sign asked for and that is not there yet */
    void *digest;          /* nephi_digest under way */
    int32_t digest_have;
    char digest_hex[NEPH_DIGEST_HEX_MAX];
    nephi_page page;

    neph_record *made; /* by the provider, not emitted yet */
    neph_record *queue_first, *queue_last;
    uint32_t queue_size, queue_most;
    neph_record *current, *kept;
    int64_t delivered;          /* results so far, for limits */
    int64_t asked_results;      /* of them from the request under way */
    int has_unkeyed;            /* some of those have no key to know them by when they come again */
    nephi_buffer resume_key[2]; /* last key of objects and of prefixes, for pages asked again */
    int is_resuming;
    int is_paused;  /* the exchange waits for the program: results, sink or source */
    int is_blocked; /* perform waits: 1 for the program, NEPHI_BLOCKED_POLL for a pipe */
    int64_t progress_bytes;

    nephi_timer timer, deadline;
    nephi_task task, notify;

    /* from here on not zeroed with the rest: see nephi_call_create() */
    nephi_error error;
    nephi_error fault; /* what the error reply said: code, message, request id */
    neph_request request;
};

extern neph_call nephi_call_no_memory;

/* call.c */
void nephi_call_destroy(neph_call *call);
void nephi_calls_orphan(neph_cloud *cloud);
int64_t nephi_call_body_size(const neph_call *call);
neph_call *nephi_call_create(neph_cloud *cloud, uint32_t op);
/* The program's own token, or one that is made at its first use and stays. NULL: it could not be made. */
const char *nephi_call_token(neph_call *call);

/* child.c */
/* One that ends before the call does, not started; it is the caller's to free. NULL: out of memory. */
neph_call *nephi_child_make(neph_call *call, uint32_t op);
/* Makes call->child, to be given arguments; looked runs when it is done. */
int nephi_child_new(neph_call *call, uint32_t op, nephi_looked_fn looked);
void nephi_child_start(neph_call *call);
void nephi_child_end(neph_call *call);

/* reconcile.c */
/* Is the failure the lost reply of something that makes something? Notes since when. */
int nephi_reconcile_is_lost(neph_call *call);
/* Looks for what was made. 0: the action does not say how. */
int nephi_reconcile_begin(neph_call *call);
/* Before anything is asked: a token of the program's own may have made it before. 0 or NEPH_INVALID. */
int nephi_reconcile_plan(neph_call *call);
void nephi_reconcile_go(neph_call *call);
/* The call failed: its message tells what may exist. */
void nephi_reconcile_blame(neph_call *call);

/* settle.c */
/* Milliseconds to sleep before the next look: 1 s that becomes 10 s, and some. */
int64_t nephi_settle_pace_ms(const neph_host *host, uint32_t looks);
/* How long what was made may not be known everywhere. */
int64_t nephi_settle_ms(const neph_host *host);
/* The call has made this. */
void nephi_settle_note(neph_call *call, const char *id);
void nephi_settle_note_record(neph_call *call, const neph_record *record);
/* The call has ended what it is about. */
void nephi_settle_forget(neph_call *call);
/* After how long to ask again for what was not found; -1: it is not there. */
int64_t nephi_settle_delay_ms(neph_call *call);
/* What it does, an extension too; NULL: the host's own (login), or nothing that is known. */
const neph_op_info *nephi_call_operation(const neph_call *call);

/* engine.c */
void nephi_engine_start(neph_call *call);
/* Goes on from wherever it stands: ask, prepare, sign, send. */
void nephi_engine_go(neph_call *call);
/* Around code that may run a source or sink of the program, which may cancel this very call. */
void nephi_engine_enter(neph_call *call);
void nephi_engine_leave(neph_call *call);
/* What a provider's hook answered: 0, or the failure, made one that a hook may have. */
int nephi_engine_hook(neph_call *call, int32_t answer, const char *what);
/* The call is over; status 0 or the one in call->error. */
void nephi_engine_finish(neph_call *call, int status);
void nephi_engine_delay(neph_call *call, int64_t delay_ms);
void nephi_engine_release_place(neph_call *call);
/* Takes value over, NULL: none. 0 or NEPH_NO_MEMORY. */
int nephi_engine_scratch(neph_call *call, int32_t slot, char *value, int is_secret);

/* attempt.c */
int nephi_attempt_start(neph_call *call);
void nephi_attempt_abort(neph_call *call);
void nephi_attempt_forget(neph_call *call);
void nephi_attempt_resume(neph_call *call);
void nephi_leases_free(neph_host *host);
const char *nephi_attempt_header(const neph_call *call, const char *name);
/* Keeps the token of the next page. */
int nephi_attempt_page(neph_call *call, const char *text, size_t size);
/* What the cloud says, without secrets, into a field of an error; text may be the field itself. */
int nephi_attempt_quote(neph_call *call, char *field, size_t capacity, const char *text,
                        size_t size);

/* outcome.c */
void nephi_outcome(neph_call *call, int status);
/* Asks again after a while, if an attempt and time are left; else it fails with call->error. */
void nephi_outcome_again(neph_call *call);
void nephi_outcome_give_up(neph_call *call);
/* Is the request only a look at how far things are? */
int nephi_outcome_is_poll(const neph_call *call);
/* Is asking it twice as good as once? */
int nephi_outcome_is_harmless(const neph_call *call);
/* Status and retry of a failure that has a code, by the provider's table. */
void nephi_outcome_explain(const neph_call *call, nephi_error *error);

/* login.c */
/* 1: the session is ready. 0: the call waits for it, or has failed. */
int nephi_login_ensure(neph_call *call);
void nephi_login_stale(neph_call *call);
int nephi_login_value(neph_call *call, int32_t member, const char *text, size_t size);
/* What the login filled in; NULL: nothing. */
const char *nephi_login_text(const neph_cloud *cloud, int32_t member);
/* Wipes it. */
void nephi_login_forget(neph_cloud *cloud);
int nephi_login_endpoint(neph_call *call, neph_record *record);
void nephi_login_done(neph_call *call, int status);
void nephi_login_leave(neph_call *call);

/* delivery.c */
neph_record *nephi_delivery_make(neph_call *call, uint32_t kind);
int nephi_delivery_emit(neph_call *call, neph_record *record);
/* What was emitted while attempt.is_told waits for its body: that is there, or comes no more. */
int nephi_delivery_tell(neph_call *call);
void nephi_delivery_untell(neph_call *call);
void nephi_delivery_discard(neph_call *call, neph_record *record);
/* What was delivered to a child comes to its parent: taken from the one, given to the other, or freed. */
neph_record *nephi_delivery_steal(neph_call *child);
int nephi_delivery_adopt(neph_call *call, neph_record *record);
void nephi_delivery_release(neph_call *call, neph_record *record);
/* To the queue, whatever is waited for. */
void nephi_delivery_queue(neph_call *call, neph_record *record);
/* Sets a secret of a result that was delivered already. */
int nephi_delivery_secret(neph_call *call, neph_record *record, const nephi_member *member,
                          const char *text);
/* To callbacks, or dropped by a wait. Returns 0, or NEPH_CANCELLED if the call ended in a callback. */
int nephi_delivery_run(neph_call *call);
neph_record *nephi_delivery_take(neph_call *call);
void nephi_delivery_fini(neph_call *call);
int nephi_delivery_is_full(const neph_call *call);

/* perform.c */
void nephi_perform(neph_call *call);

/* trace.c */
void nephi_trace(neph_host *host, int32_t what, const char *text, size_t size);
void nephi_trace_request(neph_call *call);
void nephi_trace_reply(neph_call *call);

/* framing.c */
typedef struct nephi_frames nephi_frames;
int nephi_frames_begin(neph_call *call);
int64_t nephi_frames_read(neph_call *call, void *data, size_t size);
int64_t nephi_frames_length(const neph_call *call);
void nephi_frames_free(neph_call *call);

#endif
