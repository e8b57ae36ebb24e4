/*
 * core/cli/table.c - rows for people: aligned columns with a header, or one result as a list of names and values. Widths
 * are those of the first rows; later ones use them too, so that memory stays bounded whatever the length.
 */
#include "core/cli/rows.h"
#include "core/cli/text.h"

#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 500
#define BLOCK_SIZE (256u << 10)
/* Longer text is cut in a cell (the longest object keys are 1,024 bytes); escapes make it four times as long. */
#define CELL_TEXT_MAX 2048
#define CELL_SIZE_MAX (4 * CELL_TEXT_MAX + 16)
#define SPARE (NEPHC_COLUMNS_MAX * 64u + 8 * CELL_SIZE_MAX)

typedef struct cell {
    uint32_t offset;
    uint32_t size;
    uint32_t width;
} cell;

struct nephc_table {
    nephc_output block; /* texts of the cells that wait */
    size_t row_count;
    size_t column_count;
    int has_header; /* written: widths are fixed */
    const neph_member_info *columns[NEPHC_COLUMNS_MAX];
    uint32_t widths[NEPHC_COLUMNS_MAX];
    cell *cells;
    char data[BLOCK_SIZE];
};

static void put_text(nephc_output *out, const char *text)
{
    size_t length = strlen(text), size = length;

    if (out->fd < 0 && size > CELL_TEXT_MAX)
        size = CELL_TEXT_MAX;
    nephc_put_plain(out, text, size);
    if (size < length)
        nephc_output_text(out, "...");
}

/* Lists share one cell's limit. */
static void put_list(nephc_output *out, const neph_value *value)
{
    size_t i, start = out->used;

    if (value->count == 0)
        nephc_output_byte(out, '-');
    for (i = 0; i < value->count; i++) {
        if (i > 0)
            nephc_output_text(out, ", ");
        if (out->fd < 0 && out->used - start > CELL_TEXT_MAX) {
            nephc_output_text(out, "...");
            return;
        }
        put_text(out, value->type == NEPH_TYPE_STRINGS ? value->strings[i] : value->pairs[i].name);
        if (value->type == NEPH_TYPE_PAIRS) {
            nephc_output_byte(out, '=');
            put_text(out, value->pairs[i].value ? value->pairs[i].value : "");
        }
    }
}

/* People do not read fractions of a second. */
static size_t write_short_time(char *text, int64_t ns)
{
    size_t size = nephc_write_time(text, ns);

    if (size > 20) {
        text[19] = 'Z';
        size = 20;
    }
    text[10] = ' ';
    return size;
}

static void put_value(nephc_output *out, const neph_member_info *column, const neph_value *value)
{
    char text[NEPHC_NUMBER_SIZE];
    size_t size = 0;

    switch (value->type) {
    case NEPH_TYPE_STRING:
    case NEPH_TYPE_ENUM: put_text(out, value->text); return;
    case NEPH_TYPE_STRINGS:
    case NEPH_TYPE_PAIRS: put_list(out, value); return;
    case NEPH_TYPE_INTEGER:
        size = column->flags & NEPH_INFO_SIZE ? nephc_write_bytes(text, value->number)
                                              : nephc_write_integer(text, value->number);
        break;
    case NEPH_TYPE_DECIMAL: size = nephc_write_decimal(text, value->number); break;
    case NEPH_TYPE_TIME: size = write_short_time(text, value->number); break;
    case NEPH_TYPE_BOOLEAN: nephc_output_text(out, value->number ? "yes" : "no"); return;
    default: nephc_output_byte(out, '-'); return;
    }
    nephc_output_write(out, text, size);
}

static int is_right_aligned(const neph_member_info *column)
{
    return column->type == NEPH_TYPE_INTEGER || column->type == NEPH_TYPE_DECIMAL;
}

static void put_blanks(nephc_output *out, size_t count)
{
    static const char blanks[] = "                                ";

    for (; count > sizeof blanks - 1; count -= sizeof blanks - 1)
        nephc_output_write(out, blanks, sizeof blanks - 1);
    nephc_output_write(out, blanks, count);
}

struct nephc_table *nephc_table_new(void)
{
    struct nephc_table *table = malloc(sizeof *table);

    if (!table)
        return NULL;
    nephc_output_init(&table->block, -1, table->data, sizeof table->data);
    table->row_count = 0;
    table->column_count = 0;
    table->has_header = 0;
    table->cells = NULL;
    return table;
}

/* The first row says what the columns are. */
static int set_columns(struct nephc_table *table, const nephc_row *row)
{
    size_t i;

    if (table->cells)
        return 0;
    table->cells = malloc(ROWS_MAX * row->count * sizeof *table->cells);
    if (!table->cells)
        return -1;
    table->column_count = row->count;
    for (i = 0; i < row->count; i++) {
        table->columns[i] = row->columns[i];
        table->widths[i] = (uint32_t)strlen(row->columns[i]->name);
    }
    return 0;
}

static void put_header(struct nephc_table *table, nephc_output *out)
{
    size_t i, j;

    for (i = 0; i < table->column_count; i++) {
        const char *name = table->columns[i]->name;
        size_t length = strlen(name), rest = table->widths[i] - length;

        if (is_right_aligned(table->columns[i]))
            put_blanks(out, rest);
        for (j = 0; j < length; j++)
            nephc_output_byte(
                out, (char)(name[j] >= 'a' && name[j] <= 'z' ? name[j] - 'a' + 'A' : name[j]));
        if (i + 1 < table->column_count)
            put_blanks(out, 2 + (is_right_aligned(table->columns[i]) ? 0 : rest));
    }
    nephc_output_byte(out, '\n');
    table->has_header = 1;
}

static void put_cells(struct nephc_table *table, nephc_output *out, const cell *cells)
{
    size_t i;

    for (i = 0; i < table->column_count; i++) {
        uint32_t width = table->widths[i];
        size_t rest = width > cells[i].width ? width - cells[i].width : 0;
        int is_right = is_right_aligned(table->columns[i]);

        if (is_right)
            put_blanks(out, rest);
        nephc_output_write(out, table->data + cells[i].offset, cells[i].size);
        if (i + 1 < table->column_count)
            put_blanks(out, 2 + (is_right ? 0 : rest));
    }
    nephc_output_byte(out, '\n');
}

static void put_waiting(struct nephc_table *table, nephc_output *out)
{
    size_t i;

    if (!table->has_header)
        put_header(table, out);
    for (i = 0; i < table->row_count; i++)
        put_cells(table, out, table->cells + i * table->column_count);
    table->row_count = 0;
    table->block.used = 0;
}

void nephc_table_row(struct nephc_table *table, nephc_output *out, const nephc_row *row)
{
    cell *cells;
    size_t i;

    if (row->count == 0 || set_columns(table, row) != 0)
        return;
    if (table->row_count == ROWS_MAX || table->block.capacity - table->block.used < SPARE)
        put_waiting(table, out);
    cells = table->cells + table->row_count * table->column_count;
    for (i = 0; i < table->column_count; i++) {
        cells[i].offset = (uint32_t)table->block.used;
        put_value(&table->block, table->columns[i], &row->values[i]);
        table->block.error = 0; /* more than SPARE in one row: its cells are cut */
        cells[i].size = (uint32_t)table->block.used - cells[i].offset;
        cells[i].width = (uint32_t)nephc_width(table->data + cells[i].offset, cells[i].size);
        if (!table->has_header && cells[i].width > table->widths[i])
            table->widths[i] = cells[i].width;
    }
    table->row_count++;
}

void nephc_table_end(struct nephc_table *table, nephc_output *out)
{
    if (out && table->row_count > 0)
        put_waiting(table, out);
    free(table->cells);
    free(table);
}

static void put_named(nephc_output *out, const char *name, size_t width)
{
    nephc_put_plain(out, name, strlen(name));
    put_blanks(out, width > strlen(name) ? width - strlen(name) + 2 : 2);
}

void nephc_table_single(nephc_output *out, const nephc_row *row)
{
    size_t width = 0, i;

    for (i = 0; i < row->count; i++)
        if (strlen(row->columns[i]->name) > width)
            width = strlen(row->columns[i]->name);
    for (i = 0; i < row->count; i++) {
        if (row->values[i].type == NEPH_TYPE_NONE)
            continue;
        put_named(out, row->columns[i]->name, width);
        put_value(out, row->columns[i], &row->values[i]);
        nephc_output_byte(out, '\n');
    }
    for (i = 0; i < row->extra_count; i++) {
        put_named(out, row->extra[i].name, width);
        put_text(out, row->extra[i].value ? row->extra[i].value : "-");
        nephc_output_byte(out, '\n');
    }
}
