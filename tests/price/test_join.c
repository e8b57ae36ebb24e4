/*
 * Sizes and their prices: what the cloud tells stands, what it does not comes from the price data of its provider and
 * region, and nothing is read before a size lacks its price.
 */
#include "core/cloud.h"
#include "core/price/price.h"
#include "tests/support/sandbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define DAY (86400 * NEPH_NANO)
#define NOW (INT64_C(14975) * DAY) /* 2011-01-01 */

#define LIST(region, unit, prices)                                                                 \
    "{\"service\": \"compute\", \"unit\": \"" unit                                                 \
    "\", \"currency\": \"EUR\", \"region\": " region                                               \
    ", \"as_of\": \"2010-01-01\", \"prices\": {" prices "}}"
#define PRICES(lists) "{\"format\": 1, \"provider\": \"acme\", \"lists\": [" lists "]}"

/* ---- a cloud with three sizes, of which it tells the price of one */

static const neph_setting settings[] = {
    {.name = "region", .summary = "region", .type = NEPH_TYPE_STRING},
    {.name = "tells", .summary = "tells all prices", .type = NEPH_TYPE_STRING},
};

static int32_t emit(neph_call *call, const char *id, const char *price)
{
    neph_record *record = neph_record_new(call, NEPH_KIND_SIZE);
    int32_t rc = record ? neph_record_set(record, NEPH_SIZE_ID, id) : NEPH_NO_MEMORY;
    if (!rc && price)
        rc = neph_record_set(record, NEPH_SIZE_PRICE, price);
    return rc ? rc : neph_record_emit(call, record);
}

static int32_t size_list(neph_call *call)
{
    int32_t rc = emit(call, "told", "0");
    if (neph_setting_string(neph_cloud_of(call), "tells"))
        return rc;
    if (!rc)
        rc = emit(call, "small", NULL);
    return rc ? rc : emit(call, "large", NULL);
}

static const neph_action actions[] = {
    {.op = NEPH_OP_SIZE_LIST, .traits = NEPH_SAFE, .perform = size_list},
};
static const neph_provider provider = {
    .size = sizeof(neph_provider),
    .id = "acme",
    .title = "Acme",
    NEPH_SETTINGS(settings),
    NEPH_ACTIONS(actions),
};
static const neph_provider *const providers[] = {&provider};
static const neph_plugin plugin = {{'N', 'E', 'P', 'H', 'P', 'L', 'U', 'G'},
                                   sizeof(neph_plugin),
                                   NEPH_ABI_MAJOR,
                                   NEPH_ABI_MINOR,
                                   NEPH_ABI_MINOR,
                                   "acme",
                                   "1",
                                   "neph-tests",
                                   providers,
                                   1,
                                   0};

/* ---- */

static int64_t stopped_clock(void *user)
{
    (void)user;
    return NOW;
}

static neph_cloud *open_cloud(sandbox *box, const char *name, const char *value)
{
    neph_setting_value given = {name, value};
    neph_cloud *cloud = NULL;
    box->config.clock = stopped_clock;
    sandbox_host(box, "plugins");
    assert_int_equal(neph_host_register(box->host, &plugin), 0);
    assert_int_equal(neph_cloud_open(box->host, "acme", &given, name ? 1 : 0, &cloud), 0);
    return cloud;
}

/* "id price currency age" of each, '-' for what is unknown. */
static const char *sizes(neph_cloud *cloud)
{
    static char text[1024];
    neph_call *call = neph_size_list(cloud, NULL);
    const neph_size *size;
    size_t used = 0;
    text[0] = '\0';
    while ((size = neph_next_size(call)) != NULL) {
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "%s%s", used ? "; " : "", size->id);
        if (size->price_nano != NEPH_UNKNOWN)
            used += (size_t)snprintf(text + used, sizeof text - used, " %lld %s",
                                     (long long)size->price_nano,
                                     size->currency ? size->currency : "-");
        if (size->price_age_days != NEPH_UNKNOWN)
            used += (size_t)snprintf(text + used, sizeof text - used, " %lld",
                                     (long long)size->price_age_days);
    }
    if (neph_wait(call))
        fail_msg("%s", neph_call_error(call)->message);
    neph_call_free(call);
    return text;
}

static void test_join__fills_what_the_cloud_does_not_tell(void **state)
{
    sandbox *box = *state;
    sandbox_write(box, "plugins/prices/acme.json",
                  PRICES(LIST("\"west\"", "hour", "\"small\": 0.5, \"told\": 9") "," LIST(
                      "\"east\"", "hour", "\"small\": 7, \"large\": 7")),
                  0644);
    assert_string_equal(sizes(open_cloud(box, "region", "west")),
                        "told 0 -; small 500000000 EUR 365; large");
}

static void test_join__takes_what_holds_everywhere(void **state)
{
    sandbox *box = *state;
    sandbox_write(box, "plugins/prices/acme.json",
                  PRICES(LIST("null", "hour", "\"small\": 1, \"large\": 2") "," LIST(
                      "\"east\"", "hour", "\"small\": 7")),
                  0644);
    assert_string_equal(sizes(open_cloud(box, NULL, NULL)),
                        "told 0 -; small 1000000000 EUR 365; large 2000000000 EUR 365");
}

static void test_join__takes_hours_alone(void **state)
{
    sandbox *box = *state;
    sandbox_write(box, "plugins/prices/acme.json", PRICES(LIST("null", "month", "\"small\": 720")),
                  0644);
    assert_string_equal(sizes(open_cloud(box, NULL, NULL)), "told 0 -; small; large");
}

static void test_join__a_bad_file_leaves_prices_unknown(void **state)
{
    sandbox *box = *state;
    sandbox_write(box, "plugins/prices/acme.json", "{\"format\": 1,\n oops", 0644);
    assert_string_equal(sizes(open_cloud(box, NULL, NULL)), "told 0 -; small; large");
    assert_true(sandbox_logged(box, 0, "prices are unknown: "));
    assert_true(sandbox_logged(box, 0, "line 2"));
    assert_int_equal(box->line_count, 1); /* once, not for each size */
}

static void test_join__reads_once_and_only_when_a_price_is_missing(void **state)
{
    sandbox *box = *state;
    neph_cloud *cloud;
    sandbox_write(box, "plugins/prices/acme.json", "oops", 0644);
    cloud = open_cloud(box, "tells", "all");
    assert_string_equal(sizes(cloud), "told 0 -");
    assert_null(cloud->prices);
    assert_int_equal(box->line_count, 0);
    neph_cloud_close(cloud);
    neph_host_free(box->host);
    sandbox_write(box, "plugins/prices/acme.json", PRICES(LIST("null", "hour", "\"small\": 1")),
                  0644);
    cloud = open_cloud(box, NULL, NULL);
    assert_string_equal(sizes(cloud), "told 0 -; small 1000000000 EUR 365; large");
    sandbox_write(box, "plugins/prices/acme.json", "oops", 0644);
    assert_string_equal(sizes(cloud), "told 0 -; small 1000000000 EUR 365; large");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, sandbox_setup, sandbox_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_join__fills_what_the_cloud_does_not_tell),
        TEST(test_join__takes_what_holds_everywhere),
        TEST(test_join__takes_hours_alone),
        TEST(test_join__a_bad_file_leaves_prices_unknown),
        TEST(test_join__reads_once_and_only_when_a_price_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
