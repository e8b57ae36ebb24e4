/*
 * The journal of a transfer. Input: its lines without their sums, which are added here, since no
 * fuzzer would find them; and the same bytes as they are. What is accepted says from where to
 * where, its parts are where they can be, and what is written of it reads as the same; what is
 * refused says why.
 */
#include "core/transfer/journal_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int is_true)
{
    if (!is_true)
        abort();
}

static void check(const nephi_entry *entry)
{
    demand(entry->to.key != NULL);
    demand(entry->version == NEPHI_JOURNAL_VERSION);
    demand(entry->synced_count <= entry->part_count);
    demand(nephi_entry_done_bytes(entry) >= 0 || entry->total_bytes < 0);
    for (size_t i = 0; i < entry->part_count; i++)
        demand(entry->parts[i].number > 0 && entry->parts[i].size_bytes >= 0);
    for (size_t i = 0; i < entry->to.setting_count; i++)
        demand(!entry->to.settings[i].name || strlen(entry->to.settings[i].name) < (1u << 20));
}

static void parse(const nephi_memory *memory, const char *data, size_t size)
{
    nephi_entry entry;
    const char *why;
    int rc = nephi_entry_parse(&entry, memory, data, size, &why);
    demand(rc == 0 ? !why : rc == NEPH_NO_MEMORY || (rc == NEPH_INVALID && why));
    demand(entry.good_bytes <= size);
    if (!rc)
        check(&entry);
    nephi_entry_fini(&entry);
}

/* Each line with its sum. */
static void sum(nephi_buffer *out, const char *data, size_t size)
{
    while (size) {
        const char *stop = memchr(data, '\n', size);
        size_t length = stop ? (size_t)(stop - data) : size;
        demand(nephi_buffer_format(
                   out, "%016llx ",
                   (unsigned long long)nephi_line_sum(NEPHI_LINE_SUM, data, length)) == 0);
        demand(nephi_buffer_add(out, data, length) == 0);
        demand(nephi_buffer_char(out, '\n') == 0);
        data += length + (stop != NULL);
        size -= length + (stop != NULL);
    }
}

/* What is written is read. */
static void write_and_read(const nephi_memory *memory, const char *data, size_t size)
{
    char *text = nephi_strndup(memory, data, size);
    const nephi_line_value path[] = {NEPHI_TEXT(NULL), NEPHI_TEXT(text), NEPHI_TEXT(text)};
    const nephi_line_value one[] = {NEPHI_NUMBER(NEPHI_JOURNAL_VERSION)};
    const nephi_line_value plan[] = {NEPHI_NUMBER(-1), NEPHI_NUMBER(0), NEPHI_TEXT(text),
                                     NEPHI_NUMBER(0), NEPHI_NUMBER(0)};
    const nephi_line_value facts[] = {NEPHI_TEXT(text), NEPHI_TEXT(NULL), NEPHI_TEXT(""),
                                      NEPHI_TEXT("-")};
    nephi_buffer out;
    nephi_entry entry;
    const char *why;
    nephi_buffer_init(&out, memory, NEPHI_JOURNAL_MAX);
    demand(text != NULL);
    demand(nephi_line_write(&out, "neph-journal", one, 1) == 0);
    demand(nephi_line_write(&out, "begun", one, 1) == 0);
    demand(nephi_line_write(&out, "from", path, 3) == 0);
    demand(nephi_line_write(&out, "to", path, 3) == 0);
    demand(nephi_line_write(&out, "plan", plan, 5) == 0);
    demand(nephi_line_write(&out, "facts", facts, 4) == 0);
    if (strlen(text) < (20u << 10)) {
        demand(nephi_entry_parse(&entry, memory, out.data, out.size, &why) == 0);
        demand(strcmp(entry.to.key, text) == 0 && strcmp(entry.checksum, text) == 0);
        demand(!entry.to.bucket && !entry.storage_class && strcmp(entry.if_none_match, "-") == 0);
        demand(strcmp(entry.if_match, "") == 0);
        nephi_entry_fini(&entry);
    }
    nephi_buffer_fini(&out);
    nephi_free(memory, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    nephi_memory memory;
    nephi_buffer lines;
    nephi_memory_init(&memory, NULL);
    nephi_buffer_init(&lines, &memory, NEPHI_JOURNAL_MAX);
    sum(&lines, text, size);
    parse(&memory, nephi_buffer_string(&lines), lines.size);
    if (lines.size)
        parse(&memory, lines.data, lines.size - 1);
    parse(&memory, text, size);
    write_and_read(&memory, text, size);
    nephi_buffer_fini(&lines);
    return 0;
}
