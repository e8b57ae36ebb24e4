/*
 * core/cli/price.c - price list, show and import. Prices are read from files; no cloud is opened.
 */
#include "core/cli/cells.h"
#include "core/cli/cli.h"

#include <stdlib.h>
#include <string.h>

#define OLD_DAYS 180

enum { I_PROVIDERS, I_PRICES, I_AS_OF, I_ZEROS, I_DOUBLES, I_OTHERS, I_COUNT };

static const neph_member_info import_members[I_COUNT] = {
    [I_PROVIDERS] =
        NEPHC_MEMBER(INTEGER, NEPH_INFO_COLUMN, "providers", "price files that were written"),
    [I_PRICES] = NEPHC_MEMBER(INTEGER, NEPH_INFO_COLUMN, "prices", "prices in them"),
    [I_AS_OF] = NEPHC_MEMBER(TIME, NEPH_INFO_COLUMN, "as_of", "when they were known to be so"),
    [I_ZEROS] = NEPHC_MEMBER(INTEGER, NEPH_INFO_COLUMN, "zeros",
                             "left out: 0, which is how Libcloud says unknown"),
    [I_DOUBLES] = NEPHC_MEMBER(INTEGER, NEPH_INFO_COLUMN, "doubles",
                               "left out: another table has a price of the same thing"),
    [I_OTHERS] =
        NEPHC_MEMBER(INTEGER, NEPH_INFO_COLUMN, "others", "left out: texts that are no prices"),
};

const nephc_shape nephc_import_shape = {import_members, I_COUNT, 0, 0, 0};

/* ---- list and show */

void nephc_doubts_add(nephc_doubts *doubts, const neph_result *result)
{
    int64_t days = 0;

    if (result->kind == NEPH_KIND_PRICE) {
        days = ((const neph_price *)result)->age_days;
        doubts->undated += days == NEPH_UNKNOWN;
    } else if (result->kind == NEPH_KIND_SIZE) {
        days = ((const neph_size *)result)->price_age_days;
    }
    doubts->old += days > OLD_DAYS;
}

void nephc_doubts_say(const nephc *cli, const nephc_doubts *doubts)
{
    if (cli->options.format != NEPHC_TABLE)
        return;
    if (doubts->old)
        nephc_note(cli,
                   "%zu of these prices %s older than %d days; see \"neph price import --help\"",
                   doubts->old, doubts->old == 1 ? "is" : "are", OLD_DAYS);
    if (doubts->undated)
        nephc_note(cli, "of %zu of these prices it is not known how old they are", doubts->undated);
}

static void put_price(nephc_rows *rows, const neph_price *price, nephc_doubts *found)
{
    nephc_doubts_add(found, &price->result);
    nephc_rows_result(rows, &price->result);
}

static int fail(const nephc *cli, const char *what)
{
    return nephc_fail_error(what, NULL, neph_host_error(cli->host));
}

/* How many were printed. */
static int print_all(nephc *cli, neph_prices *prices, size_t *count)
{
    nephc_shape shape = nephc_shape_of(NEPH_KIND_PRICE);
    nephc_doubts found = {0, 0};
    const neph_price *price;
    nephc_rows rows;

    if (nephc_rows_begin(&rows, &cli->out, (nephc_format)cli->options.format, &shape) != 0)
        return nephc_fail_memory();
    for (*count = 0; (price = neph_prices_next(prices)) != NULL; ++*count)
        put_price(&rows, price, &found);
    nephc_rows_end(&rows);
    nephc_doubts_say(cli, &found);
    return NEPHC_DONE;
}

int nephc_price_list(nephc *cli, const char *const *words, size_t count)
{
    neph_price_options options = NEPH_PRICE_OPTIONS_INIT;
    neph_prices *prices = NULL;
    size_t printed;
    int rc = nephc_host_open(cli);

    if (rc)
        return rc;
    options.service = nephc_option_value(cli, "service");
    options.region = nephc_option_value(cli, "region");
    if (neph_price_list(cli->host, count ? words[0] : NULL, &options, &prices) != 0)
        return fail(cli, "price list");
    rc = print_all(cli, prices, &printed);
    neph_prices_free(prices);
    if (rc == NEPHC_DONE && printed == 0)
        nephc_note(cli, "no such price is installed or imported; see \"neph price import --help\"");
    return rc;
}

static int show_one(nephc *cli, const char *const *words)
{
    nephc_shape shape = nephc_shape_of(NEPH_KIND_PRICE);
    const neph_price *price = NULL;
    nephc_doubts found = {0, 0};
    nephc_rows rows;

    if (neph_price_find(cli->host, words[0], nephc_option_value(cli, "service"), words[1],
                        nephc_option_value(cli, "region"), &price) != 0)
        return fail(cli, "price show");
    shape.is_single = 1;
    if (nephc_rows_begin(&rows, &cli->out, (nephc_format)cli->options.format, &shape) != 0)
        return nephc_fail_memory();
    put_price(&rows, price, &found);
    nephc_rows_end(&rows);
    nephc_doubts_say(cli, &found);
    return NEPHC_DONE;
}

static int no_such_price(const char *const *words)
{
    return nephc_fail(NEPHC_NOT_FOUND,
                      "price show: no price of \"%s\" is known for provider \"%s\"", words[1],
                      words[0]);
}

int nephc_price_show(nephc *cli, const char *const *words, size_t count)
{
    neph_price_options options = NEPH_PRICE_OPTIONS_INIT;
    neph_prices *prices = NULL;
    size_t printed = 0;
    int rc = nephc_host_open(cli);

    (void)count;
    if (rc)
        return rc;
    if (nephc_option_value(cli, "region"))
        return show_one(cli, words);
    options.service = nephc_option_value(cli, "service");
    options.item = words[1];
    if (neph_price_list(cli->host, words[0], &options, &prices) != 0)
        return fail(cli, "price show");
    rc = print_all(cli, prices, &printed);
    neph_prices_free(prices);
    return rc == NEPHC_DONE && printed == 0 ? no_such_price(words) : rc;
}

/* ---- import */

/* "TABLE=REGION" or "TABLE" */
static int driver_parse(const char *text, neph_pair *out)
{
    char *name = strdup(text), *equals = name ? strchr(name, '=') : NULL;

    if (!name)
        return nephc_fail_memory();
    if (equals)
        *equals = '\0';
    out->name = name;
    out->value = equals ? equals + 1 : "";
    return *name ? 0 : nephc_fail(NEPHC_USAGE, "option --driver needs TABLE or TABLE=REGION");
}

static int drivers_read(const nephc *cli, neph_pair *drivers, size_t *count)
{
    size_t i;
    int rc = 0;

    for (i = 0; i < cli->options.given_count && rc == 0; i++) {
        const nephc_given *given = &cli->options.given[i];

        if (nephc_option_is(given->name, given->name_size, "driver"))
            rc = driver_parse(given->value, &drivers[(*count)++]);
    }
    return rc;
}

static void put_import(nephc_rows *rows, const neph_price_import_result *result)
{
    neph_value cells[I_COUNT];

    cells[I_PROVIDERS] = nephc_number(result->provider_count);
    cells[I_PRICES] = nephc_number(result->price_count);
    cells[I_AS_OF] = nephc_number(result->as_of_ns);
    cells[I_AS_OF].type = result->as_of_ns == NEPH_UNKNOWN ? NEPH_TYPE_NONE : NEPH_TYPE_TIME;
    cells[I_ZEROS] = nephc_number(result->zero_count);
    cells[I_DOUBLES] = nephc_number(result->double_count);
    cells[I_OTHERS] = nephc_number(result->other_count);
    nephc_rows_cells(rows, cells);
}

static int import(nephc *cli, const char *path, const neph_pair *drivers, size_t count)
{
    neph_price_import_options options = NEPH_PRICE_IMPORT_OPTIONS_INIT;
    neph_price_import_result result = {.size = sizeof result};
    nephc_rows rows;

    options.provider = nephc_option_value(cli, "provider");
    options.region = nephc_option_value(cli, "region");
    options.as_of = nephc_option_value(cli, "as_of");
    options.currency = nephc_option_value(cli, "currency");
    options.drivers = drivers;
    options.driver_count = count;
    if (neph_price_import(cli->host, path, &options, &result) != 0)
        return fail(cli, "price import");
    if (nephc_rows_begin(&rows, &cli->out, (nephc_format)cli->options.format,
                         &nephc_import_shape) != 0)
        return nephc_fail_memory();
    put_import(&rows, &result);
    nephc_rows_end(&rows);
    return NEPHC_DONE;
}

int nephc_price_import(nephc *cli, const char *const *words, size_t count)
{
    neph_pair *drivers = NULL;
    size_t driver_count = 0;
    int rc = nephc_host_open(cli);

    (void)count;
    if (rc)
        return rc;
    drivers = calloc(cli->options.given_count + 1, sizeof *drivers);
    rc = drivers ? drivers_read(cli, drivers, &driver_count) : nephc_fail_memory();
    if (rc == 0)
        rc = import(cli, words[0], drivers, driver_count);
    while (driver_count > 0)
        free((void *)(uintptr_t)drivers[--driver_count].name);
    free(drivers);
    return rc;
}
