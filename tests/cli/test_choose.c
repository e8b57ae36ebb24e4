/*
 * What "node create" takes by itself: the cheapest size that fits, the newest image of a name; what is unknown is never 0.
 */
#include "core/cli/choose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define NONE NEPH_UNKNOWN
#define CPU NEPH_NANO
#define GIB (INT64_C(1) << 30)
#define CENT (NEPH_NANO / 100)

static neph_size size_of(const char *id, int64_t cpus, int64_t ram, int64_t disk, int64_t price)
{
    neph_size size;

    memset(&size, 0, sizeof size);
    size.id = id;
    size.cpus_nano = cpus;
    size.ram_bytes = ram;
    size.disk_bytes = disk;
    size.price_nano = price;
    return size;
}

static void test_choose__a_size_fits_if_all_of_it_is_known_to(void **state)
{
    static const struct {
        const char *sentence;
        nephc_wish wish;
        int64_t cpus, ram, disk, price;
        int fits;
    } rows[] = {
        {"no wish", {NONE, NONE, NONE, NONE}, NONE, NONE, NONE, NONE, 1},
        {"just enough", {CPU, GIB, GIB, CENT}, CPU, GIB, GIB, CENT, 1},
        {"one CPU less", {2 * CPU, NONE, NONE, NONE}, CPU, GIB, GIB, CENT, 0},
        {"a byte less", {NONE, GIB, NONE, NONE}, CPU, GIB - 1, GIB, CENT, 0},
        {"a small disk", {NONE, NONE, GIB, NONE}, CPU, GIB, GIB - 1, CENT, 0},
        {"too dear", {NONE, NONE, NONE, CENT}, CPU, GIB, GIB, CENT + 1, 0},
        {"for nothing", {NONE, NONE, NONE, 0}, CPU, GIB, GIB, 0, 1},
        {"CPUs not told", {0, NONE, NONE, NONE}, NONE, GIB, GIB, CENT, 0},
        {"memory not told", {NONE, 0, NONE, NONE}, CPU, NONE, GIB, CENT, 0},
        {"disk not told", {NONE, NONE, 0, NONE}, CPU, GIB, NONE, CENT, 0},
        {"price not told", {NONE, NONE, NONE, 1000 * CENT}, CPU, GIB, GIB, NONE, 0},
        {"price not told nor asked", {CPU, NONE, NONE, NONE}, CPU, GIB, GIB, NONE, 1},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        neph_size size = size_of("s", rows[i].cpus, rows[i].ram, rows[i].disk, rows[i].price);

        if (nephc_size_fits(&rows[i].wish, &size) != rows[i].fits)
            fail_msg("%s", rows[i].sentence);
    }
}

static void test_choose__a_size_runs_the_architectures_it_names(void **state)
{
    static const char *const names[] = {"i386", "x86_64"};
    static const struct {
        const char *architecture;
        size_t count;
        int runs;
    } rows[] = {
        {"i386", 2, 1},   {"x86_64", 2, 1}, {"arm64", 2, 0}, {"X86_64", 2, 0},
        {"x86_64", 1, 0}, {"x86", 2, 0},    {"arm64", 0, 1}, {NULL, 2, 1},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        neph_size size = size_of("s", CPU, GIB, GIB, CENT);

        size.architectures = names;
        size.architecture_count = rows[i].count;
        if (nephc_size_runs(rows[i].architecture, &size) != rows[i].runs)
            fail_msg("%s among %zu", rows[i].architecture ? rows[i].architecture : "unknown",
                     rows[i].count);
    }
}

static void test_choose__the_cheapest_size_is_the_best(void **state)
{
    /* Each is better than all behind it. */
    const neph_size sizes[] = {
        size_of("free", 8 * CPU, 8 * GIB, GIB, 0),
        size_of("cheap", 4 * CPU, GIB, GIB, CENT),
        size_of("small", CPU, GIB, GIB, 2 * CENT),
        size_of("less-ram", 2 * CPU, GIB, GIB, 2 * CENT),
        size_of("less-disk", 2 * CPU, 2 * GIB, GIB, 2 * CENT),
        size_of("a", 2 * CPU, 2 * GIB, 2 * GIB, 2 * CENT),
        size_of("b", 2 * CPU, 2 * GIB, 2 * GIB, 2 * CENT),
        size_of("untold", NONE, GIB, GIB, 2 * CENT),
        size_of("unpriced", CPU, GIB, GIB, NONE),
        size_of("unpriced-larger", 2 * CPU, GIB, GIB, NONE),
    };
    size_t i, j;

    (void)state;
    assert_true(nephc_size_is_better(&sizes[9], NULL));
    for (i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (j = 0; j < sizeof sizes / sizeof sizes[0]; j++)
            if (nephc_size_is_better(&sizes[i], &sizes[j]) != (i < j))
                fail_msg("%s and %s", sizes[i].id, sizes[j].id);
}

static void test_choose__patterns_have_stars_and_question_marks(void **state)
{
    static const char *const like[][2] = {
        {"*", ""},         {"", ""},           {"a*", "a"},           {"*b", "aab"},
        {"a*b*c", "abbc"}, {"a*b*c", "axbxc"}, {"u?untu*", "ubuntu"}, {"*/24.04-*", "u/24.04-x"},
    };
    static const char *const unlike[][2] = {
        {"", "a"}, {"a", ""}, {"?", ""}, {"a*b", "abc"}, {"A*", "a"}, {"*a*a", "a"}, {"[a]", "a"},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof like / sizeof like[0]; i++)
        if (!nephc_is_like(like[i][0], like[i][1]))
            fail_msg("%s %s", like[i][0], like[i][1]);
    for (i = 0; i < sizeof unlike / sizeof unlike[0]; i++)
        if (nephc_is_like(unlike[i][0], unlike[i][1]))
            fail_msg("%s %s", unlike[i][0], unlike[i][1]);
}

static neph_image image_of(const char *id, const char *name, int64_t created, int32_t of_state)
{
    neph_image image;

    memset(&image, 0, sizeof image);
    image.id = id;
    image.name = name;
    image.created_ns = created;
    image.state = of_state;
    return image;
}

static void test_choose__the_newest_image_that_can_be_had_is_the_best(void **state)
{
    const neph_image newest = image_of("n", "web", 3, NEPH_IMAGE_AVAILABLE);
    const neph_image older = image_of("a", "web", 2, NEPH_IMAGE_AVAILABLE);
    const neph_image same = image_of("b", "web", 2, NEPH_IMAGE_STATE_UNKNOWN);
    const neph_image untold = image_of("0", "web", NONE, NEPH_IMAGE_STATE_UNKNOWN);
    const neph_image pending = image_of("p", "web", 9, NEPH_IMAGE_PENDING);
    const neph_image nameless = image_of("x", NULL, 9, NEPH_IMAGE_AVAILABLE);
    const neph_image *order[] = {&newest, &older, &same, &untold};
    size_t i, j;

    (void)state;
    assert_true(nephc_image_is_better(&untold, NULL));
    for (i = 0; i < 4; i++)
        for (j = 0; j < 4; j++)
            assert_int_equal(nephc_image_is_better(order[i], order[j]), i < j);
    for (i = 0; i < 4; i++)
        assert_true(nephc_image_fits("w*", order[i]));
    assert_false(nephc_image_fits("x*", &newest));
    assert_false(nephc_image_fits("*", &pending));
    assert_false(nephc_image_fits("*", &nameless));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_choose__a_size_fits_if_all_of_it_is_known_to),
        cmocka_unit_test(test_choose__a_size_runs_the_architectures_it_names),
        cmocka_unit_test(test_choose__the_cheapest_size_is_the_best),
        cmocka_unit_test(test_choose__patterns_have_stars_and_question_marks),
        cmocka_unit_test(test_choose__the_newest_image_that_can_be_had_is_the_best),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
