/*
 * core/price/price.c - what a program asks of the price data: lists and single prices. Each question reads its file anew;
 * nothing is read before.
 */
#include "core/price/price.h"

#include "core/manifest.h"

#include <stddef.h>
#include <string.h>

#define DAY_NS (86400 * NEPH_NANO)

int64_t nephi_price_age(const neph_host *host, int64_t as_of_ns)
{
    int64_t now = nephi_host_now(host);
    if (as_of_ns == NEPH_UNKNOWN)
        return NEPH_UNKNOWN;
    return now > as_of_ns ? (int64_t)(((uint64_t)now - (uint64_t)as_of_ns) / (uint64_t)DAY_NS) : 0;
}

static const char *or_null(const char *text)
{
    return *text ? text : NULL;
}

void nephi_price_fill(neph_price *out, const neph_host *host, const char *provider,
                      const nephi_price_list *list, const char *item, int64_t nano)
{
    nephi_kind_clear(&out->result, NEPH_KIND_PRICE);
    out->provider = provider;
    out->service = list->service;
    out->region = or_null(list->region);
    out->item = item;
    out->price_nano = nano;
    out->currency = list->currency;
    out->unit = list->unit;
    out->as_of_ns = list->as_of_ns;
    out->age_days = nephi_price_age(host, list->as_of_ns);
    out->source = or_null(list->source);
}

static int fail_unknown(const char *provider, nephi_error *error)
{
    if (!nephi_is_provider_id(provider))
        return nephi_fail(error, NEPH_NOT_FOUND, "\"%s\" is no provider's id", provider);
    return nephi_fail(error, NEPH_NOT_FOUND,
                      "no prices of provider \"%s\" are installed or imported", provider);
}

/* ---- lists */

struct neph_prices {
    neph_host *host;
    nephi_price_table *tables; /* one for each provider */
    size_t count, at, row;
    neph_price price;
};

static int load(neph_prices *prices, const char *provider, const nephi_price_filter *filter,
                nephi_error *error)
{
    nephi_price_table *table = &prices->tables[prices->count];
    nephi_price_file file;
    int rc = nephi_price_file_open(&file, prices->host, provider, 0, error);
    if (rc)
        return rc;
    nephi_price_table_init(table, &prices->host->memory);
    rc = nephi_price_table_load(table, provider, filter, file.fd, file.path, error);
    nephi_price_file_close(&file);
    if (rc)
        nephi_price_table_fini(table);
    else
        prices->count++;
    return rc;
}

static int tables_make(neph_prices *prices, size_t count, nephi_error *error)
{
    prices->tables =
        nephi_alloc_array(&prices->host->memory, count ? count : 1, sizeof *prices->tables);
    return prices->tables ? 0 : nephi_fail_memory(error);
}

/* One bad file does not hide the others. */
static int load_each(neph_prices *prices, const nephi_price_filter *filter, nephi_error *error)
{
    neph_host *host = prices->host;
    const char **names = NULL;
    nephi_arena arena;
    size_t count = 0;
    int rc;
    nephi_arena_init(&arena, &host->memory, 0);
    rc = nephi_price_file_names(host, &arena, &names, &count);
    rc = rc ? nephi_fail_memory(error) : tables_make(prices, count, error);
    for (size_t i = 0; i < count && !rc; i++) {
        rc = load(prices, names[i], filter, error);
        if (rc && rc != NEPH_NO_MEMORY && error->status)
            nephi_log(host, NEPH_LOG_WARNING, 0, "%s", error->message);
        if (rc != NEPH_NO_MEMORY) {
            nephi_error_clear(error);
            rc = 0;
        }
    }
    nephi_arena_fini(&arena, 0);
    return rc;
}

static int service_check(const char *service, nephi_error *error)
{
    if (!service || nephi_price_service(service, strlen(service)))
        return 0;
    return nephi_fail(error, NEPH_INVALID,
                      "\"%s\" is no service: compute, volumes, storage, addresses or balancers",
                      service);
}

int neph_price_list(neph_host *host, const char *provider, const neph_price_options *options,
                    neph_prices **out)
{
    static const neph_price_options all = NEPH_PRICE_OPTIONS_INIT;
    const neph_price_options *o = options ? options : &all;
    nephi_price_filter filter = {.service = o->service, .item = o->item, .region = o->region};
    nephi_error *error = &host->error;
    neph_prices *prices;
    int rc;
    *out = NULL;
    nephi_error_clear(error);
    rc = nephi_host_check(host, error);
    if (!rc)
        rc = service_check(filter.service, error);
    if (rc)
        return rc;
    prices = nephi_alloc(&host->memory, sizeof *prices);
    if (!prices)
        return nephi_fail_memory(error);
    prices->host = host;
    rc = provider ? tables_make(prices, 1, error) : load_each(prices, &filter, error);
    if (!rc && provider)
        rc = load(prices, provider, &filter, error);
    if (rc == NEPH_NOT_FOUND)
        rc = fail_unknown(provider, error);
    if (rc)
        neph_prices_free(prices);
    else
        *out = prices;
    return rc;
}

const neph_price *neph_prices_next(neph_prices *prices)
{
    const nephi_price_table *table;
    const nephi_price_row *row;
    while (prices->at < prices->count && prices->row == prices->tables[prices->at].row_count) {
        prices->at++;
        prices->row = 0;
    }
    if (prices->at == prices->count)
        return NULL;
    table = &prices->tables[prices->at];
    row = &table->rows[prices->row++];
    nephi_price_fill(&prices->price, prices->host, table->provider, row->list.is, row->item.text,
                     row->nano);
    return &prices->price;
}

void neph_prices_free(neph_prices *prices)
{
    const nephi_memory *memory;
    if (!prices)
        return;
    memory = &prices->host->memory;
    for (size_t i = 0; i < prices->count; i++)
        nephi_price_table_fini(&prices->tables[i]);
    nephi_free(memory, prices->tables);
    nephi_free(memory, prices);
}

/* ---- one price: the whole file is read, and nothing kept but the answer */

struct nephi_price_found {
    char provider[NEPHI_NAME_LENGTH_MAX + 1];
    char item[NEPHI_PRICE_TEXT_MAX + 1];
    nephi_price_list list;
    neph_price price;
};

typedef struct finding {
    nephi_price_reader reader;
    nephi_price_filter filter;
    const char *item;
    int is_here; /* in the list under way */
    int is_found, is_exact;
    int64_t here_nano, nano;
    nephi_price_list list;
} finding;

static int on_price(void *user, const char *item, size_t size, int64_t nano)
{
    finding *f = user;
    (void)item, (void)size;
    if (f->is_here)
        return nephi_price_refuse(&f->reader.document, "this price stands twice");
    f->is_here = 1;
    f->here_nano = nano;
    return 0;
}

static int on_list(void *user, const nephi_price_list *list)
{
    finding *f = user;
    int is_here = f->is_here, is_exact = *list->region != '\0';
    f->is_here = 0;
    if (!is_here || !nephi_price_filter_passes(&f->filter, list))
        return 0;
    if (f->is_found && f->is_exact == is_exact)
        return nephi_price_refuse(&f->reader.document, "this price stands twice");
    if (f->is_exact)
        return 0;
    f->is_found = 1;
    f->is_exact = is_exact;
    f->nano = f->here_nano;
    f->list = *list;
    return 0;
}

static int find(neph_host *host, const char *provider, finding *f, nephi_error *error)
{
    static const nephi_price_events events = {.price = on_price, .list = on_list};
    nephi_price_file file;
    int rc = nephi_price_file_open(&file, host, provider, 0, error);
    if (rc)
        return rc == NEPH_NOT_FOUND ? fail_unknown(provider, error) : rc;
    nephi_price_reader_init(&f->reader, &host->memory, provider, &events, f);
    f->reader.wanted = f->item;
    f->reader.wanted_size = strlen(f->item);
    rc = nephi_price_document_file(&f->reader.document, file.fd, file.path, error);
    nephi_price_file_close(&file);
    if (rc || f->is_found)
        return rc;
    return nephi_fail(
        error, NEPH_NOT_FOUND, "no price of \"%s\" (%s%s%s) is known for provider \"%s\"", f->item,
        f->filter.service, *f->filter.region ? ", region " : "", f->filter.region, provider);
}

int neph_price_find(neph_host *host, const char *provider, const char *service, const char *item,
                    const char *region, const neph_price **out)
{
    finding f = {
        .filter = {.service = service ? service : "compute", .region = region ? region : ""},
        .item = item};
    nephi_error *error = &host->error;
    struct nephi_price_found *found = host->price_found;
    int rc;
    *out = NULL;
    nephi_error_clear(error);
    rc = nephi_host_check(host, error);
    if (!rc)
        rc = service_check(f.filter.service, error);
    if (!rc)
        rc = find(host, provider, &f, error);
    if (rc)
        return rc;
    if (!found)
        found = host->price_found = nephi_alloc(&host->memory, sizeof *found);
    if (!found)
        return nephi_fail_memory(error);
    memcpy(found->provider, provider, strlen(provider) + 1);
    memcpy(found->item, item, strlen(item) + 1);
    found->list = f.list;
    nephi_price_fill(&found->price, host, found->provider, &found->list, found->item, f.nano);
    *out = &found->price;
    return 0;
}

void nephi_price_found_free(neph_host *host)
{
    nephi_free(&host->memory, host->price_found);
    host->price_found = NULL;
}
