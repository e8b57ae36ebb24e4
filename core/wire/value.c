/*
 * core/wire/value.c - one text of a reply: what its field's flags make of it, and where it goes. When that happens is
 * reply.c's and waiting.c's business.
 */
#include "core/text.h"
#include "core/wire/reader.h"

#include <stdio.h>
#include <string.h>

/* ---- failures */

/* What to name behind the open element; NULL: it is the field's own. */
static const char *place(const nephi_reader *reader, const nephi_target *target)
{
    const nephi_target *own = reader->depth ? reader->levels[reader->depth].node->targets : NULL;
    const char *last = strrchr(target->path, '/');
    while (own && own != target)
        own = own->next;
    if (own)
        return NULL;
    if (target->climb)
        return target->path + strlen("../") * target->climb;
    if (target->filter)
        return strchr(target->path, ']') + strlen("]/");
    return last && last[1] == '@' ? last + 1 : target->path;
}

/* "what: "text"", unless the text is a secret. */
static int fail_text(nephi_reader *reader, const nephi_target *target, const char *what,
                     const char *text, size_t size)
{
    char message[160];
    int is_secret = (target->flags & NEPH_FIELD_SECRET) ||
                    (target->member && target->member->info.flags & NEPH_INFO_SECRET);
    if (is_secret)
        snprintf(message, sizeof message, "%s", what);
    else
        snprintf(message, sizeof message, "%s: \"%.*s\"", what, size > 40 ? 40 : (int)size, text);
    return nephi_reader_fail(reader, place(reader, target), message);
}

int nephi_value_check(nephi_reader *reader, const nephi_target *target, int rc, const char *text,
                      size_t size)
{
    switch (rc) {
    case 0: return 0;
    case NEPH_INVALID:
        return fail_text(reader, target, "not the number, time or truth value that it should be",
                         text, size);
    case NEPH_LIMIT:
        return nephi_reader_fail(reader, place(reader, target), "one result is larger than 4 MiB");
    default: return nephi_fail_memory(reader->error);
    }
}

/* Of a buffer that holds texts. */
static int buffer_check(nephi_reader *reader, const nephi_target *target, int rc)
{
    if (rc == NEPH_LIMIT)
        return nephi_reader_fail(reader, place(reader, target), "texts of more than 1 MiB");
    return rc ? nephi_fail_memory(reader->error) : 0;
}

/* ---- decoding */

static int work_text(nephi_reader *reader, const nephi_target *target, const char **text,
                     size_t size)
{
    int rc = 0;
    if (*text == reader->work.data)
        return 0;
    nephi_buffer_clear(&reader->work);
    rc = buffer_check(reader, target, nephi_buffer_add(&reader->work, *text, size));
    *text = reader->work.data;
    return rc;
}

static void unquote(const char **text, size_t *size)
{
    if (*size > 2 && memcmp(*text, "W/", 2) == 0)
        *text += 2, *size -= 2;
    if (*size >= 2 && **text == '"' && (*text)[*size - 1] == '"')
        *text += 1, *size -= 2;
}

/* Listings are encoded like forms: S3 writes "a b+c" as "a+b%2Bc". */
static void plus_decode(char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (text[i] == '+')
            text[i] = ' ';
}

int nephi_value_url_decode(nephi_reader *reader, const nephi_target *target, const char **text,
                           size_t *size)
{
    int is_form = (target->flags & NEPH_FIELD_URL_IF) && reader->is_decoding > 0;
    int has_plus = is_form && memchr(*text, '+', *size);
    int rc;
    if (!is_form && !(target->flags & NEPH_FIELD_URL))
        return 0;
    if (!has_plus && !memchr(*text, '%', *size))
        return 0;
    rc = work_text(reader, target, text, *size);
    if (rc)
        return rc;
    if (has_plus)
        plus_decode(reader->work.data, *size);
    *size = nephi_percent_decode(reader->work.data, *text, *size);
    return memchr(*text, 0, *size)
               ? nephi_reader_fail(reader, place(reader, target), "a NUL in a text")
               : 0;
}

static int base64_decode(nephi_reader *reader, const nephi_target *target, const char **text,
                         size_t *size)
{
    int64_t decoded;
    int rc = work_text(reader, target, text, *size);
    if (rc)
        return rc;
    decoded = nephi_base64_decode((unsigned char *)reader->work.data, *text, *size);
    if (decoded < 0)
        return fail_text(reader, target, "not the base64 that it should be", *text, *size);
    *size = (size_t)decoded;
    return memchr(*text, 0, *size)
               ? nephi_reader_fail(reader, place(reader, target), "a NUL in a text")
               : 0;
}

static int decode(nephi_reader *reader, const nephi_target *target, const char **text, size_t *size)
{
    int rc;
    if (!*size)
        return 0;
    if (target->flags & NEPH_FIELD_UNQUOTE)
        unquote(text, size);
    rc = *size ? nephi_value_url_decode(reader, target, text, size) : 0;
    if (!rc && *size && (target->flags & NEPH_FIELD_BASE64))
        rc = base64_decode(reader, target, text, size);
    return rc;
}

/* ---- numbers */

static int64_t map_find(const neph_map *map, const char *text, size_t size)
{
    for (; map->text; map++)
        if (strlen(map->text) == size && memcmp(map->text, text, size) == 0)
            return map->number;
    return map->number; /* of the row without a text */
}

/* a * b, and nothing that has another meaning. */
static int multiply(int64_t a, int64_t b, int64_t *out)
{
    return !__builtin_mul_overflow(a, b, out) && *out != NEPH_UNKNOWN;
}

/* nano * scale / 1e9 without leaving 64 bits on the way. What is left over is dropped if the field has a scale (tenths
 * of a GiB are no whole number of bytes), else it is an error. */
static int scaled_nano(int64_t nano, int64_t scale, int64_t *out)
{
    int64_t whole = nano / NEPH_NANO, part = nano % NEPH_NANO, high, low;
    if (scale == 1 && part)
        return 0;
    if (!multiply(whole, scale, &whole) || !multiply(part, scale / NEPH_NANO, &high))
        return 0;
    low = part * (scale % NEPH_NANO) / NEPH_NANO;
    return !__builtin_add_overflow(high, low, &high) && !__builtin_add_overflow(whole, high, out) &&
           *out != NEPH_UNKNOWN;
}

static int scaled(const nephi_target *target, const char *text, size_t size, int64_t *out)
{
    int is_decimal = target->member->info.type == NEPH_TYPE_DECIMAL;
    int64_t number;
    if (nephi_read_integer(text, size, &number))
        return multiply(number, target->scale, &number) &&
               multiply(number, is_decimal ? NEPH_NANO : 1, out);
    if (!nephi_read_decimal(text, size, &number))
        return 0;
    return is_decimal ? multiply(number, target->scale, out)
                      : scaled_nano(number, target->scale, out);
}

static int number_of(const nephi_target *target, const char *text, size_t size, int64_t *out)
{
    if (target->map) {
        *out = map_find(target->map, text, size);
        return 1;
    }
    if (target->flags & NEPH_FIELD_PERCENT)
        size -= text[size - 1] == '%';
    if (target->flags & NEPH_FIELD_EPOCH)
        return nephi_read_epoch(text, size, NEPH_NANO, out);
    if (target->flags & NEPH_FIELD_EPOCH_MS)
        return nephi_read_epoch(text, size, 1000000, out);
    switch (target->member->info.type) {
    case NEPH_TYPE_TIME: return nephi_read_time(text, size, out);
    case NEPH_TYPE_BOOLEAN: return nephi_read_boolean(text, size, out);
    default: return scaled(target, text, size, out);
    }
}

/* ---- where it goes */

static int is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void trim(const char **text, size_t *size)
{
    while (*size && is_blank(**text))
        ++*text, --*size;
    while (*size && is_blank((*text)[*size - 1]))
        --*size;
}

static int member_set(const nephi_target *target, neph_record *record, const char *text,
                      size_t size)
{
    const nephi_member *member = target->member;
    int64_t number;
    switch (member->info.type) {
    case NEPH_TYPE_STRING: return nephi_record_set_text(record, member, text, size);
    case NEPH_TYPE_STRINGS: return nephi_record_add_text(record, member, text, size);
    case NEPH_TYPE_PAIRS:
        return nephi_record_add_pair(record, target->number, target->name, target->name_size, text,
                                     size);
    default: break;
    }
    trim(&text, &size);
    if (!size)
        return 0; /* not reported */
    if (!number_of(target, text, size, &number))
        return NEPH_INVALID;
    return nephi_record_set_number(record, member, number);
}

int nephi_value_set(nephi_reader *reader, const nephi_target *target, neph_record *record,
                    const char *text, size_t size)
{
    int rc;
    if (target->is_bytes && target->member && !nephi_member_fits(target->member, text, size))
        return nephi_reader_fail(reader, place(reader, target), "a text that is no UTF-8");
    if (target->number == NEPH_EXTRA)
        rc = nephi_record_add_pair(record, NEPH_EXTRA, target->name, target->name_size, text, size);
    else if (!target->member)
        rc = nephi_record_set_error(record, target->number, text, size);
    else
        rc = member_set(target, record, text, size);
    if (target->flags & NEPH_FIELD_SECRET)
        record->is_secret = 1;
    return rc ? nephi_value_check(reader, target, rc, text, size) : 0;
}

/* What belongs to the call is a text there; a map's number and an epoch are written as one. */
static int call_set(nephi_reader *reader, const nephi_target *target, const char *text, size_t size)
{
    char written[48];
    int64_t number;
    if (target->map || target->flags & (NEPH_FIELD_EPOCH | NEPH_FIELD_EPOCH_MS)) {
        trim(&text, &size);
        if (!number_of(target, text, size, &number))
            return nephi_value_check(reader, target, NEPH_INVALID, text, size);
        size = target->map ? (size_t)snprintf(written, sizeof written, "%lld", (long long)number)
                           : nephi_write_time(written, sizeof written, number);
        text = written;
    }
    return reader->sink->value(reader->user, target->number, text, size, target->flags);
}

int nephi_value_hold(nephi_reader *reader, uint32_t index, const nephi_target *target,
                     const char *text, size_t size)
{
    nephi_buffer *texts = &reader->held[index].texts;
    int rc = nephi_buffer_add(texts, text, size);
    if (!rc)
        rc = nephi_buffer_add(texts, "", 1);
    return buffer_check(reader, target, rc);
}

int nephi_value_take(nephi_reader *reader, const nephi_target *target, const char *text,
                     size_t size)
{
    nephi_rule_state *rule = &reader->rules[target->rule];
    int rc;
    if ((!rule->is_open && !target->climb) || (reader->off >> target->rule & 1))
        return 0;
    rc = target->is_coded ? decode(reader, target, &text, &size) : 0;
    if (rc)
        return rc;
    if (target->climb)
        return nephi_value_hold(reader, target->climb_index, target, text, size);
    rule->seen |= UINT64_C(1) << target->bit;
    if (target->is_of_call)
        return call_set(reader, target, text, size);
    return rule->record ? nephi_value_set(reader, target, rule->record, text, size) : 0;
}

int nephi_value_take_pair(nephi_reader *reader, const nephi_target *target,
                          const nephi_buffer *name, const char *text, size_t size)
{
    nephi_rule_state *rule = &reader->rules[target->rule];
    int rc;
    if (!rule->record || (reader->off >> target->rule & 1))
        return 0;
    rc = target->is_coded ? decode(reader, target, &text, &size) : 0;
    if (rc)
        return rc;
    rule->seen |= UINT64_C(1) << target->bit;
    rc = nephi_record_add_pair(rule->record, target->number, name->data ? name->data : "",
                               name->size, text, size);
    if (target->flags & NEPH_FIELD_SECRET)
        rule->record->is_secret = 1;
    return rc ? nephi_value_check(reader, target, rc, text, size) : 0;
}
