/*
 * tests/engine/mock.h - a transport whose server is a list of replies in the test: delivers in pieces, pauses, fails at any
 * point, never answers, and remembers what it was asked. No sockets.
 */
#ifndef TESTS_ENGINE_MOCK_H
#define TESTS_ENGINE_MOCK_H

#include <neph/neph.h>

#define MOCK_REQUESTS 512

/* Where an exchange breaks. */
enum {
    MOCK_WHOLE = 0,
    MOCK_FAIL_START = 1,   /* start() refuses it */
    MOCK_FAIL_UNSENT = 2,  /* no connection: nothing went out */
    MOCK_FAIL_SENT = 3,    /* the request went out, no answer came */
    MOCK_FAIL_HEADERS = 4, /* behind the headers */
    MOCK_FAIL_BODY = 5,    /* behind `fail_after` bytes of the body */
    MOCK_SILENT = 6,       /* the request goes out, nothing comes, for ever */
    MOCK_SILENT_BODY = 7   /* the same behind `fail_after` bytes of the body */
};

typedef struct mock_reply {
    int32_t status;      /* of HTTP; 0: 200 */
    const char *headers; /* "Name: value\n" ... */
    const char *body;    /* NULL: none */
    size_t body_size;    /* 0: a text */
    int fail;            /* MOCK_… */
    int32_t failure;     /* neph_status; 0: NEPH_NETWORK */
    int is_permanent;    /* and it would fail again */
    size_t fail_after;
    const char *match; /* only for URLs that hold this; NULL: any */
    int is_early;      /* answers without reading the request's body */
    int stays;         /* answers again and again */
} mock_reply;

/* What went out. */
typedef struct mock_request {
    char *method, *url;
    char *headers; /* "Name: value\n" ... */
    char *body;
    size_t body_size;
    int64_t promised; /* exchange->body_size */
    int is_cancelled;
    char *unix_socket;
    int no_proxy;
} mock_request;

typedef struct mock_job mock_job;

typedef struct mock {
    const mock_reply
        *replies; /* the first unused one that matches answers; the last row has `match` "" */
    size_t reply_count;
    int used[MOCK_REQUESTS];
    mock_request requests[MOCK_REQUESTS];
    size_t request_count;
    size_t piece;     /* bytes of one on_body(); 0: all at once */
    size_t read_size; /* bytes of one read_body(); 0: 16 KiB */
    int is_slow;      /* one step of one exchange in each dispatch */
    int has_fd;       /* says by a descriptor that there is something to do */
    int event_fd;
    const char *held; /* requests whose URL holds this are not answered yet; NULL: none */
    int is_rewinding; /* starts each body over once, in its middle */
    int again_count;  /* NEPH_AGAIN from on_body */
    int read_again_count;
    int resume_count, cancel_count, done_count, close_count;
    int in_flight, in_flight_max;
    int is_dispatching;
    mock_job *jobs;
} mock;

extern const neph_transport mock_transport;

/* The mock that the next host of this thread gets. Replies may be set at any time before they are needed. */
void mock_use(mock *next);
void mock_script(mock *to, const mock_reply *replies, size_t count);
#define MOCK_SCRIPT(to, array) mock_script(to, array, sizeof(array) / sizeof *(array))
void mock_fini(mock *used);
/* The value of a header of a request; NULL: it has none. Lives until the next call. */
const char *mock_header(const mock *from, size_t index, const char *name);

#endif /* TESTS_ENGINE_MOCK_H */
