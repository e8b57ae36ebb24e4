/*
 * core/price/reader.h - one provider's price file, as neph writes and ships it:
 *
 *     {"format": 1, "provider": "ec2",
 *      "drivers": {"ec2_us_east": "us-east-1"}, "items": {"small": "m1.small"},
 *      "lists": [{"service": "compute", "region": "us-east-1", "unit": "hour", "currency": "USD",
 *                 "as_of": "2011-05-21", "source": "...", "prices": {"m1.small": 0.085}}]}
 *
 * A list holds what is priced alike. service, unit, currency are needed; without a region it holds in all of them; as_of and
 * source may be unknown. A price is a decimal, as a number or a string, kept exactly to 1e-9; null is unknown, 0 costs
 * nothing. drivers: under which names Libcloud's lists know the provider, each with its region (null: the list says it);
 * items: what they call otherwise than the provider does.
 * Members that are not known are passed over; none may stand twice. README.md beside this file says it for people.
 */
#ifndef NEPHI_PRICE_READER_H
#define NEPHI_PRICE_READER_H

#include "core/price/document.h"

#define NEPHI_PRICE_FORMAT 1
#define NEPHI_PRICE_TEXT_MAX 255 /* bytes of an item or a source */
#define NEPHI_PRICE_REGION_MAX 63

/* What the prices of a list have in common. */
typedef struct nephi_price_list {
    const char *service; /* static */
    const char *unit;    /* static */
    int64_t as_of_ns;    /* NEPH_UNKNOWN */
    char currency[4];
    char region[NEPHI_PRICE_REGION_MAX + 1]; /* "": all */
    char source[NEPHI_PRICE_TEXT_MAX + 1];   /* "": unknown */
} nephi_price_list;

/* Each returns 0 or a failure that ends the reading. */
typedef struct nephi_price_events {
    int (*price)(void *user, const char *item, size_t size, int64_t nano);
    int (*list)(void *user, const nephi_price_list *list);           /* behind its prices */
    int (*driver)(void *user, const char *name, const char *region); /* region "": none */
    int (*item)(void *user, const char *name, const char *id);
} nephi_price_events;

typedef struct nephi_price_reader {
    nephi_price_document document;
    const nephi_price_events *events; /* any function may be NULL */
    void *user;
    const char *provider; /* it must be; NULL: any, and provider_name has it afterwards */
    char provider_name[NEPHI_PRICE_REGION_MAX + 1];
    unsigned depth;
    unsigned char places[NEPHI_DEPTH_MAX + 2];
    uint32_t seen; /* a bit for each place */
    /* The only item whose prices are wanted; NULL: all. Of others it is seen that they are numbers, no more. */
    const char *wanted;
    size_t wanted_size;
    int is_wanted; /* the item under way */
    size_t item_size;
    char item[NEPHI_PRICE_TEXT_MAX + 1];
    nephi_price_list list;
} nephi_price_reader;

/* user: of the events. provider: as above. */
void nephi_price_reader_init(nephi_price_reader *reader, const nephi_memory *memory,
                             const char *provider, const nephi_price_events *events, void *user);
/* The name of a service or unit as it stands in tables; NULL: there is no such one. */
const char *nephi_price_service(const char *name, size_t size);
const char *nephi_price_unit(const char *name, size_t size);
/* A price as it is written. 0, or what is wrong with it. */
const char *nephi_price_decimal(const char *text, size_t size, int64_t *nano);
/* "2011-05-21" or a time. Returns 1 or 0. */
int nephi_price_date(const char *text, size_t size, int64_t *ns);

/* Then reader->document goes through nephi_price_document_file() or _memory(). */

#endif
