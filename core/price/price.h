/*
 * core/price/price.h - what the engine asks of the price data, and how public prices are filled.
 */
#ifndef NEPHI_PRICE_H
#define NEPHI_PRICE_H

#include "core/cloud.h"
#include "core/price/file.h"
#include "core/price/table.h"

/* Whole days from then to now; 0 for a day to come, NEPH_UNKNOWN of what is unknown. */
int64_t nephi_price_age(const neph_host *host, int64_t as_of_ns);
/* Everything borrowed. */
void nephi_price_fill(neph_price *out, const neph_host *host, const char *provider,
                      const nephi_price_list *list, const char *item, int64_t nano);

/* join.c: gives a size the price of an hour if the cloud did not. The price data are read at the first size that has none;
 * what is wrong with them is logged, and prices stay unknown. NEPH_NO_MEMORY. */
int nephi_price_join(neph_cloud *cloud, neph_record *record);
void nephi_price_forget(neph_cloud *cloud);

/* writer.c: a settled table as a price file. The rows' order changes. NEPH_NO_MEMORY, NEPH_LIMIT. */
int nephi_price_write(nephi_price_table *table, nephi_buffer *out);

/* price.c: the last answer of neph_price_find(). */
void nephi_price_found_free(neph_host *host);

#endif
