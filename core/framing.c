/*
 * core/framing.c - bodies that go out in chunks with a head and a tail of the provider's making: the host reads, digests
 * and frames; the bytes never pass through the provider.
 */
#include "core/call.h"
#include "core/digest.h"
#include "core/services.h"
#include "core/text.h"

#include <string.h>

#define EDGE_MAX 512 /* of a head or a tail */

struct nephi_frames {
    uint32_t index;
    int is_closing;
    nephi_digest *body;
    char body_hex[NEPH_DIGEST_HEX_MAX];
    char *data;              /* one chunk: head, bytes, tail as they go out */
    size_t capacity, filled; /* bytes of the chunk read so far */
    size_t out, end;         /* what is ready to go out */
    int64_t left;            /* of the length that was promised; -1: none was */
};

void nephi_frames_free(neph_call *call)
{
    nephi_frames *frames = call->attempt.frames;
    call->attempt.frames = NULL;
    if (!frames)
        return;
    if (frames->body)
        call->host->wire->digest->destroy(frames->body);
    nephi_free_secret(&call->host->memory, frames->data, frames->capacity);
    nephi_free(&call->host->memory, frames);
}

int64_t nephi_frames_length(const neph_call *call)
{
    int64_t size = call->request.body_kind == NEPHI_BODY_SOURCE ? call->source.length
                                                                : (int64_t)call->request.body.size;
    return call->request.framing->length((neph_call *)call, size);
}

/* Is the digest of the whole body the one that the call takes anyway? */
static int is_shared(const neph_call *call)
{
    return call->request.body_kind == NEPHI_BODY_SOURCE && call->checksum.algorithm &&
           call->request.framing->body_digest == call->checksum.algorithm;
}

int nephi_frames_begin(neph_call *call)
{
    const neph_framing *framing = call->request.framing;
    nephi_frames *frames;
    nephi_frames_free(call);
    frames = call->attempt.frames = nephi_alloc(&call->host->memory, sizeof *frames);
    if (!frames)
        return NEPH_NO_MEMORY;
    frames->left = nephi_frames_length(call);
    frames->capacity = framing->chunk_size + 2 * EDGE_MAX;
    frames->data = nephi_alloc(&call->host->memory, frames->capacity);
    if (!frames->data)
        return NEPH_NO_MEMORY;
    if (!framing->body_digest || is_shared(call))
        return 0;
    return call->host->wire->digest->create(&frames->body, &call->host->memory,
                                            framing->body_digest);
}

static int64_t body_read(neph_call *call, void *data, size_t size)
{
    size_t left = call->request.body.size - call->attempt.body_at;
    if (call->request.body_kind == NEPHI_BODY_SOURCE)
        return nephi_source_read(&call->source, data, size, &call->error);
    if (size > left)
        size = left;
    if (size)
        memcpy(data, call->request.body.data + call->attempt.body_at, size);
    call->attempt.body_at += size;
    return (int64_t)size;
}

static int chunk_digest(neph_call *call, const char *data, size_t size, char *hex)
{
    int32_t algorithm = call->request.framing->digest;
    unsigned char digest[NEPH_DIGEST_MAX];
    int count;
    if (!algorithm)
        return 0;
    count = call->host->wire->digest->once(algorithm, data, size, digest);
    if (count > 0)
        nephi_hex(hex, digest, (size_t)count);
    return count > 0 ? 0 : NEPH_NO_MEMORY;
}

static int body_digest_close(neph_call *call)
{
    nephi_frames *frames = call->attempt.frames;
    unsigned char digest[NEPH_DIGEST_MAX];
    const char *text = is_shared(call) ? nephi_checksum_text(call) : NULL;
    int count;
    if (!call->request.framing->body_digest)
        return 0;
    if (text) {
        text = strchr(text, ':') + 1;
        memcpy(frames->body_hex, text, strlen(text) + 1);
        return 0;
    }
    count = frames->body ? call->host->wire->digest->finish(frames->body, digest) : 0;
    if (count <= 0)
        return NEPH_NO_MEMORY;
    nephi_hex(frames->body_hex, digest, (size_t)count);
    return 0;
}

/* A length that is not kept would leave the server waiting, or read the rest as the next request. */
static int length_check(neph_call *call)
{
    nephi_frames *frames = call->attempt.frames;
    int64_t size = (int64_t)(frames->end - frames->out);
    if (frames->left < 0)
        return 0;
    if (size > frames->left || (frames->is_closing && size < frames->left))
        return nephi_fail(&call->error, NEPH_PLUGIN,
                          "the provider's frames are not as long as it said");
    frames->left -= size;
    return 0;
}

/* The chunk's bytes stand at EDGE_MAX; head goes right before them, tail right behind. */
static int chunk_close(neph_call *call)
{
    nephi_frames *frames = call->attempt.frames;
    char hex[NEPH_DIGEST_HEX_MAX] = "", head[EDGE_MAX], *bytes = frames->data + EDGE_MAX;
    neph_chunk chunk = {.size = sizeof chunk,
                        .index = frames->index++,
                        .data_size = frames->filled,
                        .digest = call->request.framing->digest ? hex : NULL,
                        .head = head,
                        .head_capacity = EDGE_MAX,
                        .tail = bytes + frames->filled,
                        .tail_capacity = EDGE_MAX};
    int rc = chunk_digest(call, bytes, frames->filled, hex);
    frames->is_closing = frames->filled == 0;
    if (!rc && frames->is_closing)
        rc = body_digest_close(call);
    if (frames->is_closing && call->request.framing->body_digest)
        chunk.body_digest = frames->body_hex;
    if (!rc)
        rc = call->request.framing->frame(call, &call->request, &chunk);
    if (rc || chunk.head_size > EDGE_MAX || chunk.tail_size > EDGE_MAX)
        return nephi_fail(&call->error, nephi_hook_status(rc),
                          "the provider could not frame a chunk");
    frames->out = EDGE_MAX - chunk.head_size;
    memcpy(frames->data + frames->out, head, chunk.head_size);
    frames->end = EDGE_MAX + frames->filled + chunk.tail_size;
    frames->filled = 0;
    return length_check(call);
}

/* Reads until the chunk is whole or the body ends. 1: it is. */
static int chunk_fill(neph_call *call)
{
    nephi_frames *frames = call->attempt.frames;
    size_t want = call->request.framing->chunk_size;
    while (frames->filled < want) {
        char *at = frames->data + EDGE_MAX + frames->filled;
        int64_t count = body_read(call, at, want - frames->filled);
        if (count < 0)
            return (int)count;
        if (count == 0)
            break;
        if (frames->body && call->host->wire->digest->update(frames->body, at, (size_t)count))
            return nephi_fail_memory(&call->error);
        if (call->request.body_kind == NEPHI_BODY_SOURCE &&
            nephi_checksum_add(call, at, (size_t)count))
            return call->error.status;
        frames->filled += (size_t)count;
    }
    return 1;
}

static int frame_next(neph_call *call)
{
    int rc = chunk_fill(call);
    return rc > 0 ? chunk_close(call) : rc;
}

int64_t nephi_frames_read(neph_call *call, void *data, size_t size)
{
    nephi_frames *frames = call->attempt.frames;
    int rc;
    if (frames->out == frames->end) {
        if (frames->is_closing)
            return 0;
        rc = frame_next(call);
        if (rc)
            return rc;
    }
    if (size > frames->end - frames->out)
        size = frames->end - frames->out;
    memcpy(data, frames->data + frames->out, size);
    frames->out += size;
    /* nobody will ask for more than was promised: the closing frame must be empty then, or it would be lost unseen */
    if (frames->out == frames->end && frames->left == 0 && !frames->is_closing) {
        rc = frame_next(call);
        if (rc && rc != NEPH_AGAIN)
            return rc;
    }
    return (int64_t)size;
}
