/*
 * limits.c - what /info says the server takes: storage limits, and what other operations must know of it. A server that
 * has no /info, or shows it to nobody, works all the same.
 */
#include "swift.h"

#define BULK_NOTED "deletes in one request"
#define SEGMENTS_NOTED "segments of a manifest"
#define DIGEST_NOTED "digest of a TempURL"
#define CHECKS_NOTED "checks what it is told"
#define BEATS_NOTED "seconds between signs of life"

/* Where /info is not there: Swift's own defaults (swift.common.constraints, slo). */
#define OBJECT_BYTES INT64_C(5368709122)
#define SEGMENTS 1000

static const neph_field info_fields[] = {
    {"bulk_delete/max_deletes_per_request", .member = SWIFT_SCRATCH_DELETES},
    {"slo/max_manifest_segments", .member = SWIFT_SCRATCH_SEGMENTS},
    {"slo/yield_frequency", .member = SWIFT_SCRATCH_BEATS},
    {"swift/max_meta_count", .member = SWIFT_SCRATCH_CHECKS},
    {"tempurl/methods[]", .member = SWIFT_SCRATCH_METHODS},
};
static const neph_rule info_rules[] = {
    {.path = ".", NEPH_FIELDS(info_fields)},
};
const neph_reply swift_info_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, info_rules);

int32_t swift_info_ask(neph_call *call, neph_request *request)
{
    int32_t rc = neph_request_method(request, "GET");
    (void)call;
    return rc ? rc : neph_request_endpoint(request, SWIFT_AT_INFO);
}

static int32_t note(neph_call *call, const char *name, int32_t capture)
{
    const char *said = neph_scratch(call, capture);
    return neph_remember(neph_cloud_of(call), name, said ? said : "0");
}

/* Without an answer nothing is deleted in bulk, and large objects are tried. */
int32_t swift_info_then(neph_call *call)
{
    int32_t rc = note(call, BULK_NOTED, SWIFT_SCRATCH_DELETES);
    if (rc || neph_reply_status(call) / 100 != 2)
        return rc;
    rc = note(call, SEGMENTS_NOTED, SWIFT_SCRATCH_SEGMENTS);
    if (!rc)
        rc = note(call, BEATS_NOTED, SWIFT_SCRATCH_BEATS);
    return rc ? rc : note(call, CHECKS_NOTED, SWIFT_SCRATCH_CHECKS);
}

/* What was noted; -1: nothing. */
static int64_t noted(const neph_call *call, const char *name)
{
    const char *text = neph_recall(neph_cloud_of(call), name);
    int64_t number = 0;
    if (!text)
        return -1;
    for (; *text >= '0' && *text <= '9' && number < INT64_MAX / 100; text++)
        number = number * 10 + (*text - '0');
    return number;
}

int64_t swift_bulk_known(const neph_call *call)
{
    return noted(call, BULK_NOTED);
}

int64_t swift_segments_most(const neph_call *call)
{
    return noted(call, SEGMENTS_NOTED);
}

/* Swift's own proxy, which checks, tells in /info what metadata it takes; who only speaks like it (Ceph) does not. */
int swift_checks(const neph_call *call)
{
    return noted(call, CHECKS_NOTED) != 0;
}

int swift_beats(const neph_call *call)
{
    return noted(call, BEATS_NOTED) > 0;
}

/* ---- storage limits */

static const neph_field limits_fields[] = {
    {"swift/max_file_size", .member = NEPH_LIMITS_PUT_BYTES},
    {"swift/max_file_size", .member = NEPH_LIMITS_PART_BYTES_MAX},
    {"swift/max_file_size", .member = NEPH_LIMITS_COPY_BYTES},
    {"slo/min_segment_size", .member = NEPH_LIMITS_PART_BYTES_MIN},
    {"slo/max_manifest_segments", .member = NEPH_LIMITS_PART_COUNT},
    {"bulk_delete/max_deletes_per_request", .member = NEPH_LIMITS_DELETE_COUNT},
};
static const neph_field digest_fields[] = {
    {".", .member = NEPH_PREFIX_NAME},
};
static const neph_rule limits_rules[] = {
    {.path = "tempurl/allowed_digests[]", NEPH_FIELDS(digest_fields), .kind = NEPH_KIND_PREFIX},
    {.path = ".", NEPH_FIELDS(limits_fields), .kind = NEPH_KIND_LIMITS},
    {.path = ".", NEPH_FIELDS(info_fields)},
};
static const neph_reply limits_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, limits_rules);
const neph_reply *const swift_limits_replies[1] = {&limits_reply};

/* ---- digests of TempURLs */

static const neph_rule digest_rules[] = {
    {.path = "tempurl/allowed_digests[]", NEPH_FIELDS(digest_fields), .kind = NEPH_KIND_PREFIX},
    {.path = ".", NEPH_FIELDS(info_fields)},
};
const neph_reply swift_digest_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, digest_rules);

const char *swift_digest_known(const neph_call *call)
{
    return neph_recall(neph_cloud_of(call), DIGEST_NOTED);
}

/* SHA-256 before what comes after it in the list; anything else only as long as there is none. */
int32_t swift_digest_each(neph_call *call, neph_record *record)
{
    const char *name = neph_record_get(record, NEPH_PREFIX_NAME);
    int32_t rc = 0;
    if (name && (!swift_digest_known(call) || !strcmp(name, "sha256")))
        rc = neph_remember(neph_cloud_of(call), DIGEST_NOTED, name);
    return rc ? rc : NEPH_DROP;
}

/* A server that has TempURLs and does not say of which digest knows the one that they began with. */
int32_t swift_digest_then(neph_call *call)
{
    if (swift_digest_known(call))
        return 0;
    return neph_remember(neph_cloud_of(call), DIGEST_NOTED,
                         neph_scratch(call, SWIFT_SCRATCH_METHODS) ? "sha1" : "sha256");
}

/* What follows from the rest, and what no server says. */
int32_t swift_limits_each(neph_call *call, neph_record *record)
{
    int64_t bytes = neph_record_get_integer(record, NEPH_LIMITS_PUT_BYTES);
    int64_t count = neph_record_get_integer(record, NEPH_LIMITS_PART_COUNT);
    int32_t rc = 0;
    if (neph_record_get(record, NEPH_PREFIX_NAME))
        return swift_digest_each(call, record);
    if (bytes > 0 && count > 0 && count < INT64_MAX / bytes)
        rc = neph_record_set_integer(record, NEPH_LIMITS_OBJECT_BYTES, bytes * count);
    if (!rc)
        rc = neph_record_set_integer(record, NEPH_LIMITS_EQUAL_PARTS, 0);
    if (!rc && !neph_scratch(call, SWIFT_SCRATCH_CHECKS)) /* it copies an object, or none of it */
        rc = neph_record_set_integer(record, NEPH_LIMITS_COPY_BYTES, NEPH_UNKNOWN);
    return rc ? rc : neph_record_set(record, NEPH_LIMITS_CHECKSUM, "md5");
}

/* There is no /info: what Swift does unless it was told otherwise. */
static int32_t limits_default(neph_call *call)
{
    static const struct {
        int32_t member;
        int64_t number;
    } rows[] = {
        {NEPH_LIMITS_PUT_BYTES, OBJECT_BYTES},  {NEPH_LIMITS_PART_BYTES_MAX, OBJECT_BYTES},
        {NEPH_LIMITS_COPY_BYTES, OBJECT_BYTES}, {NEPH_LIMITS_PART_BYTES_MIN, 1},
        {NEPH_LIMITS_PART_COUNT, SEGMENTS},
    };
    neph_record *record = neph_record_new(call, NEPH_KIND_LIMITS);
    int32_t rc = record ? 0 : neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    for (size_t i = 0; !rc && i < NEPH_COUNT(rows); i++)
        rc = neph_record_set_integer(record, rows[i].member, rows[i].number);
    if (rc)
        return rc;
    rc = neph_record_emit(call, record);
    return rc == NEPH_AGAIN ? 0 : rc;
}

int32_t swift_limits_then(neph_call *call)
{
    int32_t rc = swift_info_then(call);
    if (!rc)
        rc = swift_digest_then(call);
    return rc || neph_reply_status(call) / 100 == 2 ? rc : limits_default(call);
}

/* No /info, or none for this user, is an answer, too. */
int32_t swift_limits_fault(neph_call *call)
{
    int32_t status = neph_reply_status(call);
    return status == 404 || status == 403 || status == 405 ? NEPH_FAULT_FINE : NEPH_FAULT_DEFAULT;
}
