/*
 * core/price/table.h - prices of one provider in memory, compact and in order: what a listing shows, what an import
 * writes, and what sizes are joined with.
 */
#ifndef NEPHI_PRICE_TABLE_H
#define NEPHI_PRICE_TABLE_H

#include "core/buffer.h"
#include "core/price/reader.h"

#define NEPHI_PRICE_ROWS_MAX (4u << 20)
#define NEPHI_PRICE_LISTS_MAX 4096u

/* Which prices are wanted; NULL: any. */
typedef struct nephi_price_filter {
    const char *service;
    const char *unit;
    const char *item;
    const char *region; /* and what holds everywhere; "": only what does */
} nephi_price_filter;

/* Does a list pass? The item is not looked at. */
int nephi_price_filter_passes(const nephi_price_filter *filter, const nephi_price_list *list);

/* Before nephi_price_table_settle() a row knows where its text and list will be, then where they are. */
typedef struct nephi_price_row {
    union {
        size_t at;
        const char *text;
    } item;
    union {
        size_t at;
        const nephi_price_list *is;
    } list;
    int64_t nano;
    uint32_t rank; /* of two prices of the same thing the lower one stays */
} nephi_price_row;

typedef struct nephi_price_table {
    const nephi_memory *memory;
    char provider[NEPHI_PRICE_REGION_MAX + 1];
    nephi_buffer texts;
    nephi_price_row *rows; /* by service, item, region */
    size_t row_count, row_capacity;
    nephi_price_list *lists;
    size_t list_count, list_capacity;
} nephi_price_table;

void nephi_price_table_init(nephi_price_table *table, const nephi_memory *memory);
void nephi_price_table_fini(nephi_price_table *table);
/* NEPH_NO_MEMORY, NEPH_LIMIT. */
int nephi_price_table_add_list(nephi_price_table *table, const nephi_price_list *list,
                               size_t *index);
int nephi_price_table_add(nephi_price_table *table, size_t list, uint32_t rank, const char *item,
                          size_t size, int64_t nano);
/* Puts the rows in order. Of those that price the same thing one is kept; *doubles: how many were not. */
void nephi_price_table_settle(nephi_price_table *table, size_t *doubles);
/* The price in that region, or else everywhere; NULL: there is none. */
const nephi_price_row *nephi_price_table_find(const nephi_price_table *table, const char *service,
                                              const char *item, const char *region);

/* Fills a table from the file open as fd. filter NULL: all. The same thing priced twice is NEPH_INVALID. */
int nephi_price_table_load(nephi_price_table *table, const char *provider,
                           const nephi_price_filter *filter, int fd, const char *path,
                           nephi_error *error);
/* The same from memory. */
int nephi_price_table_parse(nephi_price_table *table, const char *provider,
                            const nephi_price_filter *filter, const void *data, size_t size,
                            const char *path, nephi_error *error);

#endif
