/*
 * core/transfer/journal_file.h - one journal as a file: lines that are only ever added, each with
 * a checksum of its own, so that what a crash leaves can be told from what was written.
 *
 *   SUM WORD VALUE...     sum of what follows, in hex; values percent-encoded, "-" for none
 *
 * The first line says the version. A last line that is not whole was torn, and does not count; any
 * other that is not what it was is damage. See the table in journal_file.c.
 */
#ifndef NEPHI_JOURNAL_FILE_H
#define NEPHI_JOURNAL_FILE_H

#include "core/transfer/transfer.h"

#define NEPHI_JOURNAL_VERSION 1
#define NEPHI_JOURNAL_MAX ((size_t)64 << 20) /* bytes of one */
#define NEPHI_JOURNAL_ID 17

typedef struct nephi_entry_end {
    const char *cloud; /* as neph_cloud_open() was told it; NULL: a file */
    const char *provider;
    const char *endpoint;
    const char *bucket;
    const char *key; /* or absolute path; NULL: a descriptor */
    const char *version;
    neph_setting_value *settings;
    size_t setting_count;
} nephi_entry_end;

typedef struct nephi_entry_part {
    int64_t number, size_bytes;
    const char *etag;
    const char *checksum;
} nephi_entry_part;

/* What a journal says. Its texts are in its arena. */
typedef struct nephi_entry {
    nephi_arena arena;
    nephi_entry_end from, to;
    int64_t version, begun_ns;
    nephi_identity identity; /* of a file that is read */
    const char *etag;        /* of an object that is read */
    int64_t source_bytes;
    int64_t total_bytes, part_bytes; /* -1: not known */
    const char *checksum;            /* algorithm */
    int64_t verify, keep_times;
    const char *content_type, *storage_class, *if_match, *if_none_match;
    neph_pair *metadata;
    size_t metadata_count;
    const char *boot; /* of the machine that wrote last */
    const char *temporary;
    const char *upload;
    nephi_entry_part *parts; /* a number may come again: the last one counts */
    size_t part_count, part_capacity;
    size_t synced_count; /* of them that power loss does not take back */
    const char *whole;
    int64_t completing_ns; /* 0: not asked to complete yet */
    size_t good_bytes;     /* of the file; behind them is a torn line */
    uint32_t seen;         /* kinds of lines: bits by their places in the table */
} nephi_entry;

/* Reads a journal. 0, NEPH_INVALID (damaged, of another version: *why says it) or
 * NEPH_NO_MEMORY. entry is always to be given to nephi_entry_fini(). */
int nephi_entry_parse(nephi_entry *entry, const nephi_memory *memory, const char *data, size_t size,
                      const char **why);
void nephi_entry_fini(nephi_entry *entry);
/* Bytes of distinct parts that are done. */
int64_t nephi_entry_done_bytes(const nephi_entry *entry);

typedef struct nephi_line_value {
    const char *text; /* NULL: none */
    int64_t number;
    int is_number;
} nephi_line_value;
#define NEPHI_TEXT(value)                                                                          \
    {                                                                                              \
        value, 0, 0                                                                                \
    }
#define NEPHI_NUMBER(value)                                                                        \
    {                                                                                              \
        NULL, value, 1                                                                             \
    }

/* Adds a line. 0, NEPH_NO_MEMORY or NEPH_LIMIT, and nothing of it was added. */
int nephi_line_write(nephi_buffer *out, const char *word, const nephi_line_value *values,
                     size_t count);
/* FNV-1a of 64 bits. */
uint64_t nephi_line_sum(uint64_t sum, const char *data, size_t size);
#define NEPHI_LINE_SUM UINT64_C(14695981039346656037)

#endif
