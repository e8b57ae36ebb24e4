/*
 * core/checksum.c - checksums of bodies. The arithmetic is the wire module's.
 */
#include "core/checksum.h"

#include "core/call.h"
#include "core/text.h"

#include <stdio.h>
#include <string.h>

/* By algorithm; those that people are told of in this order. */
static const struct kind {
    const char *name;
    int is_combined; /* those of parts make that of the whole */
} kinds[] = {
    [NEPH_DIGEST_MD5] = {"md5", 0},
    [NEPH_DIGEST_SHA1] = {"sha1", 0},
    [NEPH_DIGEST_SHA256] = {"sha256", 0},
    [NEPH_DIGEST_SHA512] = {"sha512", 0},
    [NEPH_DIGEST_CRC32] = {"crc32", 1},
    [NEPH_DIGEST_CRC32C] = {"crc32c", 1},
    [NEPH_DIGEST_CRC64NVME] = {"crc64nvme", 1},
};
#define NAMES "md5, sha1, sha256, sha512, crc32, crc32c or crc64nvme"

/* ---- texts */

int32_t nephi_checksum_algorithm(const char *text)
{
    size_t size = strcspn(text, ":");
    for (int32_t i = NEPH_DIGEST_MD5; i < (int32_t)(sizeof kinds / sizeof *kinds); i++)
        if (strlen(kinds[i].name) == size && memcmp(kinds[i].name, text, size) == 0)
            return i;
    return 0;
}

int nephi_checksum_is_alike(const char *a, const char *b)
{
    int32_t algorithm = nephi_checksum_algorithm(a);
    return algorithm && algorithm == nephi_checksum_algorithm(b);
}

static int digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* Of a text with an algorithm: how many bytes its hex is, or -1. */
static int hex_read(const char *text, unsigned char *out)
{
    const char *at = strchr(text, ':');
    int count = 0;
    if (!at)
        return -1;
    for (at++; *at; at += 2, count++) {
        int high = digit(at[0]), low = high < 0 ? -1 : digit(at[1]);
        if (low < 0 || count == NEPH_DIGEST_MAX)
            return -1;
        out[count] = (unsigned char)(high << 4 | low);
    }
    return count;
}

void nephi_checksum_write(char *out, int32_t algorithm, const unsigned char *bytes, int size)
{
    int at = snprintf(out, NEPHI_CHECKSUM_MAX - NEPH_DIGEST_HEX_MAX, "%s:", kinds[algorithm].name);
    nephi_hex(out + at, bytes, (size_t)size);
}

int nephi_checksum_is_combined(const char *text)
{
    int32_t algorithm = nephi_checksum_algorithm(text);
    return algorithm && kinds[algorithm].is_combined;
}

int nephi_checksum_combine(neph_host *host, char *whole, const char *part, int64_t part_bytes)
{
    unsigned char a[NEPH_DIGEST_MAX] = {0}, b[NEPH_DIGEST_MAX] = {0};
    int32_t algorithm = nephi_checksum_algorithm(whole);
    int size_a = hex_read(whole, a), size_b = hex_read(part, b), size;
    int rc = nephi_host_wire(host, &host->error);
    if (rc)
        return rc;
    if (!nephi_checksum_is_alike(whole, part))
        return NEPH_UNSUPPORTED;
    size = host->wire->digest->combine(algorithm, a, b, part_bytes);
    if (size < 0)
        return size;
    if (size != size_a || size != size_b)
        return NEPH_INVALID;
    nephi_checksum_write(whole, algorithm, a, size);
    return 0;
}

/* ---- of a call */

void nephi_checksum_compare_only(neph_call *call)
{
    if (call != &nephi_call_no_memory)
        call->checksum.is_for_comparing = 1;
}

int nephi_checksum_plan(neph_call *call)
{
    const nephi_argument *given = nephi_arguments_find(&call->arguments, NEPH_CHECKSUM);
    int32_t algorithm = given ? nephi_checksum_algorithm(given->text) : 0;
    if (!given)
        return 0;
    if (!algorithm || strchr(given->text, ':'))
        return nephi_fail(&call->error, NEPH_INVALID,
                          "checksum_algorithm is \"%s\", but must be " NAMES, given->text);
    if (call->source_spec.from != NEPH_BODY_NONE || call->sink_spec.to != NEPH_BODY_NONE)
        call->checksum.algorithm = algorithm;
    return 0;
}

int nephi_checksum_begin(neph_call *call)
{
    nephi_checksum *taken = &call->checksum;
    const nephi_digest_class *class = call->host->wire->digest;
    unsigned char dropped[NEPH_DIGEST_MAX];
    int rc;
    taken->text[0] = 0;
    if (taken->digest)
        rc = class->finish(taken->digest, dropped) > 0 ? 0 : NEPH_NO_MEMORY;
    else
        rc = class->create(&taken->digest, &call->host->memory, taken->algorithm);
    return rc ? nephi_fail(&call->error, rc, "%s cannot be taken here: %s",
                           kinds[taken->algorithm].name, neph_status_name(rc))
              : 0;
}

int nephi_checksum_add(neph_call *call, const void *data, size_t size)
{
    if (!call->checksum.digest || !size)
        return 0;
    if (call->checksum.text[0])
        return nephi_fail(&call->error, NEPH_PLUGIN,
                          "the provider wanted the checksum of a body before its end");
    return call->host->wire->digest->update(call->checksum.digest, data, size)
               ? nephi_fail_memory(&call->error)
               : 0;
}

const char *nephi_checksum_text(neph_call *call)
{
    nephi_checksum *taken = &call->checksum;
    unsigned char bytes[NEPH_DIGEST_MAX];
    int size;
    if (!taken->digest || taken->text[0])
        return taken->digest ? taken->text : NULL;
    size = call->host->wire->digest->finish(taken->digest, bytes);
    if (size <= 0)
        return NULL;
    nephi_checksum_write(taken->text, taken->algorithm, bytes, size);
    return taken->text;
}

void nephi_checksum_end(neph_call *call)
{
    if (call->checksum.digest)
        call->host->wire->digest->destroy(call->checksum.digest);
    call->checksum.digest = NULL;
}

/* ---- and its result */

/* Did all bytes of the source pass? A server may answer before it has read them. */
static int is_whole(const neph_call *call)
{
    return !call->source.host || call->source.length < 0 ||
           call->source.position == call->source.length;
}

static int argument_is_set(const neph_call *call, int32_t member)
{
    const nephi_argument *given = nephi_arguments_find(&call->arguments, member);
    return given && given->number != 0;
}

/* Of a part of an object the cloud's checksum says nothing. */
static int is_ranged(const neph_call *call)
{
    return argument_is_set(call, NEPH_RANGE_OFFSET) || argument_is_set(call, NEPH_RANGE_LENGTH);
}

/* What the cloud says of the whole; NULL: nothing that can be compared with what is taken here. */
static const char *theirs_of(const neph_call *call, const neph_record *record)
{
    int32_t member = record->kind == NEPH_KIND_PART ? NEPH_PART_CHECKSUM : NEPH_OBJECT_CHECKSUM;
    const char *theirs = nephi_record_text(record, nephi_member_find(member));
    int is_alike = theirs && nephi_checksum_algorithm(theirs) == call->checksum.algorithm;
    return is_alike && !is_ranged(call) ? theirs : NULL;
}

void nephi_checksum_weigh(neph_call *call, const neph_record *record)
{
    if (call->checksum.is_for_comparing && record->kind == NEPH_KIND_OBJECT &&
        !theirs_of(call, record))
        nephi_checksum_end(call);
}

static int compare(neph_call *call, const char *ours, const char *theirs)
{
    if (!theirs || strcmp(ours, theirs) == 0)
        return 0;
    return nephi_fail(&call->error, NEPH_INTEGRITY,
                      "the bytes were changed on their way: those %s have %s, the cloud's %s",
                      call->source.host ? "sent" : "received", ours, theirs);
}

int nephi_checksum_settle(neph_call *call, neph_record *record)
{
    int is_part = record->kind == NEPH_KIND_PART;
    const nephi_member *body =
        nephi_member_find(is_part ? NEPH_PART_BODY_CHECKSUM : NEPH_OBJECT_BODY_CHECKSUM);
    const char *text;
    if ((!is_part && record->kind != NEPH_KIND_OBJECT) || !call->checksum.digest || !is_whole(call))
        return 0;
    text = nephi_checksum_text(call);
    if (!text || nephi_record_set_text(record, body, text, strlen(text)))
        return nephi_fail_memory(&call->error);
    return compare(call, text, theirs_of(call, record));
}
