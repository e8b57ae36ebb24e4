/*
 * size.c - products of Blue Box: list. The service tells id, price and description; what a product is made of is known
 * for the four that there were.
 */
#include "bluebox.h"

#define MIB (INT64_C(1) << 20)
#define GIB (INT64_C(1) << 30)

typedef struct product {
    const char *id;
    int64_t ram_bytes;
    int64_t disk_bytes;
    int64_t cpus_nano;
} product;

/* The price list of 2011, as Apache Libcloud 0.5.0 has it. */
static const product products[] = {
    {"94fd37a7-2606-47f7-84d5-9000deda52ae", 1024 * MIB, 20 * GIB, NEPH_NANO / 2},
    {"b412f354-5056-4bf0-a42f-6ddd998aa092", 2048 * MIB, 25 * GIB, 1 * NEPH_NANO},
    {"0cd183d3-0287-4b1a-8288-b3ea8302ed58", 4096 * MIB, 50 * GIB, 2 * NEPH_NANO},
    {"b9b87a5b-2885-4a2e-b434-44a163ca6251", 8192 * MIB, 100 * GIB, 4 * NEPH_NANO},
};

/* ---- list */

static const neph_field size_fields[] = {
    {"id", .member = NEPH_SIZE_ID, .flags = NEPH_FIELD_REQUIRED},
    {"description", .member = NEPH_SIZE_NAME},
    {"cost", .member = NEPH_SIZE_PRICE},
};
static const neph_rule list_rules[] = {
    {.path = "[]", NEPH_FIELDS(size_fields), .kind = NEPH_KIND_SIZE},
};
static const neph_reply list_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, list_rules);
const neph_reply *const bluebox_size_list_replies[1] = {&list_reply};

static int32_t product_join(neph_record *record, const product *known)
{
    int32_t rc = neph_record_set_integer(record, NEPH_SIZE_RAM_BYTES, known->ram_bytes);
    if (!rc)
        rc = neph_record_set_integer(record, NEPH_SIZE_DISK_BYTES, known->disk_bytes);
    return rc ? rc : neph_record_set_integer(record, NEPH_SIZE_CPUS, known->cpus_nano);
}

/* Prices are in dollars, for an hour. A product that is not known keeps its unknown members. */
int32_t bluebox_size_each(neph_call *call, neph_record *record)
{
    const char *id = neph_record_get(record, NEPH_SIZE_ID);
    int32_t rc = 0;
    (void)call;
    if (neph_record_get_integer(record, NEPH_SIZE_PRICE) != NEPH_UNKNOWN)
        rc = neph_record_set(record, NEPH_SIZE_CURRENCY, "USD");
    for (size_t i = 0; id && !rc && i < NEPH_COUNT(products); i++)
        if (!strcmp(id, products[i].id))
            rc = product_join(record, &products[i]);
    return rc;
}
