/*
 * Prices: what a price file may look like and where a mistake is, whose file counts, what is found in it and how old it is,
 * both kinds of Libcloud's lists, and that a file is replaced as a whole or not at all.
 */
#include "core/price/price.h"
#include "tests/support/allocator.h"
#include "tests/support/sandbox.h"

#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define DAY (86400 * NEPH_NANO)
#define NOW (INT64_C(14975) * DAY) /* 2011-01-01 */
#define USERS ".local/share/neph/prices/"

#define LIST(region, price)                                                                        \
    "{\"service\": \"compute\", \"unit\": \"hour\", \"currency\": \"USD\", \"region\": " region    \
    ", \"as_of\": \"2010-12-31\", \"source\": \"here\", \"prices\": {\"small\": " price "}}"
#define PRICES(lists) "{\"format\": 1, \"provider\": \"acme\", \"lists\": [" lists "]}"

static int64_t stopped_clock(void *user)
{
    (void)user;
    return NOW;
}

static neph_host *open_host(sandbox *box)
{
    box->config.clock = stopped_clock;
    return sandbox_host(box, "plugins");
}

static const char *says(const sandbox *box)
{
    return neph_host_error(box->host)->message;
}

/* Nano of the price found, or a status. */
static int64_t find(sandbox *box, const char *service, const char *item, const char *region)
{
    const neph_price *price = NULL;
    int rc = neph_price_find(box->host, "acme", service, item, region, &price);
    assert_int_equal(rc == 0, price != NULL);
    return rc ? rc : price->price_nano;
}

/* "region item price" of each, joined by "; ". */
static const char *list(sandbox *box, const char *provider, const neph_price_options *options)
{
    static char text[1024];
    const neph_price *price;
    neph_prices *prices = NULL;
    int rc = neph_price_list(box->host, provider, options, &prices);
    size_t used = 0;
    text[0] = '\0';
    if (rc)
        return neph_status_name(rc);
    while ((price = neph_prices_next(prices)) != NULL)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s %s %lld", used ? "; " : "",
                                 price->region ? price->region : "-", price->item,
                                 (long long)price->price_nano);
    assert_null(neph_prices_next(prices));
    neph_prices_free(prices);
    return text;
}

/* ---- the format */

static int parse(const nephi_memory *memory, const char *text, nephi_price_table *table,
                 nephi_error *error)
{
    nephi_error_clear(error);
    nephi_price_table_init(table, memory);
    return nephi_price_table_parse(table, "acme", NULL, text, strlen(text), "FILE", error);
}

static void test_price__malformed_files_are_refused_with_line_and_column(void **state)
{
    static const struct {
        const char *text, *says; /* says NULL: it is fine */
    } rows[] = {
        {PRICES(""), NULL},
        {PRICES(LIST("\"r\"", "0.1")), NULL},
        {PRICES(LIST("null", "\"0.1\"")), NULL},
        {PRICES(LIST("\"r\"", "null")), NULL},
        {PRICES(LIST("\"r\"", "0")), NULL},
        {PRICES(LIST("\"a\"", "1") "," LIST("\"b\"", "1")), NULL},
        {"{\"format\": 1, \"provider\": \"acme\", \"lists\": [], \"new\": {\"x\": [1, {}]}}", NULL},
        {"\xef\xbb\xbf" PRICES(""), NULL},
        {"", "ends too early"},
        {"[]", "line 1, column 1"},
        {"7", "another type"},
        {"{\"format\": 1, \"provider\": \"acme\"", "ends too early"},
        {"{\"provider\": \"acme\", \"lists\": []}", "does not say its format"},
        {"{\"format\": 1, \"lists\": []}", "does not say its provider"},
        {"{\"format\": 2, \"provider\": \"acme\"}", "another version of neph at line 1, column 12"},
        {"{\"format\": 11, \"provider\": \"acme\"}", "another version"},
        {"{\"format\": \"1\", \"provider\": \"acme\"}", "another type"},
        {"{\"format\": 1, \"format\": 1}", "stands twice"},
        {"{\"format\": 1,\n \"provider\": \"other\"}", "another provider's at line 2"},
        {"{\"format\": 1, \"provider\": \"A B\"}", "no provider's id"},
        {"{\"format\": 1, \"provider\": \"acme\", \"lists\": {}}", "an object stands"},
        {"{\"format\": 1, \"provider\": \"acme\", \"lists\": [1]}", "another type"},
        {"{\"format\": 1, \"provider\": \"acme\", \"lists\": [{}]}", "its service"},
        {PRICES("{\"service\": \"lunch\"}"), "compute, volumes, storage"},
        {PRICES("{\"service\": \"compute\", \"service\": \"compute\"}"), "twice"},
        {PRICES("{\"service\": \"compute\", \"unit\": \"year\"}"),
         "hour, month, GB-month, request"},
        {PRICES("{\"service\": \"compute\", \"unit\": \"hour\"}"), "its currency"},
        {PRICES("{\"service\": \"compute\", \"currency\": \"USD\"}"), "its unit"},
        {PRICES("{\"currency\": \"usd\"}"), "three letters"},
        {PRICES("{\"currency\": \"DOLLAR\"}"), "three letters"},
        {PRICES("{\"as_of\": \"yesterday\"}"), "no date"},
        {PRICES("{\"as_of\": 2011}"), "another type"},
        {PRICES("{\"prices\": [1]}"), "an array stands"},
        {PRICES("{\"prices\": {\"\": 1}}"), "empty"},
        {PRICES("\n" LIST("\"r\"", "-0.1")), "negative at line 2"},
        {PRICES(LIST("\"r\"", "-0.0")), "negative"},
        {PRICES(LIST("\"r\"", "\"-1\"")), "negative"},
        {PRICES(LIST("\"r\"", "1e10")), "larger"},
        {PRICES(LIST("\"r\"", "1e99999999999999999999")), "larger"},
        {PRICES(LIST("\"r\"", "99999999999999999999999999999999")), "larger"},
        {PRICES(LIST("\"r\"", "\"cheap\"")), "no number"},
        {PRICES(LIST("\"r\"", "\"\"")), "no number"},
        {PRICES(LIST("\"r\"", "0.0000000001")), "smaller"},
        {PRICES(LIST("\"r\"", "true")), "another type"},
        {PRICES(LIST("\"r\"", "{}")), "an object stands"},
        {PRICES(LIST("\"r\"", "oops")), "malformed JSON"},
        {PRICES(LIST("\"r\"", "1, \"small\": 2")), "stand twice"},
        {PRICES(LIST("\"r\"", "1") "," LIST("\"r\"", "1")), "stand twice"},
        {PRICES("") "x", "trailing garbage"},
    };
    nephi_price_table table;
    nephi_memory memory;
    nephi_error error;
    (void)state;
    nephi_memory_init(&memory, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int rc = parse(&memory, rows[i].text, &table, &error);
        if (rows[i].says ? rc != NEPH_INVALID || !strstr(error.message, rows[i].says) : rc != 0)
            fail_msg("%s: %d %s", rows[i].text, rc, error.message);
        if (rc && strncmp(error.message, "FILE: ", 6) != 0)
            fail_msg("%s: which file? %s", rows[i].text, error.message);
        nephi_price_table_fini(&table);
    }
}

static void test_price__is_kept_exactly(void **state)
{
    static const struct {
        const char *text;
        int64_t nano;
    } rows[] = {
        {"0.1", 100000000},
        {"0.10", 100000000},
        {"\"0.230\"", 230000000},
        {"1e-9", 1},
        {"0.000000001", 1},
        {"2.5E+1", INT64_C(25000000000)},
        {"6.111111111111111e-05", 61111},
        {"9000000000", INT64_C(9000000000000000000)},
        {"0", 0},
        {"0.0", 0},
    };
    nephi_price_table table;
    nephi_memory memory;
    nephi_error error;
    char text[512];
    (void)state;
    nephi_memory_init(&memory, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const nephi_price_row *row;
        snprintf(text, sizeof text, PRICES(LIST("\"r\"", "%s")), rows[i].text);
        assert_int_equal(parse(&memory, text, &table, &error), 0);
        row = nephi_price_table_find(&table, "compute", "small", "r");
        assert_non_null(row);
        assert_int_equal(row->nano, rows[i].nano);
        nephi_price_table_fini(&table);
    }
}

static int attempt(const nephi_memory *memory)
{
    nephi_price_table table;
    nephi_error error;
    int rc = parse(memory, PRICES(LIST("\"a\"", "1") "," LIST("\"b\"", "2")), &table, &error);
    nephi_price_table_fini(&table);
    return rc;
}

static void test_price__survives_every_failed_allocation(void **state)
{
    (void)state;
    test_every_allocation_fails(attempt);
}

static void test_price__written_is_read_as_the_same(void **state)
{
    static const char text[] = PRICES(LIST("\"b \\\"q\\\\\"", "0.125") "," LIST(
        "null", "3, \"a\\u0001/\\u00e9\": 1e-9, \"z\": 0"));
    nephi_price_table table, again;
    nephi_buffer first, second;
    nephi_memory memory;
    nephi_error error;
    (void)state;
    nephi_memory_init(&memory, NULL);
    nephi_buffer_init(&first, &memory, 65536);
    nephi_buffer_init(&second, &memory, 65536);
    assert_int_equal(parse(&memory, text, &table, &error), 0);
    assert_int_equal(nephi_price_write(&table, &first), 0);
    assert_int_equal(parse(&memory, first.data, &again, &error), 0);
    assert_int_equal(again.row_count, 4);
    assert_int_equal(nephi_price_write(&again, &second), 0);
    assert_string_equal(first.data, second.data);
    assert_non_null(strstr(first.data, "\"as_of\": \"2010-12-31\""));
    nephi_price_table_fini(&table);
    nephi_price_table_fini(&again);
    nephi_buffer_fini(&first);
    nephi_buffer_fini(&second);
}

/* ---- finding */

static void test_price__of_a_region_comes_before_that_of_all(void **state)
{
    sandbox *box = *state;
    sandbox_write(box, "plugins/prices/acme.json",
                  PRICES(LIST("null", "3") "," LIST("\"west\"", "2")), 0644);
    open_host(box);
    assert_int_equal(find(box, NULL, "small", "west"), 2 * NEPH_NANO);
    assert_int_equal(find(box, "compute", "small", "east"), 3 * NEPH_NANO);
    assert_int_equal(find(box, "compute", "small", NULL), 3 * NEPH_NANO);
    assert_int_equal(find(box, "compute", "smal", NULL), NEPH_NOT_FOUND);
    assert_int_equal(find(box, "volumes", "small", NULL), NEPH_NOT_FOUND);
    assert_non_null(strstr(says(box), "\"small\" (volumes)"));
    assert_int_equal(find(box, "lunch", "small", NULL), NEPH_INVALID);
}

static void test_price__of_nothing_is_0_and_unknown_is_not(void **state)
{
    sandbox *box = *state;
    sandbox_write(box, "plugins/prices/acme.json",
                  PRICES(LIST("\"free\"", "0") "," LIST("\"unknown\"", "null")), 0644);
    open_host(box);
    assert_int_equal(find(box, NULL, "small", "free"), 0);
    assert_int_equal(find(box, NULL, "small", "unknown"), NEPH_NOT_FOUND);
    assert_string_equal(list(box, "acme", NULL), "free small 0");
}

static void test_price__that_stands_twice_is_refused(void **state)
{
    sandbox *box = *state;
    sandbox_write(box, "plugins/prices/acme.json", PRICES(LIST("null", "3") "," LIST("null", "2")),
                  0644);
    open_host(box);
    assert_int_equal(find(box, NULL, "small", NULL), NEPH_INVALID);
    assert_non_null(strstr(says(box), "acme.json: this price stands twice at line 1"));
}

static void test_price__tells_its_age(void **state)
{
    static const struct {
        const char *as_of;
        int64_t days;
    } rows[] = {
        {"\"2010-12-31\"", 1},           {"\"2010-07-05\"", 180}, {"\"2010-07-04\"", 181},
        {"\"2010-12-31T00:00:01Z\"", 0}, {"\"2011-02-01\"", 0},   {"null", NEPH_UNKNOWN},
    };
    sandbox *box = *state;
    char text[512];
    open_host(box);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const neph_price *price;
        snprintf(
            text, sizeof text,
            PRICES("{\"prices\": {\"x\": 1}, \"service\": \"storage\", \"unit\": \"GB-month\", "
                   "\"currency\": \"EUR\", \"as_of\": %s}"),
            rows[i].as_of);
        sandbox_write(box, "plugins/prices/acme.json", text, 0644);
        assert_int_equal(neph_price_find(box->host, "acme", "storage", "x", NULL, &price), 0);
        assert_int_equal(price->age_days, rows[i].days);
        assert_string_equal(price->unit, "GB-month");
        assert_string_equal(price->currency, "EUR");
        assert_null(price->region);
        assert_null(price->source);
    }
}

static void test_price__members_are_read_by_number(void **state)
{
    sandbox *box = *state;
    const neph_price *price;
    neph_value value;
    sandbox_write(box, "plugins/prices/acme.json", PRICES(LIST("\"west\"", "0.5")), 0644);
    open_host(box);
    assert_int_equal(neph_price_find(box->host, "acme", NULL, "small", "west", &price), 0);
    assert_int_equal(price->result.kind, NEPH_KIND_PRICE);
    assert_int_equal(neph_result_get(&price->result, NEPH_PRICE_PRICE, &value), 0);
    assert_int_equal(value.number, NEPH_NANO / 2);
    assert_int_equal(neph_result_get(&price->result, NEPH_PRICE_SOURCE, &value), 0);
    assert_string_equal(value.text, "here");
}

static void test_price__lists_are_filtered(void **state)
{
    sandbox *box = *state;
    neph_price_options options = NEPH_PRICE_OPTIONS_INIT;
    sandbox_write(
        box, "plugins/prices/acme.json",
        PRICES(LIST("\"west\"", "2, \"big\": 4") "," LIST("null", "3") "," LIST("\"east\"", "1")),
        0644);
    open_host(box);
    assert_string_equal(list(box, "acme", NULL), "west big 4000000000; - small 3000000000; east "
                                                 "small 1000000000; west small 2000000000");
    options.region = "west";
    assert_string_equal(list(box, "acme", &options),
                        "west big 4000000000; - small 3000000000; west small 2000000000");
    options.item = "big";
    assert_string_equal(list(box, "acme", &options), "west big 4000000000");
    options.service = "volumes";
    assert_string_equal(list(box, "acme", &options), "");
    options.service = "lunch";
    assert_string_equal(list(box, "acme", &options), neph_status_name(NEPH_INVALID));
    assert_string_equal(list(box, "nobody", NULL), neph_status_name(NEPH_NOT_FOUND));
    assert_string_equal(list(box, "../acme", NULL), neph_status_name(NEPH_NOT_FOUND));
}

static void test_price__a_bad_file_does_not_hide_the_others(void **state)
{
    sandbox *box = *state;
    sandbox_write(box, "plugins/prices/acme.json", PRICES(LIST("null", "3")), 0644);
    sandbox_write(box, "plugins/prices/bad.json", "{", 0644);
    sandbox_write(box, "plugins/prices/not a provider.json", "{", 0644);
    open_host(box);
    assert_string_equal(list(box, NULL, NULL), "- small 3000000000");
    assert_true(sandbox_logged(box, 0, "bad.json: the JSON ends too early"));
    assert_string_equal(list(box, "bad", NULL), neph_status_name(NEPH_INVALID));
}

/* ---- whose file */

static void test_price__the_users_copy_wins(void **state)
{
    sandbox *box = *state;
    sandbox_write(box, "plugins/prices/acme.json", PRICES(LIST("null", "3")), 0644);
    sandbox_write(box, USERS "acme.json", PRICES(LIST("null", "5")), 0644);
    open_host(box);
    assert_int_equal(find(box, NULL, "small", NULL), 5 * NEPH_NANO);
    assert_string_equal(list(box, NULL, NULL), "- small 5000000000");
    box->host->config.sources = 0;
    assert_int_equal(find(box, NULL, "small", NULL), 3 * NEPH_NANO);
}

static void test_price__the_users_directory_can_be_elsewhere(void **state)
{
    sandbox *box = *state;
    sandbox_write(box, "data/neph/prices/acme.json", PRICES(LIST("null", "7")), 0644);
    sandbox_setenv("XDG_DATA_HOME", sandbox_path(box, "data"));
    open_host(box);
    assert_int_equal(find(box, NULL, "small", NULL), 7 * NEPH_NANO);
}

static void test_price__a_copy_that_anybody_writes_is_not_used(void **state)
{
    sandbox *box = *state;
    sandbox_write(box, USERS "acme.json", PRICES(LIST("null", "5")), 0666);
    open_host(box);
    assert_int_equal(find(box, NULL, "small", NULL), NEPH_INVALID);
    assert_non_null(strstr(says(box), "chmod 644"));
}

static void test_price__a_privileged_process_trusts_root_alone(void **state)
{
    sandbox *box = *state;
    sandbox_write(box, "plugins/prices/acme.json", PRICES(LIST("null", "3")), 0666);
    box->config.clock = stopped_clock;
    sandbox_host_as(box, "plugins", 1);
    assert_int_equal(find(box, NULL, "small", NULL), NEPH_NOT_FOUND);
}

static void test_price__a_directory_in_the_place_of_a_file_is_said(void **state)
{
    sandbox *box = *state;
    sandbox_write(box, "plugins/prices/acme.json/x", "", 0644);
    open_host(box);
    assert_int_equal(find(box, NULL, "small", NULL), NEPH_FILE);
    assert_non_null(strstr(says(box), "no regular file"));
}

/* Each is called as its provider, and says since when and by whom it knows. */
static void test_price__files_that_come_with_plugins_are_well_formed(void **state)
{
    const char *source = getenv("NEPH_SRCDIR");
    char pattern[1024];
    nephi_memory memory;
    glob_t found;
    (void)state;
    nephi_memory_init(&memory, NULL);
    snprintf(pattern, sizeof pattern, "%s/plugins/*/prices/*.json", source ? source : ".");
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const char *path = found.gl_pathv[i];
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        nephi_price_table table;
        nephi_error error;
        nephi_error_clear(&error);
        nephi_price_table_init(&table, &memory);
        if (nephi_price_table_load(&table, NULL, NULL, fd, path, &error))
            fail_msg("%s", error.message);
        close(fd);
        snprintf(pattern, sizeof pattern, "/%s.json", table.provider);
        assert_non_null(strstr(path, pattern));
        assert_true(table.row_count > 0);
        for (size_t j = 0; j < table.list_count; j++)
            if (table.lists[j].as_of_ns == NEPH_UNKNOWN || !*table.lists[j].source)
                fail_msg("%s: a list says not since when or by whom", path);
        nephi_price_table_fini(&table);
    }
    globfree(&found);
}

/* ---- import */

static int import(sandbox *box, const char *file, const neph_price_import_options *options,
                  neph_price_import_result *result)
{
    memset(result, 0, sizeof *result);
    result->size = sizeof *result;
    return neph_price_import(box->host, sandbox_path(box, file), options, result);
}

static void copy_vector(sandbox *box, const char *command)
{
    static char text[4 << 20];
    const char *source = getenv("NEPH_SRCDIR");
    char line[1024];
    size_t size;
    FILE *stream;
    snprintf(line, sizeof line, "%s '%s'/tests/vectors/pricing/libcloud-%s", "gzip -dcf",
             source ? source : ".", command);
    stream = popen(line, "r");
    assert_non_null(stream);
    size = fread(text, 1, sizeof text, stream);
    assert_int_equal(pclose(stream), 0);
    assert_in_range(size, 1000, sizeof text - 1);
    sandbox_write_data(box, "pricing.json", text, size, 0644);
}

static void test_price__libclouds_first_lists_are_imported_completely(void **state)
{
    sandbox *box = *state;
    neph_price_import_result result;
    const neph_price *price;
    copy_vector(box, "0.5.0.json");
    open_host(box);
    assert_int_equal(import(box, "pricing.json", NULL, &result), 0);
    assert_int_equal(result.price_count, 86);
    assert_int_equal(result.zero_count, 3); /* nimbus: unknown */
    assert_int_equal(result.double_count + result.other_count, 0);
    assert_int_equal(result.provider_count, 13);
    assert_int_equal(result.as_of_ns, NEPH_UNKNOWN);
    assert_int_equal(
        neph_price_find(box->host, "ec2-ap-northeast", NULL, "m2.4xlarge", NULL, &price), 0);
    assert_int_equal(price->price_nano, 2390000000);
    assert_string_equal(price->source, "pricing.json");
    assert_int_equal(price->age_days, NEPH_UNKNOWN);
    assert_int_equal(neph_price_find(box->host, "nimbus", NULL, "m1.small", NULL, &price),
                     NEPH_NOT_FOUND);
}

static void check_imported(sandbox *box, const char *provider, const char *item, const char *region,
                           int64_t nano)
{
    const neph_price *price;
    if (neph_price_find(box->host, provider, NULL, item, region, &price))
        fail_msg("%s", says(box));
    assert_int_equal(price->price_nano, nano);
    assert_int_equal(price->as_of_ns, INT64_C(1691280000) * NEPH_NANO);
}

static void test_price__libclouds_later_lists_are_imported_completely(void **state)
{
    sandbox *box = *state;
    neph_price_import_result result;
    copy_vector(box, "3.8.0.json.gz");
    open_host(box);
    assert_int_equal(import(box, "pricing.json", NULL, &result), 0);
    /* 87,140 numbers, of which 13,118 are 0; 1,323 descriptions and article numbers. */
    assert_int_equal(result.price_count, 74022);
    assert_int_equal(result.zero_count, 13118);
    assert_int_equal(result.double_count, 0);
    assert_int_equal(result.other_count, 1323);
    assert_int_equal(result.provider_count, 52);
    assert_int_equal(result.as_of_ns, INT64_C(1691280000) * NEPH_NANO);
    check_imported(box, "bluebox", "8gb", NULL, 450000000);
    check_imported(box, "ec2-linux", "m1.small", "us-east-1", 44000000);
    check_imported(box, "osc-inc-us-east-1", "m1.small", NULL, 60000000);
    check_imported(box, "gce-disks", "Standard", "us-west4", 61111);
    check_imported(box, "gce-images", "SQL Server/web", NULL, 11000000);
    check_imported(box, "gce-instances", "c2/cpu", "asia-east1", 39347000);
    check_imported(box, "gce-instances", "n2d_custom_extended/ram/preemptible", "asia-east1",
                   2212000);
}

static void test_price__import_takes_the_drivers_that_are_named(void **state)
{
    static const neph_pair drivers[] = {{"b", "west"}, {"a", "west"}, {"c", ""}};
    neph_price_import_options options = NEPH_PRICE_IMPORT_OPTIONS_INIT;
    sandbox *box = *state;
    neph_price_import_result result;
    const neph_price *price;
    sandbox_write(box, "p.json",
                  "{\"a\": {\"x\": 1, \"y\": 2}, \"b\": {\"x\": 3}, \"c\": {\"x\": {\"east\": 5}, "
                  "\"z\": 6}, \"d\": {\"x\": 7}}",
                  0644);
    open_host(box);
    options.provider = "acme";
    options.drivers = drivers;
    options.driver_count = 3;
    options.region = "north";
    options.currency = "EUR";
    options.as_of = "2010-12-01";
    assert_int_equal(import(box, "p.json", &options, &result), 0);
    assert_int_equal(result.provider_count, 1);
    assert_int_equal(result.double_count, 1);
    assert_string_equal(
        list(box, "acme", NULL),
        "east x 5000000000; west x 3000000000; west y 2000000000; north z 6000000000");
    assert_int_equal(neph_price_find(box->host, "acme", NULL, "x", "west", &price), 0);
    assert_string_equal(price->currency, "EUR");
    assert_int_equal(price->age_days, 31);
    options.driver_count = 0;
    assert_int_equal(import(box, "p.json", &options, &result), NEPH_NOT_FOUND);
    options.provider = NULL;
    options.driver_count = 3;
    assert_int_equal(import(box, "p.json", &options, &result), NEPH_INVALID);
    options.provider = "acme";
    options.as_of = "soon";
    assert_int_equal(import(box, "p.json", &options, &result), NEPH_INVALID);
}

static void test_price__import_asks_the_packaged_file_whose_a_table_is(void **state)
{
    neph_price_import_options options = NEPH_PRICE_IMPORT_OPTIONS_INIT;
    sandbox *box = *state;
    neph_price_import_result result;
    sandbox_write(box, "plugins/prices/acme.json",
                  "{\"format\": 1, \"provider\": \"acme\", \"drivers\": {\"acme_west\": \"west\", "
                  "\"acme_all\": null}, \"items\": {\"1gb\": \"small\"}}",
                  0644);
    sandbox_write(box, "p.json",
                  "{\"compute\": {\"acme_west\": {\"1gb\": \"0.5\"}, \"acme_all\": {\"2gb\": 1}, "
                  "\"other\": {\"1gb\": 2}}, \"updated\": 1291161600, \"storage\": {}}",
                  0644);
    open_host(box);
    assert_int_equal(import(box, "p.json", NULL, &result), 0);
    assert_int_equal(result.provider_count, 2);
    assert_string_equal(list(box, "acme", NULL), "- 2gb 1000000000; west small 500000000");
    assert_string_equal(list(box, "other", NULL), "- 1gb 2000000000");
    options.provider = "acme";
    assert_int_equal(import(box, "p.json", &options, &result), 0);
    assert_int_equal(result.price_count, 2);
}

static void test_price__import_tells_prices_from_other_texts(void **state)
{
    sandbox *box = *state;
    neph_price_import_result result;
    sandbox_write(
        box, "p.json",
        "{\"acme\": {\"a\": \"1\", \"b\": \"1.2.3\", \"c\": \"-\", \"d\": \".\", \"e\": \"\", "
        "\"f\": true, \"g\": \"36DD\", \"h\": null, \"price\": 2, \"on_demand\": {\"price\": 3}, "
        "\"i\": {\"on_demand\": {\"west\": {\"price\": 4, \"sku\": \"01-2\"}}}}}",
        0644);
    open_host(box);
    assert_int_equal(import(box, "p.json", NULL, &result), 0);
    assert_int_equal(result.other_count, 7);
    assert_string_equal(list(box, "acme", NULL),
                        "- a 1000000000; west i 4000000000; - on_demand 3000000000; - price "
                        "2000000000");
}

static void test_price__import_takes_a_file_of_our_own_as_it_is(void **state)
{
    sandbox *box = *state;
    neph_price_import_result result;
    sandbox_write(box, "p.json", PRICES(LIST("\"west\"", "0")), 0644);
    open_host(box);
    assert_int_equal(import(box, "p.json", NULL, &result), 0);
    assert_int_equal(result.provider_count, 1);
    assert_int_equal(find(box, NULL, "small", "west"), 0);
}

static int files_in(sandbox *box, const char *name)
{
    DIR *stream = opendir(sandbox_path(box, name));
    struct dirent *item;
    int count = 0;
    while (stream && (item = readdir(stream)) != NULL)
        count += item->d_name[0] != '.' || strlen(item->d_name) > 2;
    if (stream)
        closedir(stream);
    return count;
}

static void test_price__nothing_is_replaced_by_a_bad_list(void **state)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"", "ends too early"},
        {"hello", "line 1"},
        {"<html>", "HTML"},
        {"[]", "an array"},
        {"3", "no price list"},
        {"{}", "no price in it"},
        {"{\"acme\": {\"small\": 0}}", "no price in it"},
        {"{\"acme\": 5}", "no price in it"},
        {"{\"acme\": {\"small\": 1}", "ends too early"},
        {"{\"acme\": {\"small\": 1},\n \"b\": {\"x\": -1}}", "negative at line 2, column"},
        {"{\"acme\": {\"small\": 1},\n \"b\": {\"x\": \"-1\"}}", "negative at line 2"},
        {"{\"acme\": {\"small\": 1},\n \"b\": {\"x\": 1e300}}",
         "larger than 9,000,000,000 at line 2"},
        {"{\"acme\": {\"small\": 1}, \"b\": {\"x\": \"99999999999999999999\"}}", "larger"},
        {"{\"acme\": {\"small\": 1}, \"b\": [1]}", "an array"},
        {"{\"acme\": {\"small\": 1}, \"B C\": {\"x\": 1}}", "no provider's id"},
        {"{\"acme\": {\"small\": 1}, \"\": {\"x\": 1}}", "empty"},
        {"{\"acme\": {\"a\": {\"b\": {\"c\": {\"d\": {\"e\": {\"f\": {\"g\": {\"h\": {\"i\": "
         "1}}}}}}}}}}",
         "more levels"},
        {"{\"compute\": {\"acme\": {\"small\": 1}}, \"updated\": \"now\"}", "no time"},
        {"{\"compute\": {\"acme\": {\"small\": 1}}, \"updated\": null}", "no time"},
        {"{\"compute\": {\"acme\": {\"small\": 1}}, \"updated\": 99999999999999}", "no time"},
        {"{\"format\": 2, \"provider\": \"acme\"}", "another version of neph at line 1"},
        {PRICES(LIST("null", "-2")), "negative"},
    };
    sandbox *box = *state;
    neph_price_import_result result;
    sandbox_write(box, USERS "acme.json", PRICES(LIST("null", "5")), 0644);
    open_host(box);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int rc;
        sandbox_write(box, "p.json", rows[i].text, 0644);
        rc = import(box, "p.json", NULL, &result);
        if (rc != NEPH_INVALID || !strstr(says(box), rows[i].says) ||
            !strstr(says(box), "p.json: "))
            fail_msg("%s: %d %s", rows[i].text, rc, says(box));
        assert_int_equal(find(box, NULL, "small", NULL), 5 * NEPH_NANO);
        assert_int_equal(files_in(box, USERS), 1);
    }
    assert_int_equal(import(box, "none.json", NULL, &result), NEPH_NOT_FOUND);
    box->host->config.sources = 0;
    assert_int_equal(import(box, "p.json", NULL, &result), NEPH_PERMISSION);
}

static void test_price__a_replaced_file_is_a_new_one(void **state)
{
    sandbox *box = *state;
    neph_price_import_result result;
    struct stat before, after;
    char kept[512] = "";
    FILE *old;
    sandbox_write(box, USERS "acme.json", PRICES(LIST("null", "5")), 0644);
    old = fopen(sandbox_path(box, USERS "acme.json"), "r");
    assert_non_null(old);
    assert_int_equal(fstat(fileno(old), &before), 0);
    sandbox_write(box, "p.json", "{\"acme\": {\"small\": 1}}", 0644);
    open_host(box);
    assert_int_equal(import(box, "p.json", NULL, &result), 0);
    assert_int_equal(find(box, NULL, "small", NULL), NEPH_NANO);
    assert_int_equal(stat(sandbox_path(box, USERS "acme.json"), &after), 0);
    assert_true(before.st_ino != after.st_ino); /* who has the old one open goes on reading it */
    assert_non_null(fgets(kept, sizeof kept, old));
    assert_string_equal(kept, PRICES(LIST("null", "5")));
    fclose(old);
    assert_int_equal(files_in(box, USERS), 1);
}

static void test_price__a_file_that_cannot_be_replaced_leaves_nothing_behind(void **state)
{
    sandbox *box = *state;
    neph_price_import_result result;
    sandbox_write(box, USERS "acme.json/in-the-way", "", 0644);
    sandbox_write(box, "p.json", "{\"acme\": {\"small\": 1}}", 0644);
    open_host(box);
    assert_int_equal(import(box, "p.json", NULL, &result), NEPH_FILE);
    assert_non_null(strstr(says(box), "acme.json cannot be replaced"));
    assert_int_equal(files_in(box, USERS), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, sandbox_setup, sandbox_teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_price__malformed_files_are_refused_with_line_and_column),
        cmocka_unit_test(test_price__is_kept_exactly),
        cmocka_unit_test(test_price__survives_every_failed_allocation),
        cmocka_unit_test(test_price__written_is_read_as_the_same),
        TEST(test_price__of_a_region_comes_before_that_of_all),
        TEST(test_price__of_nothing_is_0_and_unknown_is_not),
        TEST(test_price__that_stands_twice_is_refused),
        TEST(test_price__tells_its_age),
        TEST(test_price__members_are_read_by_number),
        TEST(test_price__lists_are_filtered),
        TEST(test_price__a_bad_file_does_not_hide_the_others),
        TEST(test_price__the_users_copy_wins),
        TEST(test_price__the_users_directory_can_be_elsewhere),
        TEST(test_price__a_copy_that_anybody_writes_is_not_used),
        TEST(test_price__a_privileged_process_trusts_root_alone),
        TEST(test_price__a_directory_in_the_place_of_a_file_is_said),
        cmocka_unit_test(test_price__files_that_come_with_plugins_are_well_formed),
        TEST(test_price__libclouds_first_lists_are_imported_completely),
        TEST(test_price__libclouds_later_lists_are_imported_completely),
        TEST(test_price__import_takes_the_drivers_that_are_named),
        TEST(test_price__import_asks_the_packaged_file_whose_a_table_is),
        TEST(test_price__import_tells_prices_from_other_texts),
        TEST(test_price__import_takes_a_file_of_our_own_as_it_is),
        TEST(test_price__nothing_is_replaced_by_a_bad_list),
        TEST(test_price__a_replaced_file_is_a_new_one),
        TEST(test_price__a_file_that_cannot_be_replaced_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
