/*
 * core/wire/failure.c - what a CURLcode means: a status, and one line that names the server and says what to do. Does
 * not decide whether to ask again.
 */
#include "core/wire/http.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct meaning {
    CURLcode code;
    int32_t status;
    int is_permanent; /* of NEPH_NETWORK: asking again would fail in the same way */
    int says;         /* what libcurl said stands behind the text */
    const char *text; /* %s: the server */
    const char *when; /* NULL, or only if this stands in libcurl's words (each TLS library's) */
} meaning;

/* The first row that fits. Codes that are not here are NEPH_NETWORK, with libcurl's words. */
static const meaning meanings[] = {
    {CURLE_COULDNT_RESOLVE_HOST, NEPH_NETWORK, 0, 0,
     "the name of %s cannot be resolved: check its spelling, and the network", NULL},
    {CURLE_COULDNT_RESOLVE_PROXY, NEPH_NETWORK, 0, 0,
     "the proxy on the way to %s cannot be resolved: check proxy and the proxy variables", NULL},
    /* libcurl's words hold the whole URL, and that a password */
    {CURLE_COULDNT_CONNECT, NEPH_INVALID, 1, 0,
     "the proxy on the way to %s is of no kind that is known (http, https, socks4, socks5): check "
     "proxy and the proxy variables",
     "Unsupported proxy"},
    {CURLE_COULDNT_CONNECT, NEPH_NETWORK, 0, 1,
     "no connection to %s: check that the server runs and the port is right", NULL},
    {CURLE_PROXY, NEPH_NETWORK, 0, 1, "the proxy on the way to %s refused", NULL},
    {CURLE_PEER_FAILED_VERIFICATION, NEPH_NETWORK, 1, 1,
     "the certificate of %s is for another name: check the endpoint's spelling", "target host"},
    {CURLE_PEER_FAILED_VERIFICATION, NEPH_NETWORK, 1, 1,
     "the certificate of %s has expired: its owner must renew it, unless the clock here is wrong",
     "expir"},
    {CURLE_PEER_FAILED_VERIFICATION, NEPH_NETWORK, 1, 1,
     "the certificate of %s is not valid yet: check the clock here", "not yet"},
    {CURLE_PEER_FAILED_VERIFICATION, NEPH_NETWORK, 1, 1,
     "the certificate of %s is not valid yet: check the clock here", "not activated"},
    {CURLE_PEER_FAILED_VERIFICATION, NEPH_NETWORK, 1, 1,
     "the certificate of %s is not trusted; set ca_file if it is signed by an authority of your own",
     NULL},
    {CURLE_SSL_CACERT_BADFILE, NEPH_NETWORK, 1, 1,
     "no authorities' certificates can be read to verify %s: install the system's (package "
     "ca-certificates), or check that ca_file is there and in PEM format",
     NULL},
    {CURLE_SSL_CERTPROBLEM, NEPH_NETWORK, 1, 1,
     "client_certificate or client_key cannot be used for %s: check both files", NULL},
    {CURLE_SSL_CONNECT_ERROR, NEPH_NETWORK, 0, 1,
     "TLS with %s failed: check that the port speaks https, with TLS 1.2 at least", NULL},
    {CURLE_SSL_CIPHER, NEPH_NETWORK, 1, 1, "no cipher in common with %s", NULL},
    {CURLE_GOT_NOTHING, NEPH_NETWORK, 0, 0, "%s closed the connection without an answer", NULL},
    {CURLE_RECV_ERROR, NEPH_NETWORK, 1, 0,
     "the proxy on the way to %s wants a user and a password: put them into proxy or the proxy "
     "variables",
     "response 407"},
    {CURLE_RECV_ERROR, NEPH_NETWORK, 0, 1, "the proxy on the way to %s refused",
     "CONNECT tunnel failed"},
    {CURLE_RECV_ERROR, NEPH_NETWORK, 0, 1, "the connection to %s was lost while reading", NULL},
    {CURLE_SEND_ERROR, NEPH_NETWORK, 0, 1, "the connection to %s was lost while sending", NULL},
    {CURLE_PARTIAL_FILE, NEPH_NETWORK, 0, 1,
     "the connection to %s was lost in the middle of the body", NULL},
    {CURLE_SEND_FAIL_REWIND, NEPH_NETWORK, 0, 0,
     "the connection to %s was lost and the body cannot be sent again from its beginning", NULL},
    {CURLE_ABORTED_BY_CALLBACK, NEPH_NETWORK, 0, 0,
     "the connection to %s was lost before an answer came; the request may have been carried out",
     NULL},
    {CURLE_OUT_OF_MEMORY, NEPH_NO_MEMORY, 0, 0, "out of memory while talking to %s", NULL},
    {CURLE_URL_MALFORMAT, NEPH_INVALID, 0, 1, "the URL for %s is malformed", NULL},
    {CURLE_UNSUPPORTED_PROTOCOL, NEPH_PROTOCOL, 0, 1, "%s does not answer in HTTP/1.x or 2", NULL},
    {CURLE_WEIRD_SERVER_REPLY, NEPH_PROTOCOL, 0, 1, "%s does not answer in HTTP", NULL},
    {(CURLcode)100 /* CURLE_TOO_LARGE, since 8.6 */, NEPH_PROTOCOL, 0, 1,
     "header fields of %s are too large", NULL},
    {CURLE_HTTP2, NEPH_NETWORK, 0, 1, "HTTP/2 with %s failed", NULL},
    {CURLE_HTTP2_STREAM, NEPH_NETWORK, 0, 1, "HTTP/2 with %s failed", NULL},
    {CURLE_UPLOAD_FAILED, NEPH_PROTOCOL, 0, 1, "%s does not take a body of unknown length", NULL},
};

/* "host:port" as the URL has it, or the socket's path. */
static int server_size(const neph_exchange *exchange, const char **server)
{
    const char *start;
    size_t size;
    if (exchange->unix_socket) {
        *server = exchange->unix_socket;
        return (int)strnlen(exchange->unix_socket, 200);
    }
    start = strstr(exchange->url, "://");
    start = start ? start + 3 : exchange->url;
    size = strcspn(start, "/?#");
    *server = start;
    return size > 200 ? 200 : (int)size;
}

static void server_name(const neph_exchange *exchange, char *out, size_t capacity)
{
    const char *server;
    int size = server_size(exchange, &server);
    snprintf(out, capacity, "%.*s", size, server);
}

static const meaning *meaning_find(CURLcode code, const char *said)
{
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (meanings[i].code == code && (!meanings[i].when || strstr(said, meanings[i].when)))
            return &meanings[i];
    return NULL;
}

/* libcurl does not say which of the two it was. */
static const char *text_of(const meaning *found, const nephi_job *job)
{
    int may_be_proxied =
        job->http->has_proxy && !job->exchange->no_proxy && !job->exchange->unix_socket;
    if (found->code != CURLE_COULDNT_CONNECT || found->when || !may_be_proxied)
        return found->text;
    return "no connection to %s, or to the proxy on the way: check that both run, and check proxy and "
           "the proxy variables";
}

static void timed_out(nephi_failure *failure, const nephi_job *job, const char *server)
{
    failure->status = NEPH_TIMEOUT;
    if (job->is_stalled)
        snprintf(failure->message, sizeof failure->message,
                 "%s sent and took nothing for %" PRId64 " ms", server,
                 job->http->stall_timeout_ms);
    else
        snprintf(failure->message, sizeof failure->message,
                 "no connection to %s within %" PRId64
                 " ms: check the network, or a firewall on the way",
                 server, job->http->connect_timeout_ms);
}

/* Joins text, whose only conversion is the server's name, and what libcurl said. */
static void say(nephi_failure *failure, const char *text, const char *server, const char *said)
{
    const char *place = strstr(text, "%s");
    int head = place ? (int)(place - text) : (int)strlen(text);
    snprintf(failure->message, sizeof failure->message, "%.*s%s%s%s%.200s%s", head, text,
             place ? server : "", place ? place + 2 : "", *said ? " (" : "", said,
             *said ? ")" : "");
}

static void by_callback(nephi_failure *failure, const nephi_job *job)
{
    failure->status = job->failure;
    if (job->is_short)
        snprintf(failure->message, sizeof failure->message,
                 "the body to send ended %" PRId64 " bytes too early: was its source changed?",
                 job->left);
    else
        snprintf(failure->message, sizeof failure->message, "%s", nephi_status_name(job->failure));
}

void nephi_failure_explain(nephi_failure *failure, const nephi_job *job, CURLcode code)
{
    const char *said = job->error[0] ? job->error : curl_easy_strerror(code);
    const meaning *found = meaning_find(code, said);
    char server[256];
    if (job->failure) {
        by_callback(failure, job);
        return;
    }
    if (code == CURLE_OK)
        return;
    server_name(job->exchange, server, sizeof server);
    if (code == CURLE_OPERATION_TIMEDOUT) {
        timed_out(failure, job, server);
        return;
    }
    failure->status = found ? found->status : NEPH_NETWORK;
    failure->is_permanent = found && found->is_permanent;
    if (found)
        say(failure, text_of(found, job), server, found->says ? said : "");
    else
        say(failure, "the exchange with %s failed", server, said);
}
