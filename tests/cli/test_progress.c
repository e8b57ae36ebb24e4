/*
 * What progress says, and when.
 */
#include "core/cli/cli.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define MIB (INT64_C(1) << 20)

static int64_t seconds_ago(int seconds)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return ((int64_t)now.tv_sec - seconds) * NEPH_NANO + now.tv_nsec;
}

/* What is written of this amount a hundred seconds after the beginning; lives until the next call. */
static const char *shown(nephc_progress_mode mode, int64_t last_ns, nephc_amount amount)
{
    static char text[4096];
    nephc_progress progress = {.name = "big", .mode = mode, .last_ns = last_ns};
    int ends[2], kept = dup(2);
    ssize_t size;

    progress.begin_ns = seconds_ago(100);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(dup2(ends[1], 2), 2);
    nephc_progress_show(&progress, &amount);
    nephc_progress_clear(&progress);
    assert_int_equal(dup2(kept, 2), 2);
    close(kept);
    close(ends[1]);
    size = read(ends[0], text, sizeof text - 1);
    close(ends[0]);
    text[size > 0 ? size : 0] = '\0';
    return text;
}

static void test_progress__a_terminal_has_one_line_that_goes_away(void **state)
{
    (void)state;
    assert_string_equal(shown(NEPHC_PROGRESS_LINE, 0, (nephc_amount){400 * MIB, 800 * MIB, 0}),
                        "\r\033[Kbig [##########..........] 50 %  400 MiB of 800 MiB  4 MiB/s  "
                        "01:40 left\r\033[K");
}

static void test_progress__a_log_has_whole_lines(void **state)
{
    (void)state;
    assert_string_equal(shown(NEPHC_PROGRESS_LOG, 0, (nephc_amount){400 * MIB, 800 * MIB, 0}),
                        "neph: big: 50 %, 400 MiB of 800 MiB  4 MiB/s  01:40 left\n");
}

static void test_progress__what_was_there_before_is_no_speed(void **state)
{
    (void)state;
    assert_string_equal(
        shown(NEPHC_PROGRESS_LOG, 0, (nephc_amount){600 * MIB, 800 * MIB, 400 * MIB}),
        "neph: big: 75 %, 600 MiB of 800 MiB (400 MiB kept from before)  2 MiB/s  01:40 left\n");
}

static void test_progress__an_unknown_end_is_not_guessed(void **state)
{
    (void)state;
    assert_string_equal(shown(NEPHC_PROGRESS_LOG, 0, (nephc_amount){400 * MIB, -1, 0}),
                        "neph: big: 400 MiB  4 MiB/s\n");
    assert_string_equal(shown(NEPHC_PROGRESS_LOG, 0, (nephc_amount){0, 800 * MIB, 0}),
                        "neph: big: 0 %, 0 B of 800 MiB  0 B/s\n");
}

static void test_progress__is_told_now_and_then(void **state)
{
    (void)state;
    assert_string_equal(shown(NEPHC_PROGRESS_LOG, seconds_ago(4), (nephc_amount){1, 2, 0}), "");
    assert_string_equal(shown(NEPHC_PROGRESS_LINE, seconds_ago(0), (nephc_amount){1, 2, 0}), "");
    assert_string_equal(shown(NEPHC_PROGRESS_NONE, 0, (nephc_amount){1, 2, 0}), "");
    assert_string_equal(shown(NEPHC_PROGRESS_LOG, 0, (nephc_amount){-1, -1, 0}), "");
}

static void test_progress__is_a_log_only_for_who_asks(void **state)
{
    nephc cli = {.host = NULL};
    nephc_progress progress;
    int kept = dup(2), null = open("/dev/null", O_WRONLY);

    (void)state;
    assert_int_equal(dup2(null, 2), 2); /* no terminal */
    nephc_progress_begin(&progress, &cli, "big", 0);
    assert_int_equal(progress.mode, NEPHC_PROGRESS_NONE);
    cli.options.verbose = 1;
    nephc_progress_begin(&progress, &cli, "big", 0);
    assert_int_equal(progress.mode, NEPHC_PROGRESS_LOG);
    cli.options.quiet = 1;
    nephc_progress_begin(&progress, &cli, "big", 0);
    assert_int_equal(progress.mode, NEPHC_PROGRESS_NONE);
    assert_int_equal(dup2(kept, 2), 2);
    close(kept);
    close(null);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_progress__a_terminal_has_one_line_that_goes_away),
        cmocka_unit_test(test_progress__a_log_has_whole_lines),
        cmocka_unit_test(test_progress__what_was_there_before_is_no_speed),
        cmocka_unit_test(test_progress__an_unknown_end_is_not_guessed),
        cmocka_unit_test(test_progress__is_told_now_and_then),
        cmocka_unit_test(test_progress__is_a_log_only_for_who_asks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
