/*
 * neph/transport.h - the table of functions by which neph sends requests. Included by neph/neph.h. Only a program
 * that brings its own transport (neph_host_config.transport) looks at it; everybody else gets the one over libcurl.
 *
 * One transport state belongs to one host and runs on its thread. Callbacks of an exchange run only inside
 * dispatch(). Since 0.1.
 */
#ifndef NEPH_TRANSPORT_H
#define NEPH_TRANSPORT_H

#include <neph/vocabulary.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What open() is told. Strings are borrowed for the state's life; NULL or 0: the transport's default. */
typedef struct neph_transport_config {
    size_t size;
    const char *ca_file;
    const char *client_certificate;
    const char *client_key;
    const char *proxy; /* NULL: https_proxy, http_proxy, no_proxy of the environment are honoured */
    const char *user_agent;
    int64_t max_connections; /* kept open and used at once, over all origins */
    int64_t connect_timeout_ms;
    int64_t stall_timeout_ms; /* no byte in either direction for so long */
    int32_t use_environment;  /* 0: proxy variables are not looked at */
    int32_t insecure;         /* 1: certificates are not verified; for tests alone */
} neph_transport_config;

/* A header line; the name as given, the value without surrounding blanks. */
typedef struct neph_header {
    const char *name;
    const char *value;
} neph_header;

/*
 * One request and its answer. The host fills in everything before start() and keeps it alive until on_done was
 * called or cancel() has returned. The transport adds no header of its own except Host and what carries the body
 * (Content-Length as body_size says, Transfer-Encoding, Connection, Expect as asked): what is signed is what goes out.
 */
typedef struct neph_exchange {
    size_t size;
    const char *method;
    const char *url;         /* absolute, encoded; sent as it is, or without an empty query */
    const char *unix_socket; /* NULL, or connect there instead */
    const neph_header *headers;
    size_t header_count;
    int64_t body_size;       /* 0: none; -1: not known, chunked */
    int32_t expect_continue; /* 1: wait for "100 Continue", a second at most */
    int32_t no_proxy;
    /* Fills up to size bytes; returns how many, 0 at the end, NEPH_AGAIN (resume() follows) or a failure. */
    int64_t (*read_body)(struct neph_exchange *exchange, void *data, size_t size);
    /* Starts the body over; returns 0 or a failure. Called when the transport must send it again by itself. */
    int32_t (*rewind_body)(struct neph_exchange *exchange);
    /* The status of the final answer (never 1xx), before its headers. Returns 0, or a failure that ends it. */
    int32_t (*on_status)(struct neph_exchange *exchange, int32_t http_status);
    int32_t (*on_header)(struct neph_exchange *exchange, const char *name, const char *value);
    /* After the last header, before the body. */
    int32_t (*on_headers_done)(struct neph_exchange *exchange);
    /* Body bytes. Returns 0, NEPH_AGAIN (none taken: offered again after resume()) or a failure that ends it. */
    int32_t (*on_body)(struct neph_exchange *exchange, const void *data, size_t size);
    /* The last callback: 0, or NEPH_NETWORK, NEPH_TIMEOUT, NEPH_NO_MEMORY ... with a one-line message. `sent`: the
     * request, or a part, may have reached the server. A failure returned by a callback comes back as it was. */
    void (*on_done)(struct neph_exchange *exchange, int32_t status, const char *message,
                    int32_t sent);
    void *user;      /* the host's */
    void *transport; /* the transport's */
    /* Set by the transport before on_done; 1: asking again would fail in the same way, as with a certificate that is
     * not trusted. */
    int32_t is_permanent;
    int32_t reserved;
} neph_exchange;

typedef struct neph_transport {
    size_t size;
    const char *name;
    int32_t (*open)(const neph_transport_config *config, void **state);
    void (*close)(void *state);
    /* Begins; no callback runs before dispatch(). A failure here means that on_done will not be called. */
    int32_t (*start)(void *state, neph_exchange *exchange);
    /* Ends it without on_done. Allowed inside callbacks, of this exchange too. */
    void (*cancel)(void *state, neph_exchange *exchange);
    /* After NEPH_AGAIN from read_body or on_body: go on. */
    void (*resume)(void *state, neph_exchange *exchange);
    /* A descriptor that polls readable when dispatch() has something to do; -1: none. */
    int32_t (*fd)(void *state);
    /* Milliseconds until dispatch() must run at the latest; -1: no such time. */
    int64_t (*timeout_ms)(void *state);
    /* Does what is ready, without blocking. */
    int32_t (*dispatch)(void *state);
} neph_transport;

#ifdef __cplusplus
}
#endif

#endif /* NEPH_TRANSPORT_H */
