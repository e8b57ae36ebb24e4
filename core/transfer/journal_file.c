/*
 * core/transfer/journal_file.c - the lines of a journal, written and read. Does not touch the file.
 */
#include "core/transfer/journal_file.h"

#include "core/text.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define SUM_DIGITS 16
#define FIELDS_MAX 6
#define LINE_MAX_BYTES ((size_t)256 << 10)
#define PARTS_MAX 1000000
#define PART_BYTES_MAX (INT64_C(1) << 42) /* so that all parts together are a number */
#define PAIRS_MAX 10000
#define TEXTS_MAX ((size_t)256 << 20)

/* ---- written */

uint64_t nephi_line_sum(uint64_t sum, const char *data, size_t size)
{
    for (size_t i = 0; i < size; i++)
        sum = (sum ^ (unsigned char)data[i]) * UINT64_C(1099511628211);
    return sum;
}

static int text_write(nephi_buffer *out, const char *value)
{
    size_t size = value ? strlen(value) : 0;
    int rc;
    if (!value || strcmp(value, "-") == 0)
        return nephi_buffer_text(out, value ? "%2D" : "-");
    rc = nephi_buffer_reserve(out, 3 * size + 1);
    if (!rc)
        out->size += nephi_percent_encode(out->data + out->size, value, size, NEPHI_KEEP_SLASH);
    return rc;
}

static int value_write(nephi_buffer *out, const nephi_line_value *value)
{
    int rc = nephi_buffer_char(out, ' ');
    if (rc)
        return rc;
    return value->is_number ? nephi_buffer_format(out, "%lld", (long long)value->number)
                            : text_write(out, value->text);
}

/* There is room for the sum, which is known at the end. */
static int sum_write(nephi_buffer *out, size_t begin)
{
    char digits[SUM_DIGITS + 1];
    size_t at = begin + SUM_DIGITS + 1;
    snprintf(digits, sizeof digits, "%016llx",
             (unsigned long long)nephi_line_sum(NEPHI_LINE_SUM, out->data + at, out->size - at));
    memcpy(out->data + begin, digits, SUM_DIGITS);
    return nephi_buffer_char(out, '\n');
}

int nephi_line_write(nephi_buffer *out, const char *word, const nephi_line_value *values,
                     size_t count)
{
    size_t begin = out->size;
    int rc = nephi_buffer_format(out, "%016d %s", 0, word);
    for (size_t i = 0; !rc && i < count; i++)
        rc = value_write(out, &values[i]);
    if (!rc)
        rc = sum_write(out, begin);
    if (rc)
        out->size = begin;
    return rc;
}

/* ---- read: the kinds of lines */

typedef struct field {
    const char *text; /* NULL: none */
    int64_t number;
} field;

typedef int (*take_fn)(nephi_entry *entry, const field *fields);

enum { NUMBER = 1, TEXT = 2 };

typedef struct place {
    int type;  /* 0: there are no more */
    size_t at; /* in nephi_entry; of those that take() does not see to */
} place;

/* One more of a list whose room doubles. NULL: too many, or no memory. */
static void *list_grow(nephi_entry *entry, void *list, size_t count, size_t size, size_t most)
{
    void *grown = list;
    if (count >= most)
        return NULL;
    if ((count & (count - 1)) == 0) {
        grown = nephi_arena_alloc(&entry->arena, (count ? 2 * count : 1) * size);
        if (grown && count)
            memcpy(grown, list, count * size);
    }
    return grown;
}

static int setting_take(nephi_entry *entry, nephi_entry_end *end, const field *fields)
{
    neph_setting_value *list =
        list_grow(entry, end->settings, end->setting_count, sizeof *end->settings, PAIRS_MAX);
    if (!list)
        return NEPH_NO_MEMORY;
    list[end->setting_count++] = (neph_setting_value){fields[0].text, fields[1].text};
    end->settings = list;
    return 0;
}

static int from_setting_take(nephi_entry *entry, const field *fields)
{
    return setting_take(entry, &entry->from, fields);
}

static int to_setting_take(nephi_entry *entry, const field *fields)
{
    return setting_take(entry, &entry->to, fields);
}

static int metadata_take(nephi_entry *entry, const field *fields)
{
    neph_pair *list = list_grow(entry, entry->metadata, entry->metadata_count,
                                sizeof *entry->metadata, PAIRS_MAX);
    if (!list)
        return NEPH_NO_MEMORY;
    list[entry->metadata_count++] = (neph_pair){fields[0].text, fields[1].text};
    entry->metadata = list;
    return 0;
}

/* The machine was started since: what was not synced may be gone, as far as it was written here. */
static int boot_take(nephi_entry *entry, const field *fields)
{
    if (entry->temporary && entry->boot &&
        (!fields[0].text || strcmp(entry->boot, fields[0].text) != 0))
        entry->part_count = entry->synced_count;
    entry->boot = fields[0].text;
    return 0;
}

static int part_is_planned(const nephi_entry *entry, int64_t number, int64_t size)
{
    int64_t before;
    if (number < 1 || number > PARTS_MAX || size < 0 || size > PART_BYTES_MAX)
        return 0;
    if (entry->total_bytes < 0 || entry->part_bytes <= 0)
        return 1; /* of a pipe: nothing is known before */
    if (number - 1 > entry->total_bytes / entry->part_bytes)
        return 0;
    before = (number - 1) * entry->part_bytes;
    return size == (entry->total_bytes - before < entry->part_bytes ? entry->total_bytes - before
                                                                    : entry->part_bytes);
}

static int part_take(nephi_entry *entry, const field *fields)
{
    nephi_entry_part *list;
    if (!part_is_planned(entry, fields[0].number, fields[1].number))
        return NEPH_INVALID;
    list = list_grow(entry, entry->parts, entry->part_count, sizeof *list, 2 * PARTS_MAX);
    if (!list)
        return NEPH_NO_MEMORY;
    list[entry->part_count++] =
        (nephi_entry_part){fields[0].number, fields[1].number, fields[2].text, fields[3].text};
    entry->parts = list;
    return 0;
}

static int synced_take(nephi_entry *entry, const field *fields)
{
    (void)fields;
    entry->synced_count = entry->part_count;
    return 0;
}

/* What belonged to an upload that was given up does not count any more. */
static int upload_take(nephi_entry *entry, const field *fields)
{
    entry->upload = fields[0].text;
    entry->part_count = entry->synced_count = 0;
    entry->completing_ns = 0;
    return 0;
}

/* A line of the head comes once, and before all that was done; the other kinds come at any time. */
enum { HEAD = 1, NEEDED = 2 };

typedef struct kind {
    const char *word;
    int rules;
    place places[FIELDS_MAX];
    take_fn take; /* NULL: values go to their places */
} kind;

#define AT(member) offsetof(nephi_entry, member)

static const kind kinds[] = {
    {"neph-journal", HEAD | NEEDED, {{NUMBER, AT(version)}}, NULL},
    {"begun", HEAD | NEEDED, {{NUMBER, AT(begun_ns)}}, NULL},
    {"from-cloud",
     HEAD,
     {{TEXT, AT(from.cloud)}, {TEXT, AT(from.provider)}, {TEXT, AT(from.endpoint)}},
     NULL},
    {"from-setting", 0, {{TEXT, 0}, {TEXT, 0}}, from_setting_take},
    {"from",
     HEAD | NEEDED,
     {{TEXT, AT(from.bucket)}, {TEXT, AT(from.key)}, {TEXT, AT(from.version)}},
     NULL},
    {"to-cloud",
     HEAD,
     {{TEXT, AT(to.cloud)}, {TEXT, AT(to.provider)}, {TEXT, AT(to.endpoint)}},
     NULL},
    {"to-setting", 0, {{TEXT, 0}, {TEXT, 0}}, to_setting_take},
    {"to",
     HEAD | NEEDED,
     {{TEXT, AT(to.bucket)}, {TEXT, AT(to.key)}, {TEXT, AT(to.version)}},
     NULL},
    {"file",
     HEAD,
     {{NUMBER, AT(identity.device)},
      {NUMBER, AT(identity.inode)},
      {NUMBER, AT(identity.size_bytes)},
      {NUMBER, AT(identity.modified_ns)}},
     NULL},
    {"object", HEAD, {{TEXT, AT(etag)}, {NUMBER, AT(source_bytes)}}, NULL},
    {"plan",
     HEAD | NEEDED,
     {{NUMBER, AT(total_bytes)},
      {NUMBER, AT(part_bytes)},
      {TEXT, AT(checksum)},
      {NUMBER, AT(verify)},
      {NUMBER, AT(keep_times)}},
     NULL},
    {"facts",
     HEAD | NEEDED,
     {{TEXT, AT(content_type)},
      {TEXT, AT(storage_class)},
      {TEXT, AT(if_match)},
      {TEXT, AT(if_none_match)}},
     NULL},
    {"metadata", 0, {{TEXT, 0}, {TEXT, 0}}, metadata_take},
    {"temporary", HEAD, {{TEXT, AT(temporary)}}, NULL},
    {"boot", 0, {{TEXT, 0}}, boot_take},
    {"upload", 0, {{TEXT, 0}}, upload_take},
    {"part", 0, {{NUMBER, 0}, {NUMBER, 0}, {TEXT, 0}, {TEXT, 0}}, part_take},
    {"synced", 0, {{0, 0}}, synced_take},
    {"completing", 0, {{NUMBER, AT(completing_ns)}, {TEXT, AT(whole)}}, NULL},
};

#define KINDS (sizeof kinds / sizeof *kinds)

/* ---- read: one line */

static int text_read(nephi_entry *entry, const char *at, size_t size, const char **out)
{
    char *copy;
    *out = NULL;
    if (size == 1 && *at == '-')
        return 0;
    copy = nephi_arena_text(&entry->arena, at, size);
    if (!copy)
        return NEPH_NO_MEMORY;
    size = nephi_percent_decode(copy, copy, size);
    copy[size] = '\0';
    *out = copy;
    return memchr(copy, '\0', size) ? NEPH_INVALID : 0;
}

static int field_read(nephi_entry *entry, int type, const char *at, size_t size, field *out)
{
    if (type == TEXT)
        return text_read(entry, at, size, &out->text);
    return nephi_read_integer(at, size, &out->number) ? 0 : NEPH_INVALID;
}

static int fields_store(nephi_entry *entry, const kind *row, const field *fields)
{
    for (int i = 0; i < FIELDS_MAX && row->places[i].type; i++) {
        char *at = (char *)entry + row->places[i].at;
        if (row->places[i].type == TEXT)
            memcpy(at, &fields[i].text, sizeof fields[i].text);
        else
            memcpy(at, &fields[i].number, sizeof fields[i].number);
    }
    return 0;
}

static const kind *kind_find(const char *at, size_t size)
{
    for (size_t i = 0; i < KINDS; i++)
        if (strlen(kinds[i].word) == size && memcmp(kinds[i].word, at, size) == 0)
            return &kinds[i];
    return NULL;
}

static int is_seen(const nephi_entry *entry, const kind *row)
{
    return (entry->seen >> (row - kinds)) & 1;
}

/* Without its sum. */
static int line_read(nephi_entry *entry, const char *at, const char *end)
{
    const char *blank = memchr(at, ' ', (size_t)(end - at));
    const kind *row = kind_find(at, (size_t)((blank ? blank : end) - at));
    field fields[FIELDS_MAX] = {{NULL, 0}};
    int rc = row ? 0 : NEPH_INVALID, count = 0;
    for (; !rc && count < FIELDS_MAX && row->places[count].type; count++) {
        if (!blank)
            return NEPH_INVALID;
        at = blank + 1;
        blank = memchr(at, ' ', (size_t)(end - at));
        rc = field_read(entry, row->places[count].type, at, (size_t)((blank ? blank : end) - at),
                        &fields[count]);
    }
    if (rc || blank)
        return rc ? rc : NEPH_INVALID;
    if ((row->rules & HEAD) && (entry->upload || entry->part_count || is_seen(entry, row)))
        return NEPH_INVALID;
    entry->seen |= UINT32_C(1) << (row - kinds);
    return row->take ? row->take(entry, fields) : fields_store(entry, row, fields);
}

static int sum_is_right(const char *at, const char *end)
{
    char digits[SUM_DIGITS + 1];
    if (end - at < SUM_DIGITS + 2 || at[SUM_DIGITS] != ' ')
        return 0;
    snprintf(digits, sizeof digits, "%016llx",
             (unsigned long long)nephi_line_sum(NEPHI_LINE_SUM, at + SUM_DIGITS + 1,
                                                (size_t)(end - at) - SUM_DIGITS - 1));
    return memcmp(digits, at, SUM_DIGITS) == 0;
}

/* ---- read: all */

static int complain(const char **why, const char *what)
{
    *why = what;
    return NEPH_INVALID;
}

static int whole_check(const nephi_entry *entry, const char **why)
{
    for (size_t i = 0; i < KINDS; i++)
        if ((kinds[i].rules & NEEDED) && !is_seen(entry, &kinds[i]))
            return complain(why, "it ends before all was said");
    if (entry->total_bytes < -1 || entry->part_bytes < 0 || entry->begun_ns < 0)
        return complain(why, "it has a number that cannot be");
    if (!entry->to.key || (entry->to.cloud && !entry->to.bucket) ||
        (entry->from.cloud && (!entry->from.bucket || !entry->from.key)))
        return complain(why, "it does not say from where to where");
    return 0;
}

static void entry_init(nephi_entry *entry, const nephi_memory *memory)
{
    memset(entry, 0, sizeof *entry);
    nephi_arena_init(&entry->arena, memory, TEXTS_MAX);
    entry->total_bytes = -1;
}

int nephi_entry_parse(nephi_entry *entry, const nephi_memory *memory, const char *data, size_t size,
                      const char **why)
{
    const char *at = data, *end = data + size;
    int rc = 0;
    *why = NULL;
    entry_init(entry, memory);
    while (!rc && at < end) {
        const char *line = at, *stop = memchr(at, '\n', (size_t)(end - at));
        int is_last = !stop || stop + 1 == end;
        if (stop && (size_t)(stop - line) > LINE_MAX_BYTES)
            return complain(why, "a line is too long");
        if (!stop || !sum_is_right(line, stop)) {
            if (is_last && line > data)
                break; /* torn */
            return complain(why, "a line is not what was written");
        }
        rc = line_read(entry, line + SUM_DIGITS + 1, stop);
        if (line == data && !rc && entry->version != NEPHI_JOURNAL_VERSION)
            return complain(why, "it was written by another version of neph");
        at = stop + 1;
        entry->good_bytes = (size_t)(at - data);
    }
    if (rc == NEPH_INVALID)
        return complain(why, "it says what this version of neph does not know");
    return rc ? rc : whole_check(entry, why);
}

void nephi_entry_fini(nephi_entry *entry)
{
    nephi_arena_fini(&entry->arena, 1);
    memset(entry, 0, sizeof *entry);
}

/* The last one of a number counts. Few come twice, so looking back is cheap enough for what a
 * person waits for. */
int64_t nephi_entry_done_bytes(const nephi_entry *entry)
{
    int64_t sum = 0;
    unsigned char *seen = nephi_alloc(entry->arena.memory, PARTS_MAX / 8 + 1);
    for (size_t i = entry->part_count; seen && i > 0; i--) {
        const nephi_entry_part *part = &entry->parts[i - 1];
        unsigned char bit = (unsigned char)(1u << (part->number % 8));
        if (!(seen[part->number / 8] & bit))
            sum += part->size_bytes;
        seen[part->number / 8] |= bit;
    }
    nephi_free(entry->arena.memory, seen);
    return sum;
}
