/*
 * Price files and Libcloud's lists. Input: one byte that says which, then the file. What is accepted is found again, has
 * no negative price, and is written as a file that is read as the same; what is refused is said in one line.
 */
#include "core/price/libcloud.h"
#include "core/price/price.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int is_true)
{
    if (!is_true)
        abort();
}

static void check_rows(const nephi_price_table *table)
{
    for (size_t i = 0; i < table->row_count; i++) {
        const nephi_price_row *row = &table->rows[i];
        const nephi_price_list *list = row->list.is;
        demand(row->nano >= 0 && *row->item.text);
        demand(strlen(row->item.text) <= NEPHI_PRICE_TEXT_MAX && strlen(list->currency) == 3);
        demand(nephi_price_table_find(table, list->service, row->item.text, list->region) == row);
    }
}

/* Written, read and written again: the same text. */
static void check_written(nephi_price_table *table, const nephi_memory *memory)
{
    nephi_buffer first, second;
    nephi_price_table again;
    nephi_error error;
    nephi_buffer_init(&first, memory, NEPHI_PRICE_FILE_MAX);
    nephi_buffer_init(&second, memory, NEPHI_PRICE_FILE_MAX);
    nephi_price_table_init(&again, memory);
    nephi_error_clear(&error);
    demand(nephi_price_write(table, &first) == 0);
    demand(nephi_price_table_parse(&again, table->provider, NULL, first.data, first.size, "again",
                                   &error) == 0);
    demand(again.row_count == table->row_count);
    check_rows(&again);
    demand(nephi_price_write(&again, &second) == 0);
    demand(first.size == second.size && memcmp(first.data, second.data, first.size) == 0);
    nephi_price_table_fini(&again);
    nephi_buffer_fini(&first);
    nephi_buffer_fini(&second);
}

static void check_error(int rc, const nephi_error *error)
{
    demand(!rc || (rc == NEPH_INVALID && strncmp(error->message, "file: ", 6) == 0));
    for (const char *at = error->message; *at; at++)
        demand((unsigned char)*at >= ' ');
}

static void try_own(const uint8_t *data, size_t size, const nephi_memory *memory)
{
    nephi_price_table table;
    nephi_error error;
    int rc;
    nephi_error_clear(&error);
    nephi_price_table_init(&table, memory);
    rc = nephi_price_table_parse(&table, NULL, NULL, data, size, "file", &error);
    check_error(rc, &error);
    if (!rc) {
        check_rows(&table);
        check_written(&table, memory);
    }
    nephi_price_table_fini(&table);
}

static void try_libcloud(const uint8_t *data, size_t size, const nephi_memory *memory)
{
    static const nephi_price_alias aliases[] = {{"acme", "small", "s"}};
    nephi_price_driver drivers[] = {{"a_b", "acme", "west", 0}, {"b", "acme", "", 0}};
    nephi_libcloud libcloud;
    nephi_error error;
    int rc;
    nephi_error_clear(&error);
    nephi_libcloud_init(&libcloud, memory);
    libcloud.drivers = drivers;
    libcloud.driver_count = 2;
    libcloud.aliases = aliases;
    libcloud.alias_count = 1;
    libcloud.takes_all = 1;
    memcpy(libcloud.common.currency, "USD", 4);
    rc = nephi_price_document_memory(&libcloud.document, data, size, "file", &error);
    if (!libcloud.is_own)
        check_error(rc, &error);
    for (size_t i = 0; i < libcloud.table_count && !rc; i++) {
        check_rows(&libcloud.tables[i]);
        check_written(&libcloud.tables[i], memory);
    }
    nephi_libcloud_fini(&libcloud);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    nephi_memory memory;
    nephi_memory_init(&memory, NULL);
    if (size && *data & 1)
        try_libcloud(data + 1, size - 1, &memory);
    else if (size)
        try_own(data + 1, size - 1, &memory);
    return 0;
}
