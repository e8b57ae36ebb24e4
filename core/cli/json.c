/*
 * core/cli/json.c - a row as a JSON object: member names of the model, null for unknown, times RFC 3339, integers that a
 * double cannot hold as strings, and text that is no UTF-8 as NAME_base64.
 */
#include "core/cli/rows.h"
#include "core/cli/text.h"

#include <string.h>

#define EXACT_LIMIT (INT64_C(1) << 53)

/* A name of a table: nothing in it needs an escape. */
static void put_own_name(nephc_output *out, const char *name, const char *suffix)
{
    nephc_output_byte(out, '"');
    nephc_output_text(out, name);
    nephc_output_text(out, suffix);
    nephc_output_write(out, "\":", 2);
}

/* What is no UTF-8 is given in base64 under a name that says so. */
static void put_content(nephc_output *out, const char *text, int is_utf8)
{
    nephc_output_byte(out, '"');
    if (is_utf8)
        nephc_put_json(out, text, strlen(text));
    else
        nephc_put_base64(out, text, strlen(text));
    nephc_output_byte(out, '"');
}

static void put_name(nephc_output *out, const char *name, const char *suffix)
{
    nephc_output_byte(out, '"');
    if (nephc_is_utf8(name, strlen(name)))
        nephc_put_json(out, name, strlen(name));
    else
        nephc_put_base64(out, name, strlen(name));
    nephc_output_text(out, suffix);
    nephc_output_text(out, "\":");
}

static void put_text(nephc_output *out, const char *name, const char *text)
{
    int is_utf8 = nephc_is_utf8(text, strlen(text));

    put_name(out, name, is_utf8 ? "" : "_base64");
    put_content(out, text, is_utf8);
}

static void put_pairs(nephc_output *out, const char *name, const neph_pair *pairs, size_t count)
{
    size_t i;

    put_own_name(out, name, "");
    nephc_output_byte(out, '{');
    for (i = 0; i < count; i++) {
        if (i > 0)
            nephc_output_byte(out, ',');
        if (pairs[i].value) {
            put_text(out, pairs[i].name, pairs[i].value);
        } else {
            put_name(out, pairs[i].name, "");
            nephc_output_text(out, "null");
        }
    }
    nephc_output_byte(out, '}');
}

/* An element that is no UTF-8 is an object {"base64": ...}, as an array has no names. */
static void put_strings(nephc_output *out, const char *name, const neph_value *value)
{
    size_t i;

    put_own_name(out, name, "");
    nephc_output_byte(out, '[');
    for (i = 0; i < value->count; i++) {
        int is_utf8 = nephc_is_utf8(value->strings[i], strlen(value->strings[i]));

        if (i > 0)
            nephc_output_byte(out, ',');
        if (!is_utf8)
            nephc_output_text(out, "{\"base64\":");
        put_content(out, value->strings[i], is_utf8);
        if (!is_utf8)
            nephc_output_byte(out, '}');
    }
    nephc_output_byte(out, ']');
}

static void put_number(nephc_output *out, const neph_value *value)
{
    int is_quoted = value->type == NEPH_TYPE_TIME ||
                    (value->type == NEPH_TYPE_INTEGER &&
                     (value->number > EXACT_LIMIT || value->number < -EXACT_LIMIT));
    char text[NEPHC_NUMBER_SIZE];
    size_t size = 0;

    switch (value->type) {
    case NEPH_TYPE_INTEGER: size = nephc_write_integer(text, value->number); break;
    case NEPH_TYPE_DECIMAL: size = nephc_write_decimal(text, value->number); break;
    case NEPH_TYPE_TIME: size = nephc_write_time(text, value->number); break;
    case NEPH_TYPE_BOOLEAN: nephc_output_text(out, value->number ? "true" : "false"); return;
    default: nephc_output_text(out, "null"); return;
    }
    if (is_quoted)
        nephc_output_byte(out, '"');
    nephc_output_write(out, text, size);
    if (is_quoted)
        nephc_output_byte(out, '"');
}

static void put_member(nephc_output *out, const char *name, const neph_value *value)
{
    int is_utf8;

    switch (value->type) {
    case NEPH_TYPE_STRING:
    case NEPH_TYPE_ENUM:
        is_utf8 = nephc_is_utf8(value->text, strlen(value->text));
        put_own_name(out, name, is_utf8 ? "" : "_base64");
        put_content(out, value->text, is_utf8);
        break;
    case NEPH_TYPE_STRINGS: put_strings(out, name, value); break;
    case NEPH_TYPE_PAIRS: put_pairs(out, name, value->pairs, value->count); break;
    default: put_own_name(out, name, ""); put_number(out, value);
    }
}

void nephc_json_row(nephc_output *out, const nephc_row *row)
{
    size_t i;

    nephc_output_byte(out, '{');
    for (i = 0; i < row->count; i++) {
        if (i > 0)
            nephc_output_byte(out, ',');
        put_member(out, row->columns[i]->name, &row->values[i]);
    }
    if (row->extra_count > 0) {
        if (row->count > 0)
            nephc_output_byte(out, ',');
        put_pairs(out, "extra", row->extra, row->extra_count);
    }
    nephc_output_byte(out, '}');
}
