/*
 * core/filter.c - which results of a list a program wants: by id, name, tag, state and location. Which member of a kind
 * is which, the model says. Asking a cloud for less to begin with is the provider's.
 */
#include "core/filter.h"

#include "core/text.h"

#include <stdio.h>
#include <string.h>

typedef int (*passes_fn)(const nephi_filter *filter, const nephi_argument *given,
                         const neph_record *record, const nephi_member *member);

/* ---- what each compares */

static int id_passes(const nephi_filter *filter, const nephi_argument *given,
                     const neph_record *record, const nephi_member *member)
{
    const char *id = nephi_record_text(record, member);
    (void)filter;
    for (size_t i = 0; id && i < given->count; i++)
        if (strcmp(id, given->pairs[i].value) == 0)
            return 1;
    return 0;
}

/* Bytes of the character that begins here; of what is no UTF-8, one. */
static size_t character(const char *text)
{
    size_t size = nephi_utf8_length(text, strlen(text));
    return size ? size : 1;
}

/* Only the last star is gone back to: what stands before it matched as early as it could, which is as good as any other
 * place. So no pattern takes longer than its length times the text's. */
int nephi_filter_is_like(const char *text, const char *pattern)
{
    const char *star = NULL, *resume = NULL;
    while (*text) {
        if (*pattern == '*') {
            star = ++pattern;
            resume = text;
        } else if (*pattern == '?') {
            pattern++;
            text += character(text);
        } else if (*pattern == *text) {
            pattern++;
            text++;
        } else if (star) {
            resume += character(resume);
            text = resume;
            pattern = star;
        } else {
            return 0;
        }
    }
    while (*pattern == '*')
        pattern++;
    return !*pattern;
}

static int name_passes(const nephi_filter *filter, const nephi_argument *given,
                       const neph_record *record, const nephi_member *member)
{
    const char *name = nephi_record_text(record, member);
    (void)filter;
    return name && nephi_filter_is_like(name, given->text);
}

static int has_pair(const neph_pair *pairs, size_t count, const neph_pair *wanted)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(pairs[i].name, wanted->name) == 0)
            return strcmp(wanted->value, "*") == 0 || strcmp(pairs[i].value, wanted->value) == 0;
    return 0;
}

static int tag_passes(const nephi_filter *filter, const nephi_argument *given,
                      const neph_record *record, const nephi_member *member)
{
    neph_value tags;
    (void)filter;
    if (neph_result_get(record->result, member->info.member, &tags))
        return 0;
    for (size_t i = 0; i < given->count; i++)
        if (!has_pair(tags.pairs, tags.count, &given->pairs[i]))
            return 0;
    return 1;
}

static int state_passes(const nephi_filter *filter, const nephi_argument *given,
                        const neph_record *record, const nephi_member *member)
{
    (void)given;
    return nephi_record_number(record, member) == filter->state;
}

static int text_passes(const nephi_filter *filter, const nephi_argument *given,
                       const neph_record *record, const nephi_member *member)
{
    const char *text = nephi_record_text(record, member);
    (void)filter;
    return text && strcmp(text, given->text) == 0;
}

/* ---- the filters */

static const struct row {
    int32_t argument;
    nephi_role role;
    passes_fn passes;
} rows[] = {
    {NEPH_LIST_ID, NEPHI_ROLE_ID, id_passes},
    {NEPH_LIST_NAME, NEPHI_ROLE_NAME, name_passes},
    {NEPH_LIST_TAG, NEPHI_ROLE_TAGS, tag_passes},
    {NEPH_LIST_STATE, NEPHI_ROLE_STATE, state_passes},
    {NEPH_LIST_LOCATION, NEPHI_ROLE_LOCATION, text_passes},
};

int nephi_filter_is_own(int32_t argument)
{
    for (size_t i = 0; i < NEPH_COUNT(rows); i++)
        if (rows[i].argument == argument)
            return 1;
    return 0;
}

static int state_fail(const nephi_member *member, uint32_t kind, const char *given,
                      nephi_error *error)
{
    char names[256] = "";
    size_t size = 0;
    for (const neph_map *row = member->names; row->text; row++)
        if (row->number && size < sizeof names)
            size += (size_t)snprintf(names + size, sizeof names - size, "%s%s", size ? ", " : "",
                                     row->text);
    return nephi_fail(error, NEPH_INVALID, "no %s is ever \"%s\"; its states are: %s",
                      nephi_kind_info(kind)->name, given, names);
}

int nephi_filter_begin(nephi_filter *filter, uint32_t kind, const nephi_arguments *arguments,
                       nephi_error *error)
{
    for (size_t i = 0; i < NEPH_COUNT(rows); i++) {
        const nephi_argument *given = nephi_arguments_find(arguments, rows[i].argument);
        const nephi_member *member = given ? nephi_kind_role(kind, rows[i].role) : NULL;
        if (!given)
            continue;
        if (!member)
            return nephi_fail(error, NEPH_INVALID, "%s is nothing that it can be told by",
                              nephi_member_find(rows[i].argument)->info.name);
        if (rows[i].role == NEPHI_ROLE_STATE &&
            !nephi_enum_number(member, given->text, &filter->state))
            return state_fail(member, kind, given->text, error);
        filter->kind = kind;
        filter->given[i] = given;
        filter->members[i] = member;
        filter->count++;
    }
    return 0;
}

int nephi_filter_passes(const nephi_filter *filter, const neph_record *record)
{
    if (!filter->kind || record->kind != filter->kind || record->error)
        return 1;
    for (size_t i = 0; i < NEPH_COUNT(rows); i++)
        if (filter->given[i] &&
            !rows[i].passes(filter, filter->given[i], record, filter->members[i]))
            return 0;
    return 1;
}
