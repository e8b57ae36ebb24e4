/*
 * core/cli/tsv.c - rows as PostgreSQL's COPY text format reads them: columns parted by tabs, \N for what is unknown,
 * backslash escapes. Lists are joined by commas, pairs are NAME=VALUE joined by commas.
 */
#include "core/cli/rows.h"
#include "core/cli/text.h"

#include <string.h>

static void put_list(nephc_output *out, const neph_value *value)
{
    size_t i;

    for (i = 0; i < value->count; i++) {
        if (i > 0)
            nephc_output_byte(out, ',');
        if (value->type == NEPH_TYPE_STRINGS) {
            nephc_put_copy(out, value->strings[i], strlen(value->strings[i]));
            continue;
        }
        nephc_put_copy(out, value->pairs[i].name, strlen(value->pairs[i].name));
        nephc_output_byte(out, '=');
        if (value->pairs[i].value)
            nephc_put_copy(out, value->pairs[i].value, strlen(value->pairs[i].value));
    }
}

static void put_number(nephc_output *out, const neph_value *value)
{
    char *at = nephc_output_reserve(out, NEPHC_NUMBER_SIZE);

    if (!at)
        return;
    switch (value->type) {
    case NEPH_TYPE_INTEGER: out->used += nephc_write_integer(at, value->number); break;
    case NEPH_TYPE_DECIMAL: out->used += nephc_write_decimal(at, value->number); break;
    case NEPH_TYPE_TIME: out->used += nephc_write_time(at, value->number); break;
    case NEPH_TYPE_BOOLEAN: nephc_output_text(out, value->number ? "true" : "false"); break;
    default: nephc_output_write(out, "\\N", 2);
    }
}

void nephc_tsv_row(nephc_output *out, const nephc_row *row)
{
    size_t i;

    for (i = 0; i < row->count; i++) {
        const neph_value *value = &row->values[i];

        if (i > 0)
            nephc_output_byte(out, '\t');
        if (value->type == NEPH_TYPE_STRING || value->type == NEPH_TYPE_ENUM)
            nephc_put_copy(out, value->text, strlen(value->text));
        else if (value->type == NEPH_TYPE_STRINGS || value->type == NEPH_TYPE_PAIRS)
            put_list(out, value);
        else
            put_number(out, value);
    }
    nephc_output_byte(out, '\n');
}
