/*
 * core/price/table.c - prices in memory. A file's rows come before what their list says of them, so that those of a list
 * that is not wanted are taken back when it ends.
 */
#include "core/price/table.h"

#include <stdlib.h>
#include <string.h>

void nephi_price_table_init(nephi_price_table *table, const nephi_memory *memory)
{
    memset(table, 0, sizeof *table);
    table->memory = memory;
    nephi_buffer_init(&table->texts, memory, NEPHI_PRICE_FILE_MAX);
}

void nephi_price_table_fini(nephi_price_table *table)
{
    if (!table->memory)
        return;
    nephi_buffer_fini(&table->texts);
    nephi_free(table->memory, table->rows);
    nephi_free(table->memory, table->lists);
    memset(table, 0, sizeof *table);
}

/* ---- in */

/* Room for one more of an array; the array stays where it is when there is none. */
static int grow(const nephi_memory *memory, void **array, size_t count, size_t *capacity,
                size_t each, size_t most)
{
    size_t wanted = *capacity ? 2 * *capacity : 16;
    void *bigger;
    if (count < *capacity)
        return 0;
    if (count >= most)
        return NEPH_LIMIT;
    bigger = nephi_realloc(memory, *array, wanted * each);
    if (!bigger)
        return NEPH_NO_MEMORY;
    *array = bigger;
    *capacity = wanted;
    return 0;
}

int nephi_price_table_add_list(nephi_price_table *table, const nephi_price_list *list,
                               size_t *index)
{
    void *lists = table->lists;
    int rc = grow(table->memory, &lists, table->list_count, &table->list_capacity,
                  sizeof *table->lists, NEPHI_PRICE_LISTS_MAX);
    table->lists = lists;
    if (rc)
        return rc;
    *index = table->list_count;
    table->lists[table->list_count++] = *list;
    return 0;
}

int nephi_price_table_add(nephi_price_table *table, size_t list, uint32_t rank, const char *item,
                          size_t size, int64_t nano)
{
    nephi_price_row row = {
        .item.at = table->texts.size, .list.at = list, .nano = nano, .rank = rank};
    void *rows = table->rows;
    int rc = grow(table->memory, &rows, table->row_count, &table->row_capacity, sizeof *table->rows,
                  NEPHI_PRICE_ROWS_MAX);
    table->rows = rows;
    if (!rc)
        rc = nephi_buffer_add(&table->texts, item, size);
    if (!rc)
        rc = nephi_buffer_add(&table->texts, "", 1);
    if (rc)
        return rc;
    table->rows[table->row_count++] = row;
    return 0;
}

/* ---- order */

static int compare(const char *service, const char *item, const char *region,
                   const nephi_price_row *row)
{
    int by = strcmp(service, row->list.is->service);
    if (!by)
        by = strcmp(item, row->item.text);
    return by ? by : strcmp(region, row->list.is->region);
}

static int compare_rows(const void *a, const void *b)
{
    const nephi_price_row *x = a, *y = b;
    int by = compare(x->list.is->service, x->item.text, x->list.is->region, y);
    return by ? by : (x->rank > y->rank) - (x->rank < y->rank);
}

void nephi_price_table_settle(nephi_price_table *table, size_t *doubles)
{
    size_t kept = 0;
    for (size_t i = 0; i < table->row_count; i++) {
        nephi_price_row *row = &table->rows[i];
        row->item.text = table->texts.data + row->item.at;
        row->list.is = &table->lists[row->list.at];
    }
    if (table->row_count)
        qsort(table->rows, table->row_count, sizeof *table->rows, compare_rows);
    for (size_t i = 0; i < table->row_count; i++) {
        const nephi_price_row *row = &table->rows[i];
        if (!kept || compare(row->list.is->service, row->item.text, row->list.is->region,
                             &table->rows[kept - 1]) != 0)
            table->rows[kept++] = *row;
    }
    *doubles = table->row_count - kept;
    table->row_count = kept;
}

static const nephi_price_row *find_exactly(const nephi_price_table *table, const char *service,
                                           const char *item, const char *region)
{
    size_t low = 0, high = table->row_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int by = compare(service, item, region, &table->rows[middle]);
        if (by == 0)
            return &table->rows[middle];
        if (by > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const nephi_price_row *nephi_price_table_find(const nephi_price_table *table, const char *service,
                                              const char *item, const char *region)
{
    const nephi_price_row *found =
        region && *region ? find_exactly(table, service, item, region) : NULL;
    return found ? found : find_exactly(table, service, item, "");
}

/* ---- from a file */

int nephi_price_filter_passes(const nephi_price_filter *filter, const nephi_price_list *list)
{
    if (filter->service && strcmp(filter->service, list->service) != 0)
        return 0;
    if (filter->unit && strcmp(filter->unit, list->unit) != 0)
        return 0;
    return !filter->region || !*list->region || strcmp(filter->region, list->region) == 0;
}

typedef struct loading {
    nephi_price_reader reader;
    nephi_price_table *table;
    const nephi_price_filter *filter;
    size_t rows_kept; /* of lists that have ended */
    size_t texts_kept;
} loading;

static int loading_fail(loading *l, int rc)
{
    if (rc == NEPH_LIMIT)
        return nephi_price_refuse(&l->reader.document, "more prices or lists than neph can hold");
    return rc;
}

static int on_price(void *user, const char *item, size_t size, int64_t nano)
{
    loading *l = user;
    return loading_fail(l,
                        nephi_price_table_add(l->table, l->table->list_count, 0, item, size, nano));
}

static int on_list(void *user, const nephi_price_list *list)
{
    loading *l = user;
    nephi_price_table *table = l->table;
    size_t index;
    if (table->row_count == l->rows_kept)
        return 0;
    if (!nephi_price_filter_passes(l->filter, list)) {
        table->row_count = l->rows_kept;
        table->texts.size = l->texts_kept;
        return 0;
    }
    l->rows_kept = table->row_count;
    l->texts_kept = table->texts.size;
    return loading_fail(l, nephi_price_table_add_list(table, list, &index));
}

static const nephi_price_events events = {.price = on_price, .list = on_list};

static void loading_begin(loading *l, nephi_price_table *table, const char *provider,
                          const nephi_price_filter *filter)
{
    static const nephi_price_filter everything;
    l->table = table;
    l->filter = filter ? filter : &everything;
    l->rows_kept = l->texts_kept = 0;
    nephi_price_reader_init(&l->reader, table->memory, provider, &events, l);
    l->reader.wanted = l->filter->item;
    l->reader.wanted_size = l->filter->item ? strlen(l->filter->item) : 0;
}

static int loading_end(loading *l, const char *path, nephi_error *error)
{
    size_t doubles;
    memcpy(l->table->provider, l->reader.provider_name, sizeof l->table->provider);
    nephi_price_table_settle(l->table, &doubles);
    if (!doubles)
        return 0;
    return nephi_fail(error, NEPH_INVALID, "%s: %zu prices stand twice", path, doubles);
}

int nephi_price_table_load(nephi_price_table *table, const char *provider,
                           const nephi_price_filter *filter, int fd, const char *path,
                           nephi_error *error)
{
    loading l;
    int rc;
    loading_begin(&l, table, provider, filter);
    rc = nephi_price_document_file(&l.reader.document, fd, path, error);
    return rc ? rc : loading_end(&l, path, error);
}

int nephi_price_table_parse(nephi_price_table *table, const char *provider,
                            const nephi_price_filter *filter, const void *data, size_t size,
                            const char *path, nephi_error *error)
{
    loading l;
    int rc;
    loading_begin(&l, table, provider, filter);
    rc = nephi_price_document_memory(&l.reader.document, data, size, path, error);
    return rc ? rc : loading_end(&l, path, error);
}
