/*
 * body.c - how the bytes of an object or a part go out: as they are, or in chunks (aws-chunked), and which checksum goes
 * with them. In chunks they are read once, signed as they go, and the checksum follows them; else what is said of them
 * in advance must be read in advance.
 */
#include "s3.h"

#define CHUNK_BYTES (128 << 10) /* 8 KiB at least: "Multiple Chunks", S3 API reference */
#define SIGNATURE_BYTES 64

/* How one body goes out; in the memory of the call. */
typedef struct s3_body {
    neph_sigv4_stream stream;
    uint32_t payload;    /* PAYLOAD_… */
    uint32_t trailer;    /* s3_checksum that follows the chunks */
    uint32_t is_doubted; /* a signature in it was none to the server */
} s3_body;

/* In the order of the setting's choices. */
enum { PAYLOAD_AUTO = 0, PAYLOAD_SIGNED, PAYLOAD_CHUNKED, PAYLOAD_UNSIGNED, PAYLOAD_TRAILER };

static int has_body(const neph_call *call)
{
    uint32_t op = neph_call_op(call);
    return op == NEPH_OP_OBJECT_PUT || op == NEPH_OP_UPLOAD_PART;
}

static s3_body *body_of(neph_call *call)
{
    return has_body(call) ? neph_call_memory(call, sizeof(s3_body)) : NULL;
}

/* ---- frames */

static size_t digits_of(int64_t number)
{
    size_t count = 1;
    while (number >>= 4)
        count++;
    return count;
}

/* "20000;chunk-signature=…" CR LF before and CR LF behind the data. */
static int64_t chunk_length(const s3_body *body, int64_t size)
{
    size_t signature =
        body->payload == PAYLOAD_CHUNKED ? strlen(";chunk-signature=") + SIGNATURE_BYTES : 0;
    return (int64_t)(digits_of(size) + signature) + 2 + size + 2;
}

static int64_t trailer_length(const s3_body *body)
{
    static const size_t base64[] = {[4] = 8, [8] = 12, [20] = 28, [32] = 44};
    const char *header = s3_checksum_header(body->trailer);
    int64_t size = 0;
    if (header)
        size = (int64_t)(strlen(header) + 1 + base64[s3_checksum_size(body->trailer)] + 2);
    if (header && body->payload == PAYLOAD_CHUNKED)
        size += (int64_t)strlen("x-amz-trailer-signature:") + SIGNATURE_BYTES + 2;
    return size;
}

static int64_t frames_length(neph_call *call, int64_t body_size)
{
    const s3_body *body = body_of(call);
    int64_t left = body_size % CHUNK_BYTES;
    if (!body || body_size < 0)
        return -1;
    return body_size / CHUNK_BYTES * chunk_length(body, CHUNK_BYTES) +
           (left ? chunk_length(body, left) : 0) + chunk_length(body, 0) + trailer_length(body);
}

static void head_write(neph_text *head, const s3_body *body, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t at = digits_of((int64_t)size); at--;)
        neph_text_add_char(head, digits[size >> 4 * at & 15]);
    if (body->payload == PAYLOAD_CHUNKED) {
        neph_text_add(head, ";chunk-signature=");
        neph_text_add(head, body->stream.previous);
    }
    neph_text_add(head, "\r\n");
}

/* The checksum behind the closing chunk; what is signed of it ends in a line feed alone. */
static int32_t trailer_write(neph_call *call, s3_body *body, const char *hex, neph_text *tail)
{
    char data[256];
    neph_text line;
    int32_t rc;
    neph_text_init(&line, data, sizeof data);
    neph_text_add(&line, s3_checksum_header(body->trailer));
    neph_text_add_char(&line, ':');
    s3_base64_add(&line, hex);
    neph_text_add(tail, data);
    neph_text_add(tail, "\r\n");
    if (body->payload != PAYLOAD_CHUNKED)
        return 0;
    neph_text_add_char(&line, '\n');
    rc = neph_sigv4_stream_trailer(call, &body->stream, data, line.size);
    neph_text_add(tail, "x-amz-trailer-signature:");
    neph_text_add(tail, body->stream.previous);
    neph_text_add(tail, "\r\n");
    return rc;
}

static int32_t frame(neph_call *call, neph_request *request, neph_chunk *chunk)
{
    s3_body *body = body_of(call);
    neph_text head;
    neph_text tail;
    int32_t rc = 0;
    (void)request;
    if (body->payload == PAYLOAD_CHUNKED)
        rc = neph_sigv4_stream_chunk(call, &body->stream, chunk->digest);
    neph_text_init(&head, chunk->head, chunk->head_capacity);
    neph_text_init(&tail, chunk->tail, chunk->tail_capacity);
    head_write(&head, body, chunk->data_size);
    if (!rc && !chunk->data_size && body->trailer)
        rc = trailer_write(call, body, chunk->body_digest, &tail);
    neph_text_add(&tail, "\r\n");
    chunk->head_size = head.size;
    chunk->tail_size = tail.size;
    return rc ? rc : head.status ? head.status : tail.status;
}

#define FRAMING(of_chunk, of_body)                                                                 \
    {                                                                                              \
        .size = sizeof(neph_framing), .chunk_size = CHUNK_BYTES, .digest = (of_chunk),             \
        .body_digest = (of_body), .length = frames_length, .frame = frame                          \
    }
#define FRAMINGS(of_chunk)                                                                         \
    {                                                                                              \
        [S3_CHECKSUM_NONE] = FRAMING(of_chunk, 0),                                                 \
        [S3_CHECKSUM_CRC32] = FRAMING(of_chunk, NEPH_DIGEST_CRC32),                                \
        [S3_CHECKSUM_CRC32C] = FRAMING(of_chunk, NEPH_DIGEST_CRC32C),                              \
        [S3_CHECKSUM_CRC64NVME] = FRAMING(of_chunk, NEPH_DIGEST_CRC64NVME),                        \
        [S3_CHECKSUM_SHA1] = FRAMING(of_chunk, NEPH_DIGEST_SHA1),                                  \
        [S3_CHECKSUM_SHA256] = FRAMING(of_chunk, NEPH_DIGEST_SHA256),                              \
    }

static const neph_framing signed_framings[S3_CHECKSUM_COUNT] = FRAMINGS(NEPH_DIGEST_SHA256);
static const neph_framing unsigned_framings[S3_CHECKSUM_COUNT] = FRAMINGS(0);

/* ---- how a body goes out */

/* Is the SHA-256 wanted where no header tells it? The signature can. */
static int is_signature_wanted(const neph_call *call, s3_checksum sent)
{
    const char *wanted = neph_argument(call, NEPH_CHECKSUM);
    return wanted && !strcmp(wanted, "sha256") && sent == S3_CHECKSUM_NONE;
}

static uint32_t payload_of(const neph_call *call, s3_checksum sent, int is_tls)
{
    static const char *const names[] = {"auto", "signed", "chunked", "unsigned"};
    const char *setting = neph_setting_string(neph_cloud_of(call), "payload");
    for (uint32_t i = PAYLOAD_SIGNED; setting && i < NEPH_COUNT(names); i++)
        if (!strcmp(names[i], setting))
            return i;
    if (is_tls) /* the connection vouches for it */
        return is_signature_wanted(call, sent) ? PAYLOAD_SIGNED : PAYLOAD_UNSIGNED;
    return s3_memory(call)->quirks.chunks == S3_CHUNKS_NONE ? PAYLOAD_SIGNED : PAYLOAD_CHUNKED;
}

/* The body's frames, and what the service wants to be told of them in advance. */
static int32_t frames_add(neph_call *call, neph_request *request, const s3_body *body)
{
    const neph_framing *framings =
        body->payload == PAYLOAD_CHUNKED ? signed_framings : unsigned_framings;
    char digits[24];
    neph_text text;
    int32_t rc = neph_request_framing(request, &framings[body->trailer]);
    neph_text_init(&text, digits, sizeof digits);
    neph_text_add_integer(&text, neph_source_size(call));
    if (!rc)
        rc = neph_request_header(request, "Content-Encoding", "aws-chunked");
    if (!rc)
        rc = neph_request_header(request, "x-amz-decoded-content-length", digits);
    return rc ? rc
              : neph_storage_header(request, "x-amz-trailer", s3_checksum_header(body->trailer));
}

/* A checksum that is told before the body; MD5 says nothing more where the signature is made of the body. */
static int32_t checksum_add(neph_request *request, const s3_body *body, s3_checksum checksum)
{
    if (checksum == S3_CHECKSUM_NONE)
        return 0;
    if (checksum != S3_CHECKSUM_MD5)
        return neph_storage_digest(request, s3_checksum_digest(checksum),
                                   s3_checksum_header(checksum));
    return body->payload == PAYLOAD_UNSIGNED
               ? neph_storage_digest(request, NEPH_DIGEST_MD5, "Content-MD5")
               : 0;
}

int32_t s3_body_add(neph_call *call, neph_request *request)
{
    const s3_quirks *quirks = &s3_memory(call)->quirks;
    s3_checksum checksum = s3_checksum_sent(call);
    s3_body *body = body_of(call);
    neph_request_view view;
    int is_known;
    int32_t rc = neph_request_body_source(request);
    if (!rc)
        rc = neph_request_look(request, &view);
    if (rc || !body)
        return rc ? rc : neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    is_known = neph_source_size(call) > 0; /* of a stream the length must be found out first */
    body->payload = payload_of(call, checksum, !strcmp(view.scheme, "https"));
    if (body->payload == PAYLOAD_CHUNKED && (!is_known || body->is_doubted))
        body->payload = PAYLOAD_SIGNED;
    body->trailer = S3_CHECKSUM_NONE;
    if (s3_checksum_header(checksum) && is_known && quirks->chunks == S3_CHUNKS_TRAILERS &&
        body->payload != PAYLOAD_SIGNED)
        body->trailer = checksum;
    if (body->trailer && body->payload == PAYLOAD_UNSIGNED)
        body->payload = PAYLOAD_TRAILER;
    rc = body->trailer ? 0 : checksum_add(request, body, checksum);
    if (!rc && (body->trailer || body->payload == PAYLOAD_CHUNKED))
        rc = frames_add(call, request, body);
    return rc ? rc : neph_storage_expect(request);
}

/* A byte that changes on its way spoils the signature of its chunk, and the server says what it says of a wrong key. With
 * the SHA-256 of the whole in one signature it tells the two apart. */
int s3_body_doubt(neph_call *call)
{
    s3_body *body = body_of(call);
    if (!body || body->payload != PAYLOAD_CHUNKED)
        return 0;
    body->is_doubted = 1;
    return 1;
}

/* ---- the signature */

/* What stands for the body in the signature where nothing else was chosen. */
static int32_t digest_choose(neph_request *request, const neph_request_view *view, char *hex,
                             const char **payload)
{
    if (view->presign_seconds > 0 || (view->body_size != 0 && !strcmp(view->scheme, "https"))) {
        *payload = NEPH_SIGV4_UNSIGNED;
        return 0;
    }
    if (view->body_size == 0) {
        *payload = NEPH_SIGV4_EMPTY;
        return 0;
    }
    *payload = hex;
    return neph_request_body_digest(request, NEPH_DIGEST_SHA256, hex, NEPH_DIGEST_HEX_MAX);
}

static int32_t payload_choose(neph_request *request, const s3_body *body,
                              const neph_request_view *view, char *hex, const char **payload)
{
    switch (body && view->body_size ? body->payload : PAYLOAD_AUTO) {
    case PAYLOAD_CHUNKED:
        *payload = body->trailer ? NEPH_SIGV4_CHUNKS_TRAILER : NEPH_SIGV4_CHUNKS;
        return 0;
    case PAYLOAD_TRAILER: *payload = NEPH_SIGV4_UNSIGNED_TRAILER; return 0;
    case PAYLOAD_UNSIGNED: *payload = NEPH_SIGV4_UNSIGNED; return 0;
    case PAYLOAD_SIGNED:
        *payload = hex;
        return neph_request_body_digest(request, NEPH_DIGEST_SHA256, hex, NEPH_DIGEST_HEX_MAX);
    default: return digest_choose(request, view, hex, payload);
    }
}

int32_t s3_sign(neph_call *call, neph_request *request, int64_t now_ns)
{
    s3_cloud *memory = s3_memory(call);
    s3_body *body = body_of(call);
    char hex[NEPH_DIGEST_HEX_MAX];
    neph_request_view view;
    neph_sigv4 how = {
        .service = "s3",
        .region = s3_region(call),
        .keys = memory ? &memory->keys : NULL,
        .flags = NEPH_SIGV4_S3 | NEPH_SIGV4_PAYLOAD_HEADER,
    };
    int32_t rc = neph_request_look(request, &view);
    neph_aws_keys(&how, call);
    if (!rc)
        rc = payload_choose(request, body, &view, hex, &how.payload);
    if (rc)
        return rc;
    return body && body->payload == PAYLOAD_CHUNKED
               ? neph_sigv4_sign_stream(request, &how, now_ns, &body->stream)
               : neph_sigv4_sign(request, &how, now_ns);
}
