/*
 * Options of cp and sync as the library takes them.
 */
#include "core/cli/storage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define WORDS_MAX 16

static nephc cli;
static nephc_terms terms;

/* Reads the terms of "neph" and the words, which end with NULL. */
static int read_terms(const char *first, ...)
{
    char *argv[WORDS_MAX] = {(char *)(uintptr_t) "neph", (char *)(uintptr_t)first};
    int argc = 2;
    va_list list;

    va_start(list, first);
    while (argc < WORDS_MAX - 1 && (argv[argc] = va_arg(list, char *)) != NULL)
        argc++;
    va_end(list);
    assert_int_equal(nephc_options_parse(&cli.options, argc, argv), 0);
    return nephc_terms_read(&cli, &terms);
}

static int setup(void **state)
{
    static char home[] = "/tmp/neph-terms.XXXXXX";

    (void)state;
    unsetenv("XDG_STATE_HOME");
    return mkdtemp(home) ? setenv("HOME", home, 1) : -1;
}

static int teardown(void **state)
{
    (void)state;
    nephc_terms_free(&terms);
    nephc_options_free(&cli.options);
    memset(&terms, 0, sizeof terms);
    return 0;
}

static int cleanup(void **state)
{
    static const char *const below[] = {"/.local/state/neph/transfers", "/.local/state/neph",
                                        "/.local/state", "/.local", ""};
    char path[256];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof below / sizeof below[0]; i++) {
        (void)snprintf(path, sizeof path, "%s%s", getenv("HOME"), below[i]);
        (void)rmdir(path);
    }
    return 0;
}

static void test_terms__patterns_keep_their_order(void **state)
{
    (void)state;
    assert_int_equal(read_terms("sync", "--include", "a", "--jobs=4", "--exclude=b", "--include=c",
                                "--exclude", "d", NULL),
                     0);
    assert_int_equal(terms.tree.pattern_count, 4);
    assert_string_equal(terms.tree.patterns[0].pattern, "a");
    assert_int_equal(terms.tree.patterns[0].is_exclude, 0);
    assert_string_equal(terms.tree.patterns[1].pattern, "b");
    assert_int_equal(terms.tree.patterns[1].is_exclude, 1);
    assert_string_equal(terms.tree.patterns[2].pattern, "c");
    assert_int_equal(terms.tree.patterns[2].is_exclude, 0);
    assert_string_equal(terms.tree.patterns[3].pattern, "d");
    assert_int_equal(terms.tree.patterns[3].is_exclude, 1);
    assert_int_equal(terms.tree.jobs, 4);
}

static void test_terms__words_are_the_librarys_numbers(void **state)
{
    static const struct {
        const char *word;
        int32_t number;
    } compares[] = {{"auto", NEPH_COMPARE_AUTO},
                    {"size", NEPH_COMPARE_SIZE},
                    {"checksum", NEPH_COMPARE_CHECKSUM},
                    {"none", NEPH_COMPARE_NONE},
                    {"absent", NEPH_COMPARE_ABSENT}},
      verifies[] = {
          {"auto", NEPH_VERIFY_AUTO}, {"off", NEPH_VERIFY_OFF}, {"required", NEPH_VERIFY_REQUIRED}};
    size_t i;

    for (i = 0; i < sizeof compares / sizeof compares[0]; i++) {
        assert_int_equal(read_terms("sync", "--compare", compares[i].word, NULL), 0);
        assert_int_equal(terms.tree.compare, compares[i].number);
        teardown(state);
    }
    for (i = 0; i < sizeof verifies / sizeof verifies[0]; i++) {
        assert_int_equal(read_terms("cp", "--verify", verifies[i].word, NULL), 0);
        assert_int_equal(terms.transfer.verify, verifies[i].number);
        teardown(state);
    }
}

static void test_terms__nothing_given_is_the_librarys_default(void **state)
{
    (void)state;
    assert_int_equal(read_terms("cp", NULL), 0);
    assert_int_equal(terms.transfer.part_bytes, 0);
    assert_int_equal(terms.transfer.parallel, 0);
    assert_int_equal(terms.transfer.verify, NEPH_VERIFY_AUTO);
    assert_int_equal(terms.tree.max_delete, -1);
    assert_int_equal(terms.tree.deletes, 0);
    assert_int_equal(terms.tree.dry_run, 0);
    assert_null(terms.transfer.content_type);
}

static void test_terms__the_journal_is_nobody_elses(void **state)
{
    struct stat facts;

    (void)state;
    assert_int_equal(read_terms("cp", NULL), 0);
    assert_non_null(terms.transfer.journal_dir);
    assert_int_equal(stat(terms.transfer.journal_dir, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0700);
}

static void test_terms__no_resume_keeps_no_journal(void **state)
{
    (void)state;
    assert_int_equal(read_terms("cp", "--no-resume", NULL), 0);
    assert_null(terms.transfer.journal_dir);
}

static void test_terms__a_state_directory_that_is_relative_does_not_count(void **state)
{
    (void)state;
    setenv("XDG_STATE_HOME", "state", 1);
    assert_int_equal(read_terms("cp", NULL), 0);
    unsetenv("XDG_STATE_HOME");
    assert_memory_equal(terms.transfer.journal_dir, getenv("HOME"), strlen(getenv("HOME")));
}

static void test_terms__a_state_directory_that_cannot_be_made_is_no_failure(void **state)
{
    (void)state;
    setenv("XDG_STATE_HOME", "/dev/null/state", 1);
    assert_int_equal(read_terms("cp", NULL), 0);
    unsetenv("XDG_STATE_HOME");
    assert_null(terms.transfer.journal_dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_terms__patterns_keep_their_order, teardown),
        cmocka_unit_test_teardown(test_terms__words_are_the_librarys_numbers, teardown),
        cmocka_unit_test_teardown(test_terms__nothing_given_is_the_librarys_default, teardown),
        cmocka_unit_test_teardown(test_terms__the_journal_is_nobody_elses, teardown),
        cmocka_unit_test_teardown(test_terms__no_resume_keeps_no_journal, teardown),
        cmocka_unit_test_teardown(test_terms__a_state_directory_that_is_relative_does_not_count,
                                  teardown),
        cmocka_unit_test_teardown(test_terms__a_state_directory_that_cannot_be_made_is_no_failure,
                                  teardown),
    };
    return cmocka_run_group_tests(tests, setup, cleanup);
}
