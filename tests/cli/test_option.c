/*
 * Command lines taken apart, addresses, and which word was meant.
 */
#include "core/cli/cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static nephc_options options;

/* Parses "neph" and the words, which end with NULL. */
static int parse(const char *first, ...)
{
    char *argv[16] = {(char *)(uintptr_t) "neph", (char *)(uintptr_t)first};
    int argc = first ? 2 : 1;
    va_list list;

    va_start(list, first);
    while (first && argc < 15 && (argv[argc] = va_arg(list, char *)) != NULL)
        argc++;
    va_end(list);
    return nephc_options_parse(&options, argc, argv);
}

static int teardown(void **state)
{
    (void)state;
    nephc_options_free(&options);
    return 0;
}

static void test_option__options_stand_anywhere(void **state)
{
    (void)state;
    assert_int_equal(parse("node", "-c", "s3", "list", "-ojson", "--limit", "5", "--trace", NULL),
                     0);
    assert_int_equal(options.word_count, 2);
    assert_string_equal(options.words[0], "node");
    assert_string_equal(options.words[1], "list");
    assert_string_equal(options.cloud, "s3");
    assert_int_equal(options.format, NEPHC_JSON);
    assert_int_equal(options.trace, 1);
    assert_string_equal(nephc_options_find(&options, "limit")->value, "5");
}

static void test_option__two_dashes_end_options(void **state)
{
    (void)state;
    assert_int_equal(parse("rm", "--", "-x", "--help", NULL), 0);
    assert_int_equal(options.word_count, 3);
    assert_string_equal(options.words[1], "-x");
    assert_int_equal(options.help, 0);
}

static void test_option__a_dash_is_a_word(void **state)
{
    (void)state;
    assert_int_equal(parse("cp", "-", "s3:b/k", NULL), 0);
    assert_int_equal(options.word_count, 3);
}

static void test_option__letters_go_together(void **state)
{
    (void)state;
    assert_int_equal(parse("-vvqc", "s3", "ls", "-rv", NULL), 0);
    assert_int_equal(options.verbose, 3);
    assert_int_equal(options.quiet, 1);
    assert_string_equal(options.cloud, "s3");
    assert_non_null(nephc_options_find(&options, "recursive"));
}

static void test_option__settings_are_kept_in_order(void **state)
{
    (void)state;
    assert_int_equal(parse("--set", "a=1", "--set=b=2", "ls", NULL), 0);
    assert_int_equal(options.set_count, 2);
    assert_string_equal(options.sets[0], "a=1");
    assert_string_equal(options.sets[1], "b=2");
}

static void test_option__the_last_of_two_counts(void **state)
{
    (void)state;
    assert_int_equal(parse("node", "list", "--limit=1", "--limit=2", NULL), 0);
    assert_string_equal(nephc_options_find(&options, "limit")->value, "2");
    assert_null(nephc_options_find(&options, "prefix"));
}

static void test_option__wrong_ones_are_refused(void **state)
{
    (void)state;
    assert_int_equal(parse("-o", "xml", NULL), NEPHC_USAGE);
    nephc_options_free(&options);
    assert_int_equal(parse("ls", "-c", NULL), NEPHC_USAGE);
    nephc_options_free(&options);
    assert_int_equal(parse("--trace=1", NULL), NEPHC_USAGE);
    nephc_options_free(&options);
    assert_int_equal(parse("--timeout", "soon", NULL), NEPHC_USAGE);
    nephc_options_free(&options);
    assert_int_equal(parse("--retries", "101", NULL), NEPHC_USAGE);
    nephc_options_free(&options);
    assert_int_equal(parse("-k", NULL), NEPHC_USAGE);
}

static void test_option__numbers_are_read(void **state)
{
    (void)state;
    assert_int_equal(parse("--timeout=1.5", "--retries=0", NULL), 0);
    assert_int_equal(options.timeout_ms, 1500);
    assert_int_equal(options.retries_max, 0);
}

/* ---- addresses */

typedef struct address_row {
    const char *sentence;
    const char *text;
    const char *cloud;
    const char *bucket;
    const char *key;
} address_row;

static void test_address__is_what_stands_before_the_first_slash(void **state)
{
    static const address_row rows[] = {
        {"a word is a file", "file", NULL, NULL, NULL},
        {"a colon behind a slash is of a file", "./s3:foo", NULL, NULL, NULL},
        {"an absolute path is a file", "/a:b", NULL, NULL, NULL},
        {"a cloud alone", "s3:", "s3", NULL, NULL},
        {"a bucket", "s3:b", "s3", "b", NULL},
        {"a bucket as a place", "s3:b/", "s3", "b", ""},
        {"a key", "s3:b/k", "s3", "b", "k"},
        {"a key is raw", "s3:b//a/./../b:c/", "s3", "b", "/a/./../b:c/"},
        {"a second colon is the bucket's", "s3:b:c/k", "s3", "b:c", "k"},
        {"the cloud of -c", ":b/k", "", "b", "k"},
        {"no bucket", "s3:/k", "s3", NULL, "k"},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        nephc_address address;

        assert_int_equal(nephc_address_parse(rows[i].text, &address), 0);
        if (!rows[i].cloud)
            assert_null(address.cloud);
        else
            assert_string_equal(address.cloud, rows[i].cloud);
        if (!rows[i].bucket)
            assert_null(address.bucket);
        else
            assert_string_equal(address.bucket, rows[i].bucket);
        if (!rows[i].key)
            assert_null(address.key);
        else
            assert_string_equal(address.key, rows[i].key);
        nephc_address_free(&address);
    }
}

/* ---- the nearest word */

static const char *nearest_of(const char *word, const char *const *candidates)
{
    nephc_nearest nearest;

    nephc_nearest_begin(&nearest, word);
    for (; *candidates; candidates++)
        nephc_nearest_try(&nearest, *candidates);
    return nearest.best;
}

static void test_nearest__finds_what_was_meant(void **state)
{
    static const char *const nouns[] = {"node",   "bucket", "object", "provider",
                                        "plugin", "ls",     NULL};

    (void)state;
    assert_string_equal(nearest_of("nod", nouns), "node");
    assert_string_equal(nearest_of("ndoe", nouns), "node");
    assert_string_equal(nearest_of("buckets", nouns), "bucket");
    assert_string_equal(nearest_of("Object", nouns), "object");
    assert_string_equal(nearest_of("prov", nouns), "provider");
    assert_string_equal(nearest_of("l", nouns), "ls");
    assert_null(nearest_of("volume", nouns));
    assert_null(nearest_of("xyz", nouns));
}

static void test_command__every_noun_has_a_summary_and_every_verb_a_way(void **state)
{
    nephc_target target;
    const char *noun;
    size_t i;

    (void)state;
    for (i = 0; (noun = nephc_noun_at(i)) != NULL; i++)
        assert_string_not_equal(nephc_noun_summary(noun), "");
    for (i = 0; nephc_target_at(i, &target); i++)
        assert_true((target.op != NULL) != (target.command != NULL));
    assert_true(i > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_option__options_stand_anywhere, teardown),
        cmocka_unit_test_teardown(test_option__two_dashes_end_options, teardown),
        cmocka_unit_test_teardown(test_option__a_dash_is_a_word, teardown),
        cmocka_unit_test_teardown(test_option__letters_go_together, teardown),
        cmocka_unit_test_teardown(test_option__settings_are_kept_in_order, teardown),
        cmocka_unit_test_teardown(test_option__the_last_of_two_counts, teardown),
        cmocka_unit_test_teardown(test_option__wrong_ones_are_refused, teardown),
        cmocka_unit_test_teardown(test_option__numbers_are_read, teardown),
        cmocka_unit_test(test_address__is_what_stands_before_the_first_slash),
        cmocka_unit_test(test_nearest__finds_what_was_meant),
        cmocka_unit_test(test_command__every_noun_has_a_summary_and_every_verb_a_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
