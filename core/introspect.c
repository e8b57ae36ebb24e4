/*
 * core/introspect.c - the public view of the model: kinds, names of states and statuses, members of
 * a result by number.
 */
#include "core/error.h"
#include "core/model.h"

const neph_kind_info *neph_kind_find(uint32_t kind)
{
    return nephi_kind_info(kind);
}

const char *neph_status_name(int32_t status)
{
    return nephi_status_name(status);
}

const char *neph_node_state_name(int32_t state)
{
    const char *name = nephi_enum_name(nephi_member_find(NEPH_NODE_STATE), state);
    return name ? name : "unknown";
}

const char *neph_enum_name(int32_t member, int64_t number)
{
    const nephi_member *found = nephi_member_find(member);
    return found ? nephi_enum_name(found, number) : NULL;
}

/* An entry of a result, of whatever type. */
static const void *place(const neph_result *result, uint32_t offset)
{
    return (const char *)result + offset;
}

static void read_enum(const neph_result *result, const nephi_member *member, neph_value *value)
{
    value->number = *(const int32_t *)place(result, member->offset);
    value->text = nephi_enum_name(member, value->number);
    if (value->number == 0)
        value->type = NEPH_TYPE_NONE;
}

/* A column of a row. */
static int read_column(const neph_row *row, size_t column, neph_value *value)
{
    const neph_row_value *from;
    int is_unknown;
    if (column >= row->value_count)
        return NEPH_INVALID;
    from = &row->values[column];
    is_unknown = from->type == NEPH_TYPE_STRING ? from->text == NULL : from->number == NEPH_UNKNOWN;
    value->type = is_unknown ? NEPH_TYPE_NONE : from->type;
    value->number = from->number;
    value->text = from->text;
    return 0;
}

int neph_result_get(const neph_result *result, int32_t number, neph_value *value)
{
    const nephi_member *member = nephi_member_find(number);
    uint32_t kind = (uint32_t)number >> 16;
    memset(value, 0, sizeof *value);
    value->number = NEPH_UNKNOWN;
    if (kind == NEPH_KIND_ROW && result->kind == kind)
        return read_column((const neph_row *)result, (size_t)(number - NEPH_ROW_VALUE), value);
    if (!member || member->offset == NEPHI_NO_OFFSET)
        return NEPH_INVALID;
    if (kind != result->kind && kind != NEPH_KIND_NONE)
        return NEPH_INVALID;
    value->type = member->info.type;
    switch (member->info.type) {
    case NEPH_TYPE_STRING:
        value->text = *(const char *const *)place(result, member->offset);
        value->type = value->text ? value->type : NEPH_TYPE_NONE;
        break;
    case NEPH_TYPE_ENUM: read_enum(result, member, value); break;
    case NEPH_TYPE_STRINGS:
        value->strings = *(const char *const *const *)place(result, member->offset);
        value->count = *(const size_t *)place(result, member->count_offset);
        value->type = value->count ? value->type : NEPH_TYPE_NONE;
        break;
    case NEPH_TYPE_PAIRS:
        value->pairs = *(const neph_pair *const *)place(result, member->offset);
        value->count = *(const size_t *)place(result, member->count_offset);
        value->type = value->count ? value->type : NEPH_TYPE_NONE;
        break;
    default:
        value->number = *(const int64_t *)place(result, member->offset);
        value->type = value->number == NEPH_UNKNOWN ? NEPH_TYPE_NONE : value->type;
        break;
    }
    return 0;
}

const char *neph_version(void)
{
    return PACKAGE_VERSION;
}
