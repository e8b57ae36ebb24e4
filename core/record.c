/*
 * core/record.c - results being filled in, and their pool. A record, its result and the first
 * memory of its strings are one block that is used again for any kind. Who fills it in is the reply
 * engine or a provider; who gets it is the call.
 */
#include "core/record.h"
#include "core/text.h"

#include <string.h>

#define POOL_MAX 256     /* records that wait for use */
#define FIRST_CHUNK 1024 /* bytes of strings in the record's own block: most results need no more */

/* The block. Every kind's struct fits. */
typedef struct record_block {
    neph_record record;
    union {
        neph_result any;
        neph_node node;
        neph_image image;
        neph_size size;
        neph_location location;
        neph_bucket bucket;
        neph_object object;
        neph_prefix prefix;
        neph_url url;
        neph_row row;
        nephi_endpoint_result endpoint;
    } result;
    nephi_arena_chunk chunk;
    char bytes[FIRST_CHUNK];
} record_block;

void nephi_pool_init(nephi_pool *pool, const nephi_memory *memory, const neph_services *services)
{
    memset(pool, 0, sizeof *pool);
    pool->memory = memory;
    pool->services = services;
}

void nephi_pool_fini(nephi_pool *pool)
{
    while (pool->free) {
        neph_record *next = pool->free->next;
        nephi_free(pool->memory, pool->free);
        pool->free = next;
    }
    pool->free_count = 0;
}

static neph_record *record_make(nephi_pool *pool)
{
    record_block *block = nephi_realloc(pool->memory, NULL, sizeof *block);
    neph_record *record;
    if (!block)
        return NULL;
    record = &block->record;
    memset(record, 0, sizeof *record);
    record->services = pool->services;
    record->result = &block->result.any;
    record->capacity = sizeof block->result;
    block->chunk.next = NULL;
    block->chunk.capacity = sizeof block->bytes;
    nephi_arena_init(&record->arena, pool->memory, NEPHI_RECORD_LIMIT);
    record->arena.chunks = &block->chunk;
    nephi_arena_reset(&record->arena, 0);
    return record;
}

neph_record *nephi_record_new(nephi_pool *pool, uint32_t kind)
{
    neph_record *record = pool->free;
    if (nephi_kind_size(kind) == 0)
        return NULL;
    if (record) {
        pool->free = record->next;
        pool->free_count--;
        record->next = NULL;
    } else {
        record = record_make(pool);
        if (!record)
            return NULL;
    }
    record->kind = kind;
    record->columns = NULL;
    record->column_count = 0;
    nephi_kind_clear(record->result, kind);
    return record;
}

int nephi_record_set_columns(neph_record *record, const nephi_member *columns, uint32_t count)
{
    neph_row *row = (neph_row *)record->result;
    neph_row_value *values = nephi_arena_alloc(&record->arena, (count + 1) * sizeof *values);
    if (!values)
        return NEPH_NO_MEMORY;
    for (uint32_t i = 0; i < count; i++)
        values[i] =
            (neph_row_value){columns[i].info.name, columns[i].info.type, 0, NEPH_UNKNOWN, NULL};
    row->values = values;
    row->value_count = count;
    record->columns = columns;
    record->column_count = count;
    return 0;
}

const nephi_member *nephi_record_member(const neph_record *record, int32_t member)
{
    uint32_t column = (uint32_t)member - (uint32_t)NEPH_ROW_VALUE;
    return column < record->column_count ? &record->columns[column] : nephi_member_find(member);
}

void nephi_record_free(nephi_pool *pool, neph_record *record)
{
    if (!record)
        return;
    nephi_arena_reset(&record->arena, record->is_secret);
    if (pool->free_count >= POOL_MAX) {
        nephi_free(pool->memory, record);
        return;
    }
    record->failure = NULL;
    record->host = NULL;
    record->call = NULL;
    record->error = NULL;
    record->is_secret = 0;
    record->is_kept = 0;
    record->next = pool->free;
    pool->free = record;
    pool->free_count++;
}

neph_record *nephi_record_of(const neph_result *result)
{
    return (neph_record *)((char *)(uintptr_t)result - offsetof(record_block, result));
}

/* ---- reading and writing of members by their place in the struct, or among the values of a row */

static void *place(const neph_record *record, const nephi_member *member)
{
    char *base = (char *)record->result;
    if ((uint32_t)member->info.member >> 16 == NEPH_KIND_ROW)
        base = (char *)(uintptr_t)((const neph_row *)record->result)->values;
    return base + member->offset;
}

static size_t *count_place(const neph_record *record, const nephi_member *member)
{
    return (size_t *)(void *)((char *)record->result + member->count_offset);
}

/* Does this kind of result have the member, and is it of this type? */
static int is_member(const neph_record *record, const nephi_member *member, uint32_t type)
{
    uint32_t kind;
    if (!member || member->offset == NEPHI_NO_OFFSET || member->info.type != type)
        return 0;
    kind = (uint32_t)member->info.member >> 16;
    return kind == record->kind || kind == NEPH_KIND_NONE;
}

static void note_secret(neph_record *record, const nephi_member *member)
{
    if (member->info.flags & NEPH_INFO_SECRET)
        record->is_secret = 1;
}

/* Why the arena had nothing. */
static int no_room(const neph_record *record, size_t size)
{
    const nephi_arena *arena = &record->arena;
    return size > arena->limit - arena->total ? NEPH_LIMIT : NEPH_NO_MEMORY;
}

/* A copy that C can hold: a NUL inside would cut it short unseen. */
static int copy_text(neph_record *record, const char *text, size_t size, const char **out)
{
    char *copy;
    if (size > 0 && memchr(text, '\0', size))
        return NEPH_INVALID;
    if (size > NEPHI_RECORD_LIMIT)
        return NEPH_LIMIT;
    copy = nephi_arena_text(&record->arena, text, size);
    if (!copy)
        return no_room(record, size + 1);
    *out = copy;
    return 0;
}

static int set_string(neph_record *record, const nephi_member *member, const char *text,
                      size_t size)
{
    note_secret(record, member);
    return copy_text(record, text, size, place(record, member));
}

int nephi_record_set_text(neph_record *record, const nephi_member *member, const char *text,
                          size_t size)
{
    int (*read)(const char *text, size_t size, int64_t *out) = NULL;
    int64_t number;
    if (!member || !is_member(record, member, member->info.type))
        return NEPH_INVALID;
    switch (member->info.type) {
    case NEPH_TYPE_STRING: return set_string(record, member, text, size);
    case NEPH_TYPE_INTEGER: read = nephi_read_integer; break;
    case NEPH_TYPE_DECIMAL: read = nephi_read_decimal; break;
    case NEPH_TYPE_TIME: read = nephi_read_time; break;
    case NEPH_TYPE_BOOLEAN: read = nephi_read_boolean; break;
    default: return NEPH_INVALID;
    }
    return read(text, size, &number) ? nephi_record_set_number(record, member, number)
                                     : NEPH_INVALID;
}

int nephi_record_set_number(neph_record *record, const nephi_member *member, int64_t number)
{
    if (!member || !is_member(record, member, member->info.type))
        return NEPH_INVALID;
    note_secret(record, member);
    switch (member->info.type) {
    case NEPH_TYPE_BOOLEAN:
        if (number != 0 && number != 1 && number != NEPH_UNKNOWN)
            return NEPH_INVALID;
        break;
    case NEPH_TYPE_INTEGER:
        if ((member->info.flags & NEPH_INFO_SIZE) && number < 0 && number != NEPH_UNKNOWN)
            return NEPH_INVALID;
        break;
    case NEPH_TYPE_DECIMAL:
    case NEPH_TYPE_TIME: break;
    case NEPH_TYPE_ENUM:
        /* A state that this library has no name for is unknown to it. */
        *(int32_t *)place(record, member) = nephi_enum_name(member, number) ? (int32_t)number : 0;
        return 0;
    default: return NEPH_INVALID;
    }
    *(int64_t *)place(record, member) = number;
    return 0;
}

/* Room for one more item: arrays double when their count is 0 or a power of two from 4 on. */
static int grow(neph_record *record, void **array, size_t count, size_t item_size)
{
    size_t capacity = count ? count * 2 : 4;
    void *bigger;
    if (count != 0 && (count < 4 || (count & (count - 1)) != 0))
        return 0;
    bigger = nephi_arena_alloc(&record->arena, capacity * item_size);
    if (!bigger)
        return no_room(record, capacity * item_size);
    if (count > 0)
        memcpy(bigger, *array, count * item_size);
    *array = bigger;
    return 0;
}

int nephi_record_add_text(neph_record *record, const nephi_member *member, const char *text,
                          size_t size)
{
    const char ***strings;
    const char *copy;
    size_t *count;
    int rc;
    if (!is_member(record, member, NEPH_TYPE_STRINGS))
        return NEPH_INVALID;
    strings = place(record, member);
    count = count_place(record, member);
    rc = copy_text(record, text, size, &copy);
    if (!rc)
        rc = grow(record, (void **)strings, *count, sizeof **strings);
    if (rc)
        return rc;
    note_secret(record, member);
    (*strings)[(*count)++] = copy;
    return 0;
}

int nephi_record_add_pair(neph_record *record, int32_t number, const char *name, size_t name_size,
                          const char *value, size_t value_size)
{
    const nephi_member *member = nephi_member_find(number);
    neph_pair **pairs, pair;
    size_t *count;
    int rc;
    if (!is_member(record, member, NEPH_TYPE_PAIRS))
        return NEPH_INVALID;
    pairs = place(record, member);
    count = count_place(record, member);
    rc = copy_text(record, name, name_size, &pair.name);
    if (!rc)
        rc = copy_text(record, value, value_size, &pair.value);
    if (!rc)
        rc = grow(record, (void **)pairs, *count, sizeof **pairs);
    if (rc)
        return rc;
    note_secret(record, member);
    (*pairs)[(*count)++] = pair;
    return 0;
}

int nephi_record_set_error(neph_record *record, int32_t member, const char *text, size_t size)
{
    nephi_error *error = record->error;
    if (member != NEPH_RESULT_ERROR_CODE && member != NEPH_RESULT_ERROR_MESSAGE)
        return NEPH_INVALID;
    if (!error) {
        error = nephi_arena_alloc(&record->arena, sizeof *error);
        if (!error)
            return no_room(record, sizeof *error);
        nephi_error_clear(error);
        error->status = NEPH_UNAVAILABLE;
        record->error = error;
    }
    if (member == NEPH_RESULT_ERROR_CODE)
        nephi_error_text(error->code, sizeof error->code, text, size);
    else
        nephi_error_text(error->message, sizeof error->message, text, size);
    record->result->error = nephi_error_view(error);
    return 0;
}

int nephi_record_fail(neph_record *record, const nephi_error *error)
{
    int rc = nephi_record_set_error(record, NEPH_RESULT_ERROR_CODE, "", 0);
    if (rc)
        return rc;
    nephi_error_copy(record->error, error);
    record->result->error = nephi_error_view(record->error);
    return 0;
}

const char *nephi_record_text(const neph_record *record, const nephi_member *member)
{
    if (is_member(record, member, NEPH_TYPE_STRING))
        return *(const char *const *)place(record, member);
    if (is_member(record, member, NEPH_TYPE_ENUM)) {
        int32_t number = *(const int32_t *)place(record, member);
        return number ? nephi_enum_name(member, number) : NULL;
    }
    return NULL;
}

int64_t nephi_record_number(const neph_record *record, const nephi_member *member)
{
    if (!member || !is_member(record, member, member->info.type))
        return NEPH_UNKNOWN;
    switch (member->info.type) {
    case NEPH_TYPE_INTEGER:
    case NEPH_TYPE_DECIMAL:
    case NEPH_TYPE_TIME:
    case NEPH_TYPE_BOOLEAN: return *(const int64_t *)place(record, member);
    case NEPH_TYPE_ENUM: return *(const int32_t *)place(record, member);
    default: return NEPH_UNKNOWN;
    }
}
