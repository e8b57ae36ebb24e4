/*
 * core/argument.h - the arguments of a call: values by member number, copied.
 */
#ifndef NEPHI_ARGUMENT_H
#define NEPHI_ARGUMENT_H

#include "core/error.h"
#include "core/extension.h"
#include "core/memory.h"

typedef struct nephi_argument {
    struct nephi_argument *next;
    int32_t member;
    uint32_t type; /* neph_type */
    int64_t number;
    char *text;       /* STRING, or the number as text */
    neph_pair *pairs; /* PAIRS, and STRINGS with names NULL */
    size_t count;
} nephi_argument;

typedef struct nephi_arguments {
    nephi_argument *first;
    const nephi_extension *extension; /* whose parameters can be among them; NULL: none's */
    nephi_arena arena;                /* wiped with the call: arguments may be secret */
} nephi_arguments;

void nephi_arguments_init(nephi_arguments *arguments, const nephi_memory *memory);
void nephi_arguments_fini(nephi_arguments *arguments);
const nephi_argument *nephi_arguments_find(const nephi_arguments *arguments, int32_t member);
/* An argument's member, a parameter of the extension too; NULL: there is none of that number. */
const nephi_member *nephi_arguments_member(const nephi_arguments *arguments, int32_t member);
/* NEPH_INVALID: no such member, or of another type; NEPH_NO_MEMORY. value NULL: not given. */
int nephi_arguments_set_text(nephi_arguments *arguments, int32_t member, const char *value,
                             nephi_error *error);
int nephi_arguments_set_number(nephi_arguments *arguments, int32_t member, int64_t value,
                               nephi_error *error);
int nephi_arguments_set_pairs(nephi_arguments *arguments, int32_t member, const neph_pair *pairs,
                              size_t count, nephi_error *error);
int nephi_arguments_set_strings(nephi_arguments *arguments, int32_t member,
                                const char *const *values, size_t count, nephi_error *error);

/* One more entry of a list. */
int nephi_arguments_add_text(nephi_arguments *arguments, int32_t member, const char *value,
                             nephi_error *error);

#endif
