/*
 * format.c - the state of a cloud as a text of lines:
 *
 *     neph-sim 1
 *     next 3
 *     [node]
 *     id node-00000001
 *     tag env=production
 *     end 1
 *
 * Counters come first, then each thing with its values, and the last line says how many things there are: a file that
 * was cut short anywhere has no such line. Control characters and "%" are written %XX, "=" too in what comes before one.
 */
#include "sim.h"

#define FIRST_LINE "neph-sim 1"

typedef struct reader {
    sim_state *state;
    char *at;
    char *end; /* of the text; one more byte may be written there */
    uint32_t line;
    int is_fixed;
    int is_ended;
    int64_t things;
    sim_thing *thing; /* whose values come */
    sim_fault *fault;
} reader;

__attribute__((format(printf, 2, 3))) static int refuse(reader *in, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    in->fault->status = NEPH_FILE;
    in->fault->line = in->line;
    vsnprintf(in->fault->message, sizeof in->fault->message, format, list);
    va_end(list);
    return NEPH_FILE;
}

static int no_memory(reader *in)
{
    refuse(in, "out of memory");
    in->fault->status = NEPH_NO_MEMORY;
    return NEPH_NO_MEMORY;
}

/* ---- counters */

static const struct counter {
    const char *name;
    size_t offset;
    int64_t least;
} counters[] = {
    {"next", offsetof(sim_state, next), 1},
    {"draws", offsetof(sim_state, draws), 0},
    {"window", offsetof(sim_state, window), 0},
    {"asked", offsetof(sim_state, asked), 0},
};

static int64_t *counter_place(const sim_state *state, const struct counter *counter)
{
    return (int64_t *)(void *)((char *)(uintptr_t)state + counter->offset);
}

/* ---- read: values */

static int read_number(const char *text, int64_t *out)
{
    const char *at = text + (*text == '-');
    int64_t number = 0;
    if (!*at)
        return 0;
    for (; *at; at++) {
        if (*at < '0' || *at > '9' || __builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, *at - '0', &number))
            return 0;
    }
    *out = *text == '-' ? -number : number;
    return 1;
}

static int digit_of(char c)
{
    static const char digits[] = "0123456789ABCDEF";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* Decodes %XX in place. */
static int text_decode(char *text)
{
    char *out = text;
    for (const char *at = text; *at; at++) {
        int high, low;
        if (*at != '%') {
            *out++ = *at;
            continue;
        }
        high = digit_of(at[1]);
        low = high < 0 ? -1 : digit_of(at[2]);
        if (low < 0 || (!high && !low))
            return 0;
        *out++ = (char)(high << 4 | low);
        at += 2;
    }
    *out = '\0';
    return sim_is_utf8(text);
}

static int text_read(reader *in, const sim_member *member, char *text)
{
    if (!text_decode(text))
        return refuse(in, "the text of %s is none", member->name);
    if (strlen(text) > member->limit)
        return refuse(in, "the text of %s is longer than %u bytes", member->name, member->limit);
    return 0;
}

static int word_read(reader *in, const sim_member *member, const char *text, int64_t *out)
{
    for (const neph_map *word = member->words; word->text; word++)
        if (!strcmp(word->text, text)) {
            *out = word->number;
            return 0;
        }
    return refuse(in, "\"%.40s\" is no %s", text, member->name);
}

static int number_read(reader *in, const sim_member *member, const char *text, int64_t *out)
{
    int64_t least = member->type == NEPH_TYPE_INTEGER ? -1 : 0;
    int64_t most = member->type == NEPH_TYPE_BOOLEAN ? 1 : INT64_MAX;
    if (!read_number(text, out) || *out < least || *out > most)
        return refuse(in, "\"%.40s\" cannot be the number of %s", text, member->name);
    return 0;
}

static int value_read(reader *in, const sim_member *member, char *text)
{
    sim_value value = {.member = member};
    uint32_t at = 0;
    char *mark;
    int rc = 0;
    if (member->type != NEPH_TYPE_STRINGS && member->type != NEPH_TYPE_PAIRS &&
        sim_value_next(in->thing, member->member, &at))
        return refuse(in, "%s stands twice", member->name);
    switch (member->type) {
    case NEPH_TYPE_PAIRS:
        mark = strchr(text, '=');
        if (!mark)
            return refuse(in, "%s has no \"=\"", member->name);
        *mark = '\0';
        value.name = text;
        rc = text_read(in, member, text);
        text = mark + 1; /* fall through */
    case NEPH_TYPE_STRING:
    case NEPH_TYPE_STRINGS:
        value.text = text;
        rc = rc ? rc : text_read(in, member, text);
        break;
    case NEPH_TYPE_ENUM: rc = word_read(in, member, text, &value.number); break;
    default: rc = number_read(in, member, text, &value.number); break;
    }
    if (!rc)
        rc = sim_add(in->state, in->thing, &value);
    if (rc == NEPH_LIMIT)
        return refuse(in, "a %s has more than %d values", in->thing->kind->name, SIM_VALUES_MAX);
    return rc == NEPH_NO_MEMORY ? no_memory(in) : rc;
}

/* ---- read: lines */

/* The next line as a text. Raw control characters are in no file that was written here. */
static int line_next(reader *in, char **out)
{
    char *mark = memchr(in->at, '\n', (size_t)(in->end - in->at));
    in->line++;
    if (!mark)
        return refuse(in, "the file is cut short");
    if (mark - in->at > (ptrdiff_t)SIM_LINE_MAX)
        return refuse(in, "the line is longer than %u bytes", SIM_LINE_MAX);
    for (const char *at = in->at; at < mark; at++)
        if ((unsigned char)*at < ' ' || *at == 127)
            return refuse(in, "there is a control character");
    *mark = '\0';
    *out = in->at;
    in->at = mark + 1;
    return 0;
}

static int thing_end(reader *in)
{
    const sim_kind *kind;
    if (!in->thing)
        return 0;
    kind = in->thing->kind;
    for (uint32_t i = 0; i < kind->member_count; i++) {
        uint32_t at = 0;
        if ((kind->members[i].flags & SIM_NEEDED) &&
            !sim_value_next(in->thing, kind->members[i].member, &at))
            return refuse(in, "the %s above has no %s", kind->name, kind->members[i].name);
    }
    in->thing = NULL;
    return 0;
}

static int thing_begin(reader *in, char *line)
{
    size_t size = strlen(line);
    const sim_kind *kind = NULL;
    int rc = thing_end(in);
    if (rc)
        return rc;
    if (size > 2 && line[size - 1] == ']') {
        line[size - 1] = '\0';
        kind = sim_kind_named(line + 1);
    }
    if (!kind)
        return refuse(in, "\"%.40s\" is no kind of thing", line);
    if (in->things++ >= SIM_THINGS_MAX)
        return refuse(in, "there are more than %d things", SIM_THINGS_MAX);
    in->thing = sim_thing_new(in->state, kind);
    if (!in->thing)
        return no_memory(in);
    in->thing->is_fixed = in->is_fixed;
    return 0;
}

static int counter_read(reader *in, const char *name, const char *text)
{
    for (size_t i = 0; i < NEPH_COUNT(counters); i++) {
        int64_t *place = counter_place(in->state, &counters[i]);
        if (strcmp(counters[i].name, name) != 0)
            continue;
        if (read_number(text, place) && *place >= counters[i].least && *place <= SIM_SERIAL_MAX)
            return 0;
        *place = 0;
        return refuse(in, "\"%.40s\" cannot be the number of %s", text, name);
    }
    return refuse(in, "\"%.40s\" is not known here", name);
}

static int end_read(reader *in, const char *text)
{
    int64_t count = -1;
    int rc = thing_end(in);
    if (rc)
        return rc;
    if (!read_number(text, &count) || count != in->things)
        return refuse(in, "the file ends with \"end %.20s\", and there are %lld things", text,
                      (long long)in->things);
    in->is_ended = 1;
    return 0;
}

static int line_read(reader *in, char *line)
{
    const sim_member *member;
    char *text;
    if (line[0] == '[')
        return thing_begin(in, line);
    text = strchr(line, ' ');
    if (!text)
        return refuse(in, "\"%.40s\" has no value", line);
    *text++ = '\0';
    if (!strcmp(line, "end"))
        return end_read(in, text);
    if (!in->thing)
        return counter_read(in, line, text);
    member = sim_kind_member_named(in->thing->kind, line);
    if (!member || (member->flags & SIM_FLEETING))
        return refuse(in, "a %s has no \"%.40s\"", in->thing->kind->name, line);
    return value_read(in, member, text);
}

int sim_format_read(sim_state *state, char *text, size_t size, int is_fixed, sim_fault *fault)
{
    reader in = {
        .state = state, .at = text, .end = text + size, .is_fixed = is_fixed, .fault = fault};
    char *line;
    int rc = line_next(&in, &line);
    state->next = state->next ? state->next : 1;
    if (!rc && strcmp(line, FIRST_LINE) != 0)
        rc = refuse(&in, "it does not begin with \"" FIRST_LINE "\"");
    while (!rc && !in.is_ended) {
        rc = line_next(&in, &line);
        if (!rc)
            rc = line_read(&in, line);
    }
    if (!rc && in.at < in.end) {
        in.line++;
        rc = refuse(&in, "something stands behind the end");
    }
    return rc;
}

/* ---- write */

static void text_write(FILE *out, const char *text, int is_name)
{
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        if (*at < ' ' || *at == 127 || *at == '%' || (is_name && *at == '='))
            fprintf(out, "%%%02X", *at);
        else
            putc(*at, out);
    }
}

static const char *word_of(const sim_member *member, int64_t number)
{
    const neph_map *word = member->words;
    while (word->text && word->number != number)
        word++;
    return word->text ? word->text : "unknown";
}

static void value_write(FILE *out, const sim_value *value)
{
    fprintf(out, "%s ", value->member->name);
    switch (value->member->type) {
    case NEPH_TYPE_PAIRS:
        text_write(out, value->name, 1);
        putc('=', out);
        text_write(out, value->text, 0);
        break;
    case NEPH_TYPE_STRING:
    case NEPH_TYPE_STRINGS: text_write(out, value->text, 0); break;
    case NEPH_TYPE_ENUM: fputs(word_of(value->member, value->number), out); break;
    default: fprintf(out, "%lld", (long long)value->number); break;
    }
    putc('\n', out);
}

static void thing_write(FILE *out, const sim_thing *thing)
{
    fprintf(out, "[%s]\n", thing->kind->name);
    for (uint32_t i = 0; i < thing->kind->member_count; i++) {
        const sim_member *member = &thing->kind->members[i];
        const sim_value *value;
        uint32_t at = 0;
        while ((value = sim_value_next(thing, member->member, &at)) != NULL)
            if (!(member->flags & SIM_FLEETING))
                value_write(out, value);
    }
}

void sim_format_write(const sim_state *state, FILE *out)
{
    int64_t count = 0;
    fputs(FIRST_LINE "\n", out);
    for (size_t i = 0; i < NEPH_COUNT(counters); i++)
        fprintf(out, "%s %lld\n", counters[i].name, (long long)*counter_place(state, &counters[i]));
    for (size_t i = 0; i < state->count; i++) {
        if (state->things[i]->is_fixed || state->things[i]->is_gone)
            continue;
        count++;
        thing_write(out, state->things[i]);
    }
    fprintf(out, "end %lld\n", (long long)count);
}
