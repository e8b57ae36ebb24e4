/*
 * Messages are one line that is safe to print; the first failure stands.
 */
#include "core/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_error__keeps_the_first_failure(void **state)
{
    nephi_error error;
    (void)state;
    nephi_error_clear(&error);
    assert_int_equal(nephi_fail(&error, NEPH_NOT_FOUND, "no bucket \"%s\"", "b"), NEPH_NOT_FOUND);
    assert_int_equal(nephi_fail(&error, NEPH_INTERNAL, "other"), NEPH_NOT_FOUND);
    assert_int_equal(error.status, NEPH_NOT_FOUND);
    assert_string_equal(error.message, "no bucket \"b\"");
    nephi_error_clear(&error);
    assert_int_equal(nephi_fail_memory(&error), NEPH_NO_MEMORY);
    assert_string_equal(error.message, "out of memory");
}

static void test_error__may_have_nowhere_to_go(void **state)
{
    (void)state;
    assert_int_equal(nephi_fail(NULL, NEPH_INVALID, "lost"), NEPH_INVALID);
}

static void test_error__keeps_what_the_reply_said(void **state)
{
    nephi_error error;
    (void)state;
    nephi_error_clear(&error);
    nephi_error_text(error.code, sizeof error.code, "NoSuchKey", 9);
    nephi_error_text(error.request_id, sizeof error.request_id, "R1", 2);
    nephi_fail(&error, NEPH_NOT_FOUND, "no");
    assert_string_equal(error.code, "NoSuchKey");
    assert_string_equal(error.request_id, "R1");
}

static void test_error__escapes_what_a_terminal_would_obey(void **state)
{
    static const struct {
        const char *sentence, *raw, *shown;
    } rows[] = {
        {"plain text stays", "a b\\c\"", "a b\\c\""},
        {"no newline", "a\r\nb", "a\\x0d\\x0ab"},
        {"no escape sequence", "\033[2J", "\\x1b[2J"},
        {"no DEL", "\177", "\\x7f"},
        {"no C1 control", "\302\233m", "\\xc2\\x9bm"},
        {"the first character behind C1 stays", "\302\240", "\302\240"},
        {"UTF-8 stays", "Gr\303\274\303\237e \342\202\254 \360\237\230\200",
         "Gr\303\274\303\237e \342\202\254 \360\237\230\200"},
        {"a byte that is no UTF-8", "a\377b", "a\\xffb"},
        {"a sequence cut short", "\342\202", "\\xe2\\x82"},
        {"a surrogate", "\355\240\200", "\\xed\\xa0\\x80"},
        {"an overlong slash", "\300\257", "\\xc0\\xaf"},
    };
    size_t i;
    (void)state;
    for (i = 0; i < sizeof rows / sizeof *rows; i++) {
        char field[64];
        nephi_error_text(field, sizeof field, rows[i].raw, strlen(rows[i].raw));
        if (strcmp(field, rows[i].shown) != 0)
            fail_msg("%s: %s", rows[i].sentence, field);
    }
}

static void test_error__cuts_between_characters(void **state)
{
    char field[6];
    (void)state;
    nephi_error_text(field, sizeof field, "abcdefgh", 8);
    assert_string_equal(field, "abcde");
    nephi_error_text(field, sizeof field, "abcd\303\274", 6);
    assert_string_equal(field, "abcd");
    nephi_error_text(field, sizeof field, "abc\n", 4);
    assert_string_equal(field, "abc");
    nephi_error_text(field, sizeof field, "a\0b", 3);
    assert_string_equal(field, "a\\x00");
    nephi_error_text(field, 1, "abc", 3);
    assert_string_equal(field, "");
    field[0] = 'x';
    nephi_error_text(field, 0, "abc", 3);
    assert_int_equal(field[0], 'x');
}

static void test_error__cuts_a_long_message_between_characters(void **state)
{
    static char many[4000];
    nephi_error error;
    size_t i;
    (void)state;
    for (i = 0; i + 3 < sizeof many; i += 3)
        memcpy(many + i, "\342\202\254", 4);
    for (i = 0; i < 3; i++) {
        nephi_error_clear(&error);
        nephi_fail(&error, NEPH_INVALID, "%s%s", &"ab"[i], many);
        assert_in_range(strlen(error.message), sizeof error.message - 3, sizeof error.message - 1);
        assert_int_equal((strlen(error.message) - (2 - i)) % 3, 0);
        assert_null(strchr(error.message, '\\'));
    }
}

static void test_error__shows_the_program_what_there_is(void **state)
{
    nephi_error error;
    const neph_error *view;
    (void)state;
    nephi_error_clear(&error);
    view = nephi_error_view(&error);
    assert_int_equal(view->status, NEPH_OK);
    assert_string_equal(view->message, "");
    assert_null(view->code);
    assert_null(view->request_id);
    assert_null(view->created);
    nephi_fail(&error, NEPH_CONFLICT, "bucket not empty");
    nephi_error_text(error.code, sizeof error.code, "BucketNotEmpty", 14);
    error.http_status = 409;
    error.retry = NEPH_RETRY_PERMANENT;
    error.sent = 1;
    error.created_count = 1;
    error.created[0] = (neph_created){NEPH_KIND_NODE, 0, error.created_ids[0]};
    memcpy(error.created_ids[0], "n1", 3);
    view = nephi_error_view(&error);
    assert_int_equal(view->size, sizeof *view);
    assert_int_equal(view->status, NEPH_CONFLICT);
    assert_int_equal(view->retry, NEPH_RETRY_PERMANENT);
    assert_int_equal(view->http_status, 409);
    assert_int_equal(view->sent, 1);
    assert_string_equal(view->message, "bucket not empty");
    assert_string_equal(view->code, "BucketNotEmpty");
    assert_int_equal(view->created_count, 1);
    assert_string_equal(view->created[0].id, "n1");
}

static void test_error__is_replaced_without_forgetting_what_was_created(void **state)
{
    nephi_error error, other;
    (void)state;
    nephi_error_clear(&error);
    nephi_fail(&error, NEPH_TIMEOUT, "late");
    error.created_count = 1;
    nephi_error_forget(&error);
    assert_int_equal(error.status, 0);
    assert_int_equal(error.created_count, 1);
    nephi_error_clear(&other);
    nephi_fail(&other, NEPH_NETWORK, "lost");
    nephi_error_text(other.code, sizeof other.code, "C", 1);
    nephi_error_text(other.request_id, sizeof other.request_id, "R", 1);
    other.sent = 1;
    nephi_error_copy(&error, &other);
    assert_int_equal(error.status, NEPH_NETWORK);
    assert_int_equal(error.sent, 1);
    assert_int_equal(error.created_count, 1);
    assert_string_equal(error.message, "lost");
    assert_string_equal(error.code, "C");
    assert_string_equal(error.request_id, "R");
    nephi_error_clear(&error);
    assert_int_equal(error.created_count, 0);
}

static void test_error__has_words_for_a_status_without_message(void **state)
{
    nephi_error error;
    (void)state;
    nephi_error_clear(&error);
    error.status = NEPH_TIMEOUT;
    assert_string_equal(nephi_error_view(&error)->message, "timed out");
}

static void test_error__names_every_status_differently(void **state)
{
    int a, b;
    (void)state;
    for (a = NEPH_INTERNAL; a <= NEPH_OK; a++) {
        assert_string_not_equal(neph_status_name(a), "unknown status");
        for (b = a + 1; b <= NEPH_OK; b++)
            assert_string_not_equal(neph_status_name(a), neph_status_name(b));
    }
    assert_string_equal(neph_status_name(1), "unknown status");
    assert_string_equal(neph_status_name(NEPH_INTERNAL - 1), "unknown status");
    assert_string_equal(neph_status_name(INT32_MIN), "unknown status");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_error__keeps_the_first_failure),
        cmocka_unit_test(test_error__may_have_nowhere_to_go),
        cmocka_unit_test(test_error__keeps_what_the_reply_said),
        cmocka_unit_test(test_error__escapes_what_a_terminal_would_obey),
        cmocka_unit_test(test_error__cuts_between_characters),
        cmocka_unit_test(test_error__cuts_a_long_message_between_characters),
        cmocka_unit_test(test_error__shows_the_program_what_there_is),
        cmocka_unit_test(test_error__is_replaced_without_forgetting_what_was_created),
        cmocka_unit_test(test_error__has_words_for_a_status_without_message),
        cmocka_unit_test(test_error__names_every_status_differently),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
