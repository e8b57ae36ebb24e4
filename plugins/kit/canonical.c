/*
 * canonical.c - canonical query, path and time of AWS signatures. Knows no keys and no headers.
 */
#include "canonical.h"

/* A parameter, as a piece of the text being built. */
typedef struct parameter {
    size_t at;
    size_t name_size;
    size_t size; /* with "=" and value */
} parameter;

typedef struct parameters {
    uint32_t count;
    uint32_t is_unsorted;
    parameter list[NEPH_KIT_PARAMETERS_MAX];
} parameters;

static int bytes_compare(const char *a, size_t a_size, const char *b, size_t b_size)
{
    int order = memcmp(a, b, a_size < b_size ? a_size : b_size);
    return order ? order : (a_size > b_size) - (a_size < b_size);
}

static int parameter_compare(const neph_text *out, const parameter *a, const parameter *b)
{
    const char *x = out->data + a->at;
    const char *y = out->data + b->at;
    int order = bytes_compare(x, a->name_size, y, b->name_size);
    return order ? order : bytes_compare(x, a->size, y, b->size);
}

/* Appends what is perhaps encoded already: decoded and encoded again, so that each byte has one spelling. */
static void recode(neph_text *out, const char *data, size_t size)
{
    size_t i = 0;
    while (i < size) {
        const char *escape = memchr(data + i, '%', size - i);
        size_t plain = escape ? (size_t)(escape - data) - i : size - i;
        neph_text_add_encoded(out, data + i, plain, NULL);
        i += plain;
        if (i < size) {
            char byte[3];
            size_t piece = size - i < 3 ? size - i : 3;
            size_t count = neph_percent_decode(byte, data + i, piece);
            neph_text_add_encoded(out, byte, 1, NULL);
            i += count == 1 ? piece : 1;
        }
    }
}

static void parameter_add(parameters *all, neph_text *out, const char *text, size_t size)
{
    const char *equals = memchr(text, '=', size);
    size_t name_size = equals ? (size_t)(equals - text) : size;
    parameter *added = &all->list[all->count];
    if (!size)
        return;
    if (all->count == NEPH_KIT_PARAMETERS_MAX) {
        out->status = NEPH_LIMIT;
        return;
    }
    added->at = out->size;
    recode(out, text, name_size);
    added->name_size = out->size - added->at;
    neph_text_add_char(out, '=');
    if (equals)
        recode(out, equals + 1, size - name_size - 1);
    added->size = out->size - added->at;
    neph_text_add_char(out, '&');
    if (all->count && parameter_compare(out, &all->list[all->count - 1], added) > 0)
        all->is_unsorted = 1;
    all->count++;
}

static void parameters_add(parameters *all, neph_text *out, const char *query)
{
    while (*query) {
        const char *end = strchr(query, '&');
        size_t size = end ? (size_t)(end - query) : strlen(query);
        parameter_add(all, out, query, size);
        query += size + (end != NULL);
    }
}

/* Writes the sorted text behind the unsorted one and moves it down. */
static void parameters_sort(parameters *all, neph_text *out, size_t start)
{
    size_t end = out->size;
    for (uint32_t i = 1; i < all->count; i++) {
        parameter moving = all->list[i];
        uint32_t at = i;
        for (; at && parameter_compare(out, &all->list[at - 1], &moving) > 0; at--)
            all->list[at] = all->list[at - 1];
        all->list[at] = moving;
    }
    for (uint32_t i = 0; i < all->count; i++) {
        neph_text_add_bytes(out, out->data + all->list[i].at, all->list[i].size);
        neph_text_add_char(out, '&');
    }
    if (out->status)
        return;
    memmove(out->data + start, out->data + end, end - start);
    neph_text_cut(out, end);
}

void neph_kit_query(neph_text *out, const char *query, const char *more)
{
    parameters all;
    size_t start = out->size;
    all.count = 0;
    all.is_unsorted = 0;
    parameters_add(&all, out, query);
    parameters_add(&all, out, more);
    if (all.is_unsorted && !out->status)
        parameters_sort(&all, out, start);
    if (all.count && !out->status)
        neph_text_cut(out, out->size - 1);
}

/* Forgets the last segment of what was written since start, its slash too. */
static void segment_pop(neph_text *out, size_t start)
{
    size_t at = out->size;
    while (at > start && out->data[at - 1] != '/')
        at--;
    neph_text_cut(out, at > start ? at - 1 : start);
}

/* What a segment does to a normalised path: 0 joins it, 1 nothing, 2 takes one away. */
static int segment_role(const char *segment, size_t size)
{
    if (size == 0 || (size == 1 && segment[0] == '.'))
        return 1;
    return size == 2 && segment[0] == '.' && segment[1] == '.' ? 2 : 0;
}

static void path_normalise(neph_text *out, const char *path)
{
    size_t start = out->size;
    int role = 1;
    while (*path) {
        size_t size = strcspn(path, "/");
        role = segment_role(path, size);
        if (role == 2)
            segment_pop(out, start);
        if (role == 0) {
            neph_text_add_char(out, '/');
            neph_text_add_encoded(out, path, size, NULL);
        }
        path += size;
        if (*path == '/' && *++path == '\0')
            role = 1;
    }
    if (role)
        neph_text_add_char(out, '/');
}

void neph_kit_path(neph_text *out, const char *path, int normalise)
{
    if (normalise)
        path_normalise(out, path);
    else
        neph_text_add_encoded(out, path, strlen(path), "/");
}

/* Days since 1970 to year, month, day in the Gregorian calendar: counted from March of year 0 in 400-year cycles. */
static void civil(int64_t days, uint32_t *date)
{
    int64_t shifted = days + 719468;
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    uint32_t of_era = (uint32_t)(shifted - era * 146097);
    uint32_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    uint32_t of_year = of_era - (365 * year + year / 4 - year / 100);
    uint32_t month = (5 * of_year + 2) / 153;
    date[2] = of_year - (153 * month + 2) / 5 + 1;
    date[1] = month < 10 ? month + 3 : month - 9;
    date[0] = (uint32_t)((int64_t)year + era * 400 + (date[1] <= 2));
}

static char *digits_put(char *at, uint32_t number, int count)
{
    for (int i = count; i-- > 0; number /= 10)
        at[i] = (char)('0' + number % 10);
    return at + count;
}

/* What a clock and a calendar show: year, month, day, hour, minute, second. Returns the days since 1970. */
static int64_t parts_of(int64_t ns, uint32_t *part)
{
    int64_t seconds = ns / NEPH_NANO - (ns % NEPH_NANO < 0);
    int64_t days = seconds / 86400 - (seconds % 86400 < 0);
    uint32_t of_day = (uint32_t)(seconds - days * 86400);
    civil(days, part);
    part[3] = of_day / 3600;
    part[4] = of_day / 60 % 60;
    part[5] = of_day % 60;
    return days;
}

void neph_kit_time(char *out, int64_t ns, int is_extended)
{
    static const char marks[] = "--T::Z";
    uint32_t part[6];
    parts_of(ns, part);
    for (int i = 0; i < 6; i++) {
        out = digits_put(out, part[i], i ? 2 : 4);
        if (is_extended || i == 2 || i == 5)
            *out++ = marks[i];
    }
    *out = '\0';
}

static char *letters_put(char *at, const char *text, size_t size)
{
    memcpy(at, text, size);
    return at + size;
}

void neph_kit_date(char *out, int64_t ns)
{
    static const char days[] = "Thu, Fri, Sat, Sun, Mon, Tue, Wed, "; /* 1970 began on a Thursday */
    static const char months[] = " Jan  Feb  Mar  Apr  May  Jun  Jul  Aug  Sep  Oct  Nov  Dec ";
    uint32_t part[6];
    int64_t day = parts_of(ns, part) % 7;
    out = letters_put(out, days + 5 * (day < 0 ? day + 7 : day), 5);
    out = digits_put(out, part[2], 2);
    out = letters_put(out, months + (size_t)5 * (part[1] - 1), 5);
    out = digits_put(out, part[0], 4);
    for (int i = 3; i < 6; i++) {
        *out++ = i == 3 ? ' ' : ':';
        out = digits_put(out, part[i], 2);
    }
    letters_put(out, " GMT", 5);
}
