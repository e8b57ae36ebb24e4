/*
 * core/digest.c - the digest of a call's whole body. The arithmetic is the wire module's.
 */
#include "core/digest.h"

#include "core/text.h"

#include <string.h>

#define CHUNK (128u << 10)
#define SLICE_CHUNKS 64 /* 8 MiB a turn: some milliseconds */

/* size: of the digest, or the failure to take it. */
static int hex_write(neph_call *call, char *hex, const unsigned char *digest, int size)
{
    if (size <= 0)
        return nephi_fail(&call->error, size ? size : NEPH_INTERNAL,
                          "the body's digest cannot be taken: %s", neph_status_name(size));
    nephi_hex(hex, digest, (size_t)size);
    return 0;
}

/* Of a body made in memory, or of none. */
static int text_digest(neph_request *request, int32_t algorithm, char *hex)
{
    const nephi_digest_class *class = request->call->host->wire->digest;
    unsigned char digest[NEPH_DIGEST_MAX];
    int is_text = request->body_kind == NEPHI_BODY_TEXT;
    const char *data = is_text ? nephi_buffer_string(&request->body) : "";
    return hex_write(request->call, hex, digest,
                     class->once(algorithm, data, is_text ? request->body.size : 0, digest));
}

int32_t nephi_digest_body(neph_request *request, int32_t algorithm, char *hex, size_t capacity)
{
    neph_call *call = request->call;
    char text_hex[NEPH_DIGEST_HEX_MAX];
    const char *found = call->digest_hex;
    int rc;
    if (request->body_kind != NEPHI_BODY_SOURCE) {
        rc = text_digest(request, algorithm, text_hex);
        if (rc)
            return rc;
        found = text_hex;
    } else if (call->digest_have != algorithm) {
        call->digest_wanted = algorithm;
        return NEPH_AGAIN;
    }
    if (strlen(found) >= capacity)
        return nephi_fail(&call->error, NEPH_PLUGIN, "the provider has no room for a digest");
    memcpy(hex, found, strlen(found) + 1);
    return 0;
}

/* Of a small body a small one: to take, fill and wipe it costs more than the digest. */
static size_t chunk_size(const neph_call *call)
{
    int64_t length = call->source.length;
    return length >= 0 && length < (int64_t)CHUNK ? (size_t)length + 1 : CHUNK;
}

static int slice_read(neph_call *call, char *data, size_t size)
{
    const nephi_digest_class *class = call->host->wire->digest;
    for (int i = 0; i < SLICE_CHUNKS; i++) {
        int64_t count = nephi_source_read(&call->source, data, size, &call->error);
        if (count <= 0)
            return (int)count;
        if (class->update(call->digest, data, (size_t)count))
            return nephi_fail_memory(&call->error);
    }
    return NEPH_AGAIN;
}

int nephi_digest_slice(neph_call *call)
{
    const nephi_digest_class *class = call->host->wire->digest;
    unsigned char digest[NEPH_DIGEST_MAX];
    size_t size = chunk_size(call);
    char *data;
    int rc = 0;
    if (!call->digest) {
        nephi_digest *made = NULL;
        if (nephi_source_rewind(&call->source))
            return nephi_fail(&call->error, NEPH_INTERNAL, "a stream was to be digested");
        rc = class->create(&made, &call->host->memory, call->digest_wanted);
        call->digest = made;
    }
    if (rc)
        return nephi_fail(&call->error, rc, "the provider wants a digest that cannot be made");
    data = nephi_realloc(&call->host->memory, NULL, size);
    if (!data)
        return nephi_fail_memory(&call->error);
    rc = slice_read(call, data, size);
    nephi_free_secret(&call->host->memory, data, size);
    if (rc)
        return rc;
    rc = hex_write(call, call->digest_hex, digest, class->finish(call->digest, digest));
    nephi_digest_abandon(call);
    if (rc)
        return rc;
    call->digest_have = call->digest_wanted;
    call->digest_wanted = 0;
    return nephi_source_rewind(&call->source);
}

void nephi_digest_abandon(neph_call *call)
{
    if (call->digest)
        call->host->wire->digest->destroy(call->digest);
    call->digest = NULL;
}
