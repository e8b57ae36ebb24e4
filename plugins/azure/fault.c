/*
 * fault.c - what is done about an error reply: asked again, taken for an answer, or explained where the service's own words
 * do not say what to do. What codes mean stands in provider.c.
 */
#include "azure.h"

/* ---- buckets */

/* "Naming and Referencing Containers, Blobs, and Metadata", Azure Storage Services REST API reference. */
static int is_usual(const char *bucket)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    static const char *const others[] = {"$root", "$web", "$logs"};
    size_t size = strlen(bucket);
    for (size_t i = 0; i < NEPH_COUNT(others); i++)
        if (!strcmp(bucket, others[i]))
            return 1;
    return size >= 3 && size <= 63 && strspn(bucket, letters) == size && *bucket != '-' &&
           bucket[size - 1] != '-' && !strstr(bucket, "--");
}

int32_t azure_bucket_refuse(neph_call *call, const char *bucket)
{
    return neph_fail(call, NEPH_INVALID,
                     "\"%.80s\" is no name for a bucket: 3 to 63 small letters, digits and single "
                     "dashes between them are",
                     bucket);
}

/* The bucket that the call is about; NULL: none. */
static const char *bucket_of(const neph_call *call)
{
    static const int32_t members[] = {NEPH_BUCKET_NAME, NEPH_OBJECT_BUCKET, NEPH_PARAMETER};
    const char *bucket = NULL;
    for (size_t i = 0; !bucket && i < NEPH_COUNT(members); i++)
        bucket = neph_argument(call, members[i]);
    return bucket;
}

static int is_misnamed(const neph_call *call, const char *code)
{
    const char *bucket = bucket_of(call);
    return (!strcmp(code, "InvalidResourceName") || !strcmp(code, "OutOfRangeInput")) && bucket &&
           !is_usual(bucket);
}

/* Who creates it waits; who deletes it has what he wanted, where the reply to an earlier attempt was lost. */
static int32_t being_deleted(neph_call *call)
{
    if (neph_call_op(call) == NEPH_OP_BUCKET_CREATE)
        return NEPH_FAULT_LATER;
    if (azure_bucket_delete_is_over(call))
        return NEPH_FAULT_FINE;
    return neph_fail(call, NEPH_CONFLICT,
                     "the bucket is being deleted, which takes half a minute and more: create it "
                     "again (bucket create waits for that)");
}

/* ---- tokens. A key says all there is to say. */

/* What a token must have among its permissions ("Create a service SAS", "Create an account SAS", the same). */
static const struct {
    uint32_t op;
    const char *permission;
} needs[] = {
    {NEPH_OP_BUCKET_LIST, "l"},      {NEPH_OP_BUCKET_CREATE, "c"},
    {NEPH_OP_BUCKET_DELETE, "ld"},   {NEPH_OP_OBJECT_LIST, "l"},
    {NEPH_OP_OBJECT_HEAD, "r"},      {NEPH_OP_OBJECT_GET, "r"},
    {NEPH_OP_OBJECT_PUT, "w"},       {NEPH_OP_OBJECT_COPY, "rw"},
    {NEPH_OP_OBJECT_DELETE, "d"},    {NEPH_OP_UPLOAD_LIST, "l"},
    {NEPH_OP_UPLOAD_PART, "w"},      {NEPH_OP_UPLOAD_PARTS, "r"},
    {NEPH_OP_UPLOAD_COMPLETE, "w"},  {NEPH_OP_UPLOAD_ABORT, "rwdl"},
    {AZURE_OP_SNAPSHOT_CREATE, "w"}, {AZURE_OP_SNAPSHOT_LIST, "l"},
    {AZURE_OP_SNAPSHOT_DELETE, "d"}, {AZURE_OP_TIER_SET, "w"},
};

static int32_t not_permitted(neph_call *call, const azure_account *account)
{
    const char *needed = "other ones";
    char given[32] = "";
    azure_account_parameter(account, "sp", given, sizeof given);
    for (size_t i = 0; i < NEPH_COUNT(needs); i++)
        if (needs[i].op == neph_call_op(call))
            needed = needs[i].permission;
    return neph_fail(call, NEPH_PERMISSION,
                     "the SAS token does not permit it: its permissions are \"%s\", and \"%s\" is "
                     "needed; ask for another token",
                     given, needed);
}

/* The service does not say more, of a key nor of a token. */
static int is_refusal(const char *code)
{
    return !strcmp(code, "AuthenticationFailed") || !strcmp(code, "AuthorizationFailure");
}

static int32_t token_refused(neph_call *call, const azure_account *account, const char *code)
{
    int64_t now = neph_call_now(call);
    char time[64];
    if (azure_account_is_expired(account, now)) {
        azure_account_parameter(account, "se", time, sizeof time);
        return neph_fail(call, NEPH_AUTH, "the SAS token has expired (%s): ask for a new one",
                         time);
    }
    if (azure_account_is_early(account, now)) {
        azure_account_parameter(account, "st", time, sizeof time);
        return neph_fail(call, NEPH_AUTH,
                         "the SAS token is not good before %s: wait, or see if this machine's "
                         "clock is right",
                         time);
    }
    if (code && !strcmp(code, "AuthorizationPermissionMismatch"))
        return not_permitted(call, account);
    if (code && is_refusal(code))
        return neph_fail(call, NEPH_AUTH,
                         "the SAS token is refused: it is not whole, it is for something else, or "
                         "the key that it was made with is gone; ask for a new one");
    return NEPH_FAULT_DEFAULT;
}

/* ---- the rest */

static const struct {
    const char *code;
    int32_t status;
    const char *words;
} advice[] = {
    {"AuthorizationProtocolMismatch", NEPH_PERMISSION,
     "the SAS token is good for https alone: set an endpoint that begins so"},
    {"AuthorizationResourceTypeMismatch", NEPH_PERMISSION,
     "the SAS token is for other things than this one: ask for one for buckets (srt=c) and objects "
     "(srt=o)"},
    {"AuthorizationServiceMismatch", NEPH_PERMISSION,
     "the SAS token is for other services: ask for one for blobs (ss=b)"},
    {"AuthorizationSourceIPMismatch", NEPH_PERMISSION,
     "the SAS token is for other addresses than this machine's: ask for one for it"},
    {"BlobArchived", NEPH_CONFLICT,
     "the object is in the archive: fetch it first (neph call azure.tier_set, tier=Hot), which "
     "takes hours"},
    {"BlobBeingRehydrated", NEPH_CONFLICT,
     "the object is on its way out of the archive, which takes hours: try again later"},
    {"LeaseIdMissing", NEPH_CONFLICT,
     "another program holds a lease on it: wait until that is given up, or break it"},
    {"SnapshotsPresent", NEPH_CONFLICT,
     "the object has snapshots: delete them first (neph call azure.snapshot_list, "
     "azure.snapshot_delete)"},
};

/* Were bytes sent with their checksum? */
static int is_checked(const neph_call *call)
{
    const char *algorithm = neph_argument(call, NEPH_CHECKSUM);
    uint32_t op = neph_call_op(call);
    return (op == NEPH_OP_OBJECT_PUT || op == NEPH_OP_UPLOAD_PART) && algorithm &&
           !strcmp(algorithm, "md5");
}

static int32_t explain(neph_call *call, const char *code)
{
    if (is_misnamed(call, code))
        return azure_bucket_refuse(call, bucket_of(call));
    if (!strcmp(code, "InvalidOperation") && is_checked(call)) /* Azurite's Md5Mismatch */
        return neph_fail(call, NEPH_INTEGRITY,
                         "the bytes that arrived are not those that were sent: their MD5 differs");
    for (size_t i = 0; i < NEPH_COUNT(advice); i++)
        if (!strcmp(code, advice[i].code))
            return neph_fail(call, advice[i].status, "%s", advice[i].words);
    return NEPH_FAULT_DEFAULT;
}

int32_t azure_fault(neph_call *call)
{
    const azure_account *account = azure_account_of(neph_cloud_of(call));
    const char *code = neph_error_code(call);
    int32_t rc = NEPH_FAULT_DEFAULT;
    if (neph_reply_status(call) == 403 && !account->key_size)
        rc = token_refused(call, account, code);
    if (rc || !code)
        return rc;
    /* the service says the same of a wrong key and of a wrong clock */
    if (neph_reply_status(call) == 403 && account->key_size && is_refusal(code))
        return NEPH_FAULT_CLOCK;
    if (!strcmp(code, "ContainerBeingDeleted"))
        return being_deleted(call);
    if (azure_upload_abort_is_over(call, code))
        return NEPH_FAULT_FINE;
    if (azure_object_copy_is_changed(call, code))
        return azure_object_copy_look(call);
    return explain(call, code);
}
