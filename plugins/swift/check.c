/*
 * check.c - what neph looks at itself before a write, where the server does not (see swift_checks()): the tags of an upload's
 * segments, and whether what is copied is a large object. Such a server copies the manifest alone, so that two objects would
 * share segments, and the deletion of one would be the end of the other.
 */
#include "segment.h"

static const neph_field part_fields[] = {
    {"name", .member = SWIFT_SCRATCH_SEGMENT},
    {"hash", .member = NEPH_PART_ETAG},
};
static const neph_rule part_rules[] = {
    {.path = "[]", NEPH_FIELDS(part_fields), .kind = NEPH_KIND_PART},
};
const neph_reply swift_check_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, part_rules);

uint32_t swift_check_step(const neph_call *call)
{
    switch (neph_call_op(call)) {
    case NEPH_OP_OBJECT_COPY: return SWIFT_SOURCE;
    case NEPH_OP_UPLOAD_COMPLETE: return SWIFT_PARTS;
    default: return SWIFT_SEND;
    }
}

int swift_check_matters(const neph_call *call)
{
    return swift_check_step(call) != SWIFT_SEND || neph_argument(call, NEPH_IF_NONE_MATCH);
}

int32_t swift_check_ask(neph_call *call, neph_request *request)
{
    char name[SWIFT_NAME_SIZE];
    int32_t rc;
    if (neph_call_step(call) == SWIFT_SOURCE)
        return swift_ask(call, request, "HEAD", neph_argument(call, NEPH_COPY_BUCKET),
                         neph_argument(call, NEPH_COPY_KEY));
    rc = swift_segment_name(call, name, neph_argument(call, NEPH_UPLOAD_ID), 0);
    return rc ? rc : swift_ask_listing(call, request, name);
}

/* A segment that is there with another tag than the program was told is not the one that it means. */
int32_t swift_check_each(neph_call *call, neph_record *record)
{
    int64_t number = swift_segment_number(neph_scratch(call, SWIFT_SCRATCH_SEGMENT));
    const char *held = neph_record_get(record, NEPH_PART_ETAG);
    const char *name;
    const char *tag;
    for (uint32_t i = 0; held && neph_argument_pair(call, NEPH_UPLOAD_LISTED, i, &name, &tag); i++)
        if (swift_part_number(name) == number && strcmp(tag, held) != 0)
            return neph_fail(call, NEPH_INTEGRITY,
                             "a part is not what it should be: part %lld has the tag \"%.40s\"",
                             (long long)number, held);
    return NEPH_DROP;
}

int32_t swift_check_then(neph_call *call)
{
    if (neph_call_step(call) == SWIFT_SOURCE && swift_is_large(call))
        return neph_fail(call, NEPH_UNSUPPORTED,
                         "this server copies no large object: the copy would be made of the same "
                         "segments, and go with them");
    return 0;
}
