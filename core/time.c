/*
 * core/time.c - times as clouds spell them, to nanoseconds since 1970 UTC and back. Declared in
 * core/text.h. Own calendar arithmetic: libc's depends on the time zone and the locale. int64
 * nanoseconds reach from 1677-09-21 to 2262-04-11; a time outside of that is refused, not bent.
 */
#include "core/text.h"

#include <neph/vocabulary.h>

#include <string.h>

#define DAYS_TO_1970 719162 /* from 0001-01-01 in the Gregorian calendar */
#define SECONDS_MAX (INT64_MAX / NEPH_NANO)

typedef struct civil {
    int year, month, day, hour, minute, second;
    int32_t nano;
    int offset; /* seconds east of UTC */
} civil;

static const int16_t days_before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
static const char month_names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char *const weekday_names[] = {
    "Monday", "Tuesday",  "Wednesday", "Thursday",
    "Friday", "Saturday", "Sunday"}; /* 0001-01-01: Monday */

static int is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days of a month, 1 to 12. */
static int month_days(int year, int month)
{
    return days_before[month] - days_before[month - 1] + (month == 2 && is_leap(year));
}

/* Days from 1970-01-01; year 1 to 9999. */
static int64_t days_of(int year, int month, int day)
{
    int before = year - 1;
    int leaps = before / 4 - before / 100 + before / 400 + (month > 2 && is_leap(year));
    return (int64_t)before * 365 + leaps + days_before[month - 1] + day - 1 - DAYS_TO_1970;
}

static int is_date(const civil *c)
{
    return c->year >= 1 && c->month >= 1 && c->month <= 12 && c->day >= 1 &&
           c->day <= month_days(c->year, c->month);
}

/* Checks the parts and puts them together. 60 seconds are a leap second: the one after it. */
static int civil_time(const civil *c, int64_t *out)
{
    int64_t seconds, ns;
    if (!is_date(c) || c->hour > 23 || c->minute > 59 || c->second > 60)
        return 0;
    seconds = days_of(c->year, c->month, c->day) * 86400 - c->offset;
    seconds += (int64_t)c->hour * 3600 + (int64_t)c->minute * 60 + c->second;
    if (seconds > SECONDS_MAX || seconds < -SECONDS_MAX)
        return 0;
    if (__builtin_add_overflow(seconds * NEPH_NANO, (int64_t)c->nano, &ns))
        return 0;
    *out = ns;
    return 1;
}

/* ---- reading: each take_ function moves the cursor behind what it accepts, or returns 0 */

typedef struct cursor {
    const char *at, *end;
} cursor;

static int take(cursor *in, char c)
{
    if (in->at == in->end || *in->at != c)
        return 0;
    in->at++;
    return 1;
}

static int take_any(cursor *in, const char *choices)
{
    if (in->at == in->end || *in->at == '\0' || !strchr(choices, *in->at))
        return 0;
    in->at++;
    return 1;
}

/* Exactly so many digits. */
static int take_number(cursor *in, int digits, int *out)
{
    int value = 0;
    if (in->end - in->at < digits)
        return 0;
    for (; digits > 0; digits--, in->at++) {
        unsigned digit = (unsigned)(unsigned char)*in->at - '0';
        if (digit > 9)
            return 0;
        value = value * 10 + (int)digit;
    }
    *out = value;
    return 1;
}

/* ".5", ".123456789012": nanoseconds, what is finer is cut off. */
static int take_fraction(cursor *in, int32_t *out)
{
    int32_t value = 0, unit = 100000000;
    const char *start = in->at;
    for (; in->at < in->end; in->at++) {
        unsigned digit = (unsigned)(unsigned char)*in->at - '0';
        if (digit > 9)
            break;
        value += (int32_t)digit * unit;
        unit /= 10;
    }
    *out = value;
    return in->at > start;
}

/* "12:34", "12:34:56", "12:34:56.789"; separator 0: "123456". */
static int take_clock(cursor *in, char separator, civil *c)
{
    if (!take_number(in, 2, &c->hour) || (separator && !take(in, separator)) ||
        !take_number(in, 2, &c->minute))
        return 0;
    if (separator && !take(in, separator))
        return 1;
    if (!take_number(in, 2, &c->second))
        return 0;
    return take_any(in, ".,") ? take_fraction(in, &c->nano) : 1;
}

/* "+07:00", "-0700", "+07" */
static int take_offset(cursor *in, civil *c)
{
    int is_west = *in->at++ == '-', hours, minutes = 0;
    if (!take_number(in, 2, &hours))
        return 0;
    if (in->at < in->end) {
        take(in, ':');
        if (!take_number(in, 2, &minutes))
            return 0;
    }
    if (hours > 23 || minutes > 59)
        return 0;
    c->offset = (hours * 60 + minutes) * (is_west ? -60 : 60);
    return 1;
}

/* The zone, up to the end; none is UTC. */
static int take_zone(cursor *in, civil *c)
{
    static const char *const names[] = {"Z", "z", "GMT", "UTC", "UT"};
    size_t left, i;
    take(in, ' ');
    left = (size_t)(in->end - in->at);
    if (left == 0)
        return in->end[-1] != ' ';
    if (*in->at == '+' || *in->at == '-')
        return take_offset(in, c) && in->at == in->end;
    for (i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == left && memcmp(names[i], in->at, left) == 0)
            return 1;
    return 0;
}

/* Dates that begin with the year. */
static int read_year_first(cursor in, int64_t *out)
{
    civil c = {0, 0, 0, 0, 0, 0, 0, 0};
    char separator;
    if (!take_number(&in, 4, &c.year) || in.at == in.end)
        return 0;
    separator = *in.at == '-' || *in.at == '/' ? *in.at++ : 0;
    if (!take_number(&in, 2, &c.month) || (separator && !take(&in, separator)) ||
        !take_number(&in, 2, &c.day))
        return 0;
    if (in.at == in.end)
        return separator ? civil_time(&c, out) : 0; /* eight digits alone are a number */
    if (!take_any(&in, "Tt ") || !take_clock(&in, separator ? ':' : 0, &c))
        return 0;
    return take_zone(&in, &c) && civil_time(&c, out);
}

static int take_weekday(cursor *in)
{
    size_t i, length = 0;
    while (in->at + length < in->end && (in->at[length] | 0x20) >= 'a' &&
           (in->at[length] | 0x20) <= 'z')
        length++;
    for (i = 0; i < 7; i++) {
        const char *name = weekday_names[i];
        if ((length == 3 || length == strlen(name)) && memcmp(in->at, name, length) == 0) {
            in->at += length;
            return 1;
        }
    }
    return 0;
}

static int take_month(cursor *in, int *out)
{
    int month;
    if (in->end - in->at < 3)
        return 0;
    for (month = 1; month <= 12; month++) {
        if (memcmp(in->at, month_names + 3 * (month - 1), 3) == 0) {
            in->at += 3;
            *out = month;
            return 1;
        }
    }
    return 0;
}

static int take_day(cursor *in, int *out)
{
    cursor start = *in;
    if (take_number(in, 2, out))
        return 1;
    *in = start;
    return take_number(in, 1, out);
}

/* Four digits, or two: 70 to 99 are the 20th century's. */
static int take_year(cursor *in, int *out)
{
    cursor start = *in;
    if (take_number(in, 4, out))
        return 1;
    *in = start;
    if (!take_number(in, 2, out))
        return 0;
    *out += *out < 70 ? 2000 : 1900;
    return 1;
}

/* "Wed, 01 May 2024 12:34:56 GMT" (RFC 1123), "Wednesday, 01-May-24 12:34:56 GMT" (RFC 850) */
static int read_day_first(cursor in, int64_t *out)
{
    civil c = {0, 0, 0, 0, 0, 0, 0, 0};
    char separator;
    if (!take(&in, ' ') || !take_day(&in, &c.day) || in.at == in.end)
        return 0;
    separator = *in.at == '-' ? '-' : ' ';
    if (!take(&in, separator) || !take_month(&in, &c.month) || !take(&in, separator))
        return 0;
    if (!take_year(&in, &c.year) || !take(&in, ' ') || !take_clock(&in, ':', &c))
        return 0;
    return take_zone(&in, &c) && civil_time(&c, out);
}

/* "Wed May  1 12:34:56 2024" (asctime) */
static int read_month_first(cursor in, int64_t *out)
{
    civil c = {0, 0, 0, 0, 0, 0, 0, 0};
    if (!take_month(&in, &c.month) || !take(&in, ' '))
        return 0;
    take(&in, ' ');
    if (!take_day(&in, &c.day) || !take(&in, ' ') || !take_clock(&in, ':', &c))
        return 0;
    if (!take(&in, ' ') || !take_number(&in, 4, &c.year) || in.at != in.end)
        return 0;
    return civil_time(&c, out);
}

/* Are these eight characters digits where the shape has 0, and what the shape has elsewhere? All
 * at once: what is left of a digit without its '0' is at most 9, of any other place 0; room,
 * added to it, then leaves the top bit clear. */
static int has_shape(const char *text, const char *shape, const char *room)
{
    uint64_t left, expected, added;
    memcpy(&left, text, 8);
    memcpy(&expected, shape, 8);
    memcpy(&added, room, 8);
    left ^= expected;
    return ((left | (left + added)) & UINT64_C(0x8080808080808080)) == 0;
}

/* Of digits that were checked. */
static int two(const char *at)
{
    return at[0] * 10 + at[1] - '0' * 11;
}

/* "2024-05-01T12:34:56.789Z", as S3 and most others write it. 0: not of this form, or wrong. */
static int read_common(const char *text, int64_t *out)
{
    civil c;
    if (!has_shape(text, "0000-00-", "\x76\x76\x76\x76\x7f\x76\x76\x7f") ||
        !has_shape(text + 8, "00T00:00", "\x76\x76\x7f\x76\x76\x7f\x76\x76") ||
        !has_shape(text + 16, ":00.000Z", "\x7f\x76\x76\x7f\x76\x76\x76\x7f"))
        return 0;
    c.year = two(text) * 100 + two(text + 2);
    c.month = two(text + 5);
    c.day = two(text + 8);
    c.hour = two(text + 11);
    c.minute = two(text + 14);
    c.second = two(text + 17);
    c.nano = (two(text + 20) * 10 + text[22] - '0') * 1000000;
    c.offset = 0;
    return civil_time(&c, out);
}

int nephi_read_time(const char *text, size_t size, int64_t *out)
{
    cursor in = {text, text + size};
    if (size == 24 && text[23] == 'Z' && read_common(text, out))
        return 1;
    if (size < 10)
        return 0;
    if ((unsigned)(unsigned char)*text - '0' <= 9)
        return read_year_first(in, out);
    if (!take_weekday(&in))
        return 0;
    if (take(&in, ','))
        return read_day_first(in, out);
    return take(&in, ' ') ? read_month_first(in, out) : 0;
}

int64_t nephi_time_between(int64_t from_ns, int64_t to_ns)
{
    int64_t between;
    if (!__builtin_sub_overflow(to_ns, from_ns, &between))
        return between;
    return to_ns < from_ns ? INT64_MIN : INT64_MAX;
}

/* ---- writing */

/* Splits days since 1970-01-01 into a date. Whole cycles first: 400, 100, 4 years, then one. */
static void date_of(int64_t days, civil *c)
{
    int left = (int)(days + DAYS_TO_1970);
    int cycles = left / 146097, centuries, fours, years;
    left %= 146097;
    centuries = left / 36524 < 4 ? left / 36524 : 3;
    left -= centuries * 36524;
    fours = left / 1461;
    left -= fours * 1461;
    years = left / 365 < 4 ? left / 365 : 3;
    left -= years * 365;
    c->year = cycles * 400 + centuries * 100 + fours * 4 + years + 1;
    c->month = left / 31 + 1; /* never too late, at most one too early */
    if (c->month < 12 && left >= days_before[c->month] + (c->month >= 2 && is_leap(c->year)))
        c->month++;
    c->day = left - days_before[c->month - 1] - (c->month > 2 && is_leap(c->year)) + 1;
}

/* Returns the days since 1970-01-01. */
static int64_t split(int64_t ns, civil *c)
{
    int64_t seconds = ns / NEPH_NANO, days;
    int nano = (int)(ns % NEPH_NANO), left;
    if (nano < 0) {
        nano += (int)NEPH_NANO;
        seconds--;
    }
    days = seconds / 86400;
    left = (int)(seconds % 86400);
    if (left < 0) {
        left += 86400;
        days--;
    }
    date_of(days, c);
    c->hour = left / 3600;
    c->minute = left / 60 % 60;
    c->second = left % 60;
    c->nano = nano;
    return days;
}

static char *put(char *out, int value, int digits)
{
    int i;
    for (i = digits - 1; i >= 0; i--, value /= 10)
        out[i] = (char)('0' + value % 10);
    return out + digits;
}

static char *put_two(char *out, int value, char behind)
{
    out[0] = (char)('0' + value / 10);
    out[1] = (char)('0' + value % 10);
    out[2] = behind;
    return out + 3;
}

static size_t nothing(char *out, size_t capacity)
{
    if (capacity > 0)
        *out = '\0';
    return 0;
}

size_t nephi_write_time(char *out, size_t capacity, int64_t ns)
{
    char *at = out;
    civil c;
    if (capacity < 31)
        return nothing(out, capacity);
    split(ns, &c);
    at = put_two(at, c.year / 100, 0) - 1;
    at = put_two(at, c.year % 100, '-');
    at = put_two(at, c.month, '-');
    at = put_two(at, c.day, 'T');
    at = put_two(at, c.hour, ':');
    at = put_two(at, c.minute, ':');
    at = put_two(at, c.second, '.');
    if (c.nano == 0)
        at--;
    else if (c.nano % 1000000 == 0)
        at = put(at, c.nano / 1000000, 3);
    else if (c.nano % 1000 == 0)
        at = put(at, c.nano / 1000, 6);
    else
        at = put(at, c.nano, 9);
    *at++ = 'Z';
    *at = '\0';
    return (size_t)(at - out);
}

size_t nephi_write_time_basic(char *out, size_t capacity, int64_t ns)
{
    char *at = out;
    civil c;
    if (capacity < 17)
        return nothing(out, capacity);
    split(ns, &c);
    at = put(at, c.year, 4);
    at = put(at, c.month, 2);
    at = put_two(at, c.day, 'T');
    at = put(at, c.hour, 2);
    at = put(at, c.minute, 2);
    at = put_two(at, c.second, 'Z');
    *at = '\0';
    return (size_t)(at - out);
}

size_t nephi_write_time_http(char *out, size_t capacity, int64_t ns)
{
    char *at = out;
    int64_t days;
    civil c;
    if (capacity < 30)
        return nothing(out, capacity);
    days = split(ns, &c);
    memcpy(at, weekday_names[(days + DAYS_TO_1970) % 7], 3);
    memcpy(at + 3, ", ", 2);
    at = put_two(at + 5, c.day, ' ');
    memcpy(at, month_names + 3 * (c.month - 1), 3);
    at[3] = ' ';
    at = put(at + 4, c.year, 4);
    *at++ = ' ';
    at = put_two(at, c.hour, ':');
    at = put_two(at, c.minute, ':');
    at = put_two(at, c.second, ' ');
    memcpy(at, "GMT", 4);
    return (size_t)(at + 3 - out);
}
