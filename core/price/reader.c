/*
 * core/price/reader.c - the events of a price file. Every lookup passes a whole file through here: a price costs two
 * copies of a few bytes and one number.
 */
#include "core/price/reader.h"

#include "core/manifest.h"
#include "core/text.h"

#include <string.h>

/* Where in the file the parser stands. */
enum {
    NOWHERE, /* in a member that is not known */
    ROOT,
    FORMAT,
    PROVIDER,
    DRIVERS,
    DRIVER,
    ITEMS,
    ITEM,
    LISTS,
    LIST,
    SERVICE,
    REGION,
    UNIT,
    CURRENCY,
    AS_OF,
    SOURCE,
    PRICES,
    PRICE,
    PLACE_COUNT
};

/* Those of one list; the rest is the file's. */
#define LIST_PLACES (~0u << SERVICE)

static const char *const services[] = {"compute", "volumes", "storage", "addresses", "balancers"};
static const char *const units[] = {"hour", "month", "GB-month", "request"};

static const char *find_name(const char *const *names, size_t count, const char *name, size_t size)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(names[i]) == size && memcmp(names[i], name, size) == 0)
            return names[i];
    return NULL;
}

const char *nephi_price_service(const char *name, size_t size)
{
    return find_name(services, sizeof services / sizeof *services, name, size);
}

const char *nephi_price_unit(const char *name, size_t size)
{
    return find_name(units, sizeof units / sizeof *units, name, size);
}

/* ---- values */

/* Is there a digit other than 0 before the exponent? */
static int is_nonzero(const char *text, size_t size)
{
    for (size_t i = 0; i < size && text[i] != 'e' && text[i] != 'E'; i++)
        if (text[i] >= '1' && text[i] <= '9')
            return 1;
    return 0;
}

const char *nephi_price_decimal(const char *text, size_t size, int64_t *nano)
{
    if (size && *text == '-')
        return "a price is negative";
    if (!nephi_read_decimal(text, size, nano))
        return "a price is no number, or larger than 9,000,000,000";
    return *nano == 0 && is_nonzero(text, size) ? "a price is smaller than 0.000000001" : NULL;
}

int nephi_price_date(const char *text, size_t size, int64_t *ns)
{
    return size >= 10 && nephi_read_time(text, size, ns);
}

static int copy(nephi_price_reader *reader, char *out, size_t capacity, const char *text,
                size_t size)
{
    if (size >= capacity)
        return nephi_price_refuse(&reader->document, "a text is too long");
    memcpy(out, text, size);
    out[size] = '\0';
    return 0;
}

static int take_format(nephi_price_reader *reader, const char *text, size_t size)
{
    if (size == 1 && *text == '0' + NEPHI_PRICE_FORMAT)
        return 0;
    return nephi_price_refuse(&reader->document,
                              "its format is not 1: it is for another version of neph");
}

static int take_provider(nephi_price_reader *reader, const char *text, size_t size)
{
    int rc = copy(reader, reader->provider_name, sizeof reader->provider_name, text, size);
    if (rc)
        return rc;
    if (!nephi_is_provider_id(reader->provider_name))
        return nephi_price_refuse(&reader->document, "this is no provider's id");
    if (reader->provider && strcmp(reader->provider, reader->provider_name) != 0)
        return nephi_price_refuse(&reader->document, "the prices are another provider's");
    return 0;
}

static int take_driver(nephi_price_reader *reader, const char *text, size_t size)
{
    char region[NEPHI_PRICE_REGION_MAX + 1];
    int rc = copy(reader, region, sizeof region, text, size);
    if (rc || !reader->events->driver)
        return rc;
    return reader->events->driver(reader->user, reader->item, region);
}

static int take_item(nephi_price_reader *reader, const char *text, size_t size)
{
    char id[NEPHI_PRICE_TEXT_MAX + 1];
    int rc = copy(reader, id, sizeof id, text, size);
    if (rc || !reader->events->item)
        return rc;
    return reader->events->item(reader->user, reader->item, id);
}

static int take_service(nephi_price_reader *reader, const char *text, size_t size)
{
    reader->list.service = nephi_price_service(text, size);
    return reader->list.service
               ? 0
               : nephi_price_refuse(&reader->document, "a service is none of compute, volumes, "
                                                       "storage, addresses, balancers");
}

static int take_unit(nephi_price_reader *reader, const char *text, size_t size)
{
    reader->list.unit = nephi_price_unit(text, size);
    return reader->list.unit ? 0
                             : nephi_price_refuse(&reader->document, "a unit is none of hour, "
                                                                     "month, GB-month, request");
}

static int take_region(nephi_price_reader *reader, const char *text, size_t size)
{
    return copy(reader, reader->list.region, sizeof reader->list.region, text, size);
}

static int take_currency(nephi_price_reader *reader, const char *text, size_t size)
{
    int is_code = size == 3;
    for (size_t i = 0; i < size && is_code; i++)
        is_code = text[i] >= 'A' && text[i] <= 'Z';
    if (!is_code)
        return nephi_price_refuse(&reader->document, "a currency is not three letters, as in USD");
    return copy(reader, reader->list.currency, sizeof reader->list.currency, text, size);
}

static int take_as_of(nephi_price_reader *reader, const char *text, size_t size)
{
    if (size == 0 || nephi_price_date(text, size, &reader->list.as_of_ns))
        return 0;
    return nephi_price_refuse(&reader->document, "as_of is no date, as in 2011-05-21");
}

static int take_source(nephi_price_reader *reader, const char *text, size_t size)
{
    return copy(reader, reader->list.source, sizeof reader->list.source, text, size);
}

static int take_price(nephi_price_reader *reader, const char *text, size_t size)
{
    int64_t nano = 0;
    const char *fault = nephi_price_decimal(text, size, &nano);
    if (fault)
        return nephi_price_refuse(&reader->document, fault);
    if (!reader->is_wanted || !reader->events->price)
        return 0;
    return reader->events->price(reader->user, reader->item, reader->item_size, nano);
}

/* ---- places */

typedef struct place {
    const char *name;
    unsigned char parent;
    unsigned char what; /* NEPHI_OBJECT, NEPHI_ARRAY; 0: a scalar */
    unsigned char type; /* the one that a scalar must have; 0: a string or number */
    int (*take)(nephi_price_reader *reader, const char *text, size_t size);
} place;

static const place places[PLACE_COUNT] = {
    [ROOT] = {"", NOWHERE, NEPHI_OBJECT, 0, NULL},
    [FORMAT] = {"format", ROOT, 0, NEPHI_TEXT_NUMBER, take_format},
    [PROVIDER] = {"provider", ROOT, 0, NEPHI_TEXT_STRING, take_provider},
    [DRIVERS] = {"drivers", ROOT, NEPHI_OBJECT, 0, NULL},
    [DRIVER] = {"", DRIVERS, 0, NEPHI_TEXT_STRING, take_driver},
    [ITEMS] = {"items", ROOT, NEPHI_OBJECT, 0, NULL},
    [ITEM] = {"", ITEMS, 0, NEPHI_TEXT_STRING, take_item},
    [LISTS] = {"lists", ROOT, NEPHI_ARRAY, 0, NULL},
    [LIST] = {"[]", LISTS, NEPHI_OBJECT, 0, NULL},
    [SERVICE] = {"service", LIST, 0, NEPHI_TEXT_STRING, take_service},
    [REGION] = {"region", LIST, 0, NEPHI_TEXT_STRING, take_region},
    [UNIT] = {"unit", LIST, 0, NEPHI_TEXT_STRING, take_unit},
    [CURRENCY] = {"currency", LIST, 0, NEPHI_TEXT_STRING, take_currency},
    [AS_OF] = {"as_of", LIST, 0, NEPHI_TEXT_STRING, take_as_of},
    [SOURCE] = {"source", LIST, 0, NEPHI_TEXT_STRING, take_source},
    [PRICES] = {"prices", LIST, NEPHI_OBJECT, 0, NULL},
    [PRICE] = {"", PRICES, 0, 0, take_price},
};

static unsigned char place_find(unsigned char parent, const char *name, size_t size)
{
    for (unsigned char i = ROOT + 1; i < PLACE_COUNT; i++)
        if (places[i].parent == parent && strlen(places[i].name) == size &&
            memcmp(places[i].name, name, size) == 0)
            return i;
    return NOWHERE;
}

/* Places beside PRICES whose members have names that are data, and what these are. */
static const unsigned char named[PLACE_COUNT] = {
    [DRIVERS] = DRIVER,
    [ITEMS] = ITEM,
};

static int open_item(nephi_price_reader *reader, const char *name, size_t size)
{
    if (size == 0 || size > NEPHI_PRICE_TEXT_MAX)
        return nephi_price_refuse(&reader->document, "a name is empty, or longer than 255 bytes");
    memcpy(reader->item, name, size);
    reader->item[size] = '\0';
    reader->item_size = size;
    return 0;
}

/* This runs for each of the prices among which one is looked for. */
static int open_price(nephi_price_reader *reader, const char *name, size_t size)
{
    if (reader->wanted &&
        (size != reader->wanted_size || memcmp(name, reader->wanted, size) != 0)) {
        reader->is_wanted = 0;
        return 0;
    }
    reader->is_wanted = 1;
    return open_item(reader, name, size);
}

/* ---- events */

static int on_open(void *user, const char *name, size_t size)
{
    nephi_price_reader *reader = user;
    unsigned char parent = reader->places[reader->depth++], found;
    if (parent == PRICES) {
        reader->places[reader->depth] = PRICE;
        return open_price(reader, name, size);
    }
    if (named[parent]) {
        reader->places[reader->depth] = named[parent];
        return open_item(reader, name, size);
    }
    found = parent == NOWHERE ? NOWHERE : place_find(parent, name, size);
    reader->places[reader->depth] = found;
    if (found == LIST) {
        reader->seen &= ~LIST_PLACES;
        reader->list = (nephi_price_list){.as_of_ns = NEPH_UNKNOWN};
    } else if (found != NOWHERE && (reader->seen & 1u << found)) {
        return nephi_price_refuse(&reader->document, "a member stands twice");
    }
    reader->seen |= 1u << found;
    return 0;
}

static int on_container(void *user, int what)
{
    nephi_price_reader *reader = user;
    unsigned char at = reader->places[reader->depth];
    if (at == NOWHERE || places[at].what == what)
        return 0;
    return nephi_price_refuse(&reader->document, what == NEPHI_ARRAY
                                                     ? "an array stands where none is expected"
                                                     : "an object stands where none is expected");
}

static int on_text(void *user, const char *text, size_t size, int type)
{
    nephi_price_reader *reader = user;
    unsigned char at = reader->places[reader->depth];
    if (at == NOWHERE || (at == PRICE && !reader->is_wanted && type == NEPHI_TEXT_NUMBER))
        return 0;
    if (type == NEPHI_TEXT_NULL && !places[at].what) {
        if (at == DRIVER)
            return take_driver(reader, "", 0);
        if (at != PRICE)
            reader->seen &= ~(1u << at); /* as if it was not there */
        return 0;
    }
    if (places[at].what || type == NEPHI_TEXT_NULL || type == NEPHI_TEXT_BOOLEAN ||
        (places[at].type && places[at].type != type))
        return nephi_price_refuse(&reader->document, "a value of another type is expected");
    return places[at].take(reader, text, size);
}

static int list_end(nephi_price_reader *reader)
{
    static const struct {
        unsigned char place;
        const char *what;
    } needed[] = {{SERVICE, "a list does not say its service"},
                  {UNIT, "a list does not say its unit"},
                  {CURRENCY, "a list does not say its currency"}};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (!(reader->seen & 1u << needed[i].place))
            return nephi_price_refuse(&reader->document, needed[i].what);
    return reader->events->list ? reader->events->list(reader->user, &reader->list) : 0;
}

static int on_close(void *user)
{
    nephi_price_reader *reader = user;
    return reader->places[reader->depth--] == LIST ? list_end(reader) : 0;
}

static const nephi_events reader_events = {
    .open = on_open,
    .container = on_container,
    .text = on_text,
    .close = on_close,
};

static int on_end(void *user)
{
    nephi_price_reader *reader = user;
    if (!(reader->seen & 1u << FORMAT))
        return nephi_price_refuse(&reader->document, "it does not say its format,");
    if (!(reader->seen & 1u << PROVIDER))
        return nephi_price_refuse(&reader->document, "it does not say its provider,");
    return 0;
}

void nephi_price_reader_init(nephi_price_reader *reader, const nephi_memory *memory,
                             const char *provider, const nephi_price_events *events, void *user)
{
    memset(reader, 0, sizeof *reader);
    reader->document.memory = memory;
    reader->document.events = &reader_events;
    reader->document.user = reader;
    reader->document.ended = on_end;
    reader->events = events;
    reader->user = user;
    reader->provider = provider;
    reader->places[0] = ROOT;
}
