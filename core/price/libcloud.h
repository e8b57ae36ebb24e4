/*
 * core/price/libcloud.h - a pricing.json of Apache Libcloud. Two kinds:
 *
 *     {"ec2_us_east": {"m1.small": 0.085}}                                             0.5 (2011): tables by driver
 *     {"compute": {"ec2_linux": {"a1.large": {"us-east-1": 0.051}}}, "storage": {}, "updated": 1691336076}      later
 *
 * A table goes from item to price, from item to region to price, or deeper, down to objects with a "price" among other
 * texts; prices are numbers, or numbers in quotes. Of the latter the last name but "price" is the region, if there are three
 * or more; the others, but "on_demand", are the item, joined by '/'. No unit and no currency is said: compute is for an
 * hour, storage for a GB-month. 0 is what Libcloud writes where it knows no price.
 */
#ifndef NEPHI_LIBCLOUD_H
#define NEPHI_LIBCLOUD_H

#include "core/price/table.h"

#define NEPHI_LIBCLOUD_LEVELS 8 /* of a table */

/* Whose prices a table holds. */
typedef struct nephi_price_driver {
    const char *name;
    const char *provider;
    const char *region; /* "": the table says it, or it is all */
    int is_seen;        /* the list has the table */
} nephi_price_driver;

/* What a provider calls otherwise than its tables. */
typedef struct nephi_price_alias {
    const char *provider;
    const char *name;
    const char *id;
} nephi_price_alias;

typedef struct nephi_libcloud {
    nephi_price_document document;
    /* what shall be read */
    nephi_price_driver *drivers; /* of two prices of a thing, that of the first counts */
    size_t driver_count;
    const nephi_price_alias *aliases;
    size_t alias_count;
    int takes_all; /* tables that no driver names too, for providers of their names */
    nephi_price_list
        common; /* of all lists: currency, source, region where nothing else says one, as_of */
    /* what was */
    nephi_price_table *tables; /* one for each provider, settled */
    size_t table_count, table_capacity;
    size_t price_count, zero_count, double_count, other_count;
    int is_own; /* it is no such list but a price file of ours: NEPH_UNSUPPORTED */
    /* where it stands */
    unsigned depth, base; /* base: depth of the tables' names */
    int is_updated, has_updated;
    nephi_price_table *table; /* NULL: the one under way is not wanted */
    uint32_t rank;
    const char *service;
    const char *region;
    size_t list; /* of the last price */
    char names[NEPHI_LIBCLOUD_LEVELS][NEPHI_PRICE_TEXT_MAX + 1];
} nephi_libcloud;

/* All zero but what shall be read. To be given to fini in any case. */
void nephi_libcloud_init(nephi_libcloud *libcloud, const nephi_memory *memory);
void nephi_libcloud_fini(nephi_libcloud *libcloud);
/* Then libcloud->document goes through nephi_price_document_file() or _memory(). */

#endif
