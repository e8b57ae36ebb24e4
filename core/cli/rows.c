/*
 * core/cli/rows.c - chooses columns, reads each row's values, and hands them to a formatter. A million rows pass here:
 * nothing is allocated for a row.
 */
#include "core/cli/rows.h"

#include <string.h>

static const char *const format_names[NEPHC_FORMAT_COUNT + 1] = {"table", "json", "jsonl", "tsv",
                                                                 NULL};

const char *nephc_format_name(int format)
{
    return format_names[format];
}

int nephc_is_column(const nephc_shape *shape, nephc_format format, size_t index)
{
    const neph_member_info *member = &shape->members[index];
    int is_narrow = format == NEPHC_TSV || (format == NEPHC_TABLE && !shape->is_single);

    if (member->flags & NEPH_INFO_SECRET)
        return shape->with_secrets && format != NEPHC_TSV;
    return !is_narrow || (member->flags & NEPH_INFO_COLUMN) != 0;
}

int nephc_rows_begin(nephc_rows *rows, nephc_output *out, nephc_format format,
                     const nephc_shape *shape)
{
    size_t i;

    memset(rows, 0, sizeof *rows);
    rows->out = out;
    rows->format = format;
    rows->shape = shape;
    for (i = 0; i < shape->member_count && rows->column_count < NEPHC_COLUMNS_MAX; i++) {
        if (!nephc_is_column(shape, format, i))
            continue;
        rows->indexes[rows->column_count] = i;
        rows->columns[rows->column_count++] = &shape->members[i];
    }
    if (format == NEPHC_TABLE && !shape->is_single)
        rows->table = nephc_table_new();
    return format == NEPHC_TABLE && !shape->is_single && !rows->table ? -1 : 0;
}

static void put_row(nephc_rows *rows, const nephc_row *row)
{
    nephc_output *out = rows->out;

    switch (rows->format) {
    case NEPHC_JSON:
        nephc_output_text(out, rows->count ? ",\n " : "[");
        nephc_json_row(out, row);
        break;
    case NEPHC_JSONL:
        nephc_json_row(out, row);
        nephc_output_byte(out, '\n');
        break;
    case NEPHC_TSV: nephc_tsv_row(out, row); break;
    default:
        if (rows->table)
            nephc_table_row(rows->table, out, row);
        else
            nephc_table_single(out, row);
    }
    rows->count++;
}

/* A listing may hold a second kind (prefixes among objects). JSON shows it with its own members; where columns are
 * fixed, its first member stands in the first column. */
static void put_other_kind(nephc_rows *rows, const neph_result *result)
{
    const neph_kind_info *kind = neph_kind_find(result->kind);
    const neph_member_info *columns[NEPHC_COLUMNS_MAX];
    neph_value values[NEPHC_COLUMNS_MAX];
    nephc_row row = {columns, values, 0, result->extra, result->extra_count};
    int is_json = rows->format == NEPHC_JSON || rows->format == NEPHC_JSONL;
    size_t i;

    if (!kind || kind->member_count == 0)
        return;
    memset(values, 0, sizeof values);
    if (is_json) {
        for (i = 0; i < kind->member_count && row.count < NEPHC_COLUMNS_MAX; i++)
            if (!(kind->members[i].flags & NEPH_INFO_SECRET))
                columns[row.count++] = &kind->members[i];
    } else {
        row.columns = rows->columns;
        row.count = rows->column_count;
    }
    for (i = 0; i < (is_json ? row.count : 1); i++)
        (void)neph_result_get(result, is_json ? columns[i]->member : kind->members[0].member,
                              &values[i]);
    put_row(rows, &row);
}

void nephc_rows_result(nephc_rows *rows, const neph_result *result)
{
    neph_value values[NEPHC_COLUMNS_MAX];
    nephc_row row = {rows->columns, values, rows->column_count, result->extra, result->extra_count};
    size_t i;

    if (result->kind != rows->shape->kind) {
        put_other_kind(rows, result);
        return;
    }
    for (i = 0; i < rows->column_count; i++)
        if (neph_result_get(result, rows->columns[i]->member, &values[i]) != 0)
            values[i].type = NEPH_TYPE_NONE;
    put_row(rows, &row);
}

void nephc_rows_cells(nephc_rows *rows, const neph_value *values)
{
    neph_value chosen[NEPHC_COLUMNS_MAX];
    nephc_row row = {rows->columns, chosen, rows->column_count, NULL, 0};
    size_t i;

    for (i = 0; i < rows->column_count; i++)
        chosen[i] = values[rows->indexes[i]];
    put_row(rows, &row);
}

void nephc_rows_foreign(nephc_rows *rows, const neph_member_info *members, size_t count,
                        const neph_value *values)
{
    const neph_member_info *columns[NEPHC_COLUMNS_MAX];
    nephc_row row = {columns, values, 0, NULL, 0};

    if (rows->format != NEPHC_JSON && rows->format != NEPHC_JSONL)
        return;
    for (; row.count < count && row.count < NEPHC_COLUMNS_MAX; row.count++)
        columns[row.count] = &members[row.count];
    put_row(rows, &row);
}

void nephc_rows_end(nephc_rows *rows)
{
    if (rows->format == NEPHC_JSON)
        nephc_output_text(rows->out, rows->count ? "]\n" : "[]\n");
    if (rows->table)
        nephc_table_end(rows->table, rows->out);
    rows->table = NULL;
}

void nephc_rows_drop(nephc_rows *rows)
{
    if (rows->table)
        nephc_table_end(rows->table, NULL);
    rows->table = NULL;
}
