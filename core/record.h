/*
 * core/record.h - one result and the memory of its strings. Records are pooled: a stream of a
 * million results uses a few blocks over and over.
 */
#ifndef NEPHI_RECORD_H
#define NEPHI_RECORD_H

#include "core/error.h"
#include "core/memory.h"
#include "core/model.h"

#define NEPHI_RECORD_LIMIT (4u << 20) /* bytes of one result */

struct neph_record {
    const neph_services *services; /* first: the ABI */
    nephi_error
        *failure;    /* second, as in every handle: where neph_fail() writes; set by its owner */
    neph_host *host; /* third, as in every handle; set by its owner */
    neph_call *call; /* whose result; set by its owner */
    struct neph_record *next; /* in a queue, the pool or the kept list */
    nephi_arena arena;
    int is_secret; /* holds a secret: wiped when it goes back */
    int is_kept;
    uint32_t kind;
    nephi_error *error;          /* in the arena, of a result that is a failure; NULL */
    neph_result *result;         /* in the record's own block */
    const nephi_member *columns; /* of a row; NULL: it is none */
    uint32_t column_count;
    size_t capacity; /* of result's block */
};

typedef struct nephi_pool {
    const nephi_memory *memory;
    const neph_services *services;
    neph_record *free;
    uint32_t free_count;
} nephi_pool;

void nephi_pool_init(nephi_pool *pool, const nephi_memory *memory, const neph_services *services);
void nephi_pool_fini(nephi_pool *pool);
/* All members unknown. NULL: no memory or no such kind. */
neph_record *nephi_record_new(nephi_pool *pool, uint32_t kind);
void nephi_record_free(nephi_pool *pool, neph_record *record);

/* Gives a fresh row a value for each column, all unknown; columns are borrowed. NEPH_NO_MEMORY. */
int nephi_record_set_columns(neph_record *record, const nephi_member *columns, uint32_t count);
/* A member by number, a row's columns too; NULL: unknown. */
const nephi_member *nephi_record_member(const neph_record *record, int32_t member);

/* 0, NEPH_INVALID (no such member, wrong type, a text that is no such number or time or has a NUL
 * in it), NEPH_LIMIT, NEPH_NO_MEMORY. Strings are copied. An ENUM is set by number; one that has
 * no name becomes 0. */
int nephi_record_set_text(neph_record *record, const nephi_member *member, const char *text,
                          size_t size);
int nephi_record_set_number(neph_record *record, const nephi_member *member, int64_t number);
int nephi_record_add_text(neph_record *record, const nephi_member *member, const char *text,
                          size_t size); /* STRINGS */
int nephi_record_add_pair(neph_record *record, int32_t member, const char *name, size_t name_size,
                          const char *value, size_t value_size); /* PAIRS, NEPH_EXTRA */
/* NEPH_RESULT_ERROR_…: the result is a failure of one thing, NEPH_UNAVAILABLE until its owner
 * knows better: sets record->error->status and calls nephi_error_view(). */
int nephi_record_set_error(neph_record *record, int32_t member, const char *text, size_t size);
/* The result is this failure. */
int nephi_record_fail(neph_record *record, const nephi_error *error);
/* Of a STRING, or an ENUM's name; NULL: not set, not known. */
const char *nephi_record_text(const neph_record *record, const nephi_member *member);
int64_t nephi_record_number(const neph_record *record, const nephi_member *member);
/* The record of a result handed to a program. */
neph_record *nephi_record_of(const neph_result *result);

#endif
