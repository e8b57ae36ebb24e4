/*
 * core/price/libcloud.c - the events of a Libcloud price list, sorted into a table for each provider.
 */
#include "core/price/libcloud.h"

#include "core/manifest.h"
#include "core/text.h"

#include <string.h>

#define TABLES_MAX 4096u

/* ---- failures */

static int refuse(nephi_libcloud *l, const char *what)
{
    return nephi_price_refuse(&l->document, what);
}

static int fail_add(nephi_libcloud *l, int rc)
{
    return rc == NEPH_LIMIT ? refuse(l, "more prices, lists or providers than neph can hold") : rc;
}

static int copy(nephi_libcloud *l, char *out, size_t capacity, const char *text, size_t size)
{
    if (size == 0 || size >= capacity)
        return refuse(l, "a name is empty, or too long");
    memcpy(out, text, size);
    out[size] = '\0';
    return 0;
}

/* ---- tables */

static nephi_price_table *table_new(nephi_libcloud *l, const char *provider)
{
    nephi_price_table *made;
    if (l->table_count == l->table_capacity) {
        size_t capacity = l->table_capacity ? 2 * l->table_capacity : 16;
        nephi_price_table *bigger =
            nephi_realloc(l->document.memory, l->tables, capacity * sizeof *bigger);
        if (!bigger)
            return NULL;
        l->tables = bigger;
        l->table_capacity = capacity;
    }
    made = &l->tables[l->table_count++];
    nephi_price_table_init(made, l->document.memory);
    memcpy(made->provider, provider, strlen(provider) + 1);
    return made;
}

static int table_choose(nephi_libcloud *l, const char *provider)
{
    for (size_t i = 0; i < l->table_count; i++)
        if (strcmp(l->tables[i].provider, provider) == 0) {
            l->table = &l->tables[i];
            return 0;
        }
    if (l->table_count == TABLES_MAX)
        return fail_add(l, NEPH_LIMIT);
    l->table = table_new(l, provider);
    return l->table ? 0 : NEPH_NO_MEMORY;
}

/* A table that no driver names: for the provider of the same name, which has '-' where the driver has '_'. */
static int table_choose_own(nephi_libcloud *l, const char *name)
{
    char provider[NEPHI_NAME_LENGTH_MAX + 1];
    int rc = copy(l, provider, sizeof provider, name, strlen(name));
    for (char *at = provider; !rc && *at; at++)
        *at = (char)(*at == '_' ? '-' : *at);
    if (!rc && !nephi_is_provider_id(provider))
        return refuse(l, "a table's name can be no provider's id");
    l->rank = (uint32_t)l->driver_count;
    l->region = "";
    return rc ? rc : table_choose(l, provider);
}

static int table_begin(nephi_libcloud *l, const char *text, size_t size)
{
    char name[NEPHI_PRICE_TEXT_MAX + 1];
    int rc = copy(l, name, sizeof name, text, size);
    l->table = NULL;
    l->list = 0;
    for (size_t i = 0; i < l->driver_count && !rc; i++)
        if (strcmp(l->drivers[i].name, name) == 0) {
            l->drivers[i].is_seen = 1;
            l->rank = (uint32_t)i;
            l->region = l->drivers[i].region;
            return table_choose(l, l->drivers[i].provider);
        }
    return rc || !l->takes_all ? rc : table_choose_own(l, name);
}

/* ---- prices */

/* The list of this region in the table under way; mostly that of the last price. */
static int list_choose(nephi_libcloud *l, const char *region)
{
    nephi_price_table *table = l->table;
    nephi_price_list list = l->common;
    for (size_t i = 0; i < table->list_count; i++) {
        size_t at = (l->list + i) % table->list_count;
        if (strcmp(table->lists[at].region, region) == 0 &&
            table->lists[at].service == l->service) {
            l->list = at;
            return 0;
        }
    }
    list.service = l->service;
    list.unit = strcmp(l->service, "storage") == 0 ? nephi_price_unit("GB-month", 8)
                                                   : nephi_price_unit("hour", 4);
    memcpy(list.region, region, strlen(region) + 1);
    return nephi_price_table_add_list(table, &list, &l->list);
}

/* The names that make the item, joined. */
static int item_join(nephi_libcloud *l, size_t count, int is_described, char *out)
{
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(l->names[i]);
        if (is_described && used && strcmp(l->names[i], "on_demand") == 0)
            continue;
        if (used + length + 1 > NEPHI_PRICE_TEXT_MAX)
            return refuse(l, "a name is too long");
        if (used)
            out[used++] = '/';
        memcpy(out + used, l->names[i], length);
        used += length;
    }
    out[used] = '\0';
    return 0;
}

/* The provider's own name for an item. */
static const char *item_of(const nephi_libcloud *l, const char *name)
{
    for (size_t i = 0; i < l->alias_count; i++)
        if (strcmp(l->aliases[i].name, name) == 0 &&
            strcmp(l->aliases[i].provider, l->table->provider) == 0)
            return l->aliases[i].id;
    return name;
}

static int price_add(nephi_libcloud *l, int64_t nano)
{
    char item[NEPHI_PRICE_TEXT_MAX + 1];
    size_t count = l->depth - l->base;
    int is_described = count > 1 && strcmp(l->names[count - 1], "price") == 0;
    const char *region = *l->region ? l->region : l->common.region;
    const char *id;
    int rc;
    count -= is_described;
    if (count > 2 || (count == 2 && !is_described))
        region = l->names[--count];
    if (strlen(region) > NEPHI_PRICE_REGION_MAX)
        return refuse(l, "a region's name is too long");
    rc = item_join(l, count, is_described, item);
    if (!rc)
        rc = fail_add(l, list_choose(l, region));
    if (rc)
        return rc;
    id = item_of(l, item);
    return fail_add(l, nephi_price_table_add(l->table, l->list, l->rank, id, strlen(id), nano));
}

/* Numbers in quotes are prices, other texts descriptions. */
static int is_price(const char *text, size_t size, int type)
{
    size_t digits = 0, dots = 0, at = 0;
    if (type == NEPHI_TEXT_NUMBER)
        return 1;
    if (type != NEPHI_TEXT_STRING || size == 0)
        return 0;
    for (at += text[0] == '-'; at < size; at++) {
        digits += text[at] >= '0' && text[at] <= '9';
        dots += text[at] == '.';
    }
    return digits && dots <= 1 && digits + dots + (text[0] == '-') == size;
}

static int take(nephi_libcloud *l, const char *text, size_t size, int type)
{
    const char *fault;
    int64_t nano = 0;
    if (type == NEPHI_TEXT_NULL)
        return 0;
    if (!is_price(text, size, type)) {
        l->other_count++;
        return 0;
    }
    fault = nephi_price_decimal(text, size, &nano);
    if (fault)
        return refuse(l, fault);
    if (nano)
        return price_add(l, nano);
    l->zero_count++;
    return 0;
}

static int take_updated(nephi_libcloud *l, const char *text, size_t size)
{
    int64_t seconds;
    if (!size || !nephi_read_integer(text, size, &seconds) || seconds <= 0 ||
        seconds > INT64_MAX / NEPH_NANO)
        return refuse(l, "\"updated\" is no time");
    l->has_updated = 1;
    if (l->common.as_of_ns == NEPH_UNKNOWN)
        l->common.as_of_ns = seconds / 86400 * 86400 * NEPH_NANO;
    return 0;
}

/* ---- events */

/* A member of the whole: a table, or in later lists a service or the time. */
static int open_top(nephi_libcloud *l, const char *name, size_t size)
{
    const char *service = nephi_price_service(name, size);
    l->is_updated = size == 7 && memcmp(name, "updated", 7) == 0;
    if (size == 6 && memcmp(name, "format", 6) == 0) {
        l->is_own = 1;
        return NEPH_UNSUPPORTED;
    }
    l->base = service ? 2 : 1;
    l->service = service ? service : nephi_price_service("compute", 7);
    return l->base == 1 && !l->is_updated ? table_begin(l, name, size) : 0;
}

static int on_open(void *user, const char *name, size_t size)
{
    nephi_libcloud *l = user;
    unsigned level;
    l->depth++;
    if (l->depth == 1)
        return open_top(l, name, size);
    if (l->depth == l->base)
        return table_begin(l, name, size);
    level = l->depth - l->base - 1;
    if (level >= NEPHI_LIBCLOUD_LEVELS)
        return refuse(l, "more levels than a price list has");
    return copy(l, l->names[level], sizeof l->names[level], name, size);
}

static int on_container(void *user, int what)
{
    nephi_libcloud *l = user;
    return what == NEPHI_OBJECT ? 0 : refuse(l, "an array stands in a price list");
}

static int on_text(void *user, const char *text, size_t size, int type)
{
    nephi_libcloud *l = user;
    if (l->depth == 0)
        return refuse(l, "it is no price list");
    if (l->depth == 1 && l->is_updated)
        return take_updated(l, text, size);
    if (l->depth <= l->base) {
        l->other_count++;
        return 0;
    }
    return l->table ? take(l, text, size, type) : 0;
}

static int on_close(void *user)
{
    nephi_libcloud *l = user;
    l->depth--;
    return 0;
}

static const nephi_events libcloud_events = {
    .open = on_open,
    .container = on_container,
    .text = on_text,
    .close = on_close,
};

/* "updated" stands behind the prices. */
static int on_end(void *user)
{
    nephi_libcloud *l = user;
    for (size_t i = 0; i < l->table_count; i++) {
        nephi_price_table *table = &l->tables[i];
        size_t doubles;
        for (size_t j = 0; j < table->list_count; j++)
            table->lists[j].as_of_ns = l->common.as_of_ns;
        nephi_price_table_settle(table, &doubles);
        l->double_count += doubles;
        l->price_count += table->row_count;
    }
    return 0;
}

void nephi_libcloud_init(nephi_libcloud *libcloud, const nephi_memory *memory)
{
    memset(libcloud, 0, sizeof *libcloud);
    libcloud->document.memory = memory;
    libcloud->document.events = &libcloud_events;
    libcloud->document.user = libcloud;
    libcloud->document.ended = on_end;
    libcloud->common.as_of_ns = NEPH_UNKNOWN;
}

void nephi_libcloud_fini(nephi_libcloud *libcloud)
{
    for (size_t i = 0; i < libcloud->table_count; i++)
        nephi_price_table_fini(&libcloud->tables[i]);
    nephi_free(libcloud->document.memory, libcloud->tables);
    libcloud->tables = NULL;
    libcloud->table_count = 0;
}
