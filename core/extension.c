/*
 * core/extension.c - checks a provider's extensions and makes members of their parameters and columns, which then are
 * arguments and results like any other. Calling them is engine.c's business.
 */
#include "core/extension.h"

#include "core/manifest.h"
#include "core/rule.h"

#include <stdio.h>
#include <string.h>

#define CHOICES_LENGTH_MAX 1024

/* ---- checking */

typedef struct checking {
    const char *provider;
    const char *extension; /* NULL: its name is not known yet */
    int rule;              /* that it breaks */
    nephi_error *error;
} checking;

/* which: a parameter or column, or NULL. */
static int refuse(const checking *c, const char *what, const char *which, const char *why)
{
    return nephi_fail_rule(c->error, c->rule, NEPH_PLUGIN,
                           "provider \"%s\": extension \"%s\": %s%s%s%s %s", c->provider,
                           c->extension ? c->extension : "?", what, which ? " \"" : "",
                           which ? which : "", which ? "\"" : "", why);
}

static int check_array(const checking *c, const char *what, const void *array, uint32_t count,
                       uint32_t max, int is_same_size)
{
    if (count > max)
        return refuse(c, what, NULL, "are too many");
    if (count && !array)
        return refuse(c, what, NULL, "are counted but not there");
    if (count && !is_same_size)
        return refuse(c, what, NULL,
                      "have elements of another size: build it with this neph's headers");
    return 0;
}

static int is_scalar(uint32_t type)
{
    return type >= NEPH_TYPE_STRING && type <= NEPH_TYPE_BOOLEAN;
}

/* One line, which stands in help, tables and manifests. */
static int is_line(const char *text)
{
    size_t size = text ? strcspn(text, "\n\r") : 0;
    return size > 0 && size < NEPHI_MANIFEST_TEXT_MAX && !text[size];
}

static int is_choices(const char *choices)
{
    size_t size = strlen(choices);
    return size && size < CHOICES_LENGTH_MAX && choices[0] != '|' && choices[size - 1] != '|' &&
           !strstr(choices, "||");
}

static const char *parameter_fault(const neph_parameter *parameter)
{
    if (!is_line(parameter->summary))
        return "has no summary of one line";
    if (!is_scalar(parameter->type) && parameter->type != NEPH_TYPE_STRINGS)
        return "is of a type that parameters do not have";
    if (parameter->flags & ~(uint32_t)NEPH_PARAMETER_ALL)
        return "has a flag that this neph does not know: update neph";
    if ((parameter->flags & NEPH_PARAMETER_SECRET) &&
        (parameter->type != NEPH_TYPE_STRING || parameter->choices))
        return "is secret, but no string or one of a few";
    if (parameter->choices &&
        (!is_choices(parameter->choices) || parameter->type == NEPH_TYPE_STRINGS))
        return "has choices that are none";
    return NULL;
}

static int check_parameter(const checking *c, const neph_parameter *parameters, uint32_t index)
{
    const neph_parameter *parameter = &parameters[index];
    const char *fault;
    if (!parameter->name || !nephi_is_setting_name(parameter->name))
        return refuse(c, "parameter", parameter->name, "has no usable name");
    for (uint32_t i = 0; i < index; i++)
        if (strcmp(parameters[i].name, parameter->name) == 0)
            return refuse(c, "parameter", parameter->name, "is declared twice");
    fault = parameter_fault(parameter);
    return fault ? refuse(c, "parameter", parameter->name, fault) : 0;
}

static int check_column(const checking *c, const neph_column *columns, uint32_t index)
{
    const neph_column *column = &columns[index];
    if (!column->name || !nephi_is_setting_name(column->name) || strcmp(column->name, "extra") == 0)
        return refuse(c, "column", column->name, "has no usable name");
    for (uint32_t i = 0; i < index; i++)
        if (strcmp(columns[i].name, column->name) == 0)
            return refuse(c, "column", column->name, "is declared twice");
    if (!is_line(column->summary))
        return refuse(c, "column", column->name, "has no summary of one line");
    if (!is_scalar(column->type))
        return refuse(c, "column", column->name, "is of a type that columns do not have");
    if (column->flags & ~(uint32_t)NEPH_COLUMN_ALL)
        return refuse(c, "column", column->name,
                      "has a flag that this neph does not know: update neph");
    return 0;
}

static const char *extension_fault(const neph_extension *extensions, uint32_t index)
{
    const neph_extension *extension = &extensions[index];
    if (!is_line(extension->summary))
        return "has no summary of one line";
    if (extension->op < NEPH_OP_EXTENSION || extension->op > NEPHI_OP_LAST)
        return "has a number that is not one of an extension";
    for (uint32_t i = 0; i < index; i++)
        if (extensions[i].op == extension->op || strcmp(extensions[i].name, extension->name) == 0)
            return "is there twice, by its name or its number";
    return extension->reserved ? "needs a newer neph: update neph" : NULL;
}

static int check_extension(checking *c, const neph_extension *extensions, uint32_t index)
{
    const neph_extension *extension = &extensions[index];
    const char *fault;
    int rc = 0;
    c->extension = extension->name;
    if (!extension->name || !nephi_is_setting_name(extension->name))
        return refuse(c, "it", NULL, "has no name of lower-case letters, digits and '_'");
    fault = extension_fault(extensions, index);
    if (fault)
        return refuse(c, "it", NULL, fault);
    rc = check_array(c, "parameters", extension->parameters, extension->parameter_count,
                     NEPH_PARAMETER_COUNT, extension->parameter_size == sizeof(neph_parameter));
    if (!rc)
        rc = check_array(c, "columns", extension->columns, extension->column_count,
                         NEPH_ROW_VALUE_COUNT, extension->column_size == sizeof(neph_column));
    for (uint32_t i = 0; i < extension->parameter_count && !rc; i++)
        rc = check_parameter(c, extension->parameters, i);
    for (uint32_t i = 0; i < extension->column_count && !rc; i++)
        rc = check_column(c, extension->columns, i);
    return rc;
}

int nephi_extensions_check(const neph_extension *extensions, uint32_t count, const char *provider,
                           int rule, nephi_error *error)
{
    checking c = {provider, NULL, rule, error};
    int rc = 0;
    for (uint32_t i = 0; i < count && !rc; i++)
        rc = check_extension(&c, extensions, i);
    return rc;
}

const neph_extension *nephi_extension_declared(const neph_provider *provider, uint32_t op)
{
    for (uint32_t i = 0; i < provider->extension_count; i++)
        if (provider->extensions[i].op == op)
            return &provider->extensions[i];
    return NULL;
}

/* ---- making */

static void *zeroed(nephi_arena *arena, size_t count, size_t size)
{
    void *block = nephi_arena_alloc(arena, (count + 1) * size);
    if (block)
        memset(block, 0, (count + 1) * size);
    return block;
}

static void parameter_info(neph_member_info *info, const neph_parameter *parameter, uint32_t index)
{
    info->size = sizeof *info;
    info->member = NEPH_PARAMETER + (int32_t)index;
    info->type = parameter->type;
    info->name = parameter->name;
    info->summary = parameter->summary;
    info->flags = (parameter->flags & NEPH_PARAMETER_REQUIRED ? NEPH_INFO_REQUIRED : 0u) |
                  (parameter->flags & NEPH_PARAMETER_SECRET ? NEPH_INFO_SECRET : 0u);
}

static void column_info(neph_member_info *info, const neph_column *column, uint32_t index)
{
    int is_hidden = (column->flags & (NEPH_COLUMN_WIDE | NEPH_COLUMN_SECRET)) != 0;
    info->size = sizeof *info;
    info->member = NEPH_ROW_VALUE + (int32_t)index;
    info->type = column->type;
    info->name = column->name;
    info->summary = column->summary;
    info->flags = (is_hidden ? NEPH_INFO_WIDE : NEPH_INFO_COLUMN) |
                  (column->flags & NEPH_COLUMN_SECRET ? NEPH_INFO_SECRET : 0u);
}

int nephi_extension_info(neph_extension_info *info, nephi_arena *arena, const neph_extension *table)
{
    neph_member_info *parameters = zeroed(arena, table->parameter_count, sizeof *parameters);
    neph_member_info *columns = zeroed(arena, table->column_count, sizeof *columns);
    const char **choices = zeroed(arena, table->parameter_count, sizeof *choices);
    if (!parameters || !columns || !choices)
        return NEPH_NO_MEMORY;
    for (uint32_t i = 0; i < table->parameter_count; i++) {
        parameter_info(&parameters[i], &table->parameters[i], i);
        choices[i] = table->parameters[i].choices;
    }
    for (uint32_t i = 0; i < table->column_count; i++)
        column_info(&columns[i], &table->columns[i], i);
    memset(info, 0, sizeof *info);
    info->size = sizeof *info;
    info->op = table->op;
    info->name = table->name;
    info->summary = table->summary;
    info->parameters = parameters;
    info->choices = choices;
    info->columns = columns;
    info->parameter_count = table->parameter_count;
    info->column_count = table->column_count;
    return 0;
}

/* A column's place is that among the values of a row: see record.c. */
static int make_members(nephi_extension *extension, nephi_arena *arena)
{
    const neph_extension_info *info = &extension->info;
    nephi_member *parameters = zeroed(arena, info->parameter_count, sizeof *parameters);
    nephi_member *columns = zeroed(arena, info->column_count, sizeof *columns);
    if (!parameters || !columns)
        return NEPH_NO_MEMORY;
    for (uint32_t i = 0; i < info->parameter_count; i++)
        parameters[i] = (nephi_member){info->parameters[i], NEPHI_NO_OFFSET, NEPHI_NO_OFFSET, NULL};
    for (uint32_t i = 0; i < info->column_count; i++) {
        size_t within = info->columns[i].type == NEPH_TYPE_STRING
                            ? offsetof(neph_row_value, text)
                            : offsetof(neph_row_value, number);
        uint32_t offset = (uint32_t)(i * sizeof(neph_row_value) + within);
        columns[i] = (nephi_member){info->columns[i], offset, offset, NULL};
    }
    extension->parameters = parameters;
    extension->columns = columns;
    return 0;
}

int nephi_extension_make(nephi_extension *extension, nephi_arena *arena, const char *provider,
                         const neph_extension *table)
{
    size_t id = strlen(provider), size = id + 1 + strlen(table->name) + 1;
    char *name = nephi_arena_alloc(arena, size);
    int rc = name ? nephi_extension_info(&extension->info, arena, table) : NEPH_NO_MEMORY;
    if (!rc)
        rc = make_members(extension, arena);
    if (rc)
        return rc;
    snprintf(name, size, "%s.%s", provider, table->name);
    extension->op = (neph_op_info){.size = sizeof extension->op,
                                   .op = table->op,
                                   .kind = table->column_count ? NEPH_KIND_ROW : NEPH_KIND_NONE,
                                   .name = name,
                                   .noun = provider,
                                   .verb = table->name,
                                   .summary = table->summary,
                                   .arguments = extension->info.parameters,
                                   .argument_count = table->parameter_count};
    return 0;
}

/* ---- looking up */

/* The place of a member among `count` that begin at `first`; count itself: it is none of them. */
static uint32_t index_of(int32_t member, int32_t first, uint32_t count)
{
    return member >= first && (uint32_t)(member - first) < count ? (uint32_t)(member - first)
                                                                 : count;
}

const nephi_member *nephi_extension_member(const nephi_extension *extension, int32_t member)
{
    const neph_extension_info *info = &extension->info;
    uint32_t parameter = index_of(member, NEPH_PARAMETER, info->parameter_count);
    uint32_t column = index_of(member, NEPH_ROW_VALUE, info->column_count);
    if (parameter < info->parameter_count)
        return &extension->parameters[parameter];
    return column < info->column_count ? &extension->columns[column] : NULL;
}

const char *nephi_extension_choices(const nephi_extension *extension, int32_t member)
{
    const neph_extension_info *info = &extension->info;
    uint32_t index = index_of(member, NEPH_PARAMETER, info->parameter_count);
    return index < info->parameter_count ? info->choices[index] : NULL;
}
