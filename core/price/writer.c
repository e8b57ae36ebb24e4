/*
 * core/price/writer.c - a table of prices as the text of a price file: the lists in order, in each the items in order, so
 * that two files of the same prices are the same.
 */
#include "core/price/price.h"
#include "core/text.h"

#include <stdlib.h>
#include <string.h>

static int put_string(nephi_buffer *out, const char *text)
{
    int rc = nephi_buffer_char(out, '"');
    for (; *text && !rc; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < 0x20)
            rc = nephi_buffer_format(out, "\\u%04x", c);
        else if (c == '"' || c == '\\')
            rc = nephi_buffer_format(out, "\\%c", c);
        else
            rc = nephi_buffer_char(out, *text);
    }
    return rc ? rc : nephi_buffer_char(out, '"');
}

static int put_member(nephi_buffer *out, const char *name, const char *text)
{
    int rc = *text ? nephi_buffer_format(out, "\"%s\": ", name) : 0;
    if (!rc && *text)
        rc = put_string(out, text);
    return rc || !*text ? rc : nephi_buffer_text(out, ", ");
}

/* A day, or a moment of it. */
static int put_as_of(nephi_buffer *out, int64_t as_of_ns)
{
    static const char midnight[] = "T00:00:00Z";
    char text[40];
    size_t size;
    if (as_of_ns == NEPH_UNKNOWN)
        return 0;
    size = nephi_write_time(text, sizeof text, as_of_ns);
    if (size > 10 && strcmp(text + 10, midnight) == 0)
        text[10] = '\0';
    return put_member(out, "as_of", text);
}

static int put_list(nephi_buffer *out, const nephi_price_list *list, int is_first)
{
    int rc = nephi_buffer_text(out, is_first ? "\n  {" : ",\n  {");
    if (!rc)
        rc = put_member(out, "service", list->service);
    if (!rc)
        rc = put_member(out, "region", list->region);
    if (!rc)
        rc = put_member(out, "unit", list->unit);
    if (!rc)
        rc = put_member(out, "currency", list->currency);
    if (!rc)
        rc = put_as_of(out, list->as_of_ns);
    if (!rc)
        rc = put_member(out, "source", list->source);
    return rc ? rc : nephi_buffer_text(out, "\"prices\": {");
}

static int put_row(nephi_buffer *out, const nephi_price_row *row, int is_first)
{
    char number[32];
    int rc = nephi_buffer_text(out, is_first ? "\n    " : ",\n    ");
    nephi_write_decimal(number, sizeof number, row->nano);
    if (!rc)
        rc = put_string(out, row->item.text);
    return rc ? rc : nephi_buffer_format(out, ": %s", number);
}

/* What no member of a list differs in comes together. */
static int compare_by_list(const void *a, const void *b)
{
    const nephi_price_row *x = a, *y = b;
    int by = strcmp(x->list.is->service, y->list.is->service);
    if (!by)
        by = strcmp(x->list.is->region, y->list.is->region);
    if (!by)
        by = (x->list.is > y->list.is) - (x->list.is < y->list.is);
    return by ? by : strcmp(x->item.text, y->item.text);
}

int nephi_price_write(nephi_price_table *table, nephi_buffer *out)
{
    const nephi_price_list *list = NULL;
    int rc = nephi_buffer_format(out, "{\"format\": %d, \"provider\": \"%s\",\n \"lists\": [",
                                 NEPHI_PRICE_FORMAT, table->provider);
    if (table->row_count)
        qsort(table->rows, table->row_count, sizeof *table->rows, compare_by_list);
    for (size_t i = 0; i < table->row_count && !rc; i++) {
        const nephi_price_row *row = &table->rows[i];
        int is_new = row->list.is != list;
        if (is_new && list)
            rc = nephi_buffer_text(out, "}}");
        if (is_new && !rc)
            rc = put_list(out, row->list.is, !list);
        list = row->list.is;
        if (!rc)
            rc = put_row(out, row, is_new);
    }
    return rc ? rc : nephi_buffer_text(out, list ? "}}]}\n" : "]}\n");
}
