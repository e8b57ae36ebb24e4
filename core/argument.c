/*
 * core/argument.c - the arguments of a call. Checks types against the model; whether a cloud takes them is engine.c's
 * question.
 */
#include "core/argument.h"

#include "core/model.h"
#include "core/text.h"

#include <stdio.h>
#include <string.h>

#define ARGUMENTS_LIMIT (4u << 20) /* bytes of all arguments of one call */

void nephi_arguments_init(nephi_arguments *arguments, const nephi_memory *memory)
{
    arguments->first = NULL;
    arguments->extension = NULL;
    nephi_arena_init(&arguments->arena, memory, ARGUMENTS_LIMIT);
}

void nephi_arguments_fini(nephi_arguments *arguments)
{
    arguments->first = NULL;
    nephi_arena_fini(&arguments->arena, 1);
}

const nephi_argument *nephi_arguments_find(const nephi_arguments *arguments, int32_t member)
{
    const nephi_argument *at = arguments->first;
    while (at && at->member != member)
        at = at->next;
    return at;
}

static int argument_add(nephi_arguments *arguments, int32_t member, nephi_argument **out,
                        nephi_error *error)
{
    nephi_argument *argument = (nephi_argument *)nephi_arguments_find(arguments, member);
    if (!argument) {
        argument = nephi_arena_alloc(&arguments->arena, sizeof *argument);
        if (!argument)
            return nephi_fail_memory(error);
        memset(argument, 0, sizeof *argument);
        argument->next = arguments->first;
        arguments->first = argument;
    }
    argument->member = member;
    *out = argument;
    return 0;
}

const nephi_member *nephi_arguments_member(const nephi_arguments *arguments, int32_t member)
{
    const nephi_member *found =
        arguments->extension ? nephi_extension_member(arguments->extension, member) : NULL;
    return found ? found : nephi_member_find(member);
}

static int member_of(const nephi_arguments *arguments, int32_t member, const nephi_member **out,
                     nephi_error *error)
{
    *out = nephi_arguments_member(arguments, member);
    return *out ? 0
                : nephi_fail(error, NEPH_INVALID, "there is no argument with the number %d",
                             (int)member);
}

static int wrong_type(const nephi_member *member, const char *value, nephi_error *error)
{
    static const char *const wants[] = {[NEPH_TYPE_INTEGER] = "a whole number",
                                        [NEPH_TYPE_DECIMAL] = "a number",
                                        [NEPH_TYPE_TIME] = "a time (2026-01-31T12:00:00Z)",
                                        [NEPH_TYPE_BOOLEAN] = "true or false",
                                        [NEPH_TYPE_ENUM] = NULL};
    const char *want = wants[member->info.type];
    return nephi_fail(error, NEPH_INVALID, "%s is \"%s\", but must be %s", member->info.name, value,
                      want ? want : member->info.summary);
}

static int number_read(const nephi_member *member, const char *text, int64_t *number)
{
    size_t size = strlen(text);
    switch (member->info.type) {
    case NEPH_TYPE_INTEGER: return nephi_read_integer(text, size, number);
    case NEPH_TYPE_DECIMAL: return nephi_read_decimal(text, size, number);
    case NEPH_TYPE_TIME: return nephi_read_time(text, size, number);
    case NEPH_TYPE_BOOLEAN: return nephi_read_boolean(text, size, number);
    case NEPH_TYPE_ENUM: return nephi_enum_number(member, text, number);
    default: return 0;
    }
}

static int choice_check(const nephi_arguments *arguments, const nephi_member *member,
                        const char *value, nephi_error *error)
{
    const char *choices = arguments->extension
                              ? nephi_extension_choices(arguments->extension, member->info.member)
                              : NULL;
    if (!choices || nephi_is_choice(choices, value))
        return 0;
    return nephi_fail(error, NEPH_INVALID, "%s is \"%s\", but must be one of %s", member->info.name,
                      value, choices);
}

/* Why the arena had nothing. */
static int no_room(const nephi_arguments *arguments, const nephi_member *member, size_t size,
                   nephi_error *error)
{
    if (size >= ARGUMENTS_LIMIT - arguments->arena.total)
        return nephi_fail(error, NEPH_LIMIT, "%s is too long", member->info.name);
    return nephi_fail_memory(error);
}

int nephi_arguments_set_text(nephi_arguments *arguments, int32_t member, const char *value,
                             nephi_error *error)
{
    const nephi_member *found;
    nephi_argument *argument;
    int64_t number = NEPH_UNKNOWN;
    char *copy;
    int rc = member_of(arguments, member, &found, error);
    if (rc || !value)
        return rc;
    if (found->info.type != NEPH_TYPE_STRING && found->info.type > NEPH_TYPE_ENUM)
        return nephi_fail(error, NEPH_INVALID, "%s cannot be given as a text", found->info.name);
    if (found->info.type != NEPH_TYPE_STRING && !number_read(found, value, &number))
        return wrong_type(found, value, error);
    rc = choice_check(arguments, found, value, error);
    if (rc)
        return rc;
    copy = nephi_arena_text(&arguments->arena, value, strlen(value));
    if (!copy)
        return no_room(arguments, found, strlen(value), error);
    rc = argument_add(arguments, member, &argument, error);
    if (rc)
        return rc;
    argument->type = found->info.type;
    argument->text = copy;
    argument->number = number;
    return 0;
}

int nephi_arguments_set_number(nephi_arguments *arguments, int32_t member, int64_t value,
                               nephi_error *error)
{
    const nephi_member *found;
    nephi_argument *argument;
    char spelt[24];
    int rc = member_of(arguments, member, &found, error);
    if (rc || value == NEPH_UNKNOWN)
        return rc;
    if (found->info.type < NEPH_TYPE_INTEGER || found->info.type > NEPH_TYPE_ENUM)
        return nephi_fail(error, NEPH_INVALID, "%s cannot be given as a number", found->info.name);
    if (found->info.type == NEPH_TYPE_BOOLEAN && value != 0 && value != 1)
        return nephi_fail(error, NEPH_INVALID, "%s must be 0 or 1", found->info.name);
    snprintf(spelt, sizeof spelt, "%lld", (long long)value);
    rc = choice_check(arguments, found, spelt, error);
    if (rc)
        return rc;
    rc = argument_add(arguments, member, &argument, error);
    if (rc)
        return rc;
    argument->type = found->info.type;
    argument->number = value;
    argument->text = NULL;
    return 0;
}

static int pairs_set(nephi_arguments *arguments, const nephi_member *member, uint32_t type,
                     neph_pair *pairs, size_t count, nephi_error *error)
{
    nephi_argument *argument;
    int rc;
    if (member->info.type != type)
        return nephi_fail(error, NEPH_INVALID, "%s cannot be given as a list", member->info.name);
    rc = argument_add(arguments, member->info.member, &argument, error);
    if (rc)
        return rc;
    argument->type = type;
    argument->pairs = pairs;
    argument->count = count;
    return 0;
}

static const char *text_copy(nephi_arguments *arguments, const char *text)
{
    return nephi_arena_text(&arguments->arena, text ? text : "", text ? strlen(text) : 0);
}

static neph_pair *pairs_new(nephi_arguments *arguments, size_t count)
{
    return count < ARGUMENTS_LIMIT / sizeof(neph_pair)
               ? nephi_arena_alloc(&arguments->arena, (count + 1) * sizeof(neph_pair))
               : NULL;
}

int nephi_arguments_set_pairs(nephi_arguments *arguments, int32_t member, const neph_pair *pairs,
                              size_t count, nephi_error *error)
{
    const nephi_member *found;
    neph_pair *copy;
    int rc = member_of(arguments, member, &found, error);
    if (rc)
        return rc;
    copy = pairs_new(arguments, count);
    for (size_t i = 0; copy && i < count; i++) {
        copy[i].name = text_copy(arguments, pairs[i].name);
        copy[i].value = text_copy(arguments, pairs[i].value);
        if (!copy[i].name || !copy[i].value)
            copy = NULL;
    }
    return copy ? pairs_set(arguments, found, NEPH_TYPE_PAIRS, copy, count, error)
                : nephi_fail_memory(error);
}

int nephi_arguments_set_strings(nephi_arguments *arguments, int32_t member,
                                const char *const *values, size_t count, nephi_error *error)
{
    const nephi_member *found;
    neph_pair *copy;
    int rc = member_of(arguments, member, &found, error);
    if (rc)
        return rc;
    copy = pairs_new(arguments, count);
    for (size_t i = 0; copy && i < count; i++) {
        copy[i].name = NULL;
        copy[i].value = text_copy(arguments, values[i]);
        if (!copy[i].value)
            copy = NULL;
    }
    return copy ? pairs_set(arguments, found, NEPH_TYPE_STRINGS, copy, count, error)
                : nephi_fail_memory(error);
}

int nephi_arguments_add_text(nephi_arguments *arguments, int32_t member, const char *value,
                             nephi_error *error)
{
    const nephi_argument *given = nephi_arguments_find(arguments, member);
    size_t count = given && given->type == NEPH_TYPE_STRINGS ? given->count : 0;
    const nephi_member *found;
    neph_pair *copy;
    int rc = member_of(arguments, member, &found, error);
    if (rc)
        return rc;
    copy = pairs_new(arguments, count + 1);
    if (!copy)
        return nephi_fail_memory(error);
    if (count)
        memcpy(copy, given->pairs, count * sizeof *copy);
    copy[count].name = NULL;
    copy[count].value = text_copy(arguments, value);
    return copy[count].value
               ? pairs_set(arguments, found, NEPH_TYPE_STRINGS, copy, count + 1, error)
               : nephi_fail_memory(error);
}
