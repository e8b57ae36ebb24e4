/*
 * core/cli/rows.h - results as rows of a table, JSON, JSON lines or tsv. What the columns are is data: the members of a
 * kind of the library's model, or of a table of the command's own.
 */
#ifndef NEPHC_ROWS_H
#define NEPHC_ROWS_H

#include "core/cli/output.h"

#include <neph/neph.h>

#define NEPHC_COLUMNS_MAX 48

typedef enum nephc_format {
    NEPHC_TABLE = 0,
    NEPHC_JSON,
    NEPHC_JSONL,
    NEPHC_TSV,
    NEPHC_FORMAT_COUNT
} nephc_format;

/* "table", "json" …; NULL behind the last. */
const char *nephc_format_name(int format);

/* What to show. */
typedef struct nephc_shape {
    const neph_member_info *members;
    size_t member_count;
    uint32_t kind;    /* of results; 0: rows are given as cells */
    int is_single;    /* a table is then a list of names and values */
    int with_secrets; /* all but tsv show them: the answer is the only place that has them */
} nephc_shape;

struct nephc_table;

typedef struct nephc_rows {
    nephc_output *out;
    nephc_format format;
    const nephc_shape *shape;
    const neph_member_info *columns[NEPHC_COLUMNS_MAX];
    size_t indexes[NEPHC_COLUMNS_MAX]; /* of the columns among the members */
    size_t column_count;
    uint64_t count;            /* of rows so far */
    struct nephc_table *table; /* TABLE alone */
} nephc_rows;

/* One row as the formatters see it. */
typedef struct nephc_row {
    const neph_member_info *const *columns;
    const neph_value *values;
    size_t count;
    const neph_pair *extra;
    size_t extra_count;
} nephc_row;

/* shape is borrowed. Returns 0, or -1 without memory. */
int nephc_rows_begin(nephc_rows *rows, nephc_output *out, nephc_format format,
                     const nephc_shape *shape);
void nephc_rows_result(nephc_rows *rows, const neph_result *result);
/* values: one for each member of the shape. */
void nephc_rows_cells(nephc_rows *rows, const neph_value *values);
/* A row of other members, where rows name them: in JSON alone. */
void nephc_rows_foreign(nephc_rows *rows, const neph_member_info *members, size_t count,
                        const neph_value *values);
/* Writes what is left (a table's last rows, the end of JSON) and frees. */
void nephc_rows_end(nephc_rows *rows);
/* Frees, and writes nothing. */
void nephc_rows_drop(nephc_rows *rows);

/* Is the member a column of this format? Said here once, for rows and for the documentation of columns. */
int nephc_is_column(const nephc_shape *shape, nephc_format format, size_t index);

/* The formatters: json.c, tsv.c, table.c. */
void nephc_json_row(nephc_output *out, const nephc_row *row);
void nephc_tsv_row(nephc_output *out, const nephc_row *row);
struct nephc_table *nephc_table_new(void);
void nephc_table_row(struct nephc_table *table, nephc_output *out, const nephc_row *row);
/* Writes the rows that wait; out NULL: does not. Frees. */
void nephc_table_end(struct nephc_table *table, nephc_output *out);
void nephc_table_single(nephc_output *out, const nephc_row *row);

#endif
