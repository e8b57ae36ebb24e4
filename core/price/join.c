/*
 * core/price/join.c - prices of sizes whose cloud tells none. A cloud keeps the hourly ones of its region, no more.
 */
#include "core/price/price.h"

#include <string.h>

#define SERVICE "compute"

/* The region that the cloud's prices are those of; "": only those that hold everywhere. */
static const char *region_of(const neph_cloud *cloud)
{
    const char *region = nephi_settings_get(&cloud->settings, "region");
    return region ? region : "";
}

static int load(neph_cloud *cloud, nephi_price_table *table, nephi_error *error)
{
    nephi_price_filter filter = {.service = SERVICE, .unit = "hour", .region = region_of(cloud)};
    const char *provider = cloud->provider->table.id;
    nephi_price_file file;
    int rc = nephi_price_file_open(&file, cloud->host, provider, 0, error);
    if (!rc)
        rc = nephi_price_table_load(table, provider, &filter, file.fd, file.path, error);
    nephi_price_file_close(&file);
    return rc;
}

/* Once for each cloud, whatever comes of it. */
static int ensure(neph_cloud *cloud)
{
    const nephi_memory *memory = &cloud->host->memory;
    nephi_error error;
    int rc;
    if (cloud->prices)
        return 0;
    cloud->prices = nephi_alloc(memory, sizeof *cloud->prices);
    if (!cloud->prices)
        return NEPH_NO_MEMORY;
    nephi_price_table_init(cloud->prices, memory);
    nephi_error_clear(&error);
    rc = load(cloud, cloud->prices, &error);
    if (rc && rc != NEPH_NOT_FOUND && rc != NEPH_NO_MEMORY)
        nephi_log(cloud->host, NEPH_LOG_WARNING, 0, "prices are unknown: %s", error.message);
    if (rc == NEPH_NO_MEMORY) {
        nephi_price_forget(cloud);
    } else if (rc) {
        nephi_price_table_fini(cloud->prices);
        nephi_price_table_init(cloud->prices, memory);
    }
    return rc == NEPH_NO_MEMORY ? rc : 0;
}

void nephi_price_forget(neph_cloud *cloud)
{
    if (!cloud->prices)
        return;
    nephi_price_table_fini(cloud->prices);
    nephi_free(&cloud->host->memory, cloud->prices);
    cloud->prices = NULL;
}

int nephi_price_join(neph_cloud *cloud, neph_record *record)
{
    const nephi_member *price = nephi_member_find(NEPH_SIZE_PRICE);
    const char *id = nephi_record_text(record, nephi_member_find(NEPH_SIZE_ID));
    const nephi_price_row *row;
    int rc;
    if (!cloud || !id || nephi_record_number(record, price) != NEPH_UNKNOWN)
        return 0;
    rc = ensure(cloud);
    if (rc)
        return rc;
    row = nephi_price_table_find(cloud->prices, SERVICE, id, region_of(cloud));
    if (!row)
        return 0;
    rc = nephi_record_set_text(record, nephi_member_find(NEPH_SIZE_CURRENCY),
                               row->list.is->currency, strlen(row->list.is->currency));
    if (!rc)
        rc = nephi_record_set_number(record, price, row->nano);
    if (!rc)
        rc = nephi_record_set_number(record, nephi_member_find(NEPH_SIZE_PRICE_AGE),
                                     nephi_price_age(cloud->host, row->list.is->as_of_ns));
    return rc;
}
