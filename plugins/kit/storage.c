/*
 * storage.c - what the interfaces of object storage have in common (see neph/kit/storage.h). Knows no service.
 */
#include <neph/kit/storage.h>
#include <neph/kit/text.h>

#define EXPECT_BYTES (1 << 20) /* from here on a refused upload costs more than a round trip */

/* ---- in ask */

int32_t neph_storage_header(neph_request *request, const char *name, const char *value)
{
    return value ? neph_request_header(request, name, value) : 0;
}

int32_t neph_storage_query(neph_request *request, const char *name, const char *value)
{
    return value && *value ? neph_request_query(request, name, value) : 0;
}

int32_t neph_storage_page(neph_call *call, neph_request *request, const char *name, int64_t most)
{
    int64_t limit = neph_argument_integer(call, NEPH_LIST_LIMIT);
    char digits[24];
    neph_text text;
    if (limit <= 0 || limit >= most)
        return 0;
    neph_text_init(&text, digits, sizeof digits);
    neph_text_add_integer(&text, limit);
    return neph_request_query(request, name, digits);
}

/* An INTEGER argument; 0: not given. */
static int64_t number_of(const neph_call *call, int32_t member)
{
    int64_t number = neph_argument_integer(call, member);
    return number == NEPH_UNKNOWN ? 0 : number;
}

/* "bytes=0-9", "bytes=10-", "bytes=-10". */
int32_t neph_storage_range(neph_call *call, neph_request *request, const char *name)
{
    int64_t offset = number_of(call, NEPH_RANGE_OFFSET);
    int64_t length = number_of(call, NEPH_RANGE_LENGTH);
    char data[64];
    neph_text range;
    if (!offset && !length)
        return 0;
    if (length < 0 || (offset < 0 && length) || (offset > 0 && length > INT64_MAX - offset))
        return neph_fail(
            call, NEPH_INVALID,
            "no such range: a length is positive, and not together with an offset from the end");
    neph_text_init(&range, data, sizeof data);
    neph_text_add(&range, "bytes=");
    neph_text_add_integer(&range, offset);
    if (offset >= 0)
        neph_text_add_char(&range, '-');
    if (length)
        neph_text_add_integer(&range, offset + length - 1);
    return neph_request_header(request, name, data);
}

int32_t neph_storage_condition(neph_request *request, const char *name, const char *tag)
{
    char data[256];
    neph_text text;
    if (!tag || !strcmp(tag, "*"))
        return neph_storage_header(request, name, tag);
    neph_text_init(&text, data, sizeof data);
    neph_text_add_char(&text, '"');
    neph_text_add(&text, tag);
    neph_text_add_char(&text, '"');
    if (text.status)
        return neph_fail(request, NEPH_LIMIT, "the entity tag \"%.40s…\" is too long", tag);
    return neph_request_header(request, name, data);
}

int32_t neph_storage_conditions(neph_call *call, neph_request *request)
{
    int32_t rc = neph_storage_condition(request, "If-Match", neph_argument(call, NEPH_IF_MATCH));
    return rc ? rc
              : neph_storage_condition(request, "If-None-Match",
                                       neph_argument(call, NEPH_IF_NONE_MATCH));
}

static int32_t metadata_add(neph_call *call, neph_request *request, const char *prefix,
                            const char *name, const char *value)
{
    char data[256];
    neph_text header;
    neph_text_init(&header, data, sizeof data);
    neph_text_add(&header, prefix);
    neph_text_add(&header, name);
    if (header.status)
        return neph_fail(call, NEPH_LIMIT, "the metadata name \"%.40s…\" is too long", name);
    return neph_request_header(request, data, value);
}

/* 1700000000.5: as many decimals as it takes. Before 1970 the sign holds for both parts. */
static void seconds_add(neph_text *text, int64_t time_ns)
{
    int64_t whole = time_ns / NEPH_NANO;
    int64_t part = time_ns % NEPH_NANO;
    if (!whole && part < 0)
        neph_text_add_char(text, '-');
    neph_text_add_integer(text, whole);
    part = part < 0 ? -part : part;
    if (part)
        neph_text_add_char(text, '.');
    for (int64_t unit = NEPH_NANO / 10; part; unit /= 10) {
        neph_text_add_char(text, (char)('0' + part / unit));
        part %= unit;
    }
}

int32_t neph_storage_metadata(neph_call *call, neph_request *request, const char *prefix)
{
    int64_t modified = neph_argument_integer(call, NEPH_OBJECT_LOCAL_MODIFIED);
    const char *name;
    const char *value;
    char data[32];
    neph_text text;
    int32_t rc = 0;
    for (uint32_t i = 0; !rc && neph_argument_pair(call, NEPH_OBJECT_METADATA, i, &name, &value);
         i++)
        rc = metadata_add(call, request, prefix, name, value);
    if (rc || modified == NEPH_UNKNOWN)
        return rc;
    neph_text_init(&text, data, sizeof data);
    seconds_add(&text, modified);
    return metadata_add(call, request, prefix, NEPH_STORAGE_MTIME, data);
}

int32_t neph_storage_expect(neph_request *request)
{
    neph_request_view view;
    int32_t rc = neph_request_look(request, &view);
    if (rc || (view.body_size >= 0 && view.body_size < EXPECT_BYTES))
        return rc;
    return neph_request_expect_continue(request);
}

/* -1: no digit. */
static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int32_t neph_storage_base64(char *out, size_t capacity, const char *hex)
{
    unsigned char digest[NEPH_DIGEST_MAX];
    neph_text text;
    size_t size = 0;
    for (; *hex; hex += 2, size++) {
        int high = hex_value(hex[0]);
        int low = high < 0 ? -1 : hex_value(hex[1]);
        if (low < 0 || size == sizeof digest)
            return NEPH_INVALID;
        digest[size] = (unsigned char)(high * 16 + low);
    }
    neph_text_init(&text, out, capacity);
    neph_text_add_base64(&text, digest, size);
    return text.status || !size ? NEPH_INVALID : 0;
}

/* ---- in sign */

int32_t neph_storage_digest(neph_request *request, int32_t algorithm, const char *name)
{
    char hex[NEPH_DIGEST_HEX_MAX];
    char data[2 * NEPH_DIGEST_MAX];
    int32_t rc = neph_request_body_digest(request, algorithm, hex, sizeof hex);
    if (!rc)
        rc = neph_storage_base64(data, sizeof data, hex);
    return rc ? rc : neph_request_header(request, name, data);
}

/* ---- in each */

int neph_storage_is_ranged(const neph_call *call)
{
    return number_of(call, NEPH_RANGE_OFFSET) || number_of(call, NEPH_RANGE_LENGTH);
}

/* A number of at most 18 digits at *at, which is moved behind it. */
static int digits_read(const char **at, int64_t *number)
{
    const char *start = *at;
    for (*number = 0; **at >= '0' && **at <= '9' && *at - start < 18; ++*at)
        *number = *number * 10 + (**at - '0');
    return *at != start;
}

int64_t neph_storage_total(const char *content_range)
{
    const char *at = content_range ? strchr(content_range, '/') : NULL;
    int64_t total;
    if (!at)
        return NEPH_UNKNOWN;
    at++;
    return digits_read(&at, &total) && !*at ? total : NEPH_UNKNOWN;
}

int32_t neph_storage_ranged(neph_call *call, neph_record *record)
{
    if (!neph_storage_is_ranged(call))
        return 0;
    if (neph_reply_status(call) != 206 && !neph_reply_header(call, "Content-Range"))
        return neph_fail(call, NEPH_PROTOCOL,
                         "the server ignored the range and sent the whole object");
    return neph_record_set_integer(record, NEPH_OBJECT_SIZE_BYTES,
                                   neph_storage_total(neph_reply_header(call, "Content-Range")));
}

/* "1700000000.5" in nanoseconds; what is finer is dropped. NEPH_UNKNOWN: it is no such number, or none of this age. */
static int64_t seconds_read(const char *text)
{
    int is_negative = *text == '-';
    int64_t whole;
    int64_t part = 0;
    text += is_negative;
    if (!digits_read(&text, &whole) || whole >= INT64_MAX / NEPH_NANO)
        return NEPH_UNKNOWN;
    if (*text == '.') {
        int64_t unit = NEPH_NANO / 10;
        for (text++; *text >= '0' && *text <= '9'; text++, unit /= 10)
            part += unit * (*text - '0');
    }
    if (*text)
        return NEPH_UNKNOWN;
    whole = whole * NEPH_NANO + part;
    return is_negative ? -whole : whole;
}

int32_t neph_storage_mtime(neph_record *record, const char *text)
{
    return text ? neph_record_set_integer(record, NEPH_OBJECT_LOCAL_MODIFIED, seconds_read(text))
                : 0;
}

int32_t neph_storage_modified(neph_call *call, neph_record *record, const char *name)
{
    return neph_storage_mtime(record, neph_reply_header(call, name));
}

int32_t neph_storage_checksum(neph_record *record, int32_t member, const char *algorithm,
                              const char *base64)
{
    unsigned char digest[NEPH_DIGEST_MAX];
    char data[NEPH_DIGEST_HEX_MAX + 32];
    neph_text text;
    int64_t size = base64 ? neph_base64_size(base64) : -1;
    if (size <= 0 || size > (int64_t)sizeof digest)
        return 0;
    neph_base64_decode(digest, base64);
    neph_text_init(&text, data, sizeof data);
    neph_text_add(&text, algorithm);
    neph_text_add_char(&text, ':');
    neph_text_add_hex(&text, digest, (size_t)size);
    return neph_record_set(record, member, data);
}
