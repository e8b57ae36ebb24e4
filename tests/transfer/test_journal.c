/*
 * tests/transfer/test_journal.c - what a journal may say, and what is refused: its lines are right
 * each, but not what neph writes.
 */
#include "core/transfer/journal_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define BEGUN "neph-journal 1\nbegun 1\n"
#define ENDS "from - /a -\nto b k -\n"
#define PLAN "plan 20 10 - 0 0\nfacts - - - -\n"
#define PIPE "plan -1 10 - 0 0\nfacts - - - -\n"
#define HEAD BEGUN ENDS PLAN

#define UNKNOWN "it says what this version of neph does not know"

typedef struct row {
    const char *lines;
    const char *why; /* NULL: it is taken */
    int64_t done_bytes;
} row;

static const row rows[] = {
    {HEAD, NULL, 0},
    {HEAD "upload u\npart 1 10 e -\npart 2 10 e -\npart 1 10 f -\n", NULL, 20},
    {HEAD "upload u\npart 1 10 e -\nupload v\npart 2 10 e -\n", NULL, 10},
    {BEGUN ENDS PIPE "upload u\npart 1 7 e -\n", NULL, 7},
    {HEAD "upload u\npart 3 10 e -\n", UNKNOWN, 0},
    {HEAD "upload u\npart 1 9 e -\n", UNKNOWN, 0},
    {HEAD "upload u\npart 0 10 e -\n", UNKNOWN, 0},
    {BEGUN ENDS PIPE "upload u\npart 1 9223372036854775807 e -\n", UNKNOWN, 0},
    /* the head is said once, and first */
    {HEAD "neph-journal 0\n", UNKNOWN, 0},
    {HEAD "begun 2\n", UNKNOWN, 0},
    {HEAD "to b other -\n", UNKNOWN, 0},
    {HEAD "upload u\npart 1 10 e -\n" PLAN, UNKNOWN, 0},
    {BEGUN ENDS "part 1 9 e -\n" PLAN, UNKNOWN, 0},
    {HEAD "upload u\nfile 1 2 3 4\n", UNKNOWN, 0},
    {BEGUN ENDS, "it ends before all was said", 0},
    {"neph-journal 2\n", "it was written by another version of neph", 0},
    {"begun 1\nneph-journal 1\n" ENDS PLAN, "it was written by another version of neph", 0},
    {BEGUN "from - /a -\nto b - -\n" PLAN, "it does not say from where to where", 0},
};

/* The lines with their sums. */
static void sums_add(nephi_buffer *out, const char *lines)
{
    for (const char *stop; (stop = strchr(lines, '\n')) != NULL; lines = stop + 1) {
        size_t size = (size_t)(stop - lines);
        assert_int_equal(
            nephi_buffer_format(out, "%016llx %.*s\n",
                                (unsigned long long)nephi_line_sum(NEPHI_LINE_SUM, lines, size),
                                (int)size, lines),
            0);
    }
}

static void test_journal__what_it_may_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        nephi_memory memory;
        nephi_buffer text;
        nephi_entry entry;
        const char *why;
        nephi_memory_init(&memory, NULL);
        nephi_buffer_init(&text, &memory, NEPHI_JOURNAL_MAX);
        sums_add(&text, rows[i].lines);
        print_message("%s", rows[i].lines);
        assert_int_equal(nephi_entry_parse(&entry, &memory, text.data, text.size, &why),
                         rows[i].why ? NEPH_INVALID : 0);
        if (rows[i].why)
            assert_string_equal(why, rows[i].why);
        else
            assert_int_equal(nephi_entry_done_bytes(&entry), rows[i].done_bytes);
        nephi_entry_fini(&entry);
        nephi_buffer_fini(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_journal__what_it_may_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
