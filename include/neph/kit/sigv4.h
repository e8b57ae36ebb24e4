/*
 * neph/kit/sigv4.h - AWS Signature Version 4, for a provider's sign hook. Included by providers; linked from
 * libneph-kit.a. Digests come from the host, memory from the caller: nothing is allocated, nothing is kept.
 *
 * Source: "Signature Version 4 signing process" and "Authenticating Requests (AWS Signature Version 4)" of the S3
 * API reference. Rule: every header of the request is signed but those that proxies change on the way.
 *
 * Any thread, as long as the key memory is not shared. Everything here is since 0.1.
 */
#ifndef NEPH_KIT_SIGV4_H
#define NEPH_KIT_SIGV4_H

#include <neph/plugin.h>
#include <neph/kit/text.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NEPH_SIGV4_UNSIGNED "UNSIGNED-PAYLOAD"
/* SHA-256 of nothing. */
#define NEPH_SIGV4_EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

#define NEPH_SIGV4_HEADERS_MAX 96 /* signed headers of one request */
#define NEPH_SIGV4_PARAMETERS_MAX 256
#define NEPH_SIGV4_TEXT_MAX 24576 /* bytes of the canonical request */

enum {
    NEPH_SIGV4_S3 =
        1, /* the path is signed as it goes out; else it is normalised and encoded once more */
    NEPH_SIGV4_NOT_NORMALISED =
        2, /* the path is encoded once more, but its segments stay as they are */
    NEPH_SIGV4_PAYLOAD_HEADER = 4, /* x-amz-content-sha256 is sent and signed */
    NEPH_SIGV4_TOKEN_UNSIGNED = 8  /* the session token is sent, but not signed */
};

/* Signing keys by date, region and service, so that deriving one (four HMACs) is done once a day. Zeroed at first;
 * belongs into neph_cloud_memory(). */
typedef struct neph_sigv4_keys {
    struct {
        char scope[192];
        unsigned char key[32];
    } slot[4];
    uint32_t next;
    uint32_t reserved;
} neph_sigv4_keys;

/* What to sign with. Strings are borrowed for the call. */
typedef struct neph_sigv4 {
    const char *service; /* "s3", "ec2" */
    const char *region;  /* "us-east-1" */
    const char *access_key;
    const char *secret_key;
    const char *session_token; /* NULL: none */
    const char
        *payload; /* hex SHA-256 of the body, or NEPH_SIGV4_UNSIGNED; NULL: the body is empty */
    neph_sigv4_keys *keys; /* NULL: derived each time */
    uint32_t flags;        /* NEPH_SIGV4_… */
    uint32_t reserved;
} neph_sigv4;

/* The steps of one signature. */
typedef struct neph_sigv4_work {
    char date[20];             /* "20150830T123600Z" */
    char scope[160];           /* "20150830/us-east-1/service/aws4_request" */
    char to_sign[320];         /* the string to sign */
    char signature[65];        /* hex */
    char signed_headers[2048]; /* "host;x-amz-date" */
    char added_query[8192];    /* presigning: what joins the query, encoded, but the signature */
    char canonical[NEPH_SIGV4_TEXT_MAX]; /* the canonical request */
} neph_sigv4_work;

/*
 * Signs the request: x-amz-date, Authorization and, as `how` says, x-amz-content-sha256 and x-amz-security-token
 * become headers; if the request is to be presigned (view's presign_seconds), the X-Amz-… query parameters are added
 * instead. now_ns: the server's time. To be called from sign, with what sign was given; a second call replaces the
 * headers of the first. Returns 0, NEPH_LIMIT (too many or too long headers, parameters or names) or what the host's
 * services returned; the message is set.
 */
int32_t neph_sigv4_sign(neph_request *request, const neph_sigv4 *how, int64_t now_ns);

/*
 * The signature of a view without touching the request: fills *work. handle: whatever the hook has, for digests and
 * messages. Returns as neph_sigv4_sign().
 */
int32_t neph_sigv4_steps(const void *handle, const neph_sigv4 *how, const neph_request_view *view,
                         int64_t now_ns, neph_sigv4_work *work);

/* ---- bodies that are signed chunk by chunk (aws-chunked). Since 0.3 */

/* What stands for the body in the signature of the request, how->payload. */
#define NEPH_SIGV4_CHUNKS "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
#define NEPH_SIGV4_CHUNKS_TRAILER "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
#define NEPH_SIGV4_UNSIGNED_TRAILER "STREAMING-UNSIGNED-PAYLOAD-TRAILER"

/* Each signature is made of the one before, the first of the request's. Belongs into neph_call_memory(). */
typedef struct neph_sigv4_stream {
    char date[20];
    char scope[160];
    char previous[65]; /* signature, hex */
    char reserved[3];
    unsigned char key[32];
} neph_sigv4_stream;

/* Signs the request as neph_sigv4_sign() does, and begins its stream. */
int32_t neph_sigv4_sign_stream(neph_request *request, const neph_sigv4 *how, int64_t now_ns,
                               neph_sigv4_stream *stream);

/* Begins a stream behind the request whose signature is in *work. */
int32_t neph_sigv4_stream_begin(const void *handle, const neph_sigv4 *how,
                                const neph_sigv4_work *work, neph_sigv4_stream *stream);

/* Signs the next chunk; digest: hex SHA-256 of its bytes, NEPH_SIGV4_EMPTY for the closing one. The signature is
 * stream->previous. */
int32_t neph_sigv4_stream_chunk(const void *handle, neph_sigv4_stream *stream, const char *digest);

/* Signs what follows the closing chunk: "name:value\n" of each trailer. */
int32_t neph_sigv4_stream_trailer(const void *handle, neph_sigv4_stream *stream, const char *text,
                                  size_t size);

#ifdef __cplusplus
}
#endif

#endif /* NEPH_KIT_SIGV4_H */
