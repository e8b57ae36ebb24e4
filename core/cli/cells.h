/*
 * core/cli/cells.h - making rows of the command's own (plugins, providers, settings) in the terms of the library's model.
 */
#ifndef NEPHC_CELLS_H
#define NEPHC_CELLS_H

#include <neph/neph.h>

#define NEPHC_MEMBER(type, flags, name, summary)                                                   \
    {                                                                                              \
        sizeof(neph_member_info), 0, NEPH_TYPE_##type, flags, 0, name, summary                     \
    }

static inline neph_value nephc_text(const char *text)
{
    neph_value value = {text ? NEPH_TYPE_STRING : NEPH_TYPE_NONE, 0, 0, text, NULL, NULL, 0};

    return value;
}

static inline neph_value nephc_number(int64_t number)
{
    neph_value value = {NEPH_TYPE_INTEGER, 0, number, NULL, NULL, NULL, 0};

    return value;
}

static inline neph_value nephc_boolean(int is_true)
{
    neph_value value = {NEPH_TYPE_BOOLEAN, 0, is_true != 0, NULL, NULL, NULL, 0};

    return value;
}

static inline neph_value nephc_strings(const char *const *strings, size_t count)
{
    neph_value value = {NEPH_TYPE_STRINGS, 0, 0, NULL, strings, NULL, count};

    return value;
}

#endif
