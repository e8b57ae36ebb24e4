/*
 * core/filter.h - the filters of a list as the host applies them to every result, whatever the provider asked for.
 */
#ifndef NEPHI_FILTER_H
#define NEPHI_FILTER_H

#include "core/argument.h"
#include "core/record.h"

#define NEPHI_FILTERS 5

/* What a list was asked to leave; borrows from the arguments. */
typedef struct nephi_filter {
    uint32_t kind;  /* of the results that it is for; 0: there is no filter */
    uint32_t count; /* filters that were given */
    int64_t state;  /* the number of that state */
    const nephi_argument *given[NEPHI_FILTERS];
    const nephi_member *members[NEPHI_FILTERS]; /* what each looks at */
} nephi_filter;

/* Is this argument a filter that the host applies itself? */
int nephi_filter_is_own(int32_t argument);
/* From the arguments of a call whose results are of this kind. 0, or NEPH_INVALID: no such state; the message lists
 * them. */
int nephi_filter_begin(nephi_filter *filter, uint32_t kind, const nephi_arguments *arguments,
                       nephi_error *error);
/* Does the result pass? Failures and results of other kinds do. */
int nephi_filter_passes(const nephi_filter *filter, const neph_record *record);
/* Is the text like the pattern, in which * is any characters and ? is one? */
int nephi_filter_is_like(const char *text, const char *pattern);

#endif
